"""Bring a database to the shape that this program writes: one command of an operator, which can't run twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from bot.errors import NotSaved
from bot.stores.statements import STATEMENTS

FOLDER = Path(__file__).parent / "migrations"


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


def migrations(folder: Path = FOLDER) -> Iterator[Migration]:
    """Yield the steps in *folder*, first one first."""
    for file in sorted(folder.glob("[0-9]*.sql")):
        number, _, name = file.stem.partition("_")
        yield Migration(int(number), name, file.read_text(encoding="utf-8"))


async def migrate(url: str, folder: Path = FOLDER) -> list[Migration]:
    """Do what is missing in the database at *url*, all of it or nothing, and return it.

    Who comes second waits for the first, and then finds nothing to do.

    Raises:
        NotSaved: The database can't be reached, refuses it, or is in the shape of a newer program.
    """
    try:
        connection = await asyncpg.connect(url, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise NotSaved(f"The database can't be reached: {type(error).__name__}. Look at the store's url.") from error
    try:
        async with connection.transaction():
            await connection.execute(STATEMENTS["migrate_alone"])
            await connection.execute(STATEMENTS["make_migrations"])
            done = await connection.fetchval(STATEMENTS["migrated"]) or 0
            _refuse_newer(done)
            missing = [each for each in migrations(folder) if each.number > done]
            for each in missing:
                await connection.execute(each.text)
                await connection.execute(STATEMENTS["note_migration"], each.number, each.name)
        return missing
    except asyncpg.PostgresError as error:
        raise NotSaved(f"The database refused to be changed: {error}. Nothing was changed.") from error
    finally:
        await connection.close()


async def check_migrated(connection: Any) -> None:
    """Raise NotSaved with what to do unless the database has the shape that this program writes, and keeps it safe."""
    if not await connection.fetchval(STATEMENTS["has_migrations"]):
        raise NotSaved("The database has no tables yet. Run smpolicy store migrate.")
    done = await connection.fetchval(STATEMENTS["migrated"]) or 0
    _refuse_newer(done)
    if done < max(each.number for each in migrations()):
        raise NotSaved("The database is from an older smpolicy. Stop all processes, and run smpolicy store migrate.")
    if await connection.fetchval(STATEMENTS["durability"]) == "off":
        raise NotSaved("The database says that something is written before it is. Set synchronous_commit to on.")


def _refuse_newer(done: int) -> None:
    if done > max(each.number for each in migrations()):
        raise NotSaved("The database is from a newer smpolicy. Start it with that one.")
