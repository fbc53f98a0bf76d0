"""Laws that every store keeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Stale
from bot.ports import SchoolStore, Store
from bot.stores.memory import MemoryStore
from bot.stores.postgres import PostgresStore
from bot.stores.tinydb import TinyDBStore
from tests.postgres import server
from tests.stores.records import NOON, Ballot, Chore, Everything, Letter, Note, Phone, State, Task

HOUR = timedelta(hours=1)


@cache
def database_of(folder: Path) -> str:
    """Return the url of the database that a test has beside its folder."""
    return server().database()


STORES: dict[str, Callable[[Path], Store]] = {
    "memory": lambda folder: MemoryStore(),
    "tinydb": lambda folder: TinyDBStore(folder / "data", grown=500),
    "postgres": lambda folder: PostgresStore(database_of(folder)),
}


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    store = STORES[request.param](tmp_path)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def school(store: Store) -> SchoolStore:
    return store.of("bebington")


def note(id: str, text: str = "", *, state: State = State.OPEN, due_at: datetime | None = None) -> Note:
    return Note("bebington", id, text, state, due_at=due_at)


async def saved(school: SchoolStore, record: Note) -> Note:
    await school.save(record)
    return await reread(school, record.id)


async def reread(school: SchoolStore, id: str) -> Note:
    found = await school.get(Note, id)
    assert found is not None
    return found


def ids(found: list[Note]) -> list[str]:
    return [note.id for note in found]


async def test_what_was_never_saved_is_not_there(school: SchoolStore) -> None:
    assert await school.get(Note, "n1") is None
    assert await school.find(Note) == []
    assert await school.due(Note, NOON) == []


async def test_a_save_raises_the_version_by_one(school: SchoolStore) -> None:
    first = await saved(school, note("n1", "draft"))
    second = await saved(school, replace(first, text="final"))

    assert first == replace(note("n1", "draft"), version=1)
    assert second == replace(note("n1", "final"), version=2)


async def test_every_type_is_read_as_it_was_saved(school: SchoolStore) -> None:
    record = Everything(
        "bebington", "e1", "Grüße 😀\n\"\\\x00\u2028\x85", -(10**20), 0.1, True, State.CLOSED,
        datetime(2026, 10, 25, 1, 30, fold=1, tzinfo=ZoneInfo("Europe/London")), date(2024, 2, 29),
        timedelta(days=-1, microseconds=1), Letter(("a", ""), Letter()), Phone("999"), None,
        (Phone("1"), Letter()), frozenset(State), {State.OPEN: (date(2026, 1, 1),)}, {"a": [1, None, {"b": "c"}]},
    )  # fmt: skip

    await school.save(record)

    assert await school.get(Everything, "e1") == replace(record, version=1)


async def test_several_records_are_saved_in_one_stroke(school: SchoolStore) -> None:
    await school.save(note("n1"), Ballot("bebington", "b1"), note("n2"))

    assert ids(await school.find(Note)) == ["n1", "n2"]
    assert await school.get(Ballot, "b1") == Ballot("bebington", "b1", version=1)


async def test_where_one_record_is_stale_none_is_saved(school: SchoolStore) -> None:
    first = await saved(school, note("n1", "draft"))
    kept = await saved(school, note("n2"))
    newer = await saved(school, replace(first, text="final"))

    with pytest.raises(Stale):
        await school.save(note("n3"), replace(first, text="mine"), forget=[kept])

    assert await school.find(Note) == [newer, kept]


async def test_one_of_two_writers_at_once_is_told(school: SchoolStore) -> None:
    in_hand = await saved(school, note("n1"))

    results = await asyncio.gather(
        school.save(replace(in_hand, text="ours")),
        school.save(replace(in_hand, text="theirs")),
        return_exceptions=True,
    )

    kept = (await reread(school, "n1")).text
    assert dict(zip(("ours", "theirs"), map(type, results), strict=True)) == {"ours": Stale, "theirs": Stale} | {
        kept: type(None)
    }


async def test_a_record_deleted_meanwhile_is_not_brought_back(school: SchoolStore) -> None:
    in_hand = await saved(school, note("n1"))
    await school.save(forget=[in_hand])

    with pytest.raises(Stale):
        await school.save(replace(in_hand, text="late"))

    assert await school.get(Note, "n1") is None


async def test_a_new_record_does_not_overwrite_an_old_one(school: SchoolStore) -> None:
    await school.save(note("n1", "old"))

    with pytest.raises(Stale):
        await school.save(note("n1", "new"))

    assert (await reread(school, "n1")).text == "old"


async def test_a_record_written_meanwhile_is_not_forgotten(school: SchoolStore) -> None:
    in_hand = await saved(school, note("n1"))
    newer = await saved(school, replace(in_hand, text="newer"))

    with pytest.raises(Stale):
        await school.save(forget=[in_hand])

    assert await school.get(Note, "n1") == newer


async def test_what_is_not_there_cannot_be_forgotten(school: SchoolStore) -> None:
    in_hand = await saved(school, note("n1"))
    await school.save(forget=[in_hand])

    for gone in (in_hand, note("n2")):
        with pytest.raises(Stale):
            await school.save(forget=[gone])


async def test_one_stroke_saves_and_forgets(school: SchoolStore) -> None:
    old = await saved(school, note("n1", state=State.OPEN, due_at=NOON))

    await school.save(note("n2"), forget=[old])

    assert ids(await school.find(Note)) == ["n2"]
    assert ids(await school.find(Note, state=State.OPEN)) == ["n2"]
    assert await school.due(Note, NOON) == []


async def test_an_id_can_be_used_again_after_forgetting(school: SchoolStore) -> None:
    old = await saved(school, note("n1"))
    await school.save(note("n2"))
    await school.save(forget=[old])

    again = await saved(school, note("n1", "again"))

    assert again.version == 1
    assert ids(await school.find(Note)) == ["n2", "n1"]


async def test_a_save_of_nothing_does_nothing(school: SchoolStore) -> None:
    await school.save()

    assert await school.find(Note) == []


async def test_the_same_record_twice_is_a_mistake(school: SchoolStore) -> None:
    in_hand = await saved(school, note("n1"))

    with pytest.raises(ValueError, match="twice"):
        await school.save(in_hand, replace(in_hand, text="other"))
    with pytest.raises(ValueError, match="twice"):
        await school.save(in_hand, forget=[in_hand])

    assert await school.find(Note) == [in_hand]


async def test_kinds_may_share_an_id(school: SchoolStore) -> None:
    await school.save(note("1"), Ballot("bebington", "1"))

    assert await school.get(Ballot, "1") == Ballot("bebington", "1", version=1)
    assert ids(await school.find(Note)) == ["1"]


async def test_records_are_found_first_saved_first(school: SchoolStore) -> None:
    for id in ("n2", "n3", "n1"):
        await school.save(note(id))
    await school.save(replace(await reread(school, "n2"), text="changed"))

    assert ids(await school.find(Note)) == ["n2", "n3", "n1"]
    assert ids(await school.find(Note, state=State.OPEN)) == ["n2", "n3", "n1"]


async def test_an_index_follows_each_change(school: SchoolStore) -> None:
    await school.save(note("n1"), note("n2"))

    await school.save(replace(await reread(school, "n1"), state=State.CLOSED))

    assert ids(await school.find(Note, state="open")) == ["n2"]
    assert ids(await school.find(Note, state="closed")) == ["n1"]


async def test_a_tuple_is_found_by_each_of_its_members(school: SchoolStore) -> None:
    await school.save(
        replace(note("n1"), readers=("ada", "grace")),
        replace(note("n2"), readers=("grace", "grace")),
        note("n3"),
    )

    assert ids(await school.find(Note, readers="ada")) == ["n1"]
    assert ids(await school.find(Note, readers="grace")) == ["n1", "n2"]
    assert await school.find(Note, readers="") == []


async def test_several_fields_must_all_match(school: SchoolStore) -> None:
    await school.save(
        replace(note("n1"), readers=("ada",)),
        replace(note("n2"), readers=("ada",), state=State.CLOSED),
        note("n3", state=State.CLOSED),
    )

    assert ids(await school.find(Note, readers="ada", state=State.CLOSED)) == ["n2"]
    assert await school.find(Note, readers="grace", state=State.CLOSED) == []


async def test_a_field_without_value_is_found_by_none(school: SchoolStore) -> None:
    await school.save(Ballot("bebington", "b1"), Ballot("bebington", "b2", "ada"))

    assert [ballot.id for ballot in await school.find(Ballot, voter="ada")] == ["b2"]
    assert await school.find(Ballot, voter="None") == []


async def test_a_field_without_index_is_a_mistake(school: SchoolStore) -> None:
    with pytest.raises(ValueError, match="Note has no index on 'text'"):
        await school.find(Note, text="draft")


async def test_what_is_due_comes_earliest_first(school: SchoolStore) -> None:
    await school.save(
        note("late", due_at=NOON + HOUR),
        note("tie", due_at=NOON),
        note("never"),
        note("early", due_at=NOON - HOUR),
        note("tie again", due_at=NOON),
    )

    assert ids(await school.due(Note, NOON)) == ["early", "tie", "tie again"]


async def test_what_is_due_at_exactly_this_moment_is_due(school: SchoolStore) -> None:
    await school.save(note("n1", due_at=NOON))

    assert await school.due(Note, NOON - timedelta(microseconds=1)) == []
    assert ids(await school.due(Note, NOON)) == ["n1"]


async def test_what_is_due_follows_each_change(school: SchoolStore) -> None:
    await school.save(note("n1", due_at=NOON), note("n2", due_at=NOON), note("n3", due_at=NOON))

    await school.save(replace(await reread(school, "n1"), due_at=NOON + HOUR))
    await school.save(replace(await reread(school, "n2"), due_at=None))
    await school.save(forget=[await reread(school, "n3")])

    assert await school.due(Note, NOON) == []
    assert ids(await school.due(Note, NOON + HOUR)) == ["n1"]


async def test_in_the_hour_that_autumn_repeats_the_true_moment_counts(school: SchoolStore) -> None:
    clocks = ZoneInfo("Europe/London")
    second = datetime(2026, 10, 25, 1, 20, fold=1, tzinfo=clocks)
    first = datetime(2026, 10, 25, 1, 40, fold=0, tzinfo=clocks)

    await school.save(note("second", due_at=second), note("first", due_at=first))

    assert ids(await school.due(Note, first)) == ["first"]
    assert ids(await school.due(Note, second)) == ["first", "second"]


async def test_kinds_that_are_never_due(school: SchoolStore) -> None:
    await school.save(Ballot("bebington", "b1"))

    assert await school.due(Ballot, NOON) == []


async def test_a_moment_without_time_zone_is_a_mistake(school: SchoolStore) -> None:
    naive = NOON.replace(tzinfo=None)

    with pytest.raises(ValueError, match="time zone"):
        await school.due(Note, naive)
    with pytest.raises(ValueError, match="time zone"):
        await school.save(note("n1"), note("n2", due_at=naive))

    assert await school.find(Note) == []


async def test_schools_see_nothing_of_each_other(store: Store) -> None:
    ours, theirs = store.of("bebington"), store.of("wirral")
    await ours.save(note("n1", "ours", due_at=NOON))

    assert await theirs.get(Note, "n1") is None
    assert await theirs.find(Note) == []
    assert await theirs.find(Note, state=State.OPEN) == []
    assert await theirs.due(Note, NOON) == []


async def test_schools_may_use_the_same_ids(store: Store) -> None:
    ours, theirs = store.of("bebington"), store.of("wirral")
    await ours.save(note("n1", "ours", due_at=NOON))
    await theirs.save(replace(note("n1", "theirs", due_at=NOON), school="wirral"))

    await theirs.save(forget=[await reread(theirs, "n1")])

    assert [note.text for note in await ours.due(Note, NOON)] == ["ours"]
    assert [note.text for note in await ours.find(Note, state=State.OPEN)] == ["ours"]
    assert await theirs.find(Note) == []


async def test_a_school_cannot_write_for_another(store: Store) -> None:
    ours, theirs = store.of("bebington"), store.of("wirral")
    in_hand = await saved(ours, note("n1"))

    with pytest.raises(ValueError, match="'wirral' can't save records of 'bebington'"):
        await theirs.save(replace(note("n2"), school="wirral"), in_hand)
    with pytest.raises(ValueError, match="'wirral' can't save records of 'bebington'"):
        await theirs.save(forget=[in_hand])

    assert await ours.find(Note) == [in_hand]
    assert await theirs.find(Note) == []


async def test_what_a_school_is_called_does_not_matter(store: Store) -> None:
    names = ["a/b", "a", "a b", "", "Ä\n", "a/Note"]
    for name in names:
        await store.of(name).save(Note(name, "n1", text=name))

    assert [[note.text for note in await store.of(name).find(Note)] for name in names] == [[name] for name in names]


async def test_what_is_changed_in_hand_stays_as_saved(school: SchoolStore) -> None:
    answers = {"aims": ["inform"]}
    await school.save(Everything("bebington", "e1", answers=answers))

    answers["aims"].append("entertain")

    found = await school.get(Everything, "e1")
    assert found is not None
    assert found.answers == {"aims": ["inform"]}


# What is claimed ------------------------------------------------------------------------------


def task(id: str, *, due_at: datetime = NOON, recipient: str = "ada") -> Task:
    return Task("bebington", id, recipient, due_at)


async def claimed(school: SchoolStore, name: str, *, now: datetime = NOON, most: int = 99) -> list[Task]:
    """Claim up to *most* of what is due, for an hour."""

    def lease(due: Sequence[Task], leased: Sequence[Task]) -> Sequence[Task]:
        return [replace(each, due_at=now + HOUR, lease=name) for each in due[:most]]

    return await school.claim((Task, Chore), now, lease)


def names(found: Sequence[Task]) -> list[str]:
    return [each.id for each in found]


async def test_only_what_is_due_is_claimed_earliest_first(school: SchoolStore) -> None:
    await school.save(task("second"), task("later", due_at=NOON + HOUR), task("first", due_at=NOON - HOUR))

    found = await claimed(school, "us")

    assert names(found) == ["first", "second"]
    assert found == [await school.get(Task, each.id) for each in found]
    assert {(each.lease, each.due_at, each.version) for each in found} == {("us", NOON + HOUR, 2)}


async def test_kinds_are_claimed_together_in_order(school: SchoolStore) -> None:
    await school.save(task("second"), Chore("bebington", "first", due_at=NOON - HOUR))
    await school.save(Chore("bebington", "third", due_at=NOON))

    assert names(await claimed(school, "us")) == ["first", "second", "third"]


async def test_where_nothing_is_due_nothing_is_claimed(school: SchoolStore) -> None:
    await school.save(task("later", due_at=NOON + HOUR))

    assert await claimed(school, "us") == []
    assert await school.get(Task, "later") == replace(task("later", due_at=NOON + HOUR), version=1)


async def test_what_is_claimed_is_given_to_nobody_else_until_its_lease_ends(school: SchoolStore) -> None:
    await school.save(task("t1"))
    await claimed(school, "us")

    early = await claimed(school, "them", now=NOON + HOUR - timedelta(microseconds=1))
    then = await claimed(school, "them", now=NOON + HOUR)

    assert early == []
    assert [(each.id, each.lease, each.version) for each in then] == [("t1", "them", 3)]


async def test_who_lost_a_lease_can_save_nothing_on_it(school: SchoolStore) -> None:
    await school.save(task("t1"))
    [ours] = await claimed(school, "us")
    [theirs] = await claimed(school, "them", now=NOON + HOUR)

    for late in ({"forget": [ours]}, {}):
        with pytest.raises(Stale):
            await school.save(*(() if late else (ours,)), **late)

    assert await school.get(Task, "t1") == theirs


async def test_what_is_not_chosen_can_be_claimed_at_once(school: SchoolStore) -> None:
    await school.save(*(task(f"t{n}") for n in range(5)))

    first, second = await claimed(school, "us", most=2), await claimed(school, "them")

    assert names(first) == ["t0", "t1"]
    assert names(second) == ["t2", "t3", "t4"]


async def test_several_who_claim_at_once_share_it_out(school: SchoolStore) -> None:
    await school.save(*(task(f"t{n:02}") for n in range(40)))

    shares = await asyncio.gather(*(claimed(school, f"worker {n}", most=4) for n in range(12)))

    assert sorted(len(share) for share in shares) == [0, 0, *10 * [4]]
    assert sorted(name for share in shares for name in names(share)) == [f"t{n:02}" for n in range(40)]


async def test_what_is_claimed_while_somebody_writes_it_is_theirs_or_ours(school: SchoolStore) -> None:
    await school.save(task("t1"))
    in_hand = await school.get(Task, "t1")
    assert in_hand is not None

    written, ours = await asyncio.gather(
        school.save(replace(in_hand, recipient="grace")), claimed(school, "us"), return_exceptions=True
    )

    kept = await school.get(Task, "t1")
    assert kept is not None
    if isinstance(written, Stale):
        assert ours == [kept]
        assert kept.recipient == "ada"
    else:
        assert written is None
        assert kept.recipient == "grace"
        assert ours in ([], [kept])


async def test_a_claim_that_breaks_off_claims_nothing(school: SchoolStore) -> None:
    await school.save(task("t1"))

    def breaks_off(due: Sequence[Task], leased: Sequence[Task]) -> Sequence[Task]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await school.claim((Task,), NOON, breaks_off)

    assert names(await claimed(school, "us")) == ["t1"]


async def test_nothing_of_another_school_is_claimed(store: Store) -> None:
    ours, theirs = store.of("bebington"), store.of("wirral")
    await ours.save(task("t1"))
    await theirs.save(replace(task("t1"), school="wirral"), replace(task("t2"), school="wirral"))

    assert names(await claimed(ours, "us")) == ["t1"]
    assert [each.lease for each in await theirs.find(Task)] == ["", ""]
    assert names(await claimed(theirs, "them")) == ["t1", "t2"]


@dataclass(frozen=True)
class Step:
    """One save of a random history: which ids, how far behind the copy in hand is, and what is written."""

    school: str
    keep: dict[str, int]
    forget: dict[str, int]
    state: State
    readers: tuple[str, ...]
    due_at: datetime | None
    reopen: bool


@dataclass
class Model:
    """What a store should hold, said as plainly as can be."""

    notes: dict[tuple[str, str], Note] = field(default_factory=dict)

    def in_hand(self, step: Step, id: str, behind: int) -> Note:
        kept = self.notes.get((step.school, id))
        return Note(step.school, id, version=max(0, (kept.version if kept else 0) - behind))

    def allows(self, keep: list[Note], forget: list[Note]) -> bool:
        versions = {key: note.version for key, note in self.notes.items()}
        current = all(versions.get((note.school, note.id), 0) == note.version for note in keep + forget)
        return current and all(note.version for note in forget)

    def of(self, school: str) -> list[Note]:
        return [note for key, note in self.notes.items() if key[0] == school]


some_ids = st.sampled_from(["n1", "n2", "n3"])
behind = st.sampled_from([0, 0, 0, 1])
steps = st.lists(
    st.builds(
        Step,
        school=st.sampled_from(["bebington", "wirral"]),
        keep=st.dictionaries(some_ids, behind, max_size=3),
        forget=st.dictionaries(some_ids, behind, max_size=1),
        state=st.sampled_from(State),
        readers=st.lists(st.sampled_from(["ada", "grace"]), max_size=2).map(tuple),
        due_at=st.none() | st.sampled_from([NOON, NOON + HOUR]),
        reopen=st.booleans(),
    ),
    max_size=12,
)


@pytest.mark.parametrize("name", STORES)
@settings(max_examples=40, deadline=None)
@given(history=steps)
def test_a_store_is_as_good_as_a_plain_dictionary(name: str, history: list[Step]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(compare(lambda: STORES[name](Path(folder)), history, lasting=name != "memory"))


async def compare(make: Callable[[], Store], history: list[Step], *, lasting: bool) -> None:
    """Take each step of *history* in a store and in a model, and find the same in both after each."""
    model, store = Model(), make()
    await store.open()
    for step in history:
        await _take(step, model, store)
        if step.reopen and lasting:
            await store.close()
            store = make()
            await store.open()
        for name in ("bebington", "wirral"):
            await _agree(store.of(name), model.of(name))
    await store.close()


async def _take(step: Step, model: Model, store: Store) -> None:
    forget = [model.in_hand(step, id, behind) for id, behind in step.forget.items()]
    keep = [
        replace(model.in_hand(step, id, behind), state=step.state, readers=step.readers, due_at=step.due_at)
        for id, behind in step.keep.items()
        if id not in step.forget
    ]
    if not model.allows(keep, forget):
        with pytest.raises(Stale):
            await store.of(step.school).save(*keep, forget=forget)
        return
    await store.of(step.school).save(*keep, forget=forget)
    model.notes |= {(note.school, note.id): replace(note, version=note.version + 1) for note in keep}
    for note in forget:
        del model.notes[note.school, note.id]


async def _agree(school: SchoolStore, notes: list[Note]) -> None:
    assert await school.find(Note) == notes
    for id in ("n1", "n2", "n3"):
        assert await school.get(Note, id) == next((note for note in notes if note.id == id), None)
    for state in State:
        assert await school.find(Note, state=state) == [note for note in notes if note.state == state]
    for reader in ("ada", "grace"):
        assert await school.find(Note, readers=reader) == [note for note in notes if reader in note.readers]
    for before in (NOON, NOON + HOUR):
        due = [(note.due_at, note) for note in notes if note.due_at and note.due_at <= before]
        assert await school.due(Note, before) == [note for _, note in sorted(due, key=lambda pair: pair[0])]
