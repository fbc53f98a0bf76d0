"""What Teams says of an account: who it is, and whether it is of the school's tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.conversation.events import Json
from bot.platforms.accounts import Account, Standing, one_line
from bot.platforms.reading import as_text

LONGEST_ID = 500
_GUEST_MARK = "#ext#"
# Teams names owners and users unevenly, and older answers name nobody; what is none of these is no full member.
_FULL = frozenset({"", "user", "owner", "member"})


@dataclass(frozen=True, slots=True)
class TeamsMember(Account):
    """An account of Microsoft Entra, by its object id in small letters.

    Attributes:
        mri: By which id Teams knows the person towards this bot, or "" while it has not said.
    """

    mri: str = ""


def read_user(record: Mapping[str, Json]) -> str:
    """Return the Entra object id in small letters, or "" where the account has none."""
    return (_id(record.get("aadObjectId")) or _id(record.get("objectId"))).lower()


def read_mri(record: Mapping[str, Json]) -> str:
    """Return by which id Teams knows the person towards this bot, or ""."""
    return _id(record.get("id"))


def read_tenant(record: Mapping[str, Json]) -> str:
    """Return the tenant that the account says it is of, in small letters, or ""."""
    return as_text(record.get("tenantId")).lower()


def read_name(record: Mapping[str, Json]) -> str:
    """Return the person's own name on one line, or ""."""
    parts = (one_line(as_text(record.get(key))) for key in ("givenName", "surname"))
    return one_line(as_text(record.get("name"))) or one_line(" ".join(parts))


def read_standing(record: Mapping[str, Json], *, ours: bool) -> Standing:
    """Return what kind of account it is, of our tenant or not; one without an Entra id is an outsider's."""
    role = str(record.get("userRole") or "").lower()
    if not ours or role == "anonymous" or not read_user(record):
        return Standing.OUTSIDER
    if role not in _FULL or _GUEST_MARK in as_text(record.get("userPrincipalName")).lower():
        return Standing.GUEST
    return Standing.MEMBER


def _id(value: Json) -> str:
    return value if isinstance(value, str) and len(value) <= LONGEST_ID else ""
