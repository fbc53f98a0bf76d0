"""What is open for one person, and what the bot holds on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.conversation.cards import Block, Bold, Button, Card, Span, bullets, line

_NAMELESS = "Votes on answers, and questions that you passed on to SLT, are kept without your name."


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of the list: its lines, and the buttons that go with them."""

    title: str
    lines: Sequence[tuple[Span, ...]]
    buttons: Sequence[Button] = field(default=())


def mine(name: str, sections: Sequence[Section], copy: str = "") -> Card:
    """Return everything that is open, the first thing to do first; *copy* says whom to ask for a copy of it all."""
    filled = [each for each in sections if each.lines]
    if not filled:
        words = "You have no drafts, applications or reports, and nothing waits for you."
        apply = Button("Apply for an account", "applications.apply")
        return Card("Nothing open", (line(words), line(_NAMELESS)), (apply,))
    blocks: list[Block] = []
    for section in filled:
        blocks += [line(Bold(section.title)), bullets(section.lines)]
    blocks.append(line("That is what the bot holds under your name, besides what you typed here. ", copy))
    blocks.append(line(_NAMELESS))
    return Card(f"What is open for {name}", tuple(blocks), _unlike(filled))


def _unlike(sections: Sequence[Section]) -> tuple[Button, ...]:
    """Return the buttons, one of each label: a label is how a button is known."""
    return tuple({button.label: button for section in reversed(sections) for button in section.buttons}.values())[::-1]
