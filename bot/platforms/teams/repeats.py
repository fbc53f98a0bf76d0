"""What Teams sends again is answered the same: it repeats whatever it has no answer to within five seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from bot.conversation.cards import Card
from bot.platforms.recent import Recent
from bot.platforms.teams.answers import Body
from bot.platforms.teams.parse import Origin

IN_TIME_SECONDS = 4.0
LATER = "This takes longer than usual. The answer follows in our direct chat; if it does not come, do this again."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an invoke led to.

    Attributes:
        body: The answer that Teams waits for.
        cards: What the body says, for the direct chat where it comes too late.
        session: The form that the body shows, likewise.
        looked: Whether it only looks something up, so that it may be done again and need not be remembered.
    """

    body: Body
    cards: tuple[Card, ...] = ()
    session: str = ""
    looked: bool = False


Work = Callable[[], Coroutine[None, None, Outcome]]


class Repeats:
    """Answers each invoke in time, and one that comes again with the same answer and no second effect.

    The same is what has the same id, and what says the same while the first is still being worked on.
    """

    def __init__(self) -> None:
        self._answers: Recent[str, Body] = Recent()
        self._under_way: dict[str, asyncio.Task[Outcome]] = {}

    async def answer(
        self, origin: Origin, work: Work, *, late: Body, afterwards: Callable[[asyncio.Task[Outcome]], None]
    ) -> Body:
        """Return what *work* leads to; where that is not ready in time, *late*, and let *afterwards* say it."""
        if origin.id in self._answers:
            return self._answers[origin.id]
        task = self._under_way.get(origin.sameness)
        first = task is None
        if task is None:
            task = self._under_way[origin.sameness] = asyncio.create_task(work())
            task.add_done_callback(lambda _: self._under_way.pop(origin.sameness, None))
        done, _ = await asyncio.wait((task,), timeout=IN_TIME_SECONDS)
        if not done and first:
            afterwards(task)
        outcome = task.result() if done else Outcome(late)
        if not outcome.looked:
            self._answers[origin.id] = outcome.body
        return outcome.body

    async def settled(self) -> None:
        """Wait until nothing is being worked on."""
        while self._under_way:
            await asyncio.wait(tuple(self._under_way.values()))

    async def close(self, seconds: float) -> None:
        """Give what is being worked on *seconds*, then stop it."""
        tasks = tuple(self._under_way.values())
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
