"""Two schools in one store, with the same ids: whatever one of them asks or does, nothing is the other's."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import Stale
from bot.ports import Leased, SchoolStore, Store
from bot.stores.memory import MemoryStore
from bot.stores.migrating import migrations
from bot.stores.statements import STATEMENTS
from tests.stores.records import NOON, Note, State, Task
from tests.stores.test_laws import STORES

HOUR = timedelta(hours=1)
IDS = ("n1", "n2")
# Statements that mean every school's records, because whoever calls them moves, copies or checks all there are.
OF_ALL_SCHOOLS = frozenset({"all_there_is", "forget_all", "has_tables", "is_empty", "trace"})


@dataclass(frozen=True, slots=True)
class Two:
    """Two schools' records: the same ids, recipients and moments, and other words; in the second some are leased."""

    hill: SchoolStore
    dale: SchoolStore

    def each(self) -> Iterator[tuple[str, SchoolStore]]:
        """Yield name and records of both."""
        yield "hill", self.hill
        yield "dale", self.dale


def note(school: str, id: str) -> Note:
    return Note(school, id, f"of {school}", State.OPEN, (f"reader of {school}", "both"), NOON, 1)


@pytest.fixture(params=STORES)
async def two(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Two]:
    """Both, as they are read after a restart."""
    store = STORES[request.param](tmp_path)
    await store.open()
    for name in ("hill", "dale"):
        leased = Task(name, "leased", "ada", NOON + HOUR, "somebody of dale") if name == "dale" else None
        tasks = (Task(name, "t1", "ada"), Task(name, "t2", "bob"), *filter(None, (leased,)))
        await store.of(name).save(*(replace(note(name, id), version=0) for id in IDS), *tasks)
    again = store
    if not isinstance(store, MemoryStore):
        await store.close()
        again = STORES[request.param](tmp_path)
        await again.open()
    yield Two(again.of("hill"), again.of("dale"))
    await again.close()


# A case for each method of the port -------------------------------------------------------------


async def get(two: Two) -> None:
    for name, school in two.each():
        assert await school.get(Note, "n1") == note(name, "n1")
    assert await two.hill.get(Task, "leased") is None


async def find(two: Two) -> None:
    for name, school in two.each():
        mine = [note(name, id) for id in IDS]
        assert await school.find(Note) == mine
        assert await school.find(Note, state="open") == mine
        assert await school.find(Note, state="open", readers="both") == mine
        assert await school.find(Note, readers=f"reader of {name}") == mine
    assert await two.hill.find(Note, readers="reader of dale") == []
    assert await two.dale.find(Note, readers="reader of hill") == []


async def due(two: Two) -> None:
    for name, school in two.each():
        assert await school.due(Note, NOON) == [note(name, id) for id in IDS]
    assert [each.id for each in await two.hill.due(Task, NOON + HOUR)] == ["t1", "t2"]


async def claim(two: Two) -> None:
    """Both at once: each is shown its own alone, and what it takes nobody misses in the other."""
    shown: list[tuple[str, Leased]] = []

    async def claimed(name: str, school: SchoolStore) -> list[Task]:
        def lease(due: Sequence[Task], leased: Sequence[Task]) -> Sequence[Task]:
            shown.extend((name, each) for each in (*due, *leased))
            return [replace(each, due_at=NOON + HOUR, lease=name) for each in due]

        return await school.claim((Task,), NOON, lease)

    hills, dales = await asyncio.gather(*(claimed(*each) for each in two.each()))

    assert {(name, each.school) for name, each in shown} == {("hill", "hill"), ("dale", "dale")}
    assert {(each.school, each.id, each.lease) for each in (*hills, *dales)} == {
        *(("hill", id, "hill") for id in ("t1", "t2")),
        *(("dale", id, "dale") for id in ("t1", "t2")),
    }
    assert await claimed(*next(two.each())) == []
    assert (await two.dale.get(Task, "t1")) in dales


async def save(two: Two) -> None:
    """Whatever one writes, deletes or refuses, the other's copies in hand stay good."""
    theirs = note("dale", "n1")
    for number in range(3):
        written = await two.hill.get(Note, "n1")
        assert written is not None
        await two.hill.save(replace(written, text=f"draft {number}", state=State.CLOSED, due_at=None))
    await two.hill.save(forget=[note("hill", "n2")])
    with pytest.raises(Stale):
        await two.hill.save(note("hill", "n1"))

    with pytest.raises(ValueError, match="'hill' can't save records of 'dale'"):
        await two.hill.save(theirs)
    with pytest.raises(ValueError, match="'hill' can't save records of 'dale'"):
        await two.hill.save(Note("hill", "n3"), forget=[theirs])

    assert await two.dale.find(Note, state="open") == [note("dale", id) for id in IDS]
    assert await two.dale.due(Note, NOON) == [note("dale", id) for id in IDS]
    await two.dale.save(replace(theirs, text="final"), Note("dale", "n3"))
    assert [each.id for each in await two.hill.find(Note)] == ["n1"]
    await two.hill.save(Note("hill", "n3"))


CASES: dict[str, Callable[[Two], Awaitable[None]]] = {
    case.__name__: case
    for case in (get, find, due, claim, save)
}  # fmt: skip


@pytest.mark.parametrize("method", CASES)
async def test_nothing_of_the_other_school_is_met(two: Two, method: str) -> None:
    await CASES[method](two)


def test_there_is_a_case_for_every_method() -> None:
    """Whoever adds a method to the port adds a case here."""
    assert set(CASES) == set(_public(SchoolStore))


def test_there_is_no_way_to_records_without_a_school() -> None:
    assert set(_public(Store)) == {"of", "open", "close", "healthy", "exclusive"}
    assert list(inspect.signature(Store.of).parameters) == ["self", "school"]
    assert inspect.signature(Store.of).parameters["school"].default is inspect.Parameter.empty


def _public(port: type) -> list[str]:
    return [name for name in vars(port) if not name.startswith("_")]


# The statements --------------------------------------------------------------------------------


def test_every_statement_about_records_says_of_which_school() -> None:
    assert [name for name, text in STATEMENTS.items() if name not in OF_ALL_SCHOOLS and _any_school(text)] == []


def test_the_statements_about_all_schools_are_still_there() -> None:
    assert set(STATEMENTS) >= OF_ALL_SCHOOLS


def test_what_the_database_itself_does_says_of_which_school() -> None:
    """The newest body of each function counts; tables and indexes are nobody's."""
    bodies: dict[str, str] = {}
    for migration in migrations():
        bodies |= dict(re.findall(r"function (smpolicy\.\w+)\(.*?\$\$(.*?)\$\$", migration.text, re.DOTALL))

    assert "smpolicy.save" in bodies
    assert [name for name, body in bodies.items() if _any_school(body)] == []


@pytest.mark.parametrize(
    ("text", "any_school"),
    [
        ("select 1 from smpolicy.record where school = $1 and id = $2", False),
        ("select 1 from smpolicy.record r where r.school = the_school", False),
        ("insert into smpolicy.record (school, id) values ($1, $2)", False),
        ("select 1 from smpolicy.record where id = $1", True),
        ("select school from smpolicy.record where id = $1", True),
        ("insert into smpolicy.record (id) values ($1)", True),
        ("delete from smpolicy.record", True),
        ("select 1 from smpolicy.record where school = $1 union select 1 from smpolicy.record", True),
        ("select 1 from smpolicy.migration", False),
    ],
)
def test_what_counts_as_saying_so(text: str, any_school: bool) -> None:
    assert _any_school(text) is any_school


def _any_school(text: str) -> bool:
    """Tell whether some mention of the records in *text* is of no school: none is named up to the next mention."""
    _, *mentions = re.split(r"smpolicy\.record\b", re.sub(r"--.*", "", text))
    named = r"\bschool = (?:\$1|the_school)\b|\A \(school,"
    return any(not re.search(named, each) for each in mentions)
