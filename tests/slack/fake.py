"""The fake itself: one school's Slack with a server, people and an app."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from time import time
from typing import Any

from aiohttp import web

from tests.slack import payloads
from tests.slack.deliveries import Delivery, Post, body_of
from tests.slack.failures import Failure, Order
from tests.slack.human import Human
from tests.slack.messages import Message
from tests.slack.people import Channel, SlackUser, UserGroup
from tests.slack.socket import Sockets
from tests.slack.web_api import WebApi
from tests.slack.workspace import Call, Names, Workspace

Json = Any


class FakeSlack:
    """A workspace that the app under test calls, and that calls it.

    *clock* is the time of Slack, in seconds; *wall_clock* the one that signatures are made by. *scopes* are those
    granted to the bot, None grants all. *patience* is how long the app may take to answer, in real seconds. `app_url`
    is where the app listens; with `socket_mode` everything goes over the WebSockets that it opened, and is lost where
    there is none.
    """

    def __init__(
        self,
        signing_secret: str,
        bot_token: str,
        app_token: str,
        clock: Callable[[], float],
        *,
        team_id: str = "T0SCHOOL",
        names: Names | None = None,
        scopes: Collection[str] | None = None,
        wall_clock: Callable[[], float] = time,
        patience: float = 10.0,
    ) -> None:
        self.names = names or Names(team_id=team_id)
        self.workspace = Workspace(self.names, clock)
        self.socket_mode = False
        self.base_url = ""
        self.deliveries: list[Delivery] = []
        self._post = Post(signing_secret, wall_clock, patience)
        self._sockets = Sockets(self.names.app_id, self.workspace.mistakes, patience)
        self._api = WebApi(self.workspace, bot_token, app_token, scopes, self._socket_address)
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen on a free port of this machine."""
        server = web.Application()
        self._api.add_to(server.router)
        server.router.add_get("/link/", self._sockets.connect)
        self._runner = web.AppRunner(server, shutdown_timeout=1.0, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        """Let go of all that is held, and stop listening."""
        self._api.close()
        await self._sockets.close()
        await self._post.close()
        if self._runner:
            await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        """Return the address of the Web API."""
        return f"{self.base_url}/api/"

    @property
    def app_url(self) -> str:
        """Return where the app listens."""
        return self._post.address

    @app_url.setter
    def app_url(self, address: str) -> None:
        self._post.address = address

    @property
    def calls(self) -> list[Call]:
        """Return all calls of the app, oldest first."""
        return self.workspace.calls

    @property
    def mistakes(self) -> list[str]:
        """Return what the app did that Slack, or our own taste, refuses; tests assert that it is empty."""
        return self.workspace.mistakes

    @property
    def drawn(self) -> list[tuple[str, Json]]:
        """Return what was accepted, as (kind, payload): "message", "modal" and "home"."""
        return self.workspace.drawn

    @property
    def unanswered(self) -> list[Delivery]:
        """Return what the app was sent and did not acknowledge."""
        return [delivery for delivery in self.deliveries if not delivery.ok]

    @property
    def waiting_failures(self) -> int:
        """Return how many of the failures that were ordered have met no call yet."""
        return self._api.orders.waiting

    def called(self, method: str) -> list[Call]:
        """Return the calls of one method."""
        return [call for call in self.calls if call.method == method]

    def posted(self, channel: str = "") -> list[Message]:
        """Return what the bot said that still stands, everywhere or in one channel; ephemeral ones too."""
        return [
            message
            for message in self.workspace.messages
            if message.user == self.names.bot_user and not message.deleted and channel in {"", message.channel}
        ]

    def user(self, user_id: str, name: str, **more: Any) -> Human:
        """Give somebody an account; *more* are fields of `SlackUser`."""
        self.workspace.add_user(SlackUser(user_id, name, **more))
        return self.human(user_id)

    def channel(self, channel_id: str, name: str, members: Iterable[str] = (), **more: Any) -> Channel:
        """Make a channel; *more* are fields of `Channel`, and `with_bot=False` keeps the bot out."""
        with_bot = more.pop("with_bot", True)
        return self.workspace.add_channel(Channel(channel_id, name, members=list(members), **more), with_bot=with_bot)

    def group(self, group_id: str, handle: str, members: Iterable[str]) -> UserGroup:
        """Make a user group."""
        return self.workspace.add_group(UserGroup(group_id, handle, list(members)))

    def human(self, user_id: str) -> Human:
        """Return the person with that id at their client."""
        if user_id not in self.workspace.users:
            raise LookupError(f"{user_id} has no account")
        return Human(user_id, self.workspace, self._deliver, self.base_url)

    def fails(self, method: str, failure: Failure, *, channel: str = "", times: int = 1) -> None:
        """Let the next calls of *method* fail; "*" is any, "response_url" an answer at a response address."""
        self._api.orders.add(Order(method, channel, failure, times))

    def revokes(self) -> None:
        """Refuse the bot's token from now on."""
        self._api.revoked = True

    def accepts_again(self) -> None:
        """Take the bot's token again."""
        self._api.revoked = False

    def forgets_failures(self) -> None:
        """Let every call work again; failures that were ordered meet none any more."""
        self._api.orders.forget()

    async def event(self, type: str, **event_fields: Json) -> Delivery:
        """Tell the app that something happened."""
        event = {"type": type, "event_ts": self.workspace.ts(), **event_fields}
        return await self._deliver("event", payloads.event_callback(self.workspace, event))

    async def echoes(self, message: Message) -> Delivery:
        """Tell the app what it said itself, as Slack does in direct messages."""
        channel = self.workspace.channels[message.channel]
        event = payloads.message_event(self.workspace, message, channel)
        return await self._deliver("event", payloads.event_callback(self.workspace, event))

    async def verifies_address(self) -> Delivery:
        """Ask the app for the challenge with which Slack looks at a new address."""
        token = self.names.verification_token
        return await self._deliver("event", {"token": token, "challenge": "3eZbrw1aB", "type": "url_verification"})

    async def again(
        self, delivery: Delivery, retry_num: int = 1, reason: str = "http_timeout", *, same_signature: bool = False
    ) -> Delivery:
        """Deliver the same bytes once more: as a retry, or (*same_signature*) as somebody who overheard them."""
        if delivery.envelope and not same_signature:
            return await self._by_socket(delivery, retry=retry_num, reason=reason)
        if delivery.envelope:
            return await self._by_socket(delivery, again=delivery.envelope)
        if same_signature:
            headers = delivery.headers_sent
        else:
            tried = {"X-Slack-Retry-Num": str(retry_num), "X-Slack-Retry-Reason": reason}
            more = tried if delivery.kind == "event" else {}
            headers = self._post.headers(delivery.kind, delivery.body_sent, more)
        return await self._by_post(replace(delivery, headers_sent=headers))

    def signed(self, kind: str, body: bytes) -> Mapping[str, str]:
        """Return the headers for bytes made by hand: of an "event", a "command" or an "interaction"."""
        return self._post.headers(kind, body, {})

    async def sends(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """Send bytes that need not be Slack's to the app; return status and body of the answer."""
        return await self._post.send(body, headers)

    async def connected(self, times: int = 1) -> None:
        """Wait until the app has a WebSocket open, and has opened *times* altogether."""
        await self._sockets.connected(times)

    @property
    def connections(self) -> int:
        """Return how many WebSockets are open."""
        return self._sockets.connections

    async def disconnects(self, reason: str = "refresh_requested") -> None:
        """Tell the app that its WebSockets will be closed."""
        await self._sockets.disconnect(reason)

    async def drops_sockets(self) -> None:
        """Cut the WebSockets without a word."""
        await self._sockets.drop()

    def _socket_address(self) -> str:
        return self.base_url.replace("http", "ws", 1) + self._sockets.ticket()

    async def _deliver(self, kind: str, payload: Json, ts: str = "") -> Delivery:
        body = body_of(kind, payload)
        delivery = Delivery(kind, payload=payload, body_sent=body, ts=ts)
        if self.socket_mode:
            delivered = await self._by_socket(delivery)
        else:
            delivered = await self._by_post(replace(delivery, headers_sent=self._post.headers(kind, body, {})))
        return delivered

    async def _by_post(self, delivery: Delivery) -> Delivery:
        status, body = await self._post.send(delivery.body_sent, delivery.headers_sent)
        return self._kept(replace(delivery, status=status, body=body))

    async def _by_socket(self, delivery: Delivery, *, retry: int = 0, reason: str = "", again: Json = None) -> Delivery:
        envelope, answer = await self._sockets.send(
            delivery.kind, delivery.payload, retry=retry, reason=reason, again=again
        )
        said = answer.get("payload") if answer else None
        if said and not envelope["accepts_response_payload"]:
            self.mistakes.append(f"socket: an envelope that takes no answer got {said!r}")
        body = json.dumps(said) if said else ""
        return self._kept(replace(delivery, status=200 if answer else 0, body=body, envelope=envelope))

    def _kept(self, delivery: Delivery) -> Delivery:
        self.deliveries.append(delivery)
        return delivery
