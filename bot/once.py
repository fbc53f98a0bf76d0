"""An event has its effect once: its id is saved in the same stroke as what it leads to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from bot.errors import AssistantError, Stale
from bot.ports import L, Lease, R, Record, SchoolStore


@dataclass(frozen=True, slots=True)
class Heard:
    """An event that had its effect.

    Attributes:
        id: The platform's own id of the event.
        due_at: When it is forgotten: long after the platform has stopped repeating it.
        answered: Whether what is said because of it is kept as well.
    """

    INDEXES: ClassVar[tuple[str, ...]] = ()
    school: str
    id: str
    person: str
    at: datetime
    due_at: datetime
    answered: bool = False
    version: int = 0


class Repeated(AssistantError):
    """The event had its effect before; nothing was done."""

    def __init__(self) -> None:
        super().__init__("That has arrived already.")


class Once:
    """One school's records during one event: whatever is saved first also saves that the event was heard."""

    def __init__(self, store: SchoolStore, heard: Heard) -> None:
        self._store = store
        self._heard = heard

    async def get(self, kind: type[R], id: str) -> R | None:
        """Return the record as last saved, or None."""
        return await self._store.get(kind, id)

    async def find(self, kind: type[R], **where: str) -> list[R]:
        """Return the records whose indexed fields equal *where*."""
        return await self._store.find(kind, **where)

    async def due(self, kind: type[R], before: datetime) -> list[R]:
        """Return the records whose `due_at` is not after *before*, earliest first."""
        return await self._store.due(kind, before)

    async def claim(self, kinds: Sequence[type[L]], before: datetime, lease: Lease[L]) -> list[L]:
        """Claim as a store does: that is no part of the event."""
        return await self._store.claim(kinds, before, lease)

    @property
    def answered(self) -> bool:
        """Tell whether what is said because of the event is kept."""
        return self._heard.answered

    @property
    def changed(self) -> bool:
        """Tell whether anything was saved because of the event."""
        return self._heard.version > 0

    async def save(self, *records: Record, forget: Sequence[Record] = ()) -> None:
        """Save as a store does; raises Repeated where the event had its effect before."""
        if self.changed:
            await self._store.save(*records, forget=forget)
        else:
            await self._save_first(self._heard, *records, forget=forget)

    async def save_answer(self, *records: Record) -> None:
        """Save what is said because of the event, and that it is answered; raises Repeated as `save` does."""
        await self._save_first(replace(self._heard, answered=True), *records)

    async def _save_first(self, heard: Heard, *records: Record, forget: Sequence[Record] = ()) -> None:
        try:
            await self._store.save(*records, heard, forget=forget)
        except Stale:
            stored = await self._store.get(Heard, heard.id)
            if stored is not None and stored.version > heard.version:
                raise Repeated from None
            raise
        self._heard = replace(heard, version=heard.version + 1)
