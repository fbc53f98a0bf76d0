"""What a card says, as rich text: its elements hold the raw characters, so nothing that was typed can act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TypeVar, assert_never

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
    Row,
    Span,
    Tone,
    span_text,
)
from bot.conversation.events import Json
from bot.platforms.literal import BLANK, cleaned, is_blank, parts, size
from bot.platforms.slack.literal import plain_text, weight

Line = TypeVar("Line")

HEADER = 150
LONGEST_URL = 3_000
_ROOM = 2_600
_BLOCK = 3_000
# Other kinds of address stay words: a message that Slack might refuse is worse than one without a link.
_SCHEMES = ("http://", "https://", "mailto:")
_MARKS = {
    Tone.URGENT: "rotating_light",
    Tone.WARNING: "warning",
    Tone.GOOD: "white_check_mark",
    Tone.INFO: "information_source",
}


def heading(title: str) -> list[Json]:
    """Return *title* as a header where that shows it literally and whole, else in bold; nothing for a blank one."""
    words = cleaned(title)
    if is_blank(words):
        return []
    if size(words) <= HEADER and not any(each in words for each in "&<>\n"):
        return [{"type": "header", "text": plain_text(words)}]
    return [_rich(_section(part)) for part in _fitted(_elements((Bold(words),)))]


def body(blocks: Iterable[Block]) -> list[Json]:
    """Return *blocks* as rich text, in order; a long one takes several."""
    return [drawn for block in blocks for drawn in _block(block)]


def numbered(lines: Iterable[tuple[int, str]], block_id: str) -> list[Json]:
    """Return *lines* with their numbers: the whole words of labels that are too long to be drawn."""
    pieces = [part for number, words in lines for part in _fitted(_elements((f"{number}. {words}",)))]
    blocks = [_rich(_section(_on_lines(group))) for group in _packed(pieces)]
    return [{**block, "block_id": f"{block_id}.{number}"} for number, block in enumerate(blocks, start=1)]


def _block(block: Block) -> list[Json]:
    match block:
        case Paragraph(spans):
            return [_rich(_section(part)) for part in _fitted(_elements(spans))]
        case Notice(spans, tone):
            return _notice(spans, tone)
        case Bullets(items):
            return _bullets(items)
        case Facts(rows):
            return [_rich(_section(_on_lines(group))) for group in _packed(_rows(rows))]
        case Quote(text, source):
            return _quote(text, source)
        case _:
            assert_never(block)


def _notice(spans: tuple[Span, ...], tone: Tone) -> list[Json]:
    mark = [{"type": "emoji", "name": _MARKS[tone]}, _text(" ")]
    said = _fitted(_elements(spans))
    return [_rich(_section([*mark, *part] if part is said[0] else part)) for part in said]


def _bullets(items: tuple[tuple[Span, ...], ...]) -> list[Json]:
    """Return the list; what of an item is too long for one block goes on below its bullet."""
    lines = [
        (number == 0, _section(part))
        for item in items
        for number, part in enumerate(_fitted(_elements(item) or [_text(BLANK)]))
    ]
    return [_rich(*_listed(group)) for group in _packed(lines)]


def _listed(lines: list[tuple[bool, Json]]) -> Iterator[Json]:
    for has_bullet, group in groupby(lines, key=lambda line: line[0]):
        sections = [section for _, section in group]
        if has_bullet:
            yield {"type": "rich_text_list", "style": "bullet", "elements": sections}
        else:
            yield from sections


def _rows(rows: tuple[Row, ...]) -> list[list[Json]]:
    return [part for row in rows for part in _fitted(_elements((Bold(f"{row.label}:"), " ", *row.value)))]


def _quote(text: str, source: str) -> list[Json]:
    words = cleaned(text)
    said = [_text(BLANK if is_blank(words) else words)]
    if not is_blank(cleaned(source)):
        said.append(_text(f"\n— {cleaned(source)}", italic=True))
    return [_rich({"type": "rich_text_quote", "elements": part}) for part in _fitted(said)]


def _elements(spans: Iterable[Span]) -> list[Json]:
    """Return *spans* as elements: none where there is no text, a dash where none of it can be seen."""
    elements = [element for span in spans if (element := _element(span))["text"]]
    if elements and is_blank("".join(element["text"] for element in elements)):
        return [_text(BLANK)]
    return _merged(elements)


def _element(span: Span) -> Json:
    text = cleaned(span_text(span))
    match span:
        case Bold():
            return _text(text, bold=True)
        case Link(_, url) if url.startswith(_SCHEMES) and len(url) <= LONGEST_URL and not is_blank(text):
            return {"type": "link", "url": url, "text": text}
        case str() | Mention() | Moment() | Link():
            return _text(text)
        case _:
            assert_never(span)


def _text(text: str, **style: bool) -> Json:
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def _merged(elements: Iterable[Json]) -> list[Json]:
    """Return *elements* with neighbours of one look as one."""
    merged: list[Json] = []
    for element in elements:
        if merged and element["type"] == "text" and {**merged[-1], "text": ""} == {**element, "text": ""}:
            merged[-1] = {**element, "text": merged[-1]["text"] + element["text"]}
        else:
            merged.append(element)
    return merged


def _fitted(elements: list[Json]) -> list[list[Json]]:
    """Return *elements* in parts that one block can hold each; words are counted across elements."""
    whole = "".join(element["text"] for element in elements)
    return [_cut(elements, part) for part in parts(whole, _ROOM)] if elements else []


def _cut(elements: list[Json], part: slice) -> list[Json]:
    cut, at = [], 0
    for element in elements:
        words = element["text"][max(part.start - at, 0) : max(part.stop - at, 0)]
        if words:
            cut.append({**element, "text": words})
        at += len(element["text"])
    return cut


def _packed(lines: list[Line]) -> list[list[Line]]:
    """Return *lines* in groups that one block can hold each."""
    groups: list[list[Line]] = []
    used = 0
    for line in lines:
        cost = weight(line) + 1
        if not groups or used + cost > _BLOCK:
            groups.append([])
            used = 0
        groups[-1].append(line)
        used += cost
    return groups


def _on_lines(lines: list[list[Json]]) -> list[Json]:
    """Return the elements of *lines* with a line end between them."""
    broken = [element for line in lines for element in (_text("\n"), *line)]
    return _merged(broken[1:])


def _section(elements: list[Json]) -> Json:
    return {"type": "rich_text_section", "elements": elements}


def _rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}
