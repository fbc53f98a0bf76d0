"""The sections of app.yaml about the school itself: its times, texts, contacts and first values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.bank_holidays import COUNTRIES
from bot.domain.calendar import Holiday
from bot.domain.office import Contact
from bot.settings.file import Entry, either, shown
from bot.settings.shapes import Channel, School, SchoolValues
from bot.settings.teams_ids import why_no_conversation

SCHOOL = ("id", "name", "aliases", "timezone", "country", "working_day", "holidays", "out_of_hours")
NUMBERS = (
    *("slt_quorum", "draft_days", "remind_days", "escalate_days", "unopened_minutes"),
    *("exception_review_days", "gap_days"),
)
EXPECTED_CONTACTS = ("dpo", "lado", "social_care_out_of_hours")
_SCHOOL_ID = re.compile(r"[a-z][a-z0-9_-]*")


def read_school(entry: Entry) -> School:
    """Return the school."""
    if not entry.present:
        entry.mistake("is missing")
    part = entry.fields(SCHOOL)
    day_start, day_end = _working_day(part["working_day"])
    return School(
        id=_school_id(part["id"]),
        name=part["name"].needed_words(),
        aliases=tuple(alias.needed_words() for alias in part["aliases"].items()),
        timezone=_timezone(part["timezone"]),
        country=_country(part["country"]),
        day_start=day_start,
        day_end=day_end,
        holidays=tuple(_holiday(each) for each in part["holidays"].items()),
        out_of_hours=part["out_of_hours"].needed_words(),
    )


def read_channels(entry: Entry) -> Mapping[str, Channel]:
    """Return the channels by name."""
    return {name: _channel(channel) for name, channel in entry.named().items()}


def read_contacts(entry: Entry) -> Mapping[str, Contact]:
    """Return the contacts by name, and warn of those that a report may need and that are not there."""
    contacts = {name: _contact(name, contact) for name, contact in entry.named().items()}
    for name in EXPECTED_CONTACTS:
        if name not in contacts:
            entry.warning(f"{name} is missing, so nobody can be told how to reach them")
    return contacts


def read_texts(entry: Entry) -> Mapping[str, str]:
    """Return the school's own texts by name."""
    return {name: text.needed_words() for name, text in entry.named().items()}


def read_values(entry: Entry, day_end: time) -> SchoolValues:
    """Return the first values of what SLT may change."""
    first = SchoolValues()
    part = entry.fields((*NUMBERS, "weekend_relief"))
    return SchoolValues(
        **{name: part[name].number(getattr(first, name)) for name in NUMBERS},
        weekend_relief=part["weekend_relief"].yes_no(first.weekend_relief),
        end_of_working_day=day_end,
    )


def readable(name: str) -> str:
    """Return an id as words: history_teacher is a History teacher."""
    return name.replace("_", " ").capitalize()


def conversation(entry: Entry) -> str:
    """Return the id of a channel or team of Teams, "" where none is given."""
    written = entry.words()
    if written and (wrong := why_no_conversation(written)):
        entry.mistake(wrong)
    return written


def _school_id(entry: Entry) -> str:
    school = entry.needed_words()
    if school and not _SCHOOL_ID.fullmatch(school):
        entry.mistake(f"{shown(school)} is not an id; use small letters, digits, - and _, a letter first")
    return school


def _timezone(entry: Entry) -> ZoneInfo:
    name = entry.needed_words()
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        entry.mistake(f"{shown(name)} is not a time zone; schools in the UK use Europe/London")
        return ZoneInfo("UTC")


def _country(entry: Entry) -> str:
    country = entry.needed_words()
    if country in COUNTRIES:
        return country
    if country:
        entry.mistake(f"{shown(country)} is not a country whose bank holidays are known; use {either(COUNTRIES)}")
    return COUNTRIES[0]


def _working_day(entry: Entry) -> tuple[time, time]:
    part = entry.fields(("start", "end"))
    start, end = part["start"].clock(time(8)), part["end"].clock(time(17))
    if start < end:
        return start, end
    entry.mistake(f"starts at {start:%H:%M}, which is not before its end at {end:%H:%M}")
    return time(8), time(17)


def _holiday(entry: Entry) -> Holiday:
    part = entry.fields(("name", "from", "to"))
    for edge in ("from", "to"):
        part[edge].needed_words()
    first, last = part["from"].day(), part["to"].day()
    if first and last and last < first:
        entry.mistake(f"ends on {last}, before it starts on {first}")
    return Holiday(part["name"].needed_words(), first or date.min, last or date.min)


def _channel(entry: Entry) -> Channel:
    part = entry.fields(("slack", "teams"))
    return Channel(part["slack"].words(), conversation(part["teams"]))


def _contact(name: str, entry: Entry) -> Contact:
    part = entry.fields(("name", "phone", "email", "hours", "url"))
    contact = Contact(
        name=part["name"].words(readable(name)),
        phone=part["phone"].words(),
        email=part["email"].words(),
        hours=part["hours"].words(),
        url=part["url"].words(),
    )
    if not (contact.phone or contact.email or contact.url):
        entry.warning("has no phone, email or url, so nobody can reach them")
    return contact
