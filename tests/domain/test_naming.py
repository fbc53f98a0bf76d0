"""Who is meant by a typed name."""

from __future__ import annotations

import pytest

from bot.domain.naming import Doubt, who_is_meant
from bot.domain.people import Person, Role

STAFF = frozenset({Role.STAFF})
PEOPLE = (
    Person("a_davies", "Anne Davies", STAFF, email="anne@school.example"),
    Person("b_davies", "Bryn Davies", STAFF),
    Person("history_teacher", "History teacher", STAFF),
    Person("deputy_head", "Deputy head", STAFF | {Role.SLT}),
    Person("head_teacher", "Head teacher", STAFF | {Role.HEAD, Role.SLT}),
    Person("dsl", "Safeguarding lead", STAFF | {Role.DSL}),
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("history_teacher", "history_teacher"),
        ("History Teacher", "history_teacher"),
        ("@history_teacher", "history_teacher"),
        ("the history teacher", "history_teacher"),
        ("anne@school.example", "a_davies"),
        ("Mrs Anne Davies", "a_davies"),
        ("bryn", "b_davies"),
        ("the Head", "head_teacher"),
        ("headteacher", "head_teacher"),
        ("Deputy", "deputy_head"),
        ("the DSL", "dsl"),
    ],
)
def test_a_name_is_understood(typed: str, meant: str) -> None:
    found = who_is_meant(typed, PEOPLE)

    assert isinstance(found, Person)
    assert found.id == meant


@pytest.mark.parametrize(
    "typed", ["Mr Davies", "teacher", "hed teacher", "Ann Davis", "yes", "nobody", "?", "🙂", "123"]
)
def test_a_doubtful_name_is_asked_about_rather_than_guessed(typed: str) -> None:
    assert isinstance(who_is_meant(typed, PEOPLE), Doubt)


@pytest.mark.parametrize("typed", ["Sam Example", "Anne Davies (parent)", "Head (a pupil's father)", "محمد علي"])
def test_somebody_outside_the_directory_stays_a_name(typed: str) -> None:
    assert who_is_meant(typed, PEOPLE) is None
