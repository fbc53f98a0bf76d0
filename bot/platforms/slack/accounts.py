"""What Slack says of an account, and of the workspace that it is of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.conversation.events import Json
from bot.platforms.accounts import Account, Standing, one_line

SLACKBOT = "USLACKBOT"


@dataclass(frozen=True, slots=True)
class Workspace:
    """The school's workspace and the bot's own account in it; all are "" until Slack was reached.

    Attributes:
        enterprise: The organisation that the workspace belongs to, or "".
        url: Where the workspace is, with a slash at the end.
    """

    team: str = ""
    enterprise: str = ""
    url: str = ""
    bot_user: str = ""
    bot_id: str = ""


@dataclass(frozen=True, slots=True)
class SlackMember(Account):
    """An account of Slack."""


def read_name(user: Mapping[str, Json]) -> str:
    """Return the person's own name on one line, or their handle."""
    profile = user.get("profile") or {}
    return one_line(profile.get("real_name") or user.get("real_name") or user.get("name") or "")


def read_standing(user: Mapping[str, Json], own: Workspace) -> Standing:
    """Return what kind of account it is; one that does not say that it is of our workspace is an outsider's."""
    if user.get("is_bot") or user.get("is_workflow_bot") or user.get("id") in (SLACKBOT, own.bot_user):
        return Standing.BOT
    if user.get("deleted"):
        return Standing.GONE
    if user.get("is_stranger") or own.team not in _teams(user):
        return Standing.OUTSIDER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Standing.GUEST
    return Standing.MEMBER


def _teams(user: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the workspaces that the account is of: one, or several of the same enterprise."""
    enterprise = user.get("enterprise_user") or {}
    return (str(user.get("team_id", "")), *enterprise.get("teams", ()))
