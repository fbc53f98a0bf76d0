"""From event to handler to reply."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from bot.conversation.cards import Card, Tone, bullets, line, notice
from bot.conversation.events import Action, Command, Event, Message, Place, Shortcut, Submission
from bot.conversation.forms import FormPage
from bot.conversation.sessions import Session
from bot.domain.office import ActingHead, Office, SettingChange, as_changed
from bot.domain.people import Role, Seat
from bot.domain.search import Kind
from bot.domain.secrets import LEFT_OUT_WARNING, WARNING, looks_like_password, without_passwords
from bot.errors import AssistantError, Invalid, NotSaved, Refused, Stale, Unknown
from bot.filling import Filling
from bot.once import Heard, Once, Repeated
from bot.routing import Ask, CommandEntry, PhraseHandler, Reply, Turn, View, World

IDLE = timedelta(hours=8)
REMEMBERED = timedelta(hours=24)
LONGEST_PHRASE = 200
DM = Place("dm")
OLD_BUTTON = "That button is from an older version and does nothing any more. Type help to see what there is."
LOST_ANSWER = "What you sent last has arrived, but my answer was lost in a restart. This is where we are."


class Assistant:
    """One school's assistant: hears events, finds handlers, returns replies."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.switchboard = world.switchboard
        self._filling = Filling(world, DM)
        self._last_known: tuple[Sequence[ActingHead], Sequence[SettingChange]] = ((), ())

    async def handle(self, event: Event) -> Reply:
        """Return what *event* leads to.

        Raises:
            Refused: A press or a page that this person may not make, or not any more; nothing changed.
            Unknown: Somebody or something that there is not, or that this person may not know of.
            Invalid: A press brought words that can't be taken.
            NotSaved: The store refused; the sentence says whom to phone.
        """
        return await self._handled(await self.turn(event))

    async def once(self, event: Event) -> Once:
        """Return the store through which *event* has its effect once; see `handle_once`."""
        now = self.world.clock.now()
        try:
            heard = await self.world.store.get(Heard, event.id)
        except NotSaved:  # whoever wrote is told so when something is to be saved
            heard = None
        new = Heard(self.world.school.id, event.id, event.person, now, now + REMEMBERED)
        return Once(self.world.store, heard or new)

    async def handle_once(self, event: Event, once: Once) -> Reply:
        """Do as `handle` does, and save through *once* whatever is saved.

        Raises:
            Repeated: The event had its effect before; nothing is done again.
        """
        if once.changed:
            raise Repeated
        turn = await self.turn(event)
        return await self._handled(replace(turn, world=replace(self.world, store=once)))

    async def open_page(self, person_id: str, session_id: str) -> FormPage | None:
        """Return the page that is open in the person's own session, or None where they have no such session."""
        turn = await self.turn(Command("", person_id, DM, "", ""))
        return await self._filling.open_page(turn, session_id)

    async def _handled(self, turn: Turn) -> Reply:
        try:
            if turn.person.seat is Seat.OUTSIDER:
                return Reply((View(outsider_card(turn.office), private=True),))
            match turn.event:
                case Message(text=text):
                    return await _gently(self._message(turn, text.strip()))
                case Command(name=name, text=text):
                    return await _gently(self._command(turn, name, text))
                case Shortcut():
                    return await _gently(self._shortcut(turn, turn.event))
                case Action():
                    return await self._action(turn, turn.event)
                case Submission():
                    return await self._filling.submit(turn, turn.event)
                case _:
                    assert_never(turn.event)
        except NotSaved as error:
            raise NotSaved(self.not_saved()) from error

    async def turn(self, event: Event) -> Turn:
        """Return the turn of *event*; raises Unknown or Refused where its person has no seat here."""
        person = self.world.directory.person(event.person)
        office = await self.office()
        if person is None or person.contact_only:
            raise Unknown("Nobody with this name can chat here.")
        if person.has_left(office.today):
            raise Refused(f"{person.name} has left the school, so the bot does not answer here any more.")
        return Turn(event, person, event.place, self.world, office)

    async def standing(self, person_id: str) -> Reply:
        """Return the question that stands for the person, or where to look: their last answer was lost."""
        turn = await self.turn(Command("", person_id, DM, "", ""))
        if turn.person.seat is Seat.OUTSIDER:
            return Reply((View(outsider_card(turn.office), private=True),))
        session = await self._filling.standing(turn)
        return Reply((self._filling.question(turn, session, LOST_ANSWER) if session else View(_lost_card()),))

    async def office(self) -> Office:
        """Return the school as it is now.

        Raises:
            NotSaved: The store can't be read, so that nobody knows; the sentence says whom to phone.
        """
        try:
            acting = await self.world.store.find(ActingHead)
            changes = await self.world.store.find(SettingChange)
        except NotSaved as error:
            raise NotSaved(self.not_saved()) from error
        self._last_known = acting, changes
        return self._office(acting, changes)

    def _office(self, acting: Sequence[ActingHead], changes: Sequence[SettingChange]) -> Office:
        world = self.world
        now = world.clock.now().astimezone(world.school.week.zone)
        school = as_changed(world.school, changes)
        return Office(school, world.directory.everyone(), tuple(acting), now, world.policies.current().version)

    def not_saved(self) -> str:
        """Return the sentence for a store that can't write: whom to phone instead, as far as is known."""
        office = self._office(*self._last_known)
        phones = [
            f"{label} on {contact.phone}"
            for label, role in (
                ("the safeguarding lead", Role.DSL),
                ("the Head", Role.HEAD),
                ("SLT", Role.SLT),
            )
            if (contact := office.contact_for(role)) and contact.phone
        ]
        whom = "; or ".join(phones) or "the school office"
        return (
            "This was not saved, and nobody has been told. Your words are still on your screen: try again in a minute. "
            f"If it can't wait, phone {whom}. In danger, phone 999."
        )

    # Words -----------------------------------------------------------------------------------

    async def _message(self, turn: Turn, text: str) -> Reply:
        session = await self._filling.standing(turn) if turn.place.direct else None
        if looks_like_password(text):
            return await self._with_password(turn, session, text)
        if session is not None and not self._talks_past(turn, session, text):
            return await self._filling.hear(turn, session, text)
        if (word := _word(text)) in self.switchboard.commands:
            return await self._command(turn, word, "")
        return await self._in_own_words(turn, text)

    async def _in_own_words(self, turn: Turn, text: str) -> Reply:
        """Answer a phrase or a question; what is urgent may disclose something, so only the asker sees its answer."""
        handler = self._phrase(text) or self._free_text
        reply = await self._filling.reply(turn, await handler(turn, text))
        return _to_asker_alone(reply) if not turn.place.direct and self._is_urgent(text) else reply

    async def _with_password(self, turn: Turn, session: Session | None, text: str) -> Reply:
        """Refuse words with a password, but hold up neither a report nor whoever needs a person now (SCO-15)."""
        kept = without_passwords(text)
        if session is not None and not self._talks_past(turn, session, text):
            if not self._filling.leaves_passwords_out(session):
                return self._password_refused(turn, session)
            return _left_out(await self._filling.hear(turn, session, kept))
        if self.world.search.urgent(text) is None:
            return self._password_refused(turn, session)
        answer = await self._free_text(turn, kept)
        return _left_out(_to_asker_alone(await self._filling.reply(turn, answer)))

    def _password_refused(self, turn: Turn, session: Session | None) -> Reply:
        """Return the warning, above the question that still stands, if any."""
        self.world.recall.forget(turn.person.id, "dm" if turn.place.direct else turn.place.id)
        view = self._filling.question(turn, session, WARNING) if session else View(_password_card())
        return Reply((view,), withhold=True)

    def _talks_past(self, turn: Turn, session: Session, text: str) -> bool:
        """Tell whether *text* is plainly not an answer to the question that stands."""
        entry = self.switchboard.commands.get(_word(text))
        if entry is not None and entry.at_once and entry.name == _word(text):  # an alias may be an answer
            return True
        if not self._filling.is_confidential(session) and self.world.search.urgent(text) is not None:
            return True
        if turn.office.now - session.touched <= IDLE:
            return False
        return text.endswith("?") or self._phrase(text) is not None or text.lower() in self.switchboard.commands

    def _phrase(self, text: str) -> PhraseHandler | None:
        if len(text) > LONGEST_PHRASE:
            return None
        return next((handler for pattern, handler in self.switchboard.phrases if pattern.fullmatch(text)), None)

    @property
    def _free_text(self) -> PhraseHandler:
        assert self.switchboard.free_text is not None
        return self.switchboard.free_text

    def _is_urgent(self, text: str) -> bool:
        search = self.world.search
        return search.urgent(text) is not None or search.answer(text).kind is Kind.URGENT

    # Commands --------------------------------------------------------------------------------

    async def _command(self, turn: Turn, name: str, text: str) -> Reply:
        entry = self.switchboard.commands.get(name.lower() or "help")
        if looks_like_password(f"{name} {text}"):
            if entry is not None and entry.at_once:
                return _left_out(await self._commanded(turn, entry, without_passwords(text)))
            self.world.recall.forget(turn.person.id, "dm")
            return _to_asker_alone(Reply((View(_password_card()),), withhold=True))
        if entry is None:
            return await self._unknown_command(turn, name)
        self._refuse_guest(turn, entry.feature)
        return await self._commanded(turn, entry, text)

    async def _commanded(self, turn: Turn, entry: CommandEntry, text: str) -> Reply:
        return _to_asker_alone(await self._filling.reply(turn, await entry.hear(turn, text)))

    async def _unknown_command(self, turn: Turn, name: str) -> Reply:
        answer = await self.switchboard.commands["help"].hear(turn, "")
        if isinstance(answer, Card):
            hint = notice(Tone.WARNING, self._nearest_command(name))
            answer = replace(answer, title="I don't know that one", blocks=(hint, *answer.blocks))
        return _to_asker_alone(await self._filling.reply(turn, answer))

    def _nearest_command(self, name: str) -> str:
        near = difflib.get_close_matches(name.lower(), list(self.switchboard.commands), n=1)
        what_to_do = f"Did you mean /smpolicy {near[0]}?" if near else "Here is what there is."
        return f"There is no command “{name[:40]}”. {what_to_do}"

    async def _shortcut(self, turn: Turn, event: Shortcut) -> Reply:
        entry = self.switchboard.shortcuts.get(event.name)
        if entry is None:
            raise Refused(OLD_BUTTON)
        self._refuse_guest(turn, entry.name)
        return _to_asker_alone(await self._filling.reply(turn, await entry.hear(turn, event.quoted)))

    def _refuse_guest(self, turn: Turn, name: str) -> None:
        """Raise Refused where *name*, of a feature or of something in it, is not for guests (contract 8)."""
        if turn.person.seat is Seat.GUEST and not self.switchboard.open_to_guests(name):
            keeper = turn.office.contact_for(Role.ADMINISTRATOR)
            raise Refused(
                "As a guest here you can ask what the policy says, report something, and tell SLT of a journalist. "
                f"For everything else, ask {keeper.name if keeper else 'a member of staff'}."
            )

    # Presses ---------------------------------------------------------------------------------

    async def _action(self, turn: Turn, event: Action) -> Reply:
        if event.action.startswith("session."):
            return await self._filling.press(turn, event)
        handler = self.switchboard.actions.get(event.action)
        if handler is None:
            raise Refused(OLD_BUTTON)
        self._refuse_guest(turn, event.action)
        answer = await handler(turn, event.subject, event.value)
        if isinstance(answer, Ask) and event.values is not None:
            return await self._filling.fill_in(turn, answer, event.values)
        return await self._filling.reply(turn, answer)


def refusal_card(error: AssistantError) -> Card:
    """Return what a person reads who may not, or whose entry can't be taken."""
    clause = (line(f"The reason in the policy: {error.clause}."),) if error.clause else ()
    return Card("That did not go through", (notice(Tone.WARNING, error.sentence), *clause))


def outsider_card(office: Office) -> Card:
    """Return whom somebody of another organisation may turn to, and nothing else (contract 8)."""
    lines = [
        f"{words}: {', '.join(part for part in (contact.name, contact.phone, contact.email) if part)}."
        for words, role in (
            ("If you are worried about a child", Role.DSL),
            ("About one of the school's accounts", Role.ADMINISTRATOR),
            ("About anything else", Role.HEAD),
        )
        if (contact := office.contact_for(role))
    ]
    intro = f"You are with another organisation, so I can't help you here. {office.school.name} can."
    return Card("Whom to contact", (line(intro), bullets(lines), notice(Tone.INFO, office.school.out_of_hours)))


def _lost_card() -> Card:
    return Card("My answer was lost", (line(f"{LOST_ANSWER} Type my to see everything that is open for you."),))


async def _gently(reply: Awaitable[Reply]) -> Reply:
    """Return *reply*, or the refusal as a card: who typed words, and nobody else, reads why they were not taken."""
    try:
        return await reply
    except (Refused, Unknown, Invalid, Stale) as error:
        return Reply((View(refusal_card(error), private=True),))


def _word(text: str) -> str:
    return text.lower().rstrip(".!?")


def _to_asker_alone(reply: Reply) -> Reply:
    return replace(reply, views=tuple(replace(view, private=True) for view in reply.views))


def _left_out(reply: Reply) -> Reply:
    """Return *reply* to words of which a password was left out, with a line that says so."""
    if reply.form is not None:
        intro = "\n\n".join(part for part in (LEFT_OUT_WARNING, reply.form.intro) if part)
        return replace(reply, form=replace(reply.form, intro=intro), withhold=True)
    if not reply.views:
        return replace(reply, withhold=True)
    first, *more = reply.views
    card = replace(first.card, blocks=(*first.card.blocks, notice(Tone.WARNING, LEFT_OUT_WARNING)))
    return replace(reply, views=(replace(first, card=card), *more), withhold=True)


def _password_card() -> Card:
    return Card("Change that password now", (notice(Tone.URGENT, WARNING),))
