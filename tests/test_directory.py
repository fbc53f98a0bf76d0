"""Who is who, as app.yaml lists them and as the platforms know them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from bot.directory import AppDirectory, Roster, current
from bot.domain.people import Person, Role, Seat
from bot.ports import Directory

SLT = frozenset({Role.SLT})
HEAD = Person("head", "Head", frozenset({Role.SLT, Role.HEAD}))
DEPUTY = Person("deputy", "Deputy", SLT, left=date(2026, 7, 31))
CHAIR = Person("chair", "Chair", frozenset({Role.CHAIR}), contact_only=True)
PEOPLE = (DEPUTY, HEAD, CHAIR)
ANN = Person("slack:U0ANN", "Ann", frozenset({Role.STAFF}))
SUPPLY = Person("slack:U0SUPPLY", "Supply", frozenset(), seat=Seat.GUEST)
STRANGER = Person("slack:U0STRANGER", "Head", frozenset(), seat=Seat.OUTSIDER)


@dataclass
class PlatformRoster:
    """What a platform knows, as a test tells it; *asked* counts how often it was read."""

    version: int = 0
    people: tuple[Person, ...] = ()
    seat: dict[str, Seat] = field(default_factory=dict)
    held: dict[Role, frozenset[str]] = field(default_factory=dict)
    asked: int = 0

    def met(self) -> tuple[Person, ...]:
        """Return the people who are not listed."""
        self.asked += 1
        return self.people

    def seats(self) -> Mapping[str, Seat]:
        """Return person id to seat."""
        return self.seat

    def holders(self) -> Mapping[Role, frozenset[str]]:
        """Return role to person ids."""
        return self.held


def among(*rosters: Roster, day: date = date(2026, 11, 23)) -> AppDirectory:
    """Return the directory joined with *rosters*."""
    return AppDirectory(PEOPLE, lambda: day, rosters)


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


def test_people_of_a_platform_stand_behind_those_who_are_listed() -> None:
    directory = among(PlatformRoster(people=(ANN,)), PlatformRoster(people=(SUPPLY,)))

    assert directory.everyone() == (*PEOPLE, ANN, SUPPLY)
    assert directory.person("slack:U0ANN") == ANN
    assert directory.person("slack:U0SUPPLY") == SUPPLY


def test_somebody_of_another_organisation_is_found_but_not_among_everyone() -> None:
    directory = among(PlatformRoster(people=(STRANGER, ANN)))

    assert directory.person(STRANGER.id) == STRANGER
    assert directory.everyone() == (*PEOPLE, ANN)


def test_a_listed_person_stays_who_they_are_whatever_a_platform_says_of_their_id() -> None:
    directory = among(PlatformRoster(people=(replace(ANN, id="head"),)))

    assert directory.person("head") is HEAD
    assert directory.everyone() == PEOPLE


def test_roles_by_group_come_on_top_of_those_in_app_yaml() -> None:
    directory = among(
        PlatformRoster(people=(ANN,), held={Role.DSL: frozenset({"head", ANN.id})}),
        PlatformRoster(held={Role.DPO: frozenset({"head", "nobody"}), Role.SLT: frozenset({"head"})}),
    )

    assert directory.person("head") == replace(HEAD, roles=HEAD.roles | {Role.DSL, Role.DPO})
    assert [person.id for person in directory.holders(Role.DSL)] == ["head", ANN.id]


@pytest.mark.parametrize("person", [DEPUTY, CHAIR, SUPPLY, STRANGER])
def test_no_role_by_group_for_leavers_guests_outsiders_and_people_without_a_seat(person: Person) -> None:
    held = {role: frozenset({person.id}) for role in Role}

    directory = among(PlatformRoster(people=(SUPPLY, STRANGER), held=held))

    assert directory.person(person.id) == person


@pytest.mark.parametrize(
    ("seats", "strictest"),
    [
        ((Seat.MEMBER, Seat.MEMBER), Seat.MEMBER),
        ((Seat.GUEST, Seat.MEMBER), Seat.GUEST),
        ((Seat.GUEST, Seat.OUTSIDER), Seat.OUTSIDER),
        ((Seat.OUTSIDER, Seat.MEMBER), Seat.OUTSIDER),
    ],
)
def test_the_strictest_seat_counts_and_roles_by_group_go_with_it(seats: tuple[Seat, Seat], strictest: Seat) -> None:
    held = {Role.DSL: frozenset({"head"})}

    head = among(*(PlatformRoster(seat={"head": seat}, held=held) for seat in seats)).person("head")

    gained = {Role.DSL} if strictest is Seat.MEMBER else set()
    assert head == replace(HEAD, seat=strictest, roles=HEAD.roles | gained)


def test_a_listed_person_who_is_an_outsider_is_still_among_everyone() -> None:
    directory = among(PlatformRoster(seat={"head": Seat.OUTSIDER}))

    assert [person.id for person in directory.everyone()] == ["deputy", "head", "chair"]


def test_people_are_joined_anew_only_after_a_change() -> None:
    roster = PlatformRoster(people=(ANN,))
    directory = among(roster)

    first, second = directory.everyone(), directory.everyone()
    asked = roster.asked
    roster.people, roster.version = (), 1

    assert first is second
    assert asked == 1
    assert directory.everyone() == PEOPLE
    assert directory.person(ANN.id) is None


def test_a_role_by_group_ends_with_the_last_day_though_no_platform_has_changed() -> None:
    today = [date(2026, 7, 31)]
    roster = PlatformRoster(held={Role.DSL: frozenset({"deputy"})})
    directory = AppDirectory(PEOPLE, lambda: today[0], [roster])

    last = directory.person("deputy")
    today[0] = date(2026, 8, 1)

    assert last == replace(DEPUTY, roles=SLT | {Role.DSL})
    assert directory.person("deputy") == DEPUTY
