"""What Slack says of a button that was pressed or a menu that was used."""

from __future__ import annotations

from typing import Any

from tests.slack.entries import VALUES, entry
from tests.slack.messages import elements

Json = Any


class NotThere(LookupError):
    """Nothing of that name can be used there."""


def find(blocks: list[Json], action_id: str) -> tuple[Json, Json]:
    """Return the block and the element of *action_id*.

    Raises:
        NotThere: nothing has that id; the message names what has one.
    """
    known = []
    for block, element in elements(blocks):
        if element["action_id"] == action_id:
            return block, element
        known.append(element["action_id"])
    raise NotThere(f"{action_id!r} is none of {known}")


def action(block: Json, element: Json, selected: Json, ts: str, people: set[str]) -> Json:
    """Return the action of an interaction; *selected* is what was chosen, for feedback "positive" or "negative"."""
    common = {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "type": element["type"],
        "action_ts": ts,
    }
    match element["type"]:
        case "button":
            kept = {key: element[key] for key in ("text", "value", "style", "url") if key in element}
            return {**common, **kept}
        case "feedback_buttons":
            return {**common, **_feedback(element, str(selected or "positive"))}
        case kind:
            return {**common, VALUES[kind][0]: entry(element, selected, people)}


def _feedback(element: Json, selected: str) -> Json:
    for name in ("positive_button", "negative_button"):
        button = element[name]
        if selected in {name.removesuffix("_button"), button["value"]}:
            return {"text": button["text"], "value": button["value"]}
    raise NotThere(f"{selected!r} is neither of the feedback buttons")
