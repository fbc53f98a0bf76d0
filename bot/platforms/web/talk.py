"""What people do on the local page: say, press and submit, and what arrives for them because of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.assistant import DM, Assistant
from bot.conversation.cards import Button
from bot.conversation.events import Action, Command, Place, Submission
from bot.conversation.forms import FormPage
from bot.delivery import Worker
from bot.domain.jobs import Reach, Shown, To
from bot.domain.office import Office
from bot.domain.people import Person
from bot.domain.secrets import looks_like_password
from bot.errors import AssistantError, NotSaved, Unknown
from bot.platforms.labels import button_meant
from bot.platforms.typed import typed_event
from bot.platforms.web.chat import LocalChat, told_by_worker
from bot.platforms.web.journal import Journal
from bot.platforms.web.messages import Draft, LocalMessage, card_draft, channel_of
from bot.platforms.web.parse import Malformed, Pressed, Said, Submitted
from bot.platforms.web.people import channel_in, chatter, place_in, places_of
from bot.platforms.web.render import form_json
from bot.routing import Reply, View

NOT_KEPT = "(not kept: it looked like a password)"
LOST_ANSWER = "The bot's answer could not be kept. Type my to see whether it went through before you try again."


@dataclass(frozen=True, slots=True)
class Arrived:
    """What an event led to for the person: *errors* maps field name to how to mend it."""

    person: str
    messages: tuple[LocalMessage, ...]
    form: FormPage | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


class Talk:
    """One school's conversations on the local page."""

    def __init__(self, assistant: Assistant, worker: Worker, journal: Journal, log: logging.Logger) -> None:
        self._assistant = assistant
        self._worker = worker
        self._journal = journal
        self._log = log
        self._opened_in: dict[str, str] = {}

    async def say(self, event_id: str, said: Said, office: Office) -> Arrived:
        """Keep what was typed with what the bot answers, if it was asked."""
        person = chatter(office, said.person)
        channel = channel_in(person, said.place)
        before = self._journal.last
        place = Place(said.place, opens_forms=False)
        event = typed_event(event_id, person.id, place, said.text)
        if event is None:
            reply = Reply(withhold=looks_like_password(said.text))
        else:
            reply = await self._assistant.handle(event)
        text = NOT_KEPT if reply.withhold else said.text
        private_to = person.id if isinstance(event, Command) and not place.direct else ""
        typed = Draft(event_id, person.id, channel, text, private_to=private_to)
        answered = await self._keep(reply, person, place, office, *([typed] if text.strip() else []))
        return self._arrived(reply, person, place, before, answered)

    async def press(self, event_id: str, pressed: Pressed, office: Office) -> Arrived:
        """Have a press judged, of a button that is drawn for the person or of one that is not, or not any more."""
        person = chatter(office, pressed.person)
        message, place = self._message(person, pressed.message)
        button = self._button(message, pressed.button, person)
        before = self._journal.last
        reply = await self._assistant.handle(
            Action(event_id, person.id, place, button.action, button.subject, button.value, pressed.values)
        )
        answered = await self._keep(_among_two(reply), person, place, office)
        return self._arrived(reply, person, place, before, answered)

    async def submit(self, event_id: str, submitted: Submitted, office: Office) -> Arrived:
        """Take a page of a form; what follows is said where the form was opened, else in private."""
        person = chatter(office, submitted.person)
        opened_in = self._opened_in.get(submitted.session, DM.id)
        place = Place(opened_in) if opened_in in places_of(person) else DM
        before = self._journal.last
        reply = await self._assistant.handle(
            Submission(event_id, person.id, place, submitted.session, submitted.values)
        )
        if reply.form is None:
            self._opened_in.pop(submitted.session, None)
        answered = await self._keep(_among_two(reply), person, place, office)
        return self._arrived(reply, person, place, before, answered)

    async def deliver_due(self) -> None:
        """Say what follows; what can't be said now stays due and is tried again."""
        try:
            await self._worker.deliver_due()
        except AssistantError as error:
            self._log.warning("what follows has to wait: %s", type(error).__name__)
            self._worker.wake()

    def _message(self, person: Person, id: str) -> tuple[LocalMessage, Place]:
        message = self._journal.get(id)
        place = place_in(person, message.channel) if message else None
        if message is None or place is None or not message.visible_to(person.id):
            raise Unknown("There is no such message.")
        return message, Place(place)

    def _button(self, message: LocalMessage, label: str, person: Person) -> Button:
        switchboard, button = self._assistant.switchboard, None
        if message.card is not None:
            offered = (*message.labels, *message.card.buttons)
            button = button_meant(label, message.card, person.id, offered=offered, switchboard=switchboard)
        if button is None:
            raise Malformed("This message has no such button.")
        return button

    async def _keep(self, reply: Reply, person: Person, place: Place, office: Office, *typed: Draft) -> frozenset[str]:
        """Keep everything that was said in one stroke, and then say what follows from it; return the answers' ids."""
        if reply.form is not None and not place.direct:
            self._opened_in[reply.form.session] = place.id
        answers = list(self._answers(reply, person, place, office))
        drafts = (*typed, *(draft for draft, _ in answers))
        shown = [one for draft, to in answers if (one := self._shown(draft, to)) is not None]
        if drafts:
            try:
                await self._journal.add(*drafts, beside=shown)
            except NotSaved as error:
                raise NotSaved(LOST_ANSWER if shown else self._assistant.not_saved()) from error
        await self.deliver_due()
        return frozenset(draft.id for draft, _ in answers)

    def _answers(self, reply: Reply, person: Person, place: Place, office: Office) -> Iterator[tuple[Draft, To]]:
        """Yield what the bot says, each with whom it is drawn for."""
        here = To.person(person.id) if place.direct else To.place(place.id)
        for to, view in (*((here, view) for view in reply.views), *reply.elsewhere):
            private = view.private and to.reach is Reach.PLACE
            form = form_json(view.form, office) if view.form else None
            draft = card_draft(
                self._assistant.world.ids.new(), channel_of(to), view.card, form, person.id if private else ""
            )
            yield draft, To.person(person.id) if private else to

    def _shown(self, draft: Draft, to: To) -> Shown | None:
        """Return where a face of a case is shown, so that the worker draws it again after each move."""
        about = draft.card.about if draft.card is not None else None
        if about is None:
            return None
        school, kind = self._assistant.world.school.id, about.face.partition(".")[0]
        return Shown(school, draft.id, LocalChat.name, to, draft.id, kind, about.face, about.subject)

    def _arrived(self, reply: Reply, person: Person, place: Place, before: int, answered: frozenset[str]) -> Arrived:
        """Return what *reply* led to; what was answered meanwhile to others, or to other words, is none of it."""
        channel = channel_in(person, place.id)
        messages = tuple(
            message
            for message in self._journal.since(channel, before)
            if (message.id in answered or told_by_worker(message)) and message.visible_to(person.id)
        )
        return Arrived(person.id, messages, reply.form, reply.errors)


def _among_two(reply: Reply) -> Reply:
    """Return *reply* as only the person who caused it sees it."""
    views = tuple(View(view.card, view.form, private=True) for view in reply.views)
    return Reply(views, reply.form, reply.errors, reply.elsewhere, reply.withhold)
