"""Laws of the codec: what is written is read back, and what could not be read back is not written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from json import dumps, loads
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stores.codec import CodecError, decode, encode
from tests.stores.records import NOON, Ballot, Everything, Letter, Note, Phone, State

LONDON = ZoneInfo("Europe/London")

moments = st.datetimes(timezones=st.timezones() | st.just(UTC) | st.just(timezone(timedelta(hours=5, minutes=45))))
phones = st.builds(Phone, st.text())
letters = st.recursive(
    st.builds(Letter, st.lists(st.text()).map(tuple)),
    lambda inner: st.builds(Letter, st.just(("see inside",)), inner),
    max_leaves=3,
)
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
everything = st.builds(
    Everything,
    school=st.text(),
    id=st.text(),
    text=st.text(),
    number=st.integers(),
    ratio=st.floats(allow_nan=False, allow_infinity=False),
    sure=st.booleans(),
    state=st.sampled_from(State),
    at=moments,
    day=st.dates(),
    span=st.timedeltas(),
    letter=letters,
    reply=phones | letters | st.text() | st.none(),
    phone=st.none() | phones,
    several=st.lists(phones | letters).map(tuple),
    states=st.frozensets(st.sampled_from(State)),
    by_state=st.dictionaries(st.sampled_from(State), st.lists(st.dates()).map(tuple)),
    answers=json,
    due_at=st.none() | moments,
    version=st.integers(min_value=0),
)


@given(everything)
def test_what_is_written_is_read_back(record: Everything) -> None:
    document = loads(dumps(encode(record), allow_nan=False))

    read = decode(Everything, document)

    assert read == record
    assert type(read.ratio) is float
    assert (read.at.utcoffset(), read.at.tzname()) == (record.at.utcoffset(), record.at.tzname())


def test_a_document_is_fit_for_reading() -> None:
    note = Note("bebington", "n1", "Grüße", State.CLOSED, ("ada",), datetime(2026, 7, 1, 9, tzinfo=LONDON), 3)

    assert encode(note) == {
        "school": "bebington",
        "id": "n1",
        "text": "Grüße",
        "state": "closed",
        "readers": ["ada"],
        "due_at": "2026-07-01T09:00:00+01:00[Europe/London]",
        "version": 3,
    }


def test_members_of_a_union_are_told_apart_by_name() -> None:
    record = Everything("bebington", "e1", several=(Phone("999"), Letter(("Dear Ada",))))

    document = encode(record)

    assert document["several"] == [{"Phone": {"number": "999"}}, {"Letter": {"lines": ["Dear Ada"], "enclosed": None}}]


def test_a_set_has_one_document() -> None:
    both = frozenset({State.OPEN, State.CLOSED})

    assert encode(Everything("bebington", "e1", states=both))["states"] == ["closed", "open"]


@pytest.mark.parametrize("fold", [0, 1])
def test_the_hour_that_autumn_repeats_is_kept(fold: int) -> None:
    half_past_one = datetime(2026, 10, 25, 1, 30, fold=fold, tzinfo=LONDON)

    read = decode(Note, encode(Note("bebington", "n1", due_at=half_past_one)))

    assert read.due_at is not None
    assert (read.due_at.fold, read.due_at.tzinfo) == (fold, LONDON)


def test_when_a_zone_has_changed_its_laws_the_moment_counts() -> None:
    document = {"school": "bebington", "id": "n1", "due_at": "2026-07-01T09:00:00+00:00[Europe/London]"}

    read = decode(Note, document)

    assert read.due_at == datetime(2026, 7, 1, 10, tzinfo=LONDON)


def test_a_field_that_a_newer_version_added_takes_its_default() -> None:
    assert decode(Note, {"school": "bebington", "id": "n1"}) == Note("bebington", "n1")


def test_a_field_that_a_newer_version_dropped_is_ignored() -> None:
    assert decode(Ballot, {"school": "bebington", "id": "b1", "colour": "red"}) == Ballot("bebington", "b1")


def test_a_missing_field_without_default_is_named() -> None:
    with pytest.raises(CodecError, match=r"Note 'n1', field 'school' is missing and has no default") as caught:
        decode(Note, {"id": "n1"})

    assert (caught.value.kind, caught.value.id, caught.value.field) == ("Note", "n1", "school")


def test_a_field_inside_a_field_is_named_by_its_path() -> None:
    record = encode(Everything("bebington", "e1", letter=Letter(enclosed=Letter())))
    record["letter"]["enclosed"]["lines"] = "not a list"

    with pytest.raises(CodecError, match=r"field 'letter\.enclosed\.lines' should be a tuple"):
        decode(Everything, record)


UNFIT: dict[str, tuple[str, Any]] = {
    "a moment without a time zone": ("at", datetime(2026, 11, 28)),  # noqa: DTZ001 - that is the point.
    "a day that is a moment": ("day", NOON),
    "a bare string for a state": ("state", "open"),
    "a number for text": ("text", 1),
    "true for a number": ("number", True),
    "not a number": ("ratio", float("nan")),
    "text for truth": ("sure", "yes"),
    "a number for a span": ("span", 3),
    "a list for a tuple": ("several", []),
    "a list for a set": ("states", []),
    "a list for a mapping": ("by_state", []),
    "the wrong class": ("letter", Phone("999")),
    "none of the classes": ("reply", NOON),
    "an object for JSON": ("answers", {"at": NOON}),
    "a name that JSON has not": ("answers", {1: "one"}),
}


@pytest.mark.parametrize(("field", "value"), UNFIT.values(), ids=UNFIT)
def test_what_could_not_be_read_back_is_not_written(field: str, value: Any) -> None:
    record = replace(Everything("bebington", "e1"), **{field: value})

    with pytest.raises(CodecError, match=rf"Everything 'e1', field '{field}' "):
        encode(record)


UNREADABLE: dict[str, tuple[str, Any]] = {
    "a moment without a time zone": ("at", "2026-11-28T12:00:00"),
    "an unknown zone": ("at", "2026-11-28T12:00:00+00:00[Europe/Atlantis]"),
    "no moment": ("at", "soon"),
    "no day": ("day", "soon"),
    "no span": ("span", "PT4H"),
    "an unknown state": ("state", "pondered"),
    "something for nothing": ("due_at", 5),
    "an unknown class": ("several", [{"Fax": {}}]),
    "a class that is no object": ("letter", []),
    "a mapping that is a list": ("by_state", []),
}


@pytest.mark.parametrize(("field", "value"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_document_of_another_shape_is_refused(field: str, value: Any) -> None:
    document = {**encode(Everything("bebington", "e1")), field: value}

    with pytest.raises(CodecError, match=rf"Everything 'e1', field '{field}' "):
        decode(Everything, document)


def test_an_error_does_not_repeat_what_people_wrote() -> None:
    document = {**encode(Everything("bebington", "e1")), "day": "a secret"}

    with pytest.raises(CodecError) as caught:
        decode(Everything, document)

    assert "secret" not in str(caught.value)


def test_a_document_shares_nothing_with_its_record() -> None:
    answers = {"aims": ["inform"]}
    document = encode(Everything("bebington", "e1", answers=answers))

    answers["aims"].append("entertain")

    assert document["answers"] == {"aims": ["inform"]}


@dataclass(frozen=True)
class Ambiguous:
    INDEXES: ClassVar[tuple[str, ...]] = ()
    when: date | datetime


@dataclass(frozen=True)
class Numbered:
    pages: Mapping[int, str]


@dataclass(frozen=True)
class Odd:
    picture: bytes


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (Ambiguous(NOON), "date | datetime look alike in JSON"),
        (Numbered({}), "no names of type int"),
        (Odd(b""), "no way to store a <class 'bytes'>"),
    ],
)
def test_a_hint_that_cannot_be_stored_is_a_bug_and_says_so_each_time(record: object, reason: str) -> None:
    for _ in range(2):
        with pytest.raises(TypeError, match=reason.replace("|", r"\|")):
            encode(record)
