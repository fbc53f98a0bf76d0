"""A shelf: one school's records of one kind, in memory, with its indexes and what is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import count
from json import loads
from typing import Any, Generic, cast

from bot.ports import R
from bot.stores.agenda import Agenda
from bot.stores.codec import Document, decode


@dataclass(frozen=True, slots=True)
class Entry(Generic[R]):
    """A record and what it is found by, worked out before anything is written so that shelving can't fail.

    Attributes:
        words: Pairs of index name and value.
        due: When it is due, in UTC: moments of one zone compare by its clocks, which go back in autumn.
    """

    record: R
    words: tuple[tuple[str, str], ...]
    due: datetime | None

    @classmethod
    def of(cls, record: R) -> Entry[R]:
        """Return the entry of *record*."""
        words = ((name, value) for name in record.INDEXES for value in _members(getattr(record, name)))
        return cls(record, tuple(dict.fromkeys(words)), record.due_at and utc(record.due_at))

    @property
    def version(self) -> int:
        """Return the version of the record."""
        return self.record.version


@dataclass(frozen=True, slots=True)
class Unread:
    """What an entry says of a record that nobody has asked for since the start, and its document as JSON."""

    text: bytes
    version: int
    words: tuple[tuple[str, str], ...]
    due: datetime | None

    @classmethod
    def of(cls, text: bytes, document: Document, indexes: Iterable[str]) -> Unread:
        """Return the entry of *document*, which is *text*.

        Raises:
            LookupError, ValueError: It was written when records of its kind had other fields.
        """
        words = ((name, value) for name in indexes for value in _members(document[name]))
        due_at = document["due_at"]
        due = utc(datetime.fromisoformat(due_at.partition("[")[0])) if due_at else None
        return cls(text, document["version"], tuple(dict.fromkeys(words)), due)


class Shelf(Generic[R]):
    """One school's records of one kind; each operation is one stroke, none waits."""

    def __init__(self, kind: type[R], stored: Iterable[bytes] = ()) -> None:
        """Shelve what *stored* has, as JSON, in the order of the first saving."""
        self.kind = kind
        self._entries: dict[str, Entry[R] | Unread] = {}
        self._places: dict[str, int] = {}
        self._words: dict[tuple[str, str], set[str]] = {}
        self._next = count()
        self._due = Agenda(self._filled(stored))

    def get(self, id: str) -> R | None:
        """Return the record, or None."""
        return self._record(id) if id in self._entries else None

    def version(self, id: str) -> int:
        """Return the version of the record, 0 where there is none."""
        entry = self._entries.get(id)
        return entry.version if entry else 0

    def find(self, where: Iterable[tuple[str, str]]) -> list[R]:
        """Return the records that have all words of *where*, first saved first."""
        words = list(where)
        for name, _ in words:
            if name not in self.kind.INDEXES:
                raise ValueError(f"{self.kind.__name__} has no index on {name!r}.")
        if not words:
            return [self._record(id) for id in self._entries]
        ids = set.intersection(*sorted((self._words.get(word, set()) for word in words), key=len))
        return [self._record(id) for id in sorted(ids, key=self._places.__getitem__)]

    def due(self, before: datetime) -> list[R]:
        """Return the records due at *before* or earlier, earliest first and then first saved first."""
        return [self._record(id) for _, _, id in self._due.until(utc(before))]

    def put(self, entry: Entry[R]) -> None:
        """Shelve *entry*, at the place of the record with its id where there is one."""
        id = entry.record.id
        if id in self._entries:
            self._unlist(id)
        else:
            self._places[id] = next(self._next)
        self._list(id, entry)
        if entry.due is not None:
            self._due.add((entry.due, self._places[id], id))

    def drop(self, id: str) -> None:
        """Take the record off the shelf; put again it comes last."""
        self._unlist(id)
        del self._entries[id], self._places[id]

    def _unlist(self, id: str) -> None:
        entry = self._entries[id]
        for word in entry.words:
            self._words[word].discard(id)
            if not self._words[word]:
                del self._words[word]
        if entry.due is not None:
            self._due.remove((entry.due, self._places[id], id))

    def _list(self, id: str, entry: Entry[R] | Unread) -> None:
        self._entries[id] = entry
        for word in entry.words:
            self._words.setdefault(word, set()).add(id)

    def _record(self, id: str) -> R:
        """Return the record of *id*, which is there."""
        entry = self._entries[id]
        if isinstance(entry, Unread):
            entry = self._entries[id] = Entry(decode(self.kind, loads(entry.text)), entry.words, entry.due)
        return entry.record

    def _filled(self, stored: Iterable[bytes]) -> Iterable[tuple[datetime, int, str]]:
        """Shelve all of *stored* and yield what of it is due."""
        named = {field.name for field in fields(cast(Any, self.kind)) if field.init}
        written_down = {"version", "due_at", *self.kind.INDEXES} <= named
        for place, text in zip(self._next, stored, strict=False):
            document = loads(text)
            entry = self._unread(text, document) if written_down else self._read(document)
            id = document["id"]
            self._places[id] = place
            self._list(id, entry)
            if entry.due is not None:
                yield entry.due, place, id

    def _unread(self, text: bytes, document: Document) -> Entry[R] | Unread:
        try:
            return Unread.of(text, document, self.kind.INDEXES)
        except (LookupError, ValueError, TypeError, AttributeError):
            return self._read(document)

    def _read(self, document: Document) -> Entry[R]:
        return Entry.of(decode(self.kind, document))


def _members(value: object) -> Iterable[str]:
    match value:
        case None:
            return ()
        case str():
            return (value,)
        case tuple() | frozenset() | list():
            return value
        case _:
            raise ValueError(f"An index can't be on a {type(value).__name__}.")


def utc(moment: datetime) -> datetime:
    """Return *moment* in UTC; raises ValueError where it has no time zone."""
    if moment.utcoffset() is None:
        raise ValueError("A moment without a time zone is never due.")
    return moment.astimezone(UTC)
