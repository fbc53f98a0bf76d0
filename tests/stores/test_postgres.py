"""The store of several processes and its database: lost answers, restarts, failovers, crowds and what people type."""

from __future__ import annotations

import asyncio
import re
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import asyncpg
import pytest

from bot.errors import NotSaved, Stale
from bot.ports import SchoolStore
from bot.stores.connections import CALL_OFF_SECONDS, Failed
from bot.stores.postgres import LAST_LOOK_SECONDS, PostgresStore
from bot.stores.statements import STATEMENTS
from tests.postgres import USER, Server, Standby, server
from tests.process import Growing
from tests.setup.absence import without
from tests.stores.pooler import pooler
from tests.stores.records import NOON, Note, State, Task
from tests.stores.wire import Fate, Wire, wire_to

pytestmark = pytest.mark.skipif(without("postgres"), reason="without PostgreSQL, as was asked")
HOUR = timedelta(hours=1)
SOON = 20.0  # seconds of real time within which everything recovers
STROKE = "stroke-of-the-test"


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """A server of our own, which may be stopped."""
    started = Server()
    started.start()
    yield started
    started.remove()


@asynccontextmanager
async def opened(url: str, **more: object) -> AsyncIterator[PostgresStore]:
    """Open the store of *url* for a while."""
    store = PostgresStore(url, **more)  # type: ignore[arg-type]
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
async def store() -> AsyncIterator[PostgresStore]:
    async with opened(server().database()) as ready:
        yield ready


def database_in(url: str) -> str:
    return url.rpartition("/")[2]


def note(id: str, text: str = "") -> Note:
    return Note("bebington", id, text)


async def kept(school: SchoolStore, id: str) -> Note:
    found = await school.get(Note, id)
    assert found is not None
    return found


async def claimed(school: SchoolStore, name: str, *, now: datetime = NOON, most: int = 1000) -> list[Task]:
    """Claim up to *most* of what is due, for an hour."""
    return await school.claim(
        (Task,), now, lambda due, leased: [replace(each, lease=name, due_at=now + HOUR) for each in due[:most]]
    )


async def until(fact: Callable[[], Awaitable[object]]) -> None:
    """Ask again and again until it is so."""
    async with asyncio.timeout(SOON):
        while not await fact():
            pass


async def takes_a_save(store: PostgresStore) -> bool:
    """Tell whether the store saves something."""
    try:
        await store.of("bebington").save(note(f"try-{time.monotonic_ns()}"))
    except NotSaved:
        return False
    return True


# Answers that get lost ----------------------------------------------------------------------

LOST = (Fate.NEVER_ARRIVES, Fate.ANSWER_IS_LOST, Fate.ANSWER_IS_SWALLOWED)


@dataclass(frozen=True)
class Line:
    """A school behind a wire, and another store on the same database that is not."""

    wire: Wire
    store: PostgresStore
    other: PostgresStore

    @property
    def school(self) -> SchoolStore:
        return self.store.of("bebington")


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """Two notes are saved and all statements known; the next save bears the mark."""
    strokes = (f"stroke-{n}" if n < 2 else STROKE for n in count())
    url = server().database()
    async with wire_to(server().port) as [wire], opened(url) as other:
        store = PostgresStore(wire.url(database_in(url)), patience=0.5, new_stroke=lambda: next(strokes))
        await store.open()
        line = Line(wire, store, other)
        await line.school.save(note("old"), note("older"))
        await line.school.save(replace(await kept(line.school, "old"), text="second"))
        yield line
        await store.close()


@pytest.mark.parametrize("fate", LOST)
async def test_a_save_whose_answer_is_lost_is_there_once(line: Line, fate: Fate) -> None:
    line.wire.plan(STROKE, fate)

    await line.school.save(note("n1"), replace(await kept(line.school, "old"), text="third"))

    assert line.wire.met == [fate]
    assert line.store.healthy
    assert [(each.id, each.text, each.version) for each in await line.school.find(Note)] == [
        ("old", "third", 3), ("older", "", 1), ("n1", "", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("fate", LOST)
async def test_what_is_forgotten_with_a_lost_answer_is_gone(line: Line, fate: Fate) -> None:
    line.wire.plan(STROKE, fate)

    await line.school.save(forget=await line.school.find(Note))

    assert line.wire.met == [fate]
    assert await line.school.find(Note) == []


async def test_a_save_that_arrives_after_it_was_looked_for_is_there_once(line: Line) -> None:
    """It was not there yet and was sent again: the first one wins, and nobody is told that somebody else was faster."""
    plan = (Fate.COMES_LATE, Fate.PASSES, Fate.PASSES, Fate.COMES_AFTER_THE_LATE_ONE)
    line.wire.plan(STROKE, *plan)

    await line.school.save(replace(await kept(line.school, "old"), text="third"))

    assert tuple(line.wire.met) == plan
    assert (await kept(line.school, "old")).version == 3


@pytest.mark.parametrize("fate", LOST)
async def test_who_was_too_late_learns_it_though_the_answer_is_lost(line: Line, fate: Fate) -> None:
    in_hand = await kept(line.school, "old")
    await line.other.of("bebington").save(replace(in_hand, text="theirs"))
    line.wire.plan(STROKE, fate)

    with pytest.raises((Stale, NotSaved)):
        await line.school.save(note("n1"), replace(in_hand, text="ours"))

    assert line.wire.met == [fate]
    assert [(each.id, each.text) for each in await line.school.find(Note)] == [("old", "theirs"), ("older", "")]


@pytest.mark.parametrize("fate", LOST)
async def test_a_claim_whose_answer_is_lost_is_ours_at_once(line: Line, fate: Fate) -> None:
    await line.other.of("bebington").save(Task("bebington", "t1"), Task("bebington", "t2"))
    line.wire.plan("COMMIT;", fate)

    ours = await claimed(line.school, "us")

    assert line.wire.met == [fate]
    assert [(each.id, each.lease, each.version) for each in ours] == [("t1", "us", 2), ("t2", "us", 2)]
    assert await claimed(line.other.of("bebington"), "them") == []


@pytest.mark.parametrize("fate", LOST)
async def test_a_claim_that_is_broken_off_half_way_leaves_nothing(line: Line, fate: Fate) -> None:
    await line.other.of("bebington").save(Task("bebington", "t1"), Task("bebington", "t2"))
    line.wire.plan(STROKE, fate, fate, fate, fate, fate)

    with pytest.raises(NotSaved):
        await claimed(line.school, "us")

    assert line.wire.met[0] is fate
    theirs = await claimed(line.other.of("bebington"), "them")
    assert [(each.id, each.version) for each in theirs] == [("t1", 2), ("t2", 2)]


async def test_where_all_is_silent_everybody_is_told_in_time(line: Line) -> None:
    """A host that lost its power, or a wall between: no connection is refused, and none answers."""
    line.wire.fall_silent()
    began = time.monotonic()

    told = await asyncio.gather(
        line.school.save(note("n1")), line.school.get(Note, "old"), claimed(line.school, "us"), line.school.find(Note),
        return_exceptions=True,
    )  # fmt: skip

    assert [type(each) for each in told] == 4 * [Failed]
    assert time.monotonic() - began < 0.5 + LAST_LOOK_SECONDS + 2 * CALL_OFF_SECONDS + 1
    assert not line.store.healthy
    line.wire.speak_again()
    await line.school.save(note("n2"))
    assert line.store.healthy
    assert [each.id for each in await line.school.find(Note)] == ["old", "older", "n2"]


# More callers than connections --------------------------------------------------------------


async def test_many_more_callers_than_connections_are_all_served() -> None:
    async with opened(server().database(), connections=2) as store:
        school = store.of("bebington")

        await asyncio.gather(*(school.save(note(f"n{n}")) for n in range(300)))
        found = await asyncio.gather(*(school.get(Note, f"n{n}") for n in range(300)))

        assert [each.id for each in found if each] == [f"n{n}" for n in range(300)]


async def test_who_waits_too_long_for_somebody_else_is_told_and_nothing_comes_of_it() -> None:
    """An administrator left a session open that holds a record: both connections wait for it, all others for them."""
    url = server().database()
    async with opened(url, connections=2, patience=0.4) as store:
        school = store.of("bebington")
        await school.save(note("held"), note("free"))
        held, free = await kept(school, "held"), await kept(school, "free")
        async with holding(url, "held"):
            told = await asyncio.gather(
                *(school.save(replace(held, text=f"try {n}")) for n in range(2)),
                school.save(replace(free, text="behind them")),
                return_exceptions=True,
            )
            assert [type(each) for each in told] == 3 * [Failed]
            assert not store.healthy
            await until(lambda: none_waiting(url))

        assert [await kept(school, each) for each in ("held", "free")] == [held, free]
        await school.save(replace(held, text="now"), replace(free, text="now"))
        assert store.healthy


async def test_a_backend_that_is_ended_on_its_way_is_replaced() -> None:
    url = server().database()
    async with opened(url) as store, asyncio.TaskGroup() as tasks:
        school = store.of("bebington")
        await school.save(note("held"))
        in_hand = await kept(school, "held")
        async with holding(url, "held") as administrator:
            saving = tasks.create_task(school.save(note("n1"), replace(in_hand, text="ours")))
            await until(lambda: administrator.fetchval(END_WAITING, database_in(url)))
        await saving

        assert [(each.id, each.version) for each in await school.find(Note)] == [("held", 2), ("n1", 1)]


WAITING = "from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'"
END_WAITING = f"select bool_or(pg_terminate_backend(pid)) {WAITING}"


@asynccontextmanager
async def holding(url: str, id: str) -> AsyncIterator[Any]:
    """Hold the record of *id* in a session of an administrator."""
    session = await asyncpg.connect(url)
    try:
        async with session.transaction():
            await session.execute("select 1 from smpolicy.record where id = $1 for update", id)
            yield session
    finally:
        await session.close()


async def none_waiting(url: str) -> bool:
    session = await asyncpg.connect(url)
    try:
        return not await session.fetchval(f"select count(*) {WAITING}", database_in(url))
    finally:
        await session.close()


# Two who are in each other's way --------------------------------------------------------------


async def test_of_two_who_wait_for_each_other_none_is_lost() -> None:
    """PostgreSQL ends one of two that wait for each other; if it is ours, it is done again."""
    url = server().database()
    async with opened(url, patience=10) as store, asyncio.TaskGroup() as tasks:
        school = store.of("bebington")
        session = await asyncpg.connect(url)
        transaction = session.transaction()
        await transaction.start()
        await session.execute(INSERT, "b")
        saving = tasks.create_task(_outcome(school.save(note("a"), note("b"))))
        await until(lambda: _waits(session, database_in(url)))
        theirs = await _outcome(session.execute(INSERT, "a"))
        await (transaction.rollback() if theirs else transaction.commit())
        await session.close()
        ours = await saving

        assert (theirs, ours) in ((asyncpg.DeadlockDetectedError, None), (None, Stale))
        versions = await asyncpg.connect(url)
        found = await versions.fetch("select id from smpolicy.record order by id")
        await versions.close()
        assert [each["id"] for each in found] == ["a", "b"]


async def test_saves_of_the_same_records_in_any_order_never_wait_for_each_other() -> None:
    async with opened(server().database()) as store:
        school = store.of("bebington")
        await school.save(*(note(f"n{n}") for n in range(6)))
        in_hand = await school.find(Note)

        for _ in range(10):
            outcomes = await asyncio.gather(
                *(_outcome(school.save(*(in_hand[turn:] + in_hand[:turn]))) for turn in range(6))
            )
            assert sorted(map(str, outcomes)) == sorted(map(str, [None, *5 * [Stale]]))
            in_hand = await school.find(Note)


async def test_where_everything_is_serializable_nothing_is_counted_twice() -> None:
    """A setting of the database that makes writers fail who did not even meet."""
    url = server().database()
    server().tell(f"alter database {database_in(url)} set default_transaction_isolation = serializable")
    async with opened(url, patience=10) as store:
        school = store.of("bebington")
        await school.save(note("count", "0"), *(Task("bebington", f"t{n}") for n in range(20)))

        async def counts_up() -> None:
            while True:
                in_hand = await kept(school, "count")
                if await _outcome(school.save(replace(in_hand, text=str(int(in_hand.text) + 1)))) is None:
                    return

        counting = asyncio.gather(*(counts_up() for _ in range(8)))
        shares = await asyncio.gather(*(claimed(school, f"worker {n}", most=5) for n in range(6)))
        await counting

        assert (await kept(school, "count")).text == "8"
        assert sorted(each.id for share in shares for each in share) == sorted(f"t{n}" for n in range(20))


INSERT = """
insert into smpolicy.record (school, kind, id, version, leased, words, stroke, document)
values ('bebington', 'Note', $1, 1, false, '{}', '', '{}')
"""


async def _outcome(doing: Awaitable[object]) -> type[BaseException] | None:
    """Return what it raises, or None."""
    try:
        await doing
    except (Stale, NotSaved, asyncpg.PostgresError) as error:
        return type(error)
    return None


async def _waits(session: Any, database: str) -> bool:
    return bool(await session.fetchval(f"select count(*) {WAITING}", database))


# Claiming beside other processes ----------------------------------------------------------------


async def test_what_others_are_at_is_told_so_that_nobody_cuts_in(store: PostgresStore) -> None:
    """A recipient to whom somebody is saying something waits, whoever says it."""
    school = store.of("bebington")
    ada = [Task("bebington", f"ada {n}", "ada") for n in range(2)]
    await school.save(*ada, Task("bebington", "grace", "grace"))
    await claimed(school, "us", most=1)

    def heedful(due: Sequence[Task], leased: Sequence[Task]) -> Sequence[Task]:
        busy = {each.recipient for each in leased}
        return [replace(each, lease="them", due_at=NOON + HOUR) for each in due if each.recipient not in busy]

    assert [each.id for each in await school.claim((Task,), NOON, heedful)] == ["grace"]
    assert {each.id for each in await school.claim((Task,), NOON + HOUR, heedful)} == {"ada 0", "ada 1", "grace"}


async def test_so_many_are_claimed_at_a_time_and_the_others_next(store: PostgresStore) -> None:
    school = store.of("bebington")
    every = [Task("bebington", f"t{n:04}") for n in range(1200)]
    await school.save(*every)

    shares = [await claimed(school, "us") for _ in range(3)]

    assert [len(share) for share in shares] == [1000, 200, 0]
    assert [each.id for share in shares for each in share] == [each.id for each in every]


# Parted by school ---------------------------------------------------------------------------

PARTED = """
alter table smpolicy.record rename to whole;
create table smpolicy.record (like smpolicy.whole including defaults) partition by hash (school);
create table smpolicy.record_0 partition of smpolicy.record for values with (modulus 2, remainder 0);
create table smpolicy.record_1 partition of smpolicy.record for values with (modulus 2, remainder 1);
insert into smpolicy.record select * from smpolicy.whole;
drop table smpolicy.whole;
alter table smpolicy.record add primary key (school, kind, id);
create index record_due on smpolicy.record (school, kind, due_at, place) where due_at is not null;
create index record_leased on smpolicy.record (school, kind) where leased;
create index record_words on smpolicy.record using gin (words);
"""


async def test_a_table_parted_by_school_does_as_well() -> None:
    """What docs/scale.md says of many schools: the program need not know of it."""
    url, names = server().database(), [f"school-{n}" for n in range(8)]
    async with opened(url) as store:
        for name in names:
            await store.of(name).save(Note(name, "n1", "before", readers=("ada",)), Task(name, "t1"))
    server().tell(PARTED, database_in(url))

    async with opened(url) as store:
        for name in names:
            school = store.of(name)
            [found] = await school.find(Note, readers="ada")
            await school.save(replace(found, text="after"), Note(name, "n2"))
            with pytest.raises(Stale):
                await school.save(replace(found, text="too late"), forget=(Task(name, "t1", version=1),))
            shares = await asyncio.gather(*(claimed(school, f"worker {n}") for n in range(3)))
            assert [each.id for share in shares for each in share] == ["t1"]
            assert [(each.id, each.text) for each in await school.find(Note)] == [("n1", "after"), ("n2", "")]
    parts = server().tell("select count(distinct tableoid) from smpolicy.record", database_in(url))
    assert parts == "2"


# What people type --------------------------------------------------------------------------------

ODD = (
    "", " ", "\0", "a\0b", "\ud83d", "\ude00\ud83d", "😀", "'; drop table smpolicy.record; --", '"', "\\",
    "\\ud83d", "{}", "{a,b}", "NULL", "null", "%s", "$1", "\n", "\u2028", "\x85", "\ufeff", "é", "e\u0301", "x" * 501,
    "😀" * 600, "\\x00", "\x7f",
)  # fmt: skip


async def test_whatever_people_type_is_kept_and_found(store: PostgresStore) -> None:
    school = store.of("bebington")
    for odd in ODD:
        await school.save(replace(note(odd, odd), readers=(odd,)))

    for odd in ODD:
        found = await kept(school, odd)
        assert found.text == odd
        assert await school.find(Note, readers=odd) == [found]
        await school.save(replace(found, text=f"{odd}{odd}"))
    assert [each.id for each in await school.find(Note)] == list(ODD)


async def test_a_long_text_is_kept(store: PostgresStore) -> None:
    school = store.of("bebington")
    await school.save(note("long", "ß" * 100_000))

    assert (await kept(school, "long")).text == "ß" * 100_000


async def test_a_school_may_be_called_anything(store: PostgresStore) -> None:
    for name in ("\0", "x" * 5000, "'", "\ud83d", "{}"):
        await store.of(name).save(Note(name, "n1"), Task(name, "t1"))

    for name in ("\0", "x" * 5000, "'", "\ud83d", "{}"):
        assert [each.school for each in await store.of(name).find(Note)] == [name]
        assert [each.school for each in await claimed(store.of(name), "us")] == [name]


# A server that comes and goes ---------------------------------------------------------------


@dataclass
class Saver:
    """Somebody who saves pairs of notes, and counts in a record of their own.

    Attributes:
        saved: The numbers of the pairs whose save returned.
        unsaved: Those of which they were told that they are not saved.
    """

    school: SchoolStore
    name: str
    saved: Growing[int] = field(default_factory=Growing)
    unsaved: Growing[int] = field(default_factory=Growing)

    async def works(self, over: asyncio.Event) -> None:
        """Save one pair after the other until it is over."""
        own: Note | None = None
        for number in count():
            if over.is_set():
                return
            pair = [note(f"{self.name} {number} {side}", self.name) for side in ("left", "right")]
            try:
                own = own or await self.school.get(Note, self.name) or note(self.name)
                await self.school.save(*pair, replace(own, text=str(number)))
                own = replace(own, text=str(number), version=own.version + 1)
                self.saved.append(number)
            except NotSaved:
                own = None
                self.unsaved.append(number)

    async def compare(self) -> None:
        """Everything that was saved is there, nothing is there by half, and the last one that is there was counted."""
        ids = {each.id for each in await self.school.find(Note) if each.text == self.name}
        every = [*self.saved, *self.unsaved]
        sides = {number: [f"{self.name} {number} {side}" in ids for side in ("left", "right")] for number in every}
        assert [number for number in self.saved if sides[number] != [True, True]] == []
        assert [number for number in self.unsaved if sides[number][0] != sides[number][1]] == []
        assert (await kept(self.school, self.name)).text == str(max(n for n in every if all(sides[n])))


@asynccontextmanager
async def busy(store: PostgresStore) -> AsyncIterator[list[Saver]]:
    """Have ten people save all the time; what is done meanwhile is done between two saves of each that succeed."""
    savers, over = [Saver(store.of("bebington"), f"saver {n}") for n in range(10)], asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for each in savers:
            tasks.create_task(each.works(over))
        for each in savers:
            await one_more(each.saved)
        yield savers
        for each in savers:
            await one_more(each.saved)
        over.set()
    for each in savers:
        await each.compare()


async def one_more(numbers: Growing[int]) -> None:
    """Wait until there is one more than now."""
    before = len(numbers)
    await numbers.until(lambda: len(numbers) > before)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
async def test_a_server_that_starts_anew_loses_nothing(own: Server, how: signal.Signals) -> None:
    """Stopped, or crashed, while ten people save: what was saved is there, and the store recovers by itself."""
    async with opened(own.database(), patience=0.3) as store, busy(store) as savers:
        await asyncio.to_thread(own.stop, how)
        for each in savers:
            await one_more(each.unsaved)
        assert not store.healthy
        await asyncio.to_thread(own.start)
    assert not store.healthy  # it is closed by now


async def test_callers_wait_while_a_server_starts_anew(own: Server) -> None:
    async with opened(own.database(), patience=SOON) as store, busy(store) as savers:
        await asyncio.to_thread(own.stop, signal.SIGQUIT)
        await asyncio.to_thread(own.start)
    assert [len(each.unsaved) for each in savers] == 10 * [0]


@pytest.fixture
def pair() -> Iterator[tuple[Server, Standby, str]]:
    """A server, another one that may take over, and a database that is on both."""
    primary = Server()
    primary.start()
    database = database_in(primary.database())
    standby = Standby(primary)
    standby.follow()
    yield primary, standby, database
    for each in (standby, primary):
        each.remove()


def either(database: str, *ports: int) -> str:
    """Return the url of a database that is on one of several servers."""
    return f"postgresql://{USER}@{','.join(f'127.0.0.1:{port}' for port in ports)}/{database}"


async def test_when_another_server_takes_over_nothing_is_lost(pair: tuple[Server, Standby, str]) -> None:
    """The one that only reads comes first in the url and is passed over, until it is the one that writes."""
    primary, standby, database = pair
    async with opened(either(database, standby.port, primary.port), patience=0.5) as store:
        async with busy(store):
            await asyncio.to_thread(primary.stop, signal.SIGQUIT)
            await asyncio.to_thread(standby.take_over)
        assert store.healthy


async def test_a_host_that_says_nothing_is_passed_over() -> None:
    """One that lost its power refuses nothing; the other one is reached while the callers still wait."""
    database = database_in(server().database())
    async with wire_to(server().port) as [wire]:
        wire.fall_silent()
        apart = f"postgresql://{USER}@/{database}?host=127.0.0.1,127.0.0.1&port={wire.port},{server().port}"
        for number, url in enumerate((either(database, wire.port, server().port), apart)):
            async with opened(url, patience=1) as store:
                await store.of("bebington").save(note(f"n{number}"))
                assert store.healthy


# A server that refuses ------------------------------------------------------------------------


async def test_where_no_more_guests_are_let_in_callers_are_told_until_they_are() -> None:
    url, role = guest_url()
    async with opened(url, patience=0.3) as store:
        school = store.of("bebington")
        await school.save(note("n1"))
        server().tell(f"alter role {role} connection limit 0")
        _end_sessions(url)

        assert await _outcome(school.save(note("n2"))) is Failed
        assert await _outcome(school.get(Note, "n1")) is Failed
        assert not store.healthy

        server().tell(f"alter role {role} connection limit 5")
        await school.save(note("n3"))
        assert store.healthy
        assert [each.id for each in await school.find(Note)] == ["n1", "n3"]


def guest_url() -> tuple[str, str]:
    """Return the url of a database for a role that may do no more than the store needs, and its name."""
    database = database_in(server().database())
    role = f"guest_of_{database}"
    server().tell(f"create role {role} login")
    for grant in (
        "usage on schema smpolicy", "select, insert, update, delete on smpolicy.record", "select on smpolicy.migration",
        "usage on sequence smpolicy.place",
    ):  # fmt: skip
        server().tell(f"grant {grant} to {role}", database)
    return f"postgresql://{role}@127.0.0.1:{server().port}/{database}", role


def _end_sessions(url: str) -> None:
    server().tell(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database_in(url)}'")


async def test_a_server_that_only_reads_is_read_and_its_writers_are_told() -> None:
    url = server().database()
    read_only = f"alter database {database_in(url)} set default_transaction_read_only"
    async with opened(url, patience=0.3) as store:
        school = store.of("bebington")
        await school.save(note("n1"), Task("bebington", "t1"))
        server().tell(f"{read_only} = on")
        _end_sessions(url)

        assert await _outcome(school.save(note("n2"))) is Failed
        assert await _outcome(claimed(school, "us")) is Failed
        assert await kept(school, "n1") == replace(note("n1"), version=1)
        assert not store.healthy

        server().tell(f"{read_only} = off")
        await school.save(note("n3"))
        assert store.healthy
        assert [each.id for each in await claimed(school, "us")] == ["t1"]


async def test_a_full_disk_is_told_at_once_and_nothing_typed_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    url = server().database()
    server().tell(FULL, database_in(url))
    async with opened(url, patience=SOON) as store:
        school, began = store.of("bebington"), time.monotonic()

        assert await _outcome(school.save(note("n1", "a secret"))) is Failed

        assert time.monotonic() - began < SOON / 2
        assert not store.healthy
        assert "DiskFullError, 53100" in caplog.text
        assert "secret" not in caplog.text
        server().tell("drop trigger disk_full on smpolicy.record", database_in(url))
        await school.save(note("n1"))
        assert store.healthy


FULL = """
create function smpolicy.full() returns trigger language plpgsql as
    $$begin raise exception 'no space for %', new.document using errcode = 'disk_full'; end$$;
create trigger disk_full before insert on smpolicy.record for each row execute function smpolicy.full()
"""


# Opening -------------------------------------------------------------------------------------


async def test_what_keeps_a_store_from_opening_is_said() -> None:
    empty, lost = server().database(migrated=False), server().database()
    server().tell(f"alter database {database_in(lost)} set synchronous_commit = off")
    for url, sentence in {
        empty: "The database has no tables yet. Run smpolicy store migrate.",
        lost: "The database says that something is written before it is. Set synchronous_commit to on.",
        server().url("nowhere"): "The database can't be used: InvalidCatalogNameError, 3D000. Look at the store's url.",
        "postgresql://nobody@127.0.0.1:9/x": "The database can't be used: Connect call failed",
        "postgresql://127.0.0.1:port/x": "The database can't be used: ",
        "postgresql://[::1/x": "The database can't be used: ValueError. Look at the store's url.",
        "postgresql://a:port,b/x": "The database can't be used: ValueError. Look at the store's url.",
    }.items():
        store = PostgresStore(url, patience=0.3)

        with pytest.raises(NotSaved, match=re.escape(sentence)):
            await store.open()

        assert not store.healthy
        assert await _outcome(store.of("bebington").get(Note, "n1")) is Failed


# Behind a pooler -----------------------------------------------------------------------------


async def test_behind_a_pooler_that_keeps_nothing_all_is_kept() -> None:
    """Each transaction comes to another session, which knows nothing of the one before."""
    database = database_in(server().database())
    async with pooler(server().port, database) as between, opened(between.url) as one, opened(between.url) as other:
        schools = [one.of("bebington"), other.of("bebington")]
        await asyncio.gather(*(schools[n % 2].save(note(f"n{n:02}"), Task("bebington", f"t{n}")) for n in range(60)))
        in_hand = await schools[0].find(Note, state=State.OPEN)
        outcomes = await asyncio.gather(
            *(_outcome(school.save(replace(each, text="changed"))) for each in in_hand for school in schools)
        )
        shares = await asyncio.gather(*(claimed(schools[n % 2], f"worker {n}", most=10) for n in range(8)))

        assert sorted(map(str, outcomes)) == sorted(map(str, [*60 * [None], *60 * [Stale]]))
        assert sorted(each.id for share in shares for each in share) == sorted(f"t{n}" for n in range(60))
        assert between.transactions > 60 + 120 + 8


async def test_nothing_is_left_in_a_session() -> None:
    """Whoever shares it, through a pooler, finds it as it was."""
    database = database_in(server().database())
    async with pooler(server().port, database, sessions=1) as between, opened(between.url) as store:
        school = store.of("bebington")
        await school.save(note("n1"), Task("bebington", "t1"))
        assert await _outcome(school.save(note("n1"))) is Stale
        await claimed(school, "us")

        session = await asyncpg.connect(between.url, statement_cache_size=0)
        left = await session.fetchrow(LEFT)
        await session.close()

    assert dict(left) == {"statements": None, "locks": 0, "settings": None}


LEFT = """
select
    (select string_agg(statement, '; ') from pg_prepared_statements) as statements,
    (select count(*) from pg_locks where locktype = 'advisory') as locks,
    (select string_agg(name, '; ') from pg_settings where source = 'session') as settings
"""


# What it costs ----------------------------------------------------------------------------------

READ = "select idx_tup_fetch + seq_tup_read from pg_stat_xact_user_tables where relname = 'record'"


async def test_a_save_reads_what_it_writes_however_much_a_school_has() -> None:
    """Also where PostgreSQL made its plan when there was next to nothing."""
    url = server().database()
    arguments = ("bebington", STROKE, ["Note"] * 2, ["n1", "new"], ["1", "0"], [None] * 2, ["false"] * 2, [""] * 2,
                 ["{}"] * 2, ["Note"], ["n2"], ["1"])  # fmt: skip
    async with opened(url) as store:
        await store.of("bebington").save(*(note(f"n{n}") for n in range(3)))
        connection = await asyncpg.connect(url)
        try:
            for _ in range(8):  # it keeps its plan from the sixth on
                await _rows_read(connection, arguments)
            for start in range(3, 3000, 500):
                await store.of("bebington").save(*(note(f"n{start + n}") for n in range(500)))

            assert 0 < await _rows_read(connection, arguments) < 10
        finally:
            await connection.close()


async def _rows_read(connection: Any, arguments: Sequence[object]) -> int:
    """Return how many rows a save reads, which is then undone."""
    begun = connection.transaction()
    await begun.start()
    before = await connection.fetchval(READ)
    await connection.execute(STATEMENTS["save"], *arguments)
    after = await connection.fetchval(READ)
    await begun.rollback()
    return int(after - before)
