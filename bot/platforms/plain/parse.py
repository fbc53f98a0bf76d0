"""What a typed line is: a press, or words."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PRESS = re.compile(r"\[(?P<label>[^\[\]]+)\](?:\s+(?P<about>.+))?")


@dataclass(frozen=True, slots=True)
class Press:
    """A press on the newest card that has the label, and whose text holds *about*."""

    label: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """Anything else: a question, an answer, a command."""

    text: str


def read_line(line: str, at_hand: frozenset[str]) -> Press | Words:
    """Return what *line* is; a label *at_hand*, those of the newest card, is a press without brackets too."""
    text = line.strip()
    if press := _PRESS.fullmatch(text):
        return Press(press["label"].strip(), (press["about"] or "").strip())
    if text.casefold() in {label.casefold() for label in at_hand}:
        return Press(text)
    return Words(text)
