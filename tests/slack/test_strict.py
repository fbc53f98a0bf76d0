"""Whatever Slack refuses is found before it is sent, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.slack.strict import mistakes_of_message, mistakes_of_view

Json = Any


def plain(text: str) -> Json:
    """Return a text object."""
    return {"type": "plain_text", "text": text}


def literal(*parts: Json) -> Json:
    """Return a rich text block of one section."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(parts)}]}


def button(action_id: str, **more: Json) -> Json:
    """Return a button."""
    return {"type": "button", "text": plain("Approve"), "action_id": action_id, "value": '["id-1",""]', **more}


def actions(*elements: Json) -> Json:
    """Return a block of buttons."""
    return {"type": "actions", "elements": list(elements)}


def asked(element: Json, **more: Json) -> Json:
    """Return a block that asks for something."""
    return {"type": "input", "block_id": "asked", "label": plain("Platform"), "element": element, **more}


def modal(*blocks: Json, **more: Json) -> Json:
    """Return a modal that can be sent."""
    frame = {"type": "modal", "title": plain("Apply"), "submit": plain("Next"), "close": plain("Cancel")}
    return {**frame, "callback_id": "form", "blocks": list(blocks), **more}


def option(value: str, text: str = "Instagram") -> Json:
    """Return an option."""
    return {"text": plain(text), "value": value}


def select(*options: Json, **more: Json) -> Json:
    """Return a menu."""
    return {"type": "static_select", "action_id": "value", "options": list(options), **more}


TEXT_INPUT = {"type": "plain_text_input", "action_id": "value"}
FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "judge#feedback",
    "positive_button": {"text": plain("Helpful"), "value": '["a","good"]'},
    "negative_button": {"text": plain("Not helpful"), "value": '["a","bad"]'},
}

GOOD_MESSAGES = {
    "a card": [
        {"type": "header", "text": plain("Application A-1")},
        literal({"type": "text", "text": "Year 9", "style": {"bold": True}}, {"type": "text", "text": "\n"}),
        literal({"type": "link", "url": "https://example.org/policy", "text": "policy"}),
        {"type": "divider"},
        {"type": "context", "elements": [plain("§3.2")]},
        actions(button("a#0", style="primary"), button("a#1", visible_to_user_ids=["U0HEAD"])),
        {"type": "context_actions", "elements": [FEEDBACK]},
    ],
    "a list": [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}],
                }
            ],
        }
    ],
    "words alone": [],
}

BAD_BLOCKS = {
    "no list": {"type": "divider"},
    "51 blocks": [{"type": "divider"}] * 51,
    "an unknown block": [{"type": "data_table", "rows": []}],
    "a key that does not belong": [{"type": "divider", "colour": "red"}],
    "a null": [{"type": "header", "text": plain("Title"), "block_id": None}],
    "a long header": [{"type": "header", "text": plain("x" * 151)}],
    "markup in a header": [{"type": "header", "text": {"type": "mrkdwn", "text": "*Title*"}}],
    "an empty header": [{"type": "header", "text": plain(" ")}],
    "a long section": [{"type": "section", "text": plain("x" * 3001)}],
    "an empty section": [{"type": "section"}],
    "eleven fields": [{"type": "section", "fields": [plain("x")] * 11}],
    "a long field": [{"type": "section", "fields": [plain("x" * 2001)]}],
    "eleven context elements": [{"type": "context", "elements": [plain("x")] * 11}],
    "26 buttons": [actions(*(button(f"a#{number}") for number in range(26)))],
    "no button": [actions()],
    "a long label": [actions(button("a#0", text=plain("x" * 76)))],
    "a long value": [actions(button("a#0", value="x" * 2001))],
    "an empty value": [actions(button("a#0", value=""))],
    "a long address": [actions(button("a#0", url="https://example.org/" + "x" * 3000))],
    "an unknown style": [actions(button("a#0", style="success"))],
    "no action_id": [actions({"type": "button", "text": plain("Approve")})],
    "an empty action_id": [actions(button(""))],
    "a long action_id": [actions(button("x" * 256))],
    "the same action_id twice": [actions(button("a#0")), actions(button("a#0"))],
    "the same block_id twice": [{"type": "divider", "block_id": "b"}, {"type": "divider", "block_id": "b"}],
    "an empty block_id": [{"type": "divider", "block_id": ""}],
    "visible to nobody": [actions(button("a#0", visible_to_user_ids=[]))],
    "visible to a name": [actions(button("a#0", visible_to_user_ids=["history.teacher"]))],
    "no rich text": [{"type": "rich_text", "elements": []}],
    "an empty section of rich text": [literal()],
    "empty literal text": [literal({"type": "text", "text": ""})],
    "an unknown part of rich text": [literal({"type": "markdown", "text": "x"})],
    "a bold that is no style": [literal({"type": "text", "text": "x", "style": "bold"})],
    "six feedback elements": [
        {"type": "context_actions", "elements": [{**FEEDBACK, "action_id": f"f{number}"} for number in range(6)]}
    ],
    "feedback with one side": [
        {"type": "context_actions", "elements": [{key: FEEDBACK[key] for key in FEEDBACK if key != "negative_button"}]}
    ],
    "an input as an action": [actions(TEXT_INPUT)],
    "too much to read": [{"type": "section", "text": plain("x" * 2500)}] * 5,
}

GOOD_VIEWS = {
    "a form": modal(asked(TEXT_INPUT | {"max_length": 200, "initial_value": "Year 9"}, hint=plain("As it is shown."))),
    "a menu": modal(asked(select(option("a"), option("b", "TikTok"), initial_option=option("a")), optional=True)),
    "people": modal(asked({"type": "multi_users_select", "action_id": "value", "initial_users": ["U0HEAD"]})),
    "a card": modal({"type": "section", "text": plain("x")}, private_metadata="session-1"),
    "a home tab": {"type": "home", "blocks": [literal({"type": "text", "text": "Welcome"})]},
}

BAD_VIEWS = {
    "a message": [{"type": "divider"}],
    "no blocks": modal(),
    "101 blocks": modal(*[{"type": "divider"}] * 101),
    "no submit": {key: value for key, value in modal(asked(TEXT_INPUT)).items() if key != "submit"},
    "a long title": modal({"type": "divider"}, title=plain("x" * 25)),
    "no title": {key: value for key, value in modal({"type": "divider"}).items() if key != "title"},
    "an empty close": modal({"type": "divider"}, close=plain("")),
    "long metadata": modal({"type": "divider"}, private_metadata="x" * 3001),
    "a long callback_id": modal({"type": "divider"}, callback_id="x" * 256),
    "a hash of its own": modal({"type": "divider"}, hash="1.a"),
    "an empty label": modal(asked(TEXT_INPUT, label=plain(""))),
    "a long label": modal(asked(TEXT_INPUT, label=plain("x" * 2001))),
    "a long hint": modal(asked(TEXT_INPUT, hint=plain("x" * 2001))),
    "a long placeholder": modal(asked(TEXT_INPUT | {"placeholder": plain("x" * 151)})),
    "a placeholder beside boxes": modal(
        asked({"type": "checkboxes", "action_id": "value", "options": [option("a")], "placeholder": plain("x")})
    ),
    "an endless input": modal(asked(TEXT_INPUT | {"max_length": 3001})),
    "more text than fits": modal(asked(TEXT_INPUT | {"max_length": 5, "initial_value": "123456"})),
    "no options": modal(asked(select())),
    "101 options": modal(asked(select(*(option(str(number)) for number in range(101))))),
    "the same value twice": modal(asked(select(option("a"), option("a", "TikTok")))),
    "a long value": modal(asked(select(option("x" * 151)))),
    "a long option": modal(asked(select(option("a", "x" * 76)))),
    "an empty option": modal(asked(select(option("a", "")))),
    "an initial option that is none": modal(asked(select(option("a"), initial_option=option("b")))),
    "eleven boxes": modal(
        asked({"type": "checkboxes", "action_id": "value", "options": [option(str(n)) for n in range(11)]})
    ),
    "a date in words": modal(asked({"type": "datepicker", "action_id": "value", "initial_date": "tomorrow"})),
    "a number of unknown kind": modal(asked({"type": "number_input", "action_id": "value"})),
    "feedback in a view": modal({"type": "context_actions", "elements": [FEEDBACK]}),
    "a button as an input": modal(asked(button("a#0"))),
    "250 kB": modal(*[{"type": "section", "text": plain("ä" * 3000)}] * 40),
    "a home tab with a title": {"type": "home", "title": plain("Home"), "blocks": [{"type": "divider"}]},
}


@pytest.mark.parametrize("name", GOOD_MESSAGES)
def test_a_good_message_has_no_mistakes(name: str) -> None:
    """Nothing is found where nothing is wrong."""
    assert mistakes_of_message("Application A-1", GOOD_MESSAGES[name]) == []


@pytest.mark.parametrize("name", BAD_BLOCKS)
def test_a_fault_in_a_message_is_found(name: str) -> None:
    """Each planted fault is found."""
    assert mistakes_of_message("Application A-1", BAD_BLOCKS[name])


@pytest.mark.parametrize("text", ["", " ", None, "x" * 4001])
def test_a_message_needs_words_for_a_notification(text: str | None) -> None:
    """Blocks alone say nothing on a locked screen."""
    assert mistakes_of_message(text, [{"type": "divider"}])


@pytest.mark.parametrize(
    "metadata", [{"event_type": "x"}, {"event_type": "", "event_payload": {}}, {"event_type": "x", "event_payload": []}]
)
def test_a_fault_in_metadata_is_found(metadata: Json) -> None:
    """Metadata has a name and an object."""
    assert mistakes_of_message("Title", [], metadata)
    assert mistakes_of_message("Title", [], {"event_type": "job", "event_payload": {"id": "x" * 8000}})
    assert mistakes_of_message("Title", [], {"event_type": "job", "event_payload": {"id": "job-1"}}) == []


@pytest.mark.parametrize("name", GOOD_VIEWS)
def test_a_good_view_has_no_mistakes(name: str) -> None:
    """Nothing is found where nothing is wrong."""
    assert mistakes_of_view(GOOD_VIEWS[name]) == []


@pytest.mark.parametrize("name", BAD_VIEWS)
def test_a_fault_in_a_view_is_found(name: str) -> None:
    """Each planted fault is found."""
    assert mistakes_of_view(BAD_VIEWS[name])
