"""What the Agents Playground and the program said to each other, read as the messages that stand in Teams."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

Json = Any

_ACTIVITIES = re.compile(r".*/v3/conversations/(?P<conversation>[^/]+)/activities(/(?P<id>[^/]+))?")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request between the Playground and the program, and what was answered.

    Attributes:
        from_bot: Whether it was the program that asked.
        path: Where it went, "" where that was not noted.
    """

    from_bot: bool
    status: int
    path: str
    asked: Json
    answered: Json

    @property
    def failed(self) -> bool:
        """Tell whether it was refused."""
        return self.status >= HTTPStatus.BAD_REQUEST


@dataclass(slots=True)
class Post:
    """A message of the bot as it stands; *conversation* holds the thread, and without *id* it can't be pressed."""

    conversation: str
    id: str
    body: Json

    @property
    def card(self) -> Json:
        """Return its card, or an empty one."""
        attached = self.body.get("attachments") or [{}]
        return attached[0].get("content") or {}

    @property
    def words(self) -> str:
        """Return what can be read on it, a line for each piece."""
        return "\n".join([self.body.get("text") or "", *texts(self.card)])

    @property
    def titles(self) -> list[str]:
        """Return what can be pressed on it."""
        return [each["title"] for each in actions(self.card)]

    def stands_in(self, conversation: str) -> bool:
        """Tell whether it stands in *conversation* or, where that is not a thread itself, in one of its threads."""
        return conversation in (self.conversation, self.conversation.partition(";")[0])


def posts(exchanges: Iterable[Exchange]) -> list[Post]:
    """Return the messages of the bot as they stand, oldest first."""
    standing: list[Post] = []
    for exchange in exchanges:
        found = _ACTIVITIES.fullmatch(exchange.path) if exchange.from_bot and not exchange.failed else None
        if found is None or exchange.asked.get("type") != "message":
            continue
        replaced = [each for each in standing if each.id and each.id == found["id"]]
        if replaced:
            replaced[0].body = exchange.asked
        else:
            # What is written into a channel itself begins a thread, and stands in that.
            id = (exchange.answered or {}).get("id", "")
            is_channel = found["conversation"].endswith("@thread.tacv2")
            thread = f"{found['conversation']};messageid={id}" if is_channel else found["conversation"]
            standing.append(Post(thread, id, exchange.asked))
    return standing


def texts(drawn: Json) -> Iterator[str]:
    """Yield what can be read in *drawn*, buttons and inputs aside."""
    if inlines := drawn.get("inlines"):
        yield "".join(each["text"] for each in inlines)
    for element in (*drawn.get("body", ()), *drawn.get("items", ())):
        yield from texts(element)


def actions(card: Json) -> Iterator[Json]:
    """Yield what can be pressed on *card*."""
    for element in (*card.get("body", ()), card):
        yield from element.get("actions", ())


def pressed(card: Json, title: str, **answers: str) -> Json:
    """Return what a client sends for the button called *title*, with *answers* entered over what stands there."""
    action = next(each for each in actions(card) if each["title"] == title)
    inputs = {each["id"]: each for each in card["body"] if each["type"].startswith("Input.")}
    taken = {} if action["associatedInputs"] == "none" else {id: each.get("value", "") for id, each in inputs.items()}
    return {**action["data"], **taken, **{id: _entered(inputs[id], answer) for id, answer in answers.items()}}


def _entered(field: Json, answer: str) -> str:
    """Return what a client sends where somebody enters *answer*: of a choice its value and not its title."""
    return next((str(each["value"]) for each in field.get("choices", ()) if each["title"] == answer), answer)
