"""A line between a store and its database that a test disturbs: answers get lost, requests come late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from enum import Enum, auto

from tests.postgres import USER


class Fate(Enum):
    """What becomes of a request, and of the connection that it came by."""

    PASSES = auto()
    NEVER_ARRIVES = auto()  # cut before the server has it
    ANSWER_IS_LOST = auto()  # cut once the server has answered
    ANSWER_IS_SWALLOWED = auto()  # the server answers, and the store hears nothing any more
    COMES_LATE = auto()  # cut, and the server has it only when the next request with that fate arrives
    COMES_AFTER_THE_LATE_ONE = auto()


class Wire:
    """A port before that of the server.

    Attributes:
        met: What became of each request that holds the mark.
    """

    def __init__(self, server_port: int) -> None:
        self.met: list[Fate] = []
        self.port = 0
        self._server_port = server_port
        self._mark = b""
        self._plan: list[Fate] = []
        self._is_silent = False
        self._late: list[tuple[bytes, asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._lines: set[asyncio.StreamWriter] = set()
        self._listener: asyncio.Server | None = None

    def url(self, database: str) -> str:
        """Return where *database* is reached."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def plan(self, mark: str, *fates: Fate) -> None:
        """Let the next requests that hold *mark* meet *fates*, one each; all others pass."""
        self._mark, self._plan = mark.encode(), list(fates)

    def fall_silent(self) -> None:
        """Let nothing pass from now on, in neither direction, and take whoever connects without a word."""
        self._is_silent = True

    def speak_again(self) -> None:
        """Let new connections pass; the old ones are dead."""
        self._is_silent = False
        self.cut()

    def cut(self) -> None:
        """Cut all connections."""
        for line in self._lines:
            line.transport.abort()

    async def open(self) -> None:
        """Listen on a free port."""
        self._listener = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Cut everything."""
        assert self._listener is not None
        self._listener.close()
        self.cut()
        await self._listener.wait_closed()

    async def _connected(self, store: asyncio.StreamReader, to_store: asyncio.StreamWriter) -> None:
        self._lines.add(to_store)
        try:
            if self._is_silent:
                await store.read()
                return
            server, to_server = await asyncio.open_connection("127.0.0.1", self._server_port)
            self._lines.add(to_server)
            quiet = asyncio.Event()
            answering = asyncio.create_task(self._answers(server, to_store, quiet))
            with suppress(OSError):
                await self._requests(store, to_store, server, to_server, answering, quiet)
        except OSError:
            return
        finally:
            to_store.close()

    async def _requests(
        self,
        store: asyncio.StreamReader,
        to_store: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
        answering: asyncio.Task[None],
        quiet: asyncio.Event,
    ) -> None:
        try:
            while request := await store.read(1 << 20):
                if self._is_silent:
                    continue
                match self._fate(request):
                    case Fate.PASSES:
                        to_server.write(request)
                    case Fate.COMES_AFTER_THE_LATE_ONE:
                        await self._let_late_go()
                        to_server.write(request)
                    case Fate.NEVER_ARRIVES:
                        return
                    case Fate.ANSWER_IS_SWALLOWED:
                        quiet.set()
                        to_server.write(request)
                    case Fate.ANSWER_IS_LOST:
                        await _stopped(answering)
                        to_server.write(request)
                        await _answered(server)
                        return
                    case Fate.COMES_LATE:
                        await _stopped(answering)
                        self._late.append((request, server, to_server))
                        return
        finally:
            await _stopped(answering)
            if not any(each is to_server for _, _, each in self._late):
                to_server.close()

    async def _let_late_go(self) -> None:
        for request, server, to_server in self._late:
            to_server.write(request)
            await _answered(server)
            to_server.close()
        self._late.clear()

    async def _answers(
        self, server: asyncio.StreamReader, to_store: asyncio.StreamWriter, quiet: asyncio.Event
    ) -> None:
        with suppress(OSError):
            while answer := await server.read(1 << 20):
                if not (quiet.is_set() or self._is_silent):
                    to_store.write(answer)
            to_store.close()

    def _fate(self, request: bytes) -> Fate:
        if not self._mark or self._mark not in request or not self._plan:
            return Fate.PASSES
        fate = self._plan.pop(0)
        self.met.append(fate)
        return fate


async def _answered(server: asyncio.StreamReader) -> None:
    """Wait for the end of an answer: the server is ready for the next request."""
    answer = b""
    while answer[-6:-1] != b"Z\0\0\0\5":
        answer += await server.readexactly(1)


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait((task,))


@asynccontextmanager
async def wire_to(*ports: int) -> AsyncIterator[Sequence[Wire]]:
    """Open a wire to each of *ports* for a while."""
    wires = [Wire(port) for port in ports]
    for each in wires:
        await each.open()
    try:
        yield wires
    finally:
        for each in wires:
            await each.close()
