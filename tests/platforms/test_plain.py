"""The plain client: lines in, texts out, the same code behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.platforms.plain.parse import Press, Words, read_line
from tests.platforms.tiny import TinyApp
from tests.simulator import Office, PlainDesk, in_memory, plain_office, sample_settings


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A school whose people type at terminals, with a tiny feature."""
    opened = plain_office(sample_settings(tmp_path), in_memory(), TinyApp)
    await opened.open()
    yield opened
    await opened.close()


def desk(office: Office) -> PlainDesk:
    """Return the desk."""
    assert isinstance(office.desk, PlainDesk)
    return office.desk


def test_a_label_in_brackets_is_a_press_and_so_is_one_at_hand() -> None:
    """Anything else is words."""
    at_hand = frozenset({"Yes", "No"})

    assert read_line("[Approve]", at_hand) == Press("Approve")
    assert read_line("[Ask for changes] APP-12", at_hand) == Press("Ask for changes", "APP-12")
    assert read_line("yes", at_hand) == Press("yes")
    assert read_line("yes please", at_hand) == Words("yes please")
    assert read_line("/smpolicy apply", at_hand) == Words("/smpolicy apply")


async def test_words_lead_to_texts_with_their_buttons(office: Office) -> None:
    """Buttons stand below the words."""
    texts = await desk(office).edge.hear("history_teacher", "/smpolicy")

    assert texts == ["What I can do\n\n- note: write a note\n- page: write one on a page\n\n[Write a note] [Hold]"]


async def test_a_form_is_talked_through_and_pressed_by_label(office: Office) -> None:
    """No surface here shows a page, so a button that opens one asks in chat too."""
    edge = desk(office).edge

    asked = await edge.hear("history_teacher", "help")
    asked = await edge.hear("history_teacher", "[Write a note]")
    assert "What is it about?" in asked[0]
    asked = await edge.hear("history_teacher", "A trip")
    assert "Shall others read it?" in asked[0]
    told = await edge.hear("history_teacher", "No")

    assert told[0].startswith("NOTE-1: a note\n\nSays: A trip\nFrom: History teacher\n\nIt is waiting for SLT.")
    assert told[0].endswith("[Withdraw]")


async def test_two_people_and_a_card_that_is_drawn_again(office: Office) -> None:
    """Who may not press is refused with a sentence."""
    teacher, deputy = office.person("history_teacher"), office.person("deputy_head")
    await teacher.says("/smpolicy note")
    await teacher.fills(words="A trip", shared=True, readers=["pe_teacher"])

    assert await deputy.buttons("NOTE-1") == ("Approve", "Reject")
    assert "wrote this note yourself" in await teacher.refused("Approve", on="NOTE-1")
    await deputy.presses("Reject", on="NOTE-1", reason="Not now.")

    await teacher.sees("It is refused")
    await teacher.sees_not("It is waiting")
    assert await deputy.buttons("NOTE-1") == ()
    assert "has moved on" in await deputy.refused("Approve", on="NOTE-1")


async def test_people_talk_to_each_other_in_shared_places(office: Office) -> None:
    """Only what mentions the bot reaches it."""
    teacher = office.person("history_teacher")

    assert await teacher.says("Is the hall free?", to="staff") == ""
    assert await teacher.says("@SMPolicy is the hall free?", to="staff") == "You said\n\nis the hall free?"
    await office.person("pe_teacher").sees("is the hall free?", "staff")


async def test_screens_and_buttons_outlive_a_restart(office: Office) -> None:
    """A question that stands is still answered."""
    teacher = office.person("history_teacher")
    await teacher.says("/smpolicy note")

    await office.restarts()
    await teacher.fills(words="A trip", shared=False)

    await office.person("deputy_head").sees("NOTE-1", "slt")


async def test_a_reminder_comes_when_the_clock_says_so(office: Office) -> None:
    """Moving the clock has due jobs done."""
    await office.person("history_teacher").says("/smpolicy note")
    await office.person("history_teacher").fills(words="A trip", shared=False)
    await office.person("deputy_head").sees_not("still waits")

    await office.clock_to("2026-11-24 10:30")

    await office.person("deputy_head").sees("NOTE-1 still waits", "slt")


async def test_strangers_and_other_places_are_refused(office: Office) -> None:
    """With a sentence each."""
    edge = desk(office).edge

    assert "Nobody with this name" in (await edge.hear("nobody", "hello"))[0]
    assert "no such place" in (await edge.hear("history_teacher", "@smpolicy hello", "slt"))[0]
    assert "no button" in (await edge.hear("history_teacher", "[Approve]"))[0]
