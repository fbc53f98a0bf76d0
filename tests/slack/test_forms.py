"""Forms in Slack: pages that follow each other, errors at their fields, and from a window to the chat and back."""

from __future__ import annotations

from typing import Any

import pytest

from bot.conversation.sessions import Session
from bot.domain.applications import Application
from bot.domain.incidents import Incident
from bot.domain.office import ActingHead, SettingChange
from tests.slack.desk import SLT
from tests.slack.human import Human
from tests.slack.school import School, labelled, labels, modal_of, words_of
from tests.slack.views import View

Json = Any
pytestmark = pytest.mark.timeout(30)
IN_CHAT = "Answer in chat instead"
PAGE = "Fill in as a page"
AIM = "Show parents what happens in history lessons."
CASE = {
    "aim": AIM,
    "audience": ["Parents and carers"],
    "promotion": "In the newsletter.",
    "runners": ["history_teacher", "pe_teacher"],
    "openness": "Open",
    "platform": "X (Twitter)",
    "handle": "@BebHistory",
}
PUPILS = {
    "suits_learning": "Short reminders about homework.",
    "implications": "Comments are turned off.",
    "minimum_age": "All are old enough",
    "messages": "Private messages are turned off",
}


@pytest.fixture
def teacher(school: School) -> Human:
    """A teacher at their client."""
    return school.human("history_teacher")


async def press(school: School, human: Human, view: View, label: str) -> None:
    """Press in a window by label."""
    await school.accepts(await human.press_in_view(view, labelled(view.blocks, label).action_id))


async def first_page(school: School, human: Human, **changed: Json) -> View:
    """Open an application and fill its first page in, without sending it; options by their numbers."""
    await school.accepts(await human.slash("apply"))
    modal = modal_of(human)
    entries = {
        "aim": AIM, "audience": ["1"], "promotion": "In the newsletter.",
        "runners": ["U0HISTORYTEACHER", "U0PETEACHER"], "openness": "0", "platform": "2", "handle": "@BebHistory",
    }  # fmt: skip
    for name, value in {**entries, **changed}.items():
        human.type_into(modal, name, value)
    return modal


# Page after page -----------------------------------------------------------------------------


async def test_one_page_and_a_preview(school: School, teacher: Human) -> None:
    modal = await first_page(school, teacher)

    await school.accepts(await teacher.submit(modal))

    assert teacher.modal is modal
    assert "APP-1: your draft" in words_of(modal)
    assert {"Submit", "Edit"} <= set(labels(modal.blocks))
    assert [each.id for each in await school.find(Application)] == ["APP-1"]


async def test_pages_that_an_answer_brings_follow_in_the_same_window(school: School, teacher: Human) -> None:
    modal = await first_page(school, teacher, audience=["0", "1"], platform="11")
    assert modal.payload["submit"]["text"] in ("Continue", "Preview")

    await school.accepts(await teacher.submit(modal))
    assert (teacher.modal, modal.title) == (modal, "The platform")
    assert modal.payload["submit"]["text"] == "Continue"
    teacher.type_into(modal, "other_platform", "A chess game")
    await school.accepts(await teacher.submit(modal))
    assert modal.title == "Pupils in the audience"
    assert modal.payload["submit"]["text"] == "Preview"
    for name, value in {"suits_learning": "x", "implications": "y", "minimum_age": "0", "messages": "0"}.items():
        teacher.type_into(modal, name, value)
    await school.accepts(await teacher.submit(modal))

    assert "A chess game" in words_of(modal)
    assert "APP-1: your draft" in words_of(modal)


async def test_every_category_of_a_report_comes_to_its_preview_page_by_page(school: School) -> None:
    human = school.human("pe_teacher")
    await school.accepts(await human.slash("report"))
    blocks = modal_of(human).blocks
    categories = next(each for each in blocks if each.get("block_id") == "category")["element"]["options"]

    for category in categories:
        await school.accepts(await human.slash("report"))
        modal = modal_of(human)
        human.type_into(modal, "category", category["value"])
        for _ in range(8):
            if modal.payload["callback_id"] != "form":
                break
            _answer(human, modal)
            await school.accepts(await human.submit(modal))
            assert not modal.errors, (category, modal.errors)
        assert "not sent yet" in words_of(modal), category
    assert len(await school.find(Incident)) == len(categories)


def _answer(human: Human, modal: View) -> None:
    """Answer everything that the page asks and nothing has been said to."""
    for block in [each for each in modal.blocks if each["type"] == "input" and not each.get("optional")]:
        name, element = block["block_id"], block["element"]
        if "options" in element:
            typed = modal.values[name][element["action_id"]]
            if not (typed.get("selected_option") or typed.get("selected_options")):
                human.type_into(modal, name, element["options"][0]["value"])
        else:
            human.type_into(modal, name, "Something was posted.")


# Errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("aim", "X (Twitter)", "a name alone does not tell it"),
        ("aim", "my password is Rainbow-42!", "password"),
        ("promotion", "   ", "can't be left empty"),
    ],
)
async def test_an_entry_that_is_not_taken_is_told_at_its_field_and_the_others_stay(
    school: School, teacher: Human, field: str, value: Json, says: str
) -> None:
    modal = await first_page(school, teacher, **{field: value})

    await school.accepts(await teacher.submit(modal))

    assert teacher.modal is modal
    assert set(modal.errors) == {field}
    assert says in modal.errors[field]
    assert modal.values["handle"]["text"]["value"] == "@BebHistory"
    teacher.type_into(modal, field, AIM)
    await school.accepts(await teacher.submit(modal))
    assert "APP-1: your draft" in words_of(modal)


async def test_a_name_that_nobody_knows_is_told_at_a_field(school: School, teacher: Human) -> None:
    modal = await first_page(school, teacher, runners=["U0HISTORYTEACHER"])
    teacher.type_into(modal, "runners--names", "Year 9 prefect")

    await school.accepts(await teacher.submit(modal))

    assert "Pupils can't be named as runners." in " ".join(modal.errors.values())
    assert set(modal.errors) <= {"runners", "runners--names"}


async def test_what_is_missing_is_asked_for_by_the_window_itself_and_by_the_program(
    school: School, teacher: Human
) -> None:
    modal = await first_page(school, teacher, aim=None, handle=None)

    await teacher.submit(modal)
    assert set(modal.errors) == {"aim", "handle"}
    await school.accepts(await teacher.submit(modal, unchecked=True))

    assert set(modal.errors) == {"aim", "handle"}
    assert "can't be left empty" in modal.errors["aim"]


async def test_what_only_the_handler_can_judge_is_told_at_its_field(school: School) -> None:
    deputy = school.client("deputy_head")
    await deputy.says("settings")
    await deputy.presses("Change a setting")
    modal = modal_of(deputy.human)

    error = await deputy.mends(setting="SLT votes that decide an application", value="90", reason="More certainty.")

    assert "whole number" in error or "can vote" in error
    assert set(modal.errors) == {"value"}
    assert not await school.find(SettingChange)


async def test_a_day_before_the_first_is_told_at_its_field(school: School) -> None:
    head = school.client("head_teacher")
    await head.says("acting")
    await head.presses("Name an acting head")

    error = await head.mends(person=["deputy_head"], first="2026-12-10", last="2026-12-01")

    assert "or later" in error
    assert set(modal_of(head.human).errors) == {"last"}
    assert not await school.find(ActingHead)


# From a window to the chat -------------------------------------------------------------------


async def test_a_form_begun_in_a_window_goes_on_in_the_chat_with_all_that_was_typed(
    school: School, teacher: Human
) -> None:
    await school.accepts(await teacher.slash("apply"))
    modal = modal_of(teacher)
    teacher.type_into(modal, "aim", AIM)
    teacher.type_into(modal, "promotion", "In the newsletter.")

    await press(school, teacher, modal, IN_CHAT)

    assert "intended audience" in school.said(teacher, "dm")[-1]
    assert "Let's do this in chat" in words_of(modal)
    assert (await school.find(Session))[0].answers == {"aim": AIM, "promotion": "In the newsletter."}
    await school.accepts(await teacher.says("dm", "Parents and carers"))
    assert "Who will run the account?" in school.said(teacher, "dm")[-1]


async def test_an_entry_that_is_not_taken_does_not_keep_anybody_from_the_chat(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.slash("apply"))
    modal = modal_of(teacher)
    teacher.type_into(modal, "aim", "X (Twitter)")
    teacher.type_into(modal, "handle", "@BebHistory")

    await press(school, teacher, modal, IN_CHAT)

    assert "What is the aim of the account?" in school.said(teacher, "dm")[-1]
    assert (await school.find(Session))[0].answers == {"handle": "@BebHistory"}


async def test_the_second_page_goes_on_in_the_chat_too(school: School, teacher: Human) -> None:
    modal = await first_page(school, teacher, audience=["0"])
    await school.accepts(await teacher.submit(modal))
    teacher.type_into(modal, "suits_learning", "Short reminders.")

    await press(school, teacher, modal, IN_CHAT)

    assert "Which possible implications" in school.said(teacher, "dm")[-1]
    for words in ("Comments are turned off.", "All are old enough", "Private messages are turned off"):
        await school.accepts(await teacher.says("dm", words))
    assert "APP-1: your draft" in school.said(teacher, "dm")[-1]
    assert "Short reminders." in school.said(teacher, "dm")[-1]


async def test_a_page_that_was_left_for_the_chat_and_is_sent_all_the_same_is_taken(
    school: School, teacher: Human
) -> None:
    """Two windows on two devices: what is sent last counts, and nothing is lost."""
    modal = await first_page(school, teacher, aim=None)
    kept = View(modal.id, modal.user, modal.payload, modal.hash, modal.root, typed=dict(modal.typed))
    await press(school, teacher, modal, IN_CHAT)
    assert "What is the aim of the account?" in school.said(teacher)[-1]
    teacher.type_into(kept, "aim", AIM)

    delivery = await teacher.submit(kept)

    assert delivery.ok
    await school.settled()
    assert "APP-1: your draft" in words_of(kept)
    assert "APP-1: your draft" in school.said(teacher)[-1]


# From the chat to a window -------------------------------------------------------------------


async def test_a_form_begun_in_the_chat_is_finished_as_a_page(school: School) -> None:
    teacher = school.client("history_teacher")
    for words in ("apply", AIM, "Parents and carers"):
        await teacher.says(words)

    asked = school.last(teacher.human)
    await school.accepts(await teacher.human.press(asked, labelled(asked.blocks, PAGE).action_id))
    values = modal_of(teacher.human).values
    assert values["aim"]["multiline"]["value"] == AIM
    assert [each["value"] for each in values["audience"]["choices"]["selected_options"]] == ["1"]
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

    heard = await teacher.says("hello")

    assert "Hello History teacher" in heard


async def test_what_was_typed_over_on_the_page_is_what_counts(school: School) -> None:
    teacher = school.client("history_teacher")
    for words in ("apply", AIM):
        await teacher.says(words)

    await teacher.presses(PAGE)
    preview = await teacher.fills(**{**CASE, "aim": "Another aim, typed on the page."})

    assert "Another aim, typed on the page." in preview
    assert AIM not in preview


async def test_there_and_back_again_loses_nothing(school: School) -> None:
    teacher = school.client("history_teacher")
    await teacher.says("apply")
    await teacher.says(AIM)
    await teacher.presses(PAGE)
    teacher.human.type_into(modal_of(teacher.human), "promotion", "In the newsletter.")
    await press(school, teacher.human, modal_of(teacher.human), IN_CHAT)
    await teacher.says("Parents and carers")
    await teacher.presses(PAGE)

    values = modal_of(teacher.human).values

    assert values["aim"]["multiline"]["value"] == AIM
    assert values["promotion"]["multiline"]["value"] == "In the newsletter."
    assert values["audience"]["choices"]["selected_options"]


# Windows over a message ----------------------------------------------------------------------


@pytest.fixture
async def waiting(school: School) -> School:
    """A school whose SLT has an application before it."""
    teacher = school.client("history_teacher")
    await teacher.says("/smpolicy apply")
    await teacher.fills(**CASE)
    await teacher.presses("Submit", on="APP-1")
    await teacher.presses("Confirm", on="will you run", trained="2026-09-12")
    await school.client("pe_teacher").presses("Confirm", on="will you run", trained="2026-09-12")
    return school


async def test_a_reason_is_asked_for_in_a_window_over_the_card(waiting: School) -> None:
    deputy = waiting.human("deputy_head")
    card = waiting.last(deputy, SLT)

    await waiting.accepts(await deputy.press(card, labelled(card.blocks, "Ask for changes").action_id))
    modal = modal_of(deputy)
    assert modal.title == "Ask for changes"
    assert not [each for each in waiting.fake.posted(SLT) if each.ephemeral_to]
    deputy.type_into(modal, "reason", "Who answers in the holidays?")
    await waiting.accepts(await deputy.submit(modal))

    assert deputy.modal is None
    assert waiting.last(deputy, SLT).ephemeral_to == deputy.id
    assert "APP-1: changes asked for" in waiting.said(deputy, SLT)[-1]
    assert "Who answers in the holidays?" in waiting.said(waiting.human("history_teacher"))[-1]


async def test_a_decision_that_came_too_late_keeps_the_window_open_with_what_was_typed(waiting: School) -> None:
    deputy, assistant = waiting.human("deputy_head"), waiting.client("assistant_head")
    card = waiting.last(deputy, SLT)
    await waiting.accepts(await deputy.press(card, labelled(card.blocks, "Reject").action_id))
    modal = modal_of(deputy)
    deputy.type_into(modal, "reason", "We have two already.")
    await assistant.presses("Ask for changes", on="APP-1", reason="Who answers in the holidays?")

    await waiting.accepts(await deputy.submit(modal))

    assert deputy.modal is modal
    assert set(modal.errors) == {"reason"}
    assert modal.values["reason"]["multiline"]["value"] == "We have two already."


async def test_a_reason_can_be_given_in_chat_as_well(waiting: School) -> None:
    deputy = waiting.human("deputy_head")
    card = waiting.last(deputy, SLT)
    await waiting.accepts(await deputy.press(card, labelled(card.blocks, "Reject").action_id))

    await press(waiting, deputy, modal_of(deputy), IN_CHAT)
    assert "What is the reason?" in waiting.said(deputy, "dm")[-1]
    await waiting.accepts(await deputy.says("dm", "We have two already."))

    assert "Recorded" in waiting.said(deputy, "dm")[-1]


async def test_what_is_looked_at_only_is_shown_in_the_window_and_not_said(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.slash("my"))
    await school.accepts(await teacher.opens("home"))
    home = teacher.home
    assert home is not None
    before = school.said(teacher)

    await press(school, teacher, home, "Ask a person")

    assert school.said(teacher) == before
    assert "Ask a person" in words_of(modal_of(teacher))
