"""What the offices on real platforms share: the program behind a real socket, and people whose fake outlives it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Protocol, TypeVar

from aiohttp import web

from bot.assistant import IDLE
from bot.conversation.sessions import Session
from bot.domain.people import Role
from bot.errors import NotSaved
from bot.once import Heard
from bot.platforms.web.clock import LocalClock
from bot.ports import Chat, R
from bot.routing import World
from bot.settings.load import Settings
from tests.simulator import Client, Desk, Office, Running


class ServedDesk(Desk):
    """A fake of a platform that calls the program over HTTP; *accounts* is person id to the platform's own id."""

    local = False
    whispers = True
    platform: str

    def __init__(self, settings: Settings, clock: LocalClock, accounts: Mapping[str, str]) -> None:
        self._clock = clock
        self._accounts = dict(accounts)
        seated = [each.person for each in settings.people if each.person.id in accounts]
        self._names = {accounts[each.id]: each.name for each in seated}
        self._leaders = [accounts[each.id] for each in seated if each.holds(Role.SLT)]
        self._runner: web.AppRunner | None = None
        self._app: Running | None = None

    def now(self) -> float:
        """Return the time of the office in seconds."""
        return self._clock.now().timestamp()

    @property
    def app(self) -> Running:
        """Return the running program."""
        assert self._app is not None
        return self._app

    def chats(self, world: World) -> tuple[Chat, ...]:
        """Return none: the program makes its own."""
        return ()

    async def open(self, app: Running) -> None:
        """Serve *app* on a free port of this machine, and tell the platform where it is."""
        self._app = app
        self._runner = web.AppRunner(app.web, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        await self.listens_at(f"http://{host}:{port}")

    @abstractmethod
    async def listens_at(self, address: str) -> None:
        """Tell the platform where the program is."""

    async def close(self) -> None:
        """Stop serving."""
        if self._runner is not None:
            await self._runner.cleanup()

    def user(self, person: str) -> str | None:
        """Return the platform's id of *person*, or None."""
        return self._accounts.get(person)

    async def move_clock(self, moment: datetime) -> None:
        """Set the clock and have due jobs done."""
        self._clock.set(moment)
        await self.settled()

    async def settled(self) -> None:
        """Wait until all that happened has led to all that it leads to."""
        edge = getattr(self.app, self.platform, None)
        assert edge is not None
        await edge.settled()
        with suppress(NotSaved):  # while the store is away, what is due waits
            await self.app.worker.deliver_due()
        await edge.settled()


class ServedClient(Client):
    """A person at a platform of its own."""

    def __init__(self, person: str, desk: ServedDesk) -> None:
        super().__init__(person)
        self._served = desk
        self._last_asked = ""

    async def _asked(self) -> str:
        """Return the name of the field whose question stands in the direct chat, or ""; idle ones let commands pass."""
        world = self._served.app.assistant.world
        try:
            sessions = await world.store.find(Session, person=self.id)
        except NotSaved:  # while the store is away, people see what they saw before
            return self._last_asked
        now = world.clock.now()
        self._last_asked = next((each.asked for each in sessions if each.asked and now - each.touched <= IDLE), "")
        return self._last_asked


class Acknowledged(Protocol):
    """What a platform was answered."""

    @property
    def ok(self) -> bool: ...
    @property
    def kind(self) -> str: ...
    @property
    def status(self) -> int: ...
    @property
    def body(self) -> str: ...


D = TypeVar("D", bound=Acknowledged)


class ServedSchool(ABC):
    """An office on a real platform, for tests that go below what all clients can do."""

    def __init__(self, office: Office) -> None:
        self.office = office

    @property
    @abstractmethod
    def desk(self) -> ServedDesk:
        """Return what all clients share."""

    async def open(self) -> None:
        """Start the program, and wait for what it does at the start."""
        await self.office.open()
        await self.settled()

    async def close(self) -> None:
        """Stop it; whatever the platform refused to draw fails the test."""
        try:
            await self.office.close()
        finally:
            await self.desk.leave()

    async def settled(self) -> None:
        """Wait until all that happened has led to all that it leads to."""
        await self.desk.settled()

    async def find(self, kind: type[R]) -> list[R]:
        """Return the school's records of one kind."""
        return list(await self.desk.app.assistant.world.store.find(kind))

    async def heard(self) -> list[str]:
        """Return the ids of the events that had an effect."""
        return [each.id for each in await self.find(Heard)]

    async def accepts(self, delivery: D) -> D:
        """Assert that the app took *delivery*, and wait for what it leads to."""
        assert delivery.ok, f"{delivery.kind} got {delivery.status}: {delivery.body}"
        await self.settled()
        return delivery
