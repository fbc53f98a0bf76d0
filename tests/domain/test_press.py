"""Laws of a press contact: who may know, who is told when, and that time decides nothing (BEH-8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import WorkingWeek
from bot.domain.jobs import Errand, Job, To
from bot.domain.office import ActingHead, Office, School
from bot.domain.people import Person, Role
from bot.domain.policy import parse_policy
from bot.domain.press import (
    FINAL,
    OPEN,
    PRESS,
    PressContact,
    Speaker,
    State,
    leadership,
    may_know,
    near_deadline,
    on_duty,
    staff_named,
)
from bot.domain.workflow import Made, the_clock
from bot.errors import Refused

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=LONDON)


def _person(id: str, *roles: Role, name: str = "", left: date | None = None) -> Person:
    return Person(id, name or id.capitalize(), frozenset({Role.STAFF, *roles}), left=left)


TEACHER = _person("teacher", name="Jane Smith")
DEPUTY = _person("deputy", Role.SLT, name="Aisha Khan")
ASSISTANT = _person("assistant", Role.SLT, name="Tom O'Brien")
HEAD = _person("head", Role.HEAD, Role.SLT, name="Pat Lloyd-Jones")
STRANGER = _person("stranger", Role.ADMINISTRATOR, Role.DSL)
PEOPLE = (TEACHER, DEPUTY, ASSISTANT, HEAD, STRANGER)


def _office(
    *,
    now: datetime = NOW,
    duty: tuple[str, ...] = ("deputy", "assistant"),
    people: tuple[Person, ...] = PEOPLE,
    acting: tuple[ActingHead, ...] = (),
) -> Office:
    school = School("school", "The school", WorkingWeek(LONDON), press_duty=duty, duty_minutes=5)
    return Office(school, people, acting, now, "August 2017")


def _contact(reporter: str = "teacher", **answers: object) -> PressContact:
    return PressContact("school", "PRESS-7K3QXM", reporter, {"asks": "Is it true?", **answers}, "August 2017")


def _after(case: PressContact, move: str, by: Person, office: Office, **answers: object) -> PressContact:
    row = PRESS.find(case, move, by, office)
    moved = PRESS.apply(case, row, Made(by, office.now, answers), office)
    return replace(moved, version=case.version + 1)


def _sent(office: Office, reporter: str = "teacher", **answers: object) -> tuple[PressContact, tuple[Job, ...]]:
    draft = _contact(reporter, **answers)
    person = next(each for each in office.people if each.id == reporter)
    row = PRESS.find(draft, "submit", person, office)
    case = PRESS.apply(draft, row, Made(person, office.now, {}), office)
    return case, PRESS.plan(draft, case, row, office)


def _ladder(case: PressContact, jobs: tuple[Job, ...], office: Office) -> Iterator[tuple[int, str, str]]:
    """Yield minute, recipient and face of what is said while nobody does anything."""
    start, waiting = office.now, list(jobs)
    while waiting:
        waiting.sort(key=lambda job: job.due_at or start)
        job, at = waiting.pop(0), office.now
        assert job.due_at is not None
        at = max(at, job.due_at)
        office = replace(office, now=at)
        if job.errand is Errand.TELL and job.to is not None:
            yield int((at - start).total_seconds() // 60), job.to.id, job.face
        if job.errand is Errand.MOVE and (row := PRESS.by_clock(case, job.face)) and case.stage == job.stage:
            moved = PRESS.apply(case, row, Made(None, at, {}), office)
            waiting += PRESS.plan(case, moved, row, office)
            case = replace(moved, version=case.version + 1)


def test_every_state_can_be_reached_from_the_first() -> None:
    reached, grew = {PRESS.initial}, True
    while grew:
        found = {to for row in PRESS.transitions if reached & set(row.sources) for to in row.targets()}
        grew, reached = not found <= reached, reached | found

    assert reached == set(State)


def test_nothing_leads_out_of_an_end() -> None:
    assert not [
        row.move for row in PRESS.transitions for each in row.sources if each in FINAL and row.targets() != (each,)
    ]


def test_every_state_but_the_ends_leads_somewhere() -> None:
    for state in State:
        leads_on = any(state in row.sources and row.targets() != (state,) for row in PRESS.transitions)
        assert leads_on == (state not in FINAL)


def test_every_row_cites_a_clause_of_the_policy() -> None:
    text = Path(__file__).parents[2] / "policy_text" / "policy.md"
    policy = parse_policy(text.read_text("utf-8"))

    for clause in {row.clause for row in PRESS.transitions}:
        assert "journalist" in policy.clause(clause).text


def test_every_audience_and_every_state_has_a_name() -> None:
    effects = [effect for row in PRESS.transitions for effect in row.then]
    effects += [effect for each in PRESS.arrive.values() for effect in each]

    assert {effect.audience for effect in effects if hasattr(effect, "audience")} <= set(PRESS.audiences)
    assert set(PRESS.words) == set(State)


def test_the_clock_decides_nothing() -> None:
    rows = [row for row in PRESS.transitions if row.by is the_clock]

    assert rows
    assert all(row.targets() == row.sources for row in rows)


@pytest.mark.parametrize("move", ["acknowledge", "release", "no_comment", "note"])
def test_only_slt_makes_the_moves_of_slt(move: str) -> None:
    case, _ = _sent(_office())

    with pytest.raises(Refused) as refusal:
        PRESS.find(case, move, TEACHER, _office())
    assert refusal.value.clause == "BEH-8"
    assert PRESS.find(case, move, HEAD, _office()).move == move


def test_only_the_reporter_withdraws() -> None:
    case, _ = _sent(_office())

    with pytest.raises(Refused):
        PRESS.find(case, "withdraw", DEPUTY, _office())
    assert PRESS.find(case, "withdraw", TEACHER, _office()).to is State.WITHDRAWN


def test_a_draft_is_known_to_its_reporter_alone() -> None:
    case = _contact()

    assert [person.id for person in PEOPLE if may_know(case, person, _office())] == ["teacher"]


def test_once_sent_it_is_known_to_slt_and_the_reporter_alone() -> None:
    case, _ = _sent(_office())

    assert [p.id for p in PEOPLE if may_know(case, p, _office())] == ["teacher", "deputy", "assistant", "head"]


def test_whoever_acts_for_the_head_counts_as_slt_for_those_days() -> None:
    day = NOW.date()
    acting = ActingHead("school", "a", "stranger", day, day, "head", NOW)

    assert STRANGER in leadership(_office(acting=(acting,)))
    assert STRANGER not in leadership(_office(acting=(replace(acting, first=day + timedelta(1)),)))


def test_the_duty_is_tried_in_turn_then_all_of_slt_then_the_reporter_is_told() -> None:
    case, jobs = _sent(_office())

    assert list(_ladder(case, jobs, _office())) == [
        (0, "deputy", "press.ping"),
        (5, "assistant", "press.ping"),
        (10, "deputy", "press.ping"),
        (10, "assistant", "press.ping"),
        (10, "head", "press.ping"),
        (15, "teacher", "press.unheard"),
    ]


def test_without_anybody_on_duty_all_of_slt_is_told_at_once() -> None:
    office = _office(duty=())
    case, jobs = _sent(office)

    assert [(minute, who) for minute, who, _ in _ladder(case, jobs, office)] == [
        (0, "deputy"), (0, "assistant"), (0, "head"), (5, "teacher"),
    ]  # fmt: skip


def test_who_left_has_no_seat_or_is_no_member_of_slt_is_skipped() -> None:
    gone = replace(DEPUTY, left=NOW.date() - timedelta(1))
    seatless = replace(ASSISTANT, contact_only=True)
    office = _office(duty=("deputy", "assistant", "teacher", "nobody", "head"), people=(TEACHER, gone, seatless, HEAD))

    assert on_duty(_contact(), office) == (HEAD,)


def test_a_reporter_on_duty_is_not_told_what_they_told() -> None:
    case, jobs = _sent(_office(), reporter="deputy")

    said = list(_ladder(case, jobs, _office()))

    assert said[0] == (0, "assistant", "press.ping")
    assert ("deputy", "press.ping") not in [(who, face) for _, who, face in said]


def test_a_late_worker_catches_up_with_the_ladder() -> None:
    case, jobs = _sent(_office())

    said = list(_ladder(case, jobs, _office(now=NOW + timedelta(hours=1))))

    assert {minute for minute, _, _ in said} == {0}
    assert said[-1][1:] == ("teacher", "press.unheard")


def test_minutes_are_minutes_on_the_night_when_the_clocks_go_back() -> None:
    office = _office(now=datetime(2026, 10, 25, 1, 58, tzinfo=LONDON))
    _, jobs = _sent(office)

    ask_next = next(job for job in jobs if job.face == "ask_next")

    assert ask_next.due_at is not None
    assert ask_next.due_at.astimezone(UTC) == datetime(2026, 10, 25, 1, 3, tzinfo=UTC)


def test_an_acknowledgement_silences_the_ladder() -> None:
    case, jobs = _sent(_office())

    held = _after(case, "acknowledge", DEPUTY, _office())

    assert held.holder == "deputy"
    assert {job.stage for job in jobs if job.errand is Errand.MOVE} == {case.stage} != {held.stage}


def test_the_head_is_told_at_once_where_a_member_of_staff_is_accused() -> None:
    _, accused = _sent(_office(), accused=True)
    _, nobody = _sent(_office(), accused=False)

    assert To.person("head") in [job.to for job in accused if job.due_at == NOW]
    assert To.person("head") not in [job.to for job in nobody]


def test_nobody_is_told_in_a_shared_place() -> None:
    case, _ = _sent(_office(), accused=True)

    for name, audience in PRESS.audiences.items():
        assert all(to == To.person(to.id) for to in audience(case, _office())), name


@given(st.integers(min_value=1, max_value=60 * 24 * 10))
def test_the_reminder_comes_an_hour_before_or_at_half_time(minutes: int) -> None:
    deadline = NOW + timedelta(minutes=minutes)
    case, _ = _sent(_office(), deadline=deadline.isoformat())

    at = near_deadline(case, _office())

    assert at is not None
    assert at == max(deadline - timedelta(hours=1), NOW + timedelta(minutes=minutes) / 2)


@pytest.mark.parametrize("answered", [False, True])
def test_a_deadline_is_recorded_once_and_leaves_it_open(answered: bool) -> None:
    case, _ = _sent(_office(), deadline=(NOW + timedelta(hours=2)).isoformat())
    case = _after(case, "acknowledge", DEPUTY, _office()) if answered else case
    later = _office(now=NOW + timedelta(hours=2))
    row = PRESS.by_clock(case, "pass_deadline")
    assert row is not None

    lapsed = PRESS.apply(case, row, Made(None, later.now, {}), later)

    assert lapsed.state is case.state in OPEN
    assert lapsed.history[-1].words == "The deadline passed without a reply from SLT."
    assert {job.to for job in PRESS.plan(case, lapsed, row, later) if job.to} == {
        To.person(each) for each in ("deputy", "assistant", "head", "teacher")
    }
    after = _after(lapsed, "no_comment", DEPUTY, later)
    assert after.state is State.NO_COMMENT


def test_picking_it_up_after_the_deadline_does_not_record_the_deadline_again() -> None:
    case, _ = _sent(_office(), deadline=(NOW + timedelta(hours=2)).isoformat())
    later = _office(now=NOW + timedelta(hours=3))
    row = PRESS.by_clock(case, "pass_deadline")
    assert row is not None
    lapsed = PRESS.apply(case, row, Made(None, later.now, {}), later)
    taking = PRESS.find(lapsed, "acknowledge", DEPUTY, later)

    held = PRESS.apply(lapsed, taking, Made(DEPUTY, later.now, {}), later)

    assert not [job for job in PRESS.plan(lapsed, held, taking, later) if job.errand is Errand.MOVE]


@pytest.mark.parametrize(
    ("hours", "says"), [(1, "answered before the deadline"), (3, "answered after the deadline"), (None, "")]
)
def test_the_record_says_whether_the_answer_came_in_time(hours: int | None, says: str) -> None:
    answers = {"deadline": (NOW + timedelta(hours=2)).isoformat()} if hours else {}
    case, _ = _sent(_office(), **answers)

    released = _after(case, "release", DEPUTY, _office(now=NOW + timedelta(hours=hours or 1)), reply="Yes.")

    assert released.timing == says


def test_a_reply_is_given_by_whom_slt_says() -> None:
    case, _ = _sent(_office())

    by_slt = _after(case, "release", DEPUTY, _office(), reply="Yes.", speaker=Speaker.SLT.value)
    by_reporter = _after(case, "release", DEPUTY, _office(), reply="Yes.", speaker=Speaker.REPORTER.value)

    assert (by_slt.giver, by_reporter.giver) == ("deputy", "teacher")


def test_a_reply_about_an_accused_asks_for_words_without_names() -> None:
    accused, _ = _sent(_office(), accused=True)
    nobody, _ = _sent(_office(), accused=False)

    assert PRESS.find(accused, "release", DEPUTY, _office()).form == "press.release_nameless"
    assert PRESS.find(nobody, "release", DEPUTY, _office()).form == "press.release"


def test_a_draft_that_could_not_be_brought_up_again_stays_unknown_to_slt() -> None:
    assert PRESS.audiences["undelivered"](_contact(), _office()) == (To.person("teacher"),)


def test_a_cancelled_draft_keeps_nothing_that_was_typed() -> None:
    case = _after(_contact(journalist="Sam"), "cancel", TEACHER, _office())

    assert (case.state, case.answers) == (State.WITHDRAWN, {})
    assert not may_know(case, DEPUTY, _office())


@pytest.mark.parametrize(
    "text",
    [
        "jane  smith was not there", "Ms Smith was not there", "MS. SMITH", "Smith’s lesson", "mr o’brien",
        "Tom O'Brien", "Tom\u00a0O’Brien", "Pat Lloyd Jones", "the Lloyd‑Jones family", "Ja\u200bne Smith",
    ],
)  # fmt: skip
def test_a_name_in_a_reply_is_found(text: str) -> None:
    assert staff_named(text, PEOPLE)


@pytest.mark.parametrize("text", ["", "The school is looking into it.", "A smith works iron.", "Smithson wrote it."])
def test_other_words_are_no_names(text: str) -> None:
    assert not staff_named(text, PEOPLE)


def test_who_left_is_still_a_name() -> None:
    assert staff_named("Jane Smith", (replace(TEACHER, left=date(2020, 1, 1)),))


def test_job_ids_of_one_move_differ() -> None:
    _, jobs = _sent(_office(), accused=True, deadline=(NOW + timedelta(hours=2)).isoformat())

    ids = sorted(job.id for job in jobs)
    assert all(one != other for one, other in pairwise(ids))
