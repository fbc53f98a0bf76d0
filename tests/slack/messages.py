"""Messages, and what can be pressed and read in their blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = Any


@dataclass(slots=True)
class Message:
    """One message; *ephemeral_to* is the only person who sees it, *thread_ts* the message that it answers."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    bot_id: str = ""
    app_id: str = ""
    metadata: Json = None
    thread_ts: str = ""
    broadcast: bool = False
    ephemeral_to: str = ""
    edited: bool = False
    deleted: bool = False
    client_msg_id: str = ""

    def seen_by(self, user: str) -> bool:
        """Tell whether *user* is not kept from it, in a place that they can read."""
        return not self.deleted and self.ephemeral_to in {"", user}

    def json(self, team_id: str, *, with_metadata: bool = False) -> Json:
        """Return it as Slack does in a history or in the payload of an interaction."""
        return {
            "type": "message",
            "user": self.user,
            "text": self.text,
            "ts": self.ts,
            "team": team_id,
            **({"client_msg_id": self.client_msg_id} if self.client_msg_id else {}),
            **({"bot_id": self.bot_id, "app_id": self.app_id} if self.bot_id else {}),
            **({"blocks": self.blocks} if self.blocks else {}),
            **({"thread_ts": self.thread_ts} if self.thread_ts else {}),
            **({"subtype": "thread_broadcast"} if self.broadcast else {}),
            **({"edited": {"user": self.user, "ts": self.ts}} if self.edited else {}),
            **({"metadata": self.metadata} if with_metadata and self.metadata else {}),
        }


@dataclass(frozen=True, slots=True)
class Pressable:
    """A button as it is drawn; *block_id* is that of the block around it."""

    label: str
    action_id: str
    block_id: str
    element: Json

    @property
    def value(self) -> str:
        """Return what the button sends."""
        return str(self.element.get("value", ""))


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield each element that can be used, after the block that holds it."""
    for block in blocks:
        for element in (*(block.get("elements") or ()), block.get("accessory"), block.get("element")):
            if isinstance(element, dict) and "action_id" in element:
                yield block, element


def pressables(blocks: list[Json], viewer: str = "") -> list[Pressable]:
    """Return the buttons that *viewer* is shown; all where nobody is named.

    Feedback buttons come as two, labelled by their own words.
    """
    found = []
    for block, element in elements(blocks):
        if element["type"] == "button":
            if viewer and viewer not in element.get("visible_to_user_ids", [viewer]):
                continue
            found.append(Pressable(element["text"]["text"], element["action_id"], block["block_id"], element))
        elif element["type"] == "feedback_buttons":
            for name in ("positive_button", "negative_button"):
                label = element[name]["text"]["text"]
                found.append(Pressable(label, element["action_id"], block["block_id"], element[name]))
    return found


def text_of(blocks: list[Json]) -> str:
    """Return all that can be read in *blocks*, one block below the other; what buttons say stays out."""
    return "\n".join(filter(None, (_read(block) for block in blocks if block.get("type") not in {"actions"})))


def _read(thing: Json) -> str:
    match thing:
        case {"type": "link", "url": url, **rest}:
            return str(rest.get("text", url))
        case {"type": "date", "fallback": fallback}:
            return str(fallback)
        case {"type": "rich_text_list" | "rich_text", "elements": items}:
            return "\n".join(map(_read, items))
        case {"type": "rich_text_section" | "rich_text_preformatted" | "rich_text_quote", "elements": parts}:
            return "".join(map(_read, parts))
        case {"type": "context", "elements": parts}:
            return " ".join(map(_read, parts))
        case {"type": "section", **rest}:
            return "\n".join(filter(None, (_read(rest.get("text")), *map(_read, thing.get("fields") or ()))))
        case {"type": "input", "label": label, **rest}:
            return "\n".join(map(_read, filter(None, (label, rest.get("hint")))))
        case {"text": str(text)}:
            return text
        case {"text": dict(text)}:
            return _read(text)
        case _:
            return ""
