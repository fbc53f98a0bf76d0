"""A journalist has made contact: the record and the table of its moves (BEH-8)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from bot.domain.jobs import To
from bot.domain.office import Office
from bot.domain.people import Person, Role
from bot.domain.workflow import (
    Audience,
    ClockMove,
    Made,
    Step,
    Tell,
    Transition,
    Workflow,
    after_working_days,
    the_clock,
)  # fmt: skip

Json = Any

REMINDER = timedelta(hours=1)


class State(StrEnum):
    """Where a press contact stands."""

    DRAFT = "draft"
    WAITING = "waiting for SLT"
    HELD = "with SLT"
    RELEASED = "reply released"
    NO_COMMENT = "no comment"
    WITHDRAWN = "withdrawn"


FINAL = (State.RELEASED, State.NO_COMMENT, State.WITHDRAWN)
OPEN = (State.WAITING, State.HELD)


class Speaker(StrEnum):
    """Who gives the reply that SLT released."""

    SLT = "I give it"
    REPORTER = "The person who was contacted gives it"


@dataclass(frozen=True, slots=True)
class PressContact:
    """What a journalist asked, of whom, and what SLT made of it.

    Attributes:
        answers: Field name to normalised value, as the form's fields read them.
        sent: When it went to SLT, or None for a draft that only its reporter may know of.
        asked: Ids of those in SLT who were told that something waits, in order.
        rung: How many rungs of the duty ladder have been climbed.
        everyone_asked: Whether the last rung, all of SLT, was reached.
        holder: Id of whoever said "I have it", or "".
        reply: The words that SLT released, or "".
        giver: Id of whoever gives the reply, or "".
    """

    INDEXES: ClassVar[tuple[str, ...]] = ("reporter", "state")
    school: str
    id: str
    reporter: str
    answers: Mapping[str, Json]
    policy: str
    state: State = State.DRAFT
    stage: int = 0
    history: tuple[Step, ...] = ()
    sent: datetime | None = None
    asked: tuple[str, ...] = ()
    rung: int = 0
    everyone_asked: bool = False
    holder: str = ""
    reply: str = ""
    giver: str = ""
    version: int = 0
    due_at: datetime | None = None

    @property
    def deadline(self) -> datetime | None:
        """Return the journalist's deadline, or None."""
        at = self.answers.get("deadline")
        return datetime.fromisoformat(at) if at else None

    @property
    def accused(self) -> bool:
        """Tell whether it concerns a member of staff who is accused of something (L9 of the guidance)."""
        return bool(self.answers.get("accused"))

    @property
    def lapsed(self) -> bool:
        """Tell whether the record says already that the deadline passed without a reply."""
        return any(step.move == "pass_deadline" for step in self.history)

    @property
    def decision(self) -> Step | None:
        """Return the step by which SLT released a reply or decided on no comment, or None."""
        return next((step for step in self.history if step.move in ("release", "no_comment")), None)

    @property
    def timing(self) -> str:
        """Return whether SLT's decision came before the deadline, or "" where there is no decision or no deadline."""
        if self.decision is None or self.deadline is None:
            return ""
        late = self.lapsed or self.decision.at > self.deadline
        return "answered after the deadline" if late else "answered before the deadline"


# Who -----------------------------------------------------------------------------------------


def leadership(office: Office) -> tuple[Person, ...]:
    """Return SLT with a chat seat today: the Head, and whoever acts for the Head, among them."""
    heads = (person for person in office.people if office.is_acting_head(person))
    return tuple(dict.fromkeys((*office.holders(Role.SLT), *office.holders(Role.HEAD), *heads)))


def others(case: PressContact, office: Office) -> tuple[Person, ...]:
    """Return those in SLT who don't know of it already by having reported it."""
    return tuple(person for person in leadership(office) if person.id != case.reporter)


def on_duty(case: PressContact, office: Office) -> tuple[Person, ...]:
    """Return who is tried in turn; those who left, have no seat or are not in SLT are skipped (G10)."""
    able = {person.id: person for person in others(case, office)}
    return tuple(able[each] for each in dict.fromkeys(office.school.press_duty) if each in able)


def next_on_duty(case: PressContact, office: Office) -> Person | None:
    """Return the first on duty who has not been told yet, or None."""
    return next((person for person in on_duty(case, office) if person.id not in case.asked), None)


def heads(case: PressContact, office: Office) -> tuple[Person, ...]:
    """Return the Head, and whoever acts for the Head today, unless they reported it."""
    return tuple(p for p in others(case, office) if office.is_head(p) or office.is_acting_head(p))


def may_know(case: PressContact, person: Person, office: Office) -> bool:
    """Tell whether *person* may know that it exists: its reporter, and SLT once it was sent."""
    return person.id == case.reporter or _in_slt(case, person, office)


def _is_reporter(case: PressContact, person: Person, office: Office) -> bool:
    return person.id == case.reporter


def _in_slt(case: PressContact, person: Person, office: Office) -> bool:
    return case.sent is not None and person in leadership(office)


def _concerns_nobody_accused(case: PressContact, person: Person, office: Office) -> bool:
    return _in_slt(case, person, office) and not case.accused


def _concerns_somebody_accused(case: PressContact, person: Person, office: Office) -> bool:
    return _in_slt(case, person, office) and case.accused


def staff_named(text: str, people: Iterable[Person]) -> tuple[Person, ...]:
    """Return the members of staff whom *text* names by full name, surname or e-mail address; those who left count.

    A first name alone is not recognised, nor is a surname that the directory writes with a small letter.
    """
    said = _folded(text)
    return tuple(person for person in people if person.holds(Role.STAFF) and _is_named(person, said))


def _is_named(person: Person, said: str) -> bool:
    name = _folded(person.name)
    surname = name.rpartition(" ")[2]
    proper = surname[:1].isupper() and len(surname) > 2
    return (
        _finds(name, said, re.IGNORECASE)
        or (bool(person.email) and person.email.lower() in said.lower())
        or (proper and (_finds(surname, said) or _finds(surname.upper(), said)))
        or (proper and re.search(rf"(?i)\b(?:{_TITLES})\.? {re.escape(surname)}\b", said) is not None)
    )


_TITLES = "mr|mrs|ms|miss|mx|dr|sir|madam|prof|professor"


def _finds(name: str, said: str, flags: int = 0) -> bool:
    return bool(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said, flags) is not None


def _folded(text: str) -> str:
    """Return *text* without accents, hidden characters and the difference between quotes, spaces and hyphens."""
    plain = (each for each in unicodedata.normalize("NFKD", text) if unicodedata.category(each) not in ("Mn", "Cf"))
    return re.sub(r"[\s\u2010-\u2015_-]+", " ", re.sub(r"[’‘`´]", "'", "".join(plain))).strip()


# Changes -------------------------------------------------------------------------------------


def edited(case: PressContact, made: Made, office: Office) -> PressContact:
    """Take new answers."""
    return replace(case, answers=dict(made.answers))


def emptied(case: PressContact, made: Made, office: Office) -> PressContact:
    """Forget what was typed into a draft that was never sent."""
    return replace(case, answers={})


def sent(case: PressContact, made: Made, office: Office) -> PressContact:
    """Send it, and step on the first rung of the ladder."""
    return climbed(replace(case, sent=made.at, policy=office.policy), made, office)


def climbed(case: PressContact, made: Made, office: Office) -> PressContact:
    """Ask the next on duty, or all of SLT once nobody on duty is left."""
    case, person = replace(case, rung=case.rung + 1), next_on_duty(case, office)
    if person is not None:
        return replace(case, asked=(*case.asked, person.id))
    everyone = (person.id for person in others(case, office))
    return replace(case, everyone_asked=True, asked=tuple(dict.fromkeys((*case.asked, *everyone))))


def taken(case: PressContact, made: Made, office: Office) -> PressContact:
    """Note who has it."""
    return replace(case, holder=made.person)


def released(case: PressContact, made: Made, office: Office) -> PressContact:
    """Keep the words that SLT released, and who gives them."""
    by_reporter = made.answers.get("speaker") == Speaker.REPORTER
    return replace(case, reply=made.words("reply"), giver=case.reporter if by_reporter else made.person)


# When ----------------------------------------------------------------------------------------


def next_rung(case: PressContact, office: Office) -> datetime | None:
    """Return when the next on duty is tried, counted from the sending so that a late worker catches up, or None."""
    return None if case.everyone_asked else _rung_ends(case, office)


def unheard_at(case: PressContact, office: Office) -> datetime | None:
    """Return when the reporter is told that nobody has it, or None while somebody is still to be asked."""
    return _rung_ends(case, office) if case.everyone_asked else None


def _rung_ends(case: PressContact, office: Office) -> datetime:
    sent = (case.sent or office.now).astimezone(UTC)  # minutes that pass, also where the clocks change
    return sent + timedelta(minutes=office.school.duty_minutes * case.rung)


def near_deadline(case: PressContact, office: Office) -> datetime | None:
    """Return when to remind of the deadline: an hour before, or at half time where there were under two hours.

    None where that moment has passed. Night and holidays don't move it: the journalist's clock doesn't stop.
    """
    if case.deadline is None or case.sent is None:
        return None
    at = case.deadline - min(REMINDER, (case.deadline - case.sent) / 2)
    return at if office.now < at < case.deadline else None


def deadline_passes(case: PressContact, office: Office) -> datetime | None:
    """Return when the clock records that the deadline passed, or None where it never will."""
    if case.deadline is None or case.lapsed:
        return None
    return max(case.deadline, office.now)


def soon(case: PressContact, office: Office) -> datetime | None:
    """Return when a draft that was not sent is brought up again."""
    return office.now + timedelta(minutes=office.school.duty_minutes)


# Audiences -----------------------------------------------------------------------------------


def _each(people: Iterable[Person]) -> tuple[To, ...]:
    return tuple(To.person(person.id) for person in people)


def _reporter(case: PressContact, office: Office) -> tuple[To, ...]:
    """Return the reporter, unless the last step was their own."""
    return () if case.history[-1].by == case.reporter else (To.person(case.reporter),)


def _just_asked(case: PressContact, office: Office) -> tuple[To, ...]:
    return _each(others(case, office)) if case.everyone_asked else (To.person(case.asked[-1]),)


def _heads_of_an_accused(case: PressContact, office: Office) -> tuple[To, ...]:
    told = _just_asked(case, office)
    return tuple(to for to in _each(heads(case, office)) if case.accused and to not in told)


def _concerned(case: PressContact, office: Office) -> tuple[To, ...]:
    """Return whoever has it, while they are in SLT, or else all of SLT."""
    held = tuple(person for person in leadership(office) if person.id == case.holder)
    return _each(held or others(case, office))


def _holder(case: PressContact, office: Office) -> tuple[To, ...]:
    """Return whoever has it, unless the last step was their own."""
    return _each(p for p in others(case, office) if p.id == case.holder != case.history[-1].by)


def _told(case: PressContact, office: Office) -> tuple[To, ...]:
    """Return whoever has it, or else those who were asked so far."""
    told = (case.holder,) if case.holder else case.asked
    return _each(p for p in others(case, office) if p.id in told)


AUDIENCES: Mapping[str, Audience] = {
    "drafter": lambda case, office: (To.person(case.reporter),),
    "reporter": _reporter,
    "just asked": _just_asked,
    "heads of an accused": _heads_of_an_accused,
    "concerned": _concerned,
    "slt": lambda case, office: _each(others(case, office)),
    "holder": _holder,
    "told": _told,
    "undelivered": lambda case, office: (To.person(case.reporter), *_each(others(case, office) if case.sent else ())),
}


# The table -----------------------------------------------------------------------------------

LADDER = (
    Tell("just asked", "press.ping"),
    ClockMove("ask_next", next_rung),
    ClockMove("tell_unheard", unheard_at),
)
DEADLINE = (
    Tell("concerned", "press.near", when=near_deadline, later=True),
    ClockMove("pass_deadline", deadline_passes),
)
SETTLED = (Tell("reporter", "press.answered"), Tell("holder", "press.closed"))


def _row(move: str, label: str, sources: tuple[State, ...], to: State, **rest: Any) -> Transition[PressContact]:
    return Transition(move=move, label=label, sources=sources, to=to, clause="BEH-8", **rest)


def _staying(move: str, label: str, states: Iterable[State], **rest: Any) -> tuple[Transition[PressContact], ...]:
    return tuple(_row(move, label, (state,), state, **rest) for state in states)


def _lapse(made: Made) -> str:
    return "The deadline passed without a reply from SLT."


_REPORTER: Any = {"by": _is_reporter, "who": "the person who was contacted"}
_SLT: Any = {"by": _in_slt, "who": "a member of SLT"}
_CLOCK: Any = {"by": the_clock, "who": "the clock", "drawn": False}

PRESS: Workflow[PressContact] = Workflow(
    name="press",
    noun="press contact",
    initial=State.DRAFT,
    final=FINAL,
    words={
        State.DRAFT: "a draft that SLT has not been sent",
        State.WAITING: "waiting for somebody in SLT to pick it up",
        State.HELD: "with somebody in SLT, who has picked it up",
        State.RELEASED: "settled, because SLT released a reply",
        State.NO_COMMENT: "settled, because SLT decided on no comment",
        State.WITHDRAWN: "withdrawn",
    },
    transitions=(
        # By the reporter, before it is sent
        _row("submit", "Submit", (State.DRAFT,), State.WAITING, change=sent, style="primary",
             then=(Tell("heads of an accused", "press.ping"),), **_REPORTER),
        _row("edit_draft", "Edit", (State.DRAFT,), State.DRAFT, change=edited, form="press.contact",
             drawn=False, **_REPORTER),
        _row("cancel", "Cancel", (State.DRAFT,), State.WITHDRAWN, change=emptied, style="danger", **_REPORTER),
        # By SLT
        *_staying("open", "Open", State, by=may_know, who="SLT, or the person who was contacted,"),
        _row("acknowledge", "Acknowledge", (State.WAITING,), State.HELD, change=taken, style="primary",
             then=(Tell("reporter", "press.picked_up"),), **_SLT),
        _row("release", "Release reply", OPEN, State.RELEASED, change=released, form="press.release", style="primary",
             **{**_SLT, "by": _concerns_nobody_accused}),
        _row("release", "Release reply", OPEN, State.RELEASED, change=released, form="press.release_nameless",
             style="primary", **{**_SLT, "by": _concerns_somebody_accused}),
        _row("no_comment", "No comment", OPEN, State.NO_COMMENT, **_SLT),
        *_staying("note", "Add a note", (*OPEN, State.RELEASED, State.NO_COMMENT), form="press.note", **_SLT),
        # By the reporter, while it is open
        _row("withdraw", "Withdraw", OPEN, State.WITHDRAWN, style="danger", then=(Tell("told", "press.closed"),),
             **_REPORTER),
        # By the clock: it tells more people and records what happened, and decides nothing
        _row("ask_next", "Ask the next on duty", (State.WAITING,), State.WAITING, change=climbed, then=LADDER,
             **_CLOCK),
        _row("tell_unheard", "Tell the reporter", (State.WAITING,), State.WAITING,
             then=(Tell("reporter", "press.unheard"),), **_CLOCK),
        *_staying("pass_deadline", "The deadline passes", OPEN, says=_lapse,
                  then=(Tell("slt", "press.late"), Tell("reporter", "press.lapsed")), **_CLOCK),
    ),
    audiences=AUDIENCES,
    arrive={
        State.DRAFT: (
            Tell("drafter", "press.unsent", when=soon, later=True),
            Tell("drafter", "press.unsent", when=after_working_days(lambda office: 1), later=True),
        ),
        State.WAITING: (*LADDER, *DEADLINE),
        State.HELD: DEADLINE,
        State.RELEASED: SETTLED,
        State.NO_COMMENT: SETTLED,
    },
)  # fmt: skip
