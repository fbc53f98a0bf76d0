"""A school's document as it was read, and what stands before a paragraph: bullets, numbers, letters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.policy_form import Paragraph, Style

_SIGN = re.compile(r"(?:[-–—*+•·‣◦▪▫●○■□➢✓✔§\uf0b7\uf0a7\uf0d8]|o(?=\t))(?:\s+|$)")
_LETTER = re.compile(r"(?:\((?:[a-z]|[ivx]{1,5})\)|(?:[a-z]|[ivx]{1,5})\)|(?:[a-z]|[ivx]{2,5})\.)\s+")
_LEVELS = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,3}[.)]?\s+")
_NUMBER = re.compile(r"\(?\d{1,2}[.)]\s+")


class Unreadable(ValueError):
    """The file can't be read; its text says why, in words that follow the file's name."""


@dataclass(frozen=True, slots=True)
class Document:
    """Hold what a file holds.

    Attributes:
        own_form: the text of a ``policy.md`` with ids, or "" for any other document.
        left_out: what was not read, each as a few words.
    """

    paragraphs: tuple[Paragraph, ...] = ()
    own_form: str = ""
    left_out: tuple[str, ...] = ()


class Marker(StrEnum):
    """What stands before the words of a paragraph."""

    NONE = ""
    BULLET = "bullet"
    NUMBER = "number"
    LEVELS = "number of several levels"


def marker(line: str) -> tuple[Marker, str]:
    """Return what stands before the words of *line*, and the words."""
    for pattern, kind in (
        (_SIGN, Marker.BULLET), (_LEVELS, Marker.LEVELS), (_NUMBER, Marker.NUMBER), (_LETTER, Marker.BULLET)
    ):  # fmt: skip
        if found := pattern.match(line):
            return kind, line[found.end() :].lstrip()
    return Marker.NONE, line


def counted(line: str) -> bool:
    """Tell whether a number or a letter stands before the words of *line*."""
    kind, _ = marker(line)
    return kind in (Marker.NUMBER, Marker.LEVELS) or _LETTER.match(line) is not None


def document(found: Iterable[tuple[Paragraph, Marker]], counts: int, left_out: Iterable[str] = ()) -> Document:
    """Return the paragraphs of a file; numbers one after the other are a list, a single one is a heading's.

    *counts* is how many numbers and letters stood before paragraphs.
    """
    marked = list(found)
    paragraphs = [_styled(marked, place) for place in range(len(marked))]
    numbers = (f"{counts} numbers or letters before paragraphs",) if counts else ()
    return Document(tuple(paragraphs), left_out=(*left_out, *numbers))


def _styled(marked: list[tuple[Paragraph, Marker]], place: int) -> Paragraph:
    paragraph, kind = marked[place]
    near = [marked[at][1] for at in (place - 1, place + 1) if 0 <= at < len(marked)]
    listed = Marker.NUMBER in near or (place > 0 and marked[place - 1][0].text.endswith(":"))
    if kind is Marker.BULLET or (kind is Marker.NUMBER and listed):
        return replace(paragraph, style=Style.POINT)
    return paragraph
