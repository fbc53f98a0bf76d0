"""The store of several processes: records as JSON documents in a PostgreSQL, which somebody else looks after."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar, cast

from bot.errors import NotSaved, Stale
from bot.ports import L, Lease, R, Record, SchoolStore
from bot.stores.codec import decode
from bot.stores.columns import column_of, document_of, text_of, word_of
from bot.stores.connections import Connections, Failed
from bot.stores.migrating import check_ready
from bot.stores.schools import Change, key_of
from bot.stores.shelf import utc
from bot.stores.statements import STATEMENTS

CONNECTIONS = 10
PATIENCE_SECONDS = 2.0
LAST_LOOK_SECONDS = 0.5

T = TypeVar("T")


class PostgresStore:
    """Every school's records in one database, for any number of processes.

    Callers wait while the database is away, at most *patience* seconds, and are then told. Works behind a PgBouncer in
    transaction mode, since nothing is left in a session; a little faster behind one that keeps prepared statements.
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
        """Make the store of *url*, as libpq writes it: of several hosts the first one that writes is used."""
        self._connections = Connections(url, connections, patience)
        self._new_stroke = new_stroke
        self._kinds: dict[str, type[Record]] = {}
        self._wrote = False

    @property
    def healthy(self) -> bool:
        """Tell whether it is open and the last write succeeded."""
        return self._connections.is_open and self._wrote

    def of(self, school: str) -> SchoolStore:
        """Return the records of *school*."""
        return _School(school, self)

    async def open(self) -> None:
        """Connect; raises NotSaved where that can't be done, or the database is not made ready."""
        try:
            await self._connections.open()
            await self.do(check_ready)
        except Failed as error:
            await self.close()
            raise NotSaved(f"The database can't be used: {error.reason}. Look at the store's url.") from None
        except NotSaved:
            await self.close()
            raise
        self._wrote = True

    async def close(self) -> None:
        """Let what is being written end, and let go of the database."""
        await self._connections.close()

    # For the records of one school ------------------------------------------------------------

    def known(self, kind: type[R]) -> str:
        """Return the name by which the database knows *kind*."""
        if self._kinds.setdefault(kind.__name__, kind) is not kind:
            raise TypeError(f"Two classes share the name {kind.__name__}, by which the store knows them.")
        return kind.__name__

    async def do(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Do *work*, which may be done twice, on a connection; raises NotSaved where the database stays away."""
        return await self._connections.patiently(lambda connection, again: work(connection))

    async def write(self, school: str, change: Change) -> None:
        """Write *change*, and find out how it ended where the answer was lost."""
        stroke, is_repeated = self._new_stroke(), False

        async def attempt(connection: Any, again: bool) -> None:
            nonlocal is_repeated
            is_repeated = again
            if not again or not await _was_saved(connection, school, stroke, change):
                await _write(connection, school, stroke, change)

        try:
            await self._connections.patiently(attempt)
        except (Stale, NotSaved) as error:
            # Also what came to nothing the second time, because the first had arrived late.
            is_lost = is_repeated or isinstance(error, NotSaved)
            if not (is_lost and await self._was_saved_after_all(school, stroke, change)):
                self._wrote = self._wrote and not isinstance(error, NotSaved)
                raise
        self._wrote = True

    async def claim(self, school: str, choose: Callable[[Any], Awaitable[Change | None]]) -> None:
        """Write what *choose* returns, in one transaction with what it reads; nobody else claims meanwhile."""
        sent: tuple[str, Change] | None = None

        async def attempt(connection: Any, again: bool) -> None:
            nonlocal sent
            async with connection.transaction(isolation="read_committed"):
                await connection.execute(STATEMENTS["claim_alone"], column_of(school))
                if sent is not None and await _was_saved(connection, school, *sent):
                    return
                change = await choose(connection)
                sent = (self._new_stroke(), change) if change else None
                if sent is not None:
                    await _write(connection, school, *sent)

        try:
            await self._connections.patiently(attempt)
        except NotSaved:
            if sent is None or not await self._was_saved_after_all(school, *sent):
                self._wrote = False
                raise
        self._wrote = self._wrote or sent is not None

    async def _was_saved_after_all(self, school: str, stroke: str, change: Change) -> bool:
        found = await self._connections.once(
            lambda connection: _was_saved(connection, school, stroke, change), LAST_LOOK_SECONDS
        )
        return found is True


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
        due: bool = await self.store.do(
            lambda connection: connection.fetchval(STATEMENTS["is_due"], column_of(self.name), names, moment)
        )
        if not due:  # as a rule; then nobody need wait for anybody's claim
            return []

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
        [str(change.expected[key_of(record)]) for record in records],
        [entry.due and entry.due.isoformat() for entry in change.entries],
        [str(getattr(record, "lease", "") != "") for record in records],
        [_words(school, kind, entry.words) for (kind, _), entry in zip(change.documents, change.entries, strict=True)],
        [text_of(document) for _, document in change.documents],
        [kind for _, kind, _ in change.forgotten],
        [column_of(id) for _, _, id in change.forgotten],
        [str(change.expected[key]) for key in change.forgotten],
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
