"""What can be read, pressed and filled in on an Adaptive Card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

Json = Any
PressKind = Literal["execute", "submit", "dialog", "open_url", "other"]
KINDS: dict[str, PressKind] = {
    "Action.Execute": "execute",
    "Action.Submit": "submit",
    "Action.OpenUrl": "open_url",
}


@dataclass(frozen=True, slots=True)
class Pressable:
    """A button, or something else that can be pressed, as it is drawn."""

    title: str
    kind: PressKind
    action: Json


def pressables(card: Json) -> list[Pressable]:
    """Return what can be pressed on *card*, from top to bottom; what it hides stays out."""
    return list(_pressables(card))


def elements(thing: Json) -> Iterator[Json]:
    """Yield each visible element of a card or of a part of it, from top to bottom and from outside in."""
    match thing:
        case list():
            for each in thing:
                yield from elements(each)
        case {"isVisible": False}:
            return
        case dict():
            yield thing
            for key in ("body", "items", "columns", "rows", "cells", "inlines", "images"):
                yield from elements(thing.get(key, []))
        case _:
            return


def text_of(card: Json) -> str:
    """Return all that can be read on *card*, one element below the other; what buttons say stays out."""
    return "\n".join(filter(None, (_read(element) for element in elements(card) if element.get("type") != "TextRun")))


def kind_of(action: Json) -> PressKind:
    """Return what pressing *action* leads to."""
    match action:
        case {"type": "Action.Submit", "data": {"msteams": {"type": "task/fetch"}}}:
            return "dialog"
        case {"type": str(name)}:
            return KINDS.get(name, "other")
        case _:
            return "other"


def _pressables(card: Json) -> Iterator[Pressable]:
    for element in elements(card):
        actions = element.get("actions", []) if element.get("type") in {"ActionSet", "AdaptiveCard"} else []
        held = [element.get(name) for name in ("selectAction", "inlineAction")]
        for action in [*held, *actions]:
            if isinstance(action, dict):
                title = str(action.get("title") or _words(element))
                yield Pressable(title, kind_of(action), action)
                if action.get("type") == "Action.ShowCard":
                    yield from _pressables(action.get("card"))


def _read(element: Json) -> str:
    match element:
        case {"type": "RichTextBlock", "inlines": list(inlines)}:
            return "".join(map(_words, inlines))
        case {"type": "FactSet", "facts": list(facts)}:
            return "\n".join(f"{fact.get('title', '')}: {fact.get('value', '')}" for fact in facts)
        case {"type": str(kind), **rest} if kind.startswith("Input."):
            labels = [str(rest.get("label", "")), str(rest.get("title", ""))]
            return "\n".join(filter(None, labels))
        case _:
            return _words(element)


def _words(thing: Json) -> str:
    match thing:
        case str():
            return thing
        case {"text": str(text)}:
            return text
        case _:
            return ""
