"""The plain client's edge: people type lines, and read texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.assistant import Assistant, refusal_card
from bot.conversation.cards import About, Button
from bot.conversation.events import Action, Event, Json, Place
from bot.delivery import Worker
from bot.domain.jobs import Reach, Shown, To
from bot.domain.people import Person
from bot.errors import AssistantError, Unknown
from bot.platforms.labels import button_meant
from bot.platforms.plain.chat import Line, PlainChat, sees_place
from bot.platforms.plain.parse import Press, Words, read_line
from bot.platforms.plain.render import card_text
from bot.platforms.typed import typed_event
from bot.routing import Reply


class PlainEdge:
    """One school's plain chat; no surface here shows a form as a page, so all of them are talked through."""

    def __init__(self, assistant: Assistant, worker: Worker, chat: PlainChat) -> None:
        self._assistant = assistant
        self._worker = worker
        self._chat = chat

    async def hear(self, person_id: str, line: str, place: str = "dm") -> list[str]:
        """Return the texts that *line* leads to for the person who typed it; a refusal is one of them."""
        try:
            person = self._person(person_id)
            match read_line(line, self._at_hand(person)):
                case Press(label, about):
                    heard = await self.press(person_id, label, about=about)
                case Words(text):
                    heard = await self.say(person_id, text, place)
        except AssistantError as error:
            return [card_text(refusal_card(error), person_id)]
        return [each.text_for(person) for each in heard]

    async def say(self, person_id: str, text: str, place: str = "dm") -> list[Line]:
        """Take *text* as words, and return what arrived.

        Raises:
            AssistantError: The person can't chat, or not in that place.
        """
        person = self._person(person_id)
        if place != "dm" and not sees_place(person, place):
            raise Unknown("There is no such place here.")
        event = typed_event(self._assistant.world.ids.new(), person.id, Place(place, opens_forms=False), text)
        return await self._handle(person, event) if event else []

    async def press(
        self, person_id: str, label: str, *, about: str = "", values: Mapping[str, Json] | None = None
    ) -> list[Line]:
        """Press *label* on the newest card that has it and holds *about*; return what arrived.

        Raises:
            AssistantError: The press was refused.
        """
        person = self._person(person_id)
        line, button = self._meant(person, label, about)
        place = Place("dm" if line.to.reach is Reach.PERSON else line.to.id, opens_forms=False)
        event = Action(
            self._assistant.world.ids.new(), person.id, place,
            button.action, button.subject, button.value, values,
        )  # fmt: skip
        return await self._handle(person, event)

    def _at_hand(self, person: Person) -> frozenset[str]:
        seen = self._chat.seen_by(person)
        return frozenset(button.label for button in seen[-1].card.buttons_for(person.id)) if seen else frozenset()

    def _meant(self, person: Person, label: str, about: str) -> tuple[Line, Button]:
        """Return the newest line with the button drawn, else the newest on which the label means anything."""
        lines = [line for line in self._chat.seen_by(person)[::-1] if about in line.text_for(person)]
        wanted = label.casefold()
        for line in lines:
            for button in line.card.buttons_for(person.id):
                if button.label.casefold() == wanted:
                    return line, button
        for line in lines:
            meant = button_meant(
                label, line.card, person.id, offered=line.offered, switchboard=self._assistant.switchboard
            )
            if meant is not None:
                return line, meant
        raise Unknown(f"There is no button called {label} here.")

    async def _handle(self, person: Person, event: Event) -> list[Line]:
        before = {line.id for line in self._chat.seen_by(person)}
        reply = await self._assistant.handle(event)
        await self._keep(reply, person, event)
        await self._worker.deliver_due()
        return [line for line in self._chat.seen_by(person) if line.id not in before]

    async def _keep(self, reply: Reply, person: Person, event: Event) -> None:
        lines = list(self._said(reply, person, event))
        shown = [self._shown(line, line.card.about) for line in lines if line.card.about is not None]
        if shown:
            await self._assistant.world.store.save(*shown)
        for line in lines:
            self._chat.put(line)

    def _said(self, reply: Reply, person: Person, event: Event) -> Iterator[Line]:
        here = To.person(person.id) if event.place.direct else To.place(event.place.id)
        pressed = isinstance(event, Action)
        answers = [(here, replace(view, private=True) if pressed else view) for view in reply.views]
        for to, view in (*answers, *reply.elsewhere):
            private = view.private and to.reach is Reach.PLACE
            id = self._assistant.world.ids.new()
            yield Line(id, to, view.card, view.form, person.id if private else "")

    def _shown(self, line: Line, about: About) -> Shown:
        """Return where a face of a case is shown, so that the worker draws it again after each move."""
        to = To.person(line.private_to) if line.private_to else line.to
        kind = about.face.partition(".")[0]
        school = self._assistant.world.school.id
        return Shown(school, line.id, PlainChat.name, to, line.id, kind, about.face, about.subject)

    def _person(self, person_id: str) -> Person:
        person = self._assistant.world.directory.person(person_id)
        if person is None:
            raise Unknown("Nobody with this name can chat here.")
        return person
