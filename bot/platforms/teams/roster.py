"""Who somebody is in Teams, and which roles the school's teams and channels give them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.conversation.events import Json
from bot.domain.people import Person, Role, Seat
from bot.platforms.accounts import Accounts, Standing, one_line
from bot.platforms.acting import LOOK_UP_SECONDS
from bot.platforms.groups import Groups, code_of
from bot.platforms.roster import STRANGER, AccountRoster
from bot.platforms.teams.accounts import TeamsMember, read_mri, read_name, read_standing, read_tenant, read_user
from bot.platforms.trouble import Busy, OutcomeUnknown, PlatformTrouble
from bot.ports import Clock, SchoolStore
from bot.settings.shapes import Listed, RoleSource, StaffRule, TeamsAccess

PAUSE = timedelta(seconds=30)

log = logging.getLogger("smpolicy.teams.roster")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who an activity comes from, as it says.

    Attributes:
        user: The Entra object id in small letters, or "" for somebody who has none.
        mri: By which id Teams knows them towards this bot.
        conversation: Where they spoke, without a thread.
    """

    user: str
    mri: str
    name: str
    tenant: str
    conversation: str
    service_url: str
    is_bot: bool


class Spot(Protocol):
    """A conversation, and where Teams is asked about it."""

    @property
    def conversation(self) -> str: ...
    @property
    def service_url(self) -> str: ...
    @property
    def tenant(self) -> str: ...


class Spots(Protocol):
    """The conversations that the bot was met in; *service_url* is where Teams was last heard from, or ""."""

    @property
    def service_url(self) -> str: ...
    def person(self, person_id: str, /) -> Spot | None: ...
    def service_url_of(self, conversation: str, /) -> str: ...


class MemberCalls(Protocol):
    """The two calls by which Teams tells of people; both raise a PlatformTrouble."""

    async def member(self, service_url: str, conversation: str, user: str, /) -> Mapping[str, Json]: ...
    async def members(self, service_url: str, conversation: str, /) -> Sequence[Mapping[str, Json]]: ...


class TeamsRoster(AccountRoster[TeamsMember]):
    """The Roster of one school's tenant; `open` before use, `close` at the end.

    Without an app id, for trying out on one machine, everybody is of the school's tenant.
    """

    def __init__(
        self, calls: MemberCalls, spots: Spots, people: Iterable[Listed], *, staff: StaffRule,
        roles: Mapping[Role, RoleSource], access: TeamsAccess, store: SchoolStore, clock: Clock, school: str,
    ) -> None:  # fmt: skip
        listed = {each.teams.lower(): each.person for each in people if each.teams}
        of_role = {role: tuple(filter(None, (each.teams_team, each.teams_channel))) for role, each in roles.items()}
        super().__init__(
            "teams", listed, Accounts(TeamsMember, store, clock, keep_always=listed),
            Groups(of_role, self._members_of, clock, pause=PAUSE), staff=staff, clock=clock,
        )  # fmt: skip
        self._teams = calls
        self._spots = spots
        self._everywhere = not access.authenticated
        self._tenant = access.tenant.lower()
        self._school = school
        self._heard_at = ""
        self._quiet_until: datetime | None = None

    async def open(self) -> None:
        """Read who was met before, and ask Teams for the groups; what fails or takes long is seen to at use."""
        await self._accounts.open()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_UP_SECONDS):
                await self.fresh()

    async def who(self, speaker: Speaker) -> Person | None:
        """Return who acts, or None for a bot.

        Somebody of another tenant is an outsider, whatever else is known of them. Where Teams can't be asked, whoever
        is known stays as they were last known, and anybody else of the tenant is a guest until it can.
        """
        user = _user(speaker)
        if self._is_ours(speaker):
            self._heard_at = speaker.service_url
            if not self._accounts.current(user):
                spots = self._spots_of(user, speaker)
                await self._calls.call(user, lambda: self._ask(user, speaker.mri or user, spots))
        person = self.known(speaker)
        await self._accounts.keep()
        return person

    async def fresh(self) -> None:
        """Fetch the groups that were fetched too long ago, once Teams has been heard from and so can be asked."""
        if self._spots.service_url or self._heard_at:
            await super().fresh()

    async def meet(self, conversations: Iterable[str]) -> None:
        """Get to know the members of *conversations*, so that Teams can be told for whom a card is drawn there."""
        for conversation in conversations if self._spots.service_url else ():
            try:
                await self._members_of(conversation)
            except PlatformTrouble as trouble:
                log.info("could not meet the members of a conversation: %s", code_of(trouble))
        await self._accounts.keep()

    def known(self, speaker: Speaker) -> Person | None:
        """Return who acts as `who` does while Teams can't be asked."""
        user = _user(speaker)
        if speaker.is_bot or not user:
            return None
        ours = self._is_ours(speaker)
        self._suppose(user, speaker, Standing.GUEST if ours else Standing.OUTSIDER)
        person = self._person(user)
        # They may be of the school all the same, so nothing is noted of them: what they do here counts for nothing.
        return person if ours or person is None else replace(person, roles=frozenset(), seat=Seat.OUTSIDER)

    def mri(self, person_id: str) -> str:
        """Return by which id Teams knows a person towards this bot, or "" where it has not said."""
        member = self._accounts.get(self.seat(person_id) or "")
        return member.mri if member else ""

    def forget(self, user: str) -> None:
        """Take it that the account has left the tenant, until it is heard of again."""
        if member := self._accounts.get(user.lower()):
            self._accounts.note(replace(member, standing=Standing.GONE))
            self._accounts.doubt(member.id)

    def _is_ours(self, speaker: Speaker) -> bool:
        """Tell whether it is a person of the school's tenant who speaks."""
        return bool(speaker.user) and not speaker.is_bot and self._is_own(speaker.tenant)

    def _is_own(self, tenant: str) -> bool:
        return self._everywhere or (bool(tenant) and tenant.lower() == self._tenant)

    def _suppose(self, user: str, speaker: Speaker, standing: Standing) -> None:
        """Take somebody of whom Teams has not told for *standing*; who is listed is who they are."""
        member = self._accounts.get(user)
        here = standing is Standing.GUEST
        if member is None:
            if user in self._listed:
                return
        elif member.standing is Standing.GONE:
            if not here:
                return
        elif self._accounts.vouched(user):
            if here and speaker.mri and speaker.mri != member.mri:
                self._accounts.suppose(replace(member, mri=speaker.mri))
            return
        name = one_line(speaker.name) or STRANGER
        self._accounts.suppose(TeamsMember(self._school, user, name, standing, mri=speaker.mri))

    async def _ask_about(self, user_id: str) -> None:
        await self._ask(user_id, user_id, self._spots_of(user_id))

    def _spots_of(self, user: str, *heard: Spot) -> tuple[Spot, ...]:
        """Return where a person can be asked about: where they spoke, and their own chat with the bot."""
        own = self._spots.person(self.person_id(user))
        spots = {spot.conversation: spot for spot in (*heard, own) if spot is not None and spot.conversation}
        return tuple(spots.values())

    async def _ask(self, user: str, name: str, spots: Iterable[Spot]) -> None:
        """Ask Teams in turn at each of *spots* for the account that it calls *name*, and note the first answer."""
        if self._quiet_until is not None and self._clock.now() < self._quiet_until:
            return
        trouble: PlatformTrouble | None = None
        for spot in spots:
            told = self._accounts.told
            try:
                record = await self._teams.member(spot.service_url, spot.conversation, name)
            except (Busy, OutcomeUnknown) as error:
                trouble = error
                break
            except PlatformTrouble as error:
                # Nobody is in every conversation, and neither is the bot.
                trouble = error
                continue
            self._heard_of(user, name, record, spot, told)
            return
        self._not_looked_up(user, trouble)

    def _heard_of(self, user: str, name: str, record: Mapping[str, Json], spot: Spot, told: int) -> None:
        """Note what Teams says of *user*, whom it calls *name*, unless something newer was heard meanwhile."""
        if (read_user(record) or read_mri(record)) not in (user, name):
            log.warning("could not look up %s: Teams answered something else", user)
        elif not self._accounts.told_since(user, told):
            self._accounts.note(self._read(user, record, read_tenant(record) or spot.tenant))

    def _not_looked_up(self, user: str, trouble: PlatformTrouble | None) -> None:
        if trouble is not None:
            log.warning("could not look up %s: %s", user, code_of(trouble))
        if isinstance(trouble, Busy):
            self._quiet_until = self._clock.now() + timedelta(seconds=trouble.retry_after)

    async def _members_of(self, conversation: str) -> frozenset[str]:
        """Return the Entra ids of a conversation's members, and note what Teams says of each."""
        told = self._accounts.told
        service_url = self._spots.service_url_of(conversation) or self._heard_at
        records = await self._teams.members(service_url, conversation)
        members = [self._read(read_user(each), each, read_tenant(each)) for each in records if self._tells_who(each)]
        for member in members:
            if not self._accounts.told_since(member.id, told):
                self._accounts.note(member)
        return frozenset(member.id for member in members)

    def _tells_who(self, record: Json) -> bool:
        """Tell whether it can be told who it is: in a shared channel, people of other tenants stand beside ours."""
        return isinstance(record, Mapping) and bool(read_user(record) and (self._everywhere or read_tenant(record)))

    def _read(self, user: str, record: Mapping[str, Json], tenant: str) -> TeamsMember:
        standing = read_standing(record, ours=self._is_own(tenant))
        mri = read_mri(record) or self.mri(self.person_id(user))
        return TeamsMember(self._school, user, read_name(record) or user, standing, mri=mri)


def _user(speaker: Speaker) -> str:
    """Return the id of the account: Entra's, or Teams' own for somebody who has none there."""
    return speaker.user.lower() or speaker.mri
