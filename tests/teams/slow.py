"""A store that is slow when a test wants it to be."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.conversation.sessions import Session
from bot.ports import Record, SchoolStore
from bot.stores.memory import MemoryStore


class SlowStore(MemoryStore):
    """A store that finds nobody's drafts until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.open_again = asyncio.Event()
        self.open_again.set()

    def of(self, school: str) -> SchoolStore:
        """Return the records of *school*."""
        return SlowRecords(super().of(school), self.open_again)


class SlowRecords:
    """The records of one school, in which drafts are looked for only while they are let."""

    def __init__(self, records: SchoolStore, gate: asyncio.Event) -> None:
        self._records = records
        self._gate = gate

    async def find(self, kind: type[Any], **where: str) -> list[Any]:
        """Return the records, once it is let."""
        if kind is Session:
            await self._gate.wait()
        return await self._records.find(kind, **where)

    async def get(self, kind: type[Any], id: str) -> Any:
        """Return the record, once it is let."""
        if kind is Session:
            await self._gate.wait()
        return await self._records.get(kind, id)

    async def due(self, kind: type[Any], before: Any) -> list[Any]:
        """Return the records that are due."""
        return await self._records.due(kind, before)

    async def claim(self, kinds: Any, before: Any, lease: Any) -> list[Any]:
        """Claim what is due."""
        return await self._records.claim(kinds, before, lease)

    async def save(self, *records: Record, forget: Any = ()) -> None:
        """Save."""
        await self._records.save(*records, forget=forget)
