"""Whether a message needs a person now: signs that show together, and what makes them harmless (domain.md 2.3)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.domain.knowledge import IN_ORDER, Need, Signs
from bot.domain.words import Spelling, sentences, words

_QUESTION_WORDS = frozenset(
    {"who", "whose", "which", "what", "when", "where", "how", "can", "could", "may", "should"}
    | {"would", "do", "does", "did", "is", "are", "was", "am", "will"}
)
_START, _END, _ANY, _GAP = "^", "$", "*", "..."
_LONGEST_GAP = 6
_LETTERS = 2
_NEAR = 8
# Signs belong together within so many sentences; long ones are cut, and where there are very many, all are.
_TOGETHER = 3
_LONGEST_SENTENCE = 60
_MOST_SENTENCES = 300
_CUT = 20
# Short words are too near to each other: "nudge" is no nude.
_SHORTEST_MENDED = 6
_MOST_MENDED = 300


class _Spot(NamedTuple):
    """Hold where a sign shows: from word *start* up to, and without, word *end*."""

    sign: str
    start: int
    end: int


class Heard(NamedTuple):
    """Hold what makes a text urgent, and what it shows signs of though it may only ask about it."""

    need: Need | None
    spoken_of: Need | None


class Urgency:
    """Read messages for signs of an urgent need, in a time that grows no faster than the message."""

    def __init__(self, signs: Signs, spelling: Spelling) -> None:
        self._needs = signs.needs
        self._spelling = spelling
        self._shorthand = {typed: words(meant) for meant, ways in signs.shorthand.items() for typed in ways}
        self._telling = frozenset(names[0] for _, names in signs.needs)
        in_order = {name for _, names in signs.needs for name in names if IN_ORDER in name}
        self._orders = {name: tuple(name.split(IN_ORDER)) for name in sorted(in_order)}
        self._phrases = _Phrases(
            (name, self._parts(phrase)) for name, phrases in signs.signs.items() for phrase in phrases
        )

    def heard(self, text: str) -> Heard:
        """Return what *text* speaks of, and what of it is urgent; a question about the rules is not urgent."""
        shown = tuple(self._shown(text))
        need = self._first(number for number, telling, seen in shown if not _only_asks(seen, telling))
        return Heard(need, self._first(number for number, _, _ in shown))

    def need(self, text: str) -> Need | None:
        """Return what makes *text* urgent, if anything does."""
        return self.heard(text).need

    def spoken_of(self, text: str) -> Need | None:
        """Return what *text* shows signs of, though it may only ask about it."""
        return self.heard(text).spoken_of

    def only_asks(self, text: str) -> bool:
        """Say whether *text* is a question, or supposes a case, and nothing is happening."""
        said = [word for sentence in self._sentences(text) for word in sentence]
        seen = _by_sign(self._phrases.spots((_START, *said, _END)))
        is_question = bool(said) and said[0] in _QUESTION_WORDS and "happening" not in seen
        return is_question or _only_asks(seen, len(said) + 2)

    def _first(self, shown: Iterable[int]) -> Need | None:
        first = min(shown, default=None)
        return None if first is None else self._needs[first][0]

    def _shown(self, text: str) -> Iterator[tuple[int, int, dict[str, int]]]:
        """Yield the number of each need that shows in sentences that follow each other.

        With it come the word where its first sign stands, and the word where each sign of these sentences stands.
        """
        said = self._sentences(text)
        spots = self._phrases.spots((_START, *(word for sentence in said for word in sentence), _END))
        spots += [spot for name, order in self._orders.items() for spot in _in_order(name, order, spots)]
        for seen in _seen_together(spots, said, self._telling):
            for number, (_, names) in enumerate(self._needs):
                if all(name in seen for name in names):
                    yield number, seen[names[0]], seen

    def _sentences(self, text: str) -> list[list[str]]:
        mended: dict[str, tuple[str, ...]] = {}
        said = [[full for word in sentence for full in self._full(word, mended)] for sentence in sentences(text)]
        if len(said) > _MOST_SENTENCES:
            return _cut([word for sentence in said for word in sentence], _CUT)
        return [part for sentence in said for part in _cut(sentence, _LONGEST_SENTENCE)]

    def _full(self, word: str, mended: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
        """Return *word* written out, and mended if it is long enough."""
        if word in self._shorthand:
            return self._shorthand[word]
        if len(word) < _SHORTEST_MENDED or (word not in mended and len(mended) >= _MOST_MENDED):
            return (word,)
        if word not in mended:
            mended[word] = (self._spelling.mend(word),)
        return mended[word]

    def _parts(self, phrase: str) -> tuple[str, ...]:
        return tuple(full for part in phrase.split() for full in self._part(part))

    def _part(self, part: str) -> tuple[str, ...]:
        if part in (_START, _END, _ANY, _GAP):
            return (part,)
        bare = "".join(words(part))
        return (bare + _ANY,) if part.endswith(_ANY) else self._shorthand.get(bare, (bare,))


@dataclass(slots=True)
class _Branch:
    """Hold how phrases go on from here, word by word.

    Attributes:
        signs: signs whose phrase ends here.
        starts: by their first letters, the starts of words that go on.
        gap: how they go on after some words more, if they do.
    """

    signs: list[str] = field(default_factory=list)
    words: dict[str, "_Branch"] = field(default_factory=dict)
    starts: dict[str, list[tuple[str, "_Branch"]]] = field(default_factory=dict)
    gap: "_Branch | None" = None

    def after(self, part: str) -> "_Branch":
        """Return the branch after *part*, grown where there is none."""
        if part == _GAP:
            self.gap = self.gap or _Branch()
            return self.gap
        if not part.endswith(_ANY):
            return self.words.setdefault(part, _Branch())
        start = part.removesuffix(_ANY)
        starts = self.starts.setdefault(start[:_LETTERS], [])
        branch = next((branch for other, branch in starts if other == start), None)
        if branch is None:
            branch = _Branch()
            starts.append((start, branch))
        return branch


class _Phrases:
    """Find all phrases of all signs in one pass."""

    def __init__(self, phrases: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        self._root = _Branch()
        for name, parts in phrases:
            branch = self._root
            for part in parts:
                branch = branch.after(part)
            branch.signs.append(name)

    def spots(self, said: Sequence[str]) -> list[_Spot]:
        """Return where each sign shows in *said*, in order, but for what is a part of something harmless."""
        found: list[_Spot] = []
        for place in range(len(said)):
            _gather(found, self._root, said, place, place)
        harmless = {place for spot in found if spot.sign == "harmless" for place in range(spot.start, spot.end)}
        return [spot for spot in found if harmless.isdisjoint(range(spot.start, spot.end))]


def _gather(found: list[_Spot], branch: _Branch, said: Sequence[str], start: int, place: int) -> None:
    """Add to *found* what begins at *start* and has come to *branch* before *place*."""
    if branch.signs:
        found += [_Spot(sign, start, place) for sign in branch.signs]
    if place >= len(said):
        return
    word = said[place]
    if following := branch.words.get(word):
        _gather(found, following, said, start, place + 1)
    if branch.starts:
        for letters in (word[:_LETTERS], ""):
            for beginning, following in branch.starts.get(letters, ()):
                if word.startswith(beginning):
                    _gather(found, following, said, start, place + 1)
    if branch.gap:
        for after in range(place, min(place + _LONGEST_GAP + 1, len(said))):
            _gather(found, branch.gap, said, start, after)


def _in_order(name: str, order: tuple[str, ...], spots: list[_Spot]) -> Iterator[_Spot]:
    """Yield where the signs of *order* follow each other closely; *spots* are in order."""
    reached: list[_Spot | None] = [None] * len(order)
    for spot in spots:
        if spot.sign not in order:
            continue
        # Backwards, so that one spot does not count as two steps.
        for step in range(len(order) - 1, -1, -1):
            if spot.sign != order[step]:
                continue
            before = reached[step - 1] if step else spot
            if before is None or (step and not 0 <= spot.start - before.end <= _NEAR):
                continue
            reached[step] = _Spot(name, before.start, spot.end)
            if step == len(order) - 1:
                yield _Spot(name, before.start, spot.end)


def _seen_together(spots: list[_Spot], said: list[list[str]], telling: frozenset[str]) -> Iterator[dict[str, int]]:
    """Yield what shows in each sentence, and in a few that follow each other: sign to the word where it begins.

    Sentences without any *telling* sign are left out.
    """
    sentence_of = [0, *(number for number, sentence in enumerate(said) for _ in sentence), max(0, len(said) - 1)]
    by_sentence: dict[int, list[_Spot]] = defaultdict(list)
    for spot in spots:
        by_sentence[sentence_of[spot.start]].append(spot)
    tells = {sentence_of[spot.start] for spot in spots if spot.sign in telling}
    for first in [number for number in by_sentence if not tells.isdisjoint(range(number, number + _TOGETHER))]:
        together: list[_Spot] = []
        for last in range(first, min(first + _TOGETHER, len(said))):
            if new := by_sentence.get(last):
                together += new
                yield _by_sign(spot for spot in together if sentence_of[spot.end - 1] <= last)


def _by_sign(spots: Iterable[_Spot]) -> dict[str, int]:
    """Return the word where each sign first begins."""
    first: dict[str, int] = {}
    for spot in spots:
        first.setdefault(spot.sign, spot.start)
    return first


def _only_asks(seen: dict[str, int], telling: int) -> bool:
    """Say whether nothing happens: what is supposed or asked comes before the *telling* word, or it is routine."""
    if seen.get("supposing", telling) < telling:
        return "today" not in seen
    return ("routine" in seen or seen.get("asking", telling) < telling) and "happening" not in seen


def _cut(said: list[str], longest: int) -> list[list[str]]:
    return [said[start : start + longest] for start in range(0, len(said), longest)]
