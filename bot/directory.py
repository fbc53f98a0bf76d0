"""People and roles as app.yaml lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from bot.domain.people import Person, Role


class AppDirectory:
    """The Directory port over the people of app.yaml, in its order; *today* tells who has left."""

    def __init__(self, people: Iterable[Person], today: Callable[[], date]) -> None:
        self._people = {person.id: person for person in people}
        self._today = today

    def person(self, person_id: str) -> Person | None:
        """Return the person, or None where nobody has this id."""
        return self._people.get(person_id)

    def everyone(self) -> tuple[Person, ...]:
        """Return all people, those without a seat and those who left included."""
        return tuple(self._people.values())

    def holders(self, role: Role) -> tuple[Person, ...]:
        """Return those who hold *role* now."""
        today = self._today()
        return tuple(person for person in self.everyone() if person.holds(role) and current(person, today))


def current(person: Person, today: date) -> bool:
    """Tell whether *person* has not left; the last day still counts."""
    return not person.has_left(today)
