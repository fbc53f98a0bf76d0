"""What can go wrong between the app and the Bot Connector, to be ordered by a test."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Answers:
    """The connector answers with this status and has done nothing; *retry_after* stands in the header as it is.

    An empty *code* makes the body a page of HTML, as gateways write it.
    """

    status: int
    code: str = ""
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class DroppedBefore:
    """The connection is lost before the connector did anything."""


@dataclass(frozen=True, slots=True)
class DroppedAfter:
    """The connector did it, and the connection is lost before the answer."""


@dataclass(frozen=True, slots=True)
class Garbled:
    """The connector did it, and answers 2xx with what nobody can read."""


@dataclass(frozen=True, slots=True)
class Held:
    """The connector does it and answers only when *until* is set; *reached* tells that the call has arrived."""

    until: asyncio.Event
    reached: asyncio.Event = field(default_factory=asyncio.Event)


Failure = Answers | DroppedBefore | DroppedAfter | Garbled | Held


@dataclass(slots=True)
class Order:
    """A failure that waits for its call.

    *method* is that of HTTP, *place* a conversation or the person at the other end of a personal chat, *path* a part
    of the path; each takes any call where it is empty.
    """

    failure: Failure
    times: int = 1
    method: str = ""
    place: str = ""
    path: str = ""

    def meets(self, method: str, path: str, places: set[str]) -> bool:
        """Tell whether a call is the one that it waits for."""
        fits = self.method in {"", method} and self.path in path and self.place in {"", *places}
        return self.times > 0 and fits


class Orders:
    """The failures that tests ordered, oldest first."""

    def __init__(self) -> None:
        self._orders: list[Order] = []

    def add(self, order: Order) -> None:
        """Remember *order*."""
        self._orders.append(order)

    def take(self, method: str, path: str, places: set[str]) -> Failure | None:
        """Return the failure that this call meets, and count it; *places* are where the call leads."""
        for order in self._orders:
            if order.meets(method, path, places):
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


class Failing:
    """Something whose calls fail as tests order; `orders` is what still waits."""

    def __init__(self) -> None:
        self.orders = Orders()

    def fails(self, failure: Failure, *, times: int = 1, method: str = "", place: str = "", path: str = "") -> None:
        """Let the next calls fail that fit; *place* is a conversation, or the person of a personal chat."""
        self.orders.add(Order(failure, times, method, place, path))

    def fail_next(
        self, status: int, code: str = "", *, retry_after: str | None = None, times: int = 1, method: str = "",
        place: str = "", path: str = "",
    ) -> None:  # fmt: skip
        """Let the next calls be answered with *status*, though nothing was done."""
        self.fails(Answers(status, code, retry_after), times=times, method=method, place=place, path=path)

    def drop_next(
        self, *, after: bool = False, times: int = 1, method: str = "", place: str = "", path: str = ""
    ) -> None:
        """Let the connection of the next calls be lost, before or after the connector did what they want."""
        dropped: Failure = DroppedAfter() if after else DroppedBefore()
        self.fails(dropped, times=times, method=method, place=place, path=path)

    def delay_next(self, until: asyncio.Event, *, method: str = "", place: str = "", path: str = "") -> Held:
        """Let the next call be answered only when *until* is set; what comes back tells when it has arrived."""
        held = Held(until)
        self.fails(held, method=method, place=place, path=path)
        return held

    def forgets_failures(self) -> None:
        """Let every call work again; failures that were ordered meet none any more."""
        self.orders.forget()

    @property
    def waiting_failures(self) -> int:
        """Return how many of the failures that were ordered have met no call yet."""
        return self.orders.waiting
