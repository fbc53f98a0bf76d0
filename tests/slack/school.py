"""One school in Slack for tests of the edge: the running program, the workspace, and what can be asked about both."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.app import App
from bot.ports import Store
from bot.stores.memory import MemoryStore
from tests.offices import slack_office
from tests.served import ServedSchool
from tests.simulator import sample_settings
from tests.slack.desk import SlackClient, SlackDesk
from tests.slack.fake import FakeSlack
from tests.slack.human import Human
from tests.slack.messages import Message, Pressable, pressables
from tests.slack.views import View
from tests.slack_words import words

Json = Any
Record = Any
RICH = {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text"}
LITERAL = {"text", "link", "emoji"}
LIVE = ("<!", "<@", "<#", "<http", "<mailto:", "<tel:")


class School(ServedSchool):
    """An office in Slack with its store in memory."""

    def __init__(self, folder: Path, store: Store | None = None) -> None:
        kept = store or MemoryStore()
        super().__init__(slack_office(sample_settings(folder), lambda: kept, App))

    @property
    def desk(self) -> SlackDesk:
        """Return what all clients share."""
        assert isinstance(self.office.desk, SlackDesk)
        return self.office.desk

    @property
    def fake(self) -> FakeSlack:
        """Return the workspace."""
        return self.desk.fake

    def client(self, person: str) -> SlackClient:
        """Return somebody of app.yaml, who fills in and presses by label."""
        client = self.office.person(person)
        assert isinstance(client, SlackClient)
        return client

    def human(self, person: str) -> Human:
        """Return somebody of app.yaml at their bare client."""
        return self.client(person).human

    def said(self, human: Human, channel: str = "") -> list[str]:
        """Return what the bot said that *human* can read, oldest first."""
        bot = self.fake.names.bot_user
        return [text_of(each) for each in human.messages(channel) if each.user == bot]

    def last(self, human: Human, channel: str = "") -> Message:
        """Return the newest message of the bot that *human* can read."""
        bot = self.fake.names.bot_user
        return [each for each in human.messages(channel) if each.user == bot][-1]

    def payloads(self) -> Iterator[str]:
        """Yield all that was drawn, as JSON."""
        for _, payload in self.fake.drawn:
            yield json.dumps(payload, ensure_ascii=False)


def text_of(message: Message) -> str:
    """Return what can be read in *message*."""
    return words(message.blocks) if message.blocks else message.text


def words_of(view: View) -> str:
    """Return what can be read in *view*: its title, its text, and what stands in its fields."""
    inputs = [each for each in view.blocks if each["type"] == "input"]
    asked = [text["text"] for each in inputs for text in (each["label"], each.get("hint")) if text]
    typed = [str(each) for block in view.values.values() for entry in block.values() for each in entry.values()]
    return "\n\n".join((view.title, words([each for each in view.blocks if each not in inputs]), *asked, *typed))


def modal_of(human: Human) -> View:
    """Return the modal that *human* has before them."""
    assert human.modal is not None, f"{human.id} has no modal open"
    return human.modal


def home_of(human: Human) -> View:
    """Return the home tab of *human*."""
    assert human.home is not None, f"nothing was published for {human.id}"
    return human.home


def labelled(blocks: list[Json], label: str, viewer: str = "") -> Pressable:
    """Return the button with that label."""
    shown = pressables(blocks, viewer)
    found = [each for each in shown if each.label == label]
    assert found, f"{label!r} is none of {[each.label for each in shown]}"
    return found[-1]


def labels(blocks: list[Json], viewer: str = "") -> list[str]:
    """Return what can be pressed."""
    return [each.label for each in pressables(blocks, viewer)]


def live_in(kind: str, payload: Json) -> Iterator[str]:
    """Yield everything in *payload* that Slack would take for markup: a mention, a link, an emoji that was typed."""
    if kind == "message":
        yield from _live_text(payload.get("text") or "", "the fallback")
    for place, node in _nodes(payload, "$"):
        match node:
            case {"type": "mrkdwn", "text": text}:
                yield from _live_text(text, f"mrkdwn at {place}")
            case {"type": "plain_text", "emoji": True}:
                yield f"{place} turns :smile: into a picture"
            case {"type": "plain_text"} if "emoji" not in node:
                yield f"{place} leaves emoji names to Slack"
            case {"type": kind_, "elements": elements} if kind_ in RICH:
                inside = {each["type"] for each in elements} - RICH - LITERAL
                if inside:
                    yield f"{place} holds {sorted(inside)}"


def links_in(payload: Json) -> set[str]:
    """Return the addresses that *payload* leads to."""
    return {str(node["url"]) for _, node in _nodes(payload, "$") if "url" in node}


def _live_text(text: str, where: str) -> Iterator[str]:
    for each in LIVE:
        if each in text:
            yield f"{where} holds {each!r}: {text!r}"


def _nodes(node: Json, place: str) -> Iterator[tuple[str, Mapping[str, Json]]]:
    if isinstance(node, dict):
        yield place, node
        for key, value in node.items():
            yield from _nodes(value, f"{place}.{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _nodes(value, f"{place}[{number}]")
