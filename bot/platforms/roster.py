"""Who somebody is on one platform, and which roles its groups give them, as far as the platform has told."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import Generic

from bot.directory import joined
from bot.domain.people import Person, Role, Seat
from bot.platforms.accounts import A, Accounts, Standing
from bot.platforms.groups import Groups
from bot.platforms.shared import SharedCalls
from bot.ports import Clock
from bot.settings.shapes import StaffRule

STRANGER = "Somebody outside the school"
MOST_LEARNT = 20
_SEATS = {Standing.MEMBER: Seat.MEMBER, Standing.GUEST: Seat.GUEST, Standing.OUTSIDER: Seat.OUTSIDER}


class AccountRoster(ABC, Generic[A]):
    """The Roster over one platform's accounts; how an account is looked up is the platform's own matter.

    Args:
        platform: What the ids of people who are not listed begin with.
        listed: User id to the person whom app.yaml lists.
    """

    def __init__(
        self, platform: str, listed: Mapping[str, Person], accounts: Accounts[A], groups: Groups, *,
        staff: StaffRule, clock: Clock,
    ) -> None:  # fmt: skip
        self._prefix = f"{platform}:"
        self._listed = listed
        self._users_listed = {person.id: user_id for user_id, person in listed.items()}
        self._accounts = accounts
        self._groups = groups
        self._staff = staff
        self._clock = clock
        self._calls = SharedCalls()

    @property
    def version(self) -> int:
        """Return a number that grows with each change of what is known."""
        return self._accounts.version + self._groups.version

    async def close(self) -> None:
        """End the look-ups that are under way, and save what events have told."""
        await self._groups.calls.close()
        await self._calls.close()
        await self._accounts.keep()

    async def learn(self, user_ids: Collection[str]) -> None:
        """Look up those of *user_ids* that are not known, twenty at most; who can't be looked up stays unknown."""
        unknown = [each for each in dict.fromkeys(user_ids) if not self._accounts.current(each)][:MOST_LEARNT]
        await asyncio.gather(*(self._look_up(each) for each in unknown))
        await self._accounts.keep()

    async def fresh(self) -> None:
        """Fetch the groups that were fetched too long ago; one that can't be fetched gives no role until it can."""
        await self._groups.fresh()
        await self._accounts.keep()

    @property
    def roles_in_doubt(self) -> bool:
        """Tell whether a group whose members hold a role has changed, or was fetched too long ago."""
        return self._groups.in_doubt

    def group_changed(self, id: str) -> None:
        """Have the group fetched again by the next `fresh`."""
        self._groups.changed(id)

    def person_id(self, user_id: str) -> str:
        """Return the id of the person whose account this is."""
        person = self._listed.get(user_id)
        return person.id if person else self._prefix + user_id

    def seat(self, person_id: str) -> str | None:
        """Return the user id of a person, or None where they have none here."""
        if person_id in self._users_listed:
            return self._users_listed[person_id]
        user_id = person_id.removeprefix(self._prefix)
        met = user_id in self._listed or self._accounts.get(user_id) is not None
        return user_id if met and person_id.startswith(self._prefix) else None

    def name(self, user_id: str) -> str:
        """Return what people call the person whose account this is; of an unknown one, its id."""
        person, member = self._listed.get(user_id), self._accounts.get(user_id)
        return person.name if person else member.name if member else user_id

    def seats(self) -> Mapping[str, Seat]:
        """Return person id to seat."""
        seats = ((member.id, self._seat_of(member)) for member in self._accounts.all())
        return {self.person_id(user_id): seat for user_id, seat in seats if seat is not None}

    def met(self) -> tuple[Person, ...]:
        """Return the people who are not listed, those who left since they were met included."""
        people = (self._met_person(member) for member in self._accounts.all() if member.id not in self._listed)
        return tuple(person for person in people if person is not None)

    def holders(self) -> Mapping[Role, frozenset[str]]:
        """Return role to the ids of the full members who hold it by being in a group."""
        full = {member.id for member in self._accounts.all() if self._seat_of(member) is Seat.MEMBER}
        return {role: frozenset(map(self.person_id, users & full)) for role, users in self._groups.by_role().items()}

    async def _look_up(self, user_id: str) -> None:
        await self._calls.call(user_id, lambda: self._ask_about(user_id))

    @abstractmethod
    async def _ask_about(self, user_id: str) -> None:
        """Ask the platform for the account and note it; where it can't be asked, change nothing."""

    def _person(self, user_id: str) -> Person | None:
        """Return who acts, with the roles that they hold by group."""
        person, member = self._listed.get(user_id), self._accounts.get(user_id)
        if member is None:
            return person
        seat = self._seat_of(member)
        person = person or self._met_person(member)
        if seat is None or person is None:
            return None
        roles = [role for role, users in self._groups.by_role().items() if user_id in users]
        return joined(person, (seat,), roles, self._clock.now().date())

    def _met_person(self, member: A) -> Person | None:
        seat = self._seat_of(member)
        if seat is None and member.left is None:
            return None
        roles = frozenset({Role.STAFF}) if seat is Seat.MEMBER else frozenset[Role]()
        return Person(self._prefix + member.id, member.name, roles, left=member.left, seat=seat or Seat.GUEST)

    def _seat_of(self, member: A) -> Seat | None:
        """Return the seat, or None where nobody chats with this account."""
        if member.standing is Standing.MEMBER and self._staff is StaffRule.LISTED and member.id not in self._listed:
            return Seat.GUEST
        return _SEATS.get(member.standing)
