"""The text of a message as Teams sends it, and as the person typed it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from html.parser import HTMLParser
from itertools import islice

from bot.conversation.events import Json
from bot.platforms.reading import as_mapping

_MARKUP = ("xml", "html")
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre"})
_UNSEEN = frozenset({"script", "style"})
_AT = re.compile(r"<at(?:\s[^<>]*)?>(?P<name>[^<>]*)</at>", re.IGNORECASE)
# Nobody may mention so many; each is looked for in all of the text.
_MOST_MENTIONS = 100
_AFTER_A_CALL = ("&nbsp;", ",", ":", "")
_EMPTY_LINES = re.compile(r"\n{3,}")
# Python's reader looks through all that follows for the end of whatever only begins like markup.
_READ_WHOLE = 2_000
_DECLARED = re.compile(r"<[!?][^<>]*>")
# It does not take these at all: only those of Word, which are among what is declared.
_SECTION = re.compile(r"<!\[[^<>]*>|<(?=!\[)")
_LOOSE = re.compile(r"<(?!/?[a-zA-Z][^<>]*>)")


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
    whole = _SECTION.sub(lambda found: "" if len(found[0]) > 1 else "&lt;", html)
    reader.feed(whole if len(whole) <= _READ_WHOLE else _tags_alone(whole))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.found).split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def _tags_alone(html: str) -> str:
    """Return *html* with no markup but whole tags, so that reading it takes no longer than it is long."""
    first, *rest = html.split("<!--")
    seen = first + "".join(each.partition("-->")[2] for each in rest)
    return _LOOSE.sub("&lt;", _DECLARED.sub("", seen))


def _mentions(activity: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield each mention as it stands in the text, and what is read in its place: nothing where it calls the bot."""
    own = as_mapping(activity.get("recipient")).get("id")
    entities = activity.get("entities")
    for each in islice(map(as_mapping, entities if isinstance(entities, list) else ()), _MOST_MENTIONS):
        mentioned, text = as_mapping(each.get("mentioned")), each.get("text")
        if each.get("type") != "mention":
            continue
        # Teams leaves the text out where the name has an ampersand in it.
        stands = text if isinstance(text, str) and text else f"<at>{mentioned.get('name')}</at>"
        if own and mentioned.get("id") == own:
            yield from ((stands + after, " ") for after in _AFTER_A_CALL)
        elif found := _AT.fullmatch(stands):
            yield stands, found["name"] if activity.get("textFormat") in _MARKUP else unescape(found["name"])


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
