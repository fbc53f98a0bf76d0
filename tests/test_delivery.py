"""The worker: tries again, keeps others moving, says once, and says aloud what it could not say."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import App
from bot.conversation.cards import Card, plain
from bot.conversation.events import Action, Command, Message, Place
from bot.conversation.sessions import Session
from bot.domain.applications import Application
from bot.domain.jobs import Job, Reach, To
from bot.errors import Invalid, Undeliverable
from bot.platforms.web.clock import LocalClock
from bot.ports import Clock
from bot.stores.memory import MemoryStore
from tests.simulator import START, CountedIds, sample_settings

PLACE = Place("dm", opens_forms=False)


class UnreliableChat:
    """A platform that fails for some recipients, as many times as it is told to.

    Attributes:
        failures: Recipient's id to the failures still to come.
        swallows: Recipients for whom the message arrives although the answer is lost.
    """

    name = "unreliable"

    def __init__(self, clock: Clock) -> None:
        self.failures: dict[str, list[Undeliverable]] = {}
        self.swallows: set[str] = set()
        self.said: list[tuple[str, str]] = []
        self.tried: list[tuple[str, object]] = []
        self._keys: dict[str, str] = {}
        self._clock = clock

    def reaches(self, to: To) -> bool:
        """Reach everybody but the chair."""
        return to.id != "chair"

    async def send(self, to: To, card: Card, key: str) -> str:
        """Say it, or fail as told."""
        self.tried.append((to.id, self._clock.now()))
        failing = self.failures.get(to.id, [])
        if not failing or to.id in self.swallows:
            self.said.append((to.id, plain(card)))
            self._keys[key] = f"message-{len(self.said)}"
        if failing:
            raise failing.pop(0)
        return self._keys[key]

    async def redraw(self, to: To, reference: str, card: Card) -> None:
        """Draw it again."""

    async def find(self, to: To, key: str) -> str | None:
        """Return what was said under *key*."""
        return self._keys.get(key)

    def heard_by(self, person: str) -> list[str]:
        """Return what *person* was told, in order."""
        return [text for to, text in self.said if to == person]


class Bench:
    """A program with an unreliable chat, and one application that waits for its runners."""

    def __init__(self, folder: Path) -> None:
        self.clock = LocalClock(start=START)
        self.chat = UnreliableChat(self.clock)
        self.app = App(
            sample_settings(folder), store=MemoryStore(), clock=self.clock, ids=CountedIds(),
            chats=lambda world: (self.chat,),
        )  # fmt: skip

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


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A bench whose worker runs only when a test says so."""
    made = Bench(tmp_path)
    await made.app.store.open()
    yield made
    await made.app.store.close()


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
