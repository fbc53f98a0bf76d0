"""The running program in Teams, killed on the way, shut out, filled up and stopped; and what comes twice or at once."""

from __future__ import annotations

import asyncio
import json
import resource
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.conversation.sessions import Session
from bot.domain.applications import Application, State
from bot.domain.jobs import Errand, Job
from bot.sayings import Saying
from tests import raw
from tests.process import DRAINED_WITHIN, Program, events_logged
from tests.slack.desk import BOT_TOKEN
from tests.slack.desk import SECRET as SLACK_SECRET
from tests.stories.test_apply import AIM, BUSINESS_CASE, TRAINED
from tests.teams import activities
from tests.teams.desk import APP_ID, SLT, STAFF
from tests.teams.issuer import SECRET, TENANT
from tests.teams.process import Said, Tenant, running, unreachable
from tests.teams.school import School, labelled, text_of
from tests.teams.tokens import wrong_headers

Json = Any
FIRST_PAGE: dict[str, Json] = {**BUSINESS_CASE, "audience": ["Pupils"]}
MOVES = ["begin", "submit", "confirm", "confirm", "approve", "approve", "approve"]
FORM = "A new school account"
CARD = "APP-1: @BebingtonHistory on X (Twitter)"
NEWS_OF_THE_VOTES = "APP-1: Head considering"
FIRST_QUESTION = "What is the aim of the account?"
QUESTION = "May I name the school in a post on my own account?"
ANSWERED, CITED = "What the policy says", "From the policy"
WHOM_TO_PHONE = "This was not saved, and nobody has been told."
PAGE = "Fill in as a page"
HANDLE = "@BebHistory on X (Twitter)"
REPORT = "incidents.report_message"
JSON_TYPE = ("Content-Type", "application/json; charset=utf-8")


@pytest.fixture
async def bebington(tmp_path: Path) -> AsyncIterator[Tenant]:
    """The school with the program as a process of its own."""
    async with running(tmp_path) as opened:
        yield opened


def titles(said: Iterable[Said]) -> dict[str, list[str]]:
    """Return what each reader was told, oldest first."""
    told: dict[str, list[str]] = {}
    for each in said:
        told.setdefault(each.reader, []).append(each.title)
    return told


# The whole story, killed twice -------------------------------------------------------------------


async def test_an_application_outlives_two_kills(bebington: Tenant) -> None:
    """Begun in a dialog, finished in the chat, approved by two presses at once: nothing is lost or decided twice.

    Teams can't be asked what was said, so what was on its way when the program was killed is said again: two messages,
    the question that followed an answer and the card for the Head. Everything else that is said twice would have been
    on its way in the very same moment, of which there is one candidate: the applicant's news of the votes.
    """
    teams, program = bebington.fake, bebington.program
    teacher, runner, newcomer = map(bebington.person, ("history_teacher", "pe_teacher", "new_teacher"))
    deputy, assistant, head = map(bebington.person, ("deputy_head", "assistant_head", "head_teacher"))
    witness, administrator = map(bebington.person, ("teaching_assistant", "administrator"))
    never = asyncio.Event()

    # The history teacher begins in a dialog, and leaves it for the chat on its second page.
    assert (await teacher.writes("apply")).ok
    await teacher.opens(PAGE, on=FIRST_QUESTION)
    await teacher.fills(**FIRST_PAGE)
    assert teacher.human.dialog is not None
    assert "Pupils will see it" in teacher.human.dialog.text
    assert (await teacher.human.submit("Answer in chat instead")).ok
    await teacher.hears("appropriate for teaching and learning")

    # The first kill: an answer is heard and the next question on its way; two colleagues are not looked at yet.
    next_question = teams.delay_next(never, method="POST", place=teacher.human.id, path="/activities")
    look_ups = [teams.delay_next(never, method="GET", place=each) for each in (newcomer.human.dm, STAFF)]
    rumour = teacher.human.writes(STAFF, "There is a fake account of ours.")
    unanswered = [
        asyncio.create_task(newcomer.writes(QUESTION)),
        asyncio.create_task(witness.human.shortcut(rumour, REPORT)),
    ]
    for each in look_ups:
        await each.reached.wait()
    answered = await teacher.writes("Short reminders about homework.")
    await next_question.reached.wait()
    await program.kill()
    asked, reported = [await each for each in unanswered]
    assert (answered.status, asked.status, reported.status) == (200, 0, 0)

    # It comes up again. Teams repeats what it got no answer to, and here what it got one to as well.
    await bebington.start()
    for delivery in (asked, reported, answered):
        assert (await teams.again(delivery)).ok
    await newcomer.hears(CITED)

    # The draft goes on where it was.
    for question, answer in (
        ("possible implications", "Comments are turned off."),
        ("minimum age", "All are old enough"),
        ("private messages", "Private messages are turned off"),
    ):
        await teacher.hears(question)
        assert (await teacher.writes(answer)).ok
    await teacher.presses("Submit", on="your draft")
    for person in (teacher, runner):
        await person.opens("Confirm", on="will you run")
        await person.fills(trained=TRAINED)

    # SLT approves with two presses at once, and the second kill comes while the Head is told.
    to_head = teams.delay_next(never, method="POST", place=head.human.id, path="/activities")
    presses = await asyncio.gather(*(each.presses("Approve", AIM, SLT) for each in (deputy, assistant)))
    await to_head.reached.wait()
    await program.kill()
    await bebington.start()
    assert ["Recorded." in press.answer["value"] for press in presses] == [True, True]
    repeated = [await teams.again(press) for press in presses]
    assert [each.answer["value"].partition(".")[0] for each in repeated] == ["That has arrived already"] * 2

    # Everybody gets to know, the Head approves, and all of it was once.
    await bebington.until(lambda: head.heard("SLT approves") == 2)
    await deputy.hears("The Head decides next", SLT)
    await head.presses("Approve", on=AIM)
    await administrator.hears("Put the details in the password vault")
    await teacher.hears("The account administrator creates it next.")
    await teacher.hears("APP-1: creating")

    # Of the two cards that the Head got, the program knows the second; on the first it is too late for anything.
    forgotten = next(each for each in head.human.messages("dm") if each.summary == CARD)
    late = await head.human.press(forgotten, "Approve")
    assert "APP-1 has moved on" in late.answer["value"]
    assert await program.terminated() == 0

    said = bebington.said()
    again = Counter(said) - Counter(dict.fromkeys(said, 1))
    assert set(again.values()) == {1}, again
    repeated_titles = {(each.reader, each.title) for each in again}
    on_its_way = {("history_teacher", FORM), ("head_teacher", CARD)}
    assert on_its_way <= repeated_titles <= {*on_its_way, ("history_teacher", NEWS_OF_THE_VOTES)}
    assert titles(dict.fromkeys(said)) == {
        "history_teacher": [
            f"{FORM} – 1 of 5",
            *4 * [FORM],
            "APP-1: your draft",
            "APP-1: waiting for runners",
            "APP-1: will you run @BebingtonHistory on X (Twitter)?",
            "APP-1: waiting for runners",
            "APP-1: SLT considering",
            NEWS_OF_THE_VOTES,
            "APP-1: creating",
        ],
        "new_teacher": [ANSWERED, CITED],
        "pe_teacher": ["APP-1: will you run @BebingtonHistory on X (Twitter)?", "APP-1: SLT considering"],
        SLT: [CARD],
        "head_teacher": [CARD, "APP-1: creating"],
        "administrator": ["APP-1: create @BebingtonHistory on X (Twitter)"],
    }
    async with program.records() as records:
        [application] = await records.find(Application)
        left = [each for each in await records.find(Job) if each.due_at and each.due_at <= datetime.now(UTC)]
        assert [each.person for each in await records.find(Session)] == ["teaching_assistant"]
        assert await records.find(Saying) == []
    assert not [each for each in left if each.errand is Errand.TELL]
    assert application.state is State.CREATING
    assert application.answers["suits_learning"] == "Short reminders about homework."
    assert [each.move for each in application.history] == MOVES


# Stopping ------------------------------------------------------------------------------------------


async def test_a_signal_lets_what_is_under_way_finish(bebington: Tenant) -> None:
    """A message is taken and a dialog opens, both are kept, and the program ends in order."""
    teams, program, let_go = bebington.fake, bebington.program, asyncio.Event()
    teacher, witness = bebington.person("history_teacher"), bebington.person("teaching_assistant")
    look_ups = [teams.delay_next(let_go, method="GET", place=each) for each in (teacher.human.dm, STAFF)]
    rumour = teacher.human.writes(STAFF, "There is a fake account of ours.")
    applying = asyncio.create_task(teacher.writes("apply"))
    reporting = asyncio.create_task(witness.human.shortcut(rumour, REPORT))
    for each in look_ups:
        await each.reached.wait()

    program.asked_to_stop()
    let_go.set()
    code = await program.ended()
    message, invoke = await applying, await reporting
    async with program.records() as records:
        sessions = {each.person: each.asked for each in await records.find(Session)}

    assert code == 0
    assert [len(each.attempts) for each in (message, invoke)] == [1, 1]
    assert [each.status for each in (message, invoke)] == [200, 200]
    assert witness.human.dialog is not None
    assert sessions == {"history_teacher": "aim", "teaching_assistant": ""}
    await bebington.start()
    assert [(await teams.again(each)).status for each in (message, invoke)] == [200, 200]
    await teacher.hears(FIRST_QUESTION)
    assert [each.title for each in bebington.said() if each.reader == "history_teacher"] == [f"{FORM} – 1 of 5"]


async def test_a_signal_is_heeded_though_microsoft_says_nothing_at_all(bebington: Tenant) -> None:
    """Without a token nothing can be said; it takes ten seconds at most, and the next program says it once."""
    teacher, witness = bebington.person("history_teacher"), bebington.person("teaching_assistant")
    never = asyncio.Event()
    bebington.issuer.revoke()
    bebington.issuer.tokens.gate = never
    bebington.issuer.tokens.asked.clear()

    message = asyncio.create_task(teacher.writes(QUESTION))
    search = asyncio.create_task(witness.human.search("name the school"))
    deliveries = [await message, await search]
    await bebington.issuer.tokens.asked.wait()
    begun = time()
    code = await bebington.program.terminated()
    took = time() - begun
    bebington.issuer.tokens.gate = None
    never.set()
    await bebington.start()
    await teacher.hears(CITED)

    assert code == 0
    assert took < DRAINED_WITHIN
    assert [each.status for each in deliveries] == [200, 200]
    assert witness.human.results
    assert [each.title for each in bebington.said()] == [ANSWERED, CITED]


# Logs ----------------------------------------------------------------------------------------------


async def test_the_log_holds_nothing_that_people_typed(tmp_path: Path) -> None:
    """Not at its most talkative, whatever goes wrong, and no token or secret either; each line is JSON."""
    typed = ("Quidditch", "Hogsmeade", "Thestral", "Dumbledore", "Butterbeer", "Niffler", "Erised", "Gringotts")
    async with running(tmp_path, SMPOLICY_LOG="debug") as bebington:
        teacher, colleague = bebington.person("history_teacher"), bebington.person("new_teacher")
        fake, program = bebington.fake, bebington.program
        fake.fail_next(500, method="POST", place=colleague.human.id)
        fake.fail_next(400, "BadArgument", method="POST", place=STAFF)
        fake.drop_next(after=True, method="GET", place=colleague.human.id)
        await colleague.writes(f"May I post about {typed[0]}?")
        await colleague.writes(f"may I post about {typed[1]}?", STAFF)
        await colleague.human.search(typed[2])
        await fake.event(colleague.human.dm, colleague.human.id, "typing")
        await teacher.writes("apply")
        await teacher.opens(PAGE, on=FIRST_QUESTION)
        await teacher.fills(**{**FIRST_PAGE, "aim": f"Show {typed[3]}", "handle": f"@{typed[4]}"})
        await teacher.human.submit("Answer in chat instead")
        question = await teacher.hears("appropriate for teaching and learning")
        await teacher.human.shortcut(teacher.human.writes(STAFF, f"Look at {typed[5]}"), REPORT)
        await teacher.human.forge_submit({"smpolicy": {"action": typed[6], "subject": [typed[6]]}, "x": typed[6]})
        await teacher.human.forge(question, {"type": "Action.Execute", "verb": typed[7], "data": {typed[7]: typed[7]}})
        statuses = [await sent(bebington, body) for body in malformed(typed[7], bebington)]
        statuses.append((await raw.posts(f"{program.url}/api/messages", [("Gringotts", "\x00Quidditch")], b""))[0])
        assert await program.terminated() == 0
        log = program.log

    assert set(statuses) == {400}
    assert {each["level"] for each in events_logged(log)} >= {"debug", "info"}
    assert [each for each in events_logged(log) if "where" in each], "nothing went so wrong that a traceback is logged"
    secrets = (SECRET, "bot-token-", "Bearer", "eyJ")
    assert not [each for each in (*typed, "Pupils", *secrets) if each.lower() in log.lower()]
    assert "traceback" not in log.lower()
    assert "failed with" not in log


def malformed(word: str, tenant: Tenant) -> list[bytes]:
    """Return bodies that no Teams sends, each with *word* in it."""
    right = {"type": "message", "channelId": "msteams", "serviceUrl": tenant.fake.base_url, "text": word}
    somebody = {**right, "conversation": {"id": word}, "from": {"id": word}}
    return [
        f'{{"{word}"'.encode(), json.dumps([word]).encode(), json.dumps(word).encode(), b"\xff" + word.encode(),
        json.dumps(right).encode(), json.dumps({**right, "conversation": word}).encode(),
        json.dumps({**right, "conversation": {"id": [word]}}).encode(),
        json.dumps({**right, "conversation": {"id": word}, "from": [word]}).encode(),
        json.dumps({**somebody, "text": [word]}).encode(),
        json.dumps({**somebody, "type": "invoke", "name": word}).encode(),
    ]  # fmt: skip


async def sent(tenant: Tenant, body: bytes) -> int:
    """Return the status of bytes that come with a token that is right."""
    return (await tenant.fake.sends(body)).status


# Who comes in --------------------------------------------------------------------------------------


async def test_nobody_comes_in_without_the_word_of_microsoft(bebington: Tenant) -> None:
    """Every wrong token is 401, a foreign service address 403; nobody is called, and nothing is done."""
    issuer, teams, url = bebington.issuer, bebington.fake, f"{bebington.program.url}/api/messages"
    activity = message_of(bebington, "apply")
    calls, tokens = len(teams.calls), len(issuer.asked)

    rows = wrong_headers(issuer, teams.base_url, time())
    rows["not valid yet"] = wrong_headers(issuer, teams.base_url, time() + 600)["not valid yet"]
    answers = {name: await raw.posts(url, [JSON_TYPE, *row], activity) for name, row in rows.items()}
    async with Elsewhere() as elsewhere:
        foreign = activity.replace(teams.base_url.encode(), elsewhere.url.encode())
        headers = [JSON_TYPE, ("Authorization", issuer.bearer(elsewhere.url))]
        foreign_status, _ = await raw.posts(url, headers, foreign)
    head = await bebington.program.status("GET", "/api/messages")
    done = (len(teams.calls), len(issuer.asked))
    right_status, _ = await raw.posts(url, [JSON_TYPE, ("Authorization", issuer.bearer(teams.base_url))], activity)
    await bebington.person("history_teacher").hears(FIRST_QUESTION)

    assert len(rows) > 50
    assert {name: answer for name, answer in answers.items() if answer != (401, "Unauthorized")} == {}
    assert (foreign_status, elsewhere.calls, head) == (HTTPStatus.FORBIDDEN, 0, HTTPStatus.METHOD_NOT_ALLOWED)
    assert done == (calls, tokens)
    assert right_status == HTTPStatus.OK


async def test_without_an_app_id_or_its_secret_teams_is_off(tmp_path: Path) -> None:
    """Nothing is where Teams would deliver, be it beside Slack or for trying out, where nobody would have to prove."""
    access = {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SLACK_SECRET,
        "SLACK_API_URL": "http://127.0.0.1:9/",
    }
    half = {"MICROSOFT_APP_ID": APP_ID, "MICROSOFT_APP_TENANT_ID": TENANT}
    folders = [tmp_path / each for each in ("slack", "local")]
    for each in folders:
        each.mkdir()
    programs = [Program(folders[0], **access), Program(folders[1], "--local", **half)]
    try:
        await asyncio.gather(*(each.start() for each in programs))
        statuses = [await each.status("POST", "/api/messages") for each in programs]
    finally:
        await asyncio.gather(*(each.over() for each in programs))

    assert statuses == [HTTPStatus.NOT_FOUND] * 2


async def test_for_trying_out_only_this_machine_comes_in(tmp_path: Path) -> None:
    """Without tokens; not through a proxy, under another name or from a page on the web. No other host is called."""
    async with running(tmp_path, "--local", app_id="") as bebington:
        teacher, url = bebington.person("history_teacher"), f"{bebington.program.url}/api/messages"
        activity, port = message_of(bebington, "apply"), urlsplit(bebington.program.url).port
        assert (await teacher.writes(QUESTION)).ok
        await teacher.hears(CITED)
        calls = len(bebington.fake.calls)

        passed_on = [
            ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Host", "localhost"), ("Forwarded", "for=127.0.0.1"),
            ("Via", "1.1 tunnel"), ("X-Real-IP", "127.0.0.1"), ("CF-Connecting-IP", "127.0.0.1"),
            ("Host", "bot.school.example"), ("Origin", "https://elsewhere.example"), ("Origin", "null"),
        ]  # fmt: skip
        statuses = {each: (await raw.posts(url, [JSON_TYPE, each], activity))[0] for each in passed_on}
        foreign = [
            activity.replace(bebington.fake.base_url.encode(), each)
            for each in (b"https://smba.trafficmanager.net/uk/", b"http://elsewhere.example/", b"http://10.0.0.1/")
        ]
        abroad = [(await raw.posts(url, [JSON_TYPE], each))[0] for each in foreign]
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.2", port)

    assert set(statuses.values()) == {HTTPStatus.FORBIDDEN}, statuses
    assert abroad == [HTTPStatus.FORBIDDEN] * len(foreign)
    assert len(bebington.fake.calls) == calls


def message_of(tenant: Tenant, text: str) -> bytes:
    """Return what Teams sends when the history teacher writes *text*; each time it is another message."""
    human = tenant.person("history_teacher").human
    workspace = tenant.fake.workspace
    said = activities.typed_text(workspace, text, mention=False)
    place = workspace.personal(human.id)
    made = activities.activity(workspace, "message", human.user, place, **said, id=workspace.message_id())
    return json.dumps(made).encode()


class Elsewhere:
    """Somebody who would like to be called, and counts who calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.url = ""

    async def __aenter__(self) -> Elsewhere:
        self._server = await asyncio.start_server(self._called, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/uk/"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _called(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        self.calls += 1
        writer.close()


# A Teams that takes its time ------------------------------------------------------------------------


async def test_being_added_is_acknowledged_though_teams_is_slow_to_say_who_is_there(school: School) -> None:
    """Nobody waits for the members of a channel: Teams would say once more that the bot was added."""
    let_go = asyncio.Event()
    school.fake.delay_next(let_go, method="GET", path="/pagedmembers")

    added = await school.fake.installs(SLT, school.human("deputy_head").id)
    school.fake.delay_next(let_go, method="GET", path="/pagedmembers")
    joined = await school.fake.joins(SLT, school.human("pe_teacher").id)
    let_go.set()
    await school.settled()

    assert [each.status for each in (added, joined)] == [200, 200]
    assert [len(each.attempts) for each in (added, joined)] == [1, 1]


# A disk that takes nothing more --------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="the kernel can't be told what a process may write")
async def test_what_cannot_be_saved_is_answered_with_whom_to_phone(bebington: Tenant) -> None:
    """A message, a page and a press alike; nothing is claimed as done, and all of it works once there is room."""
    program, teacher, witness = bebington.program, bebington.person("pe_teacher"), bebington.person("history_teacher")
    await teacher.writes("apply")
    await teacher.opens(PAGE, on=FIRST_QUESTION)
    await teacher.fills(**BUSINESS_CASE)
    await teacher.hears("your draft")
    await witness.writes("apply")
    await witness.opens(PAGE, on=FIRST_QUESTION)

    with program.disk_full():
        written = await witness.writes(AIM)
        await witness.hears(WHOM_TO_PHONE)
        await witness.fills(**FIRST_PAGE)
        page = witness.human.dialog
        pressed = await teacher.presses("Submit", on="your draft")
        ready = await program.status("GET", "/readyz")
    assert page is not None
    shown, typed = page.text, page.inputs["aim"].value
    taken = await witness.human.submit()
    following = witness.human.dialog
    submitted = await teacher.presses("Submit", on="your draft")
    await teacher.hears("will you run")

    assert [each.status for each in (written, pressed, taken, submitted)] == [200] * 4
    assert WHOM_TO_PHONE in shown
    assert typed == AIM
    assert WHOM_TO_PHONE in pressed.answer["value"]
    assert "waiting for runners" not in pressed.answer["value"]
    assert "phone 999" in shown
    assert ready == HTTPStatus.SERVICE_UNAVAILABLE
    assert following is not None
    assert "Pupils will see it" in following.text
    assert "waiting for runners" in submitted.answer["value"]
    assert witness.heard(FIRST_QUESTION) == 1


# At once -------------------------------------------------------------------------------------------


async def votes(school: School) -> tuple[State, list[str], int]:
    """Return where the application stands, who voted for it, and how often a vote was noted in its history."""
    await school.settled()
    [application] = await school.find(Application)
    moves = [each.move for each in application.history]
    return application.state, sorted(each.person for each in application.standing_votes()), moves.count("approve")


async def test_two_of_slt_press_at_the_same_moment(school: School) -> None:
    """Both votes count, each is told of what has come of them, and the Head is asked once."""
    card, head = await school.asks_slt(), school.human("head_teacher")
    deputy, assistant = school.human("deputy_head"), school.human("assistant_head")

    together = await asyncio.gather(*(each.press(card, "Approve") for each in (deputy, assistant)))
    standing = await votes(school)
    too_late = await deputy.press(card, "Approve")

    answers = sorted(each.answer["value"] for each in together)
    assert standing == (State.HEAD, ["assistant_head", "deputy_head"], 2)
    assert "The Head decides next." in answers[0]
    assert "so far 1 to approve" in answers[1]
    assert "so nothing was changed" in too_late.answer["value"]
    assert await votes(school) == standing
    assert [text_of(each).splitlines()[0] for each in school.fake.posted(head.dm)] == [f"APP-1: {HANDLE}"]
    assert len(school.fake.posted(SLT)) == 1


async def test_one_of_slt_presses_twice_at_the_same_moment(school: School) -> None:
    """A double click sends two presses, each with an id of its own: that is one vote, noted once."""
    card, deputy = await school.asks_slt(), school.human("deputy_head")

    twice = await asyncio.gather(*(deputy.press(card, "Approve") for _ in range(2)))

    assert twice[0].id != twice[1].id
    assert len({each.body for each in twice}) == 1
    assert "Recorded." in twice[0].body
    assert await votes(school) == (State.CONSIDERING, ["deputy_head"], 1)


async def test_the_same_press_comes_twice_at_once_and_again(school: School) -> None:
    """Teams heard nothing and repeats itself: each time the same answer, one vote, and nothing new to read."""
    card, deputy = await school.asks_slt(), school.human("deputy_head")
    with unreachable(school.fake):
        lost = await deputy.press(card, "Approve")
    before = len(school.fake.posted())

    twice = await asyncio.gather(*(school.fake.again(lost) for _ in range(2)))
    standing = await votes(school)
    later = await school.fake.again(lost)
    await school.office.restarts()
    afterwards = await school.fake.again(lost)

    assert lost.status == 0
    assert {each.body for each in (*twice, later)} == {twice[0].body}
    assert "Recorded." in twice[0].body
    assert "That has arrived already." in afterwards.answer["value"]
    assert standing == (State.CONSIDERING, ["deputy_head"], 1)
    assert await votes(school) == standing
    assert len(school.fake.posted()) == before


async def test_one_press_in_two_shapes_is_one_decision(school: School) -> None:
    """A client that knows no Action.Execute sends a message instead; the Head's word is taken once all the same."""
    card, head = await school.asks_slt(), school.human("head_teacher")
    for each in ("deputy_head", "assistant_head"):
        await school.human(each).press(card, "Approve")
    await school.settled()
    asked = school.last(head)
    approve = labelled(asked.card, "Approve").action

    executed, submitted = await asyncio.gather(head.press(asked, "Approve"), head.press(asked, approve["fallback"]))

    assert (executed.status, submitted.status) == (200, 200)
    assert await votes(school) == (State.CREATING, ["assistant_head", "deputy_head"], 3)
    told = [each for each in school.said(school.human("administrator")) if "Put the details" in each]
    assert len(told) == 1


async def test_of_two_decisions_at_once_one_holds(school: School) -> None:
    """The Head approves while the assistant head asks for changes: whoever was second is told what has become of it."""
    card = await school.asks_slt()
    deputy, assistant = school.human("deputy_head"), school.human("assistant_head")
    await deputy.press(card, "Approve")
    await school.settled()
    await deputy.press(card, "Ask for changes")

    changes, vote = await asyncio.gather(
        deputy.submit(values={"reason": "Who answers comments in the holidays?"}), assistant.press(card, "Approve")
    )  # fmt: skip
    state, *_ = await votes(school)
    said = (changes.answer["task"]["value"], vote.answer["value"])

    assert state in (State.CHANGES, State.HEAD)
    assert ["so nothing was changed" in each for each in said] == [state is State.HEAD, state is State.CHANGES]
    assert sum("Recorded." in each for each in said) == 1
