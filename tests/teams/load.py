"""The load of `make bench-teams`: people who ask again once the bot has answered, and a connector that costs little."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.teams import activities
from tests.teams.messages import Posted
from tests.teams.workspace import Workspace

Json = Any
PATH = "/api/messages"
PATIENCE_SECONDS = 60.0
CITATIONS = b"https://schema.org/Message"


@dataclass(slots=True)
class Measured:
    """What was said to one bot.

    Attributes:
        calls: Milliseconds from each message to its reply.
        seconds: How long all of them took together.
        cpu: Seconds of processor time that the bot's process needed meanwhile.
    """

    calls: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Return the messages per second."""
        return len(self.calls) / self.seconds

    @property
    def effort(self) -> float:
        """Return the milliseconds of processor time for each message."""
        return 1000 * self.cpu / len(self.calls)

    def add(self, more: Measured) -> None:
        """Take in what was measured later."""
        self.calls += more.calls
        self.seconds += more.seconds
        self.cpu += more.cpu


# HTTP ----------------------------------------------------------------------------------------


class Line(asyncio.Protocol, ABC):
    """One connection that is kept alive, on which whole requests or whole answers arrive."""

    transport: asyncio.Transport
    _arrived = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Hear what is whole by now."""
        self._arrived = self._arrived + data if self._arrived else data
        while (end := self._arrived.find(b"\r\n\r\n")) >= 0:
            head = self._arrived[:end]
            whole = end + 4 + int(header(head, b"content-length") or 0)
            if len(self._arrived) < whole:
                return
            body, self._arrived = self._arrived[end + 4 : whole], self._arrived[whole:]
            self.heard(head, body)

    @abstractmethod
    def heard(self, head: bytes, body: bytes) -> None:
        """Do something about what has arrived."""


def header(head: bytes, name: bytes) -> bytes:
    """Return what a header says whose *name* is given in small letters, or b""."""
    start = head.lower().find(b"\r\n" + name + b":")
    return head[start + len(name) + 3 :].split(b"\r\n", 1)[0].strip() if start >= 0 else b""


def _written(first: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers.items()), f"Content-Length: {len(body)}"]
    return "\r\n".join((*lines, "", "")).encode() + body


def _answer(status: str, content: Json) -> bytes:
    return _written(f"HTTP/1.1 {status}", json.dumps(content).encode(), {"Content-Type": "application/json"})


# Connector -----------------------------------------------------------------------------------


class Connector:
    """Takes what bots say in private chats, and tells them who somebody is.

    Attributes:
        replies: The activities that the bots said, as they came, oldest first.
        mistakes: What no bot should have asked.
        waiting: Conversation to who waits for a reply in it.
    """

    def __init__(self, workspace: Workspace, knows: Callable[[str], bool]) -> None:
        self._workspace = workspace
        self._knows = knows
        self._server: asyncio.Server | None = None
        self.replies: list[bytes] = []
        self.mistakes: list[str] = []
        self.waiting: dict[str, Asker] = {}

    async def open(self) -> None:
        """Listen on a free port of this machine."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Called(self), "127.0.0.1", 0)
        self._workspace.service_url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/uk/"

    def close(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.close()

    def answer(self, head: bytes, body: bytes) -> bytes:
        """Return the answer to a call."""
        method, target, _ = head.split(b" ", 2)
        if not self._knows(header(head, b"authorization").decode()):
            self.mistakes.append(f"not allowed: {target!r}")
            return _answer("401 Unauthorized", {"message": "Authorization has been denied for this request."})
        match method, *map(unquote, target.decode().split("/")[2:]):
            case b"POST", "v3", "conversations", conversation, "activities", *_ if conversation in self.waiting:
                if CITATIONS not in body:  # the line below an answer that says where it stands in the policy
                    self.replies.append(body)
                    self.waiting[conversation].replied()
                return _answer("201 Created", {"id": self._workspace.message_id()})
            case b"GET", "v3", "conversations", _, "members", user if known := self._workspace.find_user(user):
                return _answer("200 OK", known.json())
            case _:
                pass
        self.mistakes.append(f"not known: {method!r} {target!r}")
        return _answer("404 Not Found", {"error": {"code": "NotFound", "message": "There is no such thing."}})


class _Called(Line):
    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    def heard(self, head: bytes, body: bytes) -> None:
        self.transport.write(self._connector.answer(head, body))


# People --------------------------------------------------------------------------------------


class Asker(Line):
    """Somebody who asks the bot, and asks again once it has taken the question and its reply has come."""

    def __init__(self, requests: Iterable[bytes], calls: list[float]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = iter(requests)
        self._calls = calls
        self._begun = 0.0
        self._is_taken = self._is_answered = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask the first question."""
        super().connection_made(transport)
        self._ask()

    def heard(self, head: bytes, body: bytes) -> None:
        """Take it that the bot has taken the question."""
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201", b"HTTP/1.1 202")):
            self._fail(AssertionError(head + b" " + body[:200]))
        self._is_taken = True
        self._ask_again()

    def replied(self) -> None:
        """Read the reply."""
        if self._is_answered:
            self._fail(AssertionError("two replies to one question"))
        self._calls.append(1000 * (time.perf_counter() - self._begun))
        self._is_answered = True
        self._ask_again()

    def connection_lost(self, error: Exception | None) -> None:
        """Fail, where the connection was not closed from here."""
        self._fail(error or ConnectionError("the bot hung up"))

    def _ask_again(self) -> None:
        if self._is_taken and self._is_answered:
            self._ask()

    def _ask(self) -> None:
        request = next(self._requests, None)
        if request is not None:
            self._is_taken = self._is_answered = False
            self._begun = time.perf_counter()
            self.transport.write(request)
        elif not self.done.done():
            self.done.set_result(None)
            self.transport.close()

    def _fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class People:
    """Those who chat with the bot in private; *users* are ids of Entra, *bearer* is what vouches for their messages."""

    def __init__(self, workspace: Workspace, users: Sequence[str], bearer: Callable[[str], str]) -> None:
        self._workspace = workspace
        self._users = [workspace.users[user] for user in users]
        self._places = [workspace.personal(user) for user in users]
        self._conversations = [place.id for place in self._places]
        self._bearer = bearer

    async def ask(self, connector: Connector, port: int, questions: Sequence[str]) -> Measured:
        """Have *questions* asked, each person's one after the other, and return what was measured of the replies."""
        measured = Measured()
        asked = [list(self._requests(number, questions)) for number in range(len(self._users))]
        gc.collect()
        gc.disable()  # The collector of this process shall not show in the latencies of the others.
        try:
            begun = time.perf_counter()
            async with asyncio.timeout(PATIENCE_SECONDS):
                askers = [Asker(requests, measured.calls) for requests in asked]
                connector.waiting = dict(zip(self._conversations, askers, strict=True))
                await asyncio.gather(*(_asked(asker, port) for asker in askers))
            measured.seconds = time.perf_counter() - begun
        finally:
            gc.enable()
        return measured

    def _requests(self, number: int, questions: Sequence[str]) -> Iterator[bytes]:
        """Yield the requests of one of the people, who share *questions* evenly."""
        workspace, user, place = self._workspace, self._users[number], self._places[number]
        headers = {
            "Host": "127.0.0.1",
            "Authorization": self._bearer(workspace.service_url),
            "Content-Type": "application/json; charset=utf-8",
        }
        for question in questions[number :: len(self._users)]:
            typed = activities.typed_text(workspace, question, mention=False)
            posted = Posted(workspace.message_id(), place.id, "", user.aad_id, typed, workspace.clock())
            sent = activities.message(workspace, user, place, posted, mention=False)
            yield _written(f"POST {PATH} HTTP/1.1", json.dumps(sent).encode(), headers)


async def _asked(asker: Asker, port: int) -> None:
    await asyncio.get_running_loop().create_connection(lambda: asker, "127.0.0.1", port)
    await asker.done
