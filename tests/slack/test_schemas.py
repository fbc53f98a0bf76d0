"""What finds mistakes in payloads finds them, and takes what is right: checked by planting mistakes."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.slack.schemas import Kind, mistakes

Json = Any


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}


def option(text: str, value: str = "") -> Json:
    return {"text": plain(text), "value": value or text}


def words(*spans: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(spans)}


def button(label: str, **more: Json) -> Json:
    return {"type": "button", "text": plain(label), "action_id": f"x.{label}#0", "value": '["APP-1",""]', **more}


MESSAGE: Json = {
    "text": "Application APP-1",
    "metadata": {"event_type": "smpolicy_notice", "event_payload": {"job": "j1"}},
    "blocks": [
        {"type": "header", "text": plain("Application APP-1")},
        {
            "type": "rich_text",
            "elements": [
                words(
                    {"type": "text", "text": "Bold & <literal>", "style": {"bold": True}},
                    {"type": "link", "url": "https://school.example/", "text": "page"},
                    {"type": "user", "user_id": "U0DSL"},
                ),
                {"type": "rich_text_list", "style": "bullet", "indent": 0, "elements": [words()]},
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": "the clause"}]},
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "as it is"}]},
            ],
        },
        {"type": "section", "text": plain("Who"), "fields": [plain("Runner"), {"type": "mrkdwn", "text": "one"}]},
        {"type": "divider"},
        {
            "type": "actions",
            "block_id": "choices",
            "elements": [
                button("Approve", style="primary", visible_to_user_ids=["U0DEPUTYHEAD"]),
                button("Reject", style="danger", confirm={
                    "title": plain("Reject?"), "text": plain("It ends here."),
                    "confirm": plain("Reject"), "deny": plain("Back"), "style": "danger",
                }),
                button("Open", url="https://school.example/", accessibility_label="Open the page"),
                {"type": "overflow", "action_id": "more", "options": [option("Edit"), option("Cancel")]},
            ],
        },
        {"type": "context", "elements": [plain("policy: August 2017")]},
        {
            "type": "context_actions",
            "elements": [{
                "type": "feedback_buttons",
                "action_id": "policy.vote#feedback",
                "positive_button": {"text": plain("Helpful"), "value": '["q","good"]'},
                "negative_button": {"text": plain("Not helpful"), "value": '["q","bad"]'},
            }],
        },
        {
            "type": "table",
            "column_settings": [{"is_wrapped": True}],
            "rows": [[{"type": "raw_text", "text": "Account"}, {"type": "rich_text", "elements": [words()]}]],
        },
    ],
}  # fmt: skip


def field(name: str, element: Json, **more: Json) -> Json:
    return {
        "type": "input",
        "block_id": name,
        "label": plain(name),
        "element": {"action_id": "value", **element},
    } | more


MODAL: Json = {
    "type": "modal",
    "callback_id": "form",
    "external_id": "session.1",
    "private_metadata": "{}",
    "title": plain("Apply"),
    "submit": plain("Continue"),
    "close": plain("Close"),
    "notify_on_close": True,
    "clear_on_close": False,
    "blocks": [
        field("purpose", {"type": "plain_text_input", "multiline": True, "max_length": 3000, "focus_on_load": True}),
        field("platform", {
            "type": "static_select", "options": [option("X"), option("Other")], "initial_option": option("X"),
            "placeholder": plain("Choose"),
        }, dispatch_action=True, optional=True, hint=plain("Where it will be.")),
        field("kinds", {"type": "checkboxes", "options": [option("Text")], "initial_options": [option("Text")]}),
        field("yes", {"type": "radio_buttons", "options": [option("Yes"), option("No")]}),
        field("many", {"type": "multi_static_select", "options": [option("A")], "max_selected_items": 2}),
        field("runners", {"type": "multi_users_select", "initial_users": ["U0PETEACHER"]}),
        field("one", {"type": "users_select", "initial_user": "U0PETEACHER"}),
        field("day", {"type": "datepicker", "initial_date": "2026-11-28"}),
        field("moment", {"type": "datetimepicker", "initial_date_time": 1_795_000_000}),
        field("time", {"type": "timepicker", "initial_time": "08:00", "timezone": "Europe/London"}),
        field("count", {"type": "number_input", "is_decimal_allowed": False, "initial_value": "3"}),
        field("mail", {"type": "email_text_input"}),
        field("link", {
            "type": "url_text_input", "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
        }),
        field("clause", {"type": "external_select", "min_query_length": 0}),
        {"type": "actions", "elements": [button("Answer in chat instead")]},
    ],
}  # fmt: skip

HOME: Json = {
    "type": "home",
    "callback_id": "home",
    "blocks": [
        {"type": "header", "text": plain("What waits for you")},
        {"type": "section", "text": plain("APP-1"), "accessory": button("Open")},
        {"type": "image", "image_url": "https://school.example/a.png", "alt_text": "A picture", "title": plain("A")},
    ],
}

RIGHT: dict[Kind, Json] = {"message": MESSAGE, "modal": MODAL, "home": HOME}


@pytest.mark.parametrize("kind", RIGHT)
def test_what_slack_takes_has_no_mistakes(kind: Kind) -> None:
    assert mistakes(kind, RIGHT[kind]) == []


def test_a_message_may_be_text_alone() -> None:
    assert mistakes("message", {"text": "Done.", "response_type": "ephemeral", "replace_original": True}) == []


def at(document: Json, *path: str | int) -> Json:
    for step in path:
        document = document[step]
    return document


def put(*path: str | int, value: Json) -> Callable[[Json], None]:
    """Return what sets the value at the end of *path*, or takes it away where *value* is None."""

    def plant(document: Json) -> None:
        holder = at(document, *path[:-1])
        if value is None:
            del holder[path[-1]]
        else:
            holder[path[-1]] = value

    return plant


def add(*path: str | int, value: Json) -> Callable[[Json], None]:
    return lambda document: at(document, *path).append(value)


PLANTED: dict[str, tuple[Kind, Callable[[Json], None]]] = {
    # Structure.
    "no text for notifications": ("message", put("text", value=None)),
    "a mistyped key of the message": ("message", put("thread_id", value="1.2")),
    "an unknown block": ("message", put("blocks", 3, "type", value="dividor")),
    "a mistyped key of a block": ("message", put("blocks", 4, "blockid", value="x")),
    "a mistyped key of a button": ("message", put("blocks", 4, "elements", 0, "visible_to_users", value=["U0DSL"])),
    "a mistyped style": ("message", put("blocks", 1, "elements", 0, "elements", 0, "style", value={"fat": True})),
    "a style that no button has": ("message", put("blocks", 4, "elements", 0, "style", value="default")),
    "a header in mrkdwn": ("message", put("blocks", 0, "text", "type", value="mrkdwn")),
    "a button without a label": ("message", put("blocks", 4, "elements", 0, "text", value=None)),
    "a label that is a bare string": ("message", put("blocks", 4, "elements", 0, "text", value="Approve")),
    "a text outside a section": ("message", add("blocks", 1, "elements", value={"type": "text", "text": "x"})),
    "an input element among the actions": ("message", add("blocks", 4, "elements", value={"type": "plain_text_input"})),
    "feedback among the actions": (
        "message", lambda document: document["blocks"][4]["elements"].append(document["blocks"][6]["elements"][0]),
    ),
    "feedback without a no": ("message", put("blocks", 6, "elements", 0, "negative_button", value=None)),
    "a modal without a title": ("modal", put("title", value=None)),
    "an element that is no input": ("modal", put("blocks", 0, "element", value=button("Approve"))),
    "a moment as words": ("modal", put("blocks", 8, "element", "initial_date_time", value="2026-11-28T08:00")),
    "a home tab with a title": ("home", put("title", value=plain("Home"))),
    # Lengths and counts.
    "a header of 151": ("message", put("blocks", 0, "text", "text", value="x" * 151)),
    "a label of 76": ("message", put("blocks", 4, "elements", 0, "text", "text", value="x" * 76)),
    "a button's value of 2001": ("message", put("blocks", 4, "elements", 0, "value", value="x" * 2001)),
    "an action_id of 256": ("message", put("blocks", 4, "elements", 0, "action_id", value="x" * 256)),
    "a field of 2001": ("message", put("blocks", 2, "fields", 0, "text", value="x" * 2001)),
    "an empty text": ("message", put("blocks", 2, "text", "text", value="")),
    "empty rich text": ("message", put("blocks", 1, "elements", 0, "elements", 0, "text", value="")),
    "51 blocks": ("message", lambda document: document["blocks"].extend([{"type": "divider"}] * 43)),
    "26 buttons": ("message", put("blocks", 4, "elements", value=[button(str(number)) for number in range(26)])),
    "no buttons": ("message", put("blocks", 4, "elements", value=[])),
    "two buttons with one action_id": ("message", add("blocks", 4, "elements", value=button("Approve"))),
    "two blocks with one id": ("message", put("blocks", 3, "block_id", value="choices")),
    "a title of 25": ("modal", put("title", "text", value="x" * 25)),
    "inputs without a submit": ("modal", put("submit", value=None)),
    "metadata of 3001": ("modal", put("private_metadata", value="x" * 3001)),
    "an option's label of 76": ("modal", put("blocks", 1, "element", "options", 0, "text", "text", value="x" * 76)),
    "an option's value of 151": ("modal", put("blocks", 1, "element", "options", 1, "value", value="x" * 151)),
    "two options with one value": ("modal", add("blocks", 1, "element", "options", value=option("X"))),
    "a choice that is not offered": ("modal", put("blocks", 1, "element", "initial_option", value=option("Y"))),
    "11 boxes to tick": ("modal", put("blocks", 2, "element", "options", value=[option(str(n)) for n in range(11)])),
    "feedback in a modal": ("modal", add("blocks", value=MESSAGE["blocks"][6])),
    "101 blocks": ("home", lambda document: document["blocks"].extend([{"type": "divider"}] * 98)),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_each_planted_mistake_is_found(name: str) -> None:
    kind, plant = PLANTED[name]
    document = deepcopy(RIGHT[kind])

    plant(document)

    assert mistakes(kind, document) != []


def test_a_mistake_is_told_with_its_place_and_of_the_block_that_was_meant() -> None:
    document = deepcopy(MESSAGE)
    put("blocks", 4, "elements", 0, "valeu", value="x")(document)

    told = mistakes("message", document)

    assert told == ["$.blocks[4].elements[0]: Additional properties are not allowed ('valeu' was unexpected)"]
