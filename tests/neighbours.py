"""A trust of two schools for tests: the same ids and other people, places, policy and calendar, in one program."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from aiohttp import ClientSession, web

from bot.app import SchoolApp, serving
from bot.platforms.web.clock import LocalClock
from bot.ports import Store
from bot.settings.shapes import Settings, SlackAccess, TeamsAccess, TrustSettings
from bot.settings.trust import load_deployment
from bot.trust import Trust, path_of
from tests.served import ServedDesk
from tests.simulator import ROOT, START, Office, Running
from tests.slack.desk import APP_TOKEN, SlackDesk
from tests.slack.fake import FakeSlack
from tests.slack.workspace import Names
from tests.teams.desk import TeamsDesk
from tests.teams.fake import FakeTeams
from tests.teams.issuer import TENANT, Issuer

HILL, DALE = "hill", "dale"
TEAMS_APPS = {HILL: "5d0a7e5c-0000-4000-8000-0000000000b1", DALE: "5d0a7e5c-0000-4000-8000-0000000000b2"}
DALES_POLICY = "January 2026"
CHANGES: Mapping[str, Mapping[str, str]] = {
    HILL: {"Bebington High Sports College": "Hill School"},
    DALE: {
        "Bebington High Sports College": "Dale Academy",
        "country: GB-ENG": "country: GB-SCT",
        'start: "08:00"': 'start: "07:00"',
        "name: History teacher": "name: Teacher of history in Dale",
        "name: Deputy head": "name: Deputy head of Dale",
        "0151 496": "0131 496",
        "# Optional: groups": "policy: ../dale-policy\n\n# Optional: groups",
    },
}


def own_policy(folder: Path) -> Path:
    """Make a policy of Dale's own in *folder*, and return where it is."""
    made = shutil.copytree(ROOT / "policy_text", folder / "dale-policy", ignore=shutil.ignore_patterns("former"))
    policy = made / "policy.md"
    text = policy.read_text(encoding="utf-8").replace("Version: August 2017", f"Version: {DALES_POLICY}")
    policy.write_text(text.replace("The name of Bebington High School", "The name of Dale Academy"), encoding="utf-8")
    return made


def write_trust(folder: Path, schools: Iterable[str] = (HILL, DALE)) -> Path:
    """Write the files of a trust into *folder*, beside Dale's own policy, and return its app.yaml."""
    sample = (ROOT / "app.yaml").read_text(encoding="utf-8")
    (folder / "schools").mkdir()
    for id in schools:
        text = sample.replace("id: bebington", f"id: {id}").partition("# Where records are kept")[0]
        for old, new in CHANGES[id].items():
            assert old in text, old
            text = text.replace(old, new)
        own = f"slack: {{bot_token: {id.upper()}_BOT_TOKEN, signing_secret: {id.upper()}_SIGNING_SECRET}}\n"
        (folder / "schools" / f"{id}.yaml").write_text(text + own, encoding="utf-8")
    file = folder / "app.yaml"
    file.write_text(f"schools: [{', '.join(f'schools/{id}.yaml' for id in schools)}]\n", encoding="utf-8")
    return file


def workspace(id: str, now: Callable[[], float]) -> FakeSlack:
    """Return the Slack of a school, whose secret and token are its own."""
    names = Names(team_id=f"T0{id.upper()}", team_domain=id)
    return FakeSlack(f"secret-of-{id}", f"xoxb-{id}", APP_TOKEN, now, names=names, wall_clock=now)


class Joined:
    """A school of a trust that runs already, for an office that neither starts nor stops it.

    Attributes:
        address: What its paths begin with, the address of the program included.
    """

    def __init__(self, school: SchoolApp, address: str) -> None:
        self.web, self.assistant, self.worker = school.web, school.assistant, school.worker
        self.slack, self.teams = school.slack, school.teams
        self.address = address

    async def start(self) -> None:
        """Do nothing, because the trust does."""

    async def stop(self) -> None:
        """Do nothing, because the trust does."""


class Exchange:
    """The one address at which the program finds every workspace: each call is passed on by its token."""

    def __init__(self, workspaces: Mapping[str, FakeSlack]) -> None:
        self._workspaces = workspaces
        self._runner: web.AppRunner | None = None
        self._http: ClientSession | None = None
        self.api_url = ""

    async def open(self) -> None:
        """Listen on a free port of this machine."""
        self._http = ClientSession()
        server = web.Application()
        server.router.add_post("/api/{method}", self._pass_on)
        self._runner = web.AppRunner(server, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.api_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/api/"

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
        if self._http is not None:
            await self._http.close()

    async def _pass_on(self, request: web.Request) -> web.Response:
        assert self._http is not None
        workspace = self._workspaces[request.headers["Authorization"].removeprefix("Bearer ")]
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        url = f"{workspace.api_url}{request.match_info['method']}"
        async with self._http.post(url, data=await request.read(), headers=headers) as answer:
            body, kind = await answer.read(), answer.content_type
            return web.Response(status=answer.status, body=body, content_type=kind, charset="utf-8")


class OfATrust(ServedDesk):
    """A desk that is told where its school is reached, and leaves the serving to the trust."""

    async def open(self, app: Running) -> None:
        """Tell the platform where the school is."""
        assert isinstance(app, Joined)
        self._app = app
        await self.listens_at(app.address)

    async def close(self) -> None:
        """Do nothing: the trust goes on."""


class NeighbourInSlack(OfATrust, SlackDesk):
    """A school's own workspace, whose people have the same ids as those of the other."""

    def __init__(self, settings: Settings, clock: LocalClock) -> None:
        super().__init__(settings, clock)
        self._id = settings.school.id
        self.fake = workspace(self._id, self.now)

    async def ready(self, settings: Settings) -> Settings:
        """Open the workspace, and return settings with the way to it."""
        ready = await super().ready(settings)
        own = SlackAccess(f"xoxb-{self._id}", f"secret-of-{self._id}", "", self.fake.api_url)
        return replace(ready, slack=own)


class NeighbourInTeams(OfATrust, TeamsDesk):
    """A bot of a school's own in the tenant that the schools share; one issuer signs for all bots."""

    def __init__(self, settings: Settings, clock: LocalClock, keys: Issuer) -> None:
        super().__init__(settings, clock)
        self._app_id = TEAMS_APPS[settings.school.id]
        self._keys = keys
        self.issuer = Issuer(self._app_id, self.now)
        self.fake = FakeTeams(self.issuer, self._app_id, TENANT, self.now)

    def access(self) -> TeamsAccess:
        """Return what the program is told of the tenant."""
        return replace(super().access(), app_id=self._app_id, openid_url=self._keys.metadata_url)


class Neighbours:
    """A running trust.

    Attributes:
        offices: The people of each school, by its id; those of a school that did not start are there as well.
        trust: The program.
        url: Where it is reached.
    """

    def __init__(self, folder: Path, store: Store, *, in_teams: bool = False) -> None:
        settings = load_deployment(folder / "app.yaml", {})
        assert isinstance(settings, TrustSettings)
        self.clock = LocalClock(start=START)
        self.keys = Issuer("", lambda: self.clock.now().timestamp())
        self.offices: dict[str, Office] = {}
        self.url = ""
        self._settings = settings
        self._store = store
        self._in_teams = in_teams
        self._desks = {each.school.id: self._desk(each) for each in settings.schools}
        self._trust: Trust | None = None

    @property
    def trust(self) -> Trust:
        """Return the program."""
        assert self._trust is not None
        return self._trust

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Neighbours]:
        """Run it, with its people at their clients."""
        await self.keys.open()
        desks = self._desks
        ready = tuple([await desks[each.school.id].ready(each) for each in self._settings.schools])
        self._trust = Trust(replace(self._settings, schools=ready), store=self._store, clock=self.clock)
        try:
            async with serving(self.trust, "127.0.0.1", 0) as address:
                self.url = address.rstrip("/")
                for each in ready:
                    await self._join(each, desks[each.school.id])
                yield self
        finally:
            for desk in desks.values():
                await desk.leave()
            await self.keys.close()

    def before_start(self, id: str) -> FakeSlack:
        """Return the Slack of a school while the program does not run yet."""
        desk = self._desks[id]
        assert isinstance(desk, NeighbourInSlack)
        return desk.fake

    def office(self, id: str) -> Office:
        """Return the people of a school."""
        return self.offices[id]

    async def status(self, path: str, method: str = "GET") -> int:
        """Return the status of a request to the program."""
        async with ClientSession(self.url) as http, http.request(method, path) as answer:
            return answer.status

    async def read(self, path: str) -> str:
        """Return what the program answers."""
        async with ClientSession(self.url) as http, http.get(path) as answer:
            return await answer.text()

    def _desk(self, settings: Settings) -> NeighbourInSlack | NeighbourInTeams:
        if self._in_teams:
            return NeighbourInTeams(settings, self.clock, self.keys)
        return NeighbourInSlack(settings, self.clock)

    async def _join(self, settings: Settings, desk: NeighbourInSlack | NeighbourInTeams) -> None:
        id = settings.school.id
        joined = Joined(self.trust.schools[id], f"{self.url}{path_of(id)}")

        def compose(settings: Settings, **parts: object) -> Running:
            return joined

        office = Office(desk, settings, self.clock, lambda: self._store, compose)
        await office.open()
        self.offices[id] = office
