"""From event to handler to reply; keeps the sessions of forms."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, assert_never

from bot.conversation.cards import Card, Tone, line, notice
from bot.conversation.events import Action, Command, Event, Message, Place, Submission
from bot.conversation.forms import Form, Mend, Text
from bot.conversation.questions import question_card
from bot.conversation.sessions import (
    Outcome,
    Session,
    ask,
    asked_field,
    hear,
    page_of,
    shown_page,
    shown_question,
    submit,
)
from bot.domain.jobs import To
from bot.domain.office import ActingHead, Office, SettingChange, as_changed
from bot.domain.people import Role
from bot.domain.secrets import LEFT_OUT_WARNING, WARNING, looks_like_password, without_passwords
from bot.errors import AssistantError, Invalid, NotSaved, Refused, Stale, Unknown
from bot.routing import Answer, Ask, CommandEntry, Filled, PhraseHandler, Reply, Turn, View, World

IDLE = timedelta(hours=8)
DM = Place("dm")


class Assistant:
    """One school's assistant: hears events, finds handlers, returns replies."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.switchboard = world.switchboard

    async def handle(self, event: Event) -> Reply:
        """Return what *event* leads to.

        Raises:
            Refused: A press or a page that this person may not make, or not any more; nothing changed.
            Unknown: Somebody or something that there is not, or that this person may not know of.
            Invalid: A press brought words that can't be taken.
            NotSaved: The store refused; the sentence says whom to phone.
        """
        turn = await self.turn(event)
        try:
            match event:
                case Message():
                    return await self._gently(turn, self._message(turn, event))
                case Command():
                    return await self._gently(turn, self._command(turn, event.name, event.text))
                case Action():
                    return await self._action(turn, event)
                case Submission():
                    return await self._submission(turn, event)
                case _:
                    assert_never(event)
        except NotSaved as error:
            raise NotSaved(self.not_saved(turn.office)) from error

    async def turn(self, event: Event) -> Turn:
        """Return the turn of *event*; raises Unknown or Refused where its person has no seat here."""
        person = self.world.directory.person(event.person)
        office = await self.office()
        if person is None or person.contact_only:
            raise Unknown("Nobody with this name can chat here.")
        if person.has_left(office.today):
            raise Refused(f"{person.name} has left the school, so the bot does not answer here any more.")
        return Turn(event, person, event.place, self.world, office)

    async def office(self) -> Office:
        """Return the school as it is now."""
        world = self.world
        acting = await world.store.find(ActingHead)
        school = as_changed(world.school, await world.store.find(SettingChange))
        now = world.clock.now().astimezone(world.school.week.zone)
        return Office(school, world.directory.everyone(), tuple(acting), now, world.policies.current().version)

    def not_saved(self, office: Office) -> str:
        """Return the sentence for a store that can't write: whom to phone instead."""
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

    async def _gently(self, turn: Turn, reply: Any) -> Reply:
        try:
            done: Reply = await reply
        except (Refused, Unknown, Invalid, Stale) as error:
            return Reply((View(refusal_card(error)),))
        return done

    async def _message(self, turn: Turn, event: Message) -> Reply:
        text = event.text.strip()
        session = await self._listening(turn) if turn.place.direct else None
        if looks_like_password(text):
            return await self._with_password(turn, session, text)
        if session is not None and not self._talks_past(turn, session, text):
            return await self._hear(turn, session, text)
        word = text.lower().rstrip(".!?")
        if word in self.switchboard.commands:
            return await self._command(turn, word, "")
        handler, words = self._phrase(text)
        return await self._answer(turn, await handler(turn, words))

    async def _with_password(self, turn: Turn, session: Session | None, text: str) -> Reply:
        """Refuse words with a password, but hold up neither a report nor whoever needs a person now (SCO-15)."""
        if session is not None and not self._talks_past(turn, session, text):
            asked = asked_field(self.form(session.form), session)
            if not isinstance(asked, Text) or asked.held_up:
                return Reply((self._password_refused(turn, session),), withhold=True)
            return _left_out(await self._hear(turn, session, without_passwords(text)))
        if self.world.search.urgent(text) is None:
            return Reply((self._password_refused(turn, session),), withhold=True)
        assert self.switchboard.free_text is not None
        return _left_out(await self._answer(turn, await self.switchboard.free_text(turn, without_passwords(text))))

    def _password_refused(self, turn: Turn, session: Session | None) -> View:
        """Return the warning, above the question that still stands, if any."""
        if session is not None:
            return self._question(turn, self.form(session.form), session, WARNING)
        return View(Card("Change that password now", (notice(Tone.URGENT, WARNING),)))

    def _phrase(self, text: str) -> tuple[PhraseHandler, str]:
        short = text[:200]
        for pattern, handler in self.switchboard.phrases:
            if pattern.fullmatch(short) and len(text) <= 200:
                return handler, text
        assert self.switchboard.free_text is not None
        return self.switchboard.free_text, text

    def _talks_past(self, turn: Turn, session: Session, text: str) -> bool:
        """Tell whether *text* is plainly not an answer to the question that stands."""
        form = self.form(session.form)
        idle = turn.office.now - session.touched > IDLE
        entry = self.switchboard.commands.get(text.lower().rstrip(".!?"))
        if entry is not None and entry.at_once and text.lower().startswith(entry.name):
            return True
        if not form.confidential and self.world.search.urgent(text) is not None:
            return True
        greeting = any(pattern.fullmatch(text[:200]) for pattern, _ in self.switchboard.phrases)
        return idle and (text.endswith("?") or greeting or text.lower() in self.switchboard.commands)

    async def _command(self, turn: Turn, name: str, text: str) -> Reply:
        entry = self.switchboard.commands.get(name.lower() or "help")
        if looks_like_password(f"{name} {text}"):
            if entry is not None and entry.at_once:
                return _left_out(await self._commanded(turn, entry, without_passwords(text)))
            return Reply(
                (View(Card("Change that password now", (notice(Tone.URGENT, WARNING),)), private=True),),
                withhold=True,
            )
        if entry is None:
            return await self._unknown_command(turn, name)
        return await self._commanded(turn, entry, text)

    async def _commanded(self, turn: Turn, entry: CommandEntry, text: str) -> Reply:
        reply = await self._answer(turn, await entry.hear(turn, text))
        return replace(reply, views=tuple(replace(view, private=True) for view in reply.views))

    async def _unknown_command(self, turn: Turn, name: str) -> Reply:
        near = difflib.get_close_matches(name.lower(), list(self.switchboard.commands), n=1)
        help_entry = self.switchboard.commands["help"]
        answer = await help_entry.hear(turn, "")
        hint = f"There is no command “{name[:40]}”." + (
            f" Did you mean /smpolicy {near[0]}?" if near else " Here is what there is."
        )
        if isinstance(answer, Card):
            answer = replace(answer, title="I don't know that one", blocks=(notice(Tone.WARNING, hint), *answer.blocks))
        reply = await self._answer(turn, answer)
        return replace(reply, views=tuple(replace(view, private=True) for view in reply.views))

    # Presses ---------------------------------------------------------------------------------

    async def _action(self, turn: Turn, event: Action) -> Reply:
        if event.action.startswith("session."):
            return await self._session_action(turn, event)
        handler = self.switchboard.actions.get(event.action)
        if handler is None:
            raise Refused(
                "That button is from an older version and does nothing any more. Type help to see what there is."
            )
        if event.values is not None:
            return await self._pressed_with_words(turn, event)
        return await self._answer(turn, await handler(turn, event.subject, event.value))

    async def _pressed_with_words(self, turn: Turn, event: Action) -> Reply:
        """Take a press that brought the words it needs: the same form, filled in at once."""
        answer = await self.switchboard.actions[event.action](turn, event.subject, event.value)
        if not isinstance(answer, Ask):
            return await self._answer(turn, answer)
        form, filled = self.switchboard.forms[answer.form]
        values, errors, answers = event.values or {}, {}, dict(answer.answers)
        for each in form.fields_for(answers):
            value = each.read(values.get(each.name, answers.get(each.name)), turn.seen)
            if isinstance(value, Mend):
                errors[each.name] = value.sentence
            else:
                answers[each.name] = value
        if errors:
            raise Invalid(errors)
        return await self._answer(turn, await filled(turn, Filled(answers, answer.subject, answer.value)))

    async def _session_action(self, turn: Turn, event: Action) -> Reply:
        session = await self.session(turn, event.subject)
        form = self.form(session.form)
        match event.action:
            case "session.page":
                return Reply(form=shown_page(form, session, caution=_caution(turn, form, session)))
            case "session.continue":
                return await self._resume(turn, form, session)
            case "session.restart":
                fresh = Ask(session.form, session.subject, session.value, intro=session.intro)
                await self.world.store.save(forget=(session,))
                return await self._answer(turn, fresh)
            case "session.cancel":
                return await self._cancelled(session)
            case "session.answer":
                name, _, word = event.value.partition("=")
                if session.asked != name:
                    raise Refused("That question has been answered already. Type back to change it.")
                return await self._hear(turn, session, word)
            case _:
                raise Refused("That button is from an older version and does nothing any more.")

    async def _submission(self, turn: Turn, event: Submission) -> Reply:
        session = await self.session(turn, event.session)
        form = self.form(session.form)
        result = submit(form, session, event.values, turn.seen)
        moved = result.session
        if result.errors or not result.done:
            await self.world.store.save(moved)
            return self._page_again(turn, form, moved, result.errors)
        try:
            return await self._finish(turn, session, moved)
        except Invalid as error:
            moved = replace(moved, page=page_of(form, moved, error.errors))
            await self.world.store.save(moved)
            return self._page_again(turn, form, moved, error.errors)

    @staticmethod
    def _page_again(turn: Turn, form: Form, session: Session, errors: Mapping[str, str]) -> Reply:
        return Reply(form=shown_page(form, session, errors, _caution(turn, form, session)), errors=errors)

    # Sessions --------------------------------------------------------------------------------

    def form(self, name: str) -> Form:
        """Return the form called *name*."""
        entry = self.switchboard.forms.get(name)
        if entry is None:
            raise Refused("That form is from an older version. Type help to see what there is.")
        return entry[0]

    async def session(self, turn: Turn, session_id: str) -> Session:
        """Return the person's own session; raises Unknown for anybody else's."""
        session = await self.world.store.get(Session, session_id)
        if session is None or session.person != turn.person.id:
            raise Unknown("That form has been sent or cancelled already. Type my to see what you have open.")
        return session

    async def _listening(self, turn: Turn) -> Session | None:
        sessions = await self.world.store.find(Session, person=turn.person.id)
        return next((each for each in sessions if each.asked and each.place == turn.place.id), None)

    async def _answer(self, turn: Turn, answer: Answer) -> Reply:
        match answer:
            case Card():
                return Reply((View(answer),))
            case tuple():
                return Reply(tuple(View(card) for card in answer))
            case Ask():
                return await self._ask(turn, answer)
            case _:
                assert_never(answer)

    async def _ask(self, turn: Turn, wanted: Ask) -> Reply:
        form = self.form(wanted.form)
        sessions = await self.world.store.find(Session, person=turn.person.id)
        same = [each for each in sessions if (each.form, each.subject) == (wanted.form, wanted.subject)]
        aside = [replace(each, asked="", place="") for each in sessions if each.asked and each not in same]
        now = turn.office.now
        session = Session(
            turn.world.school.id, turn.world.ids.new(), turn.person.id, wanted.form, now, now,
            wanted.subject, wanted.answers, value=wanted.value, intro=wanted.intro,
            due_at=now + timedelta(days=turn.office.school.draft_days),
        )  # fmt: skip
        if wanted.as_page and turn.place.opens_forms:
            await turn.save(session, forget=same)
            return Reply(form=shown_page(form, session, caution=_caution(turn, form, session)))
        session = ask(form, session, DM.id)
        if not session.asked:  # everything is known, as when a draft is edited: in chat it is asked again
            session = ask(form, replace(session, answers={}), DM.id)
        await turn.save(session, *aside, forget=same)
        return self._in_private(turn, self._question(turn, form, session))

    def _in_private(self, turn: Turn, view: View) -> Reply:
        if turn.place.direct:
            return Reply((view,))
        pointer = Card("Let's do this in private", (line("I have asked you the first question in our direct chat."),))
        return Reply((View(pointer, private=True),), elsewhere=((To.person(turn.person.id), view),))

    async def _resume(self, turn: Turn, form: Form, session: Session) -> Reply:
        sessions = await self.world.store.find(Session, person=turn.person.id)
        aside = [replace(each, asked="", place="") for each in sessions if each.asked and each.id != session.id]
        moved = replace(ask(form, session, DM.id), touched=turn.office.now)
        if not moved.asked:
            return await self._finish(turn, session, moved)
        await self.world.store.save(moved, *aside)
        return self._in_private(turn, self._question(turn, form, moved))

    async def _hear(self, turn: Turn, session: Session, text: str) -> Reply:
        form = self.form(session.form)
        heard = hear(form, session, text, turn.seen)
        match heard.outcome:
            case Outcome.CANCELLED:
                return await self._cancelled(session)
            case Outcome.DONE:
                try:
                    return await self._finish(turn, session, heard.session)
                except Invalid as error:
                    return await self._ask_again(turn, form, heard.session, error)
            case Outcome.NEXT | Outcome.AGAIN | Outcome.HELP:
                await self.world.store.save(heard.session)
                return Reply((self._question(turn, form, heard.session, heard.note),))
            case _:
                assert_never(heard.outcome)

    async def _ask_again(self, turn: Turn, form: Form, filled: Session, error: Invalid) -> Reply:
        """Ask once more what only the handler could judge, and keep the other answers."""
        answers = {name: value for name, value in filled.answers.items() if name not in error.errors}
        session = ask(form, replace(filled, answers=answers), filled.place)
        if not session.asked:
            raise error
        await self.world.store.save(session)
        return Reply((self._question(turn, form, session, error.sentence),))

    async def _finish(self, turn: Turn, stored: Session, filled: Session) -> Reply:
        handler = self.switchboard.forms[filled.form][1]
        done = replace(turn, session=stored)
        answer = await handler(done, Filled(filled.answers, filled.subject, filled.value))
        left = await self.world.store.get(Session, stored.id)
        if left is not None and left.version == stored.version:
            await self.world.store.save(forget=(left,))
        reply = await self._answer(turn, answer)
        confidential = self.form(filled.form).confidential
        return reply if turn.place.direct or not confidential else self._withdrawn_from_place(turn, reply)

    @staticmethod
    def _withdrawn_from_place(turn: Turn, reply: Reply) -> Reply:
        """Return *reply* with its views in the private chat, where a confidential form led to it in a shared place."""
        pointer = Card("This stays between us", (line("I have answered in our direct chat."),))
        there = tuple((To.person(turn.person.id), view) for view in reply.views)
        return replace(reply, views=(View(pointer, private=True),), elsewhere=(*reply.elsewhere, *there))

    async def _cancelled(self, session: Session) -> Reply:
        await self.world.store.save(forget=(session,))
        words = "Nothing was sent, and your answers are deleted. Start again whenever you like."
        return Reply((View(Card("Cancelled", (line(words),))),))

    @staticmethod
    def _question(turn: Turn, form: Form, session: Session, note: str = "") -> View:
        question = asked_field(form, session)
        card = question_card(form, session, note, _caution(turn, form, session))
        return View(card, shown_question(form, session, question) if question else None)


def _left_out(reply: Reply) -> Reply:
    """Return *reply* to words of which a password was left out, with a line that says so."""
    if not reply.views:
        return replace(reply, withhold=True)
    first, *more = reply.views
    card = replace(first.card, blocks=(*first.card.blocks, notice(Tone.WARNING, LEFT_OUT_WARNING)))
    return replace(reply, views=(replace(first, card=card), *more), withhold=True)


def _caution(turn: Turn, form: Form, session: Session) -> str:
    return form.cautioned(session.answers, turn.seen)


def refusal_card(error: AssistantError) -> Card:
    """Return what a person reads who may not, or whose entry can't be taken."""
    clause = (line(f"The reason in the policy: {error.clause}."),) if error.clause else ()
    return Card("That did not go through", (notice(Tone.WARNING, error.sentence), *clause))
