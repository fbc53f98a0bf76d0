"""What Slack refuses in a text object or in rich text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = Any
PLAIN = ("plain_text",)
EITHER = ("plain_text", "mrkdwn")
STYLES = {"bold", "italic", "strike", "code", "underline"}
ADDRESSED = {
    "user": "user_id",
    "usergroup": "usergroup_id",
    "channel": "channel_id",
    "team": "team_id",
    "emoji": "name",
    "broadcast": "range",
    "color": "value",
}
SECTIONS = {"rich_text_section", "rich_text_preformatted", "rich_text_quote"}


def text_mistakes(where: str, text: Json, most: int, kinds: tuple[str, ...] = PLAIN) -> Iterator[str]:
    """Yield what is wrong with a text object of at most *most* characters."""
    if not isinstance(text, dict):
        yield f"{where} is no text object"
        return
    if text.get("type") not in kinds:
        yield f"{where} is {text.get('type')!r}, not {' or '.join(kinds)}"
    if {"plain_text": "verbatim", "mrkdwn": "emoji"}.get(text.get("type", "")) in text:
        yield f"{where} has a key of the other kind of text"
    yield from words_mistakes(f"{where}.text", text.get("text"), most)


def words_mistakes(where: str, words: Json, most: int) -> Iterator[str]:
    """Yield what is wrong with a string that must say something in at most *most* characters."""
    if not isinstance(words, str):
        yield f"{where} is no string"
    elif not words.strip():
        yield f"{where} is empty"
    elif len(words) > most:
        yield f"{where} has {len(words)} characters, at most {most} are allowed"


def identifier_mistakes(where: str, identifier: Json) -> Iterator[str]:
    """Yield what is wrong with a block_id, an action_id or a callback_id."""
    yield from words_mistakes(where, identifier, 255)


def count_mistakes(where: str, things: Json, least: int, most: int) -> Iterator[str]:
    """Yield what is wrong with a list of *least* to *most* things."""
    if not isinstance(things, list):
        yield f"{where} is no list"
    elif not least <= len(things) <= most:
        yield f"{where} has {len(things)} items, {least} to {most} are allowed"


def address_mistakes(where: str, url: Json) -> Iterator[str]:
    """Yield what is wrong with an address on the web."""
    yield from words_mistakes(where, url, 3000)
    if isinstance(url, str) and not url.startswith(("https://", "http://", "mailto:")):
        yield f"{where} is no address on the web"


def rich_text_mistakes(where: str, elements: Json) -> Iterator[str]:
    """Yield what is wrong with the elements of a rich text block."""
    yield from count_mistakes(where, elements, 1, 100)
    for number, element in enumerate(elements if isinstance(elements, list) else ()):
        yield from _container_mistakes(f"{where}[{number}]", element)


def _container_mistakes(where: str, element: Json) -> Iterator[str]:
    kind = element.get("type") if isinstance(element, dict) else None
    if kind == "rich_text_list":
        yield from _list_mistakes(where, element)
    elif kind in SECTIONS:
        yield from count_mistakes(f"{where}.elements", element.get("elements"), 1, 500)
        for number, part in enumerate(element.get("elements") or ()):
            yield from _part_mistakes(f"{where}.elements[{number}]", part)
            if kind == "rich_text_preformatted" and isinstance(part, dict) and part.get("type") not in {"text", "link"}:
                yield f"{where}.elements[{number}] is {part.get('type')!r} in preformatted text"
    else:
        yield f"{where} is {kind!r}, which rich text does not hold"


def _list_mistakes(where: str, element: Json) -> Iterator[str]:
    if element.get("style") not in {"bullet", "ordered"}:
        yield f"{where}.style is {element.get('style')!r}, not bullet or ordered"
    items = element.get("elements")
    yield from count_mistakes(f"{where}.elements", items, 1, 100)
    for number, item in enumerate(items if isinstance(items, list) else ()):
        if not isinstance(item, dict) or item.get("type") != "rich_text_section":
            yield f"{where}.elements[{number}] is no rich_text_section"
        else:
            yield from _container_mistakes(f"{where}.elements[{number}]", item)


def _part_mistakes(where: str, part: Json) -> Iterator[str]:
    if not isinstance(part, dict):
        yield f"{where} is no object"
        return
    kind = part.get("type")
    if kind == "text":
        # A blank or a line break alone is fine between other parts; nothing at all is not.
        if not isinstance(part.get("text"), str) or not part["text"]:
            yield f"{where}.text is empty"
    elif kind == "link":
        yield from address_mistakes(f"{where}.url", part.get("url"))
        if "text" in part:
            yield from words_mistakes(f"{where}.text", part["text"], 3000)
    elif kind == "date":
        if not isinstance(part.get("timestamp"), int):
            yield f"{where}.timestamp is no whole number"
        yield from words_mistakes(f"{where}.format", part.get("format"), 100)
    elif kind in ADDRESSED:
        yield from words_mistakes(f"{where}.{ADDRESSED[kind]}", part.get(ADDRESSED[kind]), 255)
    else:
        yield f"{where} is {kind!r}, which rich text does not hold"
    style = part.get("style")
    if style is not None and (not isinstance(style, dict) or not style or set(style) - STYLES):
        yield f"{where}.style is {style!r}"
