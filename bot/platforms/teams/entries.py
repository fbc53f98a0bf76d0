"""What was entered into a form's card: Teams' input values read as the entries that fields take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, tzinfo

from bot.conversation.events import Json
from bot.conversation.fields import Choice, Choices, Field, Moment, Number, People, YesNo
from bot.conversation.forms import FormPage
from bot.domain.office import Office
from bot.platforms.teams.inputs import input_ids, is_kept

KEPT = "kept"

_NO_NUMBER = "NaN"  # what Microsoft's client makes of an empty input for a number
_COMMAS = re.compile(r"[,;\n]")
_AND = re.compile(r"\s+and\s+|\s*&\s*")


def entries(
    values: Mapping[str, Json], page: FormPage, *, office: Office, people: Callable[[str], str]
) -> dict[str, Json]:
    """Return field name to entry for all that *values* answer of *page*.

    *values* is all that came with the press: input id to what stands there, and under `smpolicy` what its button
    carried. Teams leaves empty inputs out, so a field is empty where it has no value; only one that the card had
    no input for is left out here too, so that what is known of it is kept. What can't be read becomes an entry
    that every field refuses. *people* maps an id that is nobody's in the school to a person's id.
    """
    kept = _kept(values, page)
    return {
        shown.field.name: _entry(shown.field, values, office, people)
        for shown in page.fields
        if shown.field.name not in kept or any(id in values for id in input_ids(shown.field))
    }


def _kept(values: Mapping[str, Json], page: FormPage) -> set[str]:
    carried = values.get("smpolicy")
    told = carried.get(KEPT) if isinstance(carried, Mapping) else None
    return set(told.split()) if isinstance(told, str) else {each.field.name for each in page.fields if is_kept(each)}


def _entry(field: Field, values: Mapping[str, Json], office: Office, people: Callable[[str], str]) -> Json:
    value, *more = (values.get(id) for id in input_ids(field))
    match field:
        case People():
            return _people(value, more[0], office, people)
        case Choice(other=True) if isinstance(own := more[0], str) and own.strip():
            return own
        case Choice():
            return _option(field, value)
        case YesNo():
            chosen = _option(field, value)
            return chosen == field.options[0] if chosen in field.options else chosen
        case Choices():
            return _options(field, value)
        case Moment():
            return _moment(value, more[0], office.now.tzinfo)
        case Number() if value == _NO_NUMBER:
            return None
        case _:
            return _string(value)


def _option(field: Field, number: Json) -> Json:
    """Return the words of the option that *number* is of, None where none is chosen."""
    if number in (None, ""):
        return None
    known = {str(each): str(words) for each, words in enumerate(field.options, start=1)}
    return known.get(number, _unreadable()) if isinstance(number, str) else _unreadable()


def _options(field: Field, numbers: Json) -> Json:
    if numbers in (None, ""):
        return None
    if not isinstance(numbers, str):
        return _unreadable()
    chosen = [_option(field, each) for each in numbers.split(",")]
    return chosen if all(isinstance(each, str) for each in chosen) else _unreadable()


def _moment(day: Json, clock: Json, zone: tzinfo | None) -> Json:
    """Return the moment in the school's time; half of one is left to the field to refuse."""
    given = [each for each in (day, clock) if each not in (None, "")]
    if not all(isinstance(each, str) for each in given):
        return _unreadable()
    try:
        return (
            datetime.fromisoformat("T".join(given)).replace(tzinfo=zone).isoformat()
            if len(given) == 2
            else _half(given)
        )
    except ValueError:
        return _unreadable()


def _half(given: list[str]) -> Json:
    return given[0] if given else None


def _people(ids: Json, names: Json, office: Office, people: Callable[[str], str]) -> Json:
    if not all(each is None or isinstance(each, str) for each in (ids, names)):
        return _unreadable()
    known = {person.id for person in office.people}
    chosen = [each.strip() for each in (ids or "").split(",") if each.strip()]
    typed = _names(names or "", {person.name for person in office.people})
    return [*(each if each in known else people(each) for each in chosen), *typed]


def _names(typed: str, known: set[str]) -> Iterator[str]:
    """Yield the names that were typed; an "and" parts two of them unless it belongs to somebody's name."""
    for part in _COMMAS.split(typed):
        for name in (part,) if part.strip() in known else _AND.split(part):
            if name.strip():
                yield name.strip()


def _string(value: Json) -> Json:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value) if isinstance(value, float) and value.is_integer() else value)
    return value if value is None or isinstance(value, str) else _unreadable()


def _unreadable() -> Json:
    """Return what no field takes, so that its own sentence says what it wants."""
    return {}
