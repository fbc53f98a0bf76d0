"""What Slack's refusals mean: who can mend them, in a sentence, or that nobody can."""

from __future__ import annotations

import logging

from bot.errors import Undeliverable
from bot.platforms.slack.api import SlackRefusal

INSTALL = "install the app in the workspace again and put its new bot token into SLACK_BOT_TOKEN"
LET_IN = "a Slack administrator has to let the app in under Manage apps"

_WORKSPACE = {
    "invalid_auth": f"Slack does not accept the bot's token: {INSTALL}.",
    "not_authed": "Slack was given no token: put the bot token of the app into SLACK_BOT_TOKEN.",
    "account_inactive": f"The bot's account in Slack was switched off, or the app was removed: {INSTALL}.",
    "token_revoked": f"The bot's token was revoked in Slack: {INSTALL}.",
    "token_expired": f"The bot's token has expired: switch token rotation off for the app, then {INSTALL}.",
    "org_login_required": "The workspace is being moved into a Slack organisation: wait until its move is complete.",
    "ekm_access_denied": "Slack's key management does not let anything be posted: "
    "a Slack administrator has to allow it again.",
    "team_access_not_granted": f"The app is not allowed in this workspace of the Slack organisation: {LET_IN}.",
    "access_denied": f"Slack denies the bot what it asks for: {LET_IN}.",
    "messages_tab_disabled": "The app's Messages tab is switched off, so nobody can be written to: "
    "create the app from the manifest anew, or switch it on under App Home.",
}
# Refused whatever is asked for, so that one call tells for all.
SHUT_OUT = frozenset(_WORKSPACE) - {"messages_tab_disabled"}
_CHANNEL = {
    "channel_not_found": "Slack has no {place}, or it is private and the bot is not in it: "
    "type /invite @smpolicy there, or correct its id in app.yaml.",
    "not_in_channel": "The bot is not a member of {place}: type /invite @smpolicy there.",
    "is_archived": "Slack has archived {place}: unarchive it, or name another channel in app.yaml.",
}
_RESTRICTED = "The settings of {place} in Slack do not let the bot post ({code}): allow it to post there."
_PERSON = frozenset(
    {
        "cannot_dm_bot",
        "is_bot",
        "user_disabled",
        "user_not_found",
        "user_not_in_channel",
        "user_not_visible",
        "users_not_found",
    }
)
# Only in the place that a sender named; in its stead a person can be told alone.
NOT_THERE = frozenset({*_CHANNEL, "user_not_in_channel"})
GONE = frozenset({"cant_delete_message", "cant_update_message", "edit_window_closed", "message_not_found"})

log = logging.getLogger("smpolicy.slack")


def workspace_trouble(refusal: SlackRefusal) -> str:
    """Return what an administrator has to mend for the whole workspace, or "" where it is not the workspace."""
    if refusal.code == "missing_scope":
        lacks = f" ({refusal.needed})" if refusal.needed else ""
        return (
            f"The Slack app lacks a permission{lacks}: give it the manifest that `smpolicy manifest slack` makes, "
            f"then {INSTALL}."
        )
    return _WORKSPACE.get(refusal.code, "")


def channel_trouble(refusal: SlackRefusal, place: str) -> str:
    """Return what an administrator has to mend in *place*, or "" where it is not the place."""
    if refusal.code.startswith("restricted_action"):
        return _RESTRICTED.format(place=place, code=refusal.code)
    return _CHANNEL.get(refusal.code, "").format(place=place)


def judged(refusal: SlackRefusal, place: str) -> Undeliverable:
    """Return what *refusal* means for a message to *place*, which an administrator knows by these words."""
    if blocked := workspace_trouble(refusal) or channel_trouble(refusal, place):
        return Undeliverable("Slack does not let the bot post.", blocked=blocked)
    if refusal.code in _PERSON:
        return Undeliverable("Slack can't reach this person.", for_good=True)
    log.error("slack does not take a message: %s", refusal.code)
    return Undeliverable("Slack does not take this message.", for_good=True)
