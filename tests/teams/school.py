"""One school in Teams for tests of the edge: the running program, the tenant, and what can be asked about both."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.app import App
from bot.domain.people import Role
from bot.ports import Store
from bot.settings.shapes import RoleSource
from bot.stores.memory import MemoryStore
from tests.offices import teams_office
from tests.served import ServedSchool
from tests.simulator import sample_settings
from tests.teams.cards import Pressable, pressables
from tests.teams.desk import TeamsClient, TeamsDesk
from tests.teams.dialogs import Dialog
from tests.teams.fake import FakeTeams
from tests.teams.human import Human
from tests.teams.inputs import Input
from tests.teams.messages import Message
from tests.teams_words import words, words_of

Json = Any
Record = Any
CASE: Mapping[str, Json] = {
    "aim": "Show parents what happens in history lessons.",
    "audience": ["Parents and carers"],
    "promotion": "In the newsletter.",
    "runners": ["history_teacher", "pe_teacher"],
    "openness": "Open",
    "platform": "X (Twitter)",
    "handle": "@BebHistory",
}


class School(ServedSchool):
    """An office in Teams with its store in memory; *roles* are the groups whose members hold a role as well."""

    def __init__(
        self, folder: Path, store: Store | None = None, *, roles: Mapping[Role, RoleSource] | None = None
    ) -> None:
        kept = store or MemoryStore()
        settings = replace(sample_settings(folder), roles=roles or {})
        super().__init__(teams_office(settings, lambda: kept, App))

    @property
    def desk(self) -> TeamsDesk:
        """Return what all clients share."""
        assert isinstance(self.office.desk, TeamsDesk)
        return self.office.desk

    @property
    def fake(self) -> FakeTeams:
        """Return the tenant."""
        return self.desk.fake

    def client(self, person: str) -> TeamsClient:
        """Return somebody of app.yaml, who fills in and presses by label."""
        client = self.office.person(person)
        assert isinstance(client, TeamsClient)
        return client

    def human(self, person: str) -> Human:
        """Return somebody of app.yaml at their bare client."""
        return self.client(person).human

    async def asks_slt(self) -> Message:
        """Have a teacher apply and both runners confirm; return the card in SLT's channel."""
        teacher = self.client("history_teacher")
        await teacher.says("apply")
        await teacher.fills(**CASE)
        await teacher.presses("Submit", on="APP-1")
        for runner in ("history_teacher", "pe_teacher"):
            await self.client(runner).presses("Confirm", on="will you run", trained="2026-09-12")
        return self.fake.posted("19:slt@thread.tacv2")[-1]

    def said(self, human: Human, place: str = "") -> list[str]:
        """Return what the bot said that *human* can read, oldest first, less what only cites the answer above it."""
        return [text_of(each) for each in _said(human, place) if not _only_cites(each)]

    def last(self, human: Human, place: str = "") -> Message:
        """Return the newest message of the bot that *human* can read, as in `said`."""
        return [each for each in _said(human, place) if not _only_cites(each)][-1]

    def cited(self, human: Human, place: str = "") -> list[Message]:
        """Return the messages that cite clauses of the policy."""
        return [each for each in _said(human, place) if each.citations]

    def shown(self, human: Human, message: Message) -> Message:
        """Return *message* as *human* sees it now."""
        return next(each for each in human.messages() if each.id == message.id)

    def payloads(self) -> Iterator[str]:
        """Yield all that was drawn, as JSON."""
        for _, payload in self.fake.drawn:
            yield json.dumps(payload, ensure_ascii=False)


def _said(human: Human, place: str) -> list[Message]:
    return [each for each in human.messages(place) if each.sender_is_bot]


def _only_cites(message: Message) -> bool:
    return bool(message.citations) and not message.card


def text_of(message: Message) -> str:
    """Return what can be read in *message*."""
    return words(message.card) if message.card else message.text


def dialog_of(human: Human) -> Dialog:
    """Return the dialog that *human* has before them."""
    assert human.dialog is not None, f"{human.id} has no dialog open, but was told {human.notices[-1:]}"
    return human.dialog


def page_text(dialog: Dialog) -> str:
    """Return what can be read in *dialog*, its title and what stands in its fields included."""
    return "\n\n".join((dialog.title, dialog.text, *filter(None, dialog.values.values())))


def problems(card: Json) -> str:
    """Return what has to be mended on a page of a form."""
    return " ".join(words_of([each]) for each in card["body"] if each.get("style") == "attention")


def labels(card: Json) -> list[str]:
    """Return what can be pressed."""
    return [each.title for each in pressables(card or {})]


def labelled(card: Json, label: str) -> Pressable:
    """Return the button with that label."""
    found = [each for each in pressables(card or {}) if each.title == label]
    assert found, f"{label!r} is none of {labels(card)}"
    return found[-1]


def choice(fields: Mapping[str, Input], name: str, title: str) -> str:
    """Return the value of the choice that reads *title*."""
    return next(value for shown, value in fields[name].choices if shown == title)


def button(action: str, subject: str = "", value: str = "", **more: Json) -> Json:
    """Return an action as no version of this program draws it."""
    data = {"action": action, "subject": subject, "value": value, **more}
    return {"type": "Action.Execute", "title": "Old", "verb": action, "data": {"smpolicy": data}}


def page_button(action: str, subject: str = "", value: str = "") -> Json:
    """Return an action that asks for a dialog, made by hand."""
    data = {"action": action, "subject": subject, "value": value}
    return {"type": "Action.Submit", "title": "Old", "data": {"msteams": {"type": "task/fetch"}, "smpolicy": data}}
