"""The school at the local page: nothing is sent again but by hand, and what was said is read from the program."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from bot.platforms.web.messages import BOT, LocalMessage
from tests.crash.town import Answer, Line, Said, Seat, Town
from tests.process import Program

Json = Any
PATIENCE = 10.0
SCREEN = 400  # messages of the whole school


class PageTown(Town):
    """The local page."""

    name = "local"
    repeats = False
    told_apart = False

    def __init__(self, folder: Path, random: Random, **variables: str) -> None:
        super().__init__(random)
        self._program = Program(folder, "--local", **variables)
        self._http: ClientSession | None = None
        self._url = ""
        self.newest: dict[str, int] = {}

    async def open(self) -> Program:
        """Open a browser for everybody."""
        self._http = ClientSession(connector=TCPConnector(force_close=True), timeout=ClientTimeout(total=PATIENCE))
        return self._program

    async def close(self) -> None:
        """Close the browsers."""
        if self._http is not None:
            await self._http.close()

    def deliver_to(self, url: str) -> None:
        """Have the page load from *url*."""
        self._url = url

    async def greet(self) -> None:
        """Do nothing: the page is there."""

    def seated(self, person: str) -> Seat:
        """Return the browser of *person*."""
        return PageSeat(person, self)

    def held(self, until: asyncio.Event) -> asyncio.Event | None:
        """Say that it can't: what is said here is a save, not a call."""
        return None

    def let_go(self) -> None:
        """Do nothing: nothing is held."""

    async def said(self) -> list[Said]:
        """Return what the bot said, from the records, while the program does not run."""
        async with self._program.records() as records:
            kept = [each for each in await records.find(LocalMessage) if each.author == BOT]
        return [_said(each) for each in kept]

    async def request(self, method: str, path: str, body: Json = None, **query: str) -> tuple[int, Json]:
        """Return status and document; status 0 where the program can't be reached or dies meanwhile."""
        assert self._http is not None
        address = f"{self._url}/local/api/{path}"
        try:
            async with self._http.request(method, address, json=body, params=query) as answer:
                document = await answer.json()
                return answer.status, document
        except (ClientError, TimeoutError, OSError):
            return 0, {}


class PageSeat(Seat):
    """Somebody at the local page."""

    def __init__(self, person: str, town: PageTown) -> None:
        super().__init__(person, town)
        self._page = town

    async def lines(self, place: str = "dm", *, whole: bool = True) -> Iterable[Line]:
        """Return what the bot said there, newest first."""
        after = 0 if whole else max(0, self._page.newest.get(self.person, 0) - SCREEN)
        query = {"as": self.person, "in": place, "after": str(after)}
        status, said = await self._page.request("GET", "messages", **query)
        if status != 200:
            await self.town.moment()
            return ()
        if said:
            self._page.newest[self.person] = max(self._page.newest.get(self.person, 0), said[-1]["seq"])
        return [
            Line(each["id"], each["text"], tuple(button["label"] for button in (each["card"] or {}).get("buttons", ())))
            for each in reversed(said)
            if each["author"] == BOT
        ]

    async def says(self, text: str, place: str = "dm") -> Answer:
        """Type; what gets no answer is not sent again."""
        called = f"@smpolicy {text}" if place != "dm" else text
        return await self._acts("say", {"in": place, "text": called})

    async def presses(self, line: Line, label: str, **values: str) -> Answer:
        """Press a button, with *values* for what it asks."""
        return await self._acts("press", {"message": line.handle, "button": label, "values": values or None})

    async def _acts(self, path: str, body: Json) -> Answer:
        await self.town.sends()
        status, answer = await self._page.request("POST", path, {"as": self.person, **body})
        said = "\n".join([answer.get("error", ""), *(each["text"] for each in answer.get("messages", ()))])
        taken = 200 <= status < 500 and status != 422
        self.town.note(taken)
        if taken:
            self.aside.append(said)
        return Answer(taken, said)


def _said(message: LocalMessage) -> Said:
    at, reader = message.at.timestamp(), message.channel.removeprefix("dm:")
    return Said(reader, message.text, at, message.id, changed=message.version > 1)
