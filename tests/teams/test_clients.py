"""What people do at their clients of the fake reaches a bot as Teams sends it, and its answers reach them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.teams.answers import UNREACHABLE
from tests.teams.fake import FakeTeams
from tests.teams.human import Human
from tests.teams.refusals import NotThere, NotTypeable
from tests.teams.smallbot import APPROVAL, HEAD, OTHERS, STAFF, TEACHER, Bot, Caller, Scene, opened, shown
from tests.teams.strict import CARD
from tests.teams.strict_answers import ERROR, SAID
from tests.teams.test_strict import (
    CHOICES,
    LINE,
    RESULT,
    buttons,
    card,
    choice,
    dialog,
    execute,
    field,
    found,
    message,
    refresh,
    rich,
    run,
    submit,
)

Json = Any
# Nothing here waits for long, so what hangs is told soon.
pytestmark = pytest.mark.timeout(20)
FORM = card(field(), field("ChoiceSet", "who", choices=CHOICES, isRequired=False), buttons(submit("Send", form=1)))


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """A school with a bot in it."""
    async with opened() as made:
        yield made


@pytest.fixture
def teams(scene: Scene) -> FakeTeams:
    """The school's Teams."""
    return scene.teams


@pytest.fixture
def bot(scene: Scene) -> Bot:
    """The bot."""
    return scene.bot


@pytest.fixture
def call(scene: Scene) -> Caller:
    """What the bot calls with."""
    return scene.call


@pytest.fixture
def teacher(teams: FakeTeams) -> Human:
    """A teacher at their client."""
    return teams.human(TEACHER)


@pytest.fixture
def head(teams: FakeTeams) -> Human:
    """The Head at their client."""
    return teams.human(HEAD)


# Pressing ---------------------------------------------------------------------------------


async def test_an_execute_arrives_and_its_word_is_shown_to_one(bot: Bot, call: Caller, teacher: Human) -> None:
    """Fields of the card stay out where the button wants none."""
    bot.answers["adaptiveCard/action"] = {"statusCode": 200, "type": SAID, "value": "Approved."}
    asking = card(field(value="Parents"), buttons(execute("Approve", subject="ACC-1")))
    seen = await shown(call, teacher, asking)

    delivery = await teacher.press(seen, "Approve")

    told = bot.heard[0]
    assert (told["type"], told["name"], told["replyToId"]) == ("invoke", "adaptiveCard/action", seen.id)
    assert told["value"] == {
        "action": {
            "type": "Action.Execute",
            "title": "Approve",
            "verb": "approve",
            "data": {"subject": "ACC-1"},
        },
        "trigger": "manual",
    }
    assert delivery.error is None
    assert teacher.toasts == ["Approved."]


async def test_a_refusal_is_told_to_who_pressed(bot: Bot, call: Caller, teacher: Human) -> None:
    """Code and sentence come with the delivery."""
    refusal = {"code": "Forbidden", "message": "Only SLT may."}
    bot.answers["adaptiveCard/action"] = {"statusCode": 403, "type": ERROR, "value": refusal}

    delivery = await teacher.press(await shown(call, teacher), "Approve")

    assert delivery.ok
    assert delivery.error == ("Forbidden", "Only SLT may.")
    assert (teacher.notice, teacher.toasts) == ("Only SLT may.", [])


async def test_a_card_in_the_answer_is_for_one_until_it_changes_for_all(
    bot: Bot, call: Caller, teacher: Human, head: Human
) -> None:
    """Others go on seeing the common one."""
    own, common = card(rich(run("You approved"))), card(rich(run("Approved")))
    bot.answers["adaptiveCard/action"] = {"statusCode": 200, "type": CARD, "value": own}
    posted = await call.post(STAFF, message(APPROVAL))

    await head.press(head.messages(STAFF)[0], "Approve")

    assert head.messages(STAFF)[0].card == own
    assert teacher.messages(STAFF)[0].card == APPROVAL
    await call.put(STAFF, posted, message(common))
    assert head.messages(STAFF)[0].card == teacher.messages(STAFF)[0].card == common


async def test_a_kept_copy_is_pressed_as_it_was(bot: Bot, call: Caller, teacher: Human) -> None:
    """The card may have changed by the time that the press arrives."""
    seen = await shown(call, teacher)
    await call.put(teacher.dm, seen.id, message(card(LINE)))

    await teacher.press(seen, "Approve")

    assert bot.heard[-1]["value"]["action"]["data"] == {"subject": "ACC-1"}
    with pytest.raises(NotThere):
        await teacher.press(teacher.messages("dm")[0], "Approve")


async def test_a_submit_is_a_message_without_words(bot: Bot, call: Caller, teacher: Human) -> None:
    """All fields that hold something go along; required ones are asked for first."""
    asking = card(
        field(),
        field("Number", "runners", isRequired=False, min=2),
        field("Toggle", "read", title="I have read it", isRequired=False),
        field("ChoiceSet", "who", choices=[*CHOICES, choice("All", "3")], isMultiSelect=True, isRequired=False),
        buttons(submit("Send", form=1), {**submit("Cancel"), "associatedInputs": "none"}),
    )
    seen = await shown(call, teacher, asking)

    assert (await teacher.press(seen, "Send", {"runners": 1})).kind == "none"
    assert teacher.errors == {"aim": "Please say what for.", "runners": "Please say what for."}
    await teacher.press(seen, "Send", {"aim": "Parents", "who": ["3", "1"]})
    await teacher.press(seen, "Cancel")

    first, second = bot.heard
    assert first["value"] == {"form": 1, "aim": "Parents", "who": "1,3", "read": "false"}
    assert second["value"] == {}
    assert (first["type"], first["replyToId"], "text" in first) == ("message", seen.id, False)
    with pytest.raises(NotTypeable):
        await teacher.press(seen, "Send", {"who": "4"})
    with pytest.raises(NotThere):
        await teacher.press(seen, "Send", {"whom": "1"})


async def test_what_is_not_drawn_can_be_forged(bot: Bot, call: Caller, teacher: Human) -> None:
    """A request made by hand carries what it wants to."""
    seen = await shown(call, teacher)

    await teacher.forge(seen, execute("Approve", subject="ACC-2"), {"who": "somebody else"})
    sent = bot.heard[-1]
    await teacher.forges({**sent, "from": {**sent["from"], "aadObjectId": HEAD}})

    assert sent["value"]["action"]["data"] == {"subject": "ACC-2", "who": "somebody else"}
    assert bot.heard[-1]["from"]["aadObjectId"] == HEAD


async def test_links_lead_out_and_tell_nothing(bot: Bot, call: Caller, teacher: Human) -> None:
    """They can be found by the words that they stand on."""
    link = run("The policy", selectAction={"type": "Action.OpenUrl", "url": "https://school.example/policy"})
    seen = await shown(call, teacher, card(rich(link)))

    assert [(each.title, each.kind) for each in teacher.buttons(seen)] == [("The policy", "open_url")]
    assert (await teacher.press(seen, "The policy")).kind == "none"
    assert not bot.heard


async def test_cards_are_refreshed_for_whom_they_name(bot: Bot, call: Caller, teacher: Human, head: Human) -> None:
    """Looking asks for it, once for each person; others can be made to ask by hand only."""
    own = card(rich(run("Yours")))
    bot.answers["adaptiveCard/action"] = {"statusCode": 200, "type": CARD, "value": own}
    await call.post(STAFF, message(card(LINE, refresh=refresh(head.mri))))

    await teacher.looks()
    assert not bot.heard
    assert (await head.looks(STAFF))[0].card == own
    await head.looks(STAFF)
    assert [each["value"]["trigger"] for each in bot.heard] == ["automatic"]
    with pytest.raises(NotThere):
        await teacher.refresh(teacher.messages(STAFF)[0])
    await teacher.refresh(teacher.messages(STAFF)[0], trigger="manual")
    assert bot.heard[-1]["value"] == {
        "action": {"type": "Action.Execute", "verb": "card.refresh", "data": {}},
        "trigger": "manual",
    }


async def test_thumbs_are_there_where_the_message_asks_for_them(bot: Bot, call: Caller, teacher: Human) -> None:
    """They name the message, and carry words as Teams packs them."""
    bot.answers["message/submitAction"] = {}
    plain = await shown(call, teacher)
    asking = await shown(call, teacher, channelData={"feedbackLoop": {"type": "default"}})

    with pytest.raises(NotThere):
        await teacher.votes(plain)
    await teacher.votes(asking, like=False, words='Say "why"')

    assert bot.heard[0]["replyToId"] == asking.id
    assert bot.heard[0]["value"] == {
        "actionName": "feedback",
        "actionValue": {"reaction": "dislike", "feedback": '{"feedbackText": "Say \\"why\\""}'},
    }


# Dialogs, actions on messages, search -----------------------------------------------------


async def test_a_dialog_opens_is_filled_in_and_sent(teams: FakeTeams, bot: Bot, call: Caller, teacher: Human) -> None:
    """A page may follow; a word closes it."""
    pages = [dialog(FORM, title="Page 2"), {"task": {"type": "message", "value": "Thank you."}}]
    bot.answers["task/fetch"] = dialog(FORM, title="Page 1")
    bot.answers["task/submit"] = lambda _: pages.pop(0)
    seen = await shown(call, teacher)

    await teacher.press(seen, "Open")
    first = teacher.dialog
    assert first is not None
    assert (first.title, list(first.inputs), first.inputs["aim"].label) == ("Page 1", ["aim", "who"], "What for?")
    assert bot.heard[0]["value"] == {
        "data": {"msteams": {"type": "task/fetch"}, "n": 1},
        "context": {"theme": "default"},
    }
    assert (await teacher.submit()).kind == "none"
    assert first.errors == {"aim": "Please say what for."}
    teacher.type_into("aim", "Parents")
    teacher.type_into("who", "2")
    await teacher.submit("Send")
    assert teacher.dialog is not None
    assert (teacher.dialog.title, teacher.dialog.values) == ("Page 2", {"aim": "", "who": ""})
    await teacher.submit(unchecked=True)
    assert teacher.notice == "Thank you."
    assert teacher.dialog is None
    sent = [each for each in bot.heard if each["name"] == "task/submit"]
    assert [each["value"]["data"] for each in sent] == [{"form": 1, "aim": "Parents", "who": "2"}, {"form": 1}]
    assert [each["replyToId"] for each in sent] == [seen.id] * 2
    assert len({each["id"] for each in bot.heard}) == 3
    assert [each[0] for each in teams.drawn] == ["message", "dialog", "dialog"]
    assert not teams.mistakes


async def test_a_dialog_may_be_refused_closed_or_forged(bot: Bot, call: Caller, teacher: Human) -> None:
    """Nothing in the answer closes it; what is out of reach leaves it open."""
    bot.answers["task/fetch"] = {"task": {"type": "message", "value": "Only SLT may."}}
    seen = await shown(call, teacher)
    await teacher.press(seen, "Open")
    assert teacher.dialog is None
    assert teacher.notice == "Only SLT may."

    bot.answers["task/fetch"] = dialog(FORM)
    await teacher.press(seen, "Open")
    bot.statuses = [400]
    await teacher.forge_submit({"form": [1]})
    assert teacher.dialog is not None
    assert teacher.notice == UNREACHABLE
    await teacher.forge_submit({"form": [2]})
    assert teacher.dialog is None
    assert bot.heard[-1]["value"]["data"] == {"form": [2]}
    with pytest.raises(NotThere):
        await teacher.submit()


@pytest.mark.parametrize(
    ("kind", "fits", "fits_not"),
    [
        (field("Text", maxLength=3), "abc", "abcd"),
        (field("Date"), "2026-11-24", "24.11."),
        (field("Time"), "09:15", "quarter past"),
        (field("Number"), 2, "two"),
        (field("Toggle", title="Yes"), "true", "maybe"),
        (field("ChoiceSet", choices=CHOICES), "1", ["1", "2"]),
    ],
)
async def test_a_field_takes_what_is_of_its_kind(
    kind: Json, fits: Json, fits_not: Json, bot: Bot, call: Caller, teacher: Human
) -> None:
    """The client takes nothing else."""
    bot.answers["task/fetch"] = dialog(card(kind, buttons(submit("Send"))))
    await teacher.press(await shown(call, teacher), "Open")

    teacher.type_into("aim", fits)
    with pytest.raises(NotTypeable):
        teacher.type_into("aim", fits_not)
    await teacher.submit()

    assert bot.heard[-1]["value"]["data"] == {"aim": str(fits)}


async def test_a_message_anywhere_can_be_acted_on(bot: Bot, teacher: Human, head: Human) -> None:
    """The message comes along, and again with what was filled in; the app need not be there."""
    bot.answers["composeExtension/fetchTask"] = dialog(FORM)
    bot.answers["composeExtension/submitAction"] = {"task": {"type": "message", "value": "Thank you."}}
    head.writes(OTHERS, "Something <rude>")
    seen = teacher.messages(OTHERS)[0]

    await teacher.shortcut(seen, "report")
    await teacher.submit(values={"aim": "Look"})

    asked, sent = bot.heard
    payload = asked["value"]["messagePayload"]
    assert (asked["value"]["commandId"], asked["value"]["commandContext"]) == ("report", "message")
    assert payload["body"] == {"contentType": "html", "content": "<p>Something &lt;rude&gt;</p>"}
    assert payload["from"]["user"] == {"userIdentityType": "aadUser", "id": HEAD, "displayName": "Head Teacher"}
    assert asked["conversation"]["id"] == f"{OTHERS};messageid={seen.id}"
    assert sent["name"] == "composeExtension/submitAction"
    assert sent["value"] == {**asked["value"], "data": {"form": 1, "aim": "Look"}}
    assert teacher.notice == "Thank you."


async def test_a_search_shows_what_was_found(bot: Bot, teacher: Human) -> None:
    """The first look asks before anything is typed."""
    bot.answers["composeExtension/query"] = found(RESULT)
    await teacher.search("")
    await teacher.search("runners", skip=25)

    assert teacher.results == [RESULT]
    assert [each["value"] for each in bot.heard] == [
        {
            "commandId": "policy",
            "parameters": [{"name": "initialRun", "value": "true"}],
            "queryOptions": {"skip": 0, "count": 25},
        },
        {
            "commandId": "policy",
            "parameters": [{"name": "question", "value": "runners"}],
            "queryOptions": {"skip": 25, "count": 25},
        },
    ]
    bot.answers["composeExtension/query"] = {"composeExtension": {"type": "message", "text": "Nothing."}}
    await teacher.search("giraffes")
    assert (teacher.results, teacher.notice) == ([], "Nothing.")
