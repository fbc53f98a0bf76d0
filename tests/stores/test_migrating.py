"""Bringing a database to the shape that the program writes: once, whole, and by whoever is asked to."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from bot.errors import NotSaved
from bot.stores.migrating import FOLDER, migrate, migrations
from bot.stores.postgres import PostgresStore
from tests.postgres import server
from tests.setup.absence import without
from tests.stores.pooler import pooler
from tests.stores.records import Note
from tests.stores.test_postgres import database_in

pytestmark = pytest.mark.skipif(without("postgres"), reason="without PostgreSQL, as was asked")
NEWEST = max(each.number for each in migrations())
ALL = [each.name for each in migrations()]
MIGRATE = "Run smpolicy store migrate."


@pytest.fixture
def empty() -> str:
    """The url of a database in which nothing is yet."""
    return server().database(migrated=False)


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The migrations of a later program: one more than ours."""
    folder = tmp_path / "migrations"
    shutil.copytree(FOLDER, folder)
    (folder / f"{NEWEST + 1:04}_colours.sql").write_text("create table smpolicy.colour (name text);")
    return folder


def tables(url: str) -> str:
    return server().tell("select string_agg(tablename, ' ' order by 1) from pg_tables where schemaname = 'smpolicy'",
                         database_in(url))  # fmt: skip


async def refusal(url: str) -> str:
    """Return what is said to whoever opens the store of *url*."""
    with pytest.raises(NotSaved) as refused:
        await PostgresStore(url).open()
    return refused.value.sentence


async def test_a_database_is_made_ready_once(empty: str) -> None:
    assert [each.name for each in await migrate(empty)] == ALL
    assert await migrate(empty) == []

    store = PostgresStore(empty)
    await store.open()
    await store.of("bebington").save(Note("bebington", "n1"))
    await store.close()


async def test_whoever_comes_at_the_same_time_finds_nothing_to_do(empty: str) -> None:
    done = await asyncio.gather(*(migrate(empty) for _ in range(6)))

    assert sorted(len(each) for each in done) == [0, 0, 0, 0, 0, len(ALL)]


async def test_also_where_every_transaction_sees_what_was_at_its_beginning(empty: str) -> None:
    server().tell(f"alter database {database_in(empty)} set default_transaction_isolation = serializable")

    done = await asyncio.gather(*(migrate(empty) for _ in range(4)))

    assert sorted(len(each) for each in done) == [0, 0, 0, len(ALL)]


async def test_a_database_is_made_ready_through_a_pooler(empty: str) -> None:
    async with pooler(server().port, database_in(empty)) as between:
        assert [each.name for each in await migrate(between.url)] == ALL
        assert await migrate(between.url) == []


async def test_only_what_is_missing_is_done(empty: str, newer: Path) -> None:
    await migrate(empty)

    assert [each.name for each in await migrate(empty, newer)] == ["colours"]
    assert "colour" in tables(empty)


@pytest.mark.parametrize(
    "wrong", ["select 1 / 0;", "create table smpolicy.record ();", "nonsense", "rollback; select 1 / 0;"]
)
async def test_a_migration_that_fails_leaves_nothing(empty: str, newer: Path, wrong: str) -> None:
    (newer / f"{NEWEST + 2:04}_wrong.sql").write_text(f"create table smpolicy.half (name text); {wrong}")

    with pytest.raises(NotSaved, match="It is as it was; run smpolicy store migrate again"):
        await migrate(empty, newer)

    assert tables(empty) == ""
    assert [each.name for each in await migrate(empty)] == ALL


async def test_a_database_of_a_newer_program_is_left_alone(empty: str, newer: Path) -> None:
    await migrate(empty, newer)

    assert await refusal(empty) == "The database is from a newer smpolicy. Start it with that one."
    with pytest.raises(NotSaved, match="from a newer smpolicy"):
        await migrate(empty)


async def test_a_database_of_an_older_program_is_not_opened(empty: str) -> None:
    await migrate(empty)
    server().tell(f"delete from smpolicy.migration where number = {NEWEST}", database_in(empty))

    assert MIGRATE.lower()[:-1] in (await refusal(empty)).lower()


async def test_a_migration_that_was_changed_afterwards_is_noticed(empty: str, newer: Path) -> None:
    await migrate(empty, newer)
    changed = newer / f"{NEWEST + 1:04}_colours.sql"
    changed.write_text("create table smpolicy.colour (name text, shade text);")

    with pytest.raises(NotSaved, match=re.escape(f"by another {changed.name} than the one that this smpolicy has")):
        await migrate(empty, newer)


async def test_a_store_notices_it_too(empty: str) -> None:
    await migrate(empty)
    server().tell("update smpolicy.migration set checksum = 'other' where number = 1", database_in(empty))

    assert "by another 0001_records.sql than the one that this smpolicy has" in await refusal(empty)


async def test_nothing_is_migrated_by_opening(empty: str) -> None:
    assert await refusal(empty) == f"The database has no tables yet. {MIGRATE}"
    assert tables(empty) == ""


async def test_a_database_that_is_not_there_is_said() -> None:
    for url in (server().url("nowhere"), "postgresql://127.0.0.1:9/x", "postgresql://127.0.0.1:port/x"):
        with pytest.raises(NotSaved, match=r"^The database can't be reached: .*\. Look at the store's url\.$"):
            await migrate(url)
