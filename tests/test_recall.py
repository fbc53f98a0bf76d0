"""The memory of what was asked last: short, small, each person's own, and never written anywhere."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.platforms.web.clock import LocalClock
from bot.recall import LASTS, LONGEST, MOST, Recall
from tests.simulator import START


@pytest.fixture
def clock() -> LocalClock:
    """A clock that stands still."""
    return LocalClock(start=START)


def test_what_was_asked_last_is_recalled(clock: LocalClock) -> None:
    recall = Recall(clock)

    recall.remember("teacher", "dm", "who pays?")
    recall.remember("teacher", "dm", "may we post?")

    assert recall.before("teacher", "dm") == "may we post?"


def test_people_and_places_do_not_mix(clock: LocalClock) -> None:
    recall = Recall(clock)
    recall.remember("teacher", "staff", "who pays?")

    assert recall.before("head", "staff") == ""
    assert recall.before("teacher", "dm") == ""
    assert recall.before("teacher", "staff") == "who pays?"


def test_it_lasts_ten_minutes_from_the_last_question(clock: LocalClock) -> None:
    recall = Recall(clock)
    recall.remember("teacher", "dm", "who pays?")
    clock.set(START + timedelta(minutes=9))
    recall.remember("teacher", "dm", "who pays for phones?")

    clock.set(START + timedelta(minutes=9) + LASTS - timedelta(seconds=1))
    before = recall.before("teacher", "dm")
    clock.set(START + timedelta(minutes=9) + LASTS)

    assert before == "who pays for phones?"
    assert recall.before("teacher", "dm") == ""


def test_what_is_too_old_is_gone_as_soon_as_anybody_asks(clock: LocalClock) -> None:
    recall = Recall(clock)
    recall.remember("teacher", "dm", "who pays?")
    clock.set(START + LASTS)

    recall.remember("head", "dm", "may we?")

    assert "who pays?" not in repr(vars(recall))


def test_a_clock_that_is_moved_back_brings_nothing_back(clock: LocalClock) -> None:
    recall = Recall(clock)
    recall.remember("teacher", "dm", "who pays?")

    clock.set(START - timedelta(days=1))

    assert recall.before("teacher", "dm") == ""


def test_it_holds_five_thousand_and_lets_the_oldest_go(clock: LocalClock) -> None:
    recall = Recall(clock)

    for number in range(MOST + 1):
        recall.remember(f"person {number}", "dm", "who pays?")

    assert recall.before("person 0", "dm") == ""
    assert recall.before("person 1", "dm") == recall.before(f"person {MOST}", "dm") == "who pays?"


def test_whoever_asks_again_is_not_the_oldest_any_more(clock: LocalClock) -> None:
    recall = Recall(clock)
    for number in range(MOST):
        recall.remember(f"person {number}", "dm", "who pays?")

    recall.remember("person 0", "dm", "may we?")
    recall.remember("somebody else", "dm", "may we?")

    assert recall.before("person 0", "dm") == "may we?"
    assert recall.before("person 1", "dm") == ""


def test_of_a_long_question_the_beginning_is_enough(clock: LocalClock) -> None:
    recall = Recall(clock)

    recall.remember("teacher", "dm", "x" * 10_000)

    assert len(recall.before("teacher", "dm")) == LONGEST


def test_forgetting_is_of_one_conversation(clock: LocalClock) -> None:
    recall = Recall(clock)
    for place in ("dm", "staff"):
        recall.remember("teacher", place, "who pays?")

    recall.forget("teacher", "dm")
    recall.forget("head", "dm")

    assert recall.before("teacher", "dm") == ""
    assert recall.before("teacher", "staff") == "who pays?"
