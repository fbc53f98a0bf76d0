"""Give each piece of the next policy a clause's id: its own, that of the clause which it rewords, or a new one."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from string import ascii_uppercase

from bot.domain.policy_cut import Piece, lists
from bot.domain.policy_form import Entry, Mark
from bot.domain.policy_outline import Section, heading_key
from bot.domain.policy_words import Key, is_date, key, likeness, sentence_ends

# Tried on edits of the policy of August 2017: with a quarter of its words changed 99 of 100 clauses are above the
# bound; of its 7,021 pairs of clauses 8 are, and 3 of them under another heading: they nearly repeat each other.
REWORDED = 0.5
_REWORDED_ELSEWHERE = 0.62
_NEARER_IN_PLACE = 0.05
_TOO_CLOSE = 0.05
_SENTENCES_OF_A_POINT = 2
_FEWEST_WORDS_REPEATED = 4
_HIGHEST = 99
_OF_NO_HEADING = "POL"
_SMALL_WORDS = frozenset(("A", "AN", "AND", "APPENDIX", "AT", "BY", "FOR", "FROM", "IN", "OF", "ON", "OR", "THE", "TO"))


@dataclass(frozen=True, slots=True)
class Named:
    """Hold a paragraph of the next policy.

    Attributes:
        id: of the clause that it is or repeats; "" where it belongs to no clause.
        was: the present words, where they are others.
    """

    piece: Piece
    mark: Mark
    id: str
    was: str = ""


@dataclass(frozen=True, slots=True)
class Present:
    """Hold what the present policy has.

    Attributes:
        placed: its paragraphs but for the headings, each with the heading above it.
        used: ids that no other clause may have, because they meant something once.
    """

    placed: tuple[tuple[Entry, str], ...]
    used: frozenset[str]

    @property
    def clauses(self) -> dict[str, tuple[str, str]]:
        """Return id to text and heading, in the order of the policy."""
        return {each.id: (each.text, heading) for each, heading in self.placed if each.mark is Mark.CLAUSE}


def placed(parts: Iterable[Entry]) -> Iterator[tuple[Entry, str]]:
    """Yield what stands under headings, each with its heading."""
    heading = ""
    for part in parts:
        if part.mark is Mark.HEADING:
            heading = part.text
        else:
            yield part, heading


def named(pieces: Sequence[Piece], sections: Sequence[Section], present: Present) -> tuple[list[Named], list[str]]:
    """Return *pieces* as clauses with their ids, and what a person should look at because it was guessed."""
    kept = _kept(pieces, sections, present)
    renamed = renamings({id: (heading,) for id, (_, heading) in present.clauses.items()}, _headings(kept, sections))
    reworded, doubtful = _reworded(kept, sections, present, renamed)
    units = _points(reworded)
    return _new(units, sections, present, renamed), doubtful


def renamings(before: Mapping[str, tuple[str, ...]], after: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return each heading that has another name now; *before* and *after* map an id to its headings.

    It has, where neither name is in the other policy and most clauses that stayed are under both.
    """
    old = {heading_key(heading): heading for headings in before.values() for heading in headings}
    new = {heading_key(heading): heading for headings in after.values() for heading in headings}
    common = Counter((before[id][0], after[id][0]) for id in before if id in after)
    froms = Counter(before[id][0] for id in before if id in after)
    tos = Counter(after[id][0] for id in before if id in after)
    return {
        one: other
        for (one, other), count in common.items()
        if heading_key(one) not in new
        and heading_key(other) not in old
        and 2 * count > froms[one]
        and 2 * count > tos[other]
    }


def _headings(units: Sequence[_Unit], sections: Sequence[Section]) -> dict[str, tuple[str, ...]]:
    return {each.id: (sections[each.piece.section].heading,) for each in units if each.mark is Mark.CLAUSE and each.id}


@dataclass(frozen=True, slots=True)
class _Unit:
    """Hold a piece on its way: without an id it is new, as far as is known."""

    piece: Piece
    mark: Mark = Mark.CLAUSE
    id: str = ""
    was: str = ""

    @property
    def free(self) -> bool:
        return not self.id and self.mark is not Mark.NO_CLAUSE


# Words that the present policy has -----------------------------------------------------------------


def _kept(pieces: Sequence[Piece], sections: Sequence[Section], present: Present) -> list[_Unit]:
    """Return *pieces* with the ids of those whose words are a clause's."""
    slots = dict[Key, list[tuple[Entry, str]]]()
    for entry, heading in present.placed:
        slots.setdefault(key(entry.text), []).append((entry, heading))
    in_list = _led_in(pieces)
    taken, units = set[str](), list[_Unit]()
    for place, piece in enumerate(pieces):
        fitting = slots.get(key(piece.text), []) if piece.known else []
        here = heading_key(sections[piece.section].heading)
        kept = _slot(fitting, here, taken, repeats=place not in in_list)
        if kept is None:
            units.append(_Unit(piece))
            continue
        mark = Mark.NO_CLAUSE if kept.mark is Mark.NO_CLAUSE else Mark.AGAIN if kept.id in taken else Mark.CLAUSE
        taken.add(kept.id)
        units.append(_Unit(replace(piece, text=kept.text), mark, kept.id))
    return units


def _slot(fitting: Sequence[tuple[Entry, str]], here: Key, taken: set[str], *, repeats: bool) -> Entry | None:
    """Return what of the present policy has these words, if there is something to be had.

    What stands under the same heading comes first, and a clause of its own before one to repeat.
    """
    own = [entry for entry, _ in fitting if entry.mark is Mark.CLAUSE and entry.id not in taken]
    again = [entry for entry, _ in fitting if entry.id in taken] if repeats else []
    outside = [entry for entry, _ in fitting if entry.mark is Mark.NO_CLAUSE]
    in_place = [entry for entry, heading in fitting if heading_key(heading) == here]
    near = [
        *(entry for entry in own if entry in in_place),
        *(entry for entry in again if entry in in_place and entry.mark is Mark.AGAIN),
    ]
    return next(iter((*near, *own, *outside, *again)), None)


def _led_in(pieces: Sequence[Piece]) -> set[int]:
    """Return the places of points of a list with a lead-in, where a repeated one would leave a gap."""
    return {place for each in lists(pieces) if not pieces[each.start].point for place in each}


# Words that are alike ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Match:
    """Hold how alike a clause that is gone and some new sentences are; *score* prefers the same place."""

    score: float
    id: str
    start: int
    stop: int

    def meets(self, other: _Match) -> bool:
        return self.start < other.stop and other.start < self.stop


def _reworded(
    units: Sequence[_Unit], sections: Sequence[Section], present: Present, renamed: Mapping[str, str]
) -> tuple[list[_Unit], list[str]]:
    """Return *units* with the ids of the clauses that they reword, each the sentences of one clause as one."""
    kept = {unit.id for unit in units}
    gone = {id: text for id, (text, _) in present.clauses.items() if id not in kept}
    headings = {id: heading_key(renamed.get(heading, heading)) for id, (_, heading) in present.clauses.items()}
    matches = sorted(_matches(units, sections, gone, headings), key=lambda each: (-each.score, each.start))
    chosen, doubtful = list[_Match](), list[str]()
    for match in matches:
        if any(match.id == other.id or match.meets(other) for other in chosen):
            continue
        rivals = [each for each in matches if each.score > match.score - _TOO_CLOSE and each.score <= match.score]
        if other := next((each.id for each in rivals if each.id != match.id and each.meets(match)), ""):
            doubtful.append(f"{match.id} in other words is as near to what was {other}")
        elif any(each.id == match.id and not each.meets(match) for each in rivals):
            doubtful.append(f"{match.id} in other words stands in two places; the first one has its id")
        chosen.append(match)
    starts = {match.start: match for match in chosen}
    inside = {place for match in chosen for place in range(match.start + 1, match.stop)}
    return [
        _together(units[place : starts[place].stop], starts[place].id, gone) if place in starts else unit
        for place, unit in enumerate(units)
        if place not in inside
    ], doubtful


def _matches(
    units: Sequence[_Unit], sections: Sequence[Section], gone: Mapping[str, str], headings: Mapping[str, Key]
) -> Iterator[_Match]:
    lengths = {id: len(sentence_ends(text.split())) for id, text in gone.items()}
    dates = {id for id, text in gone.items() if is_date(text)}
    for start, unit in enumerate(units):
        if not unit.free:
            continue
        here = heading_key(sections[unit.piece.section].heading)
        stop = start
        while stop < len(units) and units[stop].free and units[stop].piece.paragraph == unit.piece.paragraph:
            stop += 1
            words = " ".join(each.piece.text for each in units[start:stop])
            fitting = [id for id, length in lengths.items() if length >= stop - start]
            if not fitting:
                break
            dated = is_date(words)
            for id in fitting:
                near = headings[id] == here
                score = 1.0 if dated and id in dates else likeness(gone[id], words)
                if score >= (REWORDED if near else _REWORDED_ELSEWHERE):
                    yield _Match(score + near * _NEARER_IN_PLACE, id, start, stop)


def _together(units: Sequence[_Unit], id: str = "", gone: Mapping[str, str] | None = None) -> _Unit:
    """Return sentences as one clause."""
    text = " ".join(each.piece.text for each in units)
    return _Unit(replace(units[0].piece, text=text), id=id, was=(gone or {}).get(id, ""))


def _points(units: Sequence[_Unit]) -> list[_Unit]:
    """Return *units*, each new point of a list as one clause unless it says more than two things."""
    joined = list[_Unit]()
    start = 0
    while start < len(units):
        stop = start + 1
        while stop < len(units) and units[stop].piece.paragraph == units[start].piece.paragraph:
            stop += 1
        whole = units[start:stop]
        is_new = units[start].piece.point and all(each.free and not each.piece.known for each in whole)
        joined += [_together(whole)] if is_new and len(whole) == _SENTENCES_OF_A_POINT else whole
        start = stop
    return joined


# New words -----------------------------------------------------------------------------------------


def _new(
    units: Sequence[_Unit], sections: Sequence[Section], present: Present, renamed: Mapping[str, str]
) -> list[Named]:
    """Return *units* with an id each; what repeats a clause word for word has that clause's."""
    numbers = _Numbers(present.used)
    prefixes = _Prefixes(units, sections, present, renamed, numbers)
    in_list = _led_in([unit.piece for unit in units])
    said, done = dict[Key, Named](), list[Named]()
    for place, unit in enumerate(units):
        words = key(unit.piece.text)
        first = said.get(words)
        if first and unit.free and place not in in_list and len(words) >= _FEWEST_WORDS_REPEATED:
            one = Named(replace(unit.piece, text=first.piece.text), Mark.AGAIN, first.id)
        elif unit.free:
            one = Named(unit.piece, Mark.CLAUSE, numbers.next(prefixes.at(place), sections[unit.piece.section].heading))
        else:
            one = Named(unit.piece, unit.mark, unit.id, unit.was)
        prefixes.took(place, one)
        if one.mark is Mark.CLAUSE:
            said.setdefault(words, one)
        done.append(one)
    return done


class _Numbers:
    """The numbers given so far; none is given twice, not even after its clause is gone."""

    def __init__(self, used: Iterable[str]) -> None:
        self._highest = Counter[str]()
        for id in used:
            prefix, _, number = id.rpartition("-")
            self._highest[prefix] = max(self._highest[prefix], int(number) if number.isdecimal() else 0)

    def next(self, prefix: str, heading: str) -> str:
        """Return a new id with that prefix, or with one more of the heading's where its numbers are used up."""
        if self._highest[prefix] >= _HIGHEST:
            prefix = next(each for each in _made(heading) if self._highest.get(each, 0) < _HIGHEST)
        self._highest[prefix] += 1
        return f"{prefix}-{self._highest[prefix]}"

    def unused(self, heading: str) -> str:
        """Return a prefix for a new section, and keep it for that one."""
        prefix = next(each for each in _made(heading) if each not in self._highest)
        self._highest[prefix] = 0
        return prefix


class _Prefixes:
    """Which prefix a new clause gets: that of its neighbours, of its heading before, or one made from its heading."""

    def __init__(
        self, units: Sequence[_Unit], sections: Sequence[Section], present: Present, renamed: Mapping[str, str],
        numbers: _Numbers,
    ) -> None:  # fmt: skip
        self._sections, self._units, self._numbers = sections, units, numbers
        now = {id: heading_key(renamed.get(heading, heading)) for id, (_, heading) in present.clauses.items()}
        self._own: dict[int, tuple[int, str]] = {}
        self._following: dict[int, list[str]] = {}
        for unit in units:
            here = unit.piece.section
            if unit.mark is Mark.CLAUSE and unit.id and now[unit.id] == heading_key(sections[here].heading):
                self._following.setdefault(here, []).append(_prefix(unit.id))
        claimed = {prefix for prefixes in self._following.values() for prefix in prefixes}
        self._before: dict[Key, list[str]] = {}
        for id, heading in now.items():
            if _prefix(id) not in claimed:
                self._before.setdefault(heading, []).append(_prefix(id))
        self._last: dict[int, str] = {}
        self._now = now

    def at(self, place: int) -> str:
        """Return the prefix for the new clause at *place*."""
        here = self._units[place].piece.section
        if here not in self._last:
            heading = self._sections[here].heading
            before = self._before.pop(heading_key(heading), [])
            made = (*self._following.get(here, []), *before)
            self._last[here] = made[0] if made else self._numbers.unused(heading)
        return self._last[here]

    def took(self, place: int, one: Named) -> None:
        """Keep which prefix the clause at *place* has, for the ones after it."""
        here = one.piece.section
        is_at_home = self._now.get(one.id, heading_key(self._sections[here].heading)) == heading_key(
            self._sections[here].heading
        )
        if one.mark is Mark.CLAUSE and is_at_home:
            self._last[here] = _prefix(one.id)


def _prefix(id: str) -> str:
    return id.rpartition("-")[0]


def _made(heading: str) -> Iterator[str]:
    """Yield prefixes of three letters for a heading, the most telling one first; they do not run out."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().upper()
    words = [word for word in re.findall(r"[A-Z][A-Z0-9]*", plain) if word not in _SMALL_WORDS] or [_OF_NO_HEADING]
    initials = "".join(word[0] for word in words)
    letters = "".join(words)
    tries = (words[0][:3], initials[:3], words[0][:2] + initials[1:2])
    yield from (each for each in tries if len(each) == 3)
    yield from ("".join((letters[0], one, other)) for one, other in combinations(letters[1:], 2))
    yield from ("".join(each) for each in product(ascii_uppercase, repeat=3))
