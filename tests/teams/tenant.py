"""A small tenant to know people of: the two calls by which Teams tells of them, and a roster beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.directory import AppDirectory
from bot.domain.people import Person, Role, Seat
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.credentials import Anonymous
from bot.platforms.teams.hosts import ServiceHosts
from bot.platforms.teams.roster import Speaker, TeamsRoster
from bot.ports import Clock, SchoolStore
from bot.settings.shapes import Listed, RoleSource, StaffRule, TeamsAccess
from bot.stores.memory import MemoryStore

Json = Any

SCHOOL = "bebington"
OURS = "5c4001c0-0000-4000-8000-00000000bebe"
THEIRS = "e15ee000-0000-4000-8000-00000000e15e"
ACCESS = TeamsAccess(app_id="app", app_password="secret", tenant=OURS)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
STAFF = frozenset({Role.STAFF})
SLT = frozenset({Role.STAFF, Role.SLT})
DEPUTY = Person("deputy", "Deputy head", STAFF)
SUPPLY = Person("supply", "Supply teacher", STAFF)
LEAVER = Person("leaver", "Former teacher", STAFF, left=date(2026, 7, 21))
PEOPLE = (Listed(DEPUTY, teams="AA-Deputy"), Listed(SUPPLY, teams="aa-supply"), Listed(LEAVER, teams="aa-leaver"))
TEAM = "19:slt-team@thread.tacv2"
CHANNEL = "19:slt-channel@thread.tacv2"
HALL = "19:hall@thread.tacv2"
BY_TEAM = {Role.SLT: RoleSource(teams_team=TEAM)}
BY_CHANNEL = {Role.SLT: RoleSource(teams_channel=CHANNEL)}


def mri(user: str) -> str:
    """Return by which id Teams knows *user* towards the bot."""
    return f"29:1{user}"


def account(user: str, **facts: Json) -> dict[str, Json]:
    """Return a member as Teams describes one: a full member of ours, but for *facts*."""
    usual = {
        "id": mri(user), "name": f"Person {user}", "aadObjectId": user, "objectId": user, "tenantId": OURS,
        "userPrincipalName": f"{user}@school.example", "userRole": "user",
    }  # fmt: skip
    return {**usual, **facts}


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


class SmallTeams:
    """Serves the two calls that a roster makes; anything else is a fault of the test.

    Attributes:
        users: Entra id to what Teams says of the account, in every conversation.
        absent: The conversations of which Teams says nothing.
        conversations: Conversation id to the Entra ids of its members.
        asked: The calls, with what they were about.
        refused: Call to how it fails: `busy`, `down`, or the code of a refusal.
        gate: What every answer waits for, once it has been looked up.
    """

    def __init__(self) -> None:
        names = ("aa-deputy", "aa-supply", "aa-leaver", "aa-ann", "aa-ben")
        self.users: dict[str, Json] = {each: account(each) for each in names}
        self.absent: set[str] = set()
        self.conversations: dict[str, list[str]] = {TEAM: [], CHANNEL: []}
        self.asked: list[tuple[str, str]] = []
        self.refused: dict[str, str] = {}
        self.gate = asyncio.Event()
        self.waiting = asyncio.Event()
        self.gate.set()

    def count(self, call: str) -> int:
        """Return how often *call* was made."""
        return sum(name == call for name, _ in self.asked)

    def application(self) -> web.Application:
        """Return what serves it."""
        app = web.Application()
        app.router.add_get("/uk/v3/conversations/{conversation}/members/{user}", self._member)
        app.router.add_get("/uk/v3/conversations/{conversation}/pagedmembers", self._members)
        return app

    async def _member(self, request: web.Request) -> web.Response:
        conversation, name = request.match_info["conversation"], request.match_info["user"]
        self.asked.append(("member", f"{conversation} {name}"))
        known = (said for user, said in self.users.items() if name in (user, mri(user)))
        said = None if conversation in self.absent else next(known, None)
        return await self._answer("member", said, "MemberNotFoundInConversation")

    async def _members(self, request: web.Request) -> web.Response:
        conversation = request.match_info["conversation"]
        self.asked.append(("members", conversation))
        start = int(request.query.get("continuationToken", "0"))
        end = start + int(request.query["pageSize"])
        members = self.conversations.get(conversation)
        said = None
        if members is not None:
            following = {"continuationToken": str(end)} if end < len(members) else {}
            said = {"members": [self.users.get(each, each) for each in members[start:end]], **following}
        return await self._answer("members", said, "ConversationNotFound")

    async def _answer(self, call: str, said: Json, missing: str) -> web.Response:
        self.waiting.set()
        await self.gate.wait()
        match self.refused.get(call):
            case None if said is None:
                return web.json_response({"error": {"code": missing, "message": "Not here."}}, status=404)
            case None:
                return web.json_response(said)
            case "busy":
                return web.json_response({"error": {"code": "Throttled"}}, status=429, headers={"Retry-After": "90"})
            case "down":
                return web.Response(status=503)
            case code:
                return web.json_response({"error": {"code": code}}, status=403)


@dataclass(frozen=True)
class Spot:
    """A conversation that the bot was met in."""

    conversation: str
    service_url: str
    tenant: str = OURS


@dataclass
class Met:
    """Where the bot was met; nowhere, until a test says so."""

    service_url: str
    people: dict[str, Spot] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def person(self, person_id: str) -> Spot | None:
        """Return the person's own chat with the bot."""
        return self.people.get(person_id)

    def service_url_of(self, conversation: str) -> str:
        """Return where Teams is called for a place."""
        return self.places.get(conversation, self.service_url)


@dataclass
class Desk:
    """A school's roster beside its small Teams; `opened` again makes another one on the same store."""

    teams: SmallTeams
    connector: Connector
    met: Met
    clock: PretendedClock = field(default_factory=PretendedClock)
    store: SchoolStore = field(default_factory=lambda: MemoryStore().of(SCHOOL))
    rosters: list[TeamsRoster] = field(default_factory=list)

    async def opened(
        self, roles: Mapping[Role, RoleSource] | None = None, staff: StaffRule = StaffRule.EVERYONE,
        access: TeamsAccess = ACCESS,
    ) -> TeamsRoster:  # fmt: skip
        """Return a roster that is open."""
        clock: Clock = self.clock
        roster = TeamsRoster(
            self.connector, self.met, PEOPLE, staff=staff, roles=roles or {}, access=access, store=self.store,
            clock=clock, school=SCHOOL,
        )  # fmt: skip
        await roster.open()
        self.rosters.append(roster)
        return roster

    def speaks(self, user: str, **facts: Json) -> Speaker:
        """Return somebody who speaks in the hall, of our tenant but for *facts*."""
        usual = {
            "user": user, "mri": mri(user), "name": f"Person {user}", "tenant": OURS, "conversation": HALL,
            "service_url": self.met.service_url, "is_bot": False,
        }  # fmt: skip
        return Speaker(**{**usual, **facts})

    def directory(self, roster: TeamsRoster) -> AppDirectory:
        """Return the school's directory joined with *roster*."""
        return AppDirectory([each.person for each in PEOPLE], lambda: self.clock.now().date(), [roster])


@asynccontextmanager
async def small_tenant() -> AsyncIterator[Desk]:
    """A small Teams at work."""
    teams = SmallTeams()
    server = TestServer(teams.application())
    await server.start_server()
    connector = Connector(Anonymous(), ServiceHosts(loopback=True))
    await connector.open()
    desk = Desk(teams, connector, Met(str(server.make_url("/uk/"))))
    yield desk
    teams.gate.set()
    for roster in desk.rosters:
        await roster.close()
    await connector.close()
    await server.close()


def met(user: str, seat: Seat = Seat.MEMBER, roles: frozenset[Role] = STAFF, name: str = "") -> Person:
    """Return somebody who is not listed."""
    return Person(f"teams:{user}", name or f"Person {user}", roles if seat is Seat.MEMBER else frozenset(), seat=seat)
