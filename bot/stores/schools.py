"""What every store that keeps its records in memory does alike: reading, and judging what may be saved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from bot.errors import Stale
from bot.ports import L, Lease, R, Record
from bot.stores.codec import Document, as_read, encode
from bot.stores.shelf import Entry, Shelf

Key = tuple[str, str, str]  # School, name of the kind, id.


@dataclass(frozen=True, slots=True)
class Change:
    """One call of `save`, checked for itself and ready to be written.

    Attributes:
        expected: The version that each record must still have for the change to hold; 0 is absent.
        entries: What to shelve; each record as it would be read back, its version raised.
        documents: The same as name of the kind and document.
        forgotten: What to delete.
    """

    expected: Mapping[Key, int]
    entries: tuple[Entry[Record], ...]
    documents: tuple[tuple[str, Document], ...]
    forgotten: tuple[Key, ...]

    @classmethod
    def of(cls, school: str, records: Sequence[Record], forget: Sequence[Record]) -> Change:
        """Return the change that saves *records* and deletes those of *forget*.

        Raises:
            ValueError: A record of another school, the same one twice, or one that can't be stored.
            Stale: One to forget was never saved.
        """
        expected = {key_of(record): record.version for record in (*records, *forget)}
        if len(expected) < len(records) + len(forget):
            raise ValueError("The same record is saved or forgotten twice.")
        if strangers := {key[0] for key in expected} - {school}:
            raise ValueError(f"{school!r} can't save records of {', '.join(map(repr, sorted(strangers)))}.")
        if any(record.version == 0 for record in forget):
            raise Stale
        entries, documents = [], []
        for record in records:
            document = encode(record)
            document["version"] = record.version + 1
            documents.append((type(record).__name__, document))
            # As read back, so that nobody sees before a restart what they could not see after it.
            entries.append(Entry.of(as_read(record, document)))
        return cls(expected, tuple(entries), tuple(documents), tuple(map(key_of, forget)))

    def outcome(self) -> dict[Key, int]:
        """Return the versions that its records have once it is kept."""
        kept = {key: version + 1 for key, version in self.expected.items()}
        kept.update(dict.fromkeys(self.forgotten, 0))
        return kept


def key_of(record: Record) -> Key:
    """Return what tells *record* from all others in the store."""
    return record.school, type(record).__name__, record.id


class Shelves:
    """All records of all schools; *stored* gives the documents of a school and kind, as JSON, when first needed."""

    def __init__(self, stored: Callable[[str, str], Iterable[bytes]] = lambda school, kind: ()) -> None:
        self._stored = stored
        self._shelves: dict[tuple[str, str], Shelf[Any]] = {}

    def of(self, school: str, kind: type[R]) -> Shelf[R]:
        """Return the shelf of *school* for *kind*."""
        shelf = self._shelves.get((school, kind.__name__))
        if shelf is None:
            shelf = Shelf(kind, self._stored(school, kind.__name__))
            self._shelves[school, kind.__name__] = shelf
        elif shelf.kind is not kind:
            raise TypeError(f"Two classes share the name {kind.__name__}, by which the store knows them.")
        return cast(Shelf[R], shelf)

    def judge(self, change: Change, ahead: Mapping[Key, int]) -> None:
        """Raise Stale unless *change* holds on top of what is shelved, and of newer versions in *ahead*."""
        for key, expected in change.expected.items():
            school, kind, id = key
            current = ahead[key] if key in ahead else self._shelves[school, kind].version(id)
            if current != expected:
                raise Stale

    def keep(self, change: Change) -> None:
        """Make *change* visible."""
        for entry in change.entries:
            school, kind, _ = key_of(entry.record)
            self._shelves[school, kind].put(entry)
        for school, kind, id in change.forgotten:
            self._shelves[school, kind].drop(id)


@dataclass(frozen=True, slots=True)
class School:
    """The records of one school, as `SchoolStore` asks; *commit* judges a change, keeps it, or raises."""

    name: str
    shelves: Shelves
    commit: Callable[[Change], Awaitable[None]]

    async def get(self, kind: type[R], id: str) -> R | None:
        """Return the record as last saved, or None."""
        return self.shelves.of(self.name, kind).get(id)

    async def find(self, kind: type[R], **where: str) -> list[R]:
        """Return the records whose indexed fields equal *where*, first saved first."""
        return self.shelves.of(self.name, kind).find(where.items())

    async def due(self, kind: type[R], before: datetime) -> list[R]:
        """Return the records whose `due_at` is not after *before*, earliest first."""
        return self.shelves.of(self.name, kind).due(before)

    async def claim(self, kinds: Sequence[type[L]], before: datetime, lease: Lease[L]) -> list[L]:
        """Let *lease* choose from what is due, save what it returns, and return it as saved.

        Only this process has the store open, and it knows its own leases: *lease* is told of none.
        """
        while True:
            due = [record for kind in kinds for record in self.shelves.of(self.name, kind).due(before)]
            leased = lease(sorted(due, key=_due_at), ())
            try:
                await self.save(*leased)
            except Stale:  # one of them was changed while it was written: look again
                continue
            return [replace(cast(Any, each), version=each.version + 1) for each in leased]

    async def save(self, *records: Record, forget: Sequence[Record] = ()) -> None:
        """Write all of *records* and delete all of *forget*, or do nothing."""
        change = Change.of(self.name, records, forget)
        for record in (*records, *forget):
            self.shelves.of(self.name, type(record))
        if change.expected:
            await self.commit(change)


def _due_at(record: Record) -> datetime:
    assert record.due_at is not None
    return record.due_at
