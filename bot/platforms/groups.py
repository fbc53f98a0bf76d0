"""Who is in the groups of a platform whose members hold a role."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.people import Role
from bot.platforms.shared import SharedCalls
from bot.platforms.trouble import Busy, OutcomeUnknown, PlatformTrouble
from bot.ports import Clock

GROUP_LASTS = timedelta(minutes=10)

log = logging.getLogger("smpolicy.platforms")


@dataclass(frozen=True, slots=True)
class _Roll:
    """The user ids of a group's members, and when they were fetched."""

    users: frozenset[str]
    at: datetime


class Groups:
    """Who is in the groups whose members hold a role.

    Args:
        of_role: Role to the ids of its groups.
        members: Fetches the user ids of one group's members, or raises a PlatformTrouble.
        pause: How long a group that the platform refuses to show is left alone, unless it changes.

    Attributes:
        calls: What is being fetched.
        version: Another number after each change.
    """

    def __init__(
        self, of_role: Mapping[Role, Sequence[str]], members: Callable[[str], Awaitable[frozenset[str]]], clock: Clock,
        *, pause: timedelta = timedelta(),
    ) -> None:  # fmt: skip
        self._of_role = of_role
        self._members = members
        self._clock = clock
        self._pause = pause
        self._ids = tuple(dict.fromkeys(id for ids in of_role.values() for id in ids))
        self._rolls: dict[str, _Roll] = {}
        self._troubles: dict[str, str] = {}
        self._pauses: dict[str, datetime] = {}
        self._rests: dict[str, datetime] = {}
        self._changed: set[str] = set()
        self._by_role: Mapping[Role, frozenset[str]] = {}
        self.calls = SharedCalls()
        self.version = 0
        self._count()

    def everyone(self) -> tuple[str, ...]:
        """Return the user ids of all groups' members."""
        return tuple(sorted(frozenset[str]().union(*self._by_role.values())))

    def by_role(self) -> Mapping[Role, frozenset[str]]:
        """Return role to user ids, as last fetched."""
        return self._by_role

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

    def _count(self) -> None:
        self._by_role = {role: frozenset[str]().union(*map(self._users, ids)) for role, ids in self._of_role.items()}

    def _users(self, id: str) -> frozenset[str]:
        return self._rolls[id].users if id in self._rolls else frozenset()

    def _due(self) -> list[str]:
        now = self._clock.now()
        return [id for id in self._ids if not self._holds(id, now) and self._may_ask(id, now)]

    def _may_ask(self, id: str, now: datetime) -> bool:
        rested = id in self._changed or self._rests.get(id, now) <= now
        return rested and self._pauses.get(id, now) <= now

    def _holds(self, id: str, now: datetime) -> bool:
        # Fetched by a clock that was ahead, nobody knows when.
        return id not in self._changed and id in self._rolls and timedelta() <= now - self._rolls[id].at < GROUP_LASTS

    async def _fetch(self) -> None:
        await asyncio.gather(*map(self._fetch_one, self._due()))

    async def _fetch_one(self, id: str) -> None:
        self._changed.discard(id)
        at = self._clock.now()
        try:
            users = await self._members(id)
        except PlatformTrouble as trouble:
            self._lapse(id, trouble)
        else:
            self._hold(id, _Roll(users, at))

    def _hold(self, id: str, roll: _Roll) -> None:
        changed = self._users(id) != roll.users
        self._rolls[id] = roll
        self._troubles.pop(id, None)
        self._pauses.pop(id, None)
        self._rests.pop(id, None)
        if changed:
            self.version += 1
            self._count()

    def _lapse(self, id: str, trouble: PlatformTrouble) -> None:
        """Let nobody hold a role by a group that the platform does not show."""
        if self._rolls.pop(id, None):
            self.version += 1
            self._count()
        now = self._clock.now()
        if isinstance(trouble, Busy):
            self._pauses[id] = now + timedelta(seconds=trouble.retry_after)
        elif not isinstance(trouble, OutcomeUnknown):
            self._rests[id] = now + self._pause
        if self._troubles.get(id) != code_of(trouble):  # Said once, not at every press.
            log.warning("nobody holds a role by group %s until it can be fetched: %s", id, code_of(trouble))
        self._troubles[id] = code_of(trouble)


def code_of(trouble: PlatformTrouble) -> str:
    """Return the platform's own word for what is wrong, or what kind of trouble it is."""
    return str(getattr(trouble, "code", "")) or type(trouble).__name__
