"""Server-sent events: what is new on the local page, to everybody who may see it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

from aiohttp import web

from bot.conversation.events import Json
from bot.platforms.web.journal import Journal
from bot.platforms.web.messages import LocalMessage
from bot.platforms.web.people import place_in
from bot.platforms.web.render import message_json
from bot.routing import World

BACKLOG = 1000
SECONDS_BETWEEN_SIGNS = 15.0

Event = LocalMessage | str
Inbox = asyncio.Queue[Event | None]


class Streams:
    """The open streams of one school; whoever falls too far behind is cut off and asks anew."""

    def __init__(self, journal: Journal, world: World) -> None:
        self._world = world
        self._inboxes: set[Inbox] = set()
        journal.listeners.add(self._tell)

    async def serve(self, request: web.Request, person_id: str, headers: Mapping[str, str]) -> web.StreamResponse:
        """Answer *request* until the browser or the program goes away."""
        response = web.StreamResponse(headers={**headers, "Content-Type": "text/event-stream"})
        inbox = Inbox(BACKLOG + 1)
        self._inboxes.add(inbox)
        try:
            await response.prepare(request)
            await response.write(b"retry: 1000\n\n")
            while (line := await self._line(inbox, person_id)) is not None:
                await response.write(line)
        except ConnectionResetError:
            pass  # the browser has gone, as browsers do
        finally:
            self._inboxes.discard(inbox)
        return response

    def clock_moved(self, now: str) -> None:
        """Tell everybody that it is *now*."""
        self._tell(now)

    def close(self) -> None:
        """End all streams."""
        for inbox in self._inboxes:
            _end(inbox)

    def _tell(self, event: Event) -> None:
        for inbox in self._inboxes:
            if inbox.qsize() < BACKLOG:
                inbox.put_nowait(event)
            else:
                _end(inbox)

    async def _line(self, inbox: Inbox, person_id: str) -> bytes | None:
        """Return what to send next, or None where the stream is over."""
        try:
            async with asyncio.timeout(SECONDS_BETWEEN_SIGNS):
                event = await inbox.get()
        except TimeoutError:
            return b": still here\n\n"
        match event:
            case None:
                return None
            case str():
                return b"event: clock\n" + _data({"now": event})
            case LocalMessage():
                return self._message(event, person_id)

    def _message(self, message: LocalMessage, person_id: str) -> bytes:
        person = self._world.directory.person(person_id)
        place = place_in(person, message.channel) if person else None
        if place is None or not message.visible_to(person_id):
            return b""
        zone = self._world.school.week.zone
        return _data({"in": place, "message": message_json(message, person_id, zone)})


def _data(document: Json) -> bytes:
    return b"data: " + json.dumps(document, ensure_ascii=False).encode() + b"\n\n"


def _end(inbox: Inbox) -> None:
    while not inbox.empty():
        inbox.get_nowait()
    inbox.put_nowait(None)
