"""The store of several processes: records as JSON documents in a PostgreSQL, which somebody else looks after."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar, cast

import asyncpg

from bot.errors import AssistantError, NotSaved, Stale
from bot.ports import L, Lease, R, Record, SchoolStore
from bot.stores.codec import decode
from bot.stores.columns import column_of, document_of, text_of, word_of
from bot.stores.migrating import check_migrated
from bot.stores.schools import Change, key_of
from bot.stores.shelf import utc
from bot.stores.statements import STATEMENTS

CONNECTIONS = 10
PATIENCE_SECONDS = 2.0
LAST_LOOK_SECONDS = 0.5
FIRST_PAUSE_SECONDS = 0.05
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
UNREACHABLE = "This was not saved, because the database can't be reached. Try again, and tell the administrator."
REFUSED = "This was not saved, because the database refused it. Try again, and tell the administrator."

log = logging.getLogger(__name__)
T = TypeVar("T")


class PostgresStore:
    """Every school's records in one database, for any number of processes.

    Callers wait while the database is away, at most *patience* seconds, and are then told. Works behind a PgBouncer in
    transaction mode that keeps prepared statements, since nothing is left in a session.
    """

    exclusive = False

    def __init__(
        self,
        url: str,
        *,
        connections: int = CONNECTIONS,
        patience: float = PATIENCE_SECONDS,
        new_stroke: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        """Make the store of *url*, as libpq writes it: several hosts are tried in turn."""
        self._url = url
        self._connections = connections
        self._patience = patience
        self._new_stroke = new_stroke
        self._pool: asyncpg.Pool | None = None
        self._kinds: dict[str, type[Record]] = {}
        self._wrote = False

    @property
    def healthy(self) -> bool:
        """Tell whether it is open and the last write succeeded."""
        return self._pool is not None and self._wrote

    def of(self, school: str) -> SchoolStore:
        """Return the records of *school*."""
        return _School(school, self)

    async def open(self) -> None:
        """Connect; raises NotSaved where that can't be done, or the database is not made ready."""
        try:
            self._pool = await asyncpg.create_pool(
                self._url, min_size=0, max_size=self._connections, timeout=self._patience, reset=_leave_as_it_is,
                server_settings={"application_name": "smpolicy"},
            )  # fmt: skip
            await self.do(check_migrated)
        except NotSaved:
            await self.close()
            raise
        except (*AWAY, asyncpg.PostgresError, ValueError) as error:
            raise NotSaved(f"The database can't be used: {_reason(error)}. Look at the store's url.") from error
        self._wrote = True

    async def close(self) -> None:
        """Let what is being written end, and let go of the database."""
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                async with asyncio.timeout(self._patience):
                    await pool.close()
            except (*AWAY, asyncpg.PostgresError):
                pool.terminate()

    # For the records of one school ------------------------------------------------------------

    def known(self, kind: type[R]) -> str:
        """Return the name by which the database knows *kind*."""
        if self._kinds.setdefault(kind.__name__, kind) is not kind:
            raise TypeError(f"Two classes share the name {kind.__name__}, by which the store knows them.")
        return kind.__name__

    async def do(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Do *work*, which may be done twice, on a connection; raises NotSaved where the database stays away."""
        return await self._patiently(lambda connection, again: work(connection))

    async def write(self, school: str, change: Change) -> None:
        """Write *change*, and find out how it ended where the connection was lost meanwhile."""
        stroke = self._new_stroke()

        async def attempt(connection: Any, again: bool) -> None:
            if not again or not await _was_saved(connection, school, stroke, change):
                await _write(connection, school, stroke, change)

        try:
            await self._patiently(attempt)
        except NotSaved:
            if not await self._was_saved_after_all(school, stroke, change):
                self._wrote = False
                raise
        self._wrote = True

    async def claim(self, school: str, choose: Callable[[Any], Awaitable[Change | None]]) -> None:
        """Write what *choose* returns, in one transaction with what it reads; nobody else claims meanwhile."""

        async def attempt(connection: Any) -> bool:
            async with connection.transaction():
                await connection.execute(STATEMENTS["claim_alone"], column_of(school))
                change = await choose(connection)
                if change is not None:
                    await _write(connection, school, self._new_stroke(), change)
                return change is not None

        try:
            wrote = await self.do(attempt)
        except NotSaved:
            self._wrote = False
            raise
        self._wrote = self._wrote or wrote

    async def _patiently(self, work: Callable[[Any, bool], Awaitable[T]]) -> T:
        """Do *work* with a connection and whether it was tried before, again and again while the database is away."""
        end, pause, tried = time.monotonic() + self._patience, FIRST_PAUSE_SECONDS, False
        while True:
            try:
                async with asyncio.timeout(end - time.monotonic()), self._opened.acquire() as connection:
                    again, tried = tried, True
                    return await work(connection, again)
            except asyncpg.PostgresError as error:
                if error.sqlstate == STALE or isinstance(error, asyncpg.UniqueViolationError):
                    raise Stale from None
                if not isinstance(error, AWAY):
                    log.error("the database refused something: %s", _reason(error))
                    raise NotSaved(REFUSED) from None
                failure: BaseException = error
            except AWAY as error:
                failure = error
            if time.monotonic() + pause >= end:
                log.error("the database is away: %s", _reason(failure))
                raise NotSaved(UNREACHABLE) from None
            if isinstance(failure, asyncpg.ReadOnlySQLTransactionError):  # another server writes from now on
                await self._opened.expire_connections()
            await asyncio.sleep(pause)
            pause *= 2

    async def _was_saved_after_all(self, school: str, stroke: str, change: Change) -> bool:
        try:
            async with asyncio.timeout(LAST_LOOK_SECONDS), self._opened.acquire() as connection:
                return await _was_saved(connection, school, stroke, change)
        except (*AWAY, asyncpg.PostgresError):
            return False

    @property
    def _opened(self) -> asyncpg.Pool:
        if self._pool is None:
            raise NotSaved("This was not saved, because the assistant is not running. Try again in a minute.")
        return self._pool


@dataclass(frozen=True, slots=True)
class _School:
    """The records of one school."""

    name: str
    store: PostgresStore

    async def get(self, kind: type[R], id: str) -> R | None:
        """Return the record as last saved, or None."""
        found = await self._fetched("get", kind, column_of(id))
        return found[0] if found else None

    async def find(self, kind: type[R], **where: str) -> list[R]:
        """Return the records whose indexed fields equal *where*, first saved first."""
        for name in where:
            if name not in kind.INDEXES:
                raise ValueError(f"{kind.__name__} has no index on {name!r}.")
        if not where:
            return await self._fetched("find_all", kind)
        words = [word_of(self.name, kind.__name__, name, value) for name, value in where.items()]
        return await self._fetched("find", kind, words)

    async def due(self, kind: type[R], before: datetime) -> list[R]:
        """Return the records whose `due_at` is not after *before*, earliest first."""
        return await self._fetched("due", kind, utc(before))

    async def save(self, *records: Record, forget: Sequence[Record] = ()) -> None:
        """Write all of *records* and delete all of *forget*, or do nothing."""
        change = Change.of(self.name, records, forget)
        for record in (*records, *forget):
            self.store.known(type(record))
        if change.expected:
            await self.store.write(self.name, change)

    async def claim(self, kinds: Sequence[type[L]], before: datetime, lease: Lease[L]) -> list[L]:
        """Let *lease* choose from what is due, save what it returns, and return it as saved."""
        by_name = {self.store.known(kind): kind for kind in kinds}
        names, moment, chosen = list(by_name), utc(before), [cast(Sequence[L], ())]

        async def read(connection: Any, statement: str) -> list[L]:
            rows = await connection.fetch(STATEMENTS[statement], column_of(self.name), names, moment)
            return [decode(by_name[kind], document_of(text)) for kind, text in rows]

        async def choose(connection: Any) -> Change | None:
            due = await read(connection, "due_to_claim")
            chosen[0] = lease(due, await read(connection, "leased")) if due else ()
            return Change.of(self.name, chosen[0], ()) if chosen[0] else None

        await self.store.claim(self.name, choose)
        return [replace(cast(Any, each), version=each.version + 1) for each in chosen[0]]

    async def _fetched(self, statement: str, kind: type[R], *values: object) -> list[R]:
        name = self.store.known(kind)
        rows = await self.store.do(
            lambda connection: connection.fetch(STATEMENTS[statement], column_of(self.name), name, *values)
        )
        return [decode(kind, document_of(row[0])) for row in rows]


async def _write(connection: Any, school: str, stroke: str, change: Change) -> None:
    records = [entry.record for entry in change.entries]
    await connection.execute(
        STATEMENTS["save"], column_of(school), stroke,
        [kind for kind, _ in change.documents],
        [column_of(record.id) for record in records],
        [change.expected[key_of(record)] for record in records],
        [entry.due for entry in change.entries],
        [getattr(record, "lease", "") != "" for record in records],
        [_words(school, kind, entry.words) for (kind, _), entry in zip(change.documents, change.entries, strict=True)],
        [text_of(document) for _, document in change.documents],
        [kind for _, kind, _ in change.forgotten],
        [column_of(id) for _, _, id in change.forgotten],
        [change.expected[key] for key in change.forgotten],
    )  # fmt: skip


async def _was_saved(connection: Any, school: str, stroke: str, change: Change) -> bool:
    """Tell how a save ended whose answer was lost; waits for its end."""
    await connection.execute(STATEMENTS["end_of_save"], stroke)
    row = await connection.fetchrow(
        STATEMENTS["is_saved"], column_of(school), stroke,
        [kind for kind, _ in change.documents],
        [column_of(entry.record.id) for entry in change.entries],
        [kind for _, kind, _ in change.forgotten],
        [column_of(id) for _, _, id in change.forgotten],
    )  # fmt: skip
    return bool(row["kept"]) if change.documents else not row["left_over"]


def _words(school: str, kind: str, words: Iterable[tuple[str, str]]) -> str:
    return " ".join(word_of(school, kind, name, value) for name, value in words)


def _reason(error: BaseException) -> str:
    """Return what went wrong, without what was being written, which a database repeats in its details."""
    match error:
        case AssistantError():
            return error.sentence
        case asyncpg.PostgresError():
            return f"{type(error).__name__}, {error.sqlstate}"
        case OSError(strerror=str(words)):
            return words
        case _:
            return type(error).__name__


async def _leave_as_it_is(connection: object) -> None:
    """Save a journey: nothing is ever left in a session."""
