"""Cards as messages: each within Slack's limits, and all of the card in them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation.cards import Card, line
from bot.conversation.events import Json
from bot.platforms.literal import BLANK, cleaned, is_blank, shortened, size
from bot.platforms.slack.buttons import Seats, button_rows, feedback_block, whole_labels
from bot.platforms.slack.literal import escaped, weight
from bot.platforms.slack.rich_text import body, heading

MOST_BLOCKS = 50
NAMELESS = "A message from smpolicy"
_ROOM = 10_000
_ROOM_WITH_BUTTONS = 12_000
_HEADING = 1
_BRACKET = 1
_LATER_TITLE = 120
_LONGEST_TEXT = 3_000
_NOTIFIED = 500


@dataclass(frozen=True, slots=True)
class Drawn:
    """One message.

    Attributes:
        text: What a notification reads: the title alone, escaped.
    """

    text: str
    blocks: list[Json]


def messages(card: Card, seats: Seats) -> tuple[Drawn, ...]:
    """Return *card* as one message or more, with its buttons below the last; *seats* decides who sees which."""
    words = [*heading(card.title), *body(card.blocks), *whole_labels(card.buttons)]
    groups = _grouped(words, _below(card, seats))
    first = Drawn(_fallback(card.title), groups[0])
    later = (
        Drawn(_fallback(card.title, note), [*heading(_later_title(card.title) + note), *group])
        for number, group in enumerate(groups[1:], start=2)
        for note in (f" ({number} of {len(groups)})",)
    )
    return (first, *later)


def _below(card: Card, seats: Seats) -> list[Json]:
    return [*button_rows(card.buttons, seats), *([feedback_block(card.feedback)] if card.feedback else [])]


def _grouped(blocks: list[Json], below: list[Json]) -> list[list[Json]]:
    """Return *blocks* in messages and *below* at the end of the last one, or in one of its own where it has no room."""
    if blocks and _has_room(len(blocks) + len(below), weight([*blocks, *below]) + _BRACKET, _ROOM):
        return [[*blocks, *below]]
    groups: list[list[Json]] = [[]]
    used = _BRACKET
    for block in blocks:
        cost = weight([block])
        if groups[-1] and not _has_room(len(groups[-1]) + 1, used + cost, _ROOM):
            groups.append([])
            used = _BRACKET
        groups[-1].append(block)
        # What follows the block is a comma, or the bracket that closes the list.
        used += cost - _BRACKET
    if groups[-1] and not _has_room(len(groups[-1]) + len(below), used + weight(below), _ROOM_WITH_BUTTONS):
        groups.append([])
    groups[-1] += below
    return groups if groups[0] else [body((line(BLANK),))]


def _has_room(count: int, used: int, room: int) -> bool:
    return count + _HEADING <= MOST_BLOCKS and used <= room


def _later_title(title: str) -> str:
    """Return the title of a message that goes on; a very long one stands whole in the first."""
    words = cleaned(title)
    return NAMELESS if is_blank(words) else shortened(words, _LATER_TITLE)


def _fallback(title: str, note: str = "") -> str:
    words = cleaned(title)
    words = NAMELESS if is_blank(words) else words
    whole = escaped(words + note)
    return whole if size(whole) <= _LONGEST_TEXT else escaped(shortened(words, _NOTIFIED) + note)
