"""Answers to a command or an interaction, at its response address or in the acknowledgement itself."""

from __future__ import annotations

from typing import Any

from tests.slack.messages import Message
from tests.slack.posting import change
from tests.slack.refusals import Refused
from tests.slack.triggers import ResponseUrl
from tests.slack.workspace import Workspace

Json = Any
KEYS = {
    "text",
    "blocks",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
    "metadata",
    "unfurl_links",
    "unfurl_media",
    "mrkdwn",
}


def respond(workspace: Workspace, path: str, given: Json) -> Message | None:
    """Do what the app says at a response address; return the message that was posted or changed.

    Raises:
        Refused: the address is used up, or there is a mistake in the answer.
    """
    return answer(workspace, workspace.triggers.answer(path), given)


def answer(workspace: Workspace, url: ResponseUrl, given: Json) -> Message | None:
    """Do what *given* says in the name of *url*."""
    where = "response_url"
    workspace.refuse(where, [f"unknown key {key}" for key in sorted(set(given) - KEYS)], "invalid_arguments")
    kind = given.get("response_type", "ephemeral")
    workspace.refuse(
        where, [f"response_type is {kind!r}"] if kind not in {"ephemeral", "in_channel"} else [], "invalid_arguments"
    )
    original = _original(workspace, url)
    if given.get("delete_original"):
        if original is None:
            raise Refused("message_not_found")
        original.deleted = True
        return None
    workspace.take_message(where, given.get("text"), given.get("blocks"), given.get("metadata"))
    if given.get("replace_original"):
        if original is None:
            raise Refused("message_not_found")
        change(workspace, original, given["text"], given.get("blocks"))
        return original
    message = workspace.bot_message(url.channel, given["text"], given.get("blocks"), metadata=given.get("metadata"))
    message.ephemeral_to = url.user if kind == "ephemeral" else ""
    message.thread_ts = given.get("thread_ts") or ""
    return workspace.post(message)


def _original(workspace: Workspace, url: ResponseUrl) -> Message | None:
    """Return the message that was pressed, if it is the bot's own."""
    message = workspace.message(url.channel, url.ts)
    return message if message and message.user == workspace.names.bot_user else None
