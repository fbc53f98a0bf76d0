"""The moments at which the program is killed."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from time import time

from bot.stores.lines import JOURNAL, SNAPSHOT
from tests.crash.town import Town

PATIENCE = 3.0
QUIET = 0.7
START_SECONDS = 1.6
UNDISTURBED = 2.0
UNDISTURBED_SHARE = 0.8
ASIDE = SNAPSHOT.replace(".jsonl", ".new")


@dataclass
class Moments:
    """Kills one of a town's programs; at which moment, the method says.

    Attributes:
        embedded: Whether the store is a folder of the program.
    """

    town: Town
    random: Random
    embedded: bool

    async def after_an_event(self, number: int) -> None:
        """Kill within milliseconds after somebody has sent something."""
        await self.town.event_sent(PATIENCE)
        await asyncio.sleep(self.random.uniform(0, 0.03))
        await self.town.kill(number)

    async def after_a_save(self, number: int) -> None:
        """Kill as soon as something is on the medium, before anybody is told."""
        await self.town.event_sent(PATIENCE)
        if self.embedded:
            await self._until_changed(number, JOURNAL)
        else:
            await asyncio.sleep(self.random.uniform(0.005, 0.015))
        await self.town.kill(number)

    async def while_telling(self, number: int) -> None:
        """Kill once the platform has a message of which the program does not know that it has."""
        let_go = asyncio.Event()
        reached = self.town.held(let_go)
        if reached is None:
            await self.after_a_save(number)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await reached.wait()
        await self.town.kill(number)
        self.town.let_go()
        let_go.set()

    async def at_the_start(self, number: int) -> None:
        """Kill, and kill again while it starts."""
        await self.town.kill(number)
        await self.town.kill_while_it_starts(self.random.uniform(0.1, START_SECONDS), number)

    async def at_the_end(self, number: int) -> None:
        """Kill while it stops, which is when the embedded store swaps its snapshot."""
        self.town.asks_to_stop(number)
        if self.embedded:
            await self._until_changed(number, ASIDE)
            await asyncio.sleep(self.random.uniform(0, 0.004))
        else:
            await asyncio.sleep(self.random.uniform(0, 0.5))
        await self.town.kill(number)

    async def when_idle(self, number: int) -> None:
        """Kill while nobody does anything."""
        with self.town.everybody_quiet():
            await asyncio.sleep(QUIET)
            await self.town.kill(number)

    async def at_any_time(self, number: int) -> None:
        """Kill whenever it may be."""
        await asyncio.sleep(self.random.uniform(0, 2))
        await self.town.kill(number)

    async def _until_changed(self, number: int, file: str) -> None:
        path = self.town.programs[number].records_folder / file

        def size() -> int:
            with suppress(OSError):
                return path.stat().st_size
            return -1

        before, end = size(), time() + PATIENCE
        while time() < end and size() == before:
            await self.town.moment()


async def kill_often(town: Town, kills: int, *, embedded: bool) -> Counter[str]:
    """Kill at least so many times, and start anew after each; return how often at which moment."""
    random, counted = town.random, Counter[str]()
    moments = Moments(town, random, embedded)
    kinds = (
        ("after an event", moments.after_an_event, 5), ("after a save", moments.after_a_save, 4),
        ("while telling", moments.while_telling, 5), ("at the start", moments.at_the_start, 2),
        ("at the end", moments.at_the_end, 2), ("when idle", moments.when_idle, 1),
        ("at any time", moments.at_any_time, 3),
    )  # fmt: skip
    while counted.total() < kills:
        if random.random() < UNDISTURBED_SHARE:
            await asyncio.sleep(random.uniform(0, UNDISTURBED))
        [(name, kill, _)] = random.choices(kinds, [weight for *_, weight in kinds])
        number, before = random.randrange(len(town.programs)), len(town.killed_at)
        await kill(number)
        counted[name] += len(town.killed_at) - before
        await town.start(number)
    return counted
