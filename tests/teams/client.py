"""What somebody has before them in Teams besides messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.teams.dialogs import Dialog

Json = Any


@dataclass
class Client:
    """The client of one person, which outlives single looks at it.

    *notices* is what dialogs said as they closed, what a refusal said, and what the client says of an app out of
    reach; *toasts* what actions said; both oldest first. *errors* is what the client says below the fields of a card
    in a chat, *results* what the last search found.
    """

    dialog: Dialog | None = None
    notices: list[str] = field(default_factory=list)
    toasts: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    results: list[Json] = field(default_factory=list)
