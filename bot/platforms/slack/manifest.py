"""The app manifest: what a school pastes into Slack, made from what the features declare."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from bot.conversation.events import Json
from bot.routing import CommandEntry, ShortcutEntry

COMMAND = "/smpolicy"
PATH = "/slack/events"

SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "app_mentions:read": "hear people who mention the bot in a channel",
        "assistant:write": "show that an answer is on its way, and suggest what to ask",
        "channels:history": "find out after a broken connection whether a post has arrived in a public channel",
        "chat:write": "answer, and send notices and reminders",
        "commands": "offer /smpolicy and the shortcuts",
        "groups:history": "find out after a broken connection whether a post has arrived in a private channel",
        "groups:read": "know the members of a private channel that holds a role, such as SLT's",
        "im:history": "hear what people write to the bot itself",
        "im:write": "open a conversation with somebody who has to be told something",
        "usergroups:read": "know the members of a user group that holds a role",
        "users:read": "tell members from guests and from people of other organisations, and know their names",
    }
)
"""Each permission that the bot asks for, and what it is for; it asks for none on behalf of a person."""

EVENTS = (
    "app_context_changed",
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "member_joined_channel",
    "member_left_channel",
    "message.im",
    "subteam_members_changed",
    "subteam_updated",
    "tokens_revoked",
    "user_change",
)

PROMPTS = (
    ("May I name the school?", "May I name the school in a post?"),
    ("A pupil wants to follow me", "A pupil wants to follow my own account. What does the policy say?"),
    ("Report something", "report"),
    ("Apply for an account", "apply"),
)

DESCRIPTION = "Answers from the school's social media policy, and takes applications, reports and calls from the press."
LONG_DESCRIPTION = (
    "Ask what the school's social media policy says, and read the answer in the policy's own words, with the clause. "
    "Apply for a new school account, report an incident in confidence, or pass on a journalist's call: the right "
    "people are told, and nothing is decided but by people. It never asks for an image, and it is not watched round "
    "the clock: if somebody is in danger, phone 999."
)
COMMAND_DESCRIPTION = "Ask what the social media policy says, report something, or apply for an account"
COLOUR = "#145c60"


def manifest(
    commands: Iterable[CommandEntry],
    shortcuts: Iterable[ShortcutEntry],
    *,
    name: str,
    url: str | None = None,
    under: str = "",
) -> dict[str, Json]:
    """Return the manifest of an app called *name* that Slack reaches at *url*, or, where that is None, in Socket Mode.

    *under* is what the path of the school's edge begins with.

    Raises:
        ValueError: Slack can't reach *url*; the message says why.
    """
    request_url = "" if url is None else _request_url(" ".join(url.split()), f"{under}{PATH}")
    return {
        "display_information": {
            "name": name,
            "description": DESCRIPTION,
            "long_description": LONG_DESCRIPTION,
            "background_color": COLOUR,
        },
        "features": _features(commands, shortcuts, name, request_url),
        # None for a person: whatever the bot may do, it does as itself.
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**_at("request_url", request_url), "bot_events": list(EVENTS)},
            "interactivity": {
                "is_enabled": True,
                **_at("request_url", request_url),
                **_at("message_menu_options_url", request_url),
            },
            "org_deploy_enabled": False,
            "socket_mode_enabled": not request_url,
            "token_rotation_enabled": False,
        },
    }


def _features(
    commands: Iterable[CommandEntry], shortcuts: Iterable[ShortcutEntry], name: str, request_url: str
) -> dict[str, Json]:
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "agent_view": {
            "agent_description": DESCRIPTION,
            "suggested_prompts": [{"title": title, "message": message} for title, message in PROMPTS],
        },
        "bot_user": {"display_name": name, "always_online": True},
        "shortcuts": [_shortcut(entry) for entry in shortcuts],
        "slash_commands": [
            {
                "command": COMMAND,
                **_at("url", request_url),
                "description": COMMAND_DESCRIPTION,
                "usage_hint": " | ".join(f"{entry.name} {entry.usage}".strip() for entry in commands),
                # People and channels then arrive as ids, not as names that may change.
                "should_escape": True,
            }
        ],
    }


def _shortcut(entry: ShortcutEntry) -> dict[str, Json]:
    return {
        "type": "message" if entry.about_message else "global",
        "name": entry.label,
        "callback_id": entry.name,
        "description": entry.summary,
    }


def _at(key: str, request_url: str) -> dict[str, Json]:
    """Return the entry that says where Slack sends something; in Socket Mode there is none."""
    return {key: request_url} if request_url else {}


def _request_url(url: str, path: str) -> str:
    """Return where Slack sends everything if the program answers at *url*, and its edge at *path*."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"“{url}” is not an address; give one such as https://smpolicy.school.example") from None
    if parts.scheme != "https":
        raise ValueError(f"“{url}” does not begin with https://, and Slack calls nothing else")
    if not re.fullmatch(r"[a-z0-9.:-]+", host) or re.search(r"[ \\]", url):
        raise ValueError(f"“{url}” has no name of a machine; give an address such as https://smpolicy.school.example")
    if parts.username is not None or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"“{url}” has more than a name and a port; give only https://{host}, and {path} is added")
    if _is_this_machine(host):
        raise ValueError(f"“{url}” is this machine alone, where Slack can't call; leave it out for Socket Mode")
    shown = f"[{host}]" if ":" in host else host
    return f"https://{shown}{f':{port}' if port else ''}{path}"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
