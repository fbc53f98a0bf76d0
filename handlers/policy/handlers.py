"""Ask the policy, in words or by command."""

from __future__ import annotations

from bot.conversation.cards import Card, line
from bot.domain.feedback import Feedback
from bot.domain.knowledge import Need, Step
from bot.domain.office import Office
from bot.domain.people import Role
from bot.domain.search import Answer as Found
from bot.domain.search import Kind
from bot.routing import Answer, Router, Turn
from handlers.policy import cards

router = Router("policy", open_to_guests=True)


@router.command(
    "ask", summary="Ask what the policy says, in your own words", clause="STF-1", aliases=("question",),
    usage="[your question]",
)  # fmt: skip
async def ask(turn: Turn, text: str) -> Answer:
    """Answer in the policy's own words."""
    return answer(turn, text) if text.strip() else _what_to_ask()


@router.otherwise
async def free_text(turn: Turn, text: str) -> Answer:
    """Answer whatever else was typed."""
    return answer(turn, text) if text.strip() else _what_to_ask()


@router.action("person")
async def person(turn: Turn, subject: str, value: str) -> Answer:
    """Say whom to ask in person."""
    return cards.person_card(turn.office, Role(value) if value in set(Role) else None)


@router.action("feedback")
async def feedback(turn: Turn, subject: str, value: str) -> Answer:
    """Keep a vote on an answer: which clauses it showed, and not who asked what."""
    known = {clause.id for clause in turn.world.policies.current().clauses}
    shown = tuple(each for each in subject.split() if each in known)
    school, id = turn.world.school.id, turn.world.ids.new()
    await turn.save(Feedback(school, id, value == "good", shown, turn.office.policy, turn.office.now))
    return cards.thanks(value == "good")


def answer(turn: Turn, text: str) -> Card:
    """Return the card for a question."""
    search, office = turn.world.search, turn.office
    found = search.answer(text)
    card = cards.answer_card(found, office)
    # "Should I delete it?" only asks, and the image may be there all the same (G13).
    asks_of_image = found.kind is not Kind.URGENT and search.spoken_of(text) is Need.IMAGE
    return cards.image_first(card, office) if asks_of_image else card


def _what_to_ask() -> Card:
    words = (
        "Ask in your own words, for example: may I put our team photo on my own page? Type help for everything else."
    )
    return Card("What would you like to know?", (line(words),))


@router.sample("answer")
def sample_answer(office: Office) -> Card:
    """Draw an answer without its passages, which the policy's text brings."""
    return cards.answer_card(Found(Kind.ANSWER, related=("SCO-10",), step=Step.APPLY), office)


@router.sample("silent")
def sample_silent(office: Office) -> Card:
    """Draw an honest silence."""
    return cards.answer_card(Found(Kind.SILENT, ask=Role.ADMINISTRATOR.value), office)


@router.sample("urgent")
def sample_urgent(office: Office) -> Card:
    """Draw the human route."""
    return cards.answer_card(Found(Kind.URGENT, need=Need.CHILD, step=Step.REPORT), office)


@router.sample("a journalist is waiting")
def sample_journalist(office: Office) -> Card:
    """Draw the route for a journalist on the phone."""
    return cards.answer_card(Found(Kind.URGENT, need=Need.JOURNALIST, step=Step.PRESS), office)


@router.sample("it helped")
def sample_helped(office: Office) -> Card:
    """Draw the answer to a good vote."""
    return cards.thanks(good=True)


@router.sample("it did not help")
def sample_no_help(office: Office) -> Card:
    """Draw the answer to a bad vote."""
    return cards.thanks(good=False)


@router.sample("ask a person")
def sample_person(office: Office) -> Card:
    """Draw whom to ask."""
    return cards.person_card(office, None)
