"""A bot of a few lines in a small school, for the tests of the fake itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aiohttp import ClientSession, web

from tests.teams.fake import FakeTeams
from tests.teams.human import Human
from tests.teams.issuer import SCOPE, SECRET, Issuer
from tests.teams.messages import Message
from tests.teams.test_strict import LINE, buttons, card, execute, message, submit

Json = Any
Says = Callable[[Json], Json]
APP, TENANT = "app-of-the-school", "school"
TEACHER, HEAD = "entra-teacher", "entra-head"
SLT, STAFF, OTHERS = "19:slt@thread.tacv2", "19:staff@thread.tacv2", "19:others@thread.tacv2"
CHAT = "19:chat@thread.v2"
APPROVAL = card(LINE, buttons(execute("Approve", subject="ACC-1"), submit("Open", msteams={"type": "task/fetch"}, n=1)))


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        """Return the moment in seconds."""
        return self.now


class Bot:
    """A bot that keeps what it hears, and answers each kind of activity as it was told to."""

    def __init__(self) -> None:
        self.heard: list[Json] = []
        self.authorizations: list[str] = []
        self.answers: dict[str, Json | Says] = {}
        self.statuses: list[int] = []
        self.holds: asyncio.Event | None = None
        self.address = ""
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen."""
        server = web.Application()
        server.router.add_post("/api/messages", self._hear)
        self._runner = web.AppRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}/api/messages"

    async def close(self) -> None:
        """Stop listening."""
        if self.holds:
            self.holds.set()
        if self._runner:
            await self._runner.cleanup()

    async def _hear(self, request: web.Request) -> web.Response:
        activity = await request.json()
        self.heard.append(activity)
        self.authorizations.append(request.headers.get("Authorization", ""))
        if self.holds and len(self.heard) == 1:
            await self.holds.wait()
        status = self.statuses.pop(0) if self.statuses else 200
        answer = self.answers.get(activity.get("name") or activity["type"])
        if callable(answer):
            answer = answer(activity)
        return web.Response(status=status) if answer is None else web.json_response(answer, status=status)


class Caller:
    """What the bot calls the connector with; *token* is one of its own."""

    def __init__(self, base_url: str, session: ClientSession, token: str) -> None:
        self.token = token
        self._base_url = base_url
        self._session = session

    async def __call__(self, method: str, path: str, body: Json = None, **more: Any) -> tuple[int, Json]:
        """Return the status and the answer of a call."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        given = {"json": body} if body is not None else {}
        url = f"{self._base_url}v3/{path}"
        async with self._session.request(method, url, headers=headers, **given, **more) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else await answer.text()

    async def post(self, conversation: str, body: Json) -> str:
        """Send a message and return its id."""
        status, answer = await self("POST", f"conversations/{quote(conversation)}/activities", body)
        assert status == 201, answer
        return str(answer["id"])

    async def put(self, conversation: str, activity_id: str, body: Json) -> tuple[int, Json]:
        """Change a message."""
        return await self("PUT", f"conversations/{quote(conversation)}/activities/{activity_id}", body)


@dataclass
class Scene:
    """The school, the bot in it, what the bot calls with, and who vouches for both."""

    teams: FakeTeams
    bot: Bot
    call: Caller
    issuer: Issuer
    clock: Clock


@asynccontextmanager
async def opened() -> AsyncIterator[Scene]:
    """Open a school's Teams with two people, three channels and a chat."""
    clock, bot = Clock(), Bot()
    issuer = Issuer(APP, clock, tenant=TENANT)
    fake = FakeTeams(issuer, APP, TENANT, clock)
    await issuer.open()
    await bot.open()
    await fake.open()
    fake.app_url = bot.address
    fake.user(TEACHER, "History Teacher")
    fake.user(HEAD, "Head Teacher")
    fake.channel(SLT, "slt", [HEAD], private=True)
    fake.channel(STAFF, "staff", [TEACHER, HEAD])
    fake.channel(OTHERS, "others", [TEACHER, HEAD], installed=False)
    fake.group_chat(CHAT, [TEACHER, HEAD], name="Year 9")
    form = {"grant_type": "client_credentials", "client_id": APP, "client_secret": SECRET, "scope": SCOPE}
    async with ClientSession() as session:
        async with session.post(issuer.token_url, data=form) as answer:
            token = (await answer.json())["access_token"]
        yield Scene(fake, bot, Caller(fake.base_url, session, token), issuer, clock)
    await fake.close()
    await bot.close()
    await issuer.close()


async def shown(call: Caller, human: Human, content: Json = APPROVAL, **more: Json) -> Message:
    """Send a card to somebody and return it as they see it."""
    await call.post(human.dm, message(content, **more))
    return human.messages("dm")[-1]


def code(answer: tuple[int, Json]) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    status, body = answer
    return status, body["error"]["code"]
