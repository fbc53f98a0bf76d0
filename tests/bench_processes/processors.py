"""What programs use of this machine's processors, as the kernel counts it in /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
# Of /proc/PID/stat, counted from behind the program's name, which may hold blanks.
PARENT, OWN, ENDED_CHILDREN = 1, slice(11, 13), slice(13, 15)
IDLE, WAITS_FOR_DISK = 3, 4  # of the first line of /proc/stat


@dataclass(frozen=True, slots=True)
class Used:
    """Seconds of processor time until a moment.

    Attributes:
        at: The moment, in seconds of the clock.
        by: Name of each group of programs to what they used.
        idle: What all processors did not use.
    """

    at: float
    by: Mapping[str, float]
    idle: float

    def since(self, before: Used) -> Used:
        """Return what was used between *before* and this, each as processors that were busy with it all the time."""
        seconds = self.at - before.at
        by = {name: (used - before.by[name]) / seconds for name, used in self.by.items()}
        return Used(seconds, by, (self.idle - before.idle) / seconds)


def used(groups: Mapping[str, Sequence[int]]) -> Used:
    """Return what each group of processes has used so far, with all their children that are in no other group."""
    stats = {int(each.name): _stat(each) for each in PROC.iterdir() if each.name.isdigit()}
    named = {pid for pids in groups.values() for pid in pids}
    by = {name: sum(_with_children(pid, stats, named) for pid in pids) for name, pids in groups.items()}
    first = (PROC / "stat").read_text(encoding="ascii").splitlines()[0].split()[1:]
    return Used(time.perf_counter(), by, (int(first[IDLE]) + int(first[WAITS_FOR_DISK])) / TICKS)


def resident(pid: int) -> int:
    """Return how many bytes of memory a process holds."""
    return int((PROC / str(pid) / "statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _stat(folder: Path) -> list[str]:
    try:
        return (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it ended just now
        return []


def _with_children(pid: int, stats: Mapping[int, list[str]], named: Set[int]) -> float:
    """What ended children used passes to their parent, so that nothing is counted twice or forgotten."""
    own = sum(map(int, [*stats[pid][OWN], *stats[pid][ENDED_CHILDREN]])) / TICKS
    children = [each for each, stat in stats.items() if stat and int(stat[PARENT]) == pid and each not in named]
    return own + sum(_with_children(each, stats, named) for each in children)
