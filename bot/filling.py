"""Filling in forms: sessions are begun, answered in chat or page by page, and ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from bot.conversation.cards import Card, line
from bot.conversation.events import Action, Json, Place, Submission
from bot.conversation.fields import Text
from bot.conversation.forms import Form, FormPage
from bot.conversation.questions import question_card
from bot.conversation.sessions import (
    Outcome,
    Session,
    ask,
    asked_field,
    hear,
    page_of,
    read_entries,
    shown_page,
    shown_question,
    submit,
)
from bot.domain.jobs import To
from bot.errors import Invalid, Refused, Unknown
from bot.routing import Answer, Ask, Filled, Reply, Turn, View, World


class Filling:
    """The forms that people of one school are filling in; questions in chat are asked in the place *private*."""

    def __init__(self, world: World, private: Place) -> None:
        self._switchboard = world.switchboard
        self._forms = world.switchboard.forms
        self._private = private

    async def reply(self, turn: Turn, answer: Answer) -> Reply:
        """Return what a handler's *answer* leads to: cards are said, a form is begun."""
        match answer:
            case Card():
                return Reply((View(answer),))
            case tuple():
                return Reply(tuple(View(card) for card in answer))
            case Ask():
                return await self.begin(turn, answer)
            case _:
                assert_never(answer)

    async def begin(self, turn: Turn, wanted: Ask) -> Reply:
        """Open the form as a page where that is wanted and can be done, else ask its first question."""
        form, session = self._form(wanted.form), _new_session(turn, wanted)
        others = await self._sessions(turn)
        same = [each for each in others if _purpose(each) == (wanted.form, wanted.subject, wanted.value)]
        if (wanted.as_page or turn.place.pages_first) and turn.place.opens_forms:
            await turn.save(session, forget=same)
            return _page(turn, form, session)
        session = self._first_asked(form, session)
        await turn.save(session, *_set_aside(each for each in others if each not in same), forget=same)
        return _in_private(turn, self.question(turn, session))

    async def fill_in(self, turn: Turn, wanted: Ask, values: Mapping[str, Json]) -> Reply:
        """Take the form as filled in with *values*, field name to entry; raises Invalid where one can't be taken."""
        form, filled = self._forms[wanted.form]
        answers, errors = read_entries(form.fields_for(wanted.answers), values, wanted.answers, turn.seen)
        if errors:
            raise Invalid(errors)
        return await self.reply(turn, await filled(turn, Filled(answers, wanted.subject, wanted.value)))

    async def open_page(self, turn: Turn, session_id: str) -> FormPage | None:
        """Return the page that is open in the person's own session, or None where there is none."""
        session = await turn.store.get(Session, session_id)
        if session is None or session.person != turn.person.id or session.form not in self._forms:
            return None
        if not self._may_fill(turn, session):
            return None
        form = self._form(session.form)
        return shown_page(form, session, {}, _caution(turn, form, session))

    async def press(self, turn: Turn, event: Action) -> Reply:
        """Take a press of a button on a question or on a draft."""
        session = await self._own(turn, event.subject)
        form = self._form(session.form)
        match event.action:
            case "session.page":
                return _page(turn, form, session)
            case "session.continue":
                return await self._resume(turn, form, _with_page(form, session, event.values, turn))
            case "session.ask":
                return await self._ask(turn, form, session)
            case "session.restart":
                return await self._restart(turn, session)
            case "session.cancel":
                return await self._cancel(turn, session)
            case "session.answer":
                return await self._answer(turn, session, event.value)
            case _:
                raise Refused("That button is from an older version and does nothing any more.")

    # Question by question --------------------------------------------------------------------

    async def standing(self, turn: Turn) -> Session | None:
        """Return the person's session whose question stands in this place, if any; forms of the past ask nothing."""
        standing = (each for each in await self._sessions(turn) if each.asked and each.form in self._forms)
        return next((each for each in standing if each.place == turn.place.id), None)

    async def hear(self, turn: Turn, session: Session, text: str) -> Reply:
        """Take *text* as the answer to the question that stands, or as `back`, `skip`, `help`, `cancel`."""
        heard = hear(self._form(session.form), session, text, turn.seen)
        match heard.outcome:
            case Outcome.CANCELLED:
                return await self._cancel(turn, session)
            case Outcome.DONE:
                return await self._finish_in_chat(turn, session, heard.session)
            case Outcome.NEXT | Outcome.AGAIN | Outcome.HELP:
                await turn.store.save(heard.session)
                return Reply((self.question(turn, heard.session, heard.note),))
            case _:
                assert_never(heard.outcome)

    def question(self, turn: Turn, session: Session, note: str = "") -> View:
        """Return the question that stands, with *note* above it."""
        form = self._form(session.form)
        asked = asked_field(form, session)
        card = question_card(form, session, note, _caution(turn, form, session))
        return View(card, shown_question(form, session, asked) if asked else None)

    def is_confidential(self, session: Session) -> bool:
        """Tell whether the answers are personal matters that only a private chat may hold."""
        return self._form(session.form).confidential

    def leaves_passwords_out(self, session: Session) -> bool:
        """Tell whether the question that stands takes words with a password, and leaves only that out."""
        asked = asked_field(self._form(session.form), session)
        return isinstance(asked, Text) and not asked.held_up

    async def _resume(self, turn: Turn, form: Form, session: Session) -> Reply:
        others = [each for each in await self._sessions(turn) if each.id != session.id]
        moved = replace(ask(form, session, self._private.id), touched=turn.office.now)
        if not moved.asked:
            return await self._finish_in_chat(turn, session, moved)
        await turn.store.save(moved, *_set_aside(others))
        return _in_private(turn, self.question(turn, moved))

    async def _ask(self, turn: Turn, form: Form, session: Session) -> Reply:
        """Ask what was to be filled in as a page; where all of it is known, as of an edited draft, ask it again."""
        others = [each for each in await self._sessions(turn) if each.id != session.id]
        moved = replace(self._first_asked(form, session), touched=turn.office.now)
        await turn.store.save(moved, *_set_aside(others))
        return _in_private(turn, self.question(turn, moved))

    async def _answer(self, turn: Turn, session: Session, pressed: str) -> Reply:
        name, _, word = pressed.partition("=")
        if session.asked != name:
            raise Refused("That question has been answered already. Type back to change it.")
        return await self.hear(turn, session, word)

    def _first_asked(self, form: Form, session: Session) -> Session:
        asked = ask(form, session, self._private.id)
        if asked.asked:
            return asked
        # Everything is known, as when a draft is edited: in chat it is asked again.
        return ask(form, replace(session, answers={}), self._private.id)

    async def _finish_in_chat(self, turn: Turn, stored: Session, filled: Session) -> Reply:
        """Finish, or ask once more what only the handler could judge, and keep the other answers."""
        try:
            return await self._finish(turn, stored, filled)
        except Invalid as error:
            answers = {name: value for name, value in filled.answers.items() if name not in error.errors}
            session = ask(self._form(filled.form), replace(filled, answers=answers), filled.place)
            if not session.asked:
                raise
            await turn.store.save(session)
            return Reply((self.question(turn, session, error.sentence),))

    # Page by page ----------------------------------------------------------------------------

    async def submit(self, turn: Turn, event: Submission) -> Reply:
        """Take a page, and show the next one, or the same one where entries need mending."""
        session = await self._own(turn, event.session)
        form = self._form(session.form)
        result = submit(form, session, event.values, turn.seen)
        moved, errors = result.session, result.errors
        if result.done and not errors:
            try:
                return await self._finish(turn, session, moved)
            except Invalid as error:
                moved, errors = replace(moved, page=page_of(form, moved, error.errors)), error.errors
        await turn.store.save(moved)
        return _page(turn, form, moved, errors)

    # The end ---------------------------------------------------------------------------------

    async def _finish(self, turn: Turn, stored: Session, filled: Session) -> Reply:
        form, handler = self._forms[filled.form]
        answer = await handler(replace(turn, session=stored), Filled(filled.answers, filled.subject, filled.value))
        left = await turn.store.get(Session, stored.id)
        if left is not None and left.version == stored.version:
            await turn.store.save(forget=(left,))
        reply = await self.reply(turn, answer)
        return reply if turn.place.direct or not form.confidential else _withdrawn_from_place(turn, reply)

    async def _restart(self, turn: Turn, session: Session) -> Reply:
        await turn.store.save(forget=(session,))
        return await self.begin(turn, Ask(session.form, session.subject, session.value, intro=session.intro))

    async def _cancel(self, turn: Turn, session: Session) -> Reply:
        await turn.store.save(forget=(session,))
        words = "Nothing was sent, and your answers are deleted. Start again whenever you like."
        return Reply((View(Card("Cancelled", (line(words),))),))

    # What is kept ----------------------------------------------------------------------------

    def _form(self, name: str) -> Form:
        entry = self._forms.get(name)
        if entry is None:
            raise Refused("That form is from an older version. Type help to see what there is.")
        return entry[0]

    async def _own(self, turn: Turn, session_id: str) -> Session:
        """Return the person's own session; raises Unknown for anybody else's."""
        session = await turn.store.get(Session, session_id)
        if session is None or session.person != turn.person.id or not self._may_fill(turn, session):
            raise Unknown("That form has been sent or cancelled already. Type my to see what you have open.")
        return session

    async def _sessions(self, turn: Turn) -> list[Session]:
        begun = await turn.store.find(Session, person=turn.person.id)
        return [each for each in begun if self._may_fill(turn, each)]

    def _may_fill(self, turn: Turn, session: Session) -> bool:
        return self._switchboard.open_to(turn.person.seat, session.form)


def _purpose(session: Session) -> tuple[str, str, str]:
    return session.form, session.subject, session.value


def _with_page(form: Form, session: Session, values: Mapping[str, Json] | None, turn: Turn) -> Session:
    """Return *session* with those entries of the page that was left which can be taken: what was typed is kept."""
    if not values:
        return session
    fields = [each for each in form.fields_for(session.answers) if values.get(each.name) not in (None, "", [])]
    answers, _ = read_entries(fields, values, session.answers, turn.seen)
    return replace(session, answers=answers)


def _new_session(turn: Turn, wanted: Ask) -> Session:
    now = turn.office.now
    return Session(
        turn.world.school.id, turn.world.ids.new(), turn.person.id, wanted.form, now, now,
        wanted.subject, wanted.answers, value=wanted.value, intro=wanted.intro,
        due_at=now + timedelta(days=turn.office.school.draft_days),
    )  # fmt: skip


def _set_aside(sessions: Iterable[Session]) -> tuple[Session, ...]:
    """Return those of *sessions* whose question stood, without it: one question stands at a time."""
    return tuple(replace(each, asked="", place="") for each in sessions if each.asked)


def _page(turn: Turn, form: Form, session: Session, errors: Mapping[str, str] | None = None) -> Reply:
    errors = errors or {}
    return Reply(form=shown_page(form, session, errors, _caution(turn, form, session)), errors=errors)


def _caution(turn: Turn, form: Form, session: Session) -> str:
    return form.cautioned(session.answers, turn.seen)


def _in_private(turn: Turn, view: View) -> Reply:
    if turn.place.direct:
        return Reply((view,))
    pointer = Card("Let's do this in private", (line("I have asked you the first question in our direct chat."),))
    return Reply((View(pointer, private=True),), elsewhere=((To.person(turn.person.id), view),))


def _withdrawn_from_place(turn: Turn, reply: Reply) -> Reply:
    """Return *reply* with its views in the private chat, where a confidential form led to it in a shared place."""
    pointer = Card("This stays between us", (line("I have answered in our direct chat."),))
    there = tuple((To.person(turn.person.id), view) for view in reply.views)
    return replace(reply, views=(View(pointer, private=True),), elsewhere=(*reply.elsewhere, *there))
