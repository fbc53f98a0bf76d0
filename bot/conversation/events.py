"""What arrives: the five kinds of event, alike on every platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was said.

    Attributes:
        id: `dm` for a person's private chat with the bot, else the name of a shared place.
        opens_forms: Whether this surface can show a form as a page; else its questions are asked in chat.
        pages_first: Whether a form opens as a page here though nobody asked for one (contract 8).
    """

    id: str
    opens_forms: bool = True
    pages_first: bool = False

    @property
    def direct(self) -> bool:
        """Tell whether only one person and the bot read here."""
        return self.id == "dm"


@dataclass(frozen=True, slots=True)
class Message:
    """Words that a person typed; in a shared place only those that mention the bot arrive."""

    id: str
    person: str
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """`/smpolicy NAME TEXT`; only the asker sees the answer."""

    id: str
    person: str
    place: Place
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Action:
    """A press of a button.

    Attributes:
        action: The button's name, `feature.verb`.
        subject: The id of the case or session, or "".
        value: The button's own word, or "".
        values: Field name to entry where the press brought the words that it needs, else None.
    """

    id: str
    person: str
    place: Place
    action: str
    subject: str = ""
    value: str = ""
    values: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A page of a form, filled in: field name to entry."""

    id: str
    person: str
    place: Place
    session: str
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Quoted:
    """A message of somebody's that a shortcut was used on.

    Attributes:
        link: Where it stands, or "".
        text: Its words, as typed.
    """

    link: str
    text: str


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut that was chosen from the platform's own menus, on a message or on none; only its user sees the answer.

    Attributes:
        name: `feature.verb`.
    """

    id: str
    person: str
    place: Place
    name: str
    quoted: Quoted | None = None


Event = Message | Command | Action | Submission | Shortcut
