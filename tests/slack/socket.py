"""Socket Mode: WebSockets over which the app is sent envelopes and acknowledges them."""

from __future__ import annotations

import asyncio
import json
from itertools import count
from typing import Any
from uuid import UUID

from aiohttp import WSMsgType, web

Json = Any
TYPES = {"event": "events_api", "command": "slash_commands", "interaction": "interactive"}
MOST_CONNECTIONS = 10


class Sockets:
    """The WebSockets that are open; each envelope goes over one of them, in turn."""

    def __init__(self, app_id: str, mistakes: list[str], patience: float) -> None:
        self._patience = patience
        self._app_id = app_id
        self._mistakes = mistakes
        self._numbers = count(1)
        self._tickets: set[str] = set()
        self._open: dict[web.WebSocketResponse, web.Request] = {}
        self._waiting: dict[str, tuple[web.WebSocketResponse, asyncio.Future[Json]]] = {}
        self._lost: set[str] = set()
        self._opened = 0
        self._changed = asyncio.Condition()

    @property
    def connections(self) -> int:
        """Return how many are open."""
        return len(self._open)

    def ticket(self) -> str:
        """Return the path at which one connection may be opened."""
        made = f"{next(self._numbers):032x}"
        self._tickets.add(made)
        return f"/link/?ticket={made}&app_id={self._app_id}"

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it ends."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or len(self._open) >= MOST_CONNECTIONS:
            return web.Response(status=403)
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._open[socket] = request
        try:
            await socket.send_json(self._hello())
            await self._count()
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledged(message.data)
        finally:
            self._gone(socket)
        return socket

    async def connected(self, times: int) -> None:
        """Wait until a connection is open, and *times* were opened altogether."""

        def enough() -> bool:
            return bool(self._open) and self._opened >= times

        async with asyncio.timeout(self._patience), self._changed:
            await self._changed.wait_for(enough)

    async def send(self, kind: str, payload: Json, *, retry: int = 0, reason: str = "", again: Json = None) -> Json:
        """Send one envelope and return it with the answer: a pair whose second is None where none came.

        *again* is an envelope that is sent as it is.
        """
        envelope = again or self._envelope(kind, payload, retry, reason)
        if not self._open:
            return envelope, None
        socket = list(self._open)[next(self._numbers) % len(self._open)]
        future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = (socket, future)
        try:
            await socket.send_json(envelope)
            return envelope, await asyncio.wait_for(future, self._patience)
        except (TimeoutError, ConnectionError):
            return envelope, None
        finally:
            self._waiting.pop(envelope["envelope_id"], None)

    async def disconnect(self, reason: str) -> None:
        """Tell the app on every connection that it will be closed."""
        for socket in list(self._open):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-fake"}})

    async def drop(self) -> None:
        """Cut every connection without a word."""
        for socket, request in list(self._open.items()):
            self._gone(socket)
            if request.transport:
                request.transport.abort()

    async def close(self) -> None:
        """End every connection in order."""
        for socket in list(self._open):
            await socket.close()

    async def _count(self) -> None:
        async with self._changed:
            self._opened += 1
            self._changed.notify_all()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "debug_info": {"host": "applink-fake", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._app_id},
        }

    def _envelope(self, kind: str, payload: Json, retry: int, reason: str) -> Json:
        return {
            "type": TYPES[kind],
            "envelope_id": str(UUID(int=next(self._numbers), version=4)),
            "payload": payload,
            "accepts_response_payload": kind != "event",
            **({"retry_attempt": retry, "retry_reason": reason} if kind == "event" else {}),
        }

    def _acknowledged(self, text: str) -> None:
        answer = json.loads(text)
        envelope = answer.get("envelope_id", "")
        _, future = self._waiting.get(envelope, (None, None))
        # Slack's own library acknowledges over the next connection what came over one that has gone.
        if future is None and envelope in self._lost:
            return
        if future is None:
            self._mistakes.append(f"socket: an envelope was acknowledged that is not waiting: {text[:200]}")
        elif not future.done():
            future.set_result(answer)

    def _gone(self, socket: web.WebSocketResponse) -> None:
        self._open.pop(socket, None)
        for envelope, (held_by, future) in self._waiting.items():
            if held_by is socket and not future.done():
                self._lost.add(envelope)
                future.set_exception(ConnectionError("the connection is gone"))
