"""Messages: as Teams keeps them, and as somebody sees them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.teams.cards import Pressable, pressables

Json = Any
CARD = "application/vnd.microsoft.card.adaptive"


@dataclass(slots=True)
class Posted:
    """A message as Teams keeps it; *sender* is an Entra id, and "" is the bot.

    *place* is the id of the conversation alone, *root* the message that began the thread in a channel; *views* are
    the cards that single people were given instead of the common one, until the message changes for all.
    """

    id: str
    place: str
    root: str
    sender: str
    activity: Json
    at: float
    deleted: bool = False
    edited: bool = False
    views: dict[str, Json] = field(default_factory=dict)

    @property
    def conversation(self) -> str:
        """Return the id under which the conversation is known to activities about this message."""
        return f"{self.place};messageid={self.root}" if self.root else self.place

    @property
    def cards(self) -> list[Json]:
        """Return the Adaptive Cards that all are shown."""
        attachments = self.activity.get("attachments") or []
        return [each["content"] for each in attachments if each.get("contentType") == CARD]

    @property
    def text(self) -> str:
        """Return the words of the message itself."""
        return str(self.activity.get("text", ""))


@dataclass(frozen=True, slots=True)
class Message:
    """A message as one person sees it; their own card stands in place of the common one.

    *place* is "dm" for their personal chat with the bot, and else the id of the chat or channel; *conversation* names
    the thread too, and *thread* is the message that began it. *suggested* are the words of the suggested actions.
    """

    id: str
    conversation: str
    place: str
    sender_is_bot: bool
    text: str
    summary: str = ""
    card: Json = None
    deleted: bool = False
    feedback: bool = False
    citations: tuple[Json, ...] = ()
    suggested: tuple[str, ...] = ()
    thread: str = ""
    sender: str = ""
    activity: Json = None

    @property
    def buttons(self) -> list[Pressable]:
        """Return what can be pressed on it."""
        return pressables(self.card) if self.card else []


def seen(posted: Posted, viewer: str, place: str) -> Message:
    """Return *posted* as *viewer* sees it, "" being nobody in particular."""
    activity = posted.activity
    loop = (activity.get("channelData") or {}).get("feedbackLoop")
    common = next(iter(posted.cards), None)
    actions = (activity.get("suggestedActions") or {}).get("actions", ())
    return Message(
        posted.id,
        posted.conversation,
        place,
        posted.sender == "",
        posted.text,
        str(activity.get("summary", "")),
        posted.views.get(viewer, common),
        posted.deleted,
        isinstance(loop, dict),
        tuple(claim for each in activity.get("entities") or () for claim in each.get("citation") or ()),
        tuple(str(each.get("value", "")) for each in actions),
        posted.root,
        posted.sender,
        activity,
    )
