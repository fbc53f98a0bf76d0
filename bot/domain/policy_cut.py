"""Cut the words of a document into clauses: where the present policy has the same words, as that one does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.domain.policy_form import Entry, Mark, Style
from bot.domain.policy_outline import Section
from bot.domain.policy_words import Key, ends_sentence, key, sentence_ends


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold some words of the next policy: those of a clause, or a sentence that the present policy does not have.

    Attributes:
        section: the number of its section in the document.
        paragraph: the number of its paragraph in the document.
        point: its paragraph is a point of a list.
        first: it begins its paragraph.
        known: the present policy has these very words.
    """

    text: str
    section: int
    paragraph: int
    point: bool
    first: bool
    known: bool


class KnownWords:
    """The words of the present policy's clauses, and of what belongs to no clause."""

    def __init__(self, present: Sequence[Entry]) -> None:
        self._by_first = dict[str, list[tuple[Key, bool]]]()
        texts = dict[Key, bool]()
        for each, following in pairwise((*present, Entry(Mark.HEADING, ""))):
            if each.mark is not Mark.HEADING and each.text:
                words = key(each.text)
                texts[words] = texts.get(words, False) or _is_cut_within(each, following)
        for words, is_open in texts.items():
            self._by_first.setdefault(words[0], []).append((words, is_open))

    def is_text(self, text: str) -> bool:
        """Tell whether *text* is whole clauses, nothing less and nothing more."""
        return all(known for _, known in self.cut(text))

    def spans(self, before: str, after: str) -> bool:
        """Tell whether a clause begins in *before* and goes on in *after*."""
        first = key(before)
        words = (*first, *key(after))
        return any(
            start + len(clause) > len(first) and words[start : start + len(clause)] == clause
            for start, word in enumerate(first)
            for clause, _ in self._by_first.get(word, ())
        )

    def cut(self, text: str) -> list[tuple[str, bool]]:
        """Return *text* in pieces, each with whether the present policy has these very words.

        Of all ways to cut it, this is the one that finds most words of the present policy; what lies between is cut
        by sentences. A clause that the present policy cuts off in mid-sentence may end in mid-sentence here too.
        """
        raw = text.split()
        words, ends = key(text), sentence_ends(raw)
        whole = frozenset(ends)
        best: dict[int, tuple[tuple[int, int], int, bool]] = {0: ((0, 0), 0, False)}
        following = iter(ends)
        end = 0
        for start in range(len(words)):
            if start not in best:
                continue
            while end <= start:
                end = next(following)
            (found, cuts), _, _ = best[start]
            options = [(stop, True) for stop in self._stops(words, start, whole)]
            for stop, known in ((end, False), *options):
                score = (found + (stop - start) * known, cuts - 1)
                if stop not in best or score > best[stop][0]:
                    best[stop] = (score, start, known)
        return list(_backwards(raw, best))[::-1]

    def _stops(self, words: Key, start: int, ends: frozenset[int]) -> Iterator[int]:
        for clause, is_open in self._by_first.get(words[start], ()):
            stop = start + len(clause)
            if words[start:stop] == clause and (is_open or stop in ends):
                yield stop


def pieces(sections: Sequence[Section], known: KnownWords) -> Iterator[Piece]:
    """Yield what stands under the headings, cut into pieces, in order."""
    under = ((section, paragraph) for section, each in enumerate(sections) for paragraph in each.paragraphs)
    for number, (section, paragraph) in enumerate(under):
        for place, (text, is_known) in enumerate(known.cut(paragraph.text)):
            yield Piece(text, section, number, paragraph.style is Style.POINT, place == 0, is_known)


def lists(units: Sequence[Piece]) -> Iterator[range]:
    """Yield the places of each list, its lead-in among them where it has one."""
    start = 0
    while start < len(units):
        stop = start
        while stop < len(units) and units[stop].point and units[stop].section == units[start].section:
            stop += 1
        if stop > start:
            yield range(start - has_lead_in(units, start), stop)
        start = max(stop, start + 1)


def has_lead_in(units: Sequence[Piece], start: int) -> bool:
    """Tell whether the list that begins at *start* is led in by what stands before it."""
    return start > 0 and units[start - 1].section == units[start].section and units[start - 1].text.endswith(":")


def _is_cut_within(each: Entry, following: Entry) -> bool:
    """Tell whether the present policy cuts between these two in mid-sentence."""
    goes_on = following.mark is not Mark.HEADING and not following.bullet and following.text[:1].islower()
    return goes_on and not ends_sentence(each.text)


def _backwards(raw: Sequence[str], best: dict[int, tuple[tuple[int, int], int, bool]]) -> Iterable[tuple[str, bool]]:
    stop = len(raw)
    while stop:
        _, start, known = best[stop]
        yield " ".join(raw[start:stop]), known
        stop = start
