"""How many events 1, 2 and 4 bot processes handle on one PostgreSQL, and why no more: `make bench-processes`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles

from tests.bench_processes.processors import Used, resident, used
from tests.bench_processes.school import School, school
from tests.bench_processes.teaching import EVENTS, Book, staff
from tests.postgres import Server

PARTS = BOTS, DATABASE, PLAYED = "the bots", "PostgreSQL", "Slack and the teachers, played"
FULL = 0.9  # of the processors: no more can be had
WORTH = 1.15  # times as many events, or it has stopped growing


@dataclass(frozen=True, slots=True)
class Round:
    """What so many processes did.

    Attributes:
        took: What was handled to how many seconds each took.
        used: Processors busy with each part all the time.
        memory: The largest of the bots, in bytes.
    """

    processes: int
    took: dict[str, list[float]]
    used: Used
    commits: float
    written: float
    memory: int

    @property
    def events(self) -> float:
        """Return how many were handled a second."""
        return sum(map(len, self.took.values())) / self.used.at

    @property
    def busy(self) -> float:
        """Return how many processors were busy."""
        return (os.cpu_count() or 1) - self.used.idle

    @property
    def full(self) -> bool:
        """Tell whether the machine had no more to give."""
        return self.busy >= FULL * (os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Times:
    """How long is measured, in seconds, and how long it goes on before that."""

    warm: float
    measured: float


async def measure(server: Server, folder: Path, processes: int, teachers: int, times: Times) -> Round:
    """Return what so many *processes* handle while so many *teachers* never pause."""
    url, book = server.database(), Book()
    name = url.rpartition("/")[2]
    async with school(folder, url, processes, teachers) as opened, _taught(opened, book):
        pids = [each.pid for each in opened.programs]

        def look() -> tuple[Used, int, int]:
            counted = server.tell(
                f"select xact_commit from pg_stat_database where datname = '{name}'; "
                "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"
            )
            commits, written = map(int, counted.split())
            return used({BOTS: pids, DATABASE: [server.pid], PLAYED: [os.getpid()]}), commits, written

        await asyncio.sleep(times.warm)
        before, *counted = await asyncio.to_thread(look)
        await asyncio.sleep(times.measured)
        after, *counts = await asyncio.to_thread(look)
        spent = after.since(before)
        commits, written = ((last - first) / spent.at for first, last in zip(counted, counts, strict=True))
        return Round(
            processes, book.between(before.at, after.at), spent, commits, written,
            max(map(resident, pids)),
        )  # fmt: skip


@asynccontextmanager
async def _taught(opened: School, book: Book) -> AsyncIterator[None]:
    """Have all teachers at it meanwhile; whatever goes wrong with one of them is raised at the end."""
    over = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for teacher in staff(opened, book):
            group.create_task(teacher.teach(over))
        try:
            yield
        finally:
            over.set()


# What is printed --------------------------------------------------------------------------------


def report(rounds: Sequence[Round], teachers: int) -> str:
    """Return the table, and where it stops growing and why."""
    processors = os.cpu_count() or 1
    lines = [
        f"{teachers} teachers in one school, who never pause; Slack hands the events to the processes in turn;"
        f" {processors} processors for all of it.",
        _row("processes", (str(each.processes) for each in rounds)),
        _row("events handled a second", (f"{each.events:.0f}" for each in rounds)),
    ]
    for event in EVENTS:
        lines += [
            _row(f"  {event}", (f"{len(each.took[event]) / each.used.at:.0f}" for each in rounds)),
            _row("    ms, half under", (f"{1000 * median(each.took[event]):.0f}" for each in rounds)),
            _row("    ms, 95 % under", (f"{1000 * quantiles(each.took[event], n=20)[-1]:.0f}" for each in rounds)),
        ]
    lines += [_row(f"processors busy, of {processors}", (f"{each.busy:.2f}" for each in rounds))]
    for part in PARTS:
        lines += [_row(f"  {part}", (f"{each.used.by[part]:.2f}" for each in rounds))]
    for part in (BOTS, DATABASE):
        cost = (f"{1000 * each.used.by[part] / each.events:.2f}" for each in rounds)
        lines += [_row(f"ms of processor an event, {part}", cost)]
    lines += [
        _row("transactions a second", (f"{each.commits:.0f}" for each in rounds)),
        _row("written ahead an event, kB", (f"{each.written / each.events / 1024:.1f}" for each in rounds)),
        _row("the largest process, MB", (f"{each.memory / 1e6:.0f}" for each in rounds)),
        "",
        *conclusions(rounds, processors),
    ]
    return "\n".join(lines)


def conclusions(rounds: Sequence[Round], processors: int) -> Sequence[str]:
    """Return in words where it stops growing, and why."""
    for fewer, more in pairwise(rounds):
        if more.events < WORTH * fewer.events:
            where = (
                f"It stops growing at {fewer.processes}: {more.processes} handle {more.events / fewer.events:.2f} times"
                " as many."
            )
            return where, _why(fewer, more, processors), _beyond(fewer)
    return "It grows to the last.", _beyond(rounds[-1])


def _why(fewer: Round, more: Round, processors: int) -> str:
    if fewer.full or more.full:
        full = fewer if fewer.full else more
        parts = ", ".join(f"{name} {busy:.2f}" for name, busy in full.used.by.items())
        return f"Why: with {full.processes} all {processors} processors of this machine are busy ({parts})."
    return (
        f"Why: not the processors, of which {more.used.idle:.2f} are idle; what is left is waiting for each other in"
        " the database, and for its disk."
    )


def _beyond(each: Round) -> str:
    bots, database = (each.used.by[part] / each.events for part in (BOTS, DATABASE))
    return (
        f"Where each has processors of its own: a process is full at {1 / bots:.0f} events a second, and PostgreSQL"
        f" takes {database / bots:.2f} of a processor beside each."
    )


def _row(name: str, figures: Iterable[str]) -> str:
    return f"{name:44}" + "".join(f"{each:>9}" for each in figures)


# The command ------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make bench-processes", description=__doc__)
    parser.add_argument("--teachers", type=int, default=32, help="who never pause (default 32)")
    parser.add_argument("--seconds", type=float, default=20.0, help="that are measured, after 5 (default 20)")
    parser.add_argument("--quick", action="store_true", help="little of it: to see that it works")
    call = parser.parse_args(arguments)
    numbers, teachers = ((1, 2), 4) if call.quick else ((1, 2, 4), call.teachers)
    times = Times(0.5, 2.0) if call.quick else Times(5.0, call.seconds)
    server = Server("max_connections = 200")
    server.start()
    try:
        rounds = []
        for number in numbers:
            with tempfile.TemporaryDirectory() as folder:
                rounds.append(asyncio.run(measure(server, Path(folder), number, teachers, times)))
            print(f"{number}: {rounds[-1].events:.0f} events a second", file=sys.stderr, flush=True)
        print(report(rounds, teachers))
    finally:
        server.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
