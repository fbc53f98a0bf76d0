"""The fake itself: one school's Teams with a Bot Connector, people and an app."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiohttp import web

from tests.teams import activities
from tests.teams.client import Client
from tests.teams.connector import ConnectorApi
from tests.teams.deliveries import Attempt, Delivery, Post
from tests.teams.failures import Failing
from tests.teams.human import Human
from tests.teams.issuer import Issuer
from tests.teams.messages import Message
from tests.teams.people import Conversation, Role, Team, TeamsUser
from tests.teams.strict_answers import answer_mistakes
from tests.teams.workspace import Call, Workspace

Json = Any


class FakeTeams(Failing):
    """A tenant with the app under test in it: the app calls it, and it calls the app.

    *issuer* vouches for both; without one nothing is signed and no token asked for, as in the Agents Playground. *now*
    is the time of Teams in seconds. *patience* is how long the app may take to answer, in real seconds; what was not
    answered, or with 5xx, is sent again, an invoke under the same id, *tries* times altogether. `app_url` is where
    the app listens.
    """

    def __init__(
        self,
        issuer: Issuer | None,
        app_id: str,
        tenant: str,
        now: Callable[[], float],
        *,
        patience: float = 10.0,
        tries: int = 3,
    ) -> None:
        super().__init__()
        self.workspace = Workspace(app_id, tenant, now)
        self.base_url = ""
        self.deliveries: list[Delivery] = []
        self.tries = tries
        self._post = Post(issuer, patience)
        self._api = ConnectorApi(self.workspace, issuer, self.orders)
        self._clients: dict[str, Client] = {}
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen on a free port of this machine."""
        server = web.Application(client_max_size=10_000_000)
        self._api.add_to(server.router)
        self._runner = web.AppRunner(server, shutdown_timeout=1.0, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/uk/"
        self.workspace.service_url = self._post.service_url = self.base_url

    async def close(self) -> None:
        """Let go of all that is held, and stop listening."""
        self._api.close()
        await self._post.close()
        if self._runner:
            await self._runner.cleanup()

    @property
    def app_url(self) -> str:
        """Return where the app listens."""
        return self._post.address

    @app_url.setter
    def app_url(self, address: str) -> None:
        self._post.address = address

    @property
    def patience(self) -> float:
        """Return how long the app may take to answer, in real seconds."""
        return self._post.patience

    @patience.setter
    def patience(self, seconds: float) -> None:
        self._post.patience = seconds

    # What the app did ------------------------------------------------------------------------

    @property
    def calls(self) -> list[Call]:
        """Return all calls of the app, oldest first."""
        return self.workspace.calls

    @property
    def mistakes(self) -> list[str]:
        """Return what the app did that Teams, or our own taste, refuses; tests assert that it is empty."""
        return self.workspace.mistakes

    @property
    def drawn(self) -> list[tuple[str, Json]]:
        """Return what was accepted, as (kind, payload).

        A "message" is a whole activity; "card" (in the answer to an action), "dialog" and "result" are cards.
        """
        return self.workspace.drawn

    @property
    def unanswered(self) -> list[Delivery]:
        """Return what the app was sent and did not take."""
        return [delivery for delivery in self.deliveries if not delivery.ok]

    def called(self, method: str, path: str = "") -> list[Call]:
        """Return the calls by one method of HTTP to paths that hold *path*."""
        return [call for call in self.calls if call.method == method and path in call.path]

    def posted(self, place: str = "") -> list[Message]:
        """Return what the bot said that still stands, everywhere or in one conversation, as all see it."""
        return [
            message
            for message in self.workspace.seen_by("")
            if message.sender_is_bot and place in {"", message.place, message.conversation}
        ]

    # Who and what is there -------------------------------------------------------------------

    def user(
        self, aad_id: str, name: str, *, upn: str = "", role: Role = "user", tenant: str = "", installed: bool = True
    ) -> Human:
        """Give somebody an account, in the school's tenant unless another is named."""
        local = name.lower().replace(" ", ".")
        outside = f"{local}_partner.example#EXT#@school.onmicrosoft.com"
        shown = upn or (outside if role == "guest" else f"{local}@school.example")
        home = tenant or self.workspace.tenant
        self.workspace.users[aad_id] = TeamsUser(aad_id, name, home, shown, role, installed)
        return self.human(aad_id)

    def team(self, team_id: str, name: str, members: Iterable[str] = (), *, installed: bool = True) -> Team:
        """Make a team with its first channel, which has the same id."""
        made = Team(team_id, name, f"group-of-{team_id}", list(members))
        self.workspace.teams[team_id] = made
        self._place(Conversation(team_id, "channel", "General", team_id, made.members, installed=installed))
        return made

    def channel(
        self,
        channel_id: str,
        name: str,
        members: Iterable[str] = (),
        *,
        team: str = "",
        private: bool = False,
        installed: bool = True,
    ) -> Conversation:
        """Make a channel, in a team of its own unless one is named; *members* of one that is not private join it."""
        here = list(members)
        owner = self.workspace.teams.get(team) or self.team(
            team or f"19:team-of-{channel_id.removeprefix('19:')}", name, here, installed=installed
        )
        owner.members.extend(each for each in here if each not in owner.members)
        return self._place(Conversation(channel_id, "channel", name, owner.id, here, private, installed))

    def group_chat(
        self, chat_id: str, members: Iterable[str], *, name: str = "", installed: bool = True
    ) -> Conversation:
        """Make a group chat."""
        return self._place(Conversation(chat_id, "groupChat", name, "", list(members), installed=installed))

    def human(self, aad_id: str) -> Human:
        """Return the person with that id of Entra at their client."""
        if aad_id not in self.workspace.users:
            raise LookupError(f"{aad_id} has no account")
        client = self._clients.setdefault(aad_id, Client())
        return Human(aad_id, self.workspace, client, self.delivers)

    # What the app is told --------------------------------------------------------------------

    def disables_bot(self, disabled: bool = True) -> None:
        """Have the administrator of the tenant switch the bot off, or on again."""
        self.workspace.disabled = disabled

    async def delivers(self, activity: Json) -> Delivery:
        """Send an activity until it is answered, and keep the delivery."""
        kind = str(activity.get("name") if activity.get("type") == "invoke" else activity.get("type"))
        delivery = Delivery(kind, activity, await self._post.deliver(kind, activity, self.tries))
        self.deliveries.append(delivery)
        self.workspace.note(kind, _odd(delivery))
        return delivery

    async def again(self, delivery: Delivery) -> Delivery:
        """Send the same activity once more."""
        return await self.delivers(delivery.activity)

    async def sends(self, body: bytes, headers: Mapping[str, str] | None = None) -> Attempt:
        """Send bytes that need not be Teams' to the app, signed unless other headers are given."""
        return await self._post.send(body, self._post.headers() if headers is None else headers)

    def signed(self) -> dict[str, str]:
        """Return the headers that go with an activity."""
        return self._post.headers()

    async def installs(self, place: str, by: str) -> Delivery:
        """Add the app to a team or a chat."""
        where, user = self.workspace.conversations[place], self.workspace.users[by]
        self._install(where, installed=True)
        await self.delivers(activities.installation(self.workspace, user, where, "add"))
        return await self.delivers(
            activities.members_changed(self.workspace, user, where, "membersAdded", [self.workspace.bot])
        )

    async def uninstalls(self, place: str, by: str) -> Delivery:
        """Remove the app from a team or a chat."""
        where, user = self.workspace.conversations[place], self.workspace.users[by]
        self._install(where, installed=False)
        await self.delivers(activities.installation(self.workspace, user, where, "remove"))
        return await self.delivers(
            activities.members_changed(self.workspace, user, where, "membersRemoved", [self.workspace.bot])
        )

    async def joins(self, place: str, aad_id: str) -> Delivery:
        """Add somebody to a team, a private channel or a chat."""
        where, user = self.workspace.conversations[place], self.workspace.users[aad_id]
        self.workspace.members(where).append(aad_id)
        account = user.account()
        return await self.delivers(activities.members_changed(self.workspace, user, where, "membersAdded", [account]))

    async def leaves(self, place: str, aad_id: str) -> Delivery:
        """Take somebody out of a team, a private channel or a chat."""
        where, user = self.workspace.conversations[place], self.workspace.users[aad_id]
        self.workspace.members(where).remove(aad_id)
        account = user.account()
        return await self.delivers(activities.members_changed(self.workspace, user, where, "membersRemoved", [account]))

    async def event(self, place: str, by: str, kind: str = "conversationUpdate", **fields: Json) -> Delivery:
        """Tell the app of something else; *fields* go into the activity, those of channelData are added to Teams'."""
        where, user = self.workspace.conversations[place], self.workspace.users[by]
        data = fields.pop("channelData", {})
        made = activities.activity(self.workspace, kind, user, where, **fields)
        return await self.delivers({**made, "channelData": {**made["channelData"], **data}})

    def _install(self, where: Conversation, *, installed: bool) -> None:
        for each in self.workspace.conversations.values():
            if each is where or (where.team and each.team == where.team):
                each.installed = installed

    def _place(self, made: Conversation) -> Conversation:
        self.workspace.conversations[made.id] = made
        return made


def _odd(delivery: Delivery) -> list[str]:
    """Return what is odd about an answer that says that all is well."""
    if not delivery.ok:
        return []
    if delivery.activity.get("type") == "invoke":
        return answer_mistakes(delivery.kind, delivery.body, delivery.attempts[-1].content_type)
    return [f"nobody reads the answer {delivery.body[:80]!r}"] if delivery.body else []
