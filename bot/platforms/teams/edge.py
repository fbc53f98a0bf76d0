"""Teams' edge: what comes in over HTTP goes to whoever answers it, and every invoke gets its answer in time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from aiohttp import web

from bot.assistant import Assistant, refusal_card
from bot.conversation.cards import Card, line
from bot.conversation.events import Action, Json
from bot.delivery import Worker
from bot.domain.people import Person
from bot.errors import AssistantError, Refused
from bot.platforms.afterwards import logged, note
from bot.platforms.answering import WENT_WRONG
from bot.platforms.arriving import Arriving
from bot.platforms.teams.adapter import Answer, TeamsAdapter
from bot.platforms.teams.answers import (
    NOTHING,
    Body,
    close_dialog,
    found_nothing,
    not_understood,
    shown_message,
    words_of,
)
from bot.platforms.teams.dialogs import Dialogs
from bot.platforms.teams.members import Members
from bot.platforms.teams.onlookers import Onlookers
from bot.platforms.teams.paging import AT_ONCE, Paging
from bot.platforms.teams.parse import (
    Origin,
    Press,
    command_of,
    pressed_data,
    read_origin,
    read_press,
    read_query,
    read_quoted,
    read_said,
    vote_of,
)
from bot.platforms.teams.platform import TeamsPlatform
from bot.platforms.teams.presence import Presence
from bot.platforms.teams.presses import Presses
from bot.platforms.teams.render import REFRESH
from bot.platforms.teams.repeats import LATER, Outcome, Repeats
from bot.platforms.teams.searching import Searching
from bot.platforms.teams.talk import Talk

PATH = "/api/messages"
DRAIN_SECONDS = 2.0
UNREADABLE = "I can't read this. Type help to see what there is."
NOT_COUNTED = Card("Thank you", (line("This answer is from a while ago, so the vote could not be counted."),))
UNKNOWN_INVOKE = "The bot has nothing of this kind."

Activity = Mapping[str, Json]
Says = Callable[[str], Body]

log = logging.getLogger("smpolicy.teams")


class TeamsEdge:
    """One school's tenant; `open` before anything arrives, `close` when nothing more shall."""

    def __init__(self, teams: TeamsPlatform, assistant: Assistant, worker: Worker, under: str = "") -> None:
        """Make the edge; *under* is what its path begins with."""
        self._path = f"{under}{PATH}"
        self._teams = teams
        self._afterwards = teams.afterwards
        self._members = Members(teams.roster, teams.channels)
        self._talk = Talk(assistant, worker, teams, self._members, self._afterwards)
        paging = Paging(assistant, self._talk, teams.roster)
        onlookers = Onlookers(assistant, teams.chat, teams.viewers)
        self._presses = Presses(assistant, teams, self._talk, paging, onlookers, self._afterwards)
        self._dialogs = Dialogs(assistant, self._talk, paging, onlookers)
        self._searching = Searching(assistant)
        self._presence = Presence(teams, self._talk)
        self._repeats = Repeats()
        self._arriving = Arriving()
        self._adapter = TeamsAdapter(teams.access, teams.keys, teams.hosts, self._arrived, teams.clock)

    def add_to(self, app: web.Application) -> None:
        """Serve Teams' requests in *app*."""
        app.router.add_post(self._path, self._adapter.process)

    async def open(self) -> None:
        """Get to know who and where people are."""
        await self._teams.open()

    def described(self) -> str:
        """Return for whoever starts it whose tenant it is, and how it is reached."""
        access = self._teams.access
        if not access.authenticated:
            return f"anybody on this machine, for the Agents Playground (HTTP, {self._path})"
        return f"tenant {access.tenant} (HTTP, {self._path})"

    async def close(self) -> None:
        """Take nothing more, and finish what is under way."""
        await self._repeats.close(DRAIN_SECONDS)
        await self._afterwards.close(DRAIN_SECONDS)

    async def leave(self) -> None:
        """Let go of Teams, once nothing more is to be said."""
        await self._teams.close()

    async def settled(self) -> None:
        """Wait until everything that arrived has led to all that it leads to."""
        await self._repeats.settled()
        await self._afterwards.settled()

    # Arriving --------------------------------------------------------------------------------

    async def _arrived(self, activity: Activity) -> Answer | None:
        try:
            origin = read_origin(activity)
        except (RecursionError, ValueError):
            return Answer(HTTPStatus.BAD_REQUEST, {"error": {"code": "BadSyntax", "message": UNREADABLE}})
        match activity.get("type"):
            case "invoke":
                return await self._invoked(origin, activity)
            case "message":
                await self._arriving.once(origin.id, lambda: self._message(origin, activity))
            case "installationUpdate":
                await logged(origin.id, self._presence.installation(origin, activity))
            case "conversationUpdate":
                await logged(origin.id, self._presence.conversation(origin, activity))
            case _:
                log.debug("acknowledged an activity that leads to nothing")
        return None

    async def _message(self, origin: Origin, activity: Activity) -> None:
        data = pressed_data(activity)
        pressed = read_press(data)
        if pressed is not None:
            await self._noted(origin, self._pressed_by_message(origin, pressed))
        else:
            await self._noted(origin, self._talk.message(origin, read_said(activity)))

    async def _pressed_by_message(self, origin: Origin, pressed: Press) -> None:
        """Judge a press that came as a message, from a client that knows no better; its answer is said in the chat."""
        person = await self._members.who(origin, judged=True)
        if person is None:
            return
        outcome = await self._presses.press(origin, person, pressed)
        if outcome.session or outcome.cards:
            await self._said_in_chat(origin, person, outcome)

    async def _noted(self, origin: Origin, work: Awaitable[None]) -> None:
        """Do *work*; whoever waits for an answer gets one where it fails, and it is noted without their words."""
        try:
            await work
        except AssistantError as error:
            log.info("refused %s: %s", origin.id, type(error).__name__)
            # Where others read along, nobody is told why.
            self._afterwards.do("turning down", self._said(origin, error.sentence if origin.direct else WENT_WRONG))
        except Exception as error:
            note(origin.id, error)
            self._afterwards.do("turning down", self._said(origin, WENT_WRONG))

    async def _said(self, origin: Origin, sentence: str) -> None:
        text = {"type": "message", "textFormat": "plain", "text": sentence}
        await self._teams.connector.send(origin.service_url, origin.full, text)

    # Invokes ---------------------------------------------------------------------------------

    async def _invoked(self, origin: Origin, activity: Activity) -> Answer:
        name = activity.get("name")
        match name:
            case "adaptiveCard/action":
                return await self._on_press(origin, activity, self._presses.press, shown_message, not_understood)
            case "task/fetch":
                return await self._on_press(origin, activity, self._dialogs.fetch, close_dialog, close_dialog)
            case "task/submit" | "composeExtension/submitAction":
                return await self._on_press(origin, activity, self._dialogs.submit, close_dialog, close_dialog)
            case "composeExtension/fetchTask":
                return await self._answer(origin, lambda person: self._shortcut(origin, person, activity), close_dialog)
            case "composeExtension/query":
                return await self._answer(origin, lambda person: self._look_up(person, activity), found_nothing)
            case "message/fetchTask":
                return await self._on_vote(origin, activity, close_dialog)
            case "message/submitAction":  # Teams has taken words for it already, and shows nothing more
                return await self._on_vote(origin, activity, lambda _: NOTHING)
            case _:
                log.info("an invoke of an unknown kind")
                error = {"code": "NotSupported", "message": UNKNOWN_INVOKE}
                return Answer(HTTPStatus.BAD_REQUEST, {"error": error})

    async def _on_press(
        self, origin: Origin, activity: Activity, judge: Callable[[Origin, Person, Press], Awaitable[Outcome]],
        says: Says, turns_away: Says,
    ) -> Answer:  # fmt: skip
        pressed = read_press(pressed_data(activity))
        if pressed is None:
            return Answer(HTTPStatus.OK, turns_away(UNREADABLE))
        # Nobody pressed anything where a client asks for its reader's own card, so nobody is to read an answer.
        shaped = not_understood if pressed.action == REFRESH else says
        return await self._answer(origin, lambda person: judge(origin, person, pressed), shaped)

    async def _answer(
        self, origin: Origin, work: Callable[[Person], Awaitable[Outcome]], says: Says
    ) -> Answer:  # fmt: skip
        """Return what *work* leads to for whoever acts, as *says* shapes words."""

        async def judged() -> Outcome:
            try:
                person = await self._members.who(origin, judged=True)
                if person is None:
                    return Outcome(says(UNREADABLE))
                return await work(person)
            except AssistantError as error:
                card = refusal_card(error)
                return Outcome(says(error.sentence), cards=(card,))
            except Exception as error:
                note(origin.id, error)
                return Outcome(says(WENT_WRONG), cards=(refusal_card(Refused(WENT_WRONG)),))

        def afterwards(task: asyncio.Task[Outcome]) -> None:
            self._afterwards.do("answering late", self._late(origin, task))

        body = await self._repeats.answer(origin, judged, late=says(LATER), afterwards=afterwards)
        return Answer(HTTPStatus.OK, body)

    async def _late(self, origin: Origin, task: asyncio.Task[Outcome]) -> None:
        outcome = await task
        person = await self._members.who(origin)
        if person is not None:
            await self._said_in_chat(origin, person, outcome)

    async def _said_in_chat(self, origin: Origin, person: Person, outcome: Outcome) -> None:
        """Say in the direct chat what could not be said at once."""
        if outcome.session:
            await self._talk.ask_in_chat(origin, person, outcome.session)
        elif outcome.cards:
            await self._talk.say_in_chat(origin, person, outcome.cards)

    async def _shortcut(self, origin: Origin, person: Person, activity: Activity) -> Outcome:
        return await self._dialogs.shortcut(origin, person, command_of(activity), read_quoted(activity))

    async def _look_up(self, person: Person, activity: Activity) -> Outcome:
        return Outcome(await self._searching.look_up(person, read_query(activity)), looked=True)

    async def _on_vote(self, origin: Origin, activity: Activity, says: Says) -> Answer:
        return await self._answer(origin, lambda person: self._vote(origin, person, activity, says), says)

    async def _vote(self, origin: Origin, person: Person, activity: Activity, says: Says) -> Outcome:
        """Take a vote on an answer; who voted and on what question is not kept."""
        vote, button = vote_of(activity), await self._teams.chat.vote(origin.conversation, origin.message)
        thanks = words_of((NOT_COUNTED,))
        if vote and button is not None:
            event = Action(origin.id, person.id, AT_ONCE, button.action, button.subject, vote)
            heard = await self._talk.hear(event, person)
            thanks = words_of([view.card for view in heard.reply.views]) or thanks
        return Outcome(says(thanks))
