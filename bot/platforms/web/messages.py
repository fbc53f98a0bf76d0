"""What was said on the local page, as it is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from bot.conversation.cards import Button, Card, plain
from bot.conversation.events import Json
from bot.domain.jobs import Reach, To
from bot.platforms.labels import offered_with

BOT = "bot"


@dataclass(frozen=True, slots=True)
class LocalMessage:
    """One message in one place.

    Attributes:
        seq: Its number in the school: ever increasing, across restarts too.
        author: `bot`, or the id of the person who typed it.
        channel: `dm:` and a person's id, or the name of a shared place.
        form: The question that it asks, drawn as JSON.
        private_to: The only person who sees it, or "" for everybody in the place.
        labels: The buttons that it offered before it was drawn again, so that an old one can still be judged.
    """

    INDEXES: ClassVar[tuple[str, ...]] = ("channel",)
    school: str
    id: str
    seq: int
    at: datetime
    author: str
    channel: str
    text: str
    card: Card | None = None
    form: Json | None = None
    private_to: str = ""
    labels: tuple[Button, ...] = ()
    version: int = 0
    due_at: None = None

    def visible_to(self, person: str) -> bool:
        """Tell whether *person*, who reads in its place, sees it."""
        return self.private_to in ("", person)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is about to be said; it gets number, moment and school where it is kept."""

    id: str
    author: str
    channel: str
    text: str
    card: Card | None = None
    form: Json | None = None
    private_to: str = ""


def card_draft(id: str, channel: str, card: Card, form: Json | None = None, private_to: str = "") -> Draft:
    """Return *card* as the bot says it."""
    return Draft(id, BOT, channel, plain(card), card, form, private_to)


def kept(draft: Draft, school: str, seq: int, at: datetime) -> LocalMessage:
    """Return the record of *draft*."""
    return LocalMessage(
        school, draft.id, seq, at, draft.author, draft.channel, draft.text, draft.card, draft.form, draft.private_to
    )


def redrawn(message: LocalMessage, card: Card) -> LocalMessage:
    """Return *message* as it reads once it shows *card*."""
    before = offered_with(message.card, message.labels) if message.card else message.labels
    return replace(message, text=plain(card), card=card, labels=before)


def channel_of(to: To) -> str:
    """Return the channel in which *to* reads."""
    return f"dm:{to.id}" if to.reach is Reach.PERSON else to.id
