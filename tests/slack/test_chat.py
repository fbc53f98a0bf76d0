"""Slack as the worker's chat, over a real socket: says once, finds again, and tells who can mend what."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.conversation.cards import Card, line
from bot.conversation.events import Json
from bot.domain.jobs import Reach, To
from bot.errors import Undeliverable
from bot.platforms.recent import REMEMBERED, Recent
from bot.platforms.slack.addresses import Addresses
from bot.platforms.slack.api import SlackApi, SlackRefusal
from bot.platforms.slack.chat import SlackChat
from bot.platforms.slack.render import messages
from bot.platforms.trouble import PlatformTrouble
from bot.platforms.web.clock import LocalClock

START = datetime(2026, 11, 30, 9, tzinfo=UTC)
BOT = "U0BOT"
SLT, STAFF = To.place("slt"), To.place("staff")
HEAD = To.person("head_teacher")
SEATS = {"head_teacher": "U0HEAD", "pe_teacher": "U0PE"}
ONLY = To(Reach.PLACE, "slt", only="pe_teacher")
SECRET = "Grace from year 9"


@dataclass(slots=True)
class Meets:
    """What the next call of *method* in *channel* meets.

    Attributes:
        passing: How many calls go well before it.
        does: Whether Slack does what is asked all the same.
        answer: What it answers, or None: the connection is lost.
        waits: What has to be set before it answers.
    """

    method: str
    channel: str = ""
    passing: int = 0
    does: bool = False
    answer: Callable[[], web.Response] | None = None
    waits: asyncio.Event | None = None


def refuses(method: str, code: str, channel: str = "", **more: str) -> Meets:
    """Let Slack refuse the call."""
    return Meets(method, channel, answer=lambda: web.json_response({"ok": False, "error": code, **more}))


def too_many(method: str, retry_after: str | None, channel: str = "") -> Meets:
    """Let Slack ask to wait."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    body = {"ok": False, "error": "ratelimited"}
    return Meets(method, channel, answer=lambda: web.json_response(body, status=429, headers=headers))


@dataclass(slots=True)
class Workspace:
    """The part of Slack that a chat uses, with what it shows in *said*: channel to stamp to message."""

    said: dict[str, dict[str, Json]] = field(default_factory=dict)
    whispered: list[Json] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    orders: list[Meets] = field(default_factory=list)
    _stamps: int = 0

    def app(self) -> web.Application:
        """Return the server."""
        app = web.Application()
        app.router.add_post("/api/{method}", self._hear)
        app.router.add_post("/respond/{user}", self._hear)
        return app

    def texts(self, channel: str) -> list[str]:
        """Return what is to be read in *channel*, a text for each message."""
        return [str(each["blocks"]) for each in self.said.get(channel, {}).values()]

    def called(self, method: str) -> int:
        """Return how often *method* was called."""
        return sum(each == method for each, _ in self.calls)

    def say(self, channel: str, message: Json) -> str:
        """Put a message into *channel* and return its stamp."""
        self._stamps += 1
        stamp = f"1764490000.{self._stamps:06}"
        self.said.setdefault(channel, {})[stamp] = {"ts": stamp, "user": BOT, **message}
        return stamp

    async def _hear(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info.get("method", "respond")
        given: Json = await request.json() if request.content_type == "application/json" else await request.post()
        channel = given.get("channel", "")
        self.calls.append((method, channel))
        order = self._order(method, channel)
        if order is None:
            return web.json_response(self._do(method, given))
        done = self._do(method, given) if order.does else {}
        if order.waits:
            await order.waits.wait()
            return web.json_response(done)
        if order.answer is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return order.answer()

    def _order(self, method: str, channel: str) -> Meets | None:
        order = next((each for each in self.orders if each.method == method and each.channel in ("", channel)), None)
        if order is not None and order.passing:
            order.passing -= 1
            return None
        if order is not None:
            self.orders.remove(order)
        return order

    def _do(self, method: str, given: Json) -> Json:
        match method:
            case "conversations.open":
                return {"ok": True, "channel": {"id": f"D{given['users'][1:]}"}}
            case "chat.postMessage":
                assert given.keys() <= _POSTED, given.keys()
                assert given["unfurl_links"] is given["unfurl_media"] is False
                kept = {name: given[name] for name in ("text", "blocks", "metadata", "thread_ts") if name in given}
                return {"ok": True, "ts": self.say(given["channel"], kept)}
            case "chat.postEphemeral":
                assert given.keys() <= {"channel", "user", "text", "blocks", "thread_ts"}
                self.whispered.append(given)
                return {"ok": True, "message_ts": "1.1"}
            case "respond":
                assert given["response_type"] == "ephemeral"
                assert given["replace_original"] is False
                self.whispered.append(given)
                return {"ok": True}
            case "chat.update" | "chat.delete":
                return self._change(method, given)
            case "conversations.history" | "conversations.replies":
                return self._history(given)
            case _:
                raise AssertionError(method)

    def _change(self, method: str, given: Json) -> Json:
        shown = self.said.get(given["channel"], {})
        if given["ts"] not in shown:
            return {"ok": False, "error": "message_not_found"}
        if method == "chat.delete":
            del shown[given["ts"]]
        else:
            assert given.keys() == {"channel", "ts", "text", "blocks", "parse"}
            assert given["parse"] == "none"
            shown[given["ts"]] |= {"text": given["text"], "blocks": given["blocks"]}
        return {"ok": True, "ts": given["ts"]}

    def _history(self, given: Json) -> Json:
        assert given["include_all_metadata"] == "true"
        limit, start = int(given["limit"]), int(given.get("cursor", "0"))
        thread, oldest = given.get("ts"), given.get("oldest", "")
        found = [
            each
            for each in self.said.get(given["channel"], {}).values()
            if each.get("thread_ts") == thread and each["ts"] > oldest
        ]
        if not thread:
            found.reverse()
        following = str(start + limit) if len(found) > start + limit else ""
        return {
            "ok": True,
            "messages": found[start : start + limit],
            "response_metadata": {"next_cursor": following},
        }


_POSTED = {"channel", "text", "blocks", "metadata", "thread_ts", "unfurl_links", "unfurl_media"}


@dataclass(slots=True)
class Desk:
    """A chat, and the Slack that it talks to."""

    slack: Workspace
    api: SlackApi
    clock: LocalClock
    url: str
    chat: SlackChat

    def restarted(self) -> SlackChat:
        """Return a chat that remembers nothing."""
        return _chat(self.api, self.clock)

    def later(self, seconds: float) -> None:
        """Move the clock on."""
        self.clock.set(self.clock.now() + timedelta(seconds=seconds))


def _chat(api: SlackApi, clock: LocalClock) -> SlackChat:
    addresses = Addresses(api, {"slt": "C0SLT", "staff": "C0STAFF"}, SEATS.get)
    return SlackChat(api, addresses, SEATS.get, clock, lambda: frozenset({BOT, "B0BOT", "A0APP"}))


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    slack, clock = Workspace(), LocalClock(start=START)
    async with TestServer(slack.app()) as server:
        api = SlackApi("xoxb-test", str(server.make_url("/api/")))
        await api.open()
        yield Desk(slack, api, clock, str(server.make_url("/respond/")), _chat(api, clock))
        await api.close()


def card(title: str = "A request", parts: int = 1, words: str = SECRET) -> Card:
    """Return a card that is drawn as that many messages."""
    drawn = Card(title, tuple(line(f"{words}, sentence {number}") for number in range(1 + 55 * (parts - 1))))
    assert len(messages(drawn, SEATS.get)) == parts
    return drawn


async def refused(sending: Callable[[], Awaitable[object]]) -> Undeliverable:
    """Return what the worker is told where *sending* does not work."""
    with pytest.raises(Undeliverable) as caught:
        await sending()
    assert SECRET not in repr(caught.value.__cause__)
    return caught.value


# Saying


async def test_a_place_is_reached_by_its_name_or_by_its_channel_and_a_person_by_their_seat(desk: Desk) -> None:
    reached = [SLT, To.place("slack:C0123"), HEAD, ONLY]
    not_reached = [To.place("press"), To.place("slack:"), To.person("chair"), To(Reach.PLACE, "slt", only="chair")]

    assert all(map(desk.chat.reaches, reached))
    assert not any(map(desk.chat.reaches, not_reached))
    assert await desk.chat.send(To.place("slack:C0123"), card(), "job") == "C0123:1764490000.000001"


async def test_a_persons_private_chat_is_opened_once(desk: Desk) -> None:
    assert (await desk.chat.send(HEAD, card(), "one")).startswith("D0HEAD:")
    assert (await desk.chat.send(HEAD, card(), "two")).startswith("D0HEAD:")

    assert desk.slack.called("conversations.open") == 1


async def test_what_is_posted_carries_a_hash_of_the_key_and_never_the_key(desk: Desk) -> None:
    await desk.chat.send(SLT, card(), "abuse/INC-7!head_teacher")

    (said,) = desk.slack.said["C0SLT"].values()
    payload = said["metadata"]["event_payload"]
    assert said["metadata"]["event_type"] == "smpolicy_job"
    assert (payload["part"], payload["parts"], len(payload["job"])) == (0, 1, 32)
    assert "INC" not in str(said)


async def test_an_answer_in_a_thread_stays_in_it_and_is_found_there(desk: Desk) -> None:
    thread = To(Reach.PLACE, "slt", thread="1764480000.000001")

    reference = await desk.chat.send(thread, card(), "job")

    assert reference == "C0SLT/1764480000.000001:1764490000.000001"
    assert await desk.restarted().find(thread, "job") == reference
    assert await desk.restarted().find(SLT, "job") is None


async def test_a_slow_channel_does_not_hold_up_another(desk: Desk) -> None:
    answered = asyncio.Event()
    desk.slack.orders.append(Meets("chat.postMessage", "C0SLT", does=True, waits=answered))

    slow = asyncio.create_task(desk.chat.send(SLT, card(), "slow"))
    await desk.chat.send(STAFF, card(), "quick")

    assert not slow.done()
    answered.set()
    assert (await slow).startswith("C0SLT:")


# Saying once


async def test_what_was_posted_before_the_connection_dropped_is_found_and_not_posted_again(desk: Desk) -> None:
    desk.slack.orders.append(Meets("chat.postMessage", does=True))

    error = await refused(lambda: desk.chat.send(SLT, card(), "job"))
    found = await desk.chat.find(SLT, "job")

    assert (error.retry_after, error.for_good, error.blocked) == (None, False, "")
    assert found == "C0SLT:1764490000.000001"
    assert len(desk.slack.said["C0SLT"]) == desk.slack.called("chat.postMessage") == 1


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("does", [False, True])
async def test_a_sending_that_stopped_half_way_is_completed(desk: Desk, restarts: bool, does: bool) -> None:
    desk.slack.orders.append(Meets("chat.postMessage", passing=1, does=does))
    long = card(parts=2)
    await refused(lambda: desk.chat.send(SLT, long, "job"))
    chat = desk.restarted() if restarts else desk.chat

    reference = await chat.find(SLT, "job")
    assert (reference is not None) is does
    reference = reference or await chat.send(SLT, long, "job")

    assert len(desk.slack.said["C0SLT"]) == 2
    assert reference == f"C0SLT:{','.join(desk.slack.said['C0SLT'])}"
    assert await desk.restarted().find(SLT, "job") == reference


async def test_the_second_part_alone_is_posted_where_the_first_is_there(desk: Desk) -> None:
    long = card(parts=3)
    reference = await desk.chat.send(SLT, long, "job")
    stamps = list(desk.slack.said["C0SLT"])
    del desk.slack.said["C0SLT"][stamps[1]]
    chat = desk.restarted()

    assert await chat.find(SLT, "job") is None
    completed = await chat.send(SLT, long, "job")

    assert desk.slack.called("chat.postMessage") == 4
    assert completed == reference.replace(stamps[1], "1764490000.000004")


async def test_what_others_posted_with_the_same_metadata_is_not_ours(desk: Desk) -> None:
    await desk.chat.send(SLT, card(), "job")
    for message in desk.slack.said["C0SLT"].values():
        message["user"], message["bot_id"] = "U0OTHER", "B0OTHER"

    assert await desk.chat.find(SLT, "job") is None


async def test_looking_for_a_message_goes_three_pages_back(desk: Desk) -> None:
    await desk.chat.send(SLT, card(), "job")
    for _ in range(299):
        desk.slack.say("C0SLT", {"text": "chatter"})
    assert await desk.restarted().find(SLT, "job")

    desk.slack.say("C0SLT", {"text": "chatter"})

    assert await desk.restarted().find(SLT, "job") is None
    assert desk.slack.called("conversations.history") == 6


# Pace


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("2", 2.0), ("0.5", 0.5), (None, 5.0), ("soon", 5.0), ("-3", 5.0), ("inf", 5.0), ("nan", 5.0), ("86400", 3600.0)],
)
async def test_slack_says_how_long_to_wait(desk: Desk, header: str | None, seconds: float) -> None:
    desk.slack.orders.append(too_many("chat.postMessage", header))

    error = await refused(lambda: desk.chat.send(SLT, card(), "job"))

    assert (error.retry_after, error.for_good) == (seconds, False)


async def test_a_channel_stays_quiet_as_long_as_slack_asked_and_others_do_not(desk: Desk) -> None:
    desk.slack.orders.append(too_many("chat.postMessage", "2"))
    await refused(lambda: desk.chat.send(SLT, card(), "one"))
    desk.later(0.5)

    error = await refused(lambda: desk.chat.send(SLT, card(), "two"))
    await desk.chat.send(STAFF, card(), "three")

    assert error.retry_after == 1.5
    assert desk.slack.calls == [("chat.postMessage", "C0SLT"), ("chat.postMessage", "C0STAFF")]
    desk.later(1.5)
    assert await desk.chat.send(SLT, card(), "two")


# Refusals


@pytest.mark.parametrize("status", [500, 503])
async def test_a_server_error_leaves_the_outcome_open(desk: Desk, status: int) -> None:
    desk.slack.orders.append(Meets("chat.postMessage", answer=lambda: web.Response(status=status, text="oh")))

    error = await refused(lambda: desk.chat.send(SLT, card(), "job"))

    assert (error.retry_after, error.for_good, error.blocked) == (None, False, "")


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(text="{", content_type="application/json"),
        web.Response(text="[1]", content_type="application/json"),
        web.Response(text="{}", content_type="application/json"),
        web.Response(body=b"\xff\xfe", content_type="application/json"),
        web.Response(text="ok", content_type="text/plain"),
        web.Response(text="<html>", content_type="text/html"),
        web.Response(text="<html>", content_type="text/html", status=404),
        web.Response(body=b"x", content_type="application/gzip"),
        web.json_response({"ok": False, "error": "internal_error"}),
        web.json_response({"ok": False}),
        web.json_response({"ok": False, "error": "not_in_channel"}, status=500),
    ],
)
async def test_an_answer_that_nobody_can_read_leaves_the_outcome_open(desk: Desk, answer: web.Response) -> None:
    desk.slack.orders.append(Meets("chat.postMessage", answer=lambda: answer))

    error = await refused(lambda: desk.chat.send(SLT, card(), "job"))

    assert (error.retry_after, error.for_good, error.blocked) == (None, False, "")


@pytest.mark.parametrize(
    "code",
    [
        *("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope"),
        *("org_login_required", "ekm_access_denied", "team_access_not_granted", "access_denied"),
    ],
)
async def test_what_is_wrong_with_the_workspace_waits_for_its_administrator(desk: Desk, code: str) -> None:
    desk.slack.orders.append(refuses("chat.postMessage", code, needed="chat:write"))

    error = await refused(lambda: desk.chat.send(SLT, card(), "job"))

    assert error.blocked == desk.chat.trouble != ""
    assert "slt" not in error.blocked
    assert ("chat:write" in error.blocked) is (code == "missing_scope")
    assert not error.for_good
    desk.later(600)
    await desk.chat.send(SLT, card(), "job")
    assert desk.chat.trouble == ""


async def test_while_slack_takes_nothing_one_message_in_a_while_tries(desk: Desk) -> None:
    """Whom it is for does not matter; once one has arrived, all others follow at once."""
    desk.slack.orders += [refuses("chat.postMessage", "token_revoked"), refuses("chat.postMessage", "token_revoked")]
    await refused(lambda: desk.chat.send(SLT, card(), "first"))
    await refused(lambda: desk.chat.send(STAFF, card(), "second"))
    tried = desk.slack.called("chat.postMessage")

    desk.later(600)
    errors = await asyncio.gather(
        *(desk.chat.send(to, card(), f"job {to.id}") for to in (SLT, STAFF)), return_exceptions=True
    )
    again = desk.slack.called("chat.postMessage")
    desk.later(600)
    await asyncio.gather(*(desk.chat.send(to, card(), f"job {to.id}") for to in (SLT, STAFF)))

    assert (tried, again) == (1, 2)
    assert all(isinstance(error, Undeliverable) and error.blocked for error in errors)
    assert desk.slack.called("chat.postMessage") == 4


@pytest.mark.parametrize(
    "code", ["channel_not_found", "not_in_channel", "is_archived", "restricted_action", "restricted_action_read_only"]
)
async def test_what_is_wrong_with_one_channel_names_the_place(desk: Desk, code: str) -> None:
    desk.slack.orders += [refuses("chat.postMessage", code), refuses("chat.postMessage", code)]

    named = await refused(lambda: desk.chat.send(SLT, card(), "job"))
    raw = await refused(lambda: desk.chat.send(To.place("slack:C0123"), card(), "job"))

    assert "the channel of slt (C0SLT)" in named.blocked
    assert "the channel C0123" in raw.blocked
    assert not named.for_good
    assert desk.chat.trouble == ""


async def test_the_sentence_for_a_channel_without_the_bot_says_what_to_type(desk: Desk) -> None:
    desk.slack.orders.append(refuses("chat.postMessage", "not_in_channel"))

    error = await refused(lambda: desk.chat.send(SLT, card(), "job"))

    assert error.blocked == "The bot is not a member of the channel of slt (C0SLT): type /invite @smpolicy there."


@pytest.mark.parametrize("method", ["conversations.open", "chat.postMessage"])
@pytest.mark.parametrize("code", ["user_not_found", "user_disabled", "cannot_dm_bot", "user_not_visible", "is_bot"])
async def test_a_person_whom_slack_does_not_reach_is_given_up(desk: Desk, method: str, code: str) -> None:
    desk.slack.orders.append(refuses(method, code))

    error = await refused(lambda: desk.chat.send(HEAD, card(), "job"))

    assert (error.for_good, error.blocked) == (True, "")


async def test_somebody_without_a_seat_is_given_up_without_asking_slack(desk: Desk) -> None:
    error = await refused(lambda: desk.chat.send(To.person("chair"), card(), "job"))

    assert error.for_good
    assert desk.slack.calls == []


async def test_a_private_chat_that_slack_has_forgotten_is_opened_anew(desk: Desk) -> None:
    desk.slack.orders.append(refuses("chat.postMessage", "channel_not_found"))
    error = await refused(lambda: desk.chat.send(HEAD, card(), "job"))
    assert (error.for_good, error.blocked) == (False, "")

    await desk.chat.send(HEAD, card(), "job")

    assert desk.slack.called("conversations.open") == 2


async def test_a_message_that_slack_does_not_take_is_given_up_and_only_the_code_is_logged(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.slack.orders.append(refuses("chat.postMessage", "invalid_blocks"))

    error = await refused(lambda: desk.chat.send(SLT, card(), "job"))

    assert error.for_good
    assert [each.message for each in caplog.records if each.levelno == logging.ERROR] == [
        "slack does not take a message: invalid_blocks"
    ]
    assert SECRET not in caplog.text


# One person's eyes


async def test_only_one_person_sees_it_and_it_can_be_neither_found_nor_redrawn(desk: Desk) -> None:
    reference = await desk.chat.send(ONLY, card(parts=2), "job")
    await desk.chat.redraw(ONLY, reference, card())

    assert reference == "ephemeral:"
    assert await desk.chat.find(ONLY, "job") is None
    assert desk.slack.calls == [("chat.postEphemeral", "C0SLT")] * 2
    assert {each["user"] for each in desk.slack.whispered} == {"U0PE"}


async def test_a_response_url_is_used_four_times_within_half_an_hour(desk: Desk) -> None:
    desk.chat.remember_response_url("C0SLT", "U0PE", f"{desk.url}U0PE", START + timedelta(hours=2))
    for number in range(5):
        await desk.chat.send(ONLY, card(), f"job {number}")
    desk.chat.remember_response_url("C0SLT", "U0PE", f"{desk.url}U0PE", START + timedelta(hours=2))
    desk.later(30 * 60)
    await desk.chat.send(ONLY, card(), "late")

    assert [method for method, _ in desk.slack.calls] == ["respond"] * 4 + ["chat.postEphemeral"] * 2


async def test_a_response_url_is_for_its_own_person_and_channel_alone(desk: Desk) -> None:
    desk.chat.remember_response_url("C0SLT", "U0HEAD", f"{desk.url}U0HEAD", START + timedelta(minutes=20))
    desk.chat.remember_response_url("C0STAFF", "U0PE", f"{desk.url}U0PE", START + timedelta(minutes=20))

    await desk.chat.send(ONLY, card(), "job")

    assert desk.slack.called("respond") == 0


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=404, text="expired_url"),
        web.Response(status=404, text="<html>"),
        web.json_response({"ok": False, "error": "used_url"}),
        web.Response(status=307, headers={"Location": "/respond/elsewhere"}),
    ],
)
async def test_a_response_url_of_no_use_is_left_alone(desk: Desk, answer: web.Response) -> None:
    desk.chat.remember_response_url("C0SLT", "U0PE", f"{desk.url}U0PE", START + timedelta(minutes=20))
    desk.slack.orders.append(Meets("respond", answer=lambda: answer))

    assert await desk.chat.send(ONLY, card(), "one") == "ephemeral:"
    assert await desk.chat.send(ONLY, card(), "two") == "ephemeral:"

    assert [method for method, _ in desk.slack.calls] == ["respond", "chat.postEphemeral", "chat.postEphemeral"]


async def test_a_response_url_that_does_not_answer_is_not_asked_twice_at_once(desk: Desk) -> None:
    desk.chat.remember_response_url("C0SLT", "U0PE", f"{desk.url}U0PE", START + timedelta(minutes=20))
    desk.slack.orders += [
        Meets("respond"),
        too_many("respond", "7"),
        Meets("respond", answer=lambda: web.Response(status=500)),
    ]

    lost = await refused(lambda: desk.chat.send(ONLY, card(), "job"))
    busy = await refused(lambda: desk.chat.send(ONLY, card(), "job"))
    broken = await refused(lambda: desk.chat.send(ONLY, card(), "job"))

    assert [each.retry_after for each in (lost, busy, broken)] == [None, 7.0, None]
    assert desk.slack.called("chat.postEphemeral") == 0


@pytest.mark.parametrize("code", ["not_in_channel", "channel_not_found", "user_not_in_channel"])
async def test_where_the_bot_is_not_in_the_channel_the_person_is_told_directly(desk: Desk, code: str) -> None:
    desk.slack.orders.append(refuses("chat.postEphemeral", code))

    reference = await desk.chat.send(ONLY, card(), "job")
    await desk.chat.redraw(ONLY, reference, card(words="Done"))

    assert reference.startswith("D0PE:")
    assert "Done" in desk.slack.texts("D0PE")[0]


async def test_a_private_chat_in_the_stead_of_a_channel_is_not_mistaken_for_the_channel(desk: Desk) -> None:
    desk.slack.orders += [refuses("chat.postEphemeral", "not_in_channel"), refuses("chat.update", "channel_not_found")]
    reference = await desk.chat.send(ONLY, card(), "job")

    error = await refused(lambda: desk.chat.redraw(ONLY, reference, card()))

    assert (error.for_good, error.blocked) == (False, "")


async def test_what_was_told_directly_is_not_told_again_after_a_lost_answer(desk: Desk) -> None:
    desk.slack.orders += [
        refuses("chat.postEphemeral", "not_in_channel"),
        Meets("chat.postMessage", does=True),
        refuses("chat.postEphemeral", "not_in_channel"),
    ]
    await refused(lambda: desk.chat.send(ONLY, card(), "job"))

    assert await desk.restarted().send(ONLY, card(), "job")

    assert len(desk.slack.said["D0PE"]) == 1


# Drawing again


async def test_a_card_that_is_redrawn_keeps_its_metadata_and_its_place(desk: Desk) -> None:
    reference = await desk.chat.send(SLT, card(), "job")

    await desk.chat.redraw(SLT, reference, card("Approved", words="Done"))

    (said,) = desk.slack.said["C0SLT"].values()
    assert said["text"] == "Approved"
    assert desk.slack.called("conversations.history") == 0
    assert await desk.restarted().find(SLT, "job") == reference


@pytest.mark.parametrize("thread", ["", "1764480000.000001"])
@pytest.mark.parametrize("restarts", [False, True])
async def test_a_card_grows_and_shrinks_and_grows_again(desk: Desk, thread: str, restarts: bool) -> None:
    to = To(Reach.PLACE, "slt", thread=thread)
    reference = await desk.chat.send(to, card(parts=2), "job")

    for number, parts in enumerate([3, 4, 1, 1, 3, 2]):
        chat = desk.restarted() if restarts else desk.chat
        await chat.redraw(to, reference, card(parts=parts, words=f"Version {number}"))

        assert len(desk.slack.texts("C0SLT")) == parts
        assert all(f"Version {number}" in text for text in desk.slack.texts("C0SLT"))

    assert {each.get("thread_ts", "") for each in desk.slack.said["C0SLT"].values()} == {thread}


async def test_a_part_that_was_added_before_the_connection_dropped_is_not_added_again(desk: Desk) -> None:
    reference = await desk.chat.send(SLT, card(), "job")
    desk.slack.orders.append(Meets("chat.postMessage", does=True))

    await refused(lambda: desk.chat.redraw(SLT, reference, card(parts=2)))
    await desk.chat.redraw(SLT, reference, card(parts=2))

    assert len(desk.slack.said["C0SLT"]) == 2


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_a_message_that_is_gone_is_no_error(desk: Desk, caplog: pytest.LogCaptureFixture, code: str) -> None:
    caplog.set_level(logging.INFO, "smpolicy.slack")
    reference = await desk.chat.send(SLT, card(), "job")
    desk.slack.orders.append(refuses("chat.update", code))

    await desk.chat.redraw(SLT, reference, card(parts=2))

    assert desk.slack.called("chat.postMessage") == 1
    assert "1764490000.000001" in caplog.text
    assert SECRET not in caplog.text


async def test_a_redrawing_that_slack_puts_off_is_put_off(desk: Desk) -> None:
    reference = await desk.chat.send(SLT, card(), "job")
    desk.slack.orders.append(too_many("chat.update", "9"))

    error = await refused(lambda: desk.chat.redraw(SLT, reference, card()))

    assert error.retry_after == 9.0
    desk.later(9)
    await desk.chat.redraw(SLT, reference, card(words="Done"))
    assert "Done" in desk.slack.texts("C0SLT")[0]


# The ground it stands on


async def test_nothing_of_what_was_sent_is_in_an_error(desk: Desk) -> None:
    desk.slack.orders += [
        refuses("chat.postMessage", f"no {SECRET}"),
        Meets("chat.postMessage", answer=lambda: web.Response(text=SECRET, content_type="application/json")),
        refuses("chat.postMessage", "invalid_blocks", needed=SECRET),
    ]

    for _ in range(3):
        with pytest.raises(PlatformTrouble) as caught:
            await desk.api.call("chat.postMessage", channel="C0SLT", text=SECRET, blocks=[])
        assert caught.value.__context__ is None
        assert SECRET not in str(caught.value)


async def test_nothing_is_asked_of_slack_twice(desk: Desk) -> None:
    desk.slack.orders += [Meets("chat.delete"), too_many("chat.delete", "0"), refuses("chat.delete", "invalid_auth")]

    for _ in range(3):
        with pytest.raises(PlatformTrouble):
            await desk.api.call("chat.delete", channel="C0SLT", ts="1.1")

    assert desk.slack.called("chat.delete") == 3


async def test_a_proxy_is_not_asked_for_addresses_that_need_none(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    api = SlackApi("xoxb-test", desk.api.client.base_url)
    await api.open()

    assert (await api.call("conversations.open", users="U0HEAD"))["ok"]
    await api.close()


async def test_a_server_that_is_not_there_leaves_the_outcome_open() -> None:
    api = SlackApi("xoxb-test", "http://127.0.0.1:9/")
    await api.open()
    await api.open()

    with pytest.raises(PlatformTrouble) as caught:
        await api.call("auth.test")

    assert not isinstance(caught.value, SlackRefusal)
    await api.close()


def test_what_is_recent_is_bounded() -> None:
    recent: Recent[int, list[int]] = Recent()
    for number in range(REMEMBERED + 5):
        recent.setdefault(number, []).append(number)

    assert len(recent) == REMEMBERED
    assert 4 not in recent
    assert recent[5] == [5]
