"""What the inside needs from outside: protocols that stores, clocks, directories and chats keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar, Protocol, TypeVar

from bot.conversation.cards import Card
from bot.domain.jobs import To
from bot.domain.people import Person
from bot.domain.policy import Policy


class Record(Protocol):
    """A frozen dataclass that a store keeps as one JSON document.

    Attributes:
        school: The id of the school that it belongs to.
        id: Unique within its school and kind.
        version: 0 until it is first saved; else the number of saves of the copy in hand.
        INDEXES: Names of the fields that `find` may be asked by: a string or StrEnum, or a tuple of
            strings, which matches by each of its members.
    """

    INDEXES: ClassVar[tuple[str, ...]]

    @property
    def school(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def due_at(self) -> datetime | None: ...


R = TypeVar("R", bound=Record)


class Leased(Record, Protocol):
    """A record that one process is at while the others leave it alone.

    Attributes:
        lease: The name of whoever is at it until `due_at`, or "".
    """

    @property
    def lease(self) -> str: ...


L = TypeVar("L", bound=Leased)
Lease = Callable[[Sequence[L], Sequence[L]], Sequence[L]]


class SchoolStore(Protocol):
    """The records of one school; where they can't be read, each method raises NotSaved."""

    async def get(self, kind: type[R], id: str) -> R | None:
        """Return the record as last saved, or None."""

    async def find(self, kind: type[R], **where: str) -> list[R]:
        """Return the records whose indexed fields equal *where*, first saved first; all without *where*.

        Raises:
            ValueError: A name in *where* is not in the kind's INDEXES.
        """

    async def due(self, kind: type[R], before: datetime) -> list[R]:
        """Return the records whose `due_at` is not after *before*, earliest first."""

    async def claim(self, kinds: Sequence[type[L]], before: datetime, lease: Lease[L]) -> list[L]:
        """Let *lease* choose from what is due, save what it returns, and return it as saved.

        *lease* is given the records of *kinds* whose `due_at` is not after *before*, earliest first, and those that
        somebody has a lease on at that moment; it returns changed copies of some of the former, and may be called
        again. Nobody else is given a record meanwhile, nor claims anything of this school.

        Raises:
            NotSaved: The medium refused; nothing is claimed.
        """

    async def save(self, *records: Record, forget: Sequence[Record] = ()) -> None:
        """Write all of *records* and delete all of *forget*, or do nothing.

        What is saved has `version` one higher than the copy in hand. Durable when it returns.

        Raises:
            Stale: One of them was written or deleted since it was read, or is new and exists already.
            NotSaved: The medium refused; nothing of this call is kept.
            ValueError: A record of another school, or the same record twice.
        """


class Store(Protocol):
    """Every school's records."""

    @property
    def exclusive(self) -> bool:
        """Tell whether no other process can have it open."""

    @property
    def healthy(self) -> bool:
        """Tell whether the last write worked."""

    def of(self, school: str) -> SchoolStore:
        """Return the records of *school*; there is no way to ask without one."""

    async def open(self) -> None:
        """Make the store ready; raises NotSaved with a clear word where it can't be."""

    async def close(self) -> None:
        """Finish what is being written and let go of the medium."""


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """Return the present moment with a time zone."""


class Ids(Protocol):
    """Names for new things."""

    def new(self) -> str:
        """Return an opaque id that was never returned before."""

    def code(self, length: int) -> str:
        """Return *length* random letters and digits that nobody can guess or mistake for one another."""


class Directory(Protocol):
    """Who is who in one school."""

    def person(self, person_id: str) -> Person | None:
        """Return the person, or None where nobody has this id."""

    def everyone(self) -> tuple[Person, ...]:
        """Return all people, those without a seat and those who left included."""


class Policies(Protocol):
    """The texts of a school's policy."""

    def current(self) -> Policy:
        """Return the version in force."""

    def version(self, name: str) -> Policy | None:
        """Return an older version by its name, or None."""


class Chat(Protocol):
    """One platform's way of saying things."""

    name: str

    @property
    def trouble(self) -> str:
        """Return what keeps the platform from taking anything, as a sentence for its administrator, or ""."""

    def reaches(self, to: To) -> bool:
        """Tell whether this platform has a seat or a place for *to*."""

    async def send(self, to: To, card: Card, key: str) -> str:
        """Say *card* and return the platform's reference of the message; *key* marks it for `find`.

        Raises:
            Undeliverable: It could not be said.
        """

    async def redraw(self, to: To, reference: str, card: Card) -> None:
        """Replace what the message at *reference* shows."""

    async def find(self, to: To, key: str) -> str | None:
        """Return the reference of what was sent under *key*, or None: was it sent before the crash?"""
