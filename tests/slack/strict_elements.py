"""What Slack refuses in a button, a select menu or another element of a block."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, time
from typing import Any

from tests.slack.strict_texts import (
    EITHER,
    PLAIN,
    address_mistakes,
    count_mistakes,
    identifier_mistakes,
    text_mistakes,
    words_mistakes,
)

Json = Any
Rule = Callable[[str, Json], Iterator[str]]

SINGLE_SELECTS = {"static_select", "users_select", "conversations_select", "channels_select", "external_select"}
MULTI_SELECTS = {f"multi_{kind}" for kind in SINGLE_SELECTS}
CHOICES = {"checkboxes", "radio_buttons"}
DATES = {"datepicker", "timepicker"}
ACTIONS = SINGLE_SELECTS | CHOICES | DATES | {"button", "datetimepicker", "overflow", "workflow_button"}
ACCESSORIES = SINGLE_SELECTS | MULTI_SELECTS | CHOICES | DATES | {"button", "image", "overflow", "workflow_button"}
TYPED = {"plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input"}
INPUTS = SINGLE_SELECTS | MULTI_SELECTS | CHOICES | DATES | TYPED | {"datetimepicker", "file_input"}
PLACEHOLDERS = SINGLE_SELECTS | MULTI_SELECTS | DATES | TYPED
PERSON = re.compile(r"[UW][A-Z0-9]+")


def element_mistakes(where: str, element: Json) -> Iterator[str]:
    """Yield what is wrong with an element, whatever it is."""
    if element.get("type") != "image":
        yield from identifier_mistakes(f"{where}.action_id", element.get("action_id"))
    if "placeholder" in element:
        if element.get("type") not in PLACEHOLDERS:
            yield f"{where} takes no placeholder"
        yield from text_mistakes(f"{where}.placeholder", element["placeholder"], 150)
    if "confirm" in element:
        yield from _confirm_mistakes(f"{where}.confirm", element["confirm"])
    rule = RULES.get(element.get("type", ""))
    if rule:
        yield from rule(where, element)


def _button(where: str, element: Json) -> Iterator[str]:
    yield from text_mistakes(f"{where}.text", element.get("text"), 75)
    if "value" in element:
        yield from words_mistakes(f"{where}.value", element["value"], 2000)
    if "url" in element:
        yield from address_mistakes(f"{where}.url", element["url"])
    if "style" in element and element["style"] not in {"primary", "danger"}:
        yield f"{where}.style is {element['style']!r}"
    if "accessibility_label" in element:
        yield from words_mistakes(f"{where}.accessibility_label", element["accessibility_label"], 75)
    if "visible_to_user_ids" in element:
        yield from _people_mistakes(f"{where}.visible_to_user_ids", element["visible_to_user_ids"])


def _people_mistakes(where: str, people: Json) -> Iterator[str]:
    yield from count_mistakes(where, people, 1, 1000)
    for person in people if isinstance(people, list) else ():
        if not isinstance(person, str) or not PERSON.fullmatch(person):
            yield f"{where} holds {person!r}, which is no user id"


def _confirm_mistakes(where: str, confirm: Json) -> Iterator[str]:
    if not isinstance(confirm, dict):
        yield f"{where} is no object"
        return
    for name, most, kinds in (
        ("title", 100, PLAIN),
        ("text", 300, EITHER),
        ("confirm", 30, PLAIN),
        ("deny", 30, PLAIN),
    ):
        yield from text_mistakes(f"{where}.{name}", confirm.get(name), most, kinds)


def _feedback(where: str, element: Json) -> Iterator[str]:
    for name in ("positive_button", "negative_button"):
        button = element.get(name)
        if not isinstance(button, dict) or set(button) - {"text", "value", "accessibility_label"}:
            yield f"{where}.{name} is no feedback button"
            continue
        yield from text_mistakes(f"{where}.{name}.text", button.get("text"), 75)
        yield from words_mistakes(f"{where}.{name}.value", button.get("value"), 2000)


def _icon(where: str, element: Json) -> Iterator[str]:
    yield from words_mistakes(f"{where}.icon", element.get("icon"), 75)
    yield from text_mistakes(f"{where}.text", element.get("text"), 75)


def option_mistakes(where: str, option: Json, kinds: tuple[str, ...] = PLAIN) -> Iterator[str]:
    """Yield what is wrong with one option."""
    if not isinstance(option, dict):
        yield f"{where} is no option"
        return
    yield from text_mistakes(f"{where}.text", option.get("text"), 75, kinds)
    yield from words_mistakes(f"{where}.value", option.get("value"), 150)
    if "description" in option:
        yield from text_mistakes(f"{where}.description", option["description"], 75, kinds)


def _options(most: int, kinds: tuple[str, ...] = PLAIN) -> Rule:
    def rule(where: str, element: Json) -> Iterator[str]:
        if "option_groups" in element:
            yield from count_mistakes(f"{where}.option_groups", element["option_groups"], 1, 100)
            for number, group in enumerate(element["option_groups"]):
                yield from text_mistakes(f"{where}.option_groups[{number}].label", group.get("label"), 75)
                yield from count_mistakes(f"{where}.option_groups[{number}].options", group.get("options"), 1, most)
        else:
            yield from count_mistakes(f"{where}.options", element.get("options"), 1, most)
        options = options_of(element)
        for number, option in enumerate(options):
            yield from option_mistakes(f"{where}.options[{number}]", option, kinds)
        values = [option.get("value") for option in options if isinstance(option, dict)]
        if len(values) > len(set(values)):
            yield f"{where}.options holds a value twice"
        yield from _initial_mistakes(where, element, options)

    return rule


def _initial_mistakes(where: str, element: Json, options: list[Json]) -> Iterator[str]:
    if "initial_option" in element and element["initial_option"] not in options:
        yield f"{where}.initial_option is none of the options"
    if "initial_options" in element:
        yield from count_mistakes(f"{where}.initial_options", element["initial_options"], 1, len(options))
        for option in element["initial_options"] or ():
            if option not in options:
                yield f"{where}.initial_options holds what is none of the options"


def options_of(element: Json) -> list[Json]:
    """Return the options of a select menu, those in groups too."""
    if "option_groups" in element:
        return [option for group in element["option_groups"] for option in group.get("options") or ()]
    return list(element.get("options") or ())


def _plain_input(where: str, element: Json) -> Iterator[str]:
    most = element.get("max_length", 3000)
    if not isinstance(most, int) or not 1 <= most <= 3000:
        yield f"{where}.max_length is {most!r}, 1 to 3000 are allowed"
        most = 3000
    least = element.get("min_length", 0)
    if not isinstance(least, int) or not 0 <= least <= most:
        yield f"{where}.min_length is {least!r}"
    if "initial_value" in element:
        yield from words_mistakes(f"{where}.initial_value", element["initial_value"], most)


def _number_input(where: str, element: Json) -> Iterator[str]:
    if not isinstance(element.get("is_decimal_allowed"), bool):
        yield f"{where}.is_decimal_allowed is missing"
    for name in ("initial_value", "min_value", "max_value"):
        if name in element and not isinstance(element[name], str):
            yield f"{where}.{name} is no string"


def _date(where: str, element: Json) -> Iterator[str]:
    yield from _parsed(f"{where}.initial_date", element.get("initial_date"), date.fromisoformat)


def _time(where: str, element: Json) -> Iterator[str]:
    yield from _parsed(f"{where}.initial_time", element.get("initial_time"), time.fromisoformat)


def _parsed(where: str, words: Json, parse: Callable[[str], object]) -> Iterator[str]:
    if words is None:
        return
    try:
        parse(words)
    except (TypeError, ValueError):
        yield f"{where} is {words!r}"


def _moment(where: str, element: Json) -> Iterator[str]:
    moment = element.get("initial_date_time", 1_000_000_000)
    if not isinstance(moment, int) or len(str(moment)) != 10:
        yield f"{where}.initial_date_time is {moment!r}, not ten digits of seconds"


def _users(where: str, element: Json) -> Iterator[str]:
    if "initial_user" in element:
        yield from _people_mistakes(f"{where}.initial_user", [element["initial_user"]])
    if "initial_users" in element:
        yield from _people_mistakes(f"{where}.initial_users", element["initial_users"])


RULES: dict[str, Rule] = {
    "button": _button,
    "feedback_buttons": _feedback,
    "icon_button": _icon,
    "static_select": _options(100),
    "multi_static_select": _options(100),
    "checkboxes": _options(10, EITHER),
    "radio_buttons": _options(10, EITHER),
    "overflow": _options(5),
    "plain_text_input": _plain_input,
    "number_input": _number_input,
    "datepicker": _date,
    "timepicker": _time,
    "datetimepicker": _moment,
    "users_select": _users,
    "multi_users_select": _users,
}
