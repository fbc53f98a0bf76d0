"""From an event to answers that are kept until they are said: what every platform with a worker does alike."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.assistant import Assistant, outsider_card, refusal_card
from bot.conversation.cards import Card, Tone, line, notice
from bot.conversation.events import Event, Message
from bot.delivery import Worker
from bot.domain.jobs import Reach, To
from bot.domain.people import Person, Seat
from bot.errors import AssistantError, NotSaved
from bot.once import Once, Repeated
from bot.routing import Reply, View
from bot.sayings import Saying

IN_CHAT = Card("Let's do this in chat", (line("I have asked you the first question in our direct chat."),))
NO_FILES = Card(
    "No pictures or files, please",
    (notice(Tone.WARNING, "I can't take pictures or files, and I have not looked at this one. Tell me in words."),),
)
UNKEPT = Card(
    "My answer was lost",
    (notice(Tone.WARNING, "That went through, but my answer could not be kept. Type my to see where things stand."),),
)
WENT_WRONG = "Something went wrong in the bot, and it has been noted. Try again in a moment."

log = logging.getLogger("smpolicy.platforms")


@dataclass(frozen=True, slots=True)
class Heard:
    """What an event led to.

    Attributes:
        once: The store through which its answers are kept.
        refusal: Why it was refused, where it was; the reply then says so.
    """

    reply: Reply
    once: Once
    refusal: AssistantError | None = None


class Answering:
    """Hears events of one school, each with one effect, and keeps the answers for the *worker* to say.

    Args:
        chat: The name of the platform on which the answers are said.
    """

    def __init__(self, assistant: Assistant, worker: Worker, chat: str) -> None:
        self._assistant = assistant
        self._worker = worker
        self._chat = chat

    async def hear(self, event: Event, person: Person) -> Heard:
        """Return what *event* leads to, a refusal and a repetition included."""
        once = await self._assistant.once(event)
        try:
            return Heard(await self._heard(event, person, once), once)
        except Repeated:
            return Heard(Reply(), await self._assistant.once(event))
        except AssistantError as error:
            log.info("refused %s: %s", event.id, type(error).__name__)
            return Heard(Reply((View(refusal_card(error), private=True),)), once, error)

    async def keep(self, id: str, person: Person, to: To, heard: Heard) -> Card | None:
        """Keep the answers to the event *id*, and have them said; return what to say at once where they are not kept.

        Args:
            to: Where the event was.
        """
        sayings = tuple(self._sayings(id, person, to, heard.reply))
        if not sayings:
            if heard.once.changed:
                self._worker.wake()
            return None
        try:
            await heard.once.save_answer(*sayings)
        except Repeated:
            return None
        except NotSaved:
            return UNKEPT if heard.once.changed else refusal_card(NotSaved(self._assistant.not_saved()))
        self._worker.say(sayings)
        if heard.once.changed:
            self._worker.wake()
        return None

    async def _heard(self, event: Event, person: Person, once: Once) -> Reply:
        if person.seat is Seat.OUTSIDER:
            if once.answered:
                return Reply()
            return Reply((View(outsider_card(await self._assistant.office()), private=True),))
        if not once.changed:
            return await self._assistant.handle_once(event, once)
        # It had its effect before. Where the answer was not kept, the bot was stopped in between.
        return Reply() if once.answered or not isinstance(event, Message) else await self._assistant.standing(person.id)

    def _sayings(self, id: str, person: Person, to: To, reply: Reply) -> Iterator[Saying]:
        school = self._assistant.world.school.id
        for number, (where, card) in enumerate(_addressed(person, to, reply)):
            yield self._worker.leased(Saying(school, f"{id}:{number}", where, card, chat=self._chat))


def _addressed(person: Person, to: To, reply: Reply) -> Iterator[tuple[To, Card]]:
    """Yield each card with where it is said: a question always where it can be answered."""
    for view in reply.views:
        if view.form is not None and to.reach is Reach.PLACE:
            yield To.person(person.id), view.card
        else:
            private = view.private and to.reach is Reach.PLACE
            yield (replace(to, only=person.id) if private else to), view.card
    for where, view in reply.elsewhere:
        yield where, view.card
