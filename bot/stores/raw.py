"""Documents as a store keeps them, not decoded: so that what this program does not know can be moved as well."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from json import JSONEncoder, loads
from typing import Any, cast

from bot.ports import Record
from bot.stores.codec import CodecError, Document, decode
from bot.stores.columns import word_of
from bot.stores.shelf import Entry, utc

Kinds = Mapping[str, type[Record]]  # Name of the kind to its class, of all that this program knows.
Table = tuple[str, str]  # School, name of the kind.

Batches = AsyncGenerator[Sequence["Raw"], None]

# Also whatever a class of its own raises at values that it does not want.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError)

_canonical = JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class Columns:
    """What a database keeps beside a document, to find it by.

    Attributes:
        due_at: When it is due, in UTC.
        leased: Whether somebody is at it.
        words: A hash for each value of each indexed field.
    """

    due_at: datetime | None
    leased: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Raw:
    """One record as it is kept.

    Attributes:
        kind: The name of its kind.
        text: The document as JSON in UTF-8.
        document: The same, read.
        columns: What stood beside it, or None where it was in no database.
    """

    kind: str
    text: bytes
    document: Document
    columns: Columns | None = None

    @classmethod
    def of(cls, kind: str, text: bytes, columns: Columns | None = None) -> Raw:
        """Return the record that is kept as *text*."""
        return cls(kind, text, cast(Document, loads(text)), columns)

    @property
    def school(self) -> str:
        """Return the id of its school."""
        return cast(str, self.document["school"])

    @property
    def id(self) -> str:
        """Return its id."""
        return cast(str, self.document["id"])

    @property
    def table(self) -> Table:
        """Return its school and the name of its kind."""
        return self.school, self.kind

    @property
    def version(self) -> int:
        """Return how often it was saved."""
        return cast(int, self.document["version"])

    @property
    def canonical(self) -> bytes:
        """Return the document in the one way of writing that every store's agrees on."""
        return _canonical(self.document).encode()

    def misfit(self, kinds: Kinds) -> str:
        """Return why it can't be decoded, as the end of a sentence without anything of its content, or ""."""
        try:
            self._record(kinds)
        except CodecError as error:
            return f"field {error.field!r} does not fit"
        except UNREADABLE as error:
            return f"it can't be read ({type(error).__name__})"
        return ""

    def worked_out(self, kinds: Kinds) -> Columns:
        """Return what a database keeps beside it; raises one of UNREADABLE where that can't be told."""
        record = self._record(kinds)
        entry = Entry.of(record)
        words = tuple(word_of(self.school, self.kind, name, value) for name, value in entry.words)
        return Columns(entry.due, getattr(record, "lease", "") != "", words)

    def columns_as_they_are(self) -> Columns:
        """Return what stood beside it, or what can be told of a document of any kind: not what it is found by."""
        if self.columns is not None:
            return self.columns
        due = None
        with suppress(*UNREADABLE):
            due = utc(datetime.fromisoformat(self.document["due_at"].partition("[")[0]))
        return Columns(due, self.document.get("lease", "") not in ("", None), ())

    def _record(self, kinds: Kinds) -> Any:
        return decode(kinds[self.kind], self.document)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many records of one kind a school has, and the SHA-256 of them in their order."""

    count: int
    sha256: str


@dataclass(slots=True)
class _Running:
    count: int = 0
    hash: Any = field(default_factory=hashlib.sha256)


class Tallies:
    """A tally for each school and kind, while records come along."""

    def __init__(self, raws: Iterable[Raw] = ()) -> None:
        self._running: dict[Table, _Running] = {}
        for raw in raws:
            self.add(raw)

    def add(self, raw: Raw) -> None:
        """Count *raw*."""
        running = self._running.setdefault(raw.table, _Running())
        running.count += 1
        running.hash.update(raw.canonical + b"\n")

    def __getitem__(self, table: Table) -> Tally:
        running = self._running.get(table) or _Running()
        return Tally(running.count, running.hash.hexdigest())

    def __iter__(self) -> Iterator[Table]:
        """Yield schools and kinds, sorted."""
        return iter(sorted(self._running))

    def count(self, table: Table) -> int:
        """Return how many there are of a school and kind."""
        running = self._running.get(table)
        return running.count if running else 0

    @property
    def total(self) -> int:
        """Return how many there are in all."""
        return sum(running.count for running in self._running.values())
