"""The school's working time, and the 24 hours that the policy gives a query (MON-3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.bank_holidays import COUNTRIES, BankHolidays, working_week
from bot.domain.calendar import Holiday, WorkingWeek, is_weekend, query_due

LONDON = ZoneInfo("Europe/London")
CHRISTMAS = Holiday("Christmas", date(2026, 12, 19), date(2027, 1, 3))
WEEK = working_week(LONDON, "GB-ENG", school_holidays=(CHRISTMAS,))

MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
HOURS = st.integers(0, 200 * 60).map(lambda minutes: timedelta(minutes=minutes))


def at(moment: str) -> datetime:
    """Return *moment*, written without an offset, on the clocks of London."""
    return datetime.fromisoformat(moment).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        pytest.param("2026-11-24 09:15", "2026-11-25 09:15", id="a weekday"),
        pytest.param("2026-11-27 16:40", "2026-11-28 16:40", id="Friday is not a weekend"),
        pytest.param("2026-11-28 22:10", "2026-11-30 17:00", id="Saturday night"),
        pytest.param("2026-11-22 10:00", "2026-11-23 17:00", id="Sunday"),
        pytest.param("2026-12-24 15:00", "2026-12-25 15:00", id="holidays give no relief"),
        pytest.param("2026-12-26 12:00", "2026-12-29 17:00", id="the substitute bank holiday"),
        pytest.param("2027-03-27 20:00", "2027-03-30 17:00", id="Easter, and the clocks go forward"),
        pytest.param("2026-12-28 12:00", "2026-12-29 12:00", id="a bank holiday Monday is not a weekend"),
        pytest.param("2026-11-28 00:00", "2026-11-30 17:00", id="the first moment of a weekend"),
        pytest.param("2026-11-27 23:59", "2026-11-28 23:59", id="the last minute before a weekend"),
        pytest.param("2026-10-25 01:30", "2026-10-26 17:00", id="the hour that comes twice"),
    ],
)
def test_a_query_is_due_as_the_policy_says(received: str, due: str) -> None:
    """MON-3, by the worked examples."""
    deadline = query_due(at(received), WEEK)

    assert deadline.due == at(due)
    assert deadline.due.tzinfo is LONDON
    assert deadline.clause == "MON-3"


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-28 22:10", "2026-11-29 22:10"),
        ("2027-03-27 20:00", "2027-03-28 21:00"),
        ("2026-10-24 20:00", "2026-10-25 19:00"),
    ],
)
def test_without_weekend_relief_24_hours_pass_whatever_the_clocks_do(received: str, due: str) -> None:
    assert query_due(at(received), WEEK, weekend_relief=False).due == at(due)


def test_it_is_the_schools_weekend_that_counts() -> None:
    """23:30 UTC on a Friday in summer is Saturday in London."""
    received = datetime(2026, 6, 5, 23, 30, tzinfo=UTC)

    assert query_due(received, WEEK).due == at("2026-06-08 17:00")


def test_the_rule_tells_a_weekend_from_24_hours() -> None:
    assert "24 hours" in query_due(at("2026-11-24 09:15"), WEEK).rule
    assert "next working day" in query_due(at("2026-11-28 22:10"), WEEK).rule


def test_the_school_says_when_its_day_ends() -> None:
    week = working_week(LONDON, "GB-ENG", start=time(7, 30), end=time(15, 45))

    assert query_due(at("2026-11-28 22:10"), week).due == at("2026-11-30 15:45")


@given(MOMENTS, st.booleans())
def test_a_query_is_never_due_before_it_was_received(received: datetime, relief: bool) -> None:
    assert query_due(received, WEEK, weekend_relief=relief).due > received


@given(MOMENTS)
def test_relief_never_shortens_the_clock(received: datetime) -> None:
    strict = query_due(received, WEEK, weekend_relief=False).due

    assert query_due(received, WEEK).due >= min(strict, WEEK.add_working_days(received, 1))
    assert strict - received == timedelta(hours=24)


@given(MOMENTS)
def test_school_holidays_never_move_the_policys_clock(received: datetime) -> None:
    always_on_holiday = working_week(
        LONDON, "GB-ENG", school_holidays=(Holiday("All of it", date(2025, 1, 1), date(2030, 1, 1)),)
    )

    assert query_due(received, always_on_holiday) == query_due(received, WEEK)


@pytest.mark.parametrize(
    ("day", "following"),
    [
        ("2026-11-24", "2026-11-25"),
        ("2026-11-27", "2026-11-30"),
        ("2026-12-24", "2026-12-29"),
        ("2027-03-25", "2027-03-30"),
        ("2026-12-31", "2027-01-04"),
    ],
)
def test_the_next_working_day_skips_weekends_and_bank_holidays(day: str, following: str) -> None:
    assert WEEK.next_working_day(date.fromisoformat(day)) == date.fromisoformat(following)


def test_a_day_of_the_school_holidays_is_a_working_day_all_the_same() -> None:
    assert WEEK.is_school_holiday(date(2026, 12, 22))
    assert WEEK.is_working_day(date(2026, 12, 22))


@pytest.mark.parametrize(
    ("moment", "count", "end"),
    [
        ("2026-11-24 09:15", 1, "2026-11-25 17:00"),
        ("2026-11-24 23:00", 2, "2026-11-26 17:00"),
        ("2026-11-27 09:00", 1, "2026-11-30 17:00"),
        ("2026-12-23 09:00", 3, "2026-12-30 17:00"),
        ("2027-03-26 20:00", 1, "2027-03-30 17:00"),
    ],
)
def test_working_days_are_counted_from_the_day_after(moment: str, count: int, end: str) -> None:
    assert WEEK.add_working_days(at(moment), count) == at(end)


@pytest.mark.parametrize(
    ("moment", "hours", "end"),
    [
        pytest.param("2026-11-24 09:15", 2, "2026-11-24 11:15", id="within the day"),
        pytest.param("2026-11-24 16:00", 4, "2026-11-25 11:00", id="overnight"),
        pytest.param("2026-11-24 15:00", 2, "2026-11-24 17:00", id="to the last minute"),
        pytest.param("2026-11-24 05:00", 1, "2026-11-24 09:00", id="before the day starts"),
        pytest.param("2026-11-27 18:00", 1, "2026-11-30 09:00", id="after Friday ends"),
        pytest.param("2026-12-24 16:00", 2, "2026-12-29 09:00", id="over Christmas"),
        pytest.param("2026-11-23 08:00", 24, "2026-11-25 14:00", id="the default reminder"),
        pytest.param("2027-03-25 16:00", 2, "2027-03-30 09:00", id="over the clock change"),
        pytest.param("2026-11-28 12:00", 0, "2026-11-30 08:00", id="none, at a weekend"),
    ],
)
def test_working_hours_pass_only_while_people_work(moment: str, hours: int, end: str) -> None:
    assert WEEK.add_working_hours(at(moment), timedelta(hours=hours)) == at(end)


@given(MOMENTS, HOURS)
def test_working_hours_end_in_working_time_and_never_early(moment: datetime, hours: timedelta) -> None:
    end = WEEK.add_working_hours(moment, hours)

    assert end >= moment + hours
    assert WEEK.is_working_day(end.date())
    assert WEEK.start <= end.time() <= WEEK.end


@given(MOMENTS, HOURS, HOURS)
def test_working_hours_add_up(moment: datetime, some: timedelta, more: timedelta) -> None:
    in_two_steps = WEEK.add_working_hours(WEEK.add_working_hours(moment, some), more)

    assert WEEK.add_working_hours(in_two_steps, timedelta(minutes=1)) == WEEK.add_working_hours(
        moment, some + more + timedelta(minutes=1)
    )


@pytest.mark.parametrize(
    ("moment", "nudged"),
    [
        pytest.param("2026-11-24 09:15", "2026-11-24 09:15", id="in working hours"),
        pytest.param("2026-11-24 17:00", "2026-11-24 17:00", id="as the day ends"),
        pytest.param("2026-11-24 17:01", "2026-11-25 08:00", id="in the evening"),
        pytest.param("2026-11-24 06:00", "2026-11-24 08:00", id="early"),
        pytest.param("2026-11-28 12:00", "2026-11-30 08:00", id="at a weekend"),
        pytest.param("2026-12-18 18:00", "2027-01-04 08:00", id="as the holidays begin"),
        pytest.param("2026-12-22 10:00", "2027-01-04 08:00", id="in the holidays"),
        pytest.param("2027-03-26 10:00", "2027-03-30 08:00", id="on Good Friday"),
    ],
)
def test_nudges_wait_for_working_hours_in_term(moment: str, nudged: str) -> None:
    assert WEEK.nudge_time(at(moment)) == at(nudged)


@given(MOMENTS)
def test_a_nudge_is_never_early_and_never_nudged_again(moment: datetime) -> None:
    nudged = WEEK.nudge_time(moment)

    assert nudged >= moment
    assert WEEK.nudge_time(nudged) == nudged


@pytest.mark.parametrize(
    ("country", "day", "is_one"),
    [
        ("GB-ENG", "2026-12-28", True),
        ("GB-ENG", "2027-03-29", True),
        ("GB-SCT", "2027-03-29", False),
        ("GB-SCT", "2026-11-30", True),
        ("GB-NIR", "2027-03-17", True),
        ("GB-WLS", "2026-08-31", True),
        ("GB-ENG", "2026-08-30", False),
    ],
)
def test_each_country_keeps_its_own_bank_holidays(country: str, day: str, is_one: bool) -> None:
    assert (date.fromisoformat(day) in BankHolidays(country)) is is_one


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_country_has_a_christmas(country: str) -> None:
    assert not working_week(LONDON, country).is_working_day(date(2026, 12, 25))


def test_a_weekend_is_saturday_and_sunday() -> None:
    assert [is_weekend(date(2026, 11, day)) for day in range(23, 30)] == [False] * 5 + [True] * 2


def test_a_moment_without_a_time_zone_is_refused() -> None:
    naive = at("2026-11-24 09:15").replace(tzinfo=None)

    for ask in (
        lambda: query_due(naive, WEEK),
        lambda: WEEK.add_working_days(naive, 1),
        lambda: WEEK.add_working_hours(naive, timedelta(hours=1)),
        lambda: WEEK.nudge_time(naive),
    ):
        with pytest.raises(ValueError, match="time zone"):
            ask()


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        WEEK.add_working_days(at("2026-11-24 09:15"), 0)
    with pytest.raises(ValueError, match="forwards"):
        WEEK.add_working_hours(at("2026-11-24 09:15"), timedelta(hours=-1))
    with pytest.raises(ValueError, match="ends after it starts"):
        WorkingWeek(LONDON, start=time(17), end=time(8))
    with pytest.raises(ValueError, match="FR"):
        BankHolidays("FR")
