"""What is due when: sorted, and as quick to change with many entries as with few."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from datetime import datetime

Due = tuple[datetime, int, str]  # The moment in UTC, the place among those of the same moment, the id.
FULL = 1000


class Agenda:
    """Entries in order, in pages of which none is long: a list of all would be moved at each change."""

    def __init__(self, entries: Iterable[Due] = (), full: int = FULL) -> None:
        """Enter *entries*; a page that has more than *full* is parted."""
        every, self._full, self._half = sorted(entries), full, full // 2
        self._pages = [every[start : start + self._half] for start in range(0, len(every), self._half)] or [[]]
        self._lasts = [page[-1] for page in self._pages[:-1]]

    def add(self, due: Due) -> None:
        """Enter *due*."""
        number = bisect_left(self._lasts, due)
        page = self._pages[number]
        insort(page, due)
        if len(page) > self._full:
            self._pages[number : number + 1] = page[: self._half], page[self._half :]
            self._lasts.insert(number, page[self._half - 1])

    def remove(self, due: Due) -> None:
        """Strike *due*, which is there."""
        number = bisect_left(self._lasts, due)
        page = self._pages[number]
        del page[bisect_left(page, due)]
        if not page and number < len(self._lasts):
            del self._pages[number], self._lasts[number]

    def until(self, moment: datetime) -> Iterator[Due]:
        """Yield what is due at *moment* or earlier, earliest first."""
        for page in self._pages:
            if page and page[-1][0] <= moment:
                yield from page
            else:
                yield from page[: bisect_right(page, moment, key=lambda due: due[0])]
                return
