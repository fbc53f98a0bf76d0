"""Begin and move cases: the only place where a workflow meets the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from bot.conversation.events import Action, Json
from bot.conversation.fields import Mend, Multiline
from bot.conversation.forms import Form
from bot.domain.jobs import Job
from bot.domain.office import Office
from bot.domain.workflow import Made, Step, Transition
from bot.errors import Invalid, Stale, Unknown
from bot.ports import Record, SchoolStore
from bot.routing import ActionHandler, Answer, Ask, Filled, FormHandler, Kind, Router, Turn

_REASON = Multiline(name="reason", prompt="Why?", optional=True)
TRIES = 8
TRIES_FOR_A_NUMBER = 200  # everybody who begins at the same moment wants the same next number


@dataclass(frozen=True, slots=True)
class Counter:
    """The next number of a counted reference."""

    INDEXES: ClassVar[tuple[str, ...]] = ()
    school: str
    id: str
    following: int = 1
    version: int = 0
    due_at: None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A move that was saved: the row, the case before it and the case as stored."""

    row: Transition[Any]
    before: Any
    case: Any


AfterMove = Callable[[Turn, Moved], Awaitable[Answer]]
Beside = Callable[[Any, Made, Office], tuple[Record, ...]]


async def load(turn: Turn, kind: Kind, reference: str) -> Any:
    """Return the case, whatever the case of the letters in *reference*.

    Raises:
        Unknown: There is no such case, or this person may not know that there is.
    """
    case = await turn.store.get(kind.record, reference.strip().upper())
    if case is None or not kind.seen_by(case, turn.person, turn.office):
        raise Unknown(f"There is no {kind.workflow.noun} called {reference.strip()[:40]}.")
    return case


async def begin(turn: Turn, kind: Kind, make: Callable[[str], Any], *beside: Record) -> Any:
    """Give a new case its reference and save it with the jobs that follow from its first state.

    *make* gets the reference and returns the case, whose version is 0. *beside* is saved in the same stroke.
    """
    for _ in range(TRIES_FOR_A_NUMBER):
        counter, reference = await _reference(turn, kind)
        made = make(reference)
        first = Step(turn.office.now, turn.person.id, "begin", made.state.value, policy=turn.office.policy)
        fields: Any = {"history": (*made.history, first)}
        case = replace(made, **fields)
        jobs = kind.workflow.plan(case, case, None, turn.office)
        try:
            await turn.save(*counter, case, *jobs, *beside)
        except Stale:
            continue
        return _saved(case)
    raise Stale


async def move(
    turn: Turn, kind: Kind, reference: str, verb: str, answers: Mapping[str, Json] | None = None, value: str = "",
    beside: Beside | None = None,
) -> Moved | Ask:  # fmt: skip
    """Judge a move at the press and save it with everything that follows, or ask for the words it needs.

    *beside* returns records that are saved in the same stroke, given the case as it will be stored and the move.

    Raises:
        Refused: The table does not allow it, to this person, now.
        Unknown: There is no such case.
    """
    for _ in range(TRIES):
        case = await load(turn, kind, reference)
        row = kind.workflow.find(case, verb, turn.person, turn.office)
        if row.form and answers is None:
            return Ask(row.form, case.id, value, as_page=True)
        made = Made(turn.person, turn.office.now, answers if answers is not None else _words_pressed_along(turn), value)
        moved = kind.workflow.apply(case, row, made, turn.office)
        jobs = kind.workflow.plan(case, moved, row, turn.office)
        extra = beside(moved, made, turn.office) if beside else ()
        try:
            await turn.save(moved, *jobs, *extra)
        except Stale:
            continue
        return Moved(row, case, _saved(moved))
    raise Stale


async def move_by_clock(store: SchoolStore, kind: Kind, job: Job, office: Office) -> Any | None:
    """Make the clock's move that *job* asks for, and forget the job; None where the case has moved on."""
    case = await store.get(kind.record, job.subject)
    row = kind.workflow.by_clock(case, job.face) if case is not None and case.stage == job.stage else None
    if case is None or row is None:
        await store.save(forget=(job,))
        return None
    moved = kind.workflow.apply(case, row, Made(None, office.now, {}), office)
    await store.save(moved, *kind.workflow.plan(case, moved, row, office), forget=(job,))
    return _saved(moved)


async def _reference(turn: Turn, kind: Kind) -> tuple[tuple[Counter, ...], str]:
    if not kind.counted:
        return (), f"{kind.prefix}-{turn.world.ids.code(6)}"
    counter = await turn.store.get(Counter, kind.prefix) or Counter(turn.world.school.id, kind.prefix)
    return (replace(counter, following=counter.following + 1),), f"{kind.prefix}-{counter.following}"


def _saved(case: Any) -> Any:
    return replace(case, version=case.version + 1)


def declare_moves(
    router: Router, kind: Kind, forms: Mapping[str, tuple[Form, str]], after: AfterMove, beside: Beside | None = None
) -> None:
    """Declare an action for every move of *kind*'s table, and what happens when its words have been given.

    *forms* maps a form's name, as the table has it, to the form and the move it belongs to; *after*
    says what the person who pressed reads; *beside* is as in `move`.
    """
    router.kind(kind)

    def pressing(verb: str) -> ActionHandler:
        async def press(turn: Turn, subject: str, value: str) -> Answer:
            result = await move(turn, kind, subject, verb, value=value, beside=beside)
            return result if isinstance(result, Ask) else await after(turn, result)

        return press

    def filling(verb: str) -> FormHandler:
        async def filled(turn: Turn, given: Filled) -> Answer:
            result = await move(turn, kind, given.subject, verb, given.answers, given.value, beside)
            assert isinstance(result, Moved)
            return await after(turn, result)

        return filled

    for verb in dict.fromkeys(row.move for row in kind.workflow.transitions):
        router.action(verb)(pressing(verb))
    for form, verb in forms.values():
        router.form(form)(filling(verb))


def _words_pressed_along(turn: Turn) -> Mapping[str, Json]:
    """Return a reason that came with a press which needs none: what people typed is kept."""
    values = turn.event.values if isinstance(turn.event, Action) and turn.event.values else {}
    reason = values.get(_REASON.name)
    read = _REASON.read(reason, turn.seen)
    if isinstance(read, Mend):
        raise Invalid({_REASON.name: read.sentence})
    return {_REASON.name: read} if read else {}
