"""What a client, or our own taste, refuses in a field of a card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.teams.strict_values import (
    Rule,
    clock,
    count,
    day,
    each,
    exactly,
    fact,
    number,
    one_of,
    pattern,
    shaped,
    text,
    words,
)

Json = Any


def choices(where: str, value: Json) -> Iterator[str]:
    """Yield what is wrong with what can be chosen; values are told apart by commas."""
    needs: dict[str, Rule] = {"title": words, "value": words}
    yield from each(where, value, lambda at, choice: shaped(at, choice, needs, {"type": exactly("Input.Choice")}))
    if isinstance(value, list):
        values = [str(choice.get("value")) for choice in value if isinstance(choice, dict)]
        yield from (f"{where}: {held!r} has a comma in it" for held in values if "," in held)
        yield from (f"{where}: {held!r} is there twice" for held in {*values} if values.count(held) > 1)


# By the kind of the field: what it needs, and what else it takes beside what all fields take.
INPUTS: dict[str, tuple[dict[str, Rule], dict[str, Rule]]] = {
    "Input.Text": (
        {},
        {
            "isMultiline": fact,
            "maxLength": count,
            "placeholder": words,
            "regex": pattern,
            "style": one_of("text", "tel", "url", "email", "password"),
            "value": text,
        },
    ),
    "Input.Number": ({}, {"max": number, "min": number, "placeholder": words, "value": number}),
    "Input.Date": ({}, {"max": day, "min": day, "placeholder": words, "value": day}),
    "Input.Time": ({}, {"max": clock, "min": clock, "placeholder": words, "value": clock}),
    "Input.Toggle": ({"title": words}, {"value": text, "valueOff": words, "valueOn": words, "wrap": fact}),
    "Input.ChoiceSet": (
        {"choices": choices},
        {
            "isMultiSelect": fact,
            "style": one_of("compact", "expanded", "filtered"),
            "value": text,
            "placeholder": words,
            "wrap": fact,
        },
    ),
}


def input_mistakes(where: str, field: Json) -> Iterator[str]:
    """Yield what is wrong with a field beyond its single properties."""
    if not field.get("label"):
        yield f"{where}.label is missing, so that nobody knows what to fill in"
    if field.get("isRequired") and not field.get("errorMessage"):
        yield f"{where}.errorMessage is missing, though the field is required"
    match field:
        case {"type": "Input.Text", "value": str(value), "maxLength": int(most)} if units(value) > most:
            yield f"{where}.value is longer than {most}"
        case {"type": "Input.ChoiceSet", "value": str(value), "choices": list(offered)} if value:
            known = {choice.get("value") for choice in offered if isinstance(choice, dict)}
            chosen = value.split(",") if field.get("isMultiSelect") else [value]
            yield from (f"{where}.value {each!r} is no choice" for each in chosen if each not in known)
        case {"type": "Input.Number" | "Input.Date" | "Input.Time", "value": value}:
            yield from _outside(where, value, field)
        case _:
            pass


def units(value: str) -> int:
    """Return the length of *value* as browsers count it."""
    return len(value.encode("utf-16-le", "surrogatepass")) // 2


def _outside(where: str, value: Json, field: Json) -> Iterator[str]:
    least, most = field.get("min", value), field.get("max", value)
    if type(least) is type(value) is type(most) and not least <= value <= most:
        yield f"{where}.value {value!r} is not within {least!r} and {most!r}"
