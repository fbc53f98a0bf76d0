"""The activities that Teams sends: messages, invokes, and news of who came and went."""

from __future__ import annotations

import html
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.teams.messages import Message, Posted
from tests.teams.people import Conversation, TeamsUser
from tests.teams.workspace import Workspace

Json = Any
LONDON = ZoneInfo("Europe/London")
LOCALE = "en-GB"
CLIENT = {"locale": LOCALE, "country": "GB", "platform": "Web", "timezone": "Europe/London", "type": "clientInfo"}


def activity(
    workspace: Workspace, kind: str, user: TeamsUser, place: Conversation, thread: str = "", **more: Json
) -> Json:
    """Return what all activities of *user* in a place have in common, and *more*."""
    return {
        "type": kind,
        "id": f"f:{workspace.unique()}",
        **moment(workspace),
        "localTimezone": "Europe/London",
        "locale": LOCALE,
        "channelId": "msteams",
        "serviceUrl": workspace.service_url,
        "from": user.account(),
        "conversation": conversation_account(workspace, user, place, thread),
        "recipient": workspace.bot,
        "entities": [dict(CLIENT)],
        "channelData": channel_data(workspace, user, place),
        **more,
    }


def moment(workspace: Workspace) -> Json:
    """Return when it is, for Teams and on the wall."""
    at = datetime.fromtimestamp(workspace.clock(), UTC)
    wall = at.astimezone(LONDON).isoformat(timespec="milliseconds")
    return {"timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "localTimestamp": wall}


def conversation_account(workspace: Workspace, user: TeamsUser, place: Conversation, thread: str = "") -> Json:
    """Return the conversation as activities carry it; that of a channel names the thread."""
    return {
        **({"isGroup": True} if place.is_shared else {}),
        "conversationType": place.kind,
        "tenantId": _tenant(workspace, user, place),
        "id": f"{place.id};messageid={thread}" if thread else place.id,
        **({"name": place.name} if place.kind == "groupChat" and place.name else {}),
    }


def channel_data(workspace: Workspace, user: TeamsUser, place: Conversation) -> Json:
    """Return what is of Teams only: tenant, and team and channel where there are such."""
    tenant = {"tenant": {"id": _tenant(workspace, user, place)}}
    if place.kind != "channel":
        return tenant
    named = {"teamsChannelId": place.id, "teamsTeamId": place.team}
    return {**named, "channel": {"id": place.id}, "team": {"id": place.team}, **tenant}


def message(workspace: Workspace, user: TeamsUser, place: Conversation, posted: Posted, *, mention: bool) -> Json:
    """Return the message that *user* wrote; *mention* tells that it begins with the bot's name."""
    own = dict(posted.activity)
    called = [mention_of(workspace)] if mention else []
    made = activity(workspace, "message", user, place, posted.root, **own, id=posted.id)
    return made | {"entities": [*called, dict(CLIENT)]}


def mention_of(workspace: Workspace) -> Json:
    """Return the entity that says where the bot is mentioned."""
    return {"type": "mention", "mentioned": workspace.bot, "text": f"<at>{workspace.bot_name}</at>"}


def typed_text(workspace: Workspace, text: str, *, mention: bool) -> Json:
    """Return the words of a message, as text and in the HTML that comes along with them."""
    called = f"<at>{workspace.bot_name}</at> " if mention else ""
    span = f'<span itemscope="" itemtype="http://schema.skype.com/Mention" itemid="0">{workspace.bot_name}</span>&nbsp;'
    lines = html.escape(text, quote=False).replace("\n", "<br>")
    content = f"<p>{span if mention else ''}{lines}</p>"
    return {
        "text": called + text,
        "textFormat": "plain",
        "attachments": [{"contentType": "text/html", "content": content}],
    }


def submitted(workspace: Workspace, user: TeamsUser, place: Conversation, message: Message, data: Json) -> Json:
    """Return the message without words that pressing an Action.Submit sends."""
    thread = message.thread
    made = activity(workspace, "message", user, place, thread, value=data, replyToId=message.id)
    legacy = {"source": {"name": "message"}, "legacy": {"replyToId": f"1:{message.id}"}}
    return made | {"id": workspace.message_id(), "channelData": {**made["channelData"], **legacy}}


def invoke(
    workspace: Workspace, user: TeamsUser, place: Conversation, name: str, value: Json, *,
    thread: str = "", reply_to: str = "",
) -> Json:  # fmt: skip
    """Return an invoke, which wants an answer of its own shape."""
    replying = {"replyToId": reply_to} if reply_to else {}
    made = activity(workspace, "invoke", user, place, thread, name=name, value=value, **replying)
    source = {"source": {"name": "compose" if name.startswith("composeExtension") else "message"}}
    return made | {"channelData": {**made["channelData"], **source}}


def installation(workspace: Workspace, user: TeamsUser, place: Conversation, action: str) -> Json:
    """Return that *user* added or removed the app."""
    made = activity(workspace, "installationUpdate", user, place, action=action)
    selected = {"settings": {"selectedChannel": {"id": place.id}}, "source": {"name": "message"}}
    return made | {"channelData": {**made["channelData"], **(selected if action == "add" else {})}}


def members_changed(
    workspace: Workspace, user: TeamsUser, place: Conversation, key: str, members: Iterable[Json], **more: Json
) -> Json:
    """Return that accounts came or went, *key* being membersAdded or membersRemoved; *more* is channelData."""
    made = activity(workspace, "conversationUpdate", user, place) | {key: list(members)}
    kind = {"membersAdded": "teamMemberAdded", "membersRemoved": "teamMemberRemoved"}[key]
    event = {"eventType": kind} if place.kind == "channel" else {}
    return made | {"channelData": {**made["channelData"], **event, **more}}


def message_payload(workspace: Workspace, posted: Posted) -> Json:
    """Return a message as a message action carries it along."""
    writer = workspace.users.get(posted.sender)
    at = datetime.fromtimestamp(posted.at, UTC).isoformat(timespec="milliseconds")
    user = {"userIdentityType": "aadUser", "id": writer.aad_id, "displayName": writer.name} if writer else None
    app = None if writer else {"applicationIdentityType": "bot", "id": workspace.app_id, "displayName": "smpolicy"}
    rich = [each["content"] for each in posted.activity.get("attachments", ()) if each["contentType"] == "text/html"]
    return {
        "linkToMessage": f"https://teams.microsoft.com/l/message/{posted.place}/{posted.id}",
        "id": posted.id,
        "replyToId": posted.root if posted.root not in {"", posted.id} else None,
        "createdDateTime": at,
        "lastModifiedDateTime": None,
        "deleted": posted.deleted,
        "subject": None,
        "summary": None,
        "importance": "normal",
        "locale": "en-gb",
        "body": {"contentType": "html" if rich else "text", "content": rich[0] if rich else posted.text},
        "from": {"device": None, "conversation": None, "user": user, "application": app},
        "reactions": [],
        "mentions": [],
        "attachments": [],
    }


def _tenant(workspace: Workspace, user: TeamsUser, place: Conversation) -> str:
    """Return whose conversation it is: a personal chat is its person's, the others are the school's."""
    return workspace.tenant if place.is_shared else user.tenant
