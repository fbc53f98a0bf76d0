"""Kill the program again and again while people talk to it, compare the books, and print the tally."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time

from tests.crash.books import Books
from tests.crash.running import TOWNS, Run
from tests.postgres import server

log = logging.getLogger(__name__)
STORES = ("tinydb", "postgres")
SHARE = {"slack": 0.4, "teams": 0.35, "local": 0.25}


def main() -> int:
    """Run it and return the exit code: 1 where a goal is missed."""
    call = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    call.add_argument("--kills", type=int, default=200, help="on each store (default 200)")
    call.add_argument("--store", choices=STORES, help="only this one")
    call.add_argument("--platform", choices=sorted(TOWNS), help="only this one")
    call.add_argument("--seed", type=int, default=1, help="so that the same moments are tried (default 1)")
    call.add_argument("--folder", type=Path, help="keep records and logs there, in a folder for each store")
    asked = call.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    balanced = True
    for store in (asked.store,) if asked.store else STORES:
        platforms = (asked.platform,) if asked.platform else tuple(TOWNS)
        begun = time()
        with ExitStack() as stack:
            folder = asked.folder or Path(stack.enter_context(TemporaryDirectory(prefix="smpolicy-crash-")))
            books = asyncio.run(crash(store, platforms, asked.kills, asked.seed, folder / store))
        print(f"\n{store}, seed {asked.seed}, {time() - begun:.0f} s")
        print("\n".join(table(books)), flush=True)
        balanced &= all(each.balanced for each in books.values())
    return 0 if balanced else 1


async def crash(store: str, platforms: tuple[str, ...], kills: int, seed: int, folder: Path) -> dict[str, Books]:
    """Play on one platform after the other, each in a part of *folder*, and return their books by platform."""
    whole = sum(SHARE[each] for each in platforms)
    books = {}
    for each in platforms:
        run = Run(
            each, folder / each, seed, round(kills * SHARE[each] / whole + 0.49),
            url=server().database() if store == "postgres" else "", twins=store == "postgres" and each != "local",
        )  # fmt: skip
        books[each] = await run.play()
        log.info("%s on %s: %d kills, %d lost", each, store, books[each].kills.total(), len(books[each].lost))
        for lost in books[each].lost:
            log.info("  %s", lost)
    return books


def table(books: dict[str, Books]) -> Iterable[str]:
    """Yield the tally, a line a figure, and then what was found."""
    rows = (
        ("kills", [each.kills.total() for each in books.values()]),
        *((f"  {kind}", [each.kills[kind] for each in books.values()]) for kind in _kinds(books)),
        ("conversations that came to their end", [each.stories for each in books.values()]),
        ("events sent", [each.traffic.events for each in books.values()]),
        ("  replays by the platform", [each.traffic.again for each in books.values()]),
        ("  done again by hand", [each.traffic.by_hand for each in books.values()]),
        ("messages said", [each.said for each in books.values()]),
        ("told “not saved”", [each.not_saved for each in books.values()]),
        ("references told", [each.told for each in books.values()]),
        ("  and found", [each.found for each in books.values()]),
        ("Lost", [len(each.lost) for each in books.values()]),
        ("Decided twice", [len(each.decided_twice) for each in books.values()]),
        ("Said twice, over a kill", [len(each.said_twice) for each in books.values()]),
        ("Said twice, without a kill", [len(each.unexplained) for each in books.values()]),
        ("seen by one person alone", [each.asides for each in books.values()]),
        ("  of that twice", [each.asides_twice for each in books.values()]),
    )  # fmt: skip
    yield f"{'':38}" + "".join(f"{each:>9}" for each in (*books, "all"))
    for name, figures in rows:
        yield f"{name:38}" + "".join(f"{each:>9,}" for each in (*figures, sum(figures)))
    longest = ", ".join(f"{platform} {each.traffic.longest:.0f}" for platform, each in books.items())
    yield f"the longest that anybody waited, in seconds: {longest}"
    for platform, each in books.items():
        if each.said_twice and each.promise.reason:
            yield f"Said twice on {platform}: {each.promise.reason}"
        for title, found in (
            ("lost", each.lost), ("decided twice", each.decided_twice), ("said twice", each.said_twice),
            ("said twice without a kill", each.unexplained),
        ):  # fmt: skip
            yield from (f"{platform}: {title}: {what}" for what in found[:20])


def _kinds(books: dict[str, Books]) -> list[str]:
    return sorted({kind for each in books.values() for kind in each.kills})


if __name__ == "__main__":
    sys.exit(main())
