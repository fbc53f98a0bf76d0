"""What a platform sends again while it is still being answered: the first one answers for both."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Arriving:
    """Does what one event leads to once, by the event's id."""

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Future[None]] = {}

    async def once(self, id: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do *work*; whoever brings the same event meanwhile waits until it is done."""
        before = self._under_way.get(id)
        if before is not None:
            await asyncio.shield(before)
            return
        done = self._under_way[id] = asyncio.get_running_loop().create_future()
        try:
            await work()
        finally:
            del self._under_way[id]
            done.set_result(None)
