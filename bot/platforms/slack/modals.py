"""What people do in Slack's views: they fill in forms page by page, and press buttons in modals and at home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.assistant import Assistant
from bot.conversation.cards import Card
from bot.conversation.events import Action, Json, Place, Submission
from bot.conversation.forms import FormPage
from bot.domain.jobs import Reach, To
from bot.domain.people import Person
from bot.platforms.afterwards import Afterwards
from bot.platforms.answering import IN_CHAT, Heard
from bot.platforms.slack.entries import entries
from bot.platforms.slack.members import Members
from bot.platforms.slack.parse import Origin, Press, View, users_picked
from bot.platforms.slack.screens import HOME, Screens
from bot.platforms.slack.talk import AT_ONCE, Talk
from bot.platforms.slack.views import asked_on, error_blocks
from bot.routing import Reply

CLOSE = {"response_action": "clear"}


class Modals:
    """One school's modals and home views."""

    def __init__(
        self, assistant: Assistant, talk: Talk, members: Members, screens: Screens, afterwards: Afterwards
    ) -> None:  # fmt: skip
        self._assistant = assistant
        self._talk = talk
        self._members = members
        self._screens = screens
        self._afterwards = afterwards

    # A page of a form ------------------------------------------------------------------------

    async def submit(self, origin: Origin, view: View) -> Json:
        """Take a page; return the next one, what has to be mended, or the end, as an acknowledgement carries it."""
        person = await self._members.who(origin, judged=True)
        if person is None:
            return CLOSE
        page, values = await self._entered(person, view)
        if page is not None and view.metadata.get("asks", asked_on(page)) != asked_on(page):
            # Sent before, or from another window: nothing on it may count as an answer to a page that was not seen.
            return {"response_action": "update", "view": await self._screens.form(page, origin)}
        place = self._place(origin)
        event = Submission(origin.id, person.id, place, view.metadata.get("session", ""), values)
        heard = await self._talk.hear(event, person)
        reply = heard.reply
        if reply.form is not None:
            return await self._next_page(origin, view, page, reply)
        if heard.refusal is not None and view.state:
            # The page stays open with all that was typed on it.
            return {"response_action": "errors", "errors": {next(iter(view.state)): heard.refusal.sentence}}
        return await self._ended(origin, person, heard)

    async def _next_page(self, origin: Origin, view: View, page: FormPage | None, reply: Reply) -> Json:
        """Return the errors of the page that is open, or whatever page has to be filled in now."""
        assert reply.form is not None
        drawn = await self._screens.form(reply.form, origin)
        if reply.errors and page is not None and asked_on(page) == asked_on(reply.form):
            at_blocks, elsewhere = error_blocks(drawn, reply.errors)
            if at_blocks and not elsewhere and set(at_blocks) <= set(view.state):
                return {"response_action": "errors", "errors": at_blocks}
        return {"response_action": "update", "view": drawn}

    async def _ended(self, origin: Origin, person: Person, heard: Heard) -> Json:
        """Say what the form led to where it was opened, and show it where there is something left to press."""
        to = self._where(origin, person)
        if not heard.once.changed and heard.reply.views:
            return {"response_action": "update", "view": self._screens.card(_last(heard.reply), origin)}
        kept = await self._talk.say(origin, person, to, heard)
        self._afterwards.do("publishing a home", self._screens.refresh_home(person))
        card = _last(heard.reply) if heard.reply.views else None
        if card is None or not kept or to.reach is Reach.PLACE or not card.buttons:
            return CLOSE
        return {"response_action": "update", "view": self._screens.card(card, origin)}

    # Presses ---------------------------------------------------------------------------------

    async def press(self, origin: Origin, pressed: Press) -> None:
        """Judge a press in a view, and show there what it leads to; what was done is said in the chat as well."""
        person = await self._members.who(origin, judged=True)
        if person is None or origin.view is None:
            return
        values: Mapping[str, Json] | None = None
        if pressed.action.startswith("session.") and origin.view.state:
            _, values = await self._entered(person, origin.view)
        event = Action(origin.id, person.id, AT_ONCE, pressed.action, pressed.subject, pressed.value, values)
        heard = await self._talk.hear(event, person)
        whole = all(self._screens.fits(view.card) for view in heard.reply.views)
        kept = heard.reply.form is None and (heard.once.changed or _asks(heard.reply) or not whole)
        if kept:
            await self._talk.say(origin, person, To.person(person.id), heard)
        self._afterwards.do("showing what a press led to", self._show(origin, person, heard.reply, in_chat=kept))
        if heard.once.changed:
            self._afterwards.do("publishing a home", self._screens.refresh_home(person))

    async def _show(self, origin: Origin, person: Person, reply: Reply, *, in_chat: bool) -> None:
        """Show the form or the card in the modal, or from the Home tab in a new one; *in_chat* it was said already."""
        assert origin.view is not None
        at_home = origin.view.kind == HOME
        card = IN_CHAT if _asks(reply) else _last(reply) if reply.views else None
        if reply.form is not None and at_home:
            await self._talk.open_form(origin, person, reply)
        elif reply.form is not None:
            if not await self._screens.update(origin, await self._screens.form(reply.form, origin)):
                await self._talk.ask_in_chat(origin, person, reply)
        elif card is not None:
            show = self._screens.open_view if at_home else self._screens.update
            if not await show(origin, self._screens.card(card, origin)) and not in_chat:
                await self._talk.say_in_chat(origin, person, (card,))

    # What was entered ------------------------------------------------------------------------

    async def _entered(self, person: Person, view: View) -> tuple[FormPage | None, Mapping[str, Json]]:
        """Return the page that is open in the person's session, and what the view holds for it."""
        await self._members.learn(users_picked(view.state))
        page = await self._assistant.open_page(person.id, view.metadata.get("session", ""))
        if page is None:
            return None, {}
        office = await self._assistant.office()
        return page, entries({"values": view.state}, page, office=office, people=self._members.person_id)

    def _place(self, origin: Origin) -> Place:
        """Return the place that the form was opened in, which only a press in a shared one leaves in its modal."""
        return replace(AT_ONCE, id=self._members.place(origin.channel)) if origin.channel else AT_ONCE

    def _where(self, origin: Origin, person: Person) -> To:
        if not origin.channel:
            return To.person(person.id)
        return To(Reach.PLACE, self._members.place(origin.channel), origin.thread, only=person.id)


def _asks(reply: Reply) -> bool:
    return any(view.form is not None for view in reply.views)


def _last(reply: Reply) -> Card:
    return reply.views[-1].card
