"""How fast stores save and look up: in turns, so that whatever else the machine does befalls all alike."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from random import Random
from statistics import median, quantiles

from bot.domain.applications import Application
from bot.domain.jobs import Job, Shown
from bot.ports import Record, SchoolStore, Store
from tests.bench_store.made import SCHOOL, Day, School, Stroke

SAVERS = 64
AT_ONCE = 500
IN_HAND = 15  # cases that are looked up again and again, however many there are


@dataclass(slots=True)
class Rates:
    """What was measured of one store's saving, by the number of savers.

    Attributes:
        rounds: Saves per second of each round.
        waits: Seconds of each save.
    """

    rounds: dict[int, list[float]] = field(default_factory=dict)
    waits: dict[int, list[float]] = field(default_factory=dict)

    def rate(self, savers: int) -> float:
        """Return the saves per second of the middle round."""
        return median(self.rounds[savers])

    def ratio(self, other: Rates, savers: int) -> float:
        """Return how many times *other*'s saves per second these are, in the middle round."""
        return median(mine / its for mine, its in zip(self.rounds[savers], other.rounds[savers], strict=True))


@dataclass(slots=True)
class Contender:
    """A store with so many records, and the people who save into it.

    Attributes:
        cases: The ids of the applications that it was filled with.
        early: When the first five jobs are due.
        looks: Seconds of each look-up, by its kind; those in the rounds are for what was looked for before.
    """

    name: str
    size: int
    store: Store
    school: School = field(default_factory=School)
    cases: list[str] = field(default_factory=list)
    early: list[datetime] = field(default_factory=list)
    rates: Rates = field(default_factory=Rates)
    looks: dict[str, list[float]] = field(default_factory=dict)
    _days: list[Iterator[Stroke]] = field(default_factory=list)
    _seen: list[str] = field(default_factory=list)

    @property
    def records(self) -> SchoolStore:
        """Return its records."""
        return self.store.of(SCHOOL)

    def made(self) -> list[Record]:
        """Return what the store is to be filled with."""
        made = list(self.school.records(self.size))
        self.cases = [each.id for each in made if isinstance(each, Application)]
        due = sorted(each.due_at for each in made if isinstance(each, Job) and each.due_at)
        self.early = due[:5]
        return made

    async def fill(self) -> None:
        """Save so many records."""
        made = self.made()
        for start in range(0, len(made), AT_ONCE):
            await self.records.save(*made[start : start + AT_ONCE])

    async def welcome(self, savers: int) -> None:
        """Let savers begin; what they begin comes on top of the store's size."""
        for day in [Day(self.school) for _ in range(savers)]:
            begin = day.begin()
            await self.records.save(*begin.records)
            self._days.append(day.strokes())

    async def save(self, savers: int, each: int) -> None:
        """Let so many savers at once save so often *each*, and note how fast that went."""
        strokes = [list(islice(day, each)) for day in self._days[:savers]]
        waits = self.rates.waits.setdefault(savers, [])
        begun = time.perf_counter()
        await asyncio.gather(*(self._save(mine, waits) for mine in strokes))
        seconds = time.perf_counter() - begun
        self.rates.rounds.setdefault(savers, []).append(savers * each / seconds)

    async def _save(self, strokes: Sequence[Stroke], waits: list[float]) -> None:
        records = self.records
        for stroke in strokes:
            begun = time.perf_counter()
            await records.save(*stroke.records, forget=stroke.forget)
            waits.append(time.perf_counter() - begun)

    # Looking up ------------------------------------------------------------------------------

    async def look_first(self, many: int) -> int:
        """Look for so many cases that nobody has looked for since the store was opened; return how many there were."""
        # One more, since the very first has its kind's fields looked at as well.
        first, *self._seen = Random(self.size).sample(self.cases, min(many + 1, len(self.cases)))
        await self._by_id(first)
        await self._by_subject(first)
        await self._due(first)
        await self._look("by id, the first time", self._seen, self._by_id)
        await self._look("by index, the first time", self._seen, self._by_subject)
        return len(self._seen)

    async def look_again(self, many: int) -> None:
        """Look for a few of them again, so many times in all."""
        wanted = Random(many).choices(self._seen[:IN_HAND], k=many)
        await self._look("by id", wanted, self._by_id)
        await self._look("by index", wanted, self._by_subject)
        await self._look("what is due", wanted, self._due)

    async def _look(self, name: str, wanted: Sequence[str], look: Callable[[str], Awaitable[None]]) -> None:
        for each in wanted:
            begun = time.perf_counter()
            await look(each)
            self.looks.setdefault(name, []).append(time.perf_counter() - begun)

    async def _by_id(self, id: str) -> None:
        assert await self.records.get(Application, id) is not None

    async def _by_subject(self, id: str) -> None:
        await self.records.find(Shown, subject=id)

    async def _due(self, _: str) -> None:
        assert len(await self.records.due(Job, self.early[-1])) >= len(self.early)


def middle_and_most(seconds: Sequence[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile, in milliseconds."""
    return 1000 * median(seconds), 1000 * quantiles(seconds, n=20, method="inclusive")[18]
