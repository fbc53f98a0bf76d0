"""Slack's edge: what comes over HTTP or Socket Mode goes through bolt to whoever answers it, and gets an answer."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.assistant import Assistant, refusal_card
from bot.conversation.events import Json
from bot.delivery import Worker
from bot.errors import AssistantError, Refused
from bot.platforms.afterwards import Afterwards, note
from bot.platforms.answering import WENT_WRONG
from bot.platforms.arriving import Arriving
from bot.platforms.slack.door import MOST_BYTES, Door
from bot.platforms.slack.literal import escaped
from bot.platforms.slack.manifest import PATH
from bot.platforms.slack.members import Members
from bot.platforms.slack.modals import Modals
from bot.platforms.slack.parse import (
    Origin,
    read_command,
    read_message,
    read_press,
    read_shortcut,
    read_submission,
    teams_named,
)
from bot.platforms.slack.platform import SlackPlatform
from bot.platforms.slack.quiet import quiet_logger
from bot.platforms.slack.screens import HOME, Screens
from bot.platforms.slack.socket import Socket
from bot.platforms.slack.talk import Talk

ANYTHING = re.compile(r".*", re.DOTALL)
DRAIN_SECONDS = 2.0

Body = Mapping[str, Json]
Listener = Callable[[Body], Awaitable[Json]]

log = logging.getLogger("smpolicy.slack")


class SlackEdge:
    """One school's Slack workspace; `open` before anything arrives, `close` when nothing more shall."""

    def __init__(self, slack: SlackPlatform, assistant: Assistant, worker: Worker, under: str = "") -> None:
        """Make the edge; *under* is what its path begins with."""
        self._path = f"{under}{PATH}"
        self._slack = slack
        self._roster = slack.roster
        self._afterwards = Afterwards()
        self._arriving = Arriving()
        self._members = Members(slack.roster, slack.channels)
        self._screens = Screens(assistant, slack.api, slack.roster.seat)
        self._talk = Talk(assistant, worker, self._members, slack.chat, self._screens, self._afterwards)
        self._modals = Modals(assistant, self._talk, self._members, self._screens, self._afterwards)
        self._door = Door(slack.access.signing_secret, slack.clock) if slack.access.signing_secret else None
        self._bolt = self._listening()
        self._socket = Socket(slack.access, slack.api, self.dispatch) if slack.access.app_token else None

    def add_to(self, app: web.Application) -> None:
        """Serve Slack's requests in *app*, where they do not come over Socket Mode."""
        if self._socket is None:
            app.router.add_post(self._path, self._arrived)

    async def open(self) -> None:
        """Get to know the workspace, and connect where Socket Mode is used."""
        await self._slack.open()
        if self._socket is not None:
            await self._socket.open()

    def described(self) -> str:
        """Return for whoever starts it which workspace it is, and how it is reached."""
        where = self._roster.own.url or "not reached yet, and tried again"
        return f"{where} ({'Socket Mode' if self._socket else f'HTTP, {self._path}'})"

    async def close(self) -> None:
        """Take nothing more, and finish what is under way."""
        if self._socket is not None:
            await self._socket.close()
        await self._afterwards.close(DRAIN_SECONDS)

    async def leave(self) -> None:
        """Let go of Slack, once nothing more is to be said."""
        await self._slack.close()

    async def settled(self) -> None:
        """Wait until everything that arrived has led to all that it leads to."""
        await self._afterwards.settled()

    # Arriving --------------------------------------------------------------------------------

    async def _arrived(self, request: web.Request) -> web.Response:
        assert self._door is not None
        if (request.content_length or 0) > MOST_BYTES:
            return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text="The body is too large.")
        body = await request.read()
        headers = {name.lower(): ", ".join(request.headers.getall(name)) for name in request.headers}
        if turned := self._door.judge(headers, body):
            log.info("turned a request away: %d", turned.status)
            return web.Response(status=turned.status, text=turned.reason)
        answer = await self.dispatch(
            lambda: AsyncBoltRequest(body=body.decode(), query=request.query_string, headers={**headers})
        )
        return await to_aiohttp_response(answer)

    async def dispatch(self, read: Callable[[], AsyncBoltRequest]) -> BoltResponse:
        """Return bolt's answer; what nothing listens to is acknowledged, so that Slack does not send it again."""
        try:
            answer = await self._bolt.async_dispatch(read())
        except Exception as error:
            return _not_understood(error)
        if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            # Listeners answer for themselves, so this is bolt's own trouble with it, and it has been noted.
            return BoltResponse(status=HTTPStatus.BAD_REQUEST, body="")
        if answer.status == HTTPStatus.NOT_FOUND:
            log.info("acknowledged something that nothing listens to")
            return BoltResponse(status=HTTPStatus.OK, body="")
        return answer

    def _listening(self) -> AsyncApp:
        """Return bolt with a listener for everything; it answers Slack once they have returned, and not before."""
        bolt = AsyncApp(
            logger=quiet_logger(), client=self._slack.api.client,
            authorize=lambda: self._authorized(),  # of a method, bolt takes `self` for an argument that it gives
            process_before_response=True, request_verification_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )  # fmt: skip
        bolt.error(_noted)
        bolt.middleware(self._from_the_school)
        for declare, listener in (
            (bolt.event, self._event),
            (bolt.command, self._command),
            (bolt.shortcut, self._shortcut),
            (bolt.action, self._press),
            (bolt.view_submission, self._submission),
            (bolt.view_closed, self._nothing),
            (bolt.options, self._no_options),
        ):
            declare(ANYTHING)(self._answered(listener))
        return bolt

    async def _authorized(self) -> AuthorizeResult:
        own = self._roster.own
        return AuthorizeResult(
            enterprise_id=own.enterprise or None, team_id=own.team, bot_user_id=own.bot_user, bot_id=own.bot_id,
            bot_token=self._slack.access.bot_token,
        )  # fmt: skip

    async def _from_the_school(self, body: Body, next: Callable[[], Awaitable[BoltResponse]]) -> BoltResponse:
        """Let in what is from the school's workspace; while Slack has not said which that is, ask for it again."""
        if not await self._roster.introduced():
            return BoltResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, body="")
        own = {self._roster.own.team, self._roster.own.enterprise} - {""}
        if not own & teams_named(body):
            log.warning("refused something from another workspace")
            return BoltResponse(status=HTTPStatus.FORBIDDEN, body="")
        return await next()

    def _answered(self, listener: Listener) -> Callable[..., Awaitable[BoltResponse]]:
        """Return *listener* as bolt calls it: what it returns is the acknowledgement, and a bug is no silence."""

        async def answered(body: Body) -> BoltResponse:
            try:
                answer = await listener(body)
            except AssistantError as error:
                answer = self._turned_down(body, error.sentence)
            except Exception as error:
                await _noted(error)
                answer = self._turned_down(body, WENT_WRONG)
            return BoltResponse(status=HTTPStatus.OK, body=answer or "")

        return answered

    def _turned_down(self, body: Body, sentence: str) -> Json:
        """Tell whoever waits for an answer *sentence*; a page stays open with what was typed on it."""
        if "command" in body:
            return {"response_type": "ephemeral", "text": escaped(sentence)}
        if body.get("type") == "view_submission":
            block = next(iter(read_submission(body)[1].state), None)
            return {"response_action": "errors", "errors": {block: sentence}} if block else None
        if read := read_message(body):
            self._afterwards.do("turning down", self._screens.whisper(read[0], escaped(sentence)))
            return None
        origin, _ = read_press(body)
        if origin.response_url:
            self._afterwards.do("turning down", self._screens.respond(origin, {"text": escaped(sentence)}))
        elif origin.view is not None or origin.trigger:
            self._afterwards.do("turning down", self._screens.turn_down(origin, refusal_card(Refused(sentence))))
        return None

    # What arrives ----------------------------------------------------------------------------

    async def _event(self, body: Body) -> Json:
        event = body.get("event") or {}
        match event.get("type"):
            case "message" | "app_mention":
                if read := read_message(body):
                    await self._arriving.once(read[0].id, lambda: self._talk.message(*read))
            case "app_home_opened":
                await self._opened(event)
            case "subteam_members_changed" | "subteam_updated":
                self._group_changed(str(event.get("subteam_id") or (event.get("subteam") or {}).get("id") or ""))
            case "member_joined_channel" | "member_left_channel":
                self._group_changed(str(event.get("channel") or ""))
            case "user_change":
                self._roster.changed(event.get("user") or {})
            case "tokens_revoked" | "app_uninstalled":
                log.error("Slack says that the app was removed, or its token revoked: install it again")
            case unknown:
                log.debug("acknowledged an event of type %s", unknown)
        return None

    async def _opened(self, event: Body) -> None:
        user, channel = str(event.get("user") or ""), str(event.get("channel") or "")
        person = await self._members.who(Origin("home", user, ""))
        if person is None:
            return
        if event.get("tab") == HOME:
            self._afterwards.do("publishing a home", self._screens.publish_home(person, user))
        elif event.get("tab") == "messages":
            self._afterwards.do("suggesting prompts", self._screens.suggest(channel))

    def _group_changed(self, id: str) -> None:
        self._roster.group_changed(id)
        self._afterwards.do("fetching a group", self._roster.fresh())

    async def _command(self, body: Body) -> Json:
        return await self._talk.command(*read_command(body))

    async def _shortcut(self, body: Body) -> Json:
        await self._talk.shortcut(*read_shortcut(body))
        return None

    async def _press(self, body: Body) -> Json:
        origin, pressed = read_press(body)
        if origin.view is not None:
            await self._modals.press(origin, pressed)
        else:
            await self._talk.press(origin, pressed)
        return None

    async def _submission(self, body: Body) -> Json:
        return await self._modals.submit(*read_submission(body))

    async def _nothing(self, body: Body) -> Json:
        return None

    async def _no_options(self, body: Body) -> Json:
        return {"options": []}


def _not_understood(error: Exception) -> BoltResponse:
    """Return the answer to JSON that is none of Slack's, on which bolt itself stumbled."""
    log.warning("turned away something that bolt can't read: %s", type(error).__name__)
    return BoltResponse(status=HTTPStatus.BAD_REQUEST, body="")


async def _noted(error: Exception) -> None:
    note("something from Slack", error)
