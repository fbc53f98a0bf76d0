"""Who comes in: only what Slack has signed just now, of the size that it sends, and from the school's workspace."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.raw import posts, writes
from tests.slack import payloads
from tests.slack.deliveries import FORM_TYPE, JSON_TYPE, signature
from tests.slack.desk import SECRET
from tests.slack.school import School, modal_of

Json = Any
Headers = list[tuple[str, str]]
pytestmark = pytest.mark.timeout(30)
MARK = "marker-93-of-a-pupil"
STAMP, SIGNED = "X-Slack-Request-Timestamp", "X-Slack-Signature"


class Raw:
    """Somebody who writes HTTP by hand to where the app listens."""

    def __init__(self, school: School) -> None:
        self._school = school
        self.url = school.fake.app_url

    @property
    def now(self) -> int:
        """Return the moment by which signatures are judged."""
        return int(self._school.desk.app.assistant.world.clock.now().timestamp())

    def signed(self, body: bytes, kind: str = JSON_TYPE) -> Headers:
        """Return the headers with which Slack sends *body*."""
        stamp = str(self.now)
        return [("Content-Type", kind), (STAMP, stamp), (SIGNED, signature(SECRET, stamp, body))]

    async def posts(self, body: bytes, headers: Iterable[tuple[str, str]], method: str = "POST") -> tuple[int, str]:
        """Return status and body of the answer; headers go as they are, twice where they stand twice."""
        return await posts(self.url, headers, body, method)

    async def writes(self, method: str, headers: Headers, parts: Iterable[bytes]) -> tuple[int, str]:
        """Send the head and *parts*, until the app has said enough; 0 where it says nothing."""
        return await writes(self.url, headers, parts, method)


@pytest.fixture
def raw(school: School) -> Raw:
    """A stranger with a telnet."""
    return Raw(school)


def message(school: School, text: str = MARK) -> bytes:
    """Return the event that a teacher wrote *text* to the bot."""
    return json.dumps(_event(school, text)).encode()


def _event(school: School, text: str) -> Json:
    teacher = school.human("history_teacher")
    workspace = school.fake.workspace
    event = {
        "type": "message", "channel": teacher.dm, "channel_type": "im", "user": teacher.id, "text": text,
        "ts": workspace.ts(), "team": school.fake.names.team_id,
    }  # fmt: skip
    return payloads.event_callback(workspace, event)


def command(school: School, text: str = MARK, **more: str) -> dict[str, str]:
    """Return the fields of a slash command of a teacher."""
    teacher, workspace = school.human("history_teacher"), school.fake.workspace
    url = school.fake.base_url + workspace.triggers.response_path(teacher.dm, teacher.id)
    return payloads.command(workspace, teacher.id, workspace.dm(teacher.id), f"/smpolicy {text}", url) | more


async def nothing_happened(school: School, before: int) -> None:
    """Assert that nobody was told anything and nothing was kept."""
    await school.settled()
    assert len(school.fake.calls) == before
    assert not await school.heard()
    assert not school.fake.posted()


# Signatures ----------------------------------------------------------------------------------


def _odd_headers(now: int, body: bytes) -> Iterator[tuple[str, Headers]]:
    stamp, right = str(now), signature(SECRET, str(now), body)
    zeros = f"v0={'0' * 64}"

    def with_stamp(value: str) -> Headers:
        return [(STAMP, value), (SIGNED, signature(SECRET, value, body))]

    yield "nothing", []
    yield "no signature", [(STAMP, stamp)]
    yield "no timestamp", [(SIGNED, right)]
    yield "an empty signature", [(STAMP, stamp), (SIGNED, "")]
    yield "an empty timestamp", with_stamp("")
    yield "another signature", [(STAMP, stamp), (SIGNED, zeros)]
    yield "another secret", [(STAMP, stamp), (SIGNED, signature("another", stamp, body))]
    yield "an empty secret", [(STAMP, stamp), (SIGNED, signature("", stamp, body))]
    yield "the signature of another body", [(STAMP, stamp), (SIGNED, signature(SECRET, stamp, body + b" "))]
    yield "the signature of no body", [(STAMP, stamp), (SIGNED, signature(SECRET, stamp, b""))]
    yield "the signature of another second", [(STAMP, str(now + 1)), (SIGNED, right)]
    yield "too old", with_stamp(str(now - 301))
    yield "a day old", with_stamp(str(now - 86_400))
    yield "from the beginning", with_stamp("0")
    yield "from the future", with_stamp(str(now + 301))
    for odd in (
        "now", "-1", f"+{now}", f"{now}.0", f"{now}.5", f"{now}e0", f"0x{now:x}", f" {now} {now}", f"{now}_0", "NaN",
        "inf", "1" * 13, "1" * 4_000, "٣" * 10, "１" * 10, "²" * 10, "–", "None", f"{now},{now}", "\udcff\udcfe",
    ):  # fmt: skip
        yield f"the timestamp {odd[:20]!r}", [(STAMP, odd), (SIGNED, right)]
    for odd in (
        right.removeprefix("v0="), right.upper(), f"v1={right[3:]}", f"{right}0", right[:-1], f"{right} {right}",
        f"v0={'é' * 64}", f"v0={'０' * 64}", "v0=", "v0", "=", f"v0={'g' * 64}", "\udcff" * 10, "v0=" + "a" * 4_000,
        f"{right},{zeros}", f"v0={right}",
    ):  # fmt: skip
        yield f"the signature {odd[:20]!r}", [(STAMP, stamp), (SIGNED, odd)]
    yield "a wrong signature before the right one", [(STAMP, stamp), (SIGNED, zeros), (SIGNED, right)]
    yield "a wrong signature after the right one", [(STAMP, stamp), (SIGNED, right), (SIGNED, zeros)]
    yield "a wrong moment before the right one", [(STAMP, "1"), (STAMP, stamp), (SIGNED, right)]
    yield "a wrong moment after the right one", [(STAMP, stamp), (STAMP, "1"), (SIGNED, right)]


async def test_what_slack_has_not_signed_just_now_has_no_effect(
    school: School, raw: Raw, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body, before = message(school), len(school.fake.calls)

    answers = {name: await raw.posts(body, headers) for name, headers in _odd_headers(raw.now, body)}

    taken = {name: answer for name, answer in answers.items() if answer[0] != 401}
    assert not taken
    assert all(MARK not in said for _, said in answers.values())
    await nothing_happened(school, before)
    assert MARK not in caplog.text
    assert "turned a request away: 401" in caplog.text


@pytest.mark.parametrize("seconds", [0, -300, 300])
async def test_a_request_that_slack_has_signed_within_five_minutes_comes_in(
    school: School, raw: Raw, seconds: int
) -> None:
    body, stamp = message(school, "hello"), str(raw.now + seconds)

    status, _ = await raw.posts(
        body, [("Content-Type", JSON_TYPE), (STAMP, stamp), (SIGNED, signature(SECRET, stamp, body))]
    )

    assert status == 200
    await school.settled()
    assert "Hello History teacher" in school.said(school.human("history_teacher"))[0]


async def test_a_signed_request_that_was_overheard_has_no_second_effect(school: School) -> None:
    teacher = school.human("history_teacher")
    first = await school.accepts(await teacher.says("dm", "report"))
    said = school.said(teacher)

    await school.accepts(await school.fake.again(first, same_signature=True))

    assert school.said(teacher) == said


async def test_slack_gets_its_challenge_back_when_it_looks_at_the_address(school: School) -> None:
    delivery = await school.fake.verifies_address()

    assert delivery.ok
    assert delivery.answer == {"challenge": "3eZbrw1aB"}


# Bodies --------------------------------------------------------------------------------------


def _bodies(school: School) -> Iterator[tuple[str, str, bytes, set[int]]]:
    """Yield name, content type, body and the statuses that fit."""
    bad = {400}
    fields = command(school)
    form, event = urlencode(fields).encode(), message(school)
    yield "nothing", JSON_TYPE, b"", bad
    yield "nothing as a form", FORM_TYPE, b"", bad
    yield "blanks", JSON_TYPE, b"  \r\n", bad
    yield "half of an object", JSON_TYPE, b'{"type": "event_callback", "event": {"text": "' + MARK.encode(), bad
    yield "two objects", JSON_TYPE, event + event, bad
    for document in ([], [MARK], MARK, 7, None, True):
        yield f"JSON that is {document!r}", JSON_TYPE, json.dumps(document).encode(), bad
    yield "a form that is called JSON", JSON_TYPE, form, bad
    yield "a form of another kind", "multipart/form-data; boundary=x", form, bad
    yield "plain text", "text/plain", form, bad
    yield "no kind at all", "", form, bad
    yield "a form of nothing of Slack's", FORM_TYPE, urlencode({"text": MARK}).encode(), bad
    yield "a form of JSON that is no object", FORM_TYPE, quote(json.dumps([MARK])).encode(), bad
    for payload in ("", "{", MARK, "[]", "null", '"x"', f'{{"text": "{MARK}"'):
        yield f"the payload {payload!r}", FORM_TYPE, urlencode({"payload": payload}).encode(), bad
    yield "a payload twice, the last one broken", FORM_TYPE, b"payload=%7B%7D&payload=%7B", bad
    yield "a thousand fields", FORM_TYPE, form + b"&x=1" * 1_000, bad
    for depth in (1_000, 20_000):
        deep = '{"a":' * depth + "1" + "}" * depth
        turned = bad if depth > 1_000 else {*bad, 403}  # where it can be read, it is from no workspace
        yield f"JSON {depth} deep", JSON_TYPE, deep.encode(), turned
        yield f"a payload {depth} deep", FORM_TYPE, urlencode({"payload": deep}).encode(), turned
        lists = f'{{"a":{"[" * depth}{"]" * depth}}}'
        yield f"lists {depth} deep", JSON_TYPE, lists.encode(), turned
    yield "a NUL byte", JSON_TYPE, event.replace(MARK.encode(), MARK.encode() + b"\0"), bad
    yield "nothing but NUL bytes", JSON_TYPE, b"\0" * 100, bad
    yield "bytes that are no UTF-8", JSON_TYPE, event.replace(b"marker", b"\xff\xfe\xc3"), {400, 401}
    yield "a form that is no UTF-8", FORM_TYPE, form.replace(b"marker", b"\xff\xfe\xc3"), {400, 401}
    yield "UTF-16", JSON_TYPE, event.decode().encode("utf-16"), {400, 401}


async def test_a_signed_body_that_is_not_of_slacks_making_has_no_effect(
    school: School, raw: Raw, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    before = len(school.fake.calls)

    wrong = {}
    for name, kind, body, fitting in _bodies(school):
        status, said = await raw.posts(body, raw.signed(body, kind))
        if status not in fitting or MARK in said:
            wrong[name] = status, said

    assert not wrong
    await nothing_happened(school, before)
    assert MARK not in caplog.text


async def test_no_depth_of_json_is_a_failure(school: School, raw: Raw, caplog: pytest.LogCaptureFixture) -> None:
    """What can just be read at the door may be too deep a few calls further on."""
    document = _event(school, "hello") | {"event": {"type": "whatever_is_new"}}

    statuses = set()
    for depth in (*range(600, 1_000, 4), 100_000):  # newer Pythons read deeper than older ones
        shell = json.dumps({**document, "deep": "DEEP"})
        body = shell.replace('"DEEP"', "[" * depth + "]" * depth).encode()
        statuses.add((await raw.posts(body, raw.signed(body)))[0])

    assert statuses == {200, 400}
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


async def test_bytes_in_a_form_that_are_no_letters_do_no_harm(school: School, raw: Raw) -> None:
    body = urlencode(command(school)).encode() + b"&text=apply+%FF%00"

    status, _ = await raw.posts(body, raw.signed(body, FORM_TYPE))

    assert status == 200
    await school.settled()
    assert modal_of(school.human("history_teacher")).title == "A new school account"


# Size ----------------------------------------------------------------------------------------


async def test_a_body_that_is_announced_as_too_large_is_not_read(school: School, raw: Raw) -> None:
    headers = [*raw.signed(b""), ("Content-Length", "5000000")]

    async with asyncio.timeout(2):
        status, _ = await raw.writes("POST", headers, [])

    assert status == 413
    assert not await school.heard()


async def test_five_megabytes_are_turned_away(school: School, raw: Raw, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    before = len(school.fake.calls)
    body = message(school, MARK * 250_000)
    assert len(body) > 5_000_000

    async with asyncio.timeout(5):
        status, _ = await raw.posts(body, raw.signed(body))

    assert status == 413
    await nothing_happened(school, before)
    assert MARK not in caplog.text


async def test_fifty_megabytes_in_pieces_are_turned_away_before_all_is_read(school: School, raw: Raw) -> None:
    before, sent = len(school.fake.calls), []

    def pieces() -> Iterator[bytes]:
        for number in range(5_000):
            sent.append(number)
            yield b"2710\r\n" + b"x" * 10_000 + b"\r\n"
        yield b"0\r\n\r\n"

    async with asyncio.timeout(10):
        status, _ = await raw.writes("POST", [*raw.signed(b""), ("Transfer-Encoding", "chunked")], pieces())

    assert status == 413
    assert len(sent) < 4_000, "fifty megabytes were read"
    await nothing_happened(school, before)


async def test_as_much_as_slack_sends_is_read(school: School, raw: Raw) -> None:
    document = _event(school, "hello") | {"padding": "x" * 900_000}
    body = json.dumps(document).encode()

    status, _ = await raw.posts(body, raw.signed(body))

    assert status == 200
    await school.settled()
    assert "Hello History teacher" in school.said(school.human("history_teacher"))[0]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
async def test_the_address_only_takes_posts(school: School, raw: Raw, method: str) -> None:
    body = message(school) if method in ("PUT", "PATCH") else b""

    status, _ = await raw.posts(body, raw.signed(body), method)

    assert status == 405


# Workspaces ----------------------------------------------------------------------------------


def _from_elsewhere(school: School, team: str) -> Iterator[tuple[str, str, bytes]]:
    """Yield something of each kind, as Slack would send it for another workspace."""
    ours, teacher = school.fake.names.team_id, school.human("history_teacher")
    workspace = school.fake.workspace
    interaction: Mapping[str, Json] = payloads.shortcut(workspace, teacher.id, "incidents.report")
    pressed = payloads.interaction(workspace, "block_actions", teacher.id) | {
        "container": {"type": "message", "message_ts": "1.2", "channel_id": "C0STAFF", "is_ephemeral": False},
        "channel": {"id": "C0STAFF", "name": "staff"}, "trigger_id": "1.2.3", "response_url": "http://127.0.0.1:1/x",
        "message": {"text": MARK, "ts": "1.2", "team": ours},
        "actions": [{"type": "button", "action_id": "incidents.report#1", "block_id": "b", "value": '["",""]'}],
    }  # fmt: skip
    documents: Iterable[tuple[str, Json]] = (("a shortcut", interaction), ("a press", pressed))
    yield "an event", JSON_TYPE, json.dumps(_event(school, MARK)).replace(ours, team).encode()
    yield "a command", FORM_TYPE, urlencode(command(school) | {"team_id": team}).encode()
    for name, document in documents:
        body = json.dumps(document).replace(ours, team)
        yield name, FORM_TYPE, urlencode({"payload": body}).encode()


@pytest.mark.parametrize("team", ["T0ELSEWHERE", "", "t0school", "T0SCHOOLX"])
async def test_what_comes_from_another_workspace_is_forbidden(
    school: School, raw: Raw, team: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    before = len(school.fake.calls)

    statuses = {
        name: (await raw.posts(body, raw.signed(body, kind)))[0] for name, kind, body in _from_elsewhere(school, team)
    }

    assert set(statuses.values()) == {403}, statuses
    await nothing_happened(school, before)
    assert MARK not in caplog.text


async def test_a_channel_shared_with_another_school_is_still_heard(school: School, raw: Raw) -> None:
    """Slack Connect: the event is sent for the other workspace, and names ours among those it is for."""
    document = _event(school, "hello")
    document |= {"team_id": "T0PARTNER", "context_team_id": "T0PARTNER"}
    body = json.dumps(document).encode()

    status, _ = await raw.posts(body, raw.signed(body))

    assert status == 200
