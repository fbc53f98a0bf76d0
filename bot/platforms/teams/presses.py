"""What people press on cards in Teams' conversations, and what they read there at once."""

from __future__ import annotations

from dataclasses import replace

from bot.assistant import Assistant
from bot.conversation.cards import Card, line
from bot.conversation.events import Action, Json, Place
from bot.conversation.forms import FormPage
from bot.domain.jobs import To
from bot.domain.people import Person, Seat
from bot.errors import Undeliverable
from bot.platforms.afterwards import Afterwards
from bot.platforms.answering import Heard
from bot.platforms.teams.answers import not_understood, shown_card, shown_message, words_of
from bot.platforms.teams.onlookers import Onlookers
from bot.platforms.teams.pages import SUBMIT, form_card
from bot.platforms.teams.paging import Paging, Taken
from bot.platforms.teams.parse import Origin, Press
from bot.platforms.teams.platform import TeamsPlatform
from bot.platforms.teams.render import REFRESH, personal_card
from bot.platforms.teams.repeats import Outcome
from bot.platforms.teams.talk import IN_DIRECT_CHAT, NO_CHAT, Talk
from bot.routing import Reply

LONGEST_AT_ONCE = 400
FORM_IN_CHAT = "The form is in our direct chat."
FORM_BELOW = "The form is below."
ARRIVED = "That has arrived already. Type my in our direct chat to see where things stand."
DONE = "This has been filled in."
NOT_HERE = "Others can read here: fill this in in our direct chat."
# What a press leads to is seen by the person alone, wherever the card stands.
ON_A_CARD = Place("dm")


class Presses:
    """The presses on one school's cards in Teams."""

    def __init__(
        self, assistant: Assistant, teams: TeamsPlatform, talk: Talk, paging: Paging,
        onlookers: Onlookers, afterwards: Afterwards,
    ) -> None:  # fmt: skip
        self._assistant = assistant
        self._chat = teams.chat
        self._talk = talk
        self._paging = paging
        self._onlookers = onlookers
        self._afterwards = afterwards

    async def press(self, origin: Origin, person: Person, pressed: Press) -> Outcome:
        """Judge a press; what it leads to is said in the direct chat, or at once where it is short."""
        if pressed.action == REFRESH:
            return await self._refreshed(origin, person, pressed)
        self._talk.met(origin, person)
        if pressed.action == SUBMIT and not origin.direct:
            return Outcome(shown_message(NOT_HERE))  # and no message of a shared place is ever changed by a form
        if pressed.action == SUBMIT:
            return await self._page_taken(origin, person, await self._paging.submit(origin, person, pressed))
        await self._onlookers.judge(origin, person, pressed)
        values = await self._paging.values(person, pressed) if pressed.about_a_form else None
        event = Action(origin.id, person.id, ON_A_CARD, pressed.action, pressed.subject, pressed.value, values)
        heard = await self._talk.hear(event, person)
        if heard.refusal is not None or person.seat is Seat.OUTSIDER:
            return _at_once(heard.reply)  # with people of other organisations the bot may have no direct chat
        if heard.reply.form is not None and not await self._talk.has_chat(person):
            return Outcome(shown_message(words_of((NO_CHAT,))))
        if heard.reply.form is not None:
            self._afterwards.do("putting a form into the chat", self._put_form(origin, person, heard.reply.form))
            return Outcome(shown_message(FORM_BELOW if origin.direct else FORM_IN_CHAT))
        return await self._pressed(origin, person, pressed, heard)

    async def _pressed(self, origin: Origin, person: Person, pressed: Press, heard: Heard) -> Outcome:
        views = heard.reply.views
        if not views and not heard.reply.elsewhere:
            await self._keep(origin, person, heard)
            return Outcome(shown_message(ARRIVED))
        asks = any(view.form for view in views)
        fits_here = not asks and all(_is_short(view.card) for view in views)
        if not origin.direct and (fits_here or not await self._talk.has_chat(person)):
            await self._keep(origin, person, replace(heard, reply=replace(heard.reply, views=())))
            return Outcome(shown_message(words_of((NO_CHAT,)))) if asks else _at_once(heard.reply)
        await self._keep(origin, person, heard)
        if origin.direct and pressed.about_a_form and heard.once.changed:
            settled = self._chat.settled(origin.conversation, origin.message, pressed.action, pressed.value)
            if settled is not None:
                self._afterwards.do("settling a question", self._redraw(origin, settled))
                return Outcome(shown_card(settled))
        said = views[-1].card.title if views else IN_DIRECT_CHAT
        return Outcome(shown_message(said if origin.direct or not views else f"{said}. {IN_DIRECT_CHAT}"))

    async def _keep(self, origin: Origin, person: Person, heard: Heard) -> bool:
        return await self._talk.keep(origin, person, To.person(person.id), heard)

    # Forms as cards --------------------------------------------------------------------------

    async def _page_taken(self, origin: Origin, person: Person, taken: Taken) -> Outcome:
        if taken.page is not None:
            if taken.heard is not None and taken.heard.refusal is not None:
                return _at_once(taken.heard.reply)  # the card stays as it is, with all that was typed on it
            office = await self._assistant.office()
            return Outcome(shown_card(form_card(taken.page, office, entered=taken.entered)), session=taken.page.session)
        assert taken.heard is not None
        heard = taken.heard
        if heard.refusal is not None or not await self._keep(origin, person, heard):
            return _at_once(heard.reply)
        title = taken.title or (heard.reply.views[-1].card.title if heard.reply.views else "")
        filled = personal_card(Card(title, (line(DONE),)), person.id)
        # Teams keeps what it is answered for a while only: whoever looks again later would see the empty form.
        self._afterwards.do("putting a filled form away", self._redraw(origin, filled))
        return Outcome(shown_card(filled))

    async def _put_form(self, origin: Origin, person: Person, page: FormPage) -> None:
        """Put a form into the direct chat as a card; where that can't be done, ask it there."""
        try:
            await self._chat.put(To.person(person.id), form_card(page, await self._assistant.office()), page.title)
        except Undeliverable:
            await self._talk.ask_in_chat(origin, person, page.session)

    # Cards as each one sees them -------------------------------------------------------------

    async def _refreshed(self, origin: Origin, person: Person, pressed: Press) -> Outcome:
        card = await self._onlookers.card_for(origin, person, pressed.subject)
        if card is None:
            return Outcome(not_understood("There is no such card here."), looked=True)
        return Outcome(shown_card(card), looked=True)

    async def _redraw(self, origin: Origin, card: Json) -> None:
        await self._chat.replace(origin.full, origin.message, card)


def _at_once(reply: Reply) -> Outcome:
    cards = tuple(view.card for view in reply.views)
    return Outcome(shown_message(words_of(cards) or ARRIVED), cards=cards)


def _is_short(card: Card) -> bool:
    return not card.buttons and len(words_of((card,))) <= LONGEST_AT_ONCE
