"""What the Bot Connector tells: who is in a conversation, and what a team consists of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.teams.people import Team
from tests.teams.refusals import Refused
from tests.teams.workspace import Workspace

Json = Any
# Tokens are opaque, and hold what addresses give a meaning to.
BEFORE, AFTER = "eyJ+", "/&a=="
TOKEN = f"{BEFORE}{{}}{AFTER}"


def members(workspace: Workspace, conversation: str) -> Json:
    """Return everybody in a conversation."""
    place, _ = workspace.open_place(conversation)
    return [workspace.users[each].json() for each in workspace.members(place)]


def paged_members(workspace: Workspace, conversation: str, query: Mapping[str, str]) -> Json:
    """Return a page of those in a conversation, and how to ask for the next."""
    unknown = sorted(set(query) - {"pageSize", "continuationToken"})
    workspace.note("GET pagedmembers", [f"unknown parameter {name}" for name in unknown])
    size = query.get("pageSize", "200")
    if not size.isdecimal() or not 50 <= int(size) <= 500:
        workspace.mistakes.append(f"GET pagedmembers: a page has 50 to 500 members, not {size}")
        raise Refused(400, "BadArgument", "Invalid page size.")
    everybody = members(workspace, conversation)
    first = _first(query.get("continuationToken", TOKEN.format(0)))
    end = first + min(int(size), workspace.page_size)
    more = {"continuationToken": TOKEN.format(end)} if end < len(everybody) else {}
    return {"members": everybody[first:end], **more}


def member(workspace: Workspace, conversation: str, user_id: str) -> Json:
    """Return one person in a conversation, by their id for the bot or by that of Entra."""
    place, _ = workspace.open_place(conversation)
    user = workspace.find_user(user_id)
    if user is None or user.aad_id not in workspace.members(place):
        raise Refused(404, "MemberNotFoundInConversation", "Member not found in conversation.")
    return user.json()


def conversation(workspace: Workspace, conversation: str) -> Json:
    """Return the members of a conversation once more, as Teams answers for the conversation itself."""
    place, _ = workspace.open_place(conversation)
    return {"id": place.id, "isGroup": place.is_shared, "conversationType": place.kind, "tenantId": workspace.tenant}


def team(workspace: Workspace, team_id: str) -> Json:
    """Return what a team is."""
    found = _team(workspace, team_id)
    channels = _channels(workspace, found)
    return {
        "id": found.id,
        "name": found.name,
        "aadGroupId": found.group,
        "type": "standard",
        "channelCount": len(channels),
        "memberCount": len(found.members),
    }


def channels(workspace: Workspace, team_id: str) -> Json:
    """Return the channels of a team; the first has no name of its own."""
    return {"conversations": _channels(workspace, _team(workspace, team_id))}


def _first(token: str) -> int:
    number = token.removeprefix(BEFORE).removesuffix(AFTER)
    if TOKEN.format(number) != token or not number.isdecimal():
        raise Refused(400, "BadArgument", "Invalid continuation token.")
    return int(number)


def _team(workspace: Workspace, team_id: str) -> Team:
    place, _ = workspace.open_place(team_id)
    if place.id not in workspace.teams:
        raise Refused(404, "NotFound", "Team not found.")
    return workspace.teams[place.id]


def _channels(workspace: Workspace, team: Team) -> list[Json]:
    here = [each for each in workspace.conversations.values() if each.team == team.id]
    return [
        {
            "id": each.id,
            "name": None if each.id == team.id else each.name,
            "type": "private" if each.private else "standard",
        }
        for each in here
    ]
