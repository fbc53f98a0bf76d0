"""The table of a report: who may move it, from where to where, who is told, and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.domain.incident_changes import (
    after_submit,
    assessed,
    breach_decided,
    breach_words,
    brought_in,
    chair_has_it,
    chair_words,
    closed,
    closing_words,
    deleted,
    done,
    edited,
    involved,
    lapsed,
    led,
    noted,
    reminded,
    saying,
    sent,
)
from bot.domain.incidents import (
    FIRST_REMINDERS,
    HANDLED,
    SELDOM_MINUTES,
    SENT_STATES,
    Incident,
    State,
    adult_here,
    breach_runs,
    has_access,
    on_case,
    stays,
    subjects,
)
from bot.domain.jobs import To, to_people
from bot.domain.office import Office
from bot.domain.people import Person
from bot.domain.workflow import (
    Audience,
    ClockMove,
    Tell,
    Transition,
    When,
    Workflow,
    after_minutes,
    after_working_days,
    the_clock,
)


def _is_reporter(case: Incident, person: Person, office: Office) -> bool:
    return person.id == case.reporter


def _answers_for_it(case: Incident, person: Person, office: Office) -> bool:
    return person.id in case.to and has_access(case, person, office)


def _closes(case: Incident, person: Person, office: Office) -> bool:
    return _answers_for_it(case, person, office) or (case.lead == person.id and has_access(case, person, office))


def _sees_part(case: Incident, person: Person, office: Office) -> bool:
    return has_access(case, person, office) and person.id not in case.to


def _leads_not(case: Incident, person: Person, office: Office) -> bool:
    return on_case(case, person, office) and case.lead != person.id


def _decides_breach(case: Incident, person: Person, office: Office) -> bool:
    return on_case(case, person, office) and case.breach


def _has_own_picture(case: Incident, person: Person, office: Office) -> bool:
    return _is_reporter(case, person, office) and case.own_image() and case.deleted is None


# Audiences -----------------------------------------------------------------------------------


def _others(case: Incident, office: Office) -> tuple[str, ...]:
    """Return those on the case apart from who just moved it and from the people concerned."""
    concerned = subjects(case, office)
    mover = case.history[-1].by if case.history else ""
    return tuple(each for each in case.access if each != mover and each not in concerned)


def _told(case: Incident, office: Office) -> tuple[To, ...]:
    """Return those whom a new report is sent to; a reporter who is all of them is told as well."""
    return to_people(_others(case, office) or case.access)


def _now_and_then(case: Incident) -> bool:
    """Tell whether this reminder is the first, second, fourth, eighth …: the reporter need not hear of each."""
    return case.reminders & (case.reminders - 1) == 0


AUDIENCES: Mapping[str, Audience] = {
    "reporter": lambda case, office: to_people((case.reporter,)),
    "reporter now and then": lambda case, office: to_people((case.reporter,) if _now_and_then(case) else ()),
    "told": _told,
    "waited for": lambda case, office: to_people(
        each for each in case.access if case.opening(each) is None and each not in subjects(case, office)
    ),
    "on the case": lambda case, office: to_people(
        each for each in (*case.to, *case.joined) if each not in subjects(case, office)
    ),
    "others on the case": lambda case, office: to_people(
        each for each in (*case.to, *case.joined) if each in _others(case, office)
    ),
    "brought in": lambda case, office: to_people(each for each in case.called if each in _others(case, office)),
    "undelivered": lambda case, office: to_people((case.reporter,)),
}


# Moments -------------------------------------------------------------------------------------

UNOPENED: When = after_minutes(lambda office: office.school.unopened_minutes)
NEXT_WORKING_DAY: When = after_working_days(lambda office: 1)


def said_again(case: Incident, office: Office) -> datetime | None:
    """Return when it is said again that nobody has opened it, day and night.

    After the first few, each time after twice as long, but every eight hours at least: of a hundred pings none is read.
    """
    minutes = office.school.unopened_minutes
    doublings = min(max(0, case.reminders - FIRST_REMINDERS + 1), 10)
    wait = min(minutes * 2**doublings, max(minutes, SELDOM_MINUTES))
    return after_minutes(lambda _: wait)(case, office)


def draft_ends(case: Incident, office: Office) -> datetime | None:
    """Return when an unsent draft is forgotten (`draft_days`)."""
    return office.now + timedelta(days=office.school.draft_days)


def breach_ends(case: Incident, office: Office) -> datetime | None:
    """Return the end of the 72 hours, or None where there are none to keep."""
    return case.breach_due if breach_runs(case, office) else None


def day_before_breach_ends(case: Incident, office: Office) -> datetime | None:
    """Return 24 hours before the end of the 72, or None where there are none to keep."""
    return case.breach_due - timedelta(hours=24) if breach_runs(case, office) else None


def advice_due(case: Incident, office: Office) -> datetime | None:
    """Return the morning by which the LADO's advice is asked after: an adult here and a child (L5)."""
    return NEXT_WORKING_DAY(case, office) if case.child and adult_here(case, office) else None


# The table -----------------------------------------------------------------------------------


def _row(move: str, label: str, sources: tuple[State, ...], to: Any, **rest: Any) -> Transition[Incident]:
    ends: Any = {"ends": sources} if to is stays else {}
    return Transition(move=move, label=label, sources=sources, to=to, **ends, **rest)


_REPORTER: Any = {"by": _is_reporter, "who": "whoever sent it"}
_ON_CASE: Any = {"by": on_case, "who": "somebody on the case"}
_CLOSING: Any = {"by": _closes, "who": "whoever has the lead, or was sent the report"}
_CLOCK: Any = {"by": the_clock, "who": "the clock", "drawn": False}

INCIDENT: Workflow[Incident] = Workflow(
    name="incidents",
    noun="report",
    initial=State.DRAFT,
    final=(State.LAPSED,),
    words={
        State.DRAFT: "a draft that nobody else sees",
        State.SENT: "sent, and no one has opened it yet",
        State.SEALED: "sealed until the chair of governors has it",
        State.OPEN: "open: somebody on the case has opened it",
        State.CLOSED: "closed",
        State.LAPSED: "forgotten, because it was never sent",
    },
    transitions=(
        # By the reporter
        _row("submit", "Submit", (State.DRAFT,), after_submit, ends=(State.SENT, State.SEALED), change=sent,
             clause="SCO-15", style="primary", **_REPORTER),
        _row("edit_draft", "Edit", (State.DRAFT,), State.DRAFT, change=edited, clause="SCO-15", drawn=False,
             **_REPORTER),
        _row("chair_has", "Record that the chair has it", (State.SEALED,), State.SENT, change=chair_has_it,
             form="incidents.chair_has", clause="BEH-9", style="primary", says=chair_words, **_REPORTER),
        _row("deleted", "It is deleted everywhere", SENT_STATES, stays, change=deleted, clause="IMG-8",
             by=_has_own_picture, who="whoever sent it", says=saying("deleted everywhere, by the reporter's own word"),
             then=(Tell("others on the case", "incidents.added"),)),
        _row("add", "Add something", SENT_STATES, stays, change=noted, form="incidents.add", clause="A1P-10",
             then=(Tell("others on the case", "incidents.added"),), **_REPORTER),
        # By those on the case
        _row("open", "Open", (State.SENT, State.OPEN), State.OPEN, by=_answers_for_it, who="somebody on the case",
             clause="BEH-9", style="primary", drawn=False),
        _row("open", "Open", (State.SENT, State.OPEN, State.CLOSED), stays, by=_sees_part, who="somebody on the case",
             clause="BEH-9", drawn=False),
        _row("open", "Open", (State.CLOSED,), State.CLOSED, by=_answers_for_it, who="somebody on the case",
             clause="BEH-9", drawn=False),
        _row("lead", "Take the lead", HANDLED, stays, by=_leads_not, who="somebody on the case who has not the lead",
             change=led, clause="SLT-3"),
        _row("assess", "Record assessment", HANDLED, stays, change=assessed, form="incidents.assess", clause="SLT-4",
             says=saying("recorded"), **_ON_CASE),
        _row("bring_in", "Bring in a colleague", HANDLED, stays, change=brought_in, form="incidents.bring_in",
             clause="SLT-4", then=(Tell("brought in", "incidents.ping"),), **_ON_CASE),
        _row("involve", "Involve an agency", HANDLED, stays, change=involved, form="incidents.involve", clause="SLT-4",
             says=lambda made: made.words("agency"), **_ON_CASE),
        _row("done", "Mark as done", (*HANDLED, State.CLOSED), stays, change=done, clause="SLT-4", drawn=False,
             **_ON_CASE),
        _row("breach", "Record breach decision", (*HANDLED, State.CLOSED), stays, by=_decides_breach,
             who="somebody on the case", change=breach_decided, form="incidents.breach", clause="LEG-2",
             says=breach_words),
        _row("note", "Add a note", (*HANDLED, State.CLOSED), stays, change=noted, form="incidents.note",
             clause="SLT-3", says=saying("added"), **_ON_CASE),
        _row("close", "Close", (State.OPEN,), State.CLOSED, change=closed, form="incidents.close", clause="BEH-13",
             says=closing_words, then=(Tell("reporter", "incidents.closed"),), **_CLOSING),
        _row("reopen", "Open it again", (State.CLOSED,), State.OPEN, clause="SLT-3", **_CLOSING),
        # By the clock: facts, never decisions
        _row("remind", "Nobody has opened it", (State.SENT,), State.SENT, change=reminded, clause="BEH-9",
             then=(Tell("waited for", "incidents.ping"), Tell("reporter now and then", "incidents.unopened"),
                   ClockMove("remind", said_again)), says=saying("nobody had opened it"), **_CLOCK),
        _row("breach_hours", "The 72 hours have ended", (State.SENT, State.OPEN, State.CLOSED), stays, clause="LEG-2",
             then=(Tell("on the case", "incidents.breach_due"),), says=saying("72 hours since it became known"),
             **_CLOCK),
        _row("lapse", "Forget the draft", (State.DRAFT,), State.LAPSED, change=lapsed, clause="SCO-15", **_CLOCK),
    ),
    audiences=AUDIENCES,
    arrive={
        State.DRAFT: (Tell("reporter", "incidents.unsent", when=UNOPENED, later=True), ClockMove("lapse", draft_ends)),
        State.SEALED: (Tell("reporter", "incidents.sealed", when=UNOPENED, later=True),),
        State.SENT: (
            Tell("told", "incidents.ping"),
            ClockMove("remind", said_again),
            Tell("on the case", "incidents.breach_due", when=day_before_breach_ends),
            Tell("on the case", "incidents.advice_due", when=advice_due),
            ClockMove("breach_hours", breach_ends),
        ),
        State.OPEN: (ClockMove("breach_hours", breach_ends),),
        State.CLOSED: (ClockMove("breach_hours", breach_ends),),
    },
)  # fmt: skip
