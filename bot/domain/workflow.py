"""Workflows as tables: which move leads from where to where, by whom, unless what, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from bot.domain.jobs import Errand, Job, To
from bot.domain.office import Office
from bot.domain.people import Person
from bot.errors import Refused

Json = Any


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a case's history: append-only.

    Attributes:
        by: The person's id; "" where the clock made the move.
        words: The reason or note that went with it.
        acting_for: "Head Teacher" or "Chair of governors" where the person acted or recorded for them.
        policy: The version of the policy in force.
    """

    at: datetime
    by: str
    move: str
    state: str
    words: str = ""
    acting_for: str = ""
    policy: str = ""


class Case(Protocol):
    """A record that a workflow moves; `stage` counts the states entered so far."""

    @property
    def school(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def state(self) -> StrEnum: ...
    @property
    def stage(self) -> int: ...
    @property
    def history(self) -> tuple[Step, ...]: ...


C = TypeVar("C", bound=Case)


@dataclass(frozen=True, slots=True)
class Made:
    """A move as it was made: by whom, when, with which answers (field name to normalised value)."""

    by: Person | None
    at: datetime
    answers: Mapping[str, Json]
    value: str = ""

    @property
    def person(self) -> str:
        """Return the id of who made it, "" for the clock."""
        return self.by.id if self.by else ""

    def words(self, name: str = "reason") -> str:
        """Return the answer called *name* as text."""
        return str(self.answers.get(name) or "")


Who = Callable[[Any, Person, Office], bool]
Guard = Callable[[Any, Person, Office], str]
Audience = Callable[[Any, Office], tuple[To, ...]]
When = Callable[[Any, Office], datetime | None]


def at_once(case: Any, office: Office) -> datetime | None:
    """Return now."""
    return office.now


def after_minutes(count: Callable[[Office], int]) -> When:
    """Return a moment *count* minutes from now, day and night."""
    return lambda case, office: office.now.astimezone(UTC) + timedelta(minutes=count(office))


def after_working_days(count: Callable[[Office], int]) -> When:
    """Return the start of the *count*-th working day from now, outside school holidays."""

    def due(case: Any, office: Office) -> datetime:
        return morning_after(office.now, count(office), office)

    return due


def morning_after(moment: datetime, days: int, office: Office) -> datetime:
    """Return the start of the *days*-th working day after *moment*'s day, when nudges are welcome."""
    week, at = office.school.week, moment
    for _ in range(max(1, days)):
        following = (at + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        at = week.nudge_time(following)
    return at


@dataclass(frozen=True, slots=True)
class Tell:
    """Say a face of the case to an audience, now or later.

    Attributes:
        later: Whether it is a reminder: it falls silent once the case has left the stage.
        repeat: Working days after which it is said again.
    """

    audience: str
    face: str
    when: When = at_once
    later: bool = False
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class ClockMove:
    """Have the clock make *move* at a moment, if the case still waits; it records a fact and decides nothing."""

    move: str
    when: When


Effect = Tell | ClockMove


def unchanged(case: Any, made: Made, office: Office) -> Any:
    """Return *case* as it is."""
    return case


def nobody_barred(case: Any, person: Person, office: Office) -> str:
    """Return "": no guard stands in the way."""
    return ""


def everybody(case: Any, person: Person, office: Office) -> bool:
    """Return True: whoever asks."""
    return True


def the_clock(case: Any, person: Person, office: Office) -> bool:
    """Return False: no person makes this move."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition(Generic[C]):
    """A row of the table.

    Attributes:
        move: The verb; several rows may share it where their sources or people differ.
        label: What its button says.
        to: The next state, or a pure function of the changed case.
        ends: The states that a function in *to* may return; for the laws and the diagram.
        by: Who may; *who* names them in a refusal.
        unless: A guard that returns why this person may not, or "".
        change: What the move writes into the case.
        form: The name of the form that asks for the words that it needs, or "".
        drawn: Whether the table draws its button; a card of its own may still offer it.
    """

    move: str
    label: str
    sources: tuple[StrEnum, ...]
    to: StrEnum | Callable[[C, Office], StrEnum]
    by: Who
    who: str
    clause: str
    ends: tuple[StrEnum, ...] = ()
    unless: Guard = nobody_barred
    change: Callable[[C, Made, Office], C] = unchanged
    form: str = ""
    then: tuple[Effect, ...] = ()
    style: str = "default"
    drawn: bool = True
    acting_for: Callable[[C, Person, Office], str] | None = None
    says: Callable[[Made], str] = Made.words

    def targets(self) -> tuple[StrEnum, ...]:
        """Return every state that the move may lead to."""
        return self.ends if callable(self.to) else (self.to,)


@dataclass(frozen=True, slots=True)
class Workflow(Generic[C]):
    """A table of moves.

    Attributes:
        noun: What a case is called in a sentence: "application".
        words: State to plain words that fit after "is": "waiting for SLT".
        arrive: What follows when a case enters a state by whatever move: reminders and the like.
        audiences: Name used in `Tell` to a pure function that says who that is.
    """

    name: str
    noun: str
    initial: StrEnum
    final: tuple[StrEnum, ...]
    words: Mapping[StrEnum, str]
    transitions: tuple[Transition[C], ...]
    audiences: Mapping[str, Audience]
    arrive: Mapping[StrEnum, tuple[Effect, ...]]

    def find(self, case: C, move: str, person: Person, office: Office) -> Transition[C]:
        """Judge *move* by *person* and return its row.

        Raises:
            Refused: The case has moved on, the person may not, or a guard stands in the way.
        """
        rows = [row for row in self.transitions if row.move == move]
        here = [row for row in rows if case.state in row.sources]
        allowed = [row for row in here if row.by(case, person, office)]
        been = {step.state for step in case.history}
        past = (row for row in rows if row not in here and any(source.value in been for source in row.sources))
        too_late = not allowed and any(row.by(case, person, office) for row in past)
        if not here or too_late:
            clause = rows[0].clause if rows else ""
            raise Refused(
                f"{case.id} has moved on: it is {self.words[case.state]} now, so nothing was changed. "
                "Look at its newest card.",
                clause,
            )
        barred = [why for row in allowed or here if (why := row.unless(case, person, office))]
        free = [row for row in allowed if not row.unless(case, person, office)]
        if free:
            return free[0]
        if barred:
            raise Refused(barred[0], here[0].clause)
        raise Refused(f"Only {here[0].who} can do this. Nothing was changed.", here[0].clause)

    def open_to(self, case: C, person: Person, office: Office) -> Iterator[Transition[C]]:
        """Yield the rows whose button *person* sees now, in the table's order."""
        seen: set[str] = set()
        for row in self.transitions:
            if (
                row.drawn
                and row.move not in seen
                and case.state in row.sources
                and self._may(row, case, person, office)
            ):
                seen.add(row.move)
                yield row

    def by_clock(self, case: C, move: str) -> Transition[C] | None:
        """Return the row that the clock makes, or None where the case has moved on."""
        rows = (row for row in self.transitions if row.move == move and row.by is the_clock)
        return next((row for row in rows if case.state in row.sources), None)

    def apply(self, case: C, row: Transition[C], made: Made, office: Office) -> C:
        """Return *case* after the move, with its step in the history and its stage counted."""
        changed = row.change(case, made, office)
        state = row.to(changed, office) if callable(row.to) else row.to
        acting = row.acting_for(case, made.by, office) if row.acting_for and made.by else ""
        step = Step(made.at, made.person, row.move, state.value, row.says(made), acting, office.policy)
        stage = case.stage + (state != case.state)
        fields: Any = {"state": state, "stage": stage, "history": (*changed.history, step)}
        return replace(changed, **fields)  # type: ignore[type-var]  # cases are dataclasses; Protocol can't say so

    def plan(self, before: C, after: C, row: Transition[C] | None, office: Office) -> tuple[Job, ...]:
        """Return the jobs that follow from a move: its own, those of the state it arrives in, and a redraw."""
        arrived = row is None or before.stage != after.stage
        effects = (*(row.then if row else ()), *(self.arrive.get(after.state, ()) if arrived else ()))
        jobs = [
            Job(
                after.school,
                self._job_id(after, 0, ""),
                Errand.REDRAW,
                self.name,
                after.id,
                due_at=office.now,
            )
        ]
        for position, effect in enumerate(effects, start=1):
            jobs.extend(self._jobs(after, position, effect, office))
        return tuple(jobs)

    def _jobs(self, case: C, position: int, effect: Effect, office: Office) -> Iterator[Job]:
        due = effect.when(case, office)
        if due is None:
            return
        match effect:
            case Tell(audience, face, _, later, repeat):
                for to in self.audiences[audience](case, office):
                    yield Job(
                        case.school, self._job_id(case, position, to.id), Errand.TELL, self.name, case.id, face, to,
                        case.stage if later else None, repeat, due_at=due,
                    )  # fmt: skip
            case ClockMove(move, _):
                yield Job(
                    case.school, self._job_id(case, position, move), Errand.MOVE, self.name, case.id, move,
                    stage=case.stage, due_at=due,
                )  # fmt: skip

    def _job_id(self, case: C, position: int, to: str) -> str:
        return f"{case.id}.{case.version + 1}.{position}" + (f".{to}" if to else "")

    @staticmethod
    def _may(row: Transition[C], case: C, person: Person, office: Office) -> bool:
        return row.by(case, person, office) and not row.unless(case, person, office)
