"""Where people talk to the bot in Teams: their direct chat, channels, private ones too, and group chats."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bot.domain.incidents import Incident
from bot.platforms.teams.talk import IN_DIRECT_CHAT
from tests.teams.desk import SLT, STAFF
from tests.teams.human import Human
from tests.teams.school import (
    School,
    labels,
    text_of,
)

Json = Any
pytestmark = pytest.mark.timeout(30)
QUESTION = "May I name the school in a post?"
IN_CHAT = "Answer in chat instead"
DISCLOSED = "A pupil told me that her father hits her"
MARK = "marker-93-of-a-pupil"
CHAT, ELSEWHERE = "19:chat@thread.v2", "19:elsewhere@thread.tacv2"
SHARED = (STAFF, SLT, CHAT)


@pytest.fixture
def deputy(school: School) -> Human:
    """A member of SLT, who is in its channel and in a chat with the Head as well."""
    deputy = school.human("deputy_head")
    school.fake.group_chat(CHAT, [deputy.id, school.human("head_teacher").id])
    return deputy


async def calls_in(school: School, human: Human, text: str, place: str = "dm", **mentions: Json) -> str:
    """Have *human* write *text*, in which `@` stands where they mention the bot; return the id of the message.

    *mentions* are fields of the entity that tells of it, None for those that are left out.
    """
    called = "<at>smpolicy</at>"
    entity = {"type": "mention", "mentioned": school.fake.workspace.bot, "text": called, **mentions}
    told = {name: value for name, value in entity.items() if value is not None}
    where = human.dm if place == "dm" else place
    post = human.writes(place, text)
    words = {"text": text.replace("@", called), "textFormat": "plain", "entities": [told], "id": post.id}
    account = {"conversation": {"id": post.conversation, "conversationType": _kind(school, where)}}
    await school.accepts(await school.fake.event(where, human.id, "message", **words, **account))
    return post.id


def _kind(school: School, place: str) -> str:
    return school.fake.workspace.conversations[place].kind


# The direct chat -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("help", "What I can do"),
        ("  HELP  ", "What I can do"),
        ("/smpolicy", "What I can do"),
        ("/smpolicy help", "What I can do"),
        (QUESTION, "What the policy says"),
        (f"ask {QUESTION}", "What the policy says"),
        (f"/smpolicy ask {QUESTION}", "What the policy says"),
        ("ask", "What would you like to know?"),
        ("my", "Nothing open"),
        ("My.", "Nothing open"),
        ("accounts", "The register is empty"),
        ("/smpolicy accounts history", "Nothing in the register matches “history”"),
        ("settings", "The school's settings"),
        ("acting", "Nobody is named to act for the Head"),
        ("/smpolicy reprot", "Did you mean /smpolicy report?"),
        ("report", "What is it about?"),
        ("abuse", "What is it about?"),
        ("apply", "What is the aim of the account?"),
        ("journalist", "Give the journalist's name."),
    ],
)
async def test_what_is_typed_in_the_direct_chat_is_answered_there(school: School, text: str, answer: str) -> None:
    teacher = school.human("history_teacher")

    delivery = await school.accepts(await teacher.says("dm", text))

    assert not delivery.body
    assert len(school.said(teacher)) == 1
    assert answer in school.said(teacher, "dm")[0]


@pytest.mark.parametrize("text", ["@ report", "@report", "@&nbsp;report", "  @\xa0 report\n", "@, report", "report @"])
async def test_a_mention_in_the_direct_chat_is_no_part_of_the_words(school: School, teacher: Human, text: str) -> None:
    await calls_in(school, teacher, text)

    assert "What is it about?" in school.said(teacher)[0]


async def test_every_command_and_every_other_name_of_it_is_answered(school: School, teacher: Human) -> None:
    for name in school.desk.app.assistant.switchboard.commands:
        before = len(school.said(teacher))
        await school.accepts(await teacher.says("dm", f"/smpolicy {name}"))
        assert len(school.said(teacher)) == before + 1, name
        await school.accepts(await teacher.says("dm", "cancel"))


async def test_one_question_gets_one_answer_and_no_sign_of_typing(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", QUESTION))

    assert len(school.said(teacher)) == 1
    assert {each.body["type"] for each in school.fake.called("POST")} == {"message"}


async def test_an_answered_question_shows_what_was_answered_and_no_buttons(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "report"))
    asked = school.last(teacher)

    await school.accepts(await teacher.press(asked, "Something else"))

    settled = school.shown(teacher, asked)
    assert not labels(settled.card)
    assert "→ Something else" in text_of(settled)
    # Whoever looks again later, or on another device, sees the same.
    everywhere = next(each for each in school.fake.posted(teacher.dm) if each.id == asked.id)
    assert text_of(everywhere) == text_of(settled)
    assert not labels(everywhere.card)


async def test_a_form_is_filled_in_by_words_and_buttons_and_sent(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "report"))
    for label in ("Something else", "Yes", "No"):
        await school.accepts(await teacher.press(school.last(teacher), label))
    for words in ("skip", "Seen at the gate."):
        await school.accepts(await teacher.says("dm", words))
    await school.accepts(await teacher.press(school.last(teacher), "No"))
    assert "Seen at the gate." in school.said(teacher)[-1]

    await school.accepts(await teacher.press(school.last(teacher), "Submit"))

    assert len(await school.find(Incident)) == 1
    assert "Something has been sent to you" in school.said(school.human("dsl"))[-1]


# Channels and group chats --------------------------------------------------------------------


@pytest.mark.parametrize("place", SHARED)
async def test_a_mention_is_answered_where_it_stands_for_everybody(school: School, deputy: Human, place: str) -> None:
    said = await deputy.says(place, QUESTION)
    await school.accepts(said)

    answer = school.last(school.human("head_teacher"), place)
    assert "What the policy says" in text_of(answer)
    assert answer.thread == ("" if place == CHAT else said.id)
    assert not school.said(deputy, "dm")


@pytest.mark.parametrize("place", [STAFF, SLT])
async def test_a_mention_in_a_thread_is_answered_in_that_thread(school: School, deputy: Human, place: str) -> None:
    first = school.human("head_teacher").writes(place, "Does anybody know?")

    await school.accepts(await deputy.says(place, QUESTION, thread=first.id))

    assert school.last(deputy, place).thread == first.id


@pytest.mark.parametrize("text", ["@ May I name the school in a post?", "May I, @, name the school in a post?"])
@pytest.mark.parametrize("place", SHARED)
async def test_it_does_not_matter_where_in_the_sentence_the_bot_is_called(
    school: School, deputy: Human, text: str, place: str
) -> None:
    await calls_in(school, deputy, text, place)

    assert "STF-4" in school.said(deputy, place)[0]


@pytest.mark.parametrize("place", SHARED)
async def test_what_people_write_to_each_other_is_not_for_the_bot(school: School, deputy: Human, place: str) -> None:
    said = await deputy.says(place, "report", mention=False)

    assert said.kind == "none"
    await school.settled()
    assert not school.fake.posted()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("help", "What I can do"),
        ("", "What I can do"),
        ("my", "Nothing open"),
        ("/smpolicy my", "Nothing open"),
        ("accounts", "The register is empty"),
        ("settings", "The school's settings"),
        ("/smpolicy reprot", "Did you mean /smpolicy report?"),
    ],
)
@pytest.mark.parametrize("place", SHARED)
async def test_a_command_in_a_shared_place_is_answered_in_the_direct_chat(
    school: School, deputy: Human, text: str, answer: str, place: str
) -> None:
    said = await school.accepts(await deputy.says(place, text))

    assert [answer in each for each in school.said(deputy, "dm")] == [True]
    assert school.said(deputy, place) == [IN_DIRECT_CHAT]
    assert school.last(deputy, place).thread == ("" if place == CHAT else said.id)
    assert school.said(school.human("head_teacher")) == [IN_DIRECT_CHAT]


@pytest.mark.parametrize("text", ["report", "/smpolicy report", "apply", "press"])
@pytest.mark.parametrize("place", SHARED)
async def test_a_form_asked_for_in_a_shared_place_is_asked_in_the_direct_chat(
    school: School, deputy: Human, text: str, place: str
) -> None:
    await school.accepts(await deputy.says(place, text))

    assert "Fill in as a page" in labels(school.last(deputy, "dm").card)
    assert len(school.said(deputy, place)) == 1
    assert "direct chat" in school.said(deputy, place)[0]


async def test_what_is_urgent_is_answered_to_the_asker_alone(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says(STAFF, DISCLOSED))

    assert "Tell a person now" in school.said(teacher, "dm")[0]
    assert school.said(school.human("new_teacher")) == [IN_DIRECT_CHAT]


async def test_a_command_in_slts_own_channel_keeps_a_report_out_of_it(school: School) -> None:
    deputy, head = school.client("deputy_head"), school.human("head_teacher")
    await deputy.says("@smpolicy report", to="slt")

    preview = await deputy.fills(category="Something else", child=True, adult=False, what=MARK, breach=False)
    await deputy.presses("Submit")

    assert MARK in preview
    assert all("direct chat" in each for each in school.said(head, SLT))


@pytest.mark.parametrize("place", SHARED)
async def test_a_press_below_an_answer_is_answered_to_whoever_pressed(
    school: School, deputy: Human, place: str
) -> None:
    await school.accepts(await deputy.says(place, QUESTION))
    answer, head = school.last(deputy, place), school.human("head_teacher")

    await school.accepts(await head.press(answer, "Ask a person"))

    assert "Ask a person" in (head.toasts + school.said(head, "dm"))[0]
    assert len(school.said(deputy, place)) == 1


# Typing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["dm", STAFF])
async def test_a_slow_answer_shows_that_it_is_being_typed(slow: tuple[School, asyncio.Event], place: str) -> None:
    school, gate = slow
    teacher = school.human("history_teacher")
    until = asyncio.Event()
    held = school.fake.delay_next(until, method="POST", path="/activities")
    gate.clear()

    asking = asyncio.create_task(teacher.says(place, "my"))
    await held.reached.wait()

    typing = school.fake.called("POST")[0]
    assert typing.body == {"type": "typing"}
    assert typing.place == (teacher.dm if place == "dm" else STAFF)
    until.set()
    gate.set()
    await school.accepts(await asking)
    assert "Nothing open" in school.said(teacher, "dm")[-1]


# Confidence ----------------------------------------------------------------------------------


async def test_what_is_confidential_is_in_no_shared_place_and_no_notification(school: School) -> None:
    """A report and a journalist, begun in every way there is and seen by all who may see them."""
    deputy, lead = school.client("deputy_head"), school.client("dsl")
    said = school.human("pe_teacher").writes(STAFF, f"Look: {MARK}")
    answers = {"category": "Something else", "child": True, "adult": False, "breach": False}
    await deputy.says("@smpolicy report", to="staff")
    for words in ("Something else", "yes", "no", "skip", MARK, "no"):
        await deputy.says(words)
    await deputy.presses("Submit")
    await school.accepts(await deputy.human.shortcut(said, "incidents.report_message"))
    await deputy.fills(**answers)
    await deputy.presses("Submit")
    await deputy.says(f"/smpolicy report {MARK}", to="slt")
    await deputy.fills(**answers)
    await deputy.presses("Submit")
    await deputy.says("@smpolicy press", to="staff")
    await deputy.fills(journalist=MARK, outlet=MARK, contact=MARK, asks=MARK, accused=False)
    await deputy.presses("Submit")
    for _ in range(3):
        await lead.presses("Open", on="Something has been sent to you")
    await school.client("assistant_head").says("my")
    await school.office.clock_to("2026-11-24 09:40")
    await school.office.clock_to("2026-11-26 09:40")

    assert MARK in "".join(school.said(lead.human, "dm"))
    for message in school.fake.posted():
        direct = bool(school.fake.workspace.conversations[message.conversation.partition(";")[0]].user)
        assert MARK not in message.text
        assert MARK not in message.summary
        assert direct or MARK not in json.dumps(message.activity), message.conversation
