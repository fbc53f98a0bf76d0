"""Passwords in typed text: recognised so that they are refused and never kept (ADM-2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

_NAMED = re.compile(
    r"\b(?:pass\s?(?:word|code|phrase)|passwd|pwd|pw|recovery code|backup code|2fa code)s?\b"
    r"(?P<link>\s{0,9}(?:is|was|are|=|:|->|→)?\s{0,9}(?:now\s{1,9})?)"
    r"[\"'“‘«]?(?P<word>[^\s\"'”’»]{4,})",
    re.IGNORECASE,
)
# "The password for our page has been changed to …": further on in the sentence only what looks odd counts.
_SPOKEN_OF = re.compile(r"\b(?:pass\s?(?:word|code|phrase)|passwd|(?:recovery|backup|2fa) code)s?\b", re.IGNORECASE)
_FURTHER_ON = re.compile(
    r"(?:\b(?:is|was|are|been|to|now)|[=:→>]|['’]s)\s{1,9}[\"'“‘«(]?(?P<word>[^\s\"'”’»]{5,})", re.IGNORECASE
)
_REACH = 80
_SENTENCE_ENDS = re.compile(r"[.!?]\s|\n")
_ADDRESS = re.compile(r"@\w+|\S+@\S+\.\w+|https?:\S*|www\.\S*|#\w+|[\d/.:,-]+")
_ORDINARY = re.compile(
    r"kept|stored|saved|held|written|shared|safe|secure|weak|strong|known|lost|gone|"
    r"reset|with|from|this|that|there|their|they|what|when|where|who|should|must|need|"
    r"needs|have|does|been|into|over|only|same|wrong|right|correct|changed|expired|"
    r"manager|managers|vault|policy|please|about|after|before|because|still|also|very|just",
    re.IGNORECASE,
)


def looks_like_password(text: str) -> bool:
    """Tell whether *text* seems to carry a password or a recovery code, rather than talk about one."""
    return next(_secrets(text), None) is not None


def without_passwords(text: str) -> str:
    """Return *text* with what seems to be a password left out: all other words of a report are kept (SCO-15)."""
    for begin, end in sorted(set(_secrets(text)), reverse=True):
        text = f"{text[:begin]}{LEFT_OUT}{text[end:]}"
    return text


def _secrets(text: str) -> Iterator[Span]:
    """Yield where a password or recovery code seems to stand; never one span twice."""
    found: set[int] = set()
    for match in _NAMED.finditer(text):
        if _is_secret(match["link"], match["word"].rstrip(_STOPS)):
            found.add(match.start("word"))
            yield _bare(match)
    for keyword in _SPOKEN_OF.finditer(text):
        rest = text[keyword.end() : keyword.end() + _REACH]
        end = _SENTENCE_ENDS.search(rest)
        for match in _FURTHER_ON.finditer(text, keyword.end(), keyword.end() + (end.start() if end else len(rest))):
            word = match["word"].rstrip(_STOPS)
            if match.start("word") not in found and not _ADDRESS.fullmatch(word) and _is_secret("", word):
                found.add(match.start("word"))
                yield _bare(match)


def _bare(match: re.Match[str]) -> Span:
    return match.start("word"), match.start("word") + len(match["word"].rstrip(_STOPS))


def _is_secret(link: str, word: str) -> bool:
    if _ORDINARY.fullmatch(word) or "/" in word[:1]:
        return False
    odd = any(c.isdigit() for c in word) or any(c in "!$%&*#@^~_+" for c in word)
    if any(sign in link for sign in ":=→>"):
        return odd or len(word) >= 6
    return odd and len(word) >= 5


WARNING = (
    "That looks like a password, so it was refused and not kept. Change it now: whoever can read this chat may have "
    "seen it. Passwords belong in the school's password vault; give only the name of the entry."
)
LEFT_OUT = "(left out: it looked like a password)"
LEFT_OUT_WARNING = (
    "What looked like a password was left out and not kept; all your other words were. Change that password when you "
    "can: whoever can read this chat may have seen it."
)
_STOPS = ".,;!?)"
