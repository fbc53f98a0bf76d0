"""My drafts, applications, reports, what waits for me, and what the bot holds on me."""

from __future__ import annotations

from bot.conversation.cards import Bold, Button, Card, Style
from bot.conversation.sessions import Session
from bot.domain.accounts import Account
from bot.domain.applications import APPLICATION, Application, State
from bot.domain.office import Office
from bot.routing import Answer, Router, Turn
from handlers.my.cards import Section, mine

router = Router("my")


@router.command(
    "my", summary="See your drafts, applications and reports, and what waits for you", clause="NEW-2",
    aliases=("mine", "status"),
)  # fmt: skip
async def my(turn: Turn, text: str) -> Answer:
    """Show what is open for the person who asks, and nobody else's."""
    applications = await turn.store.find(Application)
    own = [each for each in applications if each.applicant == turn.person.id]
    return mine(
        turn.person.name,
        (
            _waiting(applications, turn),
            await _drafts(turn),
            Section(
                "Your applications",
                [(Bold(each.id), f" – {APPLICATION.words[each.state]}") for each in own],
                [Button(f"Show {each.id}", "applications.see", each.id) for each in own[-5:]],
            ),
            await _accounts(turn),
        ),
    )


def _waiting(applications: list[Application], turn: Turn) -> Section:
    """Return what waits for a press by this person."""
    waiting = [
        each
        for each in applications
        if each.applicant != turn.person.id and _has_a_say(each, turn) and each.state not in APPLICATION.final
    ]
    return Section(
        "Waiting for you",
        [(Bold(each.id), f" – {APPLICATION.words[each.state]}") for each in waiting],
        [Button(f"Show {each.id}", "applications.see", each.id, style=Style.PRIMARY) for each in waiting[:5]],
    )


def _has_a_say(case: Application, turn: Turn) -> bool:
    voted = any(vote.person == turn.person.id for vote in case.standing_votes())
    moves = {row.move for row in APPLICATION.open_to(case, turn.person, turn.office)} - {"decline"}
    return bool(moves) and not (voted and case.state is not State.DISAGREES)


async def _drafts(turn: Turn) -> Section:
    forms = turn.world.switchboard.forms
    sessions = [
        each
        for each in await turn.store.find(Session, person=turn.person.id)
        if each.answers and each.form in forms and forms[each.form][0].resumable
    ]
    lines = []
    for each in sessions:
        form = forms[each.form][0]
        answered, points = form.progress(each.answers)
        lines.append((Bold(form.title), f" – {answered} of {points} answered"))
    return Section(
        "Your drafts",
        lines,
        [Button("Continue", "session.continue", each.id, style=Style.PRIMARY) for each in sessions[-1:]],
    )


async def _accounts(turn: Turn) -> Section:
    run = await turn.store.find(Account, runners=turn.person.id)
    return Section(
        "Accounts you run",
        [(Bold(f"{each.handle} on {each.platform}"), f" – {each.id}") for each in run],
        [Button(f"Show {each.id}", "accounts.show", each.id) for each in run[:5]],
    )


@router.sample("nothing open")
def sample(office: Office) -> Card:
    """Draw the card of somebody with nothing open."""
    return mine("History teacher", ())
