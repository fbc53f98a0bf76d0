"""Methods that tell who, where and what was said."""

from __future__ import annotations

import re
from typing import Any

from tests.slack.messages import Message
from tests.slack.method import HISTORY, READ, Given, Method, is_set, page
from tests.slack.people import Channel
from tests.slack.refusals import Refused
from tests.slack.workspace import Workspace

Json = Any
TS = re.compile(r"\d+(\.\d+)?")


def auth_test(workspace: Workspace, given: Given) -> Json:
    """Say whose token it is."""
    names = workspace.names
    return {
        "url": f"https://{names.team_domain}.slack.com/",
        "team": names.team_domain.title(),
        "user": names.bot_name,
        "team_id": names.team_id,
        "user_id": names.bot_user,
        "bot_id": names.bot_id,
        "is_enterprise_install": False,
    }


def users_info(workspace: Workspace, given: Given) -> Json:
    """Describe somebody, gone or not."""
    user = workspace.users.get(given["user"])
    if user is None:
        raise Refused("user_not_found")
    return {"user": user.json(workspace.names.team_id)}


def users_list(workspace: Workspace, given: Given) -> Json:
    """Describe everybody, those who left and other bots too."""
    people, metadata = page(workspace, list(workspace.users.values()), given)
    described = [user.json(workspace.names.team_id) for user in people]
    return {"members": described, "cache_ts": int(workspace.clock()), "response_metadata": metadata}


def conversations_open(workspace: Workspace, given: Given) -> Json:
    """Open a direct message with one person."""
    if given.get("channel"):
        channel = workspace.visible_channel(given["channel"])
        if not channel.is_im:
            raise Refused("method_not_supported_for_channel_type")
        return {"no_op": True, "already_open": True, "channel": {"id": channel.id}}
    people = [user for user in str(given.get("users") or "").split(",") if user]
    if len(people) != 1:
        workspace.refuse(
            "conversations.open", ["the fake opens direct messages with one person only"], "users_list_not_supplied"
        )
    user = workspace.person(people[0])
    known = any(channel.user == user.id for channel in workspace.channels.values())
    channel = workspace.dm(user.id)
    described = channel.json(workspace.names.bot_user) if is_set(given, "return_im") else {"id": channel.id}
    return {**({"no_op": True, "already_open": True} if known else {}), "channel": described}


def conversations_info(workspace: Workspace, given: Given) -> Json:
    """Describe a conversation."""
    channel = workspace.visible_channel(given["channel"])
    described = channel.json(workspace.names.bot_user)
    if is_set(given, "include_num_members"):
        described["num_members"] = len(channel.members)
    return {"channel": described}


def conversations_members(workspace: Workspace, given: Given) -> Json:
    """List the ids of those who are in a conversation, the bot among them."""
    members, metadata = page(workspace, workspace.visible_channel(given["channel"]).members, given)
    return {"members": members, "response_metadata": metadata}


def conversations_history(workspace: Workspace, given: Given) -> Json:
    """List what was said outside of threads, newest first."""
    channel = workspace.joined_channel(given["channel"])
    found = [
        message
        for message in _said(workspace, channel, given)
        if message.thread_ts in {"", message.ts} or message.broadcast
    ]
    return {"pin_count": 0, **_listed(workspace, list(reversed(found)), given)}


def conversations_replies(workspace: Workspace, given: Given) -> Json:
    """List a thread, its first message first."""
    channel = workspace.joined_channel(given["channel"])
    first = workspace.message(channel.id, given["ts"])
    if first is None or first.ephemeral_to:
        raise Refused("thread_not_found")
    replies = [
        message
        for message in _said(workspace, channel, given)
        if message.thread_ts == first.ts and message is not first
    ]
    return _listed(workspace, [first, *replies], given)


def _said(workspace: Workspace, channel: Channel, given: Given) -> list[Message]:
    for name in ("oldest", "latest"):
        if given.get(name) is not None and not TS.fullmatch(str(given[name])):
            raise Refused(f"invalid_ts_{name}")
    oldest, latest = str(given.get("oldest") or "0"), str(given.get("latest") or "9999999999")
    ends = {oldest, latest} if is_set(given, "inclusive") else set()
    return [
        message
        for message in workspace.messages
        if message.channel == channel.id
        and not message.deleted
        and not message.ephemeral_to
        and (_number(oldest) < _number(message.ts) < _number(latest) or message.ts in ends)
    ]


def _number(ts: str) -> tuple[int, int]:
    seconds, _, fraction = ts.partition(".")
    return int(seconds), int(fraction.ljust(6, "0") or 0)


def _listed(workspace: Workspace, found: list[Message], given: Given) -> Json:
    shown, metadata = page(workspace, found, given)
    with_metadata = is_set(given, "include_all_metadata")
    return {
        "messages": [message.json(workspace.names.team_id, with_metadata=with_metadata) for message in shown],
        "has_more": bool(metadata["next_cursor"]),
        **({"response_metadata": metadata} if metadata["next_cursor"] else {}),
    }


def usergroups_users_list(workspace: Workspace, given: Given) -> Json:
    """List the ids of those in a user group; free workspaces have none."""
    if not workspace.paid:
        raise Refused("paid_teams_only")
    group = workspace.groups.get(given["usergroup"])
    if group is None:
        raise Refused("no_such_subteam")
    return {"users": [] if group.disabled and not is_set(given, "include_disabled") else list(group.members)}


def bots_info(workspace: Workspace, given: Given) -> Json:
    """Describe a bot."""
    names = workspace.names
    for user in workspace.users.values():
        if user.bot_id and user.bot_id == (given.get("bot") or names.bot_id):
            described = {"id": user.bot_id, "deleted": user.deleted, "name": user.name, "user_id": user.id}
            return {"bot": described | ({"app_id": names.app_id} if user.id == names.bot_user else {})}
    raise Refused("bot_not_found")


def team_info(workspace: Workspace, given: Given) -> Json:
    """Describe the workspace."""
    names = workspace.names
    if given.get("team") not in {None, names.team_id}:
        raise Refused("team_not_found")
    return {"team": {"id": names.team_id, "name": names.team_domain.title(), "domain": names.team_domain}}


PAGED = ("cursor", "limit")
SAID = (*PAGED, "inclusive", "include_all_metadata", "latest", "oldest")

READING: dict[str, Method] = {
    "auth.test": Method(auth_test),
    "users.info": Method(users_info, ("user",), ("include_locale",), "users:read", form_only=True),
    "users.list": Method(users_list, (), (*PAGED, "include_locale", "team_id"), "users:read", form_only=True),
    "conversations.open": Method(
        conversations_open, (), ("users", "channel", "return_im", "prevent_creation"), "im:write"
    ),
    "conversations.info": Method(
        conversations_info, ("channel",), ("include_locale", "include_num_members"), READ, form_only=True
    ),
    "conversations.members": Method(conversations_members, ("channel",), PAGED, READ, form_only=True),
    "conversations.history": Method(conversations_history, ("channel",), SAID, HISTORY),
    "conversations.replies": Method(conversations_replies, ("channel", "ts"), SAID, HISTORY, form_only=True),
    "usergroups.users.list": Method(
        usergroups_users_list, ("usergroup",), ("include_disabled", "team_id"), "usergroups:read", form_only=True
    ),
    "bots.info": Method(bots_info, (), ("bot", "team_id"), "users:read", form_only=True),
    "team.info": Method(team_info, (), ("team", "domain"), "team:read", form_only=True),
}
