"""Who comes in: only what Microsoft vouches for, for this bot and just now, well formed and from an allowed host."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests import raw
from tests.teams.doorstep import APP_ID, JSON_TYPE, Doorstep
from tests.teams.issuer import HOUR, Signing
from tests.teams.tokens import UNENDORSED, wrong_headers

Json = Any
pytestmark = pytest.mark.timeout(30)
MARK = "marker-93-of-a-pupil"


@pytest.fixture
async def door() -> AsyncIterator[Doorstep]:
    """The adapter, where everybody has to prove who they are."""
    opened = Doorstep()
    opened.issuer.keys.insert(0, Signing(UNENDORSED, ("webchat", "directline")))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def local_door() -> AsyncIterator[Doorstep]:
    """The adapter without an app id, for trying out on one machine."""
    opened = Doorstep(local=True)
    await opened.open()
    yield opened
    await opened.close()


def nothing_happened(door: Doorstep) -> bool:
    """Tell whether nobody heard of anything, and nothing was called but for keys."""
    return not door.heard and not door.called


def failures(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Return what the program, rather than the server that carries it, found worth a warning."""
    return [each for each in caplog.records if each.name.startswith("smpolicy") and each.levelno >= logging.WARNING]


# Tokens --------------------------------------------------------------------------------------


async def test_what_microsoft_does_not_vouch_for_has_no_effect(
    door: Doorstep, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rows = wrong_headers(door.issuer, door.service_url, door.clock.seconds())

    answers = {name: await door.posts(door.activity(text=MARK), [JSON_TYPE, *row]) for name, row in rows.items()}

    assert not {name: answer for name, answer in answers.items() if answer[0] != 401}
    assert {said for _, said in answers.values()} == {"Unauthorized"}, "somebody was told what was wrong"
    assert nothing_happened(door)
    assert MARK not in caplog.text
    assert "Bearer" not in caplog.text
    assert not failures(caplog)
    assert "turned a request away: 401" in caplog.text


async def test_wrong_tokens_are_wrong_for_an_invoke_too(door: Doorstep) -> None:
    rows = wrong_headers(door.issuer, door.service_url, door.clock.seconds())

    statuses = {name: (await door.posts(door.invoke(), [JSON_TYPE, *row]))[0] for name, row in rows.items()}

    assert set(statuses.values()) == {401}, {name: status for name, status in statuses.items() if status != 401}
    assert nothing_happened(door)


async def test_nobody_can_have_microsoft_asked_for_keys_over_and_over(door: Doorstep) -> None:
    rows = wrong_headers(door.issuer, door.service_url, door.clock.seconds())

    for row in rows.values():
        await door.posts(door.activity(), [JSON_TYPE, *row])

    assert len(door.issuer.fetched) <= 2 * 2, "more than at the start and once for a key that nobody knows"


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({}, id="as Microsoft makes it"),
        pytest.param({"exp": -299}, id="expired, but clocks differ"),
        pytest.param({"nbf": 299}, id="not valid yet, but clocks differ"),
        pytest.param({"nbf": None}, id="without a beginning"),
        pytest.param({"exp": HOUR + 0.5}, id="with half a second"),
        pytest.param({"exp": 10**300}, id="for ever"),
        pytest.param({"sub": 1, "jti": [], "iat": "now"}, id="with more than anybody needs"),
    ],
)
async def test_what_microsoft_vouches_for_comes_in(door: Doorstep, claims: dict[str, Json]) -> None:
    now = int(door.clock.seconds())
    said = {
        name: now + value if name in ("exp", "nbf") and value is not None else value for name, value in claims.items()
    }
    bearer = door.issuer.bearer(door.service_url, **said)

    status, body = await door.posts(headers=[JSON_TYPE, ("Authorization", bearer)])

    assert (status, body) == (200, "")
    assert door.heard == [door.activity()]


async def test_the_app_id_is_the_same_in_capitals() -> None:
    door = Doorstep(app_id=APP_ID.upper())
    await door.open()

    status, _ = await door.posts()

    assert status == 200
    await door.close()


async def test_a_token_that_was_believed_once_is_not_believed_for_ever(door: Doorstep) -> None:
    headers = door.right_headers()
    statuses = []

    for seconds in (0, HOUR, 299, 2):
        door.clock.move(seconds=seconds)
        statuses.append((await door.posts(headers=headers))[0])

    assert statuses == [200, 200, 200, 401]


async def test_a_token_that_was_believed_is_good_for_its_own_address_alone(door: Doorstep) -> None:
    headers = door.right_headers()
    elsewhere = door.service_url.replace("/uk/", "/fr/")

    assert (await door.posts(headers=headers))[0] == 200
    assert (await door.posts(door.activity(serviceUrl=elsewhere), headers))[0] == 401
    assert (await door.posts(door.activity(channelId="directline"), headers))[0] == 401


async def test_a_key_that_was_exchanged_under_its_name_takes_the_tokens_of_the_old_one_with_it(door: Doorstep) -> None:
    headers = door.right_headers()
    assert (await door.posts(headers=headers))[0] == 200
    stranger = Signing("a stranger's").as_jwk() | {"kid": door.issuer.keys[-1].kid}
    door.issuer.key_document.body = json.dumps({"keys": [stranger]}).encode()
    unknown = door.issuer.token(door.issuer.claims(door.service_url), kid="unknown")

    door.clock.move(minutes=2)
    await door.posts(headers=[JSON_TYPE, ("Authorization", f"Bearer {unknown}")])

    assert (await door.posts(headers=headers))[0] == 401


async def test_without_any_keys_microsoft_is_asked_to_come_again(caplog: pytest.LogCaptureFixture) -> None:
    door = Doorstep()
    door.issuer.metadata.status = 500
    await door.open()

    assert (await door.posts())[0] == 503
    assert (await door.posts(headers=[JSON_TYPE]))[0] == 401, "who proves nothing has nothing to wait for"

    door.issuer.metadata.status = 200
    door.clock.move(seconds=6)
    assert (await door.posts())[0] == 200
    assert "could not be fetched" in caplog.text
    await door.close()


async def test_keys_that_are_slow_keep_nobody_waiting_whose_key_is_known(door: Doorstep) -> None:
    assert (await door.posts())[0] == 200
    door.clock.move(minutes=2)
    said, gate = door.issuer.key_document, asyncio.Event()
    said.gate, said.asked = gate, asyncio.Event()
    known = door.right_headers()
    door.issuer.keys.append(Signing("key-2"))

    waiting = asyncio.create_task(door.posts())
    await said.asked.wait()
    while_waiting = await door.posts(headers=known)
    gate.set()

    assert while_waiting[0] == 200
    assert (await waiting)[0] == 200
    assert len(door.heard) == 3


# Channels and addresses ----------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["webchat", "directline", "emulator", "MSTEAMS", "msteams "])
async def test_only_teams_may_speak(channel: str) -> None:
    """Even where Microsoft vouches for it."""
    door = Doorstep()
    door.issuer.keys = [Signing("key-1", ("msteams", channel))]
    await door.open()

    status, _ = await door.posts(door.activity(channelId=channel))

    assert status == 403
    assert nothing_happened(door)
    await door.close()


@pytest.mark.parametrize("channel", [None, "", "directline"])
async def test_a_channel_that_the_key_is_not_endorsed_for_is_a_wrong_token(door: Doorstep, channel: str | None) -> None:
    assert (await door.posts(door.activity(channelId=channel)))[0] == 401
    assert nothing_happened(door)


@pytest.mark.parametrize("endorsements", [(), None, ("MSTEAMS",), ("webchat",)])
async def test_a_key_has_to_be_endorsed_for_teams(endorsements: tuple[str, ...] | None) -> None:
    door = Doorstep()
    door.issuer.keys = [Signing("key-1", endorsements)]
    await door.open()

    assert (await door.posts())[0] == 401
    assert nothing_happened(door)
    await door.close()


@pytest.mark.parametrize(
    "url",
    [
        "https://attacker.example/", "http://smba.trafficmanager.net/uk/", "https://smba.trafficmanager.net.evil.example/",
        "https://smba.trafficmanager.net@evil.example/", "http://169.254.169.254/metadata/", "file:///etc/passwd",
        "http://localhost/", "//smba.trafficmanager.net/", "https://[::1]/", "x", "https://",
    ],
)  # fmt: skip
async def test_an_address_that_is_not_allowed_is_not_called_even_where_microsoft_vouches_for_it(
    door: Doorstep, url: str
) -> None:
    headers = [JSON_TYPE, ("Authorization", door.issuer.bearer(url))]

    status, said = await door.posts(door.activity(serviceUrl=url), headers)

    assert (status, said) == (403, "Forbidden")
    assert nothing_happened(door)


# Bodies --------------------------------------------------------------------------------------


def _not_json() -> Iterator[tuple[str, bytes]]:
    for body in (
        b"", b"{", b"}", b"[]", b"null", b"true", b'"text"', b"1", b"NaN", b"{}{}", b"{'type': 'message'}", b"\0" * 100,
        b"\xef\xbb\xbf{}", b'{"type": "\xff\xfe"}', b'{"type": "message"', b"[" * 100_000, b'{"a":' * 100_000,
        '{"type": "message"}'.encode("utf-16"), '{"type": "message"}'.encode("utf-7")[:-1], b"type=message",
        b"<message/>", b"x" * 500_000,
    ):  # fmt: skip
        yield repr(body[:30]), body


def _odd_activities(door: Doorstep) -> Iterator[tuple[str, bytes]]:
    """Yield activities of the right people, in which one thing is not of the kind that it should be."""
    whole = door.activity()
    no_texts: tuple[Json, ...] = (0, 1, 0.5, False, True, [], ["x"], {}, {"x": 1})
    no_objects: tuple[Json, ...] = (0, 1, False, True, "", "text", [], ["x"])
    no_lists: tuple[Json, ...] = (0, 1, False, True, "", "text", {}, {"x": 1}, [1], ["x"], [None], [[]])
    for name in (
        "type",
        "id",
        "channelId",
        "serviceUrl",
        "name",
        "replyToId",
        "action",
        "textFormat",
        "locale",
        "text",
    ):
        for value in no_texts:
            yield f"{name}: {value!r}", json.dumps({**whole, name: value}).encode()
    for name in ("conversation", "from", "recipient", "channelData"):
        for value in no_objects:
            yield f"{name}: {value!r}", json.dumps({**whole, name: value}).encode()
    for name in ("attachments", "entities", "membersAdded", "membersRemoved"):
        for value in no_lists:
            yield f"{name}: {value!r}", json.dumps({**whole, name: value}).encode()
    for account in ("conversation", "from", "recipient"):
        for name in ("id", "aadObjectId", "tenantId", "conversationType", "role", "name"):
            for value in no_texts:
                said = {**whole, account: {**whole[account], name: value}}
                yield f"{account}.{name}: {value!r}", json.dumps(said).encode()
    for name in ("type", "serviceUrl", "conversation"):
        for value in (None, "", {}):
            yield f"{name}: {value!r}", json.dumps({**whole, name: value}).encode()
        yield f"no {name}", json.dumps(door.activity(**{name: None})).encode()
    for value in (None, "", 0, [], {}, "x" * 1_001, "a:\n", "a:\0"):
        conversation = {**whole["conversation"], "id": value}
        yield f"conversation.id: {str(value)[:20]!r}", json.dumps({**whole, "conversation": conversation}).encode()
    for kind in ("message", "invoke"):
        for value in (None, {}, {"name": "Head"}, {"id": ""}):
            yield f"{kind} from {value!r}", json.dumps({**whole, "type": kind, "from": value}).encode()


def _odd_json(door: Doorstep) -> Iterator[tuple[str, bytes]]:
    shell = json.dumps(door.activity(value="ODD"))
    for odd in (
        "NaN", "Infinity", "-Infinity", "1e999", "-1e400", "9" * 5_000, '{"a":' * 900 + "1" + "}" * 900,
        "[" * 70 + "]" * 70, "[" * 5_000 + "]" * 5_000, "01", "'x'", "undefined", '"\t"', '"\0"', '"\\ud8"', '"\\x41"',
        "1 // 2", "[1,]",
    ):  # fmt: skip
        yield odd[:20], shell.replace('"ODD"', odd).encode()


async def test_a_body_that_is_no_activity_has_no_effect(door: Doorstep, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    wrong = {}
    for name, body in (*_not_json(), *_odd_activities(door), *_odd_json(door)):
        answer = await door.posts(body)
        if answer[0] not in (400, 401, 403):
            wrong[name] = answer

    assert not wrong
    assert nothing_happened(door)
    assert not failures(caplog)


async def test_most_of_them_are_simply_a_bad_request(door: Doorstep) -> None:
    """But for a channel or an address of the wrong kind, which no token can fit."""
    bodies = [*_not_json(), *_odd_json(door)]

    statuses = {name: (await door.posts(body))[0] for name, body in bodies}

    assert set(statuses.values()) == {400}, statuses


async def test_nobody_has_a_body_read_who_proves_nothing(door: Doorstep) -> None:
    headers = [JSON_TYPE, ("Content-Length", "900000")]

    async with asyncio.timeout(2):
        status, _ = await raw.writes(door.url, headers, [])

    assert status == 401


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200), ("application/json; charset=utf-8", 200), ("Application/JSON;charset=UTF-8", 200),
        ('application/json; charset="utf-8"', 200), ("application/json; charset=utf-16", 415),
        ("application/json; charset=utf-7", 415), ("application/json; charset=latin-1", 415), ("text/plain", 415),
        ("text/plain; application/json", 415), ("application/x-www-form-urlencoded", 415), ("", 415), (";", 415),
        ("application/jsonp", 415), ("multipart/form-data; boundary=x", 415), ("application/json, text/plain", 415),
        ("application/json; charset=\udcff", 415), ("\udcff", 415), ("x" * 4_000, 415), (";" * 200, 415),
    ],
)  # fmt: skip
async def test_only_json_is_read(door: Doorstep, kind: str, status: int) -> None:
    answer = await door.posts(headers=[("Content-Type", kind), *door.right_headers()[1:]])

    assert answer[0] == status
    assert len(door.heard) == (status == 200)


async def test_a_body_of_no_kind_is_not_read(door: Doorstep) -> None:
    assert (await door.posts(headers=door.right_headers()[1:]))[0] == 415
    assert nothing_happened(door)


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        (r'"a\u0000b"', "a\0b"), (r'"\ud83c\udfeb"', "🏫"), (r'"\ud83c"', "�"), (r'"\udfeb\ud83c x"', "�� x"),
        (r'"\\ud83c"', "\\ud83c"), (r'"\ud83c\ud83c\udfeb"', "�🏫"), (r'"\u202e\ufeff\uffff"', "\u202e\ufeff\uffff"),
        ('"\x7f"', "\x7f"), ('"<at>x</at> &amp; **b**"', "<at>x</at> &amp; **b**"), (r'"\ud83C\uDfeb"', "🏫"),
    ],
)  # fmt: skip
async def test_odd_letters_are_heard_as_far_as_they_can_be_written(door: Doorstep, written: str, heard: str) -> None:
    body = json.dumps(door.activity(text="ODD")).replace('"ODD"', written).encode()

    status, _ = await door.posts(body)

    assert status == 200
    assert door.heard[0]["text"] == heard
    json.dumps(door.heard, ensure_ascii=False).encode()


async def test_half_a_letter_does_not_hide_in_a_name(door: Doorstep) -> None:
    body = json.dumps(door.activity(value={"ODD": ["ODD"]})).replace("ODD", r"\ud800").encode()

    assert (await door.posts(body))[0] == 200
    assert door.heard[0]["value"] == {"�": ["�"]}


async def test_what_is_judged_is_what_is_heard_where_something_stands_twice(door: Doorstep) -> None:
    elsewhere = "https://attacker.example/"
    shell = json.dumps(door.activity())
    first_wrong = f'{{"serviceUrl": "{elsewhere}", {shell[1:]}'.encode()
    last_wrong = f'{shell[:-1]}, "serviceUrl": "{elsewhere}"}}'.encode()

    assert (await door.posts(first_wrong))[0] == 200
    assert (await door.posts(last_wrong))[0] == 401
    assert [each["serviceUrl"] for each in door.heard] == [door.service_url]


async def test_keys_that_nobody_knows_and_values_of_any_kind_survive(door: Doorstep) -> None:
    odd = {"new": [1, 0.5, None, {"deep": [[[True]]]}], "": "", "value": 10**300, "type2": "💥" * 1000, "name": None}

    status, _ = await door.posts(door.activity() | odd)

    assert status == 200
    assert door.heard == [door.activity() | odd]


# Size ----------------------------------------------------------------------------------------


async def test_as_much_as_teams_sends_is_read(door: Doorstep) -> None:
    body = json.dumps(door.activity(text="ü" * 450_000), ensure_ascii=False).encode()

    assert (await door.posts(body))[0] == 200
    assert len(door.heard[0]["text"]) == 450_000


async def test_a_body_that_is_announced_as_too_large_is_not_read(door: Doorstep) -> None:
    async with asyncio.timeout(2):
        status, _ = await raw.writes(door.url, [*door.right_headers(), ("Content-Length", "1000001")], [])

    assert status == 413
    assert nothing_happened(door)


@pytest.mark.parametrize("size", [1_000_001, 1_050_000, 5_000_000])
async def test_a_body_that_is_too_large_is_turned_away(door: Doorstep, size: int) -> None:
    body = b'{"text": "' + b"x" * (size - 12) + b'"}'

    async with asyncio.timeout(5):
        assert (await door.posts(body))[0] == 413
        assert (await raw.writes(door.url, _chunked(door), _pieces(body)))[0] == 413
    assert nothing_happened(door)


async def test_fifty_megabytes_in_pieces_are_turned_away_before_all_is_read(door: Doorstep) -> None:
    sent: list[int] = []

    def pieces() -> Iterator[bytes]:
        for number in range(5_000):
            sent.append(number)
            yield b"2710\r\n" + b"x" * 10_000 + b"\r\n"
        yield b"0\r\n\r\n"

    async with asyncio.timeout(10):
        status, _ = await raw.writes(door.url, _chunked(door), pieces())

    assert status == 413
    assert len(sent) < 4_000, "fifty megabytes were read"
    assert nothing_happened(door)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity", "x-unheard-of"])
async def test_what_was_pressed_together_is_not_unpacked(
    door: Doorstep, encoding: str, caplog: pytest.LogCaptureFixture
) -> None:
    bodies = [gzip.compress(b'{"text": "' + b"x" * 100_000_000 + b'"}', compresslevel=1), b"x" * 100]

    async with asyncio.timeout(10):
        answers = [await door.posts(body, [*door.right_headers(), ("Content-Encoding", encoding)]) for body in bodies]

    assert [status for status, _ in answers] == [415, 415]
    assert nothing_happened(door)
    assert not failures(caplog)


@pytest.mark.parametrize(
    "parts", [[b"5\r\nab"], [b"zz\r\nabc\r\n"], [b"-1\r\n"], [b"2\r\n{}x"], [b"ffffffffffffffffff\r\n"]]
)
async def test_a_body_that_breaks_off_is_no_failure(
    door: Doorstep, parts: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    address = door.url.split("/")[2]
    lines = ["POST /api/messages HTTP/1.1", f"Host: {address}", *(f"{name}: {said}" for name, said in _chunked(door))]
    reader, writer = await asyncio.open_connection(*address.split(":"))

    writer.write("\r\n".join((*lines, "", "")).encode() + b"".join(parts))
    writer.write_eof()
    head = await reader.read(30)
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)

    assert head[9:12] in (b"400", b"")
    assert nothing_happened(door)
    assert not failures(caplog)


async def test_a_body_in_pieces_is_read_like_another(door: Doorstep) -> None:
    status, _ = await raw.writes(door.url, _chunked(door), _pieces(json.dumps(door.activity()).encode()))

    assert status == 200
    assert door.heard == [door.activity()]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_the_address_only_takes_posts(door: Doorstep, method: str) -> None:
    assert (await door.posts(method=method))[0] == 405
    assert nothing_happened(door)


def _chunked(door: Doorstep) -> list[tuple[str, str]]:
    return [*door.right_headers(), ("Transfer-Encoding", "chunked")]


def _pieces(body: bytes) -> Iterator[bytes]:
    for at in range(0, len(body), 60_000):
        part = body[at : at + 60_000]
        yield f"{len(part):x}\r\n".encode() + part + b"\r\n"
    yield b"0\r\n\r\n"


# On one machine ------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["msteams", "emulator"])
async def test_without_an_app_id_this_machine_has_nothing_to_prove(local_door: Doorstep, channel: str) -> None:
    status, _ = await local_door.posts(local_door.activity(channelId=channel), [JSON_TYPE])

    assert status == 200
    assert len(local_door.heard) == 1
    assert not local_door.issuer.fetched


@pytest.mark.parametrize(
    "header",
    [
        ("X-Forwarded-For", "1.2.3.4"), ("Forwarded", "for=1.2.3.4"), ("Via", "1.1 tunnel"), ("Host", "a.example"),
        ("Host", "attacker.example:80"), ("Origin", "https://attacker.example"), ("Origin", "null"), ("Host", ""),
    ],
)  # fmt: skip
async def test_without_an_app_id_nobody_comes_in_from_elsewhere(local_door: Doorstep, header: tuple[str, str]) -> None:
    """Not through a tunnel, and not by a page in a browser on this machine."""
    status, _ = await local_door.posts(headers=[JSON_TYPE, header])

    assert status == 403
    assert nothing_happened(local_door)


@pytest.mark.parametrize(
    "changed",
    [
        {"serviceUrl": "https://smba.trafficmanager.net/uk/"}, {"serviceUrl": "http://192.168.1.1/"},
        {"serviceUrl": "http://localhost.attacker.example/"}, {"channelId": "webchat"}, {"channelId": None},
    ],
)  # fmt: skip
async def test_without_an_app_id_nothing_beyond_this_machine_is_called(
    local_door: Doorstep, changed: dict[str, Json]
) -> None:
    assert (await local_door.posts(local_door.activity(**changed), [JSON_TYPE]))[0] == 403
    assert nothing_happened(local_door)


async def test_without_an_app_id_a_page_can_t_write_what_it_may_send_unasked(local_door: Doorstep) -> None:
    """Browsers let any page post plain text anywhere, without asking first."""
    assert (await local_door.posts(headers=[("Content-Type", "text/plain")]))[0] == 415
    assert nothing_happened(local_door)


async def test_without_an_app_id_a_bad_body_is_as_bad(local_door: Doorstep) -> None:
    bodies = [*_not_json(), *_odd_json(local_door)]

    statuses = {name: (await local_door.posts(body, [JSON_TYPE]))[0] for name, body in bodies}

    assert set(statuses.values()) == {400}, statuses
    assert nothing_happened(local_door)
