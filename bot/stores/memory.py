"""A store that forgets everything with the process: for stories and try-outs."""

from __future__ import annotations

from bot.ports import SchoolStore
from bot.stores.schools import Change, School, Shelves


class MemoryStore:
    """Every school's records, in memory alone; keeps the same laws as the stores that last."""

    exclusive = True
    healthy = True

    def __init__(self) -> None:
        self._shelves = Shelves()

    def of(self, school: str) -> SchoolStore:
        """Return the records of *school*."""
        return School(school, self._shelves, self._commit)

    async def open(self) -> None:
        """Do nothing: memory is always ready."""

    async def close(self) -> None:
        """Do nothing: what is saved can still be read."""

    async def _commit(self, change: Change) -> None:
        self._shelves.judge(change, ahead={})
        self._shelves.keep(change)
