"""The words of what was drawn for Slack, read back: what a person sees there, without marks and buttons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Json = Any


def words(blocks: Iterable[Json]) -> str:
    """Return the text of *blocks* as `plain(card)` writes it; the list of long labels belongs to the buttons."""
    return "\n\n".join(said for block in blocks if not _is_list_of_labels(block) and (said := _block(block)))


def _is_list_of_labels(block: Json) -> bool:
    return str(block.get("block_id", "")).startswith("labels-")


def _block(block: Json) -> str:
    match block["type"]:
        case "header":
            text: str = block["text"]["text"]
            return text
        case "rich_text":
            return "\n".join(_part(part) for part in block["elements"])
        case "actions" | "context_actions" | "divider" | "input":
            return ""
        case other:
            raise AssertionError(f"no card is drawn with {other}")


def _part(part: Json) -> str:
    match part["type"]:
        case "rich_text_section":
            return _elements(part["elements"])
        case "rich_text_list":
            return "\n".join(f"- {_elements(item['elements'])}" for item in part["elements"])
        case "rich_text_quote":
            return _quote(part["elements"])
        case other:
            raise AssertionError(f"no card is drawn with {other}")


def _quote(elements: list[Json]) -> str:
    quoted = _elements(each for each in elements if not _is_source(each))
    source = _elements(each for each in elements if _is_source(each))
    return (f"“{quoted}”" if quoted else "") + source


def _is_source(element: Json) -> bool:
    return bool(element.get("style", {}).get("italic"))


def _elements(elements: Iterable[Json]) -> str:
    said: list[str] = []
    marked = False
    for element in elements:
        match element["type"]:
            case "emoji":
                marked = True
            case "text" | "link":
                said.append(element["text"].removeprefix(" ") if marked and not said else element["text"])
            case other:
                raise AssertionError(f"no card is drawn with {other}")
    return "".join(said)
