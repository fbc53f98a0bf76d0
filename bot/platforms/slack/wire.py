"""The text of a message as Slack sends it, and as the person typed it."""

from __future__ import annotations

import re
from collections.abc import Callable

_MARKUP = re.compile(r"<(?P<sign>[@#!]?)(?P<target>[^<>|]+)(?:\|(?P<label>[^<>]*))?>")
_USER = re.compile(r"<@(?P<user>[UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))


def users_named(text: str) -> list[str]:
    """Return the ids of the users whom somebody picked in *text*, each once."""
    return list(dict.fromkeys(_USER.findall(text)))


def as_typed(text: str, name: Callable[[str], str]) -> str:
    """Return Slack's *text* as it reads on the screen: names for mentions, addresses for links, no entities.

    Nothing of the result is markup any more; *name* gives the name of a user id.
    """
    parts, last = [], 0
    for found in _MARKUP.finditer(text):
        parts += [_unescaped(text[last : found.start()]), _shown(found, name)]
        last = found.end()
    return "".join((*parts, _unescaped(text[last:])))


def without_mention(text: str, user: str) -> str:
    """Return Slack's *text* without the mentions of *user*, which call the bot."""
    return re.sub(rf"<@{re.escape(user)}(?:\|[^<>]*)?>[,:]?", "", text).strip() if user else text


def _shown(found: re.Match[str], name: Callable[[str], str]) -> str:
    target, label = _unescaped(found["target"]), _unescaped(found["label"] or "")
    match found["sign"]:
        case "@":
            return name(target)
        case "#":
            return f"#{label or target}"
        case "!":
            return label or f"@{target.partition('^')[0]}"
        case _:
            return target if label in ("", target) or target.endswith(label) else f"{label} ({target})"


def _unescaped(text: str) -> str:
    # In one pass: what reads &amp;lt; was typed as &lt; and stays that.
    return _ENTITY.sub(lambda found: _ENTITIES[found[0]], text)
