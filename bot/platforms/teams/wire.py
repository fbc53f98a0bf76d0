"""The text of a message as Teams sends it, and as the person typed it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from html.parser import HTMLParser

from bot.conversation.events import Json

_MARKUP = ("xml", "html")
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre"})
_UNSEEN = frozenset({"script", "style", "attachment"})
_AT = re.compile(r"<at(?:\s[^<>]*)?>(?P<name>[^<>]*)</at>", re.IGNORECASE)
_EMPTY_LINES = re.compile(r"\n{3,}")


def as_typed(activity: Mapping[str, Json]) -> str:
    """Return the words of a message without the mentions that call the bot, and with names for the others."""
    text = activity.get("text")
    words = text if isinstance(text, str) else ""
    for name in _called(activity):
        words = words.replace(name, " ")
    if activity.get("textFormat") in _MARKUP:
        words = from_html(words)
    else:
        words = _AT.sub(lambda found: unescape(found["name"]), words)
    words = words.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    return "\n".join(line.strip() for line in words.split("\n")).strip()


def from_html(html: str) -> str:
    """Return the words of *html*, a line for each paragraph; nothing of it is markup any more."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.found).split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def _called(activity: Mapping[str, Json]) -> list[str]:
    """Return the words by which the message mentions the bot, as they stand in its text."""
    recipient = activity.get("recipient")
    own = recipient.get("id") if isinstance(recipient, dict) else None
    entities = activity.get("entities")
    mentions = [each for each in entities if isinstance(each, dict)] if isinstance(entities, list) else []
    return [
        each["text"]
        for each in mentions
        if each.get("type") == "mention" and isinstance(each.get("text"), str) and each["text"]
        if isinstance(each.get("mentioned"), dict) and own and each["mentioned"].get("id") == own
    ]


class _Words(HTMLParser):
    """Collects what can be read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._hidden += 1
        elif tag in _BREAKS:
            self.found.append("\n")
        elif tag in ("emoji", "img") and (words := dict(attrs).get("alt")):
            self.found.append(words)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._hidden = max(self._hidden - 1, 0)
        elif tag in _BREAKS and tag != "br":
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.found.append(data.replace("\n", " "))
