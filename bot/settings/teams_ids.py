"""What ids of people and of conversations look like in Teams, and how somebody finds them."""

from __future__ import annotations

import re
from urllib.parse import unquote

from bot.settings.file import shown

_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_CONVERSATION = re.compile(r"19:[^\s;/?&#%@]+@[a-z0-9.]+", re.IGNORECASE)


def is_guid(text: str) -> bool:
    """Tell whether *text* is an id as Microsoft Entra gives them out, in capitals or in small letters."""
    return _GUID.fullmatch(text) is not None


def why_no_person(raw: str) -> str:
    """Return why *raw* is not the id of a person, and where it is found, or ""."""
    if is_guid(raw):
        return ""
    return (
        f"{shown(raw)} is not an id of Microsoft Entra; copy the person's Object ID there, "
        f"such as 1497dba4-abf9-5b9c-98e7-05eb1b4fffca"
    )


def why_no_conversation(raw: str) -> str:
    """Return why *raw* is not the id of a channel or team, and where it is found, or ""."""
    if _CONVERSATION.fullmatch(raw):
        return ""
    found = _CONVERSATION.search(unquote(raw))
    if found and ";messageid=" in raw:
        return f'is the id of one message; use only what stands before ;messageid=, "{found[0]}"'
    if found:
        return f'is a link, not an id; use only the id that stands in it, "{found[0]}"'
    return (
        f"{shown(raw)} is not the id of a channel or team, such as 19:…@thread.tacv2; choose Get link to channel in "
        f"Teams and copy what stands after /channel/, with : for %3A and @ for %40"
    )
