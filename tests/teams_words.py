"""The words of what was drawn for Teams, read back: what a person sees there, without marks, buttons and inputs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.platforms.teams.body import BULLET, CLOSE, MARKS
from bot.platforms.teams.buttons import LABELS

Json = Any


def words(card: Json) -> str:
    """Return the text of *card* as `plain(card)` writes it; the list of long labels belongs to the buttons."""
    return words_of(card["body"])


def words_of(elements: Iterable[Json]) -> str:
    """Return the text of *elements*; what stands close to the line above it belongs to the same block."""
    said = ""
    for element in elements:
        if (text := _element(element)) and not _is_list_of_labels(element):
            between = "\n" if element.get("spacing") == CLOSE else "\n\n"
            said = said + between + text if said else text
    return said


def _is_list_of_labels(element: Json) -> bool:
    return str(element.get("id", "")).startswith(f"{LABELS}-")


def _element(element: Json) -> str:
    match element["type"]:
        case "RichTextBlock":
            return _runs(element["inlines"])
        case "Container":
            return _box(element)
        case "ActionSet":
            return ""
        case kind if kind.startswith("Input."):
            return ""
        case other:
            raise AssertionError(f"no card is drawn with {other}")


def _box(box: Json) -> str:
    said = [_runs(each["inlines"]) for each in box["items"] if not _is_source(each)]
    source = [_runs(each["inlines"]) for each in box["items"] if _is_source(each)]
    if box["style"] == "emphasis":
        said = ["“{}”".format("".join(said))] if said else []
    return "\n".join([*said, *source])


def _is_source(element: Json) -> bool:
    return bool(element["inlines"][0].get("italic"))


def _runs(inlines: list[Json]) -> str:
    first, *rest = [each["text"] for each in inlines]
    if rest and first in MARKS.values():
        return "".join(rest)
    return "".join(["- " if rest and first == BULLET else first, *rest])
