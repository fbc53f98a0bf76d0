"""What can go wrong between the app and Slack, to be ordered by a test."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RateLimited:
    """Slack answers 429; *retry_after* stands in the header as it is, and None leaves the header out."""

    retry_after: str | None = "1"


@dataclass(frozen=True, slots=True)
class Status:
    """Slack answers with this status of HTTP and has done nothing."""

    code: int


@dataclass(frozen=True, slots=True)
class DroppedBefore:
    """The connection is lost before Slack did anything."""


@dataclass(frozen=True, slots=True)
class DroppedAfter:
    """Slack did it, and the connection is lost before the answer."""


@dataclass(frozen=True, slots=True)
class Says:
    """Slack refuses with this code."""

    error: str


@dataclass(frozen=True, slots=True)
class Held:
    """Slack does it and answers only when *until* is set; *reached* tells that the call has arrived."""

    until: asyncio.Event
    reached: asyncio.Event = field(default_factory=asyncio.Event)


Failure = RateLimited | Status | DroppedBefore | DroppedAfter | Says | Held


@dataclass(slots=True)
class Order:
    """A failure that waits for its call; *method* may be "*", an empty *channel* is any.

    A channel may be named by the id of the person at the other side of a direct message too.
    """

    method: str
    channel: str
    failure: Failure
    times: int


class Orders:
    """The failures that tests ordered, oldest first."""

    def __init__(self) -> None:
        self._orders: list[Order] = []

    def add(self, order: Order) -> None:
        """Remember *order*."""
        self._orders.append(order)

    def take(self, method: str, places: set[str]) -> Failure | None:
        """Return the failure that this call meets, and count it; *places* are where the call leads."""
        for order in self._orders:
            if order.times and order.method in {"*", method} and order.channel in {"", *places}:
                order.times -= 1
                return order.failure
        return None

    def forget(self) -> None:
        """Let all that wait for their call meet none."""
        self._orders.clear()

    @property
    def waiting(self) -> int:
        """Return how many failures have met no call yet."""
        return sum(order.times for order in self._orders)
