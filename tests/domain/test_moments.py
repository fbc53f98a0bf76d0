"""Days and moments as people type them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.moments import parse_day, parse_moment

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 24, 10, 30, tzinfo=LONDON)  # a Tuesday

MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
WORDS = """tomorrow today friday next last in a half an hour minutes 28 nov november 2026 31 feb 28/11 12/9/26
    3pm 22:10 noon midday at by on 2026-11-28 2026-11-28T22:10:00+00:00 99 . , : 0 end day now"""
TYPED = st.text(max_size=40) | st.lists(st.sampled_from(WORDS.split()), max_size=6).map(" ".join)
COMING = ("mon", "tuesday", "weds", "thurs", "friday", "sat", "sunday", "noon", "9am", "22:10")
WRITTEN = ("%d/%m/%Y", "%d/%m/%y", "%d %B %Y", "%A %d %b %Y", "%B %d, %Y", "%Y-%m-%d")


def at(moment: str) -> datetime:
    """Return *moment*, written without an offset, on the clocks of London."""
    return datetime.fromisoformat(moment).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("tomorrow 3pm", "2026-11-25 15:00"),
        ("Tomorrow at 3 p.m.", "2026-11-25 15:00"),
        ("3pm tomorrow", "2026-11-25 15:00"),
        ("today 17:00", "2026-11-24 17:00"),
        ("today 09:00", "2026-11-24 09:00"),
        ("yesterday 22:10", "2026-11-23 22:10"),
        ("today", "2026-11-24 17:00"),
        ("tomorrow", "2026-11-25 17:00"),
        ("friday", "2026-11-27 17:00"),
        ("by Friday", "2026-11-27 17:00"),
        ("by the end of the day on Friday", "2026-11-27 17:00"),
        ("fri 4pm", "2026-11-27 16:00"),
        ("4.30pm on Friday", "2026-11-27 16:30"),
        ("this friday 12pm", "2026-11-27 12:00"),
        ("Fri. 12am", "2026-11-27 00:00"),
        ("next monday 9am", "2026-11-30 09:00"),
        ("monday 9am", "2026-11-30 09:00"),
        ("last friday 16:40", "2026-11-20 16:40"),
        ("Tuesday 11am", "2026-11-24 11:00"),
        ("tuesday 9am", "2026-12-01 09:00"),
        ("next tuesday 11am", "2026-12-01 11:00"),
        ("thurs noon", "2026-11-26 12:00"),
        ("28 Nov 22:10", "2026-11-28 22:10"),
        ("22:10 on 28 Nov", "2026-11-28 22:10"),
        ("Sat 28 Nov 2026, 22.10", "2026-11-28 22:10"),
        ("28th of November at 8.05am", "2026-11-28 08:05"),
        ("November 28 10pm", "2026-11-28 22:00"),
        ("28/11/2026 10:00", "2026-11-28 10:00"),
        ("28/11/26 10:00", "2026-11-28 10:00"),
        ("28.11.2026 10:00", "2026-11-28 10:00"),
        ("28-11-2026 10:00", "2026-11-28 10:00"),
        ("28/11 10:00", "2026-11-28 10:00"),
        ("5/12/2026", "2026-12-05 17:00"),
        ("23 Nov 22:10", "2026-11-23 22:10"),
        ("5 January 9:00", "2027-01-05 09:00"),
        ("2026-11-28T22:10:00+00:00", "2026-11-28 22:10"),
        ("2026-11-28T22:10:00Z", "2026-11-28 22:10"),
        ("2026-07-01T22:10:00+00:00", "2026-07-01 23:10"),
        ("2026-11-28T22:10", "2026-11-28 22:10"),
        ("2026-11-28 22:10", "2026-11-28 22:10"),
        ("2026-11-28", "2026-11-28 17:00"),
        ("in 2 hours", "2026-11-24 12:30"),
        ("in an hour", "2026-11-24 11:30"),
        ("in half an hour", "2026-11-24 11:00"),
        ("in 30 minutes", "2026-11-24 11:00"),
        ("45 mins", "2026-11-24 11:15"),
        ("noon", "2026-11-24 12:00"),
        ("12 noon", "2026-11-24 12:00"),
        ("midday tomorrow", "2026-11-25 12:00"),
        ("5pm", "2026-11-24 17:00"),
        ("9am", "2026-11-25 09:00"),
        ("03:30", "2026-11-25 03:30"),
        ("now", "2026-11-24 10:30"),
    ],
)
def test_a_moment_is_read_as_it_is_meant(text: str, moment: str) -> None:
    assert parse_moment(text, NOW, LONDON) == at(moment)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "asap",
            "soon",
            "urgent",
            "3",
            "friday 3",
            "tomorrow morning",
            "next week",
            "midnight",
            "within the hour",
        ),
        *("31/2/2026", "31 Feb", "13/13/2026", "2026-13-01", "2026-11-31T10:00", "11/28/2026", "28/11/206"),
        *("25:00", "13pm", "0am", "22:60", "nov 22:10", "friday 4pm or 5pm", "mon-fri", "3pm GMT"),
        *(
            "friday 28 nov",
            "before friday",
            "in 99999 hours",
            "in two hours",
            "the 28th",
            "2026-11-28T22:10+99:99",
        ),
        *("3:30", "tomorrow 7.45", "september 2026", "friday friday", "x" * 10_000),
    ],
)
def test_what_is_not_clear_is_asked_again(text: str) -> None:
    assert parse_moment(text, NOW, LONDON) is None


def test_a_time_from_1_to_7_needs_its_half_of_the_day() -> None:
    """A journalist's "3:30" is hardly ever at night, and a wrong guess costs a deadline."""
    assert parse_moment("today 3:30", NOW, LONDON) is None
    assert parse_moment("today 3:30pm", NOW, LONDON) == at("2026-11-24 15:30")
    assert parse_moment("today 8:30", NOW, LONDON) == at("2026-11-24 08:30")


def test_the_school_says_when_its_day_ends() -> None:
    assert parse_moment("friday", NOW, LONDON, day_end=time(15, 45)) == at("2026-11-27 15:45")


def test_hours_that_pass_are_counted_over_the_clock_change() -> None:
    before = at("2027-03-27 20:00")

    assert parse_moment("in 24 hours", before, LONDON) == at("2027-03-28 21:00")
    assert parse_moment("tomorrow 8pm", before, LONDON) == at("2027-03-28 20:00")


def test_a_moment_that_the_clocks_skip_is_an_hour_later() -> None:
    moment = parse_moment("28 Mar 2027 01:30", NOW, LONDON)

    assert moment is not None
    assert moment.isoformat() == "2027-03-28T02:30:00+01:00"


def test_today_is_the_schools_today() -> None:
    late_in_summer = datetime(2026, 6, 5, 23, 30, tzinfo=UTC)

    assert parse_moment("today 9am", late_in_summer, LONDON) == at("2026-06-06 09:00")


def test_now_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        parse_moment("tomorrow", NOW.replace(tzinfo=None), LONDON)


@given(TYPED, MOMENTS)
def test_whatever_is_typed_is_a_moment_of_the_school_or_nothing(text: str, now: datetime) -> None:
    moment = parse_moment(text, now, LONDON)

    assert moment is None or moment.tzinfo is LONDON


@given(TYPED, MOMENTS)
def test_whatever_is_typed_is_a_day_or_nothing(text: str, now: datetime) -> None:
    day = parse_day(text, now.date())

    assert day is None or type(day) is date


@given(MOMENTS, MOMENTS)
def test_what_a_form_kept_is_read_as_the_same_moment(moment: datetime, now: datetime) -> None:
    assert parse_moment(moment.isoformat(), now, LONDON) == moment
    assert parse_moment(moment.astimezone(LONDON).isoformat(), now, LONDON) == moment


@given(MOMENTS, st.sampled_from(COMING))
def test_a_weekday_or_a_time_is_the_coming_one(now: datetime, text: str) -> None:
    moment = parse_moment(text, now, LONDON)

    assert moment is not None
    assert timedelta(0) <= moment - now <= timedelta(days=7, hours=1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12 Sept 2026", date(2026, 9, 12)),
        ("12th September, 2026", date(2026, 9, 12)),
        ("September 12 2026", date(2026, 9, 12)),
        ("Saturday 12 September 2026", date(2026, 9, 12)),
        ("12/9/2026", date(2026, 9, 12)),
        ("12/09/26", date(2026, 9, 12)),
        ("12.9.2026", date(2026, 9, 12)),
        ("2026-09-12", date(2026, 9, 12)),
        ("12 Sept", date(2026, 9, 12)),
        ("5 Jan", date(2027, 1, 5)),
        ("29 Feb", date(2028, 2, 29)),
        ("today", date(2026, 11, 24)),
        ("yesterday", date(2026, 11, 23)),
        ("on tuesday", date(2026, 11, 24)),
        ("next Tuesday", date(2026, 12, 1)),
        ("last Tuesday", date(2026, 11, 17)),
        ("friday", date(2026, 11, 27)),
        ("September 2026", date(2026, 9, 1)),
        ("Sept. 2026", date(2026, 9, 1)),
    ],
)
def test_a_day_is_read_as_it_is_meant(text: str, day: date) -> None:
    today = date(2027, 8, 1) if text == "29 Feb" else NOW.date()

    assert parse_day(text, today) == day


@pytest.mark.parametrize(
    "text",
    [
        *("", "last September", "September", "2026", "12", "31/2/2026", "30 Feb", "9/13/2026", "12/9/206"),
        *("Friday 12 September 2026", "28 Nov 22:10", "2026-09-12T10:00", "a while ago", "29/2/2027"),
    ],
)
def test_a_day_that_is_not_clear_is_asked_again(text: str) -> None:
    assert parse_day(text, NOW.date()) is None


@given(st.dates(date(2000, 1, 1), date(2068, 12, 31)), st.sampled_from(WRITTEN))
def test_a_day_is_read_back_however_it_was_written(day: date, written: str) -> None:
    assert parse_day(day.strftime(written), NOW.date()) == day
