"""The elements and actions of Adaptive Cards 1.5 that Teams draws, with their properties.

Media and ShowCard are not judged yet, so they count as mistakes: whoever draws the first one writes its rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.teams.strict_inputs import INPUTS, input_mistakes
from tests.teams.strict_values import (
    Rule,
    count,
    each,
    exactly,
    fact,
    link,
    one_of,
    picture,
    pixels,
    run,
    shaped,
    text,
    thing,
    width,
    words,
)

Json = Any
MOST_ACTIONS = 6

COLORS = one_of("default", "dark", "light", "accent", "good", "warning", "attention")
STYLES = one_of("default", "emphasis", "good", "attention", "warning", "accent")
SIZES = one_of("default", "small", "medium", "large", "extraLarge")
WEIGHTS = one_of("default", "lighter", "bolder")
FONTS = one_of("default", "monospace")
SIDEWAYS = one_of("left", "center", "right")
UPRIGHT = one_of("top", "center", "bottom")
IMAGE_SIZES = one_of("auto", "stretch", "small", "medium", "large")


def element(where: str, value: Json) -> Iterator[str]:
    """Yield what is wrong with an element of a card."""
    yield from _item(where, value, {**ELEMENTS, **_inputs()}, COMMON)
    if isinstance(value, dict) and value.get("type") in INPUTS:
        yield from input_mistakes(where, value)


def elements(where: str, value: Json) -> Iterator[str]:
    """Yield what is wrong with elements, of which there has to be one."""
    yield from each(where, value, element)


def action(where: str, value: Json) -> Iterator[str]:
    """Yield what is wrong with a button."""
    yield from _item(where, value, ACTIONS, {**OF_ACTIONS, "fallback": _fallback(action)})
    if isinstance(value, dict) and not value.get("title"):
        yield f"{where}.title is missing"


def actions(where: str, value: Json) -> Iterator[str]:
    """Yield what is wrong with buttons beside each other, of which Teams draws six."""
    yield from each(where, value, action, 1, MOST_ACTIONS)


def selected(where: str, value: Json) -> Iterator[str]:
    """Yield what is wrong with what happens when something is pressed that is no button."""
    yield from _item(where, value, ACTIONS, {**OF_ACTIONS, "fallback": _fallback(selected)})


def _item(
    where: str, value: Json, kinds: dict[str, tuple[dict[str, Rule], dict[str, Rule]]], common: dict[str, Rule]
) -> Iterator[str]:
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        yield f"{where} is {kind!r}, which does not belong there"
        return
    needs, takes = kinds[kind]
    yield from shaped(where, value, {"type": exactly(kind), **needs}, common | takes)


def _fallback(rule: Rule) -> Rule:
    def fallback(where: str, value: Json) -> Iterator[str]:
        if value != "drop":
            yield from rule(where, value)

    return fallback


def _inline(where: str, value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield from run(where, value)
        return
    takes: dict[str, Rule] = {
        "color": COLORS,
        "fontType": FONTS,
        "highlight": fact,
        "isSubtle": fact,
        "italic": fact,
        "selectAction": selected,
        "size": SIZES,
        "strikethrough": fact,
        "underline": fact,
        "weight": WEIGHTS,
    }
    yield from shaped(where, value, {"type": exactly("TextRun"), "text": run}, takes)


def _inlines(where: str, value: Json) -> Iterator[str]:
    yield from each(where, value, _inline)


def _column(where: str, value: Json) -> Iterator[str]:
    takes = {"type": exactly("Column"), "width": width, **COMMON, **AROUND}
    yield from shaped(where, value, {"items": elements}, {**takes, "fallback": _fallback(_column)})


def _columns(where: str, value: Json) -> Iterator[str]:
    yield from each(where, value, _column)


def _facts(where: str, value: Json) -> Iterator[str]:
    yield from each(
        where, value, lambda at, held: shaped(at, held, {"title": words, "value": words}, {"type": exactly("Fact")})
    )


def _images(where: str, value: Json) -> Iterator[str]:
    needs, takes = ELEMENTS["Image"]
    yield from each(where, value, lambda at, held: shaped(at, held, needs, {"type": exactly("Image"), **takes}))


def _cell(where: str, value: Json) -> Iterator[str]:
    yield from shaped(where, value, {"items": elements}, {"type": exactly("TableCell"), **AROUND})


def _row(where: str, value: Json) -> Iterator[str]:
    takes = {"type": exactly("TableRow"), "style": STYLES, **ALIGNED}
    yield from shaped(where, value, {"cells": lambda at, held: each(at, held, _cell)}, takes)


def _rows(where: str, value: Json) -> Iterator[str]:
    yield from each(where, value, _row)


def _widths(where: str, value: Json) -> Iterator[str]:
    takes = {"type": exactly("TableColumnDefinition"), "width": width, **ALIGNED}
    yield from each(where, value, lambda at, held: shaped(at, held, {}, takes))


def _targets(where: str, value: Json) -> Iterator[str]:
    def target(at: str, held: Json) -> Iterator[str]:
        if not isinstance(held, str):
            yield from shaped(at, held, {"elementId": words}, {"type": exactly("TargetElement"), "isVisible": fact})

    yield from each(where, value, target)


def _data(where: str, value: Json) -> Iterator[str]:
    yield from thing(where, value)
    if isinstance(value, dict) and "msteams" in value:
        kinds = one_of("task/fetch", "messageBack", "imBack", "signin", "invoke")
        told: dict[str, Rule] = {"displayText": words, "text": words, "value": lambda _, __: iter(())}
        yield from shaped(f"{where}.msteams", value["msteams"], {"type": kinds}, told)


def _inputs() -> dict[str, tuple[dict[str, Rule], dict[str, Rule]]]:
    of_all: dict[str, Rule] = {"errorMessage": words, "isRequired": fact, "label": words}
    return {kind: ({"id": words, **needs}, of_all | takes) for kind, (needs, takes) in INPUTS.items()}


COMMON: dict[str, Rule] = {
    "fallback": _fallback(element),
    "height": one_of("auto", "stretch"),
    "id": words,
    "isVisible": fact,
    "requires": thing,
    "separator": fact,
    "spacing": one_of("default", "none", "small", "medium", "large", "extraLarge", "padding"),
}
AROUND: dict[str, Rule] = {
    "bleed": fact,
    "minHeight": pixels,
    "rtl": fact,
    "selectAction": selected,
    "style": STYLES,
    "verticalContentAlignment": UPRIGHT,
}
ALIGNED: dict[str, Rule] = {"horizontalCellContentAlignment": SIDEWAYS, "verticalCellContentAlignment": UPRIGHT}
# By the kind of the element: what it needs, and what else it takes beside what all elements take.
ELEMENTS: dict[str, tuple[dict[str, Rule], dict[str, Rule]]] = {
    "ActionSet": ({"actions": actions}, {}),
    "ColumnSet": (
        {"columns": _columns},
        {
            "bleed": fact,
            "horizontalAlignment": SIDEWAYS,
            "minHeight": pixels,
            "selectAction": selected,
            "style": STYLES,
        },
    ),
    "Container": ({"items": elements}, AROUND),
    "FactSet": ({"facts": _facts}, {}),
    "Image": (
        {"url": picture, "altText": words},
        {
            "backgroundColor": words,
            "height": words,
            "horizontalAlignment": SIDEWAYS,
            "selectAction": selected,
            "size": IMAGE_SIZES,
            "style": one_of("default", "person"),
            "width": pixels,
        },
    ),
    "ImageSet": ({"images": _images}, {"imageSize": IMAGE_SIZES}),
    "RichTextBlock": ({"inlines": _inlines}, {"horizontalAlignment": SIDEWAYS}),
    "Table": (
        {"columns": _widths, "rows": _rows},
        {"firstRowAsHeader": fact, "gridStyle": STYLES, "showGridLines": fact, **ALIGNED},
    ),
    "TextBlock": (
        {"text": words},
        {
            "color": COLORS,
            "fontType": FONTS,
            "horizontalAlignment": SIDEWAYS,
            "isSubtle": fact,
            "maxLines": count,
            "size": SIZES,
            "style": one_of("default", "heading"),
            "weight": WEIGHTS,
            "wrap": fact,
        },
    ),
}
OF_ACTIONS: dict[str, Rule] = {
    "iconUrl": picture,
    "id": words,
    "isEnabled": fact,
    "mode": one_of("primary", "secondary"),
    "requires": thing,
    "style": one_of("default", "positive", "destructive"),
    "title": words,
    "tooltip": text,
}
ACTIONS: dict[str, tuple[dict[str, Rule], dict[str, Rule]]] = {
    "Action.Execute": ({"verb": words, "data": _data}, {"associatedInputs": one_of("auto", "none")}),
    "Action.Submit": ({"data": _data}, {"associatedInputs": one_of("auto", "none")}),
    "Action.OpenUrl": ({"url": link}, {}),
    "Action.ToggleVisibility": ({"targetElements": _targets}, {}),
}
