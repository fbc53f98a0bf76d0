"""What Slack refuses in one block, by the models of its own library and by counting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from tests.slack.strict_elements import ACCESSORIES, ACTIONS, INPUTS, element_mistakes
from tests.slack.strict_texts import (
    EITHER,
    count_mistakes,
    identifier_mistakes,
    rich_text_mistakes,
    text_mistakes,
    words_mistakes,
)

Json = Any
MISSING = object()


def block_mistakes(where: str, block: Json) -> Iterator[str]:
    """Yield what is wrong with one block."""
    if not isinstance(block, dict):
        yield f"{where} is no object"
        return
    yield from _null_mistakes(where, block)
    yield from _model_mistakes(where, block)
    if "block_id" in block:
        yield from identifier_mistakes(f"{where}.block_id", block["block_id"])
    rule = RULES.get(block.get("type", ""))
    if rule is None:
        yield f"{where} is {block.get('type')!r}, a kind that the fake does not know"
    else:
        yield from rule(where, block)


def elements_of(block: Json) -> Iterator[Json]:
    """Yield the elements of a block that somebody can use."""
    for element in (*(block.get("elements") or ()), block.get("accessory"), block.get("element")):
        if isinstance(element, dict) and element.get("action_id") is not None:
            yield element


def _model_mistakes(where: str, block: Json) -> Iterator[str]:
    try:
        parsed = Block.parse(block)
        drawn = parsed.to_dict() if parsed else None
    except (SlackObjectFormationError, TypeError, AttributeError, KeyError, ValueError) as error:
        yield f"{where} is refused by the model: {error}"
        return
    if drawn is None:
        yield f"{where} is unknown to the model"
        return
    yield from _lost(where, block, drawn)


def _lost(where: str, given: Json, drawn: Json) -> Iterator[str]:
    """Yield what the model dropped: keys that do not belong there and elements that it does not know."""
    match given:
        case dict():
            for key, value in given.items():
                kept = drawn.get(key, MISSING) if isinstance(drawn, dict) else MISSING
                if kept is not MISSING:
                    yield from _lost(f"{where}.{key}", value, kept)
                elif value not in ("", [], {}, None):
                    yield f"{where}.{key} does not belong there"
        case list():
            for number, (value, kept) in enumerate(zip(given, drawn, strict=False)):
                yield from _lost(f"{where}[{number}]", value, kept)
            if len(given) != len(drawn):
                yield f"{where} lost items in the model"
        case _ if given != drawn:
            yield f"{where} reads {drawn!r} in the model"


def _null_mistakes(where: str, thing: Json) -> Iterator[str]:
    if thing is None:
        yield f"{where} is null"
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from _null_mistakes(f"{where}.{key}", value)
    elif isinstance(thing, list):
        for number, value in enumerate(thing):
            yield from _null_mistakes(f"{where}[{number}]", value)


def _section(where: str, block: Json) -> Iterator[str]:
    if "text" in block:
        yield from text_mistakes(f"{where}.text", block["text"], 3000, EITHER)
    if "fields" in block or "text" not in block:
        yield from count_mistakes(f"{where}.fields", block.get("fields"), 1, 10)
    for number, field in enumerate(block.get("fields") or ()):
        yield from text_mistakes(f"{where}.fields[{number}]", field, 2000, EITHER)
    if "accessory" in block:
        yield from _held(f"{where}.accessory", block["accessory"], ACCESSORIES)


def _header(where: str, block: Json) -> Iterator[str]:
    yield from text_mistakes(f"{where}.text", block.get("text"), 150)


def _context(where: str, block: Json) -> Iterator[str]:
    yield from count_mistakes(f"{where}.elements", block.get("elements"), 1, 10)
    for number, element in enumerate(block.get("elements") or ()):
        if isinstance(element, dict) and element.get("type") == "image":
            yield from words_mistakes(f"{where}.elements[{number}].alt_text", element.get("alt_text"), 2000)
        else:
            yield from text_mistakes(f"{where}.elements[{number}]", element, 2000, EITHER)


def _holding(most: int, kinds: set[str]) -> Callable[[str, Json], Iterator[str]]:
    def rule(where: str, block: Json) -> Iterator[str]:
        yield from count_mistakes(f"{where}.elements", block.get("elements"), 1, most)
        for number, element in enumerate(block.get("elements") or ()):
            yield from _held(f"{where}.elements[{number}]", element, kinds)

    return rule


def _held(where: str, element: Json, kinds: set[str]) -> Iterator[str]:
    kind = element.get("type") if isinstance(element, dict) else None
    if kind not in kinds:
        yield f"{where} is {kind!r}, which does not belong there"
    else:
        yield from element_mistakes(where, element)


def _input(where: str, block: Json) -> Iterator[str]:
    yield from text_mistakes(f"{where}.label", block.get("label"), 2000)
    if "hint" in block:
        yield from text_mistakes(f"{where}.hint", block["hint"], 2000)
    for name in ("optional", "dispatch_action"):
        if name in block and not isinstance(block[name], bool):
            yield f"{where}.{name} is neither true nor false"
    yield from _held(f"{where}.element", block.get("element"), INPUTS)


def _rich_text(where: str, block: Json) -> Iterator[str]:
    yield from rich_text_mistakes(f"{where}.elements", block.get("elements"))


def _image(where: str, block: Json) -> Iterator[str]:
    yield from words_mistakes(f"{where}.alt_text", block.get("alt_text"), 2000)


def _markdown(where: str, block: Json) -> Iterator[str]:
    yield from words_mistakes(f"{where}.text", block.get("text"), 12000)


def _nothing(where: str, block: Json) -> Iterator[str]:
    yield from ()


RULES: dict[str, Callable[[str, Json], Iterator[str]]] = {
    "actions": _holding(25, ACTIONS),
    "context": _context,
    "context_actions": _holding(5, {"feedback_buttons", "icon_button"}),
    "divider": _nothing,
    "header": _header,
    "image": _image,
    "input": _input,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "section": _section,
}
