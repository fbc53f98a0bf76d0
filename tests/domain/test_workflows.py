"""Laws of every workflow: its table is whole, cites the policy, and time decides nothing; and what no press can do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import handlers
from bot.domain.application_workflow import APPLICATION
from bot.domain.applications import Application, Confirmation, State, Vote
from bot.domain.calendar import WorkingWeek
from bot.domain.office import ActingHead, Office, School
from bot.domain.people import Person, Role
from bot.domain.policy import parse_policy
from bot.domain.workflow import ClockMove, Effect, Made, Tell, Transition, Workflow, the_clock
from bot.errors import Refused
from bot.routing import Kind, Switchboard

ROOT = Path(__file__).parent.parent.parent
SWITCHBOARD = Switchboard(handlers.ROUTERS)
POLICY = parse_policy((ROOT / "policy_text" / "policy.md").read_text(encoding="utf-8"))
CLAUSES = {clause.id for clause in POLICY.clauses}
ENDS = {
    "applications": {"live", "rejected", "withdrawn"},
    "incidents": {"lapsed"},
    "press": {"reply released", "no comment", "withdrawn"},
}
every_kind = pytest.mark.parametrize("kind", SWITCHBOARD.kinds.values(), ids=SWITCHBOARD.kinds.keys())


def effects(workflow: Workflow[Any]) -> Iterator[Effect]:
    """Yield everything that follows from a move or an arrival."""
    for row in workflow.transitions:
        yield from row.then
    for arriving in workflow.arrive.values():
        yield from arriving


def states(workflow: Workflow[Any]) -> set[Any]:
    """Return every state that there is."""
    return set(type(workflow.initial))


def leads_on(row: Transition[Any], state: Any) -> bool:
    """Tell whether *row* may lead from *state* to another one."""
    return state in row.sources and any(target != state for target in row.targets())


# Every table -----------------------------------------------------------------------------------


@every_kind
def test_each_state_is_reachable(kind: Kind) -> None:
    """From the first one, by some moves."""
    workflow, seen = kind.workflow, {kind.workflow.initial}

    for _ in states(workflow):
        seen |= {target for row in workflow.transitions if seen & set(row.sources) for target in row.targets()}

    assert seen == states(workflow)


@every_kind
def test_ends_are_the_intended_ones_and_lead_nowhere(kind: Kind) -> None:
    """Every other state has a way out."""
    workflow = kind.workflow

    stuck = {state for state in states(workflow) if not any(leads_on(row, state) for row in workflow.transitions)}

    assert {state.value for state in workflow.final} == ENDS.get(kind.name, {state.value for state in stuck})
    for row in workflow.transitions:
        for state in set(workflow.final) & set(row.sources):
            assert state in row.targets(), f"{row.move} leads on from {state}"
    assert not stuck - set(workflow.final)


@every_kind
def test_each_clause_cited_is_in_the_policy(kind: Kind) -> None:
    """A row without a clause has no business here."""
    cited = {row.move: row.clause for row in kind.workflow.transitions}

    assert {move: clause for move, clause in cited.items() if clause not in CLAUSES} == {}


@every_kind
def test_everybody_who_is_told_exists_and_so_does_what_they_read(kind: Kind) -> None:
    """Audiences are the workflow's own, faces those of the features."""
    workflow = kind.workflow

    told = [effect for effect in effects(workflow) if isinstance(effect, Tell)]

    assert {tell.audience for tell in told} - set(workflow.audiences) == set()
    assert {tell.face for tell in told} - set(SWITCHBOARD.faces) == set()
    assert "undelivered" in workflow.audiences
    assert f"{kind.name}.undelivered" in SWITCHBOARD.faces


@every_kind
def test_each_move_of_the_clock_is_a_row_of_the_clock(kind: Kind) -> None:
    """What is queued can be made."""
    rows = {row.move for row in kind.workflow.transitions if row.by is the_clock}

    queued = {effect.move for effect in effects(kind.workflow) if isinstance(effect, ClockMove)}

    assert queued <= rows


@every_kind
def test_the_clock_decides_nothing(kind: Kind) -> None:
    """Domain 5.12: it leads to no state that people bring about."""
    rows = kind.workflow.transitions
    by_people = {target for row in rows if row.by is not the_clock for target in row.targets()}

    for row in rows:
        if row.by is the_clock:
            assert not (set(row.targets()) - set(row.sources)) & by_people, f"{row.move} decides"


@every_kind
def test_each_form_and_each_move_is_declared(kind: Kind) -> None:
    """A button that opens nothing would be a lie."""
    rows = kind.workflow.transitions

    assert {row.form for row in rows if row.form} - set(SWITCHBOARD.forms) == set()
    pressed = {f"{kind.name}.{row.move}" for row in rows if row.by is not the_clock}
    assert pressed - set(SWITCHBOARD.actions) == set()


@every_kind
def test_each_state_has_words(kind: Kind) -> None:
    """They stand after "is" in a sentence."""
    assert {state for state in states(kind.workflow) if not kind.workflow.words.get(state)} == set()
    assert set(kind.workflow.arrive) <= states(kind.workflow)


@every_kind
def test_a_move_is_called_the_same_wherever_it_is_made_and_says_who_makes_it(kind: Kind) -> None:
    """One word per idea; a refusal names somebody."""
    labels: dict[str, set[str]] = {}
    for row in kind.workflow.transitions:
        labels.setdefault(row.move, set()).add(row.label)
        assert row.who
        assert row.label

    assert {move for move, names in labels.items() if len(names) > 1} == set()


@pytest.mark.parametrize("name", sorted(SWITCHBOARD.forms))
def test_each_clause_that_a_form_cites_is_in_the_policy(name: str) -> None:
    """Fields own their clause."""
    form, _ = SWITCHBOARD.forms[name]

    cited = {each.clause for page in form.pages for each in page.fields if each.clause}

    assert cited <= CLAUSES


def test_each_command_cites_the_policy_or_nothing() -> None:
    """And has a summary for the list."""
    for entry in SWITCHBOARD.listed:
        assert entry.summary
        assert not entry.clause or entry.clause in CLAUSES


# Applications: what no sequence of presses can do ----------------------------------------------

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 24, 9, 15, tzinfo=LONDON)
DECISIONS = ("approve", "reject", "ask_changes", "refer", "record_chair")


def person(id: str, *roles: Role) -> Person:
    """Return a member of staff."""
    return Person(id, id.capitalize(), frozenset({Role.STAFF, *roles}))


PEOPLE = (
    person("teacher"), person("colleague"), person("dsl", Role.DSL), person("deputy", Role.SLT),
    person("assistant", Role.SLT), person("bursar", Role.SLT, Role.DSL), person("head", Role.SLT, Role.HEAD),
    person("administrator", Role.ADMINISTRATOR),
)  # fmt: skip
IDS = [each.id for each in PEOPLE]
MOVES = sorted({row.move for row in APPLICATION.transitions})
someone = st.sampled_from(PEOPLE)
runners = st.lists(st.sampled_from([*IDS, "Mrs Example"]), unique=True, min_size=1, max_size=4)


@st.composite
def offices(draw: st.DrawFn) -> Office:
    """Return a school with a quorum of one to three, and perhaps an acting head."""
    school = School("school", "The school", WorkingWeek(LONDON), quorum=draw(st.integers(1, 3)))
    acting = draw(st.sampled_from([None, *IDS]))
    named = (ActingHead("school", "a", acting, NOW.date(), NOW.date(), "head", NOW),) if acting else ()
    return Office(school, PEOPLE, named, NOW, "August 2017")


@dataclass
class Story:
    """An application on its way, with what an onlooker noted down of the votes.

    Attributes:
        votes: What each person pressed last since it was last sent to SLT, or since an exception was asked for.
    """

    case: Application
    office: Office
    votes: dict[str, str] = field(default_factory=dict)

    def allowed(self) -> list[tuple[Person, str]]:
        """Return who may make which move now."""
        return [(each, move) for each in PEOPLE for move in MOVES if self.row(each, move)]

    def row(self, by: Person, move: str) -> Transition[Application] | None:
        """Return the row, or None where it is refused."""
        try:
            return APPLICATION.find(self.case, move, by, self.office)
        except Refused:
            return None

    def make(self, by: Person, move: str, answers: dict[str, Any]) -> None:
        """Make an allowed move."""
        row = self.row(by, move)
        assert row is not None
        if move in ("submit", "exception"):
            self.votes.clear()
        if move in ("approve", "reject"):
            self.votes[by.id] = move
        self.case = APPLICATION.apply(self.case, row, Made(by, NOW, answers), self.office)

    def voters(self) -> set[str]:
        """Return who in SLT is not involved, the Head aside."""
        slt = {each.id for each in PEOPLE if Role.SLT in each.roles and Role.HEAD not in each.roles}
        return slt - {self.case.applicant, *self.case.runners}

    def carried(self) -> bool:
        """Tell whether enough of those who may vote approve, and none of them rejects."""
        cast = [self.votes[each] for each in self.voters() if each in self.votes]
        return "reject" not in cast and len(cast) >= max(1, min(self.office.school.quorum, len(self.voters())))


def begun(applicant: str, named: list[str]) -> Application:
    """Return a draft."""
    return Application("school", "APP-1", applicant, {"runners": named}, tuple(named), "August 2017")


def words(draw: st.DataObject) -> dict[str, Any]:
    """Return answers that any form of a move takes."""
    return {
        "reason": "Because.", "decision": draw.draw(st.sampled_from(["Approve", "Reject"])), "day": "2026-11-24",
        "reference": "Minute 7", "trained": draw.draw(st.sampled_from([None, "2026-09-12"])),
        "runners": draw.draw(runners),
    }  # fmt: skip


def check(story: Story, before: Application, by: Person, move: str) -> None:
    """Assert what holds after any move."""
    case, office = story.case, story.office
    involved = {before.applicant, *before.runners}
    if move in DECISIONS:
        assert by.id not in involved
    if case.state is State.HEAD and before.state is not State.HEAD:
        staff = [each for each in case.runners if each in IDS]
        assert len(staff) >= 2 or case.exception_granted
        assert {each.person for each in case.confirmations} >= set(staff)
        if move == "approve":
            assert story.carried()
        elif move == "refer":
            assert before.state is State.DISAGREES
            assert {story.votes.get(each) for each in story.voters()} >= {"approve", "reject"}
        else:
            assert move == "record_chair"
            assert not story.voters()
    if case.state is State.CREATING and before.state is not State.CREATING:
        assert before.state is State.HEAD
        if "head" in involved:
            assert move == "record_chair"
        else:
            assert by.id == "head" or any(by.id == each.person for each in office.acting)
            assert by.id not in {vote.person for vote in case.votes}
    if case.state is State.LIVE:
        assert before.state is State.CREATING
        assert Role.ADMINISTRATOR in by.roles
    if case.exception_granted and not before.exception_granted:
        assert story.carried() if move == "approve" else not story.voters()


@settings(max_examples=300, deadline=None)
@given(office=offices(), applicant=st.sampled_from(IDS), named=runners, data=st.data())
def test_no_sequence_of_presses_gets_round_quorum_runners_or_head(
    office: Office, applicant: str, named: list[str], data: st.DataObject
) -> None:
    """G1 and G3, NEW-6 and NEW-9, ADM-1: whatever people press, and in which order."""
    story = Story(begun(applicant, named), office)

    for _ in range(data.draw(st.integers(5, 40))):
        allowed = [each for each in story.allowed() if each[1] != "withdraw"]
        if not allowed:
            break
        by, move = data.draw(st.sampled_from(allowed))
        before = story.case
        story.make(by, move, words(data))
        check(story, before, by, move)
        assert len(story.case.history) == len(before.history) + 1


@settings(max_examples=300, deadline=None)
@given(
    office=offices(),
    applicant=st.sampled_from(IDS),
    named=runners,
    state=st.sampled_from(list(State)),
    votes=st.lists(st.tuples(st.sampled_from(IDS), st.booleans()), max_size=4),
    confirmed=st.sets(st.sampled_from(IDS)),
    move=st.sampled_from(DECISIONS),
)
def test_neither_applicant_nor_runner_decides_in_any_state(
    office: Office,
    applicant: str,
    named: list[str],
    state: State,
    votes: list[tuple[str, bool]],
    confirmed: set[str],
    move: str,
) -> None:
    """G3: refused by identity, reachable state or not; and no button is drawn for them."""
    case = replace(
        begun(applicant, named),
        state=state,
        votes=tuple(Vote(who, approves, NOW, 0) for who, approves in votes),
        confirmations=tuple(Confirmation(who, NOW, "August 2017", date(2026, 9, 12)) for who in sorted(confirmed)),
    )

    for each in PEOPLE:
        if each.id in (applicant, *named):
            with pytest.raises(Refused):
                APPLICATION.find(case, move, each, office)
            assert not {row.move for row in APPLICATION.open_to(case, each, office)} & set(DECISIONS)


@given(office=offices(), applicant=st.sampled_from(IDS), named=runners, state=st.sampled_from(list(State)), who=someone)
def test_a_button_is_drawn_only_where_the_press_is_allowed(
    office: Office, applicant: str, named: list[str], state: State, who: Person
) -> None:
    """What is offered holds at the press."""
    case = replace(begun(applicant, named), state=state)

    for row in APPLICATION.open_to(case, who, office):
        assert APPLICATION.find(case, row.move, who, office) is row


@given(office=offices(), who=someone, move=st.sampled_from(MOVES), state=st.sampled_from(sorted(APPLICATION.final)))
def test_nothing_moves_an_application_that_has_ended(office: Office, who: Person, move: str, state: State) -> None:
    """Every press is told where it stands."""
    case = replace(begun("teacher", ["teacher", "colleague"]), state=state)

    with pytest.raises(Refused, match="has moved on"):
        APPLICATION.find(case, move, who, office)
