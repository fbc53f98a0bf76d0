"""What a label means on a card: a button drawn now, one drawn before, or a move of the case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from bot.conversation.cards import Button, Card
from bot.routing import Switchboard


def button_meant(
    label: str, card: Card, person: str, *, offered: Iterable[Button], switchboard: Switchboard
) -> Button | None:
    """Return the button that *person* presses by *label*, case-blind, or None where none ever had that label.

    A button that is not drawn for them, or not any more, is meant all the same: whether the press
    counts is judged by the assistant. *offered* are the buttons that the message ever had, oldest first.
    """
    wanted = _plain(label)
    ever = tuple(offered)
    candidates = chain(card.buttons_for(person), reversed(ever), card.buttons, _moves(_cases(card, ever), switchboard))
    return next((button for button in candidates if _plain(button.label) == wanted), None)


def offered_with(card: Card, before: Iterable[Button] = ()) -> tuple[Button, ...]:
    """Return the buttons ever offered where *card* follows *before*: each one once, the newest last."""
    return tuple({(b.label, b.action, b.subject, b.value): b for b in (*before, *card.buttons)}.values())


def _plain(label: str) -> str:
    return " ".join(label.casefold().split())


def _cases(card: Card, offered: Iterable[Button]) -> Iterator[tuple[str, str]]:
    """Yield kind and id of the cases that the card is, or was, about."""
    if card.about is not None:
        yield card.about.face.partition(".")[0], card.about.subject
    for button in (*card.buttons, *offered):
        if button.subject:
            yield button.action.partition(".")[0], button.subject


def _moves(cases: Iterable[tuple[str, str]], switchboard: Switchboard) -> Iterator[Button]:
    for name, subject in dict.fromkeys(cases):
        kind = switchboard.kinds.get(name)
        for row in kind.workflow.transitions if kind else ():
            yield Button(row.label, f"{name}.{row.move}", subject)
