"""Who is in the user groups and channels of Slack whose members hold a role."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.people import Role
from bot.platforms.shared import SharedCalls
from bot.platforms.slack.api import SlackApi, SlackRefusal
from bot.platforms.trouble import Busy, PlatformTrouble
from bot.ports import Clock
from bot.settings.shapes import RoleSource

GROUP_LASTS = timedelta(minutes=10)

log = logging.getLogger("smpolicy.slack.groups")


@dataclass(frozen=True, slots=True)
class _Roll:
    """The user ids of a group's members, and when they were fetched."""

    users: frozenset[str]
    at: datetime


class Groups:
    """Who is in the user groups and channels whose members hold a role.

    Attributes:
        calls: What is being fetched.
    """

    def __init__(self, api: SlackApi, roles: Mapping[Role, RoleSource], clock: Clock) -> None:
        sources = {role: (source.slack_usergroup, source.slack_channel) for role, source in roles.items()}
        self._api = api
        self._clock = clock
        self._of_role = {role: tuple(filter(None, ids)) for role, ids in sources.items()}
        self._channels = frozenset(channel for _, channel in sources.values() if channel)
        self._ids = tuple(dict.fromkeys(id for ids in self._of_role.values() for id in ids))
        self._rolls: dict[str, _Roll] = {}
        self._troubles: dict[str, str] = {}
        self._pauses: dict[str, datetime] = {}
        self._changed: set[str] = set()
        self.calls = SharedCalls()
        self.version = 0

    def everyone(self) -> tuple[str, ...]:
        """Return the user ids of all groups' members."""
        return tuple(sorted(frozenset[str]().union(*(roll.users for roll in self._rolls.values()))))

    def by_role(self) -> Mapping[Role, frozenset[str]]:
        """Return role to user ids, as last fetched."""
        return {role: frozenset[str]().union(*map(self._users, ids)) for role, ids in self._of_role.items()}

    def changed(self, id: str) -> None:
        """Have the group fetched again, where its members hold a role."""
        if id in self._ids:
            self._changed.add(id)

    async def fresh(self) -> None:
        """Fetch the groups that changed or were fetched too long ago, or wait for those that are being fetched."""
        if self._due() or self.calls.running("groups"):
            await self.calls.call("groups", self._fetch)
        if self._changed:  # While it was fetched: what was fetched may be from before.
            await self.calls.call("groups", self._fetch)

    @property
    def in_doubt(self) -> bool:
        """Tell whether a group that gives a role would have to be fetched before it is relied on."""
        now = self._clock.now()
        stale = any(id in self._rolls and not self._holds(id, now) for id in self._ids)
        return stale or self.calls.running("groups")

    def _users(self, id: str) -> frozenset[str]:
        return self._rolls[id].users if id in self._rolls else frozenset()

    def _due(self) -> list[str]:
        now = self._clock.now()
        return [id for id in self._ids if not self._holds(id, now) and self._pauses.get(id, now) <= now]

    def _holds(self, id: str, now: datetime) -> bool:
        return id not in self._changed and id in self._rolls and now - self._rolls[id].at < GROUP_LASTS

    async def _fetch(self) -> None:
        await asyncio.gather(*map(self._fetch_one, self._due()))

    async def _fetch_one(self, id: str) -> None:
        self._changed.discard(id)
        at = self._clock.now()
        try:
            users = await self._ask_for_users(id)
        except PlatformTrouble as trouble:
            self._lapse(id, trouble)
        else:
            self._hold(id, _Roll(users, at))

    async def _ask_for_users(self, id: str) -> frozenset[str]:
        if id in self._channels:
            return frozenset(map(str, await self._api.pages("conversations.members", "members", channel=id, limit=200)))
        answer = await self._api.call("usergroups.users.list", usergroup=id)
        return frozenset(map(str, answer.get("users") or ()))

    def _hold(self, id: str, roll: _Roll) -> None:
        if self._users(id) != roll.users:
            self.version += 1
        self._rolls[id] = roll
        self._troubles.pop(id, None)
        self._pauses.pop(id, None)

    def _lapse(self, id: str, trouble: PlatformTrouble) -> None:
        """Let nobody hold a role by a group that Slack does not show."""
        if self._rolls.pop(id, None):
            self.version += 1
        if isinstance(trouble, Busy):
            self._pauses[id] = self._clock.now() + timedelta(seconds=trouble.retry_after)
        if self._troubles.get(id) != code_of(trouble):  # Said once, not at every press.
            log.warning("nobody holds a role by group %s until it can be fetched: %s", id, code_of(trouble))
        self._troubles[id] = code_of(trouble)


def code_of(trouble: PlatformTrouble) -> str:
    return trouble.code if isinstance(trouble, SlackRefusal) else type(trouble).__name__
