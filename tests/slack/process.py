"""The program as a process of its own in front of the fake of Slack: started, killed and started again by a story."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from time import time
from typing import Any

from tests.process import Growing, Program
from tests.simulator import sample_settings
from tests.slack.deliveries import Delivery
from tests.slack.desk import APP_TOKEN, BOT_TOKEN, SECRET, SLT, STAFF
from tests.slack.fake import FakeSlack
from tests.slack.human import Human
from tests.slack.messages import Message, Pressable, pressables
from tests.slack.views import View
from tests.slack.workspace import Call
from tests.slack_words import words

Json = Any


class School:
    """The sample school in the fake of Slack, beside the program."""

    def __init__(self, folder: Path, *, socket_mode: bool = False, **variables: str) -> None:
        self.fake = FakeSlack(SECRET, BOT_TOKEN, APP_TOKEN, time)
        self.fake.socket_mode = socket_mode
        calls: Growing[Call] = Growing()
        self.fake.workspace.calls = calls
        self.until = calls.until
        self._accounts = {each.person.id: each.slack for each in sample_settings(folder).people if each.slack}
        self._names = {each.slack: each.person.name for each in sample_settings(folder).people if each.slack}
        self._folder = folder
        self._variables = variables
        self._program: Program | None = None

    @property
    def program(self) -> Program:
        """Return the program, which may be down."""
        assert self._program is not None
        return self._program

    async def open(self) -> None:
        """Open the workspace; the program is not started yet."""
        await self.fake.open()
        for account, name in self._names.items():
            self.fake.user(account, name)
        leaders = [self._accounts[each] for each in ("deputy_head", "assistant_head", "head_teacher")]
        self.fake.channel(SLT, "slt", leaders, is_private=True)
        self.fake.channel(STAFF, "staff", list(self._names))
        access = {"SLACK_APP_TOKEN": APP_TOKEN} if self.fake.socket_mode else {"SLACK_SIGNING_SECRET": SECRET}
        self._program = Program(
            self._folder, SLACK_BOT_TOKEN=BOT_TOKEN, SLACK_API_URL=self.fake.api_url, **access, **self._variables
        )

    async def start(self) -> None:
        """Start the program, and tell Slack where it is."""
        await self.program.start()
        self.fake.app_url = f"{self.program.url}/slack/events"

    async def close(self) -> None:
        """End everything; nothing that was drawn may have been refused by Slack."""
        await self.program.over()
        await self.fake.close()
        assert not self.fake.mistakes, self.fake.mistakes

    def person(self, person: str) -> Colleague:
        """Return somebody of app.yaml at their client."""
        return Colleague(person, self, self.fake.human(self._accounts[person]))

    def account(self, person: str) -> str:
        """Return the Slack user id of *person*."""
        return self._accounts[person]

    def methods_called(self) -> set[str]:
        """Return the methods of Slack that the program has called."""
        return {call.method for call in self.fake.calls}

    def repeated_jobs(self) -> list[Json]:
        """Return what stands in Slack more than once, by the marks that the program put on its messages."""
        marks = [each.metadata["event_payload"] for each in self.fake.posted() if each.metadata]
        count = Counter((each["job"], each["part"]) for each in marks if "job" in each)
        return [mark for mark, times in count.items() if times > 1]

    def read_by_all(self) -> dict[str, list[str]]:
        """Return the titles of what stands in each place, oldest first, less what one person alone sees in it."""
        read: dict[str, list[str]] = {}
        for message in self.fake.posted():
            if message.ephemeral_to:
                continue
            channel = self.fake.workspace.channels[message.channel]
            read.setdefault(channel.user or channel.id, []).append(message.text)
        return read


class Colleague:
    """Somebody of the school at their client; a place is "dm" or the id of a channel."""

    def __init__(self, person: str, school: School, human: Human) -> None:
        self.id = person
        self.human = human
        self._school = school

    async def commands(self, text: str) -> Delivery:
        """Type a slash command."""
        return await self.human.slash(text)

    async def writes(self, text: str, place: str = "dm") -> Delivery:
        """Write a message."""
        return await self.human.says(place, text)

    async def hears(self, said: str, place: str = "dm") -> Message:
        """Wait for a message that holds *said*, and return it."""
        await self._school.until(lambda: self._with(said, place), lambda: self._all(place))
        return self._with(said, place)[-1]

    async def sees_modal(self, said: str) -> View:
        """Wait for a modal that holds *said*, and return it."""

        def shown() -> bool:
            return self.human.modal is not None and said in f"{self.human.modal.title} {self.human.modal.text}"

        await self._school.until(shown, lambda: (self.human.modal, self._all("dm")))
        assert self.human.modal is not None
        return self.human.modal

    async def fills(self, modal: View, **answers: Json) -> Delivery:
        """Fill a page in, as it is labelled, and send it."""
        for name, answer in answers.items():
            self._enter(modal, name, answer)
        delivery = await self.human.submit(modal)
        assert delivery.ok, (delivery, modal.errors)
        assert not modal.errors, modal.errors
        return delivery

    async def presses(self, label: str, on: str, place: str = "dm") -> Delivery:
        """Press the button on the newest message that holds *on*, once it is there."""
        await self._school.until(lambda: self._button(label, on, place), lambda: self._all(place))
        message, button = self._button(label, on, place)[-1]
        return await self.human.press(message, button.action_id)

    async def presses_in(self, modal: View, label: str) -> Delivery:
        """Press a button in a modal."""
        button = next(each for each in modal.buttons if each.label == label)
        return await self.human.press_in_view(modal, button.action_id)

    def heard(self, said: str, place: str = "dm") -> int:
        """Return how many messages hold *said*."""
        return len(self._with(said, place))

    def told_alone(self, place: str) -> bool:
        """Tell whether a message in a shared place is for their eyes only."""
        return any(each.ephemeral_to == self.human.id for each in self.human.messages(place))

    def labels(self, on: str, place: str = "dm") -> list[str]:
        """Return what can be pressed on the newest message that holds *on*."""
        return [each.label for each in pressables(self._with(on, place)[-1].blocks, self.human.id)]

    def _enter(self, modal: View, name: str, answer: Json) -> None:
        element = next(each["element"] for each in modal.blocks if each.get("block_id") == name)
        match element["type"], answer:
            case "multi_users_select", list(people):
                self.human.type_into(modal, name, [self._school.account(each) for each in people])
            case _, list(labels):
                self.human.type_into(modal, name, [_option(element, each) for each in labels])
            case "radio_buttons" | "static_select", label:
                self.human.type_into(modal, name, _option(element, label))
            case _, value:
                self.human.type_into(modal, name, value)

    def _button(self, label: str, on: str, place: str) -> list[tuple[Message, Pressable]]:
        return [
            (message, button)
            for message in self._with(on, place)
            for button in pressables(message.blocks, self.human.id)
            if button.label == label
        ]

    def _with(self, said: str, place: str) -> list[Message]:
        bot = self._school.fake.names.bot_user
        return [each for each in self.human.messages(place) if each.user == bot and said in text_of(each)]

    def _all(self, place: str) -> list[str]:
        return [text_of(each) for each in self.human.messages(place)]


def text_of(message: Message) -> str:
    """Return what can be read in *message*, its buttons aside."""
    bot_wrote = bool(message.bot_id) and bool(message.blocks)
    return words(message.blocks) if bot_wrote else message.text


def _option(element: Json, label: str) -> str:
    return next(str(each["value"]) for each in element["options"] if each["text"]["text"] == label)


@asynccontextmanager
async def school(folder: Path, *, socket_mode: bool = False, **variables: str) -> AsyncIterator[School]:
    """Open a school for a while, and start the program in it."""
    opened = School(folder, socket_mode=socket_mode, **variables)
    await opened.open()
    try:
        await opened.start()
        yield opened
    finally:
        await opened.close()


@contextmanager
def unreachable(fake: FakeSlack) -> Iterator[None]:
    """Have nothing listen where Slack delivers to."""
    address, fake.app_url = fake.app_url, "http://127.0.0.1:9/slack/events"
    try:
        yield
    finally:
        fake.app_url = address
