"""My drafts, applications, reports, what waits for me, and what the bot holds on me."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from bot.conversation.cards import Bold, Button, Card, Span, Style
from bot.conversation.sessions import Session
from bot.domain.accounts import Account
from bot.domain.application_workflow import APPLICATION
from bot.domain.applications import Application, State
from bot.domain.incident_workflow import INCIDENT
from bot.domain.incidents import Incident, has_access
from bot.domain.incidents import State as IncidentState
from bot.domain.office import Office
from bot.domain.people import Role
from bot.domain.press import PRESS, PressContact, may_know
from bot.domain.press import State as PressState
from bot.routing import Answer, Router, Turn
from handlers.my.cards import Section, mine

MOST_BUTTONS = 5

T = TypeVar("T")

router = Router("my", open_to_guests=True)


@router.command(
    "my", summary="See your drafts, applications and reports, and what waits for you", clause="NEW-2",
    aliases=("mine", "status"),
)  # fmt: skip
async def my(turn: Turn, text: str) -> Answer:
    """Show what is open for the person who asks, and nobody else's; confidential cases by reference only."""
    applications = await turn.store.find(Application)
    sections = (
        _decisions(applications, turn),
        await _reports_waiting(turn),
        await _journalists_waiting(turn),
        await _drafts(turn),
        _applications(applications, turn),
        await _reports(turn),
        await _press(turn),
        await _accounts(turn),
        _confirmations(applications, turn),
    )
    officer = turn.office.contact_for(Role.DPO)
    copy = f"For a copy of it all, ask {officer.name}: {officer.phone or officer.email}." if officer else ""
    return mine(turn.person.name, sections, copy)


# What waits for me ---------------------------------------------------------------------------


def _decisions(applications: Iterable[Application], turn: Turn) -> Section:
    waiting = [case for case in applications if case.state not in APPLICATION.final and _has_a_say(case, turn)]
    return Section(
        "Waiting for you",
        [_line(case.id, APPLICATION.words[case.state]) for case in waiting],
        [Button(f"Show {case.id}", "applications.see", case.id, style=Style.PRIMARY) for case in _newest(waiting)],
    )


def _has_a_say(case: Application, turn: Turn) -> bool:
    """Tell whether this person has a move to make that is not the applicant's own, and has not made it yet."""
    voted = any(vote.person == turn.person.id for vote in case.standing_votes())
    own = {"decline", "withdraw", "submit", "exception"}
    moves = {row.move for row in APPLICATION.open_to(case, turn.person, turn.office)} - own
    return bool(moves) and not (voted and case.state is not State.DISAGREES)


async def _reports_waiting(turn: Turn) -> Section:
    cases = await turn.store.find(Incident, access=turn.person.id)
    done = (*INCIDENT.final, IncidentState.CLOSED)
    waiting = [c for c in cases if c.state not in done and has_access(c, turn.person, turn.office)]
    return Section(
        "Sent to you in confidence",
        [_line(case.id, "open it when nobody else can see your screen") for case in waiting],
        [Button(f"Show {case.id}", "incidents.see", case.id) for case in _newest(waiting)],
    )


async def _journalists_waiting(turn: Turn) -> Section:
    cases = [
        c for state in (PressState.WAITING, PressState.HELD) for c in await turn.store.find(PressContact, state=state)
    ]
    waiting = [c for c in cases if c.reporter != turn.person.id and may_know(c, turn.person, turn.office)]
    return Section(
        "Waiting for SLT on duty",
        [_line(case.id, PRESS.words[case.state]) for case in waiting],
        [Button(f"Open {case.id}", "press.open", case.id) for case in _newest(waiting)],
    )


# What is mine --------------------------------------------------------------------------------


async def _drafts(turn: Turn) -> Section:
    forms = turn.world.switchboard.forms
    begun = [
        each for each in await turn.store.find(Session, person=turn.person.id) if each.answers and each.form in forms
    ]
    open_to = turn.world.switchboard.open_to
    kept = [each for each in begun if forms[each.form][0].resumable and open_to(turn.person.seat, each.form)]
    lines = []
    for each in kept:
        form = forms[each.form][0]
        answered, points = form.progress(each.answers)
        lines.append(_line(form.title, f"{answered} of {points} answered"))
    return Section(
        "Your drafts",
        lines,
        [Button("Continue", "session.continue", each.id, style=Style.PRIMARY) for each in kept[-1:]],
    )


def _applications(applications: Iterable[Application], turn: Turn) -> Section:
    own = [case for case in applications if case.applicant == turn.person.id]
    return Section(
        "Your applications",
        [_line(case.id, APPLICATION.words[case.state]) for case in own],
        [Button(f"Show {case.id}", "applications.see", case.id) for case in _newest(own)],
    )


async def _reports(turn: Turn) -> Section:
    cases = await turn.store.find(Incident, reporter=turn.person.id)
    own = [case for case in cases if case.state is not IncidentState.LAPSED]
    return Section(
        "What you reported",
        [_line(case.id, INCIDENT.words[case.state]) for case in own],
        [Button(f"Show {case.id}", "incidents.see", case.id) for case in _newest(own)],
    )


async def _press(turn: Turn) -> Section:
    own = await turn.store.find(PressContact, reporter=turn.person.id)
    return Section(
        "Journalists you passed on",
        [_line(case.id, PRESS.words[case.state]) for case in own],
        [Button(f"Open {case.id}", "press.open", case.id) for case in _newest(own)],
    )


async def _accounts(turn: Turn) -> Section:
    run = await turn.store.find(Account, runners=turn.person.id)
    return Section(
        "Accounts you run",
        [_line(f"{each.handle} on {each.platform}", each.id) for each in run],
        [Button(f"Show {each.id}", "accounts.show", each.id) for each in _newest(run)],
    )


def _confirmations(applications: Iterable[Application], turn: Turn) -> Section:
    given = [(case, said) for case in applications if (said := case.confirmation(turn.person.id))]
    return Section(
        "What you confirmed",
        [
            _line(
                case.id,
                f"read and understood the policy of {said.policy}, "
                + (f"trained on {said.trained:%d %b %Y}" if said.trained else "not trained yet"),
            )
            for case, said in given
        ],
    )


def _line(name: str, words: str) -> tuple[Span, ...]:
    return (Bold(name), f" – {words}")


def _newest(cases: list[T]) -> list[T]:
    return cases[-MOST_BUTTONS:]


@router.sample("nothing open")
def sample(office: Office) -> Card:
    """Draw the card of somebody with nothing open."""
    return mine("History teacher", ())
