"""What reaches the app signed and makes no sense: it is answered in its shape, and whoever did it reads why."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from bot.conversation.sessions import Session
from bot.domain.applications import Application
from bot.domain.feedback import Feedback
from bot.domain.incidents import Incident
from bot.platforms.teams.edge import UNREADABLE
from tests.teams import activities
from tests.teams.deliveries import Delivery
from tests.teams.desk import SLT, STAFF
from tests.teams.human import Human
from tests.teams.school import CASE, School, button, choice, dialog_of, labels, page_button, problems

Json = Any
pytestmark = pytest.mark.timeout(60)
MARK = "marker-93-of-a-pupil"
OLD = "That button is from an older version and does nothing any more."
GONE = "That form has been sent or cancelled already."
QUESTION = "May I name the school in a post?"
PAGE, HERE, IN_CHAT = "Fill in as a page", "Fill in here", "Answer in chat instead"
INVOKES = (
    "adaptiveCard/action", "task/fetch", "task/submit", "composeExtension/fetchTask", "composeExtension/submitAction",
    "composeExtension/query", "message/submitAction", "message/fetchTask",
)  # fmt: skip


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Assert that the log has no failure in it, and nothing that somebody typed."""
    caplog.set_level(logging.DEBUG)
    yield caplog
    assert MARK not in caplog.text
    failures = [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]
    assert not failures


async def invokes(school: School, human: Human, name: str, value: Json, place: str = "", **more: Json) -> Delivery:
    """Have an invoke sent that was made by hand, from the direct chat or another place."""
    where = school.fake.workspace.conversations[place or human.dm]
    made = activities.invoke(school.fake.workspace, human.user, where, name, value)
    delivery = await human.forges({**made, **more})
    await school.settled()
    return delivery


def said_at_once(delivery: Delivery) -> str:
    """Return the words of an answer, whatever its shape."""
    return json.dumps(delivery.answer, ensure_ascii=False)


# Invokes that nobody waits for ---------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["", "signin/verifyState", "signin/tokenExchange", "fileConsent/invoke", "actionableMessage/executeAction",
     "composeExtension/queryLink", "composeExtension/anonymousQueryLink", "composeExtension/selectItem",
     "composeExtension/querySettingUrl", "composeExtension/setting", "composeExtension/onCardButtonClicked",
     "application/search", "tab/fetch", "tab/submit", "config/fetch", "handoff/action", "ADAPTIVECARD/ACTION",
     "task/fetch ", "x" * 900, "\u202eevil", "🙂"],
)  # fmt: skip
@pytest.mark.usefixtures("quiet")
async def test_an_invoke_of_an_unknown_kind_is_refused_in_words(school: School, teacher: Human, name: str) -> None:
    delivery = await invokes(school, teacher, name, {"data": {"words": MARK}})

    assert (delivery.status, len(delivery.attempts)) == (400, 1)
    assert delivery.answer == {"error": {"code": "NotSupported", "message": "The bot has nothing of this kind."}}
    assert not school.fake.called("POST")
    assert not await school.heard()


NONSENSE: tuple[Json, ...] = (
    None, [], {}, "text", 7, True, [{}], {"data": None}, {"data": []}, {"data": "x"}, {"data": {}}, {"action": None},
    {"action": []}, {"action": {}}, {"action": {"data": None}}, {"action": {"data": ["x"]}}, {"action": 7, "data": {}},
    {"data": {"other": {"action": "applications.approve"}}}, {"data": {"smpolicy": None}},
    {"data": {"smpolicy": "session.page"}}, {"data": {"smpolicy": []}}, {"data": {"smpolicy": {}}},
    {"data": {"smpolicy": {"action": ""}}}, {"data": {"smpolicy": {"action": 7}}},
    {"data": {"smpolicy": {"action": ["incidents.report"]}}}, {"commandId": ["x"], "messagePayload": []},
    {"messagePayload": {"body": []}}, {"messagePayload": {"body": {"content": 7}}}, {"parameters": {}},
    {"parameters": [None, 7, {"name": []}, {"value": {}}], "queryOptions": 7}, {"\ud800": "\udfff"},
)  # fmt: skip


@pytest.mark.parametrize("name", INVOKES)
@pytest.mark.usefixtures("quiet")
async def test_an_invoke_that_says_nothing_is_answered_in_its_shape(school: School, teacher: Human, name: str) -> None:
    await school.accepts(await teacher.says("dm", "hello"))
    said = len(school.fake.posted())

    for value in NONSENSE:
        delivery = await invokes(school, teacher, name, value)
        assert (delivery.status, len(delivery.attempts)) == (200, 1), value

    assert len(school.fake.posted()) == said
    assert not await school.find(Session)
    assert not await school.find(Feedback)


@pytest.mark.parametrize("name", INVOKES)
@pytest.mark.usefixtures("quiet")
async def test_an_invoke_without_a_value_is_answered_in_its_shape(school: School, teacher: Human, name: str) -> None:
    made = activities.invoke(
        school.fake.workspace, teacher.user, school.fake.workspace.personal(teacher.id), name, None
    )
    del made["value"]

    delivery = await teacher.forges(made)

    assert delivery.status == 200


@pytest.mark.parametrize("name", INVOKES)
@pytest.mark.usefixtures("quiet")
async def test_something_nested_deeply_is_refused_or_makes_no_sense(school: School, teacher: Human, name: str) -> None:
    chat = school.fake.workspace.personal(teacher.id)
    made = activities.invoke(school.fake.workspace, teacher.user, chat, name, "DEEP")

    for deep, status in ((30, 200), (55, 200), (70, 400), (5_000, 400)):
        body = json.dumps(made).replace('"DEEP"', '{"data":' * deep + "{}" + "}" * deep).encode()
        assert (await school.fake.sends(body)).status == status, deep

    await school.settled()
    assert not await school.heard()


async def test_a_press_of_another_apps_button_is_refused_where_it_was_pressed(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "hello"))
    foreign = {"type": "Action.Execute", "title": "x", "verb": "approve", "data": {"case": "APP-1", "approve": True}}

    delivery = await teacher.forge(school.last(teacher), foreign)

    assert delivery.error == ("BadRequest", UNREADABLE)


# Activities of the wrong shape ---------------------------------------------------------------


ODD: tuple[Json, ...] = (None, "text", 7, {"id": ["x"]}, [{}], "\ud800")


def _spoilt(document: Json, odd: Json, depth: int = 3) -> Iterator[tuple[str, Json]]:
    """Yield *document* with one of its entries after the other, down to some depth, replaced or left out."""
    for key, value in document.items():
        yield key, document | {key: odd}
        yield f"no {key}", {name: each for name, each in document.items() if name != key}
        inner = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value
        if not isinstance(inner, dict) or depth == 1:
            continue
        for name, changed in _spoilt(inner, odd, depth - 1):
            yield f"{key}.{name}", document | {key: [changed] if isinstance(value, list) else changed}


async def one_of_each(school: School, human: Human) -> dict[str, Json]:
    """Return an activity of each kind that means something, by what it does."""
    done: dict[str, Delivery] = {}
    done["message"] = await human.says("dm", QUESTION)
    await school.settled()
    answer = school.last(human)
    done["vote"] = await human.votes(answer)
    done["press"] = await human.press(answer, "Ask a person")
    await school.settled()
    done["mention"] = await human.says(STAFF, f"{QUESTION} {MARK}")
    await school.accepts(await human.says("dm", "report"))
    question = school.last(human)
    done["submit fallback"] = await human.press(question, question.buttons[0].action["fallback"])
    await school.settled()
    done["fetch"] = await human.press(school.last(human), PAGE)
    human.close_dialog()
    said = human.writes(STAFF, MARK)
    done["shortcut"] = await human.shortcut(said, "incidents.report_message")
    number = choice(dialog_of(human).inputs, "category", "Something else")
    done["page"] = await human.submit(values={"category": number})
    done["search"] = await human.search("naming the school")
    done["install"] = await human.install()
    await school.settled()
    return {name: each.activity for name, each in done.items()}


@pytest.mark.parametrize("odd", ODD, ids=repr)
async def test_an_activity_of_the_wrong_shape_is_no_failure(
    school: School, teacher: Human, odd: Json, caplog: pytest.LogCaptureFixture
) -> None:
    documents = await one_of_each(school, teacher)
    wrong = {}

    for what, document in documents.items():
        for name, spoilt in _spoilt(document, odd):
            attempt = await school.fake.sends(json.dumps(spoilt).encode())
            if attempt.status not in (200, 400, 401, 403):
                wrong[f"{what}: {name}"] = attempt.status
    await school.settled()

    assert not wrong
    assert MARK not in caplog.text


@pytest.mark.parametrize("id", ["f:\ud800", "f:\0", "", None, "f:" * 400, "f:" * 5_000, 7])
@pytest.mark.usefixtures("quiet")
async def test_an_activity_with_an_odd_id_is_answered_or_refused(school: School, teacher: Human, id: Json) -> None:
    made = (await teacher.says("dm", "hello")).activity

    attempt = await school.fake.sends(json.dumps({**made, "id": id}).encode())
    await school.settled()

    assert attempt.status in (200, 400)
    assert len(school.said(teacher)) == (2 if attempt.status == 200 else 1)


@pytest.mark.usefixtures("quiet")
async def test_two_messages_without_an_id_are_two(school: School, teacher: Human) -> None:
    made = (await teacher.says("dm", "hello")).activity
    del made["id"]

    for text in ("help", "my"):
        await school.fake.sends(json.dumps({**made, "text": text}).encode())
    await school.settled()

    assert len(school.said(teacher)) == 3


# People who get no answer --------------------------------------------------------------------


@pytest.mark.parametrize("sender", [{"id": "28:other-bot"}, {"role": "bot"}, {"role": "skill"}])
@pytest.mark.usefixtures("quiet")
async def test_what_other_bots_write_gets_no_answer(school: School, teacher: Human, sender: Json) -> None:
    told = (await teacher.says("dm", "hello")).activity
    await school.settled()
    said = len(school.fake.posted())

    delivery = await teacher.forges({**told, "id": "f:bot", "text": "report", "from": {**told["from"], **sender}})
    await school.settled()

    assert delivery.ok
    assert len(school.fake.posted()) == said


@pytest.mark.parametrize("sender", [{"id": "28:other-bot"}, {"role": "bot"}])
@pytest.mark.usefixtures("quiet")
async def test_what_other_bots_press_has_no_effect(school: School, teacher: Human, sender: Json) -> None:
    await school.accepts(await teacher.says("dm", "apply"))
    before = await school.find(Session)
    press = await teacher.forge(school.last(teacher), button("session.cancel", before[0].id))
    assert not await school.find(Session)
    await school.accepts(await teacher.says("dm", "apply"))
    before = await school.find(Session)

    data = {"action": {"data": {"smpolicy": {"action": "session.cancel", "subject": before[0].id}}}}
    told = {**press.activity, "id": "f:bot", "value": data, "from": {**press.activity["from"], **sender}}
    delivery = await teacher.forges(told)

    assert delivery.status == 200
    assert await school.find(Session) == before


@pytest.mark.usefixtures("quiet")
async def test_the_bot_does_not_answer_itself(school: School, teacher: Human) -> None:
    told = (await school.accepts(await teacher.says("dm", "hello"))).activity
    own = {**told, "id": "f:echo", "text": "report", "from": school.fake.workspace.bot, "recipient": told["from"]}

    await school.accepts(await teacher.forges(own))

    assert len(school.said(teacher)) == 1


# Who acts ------------------------------------------------------------------------------------


async def test_a_name_gives_nobody_a_right(school: School, teacher: Human) -> None:
    """Everybody chooses how they are called; what counts is which account it is."""
    card = await school.asks_slt()
    head, outsider = school.human("deputy_head"), school.human("new_teacher")
    school.fake.workspace.conversations[SLT].members.append(outsider.id)
    vote = await outsider.press(card, "Approve")
    assert "Only a member of SLT" in said_at_once(vote)

    for changed in ({"name": "Deputy head"}, {"id": head.mri}, {"id": head.mri, "name": "Deputy head"}):
        told = {**vote.activity, "id": f"f:{changed}", "from": {**vote.activity["from"], **changed}}
        delivery = await outsider.forges(told)
        assert "Only a member of SLT" in said_at_once(delivery), changed
    (case,) = await school.find(Application)
    assert not case.standing_votes()


async def test_somebody_without_an_entra_id_has_no_rights_whatever_their_other_id_says(school: School) -> None:
    card = await school.asks_slt()
    deputy = school.human("deputy_head")
    vote = await deputy.forge(card, button("applications.nothing"))

    for sender in ({"id": deputy.mri, "name": "Deputy head"}, {"id": deputy.id, "name": "Deputy head"}):
        told = {**vote.activity, "id": f"f:{sender}", "from": sender}
        told["value"] = {"action": {"data": {"smpolicy": {"action": "applications.approve", "subject": "APP-1"}}}}
        delivery = await deputy.forges(told)
        assert "You are with another organisation" in said_at_once(delivery)
    (case,) = await school.find(Application)
    assert not case.standing_votes()


@pytest.mark.parametrize(
    "more",
    [
        {"person": "deputy_head"}, {"from": "deputy_head", "user": "deputy_head", "role": "slt"},
        {"visible_to": ["new_teacher"], "value": "deputy_head"}, {"value": "deputy_head", "asks": "slt"},
    ],
)  # fmt: skip
async def test_what_a_button_carries_does_not_say_who_pressed_it(school: School, more: Json) -> None:
    card = await school.asks_slt()
    teacher = school.human("new_teacher")
    school.fake.workspace.conversations[SLT].members.append(teacher.id)

    delivery = await teacher.forge(card, button("applications.approve", "APP-1", **more), {"person": "deputy_head"})

    assert "Only a member of SLT" in said_at_once(delivery)
    (case,) = await school.find(Application)
    assert not case.standing_votes()


# Things that were never there, or are not there any more -------------------------------------


ACTIONS = (
    "applications.sign_off", "report", "#", "incidents.report.now", "session.", "session.explode", "x" * 5_000,
    "Ünïcode", "incidents.nothing", "\u202eevil", "card.refreshed", " applications.approve",
)  # fmt: skip


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.usefixtures("quiet")
async def test_a_button_of_another_version_says_so(school: School, teacher: Human, action: str) -> None:
    await school.accepts(await teacher.says("dm", "hello"))
    shown, before = school.last(teacher), len(school.fake.posted())

    pressed = await teacher.forge(shown, button(action))
    opened = await teacher.forge(shown, page_button(action))
    fallen_back = await teacher.forge(shown, {**page_button(action), "data": {"smpolicy": {"action": action}}})
    await school.settled()

    for delivery in (pressed, opened):
        assert "That did not go through" in said_at_once(delivery)
        assert OLD in said_at_once(delivery) or GONE in said_at_once(delivery)
    assert fallen_back.kind == "message"
    assert "That did not go through" in school.said(teacher)[-1]
    assert len(school.fake.posted()) == before + 1


@pytest.mark.parametrize("action", ["applications.see", "session.continue", "accounts.show", "incidents.open"])
@pytest.mark.usefixtures("quiet")
async def test_a_button_about_nothing_finds_nothing(school: School, teacher: Human, action: str) -> None:
    await school.accepts(await teacher.says("dm", "hello"))

    for subject in ("", "APP-1", "x", "[]", "x" * 20_000, "🙂", "../..", "id-9999", "INC-AAAAAA", "\0", "\u202e"):
        delivery = await teacher.forge(school.last(teacher), button(action, subject))
        assert "That did not go through" in said_at_once(delivery), subject
    await school.settled()

    assert len(school.said(teacher)) == 1
    assert not await school.find(Session)


NO_WORDS: tuple[Json, ...] = (None, 7, [], {}, ["APP-1"], {"id": "APP-1"}, True, 1.5, 10**300)


@pytest.mark.parametrize("key", ["subject", "value", "asks", "form", "kept", "action"])
@pytest.mark.usefixtures("quiet")
async def test_a_button_that_carries_what_is_no_word_finds_nothing(school: School, teacher: Human, key: str) -> None:
    await school.accepts(await teacher.says("dm", "hello"))
    action = button("session.submit", "id-1")

    for odd in NO_WORDS:
        action["data"]["smpolicy"][key] = odd
        for data in (action["data"], {**action["data"], "aim": odd, "audience": odd}):
            delivery = await teacher.forge(school.last(teacher), {**action, "data": data})
            assert delivery.status == 200
            assert "did not go through" in said_at_once(delivery) or UNREADABLE in said_at_once(delivery)
    assert not await school.find(Session)


@pytest.mark.parametrize("name", ["incidents.tell", "report", "", "x" * 5_000, "incidents.report.", "../report", "🙂"])
@pytest.mark.usefixtures("quiet")
async def test_an_action_on_a_message_that_was_renamed_says_so(school: School, teacher: Human, name: str) -> None:
    said = teacher.writes(STAFF, MARK)

    await school.accepts(await teacher.shortcut(said, name))

    assert OLD in dialog_of(teacher).text
    assert not labels(dialog_of(teacher).card)
    assert not await school.find(Session)


PAYLOADS: tuple[Json, ...] = (
    None, [], "x", 7, {}, {"body": None}, {"body": []}, {"body": {"content": None}}, {"body": {"content": [MARK]}},
    {"body": {"contentType": "html", "content": "<" * 4_000}}, {"body": {"contentType": ["html"], "content": "x"}},
    {"linkToMessage": ["https://x.example"]}, {"linkToMessage": "javascript:alert(1)"}, {"subject": {"x": 1}},
    {"linkToMessage": "https://x.example/" + "x" * 5_000}, {"linkToMessage": "https://x.example/\n# y"},
    {"linkToMessage": "http://x.example"}, {"body": {"contentType": "text", "content": "\0\ud800"}},
)  # fmt: skip


@pytest.mark.usefixtures("quiet")
async def test_a_message_that_can_not_be_read_can_be_reported_all_the_same(school: School, teacher: Human) -> None:
    for payload in PAYLOADS:
        value = {"commandId": "incidents.report_message", "commandContext": "message", "messagePayload": payload}
        delivery = await invokes(school, teacher, "composeExtension/fetchTask", value)
        assert delivery.answer["task"]["type"] == "continue", payload

    for session in await school.find(Session):
        assert str(session.answers.get("where", "https://")).startswith("https://")
        assert "javascript" not in str(session.answers)


# Forms of others, and fields that are none ---------------------------------------------------


async def applying(school: School, human: Human) -> Session:
    """Have *human* open an application in a dialog; return what they have begun."""
    await school.accepts(await human.says("dm", "apply"))
    await school.accepts(await human.press(school.last(human), PAGE))
    human.type_into("aim", f"Show parents what happens. {MARK}")
    begun: list[Session] = await school.find(Session)
    [form] = [each for each in begun if each.form.startswith("applications")]
    return form


def page_of(human: Human, **changed: Json) -> Json:
    """Return what the open dialog would send, with some of it changed."""
    dialog = dialog_of(human)
    data = deepcopy(next(each for each in dialog.buttons if each.title != IN_CHAT).action["data"])
    filled = {name: value for name, value in dialog.values.items() if value}
    return {**data, **filled, **changed}


@pytest.mark.parametrize("subject", ["", "x", "id-9999", "x" * 20_000, "APP-1", "\0"])
@pytest.mark.usefixtures("quiet")
async def test_a_page_of_nobodys_form_is_refused_where_it_stands(school: School, teacher: Human, subject: str) -> None:
    await applying(school, teacher)
    data = page_of(teacher)
    data["smpolicy"]["subject"] = subject

    delivery = await teacher.forge_submit(data)
    await school.settled()

    assert GONE in said_at_once(delivery)
    assert not await school.find(Application)


@pytest.mark.usefixtures("quiet")
async def test_nobody_sends_somebody_elses_form(school: School, teacher: Human) -> None:
    await applying(school, teacher)
    data, colleague = page_of(teacher), school.human("pe_teacher")
    before = await school.find(Session)

    for name in ("task/submit", "composeExtension/submitAction"):
        delivery = await invokes(school, colleague, name, {"data": data})
        assert GONE in said_at_once(delivery)
        assert MARK not in delivery.body
    delivery = await invokes(school, colleague, "adaptiveCard/action", {"action": {"data": data}})

    assert GONE in said_at_once(delivery)
    assert await school.find(Session) == before
    assert not any(MARK in each for each in school.said(colleague))


@pytest.mark.parametrize("verb", ["page", "continue", "restart", "cancel", "answer", "ask", "submit"])
@pytest.mark.usefixtures("quiet")
async def test_nobody_presses_in_somebody_elses_form(school: School, teacher: Human, verb: str) -> None:
    begun = await applying(school, teacher)
    await school.accepts(await teacher.submit(IN_CHAT))
    [before] = await school.find(Session)
    colleague = school.human("pe_teacher")
    await school.accepts(await colleague.says("dm", "hello"))

    for action in (button, page_button):
        delivery = await colleague.forge(
            school.last(colleague), action(f"session.{verb}", begun.id, "audience=Pupils"), {"audience": "1"}
        )
        assert GONE in said_at_once(delivery)
        assert MARK not in delivery.body
    await school.settled()

    assert colleague.dialog is None or GONE in colleague.dialog.text
    assert await school.find(Session) == [before]
    assert len(school.said(colleague)) == 1


@pytest.mark.usefixtures("quiet")
async def test_a_field_that_the_page_does_not_have_is_not_taken(school: School, teacher: Human) -> None:
    await applying(school, teacher)

    await teacher.forge_submit(page_of(teacher, approved="yes", state="live", other_platform=MARK, __class__="x"))
    await school.settled()

    [session] = await school.find(Session)
    assert set(session.answers) == {"aim"}


UNREADABLE_ENTRIES: tuple[Json, ...] = (7, [], {}, ["x"], {"value": MARK}, True, 1.5, "\0", "\ud800")


@pytest.mark.parametrize("field", ["aim", "audience", "runners", "runners--names", "openness", "platform"])
@pytest.mark.usefixtures("quiet")
async def test_an_entry_that_can_not_be_read_has_to_be_mended(school: School, teacher: Human, field: str) -> None:
    await applying(school, teacher)

    for odd in UNREADABLE_ENTRIES:
        delivery = await teacher.forge_submit(page_of(teacher, **{field: odd}))
        assert delivery.answer["task"]["type"] == "continue", odd
        assert problems(dialog_of(teacher).card), odd
    await school.settled()

    assert not await school.find(Application)


@pytest.mark.parametrize("field", ["openness", "audience", "platform"])
@pytest.mark.usefixtures("quiet")
async def test_an_option_that_is_not_there_has_to_be_mended(school: School, teacher: Human, field: str) -> None:
    await applying(school, teacher)

    for number in ("-1", "0", "99", "x", "1,", "1,99", "½", "1 ", "01", "1.0", "1" * 5_000):
        await teacher.forge_submit(page_of(teacher, **{field: number}))
        [session] = await school.find(Session)
        assert field not in session.answers, number


@pytest.mark.usefixtures("quiet")
async def test_people_who_are_none_are_not_named(school: School, teacher: Human) -> None:
    await applying(school, teacher)

    for people in (",,,", " , ", ";"):
        await teacher.forge_submit(page_of(teacher, runners=people))
        assert not set((await school.find(Session))[0].answers.get("runners", ())) & {"", ","}, people
    for people in ("head_teacher,", "chair"):
        await teacher.forge_submit(page_of(teacher, runners=people))
        assert (await school.find(Session))[0].answers["runners"] == [people.rstrip(",")]
    await teacher.forge_submit(page_of(teacher, runners="history_teacher " * 500))


@pytest.mark.usefixtures("quiet")
async def test_more_than_a_field_holds_is_told_and_the_rest_is_kept(school: School, teacher: Human) -> None:
    await applying(school, teacher)

    await teacher.forge_submit(page_of(teacher, promotion="x" * 20_000))
    await school.settled()

    assert "20,000 characters and there is room for" in problems(dialog_of(teacher).card)
    [session] = await school.find(Session)
    assert MARK in session.answers["aim"]
    assert "promotion" not in session.answers


# Much text, files, and letters that are none -------------------------------------------------


@pytest.mark.usefixtures("quiet")
async def test_twenty_thousand_characters_are_read_whole(school: School, teacher: Human) -> None:
    long = " ".join(f"w{number:05}" for number in range(2_858))
    assert len(long) > 20_000

    for words in ("report", "Something else", "yes", "no", "skip", long, "no"):
        await school.accepts(await teacher.says("dm", words))

    read = "\n".join(school.said(teacher))
    assert "not sent yet" in read
    assert all(f"w{number:05}" in read for number in range(2_858))


@pytest.mark.parametrize("text", ["x" * 20_000, "<at>" * 5_000, "[" * 20_000, "@" * 20_000, "a, " * 6_000, "?" * 9_000])
@pytest.mark.parametrize("place", ["dm", STAFF])
@pytest.mark.usefixtures("quiet")
async def test_a_very_long_question_is_answered(school: School, teacher: Human, text: str, place: str) -> None:
    await school.accepts(await teacher.says(place, text))

    assert len(school.said(teacher)) in (1, 2)


def with_file(text: str) -> dict[str, Json]:
    """Return what a message with a file has besides, in which *text* is written."""
    info = {"contentType": "application/vnd.microsoft.teams.file.download.info", "name": f"{MARK}.jpg",
            "content": {"downloadUrl": "https://files.example/x"}}  # fmt: skip
    return {"attachments": [info, {"contentType": "text/html", "content": f"<p>{text}</p>"}]}


@pytest.mark.usefixtures("quiet")
async def test_a_picture_without_words_is_not_looked_at(school: School, teacher: Human) -> None:
    delivery = await school.accepts(await teacher.says("dm", "", **with_file("")))
    await school.accepts(await school.fake.again(delivery))

    assert len(school.said(teacher)) == 1
    assert "I can't take pictures or files, and I have not looked at this one." in school.said(teacher)[0]
    assert MARK not in "".join(school.payloads())


@pytest.mark.usefixtures("quiet")
async def test_a_picture_does_not_answer_a_question_that_stands(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "apply"))
    [before] = await school.find(Session)

    await school.accepts(await teacher.says("dm", "", **with_file("")))

    assert "pictures or files" in school.said(teacher)[-1]
    [after] = await school.find(Session)
    assert after.answers == before.answers
    await school.accepts(await teacher.says("dm", str(CASE["aim"])))
    assert "intended audience" in school.said(teacher)[-1]


@pytest.mark.usefixtures("quiet")
async def test_the_words_beside_a_picture_are_heard(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "hello", **with_file("hello")))

    assert "Hello History teacher" in school.said(teacher)[0]


@pytest.mark.usefixtures("quiet")
async def test_a_message_without_anything_gets_help(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", " "))

    assert "What I can do" in school.said(teacher)[0]


@pytest.mark.parametrize(
    "odd", ["\ud800", "\udfff\ud800", "\0", "\x01\x1b[31m", "\ufffe\uffff", "\U0010ffff", "\u2028"], ids=repr
)
@pytest.mark.usefixtures("quiet")
async def test_what_is_no_letter_harms_no_answer(school: School, teacher: Human, odd: str) -> None:
    for words in (f"May I {odd} post?", "report", "Something else", "yes", "no", odd, f"Something{odd} was posted."):
        await school.accepts(await teacher.says("dm", words))
    await school.accepts(await teacher.says("dm", f"no{odd}"))
    await school.accepts(await teacher.says("dm", "no"))

    assert " was posted." in "".join(school.said(teacher))
    assert "not sent yet" in "".join(school.said(teacher))
    draft = next(each for each in teacher.messages("dm") if "Submit" in labels(each.card))
    await school.accepts(await teacher.press(draft, "Submit"))
    assert len(await school.find(Incident)) == 1
