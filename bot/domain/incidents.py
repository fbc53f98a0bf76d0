"""Incidents: the record of a report and the table of its moves (SCO-15, BEH-9, SLT-3, SLT-4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from bot.domain.jobs import To
from bot.domain.office import Office
from bot.domain.people import Person, Role
from bot.domain.report_routes import Category, Matter, Route, Row, concerned_people, route
from bot.domain.workflow import (
    Audience,
    ClockMove,
    Made,
    Step,
    Tell,
    Transition,
    When,
    Workflow,
    after_minutes,
    after_working_days,
    the_clock,
)
from bot.errors import Invalid, Refused

Json = Any

BREACH_HOURS = timedelta(hours=72)
FIRST_REMINDERS = 4
SELDOM_MINUTES = 480
DATA_PROTECTION = "A breach of data protection"


class State(StrEnum):
    """Where an incident stands."""

    DRAFT = "draft"
    SENT = "sent"
    SEALED = "sealed"
    OPEN = "open"
    CLOSED = "closed"
    LAPSED = "lapsed"


class Image(StrEnum):
    """The answer to the question that comes before anything else about an image (IMG-8)."""

    YES = "Yes"
    NO = "No"
    NOT_SURE = "Not sure"


class Agency(StrEnum):
    """Whom people on a case may involve; the bot contacts none of them."""

    POLICE = "Police"
    LADO = "LADO"
    SOCIAL_CARE = "Children's social care"
    DATA_PROTECTION = "Data protection officer or ICO"
    PLATFORM = "The platform"
    CEOP = "CEOP"
    HELPLINE = "Professionals Online Safety Helpline"


SENT_STATES = (State.SENT, State.SEALED, State.OPEN, State.CLOSED)
HANDLED = (State.SENT, State.OPEN)


@dataclass(frozen=True, slots=True)
class Note:
    """Words that somebody added, with when."""

    by: str
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Involvement:
    """An agency that was involved, as a tracked step.

    Attributes:
        name: What tells it from the others of its case.
        contact: Whom one spoke to, or "".
        when: When that was or will be, as typed.
        done: When it was marked as done, or None.
    """

    name: str
    agency: str
    contact: str
    when: str
    why: str
    by: str
    at: datetime
    done: datetime | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """A report and what was done about it.

    Attributes:
        answers: Field name to normalised value, as the form's fields read them; empty once a draft has lapsed.
        to: Ids of those it was sent to, who see everything.
        limited: Ids of those who see what kind it is and where, and who leads.
        joined: Ids of those who were brought in, and of the data protection officer.
        access: All of them; nobody else may know that it exists, the reporter apart.
        lead: The id of who has the lead, or "" (SLT-3).
        assessment: Field name to value, as last recorded (SLT-4).
        breach_decision: Field name to value, once recorded.
        called: Ids of those who were brought in last.
        reminders: How often it was said again because nobody had opened it.
        chair: The chair of governors' reference, where the chair had somebody put on the case.
    """

    INDEXES: ClassVar[tuple[str, ...]] = ("reporter", "access")
    school: str
    id: str
    reporter: str
    answers: Mapping[str, Json]
    policy: str
    begun: datetime
    state: State = State.DRAFT
    stage: int = 0
    history: tuple[Step, ...] = ()
    to: tuple[str, ...] = ()
    limited: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    lead: str = ""
    notes: tuple[Note, ...] = ()
    assessment: Mapping[str, Json] | None = None
    involvements: tuple[Involvement, ...] = ()
    breach_decision: Mapping[str, Json] | None = None
    outcome: str = ""
    deleted: datetime | None = None
    called: tuple[str, ...] = ()
    reminders: int = 0
    chair: str = ""
    version: int = 0
    due_at: datetime | None = None

    @property
    def category(self) -> Category:
        """Return what it is about; OTHER once a draft has lapsed."""
        return Category(self.answers.get("category") or Category.OTHER)

    @property
    def image(self) -> bool:
        """Tell whether there is an image that is, or may be, indecent (G13)."""
        return maybe_indecent(self.answers)

    @property
    def child(self) -> bool:
        """Tell whether a child is involved or at risk."""
        return matter_of(self.reporter, self.answers).child or self.image

    @property
    def breach(self) -> bool:
        """Tell whether it could be a data breach."""
        return matter_of(self.reporter, self.answers).breach

    @property
    def breach_due(self) -> datetime:
        """Return when the 72 hours end; the strictest reading counts from when the report was begun."""
        return self.begun + BREACH_HOURS

    @property
    def openings(self) -> tuple[Step, ...]:
        """Return every opening: who and when."""
        return tuple(step for step in self.history if step.move == "open")

    def opening(self, person: str) -> Step | None:
        """Return when *person* first opened it, or None."""
        return next((step for step in self.openings if step.by == person), None)

    def own_image(self) -> bool:
        """Tell whether there is a picture that is clearly not indecent, to be deleted by who took it (IMG-8)."""
        taken_by_reporter = self.category in (Category.IMAGE, Category.MISTAKE)
        return taken_by_reporter and with_image(self.answers) and self.answers.get("indecent") == Image.NO


# What the answers say ------------------------------------------------------------------------


MAY_HAVE_IMAGE = (Category.MISTAKE, Category.CONTACT)
"""Categories in which it is asked whether there is an image, before anything else is."""


def maybe_indecent(answers: Mapping[str, Json]) -> bool:
    """Tell whether the image question was answered by anything but a plain no."""
    return with_image(answers) and answers.get("indecent") in (Image.YES, Image.NOT_SURE)


def with_image(answers: Mapping[str, Json]) -> bool:
    """Tell whether there is an image, so that the question of IMG-8 comes first."""
    category = answers.get("category")
    return category == Category.IMAGE or (category in MAY_HAVE_IMAGE and bool(answers.get("image")))


def about_adult(answers: Mapping[str, Json]) -> bool:
    """Tell whether it is about another adult who works or helps here."""
    category = answers.get("category")
    asked = category not in (Category.MISTAKE, Category.TAKEN_OVER)
    return category == Category.COLLEAGUE or (asked and bool(answers.get("adult")))


def about_child(answers: Mapping[str, Json]) -> bool:
    """Tell whether a child is involved: by the answer, by the category, or since an image may be indecent."""
    return bool(answers.get("child")) or answers.get("category") == Category.CONTACT or maybe_indecent(answers)


def of_data_protection(answers: Mapping[str, Json]) -> bool:
    """Tell whether the kind of conduct says already that it could be a data breach."""
    return answers.get("category") == Category.CONDUCT and answers.get("kind") == DATA_PROTECTION


def matter_of(reporter: str, answers: Mapping[str, Json]) -> Matter:
    """Return what the route of these answers depends on."""
    return Matter(
        category=Category(answers.get("category") or Category.OTHER),
        reporter=reporter,
        child=about_child(answers),
        adult=about_adult(answers),
        subjects=tuple(answers.get("who") or ()) if about_adult(answers) else (),
        breach=of_data_protection(answers) or bool(answers.get("breach")),
        image=maybe_indecent(answers),
    )


def route_of(case: Incident, office: Office) -> Route:
    """Return where the report goes, or would go, today."""
    return route(matter_of(case.reporter, case.answers), office)


def subjects(case: Incident, office: Office) -> frozenset[str]:
    """Return the ids of the people of the school whom it is about."""
    return frozenset(person.id for person in concerned_people(matter_of(case.reporter, case.answers), office))


def free_dsls(case: Incident, office: Office) -> tuple[str, ...]:
    """Return the safeguarding leads whom the chair can have put on a sealed case; none where one is concerned."""
    leads = tuple(person.id for person in office.holders(Role.DSL))
    return () if subjects(case, office) & set(leads) else leads


# Who -----------------------------------------------------------------------------------------


def known_to(case: Incident, person: Person, office: Office) -> bool:
    """Tell whether *person* may know that the case exists: its reporter and those on it, by name, nobody by role."""
    if person.id == case.reporter:
        return True
    return person.id in case.access and person.id not in subjects(case, office)


def on_case(case: Incident, person: Person, office: Office) -> bool:
    """Tell whether *person* sees the words of the report and works on it."""
    return person.id in (*case.to, *case.joined) and person.id not in subjects(case, office)


def has_access(case: Incident, person: Person, office: Office) -> bool:
    """Tell whether *person* may open it, in full or in part."""
    return person.id in case.access and person.id not in subjects(case, office)


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


# Changes -------------------------------------------------------------------------------------


def sent(case: Incident, made: Made, office: Office) -> Incident:
    """Give access to those on the route, and to nobody else."""
    way = route_of(case, office)
    return _with_access(replace(case, to=way.full, limited=way.limited, joined=way.also))


def edited(case: Incident, made: Made, office: Office) -> Incident:
    """Take new answers."""
    return replace(case, answers=dict(made.answers))


def lapsed(case: Incident, made: Made, office: Office) -> Incident:
    """Forget what an old draft said."""
    return replace(case, answers={})


def chair_has_it(case: Incident, made: Made, office: Office) -> Incident:
    """Put on the case whom the chair has put on it: the safeguarding lead, or somebody the chair names in writing.

    Raises:
        Invalid: It is about this person, it is nobody with a seat, or the lead is not involved and another is named.
    """
    named = tuple(made.answers.get("who") or ())
    leads = free_dsls(case, office)
    if leads and not set(named) <= set(leads):
        raise Invalid(
            {
                "who": "The chair has the safeguarding lead put on this, who is not involved. Leave the name out, "
                "and let them bring in whoever else is needed."
            }
        )
    people = named or leads
    if not people:
        raise Invalid({"who": "Name the person whom the chair named in writing."})
    _check_may_join(case, people, office)
    return _with_access(replace(case, to=people, chair=made.words("reference")))


def chair_words(made: Made) -> str:
    """Return what was recorded about the chair, for the history."""
    day = date.fromisoformat(str(made.answers["day"]))
    return f"The chair has it since {day.day} {day:%B %Y}, reference {made.answers.get('reference')}"


def brought_in(case: Incident, made: Made, office: Office) -> Incident:
    """Give a named person access.

    Raises:
        Invalid: It is about this person, or it is nobody with a seat, or they are on it.
    """
    people = tuple(made.answers.get("who") or ())
    _check_may_join(case, people, office)
    names = " and ".join(office.name(each) for each in people)
    note = Note(made.person, made.at, f"Brought in {names}: {made.words()}")
    limited = tuple(each for each in case.limited if each not in people)
    return _with_access(
        replace(case, limited=limited, joined=(*case.joined, *people), called=people, notes=(*case.notes, note))
    )


def _check_may_join(case: Incident, people: Iterable[str], office: Office) -> None:
    concerned = subjects(case, office)
    for each in people:
        person = office.person(each)
        if each in concerned:
            raise Invalid({"who": "This person can't be put on this case. Name somebody else."})
        if person is None or person.contact_only or person.has_left(office.today):
            raise Invalid({"who": f"{office.name(each)} has no seat in this chat. Name somebody who has."})
        if each in (*case.to, *case.joined):
            raise Invalid({"who": f"{person.name} is on this case already. Name somebody else."})


def _with_access(case: Incident) -> Incident:
    return replace(case, access=tuple(dict.fromkeys((*case.to, *case.limited, *case.joined))))


def led(case: Incident, made: Made, office: Office) -> Incident:
    """Note who has the lead (SLT-3)."""
    return replace(case, lead=made.person)


def noted(case: Incident, made: Made, office: Office) -> Incident:
    """Add words."""
    return replace(case, notes=(*case.notes, Note(made.person, made.at, made.words("words"))))


def assessed(case: Incident, made: Made, office: Office) -> Incident:
    """Keep the assessment; earlier ones stay in the notes."""
    note = Note(made.person, made.at, assessment_words(made.answers))
    return replace(case, assessment=dict(made.answers), notes=(*case.notes, note))


def assessment_words(answers: Mapping[str, Json]) -> str:
    """Return an assessment as one line for the notes."""
    told = [label for name, label in ASSESSED.items() if answers.get(name)]
    risk = "yes" if answers.get("risk") else "no"
    words = f"Assessment. A child at risk: {risk}. Told: {', '.join(told) or 'nobody yet'}."
    return f"{words} {answers['words']}" if answers.get("words") else words


ASSESSED = {
    "dsl": "the safeguarding lead",
    "police": "the police",
    "lado": "the LADO",
    "dpo": "the data protection officer",
    "platform": "the platform",
}


def involved(case: Incident, made: Made, office: Office) -> Incident:
    """Track an agency that somebody involves (SLT-4, BEH-15)."""
    answers = made.answers
    name = str(len(case.involvements) + 1)
    step = Involvement(
        name, str(answers["agency"]), made.words("contact"), made.words("when"), made.words("why"), made.person, made.at
    )
    return replace(case, involvements=(*case.involvements, step))


def done(case: Incident, made: Made, office: Office) -> Incident:
    """Mark the step that the button names as done.

    Raises:
        Refused: There is no such step, or it is done.
    """
    open_steps = [step.name for step in case.involvements if step.done is None]
    if made.value not in open_steps:
        raise Refused("That step is done already. Nothing was changed.", "SLT-4")
    steps = tuple(replace(s, done=made.at) if s.name == made.value else s for s in case.involvements)
    return replace(case, involvements=steps)


def breach_decided(case: Incident, made: Made, office: Office) -> Incident:
    """Keep the decision on the breach, with its reason."""
    return replace(case, breach_decision=dict(made.answers))


def breach_words(made: Made) -> str:
    """Return the decision on the breach for the history."""
    return f"{made.answers.get('decision')}: {made.answers.get('reason')}"


def closed(case: Incident, made: Made, office: Office) -> Incident:
    """Note how it ended."""
    return replace(case, outcome=made.words("outcome"))


def closing_words(made: Made) -> str:
    """Return how it ended for the history."""
    return ". ".join(part for part in (made.words("outcome"), made.words("words")) if part)


def deleted(case: Incident, made: Made, office: Office) -> Incident:
    """Note that the reporter deleted their own picture everywhere (IMG-8)."""
    return replace(case, deleted=made.at)


def reminded(case: Incident, made: Made, office: Office) -> Incident:
    """Count that nobody had opened it."""
    return replace(case, reminders=case.reminders + 1)


def _said(text: str) -> Any:
    return lambda made: text


# Where moves lead ----------------------------------------------------------------------------


def after_submit(case: Incident, office: Office) -> State:
    """Return SEALED where nobody in school may have it."""
    return State.SENT if case.to else State.SEALED


def stays(case: Incident, office: Office) -> State:
    """Return the state that it is in."""
    return case.state


# Audiences -----------------------------------------------------------------------------------


def _people(ids: Iterable[str]) -> tuple[To, ...]:
    return tuple(dict.fromkeys(To.person(each) for each in ids))


def _others(case: Incident, office: Office) -> tuple[str, ...]:
    """Return those on the case apart from who just moved it and from the people concerned."""
    concerned = subjects(case, office)
    mover = case.history[-1].by if case.history else ""
    return tuple(each for each in case.access if each != mover and each not in concerned)


def _told(case: Incident, office: Office) -> tuple[To, ...]:
    """Return those whom a new report is sent to; a reporter who is all of them is told as well."""
    return _people(_others(case, office) or case.access)


def _now_and_then(case: Incident) -> bool:
    """Tell whether this reminder is the first, second, fourth, eighth …: the reporter need not hear of each."""
    return case.reminders & (case.reminders - 1) == 0


AUDIENCES: Mapping[str, Audience] = {
    "reporter": lambda case, office: _people((case.reporter,)),
    "reporter now and then": lambda case, office: _people((case.reporter,) if _now_and_then(case) else ()),
    "told": _told,
    "waited for": lambda case, office: _people(
        each for each in case.access if case.opening(each) is None and each not in subjects(case, office)
    ),
    "on the case": lambda case, office: _people(
        each for each in (*case.to, *case.joined) if each not in subjects(case, office)
    ),
    "others on the case": lambda case, office: _people(
        each for each in (*case.to, *case.joined) if each in _others(case, office)
    ),
    "brought in": lambda case, office: _people(each for each in case.called if each in _others(case, office)),
    "undelivered": lambda case, office: _people((case.reporter,)),
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
    return case.breach_due if _breach_runs(case, office) else None


def day_before_breach_ends(case: Incident, office: Office) -> datetime | None:
    """Return 24 hours before the end of the 72, or None where there are none to keep."""
    return case.breach_due - timedelta(hours=24) if _breach_runs(case, office) else None


def advice_due(case: Incident, office: Office) -> datetime | None:
    """Return the morning by which the LADO's advice is asked after: an adult here and a child (L5)."""
    return NEXT_WORKING_DAY(case, office) if case.child and adult_here(case, office) else None


def adult_here(case: Incident, office: Office) -> bool:
    """Tell whether it is about somebody who works or helps here, the reporter included."""
    people = (Row.PUPIL, Row.PUBLIC, Row.ACCOUNT, Row.TAKEN_OVER, Row.BREACH)
    return any(row not in people for row in route_of(case, office).rows)


def _breach_runs(case: Incident, office: Office) -> bool:
    return case.breach and case.breach_decision is None and case.breach_due > office.now


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
             by=_has_own_picture, who="whoever sent it", says=_said("deleted everywhere, by the reporter's own word"),
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
             says=_said("recorded"), **_ON_CASE),
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
             clause="SLT-3", says=_said("added"), **_ON_CASE),
        _row("close", "Close", (State.OPEN,), State.CLOSED, change=closed, form="incidents.close", clause="BEH-13",
             says=closing_words, then=(Tell("reporter", "incidents.closed"),), **_CLOSING),
        _row("reopen", "Open it again", (State.CLOSED,), State.OPEN, clause="SLT-3", **_CLOSING),
        # By the clock: facts, never decisions
        _row("remind", "Nobody has opened it", (State.SENT,), State.SENT, change=reminded, clause="BEH-9",
             then=(Tell("waited for", "incidents.ping"), Tell("reporter now and then", "incidents.unopened"),
                   ClockMove("remind", said_again)), says=_said("nobody had opened it"), **_CLOCK),
        _row("breach_hours", "The 72 hours have ended", (State.SENT, State.OPEN, State.CLOSED), stays, clause="LEG-2",
             then=(Tell("on the case", "incidents.breach_due"),), says=_said("72 hours since it became known"),
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
