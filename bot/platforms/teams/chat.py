"""Teams as a platform on which the worker says things, and draws again what it said."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager

from bot.conversation.cards import Button, Card
from bot.conversation.events import Json
from bot.domain.jobs import Reach, To
from bot.errors import Undeliverable
from bot.platforms.afterwards import Afterwards
from bot.platforms.recent import Recent
from bot.platforms.teams.addresses import Addresses, Spot
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.pace import Again, Quiet, Standstill
from bot.platforms.teams.references import References, without_thread
from bot.platforms.teams.refusals import FORBIDDEN, MISSING, UNREADABLE, is_shut_out, judged, tenant_trouble
from bot.platforms.teams.render import NAMELESS, Drawn, activity, messages
from bot.platforms.teams.replies import Passing, TeamsRefusal
from bot.platforms.teams.settling import settled
from bot.platforms.teams.shown import Reference, Standing
from bot.platforms.teams.votes import Votes
from bot.platforms.trouble import Busy, OutcomeUnknown
from bot.ports import Clock, SchoolStore
from bot.settings.shapes import TeamsAccess


class TeamsChat:
    """Says cards in Teams; never waits itself, but says how long to wait.

    A card that is too long for one message is several, its parts. Teams can't be asked what was said before: `find`
    knows what this process has said, and a sending that stopped half-way goes on where it stopped. What one person
    alone is to see in a shared place goes to their private chat.
    """

    name = "teams"

    def __init__(
        self,
        connector: Connector,
        references: References,
        channels: Mapping[str, str],
        seats: Callable[[str], str | None],
        *,
        access: TeamsAccess,
        clock: Clock,
        store: SchoolStore,
        school: str,
        afterwards: Afterwards,
        viewers: Callable[[Card], Sequence[str]],
        only_met: bool = False,
    ) -> None:
        """Make the chat; *viewers* returns by which ids Teams knows those who see a card in a way of their own."""
        self._connector = connector
        self._references = references
        self._addresses = Addresses(
            connector, references, channels, seats, access=access, clock=clock, only_met=only_met
        )  # fmt: skip
        self._votes = Votes(store, clock, school)
        self._standing = Standing(store, clock, school)
        self._afterwards = afterwards
        self._viewers = viewers
        self._quiet = Quiet(clock)
        self._again = Again()
        self._standstill = Standstill(clock)
        # By conversation and key: number of a part to its id, of sendings that are not complete; and their references.
        self._begun: Recent[tuple[str, str], dict[int, str]] = Recent()
        self._sent: Recent[tuple[str, str], str] = Recent()
        self._drawn: Recent[tuple[str, str], Drawn] = Recent()
        self._shared: Recent[tuple[str, str], Card] = Recent()
        self._under_way: dict[str, set[asyncio.Future[None]]] = {}

    @property
    def trouble(self) -> str:
        """Return what is wrong with the whole tenant, as a sentence for its administrator, or ""."""
        return self._standstill.trouble

    def reaches(self, to: To) -> bool:
        """Tell whether Teams has a seat or a place for *to*."""
        return self._addresses.reaches(to)

    async def send(self, to: To, card: Card, key: str) -> str:
        """Say *card*, and return the reference of its messages.

        Raises:
            Undeliverable: It could not be said, or nobody can tell.
        """
        to = _alone(to)
        async with self._troubles_of(to, key):
            spot = await self._addresses.spot(to)
            with self._saying(spot.conversation):
                reference = await self._say_all(spot, self._parts_of(to, card), key)
                self._show(to, reference, card)
        return reference

    async def may_write(self, to: To) -> bool:
        """Tell whether Teams lets the bot write to a person, as far as it can be asked; it opens their private chat."""
        try:
            async with self._troubles_of(to, "opening a private chat"):
                await self._addresses.spot(to)
        except Undeliverable as error:
            return not error.for_good
        return True

    async def put(self, to: To, card: Json, summary: str) -> None:
        """Put an Adaptive Card that was drawn elsewhere into a chat, once; raises Undeliverable as `send` does."""
        to = _alone(to)
        async with self._troubles_of(to, f"put {summary}"):
            await self._say(await self._addresses.spot(to), Drawn(summary, card))

    async def redraw(self, to: To, reference: str, card: Card) -> None:
        """Replace what the messages show; parts are added or deleted where the card has grown or shrunk.

        Nothing happens where the message is gone, its person lets the bot say nothing, or it stands in another's chat.

        Raises:
            Undeliverable: It could not be replaced, or not wholly.
        """
        to = _alone(to)
        if to.reach is Reach.PERSON and self._addresses.is_blocked(to.id):
            return
        spot = self._addresses.spot_in(Reference.read(reference).conversation)
        if not self._addresses.reads_in(to, spot.conversation):
            return
        parts = await self._standing.parts(reference)
        async with self._troubles_of(to, reference):
            try:
                await self._replace(spot, parts, self._parts_of(to, card))
            finally:
                await self._standing.keep(reference, parts)
        self._show(to, reference, card)

    async def find(self, to: To, key: str) -> str | None:
        """Return the reference of what this process sent under *key*, if all of it was."""
        conversation = self._addresses.conversation(_alone(to))
        return self._sent.get((conversation, _mark(key))) if conversation else None

    # Cards that stand in a chat --------------------------------------------------------------

    async def shows_at(self, reference: str, conversation: str, activity_id: str) -> bool:
        """Tell whether the messages of *reference*, as they stand now, are there and one of them is *activity_id*."""
        stands_in = without_thread(Reference.read(reference).conversation)
        parts = await self._standing.parts(reference)
        return stands_in == without_thread(conversation) and activity_id in parts.values()

    async def said(self, conversation: str) -> None:
        """Wait until all that is being said in a conversation now has been said, or could not be.

        People see a message, and may press a button on it, before Teams has told the bot which message it is.
        """
        if under_way := self._under_way.get(without_thread(conversation)):
            await asyncio.wait(tuple(under_way))

    def card_at(self, conversation: str, activity_id: str) -> Card | None:
        """Return the card that a message of a shared place shows with its buttons, or None where it is not known."""
        return self._shared.get((without_thread(conversation), activity_id))

    def settled(self, conversation: str, activity_id: str, action: str, value: str) -> Json | None:
        """Return the card of a message as it is left once its button was pressed, or None where it is not known."""
        drawn = self._drawn.get((without_thread(conversation), activity_id))
        return settled(drawn.card, action, value) if drawn and drawn.card else None

    async def replace(self, conversation: str, activity_id: str, card: Json) -> None:
        """Show *card* in a message of the bot; raises PlatformTrouble where that can't be done."""
        drawn = self._drawn.get((without_thread(conversation), activity_id))
        changed = Drawn(drawn.summary if drawn else NAMELESS, card)
        if await self._change(self._addresses.spot_in(conversation), activity_id, changed):
            self._remember(conversation, activity_id, changed)

    async def vote(self, conversation: str, activity_id: str) -> Button | None:
        """Return the button that a vote on a message stands for, or None."""
        return await self._votes.cast(conversation, activity_id)

    # Saying ----------------------------------------------------------------------------------

    def _parts_of(self, to: To, card: Card) -> tuple[Drawn, ...]:
        if to.reach is Reach.PERSON:
            return messages(card, person=to.id)
        return messages(card, person=None, viewers=self._viewers(card))

    async def _say_all(self, spot: Spot, drawn: Sequence[Drawn], key: str) -> str:
        mark = (spot.conversation, _mark(key))
        if mark in self._sent:
            return self._sent[mark]
        begun = self._begun.setdefault(mark, {})
        for number, part in enumerate(drawn):
            if number not in begun:
                begun[number] = await self._say(spot, part)
        self._begun.pop(mark, None)
        reference = str(Reference(spot.conversation, tuple(begun[number] for number in sorted(begun))))
        self._sent[mark] = reference
        return reference

    async def _say(self, spot: Spot, part: Drawn) -> str:
        with self._quiet.minded(without_thread(spot.conversation)):
            id = await self._connector.send(spot.service_url, spot.conversation, activity(part))
        self._standstill.end()
        self._remember(spot.conversation, id, part)
        if part.feedback is not None and id:
            vote = self._votes.open(spot.conversation, id, part.feedback)
            self._afterwards.do("keeping what a vote is about", self._votes.keep(vote))
        return id

    @contextmanager
    def _saying(self, conversation: str) -> Iterator[None]:
        place, under_way = without_thread(conversation), asyncio.get_running_loop().create_future()
        self._under_way.setdefault(place, set()).add(under_way)
        try:
            yield
        finally:
            under_way.set_result(None)
            self._under_way[place].discard(under_way)
            if not self._under_way[place]:
                del self._under_way[place]

    def _show(self, to: To, reference: str, card: Card) -> None:
        if to.reach is Reach.PLACE:
            conversation, last = Reference.read(reference).conversation, self._standing.ids(reference)[-1]
            self._shared[without_thread(conversation), last] = card

    def _remember(self, conversation: str, activity_id: str, drawn: Drawn) -> None:
        self._drawn[without_thread(conversation), activity_id] = drawn

    # What was said before --------------------------------------------------------------------

    async def _replace(self, spot: Spot, parts: dict[int, str], drawn: Sequence[Drawn]) -> None:
        """Make *parts* show what is drawn, and note in it which messages they are now."""
        for number, part in enumerate(drawn):
            id = parts.get(number)
            if id and await self._change(spot, id, part):
                self._remember(spot.conversation, id, part)
            elif number == 0:
                return  # the message is gone
            else:  # a part that the card did not have, or that went when it shrank
                parts[number] = await self._say(spot, part)
        for number in sorted((each for each in parts if each >= len(drawn)), reverse=True):
            await self._change(spot, parts[number], None)
            del parts[number]

    async def _change(self, spot: Spot, activity_id: str, part: Drawn | None) -> bool:
        """Change one message, or delete it for None, and tell whether it was still there."""
        try:
            with self._quiet.minded(without_thread(spot.conversation)):
                if part is None:
                    await self._connector.delete(spot.service_url, spot.conversation, activity_id)
                else:
                    await self._connector.update(spot.service_url, spot.conversation, activity_id, activity(part))
        except TeamsRefusal as refusal:
            if refusal.status not in (FORBIDDEN, MISSING) or tenant_trouble(refusal):
                raise
            return False
        self._standstill.end()
        return True

    # Refusals --------------------------------------------------------------------------------

    @asynccontextmanager
    async def _troubles_of(self, to: To, key: str) -> AsyncIterator[None]:
        """Turn what went wrong on the way to *to* into what the worker understands."""
        attempt = f"{to.reach} {to.id} {_mark(key)}"
        try:
            async with self._standstill.minded():
                yield
        except Busy as busy:
            raise Undeliverable("Teams asks to wait.", retry_after=busy.retry_after) from busy
        except Passing as passing:
            self._addresses.lose(to)
            seconds = self._again.seconds(attempt)
            raise Undeliverable("Teams did not take it.", retry_after=seconds, unknown=seconds is None) from passing
        except OutcomeUnknown as unknown:
            raise Undeliverable("Teams did not answer.", unknown=True) from unknown
        except TeamsRefusal as refusal:
            raise self._judged(to, refusal) from refusal
        self._again.done(attempt)

    def _judged(self, to: To, refusal: TeamsRefusal) -> Undeliverable:
        if trouble := tenant_trouble(refusal):
            self._standstill.trouble = trouble
            if is_shut_out(refusal):
                self._standstill.begin()
        elif to.reach is Reach.PERSON and (refusal.status == MISSING or refusal.code == UNREADABLE):
            if self._addresses.conversation(to):
                self._references.forget_person(to.id)
                self._keep_references()
                return Undeliverable("Teams has closed this private chat.")
        elif to.reach is Reach.PERSON and refusal.status == FORBIDDEN:
            self._references.block_person(to.id)
            self._keep_references()
        return judged(refusal, self._addresses.described(to))

    def _keep_references(self) -> None:
        self._afterwards.do("remembering where people are", self._references.keep())


def _alone(to: To) -> To:
    """Return where something is said: what one person alone is to see, to them directly."""
    return To.person(to.only) if to.reach is Reach.PLACE and to.only else to


def _mark(key: str) -> str:
    """Return a short name for *key*, which may be long."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]
