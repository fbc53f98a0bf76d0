"""Forms in Teams: dialogs page by page, cards where there are no dialogs, and from either to the chat and back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.conversation.sessions import Session
from bot.domain.applications import Application, State
from bot.domain.incidents import Incident
from bot.domain.office import ActingHead, SettingChange
from bot.platforms.teams.presses import DONE, FORM_IN_CHAT
from tests.teams.cards import Pressable
from tests.teams.client import Client
from tests.teams.desk import SLT, STAFF
from tests.teams.dialogs import Dialog
from tests.teams.human import Human
from tests.teams.inputs import inputs_of
from tests.teams.messages import Message
from tests.teams.refusals import NotTypeable
from tests.teams.school import (
    CASE,
    School,
    choice,
    dialog_of,
    labelled,
    labels,
    page_text,
    problems,
    text_of,
)

Json = Any
pytestmark = pytest.mark.timeout(30)
PAGE, HERE, IN_CHAT = "Fill in as a page", "Fill in here", "Answer in chat instead"
GONE = "That form has been sent or cancelled already."
AIM = str(CASE["aim"])
TITLES = {"audience": "Parents and carers", "openness": "Open", "platform": "X (Twitter)"}


async def opened(school: School, human: Human, command: str = "apply", label: str = PAGE) -> Dialog:
    """Ask for a form in the direct chat, and open it as a dialog."""
    await school.accepts(await human.says("dm", command))
    await school.accepts(await human.press(school.last(human, "dm"), label))
    return dialog_of(human)


def answers(fields: Json, **changed: Json) -> dict[str, Json]:
    """Return what fills in the first page of an application; choices by their titles, None for nothing."""
    given: dict[str, Json] = {
        "aim": AIM, "promotion": "In the newsletter.", "runners": ["history_teacher", "pe_teacher"],
        "handle": "@BebHistory", **{name: choice(fields, name, title) for name, title in TITLES.items()},
    }  # fmt: skip
    return {**given, **changed}


async def first_page(school: School, human: Human, **changed: Json) -> Dialog:
    """Open an application and fill its first page in, without sending it."""
    dialog = await opened(school, human)
    for name, value in answers(dialog.inputs, **changed).items():
        human.type_into(name, value)
    return dialog


async def sends(school: School, human: Human, title: str = "", *, unchecked: bool = False) -> Dialog | None:
    """Send the open dialog; return the one that is open then, if any."""
    await school.accepts(await human.submit(title, unchecked=unchecked))
    return human.dialog


def another_device(school: School, human: Human) -> Human:
    """Return the same person at another client."""
    return Human(human.id, school.fake.workspace, Client(), school.fake.delivers)


def told(human: Human) -> str:
    """Return what *human* was told last beside the chat."""
    return human.dialog.text if human.dialog else human.notice


# Page after page -----------------------------------------------------------------------------


async def test_one_page_and_a_preview_with_what_can_be_done_now(school: School, teacher: Human) -> None:
    await first_page(school, teacher)

    await sends(school, teacher)

    preview = dialog_of(teacher)
    assert preview.title == "APP-1: your draft"
    assert AIM in preview.text
    assert labels(preview.card)[:2] == ["Submit", "Edit"]
    assert [each.id for each in await school.find(Application)] == ["APP-1"]
    assert "APP-1: your draft" in school.said(teacher, "dm")[-1]


async def test_what_is_pressed_on_the_preview_is_done_and_shown_in_the_same_dialog(
    school: School, teacher: Human
) -> None:
    await first_page(school, teacher)
    await sends(school, teacher)

    await sends(school, teacher, "Submit")

    assert "Waiting for" in told(teacher)
    assert [each.state for each in await school.find(Application)] == [State.RUNNERS]
    draft = [each for each in teacher.messages("dm") if "Submit" in labels(each.card)]
    assert not draft


async def test_a_draft_is_edited_in_the_same_dialog(school: School, teacher: Human) -> None:
    await first_page(school, teacher)
    await sends(school, teacher)

    await sends(school, teacher, "Edit")
    assert dialog_of(teacher).values["aim"] == AIM
    teacher.type_into("aim", "Another aim for the account.")
    await sends(school, teacher)

    assert "Another aim for the account." in dialog_of(teacher).text
    assert [each.id for each in await school.find(Application)] == ["APP-1"]


async def test_pages_that_an_answer_brings_follow_in_the_same_dialog(school: School, teacher: Human) -> None:
    dialog = await first_page(school, teacher)
    for name, title in {"audience": "Pupils", "platform": "A game or a platform with chat"}.items():
        if any(shown == title for shown, _ in dialog.inputs[name].choices):
            teacher.type_into(name, choice(dialog.inputs, name, title))
    asked = []
    for _ in range(5):
        await sends(school, teacher)
        page = dialog_of(teacher)
        if not page.inputs:
            break
        assert not problems(page.card)
        asked.append(page.title)
        for name, field in page.inputs.items():
            teacher.type_into(name, field.choices[0][1] if field.choices else "Short reminders.")

    assert "Pupils in the audience" in asked
    assert "APP-1: your draft" in page_text(dialog_of(teacher))


async def test_every_category_of_a_report_comes_to_its_preview_page_by_page(school: School) -> None:
    human = school.human("pe_teacher")
    categories = (await opened(school, human, "report")).inputs["category"].choices

    for title, number in categories:
        human.close_dialog()
        await school.accepts(await human.says("dm", "cancel"))
        await opened(school, human, "report")
        human.type_into("category", number)
        for _ in range(8):
            page = await sends(school, human)
            assert page is not None, human.notice
            if not page.inputs:
                break
            assert not problems(page.card), (title, problems(page.card))
            for name, field in page.inputs.items():
                if not page.values[name] and "(optional)" not in field.label:
                    human.type_into(name, field.choices[0][1] if field.choices else "Something was posted.")
        assert "not sent yet" in dialog_of(human).title, title
    assert len(await school.find(Incident)) == len(categories)


async def test_a_restart_between_two_pages_loses_nothing(school: School, teacher: Human) -> None:
    dialog = await first_page(school, teacher)
    teacher.type_into("audience", choice(dialog.inputs, "audience", "Pupils"))
    await sends(school, teacher)
    await school.office.restarts()

    page = dialog_of(teacher)
    for name, field in page.inputs.items():
        teacher.type_into(name, field.choices[0][1] if field.choices else "Short reminders.")
    await sends(school, teacher)

    assert "Short reminders." in dialog_of(teacher).text
    assert AIM in dialog_of(teacher).text


# Errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("aim", "X (Twitter)", "a name alone does not tell it"),
        ("aim", "my password is Rainbow-42!", "password"),
        ("promotion", "   ", "can't be left empty"),
        ("aim", None, "can't be left empty"),
        ("runners", [], "can't be left empty"),
        ("openness", None, "can't be left empty"),
    ],
)
async def test_an_entry_that_is_not_taken_is_told_above_its_field_and_all_that_was_typed_stays(
    school: School, teacher: Human, field: str, value: Json, says: str
) -> None:
    sent = await first_page(school, teacher, **{field: value})
    typed = dict(sent.values)

    await sends(school, teacher)

    page = dialog_of(teacher)
    assert says in problems(page.card)
    assert {name: text.strip() for name, text in page.values.items()} == {
        name: text.strip() for name, text in typed.items()
    }
    for name, entry in answers(page.inputs).items():
        teacher.type_into(name, entry)
    await sends(school, teacher)
    assert "APP-1: your draft" in dialog_of(teacher).title


async def test_two_fields_that_have_to_be_mended_say_so_both(school: School, teacher: Human) -> None:
    await first_page(school, teacher, aim="X (Twitter)", handle=None)

    await sends(school, teacher)

    wrong = [each for each in dialog_of(teacher).card["body"] if each.get("style") == "attention"]
    assert len(wrong) == 2
    assert dialog_of(teacher).values["aim"] == "X (Twitter)"


async def test_names_that_nobody_knows_stay_where_they_were_typed(school: School, teacher: Human) -> None:
    dialog = await first_page(school, teacher, runners=["history_teacher"])
    assert "runners--names" in dialog.inputs
    teacher.type_into("runners--names", "Year 9 prefect")

    await sends(school, teacher)

    assert "Pupils can't be named as runners." in problems(dialog_of(teacher).card)
    assert dialog_of(teacher).values["runners--names"] == "Year 9 prefect"
    assert dialog_of(teacher).values["runners"] == "history_teacher"


async def test_what_only_the_handler_can_judge_is_told_in_the_dialog(school: School) -> None:
    deputy = school.client("deputy_head")
    await deputy.says("settings")
    await deputy.presses("Change a setting")

    error = await deputy.mends(setting="SLT votes that decide an application", value="90", reason="More certainty.")

    assert "whole number" in error or "can vote" in error
    assert deputy.human.dialog is not None
    assert "90" in page_text(deputy.human.dialog)
    assert not await school.find(SettingChange)


async def test_a_day_before_the_first_is_told_in_the_dialog(school: School) -> None:
    head = school.client("head_teacher")
    await head.says("acting")
    await head.presses("Name an acting head")

    error = await head.mends(person=["deputy_head"], first="2026-12-10", last="2026-12-01")

    assert "or later" in error
    assert not await school.find(ActingHead)


async def test_a_field_takes_no_more_than_there_is_room_for(school: School, teacher: Human) -> None:
    await first_page(school, teacher)

    with pytest.raises(NotTypeable):
        teacher.type_into("aim", "x" * 20_000)


# From a dialog to the chat -------------------------------------------------------------------


async def test_a_form_begun_in_a_dialog_goes_on_in_the_chat_with_all_that_was_typed(
    school: School, teacher: Human
) -> None:
    await opened(school, teacher)
    teacher.type_into("aim", AIM)
    teacher.type_into("promotion", "In the newsletter.")

    assert await sends(school, teacher, IN_CHAT) is None

    assert "Let's do this in chat" in teacher.notice
    assert "intended audience" in school.said(teacher, "dm")[-1]
    assert (await school.find(Session))[0].answers == {"aim": AIM, "promotion": "In the newsletter."}
    await school.accepts(await teacher.says("dm", "Parents and carers"))
    assert "Who will run the account?" in school.said(teacher, "dm")[-1]


async def test_an_entry_that_is_not_taken_does_not_keep_anybody_from_the_chat(school: School, teacher: Human) -> None:
    await opened(school, teacher)
    teacher.type_into("aim", "X (Twitter)")
    teacher.type_into("handle", "@BebHistory")

    await sends(school, teacher, IN_CHAT)

    assert "What is the aim of the account?" in school.said(teacher, "dm")[-1]
    assert (await school.find(Session))[0].answers == {"handle": "@BebHistory"}


async def test_an_empty_page_is_left_for_the_chat_too(school: School, teacher: Human) -> None:
    await opened(school, teacher, "report")

    await sends(school, teacher, IN_CHAT)

    assert "What is it about?" in school.said(teacher, "dm")[-1]


async def test_the_second_page_goes_on_in_the_chat_too(school: School, teacher: Human) -> None:
    dialog = await first_page(school, teacher)
    teacher.type_into("audience", choice(dialog.inputs, "audience", "Pupils"))
    await sends(school, teacher)
    teacher.type_into("suits_learning", "Short reminders.")

    await sends(school, teacher, IN_CHAT)

    assert "Which possible implications" in school.said(teacher, "dm")[-1]
    for words in ("Comments are turned off.", "All are old enough", "Private messages are turned off"):
        await school.accepts(await teacher.says("dm", words))
    assert "APP-1: your draft" in school.said(teacher, "dm")[-1]
    assert "Short reminders." in school.said(teacher, "dm")[-1]


async def test_a_report_of_a_message_goes_on_in_the_chat_with_its_words(school: School, teacher: Human) -> None:
    said = school.human("pe_teacher").writes(STAFF, "Something bad.")
    await school.accepts(await teacher.shortcut(said, "incidents.report_message"))

    await sends(school, teacher, IN_CHAT)
    for words in ("Something else", "yes", "no", "no"):
        await school.accepts(await teacher.says("dm", words))

    assert "Something bad." in school.said(teacher, "dm")[-1]


async def test_a_page_that_was_left_for_the_chat_and_is_sent_all_the_same_is_taken(
    school: School, teacher: Human
) -> None:
    """Two dialogs on two devices: what is sent last counts, and nothing is lost."""
    telephone = another_device(school, teacher)
    await first_page(school, teacher, aim=None)
    question = school.last(teacher)
    await school.accepts(await telephone.press(question, PAGE))
    await sends(school, teacher, IN_CHAT)
    assert "What is the aim of the account?" in school.said(teacher)[-1]

    await school.accepts(await telephone.submit(values=answers(dialog_of(telephone).inputs)))

    assert "APP-1: your draft" in dialog_of(telephone).title
    assert "APP-1: your draft" in school.said(teacher)[-1]


# From the chat to a dialog -------------------------------------------------------------------


async def test_a_form_begun_in_the_chat_is_finished_as_a_page(school: School) -> None:
    teacher = school.client("history_teacher")
    for words in ("apply", AIM, "Parents and carers"):
        await teacher.says(words)

    await school.accepts(await teacher.human.press(school.last(teacher.human), PAGE))
    dialog = dialog_of(teacher.human)
    assert dialog.values["aim"] == AIM
    assert dialog.values["audience"] == choice(dialog.inputs, "audience", "Parents and carers")
    left = {name: value for name, value in CASE.items() if name not in ("aim", "audience")}
    preview = await teacher.fills(**left)

    assert "APP-1: your draft" in preview
    assert AIM in preview
    assert not await school.find(Session)


async def test_the_chat_asks_nothing_any_more_once_the_page_was_sent(school: School) -> None:
    teacher = school.client("history_teacher")
    await teacher.says("apply")
    await teacher.presses(PAGE)
    await teacher.fills(**CASE)

    assert "Hello History teacher" in await teacher.says("hello")


async def test_there_and_back_again_loses_nothing(school: School, teacher: Human) -> None:
    client = school.client("history_teacher")
    await client.says("apply")
    await client.says(AIM)
    await client.presses(PAGE)
    teacher.type_into("promotion", "In the newsletter.")
    await sends(school, teacher, IN_CHAT)
    await client.says("Parents and carers")
    await client.presses(PAGE)

    dialog = dialog_of(teacher)

    assert dialog.values["aim"] == AIM
    assert dialog.values["promotion"] == "In the newsletter."
    assert dialog.values["audience"]


# Pages that are sent twice, or too late ------------------------------------------------------


async def test_a_page_that_is_sent_twice_answers_no_question_that_was_not_seen(school: School, teacher: Human) -> None:
    """Whoever presses again on another device, where the first page still stands, sees the second."""
    first = await opened(school, teacher, "report")
    teacher.type_into("category", choice(first.inputs, "category", "Something else"))
    await sends(school, teacher)
    second = dialog_of(teacher)
    assert "child" in second.inputs

    await school.accepts(await teacher.press(first, labels(first.card)[0]))

    assert list(dialog_of(teacher).inputs) == list(second.inputs)
    (session,) = await school.find(Session)
    assert session.answers == {"category": "Something else"}


async def test_the_same_page_that_comes_again_is_answered_alike(school: School, teacher: Human) -> None:
    await first_page(school, teacher)
    sent = await school.accepts(await teacher.submit())

    again = await school.accepts(await school.fake.again(sent))

    assert again.body == sent.body
    assert len(await school.find(Application)) == 1
    assert len([each for each in school.said(teacher) if "APP-1: your draft" in each]) == 1


async def test_a_page_that_is_sent_by_a_double_click_is_taken_once(school: School, teacher: Human) -> None:
    await first_page(school, teacher)

    first, second = await asyncio.gather(teacher.submit(), teacher.submit())
    await school.settled()

    assert first.body == second.body
    assert len(await school.find(Application)) == 1
    assert len([each for each in school.said(teacher) if "APP-1: your draft" in each]) == 1


async def test_a_dialog_of_a_form_that_was_sent_says_so(school: School, teacher: Human) -> None:
    telephone = another_device(school, teacher)
    await first_page(school, teacher)
    await school.accepts(await telephone.press(school.last(teacher), PAGE))
    await sends(school, teacher)

    await school.accepts(await telephone.submit(values=answers(dialog_of(telephone).inputs)))

    assert GONE in told(telephone)
    assert len(await school.find(Application)) == 1


@pytest.mark.parametrize("title", ["", IN_CHAT])
async def test_a_dialog_of_a_form_that_was_cancelled_says_so(school: School, teacher: Human, title: str) -> None:
    await first_page(school, teacher)
    await school.accepts(await teacher.says("dm", "cancel"))

    await sends(school, teacher, title)

    assert GONE in told(teacher)
    assert not await school.find(Application)


async def test_a_decision_that_came_too_late_keeps_the_dialog_with_what_was_typed(school: School) -> None:
    card = await school.asks_slt()
    deputy, assistant = school.human("deputy_head"), school.client("assistant_head")
    await school.accepts(await deputy.press(card, "Reject"))
    teacher_asked = dialog_of(deputy)
    deputy.type_into("reason", "We have two already.")
    await assistant.presses("Ask for changes", on="APP-1", reason="Who answers in the holidays?")

    await school.accepts(await deputy.submit())

    page = dialog_of(deputy)
    assert page.values == teacher_asked.values
    assert page.text != teacher_asked.text
    await sends(school, deputy, IN_CHAT)


async def test_a_reason_can_be_given_in_chat_as_well(school: School) -> None:
    card = await school.asks_slt()
    deputy = school.human("deputy_head")
    await school.accepts(await deputy.press(card, "Reject"))

    await sends(school, deputy, IN_CHAT)
    assert "What is the reason?" in school.said(deputy, "dm")[-1]
    await school.accepts(await deputy.says("dm", "We have two already."))

    assert "Recorded" in school.said(deputy, "dm")[-1]
    assert len(school.fake.posted(SLT)) == 1


# Forms as cards ------------------------------------------------------------------------------


async def on_a_card(school: School, human: Human, command: str = "apply") -> Message:
    """Ask for a form in the direct chat and have it put there as a card."""
    await school.accepts(await human.says("dm", command))
    await school.accepts(await human.press(school.last(human, "dm"), HERE))
    card = school.last(human, "dm")
    assert inputs_of(card.card), text_of(card)
    return card


async def test_whoever_has_no_dialogs_fills_the_form_in_on_a_card(school: School, teacher: Human) -> None:
    card = await on_a_card(school, teacher)
    assert FORM_IN_CHAT in teacher.toasts or labels(card.card)[-1] == IN_CHAT

    delivery = await teacher.press(card, labels(card.card)[0], answers(inputs_of(card.card)))
    await school.accepts(delivery)

    assert "APP-1: your draft" in school.said(teacher, "dm")[-1]
    assert DONE in text_of(school.shown(teacher, card))
    assert not await school.find(Session)


async def test_a_form_that_was_filled_in_on_a_card_is_put_away_for_every_device(school: School, teacher: Human) -> None:
    card = await on_a_card(school, teacher)

    await school.accepts(await teacher.press(card, labels(card.card)[0], answers(inputs_of(card.card))))

    [stands] = [each for each in school.fake.posted(teacher.dm) if each.id == card.id]
    assert DONE in text_of(stands)
    assert not inputs_of(stands.card)


async def test_an_entry_on_a_card_that_is_not_taken_is_told_there_and_all_that_was_typed_stays(
    school: School, teacher: Human
) -> None:
    card = await on_a_card(school, teacher)
    typed = answers(inputs_of(card.card), aim="X (Twitter)")

    await school.accepts(await teacher.press(card, labels(card.card)[0], typed))
    again = school.shown(teacher, card)
    assert "a name alone does not tell it" in problems(again.card)
    assert inputs_of(again.card)["aim"].value == "X (Twitter)"
    assert inputs_of(again.card)["handle"].value == "@BebHistory"
    await school.accepts(await teacher.press(again, labels(again.card)[0], {"aim": AIM}))

    assert "APP-1: your draft" in school.said(teacher, "dm")[-1]


async def test_pages_follow_each_other_on_the_same_card(school: School, teacher: Human) -> None:
    card = await on_a_card(school, teacher)
    pupils = choice(inputs_of(card.card), "audience", "Pupils")

    await school.accepts(
        await teacher.press(card, labels(card.card)[0], answers(inputs_of(card.card), audience=pupils))
    )
    second = school.shown(teacher, card)
    assert "suits_learning" in inputs_of(second.card)
    values = {name: field.choices[0][1] if field.choices else "x y" for name, field in inputs_of(second.card).items()}
    await school.accepts(await teacher.press(second, labels(second.card)[0], values))

    assert "APP-1: your draft" in school.said(teacher, "dm")[-1]


async def test_the_first_page_of_a_card_that_still_stands_elsewhere_shows_the_second(
    school: School, teacher: Human
) -> None:
    card = await on_a_card(school, teacher)
    fields = inputs_of(card.card)
    entered = answers(fields, audience=choice(fields, "audience", "Pupils"))
    await school.accepts(await teacher.press(card, labels(card.card)[0], entered))

    await school.accepts(await teacher.press(card, labels(card.card)[0], entered))

    assert "suits_learning" in inputs_of(school.shown(teacher, card).card)
    assert not await school.find(Application)


async def test_a_card_is_left_for_the_chat_with_all_that_was_typed(school: School, teacher: Human) -> None:
    card = await on_a_card(school, teacher)

    await school.accepts(await teacher.press(card, IN_CHAT, {"aim": AIM, "promotion": "In the newsletter."}))

    assert "intended audience" in school.said(teacher, "dm")[-1]
    assert (await school.find(Session))[0].answers == {"aim": AIM, "promotion": "In the newsletter."}
    assert not inputs_of(school.shown(teacher, card).card)


async def test_a_card_of_a_form_that_was_sent_says_so(school: School, teacher: Human) -> None:
    card = await on_a_card(school, teacher)
    await school.accepts(await teacher.press(card, labels(card.card)[0], answers(inputs_of(card.card))))

    await school.accepts(await teacher.press(card, labels(card.card)[0], answers(inputs_of(card.card))))

    assert GONE in teacher.toasts[-1]
    assert len(await school.find(Application)) == 1


async def test_a_form_whose_card_can_not_be_put_into_the_chat_is_asked_there(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "apply"))
    question = school.last(teacher)
    school.fake.fail_next(400, "BadArgument", method="POST", place=teacher.id)

    await school.accepts(await teacher.press(question, HERE))

    assert "What is the aim of the account?" in school.said(teacher, "dm")[-1]
    assert not inputs_of(school.last(teacher).card)


# Clients that know no Action.Execute ---------------------------------------------------------


def fallback_of(card: Json, label: str) -> Json:
    """Return what an older client draws in the place of a button."""
    found: Pressable = labelled(card, label)
    return found.action["fallback"]


async def test_the_same_button_works_where_a_press_is_a_message(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "report"))
    question = school.last(teacher)

    delivery = await teacher.press(question, fallback_of(question.card, "Something else"))
    await school.accepts(delivery)

    assert delivery.kind == "message"
    assert "Is a child involved or at risk?" in school.said(teacher, "dm")[-1]
    await school.accepts(await school.fake.again(delivery))
    assert len(school.said(teacher)) == 2


async def test_a_form_is_filled_in_on_a_card_where_a_press_is_a_message(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "apply"))
    question = school.last(teacher)
    await school.accepts(await teacher.press(question, fallback_of(question.card, HERE)))
    card = school.last(teacher)

    sent = fallback_of(card.card, labels(card.card)[0])
    await school.accepts(await teacher.press(card, sent, answers(inputs_of(card.card))))

    assert "APP-1: your draft" in school.said(teacher, "dm")[-1]
    assert DONE in text_of(school.shown(teacher, card))


async def test_what_has_to_be_mended_is_asked_in_chat_where_a_press_is_a_message(
    school: School, teacher: Human
) -> None:
    card = await on_a_card(school, teacher)

    sent = fallback_of(card.card, labels(card.card)[0])
    await school.accepts(await teacher.press(card, sent, answers(inputs_of(card.card), aim="X (Twitter)")))

    assert "What is the aim of the account?" in school.said(teacher, "dm")[-1]
    assert (await school.find(Session))[0].answers["handle"] == "@BebHistory"


async def test_a_vote_of_slt_by_a_message_is_answered_to_whoever_pressed(school: School) -> None:
    card = await school.asks_slt()
    deputy, head = school.human("deputy_head"), school.human("head_teacher")

    delivery = await school.accepts(await deputy.press(card, fallback_of(card.card, "Approve")))
    await school.accepts(await school.fake.again(delivery))

    assert "Recorded" in school.said(deputy, "dm")[-1]
    assert len([each for each in school.said(deputy, "dm") if "Recorded" in each]) == 1
    assert "Deputy head approves" in text_of(school.fake.posted(SLT)[0])
    assert len(school.said(head, SLT)) == 1
