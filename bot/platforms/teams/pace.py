"""When Teams may be called again: after the wait it asks for, soon after what passes, seldom while it shuts us out."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta

from bot.errors import Undeliverable
from bot.platforms.recent import Recent
from bot.platforms.trouble import Busy
from bot.ports import Clock

KNOCKS_EVERY = timedelta(minutes=9)
QUICK_TRIES = 5
JITTER = 0.25


class Quiet:
    """Keeps a conversation quiet as long as Teams asked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, datetime] = {}

    @contextmanager
    def minded(self, conversation: str) -> Iterator[None]:
        """Raise Busy where *conversation* has to be left alone, and note it where a call within is told so."""
        if self._until:
            now = self._clock.now()
            self._until = {each: until for each, until in self._until.items() if until > now}
            if conversation in self._until:
                raise Busy((self._until[conversation] - now).total_seconds())
        try:
            yield
        except Busy as busy:
            self._until[conversation] = self._clock.now() + timedelta(seconds=busy.retry_after)
            raise


class Again:
    """Counts how often the same thing met what passes by itself, and says when to try again."""

    def __init__(self) -> None:
        self._tries: Recent[str, int] = Recent()

    def seconds(self, key: str) -> float | None:
        """Return how long to wait before the next try of *key*, or None after several of them."""
        tries = self._tries.get(key, 0)
        if tries >= QUICK_TRIES:
            return None
        self._tries[key] = tries + 1
        return float(2**tries * (1 + JITTER * (2 * _fraction(f"{key} {tries}") - 1)))

    def done(self, key: str) -> None:
        """Start anew: *key* went through."""
        self._tries.pop(key, None)


class Standstill:
    """While Teams takes nothing at all from the bot: one message in a while tries, and holds the others up meanwhile.

    Attributes:
        trouble: What an administrator has to mend, as a sentence, or "".
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: datetime | None = None
        self._knocking = asyncio.Lock()
        self.trouble = ""

    def begin(self) -> None:
        """Let nobody try for a while."""
        self._until = self._clock.now() + KNOCKS_EVERY

    def end(self) -> None:
        """Let all through: something went through."""
        self.trouble, self._until = "", None

    @asynccontextmanager
    async def minded(self) -> AsyncIterator[None]:
        """Let the caller try, one at a time where Teams took nothing the last time; raises Undeliverable meanwhile."""
        if self._until is None:
            yield
            return
        async with self._knocking:
            if self._is_on():
                raise Undeliverable("Teams takes nothing from the bot.", blocked=self.trouble)
            yield

    def _is_on(self) -> bool:
        return self._until is not None and self._clock.now() < self._until


def _fraction(words: str) -> float:
    """Return a number from 0 to 1 that is always the same for the same words, and spread evenly over different ones."""
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:4]) / 2**32
