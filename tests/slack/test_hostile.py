"""What a hostile reader tried: each test is a way in which a person was misled, told twice, or not told at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.conversation.cards import Card
from bot.conversation.sessions import Session
from bot.domain.applications import Application
from bot.domain.applications import State as ApplicationState
from bot.domain.incidents import Incident
from bot.domain.incidents import State as IncidentState
from bot.domain.jobs import To
from bot.domain.people import Role
from bot.errors import NotSaved, Undeliverable
from bot.platforms.afterwards import Afterwards
from bot.ports import L, Lease, R, Record, SchoolStore
from bot.sayings import Saying, Trouble
from bot.settings.shapes import RoleSource
from bot.stores.memory import MemoryStore
from tests.offices import slack_office
from tests.simulator import Office, in_memory, sample_settings
from tests.slack.desk import SLT, STAFF, SlackClient, SlackDesk
from tests.slack.failures import DroppedBefore, Says, Status
from tests.slack.human import Human
from tests.slack.school import School, home_of, labelled, modal_of, text_of, words_of
from tests.slack.views import View
from tests.stories.test_apply import bring_to_slt
from tests.test_delivery import Bench

Json = Any
pytestmark = pytest.mark.timeout(30)
GROUP = "S0SLT"
TEACHER = "U0TEACHINGASSISTANT"


# A page that is sent twice -------------------------------------------------------------------


def _choose(human: Human, modal: View, name: str, words: str) -> None:
    """Choose the option of *name* that reads *words*."""
    block = next(each for each in modal.blocks if each.get("block_id") == name)
    options = block["element"]["options"]
    human.type_into(modal, name, next(each["value"] for each in options if each["text"]["text"] == words))


async def test_a_page_that_is_sent_twice_answers_no_question_that_was_not_seen(school: School) -> None:
    """Slack asks people to try again where the acknowledgement came late: the next page must still be shown."""
    teacher = school.human("history_teacher")
    await school.accepts(await teacher.slash("report"))
    modal = modal_of(teacher)
    _choose(teacher, modal, "category", "Something else")
    await school.accepts(await teacher.submit(modal))
    _choose(teacher, modal, "child", "Yes")
    _choose(teacher, modal, "adult", "Yes")
    sent = await school.accepts(await teacher.submit(modal))
    assert modal.values.keys() >= {"who"}

    again = school.fake.workspace.triggers.trigger(teacher.id)
    answer = await school.accepts(await teacher.forges(sent.payload | {"trigger_id": again}))

    (session,) = await school.find(Session)
    assert "who" not in session.answers
    assert next(each["block_id"] for each in answer.answer["view"]["blocks"] if each["type"] == "input") == "who"


# Answers and notices that are lost, doubled or untrue ----------------------------------------


async def _reports(school: School, person: str = "history_teacher") -> SlackClient:
    client = school.client(person)
    await client.says("/smpolicy report")
    await client.fills(category="Something else", child=True, adult=False, what="Seen at the gate.", breach=False)
    return client


async def test_what_was_to_be_said_while_slack_was_away_for_an_hour_is_said_afterwards(school: School) -> None:
    teacher = await _reports(school)
    await teacher.presses("Submit", on="INC-")
    dsl = school.client("dsl")
    await dsl.presses("Open", on="Something has been sent to you")
    await teacher.says("/smpolicy my")
    reference = (await school.find(Incident))[0].id
    await teacher.says(f"/smpolicy report {reference}")
    before = len(school.said(dsl.human, "dm"))
    school.fake.fails("chat.postMessage", Status(503), times=10_000)

    await teacher.presses("Add something", on=reference, words="They have come back.")
    now = school.office.clock.now()
    for minutes in range(1, 61):
        await school.desk.move_clock(now + timedelta(minutes=minutes))
    school.fake.forgets_failures()
    await school.desk.move_clock(now + timedelta(hours=3))

    assert any("There is something new" in each for each in school.said(dsl.human, "dm")[before:])


async def test_a_message_of_files_alone_is_answered_once_however_often_it_comes(school: School) -> None:
    teacher = school.human("history_teacher")
    event = {
        "user": teacher.id, "channel": teacher.dm, "channel_type": "im", "text": "", "ts": school.fake.workspace.ts(),
        "subtype": "file_share", "files": [{"id": "F1"}],
    }  # fmt: skip
    first = await school.accepts(await school.fake.event("message", **event))

    await school.accepts(await school.fake.again(first))

    assert len([each for each in school.said(teacher, "dm") if "No pictures or files" in each]) == 1


async def test_somebody_of_another_organisation_is_answered_once_however_often_it_comes(school: School) -> None:
    partner = school.fake.user("U0PARTNER", "partner", real_name="Pat Partner", team_id="T0PARTNER")
    first = await school.accepts(await partner.says("dm", "hello"))

    await school.accepts(await school.fake.again(first))

    assert len([each for each in school.said(partner, "dm") if "Whom to contact" in each]) == 1


class NoAnswers:
    """A school's records where answers can't be saved, and all else can, while `full`."""

    def __init__(self, store: SchoolStore, shelf: ForgetfulStore) -> None:
        self._store = store
        self._shelf = shelf

    async def get(self, kind: type[R], id: str) -> R | None:
        """Return the record as last saved, or None."""
        return await self._store.get(kind, id)

    async def find(self, kind: type[R], **where: str) -> list[R]:
        """Return the records whose indexed fields equal *where*."""
        return await self._store.find(kind, **where)

    async def due(self, kind: type[R], before: datetime) -> list[R]:
        """Return the records that are due."""
        return await self._store.due(kind, before)

    async def claim(self, kinds: Sequence[type[L]], before: datetime, lease: Lease[L]) -> list[L]:
        """Claim what is due."""
        return await self._store.claim(kinds, before, lease)

    async def save(self, *records: Record, forget: Sequence[Record] = ()) -> None:
        """Save, unless there is an answer among *records*."""
        if self._shelf.full and any(isinstance(each, Saying) for each in records):
            raise NotSaved
        await self._store.save(*records, forget=forget)


class ForgetfulStore(MemoryStore):
    """A store whose medium is full just when an answer is to be kept."""

    full = False

    def of(self, school: str) -> SchoolStore:
        """Return the records of *school*."""
        return NoAnswers(super().of(school), self)


async def test_nobody_is_told_that_nothing_was_saved_where_it_was(tmp_path: Path) -> None:
    """Somebody who reads so phones in vain, or sends the same report once more."""
    store = ForgetfulStore()
    school = School(tmp_path, store)
    await school.open()
    try:
        teacher = await _reports(school)
        card = school.last(teacher.human, "dm")
        store.full = True

        await teacher.human.press(card, labelled(card.blocks, "Submit").action_id)
        store.full = False
        await school.settled()

        (case,) = await school.find(Incident)
        assert case.state is IncidentState.SENT
        assert "nobody has been told" not in "\n".join(school.said(teacher.human))
        assert "did not go through" not in school.said(teacher.human)[-1]
    finally:
        await school.close()


async def test_the_log_holds_nothing_of_what_failed_afterwards(caplog: pytest.LogCaptureFixture) -> None:
    afterwards = Afterwards()
    typed = " ".join(("what", "a", "child", "said"))

    async def work() -> None:
        raise ValueError(typed)

    afterwards.do("showing what a press led to", work())
    await afterwards.settled()

    assert caplog.records
    assert typed not in caplog.text


# Content that comes back ---------------------------------------------------------------------


async def test_a_draft_that_was_cancelled_is_not_said_later(school: School) -> None:
    """Its preview waited for Slack when its reporter pressed Cancel, and its content was promised to be deleted."""
    teacher = school.human("history_teacher")
    client = school.client("history_teacher")
    await school.accepts(await teacher.slash("report"))
    school.fake.fails("chat.postMessage", DroppedBefore(), channel=teacher.id, times=1)
    await client.fills(category="Something else", child=True, adult=False, what="Seen at the gate.", breach=False)
    modal = modal_of(teacher)
    assert "Seen at the gate." in words_of(modal)

    await school.accepts(await teacher.press_in_view(modal, labelled(modal.blocks, "Cancel").action_id))
    await school.desk.move_clock(school.office.clock.now() + timedelta(minutes=5))

    assert not await school.find(Incident)
    assert "Seen at the gate." not in "\n".join(school.said(teacher, "dm"))


async def test_a_cancelled_draft_is_taken_out_of_the_chat_once_slack_lets_the_bot_in_again(school: School) -> None:
    client = await _reports(school)
    teacher = client.human
    card = school.last(teacher, "dm")
    assert "Seen at the gate." in text_of(card)
    school.fake.fails("chat.update", Says("team_access_not_granted"), times=10_000)

    await school.accepts(await teacher.press(card, labelled(card.blocks, "Cancel").action_id))
    school.fake.forgets_failures()
    await school.desk.move_clock(school.office.clock.now() + timedelta(minutes=11))

    assert "Seen at the gate." not in "\n".join(school.said(teacher, "dm"))


async def test_reporting_the_same_message_again_keeps_what_was_typed(school: School) -> None:
    teacher = school.human("history_teacher")
    said = await school.human("pe_teacher").says(STAFF, "Something bad.")
    await school.accepts(await teacher.message_shortcut("incidents.report_message", STAFF, said.ts))
    modal = modal_of(teacher)
    _choose(teacher, modal, "category", "Something else")
    await school.accepts(await teacher.submit(modal))
    _choose(teacher, modal, "child", "Yes")
    _choose(teacher, modal, "adult", "No")
    await school.accepts(await teacher.submit(modal))
    teacher.type_into(modal, "what", "He has done this to her before.")
    await school.accepts(await teacher.press_in_view(modal, labelled(modal.blocks, "Answer in chat instead").action_id))
    assert any("He has done this" in str(each.answers) for each in await school.find(Session))

    await school.accepts(await teacher.message_shortcut("incidents.report_message", STAFF, said.ts))

    assert any("He has done this" in str(each.answers) for each in await school.find(Session))


# People who may not any more -----------------------------------------------------------------


async def test_the_home_of_somebody_who_has_left_shows_nothing_of_the_school(tmp_path: Path) -> None:
    settings = sample_settings(tmp_path)
    gone = date(2026, 11, 24)
    people = tuple(
        replace(each, person=replace(each.person, left=gone)) if each.person.id == "pe_teacher" else each
        for each in settings.people
    )
    office = slack_office(replace(settings, people=people), in_memory(), App)
    await office.open()
    try:
        assert isinstance(office.desk, SlackDesk)
        client = office.person("pe_teacher")
        assert isinstance(client, SlackClient)
        await client.says("/smpolicy report")
        await client.fills(category="Something else", child=True, adult=False, what="Seen.", breach=False)
        await client.human.opens("home")
        await office.desk.settled()
        assert "INC-" in home_of(client.human).text

        await office.clock_to("2026-11-26 09:00")
        await client.human.opens("home")
        await office.desk.settled()

        assert "INC-" not in home_of(client.human).text
    finally:
        await office.leave()


async def test_typed_words_decide_only_for_those_who_are_still_in_the_group(tmp_path: Path) -> None:
    """Slack's word of the change was lost; a press would notice after ten minutes."""
    settings = replace(sample_settings(tmp_path), roles={Role.SLT: RoleSource(slack_usergroup=GROUP)})
    office: Office = slack_office(settings, in_memory(), App)
    desk = office.desk
    assert isinstance(desk, SlackDesk)
    await desk.ready(settings)
    desk.fake.group(GROUP, "slt", [TEACHER])
    desk.fake.workspace.channels[SLT].members.append(TEACHER)
    await office.open()
    try:
        await bring_to_slt(office, runners=["history_teacher", "administrator"])
        assistant = office.person("teaching_assistant")
        assert isinstance(assistant, SlackClient)
        card = [each for each in assistant.human.messages(SLT) if "Ask for changes" in str(each.blocks)][-1]
        desk.fake.fails("views.open", Says("expired_trigger_id"))
        await assistant.human.press(card, labelled(card.blocks, "Ask for changes").action_id, forced=True)
        await desk.settled()
        assert "What should be changed?" in text_of(assistant.human.messages("dm")[-1])

        desk.fake.workspace.groups[GROUP].members.remove(TEACHER)
        office.clock.set(office.clock.now() + timedelta(hours=7))
        await assistant.human.says("dm", "Nobody asked me.")
        await desk.settled()

        (case,) = await desk.app.assistant.world.store.find(Application)
        assert case.state is not ApplicationState.CHANGES
    finally:
        await office.leave()


# Telling once, and in order ------------------------------------------------------------------


async def test_an_answer_that_one_person_sees_does_not_mend_the_channel(school: School) -> None:
    """The administrator is told once that the bot is not in SLT's channel, whoever presses there meanwhile."""
    await bring_to_slt(school.office, runners=["history_teacher", "administrator"])
    deputy = school.human("deputy_head")
    card = [each for each in deputy.messages(SLT) if "Approve" in str(each.blocks)][-1]
    school.fake.fails("chat.postMessage", Says("not_in_channel"), channel=SLT, times=10_000)
    world = school.desk.app.assistant.world
    waiting = Saying(world.school.id, "notice", To.place("slt"), Card("A notice"), due_at=world.clock.now())
    await world.store.save(waiting)
    await school.settled()
    assert len(await school.find(Trouble)) == 1

    await school.accepts(await deputy.press(card, labelled(card.blocks, "Approve").action_id))
    await school.desk.move_clock(school.office.clock.now() + timedelta(minutes=10))

    administrator = school.human("administrator")
    assert len([each for each in school.said(administrator, "dm") if "not a member of" in each]) == 1


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A worker with a chat that fails as it is told to."""
    store = MemoryStore()
    made = Bench(tmp_path, lambda: store)
    await made.app.store.open()
    yield made
    await made.app.store.close()


@pytest.mark.parametrize(
    "failure", [Undeliverable("no answer"), Undeliverable("slow down", retry_after=20)], ids=["fails", "asks for time"]
)
async def test_a_new_answer_does_not_overtake_one_that_waits(bench: Bench, failure: Undeliverable) -> None:
    """The second question of a form would stand above the first one, and the platform's wait would not be kept."""
    bench.chat.failures["pe_teacher"] = [failure]
    bench.worker.say(await bench.answers("first", to="pe_teacher"))
    await bench.worker.deliver_due()

    bench.worker.say(await bench.answers("second", to="pe_teacher"))
    await bench.later(seconds=0)
    await bench.later(seconds=20)
    await bench.later(seconds=30)

    assert bench.chat.heard_by("pe_teacher") == ["first", "second"]


async def test_two_workers_do_not_both_say_what_waited_longer_than_its_lease(bench: Bench) -> None:
    """A lane's later entries must not be said once another worker may have taken them."""
    other = bench.started()
    slow = bench.chat.hangs("pe_teacher")
    bench.worker.say(await bench.answers("first", "second", to="pe_teacher"))
    await bench.chat.until(lambda: len(bench.chat.tried) == 1)
    quick = bench.chat.hangs("pe_teacher")

    bench.clock.set(bench.clock.now() + timedelta(seconds=31))
    quick.set()
    await other.worker.deliver_due()
    slow.set()
    await bench.worker.deliver_due()

    assert bench.chat.heard_by("pe_teacher").count("second") == 1
