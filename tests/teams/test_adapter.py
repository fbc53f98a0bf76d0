"""What the SDK makes of what may come in: everything is heard once and as it was sent, and nothing is a failure."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from botbuilder.core import TurnContext
from botbuilder.schema import Activity

from bot.platforms.teams.adapter import Answer
from tests.teams.doorstep import JSON_TYPE, Doorstep

Json = Any
pytestmark = pytest.mark.timeout(20)
MARK = "marker-93-of-a-pupil"
TYPES = [
    "message", "messageUpdate", "messageDelete", "messageReaction", "conversationUpdate", "installationUpdate",
    "typing", "event", "endOfConversation", "contactRelationUpdate", "trace", "delay", "handoff", "command",
    "commandResult", "suggestion", "invokeResponse", "Invoke", "something new",
]  # fmt: skip
INVOKES = [
    "adaptiveCard/action", "task/fetch", "task/submit", "composeExtension/query", "composeExtension/fetchTask",
    "composeExtension/submitAction", "message/submitAction", "application/search", "signin/verifyState",
    "signin/tokenExchange", "fileConsent/invoke", "something/new", "",
]  # fmt: skip


@pytest.fixture
async def door() -> AsyncIterator[Doorstep]:
    """The adapter, where everybody has to prove who they are."""
    opened = Doorstep()
    await opened.open()
    yield opened
    await opened.close()


@pytest.mark.parametrize("kind", TYPES)
async def test_what_is_no_invoke_is_heard_once_and_acknowledged(door: Doorstep, kind: str) -> None:
    activity = door.activity(
        type=kind, action="add", membersAdded=[{"id": "28:bot"}], reactionsAdded=[{"type": "like"}]
    )

    answer = await door.posts(activity)

    assert answer == (200, "")
    assert door.heard == [activity]


@pytest.mark.parametrize("name", INVOKES)
async def test_an_invoke_is_answered_by_whoever_hears_it(door: Doorstep, name: str) -> None:
    """The SDK has opinions about some of them, and failed on the bodies of all."""
    door.answer = Answer(200, {"statusCode": 200, "type": "text", "value": "Done."})
    invoke = door.invoke(name)

    status, said = await door.posts(invoke)

    assert (status, json.loads(said)) == (200, door.answer.body)
    assert door.heard == [invoke]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(Answer(), (200, "{}"), id="nothing, which Teams would take for no answer"),
        pytest.param(Answer(200, {}), (200, "{}"), id="an empty object"),
        pytest.param(Answer(400, {"error": {"code": "x"}}), (400, '{"error": {"code": "x"}}'), id="a refusal"),
        pytest.param(Answer(200, ["a"]), (200, '["a"]'), id="a list"),
        pytest.param(None, (400, ""), id="nobody answered"),
    ],
)
async def test_an_answer_is_passed_on_as_it_is(
    door: Doorstep, answer: Answer | None, expected: tuple[int, str]
) -> None:
    door.answer = answer

    assert await door.posts(door.invoke()) == expected


async def test_a_card_arrives_letter_by_letter(door: Doorstep) -> None:
    card = {"body": [{"text": 'Ünïcode 🏫 \0 \u2028 \ud800 <at>x</at> **b** \\ "'}] * 500, "additionalProperties": None}
    door.answer = Answer(200, {"value": card})

    _, said = await door.posts(door.invoke())

    assert json.loads(said) == {"value": card}


@pytest.mark.parametrize("mode", ["expectReplies", "ephemeral", "notification", "normal"])
async def test_no_delivery_mode_changes_how_it_is_answered(door: Doorstep, mode: str) -> None:
    assert await door.posts(door.activity(deliveryMode=mode)) == (200, "")
    assert (await door.posts(door.invoke(deliveryMode=mode)))[0] == 200
    assert len(door.heard) == 2


@pytest.mark.parametrize("kind", ["message", "invoke", "conversationUpdate"])
async def test_a_bug_is_no_failure_for_teams_and_is_noted_without_what_was_typed(
    door: Doorstep, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Teams sends again what met a failure, so that a bug would happen over and over."""
    door.answer = RuntimeError(MARK)

    answer = await door.posts(door.activity(type=kind, text=MARK))

    assert answer == (400, "")
    assert "answering an activity failed with RuntimeError" in caplog.text
    assert "_listen" in caplog.text
    assert MARK not in caplog.text


@pytest.mark.parametrize("body", [object(), {"at": {1, 2}}, float("nan"), {"deep": float("inf")}, {b"x": 1}])
async def test_an_answer_that_is_no_json_is_no_failure_for_teams(
    door: Doorstep, body: Json, caplog: pytest.LogCaptureFixture
) -> None:
    door.answer = Answer(200, body)

    assert await door.posts(door.invoke()) == (400, "")
    assert "answering an activity failed with" in caplog.text


async def test_whoever_takes_long_keeps_nobody_waiting(door: Doorstep) -> None:
    begun, gate = asyncio.Event(), asyncio.Event()

    async def listener(activity: Mapping[str, Json]) -> None:
        if activity["text"] == "slow":
            begun.set()
            await gate.wait()

    door.listener = listener
    waiting = asyncio.create_task(door.posts(door.activity(text="slow")))
    await begun.wait()

    async with asyncio.timeout(2):
        statuses = [(await door.posts(door.activity(text="quick")))[0] for _ in range(5)]
    assert not waiting.done()

    gate.set()
    assert (await waiting)[0] == 200
    assert statuses == [200] * 5


async def test_what_is_acknowledged_was_heard_to_its_end(door: Doorstep) -> None:
    """What a message leads to is saved by then: Teams does not send it again."""
    order: list[str] = []

    async def listener(activity: Mapping[str, Json]) -> None:
        await asyncio.to_thread(order.append, "begun")
        await asyncio.to_thread(order.append, "saved")

    door.listener = listener
    await door.posts()
    order.append("acknowledged")

    assert order == ["begun", "saved", "acknowledged"]


async def test_a_hundred_at_once_each_get_their_own_answer(door: Doorstep) -> None:
    async def listener(activity: Mapping[str, Json]) -> Answer:
        return await asyncio.to_thread(Answer, 200, activity["value"])

    door.listener = listener
    answers = await asyncio.gather(*(door.posts(door.invoke() | {"value": [number]}) for number in range(100)))

    assert [json.loads(said) for _, said in answers] == [[number] for number in range(100)]


async def test_nothing_of_what_is_heard_calls_anybody(door: Doorstep) -> None:
    for activity in (door.activity(), door.invoke(), door.activity(type="conversationUpdate")):
        assert (await door.posts(activity))[0] == 200

    assert not door.called
    assert set(door.issuer.fetched) == {"/v1/.well-known/openidconfiguration", "/v1/.well-known/keys"}
    assert len(door.issuer.fetched) == 2


async def test_nothing_can_be_said_past_the_chat(door: Doorstep) -> None:
    context = TurnContext(door.adapter, Activity(type="message", service_url=door.service_url))

    with pytest.raises(NotImplementedError):
        await context.send_activity("hello")

    assert not door.called


async def test_nobody_comes_in_by_the_sdk_s_own_ways(door: Doorstep) -> None:
    async def on_turn(context: TurnContext) -> None:
        door.heard.append({})

    with pytest.raises(PermissionError):
        await door.adapter.process_activity(door.issuer.bearer(door.service_url), Activity(type="message"), on_turn)
    with pytest.raises(PermissionError):
        await door.adapter.bot_framework_authentication.authenticate_streaming_request("", "msteams")

    assert not door.heard


async def test_who_is_turned_away_is_told_how_to_come_in(door: Doorstep, caplog: pytest.LogCaptureFixture) -> None:
    """For whoever reads the log: why; for whoever knocks: nothing but what HTTP asks for."""
    caplog.set_level(logging.INFO)
    other = door.issuer.bearer(door.service_url, aud="another")

    answer = await door.posts(headers=[JSON_TYPE, ("Authorization", other)])

    assert answer == (401, "Unauthorized")
    assert "meant for another bot than MICROSOFT_APP_ID" in caplog.text
