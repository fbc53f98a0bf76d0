"""The Bot Connector over HTTP: tokens, and the failures that a test ordered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.teams import posting, reading
from tests.teams.failures import Answers, DroppedAfter, DroppedBefore, Failure, Garbled, Held, Orders
from tests.teams.issuer import Issuer
from tests.teams.refusals import Refused
from tests.teams.workspace import Call, Workspace

Json = Any
Does = Callable[[web.Request, Json], tuple[int, Json]]
CONVERSATION = "/{region}/v3/conversations/{conversation}"
TEAM = "/{region}/v3/teams/{conversation}"
UNSIGNED = {"message": "Authorization has been denied for this request."}


class ConnectorApi:
    """What answers under the service address, whatever the region in it is."""

    def __init__(self, workspace: Workspace, issuer: Issuer | None, orders: Orders) -> None:
        self.orders = orders
        self._workspace = workspace
        self._issuer = issuer
        self._closing = asyncio.Event()

    def add_to(self, routes: web.UrlDispatcher) -> None:
        """Answer at the addresses of the connector."""
        known = self._workspace
        told: dict[str, Does] = {
            CONVERSATION: lambda asked, _: (200, reading.conversation(known, _place(asked))),
            f"{CONVERSATION}/members": lambda asked, _: (200, reading.members(known, _place(asked))),
            f"{CONVERSATION}/members/{{user}}": lambda asked, _: (
                200,
                reading.member(known, _place(asked), asked.match_info["user"]),
            ),
            f"{CONVERSATION}/pagedmembers": lambda asked, _: (
                200,
                reading.paged_members(known, _place(asked), asked.query),
            ),
            TEAM: lambda asked, _: (200, reading.team(known, _place(asked))),
            f"{TEAM}/conversations": lambda asked, _: (200, reading.channels(known, _place(asked))),
        }
        for path, does in told.items():
            routes.add_get(path, self._calling(does))
        one = f"{CONVERSATION}/activities/{{activity}}"
        routes.add_post("/{region}/v3/conversations", self._calling(lambda _, body: posting.create(known, body)))
        routes.add_post(
            f"{CONVERSATION}/activities",
            self._calling(lambda asked, body: posting.send(known, _place(asked), body)),
        )
        routes.add_post(one, self._calling(lambda asked, body: posting.reply(known, _place(asked), _id(asked), body)))
        routes.add_put(one, self._calling(lambda asked, body: posting.update(known, _place(asked), _id(asked), body)))
        routes.add_delete(one, self._calling(lambda asked, _: posting.delete(known, _place(asked), _id(asked))))
        routes.add_route("*", "/{rest:.*}", self._unknown)

    def close(self) -> None:
        """Let go of the calls that are held, so that the server can stop."""
        self._closing.set()

    def _calling(self, does: Does) -> Callable[[web.Request], Any]:
        async def call(request: web.Request) -> web.StreamResponse:
            body, refused = await self._read(request)
            if refused is not None:
                return await self._answered(request, body, None, *refused)
            failure = self.orders.take(request.method, request.path, self._places(request, body))
            nothing_done = isinstance(failure, Answers | DroppedBefore)
            status, answer = (0, None) if nothing_done else _done(does, request, body)
            return await self._answered(request, body, failure, status, answer)

        return call

    async def _answered(
        self, request: web.Request, body: Json, failure: Failure | None, status: int, answer: Json
    ) -> web.StreamResponse:
        def note(told: int) -> None:
            place = request.match_info.get("conversation", "")
            at = self._workspace.clock()
            self._workspace.calls.append(Call(request.method, request.path, place, body, at, told, answer, failure))

        match failure:
            case Answers(code, error, retry_after):
                note(code)
                return _failed(code, error, retry_after)
            case DroppedBefore() | DroppedAfter():
                note(0)
                if request.transport:
                    request.transport.close()
                return web.Response()
            case Garbled():
                note(status)
                return web.Response(status=status, text="<html>it is done</html>", content_type="text/html")
            case Held(until, reached):
                note(status)
                reached.set()
                await self._until(until)
            case None:
                note(status)
        return web.Response(status=status) if answer is None else web.json_response(answer, status=status)

    async def _read(self, request: web.Request) -> tuple[Json, tuple[int, Json] | None]:
        """Return the body of a call, and why it is refused before anything is done."""
        text = await request.text()
        try:
            body = json.loads(text) if text else None
        except ValueError:
            body = None
        if self._issuer and not self._issuer.knows(request.headers.get("Authorization", "")):
            if not request.headers.get("Authorization"):
                self._workspace.mistakes.append(f"{request.method} {request.path}: there is no token")
            return body, (401, UNSIGNED)
        writes = request.method in {"POST", "PUT"}
        if writes and request.content_type != "application/json":
            self._workspace.mistakes.append(f"{request.method} {request.path}: sent as {request.content_type!r}")
            return body, (415, {"message": "The request entity's media type is not supported."})
        if writes and not isinstance(body, dict):
            self._workspace.mistakes.append(f"{request.method} {request.path}: the body is no JSON object")
            return body, (400, Refused(400, "BadSyntax", "Invalid activity.").body)
        if not writes and text:
            self._workspace.mistakes.append(f"{request.method} {request.path}: nobody reads the body")
        return body, None

    async def _unknown(self, request: web.Request) -> web.Response:
        self._workspace.mistakes.append(f"{request.method} {request.path} is nothing that the connector knows")
        status = 404
        at = self._workspace.clock()
        self._workspace.calls.append(Call(request.method, request.path, "", None, at, status))
        return web.json_response(Refused(status, "NotFound").body, status=status)

    async def _until(self, event: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(each.wait()) for each in (event, self._closing)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    def _places(self, request: web.Request, body: Json) -> set[str]:
        """Return where a call leads: a conversation with and without its thread, and who is at its other end."""
        named = {request.match_info.get("conversation", "").partition(";")[0], request.match_info.get("conversation")}
        known = [self._workspace.conversations[name] for name in named if name in self._workspace.conversations]
        people = {place.user for place in known}
        match body:
            case {"members": [{"id": str(user_id)}, *_]} if user := self._workspace.find_user(user_id):
                people |= {user.aad_id}
        return {each for each in (*named, *people) if each}


def _done(does: Does, request: web.Request, body: Json) -> tuple[int, Json]:
    try:
        return does(request, body)
    except Refused as refused:
        return refused.status, refused.body


def _failed(status: int, code: str, retry_after: str | None) -> web.Response:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    if not code:
        return web.Response(
            status=status, text="<html>upstream error</html>", content_type="text/html", headers=headers
        )
    return web.json_response(Refused(status, code).body, status=status, headers=headers)


def _place(request: web.Request) -> str:
    return request.match_info["conversation"]


def _id(request: web.Request) -> str:
    return request.match_info["activity"]
