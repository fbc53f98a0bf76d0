"""A school in Slack whose events go to several bot processes in turn, as a load balancer hands them out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientTimeout, TCPConnector

from tests.process import STORE, Program
from tests.slack.deliveries import Delivery, body_of
from tests.slack.desk import APP_TOKEN, BOT_TOKEN, SECRET, SLT
from tests.slack.fake import FakeSlack
from tests.slack.human import Human
from tests.slack.messages import Message
from tests.slack.workspace import Call

Json = Any
ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
KEPT = 500  # messages, since each press looks through all of them


@dataclass(frozen=True, slots=True)
class Awaited:
    """The words that somebody waits to read, and the message once it is there."""

    words: str
    message: asyncio.Future[Message]


class Calls(list[Call]):
    """What the processes ask of Slack; nothing is kept, but whoever waits for a message gets it."""

    def __init__(self, slack: FakeSlack) -> None:
        super().__init__()
        self._slack = slack
        self._awaited: dict[str, Awaited] = {}

    def expect(self, channel: str, words: str) -> asyncio.Future[Message]:
        """Return the next message with *words* that stands in *channel*, once it does."""
        awaited = Awaited(words, asyncio.get_running_loop().create_future())
        self._awaited[channel] = awaited
        return awaited.message

    def append(self, call: Call) -> None:
        """Show what was posted."""
        if call.method != "chat.postMessage" or not call.done:
            return
        message = self._slack.workspace.messages[-1]
        awaited = self._awaited.get(message.channel)
        if awaited and not awaited.message.done() and awaited.words in f"{message.text} {message.blocks}":
            awaited.message.set_result(message)


class FrontDoor:
    """Where Slack delivers to: the next process each time, over connections that stay open."""

    def __init__(self, slack: FakeSlack, programs: Sequence[Program]) -> None:
        self._slack = slack
        self._addresses = cycle([f"{each.url}/slack/events" for each in programs])
        self._http = ClientSession(connector=TCPConnector(limit=0), timeout=ClientTimeout(total=PATIENCE))

    async def deliver(self, kind: str, payload: Json, ts: str) -> Delivery:
        """Deliver one event, command or press; each has to be taken."""
        body = body_of(kind, payload)
        address, headers = next(self._addresses), dict(self._slack.signed(kind, body))
        async with self._http.post(address, data=body, headers=headers) as answer:
            said = await answer.text()
            assert answer.status == 200, (answer.status, said)
        return Delivery(kind, answer.status, said, payload, ts=ts)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()


@dataclass(frozen=True, slots=True)
class School:
    """The school, open.

    Attributes:
        seats: Name of each teacher to their client.
    """

    slack: FakeSlack
    calls: Calls
    programs: Sequence[Program]
    seats: dict[str, Human]

    def tidy(self) -> None:
        """Forget all messages but the newest, as somebody does who reads what is on the screen."""
        del self.slack.workspace.messages[:-KEPT]
        self.slack.workspace.drawn.clear()


@asynccontextmanager
async def school(folder: Path, url: str, processes: int, teachers: int) -> AsyncIterator[School]:
    """Open a school with so many *teachers*, and so many *processes* of the program on the database at *url*."""
    names = {f"U0TEACHER{number:02}": f"Teacher {number:02}" for number in range(teachers)}
    config = folder / "app.yaml"
    config.write_text(_with(names, (ROOT / "app.yaml").read_text(encoding="utf-8")), encoding="utf-8")
    slack = FakeSlack(SECRET, BOT_TOKEN, APP_TOKEN, time.time)
    calls = Calls(slack)
    slack.workspace.calls = calls
    access = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_SIGNING_SECRET": SECRET, STORE: url}
    async with AsyncExitStack() as stack:
        await slack.open()
        stack.push_async_callback(slack.close)
        for account, name in names.items():
            slack.user(account, name)
        slack.channel(SLT, "slt", list(names)[:2], is_private=True)
        programs = []
        for number in range(processes):
            own = folder / f"process {number}"
            own.mkdir()
            program = Program(own, "--config", str(config), SLACK_API_URL=slack.api_url, **access)
            stack.push_async_callback(program.over)
            await program.start()
            programs.append(program)
        door = FrontDoor(slack, programs)
        stack.push_async_callback(door.close)
        seats = {name: Human(account, slack.workspace, door.deliver, slack.base_url) for account, name in names.items()}
        yield School(slack, calls, programs, seats)
        assert not slack.mistakes, slack.mistakes


def _with(names: dict[str, str], settings: str) -> str:
    """Return *settings* with teachers of those *names* by their accounts."""
    listed = "".join(
        f"  - {{id: {account.lower()}, name: {name}, roles: [staff], slack: {account}}}\n"
        for account, name in names.items()
    )
    assert "\npeople:\n" in settings
    return settings.replace("\npeople:\n", f"\npeople:\n{listed}", 1)
