"""What the bot says: cards made of literal text, and how one reads without any drawing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never


@dataclass(frozen=True, slots=True)
class Bold:
    """Emphasis; *text* is literal."""

    text: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A person of the school, by id; *name* is what is read where nothing can be linked."""

    person: str
    name: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link; *url* is http, https, mailto or tel, chosen by the program, never typed by people."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment, already in the school's time zone."""

    at: datetime


Span = str | Bold | Mention | Link | Moment


class Tone(StrEnum):
    """How loudly a notice speaks."""

    INFO = "info"
    GOOD = "good"
    WARNING = "warning"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of spans."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; each item is a line of spans."""

    items: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled value."""

    label: str
    value: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Labelled values, in order."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's words, literally, with where they come from."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A line that has to be seen."""

    spans: tuple[Span, ...]
    tone: Tone = Tone.INFO


Block = Paragraph | Bullets | Facts | Quote | Notice


class Style(StrEnum):
    """How a button looks."""

    DEFAULT = "default"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press.

    Attributes:
        action: The name under which a router hears the press, `feature.verb`.
        subject: The id of the case or session that it is about, or "".
        value: A short word that tells one choice from another, or what must outlive a restart without being stored,
            such as a question that nobody may want kept; bounded, and never a document.
        opens_form: Whether the press asks for more words before it acts.
        visible_to: Ids of the people for whom it is drawn, or None for everybody. Cosmetic: the
            right is judged at the press.
    """

    label: str
    action: str
    subject: str = ""
    value: str = ""
    style: Style = Style.DEFAULT
    opens_form: bool = False
    visible_to: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class About:
    """Which face of which case a card shows, so that it can be drawn again after a move.

    Attributes:
        face: The name under which a router draws it, `feature.face`.
        subject: The id of the case.
    """

    face: str
    subject: str


@dataclass(frozen=True, slots=True)
class Card:
    """A message: a title, blocks in reading order, and buttons.

    Attributes:
        feedback: The button of a vote on whether this helped; its value is `good` or `bad`. None asks for none,
            and so does a platform that has no such vote.
    """

    title: str
    blocks: tuple[Block, ...] = ()
    buttons: tuple[Button, ...] = ()
    about: About | None = None
    feedback: Button | None = None

    def buttons_for(self, person: str) -> tuple[Button, ...]:
        """Return the buttons that are drawn for *person*."""
        return tuple(b for b in self.buttons if b.visible_to is None or person in b.visible_to)


def line(*spans: Span) -> Paragraph:
    """Return a paragraph of *spans*."""
    return Paragraph(spans)


def notice(tone: Tone, *spans: Span) -> Notice:
    """Return a notice of *spans*."""
    return Notice(spans, tone)


def bullets(items: Iterable[Span | tuple[Span, ...]]) -> Bullets:
    """Return a list in which each of *items* is a line."""
    return Bullets(tuple(item if isinstance(item, tuple) else (item,) for item in items))


def facts(rows: Iterable[tuple[str, Span | tuple[Span, ...]]]) -> Facts:
    """Return labelled values; rows whose value is "" are left out."""
    return Facts(
        tuple(
            Row(label, value if isinstance(value, tuple) else (value,))
            for label, value in rows
            if value not in ("", ())
        )
    )


def moment_text(at: datetime) -> str:
    """Return *at* as people here write it: `Mon 30 Nov 2026, 09:00`."""
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M}"


def span_text(span: Span) -> str:
    """Return the words of one span."""
    match span:
        case str():
            return span
        case Bold(text):
            return text
        case Mention(_, name):
            return name
        case Link(text, _):
            return text
        case Moment(at):
            return moment_text(at)
        case _:
            assert_never(span)


def _words(spans: Iterable[Span]) -> str:
    return "".join(span_text(span) for span in spans)


def _block_text(block: Block) -> str:
    match block:
        case Paragraph(spans):
            return _words(spans)
        case Notice(spans, _):
            return _words(spans)
        case Bullets(items):
            return "\n".join(f"- {_words(item)}" for item in items)
        case Facts(rows):
            return "\n".join(f"{row.label}: {_words(row.value)}" for row in rows)
        case Quote(text, source):
            return f"“{text}”\n— {source}" if source else f"“{text}”"
        case _:
            assert_never(block)


def plain(card: Card) -> str:
    """Return the text of *card* without its buttons: the fallback, the terminal's view, the tests' oracle."""
    return "\n\n".join(part for part in (card.title, *map(_block_text, card.blocks)) if part)
