"""A clock that a person can move on the local page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class MovableClock(Protocol):
    """What time it is, or is pretended to be."""

    @property
    def movable(self) -> bool:
        """Tell whether people may move it."""

    def now(self) -> datetime:
        """Return the present moment with a time zone."""

    def set(self, moment: datetime) -> None:
        """Pretend that it is *moment*."""


class LocalClock:
    """The machine's time until it is set; then it stands still until it is set again."""

    def __init__(self, *, movable: bool = True, start: datetime | None = None) -> None:
        self.movable = movable
        self._pretended = start

    def now(self) -> datetime:
        """Return the present moment."""
        return self._pretended or datetime.now(UTC)

    def set(self, moment: datetime) -> None:
        """Pretend that it is *moment*."""
        self._pretended = moment
