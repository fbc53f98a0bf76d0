"""What a method of the Web API is: what it does, and what it asks of a call."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.slack.refusals import Refused
from tests.slack.workspace import Workspace

Json = Any
Given = dict[str, Json]
READ = "{kind}:read"
HISTORY = "{kind}:history"


@dataclass(frozen=True, slots=True)
class Method:
    """One method: *does* it, with the arguments that it *needs* and may *take*.

    *scope* may hold {kind}, which is that of the channel; alternatives are parted by a bar. Methods of *form_only*
    don't read JSON.
    """

    does: Callable[[Workspace, Given], Json]
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    scope: str = ""
    form_only: bool = False


def page(workspace: Workspace, things: Sequence[Json], given: Given) -> tuple[list[Json], Json]:
    """Return the page of *things* that the call asks for, and the metadata that leads to the next one."""
    try:
        start = (
            int(b64decode(given["cursor"], validate=True).decode().removeprefix("next:")) if given.get("cursor") else 0
        )
        limit = int(given.get("limit") or workspace.page_size)
    except (ValueError, NotBase64):
        raise Refused("invalid_cursor") from None
    if not 1 <= limit <= 1000:
        raise Refused("invalid_limit")
    # Slack may return fewer than were asked for, with more to come.
    end = start + min(limit, workspace.page_size)
    following = b64encode(f"next:{end}".encode()).decode() if end < len(things) else ""
    return list(things[start:end]), {"next_cursor": following}


def is_set(given: Given, name: str) -> bool:
    """Tell whether a flag is set, as JSON or as a form says it."""
    return given.get(name) in {True, "1", "true", "True"}
