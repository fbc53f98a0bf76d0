"""The Web API over HTTP: tokens, scopes, arguments, and the failures that a test ordered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from aiohttp import web

from tests.slack.failures import DroppedAfter, DroppedBefore, Failure, Held, Orders, RateLimited, Says, Status
from tests.slack.method import Given, Method
from tests.slack.posting import POSTING
from tests.slack.reading import READING
from tests.slack.refusals import Refused
from tests.slack.responses import respond
from tests.slack.showing import SHOWING
from tests.slack.workspace import Call, Workspace

Json = Any
METHODS: Mapping[str, Method] = {**READING, **POSTING, **SHOWING, "apps.connections.open": Method(lambda _, __: {})}
# Slack's own framework adds it to every call.
EVERYWHERE = ("team_id",)
STRUCTURED = {"blocks", "view", "metadata", "prompts", "loading_messages"}


class WebApi:
    """What answers under /api/ and at response addresses.

    *scopes* are those granted to the bot, None grants all; *socket_address* makes an address for Socket Mode.
    """

    def __init__(
        self,
        workspace: Workspace,
        bot_token: str,
        app_token: str,
        scopes: Collection[str] | None,
        socket_address: Callable[[], str],
    ) -> None:
        self.orders = Orders()
        self.revoked = False
        self._workspace = workspace
        self._bot_token = bot_token
        self._app_token = app_token
        self._scopes = scopes
        self._socket_address = socket_address
        self._closing = asyncio.Event()

    def add_to(self, routes: web.UrlDispatcher) -> None:
        """Answer at the addresses of the Web API."""
        routes.add_route("*", "/api/{method}", self._method)
        routes.add_post("/actions/{rest:.*}", self._response)

    def close(self) -> None:
        """Let go of the calls that are held, so that the server can stop."""
        self._closing.set()

    async def _method(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        given, token, as_json = await _arguments(request)

        def does() -> Json:
            return self._answer(name, given, token, as_json)

        return await self._through(request, name, given, does, lambda answer: web.json_response(answer))

    async def _response(self, request: web.Request) -> web.StreamResponse:
        given = await request.json()
        url = self._workspace.triggers.known(request.path)
        place = {"channel": url.channel if url else ""}

        def does() -> Json:
            try:
                respond(self._workspace, request.path, given)
            except Refused as refused:
                return {"ok": False, "error": refused.code, **refused.more}
            return {"ok": True}

        def drawn(answer: Json) -> web.Response:
            if answer["ok"]:
                return web.Response(text="ok")
            missing = answer["error"] in {"no_service", "expired_url", "used_url"}
            return web.json_response(answer, status=404 if missing else 400)

        return await self._through(request, "response_url", {**given, **place}, does, drawn)

    async def _through(
        self,
        request: web.Request,
        name: str,
        given: Given,
        does: Callable[[], Json],
        drawn: Callable[[Json], web.Response],
    ) -> web.StreamResponse:
        """Do it and answer, or fail as was ordered; keep the call either way."""
        failure = self.orders.take(name, self._places(given))
        answer = _prevented(failure)
        if answer is None and not isinstance(failure, RateLimited | Status | DroppedBefore):
            answer = does()
        self._workspace.calls.append(Call(name, given, self._workspace.clock(), answer, failure))
        match failure:
            case RateLimited(None):
                return web.json_response({"ok": False, "error": "ratelimited"}, status=429)
            case RateLimited(str(after)):
                return web.json_response(
                    {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": after}
                )
            case Status(code):
                return web.Response(status=code, text="<html>upstream error</html>", content_type="text/html")
            case DroppedBefore() | DroppedAfter():
                if request.transport:
                    request.transport.close()
                return web.Response()
            case Held(until, reached):
                reached.set()
                await self._until(until)
                return drawn(answer)
            case _:
                return drawn(answer)

    async def _until(self, event: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(each.wait()) for each in (event, self._closing)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    def _places(self, given: Given) -> set[str]:
        """Return where a call leads: a channel, and the person at the other side of a direct message."""
        named = {str(given[key]) for key in ("channel", "channel_id", "users", "user", "user_id") if given.get(key)}
        known = [self._workspace.channels[name] for name in named if name in self._workspace.channels]
        return named | {channel.user for channel in known if channel.user}

    def _answer(self, name: str, given: Given, token: str, as_json: bool) -> Json:
        try:
            method = self._permitted(name, given, token, as_json)
            if name == "apps.connections.open":
                return {"ok": True, "url": self._socket_address()}
            return {"ok": True, **method.does(self._workspace, given)}
        except Refused as refused:
            return {"ok": False, "error": refused.code, **refused.more}

    def _permitted(self, name: str, given: Given, token: str, as_json: bool) -> Method:
        if name not in METHODS:
            raise Refused("unknown_method", req_method=name)
        self._check_token(name, token)
        method = METHODS[name]
        self._check_scope(method, given)
        unknown = sorted(set(given) - {*method.needs, *method.takes, *EVERYWHERE})
        missing = sorted(needed for needed in method.needs if given.get(needed) is None)
        self._workspace.refuse(
            name,
            [f"unknown argument {argument}" for argument in unknown]
            + [f"missing argument {argument}" for argument in missing]
            + [f"argument {argument} is null" for argument, value in given.items() if value is None]
            + (["this method reads no JSON"] if as_json and method.form_only else []),
            "invalid_arguments",
        )
        return method

    def _check_token(self, name: str, token: str) -> None:
        if not token:
            raise Refused("not_authed")
        if token not in {self._bot_token, self._app_token}:
            raise Refused("invalid_auth")
        if (token == self._app_token) != (name == "apps.connections.open"):
            raise Refused("not_allowed_token_type")
        if self.revoked:
            raise Refused("token_revoked")

    def _check_scope(self, method: Method, given: Given) -> None:
        channel = self._workspace.channels.get(str(given.get("channel")))
        needed = method.scope.format(kind=channel.kind if channel else "channels")
        if needed and self._scopes is not None and not set(needed.split("|")) & set(self._scopes):
            raise Refused("missing_scope", needed=needed, provided=",".join(sorted(self._scopes)))


def _prevented(failure: Failure | None) -> Json:
    return {"ok": False, "error": failure.error} if isinstance(failure, Says) else None


async def _arguments(request: web.Request) -> tuple[Given, str, bool]:
    """Return the arguments of a call, its token, and whether they came as JSON."""
    given: Given = dict(request.query)
    as_json = request.content_type == "application/json"
    if as_json:
        body = await request.json()
        given |= body if isinstance(body, dict) else {}
    else:
        given |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    for key in STRUCTURED & set(given):
        if isinstance(given[key], str):
            given[key] = _parsed(given[key])
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    in_body = given.pop("token", "")
    return given, token if kind == "Bearer" else str(in_body), as_json


def _parsed(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return text
