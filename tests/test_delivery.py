"""The worker: tries again, keeps others moving, says once, and says aloud what it could not say."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from errno import ENOSPC
from itertools import pairwise
from pathlib import Path

import pytest

from bot.app import App
from bot.conversation.cards import Card, plain
from bot.conversation.events import Action, Command, Message, Place
from bot.conversation.sessions import Session
from bot.delivery import LEASE, Worker
from bot.domain.applications import Application
from bot.domain.jobs import Errand, Job, Reach, To
from bot.errors import Invalid, NotSaved, Undeliverable
from bot.platforms.web.clock import LocalClock
from bot.ports import Clock, Store
from bot.sayings import Saying, Trouble
from bot.stores.files import Files
from bot.stores.memory import MemoryStore
from bot.stores.tinydb import TinyDBStore
from tests.simulator import START, CountedIds, sample_settings

PLACE = Place("dm", opens_forms=False)
PATIENCE = 10.0  # seconds of real time for what other tasks do at once
REVOKED = "Slack no longer accepts the bot's token. Install the app again."
ARCHIVED = "The channel #slt is archived. Restore it, or name another in app.yaml."


class UnreliableChat:
    """A platform that fails for some recipients, as many times as it is told to.

    Attributes:
        failures: Recipient's id to the failures still to come.
        broken: Recipient's id to what goes wrong until somebody mends it.
        undrawable: Reference to what goes wrong each time that it is drawn again.
        swallows: Recipients for whom the message arrives although the answer is lost.
        tried: Recipient and moment of each try.
        looked_for: Recipient of each `find`.
        drawn: Reference to how the message was drawn again last.
    """

    name = "unreliable"
    trouble = ""

    def __init__(self, clock: Clock) -> None:
        self.failures: dict[str, list[Undeliverable]] = {}
        self.broken: dict[str, Undeliverable] = {}
        self.undrawable: dict[str, Undeliverable] = {}
        self.swallows: set[str] = set()
        self.said: list[tuple[str, str]] = []
        self.tried: list[tuple[str, datetime]] = []
        self.looked_for: list[str] = []
        self.drawn: dict[str, str] = {}
        self._hanging: dict[str, asyncio.Event] = {}
        self._happened = asyncio.Condition()
        self._keys: dict[str, str] = {}
        self._clock = clock

    def hangs(self, person: str) -> asyncio.Event:
        """Have *person*'s chat say nothing and answer nothing until the event that is returned is set."""
        self._hanging[person] = asyncio.Event()
        return self._hanging[person]

    def reaches(self, to: To) -> bool:
        """Reach everybody but the chair."""
        return to.id != "chair"

    async def send(self, to: To, card: Card, key: str) -> str:
        """Say it, or fail as told."""
        self.tried.append((to.id, self._clock.now()))
        await self._tell_waiting()
        if to.id in self._hanging:
            await self._hanging[to.id].wait()
        if to.id in self.broken:
            raise self.broken[to.id]
        failing = self.failures.get(to.id, [])
        if not failing or to.id in self.swallows:
            self.said.append((to.id, plain(card)))
            self._keys[key] = f"message-{len(self.said)}"
            await self._tell_waiting()
        if failing:
            raise failing.pop(0)
        return self._keys[key]

    async def redraw(self, to: To, reference: str, card: Card) -> None:
        """Draw it again, or fail as told."""
        if reference in self.undrawable:
            raise self.undrawable[reference]
        self.drawn[reference] = plain(card)
        await self._tell_waiting()

    async def find(self, to: To, key: str) -> str | None:
        """Return what was said under *key*."""
        self.looked_for.append(to.id)
        return self._keys.get(key)

    def heard_by(self, person: str) -> list[str]:
        """Return what *person* was told, in order."""
        return [text for to, text in self.said if to == person]

    def tries_for(self, person: str) -> list[datetime]:
        """Return when *person* was to be told something."""
        return [at for to, at in self.tried if to == person]

    def reference(self, key: str) -> str:
        """Return the reference of what was said under *key*."""
        return self._keys[key]

    async def until(self, fact: Callable[[], bool]) -> None:
        """Wait for something that sending leads to."""
        async with asyncio.timeout(PATIENCE), self._happened:
            await self._happened.wait_for(fact)

    async def _tell_waiting(self) -> None:
        async with self._happened:
            self._happened.notify_all()


class FullDisk(Files):
    """A disk that is full where a test wants it to be."""

    def __init__(self) -> None:
        self.full = False

    def write(self, handle: int, text: bytes | bytearray) -> None:
        """Write, unless full."""
        if self.full:
            raise OSError(ENOSPC, "No space left on device")
        super().write(handle, text)


class Bench:
    """A program with an unreliable chat, and one application that waits for its runners.

    Attributes:
        store: Makes the store anew at each start.
    """

    def __init__(self, folder: Path, store: Callable[[], Store]) -> None:
        self.clock = LocalClock(start=START)
        self.chat = UnreliableChat(self.clock)
        self.ids = CountedIds()
        self.folder = folder
        self.store = store
        self.app = self.started()

    def started(self) -> App:
        """Return another process of the program, on the same clock and chat."""
        return App(
            sample_settings(self.folder), store=self.store(), clock=self.clock, ids=self.ids,
            chats=lambda world: (self.chat,),
        )  # fmt: skip

    @property
    def worker(self) -> Worker:
        """Return the worker of the running program."""
        return self.app.worker

    async def restarts(self) -> None:
        """Have the program killed and start another one on the same data, as `App.start` does."""
        await self.app.store.close()
        self.app = self.started()
        await self.app.store.open()
        if self.app.store.exclusive:
            await self.worker.take_over()

    async def applies(self) -> None:
        """Have the history teacher apply with two colleagues."""
        assistant, person = self.app.assistant, "history_teacher"
        await assistant.handle(Command("e0", person, PLACE, "apply", ""))
        answers = (
            "Show parents our lessons", "parents", "newsletter", "pe_teacher, new_teacher", "open", "X", "@History",
        )  # fmt: skip
        for number, words in enumerate(answers):
            await assistant.handle(Message(f"e{number + 1}", person, PLACE, words))
        await assistant.handle(Action("submit", person, PLACE, "applications.submit", "APP-1"))

    async def later(self, **span: float) -> None:
        """Let time pass and have due jobs done."""
        self.clock.set(self.clock.now() + timedelta(**span))
        await self.app.worker.deliver_due()

    async def jobs(self) -> list[Job]:
        """Return what is still to be done."""
        return await self.app.world.store.find(Job)

    async def sayings(self) -> list[Saying]:
        """Return what is still to be said."""
        return await self.app.world.store.find(Saying)

    async def is_to_say(self, *words: str, to: To | str) -> None:
        """Leave *words* in the store, due now, to be said in this order."""
        await self.app.world.store.save(*(self._saying(each, to) for each in words))

    async def answers(self, *words: str, to: To | str) -> list[Saying]:
        """Save *words* as an edge saves answers that it gives to the worker at once; return them as they were saved."""
        leased = [self.worker.leased(self._saying(each, to)) for each in words]
        await self.app.world.store.save(*leased)
        return leased

    def _saying(self, words: str, to: To | str) -> Saying:
        recipient = To.person(to) if isinstance(to, str) else to
        id = f"{recipient.id} {words}"
        return Saying(self.app.world.school.id, id, recipient, Card(words), due_at=self.clock.now())

    async def troubles(self) -> list[Trouble]:
        """Return what an administrator was told of."""
        return await self.app.world.store.find(Trouble)

    def pleas(self, sentence: str) -> list[str]:
        """Return how often the administrator was asked to mend what *sentence* says."""
        return [text for text in self.chat.heard_by("administrator") if sentence in text]


def in_memory() -> Callable[[], Store]:
    """Return a store that outlives a restart, but not the test."""
    store = MemoryStore()
    return lambda: store


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A bench whose worker runs only when a test says so."""
    made = Bench(tmp_path, in_memory())
    await made.app.store.open()
    yield made
    await made.app.store.close()


@pytest.fixture
def disk() -> FullDisk:
    """The disk of the durable bench."""
    return FullDisk()


@pytest.fixture
async def durable_bench(tmp_path: Path, disk: FullDisk) -> AsyncIterator[Bench]:
    """The same with a store on disk, where saving takes a while and many savers are under way at once."""
    made = Bench(tmp_path, lambda: TinyDBStore(tmp_path / "data", disk))
    await made.app.store.open()
    yield made
    await made.app.store.close()


@pytest.fixture(params=["memory", "disk"])
async def any_bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """A bench on each kind of store."""
    stores = {"memory": in_memory(), "disk": lambda: TinyDBStore(tmp_path / "data")}
    made = Bench(tmp_path, stores[request.param])
    await made.app.store.open()
    yield made
    await made.app.store.close()


def blocked(sentence: str) -> Undeliverable:
    """Return what a chat raises where an administrator has to mend something."""
    return Undeliverable("refused", blocked=sentence)


async def ended(*tasks: asyncio.Task[None]) -> None:
    """Wait for *tasks*, which nothing holds up any more."""
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*tasks)


async def test_a_failed_message_is_tried_again_and_said_once(bench: Bench) -> None:
    bench.chat.failures["pe_teacher"] = [Undeliverable("busy"), Undeliverable("busy")]
    await bench.applies()

    await bench.later(seconds=0)
    await bench.later(seconds=15)
    await bench.later(seconds=30)

    assert len([text for text in bench.chat.heard_by("pe_teacher") if "will you run" in text]) == 1


async def test_one_recipient_who_fails_does_not_hold_up_another(bench: Bench) -> None:
    bench.chat.failures["pe_teacher"] = [Undeliverable("busy")]
    await bench.applies()

    await bench.later(seconds=0)

    assert not bench.chat.heard_by("pe_teacher")
    assert any("will you run" in text for text in bench.chat.heard_by("new_teacher"))


async def test_the_wait_that_a_platform_asks_for_is_kept(bench: Bench) -> None:
    bench.chat.failures["pe_teacher"] = [Undeliverable("slow down", retry_after=300)]
    await bench.applies()
    await bench.later(seconds=0)

    await bench.later(seconds=299)
    assert not bench.chat.heard_by("pe_teacher")
    await bench.later(seconds=1)

    assert any("will you run" in text for text in bench.chat.heard_by("pe_teacher"))


async def test_after_a_lost_answer_the_chat_is_asked_before_anything_is_said_again(bench: Bench) -> None:
    bench.chat.failures["pe_teacher"] = [Undeliverable("the answer was lost")]
    bench.chat.swallows.add("pe_teacher")
    await bench.applies()
    await bench.later(seconds=0)

    await bench.later(minutes=1)

    assert len([text for text in bench.chat.heard_by("pe_teacher") if "will you run" in text]) == 1


async def test_what_can_not_be_said_is_said_aloud_to_those_who_can_act(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.chat.failures["pe_teacher"] = [Undeliverable("no such channel", for_good=True)]
    await bench.applies()

    with caplog.at_level(logging.ERROR):
        await bench.later(seconds=0)

    assert any("could not be delivered" in text for text in bench.chat.heard_by("history_teacher"))
    assert any("could not be delivered" in text for text in bench.chat.heard_by("administrator"))
    assert "could not be delivered" in caplog.text
    assert "APP-1" not in caplog.text


async def test_it_gives_up_in_the_end(bench: Bench) -> None:
    bench.chat.failures["pe_teacher"] = [Undeliverable("down") for _ in range(50)]
    await bench.applies()

    for _ in range(12):
        await bench.later(hours=1)

    tries = [to for to, _ in bench.chat.tried if to == "pe_teacher"]
    assert len(tries) <= 14
    assert bench.app.worker.given_up >= 1


async def test_an_event_leaves_its_notices_in_the_store_with_the_record(bench: Bench) -> None:
    await bench.applies()

    waiting = [job for job in await bench.jobs() if job.subject == "APP-1" and job.to]

    assert {job.to.id for job in waiting if job.to and job.to.reach is Reach.PERSON} >= {"pe_teacher", "new_teacher"}
    assert not bench.chat.said


async def test_a_reminder_is_silent_once_the_case_has_moved_on(bench: Bench) -> None:
    await bench.applies()
    await bench.later(seconds=0)
    await bench.app.assistant.handle(Action("w", "history_teacher", PLACE, "applications.withdraw", "APP-1"))
    told = len(bench.chat.said)

    await bench.later(days=7)

    assert len(bench.chat.said) == told
    case = await bench.app.world.store.get(Application, "APP-1")
    assert case is not None
    assert case.state == "withdrawn"


async def test_a_form_that_nobody_finishes_is_forgotten_after_the_set_days(bench: Bench) -> None:
    await bench.app.assistant.handle(Command("e0", "history_teacher", PLACE, "apply", ""))
    await bench.app.assistant.handle(Message("e1", "history_teacher", PLACE, "Show parents our lessons"))

    await bench.later(days=29)
    assert await bench.app.world.store.find(Session, person="history_teacher")
    await bench.later(days=2)

    assert not await bench.app.world.store.find(Session, person="history_teacher")


async def test_a_reason_that_came_with_a_press_is_kept_or_sent_back_but_never_cut(bench: Bench) -> None:
    await bench.applies()
    long = Action("w", "history_teacher", PLACE, "applications.withdraw", "APP-1", values={"reason": "x" * 4000})

    with pytest.raises(Invalid, match="4,000 characters"):
        await bench.app.assistant.handle(long)
    await bench.app.assistant.handle(replace(long, values={"reason": "We have one already."}))

    case = await bench.app.world.store.get(Application, "APP-1")
    assert case is not None
    assert case.history[-1].words == "We have one already."


# Recipients do not wait for each other -------------------------------------------------------


async def test_a_recipient_whose_chat_hangs_keeps_nobody_else_from_being_told(bench: Bench) -> None:
    answer = bench.chat.hangs("pe_teacher")
    await bench.applies()

    delivering = asyncio.create_task(bench.worker.deliver_due())
    await bench.chat.until(lambda: any("will you run" in text for text in bench.chat.heard_by("new_teacher")))
    assert not bench.chat.heard_by("pe_teacher")

    await bench.is_to_say("Later", to="history_teacher")
    delivering_later = asyncio.create_task(bench.worker.deliver_due())
    await bench.chat.until(lambda: bench.chat.heard_by("history_teacher") == ["Later"])
    assert not bench.chat.heard_by("pe_teacher")

    answer.set()
    await ended(delivering, delivering_later)
    assert len(bench.chat.heard_by("pe_teacher")) == 1


async def test_the_running_worker_goes_on_beside_a_recipient_whose_chat_hangs(bench: Bench) -> None:
    answer = bench.chat.hangs("pe_teacher")
    await bench.is_to_say("First", to="pe_teacher")

    running = asyncio.create_task(bench.worker.run())
    await bench.chat.until(lambda: len(bench.chat.tries_for("pe_teacher")) == 1)
    for number in range(3):
        await bench.is_to_say(f"Number {number}", to="new_teacher")
        bench.worker.wake()
        await bench.chat.until(lambda n=number: f"Number {n}" in bench.chat.heard_by("new_teacher"))  # type: ignore[misc]

    answer.set()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert bench.chat.heard_by("pe_teacher") == ["First"]


async def test_what_comes_while_a_chat_hangs_is_said_behind_what_it_holds_up(bench: Bench) -> None:
    answer = bench.chat.hangs("pe_teacher")
    await bench.is_to_say("First", "Second", to="pe_teacher")
    delivering = asyncio.create_task(bench.worker.deliver_due())
    await bench.chat.until(lambda: bool(bench.chat.tries_for("pe_teacher")))

    await bench.is_to_say("Third", to="pe_teacher")
    delivering_later = asyncio.create_task(bench.worker.deliver_due())
    answer.set()
    await ended(delivering, delivering_later)

    assert bench.chat.heard_by("pe_teacher") == ["First", "Second", "Third"]


async def test_a_chat_that_hangs_longer_than_a_lease_is_not_asked_a_second_time(bench: Bench) -> None:
    answer = bench.chat.hangs("pe_teacher")
    await bench.is_to_say("First", to="pe_teacher")
    delivering = asyncio.create_task(bench.worker.deliver_due())
    await bench.chat.until(lambda: bool(bench.chat.tries_for("pe_teacher")))

    bench.clock.set(bench.clock.now() + 2 * LEASE)
    delivering_later = asyncio.create_task(bench.worker.deliver_due())
    answer.set()
    await ended(delivering, delivering_later)

    assert bench.chat.heard_by("pe_teacher") == ["First"]
    assert len(bench.chat.tries_for("pe_teacher")) == 1
    assert not await bench.sayings()


# One recipient is told in order --------------------------------------------------------------


async def test_a_failure_keeps_the_order_of_what_one_recipient_is_told(bench: Bench) -> None:
    bench.chat.failures["pe_teacher"] = [Undeliverable("busy")]
    await bench.is_to_say("First", "Second", "Third", to="pe_teacher")

    await bench.later(seconds=0)
    assert not bench.chat.heard_by("pe_teacher")
    await bench.later(seconds=15)

    assert bench.chat.heard_by("pe_teacher") == ["First", "Second", "Third"]


async def test_an_answer_is_said_before_the_notice_that_came_after_it(bench: Bench) -> None:
    await bench.is_to_say("The answer", to="pe_teacher")
    bench.clock.set(bench.clock.now() + timedelta(seconds=1))
    await bench.applies()

    await bench.later(seconds=0)

    assert [text.splitlines()[0] for text in bench.chat.heard_by("pe_teacher")] == [
        "The answer", "APP-1: will you run @History on X (Twitter)?",
    ]  # fmt: skip


async def test_a_failure_keeps_an_answer_before_the_notice_that_came_after_it(bench: Bench) -> None:
    """Though the notice was not claimed yet when the answer failed."""
    bench.chat.failures["pe_teacher"] = [Undeliverable("busy", retry_after=60)]
    answer = await bench.answers("The answer", to="pe_teacher")
    bench.clock.set(bench.clock.now() + timedelta(seconds=1))
    await bench.applies()

    bench.worker.say(answer)
    await bench.later(seconds=0)
    await bench.later(seconds=60)

    assert [text.splitlines()[0] for text in bench.chat.heard_by("pe_teacher")] == [
        "The answer", "APP-1: will you run @History on X (Twitter)?",
    ]  # fmt: skip


async def test_a_notice_stays_before_the_answer_that_came_after_it(bench: Bench) -> None:
    await bench.applies()
    bench.clock.set(bench.clock.now() + timedelta(seconds=1))
    await bench.is_to_say("The answer", to="pe_teacher")
    bench.chat.failures["pe_teacher"] = [Undeliverable("busy")]

    await bench.later(seconds=0)
    await bench.later(seconds=15)

    assert [text.splitlines()[0] for text in bench.chat.heard_by("pe_teacher")] == [
        "APP-1: will you run @History on X (Twitter)?", "The answer",
    ]  # fmt: skip


async def test_one_thing_that_can_never_be_said_does_not_hold_up_the_rest_for_long(bench: Bench) -> None:
    """From the second failure on what is behind it goes ahead: it may be the message and not the chat."""
    bench.chat.failures["pe_teacher"] = [Undeliverable("busy"), Undeliverable("busy")]
    await bench.is_to_say("First", "Second", "Third", to="pe_teacher")

    for _ in range(3):
        await bench.later(seconds=15)
    assert bench.chat.heard_by("pe_teacher")[-2:] == ["Second", "Third"]
    await bench.later(seconds=30)

    assert sorted(bench.chat.heard_by("pe_teacher")) == ["First", "Second", "Third"]


# A platform asks for time --------------------------------------------------------------------


async def test_a_wait_that_is_asked_for_is_no_failed_try_however_often(bench: Bench) -> None:
    waits = [Undeliverable("slow down", retry_after=60) for _ in range(30)]
    bench.chat.failures["pe_teacher"] = [*waits, *(Undeliverable("busy") for _ in range(6))]
    await bench.is_to_say("First", to="pe_teacher")

    for _ in range(30):
        await bench.later(seconds=60)
    for _ in range(7):
        await bench.later(hours=1)

    assert bench.chat.heard_by("pe_teacher") == ["First"]
    assert bench.worker.given_up == 0


async def test_all_else_for_the_recipient_waits_as_well_and_nothing_else_does(bench: Bench) -> None:
    bench.chat.failures["pe_teacher"] = [Undeliverable("slow down", retry_after=90) for _ in range(2)]
    await bench.is_to_say("First", "Second", "Third", to="pe_teacher")
    await bench.is_to_say("Meanwhile", to="new_teacher")

    await bench.later(seconds=0)
    assert bench.chat.heard_by("new_teacher") == ["Meanwhile"]
    await bench.later(seconds=89)
    assert len(bench.chat.tries_for("pe_teacher")) == 1
    await bench.later(seconds=1)
    await bench.later(seconds=89)
    assert len(bench.chat.tries_for("pe_teacher")) == 2
    assert not bench.chat.heard_by("pe_teacher")
    await bench.later(seconds=1)

    assert bench.chat.heard_by("pe_teacher") == ["First", "Second", "Third"]


async def test_the_wait_outlives_a_restart(durable_bench: Bench) -> None:
    bench = durable_bench
    bench.chat.failures["pe_teacher"] = [Undeliverable("slow down", retry_after=300)]
    await bench.is_to_say("First", "Second", to="pe_teacher")
    await bench.later(seconds=0)

    await bench.restarts()
    await bench.later(seconds=299)
    assert len(bench.chat.tries_for("pe_teacher")) == 1
    await bench.later(seconds=1)

    assert bench.chat.heard_by("pe_teacher") == ["First", "Second"]


# An administrator has to mend something ------------------------------------------------------


async def test_what_is_blocked_waits_and_is_tried_every_ten_minutes(bench: Bench) -> None:
    bench.chat.broken["slt"] = blocked(ARCHIVED)
    await bench.is_to_say("First", "Second", to=To.place("slt"))

    await bench.later(seconds=0)
    for _ in range(59):
        await bench.later(minutes=1)

    tries = bench.chat.tries_for("slt")
    assert len(tries) == 6
    assert all(later - earlier == timedelta(minutes=10) for earlier, later in pairwise(tries))
    assert len(await bench.sayings()) == 2
    assert bench.worker.given_up == 0


async def test_what_comes_while_a_place_is_blocked_waits_with_the_rest(bench: Bench) -> None:
    """Else a busy place would be tried with everything new that is to be said there."""
    bench.chat.broken["slt"] = blocked(ARCHIVED)
    await bench.is_to_say("First", to=To.place("slt"))
    await bench.later(seconds=0)

    for number in range(9):
        await bench.is_to_say(f"Number {number}", to=To.place("slt"))
        await bench.later(minutes=1)
    assert len(bench.chat.tries_for("slt")) == 1
    del bench.chat.broken["slt"]
    await bench.later(minutes=1)

    assert bench.chat.heard_by("slt") == ["First", *(f"Number {number}" for number in range(9))]


async def test_the_administrator_is_told_once_what_to_mend(bench: Bench) -> None:
    bench.chat.broken["slt"] = blocked(ARCHIVED)
    await bench.is_to_say("First", "Second", to=To.place("slt"))

    for _ in range(60):
        await bench.later(minutes=1)

    assert len(bench.pleas(ARCHIVED)) == 1
    assert "waits, and is said once that is mended" in bench.pleas(ARCHIVED)[0]


async def test_a_notice_that_is_blocked_waits_for_longer_than_a_failed_one_would(bench: Bench) -> None:
    """What is blocked is no failed try, so a message about a case is not given up over a long weekend."""
    bench.chat.broken["pe_teacher"] = blocked(ARCHIVED)
    await bench.applies()

    for _ in range(12):
        await bench.later(minutes=20)
    del bench.chat.broken["pe_teacher"]
    await bench.later(minutes=10)

    assert len([text for text in bench.chat.heard_by("pe_teacher") if "will you run" in text]) == 1
    assert bench.worker.given_up == 0


async def test_what_keeps_twenty_places_from_being_told_is_mended_and_told_once(any_bench: Bench) -> None:
    """One cause is one message to the administrator, and no retry storm."""
    bench = any_bench
    places = [f"slack:C{number:04}" for number in range(20)]
    for place in places:
        bench.chat.broken[place] = blocked(REVOKED)
        await bench.is_to_say(f"For {place}", to=To.place(place))

    await bench.later(seconds=0)
    for _ in range(29):
        await bench.later(minutes=1)
    assert len(bench.pleas(REVOKED)) == 1
    assert {place: len(bench.chat.tries_for(place)) for place in places} == dict.fromkeys(places, 3)

    bench.chat.broken.clear()
    await bench.later(minutes=10)
    assert sorted(text for to, text in bench.chat.said if to in places) == [f"For {place}" for place in places]
    assert len(bench.pleas(REVOKED)) == 1
    assert not await bench.troubles()


async def test_a_restart_does_not_tell_the_administrator_again(durable_bench: Bench) -> None:
    bench = durable_bench
    bench.chat.broken["slt"] = blocked(ARCHIVED)
    await bench.is_to_say("First", to=To.place("slt"))
    await bench.later(seconds=0)

    await bench.restarts()
    await bench.later(minutes=10)
    await bench.restarts()
    await bench.later(minutes=10)

    assert len(bench.chat.tries_for("slt")) == 3
    assert len(bench.pleas(ARCHIVED)) == 1


async def test_once_mended_everything_is_said_once_and_in_order(bench: Bench) -> None:
    bench.chat.broken["slt"] = blocked(ARCHIVED)
    await bench.is_to_say("First", "Second", to=To.place("slt"))
    await bench.later(seconds=0)
    await bench.is_to_say("Third", to=To.place("slt"))
    await bench.later(minutes=10)

    del bench.chat.broken["slt"]
    for _ in range(3):
        await bench.later(minutes=10)

    assert bench.chat.heard_by("slt") == ["First", "Second", "Third"]


async def test_a_later_trouble_of_the_same_kind_is_told_anew(durable_bench: Bench) -> None:
    """Also by a process that was started in between."""
    bench = durable_bench
    for time in range(1, 4):
        bench.chat.broken["slt"] = blocked(ARCHIVED)
        await bench.is_to_say(f"Number {time}", to=To.place("slt"))
        await bench.later(minutes=1)
        if time == 2:
            await bench.restarts()
        del bench.chat.broken["slt"]
        await bench.later(minutes=10)

        assert len(bench.pleas(ARCHIVED)) == time
        assert not await bench.troubles()


async def test_two_troubles_are_told_apart(bench: Bench) -> None:
    bench.chat.broken["slt"] = blocked(ARCHIVED)
    bench.chat.broken["pe_teacher"] = blocked(REVOKED)
    await bench.is_to_say("First", to=To.place("slt"))
    await bench.is_to_say("Second", to="pe_teacher")
    await bench.later(seconds=0)

    del bench.chat.broken["slt"]
    await bench.later(minutes=10)
    bench.chat.broken["slt"] = blocked(ARCHIVED)
    await bench.is_to_say("Third", to=To.place("slt"))
    await bench.later(minutes=10)

    assert len(bench.pleas(ARCHIVED)) == 2
    assert len(bench.pleas(REVOKED)) == 1


async def test_a_trouble_that_keeps_the_administrator_from_reading_of_it_is_told_once_it_is_over(bench: Bench) -> None:
    for each in ("administrator", "pe_teacher"):
        bench.chat.broken[each] = blocked(REVOKED)
    await bench.is_to_say("First", to="pe_teacher")
    for _ in range(4):
        await bench.later(minutes=10)
    assert len(bench.chat.tries_for("administrator")) <= 4

    bench.chat.broken.clear()
    for _ in range(2):
        await bench.later(minutes=10)

    assert len(bench.pleas(REVOKED)) == 1
    assert bench.chat.heard_by("pe_teacher") == ["First"]
    assert not await bench.troubles()


async def test_a_trouble_is_over_also_where_what_it_first_held_up_has_nothing_to_say_any_more(bench: Bench) -> None:
    """The runners' questions fall silent with the case; what somebody else is told shows that it is mended."""
    for each in ("new_teacher", "pe_teacher", "deputy_head"):
        bench.chat.broken[each] = blocked(REVOKED)
    await bench.applies()
    await bench.later(seconds=0)
    await bench.is_to_say("To somebody else", to="deputy_head")
    await bench.later(minutes=1)
    await bench.app.world.store.save(forget=[job for job in await bench.jobs() if job.to is not None])
    bench.chat.broken.clear()
    await bench.later(minutes=10)
    assert bench.chat.heard_by("deputy_head") == ["To somebody else"]

    bench.chat.broken["deputy_head"] = blocked(REVOKED)
    await bench.is_to_say("Again", to="deputy_head")
    await bench.later(minutes=10)

    assert len(bench.pleas(REVOKED)) == 2


async def test_a_trouble_is_over_also_where_the_store_could_not_write_that_at_first(
    durable_bench: Bench, disk: FullDisk
) -> None:
    bench = durable_bench
    bench.chat.broken["slt"] = blocked(ARCHIVED)
    await bench.is_to_say("First", to=To.place("slt"))
    await bench.later(seconds=0)

    del bench.chat.broken["slt"]
    answer = bench.chat.hangs("slt")
    bench.clock.set(bench.clock.now() + timedelta(minutes=10))
    delivering = asyncio.create_task(bench.worker.deliver_due())
    await bench.chat.until(lambda: len(bench.chat.tries_for("slt")) == 2)
    disk.full = True
    answer.set()
    with pytest.raises(NotSaved):
        await ended(delivering)
    disk.full = False
    await bench.later(minutes=1)

    assert bench.chat.heard_by("slt") == ["First"]
    assert not await bench.troubles()


# Answers that are kept until they are said ---------------------------------------------------


async def test_an_answer_is_said_at_once_by_whoever_saved_it_and_once(bench: Bench) -> None:
    other = bench.started()
    saved = await bench.answers("The answer", to="pe_teacher")

    bench.worker.say(saved)
    await other.worker.deliver_due()
    await bench.worker.deliver_due()
    await bench.later(minutes=10)
    await other.worker.deliver_due()

    assert bench.chat.heard_by("pe_teacher") == ["The answer"]
    assert not bench.chat.looked_for
    assert not await bench.sayings()


async def test_an_answer_is_not_said_by_anybody_else_before_its_lease_ends(bench: Bench) -> None:
    other = bench.started()
    [saved] = await bench.answers("The answer", to="pe_teacher")
    assert saved.due_at == bench.clock.now() + timedelta(seconds=30)

    bench.clock.set(bench.clock.now() + timedelta(seconds=29))
    await other.worker.deliver_due()
    assert not bench.chat.tried
    bench.clock.set(bench.clock.now() + timedelta(seconds=1))
    await other.worker.deliver_due()

    assert bench.chat.heard_by("pe_teacher") == ["The answer"]


async def test_an_answer_whose_process_was_killed_is_said_by_the_next_one_at_once(durable_bench: Bench) -> None:
    """Nobody else can have the store open, so nobody is at it any more."""
    bench = durable_bench
    await bench.answers("The answer", to="pe_teacher")
    assert bench.app.store.exclusive

    await bench.restarts()
    await bench.later(seconds=0)
    await bench.later(minutes=5)

    assert bench.chat.heard_by("pe_teacher") == ["The answer"]


async def test_an_answer_that_was_said_just_before_the_process_was_killed_is_not_said_again(
    durable_bench: Bench,
) -> None:
    bench = durable_bench
    [saved] = await bench.answers("The answer", to="pe_teacher")
    await bench.chat.send(saved.to, saved.card, saved.id)

    await bench.restarts()
    await bench.later(seconds=0)

    assert bench.chat.heard_by("pe_teacher") == ["The answer"]
    assert bench.chat.looked_for == ["pe_teacher"]
    assert not await bench.sayings()


async def test_after_a_lost_answer_of_the_chat_a_saying_is_looked_for(bench: Bench) -> None:
    bench.chat.failures["pe_teacher"] = [Undeliverable("the answer was lost")]
    bench.chat.swallows.add("pe_teacher")
    bench.worker.say(await bench.answers("The answer", to="pe_teacher"))
    await bench.later(seconds=0)

    await bench.later(minutes=1)

    assert bench.chat.heard_by("pe_teacher") == ["The answer"]
    assert bench.chat.looked_for == ["pe_teacher"]
    assert not await bench.sayings()


async def test_a_saying_is_given_up_after_the_last_try(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.chat.failures["pe_teacher"] = [Undeliverable("down") for _ in range(50)]
    await bench.is_to_say("The answer", to="pe_teacher")

    with caplog.at_level(logging.ERROR):
        for _ in range(12):
            await bench.later(hours=1)

    assert len(bench.chat.tries_for("pe_teacher")) == 7
    assert not await bench.sayings()
    assert bench.worker.given_up == 1
    assert "could not be delivered" in caplog.text
    assert "The answer" not in caplog.text


async def test_a_saying_that_can_never_arrive_is_given_up_at_once(bench: Bench) -> None:
    bench.chat.failures["pe_teacher"] = [Undeliverable("no such user", for_good=True)]
    await bench.is_to_say("The answer", "Another", to="pe_teacher")

    await bench.later(seconds=0)

    assert bench.chat.heard_by("pe_teacher") == ["Another"]
    assert not await bench.sayings()


async def _says_the_case(bench: Bench, *names: str, to: To) -> None:
    """Have an answer that shows the application said under each of *names*."""
    seen = await bench.app.assistant.handle(Action("see", "history_teacher", PLACE, "applications.see", "APP-1"))
    card, now = seen.views[0].card, bench.clock.now()
    sayings = [Saying(bench.app.world.school.id, name, to, card, due_at=now) for name in names]
    await bench.app.world.store.save(*sayings)
    await bench.later(seconds=0)


async def _withdraws(bench: Bench) -> None:
    await bench.app.assistant.handle(Action("w", "history_teacher", PLACE, "applications.withdraw", "APP-1"))


async def test_a_saying_that_shows_a_case_is_drawn_again_after_a_move(bench: Bench) -> None:
    await bench.applies()
    await _says_the_case(bench, "shown", to=To.person("history_teacher"))

    await _withdraws(bench)
    await bench.later(seconds=0)

    assert "Withdrawn" in bench.chat.drawn[bench.chat.reference("shown")]


async def test_what_only_one_person_sees_in_a_shared_place_is_not_drawn_again(bench: Bench) -> None:
    """Platforms have no way to change it."""
    await bench.applies()
    await _says_the_case(bench, "whispered", to=replace(To.place("staff"), only="history_teacher"))

    await _withdraws(bench)
    await bench.later(seconds=0)

    assert bench.chat.reference("whispered") not in bench.chat.drawn


async def test_a_reminder_of_tomorrow_is_not_said_today_because_of_a_restart(durable_bench: Bench) -> None:
    bench = durable_bench
    await bench.applies()
    await bench.later(days=1)
    reminders = [text for text in bench.chat.heard_by("pe_teacher") if "@History" in text]
    assert len(reminders) == 2

    await bench.restarts()
    await bench.later(hours=1)

    assert [text for text in bench.chat.heard_by("pe_teacher") if "@History" in text] == reminders


# Messages are drawn again --------------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble",
    [
        Undeliverable("busy"),
        Undeliverable("slow down", retry_after=20),
        Undeliverable("gone", for_good=True),
        blocked(ARCHIVED),
    ],
    ids=["fails", "asks for time", "is gone", "is blocked"],
)
async def test_a_message_that_can_not_be_drawn_again_does_not_keep_the_others_from_it(
    bench: Bench, trouble: Undeliverable
) -> None:
    await bench.applies()
    await _says_the_case(bench, "one", "two", "three", to=To.person("history_teacher"))
    one, two, three = (bench.chat.reference(each) for each in ("one", "two", "three"))
    bench.chat.undrawable[two] = trouble

    await _withdraws(bench)
    await bench.later(seconds=0)

    assert "Withdrawn" in bench.chat.drawn[one]
    assert "Withdrawn" in bench.chat.drawn[three]


async def test_a_message_that_could_not_be_drawn_again_is_drawn_later(bench: Bench) -> None:
    await bench.applies()
    await _says_the_case(bench, "one", "two", to=To.person("history_teacher"))
    one = bench.chat.reference("one")
    bench.chat.undrawable[one] = Undeliverable("busy")
    await _withdraws(bench)
    await bench.later(seconds=0)

    del bench.chat.undrawable[one]
    await bench.later(seconds=15)

    assert "Withdrawn" in bench.chat.drawn[one]
    assert not [job for job in await bench.jobs() if job.errand is Errand.REDRAW]


async def test_a_message_that_is_on_its_way_while_the_case_moves_is_drawn_again(bench: Bench) -> None:
    arrives = bench.chat.hangs("pe_teacher")
    await bench.applies()
    delivering = asyncio.create_task(bench.worker.deliver_due())
    await bench.chat.until(lambda: bool(bench.chat.tries_for("pe_teacher")))

    await _withdraws(bench)
    moved = asyncio.create_task(bench.worker.deliver_due())
    await bench.chat.until(lambda: any("Withdrawn" in text for text in bench.chat.drawn.values()))
    arrives.set()
    await ended(delivering, moved)
    await bench.later(seconds=0)

    assert "will you run" in bench.chat.heard_by("pe_teacher")[0]
    assert "Withdrawn" in bench.chat.drawn[bench.chat.reference("APP-1.2.1.pe_teacher")]


async def test_an_answer_that_is_on_its_way_while_the_case_moves_is_drawn_again(bench: Bench) -> None:
    await bench.applies()
    await bench.later(seconds=0)
    arrives = bench.chat.hangs("history_teacher")
    showing = asyncio.create_task(_says_the_case(bench, "shown", to=To.person("history_teacher")))
    await bench.chat.until(lambda: bool(bench.chat.tries_for("history_teacher")))

    await _withdraws(bench)
    moved = asyncio.create_task(bench.worker.deliver_due())
    await bench.chat.until(lambda: any("Withdrawn" in text for text in bench.chat.drawn.values()))
    arrives.set()
    await ended(showing, moved)
    await bench.later(seconds=0)

    assert "Withdrawn" in bench.chat.drawn[bench.chat.reference("shown")]


async def test_an_answer_that_waited_while_the_case_moved_is_drawn_again(bench: Bench) -> None:
    await bench.applies()
    await bench.later(seconds=0)
    seen = await bench.app.assistant.handle(Action("see", "history_teacher", PLACE, "applications.see", "APP-1"))
    answer = Saying(bench.app.world.school.id, "shown", To.person("history_teacher"), seen.views[0].card)
    leased = bench.worker.leased(answer)
    await bench.app.world.store.save(leased)

    bench.clock.set(bench.clock.now() + timedelta(seconds=1))
    await _withdraws(bench)
    await bench.later(seconds=0)
    bench.worker.say([leased])
    await bench.later(seconds=1)

    assert "Withdrawn" in bench.chat.drawn[bench.chat.reference("shown")]


async def test_an_answer_about_something_that_is_cancelled_meanwhile_says_so_in_the_end(bench: Bench) -> None:
    await bench.applies()
    seen = await bench.app.assistant.handle(Action("see", "history_teacher", PLACE, "applications.see", "APP-1"))
    case = await bench.app.world.store.get(Application, "APP-1")
    answer = Saying(bench.app.world.school.id, "shown", To.person("history_teacher"), seen.views[0].card)
    leased = bench.worker.leased(answer)
    assert case
    await bench.app.world.store.save(leased, forget=(case,))

    bench.worker.say([leased])
    await bench.later(seconds=0)

    assert "its content has been deleted" in bench.chat.drawn[bench.chat.reference("shown")]


async def test_a_message_that_is_found_after_the_case_has_moved_is_drawn_again(bench: Bench) -> None:
    bench.chat.failures["pe_teacher"] = [Undeliverable("the answer was lost")]
    bench.chat.swallows.add("pe_teacher")
    await bench.applies()
    await bench.later(seconds=0)

    await _withdraws(bench)
    await bench.later(seconds=0)
    assert "APP-1.2.1.pe_teacher" in {job.id for job in await bench.jobs()}
    await bench.later(seconds=15)

    assert "Withdrawn" in bench.chat.drawn[bench.chat.reference("APP-1.2.1.pe_teacher")]


async def test_a_message_that_arrives_before_the_case_moves_is_not_drawn_again(bench: Bench) -> None:
    await bench.applies()
    await bench.later(seconds=0)

    await _says_the_case(bench, "shown", to=To.person("history_teacher"))
    await bench.later(seconds=0)

    assert bench.chat.reference("shown") not in bench.chat.drawn
    assert not [job for job in await bench.jobs() if job.errand is Errand.REDRAW]


# Stopping ------------------------------------------------------------------------------------


async def test_what_is_being_said_when_the_program_stops_is_said_and_the_rest_stays_due(durable_bench: Bench) -> None:
    bench = durable_bench
    answer = bench.chat.hangs("pe_teacher")
    await bench.is_to_say("First", "Second", to="pe_teacher")
    running = asyncio.create_task(bench.worker.run())
    await bench.chat.until(lambda: bool(bench.chat.tries_for("pe_teacher")))

    running.cancel()
    answer.set()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(PATIENCE):
            await running
    assert bench.chat.heard_by("pe_teacher") == ["First"]
    assert [plain(each.card) for each in await bench.sayings()] == ["Second"]

    await bench.restarts()
    await bench.later(seconds=0)
    assert bench.chat.heard_by("pe_teacher") == ["First", "Second"]
    assert not await bench.sayings()


async def test_a_stopped_worker_leaves_nothing_running(bench: Bench) -> None:
    before = asyncio.all_tasks()
    running = asyncio.create_task(bench.worker.run())
    await bench.is_to_say("First", to="pe_teacher")
    await bench.is_to_say("Second", to="new_teacher")
    bench.worker.wake()
    await bench.chat.until(lambda: len(bench.chat.said) == 2)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert asyncio.all_tasks() == before
