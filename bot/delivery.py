"""The worker: takes what is due, and sees to it that recipients are told in order and do not wait for each other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from bot.conversation.sessions import Session
from bot.domain.gaps import Gap
from bot.domain.jobs import Job
from bot.domain.office import Office
from bot.errors import NotSaved, Stale, Undeliverable
from bot.once import Heard
from bot.ports import Chat, Record
from bot.routing import World
from bot.sayings import Saying
from bot.telling import RESTING, Item, Teller, mark

LEASE = timedelta(seconds=30)
DRAIN_SECONDS = 2.0
TIDIES_EVERY = timedelta(minutes=1)

log = logging.getLogger("smpolicy.delivery")


@dataclass(frozen=True, slots=True)
class Polling:
    """How often a worker looks for what has become due without anybody waking it.

    Attributes:
        seconds: Between one look and the next.
        first: Seconds until the first one, for workers that are not to look all at once.
    """

    seconds: float = 1.0
    first: float = 0.0


EVERY_SECOND = Polling()


@dataclass(frozen=True, slots=True)
class Lane:
    """What is being told to one recipient.

    Attributes:
        waiting: What is still to be told, in order.
        done: Ends once nothing waits; its result tells whether the store refused.
    """

    waiting: deque[Item]
    done: asyncio.Task[bool]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A record that is written only to find out whether the store can write again."""

    INDEXES: ClassVar[tuple[str, ...]] = ()
    school: str
    id: str
    at: datetime
    version: int = 0
    due_at: datetime | None = None


class Worker:
    """Sends one school's jobs; `run` until cancelled, or `deliver_due` once.

    What goes to one recipient goes in order; different recipients do not wait for each other.

    Attributes:
        healthy: Whether the last pass could read and write the store; for readiness.
        delivered, failed: Jobs done, and tries that failed, since the start; for the metrics.
    """

    def __init__(
        self,
        world: World,
        chats: Sequence[Chat],
        office: Callable[[], Awaitable[Office]],
        store_healthy: Callable[[], bool] = lambda: True,
        polling: Polling = EVERY_SECOND,
    ) -> None:
        self._world = world
        self._teller = Teller(world, chats)
        self._name = world.ids.new()
        self._office = office
        self._store_healthy = store_healthy
        self._polling = polling
        self._woken = asyncio.Event()
        self._claiming = asyncio.Lock()
        self._lanes: dict[str, Lane] = {}
        self._resting: dict[str, datetime] = {}
        self._held_back = False
        self._tidied: datetime | None = None
        self.healthy = True
        self.delivered = 0
        self.failed = 0

    @property
    def given_up(self) -> int:
        """Return how many jobs were given up since the start."""
        return self._teller.given_up

    async def run(self) -> None:
        """Deliver what is due, now and whenever something may have become due, until cancelled."""
        try:
            await self._woken_within(self._polling.first)
            while True:
                self._woken.clear()
                await self._pass()
                await self._woken_within(self._polling.seconds)
        finally:
            await self._drop_lanes()

    async def _woken_within(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    def wake(self) -> None:
        """Look for due jobs soon."""
        self._woken.set()

    def leased(self, saying: Saying) -> Saying:
        """Return *saying* as this worker's, to be saved and then given to `say`."""
        now = self._world.clock.now()
        until = self._resting.get(self._teller.lane_of(saying), now)
        if until > now:  # it waits its turn behind what waits for the recipient already
            return replace(saying, due_at=until, since=now, lease=RESTING)
        return replace(saying, due_at=now + LEASE, since=now, lease=self._name)

    def say(self, sayings: Iterable[Saying]) -> None:
        """Say what was just saved as `leased`, without waiting for it."""
        for saying in sayings:
            if saying.lease == self._name:
                self._put(replace(saying, version=saying.version + 1))

    async def take_over(self) -> None:
        """Make due what another worker was at; only where the store is this process's alone, so that it is gone."""
        store, now = self._world.store, self._world.clock.now()
        every: list[Item] = [*await store.find(Job), *await store.find(Saying)]
        nobody = ("", RESTING, self._name)
        left = [replace(item, due_at=now, lease="") for item in every if item.lease not in nobody]
        if left:
            await store.save(*left)

    async def deliver_due(self) -> None:
        """Deliver everything that is due now, and what that makes due; raises NotSaved where the store can't write."""
        while True:
            claimed = await self._claim(tidies=True)
            under_way = [lane.done for lane in self._lanes.values()]
            if not claimed and not under_way:
                return
            done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            if any(each.result() for each in done):
                raise NotSaved

    async def _pass(self) -> None:
        try:
            if not self._store_healthy():
                await self._beat()
            await self._claim(tidies=self._is_untidy())
            self.healthy = self._store_healthy()
        except NotSaved:
            self.healthy = False
            log.error("jobs wait: the store can't write")
        except Exception:
            self.healthy = False
            log.exception("a delivery pass failed")

    async def _beat(self) -> None:
        """Write something small: where nobody else writes, this is how it shows that the store has recovered."""
        store, now = self._world.store, self._world.clock.now()
        before = await store.get(Heartbeat, "worker")
        await store.save(Heartbeat(self._world.school.id, "worker", now, before.version if before else 0))

    # Claiming --------------------------------------------------------------------------------

    async def _claim(self, *, tidies: bool) -> bool:
        """Take what is due for recipients who are not being told something already; tell whether there was any."""
        async with self._claiming:
            if tidies:
                await self._forget_old()
            claimed = await self._leased()
            for item in claimed:
                self._put(item)
            return bool(claimed)

    async def _leased(self) -> Sequence[Item]:
        now = self._world.clock.now()
        self._resting = {each: until for each, until in self._resting.items() if until > now}

        def lease(due: Sequence[Item], leased: Sequence[Item]) -> Sequence[Item]:
            held = {*self._lanes, *self._resting, *map(self._teller.lane_of, leased)}
            free = sorted((item for item in due if self._teller.lane_of(item) not in held), key=_turn)
            self._held_back = len(free) < len(due)
            return [replace(item, due_at=now + LEASE, since=_first_due(item), lease=self._name) for item in free]

        self._held_back = False
        return await self._world.store.claim((Saying, Job), now, lease)

    def _is_untidy(self) -> bool:
        now = self._world.clock.now()
        return self._tidied is None or not self._tidied <= now < self._tidied + TIDIES_EVERY

    async def _forget_old(self) -> None:
        """Throw away drafts that nobody finished, ids of events that can't come again, and questions kept for SLT."""
        store, now = self._world.store, self._world.clock.now()
        self._tidied = now
        drafts, events = await store.due(Session, now), await store.due(Heard, now)
        old: list[Record] = [*drafts, *events, *await store.due(Gap, now)]
        for each in old:
            try:
                await store.save(forget=(each,))
            except Stale:  # its owner is at it again just now
                log.info("%s is used just now", type(each).__name__.lower())

    # Lanes -----------------------------------------------------------------------------------

    def _put(self, item: Item) -> None:
        recipient = self._teller.lane_of(item)
        lane = self._lanes.get(recipient)
        if lane is None:
            waiting: deque[Item] = deque()
            lane = Lane(waiting, asyncio.create_task(self._work(recipient, waiting)))
            self._lanes[recipient] = lane
        lane.waiting.append(item)

    async def _work(self, recipient: str, waiting: deque[Item]) -> bool:
        """Deliver what waits for one recipient, in order; tell whether the store refused."""
        leads_on = False
        try:
            while waiting:
                item = waiting.popleft()
                leads_on |= isinstance(item, Job)
                if item.due_at is not None and item.due_at <= self._world.clock.now():
                    continue  # its lease ended while it waited here: whoever claims it anew says it
                until = await self._deliver(item)
                if until is not None:
                    self._resting[recipient] = until
                    await self._put_off(waiting, until)
            return False
        except NotSaved:
            self.healthy = False
            log.error("jobs wait: the store can't write")
            return True
        except Exception:
            log.exception("a recipient's jobs failed")
            return False
        finally:
            del self._lanes[recipient]
            if leads_on or self._held_back:  # after an answer, as a rule, there is nothing to look for
                self.wake()

    async def _put_off(self, waiting: deque[Item], until: datetime) -> None:
        """Let everything behind something that has to wait come after it."""
        put_off = [replace(item, due_at=until, lease=RESTING) for item in waiting]
        waiting.clear()
        try:
            await self._world.store.save(*put_off)
        except Stale:  # one of them changed; all are due again once their lease ends
            log.info("jobs were changed meanwhile")

    async def _drop_lanes(self) -> None:
        """Let what is being sent just now end, for a little while; what waits stays due in the store."""
        tasks = [lane.done for lane in self._lanes.values()]
        for lane in self._lanes.values():
            lane.waiting.clear()
        if tasks:
            await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, item: Item) -> datetime | None:
        """Do what *item* asks; return until when those behind it have to wait, if at all."""
        try:
            return await self._try(item, await self._office())
        except Stale:  # claimed anew after its lease, or the case moved: the job is due again then
            log.info("job %s was changed meanwhile", mark(item))
            return None

    async def _try(self, item: Item, office: Office) -> datetime | None:
        try:
            await self._teller.do(item, office)
            self.delivered += 1
            return None
        except (NotSaved, Stale):
            raise
        except Undeliverable as error:
            failure = error
        except Exception:
            log.exception("job %s failed", mark(item))
            failure = Undeliverable("failed")
        self.failed += 1
        return await self._teller.put_off(item, office, failure)


def _turn(item: Item) -> tuple[datetime, bool]:
    """Return what decides whose turn it is: what was due first, and of those what had its turn already."""
    return _first_due(item), item.since is None


def _first_due(item: Item) -> datetime:
    due = item.since or item.due_at
    assert due is not None
    return due
