"""The payloads that Slack sends: events, commands and interactions."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

from tests.slack.messages import Message
from tests.slack.people import Channel
from tests.slack.views import View
from tests.slack.workspace import Workspace

Json = Any
CHANNEL_TYPES = {"im": "im", "groups": "group", "channels": "channel"}


def event_callback(workspace: Workspace, event: Json) -> Json:
    """Return *event* in its envelope."""
    names = workspace.names
    number = workspace.number()
    context = urlsafe_b64encode(f'{{"et":"{event["type"]}","tid":"{names.team_id}","n":{number}}}'.encode()).decode()
    return {
        "token": names.verification_token,
        "team_id": names.team_id,
        "context_team_id": names.team_id,
        "context_enterprise_id": None,
        "api_app_id": names.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{number:09}",
        "event_time": int(workspace.clock()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": names.team_id,
                "user_id": names.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{context}",
    }


def message_event(workspace: Workspace, message: Message, channel: Channel) -> Json:
    """Return the event that *message* was written in a conversation."""
    described = _written(workspace, message)
    return {**described, "channel": channel.id, "event_ts": message.ts, "channel_type": CHANNEL_TYPES[channel.kind]}


def mention_event(workspace: Workspace, message: Message, channel: Channel) -> Json:
    """Return the event that *message* mentions the bot."""
    described = _written(workspace, message)
    return {**described, "type": "app_mention", "channel": channel.id, "event_ts": message.ts}


def home_event(workspace: Workspace, user: str, tab: str) -> Json:
    """Return the event that *user* looks at a tab of the app; the home tab comes along if it was drawn before."""
    names, view = workspace.names, workspace.views.home(user)
    return {
        "type": "app_home_opened",
        "user": user,
        "channel": workspace.dm(user).id,
        "event_ts": workspace.ts(),
        "tab": tab,
        **({"view": view.json(names.team_id, names.app_id, names.bot_id)} if view and tab == "home" else {}),
    }


def command(workspace: Workspace, user: str, channel: Channel, line: str, response_url: str) -> dict[str, str]:
    """Return the fields of a slash command; *line* is the command and what follows it."""
    names = workspace.names
    name, _, text = line.partition(" ")
    return {
        "token": names.verification_token,
        "team_id": names.team_id,
        "team_domain": names.team_domain,
        "channel_id": channel.id,
        "channel_name": channel.shown_name,
        "user_id": user,
        "user_name": workspace.users[user].name,
        "command": name,
        "text": text,
        "api_app_id": names.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": workspace.triggers.trigger(user),
    }


def interaction(workspace: Workspace, kind: str, user: str) -> Json:
    """Return what all interactions have in common."""
    names, person = workspace.names, workspace.users[user]
    return {
        "type": kind,
        "team": {"id": names.team_id, "domain": names.team_domain},
        "user": {
            "id": user,
            "username": person.name,
            "name": person.name,
            "team_id": person.team_id or names.team_id,
        },
        "api_app_id": names.app_id,
        "token": names.verification_token,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def pressed_in_message(
    workspace: Workspace, user: str, message: Message, action: Json, response_url: str, state: Json
) -> Json:
    """Return the payload of something used in *message*; an ephemeral one does not come along."""
    channel = workspace.channels[message.channel]
    return {
        **interaction(workspace, "block_actions", user),
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": bool(message.ephemeral_to),
            **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        },
        "trigger_id": workspace.triggers.trigger(user),
        "channel": {"id": channel.id, "name": channel.shown_name},
        **({} if message.ephemeral_to else {"message": message.json(workspace.names.team_id)}),
        "state": state,
        "response_url": response_url,
        "actions": [action],
    }


def pressed_in_view(workspace: Workspace, view: View, action: Json) -> Json:
    """Return the payload of something used in a modal or home tab."""
    return {
        **interaction(workspace, "block_actions", view.user),
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": workspace.triggers.trigger(view.user, view.id),
        "view": _view(workspace, view),
        "actions": [action],
    }


def shortcut(workspace: Workspace, user: str, callback_id: str) -> Json:
    """Return the payload of a global shortcut."""
    return {
        **interaction(workspace, "shortcut", user),
        "action_ts": workspace.ts(),
        "callback_id": callback_id,
        "trigger_id": workspace.triggers.trigger(user),
    }


def message_shortcut(workspace: Workspace, user: str, callback_id: str, message: Message, response_url: str) -> Json:
    """Return the payload of a shortcut on a message."""
    channel = workspace.channels[message.channel]
    return {
        **interaction(workspace, "message_action", user),
        "action_ts": workspace.ts(),
        "callback_id": callback_id,
        "trigger_id": workspace.triggers.trigger(user),
        "response_url": response_url,
        "message_ts": message.ts,
        "channel": {"id": channel.id, "name": channel.shown_name},
        "message": message.json(workspace.names.team_id),
    }


def submission(workspace: Workspace, view: View) -> Json:
    """Return the payload of a modal that is sent."""
    return {
        **interaction(workspace, "view_submission", view.user),
        "trigger_id": workspace.triggers.trigger(view.user, view.id),
        "view": _view(workspace, view),
        "response_urls": [],
    }


def closing(workspace: Workspace, view: View, *, cleared: bool) -> Json:
    """Return the payload of a modal that is closed."""
    return {**interaction(workspace, "view_closed", view.user), "view": _view(workspace, view), "is_cleared": cleared}


def _written(workspace: Workspace, message: Message) -> Json:
    """Return *message*; that of somebody from a partner's workspace says so."""
    team_id = workspace.names.team_id
    theirs = workspace.users[message.user].team_id
    foreign = {"team": theirs, "user_team": theirs, "source_team": theirs} if theirs not in {"", team_id} else {}
    return {**message.json(team_id), **foreign}


def _view(workspace: Workspace, view: View) -> Json:
    names = workspace.names
    return view.json(names.team_id, names.app_id, names.bot_id)
