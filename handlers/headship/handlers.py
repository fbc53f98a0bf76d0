"""Who acts for the Head: named by the Head, beforehand, with dates (G2)."""

from __future__ import annotations

from datetime import date

from bot.conversation.cards import Button, Card, Style, bullets, line
from bot.domain.office import ActingHead, Office
from bot.domain.people import Role
from bot.errors import Invalid, Refused
from bot.routing import Answer, Ask, Filled, Order, Router, Turn
from handlers.headship.forms import ACTING

router = Router("headship")


@router.command(
    "acting", summary="For the Head: name who acts for you, with dates", clause="ADM-1", order=Order.LATER,
    aliases=("acting head", "acting-head"),
)  # fmt: skip
async def acting(turn: Turn, text: str) -> Answer:
    """Show who is named, and let the Head name somebody."""
    card = _named(turn.office)
    if not turn.person.holds(Role.HEAD):
        return card
    name_one = Button("Name an acting head", "headship.name", style=Style.PRIMARY, opens_form=True)
    take_back = (
        Button(f"Take back {turn.office.name(each.person)}, {each.first:%d %b}", "headship.take_back", each.id)
        for each in _coming(turn.office)
    )
    return Card(card.title, card.blocks, (name_one, *take_back))


@router.action("take_back")
async def take_back(turn: Turn, subject: str, value: str) -> Answer:
    """End what the Head named; decisions already made keep saying who acted."""
    _only_the_head(turn)
    record = await turn.store.get(ActingHead, subject)
    if record is None:
        raise Refused("That has been taken back already.", "ADM-1")
    await turn.save(forget=(record,))
    return Card("Taken back", (line(f"{turn.office.name(record.person)} is not named to act for the Head any more."),))


@router.action("name")
async def name(turn: Turn, subject: str, value: str) -> Answer:
    """Ask the Head whom and when."""
    _only_the_head(turn)
    return Ask(ACTING.name, as_page=True)


@router.form(ACTING)
async def filled(turn: Turn, given: Filled) -> Answer:
    """Record who acts, and when."""
    _only_the_head(turn)
    ids = given.answers["person"]
    person = turn.office.person(ids[0])
    first, last = date.fromisoformat(given.answers["first"]), date.fromisoformat(given.answers["last"])
    if len(ids) != 1 or person is None or person.contact_only or person.id == turn.person.id:
        raise Invalid({"person": "Name one other member of staff who has a seat in this chat."})
    if last < first:
        raise Invalid({"last": f"The last day has to be {first:%d %B %Y} or later."})
    record = ActingHead(
        turn.world.school.id, turn.world.ids.new(), person.id, first, last, turn.person.id, turn.office.now
    )
    await turn.save(record)
    words = f"{person.name} acts for the Head from {first:%d %b %Y} to {last:%d %b %Y}. Decisions will say so."
    return Card("Acting head named", (line(words),))


def _only_the_head(turn: Turn) -> None:
    if not turn.office.is_head(turn.person):
        raise Refused("Only the Head can name who acts for them.", "ADM-1")


def _named(office: Office) -> Card:
    coming = _coming(office)
    if not coming:
        return Card("Acting head", (line("Nobody is named to act for the Head."),))
    return Card("Acting head", (bullets(_line(each, office) for each in coming),))


def _coming(office: Office) -> list[ActingHead]:
    return sorted((each for each in office.acting if each.last >= office.today), key=lambda each: each.first)


def _line(acting: ActingHead, office: Office) -> str:
    return f"{office.name(acting.person)}: {acting.first:%d %b %Y} to {acting.last:%d %b %Y}"


@router.sample("nobody named")
def sample(office: Office) -> Card:
    """Draw the card before anybody is named."""
    return _named(office)
