"""Answers that are kept until they are said, and what an administrator was told of that stops them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from bot.conversation.cards import Card
from bot.domain.jobs import To


@dataclass(frozen=True, slots=True)
class Saying:
    """Something that the bot answered and that is still to be said.

    Attributes:
        id: Derived from the event that it answers, so that a repeat can't be queued twice.
        attempts: How often saying it has failed.
        blocked: How often it had to wait for an administrator.
        since: When it was due first, or None before it was; what goes to one recipient goes in this order.
        lease: The worker that is saying it until `due_at`, when another one may; "resting" where it is put off
            until then and others for its recipient wait behind it; or "".
        chat: The name of the platform that it is said on, or "" for whichever reaches its recipient.
    """

    INDEXES: ClassVar[tuple[str, ...]] = ()
    school: str
    id: str
    to: To
    card: Card
    attempts: int = 0
    blocked: int = 0
    since: datetime | None = None
    lease: str = ""
    chat: str = ""
    version: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that an administrator has to mend before anything can be said to somebody; told once.

    Attributes:
        recipients: Whom it keeps from being told: `person head_teacher slack`, `place slt teams`.
    """

    INDEXES: ClassVar[tuple[str, ...]] = ("recipients",)
    school: str
    id: str
    recipients: tuple[str, ...]
    since: datetime
    version: int = 0
    due_at: None = None
