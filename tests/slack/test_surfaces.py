"""Where people meet the bot in Slack: commands, direct messages, mentions, menus, the Home tab, and SLT's channel."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.sessions import Session
from bot.domain.accounts import Account
from bot.domain.feedback import Feedback
from bot.domain.office import CHANGEABLE, SettingChange
from bot.ports import Record, SchoolStore
from bot.stores.memory import MemoryStore
from tests.simulator import START
from tests.slack.desk import SLT, STAFF
from tests.slack.failures import DroppedBefore, Failure, Held, Says, Status
from tests.slack.human import Human
from tests.slack.posting import get_permalink
from tests.slack.school import School, home_of, labelled, labels, modal_of, text_of, words_of

Json = Any
pytestmark = pytest.mark.timeout(30)
QUESTION = "May I name the school in a post?"
IN_CHAT = "Answer in chat instead"
DISCLOSED = "A pupil told me that her father hits her"
MARK = "marker-93-of-a-pupil"
CASE = {
    "aim": "Show parents what happens in history lessons.",
    "audience": ["Parents and carers"],
    "promotion": "In the newsletter.",
    "runners": ["history_teacher", "pe_teacher"],
    "openness": "Open",
    "platform": "X (Twitter)",
    "handle": "@BebHistory",
}


@pytest.fixture
def teacher(school: School) -> Human:
    """A teacher at their client."""
    return school.human("history_teacher")


def mention(school: School, text: str) -> str:
    """Return *text* as somebody types it to the bot in a channel."""
    return f"<@{school.fake.names.bot_user}> {text}"


# Slash commands ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", "What I can do"),
        ("help", "What I can do"),
        ("  HELP  ", "What I can do"),
        (f"ask {QUESTION}", "What the policy says"),
        ("ask", "What would you like to know?"),
        ("my", "Nothing open"),
        ("accounts", "The register is empty"),
        ("accounts history", "Nothing in the register matches “history”"),
        ("settings", "The school's settings"),
        ("acting", "Nobody is named to act for the Head"),
        ("reprot", "Did you mean /smpolicy report?"),
    ],
)
@pytest.mark.parametrize("channel", ["dm", STAFF, SLT, "C0ELSEWHERE"])
async def test_a_command_is_answered_in_the_acknowledgement_for_the_asker_alone(
    school: School, text: str, answer: str, channel: str
) -> None:
    deputy, colleague = school.human("deputy_head"), school.human("head_teacher")
    school.fake.channel("C0ELSEWHERE", "elsewhere", [deputy.id, colleague.id], with_bot=False)

    delivery = await school.accepts(await deputy.slash(text, channel=channel))

    assert delivery.answer["response_type"] == "ephemeral"
    assert answer in school.said(deputy, channel)[0]
    assert not school.said(colleague)
    assert {each.ephemeral_to for each in school.fake.posted()} == {deputy.id}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("report", "Report something"),
        ("abuse", "Report something"),
        ("report account taken over", "Report something"),
        ("apply", "A new school account"),
        ("press", "smpolicy"),
        ("journalist", "smpolicy"),
    ],
)
@pytest.mark.parametrize("channel", ["dm", STAFF, "C0ELSEWHERE"])
async def test_a_command_that_asks_something_opens_its_page_at_once(
    school: School, teacher: Human, text: str, title: str, channel: str
) -> None:
    school.fake.channel("C0ELSEWHERE", "elsewhere", [teacher.id], with_bot=False)

    delivery = await school.accepts(await teacher.slash(text, channel=channel))

    modal = modal_of(teacher)
    assert modal.title == title
    assert IN_CHAT in labels(modal.blocks)
    assert delivery.answer is None
    assert not school.fake.posted()


async def test_every_command_and_every_other_name_of_it_is_answered(school: School, teacher: Human) -> None:
    for name in school.desk.app.assistant.switchboard.commands:
        before = len(school.said(teacher))
        await school.accepts(await teacher.slash(name))
        modal = teacher.modal
        assert len(school.said(teacher)) > before or modal is not None, name
        if modal is not None:
            await teacher.close(modal)


async def test_a_command_in_slts_own_channel_keeps_a_report_out_of_it(school: School) -> None:
    deputy, head = school.client("deputy_head"), school.human("head_teacher")
    await school.accepts(await deputy.human.slash(f"report {MARK}", channel=SLT))

    preview = await deputy.fills(category="Something else", child=True, adult=False, breach=False)
    await deputy.presses("Submit")

    assert MARK in preview
    assert not school.said(head, SLT)
    assert not school.fake.posted(SLT)


# Direct messages -----------------------------------------------------------------------------


async def test_a_direct_message_is_answered_beside_it(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", QUESTION))

    assert "What the policy says" in school.said(teacher)[0]
    assert school.last(teacher).thread_ts == ""
    assert school.last(teacher).channel == teacher.dm


async def test_a_direct_message_in_a_thread_is_answered_in_the_thread(school: School, teacher: Human) -> None:
    first = await teacher.says("dm", "hello")
    await school.settled()

    await school.accepts(await teacher.says("dm", QUESTION, thread_ts=first.ts))

    assert "What the policy says" in text_of(school.last(teacher))
    assert school.last(teacher).thread_ts == first.ts


async def test_a_form_begun_in_a_thread_goes_on_there(school: School, teacher: Human) -> None:
    first = await teacher.says("dm", "hello")
    await school.settled()
    await school.accepts(await teacher.says("dm", "report", thread_ts=first.ts))
    asked = school.last(teacher)

    await school.accepts(await teacher.press(asked, labelled(asked.blocks, "Something else").action_id))
    await school.accepts(await teacher.says("dm", "yes", thread_ts=first.ts))

    assert "Is it about an adult" in text_of(school.last(teacher))
    assert [each.thread_ts for each in teacher.messages("dm") if each.user != teacher.id][1:] == [first.ts] * 3


async def test_one_question_gets_one_answer(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", QUESTION))

    assert len(school.said(teacher)) == 1
    assert not school.fake.called("assistant.threads.setStatus")


async def test_an_answered_question_shows_what_was_answered_and_no_buttons(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "report"))
    asked = school.last(teacher)

    await school.accepts(await teacher.press(asked, labelled(asked.blocks, "Something else").action_id))

    settled = next(each for each in teacher.messages("dm") if each.ts == asked.ts)
    assert not labels(settled.blocks)
    assert "→ Something else" in json.dumps(settled.blocks, ensure_ascii=False)


# Mentions ------------------------------------------------------------------------------------


async def test_a_mention_is_answered_in_its_thread_for_everybody(school: School, teacher: Human) -> None:
    said = await teacher.says(STAFF, mention(school, QUESTION))
    await school.settled()

    answer = school.last(school.human("new_teacher"), STAFF)
    assert "What the policy says" in text_of(answer)
    assert answer.thread_ts == said.ts
    assert not answer.ephemeral_to


async def test_a_mention_in_a_thread_is_answered_in_that_thread(school: School, teacher: Human) -> None:
    first = await school.human("pe_teacher").says(STAFF, "Does anybody know?")

    await school.accepts(await teacher.says(STAFF, mention(school, QUESTION), thread_ts=first.ts))

    assert school.last(teacher, STAFF).thread_ts == first.ts


async def test_what_is_urgent_is_answered_to_the_asker_alone(school: School, teacher: Human) -> None:
    said = await teacher.says(STAFF, mention(school, DISCLOSED))
    await school.settled()

    answer = school.last(teacher, STAFF)
    assert "Tell a person now" in text_of(answer)
    assert answer.ephemeral_to == teacher.id
    assert answer.thread_ts in ("", said.ts)
    assert not school.said(school.human("new_teacher"))


async def test_a_form_asked_for_in_a_channel_is_asked_in_private(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says(STAFF, mention(school, "report")))

    assert "What is it about?" in school.said(teacher, "dm")[0]
    assert school.last(teacher, STAFF).ephemeral_to == teacher.id
    assert not school.said(school.human("new_teacher"))


async def test_a_mention_without_words_gets_help(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says(STAFF, mention(school, "")))

    assert "What I can do" in school.said(teacher, STAFF)[0]


# Shortcuts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "asks"), [("incidents.report", "What is it about?"), ("press.contact", "Give the journalist's name.")]
)
async def test_a_global_shortcut_opens_its_page(school: School, teacher: Human, name: str, asks: str) -> None:
    await school.accepts(await teacher.shortcut(name))

    assert asks in words_of(modal_of(teacher))
    assert IN_CHAT in labels(modal_of(teacher).blocks)
    assert not school.said(teacher)


async def test_every_shortcut_of_the_manifest_opens_something(school: School, teacher: Human) -> None:
    said = await school.human("pe_teacher").says(STAFF, "Something bad.")

    for name, entry in school.desk.app.assistant.switchboard.shortcuts.items():
        used = teacher.message_shortcut(name, STAFF, said.ts) if entry.about_message else teacher.shortcut(name)
        await school.accepts(await used)
        await teacher.close(modal_of(teacher))


async def pages_to(school: School, human: Human, block: str, **answers: str) -> None:
    """Go through the pages of the form that is open, answering with option values, until *block* is asked."""
    modal = modal_of(human)
    for _ in range(6):
        if block in modal.values:
            return
        for name, value in answers.items():
            if name in modal.values:
                human.type_into(modal, name, value)
        await school.accepts(await human.submit(modal))
        assert not modal.errors
    raise AssertionError(f"{block} was never asked for")


SOMETHING = {"category": "8", "child": "0", "adult": "1"}


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("in_thread", [False, True])
async def test_a_message_is_reported_with_its_link_and_its_words_where_the_bot_is_no_member(
    school: School, teacher: Human, private: bool, in_thread: bool
) -> None:
    colleague = school.human("pe_teacher")
    school.fake.channel("C0ELSEWHERE", "elsewhere", [teacher.id, colleague.id], with_bot=False, is_private=private)
    first = await colleague.says("C0ELSEWHERE", "Who was that?")
    said = await colleague.says("C0ELSEWHERE", f"Two lines & more:\n<{MARK}>", thread_ts=first.ts if in_thread else "")

    await school.accepts(await teacher.message_shortcut("incidents.report_message", "C0ELSEWHERE", said.ts))
    assert modal_of(teacher).title == "Report something"
    await pages_to(school, teacher, "what", **SOMETHING)

    values = modal_of(teacher).values
    channel = school.fake.workspace.channels["C0ELSEWHERE"]
    channel.is_private = False
    link = get_permalink(school.fake.workspace, {"channel": channel.id, "message_ts": said.ts})["permalink"]
    assert values["where"]["text"]["value"] == link
    assert values["what"]["multiline"]["value"] == f"Two lines & more:\n<{MARK}>"
    assert ("thread_ts=" in link) == in_thread


async def test_what_a_message_filled_in_can_be_changed(school: School) -> None:
    teacher = school.client("history_teacher")
    said = await school.human("pe_teacher").says(STAFF, "Something bad.")
    await school.accepts(await teacher.human.message_shortcut("incidents.report_message", STAFF, said.ts))

    preview = await teacher.fills(
        category="Something else", child=True, adult=False, where="On the staff channel", what="My own words.",
        breach=False,
    )  # fmt: skip

    assert "Where: On the staff channel" in preview
    assert "My own words." in preview
    assert "Something bad." not in preview


async def test_reporting_a_message_leaves_a_draft_alone(school: School) -> None:
    teacher = school.client("history_teacher")
    for words in ("report", "Something else", "yes", "no", "An earlier place"):
        await teacher.says(words)
    draft = (await school.find(Session))[0]
    said = await school.human("pe_teacher").says(STAFF, "Something bad.")

    await school.accepts(await teacher.human.message_shortcut("incidents.report_message", STAFF, said.ts))
    await teacher.fills(category="Something else", child=False, adult=False, breach=False)

    kept = {each.id: each for each in await school.find(Session)}
    assert kept[draft.id].answers == draft.answers
    await school.accepts(await teacher.human.says("dm", "report"))
    assert "Continue" in labels(school.last(teacher.human).blocks)


async def test_a_message_of_pictures_alone_can_be_reported(school: School, teacher: Human) -> None:
    said = await school.human("pe_teacher").says(STAFF, "")

    await school.accepts(await teacher.message_shortcut("incidents.report_message", STAFF, said.ts))
    await pages_to(school, teacher, "what", **SOMETHING)

    assert modal_of(teacher).values["what"]["multiline"]["value"] in (None, "")
    assert "archives/C0STAFF/p" in modal_of(teacher).values["where"]["text"]["value"]


async def test_a_very_long_message_can_be_reported(school: School, teacher: Human) -> None:
    long = " ".join(f"w{number:05}" for number in range(4_000))
    said = await school.human("pe_teacher").says(STAFF, long)

    await school.accepts(await teacher.message_shortcut("incidents.report_message", STAFF, said.ts))
    await pages_to(school, teacher, "breach", **SOMETHING)
    teacher.type_into(modal_of(teacher), "breach", "1")
    await school.accepts(await teacher.submit(modal_of(teacher)))

    read = "\n".join(school.said(teacher))
    assert all(f"w{number:05}" in read for number in range(4_000))


# The Home tab --------------------------------------------------------------------------------


def account(number: int) -> Account:
    """Return an account of the register."""
    return Account(
        school="bebington", id=f"ACC-{number}", application=f"APP-{number}", platform="X (Twitter)",
        handle=f"@Beb{number}", openness="Open", aim="History.", responsible="history_teacher",
        runners=("pe_teacher",), administrator="administrator", vault="Social media", two_step=True,
        created_at=START, policy="August 2017", review_on=date(2027, 11, 24),
    )  # fmt: skip


async def test_home_begins_with_the_report_button(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.opens("home"))

    home = home_of(teacher)
    assert labels(home.blocks)[0] == "Report"
    assert pressed_first(home.blocks) == "incidents.report"
    assert "Nothing open" in home.text
    assert "The register is empty" in home.text


def pressed_first(blocks: list[Json]) -> str:
    """Return the action of the first button."""
    return str(labelled(blocks, labels(blocks)[0]).action_id).partition("#")[0]


async def test_home_shows_drafts_applications_and_what_waits(school: School) -> None:
    teacher, deputy = school.client("history_teacher"), school.human("deputy_head")
    await teacher.says("/smpolicy apply")
    await teacher.fills(**CASE)
    await teacher.presses("Submit", on="APP-1")
    await teacher.presses("Confirm", on="will you run", trained="2026-09-12")
    await school.client("pe_teacher").presses("Confirm", on="will you run", trained="2026-09-12")
    await teacher.says("apply")
    await teacher.says("Show parents what happens in geography lessons.")

    await school.accepts(await teacher.human.opens("home"))
    await school.accepts(await deputy.opens("home"))

    mine, theirs = home_of(teacher.human), home_of(deputy)
    assert "Your drafts" in mine.text
    assert "1 of 5 answered" in mine.text
    assert "Your applications" in mine.text
    assert "APP-1" in mine.text
    assert {"Continue", "Show APP-1"} <= set(labels(mine.blocks))
    assert "Waiting for you" in theirs.text
    assert "Show APP-1" in labels(theirs.blocks)
    assert "Your drafts" not in theirs.text


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("Report", "Report something"),
        ("Apply for an account", "A new school account"),
        ("Ask a person", "Ask a person"),
    ],
)
async def test_a_press_at_home_opens_a_window(school: School, teacher: Human, label: str, title: str) -> None:
    await school.accepts(await teacher.opens("home"))
    home = home_of(teacher)

    await school.accepts(await teacher.press_in_view(home, labelled(home.blocks, label).action_id))

    assert title in words_of(modal_of(teacher))
    assert not school.said(teacher)


async def test_a_draft_goes_on_from_home(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "apply"))
    await school.accepts(await teacher.says("dm", "Show parents what happens in history lessons."))
    await school.accepts(await teacher.opens("home"))
    home = home_of(teacher)

    await school.accepts(await teacher.press_in_view(home, labelled(home.blocks, "Continue").action_id))

    assert "intended audience" in school.said(teacher, "dm")[-1]
    assert "I have asked you the first question in our direct chat." in words_of(modal_of(teacher))


async def test_the_register_is_paged_in_windows(school: School, teacher: Human) -> None:
    await school.desk.app.assistant.world.store.save(*(account(number) for number in range(1, 41)))
    await school.accepts(await teacher.opens("home"))
    home = home_of(teacher)
    assert "These are 1 to 15." in home.text

    await school.accepts(await teacher.press_in_view(home, labelled(home.blocks, "More").action_id))
    modal = modal_of(teacher)
    assert "These are 16 to 30." in modal.text
    await school.accepts(await teacher.press_in_view(modal, labelled(modal.blocks, "More").action_id))
    assert "These are 31 to 40." in modal.text
    await school.accepts(await teacher.press_in_view(modal, labelled(modal.blocks, "Show ACC-33").action_id))

    assert "@Beb33" in words_of(modal)
    assert not school.said(teacher)


async def test_home_is_published_anew_after_a_press(school: School) -> None:
    teacher = school.client("history_teacher")
    await teacher.says("/smpolicy apply")
    await teacher.fills(**CASE)
    await school.accepts(await teacher.human.opens("home"))
    home = home_of(teacher.human)
    assert "APP-1 – a draft that nobody else sees" in home.text

    await school.accepts(await teacher.human.press_in_view(home, labelled(home.blocks, "Show APP-1").action_id))
    modal = modal_of(teacher.human)
    await school.accepts(await teacher.human.press_in_view(modal, labelled(modal.blocks, "Submit").action_id))

    assert "Your applications\nAPP-1 – " in home_of(teacher.human).text
    assert "a draft that nobody else sees" not in home_of(teacher.human).text


async def test_home_is_published_for_nobody_who_has_not_looked(school: School) -> None:
    teacher = school.client("history_teacher")
    await teacher.says("/smpolicy apply")
    await teacher.fills(**CASE)

    assert not school.fake.called("views.publish")


# The Messages tab ----------------------------------------------------------------------------


async def test_prompts_are_suggested_when_the_chat_is_opened(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.opens("messages"))

    prompts = school.fake.workspace.prompts[teacher.dm, ""]["prompts"]
    assert 1 <= len(prompts) <= 4
    for prompt in prompts:
        before = len(school.said(teacher))
        await school.accepts(await teacher.says("dm", prompt["message"]))
        assert "I don't know that one" not in school.said(teacher)[before]
        await school.accepts(await teacher.says("dm", "cancel"))


async def test_opening_the_chat_says_nothing_by_itself(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.opens("messages"))
    await school.accepts(await teacher.opens("messages"))

    assert not school.said(teacher)


class SlowStore(MemoryStore):
    """A store that finds nothing until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.open_again = asyncio.Event()
        self.open_again.set()

    def of(self, school: str) -> SchoolStore:
        """Return the records of *school*."""
        return SlowRecords(super().of(school), self.open_again)


class SlowRecords:
    """The records of one school, in which drafts are looked for only while they are let."""

    def __init__(self, records: SchoolStore, gate: asyncio.Event) -> None:
        self._records = records
        self._gate = gate

    async def find(self, kind: type[Any], **where: str) -> list[Any]:
        """Return the records, once it is let."""
        if kind is Session:
            await self._gate.wait()
        return await self._records.find(kind, **where)

    async def get(self, kind: type[Any], id: str) -> Any:
        """Return the record."""
        return await self._records.get(kind, id)

    async def due(self, kind: type[Any], before: Any) -> list[Any]:
        """Return the records that are due."""
        return await self._records.due(kind, before)

    async def claim(self, kinds: Any, before: Any, lease: Any) -> list[Any]:
        """Claim what is due."""
        return await self._records.claim(kinds, before, lease)

    async def save(self, *records: Record, forget: Any = ()) -> None:
        """Save."""
        await self._records.save(*records, forget=forget)


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[tuple[School, asyncio.Event]]:
    """A school whose store can be held."""
    store = SlowStore()
    opened = School(tmp_path, store)
    await opened.open()
    yield opened, store.open_again
    store.open_again.set()
    await opened.close()


@pytest.mark.parametrize("in_thread", [False, True])
async def test_a_slow_answer_says_that_it_is_under_way_and_then_no_more(
    slow: tuple[School, asyncio.Event], in_thread: bool
) -> None:
    school, gate = slow
    teacher = school.human("history_teacher")
    first = await school.accepts(await teacher.says("dm", "hello"))
    gate.clear()
    held = Held(asyncio.Event())
    school.fake.fails("assistant.threads.setStatus", held)

    asking = asyncio.create_task(teacher.says("dm", QUESTION, thread_ts=first.ts if in_thread else ""))
    await held.reached.wait()

    statuses = [each["status"] for each in school.fake.workspace.statuses.values()]
    assert statuses == ["is looking it up…"]
    held.until.set()
    gate.set()
    await school.accepts(await asking)
    assert "What the policy says" in school.said(teacher)[-1]
    assert not school.fake.workspace.statuses


async def test_a_slow_command_says_so_and_answers_later_where_only_the_asker_sees_it(
    slow: tuple[School, asyncio.Event],
) -> None:
    school, gate = slow
    deputy = school.human("deputy_head")
    gate.clear()

    delivery = await deputy.slash("my", channel=SLT)

    assert delivery.ok
    assert "This takes longer than usual." in school.said(deputy, SLT)[0]
    gate.set()
    await school.settled()
    assert "Nothing open" in school.said(deputy, SLT)[-1]
    assert not school.said(school.human("head_teacher"))


@pytest.mark.parametrize(
    ("failure", "channel"),
    [(Says("used_url"), SLT), (Status(500), SLT), (DroppedBefore(), "dm"), (Says("expired_url"), "C0ELSEWHERE")],
    ids=repr,
)
async def test_a_late_answer_comes_though_the_response_address_fails(
    slow: tuple[School, asyncio.Event], failure: Failure, channel: str
) -> None:
    school, gate = slow
    deputy = school.human("deputy_head")
    school.fake.channel("C0ELSEWHERE", "elsewhere", [deputy.id], with_bot=False)
    gate.clear()
    await deputy.slash("my", channel=channel)
    school.fake.fails("response_url", failure)

    gate.set()
    await school.settled()
    await school.office.clock_to("2026-11-24 09:30")

    assert "Nothing open" in school.said(deputy)[-1]
    assert not school.said(school.human("head_teacher"))


@pytest.mark.parametrize("failure", [None, Says("used_url"), Status(500)], ids=repr)
async def test_an_answer_too_long_for_an_acknowledgement_is_read_whole(school: School, failure: Failure | None) -> None:
    """The reasons of changed settings, three thousand characters each."""
    deputy = school.human("deputy_head")
    words = [[f"{name}{number:04}" for number in range(400)] for name in ("a", "b", "c", "d", "e")]
    names = list(CHANGEABLE)[:5]
    await school.desk.app.assistant.world.store.save(
        *(
            SettingChange("bebington", name, 5, "deputy_head", START, " ".join(reason), confirmed_by="assistant_head")
            for name, reason in zip(names, words, strict=True)
        )
    )
    if failure is not None:
        school.fake.fails("response_url", failure)

    await school.accepts(await deputy.slash("settings", channel=SLT))
    await school.office.clock_to("2026-11-24 09:30")

    read = Counter("\n".join(school.said(deputy)).split())
    assert [each for reason in words for each in reason if read[each] != 1] == []
    assert not school.said(school.human("head_teacher"))


# Feedback ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("selected", "good"), [("positive", True), ("negative", False)])
async def test_a_vote_on_an_answer_is_kept_and_thanked_for(
    school: School, teacher: Human, selected: str, good: bool
) -> None:
    await school.accepts(await teacher.says("dm", QUESTION))
    answer = school.last(teacher)
    assert labels(answer.blocks)[-2:] == ["Helpful", "Not helpful"]

    block = next(each for each in answer.blocks if each["type"] == "context_actions")
    await school.accepts(await teacher.press(answer, block["elements"][0]["action_id"], selected=selected))

    votes = await school.find(Feedback)
    assert [each.good for each in votes] == [good]
    assert len(school.said(teacher)) == 2


async def test_a_vote_can_be_given_in_a_channel_and_in_an_answer_to_a_command(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says(STAFF, mention(school, QUESTION)))
    await school.accepts(await teacher.slash(f"ask {QUESTION}", channel=STAFF))

    for message in [each for each in teacher.messages(STAFF) if each.user != teacher.id]:
        block = next(each for each in message.blocks if each["type"] == "context_actions")
        await school.accepts(await teacher.press(message, block["elements"][0]["action_id"], selected="negative"))

    assert [each.good for each in await school.find(Feedback)] == [False, False]
    assert len(school.said(school.human("new_teacher"), STAFF)) == 1


# SLT's channel -------------------------------------------------------------------------------


async def test_the_card_in_slts_channel_is_one_and_is_drawn_anew_after_each_move(school: School) -> None:
    teacher, deputy = school.client("history_teacher"), school.client("deputy_head")
    assistant, head = school.client("assistant_head"), school.client("head_teacher")
    await teacher.says("/smpolicy apply")
    await teacher.fills(**CASE)
    await teacher.presses("Submit", on="APP-1")
    await teacher.presses("Confirm", on="will you run", trained="2026-09-12")
    await school.client("pe_teacher").presses("Confirm", on="will you run", trained="2026-09-12")

    def cards() -> list[tuple[str, str, list[str]]]:
        shown = [each for each in school.fake.posted(SLT) if not each.ephemeral_to]
        return [(each.ts, text_of(each), labels(each.blocks)) for each in shown]

    [(ts, text, buttons)] = cards()
    assert "none so far" in text
    assert {"Approve", "Reject", "Ask for changes"} <= set(buttons)
    await deputy.presses("Approve", on="APP-1")
    [(again, text, buttons)] = cards()
    assert (again, "1 so far" in text or "Deputy head" in text) == (ts, True)
    assert "Approve" in buttons
    await assistant.presses("Approve", on="APP-1")
    [(again, text, buttons)] = cards()
    assert again == ts
    assert "The Head decides next" in text
    await head.presses("Approve", on="The Head decides next")
    [(again, text, buttons)] = cards()
    assert again == ts
    assert not {"Approve", "Reject", "Ask for changes"} & set(buttons)
    await school.client("administrator").presses(
        "Created", on="Put the details", handle="@BebHistory", vault="Social media", two_step=True
    )
    [(again, text, buttons)] = cards()
    assert again == ts
    assert "Live and in the register" in text
    assert not buttons


async def test_a_rejected_application_leaves_no_button(school: School) -> None:
    teacher, deputy = school.client("history_teacher"), school.client("deputy_head")
    await teacher.says("/smpolicy apply")
    await teacher.fills(**CASE)
    await teacher.presses("Submit", on="APP-1")
    await teacher.presses("Confirm", on="will you run", trained="2026-09-12")
    await school.client("pe_teacher").presses("Confirm", on="will you run", trained="2026-09-12")
    old = school.fake.posted(SLT)[0]
    copy = school.fake.workspace.named(old.blocks)

    await deputy.presses("Reject", on="APP-1", reason="We have two already.")
    await school.client("assistant_head").presses("Reject", on="APP-1", reason="We have two already.")

    card = next(each for each in school.fake.posted(SLT) if each.ts == old.ts)
    assert not labels(card.blocks)
    # Somebody who still has the old drawing before them presses on it.
    head = school.human("head_teacher")
    old_drawing = type(card)(card.channel, card.ts, card.user, card.text, copy)
    await school.accepts(await head.press(old_drawing, labelled(copy, "Approve").action_id, forced=True))
    answer = school.last(head, SLT)
    assert answer.ephemeral_to == head.id
    assert "That did not go through" in text_of(answer)


async def test_what_a_press_in_the_channel_is_answered_is_seen_by_whoever_pressed(school: School) -> None:
    teacher, deputy = school.client("history_teacher"), school.client("deputy_head")
    await teacher.says("/smpolicy apply")
    await teacher.fills(**CASE)
    await teacher.presses("Submit", on="APP-1")
    await teacher.presses("Confirm", on="will you run", trained="2026-09-12")
    await school.client("pe_teacher").presses("Confirm", on="will you run", trained="2026-09-12")

    await deputy.presses("Approve", on="APP-1")

    answers = [each for each in school.fake.posted(SLT) if each.ephemeral_to]
    assert [each.ephemeral_to for each in answers] == [deputy.human.id]
    assert "Recorded." in text_of(answers[0])


# Confidence ----------------------------------------------------------------------------------


async def test_what_is_confidential_is_in_no_shared_place_no_fallback_and_no_notification(school: School) -> None:
    """A report and a journalist, begun in every way there is and seen by all who may see them."""
    deputy, lead = school.client("deputy_head"), school.client("dsl")
    said = await school.human("pe_teacher").says(STAFF, f"Look: {MARK}")
    answers = {"category": "Something else", "child": True, "adult": False, "breach": False}
    await school.accepts(await deputy.human.says(STAFF, mention(school, "report")))
    for words in ("Something else", "yes", "no", "skip", MARK, "no"):
        await deputy.says(words)
    await deputy.presses("Submit")
    await school.accepts(await deputy.human.message_shortcut("incidents.report_message", STAFF, said.ts))
    await deputy.fills(**answers)
    await deputy.presses("Submit")
    await school.accepts(await deputy.human.slash(f"report {MARK}", channel=SLT))
    await deputy.fills(**answers)
    await deputy.presses("Submit")
    await school.accepts(await deputy.human.slash("press", channel=STAFF))
    await deputy.fills(journalist=MARK, outlet=MARK, contact=MARK, asks=MARK, accused=False)
    await deputy.presses("Submit")
    for _ in range(3):
        await lead.presses("Open", on="Something has been sent to you")
    await school.client("assistant_head").says("my")
    await school.office.clock_to("2026-11-24 09:40")
    await school.office.clock_to("2026-11-26 09:40")

    assert MARK in "".join(school.said(lead.human, "dm"))
    for message in school.fake.posted():
        direct = school.fake.workspace.channels[message.channel].is_im
        assert MARK not in message.text
        assert direct or MARK not in json.dumps(message.blocks), message.channel
    for kind, payload in school.fake.drawn:
        assert kind != "message" or MARK not in payload["text"]
