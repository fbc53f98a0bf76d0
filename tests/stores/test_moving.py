"""Copies, backups and restores: everything arrives as it was, or somebody is told; whatever happens on the way."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from errno import ENOSPC
from pathlib import Path
from shutil import copytree
from typing import ClassVar

import pytest

from bot.errors import NotSaved
from bot.ports import SchoolStore, Store
from bot.stores.databases import Database, FilledDatabase
from bot.stores.files import Files
from bot.stores.folders import FilledFolder, Folder, LockedFolder
from bot.stores.moving import Compared, backup, copy, put, restore
from bot.stores.opening import open_store
from bot.stores.raw import Raw, Tallies
from bot.stores.tinydb import TinyDBStore
from tests.postgres import server
from tests.setup.absence import without
from tests.stores.records import KINDS, NOON, Ballot, Chore, Everything, Note, State, Task

pytestmark = pytest.mark.skipif(without("postgres"), reason="without PostgreSQL, as was asked")
ROOT = Path(__file__).parents[2]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SEED = 20261123
MANY = 800
ODD = ["\0", "half an emoji: \ud83d", "\\", "\\N", '"', "Ä\n", "", "long " * 400, "/", "\ufeff", "a\u2028b"]
Make = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Stranger:
    """A record of a kind that whoever copies does not know."""

    INDEXES: ClassVar[tuple[str, ...]] = ("host",)

    school: str
    id: str
    host: str
    version: int = 0
    due_at: datetime | None = None


@pytest.fixture(params=["tinydb", "postgresql"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return made(request.param, tmp_path / "source")


@pytest.fixture(params=["tinydb", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return made(request.param, tmp_path / "target")


def made(name: str, folder: Path) -> str:
    """Return the url of a new store, which holds nothing."""
    return f"tinydb:{folder}" if name == "tinydb" else server().database()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    store = open_store(url)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def note(id: str, text: str = "", school: str = "bebington") -> Note:
    return Note(school, id, text, readers=("ada", id))


async def fill(url: str) -> None:
    """Save what two schools may have, odd names and all, in an order that no name gives away."""
    async with opened(url) as store:
        ours, theirs = store.of("bebington"), store.of("Ä\n")
        for number, id in enumerate(["zeta", *ODD, "alpha", "gone"]):
            due_at = NOON + timedelta(minutes=number % 3)
            await ours.save(replace(note(id, f"the text of {id}"), due_at=due_at), Ballot("bebington", id, id))
            await theirs.save(replace(note(id, "theirs"), school="Ä\n", state=State.CLOSED))
        for _ in range(3):
            await ours.save(replace(await kept(ours, "zeta"), text="again and again"))
        await ours.save(forget=[await kept(ours, "gone")])
        await ours.save(note("gone", "back again, and so the last"))
        await ours.save(Task("bebington", "t1"), Chore("bebington", "c1"), Stranger("bebington", "s1", "mars"))
        await ours.save(Everything("bebington", "e1", ratio=1e16, answers={"b": [1.0, None, "\ud83d"], "a": {}}))
        await ours.claim((Task,), NOON, lambda due, leased: [replace(each, lease="us", due_at=NOON) for each in due])


async def kept(school: SchoolStore, id: str) -> Note:
    found = await school.get(Note, id)
    assert found is not None
    return found


async def everything(url: str) -> list[object]:
    """Return what a bot finds in the store, by every way of asking."""
    found: list[object] = []
    async with opened(url) as store:
        for name in ("bebington", "Ä\n"):
            school = store.of(name)
            for kind in (Note, Ballot, Task, Chore, Everything, Stranger):
                found += [await school.find(kind), await school.due(kind, NOON + HOUR)]
            for id in ODD:
                found += [await school.get(Note, id), await school.find(Note, readers=id)]
                found += [await school.find(Ballot, voter=id)]
            found += [await school.find(Note, state=State.CLOSED), await school.find(Task, recipient="ada")]
    return found


def documents(folder: Path) -> list[bytes]:
    """Return the documents of a store that was stopped, byte for byte."""
    return (folder / "snapshot.jsonl").read_bytes().splitlines()[1:-1]


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


async def refusal(work: object) -> str:
    with pytest.raises(NotSaved) as caught:
        await work  # type: ignore[misc]
    return caught.value.sentence


def whole(compared: Compared) -> bool:
    return compared.alike and compared.unchanged


# Everything arrives ----------------------------------------------------------------------------


async def test_a_copy_is_found_by_all_that_the_original_was(source: str, target: str) -> None:
    await fill(source)
    before = await everything(source)

    compared = await copy(source, target, KINDS, size=7)

    assert whole(compared)
    assert compared.began == 0
    assert await everything(target) == before
    assert await everything(source) == before


async def test_work_goes_on_in_the_copy(source: str, target: str) -> None:
    await fill(source)

    await copy(source, target, KINDS)

    async with opened(target) as store:
        school = store.of("bebington")
        await school.save(replace(await kept(school, "zeta"), text="changed"), note("new"))
        claimed = await school.claim(
            (Task, Chore), NOON, lambda due, leased: [replace(each, lease="them", due_at=NOON + HOUR) for each in due]
        )
        assert (await kept(school, "zeta")).version == 5
        assert [each.id for each in await school.find(Note)][-2:] == ["gone", "new"]
        assert sorted(each.id for each in claimed) == ["c1", "t1"]


async def test_there_and_back_again_is_the_same_to_the_byte(tmp_path: Path) -> None:
    there, back = server().database(), tmp_path / "back"
    await fill(f"tinydb:{tmp_path / 'first'}")

    await copy(f"tinydb:{tmp_path / 'first'}", there, KINDS)
    await copy(there, f"tinydb:{back}", KINDS, size=1)

    assert documents(back) == documents(tmp_path / "first")
    assert len(documents(back)) > 40


async def test_a_kind_that_nobody_knows_keeps_what_it_is_found_by_between_databases(tmp_path: Path) -> None:
    first, second, from_folder = (server().database() for _ in range(3))
    for url in (first, f"tinydb:{tmp_path / 'folder'}"):
        await fill(url)

    between = await copy(first, second, KINDS)
    out_of_a_folder = await copy(f"tinydb:{tmp_path / 'folder'}", from_folder, KINDS)

    assert between.unread == out_of_a_folder.unread == {"Stranger": 1}
    async with opened(second) as store:
        assert [each.id for each in await store.of("bebington").find(Stranger, host="mars")] == ["s1"]
    async with opened(from_folder) as store:
        assert [each.id for each in await store.of("bebington").find(Stranger)] == ["s1"]


async def test_a_copy_of_nothing_is_nothing(source: str, target: str) -> None:
    async with opened(source):
        pass

    compared = await copy(source, target, KINDS)

    assert whole(compared)
    assert compared.target.total == 0


# What is refused -------------------------------------------------------------------------------


async def test_what_is_in_the_target_already_is_left_alone(source: str, target: str) -> None:
    await fill(source)
    async with opened(target) as store:
        await store.of("bebington").save(note("mine"))

    sentence = await refusal(copy(source, target, KINDS))

    assert "There are records in " in sentence
    assert "name" in sentence
    async with opened(target) as store:
        assert [each.id for each in await store.of("bebington").find(Note)] == ["mine"]


async def test_a_damaged_target_is_left_alone(tmp_path: Path) -> None:
    await fill(f"tinydb:{tmp_path / 'a'}")
    copytree(tmp_path / "a", tmp_path / "b")
    (tmp_path / "b" / "snapshot.jsonl").write_text("not as it was written\n")

    sentence = await refusal(restore(tmp_path / "a", f"tinydb:{tmp_path / 'b'}", KINDS))

    assert f"Move it away (mv {tmp_path / 'b'} {tmp_path / 'b'}.before)" in sentence
    assert (tmp_path / "b" / "snapshot.jsonl").read_text() == "not as it was written\n"


async def test_nothing_is_copied_into_itself_whatever_it_is_called(tmp_path: Path) -> None:
    folder, database = tmp_path / "folder", server().database()
    await fill(f"tinydb:{folder}")
    await fill(database)
    (tmp_path / "link").symlink_to(folder)
    before = documents(folder), await everything(database)

    for same, other in (
        (f"tinydb:{folder}", f"tinydb:{tmp_path / 'link'}"),
        (f"tinydb:{folder}", f"tinydb:{folder}/../folder/"),
        (database, database.replace("127.0.0.1", "localhost")),
    ):
        assert "can't be put into itself" in await refusal(copy(same, other, KINDS))

    assert (documents(folder), await everything(database)) == before


async def test_what_is_not_there_is_not_copied(tmp_path: Path) -> None:
    bare = server().database(migrated=False)
    (tmp_path / "empty").mkdir()

    assert "no store in the folder" in await refusal(copy(f"tinydb:{tmp_path / 'no'}", server().database(), KINDS))
    assert "no store in the folder" in await refusal(copy(f"tinydb:{tmp_path / 'empty'}", server().database(), KINDS))
    assert "Run smpolicy store migrate" in await refusal(copy(bare, f"tinydb:{tmp_path / 'x'}", KINDS))
    assert "can't be reached" in await refusal(copy(server().url("no"), f"tinydb:{tmp_path / 'x'}", KINDS))
    assert names_in(tmp_path) == ["empty"]


async def test_a_folder_in_use_is_not_copied(tmp_path: Path) -> None:
    url = f"tinydb:{tmp_path / 'used'}"
    async with opened(url):
        out = await refusal(copy(url, server().database(), KINDS))
        into = await refusal(copy(server().database(), url, KINDS))

    assert out == into
    assert out.startswith("Another smpolicy is already using")


# Interruptions ---------------------------------------------------------------------------------


class Interrupted(Exception):
    """Stands for whatever ends a copy between two records."""


@dataclass
class Ending:
    """A target that ends after so many records."""

    left: int

    def count(self, raws: Sequence[Raw]) -> None:
        self.left -= len(raws)
        if self.left <= 0:
            raise Interrupted


class EndingFolder(FilledFolder):
    ending: Ending

    async def append(self, raws: Sequence[Raw]) -> None:
        await super().append(raws)
        self.ending.count(raws)


class EndingDatabase(FilledDatabase):
    ending: Ending

    async def append(self, raws: Sequence[Raw]) -> None:
        await super().append(raws)
        self.ending.count(raws)


async def interrupted(source: str, target: str, after: int) -> None:
    """Copy so many records, one at a time, and no more."""
    folder = source.startswith("tinydb:")
    begun = LockedFolder(Path(source.removeprefix("tinydb:"))) if folder else Database(source)
    ended: EndingFolder | EndingDatabase
    if target.startswith("tinydb:"):
        ended = EndingFolder(Path(target.removeprefix("tinydb:")))
    else:
        ended = EndingDatabase(target, KINDS)
    ended.ending = Ending(after)
    with pytest.raises(Interrupted):
        await put(begun, ended, 1)


async def test_an_interrupted_copy_goes_on_where_it_was(source: str, target: str) -> None:
    await fill(source)

    for _ in range(3):
        await interrupted(source, target, 10)
    compared = await copy(source, target, KINDS)

    assert whole(compared)
    assert compared.began == 30
    assert await everything(target) == await everything(source)


async def test_no_bot_starts_on_half_a_copy_until_it_is_finished(source: str, target: str) -> None:
    await fill(source)
    await interrupted(source, target, 10)
    store = open_store(target)

    sentence = await refusal(store.open())
    again = await refusal(store.open())

    assert "holds only part of what is in" in sentence
    assert "Give that command again, it goes on" in sentence
    assert again == sentence
    await copy(source, target, KINDS)
    await store.open()
    await store.close()


async def test_half_a_copy_is_neither_copied_nor_backed_up_nor_mixed(source: str, target: str, tmp_path: Path) -> None:
    await fill(source)
    await interrupted(source, target, 10)
    other = f"tinydb:{tmp_path / 'other'}"
    await fill(other)

    for work in (
        copy(target, server().database(), KINDS),
        backup(target, tmp_path / "backup"),
        copy(other, target, KINDS),
    ):
        assert "holds only part of what is in" in await refusal(work)

    assert not (tmp_path / "backup").exists()
    assert whole(await copy(source, target, KINDS))


async def test_where_the_source_was_changed_meanwhile_the_copy_begins_again(source: str, target: str) -> None:
    await fill(source)
    await interrupted(source, target, 30)
    async with opened(source) as store:
        school = store.of("bebington")
        await school.save(replace(await kept(school, "zeta"), text="changed"), forget=[await kept(school, "\0")])

    compared = await copy(source, target, KINDS, size=5)

    assert whole(compared)
    assert compared.began == 0
    assert await everything(target) == await everything(source)


async def test_where_most_of_the_source_was_forgotten_meanwhile_the_copy_begins_again(tmp_path: Path) -> None:
    source, target = f"tinydb:{tmp_path / 'a'}", f"tinydb:{tmp_path / 'b'}"
    await fill(source)
    await interrupted(source, target, 30)
    async with opened(source) as store:
        school = store.of("bebington")
        await school.save(forget=[*await school.find(Note), *await school.find(Ballot)])

    assert whole(await copy(source, target, KINDS))
    assert await everything(target) == await everything(source)


async def test_cut_at_any_byte_a_copy_goes_on(tmp_path: Path) -> None:
    source, half = f"tinydb:{tmp_path / 'source'}", tmp_path / "half"
    async with opened(source) as store:
        for id in ("a", "b", "Ä"):
            await store.of("bebington").save(note(id, "text"))
    await interrupted(source, f"tinydb:{half}", 2)
    journal = (half / "journal.jsonl").read_bytes()

    for size in range(len(journal.splitlines(keepends=True)[0]), len(journal) + 1):
        cut = copytree(half, tmp_path / f"cut at {size}")
        os.truncate(cut / "journal.jsonl", size)
        compared = await copy(source, f"tinydb:{cut}", KINDS)
        assert whole(compared)
        assert compared.began == journal[:size].count(b"\n") - 1
        assert documents(cut) == documents(tmp_path / "source")


@pytest.mark.parametrize("to", ["tinydb", "postgresql"])
async def test_killed_at_any_moment_a_copy_goes_on(to: str, tmp_path: Path) -> None:
    source = f"tinydb:{tmp_path / 'source'}"
    async with opened(source) as store:
        await store.of("bebington").save(*(note(f"n{number:03}") for number in range(MANY)))
    moments, targets, lefts = random.Random(SEED), [made(to, tmp_path / "target")], list[int | None]()

    for kill in range(10):
        if await left_in(targets[-1]) == MANY:
            targets.append(made(to, tmp_path / f"target {kill}"))
        await killed_copy(source, targets[-1], moments.uniform(0.0, 0.3))
        lefts.append(await left_in(targets[-1]))

    assert lefts.count(None) >= 2
    if lefts[-1] != MANY:
        assert whole(await copy(source, targets[-1], KINDS))
    for target in targets:
        async with opened(target) as store:
            assert [each.id for each in await store.of("bebington").find(Note)] == [f"n{n:03}" for n in range(MANY)]


async def killed_copy(source: str, target: str, seconds: float) -> None:
    """Copy in a process that is killed so many seconds after it began, unless it has ended by then."""
    command = (sys.executable, "-m", "tests.stores.killed_copier", source, target)
    copier = await create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE)
    assert copier.stdout is not None
    assert await copier.stdout.readline() == b"copying\n"
    try:
        await asyncio.wait_for(copier.wait(), seconds)
    except TimeoutError:
        copier.send_signal(signal.SIGKILL)
    await copier.communicate()
    assert copier.returncode in (0, -signal.SIGKILL)


async def left_in(target: str) -> int | None:
    """Return how many records a bot finds in *target*, which are none or all; None where it does not start on it."""
    store = open_store(target)
    try:
        await store.open()
    except NotSaved as error:
        if "holds only part" not in error.sentence:
            raise
        return None
    found = await store.of("bebington").find(Note)
    await store.close()
    assert len(found) in (0, MANY)
    return len(found)


# Writers on the way ----------------------------------------------------------------------------


class FolderFilledMeanwhile(FilledFolder):
    """A target during the filling of which somebody writes to the source."""

    writer: SchoolStore

    async def append(self, raws: Sequence[Raw]) -> None:
        await super().append(raws)
        await self.writer.save(replace(await kept(self.writer, "alpha"), text="changed meanwhile"))


async def test_a_database_that_is_written_meanwhile_is_not_called_copied(tmp_path: Path) -> None:
    source, folder = server().database(), tmp_path / "target"
    await fill(source)
    target = FolderFilledMeanwhile(folder)
    async with opened(source) as store:
        target.writer = store.of("bebington")
        compared = await put(Database(source), target)

    assert compared.alike
    assert not compared.unchanged
    assert "holds only part" in await refusal(TinyDBStore(folder).open())
    again = await copy(source, f"tinydb:{folder}", KINDS)
    assert whole(again)
    assert await everything(f"tinydb:{folder}") == await everything(source)


class IntruderInTheWay(FilledDatabase):
    """A target into which somebody else writes as well."""

    intruder: SchoolStore

    async def settle(self) -> None:
        await self.intruder.save(note("intruder"))


async def test_what_somebody_else_put_into_the_target_is_found_out(tmp_path: Path) -> None:
    source, database = tmp_path / "source", server().database()
    await fill(f"tinydb:{source}")
    target = IntruderInTheWay(database, KINDS)
    async with opened(database) as store:
        target.intruder = store.of("bebington")
        compared = await put(LockedFolder(source), target)

    assert not compared.alike
    assert compared.target.count(("bebington", "Note")) == compared.source.count(("bebington", "Note")) + 1
    assert "holds only part" in await refusal(open_store(database).open())


class FilledByTwo(FilledDatabase):
    """A target that another copy of the same goes on filling meanwhile."""

    source: str = ""

    async def append(self, raws: Sequence[Raw]) -> None:
        await super().append(raws)
        source, self.source = self.source, ""
        if source:
            await copy(source, self._url, KINDS)


async def test_two_copies_into_one_database_do_not_mix() -> None:
    source, database = server().database(), server().database()
    await fill(source)
    target = FilledByTwo(database, KINDS)
    target.source = source

    assert "Somebody else is copying into" in await refusal(put(Database(source), target, 5))

    assert await everything(database) == await everything(source)


# Backups ---------------------------------------------------------------------------------------


async def test_a_backup_holds_everything_and_is_a_folder_as_any(source: str, tmp_path: Path) -> None:
    await fill(source)

    tallies = await backup(source, tmp_path / "backup")

    assert {each.name for each in (tmp_path / "backup").iterdir()} == {"lock", "journal.jsonl", "snapshot.jsonl"}
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o700
    assert tallies.total == len(documents(tmp_path / "backup"))
    assert await everything(f"tinydb:{tmp_path / 'backup'}") == await everything(source)


async def test_a_backup_is_taken_while_the_store_is_open(source: str, tmp_path: Path) -> None:
    async with opened(source) as store:
        await store.of("bebington").save(note("n1"))
        await backup(source, tmp_path / "backup")
        await store.of("bebington").save(note("n2"))

    async with opened(f"tinydb:{tmp_path / 'backup'}") as store:
        assert [each.id for each in await store.of("bebington").find(Note)] == ["n1"]


async def test_a_backup_beside_a_busy_process_has_every_save_that_had_returned(tmp_path: Path) -> None:
    folder, returned, pieces = tmp_path / "data", dict[str, int](), list[bytes]()
    saver = await endless_saver(folder)
    assert saver.stdout is not None
    for number in range(6):
        pieces += [await saver.stdout.readline() for _ in range(300)]
        returned = {id: int(version) for id, version in (piece.decode().split() for piece in pieces)}
        await backup(f"tinydb:{folder}", tmp_path / f"backup {number}")

        async with opened(f"tinydb:{tmp_path / f'backup {number}'}") as store:
            school = store.of("bebington")
            assert [id for id, version in returned.items() if (await kept(school, id)).version < version] == []
    saver.kill()
    await saver.communicate()


async def endless_saver(folder: Path) -> Process:
    command = (sys.executable, "-m", "tests.stores.endless_saver", str(folder))
    return await create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, limit=2**26)


class SwappingFiles(Files):
    """Files of a store that writes a new snapshot whenever somebody has read the old one, so many times."""

    def __init__(self, store: TinyDBStore, times: int) -> None:
        self._store, self._times = store, times

    def read(self, path: Path) -> bytes | None:
        found = super().read(path)
        if path.name == "snapshot.jsonl" and self._times:
            self._times -= 1
            self._store._journal.rewrite(self._store._journal.tables)
        return found


async def test_a_snapshot_that_is_swapped_in_meanwhile_is_noticed(tmp_path: Path) -> None:
    store = TinyDBStore(tmp_path / "data")
    await store.open()
    for id in ("n1", "n2", "n3"):
        await store.of("bebington").save(note(id))

    tallies = await backup(f"tinydb:{tmp_path / 'data'}", tmp_path / "backup", SwappingFiles(store, 3))

    await store.close()
    assert tallies.total == 3


async def test_a_torn_end_is_left_out_of_a_backup(tmp_path: Path) -> None:
    store = TinyDBStore(tmp_path / "data")
    await store.open()
    await store.of("bebington").save(note("n1"))
    with (tmp_path / "data" / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"n": 2, "save": [{"Note": {"school": "bebington", "id": "n2')
    before = (tmp_path / "data" / "journal.jsonl").read_bytes()

    tallies = await backup(f"tinydb:{tmp_path / 'data'}", tmp_path / "backup")

    assert tallies.total == 1
    assert (tmp_path / "data" / "journal.jsonl").read_bytes() == before
    await store.close()


async def test_a_damaged_store_is_not_backed_up_as_if_it_were_whole(tmp_path: Path) -> None:
    await fill(f"tinydb:{tmp_path / 'data'}")
    snapshot = tmp_path / "data" / "snapshot.jsonl"
    snapshot.write_bytes(snapshot.read_bytes().replace(b"again and again", b"again and agaim"))

    sentence = await refusal(backup(f"tinydb:{tmp_path / 'data'}", tmp_path / "backup"))

    assert "the line is not as it was written" in sentence
    assert names_in(tmp_path) == ["data"]


async def test_nothing_is_backed_up_over_something(tmp_path: Path) -> None:
    await fill(f"tinydb:{tmp_path / 'data'}")
    (tmp_path / "there").mkdir()

    assert "There is a folder" in await refusal(backup(f"tinydb:{tmp_path / 'data'}", tmp_path / "there"))
    assert "There is no folder" in await refusal(backup(f"tinydb:{tmp_path / 'data'}", tmp_path / "no" / "backup"))
    assert names_in(tmp_path) == ["data", "there"]


class DiskThatEnds(Files):
    """A disk on which the n-th write or swap fails: it is full, or the process dies of it."""

    def __init__(self, left: int, how: BaseException) -> None:
        self._left, self._how = left, how

    def write(self, handle: int, text: bytes | bytearray) -> None:
        self._count()
        super().write(handle, text)

    def replace(self, source: Path, target: Path) -> None:
        self._count()
        super().replace(source, target)

    def remove(self, path: Path) -> None:
        self._count()
        super().remove(path)

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise self._how


async def test_a_full_disk_leaves_no_backup_and_is_told(source: str, tmp_path: Path) -> None:
    await fill(source)
    before = names_in(tmp_path)
    for left in range(8):
        disk = DiskThatEnds(left, OSError(ENOSPC, "No space left on device"))

        assert "No space left on device" in await refusal(backup(source, tmp_path / "backup", disk))

        assert names_in(tmp_path) == before
    await backup(source, tmp_path / "backup", DiskThatEnds(8, OSError(ENOSPC, "No space left on device")))


class Death(BaseException):
    """The end of the process."""


class LastDisk(DiskThatEnds):
    """A disk whose process dies; with it goes every handle, and so every lock."""

    def __init__(self, left: int) -> None:
        super().__init__(left, Death())
        self._handles: set[int] = set()

    def open(self, path: Path) -> int:
        return self._kept(super().open(path))

    def lock(self, path: Path) -> int:
        return self._kept(super().lock(path))

    def close(self, handle: int) -> None:
        if handle in self._handles:
            self._handles.remove(handle)
            super().close(handle)

    def die(self) -> None:
        for handle in tuple(self._handles):
            self.close(handle)

    def _kept(self, handle: int) -> int:
        self._handles.add(handle)
        return handle


async def test_a_crash_leaves_no_folder_that_looks_like_a_backup(source: str, tmp_path: Path) -> None:
    await fill(source)
    for left in range(8):
        disk = LastDisk(left)
        with pytest.raises(Death):
            await backup(source, tmp_path / "backup", disk)
        disk.die()

        assert not (tmp_path / "backup").exists()
        assert (tmp_path / "backup.unfinished").exists()
    await backup(source, tmp_path / "backup")
    assert not (tmp_path / "backup.unfinished").exists()
    assert await everything(f"tinydb:{tmp_path / 'backup'}") == await everything(source)


async def test_one_backup_does_not_delete_what_another_is_writing(tmp_path: Path) -> None:
    await fill(f"tinydb:{tmp_path / 'data'}")
    async with opened(f"tinydb:{tmp_path / 'backup.unfinished'}"):
        sentence = await refusal(backup(f"tinydb:{tmp_path / 'data'}", tmp_path / "backup"))

    assert sentence.startswith("Another smpolicy is already using")
    assert (tmp_path / "backup.unfinished" / "journal.jsonl").exists()


# Restoring -------------------------------------------------------------------------------------


async def test_a_backup_is_restored_into_either_store(source: str, target: str, tmp_path: Path) -> None:
    await fill(source)
    before = await everything(source)
    await backup(source, tmp_path / "backup")

    compared = await restore(tmp_path / "backup", target, KINDS)

    assert whole(compared)
    assert await everything(target) == before
    assert await everything(f"tinydb:{tmp_path / 'backup'}") == before


async def test_what_somebody_was_at_is_free_again_after_its_lease(target: str, tmp_path: Path) -> None:
    source = server().database()
    async with opened(source) as store:
        school = store.of("bebington")
        await school.save(Task("bebington", "t1"))
        await school.claim(
            (Task,), NOON, lambda due, leased: [replace(each, lease="gone", due_at=NOON + HOUR) for each in due]
        )
    await backup(source, tmp_path / "backup")

    await restore(tmp_path / "backup", target, KINDS)

    async with opened(target) as store:
        claimed = await store.of("bebington").claim(
            (Task,),
            NOON + HOUR,
            lambda due, leased: [replace(each, lease="us", due_at=NOON + 2 * HOUR) for each in due],
        )
        assert [(each.id, each.lease) for each in claimed] == [("t1", "us")]


async def test_a_restore_is_checked_against_the_backup_not_against_hope(tmp_path: Path) -> None:
    await fill(f"tinydb:{tmp_path / 'data'}")
    await backup(f"tinydb:{tmp_path / 'data'}", tmp_path / "backup")
    snapshot = tmp_path / "backup" / "snapshot.jsonl"
    snapshot.write_bytes(snapshot.read_bytes()[:-10])

    sentence = await refusal(restore(tmp_path / "backup", server().database(), KINDS))

    assert "snapshot.jsonl can't be used from line" in sentence


def test_tallies_tell_order_and_content_apart() -> None:
    one, other = (Raw.of("Note", f'{{"school": "s", "id": "{id}", "version": 1}}'.encode()) for id in "ab")
    same = Raw.of("Note", b'{"version":1,"id":"\\u0061", "school":"s"}')
    table = ("s", "Note")

    assert Tallies([one, other])[table] == Tallies([same, other])[table]
    assert Tallies([one, other])[table] != Tallies([other, one])[table]
    assert Tallies([one])[table] != Tallies([one, one])[table]
    assert list(Tallies([one])) == [table]


async def test_a_folder_that_is_only_looked_at_is_not_changed(tmp_path: Path) -> None:
    await fill(f"tinydb:{tmp_path / 'data'}")
    before = {each.name: each.stat().st_mtime_ns for each in (tmp_path / "data").iterdir()}
    looked_at = Folder(tmp_path / "data")

    await looked_at.open()
    batches = [batch async for batch in looked_at.batches(10)]
    await looked_at.close()

    assert sum(map(len, batches)) == len(documents(tmp_path / "data"))
    assert {each.name: each.stat().st_mtime_ns for each in (tmp_path / "data").iterdir()} == before
