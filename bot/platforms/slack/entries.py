"""What was entered into a form's view: Slack's state read as the entries that fields take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, tzinfo

from bot.conversation.events import Json
from bot.conversation.fields import Choice, Field, People
from bot.conversation.forms import FormPage
from bot.domain.office import Office
from bot.platforms.reading import as_mapping
from bot.platforms.slack.inputs import NAMES, OTHER, WORDS

_COMMAS = re.compile(r"[,;\n]")
_AND = re.compile(r"\s+and\s+|\s*&\s*")


def entries(state: Json, page: FormPage, *, office: Office, people: Callable[[str], str]) -> dict[str, Json]:
    """Return field name to entry for all that *state* (`view.state`) answers of *page*.

    A field that the view had no input for is left out, so that what is known of it is kept. What can't be read
    becomes an entry that every field refuses. *people* maps a Slack user id to a person's id.
    """
    blocks = as_mapping(as_mapping(state).get("values"))
    asked = {shown.field.name: shown.field for shown in page.fields}
    return {
        name: _entry(field, blocks, office, people)
        for name, field in asked.items()
        if any(block in blocks for block in (name, name + OTHER, name + NAMES))
    }


def _entry(field: Field, blocks: Mapping[str, Json], office: Office, people: Callable[[str], str]) -> Json:
    block = as_mapping(blocks.get(field.name))
    if field.kind not in block:
        return _unreadable()
    element = as_mapping(block[field.kind])
    second = as_mapping(as_mapping(blocks.get(field.name + (NAMES if isinstance(field, People) else OTHER))).get(WORDS))
    match field:
        case People():
            return _people(element.get("selected_users"), second.get("value"), office, people)
        case Choice(other=True) if isinstance(own := second.get("value"), str) and own.strip():
            return own
        case _:
            return _answer(field, element, office.now.tzinfo)


def _answer(field: Field, element: Mapping[str, Json], zone: tzinfo | None) -> Json:
    match field.kind:
        case "choice":
            return _option(field, element.get("selected_option"))
        case "yes_no":
            chosen = _option(field, element.get("selected_option"))
            return chosen == field.options[0] if chosen in field.options else chosen
        case "choices":
            return _options(field, element.get("selected_options"))
        case "day":
            return _string(element.get("selected_date"))
        case "moment":
            return _moment(element.get("selected_date_time"), zone)
        case _:
            return _string(element.get("value"))


def _option(field: Field, option: Json) -> Json:
    """Return the words of the option that *option* numbers, None where none is chosen."""
    if option is None:
        return None
    number = as_mapping(option).get("value")
    known = {str(each): str(words) for each, words in enumerate(field.options)}
    return known.get(number, _unreadable()) if isinstance(number, str) else _unreadable()


def _options(field: Field, options: Json) -> Json:
    if options is None:
        return None
    if not isinstance(options, list):
        return _unreadable()
    chosen = [_option(field, each) for each in options]
    return chosen if all(isinstance(each, str) for each in chosen) else _unreadable()


def _moment(seconds: Json, zone: tzinfo | None) -> Json:
    if seconds is None:
        return None
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        return _unreadable()
    try:
        return datetime.fromtimestamp(seconds, zone).isoformat()
    except (ValueError, OverflowError, OSError):
        return _unreadable()


def _people(users: Json, names: Json, office: Office, people: Callable[[str], str]) -> Json:
    chosen = [] if users is None else users
    if not isinstance(chosen, list) or not all(isinstance(each, str) for each in chosen):
        return _unreadable()
    if names is not None and not isinstance(names, str):
        return _unreadable()
    return [*map(people, chosen), *_names(names or "", {person.name for person in office.people})]


def _names(typed: str, known: set[str]) -> Iterator[str]:
    """Yield the names that were typed; an "and" parts two of them unless it belongs to somebody's name."""
    for part in _COMMAS.split(typed):
        for name in (part,) if part.strip() in known else _AND.split(part):
            if name.strip():
                yield name.strip()


def _string(value: Json) -> Json:
    return value if value is None or isinstance(value, str) else _unreadable()


def _unreadable() -> Json:
    """Return what no field takes, so that its own sentence says what it wants."""
    return {}
