"""Where people and places are reached in Teams: learnt from what arrives, kept so that it is known after a restart."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from bot.errors import NotSaved, Stale
from bot.ports import Clock, SchoolStore

THREAD = ";messageid="

log = logging.getLogger("smpolicy.teams.references")


@dataclass(frozen=True, slots=True)
class TeamsReference:
    """Where a person or a place is reached.

    Attributes:
        id: `person` and the person's id, or `place` and the conversation.
        conversation: Teams' id of the conversation, without any thread; "" where none could be opened.
        service_url: Where Teams is called for it.
        user: By which id Teams calls the person, or "".
        seat: The Entra object id of the account whose private chat it is, or "" where it was not said.
        blocked: Since when Teams lets the bot say nothing to the person, or None.
    """

    INDEXES: ClassVar[tuple[str, ...]] = ()
    school: str
    id: str
    conversation: str
    service_url: str
    tenant: str = ""
    user: str = ""
    blocked: datetime | None = None
    seat: str = ""
    version: int = 0
    due_at: datetime | None = None


class References:
    """The conversations that were met: in memory, and in the store.

    Args:
        believes: Tells whether Teams may be called at an address: one of a trial on this machine is of no use later.

    Attributes:
        service_url: Where Teams was heard from last, or "".
    """

    def __init__(
        self, store: SchoolStore, clock: Clock, school: str, *, believes: Callable[[str], bool] = lambda url: True
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._school = school
        self._believes = believes
        self._known: dict[str, TeamsReference] = {}
        self._in_conversation: dict[str, str] = {}
        self._stored: dict[str, TeamsReference] = {}
        self._unkept: set[str] = set()
        self._saving = asyncio.Lock()
        self.service_url = ""

    async def open(self) -> None:
        """Read who was met before the program started."""
        for reference in await self._store.find(TeamsReference):
            self._stored[reference.id] = reference
            if not reference.service_url or self._believes(reference.service_url):
                self._put(replace(reference, version=0))
                self.service_url = reference.service_url or self.service_url

    @property
    def unkept(self) -> bool:
        """Tell whether something is to be saved."""
        return bool(self._unkept)

    def person(self, person_id: str) -> TeamsReference | None:
        """Return where a person is reached, or None."""
        return self._known.get(f"person {person_id}")

    def place(self, conversation: str) -> TeamsReference | None:
        """Return where a place is reached, or None."""
        return self._known.get(f"place {without_thread(conversation)}")

    def service_url_of(self, conversation: str) -> str:
        """Return where Teams is called for *conversation*: where it was heard in there, or anywhere last, or ""."""
        known = self._known.get(self._in_conversation.get(without_thread(conversation), ""))
        return known.service_url if known else self.service_url

    def note_person(
        self, person_id: str, *, conversation: str, service_url: str, tenant: str, user: str, seat: str = ""
    ) -> None:  # fmt: skip
        """Take in that somebody was met in their private chat; what blocked it is over."""
        self._note(f"person {person_id}", conversation, service_url, tenant, user, seat)

    def note_place(self, conversation: str, *, service_url: str, tenant: str) -> None:
        """Take in that the bot is in a place."""
        self._note(f"place {without_thread(conversation)}", conversation, service_url, tenant, "")

    def forget_person(self, person_id: str) -> None:
        """Forget a conversation that Teams does not know any more."""
        self._forget(f"person {person_id}")

    def forget_place(self, conversation: str) -> None:
        """Forget a place that the bot was taken out of."""
        self._forget(f"place {without_thread(conversation)}")

    def block_person(self, person_id: str) -> None:
        """Take in that Teams lets the bot say nothing to a person."""
        id = f"person {person_id}"
        known = self._known.get(id) or TeamsReference(self._school, id, "", "")
        self._change(replace(known, blocked=self._clock.now()))

    async def keep(self) -> None:
        """Save what is new; a store that can't write is tried again at the next change."""
        async with self._saving:
            try:
                await self._save()
            except NotSaved:
                log.warning("could not remember where %d people and places are reached", len(self._unkept))
            except Stale:
                await self._read_again()

    # In memory -------------------------------------------------------------------------------

    def _note(self, id: str, conversation: str, service_url: str, tenant: str, user: str, seat: str = "") -> None:
        self.service_url = service_url
        noted = TeamsReference(self._school, id, without_thread(conversation), service_url, tenant, user, seat=seat)
        if self._known.get(id) != noted:
            self._change(noted)

    def _change(self, reference: TeamsReference) -> None:
        self._put(reference)
        self._unkept.add(reference.id)

    def _put(self, reference: TeamsReference) -> None:
        self._known[reference.id] = reference
        if reference.conversation:
            self._in_conversation[reference.conversation] = reference.id

    def _forget(self, id: str) -> None:
        known = self._known.pop(id, None)
        if known is not None:
            self._in_conversation.pop(known.conversation, None)
            self._unkept.add(id)

    # In the store ----------------------------------------------------------------------------

    async def _save(self) -> None:
        ids = sorted(self._unkept)
        saved = [(self._known[id], self._as_stored(id)) for id in ids if id in self._known]
        gone = [self._stored[id] for id in ids if id not in self._known and id in self._stored]
        if saved or gone:
            await self._store.save(*(record for _, record in saved), forget=gone)
        for known, record in saved:
            self._stored[record.id] = replace(record, version=record.version + 1)
            if self._known.get(record.id) is known:
                self._unkept.discard(record.id)
        for record in gone:
            del self._stored[record.id]
        self._unkept -= {id for id in ids if id not in self._known}

    def _as_stored(self, id: str) -> TeamsReference:
        stored = self._stored.get(id)
        return replace(self._known[id], version=stored.version if stored else 0)

    async def _read_again(self) -> None:
        """Learn what another process has saved; the next time what is known here is saved over it."""
        for id in sorted(self._unkept):
            stored = await self._store.get(TeamsReference, id)
            if stored is not None:
                self._stored[id] = stored
            else:
                self._stored.pop(id, None)


def without_thread(conversation: str) -> str:
    """Return the conversation that a thread of a channel is in."""
    return conversation.partition(THREAD)[0]
