"""The Bot Connector called over a real socket: each call once, to allowed hosts alone, and every failure sorted."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from bot.platforms.teams.connector import AT_ONCE, PAGES, Connector
from bot.platforms.teams.hosts import ServiceHosts
from bot.platforms.teams.replies import Passing, TeamsRefusal
from bot.platforms.trouble import Busy, OutcomeUnknown, PlatformTrouble

CHANNEL = "19:abc/def@thread.tacv2;messageid=1700"
SECRET = "Grace from year 9"
SAID = {"type": "message", "text": SECRET}

Json = Any
Answering = Callable[[], web.Response]


@dataclass(slots=True)
class Asked:
    """A call as it arrived; *path* is undecoded."""

    method: str
    path: str
    body: Json
    headers: Mapping[str, str]
    peer: object


@dataclass(slots=True)
class Teams:
    """A connector that answers as it is told, in that order; then everything with an id."""

    answers: list[Answering | None] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    async def hear(self, request: web.Request) -> web.Response:
        """Note the call, and answer it; None loses the connection."""
        text = await request.text()
        peer = request.transport and request.transport.get_extra_info("peername")
        body = json.loads(text) if text else None
        self.asked.append(Asked(request.method, request.raw_path, body, request.headers, peer))
        if not self.answers:
            return web.json_response({"id": "1701"}, status=201)
        answer = self.answers.pop(0)
        if answer is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return answer()

    def says(self, *answers: Json) -> None:
        """Answer the next calls with these documents."""
        self.answers += [partial(web.json_response, each) for each in answers]


@dataclass(slots=True)
class Tokens:
    """Credentials that give the next token for each that was rejected, *more* times at most."""

    rejected: list[str] = field(default_factory=list)
    trouble: PlatformTrouble | None = None
    more: int = 1

    async def token(self) -> str:
        """Return the token that was not rejected."""
        if self.trouble is not None:
            raise self.trouble
        return f"token-{min(len(self.rejected), self.more)}"

    def reject(self, token: str) -> None:
        """Give another one the next time."""
        self.rejected.append(token)

    async def close(self) -> None:
        """Do nothing."""


@dataclass(slots=True)
class Line:
    """A connector, and what is at its other end."""

    teams: Teams
    tokens: Tokens
    connector: Connector

    async def send(self) -> str:
        """Say something."""
        return await self.connector.send(self.teams.url, CHANNEL, SAID)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    teams, tokens = Teams(), Tokens()
    app = web.Application(client_max_size=10**7)
    app.router.add_route("*", "/{tail:.*}", teams.hear)
    async with TestServer(app) as server:
        teams.url = str(server.make_url("/uk/"))
        connector = Connector(tokens, ServiceHosts(frozenset({f"127.0.0.1:{server.port}"})))
        await connector.open()
        await connector.open()
        yield Line(teams, tokens, connector)
        await connector.close()


async def failing(call: Awaitable[object]) -> PlatformTrouble:
    """Return what went wrong; nothing of what was sent is in it, nor in what lies behind it."""
    with pytest.raises(PlatformTrouble) as caught:
        await call
    error: BaseException | None = caught.value
    while error is not None:
        assert SECRET not in repr(error)
        error = error.__context__
    return caught.value


# Calls


async def test_each_call_is_as_the_connector_reads_it(line: Line) -> None:
    line.teams.says({"id": "1701"}, {"id": "1701"})
    assert await line.send() == "1701"
    await line.connector.update(line.teams.url, CHANNEL, "1:70/1", SAID)
    line.teams.answers.append(lambda: web.Response())
    await line.connector.delete(line.teams.url, CHANNEL, "1701")
    assert await line.connector.create(line.teams.url, {"isGroup": False}) == "1701"
    line.teams.says({"aadObjectId": "e1"})
    assert await line.connector.member(line.teams.url, CHANNEL, "29:1/x") == {"aadObjectId": "e1"}

    conversation = "/uk/v3/conversations/19%3Aabc%2Fdef%40thread.tacv2%3Bmessageid%3D1700"
    assert [(each.method, each.path, each.body) for each in line.teams.asked] == [
        ("POST", f"{conversation}/activities", SAID),
        ("PUT", f"{conversation}/activities/1%3A70%2F1", SAID),
        ("DELETE", f"{conversation}/activities/1701", None),
        ("POST", "/uk/v3/conversations", {"isGroup": False}),
        ("GET", f"{conversation}/members/29%3A1%2Fx", None),
    ]
    assert {each.headers["Authorization"] for each in line.teams.asked} == {"Bearer token-0"}
    assert line.teams.asked[0].headers["Content-Type"].startswith("application/json")


async def test_a_service_address_without_a_slash_is_the_same(line: Line) -> None:
    await line.connector.send(line.teams.url.rstrip("/"), CHANNEL, SAID)

    assert line.teams.asked[0].path.startswith("/uk/v3/conversations/19")


async def test_all_calls_share_a_connection(line: Line) -> None:
    for _ in range(5):
        await line.send()

    assert len({each.peer for each in line.teams.asked}) == 1


async def test_without_a_token_none_is_sent(line: Line) -> None:
    class NoTokens(Tokens):
        async def token(self) -> str:
            return ""

    local = Connector(NoTokens(), ServiceHosts(loopback=True))
    await local.open()
    line.teams.answers.append(lambda: web.json_response({"message": "no"}, status=401))

    refusal = await failing(local.send(line.teams.url, CHANNEL, SAID))
    await local.close()

    assert isinstance(refusal, TeamsRefusal)
    assert len(line.teams.asked) == 1
    assert "Authorization" not in line.teams.asked[0].headers


async def test_letters_of_all_kinds_arrive(line: Line) -> None:
    said = {"type": "message", "text": "Grüße 👩🏽‍🏫 \x01 “quoted” \u2028"}
    await line.connector.send(line.teams.url, CHANNEL, said)
    await line.connector.send(line.teams.url, CHANNEL, {"type": "message", "text": "half \ud83d a pair"})

    assert line.teams.asked[0].body == said
    assert line.teams.asked[1].body["text"] == "half ? a pair"


@pytest.mark.parametrize("answer", [web.Response(status=201), web.json_response({}), web.json_response({"id": 7})])
async def test_what_was_said_without_an_id_is_said(line: Line, answer: web.Response) -> None:
    line.teams.answers.append(lambda: answer)

    assert await line.send() == ""


async def test_a_conversation_without_an_id_is_none(line: Line) -> None:
    line.teams.says({})

    assert isinstance(await failing(line.connector.create(line.teams.url, {})), OutcomeUnknown)


# Members


async def test_members_are_read_page_by_page(line: Line) -> None:
    line.teams.says({"members": [1, 2], "continuationToken": "a&b=c"}, {"members": [3], "continuationToken": ""})

    assert await line.connector.members(line.teams.url, "19:team") == [1, 2, 3]

    assert [each.path.partition("/conversations/")[2] for each in line.teams.asked] == [
        "19%3Ateam/pagedmembers?pageSize=500",
        "19%3Ateam/pagedmembers?pageSize=500&continuationToken=a%26b%3Dc",
    ]


async def test_members_without_an_end_are_read_to_a_limit(line: Line) -> None:
    line.teams.says(*[{"members": [1], "continuationToken": "more"}] * (PAGES + 5))

    assert len(await line.connector.members(line.teams.url, "19:team")) == PAGES


@pytest.mark.parametrize("page", [{}, {"members": None}, {"members": {}}, {"members": "all"}])
async def test_a_page_that_lists_nobody_does_not_mean_that_nobody_is_there(line: Line, page: Json) -> None:
    line.teams.says(page)

    assert isinstance(await failing(line.connector.members(line.teams.url, "19:team")), OutcomeUnknown)


# What goes wrong


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        *(("2", 2), ("0.5", 0.5), ("0", 0.1), (None, 5), ("soon", 5), ("-3", 5), ("inf", 5), ("nan", 5)),
        *(("86400", 3600), ("Mon, 30 Nov 2026 09:00:05 GMT", 5)),
    ],
)
async def test_teams_says_how_long_to_wait(line: Line, header: str | None, seconds: float) -> None:
    headers = {} if header is None else {"Retry-After": header}
    line.teams.answers.append(lambda: web.json_response({}, status=429, headers=headers))

    busy = await failing(line.send())

    assert isinstance(busy, Busy)
    assert busy.retry_after == seconds
    assert len(line.teams.asked) == 1


@pytest.mark.parametrize("status", [408, 412, 502, 503, 504])
async def test_some_things_pass(line: Line, status: int) -> None:
    body = {"error": {"code": "PreconditionFailed", "message": SECRET}}
    line.teams.answers.append(lambda: web.json_response(body, status=status))
    line.teams.answers.append(lambda: web.json_response(body, status=status, headers={"Retry-After": "3"}))

    assert isinstance(await failing(line.send()), Passing)
    assert isinstance(await failing(line.send()), Busy)
    assert len(line.teams.asked) == 2


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=500, text="<html>"),
        web.json_response({"error": {"code": "ServiceError"}}, status=500),
        web.Response(status=501),
        web.Response(status=307, headers={"Location": "http://127.0.0.1:9/elsewhere"}),
        web.Response(status=201, text="<html>done</html>"),
        web.Response(status=201, text='{"id": "17'),
        web.Response(status=200, text="[1]"),
        web.Response(status=200, body=b"\xff\xfe{"),
        web.Response(status=200, text="[" * 100_000),
        web.Response(status=200, body=b"not zipped at all", headers={"Content-Encoding": "gzip"}),
        web.Response(status=403, text="<html>a proxy says no</html>"),
        web.Response(status=404, text="not here"),
        web.json_response({"error": "BadArgument"}, status=400),
        web.json_response({"error": {"code": SECRET + "!"}}, status=400),
        web.json_response([], status=403),
    ],
    ids=lambda answer: f"{answer.status} {(answer.body or b'')[:20]!r}",
)
async def test_of_some_answers_nobody_can_tell_what_was_done(line: Line, answer: web.Response) -> None:
    line.teams.answers.append(lambda: answer)

    trouble = await failing(line.send())

    assert type(trouble) is OutcomeUnknown
    assert len(line.teams.asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (403, {"error": {"code": "BotNotInConversationRoster"}}, "BotNotInConversationRoster"),
        (400, {"error": {"code": "Bad Argument", "message": SECRET}}, "Bad Argument"),
        (404, {"code": "ConversationNotFound"}, "ConversationNotFound"),
        (413, {"message": SECRET}, ""),
        (413, {"error": {"code": "MessageSizeTooBig"}}, "MessageSizeTooBig"),
    ],
)
async def test_a_refusal_has_a_status_and_a_code(line: Line, status: int, body: Json, code: str) -> None:
    line.teams.answers.append(lambda: web.json_response(body, status=status))

    refusal = await failing(line.send())

    assert isinstance(refusal, TeamsRefusal)
    assert (refusal.status, refusal.code) == (status, code)


async def test_a_lost_connection_leaves_the_outcome_open(line: Line) -> None:
    line.teams.answers.append(None)

    assert type(await failing(line.send())) is OutcomeUnknown
    assert len(line.teams.asked) == 1


async def test_a_slow_answer_leaves_the_outcome_open() -> None:
    arrived, forever = asyncio.Event(), asyncio.Event()

    async def never(request: web.Request) -> web.Response:
        arrived.set()
        await forever.wait()
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", never)
    async with TestServer(app) as server:
        connector = Connector(Tokens(), ServiceHosts(loopback=True), seconds=0.05)
        await connector.open()

        trouble = await failing(connector.send(str(server.make_url("/")), CHANNEL, SAID))

        assert type(trouble) is OutcomeUnknown
        assert arrived.is_set()
        forever.set()
        await connector.close()


async def test_what_was_never_reached_passes() -> None:
    connector = Connector(Tokens(), ServiceHosts(loopback=True))
    await connector.open()

    trouble = await failing(connector.send(f"http://127.0.0.1:{unused_port()}/uk/", CHANNEL, SAID))
    await connector.close()

    assert isinstance(trouble, Passing)


async def test_trouble_with_the_token_is_the_calls_own(line: Line) -> None:
    line.tokens.trouble = TeamsRefusal(401, "AADSTS7000222")

    assert await failing(line.send()) is line.tokens.trouble
    assert line.teams.asked == []


async def test_a_token_that_is_not_taken_is_replaced_and_the_call_made_once_more(line: Line) -> None:
    line.teams.answers.append(lambda: web.json_response({"message": "Authorization has been denied."}, status=401))

    assert await line.send() == "1701"

    assert line.tokens.rejected == ["token-0"]
    assert [each.headers["Authorization"] for each in line.teams.asked] == ["Bearer token-0", "Bearer token-1"]


async def test_a_bot_that_is_not_accepted_is_not_tried_for_ever(line: Line) -> None:
    line.teams.answers += [lambda: web.json_response({"error": {"code": "BotNotRegistered"}}, status=401)] * 2

    refusal = await failing(line.send())

    assert isinstance(refusal, TeamsRefusal)
    assert (refusal.status, refusal.code) == (401, "BotNotRegistered")
    assert len(line.teams.asked) == 2


async def test_a_token_without_a_successor_is_not_tried_twice(line: Line) -> None:
    line.tokens.more = 0
    line.teams.answers.append(lambda: web.json_response({}, status=401))

    assert isinstance(await failing(line.send()), TeamsRefusal)
    assert len(line.teams.asked) == 1


async def test_only_so_many_calls_are_under_way_at_once() -> None:
    """The others wait before their ten seconds begin, so that a message to everybody gets to its last recipient."""
    most, there = 0, 0

    async def hear(request: web.Request) -> web.Response:
        nonlocal most, there
        there += 1
        most = max(most, there)
        full.set()
        await goes_on.wait()
        there -= 1
        return web.json_response({"id": "1701"})

    full, goes_on = asyncio.Event(), asyncio.Event()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", hear)
    async with TestServer(app) as server:
        connector = Connector(Tokens(), ServiceHosts(loopback=True))
        await connector.open()
        url = str(server.make_url("/"))

        sending = [asyncio.create_task(connector.send(url, CHANNEL, SAID)) for _ in range(AT_ONCE * 3)]
        await full.wait()
        goes_on.set()
        await asyncio.gather(*sending)
        await connector.close()

    assert most <= AT_ONCE


# Hosts


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_host_that_is_not_allowed_is_never_called(
    line: Line, scheme: str, caplog: pytest.LogCaptureFixture
) -> None:
    port = line.teams.url.split(":")[2].split("/")[0]
    for url in (
        f"{scheme}://localhost:{port}/uk/",
        "https://evil.example/",
        "https://smba.trafficmanager.net@localhost/",
    ):
        calls = (
            line.connector.send(url, CHANNEL, SAID),
            line.connector.update(url, CHANNEL, "1", SAID),
            line.connector.delete(url, CHANNEL, "1"),
            line.connector.create(url, {}),
            line.connector.member(url, CHANNEL, "29:1"),
            line.connector.members(url, CHANNEL),
        )
        for call in calls:
            refusal = await failing(call)
            assert isinstance(refusal, TeamsRefusal)
            assert (refusal.status, refusal.code) == (0, "forbidden_host")

    assert line.teams.asked == []
    assert SECRET not in caplog.text
    assert "not allowed" in caplog.text


async def test_a_proxy_of_the_environment_is_used_and_its_exceptions_minded(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = line.teams.url.removesuffix("/uk/")
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    hosts = ServiceHosts(frozenset({"localhost:9", "127.0.0.1:9"}))
    connector = Connector(Tokens(), hosts)
    await connector.open()

    await connector.send("http://localhost:9/uk/", CHANNEL, SAID)
    trouble = await failing(connector.send("http://127.0.0.1:9/uk/", CHANNEL, SAID))
    await connector.close()

    assert [each.path.partition("/v3/")[0] for each in line.teams.asked] == ["http://localhost:9/uk"]
    assert isinstance(trouble, Passing)


async def test_nothing_that_was_said_is_logged(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    line.teams.answers += [None, lambda: web.json_response({"error": {"code": "BadArgument"}}, status=400)]

    await failing(line.send())
    await failing(line.send())
    await line.send()

    assert SECRET not in caplog.text
    assert "token-0" not in caplog.text + repr(line.connector)
