"""Records that the store's laws are told with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from bot.ports import Record

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


class State(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Note:
    """A record with two indexes and a due moment."""

    INDEXES: ClassVar[tuple[str, ...]] = ("state", "readers")

    school: str
    id: str
    text: str = ""
    state: State = State.OPEN
    readers: tuple[str, ...] = ()
    due_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Ballot:
    """A record that is never due."""

    INDEXES: ClassVar[tuple[str, ...]] = ("voter",)

    school: str
    id: str
    voter: str | None = None
    version: int = 0

    @property
    def due_at(self) -> datetime | None:
        return None


@dataclass(frozen=True, slots=True)
class Task:
    """A record that is claimed; those of one recipient are a lane."""

    INDEXES: ClassVar[tuple[str, ...]] = ("recipient",)

    school: str
    id: str
    recipient: str = "ada"
    due_at: datetime | None = NOON
    lease: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Chore(Task):
    """Another kind that is claimed."""


@dataclass(frozen=True, slots=True)
class Phone:
    number: str


@dataclass(frozen=True, slots=True)
class Letter:
    lines: tuple[str, ...] = ()
    enclosed: Letter | None = None


@dataclass(frozen=True, slots=True)
class Everything:
    """One field of each type that a record may have."""

    INDEXES: ClassVar[tuple[str, ...]] = ()

    school: str
    id: str
    text: str = ""
    number: int = 0
    ratio: float = 0.0
    sure: bool = False
    state: State = State.OPEN
    at: datetime = NOON
    day: date = date(2026, 11, 28)
    span: timedelta = timedelta(0)
    letter: Letter = Letter()
    reply: Phone | Letter | str | None = None
    phone: Phone | None = None
    several: tuple[Phone | Letter, ...] = ()
    states: frozenset[State] = frozenset()
    by_state: Mapping[State, tuple[date, ...]] = field(default_factory=dict)
    answers: Any = None
    due_at: datetime | None = None
    version: int = 0


KINDS: Mapping[str, type[Record]] = {each.__name__: each for each in (Note, Ballot, Task, Chore, Everything)}
