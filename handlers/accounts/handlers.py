"""The register of the school's accounts."""

from __future__ import annotations

from datetime import date

from bot.conversation.cards import Card
from bot.domain.accounts import Account
from bot.domain.office import Office
from bot.errors import Unknown
from bot.routing import Answer, Order, Router, Turn
from handlers.accounts import cards

router = Router("accounts")


@router.command(
    "accounts", summary="See which accounts the school has and who runs them", clause="IMG-9", order=Order.LATER,
    aliases=("register", "who runs what"), usage="[part of a name]",
)  # fmt: skip
async def accounts(turn: Turn, text: str) -> Answer:
    """Show the register, or what in it matches *text*."""
    return await _page(turn, 0, " ".join(text.lower().split())[:60])


@router.action("list")
async def list_accounts(turn: Turn, subject: str, value: str) -> Answer:
    """Show the register, or what matched in it, from an account's number on."""
    start, _, wanted = value.partition(" ")
    return await _page(turn, int(start) if start.isdecimal() else 0, wanted)


@router.action("show")
async def show(turn: Turn, subject: str, value: str) -> Answer:
    """Show one account."""
    account = await turn.store.get(Account, subject)
    if account is None:
        raise Unknown(f"There is no account called {subject} in the register.")
    return cards.passport(account, turn.person, turn.office)


async def _page(turn: Turn, start: int, wanted: str) -> Card:
    found = await turn.store.find(Account)
    if wanted:
        found = [each for each in found if wanted in f"{each.id} {each.handle} {each.platform} {each.aim}".lower()]
    return cards.register(found, start, turn.office, wanted)


def _sample(office: Office) -> Account:
    return Account(
        school=office.school.id, id="ACC-12", application="APP-12", platform="X (Twitter)", handle="@BebingtonHistory",
        openness="Open", aim="Show parents what happens in history lessons.", responsible="history_teacher",
        runners=("history_teacher", "pe_teacher"), administrator="administrator", vault="Social media / History",
        two_step=True, created_at=office.now, policy=office.policy, review_on=date(2027, 11, 24),
    )  # fmt: skip


@router.sample("register")
def sample_register(office: Office) -> Card:
    """Draw a register with one account."""
    return cards.register([_sample(office)], 0, office)


@router.sample("empty register")
def sample_empty(office: Office) -> Card:
    """Draw a register without accounts."""
    return cards.register([], 0, office)


@router.sample("passport")
def sample_passport(office: Office) -> Card:
    """Draw one account for its administrator."""
    reader = office.person("administrator")
    return cards.passport(_sample(office), reader or office.people[0], office)
