"""The local page as a platform on which the worker says things."""

from __future__ import annotations

from bot.conversation.cards import Card
from bot.domain.jobs import Reach, To
from bot.platforms.web.journal import Journal
from bot.platforms.web.messages import LocalMessage, card_draft, channel_of, redrawn
from bot.platforms.web.people import SHARED
from bot.ports import Directory

_REFERENCE = "job:"


class LocalChat:
    """Says cards on the local page; a message is found again by the id made of its key."""

    name = "web"
    trouble = ""

    def __init__(self, journal: Journal, directory: Directory) -> None:
        self._journal = journal
        self._directory = directory

    def reaches(self, to: To) -> bool:
        """Tell whether *to* is a shared place of the page, or somebody who can chat."""
        if to.reach is Reach.PLACE:
            return to.id in SHARED
        person = self._directory.person(to.id)
        return person is not None and not person.contact_only

    async def send(self, to: To, card: Card, key: str) -> str:
        """Say *card*; what was said under *key* before is not said again."""
        reference = _reference(key)
        if self._journal.get(reference) is None:
            await self._journal.add(card_draft(reference, channel_of(to), card))
        return reference

    async def redraw(self, to: To, reference: str, card: Card) -> None:
        """Replace what the message shows; do nothing where it shows that already."""
        message = self._journal.get(reference)
        if message is not None and message.card != card:
            await self._journal.change(redrawn(message, card))

    async def find(self, to: To, key: str) -> str | None:
        """Return the reference of what was said under *key*, or None."""
        reference = _reference(key)
        return reference if self._journal.get(reference) else None


def told_by_worker(message: LocalMessage) -> bool:
    """Tell whether the worker said *message*, rather than the bot to somebody's words or press."""
    return message.id.startswith(_REFERENCE)


def _reference(key: str) -> str:
    return f"{_REFERENCE}{key}"
