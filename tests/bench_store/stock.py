"""TinyDB as it comes, behind the store's port: its own table and JSONStorage, which write everything at each save."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from tinydb import TinyDB, where
from tinydb.queries import QueryInstance
from tinydb.storages import JSONStorage
from tinydb.table import Document

from bot.errors import Stale
from bot.ports import L, Lease, R, Record, SchoolStore
from bot.stores.codec import decode, encode

T = TypeVar("T")


class StockStore:
    """Every school's records in one JSON file, a table for each kind; one thread, and no crash is survived."""

    exclusive = True
    healthy = True

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "stock.json"
        self._thread = ThreadPoolExecutor(1, "stock")

    def of(self, school: str) -> SchoolStore:
        """Return the records of *school*."""
        return _School(self, school)

    async def open(self) -> None:
        """Open the file."""
        self.documents = await self.aside(lambda: TinyDB(self._file, storage=JSONStorage))

    async def close(self) -> None:
        """Close it."""
        await self.aside(self.documents.close)
        self._thread.shutdown()

    async def fill(self, records: Iterable[Record]) -> None:
        """Write all of *records* in one go, as the storage's own content."""
        tables: dict[str, dict[str, dict[str, Any]]] = {}
        for record in records:
            table = tables.setdefault(type(record).__name__, {})
            table[str(len(table) + 1)] = encode(replace(cast(Any, record), version=1))
        await self.aside(lambda: self.documents.storage.write(tables))

    async def aside(self, work: Callable[[], T]) -> T:
        """Do *work* on the store's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


@dataclass(frozen=True, slots=True)
class _School:
    """The records of one school."""

    store: StockStore
    name: str

    async def get(self, kind: type[R], id: str) -> R | None:
        """Return the record as last saved, or None."""
        found = await self.store.aside(lambda: self._found(kind, id))
        return decode(kind, dict(found)) if found else None

    async def find(self, kind: type[R], **fields: str) -> list[R]:
        """Return the records whose indexed fields equal *fields*, first saved first; each is looked at."""
        wanted = self._mine()
        for name, value in fields.items():
            if name not in kind.INDEXES:
                raise ValueError(f"{kind.__name__} has no index on {name!r}.")
            wanted &= where(name).test(cast(Any, _has), str(value))
        return [decode(kind, dict(each)) for each in await self._search(kind, wanted)]

    async def due(self, kind: type[R], before: datetime) -> list[R]:
        """Return the records whose `due_at` is not after *before*, earliest first; each is looked at."""
        if before.utcoffset() is None:
            raise ValueError("A moment without a time zone is never due.")
        every = [decode(kind, dict(each)) for each in await self._search(kind, self._mine())]
        due = [(each.due_at.timestamp(), each) for each in every if each.due_at]
        return [each for at, each in sorted(due, key=lambda pair: pair[0]) if at <= before.timestamp()]

    async def claim(self, kinds: Sequence[type[L]], before: datetime, lease: Lease[L]) -> list[L]:
        """Let *lease* choose from what is due, save what it returns, and return it as saved."""
        due = [record for kind in kinds for record in await self.due(kind, before)]
        leased = lease(sorted(due, key=lambda each: cast(datetime, each.due_at)), ())
        await self.save(*leased)
        return [replace(cast(Any, each), version=each.version + 1) for each in leased]

    async def save(self, *records: Record, forget: Sequence[Record] = ()) -> None:
        """Write all of *records* and delete all of *forget*: in one go where nothing goes wrong."""
        if any(each.version == 0 for each in forget):
            raise Stale
        await self.store.aside(lambda: self._save(records, forget))

    def _save(self, records: Sequence[Record], forget: Sequence[Record]) -> None:
        known = [self._current(each) for each in (*records, *forget)]
        new: dict[str, list[dict[str, Any]]] = {}
        changed: dict[str, list[Document]] = {}
        for record, kept in zip(records, known, strict=False):
            document, kind = encode(replace(cast(Any, record), version=record.version + 1)), type(record).__name__
            if kept is None:
                new.setdefault(kind, []).append(document)
            else:
                changed.setdefault(kind, []).append(Document(document, kept.doc_id))
        for kind, documents in new.items():
            self._table(kind).insert_multiple(documents)
        for kind, several in changed.items():
            for each in several:
                self._table(kind).update(dict(each), doc_ids=[each.doc_id])
        gone: dict[str, list[int]] = {}
        for record, kept in zip(forget, known[len(records) :], strict=True):
            gone.setdefault(type(record).__name__, []).append(cast(Document, kept).doc_id)
        for kind, places in gone.items():
            self._table(kind).remove(doc_ids=places)

    def _current(self, record: Record) -> Document | None:
        """Return what is kept of *record*; raises Stale where that is not what was read."""
        kept = self._found(type(record), record.id)
        if (kept["version"] if kept else 0) != record.version:
            raise Stale
        return kept

    def _found(self, kind: type[Record], id: str) -> Document | None:
        return cast(Document | None, self._table(kind.__name__).get(self._mine() & (where("id") == id)))

    async def _search(self, kind: type[Record], wanted: QueryInstance) -> list[Document]:
        return await self.store.aside(lambda: self._table(kind.__name__).search(wanted))

    def _mine(self) -> QueryInstance:
        return cast(QueryInstance, where("school") == self.name)

    def _table(self, kind: str) -> Any:
        return self.store.documents.table(kind)


def _has(kept: Any, value: str) -> bool:
    return kept == value or (isinstance(kept, list) and value in kept)
