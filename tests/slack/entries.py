"""What stands in the fields of a view: as drawn, as typed by somebody, and as Slack sends it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.slack.messages import elements
from tests.slack.strict_elements import options_of

Json = Any
Entries = dict[tuple[str, str], Json]

# The key of a state, and the key that says what it holds at first.
VALUES = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
}
LISTS = {key for key, _ in VALUES.values() if key.endswith("s")}


class NotTypeable(ValueError):
    """Slack's client doesn't let a person enter that there."""


def fields(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield each element that keeps an entry, after the block that holds it."""
    for block, element in elements(blocks):
        if element["type"] in VALUES:
            yield block, element


def state_values(blocks: list[Json], typed: Entries) -> Json:
    """Return the state of a view: what was typed, else what was drawn in."""
    values: dict[str, Json] = {}
    for block, element in fields(blocks):
        key, initial = VALUES[element["type"]]
        place = (block["block_id"], element["action_id"])
        held = typed[place] if place in typed else element.get(initial, [] if key in LISTS else None)
        values.setdefault(place[0], {})[place[1]] = {"type": element["type"], key: held}
    return {"values": values}


def entry(element: Json, value: Json, people: set[str]) -> Json:
    """Return *value* as the state of *element* holds it; None empties it.

    Raises:
        NotTypeable: the client would not take it.
    """
    kind = element["type"]
    key, _ = VALUES[kind]
    if value is None or value == "" or value == []:
        return [] if key in LISTS else None
    match kind:
        case "plain_text_input":
            return _within(str(value), element.get("min_length", 0), element.get("max_length", 3000))
        case "number_input":
            return _number(element, str(value))
        case "static_select" | "radio_buttons":
            return _option(element, value)
        case "multi_static_select" | "checkboxes":
            return [_option(element, each) for each in _few(element, value)]
        case "datepicker":
            return date.fromisoformat(str(value)).isoformat()
        case "timepicker":
            return time.fromisoformat(str(value)).strftime("%H:%M")
        case "datetimepicker":
            return int(value)
        case "users_select":
            return _person(value, people)
        case "multi_users_select":
            return [_person(each, people) for each in _few(element, value)]
        case _:
            return value


def missing(blocks: list[Json], typed: Entries) -> list[str]:
    """Return the block ids of required fields that are empty, which the client asks for before it sends."""
    values = state_values(blocks, typed)["values"]
    return [
        block["block_id"]
        for block, element in fields(blocks)
        if block["type"] == "input"
        and not block.get("optional", False)
        and values[block["block_id"]][element["action_id"]][VALUES[element["type"]][0]] in (None, "", [])
    ]


def kept(old: list[Json], typed: Entries, new: list[Json]) -> Entries:
    """Return what stands in fields of *new* that were in *old* too: same block_id, same action_id, same kind.

    What was drawn in anew loses against it, typed over or not: Slack's client keeps what it shows.
    """
    values = state_values(old, typed)["values"]
    survivors = {}
    for block, element in fields(new):
        held = values.get(block["block_id"], {}).get(element["action_id"])
        if held and held["type"] == element["type"]:
            survivors[block["block_id"], element["action_id"]] = held[VALUES[element["type"]][0]]
    return survivors


def _within(text: str, least: int, most: int) -> str:
    if not least <= len(text) <= most:
        raise NotTypeable(f"{len(text)} characters, {least} to {most} are allowed")
    return text


def _number(element: Json, text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise NotTypeable(f"{text!r} is no number") from None
    if number != int(number) and not element["is_decimal_allowed"]:
        raise NotTypeable(f"{text} is no whole number")
    if number < Decimal(element.get("min_value", text)) or number > Decimal(element.get("max_value", text)):
        raise NotTypeable(f"{text} is out of range")
    return text


def _option(element: Json, value: str) -> Json:
    for option in options_of(element):
        if value == option["value"]:
            return option
    raise NotTypeable(f"{value!r} is none of {[option['value'] for option in options_of(element)]}")


def _person(value: str, people: set[str]) -> str:
    if value not in people:
        raise NotTypeable(f"nobody here is {value!r}")
    return value


def _few(element: Json, values: list[str]) -> list[str]:
    if len(values) > element.get("max_selected_items", len(values)):
        raise NotTypeable(f"{len(values)} chosen, at most {element['max_selected_items']} are allowed")
    return values
