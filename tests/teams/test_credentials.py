"""The bot's own tokens: fetched once, kept, renewed in time, and never told to anybody but Teams."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.platforms.teams.credentials import (
    Anonymous,
    ClientSecret,
    Credentials,
    ManagedIdentity,
    credentials_of,
    read_token,
)
from bot.platforms.teams.replies import Passing, TeamsRefusal
from bot.platforms.trouble import Busy
from bot.platforms.web.clock import LocalClock
from bot.settings.shapes import TeamsAccess, TeamsAppType
from tests.teams.issuer import SECRET, TENANT, Issuer, Said

START = datetime(2026, 11, 30, 9, tzinfo=UTC)
APP = "0b07a5c1-1111-4000-8000-00000000b07a"


@dataclass(slots=True)
class Login:
    """Microsoft's login on this machine, and the credentials of a bot that asks it."""

    issuer: Issuer
    clock: LocalClock
    access: TeamsAccess
    credentials: Credentials

    def later(self, **span: float) -> None:
        """Move the clock on."""
        self.clock.set(self.clock.now() + timedelta(**span))


@pytest.fixture
async def login() -> AsyncIterator[Login]:
    clock = LocalClock(start=START)
    issuer = Issuer(APP, lambda: clock.now().timestamp())
    await issuer.open()
    access = TeamsAccess(APP, SECRET, TENANT, token_url=issuer.token_url)
    credentials = ClientSecret(access, clock)
    yield Login(issuer, clock, access, credentials)
    await credentials.close()
    await issuer.close()


async def test_the_secret_buys_a_token_for_teams(login: Login) -> None:
    token = await login.credentials.token()

    assert login.issuer.knows(f"Bearer {token}")
    assert login.issuer.asked == [
        {
            "grant_type": "client_credentials",
            "client_id": APP,
            "client_secret": SECRET,
            "scope": "https://api.botframework.com/.default",
        }
    ]


async def test_a_token_is_kept_until_five_minutes_before_it_ends(login: Login) -> None:
    first = await login.credentials.token()
    login.later(minutes=54, seconds=59)
    kept = await login.credentials.token()
    login.later(seconds=1)
    renewed = await login.credentials.token()

    assert first == kept != renewed
    assert len(login.issuer.asked) == 2


async def test_a_token_that_is_good_for_minutes_is_not_fetched_for_every_call(login: Login) -> None:
    login.issuer.lifetime = 240
    first = await login.credentials.token()
    login.later(seconds=119)

    assert await login.credentials.token() == first
    login.later(seconds=1)
    assert await login.credentials.token() != first


async def test_whoever_needs_one_meanwhile_waits_for_the_same(login: Login) -> None:
    gate = asyncio.Event()
    login.issuer.tokens = Said(gate=gate)

    waiting = [asyncio.create_task(login.credentials.token()) for _ in range(20)]
    await login.issuer.tokens.asked.wait()
    waiting[0].cancel()
    gate.set()
    tokens = await asyncio.gather(*waiting[1:])

    assert len(set(tokens)) == len(login.issuer.asked) == 1


async def test_a_token_that_teams_does_not_take_is_replaced_once(login: Login) -> None:
    first = await login.credentials.token()

    login.credentials.reject(first)
    second = await login.credentials.token()
    login.credentials.reject(first)  # somebody else was told the same a little later

    assert await login.credentials.token() == second != first
    assert len(login.issuer.asked) == 2


async def test_where_no_token_is_taken_the_login_is_asked_once_a_minute(login: Login) -> None:
    for _ in range(5):
        login.credentials.reject(await login.credentials.token())
    asked = len(login.issuer.asked)
    login.later(seconds=60)
    login.credentials.reject(await login.credentials.token())
    await login.credentials.token()

    assert (asked, len(login.issuer.asked)) == (2, 3)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, {"error": "invalid_client", "error_codes": [7000222]}, "AADSTS7000222"),
        (401, {"error": "invalid_client", "error_codes": []}, "invalid_client"),
        (400, {"error": "unauthorized_client", "error_codes": "7"}, "unauthorized_client"),
        (400, {"error": "invalid_request", "error_codes": [-1]}, "invalid_request"),
    ],
)
async def test_a_refusal_carries_the_logins_own_number(login: Login, status: int, body: Any, code: str) -> None:
    login.issuer.tokens = Said(status, json.dumps(body | {"error_description": f"no {SECRET}"}).encode())

    with pytest.raises(TeamsRefusal) as caught:
        await login.credentials.token()

    assert (caught.value.status, caught.value.code) == (401, code)
    assert SECRET not in repr(caught.value)


async def test_a_wrong_secret_is_refused_and_not_tried_again_at_once(login: Login) -> None:
    credentials = ClientSecret(TeamsAccess(APP, "wrong", TENANT, token_url=login.issuer.token_url), login.clock)
    for _ in range(3):
        with pytest.raises(TeamsRefusal, match="AADSTS7000215"):
            await credentials.token()
    login.later(seconds=59)
    with pytest.raises(TeamsRefusal, match="AADSTS7000215"):
        await credentials.token()
    asked = len(login.issuer.asked)
    login.issuer.secret = "wrong"
    login.later(seconds=1)

    assert await credentials.token()
    assert (asked, len(login.issuer.asked)) == (1, 2)


@pytest.mark.parametrize(
    "said",
    [
        Said(500),
        Said(503, b"<html>"),
        Said(200, b"<html>"),
        Said(200, b"[]"),
        Said(200, b"{}"),
        Said(200, b'{"access_token": 7}'),
        Said(200, b'{"access_token": ""}'),
        Said(200, b'{"access_token": "two\\r\\nlines"}'),
        Said(200, b"[" * 100_000),
        Said(302, b"", headers={"Location": "https://login.school.example/"}),
        Said(403, b"<html>a proxy says no</html>"),
        Said(400, b'{"error": "temporarily_unavailable"}'),
        Said(400, b'{"error": {"code": 7}}'),
    ],
    ids=lambda said: f"{said.status} {said.body[:30] if said.body else ''}",
)
async def test_an_odd_answer_passes(login: Login, said: Said) -> None:
    login.issuer.tokens = said
    with pytest.raises(Passing):
        await login.credentials.token()

    login.issuer.tokens = Said()
    assert await login.credentials.token()


async def test_a_login_that_is_not_there_passes(login: Login) -> None:
    await login.issuer.close()

    with pytest.raises(Passing):
        await login.credentials.token()


async def test_a_busy_login_is_left_alone_as_long_as_it_asks(login: Login) -> None:
    login.issuer.tokens = Said(429, headers={"Retry-After": "30"})
    with pytest.raises(Busy):
        await login.credentials.token()
    login.issuer.tokens = Said()
    login.later(seconds=10)

    with pytest.raises(Busy) as caught:
        await login.credentials.token()

    assert caught.value.retry_after == 20
    assert len(login.issuer.asked) == 1
    login.later(seconds=20)
    assert await login.credentials.token()


async def test_while_no_new_one_is_to_be_had_the_old_one_is_used_to_its_end(login: Login) -> None:
    first = await login.credentials.token()
    login.issuer.tokens = Said(500)
    login.later(minutes=59)
    assert await login.credentials.token() == first

    login.later(minutes=1)

    with pytest.raises(Passing):
        await login.credentials.token()


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [(3599, 3599), ("3598", 3598), (10**9, 86400), (None, 600), ("soon", 600), (-5, 600), ("nan", 600), ([], 600)],
)
def test_how_long_a_token_is_good_for_is_read_without_trust(expires_in: Any, seconds: int) -> None:
    token, lasts = read_token({"access_token": "t", "expires_in": expires_in})

    assert (token, lasts) == ("t", timedelta(seconds=seconds))


async def test_the_secret_and_the_token_are_in_no_log_and_no_repr(
    login: Login, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = await login.credentials.token()
    login.credentials.reject(token)
    login.issuer.secret = "another"
    with pytest.raises(TeamsRefusal) as caught:
        await login.credentials.token()

    told = caplog.text + repr(login.credentials) + repr(login.access) + repr(caught.value)
    assert SECRET not in told
    assert token not in told


def test_who_asks_for_tokens_is_as_the_settings_say() -> None:
    clock = LocalClock(start=START)

    assert isinstance(credentials_of(TeamsAccess(), clock), Anonymous)
    assert isinstance(credentials_of(TeamsAccess(APP, SECRET, TENANT), clock), ClientSecret)
    identity = TeamsAccess(APP, "", TENANT, TeamsAppType.MANAGED_IDENTITY)
    assert isinstance(credentials_of(identity, clock), ManagedIdentity)


async def test_without_an_app_id_nothing_is_asked_for() -> None:
    anonymous = Anonymous()
    anonymous.reject("")

    assert await anonymous.token() == ""
    await anonymous.close()


# The identity of the machine


@dataclass(slots=True)
class Machine:
    """The endpoint at which Azure App Service gives its machine a token."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    gate: asyncio.Event | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[tuple[Mapping[str, str], str]] = field(default_factory=list)

    async def give(self, request: web.Request) -> web.Response:
        """Give a token."""
        self.asked.append((dict(request.query), request.headers.get("X-IDENTITY-HEADER", "")))
        self.arrived.set()
        if self.gate is not None:
            await self.gate.wait()
        number = len(self.asked)
        ends = int(datetime.now(UTC).timestamp()) + 86_400
        body = {"access_token": f"machine-token-{number}", "expires_on": str(ends), "token_type": "Bearer"}
        text = json.dumps(body if self.body is None else self.body)
        return web.Response(status=self.status, text=text, content_type="application/json", headers=self.headers)


@pytest.fixture
async def machine(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Machine]:
    told = Machine()
    app = web.Application()
    app.router.add_get("/msi/token", told.give)
    async with TestServer(app) as server:
        monkeypatch.setenv("IDENTITY_ENDPOINT", str(server.make_url("/msi/token")))
        monkeypatch.setenv("IDENTITY_HEADER", "header-of-the-machine")
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        yield told


def identity(clock: LocalClock) -> Credentials:
    """Return the credentials of a bot that runs in Azure."""
    return credentials_of(TeamsAccess(APP, "", TENANT, TeamsAppType.MANAGED_IDENTITY), clock)


async def test_the_machine_vouches_for_the_bot(machine: Machine) -> None:
    clock = LocalClock(start=START)
    credentials = identity(clock)

    first = await credentials.token()
    clock.set(START + timedelta(hours=23))
    kept = await credentials.token()
    clock.set(START + timedelta(hours=23, minutes=56))
    renewed = await credentials.token()

    assert first == kept == "machine-token-1"
    assert renewed == "machine-token-2"
    query, header = machine.asked[0]
    assert (query["resource"], query["client_id"]) == ("https://api.botframework.com", APP)
    assert header == "header-of-the-machine"


async def test_a_machine_that_is_slow_to_answer_keeps_nobody_waiting(machine: Machine) -> None:
    """The machine and the bot share one loop here: it would stand still for ever if the bot held it."""
    machine.gate = asyncio.Event()
    threads = threading.active_count()
    asking = asyncio.create_task(identity(LocalClock(start=START)).token())
    await machine.arrived.wait()

    assert not asking.done()
    assert threading.active_count() <= threads + 1
    machine.gate.set()
    assert await asking == "machine-token-1"


async def test_a_rejected_token_of_the_machine_is_asked_for_anew(machine: Machine) -> None:
    credentials = identity(LocalClock(start=START))

    credentials.reject(await credentials.token())

    assert await credentials.token() == "machine-token-2"


async def test_a_machine_without_that_identity_is_an_administrators_matter(machine: Machine) -> None:
    machine.status = 400
    machine.body = {"statusCode": 400, "message": "No User Assigned or Delegated Managed Identity found."}
    credentials = identity(LocalClock(start=START))

    for _ in range(2):
        with pytest.raises(TeamsRefusal, match="managed_identity"):
            await credentials.token()

    assert len(machine.asked) == 1


@pytest.mark.parametrize(
    ("status", "body"), [(500, None), (503, None), (200, "words"), (200, [1]), (200, {"access_token": 7}), (404, 7)]
)
async def test_an_odd_machine_passes(machine: Machine, status: int, body: Any) -> None:
    machine.status, machine.body = status, body

    with pytest.raises((Passing, TeamsRefusal)):
        await identity(LocalClock(start=START)).token()


async def test_a_busy_machine_says_how_long(machine: Machine) -> None:
    machine.status, machine.headers = 429, {"Retry-After": "7"}

    with pytest.raises(Busy) as caught:
        await identity(LocalClock(start=START)).token()

    assert caught.value.retry_after == 7


async def test_a_machine_outside_azure_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:9/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "header")

    with pytest.raises(Passing):
        await identity(LocalClock(start=START)).token()


async def test_what_the_machine_says_is_in_no_log(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    token = await identity(LocalClock(start=START)).token()

    assert token not in caplog.text
    assert "header-of-the-machine" not in caplog.text
