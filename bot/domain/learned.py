"""Ways of asking as numbers: what the ranker, the odds of silence and the fit are made from."""

import math
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.domain.features import Reader

Numbers = NDArray[np.float32]
Places = NDArray[np.int32]

_TINY = np.float32(1e-9)
# How much a feature counts that shows so many times in a text.
_MOST_TIMES = 50
_TIMES = [0.0, *(1 + math.log(times) for times in range(1, _MOST_TIMES + 1))]


@dataclass(frozen=True, slots=True)
class Group:
    """Hold texts that mean the same: the ways to ask for something, and the *words* that answer it, if any."""

    asks: tuple[str, ...]
    words: str = ""


class Rows(NamedTuple):
    """Hold in rows: a text, a feature of it, and how much that counts."""

    texts: Places
    features: Places
    weights: Numbers


class Counted:
    """Hold how often each feature shows in each text: 1 for once, a little more for several times."""

    def __init__(self) -> None:
        self._features, self._times = array("i"), array("f")
        self._sizes: list[int] = []

    def __len__(self) -> int:
        return len(self._sizes)

    def add(self, features: Sequence[int], times: Sequence[int]) -> None:
        """Add a text."""
        self._features.extend(features)
        self._times.extend([_TIMES[min(each, _MOST_TIMES)] for each in times])
        self._sizes.append(len(features))

    @property
    def rows(self) -> Rows:
        """Return all texts."""
        texts = np.repeat(np.arange(len(self), dtype=np.int32), self._sizes)
        return Rows(texts, np.array(self._features, dtype=np.int32), np.array(self._times, dtype=np.float32))

    def weighed(self, worth: Numbers) -> Rows:
        """Return the features of each text by their *worth*, at length 1, without those that are worth nothing."""
        texts, features, times = self.rows
        weights = worth[features] * times
        squares = np.bincount(texts, weights * weights, minlength=len(self)).astype(np.float32)
        lengths = np.sqrt(squares)
        some = weights > 0
        unit = (weights[some] / np.maximum(lengths, _TINY)[texts[some]]).astype(np.float32)
        return Rows(texts[some], features[some], unit)


class Learned:
    """Hold the features of groups of texts; as numbers they take a tenth of the room that words would.

    Attributes:
        numbers: feature to its number.
        shared_by: by feature, how many groups have it.
        group_of: by ask, its group; asks are in the order of the groups.
        sizes: by group, how many asks it has.
    """

    def __init__(self, reader: Reader, groups: Sequence[Group]) -> None:
        self.numbers: dict[str, int] = {}
        self.asks, self.words = Counted(), Counted()
        shared_by: list[int] = []
        for group in groups:
            shown = set[int]()
            for ask in group.asks:
                shown.update(self._count(self.asks, reader.features(ask)))
            shown.update(self._count(self.words, reader.features(group.words)))
            shared_by += [0] * (len(self.numbers) - len(shared_by))
            for feature in shown:
                shared_by[feature] += 1
        self.shared_by: Numbers = np.array(shared_by, dtype=np.float32)
        self.sizes = [len(group.asks) for group in groups]
        self.group_of: Places = np.repeat(np.arange(len(groups), dtype=np.int32), self.sizes)

    def _count(self, counted: Counted, features: Counter[str]) -> list[int]:
        shown = [self.numbers.setdefault(feature, len(self.numbers)) for feature in features]
        counted.add(shown, list(features.values()))
        return shown
