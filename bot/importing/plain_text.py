"""Read a policy from plain text, with or without lines broken at a margin."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from bot.domain.policy_form import Paragraph
from bot.domain.policy_words import ends_sentence
from bot.importing.document import Document, Marker, counted, document, marker

_WIDEST_MARGIN = 120
_WRAPPED = 0.25


def read_plain_text(text: str) -> Document:
    """Return what *text* holds; a line is a paragraph unless it was broken at the margin."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\f").split("\n")
    width = _margin(lines)
    found, counts = list[tuple[Paragraph, Marker]](), 0
    before, indent = "", 0
    for line in lines:
        words = line.strip()
        kind, rest = marker(words)
        deep = len(line) - len(line.lstrip())
        if not words:
            before = ""
        elif before and kind is Marker.NONE and _goes_on(before, words, width, deeper=deep > indent):
            last, its_kind = found[-1]
            found[-1] = (replace(last, text=f"{last.text} {words}"), its_kind)
        else:
            found.append((Paragraph(rest, new_page=line.startswith("\f")), kind))
            counts += counted(words)
            indent = deep if kind is not Marker.NONE else max(deep, len(line))
        before = line.rstrip() if words else ""
        if not words and line.startswith("\f"):
            found.append((Paragraph("", new_page=True), Marker.NONE))
    return document(found, counts)


def _margin(lines: list[str]) -> int:
    """Return where lines were broken, 0 where they were not."""
    width = max((len(line.rstrip()) for line in lines), default=0)
    followed = [(line.rstrip(), next_line.strip()) for line, next_line in pairwise(lines)]
    inner = [_is_full(line, following, width) for line, following in followed if line and following]
    return width if width <= _WIDEST_MARGIN and inner and sum(inner) >= _WRAPPED * len(inner) else 0


def _is_full(line: str, following: str, width: int) -> bool:
    return len(line) + 1 + len(following.split(maxsplit=1)[0]) > width


def _goes_on(before: str, words: str, width: int, *, deeper: bool) -> bool:
    return (deeper and not ends_sentence(before)) or bool(width and _is_full(before, words, width))
