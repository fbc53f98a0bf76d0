"""Who people are and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    """What a person holds in the school (domain roles; one person may hold several)."""

    STAFF = "staff"
    SLT = "slt"
    HEAD = "head"
    ADMINISTRATOR = "administrator"
    DSL = "dsl"
    DPO = "dpo"
    CHAIR = "chair"


class Seat(StrEnum):
    """What kind of account somebody chats with (contract 8)."""

    MEMBER = "member"
    GUEST = "guest"
    OUTSIDER = "outsider"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named in app.yaml, or met on a platform.

    Attributes:
        seat: A guest of the workspace or tenant may do little, somebody of another organisation nothing.
        contact_only: Has no chat seat and is reached by phone or e-mail.
        left: The last day in the school's service, or None while they work here.
    """

    id: str
    name: str
    roles: frozenset[Role]
    email: str = ""
    phone: str = ""
    contact_only: bool = False
    left: date | None = None
    seat: Seat = Seat.MEMBER

    def holds(self, role: Role) -> bool:
        """Tell whether this person holds *role*."""
        return role in self.roles

    def works_here(self, today: date) -> bool:
        """Tell whether this is a member of staff with a chat seat on *today*."""
        return Role.STAFF in self.roles and not self.contact_only and not self.has_left(today)

    def has_left(self, today: date) -> bool:
        """Tell whether the last working day lies before *today*."""
        return self.left is not None and self.left < today
