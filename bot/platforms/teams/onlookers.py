"""The cards of a shared place as each of its readers sees them: with what they may press, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.assistant import Assistant
from bot.conversation.cards import Card
from bot.conversation.events import Json
from bot.domain.jobs import Reach, Shown
from bot.domain.people import Person, Seat
from bot.errors import Refused
from bot.platforms.teams.chat import TeamsChat
from bot.platforms.teams.parse import Origin, Press
from bot.platforms.teams.render import personal_card
from bot.telling import FORGOTTEN

NOT_MINE = (
    "I can't tell that this card is mine, so nothing was done. Press the newest one, or type my in our direct chat."
)


class Onlookers:
    """One school's readers of shared cards."""

    def __init__(
        self, assistant: Assistant, chat: TeamsChat, viewers: Callable[[Card], Sequence[str]]
    ) -> None:  # fmt: skip
        self._assistant = assistant
        self._chat = chat
        self._viewers = viewers
        self._world = assistant.world

    async def card_for(self, origin: Origin, person: Person, subject: str) -> Json | None:
        """Return the message that was looked at as *person* sees it, or None where it shows no such case.

        Only what stands there for all its readers already is drawn, so that nobody reads a case by naming it.
        """
        if person.seat is Seat.OUTSIDER:
            return None
        shown = await self._standing_there(origin, subject)
        if shown is None or shown.to.reach is not Reach.PLACE:
            return None
        now = await self._drawn(shown)
        said = self._chat.card_at(origin.conversation, origin.message)
        card = said if said is not None and now is not None and _says_all(said, now) else now
        return personal_card(card, person.id, self._viewers(card)) if card is not None else None

    async def judge(self, origin: Origin, person: Person, pressed: Press) -> None:
        """Let a press through that is made on a card of the bot; anybody can share a card with a button of their own.

        In a direct chat there are no others, a button about no case decides nothing, and neither does a guest.

        Raises:
            Refused: The card that was pressed is none on which the bot shows the case.
        """
        about_a_case = pressed.subject and not pressed.about_a_form
        if origin.direct or not about_a_case or person.seat is not Seat.MEMBER:
            return
        if await self._standing_there(origin, pressed.subject) is None and not await self._just_said(origin, pressed):
            raise Refused(NOT_MINE)

    async def _just_said(self, origin: Origin, pressed: Press) -> bool:
        """Tell whether the card was said a moment ago, so that the store does not know yet what it shows."""
        await self._chat.said(origin.conversation)
        said = self._chat.card_at(origin.conversation, origin.message)
        return said is not None and any(button.subject == pressed.subject for button in said.buttons)

    async def _standing_there(self, origin: Origin, subject: str) -> Shown | None:
        """Return what the bot shows of the case on the message that was looked at or pressed, or None."""
        for shown in await self._world.store.find(Shown, subject=subject):
            if shown.chat == self._chat.name and await self._chat.shows_at(
                shown.reference, origin.conversation, origin.message
            ):
                return shown
        return None

    async def _drawn(self, shown: Shown) -> Card | None:
        case = await self._world.store.get(self._world.switchboard.kind_of(shown.kind).record, shown.subject)
        if case is None:
            return FORGOTTEN
        return self._world.switchboard.faces[shown.face](case, None, await self._assistant.office())


def _says_all(said: Card, now: Card) -> bool:
    """Tell whether *said* says all of *now*, and maybe more, as a reminder does; else it is from before a move."""
    return said.buttons == now.buttons and all(block in said.blocks for block in now.blocks)
