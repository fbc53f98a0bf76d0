"""JSON that somebody else wrote, read without trust: whatever is of another kind is as if it were not there."""

from __future__ import annotations

from collections.abc import Mapping

from bot.conversation.events import Json


def as_mapping(value: Json) -> Mapping[str, Json]:
    """Return *value* where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_text(value: Json) -> str:
    """Return *value* where it is a string, else ""."""
    return value if isinstance(value, str) else ""
