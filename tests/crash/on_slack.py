"""The school in the fake of Slack: events are sent again until they are answered, presses and windows are not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from random import Random
from time import time
from typing import Any

from tests.crash.town import PEOPLE, Answer, Line, Said, Seat, Town
from tests.process import Program
from tests.slack.deliveries import Delivery
from tests.slack.desk import SLT, STAFF
from tests.slack.failures import Held
from tests.slack.human import Human
from tests.slack.messages import Message, pressables
from tests.slack.process import School, text_of
from tests.slack.views import View
from tests.slack_words import words

Json = Any
PLACES = {"slt": SLT, "staff": STAFF}
NAMES = {id: name for name, id in PLACES.items()}
WINDOW_WITHIN = 5.0  # Slack's trigger has expired by then


class SlackTown(Town):
    """A workspace."""

    name = "slack"
    repeats = True
    told_apart = True

    def __init__(self, folder: Path, random: Random, **variables: str) -> None:
        super().__init__(random)
        self.school = School(folder, socket_mode=False, **variables)
        self._read = 0
        self._by_channel: dict[str, list[Message]] = {}
        self._persons = {self.school.account(each): each for each in PEOPLE}

    async def open(self) -> Program:
        """Open the workspace."""
        await self.school.open()
        return self.school.program

    async def close(self) -> None:
        """End everything."""
        await self.school.close()

    def deliver_to(self, url: str) -> None:
        """Have Slack send to the program at *url*."""
        self.school.fake.app_url = f"{url}/slack/events"

    async def greet(self) -> None:
        """Do nothing: the bot is in its channels."""

    def seated(self, person: str) -> Seat:
        """Return the client of *person*."""
        return SlackSeat(person, self, self.school.fake.human(self.school.account(person)))

    def held(self, until: asyncio.Event) -> asyncio.Event | None:
        """Let the next message arrive and go unanswered."""
        held = Held(until)
        self.school.fake.fails("chat.postMessage", held)
        return held.reached

    def let_go(self) -> None:
        """Answer again."""
        self.school.fake.forgets_failures()

    async def opened(self, human: Human) -> None:
        """Wait until somebody has a window open, which never comes where the program was killed meanwhile."""
        end = time() + WINDOW_WITHIN
        while human.modal is None and self.is_up and time() < end:
            await self.moment()

    def messages(self, channel: str) -> list[Message]:
        """Return what stands in a channel, oldest first."""
        every = self.school.fake.workspace.messages
        for message in every[self._read :]:
            self._by_channel.setdefault(message.channel, []).append(message)
        self._read = len(every)
        return self._by_channel.get(channel, [])

    async def said(self) -> list[Said]:
        """Return what was posted, as it was drawn first; what is for one person's eyes, as it stands."""
        fake = self.school.fake
        return [*map(self._posted, (each for each in fake.called("chat.postMessage") if each.done)), *self._whispered()]

    def _posted(self, call: Any) -> Said:
        mark = (call.arguments.get("metadata") or {}).get("event_payload") or {}
        key = f"{mark['job']} {mark['part']}" if "job" in mark else ""
        text = f"{call.arguments['text']}\n{words(call.arguments.get('blocks') or [])}"
        return Said(self._reader(call.answer["channel"]), text, call.at, key)

    def _whispered(self) -> Iterable[Said]:
        fake = self.school.fake
        for each in fake.posted():
            if each.ephemeral_to:
                yield Said(self._persons[each.ephemeral_to], text_of(each), float(each.ts), aside=True)

    def _reader(self, channel: str) -> str:
        user = self.school.fake.workspace.channels[channel].user
        return self._persons.get(user) or NAMES[channel]


class SlackSeat(Seat):
    """Somebody at Slack."""

    def __init__(self, person: str, town: SlackTown, human: Human) -> None:
        super().__init__(person, town)
        self._slack = town
        self._human = human

    async def lines(self, place: str = "dm", *, whole: bool = True) -> Iterable[Line]:
        """Return what the bot said there, newest first."""
        bot = self._slack.school.fake.names.bot_user
        channel = self._human.dm if place == "dm" else PLACES[place]
        said = (each for each in reversed(self._slack.messages(channel)) if each.user == bot)
        return (self._line(each) for each in said if each.seen_by(self._human.id))

    async def says(self, text: str, place: str = "dm") -> Answer:
        """Write, in a channel with a mention of the bot; Slack sends it again until it is answered."""
        mention = f"<@{self._slack.school.fake.names.bot_user}> " if place != "dm" else ""
        channel = "dm" if place == "dm" else PLACES[place]
        await self.town.sends()
        delivery = await self._human.says(channel, mention + text)
        self.town.note(delivery.ok)
        fake = self._slack.school.fake
        while not delivery.ok:
            await self.town.up()
            self.town.traffic.again += 1
            await self.town.sends()
            delivery = await fake.again(delivery)
            self.town.note(delivery.ok)
        self.town.perhaps_again(lambda: fake.again(delivery))
        return Answer(ok=True)

    async def presses(self, line: Line, label: str, **values: str) -> Answer:
        """Press a button; in the window that opens, fill in *values* and send it."""
        if not values:
            return await self._press(line, label)
        async with self.busy:
            while self._human.modal is not None:
                await self._human.close(self._human.modal)
            if not (await self._press(line, label)).ok:
                return Answer(ok=False)
            await self._slack.opened(self._human)
            return await self._fill(values)

    async def _press(self, line: Line, label: str) -> Answer:
        await self.town.sends()
        message = next(each for each in self._slack.messages(self._channel_of(line)) if f"{each.ts}" == line.handle)
        found = [each for each in pressables(message.blocks, self._human.id) if each.label == label]
        if not found:
            return Answer(ok=False)
        return self._answered(await self._human.press(message, found[0].action_id))

    async def _fill(self, values: dict[str, str]) -> Answer:
        modal = self._human.modal
        if modal is None:
            return Answer(ok=False)
        for name, value in values.items():
            self._human.type_into(modal, name, _entry(modal, name, value))
        await self.town.sends()
        answer = self._answered(await self._human.submit(modal))
        return Answer(answer.ok and not modal.errors, str(modal.errors))

    def _answered(self, delivery: Delivery) -> Answer:
        self.town.note(delivery.ok)
        if delivery.ok:
            self.town.perhaps_again(lambda: self._slack.school.fake.again(delivery, same_signature=True))
        return Answer(delivery.ok, delivery.body)

    def _channel_of(self, line: Line) -> str:
        channels = (self._human.dm, SLT, STAFF)
        return next(c for c in channels if any(each.ts == line.handle for each in self._slack.messages(c)))

    def _line(self, message: Message) -> Line:
        labels = tuple(each.label for each in pressables(message.blocks, self._human.id))
        return Line(message.ts, f"{message.text}\n{text_of(message)}", labels)


def _entry(modal: View, name: str, value: str) -> Json:
    element = next(each["element"] for each in modal.blocks if each.get("block_id") == name)
    options = {each["text"]["text"]: each["value"] for each in element.get("options", ())}
    return options[value] if options else value
