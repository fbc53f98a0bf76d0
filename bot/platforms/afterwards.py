"""What is done once a platform has its answer: owned here, so that nothing is forgotten when the program stops."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Coroutine

from bot.errors import AssistantError
from bot.platforms.trouble import PlatformTrouble

log = logging.getLogger("smpolicy.platforms")


class Afterwards:
    """Tasks that nobody waits for at once."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def do(self, what: str, work: Coroutine[None, None, None]) -> None:
        """Start *work*; *what* names it in the log, where it fails."""
        task = asyncio.create_task(logged(what, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self, seconds: float) -> None:
        """Give what is under way *seconds*, then stop it."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def logged(what: str, work: Coroutine[None, None, None]) -> None:
    """Do *work*, to which nobody waits for an answer; *what* names it in the log, where it fails."""
    try:
        await work
    except (PlatformTrouble, AssistantError) as error:
        log.info("%s did not go through: %s", what, type(error).__name__)
    except Exception as error:
        note(what, error)


def note(what: str, error: Exception) -> None:
    """Log that *what* failed and where; the error's own words may hold what somebody typed."""
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed with %s\n%s", what, type(error).__name__, where)
