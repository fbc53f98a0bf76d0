"""What Slack, or our own taste, refuses in a whole message or view.

Tables, cards, videos and other newer blocks are not judged yet, so they count as mistakes: whoever draws the first one
writes its rule.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.views import View

from tests.slack.strict_blocks import block_mistakes, elements_of
from tests.slack.strict_texts import count_mistakes, text_mistakes, words_mistakes

Json = Any
IN_MESSAGES_ONLY = {"context_actions", "markdown"}
VIEW_KEYS = {
    "type",
    "title",
    "submit",
    "close",
    "blocks",
    "private_metadata",
    "callback_id",
    "external_id",
    "clear_on_close",
    "notify_on_close",
    "submit_disabled",
}


def mistakes_of_message(text: Json, blocks: Json, metadata: Json = None) -> list[str]:
    """Return what is wrong with a message; nothing where it can be sent."""
    return list(_message_mistakes(text, blocks, metadata))


def mistakes_of_view(view: Json) -> list[str]:
    """Return what is wrong with a modal or a home tab; nothing where it can be opened."""
    return list(_view_mistakes(view)) if isinstance(view, dict) else ["the view is no object"]


def _message_mistakes(text: Json, blocks: Json, metadata: Json) -> Iterator[str]:
    yield from words_mistakes("text", text, 4000)
    if blocks is not None:
        yield from count_mistakes("blocks", blocks, 0, 50)
        yield from _blocks_mistakes(blocks)
        if (size := sum(map(len, _texts(blocks)))) > 12_000:
            yield f"blocks hold {size} characters of text, at most 12000 can be read"
    if metadata is not None:
        yield from _metadata_mistakes(metadata)


def _metadata_mistakes(metadata: Json) -> Iterator[str]:
    if not isinstance(metadata, dict) or set(metadata) != {"event_type", "event_payload"}:
        yield "metadata is not an event_type with an event_payload"
        return
    yield from words_mistakes("metadata.event_type", metadata["event_type"], 255)
    if not isinstance(metadata["event_payload"], dict):
        yield "metadata.event_payload is no object"
    if len(json.dumps(metadata).encode()) > 8_000:
        yield "metadata is larger than 8 kB"


def _view_mistakes(view: Json) -> Iterator[str]:
    yield from _view_model_mistakes(view)
    for key in sorted(set(view) - VIEW_KEYS):
        yield f"view.{key} does not belong there"
    for key, value in view.items():
        if value is None:
            yield f"view.{key} is null"
    blocks = view.get("blocks")
    yield from count_mistakes("view.blocks", blocks, 1, 100)
    yield from _blocks_mistakes(blocks)
    for number, block in enumerate(blocks if isinstance(blocks, list) else ()):
        if isinstance(block, dict) and block.get("type") in IN_MESSAGES_ONLY:
            yield f"view.blocks[{number}] is {block['type']!r}, which belongs in messages only"
    yield from _frame_mistakes(view)
    if len(json.dumps(view).encode()) > 250_000:
        yield "the view is larger than 250 kB"


def _view_model_mistakes(view: Json) -> Iterator[str]:
    try:
        View(**view).to_dict()
    except (SlackObjectFormationError, TypeError, AttributeError, KeyError, ValueError) as error:
        yield f"the view is refused by the model: {error}"


def _frame_mistakes(view: Json) -> Iterator[str]:
    match view.get("type"):
        case "modal":
            yield from text_mistakes("view.title", view.get("title"), 24)
            for name in ("submit", "close"):
                if name in view:
                    yield from text_mistakes(f"view.{name}", view[name], 24)
            if "submit" not in view and any(map(_is_input, view.get("blocks") or ())):
                yield "view.submit is missing, though there is something to fill in"
        case "home":
            for name in ("title", "submit", "close", "clear_on_close", "notify_on_close"):
                if name in view:
                    yield f"view.{name} does not belong in a home tab"
        case kind:
            yield f"view.type is {kind!r}"
    if "callback_id" in view:
        yield from words_mistakes("view.callback_id", view["callback_id"], 255)
    if len(view.get("private_metadata") or "") > 3000:
        yield "view.private_metadata has more than 3000 characters"


def _is_input(block: Json) -> bool:
    return isinstance(block, dict) and block.get("type") == "input"


def _blocks_mistakes(blocks: Json) -> Iterator[str]:
    if not isinstance(blocks, list):
        return
    for number, block in enumerate(blocks):
        yield from block_mistakes(f"blocks[{number}]", block)
    known = [block for block in blocks if isinstance(block, dict)]
    elements = [element for block in known for element in elements_of(block)]
    yield from _twice("block_id", [block["block_id"] for block in known if block.get("block_id")])
    # What is typed is told apart by its block; a press is known by its action_id alone.
    pressed = [element for block in known if not _is_input(block) for element in elements_of(block)]
    yield from _twice("action_id", [element["action_id"] for element in pressed])
    if sum(element.get("focus_on_load") is True for element in elements) > 1:
        yield "more than one element takes the focus"


def _twice(name: str, identifiers: list[str]) -> Iterator[str]:
    for identifier, times in Counter(identifiers).items():
        if times > 1:
            yield f"{name} {identifier!r} is there {times} times"


def _texts(thing: Json) -> Iterator[str]:
    if isinstance(thing, dict):
        for key, value in thing.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from _texts(value)
