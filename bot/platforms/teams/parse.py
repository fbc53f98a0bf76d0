"""What Teams sends, read without trust: who acts, where, and what they said, pressed, filled in or looked up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.conversation.events import Json, Quoted
from bot.platforms.reading import as_mapping, as_text
from bot.platforms.teams.roster import Speaker
from bot.platforms.teams.wire import as_typed, from_html

OURS = "smpolicy"
_ROOT = ";messageid="
_PERSONAL = "personal"
# A private chat of two people is called personal as well, where they use the bot's menu or have added it.
_BETWEEN_PEOPLE = "19:"
_DIALOG = "msteams"
_LONGEST_LINK = 2_000
_IN_ORDER = json.JSONEncoder(sort_keys=True, default=str)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something came from.

    Attributes:
        id: The same whenever Teams sends the same thing again.
        sameness: The same for whatever invoke says the same, also under another id; "" for anything else.
        conversation: Without the thread.
        direct: Whether it is the private chat of the person with the bot.
        thread: The message that the thread hangs on, or "".
        message: The message that was pressed on, or "".
        bot: By which id Teams calls the bot.
    """

    id: str
    sameness: str
    speaker: Speaker
    conversation: str
    direct: bool
    thread: str
    message: str
    bot: str

    @property
    def service_url(self) -> str:
        """Return where Teams is called back."""
        return self.speaker.service_url

    @property
    def full(self) -> str:
        """Return the conversation with its thread."""
        return f"{self.conversation}{_ROOT}{self.thread}" if self.thread else self.conversation


@dataclass(frozen=True, slots=True)
class Said:
    """A message; *files* tells whether something was attached to it."""

    text: str
    files: bool


@dataclass(frozen=True, slots=True)
class Press:
    """What a button carried, with what was entered beside it.

    Attributes:
        asks: Which page of a form was filled in, or "".
        data: All that came with it: input id to what was entered, and what the button itself carried.
    """

    action: str
    subject: str = ""
    value: str = ""
    asks: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)

    @property
    def about_a_form(self) -> bool:
        """Tell whether its subject is a form that somebody is filling in, and not a case."""
        return self.action.startswith("session.")

    @property
    def has_inputs(self) -> bool:
        """Tell whether something was entered beside it."""
        return bool(self.data.keys() - {OURS, _DIALOG})


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks up in the message extension, and which part of the results is asked for."""

    text: str
    skip: int
    count: int


def read_origin(activity: Mapping[str, Json]) -> Origin:
    """Return where *activity* came from."""
    conversation = as_mapping(activity.get("conversation"))
    sender = as_mapping(activity.get("from"))
    tenant = as_mapping(as_mapping(activity.get("channelData")).get("tenant")).get("id") or conversation.get("tenantId")
    name, _, root = as_text(conversation.get("id")).partition(_ROOT)
    speaker = Speaker(
        user=as_text(sender.get("aadObjectId")).lower(), mri=as_text(sender.get("id")),
        name=as_text(sender.get("name")),
        tenant=as_text(tenant), conversation=name, service_url=as_text(activity.get("serviceUrl")),
        is_bot=sender.get("role") in ("bot", "skill") or as_text(sender.get("id")).startswith("28:"),
    )  # fmt: skip
    return Origin(
        id=_id(activity), sameness=_sameness(activity), speaker=speaker, conversation=name,
        direct=conversation.get("conversationType") == _PERSONAL and not name.startswith(_BETWEEN_PEOPLE), thread=root,
        message=as_text(activity.get("replyToId")), bot=as_text(as_mapping(activity.get("recipient")).get("id")),
    )  # fmt: skip


def read_said(activity: Mapping[str, Json]) -> Said:
    """Return what a message says."""
    attachments = activity.get("attachments")
    attached = [as_mapping(each) for each in attachments] if isinstance(attachments, list) else []
    # Teams repeats the words of a message as HTML.
    return Said(as_typed(activity), any(each.get("contentType") != "text/html" for each in attached))


def read_press(data: Json) -> Press | None:
    """Return what the *data* of a button or a dialog stands for, or None where it is none of the bot's."""
    given = as_mapping(data)
    ours = as_mapping(given.get(OURS))
    if not as_text(ours.get("action")):
        return None
    words = {name: as_text(ours.get(name)) for name in ("action", "subject", "value", "asks")}
    return Press(**words, data=given)


def pressed_data(activity: Mapping[str, Json]) -> Json:
    """Return what a button carried, for each of the ways in which Teams sends a press."""
    value = as_mapping(activity.get("value"))
    if activity.get("type") != "invoke":
        return value
    return as_mapping(value.get("action")).get("data") if "action" in value else value.get("data")


def read_query(activity: Mapping[str, Json]) -> Query:
    """Return what is looked up; nothing typed yet asks for the beginning."""
    value = as_mapping(activity.get("value"))
    given = value.get("parameters")
    words = [as_mapping(each) for each in given] if isinstance(given, list) else []
    text = next((as_text(each.get("value")) for each in words if each.get("name") != "initialRun"), "")
    options = as_mapping(value.get("queryOptions"))
    return Query(text, _number(options.get("skip"), 0, 1_000), _number(options.get("count"), 25, 25))


def read_quoted(activity: Mapping[str, Json]) -> Quoted | None:
    """Return the message that an action was chosen on, or None where it was chosen on none."""
    payload = as_mapping(as_mapping(activity.get("value")).get("messagePayload"))
    if not payload:
        return None
    body = as_mapping(payload.get("body"))
    content = as_text(body.get("content"))
    words = content if body.get("contentType") == "text" else from_html(content)
    link = as_text(payload.get("linkToMessage"))
    subject = as_text(payload.get("subject"))
    safe = link if link.startswith("https://") and len(link) <= _LONGEST_LINK and link.isprintable() else ""
    return Quoted(safe, "\n".join(part for part in (subject, words) if part))


def command_of(activity: Mapping[str, Json]) -> str:
    """Return the name of the command of a message extension."""
    return as_text(as_mapping(activity.get("value")).get("commandId"))


def vote_of(activity: Mapping[str, Json]) -> str:
    """Return `good` or `bad` for a vote, "" for anything else."""
    value = as_mapping(activity.get("value"))
    data = as_mapping(value.get("data")) or value
    if data.get("actionName") != "feedback":
        return ""
    return {"like": "good", "dislike": "bad"}.get(as_text(as_mapping(data.get("actionValue")).get("reaction")), "")


def _id(activity: Mapping[str, Json]) -> str:
    given = as_text(activity.get("id"))
    conversation = as_text(as_mapping(activity.get("conversation")).get("id"))
    if not given:
        return f"teams {_hash(activity)}"
    sender = as_text(as_mapping(activity.get("from")).get("id"))
    return f"teams {_hash([conversation, sender, activity.get('type'), activity.get('name'), given])}"


def _sameness(activity: Mapping[str, Json]) -> str:
    """Return what is alike in all that one invoke may be sent as, or "" for what is none."""
    if activity.get("type") != "invoke":
        return ""
    sender = as_mapping(activity.get("from"))
    what = [activity.get(name) for name in ("type", "name", "replyToId", "value")]
    return _hash([as_mapping(activity.get("conversation")).get("id"), sender.get("id"), *what])


def _hash(document: Json) -> str:
    return hashlib.sha256(_IN_ORDER.encode(document).encode()).hexdigest()[:32]


def _number(value: Json, usual: int, most: int) -> int:
    return min(max(value, 0), most) if isinstance(value, int) and not isinstance(value, bool) else usual
