"""Looking clauses up from the box in which people write their messages: the policy's own words, to be sent."""

from __future__ import annotations

from bot.assistant import Assistant, outsider_card
from bot.conversation.cards import Card, Quote
from bot.conversation.events import Command, Json
from bot.domain.people import Person, Seat
from bot.domain.policy import Clause
from bot.platforms.literal import shortened
from bot.platforms.teams.answers import ADAPTIVE_CARD, Body, found, found_nothing, words_of
from bot.platforms.teams.paging import AT_ONCE
from bot.platforms.teams.parse import Query
from bot.platforms.teams.render import personal_card
from bot.routing import World

THUMBNAIL = "application/vnd.microsoft.card.thumbnail"
NONE = "The policy has no clause like that. Ask in other words, or ask a person: type ask in the chat with smpolicy."
_PREVIEW = 160


class Searching:
    """The clauses of one school's policy, as results."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._world: World = assistant.world

    async def look_up(self, person: Person, query: Query) -> Body:
        """Return the clauses that are nearest to what was typed; all of them, in order, before anything is.

        Raises:
            AssistantError: The bot does not answer this person, who has left.
        """
        if person.seat is Seat.OUTSIDER:
            return found_nothing(words_of((outsider_card(await self._assistant.office()),)))
        await self._assistant.turn(Command("", person.id, AT_ONCE, "", ""))
        results = [self._result(each) for each in self._clauses(query)]
        return found(results) if results else found_nothing(NONE)

    def _clauses(self, query: Query) -> list[Clause]:
        policy = self._world.policies.current()
        if query.text.strip():
            clauses = [policy.clause(id) for id in self._world.search.nearest(query.text)]
        else:
            clauses = list(policy.clauses)
        return clauses[query.skip : query.skip + query.count]

    def _result(self, clause: Clause) -> Json:
        policy = self._world.policies.current()
        card = Card(clause.heading, (Quote(clause.text, f"{clause.id}, {policy.version}"),))
        preview = {"title": f"{clause.id} · {clause.heading}", "text": shortened(clause.text, _PREVIEW)}
        return {
            "contentType": ADAPTIVE_CARD,
            "content": personal_card(card, ""),
            "preview": {"contentType": THUMBNAIL, "content": preview},
        }
