"""One school on one platform and one store, from the first conversation to the books."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

from bot.delivery import LEASE
from bot.domain.jobs import Job
from bot.ports import SchoolStore
from bot.sayings import Saying
from tests.crash.books import Books, Promise
from tests.crash.moments import kill_often
from tests.crash.on_page import PageTown
from tests.crash.on_slack import SlackTown
from tests.crash.on_teams import TeamsTown
from tests.crash.people import Conversations, Lost
from tests.crash.stories import Applying, Asking, Drafting, Reporting, Ringing, Story
from tests.crash.town import Town
from tests.process import STORE

TOWNS: dict[str, Callable[..., Town]] = {"slack": SlackTown, "teams": TeamsTown, "local": PageTown}
PROMISES = {
    "slack": Promise(once=True),
    "teams": Promise(
        once=False,
        reason="Teams can't be asked what stands there and takes no key: what was sent and not noted before a kill is"
        " said again.",
    ),
    "local": Promise(once=False, reason="Nobody sends again for people: who got no answer types or presses once more."),
}
TELLERS = ("history_teacher", "new_teacher", "teaching_assistant")
STORIES: tuple[type[Story], ...] = (Applying, Applying, Applying, Reporting, Reporting, Ringing, Ringing, Drafting)
PATIENCE = 100.0
SOON = timedelta(seconds=5)
PAUSE = 2.0


@dataclass
class Run:
    """What is played on one platform and one store.

    Attributes:
        url: Where the store is, or "" for a folder of the program.
        busy: How many conversations each person has at once.
        twins: Whether the last half of the kills hits one of two programs that share the store.
    """

    platform: str
    folder: Path
    seed: int
    kills: int
    url: str = ""
    busy: int = 2
    twins: bool = False
    stories: list[Story] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        variables = {STORE: self.url} if self.url else {}
        random = Random(f"{self.seed} {self.platform} {bool(self.url)}")
        self._town = TOWNS[self.platform](self.folder, random, **variables)
        self._talk = Conversations(self._town, PATIENCE)
        self._books = Books(PROMISES[self.platform], self._town.traffic)
        self._over = asyncio.Event()

    async def play(self) -> Books:
        """Play it, and return the books."""
        try:
            await self._town.begin()
            people = asyncio.gather(*self._people())
            await self._killed()
            self._over.set()
            await people
            await self._settled()
            await self._compare()
        finally:
            await self._town.over()
        return self._books

    async def _killed(self) -> None:
        embedded = not self.url
        alone = self.kills - self.kills // 2 if self.twins else self.kills
        self._books.kills += await kill_often(self._town, alone, embedded=embedded)
        if self.twins:
            self._town.add_twin(self.folder / "twin")
            await self._town.start(1)
            self._books.kills += await kill_often(self._town, self.kills - alone, embedded=embedded)

    # People

    def _people(self) -> Iterator[asyncio.Task[None]]:
        numbers = count(1)
        for person in TELLERS * self.busy:
            yield asyncio.create_task(self._converse(person, STORIES, numbers))
        for person in ("dsl", *TELLERS[:1]):
            yield asyncio.create_task(self._converse(person, (Asking,), numbers))

    async def _converse(self, person: str, kinds: tuple[type[Story], ...], numbers: Iterator[int]) -> None:
        random = self._town.random
        while not self._over.is_set():
            story = random.choice(kinds)(self._talk, person, next(numbers))
            self.stories.append(story)
            try:
                await story.play()
            except Lost as lost:
                pressed = [each for each in self._talk.pressed if story.reference and story.reference in each]
                self._books.lost.append(f"{type(story).__name__} {story.number} {story.reference}: {lost}; {pressed}")
            await asyncio.sleep(random.uniform(0, PAUSE))

    # The end

    async def _settled(self) -> None:
        """Let all be said that is due, and stop; clocks of the policy that strike later are left alone."""
        await self._town.settled()
        soon = datetime.now(UTC) + SOON
        end = soon + LEASE * 2
        while True:
            await self._town.stop()
            async with self._town.programs[0].records() as records:
                waiting = await _waiting(records, soon)
            if not waiting:
                return
            if datetime.now(UTC) > end:
                self._books.lost += [f"{each.id} was never said" for each in waiting]
                return
            await self._town.start()
            latest = max(each.due_at for each in waiting if each.due_at)
            await asyncio.sleep(max(0.0, (latest - datetime.now(UTC)).total_seconds()) + 1.5)

    async def _compare(self) -> None:
        books, said = self._books, await self._town.said()
        at_once = [text for person in self._town.seats for text in person.aside]
        books.count_said(said, self._talk.asked, self._town.killed_at)
        books.count_answers(said, self._talk.taken)
        books.asides += len(at_once)
        async with self._town.programs[0].records() as records:
            await books.find_references(records, [*(each.text for each in said), *at_once])
            for story in self.stories:
                await story.compare(records, books)
                books.stories += story.ended


async def _waiting(records: SchoolStore, soon: datetime) -> list[Job | Saying]:
    """Return what is due until *soon*, and what somebody was at already."""
    every: list[Job | Saying] = [*await records.find(Saying), *await records.find(Job)]
    return [each for each in every if each.due_at and (each.due_at <= soon or each.lease or each.attempts)]
