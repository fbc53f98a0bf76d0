"""What is wrong with a store is found and named, without a word of what people wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from zlib import crc32

import pytest

from bot.errors import NotSaved
from bot.ports import Store
from bot.stores.checking import Findings, check_database, check_folder
from bot.stores.folders import FilledFolder
from bot.stores.opening import open_store
from tests.postgres import server
from tests.setup.absence import without
from tests.stores.records import KINDS, NOON, Ballot, Note, Task

pytestmark = pytest.mark.skipif(without("postgres"), reason="without PostgreSQL, as was asked")
SECRET = "what somebody wrote"


@dataclass(frozen=True, slots=True)
class Stranger:
    """A record of a kind that whoever checks does not know."""

    INDEXES: ClassVar[tuple[str, ...]] = ("host",)

    school: str
    id: str
    host: str = "mars"
    version: int = 0
    due_at: None = None


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    store = open_store(url)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def fill(url: str) -> None:
    async with opened(url) as store:
        for name in ("bebington", "wirral"):
            school = store.of(name)
            await school.save(*(Note(name, f"n{n}", SECRET, readers=("ada", "bob"), due_at=NOON) for n in range(3)))
            await school.save(Note(name, "half an emoji: \ud83d"), Note(name, "\0"), Ballot(name, "b1"))
            await school.save(Task(name, "t1", lease="us"), Task(name, "t2", due_at=None))


@pytest.fixture
async def database() -> str:
    url = server().database()
    await fill(url)
    return url


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    await fill(f"tinydb:{tmp_path / 'data'}")
    return tmp_path / "data"


def tell(url: str, statement: str) -> None:
    server().tell(statement, url.rpartition("/")[2])


def counts(found: Findings) -> dict[tuple[str, str], int]:
    return {table: found.tallies[table].count for table in found.tallies}


AS_FILLED = {(school, kind): number for school in ("bebington", "wirral") for kind, number in (
    ("Ballot", 1), ("Note", 5), ("Task", 2),
)}  # fmt: skip


async def test_nothing_is_wrong_with_what_a_bot_wrote(database: str, folder: Path) -> None:
    in_database, in_folder = await check_database(database, KINDS), await check_folder(folder, KINDS)

    assert in_database.faults == in_folder.faults == []
    assert counts(in_database) == counts(in_folder) == AS_FILLED
    for table in in_folder.tallies:
        assert in_folder.tallies[table] == in_database.tallies[table]


async def test_a_store_in_use_is_checked(database: str, folder: Path) -> None:
    async with opened(database), opened(f"tinydb:{folder}") as store:
        await store.of("bebington").save(Note("bebington", "new"))

        assert (await check_database(database, KINDS)).faults == []
        assert (await check_folder(folder, KINDS)).tallies.count(("bebington", "Note")) == 6


async def test_records_of_an_unknown_kind_are_counted_and_not_called_wrong(database: str, folder: Path) -> None:
    for url in (database, f"tinydb:{folder}"):
        async with opened(url) as store:
            await store.of("bebington").save(Stranger("bebington", "s1"), Stranger("bebington", "s2"))

    for found in (await check_database(database, KINDS), await check_folder(folder, KINDS)):
        assert (found.faults, dict(found.strange)) == ([], {"Stranger": 2})
        assert counts(found) == {**AS_FILLED, ("bebington", "Stranger"): 2}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("words = '{}' where id = 'n1'", "the columns words"),
        ("words = array_append(words, 'astray') where id = 'n1'", "the columns words"),
        ("due_at = due_at + interval '1 microsecond' where id = 'n1'", "the columns due_at"),
        ("due_at = null where id = 'n1'", "the columns due_at"),
        ("version = 2 where id = 'n1'", "the columns version"),
        ("id = 'n9' where id = 'n1'", "the columns id"),
        ("version = 9, words = '{}' where id = 'n1'", "the columns version, words"),
        ("leased = true where id = 'n1'", "the columns leased"),
        ("document = replace(document::text, '\"state\": \"open\"', '\"state\": \"SECRET\"')::json where id = 'n1'",
         "field 'state' does not fit"),
        ("document = '{\"school\": \"bebington\", \"id\": \"n1\", \"version\": 1}' where id = 'n1'", "due_at, words"),
    ],
)  # fmt: skip
async def test_what_does_not_agree_is_named_by_kind_and_id(database: str, change: str, fault: str) -> None:
    tell(database, f"update smpolicy.record set {change} and kind = 'Note' and school = 'bebington'")

    found = await check_database(database, KINDS)

    assert len(found.faults) == 1
    assert found.faults[0].startswith("Note 'n1' of 'bebington': ")
    assert fault in found.faults[0]
    assert SECRET not in found.faults[0]
    assert "SECRET" not in found.faults[0]


@pytest.mark.parametrize("document", ["[]", "{}", "7", '"words"', '{"id": 1}'])
async def test_what_is_no_document_at_all_is_named_by_its_columns(database: str, document: str) -> None:
    tell(database, f"update smpolicy.record set document = '{document}' where id = 'b1' and school = 'wirral'")

    found = await check_database(database, KINDS)

    assert found.faults == ["Ballot 'b1' of 'wirral': its document can't be read."]
    assert found.tallies.total == sum(AS_FILLED.values()) - 1


async def test_what_keeps_a_bot_from_starting_on_a_database_is_named(database: str) -> None:
    bare, careless = server().database(migrated=False), server().database()
    tell(careless, f"alter database {careless.rpartition('/')[2]} set synchronous_commit = off")
    tell(database, "insert into smpolicy.copying (source) values ('tinydb:/elsewhere')")

    assert (await check_database(bare, KINDS)).faults == ["The database has no tables yet. Run smpolicy store migrate."]
    [careless_fault] = (await check_database(careless, KINDS)).faults
    assert "Set synchronous_commit to on" in careless_fault
    half = await check_database(database, KINDS)
    assert "The database holds only part of what is in tinydb:/elsewhere" in half.faults[0]
    assert counts(half) == AS_FILLED


async def test_a_database_of_an_older_program_is_read_all_the_same(database: str) -> None:
    tell(database, "delete from smpolicy.migration where number = 2; drop table smpolicy.copying")

    found = await check_database(database, KINDS)

    assert found.faults == [
        "The database is from an older smpolicy. Stop all processes, and run smpolicy store migrate."
    ]
    assert counts(found) == AS_FILLED


async def test_a_line_that_is_not_as_it_was_written_is_named(folder: Path) -> None:
    snapshot = folder / "snapshot.jsonl"
    snapshot.write_bytes(snapshot.read_bytes().replace(SECRET.encode(), b"what nobody wrotes!", 1))

    found = await check_folder(folder, KINDS)

    assert len(found.faults) == 1
    assert f"{snapshot} can't be used from line 2 on: the line is not as it was written." in found.faults[0]
    assert found.tallies.total == 0


async def test_a_document_that_does_not_fit_is_named_without_its_content(folder: Path) -> None:
    snapshot = folder / "snapshot.jsonl"
    lines = snapshot.read_bytes().splitlines(keepends=True)
    changed = lines[1].replace(b'"state": "open"', b'"state": "SECRET"')
    content = changed.rpartition(b', "sum": "')[0]
    snapshot.write_bytes(b"".join([lines[0], b'%s, "sum": "%08x"}\n' % (content, crc32(content)), *lines[2:]]))

    found = await check_folder(folder, KINDS)

    assert found.faults == ["Note 'n0' of 'bebington': field 'state' does not fit."]
    assert counts(found) == AS_FILLED


async def test_half_a_copy_is_named(tmp_path: Path) -> None:
    half = FilledFolder(tmp_path / "half")
    await half.open()
    await half.begin("tinydb:/elsewhere")
    await half.close()

    found = await check_folder(tmp_path / "half", KINDS)

    assert len(found.faults) == 1
    assert "holds only part of what is in tinydb:/elsewhere" in found.faults[0]


async def test_where_there_is_no_store_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotSaved, match="There is no store in the folder"):
        await check_folder(tmp_path / "nowhere", KINDS)
    with pytest.raises(NotSaved, match="can't be reached"):
        await check_database(server().url("nowhere"), KINDS)
    assert not (tmp_path / "nowhere").exists()
