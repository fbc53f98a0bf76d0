"""The text of a message as Teams sends it, and as the person typed it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from html.parser import HTMLParser

from bot.conversation.events import Json

_MARKUP = ("xml", "html")
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre"})
_UNSEEN = frozenset({"script", "style", "attachment"})
_AT = re.compile(r"<at(?:\s[^<>]*)?>(?P<name>[^<>]*)</at>", re.IGNORECASE)
_AFTER_A_CALL = ("&nbsp;", ",", ":", "")
_EMPTY_LINES = re.compile(r"\n{3,}")


def as_typed(activity: Mapping[str, Json]) -> str:
    """Return the words of a message without the mentions that call the bot, and with names for the others."""
    text = activity.get("text")
    words = text if isinstance(text, str) else ""
    for mention, read in _mentions(activity):
        words = words.replace(mention, read)
    if activity.get("textFormat") in _MARKUP:
        words = from_html(words)
    words = words.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    return "\n".join(line.strip() for line in words.split("\n")).strip()


def from_html(html: str) -> str:
    """Return the words of *html*, a line for each paragraph; nothing of it is markup any more."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.found).split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def _mentions(activity: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield each mention as it stands in the text, and what is read in its place: nothing where it calls the bot."""
    own = _mapping(activity.get("recipient")).get("id")
    entities = activity.get("entities")
    for each in map(_mapping, entities if isinstance(entities, list) else ()):
        mentioned, text = _mapping(each.get("mentioned")), each.get("text")
        if each.get("type") != "mention":
            continue
        # Teams leaves the text out where the name has an ampersand in it.
        stands = text if isinstance(text, str) and text else f"<at>{mentioned.get('name')}</at>"
        if own and mentioned.get("id") == own:
            yield from ((stands + after, " ") for after in _AFTER_A_CALL)
        elif found := _AT.fullmatch(stands):
            yield stands, found["name"] if activity.get("textFormat") in _MARKUP else unescape(found["name"])


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


class _Words(HTMLParser):
    """Collects what can be read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._hidden = 0
        self._link = (0, "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._hidden += 1
        elif tag in _BREAKS:
            self.found.append("\n")
        elif tag == "a":
            self._link = (len(self.found), dict(attrs).get("href") or "")
        elif tag in ("emoji", "img") and (words := dict(attrs).get("alt")):
            self.found.append(words)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._hidden = max(self._hidden - 1, 0)
        elif tag in _BREAKS and tag != "br":
            self.found.append("\n")
        elif tag == "a":
            (start, address), self._link = self._link, (0, "")
            if address.startswith("http") and address.rstrip("/") not in "".join(self.found[start:]):
                self.found.append(f" ({address})")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.found.append(data.replace("\n", " "))
