"""SQLite behind the store's port: a JSON column, the same indexes, and one thread that writes."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast, get_origin, get_type_hints

from bot.errors import Stale
from bot.ports import L, Lease, R, Record, SchoolStore
from bot.stores.codec import decode, encode

T = TypeVar("T")
Row = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Table:
    """How one kind is kept: words are the members of fields with several, one row each."""

    name: str
    single: tuple[str, ...]
    several: tuple[str, ...]

    @classmethod
    def of(cls, kind: type[Record]) -> Table:
        """Return the table of *kind*."""
        hints = get_type_hints(kind)
        several = tuple(name for name in kind.INDEXES if get_origin(hints[name]) in (tuple, frozenset))
        return cls(kind.__name__, tuple(name for name in kind.INDEXES if name not in several), several)

    def statements(self) -> list[str]:
        """Return what makes the table and its indexes."""
        made = [
            f"create table if not exists {self.name} (place integer primary key, school text not null,"
            " id text not null, version integer not null, due_at integer, document json not null,"
            " unique (school, id))",
            f"create index if not exists {self.name}_due on {self.name} (school, due_at) where due_at is not null",
        ]
        made += [
            f"create index if not exists {self.name}_{field} on {self.name} (school, document ->> '$.{field}')"
            for field in self.single
        ]
        if self.several:
            made.append(
                f"create table if not exists {self.name}_word (school text, field text, word text, place integer,"
                " primary key (school, field, word, place)) without rowid"
            )
        return made


@dataclass(frozen=True, slots=True)
class Write:
    """One record to be written; *before* is the version that it replaces, 0 for none."""

    table: Table
    school: str
    id: str
    before: int
    due_at: int | None = None
    document: str | None = None
    words: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Waiting:
    """A saver that waits for its writes."""

    writes: Sequence[Write]
    outcome: asyncio.Future[None]


class SQLiteStore:
    """Every school's records in one file (WAL, synchronous=FULL).

    With *shared* transactions, savers that arrive together share one, each in a savepoint of its own.
    """

    exclusive = True
    healthy = True

    def __init__(self, folder: Path, *, shared: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "store.sqlite"
        self._shared = shared
        self._writer = ThreadPoolExecutor(1, "sqlite-writer")
        self._reader = ThreadPoolExecutor(1, "sqlite-reader")
        self._tables: dict[type[Record], Table] = {}
        self._waiting: list[Waiting] = []
        self._committer: asyncio.Task[None] | None = None

    def of(self, school: str) -> SchoolStore:
        """Return the records of *school*."""
        return _School(self, school)

    async def open(self) -> None:
        """Open one connection that writes and one that reads."""
        self._write = await self._on(self._writer, self._connected)
        self._read = await self._on(self._reader, self._connected)

    async def close(self) -> None:
        """Close both."""
        if self._committer is not None:
            await self._committer
        await self._on(self._reader, self._read.close)
        await self._on(self._writer, self._write.close)
        self._reader.shutdown()
        self._writer.shutdown()

    async def rows(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """Return what *statement* finds."""
        return await self._on(self._reader, lambda: self._read.execute(statement, values).fetchall())

    async def table(self, kind: type[Record]) -> Table:
        """Return the table of *kind*, which is made when it is first needed."""
        if kind not in self._tables:
            table = Table.of(kind)
            await self._on(self._writer, lambda: [self._write.execute(each) for each in table.statements()])
            self._tables[kind] = table
        return self._tables[kind]

    async def save(self, writes: Sequence[Write]) -> None:
        """Write all of *writes*, or raise Stale."""
        if not self._shared:
            await self._on(self._writer, lambda: self._transaction(writes))
            return
        waiting = Waiting(writes, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._committer is None:
            self._committer = asyncio.create_task(self._commit_waiting())
        await waiting.outcome

    async def _commit_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            refused = await self._on(self._writer, lambda batch=batch: self._together(batch))  # type: ignore[misc]
            for waiting in batch:
                if waiting.outcome.done():
                    continue
                if id(waiting) in refused:
                    waiting.outcome.set_exception(Stale())
                else:
                    waiting.outcome.set_result(None)
        self._committer = None

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False, cached_statements=256)
        for pragma in ("journal_mode=wal", "synchronous=full", "cache_size=-65536", "temp_store=memory"):
            connection.execute(f"pragma {pragma}")
        return connection

    def _transaction(self, writes: Sequence[Write]) -> None:
        self._write.execute("begin immediate")
        try:
            for write in writes:
                self._apply(write)
        except BaseException:
            self._write.execute("rollback")
            raise
        self._write.execute("commit")

    def _together(self, batch: Sequence[Waiting]) -> set[int]:
        """Return the ids of those in *batch* that were stale."""
        refused = set()
        self._write.execute("begin immediate")
        for waiting in batch:
            self._write.execute("savepoint one")
            try:
                for write in waiting.writes:
                    self._apply(write)
            except Stale:
                self._write.execute("rollback to one")
                refused.add(id(waiting))
            self._write.execute("release one")
        self._write.execute("commit")
        return refused

    def _apply(self, write: Write) -> None:
        if write.document is None:
            self._delete(write)
        elif write.before:
            self._update(write)
        else:
            self._insert(write)

    def _insert(self, write: Write) -> None:
        values = (write.school, write.id, 1, write.due_at, write.document)
        made = self._write.execute(
            f"insert into {write.table.name} (school, id, version, due_at, document) values (?, ?, ?, ?, ?)"
            " on conflict do nothing",
            values,
        )
        if not made.rowcount:
            raise Stale
        if write.words:
            self._list(write, cast(int, made.lastrowid), write.words)

    def _update(self, write: Write) -> None:
        place, words = self._place(write)
        self._write.execute(
            f"update {write.table.name} set version = ?, due_at = ?, document = ? where place = ?",
            (write.before + 1, write.due_at, write.document, place),
        )
        if words != set(write.words):
            self._unlist(write, place, words)
            self._list(write, place, write.words)

    def _delete(self, write: Write) -> None:
        place, words = self._place(write)
        self._unlist(write, place, words)
        self._write.execute(f"delete from {write.table.name} where place = ?", (place,))

    def _place(self, write: Write) -> tuple[int, set[tuple[str, str]]]:
        """Return where the record is, and its words."""
        fields = "".join(f", document -> '$.{field}'" for field in write.table.several)
        found = self._write.execute(
            f"select place, version{fields} from {write.table.name} where school = ? and id = ?",
            (write.school, write.id),
        ).fetchone()
        if found is None or found[1] != write.before:
            raise Stale
        lists = zip(write.table.several, found[2:], strict=True)
        return found[0], {(field, word) for field, listed in lists for word in json.loads(listed)}

    def _list(self, write: Write, place: int, words: Sequence[tuple[str, str]]) -> None:
        rows = [(write.school, field, word, place) for field, word in words]
        self._write.executemany(f"insert into {write.table.name}_word values (?, ?, ?, ?)", rows)

    def _unlist(self, write: Write, place: int, words: set[tuple[str, str]]) -> None:
        if words:
            rows = [(write.school, field, word, place) for field, word in words]
            self._write.executemany(
                f"delete from {write.table.name}_word where school = ? and field = ? and word = ? and place = ?", rows
            )

    async def _on(self, thread: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(thread, work)


@dataclass(frozen=True, slots=True)
class _School:
    """The records of one school."""

    store: SQLiteStore
    name: str

    async def get(self, kind: type[R], id: str) -> R | None:
        """Return the record as last saved, or None."""
        table = await self.store.table(kind)
        rows = await self.store.rows(f"select document from {table.name} where school = ? and id = ?", (self.name, id))
        return decode(kind, json.loads(rows[0][0])) if rows else None

    async def find(self, kind: type[R], **where: str) -> list[R]:
        """Return the records whose indexed fields equal *where*, first saved first."""
        table, tests, values = await self.store.table(kind), ["school = ?"], [self.name]
        for name, value in where.items():
            if name not in kind.INDEXES:
                raise ValueError(f"{table.name} has no index on {name!r}.")
            if name in table.single:
                tests.append(f"document ->> '$.{name}' = ?")
                values.append(str(value))
            else:
                words = f"select place from {table.name}_word where school = ? and field = ? and word = ?"
                tests.append(f"place in ({words})")
                values += [self.name, name, str(value)]
        rows = await self.store.rows(
            f"select document from {table.name} where {' and '.join(tests)} order by place", values
        )
        return [decode(kind, json.loads(document)) for (document,) in rows]

    async def due(self, kind: type[R], before: datetime) -> list[R]:
        """Return the records whose `due_at` is not after *before*, earliest first."""
        table = await self.store.table(kind)
        rows = await self.store.rows(
            f"select document from {table.name} where school = ? and due_at <= ? order by due_at, place",
            (self.name, _microseconds(before)),
        )
        return [decode(kind, json.loads(document)) for (document,) in rows]

    async def claim(self, kinds: Sequence[type[L]], before: datetime, lease: Lease[L]) -> list[L]:
        """Let *lease* choose from what is due, save what it returns, and return it as saved."""
        while True:
            due = [record for kind in kinds for record in await self.due(kind, before)]
            leased = lease(sorted(due, key=lambda each: cast(datetime, each.due_at)), ())
            try:
                await self.save(*leased)
            except Stale:
                continue
            return [replace(cast(Any, each), version=each.version + 1) for each in leased]

    async def save(self, *records: Record, forget: Sequence[Record] = ()) -> None:
        """Write all of *records* and delete all of *forget*, or do nothing."""
        keys = {(type(each), each.id) for each in (*records, *forget)}
        if len(keys) < len(records) + len(forget):
            raise ValueError("The same record is saved or forgotten twice.")
        if strangers := {each.school for each in (*records, *forget)} - {self.name}:
            raise ValueError(f"{self.name!r} can't save records of {', '.join(map(repr, sorted(strangers)))}.")
        if any(each.version == 0 for each in forget):
            raise Stale
        writes = [await self._write(each) for each in records]
        writes += [Write(await self.store.table(type(each)), self.name, each.id, each.version) for each in forget]
        if writes:
            await self.store.save(writes)

    async def _write(self, record: Record) -> Write:
        table = await self.store.table(type(record))
        document = encode(replace(cast(Any, record), version=record.version + 1))
        words = {(field, str(word)): None for field in table.several for word in getattr(record, field)}
        due = _microseconds(record.due_at) if record.due_at else None
        return Write(table, self.name, record.id, record.version, due, json.dumps(document), tuple(words))


def _microseconds(moment: datetime) -> int:
    if moment.utcoffset() is None:
        raise ValueError("A moment without a time zone is never due.")
    whole = moment.astimezone(UTC)
    return int(whole.timestamp()) * 1_000_000 + whole.microsecond
