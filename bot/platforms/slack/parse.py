"""What Slack's payloads say: who did what, where, and by which id it is known if it comes again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.conversation.events import Json
from bot.platforms.reading import as_mapping, as_text

NO_VALUES: Mapping[str, Json] = {}
_GIVEN = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, slots=True)
class View:
    """A modal or a home view, as a payload carries it.

    Attributes:
        state: Block id to action id to what the person has entered.
        metadata: What the program wrote into it: `session`, `channel`.
    """

    id: str
    kind: str
    hash: str
    callback: str
    metadata: Mapping[str, str]
    state: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who did something, and where.

    Attributes:
        id: The same for each repetition of the event, and for no other event.
        team: The workspace of the person, or "" where the payload does not say.
        channel: The channel, or "" where it was in a view.
        thread: The thread in it that is talked in, or "".
        direct: Whether the channel is the person's own with the bot.
        private: Whether only the person sees what it was done on: an ephemeral message or a view.
        message: The `ts` of the message that it was done on, or "".
        trigger: Opens a modal, once, within three seconds; "" where there is none.
        response_url: Answers in the place, for half an hour; "" where there is none.
    """

    id: str
    user: str
    team: str
    channel: str = ""
    thread: str = ""
    direct: bool = False
    private: bool = False
    message: str = ""
    trigger: str = ""
    response_url: str = ""
    view: View | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """A press of one of the program's buttons: its name, and what stands in its value.

    Attributes:
        text, blocks: The message that the button is on, as Slack shows it.
    """

    action: str
    subject: str
    value: str
    label: str = ""
    text: str = ""
    blocks: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """A message as Slack shows it: *text* still with Slack's markup."""

    text: str
    files: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """A slash command's words, still with Slack's markup."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A message that a shortcut was used on: its *text* still with Slack's markup."""

    channel: str
    ts: str
    thread: str
    text: str


def read_message(body: Mapping[str, Json]) -> tuple[Origin, SlackMessage] | None:
    """Return a message that a person typed to the bot, or None for everything else that is called a message."""
    event = as_mapping(body.get("event"))
    subtype = as_text(event.get("subtype"))
    if subtype not in ("", "file_share", "thread_broadcast") or event.get("bot_id") or not event.get("user"):
        return None
    direct = event.get("channel_type") == "im" or as_text(event.get("channel")).startswith("D")
    if event.get("type") == "message" and not direct:
        return None
    ts, thread = as_text(event.get("ts")), as_text(event.get("thread_ts"))
    origin = Origin(
        id=_id("event", as_text(body.get("event_id")), body),
        user=as_text(event.get("user")),
        team=as_text(event.get("user_team")) or as_text(event.get("team")),
        channel=as_text(event.get("channel")),
        thread=thread if direct else thread or ts,
        direct=direct,
        message=ts,
    )
    return origin, SlackMessage(as_text(event.get("text")), bool(event.get("files")))


def read_command(body: Mapping[str, Json]) -> tuple[Origin, Typed]:
    """Return a slash command; the answer is seen by the person who typed it alone."""
    name, _, text = as_text(body.get("text")).strip().partition(" ")
    channel = as_text(body.get("channel_id"))
    origin = Origin(
        id=_id("command", as_text(body.get("trigger_id")), body),
        user=as_text(body.get("user_id")),
        team=as_text(body.get("user_team_id")),
        channel=channel,
        private=True,
        trigger=as_text(body.get("trigger_id")),
        response_url=as_text(body.get("response_url")),
    )
    return origin, Typed(name, text.strip())


def read_shortcut(body: Mapping[str, Json]) -> tuple[Origin, str, Marked | None]:
    """Return a shortcut's name, and the message that it was used on, if any."""
    user, message = as_mapping(body.get("user")), as_mapping(body.get("message"))
    channel = as_text(as_mapping(body.get("channel")).get("id"))
    origin = Origin(
        id=_id("shortcut", as_text(body.get("trigger_id")), body),
        user=as_text(user.get("id")),
        team=as_text(user.get("team_id")),
        channel=channel,
        private=True,
        trigger=as_text(body.get("trigger_id")),
        response_url=as_text(body.get("response_url")),
    )
    marked = None
    if body.get("type") == "message_action":
        ts = as_text(message.get("ts")) or as_text(body.get("message_ts"))
        thread = as_text(message.get("thread_ts"))
        marked = Marked(channel, ts, thread if thread != ts else "", as_text(message.get("text")))
    return origin, as_text(body.get("callback_id")), marked


def read_press(body: Mapping[str, Json]) -> tuple[Origin, Press]:
    """Return a press; of a button that this program never drew, one that nothing answers to."""
    user, container = as_mapping(body.get("user")), as_mapping(body.get("container"))
    message = as_mapping(body.get("message"))
    actions = body.get("actions")
    pressed = as_mapping(actions[0] if isinstance(actions, list) and actions else None)
    channel = as_text(as_mapping(body.get("channel")).get("id")) or as_text(container.get("channel_id"))
    ts = as_text(container.get("message_ts")) or as_text(message.get("ts"))
    thread = as_text(container.get("thread_ts")) or as_text(message.get("thread_ts"))
    view = read_view(body.get("view"))
    origin = Origin(
        id=_id("press", as_text(body.get("trigger_id")), body),
        user=as_text(user.get("id")),
        team=as_text(user.get("team_id")),
        channel=channel,
        thread=thread,
        direct=channel.startswith("D"),
        private=bool(container.get("is_ephemeral")) or view is not None,
        message=ts,
        trigger=as_text(body.get("trigger_id")),
        response_url=as_text(body.get("response_url")),
        view=view,
    )
    return origin, _press(pressed, message)


def read_submission(body: Mapping[str, Json]) -> tuple[Origin, View]:
    """Return a modal that was sent."""
    user = as_mapping(body.get("user"))
    view = read_view(body.get("view")) or View("", "modal", "", "", NO_VALUES, NO_VALUES)
    origin = Origin(
        id=_id("submission", as_text(body.get("trigger_id")), body),
        user=as_text(user.get("id")),
        team=as_text(user.get("team_id")),
        channel=view.metadata.get("channel", ""),
        thread=view.metadata.get("thread", ""),
        private=True,
        trigger=as_text(body.get("trigger_id")),
        view=view,
    )
    return origin, view


def read_view(document: Json) -> View | None:
    """Return the view in a payload, or None where there is none."""
    view = as_mapping(document)
    if not view:
        return None
    state = as_mapping(as_mapping(view.get("state")).get("values"))
    return View(
        as_text(view.get("id")), as_text(view.get("type")), as_text(view.get("hash")), as_text(view.get("callback_id")),
        _metadata(as_text(view.get("private_metadata"))), state,
    )  # fmt: skip


def users_picked(state: Mapping[str, Json]) -> list[str]:
    """Return the ids of the users who are picked in a view's *state*."""
    elements = (element for block in state.values() for element in as_mapping(block).values())
    picked = (as_mapping(element).get("selected_users") for element in elements)
    return [user for users in picked if isinstance(users, list) for user in users if isinstance(user, str)]


def teams_named(body: Mapping[str, Json]) -> set[str]:
    """Return every workspace that a payload says it was sent for (Slack Connect names several)."""
    authorizations = body.get("authorizations")
    named = [
        body.get("team_id"),
        body.get("context_team_id"),
        as_mapping(body.get("team")).get("id"),
        as_mapping(body.get("view")).get("app_installed_team_id"),
        as_mapping(body.get("view")).get("team_id"),
        as_mapping(body.get("message")).get("team"),
        *(
            [as_mapping(each).get("team_id") for each in authorizations]
            if isinstance(authorizations, list)
            else []
        ),
    ]  # fmt: skip
    return {each for each in named if isinstance(each, str) and each}


def _press(pressed: Mapping[str, Json], message: Mapping[str, Json]) -> Press:
    action = as_text(pressed.get("action_id")).partition("#")[0]
    label = as_text(as_mapping(pressed.get("text")).get("text"))
    try:
        subject, value = json.loads(as_text(pressed.get("value")))
    except (ValueError, TypeError, RecursionError):
        subject, value = "", ""
    blocks = message.get("blocks")
    drawn = tuple(blocks) if isinstance(blocks, list) else ()
    return Press(action, as_text(subject), as_text(value), label, as_text(message.get("text")), drawn)


def _metadata(text: str) -> Mapping[str, str]:
    try:
        document = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return {str(name): as_text(value) for name, value in document.items()} if isinstance(document, dict) else {}


def _id(kind: str, given: str, body: Mapping[str, Json]) -> str:
    """Return the id of an event: the one that Slack gave it where it is one, else one made of all that it says."""
    return f"{kind} {given if _GIVEN.fullmatch(given) else _fingerprint(body)}"


def _fingerprint(body: Mapping[str, Json]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()[:32]
