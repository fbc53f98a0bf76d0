"""Who somebody is in Slack, and which roles the school's user groups and channels give them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Mapping

from bot.conversation.events import Json
from bot.domain.people import Person, Role
from bot.platforms.accounts import Accounts, Standing
from bot.platforms.acting import LOOK_UP_SECONDS
from bot.platforms.groups import Groups, code_of
from bot.platforms.roster import MOST_LEARNT, STRANGER, AccountRoster
from bot.platforms.slack.accounts import SLACKBOT, SlackMember, Workspace, read_name, read_standing
from bot.platforms.slack.api import SlackApi
from bot.platforms.slack.groups import SlackGroups
from bot.platforms.trouble import PlatformTrouble
from bot.ports import Clock, SchoolStore
from bot.settings.shapes import Listed, RoleSource, StaffRule

_HIDDEN = frozenset(("user_not_found", "user_not_visible"))

log = logging.getLogger("smpolicy.slack.roster")


class SlackRoster(AccountRoster[SlackMember]):
    """The Roster of one school's workspace; `open` before use, `close` at the end.

    Attributes:
        own: The workspace that the bot's token is of.
    """

    def __init__(
        self, api: SlackApi, people: Iterable[Listed], *,
        staff: StaffRule, roles: Mapping[Role, RoleSource], store: SchoolStore, clock: Clock, school: str,
    ) -> None:  # fmt: skip
        listed = {each.slack: each.person for each in people if each.slack}
        groups = SlackGroups(api, roles)
        super().__init__(
            "slack", listed, Accounts(SlackMember, store, clock, keep_always=listed),
            Groups(groups.of_role, groups.members, clock), staff=staff, clock=clock,
        )  # fmt: skip
        self._api = api
        self._school = school
        self.own = Workspace()

    async def open(self) -> None:
        """Read who was met before, and ask Slack for the workspace and the groups.

        What fails, or is not there soon, is seen to at use.
        """
        await self._accounts.open()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_UP_SECONDS):
                await self.introduced()
                await self.fresh()

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

    async def fresh(self) -> None:
        """Fetch the groups that were fetched too long ago, and get to know their members.

        A group that can't be fetched gives no role until it can.
        """
        await super().fresh()
        unknown = [each for each in self._groups.everyone() if not self._accounts.current(each)]
        for start in range(0, len(unknown), MOST_LEARNT):
            some = unknown[start : start + MOST_LEARNT]
            await self.learn(some)
            if not all(map(self._accounts.current, some)):
                # Slack can't be asked or has had enough: the rest has no role by group until the next time.
                break

    def changed(self, user: Json) -> None:
        """Take in what a `user_change` event says of an account that was met or is listed."""
        user_id = str(user.get("id", ""))
        if not self.own.team:
            self._accounts.doubt(user_id)
        elif user_id in self._listed or self._accounts.get(user_id) or self._calls.running(user_id):
            self._accounts.note(self._read(user_id, user))

    def _is_nobody(self, user_id: str) -> bool:
        return user_id in ("", SLACKBOT, self.own.bot_user)

    def _suppose(self, user_id: str, team: str | None) -> None:
        """Take somebody who could not be looked up for an outsider, unless they are known and *team* is ours."""
        # Workspaces of one enterprise share people, so there another workspace says nothing.
        foreign = team and self.own.team and team != self.own.team and not self.own.enterprise
        known = user_id in self._listed or self._accounts.get(user_id)
        if not self._accounts.current(user_id) and (foreign or not known):
            name = self._known_name(user_id)
            self._accounts.suppose(SlackMember(self._school, user_id, name, Standing.OUTSIDER))

    async def _ask_about(self, user_id: str) -> None:
        if not await self.introduced():
            return
        told = self._accounts.told
        try:
            user = (await self._api.call("users.info", user=user_id)).get("user")
        except PlatformTrouble as trouble:
            if code_of(trouble) not in _HIDDEN:
                log.warning("could not look up %s: %s", user_id, code_of(trouble))
                return
            user = {"is_stranger": True, "real_name": self._known_name(user_id)}
        # What an event said meanwhile is newer than the answer.
        if not self._accounts.told_since(user_id, told) and isinstance(user, Mapping):
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
