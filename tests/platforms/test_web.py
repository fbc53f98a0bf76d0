"""The local page's API from outside, call by call, over a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.errors import NotSaved
from bot.platforms.guard import host_name, is_forwarded, is_loopback, is_own
from bot.platforms.web.clock import LocalClock
from bot.platforms.web.journal import Journal
from bot.platforms.web.messages import Draft
from bot.ports import L, Lease, Record, SchoolStore
from bot.stores.memory import MemoryStore
from tests.platforms.tiny import TinyApp
from tests.simulator import START, Office, WebDesk, in_memory, on_disk, sample_settings, web_office

Json = Any
TEACHER = "history_teacher"
DEPUTY = "deputy_head"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A school whose people use the local page, with a tiny feature."""
    opened = web_office(sample_settings(tmp_path), in_memory(), TinyApp)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def api(office: Office) -> WebDesk:
    """The way to the API."""
    assert isinstance(office.desk, WebDesk)
    return office.desk


async def get(api: WebDesk, path: str, **query: Any) -> Json:
    """Return the answer, which is to be 200."""
    status, answer = await api.call("GET", path, **query)
    assert status == 200, answer
    return answer


async def post(api: WebDesk, path: str, body: Json) -> Json:
    """Return the answer, which is to be 200."""
    status, answer = await api.call("POST", path, body)
    assert status == 200, answer
    return answer


async def say(api: WebDesk, person: str, text: str, place: str = "dm") -> list[Json]:
    """Type *text* and return what arrived."""
    answer = await post(api, "say", {"as": person, "in": place, "text": text})
    assert set(answer) == {"messages"}
    return list(answer["messages"])


async def messages(api: WebDesk, person: str, place: str = "dm", **query: Any) -> list[Json]:
    """Return what *person* sees."""
    return list(await get(api, "messages", as_=person, in_=place, **query))


async def note(api: WebDesk, person: str = TEACHER, words: str = "A trip") -> Json:
    """Write a note by form and return the message that shows it."""
    (help_message,) = await say(api, person, "help")
    pressed = await post(api, "press", {"as": person, "message": help_message["id"], "button": "write A NOTE"})
    session = pressed["form"]["session"]
    await post(api, "submit", {"as": person, "session": session, "values": {"words": words}})
    done = await post(api, "submit", {"as": person, "session": session, "values": {"shared": False}})
    assert done["form"] is None
    return done["messages"][0]


# People, places, messages ------------------------------------------------------------------------


async def test_people_are_those_who_can_chat(api: WebDesk) -> None:
    """The chair has no seat."""
    people = await get(api, "people")

    assert people[0] == {"id": "history_teacher", "name": "History teacher", "roles": ["staff"]}
    assert {"id": "deputy_head", "name": "Deputy head", "roles": ["slt", "staff"]} in people
    assert "chair" not in [person["id"] for person in people]


async def test_places_depend_on_the_person_and_are_empty_at_first(api: WebDesk) -> None:
    """Only SLT sees SLT's place."""
    assert [place["id"] for place in await get(api, "places", as_=TEACHER)] == ["dm", "staff"]
    assert [place["id"] for place in await get(api, "places", as_=DEPUTY)] == ["dm", "slt", "staff"]
    for place in ("dm", "slt", "staff"):
        assert await messages(api, DEPUTY, place) == []


async def test_what_was_typed_and_what_arrived_are_kept_in_order(api: WebDesk) -> None:
    """What a person typed is not among what arrived, but among the messages."""
    arrived = await say(api, TEACHER, "hello")
    both = await messages(api, TEACHER)

    assert [(each["author"], each["text"]) for each in both] == [(TEACHER, "hello"), ("bot", "You said\n\nhello")]
    assert arrived == both[1:]
    assert set(both[0]) == {"id", "seq", "at", "author", "text", "card", "form"}
    assert (both[0]["card"], both[0]["form"]) == (None, None)
    assert both[0]["at"] == "2026-11-24T09:15:00+00:00"
    assert both[1]["card"] == {
        "title": "You said",
        "blocks": [{"type": "paragraph", "spans": [{"type": "text", "text": "hello"}]}],
        "buttons": [],
    }
    assert await messages(api, TEACHER, after=both[0]["seq"]) == both[1:]
    assert await messages(api, TEACHER, after=both[1]["seq"]) == []
    assert await messages(api, "pe_teacher") == []


async def test_a_form_typed_for_is_asked_question_by_question(api: WebDesk) -> None:
    """The message that asks carries the question as a form of one field."""
    (asked,) = await say(api, TEACHER, "/SMPOLICY note")

    assert "What is it about?" in asked["text"]
    assert asked["form"]["fields"] == [
        {
            "name": "words", "label": "What is it about?", "help": "In a few words.", "clause": "NEW-3",
            "kind": "text", "options": [], "required": True, "value": None, "error": "",
        }
    ]  # fmt: skip
    (asked,) = await say(api, TEACHER, "A trip")
    assert asked["form"]["fields"][0]["options"] == ["Yes", "No"]
    (asked,) = await say(api, TEACHER, "yes")
    options = asked["form"]["fields"][0]["options"]
    assert {"id": "pe_teacher", "name": "PE teacher"} in options
    assert "chair" not in [each["id"] for each in options]
    (shown,) = await say(api, TEACHER, "pe teacher")
    assert shown["text"].startswith("NOTE-1")


async def test_a_password_is_not_kept(office: Office, api: WebDesk) -> None:
    """Neither where the bot hears it nor where people talk to each other (ADM-2)."""
    (warning,) = await say(api, TEACHER, "the password is Hunter2!x")
    assert await say(api, TEACHER, "the password is Hunter2!x", "staff") == []

    seen = await messages(api, TEACHER) + await messages(api, TEACHER, "staff")
    assert warning["text"].startswith("Change that password now")
    assert [each["text"] for each in seen if each["author"] == TEACHER] == ["(not kept: it looked like a password)"] * 2


async def test_only_who_mentions_the_bot_talks_to_it_in_a_shared_place(api: WebDesk) -> None:
    """A command there is seen by its author alone, with its answer."""
    assert await say(api, TEACHER, "Is the hall free?", "staff") == []
    (answer,) = await say(api, TEACHER, "Is the hall free, @SmPolicy?", "staff")
    assert answer["text"] == "You said\n\nIs the hall free?"
    (private,) = await say(api, TEACHER, "/smpolicy", "staff")
    assert private["text"].startswith("What I can do")

    others = [each["text"] for each in await messages(api, "pe_teacher", "staff")]
    assert others == ["Is the hall free?", "Is the hall free, @SmPolicy?", "You said\n\nIs the hall free?"]
    own = [each["text"] for each in await messages(api, TEACHER, "staff")]
    assert own == [*others, "/smpolicy", private["text"]]


async def test_a_form_begun_in_a_shared_place_is_asked_in_private(api: WebDesk) -> None:
    """The pointer is seen by who asked alone."""
    (pointer,) = await say(api, TEACHER, "/smpolicy note", "staff")

    assert "direct chat" in pointer["text"]
    assert await messages(api, "pe_teacher", "staff") == []
    assert "What is it about?" in (await messages(api, TEACHER))[-1]["text"]


# Presses and forms -------------------------------------------------------------------------------


async def test_a_form_is_a_page_after_another(api: WebDesk) -> None:
    """What needs mending is named by field, and the rest is kept."""
    (help_message,) = await say(api, TEACHER, "help")
    pressed = await post(api, "press", {"as": TEACHER, "message": help_message["id"], "button": "Write a note"})
    assert pressed["messages"] == []
    form = pressed["form"]
    assert set(form) == {"session", "title", "intro", "submit", "fields"}
    assert (form["title"], form["submit"]) == ("A note", "Continue")

    body = {"as": TEACHER, "session": form["session"], "values": {"words": ""}}
    status, answer = await api.call("POST", "submit", body)
    assert status == 422
    assert set(answer["errors"]) == {"words"}
    assert answer["form"]["fields"][0]["error"] == answer["errors"]["words"] == answer["error"]

    answer = await post(api, "submit", {**body, "values": {"words": "A trip"}})
    assert (answer["form"]["fields"][0]["name"], answer["errors"]) == ("shared", {})
    answer = await post(api, "submit", {**body, "values": {"shared": False}})
    assert answer["form"] is None
    assert answer["messages"][0]["text"].startswith("NOTE-1")
    status, answer = await api.call("POST", "submit", {**body, "values": {"shared": False}})
    assert status == 404


async def test_each_viewer_has_their_own_buttons(api: WebDesk) -> None:
    """The same message in SLT's place shows other buttons to its author."""
    await note(api, DEPUTY)

    (own,) = await messages(api, DEPUTY, "slt")
    (other,) = await messages(api, "assistant_head", "slt")

    assert own["card"]["buttons"] == [{"label": "Withdraw", "style": "default"}]
    assert other["card"]["buttons"] == [
        {"label": "Approve", "style": "primary"},
        {"label": "Reject", "style": "danger"},
    ]
    assert own["id"] == other["id"]


async def test_a_press_moves_the_case_tells_and_draws_again(api: WebDesk) -> None:
    """What follows has arrived when the answer returns."""
    shown = await note(api)
    (card,) = await messages(api, DEPUTY, "slt")

    answer = await post(api, "press", {"as": DEPUTY, "message": card["id"], "button": "approve"})

    assert (answer["form"], len(answer["messages"])) == (None, 1)
    assert "It is agreed" in answer["messages"][0]["text"]
    (redrawn, _) = await messages(api, DEPUTY, "slt")
    assert (redrawn["id"], redrawn["seq"], redrawn["card"]["buttons"]) == (card["id"], card["seq"], [])
    assert "It is agreed" in redrawn["text"]
    told = [each for each in await messages(api, TEACHER) if "It is agreed" in each["text"]]
    assert [each["id"] for each in told] == [shown["id"], told[1]["id"]]
    # The answer to a press in a shared place is the presser's own.
    assert len(await messages(api, "assistant_head", "slt")) == 1


async def test_a_press_that_needs_words_asks_for_them_or_takes_them_along(api: WebDesk) -> None:
    """A form opened in a shared place answers there, in private."""
    await note(api)
    await note(api, words="Another")
    first, second = await messages(api, DEPUTY, "slt")

    pressed = await post(api, "press", {"as": DEPUTY, "message": first["id"], "button": "Reject"})
    assert [each["name"] for each in pressed["form"]["fields"]] == ["reason"]
    body = {"as": DEPUTY, "session": pressed["form"]["session"], "values": {"reason": "Not now."}}
    done = await post(api, "submit", body)
    assert "It is refused" in done["messages"][0]["text"]
    assert done["messages"][0]["id"] in [each["id"] for each in await messages(api, DEPUTY, "slt")]

    body = {"as": DEPUTY, "message": second["id"], "button": "Reject", "values": {"reason": ""}}
    status, answer = await api.call("POST", "press", body)
    assert (status, set(answer)) == (422, {"error", "errors"})
    assert set(answer["errors"]) == {"reason"}
    done = await post(api, "press", {**body, "values": {"reason": "Not now."}})
    assert (done["form"], "NOTE-2" in done["messages"][0]["text"]) == (None, True)


async def test_a_press_is_judged_though_the_button_is_not_drawn(api: WebDesk) -> None:
    """403 with a sentence, and nothing changed; 422 for a label that never was."""
    mine = await note(api)
    (card,) = await messages(api, DEPUTY, "slt")

    status, answer = await api.call("POST", "press", {"as": TEACHER, "message": mine["id"], "button": "Approve"})
    assert (status, answer) == (403, {"error": "You wrote this note yourself, so somebody else decides."})
    body = {"as": DEPUTY, "message": card["id"], "button": "Withdraw"}
    assert (await api.call("POST", "press", body))[0] == 403
    assert (await messages(api, DEPUTY, "slt")) == [card]

    await post(api, "press", {**body, "button": "Approve"})
    status, answer = await api.call("POST", "press", {**body, "button": "Reject", "values": {"reason": "x"}})
    assert (status, "has moved on" in answer["error"]) == (403, True)
    status, answer = await api.call("POST", "press", {**body, "button": "Dance"})
    assert (status, set(answer)) == (422, {"error"})


async def test_an_action_that_nobody_hears_is_refused(api: WebDesk) -> None:
    """As buttons of an older version are."""
    (help_message,) = await say(api, TEACHER, "help")

    status, _ = await api.call("POST", "press", {"as": TEACHER, "message": help_message["id"], "button": "Hold"})

    assert status == 403


# What is not of the form -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("places", {"as_": "nobody"}),
        ("places", {"as_": "chair"}),
        ("messages", {"as_": TEACHER, "in_": "slt"}),
        ("messages", {"as_": TEACHER, "in_": "moon"}),
        ("messages", {"as_": TEACHER, "in_": f"dm:{DEPUTY}"}),
        ("stream", {"as_": "nobody"}),
        ("nothing", {}),
    ],
)
async def test_what_is_unknown_or_not_to_be_seen_is_404(api: WebDesk, path: str, query: dict[str, str]) -> None:
    """Both alike, so that nobody learns which."""
    status, answer = await api.call("GET", path, **query)

    assert (status, set(answer)) == (404, {"error"})


async def test_other_peoples_messages_and_sessions_are_404(api: WebDesk) -> None:
    """Knowing an id is not enough."""
    (asked,) = await say(api, TEACHER, "/smpolicy note")
    (private,) = await say(api, DEPUTY, "/smpolicy", "slt")
    bodies: list[tuple[str, Json]] = [
        ("press", {"as": DEPUTY, "message": asked["id"], "button": "Cancel"}),
        ("press", {"as": TEACHER, "message": private["id"], "button": "Hold"}),
        ("press", {"as": "assistant_head", "message": private["id"], "button": "Hold"}),
        ("press", {"as": TEACHER, "message": "none", "button": "Hold"}),
        ("submit", {"as": DEPUTY, "session": asked["form"]["session"], "values": {"words": "x"}}),
        ("submit", {"as": TEACHER, "session": "none", "values": {}}),
        ("say", {"as": TEACHER, "in": "slt", "text": "hello"}),
        ("say", {"as": "chair", "in": "dm", "text": "hello"}),
    ]

    for path, body in bodies:
        status, answer = await api.call("POST", path, body)
        assert (status, set(answer)) == (404, {"error"}), body


GOOD: dict[str, dict[str, Json]] = {
    "say": {"as": TEACHER, "in": "dm", "text": "hello"},
    "press": {"as": TEACHER, "message": "x", "button": "x", "values": {}},
    "submit": {"as": TEACHER, "session": "x", "values": {}},
    "clock": {"now": "2026-11-28T22:10:00+00:00"},
}
NO_MOMENTS = (
    *("tomorrow", "2026-11-28", "2026-11-28T22:10:00"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
)
NO_OBJECTS = (b"", b"\xff\xfe", b"nonsense", b"null", b"[]", b'"text"', b"NaN", b"[" * 100_000, b"{}")
NO_TEXTS = (7, ["x"], "\ud800", "\0")
WRONG: list[tuple[str, bytes]] = [
    *((path, raw) for path in GOOD for raw in NO_OBJECTS),
    *(
        (path, json.dumps({**good, name: value}).encode())
        for path, good in GOOD.items()
        for name in good
        for value in NO_TEXTS
    ),
    *(
        (path, json.dumps({key: value for key, value in good.items() if key != name}).encode())
        for path, good in GOOD.items()
        for name in good
        if (path, name) != ("press", "values")
    ),
    *(("clock", json.dumps({"now": now}).encode()) for now in NO_MOMENTS),
]


async def test_an_empty_message_is_answered_and_leaves_nothing_empty_behind(api: WebDesk) -> None:
    for text in ("", "  "):
        status, answer = await api.call("POST", "say", {"as": "new_teacher", "in": "dm", "text": text})

        assert status == 200
        assert [each["author"] for each in answer["messages"]] == ["bot"]
    _, said = await api.call("GET", "messages", as_="new_teacher", in_="dm")
    assert all(each["author"] == "bot" for each in said)


async def test_what_is_not_of_the_form_is_422(api: WebDesk) -> None:
    """Never a 500, and always a sentence."""
    async with ClientSession(f"{api.url}/local/api/") as http:
        for path, raw in WRONG:
            async with http.post(path, data=raw) as response:
                answer = await response.json()
                assert (response.status, set(answer)) == (422, {"error"}), (path, raw[:80])
        for path in ("places", "messages", "messages?as=pe_teacher", "messages?as=pe_teacher&in=dm&after=x"):
            async with http.get(path) as response:
                assert (response.status, set(await response.json())) == (422, {"error"}), path
    assert await messages(api, TEACHER) == []


async def test_a_long_body_is_413_and_another_method_is_405(api: WebDesk) -> None:
    """As JSON too."""
    text = "x" * 1_000_001
    status, answer = await api.call("POST", "say", {"as": TEACHER, "in": "dm", "text": text})
    assert (status, set(answer)) == (413, {"error"})

    status, answer = await api.call("GET", "say")
    assert (status, set(answer)) == (405, {"error"})


async def test_a_bug_is_a_sentence_and_the_log_keeps_no_words(api: WebDesk, caplog: pytest.LogCaptureFixture) -> None:
    """The log names the event and where it failed."""
    body = {"as": TEACHER, "in": "dm", "text": "/smpolicy boom my secret words"}
    status, answer = await api.call("POST", "say", body)

    assert (status, set(answer)) == (500, {"error"})
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


# The door ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:8080"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "192.168.1.7:8080"},
        {"Host": "0.0.0.0"},
        {"Host": ""},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "localhost"},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
    ],
)
async def test_foreign_hosts_and_forwarded_requests_are_refused(api: WebDesk, headers: dict[str, str]) -> None:
    """A rebound name and a tunnel look like this."""
    async with ClientSession(api.url) as http:
        for path in ("/", "/local/gallery", "/local/assets/icon.svg", "/local/api/people", "/local/api/stream?as=dsl"):
            async with http.get(path, headers=headers) as response:
                assert (response.status, set(await response.json())) == (403, {"error"}), path


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 200),
        ("own", 200),
        ("null", 403),
        ("http://evil.example", 403),
        ("http://127.0.0.1:1", 403),
        ("http://127.0.0.1", 403),
        ("", 403),
    ],
)
async def test_only_the_page_itself_writes(api: WebDesk, origin: str | None, status: int) -> None:
    """Another page on this machine may not either."""
    headers = {} if origin is None else {"Origin": api.url if origin == "own" else origin}
    body = {"as": TEACHER, "in": "dm", "text": "hello"}
    async with ClientSession(api.url) as http, http.post("/local/api/say", json=body, headers=headers) as response:
        assert response.status == status
    assert len(await messages(api, TEACHER)) == (2 if status == 200 else 0)


def test_what_counts_as_this_machine() -> None:
    """Addresses and names as headers and sockets have them."""
    for own in ("127.0.0.1", "127.9.9.9", "::1", "localhost", "LocalHost", "::ffff:127.0.0.1"):
        assert is_loopback(own), own
    for foreign in ("", "0.0.0.0", "::", "10.0.0.1", "localhost.evil.example", "127.0.0.1.evil.example", "127.1"):
        assert not is_loopback(foreign), foreign
    assert [host_name(host) for host in ("localhost:80", "[::1]:8080", "a@b", "a b", "[::1", "x:y")] == [
        "localhost", "::1", "", "", "", "",
    ]  # fmt: skip
    assert is_own("http://LOCALHOST:80", "localhost")
    assert not is_own("https://localhost", "localhost")
    assert not is_own("http://localhost:8080", "127.0.0.1:8080")
    assert is_forwarded(["Accept", "x-forwarded-PROTO"])
    assert not is_forwarded(["Accept", "Host"])


async def test_pages_and_answers_carry_their_headers(api: WebDesk) -> None:
    """Nothing foreign runs in the page, and nothing of the API is kept."""
    async with ClientSession(api.url) as http:
        async with http.get("/") as response:
            assert response.content_type == "text/html"
            assert "script-src 'self'" in response.headers["Content-Security-Policy"]
            assert response.headers["X-Content-Type-Options"] == "nosniff"
        async with http.get("/local/assets/api.js") as response:
            assert (response.status, response.content_type) == (200, "text/javascript")
        async with http.get("/local/api/people") as response:
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
        for name in ("edge.py", "..%2fedge.py", "page.html", "none.js"):
            async with http.get(f"/local/assets/{name}") as response:
                assert response.status == 404, name


# Clock, gallery, restart, stream -----------------------------------------------------------------


async def test_moving_the_clock_has_due_jobs_done(api: WebDesk) -> None:
    """Before the answer returns."""
    await note(api)
    assert await get(api, "clock") == {"now": "2026-11-24T09:15:00+00:00", "movable": True}

    answer = await post(api, "clock", {"now": "2026-11-24T10:30:00Z"})

    assert answer == {"now": "2026-11-24T10:30:00+00:00", "movable": True}
    titles = [each["card"]["title"] for each in await messages(api, DEPUTY, "slt")]
    assert titles == ["NOTE-1: a note", "NOTE-1 still waits"]


async def test_a_clock_that_is_not_to_be_moved_stays(office: Office, api: WebDesk) -> None:
    """Beside a real platform, that is."""
    office.clock.movable = False

    status, answer = await api.call("POST", "clock", {"now": "2026-11-28T22:10:00+00:00"})

    assert (status, set(answer)) == (409, {"error"})
    assert await get(api, "clock") == {"now": "2026-11-24T09:15:00+00:00", "movable": False}


def test_the_machines_clock_runs_until_it_is_set() -> None:
    """Then it stands still."""
    clock = LocalClock()
    assert clock.now() <= clock.now()

    clock.set(clock.now())

    assert clock.now() == clock.now()


async def test_the_gallery_shows_every_card_and_every_page(api: WebDesk) -> None:
    """With all buttons, whoever they are drawn for."""
    gallery = await get(api, "gallery")

    (card,) = gallery["cards"]
    assert (card["name"], card["text"][:6]) == ("notes.card", "NOTE-1")
    assert [button["label"] for button in card["card"]["buttons"]] == ["Approve", "Reject"]
    assert [block["type"] for block in card["card"]["blocks"]] == ["facts", "paragraph", "paragraph"]
    assert card["card"]["blocks"][0]["rows"][1] == {
        "label": "From", "value": [{"type": "mention", "text": "History teacher", "person": TEACHER}],
    }  # fmt: skip
    assert card["card"]["blocks"][2]["spans"][1]["type"] == "moment"
    names = ["notes.reject", "notes.write 1/3", "notes.write 2/3", "notes.write 3/3"]
    assert [form["name"] for form in gallery["forms"]] == names
    assert gallery["forms"][0]["form"]["session"] == ""


async def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    """Numbers go on, old buttons still count, and a form can be finished."""
    office = web_office(sample_settings(tmp_path), on_disk(tmp_path), TinyApp)
    await office.open()
    api = office.desk
    assert isinstance(api, WebDesk)
    await note(api)
    (asked,) = await say(api, TEACHER, "/smpolicy note")
    before = [await messages(api, TEACHER), await messages(api, DEPUTY, "slt")]

    await office.restarts()

    assert [await messages(api, TEACHER), await messages(api, DEPUTY, "slt")] == before
    (answer,) = await say(api, TEACHER, "A second")
    assert answer["seq"] > asked["seq"]
    assert "Shall others" in answer["text"]
    await post(api, "press", {"as": DEPUTY, "message": before[1][0]["id"], "button": "Approve"})
    assert "It is agreed" in (await messages(api, DEPUTY, "slt"))[0]["text"]
    await office.close()


async def events(api: WebDesk, person: str, enough: int, opened: asyncio.Event) -> list[tuple[str, Json]]:
    """Return the first events of the stream, less where it ends before: kind and data."""
    heard: list[tuple[str, Json]] = []
    async with ClientSession(api.url) as http, http.get("/local/api/stream", params={"as": person}) as response:
        assert response.content_type == "text/event-stream"
        assert await response.content.readuntil(b"\n\n") == b"retry: 1000\n\n"
        opened.set()
        while len(heard) < enough and (lines := await response.content.readuntil(b"\n\n")):
            fields = dict(line.split(": ", 1) for line in lines.decode().strip().splitlines())
            heard.append((fields.get("event", "message"), json.loads(fields["data"])))
    return heard


async def test_the_stream_tells_what_is_new_and_what_is_drawn_again(api: WebDesk) -> None:
    """To those who may see it, as they see it."""
    opened = asyncio.Event(), asyncio.Event()
    deputy = asyncio.create_task(events(api, DEPUTY, 4, opened[0]))
    colleague = asyncio.create_task(events(api, "pe_teacher", 2, opened[1]))
    for each in opened:
        await each.wait()

    await note(api)
    (card,) = await messages(api, DEPUTY, "slt")
    await post(api, "press", {"as": DEPUTY, "message": card["id"], "button": "Approve"})
    await say(api, TEACHER, "Hello all", "staff")
    await post(api, "clock", {"now": "2026-11-25T10:30:00Z"})

    (_, first), (_, answer), (_, redrawn), (_, chat) = await deputy
    assert first == {"in": "slt", "message": card}
    assert answer["in"] == "slt"
    assert (redrawn["message"]["id"], redrawn["message"]["card"]["buttons"]) == (card["id"], [])
    assert (chat["in"], chat["message"]["text"]) == ("staff", "Hello all")
    (_, chat_again), clock = await colleague
    assert chat_again == chat
    assert clock == ("clock", {"now": "2026-11-25T10:30:00+00:00"})


async def test_streams_end_when_the_program_stops(office: Office, api: WebDesk) -> None:
    """So that stopping does not wait for browsers."""
    opened = asyncio.Event()
    stream = asyncio.create_task(events(api, DEPUTY, 1, opened))
    await opened.wait()

    await office.restarts()

    assert await stream == []


async def test_many_people_at_once_each_get_their_own_answer(api: WebDesk) -> None:
    """And read everything in the order of its numbers."""
    people = [person["id"] for person in await get(api, "people")]

    said = [(person, f"{person} {n}") for n in range(20) for person in people]
    answers = await asyncio.gather(*(say(api, person, words) for person, words in said))

    for (_, words), answer in zip(said, answers, strict=True):
        assert f"You said\n\n{words}" in [each["text"] for each in answer]
    for person in people:
        seqs = [each["seq"] for each in await messages(api, person)]
        assert (seqs, len(seqs)) == (sorted(seqs), 40)


# When the store fails, and when people leave -----------------------------------------------------


class FailingStore:
    """A store in memory of which a test says whether it can write; what is held back waits for its turn."""

    exclusive = True
    healthy = True

    def __init__(self) -> None:
        self.full = False
        self.saved = asyncio.Event()
        self.gates: list[asyncio.Event] = []
        self._store = MemoryStore()
        self.open, self.close = self._store.open, self._store.close

    def of(self, school: str) -> SchoolStore:
        """Return the records of *school*."""
        return FailingSchool(self, self._store.of(school))


class FailingSchool:
    """The records of one school in a store that may fail."""

    def __init__(self, whole: FailingStore, store: SchoolStore) -> None:
        self._whole = whole
        self._store = store
        self.get, self.find, self.due = store.get, store.find, store.due

    async def claim(self, kinds: Sequence[type[L]], before: datetime, lease: Lease[L]) -> list[L]:
        """Claim what is due, or fail."""
        if self._whole.full:
            raise NotSaved
        return await self._store.claim(kinds, before, lease)

    async def save(self, *records: Record, forget: Sequence[Record] = ()) -> None:
        """Save, or fail."""
        if self._whole.gates:
            await self._whole.gates.pop(0).wait()
        if self._whole.full:
            raise NotSaved
        await self._store.save(*records, forget=forget)
        self._whole.saved.set()


async def test_what_can_not_be_saved_is_503_and_nothing_is_kept(tmp_path: Path) -> None:
    """The sentence says whom to phone; once the store writes again, all goes on."""
    store = FailingStore()
    office = web_office(sample_settings(tmp_path), lambda: store, TinyApp)
    await office.open()
    api = office.desk
    assert isinstance(api, WebDesk)
    await note(api)
    (card,) = await messages(api, DEPUTY, "slt")
    before = await messages(api, TEACHER)

    store.full = True
    for text in ("A pupil is in danger", "/smpolicy note"):
        status, answer = await api.call("POST", "say", {"as": TEACHER, "in": "dm", "text": text})
        assert (status, "phone" in answer["error"]) == (503, True)
    status, _ = await api.call("POST", "press", {"as": DEPUTY, "message": card["id"], "button": "Approve"})
    assert status == 503
    store.full = False

    assert await messages(api, TEACHER) == before
    assert await messages(api, DEPUTY, "slt") == [card]
    await post(api, "press", {"as": DEPUTY, "message": card["id"], "button": "Approve"})
    await office.close()


@pytest.mark.parametrize("first_fails", [False, True])
async def test_messages_are_shown_in_the_order_of_their_numbers(first_fails: bool) -> None:
    """A later save that is done first waits, so that nobody who reads up to a number misses one before it."""
    store, gates = FailingStore(), [asyncio.Event(), asyncio.Event()]
    journal = Journal("school", store.of("school"), LocalClock(start=START))
    await journal.open()
    store.gates = list(gates)
    first = asyncio.create_task(journal.add(Draft("one", TEACHER, "staff", "first")))
    second = asyncio.create_task(journal.add(Draft("two", TEACHER, "staff", "second")))

    gates[1].set()
    await store.saved.wait()
    assert (journal.last, journal.since("staff", 0)) == (0, [])
    store.full = first_fails
    gates[0].set()
    await asyncio.gather(first, second, return_exceptions=True)

    shown = ["second"] if first_fails else ["first", "second"]
    assert [each.text for each in journal.since("staff", 0)] == shown
    assert journal.last == 2


async def test_who_has_left_is_nobody_here(tmp_path: Path) -> None:
    """From the day after the last one."""
    settings = sample_settings(tmp_path)
    people = tuple(
        replace(each, person=replace(each.person, left=date(2026, 11, 24))) if each.person.id == TEACHER else each
        for each in settings.people
    )
    office = web_office(replace(settings, people=people), in_memory(), TinyApp)
    await office.open()
    api = office.desk
    assert isinstance(api, WebDesk)
    assert await say(api, TEACHER, "hello")

    await office.clock_to("2026-11-25 00:00")

    assert TEACHER not in [person["id"] for person in await get(api, "people")]
    assert (await api.call("GET", "places", as_=TEACHER))[0] == 404
    assert (await api.call("POST", "say", {"as": TEACHER, "in": "dm", "text": "hello"}))[0] == 404
    await office.close()
