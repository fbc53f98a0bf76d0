"""How long a fresh process needs until it has everything, and how much memory."""

from __future__ import annotations

import json
import re
import sys
import time
from asyncio.subprocess import PIPE, create_subprocess_exec
from dataclasses import dataclass
from pathlib import Path

from uvloop import run

from bot.conversation.sessions import Session
from bot.domain.applications import Application
from bot.domain.jobs import Job, Shown
from bot.ports import Store
from bot.sayings import Saying
from bot.stores.tinydb import TinyDBStore
from tests.bench_store.made import SCHOOL
from tests.bench_store.sqlite import SQLiteStore

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Start:
    """What a fresh process needed.

    Attributes:
        seconds: From opening the store until each kind has been asked for, and all jobs read as at every start.
        megabytes: The most memory that the whole process had so far.
        before: The same before the store was opened.
    """

    seconds: float
    megabytes: float
    before: float


async def start(kind: str, folder: Path) -> Start:
    """Have a fresh process open the store in *folder*."""
    command = (sys.executable, "-m", "tests.bench_store.starting", kind, str(folder))
    child = await create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE)
    said, _ = await child.communicate()
    assert child.returncode == 0, f"{kind} did not start"
    return Start(**json.loads(said))


async def _measure(store: Store) -> Start:
    before = most_memory()
    begun = time.perf_counter()
    await store.open()
    school = store.of(SCHOOL)
    for kind in (Application, Session, Shown):
        await school.get(kind, "")
    # As the worker does, who takes over what the last one was at.
    await school.find(Job)
    await school.find(Saying)
    measured = Start(time.perf_counter() - begun, most_memory(), before)
    await store.close()
    return measured


def most_memory(process: int | str = "self") -> float:
    """Return the most megabytes that a process of this machine ever had; children don't count."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def main() -> None:
    """Open the store and print what that took as JSON."""
    kind, folder = sys.argv[1:]
    store: Store = TinyDBStore(Path(folder)) if kind == "tinydb" else SQLiteStore(Path(folder))
    measured = run(_measure(store))
    print(json.dumps({"seconds": measured.seconds, "megabytes": measured.megabytes, "before": measured.before}))


if __name__ == "__main__":
    main()
