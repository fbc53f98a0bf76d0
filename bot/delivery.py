"""The worker: takes jobs that are due, says them, tries again, and says aloud what it could not say."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from bot.cases import move_by_clock
from bot.conversation.cards import Card, line
from bot.conversation.sessions import Session
from bot.domain.jobs import Errand, Job, Reach, Shown, To
from bot.domain.office import Office
from bot.domain.workflow import morning_after
from bot.errors import NotSaved, Stale, Undeliverable
from bot.ports import Chat
from bot.routing import Kind, World

LEASE = timedelta(seconds=30)
FIRST_PAUSE = timedelta(seconds=15)
TRIES = 7
POLL_SECONDS = 1.0
FORGOTTEN = Card("Cancelled", (line("This was cancelled, and its content has been deleted."),))

log = logging.getLogger("smpolicy.delivery")


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

    Attributes:
        healthy: Whether the last pass could read and write the store; for readiness.
        delivered, failed, given_up: Jobs done, tries that failed, and jobs given up since the start; for the metrics.
    """

    def __init__(
        self,
        world: World,
        chats: Sequence[Chat],
        office: Callable[[], Awaitable[Office]],
        store_healthy: Callable[[], bool] = lambda: True,
    ) -> None:
        self._world = world
        self._switchboard = world.switchboard
        self._chats = {chat.name: chat for chat in chats}
        self._office = office
        self._store_healthy = store_healthy
        self._woken = asyncio.Event()
        self._pass = asyncio.Lock()
        self.healthy = True
        self.delivered = 0
        self.failed = 0
        self.given_up = 0

    async def run(self) -> None:
        """Deliver what is due, now and whenever something may have become due, until cancelled."""
        while True:
            try:
                if not self._store_healthy():
                    await self._beat()
                await self.deliver_due()
                self.healthy = True
            except NotSaved:
                self.healthy = False
                log.error("jobs wait: the store can't write")
            except Exception:
                self.healthy = False
                log.exception("a delivery pass failed")
            self._woken.clear()
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._woken.wait()
            except TimeoutError:
                continue

    def wake(self) -> None:
        """Look for due jobs soon."""
        self._woken.set()

    async def deliver_due(self) -> None:
        """Deliver everything that is due now, and what that makes due; raises NotSaved where the store can't write."""
        try:
            async with self._pass:
                await self._deliver_all()
        except* NotSaved as group:
            raise NotSaved from group

    async def _deliver_all(self) -> None:
        await self._forget_old_drafts()
        while claimed := await self._claim():
            office = await self._office()
            # What goes to one recipient goes in order; different recipients do not wait for each other.
            in_order: dict[To | str, list[Job]] = defaultdict(list)
            for job in claimed:
                in_order[job.to or job.subject].append(job)
            async with asyncio.TaskGroup() as recipients:
                for jobs in in_order.values():
                    recipients.create_task(self._deliver_in_order(jobs, office))

    async def _deliver_in_order(self, jobs: Sequence[Job], office: Office) -> None:
        for job in jobs:
            try:
                await self._deliver(job, office)
            except Stale:  # claimed anew after its lease, or the case moved: the job is due again then
                log.info("job %s was changed meanwhile", _mark(job))

    async def _beat(self) -> None:
        """Write something small: where nobody else writes, this is how it shows that the store has recovered."""
        store, now = self._world.store, self._world.clock.now()
        before = await store.get(Heartbeat, "worker")
        await store.save(Heartbeat(self._world.school.id, "worker", now, before.version if before else 0))

    async def _claim(self) -> list[Job]:
        now = self._world.clock.now()
        due = await self._world.store.due(Job, now)
        if not due:
            return []
        try:
            await self._world.store.save(*(replace(job, due_at=now + LEASE) for job in due))
        except Stale:  # another worker was faster with one of them: look again
            return await self._claim()
        return [replace(job, due_at=now + LEASE, version=job.version + 1) for job in due]

    async def _deliver(self, job: Job, office: Office) -> None:
        try:
            match job.errand:
                case Errand.TELL:
                    await self._tell(job, office)
                case Errand.REDRAW:
                    await self._redraw(job, office)
                case Errand.MOVE:
                    await move_by_clock(self._world.store, self._kind(job), job, office)
            self.delivered += 1
        except (NotSaved, Stale):
            raise
        except Undeliverable as error:
            await self._again(job, office, error)
        except Exception:
            log.exception("job %s failed", _mark(job))
            await self._again(job, office, Undeliverable("failed"))

    async def _tell(self, job: Job, office: Office) -> None:
        assert job.to is not None
        card = await self._card(job.kind, job.face, job.subject, job.to, office, job.stage)
        if card is None:
            await self._world.store.save(forget=(job,))
            return
        chat = next((each for each in self._chats.values() if each.reaches(job.to)), None)
        if chat is None or self._is_gone(job.to, office):
            raise Undeliverable("no seat", for_good=True)
        tried_before = job.version > 2
        reference = await chat.find(job.to, job.id) if tried_before else None
        if reference is None:
            reference = await chat.send(job.to, card, job.id)
        await self._world.store.save(
            *shown_as(card, job.school, job.id, chat.name, job.to, reference),
            *self._repeated(job, office),
            forget=(job,),
        )

    async def _redraw(self, job: Job, office: Office) -> None:
        for shown in await self._world.store.find(Shown, subject=job.subject):
            chat = self._chats.get(shown.chat)
            card = await self._card(shown.kind, shown.face, shown.subject, shown.to, office, None)
            if await self._is_forgotten(shown):
                card = FORGOTTEN
            if chat is not None and card is not None:
                await chat.redraw(shown.to, shown.reference, card)
        await self._world.store.save(forget=(job,))

    async def _is_forgotten(self, shown: Shown) -> bool:
        kind = self._switchboard.kind_of(shown.kind)
        return await self._world.store.get(kind.record, shown.subject) is None

    async def _card(
        self, kind_name: str, face: str, subject: str, to: To, office: Office, stage: int | None
    ) -> Card | None:
        kind = self._switchboard.kind_of(kind_name)
        case = await self._world.store.get(kind.record, subject)
        if case is None or (stage is not None and case.stage != stage):
            return None
        reader = office.person(to.id) if to.reach is Reach.PERSON else None
        return self._switchboard.faces[face](case, reader, office)

    async def _again(self, job: Job, office: Office, error: Undeliverable) -> None:
        self.failed += 1
        attempts = job.attempts + 1
        if error.for_good or attempts >= TRIES:
            await self._give_up(job, office)
            return
        pause = timedelta(seconds=error.retry_after) if error.retry_after else FIRST_PAUSE * 2**job.attempts
        log.warning("job %s waits %s after try %d: %s", _mark(job), pause, attempts, type(error).__name__)
        await self._world.store.save(replace(job, attempts=attempts, due_at=self._world.clock.now() + pause))

    async def _give_up(self, job: Job, office: Office) -> None:
        """Forget the job and tell the people who can act, once; what can't be told either is in the log."""
        self.given_up += 1
        log.error("job %s could not be delivered", _mark(job))
        kind = self._kind(job)
        face = f"{job.kind}.undelivered"
        case = await self._world.store.get(kind.record, job.subject)
        jobs: tuple[Job, ...] = ()
        if case is not None and face in self._switchboard.faces and job.face != face and job.to is not None:
            jobs = tuple(
                Job(
                    job.school,
                    f"{job.id}!{to.id}",
                    Errand.TELL,
                    job.kind,
                    job.subject,
                    face,
                    to,
                    due_at=office.now,
                )
                for to in kind.workflow.audiences["undelivered"](case, office)
                if to != job.to
            )
        await self._world.store.save(*jobs, *self._repeated(job, office), forget=(job,))

    def _repeated(self, job: Job, office: Office) -> tuple[Job, ...]:
        if not job.repeat:
            return ()
        base, _, count = job.id.partition("~")
        number = int(count or 1) + 1
        due = morning_after(office.now, job.repeat, office)
        return (replace(job, id=f"{base}~{number}", attempts=0, version=0, due_at=due),)

    async def _forget_old_drafts(self) -> None:
        old = await self._world.store.due(Session, self._world.clock.now())
        for each in old:
            try:
                await self._world.store.save(forget=(each,))
            except Stale:  # its owner is at it again just now
                log.info("draft %s is being filled in", each.id)

    def _kind(self, job: Job) -> Kind:
        return self._switchboard.kind_of(job.kind)

    @staticmethod
    def _is_gone(to: To, office: Office) -> bool:
        person = office.person(to.id) if to.reach is Reach.PERSON else None
        return person is not None and person.has_left(office.today)


def shown_as(card: Card, school: str, id: str, chat: str, to: To, reference: str) -> tuple[Shown, ...]:
    """Return the record that lets *card* be drawn again, or nothing where it shows no case."""
    if card.about is None:
        return ()
    kind = card.about.face.partition(".")[0]
    return (Shown(school, id, chat, to, reference, kind, card.about.face, card.about.subject),)


def _mark(job: Job) -> str:
    """Return a name for *job* in the log; its id would give away that a case exists, and to whom it went."""
    return hashlib.sha256(job.id.encode()).hexdigest()[:10]
