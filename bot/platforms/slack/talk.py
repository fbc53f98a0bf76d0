"""What people do in Slack's conversations: they write, press and use shortcuts; and where the answers go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.assistant import Assistant
from bot.conversation.cards import Card, line
from bot.conversation.events import Action, Command, Json, Message, Place, Quoted, Shortcut
from bot.delivery import Worker
from bot.domain.jobs import Reach, To
from bot.domain.people import Person
from bot.errors import Undeliverable
from bot.platforms.afterwards import Afterwards
from bot.platforms.answering import IN_CHAT, NO_FILES, WENT_WRONG, Answering, Heard
from bot.platforms.slack.chat import SlackChat
from bot.platforms.slack.members import Members
from bot.platforms.slack.parse import Marked, Origin, Press, SlackMessage, Typed
from bot.platforms.slack.screens import Screens
from bot.platforms.slack.wire import without_mention
from bot.platforms.trouble import PlatformTrouble
from bot.routing import Reply, View

RESPONSE_URL_LASTS = timedelta(minutes=29)
IN_TIME_SECONDS = 2.0
LATER = Card("Just a moment", (line("This takes longer than usual. The answer follows here."),))
LONG = Card("A long answer", (line("It is too long for this place, so I have sent it to you in our direct chat."),))
DIRECT_CHAT = Place("dm", opens_forms=False)
AT_ONCE = Place("dm", pages_first=True)

log = logging.getLogger("smpolicy.slack")


@dataclass(frozen=True, slots=True)
class Drawn:
    """Cards, and the messages as which they are drawn."""

    cards: tuple[Card, ...]
    messages: list[dict[str, Json]]


class Talk:
    """One school's conversations in Slack."""

    def __init__(
        self, assistant: Assistant, worker: Worker, members: Members, chat: SlackChat, screens: Screens,
        afterwards: Afterwards,
    ) -> None:  # fmt: skip
        self._assistant = assistant
        self._answering = Answering(assistant, worker, chat.name)
        self.hear = self._answering.hear
        self._members = members
        self._chat = chat
        self._screens = screens
        self._afterwards = afterwards

    # Words -----------------------------------------------------------------------------------

    async def message(self, origin: Origin, said: SlackMessage) -> None:
        """Answer what was written in a direct chat, or with a mention of the bot in a channel."""
        person = await self._members.who(origin)
        if person is None:
            return
        text = await self._members.as_typed(without_mention(said.text, self._members.bot_user))
        place = DIRECT_CHAT if origin.direct else Place(self._members.place(origin.channel), opens_forms=False)
        to = self._here(person, origin)
        if said.files and not text:
            once = await self._assistant.once(Message(origin.id, person.id, place, ""))
            heard = Heard(Reply() if once.answered else Reply((View(NO_FILES),)), once)
        else:
            async with self._screens.thinking(origin):
                heard = await self.hear(Message(origin.id, person.id, place, text or "help"), person)
        await self.say(origin, person, to, heard)

    async def command(self, origin: Origin, typed: Typed) -> Json:
        """Return the answer to a slash command, as Slack's acknowledgement carries it."""
        return await self._in_time(origin, self._commanded(origin, typed))

    async def _commanded(self, origin: Origin, typed: Typed) -> Drawn:
        person = await self._members.who(origin)
        if person is None:
            return self._drawn(())
        name, text = await self._members.as_typed(typed.name), await self._members.as_typed(typed.text)
        heard = await self.hear(Command(origin.id, person.id, AT_ONCE, name, text), person)
        said, left = _parted(heard.reply)
        drawn = self._drawn(said)
        if len(drawn.messages) > 1:  # an acknowledgement is one message
            drawn, left = self._drawn((LONG,)), heard.reply
        elif left.views:
            drawn = self._drawn((IN_CHAT,))
        if heard.reply.form is not None:
            self._afterwards.do("opening a form", self.open_form(origin, person, heard.reply))
        await self.say(origin, person, self._direct(person), replace(heard, reply=left))
        return drawn

    async def shortcut(self, origin: Origin, name: str, marked: Marked | None) -> None:
        """Open what a shortcut stands for."""
        person = await self._members.who(origin)
        if person is None:
            return
        quoted = None if marked is None else await self._quoted(marked)
        heard = await self.hear(Shortcut(origin.id, person.id, AT_ONCE, name, quoted), person)
        said, left = _parted(heard.reply)
        if heard.reply.form is not None:
            self._afterwards.do("opening a form", self.open_form(origin, person, heard.reply))
        elif said:
            self._afterwards.do("opening a card", self.open_cards(origin, person, said))
        await self.say(origin, person, self._direct(person), replace(heard, reply=left))

    async def _quoted(self, marked: Marked) -> Quoted:
        # The bot may be no member of the channel, so the link is made and not asked for.
        text = await self._members.as_typed(marked.text)
        return Quoted(self._members.link(marked), text)

    # Presses ---------------------------------------------------------------------------------

    async def press(self, origin: Origin, pressed: Press) -> None:
        """Judge a press on a message, and answer it where only the person who pressed sees it."""
        person = await self._members.who(origin, judged=True)
        if person is None:
            return
        self._remember(origin)
        place = self._place_of_press(origin)
        event = Action(origin.id, person.id, place, pressed.action, pressed.subject, pressed.value)
        heard = await self.hear(event, person)
        if heard.reply.form is not None:
            self._afterwards.do("opening a form", self.open_form(origin, person, heard.reply))
        if origin.direct and not origin.private and pressed.action.startswith("session.") and heard.once.changed:
            self._afterwards.do("settling a question", self._screens.settle(origin, pressed))
        to = self._here(person, origin)
        shared = origin.private or not origin.direct
        await self.say(origin, person, replace(to, only=person.id) if shared else to, heard)
        if heard.once.changed:
            self._afterwards.do("publishing a home", self._screens.refresh_home(person))

    def _place_of_press(self, origin: Origin) -> Place:
        """Return where a press counts as made: what only one person sees is as private as a direct chat."""
        if origin.private:
            return AT_ONCE
        return Place("dm") if origin.direct else Place(self._members.place(origin.channel))

    def _remember(self, origin: Origin) -> None:
        if origin.response_url and origin.channel and (origin.private or not origin.direct):
            until = self._assistant.world.clock.now() + RESPONSE_URL_LASTS
            self._chat.remember_response_url(origin.channel, origin.user, origin.response_url, until)

    # What follows ----------------------------------------------------------------------------

    async def say(self, origin: Origin, person: Person, to: To, heard: Heard) -> bool:
        """Keep the answers and have them said; tell whether they are kept, or there are none."""
        unkept = await self._answering.keep(origin.id, person, to, heard)
        if unkept is not None:
            self._afterwards.do("telling what was not saved", self._unsaved(origin, to, unkept))
        return unkept is None

    async def _unsaved(self, origin: Origin, to: To, card: Card) -> None:
        try:
            await self._chat.send(to, card, f"unsaved {origin.id}")
        except Undeliverable:
            log.error("%s was not saved, and whoever sent it could not be told", origin.id)

    # Views -----------------------------------------------------------------------------------

    async def open_form(self, origin: Origin, person: Person, reply: Reply) -> None:
        """Open the form as a modal; where Slack does not, ask it in the direct chat."""
        assert reply.form is not None
        if not await self._screens.open_form(origin, reply.form):
            await self.ask_in_chat(origin, person, reply)

    async def ask_in_chat(self, origin: Origin, person: Person, reply: Reply) -> None:
        """Ask in the direct chat what could not be shown as a page."""
        assert reply.form is not None
        event = Action(f"{origin.id} in chat", person.id, DIRECT_CHAT, "session.ask", reply.form.session)
        await self.say(replace(origin, id=event.id), person, self._direct(person), await self.hear(event, person))

    async def open_cards(self, origin: Origin, person: Person, cards: Iterable[Card]) -> None:
        """Show the cards in a modal; where Slack does not, say them in the direct chat."""
        shown = tuple(cards)
        if shown and not await self._screens.open_card(origin, shown[-1]):
            await self.say_in_chat(origin, person, shown)

    async def say_in_chat(self, origin: Origin, person: Person, cards: Iterable[Card]) -> None:
        """Say in the direct chat what could not be shown where it was asked for."""
        id = f"{origin.id} in chat"
        once = await self._assistant.once(Command(id, person.id, DIRECT_CHAT, "", ""))
        reply = Reply(tuple(map(View, cards)))
        await self.say(replace(origin, id=id), person, self._direct(person), Heard(reply, once))

    async def _in_time(self, origin: Origin, work: Coroutine[None, None, Drawn]) -> Json:
        """Return the cards as an acknowledgement; where they are late, they follow where only the asker sees them."""
        task = asyncio.create_task(work)
        done, _ = await asyncio.wait((task,), timeout=IN_TIME_SECONDS)
        if done:
            return _acknowledged(task.result())
        self._afterwards.do("answering late", self._late(origin, task))
        return _acknowledged(self._drawn((LATER,)))

    async def _late(self, origin: Origin, task: asyncio.Task[Drawn]) -> None:
        await asyncio.wait((task,))
        if task.exception() is not None:
            await self._screens.respond(origin, {"text": WENT_WRONG})
        drawn = task.result()
        try:
            for message in drawn.messages:
                await self._screens.respond(origin, message)
        except PlatformTrouble as trouble:
            log.info("a late answer goes to the direct chat: %s", trouble)
            if (person := await self._members.who(origin)) is not None:
                await self.say_in_chat(origin, person, drawn.cards)

    def _drawn(self, cards: tuple[Card, ...]) -> Drawn:
        return Drawn(cards, self._screens.drawn(cards))

    # Where -----------------------------------------------------------------------------------

    def _here(self, person: Person, origin: Origin) -> To:
        left = person.has_left(self._assistant.world.clock.now().date())
        if origin.direct and not left:
            return replace(self._direct(person), thread=origin.thread)
        return To(Reach.PLACE, self._members.place(origin.channel), origin.thread)

    @staticmethod
    def _direct(person: Person) -> To:
        return To.person(person.id)


def _acknowledged(drawn: Drawn) -> Json:
    return {"response_type": "ephemeral", **drawn.messages[0]} if drawn.messages else None


def _parted(reply: Reply) -> tuple[tuple[Card, ...], Reply]:
    """Return the cards that can be shown anywhere, and the reply less those: a question waits for its answer."""
    shown = tuple(view.card for view in reply.views if view.form is None)
    questions = tuple(view for view in reply.views if view.form is not None)
    return shown, replace(reply, views=questions)
