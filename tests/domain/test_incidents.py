"""Laws of an incident: who may know of it, what follows from each move, and that time decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.fields import Circumstances
from bot.domain.calendar import WorkingWeek
from bot.domain.incident_workflow import INCIDENT
from bot.domain.incidents import Incident, Involvement, State, has_access, known_to, on_case, subjects
from bot.domain.jobs import Errand, Job, Reach
from bot.domain.office import Contact, Office, School
from bot.domain.people import Person, Role
from bot.domain.policy import parse_policy
from bot.domain.report_routes import Category
from bot.domain.workflow import Made, the_clock
from bot.errors import Invalid, Refused
from handlers.incidents.forms import MOVE_FORMS, REPORT
from handlers.incidents.handlers import router

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=LONDON)
SATURDAY_NIGHT = datetime(2026, 11, 28, 23, 30, tzinfo=LONDON)


def _person(id: str, *roles: Role, name: str = "") -> Person:
    return Person(id, name or id.capitalize(), frozenset({Role.STAFF, *roles}), phone="0151")


TEACHER = _person("teacher", name="Jane Smith")
COLLEAGUE = _person("colleague", name="Ravi Patel")
THIRD = _person("third", name="Ann Dee")
DEPUTY = _person("deputy", Role.SLT, name="Aisha Khan")
HEAD = _person("head", Role.HEAD, Role.SLT, name="Pat Lloyd")
ADMINISTRATOR = _person("administrator", Role.ADMINISTRATOR, name="Sam Webb")
DSL = _person("dsl", Role.DSL, name="Grace Obi")
PEOPLE = (TEACHER, COLLEAGUE, THIRD, DEPUTY, HEAD, ADMINISTRATOR, DSL)

COLLEAGUE_AND_CHILD = {"category": Category.COLLEAGUE.value, "child": True, "who": ["colleague"], "what": "…"}
ABOUT_HEAD = {**COLLEAGUE_AND_CHILD, "who": ["head"]}
ABOUT_HEAD_AND_DSL = {**COLLEAGUE_AND_CHILD, "who": ["head", "dsl"]}
PARENT_AND_CHILD = {"category": Category.PUBLIC.value, "child": True, "adult": False, "what": "…"}
PARENT = {**PARENT_AND_CHILD, "child": False}
BREACH = {**PARENT, "breach": True}


def _office(now: datetime = NOW) -> Office:
    school = School(
        "school", "The school", WorkingWeek(LONDON), contacts={"lado": Contact("LADO")}, safety_duty=("deputy",)
    )
    return Office(school, PEOPLE, (), now, "August 2017")


def _draft(answers: Mapping[str, Any]) -> Incident:
    return Incident("school", "INC-ABC234", "teacher", answers, "August 2017", NOW)


def _moved(
    case: Incident, move: str, by: Person, answers: Mapping[str, Any] | None = None, *, value: str = "",
    office: Office | None = None,
) -> Incident:  # fmt: skip
    office = office or _office()
    row = INCIDENT.find(case, move, by, office)
    return replace(INCIDENT.apply(case, row, Made(by, office.now, answers or {}, value), office), version=1)


def _jobs(case: Incident, move: str, by: Person | None, *, office: Office | None = None) -> tuple[Job, ...]:
    office = office or _office()
    row = INCIDENT.find(case, move, by, office) if by else INCIDENT.by_clock(case, move)
    assert row is not None
    return INCIDENT.plan(case, INCIDENT.apply(case, row, Made(by, office.now, {}), office), row, office)


def _sent(answers: Mapping[str, Any]) -> Incident:
    return _moved(_draft(answers), "submit", TEACHER)


def _told(jobs: tuple[Job, ...], face: str) -> list[str]:
    return [job.to.id for job in jobs if job.errand is Errand.TELL and job.face == face and job.to]


# The table -----------------------------------------------------------------------------------


def test_every_state_can_be_reached_and_only_a_lapsed_draft_is_an_end() -> None:
    reached = {INCIDENT.initial} | {target for row in INCIDENT.transitions for target in row.targets()}
    left = {source for row in INCIDENT.transitions for source in row.sources}

    assert reached == set(State)
    assert set(State) - left == set(INCIDENT.final)


def test_every_clause_is_in_the_policy() -> None:
    text = (Path(__file__).parents[2] / "policy_text" / "policy.md").read_text(encoding="utf-8")
    known = {clause.id for clause in parse_policy(text).clauses}

    assert {row.clause for row in INCIDENT.transitions} <= known
    questions = {each.clause for form, _ in router.forms.values() for page in form.pages for each in page.fields}
    assert questions <= known


def test_every_form_and_every_face_that_the_table_names_is_there() -> None:
    assert {row.form for row in INCIDENT.transitions if row.form} == set(MOVE_FORMS)
    effects = [each for row in INCIDENT.transitions for each in row.then]
    effects += [each for arrived in INCIDENT.arrive.values() for each in arrived]
    for effect in effects:
        face = getattr(effect, "face", "")
        assert not face or face in router.faces
        assert getattr(effect, "audience", "reporter") in INCIDENT.audiences


def test_every_state_has_words() -> None:
    assert set(INCIDENT.words) == set(State)


def test_nothing_is_ever_said_in_a_shared_place() -> None:
    office = _office()
    for answers in (COLLEAGUE_AND_CHILD, PARENT_AND_CHILD, PARENT, BREACH):
        case = _sent(answers)
        for audience in INCIDENT.audiences.values():
            assert all(to.reach is Reach.PERSON for to in audience(case, office))


# Who may know --------------------------------------------------------------------------------


def test_a_draft_is_known_to_its_reporter_alone() -> None:
    case, office = _draft(PARENT), _office()

    assert [person.id for person in PEOPLE if known_to(case, person, office)] == ["teacher"]


def test_a_sent_report_is_known_to_those_on_its_route_and_to_nobody_by_role() -> None:
    case, office = _sent(COLLEAGUE_AND_CHILD), _office()

    assert {person.id for person in PEOPLE if known_to(case, person, office)} == {"teacher", "head", "dsl"}
    assert {person.id for person in PEOPLE if on_case(case, person, office)} == {"head", "dsl"}


def test_slt_on_duty_sees_only_a_part_where_a_child_is_involved() -> None:
    case, office = _sent(PARENT_AND_CHILD), _office()

    assert has_access(case, DEPUTY, office)
    assert not on_case(case, DEPUTY, office)
    with pytest.raises(Refused):
        INCIDENT.find(case, "note", DEPUTY, office)


_WHO = st.lists(st.sampled_from([p.id for p in PEOPLE] + ["Somebody Else", "the head"]), unique=True, max_size=3)
_ANSWERS = st.fixed_dictionaries(
    {
        "category": st.sampled_from([each.value for each in Category]), "child": st.booleans(),
        "adult": st.booleans(), "who": _WHO, "breach": st.booleans(), "image": st.booleans(),
        "indecent": st.sampled_from(["Yes", "No", "Not sure"]),
    }
)  # fmt: skip


@given(_ANSWERS)
def test_whom_it_is_about_knows_nothing_and_is_told_nothing(answers: Mapping[str, Any]) -> None:
    office = _office()
    concerned = subjects(_draft(answers), office) - {"teacher"}
    case = _sent(answers)
    jobs = (*_jobs(_draft(answers), "submit", TEACHER), *_told_by_clock(case))

    assert not any(known_to(case, person, office) for person in PEOPLE if person.id in concerned)
    assert not {job.to.id for job in jobs if job.to} & concerned


def _told_by_clock(case: Incident) -> tuple[Job, ...]:
    return _jobs(case, "remind", None) if case.state is State.SENT else ()


@given(_ANSWERS)
def test_a_report_without_readers_is_sealed_and_no_other(answers: Mapping[str, Any]) -> None:
    case = _sent(answers)

    assert (case.state is State.SEALED) == (case.access == ())
    assert case.state in (State.SENT, State.SEALED)


@given(_ANSWERS)
def test_only_the_reporter_can_submit(answers: Mapping[str, Any]) -> None:
    for person in PEOPLE:
        if person is not TEACHER:
            with pytest.raises(Refused):
                INCIDENT.find(_draft(answers), "submit", person, _office())


# Opening -------------------------------------------------------------------------------------


def test_it_stays_unopened_until_somebody_it_was_sent_to_opens_it() -> None:
    case = _sent(PARENT_AND_CHILD)

    peeked = _moved(case, "open", DEPUTY)
    opened = _moved(peeked, "open", DSL)

    assert (peeked.state, opened.state) == (State.SENT, State.OPEN)
    assert [step.by for step in opened.openings] == ["deputy", "dsl"]


def test_every_opening_is_recorded() -> None:
    case = _moved(_moved(_sent(COLLEAGUE_AND_CHILD), "open", DSL), "open", DSL)

    assert [step.by for step in case.openings] == ["dsl", "dsl"]


def test_an_unopened_report_is_said_again_at_night_and_at_weekends() -> None:
    office = _office(SATURDAY_NIGHT)
    case = _sent(COLLEAGUE_AND_CHILD)

    jobs = _jobs(case, "remind", None, office=office)

    assert _told(jobs, "incidents.ping") == ["head", "dsl"]
    assert _told(jobs, "incidents.unopened") == ["teacher"]
    following = next(job for job in jobs if job.errand is Errand.MOVE)
    assert following.due_at == SATURDAY_NIGHT + timedelta(minutes=30)
    assert following.stage == case.stage


def test_the_reporter_hears_of_reminders_ever_more_seldom() -> None:
    case, heard = _sent(COLLEAGUE_AND_CHILD), []
    for count in range(1, 10):
        jobs = _jobs(case, "remind", None)
        heard += [count] if _told(jobs, "incidents.unopened") else []
        case = replace(case, reminders=count)

    assert heard == [1, 2, 4, 8]


def test_reminders_stop_with_the_first_opening() -> None:
    opened = _moved(_sent(COLLEAGUE_AND_CHILD), "open", HEAD)

    assert INCIDENT.by_clock(opened, "remind") is None


def test_time_gives_nobody_access_and_ends_nothing() -> None:
    for answers in (COLLEAGUE_AND_CHILD, BREACH, ABOUT_HEAD):
        case = _sent(answers)
        for row in INCIDENT.transitions:
            if row.by is the_clock and case.state in row.sources:
                later = INCIDENT.apply(case, row, Made(None, NOW, {}), _office())
                assert (later.state, later.access, later.outcome) == (case.state, case.access, "")


def test_an_old_draft_forgets_what_it_said() -> None:
    case, office = _draft(COLLEAGUE_AND_CHILD), _office()
    row = INCIDENT.by_clock(case, "lapse")
    assert row is not None

    lapsed = INCIDENT.apply(case, row, Made(None, NOW, {}), office)

    assert (lapsed.state, lapsed.answers) == (State.LAPSED, {})


# The chair -----------------------------------------------------------------------------------

CHAIR_SAYS = {"reference": "e-mail of 24 November", "day": "2026-11-24"}


def test_the_chair_has_the_safeguarding_lead_put_on_a_sealed_report() -> None:
    case = _moved(_sent(ABOUT_HEAD), "chair_has", TEACHER, {**CHAIR_SAYS, "who": None})

    assert (case.state, case.access) == (State.SENT, ("dsl",))
    assert case.history[-1].by == "teacher"
    assert "e-mail of 24 November" in case.history[-1].words


def test_nobody_else_is_put_on_it_while_the_safeguarding_lead_is_not_involved() -> None:
    with pytest.raises(Invalid):
        _moved(_sent(ABOUT_HEAD), "chair_has", TEACHER, {**CHAIR_SAYS, "who": ["third"]})


def test_where_the_safeguarding_lead_is_involved_the_chair_names_somebody() -> None:
    sealed = _sent(ABOUT_HEAD_AND_DSL)

    case = _moved(sealed, "chair_has", TEACHER, {**CHAIR_SAYS, "who": ["third"]})

    assert case.access == ("third",)
    for who in (None, ["dsl"], ["head"], ["Somebody Else"]):
        with pytest.raises(Invalid):
            _moved(sealed, "chair_has", TEACHER, {**CHAIR_SAYS, "who": who})


def test_nobody_but_the_reporter_records_that_the_chair_has_it() -> None:
    for person in (HEAD, DSL, DEPUTY, ADMINISTRATOR):
        with pytest.raises(Refused):
            _moved(_sent(ABOUT_HEAD), "chair_has", person, {**CHAIR_SAYS, "who": None})


# Working on it -------------------------------------------------------------------------------


def test_a_colleague_who_is_brought_in_is_told_and_sees_it() -> None:
    case = _moved(_sent(COLLEAGUE_AND_CHILD), "open", DSL)

    joined = _moved(case, "bring_in", DSL, {"who": ["third"], "reason": "Knows the family"})

    assert on_case(joined, THIRD, _office())
    assert "Ann Dee" in joined.notes[-1].words


@pytest.mark.parametrize("who", ["colleague", "dsl", "Somebody Else"])
def test_whom_it_is_about_is_never_brought_in(who: str) -> None:
    case = _moved(_sent(COLLEAGUE_AND_CHILD), "open", DSL)

    with pytest.raises(Invalid):
        _moved(case, "bring_in", DSL, {"who": [who], "reason": "…"})


def test_an_agency_is_a_step_until_it_is_marked_as_done() -> None:
    case = _moved(_sent(COLLEAGUE_AND_CHILD), "open", DSL)
    case = _moved(case, "involve", DSL, {"agency": "LADO", "why": "Advice", "when": "10:00", "contact": "Duty officer"})
    assert case.involvements == (Involvement("1", "LADO", "Duty officer", "10:00", "Advice", "dsl", NOW),)

    done = _moved(case, "done", HEAD, value="1")

    assert done.involvements[0].done == NOW
    with pytest.raises(Refused):
        _moved(done, "done", HEAD, value="1")


def test_the_lead_is_taken_by_name() -> None:
    case = _moved(_moved(_sent(COLLEAGUE_AND_CHILD), "open", DSL), "lead", DSL)

    assert case.lead == "dsl"
    with pytest.raises(Refused):
        _moved(case, "lead", DSL)


def test_the_reporter_hears_of_the_end_only_that_it_is_closed() -> None:
    case = _moved(_sent(COLLEAGUE_AND_CHILD), "open", DSL)
    office = _office()
    row = INCIDENT.find(case, "close", DSL, office)
    ended = INCIDENT.apply(case, row, Made(DSL, NOW, {"outcome": "Advice", "words": "Spoken to"}), office)

    assert ended.state is State.CLOSED
    assert _told(INCIDENT.plan(case, ended, row, office), "incidents.closed") == ["teacher"]
    card = router.faces["incidents.closed"](ended, TEACHER, office)
    assert card is not None
    assert "Spoken to" not in str(card)
    assert "Advice" not in str(card)


def test_seventy_two_hours_run_from_when_it_was_begun_through_weekends() -> None:
    jobs = _jobs(_draft(BREACH), "submit", TEACHER, office=_office(NOW + timedelta(hours=1)))

    ends = [job.due_at for job in jobs if job.face == "breach_hours"]
    before = [job.due_at for job in jobs if job.face == "incidents.breach_due"]
    assert ends == [NOW + timedelta(hours=72)]
    assert before == [NOW + timedelta(hours=48)]


def test_there_are_no_seventy_two_hours_without_a_breach() -> None:
    jobs = _jobs(_draft(PARENT), "submit", TEACHER)

    assert not [job for job in jobs if "breach" in job.face]


def test_the_lados_advice_is_asked_after_on_the_next_working_day() -> None:
    jobs = _jobs(_draft(COLLEAGUE_AND_CHILD), "submit", TEACHER)

    assert _told(jobs, "incidents.advice_due") == ["head", "dsl"]
    assert not _told(_jobs(_draft(PARENT_AND_CHILD), "submit", TEACHER), "incidents.advice_due")


# What is said without being opened -----------------------------------------------------------

_FORBIDDEN = ("colleague", "abuse", "child", "Ravi", "Patel", "Jane", "Smith", "image", "adult", "pupil", "…")


@given(_ANSWERS)
def test_what_arrives_unasked_holds_no_content(answers: Mapping[str, Any]) -> None:
    office = _office()
    case = replace(_sent(answers), reminders=1)
    for name in ("ping", "added", "breach_due", "advice_due"):
        for reader in PEOPLE:
            card = router.faces[f"incidents.{name}"](case, reader, office)
            said = str(card) if card else ""
            assert not [word for word in _FORBIDDEN if word in said.replace("incidents", "")]


@given(_ANSWERS)
def test_no_face_is_drawn_for_a_shared_place_or_for_strangers(answers: Mapping[str, Any]) -> None:
    office = _office()
    case = _sent(answers)
    for name, face in router.faces.items():
        assert face(case, None, office) is None
        if name != "incidents.ping":
            assert face(case, THIRD, office) is None


@given(_ANSWERS)
def test_nobody_is_told_to_keep_or_delete_an_image_that_may_be_indecent(answers: Mapping[str, Any]) -> None:
    office = _office()
    case = _sent(answers)
    drawn = [face(case, TEACHER, office) for face in router.faces.values()]
    drawn.append(router.faces["incidents.preview"](_draft(answers), TEACHER, office))
    if case.image:
        for said in (str(card).lower() for card in drawn if card):
            assert "keep" not in said.replace("to keep somebody safe", "")
            assert "delete" not in said.replace("do not delete", "").replace("is_deleted", "")


def test_somebody_who_has_left_can_be_named() -> None:
    gone = replace(COLLEAGUE, left=date(2026, 7, 21))
    seen = Circumstances(NOW, (TEACHER, gone, HEAD))
    who = next(each for each in REPORT.fields_for(COLLEAGUE_AND_CHILD) if each.name == "who")

    assert who.read("Ravi Patel, A former coach", seen) == ["colleague", "A former coach"]


# The questions -------------------------------------------------------------------------------


def _asked(**answers: object) -> list[str]:
    return [each.name for each in REPORT.fields_for(answers)]


def test_the_image_question_is_the_very_next_one() -> None:
    assert _asked(category=Category.IMAGE)[:2] == ["category", "indecent"]
    assert _asked(category=Category.MISTAKE, image=True)[:3] == ["category", "image", "indecent"]


@pytest.mark.parametrize("indecent", ["Yes", "Not sure"])
def test_of_an_image_that_may_be_indecent_neither_place_nor_child_is_asked(indecent: str) -> None:
    assert _asked(category=Category.IMAGE, indecent=indecent, adult=False) == [
        "category", "indecent", "adult", "what", "breach",
    ]  # fmt: skip


def test_of_ones_own_mistake_nobody_asks_who() -> None:
    assert "who" not in _asked(category=Category.MISTAKE, image=False, child=True)
    assert "adult" not in _asked(category=Category.MISTAKE, image=False, child=True)


def test_of_an_account_taken_over_only_the_child_question_is_asked() -> None:
    assert _asked(category=Category.TAKEN_OVER, child=False) == ["category", "child", "account", "what", "breach"]


def test_what_is_known_of_a_child_stands_apart_only_where_slt_is_told_too() -> None:
    assert "child_words" in _asked(**PARENT_AND_CHILD)
    assert "child_words" not in _asked(**PARENT)
    assert "child_words" not in _asked(**COLLEAGUE_AND_CHILD)
    assert "child_words" not in _asked(category=Category.CONTACT.value, adult=False)


@given(_ANSWERS)
def test_nothing_can_be_uploaded_and_no_question_is_asked_twice(answers: Mapping[str, Any]) -> None:
    fields = REPORT.fields_for(answers)

    assert len({each.name for each in fields}) == len(fields) <= 9
    assert {each.kind for each in fields} <= {"choice", "yes_no", "people", "text", "multiline"}


def test_the_caution_names_the_safeguarding_lead_unless_it_is_about_them() -> None:
    seen = Circumstances(NOW, PEOPLE)
    image = {"category": Category.IMAGE.value, "indecent": "Yes", "adult": True}

    assert "Tell Grace Obi on 0151 now." in REPORT.cautioned(image, seen)
    assert "Tell Pat Lloyd on 0151 now." in REPORT.cautioned({**image, "who": ["the DSL"]}, seen)
    assert "Tell the police" in REPORT.cautioned({**image, "who": ["dsl", "head"]}, seen)


def test_every_sample_can_be_drawn() -> None:
    for draw in router.samples.values():
        assert draw(_office()).title
