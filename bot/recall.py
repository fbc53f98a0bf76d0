"""What each person asked last in each place, for a few minutes and in memory alone: for questions that follow on."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from bot.ports import Clock

LASTS = timedelta(minutes=10)
MOST = 5_000
LONGEST = 500


class Recall:
    """One school's recent questions; nothing of it is stored or logged, and a restart ends it.

    A person's questions in one place are their own: two who ask there in turn do not mix.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked: OrderedDict[tuple[str, str], tuple[datetime, str]] = OrderedDict()

    def before(self, person: str, place: str) -> str:
        """Return what *person* asked last in *place*, or "" where that is too long ago or they asked nothing."""
        self._forget_old()
        _, words = self._asked.get((person, place), (None, ""))
        return words

    def remember(self, person: str, place: str, words: str) -> None:
        """Let *words*, as far as there is room, be what *person* asked last in *place*."""
        self.forget(person, place)
        self._asked[person, place] = (self._clock.now(), words[:LONGEST])
        if len(self._asked) > MOST:
            self._asked.popitem(last=False)

    def forget(self, person: str, place: str) -> None:
        """Forget what *person* asked in *place*."""
        self._forget_old()
        self._asked.pop((person, place), None)

    def _forget_old(self) -> None:
        """Forget what is too old, and what was asked by a clock that was ahead of the present one."""
        now = self._clock.now()
        while self._asked:
            conversation = next(iter(self._asked))
            if timedelta() <= now - self._asked[conversation][0] < LASTS:
                return
            del self._asked[conversation]
