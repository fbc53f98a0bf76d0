"""Slack's limits on lengths and counts, which none of its types and not all of its models know."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Json = Any
Most = Mapping[str, int]

OPTION: Most = {"text": 75, "value": 150, "description": 75}
PRESSED: Most = {"text": 75, "value": 2000, "url": 3000, "accessibility_label": 75}
TICKED: Most = {"options": 10}
CHOSEN: Most = {"options": 100, "option_groups": 100}

MOST: Mapping[str, Most] = {
    # What every block and every element may have.
    "": {"block_id": 255, "action_id": 255, "placeholder": 150},
    # Blocks.
    "section": {"text": 3000, "fields": 10},
    "header": {"text": 150},
    "context": {"elements": 10},
    "actions": {"elements": 25},
    "context_actions": {"elements": 5},
    "input": {"label": 2000, "hint": 2000},
    "image": {"alt_text": 2000, "title": 2000, "image_url": 3000},
    "markdown": {"text": 12_000},
    "table": {"rows": 100},
    "alert": {"text": 200},
    "card": {"title": 150, "subtitle": 150, "body": 200, "actions": 3},
    "carousel": {"elements": 10},
    # Elements.
    "button": PRESSED,
    "icon_button": {**PRESSED, "visible_to_user_ids": 10},
    "positive_button": PRESSED,
    "negative_button": PRESSED,
    "static_select": CHOSEN,
    "multi_static_select": CHOSEN,
    "checkboxes": TICKED,
    "radio_buttons": TICKED,
    "overflow": {"options": 5},
    "plain_text_input": {"initial_value": 3000},
    # Objects without a type, by the key that they stand at.
    "options": OPTION,
    "initial_option": OPTION,
    "initial_options": OPTION,
    "option_groups": {"label": 75, "options": 100},
    "confirm": {"title": 100, "text": 300, "confirm": 30, "deny": 30},
    "fields": {"text": 2000},
    # Views.
    "modal": {"blocks": 100, "title": 24, "submit": 24, "close": 24, "private_metadata": 3000, "callback_id": 255},
    "home": {"blocks": 100, "private_metadata": 3000, "callback_id": 255, "external_id": 255},
    # Messages.
    "message": {"blocks": 50, "text": 40_000},
    # The manifest.
    "display_information": {"name": 35, "description": 140, "long_description": 4000, "background_color": 7},
    "agent_view": {"agent_description": 300, "suggested_prompts": 4},
    "bot_user": {"display_name": 80},
    "features": {"shortcuts": 10, "slash_commands": 50},
    "shortcuts": {"name": 24, "description": 150, "callback_id": 255},
    "slash_commands": {"command": 32, "description": 2000, "usage_hint": 1000, "url": 3000},
    "scopes": {"bot": 255},
    "event_subscriptions": {"bot_events": 100},
}
VIEW_BYTES = 250_000
LEAST_LONG_DESCRIPTION = 175
# What Slack refuses where it is there and empty.
NEVER_EMPTY = ("text", "options", "option_groups", "fields", "elements", "shortcuts", "slash_commands", "usage_hint")
# An item of a list that says nothing is what Slack's own composer sends, too.
MAY_BE_EMPTY = ("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted")


def beyond(kind: str, document: Json) -> Iterator[str]:
    """Yield each limit that *document* breaks, with its place."""
    yield from _walk(document, "$", kind)
    yield from _twice([each["block_id"] for each in document.get("blocks", ()) if "block_id" in each], "$.blocks")
    if kind in ("modal", "home"):
        yield from _view(document)
    long_description = document.get("display_information", {}).get("long_description")
    if long_description is not None and len(long_description) < LEAST_LONG_DESCRIPTION:
        yield f"$.display_information.long_description: shorter than {LEAST_LONG_DESCRIPTION}"


def _view(document: Json) -> Iterator[str]:
    if len(json.dumps(document).encode()) > VIEW_BYTES:
        yield f"$: larger than {VIEW_BYTES} bytes"
    types = {block["type"] for block in document["blocks"]}
    if document["type"] == "modal" and "input" in types and "submit" not in document:
        yield "$: has inputs, but no submit"
    if "context_actions" in types:
        yield "$.blocks: context_actions are for messages only"
    if json.dumps(document).count('"focus_on_load": true') > 1:
        yield "$: several elements have the focus"


def _walk(node: Json, place: str, key: str) -> Iterator[str]:
    """Yield what is wrong with *node*, which stands at *key*, and with everything in it."""
    if isinstance(node, list):
        for number, each in enumerate(node):
            yield from _walk(each, f"{place}[{number}]", key)
    if not isinstance(node, dict):
        return
    # A text object says only plain_text or mrkdwn, so what it may hold is told by where it stands.
    own = str(node.get("type", key))
    for name, most in {**MOST[""], **MOST.get(own if own in MOST else key, {})}.items():
        if name in node and (length := _length(node[name])) > most:
            yield f"{place}.{name}: {length} where {most} is the most"
    yield from _inside(node, place)
    for name, value in node.items():
        yield from _walk(value, f"{place}.{name}", name)


def _inside(node: Json, place: str) -> Iterator[str]:
    for name in NEVER_EMPTY:
        if name in node and not node[name] and node.get("type") not in MAY_BE_EMPTY:
            yield f"{place}.{name}: is empty"
    if node.get("type") == "section" and not {"text", "fields"} & set(node):
        yield f"{place}: has neither text nor fields"
    if "options" in node:
        yield from _twice([option["value"] for option in node["options"]], f"{place}.options")
        yield from _initial(node, place)
    elements = (*node.get("elements", ()), *((node["accessory"],) if "accessory" in node else ()))
    yield from _twice([each["action_id"] for each in elements if "action_id" in each], place)
    if any(len(row) > 20 for row in node.get("rows", ())):
        yield f"{place}.rows: more than 20 cells"


def _initial(node: Json, place: str) -> Iterator[str]:
    """Yield whether something is chosen from the start that can't be chosen."""
    chosen = [*node.get("initial_options", ()), *((node["initial_option"],) if "initial_option" in node else ())]
    if any(each not in node["options"] for each in chosen):
        yield f"{place}: what is chosen from the start is not among the options"


def _twice(names: list[str], place: str) -> Iterator[str]:
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{place}: {name} is there {times} times"


def _length(value: Json) -> int:
    """Return the length of a text, of a text object or of a list."""
    return len(value["text"] if isinstance(value, dict) else value)
