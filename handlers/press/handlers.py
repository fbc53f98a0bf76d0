"""A journalist has made contact: hold, refer to SLT, and wait for what they release (BEH-8)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.cases import Moved, begin, declare_moves, load, move
from bot.conversation.cards import Card
from bot.conversation.events import Quoted
from bot.conversation.questions import draft_card
from bot.conversation.sessions import Session
from bot.domain.office import Office
from bot.domain.people import Person, Role
from bot.domain.press import PRESS, PressContact, State, may_know
from bot.domain.workflow import Step
from bot.errors import Refused
from bot.routing import Answer, Ask, Filled, Kind, Router, Turn
from handlers.press import cards
from handlers.press.forms import MOVE_FORMS, PRESS_CONTACT

router = Router("press", open_to_guests=True)
KIND = Kind("press", PressContact, PRESS, "PRESS", counted=False, seen_by=may_know)

_REFERENCE = re.compile(r"\s*(PRESS-[A-Z0-9]+)\s*", re.IGNORECASE)


@router.command(
    "press", summary="A journalist has made contact: what to say now, and tell SLT", clause="BEH-8",
    aliases=("journalist",),
)  # fmt: skip
async def press(turn: Turn, text: str) -> Answer:
    """Show the holding words and ask the first question, or open what *text* refers to."""
    if found := _REFERENCE.fullmatch(text):
        return await open_contact(turn, found[1], "")
    sessions = await turn.store.find(Session, person=turn.person.id)
    begun = (each for each in sessions if each.form == PRESS_CONTACT.name and not each.subject and each.answers)
    draft = next(begun, None)
    if draft is not None and turn.place.direct:
        return cards.unfinished(draft_card(PRESS_CONTACT, draft), turn.office)
    return Ask(PRESS_CONTACT.name, intro=cards.intro(turn.office))


@router.shortcut(
    "contact", label="Tell SLT of a journalist", summary="A journalist has made contact: what to say now, and tell SLT"
)
async def press_shortcut(turn: Turn, quoted: Quoted | None) -> Answer:
    """Begin from a platform's menu."""
    return await press(turn, "")


@router.action("start")
async def start(turn: Turn, subject: str, value: str) -> Answer:
    """Begin from a button on another card."""
    return await press(turn, "")


@router.form(PRESS_CONTACT)
async def filled(turn: Turn, given: Filled) -> Answer:
    """Keep what was typed as a draft and show what SLT would see."""
    if given.subject:
        result = await move(turn, KIND, given.subject, "edit_draft", given.answers)
        assert isinstance(result, Moved)
        return cards.record(result.case, turn.person, turn.office)
    school, person, policy = turn.world.school.id, turn.person.id, turn.office.policy
    case = await begin(turn, KIND, lambda reference: PressContact(school, reference, person, given.answers, policy))
    return cards.record(case, turn.person, turn.office)


@router.action("edit")
async def edit(turn: Turn, subject: str, value: str) -> Answer:
    """Open a draft again with what it says now."""
    case = await load(turn, KIND, subject)
    PRESS.find(case, "edit_draft", turn.person, turn.office)
    return Ask(PRESS_CONTACT.name, case.id, answers=case.answers, as_page=True, intro=cards.intro(turn.office))


async def said(turn: Turn, moved: Moved) -> Answer:
    """Tell whoever pressed what their press did."""
    case, person, office = moved.case, turn.person, turn.office
    match moved.row.move:
        case "open":
            return cards.record(case, person, office)
        case "acknowledge":
            return cards.held(case, person, office)
        case "release" | "no_comment":
            return cards.decided(case, person, office)
        case "note":
            return cards.noted(case, person, office)
        case "cancel":
            return cards.cancelled(case)
        case _:
            return cards.mine(case, person, office) or cards.record(case, person, office)


declare_moves(router, KIND, MOVE_FORMS, said)


@router.action("open")
async def open_contact(turn: Turn, subject: str, value: str) -> Answer:
    """Show the content, in a private chat only, and record who read it."""
    if not turn.place.direct:
        raise Refused("Open it in your private chat with the bot: others can read here.", "BEH-8")
    result = await move(turn, KIND, subject, "open")
    assert isinstance(result, Moved)
    return await said(turn, result)


for _name, _face in (
    ("mine", cards.mine), ("picked_up", cards.picked_up), ("answered", cards.answered), ("unheard", cards.unheard),
    ("lapsed", cards.lapsed), ("unsent", cards.unsent), ("ping", cards.ping), ("near", cards.near),
    ("late", cards.late), ("closed", cards.closed), ("undelivered", cards.undelivered),
):  # fmt: skip
    router.face(_name)(_face)


# Samples for the gallery ---------------------------------------------------------------------

REPORTER = Person("history_teacher", "History teacher", frozenset({Role.STAFF}))
DEPUTY = Person("deputy_head", "Deputy head", frozenset({Role.STAFF, Role.SLT}), phone="07700 900101")
ASSISTANT = Person("assistant_head", "Assistant head", frozenset({Role.STAFF, Role.SLT}), phone="07700 900102")
HEAD = Person("head_teacher", "Head teacher", frozenset({Role.STAFF, Role.SLT, Role.HEAD}), phone="0151 496 0100")

Drawn = Callable[[PressContact, Person, Office], Card | None]


def _case(office: Office, state: State, **changes: object) -> PressContact:
    now = office.now
    answers = {
        "journalist": "Sam Example", "outlet": "The Wirral Example", "contact": "0151 496 0999",
        "asks": "Is it true that a post about the school trip was taken down?",
        "deadline": (now + timedelta(hours=5)).isoformat(), "accused": state is State.DRAFT,
    }  # fmt: skip
    steps = (Step(now, REPORTER.id, "begin", "draft"), Step(now, REPORTER.id, "submit", "waiting for SLT"))
    fields: dict[str, object] = {
        "state": state, "history": steps, "sent": now, "asked": (DEPUTY.id,), "rung": 1,
        "holder": "" if state is State.WAITING else DEPUTY.id, **changes,
    }  # fmt: skip
    return PressContact(office.school.id, "PRESS-7K3QXM", REPORTER.id, answers, office.policy, **fields)  # type: ignore[arg-type]


def _sample(name: str, draw: Drawn, reader: Person, state: State, **changes: object) -> None:
    """Declare a card of made-up people, whoever works at the school."""

    def drawn(office: Office) -> Card:
        school = replace(office.school, press_duty=(DEPUTY.id, ASSISTANT.id))
        there = replace(office, school=school, people=(REPORTER, DEPUTY, ASSISTANT, HEAD))
        steps = (*_case(there, state).history, *(replace(step, at=there.now) for step in _STEPS.get(state, ())))
        card = draw(_case(there, state, **{"history": steps, **changes}), reader, there)
        assert card is not None
        return card

    router.sample(name)(drawn)


_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
_STEPS = {
    State.HELD: (
        Step(_LONG_AGO, DEPUTY.id, "open", "waiting for SLT"),
        Step(_LONG_AGO, DEPUTY.id, "acknowledge", "with SLT"),
        Step(_LONG_AGO, DEPUTY.id, "note", "with SLT", "The account's administrator has been asked."),
    ),
    State.RELEASED: (Step(_LONG_AGO, DEPUTY.id, "release", "reply released"),),
    State.NO_COMMENT: (Step(_LONG_AGO, DEPUTY.id, "no_comment", "no comment"),),
}
_REPLY = {"reply": "A post was removed because it broke our rules.", "giver": DEPUTY.id}
_ALL = {"everyone_asked": True, "asked": (DEPUTY.id, ASSISTANT.id, HEAD.id)}

_sample("not sent yet", cards.mine, REPORTER, State.DRAFT, sent=None)
_sample("not sent for some minutes", cards.unsent, REPORTER, State.DRAFT, sent=None)
_sample("sent to SLT", cards.mine, REPORTER, State.WAITING)
_sample("something waits for SLT", cards.ping, DEPUTY, State.WAITING)
_sample("nobody has picked it up", cards.unheard, REPORTER, State.WAITING, **_ALL)
_sample("picked up, for SLT", cards.held, DEPUTY, State.HELD)
_sample("picked up, for the reporter", cards.picked_up, REPORTER, State.HELD)
_sample("opened by SLT", cards.record, DEPUTY, State.HELD)
_sample("a deadline is near", cards.near, DEPUTY, State.HELD)
_sample("a deadline has passed", cards.late, ASSISTANT, State.WAITING)
_sample("a deadline has passed, for the reporter", cards.lapsed, REPORTER, State.WAITING)
_sample("a reply is released", cards.answered, REPORTER, State.RELEASED, **_REPLY)
_sample("the reply, opened by the reporter", cards.record, REPORTER, State.RELEASED, **_REPLY)
_sample("no comment", cards.answered, REPORTER, State.NO_COMMENT)
_sample("somebody could not be reached", cards.undelivered, REPORTER, State.WAITING)
