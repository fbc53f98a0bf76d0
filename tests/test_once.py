"""An event has its effect once, and is remembered in the same stroke, whoever repeats it and whenever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.app import App
from bot.assistant import REMEMBERED
from bot.conversation.cards import Card, plain
from bot.conversation.events import Action, Command, Event, Message, Place
from bot.conversation.sessions import Session
from bot.domain.applications import Application, State
from bot.domain.jobs import Job, To
from bot.domain.press import PressContact
from bot.errors import NotSaved, Refused, Stale
from bot.once import Heard, Once, Repeated
from bot.platforms.web.clock import LocalClock
from bot.ports import L, Lease, R, Record, SchoolStore, Store
from bot.routing import Reply
from bot.sayings import Saying
from bot.stores.memory import MemoryStore
from bot.stores.tinydb import TinyDBStore
from tests.simulator import START, CountedIds, sample_settings
from tests.test_delivery import FullDisk

TEACHER = "history_teacher"
CHAT = Place("dm", opens_forms=False)
CONTACT = (
    "Sam Example", "The Wirral Example", "0151 496 0999", "Was a post deleted?", "today 4pm", "no",
)  # fmt: skip
CASE = ("Show parents our lessons", "parents", "newsletter", "pe_teacher, new_teacher", "open", "X", "@History")


class CountedStore:
    """A school's records; counts how often somebody tries to save."""

    def __init__(self, store: SchoolStore) -> None:
        self._store = store
        self.saves = 0

    async def get(self, kind: type[R], id: str) -> R | None:
        """Return the record as last saved, or None."""
        return await self._store.get(kind, id)

    async def find(self, kind: type[R], **where: str) -> list[R]:
        """Return the records whose indexed fields equal *where*."""
        return await self._store.find(kind, **where)

    async def due(self, kind: type[R], before: datetime) -> list[R]:
        """Return the records whose `due_at` is not after *before*."""
        return await self._store.due(kind, before)

    async def claim(self, kinds: Sequence[type[L]], before: datetime, lease: Lease[L]) -> list[L]:
        """Claim what is due."""
        return await self._store.claim(kinds, before, lease)

    async def save(self, *records: Record, forget: Sequence[Record] = ()) -> None:
        """Save, and count."""
        self.saves += 1
        await self._store.save(*records, forget=forget)


class School:
    """A program without a platform: events are given to its assistant as an edge does."""

    def __init__(self, folder: Path, stores: Callable[[], Store]) -> None:
        self.clock = LocalClock(start=START)
        self._ids = CountedIds()
        self._folder = folder
        self._stores = stores
        self.app = self._started()

    def _started(self) -> App:
        settings = sample_settings(self._folder)
        return App(settings, store=self._stores(), clock=self.clock, ids=self._ids)

    async def open(self) -> None:
        """Open the store."""
        await self.app.store.open()

    async def close(self) -> None:
        """Let go of the store."""
        await self.app.store.close()

    async def restarts(self) -> None:
        """Stop the program and start another one on the same data."""
        await self.close()
        self.app = self._started()
        await self.open()

    @property
    def store(self) -> SchoolStore:
        """Return the records."""
        return self.app.world.store

    async def hears(self, event: Event) -> Reply:
        """Do what an event leads to; raises Repeated where it was heard before."""
        once = await self.app.assistant.once(event)
        if once.changed:
            raise Repeated
        return await self.app.assistant.handle_once(event, once)

    async def later(self, **span: float) -> None:
        """Let time pass and have the worker do what is due."""
        self.clock.set(self.clock.now() + timedelta(**span))
        await self.app.worker.deliver_due()

    async def has_draft(self) -> None:
        """Have the history teacher pass on a journalist, all but the last word."""
        await self.types("press", *CONTACT[:-1])

    async def has_case(self) -> None:
        """Have the history teacher apply, and submit."""
        await self.types("apply", *CASE)
        await self.app.assistant.handle(Action("submit", TEACHER, CHAT, "applications.submit", "APP-1"))

    async def types(self, command: str, *answers: str) -> None:
        """Have the history teacher type a command, and answer what is asked then."""
        await self.app.assistant.handle(Command(command, TEACHER, CHAT, command, ""))
        for number, words in enumerate(answers):
            await self.app.assistant.handle(Message(f"{command} {number}", TEACHER, CHAT, words))


LAST_WORD = Message("E1", TEACHER, CHAT, CONTACT[-1])
BEGIN = Command("E1", TEACHER, CHAT, "apply", "")
WITHDRAW = Action("E1", TEACHER, CHAT, "applications.withdraw", "APP-1", values={"reason": "We have one."})


@pytest.fixture
def disk() -> FullDisk:
    """The disk of the school on disk."""
    return FullDisk()


@pytest.fixture
async def school(tmp_path: Path, disk: FullDisk) -> AsyncIterator[School]:
    """A school whose store is on disk."""
    made = School(tmp_path, lambda: TinyDBStore(tmp_path / "data", disk))
    await made.open()
    yield made
    await made.close()


@pytest.fixture(params=["memory", "disk"])
async def any_school(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[School]:
    """A school on each kind of store: in memory one event ends before the next begins, on disk they overlap."""
    memory = MemoryStore()
    stores: dict[str, Callable[[], Store]] = {
        "memory": lambda: memory, "disk": lambda: TinyDBStore(tmp_path / "data"),
    }  # fmt: skip
    made = School(tmp_path, stores[request.param])
    await made.open()
    yield made
    await made.close()


def outcomes(results: Sequence[Reply | BaseException]) -> list[str]:
    """Return the names of what became of several events, sorted."""
    return sorted(type(each).__name__ for each in results)


# The same id again ---------------------------------------------------------------------------


async def test_the_same_event_again_is_known_before_anything_is_done(any_school: School) -> None:
    await any_school.has_draft()
    await any_school.hears(LAST_WORD)

    once = await any_school.app.assistant.once(LAST_WORD)

    assert once.changed
    assert len(await any_school.store.find(PressContact)) == 1


async def test_the_same_event_again_has_no_second_effect(any_school: School) -> None:
    await any_school.hears(BEGIN)
    [begun] = await any_school.store.find(Session, person=TEACHER)
    await any_school.app.assistant.handle(Message("other", TEACHER, CHAT, CASE[0]))

    with pytest.raises(Repeated):
        await any_school.hears(BEGIN)

    [left] = await any_school.store.find(Session, person=TEACHER)
    assert left.id == begun.id
    assert left.answers


async def test_an_event_that_had_its_effect_is_not_handled_again_by_whoever_asks_for_it(any_school: School) -> None:
    """`handle_once` keeps its word also where nobody looked at `changed`."""
    await any_school.hears(BEGIN)
    [begun] = await any_school.store.find(Session, person=TEACHER)

    once = await any_school.app.assistant.once(BEGIN)
    with pytest.raises(Repeated):
        await any_school.app.assistant.handle_once(BEGIN, once)

    assert await any_school.store.find(Session, person=TEACHER) == [begun]


async def test_the_same_event_twice_at_once_has_one_effect(any_school: School) -> None:
    """Both look before either saves, as two processes do; the store decides."""
    await any_school.has_draft()
    assistant = any_school.app.assistant
    onces = [await assistant.once(LAST_WORD) for _ in range(5)]

    await asyncio.gather(*(assistant.handle_once(LAST_WORD, once) for once in onces), return_exceptions=True)

    assert len(await any_school.store.find(PressContact)) == 1
    assert len(await any_school.store.find(Heard)) == 1
    assert [each.changed for each in onces].count(True) == 1
    for late in (each for each in onces if not each.changed):
        with pytest.raises(Repeated):
            await late.save_answer(answer(any_school))
    assert not await any_school.store.find(Saying)


async def test_a_page_that_is_begun_twice_at_once_is_one_draft(school: School) -> None:
    onces = [await school.app.assistant.once(BEGIN) for _ in range(5)]

    results = await asyncio.gather(
        *(school.app.assistant.handle_once(BEGIN, once) for once in onces), return_exceptions=True
    )  # fmt: skip

    assert outcomes(results) == ["Repeated"] * 4 + ["Reply"]
    assert len(await school.store.find(Session, person=TEACHER)) == 1


async def test_the_same_event_after_a_restart_has_no_second_effect(school: School) -> None:
    await school.has_draft()
    await school.hears(LAST_WORD)

    await school.restarts()
    with pytest.raises(Repeated):
        await school.hears(LAST_WORD)

    assert len(await school.store.find(PressContact)) == 1


async def test_an_event_that_waited_through_a_restart_for_the_first_one_is_refused_by_the_store(school: School) -> None:
    before = await school.app.assistant.once(BEGIN)
    await school.hears(BEGIN)
    heard = await school.store.get(Heard, "E1")

    with pytest.raises(Repeated):
        await school.app.assistant.handle_once(BEGIN, before)

    assert await school.store.get(Heard, "E1") == heard
    assert len(await school.store.find(Session, person=TEACHER)) == 1


async def test_other_events_of_the_same_person_have_their_effect(any_school: School) -> None:
    await any_school.hears(BEGIN)

    await any_school.hears(Message("E2", TEACHER, CHAT, CASE[0]))
    await any_school.hears(Message("E3", TEACHER, CHAT, CASE[1]))

    [session] = await any_school.store.find(Session, person=TEACHER)
    assert len(session.answers) == 2
    assert {each.id for each in await any_school.store.find(Heard)} == {"E1", "E2", "E3"}


async def test_an_event_without_an_effect_is_not_remembered(any_school: School) -> None:
    """A question may be asked again; it is remembered once its answer is kept."""
    question = Message("E1", TEACHER, CHAT, "Who approves a new account?")
    once = await any_school.app.assistant.once(question)

    reply = await any_school.app.assistant.handle_once(question, once)

    assert reply.views
    assert not once.changed
    assert await any_school.store.get(Heard, "E1") is None


async def test_a_refused_event_is_not_remembered(any_school: School) -> None:
    press = Action("E1", TEACHER, CHAT, "applications.approve", "APP-1")
    once = await any_school.app.assistant.once(press)

    with pytest.raises(Exception, match="There is no"):
        await any_school.app.assistant.handle_once(press, once)

    assert not once.changed
    assert await any_school.store.get(Heard, "E1") is None


# One stroke ----------------------------------------------------------------------------------


async def test_a_store_that_can_not_write_keeps_neither_the_effect_nor_the_id(school: School, disk: FullDisk) -> None:
    await school.has_draft()
    disk.full = True

    with pytest.raises(NotSaved, match="phone"):
        await school.hears(LAST_WORD)

    assert await school.store.get(Heard, "E1") is None
    assert not await school.store.find(PressContact)
    assert await school.store.find(Session, person=TEACHER)


async def test_what_was_not_saved_has_its_effect_when_it_comes_again(school: School, disk: FullDisk) -> None:
    await school.has_draft()
    disk.full = True
    with pytest.raises(NotSaved):
        await school.hears(LAST_WORD)

    disk.full = False
    await school.hears(LAST_WORD)

    assert len(await school.store.find(PressContact)) == 1
    assert await school.store.get(Heard, "E1")


async def test_after_a_restart_the_effect_and_the_id_are_both_there(school: School) -> None:
    await school.has_case()
    await school.hears(WITHDRAW)

    await school.restarts()

    case, heard = await school.store.get(Application, "APP-1"), await school.store.get(Heard, "E1")
    assert case is not None
    assert case.state is State.WITHDRAWN
    assert heard is not None
    assert (heard.person, heard.at, heard.answered) == (TEACHER, school.clock.now(), False)
    assert [job for job in await school.store.find(Job) if job.subject == "APP-1"]


async def test_a_handler_may_save_several_times(any_school: School) -> None:
    """Only its first save can be a repetition; the event is remembered once."""
    store, id = any_school.store, any_school.app.world.school.id
    once = await any_school.app.assistant.once(BEGIN)
    first = Saying(id, "first", To.person(TEACHER), Card("First"))

    await once.save(first)
    await once.save(Saying(id, "second", To.person(TEACHER), Card("Second")))
    saved = await once.get(Saying, "first")
    assert saved is not None
    await once.save(replace(saved, attempts=1))
    await once.save(forget=(replace(saved, version=2),))

    assert [each.id for each in await store.find(Saying)] == ["second"]
    assert [each.id for each in await store.find(Heard)] == ["E1"]


async def test_a_later_save_of_the_same_event_is_stale_where_it_is_stale(any_school: School) -> None:
    """Somebody else's change in between is no repetition."""
    id = any_school.app.world.school.id
    once = await any_school.app.assistant.once(BEGIN)
    first = Saying(id, "first", To.person(TEACHER), Card("First"))
    await once.save(first)

    with pytest.raises(Stale):
        await once.save(first)


async def test_a_stale_record_is_no_repetition(any_school: School) -> None:
    id = any_school.app.world.school.id
    saying = Saying(id, "first", To.person(TEACHER), Card("First"))
    await any_school.store.save(saying)
    once = await any_school.app.assistant.once(BEGIN)

    with pytest.raises(Stale):
        await once.save(saying)

    assert not once.changed
    assert await any_school.store.get(Heard, "E1") is None


# Retries -------------------------------------------------------------------------------------


async def _counted(school: School, event: Event) -> tuple[CountedStore, Once]:
    """Return what an event may save through, looked up before anybody saved, and a count of the tries."""
    counted = CountedStore(school.store)
    heard = Heard(school.app.world.school.id, event.id, event.person, START, START + REMEMBERED)
    return counted, Once(counted, heard)


async def test_a_repetition_that_begins_a_case_is_not_taken_for_a_number_that_is_gone(any_school: School) -> None:
    """Another save in between is tried anew with the next number, two hundred times; a repetition not once."""
    assistant = any_school.app.assistant
    await any_school.types("apply", *CASE[:-1])
    last = Message("E1", TEACHER, CHAT, CASE[-1])
    [session] = await any_school.store.find(Session, person=TEACHER)
    counted, late = await _counted(any_school, last)
    await any_school.hears(last)
    await any_school.store.save(replace(session, version=0))

    with pytest.raises(Repeated):
        await assistant.handle_once(last, late)

    assert counted.saves == 1
    assert [each.id for each in await any_school.store.find(Application)] == ["APP-1"]


async def test_a_repetition_that_moves_a_case_is_not_taken_for_a_race(school: School) -> None:
    await school.has_case()
    tried = [await _counted(school, WITHDRAW) for _ in range(4)]

    results = await asyncio.gather(
        *(school.app.assistant.handle_once(WITHDRAW, once) for _, once in tried), return_exceptions=True
    )  # fmt: skip

    assert outcomes(results) == ["Repeated"] * 3 + ["Reply"]
    assert [counted.saves for counted, _ in tried] == [1, 1, 1, 1]
    case = await school.store.get(Application, "APP-1")
    assert case is not None
    assert [step.move for step in case.history].count("withdraw") == 1


async def test_two_events_that_race_for_a_case_are_still_tried_anew(school: School) -> None:
    """The second is judged again by the case as it is then, and refused for that."""
    await school.has_case()
    events = [replace(WITHDRAW, id=f"E{number}") for number in range(2)]

    results = await asyncio.gather(*(school.hears(each) for each in events), return_exceptions=True)

    assert sum(isinstance(each, Refused) for each in results) == 1
    assert len(await school.store.find(Heard)) == 1


# Answers -------------------------------------------------------------------------------------


def answer(school: School, words: str = "The answer") -> Saying:
    """Return what is to be said because of the event E1."""
    return Saying(school.app.world.school.id, f"E1 {words}", To.person(TEACHER), Card(words))


async def test_an_answer_is_kept_with_the_id(any_school: School) -> None:
    once = await any_school.app.assistant.once(BEGIN)

    await once.save_answer(answer(any_school))

    again = await any_school.app.assistant.once(BEGIN)
    assert once.answered
    assert again.answered
    assert again.changed
    assert len(await any_school.store.find(Saying)) == 1


async def test_an_effect_is_not_an_answer_until_that_is_kept_as_well(any_school: School) -> None:
    once = await any_school.app.assistant.once(BEGIN)
    await any_school.app.assistant.handle_once(BEGIN, once)
    assert not once.answered
    assert not (await any_school.app.assistant.once(BEGIN)).answered

    await once.save_answer(answer(any_school))

    assert (await any_school.app.assistant.once(BEGIN)).answered


async def test_an_answer_is_kept_once(any_school: School) -> None:
    onces = [await any_school.app.assistant.once(BEGIN) for _ in range(3)]

    results = await asyncio.gather(
        *(once.save_answer(answer(any_school, f"Answer {n}")) for n, once in enumerate(onces)),
        return_exceptions=True,
    )

    assert sum(isinstance(each, Repeated) for each in results) == 2
    assert len(await any_school.store.find(Saying)) == 1


async def test_an_answer_to_an_effect_is_kept_once_whoever_gives_it(any_school: School) -> None:
    """The first one was slow to answer, and a repetition asked in the meantime."""
    slow = await any_school.app.assistant.once(BEGIN)
    await any_school.app.assistant.handle_once(BEGIN, slow)
    repeated = await any_school.app.assistant.once(BEGIN)
    await repeated.save_answer(answer(any_school, "Where we are"))

    with pytest.raises(Repeated):
        await slow.save_answer(answer(any_school))

    assert [plain(each.card) for each in await any_school.store.find(Saying)] == ["Where we are"]


async def test_an_answer_that_could_not_be_kept_can_be_kept_later(school: School, disk: FullDisk) -> None:
    once = await school.app.assistant.once(BEGIN)
    disk.full = True
    with pytest.raises(NotSaved):
        await once.save_answer(answer(school))
    assert not once.answered
    assert await school.store.get(Heard, "E1") is None

    disk.full = False
    await once.save_answer(answer(school))

    assert len(await school.store.find(Saying)) == 1


# Forgetting ----------------------------------------------------------------------------------


async def test_an_id_is_forgotten_after_a_day(any_school: School) -> None:
    await any_school.hears(BEGIN)

    await any_school.later(hours=23, minutes=59)
    assert await any_school.store.get(Heard, "E1")
    with pytest.raises(Repeated):
        await any_school.hears(BEGIN)
    await any_school.later(minutes=1)

    assert await any_school.store.get(Heard, "E1") is None
    assert await any_school.store.find(Session, person=TEACHER)


async def test_an_id_is_also_forgotten_by_a_process_that_did_not_hear_it(school: School) -> None:
    await school.hears(BEGIN)

    await school.restarts()
    await school.later(hours=24)

    assert not await school.store.find(Heard)


async def test_an_answered_id_is_forgotten_as_well(any_school: School) -> None:
    once = await any_school.app.assistant.once(BEGIN)
    await any_school.app.assistant.handle_once(BEGIN, once)
    await once.save_answer()

    await any_school.later(hours=24)

    assert not await any_school.store.find(Heard)


async def test_an_unfinished_draft_is_forgotten_after_the_set_days(any_school: School) -> None:
    await any_school.hears(BEGIN)
    days = any_school.app.world.school.draft_days

    await any_school.later(days=days, seconds=-1)
    assert await any_school.store.find(Session, person=TEACHER)
    await any_school.later(seconds=1)

    assert not await any_school.store.find(Session, person=TEACHER)


# Where we are --------------------------------------------------------------------------------


async def test_somebody_whose_answer_was_lost_is_asked_the_standing_question_again(school: School) -> None:
    await school.hears(BEGIN)
    await school.hears(Message("E2", TEACHER, CHAT, CASE[0]))
    before = await school.store.find(Session, person=TEACHER)

    await school.restarts()
    reply = await school.app.assistant.standing(TEACHER)

    [view] = reply.views
    assert "my answer was lost in a restart" in plain(view.card)
    assert "intended audience" in plain(view.card)
    assert view.form is not None
    assert await school.store.find(Session, person=TEACHER) == before


async def test_somebody_without_a_question_is_told_where_to_look(school: School) -> None:
    await school.has_case()

    reply = await school.app.assistant.standing(TEACHER)

    [view] = reply.views
    assert "my answer was lost in a restart" in plain(view.card)
    assert "Type my to see everything that is open for you." in plain(view.card)
    assert view.form is None


async def test_somebody_who_fills_in_a_page_is_told_where_to_look(school: School) -> None:
    """A page asks nothing in chat."""
    await school.hears(replace(BEGIN, place=Place("dm", pages_first=True)))

    [view] = (await school.app.assistant.standing(TEACHER)).views

    assert "Type my" in plain(view.card)


async def test_the_standing_question_of_somebody_else_is_not_asked(school: School) -> None:
    await school.hears(BEGIN)

    [view] = (await school.app.assistant.standing("pe_teacher")).views

    assert "intended audience" not in plain(view.card)
    assert view.form is None
