"""Typed lines, alike wherever people type them: slash commands, and words that mention the bot."""

from __future__ import annotations

import re

from bot.conversation.events import Command, Message, Place

_COMMAND = re.compile(r"/smpolicy(?:\s+(?P<name>\S+))?(?:\s+(?P<text>.*))?", re.IGNORECASE | re.DOTALL)
# Few blanks only: a pattern that looks at each of many again and again keeps everybody waiting.
_MENTION = re.compile(r"(?:,[ \t]{0,5})?(?<!\w)@smpolicy\b(?=[?.!])|(?<!\w)@smpolicy\b[,:]?", re.IGNORECASE)


def typed_event(id: str, person: str, place: Place, text: str) -> Command | Message | None:
    """Return what *text* asks of the bot, or None where people talk to each other in a shared place."""
    if command := _COMMAND.fullmatch(text.strip()):
        return Command(id, person, place, (command["name"] or "help").lower(), (command["text"] or "").strip())
    if not place.direct and not _MENTION.search(text):
        return None
    said = without_mention(text)
    return Message(id, person, place, said or ("help" if text.strip() else ""))


def without_mention(text: str) -> str:
    """Return *text* without the words that call the bot."""
    lines = (re.sub(r"[ \t]{2,}", " ", line).strip() for line in _MENTION.sub("", text).splitlines())
    return "\n".join(lines).strip()
