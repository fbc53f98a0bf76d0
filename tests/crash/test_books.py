"""The books find what was lost, decided twice or said twice; else that there is nothing would mean nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from types import MappingProxyType

import pytest

from bot.domain.accounts import Account
from bot.domain.applications import Application, State, Vote
from bot.domain.incidents import Incident
from bot.domain.workflow import Step
from bot.stores.memory import MemoryStore
from tests.crash.books import Books, Promise
from tests.crash.on_page import PageTown
from tests.crash.people import Conversations
from tests.crash.stories import Applying
from tests.crash.town import Said

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
ASKED: Counter[tuple[str, str]] = Counter()
MOVES = (
    ("history_teacher", "begin"), ("history_teacher", "submit"), ("history_teacher", "confirm"),
    ("pe_teacher", "confirm"), ("deputy_head", "approve"), ("assistant_head", "approve"),
    ("head_teacher", "approve"), ("administrator", "created"),
)  # fmt: skip


def books(*, once: bool = True) -> Books:
    return Books(Promise(once=once))


def said(text: str, at: float, key: str = "", **how: bool) -> Said:
    return Said("deputy_head", text, at, key, **how)


def test_books_in_which_nothing_is_wrong_balance() -> None:
    found = books()

    found.count_said([said("APP-1: decide", 1.0, "job 1"), said("APP-2: decide", 2.0, "job 2")], ASKED, [1.5])

    assert found.balanced
    assert (found.said, found.said_twice, found.unexplained) == (2, [], [])


@pytest.mark.parametrize("keys", [("job 1", "job 1"), ("", "")])
def test_what_is_said_again_over_a_kill_is_said_twice(keys: tuple[str, str]) -> None:
    strict, lenient = books(), books(once=False)

    for each in (strict, lenient):
        each.count_said([said("APP-1: decide", 1.0, keys[0]), said("APP-1: decide", 2.0, keys[1])], ASKED, [1.5])

    assert len(set(strict.said_twice)) == 1
    assert not strict.balanced
    assert lenient.balanced


def test_what_is_said_again_without_a_kill_balances_nowhere() -> None:
    found = books(once=False)

    found.count_said([said("APP-1: decide", 1.0), said("APP-1: decide", 2.0)], ASKED, [0.5, 2.5])

    assert len(found.unexplained) == 1
    assert not found.balanced


def test_who_asks_twice_may_hear_it_twice_and_no_more() -> None:
    asked = Counter({("deputy_head", "Under no circumstances"): 2})
    answers = [said("Under no circumstances should staff", float(at)) for at in range(3)]
    enough, more = books(), books()

    enough.count_said(answers[:2], asked, [])
    more.count_said(answers, asked, [])

    assert enough.balanced
    assert len(more.unexplained) == 1


def test_what_one_person_alone_saw_is_counted_and_breaks_nothing() -> None:
    found = books()

    found.count_said([said("Only you", 1.0, aside=True), said("Only you", 2.0, aside=True)], ASKED, [1.5])

    assert (found.asides, found.asides_twice) == (2, 1)
    assert found.balanced


def test_a_question_that_was_taken_and_never_answered_is_lost() -> None:
    found = books()

    found.count_answers([said("Under no circumstances", 1.0)], Counter({("deputy_head", "Under no"): 2}))

    assert found.lost == ["deputy_head asked 2 times and read 1 times 'Under no'"]


async def test_a_reference_that_somebody_read_has_to_be_kept() -> None:
    found, store = books(), MemoryStore()
    school = store.of("bebington")
    await school.save(Incident("bebington", "INC-7", "new_teacher", MappingProxyType({}), "August 2017", NOON))

    await found.find_references(school, ["INC-7 was sent.", "APP-9: decide, as INC-7"])

    assert (found.told, found.found) == (2, 1)
    assert found.lost == ["APP-9: somebody was told of it, and it is not kept"]


# What an application came to ---------------------------------------------------------------


@pytest.fixture
def story() -> Applying:
    """An application that went the whole way, as whoever applied remembers it."""
    town = PageTown(Path(), Random(1))
    return Applying(Conversations(town, 1.0), "history_teacher", 7, "APP-7", ended=True)


def application(story: Applying, *moves: tuple[str, str]) -> Application:
    answers = {"aim": story.aim, "handle": story.handle}
    history = tuple(Step(NOON, by, move, "") for by, move in moves or MOVES)
    runners = ("history_teacher", "pe_teacher")
    return Application("bebington", "APP-7", "history_teacher", answers, runners, "August 2017", State.LIVE, 6, history)


def account(id: str) -> Account:
    return Account(
        "bebington", id, "APP-7", "X (Twitter)", "@Beb0007x", "Open", "", "history_teacher",
        ("history_teacher", "pe_teacher"), "administrator", "Vault 7", True, NOON, "August 2017", date(2027, 11, 28),
    )  # fmt: skip


async def compared(story: Applying, *kept: Application | Account) -> Books:
    found, school = books(), MemoryStore().of("bebington")
    await school.save(*kept)
    await story.compare(school, found)
    return found


async def test_an_application_that_was_decided_once_balances(story: Applying) -> None:
    assert (await compared(story, application(story), account("ACC-7"))).balanced


async def test_a_vote_that_counted_twice_is_found(story: Applying) -> None:
    votes = tuple(Vote(by, True, NOON, 1) for by in ("deputy_head", "deputy_head", "assistant_head"))

    found = await compared(story, replace(application(story), votes=votes), account("ACC-7"))

    assert any("deputy_head" in each for each in found.decided_twice)
    assert not found.balanced


async def test_a_vote_that_was_given_again_and_counted_once_balances(story: Applying) -> None:
    votes = tuple(Vote(by, True, NOON, 1) for by in ("deputy_head", "assistant_head"))
    twice = replace(application(story, *MOVES, ("deputy_head", "approve")), votes=votes)

    assert (await compared(story, twice, account("ACC-7"))).balanced


async def test_a_head_who_decided_twice_is_found(story: Applying) -> None:
    found = await compared(story, application(story, *MOVES, ("head_teacher", "approve")), account("ACC-7"))

    assert any("'approve': 1} beyond" in each for each in found.decided_twice)


async def test_two_accounts_of_one_application_are_found(story: Applying) -> None:
    found = await compared(story, application(story), account("ACC-7"), account("ACC-8"))

    assert found.decided_twice == ["APP-7: 2 accounts"]


async def test_a_decision_that_is_gone_is_found(story: Applying) -> None:
    found = await compared(story, application(story, *MOVES[:-2], MOVES[-1]), account("ACC-7"))

    assert any("{'approve': 1} is missing" in each for each in found.lost)


async def test_an_application_that_is_gone_or_was_changed_is_found(story: Applying) -> None:
    gone = await compared(story)
    changed = await compared(
        story, replace(application(story), answers={"aim": "Half of the", "handle": story.handle}), account("ACC-7")
    )

    assert gone.lost == ["APP-7 of history_teacher: kept as []"]
    assert any("Half of the" in each for each in changed.lost)
