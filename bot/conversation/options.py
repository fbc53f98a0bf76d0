"""Which options people mean by what they typed, if any."""

from __future__ import annotations

import re
from collections.abc import Mapping

_DOUBT = re.compile(
    r"\b(?:not (?:at all |quite |really |entirely |100% )?(?:sure|certain)|unsure|uncertain|(?:no|any) (?:idea|clue)|"
    r"(?:do not|don.?t|can.?t|cannot|couldn.?t) (?:really )?(?:know|tell|say|think|remember)|dunno|no way (?:to|of)|"
    r"no ?(?:one|body) knows|maybe|perhaps|possibly|probably|might|may be|may have|could be|i think)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:no|not|never|none|neither|nor|without|except|but|cannot|isn|don|doesn|didn|won)\b", re.I)
_SMALL_WORDS = frozenset(
    ("a", "an", "the", "and", "or", "of", "to", "for", "our", "all", "another", "it", "is", "be", "will")
)


def option_meant(word: str, among: tuple[str, ...]) -> str | None:
    """Return the option that *word* is: by its words, its number from 1, its beginning or an unmistakable part."""
    wanted = re.sub(r"\s+", " ", word.strip().lower().rstrip("."))
    if not wanted:
        return None
    for option in among:
        if option.lower() == wanted:
            return option
    if wanted.isdecimal() and len(wanted) < 4 and 1 <= int(wanted) <= len(among):
        return among[int(wanted) - 1]
    begun = [option for option in among if option.lower().startswith(wanted)]
    if len(begun) == 1:
        return begun[0]
    whole = [option for option in among if re.search(rf"\b{re.escape(wanted)}\b", option.lower())]
    return whole[0] if len(whole) == 1 else None


def options_named(text: str, among: tuple[str, ...], also: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the options that *text* names by a word of theirs; the longer name is taken before a shorter in it.

    *also* maps an option to further words by which people mean it.
    """
    if _DENIED.search(text):  # "not approved" names Approve, and means the opposite
        return []
    said, found = telling_words(text), []
    for option in sorted(among, key=lambda each: -len(telling_words(each))):
        own = telling_words(option)
        if (len(own) > 1 and own <= said) or any(telling_words(each) <= said for each in also.get(option, ())):
            found.append(option)
            said = said - own
    found += [option for option in among if option not in found and telling_words(option) & said]
    return [option for option in among if option in found]


def is_in_doubt(text: str) -> bool:
    """Tell whether somebody says that they are not sure."""
    return _DOUBT.search(text) is not None


def telling_words(text: str) -> set[str]:
    """Return the words of *text* that carry meaning, in the singular."""
    words = re.findall(r"[^\W_]+", text.lower())
    return {word.removesuffix("s") if len(word) > 3 else word for word in words} - _SMALL_WORDS
