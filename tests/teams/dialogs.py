"""Dialogs, which stand over everything else until they are sent or closed."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.teams.cards import Pressable, pressables, text_of
from tests.teams.inputs import Input, inputs_of

Json = Any


@dataclass(frozen=True, slots=True)
class Frame:
    """What a dialog was opened from: it goes along when it is sent.

    *submits* is the name of the invoke that its buttons send, *more* what that says beside the data, *about* the
    activity that asked for the dialog.
    """

    submits: str
    more: Mapping[str, Json]
    about: Mapping[str, Json]


@dataclass(slots=True)
class Dialog:
    """A dialog as its person has it before them.

    *values* is what they typed, by the id of the field; *errors* what their client says below fields.
    """

    title: str
    card: Json
    frame: Frame
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def inputs(self) -> dict[str, Input]:
        """Return its fields by id, from top to bottom."""
        return inputs_of(self.card)

    @property
    def buttons(self) -> list[Pressable]:
        """Return what can be pressed in it."""
        return pressables(self.card)

    @property
    def text(self) -> str:
        """Return all that can be read in it, its title aside."""
        return text_of(self.card)


def opened(value: Json, frame: Frame) -> Dialog:
    """Return the dialog that the app's answer describes, as it opens."""
    card = deepcopy(value["card"]["content"])
    values = {name: each.value for name, each in inputs_of(card).items()}
    return Dialog(str(value.get("title", "")), card, frame, values)
