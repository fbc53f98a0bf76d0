"""Help, and a sensible answer to a greeting, a thank-you and an order."""

from __future__ import annotations

import re

from bot.conversation.cards import Card
from bot.domain.office import Office
from bot.routing import Answer, Order, Router, Turn
from handlers.help import cards

router = Router("help", open_to_guests=True)

_GREETING = re.compile(
    r"\W*(?:hi+|hello+|hey+|hiya|yo|morning|afternoon|good (?:morning|afternoon|evening))"
    r"(?: (?:there|bot|smpolicy|all))?\W*",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"\W*(?:thanks?|thank you|thx|ta|cheers|much appreciated|brilliant|great|lovely|ok|okay|perfect)"
    r"(?: (?:a lot|so much|very much|you|thanks|thank you|for (?:that|your help|the help)))*\W*",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r".*(?:\b(?:approve|reject|release|publish|confirm|sign off)\b.*\b(?:APP|PRESS|INC|ACC|QUERY)-\w+"
    r"|\b(?:the )?head(?: ?teacher)? (?:said|says) (?:yes|ok)"
    r"|\b(?:ignore|forget|disregard)\b.*\b(?:instructions?|rules?|polic(?:y|ies))\b).*",
    re.IGNORECASE | re.DOTALL,
)


@router.command("help", summary="See this list", clause="A1P-10", order=Order.LATER, aliases=("?", "commands", "menu"))
async def overview(turn: Turn, text: str) -> Answer:
    """List what one can do."""
    return cards.overview(turn.world.switchboard.listed, turn.office)


@router.phrase(_GREETING)
async def greet(turn: Turn, text: str) -> Answer:
    """Answer a hello."""
    return cards.greeting(turn.person.name)


@router.phrase(_THANKS)
async def thank(turn: Turn, text: str) -> Answer:
    """Answer a thank-you."""
    return cards.welcome()


@router.phrase(_ORDER)
async def refuse_order(turn: Turn, text: str) -> Answer:
    """Refuse to decide by words."""
    return cards.only_by_press()


@router.sample("hello")
def sample_greeting(office: Office) -> Card:
    """Draw the greeting."""
    return cards.greeting("History teacher")


@router.sample("decisions need a press")
def sample_order(office: Office) -> Card:
    """Draw the refusal of an order."""
    return cards.only_by_press()
