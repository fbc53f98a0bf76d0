"""The written form of a policy, paragraph by paragraph: what goes into an import, and what `policy.md` holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.policy import AGAIN, MARK, NO_CLAUSE, paragraphs

_OWN_FORM = re.compile(r"^\[[A-Z][A-Z0-9]*-\d+(?: again)?\]\s", re.MULTILINE)
_BULLET = re.compile(r"-(?:\s+|$)")


class Style(StrEnum):
    """What a paragraph is in the school's document."""

    HEADING = "heading"
    POINT = "point of a list"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Hold one paragraph of the school's document.

    Attributes:
        text: its words, without bullet or number; a tab may part words of a table or of a contents list.
        level: of a heading, 1 for the title; 0 where the document does not say.
        new_page: it begins a page, as far as the document shows that.
    """

    text: str
    style: Style = Style.PLAIN
    level: int = 0
    new_page: bool = False


class Mark(StrEnum):
    """What a paragraph of ``policy.md`` is."""

    HEADING = "heading"
    CLAUSE = "clause"
    AGAIN = "again"
    NO_CLAUSE = "no clause"


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one paragraph of ``policy.md``.

    Attributes:
        id: of the clause that it is or repeats, else "".
        level: of a heading, else 0.
    """

    mark: Mark
    text: str
    id: str = ""
    bullet: bool = False
    level: int = 0


def is_own_form(text: str) -> bool:
    """Tell whether *text* is written as ``policy.md`` is, with the ids of its clauses."""
    return _OWN_FORM.search(text) is not None


def entries(text: str) -> Iterator[Entry]:
    """Yield what *text*, a ``policy.md`` without mistakes, holds besides its version and its runs."""
    for _, paragraph in paragraphs(text):
        if paragraph.startswith("#"):
            words = paragraph.lstrip("#")
            yield Entry(Mark.HEADING, words.strip(), level=len(paragraph) - len(words))
        elif marked := MARK.fullmatch(paragraph):
            yield _marked(marked["mark"].strip(), marked["words"].strip())


def written(version: str, parts: Iterable[Entry], runs: Iterable[tuple[str, ...]]) -> str:
    """Return *parts* as the text of a ``policy.md``."""
    ends = {run[0]: run[-1] for run in runs}
    lines = [f"Version: {version}"]
    for number, part in enumerate(parts):
        if part.mark is Mark.CLAUSE and part.id in ends:
            lines.append(f"Run: {part.id} to {ends[part.id]}")
        # The title stands above the version.
        lines.insert(0 if (number, part.level) == (0, 1) else len(lines), _line(part))
    return "\n\n".join(lines) + "\n"


def _marked(mark: str, words: str) -> Entry:
    bullet = _BULLET.match(words)
    text = words[bullet.end() :] if bullet else words
    if mark == NO_CLAUSE:
        return Entry(Mark.NO_CLAUSE, text, bullet=bullet is not None)
    kind = Mark.AGAIN if mark.endswith(AGAIN) else Mark.CLAUSE
    return Entry(kind, text, mark.removesuffix(AGAIN), bullet is not None)


def _line(part: Entry) -> str:
    words = f"- {part.text}" if part.bullet else part.text
    match part.mark:
        case Mark.HEADING:
            return f"{'#' * part.level} {part.text}"
        case Mark.CLAUSE:
            return f"[{part.id}] {words}"
        case Mark.AGAIN:
            return f"[{part.id}{AGAIN}] {words}"
        case Mark.NO_CLAUSE:
            return f"[{NO_CLAUSE}] {words}"
