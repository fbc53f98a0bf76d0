"""The school in the fake of Teams: what gets no answer is sent again a few times, and Teams can't be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

from tests.crash.town import PEOPLE, Answer, Line, Said, Seat, Town
from tests.process import Program
from tests.teams.cards import Pressable
from tests.teams.deliveries import Delivery
from tests.teams.desk import SLT, STAFF
from tests.teams.human import Human
from tests.teams.messages import Message, Posted
from tests.teams.process import Colleague, Tenant
from tests.teams.school import text_of
from tests.teams_words import words

Json = Any
PLACES = {"slt": SLT, "staff": STAFF}
STRANGER = "Press the newest one"
NAMES = {id: name for name, id in PLACES.items()}


class TeamsTown(Town):
    """A tenant."""

    name = "teams"
    repeats = True
    told_apart = False

    def __init__(self, folder: Path, random: Random, **variables: str) -> None:
        super().__init__(random)
        self.tenant = Tenant(folder, **variables)
        self._read = 0
        self._by_place: dict[str, list[Posted]] = {}

    async def open(self) -> Program:
        """Open the tenant."""
        await self.tenant.open()
        return self.tenant.program

    async def close(self) -> None:
        """End everything."""
        await self.tenant.close()

    def deliver_to(self, url: str) -> None:
        """Have Teams send to the program at *url*."""
        self.tenant.fake.app_url = f"{url}/api/messages"

    async def greet(self) -> None:
        """Add the app to SLT's channel."""
        await self.tenant.welcome()

    def seated(self, person: str) -> Seat:
        """Return the client of *person*."""
        return TeamsSeat(self.tenant.person(person), self)

    def held(self, until: asyncio.Event) -> asyncio.Event | None:
        """Let the next message arrive and go unanswered."""
        return self.tenant.fake.delay_next(until, method="POST", path="/activities").reached

    def let_go(self) -> None:
        """Answer again."""
        self.tenant.fake.forgets_failures()

    def posts(self, place: str) -> list[Posted]:
        """Return what was ever written in a place, oldest first."""
        every = self.tenant.fake.workspace.posts
        for posted in every[self._read :]:
            self._by_place.setdefault(posted.place, []).append(posted)
        self._read = len(every)
        return self._by_place.get(place, [])

    async def said(self) -> list[Said]:
        """Return what was said, as it was drawn first."""
        fake = self.tenant.fake
        told = {self.tenant.person(each).human.dm: each for each in PEOPLE}
        return [
            Said(told.get(call.place) or NAMES[call.place.partition(";")[0]], _words_of(call.body), call.at)
            for call in fake.called("POST", "/activities")
            if (call.answer or {}).get("id") and call.body["type"] == "message"
        ]


class TeamsSeat(Seat):
    """Somebody at Teams."""

    def __init__(self, colleague: Colleague, town: TeamsTown) -> None:
        super().__init__(colleague.id, town)
        self._teams = town
        self._human: Human = colleague.human

    async def lines(self, place: str = "dm", *, whole: bool = True) -> Iterable[Line]:
        """Return what the bot said there, newest first."""
        where = self._human.dm if place == "dm" else PLACES[place]
        posts = (each for each in reversed(self._teams.posts(where)) if not each.sender and not each.deleted)
        seen = (self._teams.tenant.fake.workspace.seen(each, self._human.id) for each in posts)
        return (Line(each.id, _text(each), tuple(button.title for button in each.buttons)) for each in seen)

    async def says(self, text: str, place: str = "dm") -> Answer:
        """Write, in a channel with a mention of the bot; Teams sends it again until it is answered."""
        await self.town.sends()
        delivery = await self._human.says("dm" if place == "dm" else PLACES[place], text)
        self.town.note(delivery.ok)
        fake = self._teams.tenant.fake
        while not delivery.ok:
            await self.town.up()
            self.town.traffic.again += 1
            await self.town.sends()
            delivery = await fake.again(delivery)
            self.town.note(delivery.ok)
        self.town.perhaps_again(lambda: fake.again(delivery))
        return Answer(ok=True)

    async def presses(self, line: Line, label: str, **values: str) -> Answer:
        """Press a button; in the dialog that opens, fill in *values* and send it."""
        if not values:
            return await self._press(line, label)
        async with self.busy:
            self._human.close_dialog()
            answer = await self._press(line, label)
            dialog = self._human.dialog
            if not answer.ok or dialog is None or set(values) - set(dialog.inputs):
                return Answer(answer.ok and dialog is None and bool(answer.said), answer.said)
            await self.town.sends()
            delivery = await self._human.submit(values={name: self._entry(name, each) for name, each in values.items()})
            return self._answered(delivery)

    async def _press(self, line: Line, label: str) -> Answer:
        await self.town.sends()
        message, button = self._button(line, label)
        if button is None:
            return Answer(ok=False)
        return self._answered(await self._human.press(message, button.title))

    def _button(self, line: Line, label: str) -> tuple[Message, Pressable | None]:
        posts = (each for place in (self._human.dm, SLT, STAFF) for each in self._teams.posts(place))
        posted = next(each for each in posts if each.id == line.handle)
        message = self._teams.tenant.fake.workspace.seen(posted, self._human.id)
        return message, next((each for each in message.buttons if each.title == label), None)

    def _entry(self, name: str, value: str) -> str:
        assert self._human.dialog is not None
        choices = dict(self._human.dialog.inputs[name].choices)
        return choices[value] if choices else value

    def _answered(self, delivery: Delivery) -> Answer:
        self.town.note(delivery.ok)
        if delivery.ok and STRANGER in delivery.body:
            return Answer(ok=False, said=delivery.body, stranger=True)
        if delivery.ok:
            self.aside.append(delivery.body)
            self.town.perhaps_again(lambda: self._teams.tenant.fake.again(delivery))
        return Answer(delivery.ok, delivery.body)


def _text(message: Message) -> str:
    return f"{message.summary}\n{text_of(message)}"


def _words_of(body: Json) -> str:
    cards = [each["content"] for each in body.get("attachments", ()) if "content" in each]
    return "\n".join([str(body.get("summary", "")), str(body.get("text", "")), *map(words, cards)])
