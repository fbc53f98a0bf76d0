"""Report something: from the first question to those who may know, by name, and to nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.cases import Moved, begin, declare_moves, load, move
from bot.conversation.cards import Card, line
from bot.conversation.events import Quoted
from bot.conversation.questions import draft_card
from bot.conversation.sessions import Session
from bot.domain.incident_workflow import INCIDENT
from bot.domain.incidents import Incident, Involvement, State, known_to
from bot.domain.jobs import Errand, Job
from bot.domain.office import Office
from bot.domain.people import Person, Role
from bot.domain.report_routes import Category
from bot.domain.workflow import Made, Step
from bot.errors import Refused
from bot.routing import Answer, Ask, Filled, Kind, Order, Router, Turn
from handlers.incidents import cards
from handlers.incidents.forms import MOVE_FORMS, REPORT

router = Router("incidents", open_to_guests=True)
KIND = Kind("incidents", Incident, INCIDENT, "INC", counted=False, seen_by=known_to)

_REFERENCE = re.compile(r"\s*(INC-[A-Z0-9]+)\s*", re.IGNORECASE)


@router.command(
    "report", summary="Report something, in confidence: abuse, contact with a pupil, an image, a mistake",
    clause="SCO-15", order=Order.FIRST, aliases=("incident", "abuse"), at_once=True,
)  # fmt: skip
async def report(turn: Turn, text: str) -> Answer:
    """Ask the first question, keeping what was typed with it, or offer what was begun; with a reference, show it."""
    if found := _REFERENCE.fullmatch(text):
        return await see(turn, found[1], "")
    category = _category(text.lower())
    return await _begin(turn, {"category": category.value} if category else {"what": text} if text else {})


@router.action("report")
async def press_report(turn: Turn, subject: str, value: str) -> Answer:
    """Begin from a button on another card, whose value may choose what it is about: `account`, `contact` …"""
    category = _category(value)
    return await _begin(turn, {"category": category.value} if category else {})


@router.shortcut("report", label="Report an incident", summary="Report something, in confidence; it takes a minute")
async def report_shortcut(turn: Turn, quoted: Quoted | None) -> Answer:
    """Begin from a platform's menu."""
    return await _begin(turn, {})


@router.shortcut(
    "report_message", label="Report this message", about_message=True,
    summary="Report this message, in confidence: its link and its words are filled in for you",
)  # fmt: skip
async def report_message(turn: Turn, quoted: Quoted | None) -> Answer:
    """Begin with a message's link and words; a draft about something else stays."""
    where, what = (quoted.link, quoted.text.strip()) if quoted else ("", "")
    for each in await turn.store.find(Session, person=turn.person.id):
        if where and each.form == REPORT.name and each.value == where and "category" in each.answers:
            return draft_card(REPORT, each)
    answers = {name: words for name, words in (("where", where), ("what", what), ("account", where)) if words}
    return Ask(REPORT.name, value=where, answers=answers, as_page=True)


async def _begin(turn: Turn, answers: dict[str, str]) -> Answer:
    sessions = await turn.store.find(Session, person=turn.person.id)
    begun = (each for each in sessions if each.form == REPORT.name and not each.subject and each.answers)
    draft = next(begun, None)
    if draft is not None and turn.place.direct:
        return draft_card(REPORT, draft)
    return Ask(REPORT.name, answers=answers)


@router.form(REPORT)
async def filled(turn: Turn, given: Filled) -> Answer:
    """Keep it as a draft and show who would get it; nobody is told."""
    answers = {each.name: given.answers[each.name] for each in REPORT.fields_for(given.answers)}
    if given.subject:
        result = await move(turn, KIND, given.subject, "edit_draft", answers)
        assert isinstance(result, Moved)
        return _drawn(cards.preview, result.case, turn)
    school, person, office = turn.world.school.id, turn.person.id, turn.office
    case = await begin(turn, KIND, lambda ref: Incident(school, ref, person, answers, office.policy, office.now))
    return _drawn(cards.preview, case, turn)


async def said(turn: Turn, moved: Moved) -> Answer:
    """Show whoever pressed the case as it is now; in a shared place, only that it is recorded."""
    case, person = moved.case, turn.person
    if not turn.place.direct:
        return Card("Recorded", (line("Look at it in your private chat with the bot."),))
    if moved.row.move in ("submit", "chair_has", "deleted", "add"):
        return _drawn(cards.mine, case, turn)
    return cards.record(case, person, turn.office)


declare_moves(router, KIND, MOVE_FORMS, said)


@router.action("open")
async def open_report(turn: Turn, subject: str, value: str) -> Answer:
    """Show the content, in a private chat only, and record who opened it."""
    _only_in_private(turn)
    result = await move(turn, KIND, subject, "open")
    assert isinstance(result, Moved)
    return await said(turn, result)


@router.action("edit")
async def edit(turn: Turn, subject: str, value: str) -> Answer:
    """Open a draft again with what it says now."""
    _only_in_private(turn)
    case = await load(turn, KIND, subject)
    INCIDENT.find(case, "edit_draft", turn.person, turn.office)
    return Ask(REPORT.name, case.id, answers=case.answers, as_page=True)


@router.action("cancel")
async def cancel(turn: Turn, subject: str, value: str) -> Answer:
    """Forget a draft, as if it had never been begun, and what its preview showed."""
    case = await load(turn, KIND, subject)
    INCIDENT.find(case, "edit_draft", turn.person, turn.office)
    redraw = Job(
        case.school, f"{case.id}.cancelled", Errand.REDRAW, KIND.name, case.id, due_at=turn.office.now
    )  # fmt: skip
    await turn.save(redraw, forget=(case,))
    return cards.cancelled(case)


@router.action("see")
async def see(turn: Turn, subject: str, value: str) -> Answer:
    """Show the reporter how their report stands, and those on it that they may open it."""
    _only_in_private(turn)
    case = await load(turn, KIND, subject)
    return _drawn(cards.mine if turn.person.id == case.reporter else cards.ping, case, turn)


@router.action("words")
async def words(turn: Turn, subject: str, value: str) -> Answer:
    """Show the reporter their own words."""
    _only_in_private(turn)
    case = await load(turn, KIND, subject)
    if turn.person.id != case.reporter:
        raise Refused("Only whoever sent it can do this. Press Open instead.")
    return cards.words(case, turn.person, turn.office)


def _only_in_private(turn: Turn) -> None:
    if not turn.place.direct:
        raise Refused("Do this in your private chat with the bot: others can read here.")


def _category(value: str) -> Category | None:
    """Return the category whose words or whose short name *value* is."""
    return next((each for each in Category if value in (each.value, each.name.lower())), None)


Draw = Callable[[Incident, Person, Office], Card | None]


def _drawn(draw: Draw, case: Incident, turn: Turn) -> Card:
    card = draw(case, turn.person, turn.office)
    assert card is not None
    return card


for _name, _face in (
    ("preview", cards.preview), ("mine", cards.mine), ("unopened", cards.unopened), ("unsent", cards.unsent),
    ("sealed", cards.still_sealed), ("closed", cards.closed), ("undelivered", cards.undelivered),
    ("ping", cards.ping), ("added", cards.added), ("breach_due", cards.breach_due),
    ("advice_due", cards.advice_due),
):  # fmt: skip
    router.face(_name)(_face)


# Samples for the gallery ---------------------------------------------------------------------

REPORTER = Person("history_teacher", "History teacher", frozenset({Role.STAFF}))
CONCERNED = Person("pe_teacher", "PE teacher", frozenset({Role.STAFF}))
HEAD = Person("head_teacher", "Head teacher", frozenset({Role.STAFF, Role.SLT, Role.HEAD}), phone="0151 496 0100")
DSL = Person("dsl", "Designated safeguarding lead", frozenset({Role.STAFF, Role.DSL}), phone="07700 900104")
DEPUTY = Person("deputy_head", "Deputy head", frozenset({Role.STAFF, Role.SLT}), phone="07700 900101")
CHAIR = Person("chair", "Chair of governors", frozenset({Role.CHAIR}), phone="0151 496 0105", contact_only=True)

_COLLEAGUE = {
    "category": Category.COLLEAGUE.value, "child": True, "who": [CONCERNED.id], "where": "A messaging app",
    "what": "A pupil was sent messages late in the evening.", "breach": False,
}  # fmt: skip
_HEAD = {**_COLLEAGUE, "who": [HEAD.id]}
_IMAGE = {"category": Category.IMAGE.value, "indecent": "Not sure", "adult": False, "what": None, "breach": False}
_OWN_IMAGE = {
    "category": Category.MISTAKE.value, "image": True, "indecent": "No", "child": True, "where": None,
    "what": "I photographed the team before they were ready.", "breach": True,
}  # fmt: skip
_PARENT = {
    "category": Category.PUBLIC.value, "child": True, "adult": False, "child_words": "A pupil in Year 8 is named.",
    "where": "A neighbourhood group", "what": "Threats under a post about the school.", "breach": False,
}  # fmt: skip


def _case(office: Office, state: State, answers: dict[str, object], **changes: object) -> Incident:
    now = office.now
    begun = Step(now, REPORTER.id, "begin", State.DRAFT)
    case = Incident(office.school.id, "INC-7K3QXM", REPORTER.id, answers, office.policy, now, history=(begun,))
    if state is State.DRAFT:
        return case
    row = INCIDENT.find(case, "submit", REPORTER, office)
    case = INCIDENT.apply(case, row, Made(REPORTER, now, {}), office)
    opened = (Step(now, case.to[0], "open", State.OPEN),) if state in (State.OPEN, State.CLOSED) else ()
    fields: Any = {"state": state, "history": (*case.history, *opened), **changes}
    return replace(case, **fields)


def _sample(name: str, draw: Draw, reader: Person, state: State, answers: dict[str, object], **changes: object) -> None:
    """Declare a card of made-up people, whoever works at the school."""

    def drawn(office: Office) -> Card:
        school = replace(office.school, safety_duty=(DEPUTY.id,))
        there = replace(office, school=school, people=(REPORTER, CONCERNED, HEAD, DSL, DEPUTY, CHAIR), acting=())
        card = draw(_case(there, state, answers, **changes), reader, there)
        assert card is not None
        return card

    router.sample(name)(drawn)


_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
_LEAD: dict[str, object] = {
    "lead": DSL.id,
    "assessment": {"risk": True, "dsl": True, "words": "The LADO is asked first."},
    "involvements": (
        Involvement("1", "LADO", "Duty officer", "today 10:00", "Advice before anything else", DSL.id, _LONG_AGO),
    ),
}
_sample("not sent yet", cards.preview, REPORTER, State.DRAFT, _COLLEAGUE)
_sample("not sent yet, about the Head", cards.preview, REPORTER, State.DRAFT, _HEAD)
_sample("not sent yet, an image", cards.preview, REPORTER, State.DRAFT, _IMAGE)
_sample("not sent for some time", cards.unsent, REPORTER, State.DRAFT, _COLLEAGUE)
_sample("sent, and no one has opened it", cards.mine, REPORTER, State.SENT, _COLLEAGUE)
_sample("sent, one's own picture", cards.mine, REPORTER, State.SENT, _OWN_IMAGE)
_sample("sealed", cards.mine, REPORTER, State.SEALED, _HEAD)
_sample("still sealed", cards.still_sealed, REPORTER, State.SEALED, _HEAD)
_sample("no one has opened it yet", cards.unopened, REPORTER, State.SENT, _COLLEAGUE, reminders=1)
_sample("opened, for the reporter", cards.mine, REPORTER, State.OPEN, _COLLEAGUE)
_sample("what I sent", cards.words, REPORTER, State.SENT, _PARENT)
_sample("something has been sent to you", cards.ping, DSL, State.SENT, _COLLEAGUE)
_sample("there is something new", cards.added, DSL, State.OPEN, _COLLEAGUE)
_sample("a deadline needs you", cards.breach_due, HEAD, State.OPEN, _OWN_IMAGE)
_sample("something needs you today", cards.advice_due, DSL, State.OPEN, _COLLEAGUE)
_sample("opened", cards.record, DSL, State.OPEN, _COLLEAGUE, **_LEAD)
_sample("opened, an image", cards.record, DSL, State.OPEN, _IMAGE)
_sample("opened in part", cards.record, DEPUTY, State.OPEN, _PARENT)
_sample("closed, for the reporter", cards.closed, REPORTER, State.CLOSED, _COLLEAGUE)
_sample("somebody could not be reached", cards.undelivered, REPORTER, State.SENT, _COLLEAGUE)
