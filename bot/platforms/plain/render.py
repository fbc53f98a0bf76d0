"""Cards as text, with their buttons to type."""

from __future__ import annotations

from bot.conversation.cards import Card, plain


def card_text(card: Card, reader: str) -> str:
    """Return *card* as *reader* sees it: its words, and below them a line of `[Label]`s."""
    labels = " ".join(f"[{button.label}]" for button in card.buttons_for(reader))
    return f"{plain(card)}\n\n{labels}" if labels else plain(card)
