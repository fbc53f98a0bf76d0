"""The school's working time, and the clock that the policy sets for queries (MON-3)."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Holiday:
    """A school holiday, both days included: it quiets nudges and never moves a deadline."""

    name: str
    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment that something is due at, in the school's time zone, and the rule and clause that set it."""

    due: datetime
    rule: str
    clause: str


@dataclass(frozen=True, slots=True)
class WorkingWeek:
    """Monday to Friday less bank holidays, from *start* to *end* in *zone*.

    Every method takes a moment of any time zone and returns one of the school's.
    All of them raise ValueError for a moment without a time zone.
    """

    zone: ZoneInfo
    start: time = time(8)
    end: time = time(17)
    bank_holidays: Container[date] = frozenset()
    school_holidays: tuple[Holiday, ...] = ()

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError("a working day ends after it starts")

    def is_working_day(self, day: date) -> bool:
        """Say whether *day* counts as a working day; those in the school holidays do."""
        return not is_weekend(day) and day not in self.bank_holidays

    def is_school_holiday(self, day: date) -> bool:
        """Say whether *day* lies in the school holidays."""
        return any(day in holiday for holiday in self.school_holidays)

    def next_working_day(self, day: date) -> date:
        """Return the first working day after *day*."""
        following = day + DAY
        while not self.is_working_day(following):
            following += DAY
        return following

    def end_of(self, day: date) -> datetime:
        """Return the moment at which the working day ends on *day*."""
        return datetime.combine(day, self.end, self.zone)

    def local(self, moment: datetime) -> datetime:
        """Return *moment* as the school's clocks show it."""
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return moment.astimezone(self.zone)

    def add_working_days(self, moment: datetime, count: int) -> datetime:
        """Return the end of the *count*th working day after the day of *moment*."""
        if count < 1:
            raise ValueError("count at least one working day")
        day = self.local(moment).date()
        for _ in range(count):
            day = self.next_working_day(day)
        return self.end_of(day)

    def add_working_hours(self, moment: datetime, hours: timedelta) -> datetime:
        """Return the moment by which *hours* of working time have passed since *moment*."""
        if hours < timedelta(0):
            raise ValueError("working hours are counted forwards")
        begin = self.local(moment)
        left = hours
        while not (self._is_open(begin) and begin + left <= self.end_of(begin.date())):
            if self._is_open(begin):
                left -= self.end_of(begin.date()) - begin
            begin = self._next_start(begin)
        return begin + left

    def nudge_time(self, moment: datetime) -> datetime:
        """Return *moment* where it may disturb, else the start of the next day that may be disturbed.

        Nudges come in working hours, outside the school holidays. Safety alerts do not ask.
        """
        begin = self.local(moment)
        while self.is_school_holiday(begin.date()) or not self._is_open(begin):
            begin = self._next_start(begin)
        return begin

    def _is_open(self, local: datetime) -> bool:
        return self.is_working_day(local.date()) and self.start <= local.time() <= self.end

    def _next_start(self, local: datetime) -> datetime:
        day = local.date()
        if not (self.is_working_day(day) and local.time() < self.start):
            day = self.next_working_day(day)
        return datetime.combine(day, self.start, self.zone)


def is_weekend(day: date) -> bool:
    """Say whether *day* is a Saturday or a Sunday."""
    return day.weekday() >= SATURDAY


def query_due(received: datetime, week: WorkingWeek, *, weekend_relief: bool = True) -> Deadline:
    """Return when a query that the platform *received* then has to be acknowledged by (MON-3).

    Only a weekend gives relief: a bank holiday or a school holiday does not stop the 24 hours.
    Where the school grants no *weekend_relief*, the 24 hours run through weekends too.

    Raises:
        ValueError: *received* has no time zone.
    """
    local = week.local(received)
    if weekend_relief and is_weekend(local.date()):
        due = week.end_of(week.next_working_day(local.date()))
        return Deadline(due, "Received at a weekend, so due by the end of the next working day.", "MON-3")
    # 24 hours that pass, not the same time tomorrow: the two differ where the clocks change.
    due = (local.astimezone(UTC) + DAY).astimezone(week.zone)
    return Deadline(due, "Due within 24 hours of being received.", "MON-3")
