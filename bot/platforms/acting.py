"""Who acts, in the time that a platform leaves for it, with the roles that they hold now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.domain.people import Person
from bot.errors import Refused

LOOK_UP_SECONDS = 1.5

log = logging.getLogger("smpolicy.platforms")


class GroupsLookedUp(Protocol):
    """A roster whose groups give roles."""

    @property
    def roles_in_doubt(self) -> bool: ...
    async def fresh(self) -> None: ...


class Acting:
    """Looks up who acts on *platform*, as people call it, and does not wait for a slow look-up."""

    def __init__(self, platform: str, groups: GroupsLookedUp) -> None:
        self._platform = platform
        self._groups = groups
        self._slow = (
            f"{platform} is slow just now to say who is in which group, so I can't judge this. Press again in a minute."
        )

    async def who(
        self, event_id: str, look_up: Callable[[], Awaitable[Person | None]], known: Callable[[], Person | None], *,
        judged: bool,
    ) -> Person | None:  # fmt: skip
        """Return whom *look_up* finds, or whom *known* does where that is slow; None for a bot.

        Args:
            judged: Whether rights are judged, by groups as they are now.

        Raises:
            Refused: The platform is too slow to say which roles the person holds now.
        """
        deadline = asyncio.get_running_loop().time() + LOOK_UP_SECONDS
        try:
            async with asyncio.timeout_at(deadline):
                person = await look_up()
        except TimeoutError:
            log.warning("%s is slow to say who did %s", self._platform, event_id)
            person = known()
        await self._fresh_groups(event_id, deadline, judged=judged)
        return person

    async def in_time(self, what: str, work: Awaitable[None]) -> None:
        """Wait for *work* as long as for any look-up; *what* names it in the log."""
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                await work
        except TimeoutError:
            log.info("%s is slow to say %s", self._platform, what)

    async def _fresh_groups(self, event_id: str, deadline: float, *, judged: bool) -> None:
        # A typed answer may end a form that decides something, so groups are never older than for a press.
        try:
            async with asyncio.timeout_at(deadline):
                await self._groups.fresh()
        except TimeoutError:
            log.warning("%s is slow to say who is in which group, for %s", self._platform, event_id)
            if judged and self._groups.roles_in_doubt:
                raise Refused(self._slow) from None
