"""Who may decide in Teams: whoever is listed, in a team or in a private channel, judged at the press."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.applications import Application, State
from bot.domain.people import Role
from bot.settings.shapes import RoleSource
from tests.teams.deliveries import Delivery
from tests.teams.desk import SLT
from tests.teams.human import Human
from tests.teams.messages import Message
from tests.teams.school import School, button, dialog_of, labels, text_of

Json = Any
pytestmark = pytest.mark.timeout(30)
TEAM, LEADERS = "19:slt-team@thread.tacv2", "19:leaders@thread.tacv2"
ONLY_SLT = "Only a member of SLT"
SLOW = "Teams is slow just now to say who is in which group"


class Led:
    """A school in which the teaching assistant may be in SLT by a team or a channel."""

    def __init__(self, school: School, group: str) -> None:
        self.school = school
        self.group = group
        self.card: Message

    @property
    def assistant(self) -> Human:
        """Return the teaching assistant at their client."""
        return self.school.human("teaching_assistant")

    async def open(self) -> None:
        """Make both groups, with the teaching assistant on the third page of their members, and start."""
        await self.school.desk.ready(self.school.office.settings)
        fake = self.school.fake
        people = [self.school.human(each).id for each in ("deputy_head", "pe_teacher", "new_teacher", "dsl")]
        members = [*people, self.assistant.id]
        fake.team(TEAM, "SLT", members)
        fake.channel(LEADERS, "leaders", members, private=True)
        fake.workspace.page_size = 2
        fake.workspace.conversations[SLT].members.append(self.assistant.id)
        await self.school.open()
        self.card = await self.school.asks_slt()

    def leaves(self) -> None:
        """Take the teaching assistant out of both groups, of which Teams tells nobody."""
        workspace = self.school.fake.workspace
        for place in (TEAM, LEADERS):
            workspace.members(workspace.conversations[place]).remove(self.assistant.id)

    def later(self) -> None:
        """Let eleven minutes pass."""
        self.school.office.clock.set(self.school.office.clock.now() + timedelta(minutes=11))

    async def votes(self) -> list[str]:
        """Return who has voted on the one application there is."""
        (case,) = await self.school.find(Application)
        return [vote.person for vote in case.standing_votes()]

    async def approves(self) -> str:
        """Have the teaching assistant press Approve on SLT's card, drawn for them or not; return what came back."""
        delivery = await self.school.accepts(await self.assistant.forge(self.card, button(*APPROVE)))
        return delivery.body


APPROVE = ("applications.approve", "APP-1")


@pytest.fixture(params=[TEAM, LEADERS], ids=["team", "channel"])
async def led(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Led]:
    """A school whose SLT is also whoever is in a team, or in a channel of it."""
    source = RoleSource(teams_team=TEAM) if request.param == TEAM else RoleSource(teams_channel=LEADERS)
    opened = Led(School(tmp_path, roles={Role.SLT: source}), request.param)
    await opened.open()
    yield opened
    await opened.school.close()


async def test_a_member_of_the_group_decides_like_slt(led: Led) -> None:
    await led.approves()

    assert await led.votes() == ["teaching_assistant"]
    assert "Teaching assistant approves" in text_of(led.school.fake.posted(SLT)[0])


async def test_a_member_of_the_group_sees_what_they_may_press(led: Led) -> None:
    assert led.assistant.mri in led.card.card["refresh"]["userIds"]

    await led.school.accepts(await led.assistant.refresh(led.card))

    assert "Approve" in labels(led.school.shown(led.assistant, led.card).card)


@pytest.mark.parametrize("told", [True, False], ids=["told by Teams", "after ten minutes"])
async def test_whoever_has_left_the_group_is_refused_at_the_press(led: Led, told: bool) -> None:
    await led.school.accepts(await led.assistant.refresh(led.card))
    if told:
        await led.school.accepts(await led.school.fake.leaves(led.group, led.assistant.id))
    else:
        led.leaves()
        led.later()

    said = await led.approves()

    assert ONLY_SLT in said
    assert await led.votes() == []


async def test_whoever_joins_the_group_decides_at_once(led: Led) -> None:
    led.leaves()
    led.later()
    assert ONLY_SLT in await led.approves()

    await led.school.accepts(await led.school.fake.joins(led.group, led.assistant.id))
    await led.approves()

    assert await led.votes() == ["teaching_assistant"]


async def test_a_reason_that_was_asked_for_is_not_taken_from_whoever_has_left_meanwhile(led: Led) -> None:
    card = led.school.shown(led.assistant, led.card)
    await led.school.accepts(await led.assistant.press(card, "Ask for changes"))
    await led.school.accepts(await led.school.fake.leaves(led.group, led.assistant.id))

    await led.school.accepts(await led.assistant.submit(values={"reason": "Nobody asked me."}))

    assert ONLY_SLT in dialog_of(led.assistant).text
    (case,) = await led.school.find(Application)
    assert case.state is State.CONSIDERING


async def test_a_reason_typed_in_the_chat_counts_only_from_those_who_are_still_in_the_group(led: Led) -> None:
    card = led.school.shown(led.assistant, led.card)
    await led.school.accepts(await led.assistant.press(card, "Ask for changes"))
    await led.school.accepts(await led.assistant.submit("Answer in chat instead"))
    assert "What should be changed?" in led.school.said(led.assistant, "dm")[-1]
    led.leaves()
    led.later()

    await led.school.accepts(await led.assistant.says("dm", "Nobody asked me."))

    assert ONLY_SLT in led.school.said(led.assistant, "dm")[-1]
    (case,) = await led.school.find(Application)
    assert case.state is State.CONSIDERING


@pytest.mark.parametrize(
    ("status", "code"), [(404, "ConversationNotFound"), (403, "BotNotInConversationRoster"), (500, ""), (502, "")]
)
async def test_where_teams_does_not_say_who_is_in_it_nobody_is(led: Led, status: int, code: str) -> None:
    """People who are listed decide all the same."""
    led.later()
    led.school.fake.fail_next(status, code, path="pagedmembers", times=99)

    said = await led.approves()
    await led.school.client("assistant_head").presses("Approve", on="APP-1")

    assert ONLY_SLT in said
    assert await led.votes() == ["assistant_head"]


async def test_a_bot_that_was_taken_out_of_the_team_knows_nobody_by_it(led: Led) -> None:
    await led.school.accepts(await led.school.fake.uninstalls(TEAM, led.assistant.id))
    await led.school.accepts(await led.school.fake.uninstalls(LEADERS, led.assistant.id))

    said = await led.approves()

    assert ONLY_SLT in said
    assert await led.votes() == []


@pytest.mark.parametrize("changed", [{"role": "guest"}, {"tenant": "e15e0000-0000-4000-8000-00000000e15e"}], ids=repr)
async def test_a_guest_or_somebody_of_another_tenant_in_the_group_does_not_decide(
    led: Led, changed: dict[str, str]
) -> None:
    account = led.school.fake.workspace.users[led.assistant.id]
    for name, value in changed.items():
        setattr(account, name, value)
    await led.school.accepts(await led.school.fake.joins(TEAM, led.school.human("administrator").id))
    await led.school.office.clock_to("2026-11-26 09:15")

    said = await led.approves()

    assert "As a guest here you can ask" in said or "You are with another organisation" in said
    assert await led.votes() == []


@pytest.mark.parametrize("led", [TEAM], indirect=True)
async def test_while_teams_is_slow_to_say_who_is_in_it_nothing_is_decided(led: Led) -> None:
    """Neither by who was in it, nor against who may be: they are asked to press again, within Teams' five seconds."""
    led.later()
    until = asyncio.Event()
    held = led.school.fake.delay_next(until, path="pagedmembers")

    pressing = asyncio.create_task(led.assistant.forge(led.card, button(*APPROVE)))
    await held.reached.wait()
    said: Delivery = await pressing
    until.set()
    await led.school.settled()

    assert SLOW in said.body
    assert len(said.attempts) == 1
    assert await led.votes() == []
    await led.approves()
    assert await led.votes() == ["teaching_assistant"]


@pytest.mark.parametrize("led", [LEADERS], indirect=True)
async def test_whoever_is_new_is_known_while_a_group_is_slow_to_come(led: Led) -> None:
    """A report must not wait for a list of members, and a colleague is no stranger because of it."""
    led.later()
    until = asyncio.Event()
    led.school.fake.delay_next(until, path="pagedmembers")
    colleague = led.school.fake.user("aa-cover", "Cover teacher")

    delivery = await colleague.says("dm", "report")
    until.set()
    await led.school.settled()

    assert delivery.ok
    assert "What is it about?" in led.school.said(colleague, "dm")[-1]


@pytest.mark.parametrize("way", ["card", "message", "dialog"])
async def test_a_right_is_judged_at_the_press_whatever_way_it_comes(school: School, way: str) -> None:
    card = await school.asks_slt()
    teacher = school.human("new_teacher")
    school.fake.workspace.conversations[SLT].members.append(teacher.id)
    action = button(*APPROVE)
    if way != "card":
        action |= {"type": "Action.Submit"}
    if way == "dialog":
        action["data"] |= {"msteams": {"type": "task/fetch"}}

    await school.accepts(await teacher.forge(card, action))

    said = (*teacher.toasts, *teacher.notices, *school.said(teacher, "dm"))
    assert ONLY_SLT in said[-1]
    (case,) = await school.find(Application)
    assert not case.standing_votes()


async def test_two_who_press_at_once_count_as_two_and_one_who_presses_twice_as_one(school: School) -> None:
    card = await school.asks_slt()
    deputy, assistant = school.human("deputy_head"), school.human("assistant_head")

    deliveries = await asyncio.gather(
        deputy.press(card, "Approve"), assistant.press(card, "Approve"), deputy.press(card, "Approve")
    )
    await school.settled()

    assert all(each.status == 200 for each in deliveries)
    (case,) = await school.find(Application)
    assert sorted(vote.person for vote in case.standing_votes()) == ["assistant_head", "deputy_head"]
    assert "The Head decides next" in text_of(school.fake.posted(SLT)[0])


async def test_the_applicant_does_not_decide_though_they_are_in_slt(school: School) -> None:
    deputy = school.client("deputy_head")
    await deputy.says("apply")
    case = {
        "aim": "Show parents what happens in lessons.", "audience": ["Parents and carers"], "promotion": "In letters.",
        "runners": ["deputy_head", "pe_teacher"], "openness": "Open", "platform": "X (Twitter)", "handle": "@Beb",
    }  # fmt: skip
    await deputy.fills(**case)
    await deputy.presses("Submit", on="APP-1")
    for runner in ("deputy_head", "pe_teacher"):
        await school.client(runner).presses("Confirm", on="will you run", trained="2026-09-12")
    card = school.fake.posted(SLT)[-1]

    await school.accepts(await deputy.human.refresh(card))
    await school.accepts(await deputy.human.press(card, "Approve"))

    assert "Approve" not in labels(school.shown(deputy.human, card).card)
    assert "own" in deputy.human.toasts[-1].lower()
    (application,) = await school.find(Application)
    assert not application.standing_votes()
