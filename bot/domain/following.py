"""Questions that follow on: "and on weekends?" means little without the question before."""

import re
from enum import Enum

from bot.domain.words import words


class Link(Enum):
    """How plainly a question goes on from the one before."""

    NONE = 0
    LOOSE = 1
    PLAIN = 2


# What a message begins with that goes on from another one.
_PLAIN = (
    "and", "but", "or", "also", "plus", "what about", "how about", "ok and", "ok but", "okay and", "okay but",
    "so what about", "same for", "same with", "same if", "is it the same", "is that the same", "even if", "even on",
    "even when", "even for", "even in", "even at", "including", "not even", "except", "only if", "only on",
)  # fmt: skip
# These may go on, and may as well begin something new.
_LOOSE = (
    "does that", "does it", "do they", "do those", "is that", "is it", "is this", "are they", "are those", "can they",
    "can it", "would that", "would it", "so", "then", "what if", "why", "why not", "how come", "says who", "who by",
    "who to", "who with", "who", "by when", "when", "since when", "where", "how", "how soon", "how often", "which",
    "on weekends", "at weekends", "in the holidays", "for", "with", "without", "if", "in", "on", "at", "only",
)  # fmt: skip
_BACK = frozenset(
    ("that", "it", "this", "they", "them", "those", "these", "he", "she", "him", "her", "one", "then", "too")
)
_LONGEST = 9
_LONGEST_LOOSE = 4
_LONGEST_BACK = 12
# Who is spoken of: "what about parents then" asks of parents what was asked of pupils.
_WHO = (
    ("pupils", "pupil", "students", "student", "kids", "kid", "children", "child", "learners", "lads", "girls"),
    ("parents", "parent", "mums", "mum", "dads", "dad", "carers", "carer", "families", "family"),
    ("staff", "teachers", "teacher", "colleagues", "colleague", "employees"),
    ("volunteers", "volunteer", "governors", "governor", "helpers", "helper"),
    ("journalists", "journalist", "reporters", "reporter"),
)  # fmt: skip
_JOINT = re.compile(rf"^\W*(?:{'|'.join(sorted(_PLAIN, key=len, reverse=True))})\b\W*", re.IGNORECASE)
_END = re.compile(r"[.!?\n]+(?=\s|$)")


def link(question: str) -> Link:
    """Return whether *question* goes on from the one before, as far as its words tell."""
    said = words(question)
    text = f"{' '.join(said)} "
    if not said or len(said) > _LONGEST_BACK:
        return Link.NONE
    if len(said) <= _LONGEST and any(text.startswith(f"{joint} ") for joint in _PLAIN):
        return Link.PLAIN
    begins = len(said) <= _LONGEST_LOOSE and any(text.startswith(f"{joint} ") for joint in _LOOSE)
    return Link.LOOSE if begins or not _BACK.isdisjoint(said) else Link.NONE


def joined(before: str, question: str) -> str:
    """Return *question* and what it goes on from as one; people whom it names take the place of those before."""
    more = _JOINT.sub("", question, count=1).strip()
    named = set(words(more))
    asked = before
    if any(not named.isdisjoint(who) for who in _WHO):
        others = [word for who in _WHO if named.isdisjoint(who) for word in who]
        asked = re.sub(rf"\b(?:{'|'.join(others)})\b", "", before, flags=re.IGNORECASE)
    return " ".join(f"{_END.sub(' ', asked)} {more}".split())
