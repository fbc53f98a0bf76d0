"""What reaches the app signed and makes no sense: it is acknowledged, and whoever did it reads why nothing happened."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from bot.conversation.sessions import Session
from bot.domain.applications import Application
from tests.slack import payloads
from tests.slack.desk import STAFF
from tests.slack.human import Human
from tests.slack.messages import Message
from tests.slack.school import School, labelled, modal_of, text_of, words_of

Json = Any
pytestmark = pytest.mark.timeout(30)
MARK = "marker-93-of-a-pupil"
OLD = "That button is from an older version and does nothing any more."
GONE = "That form has been sent or cancelled already."


@pytest.fixture
def teacher(school: School) -> Human:
    """A teacher at their client."""
    return school.human("history_teacher")


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Assert that the log has no failure in it, and nothing that somebody typed."""
    caplog.set_level(logging.DEBUG)
    yield caplog
    assert MARK not in caplog.text
    failures = [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]
    assert not failures


async def calls_of(school: School, before: int) -> list[str]:
    """Return the methods that were called since there were *before* calls."""
    await school.settled()
    return [each.method for each in school.fake.calls[before:]]


# Events --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    ["function_executed", "workflow_step_execute", "link_shared", "reaction_added", "app_context_changed",
     "assistant_thread_started", "channel_rename", "team_join", "whatever_is_new", "", "message.im", "🙂"],
)  # fmt: skip
@pytest.mark.usefixtures("quiet")
async def test_an_event_that_nobody_waits_for_is_acknowledged(school: School, teacher: Human, kind: str) -> None:
    before = len(school.fake.calls)

    delivery = await school.fake.event(kind, user=teacher.id, channel=teacher.dm, text=MARK, inputs={"a": MARK})

    assert delivery.ok
    assert not delivery.body
    assert await calls_of(school, before) == []
    assert not await school.heard()


ODD: tuple[Json, ...] = (None, "text", 7, [], {}, {"id": ["x"]}, [{}], "\ud800")


def _spoilt(document: Json, odd: Json) -> Iterator[tuple[str, Json]]:
    """Yield *document* with one of its entries after the other, down to the second level, replaced or left out."""
    for key, value in document.items():
        if key in ("team_id", "team", "type"):
            continue
        yield key, document | {key: odd}
        yield f"no {key}", {name: each for name, each in document.items() if name != key}
        inner = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value
        for name in inner if isinstance(inner, dict) else ():
            changed = deepcopy(document)
            place = changed[key][0] if isinstance(value, list) else changed[key]
            place[name] = odd
            yield f"{key}.{name}", changed


@pytest.mark.parametrize("odd", ODD, ids=repr)
async def test_an_event_of_the_wrong_shape_is_no_failure(
    school: School, teacher: Human, odd: Json, caplog: pytest.LogCaptureFixture
) -> None:
    workspace = school.fake.workspace
    message = Message(teacher.dm, workspace.ts(), teacher.id, MARK)
    document = payloads.event_callback(
        workspace, payloads.message_event(workspace, message, workspace.channels[teacher.dm])
    )

    wrong = {}
    for name, spoilt in _spoilt(document, odd):
        body = json.dumps(spoilt).encode()
        status, _ = await school.fake.sends(body, school.fake.signed("event", body))
        if status not in (200, 400, 403):
            wrong[name] = status
    await school.settled()

    assert not wrong
    assert MARK not in caplog.text


@pytest.mark.parametrize("odd", ODD, ids=repr)
async def test_an_interaction_of_the_wrong_shape_is_no_failure(
    school: School, teacher: Human, odd: Json, caplog: pytest.LogCaptureFixture
) -> None:
    await school.accepts(await teacher.says("dm", "help"))
    shown = school.last(teacher)
    press = await teacher.press(shown, labelled(shown.blocks, "Report").action_id)
    await teacher.slash("apply")
    await school.settled()
    modal = modal_of(teacher)
    teacher.type_into(modal, "aim", MARK)
    in_modal = await teacher.press_in_view(modal, labelled(modal.blocks, "Answer in chat instead").action_id)
    sent = payloads.submission(school.fake.workspace, modal)
    shortcut = payloads.shortcut(school.fake.workspace, teacher.id, "incidents.report")
    on_message = payloads.message_shortcut(
        school.fake.workspace, teacher.id, "incidents.report_message", shown, press.response_url
    )
    await school.settled()

    wrong = {}
    for document in (press.payload, in_modal.payload, sent, shortcut, on_message):
        for name, spoilt in _spoilt(document, odd):
            delivery = await teacher.forges(spoilt)
            if delivery.status not in (200, 400, 403):
                wrong[f"{document['type']} {name}"] = delivery.status
    await school.settled()

    assert not wrong
    assert MARK not in caplog.text


# People who get no answer --------------------------------------------------------------------


@pytest.mark.usefixtures("quiet")
async def test_what_other_bots_write_gets_no_answer(school: School, teacher: Human) -> None:
    school.fake.user("U0OTHERBOT", "weather", is_bot=True, bot_id="B0OTHER")
    before = len(school.fake.calls)
    common = {"channel": teacher.dm, "channel_type": "im", "ts": "1.000002", "text": "report"}

    for told in (
        {"type": "message", "user": "U0OTHERBOT", "bot_id": "B0OTHER", **common},
        {"type": "message", "subtype": "bot_message", "bot_id": "B0OTHER", **common},
        {"type": "message", "user": "USLACKBOT", **common},
        {"type": "message", **common},
        {"type": "app_mention", "user": "U0OTHERBOT", "bot_id": "B0OTHER", **common, "channel": STAFF},
    ):
        assert (await school.fake.event(**told)).ok

    assert await calls_of(school, before) == []
    assert not school.fake.posted()


@pytest.mark.usefixtures("quiet")
async def test_another_bot_whose_event_does_not_say_so_gets_no_answer(school: School, teacher: Human) -> None:
    other = school.fake.user("U0OTHERBOT", "weather", is_bot=True, bot_id="B0OTHER")
    school.fake.workspace.channels[STAFF].members.append(other.id)

    await school.accepts(await other.says(STAFF, f"<@{school.fake.names.bot_user}> report"))

    assert not school.fake.posted()


@pytest.mark.usefixtures("quiet")
async def test_the_bot_does_not_answer_itself(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "hello"))
    said = school.said(teacher)

    for message in school.fake.posted(teacher.dm):
        await school.accepts(await school.fake.echoes(message))

    assert school.said(teacher) == said


@pytest.mark.usefixtures("quiet")
async def test_a_message_that_is_changed_or_taken_back_is_not_answered_again(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "hello"))
    own = next(each for each in teacher.messages("dm") if each.user == teacher.id)
    said = school.said(teacher)

    await school.accepts(await teacher.edits(own, "report"))
    await school.accepts(await teacher.deletes(own))

    assert school.said(teacher) == said
    assert not await school.find(Session)


@pytest.mark.parametrize(
    "subtype",
    ["message_replied", "channel_join", "channel_topic", "me_message", "reminder_add", "assistant_app_thread", "new"],
)
@pytest.mark.usefixtures("quiet")
async def test_notices_that_are_called_messages_are_not_answered(school: School, teacher: Human, subtype: str) -> None:
    told = {"channel": teacher.dm, "channel_type": "im", "ts": "1.000002", "text": "report", "user": teacher.id}

    await school.accepts(await school.fake.event("message", subtype=subtype, **told))

    assert not school.fake.posted()


@pytest.mark.usefixtures("quiet")
async def test_people_who_talk_to_each_other_are_not_answered(school: School, teacher: Human) -> None:
    said = await teacher.says(STAFF, "report")
    told = {"channel": STAFF, "channel_type": "channel", "ts": said.ts, "text": "report", "user": teacher.id}

    await school.accepts(await school.fake.event("message", **told))

    assert not school.fake.posted()


@pytest.mark.usefixtures("quiet")
async def test_an_account_that_was_switched_off_gets_no_answer(school: School) -> None:
    gone = school.fake.user("U0GONE", "gone", deleted=True)

    assert (await gone.says("dm", "report")).ok
    assert (await gone.shortcut("incidents.report")).ok
    await school.settled()

    assert not school.fake.posted()
    assert not await school.find(Session)


@pytest.mark.usefixtures("quiet")
async def test_an_account_that_slack_does_not_know_gets_no_service(school: School, teacher: Human) -> None:
    told = {"channel": STAFF, "channel_type": "channel", "ts": "1.000002", "user": "U0NOBODY"}

    assert (await school.fake.event("app_mention", text="report", **told)).ok
    await school.settled()

    assert not await school.find(Session)


# Things that were never there, or are not there any more -------------------------------------


def _forged(message: Message, action_id: str, value: Json = "[]") -> Message:
    """Return *message* with one button, as no version of this program draws it."""
    element = {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": "Old"}, "value": value}
    if value is None:
        del element["value"]
    blocks = [{"type": "actions", "block_id": "old", "elements": [element]}]
    return Message(
        message.channel, message.ts, message.user, message.text, blocks,
        ephemeral_to=message.ephemeral_to, thread_ts=message.thread_ts,
    )  # fmt: skip


@pytest.mark.parametrize(
    "action_id",
    ["applications.sign_off#1", "report", "#", "#1", "incidents.report.now#1", "session.#1", "session.explode#1",
     "x" * 255, "Ünïcode#1", "incidents.nothing#1#2", "home", "\u202eevil"],
)  # fmt: skip
@pytest.mark.usefixtures("quiet")
async def test_a_button_of_another_version_says_so(school: School, teacher: Human, action_id: str) -> None:
    await school.accepts(await teacher.says("dm", "hello"))
    before = school.said(teacher)

    await school.accepts(await teacher.press(_forged(school.last(teacher), action_id), action_id, forced=True))

    answers = school.said(teacher)[len(before) :]
    assert len(answers) == 1
    assert "That did not go through" in answers[0]
    assert OLD in answers[0] or GONE in answers[0]


@pytest.mark.parametrize(
    "value",
    [None, "", "x", "null", "{}", '{"subject": "APP-1"}', "[]", '["APP-1"]', '["APP-1","","more"]', "[1, 2]",
     "[null, null]", '[["APP-1"], "x"]', "[" * 1_900, '"ab"', "APP-1", "NaN", '["APP-1", ', "\ud83d\ude42"],
)  # fmt: skip
@pytest.mark.parametrize("action", ["applications.see", "session.continue", "accounts.show", "incidents.open"])
@pytest.mark.usefixtures("quiet")
async def test_a_button_whose_value_says_nothing_finds_nothing(
    school: School, teacher: Human, action: str, value: Json
) -> None:
    await school.accepts(await teacher.says("dm", "hello"))
    before, pressed = school.said(teacher), f"{action}#1"

    await school.accepts(await teacher.press(_forged(school.last(teacher), pressed, value), pressed, forced=True))

    answers = school.said(teacher)[len(before) :]
    assert len(answers) == 1
    assert "That did not go through" in answers[0]
    assert not await school.find(Session)


@pytest.mark.usefixtures("quiet")
async def test_an_unknown_menu_says_that_it_is_old(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "hello"))
    shown = school.last(teacher)
    press = await teacher.press(shown, labelled(shown.blocks, "Report").action_id)
    await school.settled()
    before = school.said(teacher)
    option = {"text": {"type": "plain_text", "text": "x"}, "value": "x"}
    menu = {"type": "static_select", "action_id": "old", "block_id": "b", "action_ts": "1.2", "selected_option": option}

    trigger = school.fake.workspace.triggers.trigger(teacher.id)
    await school.accepts(await teacher.forges(press.payload | {"actions": [menu], "trigger_id": trigger}))

    assert OLD in school.said(teacher)[len(before)]


@pytest.mark.parametrize("name", ["incidents.tell", "report", "", "x" * 255, "incidents.report.", "../report"])
@pytest.mark.usefixtures("quiet")
async def test_a_shortcut_that_was_renamed_says_so(school: School, teacher: Human, name: str) -> None:
    await school.accepts(await teacher.shortcut(name))

    assert OLD in words_of(modal_of(teacher))


@pytest.mark.usefixtures("quiet")
async def test_a_message_shortcut_that_was_renamed_says_so(school: School, teacher: Human) -> None:
    school.fake.channel("C0ELSEWHERE", "elsewhere", [teacher.id], with_bot=False)
    said = await teacher.says("C0ELSEWHERE", MARK)

    await school.accepts(await teacher.message_shortcut("incidents.tell", "C0ELSEWHERE", said.ts))

    assert OLD in words_of(modal_of(teacher))


@pytest.mark.parametrize("kind", ["dialog_submission", "dialog_cancellation", "interactive_message"])
@pytest.mark.usefixtures("quiet")
async def test_what_slack_has_given_up_long_ago_is_answered(school: School, teacher: Human, kind: str) -> None:
    await school.accepts(await teacher.says("dm", "hello"))
    before = school.said(teacher)
    url = school.fake.base_url + school.fake.workspace.triggers.response_path(teacher.dm, teacher.id)

    delivery = await teacher.forges(
        payloads.interaction(school.fake.workspace, kind, teacher.id)
        | {"callback_id": "old", "action_ts": "1.2", "state": MARK, "submission": {"words": MARK}, "response_url": url,
           "channel": {"id": teacher.dm, "name": "directmessage"}, "actions": [{"name": "x", "value": MARK}]}
    )  # fmt: skip

    assert delivery.ok
    assert not delivery.body
    await school.settled()
    assert OLD in school.said(teacher)[len(before)]


@pytest.mark.parametrize(
    "kind", ["workflow_step_edit", "function_executed", "block_suggestion", "unknown", "", None, 7]
)
@pytest.mark.usefixtures("quiet")
async def test_an_interaction_that_nobody_waits_for_is_acknowledged(school: School, teacher: Human, kind: Json) -> None:
    delivery = await teacher.forges(
        payloads.interaction(school.fake.workspace, "", teacher.id)
        | {"type": kind, "callback_id": "old", "trigger_id": school.fake.workspace.triggers.trigger(teacher.id),
           "action_id": "old", "block_id": "b", "value": MARK, "workflow_step": {"inputs": {}}}
    )  # fmt: skip

    assert delivery.ok
    assert delivery.answer in (None, {"options": []})
    await school.settled()


# Modals --------------------------------------------------------------------------------------


async def apply_modal(school: School, human: Human) -> Json:
    """Return what Slack sends when *human* submits the first page of an application, less one point of it."""
    await school.accepts(await human.slash("apply"))
    modal = modal_of(human)
    human.type_into(modal, "aim", f"Show parents what happens. {MARK}")
    return payloads.submission(school.fake.workspace, modal)


@pytest.mark.parametrize(
    "metadata",
    ["", "x", "[]", "null", '{"session": 7}', '{"session": null}', '{"session": ["x"]}', '{"session": "x"}', "{",
     '{"channel": "C0NOWHERE"}', '{"session": "id-9999", "channel": "C0STAFF"}', "[" * 2_999, '{"thread": "1.2"}'],
)  # fmt: skip
@pytest.mark.usefixtures("quiet")
async def test_a_page_of_nobodys_form_is_answered_where_it_stands(
    school: School, teacher: Human, metadata: str
) -> None:
    sent = await apply_modal(school, teacher)
    sent["view"] = sent["view"] | {"private_metadata": metadata}

    delivery = await teacher.forges(sent)

    assert delivery.ok
    assert delivery.answer == {
        "response_action": "errors",
        "errors": {"aim": f"{GONE} Type my to see what you have open."},
    }
    await school.settled()
    assert not await school.find(Application)


@pytest.mark.parametrize("callback", ["", "old_form", "card", "x" * 255])
@pytest.mark.usefixtures("quiet")
async def test_a_window_of_another_version_is_answered(school: School, teacher: Human, callback: str) -> None:
    sent = await apply_modal(school, teacher)
    state = {"old": {"words": {"type": "plain_text_input", "value": MARK}}}
    sent["view"] = sent["view"] | {"callback_id": callback, "private_metadata": "", "state": {"values": state}}

    delivery = await teacher.forges(sent)

    assert delivery.ok
    assert delivery.answer["response_action"] == "errors"
    assert GONE in delivery.answer["errors"]["old"]


@pytest.mark.usefixtures("quiet")
async def test_a_window_without_fields_is_answered_in_the_window(school: School, teacher: Human) -> None:
    sent = await apply_modal(school, teacher)
    sent["view"] = sent["view"] | {"callback_id": "old", "private_metadata": "", "state": {"values": {}}}

    delivery = await teacher.forges(sent)

    assert delivery.ok
    assert delivery.answer["response_action"] == "update"
    assert GONE in json.dumps(delivery.answer)


@pytest.mark.usefixtures("quiet")
async def test_nobody_sends_somebody_elses_form(school: School, teacher: Human) -> None:
    sent, colleague = await apply_modal(school, teacher), school.human("pe_teacher")
    before = await school.find(Session)
    sent["user"] = payloads.interaction(school.fake.workspace, "view_submission", colleague.id)["user"]

    delivery = await colleague.forges(sent)

    assert delivery.ok
    assert GONE in delivery.answer["errors"]["aim"]
    await school.settled()
    assert await school.find(Session) == before


@pytest.mark.parametrize("action", ["page", "continue", "restart", "cancel", "answer"])
@pytest.mark.usefixtures("quiet")
async def test_nobody_presses_in_somebody_elses_form(school: School, teacher: Human, action: str) -> None:
    await school.accepts(await teacher.says("dm", "apply"))
    await school.accepts(await teacher.says("dm", f"Show parents what happens. {MARK}"))
    before, colleague = await school.find(Session), school.human("pe_teacher")
    await school.accepts(await colleague.says("dm", "hello"))
    value, pressed = json.dumps([before[0].id, "audience=Pupils"]), f"session.{action}#1"

    await school.accepts(await colleague.press(_forged(school.last(colleague), pressed, value), pressed, forced=True))

    assert GONE in school.said(colleague)[-1]
    assert colleague.modal is None
    assert await school.find(Session) == before


@pytest.mark.usefixtures("quiet")
async def test_a_field_that_the_page_does_not_have_is_not_taken(school: School, teacher: Human) -> None:
    sent = await apply_modal(school, teacher)
    sent["view"]["state"]["values"]["approved"] = {"yes_no": {"type": "plain_text_input", "value": MARK}}

    assert (await teacher.forges(sent)).ok
    await school.settled()

    session = (await school.find(Session))[0]
    assert "approved" not in session.answers
    assert MARK in session.answers["aim"]


@pytest.mark.parametrize("odd", [None, "x", 7, [], {}, {"text": {"type": "plain_text_input", "value": MARK}},
                                 {"multiline": None}, {"multiline": {"value": 7}}, {"multiline": {"value": [MARK]}}],
                         ids=repr)  # fmt: skip
@pytest.mark.usefixtures("quiet")
async def test_an_entry_that_cannot_be_read_has_to_be_mended(school: School, teacher: Human, odd: Json) -> None:
    sent = await apply_modal(school, teacher)
    sent["view"]["state"]["values"]["aim"] = odd

    delivery = await teacher.forges(sent)

    assert delivery.ok
    assert delivery.answer["response_action"] == "errors"
    assert delivery.answer["errors"]["aim"]


@pytest.mark.parametrize("number", ["-1", "99", "x", "", "0.0", None, 0])
@pytest.mark.usefixtures("quiet")
async def test_an_option_that_is_not_there_has_to_be_mended(school: School, teacher: Human, number: Json) -> None:
    sent = await apply_modal(school, teacher)
    option = {"text": {"type": "plain_text", "text": "Open"}, "value": number}
    sent["view"]["state"]["values"]["openness"] = {"choice": {"type": "radio_buttons", "selected_option": option}}

    delivery = await teacher.forges(sent)

    assert delivery.ok
    assert "Please choose one of" in delivery.answer["errors"]["openness"]


# Text over a limit ---------------------------------------------------------------------------


@pytest.mark.usefixtures("quiet")
async def test_more_than_a_field_holds_is_answered_at_the_field_and_the_rest_is_kept(
    school: School, teacher: Human
) -> None:
    sent = await apply_modal(school, teacher)
    sent["view"]["state"]["values"]["promotion"] = {"multiline": {"type": "plain_text_input", "value": "x" * 3_001}}

    delivery = await teacher.forges(sent)

    assert "3,001 characters and there is room for 3,000" in delivery.answer["errors"]["promotion"]
    session = (await school.find(Session))[0]
    assert MARK in session.answers["aim"]
    assert "promotion" not in session.answers


# Files ---------------------------------------------------------------------------------------


def _with_file(human: Human, text: str) -> dict[str, Json]:
    return {
        "subtype": "file_share", "channel": human.dm, "channel_type": "im", "ts": "1.000002", "user": human.id,
        "text": text, "files": [{"id": "F1", "name": f"{MARK}.jpg", "url_private": "https://files.slack.com/F1"}],
    }  # fmt: skip


@pytest.mark.usefixtures("quiet")
async def test_a_picture_without_words_is_not_looked_at(school: School, teacher: Human) -> None:
    before = len(school.fake.calls)

    assert (await school.fake.event("message", **_with_file(teacher, ""))).ok

    assert not {"files.info", "files.delete"} & set(await calls_of(school, before))
    assert len(school.said(teacher)) == 1
    assert "I can't take pictures or files, and I have not looked at this one." in school.said(teacher)[0]
    assert MARK not in "".join(school.payloads())


@pytest.mark.usefixtures("quiet")
async def test_a_picture_does_not_answer_a_question_that_stands(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "apply"))
    before = (await school.find(Session))[0]

    await school.accepts(await school.fake.event("message", **_with_file(teacher, "")))

    assert "pictures or files" in school.said(teacher)[-1]
    assert (await school.find(Session))[0].answers == before.answers
    await school.accepts(await teacher.says("dm", "Show parents what happens in history lessons."))
    assert "intended audience" in school.said(teacher)[-1]


@pytest.mark.usefixtures("quiet")
async def test_the_words_beside_a_picture_are_heard(school: School, teacher: Human) -> None:
    await school.accepts(await school.fake.event("message", **_with_file(teacher, "hello")))

    assert "Hello History teacher" in school.said(teacher)[0]


@pytest.mark.usefixtures("quiet")
async def test_a_message_without_anything_gets_help(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", " "))

    assert "What I can do" in school.said(teacher)[0]
    assert text_of(school.last(teacher)).startswith("What I can do")


# Letters that are none -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd", ["\ud800", "\udfff\ud800", "\0", "\x01\x1b[31m", "\ufffe\uffff", "\U0010ffff"], ids=repr
)
@pytest.mark.usefixtures("quiet")
async def test_what_is_no_letter_harms_no_answer(school: School, teacher: Human, odd: str) -> None:
    """Slack sends JSON, which can hold half a letter."""

    async def types(text: str) -> None:
        ts = school.fake.workspace.ts()
        told = {"channel": teacher.dm, "channel_type": "im", "ts": ts, "user": teacher.id, "text": text}
        await school.accepts(await school.fake.event("message", **told))

    for words in (f"May I {odd} post?", "report", "Something else", "yes", "no", odd, f"Something{odd} was posted."):
        await types(words)
    await types(f"no{odd}")
    await types("no")

    assert " was posted." in "".join(school.said(teacher))
    assert "not sent yet" in "".join(school.said(teacher))


@pytest.mark.parametrize("odd", ["Ev\ud800", "Ev\0", "", "Ev" * 5_000], ids=["half a letter", "NUL", "none", "long"])
@pytest.mark.usefixtures("quiet")
async def test_an_event_with_an_odd_id_is_answered(school: School, teacher: Human, odd: str) -> None:
    workspace = school.fake.workspace
    message = Message(teacher.dm, workspace.ts(), teacher.id, "hello")
    told = payloads.event_callback(
        workspace, payloads.message_event(workspace, message, workspace.channels[teacher.dm])
    )
    body = json.dumps(told | {"event_id": odd}).encode()

    status, _ = await school.fake.sends(body, school.fake.signed("event", body))

    assert status == 200
    await school.settled()
    assert "Hello History teacher" in school.said(teacher)[0]


@pytest.mark.usefixtures("quiet")
async def test_two_events_without_an_id_are_two(school: School, teacher: Human) -> None:
    workspace = school.fake.workspace
    for text in ("hello", "help"):
        message = Message(teacher.dm, workspace.ts(), teacher.id, text)
        told = payloads.event_callback(
            workspace, payloads.message_event(workspace, message, workspace.channels[teacher.dm])
        )
        del told["event_id"]
        body = json.dumps(told).encode()
        await school.fake.sends(body, school.fake.signed("event", body))
    await school.settled()

    assert len(school.said(teacher)) == 2
