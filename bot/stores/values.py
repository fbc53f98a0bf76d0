"""Single values as JSON and back: what a record's fields are made of in the end."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import NoneType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.conversation.events import Json


class Misfit(ValueError):
    """What went wrong, and the dotted path of the field that it went wrong in."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path

    def within(self, name: str) -> Misfit:
        """Return the same seen from one level further out, where its place is called *name*."""
        return Misfit(self.reason, f"{name}.{self.path}" if self.path else name)


@dataclass(frozen=True, slots=True)
class Codec:
    """How values of one type are written and read; both raise Misfit.

    Attributes:
        value: The class of the values.
        mark: What tells them from the other members of a union: the class of their JSON, or their tag.
    """

    write: Callable[[Any], Json]
    read: Callable[[Json], Any]
    value: type
    mark: type | str


def member_of(enum: type[StrEnum]) -> Codec:
    """Return the codec of the members of *enum*."""

    def write(value: Any) -> str:
        if type(value) is not enum:
            raise Misfit(f"should be a {enum.__name__}")
        return value.value

    def read(value: Json) -> StrEnum:
        try:
            return enum(value)
        except ValueError:
            raise Misfit(f"should be the name of a {enum.__name__}") from None

    return Codec(write, read, enum, str)


def _as_is(value: Json) -> Json:
    """Return a copy in which nothing is but what JSON knows; a tuple becomes a list."""
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list | tuple):
        return [_as_is(member) for member in value]
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return {_text(name): _as_is(member) for name, member in value.items()}
    raise Misfit("should be JSON")


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    raise Misfit("should be text")


def _whole(value: Any) -> int:
    if type(value) is int:
        return value
    raise Misfit("should be a whole number")


def _number(value: Any) -> float:
    if type(value) in (int, float) and math.isfinite(value):
        return float(value)
    raise Misfit("should be a finite number")


def _truth(value: Any) -> bool:
    if type(value) is bool:
        return value
    raise Misfit("should be true or false")


def _nothing(value: Any) -> None:
    if value is not None:
        raise Misfit("should be nothing")


def _write_moment(value: Any) -> str:
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise Misfit("should be a moment with a time zone")
    zone = getattr(value.tzinfo, "key", None)
    return f"{value.isoformat()}[{zone}]" if zone else value.isoformat()


def _read_moment(value: Json) -> datetime:
    text, _, zone = _text(value).removesuffix("]").partition("[")
    try:
        moment = datetime.fromisoformat(text)
        if moment.utcoffset() is None:
            raise Misfit("should be a moment with a time zone")
        return _at_home(moment, ZoneInfo(zone)) if zone else moment
    except (ValueError, ZoneInfoNotFoundError):
        raise Misfit("should be a moment with a time zone that is known here") from None


def _at_home(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return *moment* on the clocks of *zone*; should its laws have changed since, the moment counts."""
    for fold in (0, 1):
        local = moment.replace(tzinfo=zone, fold=fold)
        if local.utcoffset() == moment.utcoffset():
            return local
    return moment.astimezone(zone)


def _write_day(value: Any) -> str:
    if type(value) is not date:
        raise Misfit("should be a day")
    return value.isoformat()


def _read_day(value: Json) -> date:
    try:
        return date.fromisoformat(_text(value))
    except ValueError:
        raise Misfit("should be a day") from None


_SPAN = re.compile(r"(-?)PT(\d+)(?:\.(\d{6}))?S")


def _write_span(value: Any) -> str:
    if not isinstance(value, timedelta):
        raise Misfit("should be a span of time")
    # In whole microseconds, because a float of seconds forgets some of them.
    seconds, rest = divmod(abs(value) // timedelta(microseconds=1), 1_000_000)
    sign = "-" if value < timedelta(0) else ""
    return f"{sign}PT{seconds}.{rest:06}S" if rest else f"{sign}PT{seconds}S"


def _read_span(value: Json) -> timedelta:
    found = _SPAN.fullmatch(_text(value))
    if found is None:
        raise Misfit("should be a span of time")
    sign, seconds, rest = found.groups("0")
    span = timedelta(seconds=int(seconds), microseconds=int(rest))
    return -span if sign == "-" else span


ANYTHING = Codec(_as_is, _as_is, object, object)
VALUES: Mapping[Any, Codec] = {
    Any: ANYTHING,
    str: Codec(_text, _text, str, str),
    int: Codec(_whole, _whole, int, int),
    float: Codec(_number, _number, float, float),
    bool: Codec(_truth, _truth, bool, bool),
    NoneType: Codec(_nothing, _nothing, NoneType, NoneType),
    datetime: Codec(_write_moment, _read_moment, datetime, str),
    date: Codec(_write_day, _read_day, date, str),
    timedelta: Codec(_write_span, _read_span, timedelta, str),
}
