"""A chat of plain text, in memory: what everybody's screen shows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.conversation.cards import Button, Card, plain
from bot.conversation.forms import FormPage
from bot.domain.jobs import Reach, To
from bot.domain.people import Person, Role
from bot.platforms.labels import offered_with
from bot.platforms.plain.render import card_text
from bot.ports import Directory

SHARED = frozenset({"slt", "staff"})


@dataclass(frozen=True, slots=True)
class Line:
    """Something that the bot said.

    Attributes:
        private_to: The only person who sees it, or "" for everybody in the place.
        form: The question that it asks, or None.
        offered: Every button that it ever had.
    """

    id: str
    to: To
    card: Card
    form: FormPage | None = None
    private_to: str = ""
    offered: tuple[Button, ...] = ()

    def visible_to(self, person: Person) -> bool:
        """Tell whether *person* sees it."""
        if self.to.reach is Reach.PERSON:
            return self.to.id == person.id
        return sees_place(person, self.to.id) and self.private_to in ("", person.id)

    @property
    def text(self) -> str:
        """Return its words without the buttons."""
        return plain(self.card)

    def text_for(self, person: Person) -> str:
        """Return it as *person* reads it."""
        return card_text(self.card, person.id)


class PlainChat:
    """The Chat port in memory."""

    name = "plain"
    trouble = ""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._lines: dict[str, Line] = {}

    def reaches(self, to: To) -> bool:
        """Tell whether *to* is a shared place, or somebody who can chat."""
        if to.reach is Reach.PLACE:
            return to.id in SHARED
        person = self._directory.person(to.id)
        return person is not None and not person.contact_only

    async def send(self, to: To, card: Card, key: str) -> str:
        """Say *card*; what was said under *key* before is not said again."""
        reference = _reference(key)
        if reference not in self._lines:
            self.put(Line(reference, to, card))
        return reference

    async def redraw(self, to: To, reference: str, card: Card) -> None:
        """Replace what the line shows."""
        line = self._lines.get(reference)
        if line is not None:
            self._lines[reference] = replace(line, card=card, offered=offered_with(card, line.offered))

    async def find(self, to: To, key: str) -> str | None:
        """Return the reference of what was said under *key*, or None."""
        reference = _reference(key)
        return reference if reference in self._lines else None

    def put(self, line: Line) -> None:
        """Show *line* below all others."""
        self._lines[line.id] = replace(line, offered=offered_with(line.card, line.offered))

    def seen_by(self, person: Person) -> list[Line]:
        """Return what *person* sees, oldest first."""
        return [line for line in self._lines.values() if line.visible_to(person)]


def sees_place(person: Person, place: str) -> bool:
    """Tell whether *person* reads in the shared place called *place*."""
    return place in SHARED and (place != "slt" or person.holds(Role.SLT))


def _reference(key: str) -> str:
    return f"job:{key}"
