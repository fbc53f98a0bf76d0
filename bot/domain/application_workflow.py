"""The table of an application: who may move it, from where to where, and who is told (SLT-5/6, ADM-1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.domain.application_changes import (
    after_runners,
    chair_leads,
    chair_recorded,
    chair_words,
    confirmed,
    declined,
    edited,
    exception_asked,
    exception_voted_for,
    head_recused,
    not_one_runner,
    not_ready,
    own_interest,
    submitted,
    training_words,
    voted,
    voted_against,
    voted_exception,
    voted_for,
)
from bot.domain.applications import (
    FINAL,
    OPEN,
    Application,
    State,
    chair_decides,
    head_barred,
    is_involved,
    lacking,
    staff_runners,
    unconfirmed,
)
from bot.domain.jobs import To, to_people
from bot.domain.office import Office
from bot.domain.people import Person, Role
from bot.domain.workflow import Audience, Tell, Transition, When, Workflow, after_working_days


def _is_applicant(case: Application, person: Person, office: Office) -> bool:
    return person.id == case.applicant


def _is_waiting_runner(case: Application, person: Person, office: Office) -> bool:
    return person in unconfirmed(case, office)


def _is_runner(case: Application, person: Person, office: Office) -> bool:
    return person in staff_runners(case, office)


def _is_untrained_runner(case: Application, person: Person, office: Office) -> bool:
    said = case.confirmation(person.id)
    return person in staff_runners(case, office) and said is not None and said.trained is None


def _in_slt(case: Application, person: Person, office: Office) -> bool:
    return person in office.holders(Role.SLT) and not office.is_head(person)


def _in_slt_nothing_lacking(case: Application, person: Person, office: Office) -> bool:
    return _in_slt(case, person, office) and not lacking(case, office)


def _in_slt_something_lacking(case: Application, person: Person, office: Office) -> bool:
    return _in_slt(case, person, office) and bool(lacking(case, office))


def _is_head_now(case: Application, person: Person, office: Office) -> bool:
    return office.is_head(person) or office.is_acting_head(person)


def _records_for_chair(case: Application, person: Person, office: Office) -> bool:
    holders = (*office.holders(Role.SLT), *office.holders(Role.DSL))
    able = [each for each in holders if not is_involved(case, each)]
    # The Head decides the next step, so somebody else records this one wherever there is anybody (G1).
    others = [each for each in able if not office.is_head(each)] or able
    # Those involved pass here, so that the guard tells them why they may not.
    return chair_decides(case, office) and (person in others or (person in holders and is_involved(case, person)))


def _is_administrator(case: Application, person: Person, office: Office) -> bool:
    return person in office.holders(Role.ADMINISTRATOR)


# Audiences -----------------------------------------------------------------------------------


AUDIENCES: Mapping[str, Audience] = {
    "applicant": lambda case, office: to_people((case.applicant,)),
    "waiting runners": lambda case, office: to_people(p.id for p in unconfirmed(case, office)),
    "runners": lambda case, office: to_people(p.id for p in staff_runners(case, office) if p.id != case.applicant),
    "slt": lambda case, office: (To.place("slt"), *_recording_dsl(case, office)),
    "deciders": lambda case, office: _deciders(case, office),
    "administrators": lambda case, office: to_people(p.id for p in office.holders(Role.ADMINISTRATOR)),
    "undelivered": lambda case, office: to_people(
        (case.applicant, *(p.id for p in office.holders(Role.ADMINISTRATOR)))
    ),
}


def _deciders(case: Application, office: Office) -> tuple[To, ...]:
    if head_barred(case, office):
        recorders = [p for p in (*office.holders(Role.SLT), *office.holders(Role.DSL)) if not is_involved(case, p)]
        return to_people(p.id for p in recorders)
    heads = [p for p in office.people if _is_head_now(case, p, office) and not head_recused(case, p, office)]
    return to_people(p.id for p in heads)


def _recording_dsl(case: Application, office: Office) -> tuple[To, ...]:
    """Return the DSL where only they are left to record the chair's decision: SLT's own place does not reach them."""
    if case.state is State.HEAD or not chair_decides(case, office):
        return ()
    outside = [p for p in office.holders(Role.DSL) if not p.holds(Role.SLT) and not is_involved(case, p)]
    return to_people(p.id for p in outside)


# The table -----------------------------------------------------------------------------------

REMIND: When = after_working_days(lambda office: office.school.remind_days)
ESCALATE: When = after_working_days(lambda office: office.school.escalate_days)
# Told late, it would be drawn from a later step and be that step's news once more; so it falls silent by then.
APPLICANT_KNOWS = Tell("applicant", "applications.news", later=True)


def when_reviewed(case: Application, office: Office) -> datetime | None:
    """Return when an exception is looked at again, or None where there is none (G7)."""
    return office.now + timedelta(days=office.school.exception_review_days) if case.exception_granted else None


def _acts_for_head(case: Application, person: Person, office: Office) -> str:
    return "" if office.is_head(person) else "Head Teacher"


def _acts_for_chair(case: Application, person: Person, office: Office) -> str:
    return "Chair of governors"


def _row(move: str, label: str, sources: tuple[State, ...], to: Any, **rest: Any) -> Transition[Application]:
    return Transition(move=move, label=label, sources=sources, to=to, **rest)


_APPLICANT: Any = {"by": _is_applicant, "who": "the applicant"}
_SLT: Any = {"by": _in_slt, "who": "a member of SLT who is not the Head", "unless": own_interest}
_HEAD: Any = {"by": _is_head_now, "who": "the Head, or whoever was named to act for the Head,", "unless": head_recused,
              "acting_for": _acts_for_head, "clause": "ADM-1"}  # fmt: skip
_VOTING = (State.CONSIDERING, State.DISAGREES)
_WITH_RUNNERS = (State.RUNNERS, *_VOTING, State.CHANGES)

APPLICATION: Workflow[Application] = Workflow(
    name="applications",
    noun="application",
    initial=State.DRAFT,
    final=FINAL,
    words={
        State.DRAFT: "a draft that nobody else sees",
        State.EXCEPTION: "with SLT, who were asked for an exception",
        State.RUNNERS: "waiting for its runners to confirm",
        State.CONSIDERING: "with SLT",
        State.CHANGES: "back with the applicant, who was asked for changes",
        State.DISAGREES: "with SLT, who disagree",
        State.HEAD: "with the Head",
        State.CREATING: "approved and with the account administrator, who creates it",
        State.LIVE: "live and in the register",
        State.REJECTED: "rejected",
        State.WITHDRAWN: "withdrawn",
    },
    transitions=(
        # By the applicant
        _row("submit", "Submit", (State.DRAFT, State.CHANGES), after_runners, ends=(State.RUNNERS, State.CONSIDERING),
             unless=not_ready, change=submitted, clause="NEW-6", style="primary", **_APPLICANT),
        _row("exception", "Ask SLT for an exception", (State.DRAFT, State.CHANGES), State.EXCEPTION,
             unless=not_one_runner, change=exception_asked, form="applications.exception", clause="NEW-6",
             **_APPLICANT),
        _row("edit", "Edit", (State.DRAFT, State.RUNNERS), State.DRAFT, change=edited, clause="NEW-2",
             drawn=False, **_APPLICANT),
        _row("edit", "Edit", (State.CHANGES,), State.CHANGES, change=edited, clause="NEW-2",
             drawn=False, **_APPLICANT),
        _row("withdraw", "Withdraw", OPEN, State.WITHDRAWN, clause="NEW-2", style="danger", **_APPLICANT),
        # By the runners
        _row("confirm", "Confirm", (State.RUNNERS,), after_runners, ends=(State.RUNNERS, State.CONSIDERING),
             by=_is_waiting_runner, who="a runner who has not confirmed yet", change=confirmed,
             form="applications.confirm", clause="NEW-9", style="primary",
             then=(Tell("applicant", "applications.confirmed"),), says=training_words),
        _row("trained", "Record my training", _WITH_RUNNERS, lambda case, office: case.state, ends=_WITH_RUNNERS,
             by=_is_untrained_runner, who="a runner who has not been trained yet", change=confirmed,
             form="applications.trained", clause="NEW-9", says=training_words),
        _row("decline", "Decline", (State.RUNNERS,), State.DRAFT, by=_is_runner, who="a runner", change=declined,
             clause="NEW-6", style="danger"),
        # By SLT: votes
        _row("approve", "Approve", _VOTING, voted, ends=(*_VOTING, State.HEAD, State.REJECTED), change=voted_for,
             clause="SLT-6", style="primary", **{**_SLT, "by": _in_slt_nothing_lacking}),
        _row("approve", "Approve", _VOTING, voted, ends=(*_VOTING, State.HEAD, State.REJECTED), change=voted_for,
             form="applications.approve_anyway", clause="NEW-9", style="primary",
             **{**_SLT, "by": _in_slt_something_lacking}),
        _row("reject", "Reject", _VOTING, voted, ends=(*_VOTING, State.HEAD, State.REJECTED), change=voted_against,
             form="applications.reject", clause="NEW-8", style="danger", **_SLT),
        _row("ask_changes", "Ask for changes", _VOTING, State.CHANGES, form="applications.ask_changes", clause="NEW-8",
             **_SLT),
        _row("refer", "Refer to Head", (State.DISAGREES,), State.HEAD, clause="NEW-8", **_SLT),
        _row("approve", "Approve", (State.EXCEPTION,), voted_exception,
             ends=(State.EXCEPTION, State.DRAFT, State.CHANGES),
             change=exception_voted_for, form="applications.approve_exception", clause="NEW-6",
             style="primary", **_SLT),
        _row("reject", "Reject", (State.EXCEPTION,), voted_exception,
             ends=(State.EXCEPTION, State.DRAFT, State.CHANGES),
             change=voted_against, form="applications.reject", clause="NEW-6", style="danger", **_SLT),
        # By the Head, or for the chair
        _row("approve", "Approve", (State.HEAD,), State.CREATING, style="primary", **_HEAD),
        _row("reject", "Reject", (State.HEAD,), State.REJECTED, form="applications.reject", style="danger", **_HEAD),
        _row("record_chair", "Record the chair's decision", (State.EXCEPTION, State.CONSIDERING, State.HEAD),
             chair_leads,
             ends=(State.DRAFT, State.CHANGES, State.HEAD, State.CREATING, State.REJECTED), by=_records_for_chair,
             who="somebody in SLT, or the DSL, who is not involved", unless=own_interest, change=chair_recorded,
             form="applications.record_chair", clause="ADM-1", acting_for=_acts_for_chair, says=chair_words),
        # By the administrator
        _row("created", "Created", (State.CREATING,), State.LIVE, by=_is_administrator, who="the account administrator",
             form="applications.created", clause="ADM-1", style="primary", says=lambda made: made.words("handle"),
             then=(Tell("runners", "applications.live"), Tell("slt", "applications.review", when=when_reviewed))),
    ),
    audiences=AUDIENCES,
    arrive={
        State.DRAFT: (APPLICANT_KNOWS,),
        State.EXCEPTION: (
            Tell("slt", "applications.request"),
            Tell("slt", "applications.reminder", when=REMIND, later=True, repeat=1),
        ),
        State.RUNNERS: (
            Tell("waiting runners", "applications.asked"),
            Tell("waiting runners", "applications.asked_again", when=REMIND, later=True, repeat=1),
            Tell("applicant", "applications.stuck", when=ESCALATE, later=True),
        ),
        State.CONSIDERING: (
            APPLICANT_KNOWS,
            Tell("slt", "applications.request"),
            Tell("slt", "applications.reminder", when=REMIND, later=True, repeat=1),
            Tell("deciders", "applications.stuck", when=ESCALATE, later=True),
            Tell("applicant", "applications.stuck", when=ESCALATE, later=True),
        ),
        State.CHANGES: (APPLICANT_KNOWS,),
        State.DISAGREES: (
            APPLICANT_KNOWS,
            Tell("slt", "applications.reminder", when=REMIND, later=True, repeat=1),
            Tell("deciders", "applications.stuck", when=ESCALATE, later=True),
        ),
        State.HEAD: (
            APPLICANT_KNOWS,
            Tell("deciders", "applications.decide"),
            Tell("deciders", "applications.reminder", when=REMIND, later=True, repeat=1),
            Tell("slt", "applications.stuck", when=ESCALATE, later=True),
            Tell("applicant", "applications.stuck", when=ESCALATE, later=True),
        ),
        State.CREATING: (
            APPLICANT_KNOWS,
            Tell("administrators", "applications.create"),
            Tell("administrators", "applications.reminder", when=REMIND, later=True, repeat=1),
            Tell("applicant", "applications.stuck", when=ESCALATE, later=True),
        ),
        State.LIVE: (APPLICANT_KNOWS,),
        State.REJECTED: (APPLICANT_KNOWS,),
    },
)  # fmt: skip
