"""Everything that was said on the local page, in order: kept in the store, read from memory."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.platforms.web.messages import Draft, LocalMessage, kept
from bot.ports import Clock, Record, SchoolStore

Listener = Callable[[LocalMessage], None]


class Journal:
    """One school's messages; `open` before use.

    Attributes:
        last: The number of the newest message that can be read; 0 where there is none.
        listeners: Called with each message that is new or drawn again.
    """

    def __init__(self, school: str, store: SchoolStore, clock: Clock) -> None:
        self._school = school
        self._store = store
        self._clock = clock
        self._by_id: dict[str, LocalMessage] = {}
        self._channels: dict[str, list[LocalMessage]] = {}
        self._given = 0
        self._turn: asyncio.Future[None] | None = None
        self._opened = False
        self.last = 0
        self.listeners: set[Listener] = set()

    async def open(self) -> None:
        """Read what was said before the program started; a second time does nothing."""
        if self._opened:
            return
        self._opened = True
        for message in sorted(await self._store.find(LocalMessage), key=_seq):
            self._put(message)
        self._given = self.last

    def get(self, id: str) -> LocalMessage | None:
        """Return the message, or None."""
        return self._by_id.get(id)

    def since(self, channel: str, seq: int) -> Sequence[LocalMessage]:
        """Return the messages of *channel* whose number is above *seq*, oldest first."""
        said = self._channels.get(channel, [])
        return said[bisect_right(said, seq, key=_seq) :]

    async def add(self, *drafts: Draft, beside: Sequence[Record] = ()) -> None:
        """Keep *drafts* as the newest messages, and *beside*, all or nothing."""
        assert self._opened
        at = self._clock.now()
        first = self._given + 1
        self._given += len(drafts)
        messages = [kept(draft, self._school, seq, at) for seq, draft in enumerate(drafts, start=first)]
        await self._save_in_turn(messages, beside)

    async def change(self, message: LocalMessage) -> None:
        """Keep *message* anew at its place."""
        await self._store.save(message)
        self._show(message)

    async def _save_in_turn(self, messages: Sequence[LocalMessage], beside: Sequence[Record]) -> None:
        """Save at once but show in order of number: who has read up to one never misses one before it."""
        before, done = self._turn, asyncio.get_running_loop().create_future()
        self._turn = done
        try:
            await self._store.save(*messages, *beside)
            if before is not None:
                await asyncio.shield(before)
            for message in messages:
                self._show(message)
        finally:
            if before is None or before.done():
                done.set_result(None)
            else:  # a failed save must not let those behind it pass those before it
                before.add_done_callback(lambda _: done.set_result(None))

    def _show(self, message: LocalMessage) -> None:
        shown = replace(message, version=message.version + 1)
        self._put(shown)
        for listener in tuple(self.listeners):
            listener(shown)

    def _put(self, message: LocalMessage) -> None:
        said = self._channels.setdefault(message.channel, [])
        if message.id in self._by_id:
            said[bisect_right(said, message.seq, key=_seq) - 1] = message
        else:
            said.append(message)
        self._by_id[message.id] = message
        self.last = max(self.last, message.seq)


def _seq(message: LocalMessage) -> int:
    return message.seq
