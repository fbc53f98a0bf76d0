"""A trust over real HTTP: two schools in one program, with the same ids, who have nothing of each other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import ClassVar

import pytest

from bot.delivery import Polling, Worker
from bot.domain.applications import Application, State
from bot.domain.gaps import Gap
from bot.once import Heard
from bot.ports import Record
from bot.stores.memory import MemoryStore
from bot.stores.tinydb import TinyDBStore
from bot.trust import path_of, polling
from tests.neighbours import DALE, DALES_POLICY, HILL, Neighbours, own_policy, write_trust
from tests.simulator import Office
from tests.slack.desk import SlackClient, SlackDesk
from tests.slack.failures import Held, Status
from tests.stories.test_apply import AIM, bring_to_slt
from tests.stories.test_asking import OWN_POST
from tests.teams.desk import TeamsDesk
from tests.test_delivery import Bench

MISSED = "Not what I asked"


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy of Dale's own, which is made ready for searching once."""
    return own_policy(tmp_path_factory.mktemp("policy"))


@pytest.fixture
def folder(tmp_path: Path, policy: Path) -> Path:
    """The files of the trust."""
    write_trust(tmp_path)
    (tmp_path / "dale-policy").symlink_to(policy)
    return tmp_path


@pytest.fixture
async def neighbours(folder: Path) -> AsyncIterator[Neighbours]:
    """Both schools in Slack, each in a workspace of its own."""
    async with Neighbours(folder, MemoryStore()).running() as running:
        yield running


def slack(office: Office) -> SlackDesk:
    """Return the Slack of a school."""
    assert isinstance(office.desk, SlackDesk)
    return office.desk


def teams(office: Office) -> TeamsDesk:
    """Return the Teams of a school."""
    assert isinstance(office.desk, TeamsDesk)
    return office.desk


async def kept(office: Office, kind: type[Record]) -> list[Record]:
    """Return the school's records of one kind."""
    return list(await office.app.assistant.world.store.find(kind))


async def settled(neighbours: Neighbours) -> None:
    """Wait until all that happened has led to all that it leads to."""
    for office in neighbours.offices.values():
        await slack(office).settled()


# Each its own ----------------------------------------------------------------------------------


async def test_each_school_answers_from_its_own_policy(neighbours: Neighbours) -> None:
    hills = await neighbours.office(HILL).person("history_teacher").says(OWN_POST)
    dales = await neighbours.office(DALE).person("history_teacher").says(OWN_POST)

    assert "The name of Bebington High School should not be included" in hills
    assert "The name of Dale Academy should not be included" in dales
    assert "August 2017" in hills
    assert DALES_POLICY in dales


async def test_people_with_the_same_ids_are_told_what_is_their_own_schools(neighbours: Neighbours) -> None:
    hill, dale = neighbours.office(HILL), neighbours.office(DALE)

    await bring_to_slt(hill)

    assert AIM in await hill.person("deputy_head").latest("slt")
    assert [await dale.person(each).screen() for each in ("history_teacher", "pe_teacher", "deputy_head")] == [[]] * 3
    await bring_to_slt(dale, aim="Show the dale.")
    await dale.person("assistant_head").sees("Teacher of history in Dale", "slt")
    await hill.person("assistant_head").sees_not("Show the dale.")
    await dale.person("assistant_head").sees_not(AIM)


async def test_numbers_registers_and_gaps_are_each_schools_own(neighbours: Neighbours) -> None:
    hill, dale = neighbours.office(HILL), neighbours.office(DALE)
    await bring_to_slt(hill)
    await bring_to_slt(dale, aim="Show the dale.")

    await hill.person("deputy_head").presses("Reject", on="APP-1", reason="Not now.")
    await hill.person("assistant_head").presses("Reject", on="APP-1", reason="Not now.")
    await hill.person("history_teacher").says(OWN_POST)
    await hill.person("history_teacher").presses(MISSED)

    (hills,), (dales,) = await kept(hill, Application), await kept(dale, Application)
    assert isinstance(hills, Application)
    assert isinstance(dales, Application)
    assert hills.id == dales.id
    assert (hills.state, dales.state) == (State.REJECTED, State.CONSIDERING)
    assert [len(await kept(each, Gap)) for each in (hill, dale)] == [1, 0]


async def test_each_school_waits_by_its_own_calendar(neighbours: Neighbours) -> None:
    """Monday 30 November 2026 is St Andrew's Day: a bank holiday in Dale, and none in Hill."""
    weeks = {id: office.app.assistant.world.school.week for id, office in neighbours.offices.items()}
    monday = datetime.fromisoformat("2026-11-30").date()

    assert {id: week.is_working_day(monday) for id, week in weeks.items()} == {HILL: True, DALE: False}
    assert {id: f"{week.start:%H:%M}" for id, week in weeks.items()} == {HILL: "08:00", DALE: "07:00"}


# What comes by the wrong way -------------------------------------------------------------------


async def test_what_is_signed_for_one_school_is_refused_by_the_other(neighbours: Neighbours) -> None:
    hill, dale = slack(neighbours.office(HILL)), slack(neighbours.office(DALE))
    teacher = hill.client("history_teacher").human
    hill.fake.app_url, own = dale.fake.app_url, hill.fake.app_url

    turned = await teacher.says("dm", "hello")
    hill.fake.app_url = own
    taken = await teacher.says("dm", "hello")

    assert (turned.status, taken.status) == (HTTPStatus.UNAUTHORIZED, HTTPStatus.OK)
    assert [len(await kept(each, Heard)) for each in neighbours.offices.values()] == [1, 0]


async def test_even_with_the_right_secret_another_workspace_is_refused(neighbours: Neighbours) -> None:
    """Whoever pasted one school's signing secret into the other still has the workspace against them."""
    hill, dale = slack(neighbours.office(HILL)), slack(neighbours.office(DALE))
    sent = await hill.client("history_teacher").human.says("dm", "hello")

    status, _ = await dale.fake.sends(sent.body_sent, dale.fake.signed(sent.kind, sent.body_sent))

    assert status == HTTPStatus.FORBIDDEN
    assert await kept(neighbours.office(DALE), Heard) == []


async def test_paths_of_no_school_are_nobodys(neighbours: Neighbours) -> None:
    paths = ("/slack/events", "/schools/slack/events", "/schools/fell/slack/events", f"{path_of(HILL)}/../slack/events")

    assert {await neighbours.status(path, "POST") for path in (*paths, "/api/messages")} == {HTTPStatus.NOT_FOUND}


async def test_the_same_event_id_is_heard_in_both(neighbours: Neighbours) -> None:
    """Each workspace numbers its own events; neither keeps the other's from being heard."""
    sent = [
        await slack(each).client("history_teacher").human.says("dm", "hello") for each in neighbours.offices.values()
    ]
    await settled(neighbours)

    hills, dales = [[each.id for each in await kept(office, Heard)] for office in neighbours.offices.values()]
    assert sent[0].event_id == sent[1].event_id
    assert hills == dales != []
    for office in neighbours.offices.values():
        assert len(slack(office).fake.posted()) == 1


async def test_a_press_on_a_card_of_the_other_school_finds_nothing(neighbours: Neighbours) -> None:
    hill, dale = neighbours.office(HILL), neighbours.office(DALE)
    await bring_to_slt(hill)
    card = slack(hill).fake.posted("C0SLT")[-1]
    deputy = dale.person("deputy_head")
    assert isinstance(deputy, SlackClient)
    approve = next(
        element["action_id"] for block in card.blocks if block["type"] == "actions"
        for element in block["elements"] if element["text"]["text"] == "Approve"
    )  # fmt: skip

    delivery = await deputy.human.press(replace(card, user="U0SMPOLICY"), approve, forced=True)
    await settled(neighbours)

    assert delivery.ok
    (case,) = await kept(hill, Application)
    assert isinstance(case, Application)
    assert case.votes == ()
    assert await kept(dale, Application) == []
    assert AIM not in json.dumps([payload for _, payload in slack(dale).fake.drawn])


async def test_an_activity_for_the_bot_of_one_school_is_refused_by_the_other(folder: Path) -> None:
    """One tenant, one person and one issuer: the bot that it is meant for alone tells them apart."""
    async with Neighbours(folder, MemoryStore(), in_teams=True).running() as neighbours:
        hill, dale = teams(neighbours.office(HILL)), teams(neighbours.office(DALE))
        person = hill.client("history_teacher").human
        hill.fake.app_url, own = dale.fake.app_url, hill.fake.app_url

        turned = await person.says("dm", "hello")
        hill.fake.app_url = own
        taken = await person.says("dm", "hello")

        assert (turned.status, taken.status) == (HTTPStatus.UNAUTHORIZED, HTTPStatus.OK)
        assert "Dale" not in await neighbours.office(HILL).person("history_teacher").says(OWN_POST)
        assert "Dale Academy" in await neighbours.office(DALE).person("history_teacher").says(OWN_POST)
        assert await neighbours.office(HILL).person("history_teacher").screen() != []
        assert neighbours.keys.fetched.count("/v1/.well-known/keys") == 1


# When one school is in trouble -----------------------------------------------------------------


async def test_a_school_whose_slack_is_down_holds_up_no_other(neighbours: Neighbours) -> None:
    """One workspace fails every call, and holds one of them open for good."""
    hill, dale = neighbours.office(HILL), neighbours.office(DALE)
    over = asyncio.Event()
    held = Held(over)
    slack(hill).fake.fails("chat.postMessage", held)
    await slack(hill).client("history_teacher").human.says("dm", "hello")
    await held.reached.wait()
    slack(hill).fake.fails("*", Status(503), times=1000)

    await bring_to_slt(dale, aim="Show the dale.")

    assert "Show the dale." in await dale.person("deputy_head").latest("slt")
    assert await neighbours.status("/readyz") == HTTPStatus.OK
    over.set()
    slack(hill).fake.forgets_failures()


async def test_the_others_start_while_one_slack_does_not_answer(folder: Path) -> None:
    """It is asked again once somebody needs it; until then its people are known as app.yaml has them."""
    over = asyncio.Event()
    neighbours = Neighbours(folder, MemoryStore())
    neighbours.before_start(HILL).fails("auth.test", Held(over))

    async with neighbours.running():
        assert "Dale Academy" in await neighbours.office(DALE).person("history_teacher").says(OWN_POST)
        assert any(f"{HILL}: Slack: not reached yet" in each for each in neighbours.trust.described())
        over.set()
        assert "Bebington" in await neighbours.office(HILL).person("history_teacher").says(OWN_POST)


@dataclass(frozen=True, slots=True)
class LocalMessage:
    """What a newer program might keep under the name of what this one reads at the start."""

    INDEXES: ClassVar[tuple[str, ...]] = ()
    school: str
    id: str
    drawn: Mapping[str, str]
    version: int = 0
    due_at: datetime | None = None


async def test_a_school_that_cannot_start_leaves_the_others_running(folder: Path) -> None:
    store = TinyDBStore(folder / "data")
    await store.open()
    await store.of(HILL).save(LocalMessage(HILL, "m1", {"in": "another way"}))
    await store.close()

    async with Neighbours(folder, TinyDBStore(folder / "data")).running() as neighbours:
        answer = await neighbours.office(DALE).person("history_teacher").says(OWN_POST)
        turned = await slack(neighbours.office(HILL)).client("history_teacher").human.says("dm", "hello")
        ready = json.loads(await neighbours.read("/readyz"))

        assert "Dale Academy" in answer
        assert turned.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert ready == {"ready": False, "store": True, "worker": False, "unwell": [HILL]}
        assert await neighbours.status("/readyz") == HTTPStatus.SERVICE_UNAVAILABLE
        described = list(neighbours.trust.described())
        assert f"{HILL}: can't be started; the log says why" in described
        assert any(each.startswith(f"{DALE}: Slack: ") and path_of(DALE) in each for each in described)


async def test_the_metrics_tell_the_schools_apart(neighbours: Neighbours) -> None:
    await bring_to_slt(neighbours.office(HILL))

    read = (await neighbours.read("/metrics")).splitlines()

    told = {each: int(line.rpartition(" ")[2]) for line in read for each in (HILL, DALE)
            if line.startswith(f'smpolicy_school_jobs_delivered_total{{school="{each}"}}')}  # fmt: skip
    assert told[HILL] > 0
    assert told[DALE] == 0
    assert f"smpolicy_jobs_delivered_total {told[HILL]}" in read


# How often they look ---------------------------------------------------------------------------


def test_few_schools_look_every_second() -> None:
    assert [polling(number, 4) for number in range(4)] == [Polling(1.0, first) for first in (0.0, 0.25, 0.5, 0.75)]


def test_many_schools_share_a_hundred_looks_a_second() -> None:
    schools = [polling(number, 1000) for number in range(1000)]

    assert {each.seconds for each in schools} == {10.0}
    for second in range(10):
        assert sum(second <= each.first < second + 1 for each in schools) == 100


async def test_however_long_a_worker_sleeps_it_is_woken_at_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, MemoryStore)
    world, office = bench.app.world, bench.app.assistant.office
    worker = Worker(world, (bench.chat,), office, polling=Polling(seconds=3600.0, first=3600.0))
    running = asyncio.create_task(worker.run())

    await bench.is_to_say("First", to="pe_teacher")
    for _ in range(100):
        await asyncio.sleep(0)
    assert bench.chat.heard_by("pe_teacher") == []
    worker.wake()
    await bench.chat.until(lambda: bench.chat.heard_by("pe_teacher") == ["First"])
    await bench.is_to_say("Second", to="pe_teacher")
    worker.wake()
    await bench.chat.until(lambda: bench.chat.heard_by("pe_teacher") == ["First", "Second"])

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
