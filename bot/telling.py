"""How one thing that is due is said: to whom, on which platform, again where it failed, and aloud where it can't be."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.cases import move_by_clock
from bot.conversation.cards import Card, Tone, line, notice
from bot.domain.jobs import Errand, Job, Reach, Shown, To
from bot.domain.office import Office
from bot.domain.people import Person, Role
from bot.domain.workflow import Case, morning_after
from bot.errors import Undeliverable
from bot.ports import Chat, Record
from bot.routing import Kind, World
from bot.sayings import Saying, Trouble

FIRST_PAUSE = timedelta(seconds=15)
BLOCKED_PAUSE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(minutes=10)
TRIES = 7
UNKNOWN_TRIES = 150  # a day, as for what is blocked
BLOCKED_TRIES = 144  # a day: an answer that comes later helps nobody
# Instead of a worker's name: nobody is at it, but until it is due nothing else is said to its recipient by anybody.
RESTING = "resting"
FORGOTTEN = Card("Cancelled", (line("This was cancelled, and its content has been deleted."),))

WAITS = "What is to be said there waits, and is said once that is mended. You are told this once."

Item = Job | Saying

log = logging.getLogger("smpolicy.delivery")


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that has arrived: its platform, that one's name for it, and whether it had arrived *before*."""

    chat: Chat
    reference: str
    before: bool


class Teller:
    """Says one school's jobs and answers, one at a time, on the *chats* that reach their recipients."""

    def __init__(self, world: World, chats: Sequence[Chat]) -> None:
        self._world = world
        self._switchboard = world.switchboard
        self._chats = {chat.name: chat for chat in chats}
        self._blocking = asyncio.Lock()
        self.given_up = 0

    async def do(self, item: Item, office: Office) -> None:
        """Do what *item* asks, and forget it; raises Undeliverable where it could not be done."""
        if isinstance(item, Saying):
            await self._say(item, office)
            return
        match item.errand:
            case Errand.TELL:
                await self._tell(item, office)
            case Errand.REDRAW:
                await self._redraw(item, office)
            case Errand.MOVE:
                await move_by_clock(self._world.store, self._kind(item), item, office)

    async def put_off(self, item: Item, office: Office, error: Undeliverable) -> datetime | None:
        """Have *item* tried again, or give it up; return until when all else for its recipient has to wait."""
        until = await self._put_off(item, office, error)
        return until if _rest(item) else None

    async def _put_off(self, item: Item, office: Office, error: Undeliverable) -> datetime | None:
        now = self._world.clock.now()
        if error.blocked:
            return await self._blocked(item, office, error.blocked)
        if error.retry_after is not None:  # the platform only asks for time: that is no failure
            until = now + timedelta(seconds=error.retry_after)
            await self._world.store.save(replace(item, due_at=until, lease=_rest(item)))
            return until
        attempts = item.attempts + 1
        if error.for_good or (attempts >= TRIES and not error.unknown):
            await self._give_up(item, office)
            return None
        if isinstance(item, Saying) and attempts >= UNKNOWN_TRIES:
            await self._give_up(item, office)
            return None
        pause = min(FIRST_PAUSE * 2 ** min(item.attempts, TRIES), LONGEST_PAUSE)
        log.warning("job %s waits %s after try %d", mark(item), pause, attempts)
        rest = _rest(item) if pause == FIRST_PAUSE else ""
        await self._world.store.save(replace(item, attempts=attempts, due_at=now + pause, lease=rest))
        return now + FIRST_PAUSE

    def lane_of(self, item: Item) -> str:
        """Return the name of what *item* waits in, in order: what is for one recipient on one platform."""
        chat = self._chat_of(item)
        return f"{_recipient_of(item)} {chat.name}" if chat else _recipient_of(item)

    # Saying ----------------------------------------------------------------------------------

    async def _say(self, saying: Saying, office: Office) -> None:
        # Whoever saves an answer says it at once, so a later version means that somebody may have tried.
        drawn = await self._version_of(saying)
        card = saying.card if saying.version <= 1 else await self._as_it_is(saying, office)
        if card is None:
            await self._world.store.save(forget=(saying,))
            return
        sent = await self._sent(saying.to, card, saying.id, office, again=saying.version > 1, asked_on=saying.chat)
        shown = () if saying.to.only else shown_as(
            card, saying.school, saying.id, sent.chat.name, saying.to, sent.reference
        )  # fmt: skip
        await self._note(saying, shown, drawn, office, sent)

    async def _as_it_is(self, saying: Saying, office: Office) -> Card | None:
        """Return what was to be said a while ago, as the case that it shows is now; None for who may not see it."""
        about = saying.card.about
        if about is None:
            return saying.card
        kind = self._switchboard.kind_of(about.face.partition(".")[0])
        case = await self._world.store.get(kind.record, about.subject)
        if case is None:
            return FORGOTTEN
        reader = To.person(saying.to.only) if saying.to.only else saying.to
        return self._drawn(about.face, case, reader, office)

    async def _tell(self, job: Job, office: Office) -> None:
        assert job.to is not None
        case = await self._world.store.get(self._kind(job).record, job.subject)
        card = self._card(job, case, job.to, office)
        if case is None or card is None:
            await self._world.store.save(forget=(job,))
            return
        # Saved once when it was planned, and once when it was claimed.
        sent = await self._sent(job.to, card, job.id, office, again=job.version > 2)
        shown = shown_as(card, job.school, job.id, sent.chat.name, job.to, sent.reference)
        await self._note(job, shown, case.version, office, sent)

    async def _note(self, item: Item, shown: Sequence[Shown], drawn: int, office: Office, sent: Sent) -> None:
        """Forget *item*, which was *sent*, and note what it has *shown* of its case as of the version *drawn*.

        What was drawn again before that was noted has passed the message by, so it is drawn again once more.
        """
        later = self._repeated(item, office) if isinstance(item, Job) else ()
        passed_by = [_drawn_again(each, item, office) for each in shown]
        await self._world.store.save(*shown, *(passed_by if sent.before else ()), *later, forget=(item,))
        if passed_by and not sent.before and await self._moved(shown[0], drawn):
            await self._world.store.save(*passed_by)
        await self._note_mended(item)

    async def _moved(self, shown: Shown, drawn: int) -> bool:
        case = await self._world.store.get(self._switchboard.kind_of(shown.kind).record, shown.subject)
        return (case.version if case else 0) != drawn

    async def _version_of(self, saying: Saying) -> int:
        """Return the version of the case that *saying* shows, or -1 where that has moved on or gone already."""
        about = saying.card.about
        kind = self._switchboard.kind_of(about.face.partition(".")[0]) if about else None
        case = await self._world.store.get(kind.record, about.subject) if kind and about else None
        if case is None or (saying.since and case.history and case.history[-1].at > saying.since):
            return -1
        return int(case.version)

    async def _sent(self, to: To, card: Card, key: str, office: Office, *, again: bool, asked_on: str = "") -> Sent:
        """Say *card*; what may have been said before is looked for first.

        What answers somebody is said where they asked, *asked_on*; else where they are reached first.
        """
        chat = self._chat_for(to, asked_on)
        if chat is None or self._is_gone(to, office):
            raise Undeliverable("no seat", for_good=True)
        before = await chat.find(to, key) if again else None
        return Sent(chat, before or await chat.send(to, card, key), before is not None)

    async def _redraw(self, job: Job, office: Office) -> None:
        """Draw every message about a case again; those that can't be reached do not keep the others from it."""
        failed: Undeliverable | None = None
        for shown in await self._world.store.find(Shown, subject=job.subject):
            try:
                await self._redraw_one(shown, office)
            except Undeliverable as error:
                if error.for_good:
                    log.info("a message about job %s can't be drawn again", mark(job))
                elif failed is None or failed.blocked:  # what passes by itself is tried again sooner
                    failed = error
        if failed is not None:
            raise failed
        await self._world.store.save(forget=(job,))
        await self._note_mended(job)

    async def _redraw_one(self, shown: Shown, office: Office) -> None:
        chat = self._chats.get(shown.chat)
        card = await self._card_shown(shown, office)
        if chat is not None and card is not None:
            await chat.redraw(shown.to, shown.reference, card)

    async def _card_shown(self, shown: Shown, office: Office) -> Card | None:
        kind = self._switchboard.kind_of(shown.kind)
        case = await self._world.store.get(kind.record, shown.subject)
        return FORGOTTEN if case is None else self._drawn(shown.face, case, shown.to, office)

    def _card(self, job: Job, case: Case | None, to: To, office: Office) -> Card | None:
        """Return what *job* says, or None where there is nothing to say any more."""
        if case is None or (job.stage is not None and case.stage != job.stage):
            return None
        return self._drawn(job.face, case, to, office)

    def _drawn(self, face: str, case: Any, to: To, office: Office) -> Card | None:
        reader = office.person(to.id) if to.reach is Reach.PERSON else None
        return self._switchboard.faces[face](case, reader, office)

    # What can't be said ----------------------------------------------------------------------

    async def _give_up(self, item: Item, office: Office) -> None:
        """Forget *item* and tell the people who can act, once; what can't be told either is in the log."""
        self.given_up += 1
        log.error("job %s could not be delivered", mark(item))
        if isinstance(item, Saying):
            await self._world.store.save(forget=(item,))
            return
        instead = await self._told_instead(item, office)
        await self._world.store.save(*instead, *self._repeated(item, office), forget=(item,))

    async def _told_instead(self, job: Job, office: Office) -> tuple[Job, ...]:
        kind, face = self._kind(job), f"{job.kind}.undelivered"
        case = await self._world.store.get(kind.record, job.subject)
        if case is None or face not in self._switchboard.faces or job.face == face or job.to is None:
            return ()
        return tuple(
            Job(job.school, f"{job.id}!{to.id}", Errand.TELL, job.kind, job.subject, face, to, due_at=office.now)
            for to in kind.workflow.audiences["undelivered"](case, office)
            if to != job.to
        )

    async def _blocked(self, item: Item, office: Office, sentence: str) -> datetime:
        """Have *item* wait, and tell the administrators what they have to mend, once."""
        if isinstance(item, Saying) and item.blocked >= BLOCKED_TRIES:
            await self._give_up(item, office)
            return office.now + BLOCKED_PAUSE
        until = office.now + BLOCKED_PAUSE
        tried = replace(item, blocked=item.blocked + 1) if isinstance(item, Saying) else item
        async with self._blocking:  # one cause stops many at once, and is told once
            told = await self._troubled(item, office, sentence)
            await self._world.store.save(replace(tried, due_at=until, lease=_rest(item)), *told)
        return until

    async def _troubled(self, item: Item, office: Office, sentence: str) -> tuple[Record, ...]:
        """Return what is saved so that it is known whom the trouble stops, and told where it is new."""
        id, recipient = hashlib.sha256(sentence.encode()).hexdigest()[:20], self.lane_of(item)
        trouble = await self._world.store.get(Trouble, id)
        if trouble is None:
            log.error("job %s waits for an administrator: %s", mark(item), sentence)
            trouble = Trouble(item.school, id, (recipient,), office.now)
            return (trouble, *await self._told_administrators(trouble, sentence, office, self._chat_of(item)))
        if recipient in trouble.recipients:
            return ()
        return (replace(trouble, recipients=(*trouble.recipients, recipient)),)

    async def _told_administrators(
        self, trouble: Trouble, sentence: str, office: Office, at: Chat | None
    ) -> list[Saying]:
        """Return what tells each of them, less those who are still to be told of the same trouble of before.

        Where it stops all that is said on the platform *at*, it is said on another one that reaches them.
        """
        card = Card("The bot needs your help", (notice(Tone.WARNING, sentence), line(WAITS)))
        sayings = await self._world.store.find(Saying)
        untold = {each.to for each in sayings if each.id.startswith(f"trouble-{trouble.id}-")}
        people = office.holders(Role.ADMINISTRATOR)
        is_shut = at is not None and at.trouble == sentence
        others = [each for each in self._chats.values() if is_shut and each is not at]
        return [
            _plea(trouble, person, card, next((each.name for each in others if each.reaches(To.person(person.id))), ""))
            for person in people
            if To.person(person.id) not in untold
        ]

    async def _note_mended(self, item: Item) -> None:
        """Forget the troubles that are over, because *item* has reached its recipient.

        What one person sees in a shared place may get there by another way, and says nothing of the place.
        """
        if item.to is not None and item.to.only:
            return
        async with self._blocking:
            over = await self._world.store.find(Trouble, recipients=self.lane_of(item))
            if over:
                await self._world.store.save(forget=over)

    def _repeated(self, job: Job, office: Office) -> tuple[Job, ...]:
        if not job.repeat:
            return ()
        base, _, count = job.id.partition("~")
        number = int(count or 1) + 1
        due = morning_after(office.now, job.repeat, office)
        return (replace(job, id=f"{base}~{number}", attempts=0, since=None, lease="", version=0, due_at=due),)

    def _chat_of(self, item: Item) -> Chat | None:
        return self._chat_for(item.to, item.chat if isinstance(item, Saying) else "") if item.to else None

    def _chat_for(self, to: To, asked_on: str) -> Chat | None:
        """Return the chat called *asked_on* where it reaches *to*, else the first that does."""
        first = [self._chats[asked_on]] if asked_on in self._chats else []
        return next((each for each in (*first, *self._chats.values()) if each.reaches(to)), None)

    def _kind(self, job: Job) -> Kind:
        return self._switchboard.kind_of(job.kind)

    @staticmethod
    def _is_gone(to: To, office: Office) -> bool:
        person = office.person(to.id) if to.reach is Reach.PERSON else None
        return person is not None and person.has_left(office.today)


def _rest(item: Item) -> str:
    """Return what lets others for the same recipient wait behind *item* until it is due again."""
    # Each redraw shows a case as it is, on all platforms: the next need not wait for the one that is away.
    return "" if isinstance(item, Job) and item.errand is Errand.REDRAW else RESTING


def _recipient_of(item: Item) -> str:
    """Return the name of the place or person that *item* is for."""
    to = item.to
    return f"{to.reach} {to.id}" if to else f"case {item.subject}" if isinstance(item, Job) else ""


def shown_as(card: Card, school: str, id: str, chat: str, to: To, reference: str) -> tuple[Shown, ...]:
    """Return the record that lets *card* be drawn again, or nothing where it shows no case."""
    if card.about is None:
        return ()
    kind = card.about.face.partition(".")[0]
    return (Shown(school, id, chat, to, reference, kind, card.about.face, card.about.subject),)


def _drawn_again(shown: Shown, item: Item, office: Office) -> Job:
    return Job(item.school, f"{shown.id}.drawn", Errand.REDRAW, shown.kind, shown.subject, due_at=office.now)


def mark(item: Item) -> str:
    """Return a name for *item* in the log; its id would give away that a case exists, and to whom it went."""
    return hashlib.sha256(item.id.encode()).hexdigest()[:10]


def _plea(trouble: Trouble, person: Person, card: Card, chat: str) -> Saying:
    # With its moment: under the same key the chat would find what it said when the same thing happened before.
    id = f"trouble-{trouble.id}-{trouble.since.timestamp():.0f}!{person.id}"
    return Saying(trouble.school, id, To.person(person.id), card, chat=chat, due_at=trouble.since)
