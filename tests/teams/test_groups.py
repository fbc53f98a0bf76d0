"""Which roles the school's teams and channels in Teams give to whom."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.people import Role
from bot.platforms.teams.accounts import TeamsMember
from bot.platforms.teams.roster import PAUSE
from bot.settings.shapes import RoleSource
from tests.teams.tenant import (
    BY_CHANNEL,
    BY_TEAM,
    CHANNEL,
    DEPUTY,
    HALL,
    LEAVER,
    SLT,
    TEAM,
    THEIRS,
    Desk,
    account,
    met,
    mri,
    small_tenant,
)

Json = Any


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A small Teams at work."""
    async with small_tenant() as desk:
        yield desk


async def test_a_role_is_held_by_team(desk: Desk) -> None:
    desk.teams.conversations[TEAM] = ["aa-deputy", "aa-ann", "aa-leaver"]
    roster = await desk.opened(BY_TEAM)
    directory = desk.directory(roster)

    assert await roster.who(desk.speaks("aa-deputy")) == replace(DEPUTY, roles=SLT)
    assert await roster.who(desk.speaks("aa-leaver")) == LEAVER
    assert [person.id for person in directory.holders(Role.SLT)] == ["deputy", "teams:aa-ann"]
    assert directory.person("leaver") == LEAVER


async def test_the_members_of_a_group_are_known_from_its_list_alone(desk: Desk) -> None:
    desk.teams.conversations[TEAM] = ["aa-ann", "aa-deputy"]

    roster = await desk.opened(BY_TEAM)

    assert await roster.who(desk.speaks("aa-ann")) == met("aa-ann", roles=SLT)
    assert roster.mri("deputy") == mri("aa-deputy")
    assert {each.id for each in await desk.store.find(TeamsMember)} == {"aa-ann", "aa-deputy"}
    assert desk.teams.asked == [("members", TEAM)]


async def test_a_role_is_held_by_channel_and_team_together(desk: Desk) -> None:
    desk.teams.conversations |= {TEAM: ["aa-deputy"], CHANNEL: ["aa-ann"]}
    both = RoleSource(teams_team=TEAM, teams_channel=CHANNEL)
    roster = await desk.opened({Role.SLT: both, Role.DSL: RoleSource(teams_channel=CHANNEL)})

    assert roster.holders() == {Role.SLT: {"deputy", "teams:aa-ann"}, Role.DSL: {"teams:aa-ann"}}
    assert desk.teams.count("members") == 2


async def test_a_team_of_1200_is_read_to_its_end(desk: Desk) -> None:
    many = [f"aa-{number:05}" for number in range(1200)]
    desk.teams.users |= {each: account(each) for each in many}
    desk.teams.conversations[CHANNEL] = many

    roster = await desk.opened(BY_CHANNEL)

    assert roster.holders() == {Role.SLT: {f"teams:{each}" for each in many}}
    assert desk.teams.count("members") == 3
    assert desk.teams.count("member") == 0


async def test_groups_are_fetched_again_after_ten_minutes(desk: Desk) -> None:
    roster = await desk.opened(BY_TEAM)
    desk.teams.conversations[TEAM] = ["aa-ann"]

    desk.clock.passes(minutes=9)
    await roster.fresh()
    early, sure = roster.holders(), not roster.roles_in_doubt
    desk.clock.passes(minutes=1)
    doubt = roster.roles_in_doubt
    await asyncio.gather(roster.fresh(), roster.fresh())

    assert (early, sure, doubt) == ({Role.SLT: frozenset()}, True, True)
    assert roster.holders() == {Role.SLT: {"teams:aa-ann"}}
    assert desk.teams.count("members") == 2


@pytest.mark.parametrize("trouble", ["BotNotInConversationRoster", "down"])
async def test_a_role_lapses_where_its_group_can_not_be_fetched(
    desk: Desk, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    desk.teams.conversations[TEAM] = ["aa-ann"]
    roster = await desk.opened(BY_TEAM)
    before = roster.holders()
    desk.teams.refused["members"] = trouble

    desk.clock.passes(minutes=10)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            await roster.fresh()
            desk.clock.passes(seconds=PAUSE.total_seconds())

    assert before == {Role.SLT: {"teams:aa-ann"}}
    assert roster.holders() == {Role.SLT: frozenset()}
    assert await roster.who(desk.speaks("aa-ann")) == met("aa-ann")
    assert [record.getMessage() for record in caplog.records if TEAM in record.getMessage()] == [
        f"nobody holds a role by group {TEAM} until it can be fetched: " + ("Passing" if trouble == "down" else trouble)
    ]
    desk.teams.refused.clear()
    await roster.fresh()
    assert roster.holders() == {Role.SLT: {"teams:aa-ann"}}


async def test_a_role_is_held_again_as_soon_as_teams_answers_again(desk: Desk) -> None:
    desk.teams.conversations[TEAM] = ["aa-ann"]
    desk.teams.refused["members"] = "down"
    roster = await desk.opened(BY_TEAM)
    before = roster.holders()
    desk.teams.refused.clear()

    await roster.fresh()

    assert before == {Role.SLT: frozenset()}
    assert roster.holders() == {Role.SLT: {"teams:aa-ann"}}


async def test_a_group_that_is_refused_is_left_alone_for_a_while_unless_it_changes(desk: Desk) -> None:
    del desk.teams.conversations[TEAM]
    roster = await desk.opened(BY_TEAM)
    for _ in range(3):
        await roster.fresh()
    calls = desk.teams.count("members")
    desk.teams.conversations[TEAM] = ["aa-ann"]

    await roster.fresh()
    early = roster.holders()
    roster.group_changed(TEAM)
    await roster.fresh()

    assert calls == 1
    assert early == {Role.SLT: frozenset()}
    assert roster.holders() == {Role.SLT: {"teams:aa-ann"}}


async def test_teams_is_left_alone_with_groups_as_long_as_it_asks(desk: Desk) -> None:
    desk.teams.conversations[TEAM] = ["aa-ann"]
    desk.teams.refused["members"] = "busy"
    roster = await desk.opened(BY_TEAM)
    desk.teams.refused.clear()

    desk.clock.passes(seconds=89)
    roster.group_changed(TEAM)
    await roster.fresh()
    early = roster.holders()
    desk.clock.passes(seconds=1)
    await roster.fresh()

    assert early == {Role.SLT: frozenset()}
    assert roster.holders() == {Role.SLT: {"teams:aa-ann"}}


@pytest.mark.parametrize(("roles", "id"), [(BY_TEAM, TEAM), (BY_CHANNEL, CHANNEL)])
async def test_a_group_that_changed_is_fetched_next_time(desk: Desk, roles: Mapping[Role, RoleSource], id: str) -> None:
    desk.teams.conversations[id] = ["aa-ann"]
    roster = await desk.opened(roles)
    desk.teams.conversations[id] = ["aa-ben"]

    roster.group_changed(HALL)
    await roster.fresh()
    unchanged = roster.holders()
    roster.group_changed(id)
    doubt = roster.roles_in_doubt
    await roster.fresh()

    assert unchanged == {Role.SLT: {"teams:aa-ann"}}
    assert doubt
    assert roster.holders() == {Role.SLT: {"teams:aa-ben"}}


async def test_a_group_that_changes_while_it_is_fetched_is_fetched_again(desk: Desk) -> None:
    desk.teams.conversations[TEAM] = ["aa-ann"]
    roster = await desk.opened(BY_TEAM)
    desk.clock.passes(minutes=10)
    desk.teams.gate.clear()
    desk.teams.waiting.clear()
    fetching = asyncio.create_task(roster.fresh())
    await desk.teams.waiting.wait()

    desk.teams.conversations[TEAM] = []
    roster.group_changed(TEAM)
    desk.teams.gate.set()
    await fetching

    assert roster.holders() == {Role.SLT: frozenset()}


async def test_a_group_is_asked_for_where_teams_said_that_it_is(desk: Desk) -> None:
    desk.teams.conversations[TEAM] = ["aa-ann"]
    desk.met.places[TEAM] = desk.met.service_url
    desk.met.service_url = "https://smba.trafficmanager.example/elsewhere/"

    roster = await desk.opened(BY_TEAM)

    assert roster.holders() == {Role.SLT: {"teams:aa-ann"}}


async def test_whoever_speaks_first_says_where_groups_are_asked_for(desk: Desk) -> None:
    """What they say is judged before it is noted where they were met."""
    desk.teams.conversations[TEAM] = ["aa-ann"]
    ann = desk.speaks("aa-ann")
    desk.met.service_url = ""
    roster = await desk.opened(BY_TEAM)

    await roster.who(replace(ann, tenant=THEIRS, service_url="https://evil.example/"))
    await roster.fresh()
    calls = list(desk.teams.asked)
    await roster.who(ann)
    await roster.fresh()

    assert calls == []
    assert roster.holders() == {Role.SLT: {"teams:aa-ann"}}


async def test_nobody_holds_a_role_by_group_before_teams_was_heard(desk: Desk) -> None:
    desk.teams.conversations[TEAM] = ["aa-ann"]
    desk.met.service_url, heard = "", desk.met.service_url
    roster = await desk.opened(BY_TEAM)
    before = roster.holders()
    desk.met.service_url = heard

    await roster.fresh()

    assert before == {Role.SLT: frozenset()}
    assert roster.holders() == {Role.SLT: {"teams:aa-ann"}}
    assert desk.teams.asked == [("members", TEAM)]


async def test_the_members_of_a_place_are_met_without_a_role(desk: Desk) -> None:
    desk.teams.conversations[HALL] = ["aa-deputy", "aa-ann"]
    roster = await desk.opened(BY_TEAM)

    await roster.meet(["19:nowhere@thread.tacv2", HALL])

    assert [roster.mri(each) for each in ("deputy", "teams:aa-ann")] == [mri("aa-deputy"), mri("aa-ann")]
    assert roster.holders() == {Role.SLT: frozenset()}
    assert {each.id for each in await desk.store.find(TeamsMember)} == {"aa-deputy", "aa-ann"}


async def test_nobody_is_met_before_teams_was_heard(desk: Desk) -> None:
    desk.met.service_url = ""
    roster = await desk.opened()

    await roster.meet([HALL])

    assert desk.teams.asked == []
