"""Words on their way into Slack: as text objects, or escaped where Slack would read them as markup."""

from __future__ import annotations

import json
import re

from bot.conversation.events import Json
from bot.platforms.literal import BLANK, cleaned, is_blank, shortened, size

LABEL = 75

_ENTITY = re.compile("&(?=(?:amp|lt|gt);)")
_AS_SENT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def plain_text(text: str, room: int = 3_000) -> Json:
    """Return *text* as a text object without markup or emoji names; what is longer than *room* ends in "…".

    Slack reads `&amp;`, `&lt;` and `&gt;` back in such an object, so one that was typed is written out.
    """
    words = cleaned(text)
    words = BLANK if is_blank(words) else words
    spare = len(_ENTITY.sub("&amp;", words)) - len(words)
    return {"type": "plain_text", "text": _ENTITY.sub("&amp;", shortened(words, room - spare)), "emoji": False}


def escaped(text: str) -> str:
    """Return *text* for a field that Slack reads as markup, so that nobody is called and nothing is linked by it."""
    return cleaned(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def weight(value: Json) -> int:
    """Return how many characters *value* has as JSON.

    Slack refuses a message by a measure that it does not tell; it lies between the text alone and the JSON.
    """
    return size(_AS_SENT.encode(value))
