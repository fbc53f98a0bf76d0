"""A question that was answered, as it is left in the chat: without its buttons, and with what was chosen."""

from __future__ import annotations

from collections.abc import Iterator

from bot.conversation.events import Json
from bot.platforms.teams.body import chosen

_ASKING = ("ActionSet", "Input.")


def settled(card: Json, action: str, value: str) -> Json | None:
    """Return *card* after its button with this action and value was pressed, or None where it has none such."""
    label = next((each["title"] for each in _actions(card) if _says(each, action, value)), None)
    if label is None:
        return None
    rest = {name: part for name, part in card.items() if name not in ("actions", "refresh")}
    words = [element for element in card["body"] if not element["type"].startswith(_ASKING)]
    return {**rest, "body": [*words, chosen(label)]}


def _actions(card: Json) -> Iterator[Json]:
    for element in card["body"]:
        yield from element.get("actions", ())


def _says(pressed: Json, action: str, value: str) -> bool:
    data = pressed["data"].get("smpolicy", {})
    return (data.get("action"), data.get("value", "")) == (action, value)
