"""What the program needs of Teams before it is put together: the roster, and the chat for the worker."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.cards import Card
from bot.domain.people import Role
from bot.platforms.afterwards import Afterwards
from bot.platforms.teams.chat import TeamsChat
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.credentials import credentials_of
from bot.platforms.teams.hosts import ServiceHosts
from bot.platforms.teams.keys import KeyRing
from bot.platforms.teams.references import References
from bot.platforms.teams.roster import TeamsRoster
from bot.ports import Clock, SchoolStore
from bot.settings.shapes import Settings, TeamsAccess
from bot.stores.memory import MemoryStore

LAST_SECONDS = 1.0


class TeamsPlatform:
    """One school's tenant; without an app id, whoever is on this machine is anybody, for trying out."""

    def __init__(
        self, settings: Settings, access: TeamsAccess, store: SchoolStore, clock: Clock, keys: KeyRing | None = None
    ) -> None:
        """Make what *access* asks for; *keys* may be shared with other schools."""
        self.access = access
        self.clock = clock
        self.afterwards = Afterwards()
        self._leaders = {person.id for person in settings.persons if person.holds(Role.SLT)}
        self.hosts = ServiceHosts(access.service_hosts, loopback=not access.authenticated)
        self.keys = (keys or KeyRing(clock)).of(access.openid_url)
        self._has_keys = False
        self.connector = Connector(credentials_of(access, clock), self.hosts)
        self.channels = {name: channel.teams for name, channel in settings.channels.items() if channel.teams}
        # Whom a trial on this machine met is made up, and gone with it.
        kept = store if access.authenticated else MemoryStore().of(settings.school.id)
        self.references = References(kept, clock, settings.school.id, believes=self.hosts.allows)
        self.roster = TeamsRoster(
            self.connector, self.references, settings.people, staff=settings.staff, roles=settings.roles,
            access=access, store=kept, clock=clock, school=settings.school.id,
        )  # fmt: skip
        self.chat = TeamsChat(
            self.connector, self.references, self.channels, self.roster.seat, access=access, clock=clock,
            store=kept, school=settings.school.id, afterwards=self.afterwards, viewers=self.viewers,
            only_met=not access.authenticated,
        )  # fmt: skip

    def viewers(self, card: Card) -> Sequence[str]:
        """Return by which ids Teams knows those for whom *card* is drawn in a way of its own in a shared place.

        They are the people who may press something on it, and SLT, whose places these are.
        """
        pressing = [person for button in card.buttons for person in sorted(button.visible_to or ())]
        leading = sorted(self._leaders | self.roster.holders().get(Role.SLT, frozenset()))
        return [mri for person in dict.fromkeys([*pressing, *leading]) if (mri := self.roster.mri(person))]

    async def open(self) -> None:
        """Read who was met and where, and get the connections ready."""
        await self.connector.open()
        if self.access.authenticated:
            await self.keys.open()
            self._has_keys = True
        await self.references.open()
        await self.roster.open()
        self.afterwards.do("meeting those who read the school's places", self.roster.meet(self.channels.values()))

    async def close(self) -> None:
        """Let go of Teams, once what the last messages led to is kept."""
        await self.afterwards.close(LAST_SECONDS)
        await self.roster.close()
        await self.references.keep()
        if self._has_keys:
            self._has_keys = False
            await self.keys.close()
        await self.connector.close()
