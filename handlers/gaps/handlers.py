"""The gap list: what people asked and the policy did not answer, for SLT alone and without who asked (G36)."""

from __future__ import annotations

from datetime import timedelta

from bot.conversation.cards import Card
from bot.domain.feedback import Feedback, unhelpful
from bot.domain.gaps import Gap, Group, group_key, grouped
from bot.domain.office import Office
from bot.domain.people import Role
from bot.errors import Refused
from bot.routing import Answer, Order, Router, Turn
from handlers.gaps import cards

VOTES_COUNT = timedelta(days=90)

router = Router("gaps")


@router.command(
    "gaps", summary="See what people asked that the policy did not answer; for SLT", clause="SLT-2", order=Order.LATER,
)  # fmt: skip
async def gaps(turn: Turn, text: str) -> Answer:
    """Show the newest."""
    return await _page(turn, 0)


@router.action("list")
async def list_gaps(turn: Turn, subject: str, value: str) -> Answer:
    """Show those from a number on."""
    return await _page(turn, int(value) if value.isascii() and value.isdecimal() and len(value) < 9 else 0)


@router.action("done")
async def done(turn: Turn, subject: str, value: str) -> Answer:
    """Take a question off the list, as often as the reader saw that it was asked."""
    _only_slt(turn)
    key, count = cards.seen_as(value)
    alike = [each for each in await turn.store.find(Gap) if group_key(each.question) == key]
    if not alike:
        raise Refused("That question is off the list already. Type gaps to see what is left.")
    if len(alike) != count:
        raise Refused("That question was asked or taken back since you read the list. Type gaps to see it as it is.")
    await turn.save(forget=alike)
    return cards.dealt_with(grouped(alike)[0])


async def _page(turn: Turn, start: int) -> Card:
    _only_slt(turn)
    groups, votes = grouped(await turn.store.find(Gap)), await turn.store.find(Feedback)
    return cards.gap_list(groups, start, unhelpful(votes, turn.office.now - VOTES_COUNT), turn.office)


def _only_slt(turn: Turn) -> None:
    if turn.person not in turn.office.holders(Role.SLT):
        raise Refused("Only members of SLT read what people asked, and they don't see who did.", "SLT-2")


def _sample(number: int, office: Office) -> Group:
    return Group(
        f"key{number}", f"may we put the names of our team number {number} on the club's page, and … ?", number,
        office.today, silent=number % 2 == 1, clauses=("IMG-4", "SCO-10")[: number // 2],
    )  # fmt: skip


@router.sample("list")
def sample_list(office: Office) -> Card:
    """Draw the first of two pages."""
    groups = [_sample(number, office) for number in range(12, 0, -1)]
    return cards.gap_list(groups, 0, [("STF-4", 7), ("", 3), ("IMG-8", 1)], office)


@router.sample("last page")
def sample_last(office: Office) -> Card:
    """Draw the second of two pages."""
    return cards.gap_list([_sample(number, office) for number in range(12, 0, -1)], cards.PAGE, [], office)


@router.sample("empty list")
def sample_empty(office: Office) -> Card:
    """Draw a list with nothing on it."""
    return cards.gap_list([], 0, [], office)


@router.sample("dealt with")
def sample_dealt_with(office: Office) -> Card:
    """Draw the answer to a question that was dealt with."""
    return cards.dealt_with(_sample(2, office))
