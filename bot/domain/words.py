"""What people typed, as words: lower case, bare of endings, with slips of the keyboard mended."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

_WORD = re.compile(r"[a-z0-9]+")
_WORD_OR_END = re.compile(r"[a-z0-9]+|[.!?](?=\s)|\n")
_APOSTROPHES = re.compile(r"['’‘`´]")
_SHORTEST_MENDED = 4
_LONGEST_MENDED = 16
_LONG = 8


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
    """Know the words in use, and mend words that are a slip or two away from one of them."""

    def __init__(self, known: Iterable[str]) -> None:
        self._uses = Counter(known)
        self._stems = {stem(word) for word in self._uses}
        self._by_first: dict[str, list[str]] = defaultdict(list)
        for word in self._uses:
            if _SHORTEST_MENDED <= len(word) <= _LONGEST_MENDED:
                self._by_first[word[0]].append(word)

    def mend(self, word: str) -> str:
        """Return the known word that *word* is a slip away from, or two where it is long, else *word* itself.

        A slip is one letter that is missing, added, wrong, or swapped with the next; first letters are seldom wrong.
        """
        if not _SHORTEST_MENDED <= len(word) <= _LONGEST_MENDED or not word.isalpha():
            return word
        if word in self._uses or stem(word) in self._stems:
            return word
        slips = 2 if len(word) >= _LONG else 1
        near = process.extract(
            word, self._by_first.get(word[0], ()), scorer=OSA.distance, score_cutoff=slips, limit=None
        )  # fmt: skip
        return min(near, key=lambda found: (found[1], -self._uses[found[0]], found[0]), default=(word,))[0]
