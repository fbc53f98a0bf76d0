"""The program as a process of its own in front of the fake of Teams, and people at their clients."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

from tests.process import Growing, Program
from tests.simulator import sample_settings
from tests.teams.cards import Pressable
from tests.teams.deliveries import Delivery
from tests.teams.desk import APP_ID, SLT, STAFF
from tests.teams.dialogs import Dialog
from tests.teams.fake import FakeTeams
from tests.teams.human import Human
from tests.teams.inputs import Input
from tests.teams.issuer import SECRET, TENANT, Issuer, Signing
from tests.teams.messages import Message
from tests.teams.school import text_of
from tests.teams.tokens import UNENDORSED
from tests.teams.workspace import Call

Json = Any


@dataclass(frozen=True, slots=True)
class Said:
    """Something that the bot said; *reader* is the person of a private chat, or the id of a channel."""

    reader: str
    activity: str

    @property
    def title(self) -> str:
        """Return what stands above the rest."""
        return str(json.loads(self.activity).get("summary", ""))


class Tenant:
    """The sample school in the fake of Teams, beside the program.

    Without an app id nobody signs anything, as in the Agents Playground.
    """

    def __init__(self, folder: Path, *options: str, app_id: str = APP_ID, **variables: str) -> None:
        self.issuer = Issuer(APP_ID, time)
        self.issuer.keys.insert(0, Signing(UNENDORSED, ("webchat", "directline")))
        self.fake = FakeTeams(self.issuer if app_id else None, APP_ID, TENANT, time)
        calls: Growing[Call] = Growing()
        self.fake.workspace.calls = calls
        self.until = calls.until
        listed = [each for each in sample_settings(folder).people if each.teams]
        self._accounts = {each.person.id: each.teams for each in listed}
        self._names = {each.teams: each.person.name for each in listed}
        self._folder = folder
        self._options = options
        self._app_id = app_id
        self._variables = variables
        self._program: Program | None = None

    @property
    def program(self) -> Program:
        """Return the program, which may be down."""
        assert self._program is not None
        return self._program

    async def open(self) -> None:
        """Open the tenant; the program is not started yet."""
        await self.issuer.open()
        await self.fake.open()
        for account, name in self._names.items():
            self.fake.user(account, name)
        leaders = [self._accounts[each] for each in ("deputy_head", "assistant_head", "head_teacher")]
        self.fake.channel(SLT, "slt", leaders, private=True)
        self.fake.channel(STAFF, "staff", list(self._names))
        self._program = Program(self._folder, *self._options, **self._access(), **self._variables)

    async def start(self) -> None:
        """Start the program, and tell Teams where it is; it is added to SLT's channel the first time."""
        await self.program.start()
        first = not self.fake.app_url
        self.fake.app_url = f"{self.program.url}/api/messages"
        if first:
            await self.welcome()

    async def welcome(self) -> None:
        """Add the program, which runs, to SLT's channel."""
        told = await self.fake.installs(SLT, self._accounts["deputy_head"])
        assert told.ok, told
        # It is added, and becomes a member: each time it asks who else is there.
        await self.until(lambda: len(self.fake.called("GET", "/pagedmembers")) == 2, lambda: self.fake.calls)

    async def close(self) -> None:
        """End everything; nothing that was drawn or answered may have been refused by Teams."""
        await self.program.over()
        await self.fake.close()
        await self.issuer.close()
        assert not self.fake.mistakes, self.fake.mistakes

    def person(self, person: str) -> Colleague:
        """Return somebody of app.yaml at their client."""
        return Colleague(person, self, self.fake.human(self._accounts[person]))

    def said(self) -> list[Said]:
        """Return what the bot said, everywhere and as it was said first, whether it ever heard that it went through."""
        persons = {account: person for person, account in self._accounts.items()}
        places = self.fake.workspace.conversations
        return [
            Said(persons.get(places[call.place].user, call.place), json.dumps(call.body, ensure_ascii=False))
            for call in self.fake.called("POST", "/activities")
            if (call.answer or {}).get("id") and call.body["type"] == "message"
        ]

    def _access(self) -> dict[str, str]:
        if not self._app_id:
            return {}
        return {
            "MICROSOFT_APP_ID": self._app_id, "MICROSOFT_APP_PASSWORD": SECRET, "MICROSOFT_APP_TENANT_ID": TENANT,
            "TEAMS_OPENID_METADATA_URL": self.issuer.metadata_url, "TEAMS_TOKEN_URL": self.issuer.token_url,
            "TEAMS_SERVICE_HOSTS": self.fake.base_url.split("/")[2],
        }  # fmt: skip


class Colleague:
    """Somebody of the school at their client; a place is "dm" or the id of a channel."""

    def __init__(self, person: str, tenant: Tenant, human: Human) -> None:
        self.id = person
        self.human = human
        self._tenant = tenant

    async def writes(self, text: str, place: str = "dm") -> Delivery:
        """Write a message; in a channel it mentions the bot."""
        return await self.human.says(place, text)

    async def hears(self, said: str, place: str = "dm") -> Message:
        """Wait for a message that holds *said*, and return it."""
        await self._tenant.until(lambda: self._with(said, place), lambda: self._all(place))
        return self._with(said, place)[-1]

    async def presses(self, label: str, on: str, place: str = "dm") -> Delivery:
        """Press the button on the newest message that holds *on*, once it is there."""
        await self._tenant.until(lambda: self._button(label, on, place), lambda: self._all(place))
        message, button = self._button(label, on, place)[-1]
        return await self.human.press(message, button.title)

    async def opens(self, label: str, on: str) -> Dialog:
        """Press a button that opens a dialog, and return the dialog."""
        delivery = await self.presses(label, on)
        assert self.human.dialog is not None, (delivery, self.human.notice)
        return self.human.dialog

    async def fills(self, **answers: Json) -> Delivery:
        """Fill the page of the dialog in, as it is labelled, and send it."""
        assert self.human.dialog is not None, self.human.notice
        asked = self.human.dialog.inputs
        unknown = sorted(set(answers) - set(asked))
        assert not unknown, f"nobody asked for {unknown}, but for {sorted(asked)}"
        values = {name: _entry(asked[name], answer) for name, answer in answers.items()}
        delivery = await self.human.submit(values=values)
        assert delivery.ok, (delivery, self.human.dialog)
        return delivery

    def heard(self, said: str, place: str = "dm") -> int:
        """Return how many messages hold *said*."""
        return len(self._with(said, place))

    def labels(self, on: str, place: str = "dm") -> list[str]:
        """Return what can be pressed on the newest message that holds *on*."""
        return [each.title for each in self._with(on, place)[-1].buttons]

    def _button(self, label: str, on: str, place: str) -> list[tuple[Message, Pressable]]:
        return [
            (message, button)
            for message in self._with(on, place)
            for button in message.buttons
            if button.title == label
        ]  # fmt: skip

    def _with(self, said: str, place: str) -> list[Message]:
        return [each for each in self.human.messages(place) if each.sender_is_bot and said in text_of(each)]

    def _all(self, place: str) -> list[str]:
        return [text_of(each) for each in self.human.messages(place)]


@asynccontextmanager
async def running(folder: Path, *options: str, app_id: str = APP_ID, **variables: str) -> AsyncIterator[Tenant]:
    """Open a school for a while, and start the program in it."""
    opened = Tenant(folder, *options, app_id=app_id, **variables)
    await opened.open()
    try:
        await opened.start()
        yield opened
    finally:
        await opened.close()


@contextmanager
def unreachable(fake: FakeTeams) -> Iterator[None]:
    """Have nothing listen where Teams delivers to."""
    address, fake.app_url = fake.app_url, "http://127.0.0.1:9/api/messages"
    try:
        yield
    finally:
        fake.app_url = address


def _entry(field: Input, answer: Json) -> Json:
    """Return what is entered for *answer*, which names choices as they read."""
    values = dict(field.choices) | {value: value for _, value in field.choices}
    match answer:
        case list(several):
            return [values[each] for each in several]
        case one if field.choices:
            return values[one]
        case _:
            return answer
