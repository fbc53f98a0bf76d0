"""Who may decide in Slack: whoever is listed, in a user group or in a private channel, judged at the press."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import App
from bot.domain.applications import Application
from bot.domain.people import Role
from bot.platforms.web.clock import LocalClock
from bot.settings.load import Settings
from bot.settings.shapes import RoleSource
from tests.offices import slack_office
from tests.simulator import Office, in_memory, sample_settings
from tests.slack.desk import SLT, SlackClient, SlackDesk
from tests.slack.failures import Held, Says
from tests.slack.school import text_of
from tests.stories.test_apply import AIM, bring_to_slt

GROUP, LEADERS = "S0SLT", "C0LEADERS"
TEACHER = "U0TEACHINGASSISTANT"


class School:
    """An office in which the teaching assistant may be in SLT by a group that the fake knows."""

    def __init__(self, folder: Path, source: RoleSource) -> None:
        settings: Settings = replace(sample_settings(folder), roles={Role.SLT: source})
        self.office: Office = slack_office(settings, in_memory(), App)

    @property
    def desk(self) -> SlackDesk:
        """Return the workspace's desk."""
        assert isinstance(self.office.desk, SlackDesk)
        return self.office.desk

    @property
    def clock(self) -> LocalClock:
        """Return the clock of everybody."""
        return self.office.clock

    async def open(self, members: list[str]) -> None:
        """Make both groups with *members*, and start."""
        await self.desk.ready(self.office.settings)
        self.desk.fake.group(GROUP, "slt", members)
        self.desk.fake.channel(LEADERS, "leaders", members, is_private=True)
        self.desk.fake.workspace.page_size = 2
        self.desk.fake.workspace.channels[SLT].members.append(TEACHER)
        await self.office.open()

    def client(self, person: str) -> SlackClient:
        """Return somebody at their client."""
        client = self.office.person(person)
        assert isinstance(client, SlackClient)
        return client

    async def votes(self) -> list[str]:
        """Return who has voted on the one application there is."""
        (case,) = await self.desk.app.assistant.world.store.find(Application)
        return [vote.person for vote in case.standing_votes()]

    async def presses_approve(self) -> str:
        """Have the teaching assistant press Approve on SLT's card, drawn for them or not; return what came back."""
        client = self.client("teaching_assistant")
        card = next(each for each in reversed(client.human.messages(SLT)) if AIM in text_of(each))
        approve = next(
            each["action_id"]
            for block in card.blocks
            for each in block.get("elements", ())
            if each.get("text", {}).get("text") == "Approve"
        )
        before = len(client.human.messages())
        delivery = await client.human.press(card, approve, forced=True)
        assert delivery.ok
        await self.desk.settled()
        return "\n".join(map(text_of, client.human.messages()[before:]))


@pytest.fixture(params=[RoleSource(slack_usergroup=GROUP), RoleSource(slack_channel=LEADERS)], ids=["group", "channel"])
async def school(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[School]:
    """A school whose SLT is also whoever is in a group of five, the teaching assistant among them."""
    opened = School(tmp_path, request.param)
    await opened.open(["U0DEPUTYHEAD", "U0PETEACHER", "U0NEWTEACHER", "U0DSL", TEACHER])
    yield opened
    await opened.office.leave()


async def leaves(school: School) -> None:
    """Take the teaching assistant out of both groups."""
    school.desk.fake.workspace.groups[GROUP].members.remove(TEACHER)
    school.desk.fake.workspace.channels[LEADERS].members.remove(TEACHER)


async def test_a_member_of_the_group_decides_like_slt(school: School) -> None:
    """They stand on the third page of five members, two to a page."""
    await bring_to_slt(school.office, runners=["history_teacher", "administrator"])

    await school.presses_approve()

    assert await school.votes() == ["teaching_assistant"]


async def test_whoever_has_left_the_group_is_refused_at_the_press(school: School) -> None:
    await bring_to_slt(school.office, runners=["history_teacher", "administrator"])
    await leaves(school)
    await school.desk.fake.event("subteam_members_changed", subteam_id=GROUP, team_id="T0SCHOOL")
    await school.desk.fake.event("member_left_channel", user=TEACHER, channel=LEADERS)

    said = await school.presses_approve()

    assert await school.votes() == []
    assert "Only a member of SLT" in said


async def test_without_a_word_from_slack_it_is_noticed_after_ten_minutes(school: School) -> None:
    await bring_to_slt(school.office, runners=["history_teacher", "administrator"])
    await leaves(school)
    school.clock.set(school.clock.now() + timedelta(minutes=11))

    said = await school.presses_approve()

    assert await school.votes() == []
    assert "Only a member of SLT" in said


async def test_where_slack_does_not_say_who_is_in_it_nobody_is(school: School) -> None:
    """People who are listed decide all the same."""
    await bring_to_slt(school.office, runners=["history_teacher", "administrator"])
    school.clock.set(school.clock.now() + timedelta(minutes=11))
    for method in ("usergroups.users.list", "conversations.members"):
        school.desk.fake.fails(method, Says("fatal_error"), times=99)

    said = await school.presses_approve()
    await school.client("assistant_head").presses("Approve", on=AIM)

    assert "Only a member of SLT" in said
    assert await school.votes() == ["assistant_head"]


async def test_a_guest_in_the_group_does_not_decide(school: School) -> None:
    await bring_to_slt(school.office, runners=["history_teacher", "administrator"])
    school.desk.fake.workspace.users[TEACHER].is_restricted = True
    user = school.desk.fake.workspace.users[TEACHER].json("T0SCHOOL")
    await school.desk.fake.event("user_change", user=user)

    said = await school.presses_approve()

    assert await school.votes() == []
    assert "As a guest here you can ask" in said


async def test_whoever_is_new_is_known_while_a_group_is_slow_to_come(school: School) -> None:
    """A report must not wait for a list of members, and a colleague is no stranger because of it."""
    school.clock.set(school.clock.now() + timedelta(minutes=11))
    held = asyncio.Event()
    for method in ("usergroups.users.list", "conversations.members"):
        school.desk.fake.fails(method, Held(held), times=9)
    colleague = school.desk.fake.user("U0COVER", "Cover teacher")

    delivery = await colleague.says("dm", "report")
    held.set()
    await school.desk.settled()

    assert delivery.ok
    assert "What is it about?" in "\n".join(map(text_of, colleague.messages("dm")))
