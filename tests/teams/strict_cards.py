"""What Teams, or our own taste, refuses in a whole Adaptive Card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.teams.strict_elements import actions, elements, selected
from tests.teams.strict_values import Rule, each, exactly, one_of, pixels, shaped, text, thing, words

Json = Any
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
MOST_REFRESHED = 60


def card_mistakes(card: Json, *, in_dialog: bool = False) -> list[str]:
    """Return what is wrong with a card in a message, or in a dialog; nothing where it can be drawn."""
    found = list(_frame("card", card))
    if not found:
        found += _twice(card)
        found += _dead_targets(card)
        found += _dialog_mistakes(card) if in_dialog else _message_mistakes(card)
    return found


def inside(thing: Json) -> Iterator[Json]:
    """Yield every object in *thing*, but for what goes along as data, and what is drawn only by old clients."""
    match thing:
        case dict():
            yield thing
            for key, value in thing.items():
                if key not in {"data", "fallback", "msteams"}:
                    yield from inside(value)
        case list():
            for value in thing:
                yield from inside(value)
        case _:
            return


def _frame(where: str, card: Json) -> Iterator[str]:
    needs: dict[str, Rule] = {"type": exactly("AdaptiveCard"), "version": exactly("1.5"), "body": elements}
    takes: dict[str, Rule] = {
        "$schema": exactly(SCHEMA),
        "actions": actions,
        "fallbackText": words,
        "lang": words,
        "minHeight": pixels,
        "msteams": _msteams,
        "refresh": _refresh,
        "selectAction": selected,
        "speak": text,
        "verticalContentAlignment": one_of("top", "center", "bottom"),
    }
    yield from shaped(where, card, needs, takes)


def _msteams(where: str, value: Json) -> Iterator[str]:
    """Yield what is wrong with what only Teams reads; who calls somebody in a card writes the rule for entities."""
    yield from shaped(where, value, {"width": one_of("full")})


def _refresh(where: str, value: Json) -> Iterator[str]:
    """Yield what is wrong with how people get cards of their own: Teams asks for sixty of them by itself."""

    def users(at: str, held: Json) -> Iterator[str]:
        yield from each(at, held, _mri, 0, MOST_REFRESHED)
        if isinstance(held, list) and len(held) != len({str(user) for user in held}):
            yield f"{at} names somebody twice"

    def execute(at: str, held: Json) -> Iterator[str]:
        needs: dict[str, Rule] = {"type": exactly("Action.Execute"), "verb": words, "data": thing}
        yield from shaped(at, held, needs, {"title": words, "id": words})

    yield from shaped(where, value, {"action": execute, "userIds": users}, {"type": exactly("Refresh")})


def _mri(where: str, value: Json) -> Iterator[str]:
    if not isinstance(value, str) or not value.startswith("29:"):
        yield f"{where} is {value!r}, not somebody as this bot knows them"


def _message_mistakes(card: Json) -> Iterator[str]:
    for part in inside({**card, "refresh": {}}):
        if part.get("type") == "Action.Execute":
            fallback = part.get("fallback")
            same = isinstance(fallback, dict) and fallback.get("type") == "Action.Submit"
            if not same:
                yield f"card: {part.get('title')!r} does nothing in clients that know no Action.Execute"


def _dialog_mistakes(card: Json) -> Iterator[str]:
    if "refresh" in card:
        yield "card.refresh is for messages, not for dialogs"
    for part in inside({**card, "refresh": {}}):
        match part:
            case {"type": "Action.Execute"}:
                yield f"card: {part.get('title')!r} does nothing in a dialog"
            case {"type": "Action.Submit", "data": {"msteams": _}}:
                yield f"card: {part.get('title')!r} opens something out of a dialog"
            case _:
                pass


def _twice(card: Json) -> Iterator[str]:
    ids = [part["id"] for part in inside(card) if "id" in part]
    yield from (f"card: the id {name!r} is there {times} times" for name, times in Counter(ids).items() if times > 1)


def _dead_targets(card: Json) -> Iterator[str]:
    known = {part["id"] for part in inside(card) if "id" in part}
    for part in inside(card):
        for target in part.get("targetElements", ()):
            name = target if isinstance(target, str) else target["elementId"]
            if name not in known:
                yield f"card: there is no {name!r} to show or hide"
