"""The strict rules of the fake take what Teams draws, and name each thing that it would not."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.teams.strict import CARD, LARGEST, activity_mistakes, conversation_mistakes, large
from tests.teams.strict_answers import ERROR, PREVIEW, SAID, answer_mistakes
from tests.teams.strict_cards import SCHEMA, card_mistakes
from tests.teams.strict_entities import MESSAGE

Json = Any
BOT, TENANT = "28:app", "school"


def rich(*inlines: Json, **more: Json) -> Json:
    """Return a line of text."""
    return {"type": "RichTextBlock", "inlines": list(inlines), **more}


def run(text: str, **more: Json) -> Json:
    """Return a part of a line."""
    return {"type": "TextRun", "text": text, **more}


def submit(title: str, **data: Json) -> Json:
    """Return a button that sends a message."""
    return {"type": "Action.Submit", "title": title, "data": data}


def execute(title: str, **data: Json) -> Json:
    """Return a button that asks the app, with one for clients that can't."""
    return {
        "type": "Action.Execute",
        "title": title,
        "verb": "approve",
        "data": data,
        "associatedInputs": "none",
        "fallback": submit(title, **data),
    }


def buttons(*actions: Json) -> Json:
    """Return buttons beside each other."""
    return {"type": "ActionSet", "actions": list(actions)}


def field(kind: str = "Text", name: str = "aim", **more: Json) -> Json:
    """Return a field that has to be filled in."""
    asked = {"label": "What for?", "isRequired": True, "errorMessage": "Please say what for."}
    return {"type": f"Input.{kind}", "id": name, **asked, **more}


def choice(title: str, value: str) -> Json:
    """Return something to choose."""
    return {"title": title, "value": value}


def card(*body: Json, **more: Json) -> Json:
    """Return a card."""
    return {"type": "AdaptiveCard", "$schema": SCHEMA, "version": "1.5", "body": list(body), **more}


def message(content: Json, **more: Json) -> Json:
    """Return a message with a card."""
    return {
        "type": "message",
        "summary": "A new account",
        "attachments": [{"contentType": CARD, "content": content}],
        **more,
    }


def refresh(*users: str, **more: Json) -> Json:
    """Return how people get cards of their own."""
    action = {"type": "Action.Execute", "verb": "card.refresh", "data": {}}
    return {"action": {**action, **more}, "userIds": list(users)}


def citing(*positions: int, **more: Json) -> Json:
    """Return an entity with citations."""
    document = {"@type": "DigitalDocument", "name": "The policy, §3.2", "abstract": "Two runners at least.", **more}
    claims = [{"@type": "Claim", "position": each, "appearance": document} for each in positions]
    return {"type": MESSAGE, "@type": "Message", "@context": "https://schema.org", "@id": "", "citation": claims}


def dialog(content: Json, **more: Json) -> Json:
    """Return the answer that opens a dialog."""
    value = {"title": "A new account", "height": "large", "width": "medium", **more}
    return {"task": {"type": "continue", "value": {**value, "card": {"contentType": CARD, "content": content}}}}


LINE = rich(run("Year 9", weight="bolder"))
CHOICES = [choice("Open", "1"), choice("Closed", "2")]
EVERYTHING = card(
    rich(run("Approval", size="large", weight="bolder"), " of ", run("@year9", fontType="monospace", isSubtle=True)),
    {"type": "TextBlock", "text": "Steps", "wrap": True, "style": "heading", "color": "accent", "spacing": "small"},
    {"type": "Container", "style": "attention", "bleed": True, "items": [LINE], "id": "warning"},
    {"type": "FactSet", "facts": [{"title": "Runner", "value": "PE teacher"}]},
    {
        "type": "ColumnSet",
        "columns": [{"type": "Column", "width": "auto", "items": [LINE]}, {"width": "stretch", "items": [LINE]}],
    },
    {"type": "Image", "url": "https://school.example/logo.png", "altText": "Our logo", "size": "small"},
    {
        "type": "Table",
        "columns": [{"width": 1}, {"width": "50px"}],
        "rows": [{"type": "TableRow", "cells": [{"type": "TableCell", "items": [LINE]}]}],
    },
    rich(run("The policy", selectAction={"type": "Action.OpenUrl", "url": "https://school.example/policy#3"})),
    field(isMultiline=True, maxLength=500, value="Parents"),
    field("ChoiceSet", "platform", choices=CHOICES, style="expanded", wrap=True, value="1"),
    field("ChoiceSet", "people", choices=CHOICES, style="filtered", isMultiSelect=True, value="1,2"),
    field("Number", "followers", min=1, max=10_000, value=20),
    field("Date", "day", min="2026-01-01", value="2026-11-24"),
    field("Time", "clock", value="09:15"),
    field("Toggle", "read", title="I have read it", valueOn="yes", valueOff="no"),
    buttons(execute("Approve", subject="ACC-1"), {**execute("Reject"), "style": "destructive", "isEnabled": True}),
    buttons(
        submit("Fill in", msteams={"type": "task/fetch"}),
        {"type": "Action.OpenUrl", "title": "Read it", "url": "mailto:head@school.example"},
        {"type": "Action.ToggleVisibility", "title": "More", "targetElements": ["warning"]},
    ),
    fallbackText="Approval",
    msteams={"width": "Full"},
    refresh=refresh("29:head", "29:deputy"),
)


def test_what_teams_draws_is_taken() -> None:
    """Each kind of element passes, in a message of each kind."""
    said = message(
        EVERYTHING,
        channelData={"feedbackLoop": {"type": "default"}},
        attachmentLayout="list",
        suggestedActions={"actions": [{"type": "imBack", "title": "Help", "value": "help"}]},
    )
    sources = {"type": "message", "text": "It has to be [1] and [2].", "entities": [citing(1, 2)]}

    assert card_mistakes(EVERYTHING) == []
    assert activity_mistakes(said, "personal") == []
    assert activity_mistakes(sources, "personal") == []
    assert any("Teams parts in two" in each for each in activity_mistakes(said | sources, "personal"))
    assert activity_mistakes({"type": "message", "text": "Hello", "textFormat": "plain"}, "channel") == []
    assert activity_mistakes({"type": "typing"}, "groupChat") == []


ODD_CARDS: list[tuple[Json, str]] = [
    ({**card(LINE), "version": "1.6"}, "card.version is '1.6', not '1.5'"),
    ({**card(LINE), "$schema": "https://example.org"}, f"card.$schema is 'https://example.org', not {SCHEMA!r}"),
    (card(LINE, colour="red"), "card.colour does not belong there"),
    (card(LINE, actions=None), "card.actions is null"),
    (card(), "card.body has 0 items, not 1 to 1000"),
    (card({"type": "TextBlok", "text": "Hello"}), "card.body[0] is 'TextBlok', which does not belong there"),
    (card({"type": "Media", "sources": []}), "card.body[0] is 'Media', which does not belong there"),
    (card("Hello"), "card.body[0] is None, which does not belong there"),
    (card({"type": "TextBlock"}), "card.body[0].text is missing"),
    (card({"type": "TextBlock", "text": "Hello", "style": "title"}), "card.body[0].style is 'title', not one of"),
    (card({"type": "TextBlock", "text": "Hello", "wrap": "yes"}), "card.body[0].wrap is 'yes', neither true nor false"),
    (card({"type": "TextBlock", "text": "Hello", "maxLines": 0}), "card.body[0].maxLines is 0, not a number from 1"),
    (card({"type": "Container", "items": []}), "card.body[0].items has 0 items"),
    (card(rich()), "card.body[0].inlines has 0 items"),
    (card(rich(run(""))), "card.body[0].inlines[0].text is '', not text"),
    (card(rich(run("a", bold=True))), "card.body[0].inlines[0].bold does not belong there"),
    (card(rich(run("a"), style="heading")), "card.body[0].style does not belong there"),
    (card(rich({"text": "a"})), "card.body[0].inlines[0].type is missing"),
    (
        card(rich(run("a", selectAction={"type": "Action.OpenUrl", "url": "javascript:alert(1)"}))),
        "card.body[0].inlines[0].selectAction.url is 'javascript:alert(1)', not an address",
    ),
    (card({"type": "Image", "url": "https://a.example/b.png"}), "card.body[0].altText is missing"),
    (card(buttons(*[submit(f"Number {n}") for n in range(7)])), "card.body[0].actions has 7 items, not 1 to 6"),
    (card(buttons(submit(""))), "card.body[0].actions[0].title is missing"),
    (card(buttons({"type": "Action.Submit", "title": "Go"})), "card.body[0].actions[0].data is missing"),
    (card(buttons({**submit("Go"), "data": "approve"})), "card.body[0].actions[0].data is 'approve', not an object"),
    (card(buttons({**submit("Go"), "style": "danger"})), "card.body[0].actions[0].style is 'danger', not one of"),
    (card(buttons(submit("Go", msteams={"type": "open"}))), "card.body[0].actions[0].data.msteams.type is 'open'"),
    (card(buttons({**execute("Go"), "verb": ""})), "card.body[0].actions[0].verb is '', not words"),
    (card(buttons({**execute("Go"), "fallback": "drop"})), "card: 'Go' does nothing in clients that know no"),
    (card(buttons({**execute("Go"), "fallback": {"type": "Action.Run"}})), "fallback is 'Action.Run', which does not"),
    (
        card(buttons({"type": "Action.ToggleVisibility", "title": "More", "targetElements": ["more"]})),
        "card: there is no 'more' to show or hide",
    ),
    (card(field(), field()), "card: the id 'aim' is there 2 times"),
    (card({**field(), "id": ""}), "card.body[0].id is '', not words"),
    (card({"type": "Input.Text", "id": "aim"}), "card.body[0].label is missing"),
    (card({**field(), "errorMessage": ""}), "card.body[0].errorMessage is missing, though the field is required"),
    (card(field(maxLength=3, value="1234")), "card.body[0].value is longer than 3"),
    (card(field(maxLength=1, value="😀")), "card.body[0].value is longer than 1"),
    (card(field(regex="(")), "card.body[0].regex is '(', not a regular expression"),
    (card(field("ChoiceSet", choices=[])), "card.body[0].choices has 0 items"),
    (card(field("ChoiceSet", choices=[choice("A", "1,2")])), "card.body[0].choices: '1,2' has a comma in it"),
    (card(field("ChoiceSet", choices=[choice("A", "1")] * 2)), "card.body[0].choices: '1' is there twice"),
    (card(field("ChoiceSet", choices=[choice("", "1")])), "card.body[0].choices[0].title is '', not words"),
    (card(field("ChoiceSet", choices=CHOICES, value="1,2")), "card.body[0].value '1,2' is no choice"),
    (card(field("Number", value="20")), "card.body[0].value is '20', not a number"),
    (card(field("Number", value=0, min=1)), "card.body[0].value 0 is not within 1 and 0"),
    (card(field("Date", value="24.11.2026")), "card.body[0].value is '24.11.2026', not a day as YYYY-MM-DD"),
    (card(field("Time", value="9:15")), "card.body[0].value is '9:15', not a time as HH:MM"),
    (card(field("Toggle")), "card.body[0].title is missing"),
    (card(LINE, msteams={"width": "half"}), "card.msteams.width is 'half', not one of full"),
    (card(LINE, refresh=refresh("head")), "card.refresh.userIds[0] is 'head', not somebody as this bot knows them"),
    (card(LINE, refresh=refresh(*["29:head"] * 2)), "card.refresh.userIds names somebody twice"),
    (card(LINE, refresh=refresh(*[f"29:{n}" for n in range(61)])), "card.refresh.userIds has 61 items, not 0 to 60"),
    (card(LINE, refresh=refresh(type="Action.Submit")), "card.refresh.action.type is 'Action.Submit'"),
]


@pytest.mark.parametrize(("odd", "mistake"), ODD_CARDS, ids=[mistake[:60] for _, mistake in ODD_CARDS])
def test_what_teams_would_not_draw_is_named(odd: Json, mistake: str) -> None:
    """One sentence says where it is and what is wrong."""
    found = card_mistakes(odd)

    assert any(mistake in each for each in found), found


def test_a_dialog_takes_no_more_than_it_can_do() -> None:
    """Nothing can be executed, opened or refreshed there."""
    assert card_mistakes(card(field(), buttons(submit("Send"))), in_dialog=True) == []
    assert card_mistakes(card(buttons(execute("Approve"))), in_dialog=True) == [
        "card: 'Approve' does nothing in a dialog"
    ]
    assert card_mistakes(card(buttons(submit("Open", msteams={"type": "task/fetch"}))), in_dialog=True) == [
        "card: 'Open' opens something out of a dialog"
    ]
    assert card_mistakes(card(LINE, refresh=refresh()), in_dialog=True) == [
        "card.refresh is for messages, not for dialogs"
    ]


ODD_ACTIVITIES: list[tuple[Json, str]] = [
    ({"type": "event"}, "activity.type is 'event'"),
    ({"type": "message"}, "activity has neither text nor attachments"),
    ({"type": "message", "text": ""}, "activity.text is '', not words"),
    ({"type": "message", "text": "Hello", "ai": True}, "activity.ai does not belong there"),
    ({"type": "message", "text": "Hello", "summary": None}, "activity.summary is null"),
    ({"type": "message", "text": "Hello", "textFormat": "html"}, "activity.textFormat is 'html', not one of"),
    ({"type": "message", "text": "a\0b"}, "'a\\x00b' holds what is no character"),
    (message(card(rich(run("\ud83d")))), "'\\ud83d' holds what is no character"),
    ({**message(card(LINE)), "summary": ""}, "activity.summary is missing"),
    (
        {**message(card(LINE)), "attachments": [{"contentType": "text/html", "content": {}}]},
        "contentType is 'text/html'",
    ),
    (message(card(LINE), channelData={"feedbackLoopEnabled": True}), "feedbackLoopEnabled does not belong there"),
    (message(card(LINE), channelData={"feedbackLoop": {"type": "thumbs"}}), "feedbackLoop.type is 'thumbs'"),
    (message(card(LINE), entities=[{"type": "streaminfo"}]), "activity.entities[0] is {'type': 'streaminfo'}"),
    ({"type": "message", "text": "Hello", "attachments": 5}, "activity.attachments is 5, not a list"),
    ({"type": "message", "text": "Hello", "entities": {"type": "mention"}}, "not a list"),
    (message(card(LINE), entities=["mention"]), "activity.entities[0] is 'mention'"),
    (message(card(LINE), entities=[{**citing(), "citation": [{"position": []}, 1]}]), "citation[0].position is []"),
    (message(card(LINE), entities=[citing(1)]), "nothing in the message leads to [1]"),
    (message(card(LINE), text="[1]", entities=[citing(1, 1)]), "citation has a position twice"),
    (message(card(LINE), text="[1]", entities=[citing(1, name="x" * 81)]), "name has 81 characters, at most 80"),
    (message(card(LINE), text="[1]", entities=[citing(1, abstract="x" * 161)]), "abstract has 161 characters"),
    (
        message(
            card(LINE), entities=[{"type": "mention", "mentioned": {"id": "29:a", "name": "A"}, "text": "<at>A</at>"}]
        ),
        "activity.entities[0].text stands nowhere in the message",
    ),
    (
        message(card(LINE), suggestedActions={"actions": [{"type": "imBack", "title": "A", "value": "a"}] * 7}),
        "activity.suggestedActions.actions has 7 items, not 1 to 6",
    ),
]


@pytest.mark.parametrize(("odd", "mistake"), ODD_ACTIVITIES, ids=[mistake[:60] for _, mistake in ODD_ACTIVITIES])
def test_what_teams_would_not_post_is_named(odd: Json, mistake: str) -> None:
    """One sentence says where it is and what is wrong."""
    found = activity_mistakes(odd, "personal")

    assert any(mistake in each for each in found), found


def test_suggestions_are_for_personal_chats() -> None:
    """Teams does not draw them where others read along."""
    said = {"type": "message", "text": "Hello"}
    offering = {**said, "suggestedActions": {"actions": [{"type": "imBack", "title": "Help", "value": "help"}]}}

    assert activity_mistakes(offering, "personal") == []
    assert activity_mistakes(offering, "channel") == [
        "activity.suggestedActions belong in personal chats, not in channel"
    ]


def test_what_is_too_large_is_told_before_teams_refuses() -> None:
    """Bytes count, not characters."""
    assert list(large("the card", card(rich(run("é" * 30_000))))) == []
    assert list(large("the card", {"text": "é" * 40_000})) == [f"the card has 80011 bytes, more than {LARGEST}"]


def test_a_chat_is_asked_for_in_full() -> None:
    """The bot, one person and the tenant are named."""
    wish = {
        "bot": {"id": BOT},
        "members": [{"id": "entra-1"}],
        "isGroup": False,
        "tenantId": TENANT,
        "channelData": {"tenant": {"id": TENANT}},
    }
    thread = {"isGroup": True, "channelData": {"channel": {"id": "19:slt"}}, "activity": {"type": "message"}}

    def mistakes(**changed: Json) -> list[str]:
        return conversation_mistakes({**wish, **changed}, BOT, TENANT)

    assert mistakes() == conversation_mistakes(thread, BOT, TENANT) == []
    assert mistakes(bot={"id": "app"}) == ["conversation.bot.id is 'app', not '28:app'"]
    assert mistakes(members=wish["members"] * 2) == ["conversation.members has 2 items, not 1 to 1"]  # type: ignore[operator]
    assert mistakes(tenantId="other") == ["conversation.tenantId is 'other', not 'school'"]
    assert mistakes(topicName="Hello") == ["conversation.topicName does not belong there"]
    assert conversation_mistakes({**thread, "channelData": {}}, BOT, TENANT) == [
        "conversation.channelData.channel is missing"
    ]


FORM = card(field(), buttons(submit("Send")))
SAYS = {"statusCode": 200, "type": SAID, "value": "Approved."}
REFUSES = {"statusCode": 403, "type": ERROR, "value": {"code": "Forbidden", "message": "Only SLT may."}}
RESULT = {
    "contentType": CARD,
    "content": card(LINE),
    "preview": {"contentType": PREVIEW, "content": {"title": "§3.2", "text": "Two runners at least."}},
}


def found(*results: Json, **more: Json) -> Json:
    """Return the answer to a search."""
    return {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": list(results), **more}}


RIGHT_ANSWERS: list[tuple[str, Json]] = [
    ("adaptiveCard/action", SAYS),
    ("adaptiveCard/action", {"statusCode": 200, "type": CARD, "value": card(LINE)}),
    ("adaptiveCard/action", REFUSES),
    ("task/fetch", dialog(FORM)),
    ("task/fetch", {"task": {"type": "message", "value": "Only SLT may."}}),
    ("task/submit", {}),
    ("composeExtension/fetchTask", dialog(FORM, height=400)),
    ("composeExtension/submitAction", {"task": {"type": "message", "value": "Thank you."}}),
    ("composeExtension/query", found(RESULT)),
    ("composeExtension/query", found()),
    ("composeExtension/query", {"composeExtension": {"type": "message", "text": "Nothing found."}}),
    ("message/submitAction", {}),
    ("something/new", {"any": "thing"}),
]


@pytest.mark.parametrize(("name", "answer"), RIGHT_ANSWERS)
def test_right_answers_are_taken(name: str, answer: Json) -> None:
    """Each invoke has its own shapes of answers."""
    assert answer_mistakes(name, json.dumps(answer), "application/json") == []


def changed(answer: Json, change: Callable[[Json], object]) -> Json:
    """Return *answer* after *change* was made to a copy of it."""
    copy = deepcopy(answer)
    change(copy)
    return copy


ODD_ANSWERS: list[tuple[str, Json, str]] = [
    ("adaptiveCard/action", {}, "the answer is '{}'"),
    ("adaptiveCard/action", [], "the answer is '[]'"),
    ("adaptiveCard/action", {**SAYS, "text": "Approved."}, "answer.text does not belong there"),
    ("adaptiveCard/action", {**SAYS, "value": {"text": "Approved."}}, "not words"),
    ("adaptiveCard/action", {**SAYS, "statusCode": "200"}, "answer.statusCode is '200'"),
    ("adaptiveCard/action", {**SAYS, "type": "application/vnd.microsoft.adaptive.card"}, "answer.type is"),
    ("adaptiveCard/action", {**SAYS, "type": CARD}, "card is 'Approved.', not an object"),
    ("adaptiveCard/action", {**REFUSES, "statusCode": 200}, f"answer.statusCode 200 does not go with {ERROR}"),
    ("adaptiveCard/action", {**REFUSES, "statusCode": 500}, f"answer.statusCode 500 does not go with {ERROR}"),
    ("adaptiveCard/action", {**REFUSES, "value": "No."}, "answer.value is 'No.', not an object"),
    ("task/fetch", {}, "the answer is '{}'"),
    ("task/fetch", {"task": {"type": "cancel"}}, "neither a message nor a dialog"),
    ("task/fetch", {**dialog(FORM), "statusCode": 200}, "answer.statusCode does not belong there"),
    ("task/fetch", dialog(FORM, title="x" * 65), "title has 65 characters, at most 64 are shown"),
    ("task/fetch", dialog(FORM, height="huge"), "height is 'huge', not one of small, medium, large"),
    ("task/fetch", dialog(FORM, url="https://example.org"), "url does not belong there"),
    ("task/submit", dialog(card(buttons(execute("Approve")))), "card: 'Approve' does nothing in a dialog"),
    ("task/submit", dialog(FORM, **{"title": ""}), "title is '', not words"),
    ("message/submitAction", {"ok": True}, "answer.ok does not belong there"),
    ("composeExtension/query", {"composeExtension": {"type": "auth"}}, "neither a message nor results"),
    ("composeExtension/query", found(*[RESULT] * 26), "attachments has 26 items, not 0 to 25"),
    ("composeExtension/query", changed(found(RESULT), lambda it: it["composeExtension"].pop("attachmentLayout")),
     "attachmentLayout is missing"),
    ("composeExtension/query", found({**RESULT, "preview": None}), "attachments[0].preview is null"),
    ("composeExtension/query", found({**RESULT, "content": card()}), "card.body has 0 items"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "mistake"), ODD_ANSWERS)
def test_odd_answers_are_named(name: str, answer: Json, mistake: str) -> None:
    """One sentence says where it is and what is wrong."""
    odd = answer_mistakes(name, json.dumps(answer), "application/json")

    assert any(mistake in each for each in odd), odd


def test_answers_are_json_of_a_fair_size() -> None:
    """What is no JSON, goes by another name, or is too large is told."""
    long = {"statusCode": 200, "type": SAID, "value": "x" * LARGEST}

    assert answer_mistakes("task/fetch", "<html>", "text/html") == ["the answer is '<html>'"]
    assert answer_mistakes("task/submit", "", "application/octet-stream") == []
    assert answer_mistakes("message/submitAction", "{}", "text/plain") == ["the answer is sent as 'text/plain'"]
    assert answer_mistakes("adaptiveCard/action", json.dumps(long), "application/json") == [
        f"the answer has 80081 bytes, more than {LARGEST}"
    ]
