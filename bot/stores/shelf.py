"""A shelf: one school's records of one kind, in memory, with its indexes and what is due."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Generic

from bot.ports import R


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


class Shelf(Generic[R]):
    """One school's records of one kind; each operation is one stroke, none waits."""

    def __init__(self, kind: type[R]) -> None:
        self.kind = kind
        self._entries: dict[str, Entry[R]] = {}
        self._places: dict[str, int] = {}
        self._words: dict[tuple[str, str], set[str]] = {}
        self._due: list[tuple[datetime, int, str]] = []
        self._next = count()

    def get(self, id: str) -> R | None:
        """Return the record, or None."""
        entry = self._entries.get(id)
        return entry.record if entry else None

    def version(self, id: str) -> int:
        """Return the version of the record, 0 where there is none."""
        entry = self._entries.get(id)
        return entry.record.version if entry else 0

    def find(self, where: Iterable[tuple[str, str]]) -> list[R]:
        """Return the records that have all words of *where*, first saved first."""
        words = list(where)
        for name, _ in words:
            if name not in self.kind.INDEXES:
                raise ValueError(f"{self.kind.__name__} has no index on {name!r}.")
        if not words:
            return [entry.record for entry in self._entries.values()]
        ids = set.intersection(*sorted((self._words.get(word, set()) for word in words), key=len))
        return [self._entries[id].record for id in sorted(ids, key=self._places.__getitem__)]

    def due(self, before: datetime) -> list[R]:
        """Return the records due at *before* or earlier, earliest first and then first saved first."""
        end = bisect_right(self._due, utc(before), key=lambda due: due[0])
        return [self._entries[id].record for _, _, id in self._due[:end]]

    def put(self, entry: Entry[R]) -> None:
        """Shelve *entry*, at the place of the record with its id where there is one."""
        id = entry.record.id
        if id in self._entries:
            self._unlist(id)
        else:
            self._places[id] = next(self._next)
        self._entries[id] = entry
        for word in entry.words:
            self._words.setdefault(word, set()).add(id)
        if entry.due is not None:
            insort(self._due, (entry.due, self._places[id], id))

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
            del self._due[bisect_right(self._due, (entry.due, self._places[id], id)) - 1]


def _members(value: object) -> Iterable[str]:
    match value:
        case None:
            return ()
        case str():
            return (value,)
        case tuple() | frozenset():
            return value
        case _:
            raise ValueError(f"An index can't be on a {type(value).__name__}.")


def utc(moment: datetime) -> datetime:
    """Return *moment* in UTC; raises ValueError where it has no time zone."""
    if moment.utcoffset() is None:
        raise ValueError("A moment without a time zone is never due.")
    return moment.astimezone(UTC)
