"""Cards as messages: each within Teams' limits, and all of the card in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.conversation.cards import Button, Card, Quote, line
from bot.conversation.events import Json
from bot.platforms.literal import BLANK, cleaned, is_blank, shortened
from bot.platforms.teams.body import body, heading, weight
from bot.platforms.teams.buttons import Action, button_actions, rows, whole_labels

_Piece = TypeVar("_Piece")

CARD_TYPE = "application/vnd.microsoft.card.adaptive"
CITED = "From the policy"
NAMELESS = "A message from smpolicy"
REFRESH = "card.refresh"
TOO_OLD = "This app is too old to show what smpolicy says here. Please open it in a newer one."
MOST_VIEWERS = 60

# Twice as many bytes in UTF-16, of which Teams asks for at most 80,000 in a message.
_ROOM = 30_000
_BETWEEN = 40  # what a row of buttons, or a comma, adds
_LATER_TITLE = 120
_SUMMARY = 200
_CITED_NAME = 80
_CITED_WORDS = 160
_MOST_CITED = 10


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an answer of the policy comes from: the clauses, and how they begin."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """One message.

    Attributes:
        summary: What a notification reads: the title alone.
        card: The Adaptive Card; empty for the message that cites what the card before it says, because Teams parts a
            message of words and a card in two, and tells the id of neither.
        feedback: The button of a vote on whether the message helped, or None.
    """

    summary: str
    card: Json
    citations: tuple[Citation, ...] = ()
    feedback: Button | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """What one message has room for."""

    words: list[Json]
    actions: list[Action]


def messages(card: Card, *, person: str | None, viewers: Sequence[str] = ()) -> tuple[Drawn, ...]:
    """Return *card* as one message or more, with its buttons below the last.

    *person* is whom it is for; None is a shared place, where *viewers* are the addresses of those whose view
    is asked for as soon as they see it.
    """
    parts, cited = _parts(card), tuple(_citations(card))
    last = len(parts) - 1
    said = tuple(
        Drawn(
            _summary(card.title, _note(number, len(parts))),
            adaptive(
                _elements(card, part, person, _note(number, len(parts))),
                **(_refresh(card, viewers) if person is None and number == last else {}),
            ),
            feedback=card.feedback if number == last else None,
        )
        for number, part in enumerate(parts)
    )
    return (*said, Drawn(CITED, {}, cited)) if cited else said


def personal_card(card: Card, person: str, viewers: Sequence[str] = ()) -> Json:
    """Return the message of *card* that has the buttons, as *person* sees it in a shared place."""
    last = [each.card for each in messages(card, person=person) if each.card][-1]
    return {**last, **_refresh(card, viewers)}


def activity(drawn: Drawn) -> Json:
    """Return *drawn* as what is sent."""
    sent: dict[str, Json] = {"type": "message", "summary": drawn.summary}
    if drawn.card:
        sent |= {"attachmentLayout": "list", "attachments": [attachment(drawn.card)]}
    if drawn.citations:
        # Teams shows a citation where the text has its number.
        numbered = (f"{each.name} [{position}]" for position, each in enumerate(drawn.citations, start=1))
        sent |= {"text": f"{CITED}: {'; '.join(numbered)}", "entities": [_cited(drawn.citations)]}
    if drawn.feedback is not None:
        # The usual kind asks for words, which nobody here would read.
        sent["channelData"] = {"feedbackLoop": {"type": "custom"}}
    return sent


def attachment(card: Json) -> Json:
    """Return *card* as it travels in a message or a dialog."""
    return {"contentType": CARD_TYPE, "content": card}


def adaptive(elements: list[Json], **more: Json) -> Json:
    """Return a card of *elements*."""
    return {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "fallbackText": TOO_OLD,
        "msteams": {"width": "Full"},
        "body": elements,
        **more,
    }


def _parts(card: Card) -> list[_Part]:
    """Return what each message of *card* has room for; they are the same whoever sees which of the buttons."""
    words = [*heading(card.title), *body(card.blocks), *whole_labels(card.buttons)]
    actions = button_actions(card.buttons)
    below = _weight_of(actions)
    if weight(words) + below <= _ROOM:
        return [_Part(words, actions)]
    texts = list(_grouped(words, weight))
    if texts and weight(texts[-1]) + below <= _ROOM:
        return [*(_Part(group, []) for group in texts[:-1]), _Part(texts[-1], actions)]
    return [
        *(_Part(group, []) for group in texts),
        *(_Part([], group) for group in _grouped(actions, lambda action: weight(action.drawn))),
    ]


def _grouped(each_of: Sequence[_Piece], heaviness: Callable[[_Piece], int]) -> Iterator[list[_Piece]]:
    """Yield *each_of* in groups that one message has room for."""
    group: list[_Piece] = []
    used = 0
    for piece in each_of:
        cost = heaviness(piece) + _BETWEEN
        if group and used + cost > _ROOM:
            yield group
            group, used = [], 0
        group.append(piece)
        used += cost
    if group:
        yield group


def _weight_of(actions: Sequence[Action]) -> int:
    return weight([each.drawn for each in actions]) + _BETWEEN * len(actions)


def _elements(card: Card, part: _Part, person: str | None, note: str) -> list[Json]:
    above = heading(_later_title(card.title) + note) if note else []
    return [*above, *part.words, *rows(part.actions, person)] or body((line(BLANK),))


def _refresh(card: Card, viewers: Sequence[str]) -> dict[str, Json]:
    if card.about is None or all(button.visible_to is None for button in card.buttons):
        return {}
    data = {"action": REFRESH, "subject": card.about.subject, "value": card.about.face}
    action = {"type": "Action.Execute", "title": "Refresh", "verb": REFRESH, "data": {"smpolicy": data}}
    return {"refresh": {"action": action, "userIds": list(dict.fromkeys(viewers))[:MOST_VIEWERS]}}


def _note(number: int, count: int) -> str:
    return f" ({number + 1} of {count})" if number else ""


def _later_title(title: str) -> str:
    """Return the title of a message that goes on; a very long one stands whole in the first."""
    words = cleaned(title)
    return NAMELESS if is_blank(words) else shortened(words, _LATER_TITLE)


def _summary(title: str, note: str) -> str:
    words = " ".join(cleaned(title).split())
    return (NAMELESS if is_blank(words) else shortened(words, _SUMMARY)) + note


def _citations(card: Card) -> Iterator[Citation]:
    """Yield what an answer of the policy quotes; what people wrote is quoted only where there is no vote."""
    if card.feedback is None:
        return
    quotes = [block for block in card.blocks if isinstance(block, Quote) and not is_blank(block.source)]
    for quote in quotes[:_MOST_CITED]:
        yield Citation(shortened(cleaned(quote.source), _CITED_NAME), shortened(cleaned(quote.text), _CITED_WORDS))


def _cited(citations: Sequence[Citation]) -> Json:
    return {
        "type": "https://schema.org/Message",
        "@type": "Message",
        "@context": "https://schema.org",
        "@id": "",
        "citation": [
            {
                "@type": "Claim",
                "position": position,
                "appearance": {"@type": "DigitalDocument", "name": each.name, "abstract": each.words},
            }
            for position, each in enumerate(citations, start=1)
        ],
    }
