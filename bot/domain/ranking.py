"""How near a question is to ways of asking: a weighted comparison of words, ideas, pairs and letter groups."""

import math
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bot.domain.features import Sort, sort_of
from bot.domain.learned import Learned, Numbers, Places, Rows

_COMMON = 0.2
_ROW = 64
_TINY = np.float32(1e-9)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Hold how much each signal counts; `make answers` shows what each is worth.

    Attributes:
        letters: groups of four letters, which forgive spelling and endings.
        nearest: so many asks of a group are taken together.
        middle: what all asks of a group have in common, beside its nearest asks.
        of_policy: the clause's own words within the middle, in asks.
        fitted: what was fitted to tell the groups apart, beside the nearness; none where nothing was fitted.
        by_middle: for a group without asks, its middle, which is made of its words alone.
        by_words: for such a group, how much of the question its words hold.
        odds: whether the odds of single words decide on silence as well.
    """

    words: float = 1.0
    ideas: float = 1.0
    pairs: float = 0.5
    letters: float = 0.2
    nearest: int = 8
    middle: float = 1.0
    of_policy: float = 1.5
    fitted: float = 2.0
    by_middle: float = 3.0
    by_words: float = 1.5
    odds: bool = True
    spelling: bool = True
    sentences: bool = True

    def weight(self, feature: str) -> float:
        """Return how much the sort of *feature* counts."""
        match sort_of(feature):
            case Sort.WORD:
                return self.words
            case Sort.IDEA:
                return self.ideas
            case Sort.PAIR:
                return self.pairs
            case Sort.LETTERS:
                return self.letters


RECIPE = Recipe()


@dataclass(frozen=True, slots=True)
class Weighed:
    """Hold the features of a text that are known, by number, and how much each counts, at length 1."""

    numbers: list[int]
    weights: list[float]

    @property
    def squared(self) -> "Weighed":
        """Return the same with squared weights, which are parts of a whole of 1."""
        return Weighed(self.numbers, [weight * weight for weight in self.weights])


class Scale:
    """Weigh features: the fewer groups share one, the more it counts."""

    def __init__(self, learned: Learned, recipe: Recipe) -> None:
        groups = len(learned.sizes)
        self._recipe = recipe
        self._numbers = learned.numbers
        self._unknown = math.log(1 + groups)
        sorts = np.array([recipe.weight(feature) for feature in learned.numbers], dtype=np.float32)
        self.worth: Numbers = np.log1p(groups / np.maximum(learned.shared_by, 1)) * sorts
        # Letters and pairs that many groups share say little and cost most of the time.
        cheap = np.array([sort_of(each) in (Sort.LETTERS, Sort.PAIR) for each in learned.numbers], dtype=bool)
        self.worth[cheap & (learned.shared_by > groups * _COMMON)] = 0.0
        self._worth = self.worth.tolist()

    def weighed(self, features: Counter[str]) -> Weighed:
        """Return how much each of *features* counts; unknown ones count as rare, and make the others count less."""
        numbers, weights, length = [], [], 0.0
        for feature, times in features.items():
            number = self._numbers.get(feature)
            weight = self._unknown * self._recipe.weight(feature) if number is None else self._worth[number]
            weight *= 1 + math.log(times)
            length += weight * weight
            if number is not None and weight:
                numbers.append(number)
                weights.append(weight)
        length = math.sqrt(length) or 1.0
        return Weighed(numbers, [weight / length for weight in weights])


class Nearness:
    """Compare a question with many groups at once.

    A group is near where its nearest asks are (they catch a turn of phrase) and where its middle is (it catches what
    the asks have in common).
    """

    def __init__(self, learned: Learned, scale: Scale, recipe: Recipe) -> None:
        self._recipe = recipe
        asks, words = learned.asks.weighed(scale.worth), learned.words.weighed(scale.worth)
        groups, features = len(learned.sizes), len(scale.worth)
        self._asks = Found(asks, len(learned.asks), features)
        self._middles = Found(_middles(asks, learned.group_of, words, recipe.of_policy), groups, features)
        self._nearest = _Nearest(learned.sizes, recipe.nearest)
        self._unasked = np.array(learned.sizes) == 0
        said = learned.words.rows
        self._words = Found(said._replace(weights=np.ones_like(said.weights)), groups, features)

    def of(self, question: Weighed) -> "Compared":
        """Return how near *question* is to each group."""
        asks = self._asks.sums(question)
        middles = self._recipe.middle * self._middles.sums(question)
        if self._unasked.any():
            middles = np.where(self._unasked, self._by_words(question, middles), middles)
        return Compared(asks, middles, self._nearest)

    def _by_words(self, question: Weighed, middles: Numbers) -> Numbers:
        """Return how near groups are for which nobody has written down yet how people ask: by their words alone."""
        held = self._words.sums(question.squared)
        return np.float32(self._recipe.by_middle) * middles + np.float32(self._recipe.by_words) * held


class Compared:
    """Hold how near a question is to each group: 0 not at all, 2 the same.

    Attributes:
        groups: by group.
    """

    def __init__(self, asks: Numbers, middles: Numbers, nearest: "_Nearest") -> None:
        self._asks = asks
        self._nearest = nearest
        self.groups: Numbers = nearest.by_group(asks) + middles

    def of_any(self, groups: slice) -> Numbers:
        """Return how near the asks of all *groups* are together, one number on the same scale."""
        together: Numbers = np.float32(2) * self._nearest.of_any(self._asks, groups)
        return together


class _Nearest:
    """Take the mean of the nearest asks of each group; where there are few, the missing ones are not near at all."""

    def __init__(self, sizes: Sequence[int], taken: int) -> None:
        self._taken = taken
        self._starts = [0, *np.cumsum(sizes).tolist()]
        # Large groups take several rows, so that small ones need not be filled up to their size.
        rows = [
            (group, start, min(start + _ROW, stop))
            for group, (start, stop) in enumerate(pairwise(self._starts))
            for start in range(start, stop, _ROW)
        ]
        width = max(_ROW, taken)
        self._places = np.full((len(rows), width), self._starts[-1], dtype=np.int32)
        for row, (_, start, stop) in enumerate(rows):
            self._places[row, : stop - start] = np.arange(start, stop)
        self._groups = np.array([group for group, _, _ in rows], dtype=np.int32)
        self._large = [
            (group, np.flatnonzero(self._groups == group)) for group, size in enumerate(sizes) if size > _ROW
        ]

    def by_group(self, asks: Numbers) -> Numbers:
        """Return the mean for each group."""
        # One place more, which is never near, stands for the asks that smaller groups lack.
        filled = np.append(asks, np.float32(0.0))[self._places]
        filled.partition(filled.shape[1] - self._taken, axis=1)
        nearest = filled[:, -self._taken :]
        means = np.zeros(len(self._starts) - 1, dtype=np.float32)
        means[self._groups] = nearest.mean(axis=1)
        for group, rows in self._large:
            means[group] = self._mean(nearest[rows].ravel())
        return means

    def of_any(self, asks: Numbers, groups: slice) -> Numbers:
        """Return the mean over the asks of all *groups*, which stand side by side."""
        return self._mean(asks[self._starts[groups.start] : self._starts[groups.stop]])

    def _mean(self, asks: Numbers) -> Numbers:
        nearest = np.partition(asks, len(asks) - self._taken)[-self._taken :] if len(asks) > self._taken else asks
        mean: Numbers = nearest.sum() / np.float32(self._taken)
        return mean


class Found:
    """Find in which texts each feature stands, and with which weight."""

    def __init__(self, rows: Rows, size: int, features: int) -> None:
        order = np.argsort(rows.features, kind="stable")
        self._size = size
        self._starts = array(
            "i", np.searchsorted(rows.features[order], np.arange(features + 1)).astype(np.int32).tobytes()
        )
        self._texts = rows.texts[order]
        self._weights = rows.weights[order]

    def sums(self, question: Weighed) -> Numbers:
        """Return for each text how much it shares with *question*."""
        if not question.numbers:
            return np.zeros(self._size, dtype=np.float32)
        places = [slice(self._starts[number], self._starts[number + 1]) for number in question.numbers]
        texts = np.concatenate([self._texts[place] for place in places])
        shared = np.concatenate(
            [self._weights[place] * weight for place, weight in zip(places, question.weights, strict=True)]
        )
        return np.bincount(texts, shared, minlength=self._size).astype(np.float32)


def _middles(asks: Rows, group_of: Places, words: Rows, part: float) -> Rows:
    """Return what the asks of each group have in common with each other and with its words."""
    groups = np.concatenate((group_of[asks.texts], words.texts)).astype(np.int64)
    features = np.concatenate((asks.features, words.features))
    weights = np.concatenate((asks.weights, np.float32(part) * words.weights))
    most = int(features.max(initial=0)) + 1
    places, where = np.unique(groups * most + features, return_inverse=True)
    sums = np.bincount(where, weights)
    middles = (places // most).astype(np.int32)
    lengths = np.sqrt(np.bincount(middles, sums * sums))
    unit = (sums / np.maximum(lengths, _TINY)[middles]).astype(np.float32)
    return Rows(middles, (places % most).astype(np.int32), unit)
