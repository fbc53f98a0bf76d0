"""Methods that write, change and take back messages, and what stands beside them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.slack.messages import Message
from tests.slack.method import Given, Method, is_set
from tests.slack.people import Channel
from tests.slack.refusals import Refused
from tests.slack.workspace import Workspace

Json = Any


def post_message(workspace: Workspace, given: Given) -> Json:
    """Post for all to read; a user id stands for the direct message with them."""
    channel = _addressee(workspace, given["channel"])
    thread = _thread(workspace, "chat.postMessage", channel, given)
    workspace.take_message("chat.postMessage", given.get("text"), given.get("blocks"), given.get("metadata"))
    message = workspace.bot_message(channel.id, given["text"], given.get("blocks"), metadata=given.get("metadata"))
    message.thread_ts, message.broadcast = thread, is_set(given, "reply_broadcast")
    workspace.post(message)
    if thread:
        _begin_thread(workspace, channel, thread)
        workspace.statuses.pop((channel.id, thread), None)
    return {"channel": channel.id, "ts": message.ts, "message": message.json(workspace.names.team_id)}


def post_ephemeral(workspace: Workspace, given: Given) -> Json:
    """Post for one person to read until they reload."""
    channel = _open_channel(workspace, given["channel"])
    if given["user"] not in channel.members:
        raise Refused("user_not_in_channel" if given["user"] in workspace.users else "user_not_found")
    thread = _thread(workspace, "chat.postEphemeral", channel, given)
    workspace.take_message("chat.postEphemeral", given.get("text"), given.get("blocks"))
    message = workspace.bot_message(channel.id, given["text"], given.get("blocks"), ephemeral_to=given["user"])
    message.thread_ts = thread
    return {"message_ts": workspace.post(message).ts}


def update(workspace: Workspace, given: Given) -> Json:
    """Change a message of the bot; words without blocks take blocks away, metadata stays unless it is given."""
    channel = _open_channel(workspace, given["channel"])
    message = _own(workspace, channel, given["ts"], "cant_update_message")
    workspace.take_message("chat.update", given.get("text"), given.get("blocks"), given.get("metadata") or None)
    change(workspace, message, given["text"], given.get("blocks"))
    if given.get("metadata") is not None:
        message.metadata = deepcopy(given["metadata"]) or None
    described = message.json(workspace.names.team_id)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": described}


def change(workspace: Workspace, message: Message, text: str, blocks: Json) -> None:
    """Put other words and blocks into *message*; only plain words are marked as edited."""
    message.text, message.blocks = text, workspace.named(blocks or [])
    message.edited = not blocks


def delete(workspace: Workspace, given: Given) -> Json:
    """Take a message of the bot back."""
    channel = _open_channel(workspace, given["channel"])
    _own(workspace, channel, given["ts"], "cant_delete_message").deleted = True
    return {"channel": channel.id, "ts": given["ts"]}


def get_permalink(workspace: Workspace, given: Given) -> Json:
    """Return the address of a message."""
    channel = workspace.visible_channel(given["channel"])
    message = workspace.message(channel.id, given["message_ts"])
    if message is None or message.ephemeral_to:
        raise Refused("message_not_found")
    where = f"https://{workspace.names.team_domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts not in {"", message.ts} else ""
    return {"channel": channel.id, "permalink": where + thread}


def set_status(workspace: Workspace, given: Given) -> Json:
    """Say below a thread what the bot is busy with; empty words take it away."""
    channel = workspace.joined_channel(given["channel_id"])
    if workspace.message(channel.id, given["thread_ts"]) is None:
        raise Refused("invalid_thread_ts")
    phrases = given.get("loading_messages") or []
    workspace.refuse(
        "assistant.threads.setStatus",
        [f"loading message {phrase!r} is empty or too long" for phrase in phrases if not 1 <= len(phrase) <= 50]
        + (["more than ten loading messages"] if len(phrases) > 10 else []),
        "invalid_arguments",
    )
    place = (channel.id, given["thread_ts"])
    if given["status"]:
        workspace.statuses[place] = {"status": given["status"], "loading_messages": phrases}
    else:
        workspace.statuses.pop(place, None)
    return {}


def set_suggested_prompts(workspace: Workspace, given: Given) -> Json:
    """Offer up to four things to ask."""
    channel = workspace.joined_channel(given["channel_id"])
    prompts = given["prompts"]
    fits = isinstance(prompts, list) and 1 <= len(prompts) <= 4
    shaped = fits and all(
        isinstance(prompt, dict) and set(prompt) == {"title", "message"} and all(prompt.values()) for prompt in prompts
    )
    workspace.refuse(
        "assistant.threads.setSuggestedPrompts",
        [] if shaped else ["prompts are not one to four, each a title with a message"],
        "invalid_arguments",
    )
    place = (channel.id, given.get("thread_ts") or "")
    workspace.prompts[place] = {"title": given.get("title") or "", "prompts": deepcopy(prompts)}
    return {}


def _addressee(workspace: Workspace, channel_id: Json) -> Channel:
    if isinstance(channel_id, str) and channel_id[:1] in {"U", "W"}:
        return workspace.dm(workspace.person(channel_id).id)
    channel = _open_channel(workspace, channel_id)
    if channel.is_im:
        workspace.person(channel.user)
    return channel


def _open_channel(workspace: Workspace, channel_id: Json) -> Channel:
    channel = workspace.joined_channel(channel_id)
    if channel.is_archived:
        raise Refused("is_archived")
    return channel


def _thread(workspace: Workspace, where: str, channel: Channel, given: Given) -> str:
    ts = given.get("thread_ts")
    if ts is None:
        return ""
    first = workspace.message(channel.id, ts)
    # Slack would post a message that hangs nowhere; to us that is a mistake.
    if first is None or first.ephemeral_to:
        workspace.refuse(where, [f"thread_ts {ts!r} is no message of {channel.id}"], "thread_not_found")
    elif first.thread_ts not in {"", first.ts}:
        workspace.refuse(where, [f"thread_ts {ts!r} is an answer, not the beginning of a thread"], "thread_not_found")
    return str(ts)


def _begin_thread(workspace: Workspace, channel: Channel, ts: str) -> None:
    first = workspace.message(channel.id, ts)
    if first and not first.thread_ts:
        first.thread_ts = ts


def _own(workspace: Workspace, channel: Channel, ts: Json, refusal: str) -> Message:
    message = workspace.message(channel.id, ts)
    if message is None or message.ephemeral_to:
        raise Refused("message_not_found")
    if message.user != workspace.names.bot_user:
        raise Refused(refusal)
    return message


DRAWN = ("text", "blocks", "metadata")
UNFURLING = ("unfurl_links", "unfurl_media")

POSTING: dict[str, Method] = {
    "chat.postMessage": Method(
        post_message,
        ("channel",),
        (*DRAWN, *UNFURLING, "thread_ts", "reply_broadcast", "mrkdwn", "parse", "link_names"),
        "chat:write",
    ),
    "chat.postEphemeral": Method(
        post_ephemeral, ("channel", "user"), ("text", "blocks", "thread_ts", "parse", "link_names"), "chat:write"
    ),
    "chat.update": Method(update, ("channel", "ts"), (*DRAWN, "parse", "link_names"), "chat:write"),
    "chat.delete": Method(delete, ("channel", "ts"), (), "chat:write"),
    "chat.getPermalink": Method(get_permalink, ("channel", "message_ts"), form_only=True),
    "assistant.threads.setStatus": Method(
        set_status, ("channel_id", "thread_ts", "status"), ("loading_messages",), "assistant:write|chat:write"
    ),
    "assistant.threads.setSuggestedPrompts": Method(
        set_suggested_prompts, ("channel_id", "prompts"), ("thread_ts", "title"), "assistant:write"
    ),
}
