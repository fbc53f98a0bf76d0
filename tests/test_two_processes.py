"""Two processes of the program on one database, behind one address: what arrives has its effect once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from bot.conversation.cards import Card
from bot.domain.applications import Application, State
from bot.domain.jobs import To
from bot.ports import SchoolStore
from bot.sayings import Saying
from bot.stores.postgres import PostgresStore
from tests.postgres import server
from tests.process import SCHOOL, Program
from tests.setup.absence import without
from tests.simulator import sample_settings
from tests.slack.desk import BOT_TOKEN, SECRET, SLT
from tests.slack.failures import Held, RateLimited
from tests.slack.process import Colleague, School
from tests.stories.test_apply import AIM, BUSINESS_CASE, TRAINED

pytestmark = pytest.mark.skipif(without("postgres"), reason="without PostgreSQL, as was asked")
QUESTION = "May I name the school in a post on my own account?"
ANSWERED = "What the policy says"
DECIDING = "APP-1: @BebingtonHistory on X (Twitter)"
STAFF = ("history_teacher", "pe_teacher", "new_teacher", "teaching_assistant", "deputy_head", "head_teacher")


class Balancer:
    """One address for several processes: each request goes to the next of them, or to all at once."""

    def __init__(self) -> None:
        self.to_all = False
        self.address = ""
        self._programs: Sequence[Program] = ()
        self._next: Iterator[Program] = iter(())
        self._session: ClientSession | None = None
        self._runner: web.AppRunner | None = None

    def serve(self, *programs: Program) -> None:
        """Hand requests on to *programs* from now on."""
        self._programs, self._next = programs, cycle(programs)

    async def open(self) -> None:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_post("/{path:.*}", self._hand_on)
        self._session = ClientSession()
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        """Stop listening."""
        assert self._session is not None
        assert self._runner is not None
        await self._runner.cleanup()
        await self._session.close()

    async def _hand_on(self, request: web.Request) -> web.Response:
        body = await request.read()
        programs = self._programs if self.to_all else [next(self._next)]
        answers = await asyncio.gather(*(self._answer(each, request, body) for each in programs))
        return max(answers, key=lambda each: each.status)

    async def _answer(self, program: Program, request: web.Request, body: bytes) -> web.Response:
        assert self._session is not None
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        async with self._session.post(f"{program.url}{request.path}", data=body, headers=headers) as answer:
            return web.Response(
                status=answer.status, body=await answer.read(), content_type=answer.content_type or None
            )


class TwoProcesses:
    """A school in the fake of Slack, with two processes of the program.

    Attributes:
        one, two: The processes.
        records: What they have saved, beside them.
    """

    def __init__(self, folder: Path) -> None:
        self.url = server().database()
        self.school = School(folder, SMPOLICY_STORE_URL=self.url)
        self.balancer = Balancer()
        self._folder = folder
        self._store = PostgresStore(self.url)

    async def open(self) -> None:
        """Open the workspace; the programs are not started yet."""
        await self._store.open()
        await self.balancer.open()
        await self.school.open()
        self.school.fake.app_url = f"{self.balancer.address}/slack/events"
        second = self._folder / "second"
        second.mkdir()
        self.one = self.school.program
        self.two = Program(second, SLACK_BOT_TOKEN=BOT_TOKEN, SLACK_API_URL=self.school.fake.api_url,
                           SLACK_SIGNING_SECRET=SECRET, SMPOLICY_STORE_URL=self.url)  # fmt: skip

    async def start(self, *programs: Program) -> None:
        """Start *programs*, and hand on to them what arrives."""
        await asyncio.gather(*(each.start() for each in programs))
        self.balancer.serve(*programs)

    async def close(self) -> None:
        """End everything; nothing that was drawn may have been refused by Slack."""
        await self.two.over()
        await self.school.close()
        await self.balancer.close()
        await self._store.close()

    @property
    def records(self) -> SchoolStore:
        """Return what they have saved."""
        return self._store.of(SCHOOL)

    def person(self, person: str) -> Colleague:
        """Return somebody at their client."""
        return self.school.person(person)

    def said(self) -> dict[str, list[str]]:
        """Return the titles of what was said to each, in the order in which it was said, less asides."""
        return {self._reader(channel): titles for channel, titles in self.school.read_by_all().items()}

    def _reader(self, channel: str) -> str:
        people = {self.school.account(each.person.id): each.person.id
                  for each in sample_settings(self._folder).people if each.slack}  # fmt: skip
        return people.get(channel, channel)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[TwoProcesses]:
    """Open a school for a while."""
    made = TwoProcesses(folder)
    await made.open()
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[TwoProcesses]:
    """A school with both processes at work."""
    async with opened(tmp_path) as made:
        await made.start(made.one, made.two)
        yield made


async def bring_to_slt(two: TwoProcesses) -> None:
    """Have somebody apply and the runners confirm, each step at the other process than the last."""
    teacher, runner = two.person("history_teacher"), two.person("pe_teacher")
    await teacher.commands("apply")
    await teacher.fills(await teacher.sees_modal("What is the aim of the account?"), **BUSINESS_CASE)
    await teacher.presses("Submit", on="your draft")
    for each in (teacher, runner):
        await each.presses("Confirm", on="will you run")
        await each.fills(await each.sees_modal("trained"), trained=TRAINED)


def sayings(to: str, *titles: str) -> list[Saying]:
    """Return what is to be said to somebody, and due."""
    now = datetime.now(UTC)
    return [Saying(SCHOOL, f"{to} {title}", To.person(to), Card(title), due_at=now) for title in titles]


async def test_what_reaches_both_has_its_effect_once_and_what_is_due_is_said_once(two: TwoProcesses) -> None:
    """Six people ask, and each question comes to both at the same moment; then there is much to say to each of them."""
    two.balancer.to_all = True
    titles = [f"notice {number}" for number in range(15)]

    answers = await asyncio.gather(*(two.person(each).writes(QUESTION) for each in STAFF))
    for each in STAFF:
        await two.person(each).hears(ANSWERED)
    for title in titles:
        await two.records.save(*(each for person in STAFF for each in sayings(person, title)))

    assert [each.status for each in answers] == 6 * [200]
    assert await nothing_waits(two) == {each: [ANSWERED, *titles] for each in STAFF}


async def test_an_application_goes_its_way_through_both_and_is_decided_once(two: TwoProcesses) -> None:
    """Each act comes to the other process; SLT's votes come at once, and the Head presses on two devices at once."""
    await bring_to_slt(two)
    deputy, assistant, head = map(two.person, ("deputy_head", "assistant_head", "head_teacher"))

    votes = await asyncio.gather(*(each.presses("Approve", AIM, SLT) for each in (deputy, assistant)))
    await head.hears("SLT approves")
    decisions = await asyncio.gather(*(head.presses("Approve", on=AIM) for _ in range(2)))
    await two.person("administrator").hears("Put the details in the password vault")

    said = await nothing_waits(two)
    [application] = await two.records.find(Application)
    assert [each.status for each in (*votes, *decisions)] == 4 * [200]
    assert application.state is State.CREATING
    assert Counter(each.move for each in application.history) == {
        "begin": 1, "submit": 1, "confirm": 2, "approve": 3,
    }  # fmt: skip
    assert not two.school.repeated_jobs()
    assert [said[each].count(DECIDING) for each in ("head_teacher", SLT)] == [1, 1]
    assert said["administrator"] == ["APP-1: create @BebingtonHistory on X (Twitter)"]


async def test_whoever_has_to_wait_for_the_platform_is_left_alone_by_both(two: TwoProcesses) -> None:
    """Slack asks for two seconds; what comes meanwhile waits behind it, at the other process too."""
    fake = two.school.fake
    for person in STAFF:
        fake.fails("chat.postMessage", RateLimited("2"), channel=two.school.account(person))
    await two.records.save(*(each for person in STAFF for each in sayings(person, "first")))
    await two.school.until(lambda: fake.waiting_failures == 0)

    await two.records.save(*(each for person in STAFF for each in sayings(person, "second")))

    assert await nothing_waits(two) == {each: ["first", "second"] for each in STAFF}


async def test_what_a_killed_process_had_taken_is_said_by_the_other_after_its_lease(tmp_path: Path) -> None:
    """Their leases are made to end in the database, since nobody waits for that in a test."""
    async with opened(tmp_path) as two:
        fake, never = two.school.fake, asyncio.Event()
        being_told = {each: Held(never) for each in STAFF[:3]}
        for person, held in being_told.items():
            fake.fails("chat.postMessage", held, channel=two.school.account(person))
        await two.start(two.one)
        for title in ("first", "second"):
            await two.records.save(*(each for person in STAFF[:3] for each in sayings(person, title)))
        for held in being_told.values():
            await held.reached.wait()

        await two.start(two.two)
        await two.records.save(*(each for person in STAFF for each in sayings(person, "third")))
        for person in STAFF[3:]:
            await two.person(person).hears("third")
        assert {person: two.said()[person] for person in STAFF} == {
            person: ["first"] if person in being_told else ["third"] for person in STAFF
        }

        await two.one.kill()
        end_leases(two.url)

        assert await nothing_waits(two) == {
            person: ["first", "second", "third"] if person in being_told else ["third"] for person in STAFF
        }


def end_leases(url: str) -> None:
    """Let all leases end now."""
    server().tell("update smpolicy.record set due_at = now() where leased", url.rpartition("/")[2])


async def nothing_waits(two: TwoProcesses) -> dict[str, list[str]]:
    """Wait until nothing is left to be said, and return what was said."""
    async with asyncio.timeout(20):
        while await two.records.find(Saying):
            pass
    return two.said()
