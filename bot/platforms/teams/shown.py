"""Which messages in Teams show a card: as they were said, and as they are since the card has grown or shrunk."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import quote, unquote

from bot.errors import NotSaved, Stale
from bot.platforms.recent import Recent
from bot.ports import Clock, SchoolStore

KEPT = timedelta(days=366)

log = logging.getLogger("smpolicy.teams")


@dataclass(frozen=True, slots=True)
class Reference:
    """The messages that show one card: `19:…@thread.tacv2;messageid=1700|1701,1702`."""

    conversation: str
    ids: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.conversation}|{','.join(quote(id, safe=':') for id in self.ids)}"

    @classmethod
    def read(cls, text: str) -> Reference:
        """Return the reference that was written as *text*."""
        conversation, _, ids = text.rpartition("|")
        return cls(conversation, tuple(unquote(id) for id in ids.split(",")))


@dataclass(frozen=True, slots=True)
class TeamsParts:
    """The messages of a card that is not as long any more as when it was said.

    Attributes:
        id: A hash of the reference.
        parts: The ids of the messages, in order.
        due_at: When it is forgotten: long after the last change.
    """

    INDEXES: ClassVar[tuple[str, ...]] = ()
    school: str
    id: str
    parts: tuple[str, ...]
    due_at: datetime
    version: int = 0


class Standing:
    """The messages of each card as they stand; in the store only where they are not those of the reference."""

    def __init__(self, store: SchoolStore, clock: Clock, school: str) -> None:
        self._store = store
        self._clock = clock
        self._school = school
        self._recent: Recent[str, TeamsParts] = Recent()

    def ids(self, reference: str) -> tuple[str, ...]:
        """Return the ids of the messages, those of a change before the program started left out."""
        known = self._recent.get(reference)
        return known.parts if known else Reference.read(reference).ids

    async def parts(self, reference: str) -> dict[int, str]:
        """Return the number of each part with the id of its message."""
        return dict(enumerate((await self._known(reference)).parts))

    async def keep(self, reference: str, parts: dict[int, str]) -> None:
        """Remember *parts*; what can't be saved lasts as long as the program runs."""
        known, ids = await self._known(reference), tuple(parts[number] for number in sorted(parts))
        if ids == known.parts:
            return
        now = self._clock.now()
        changed = replace(known, parts=ids, due_at=now + KEPT)
        self._recent[reference] = changed
        try:
            old = [each for each in await self._store.due(TeamsParts, now) if each.id != changed.id]
            await self._store.save(changed, forget=old)
        except (NotSaved, Stale):
            log.warning("could not keep which messages show a card")
        else:
            self._recent[reference] = replace(changed, version=changed.version + 1)

    async def _known(self, reference: str) -> TeamsParts:
        if reference not in self._recent:
            id = hashlib.sha256(reference.encode()).hexdigest()[:32]
            said = TeamsParts(self._school, id, Reference.read(reference).ids, self._clock.now() + KEPT)
            self._recent[reference] = await self._store.get(TeamsParts, id) or said
        return self._recent[reference]
