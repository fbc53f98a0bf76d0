"""A process for the tests to kill: saves without end and prints what is durable, id and version, as it goes."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

from bot.errors import NotSaved
from bot.ports import SchoolStore
from bot.stores.tinydb import TinyDBStore
from tests.stores.records import Note


async def main(folder: Path) -> None:
    # So small that it dies in the middle of snapshots too.
    store = TinyDBStore(folder, grown=10_000)
    try:
        await store.open()
    except NotSaved as refusal:
        sys.exit(refusal.sentence)
    await asyncio.gather(*(_save(store.of("bebington"), name) for name in range(16)))


async def _save(school: SchoolStore, name: int) -> None:
    for number in count():
        note = Note("bebington", f"n{name}.{number // 3}", "x" * number)
        await school.save(replace(await school.get(Note, note.id) or note, text=note.text))
        sys.stdout.write(f"{note.id} {number % 3 + 1}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
