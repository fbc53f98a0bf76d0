"""One run: fill, start afresh, look up, and save in turns."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.applications import Application
from bot.ports import Store
from bot.stores.tinydb import TinyDBStore
from tests.bench_store.made import SCHOOL, Day
from tests.bench_store.rounds import SAVERS, Contender
from tests.bench_store.sqlite import SQLiteStore
from tests.bench_store.starting import Start, start
from tests.bench_store.stock import StockStore

OURS, PLAIN, SHARED, STOCK = (
    "embedded store",
    "SQLite, a transaction each",
    "SQLite, shared transactions",
    "JSONStorage",
)
STORES: dict[str, Callable[[Path], Store]] = {
    OURS: TinyDBStore,
    PLAIN: SQLiteStore,
    SHARED: lambda folder: SQLiteStore(folder, shared=True),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured.

    Attributes:
        saves: Number of savers at once to saves of each of them in a round; a saver's day has 15.
        looks: How many look-ups of each kind, before the rounds and in each of them.
        starts: How many fresh processes, of which the middle one counts.
        patience: Seconds that TinyDB's own storage is given for saving, and for looking up, at each size.
    """

    sizes: tuple[int, ...]
    rounds: int
    saves: dict[int, int]
    looks: int
    starts: int
    patience: float


FULL = Plan((100, 10_000, 100_000), 7, {SAVERS: 150, 1: 1200}, 300, 3, 5.0)
QUICK = Plan((100, 1000), 2, {SAVERS: 15, 1: 30}, 50, 1, 0.3)


@dataclass(frozen=True, slots=True)
class Stock:
    """So many *saves* and *looks* of TinyDB's own storage took so many seconds."""

    saves: int
    saving: float
    looks: int
    looking: float


@dataclass(slots=True)
class Figures:
    """Everything that was measured.

    Attributes:
        disk: The file system that was written to.
        contenders: By name and number of records.
        stock: TinyDB's own storage by number of records.
        starts: What a fresh process needed for the most records, by name of the store.
    """

    plan: Plan
    disk: str
    contenders: dict[tuple[str, int], Contender] = field(default_factory=dict)
    stock: dict[int, Stock] = field(default_factory=dict)
    starts: dict[str, Start] = field(default_factory=dict)


async def measure(plan: Plan, folder: Path, say: Callable[[str], object]) -> Figures:
    """Measure as *plan* has it, on the disk of *folder*; *say* is told what goes on."""
    figures = Figures(plan, file_system(folder))
    say(f"Writing to {figures.disk}.")
    if in_memory(figures.disk):
        say("That is memory, where a sync costs nothing, so this says little. Name a --folder on a disk.")
    for size in plan.sizes:
        say(f"TinyDB's own storage with {size:,} records …")
        figures.stock[size] = await _stock(size, plan, folder / f"stock {size}")
    for size in plan.sizes:
        for name in STORES:
            say(f"Filling the {name} with {size:,} records …" if name == OURS else f"… {name}")
            figures.contenders[name, size] = await _filled(name, size, plan, folder, figures.starts)
    with _as_the_program_does():
        for (name, size), contender in figures.contenders.items():
            looked = await contender.look_first(plan.looks)
            while looked < plan.looks:
                await _reopened(contender, name, folder / f"{name} {size}")
                looked += await contender.look_first(plan.looks)
        for number in range(1, plan.rounds + 1):
            say(f"Round {number} of {plan.rounds} …")
            for contender in figures.contenders.values():
                for savers, each in plan.saves.items():
                    await contender.save(savers, each)
                await contender.look_again(plan.looks)
    for contender in figures.contenders.values():
        await contender.store.close()
    return figures


async def _filled(name: str, size: int, plan: Plan, folder: Path, starts: dict[str, Start]) -> Contender:
    """Return a store that is open, and was filled by somebody who had it open before."""
    own = folder / f"{name} {size}"
    contender = Contender(name, size, STORES[name](own))
    await contender.store.open()
    await contender.fill()
    await contender.store.close()
    if size == plan.sizes[-1] and name != SHARED:
        tries = [await start("tinydb" if name == OURS else "sqlite", own) for _ in range(plan.starts)]
        starts[name] = sorted(tries, key=lambda each: each.seconds)[len(tries) // 2]
    contender.store = STORES[name](own)
    await contender.store.open()
    await contender.welcome(SAVERS)
    return contender


async def _reopened(contender: Contender, name: str, folder: Path) -> None:
    """Let the store forget what it has read."""
    await contender.store.close()
    contender.store = STORES[name](folder)
    await contender.store.open()


async def _stock(size: int, plan: Plan, folder: Path) -> Stock:
    """Return what TinyDB's own storage does in its time, which is one save where that takes longer."""
    store = StockStore(folder)
    contender = Contender(STOCK, size, store)
    await store.open()
    await store.fill(contender.made())
    day, saves, begun = Day(contender.school), 0, time.perf_counter()
    begin = day.begin()
    await contender.records.save(*begin.records)
    strokes = day.strokes()
    while (saving := time.perf_counter() - begun) < plan.patience or not saves:
        stroke = next(strokes)
        await contender.records.save(*stroke.records, forget=stroke.forget)
        saves += 1
    looks, begun = 0, time.perf_counter()
    while (looking := time.perf_counter() - begun) < plan.patience or not looks:
        assert await store.of(SCHOOL).get(Application, contender.cases[looks % len(contender.cases)])
        looks += 1
    await store.close()
    return Stock(saves + 1, saving, looks, looking)


@contextmanager
def _as_the_program_does() -> Iterator[None]:
    """Let the collector look at what comes and goes, and not at what is there for good."""
    before = gc.get_threshold()
    gc.set_threshold(50_000)
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def in_memory(kind: str) -> bool:
    """Tell whether a file system of that *kind* keeps nothing on a disk, so that syncing it costs nothing."""
    return kind.partition(" ")[0] in ("tmpfs", "ramfs")


def file_system(folder: Path) -> str:
    """Return what *folder* is on: `ext4 (/dev/vda)`."""
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    place = folder.resolve()
    held = [(at, kind, device) for device, at, kind, *_ in mounts if place.is_relative_to(at)]
    _, kind, device = max(held, key=lambda each: len(each[0]))
    return f"{kind} ({device})"
