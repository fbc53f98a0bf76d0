"""Connections to a PostgreSQL: callers wait a while for one that works, and are then told."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import asyncpg

from bot.errors import NotSaved, Stale
from bot.stores.servers import Servers
from bot.stores.statements import STATEMENTS

FIRST_PAUSE_SECONDS = 0.05
# How long the server may take to call off what was too slow, before the connection is cut.
CALL_OFF_SECONDS = 0.25
STATEMENTS_KEPT = 100
STALE = "SM001"
# What says nothing of the statement itself: the server is away, starting, stopping, full of guests, or no longer the
# one that writes.
AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.TransactionRollbackError,
)
FAILED = (*AWAY, asyncpg.PostgresError)
UNREACHABLE = "This was not saved, because the database can't be reached. Try again, and tell the administrator."
REFUSED = "This was not saved, because the database refused it. Try again, and tell the administrator."
CLOSED = "This was not saved, because the assistant is not running. Try again in a minute."

log = logging.getLogger(__name__)
T = TypeVar("T")


class Failed(NotSaved):
    """The database did not do it; *reason* says why to whoever looks after it."""

    def __init__(self, sentence: str, reason: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class Connections:
    """At most *most* connections to the servers of *url*, none of which is ever left with anything of a session."""

    def __init__(self, url: str, most: int, patience: float) -> None:
        self._servers = Servers(url)
        self._most = most
        self._patience = patience
        self._pool: asyncpg.Pool | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether they may be used."""
        return self._pool is not None

    async def open(self) -> None:
        """Connect, and find out what is in between; raises Failed where that can't be done."""
        try:
            self._pool = await self._made(statements=0)
            if await self.patiently(_keep_statements):
                await self.close()
                self._pool = await self._made(statements=STATEMENTS_KEPT)
        except (*FAILED, ValueError) as error:
            raise Failed(UNREACHABLE, reason(error)) from None

    async def close(self) -> None:
        """Let what is under way end, and let go of the database."""
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                async with asyncio.timeout(self._patience):
                    await pool.close()
            except FAILED:
                pool.terminate()

    async def patiently(self, work: Callable[[Any, bool], Awaitable[T]]) -> T:
        """Do *work* with a connection and whether it was tried before, again and again while the database is away.

        Raises:
            Stale: The database says so.
            Failed: It stayed away, or refused.
        """
        end, pause, tried = time.monotonic() + self._patience, FIRST_PAUSE_SECONDS, False
        while True:
            is_lent = False
            try:
                async with self._lent(end - time.monotonic()) as connection:
                    again, tried, is_lent = tried, True, True
                    return await work(connection, again)
            except FAILED as error:
                failure = error
            if _is_stale(failure):
                raise Stale from None
            if not isinstance(failure, AWAY):
                log.error("the database refused something: %s", reason(failure))
                raise Failed(REFUSED, reason(failure)) from None
            if is_lent and isinstance(failure, (TimeoutError, asyncpg.ReadOnlySQLTransactionError)):
                await self._opened.expire_connections()  # perhaps another server writes from now on
            if time.monotonic() + pause >= end:
                log.error("the database is away: %s", reason(failure))
                raise Failed(UNREACHABLE, reason(failure)) from None
            await asyncio.sleep(pause)
            pause *= 2

    async def once(self, work: Callable[[Any], Awaitable[T]], seconds: float) -> T | None:
        """Do *work* within so many seconds; None where that can't be done."""
        try:
            async with self._lent(seconds) as connection:
                return await work(connection)
        except (*FAILED, NotSaved):
            return None

    @asynccontextmanager
    async def _lent(self, seconds: float) -> AsyncIterator[Any]:
        """Lend a connection; what takes longer is called off by the server, or cut where it does not answer."""
        end, pool = time.monotonic() + seconds, self._opened
        async with asyncio.timeout(seconds):
            connection = await pool.acquire()
        try:
            left = end - time.monotonic()
            async with asyncio.timeout(left + CALL_OFF_SECONDS), asyncio.timeout(left):
                yield connection
        finally:
            with suppress(*FAILED):
                await pool.release(connection, timeout=CALL_OFF_SECONDS)

    @property
    def _opened(self) -> asyncpg.Pool:
        if self._pool is None:
            raise Failed(CLOSED, "it is closed")
        return self._pool

    async def _made(self, statements: int) -> asyncpg.Pool:
        return await asyncpg.create_pool(
            connect=self._connected, timeout=self._patience, statement_cache_size=statements, min_size=0,
            max_size=self._most, reset=_leave_as_it_is,
        )  # fmt: skip

    async def _connected(self, *_: object, **options: Any) -> Any:
        return await self._servers.connect(options.pop("timeout"), **options)


async def _keep_statements(connection: Any, again: bool) -> bool:
    """Tell whether what is prepared can be used afterwards; a pooler between us and the server may forget it.

    A pooler tells a process id of its own. One that keeps statements gives them its own names as well.
    """
    async with connection.transaction():
        if await connection.fetchval(STATEMENTS["process"]) == connection.get_server_pid():
            return True
        prepared = await connection.prepare(STATEMENTS["process"], name=f"smpolicy_{uuid.uuid4().hex}")
        if not await connection.fetchval(STATEMENTS["is_prepared"], prepared.get_name()):
            return True
        await connection.execute(f"deallocate {prepared.get_name()}")
        return False


def reason(error: BaseException) -> str:
    """Return what went wrong, without what was being written, which a database repeats in its details."""
    match error:
        case Failed():
            return error.reason
        case asyncpg.PostgresError():
            return f"{type(error).__name__}, {error.sqlstate}"
        case OSError(strerror=str(words)):
            return words
        case _:
            return type(error).__name__


def _is_stale(error: BaseException) -> bool:
    return isinstance(error, asyncpg.UniqueViolationError) or getattr(error, "sqlstate", None) == STALE


async def _leave_as_it_is(connection: object) -> None:
    """Save a journey: nothing is ever left in a session."""
