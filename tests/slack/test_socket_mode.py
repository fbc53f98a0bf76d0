"""Socket Mode: all that Slack sends comes over connections that come and go, and has its effect once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

import pytest

from bot.conversation.sessions import Session
from tests.slack.deliveries import Delivery
from tests.slack.desk import APP_TOKEN, BOT_TOKEN, SLT
from tests.slack.failures import DroppedBefore, Held, RateLimited, Status
from tests.slack.process import School, school
from tests.stories.test_apply import AIM, BUSINESS_CASE, TRAINED

QUESTION = "May I name the school in a post on my own account?"
ANSWERED = "What the policy says"
FIRST_QUESTION = "What is the aim of the account?"


@pytest.fixture
async def bebington(tmp_path: Path) -> AsyncIterator[School]:
    """The school, whose program has opened a connection to Slack."""
    async with school(tmp_path, socket_mode=True) as opened:
        await opened.fake.connected()
        yield opened


async def goes_on(bebington: School) -> None:
    """Assert that a question is answered over whatever connection there is now."""
    head = bebington.person("head_teacher")
    assert (await head.writes(QUESTION)).ok
    await head.hears(ANSWERED)


async def test_everything_works_over_the_connection(bebington: School) -> None:
    """A question, a command, a window, a press, the home tab; and nobody comes in by HTTP."""
    teacher, runner, deputy = map(bebington.person, ("history_teacher", "pe_teacher", "deputy_head"))

    await goes_on(bebington)
    command = await teacher.commands("ask may I name the school in a post?")
    await teacher.hears(ANSWERED)
    await teacher.commands("apply")
    await teacher.fills(await teacher.sees_modal(FIRST_QUESTION), **BUSINESS_CASE)
    await teacher.presses("Submit", on="your draft")
    for each in (teacher, runner):
        await each.presses("Confirm", on="will you run")
        await each.fills(await each.sees_modal("trained"), trained=TRAINED)
    await deputy.presses("Approve", on=AIM, place=SLT)
    await deputy.hears("Deputy head approves", SLT)
    home = await deputy.human.opens("home")
    await bebington.until(lambda: deputy.human.home)
    statuses = [await bebington.program.status("POST", "/slack/events") for _ in range(2)]

    assert command.ok
    assert home.ok
    assert statuses == [HTTPStatus.NOT_FOUND] * 2
    assert not bebington.fake.unanswered
    assert not bebington.repeated_jobs()


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_slack_asks_for_a_new_connection(bebington: School, reason: str) -> None:
    """It is opened, and everything goes on over it."""
    await bebington.fake.disconnects(reason)
    await bebington.fake.connected(2)

    await goes_on(bebington)


async def test_a_lost_connection_is_opened_again(bebington: School) -> None:
    """By itself."""
    await bebington.fake.drops_sockets()
    await bebington.fake.connected(2)

    await goes_on(bebington)


async def test_an_event_whose_acknowledgement_is_lost_has_one_effect(bebington: School) -> None:
    """The connection is cut while it is answered; Slack sends it again over the next one."""
    teacher, let_go = bebington.person("history_teacher"), asyncio.Event()
    look_up = Held(let_go)
    bebington.fake.fails("users.info", look_up, channel=teacher.human.id)

    applying = asyncio.create_task(teacher.writes("apply"))
    await look_up.reached.wait()
    await bebington.fake.drops_sockets()
    lost = await applying
    let_go.set()
    await bebington.fake.connected(2)
    again = [await bebington.fake.again(lost, number) for number in (1, 2)]
    await teacher.hears(FIRST_QUESTION)

    assert (lost.status, [each.status for each in again]) == (0, [200, 200])
    await assert_one_session(bebington)
    assert teacher.heard(FIRST_QUESTION) == 1


async def test_an_event_under_way_outlives_a_new_connection(bebington: School) -> None:
    """Slack asks for one while it is answered: nothing is lost, and nothing is done twice."""
    teacher, let_go = bebington.person("history_teacher"), asyncio.Event()
    look_up = Held(let_go)
    bebington.fake.fails("users.info", look_up, channel=teacher.human.id)

    applying = asyncio.create_task(teacher.writes("apply"))
    await look_up.reached.wait()
    await bebington.fake.disconnects()
    await bebington.fake.connected(2)
    let_go.set()
    delivery = await acknowledged(bebington, await applying)
    await teacher.hears(FIRST_QUESTION)

    assert delivery.ok
    await assert_one_session(bebington)
    assert teacher.heard(FIRST_QUESTION) == 1


async def test_a_press_and_a_page_sent_again_have_one_effect(bebington: School) -> None:
    """Over the next connection, byte by byte."""
    teacher = bebington.person("history_teacher")
    await teacher.commands("apply")
    page = await teacher.fills(await teacher.sees_modal(FIRST_QUESTION), **BUSINESS_CASE)
    press = await teacher.presses("Submit", on="your draft")
    await teacher.hears("will you run")
    await bebington.fake.disconnects()
    await bebington.fake.connected(2)

    again = [await bebington.fake.again(each, same_signature=True) for each in (page, press)]
    await goes_on(bebington)

    assert [each.status for each in again] == [200, 200]
    assert teacher.heard("will you run") == 1
    assert not bebington.repeated_jobs()


async def test_a_slack_that_is_not_there_at_the_start_is_tried_until_it_is(tmp_path: Path) -> None:
    """However it fails; the program is up meanwhile."""
    failures = (Status(503), DroppedBefore(), RateLimited("0.5"))
    bebington = School(tmp_path, socket_mode=True)
    await bebington.open()
    try:
        for failure in failures:
            bebington.fake.fails("apps.connections.open", failure)
        await bebington.start()
        await bebington.until(
            lambda: len(bebington.fake.called("apps.connections.open")) > len(failures),
            lambda: bebington.program.log,
            seconds=40,
        )
        await bebington.fake.connected()
        await goes_on(bebington)
    finally:
        await bebington.close()

    assert bebington.fake.waiting_failures == 0


async def test_a_signal_lets_the_envelope_under_way_finish(bebington: School) -> None:
    """It is acknowledged, its effect is kept, and the program ends in order."""
    teacher, program, let_go = bebington.person("history_teacher"), bebington.program, asyncio.Event()
    look_up = Held(let_go)
    bebington.fake.fails("users.info", look_up, channel=teacher.human.id)
    applying = asyncio.create_task(teacher.writes("apply"))
    await look_up.reached.wait()

    program.asked_to_stop()
    let_go.set()
    code = await program.ended()
    delivery = await applying
    async with program.records() as records:
        sessions = await records.find(Session, person="history_teacher")

    assert (code, delivery.status) == (0, 200)
    assert [each.asked for each in sessions] == ["aim"]
    assert bebington.fake.connections == 0


async def test_a_signal_is_heeded_while_slack_is_away(tmp_path: Path) -> None:
    """There is nothing to wait for."""
    bebington = School(tmp_path, socket_mode=True)
    await bebington.open()
    try:
        bebington.fake.fails("apps.connections.open", Held(asyncio.Event()), times=100)
        await bebington.start()
        await bebington.until(lambda: bebington.fake.called("apps.connections.open"))
        code = await bebington.program.terminated()
    finally:
        await bebington.close()

    assert code == 0


async def test_the_log_holds_no_words_and_no_tokens(tmp_path: Path) -> None:
    """Slack's library talks a lot about its connections."""
    async with school(tmp_path, socket_mode=True, SMPOLICY_LOG="debug") as bebington:
        await bebington.fake.connected()
        await bebington.person("history_teacher").writes("May I post about Quidditch?")
        await bebington.person("history_teacher").commands("Hogsmeade")
        await bebington.fake.disconnects()
        await bebington.fake.connected(2)
        await goes_on(bebington)
        assert await bebington.program.terminated() == 0
        log = bebington.program.log

    assert not [each for each in ("Quidditch", "Hogsmeade", APP_TOKEN, BOT_TOKEN, "ticket=") if each in log]


async def acknowledged(bebington: School, delivery: Delivery) -> Delivery:
    """Return *delivery*, sent again where its acknowledgement was lost, as Slack does."""
    return delivery if delivery.ok else await bebington.fake.again(delivery)


async def assert_one_session(bebington: School) -> None:
    """Assert that one form was begun; the program has to end for that."""
    assert await bebington.program.terminated() == 0
    async with bebington.program.records() as records:
        assert len(await records.find(Session)) == 1
