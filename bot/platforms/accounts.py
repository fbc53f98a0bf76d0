"""The accounts that a platform has told of: what it says of each, and which are kept over a restart."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

from bot.errors import NotSaved, Stale
from bot.ports import Clock, SchoolStore

ACCOUNT_LASTS = timedelta(hours=24)
LONGEST_NAME = 80

log = logging.getLogger("smpolicy.platforms")


class Standing(StrEnum):
    """What kind of account the platform says that it is."""

    MEMBER = "member"
    GUEST = "guest"
    OUTSIDER = "outsider"
    GONE = "gone"
    BOT = "bot"


_INSIDE = (Standing.MEMBER, Standing.GUEST)


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it was last seen, kept so that it is known after a restart.

    Attributes:
        id: The platform's id of the user.
        standing: As the platform has it; what the school makes of it is judged whenever it is asked.
        left: The day before it was seen to be gone, for somebody who was of the school until then.
    """

    INDEXES: ClassVar[tuple[str, ...]] = ()
    school: str
    id: str
    name: str
    standing: Standing
    left: date | None = None
    version: int = 0
    due_at: datetime | None = None


A = TypeVar("A", bound=Account)


class Accounts(Generic[A]):
    """The accounts that were met: in memory, and in the store where they have to be known after a restart.

    Args:
        keep_always: User ids that are kept whatever kind of account they have.

    Attributes:
        version: Another number after each change.
        told: How often the platform has told of an account.
    """

    def __init__(self, kind: type[A], store: SchoolStore, clock: Clock, keep_always: Collection[str]) -> None:
        self._kind = kind
        self._store = store
        self._clock = clock
        self._keep_always = keep_always
        self._members: dict[str, A] = {}
        self._seen: dict[str, datetime] = {}
        self._told_at: dict[str, int] = {}
        self._stored: dict[str, int] = {}
        self._unsaved: set[str] = set()
        self._saving = asyncio.Lock()
        self.version = 0
        self.told = 0

    async def open(self) -> None:
        """Read who was met before the program started."""
        for member in await self._store.find(self._kind):
            self._members[member.id] = member
            self._stored[member.id] = member.version
        self.version += 1

    def all(self) -> Iterable[A]:
        """Return all accounts by id, because the order in which a platform's answers arrive is nobody's."""
        return [self._members[each] for each in sorted(self._members)]

    def get(self, user_id: str) -> A | None:
        """Return the account as last seen, or None."""
        return self._members.get(user_id)

    def vouched(self, user_id: str) -> bool:
        """Tell whether what is known of the account came from the platform, now or before a restart."""
        return user_id in self._told_at or user_id in self._stored

    def told_since(self, user_id: str, told: int) -> bool:
        """Tell whether the platform has told of the account since it had *told* so often of any."""
        return self._told_at.get(user_id, 0) > told

    def current(self, user_id: str) -> bool:
        """Tell whether the account was seen less than a day ago."""
        # Seen by a clock that was ahead, nobody knows when.
        return user_id in self._seen and timedelta() <= self._clock.now() - self._seen[user_id] < ACCOUNT_LASTS

    def doubt(self, user_id: str) -> None:
        """Have the account looked up when it is needed next."""
        self._seen.pop(user_id, None)

    def note(self, member: A) -> None:
        """Take in what the platform says of an account."""
        self.told += 1
        self._told_at[member.id] = self.told
        self._seen[member.id] = self._clock.now()
        self.suppose(member)

    def suppose(self, member: A) -> None:
        """Take an account for *member* until the platform can say more."""
        before = self._members.get(member.id)
        if member.standing is Standing.GONE and before is not None:
            member = replace(member, left=before.left or self._last_day(before))
        self._members[member.id] = member
        if before is None or replace(before, version=0) != member:
            self.version += 1
            if self._lasts(member):
                self._unsaved.add(member.id)

    async def keep(self) -> None:
        """Save what is new; a store that can't write is tried again at the next change or question."""
        if not self._unsaved:
            return
        async with self._saving:
            unsaved = [self._members[each] for each in sorted(self._unsaved)]
            records = [replace(each, version=self._stored.get(each.id, 0)) for each in unsaved]
            try:
                await self._store.save(*records)
            except NotSaved:
                log.warning("could not remember %s", ", ".join(each.id for each in records))
            except Stale:
                await self._read_versions(records)
            else:
                self._saved(unsaved)

    def _saved(self, members: Iterable[A]) -> None:
        for member in members:
            self._stored[member.id] = self._stored.get(member.id, 0) + 1
            if self._members[member.id] is member:
                self._unsaved.discard(member.id)

    async def _read_versions(self, records: Iterable[A]) -> None:
        for record in records:
            stored = await self._store.get(self._kind, record.id)
            self._stored[record.id] = stored.version if stored else 0

    def _lasts(self, member: A) -> bool:
        """Tell whether it has to be known after a restart: somebody of the school, or who was."""
        return member.standing in _INSIDE or member.id in self._stored or member.id in self._keep_always

    def _last_day(self, before: A) -> date | None:
        inside = before.standing in _INSIDE
        return self._clock.now().date() - timedelta(days=1) if inside else None


def one_line(name: object) -> str:
    """Return a name on one line and of bearable length; nothing in it turns or hides letters."""
    seen = "".join(letter for letter in str(name) if letter.isprintable() or letter.isspace())
    return " ".join(seen.split())[:LONGEST_NAME]
