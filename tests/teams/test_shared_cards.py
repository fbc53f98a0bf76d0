"""SLT's card in its private channel: one for all, drawn anew after each vote, and as each of them may press it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain.incidents import Incident
from tests.teams.desk import SLT, STAFF
from tests.teams.messages import Message
from tests.teams.school import School, button, labels, text_of

Json = Any
pytestmark = pytest.mark.timeout(30)
QUESTION = "May I name the school in a post?"
MARK = "marker-93-of-a-pupil"

# SLT's channel -------------------------------------------------------------------------------


async def test_the_card_in_slts_private_channel_is_one_and_is_drawn_anew_after_each_move(school: School) -> None:
    await school.asks_slt()

    def card() -> tuple[str, str, list[str]]:
        [shown] = school.fake.posted(SLT)
        return shown.id, text_of(shown), labels(shown.card)

    id, text, buttons = card()
    assert "none so far" in text
    assert buttons == ["Approve", "Reject", "Ask for changes"]
    await school.client("deputy_head").presses("Approve", on="APP-1")
    assert "Deputy head approves" in card()[1]
    assert "Approve" in card()[2]
    await school.client("assistant_head").presses("Approve", on="APP-1")
    assert "The Head decides next" in card()[1]
    await school.client("head_teacher").presses("Approve", on="The Head decides next")
    assert not {"Approve", "Reject", "Ask for changes"} & set(card()[2])
    await school.client("administrator").presses(
        "Created", on="Put the details", handle="@BebHistory", vault="Social media", two_step=True
    )
    assert "Live and in the register" in card()[1]
    assert card()[2] == []
    assert card()[0] == id


async def test_what_a_press_in_the_channel_is_answered_is_read_by_whoever_pressed_alone(school: School) -> None:
    card = await school.asks_slt()
    deputy = school.human("deputy_head")
    before = school.said(deputy, "dm")

    await school.accepts(await deputy.press(card, "Approve"))

    assert "Recorded." in deputy.toasts[0]
    assert school.said(deputy, "dm") == before
    assert not school.human("head_teacher").toasts
    assert len(school.fake.posted(SLT)) == 1


async def test_a_press_may_be_faster_than_teams_answer_to_the_card(school: School) -> None:
    let_go = asyncio.Event()
    posting = school.fake.delay_next(let_go, method="POST", place=SLT, path="/activities")
    asking = asyncio.create_task(school.asks_slt())
    await posting.reached.wait()
    deputy = school.human("deputy_head")
    [card] = school.fake.posted(SLT)

    pressing = asyncio.create_task(deputy.press(card, "Approve"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(pressing), 0.05)
    let_go.set()

    await school.accepts(await pressing)
    await asking
    assert "Recorded." in deputy.toasts[0]
    assert "Deputy head approves" in text_of(school.shown(deputy, card))


async def test_an_old_drawing_of_the_card_decides_nothing_any_more(school: School) -> None:
    card = await school.asks_slt()
    await school.client("deputy_head").presses("Reject", on="APP-1", reason="We have two already.")
    await school.client("assistant_head").presses("Reject", on="APP-1", reason="We have two already.")
    head = school.human("head_teacher")

    await school.accepts(await head.press(card, "Approve"))

    assert "That did not go through" in head.toasts[-1]
    assert not labels(school.shown(head, card).card)


@pytest.mark.parametrize("label", ["Reject", "Ask for changes"])
async def test_a_reason_is_asked_for_in_a_dialog_over_the_card(school: School, label: str) -> None:
    card = await school.asks_slt()
    deputy = school.human("deputy_head")

    await school.accepts(await deputy.press(card, label))
    await school.accepts(await deputy.submit(values={"reason": "Who answers in the holidays?"}))

    assert "Recorded" in deputy.notice
    assert len(school.fake.posted(SLT)) == 1


# Cards as each of them sees them -------------------------------------------------------------


async def test_each_viewer_sees_what_they_may_press(school: School) -> None:
    """A runner who is in SLT decides nothing about their own account."""
    card = await school.asks_slt()
    deputy, administrator = school.human("deputy_head"), school.human("administrator")
    school.fake.workspace.conversations[SLT].members.append(administrator.id)

    assert labels(card.card) == ["Approve", "Reject", "Ask for changes"]
    await school.accepts(await deputy.refresh(card))
    assert labels(school.shown(deputy, card).card) == ["Approve", "Reject", "Ask for changes"]
    await school.accepts(await administrator.refresh(card, trigger="manual"))
    assert labels(school.shown(administrator, card).card) == []
    assert text_of(school.shown(administrator, card)) == text_of(card)


async def test_each_looks_at_the_card_as_it_is_after_a_vote(school: School) -> None:
    card = await school.asks_slt()
    deputy, assistant = school.human("deputy_head"), school.human("assistant_head")
    await school.accepts(await deputy.refresh(card))

    await school.accepts(await assistant.press(card, "Approve"))
    [now] = school.fake.posted(SLT)
    await deputy.looks(SLT)

    assert "Assistant head approves" in text_of(school.shown(deputy, now))
    assert "Approve" in labels(school.shown(deputy, now).card)


async def test_a_card_is_refreshed_for_those_whom_it_concerns_and_no_more_than_sixty(school: School) -> None:
    card = await school.asks_slt()

    wanted = card.card["refresh"]["userIds"]

    leaders = {school.human(each).mri for each in ("deputy_head", "assistant_head", "head_teacher")}
    assert set(wanted) == leaders
    assert len(wanted) <= 60


async def test_refreshing_changes_nothing_and_says_nothing(school: School) -> None:
    card = await school.asks_slt()
    before, heard = len(school.fake.calls), await school.heard()

    for _ in range(3):
        await school.accepts(await school.human("deputy_head").refresh(card))

    assert len(school.fake.calls) == before
    assert await school.heard() == heard


async def test_a_card_can_be_refreshed_after_a_restart(school: School) -> None:
    card = await school.asks_slt()
    await school.office.restarts()
    deputy = school.human("deputy_head")

    await school.accepts(await deputy.refresh(card))

    assert text_of(school.shown(deputy, card)) == text_of(card)
    assert labels(school.shown(deputy, card).card) == ["Approve", "Reject", "Ask for changes"]


REFRESH = "card.refresh"


@pytest.mark.parametrize("subject", ["APP-2", "INC-AAAAAA", "", "x" * 5_000, "applications", "\u202e"])
async def test_nobody_reads_another_case_by_naming_it(school: School, subject: str) -> None:
    card = await school.asks_slt()
    deputy = school.human("deputy_head")

    delivery = await deputy.forge(card, button(REFRESH, subject, "applications.request"))

    assert delivery.error == ("BadRequest", "There is no such card here.")


async def test_nobody_reads_a_report_by_naming_it_in_slts_channel(school: School) -> None:
    card = await school.asks_slt()
    reporter = school.client("pe_teacher")
    await reporter.says("report")
    await reporter.fills(category="Something else", child=True, adult=False, what=MARK, breach=False)
    await reporter.presses("Submit")
    [case] = await school.find(Incident)

    delivery = await school.human("deputy_head").forge(card, button(REFRESH, case.id, "incidents.case"))

    assert delivery.error is not None
    assert MARK not in delivery.body


async def test_nobody_reads_the_card_of_another_conversation(school: School) -> None:
    card = await school.asks_slt()
    teacher = school.human("new_teacher")
    await school.accepts(await teacher.says(STAFF, QUESTION))
    await school.accepts(await teacher.says("dm", "hello"))

    for message in (school.last(teacher, STAFF), school.last(teacher, "dm")):
        here = await teacher.forge(message, button(REFRESH, "APP-1", "applications.request"))
        named = await teacher.forge(
            Message(card.id, message.conversation, message.place, True, ""), button(REFRESH, "APP-1")
        )
        assert here.error == named.error == ("BadRequest", "There is no such card here.")
