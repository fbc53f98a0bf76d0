"""The local page's API as a stranger meets it: a program of its own, raw HTTP, and nothing that is of the form."""

from __future__ import annotations

import json
import re
import socket
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.test_command_line import Server, serving

Json = Any
CHATTERS = [
    "history_teacher", "pe_teacher", "new_teacher", "teaching_assistant", "deputy_head", "assistant_head",
    "head_teacher", "administrator", "dsl",
]  # fmt: skip
SLT = {"deputy_head", "assistant_head", "head_teacher"}
KINDS = {"text", "multiline", "choice", "choices", "yes_no", "number", "day", "moment", "people"}
CASE = (
    "To show parents what the department does each week", "Parents and carers, Staff", "In the newsletter",
    "History teacher, PE teacher", "Open", "Instagram", "@BebingtonHistory",
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A program that all tests here share, so none may count on fresh data."""
    with serving(tmp_path_factory.mktemp("outside")) as running:
        yield running
        assert running.stop() == 0
        failed = [line for line in running.log.splitlines() if " failed with " in line]
        assert not failed, failed


def applies(server: Server, person: str) -> Json:
    """Have *person* fill in a business case; return its preview."""
    server.says(person, "/smpolicy apply")
    for answer in CASE:
        message = server.says(person, answer)
    return message


def raw(server: Server, request: bytes) -> bytes:
    """Return the first bytes that come back for *request*."""
    with closing(socket.create_connection(("127.0.0.1", server.port), 30)) as line:
        line.sendall(request)
        return line.recv(10_000)


# Shapes ----------------------------------------------------------------------------------------


def assert_message(message: Json) -> None:
    """Assert that a message has what the contract names; the page is told besides what only one person sees."""
    assert set(message) - {"private"} == {"id", "seq", "at", "author", "text", "card", "form"}
    assert isinstance(message["id"], str)
    assert isinstance(message["seq"], int)
    assert datetime.fromisoformat(message["at"]).utcoffset() is not None
    assert message["author"] in ("bot", *CHATTERS)
    assert isinstance(message["text"], str)
    assert message["text"]
    if message["author"] != "bot":
        assert message["card"] is None
        assert message["form"] is None
    if message["card"] is not None:
        assert_card(message["card"])
        assert message["card"]["title"] in message["text"]
    if message["form"] is not None:
        assert_form(message["form"])


def assert_card(card: Json) -> None:
    """Assert the same of a card."""
    assert set(card) == {"title", "blocks", "buttons"}
    assert isinstance(card["title"], str)
    assert all(isinstance(block, dict) for block in card["blocks"])
    for button in card["buttons"]:
        assert set(button) == {"label", "style"}
        assert all(isinstance(each, str) for each in button.values())


def assert_form(form: Json) -> None:
    """Assert that a form has what the contract names; the page gets small print besides."""
    assert set(form) - {"intro", "submit"} == {"session", "title", "fields"}
    for field in form["fields"]:
        assert set(field) - {"help", "clause"} == {"name", "label", "kind", "options", "required", "value", "error"}
        assert field["kind"] in KINDS
        assert isinstance(field["options"], list)
        assert isinstance(field["required"], bool)
        assert isinstance(field["error"], str)


def test_people_places_and_messages_of_fresh_data(tmp_path: Path) -> None:
    with serving(tmp_path) as fresh:
        people = fresh.get("people")

        assert [each["id"] for each in people] == CHATTERS
        for person in people:
            assert set(person) == {"id", "name", "roles"}
            places = fresh.get(f"places?as={person['id']}")
            shared = {"slt", "staff"} if person["id"] in SLT else {"staff"}
            assert {place["id"] for place in places} == {"dm", *shared}
            for place in places:
                assert set(place) == {"id", "name"}
                assert fresh.get(f"messages?as={person['id']}&in={place['id']}") == []
        assert (tmp_path / "records").is_dir()


def test_messages_cards_and_forms_have_the_keys_of_the_contract(server: Server) -> None:
    for text in ("hello", "/smpolicy", "may I name the school in a post", "where can I park", "/smpolicy apply"):
        answer = server.post("say", as_="new_teacher", in_="dm", text=text)
        assert set(answer) == {"messages"}
        assert len(answer["messages"]) == 1
    assert answer["messages"][0]["form"]["fields"][0]["name"] == "aim"

    page = server.post("press", as_="new_teacher", message=answer["messages"][0]["id"], button="FILL in as a PAGE")
    assert set(page) == {"messages", "form"}
    assert_form(page["form"])

    values = {"openness": "Ajar", "nonsense": 1}
    status, mended = server.call(
        "POST", "/local/api/submit", {"as": "new_teacher", "session": page["form"]["session"], "values": values}
    )
    assert status == 422
    assert set(mended) - {"error"} == {"messages", "form", "errors"}
    assert {"openness", "nonsense", "audience"} <= mended["errors"].keys()
    shown = {field["name"]: field["error"] for field in mended["form"]["fields"]}
    assert all(mended["errors"][name] == error for name, error in shown.items() if error)

    messages = server.get("messages?as=new_teacher&in=dm")
    for message in messages:
        assert_message(message)
    assert [each["seq"] for each in messages] == sorted({each["seq"] for each in messages})
    assert {each["author"] for each in messages} == {"bot", "new_teacher"}


def test_after_leaves_out_what_was_read(server: Server) -> None:
    server.says("dsl", "hello")
    everything = server.get("messages?as=dsl&in=dm")
    last = everything[-1]["seq"]

    assert server.get("messages?as=dsl&in=dm&after=0") == everything
    assert server.get("messages?as=dsl&in=dm&after=-1") == everything
    assert server.get("messages?as=dsl&in=dm&after=") == everything
    assert server.get(f"messages?as=dsl&in=dm&after={last - 1}") == everything[-1:]
    assert server.get(f"messages?as=dsl&in=dm&after={last}") == []
    assert server.get("messages?as=dsl&in=dm&after=999999999999999") == []
    for word in ("x", "1.5", "%C2%B2", "9" * 20, "-", "1e3", "%00", "0x1", "1_0"):
        status, answer = server.call("GET", f"/local/api/messages?as=dsl&in=dm&after={word}")
        assert (status, set(answer)) == (422, {"error"}), word


def test_everybody_gets_the_answer_to_their_own_words(server: Server) -> None:
    """Many talk at once, one of them in several windows."""
    questions = (
        "who approves a new account", "may I name the school in a post", "where can I park", "help", "hello",
        "what is the tone of a post", "how quickly do we answer complaints", "a journalist rang me",
    )  # fmt: skip
    alone = [server.says("dsl", f"@smpolicy {question}")["card"]["blocks"] for question in questions]

    for person, place in (("dsl", "dm"), ("dsl", "staff"), ("", "staff")):
        with ThreadPoolExecutor(len(questions)) as pool:
            arrived = [
                pool.submit(server.post, "say", as_=person or asker, in_=place, text=f"@smpolicy {question}")
                for asker, question in zip(CHATTERS, questions, strict=False)
            ]
        for one, answer in zip(arrived, alone, strict=True):
            messages = one.result()["messages"]
            assert len(messages) == 1
            assert person == "" or messages[0]["card"]["blocks"] == answer


def test_labels_are_case_blind_and_refusals_change_nothing(server: Server) -> None:
    preview = applies(server, "history_teacher")
    labels = [button["label"] for button in preview["card"]["buttons"]]
    assert "Submit" in labels

    sent = server.post("press", as_="history_teacher", message=preview["id"], button="  sUBMIT ")
    assert sent["messages"]
    reference = re.search(r"APP-\d+", str(sent["messages"]))
    assert reference
    asked = next(each for each in server.get("messages?as=pe_teacher&in=dm") if reference[0] in each["text"])
    assert "Confirm" in [button["label"] for button in asked["card"]["buttons"]]
    before = [server.get(f"messages?as={each}&in=dm") for each in ("history_teacher", "pe_teacher")]

    for person, message, button in (
        ("pe_teacher", asked["id"], "approve"),  # nobody but SLT approves
        ("pe_teacher", asked["id"], "Withdraw"),  # nor withdraws another's
        ("history_teacher", preview["id"], "Submit"),  # nor sends it twice
    ):
        status, answer = server.call(
            "POST", "/local/api/press", {"as": person, "message": message, "button": button, "values": {"reason": "x"}}
        )
        assert (status, set(answer)) == (403, {"error"}), (person, button, answer)
        assert answer["error"].endswith(".")
    assert [server.get(f"messages?as={each}&in=dm") for each in ("history_teacher", "pe_teacher")] == before


# What is not there, and what is not of the form --------------------------------------------------


def test_what_is_unknown_or_belongs_to_others_is_404(server: Server) -> None:
    message = server.says("dsl", "/smpolicy apply")
    session = message["form"]["session"]
    in_slt = server.says("deputy_head", "/smpolicy help", "slt")
    paths = (
        "places?as=nobody", "places?as=", "places?as=chair", "places?as=%ff%00", "places?as=DSL",
        "messages?as=nobody&in=dm", "messages?as=chair&in=dm", "messages?as=dsl&in=slt", "messages?as=dsl&in=nowhere",
        "messages?as=dsl&in=dm:pe_teacher", "messages?as=dsl&in=dm:dsl", "messages?as=dsl&in=", "stream?as=nobody",
        "nothing",
    )  # fmt: skip
    bodies = (
        ("say", {"as": "nobody", "in": "dm", "text": "hello"}),
        ("say", {"as": "chair", "in": "dm", "text": "hello"}),
        ("say", {"as": "dsl", "in": "slt", "text": "hello"}),
        ("say", {"as": "dsl", "in": "x" * 10_000, "text": "hello"}),
        ("press", {"as": "dsl", "message": "nothing", "button": "Approve"}),
        ("press", {"as": "dsl", "message": "", "button": "Approve"}),
        ("press", {"as": "pe_teacher", "message": message["id"], "button": "Cancel"}),
        ("press", {"as": "head_teacher", "message": message["id"], "button": "Cancel"}),
        ("press", {"as": "dsl", "message": in_slt["id"], "button": "Report"}),
        ("press", {"as": "chair", "message": message["id"], "button": "Cancel"}),
        ("submit", {"as": "dsl", "session": "nothing", "values": {}}),
        ("submit", {"as": "pe_teacher", "session": session, "values": {"aim": "Something else altogether"}}),
        ("submit", {"as": "chair", "session": session, "values": {}}),
    )

    for path in paths:
        status, answer = server.call("GET", f"/local/api/{path}")
        assert (status, set(answer)) == (404, {"error"}), path
    for call, body in bodies:
        status, answer = server.call("POST", f"/local/api/{call}", body)
        assert (status, set(answer)) == (404, {"error"}), body
    assert server.says("dsl", "To show what we do each week")["form"]["fields"][0]["name"] == "audience"


GOOD: dict[str, dict[str, Json]] = {
    "say": {"as": "teaching_assistant", "in": "dm", "text": "hello"},
    "press": {"as": "teaching_assistant", "message": "nothing", "button": "Approve"},
    "submit": {"as": "teaching_assistant", "session": "nothing", "values": {}},
    "clock": {"now": "2026-11-28T22:10:00+00:00"},
}
NO_TEXT: tuple[Json, ...] = (None, 0, 1.5, True, False, [], ["x"], {}, {"x": 1}, [[[]]], "\0", "a\0b", 10**400)
NO_BODIES = (
    b"", b" ", b"{", b"[]", b"[{}]", b"null", b"true", b"1", b'"x"', b"{}", b"\xff", b"\xef\xbb\xbf{}", b"{'a': 1}",
    '{"as": "dsl", "in": "dm", "text": "x"}'.encode("utf-16"), b"[" * 100_000, b'{"a":' * 100_000,
    b'{"as": "dsl", "in": "dm", "text": "\\ud800"}', b'{"as": "dsl", "in": "dm", "text": "x", "y": NaN}',
    b'{"as": "dsl", "in": "dm", "text": "x", "y": 1e999}', b'{"as": "dsl", "in": "dm", "y": ' + b"9" * 5000 + b"}",
    b"as=dsl&in=dm&text=x",
)  # fmt: skip


@pytest.mark.parametrize("call", GOOD)
def test_a_body_that_is_not_of_the_form_is_422(server: Server, call: str) -> None:
    path, good = f"/local/api/{call}", GOOD[call]
    wrong = [
        {**good, key: value} for key in good for value in NO_TEXT if not (key == "values" and isinstance(value, dict))
    ]
    missing = [{other: value for other, value in good.items() if other != key} for key in good]

    for body in (*NO_BODIES, *wrong, *missing):
        status, answer = server.call("POST", path, body)
        assert (status, set(answer)) == (422, {"error"}), str(body)[:200]
        assert answer["error"].endswith(".")
    status, _ = server.call("POST", path, {**good, "more": [None, {"x": 1}]})
    assert status == (200 if call in ("say", "clock") else 404)


def nested(depth: int) -> Json:
    """Return a list in a list, and so on."""
    return json.loads("[" * depth + "]" * depth)


ENTRIES: tuple[Json, ...] = (
    None, 0, -1, 1.5, 10**400, True, "", " ", "x" * 100_000, [], [None], [1], [[]], [{}], {}, {"value": None},
    {"value": {"value": 1}}, {"label": [1]}, [{"value": 1}], ["@"], ["x" * 100_000], "a," * 5000, "\u2028", "\u202e",
    "٣", "2026-02-30", "99999-01-01", "0000-00-00", "1/1/1", "in 99999999999 weeks", "tomorrow 25:99", "\0", ["\0"],
    {"\0": "\0"}, nested(15), nested(300), nested(900),
)  # fmt: skip


def test_no_entry_of_a_form_breaks_the_program(server: Server) -> None:
    for person, command in (("assistant_head", "/smpolicy apply"), ("administrator", "/smpolicy report")):
        message = server.says(person, command)
        if message["form"] is None:
            continue
        page = server.post("press", as_=person, message=message["id"], button="Fill in as a page")["form"]
        for name in (*(field["name"] for field in page["fields"]), "__class__", "", "\0"):
            for entry in ENTRIES:
                body = {"as": person, "session": page["session"], "values": {name: entry}}
                status, answer = server.call("POST", "/local/api/submit", body)
                assert status in (200, 404, 422), (name, str(entry)[:60], answer)
                assert status == 422 or "\\u0000" not in json.dumps([name, entry])
        server.says(person, "cancel")


def test_no_digit_breaks_a_choice(tmp_path: Path) -> None:
    with serving(tmp_path) as fresh:
        message = fresh.says("dsl", "/smpolicy apply")
        page = fresh.post("press", as_="dsl", message=message["id"], button="Fill in as a page")["form"]

        for entry in ("²", "①", "9" * 5000, ["²"], {"value": "²"}):
            for name in ("audience", "openness", "platform"):
                body = {"as": "dsl", "session": page["session"], "values": {name: entry}}
                assert fresh.call("POST", "/local/api/submit", body)[0] == 422, (name, str(entry)[:60])


def test_blanks_keep_nobody_waiting(tmp_path: Path) -> None:
    """While one text is read nobody else is answered, so that it has to go as fast as it is long."""
    with serving(tmp_path) as fresh:
        for word in ("hello", "password", "hello, password is"):
            body = json.dumps({"as": "dsl", "in": "dm", "text": f"{word}{' ' * 20_000}x"})
            with closing(HTTPConnection("127.0.0.1", fresh.port, timeout=2)) as connection:
                connection.request("POST", "/local/api/say", body)
                assert connection.getresponse().status == 200


def test_nothing_that_is_typed_breaks_the_program(server: Server) -> None:
    lines = (
        "🙈" * 5000, "﷽" * 2000, "\u200b", "\u202e\u0600", "\ufffe\uffff", "²", "?" * 20_000, "a\nb\rc\u2028d",
        "@smpolicy", "/smpolicy", "/SMPOLICY Help", "/smpolicy\u00a0help", "/smpolicy \n\n", "/smpolicy " + "x" * 5000,
        "/smpolicy ask", "/smpolicy apply /smpolicy apply", "<script>alert(1)</script>", "*_~`|>", "{{7*7}} %s {0}",
        "back", "skip", "help", "cancel", "my", "Continue", "yes", "1", "e\u0301" * 3000, "word " * 4000,
    )  # fmt: skip

    for text in lines:
        for place in ("dm", "staff"):
            body = {"as": "teaching_assistant", "in": place, "text": text}
            status, answer = server.call("POST", "/local/api/say", body)
            assert status == 200, (text[:40], answer)
            typed = [
                each for each in server.get(f"messages?as=teaching_assistant&in={place}") if each["author"] != "bot"
            ]
            assert typed[-1]["text"] == text, "what P typed is shown as it was typed"
    server.says("teaching_assistant", "cancel")


def test_a_big_body_is_taken_up_to_a_million_bytes(server: Server) -> None:
    body = {"as": "dsl", "in": "staff", "text": "x" * 900_000}
    assert server.call("POST", "/local/api/say", body)[0] == 200

    for size in (1_000_001, 5_000_000):
        status, answer = server.call("POST", "/local/api/say", b" " * size)
        assert (status, set(answer)) == (413, {"error"})
    bomb = zlib.compress(b'{"as": "dsl", "in": "dm", "text": "' + b"a" * 20_000_000 + b'"}')
    assert server.call("POST", "/local/api/say", bomb, {"Content-Encoding": "deflate"})[0] == 413


# The clock -------------------------------------------------------------------------------------


def test_the_clock_is_read_and_set(tmp_path: Path) -> None:
    with serving(tmp_path) as fresh:
        assert set(fresh.get("clock")) - {"movable"} == {"now"}
        for moment in ("2026-11-28T22:10:00+00:00", "2026-06-01T09:00:00+05:30", "2026-11-28T22:10:00Z"):
            answer = fresh.post("clock", now=moment)
            assert set(answer) - {"movable"} == {"now"}
            assert datetime.fromisoformat(answer["now"]) == datetime.fromisoformat(moment)
            assert fresh.get("clock") == answer
            assert fresh.says("dsl", "hello")["at"] == answer["now"]

        for moment in (
            "", "now", "2026-11-28", "2026-11-28T22:10:00", "2026-02-30T00:00:00+00:00", "2026-11-28T22:10:00+99:00",
            "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1764367800", "2026-11-28T22:10:00+00:00 ",
        ):  # fmt: skip
            status, refused = fresh.call("POST", "/local/api/clock", {"now": moment})
            assert (status, set(refused)) == (422, {"error"}), moment
        assert fresh.get("clock") == answer

        for moment in ("1990-01-01T00:00:00+00:00", "2199-12-31T23:59:59+00:00"):
            fresh.post("clock", now=moment)
            for text in ("hello", "/smpolicy my", "/smpolicy apply", "cancel"):
                fresh.says("head_teacher", text)


# The door --------------------------------------------------------------------------------------


def test_only_this_machine_by_its_own_name_comes_in(server: Server) -> None:
    own = f"127.0.0.1:{server.port}"
    for host in (own, "localhost", "localhost:1", "LOCALHOST", "[::1]", "127.8.8.8"):
        assert server.call("GET", "/local/api/people", headers={"Host": host})[0] == 200, host
    strangers = (
        "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0", "10.0.0.1", "127.1", "", "[::]",
        "a@localhost", "localhost, evil.example", "evil.example:80", "localhost:80:80",
    )  # fmt: skip
    tunnels = (
        "X-Forwarded-For", "x-forwarded-host", "X-Forwarded-Proto", "X-FORWARDED-ANYTHING", "Forwarded", "Via",
        "X-Real-IP", "CF-Connecting-IP", "True-Client-IP",
    )  # fmt: skip
    for headers in (*({"Host": host} for host in strangers), *({name: "127.0.0.1"} for name in tunnels)):
        for path in ("/", "/local/api/people", "/local/api/nothing", "/local/assets/main.js", "/%6cocal/api/people"):
            assert server.call("GET", path, headers=headers)[0] == 403, (path, headers)
        assert server.call("POST", "/local/api/say", GOOD["say"], headers)[0] == 403, headers


def test_only_the_page_itself_writes(server: Server) -> None:
    own = f"127.0.0.1:{server.port}"
    origins = (
        "http://evil.example",
        "null",
        "",
        f"https://{own}",
        f"http://localhost:{server.port}",
        "http://127.0.0.1",
    )
    for path, body in GOOD.items():
        for origin in origins:
            status, answer = server.call("POST", f"/local/api/{path}", body, {"Origin": origin})
            assert (status, set(answer)) == (403, {"error"}), origin
        assert server.call("POST", f"/local/api/{path}", body, {"Origin": f"http://{own}"})[0] in (200, 404)
    assert server.call("GET", "/local/api/people", headers={"Origin": "http://evil.example"})[0] == 200


def test_other_methods_and_paths_are_refused(server: Server) -> None:
    for method, path, status in (
        ("GET", "/local/api/say", 405), ("PUT", "/local/api/say", 405), ("DELETE", "/local/api/people", 405),
        ("POST", "/local/api/people", 405), ("OPTIONS", "/local/api/say", 405), ("POST", "/", 405),
        ("GET", "/local/api/", 404), ("GET", "/local/assets/..%2f__init__.py", 404), ("GET", "/local/../app.yaml", 404),
        ("GET", "/local/assets/%2e%2e/edge.py", 404), ("GET", "/local/assets/edge.py", 404), ("GET", "/data", 404),
        ("POST", "/slack/events", 404), ("POST", "/api/messages", 415), ("GET", "/guest/nobody", 404),
    ):  # fmt: skip
        assert server.call(method, path)[0] == status, (method, path)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /local/api/people HTTP/1.0\r\n\r\n", 403),
        (b"GET /local/api/people HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400),
        (b"GET /local/api/people HTTP/1.1\r\nHost: local\0host\r\n\r\n", 400),
        (b"GET /local/api/people HTTP/1.1\r\nHost: \xff\r\n\r\n", 403),
        (b"POST /local/api/say HTTP/1.1\r\nHost: localhost\r\nContent-Length: abc\r\n\r\n", 400),
        (b"POST /local/api/say HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (
            b"POST /local/api/say HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
            422,
        ),
        (b"GET /local/api/people HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", 400),
        (b"\x16\x03\x01\r\n\r\n", 400),
    ],
    ids=str,
)
def test_what_is_hardly_http_is_refused(server: Server, request_: bytes, status: int) -> None:
    assert re.match(rb"HTTP/1\.[01] (\d+) ", raw(server, request_))
    assert raw(server, request_).split()[1] == str(status).encode()
