"""The words of a policy, whatever a word processor did to quotes, dashes and white space."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

Key = tuple[str, ...]

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_SAME_SIGN = str.maketrans(
    {**dict.fromkeys("‘’‚‛´`′", "'"), **dict.fromkeys("“”„‟″«»", '"'), **dict.fromkeys("‐‑‒–—―−", "-")}
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_HYPHENS = re.compile(r"-{2,}")
_EDGES = re.compile(r"^\W+|\W+$")
_CLOSING = "\"'”’)]»"
_OPENING = "\"'“‘([«"
_ABBREVIATIONS = re.compile(
    r"(?:e\.?g|i\.?e|etc|cf|vs|viz|incl|approx|mrs?|ms|mx|dr|prof|rev|st|[js]r|[ap]\.m|tel|ext)\."
)
_BEFORE_A_NUMBER = re.compile(r"(?:nos?|paras?|pp?|fig|art|sec)\.")
_INITIAL = re.compile(r"[A-Z]\.")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+)?(?P<month>{_MONTHS}),?\s+(?P<year>(?:19|20)\d\d)", re.IGNORECASE
)
# Few words in common are not a rewording; this spares comparing every clause with every sentence sign by sign.
_COMMON_WORDS = 0.3
_SHORT = 3


def flat(text: str) -> str:
    """Return *text* in one line, without what nobody sees."""
    return " ".join(_CONTROL.sub(" ", text).translate(_INVISIBLE).split())


def alike(word: str) -> str:
    """Return what *word* shares with its other spellings: curly or straight quotes, long or short dashes."""
    return _HYPHENS.sub("-", unicodedata.normalize("NFKC", word.translate(_SAME_SIGN)))


def key(text: str) -> Key:
    """Return the words of *text* in a form that is equal where the words are."""
    return tuple(alike(word) for word in text.split())


def sentence_ends(words: Sequence[str]) -> list[int]:
    """Return after how many words a sentence ends, for each of them; all words together end one."""
    ends = [place for place in range(1, len(words)) if _parts(words[place - 1], words[place])]
    return [*ends, len(words)] if words else []


def ends_sentence(text: str) -> bool:
    """Tell whether *text* is finished, as far as its last sign says."""
    return text.rstrip(_CLOSING).endswith((".", "!", "?", ":", "…"))


def is_date(text: str) -> bool:
    """Tell whether *text* is a month and a year, with or without a day, and nothing else."""
    return _DATE.fullmatch(text.strip(" .")) is not None


def found_date(text: str) -> str:
    """Return the first month and year in *text* as it is written there, or ""."""
    date = _DATE.search(text)
    return f"{date['month'].capitalize()} {date['year']}" if date else ""


def likeness(one: str, other: str) -> float:
    """Return how alike two texts are, from 0 to 1: the mean of what their words and their signs share."""
    first, second = _bare(one), _bare(other)
    if max(len(first), len(second)) > _SHORT and _common(one, other) < _COMMON_WORDS:
        return 0.0
    return (_ratio(first, second) + _ratio(" ".join(first), " ".join(second))) / 2


def _parts(word: str, following: str) -> bool:
    bare, begins = word.rstrip(_CLOSING), following.lstrip(_OPENING)[:1]
    if not bare.endswith((".", "!", "?")) or not (begins.isupper() or begins.isdigit()):
        return False
    inner = bare.lstrip(_OPENING)
    before_number = begins.isdigit() and _BEFORE_A_NUMBER.fullmatch(inner.lower())
    return not (before_number or _INITIAL.fullmatch(inner) or _ABBREVIATIONS.fullmatch(inner.lower()))


@lru_cache(maxsize=10_000)
def _bare(text: str) -> Key:
    return tuple(bare for word in key(text) if (bare := _EDGES.sub("", word).casefold()))


@lru_cache(maxsize=10_000)
def _bag(text: str) -> frozenset[tuple[str, int]]:
    """Return the words of *text*, each with how often it came before."""
    counted = Counter[str]()
    bag = set[tuple[str, int]]()
    for word in _bare(text):
        bag.add((word, counted[word]))
        counted[word] += 1
    return frozenset(bag)


def _common(one: str, other: str) -> float:
    first, second = _bag(one), _bag(other)
    return 2 * len(first & second) / max(1, len(first) + len(second))


def _ratio(one: Sequence[str], other: Sequence[str]) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
