"""Bank holidays of the four countries of the United Kingdom, and the working week made with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from bot.domain.calendar import Holiday, WorkingWeek

COUNTRIES = ("GB-ENG", "GB-SCT", "GB-WLS", "GB-NIR")


@dataclass(frozen=True, slots=True)
class BankHolidays:
    """The bank holidays of one country, substitute days included, worked out year by year as needed."""

    country: str

    def __post_init__(self) -> None:
        if self.country not in COUNTRIES:
            raise ValueError(f"{self.country!r} is not one of {', '.join(COUNTRIES)}")

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in _in_year(self.country, day.year)


def working_week(
    zone: ZoneInfo,
    country: str,
    *,
    start: time = time(8),
    end: time = time(17),
    school_holidays: tuple[Holiday, ...] = (),
) -> WorkingWeek:
    """Return the working week of a school in *country*, one of COUNTRIES.

    Raises:
        ValueError: *country* is another one, or the day ends before it starts.
    """
    return WorkingWeek(zone, start, end, BankHolidays(country), school_holidays)


@cache
def _in_year(country: str, year: int) -> frozenset[date]:
    nation, _, part = country.partition("-")
    return frozenset(holidays.country_holidays(nation, subdiv=part, years=year))
