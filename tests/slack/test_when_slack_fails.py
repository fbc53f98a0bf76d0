"""When Slack opens no window, loses an answer or takes no more: whoever did something is answered all the same."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from typing import Any

import pytest

from bot.conversation.sessions import Session
from bot.domain.applications import Application
from bot.domain.applications import State as ApplicationState
from tests.slack.desk import SLT, STAFF
from tests.slack.failures import DroppedAfter, DroppedBefore, Failure, Held, RateLimited, Says, Status
from tests.slack.human import Human
from tests.slack.school import School, home_of, labelled, labels, modal_of, text_of, words_of

Json = Any
pytestmark = pytest.mark.timeout(30)
CASE = {
    "aim": "Show parents what happens in history lessons.",
    "audience": ["Parents and carers"],
    "promotion": "In the newsletter.",
    "runners": ["history_teacher", "pe_teacher"],
    "openness": "Open",
    "platform": "X (Twitter)",
    "handle": "@BebHistory",
}
NO_WINDOW = (
    Says("expired_trigger_id"), Says("exchanged_trigger_id"), Says("invalid_trigger_id"), Says("view_too_large"),
    Says("not_found"), Status(500), Status(503), DroppedBefore(), DroppedAfter(), RateLimited("30"), RateLimited(None),
)  # fmt: skip


@pytest.fixture
def teacher(school: School) -> Human:
    """A teacher at their client."""
    return school.human("history_teacher")


# Windows that do not open --------------------------------------------------------------------


@pytest.mark.parametrize("failure", NO_WINDOW, ids=repr)
@pytest.mark.parametrize(
    ("way", "asks"),
    [
        ("/apply", "What is the aim of the account?"),
        ("/report", "What is it about?"),
        ("incidents.report", "What is it about?"),
        ("press.contact", "Give the journalist's name."),
    ],
)
async def test_where_no_window_opens_the_first_question_is_asked_in_the_direct_chat(
    school: School, teacher: Human, failure: Failure, way: str, asks: str
) -> None:
    school.fake.fails("views.open", failure)

    used = teacher.slash(way[1:], channel=STAFF) if way.startswith("/") else teacher.shortcut(way)
    await school.accepts(await used)

    assert asks in school.said(teacher, "dm")[-1]
    assert not school.said(school.human("pe_teacher"))
    assert len(school.fake.called("views.open")) == 1
    await school.accepts(await teacher.says("dm", "cancel"))
    assert "Cancelled" in school.said(teacher, "dm")[-1]


async def test_a_message_that_is_reported_without_a_window_keeps_its_link_and_words(
    school: School, teacher: Human
) -> None:
    said = await school.human("pe_teacher").says(STAFF, "Something bad.")
    school.fake.fails("views.open", Says("expired_trigger_id"))

    await school.accepts(await teacher.message_shortcut("incidents.report_message", STAFF, said.ts))
    for words in ("Something else", "yes", "no", "no"):
        await school.accepts(await teacher.says("dm", words))

    preview = "\n".join(school.said(teacher, "dm"))
    assert "Something bad." in preview
    assert f"archives/{STAFF}/p{said.ts.replace('.', '')}" in preview


async def test_a_window_that_slack_opens_too_late_is_asked_for_in_chat(school: School, teacher: Human) -> None:
    """The window may stand there all the same: what is sent from it is taken, and nothing is lost."""
    held = Held(asyncio.Event())
    school.fake.fails("views.open", held)

    command = await teacher.slash("apply")
    await school.settled()
    held.until.set()

    assert command.ok
    assert "What is the aim of the account?" in school.said(teacher, "dm")[-1]
    modal = modal_of(teacher)
    teacher.type_into(modal, "aim", CASE["aim"])
    teacher.type_into(modal, "handle", "@BebHistory")
    await school.accepts(await teacher.submit(modal, unchecked=True))
    assert (await school.find(Session))[0].answers["aim"] == CASE["aim"]


async def test_a_trigger_that_is_really_too_old_leads_to_the_chat(school: School, teacher: Human) -> None:
    trigger = school.fake.workspace.triggers.trigger(teacher.id)
    await school.office.clock_to("2026-11-24 09:16")
    delivery = await school.accepts(await teacher.shortcut("incidents.report"))
    await teacher.close(modal_of(teacher))

    await school.accepts(await teacher.forges(delivery.payload | {"trigger_id": trigger}))

    assert teacher.modal is None
    assert "What is it about?" in school.said(teacher, "dm")[-1]


@pytest.mark.parametrize("failure", [Says("expired_trigger_id"), DroppedAfter(), Status(500)], ids=repr)
async def test_a_reason_is_asked_for_in_chat_where_no_window_opens(school: School, failure: Failure) -> None:
    deputy = await _before_slt(school)
    card = school.last(deputy, SLT)
    school.fake.fails("views.open", failure)

    await school.accepts(await deputy.press(card, labelled(card.blocks, "Ask for changes").action_id))

    assert "What should be changed?" in school.said(deputy, "dm")[-1]
    assert "What should be changed?" not in "".join(school.said(deputy, SLT))
    await school.accepts(await deputy.says("dm", "Who answers in the holidays?"))
    assert (await school.find(Application))[0].state is ApplicationState.CHANGES


async def _before_slt(school: School) -> Human:
    teacher = school.client("history_teacher")
    await teacher.says("/smpolicy apply")
    await teacher.fills(**CASE)
    await teacher.presses("Submit", on="APP-1")
    await teacher.presses("Confirm", on="will you run", trained="2026-09-12")
    await school.client("pe_teacher").presses("Confirm", on="will you run", trained="2026-09-12")
    return school.human("deputy_head")


@pytest.mark.parametrize("failure", [Says("expired_trigger_id"), DroppedBefore(), Status(500)], ids=repr)
async def test_a_press_at_home_is_answered_in_chat_where_no_window_opens(
    school: School, teacher: Human, failure: Failure
) -> None:
    await school.accepts(await teacher.opens("home"))
    home = home_of(teacher)
    school.fake.fails("views.open", failure, times=2)

    await school.accepts(await teacher.press_in_view(home, labelled(home.blocks, "Ask a person").action_id))
    await school.accepts(await teacher.press_in_view(home, labelled(home.blocks, "Report").action_id))

    assert "Ask a person" in school.said(teacher, "dm")[0]
    assert "What is it about?" in school.said(teacher, "dm")[-1]


# Windows that are not drawn anew -------------------------------------------------------------


@pytest.mark.parametrize(
    "failure", [Says("hash_conflict"), Says("not_found"), Status(500), DroppedBefore(), RateLimited("30")], ids=repr
)
async def test_a_press_in_a_window_that_can_not_be_drawn_anew_is_answered_in_chat(
    school: School, teacher: Human, failure: Failure
) -> None:
    await school.accepts(await teacher.opens("home"))
    home = home_of(teacher)
    await school.accepts(await teacher.press_in_view(home, labelled(home.blocks, "Ask a person").action_id))
    modal = modal_of(teacher)
    school.fake.fails("views.update", failure, times=3)
    forged = deepcopy(modal.payload)
    forged["blocks"].append(
        {"type": "actions", "block_id": "more", "elements": [{
            "type": "button", "action_id": "accounts.list#9", "value": '["","0"]',
            "text": {"type": "plain_text", "text": "Show the register", "emoji": False}}]}
    )  # fmt: skip
    modal.payload = forged

    await school.accepts(await teacher.press_in_view(modal, "accounts.list#9"))

    assert "The register is empty" in "".join(school.said(teacher, "dm"))


@pytest.mark.parametrize("failure", [Says("hash_conflict"), Says("not_found"), DroppedBefore()], ids=repr)
async def test_what_was_done_in_a_window_is_said_in_chat_whatever_becomes_of_the_window(
    school: School, failure: Failure
) -> None:
    teacher = school.client("history_teacher")
    await teacher.says("/smpolicy apply")
    await teacher.fills(**CASE)
    modal = modal_of(teacher.human)
    school.fake.fails("views.update", failure)

    await school.accepts(await teacher.human.press_in_view(modal, labelled(modal.blocks, "Submit").action_id))

    assert "Recorded. Waiting for" in "".join(school.said(teacher.human, "dm"))


async def test_a_form_that_can_not_be_shown_in_its_window_is_asked_in_chat(school: School) -> None:
    teacher = school.client("history_teacher")
    await teacher.says("/smpolicy apply")
    await teacher.fills(**CASE)
    modal = modal_of(teacher.human)
    school.fake.fails("views.update", Says("not_found"))

    await school.accepts(await teacher.human.press_in_view(modal, labelled(modal.blocks, "Edit").action_id))

    assert "What is the aim of the account?" in school.said(teacher.human, "dm")[-1]
    assert [step.move for step in (await school.find(Application))[0].history] == ["begin"]


@pytest.mark.parametrize("failure", [Says("expired_trigger_id"), DroppedBefore()], ids=repr)
async def test_a_draft_that_can_not_be_opened_for_editing_is_asked_about_in_chat_and_not_taken_as_edited(
    school: School, failure: Failure
) -> None:
    teacher = school.client("history_teacher")
    await teacher.says("/smpolicy apply")
    await teacher.fills(**CASE)
    draft = next(each for each in teacher.human.messages("dm") if "Edit" in labels(each.blocks))
    school.fake.fails("views.open", failure)

    await school.accepts(await teacher.human.press(draft, labelled(draft.blocks, "Edit").action_id))

    assert "What is the aim of the account?" in school.said(teacher.human, "dm")[-1]
    assert [step.move for step in (await school.find(Application))[0].history] == ["begin"]


@pytest.mark.parametrize("failure", [Says("hash_conflict"), Status(500), DroppedAfter(), RateLimited("1")], ids=repr)
async def test_a_home_that_can_not_be_published_holds_nothing_up(
    school: School, teacher: Human, failure: Failure
) -> None:
    school.fake.fails("views.publish", failure)

    await school.accepts(await teacher.opens("home"))
    await school.accepts(await teacher.opens("home"))

    assert labels(home_of(teacher).blocks)[0] == "Report"


# Response addresses --------------------------------------------------------------------------


async def _whispered(school: School, channel: str) -> tuple[Human, Json]:
    """Return a member of SLT before an answer that only they see, and what Slack sends when they press on it."""
    deputy = school.human("deputy_head")
    await school.accepts(await deputy.slash("help", channel=channel))
    shown = school.last(deputy, channel)
    press = await deputy.press(shown, labelled(shown.blocks, "Ask a person").action_id)
    await school.settled()
    return deputy, press.payload


async def _again(school: School, human: Human, payload: Json) -> None:
    trigger = school.fake.workspace.triggers.trigger(human.id)
    await school.accepts(await human.forges(payload | {"trigger_id": trigger}))


async def test_an_address_that_was_used_five_times_gives_way_to_a_message_that_only_one_person_sees(
    school: School,
) -> None:
    deputy, pressed = await _whispered(school, SLT)
    before = len(school.said(deputy, SLT))

    for _ in range(7):
        await _again(school, deputy, pressed)

    said = school.said(deputy, SLT)[before:]
    assert len(said) == 7
    assert all("Ask a person" in each for each in said)
    assert not school.said(school.human("head_teacher"), SLT)
    assert school.fake.called("chat.postEphemeral")


async def test_an_address_of_half_an_hour_ago_gives_way_as_well(school: School) -> None:
    deputy, pressed = await _whispered(school, SLT)
    before = len(school.said(deputy, SLT))
    await school.office.clock_to("2026-11-24 09:47")

    await _again(school, deputy, pressed)

    assert len(school.said(deputy, SLT)) == before + 1
    assert not school.said(school.human("head_teacher"), SLT)


@pytest.mark.parametrize("uses", [1, 7])
async def test_where_the_bot_is_no_member_what_the_address_does_not_take_is_said_in_the_direct_chat(
    school: School, uses: int
) -> None:
    deputy = school.human("deputy_head")
    school.fake.channel("C0ELSEWHERE", "elsewhere", [deputy.id], with_bot=False)
    _, pressed = await _whispered(school, "C0ELSEWHERE")
    before = len(school.said(deputy))
    if uses == 1:
        await school.office.clock_to("2026-11-24 09:47")

    for _ in range(uses):
        await _again(school, deputy, pressed)

    assert len(school.said(deputy)) == before + uses
    assert school.said(deputy, "dm")


@pytest.mark.parametrize(
    "failure", [Says("used_url"), Says("expired_url"), Says("no_service"), RateLimited("1"), Status(500),
                DroppedBefore()], ids=repr)  # fmt: skip
async def test_an_address_that_fails_does_not_lose_the_answer(school: School, failure: Failure) -> None:
    deputy, pressed = await _whispered(school, SLT)
    before = len(school.said(deputy, SLT))
    school.fake.fails("response_url", failure)

    await _again(school, deputy, pressed)
    await school.office.clock_to("2026-11-24 09:30")

    assert "Ask a person" in school.said(deputy, SLT)[-1]
    assert len(school.said(deputy, SLT)) == before + 1


async def test_a_refusal_is_told_though_the_address_is_used_up(school: School) -> None:
    deputy, pressed = await _whispered(school, SLT)
    before = len(school.said(deputy, SLT))
    school.fake.fails("response_url", Says("used_url"))
    old = deepcopy(pressed)
    old["actions"][0]["action_id"] = "applications.sign_off#1"

    await _again(school, deputy, old)

    assert "That button is from an older version" in school.said(deputy, SLT)[before]


# Slow look-ups -------------------------------------------------------------------------------


async def test_somebody_whom_slack_is_slow_to_describe_is_answered(school: School) -> None:
    unknown = school.fake.user("U0NEW", "new")
    held = Held(asyncio.Event())
    school.fake.fails("users.info", held)

    delivery = await unknown.slash("help")
    held.until.set()
    await school.settled()

    assert delivery.ok
    assert "Whom to contact" in school.said(unknown)[0]
    await school.accepts(await unknown.slash("help"))
    assert "What I can do" in school.said(unknown)[-1]


async def test_status_and_prompts_that_fail_hold_nothing_up(school: School, teacher: Human) -> None:
    school.fake.fails("assistant.threads.setSuggestedPrompts", Says("missing_scope"))
    school.fake.fails("assistant.threads.setStatus", Says("missing_scope"))

    await school.accepts(await teacher.opens("messages"))
    await school.accepts(await teacher.says("dm", "hello"))

    assert "Hello History teacher" in text_of(school.last(teacher))


async def test_a_question_that_can_not_be_settled_is_answered_all_the_same(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "report"))
    asked = school.last(teacher)
    school.fake.fails("chat.update", Says("message_not_found"))

    await school.accepts(await teacher.press(asked, labelled(asked.blocks, "Something else").action_id))

    assert "Is a child involved or at risk?" in school.said(teacher)[-1]


async def test_a_window_says_where_to_look_once_the_question_is_in_the_chat(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.slash("apply"))
    modal = modal_of(teacher)
    school.fake.fails("views.update", Says("not_found"))

    await school.accepts(await teacher.press_in_view(modal, labelled(modal.blocks, "Answer in chat instead").action_id))

    assert "What is the aim of the account?" in school.said(teacher, "dm")[-1]
    assert words_of(modal)
