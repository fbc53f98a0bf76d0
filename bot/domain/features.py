"""What a text is made of: words without endings, ideas of the thesaurus, pairs of words, groups of letters."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import lru_cache

from bot.domain.words import Spelling, stem, words

_LONGEST_IDEA = 4
_LETTERS = 4
_REMEMBERED = 20_000


class Sort(StrEnum):
    """What sort of feature it is: the letter that it begins with."""

    WORD = "w"
    IDEA = "i"
    PAIR = "p"
    LETTERS = "l"


_SORTS = {sort.value: sort for sort in Sort}


def sort_of(feature: str) -> Sort:
    """Return what sort of feature it is."""
    return _SORTS[feature[0]]


class Reader:
    """Turn text into features."""

    def __init__(self, thesaurus: dict[str, tuple[str, ...]], texts: Iterable[str], *, mends: bool = True) -> None:
        self._ideas: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for idea, phrases in thesaurus.items():
            for phrase in phrases:
                self._ideas[words(phrase)].append(idea)
        self._first_words = {phrase[0] for phrase in self._ideas if phrase}
        said = (word for text in texts for word in words(text))
        spelling = Spelling([*said, *(word for phrase in self._ideas for word in phrase)])
        self._mended = lru_cache(maxsize=_REMEMBERED)(spelling.mend if mends else str)

    def words(self, text: str) -> tuple[str, ...]:
        """Return the words of *text*, with slips mended."""
        return tuple(self._mended(word) for word in words(text))

    def features(self, text: str) -> Counter[str]:
        """Return how often each feature shows in *text*."""
        return Counter(self._each(self.words(text)))

    def _each(self, said: tuple[str, ...]) -> Iterator[str]:
        stems = [_stem(word) for word in said]
        for word in stems:
            yield f"w {word}"
        for pair in zip(["^", *stems], [*stems, "$"], strict=False):
            yield f"p {pair[0]} {pair[1]}"
        for idea in self._ideas_in(said):
            yield f"i {idea}"
        for word in dict.fromkeys(said):
            yield from _letters(word)

    def _ideas_in(self, said: tuple[str, ...]) -> Iterable[str]:
        found: dict[str, None] = {}
        for start, word in enumerate(said):
            if word not in self._first_words:
                continue
            for length in range(1, _LONGEST_IDEA + 1):
                found.update(dict.fromkeys(self._ideas.get(said[start : start + length], ())))
        return found


_stem = lru_cache(maxsize=_REMEMBERED)(stem)


@lru_cache(maxsize=_REMEMBERED)
def _letters(word: str) -> tuple[str, ...]:
    padded = f"_{word}_"
    return tuple(f"l {padded[start : start + _LETTERS]}" for start in range(max(1, len(padded) - _LETTERS + 1)))
