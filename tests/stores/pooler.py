"""A pooler in transaction mode that keeps no prepared statements: each transaction gets another session."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from tests.postgres import USER

VERSION = 196608
TLS_WANTED = 80877103
CALL_OFF = 80877102
OWN_KEY = struct.pack("!cIiI", b"K", 12, 1, 1)


@dataclass(frozen=True, slots=True)
class Session:
    """A session of the server, with what it said at its beginning."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    greeting: bytes


class Pooler:
    """A port before that of the server, for one of its databases.

    Attributes:
        transactions: How many it has handed on.
    """

    def __init__(self, server_port: int, database: str) -> None:
        self.transactions = 0
        self.port = 0
        self._server_port = server_port
        self._database = database
        self._free: asyncio.Queue[Session] = asyncio.Queue()
        self._greeting = b""
        self._listener: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Return where the database is reached."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{self._database}"

    async def open(self, sessions: int) -> None:
        """Listen on a free port, and have so many sessions."""
        for _ in range(sessions):
            session = await self._session()
            self._greeting = session.greeting
            self._free.put_nowait(session)
        self._listener = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """End everything."""
        assert self._listener is not None
        self._listener.close()
        while not self._free.empty():
            self._free.get_nowait().writer.close()
        await self._listener.wait_closed()

    async def _session(self) -> Session:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        about = struct.pack("!I", VERSION) + f"user\0{USER}\0database\0{self._database}\0\0".encode()
        writer.write(struct.pack("!I", len(about) + 4) + about)
        greeting = b""
        while greeting[-6:-1] != b"Z\0\0\0\5":
            message = await _message(reader)
            greeting += OWN_KEY if message.startswith(b"K") else message
        return Session(reader, writer, greeting)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while (wanted := await _beginning(reader)) == TLS_WANTED:
                writer.write(b"N")
            if wanted != CALL_OFF:
                writer.write(self._greeting)
                await self._served(reader, writer)
        writer.close()

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = asyncio.create_task(_message(reader))
        try:
            while not (await request).startswith(b"X"):
                session = await self._free.get()
                self.transactions += 1
                answering = asyncio.create_task(_answered(session.reader, writer))
                while not answering.done():
                    if request.done():
                        session.writer.write(request.result())
                        request = asyncio.create_task(_message(reader))
                    await asyncio.wait((request, answering), return_when=asyncio.FIRST_COMPLETED)
                self._free.put_nowait(session)
        finally:
            request.cancel()


async def _answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on the answers up to the end of the transaction."""
    answer = b""
    while answer != b"Z\0\0\0\5I":
        answer = await _message(reader)
        writer.write(answer)


async def _beginning(reader: asyncio.StreamReader) -> int:
    """Return what whoever connects wants."""
    length, wanted = struct.unpack("!II", await reader.readexactly(8))
    await reader.readexactly(length - 8)
    return int(wanted)


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(5)
    return head + await reader.readexactly(int.from_bytes(head[1:]) - 4)


@asynccontextmanager
async def pooler(server_port: int, database: str, sessions: int = 2) -> AsyncIterator[Pooler]:
    """Open a pooler for a while."""
    made = Pooler(server_port, database)
    await made.open(sessions)
    try:
        yield made
    finally:
        await made.close()
