"""What a field makes of what people type."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.conversation.fields import Choice, Choices, Circumstances, Day, Mend, Moment, Multiline, Number, People, YesNo
from bot.domain.people import Person, Role

NOW = datetime(2026, 11, 24, 9, 15, tzinfo=ZoneInfo("Europe/London"))
STAFF = frozenset({Role.STAFF})
SEEN = Circumstances(
    NOW,
    (
        Person("pe_teacher", "PE teacher", STAFF),
        Person("new_teacher", "New teacher", STAFF),
        Person("old_teacher", "Old teacher", STAFF, left=NOW.date().replace(month=7)),
    ),
)
AUDIENCE = Choices(
    name="audience",
    prompt="Who?",
    among=("Pupils", "Parents and carers", "Former pupils"),
    also={"Pupils": ("year 9",)},
)
OPENNESS = Choice(name="openness", prompt="Open?", among=("Open", "Private/closed"))
PLATFORM = Choice(name="platform", prompt="Where?", among=("Facebook", "X (Twitter)"), other=True)
RUNNERS = People(name="runners", prompt="Who runs it?", outsiders=True)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pupils, parents and carers", ["Pupils", "Parents and carers"]),
        ("parents and pupils", ["Pupils", "Parents and carers"]),
        ("our Year 9 classes", ["Pupils"]),
        ("former pupils", ["Former pupils"]),
        ("1, 3", ["Pupils", "Former pupils"]),
        (["Pupils"], ["Pupils"]),
    ],
)
def test_several_choices_are_read_as_people_type_them(typed: object, meant: list[str]) -> None:
    assert AUDIENCE.read(typed, SEEN) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("open", "Open"), ("It will be open", "Open"), ("closed", "Private/closed"), ("2", "Private/closed")],
)
def test_one_choice_is_read_as_people_type_it(typed: str, meant: str) -> None:
    assert OPENNESS.read(typed, SEEN) == meant


@pytest.mark.parametrize("typed", ["open but private", "blue", "3", "🙂"])
def test_a_doubtful_choice_is_asked_again_with_what_there_is(typed: str) -> None:
    mend = OPENNESS.read(typed, SEEN)

    assert isinstance(mend, Mend)
    assert "Open; Private/closed" in mend.sentence


def test_another_word_is_taken_where_others_are_allowed() -> None:
    assert PLATFORM.read("twitter", SEEN) == "X (Twitter)"
    assert PLATFORM.read("Mastodon", SEEN) == "Mastodon"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("PE teacher, pe_teacher", "twice"),
        ("PE teacher and Old teacher", "has left"),
        ("teacher", "one of several"),
        ("yes", "give a name"),
        ("x" * 200, "each by name"),
    ],
)
def test_people_who_can_not_be_meant_are_refused_with_how_to_mend_it(typed: str, why: str) -> None:
    mend = RUNNERS.read(typed, SEEN)

    assert isinstance(mend, Mend)
    assert why in mend.sentence


def test_people_are_ids_and_those_without_a_seat_are_names() -> None:
    assert RUNNERS.read("PE teacher and Mrs Example", SEEN) == ["pe_teacher", "Mrs Example"]


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        (Multiline(name="aim", prompt="Aim?"), "x" * 20_000, "20,000 characters"),
        (Multiline(name="aim", prompt="Aim?"), "   ", "can't be left empty"),
        (Multiline(name="aim", prompt="Aim?"), "the password is Summer2026!", "password"),
        (Multiline(name="aim", prompt="Aim?", more_than=("Facebook", "page")), "a Facebook page", "does not tell it"),
        (YesNo(name="child", prompt="Child?"), "perhaps", "yes or no"),
        (YesNo(name="two_step", prompt="On?", must="Turn it on first."), "no", "Turn it on first."),
        (Number(name="n", prompt="How many?", lowest=1, highest=9), "ten", "whole number"),
        (Number(name="n", prompt="How many?", lowest=1, highest=9), True, "whole number"),
        (Day(name="trained", prompt="When?", past_only=True), "25/11/2026", "has not come yet"),
        (Day(name="first", prompt="When?", future_only=True), "yesterday", "has passed"),
        (Moment(name="deadline", prompt="By when?", future_only=True), "yesterday 3pm", "has passed already"),
        (Moment(name="deadline", prompt="By when?"), "soonish", "a day and a time"),
    ],
)
def test_what_can_not_be_taken_says_how_to_mend_it(field: Multiline, typed: object, why: str) -> None:
    mend = field.read(typed, SEEN)

    assert isinstance(mend, Mend)
    assert why in mend.sentence


def test_tomorrow_at_three_is_a_moment() -> None:
    assert Moment(name="deadline", prompt="By when?").read("tomorrow 3pm", SEEN) == "2026-11-25T15:00:00+00:00"


@pytest.mark.parametrize("typed", ["🎉 Ça va", "مرحبا بكم", "a\u202egnp.exe"])
def test_any_script_is_kept_as_typed(typed: str) -> None:
    assert Multiline(name="aim", prompt="Aim?").read(typed, SEEN) == typed
