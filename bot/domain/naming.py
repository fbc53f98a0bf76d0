"""Who is meant by a typed name: by id, name, e-mail, office held, or an unmistakable part of the name."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.domain.people import Person, Role

_OFFICES = {
    Role.HEAD: ("head", "headteacher", "head teacher", "headmaster", "headmistress", "principal", "the boss"),
    Role.DSL: ("dsl", "safeguarding lead", "designated safeguarding lead", "safeguarding officer"),
    Role.ADMINISTRATOR: ("administrator", "account administrator", "admin"),
    Role.CHAIR: ("chair", "chair of governors"),
    Role.DPO: ("dpo", "data protection officer"),
}
_TITLES = frozenset(("mr", "mrs", "ms", "miss", "mx", "dr", "sir", "madam", "prof", "rev"))
_NO_NAMES = frozenset(("yes", "no", "none", "nobody", "me", "myself", "skip", "n/a", "na", "unknown", "not sure", "?"))
_ALIKE = 0.8
_SURNAMES_ALIKE = 0.75


@dataclass(frozen=True, slots=True)
class Doubt:
    """A name that may mean several people or be misspelt; *sentence* says how to settle it."""

    sentence: str


def who_is_meant(typed: str, people: Iterable[Person]) -> Person | Doubt | None:
    """Return the person meant, a doubt to settle, or None for somebody who is not in the directory.

    A name with a word in brackets, such as `Ann Head (parent)`, always means somebody outside it.
    """
    everybody = tuple(people)
    wanted = _flat(typed)
    if not re.search(r"[^\W\d_]", wanted) or wanted in _NO_NAMES:
        return Doubt("Please give a name.")
    if "(" in typed:
        return None
    exact = [p for p in everybody if wanted in (_flat(p.id), _flat(p.name), p.email.lower() or None)]
    holding = exact or [p for role, words in _OFFICES.items() if wanted in words for p in everybody if p.holds(role)]
    found = holding or _by_part(wanted, everybody)
    match found:
        case [one]:
            return one
        case []:
            return _misspelt(typed, wanted, everybody)
        case _:
            names = ", ".join(person.name for person in found[:6])
            return Doubt(f"“{_short(typed)}” may be one of several: {names}. Give the whole name.")


def _by_part(wanted: str, people: tuple[Person, ...]) -> list[Person]:
    parts = set(wanted.split()) - _TITLES
    whole = any(len(part) > 1 for part in parts)
    return [person for person in people if whole and _all_of(parts, _flat(person.name).split())]


def _all_of(parts: Iterable[str], name: list[str]) -> bool:
    """Tell whether each of *parts* is a word of *name* or its initial; "a" and "i" are no initials."""
    initials = {word[0] for word in name} - {"a", "i"}
    return all(part in name or part in initials for part in parts)


def _misspelt(typed: str, wanted: str, people: tuple[Person, ...]) -> Doubt | None:
    meant = _alike(wanted, people)
    if meant is None:
        return None
    return Doubt(
        f"Did you mean {meant.name}? Write the name as it stands in the staff list. "
        f"For somebody else, say who they are in brackets: {_short(typed)} (parent)."
    )


def _alike(wanted: str, people: tuple[Person, ...]) -> Person | None:
    """Return whose name, office or surname is nearly what was typed, or None."""
    names = {_flat(person.name): person for person in people}
    if alike := difflib.get_close_matches(wanted, list(names), n=1, cutoff=_ALIKE):
        return names[alike[0]]
    offices = {word.replace(" ", ""): role for role, words in _OFFICES.items() for word in words}
    if alike := difflib.get_close_matches(wanted.replace(" ", ""), list(offices), n=1, cutoff=_ALIKE):
        return next((person for person in people if person.holds(offices[alike[0]])), None)
    typed = [word for word in wanted.split() if word not in _TITLES]
    surnames = {_flat(person.name).rpartition(" ")[2]: person for person in people}
    alike = difflib.get_close_matches(typed[0], list(surnames), n=1, cutoff=_SURNAMES_ALIKE) if len(typed) == 1 else []
    return surnames[alike[0]] if alike else None


@lru_cache(maxsize=4_000)  # every name of the directory is compared with every name that is typed
def _flat(text: str) -> str:
    """Return *text* in small letters without accents, hidden characters, and the dots of initials and titles."""
    plain = (each for each in unicodedata.normalize("NFKD", text) if unicodedata.category(each) not in ("Mn", "Cf"))
    words = re.sub(r"[_\s]+", " ", "".join(plain).lower().replace("’", "'")).strip(" .@")
    words = words if "@" in words else re.sub(r"[. ]+", " ", words)
    return re.sub(r"^(?:the|our|my) ", "", words)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
