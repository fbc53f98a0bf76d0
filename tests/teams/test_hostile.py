"""What somebody tries who wants reports to leak, cards to be forged and words to reach the wrong person in Teams."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.app import App
from bot.conversation.sessions import Session
from bot.domain.applications import Application
from bot.domain.incidents import Incident
from bot.platforms.teams.pages import asked_on
from bot.platforms.teams.references import TeamsReference
from bot.platforms.teams.wire import as_typed, from_html
from bot.settings.load import Settings, load_settings
from bot.settings.shapes import SlackAccess
from bot.stores.memory import MemoryStore
from tests.offices import teams_office
from tests.simulator import ROOT, Office, Running, sample_settings
from tests.teams import activities
from tests.teams.desk import SLT, STAFF, TeamsClient, TeamsDesk
from tests.teams.human import Human
from tests.teams.people import Conversation
from tests.teams.school import School, button, dialog_of, page_button, text_of

Json = Any
pytestmark = pytest.mark.timeout(30)
MARK = "marker-71-of-a-child"
PINGED = "Something has been sent to you"
PAIR, LUNCH = "19:dsl_colleague@unq.gbl.spaces", "19:lunch@thread.v2"
PARTNER = "e15e0000-0000-4000-8000-00000000e15e"
ANSWERS: Mapping[str, Json] = {
    "category": "Something else", "child": True, "adult": False, "what": MARK, "breach": False,
}  # fmt: skip


async def reports(office: Office) -> None:
    """Have a teacher report something about a child, which the safeguarding lead is told of."""
    teacher = office.person("history_teacher")
    await teacher.says("report")
    await teacher.fills(**ANSWERS)
    await teacher.presses("Submit")


def read_by(human: Human, place: str = "") -> str:
    """Return all that the bot has said that *human* can read."""
    return "\n".join(text_of(each) for each in human.messages(place) if each.sender_is_bot)


# Chats that are called personal and are not ------------------------------------------------------


@pytest.fixture
def colleague(school: School) -> Human:
    """A colleague with whom the safeguarding lead has a chat of two, to which somebody has added the bot."""
    lead, colleague = school.human("dsl"), school.human("new_teacher")
    school.fake.workspace.conversations[PAIR] = Conversation(PAIR, "personal", members=[lead.id, colleague.id])
    return colleague


async def writes(school: School, lead: Human) -> None:
    """Write to the bot in the chat of two."""
    await school.accepts(await lead.says(PAIR, "help"))


async def adds(school: School, lead: Human) -> None:
    """Add the bot to the chat of two."""
    place = school.fake.workspace.conversations[PAIR]
    await school.accepts(await lead.forges(activities.installation(school.fake.workspace, lead.user, place, "add")))


async def invokes(school: School, lead: Human, name: str, value: Json) -> None:
    """Do something with a card that somebody has shared in the chat of two."""
    place = school.fake.workspace.conversations[PAIR]
    made = activities.invoke(school.fake.workspace, lead.user, place, name, value, reply_to="1700000000000")
    await school.accepts(await lead.forges(made))


async def presses(school: School, lead: Human) -> None:
    """Press a button there."""
    await invokes(school, lead, "adaptiveCard/action", {"action": button("policy.person"), "trigger": "manual"})


async def opens(school: School, lead: Human) -> None:
    """Press a button there that opens a dialog."""
    await invokes(school, lead, "task/fetch", {"data": page_button("incidents.report")["data"]})


@pytest.mark.parametrize("does", [writes, adds, presses, opens])
async def test_a_chat_of_two_people_is_nobodys_direct_chat(school: School, colleague: Human, does: Any) -> None:
    """Teams calls it personal as well; what is for one of them must not be said where the other one reads."""
    await does(school, school.human("dsl"))

    await reports(school.office)
    await school.client("dsl").presses("Open", on=PINGED)

    assert MARK in read_by(school.human("dsl"), "dm")
    assert PINGED not in read_by(colleague)
    assert MARK not in read_by(colleague)


# People who are taken for others -----------------------------------------------------------------


async def test_what_is_said_under_a_known_id_in_another_tenant_moves_nobodys_direct_chat(school: School) -> None:
    lead, stranger = school.human("dsl"), school.human("new_teacher")
    told = (await school.accepts(await lead.says("dm", "hello"))).activity
    elsewhere = Conversation("a:elsewhere", "personal", members=[stranger.id])
    school.fake.workspace.conversations[elsewhere.id] = elsewhere
    there = {**told["conversation"], "id": elsewhere.id, "tenantId": PARTNER}
    foreign = {**told, "id": "f:foreign", "conversation": there, "channelData": {"tenant": {"id": PARTNER}}}
    before = read_by(lead)

    await school.accepts(await lead.forges(foreign))
    assert "You are with another organisation" in read_by(stranger)
    assert read_by(lead) == before
    await reports(school.office)

    assert PINGED in read_by(lead, "dm")
    assert PINGED not in read_by(stranger)


async def test_what_is_taken_away_elsewhere_is_still_in_the_direct_chat(school: School) -> None:
    lead = school.human("dsl")
    told = (await school.accepts(await lead.says("dm", "hello"))).activity
    there = {**told["conversation"], "id": "a:elsewhere", "tenantId": PARTNER}
    gone = {**told, "conversation": there, "type": "installationUpdate", "action": "remove"}

    await school.accepts(await lead.forges(gone | {"channelData": {"tenant": {"id": PARTNER}}}))

    assert "person dsl" in [each.id for each in await school.find(TeamsReference)]


class Handover:
    """A program whose safeguarding lead has another account from some day on, under the same id in app.yaml."""

    successor = ""

    def __call__(self, settings: Settings, **more: Any) -> Running:
        """Return the program."""
        people = tuple(
            replace(each, teams=self.successor) if self.successor and each.person.id == "dsl" else each
            for each in settings.people
        )
        return App(replace(settings, people=people), **more)


@pytest.fixture
async def handover(tmp_path: Path) -> AsyncIterator[tuple[Office, Handover]]:
    """A school in which somebody else becomes the safeguarding lead."""
    store, compose = MemoryStore(), Handover()
    office = teams_office(sample_settings(tmp_path), lambda: store, compose)
    await office.open()
    yield office, compose
    await office.leave()


async def test_whoever_had_a_post_before_reads_nothing_that_is_for_their_successor(
    handover: tuple[Office, Handover],
) -> None:
    """The post is a person of app.yaml, who gets another id of Entra when it is filled anew."""
    office, compose = handover
    desk, before = office.desk, office.person("dsl")
    assert isinstance(desk, TeamsDesk)
    assert isinstance(before, TeamsClient)
    await reports(office)
    await before.sees(PINGED, "dm")
    successor = desk.fake.user("aa-successor", "New Lead")
    said = read_by(before.human)

    [case] = await desk.app.assistant.world.store.find(Incident)
    compose.successor = successor.id
    await office.restarts()
    await reports(office)
    assert PINGED in read_by(successor)
    await successor.says("dm", f"/smpolicy report {case.id}")
    await desk.settled()
    await successor.press(successor.messages("dm")[-1], "Open")
    await desk.settled()

    assert MARK in read_by(successor)
    assert read_by(before.human) == said


async def test_whoever_has_left_finds_nothing_in_the_policy(tmp_path: Path) -> None:
    """As they are told wherever else they ask."""
    settings = sample_settings(tmp_path)
    people = tuple(
        replace(each, person=replace(each.person, left=date(2026, 11, 20))) if each.person.id == "pe_teacher" else each
        for each in settings.people
    )
    office = teams_office(replace(settings, people=people), MemoryStore, App)
    await office.open()
    try:
        leaver = office.person("pe_teacher")
        assert isinstance(leaver, TeamsClient)

        await leaver.human.search("naming the school")

        assert leaver.human.results == []
        assert "has left the school" in leaver.human.notice
    finally:
        await office.leave()


# Cards of others ---------------------------------------------------------------------------------


async def test_a_form_that_is_sent_from_slts_card_does_not_take_its_place(school: School) -> None:
    """Whoever can read the card could wipe it out for all, and put the reference of their own report there."""
    card = await school.asks_slt()
    deputy = school.human("deputy_head")
    await school.accepts(await deputy.says("dm", "report"))
    [session] = [each for each in await school.find(Session) if each.person == "deputy_head"]
    values = {"category": "9", "child": "1", "adult": "2", "where": "Here", "what": MARK, "breach": "2"}

    while page := await school.desk.app.assistant.open_page("deputy_head", session.id):
        asks = asked_on(page)
        sent = button("session.submit", session.id, asks=asks)
        left = len(values)
        entered = {name: values.pop(name) for name in asks.split() if name in values}
        await school.accepts(await deputy.forge(card, sent, entered))
        if len(values) == left:
            break

    [standing] = school.fake.posted(SLT)
    assert "APP-1" in text_of(standing)
    assert "INC-" not in text_of(standing)


@pytest.mark.parametrize("place", [LUNCH, STAFF])
async def test_nobody_decides_by_a_button_that_somebody_else_has_put_on_a_card(school: School, place: str) -> None:
    """Whoever shares a clause can change the card on its way, and call the button what they like."""
    await school.asks_slt()
    deputy, other = school.human("deputy_head"), school.human("pe_teacher")
    school.fake.group_chat(LUNCH, [deputy.id, other.id], installed=False)
    shared = other.writes(place, "Today's lunch")

    await school.accepts(await deputy.forge(shared, button("applications.approve", "APP-1")))
    data = {"smpolicy": {"action": "applications.approve", "subject": "APP-1"}}
    await school.accepts(await deputy.forge(shared, {"type": "Action.Submit", "data": data}))
    await school.accepts(await deputy.forge(shared, page_button("applications.reject", "APP-1")))

    assert deputy.dialog is None
    [application] = await school.find(Application)
    assert application.votes == ()


@pytest.mark.parametrize("person", ["history_teacher", "dsl", "deputy_head", "pe_teacher"])
async def test_nobody_sees_in_a_channel_who_knows_of_a_report(school: School, person: str) -> None:
    """A refusal for all to read beside a private answer tells who reported it, and who is on it."""
    await reports(school.office)
    [case] = await school.find(Incident)
    human, onlooker = school.human(person), school.human("new_teacher")

    await school.accepts(await human.says(STAFF, f"/smpolicy report {case.id}"))

    assert read_by(onlooker, STAFF) == "I have answered you in our direct chat."


# Messages that are reported ----------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["<a ", "<a/", "<a b='", '<a b="', "<!--", "<![", "</", "<?", "<attachment "])
@pytest.mark.parametrize("length", [2_000, 19_000, 400_000])
def test_no_message_is_made_so_that_reading_it_stops_the_program(unit: str, length: int) -> None:
    """A report of it would keep all other reports waiting for minutes."""
    started = time.process_time()

    from_html((unit * length)[:length])

    assert time.process_time() - started < 1


def test_no_message_mentions_so_many_that_reading_it_stops_the_program() -> None:
    bot = {"id": "28:bot"}
    entities = [{"type": "mention", "mentioned": bot, "text": f"<at>{number}</at>"} for number in range(7_000)]
    started = time.process_time()

    as_typed({"recipient": bot, "text": "x" * 500_000, "textFormat": "plain", "entities": entities})

    assert time.process_time() - started < 1


@pytest.mark.parametrize("begins", ["<![x ", '<p>Look</p><attachment id="1">', "<!-- ", "<? "])
async def test_nothing_in_a_message_hides_its_words_from_a_report(school: School, begins: str) -> None:
    teacher, said = school.human("history_teacher"), school.human("pe_teacher").writes(STAFF, "")
    posted = next(each for each in school.fake.workspace.posts if each.id == said.id)
    posted.activity["attachments"] = [{"contentType": "text/html", "content": begins + MARK}]

    await school.accepts(await teacher.shortcut(said, "incidents.report_message"))

    assert dialog_of(teacher).title == "Report something"
    [session] = await school.find(Session)
    assert MARK in session.answers["what"]


# Trying out, and what is left of it --------------------------------------------------------------


async def test_where_the_bot_was_tried_out_is_not_where_people_are_reached(school: School) -> None:
    """The Playground's addresses are kept like Teams' own, and no report would arrive at them."""
    world = school.desk.app.assistant.world
    playground = "http://127.0.0.1:56150/_connector"
    await world.store.save(
        TeamsReference(world.school.id, "person dsl", "a:playground", playground),
        TeamsReference(world.school.id, "place 19:general@thread.tacv2", "19:general@thread.tacv2", playground),
    )
    await school.office.restarts()

    await reports(school.office)

    assert PINGED in read_by(school.human("dsl"), "dm")
    assert "needs your help" not in read_by(school.human("administrator"))


async def test_nobody_plays_the_head_of_a_school_that_is_in_slack(tmp_path: Path) -> None:
    """The Playground listens on all of a machine's addresses, and passes on who somebody says they are."""
    settings = sample_settings(tmp_path)
    slack = SlackAccess("xoxb-token", "secret", "", "http://127.0.0.1:9/")
    app = App(replace(settings, slack=slack), store=MemoryStore(), local=True)
    activity = {
        "type": "message", "id": "1", "channelId": "msteams", "serviceUrl": "http://127.0.0.1:9/", "text": "help",
        "from": {"id": "29:head", "aadObjectId": "36e34a40-99e1-5f1f-ac32-911867736ff3"},
        "recipient": {"id": "28:bot"}, "conversation": {"id": "a:head", "conversationType": "personal"},
    }  # fmt: skip

    async with TestClient(TestServer(app.web)) as client:
        answer = await client.post("/api/messages", json=activity)

    assert answer.status == 404
    assert app.teams is None


def test_a_role_in_a_school_on_both_platforms_needs_both_ids(tmp_path: Path) -> None:
    """Whoever has one id only is somebody else on the other platform, and decides on what they applied for there."""
    file = tmp_path / "app.yaml"
    text = (ROOT / "app.yaml").read_text(encoding="utf-8")
    groups = "roles:\n  dsl: {slack_usergroup: S0DSL}\n"
    file.write_text(text.replace("    slack: U0DEPUTYHEAD\n", "") + groups, encoding="utf-8")
    environment = {
        "SLACK_BOT_TOKEN": "xoxb-token", "SLACK_SIGNING_SECRET": "secret",
        "MICROSOFT_APP_ID": "5d0a7e5c-0000-4000-8000-0000000000b0", "MICROSOFT_APP_PASSWORD": "secret",
        "MICROSOFT_APP_TENANT_ID": "5c4001c0-0000-4000-8000-00000000bebe",
    }  # fmt: skip

    both = load_settings(file, environment).warnings
    alone = load_settings(file, {each: environment[each] for each in environment if "SLACK" not in each}).warnings

    assert [each for each in both if "deputy_head" in each and "slack" in each]
    assert [each for each in both if "dsl" in each and "group" in each]
    assert not [each for each in alone if "deputy_head" in each or "group" in each]


# Logs --------------------------------------------------------------------------------------------


async def test_no_log_of_any_library_holds_what_people_typed(school: School, caplog: pytest.LogCaptureFixture) -> None:
    """Neither what Teams was told, nor what somebody made up in an activity, nor what an error carries."""
    caplog.set_level(logging.DEBUG)
    teacher = school.human("history_teacher")
    await reports(school.office)
    await school.client("dsl").presses("Open", on=PINGED)
    said = await school.accepts(await teacher.says("dm", MARK))
    await school.accepts(await teacher.shortcut(teacher.writes(STAFF, MARK), "incidents.report_message"))
    await teacher.search(MARK)
    data = {"smpolicy": {"action": MARK, "subject": MARK, "value": MARK}}
    forged: list[Json] = [
        {"type": MARK}, {"type": "invoke", "name": MARK, "value": {"commandId": MARK}},
        {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": {"data": data}}},
        {"type": "invoke", "name": "task/submit", "value": {"data": data}},
    ]  # fmt: skip
    for number, odd in enumerate(forged):
        await teacher.forges({**said.activity, "id": f"f:{number}", **odd})
    for status in (500, 403, 413):
        school.fake.fail_next(status, MARK)
        await teacher.says("dm", MARK)
        await school.settled()

    assert caplog.records
    assert not [each for each in caplog.records if MARK in f"{each.getMessage()} {each.exc_text or ''}"]
