"""The Slack accounts that the bot has met: what Slack says of each, and which are kept over a restart."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from bot.conversation.events import Json
from bot.errors import NotSaved, Stale
from bot.ports import Clock, SchoolStore

SLACKBOT = "USLACKBOT"
ACCOUNT_LASTS = timedelta(hours=24)
LONGEST_NAME = 80

log = logging.getLogger("smpolicy.slack.accounts")


@dataclass(frozen=True, slots=True)
class Workspace:
    """The school's workspace and the bot's own account in it; all are "" until Slack was reached.

    Attributes:
        enterprise: The organisation that the workspace belongs to, or "".
        url: Where the workspace is, with a slash at the end.
    """

    team: str = ""
    enterprise: str = ""
    url: str = ""
    bot_user: str = ""
    bot_id: str = ""


class Standing(StrEnum):
    """What kind of account Slack says that it is."""

    MEMBER = "member"
    GUEST = "guest"
    OUTSIDER = "outsider"
    GONE = "gone"
    BOT = "bot"


_INSIDE = (Standing.MEMBER, Standing.GUEST)


@dataclass(frozen=True, slots=True)
class SlackMember:
    """An account as it was last seen, kept so that it is known after a restart.

    Attributes:
        id: The Slack user id.
        standing: As Slack has it; what the school makes of it is judged whenever it is asked.
        left: The day before it was seen to be gone, for somebody who was of the workspace until then.
    """

    INDEXES: ClassVar[tuple[str, ...]] = ()
    school: str
    id: str
    name: str
    standing: Standing
    left: date | None = None
    version: int = 0
    due_at: datetime | None = None


class Accounts:
    """The accounts that were met: in memory, and in the store where they have to be known after a restart."""

    def __init__(self, store: SchoolStore, clock: Clock, keep_always: Collection[str]) -> None:
        self._store = store
        self._clock = clock
        self._keep_always = keep_always
        self._members: dict[str, SlackMember] = {}
        self._seen: dict[str, datetime] = {}
        self._noted: Counter[str] = Counter()
        self._stored: dict[str, int] = {}
        self._unsaved: set[str] = set()
        self._saving = asyncio.Lock()
        self.version = 0

    async def open(self) -> None:
        """Read who was met before the program started."""
        for member in await self._store.find(SlackMember):
            self._members[member.id] = member
            self._stored[member.id] = member.version
        self.version += 1

    def all(self) -> Iterable[SlackMember]:
        """Return all accounts by id, because the order in which Slack's answers arrive is nobody's."""
        return [self._members[each] for each in sorted(self._members)]

    def get(self, user_id: str) -> SlackMember | None:
        """Return the account as last seen, or None."""
        return self._members.get(user_id)

    def noted(self, user_id: str) -> int:
        """Return how often Slack has told of the account; supposing tells nothing."""
        return self._noted[user_id]

    def current(self, user_id: str) -> bool:
        """Tell whether the account was seen less than a day ago."""
        return user_id in self._seen and self._clock.now() - self._seen[user_id] < ACCOUNT_LASTS

    def doubt(self, user_id: str) -> None:
        """Have the account looked up when it is needed next."""
        self._seen.pop(user_id, None)

    def note(self, member: SlackMember) -> None:
        """Take in what Slack says of an account."""
        self.suppose(member)
        self._noted[member.id] += 1
        self._seen[member.id] = self._clock.now()

    def suppose(self, member: SlackMember) -> None:
        """Take an account for *member* until Slack can say more."""
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

    def _saved(self, members: Iterable[SlackMember]) -> None:
        for member in members:
            self._stored[member.id] = self._stored.get(member.id, 0) + 1
            if self._members[member.id] is member:
                self._unsaved.discard(member.id)

    async def _read_versions(self, records: Iterable[SlackMember]) -> None:
        for record in records:
            stored = await self._store.get(SlackMember, record.id)
            self._stored[record.id] = stored.version if stored else 0

    def _lasts(self, member: SlackMember) -> bool:
        """Tell whether it has to be known after a restart: somebody of the school, or who was."""
        return member.standing in _INSIDE or member.id in self._stored or member.id in self._keep_always

    def _last_day(self, before: SlackMember) -> date | None:
        inside = before.standing in _INSIDE
        return self._clock.now().date() - timedelta(days=1) if inside else None


def read_name(user: Mapping[str, Json]) -> str:
    """Return the person's own name on one line, or their handle; nothing in it turns or hides letters."""
    profile = user.get("profile") or {}
    chosen = profile.get("real_name") or user.get("real_name") or user.get("name") or ""
    seen = "".join(letter for letter in str(chosen) if letter.isprintable() or letter.isspace())
    return " ".join(seen.split())[:LONGEST_NAME]


def read_standing(user: Mapping[str, Json], own: Workspace) -> Standing:
    """Return what kind of account it is; one that does not say that it is of our workspace is an outsider's."""
    if user.get("is_bot") or user.get("is_workflow_bot") or user.get("id") in (SLACKBOT, own.bot_user):
        return Standing.BOT
    if user.get("deleted"):
        return Standing.GONE
    if user.get("is_stranger") or own.team not in _teams(user):
        return Standing.OUTSIDER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Standing.GUEST
    return Standing.MEMBER


def _teams(user: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the workspaces that the account is of: one, or several of the same enterprise."""
    enterprise = user.get("enterprise_user") or {}
    return (str(user.get("team_id", "")), *enterprise.get("teams", ()))
