"""Which answer a vote in Teams is about: remembered for a month, because Teams says only on which message it was."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from bot.conversation.cards import Button
from bot.errors import NotSaved, Stale
from bot.platforms.recent import Recent
from bot.platforms.teams.references import without_thread
from bot.ports import Clock, SchoolStore

KEPT = timedelta(days=30)
TIDIED_EVERY = timedelta(hours=1)

log = logging.getLogger("smpolicy.teams")


@dataclass(frozen=True, slots=True)
class TeamsVote:
    """The button that a vote on a message stands for.

    Attributes:
        id: A hash of the conversation and the message.
        due_at: When it is forgotten.
    """

    INDEXES: ClassVar[tuple[str, ...]] = ()
    school: str
    id: str
    action: str
    subject: str
    due_at: datetime
    version: int = 0


class Votes:
    """The votes that may still be cast: the last thousand in memory, and all of them in the store."""

    def __init__(self, store: SchoolStore, clock: Clock, school: str) -> None:
        self._store = store
        self._clock = clock
        self._school = school
        self._recent: Recent[str, TeamsVote] = Recent()
        self._tidied: datetime | None = None

    def open(self, conversation: str, activity_id: str, button: Button) -> TeamsVote:
        """Let votes be cast on a message; returns what `keep` saves."""
        id, until = _mark(conversation, activity_id), self._clock.now() + KEPT
        vote = TeamsVote(self._school, id, button.action, button.subject, until)
        self._recent[id] = vote
        return vote

    async def keep(self, vote: TeamsVote) -> None:
        """Save *vote*; where that can't be, it lasts as long as the program runs."""
        try:
            await self._store.save(vote)
            await self._tidy()
        except (NotSaved, Stale):
            log.warning("could not keep what a vote is about")

    async def cast(self, conversation: str, activity_id: str) -> Button | None:
        """Return the button that a vote on a message stands for, or None where nobody asked for one."""
        id = _mark(conversation, activity_id)
        vote = self._recent.get(id) or await self._store.get(TeamsVote, id)
        if vote is None or vote.due_at <= self._clock.now():
            return None
        return Button("", vote.action, vote.subject)

    async def _tidy(self) -> None:
        now = self._clock.now()
        if self._tidied is None or now - self._tidied >= TIDIED_EVERY:
            self._tidied = now
            await self._store.save(forget=await self._store.due(TeamsVote, now))


def _mark(conversation: str, activity_id: str) -> str:
    return hashlib.sha256(f"{without_thread(conversation)}|{activity_id}".encode()).hexdigest()[:32]
