"""Bodies and queries of the local page's API, read into what they ask for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from bot.conversation.events import Json

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class Malformed(Exception):
    """What arrived is not of the form; *sentence* says what it should be."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Said:
    """What a person typed, and where."""

    person: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """The label that a person pressed on a message; *values* are the words that the press brought."""

    person: str
    message: str
    button: str
    values: Mapping[str, Json] | None


@dataclass(frozen=True, slots=True)
class Submitted:
    """A page of a form as a person filled it in: field name to entry."""

    person: str
    session: str
    values: Mapping[str, Json]


def read_said(raw: bytes) -> Said:
    """Return the body of `say`."""
    body = _body(raw)
    return Said(_text(body, "as"), _text(body, "in"), _text(body, "text"))


def read_pressed(raw: bytes) -> Pressed:
    """Return the body of `press`."""
    body = _body(raw)
    values = None if body.get("values") is None else _values(body)
    return Pressed(_text(body, "as"), _text(body, "message"), _text(body, "button"), values)


def read_submitted(raw: bytes) -> Submitted:
    """Return the body of `submit`."""
    body = _body(raw)
    return Submitted(_text(body, "as"), _text(body, "session"), _values(body))


def read_moment(raw: bytes) -> datetime:
    """Return the body of `clock`."""
    try:
        moment = datetime.fromisoformat(_text(_body(raw), "now"))
        if moment.utcoffset() is not None and EARLIEST <= moment <= LATEST:
            return moment
    except (ValueError, OverflowError):
        pass
    raise Malformed(
        "“now” should be a moment between 1990 and 2200 with its offset, such as 2026-11-28T22:10:00+00:00."
    )


def read_query(query: Mapping[str, str], name: str) -> str:
    """Return the parameter called *name*."""
    value = query.get(name)
    return _missing(name) if value is None else value


def read_after(query: Mapping[str, str]) -> int:
    """Return the number after which messages are wanted; 0 for all."""
    word = query.get("after", "")
    if not word:
        return 0
    if not (word.removeprefix("-").isascii() and word.removeprefix("-").isdigit() and len(word) < 16):
        raise Malformed("“after” should be a whole number.")
    return int(word)


def _body(raw: bytes) -> Mapping[str, Json]:
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_not_json)
        # Half a character can be written in JSON, but neither kept nor shown.
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Malformed("The body should be JSON in UTF-8.") from error
    if not isinstance(body, dict):
        raise Malformed("The body should be a JSON object.")
    return body


def _not_json(word: str) -> NoReturn:
    raise ValueError(word)


def _text(body: Mapping[str, Json], name: str) -> str:
    value = body.get(name)
    if value is None:
        return _missing(name)
    if not isinstance(value, str) or "\0" in value:
        raise Malformed(f"“{name}” should be text.")
    return value


def _values(body: Mapping[str, Json]) -> Mapping[str, Json]:
    values = body.get("values")
    if not isinstance(values, dict):
        raise Malformed("“values” should be an object: field name to value.")
    if any("\0" in text for text in _texts(values)):
        raise Malformed("“values” should hold text without NUL characters.")
    return values


def _texts(document: Json) -> Iterator[str]:
    """Yield every text in *document*, names of fields included, however deep it lies."""
    left = [document]
    while left:
        match left.pop():
            case str(text):
                yield text
            case list(members):
                left.extend(members)
            case dict(pairs):
                left.extend([*pairs, *pairs.values()])
            case _:
                pass


def _missing(name: str) -> NoReturn:
    raise Malformed(f"“{name}” is missing.")
