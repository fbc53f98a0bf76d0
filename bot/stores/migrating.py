"""Bring a database to the shape that this program writes: one command of an operator, which can't run twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import NotSaved
from bot.stores.connections import FAILED, reason
from bot.stores.marks import unfinished
from bot.stores.servers import Servers
from bot.stores.statements import STATEMENTS

FOLDER = Path(__file__).parent / "migrations"
CONNECTED_WITHIN = 10.0


@dataclass(frozen=True, slots=True)
class Migration:
    """A step from one shape to the next.

    Attributes:
        number: Its place, from 1.
        name: The name of its file, without number and ending.
        text: What it does, as SQL.
    """

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """Return what tells whether it was changed since."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations(folder: Path = FOLDER) -> Iterator[Migration]:
    """Yield the steps in *folder*, first one first."""
    for file in sorted(folder.glob("[0-9]*.sql")):
        number, _, name = file.stem.partition("_")
        yield Migration(int(number), name, file.read_text(encoding="utf-8"))


async def migrate(url: str, folder: Path = FOLDER) -> list[Migration]:
    """Do what is missing in the database at *url*, all of it or nothing, and return it.

    Who comes second waits for the first, and then finds nothing to do.

    Raises:
        NotSaved: The database can't be reached, refuses it, or did steps that are not those in *folder*.
    """
    steps = list(migrations(folder))
    try:
        connection = await Servers(url).connect(CONNECTED_WITHIN, statement_cache_size=0)
    except (*FAILED, ValueError) as error:
        raise NotSaved(f"The database can't be reached: {reason(error)}. Look at the store's url.") from None
    try:
        # Read committed, so that who had to wait sees what the first has done.
        async with connection.transaction(isolation="read_committed"):
            await connection.execute(STATEMENTS["migrate_alone"])
            await connection.execute(STATEMENTS["make_migrations"])
            done = await _done(connection)
            _refuse_others(done, steps)
            missing = [each for each in steps if each.number not in done]
            for each in missing:
                await connection.execute(each.text)
                await connection.execute(STATEMENTS["note_migration"], each.number, each.name, each.checksum)
        return missing
    except FAILED as error:
        raise NotSaved(
            f"The database refused to be changed: {error or reason(error)}. It is as it was; run smpolicy store "
            "migrate again once that is mended."
        ) from None
    finally:
        await connection.close()


async def check_ready(connection: Any) -> None:
    """Raise NotSaved with what to do unless the database can be used: all is there, and is kept safe."""
    await check_safe(connection)
    if source := await connection.fetchval(STATEMENTS["copying"]):
        raise NotSaved(unfinished("The database", source))


async def check_safe(connection: Any) -> None:
    """Raise NotSaved with what to do unless the database has the shape that this program writes, and keeps it safe."""
    await check_shape(connection)
    if await connection.fetchval(STATEMENTS["durability"]) == "off":
        raise NotSaved("The database says that something is written before it is. Set synchronous_commit to on.")


async def check_shape(connection: Any) -> None:
    """Raise NotSaved with what to do unless the database has the shape that this program reads and writes."""
    if not await connection.fetchval(STATEMENTS["has_migrations"]):
        raise NotSaved("The database has no tables yet. Run smpolicy store migrate.")
    done, steps = await _done(connection), list(migrations())
    _refuse_others(done, steps)
    if any(each.number not in done for each in steps):
        raise NotSaved("The database is from an older smpolicy. Stop all processes, and run smpolicy store migrate.")


async def _done(connection: Any) -> dict[int, str]:
    """Return the number and the checksum of each step that was done."""
    return dict(await connection.fetch(STATEMENTS["migrated"]))


def _refuse_others(done: Mapping[int, str], steps: Iterable[Migration]) -> None:
    known = {each.number: each for each in steps}
    if done.keys() - known.keys():
        raise NotSaved("The database is from a newer smpolicy. Start it with that one.")
    for number, checksum in done.items():
        if known[number].checksum != checksum:
            raise NotSaved(
                f"The database was changed by another {number:04}_{known[number].name}.sql than the one that this "
                "smpolicy has. Install the smpolicy that changed it again, with its files as they came."
            )
