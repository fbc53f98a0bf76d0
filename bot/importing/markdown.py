"""Read a policy from Markdown: its headings, lists, tables and paragraphs, without the marks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

from bot.domain.policy_form import Paragraph, Style
from bot.importing.document import Document, Marker, counted, document, marker

_HEADING = re.compile(r"#{1,6}(?=\s)")
_UNDERLINE = re.compile(r"(?:=+|-{2,})")
_BOLD = re.compile(r"(\*\*|__)(?P<words>[^*_]+)\1")
_ROW = re.compile(r"\|.*\|")
_ROW_RULE = re.compile(r"\|[\s:|-]+\|")
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_LINK = re.compile(r"!?\[(?P<words>[^\[\]]{0,500})\]\((?P<to>[^()\s]{0,500})(?:\s+\"[^\"]{0,500}\")?\)")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^>\s]+)>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|_{1,3})(?=\S)(.{1,500}?)(?<=\S)\1(?!\w)|(`+)(.{1,500}?)\3")
_FENCE = re.compile(r"(?:```|~~~).*")
_DEEPEST_EMPHASIS = 3
# Signs that were escaped are kept out of the way of everything else for a while.
_ASIDE = 0xE000


def read_markdown(text: str) -> Document:
    """Return what *text* holds."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT.match(text)
    kept, comments = _without_comments(text[front.end() :] if front else text)
    left_out = (*(["the front matter"] if front else ()), *(["comments"] if comments else ()))
    reading = _Reading()
    for line in kept.split("\n"):
        reading.take(line)
    found = [(replace(each, text=_bare(each.text)), kind) for each, kind in reading.found]
    return document(found, reading.counts, left_out)


def _without_comments(text: str) -> tuple[str, bool]:
    """Return *text* without what only its writers see, and whether there was any."""
    first, *rest = text.split("<!--")
    closed = [each.partition("-->") for each in rest]
    return first + "".join(after if end else f"<!--{inside}" for inside, end, after in closed), any(
        end for _, end, _ in closed
    )


class _Reading:
    """Gather paragraphs, line by line."""

    def __init__(self) -> None:
        self.found: list[tuple[Paragraph, Marker]] = []
        self.counts = 0
        self._open = False

    def take(self, line: str) -> None:
        words = line.strip().removeprefix("> ").strip() if line.lstrip().startswith(">") else line.strip()
        if not words or _FENCE.fullmatch(words):
            self._open = False
        elif heading := _HEADING.match(words):
            self._add(Paragraph(words.strip("#").strip(), Style.HEADING, heading.end()))
        elif self._open and _UNDERLINE.fullmatch(words) and self.found[-1][1] is Marker.NONE:
            level = 1 if words.startswith("=") else 2
            self.found[-1] = (replace(self.found[-1][0], style=Style.HEADING, level=level), Marker.NONE)
            self._open = False
        elif _ROW.fullmatch(words):
            self._take_row(words)
        else:
            self._take_words(words)

    def _take_row(self, row: str) -> None:
        if not _ROW_RULE.fullmatch(row):
            for cell in re.split(r"(?<!\\)\|", row.strip("|")):
                self._add(Paragraph(cell.strip()))

    def _take_words(self, words: str) -> None:
        kind, rest = marker(words)
        if bold := _BOLD.fullmatch(words):
            rest_of_bold = bold["words"].strip()
            style = Style.PLAIN if rest_of_bold.endswith((".", ":", "!", "?")) else Style.HEADING
            self._add(Paragraph(rest_of_bold, style), is_open=False)
        elif self._open and kind is Marker.NONE:
            last, its_kind = self.found[-1]
            self.found[-1] = (replace(last, text=f"{last.text} {words}"), its_kind)
        else:
            self.counts += counted(words)
            self._add(Paragraph(rest), kind, is_open=True)

    def _add(self, paragraph: Paragraph, kind: Marker = Marker.NONE, *, is_open: bool = False) -> None:
        self.found.append((paragraph, kind))
        self._open = is_open


def _bare(text: str) -> str:
    """Return *text* without marks; where a link leads to is kept in brackets."""
    text = _ESCAPE.sub(lambda found: chr(_ASIDE + ord(found[1])), text)
    text = _AUTOLINK.sub(r"\1", _LINK.sub(lambda found: " ".join(_link(found)), text))
    text = html.unescape(_TAG.sub(" ", text))
    for _ in range(_DEEPEST_EMPHASIS):
        text = _EMPHASIS.sub(lambda found: found[2] or found[4], text)
    return "".join(chr(ord(sign) - _ASIDE) if _ASIDE <= ord(sign) < _ASIDE + 128 else sign for sign in text)


def _link(found: re.Match[str]) -> Iterator[str]:
    yield found["words"]
    if found["to"] and not found["to"].startswith("#") and found["to"] != found["words"]:
        yield f"({found['to']})"
