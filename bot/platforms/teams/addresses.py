"""Where a recipient is in Teams: the conversation of a place, and the private chat of a person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakValueDictionary

from bot.domain.jobs import Reach, To
from bot.errors import Undeliverable
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.references import THREAD, References, TeamsReference
from bot.ports import Clock
from bot.settings.shapes import TeamsAccess

RAW = "teams:"
# For who was never met; Teams sends what arrives here to the right part of the world.
USUAL_SERVICE_URL = "https://smba.trafficmanager.net/teams/"
# An installation that the bot was not told of, because it did not run, shows by trying.
BLOCKED_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Spot:
    """A conversation, with its thread, and where Teams is called for it."""

    conversation: str
    service_url: str


class Addresses:
    """Finds the conversation that a recipient reads in.

    Args:
        channels: Name of a place in app.yaml to the id of its conversation.
        seats: Person id to Entra object id, or None.
        only_met: Reach only who was heard before: nobody else can be written to without an app id.
    """

    def __init__(
        self,
        connector: Connector,
        references: References,
        channels: Mapping[str, str],
        seats: Callable[[str], str | None],
        *,
        access: TeamsAccess,
        clock: Clock,
        only_met: bool = False,
    ) -> None:
        self._connector = connector
        self._references = references
        self._channels = channels
        self._seats = seats
        self._access = access
        self._clock = clock
        self._only_met = only_met
        self._creating: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def reaches(self, to: To) -> bool:
        """Tell whether *to* is a person with a seat, or a place; what one person alone sees needs their seat."""
        if to.reach is Reach.PERSON or to.only:
            person = to.only or to.id
            return self._seats(person) is not None and self._may_write(self._known(person))
        conversation = self._named(to.id)
        return conversation is not None and self._may_write(self._references.place(conversation))

    async def spot(self, to: To) -> Spot:
        """Return where *to* is; a private chat is opened the first time.

        Raises:
            Undeliverable: Teams has no such recipient, or lets the bot say nothing to them.
            PlatformTrouble: The private chat could not be opened.
        """
        if to.reach is Reach.PERSON:
            return await self._private(to.id)
        conversation = self._named(to.id)
        if conversation is None:
            raise Undeliverable("This place has no conversation in Teams.", for_good=True)
        return self.spot_in(f"{conversation}{THREAD}{to.thread}" if to.thread else conversation)

    def spot_in(self, conversation: str) -> Spot:
        """Return where Teams is called for a conversation that is known by its id."""
        return Spot(conversation, self._references.service_url_of(conversation) or USUAL_SERVICE_URL)

    def conversation(self, to: To) -> str | None:
        """Return the conversation of *to* where it is known, with its thread."""
        if to.reach is Reach.PERSON:
            known = self._known(to.id)
            return known.conversation or None if known else None
        conversation = self._named(to.id)
        return f"{conversation}{THREAD}{to.thread}" if conversation and to.thread else conversation

    def reads_in(self, to: To, conversation: str) -> bool:
        """Tell whether what stands in *conversation* is still before the eyes of *to*, as far as is known."""
        if to.reach is Reach.PERSON:
            return self.conversation(to) == conversation
        return self._may_write(self._references.place(conversation))

    def lose(self, to: To) -> None:
        """Take it that a trial on this machine is over, and that nobody reads there any more."""
        if self._only_met and to.reach is Reach.PERSON:
            self._references.forget_person(to.id)
        elif self._only_met and (conversation := self._named(to.id)):
            self._references.forget_place(conversation)

    def is_blocked(self, person_id: str) -> bool:
        """Tell whether Teams has lately refused to let the bot say anything to a person, and they were silent since."""
        known = self._known(person_id)
        return known is not None and known.blocked is not None and self._clock.now() < known.blocked + BLOCKED_FOR

    def described(self, to: To) -> str:
        """Return how an administrator knows the place: `the channel of slt (19:…)`; "" for a private chat."""
        if to.reach is Reach.PERSON:
            return ""
        if to.id in self._channels:
            return f"the channel of {to.id} ({self._channels[to.id]})"
        return f"the conversation {to.id.removeprefix(RAW)}"

    def _named(self, place: str) -> str | None:
        if place in self._channels:
            return self._channels[place]
        return place.removeprefix(RAW) or None if place.startswith(RAW) else None

    def _known(self, person_id: str) -> TeamsReference | None:
        """Return where a person is reached; the chat of whoever had this id in app.yaml before them is forgotten."""
        known = self._references.person(person_id)
        if known is not None and known.seat not in ("", self._seats(person_id)):
            self._references.forget_person(person_id)
            return None
        return known

    def _may_write(self, known: TeamsReference | None) -> bool:
        return known is not None or not self._only_met

    # Private chats ---------------------------------------------------------------------------

    async def _private(self, person_id: str) -> Spot:
        known = self._opened(person_id)
        if known is None:
            lock = self._creating.setdefault(person_id, asyncio.Lock())
            async with lock:
                known = self._opened(person_id) or await self._create(person_id)
        return Spot(known.conversation, known.service_url)

    def _opened(self, person_id: str) -> TeamsReference | None:
        if self.is_blocked(person_id):
            raise Undeliverable("Teams does not let the bot write to this person.", for_good=True)
        known = self._known(person_id)
        return known if known is not None and known.conversation else None

    async def _create(self, person_id: str) -> TeamsReference:
        seat = self._seats(person_id)
        if seat is None or self._only_met:
            raise Undeliverable("This person has no seat in Teams.", for_good=True)
        service_url, tenant = self._references.service_url or USUAL_SERVICE_URL, self._access.tenant
        conversation = await self._connector.create(
            service_url,
            {
                "bot": {"id": f"28:{self._access.app_id}"},
                "members": [{"id": seat}],
                "isGroup": False,
                "tenantId": tenant,
                "channelData": {"tenant": {"id": tenant}},
            },
        )
        # Written to for the first time, so that Teams' own name for them is not known yet.
        self._references.note_person(
            person_id, conversation=conversation, service_url=service_url, tenant=tenant, user="", seat=seat
        )  # fmt: skip
        await self._references.keep()
        known = self._references.person(person_id)
        assert known is not None
        return known
