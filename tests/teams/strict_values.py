"""What a property of a card may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, time
from typing import Any
from urllib.parse import urlsplit

Json = Any
Rule = Callable[[str, Json], Iterator[str]]


def words(where: str, value: Json) -> Iterator[str]:
    """Yield why *value* is nothing to read."""
    if not isinstance(value, str) or not value.strip():
        yield f"{where} is {value!r}, not words"


def text(where: str, value: Json) -> Iterator[str]:
    """Yield why *value* is no text; it may be empty."""
    if not isinstance(value, str):
        yield f"{where} is {value!r}, not text"


def run(where: str, value: Json) -> Iterator[str]:
    """Yield why *value* is not a part of a line; blanks are one, and nothing is not."""
    if not isinstance(value, str) or not value:
        yield f"{where} is {value!r}, not text"


def fact(where: str, value: Json) -> Iterator[str]:
    """Yield why *value* is neither true nor false."""
    if not isinstance(value, bool):
        yield f"{where} is {value!r}, neither true nor false"


def number(where: str, value: Json) -> Iterator[str]:
    """Yield why *value* is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield f"{where} is {value!r}, not a number"


def count(where: str, value: Json) -> Iterator[str]:
    """Yield why *value* counts nothing."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        yield f"{where} is {value!r}, not a number from 1"


def thing(where: str, value: Json) -> Iterator[str]:
    """Yield why *value* is no object."""
    if not isinstance(value, dict):
        yield f"{where} is {value!r}, not an object"


def pixels(where: str, value: Json) -> Iterator[str]:
    """Yield why *value* is no length."""
    if not isinstance(value, str) or not re.fullmatch(r"\d+px", value):
        yield f"{where} is {value!r}, not a number of px"


def width(where: str, value: Json) -> Iterator[str]:
    """Yield why *value* is no width of a column."""
    if isinstance(value, str) and (value in {"auto", "stretch"} or re.fullmatch(r"\d+(px)?", value)):
        return
    yield from number(where, value)


def day(where: str, value: Json) -> Iterator[str]:
    """Yield why *value* is no day."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value) or not _reads(date, value):
        yield f"{where} is {value!r}, not a day as YYYY-MM-DD"


def clock(where: str, value: Json) -> Iterator[str]:
    """Yield why *value* is no time of day."""
    if not isinstance(value, str) or not re.fullmatch(r"\d\d:\d\d", value) or not _reads(time, value):
        yield f"{where} is {value!r}, not a time as HH:MM"


def pattern(where: str, value: Json) -> Iterator[str]:
    """Yield why *value* is no regular expression."""
    try:
        re.compile(value)
    except (re.error, TypeError):
        yield f"{where} is {value!r}, not a regular expression"


def link(where: str, value: Json) -> Iterator[str]:
    """Yield why *value* leads nowhere that Teams would go."""
    parts = urlsplit(value) if isinstance(value, str) else urlsplit("")
    leads = (parts.scheme in {"http", "https"} and parts.hostname) or (parts.scheme == "mailto" and parts.path)
    if not leads or not value.isprintable() or " " in value:
        yield f"{where} is {value!r}, not an address"


def picture(where: str, value: Json) -> Iterator[str]:
    """Yield why *value* is no picture."""
    if not isinstance(value, str) or not value.startswith(("https://", "data:image/")):
        yield f"{where} is {value!r}, not a picture"


def one_of(*names: str) -> Rule:
    """Return the rule that a property holds one of *names*, whatever its case."""
    known = {name.lower() for name in names}

    def rule(where: str, value: Json) -> Iterator[str]:
        if not isinstance(value, str) or value.lower() not in known:
            yield f"{where} is {value!r}, not one of {', '.join(names)}"

    return rule


def exactly(value: Json) -> Rule:
    """Return the rule that a property holds *value* and nothing else."""

    def rule(where: str, given: Json) -> Iterator[str]:
        if given != value or type(given) is not type(value):
            yield f"{where} is {given!r}, not {value!r}"

    return rule


def shaped(where: str, value: Json, needs: dict[str, Rule], takes: dict[str, Rule] | None = None) -> Iterator[str]:
    """Yield what is wrong with an object that *needs* some properties, and *takes* others."""
    if not isinstance(value, dict):
        yield f"{where} is {value!r}, not an object"
        return
    known = needs | (takes or {})
    for name in needs:
        if name not in value:
            yield f"{where}.{name} is missing"
    for name, held in value.items():
        if name not in known:
            yield f"{where}.{name} does not belong there"
        elif held is None:
            yield f"{where}.{name} is null"
        else:
            yield from known[name](f"{where}.{name}", held)


def each(where: str, value: Json, rule: Rule, least: int = 1, most: int = 1_000) -> Iterator[str]:
    """Yield what is wrong with a list, and with what it holds by *rule*."""
    if not isinstance(value, list):
        yield f"{where} is {value!r}, not a list"
        return
    if not least <= len(value) <= most:
        yield f"{where} has {len(value)} items, not {least} to {most}"
    for number, held in enumerate(value):
        yield from rule(f"{where}[{number}]", held)


def _reads(kind: type[date] | type[time], value: str) -> bool:
    try:
        kind.fromisoformat(value)
    except ValueError:
        return False
    return True
