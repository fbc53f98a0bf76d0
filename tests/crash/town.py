"""A school on one platform with people at their clients, around a program that is killed and started again."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from signal import SIGKILL
from time import time

from aiohttp import ClientError

from tests.process import Program

LOOKS_EVERY = 0.05
NOWHERE = "http://127.0.0.1:9"
AGAIN_SHARE = 0.12  # of what was answered and is sent again all the same

PEOPLE = (
    "history_teacher", "new_teacher", "teaching_assistant", "pe_teacher", "deputy_head", "assistant_head",
    "head_teacher", "administrator", "dsl",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A message of the bot as somebody sees it; *handle* is the platform's own name for it."""

    handle: str
    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an act.

    Attributes:
        ok: Whether it was taken.
        said: What was said at once.
        stranger: Whether the program did not know what was pressed, since it was killed before it noted that.
    """

    ok: bool
    said: str = ""
    stranger: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the bot as it was said first; *aside* is one that a single person sees in a shared place.

    *key* marks what it is, where the platform keeps such a mark. *changed* is one that reads otherwise by now.
    """

    reader: str
    text: str
    at: float
    key: str = ""
    aside: bool = False
    changed: bool = False


@dataclass
class Traffic:
    """How much went to the program, and how long somebody waited.

    Attributes:
        again: What the platform sent once more.
        by_hand: What somebody did once more.
        longest: Seconds for which one person waited for one thing, over all kills and leases.
    """

    events: int = 0
    taken: int = 0
    again: int = 0
    by_hand: int = 0
    longest: float = 0.0


class Seat(ABC):
    """One person at their client; a place is "dm", "slt" or "staff".

    Attributes:
        busy: Held by whoever makes the person do several things that belong together.
        aside: What was said to them at once and alone, oldest first.
    """

    def __init__(self, person: str, town: Town) -> None:
        self.person = person
        self.town = town
        self.busy = asyncio.Lock()
        self.aside: list[str] = []

    @abstractmethod
    async def lines(self, place: str = "dm", *, whole: bool = True) -> Iterable[Line]:
        """Return what the bot said there, newest first; nothing while that can't be read.

        Unless the *whole* is asked for, what is not on the screen may be left out.
        """

    @abstractmethod
    async def says(self, text: str, place: str = "dm") -> Answer:
        """Write to the bot; a platform that repeats what it got no answer to does so until it gets one."""

    @abstractmethod
    async def presses(self, line: Line, label: str, **values: str) -> Answer:
        """Press a button, and fill in with *values* what is asked then; not taken where any of it was not."""


class Town(ABC):
    """One school, whose program is started at an address of its own each time.

    Attributes:
        name: The platform.
        repeats: Whether the platform itself repeats messages that it got no answer to.
        programs: The program, and where there are two its twin.
        killed_at: When one was killed, in seconds since 1970.
        told_apart: Whether each message carries a mark, so that what was said twice is known for certain.
    """

    name: str
    repeats: bool
    told_apart: bool

    def __init__(self, random: Random) -> None:
        self.random = random
        self.traffic = Traffic()
        self.killed_at: list[float] = []
        self.programs: list[Program] = []
        self._up = asyncio.Event()
        self._happened = asyncio.Event()
        self._sent = asyncio.Event()
        self._awake = asyncio.Event()
        self._awake.set()
        self._running: list[Program] = []
        self._seats: dict[str, Seat] = {}
        self._aside: set[asyncio.Task[object]] = set()

    @abstractmethod
    async def open(self) -> Program:
        """Open the platform, and return the program, which is not started yet."""

    @abstractmethod
    async def close(self) -> None:
        """End everything but the programs; nothing that was drawn may have been refused."""

    @abstractmethod
    def deliver_to(self, url: str) -> None:
        """Have the platform send to the program at *url*."""

    @abstractmethod
    async def greet(self) -> None:
        """Do what the platform does once the program is first reached."""

    @abstractmethod
    def seated(self, person: str) -> Seat:
        """Return the client of *person*."""

    @abstractmethod
    def held(self, until: asyncio.Event) -> asyncio.Event | None:
        """Let the bot's next message arrive and go unanswered, and return what tells of it; None where none can."""

    @abstractmethod
    def let_go(self) -> None:
        """Answer again."""

    @abstractmethod
    async def said(self) -> list[Said]:
        """Return all that the bot said."""

    def seat(self, person: str) -> Seat:
        """Return the one client of *person*."""
        if person not in self._seats:
            self._seats[person] = self.seated(person)
        return self._seats[person]

    # The program, or two of them that share a store

    async def begin(self) -> None:
        """Open the platform and start the program."""
        self.programs.append(await self.open())
        await self.start()
        await self.greet()

    def add_twin(self, folder: Path) -> None:
        """Have a second program, which is not started yet, beside the first."""
        folder.mkdir()
        self.programs.append(self.programs[0].twin(folder))

    @property
    def seats(self) -> Iterable[Seat]:
        """Return the clients that anybody has used."""
        return self._seats.values()

    async def start(self, number: int = 0) -> None:
        """Start a program; people notice."""
        program = self.programs[number]
        await program.start()
        self._running.append(program)
        self._turn()
        self._up.set()

    async def kill(self, number: int = 0) -> None:
        """End a program at once; where it had ended by itself, that is no kill."""
        program = self.programs[number]
        program.strike()
        self._leave_out(program)
        if await program.ended() == -SIGKILL:
            self.killed_at.append(time())

    async def kill_while_it_starts(self, seconds: float, number: int = 0) -> None:
        """Start a program and end it so much later, ready or not."""
        starting = asyncio.create_task(self.start(number))
        await asyncio.wait((starting,), timeout=seconds)
        while not starting.done():
            self.programs[number].strike()
            await asyncio.wait((starting,), timeout=LOOKS_EVERY)
        with suppress(AssertionError, OSError, ClientError):
            starting.result()
        await self.kill(number)

    def asks_to_stop(self, number: int = 0) -> None:
        """Ask a program to stop without waiting; nothing new is sent to it."""
        self.programs[number].asked_to_stop()
        self._leave_out(self.programs[number])

    async def stop(self) -> None:
        """Ask all programs to stop, and wait for them; people notice."""
        running, self._running = self._running, []
        self._up.clear()
        self._turn()
        codes = await asyncio.gather(*(each.terminated() for each in running))
        assert not any(codes), codes

    async def over(self) -> None:
        """Make sure that nothing runs any more, and close the platform."""
        await asyncio.gather(*(each.over() for each in self.programs))
        await self.close()

    def _leave_out(self, program: Program) -> None:
        if program in self._running:
            self._running.remove(program)
        if not self._running:
            self._up.clear()
        self._turn()

    def _turn(self) -> None:
        """Have the platform send to one of the programs that run, or to nobody."""
        self.deliver_to(self.random.choice(self._running).url if self._running else NOWHERE)

    # People

    async def sends(self) -> None:
        """Be about to send something: wait while all are to be quiet."""
        await self._awake.wait()
        self._turn()
        self._sent.set()

    async def event_sent(self, seconds: float) -> None:
        """Wait until somebody sends something, at most so long."""
        self._sent.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._sent.wait()

    @contextmanager
    def everybody_quiet(self) -> Iterator[None]:
        """Let nobody send anything new."""
        self._awake.clear()
        try:
            yield
        finally:
            self._awake.set()

    async def up(self) -> None:
        """Wait until the program runs."""
        await self._up.wait()

    @property
    def is_up(self) -> bool:
        """Tell whether the program runs, as far as people know."""
        return self._up.is_set()

    async def moment(self) -> None:
        """Wait for something to happen, for a moment at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOKS_EVERY):
                await self._happened.wait()

    def happened(self) -> None:
        """Wake whoever waits for something to happen."""
        self._happened.set()
        self._happened.clear()

    def note(self, ok: bool) -> None:
        """Count an event, and whether it was taken."""
        self.traffic.events += 1
        self.traffic.taken += ok
        self.happened()

    def perhaps_again(self, send: Callable[[], Awaitable[object]]) -> None:
        """Send now and then once more what was answered already."""
        if self.random.random() < AGAIN_SHARE:
            self.traffic.again += 1
            task = asyncio.create_task(self._again(send))
            self._aside.add(task)
            task.add_done_callback(self._aside.discard)

    async def _again(self, send: Callable[[], Awaitable[object]]) -> None:
        for _ in range(self.random.randint(0, 40)):
            await self.moment()
        await self.sends()
        await send()

    async def settled(self) -> None:
        """Wait until nothing is sent again any more."""
        while self._aside:
            await asyncio.wait(tuple(self._aside))
