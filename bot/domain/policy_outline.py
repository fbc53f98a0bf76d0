"""What a school's document holds: its headings, what stands under them, and what is not the policy's own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.policy_form import Paragraph, Style
from bot.domain.policy_words import ends_sentence, flat, found_date, is_date, key

_PAGE_NUMBER = re.compile(r"(?:page\s*)?[-–—|]?\s*\d{1,3}(?:\s*(?:of|/)\s*\d{1,3})?\s*[-–—|]?", re.IGNORECASE)
_NAMES_ITS_PAGE = re.compile(r"\bpage\s*#|#\s*(?:/|of)\s*#", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:table of )?contents:?", re.IGNORECASE)
_PAGE = re.compile(r"(?:\d{1,3}|[ivx]{1,5})$")
_LEADS_TO_PAGE = re.compile(r"[\s.…]+\d{1,3}$")
_ENDS_IN_PAGE = re.compile(r"[^\d\W].*\s\d{1,3}$")
_FEWEST_LISTED = 3
_LONGEST_LISTED = 150
_FEWEST_REPEATED = 3
_LONGEST_HEADING = 70
_MOST_WORDS_OF_A_HEADING = 10
_MOST_WORDS_OF_A_STYLED_HEADING = 25
# A list whose bullets were lost looks like headings one after the other.
_MOST_HEADINGS_IN_A_ROW = 2
_NO_HEADING = re.compile(r"[.!?:;,]$|@|https?://|^[^\w\"'“‘]*[a-z]")
# In policy.md a dash before the words makes a point of them.
_DASHES = re.compile(r"(?:-+\s+)+")
_TITLE = 1


@dataclass(frozen=True, slots=True)
class Section:
    """Hold a heading and the paragraphs up to the next one; what comes before the first heading has none."""

    heading: str
    level: int
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Hold what of the present policy helps to read the next one.

    Attributes:
        levels: key of a heading, in small letters, to its level.
        is_text: whether some words are those of whole clauses, nothing less and nothing more.
        spans: whether a clause begins in the first text and goes on in the second.
    """

    levels: Mapping[tuple[str, ...], int]
    is_text: Callable[[str], bool]
    spans: Callable[[str, str], bool]

    def level(self, text: str) -> int:
        """Return the level of a heading of the present policy, 0 for other words."""
        return self.levels.get(heading_key(text), 0)


@dataclass(frozen=True, slots=True)
class Outline:
    """Hold what was found.

    Attributes:
        left_out: what is not the policy's own words, each as a sentence for the person who imports it.
        doubtful: where it had to be guessed, likewise.
    """

    sections: tuple[Section, ...]
    left_out: tuple[str, ...]
    doubtful: tuple[str, ...]


def heading_key(text: str) -> tuple[str, ...]:
    """Return what two headings share that are the same but for capitals, quotes and dashes."""
    return tuple(word.casefold() for word in key(text))


def outline(paragraphs: Sequence[Paragraph], known: Known) -> Outline:
    """Return the headings of a document with what stands under each."""
    own, left_out = _sifted(paragraphs, known)
    joined = _joined([replace(each, text=_bare(each.text)) for each in own], known)
    styled, doubtful = _styled(joined, known)
    return Outline(tuple(_sections(styled, known)), tuple(left_out), tuple(doubtful))


# What is not the policy's own words ----------------------------------------------------------------


def _sifted(paragraphs: Sequence[Paragraph], known: Known) -> tuple[list[Paragraph], list[str]]:
    contents = _contents(paragraphs)
    running = _running(paragraphs, known)
    own, left_out = list[Paragraph](), list[str]()
    if contents:
        left_out.append(f"the list of contents, {len(contents)} lines")
    for number, paragraph in enumerate(paragraphs):
        text = flat(paragraph.text)
        if number in contents or not text:
            continue
        if number in running:
            left_out.append(f'at the edge of a page: "{text}"')
        elif paragraph.style is Style.PLAIN and _PAGE_NUMBER.fullmatch(text):
            left_out.append(f'a page number: "{text}"')
        elif not any(sign.isalnum() for sign in text):
            left_out.append(f'signs without a word: "{text[:20]}"')
        else:
            own.append(paragraph)
    return own, left_out


def _bare(text: str) -> str:
    words = flat(text)
    dashes = _DASHES.match(words)
    return words[dashes.end() :] if dashes else words


def _contents(paragraphs: Sequence[Paragraph]) -> set[int]:
    """Return the places of the list of contents and of its heading."""
    found = set[int]()
    texts = [each.text.strip() for each in paragraphs]
    places = dict[tuple[str, ...], int]()
    places.update((heading_key(flat(text)), place) for place, text in enumerate(texts))
    for place, text in enumerate(texts):
        if place in found or (place and place - 1 in found):
            continue
        named = _CONTENTS.fullmatch(text) is not None
        stop = place + named
        while stop < len(texts) and (
            not texts[stop] or _has_page(texts[stop]) or (named and _is_listed(texts[stop], stop, places))
        ):
            stop += 1
        listed = [each for each in range(place + named, stop) if texts[each]]
        if listed and (named or len(listed) >= _FEWEST_LISTED):
            found.update(range(place, listed[-1] + 1))
    return found


def _has_page(text: str) -> bool:
    """Tell whether *text* ends in the number of a page, with a tab, dots or a gap before it."""
    before = _PAGE.sub("", text)
    parted = before.endswith(("\t", "  ")) or before.rstrip().endswith(("...", "…", ". ."))
    return before != text and parted and any(sign.isalnum() for sign in before)


def _is_listed(text: str, place: int, places: Mapping[tuple[str, ...], int]) -> bool:
    """Tell whether *text*, below the word Contents, ends in a page's number or stands again further down."""
    if len(text) > _LONGEST_LISTED:
        return False
    words = _LEADS_TO_PAGE.sub("", flat(text))
    return places.get(heading_key(words), -1) > place or _ENDS_IN_PAGE.search(text) is not None


def _running(paragraphs: Sequence[Paragraph], known: Known) -> set[int]:
    """Return the places of what stands at the top or bottom of every page."""
    places = dict[str, list[int]]()
    for place, each in enumerate(paragraphs):
        if each.style is Style.PLAIN and 0 < len(each.text) <= _LONGEST_HEADING and not known.is_text(flat(each.text)):
            places.setdefault(re.sub(r"\d+", "#", flat(each.text)), []).append(place)
    edges = {at for place, each in enumerate(paragraphs) if each.new_page for at in (place - 1, place)}
    found = set[int]()
    for words, alike in places.items():
        at_edges = sum(place in edges for place in alike) >= len(alike) - 1
        if len(alike) >= _FEWEST_REPEATED and (at_edges or _NAMES_ITS_PAGE.search(words)):
            found.update(alike)
    return found


# Paragraphs that a page or a line broke ------------------------------------------------------------


def _joined(paragraphs: Sequence[Paragraph], known: Known) -> list[Paragraph]:
    """Return *paragraphs*, with those that go on in the middle of a sentence as one (G40)."""
    joined = list[Paragraph]()
    for each in paragraphs:
        if joined and _goes_on(joined[-1], each, known):
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text} {each.text}")
        else:
            joined.append(each)
    return joined


def _goes_on(before: Paragraph, after: Paragraph, known: Known) -> bool:
    if Style.HEADING in (before.style, after.style) or after.style is Style.POINT or ends_sentence(before.text):
        return False
    if known.level(before.text) or is_date(before.text) or known.level(after.text) or known.is_text(after.text):
        return False
    return after.text[:1].islower() or known.spans(before.text, after.text)


# Headings ------------------------------------------------------------------------------------------


def _styled(paragraphs: Sequence[Paragraph], known: Known) -> tuple[list[Paragraph], list[str]]:
    """Return *paragraphs* with every heading marked as one, and what had to be guessed."""
    says = any(each.style is Style.HEADING for each in paragraphs)
    styled, doubtful = list[Paragraph](), list[str]()
    short = [not says and _may_be_heading(each, known) for each in paragraphs]
    for place, each in enumerate(paragraphs):
        guess = short[place] and _stands_alone(place, short, paragraphs)
        if each.style is Style.HEADING and _is_no_heading(each.text, known):
            styled.append(replace(each, style=Style.PLAIN, level=0))
            if not known.is_text(each.text):
                doubtful.append(f'styled as a heading, but taken as text: "{_shown(each.text)}"')
        elif each.style is Style.PLAIN and (known.level(each.text) or guess):
            styled.append(replace(each, style=Style.HEADING))
            if not known.level(each.text):
                doubtful.append(f'taken as a heading: "{_shown(each.text)}"')
        elif short[place] and _follows_lead_in(place, short, paragraphs):
            styled.append(replace(each, style=Style.POINT))
            doubtful.append(f'taken as a point of a list: "{_shown(each.text)}"')
        else:
            styled.append(each)
            if short[place]:
                doubtful.append(f'neither a heading nor a sentence, taken as a clause: "{_shown(each.text)}"')
    return styled, doubtful


def _may_be_heading(paragraph: Paragraph, known: Known) -> bool:
    text = paragraph.text
    return (
        paragraph.style is Style.PLAIN
        and len(text) <= _LONGEST_HEADING
        and len(text.split()) <= _MOST_WORDS_OF_A_HEADING
        and not _NO_HEADING.search(text)
        and not found_date(text)
        and not known.is_text(text)
    )


def _stands_alone(place: int, short: Sequence[bool], paragraphs: Sequence[Paragraph]) -> bool:
    """Tell whether a short line has text below it, with one more short line between at the most, or is the first."""
    start, stop = _row(place, short)
    if stop == len(short):
        return False
    if start and paragraphs[start - 1].text.endswith(":"):
        return place == stop - 1 and stop - start > 1 and paragraphs[stop].style is Style.PLAIN
    return stop - start <= _MOST_HEADINGS_IN_A_ROW or place in (0, stop - 1)


def _follows_lead_in(place: int, short: Sequence[bool], paragraphs: Sequence[Paragraph]) -> bool:
    start, _ = _row(place, short)
    return start > 0 and paragraphs[start - 1].text.endswith(":")


def _row(place: int, short: Sequence[bool]) -> tuple[int, int]:
    start = stop = place
    while start and short[start - 1]:
        start -= 1
    while stop < len(short) and short[stop]:
        stop += 1
    return start, stop


def _is_no_heading(text: str, known: Known) -> bool:
    too_long = len(text.split()) > _MOST_WORDS_OF_A_STYLED_HEADING
    return not known.level(text) and (too_long or is_date(text) or known.is_text(text))


def _sections(paragraphs: Sequence[Paragraph], known: Known) -> Iterator[Section]:
    heading, level, under = "", 0, list[Paragraph]()
    title = _has_title(paragraphs, known)
    for place, each in enumerate(paragraphs):
        if each.style is Style.HEADING:
            if heading or under:
                yield Section(heading, level, tuple(under))
            heading, under = each.text, []
            level = _TITLE if place == 0 and title else _level(each, known)
        else:
            under.append(each)
    if heading or under:
        yield Section(heading, level, tuple(under))


def _level(heading: Paragraph, known: Known) -> int:
    return max(2, known.level(heading.text) or min(heading.level, 4))


def _has_title(paragraphs: Sequence[Paragraph], known: Known) -> bool:
    """Tell whether the document begins with its title, and not with its first section."""
    headings = [place for place, each in enumerate(paragraphs) if each.style is Style.HEADING]
    if not headings or headings[0] != 0:
        return False
    first = paragraphs[0]
    if known.level(first.text) == _TITLE:
        return True
    levels = [paragraphs[place].level for place in headings]
    if first.level == _TITLE and levels.count(_TITLE) == 1 and len(levels) > 1:
        return True
    under = paragraphs[1 : headings[1]] if len(headings) > 1 else ()
    return len(headings) > 1 and first.level <= _TITLE and all(len(each.text) <= _LONGEST_HEADING for each in under)


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST_HEADING else f"{text[:_LONGEST_HEADING]}…"
