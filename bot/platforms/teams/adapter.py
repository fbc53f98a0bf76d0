"""Microsoft's SDK, which nothing else imports: what may come in goes through it, and its answer comes out of it.

botbuilder is archived. What it does wrong is corrected here: it answered invokes and bad tokens with 500, made HTTP
clients of its own for every turn, and read every activity into objects of its own. A successor costs this one file.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web
from botbuilder.core import ActivityHandler, BotAdapter, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter
from botbuilder.schema import Activity, ActivityTypes
from botframework.connector.auth import (
    AuthenticateRequestResult,
    BotFrameworkAuthentication,
    ClaimsIdentity,
    ConnectorFactory,
)

from bot.conversation.events import Json
from bot.platforms.afterwards import note
from bot.platforms.teams.door import Door, TurnedAway
from bot.platforms.teams.hosts import ServiceHosts
from bot.platforms.teams.keys import SigningKeys
from bot.ports import Clock
from bot.settings.shapes import TeamsAccess

log = logging.getLogger("smpolicy.teams")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an invoke is answered."""

    status: int = HTTPStatus.OK
    body: Json = None


Listener = Callable[[Mapping[str, Json]], Awaitable[Answer | None]]


class TeamsAdapter(CloudAdapter):  # type: ignore[misc]  # botbuilder has no types
    """Lets in what *listener* is to hear: activities as Teams sent them, from somebody that Microsoft vouches for.

    The listener's answer is Teams' own, where it was an invoke; everything else is acknowledged once it has returned.
    """

    def __init__(
        self, access: TeamsAccess, keys: SigningKeys, hosts: ServiceHosts, listener: Listener, clock: Clock
    ) -> None:
        super().__init__(_Judged())
        self._door = Door(access, keys, hosts, clock)
        self._hears = _Ear(listener).on_turn
        self._vouched = AuthenticateRequestResult()
        self._vouched.claims_identity = ClaimsIdentity({"aud": access.app_id}, True)
        self._vouched.connector_factory = _Unconnected()

    async def process(self, request: web.Request) -> web.Response:
        """Return the answer to *request*; nothing that is wrong with it is a failure of the program."""
        try:
            return await self._answered(await self._door.admit(request))
        except TurnedAway as turned:
            log.info("turned a request away: %d, %s", turned.status, turned)
            return _turned(turned.status)
        except Exception as error:
            note("answering an activity", error)
            return web.Response(status=HTTPStatus.BAD_REQUEST)

    async def _answered(self, heard: Mapping[str, Json]) -> web.Response:
        activity = Activity(type=heard["type"], name=heard.get("name"), service_url=heard["serviceUrl"])
        activity.additional_properties = heard
        answer = await self.process_activity(self._vouched, activity, self._hears)
        if activity.type != ActivityTypes.invoke:
            return web.Response()
        if not isinstance(answer, Answer):
            # botbuilder's own answer would be 501, which Teams takes for a failure that passes.
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        # An invoke that is answered by nothing is sent again.
        body = json.dumps({} if answer.body is None else answer.body, allow_nan=False)
        return web.Response(status=answer.status, body=body.encode(), content_type="application/json")

    async def send_activities(self, context: TurnContext, activities: list[Activity]) -> list[Json]:
        """Refuse: what is to be said goes through the chat, which keeps and tries again."""
        raise NotImplementedError("nothing is said through botbuilder")


class _Ear(ActivityHandler):  # type: ignore[misc]  # botbuilder has no types
    """Hands each activity on as it was sent, of whichever type it is."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    async def _told(self, turn_context: TurnContext) -> Answer | None:
        return await self._listener(turn_context.activity.additional_properties)

    on_message_activity = on_message_update_activity = on_message_delete_activity = _told
    on_conversation_update_activity = on_installation_update = on_end_of_conversation_activity = _told
    on_message_reaction_activity = on_typing_activity = on_event_activity = on_unrecognized_activity_type = _told

    async def on_invoke_activity(self, turn_context: TurnContext) -> None:
        """Leave the answer where the adapter looks for it; the way that is meant for it would copy it deeply."""
        if answer := await self._told(turn_context):
            sent = Activity(type=ActivityTypes.invoke_response, value=answer)
            turn_context.turn_state[BotAdapter._INVOKE_RESPONSE_KEY] = sent


class _Judged(BotFrameworkAuthentication):  # type: ignore[misc]  # botbuilder has no types
    """Stands where botbuilder would judge tokens by blocking calls; the door has judged already."""

    async def authenticate_request(self, activity: Activity, auth_header: str) -> AuthenticateRequestResult:
        """Refuse whoever comes in by another way than the door."""
        raise PermissionError

    async def authenticate_streaming_request(
        self, auth_header: str, channel_id_header: str
    ) -> AuthenticateRequestResult:
        """Refuse WebSockets, which Teams does not use."""
        raise PermissionError

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:
        """Return what makes no clients."""
        return _Unconnected()

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:
        """Make none: nobody signs in through the bot."""


class _Unconnected(ConnectorFactory):  # type: ignore[misc]  # botbuilder has no types
    """Stands where botbuilder would make an HTTP client for every turn; the connector calls Teams."""

    async def create(self, service_url: str, audience: str) -> ConnectorFactory:
        """Return something, because botbuilder starts no turn without it."""
        return self


def _turned(status: HTTPStatus) -> web.Response:
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    return web.Response(status=status, text=status.phrase, headers=headers)
