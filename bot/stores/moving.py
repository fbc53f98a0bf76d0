"""Everything in one store, put into another: copied, backed up, restored; and compared afterwards."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.errors import NotSaved
from bot.stores.databases import Database, FilledDatabase
from bot.stores.files import Files
from bot.stores.folders import FilledFolder, Folder, LockedFolder, refused
from bot.stores.journal import locked
from bot.stores.opening import POSTGRESQL
from bot.stores.raw import Batches, Kinds, Raw, Tallies

BATCH = 1000


class Read(Protocol):
    """A store that is read."""

    name: str

    async def open(self) -> None: ...
    async def close(self) -> None: ...
    def batches(self, size: int) -> Batches: ...
    async def is_unchanged(self) -> bool: ...


class Filled(Read, Protocol):
    """A store that is filled."""

    async def begin(self, source: str) -> None: ...
    async def append(self, raws: Sequence[Raw]) -> None: ...
    async def clear(self) -> None: ...
    async def settle(self) -> None: ...
    async def finish(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Compared:
    """Two stores after one was put into the other.

    Attributes:
        source: What was read.
        target: What is there now.
        began: How many records an interrupted copy had brought already.
        unchanged: Whether nobody wrote to the source meanwhile.
        unread: Kinds of which records came without what they are found by, and how many.
    """

    source: Tallies
    target: Tallies
    began: int
    unchanged: bool
    unread: dict[str, int]

    @property
    def alike(self) -> bool:
        """Tell whether there is the same in both."""
        return all(self.source[each] == self.target[each] for each in {*self.source, *self.target})


class _Astray(Exception):
    """What an interrupted copy left is not what the source begins with any more."""


async def copy(source_url: str, target_url: str, kinds: Kinds, *, size: int = BATCH) -> Compared:
    """Put everything of one store into another, *size* records at a time; interrupted, it goes on when called again.

    Where the two differ at the end, the target stays marked as unfinished.

    Raises:
        NotSaved: One of them can't be used, they are the same, or there is something else in the target.
    """
    source = Database(source_url) if _is_database(source_url) else LockedFolder(_folder(source_url))
    return await put(source, _target(target_url, kinds), size)


async def restore(folder: Path, target_url: str, kinds: Kinds, *, size: int = BATCH) -> Compared:
    """Put everything of the backup in *folder* into an empty store, as `copy` does."""
    return await put(Folder(folder), _target(target_url, kinds), size)


async def backup(source_url: str, folder: Path, files: Files | None = None, *, size: int = BATCH) -> Tallies:
    """Put everything of a store, which may be in use, into a new *folder*, there from one moment to the next.

    Raises:
        NotSaved: The store can't be read, there is such a folder already, or the disk refuses.
    """
    files = files or Files()
    aside = folder.with_name(f"{folder.name}.unfinished")
    _refuse_to_mix(folder)
    source = Database(source_url) if _is_database(source_url) else Folder(_folder(source_url), files)
    async with _opened(source):
        _remove(aside, files)
        target = FilledFolder(aside, files)
        try:
            async with _opened(target):
                compared = await _moved(source, target, size)
                if not compared.alike:
                    raise NotSaved(f"What was written to {aside} is not what was read. Try another disk.")
                await target.finish()
            with refused(folder):
                files.replace(aside, folder)
        except NotSaved:
            _remove(aside, files)
            raise
    return compared.target


async def put(source: Read, target: Filled, size: int = BATCH) -> Compared:
    """Put everything of *source* into *target*, neither of which is open yet, as `copy` does."""
    async with _opened(source), _opened(target):
        if await _are_same(source, target):
            raise NotSaved(f"{source.name} can't be put into itself. Name two stores.")
        compared = await _moved(source, target, size)
        if compared.alike and compared.unchanged:
            await target.finish()
    return compared


async def tallied(store: Read, size: int = BATCH) -> Tallies:
    """Count what is in *store*."""
    tallies = Tallies()
    async with aclosing(store.batches(size)) as batches:
        async for batch in batches:
            for raw in batch:
                tallies.add(raw)
    return tallies


def _target(url: str, kinds: Kinds) -> FilledFolder | FilledDatabase:
    return FilledDatabase(url, kinds) if _is_database(url) else FilledFolder(_folder(url))


async def _are_same(source: Read, target: Filled) -> bool:
    """Tell whether the two, which are open, are one store, whatever they are called."""
    if isinstance(source, Database) and isinstance(target, Database):
        return await source.is_same_as(target)
    return isinstance(source, Folder) and isinstance(target, Folder) and source.is_same_as(target.folder)


async def _moved(source: Read, target: Filled, size: int) -> Compared:
    await target.begin(source.name)
    there = await tallied(target, size)
    began = there.total
    try:
        read = await _go_on(source, target, there, size)
    except _Astray:
        await target.clear()
        began, read = 0, await _go_on(source, target, Tallies(), size)
    await target.settle()
    unread = dict(getattr(target, "unread", {}))
    return Compared(read, await tallied(target, size), began, await source.is_unchanged(), unread)


async def _go_on(source: Read, target: Filled, there: Tallies, size: int) -> Tallies:
    """Put into *target* what is missing behind what is *there*, and return what *source* has."""
    read = Tallies()
    async with aclosing(source.batches(size)) as batches:
        async for batch in batches:
            missing = [raw for raw in batch if _is_missing(raw, read, there)]
            if missing:
                await target.append(missing)
    if any(read.count(table) < there.count(table) for table in there):
        raise _Astray
    return read


def _is_missing(raw: Raw, read: Tallies, there: Tallies) -> bool:
    """Count *raw* as read, and tell whether it is not *there*; raises _Astray where something else is."""
    read.add(raw)
    count, before = read.count(raw.table), there.count(raw.table)
    if count == before and read[raw.table] != there[raw.table]:
        raise _Astray
    return count > before


@asynccontextmanager
async def _opened(store: Read) -> AsyncIterator[None]:
    try:
        await store.open()
        yield
    finally:
        await store.close()


def _refuse_to_mix(folder: Path) -> None:
    if folder.exists():
        raise NotSaved(f"There is a folder {folder} already. Name another one, such as one with the day in it.")
    if not folder.absolute().parent.is_dir():
        raise NotSaved(f"There is no folder {folder.absolute().parent}. Make it, or mount what it is on, first.")


def _remove(aside: Path, files: Files) -> None:
    """Delete what a backup that was interrupted has left, unless somebody is at it."""
    if aside.exists():
        with refused(aside):
            files.close(locked(aside, files))
            shutil.rmtree(aside)


def _is_database(url: str) -> bool:
    return url.startswith(POSTGRESQL)


def _folder(url: str) -> Path:
    return Path(url.removeprefix("tinydb:"))
