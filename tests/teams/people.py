"""Who and what is in the tenant: people, teams, channels and chats, as the Bot Connector describes them."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any, Literal

Json = Any
Kind = Literal["personal", "groupChat", "channel"]
Role = Literal["user", "guest", "anonymous", "owner"]


@dataclass(slots=True)
class TeamsUser:
    """Somebody in Teams; *tenant* is where their account lives, which need not be the school's.

    *installed* tells whether the app is there for them, which administrators may see to without their doing, and
    *blocked* whether they want to hear nothing from it. People without an account are *anonymous* and only a name.
    """

    aad_id: str
    name: str
    tenant: str
    upn: str = ""
    role: Role = "user"
    installed: bool = True
    blocked: bool = False

    @property
    def mri(self) -> str:
        """Return the id under which this bot, and no other, meets them."""
        return "29:1" + urlsafe_b64encode(hashlib.sha256(self.aad_id.encode()).digest()).decode().rstrip("=")

    def account(self) -> Json:
        """Return them as the sender of an activity."""
        known = {} if self.role == "anonymous" else {"aadObjectId": self.aad_id}
        return {"id": self.mri, "name": self.name, **known}

    def json(self) -> Json:
        """Return what the roster says; of the anonymous it knows little."""
        if self.role == "anonymous":
            return {"id": self.mri, "name": self.name, "tenantId": "", "userRole": "anonymous"}
        given, _, surname = self.name.partition(" ")
        return {
            "id": self.mri,
            "name": self.name,
            "aadObjectId": self.aad_id,
            "objectId": self.aad_id,
            "givenName": given,
            "surname": surname,
            "email": self.upn,
            "userPrincipalName": self.upn,
            "tenantId": self.tenant,
            "userRole": self.role,
        }


@dataclass(slots=True)
class Conversation:
    """A chat or a channel; *user* is the person of a personal chat, *members* are ids of Entra.

    *installed* tells whether the app was added there; a private channel has members of its own.
    """

    id: str
    kind: Kind
    name: str = ""
    team: str = ""
    members: list[str] = field(default_factory=list)
    private: bool = False
    installed: bool = True
    user: str = ""

    @property
    def is_shared(self) -> bool:
        """Tell whether more than one person reads it."""
        return self.kind != "personal"


@dataclass(slots=True)
class Team:
    """A team; its id is that of its first channel, *group* that of its group in Entra."""

    id: str
    name: str
    group: str
    members: list[str] = field(default_factory=list)
