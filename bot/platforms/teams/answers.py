"""The answers that Teams waits for, each in exactly the shape that it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from bot.conversation.cards import Card, plain
from bot.conversation.events import Json
from bot.platforms.literal import cleaned

ADAPTIVE_CARD = "application/vnd.microsoft.card.adaptive"
LONGEST_WORDS = 2_000
GOES_ON = "… The rest stands in our direct chat."

Body = Mapping[str, Json]

NOTHING: Body = {}


def shown_message(text: str) -> Body:
    """Answer a press on a card with words."""
    return {
        "statusCode": HTTPStatus.OK,
        "type": "application/vnd.microsoft.activity.message",
        "value": _short(_in_a_row(text)),
    }


def shown_card(card: Json) -> Body:
    """Answer a press on a card with a card in its place."""
    return {"statusCode": HTTPStatus.OK, "type": ADAPTIVE_CARD, "value": card}


def not_understood(sentence: str) -> Body:
    """Answer a press that no card of the bot can have led to."""
    error = {"code": "BadRequest", "message": sentence}
    return {"statusCode": HTTPStatus.BAD_REQUEST, "type": "application/vnd.microsoft.error", "value": error}


def open_dialog(dialog: Json) -> Body:
    """Open a dialog, or show the next page in the one that is open."""
    return {"task": {"type": "continue", "value": dialog}}


def close_dialog(text: str) -> Body:
    """Close the dialog with words."""
    return {"task": {"type": "message", "value": _short(text)}}


def found(attachments: Sequence[Json]) -> Body:
    """Answer what was looked up with results."""
    return {
        "composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": list(attachments)}
    }  # fmt: skip


def found_nothing(text: str) -> Body:
    """Answer what was looked up with words."""
    return {"composeExtension": {"type": "message", "text": _short(text)}}


def words_of(cards: Sequence[Card]) -> str:
    """Return what *cards* say, for an answer that is words alone."""
    return "\n\n".join(map(plain, cards))


def _in_a_row(text: str) -> str:
    """Return *text* on one line, on which clients show the answer to a press, with a full stop after a title."""
    parts = [part.strip() for part in text.splitlines() if part.strip()]
    return " ".join(part if part.endswith((".", ":", "?", "…")) else f"{part}." for part in parts)


def _short(text: str) -> str:
    text = cleaned(text)
    return text if len(text) <= LONGEST_WORDS else text[: LONGEST_WORDS - len(GOES_ON)].rstrip() + GOES_ON
