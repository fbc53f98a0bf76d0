"""Words on their way to a platform: always literal, never cut in silence, and parted where a reader would breathe."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator

from bot.conversation.events import Json

BLANK = "–"

_UNSENDABLE = re.compile("[\0\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?")
_UNSEEN = ("Cc", "Cf", "Zl", "Zp", "Zs")
_BREATHS = (re.compile(r"\n"), re.compile(r"[.!?…:;][\"'”’)\]]{0,3}\s"))
_GAP = re.compile(r"\s")
_JOINED_ON = ("Mn", "Me", "Mc", "Sk")
_JOINER = "\u200d"
_AS_CARRIED = json.JSONEncoder(separators=(",", ":"))
_CONTROL = re.compile("[\0-\x08\x0b-\x1f]")


def cleaned(text: str) -> str:
    """Return *text* without what no platform takes, and with one kind of line end."""
    if text.isascii() and "\r" not in text and "\0" not in text:
        return text
    return _LINE_ENDS.sub("\n", _UNSENDABLE.sub("", text))


def is_blank(text: str) -> bool:
    """Tell whether nothing of *text* can be seen."""
    return not text[:1].isalnum() and all(unicodedata.category(each) in _UNSEEN for each in text)


def size(text: str) -> int:
    """Return how many characters *text* has where many an emoji counts as two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def compact(value: Json) -> str:
    """Return *value* as JSON to be carried by a platform and given back unchanged, whatever characters are in it."""
    return _AS_CARRIED.encode(value)


def shortened(text: str, room: int) -> str:
    """Return *text*, or as much of it as fits with "…" behind it; for labels whose whole words stand elsewhere."""
    if size(text) <= room:
        return text
    end = room - 1
    while size(text[:end]) > room - 1:
        end -= 1
    return text[: _whole_letters(text, 0, end)].rstrip() + "…"


def parts(text: str, room: int) -> Iterator[slice]:
    """Yield where *text* is parted, so that each part weighs at most *room*.

    It is parted at a line end, a sentence end or a blank, and within a word only where the word alone is too long.
    Blanks at a seam belong to neither part.
    """
    if _surely_fits(text, room) or _reach(text, 0, room) == len(text):
        yield slice(0, len(text))
        return
    start = 0
    while start < len(text):
        end = _reach(text, start, room)
        if end < len(text):
            end = _seam(text, start, end)
        words = text[start:end]
        first = start + len(words) - len(words.lstrip()) if start else start
        if words.strip():
            yield slice(first, start + len(words.rstrip()))
        start = end


def _surely_fits(text: str, room: int) -> bool:
    """Tell at a glance, as most texts are short, whether *text* can't weigh more than *room*."""
    return len(text) * 2 <= room and not _CONTROL.search(text)


def _reach(text: str, start: int, room: int) -> int:
    """Return how far one can go from *start* within *room*, which has to hold one character at least."""
    used = 0
    for index in range(start, len(text)):
        used += _cost(text[index])
        if used > room:
            return index
    return len(text)


def _cost(letter: str) -> int:
    if letter in '\n\t"\\' or letter > "\uffff":
        return 2
    return 1 if letter >= " " else 6


def _seam(text: str, start: int, end: int) -> int:
    """Return the best place for a seam up to *end*; the gap at the seam may lie just behind it."""
    half = start + (end - start) // 2
    for breath in _BREATHS:
        if places := [found.end() for found in breath.finditer(text, half, end + 1)]:
            return places[-1]
    gaps = [found.end() for found in _GAP.finditer(text, start, end + 1)]
    return gaps[-1] if gaps else _whole_letters(text, start, end)


def _whole_letters(text: str, start: int, end: int) -> int:
    """Return *end*, or a place a little before it, so that no accent and no composed emoji is torn off."""
    for place in range(end, max(start, end - 20), -1):
        if place < len(text) and _continues(text, place):
            continue
        return place
    return end


def _continues(text: str, place: int) -> bool:
    letter = text[place]
    return letter == _JOINER or text[place - 1] == _JOINER or unicodedata.category(letter) in _JOINED_ON
