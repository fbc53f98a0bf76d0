"""Laws of the embedded store alone: what is on the disk, and what when the disk or the process fails."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from errno import EIO, ENOSPC
from itertools import count
from pathlib import Path
from shutil import copytree, which
from threading import Event
from typing import ClassVar

import pytest
from tinydb import where
from tinydb.table import Document

from bot.errors import NotSaved, Stale
from bot.ports import SchoolStore
from bot.stores.files import Files
from bot.stores.lines import Damage, Tables, recover
from bot.stores.tinydb import Documents, TinyDBStore
from tests.stores.records import NOON, Note, State


@dataclass(frozen=True, slots=True)
class Letters:
    """A record that begins with something else than its school and id, and works out when it is due."""

    INDEXES: ClassVar[tuple[str, ...]] = ("first",)

    first: str
    id: str
    school: str
    version: int = 0

    @property
    def due_at(self) -> datetime | None:
        return NOON


class Disk(Files):
    """A disk that counts, and that fails where a test wants it to."""

    def __init__(self) -> None:
        self.syncs = 0
        self.full = False
        self.broken = False
        self.uncuttable = False

    def write(self, handle: int, text: bytes | bytearray) -> None:
        if self.full:
            super().write(handle, text[: len(text) // 2])
            raise OSError(ENOSPC, "No space left on device")
        super().write(handle, text)

    def sync(self, handle: int) -> None:
        self.syncs += 1
        if self.broken:
            raise OSError(EIO, "Input/output error")
        super().sync(handle)

    def cut(self, handle: int, size: int) -> None:
        if self.uncuttable:
            raise OSError(EIO, "Input/output error")
        super().cut(handle, size)


class SmallDisk(Files):
    """A disk of a few pages: a real one where this user may mount it, else one that refuses what goes beyond."""

    ROOM = 64 * 1024

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={self.ROOM},mode=700", "smpolicy", str(folder)]
        self.is_real = which("mount") is not None and subprocess.run(mount, capture_output=True).returncode == 0
        self._other = folder / "somebody else's"
        self._other.write_bytes(bytes(self.ROOM // 2))

    def write(self, handle: int, text: bytes | bytearray) -> None:
        left = len(text) if self.is_real else self.ROOM - self._used()
        super().write(handle, text[: max(left, 0)])
        if left < len(text):
            raise OSError(ENOSPC, "No space left on device")

    def make_room(self) -> None:
        self._other.unlink()

    def take_out(self) -> None:
        if self.is_real:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def _used(self) -> int:
        return sum(each.stat().st_size for each in self.folder.rglob("*") if each.is_file())


class SlowDisk(Files):
    """A disk on which each save takes until the test lets it go on."""

    def __init__(self) -> None:
        self.slow = False
        self.busy = Event()
        self.go_on = Event()

    def sync(self, handle: int) -> None:
        if self.slow:
            self.busy.set()
            self.go_on.wait()
        super().sync(handle)


class DiskThatDiesAfterSwap(Files):
    """A disk that takes a new snapshot and then nothing more of that attempt."""

    def replace(self, source: Path, target: Path) -> None:
        super().replace(source, target)
        raise OSError(EIO, "Input/output error")


class LockedFolder(Files):
    """A folder that belongs to somebody else; root, as whom tests may run, would not be refused."""

    def lock(self, path: Path) -> int:
        raise PermissionError(13, "Permission denied")


@asynccontextmanager
async def opened(folder: Path, files: Files | None = None, grown: int = 10**6) -> AsyncIterator[TinyDBStore]:
    store = TinyDBStore(folder, files, grown)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def disk() -> Disk:
    return Disk()


def note(id: str, text: str = "") -> Note:
    return Note("bebington", id, text)


async def ids(store: TinyDBStore) -> list[str]:
    return [note.id for note in await store.of("bebington").find(Note)]


def after_crash(folder: Path) -> Path:
    """Return what the disk would hold if the process that has *folder* open died now."""
    return Path(copytree(folder, folder.with_name(f"{folder.name} after crash"), dirs_exist_ok=True))


async def journal_of_three(folder: Path) -> bytes:
    """Return the journal of a process that died after three saves: n1 and n2; n1 again; not n2, but n3."""
    async with opened(folder) as store:
        school = store.of("bebington")
        await school.save(note("n1", "Grüße"), note("n2"))
        await school.save(replace(note("n1", "again"), version=1))
        await school.save(note("n3"), forget=[replace(note("n2"), version=1)])
        return (folder / "journal.jsonl").read_bytes()


async def refusal(folder: Path, files: Files | None = None) -> str:
    store = TinyDBStore(folder, files)
    with pytest.raises(NotSaved) as caught:
        await store.open()
    assert not store.healthy
    return caught.value.sentence


# What lasts


async def test_what_was_saved_is_there_after_a_clean_stop(folder: Path) -> None:
    async with opened(folder) as store:
        await store.of("bebington").save(note("n2"), note("n1"))

    async with opened(folder) as store:
        assert await ids(store) == ["n2", "n1"]


async def test_what_was_saved_is_there_after_a_crash(folder: Path) -> None:
    async with opened(folder) as store:
        await store.of("bebington").save(note("n1", "half an emoji: \ud83d"))
        crashed = after_crash(folder)

    async with opened(crashed) as store:
        assert await store.of("bebington").get(Note, "n1") == replace(note("n1", "half an emoji: \ud83d"), version=1)


async def test_everything_that_a_killed_process_called_saved_is_there(folder: Path) -> None:
    child = await endless_saver(folder)
    assert child.stdout is not None
    lines = [await child.stdout.readline() for _ in range(500)]
    child.kill()
    rest = await child.stdout.read()
    await child.wait()

    async with opened(folder) as store:
        school = store.of("bebington")
        for line in [*lines, *rest.splitlines(keepends=True)]:
            if line.endswith(b"\n"):
                id, version = line.decode().split()
                found = await school.get(Note, id)
                assert found is not None
                assert found.version >= int(version)


async def test_whatever_things_are_called_they_are_there_after_a_restart(folder: Path) -> None:
    names = ['"', "\\", '\\", "id": "', "Ä\n", "half an emoji: \ud83d", "/", ""]
    for _ in range(2):  # first in the journal, then in the snapshot
        async with opened(folder) as store:
            for name in names:
                school = store.of(name)
                kept = await school.get(Note, name)
                await school.save(Note(name, name, state=State.CLOSED, version=kept.version if kept else 0))
            crashed = after_crash(folder)

        for place in (crashed, folder):
            async with opened(place) as store:
                for name in names:
                    assert [note.id for note in await store.of(name).find(Note, state=State.CLOSED)] == [name]
                    assert [note.id for note in await store.of(name).find(Letters, first=name)] == []


async def test_records_of_any_shape_are_there_after_a_restart(folder: Path) -> None:
    letters = Letters(first="a", id="l1", school="bebington")
    async with opened(folder) as store:
        await store.of("bebington").save(letters, Letters(first="b", id="l2", school="bebington"))

    async with opened(folder) as store:
        school = store.of("bebington")
        assert await school.find(Letters, first="a") == [replace(letters, version=1)]
        assert await school.due(Letters, NOON - timedelta(minutes=1)) == []
        assert [each.id for each in await school.due(Letters, NOON)] == ["l1", "l2"]
        assert len(await school.find(Letters)) == 2


async def test_a_clean_stop_leaves_a_snapshot_and_an_empty_journal(folder: Path) -> None:
    async with opened(folder) as store:
        await store.of("bebington").save(note("n1"))

    assert len((folder / "journal.jsonl").read_text().splitlines()) == 1
    assert len((folder / "snapshot.jsonl").read_text().splitlines()) == 3


async def test_the_journal_does_not_grow_without_end(folder: Path, disk: Disk) -> None:
    async with opened(folder, disk, grown=2000) as store:
        school = store.of("bebington")
        await school.save(note("n1"))
        for version in range(1, 100):
            await school.save(replace(note("n1", "x" * 100), version=version))
        # So that the stop can't tidy up.
        disk.full = True

    assert 100 < (folder / "journal.jsonl").stat().st_size < 2500
    async with opened(folder) as store:
        assert await store.of("bebington").get(Note, "n1") == replace(note("n1", "x" * 100), version=100)


async def test_a_crash_between_snapshot_and_empty_journal_loses_nothing(folder: Path) -> None:
    async with opened(folder) as store:
        await store.of("bebington").save(note("n1"))
    async with opened(folder, DiskThatDiesAfterSwap()) as store:
        await store.of("bebington").save(note("n2"), forget=[replace(note("n1"), version=1)])

    assert b'"id": "n2"' in (folder / "journal.jsonl").read_bytes()
    assert b'"id": "n2"' in (folder / "snapshot.jsonl").read_bytes()
    for later in ("n3", "n4"):
        async with opened(folder) as store:
            await store.of("bebington").save(note(later))
    async with opened(folder) as store:
        assert await ids(store) == ["n2", "n3", "n4"]


async def test_a_snapshot_that_was_never_finished_is_ignored(folder: Path) -> None:
    await journal_of_three(folder)
    (folder / "snapshot.new").write_text('{"format": "smpolicy snapsh')

    async with opened(folder) as store:
        await store.of("bebington").save(note("n4"))
    async with opened(folder) as store:
        assert await ids(store) == ["n1", "n3", "n4"]


async def test_a_reader_of_the_folder_needs_only_a_text_editor(folder: Path) -> None:
    lines = (await journal_of_three(folder)).decode().splitlines()

    assert lines[0] == '{"format": "smpolicy journal", "version": 1, "sum": "e8fb9d93"}'
    assert '{"n": 1, "save": [{"Note": {"school": "bebington", "id": "n1", "text": "Grüße", ' in lines[1]
    assert '"forget": [{"Note": {"school": "bebington", "id": "n2"}}], "sum": "' in lines[3]


async def test_tinydb_opens_the_folder(folder: Path) -> None:
    await journal_of_three(folder)

    with Documents(folder) as documents:
        table = documents.table("bebington/Note")
        assert documents.tables() == {"bebington/Note"}
        assert [document["id"] for document in table.search(where("state") == "open")] == ["n1", "n3"]
        table.update({"state": "closed"}, doc_ids=["n3"])
        table.insert(Document({"school": "bebington", "id": "n4"}, "n4"))  # type: ignore[arg-type]

    async with opened(folder) as store:
        assert await ids(store) == ["n1", "n3", "n4"]
        assert [note.id for note in await store.of("bebington").find(Note, state=State.CLOSED)] == ["n3"]


# Savers that arrive together


async def test_savers_that_arrive_together_share_a_write(folder: Path, disk: Disk) -> None:
    async with opened(folder, disk) as store:
        before = disk.syncs
        await asyncio.gather(*(save_ten(store.of("bebington"), name) for name in range(64)))

        assert len(await ids(store)) == 640
        assert disk.syncs - before <= 640 / 16


async def save_ten(school: SchoolStore, name: int) -> None:
    for number in range(10):
        await school.save(note(f"n{name}.{number}"))


async def test_nobody_sees_what_is_not_on_the_disk_yet(folder: Path) -> None:
    disk = SlowDisk()
    async with opened(folder, disk) as store:
        school = store.of("bebington")
        disk.slow = True
        saving = asyncio.create_task(school.save(note("n1")))
        await asyncio.to_thread(disk.busy.wait)
        seen_before = await school.get(Note, "n1")
        disk.go_on.set()
        await saving

        assert seen_before is None
        assert await ids(store) == ["n1"]


async def test_a_saver_who_goes_away_disturbs_nobody(folder: Path) -> None:
    disk = SlowDisk()
    async with opened(folder, disk) as store:
        school = store.of("bebington")
        disk.slow = True
        being_written = asyncio.create_task(school.save(note("n1")))
        await asyncio.to_thread(disk.busy.wait)
        in_line = asyncio.create_task(school.save(note("n2")))
        behind = asyncio.create_task(school.save(note("n3")))
        # A turn of the loop, in which both get in line.
        await asyncio.to_thread(disk.busy.wait)
        being_written.cancel()
        in_line.cancel()
        disk.go_on.set()
        await behind

        assert await ids(store) == ["n1", "n3"]
    async with opened(folder) as store:
        assert await ids(store) == ["n1", "n3"]


async def test_a_stop_waits_for_what_is_being_written_and_refuses_the_rest(folder: Path) -> None:
    disk = SlowDisk()
    store = TinyDBStore(folder, disk)
    await store.open()
    disk.slow = True
    saving = asyncio.create_task(store.of("bebington").save(note("n1")))
    await asyncio.to_thread(disk.busy.wait)
    closing = asyncio.create_task(store.close())
    disk.go_on.set()
    await closing
    await saving

    with pytest.raises(NotSaved, match="not running"):
        await store.of("bebington").save(note("n2"))
    await store.close()
    async with opened(folder) as again:
        assert await ids(again) == ["n1"]


# Disks that fail


@pytest.mark.parametrize("fault", ["full", "broken"])
async def test_what_the_disk_refuses_is_not_kept(folder: Path, disk: Disk, fault: str) -> None:
    async with opened(folder, disk) as store:
        school = store.of("bebington")
        await school.save(note("n1"))
        setattr(disk, fault, True)
        results = await asyncio.gather(
            school.save(note("n2"), forget=[replace(note("n1"), version=1)]),
            school.save(replace(note("n1"), version=1)),
            return_exceptions=True,
        )
        crashed = after_crash(folder)
        setattr(disk, fault, False)

        assert [type(result) for result in results] == [NotSaved, NotSaved]
        assert await ids(store) == ["n1"]
        assert not store.healthy
    for kept in (folder, crashed):
        async with opened(kept) as store:
            assert await ids(store) == ["n1"]


@pytest.mark.parametrize("fault", ["full", "broken"])
async def test_the_store_recovers_with_its_disk(folder: Path, disk: Disk, fault: str) -> None:
    async with opened(folder, disk) as store:
        school = store.of("bebington")
        setattr(disk, fault, True)
        # Not even the torn end can be cut off while the disk is like that.
        disk.uncuttable = True
        for _ in range(3):
            with pytest.raises(NotSaved, match="This was not saved"):
                await school.save(note("n1", "long enough to leave a visible torn end"))
        setattr(disk, fault, False)
        disk.uncuttable = False
        await school.save(note("n2"))
        crashed = after_crash(folder)

        assert store.healthy
        assert await ids(store) == ["n2"]
    async with opened(crashed) as store:
        assert await ids(store) == ["n2"]


async def saved_until_refused(school: SchoolStore) -> tuple[list[str], str]:
    """Return the ids of what was saved, and why no more was."""
    saved: list[str] = []
    for number in count():
        try:
            await school.save(note(f"n{number}", "x" * 1000))
        except NotSaved as error:
            return saved, error.sentence
        saved.append(f"n{number}")
    raise AssertionError


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path / "small disk")
    yield disk
    disk.take_out()


async def test_a_disk_that_fills_up_keeps_all_that_was_saved_and_goes_on(small_disk: SmallDisk, folder: Path) -> None:
    records = small_disk.folder / "data"
    async with opened(records, small_disk) as store:
        school = store.of("bebington")
        saved, refusal = await saved_until_refused(school)
        copytree(records, folder)

        assert refusal.startswith("This was not saved")
        assert len(saved) > 10
        assert not store.healthy
        assert await ids(store) == saved
        small_disk.make_room()
        await school.save(note("room again"))
        assert store.healthy
    for kept, there in ((folder, saved), (records, [*saved, "room again"])):
        async with opened(kept) as store:
            assert await ids(store) == there


async def test_where_no_snapshot_fits_the_journal_goes_on(folder: Path, disk: Disk) -> None:
    async with opened(folder, disk) as store:
        await store.of("bebington").save(note("n1"))
        (folder / "snapshot.new").mkdir()

    (folder / "snapshot.new").rmdir()
    async with opened(folder, grown=1) as store:
        (folder / "snapshot.new").mkdir()
        await store.of("bebington").save(note("n2"))
        await store.of("bebington").save(replace(note("n2"), version=1))
        assert store.healthy

    (folder / "snapshot.new").rmdir()
    async with opened(folder) as store:
        assert await ids(store) == ["n1", "n2"]


async def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    sentence = await refusal(tmp_path / "file" / "data")

    assert sentence.startswith(f"The folder {tmp_path / 'file' / 'data'} can't be used (")


async def test_a_folder_that_cannot_be_written_is_said_so(folder: Path) -> None:
    sentence = await refusal(folder, LockedFolder())

    assert sentence == (
        f"The folder {folder} can't be used (Permission denied). Make it writable, or name another one."
    )


# Files that are not as they were written


async def test_a_journal_torn_anywhere_gives_its_whole_saves(folder: Path) -> None:
    whole = await journal_of_three(folder)
    (folder / "snapshot.jsonl").unlink()
    second_save = whole.index(b'{"n": 2')
    expected = {2: ["n1", "n2"], 3: ["n1", "n2"], 4: ["n1", "n3"]}

    for end in range(second_save, len(whole) + 1):
        torn = whole[:end]
        (folder / "journal.jsonl").write_bytes(torn)
        async with opened(folder) as store:
            assert await ids(store) == expected[torn.count(b"\n")]
            await store.of("bebington").save(note("n9"))
        async with opened(folder) as store:
            assert (await ids(store))[-1] == "n9"
        (folder / "snapshot.jsonl").unlink()


async def test_a_journal_torn_in_its_header_begins_anew(folder: Path) -> None:
    whole = await journal_of_three(folder)
    (folder / "snapshot.jsonl").unlink()
    (folder / "journal.jsonl").write_bytes(whole[:20])

    async with opened(folder) as store:
        assert await ids(store) == []
        await store.of("bebington").save(note("n1"))


async def test_no_flipped_bit_goes_unnoticed(folder: Path) -> None:
    journal = await journal_of_three(folder)
    snapshot = (folder / "snapshot.jsonl").read_bytes()

    # The very last line end is the exception: without it the line counts as torn.
    for place in range(len(journal) - 1):
        with pytest.raises(Damage):
            recover(None, flipped(journal, place))
    for place in range(len(snapshot)):
        with pytest.raises(Damage):
            recover(flipped(snapshot, place), journal)


def flipped(text: bytes, place: int) -> bytes:
    return text[:place] + bytes([text[place] ^ 1 << place % 8]) + text[place + 1 :]


async def test_a_damaged_line_is_named(folder: Path) -> None:
    journal = await journal_of_three(folder)
    (folder / "snapshot.jsonl").unlink()
    (folder / "journal.jsonl").write_bytes(journal.replace(b"again", b"agaim"))

    sentence = await refusal(folder)

    assert sentence == (
        f"{folder / 'journal.jsonl'} can't be used from line 3 on: the line is not as it was written."
        " Put the whole folder back from a backup; nothing in it was changed."
    )
    assert (folder / "journal.jsonl").read_bytes() == journal.replace(b"again", b"agaim")


async def test_a_missing_line_is_noticed(folder: Path) -> None:
    header, first, second, third = (await journal_of_three(folder)).splitlines(keepends=True)

    for text in (header + second + third, header + first + third, header + first + second + second):
        with pytest.raises(Damage, match="before this one are missing"):
            recover(None, text)


async def test_a_missing_file_is_noticed(folder: Path) -> None:
    journal = await journal_of_three(folder)
    (folder / "journal.jsonl").unlink()

    assert "journal.jsonl can't be used from line 1 on: the file is missing" in await refusal(folder)

    (folder / "snapshot.jsonl").unlink()
    (folder / "journal.jsonl").write_bytes(journal)
    async with opened(folder) as store:
        await store.of("bebington").save(note("n4"))
        newer = (folder / "journal.jsonl").read_bytes()
    header, *_, fourth = newer.splitlines(keepends=True)
    (folder / "snapshot.jsonl").unlink()
    (folder / "journal.jsonl").write_bytes(header + fourth)

    assert "before this one are missing" in await refusal(folder)


async def test_a_backup_made_while_running_may_hold_an_older_journal(folder: Path) -> None:
    older = await journal_of_three(folder)
    async with opened(folder) as store:
        await store.of("bebington").save(note("n4"))
    (folder / "journal.jsonl").write_bytes(older)

    async with opened(folder) as store:
        await store.of("bebington").save(note("n5"))
        crashed = after_crash(folder)

    async with opened(crashed) as store:
        assert await ids(store) == ["n1", "n3", "n4", "n5"]


@pytest.mark.parametrize("file", ["journal", "snapshot"])
async def test_another_version_of_the_format_is_refused(folder: Path, file: str) -> None:
    await journal_of_three(folder)
    path = folder / f"{file}.jsonl"
    path.write_text(path.read_text().replace('"version": 1', '"version": 0', 1))

    assert await refusal(folder) == (
        f"{path} can't be used from line 1 on: it is 'smpolicy {file}' in version 0, and this smpolicy reads"
        " version 1 only. Start it with the smpolicy that wrote it."
    )


def test_an_empty_folder_holds_nothing() -> None:
    nothing: Tables = {}

    assert recover(None, None).tables == nothing


# One process at a time


async def test_a_second_store_is_told_who_is_first(folder: Path) -> None:
    async with opened(folder):
        sentence = await refusal(folder)

    assert sentence.startswith(f"Another smpolicy is already using {folder}; stop it first")


async def test_a_second_process_is_told_so(folder: Path) -> None:
    async with opened(folder) as store:
        child = await endless_saver(folder)
        said, complained = await child.communicate()
        await store.of("bebington").save(note("n1"))

    assert (child.returncode, said) == (1, b"")
    assert complained.decode().startswith(f"Another smpolicy is already using {folder}; stop it first")


async def test_a_failed_opening_can_be_tried_again(folder: Path) -> None:
    second = TinyDBStore(folder)
    async with opened(folder):
        with pytest.raises(NotSaved):
            await second.open()

    await second.open()

    with pytest.raises(Stale):
        await second.of("bebington").save(forget=[note("n1")])
    await second.close()


async def endless_saver(folder: Path) -> Process:
    root = Path(__file__).parents[2]
    command = (sys.executable, "-m", "tests.stores.endless_saver", str(folder))
    return await create_subprocess_exec(*command, cwd=root, stdout=PIPE, stderr=PIPE)
