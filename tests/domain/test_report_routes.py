"""Where a report goes: the table row by row, and laws that hold for every school and every report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import WorkingWeek
from bot.domain.office import Contact, Office, School
from bot.domain.people import Person, Role
from bot.domain.report_routes import Category, Matter, Route, Row, concerned_people, route

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=LONDON)


def _person(id: str, *roles: Role, name: str = "", left: date | None = None, seat: bool = True) -> Person:
    held = frozenset({Role.STAFF, *roles} if seat else roles)
    return Person(id, name or id.capitalize(), held, left=left, contact_only=not seat)


TEACHER = _person("teacher", name="Jane Smith")
COLLEAGUE = _person("colleague", name="Ravi Patel")
DEPUTY = _person("deputy", Role.SLT, name="Aisha Khan")
ASSISTANT = _person("assistant", Role.SLT, name="Tom O'Brien")
HEAD = _person("head", Role.HEAD, Role.SLT, name="Pat Lloyd-Jones")
ADMINISTRATOR = _person("administrator", Role.ADMINISTRATOR, name="Sam Webb")
DSL = _person("dsl", Role.DSL, name="Grace Obi")
SECOND_DSL = _person("second_dsl", Role.DSL, name="Owen Hughes")
DPO = _person("dpo", Role.DPO, name="Mina Ray")
CHAIR = _person("chair", Role.CHAIR, name="Lee Cho", seat=False)
PEOPLE = (TEACHER, COLLEAGUE, DEPUTY, ASSISTANT, HEAD, ADMINISTRATOR, DSL, CHAIR)


def _office(people: tuple[Person, ...] = PEOPLE, duty: tuple[str, ...] = ("deputy", "assistant")) -> Office:
    contacts = {"lado": Contact("LADO", "0151"), "dpo": Contact("Data protection officer", "0152")}
    school = School("school", "The school", WorkingWeek(LONDON), contacts=contacts, safety_duty=duty)
    return Office(school, people, (), NOW, "August 2017")


def _about(*subjects: str, child: bool = False, category: Category = Category.COLLEAGUE) -> Matter:
    return Matter(category, TEACHER.id, child=child, adult=True, subjects=subjects)


def _without_adult(category: Category, *, child: bool = False, breach: bool = False) -> Matter:
    return Matter(category, TEACHER.id, child=child, breach=breach)


def _row(matter: Matter, *, full: tuple[str, ...], limited: tuple[str, ...] = ()) -> tuple[Matter, object, object]:
    return (matter, full, limited)


TABLE = {
    "a member of staff": _row(_about("colleague"), full=("head",)),
    "a member of staff, with a child": _row(_about("colleague", child=True), full=("head", "dsl")),
    "a volunteer": _row(_about("Somebody Else"), full=("head",)),
    "a volunteer, with a child": _row(_about("Somebody Else", child=True), full=("head", "dsl")),
    "somebody here whom nobody can name": _row(_about(), full=("head",)),
    "a member of SLT": _row(_about("deputy"), full=("head",)),
    "a member of SLT, with a child": _row(_about("deputy", child=True), full=("head", "dsl")),
    "the DSL": _row(_about("dsl"), full=("head",)),
    "the DSL, with a child": _row(_about("dsl", child=True), full=("head",)),
    "the Head": _row(_about("head"), full=()),
    "the Head, with a child": _row(_about("head", child=True), full=()),
    "the administrator": _row(_about("administrator"), full=("head",)),
    "the administrator, with a child": _row(_about("administrator", child=True), full=("head", "dsl")),
    "a pupil": _row(_without_adult(Category.CONTACT, child=True), full=("dsl",)),
    "something else with a child": _row(_without_adult(Category.OTHER, child=True), full=("dsl",)),
    "a parent": _row(_without_adult(Category.PUBLIC), full=("deputy", "assistant")),
    "a parent, with a child": _row(
        _without_adult(Category.PUBLIC, child=True), full=("dsl",), limited=("deputy", "assistant")
    ),
    "a school account": _row(_without_adult(Category.ACCOUNT), full=("administrator", "deputy", "assistant")),
    "a school account, with a child": _row(
        _without_adult(Category.ACCOUNT, child=True), full=("dsl",), limited=("deputy", "assistant")
    ),
    "an account taken over": _row(_without_adult(Category.TAKEN_OVER), full=("administrator", "deputy", "assistant")),
    "an account taken over, with a child": _row(
        _without_adult(Category.TAKEN_OVER, child=True),
        full=("dsl",), limited=("administrator", "deputy", "assistant"),
    ),
    "my own mistake": _row(_without_adult(Category.MISTAKE), full=("head",)),
    "my own mistake, with a child": _row(_without_adult(Category.MISTAKE, child=True), full=("head", "dsl")),
    "conduct of nobody here": _row(_without_adult(Category.CONDUCT), full=("deputy", "assistant")),
    "an image that may be indecent": _row(Matter(Category.IMAGE, TEACHER.id, image=True), full=("dsl",)),
    "such an image, and a colleague": _row(
        Matter(Category.IMAGE, TEACHER.id, image=True, adult=True, subjects=("colleague",)), full=("head", "dsl")
    ),
    "my own mistake with such an image": _row(
        Matter(Category.MISTAKE, TEACHER.id, image=True), full=("head", "dsl")
    ),
}  # fmt: skip


@pytest.mark.parametrize(("matter", "full", "limited"), TABLE.values(), ids=TABLE.keys())
def test_the_table_row_by_row(matter: Matter, full: tuple[str, ...], limited: tuple[str, ...]) -> None:
    way = route(matter, _office())

    assert way.full == full
    assert way.limited == limited
    assert way.sealed is (full == ())


def test_about_the_head_there_is_only_the_chairs_card() -> None:
    way = route(_about("head"), _office())

    assert (way.sealed, way.cards, way.rows) == (True, ("chair",), (Row.HEAD,))
    assert way.not_to == ("Pat Lloyd-Jones", "SLT as a group", "the account administrator")


def test_about_the_head_and_a_child_the_lado_is_shown_as_well() -> None:
    assert route(_about("head", child=True), _office()).cards == ("chair", "lado")


def test_about_the_head_and_somebody_else_it_stays_sealed() -> None:
    assert route(_about("colleague", "head", child=True), _office()).sealed


def test_about_the_head_and_the_chair_there_is_the_lado() -> None:
    assert route(_about("head", "chair"), _office()).cards == ("lado",)


def test_the_heads_own_mistake_goes_to_the_chair() -> None:
    way = route(Matter(Category.MISTAKE, HEAD.id), _office())

    assert way.sealed
    assert way.rows == (Row.HEAD, Row.MISTAKE)


def test_the_dsls_own_mistake_with_a_child_goes_to_the_head_alone() -> None:
    assert route(Matter(Category.MISTAKE, DSL.id, child=True), _office()).full == ("head",)


def test_about_one_safeguarding_lead_the_other_is_not_told_either() -> None:
    way = route(_about("dsl", child=True), _office((*PEOPLE, SECOND_DSL)))

    assert way.full == ("head",)
    assert "Owen Hughes" in way.not_to


def test_somebody_on_duty_whom_it_is_about_is_left_out() -> None:
    office = _office((*PEOPLE,), duty=("deputy", "assistant", "dsl"))
    way = route(replace(_without_adult(Category.PUBLIC), adult=False, subjects=("deputy",)), office)

    assert way.rows == (Row.SLT,)
    assert way.full == ("head",)


def test_a_data_breach_goes_to_the_officer_as_well() -> None:
    way = route(_without_adult(Category.PUBLIC, breach=True), _office((*PEOPLE, DPO)))

    assert way.full == ("deputy", "assistant")
    assert way.also == ("dpo",)
    assert way.rows == (Row.PUBLIC, Row.BREACH)


def test_the_officer_sees_nothing_of_a_child() -> None:
    way = route(_without_adult(Category.CONTACT, child=True, breach=True), _office((*PEOPLE, DPO)))

    assert (way.limited, way.also) == (("dpo",), ())


def test_an_officer_without_a_seat_is_a_card() -> None:
    way = route(_without_adult(Category.PUBLIC, breach=True), _office())

    assert (way.also, way.cards) == ((), ("dpo",))


def test_an_account_taken_over_is_urgent() -> None:
    assert route(_without_adult(Category.TAKEN_OVER), _office()).urgent
    assert not route(_without_adult(Category.ACCOUNT), _office()).urgent


def test_once_the_head_has_left_it_goes_to_the_safeguarding_lead() -> None:
    gone = replace(HEAD, left=date(2026, 7, 21))
    office = _office((TEACHER, COLLEAGUE, gone, DSL, CHAIR))

    assert route(_about("colleague"), office).full == ("dsl",)


def test_where_nobody_is_left_in_school_there_is_the_chair() -> None:
    way = route(_about("colleague", child=True), _office((TEACHER, COLLEAGUE, CHAIR)))

    assert way.sealed
    assert "chair" in way.cards


def test_nobody_on_duty_means_the_head() -> None:
    assert route(_without_adult(Category.PUBLIC), _office(duty=())).full == ("head",)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("the Head", "head"),
        ("our headteacher", "head"),
        ("Mr Lloyd-Jones", "head"),
        ("PAT LLOYD JONES", "head"),
        ("the DSL", "dsl"),
        ("Mrs Obi", "dsl"),
        ("Aisha", "deputy"),
        ("Tom O'Brien (assistant head)", "assistant"),
        ("account administrator", "administrator"),
        ("Mrs. Obi", "dsl"),
        ("G. Obi", "dsl"),
        ("Obi G", "dsl"),
        ("Mrs Obi the DSL", "dsl"),
        ("somebody in safeguarding", "dsl"),
        ("Mr Khan from maths", "deputy"),
        ("Headteacher (Mr Jones)", "head"),
        ("Mr Jones, our executive head", "head"),
        ("head of the school", "head"),
    ],
)
def test_a_typed_name_that_may_be_somebody_here_counts_as_them(typed: str, meant: str) -> None:
    way = route(_about(typed, child=True), _office())

    assert meant in way.concerned
    assert meant not in (*way.full, *way.limited, *way.also)


@pytest.mark.parametrize(
    "typed",
    [
        "a teacher", "somebody", "supply teacher", "Chris Newman", "the caretaker", "head of year", "Bob Obi",
        "head cook",
    ],
)  # fmt: skip
def test_a_name_of_nobody_here_leaves_nobody_out(typed: str) -> None:
    assert route(_about(typed), _office()).full == ("head",)


def test_a_parent_who_shares_a_surname_keeps_nobody_from_being_told() -> None:
    matter = Matter(Category.PUBLIC, TEACHER.id, subjects=("Mrs Khan",))

    assert route(matter, _office()).full == ("deputy", "assistant")


# Laws ----------------------------------------------------------------------------------------

_ROLES = st.frozensets(st.sampled_from([Role.SLT, Role.ADMINISTRATOR, Role.DSL, Role.DPO, Role.HEAD]), max_size=3)
_IDS = ("p0", "p1", "p2", "p3", "p4", "p5", "p6")


@st.composite
def _offices(draw: st.DrawFn) -> Office:
    people = tuple(
        Person(
            id, f"Name{id} Family{id}", frozenset({Role.STAFF, *draw(_ROLES)}),
            left=draw(st.sampled_from([None, None, None, date(2026, 7, 21)])), phone="1",
        )
        for id in _IDS
    )  # fmt: skip
    duty = draw(st.lists(st.sampled_from(_IDS), unique=True, max_size=3))
    return _office((*people, CHAIR), tuple(duty))


_SUBJECTS = st.lists(st.sampled_from((*_IDS, "An Outsider", "the head", "dsl", "Familyp2")), unique=True, max_size=3)
_MATTERS = st.builds(
    Matter, st.sampled_from(Category), st.sampled_from(_IDS), st.booleans(), st.booleans(), _SUBJECTS.map(tuple),
    st.booleans(), st.booleans(),
)  # fmt: skip


def _everyone(way: Route) -> tuple[str, ...]:
    return (*way.full, *way.limited, *way.also)


def _held(office: Office, *roles: Role) -> set[str]:
    return {person.id for role in roles for person in office.holders(role)}


@given(_offices(), _MATTERS)
def test_nobody_gets_a_report_about_themselves(office: Office, matter: Matter) -> None:
    way = route(matter, office)
    own = {matter.reporter} if matter.category is Category.MISTAKE else set()

    assert not set(_everyone(way)) & (set(matter.subjects) | own | way.concerned)


@given(_offices(), _MATTERS)
def test_everyone_who_gets_it_is_here_and_once(office: Office, matter: Matter) -> None:
    everyone = _everyone(route(matter, office))

    assert len(everyone) == len(set(everyone))
    assert all((person := office.person(each)) and not person.has_left(office.today) for each in everyone)


@given(_offices(), _MATTERS)
def test_a_report_about_somebody_here_goes_to_head_dsl_and_dpo_only(office: Office, matter: Matter) -> None:
    """Never SLT as a group, never the administrator."""
    way = route(matter, office)
    if concerned_people(matter, office) or matter.adult or matter.category is Category.MISTAKE:
        assert set(way.full) <= _held(office, Role.HEAD, Role.DSL)
        others = set(way.limited) | set(way.also)
        assert others <= _held(office, Role.DPO) - _held(office, Role.SLT, Role.ADMINISTRATOR)


@given(_offices(), _MATTERS)
def test_about_a_head_nobody_in_school_gets_it(office: Office, matter: Matter) -> None:
    way = route(matter, office)
    if way.concerned & _held(office, Role.HEAD):
        assert _everyone(way) == ()
        assert way.sealed


@given(_offices(), _MATTERS)
def test_about_a_safeguarding_lead_no_safeguarding_lead_gets_it(office: Office, matter: Matter) -> None:
    way = route(matter, office)
    if way.concerned & _held(office, Role.DSL):
        assert not set(_everyone(way)) & (_held(office, Role.DSL) - _held(office, Role.HEAD))


@given(_offices(), _MATTERS)
def test_only_safeguarding_leads_and_the_head_read_of_a_child(office: Office, matter: Matter) -> None:
    way = route(matter, office)
    if matter.child or matter.image:
        assert {*way.full, *way.also} <= _held(office, Role.DSL, Role.HEAD)


@given(_offices(), _MATTERS)
def test_nobody_at_all_never_happens(office: Office, matter: Matter) -> None:
    way = route(matter, office)

    assert way.full or (way.sealed and ({"chair", "lado"} & set(way.cards)))
    assert way.rows


@given(_offices(), _MATTERS)
def test_more_subjects_never_mean_more_readers(office: Office, matter: Matter) -> None:
    """Whoever is named besides is gone from every list."""
    for person in office.people:
        way = route(replace(matter, subjects=(*matter.subjects, person.id)), office)
        assert person.id not in _everyone(way)
