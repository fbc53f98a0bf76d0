"""What people typed, as words: lower case, bare of endings, with slips of the keyboard mended."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

_WORD = re.compile(r"[a-z0-9]+")
_WORD_OR_END = re.compile(r"[a-z0-9]+|[.!?](?=\s)|\n")
_APOSTROPHES = re.compile(r"['’‘`´]")
_SHORTEST_MENDED = 4
_LONGEST_MENDED = 16


def words(text: str) -> tuple[str, ...]:
    """Return the words of *text* in lower case, ``don't`` as ``dont``."""
    return tuple(_WORD.findall(_bare(text)))


def sentences(text: str) -> list[list[str]]:
    """Return the words of each sentence of *text*; a line is a sentence as well."""
    found: list[list[str]] = [[]]
    for word in _WORD_OR_END.findall(_bare(text)):
        if word not in ".!?\n":
            found[-1].append(word)
        elif found[-1]:
            found.append([])
    return [sentence for sentence in found if sentence]


def _bare(text: str) -> str:
    return _APOSTROPHES.sub("", _plain(text).lower())


def _plain(text: str) -> str:
    """Return *text* without accents."""
    if text.isascii():
        return text
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def stem(word: str) -> str:
    """Return *word* without its ending, so that ``posts``, ``posted`` and ``posting`` meet."""
    if len(word) <= 3 or word[-1].isdigit():
        return word
    word = _without_plural(word)
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return _undoubled(word.removesuffix(ending))
    if word.endswith("ly") and len(word) > 5:
        return _undoubled(word.removesuffix("ly"))
    return word.removesuffix("e") if len(word) > 4 else word


def _without_plural(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word.removesuffix("ies") + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word.removesuffix("es")
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word.removesuffix("s")
    return word


def _undoubled(word: str) -> str:
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
        return word[:-1]
    return word.removesuffix("e") if len(word) > 4 else word


class Spelling:
    """Know the words in use, and mend words that are one slip away from one of them."""

    def __init__(self, known: Iterable[str]) -> None:
        self._uses = Counter(known)
        self._stems = {stem(word) for word in self._uses}
        self._by_shape: dict[str, set[str]] = defaultdict(set)
        for word in self._uses:
            if _SHORTEST_MENDED <= len(word) <= _LONGEST_MENDED:
                for shape in _shapes(word):
                    self._by_shape[shape].add(word)

    def mend(self, word: str) -> str:
        """Return the known word that *word* is one slip away from, else *word* itself."""
        if not _SHORTEST_MENDED <= len(word) <= _LONGEST_MENDED or not word.isalpha():
            return word
        if word in self._uses or stem(word) in self._stems:
            return word
        near = {known for shape in _shapes(word) for known in self._by_shape.get(shape, ()) if _one_slip(word, known)}
        return min(near, key=lambda known: (-self._uses[known], known), default=word)


def _shapes(word: str) -> Iterator[str]:
    """Yield *word* and every word that is left after striking one letter."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _one_slip(typed: str, known: str) -> bool:
    """Say whether one letter is missing, added, wrong or swapped; first letters are seldom wrong."""
    if typed[0] != known[0] or abs(len(typed) - len(known)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(typed, known, strict=False)) if a != b), 0)
    rest, other = typed[start:], known[start:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return other in (rest[1:], swapped) or rest == other[1:] or rest[1:] == other[1:]
