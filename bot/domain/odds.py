"""Which words tell that something is asked which the policy leaves open: how many, which button, until when."""

import math
from array import array
from collections import Counter

import numpy as np

from bot.domain.features import Sort, sort_of
from bot.domain.learned import Learned, Numbers, Places

_FEWEST = 2
# As if each feature had been seen half a time more on either side.
_SMOOTH = 0.5


class Odds:
    """Weigh each feature by how much oftener it stands in one lot of asks than in another."""

    def __init__(self, learned: Learned, first: slice, second: slice) -> None:
        texts, features, _ = learned.asks.rows
        groups = learned.group_of[texts]
        one, other = _counts(features, groups, first, learned), _counts(features, groups, second, learned)
        telling = np.array([sort_of(feature) is not Sort.LETTERS for feature in learned.numbers], dtype=bool)
        telling &= one + other >= _FEWEST
        odds = np.log((one + _SMOOTH) / _total(one, telling)) - np.log((other + _SMOOTH) / _total(other, telling))
        self._numbers = learned.numbers
        self._odds = array("f", np.where(telling, odds, 0.0).astype(np.float32).tobytes())
        self._telling = telling.tobytes()

    def of(self, features: Counter[str]) -> float:
        """Return the odds that a text with *features* is of the first lot: 0 even, above it rather so."""
        numbers = (self._numbers.get(feature, -1) for feature in features)
        found = [self._odds[number] for number in numbers if number >= 0 and self._telling[number]]
        return sum(found) / math.sqrt(len(found)) if found else 0.0


def _counts(features: Places, groups: Places, lot: slice, learned: Learned) -> Numbers:
    inside = (groups >= lot.start) & (groups < lot.stop)
    return np.bincount(features[inside], minlength=len(learned.numbers)).astype(np.float32)


def _total(counts: Numbers, telling: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    return float((counts[telling] + _SMOOTH).sum()) or 1.0
