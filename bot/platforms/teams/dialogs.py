"""What people do in Teams' dialogs: they open them by a button or on a message, and fill them in page by page."""

from __future__ import annotations

from dataclasses import replace

from bot.assistant import Assistant
from bot.conversation.cards import Card
from bot.conversation.events import Action, Event, Quoted, Shortcut
from bot.domain.jobs import To
from bot.domain.people import Person
from bot.platforms.answering import IN_CHAT, Heard
from bot.platforms.teams.answers import close_dialog, open_dialog, words_of
from bot.platforms.teams.onlookers import Onlookers
from bot.platforms.teams.pages import CONTINUE, SUBMIT, dialog, result_card
from bot.platforms.teams.paging import AT_ONCE, Paging, Taken
from bot.platforms.teams.parse import Origin, Press
from bot.platforms.teams.presses import ARRIVED
from bot.platforms.teams.repeats import Outcome
from bot.platforms.teams.talk import NO_CHAT, Talk
from bot.routing import Reply

GO_ON_HERE = "I can't write to you yet, so go on here. To be asked in chat, first add smpolicy in Teams under Apps."


class Dialogs:
    """One school's dialogs in Teams."""

    def __init__(self, assistant: Assistant, talk: Talk, paging: Paging, onlookers: Onlookers) -> None:
        self._onlookers = onlookers
        self._assistant = assistant
        self._talk = talk
        self._paging = paging

    async def fetch(self, origin: Origin, person: Person, pressed: Press) -> Outcome:
        """Open what a button stands for."""
        self._talk.met(origin, person)
        await self._onlookers.judge(origin, person, pressed)
        event = Action(origin.id, person.id, AT_ONCE, pressed.action, pressed.subject, pressed.value)
        return await self._opened(origin, person, event)

    async def shortcut(self, origin: Origin, person: Person, name: str, quoted: Quoted | None) -> Outcome:
        """Open what an action stands for, chosen on a message or on none; the bot need not be in the conversation."""
        return await self._opened(origin, person, Shortcut(origin.id, person.id, AT_ONCE, name, quoted))

    async def submit(self, origin: Origin, person: Person, pressed: Press) -> Outcome:
        """Take a page, or a press of another button in a dialog."""
        if pressed.action == SUBMIT:
            return await self._page_taken(origin, person, await self._paging.submit(origin, person, pressed))
        if pressed.action == CONTINUE and not await self._talk.has_chat(person):
            return await self._kept_open(person, pressed)
        values = await self._paging.values(person, pressed)
        event = Action(origin.id, person.id, AT_ONCE, pressed.action, pressed.subject, pressed.value, values)
        return await self._opened(origin, person, event)

    async def _kept_open(self, person: Person, pressed: Press) -> Outcome:
        """Keep a page open with all that was typed, because there is no chat in which it could be asked."""
        page = await self._assistant.open_page(person.id, pressed.subject)
        if page is None:
            return Outcome(close_dialog(words_of((NO_CHAT,))))
        intro = "\n\n".join(part for part in (GO_ON_HERE, page.intro) if part)
        drawn = dialog(replace(page, intro=intro), await self._assistant.office(), entered=pressed.data)
        return Outcome(open_dialog(drawn))

    async def _opened(self, origin: Origin, person: Person, event: Event) -> Outcome:
        heard = await self._talk.hear(event, person)
        reply = heard.reply
        if heard.refusal is not None:
            return _closed(reply)
        if reply.form is not None:
            page = dialog(reply.form, await self._assistant.office())
            return Outcome(open_dialog(page), session=reply.form.session)
        return await self._ended(origin, person, heard)

    async def _page_taken(self, origin: Origin, person: Person, taken: Taken) -> Outcome:
        if taken.page is not None:
            above = taken.heard.refusal.sentence if taken.heard and taken.heard.refusal else ""
            page = replace(taken.page, intro="\n\n".join(part for part in (above, taken.page.intro) if part))
            drawn = dialog(page, await self._assistant.office(), entered=taken.entered)
            return Outcome(open_dialog(drawn), session=page.session)
        assert taken.heard is not None
        return await self._ended(origin, person, taken.heard)

    async def _ended(self, origin: Origin, person: Person, heard: Heard) -> Outcome:
        """Say in the direct chat what was done, and in the dialog as well; what is asked now is asked in the chat."""
        reply = heard.reply
        asks = any(view.form is not None for view in reply.views)
        offers = any(view.card.buttons for view in reply.views)
        kept = heard.once.changed or asks or offers
        if kept:
            await self._talk.keep(origin, person, To.person(person.id), heard)
        if asks:
            return Outcome(close_dialog(words_of((IN_CHAT,))))
        if not reply.views or (heard.once.changed and not offers):
            return Outcome(_closed(reply).body)
        card: Card = reply.views[-1].card
        # What is pressed next is pressed here: whoever reports a message may have no direct chat with the bot.
        return Outcome(open_dialog(result_card(card, person.id)), cards=() if kept else (card,))


def _closed(reply: Reply) -> Outcome:
    cards = tuple(view.card for view in reply.views)
    return Outcome(close_dialog(words_of(cards) or ARRIVED), cards=cards)
