"""How near a question is to ways of asking: a weighted comparison of words, ideas and letter groups."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.domain.words import Spelling, stem, words

Features = dict[str, float]
Found = dict[str, list[tuple[int, float]]]

_LONGEST_IDEA = 4
_LETTERS = 4
# Kinds of feature: word, idea, pair of words, letter group. Tried on asks left out of the comparison one at a time.
_WEIGHTS = {"w": 1.0, "i": 1.0, "p": 0.5, "l": 0.2}
_NEAREST = 8
_COMMON = 0.2
_WORDS_OF_POLICY = 1.5


class Reader:
    """Turn text into features: words without endings, ideas of the thesaurus, pairs of words, letter groups."""

    def __init__(self, thesaurus: dict[str, tuple[str, ...]], texts: Iterable[str]) -> None:
        self._ideas: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for idea, phrases in thesaurus.items():
            for phrase in phrases:
                self._ideas[words(phrase)].append(idea)
        said = [word for text in texts for word in words(text)]
        self._spelling = Spelling([*said, *(word for phrase in self._ideas for word in phrase)])

    def features(self, text: str) -> Counter[str]:
        """Return how often each feature shows in *text*."""
        said = tuple(self._spelling.mend(word) for word in words(text))
        return Counter(self._each(said))

    def _each(self, said: tuple[str, ...]) -> Iterator[str]:
        stems = [stem(word) for word in said]
        for word in stems:
            yield f"w {word}"
        for pair in zip(["^", *stems], [*stems, "$"], strict=False):
            yield f"p {pair[0]} {pair[1]}"
        for idea in self._ideas_in(said):
            yield f"i {idea}"
        for word in set(said):
            padded = f"_{word}_"
            for start in range(max(1, len(padded) - _LETTERS + 1)):
                yield f"l {padded[start : start + _LETTERS]}"

    def _ideas_in(self, said: tuple[str, ...]) -> set[str]:
        found = set[str]()
        for start in range(len(said)):
            for length in range(1, _LONGEST_IDEA + 1):
                found.update(self._ideas.get(said[start : start + length], ()))
        return found


@dataclass(frozen=True, slots=True)
class Group:
    """Hold texts that mean the same: the ways to ask for something, and the *words* that answer it, if any."""

    asks: tuple[str, ...]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """Hold how near a question is to the asks and to the middle of each group, by its number; 1 is the same."""

    asks: dict[int, list[float]]
    middles: dict[int, float]

    def of(self, group: int) -> float:
        """Return how near the group is: 0 not at all, 2 the same."""
        return _nearest(self.asks.get(group, [])) + self.middles.get(group, 0.0)

    def of_any(self, groups: Iterable[int]) -> float:
        """Return how near the asks of all *groups* are together, on the same scale; they need have no middle."""
        return 2 * _nearest([nearness for group in groups for nearness in self.asks.get(group, ())])


class Nearness:
    """Compare a question with many groups at once.

    A group is near where its nearest asks are (they catch a turn of phrase) and where its middle is (it catches what
    the asks have in common). Features that few groups share count for more.
    """

    def __init__(self, reader: Reader, groups: Sequence[Group]) -> None:
        self._reader = reader
        counts = [[reader.features(ask) for ask in group.asks] for group in groups]
        shared_by = Counter(feature for asks in counts for feature in {f for count in asks for f in count})
        self._unknown = math.log(1 + len(groups))
        self._rarity = {f: math.log(1 + len(groups) / n) * _WEIGHTS[f[0]] for f, n in shared_by.items()}
        # Letters and pairs that many groups share say little and cost most of the time.
        self._rarity |= {f: 0.0 for f, n in shared_by.items() if f[0] in "lp" and n > len(groups) * _COMMON}
        self._asks = 0
        self._asks_of: list[tuple[int, int]] = []
        self._in_asks: Found = defaultdict(list)
        self._in_middles: Found = defaultdict(list)
        self._groups = len(groups)
        for number, (group, asks) in enumerate(zip(groups, counts, strict=True)):
            self._learn(number, [self._weighed(count) for count in asks], group.words)

    def of(self, question: str) -> "Compared":
        """Return how near *question* is to each group; groups that share nothing with it are left out."""
        features = self._weighed(self._reader.features(question))
        sums = _sums(features, self._in_asks, self._asks)
        shared = ((group, list(filter(None, sums[start:end]))) for group, (start, end) in enumerate(self._asks_of))
        asks = {group: nearnesses for group, nearnesses in shared if nearnesses}
        middles = enumerate(_sums(features, self._in_middles, self._groups))
        return Compared(asks=asks, middles={group: nearness for group, nearness in middles if nearness})

    def _learn(self, number: int, asks: list[Features], words_of_policy: str) -> None:
        middle: Features = defaultdict(float)
        for features in asks:
            for feature, weight in features.items():
                self._in_asks[feature].append((self._asks, weight))
                middle[feature] += weight
            self._asks += 1
        self._asks_of.append((self._asks - len(asks), self._asks))
        for feature, weight in self._weighed(self._reader.features(words_of_policy)).items():
            middle[feature] += _WORDS_OF_POLICY * weight
        for feature, weight in _unit(middle).items():
            self._in_middles[feature].append((number, weight))

    def _weighed(self, count: Counter[str]) -> Features:
        """Return the features at length 1; words never heard of count as rare ones."""
        weights = {f: self._weight(f) * (1 + math.log(times)) for f, times in count.items()}
        return _unit({f: weight for f, weight in weights.items() if weight})

    def _weight(self, feature: str) -> float:
        weight = self._rarity.get(feature)
        return self._unknown * _WEIGHTS[feature[0]] if weight is None else weight


def _unit(features: Features) -> Features:
    length = math.sqrt(sum(weight * weight for weight in features.values())) or 1.0
    return {feature: weight / length for feature, weight in features.items()}


def _sums(features: Features, found: Found, count: int) -> list[float]:
    """Return for each of *count* texts how much of *features* it shares."""
    sums = [0.0] * count
    for feature, weight in features.items():
        for number, other in found.get(feature, ()):
            sums[number] += weight * other
    return sums


def _nearest(found: list[float]) -> float:
    """Return the mean of the nearest asks; where there are few, the missing ones count as not near at all."""
    return sum(sorted(found, reverse=True)[:_NEAREST]) / _NEAREST
