"""The adapter alone: behind a real socket, with a real issuer, and a service address that notes whoever calls it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bot.platforms.teams.adapter import Answer, Listener, TeamsAdapter
from bot.platforms.teams.hosts import ServiceHosts
from bot.platforms.teams.keys import SigningKeys
from bot.settings.shapes import TeamsAccess
from tests import raw
from tests.teams.issuer import Issuer

Json = Any
APP_ID = "0b0e5a6f-0000-4000-8000-0000000000b0"
TENANT = "7e0b3a5c-0000-4000-8000-00000000face"
TEACHER = "7e0b3a5c-0000-4000-8000-00000000aaaa"
JSON_TYPE = ("Content-Type", "application/json; charset=utf-8")


class MovedClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the present moment."""
        return self._now

    def seconds(self) -> float:
        """Return it in seconds since 1970."""
        return self._now.timestamp()

    def move(self, **span: float) -> None:
        """Let time pass; *span* is that of a timedelta."""
        self._now += timedelta(**span)


class Doorstep:
    """Whatever gets in is in `heard`; `answer` is what an invoke is told, an exception is raised.

    Where there is a `listener`, it answers in the stead of `answer`.
    """

    def __init__(self, *, local: bool = False, app_id: str = APP_ID) -> None:
        self.clock = MovedClock()
        self.issuer = Issuer(APP_ID, self.clock.seconds)
        self.heard: list[Mapping[str, Json]] = []
        self.called: list[str] = []
        self.answer: Answer | Exception | None = Answer(200, {"task": {"type": "message", "value": "Done."}})
        self.listener: Listener | None = None
        self.url = ""
        self.service_url = ""
        self._app_id = "" if local else app_id
        self._runners: list[web.AppRunner] = []

    async def open(self) -> None:
        """Open the issuer, the service address and the door."""
        await self.issuer.open()
        service = web.Application()
        service.router.add_route("*", "/{path:.*}", self._service)
        self.service_url = f"{await self._serve(service)}/uk/"
        access = TeamsAccess(app_id=self._app_id, tenant=TENANT, openid_url=self.issuer.metadata_url)
        extra = frozenset({self.service_url.split("/")[2]})
        self.hosts = ServiceHosts(extra, loopback=not access.authenticated)
        self.keys = SigningKeys(access.openid_url, self.clock)
        if access.authenticated:
            await self.keys.open()
        self.adapter = TeamsAdapter(access, self.keys, self.hosts, self._listen, self.clock)
        app = web.Application(client_max_size=1_100_000)
        app.router.add_post("/api/messages", self.adapter.process)
        self.url = f"{await self._serve(app)}/api/messages"

    async def close(self) -> None:
        """Close all of it."""
        for runner in reversed(self._runners):
            await runner.cleanup()
        await self.keys.close()
        await self.issuer.close()

    def activity(self, **changed: Json) -> dict[str, Json]:
        """Return a message of a teacher, with some of it changed; what is None is left out."""
        said: dict[str, Json] = {
            "type": "message", "id": "1700000000001", "timestamp": "2026-11-23T09:00:00.000Z",
            "channelId": "msteams", "serviceUrl": self.service_url, "text": "hello", "textFormat": "plain",
            "from": {"id": "29:teacher", "name": "History Teacher", "aadObjectId": TEACHER},
            "conversation": {"id": "a:teacher", "conversationType": "personal", "tenantId": TENANT},
            "recipient": {"id": f"28:{APP_ID}", "name": "smpolicy"}, "channelData": {"tenant": {"id": TENANT}},
            "entities": [{"type": "clientInfo", "locale": "en-GB"}], "locale": "en-GB",
        } | changed  # fmt: skip
        return {name: value for name, value in said.items() if value is not None}

    def invoke(self, name: str = "task/fetch", **changed: Json) -> dict[str, Json]:
        """Return an invoke of the teacher."""
        return self.activity(type="invoke", name=name, value={"data": {}}, text=None, **changed)

    def right_headers(self) -> list[tuple[str, str]]:
        """Return the headers that Microsoft sends."""
        return [JSON_TYPE, ("Authorization", self.issuer.bearer(self.service_url))]

    async def posts(
        self, body: Json = None, headers: Iterable[tuple[str, str]] | None = None, method: str = "POST"
    ) -> tuple[int, str]:
        """Return status and body of the answer; a body that is no bytes is sent as JSON, None is a message."""
        document = self.activity() if body is None else body
        written = document if isinstance(document, bytes) else json.dumps(document).encode()
        return await raw.posts(self.url, self.right_headers() if headers is None else headers, written, method)

    async def _listen(self, activity: Mapping[str, Json]) -> Answer | None:
        self.heard.append(activity)
        if self.listener is not None:
            return await self.listener(activity)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def _service(self, request: web.Request) -> web.Response:
        self.called.append(request.path)
        return web.json_response({"id": "1"})

    async def _serve(self, app: web.Application) -> str:
        runner = web.AppRunner(app, shutdown_timeout=1.0, access_log=None)
        self._runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"
