"""Socket Mode: Slack's envelopes over a connection that the bot opens, for schools without a public address."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from aiohttp import ClientError
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.platforms.slack.api import SlackApi
from bot.platforms.slack.quiet import quiet_logger
from bot.settings.shapes import SlackAccess

PING_SECONDS = 5.0
DRAIN_SECONDS = 4.0

Dispatch = Callable[[Callable[[], AsyncBoltRequest]], Awaitable[BoltResponse]]

log = logging.getLogger("smpolicy.slack.socket")


class Connection(SocketModeClient):
    """The library's connection, which says once why Slack does not open it, while it goes on trying by itself."""

    _reason = ""

    async def issue_new_wss_url(self) -> str:
        """Return an address to connect to."""
        try:
            url = await super().issue_new_wss_url()
        except SlackApiError as error:
            answered = isinstance(error.response, AsyncSlackResponse)
            self._note(str(error.response.get("error")) if answered else "no answer that can be read")
            raise
        except (ClientError, OSError, TimeoutError):
            self._note("Slack can't be reached")
            raise
        self._reason = ""
        return url

    def _note(self, reason: str) -> None:
        if reason != self._reason:
            log.error("Slack opens no connection for Socket Mode: %s", reason)
        self._reason = reason


class Socket:
    """One connection, opened again by the library whenever it is lost; each envelope is acknowledged once answered."""

    def __init__(self, access: SlackAccess, api: SlackApi, dispatch: Dispatch) -> None:
        self._access = access
        self._api = api
        self._dispatch = dispatch
        self._client: Connection | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Connect; while Slack can't be reached, go on trying beside everything else."""
        client = Connection(
            app_token=self._access.app_token, logger=quiet_logger(), web_client=self._api.client,
            ping_interval=PING_SECONDS,
        )  # fmt: skip
        client.socket_mode_request_listeners.append(self._arrived)
        self._client = client
        self._connecting = asyncio.create_task(client.connect())  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Take no more envelopes, finish those under way and disconnect."""
        if self._client is None or self._connecting is None:
            return
        self._client.socket_mode_request_listeners.clear()
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=DRAIN_SECONDS)
        self._connecting.cancel()
        await asyncio.gather(self._connecting, return_exceptions=True)
        await self._client.close()  # type: ignore[no-untyped-call]

    async def _arrived(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        task = asyncio.create_task(self._answer(client, request))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _answer(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        started = time.time()
        headers = build_headers(request)
        answer = await self._dispatch(
            lambda: AsyncBoltRequest(mode="socket_mode", body=request.payload, headers=headers)
        )
        try:
            await send_async_response(client, request, answer, started)
        except Exception as error:
            # Slack sends it again over the next connection, and it is known by its id then.
            log.warning("an envelope could not be acknowledged: %s", type(error).__name__)
