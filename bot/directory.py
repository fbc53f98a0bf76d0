"""People and roles as app.yaml lists them, joined with what the platforms say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from bot.domain.people import Person, Role, Seat

_STRICTER = tuple(Seat)


class Roster(Protocol):
    """Who somebody is on one platform, as far as it is known; asking costs no call to the platform."""

    @property
    def version(self) -> int:
        """Return a number that is another one as soon as anything below has changed."""

    def seats(self) -> Mapping[str, Seat]:
        """Return person id to seat, for those who are known there."""

    def met(self) -> tuple[Person, ...]:
        """Return the people met there whom app.yaml does not list."""

    def holders(self) -> Mapping[Role, frozenset[str]]:
        """Return role to the ids of the people who hold it by being in a group there."""


@dataclass(frozen=True, slots=True)
class _Joined:
    """Everybody on one day, and the state of the rosters from which it was made."""

    state: tuple[date, tuple[int, ...]]
    everyone: tuple[Person, ...]
    by_id: Mapping[str, Person]


class AppDirectory:
    """The Directory port over the people of app.yaml, in its order, and then those whom *rosters* met.

    People of other organisations are found by id, so that they can be answered, but are not among everyone: what
    they call themselves must not be taken for the name of somebody of the school.
    """

    def __init__(self, people: Iterable[Person], today: Callable[[], date], rosters: Sequence[Roster] = ()) -> None:
        self._listed = {person.id: person for person in people}
        self._today = today
        self._rosters = tuple(rosters)
        self._made: _Joined | None = None

    def person(self, person_id: str) -> Person | None:
        """Return the person, or None where nobody has this id."""
        return self._joined().by_id.get(person_id)

    def everyone(self) -> tuple[Person, ...]:
        """Return all people, those without a seat and those who left included."""
        return self._joined().everyone

    def holders(self, role: Role) -> tuple[Person, ...]:
        """Return those who hold *role* now."""
        today = self._today()
        return tuple(person for person in self.everyone() if person.holds(role) and current(person, today))

    def _joined(self) -> _Joined:
        state = (self._today(), tuple(roster.version for roster in self._rosters))
        if self._made is None or self._made.state != state:
            self._made = self._join(state)
        return self._made

    def _join(self, state: tuple[date, tuple[int, ...]]) -> _Joined:
        met = {person.id: person for roster in self._rosters for person in roster.met()}
        seats = [roster.seats() for roster in self._rosters]
        groups = [roster.holders() for roster in self._rosters]
        by_id = {
            person.id: joined(
                person,
                [each[person.id] for each in seats if person.id in each],
                [role for each in groups for role, ids in each.items() if person.id in ids],
                state[0],
            )
            for person in {**met, **self._listed}.values()
        }
        ours = [*self._listed, *(id for id in met if id not in self._listed and by_id[id].seat is not Seat.OUTSIDER)]
        return _Joined(state, tuple(by_id[id] for id in ours), by_id)


def joined(person: Person, seats: Iterable[Seat], roles: Iterable[Role], today: date) -> Person:
    """Return *person* with the strictest of *seats* and, where they are a full member at work, *roles* as well."""
    seat = max((person.seat, *seats), key=_STRICTER.index)
    gains = seat is Seat.MEMBER and not person.contact_only and current(person, today)
    held = person.roles.union(roles) if gains else person.roles
    return person if (seat, held) == (person.seat, person.roles) else replace(person, seat=seat, roles=held)


def current(person: Person, today: date) -> bool:
    """Tell whether *person* has not left; the last day still counts."""
    return not person.has_left(today)
