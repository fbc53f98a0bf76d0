"""What goes wrong between things that are right by themselves: trials, two platforms, starts, clocks, old drawings."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from bot.app import App, serving
from bot.conversation.sessions import Session
from bot.domain.applications import Application
from bot.domain.people import Role
from bot.platforms.answering import WENT_WRONG
from bot.platforms.teams.talk import IN_DIRECT_CHAT
from bot.platforms.teams.wire import from_html
from bot.platforms.web.clock import LocalClock
from bot.ports import SchoolStore, Store
from bot.settings.shapes import RoleSource
from bot.stores.memory import MemoryStore
from tests.simulator import START, CountedIds, sample_settings
from tests.slack.failures import Held, Says
from tests.stories.test_apply import BUSINESS_CASE
from tests.teams.desk import APP_ID, SLT, STAFF, TeamsClient
from tests.teams.fake import FakeTeams
from tests.teams.human import Human
from tests.teams.issuer import TENANT
from tests.teams.school import CASE, School, button, dialog_of, text_of
from tests.test_two_platforms import ANSWERED, QUESTION, opened

Json = Any
DISCLOSED = "A pupil told me she is being hurt at home"
AT_ONCE_SECONDS = 5


# A trial on this machine ---------------------------------------------------------------------


class Trial:
    """The program as `serve --local` starts it, without any account: its page, and a Playground beside it."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._settings, self._store = sample_settings(folder), store
        self._clock = LocalClock(start=START)
        self._stack: Any = None
        self.playground = FakeTeams(None, APP_ID, TENANT, lambda: self._clock.now().timestamp())
        self.url = ""

    async def start(self) -> None:
        """Start the program."""
        self.app = App(self._settings, store=self._store, clock=self._clock, ids=CountedIds(), local=True)
        self._stack = serving(self.app, "127.0.0.1", 0)
        self.url = await self._stack.__aenter__()
        self.playground.app_url = f"{self.url}api/messages"

    async def stop(self) -> None:
        """Stop it."""
        await self._stack.__aexit__(None, None, None)

    async def says_hello(self, user: str, name: str) -> None:
        """Be somebody in the Playground for once."""
        await self.playground.user(user, name).says("dm", "hello")
        assert self.app.teams is not None
        await self.app.teams.settled()
        await self.app.worker.deliver_due()

    def user(self, person: str) -> str:
        """Return the id of somebody of app.yaml."""
        return next(each.teams for each in self._settings.people if each.person.id == person)

    async def calls(self, path: str, body: Json = None, **query: str) -> Json:
        """Return what the page's API answers."""
        method = "GET" if body is None else "POST"
        async with (
            ClientSession() as session,
            session.request(method, f"{self.url}local/api/{path}", json=body, params=query) as answer,
        ):
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def applies(self, person: str) -> None:
        """Apply on the page, as a page."""
        asked = await self.calls("say", {"as": person, "in": "dm", "text": "/smpolicy apply"})
        pressed = {"as": person, "message": asked["messages"][-1]["id"], "button": "Fill in as a page"}
        answer, left = await self.calls("press", pressed), dict(CASE)
        while form := answer["form"]:
            names = [each["name"] for each in form["fields"] if each["name"] in left]
            values = {name: left.pop(name) for name in names}
            answer = await self.calls("submit", {"as": person, "session": form["session"], "values": values})
        await self.calls("press", {"as": person, "message": answer["messages"][-1]["id"], "button": "Submit"})

    async def passes(self, minutes: int) -> None:
        """Let time pass, a minute at a time."""
        for _ in range(minutes):
            await self.calls("clock", {"now": (self._clock.now() + timedelta(minutes=1)).isoformat()})

    async def read_by(self, person: str) -> list[str]:
        """Return what somebody reads on the page."""
        query = {"as": person, "in": "dm"}
        return [each["text"] for each in await self.calls("messages", **query)]


@asynccontextmanager
async def trial(folder: Path, store: Store) -> AsyncIterator[Trial]:
    """Try the program out for a while."""
    tried = Trial(folder, store)
    await tried.playground.open()
    await tried.start()
    try:
        yield tried
    finally:
        await tried.stop()
        await tried.playground.close()


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_playground_that_was_closed_takes_nothing_from_the_local_page(tmp_path: Path, restarted: bool) -> None:
    """Whoever was somebody there once reads on the page what they have to know."""
    async with trial(tmp_path, MemoryStore()) as tried:
        await tried.says_hello(tried.user("pe_teacher"), "PE teacher")
        await tried.playground.close()
        if restarted:
            await tried.stop()
            await tried.start()

        await tried.applies("history_teacher")
        await tried.passes(minutes=2)

        assert [each for each in await tried.read_by("pe_teacher") if "will you run" in each]


async def test_whom_a_trial_met_is_nobody_of_the_school_later(tmp_path: Path) -> None:
    """The Playground's people are made up: once the school is in Teams, nobody can name them."""
    kept = MemoryStore()
    async with trial(tmp_path, kept) as tried:
        await tried.says_hello("11111111-0000-4000-8000-000000000001", "Alex Wilber")
    school = School(tmp_path, kept)
    await school.open()
    try:
        teacher = school.human("history_teacher")
        await school.accepts(await teacher.says("dm", "apply"))
        await school.accepts(await teacher.press(school.last(teacher), "Fill in as a page"))
        offered = [name for name, _ in dialog_of(teacher).inputs["runners"].choices]

        assert "PE teacher" in offered
        assert "Alex Wilber" not in offered
    finally:
        await school.close()


# Two platforms -------------------------------------------------------------------------------


def said(client: TeamsClient) -> list[str]:
    """Return what the bot has said to somebody in Teams."""
    return [text_of(each) for each in client.human.messages("dm") if each.sender_is_bot]


async def test_what_waits_in_slack_does_not_hold_up_answers_in_teams(tmp_path: Path) -> None:
    """Slack has shut the bot out, and a notice waits there for somebody who asks something in Teams meanwhile."""
    async with opened(
        tmp_path, in_teams={"head_teacher", "history_teacher"}, on_both={"pe_teacher"}, slt="slack"
    ) as school:
        _, in_teams = school.clients("pe_teacher")
        await school.person("history_teacher").says("/smpolicy apply")
        await school.person("history_teacher").fills(**BUSINESS_CASE)
        school.desk.slack.fake.fails("*", Says("token_revoked"), times=10_000)
        await school.person("history_teacher").presses("Submit", on="APP-1")
        await school.passes(minutes=1)

        await in_teams.says(QUESTION)
        await school.passes(minutes=1)
        answered = said(in_teams)
        school.desk.slack.fake.forgets_failures()

        assert [each for each in answered if ANSWERED in each]


async def test_who_can_mend_slack_reads_of_it_in_teams_and_once(tmp_path: Path) -> None:
    """It can't be said in Slack, which is what has to be mended."""
    async with opened(
        tmp_path, in_teams={"head_teacher", "history_teacher"}, on_both={"pe_teacher", "administrator"}, slt="slack"
    ) as school:
        _, administrator = school.clients("administrator")
        await school.person("history_teacher").says("/smpolicy apply")
        await school.person("history_teacher").fills(**BUSINESS_CASE)
        school.desk.slack.fake.fails("*", Says("token_revoked"), times=10_000)
        await school.person("history_teacher").presses("Submit", on="APP-1")
        await school.passes(minutes=45)
        told = said(administrator)
        school.desk.slack.fake.forgets_failures()

        assert ["token was revoked" in each for each in told] == [True]


async def test_a_slack_that_says_nothing_does_not_keep_teams_from_starting(tmp_path: Path) -> None:
    async with opened(tmp_path, in_teams={"history_teacher", "head_teacher"}, slt="slack") as school:
        until = asyncio.Event()
        for _ in range(20):
            school.desk.slack.fake.fails("*", Held(until))
        asyncio.get_running_loop().call_later(2 * AT_ONCE_SECONDS, until.set)
        before = asyncio.get_running_loop().time()
        await school.office.restarts()
        took = asyncio.get_running_loop().time() - before
        until.set()

        assert took < AT_ONCE_SECONDS


async def test_an_administrator_in_teams_is_told_there_though_the_local_page_is_served_as_well(tmp_path: Path) -> None:
    """Whoever has to mend something does not look at the page of the machine that the program runs on."""
    school = School(tmp_path)
    school.desk.local = True
    await school.open()
    try:
        school.fake.fail_next(403, "BotNotInConversationRoster", times=99, method="POST", place=SLT)
        with contextlib.suppress(IndexError):  # the card that would be returned is not there
            await school.asks_slt()
        told = school.said(school.human("administrator"), "dm")

        assert ["The bot is not in the channel of slt" in each for each in told] == [True]
    finally:
        await school.close()


# Starting ------------------------------------------------------------------------------------


async def test_a_group_that_is_slow_to_come_does_not_hold_up_the_start(tmp_path: Path) -> None:
    """Whoever writes meanwhile would find nobody; at a press the group is asked for again."""
    school = School(tmp_path, roles={Role.SLT: RoleSource(teams_channel=SLT)})
    await school.open()
    until = asyncio.Event()
    try:
        await school.accepts(await school.human("head_teacher").says("dm", "hello"))
        await school.office.close()
        school.fake.delay_next(until, path="pagedmembers")
        before = asyncio.get_running_loop().time()
        await school.office.open()
        took = asyncio.get_running_loop().time() - before

        assert took < AT_ONCE_SECONDS
    finally:
        until.set()
        await school.close()


# Clocks --------------------------------------------------------------------------------------


async def test_a_clock_that_was_set_back_keeps_nobody_in_a_group(tmp_path: Path) -> None:
    """It went a day ahead for a while; who has left SLT's team since decides nothing."""
    school = School(tmp_path, roles={Role.SLT: RoleSource(teams_channel=STAFF)})
    await school.open()
    try:
        card, clock = await school.asks_slt(), school.office.clock
        right, leaver = clock.now(), school.human("new_teacher")
        clock.set(right + timedelta(days=1))
        await school.accepts(await leaver.says("dm", "hello"))
        clock.set(right + timedelta(minutes=30))
        school.fake.workspace.members(school.fake.workspace.conversations[STAFF]).remove(leaver.id)

        await leaver.forge(card, button("applications.approve", "APP-1"))
        await school.settled()

        (case,) = await school.find(Application)
        assert not case.standing_votes()
    finally:
        await school.close()


# Words in shared places ----------------------------------------------------------------------


async def test_who_has_no_chat_with_the_bot_is_not_told_to_look_there(school: School) -> None:
    """What they disclosed would be lost, and they would believe that somebody knows."""
    teacher = await without_chat(school)

    await school.accepts(await teacher.says(STAFF, DISCLOSED))
    in_place = school.said(teacher, STAFF)[-1]
    await school.accepts(await teacher.install())
    await school.accepts(await teacher.says(STAFF, DISCLOSED))

    assert IN_DIRECT_CHAT not in in_place
    assert "Add smpolicy" in in_place
    assert "999" in in_place
    assert school.said(teacher, STAFF)[-1] == IN_DIRECT_CHAT
    assert "Tell a person now" in school.said(teacher, "dm")[-1]


async def without_chat(school: School) -> Human:
    """Return somebody of the school's channel who does not have the app."""
    teacher = school.fake.user("7e0b3a5c-0000-4000-8000-00000000c4a7", "Norman Newcomer", installed=False)
    await school.fake.joins(STAFF, teacher.id)
    return teacher


async def test_who_has_no_chat_with_the_bot_goes_on_with_a_report_where_they_began(school: School) -> None:
    """They would wait for a question that is never asked, and their report would never be sent."""
    teacher = await without_chat(school)
    said = school.human("pe_teacher").writes(STAFF, "Something bad.")
    await school.accepts(await teacher.shortcut(said, "incidents.report_message"))
    choices = dialog_of(teacher).inputs["category"].choices
    number = next(value for title, value in choices if title == "Something else")

    await school.accepts(await teacher.submit("Answer in chat instead", {"category": number}))

    dialog = dialog_of(teacher)
    assert "add smpolicy in Teams under Apps" in dialog.text
    assert dialog.values["category"] == number
    await school.accepts(await teacher.submit())
    assert dialog_of(teacher).inputs.keys() != dialog.inputs.keys()


async def test_what_a_press_in_a_channel_leads_to_is_read_by_who_has_no_chat_with_the_bot(school: School) -> None:
    teacher = await without_chat(school)
    await school.accepts(await teacher.says(STAFF, QUESTION))
    answer = next(each for each in teacher.messages(STAFF) if each.sender_is_bot and each.buttons)

    await school.accepts(await teacher.press(answer, "Ask a person"))

    assert "Designated safeguarding lead" in teacher.toasts[-1]
    assert IN_DIRECT_CHAT not in teacher.toasts[-1]


class BrokenStore(MemoryStore):
    """A store that stumbles over drafts while it is *broken*."""

    broken = False

    def of(self, school: str) -> SchoolStore:
        """Return the records of *school*."""
        return BrokenRecords(self, super().of(school))


class BrokenRecords:
    """The records of one school."""

    def __init__(self, store: BrokenStore, records: SchoolStore) -> None:
        self._store = store
        self._records = records

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    async def find(self, kind: type[Any], **where: str) -> list[Any]:
        """Return the records."""
        if self._store.broken and kind is Session:
            raise RuntimeError
        return await self._records.find(kind, **where)


@pytest.mark.parametrize("place", ["dm", STAFF])
async def test_whatever_goes_wrong_in_the_program_whoever_wrote_hears_of_it(tmp_path: Path, place: str) -> None:
    store = BrokenStore()
    school = School(tmp_path, store)
    await school.open()
    try:
        teacher = school.human("history_teacher")
        store.broken = True
        await school.accepts(await teacher.says(place, "/smpolicy my"))
        store.broken = False

        assert school.said(teacher, place) == [WENT_WRONG]
    finally:
        await school.close()


@pytest.mark.parametrize(
    "content", ["<a" * 150_000, "<!--" * 75_000, "<!-- >" * 50_000, "</" * 150_000, "<?" * 150_000]
)
@pytest.mark.timeout(5)
def test_what_only_begins_like_markup_holds_nobody_up(content: str) -> None:
    assert len(from_html(content)) <= len(content)


# Votes ---------------------------------------------------------------------------------------


async def test_a_vote_that_teams_has_words_for_is_answered_by_nothing_though_it_is_refused(tmp_path: Path) -> None:
    """It is refused because Teams is slow to say who holds which role; the fake complains of any other answer."""
    school = School(tmp_path, roles={Role.SLT: RoleSource(teams_channel=STAFF)})
    await school.open()
    until = asyncio.Event()
    try:
        teacher = school.human("history_teacher")
        await school.accepts(await teacher.says("dm", QUESTION))
        answer = next(each for each in teacher.messages("dm") if each.feedback)
        vote = (await teacher.votes(answer)).activity
        school.office.clock.set(school.office.clock.now() + timedelta(minutes=11))
        school.fake.delay_next(until, path="pagedmembers")
        value = {"actionName": "feedback", "actionValue": {"reaction": "like", "feedback": "{}"}}

        delivery = await teacher.forges({**vote, "id": "f:older", "name": "message/submitAction", "value": value})

        assert (delivery.status, delivery.answer) == (200, {})
    finally:
        until.set()
        await school.close()


# Cards as each one sees them -----------------------------------------------------------------


async def shows_the_vote(school: School, looker: Human, card: Json) -> bool:
    """Tell whether somebody's own view of SLT's card shows the vote that was cast."""
    await looker.refresh(school.shown(looker, card))
    return "so far 1 to approve" in text_of(school.shown(looker, card))


async def test_who_looks_at_a_card_that_can_not_be_drawn_again_yet_sees_it_as_it_is(school: School) -> None:
    card = await school.asks_slt()
    school.fake.fail_next(429, "Throttled", retry_after="600", method="PUT", place=SLT)
    await school.accepts(await school.human("deputy_head").press(card, "Approve"))

    assert await shows_the_vote(school, school.human("assistant_head"), card)


async def test_a_look_that_comes_again_sees_the_card_as_it_is(school: School) -> None:
    """It has no effect, so that nothing of it need be the same."""
    card = await school.asks_slt()
    looked = await school.human("assistant_head").refresh(card)
    await school.accepts(await school.human("deputy_head").press(card, "Approve"))

    assert "so far 1 to approve" in (await school.fake.again(looked)).body


async def test_who_looks_at_a_card_that_another_process_drew_again_sees_it_as_it_is(tmp_path: Path) -> None:
    """What one process remembers of a card is not what stands there."""
    kept = MemoryStore()
    school = School(tmp_path, kept)
    await school.open()
    card, first = await school.asks_slt(), school.fake.app_url
    settings = await school.desk.ready(school.office.settings)
    other = App(settings, store=kept, clock=school.office.clock, ids=CountedIds())
    await other.start()
    runner = web.AppRunner(other.web)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        school.fake.app_url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/messages"
        assert (await school.human("deputy_head").press(card, "Approve")).ok
        assert other.teams is not None
        await other.teams.settled()
        await other.worker.deliver_due()
        school.fake.app_url = first

        assert "so far 1 to approve" in text_of(school.fake.posted(SLT)[-1])
        assert await shows_the_vote(school, school.human("assistant_head"), card)
    finally:
        await runner.cleanup()
        await other.stop()
        await school.close()
