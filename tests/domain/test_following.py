"""A question that follows on is understood with the one before; one that stands by itself is left alone."""

import pytest

from bot.domain.following import Link, joined, link
from bot.domain.search import Kind, Search


@pytest.mark.parametrize(
    "question",
    [
        "and on weekends?", "what about parents then", "how about the summer holidays", "ok and volunteers?",
        "And if they refuse?", "or just a head of year", "same for governors?", "but what if it's urgent",
    ],
)  # fmt: skip
def test_some_questions_plainly_go_on(question: str) -> None:
    assert link(question) is Link.PLAIN


@pytest.mark.parametrize("question", ["does that go for parents", "why is that", "who by", "is it the same at night"])
def test_others_may_go_on_or_begin_anew(question: str) -> None:
    assert link(question) in (Link.LOOSE, Link.PLAIN)


@pytest.mark.parametrize(
    "question",
    [
        "", "🙂", "may I put a photo of my class on the history page", "who approves a new account for the choir",
        "and then she said that the whole year group had been talking about the post that I put up last week",
    ],
)  # fmt: skip
def test_most_questions_stand_by_themselves(question: str) -> None:
    assert link(question) is Link.NONE


def test_who_is_asked_about_takes_the_place_of_who_was() -> None:
    together = joined("can pupils comment on our posts?", "what about parents then")

    assert "parents" in together
    assert "pupils" not in together


def test_what_was_asked_before_stays_where_nobody_takes_its_place() -> None:
    together = joined("how fast do we answer a comment?", "and on weekends?")

    assert together == "how fast do we answer a comment on weekends?"


@pytest.mark.parametrize(
    ("before", "question", "clause"),
    [
        ("how fast do we have to answer a comment on our page", "and on weekends?", "MON-3"),
        ("can pupils comment on our posts", "what about parents then", "PAR-2"),
        ("who approves a new account", "and who creates it?", "ADM-1"),
        ("do i need training to run the account", "what about volunteers", "NEW-10"),
        ("can i put the school name on my linkedin", "and the logo?", "A1P-2"),
        ("can i go on facebook at work", "is that checked", "BEH-10"),
        ("what happens if a pupil posts something rude about us", "and a parent?", "PAR-3"),
    ],
)
def test_a_question_that_follows_on_is_understood(search: Search, before: str, question: str, clause: str) -> None:
    found = search.answer(question, before)

    assert found.goes_on
    assert clause in {id for passage in found.passages for id in passage.clauses}


@pytest.mark.parametrize(
    ("before", "question", "clause"),
    [
        ("may i follow a pupil on insta", "who decides whether we get a new account", "SLT-6"),
        ("who stores the passwords", "can i name the school in my own post", "STF-4"),
    ],
)
def test_a_new_question_is_not_mixed_up_with_the_one_before(
    search: Search, before: str, question: str, clause: str
) -> None:
    found = search.answer(question, before)

    assert not found.goes_on
    assert clause in {id for passage in found.passages for id in passage.clauses}


def test_what_was_understood_is_told(search: Search) -> None:
    """Whoever remembers it can take the next question together with both."""
    found = search.answer("and on weekends?", "how fast do we have to answer a comment on our page")

    assert found.asked == "how fast do we have to answer a comment on our page on weekends?"
    assert search.answer("and on weekends?").asked == "and on weekends?"


def test_what_cannot_wait_is_seen_whatever_was_asked_before(search: Search) -> None:
    found = search.answer("and a pupil just told me she is being hurt at home", "may i follow a pupil")

    assert found.kind is Kind.URGENT
    assert not found.goes_on


def test_going_on_from_a_silence_is_silent(search: Search) -> None:
    found = search.answer("and how much is it?", "who pays for the facebook adverts")

    assert found.kind is Kind.SILENT
