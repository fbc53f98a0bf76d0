"""Days and moments as people in Britain type them: "tomorrow 3pm", "28 Nov 22:10", "12/9/2026"."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
NEVER = timedelta(0)


def parse_moment(text: str, now: datetime, zone: tzinfo, *, day_end: time = time(17)) -> datetime | None:
    """Return the moment that *text* names, in *zone*, or None where it is not understood.

    A day alone means *day_end*. A weekday or a time alone means the coming one; a day and month
    without a year, the nearest. From 1:00 to 7:59, a time needs am, pm or a leading 0.

    Raises:
        ValueError: *now* has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    local = now.astimezone(zone)
    words = _plain(text)
    if words == "now":
        return local
    if _ISO_MOMENT.fullmatch(text.strip()):
        return _iso_moment(text.strip(), zone)
    if wait := _WAIT.fullmatch(words):
        return (now.astimezone(UTC) + _span(wait["count"], wait["unit"])).astimezone(zone)
    return _day_and_time(words, local, zone, day_end)


def parse_day(text: str, today: date) -> date | None:
    """Return the day that *text* names, or None where it is not understood.

    A weekday means the coming one, today included; a day and month without a year, the nearest;
    a month of a year, its first day.
    """
    words = _plain(text)
    if found := _MONTH_OF_YEAR.fullmatch(words):
        return date(int(found["year"]), _MONTHS[found["month"]], 1)
    named = _take_day(words, today)
    return named.day if named and not named.rest else None


class _Named(NamedTuple):
    """A day, the words that were left over, and how often it comes round again if it is past."""

    day: date
    rest: str
    every: timedelta = NEVER


def _numbered(full: str, *others: str, start: int) -> dict[str, int]:
    """Number the names of *full*, which may also be cut to three letters, and give *others* theirs."""
    short = {word[:3]: number for number, word in enumerate(full.split(), start)}
    return {word: short[word[:3]] for word in (*full.split(), *others, *short)}


def _longest_first(names: dict[str, int]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


_WEEKDAYS = _numbered(
    "monday tuesday wednesday thursday friday saturday sunday", "tues", "weds", "thur", "thurs", start=0
)
_MONTHS = _numbered(
    "january february march april may june july august september october november december", "sept", start=1
)
_RELATIVE = {"yesterday": -DAY, "today": NEVER, "tomorrow": DAY}

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH = rf"(?P<month>{_longest_first(_MONTHS)})\b\.?"
_NUMBER = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(rf"(?<![\w:./-])(?:{pattern})(?![\w:/-])")
    for pattern in (
        rf"{_YEAR}-(?P<number>\d\d)-(?P<day>\d\d)",
        r"(?P<day>\d{1,2})(?P<dot>[/.-])(?P<number>\d{1,2})(?P=dot)(?P<year>(?:19|20)?\d\d)",
        r"(?P<day>\d{1,2})/(?P<number>\d{1,2})",
        rf"{_NUMBER} ?{_MONTH}(?: {_YEAR})?",
        rf"{_MONTH} {_NUMBER}(?: {_YEAR})?",
    )
)
_MONTH_OF_YEAR = re.compile(rf"{_MONTH} {_YEAR}")
_WEEKDAY = re.compile(rf"\b(?:(?P<which>this|next|last) )?(?P<name>{_longest_first(_WEEKDAYS)})\b\.?")
_RELATIVE_DAY = re.compile(rf"\b(?:{'|'.join(_RELATIVE)})\b")

_ISO_MOMENT = re.compile(
    r"(?:19|20)\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?", re.IGNORECASE
)
_WAIT = re.compile(r"(?:(?:in|within) )?(?P<count>\d{1,4}|an?|half an) ?(?P<unit>minute|min|hour|hr)s?")
_CLOCK = re.compile(r"(?P<hour>\d{1,2})(?:[:.](?P<minute>[0-5]\d))? ?(?P<half>am|pm)?")
_NOON = re.compile(r"(?:12 ?)?(?:noon|midday)")
_DAY_END = re.compile(r"end (?:school |working )?day|eod|cob|close play")
_HALF_OF_DAY = re.compile(r"([ap])\. ?m\b\.?")
_FILLER = re.compile(r"\b(?:at|by|on|the|of)\b")


def _plain(text: str) -> str:
    words = _HALF_OF_DAY.sub(r"\1m", text.lower()).replace(",", " ")
    return " ".join(_FILLER.sub(" ", words).split()).rstrip(".!")


def _take_day(words: str, today: date) -> _Named | None:
    for pattern in _DATES:
        if found := pattern.search(words):
            return _dated(found, _without(found), today)
    if found := _RELATIVE_DAY.search(words):
        return _Named(today + _RELATIVE[found[0]], _without(found))
    if found := _WEEKDAY.search(words):
        return _weekday(found, today)
    return None


def _without(found: re.Match[str]) -> str:
    return " ".join((found.string[: found.start()] + " " + found.string[found.end() :]).split())


def _dated(found: re.Match[str], rest: str, today: date) -> _Named | None:
    part = found.groupdict()
    month = _MONTHS[part["month"]] if part.get("month") else int(part["number"])
    year = part.get("year")
    years = (int(year) % 2000 + 2000 if len(year) == 2 else int(year),) if year else _around(today.year)
    days = [day for each in years if (day := _existing_day(each, month, int(part["day"])))]
    if not days:
        return None
    day = min(days, key=lambda each: abs(each - today))
    weekday = _WEEKDAY.search(rest)
    if weekday is None:
        return _Named(day, rest)
    agrees = _WEEKDAYS[weekday["name"]] == day.weekday()
    return _Named(day, _without(weekday)) if agrees else None


def _around(year: int) -> tuple[int, ...]:
    return (year - 1, year, year + 1)


def _existing_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _weekday(found: re.Match[str], today: date) -> _Named:
    ahead = timedelta(days=(_WEEKDAYS[found["name"]] - today.weekday()) % 7)
    match found["which"]:
        case "last":
            return _Named(today + ahead - WEEK, _without(found))
        case "next":
            return _Named(today + (ahead or WEEK), _without(found))
        case _:
            return _Named(today + ahead, _without(found), every=WEEK)


def _day_and_time(words: str, local: datetime, zone: tzinfo, day_end: time) -> datetime | None:
    if not words:
        return None
    named = _take_day(words, local.date()) or _Named(local.date(), words, every=DAY)
    clock = _clock(named.rest, day_end) if named.rest else day_end
    if clock is None:
        return None
    moment = _existing(datetime.combine(named.day, clock), zone)
    if moment < local:
        return _existing(datetime.combine(named.day + named.every, clock), zone)
    return moment


def _clock(words: str, day_end: time) -> time | None:
    if _NOON.fullmatch(words):
        return time(12)
    if _DAY_END.fullmatch(words):
        return day_end
    found = _CLOCK.fullmatch(words)
    if found is None:
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["half"]:
        return time(hour % 12 + 12 * (found["half"] == "pm"), minute) if 1 <= hour <= 12 else None
    # "3:30" is somebody's half past three in the afternoon as often as not, so they are asked again.
    either_half = len(found["hour"]) == 1 and 1 <= hour <= 7
    return time(hour, minute) if found["minute"] and hour < 24 and not either_half else None


def _iso_moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return _existing(moment, zone) if moment.tzinfo is None else moment.astimezone(zone)


def _existing(naive: datetime, zone: tzinfo) -> datetime:
    """Return *naive* as a moment of *zone*; one that the clocks skip in spring is an hour later."""
    return naive.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)


def _span(count: str, unit: str) -> timedelta:
    number = {"a": 1, "an": 1, "half an": 0.5}.get(count) or int(count)
    return timedelta(hours=number) if unit[0] == "h" else timedelta(minutes=number)
