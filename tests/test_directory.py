"""Who is who, as app.yaml lists them."""

from __future__ import annotations

from datetime import date

from bot.directory import AppDirectory, current
from bot.domain.people import Person, Role
from bot.ports import Directory

SLT = frozenset({Role.SLT})
HEAD = Person("head", "Head", frozenset({Role.SLT, Role.HEAD}))
DEPUTY = Person("deputy", "Deputy", SLT, left=date(2026, 7, 31))
CHAIR = Person("chair", "Chair", frozenset({Role.CHAIR}), contact_only=True)
PEOPLE = (DEPUTY, HEAD, CHAIR)


def on(day: date) -> AppDirectory:
    """Return the directory as it is on *day*."""
    return AppDirectory(PEOPLE, today=lambda: day)


def test_everyone_is_found_those_who_left_and_those_without_a_seat_included() -> None:
    directory: Directory = on(date(2027, 1, 1))

    assert directory.everyone() == PEOPLE
    assert directory.person("deputy") is DEPUTY
    assert directory.person("chair") is CHAIR
    assert directory.person("nobody") is None


def test_a_role_is_held_up_to_the_last_day() -> None:
    assert on(date(2026, 7, 31)).holders(Role.SLT) == (DEPUTY, HEAD)
    assert on(date(2026, 8, 1)).holders(Role.SLT) == (HEAD,)
    assert on(date(2026, 8, 1)).holders(Role.DSL) == ()


def test_somebody_without_a_last_day_has_not_left() -> None:
    assert current(HEAD, date(2099, 1, 1))
    assert not current(DEPUTY, date(2026, 8, 1))
