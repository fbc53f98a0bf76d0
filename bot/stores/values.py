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
        same: Classes of which each value is its own JSON, so that nobody need call `write` or `read` for it.
    """

    write: Callable[[Any], Json]
    read: Callable[[Json], Any]
    value: type
    mark: type | str
    same: frozenset[type] = frozenset()


def member_of(enum: type[StrEnum]) -> Codec:
    """Return the codec of the members of *enum*."""

    def write(value: Any) -> str:
        if type(value) is not enum:
            raise Misfit(f"should be a {enum.__name__}")
        return value.value

    members = {member.value: member for member in enum}

    def read(value: Json) -> StrEnum:
        member = members.get(value) if type(value) is str else None
        if member is None:
            raise Misfit(f"should be the name of a {enum.__name__}")
        return member

    return Codec(write, read, enum, str)


_PLAIN: frozenset[type] = frozenset((str, int, bool, NoneType))


def _as_is(value: Json) -> Json:
    """Return a copy in which nothing is but what JSON knows; a tuple becomes a list."""
    if type(value) in _PLAIN:
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
    if isinstance(value, datetime):
        zone = value.tzinfo
        if type(zone) is ZoneInfo and zone.key:
            return f"{value.isoformat()}[{zone.key}]"
        if value.utcoffset() is not None:
            return value.isoformat()
    raise Misfit("should be a moment with a time zone")


def _read_moment(value: Json) -> datetime:
    text, _, zone = _text(value).removesuffix("]").partition("[")
    try:
        moment = datetime.fromisoformat(text)
        offset = moment.utcoffset()
        if offset is None:
            raise Misfit("should be a moment with a time zone")
        if not zone:
            return moment
        local = datetime.combine(moment, moment.time(), ZoneInfo(zone))  # in half the time of `replace`
        return local if local.utcoffset() == offset else _at_home(moment, local)
    except (ValueError, ZoneInfoNotFoundError):
        raise Misfit("should be a moment with a time zone that is known here") from None


def _at_home(moment: datetime, local: datetime) -> datetime:
    """Return *moment* on the clocks of *local*: in the hour that comes twice, or by laws that changed since."""
    again = local.replace(fold=1)
    return again if again.utcoffset() == moment.utcoffset() else moment.astimezone(local.tzinfo)


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


ANYTHING = Codec(_as_is, _as_is, object, object, _PLAIN)
VALUES: Mapping[Any, Codec] = {
    Any: ANYTHING,
    str: Codec(_text, _text, str, str, frozenset((str,))),
    int: Codec(_whole, _whole, int, int, frozenset((int,))),
    float: Codec(_number, _number, float, float),
    bool: Codec(_truth, _truth, bool, bool, frozenset((bool,))),
    NoneType: Codec(_nothing, _nothing, NoneType, NoneType, frozenset((NoneType,))),
    datetime: Codec(_write_moment, _read_moment, datetime, str),
    date: Codec(_write_day, _read_day, date, str),
    timedelta: Codec(_write_span, _read_span, timedelta, str),
}
