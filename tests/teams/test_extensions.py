"""What the app adds to Teams besides a chat: actions on messages, and the box that looks clauses up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.conversation.sessions import Session
from bot.domain.incidents import Incident
from tests.teams.desk import STAFF
from tests.teams.human import Human
from tests.teams.school import School, choice, dialog_of, labels

Json = Any
pytestmark = pytest.mark.timeout(30)
QUESTION = "May I name the school in a post?"
IN_CHAT = "Answer in chat instead"
MARK = "marker-93-of-a-pupil"
ELSEWHERE = "19:elsewhere@thread.tacv2"

# Reporting a message -------------------------------------------------------------------------


async def pages_to(school: School, human: Human, name: str, **answers: str) -> None:
    """Go through the pages of the open dialog, choosing by title, until *name* is asked."""
    for _ in range(6):
        fields = dialog_of(human).inputs
        if name in fields:
            return
        values = {each: choice(fields, each, title) for each, title in answers.items() if each in fields}
        await school.accepts(await human.submit(values=values))
    raise AssertionError(f"{name} was never asked for")


SOMETHING = {"category": "Something else", "child": "Yes", "adult": "No"}


@pytest.fixture(params=["standard channel", "private channel", "group chat"])
def elsewhere(school: School, teacher: Human, request: pytest.FixtureRequest) -> str:
    """A conversation of two teachers in which the bot is not."""
    people = [teacher.id, school.human("pe_teacher").id]
    if request.param == "group chat":
        return school.fake.group_chat(ELSEWHERE, people, installed=False).id
    private = request.param == "private channel"
    return school.fake.channel(ELSEWHERE, "elsewhere", people, private=private, installed=False).id


async def test_a_message_is_reported_with_its_link_and_its_words_where_the_bot_is_not(
    school: School, teacher: Human, elsewhere: str
) -> None:
    said = school.human("pe_teacher").writes(elsewhere, f"Two lines & more:\n<{MARK}> *so* 🙂 <at>smpolicy</at>")

    await school.accepts(await teacher.shortcut(said, "incidents.report_message"))
    assert dialog_of(teacher).title == "Report something"
    await pages_to(school, teacher, "what", **SOMETHING)

    values = dialog_of(teacher).values
    assert values["where"] == f"https://teams.microsoft.com/l/message/{elsewhere}/{said.id}"
    assert values["what"] == f"Two lines & more:\n<{MARK}> *so* 🙂 <at>smpolicy</at>"
    assert not school.fake.called("POST", elsewhere)


async def test_a_message_in_a_thread_is_reported_as_well(school: School, teacher: Human) -> None:
    first = teacher.writes(STAFF, "Who was that?")
    said = school.human("pe_teacher").writes(STAFF, MARK, thread=first.id)

    await school.accepts(await teacher.shortcut(said, "incidents.report_message"))
    await pages_to(school, teacher, "what", **SOMETHING)

    assert dialog_of(teacher).values["what"] == MARK
    assert said.id in dialog_of(teacher).values["where"]


async def test_a_report_of_a_message_goes_its_whole_way_and_leaves_no_trace_there(
    school: School, teacher: Human, elsewhere: str
) -> None:
    said = school.human("pe_teacher").writes(elsewhere, MARK)
    await school.accepts(await teacher.shortcut(said, "incidents.report_message"))
    await pages_to(school, teacher, "breach", **SOMETHING)
    await school.accepts(await teacher.submit(values={"breach": choice(dialog_of(teacher).inputs, "breach", "No")}))
    assert MARK in dialog_of(teacher).text

    await school.accepts(await teacher.submit("Submit"))

    assert "No one has opened this yet." in dialog_of(teacher).text
    assert len(await school.find(Incident)) == 1
    assert "No one has opened this yet." in school.said(teacher, "dm")[-1]
    assert not school.fake.posted(elsewhere)
    assert not school.said(school.human("pe_teacher"))


async def test_whoever_has_no_chat_with_the_bot_reports_a_message_from_its_menu_alone(
    school: School, teacher: Human, elsewhere: str
) -> None:
    """The app may be there for a team only; then all that is asked is asked, and sent, in the dialog."""
    teacher.user.installed = False
    said = school.human("pe_teacher").writes(elsewhere, MARK)
    await school.accepts(await teacher.shortcut(said, "incidents.report_message"))
    await pages_to(school, teacher, "breach", **SOMETHING)
    await school.accepts(await teacher.submit(values={"breach": choice(dialog_of(teacher).inputs, "breach", "No")}))

    await school.accepts(await teacher.submit("Submit"))

    assert "No one has opened this yet." in dialog_of(teacher).text
    assert len(await school.find(Incident)) == 1
    assert "Something has been sent to you" in school.said(school.human("dsl"))[-1]
    assert [each.status for each in school.fake.called("POST")].count(403) <= 1


async def test_what_a_message_filled_in_can_be_changed(school: School) -> None:
    teacher = school.client("history_teacher")
    said = school.human("pe_teacher").writes(STAFF, "Something bad.")
    await school.accepts(await teacher.human.shortcut(said, "incidents.report_message"))

    preview = await teacher.fills(
        category="Something else", child=True, adult=False, where="On the staff channel", what="My own words.",
        breach=False,
    )  # fmt: skip

    assert "Where: On the staff channel" in preview
    assert "My own words." in preview
    assert "Something bad." not in preview


async def test_reporting_a_message_leaves_a_draft_alone(school: School) -> None:
    teacher = school.client("history_teacher")
    for words in ("report", "Something else", "yes", "no", "An earlier place"):
        await teacher.says(words)
    draft = (await school.find(Session))[0]
    said = school.human("pe_teacher").writes(STAFF, "Something bad.")

    await school.accepts(await teacher.human.shortcut(said, "incidents.report_message"))
    await teacher.fills(category="Something else", child=False, adult=False, breach=False)

    kept = {each.id: each for each in await school.find(Session)}
    assert kept[draft.id].answers == draft.answers


@pytest.mark.parametrize(
    "content",
    ["", "<p>&nbsp;</p>", '<attachment id="a"></attachment>', '<img src="https://x.example/a.png">'],
)
async def test_a_message_of_pictures_alone_can_be_reported(school: School, teacher: Human, content: str) -> None:
    said = school.human("pe_teacher").writes(STAFF, "")
    posted = next(each for each in school.fake.workspace.posts if each.id == said.id)
    posted.activity["attachments"] = [{"contentType": "text/html", "content": content}]

    await school.accepts(await teacher.shortcut(said, "incidents.report_message"))
    await pages_to(school, teacher, "what", **SOMETHING)

    assert dialog_of(teacher).values["what"] == ""
    assert said.id in dialog_of(teacher).values["where"]


async def test_a_very_long_message_can_be_reported(school: School, teacher: Human) -> None:
    long = " ".join(f"w{number:05}" for number in range(4_000))
    said = school.human("pe_teacher").writes(STAFF, long)

    await school.accepts(await teacher.shortcut(said, "incidents.report_message"))
    await pages_to(school, teacher, "breach", **SOMETHING)
    await school.accepts(await teacher.submit(values={"breach": choice(dialog_of(teacher).inputs, "breach", "No")}))

    read = "\n".join(school.said(teacher))
    assert all(f"w{number:05}" in read for number in range(4_000))


async def test_a_message_of_the_bot_can_be_reported(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", QUESTION))

    await school.accepts(await teacher.shortcut(school.last(teacher), "incidents.report_message"))

    assert dialog_of(teacher).title == "Report something"


@pytest.mark.parametrize(
    ("name", "asks"), [("incidents.report", "What is it about?"), ("press.contact", "Give the journalist's name.")]
)
async def test_the_other_actions_open_their_page(school: School, teacher: Human, name: str, asks: str) -> None:
    """They are offered beside the box for messages, where there is no message to speak of."""
    said = teacher.writes(STAFF, "x")
    delivery = await teacher.shortcut(said, name)
    about = {"commandId": name, "commandContext": "compose", "context": {"theme": "dark"}}
    teacher.close_dialog()

    await school.accepts(delivery)
    without = await school.accepts(await teacher.forges({**delivery.activity, "id": "f:compose", "value": about}))

    assert asks in json.dumps(delivery.answer, ensure_ascii=False)
    assert asks in json.dumps(without.answer, ensure_ascii=False)


async def test_every_action_of_the_manifest_opens_something(school: School, teacher: Human) -> None:
    said = school.human("pe_teacher").writes(STAFF, "Something bad.")

    for name in school.desk.app.assistant.switchboard.shortcuts:
        await school.accepts(await teacher.shortcut(said, name))
        assert IN_CHAT in labels(dialog_of(teacher).card), name
        teacher.close_dialog()


# Searching -----------------------------------------------------------------------------------


async def test_before_anything_is_typed_the_search_shows_the_policy_from_its_beginning(
    school: School, teacher: Human
) -> None:
    await teacher.search("")

    policy = school.desk.app.assistant.world.policies.current()
    shown = [each["preview"]["content"]["title"] for each in teacher.results]
    assert shown == [f"{each.id} · {each.heading}" for each in policy.clauses[:25]]


async def test_the_whole_policy_can_be_scrolled_through(school: School, teacher: Human) -> None:
    policy = school.desk.app.assistant.world.policies.current()
    shown: list[str] = []
    for skip in range(0, 1_000, 25):
        await teacher.search("", skip=skip)
        if not teacher.results:
            break
        shown += [each["preview"]["content"]["title"].split(" ")[0] for each in teacher.results]

    assert shown == [each.id for each in policy.clauses]
    assert "no clause like that" in teacher.notice


@pytest.mark.parametrize("text", ["STF-4", "stf-4", "naming the school in a post", "name of Bebington High School"])
@pytest.mark.parametrize("place", ["dm", STAFF])
async def test_a_clause_is_found_by_its_number_and_by_words(
    school: School, teacher: Human, text: str, place: str
) -> None:
    await teacher.search(text, place=place)

    first = teacher.results[0]
    assert first["preview"]["content"]["title"].startswith("STF-4 · ")
    assert "The name of Bebington High School" in first["preview"]["content"]["text"]
    assert "The name of Bebington High School should not be included" in json.dumps(first["content"])
    assert not labels(first["content"])
    assert not school.fake.called("POST")


@pytest.mark.parametrize("text", ["zzqqxx", "🙂", "<at>smpolicy</at>", " ", "\u202e", "x" * 5_000])
async def test_what_the_policy_does_not_know_is_said(school: School, teacher: Human, text: str) -> None:
    delivery = await teacher.search(text)

    found = delivery.answer["composeExtension"]
    assert found["type"] in ("message", "result")
    if text == "zzqqxx":
        assert "The policy has no clause like that" in teacher.notice


@pytest.mark.parametrize(
    ("options", "first", "many"),
    [
        ({"skip": 0, "count": 5}, 0, 5), ({"skip": 3, "count": 2}, 3, 2), ({"skip": 2}, 2, 25), ({}, 0, 25),
        (None, 0, 25), ({"skip": -4, "count": 9_999}, 0, 25), ({"skip": "1", "count": True}, 0, 25),
        ({"skip": 1.5, "count": [3]}, 0, 25), ([], 0, 25), ("25", 0, 25),
    ],
)  # fmt: skip
async def test_a_part_of_the_results_can_be_asked_for(
    school: School, teacher: Human, options: Json, first: int, many: int
) -> None:
    asked = await teacher.search("")
    value = {**asked.activity["value"], "queryOptions": options}

    delivery = await teacher.forges({**asked.activity, "id": "f:part", "value": value})

    policy = school.desk.app.assistant.world.policies.current()
    shown = [each["preview"]["content"]["title"] for each in delivery.answer["composeExtension"]["attachments"]]
    assert shown == [f"{each.id} · {each.heading}" for each in policy.clauses[first : first + many]]
