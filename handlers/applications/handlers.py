"""Apply for a school account: from the first question to the register."""

from __future__ import annotations

from dataclasses import replace

from bot.cases import Moved, begin, declare_moves, load, move
from bot.conversation.cards import Card, line
from bot.conversation.questions import draft_card
from bot.conversation.sessions import Session
from bot.domain.accounts import registered
from bot.domain.application_workflow import APPLICATION
from bot.domain.applications import Application, Confirmation, State, Vote, staff_runners
from bot.domain.office import Office
from bot.domain.people import Role
from bot.domain.workflow import Step
from bot.errors import Unknown
from bot.routing import Answer, Ask, Filled, Kind, Router, Turn
from handlers.applications import cards
from handlers.applications.forms import APPLY, MOVE_FORMS

router = Router("applications")
KIND = Kind("applications", Application, APPLICATION, "APP")


@router.command(
    "apply", summary="Apply for a new school account: five points, one at a time", clause="NEW-2",
    aliases=("application",),
)  # fmt: skip
async def apply(turn: Turn, text: str) -> Answer:
    """Ask the first point, or offer the draft that is open."""
    sessions = await turn.store.find(Session, person=turn.person.id)
    draft = next((each for each in sessions if each.form == APPLY.name and not each.subject and each.answers), None)
    return draft_card(APPLY, draft) if draft else Ask(APPLY.name)


@router.action("apply")
async def press_apply(turn: Turn, subject: str, value: str) -> Answer:
    """Begin from a button on another card."""
    return await apply(turn, "")


@router.form(APPLY)
async def filled(turn: Turn, given: Filled) -> Answer:
    """Keep the business case as a draft and show what SLT would see."""
    if given.subject:
        result = await move(turn, KIND, given.subject, "edit", given.answers)
        assert isinstance(result, Moved)
        return cards.preview(result.case, turn.person, turn.office)
    case = await begin(
        turn,
        KIND,
        lambda reference: Application(
            turn.world.school.id,
            reference,
            turn.person.id,
            given.answers,
            tuple(given.answers["runners"]),
            turn.office.policy,
        ),
    )
    return cards.preview(case, turn.person, turn.office)


@router.action("again")
async def apply_again(turn: Turn, subject: str, value: str) -> Answer:
    """Begin a new application with the answers of a rejected one; its history stays (G22)."""
    case = await _own(turn, subject)
    return Ask(APPLY.name, answers=case.answers, as_page=True)


@router.action("see")
async def see(turn: Turn, subject: str, value: str) -> Answer:
    """Show an application to those whom it passes."""
    case = await load(turn, KIND, subject)
    roles = (Role.SLT, Role.HEAD, Role.ADMINISTRATOR, Role.DSL)
    private = case.state in (State.DRAFT, State.EXCEPTION)
    runs = turn.person in staff_runners(case, turn.office) and not private
    concerned = turn.person.id == case.applicant or runs
    decides = case.state is not State.DRAFT and any(turn.person in turn.office.holders(role) for role in roles)
    if not concerned and not decides:
        raise Unknown(f"There is no application called {subject} that you can see.")
    return cards.show(case, turn.person, turn.office)


async def said(turn: Turn, moved: Moved) -> Answer:
    """Tell whoever pressed what their press did."""
    case, office = moved.case, turn.office
    if moved.row.move == "exception":
        words = "SLT has your reason, and nothing else of your draft. You will hear from them here."
    elif moved.row.move == "confirm":
        words = f"Thank you: your confirmation is recorded. {cards.status(case, office)}"
    else:
        words = f"Recorded. {cards.status(case, office)}"
    return Card(f"{case.id}: {cards.stands(case)}", (line(words),))


declare_moves(
    router, KIND, MOVE_FORMS, said,
    beside=lambda case, made, office: (registered(case, made, office),) if case.state is State.LIVE else (),
)  # fmt: skip


@router.action("edit")
async def edit(turn: Turn, subject: str, value: str) -> Answer:
    """Open the business case again with what it says now."""
    case = await load(turn, KIND, subject)
    APPLICATION.find(case, "edit", turn.person, turn.office)
    return Ask(APPLY.name, case.id, answers=case.answers, as_page=True)


for _name, _face in (
    ("show", cards.show), ("request", cards.request), ("asked", cards.asked), ("asked_again", cards.asked_again),
    ("decide", cards.decide), ("create", cards.create), ("reminder", cards.reminder), ("stuck", cards.stuck),
    ("news", cards.news),
    ("confirmed", cards.confirmed), ("live", cards.live), ("review", cards.review), ("undelivered", cards.undelivered),
):  # fmt: skip
    router.face(_name)(_face)


async def _own(turn: Turn, reference: str) -> Application:
    case: Application = await load(turn, KIND, reference)
    if case.applicant != turn.person.id:
        raise Unknown(f"There is no application called {reference} of yours.")
    return case


# Samples for the gallery ---------------------------------------------------------------------


def _sample(office: Office, state: State) -> Application:
    now, runners = office.now, ("history_teacher", "pe_teacher", "Mrs Example")
    answers = {
        "aim": "Show parents what happens in history lessons.", "audience": ["Parents and carers", "Pupils"],
        "promotion": "In the newsletter.", "runners": list(runners), "openness": "Open", "platform": "X (Twitter)",
        "handle": "@BebingtonHistory", "suits_learning": "Short reminders about homework.",
        "implications": "Comments are turned off.", "minimum_age": "All are old enough",
        "messages": "Private messages are turned off",
    }  # fmt: skip
    return Application(
        office.school.id, "APP-12", "history_teacher", answers, runners, office.policy, state,
        history=(Step(now, "history_teacher", "begin", "draft"), Step(now, "history_teacher", "submit", state.value)),
        confirmations=tuple(Confirmation(each, now, office.policy, now.date()) for each in runners[:2]),
    )  # fmt: skip


def _shown(card: Card | None) -> Card:
    assert card is not None
    return card


@router.sample("draft of one's own")
def sample_draft(office: Office) -> Card:
    """Draw a draft for its applicant."""
    return cards.preview(replace(_sample(office, State.DRAFT), history=()), office.person("history_teacher"), office)


@router.sample("a runner is asked")
def sample_asked(office: Office) -> Card:
    """Draw the question to a runner."""
    return _shown(
        cards.asked(replace(_sample(office, State.RUNNERS), confirmations=()), office.person("pe_teacher"), office)
    )


@router.sample("SLT is asked")
def sample_request(office: Office) -> Card:
    """Draw the request in SLT's own place."""
    votes = (Vote("deputy_head", True, office.now, 0, "Well prepared."),)
    return cards.request(replace(_sample(office, State.CONSIDERING), votes=votes), None, office)


@router.sample("SLT disagrees")
def sample_disagrees(office: Office) -> Card:
    """Draw a disagreement."""
    votes = (
        Vote("deputy_head", True, office.now, 0),
        Vote("assistant_head", False, office.now, 0, "Too many accounts."),
    )
    return cards.request(replace(_sample(office, State.DISAGREES), votes=votes), None, office)


@router.sample("an exception is asked for")
def sample_exception(office: Office) -> Card:
    """Draw the request for one runner."""
    case = replace(
        _sample(office, State.EXCEPTION), runners=("history_teacher",), exception="A colleague joins after Christmas."
    )
    return cards.request(case, None, office)


@router.sample("the Head decides")
def sample_decide(office: Office) -> Card:
    """Draw the Head's step."""
    return cards.decide(_sample(office, State.HEAD), office.person("head_teacher"), office)


@router.sample("the administrator creates")
def sample_create(office: Office) -> Card:
    """Draw the administrator's task."""
    return cards.create(_sample(office, State.CREATING), office.person("administrator"), office)


@router.sample("live")
def sample_live(office: Office) -> Card:
    """Draw the last news to the applicant."""
    return _shown(cards.news(_sample(office, State.LIVE), office.person("history_teacher"), office))


@router.sample("rejected")
def sample_rejected(office: Office) -> Card:
    """Draw a rejection as the applicant reads it."""
    steps = (Step(office.now, "head_teacher", "reject", State.REJECTED.value, "We have two history accounts already."),)
    return _shown(
        cards.news(replace(_sample(office, State.REJECTED), history=steps), office.person("history_teacher"), office)
    )
