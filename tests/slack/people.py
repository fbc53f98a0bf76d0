"""Who and what is in the workspace: people, channels and user groups, as Slack describes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = Any
CREATED = 1_700_000_000


@dataclass(slots=True)
class SlackUser:
    """Somebody with an account; *team_id* is empty for the school's own workspace and else that of a partner."""

    id: str
    name: str
    real_name: str = ""
    display_name: str = ""
    is_bot: bool = False
    deleted: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    team_id: str = ""
    bot_id: str = ""
    tz: str = "Europe/London"

    def json(self, team_id: str) -> Json:
        """Return what users.info says; Slack leaves keys out for people who left and for people of partners."""
        shown = self.real_name or self.name
        described = {
            "id": self.id,
            "team_id": self.team_id or team_id,
            "name": self.name,
            "deleted": self.deleted,
            "profile": {
                "real_name": shown,
                "real_name_normalized": shown,
                "display_name": self.display_name,
                "display_name_normalized": self.display_name,
                "team": self.team_id or team_id,
                **({"bot_id": self.bot_id} if self.bot_id else {}),
            },
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": CREATED,
        }
        if self.deleted:
            return described
        described |= {"real_name": shown, "tz": self.tz, "tz_label": "Greenwich Mean Time", "tz_offset": 0}
        if self.team_id and self.team_id != team_id:
            return described | {"is_stranger": self.is_stranger}
        return described | {
            "color": "9f69e7",
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.is_restricted or self.is_ultra_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_email_confirmed": not self.is_bot,
        }


@dataclass(slots=True)
class Channel:
    """A channel or a direct message; *user* is the person on the other side of a direct message."""

    id: str
    name: str = ""
    is_private: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    members: list[str] = field(default_factory=list)
    user: str = ""

    @property
    def is_im(self) -> bool:
        """Tell whether this is a direct message with the bot."""
        return bool(self.user)

    @property
    def kind(self) -> str:
        """Return the first half of the scopes that this conversation asks for."""
        if self.is_im:
            return "im"
        return "groups" if self.is_private else "channels"

    @property
    def shown_name(self) -> str:
        """Return the name that stands in payloads of interactions, where private ones have none of their own."""
        if self.is_im:
            return "directmessage"
        return "privategroup" if self.is_private else self.name

    def json(self, bot: str) -> Json:
        """Return what conversations.info says."""
        if self.is_im:
            return {
                "id": self.id,
                "created": CREATED,
                "is_im": True,
                "is_org_shared": False,
                "is_archived": False,
                "user": self.user,
                "is_open": True,
            }
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            # Slack calls private channels groups only where they were made long ago.
            "is_channel": True,
            "is_group": False,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.is_private,
            "is_archived": self.is_archived,
            "is_general": False,
            "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared,
            "is_org_shared": False,
            "is_member": bot in self.members,
            "created": CREATED,
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }


@dataclass(slots=True)
class UserGroup:
    """A group such as @slt; *disabled* ones name nobody unless asked for."""

    id: str
    handle: str
    members: list[str] = field(default_factory=list)
    disabled: bool = False
