"""What a card says, as elements of an Adaptive Card: words stand only in text runs, which hold raw characters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import assert_never

from bot.conversation.cards import (
    Block,
    Bold,
    Bullets,
    Facts,
    Link,
    Mention,
    Moment,
    Notice,
    Paragraph,
    Quote,
    Span,
    Tone,
    span_text,
)
from bot.conversation.events import Json
from bot.platforms.literal import BLANK, cleaned, compact, is_blank, parts

BULLET = "• "
CLOSE = "small"
LONGEST_URL = 3_000
MARKS = {Tone.URGENT: "🚨 ", Tone.WARNING: "⚠️ ", Tone.GOOD: "✅ ", Tone.INFO: "ℹ️ "}

_ROOM = 3_000
_SHORT = 300
_STYLES = {Tone.URGENT: "attention", Tone.WARNING: "warning", Tone.GOOD: "good", Tone.INFO: "accent"}
# Other kinds of address stay words: a message that Teams might refuse is worse than one without a link.
_ADDRESS = re.compile(r"(?:https?://|mailto:)[!-~]+")
# Clients turn {{DATE(…)}} and {{TIME(…)}} in a text run into a local date; a seam between the braces keeps them words.
_STAMP = re.compile(r"(?<=\{)(?=\{(?:DATE|TIME)\()", re.IGNORECASE)


def weight(value: Json) -> int:
    """Return how many characters *value* has as JSON with every other letter escaped.

    Teams counts the bytes of UTF-16, other services those of UTF-8; twice this number is above both.
    """
    return len(compact(value))


def heading(title: str) -> list[Json]:
    """Return *title* in large letters; nothing for a blank one."""
    words = cleaned(title)
    return [] if is_blank(words) else [_text(part) for part in _fitted([_run(words, size="large", weight="bolder")])]


def body(blocks: Iterable[Block]) -> list[Json]:
    """Return *blocks* as elements, in order; a long one takes several."""
    return [drawn for block in blocks for drawn in _block(block)]


def numbered(lines: Iterable[tuple[int, str]], id: str) -> list[Json]:
    """Return *lines* with their numbers: the whole words of labels that are too long to be drawn.

    The elements are called *id* with a number of their own, so that they can be told from what a card says.
    """
    drawn = [element for number, words in lines for element in _text_blocks((f"{number}. {words}",), CLOSE)]
    return [{**element, "id": f"{id}-{number}"} for number, element in enumerate(drawn, start=1)]


def small_print(words: str) -> Json:
    """Return *words* of the program as a line under a question."""
    return _text([_run(words, isSubtle=True, size="small")], CLOSE)


def chosen(label: str) -> Json:
    """Return the line that takes the place of the buttons of a question that was answered by *label*."""
    return _text([_run(f"→ {cleaned(label)}", italic=True)])


def _block(block: Block) -> list[Json]:
    match block:
        case Paragraph(spans):
            return _text_blocks(spans)
        case Notice(spans, tone):
            return _notice(spans, tone)
        case Bullets(items):
            return _close([element for item in items for element in _bullet(item)])
        case Facts(rows):
            return _close([each for row in rows for each in _text_blocks((Bold(f"{row.label}: "), *row.value))])
        case Quote(text, source):
            return _quote(text, source)
        case _:
            assert_never(block)


def _notice(spans: tuple[Span, ...], tone: Tone) -> list[Json]:
    said = _fitted(_runs(spans)) or [[_run(BLANK)]]
    return [
        _container(_STYLES[tone], [_text([_run(MARKS[tone]), *part] if number == 0 else part)])
        for number, part in enumerate(said)
    ]


def _bullet(item: tuple[Span, ...]) -> list[Json]:
    """Return the line; what of it is too long for one element goes on below its bullet."""
    said = _fitted(_runs(item) or [_run(BLANK)])
    return [_text([_run(BULLET), *part] if number == 0 else part) for number, part in enumerate(said)]


def _close(lines: list[Json]) -> list[Json]:
    """Return *lines* with less room between them than there is between blocks."""
    return [{**line, "spacing": CLOSE} if number else line for number, line in enumerate(lines)]


def _quote(text: str, source: str) -> list[Json]:
    words, where = cleaned(text), cleaned(source)
    said = [_text(part) for part in _fitted([_run(BLANK if is_blank(words) else words)])]
    if is_blank(where):
        return [_container("emphasis", [each]) for each in said]
    told = [_text(part, CLOSE) for part in _fitted([_run(f"— {where}", italic=True, isSubtle=True)])]
    if len(where) <= _SHORT:
        return [*(_container("emphasis", [each]) for each in said[:-1]), _container("emphasis", [said[-1], *told])]
    return [_container("emphasis", [each]) for each in (*said, *told)]


def _text_blocks(spans: Iterable[Span], spacing: str = "") -> list[Json]:
    return [_text(part, spacing) for part in _fitted(_runs(spans))]


def _runs(spans: Iterable[Span]) -> list[Json]:
    """Return *spans* as runs: none where there is no text, a dash where none of it can be seen."""
    runs = [run for span in spans if (run := _span(span))["text"]]
    if runs and is_blank("".join(run["text"] for run in runs)):
        return [_run(BLANK)]
    return _merged(runs)


def _span(span: Span) -> Json:
    text = cleaned(span_text(span))
    match span:
        case Bold() | Mention():
            return _run(text, weight="bolder")
        case Link(_, url) if _ADDRESS.fullmatch(url) and len(url) <= LONGEST_URL and not is_blank(text):
            return _run(text, selectAction={"type": "Action.OpenUrl", "url": url})
        case str() | Moment() | Link():
            return _run(text)
        case _:
            assert_never(span)


def _merged(runs: Iterable[Json]) -> list[Json]:
    """Return *runs* with neighbours of one look as one."""
    merged: list[Json] = []
    for run in runs:
        if merged and {**merged[-1], "text": ""} == {**run, "text": ""}:
            merged[-1] = {**run, "text": merged[-1]["text"] + run["text"]}
        else:
            merged.append(run)
    return merged


def _fitted(runs: list[Json]) -> list[list[Json]]:
    """Return *runs* in parts that one element can hold each; words are counted across runs."""
    if not runs:
        return []
    whole = "".join(run["text"] for run in runs)
    seams = list(parts(whole, _ROOM))
    if seams == [slice(0, len(whole))] and "{{" not in whole:
        return [runs]
    return [[piece for run in _cut(runs, part) for piece in _parted_stamps(run)] for part in seams]


def _cut(runs: list[Json], part: slice) -> list[Json]:
    cut, at = [], 0
    for run in runs:
        words = run["text"][max(part.start - at, 0) : max(part.stop - at, 0)]
        if words:
            cut.append({**run, "text": words})
        at += len(run["text"])
    return cut


def _parted_stamps(run: Json) -> list[Json]:
    if "{{" not in run["text"]:
        return [run]
    return [{**run, "text": piece} for piece in _STAMP.split(run["text"])]


def _run(text: str, **look: Json) -> Json:
    return {"type": "TextRun", "text": text, **look}


def _text(runs: list[Json], spacing: str = "") -> Json:
    return {"type": "RichTextBlock", "inlines": runs, **({"spacing": spacing} if spacing else {})}


def _container(style: str, items: list[Json]) -> Json:
    return {"type": "Container", "style": style, "items": items}
