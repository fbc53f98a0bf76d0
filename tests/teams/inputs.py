"""What people type into a card, and what their client makes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from tests.teams.cards import elements
from tests.teams.refusals import NotThere, NotTypeable
from tests.teams.strict_inputs import units

Json = Any
PLEASE_FILL_IN = "This field is required."


@dataclass(frozen=True, slots=True)
class Input:
    """A field of a card; *choices* are pairs of title and value, *kind* is what follows "Input."."""

    id: str
    kind: str
    label: str
    required: bool
    error: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    multiple: bool = False
    element: Json = None

    def entry(self, value: Json) -> str:
        """Return *value* as the client sends it; None empties the field.

        Raises:
            NotTypeable: the client would not take it.
        """
        if value is None:
            return ""
        if self.kind == "ChoiceSet":
            return self._chosen(value)
        text = str(value)
        if not self._takes(text):
            raise NotTypeable(f"{self.id} is a {self.kind} and takes no {value!r}")
        return text

    def _chosen(self, value: Json) -> str:
        chosen = [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
        known = {number for _, number in self.choices}
        if not set(chosen) <= known or (len(chosen) > 1 and not self.multiple):
            raise NotTypeable(f"{self.id} offers {sorted(known)}, not {chosen}")
        # The client keeps the order in which the choices stand.
        return ",".join(number for _, number in self.choices if number in chosen)

    def _takes(self, text: str) -> bool:
        match self.kind:
            case "Text":
                return units(text) <= int(self.element.get("maxLength", units(text)))
            case "Date":
                return _reads(date.fromisoformat, text)
            case "Time":
                return re.fullmatch(r"\d\d:\d\d", text) is not None and _reads(time.fromisoformat, text)
            case "Number":
                return _reads(float, text)
            case "Toggle":
                return text in {self.element.get("valueOn", "true"), self.element.get("valueOff", "false")}
            case _:
                return False


def inputs_of(card: Json) -> dict[str, Input]:
    """Return the fields of *card* by id, from top to bottom."""
    found = [element for element in elements(card) if str(element.get("type", "")).startswith("Input.")]
    return {str(element.get("id", "")): _input(element) for element in found}


def typed(card: Json, values: Mapping[str, Json]) -> dict[str, str]:
    """Return what all fields hold, once *values* were typed over what stood in them.

    Raises:
        NotThere: there is no such field.
        NotTypeable: the client would not take it.
    """
    fields = inputs_of(card)
    if unknown := sorted(set(values) - set(fields)):
        raise NotThere(f"{unknown} are none of {list(fields)}")
    held = {name: each.value for name, each in fields.items()}
    return held | {name: fields[name].entry(value) for name, value in values.items()}


def sent(card: Json, values: Mapping[str, str]) -> dict[str, str]:
    """Return what goes into the data of an action: fields that are empty are left out."""
    return {name: values[name] for name in inputs_of(card) if values.get(name)}


def wrong(card: Json, values: Mapping[str, str]) -> dict[str, str]:
    """Return what the client says below fields before it sends anything, by id."""
    return {
        name: each.error or PLEASE_FILL_IN
        for name, each in inputs_of(card).items()
        if not _is_valid(each, values.get(name, ""))
    }


def _is_valid(field: Input, value: str) -> bool:
    if not value:
        return not field.required
    if field.kind == "Toggle" and field.required:
        return bool(value == field.element.get("valueOn", "true"))
    if field.kind == "Text" and "regex" in field.element:
        return re.search(field.element["regex"], value) is not None
    if field.kind == "Number":
        return bool(field.element.get("min", float(value)) <= float(value) <= field.element.get("max", float(value)))
    if field.kind in {"Date", "Time"}:
        return bool(field.element.get("min", value) <= value <= field.element.get("max", value))
    return True


def _input(element: Json) -> Input:
    kind = str(element["type"]).removeprefix("Input.")
    off = element.get("valueOff", "false") if kind == "Toggle" else ""
    return Input(
        str(element.get("id", "")),
        kind,
        str(element.get("label", "")),
        element.get("isRequired") is True,
        str(element.get("errorMessage", "")),
        str(element.get("value", off)),
        tuple((str(each.get("title")), str(each.get("value"))) for each in element.get("choices", ())),
        element.get("isMultiSelect") is True,
        element,
    )


def _reads(parse: Any, text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True
