"""Ask the policy, in words or by command; and whoever was not helped passes the question on to SLT."""

from __future__ import annotations

from bot.conversation.cards import Card, line
from bot.conversation.events import Command
from bot.domain.asker import of_the_asker
from bot.domain.feedback import Feedback
from bot.domain.gaps import Asked, Gap, asked, carried, gap, read_carried
from bot.domain.knowledge import Need, Step
from bot.domain.office import Office
from bot.domain.people import Role
from bot.domain.policy import Passage
from bot.domain.search import Answer as Found
from bot.domain.search import Kind
from bot.errors import Refused, Unknown
from bot.routing import Answer, Router, Turn
from handlers.policy import cards
from handlers.policy.keeping import carried_with, is_personal, keep

MOST_MORE = 3

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


def answer(turn: Turn, text: str) -> Card:
    """Return the card for a question, which may go on from the one before in the same conversation."""
    search, recall, where = turn.world.search, turn.world.recall, _conversation(turn)
    before = recall.before(turn.person.id, where)
    as_whom = of_the_asker(text, turn.person)
    found = search.answer(f"{text}{as_whom}", before)
    # What the asker holds would tell SLT who asked.
    understood = found.asked.removesuffix(as_whom)
    if found.kind is Kind.URGENT or is_personal(turn, text) or is_personal(turn, understood):
        recall.forget(turn.person.id, where)
    else:
        recall.remember(turn.person.id, where, understood)
    card = cards.answer_card(found, turn.office, carried_with(turn, found, text, before))
    # "Should I delete it?" only asks, and the image may be there all the same (G13).
    asks_of_image = found.kind is not Kind.URGENT and search.spoken_of(text) is Need.IMAGE
    return cards.image_first(card, turn.office) if asks_of_image else card


def _conversation(turn: Turn) -> str:
    """Return where what was asked may be remembered: a command is heard by its asker alone, wherever it was typed."""
    alone = turn.place.direct or isinstance(turn.event, Command)
    return "dm" if alone else turn.place.id


def _what_to_ask() -> Card:
    words = (
        "Ask in your own words, for example: may I put our team photo on my own page? Type help for everything else."
    )
    return Card("What would you like to know?", (line(words),))


# After an answer -----------------------------------------------------------------------------


@router.action("person")
async def person(turn: Turn, subject: str, value: str) -> Answer:
    """Say whom to ask in person, and pass on the question of the answer that was pressed on, if it was one."""
    given = read_carried(value)
    if given is None:
        return cards.person_card(turn.office, _role(value))
    return _with_kept(cards.person_card(turn.office, _role(given.whom)), await keep(turn, given))


@router.action("missed")
async def missed(turn: Turn, subject: str, value: str) -> Answer:
    """Show what else comes near, and pass the question on."""
    given = read_carried(value)
    if given is None:
        raise Refused("That button is from an older version. Ask once more, and press it on the new answer.")
    kept = await keep(turn, given)
    if kept is None:
        return cards.with_not_kept(cards.person_card(turn.office, _role(given.whom)))
    card = cards.next_nearest_card(_next_nearest(turn, given), turn.office, _role(given.whom), value)
    return cards.with_kept(card, kept)


@router.action("take_back")
async def take_back(turn: Turn, subject: str, value: str) -> Answer:
    """Forget a question that was passed on; only whoever pressed was shown its id."""
    kept = await turn.store.get(Gap, value)
    if kept is None:
        raise Unknown("That question is gone already: it was taken back, dealt with, or kept long enough.")
    await turn.save(forget=(kept,))
    return cards.taken_back()


@router.action("feedback")
async def feedback(turn: Turn, subject: str, value: str) -> Answer:
    """Keep a vote on an answer: which clauses it showed, and not who asked what."""
    known = {clause.id for clause in turn.world.policies.current().clauses}
    shown = tuple(each for each in subject.split() if each in known)
    school, id = turn.world.school.id, turn.world.ids.new()
    await turn.save(Feedback(school, id, value == "good", shown, turn.office.policy, turn.office.now))
    return cards.thanks(value == "good")


def _with_kept(card: Card, kept: Gap | None) -> Card:
    return cards.with_not_kept(card) if kept is None else cards.with_kept(card, kept)


def _next_nearest(turn: Turn, given: Asked) -> tuple[Passage, ...]:
    """Return what the question finds that its answer did not show."""
    found = turn.world.search.answer(given.question)
    unseen = (each for each in (*found.passages, *found.more) if not set(each.clauses) <= set(given.clauses))
    return tuple(unseen)[:MOST_MORE]


def _role(name: str) -> Role | None:
    return Role(name) if name in set(Role) else None


# Samples -------------------------------------------------------------------------------------

_FIRST = Passage(("ABC-1",), "A heading", "Here stand the words of the nearest clause, as the policy has them.")
_SECOND = Passage(("ABC-2",), "Another heading", "Here stand those of the clause that is nearest after it.")
_QUESTION = "may I name the school on my own page, and may … ?"


@router.sample("answer")
def sample_answer(office: Office) -> Card:
    """Draw an answer, in words that stand in for the policy's."""
    return _drawn(Found(Kind.ANSWER, (_FIRST, _SECOND), related=("ABC-3",), step=Step.APPLY), office)


@router.sample("answer to a question that goes on")
def sample_goes_on(office: Office) -> Card:
    """Draw an answer that was understood with the question before."""
    return _drawn(Found(Kind.ANSWER, (_FIRST,), goes_on=True), office)


@router.sample("two clauses disagree")
def sample_conflict(office: Office) -> Card:
    """Draw both sides of a contradiction (G15)."""
    return _drawn(Found(Kind.ANSWER, (_FIRST, _SECOND), conflict=True), office)


@router.sample("silent")
def sample_silent(office: Office) -> Card:
    """Draw an honest silence."""
    return _drawn(Found(Kind.SILENT, ask=Role.ADMINISTRATOR.value), office)


@router.sample("urgent")
def sample_urgent(office: Office) -> Card:
    """Draw the human route."""
    return _drawn(Found(Kind.URGENT, need=Need.CHILD, step=Step.REPORT), office)


@router.sample("a journalist is waiting")
def sample_journalist(office: Office) -> Card:
    """Draw the route for a journalist on the phone."""
    return _drawn(Found(Kind.URGENT, need=Need.JOURNALIST, step=Step.PRESS), office)


@router.sample("not what I asked")
def sample_missed(office: Office) -> Card:
    """Draw what else comes near, and what was kept."""
    given = _carried(Found(Kind.ANSWER, (_FIRST,)))
    return cards.with_kept(cards.next_nearest_card((_SECOND,), office, None, carried(given)), gap(given, office))


@router.sample("nothing else comes near")
def sample_nothing_else(office: Office) -> Card:
    """Draw whom to ask where the policy has nothing else."""
    given = _carried(Found(Kind.SILENT))
    return cards.with_kept(cards.next_nearest_card((), office, Role.SLT, carried(given)), gap(given, office))


@router.sample("not kept")
def sample_not_kept(office: Office) -> Card:
    """Draw the answer to a press below a question that may disclose something."""
    return cards.with_not_kept(cards.person_card(office, Role.DSL))


@router.sample("taken back")
def sample_taken_back(office: Office) -> Card:
    """Draw the end of a question that was passed on."""
    return cards.taken_back()


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


def _drawn(found: Found, office: Office) -> Card:
    return cards.answer_card(found, office, carried(_carried(found)))


def _carried(found: Found) -> Asked:
    return asked("sample", found, _QUESTION)
