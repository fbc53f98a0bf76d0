"""What the teachers do all day: they ask, apply for an account question by question, and send it off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from itertools import count, cycle

from tests.bench_processes.school import PATIENCE, School
from tests.bench_slack import QUESTIONS
from tests.slack.deliveries import Delivery
from tests.slack.human import Human
from tests.slack.messages import Message, pressables

ASKED, ANSWERED, SENT = EVENTS = ("a question asked", "a form's question answered", "an application sent off")
ASKS = 3  # before each application


@dataclass(slots=True)
class Book:
    """What was handled: when it was, in seconds of the clock, and how many seconds it took."""

    handled: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: {each: [] for each in EVENTS})

    def between(self, begun: float, ended: float) -> dict[str, list[float]]:
        """Return the seconds that each took, by its kind, of what was handled in that time."""
        return {kind: [took for at, took in each if begun <= at < ended] for kind, each in self.handled.items()}


@dataclass(slots=True)
class Teacher:
    """One person, who does the next thing as soon as they have read what the last one led to."""

    name: str
    colleague: str
    school: School
    book: Book
    numbers: Iterator[int]
    _questions: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self._questions = cycle(QUESTIONS[hash(self.name) % len(QUESTIONS) :] + QUESTIONS)

    async def teach(self, over: asyncio.Event) -> None:
        """Go on until it is *over*."""
        while not over.is_set():
            for _ in range(ASKS):
                await self._ask()
            await self._apply()

    async def _ask(self) -> None:
        begun = time.perf_counter()
        delivery = await self._seat.slash(f"ask {next(self._questions)}")
        assert delivery.answer["blocks"]
        self._note(ASKED, begun)

    async def _apply(self) -> None:
        handle = f"@Beb{next(self.numbers):06}x"
        await self._says("apply", "aim of the account")
        for answer, then in (
            (f"Show parents what {handle} learns.", "intended audience"),
            ("Parents and carers", "be promoted"),
            ("In the newsletter.", "run the account"),
            (f"{self.name} and {self.colleague}", "open or private/closed"),
            ("Open", "Which platform is it on"),
            ("X (Twitter)", "name or handle"),
        ):
            await self._says(answer, then)
        draft = await self._says(handle, handle)
        submit = next(each for each in pressables(draft.blocks, self._seat.id) if each.label == "Submit")
        await self._handled(SENT, self._seat.press(draft, submit.action_id), "will you run")
        self.school.tidy()

    async def _says(self, words: str, then: str) -> Message:
        return await self._handled(ANSWERED, self._seat.says("dm", words), then)

    async def _handled(self, event: str, doing: Awaitable[Delivery], then: str) -> Message:
        """Return the message with the words *then* that comes of *doing*, once it stands in their direct messages."""
        begun = time.perf_counter()
        expected = self.school.calls.expect(self._seat.dm, then)
        await doing
        async with asyncio.timeout(PATIENCE):
            message = await expected
        self._note(event, begun)
        return message

    def _note(self, event: str, begun: float) -> None:
        now = time.perf_counter()
        self.book.handled[event].append((now, now - begun))

    @property
    def _seat(self) -> Human:
        return self.school.seats[self.name]


def staff(school: School, book: Book) -> list[Teacher]:
    """Return everybody of *school*; each runs what they apply for with the next one."""
    names, numbers = list(school.seats), count(1)
    return [
        Teacher(name, colleague, school, book, numbers)
        for name, colleague in zip(names, [*names[1:], names[0]], strict=True)
    ]
