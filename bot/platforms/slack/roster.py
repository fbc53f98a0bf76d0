"""Who somebody is in Slack, and which roles the school's user groups and channels give them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping

from bot.conversation.events import Json
from bot.directory import joined
from bot.domain.people import Person, Role, Seat
from bot.platforms.shared import SharedCalls
from bot.platforms.slack.accounts import SLACKBOT, Accounts, SlackMember, Standing, Workspace, read_name, read_standing
from bot.platforms.slack.api import SlackApi
from bot.platforms.slack.groups import Groups, code_of
from bot.platforms.trouble import PlatformTrouble
from bot.ports import Clock, SchoolStore
from bot.settings.shapes import Listed, RoleSource, StaffRule

UNLISTED = "slack:"
STRANGER = "Somebody outside the school"
MOST_LEARNT = 20
_SEATS = {Standing.MEMBER: Seat.MEMBER, Standing.GUEST: Seat.GUEST, Standing.OUTSIDER: Seat.OUTSIDER}
_HIDDEN = frozenset(("user_not_found", "user_not_visible"))

log = logging.getLogger("smpolicy.slack.roster")


class SlackRoster:
    """The Roster of one school's workspace; `open` before use, `close` at the end.

    Attributes:
        own: The workspace that the bot's token is of.
    """

    def __init__(
        self, api: SlackApi, people: Iterable[Listed], *,
        staff: StaffRule, roles: Mapping[Role, RoleSource], store: SchoolStore, clock: Clock, school: str,
    ) -> None:  # fmt: skip
        listed = tuple(people)
        self._listed = {each.slack: each.person for each in listed if each.slack}
        self._seat_ids = {each.person.id: each.slack for each in listed if each.slack}
        self._staff = staff
        self._api = api
        self._clock = clock
        self._school = school
        self._accounts = Accounts(store, clock, keep_always=self._listed)
        self._groups = Groups(api, roles, clock)
        self._calls = SharedCalls()
        self.own = Workspace()

    @property
    def version(self) -> int:
        """Return a number that grows with each change of what is known."""
        return self._accounts.version + self._groups.version

    async def open(self) -> None:
        """Read who was met before, and ask Slack for the workspace and the groups; what fails is tried again at use."""
        await self._accounts.open()
        await self.introduced()
        await self.fresh()

    async def close(self) -> None:
        """End the look-ups that are under way, and save what events have told."""
        await self._groups.calls.close()
        await self._calls.close()
        await self._accounts.keep()

    async def who(self, user_id: str, team: str | None = None) -> Person | None:
        """Return who acts, or None for a bot and for an account that is gone.

        Where Slack can't be asked, whoever is known stays as they were last known, and anybody else is an outsider
        until it can.

        Args:
            team: The workspace that Slack's message names as the person's own, where it does; it counts while
                Slack can't be asked.
        """
        if not self._is_nobody(user_id) and not self._accounts.current(user_id):
            await self._look_up(user_id)
        person = self.known(user_id, team)
        await self._accounts.keep()
        return person

    def known(self, user_id: str, team: str | None = None) -> Person | None:
        """Return who acts as `who` does while Slack can't be asked."""
        if self._is_nobody(user_id):
            return None
        self._suppose(user_id, team)
        return self._person(user_id)

    async def learn(self, user_ids: Collection[str]) -> None:
        """Look up those of *user_ids* that are not known, twenty at most; who can't be looked up stays unknown."""
        unknown = [each for each in dict.fromkeys(user_ids) if not self._accounts.current(each)][:MOST_LEARNT]
        await asyncio.gather(*(self._look_up(each) for each in unknown))
        await self._accounts.keep()

    async def fresh(self) -> None:
        """Fetch the groups that were fetched too long ago, and get to know their members.

        A group that can't be fetched gives no role until it can.
        """
        await self._groups.fresh()
        unknown = [each for each in self._groups.everyone() if not self._accounts.current(each)]
        for start in range(0, len(unknown), MOST_LEARNT):
            some = unknown[start : start + MOST_LEARNT]
            await self.learn(some)
            if not all(map(self._accounts.current, some)):
                # Slack can't be asked or has had enough: the rest has no role by group until the next time.
                break
        await self._accounts.keep()

    @property
    def roles_in_doubt(self) -> bool:
        """Tell whether a group whose members hold a role has changed, or was fetched too long ago."""
        return self._groups.in_doubt

    def changed(self, user: Json) -> None:
        """Take in what a `user_change` event says of an account that was met or is listed."""
        user_id = str(user.get("id", ""))
        if not self.own.team:
            self._accounts.doubt(user_id)
        elif user_id in self._listed or self._accounts.get(user_id) or self._calls.running(user_id):
            self._accounts.note(self._read(user_id, user))

    def group_changed(self, id: str) -> None:
        """Have the user group or channel fetched again by the next `fresh`."""
        self._groups.changed(id)

    def person_id(self, user_id: str) -> str:
        """Return the id of the person whose account this is."""
        person = self._listed.get(user_id)
        return person.id if person else UNLISTED + user_id

    def seat(self, person_id: str) -> str | None:
        """Return the Slack user id of a person, or None where they have none here."""
        if person_id in self._seat_ids:
            return self._seat_ids[person_id]
        user_id = person_id.removeprefix(UNLISTED)
        met = user_id in self._listed or self._accounts.get(user_id) is not None
        return user_id if met and person_id.startswith(UNLISTED) else None

    def name(self, user_id: str) -> str:
        """Return what people call the person whose account this is; of an unknown one, its id."""
        person, member = self._listed.get(user_id), self._accounts.get(user_id)
        return person.name if person else member.name if member else user_id

    def seats(self) -> Mapping[str, Seat]:
        """Return person id to seat."""
        seats = ((member.id, self._seat_of(member)) for member in self._accounts.all())
        return {self.person_id(user_id): seat for user_id, seat in seats if seat is not None}

    def met(self) -> tuple[Person, ...]:
        """Return the people who are not listed, those who left the workspace since they were met included."""
        people = (self._met_person(member) for member in self._accounts.all() if member.id not in self._listed)
        return tuple(person for person in people if person is not None)

    def holders(self) -> Mapping[Role, frozenset[str]]:
        """Return role to the ids of the full members who hold it by being in a user group or channel."""
        full = {member.id for member in self._accounts.all() if self._seat_of(member) is Seat.MEMBER}
        return {role: frozenset(map(self.person_id, users & full)) for role, users in self._groups.by_role().items()}

    def _is_nobody(self, user_id: str) -> bool:
        return user_id in ("", SLACKBOT, self.own.bot_user)

    def _person(self, user_id: str) -> Person | None:
        """Return who acts, with the roles that they hold by group."""
        person, member = self._listed.get(user_id), self._accounts.get(user_id)
        if member is None:
            return person
        seat = self._seat_of(member)
        person = person or self._met_person(member)
        if seat is None or person is None:
            return None
        roles = [role for role, users in self._groups.by_role().items() if user_id in users]
        return joined(person, (seat,), roles, self._clock.now().date())

    def _met_person(self, member: SlackMember) -> Person | None:
        seat = self._seat_of(member)
        if seat is None and member.left is None:
            return None
        roles = frozenset({Role.STAFF}) if seat is Seat.MEMBER else frozenset[Role]()
        return Person(UNLISTED + member.id, member.name, roles, left=member.left, seat=seat or Seat.GUEST)

    def _seat_of(self, member: SlackMember) -> Seat | None:
        """Return the seat, or None where nobody chats with this account."""
        if member.standing is Standing.MEMBER and self._staff is StaffRule.LISTED and member.id not in self._listed:
            return Seat.GUEST
        return _SEATS.get(member.standing)

    def _suppose(self, user_id: str, team: str | None) -> None:
        """Take somebody who could not be looked up for an outsider, unless they are known and *team* is ours."""
        # Workspaces of one enterprise share people, so there another workspace says nothing.
        foreign = team and self.own.team and team != self.own.team and not self.own.enterprise
        known = user_id in self._listed or self._accounts.get(user_id)
        if not self._accounts.current(user_id) and (foreign or not known):
            name = self._known_name(user_id)
            self._accounts.suppose(SlackMember(self._school, user_id, name, Standing.OUTSIDER))

    async def _look_up(self, user_id: str) -> None:
        await self._calls.call(user_id, lambda: self._ask_about(user_id))

    async def _ask_about(self, user_id: str) -> None:
        """Ask Slack for the account and note it; where Slack can't be asked, change nothing."""
        if not await self.introduced():
            return
        before = self._accounts.noted(user_id)
        try:
            user = (await self._api.call("users.info", user=user_id)).get("user")
        except PlatformTrouble as trouble:
            if code_of(trouble) not in _HIDDEN:
                log.warning("could not look up %s: %s", user_id, code_of(trouble))
                return
            user = {"is_stranger": True, "real_name": self._known_name(user_id)}
        # What an event said meanwhile is newer than the answer.
        if self._accounts.noted(user_id) == before and isinstance(user, Mapping):
            self._accounts.note(self._read(user_id, user))

    def _known_name(self, user_id: str) -> str:
        member = self._accounts.get(user_id)
        return member.name if member else STRANGER

    def _read(self, user_id: str, user: Mapping[str, Json]) -> SlackMember:
        return SlackMember(self._school, user_id, read_name(user) or user_id, read_standing(user, self.own))

    async def introduced(self) -> bool:
        """Tell whether Slack has said which workspace this is, asking it where it has not."""
        if not self.own.team:
            await self._calls.call("auth.test", self._ask_for_workspace)
        return bool(self.own.team)

    async def _ask_for_workspace(self) -> None:
        try:
            answer = await self._api.call("auth.test")
        except PlatformTrouble as trouble:
            log.warning("Slack did not say which workspace this is: %s", code_of(trouble))
        else:
            keys = ("team_id", "enterprise_id", "url", "user_id", "bot_id")
            self.own = Workspace(*(str(answer.get(key) or "") for key in keys))
