"""What people say to the bot in Teams, and where the answers go: what is private, to their direct chat."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Iterable, Iterator
from dataclasses import replace

from bot.assistant import Assistant
from bot.conversation.cards import Card, Tone, line, notice
from bot.conversation.events import Action, Command, Event, Message, Place
from bot.delivery import Worker
from bot.domain.jobs import Reach, To
from bot.domain.people import Person, Seat
from bot.errors import Undeliverable
from bot.platforms.afterwards import Afterwards
from bot.platforms.answering import IN_CHAT, NO_FILES, Answering, Heard
from bot.platforms.teams.manifest import PROMPTS
from bot.platforms.teams.members import Members
from bot.platforms.teams.parse import Origin, Said
from bot.platforms.teams.platform import TeamsPlatform
from bot.platforms.typed import typed_event
from bot.routing import Reply, View

THINKING_AFTER_SECONDS = 0.4
IN_DIRECT_CHAT = "I have answered you in our direct chat."
POINTER = Card(IN_DIRECT_CHAT)
NO_CHAT = Card(
    "I can't answer you here",
    (
        line("What I have for you is for you alone, and I can't write to you yet. Add smpolicy in Teams under Apps,"
             " and tell me there once more."),
        notice(Tone.URGENT, "If it can't wait, tell a person now. In danger, phone 999."),
    ),
)  # fmt: skip
FOR_EXAMPLE = "Ask in your own words, or begin with one of the suggestions below."
DIRECT_CHAT = Place("dm", opens_forms=False)

log = logging.getLogger("smpolicy.teams")


class Talk:
    """One school's conversations in Teams."""

    def __init__(
        self, assistant: Assistant, worker: Worker, teams: TeamsPlatform, members: Members, afterwards: Afterwards
    ) -> None:  # fmt: skip
        self._assistant = assistant
        self._answering = Answering(assistant, worker, teams.chat.name)
        self._chat = teams.chat
        self._connector = teams.connector
        self._references = teams.references
        self._members = members
        self._afterwards = afterwards
        self.hear = self._answering.hear

    async def message(self, origin: Origin, said: Said) -> None:
        """Answer what was written in a direct chat, or with a mention of the bot in a shared place."""
        person = await self._members.who(origin)
        if person is None:
            return
        self.met(origin, person)
        if said.files and not said.text:
            once = await self._assistant.once(Message(origin.id, person.id, DIRECT_CHAT, ""))
            heard = Heard(Reply() if once.answered else Reply((View(NO_FILES),)), once)
        else:
            with self._typing(origin):
                heard = await self.hear(self._typed(origin, person, said.text), person)
        await self.say(origin, person, heard)

    async def welcome(self, origin: Origin) -> None:
        """Greet somebody who has just installed the bot, with what they can do."""
        person = await self._members.who(origin)
        if person is None:
            return
        self.met(origin, person)
        event = Command(origin.id, person.id, DIRECT_CHAT, "help", "")
        heard = await self.hear(event, person)
        answered = heard.once.answered
        await self.say(origin, person, heard)
        if not answered and person.seat is not Seat.OUTSIDER and origin.speaker.mri:
            self._afterwards.do("suggesting what to ask", self._suggest(origin))

    async def _suggest(self, origin: Origin) -> None:
        """Offer what people ask most, to be sent by a press."""
        actions = [{"type": "imBack", "title": title, "value": words} for title, words in PROMPTS]
        await self._connector.send(origin.service_url, origin.full, {
            "type": "message", "textFormat": "plain", "text": FOR_EXAMPLE,
            "suggestedActions": {"to": [origin.speaker.mri], "actions": actions},
        })  # fmt: skip

    def met(self, origin: Origin, person: Person) -> None:
        """Remember where the person or the place is reached."""
        where = {
            "conversation": origin.conversation,
            "service_url": origin.service_url,
            "tenant": origin.speaker.tenant,
        }
        if origin.direct and self._is_known_so(person):
            seat = origin.speaker.user
            self._references.note_person(person.id, user=origin.speaker.mri, seat=seat, **where)
        elif not origin.direct:
            self._references.note_place(**where)
        if self._references.unkept:
            self._afterwards.do("remembering where people are", self._references.keep())

    # Answers ---------------------------------------------------------------------------------

    def here(self, origin: Origin, person: Person) -> To:
        """Return where something was said or pressed."""
        if origin.direct and not person.has_left(self._assistant.world.clock.now().date()):
            return To.person(person.id)
        return To(Reach.PLACE, self._members.place(origin.conversation), origin.thread)

    async def say(self, origin: Origin, person: Person, heard: Heard) -> bool:
        """Keep the answers and have them said where the person is; tell whether they are kept, or there are none."""
        to, reply = self.here(origin, person), heard.reply
        if not origin.direct:
            reply = await self._in_company(person, to, reply)
        return await self.keep(origin, person, to, replace(heard, reply=reply))

    async def _in_company(self, person: Person, to: To, reply: Reply) -> Reply:
        """Return *reply* for a place where others read along: of what is private it says where to look."""
        told_alone = any(where == To.person(person.id) for where, _ in reply.elsewhere)
        asks = any(view.form for view in reply.views)
        if not told_alone and not asks and not any(view.private for view in reply.views):
            return reply
        if not await self.has_chat(person):
            return Reply((View(NO_CHAT),))
        if told_alone:  # what is said here only says so
            return replace(reply, views=tuple(replace(view, private=False) for view in reply.views))
        pointer = IN_CHAT if asks else POINTER
        return replace(reply, elsewhere=(*reply.elsewhere, (to, View(pointer))))

    async def has_chat(self, person: Person) -> bool:
        """Tell whether somebody can be told something in a direct chat; it is opened where there is none yet."""
        return await self._chat.may_write(To.person(person.id))

    async def keep(self, origin: Origin, person: Person, to: To, heard: Heard) -> bool:
        """Keep the answers and have them said; tell whether they are kept, or there are none."""
        if not self._is_known_so(person):
            # To the person of this id it would be said elsewhere.
            if not origin.direct:
                return True
            alone = to = To.place(self._members.place(origin.conversation))
            heard = _aloud(heard)
        else:
            alone = To.person(person.id)
        unkept = await self._answering.keep(origin.id, person, to, heard)
        if unkept is not None:
            self._afterwards.do("telling what was not saved", self._unsaved(origin, alone, unkept))
        return unkept is None

    async def ask_in_chat(self, origin: Origin, person: Person, session: str) -> None:
        """Ask in the direct chat what could not be shown as a page."""
        event = Action(f"{origin.id} in chat", person.id, DIRECT_CHAT, "session.ask", session)
        heard = await self.hear(event, person)
        await self.keep(replace(origin, id=event.id), person, To.person(person.id), heard)

    async def say_in_chat(self, origin: Origin, person: Person, cards: Iterable[Card]) -> None:
        """Say in the direct chat what could not be shown where it was asked for."""
        id = f"{origin.id} in chat"
        once = await self._assistant.once(Command(id, person.id, DIRECT_CHAT, "", ""))
        heard = Heard(Reply(tuple(map(View, cards))), once)
        await self.keep(replace(origin, id=id), person, To.person(person.id), heard)

    async def _unsaved(self, origin: Origin, to: To, card: Card) -> None:
        try:
            await self._chat.send(to, card, f"unsaved {origin.id}")
        except Undeliverable:
            log.error("%s was not saved, and whoever sent it could not be told", origin.id)

    def _is_known_so(self, person: Person) -> bool:
        """Tell whether it is the person of this id: whoever has the same one in another tenant is an outsider there."""
        known = self._assistant.world.directory.person(person.id)
        return person.seat is not Seat.OUTSIDER or known is None or known.seat is Seat.OUTSIDER

    def _typed(self, origin: Origin, person: Person, text: str) -> Event:
        """Return what was typed: a command counts as given in the direct chat, where its answer is private."""
        event = typed_event(origin.id, person.id, DIRECT_CHAT, text or "help")
        assert event is not None, "in a direct chat everything is for the bot"
        if isinstance(event, Command) or origin.direct:
            return event
        return replace(event, place=Place(self._members.place(origin.conversation), opens_forms=False))

    @contextlib.contextmanager
    def _typing(self, origin: Origin) -> Iterator[None]:
        """Show that an answer is being made, where that takes longer than people expect."""
        late = asyncio.get_running_loop().call_later(THINKING_AFTER_SECONDS, self._type, origin)
        try:
            yield
        finally:
            late.cancel()

    def _type(self, origin: Origin) -> None:
        sent = self._connector.send(origin.service_url, origin.full, {"type": "typing"})
        self._afterwards.do("showing that it types", _done(sent))


def _aloud(heard: Heard) -> Heard:
    """Return what is said to a chat that one person alone reads."""
    views = tuple(replace(view, private=False) for view in heard.reply.views)
    return replace(heard, reply=replace(heard.reply, views=views))


async def _done(sent: Awaitable[str]) -> None:
    await sent
