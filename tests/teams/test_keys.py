"""Microsoft's signing keys: fetched once for all who ask, kept for a day, and refreshed where an id is unknown."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from aiohttp import web

from bot.platforms.teams.keys import Key, KeysUnavailable, SigningKeys
from tests.teams.doorstep import APP_ID, MovedClock
from tests.teams.issuer import Issuer, Said, Signing, private_key

Json = Any
pytestmark = pytest.mark.timeout(20)


@pytest.fixture
def clock() -> MovedClock:
    """The time by which keys grow old."""
    return MovedClock()


@pytest.fixture
async def issuer(clock: MovedClock) -> AsyncIterator[Issuer]:
    """Microsoft's login."""
    opened = Issuer(APP_ID, clock.seconds)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def keys(issuer: Issuer, clock: MovedClock) -> AsyncIterator[SigningKeys]:
    """What the bot knows of its keys."""
    opened = SigningKeys(issuer.metadata_url, clock)
    await opened.open()
    yield opened
    await opened.close()


def fetches(issuer: Issuer) -> int:
    """Return how often somebody began to fetch the keys."""
    return issuer.fetched.count("/v1/.well-known/openidconfiguration")


def asked_anew(said: Said) -> Said:
    """Return *said*, which nobody has asked for since."""
    said.asked = asyncio.Event()
    return said


def same(key: Key | None, signing: Signing) -> bool:
    """Tell whether *key* is the public half of *signing*."""
    return key is not None and key.public.public_numbers() == signing.private.public_key().public_numbers()


async def test_a_key_is_known_by_its_id_with_its_channels(issuer: Issuer, keys: SigningKeys) -> None:
    issuer.keys = [Signing("key-1"), Signing("key-2", ("skype",)), Signing("key-3", None)]

    found = {kid: await keys.key(kid) for kid in ("key-1", "key-2", "key-3", "key-4")}

    assert all(same(found[signing.kid], signing) for signing in issuer.keys)
    endorsed = {kid: key.endorsements for kid, key in found.items() if key is not None}
    assert endorsed == {"key-1": {"msteams", "webchat"}, "key-2": {"skype"}, "key-3": set()}


async def test_the_start_waits_for_nobody(issuer: Issuer, clock: MovedClock) -> None:
    issuer.metadata.gate = asyncio.Event()
    keys = SigningKeys(issuer.metadata_url, clock)

    async with asyncio.timeout(2):
        await keys.open()
        await issuer.metadata.asked.wait()

    await keys.close()


async def test_keys_are_fetched_before_anybody_asks(issuer: Issuer, keys: SigningKeys) -> None:
    await issuer.key_document.asked.wait()

    assert await keys.key("key-1")
    assert fetches(issuer) == 1


async def test_many_who_ask_at_once_share_one_fetch(issuer: Issuer, keys: SigningKeys) -> None:
    found = await asyncio.gather(*(keys.key("key-1") for _ in range(100)))

    assert all(same(key, issuer.keys[0]) for key in found)
    assert fetches(issuer) == 1


async def test_whoever_gives_up_does_not_end_it_for_the_others(issuer: Issuer, keys: SigningKeys) -> None:
    gate = issuer.metadata.gate = asyncio.Event()
    impatient, patient = (asyncio.create_task(keys.key("key-1")) for _ in range(2))
    await issuer.metadata.asked.wait()

    impatient.cancel()
    gate.set()

    assert same(await patient, issuer.keys[0])
    assert fetches(issuer) == 1


async def test_a_new_key_is_known_at_once(issuer: Issuer, keys: SigningKeys, clock: MovedClock) -> None:
    assert await keys.key("key-1")
    clock.move(minutes=1)
    issuer.rotate("key-2")

    assert same(await keys.key("key-2"), issuer.keys[0])
    assert await keys.key("key-1") is None
    assert fetches(issuer) == 2


async def test_unknown_ids_have_the_keys_fetched_once_a_minute(
    issuer: Issuer, keys: SigningKeys, clock: MovedClock
) -> None:
    assert await keys.key("key-1")

    counts = []
    for seconds in (0, 59, 1, 30, 30):
        clock.move(seconds=seconds)
        assert [await keys.key(f"unknown-{number}") for number in range(20)] == [None] * 20
        counts.append(fetches(issuer))

    assert counts == [1, 1, 2, 2, 3]


async def test_who_knows_their_key_does_not_wait_for_who_does_not(
    issuer: Issuer, keys: SigningKeys, clock: MovedClock
) -> None:
    known = await keys.key("key-1")
    clock.move(minutes=2)
    gate = issuer.metadata.gate = asyncio.Event()
    asked_anew(issuer.metadata)
    waiting = asyncio.create_task(keys.key("unknown"))
    await issuer.metadata.asked.wait()

    async with asyncio.timeout(2):
        assert await keys.key("key-1") is known
    assert not waiting.done()

    gate.set()
    assert await waiting is None


async def test_after_a_day_keys_are_fetched_anew_while_nobody_waits(
    issuer: Issuer, keys: SigningKeys, clock: MovedClock
) -> None:
    known = await keys.key("key-1")
    clock.move(hours=24)
    assert await keys.key("key-1") is known
    assert fetches(issuer) == 1

    clock.move(seconds=1)
    issuer.rotate("key-2")
    asked_anew(issuer.key_document)
    assert await keys.key("key-1") is known
    await issuer.key_document.asked.wait()

    assert same(await keys.key("key-2"), issuer.keys[0])
    assert await keys.key("key-1") is None
    assert fetches(issuer) == 2


async def test_keys_that_were_not_asked_for_in_two_days_are_not_believed_unasked(
    issuer: Issuer, keys: SigningKeys, clock: MovedClock
) -> None:
    assert await keys.key("key-1")
    clock.move(days=3)
    issuer.rotate("key-2")

    assert await keys.key("key-1") is None
    assert same(await keys.key("key-2"), issuer.keys[0])


@pytest.mark.parametrize("days", [1.5, 3, 30])
async def test_old_keys_are_kept_while_there_are_no_new_ones(
    issuer: Issuer, keys: SigningKeys, clock: MovedClock, days: float, caplog: pytest.LogCaptureFixture
) -> None:
    known = await keys.key("key-1")
    clock.move(days=days)
    issuer.key_document.status = 500

    assert await keys.key("key-1") is known
    assert await keys.key("unknown") is None
    assert [await keys.key("key-1") for _ in range(20)] == [known] * 20
    assert fetches(issuer) == 2, "a login that is down was hammered"

    clock.move(minutes=1)
    issuer.key_document.status = 200
    assert await keys.key("unknown") is None
    assert fetches(issuer) == 3


async def test_a_clock_that_was_set_back_does_not_keep_keys_for_ever(
    issuer: Issuer, keys: SigningKeys, clock: MovedClock
) -> None:
    assert await keys.key("key-1")
    clock.move(days=-100)
    issuer.rotate("key-2")

    assert same(await keys.key("key-2"), issuer.keys[0])


async def test_without_keys_nobody_can_tell_and_it_is_tried_again_soon(
    issuer: Issuer, keys: SigningKeys, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.metadata.status = 503

    for seconds in (0, 1, 3):
        clock.move(seconds=seconds)
        with pytest.raises(KeysUnavailable):
            await keys.key("key-1")
    assert fetches(issuer) == 1

    issuer.metadata.status = 200
    clock.move(seconds=1)
    assert same(await keys.key("key-1"), issuer.keys[0])
    assert caplog.text.count("could not be fetched") == 1


async def test_a_login_that_nobody_listens_at_is_no_failure(
    clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    issuer = Issuer(APP_ID, clock.seconds)
    await issuer.open()
    url = issuer.metadata_url
    await issuer.close()
    keys = SigningKeys(url, clock)
    await keys.open()

    with pytest.raises(KeysUnavailable):
        await keys.key("key-1")

    await keys.close()
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


async def test_what_is_under_way_ends_with_the_program(
    issuer: Issuer, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.key_document.gate = asyncio.Event()
    keys = SigningKeys(issuer.metadata_url, clock)
    await keys.open()
    waiting = asyncio.create_task(keys.key("key-1"))
    await issuer.key_document.asked.wait()

    async with asyncio.timeout(2):
        await keys.close()
        await asyncio.gather(waiting, return_exceptions=True)

    assert waiting.done()
    assert not caplog.records


async def test_keys_that_were_never_opened_can_be_closed(clock: MovedClock) -> None:
    await SigningKeys("https://login.example/", clock).close()


# Odd documents -------------------------------------------------------------------------------


_NO_DOCUMENTS = [
    b"", b"{", b"[]", b"null", b"1", b'"keys"', b"{}", b"\xff\xfe", b"[" * 100_000, b"<html>Sign in</html>", b"\0" * 50,
    b'{"jwks_uri": null, "keys": null}', b'{"jwks_uri": 1, "keys": 1}', b'{"jwks_uri": [], "keys": []}',
    b'{"jwks_uri": {}, "keys": {}}', b'{"jwks_uri": "", "keys": ""}', b'{"jwks_uri": "keys", "keys": [null, 1, []]}',
    b'{"jwks_uri": "file:///etc/passwd", "keys": [{}]}', b'{"jwks_uri": "http://[", "keys": [{"kid": "key-1"}]}',
    b'{"jwks_uri": "http://a.example/keys", "keys": [{"kid": []}]}', b"9" * 5_000,
    b'{"jwks_uri": "http://127.0.0.1:99999/", "keys": [{"kid": null}]}', b'{"jwks_uri": "//127.0.0.1/", "keys": [[]]}',
    b'{"jwks_uri": "https://", "keys": [{"kty": "RSA"}]}', b'{"jwks_uri": "http://127.0.0.1:1/\\u0000", "keys": "x"}',
]  # fmt: skip


@pytest.mark.parametrize("which", ["metadata", "key_document"])
@pytest.mark.parametrize("body", _NO_DOCUMENTS, ids=lambda body: repr(body[:40]))
async def test_a_document_that_is_none_is_like_no_answer(
    issuer: Issuer, keys: SigningKeys, clock: MovedClock, which: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    said: Said = getattr(issuer, which)
    said.body = body

    with pytest.raises(KeysUnavailable):
        await keys.key("key-1")

    said.body = None
    clock.move(seconds=5)
    assert await keys.key("key-1")
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


@pytest.mark.parametrize("which", ["metadata", "key_document"])
@pytest.mark.parametrize("status", [204, 301, 302, 307, 400, 401, 403, 404, 429, 500, 502, 503])
async def test_an_answer_that_is_none_is_like_no_answer(
    issuer: Issuer, keys: SigningKeys, which: str, status: int
) -> None:
    """Nor is anybody followed elsewhere."""
    said: Said = getattr(issuer, which)
    said.status, said.headers = status, {"Location": issuer.keys_url}
    if status == 204:
        said.body = b""

    with pytest.raises(KeysUnavailable):
        await keys.key("key-1")

    assert issuer.fetched.count("/v1/.well-known/keys") == (which == "key_document")


@pytest.mark.parametrize("which", ["metadata", "key_document"])
async def test_a_document_without_end_is_not_read_to_its_end(issuer: Issuer, keys: SigningKeys, which: str) -> None:
    said: Said = getattr(issuer, which)
    said.body = b'{"keys": "' + b"x" * 2_000_000 + b'"}'

    with pytest.raises(KeysUnavailable):
        await keys.key("key-1")


def _odd_keys() -> Iterator[Json]:
    """Yield what stands beside a right key and is none itself."""
    right = Signing("odd").as_jwk()
    odd: tuple[Json, ...] = (None, "", 0, 1, -1, True, [], {}, "é", "!!", "AA", "AQ", "\ud800", 0.5)
    for name in ("kid", "kty", "n", "e"):
        yield {key: value for key, value in right.items() if key != name}
        for value in odd:
            if not (name == "kid" and isinstance(value, str)):
                yield right | {name: value}
    yield from odd
    yield right | {"use": "enc"}
    yield right | {"kty": "oct", "k": "c2VjcmV0"}
    yield right | {"kty": "EC", "crv": "P-256", "x": right["n"], "y": right["n"]}
    yield right | {"n": "A" * 100_000}
    yield right | {"n": "_" * 100_000}
    yield right | {"n": right["n"][:80]}


async def test_one_key_that_can_t_be_used_is_left_out(issuer: Issuer, keys: SigningKeys) -> None:
    odd = list(_odd_keys())
    issuer.key_document.body = json.dumps({"keys": [*odd, Signing("key-1").as_jwk(), *odd]}).encode()

    assert same(await keys.key("key-1"), Signing("key-1"))
    assert await keys.key("odd") is None


@pytest.mark.parametrize("endorsements", [None, "msteams", {"msteams": 1}, 1, True, [None], [["msteams"]], [{}], [1]])
async def test_endorsements_of_another_kind_endorse_nothing(
    issuer: Issuer, keys: SigningKeys, endorsements: Json
) -> None:
    issuer.key_document.body = json.dumps(
        {"keys": [Signing("key-1").as_jwk() | {"endorsements": endorsements}]}
    ).encode()

    key = await keys.key("key-1")

    assert key is not None
    assert key.endorsements == frozenset()


async def test_a_key_that_is_told_with_its_private_half_is_taken_as_public(issuer: Issuer, keys: SigningKeys) -> None:
    numbers = private_key("key-1").private_numbers()
    issuer.key_document.body = json.dumps({"keys": [Signing("key-1").as_jwk() | {"d": f"{numbers.d:x}"}]}).encode()

    assert same(await keys.key("key-1"), Signing("key-1"))


async def test_keys_are_fetched_without_tls_only_from_what_is_plainly_this_machine(
    issuer: Issuer, clock: MovedClock
) -> None:
    """Resolvers know more spellings of an address than anybody wants to judge."""
    calls: list[str] = []

    async def noted(request: web.Request) -> web.Response:
        calls.append(request.path)
        return web.json_response({"keys": [Signing("key-1").as_jwk()]})

    elsewhere = web.Application()
    elsewhere.router.add_get("/keys", noted)
    runner = web.AppRunner(elsewhere, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.2", 0).start()
    issuer.metadata.body = json.dumps({"jwks_uri": f"http://0x7f000002:{runner.addresses[0][1]}/keys"}).encode()
    keys = SigningKeys(issuer.metadata_url, clock)
    await keys.open()

    with pytest.raises(KeysUnavailable):
        await keys.key("key-1")

    assert not calls
    await keys.close()
    await runner.cleanup()
