"""Who somebody is in Slack, and which roles the school's groups there give them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.directory import AppDirectory
from bot.domain.people import Person, Role, Seat
from bot.errors import NotSaved
from bot.platforms.slack.accounts import SlackMember, Workspace
from bot.platforms.slack.api import SlackApi
from bot.platforms.slack.roster import SlackRoster
from bot.ports import Clock, SchoolStore
from bot.settings.shapes import Listed, RoleSource, StaffRule
from bot.stores.memory import MemoryStore

Json = Any

SCHOOL = "bebington"
OURS = "T0SCHOOL"
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
STAFF = frozenset({Role.STAFF})
SLT = frozenset({Role.STAFF, Role.SLT})
DEPUTY = Person("deputy", "Deputy head", STAFF)
SUPPLY = Person("supply", "Supply teacher", STAFF)
LEAVER = Person("leaver", "Former teacher", STAFF, left=date(2026, 7, 21))
PEOPLE = (Listed(DEPUTY, "U0DEPUTY"), Listed(SUPPLY, "U0SUPPLY"), Listed(LEAVER, "U0LEAVER"))
BY_GROUP = {Role.SLT: RoleSource(slack_usergroup="S0SLT")}
BY_CHANNEL = {Role.SLT: RoleSource(slack_channel="C0SLT")}


def account(user_id: str, **facts: Json) -> dict[str, Json]:
    """Return a user as Slack describes one: a full member of ours, but for *facts*."""
    name = facts.pop("name", f"Person {user_id}")
    return {"id": user_id, "team_id": OURS, "deleted": False, "is_bot": False, "profile": {"real_name": name}, **facts}


@dataclass
class PretendedClock:
    """A clock that stands still until it is moved."""

    moment: datetime = MONDAY

    def now(self) -> datetime:
        """Return the pretended moment."""
        return self.moment

    def passes(self, **span: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**span)


class SmallSlack:
    """Serves the four methods that a roster asks; anything else, or an unknown argument, is a fault of the test.

    Attributes:
        users: User id to what users.info says.
        groups: Id of a user group to user ids.
        channels: Id of a channel to user ids.
        asked: The methods that were called, with the id they were called about.
        refused: Method to the error that it answers; `busy` and `down` are answered by status.
        gate: What every answer waits for, once it has been looked up.
    """

    def __init__(self) -> None:
        self.users = {each: account(each) for each in ("U0DEPUTY", "U0SUPPLY", "U0LEAVER", "U0ANN", "U0BEN")}
        self.groups: dict[str, list[str]] = {"S0SLT": []}
        self.channels: dict[str, list[str]] = {"C0SLT": []}
        self.asked: list[tuple[str, str]] = []
        self.refused: dict[str, str] = {}
        self.gate = asyncio.Event()
        self.waiting = asyncio.Event()
        self.gate.set()

    def count(self, method: str) -> int:
        """Return how often *method* was called."""
        return sum(name == method for name, _ in self.asked)

    def application(self) -> web.Application:
        """Return what serves it."""
        app = web.Application()
        app.router.add_post("/api/{method}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        arguments = {key: str(value) for key, value in (await request.post()).items()}
        self.asked.append((method, arguments.get("user") or arguments.get("channel") or arguments.get("usergroup", "")))
        body = self._said(method, arguments)
        self.waiting.set()
        await self.gate.wait()
        match self.refused.get(method):
            case None:
                return web.json_response(body)
            case "busy":
                return web.json_response({"ok": False}, status=429, headers={"Retry-After": "90"})
            case "down":
                return web.Response(status=503)
            case code:
                return web.json_response({"ok": False, "error": code})

    def _said(self, method: str, arguments: dict[str, str]) -> Json:
        match method, arguments:
            case "auth.test", {**rest} if not rest:
                url = "https://school.slack.com/"
                return {"ok": True, "team_id": OURS, "url": url, "user_id": "U0BOT", "bot_id": "B0BOT"}
            case "users.info", {"user": user_id, **rest} if not rest:
                user = self.users.get(user_id)
                return {"ok": True, "user": dict(user)} if user else {"ok": False, "error": "user_not_found"}
            case "usergroups.users.list", {"usergroup": group, **rest} if not rest:
                return {"ok": True, "users": list(self.groups[group])}
            case "conversations.members", {"channel": channel, "limit": limit}:
                start = int(arguments.get("cursor", "0"))
                end = start + int(limit)
                members = self.channels[channel]
                cursor = str(end) if end < len(members) else ""
                return {"ok": True, "members": members[start:end], "response_metadata": {"next_cursor": cursor}}
            case _:
                raise AssertionError(f"{method} was asked with {sorted(arguments)}")


class UnwritableStore:
    """A school's records that can be read but not written."""

    def __init__(self, store: SchoolStore) -> None:
        self.get = store.get
        self.find = store.find
        self.due = store.due
        self.claim = store.claim

    async def save(self, *records: Json, forget: Json = ()) -> None:
        """Refuse."""
        raise NotSaved


@dataclass
class Desk:
    """A school's roster beside its small Slack; `restart` makes another one on the same store."""

    slack: SmallSlack
    api: SlackApi
    clock: PretendedClock = field(default_factory=PretendedClock)
    store: SchoolStore = field(default_factory=lambda: MemoryStore().of(SCHOOL))
    rosters: list[SlackRoster] = field(default_factory=list)

    async def opened(
        self, roles: Mapping[Role, RoleSource] | None = None, staff: StaffRule = StaffRule.EVERYONE
    ) -> SlackRoster:
        """Return a roster that is open."""
        clock: Clock = self.clock
        roster = SlackRoster(
            self.api, PEOPLE, staff=staff, roles=roles or {}, store=self.store, clock=clock, school=SCHOOL
        )
        await roster.open()
        self.rosters.append(roster)
        return roster

    def directory(self, roster: SlackRoster) -> AppDirectory:
        """Return the school's directory joined with *roster*."""
        return AppDirectory([each.person for each in PEOPLE], lambda: self.clock.now().date(), [roster])


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A small Slack at work."""
    slack = SmallSlack()
    server = TestServer(slack.application())
    await server.start_server()
    api = SlackApi("xoxb-none", str(server.make_url("/api/")))
    await api.open()
    desk = Desk(slack, api)
    yield desk
    slack.gate.set()
    for roster in desk.rosters:
        await roster.close()
    await api.close()
    await server.close()


async def test_the_workspace_is_the_one_that_slack_names(desk: Desk) -> None:
    roster = await desk.opened()

    assert roster.own == Workspace(OURS, "", "https://school.slack.com/", "U0BOT", "B0BOT")


async def test_a_listed_person_is_who_app_yaml_says(desk: Desk) -> None:
    roster = await desk.opened()

    assert await roster.who("U0DEPUTY") == DEPUTY
    assert roster.person_id("U0DEPUTY") == "deputy"
    assert roster.seat("deputy") == "U0DEPUTY"
    assert roster.name("U0DEPUTY") == "Deputy head"
    assert roster.met() == ()


async def test_a_full_member_who_is_not_listed_is_staff(desk: Desk) -> None:
    roster = await desk.opened()

    ann = await roster.who("U0ANN", OURS)

    assert ann == Person("slack:U0ANN", "Person U0ANN", STAFF)
    assert roster.met() == (ann,)
    assert roster.seat("slack:U0ANN") == "U0ANN"
    assert roster.name("U0ANN") == "Person U0ANN"
    assert roster.person_id("U0ANN") == "slack:U0ANN"
    assert desk.directory(roster).person("slack:U0ANN") == ann


async def test_where_only_listed_people_are_staff_another_member_is_a_guest(desk: Desk) -> None:
    desk.slack.groups["S0SLT"] = ["U0ANN", "U0DEPUTY"]
    roster = await desk.opened(BY_GROUP, StaffRule.LISTED)

    assert await roster.who("U0ANN") == Person("slack:U0ANN", "Person U0ANN", frozenset(), seat=Seat.GUEST)
    assert await roster.who("U0DEPUTY") == Person("deputy", "Deputy head", SLT)
    assert roster.holders() == {Role.SLT: {"deputy"}}


@pytest.mark.parametrize("mark", ["is_restricted", "is_ultra_restricted"])
async def test_a_guest_has_no_role(desk: Desk, mark: str) -> None:
    desk.slack.users["U0ANN"] = account("U0ANN", **{mark: True})
    desk.slack.groups["S0SLT"] = ["U0ANN"]
    roster = await desk.opened(BY_GROUP)

    assert await roster.who("U0ANN") == Person("slack:U0ANN", "Person U0ANN", frozenset(), seat=Seat.GUEST)
    assert roster.holders() == {Role.SLT: frozenset()}


async def test_a_listed_guest_keeps_their_own_roles_but_gains_none(desk: Desk) -> None:
    desk.slack.users["U0SUPPLY"] = account("U0SUPPLY", is_ultra_restricted=True)
    desk.slack.groups["S0SLT"] = ["U0SUPPLY"]
    roster = await desk.opened(BY_GROUP)

    supply = await roster.who("U0SUPPLY")

    assert supply == Person("supply", "Supply teacher", STAFF, seat=Seat.GUEST)
    assert desk.directory(roster).person("supply") == supply


@pytest.mark.parametrize("facts", [{"team_id": "T0ELSEWHERE"}, {"is_stranger": True}, {"team_id": None}])
async def test_somebody_of_another_organisation_is_an_outsider(desk: Desk, facts: dict[str, Json]) -> None:
    desk.slack.users["U0ANN"] = account("U0ANN", **facts)
    desk.slack.groups["S0SLT"] = ["U0ANN"]
    roster = await desk.opened(BY_GROUP)

    ann = await roster.who("U0ANN")

    assert ann == Person("slack:U0ANN", "Person U0ANN", frozenset(), seat=Seat.OUTSIDER)
    assert desk.directory(roster).person("slack:U0ANN") == ann
    assert ann not in desk.directory(roster).everyone()
    assert roster.holders() == {Role.SLT: frozenset()}


async def test_a_member_of_several_workspaces_of_an_enterprise_is_ours(desk: Desk) -> None:
    desk.slack.users["U0ANN"] = account("U0ANN", team_id="T0OTHER", enterprise_user={"teams": ["T0OTHER", OURS]})
    roster = await desk.opened()

    ann = await roster.who("U0ANN")

    assert ann is not None
    assert ann.seat is Seat.MEMBER


@pytest.mark.parametrize("code", ["user_not_found", "user_not_visible"])
async def test_somebody_whom_slack_does_not_show_is_an_outsider(desk: Desk, code: str) -> None:
    roster = await desk.opened()
    desk.slack.refused["users.info"] = code

    people = [await roster.who("U0HIDDEN"), await roster.who("U0HIDDEN")]

    assert [person and person.seat for person in people] == [Seat.OUTSIDER, Seat.OUTSIDER]
    assert desk.slack.count("users.info") == 1


async def test_bots_and_deleted_accounts_are_nobody(desk: Desk) -> None:
    desk.slack.users["U0HELPER"] = account("U0HELPER", is_bot=True)
    desk.slack.users["U0GONE"] = account("U0GONE", deleted=True)
    desk.slack.groups["S0SLT"] = ["U0HELPER", "U0GONE", "U0BOT"]
    desk.slack.users["U0BOT"] = account("U0BOT")
    roster = await desk.opened(BY_GROUP)

    for user_id in ("U0HELPER", "U0GONE", "U0BOT", "USLACKBOT", ""):
        assert await roster.who(user_id) is None

    assert roster.met() == ()
    assert roster.holders() == {Role.SLT: frozenset()}


async def test_a_name_stays_on_its_line_and_turns_nothing(desk: Desk) -> None:
    desk.slack.users["U0ANN"] = account("U0ANN", name="  Ann\n\u202eB\u200b. " + "x" * 200)
    roster = await desk.opened()

    await roster.learn(["U0ANN"])

    assert roster.name("U0ANN") == ("Ann B. " + "x" * 200)[:80]


async def test_somebody_who_was_never_seen_is_an_outsider_only_while_slack_is_away(desk: Desk) -> None:
    roster = await desk.opened()
    desk.slack.refused["users.info"] = "down"

    ann = await roster.who("U0ANN")
    desk.slack.refused.clear()

    assert ann is not None
    assert ann.seat is Seat.OUTSIDER
    assert ann.roles == frozenset()
    assert await desk.store.find(SlackMember) == []
    assert await roster.who("U0ANN") == Person("slack:U0ANN", "Person U0ANN", STAFF)


async def test_whoever_is_known_stays_known_while_slack_is_away(desk: Desk) -> None:
    roster = await desk.opened()
    ann = await roster.who("U0ANN")
    desk.clock.passes(hours=25)
    desk.slack.refused["users.info"] = "down"

    assert await roster.who("U0ANN") == ann
    assert await roster.who("U0DEPUTY") == DEPUTY


async def test_whoever_can_not_wait_for_slack_goes_by_what_is_known(desk: Desk) -> None:
    roster = await desk.opened()
    ben = await roster.who("U0BEN")
    desk.slack.gate.clear()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await roster.who("U0ANN")
    people = [roster.known(user_id) for user_id in ("U0ANN", "U0BEN", "U0DEPUTY", "U0BOT")]
    desk.slack.gate.set()

    stranger = Person("slack:U0ANN", "Somebody outside the school", frozenset(), seat=Seat.OUTSIDER)
    assert people == [stranger, ben, DEPUTY, None]
    assert desk.directory(roster).person("slack:U0ANN") == stranger
    assert await roster.who("U0ANN") == Person("slack:U0ANN", "Person U0ANN", STAFF)


async def test_a_foreign_workspace_counts_while_slack_is_away(desk: Desk) -> None:
    roster = await desk.opened()
    desk.slack.refused["users.info"] = "down"

    deputy = await roster.who("U0DEPUTY", "T0ELSEWHERE")
    desk.slack.refused.clear()

    assert deputy is not None
    assert deputy.seat is Seat.OUTSIDER
    assert await roster.who("U0DEPUTY", "T0ELSEWHERE") == DEPUTY


async def test_a_start_without_slack_is_mended_at_use(desk: Desk) -> None:
    desk.slack.groups["S0SLT"] = ["U0ANN", "U0DEPUTY"]
    desk.slack.refused = {"auth.test": "down", "usergroups.users.list": "down"}
    roster = await desk.opened(BY_GROUP)
    before = [await roster.who("U0ANN"), await roster.who("U0DEPUTY")]
    blank = roster.own
    desk.slack.refused.clear()

    await roster.fresh()

    assert blank == Workspace()
    assert [person and person.seat for person in before] == [Seat.OUTSIDER, Seat.MEMBER]
    assert roster.own.team == OURS
    assert await roster.who("U0ANN") == Person("slack:U0ANN", "Person U0ANN", SLT)
    assert roster.holders() == {Role.SLT: {"slack:U0ANN", "deputy"}}


async def test_an_account_is_asked_for_once_a_day(desk: Desk) -> None:
    roster = await desk.opened()

    for hours in (0, 23, 2):
        desk.clock.passes(hours=hours)
        await roster.who("U0ANN")

    assert desk.slack.count("users.info") == 2


async def test_two_who_ask_at_the_same_time_share_one_call(desk: Desk) -> None:
    roster = await desk.opened()

    people = await asyncio.gather(*(roster.who("U0ANN") for _ in range(2)), roster.learn(["U0ANN"]))

    assert people[0] == people[1] == Person("slack:U0ANN", "Person U0ANN", STAFF)
    assert desk.slack.count("users.info") == 1


async def test_whoever_gives_up_waiting_does_not_end_the_call_for_the_others(desk: Desk) -> None:
    roster = await desk.opened()
    desk.slack.gate.clear()
    desk.slack.waiting.clear()
    hasty, patient = (asyncio.create_task(roster.who("U0ANN")) for _ in range(2))
    await desk.slack.waiting.wait()

    hasty.cancel()
    await asyncio.gather(hasty, return_exceptions=True)
    desk.slack.gate.set()

    assert await patient == Person("slack:U0ANN", "Person U0ANN", STAFF)
    assert desk.slack.count("users.info") == 1


async def test_a_change_in_slack_counts_at_once(desk: Desk) -> None:
    desk.slack.groups["S0SLT"] = ["U0ANN"]
    roster = await desk.opened(BY_GROUP)
    directory = desk.directory(roster)
    before = directory.holders(Role.SLT)

    roster.changed(account("U0ANN", name="Ann Brown", is_restricted=True))

    ann = Person("slack:U0ANN", "Ann Brown", frozenset(), seat=Seat.GUEST)
    assert [person.id for person in before] == ["slack:U0ANN"]
    assert directory.holders(Role.SLT) == ()
    assert directory.person("slack:U0ANN") == ann
    assert await roster.who("U0ANN") == ann
    assert desk.slack.count("users.info") == 1


async def test_a_change_is_newer_than_an_answer_that_was_under_way(desk: Desk) -> None:
    roster = await desk.opened()
    desk.slack.gate.clear()
    desk.slack.waiting.clear()
    asking = asyncio.create_task(roster.who("U0ANN"))
    await desk.slack.waiting.wait()

    roster.changed(account("U0ANN", is_restricted=True))
    desk.slack.gate.set()

    ann = await asking
    assert ann is not None
    assert ann.seat is Seat.GUEST


async def test_changes_of_people_who_were_never_met_are_not_kept(desk: Desk) -> None:
    roster = await desk.opened()
    version = roster.version

    roster.changed(account("U0CARL"))
    await roster.fresh()

    assert roster.name("U0CARL") == "U0CARL"
    assert roster.version == version
    assert await desk.store.find(SlackMember) == []


async def test_whoever_left_the_workspace_is_remembered_as_somebody_who_left(desk: Desk) -> None:
    desk.slack.groups["S0SLT"] = ["U0ANN"]
    roster = await desk.opened(BY_GROUP)

    roster.changed(account("U0ANN", deleted=True))
    roster.changed(account("U0ANN", deleted=True, name="Ann Brown"))

    gone = desk.directory(roster).person("slack:U0ANN")
    assert gone is not None
    assert gone.name == "Ann Brown"
    assert gone.has_left(MONDAY.date())
    assert gone.roles == frozenset()
    assert await roster.who("U0ANN") is None
    roster.changed(account("U0ANN"))
    assert await roster.who("U0ANN") == Person("slack:U0ANN", "Person U0ANN", SLT)


async def test_people_are_known_after_a_restart(desk: Desk) -> None:
    desk.slack.users["U0SUPPLY"] = account("U0SUPPLY", is_restricted=True)
    desk.slack.users["U0BEN"] = account("U0BEN", team_id="T0ELSEWHERE")
    before = await desk.opened()
    for user_id in ("U0ANN", "U0SUPPLY", "U0BEN"):
        await before.who(user_id)
    before.changed(account("U0ANN", name="Ann Brown"))
    await before.close()
    desk.slack.refused = dict.fromkeys(("auth.test", "users.info"), "down")

    after = await desk.opened()

    assert after.met() == (Person("slack:U0ANN", "Ann Brown", STAFF),)
    assert after.seats() == {"slack:U0ANN": Seat.MEMBER, "supply": Seat.GUEST}
    assert after.seat("slack:U0ANN") == "U0ANN"
    assert await after.who("U0ANN") == Person("slack:U0ANN", "Ann Brown", STAFF)


async def test_what_an_event_says_before_the_workspace_is_known_is_asked_for(desk: Desk) -> None:
    await (await desk.opened()).who("U0ANN")
    desk.slack.refused["auth.test"] = "down"
    roster = await desk.opened()
    desk.slack.users["U0ANN"] = account("U0ANN", name="Ann Brown")

    roster.changed(desk.slack.users["U0ANN"])
    unasked = roster.name("U0ANN")
    desk.slack.refused.clear()
    await roster.who("U0ANN")

    assert unasked == "Person U0ANN"
    assert roster.name("U0ANN") == "Ann Brown"


async def test_another_hand_on_the_same_records_loses_nothing(desk: Desk) -> None:
    one, other = await desk.opened(), await desk.opened()
    for roster in (one, other, other):
        await roster.who("U0ANN")

    other.changed(account("U0ANN", name="Ann Brown"))
    await other.who("U0ANN")

    assert [each.name for each in await desk.store.find(SlackMember)] == ["Ann Brown"]


async def test_a_store_that_can_not_write_stops_nobody(desk: Desk) -> None:
    desk.store = UnwritableStore(desk.store)
    roster = await desk.opened()

    assert await roster.who("U0ANN") == Person("slack:U0ANN", "Person U0ANN", STAFF)


async def test_a_role_is_held_by_user_group(desk: Desk) -> None:
    desk.slack.groups["S0SLT"] = ["U0DEPUTY", "U0ANN", "U0LEAVER"]
    roster = await desk.opened(BY_GROUP)
    directory = desk.directory(roster)

    assert await roster.who("U0DEPUTY") == Person("deputy", "Deputy head", SLT)
    assert await roster.who("U0LEAVER") == LEAVER
    assert [person.id for person in directory.holders(Role.SLT)] == ["deputy", "slack:U0ANN"]
    assert directory.person("leaver") == LEAVER


async def test_a_role_is_held_by_channel_and_user_group_together(desk: Desk) -> None:
    desk.slack.groups["S0SLT"], desk.slack.channels["C0SLT"] = ["U0DEPUTY"], ["U0ANN", "U0BOT"]
    desk.slack.users["U0BOT"] = account("U0BOT", is_bot=True)
    roster = await desk.opened({Role.SLT: RoleSource("S0SLT", "C0SLT"), Role.DSL: RoleSource(slack_channel="C0SLT")})

    assert roster.holders() == {Role.SLT: {"deputy", "slack:U0ANN"}, Role.DSL: {"slack:U0ANN"}}
    assert desk.slack.count("conversations.members") == 1


async def test_a_channel_of_500_is_read_to_its_end(desk: Desk) -> None:
    many = [f"U{number:05}" for number in range(500)]
    desk.slack.users |= {each: account(each) for each in many}
    desk.slack.channels["C0SLT"] = many

    roster = await desk.opened(BY_CHANNEL)
    await roster.fresh()

    assert roster.holders() == {Role.SLT: {f"slack:{each}" for each in many}}
    assert desk.slack.count("conversations.members") == 3
    assert desk.slack.count("users.info") == 500


async def test_members_of_a_group_who_can_not_be_looked_up_hold_nothing_until_they_can(desk: Desk) -> None:
    desk.slack.channels["C0SLT"] = [f"U{number:05}" for number in range(100)]
    desk.slack.users |= {each: account(each) for each in desk.slack.channels["C0SLT"]}
    desk.slack.refused["users.info"] = "busy"
    roster = await desk.opened(BY_CHANNEL)
    before, calls = roster.holders(), desk.slack.count("users.info")
    desk.slack.refused.clear()

    await roster.fresh()

    assert before == {Role.SLT: frozenset()}
    assert calls == 20
    assert len(roster.holders()[Role.SLT]) == 100


async def test_groups_are_fetched_again_after_ten_minutes(desk: Desk) -> None:
    roster = await desk.opened(BY_GROUP)
    desk.slack.groups["S0SLT"] = ["U0ANN"]

    desk.clock.passes(minutes=9)
    await roster.fresh()
    early = roster.holders()
    desk.clock.passes(minutes=1)
    await asyncio.gather(roster.fresh(), roster.fresh())

    assert early == {Role.SLT: frozenset()}
    assert roster.holders() == {Role.SLT: {"slack:U0ANN"}}
    assert desk.slack.count("usergroups.users.list") == 2


@pytest.mark.parametrize("trouble", ["paid_teams_only", "down"])
async def test_a_role_lapses_where_its_group_can_not_be_fetched(
    desk: Desk, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    desk.slack.groups["S0SLT"], desk.slack.channels["C0SLT"] = ["U0ANN"], ["U0BEN"]
    roster = await desk.opened({Role.SLT: RoleSource("S0SLT", "C0SLT")})
    directory = desk.directory(roster)
    before = [person.id for person in directory.holders(Role.SLT)]
    desk.slack.refused["usergroups.users.list"] = trouble

    desk.clock.passes(minutes=10)
    with caplog.at_level(logging.WARNING):
        await roster.fresh()
        await roster.fresh()

    assert before == ["slack:U0ANN", "slack:U0BEN"]
    assert [person.id for person in directory.holders(Role.SLT)] == ["slack:U0BEN"]
    assert await roster.who("U0ANN") == Person("slack:U0ANN", "Person U0ANN", STAFF)
    assert [record.getMessage() for record in caplog.records if "S0SLT" in record.getMessage()] == [
        "nobody holds a role by group S0SLT until it can be fetched: "
        + ("OutcomeUnknown" if trouble == "down" else trouble)
    ]
    desk.slack.refused.clear()
    await roster.fresh()
    assert roster.holders() == {Role.SLT: {"slack:U0ANN", "slack:U0BEN"}}


async def test_slack_is_left_alone_as_long_as_it_asks(desk: Desk) -> None:
    desk.slack.groups["S0SLT"] = ["U0ANN"]
    desk.slack.refused["usergroups.users.list"] = "busy"
    roster = await desk.opened(BY_GROUP)
    desk.slack.refused.clear()

    desk.clock.passes(seconds=89)
    await roster.fresh()
    early = roster.holders()
    desk.clock.passes(seconds=1)
    await roster.fresh()

    assert early == {Role.SLT: frozenset()}
    assert roster.holders() == {Role.SLT: {"slack:U0ANN"}}


@pytest.mark.parametrize(("roles", "id"), [(BY_GROUP, "S0SLT"), (BY_CHANNEL, "C0SLT")])
async def test_a_group_that_changed_is_fetched_next_time(desk: Desk, roles: Mapping[Role, RoleSource], id: str) -> None:
    desk.slack.groups["S0SLT"] = desk.slack.channels["C0SLT"] = ["U0ANN"]
    roster = await desk.opened(roles)
    desk.slack.groups["S0SLT"] = desk.slack.channels["C0SLT"] = ["U0BEN"]

    roster.group_changed("C0ELSEWHERE")
    await roster.fresh()
    unchanged = roster.holders()
    roster.group_changed(id)
    await roster.fresh()

    assert unchanged == {Role.SLT: {"slack:U0ANN"}}
    assert roster.holders() == {Role.SLT: {"slack:U0BEN"}}


async def test_a_group_that_changes_while_it_is_fetched_is_fetched_again(desk: Desk) -> None:
    desk.slack.groups["S0SLT"] = ["U0ANN"]
    roster = await desk.opened(BY_GROUP)
    desk.clock.passes(minutes=10)
    desk.slack.gate.clear()
    desk.slack.waiting.clear()
    fetching = asyncio.create_task(roster.fresh())
    await desk.slack.waiting.wait()

    desk.slack.groups["S0SLT"] = []
    roster.group_changed("S0SLT")
    desk.slack.gate.set()
    await fetching

    assert roster.holders() == {Role.SLT: frozenset()}


async def test_learning_asks_for_twenty_at_most_and_once_each(desk: Desk) -> None:
    roster = await desk.opened()
    many = [f"U{number:05}" for number in range(30)]
    desk.slack.users |= {each: account(each, name=f"Name {each}") for each in many}

    await roster.learn([many[0], *many])
    await roster.learn(many[:20])

    assert desk.slack.count("users.info") == 20
    assert roster.name(many[19]) == f"Name {many[19]}"
    assert roster.name(many[20]) == many[20]
    assert roster.seat(f"slack:{many[20]}") is None


async def test_whoever_can_not_be_learnt_is_just_not_known(desk: Desk) -> None:
    roster = await desk.opened()
    desk.slack.refused["users.info"] = "internal_error"

    await roster.learn(["U0ANN", "U0DEPUTY"])

    assert roster.met() == ()
    assert roster.name("U0ANN") == "U0ANN"


async def test_the_version_moves_only_with_what_is_known(desk: Desk) -> None:
    roster = await desk.opened(BY_GROUP)
    await roster.who("U0ANN")
    version = roster.version

    desk.clock.passes(hours=30)
    await roster.who("U0ANN")
    await roster.fresh()
    same = roster.version
    roster.changed(account("U0ANN", name="Ann Brown"))

    assert same == version
    assert roster.version != version


async def test_logs_hold_no_names(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.slack.refused = {"auth.test": "invalid_auth", "usergroups.users.list": "missing_scope"}
    desk.store = UnwritableStore(desk.store)
    with caplog.at_level(logging.DEBUG, "smpolicy"):
        roster = await desk.opened(BY_GROUP)
        desk.slack.refused.clear()
        await roster.who("U0ANN")
        desk.clock.passes(hours=25)
        desk.slack.refused["users.info"] = "fatal_error"
        await roster.who("U0ANN")

    logged = [record.getMessage() for record in caplog.records if record.name.startswith("smpolicy")]
    assert "could not look up U0ANN: OutcomeUnknown" in logged
    assert not any("Person" in line or "Deputy" in line for line in logged)
