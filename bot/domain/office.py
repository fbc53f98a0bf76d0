"""The school as a judgement needs it: who holds what today, and the school's own settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, ClassVar

from bot.domain.calendar import WorkingWeek
from bot.domain.guidance import Guidance
from bot.domain.people import Person, Role


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody outside the chat, as a card shows them."""

    name: str
    phone: str = ""
    email: str = ""
    hours: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class School:
    """One school's own facts and settings.

    Attributes:
        contacts: `dpo`, `lado`, `social_care_out_of_hours` … to the card's facts.
        press_duty: Ids of the people tried in turn when a journalist waits.
        safety_duty: Ids of the named SLT on duty for reports.
        duty_minutes: Minutes that each of them has before the next one is tried.
        quorum: SLT votes of one kind that carry an application (`slt_quorum`).
        draft_days: Days that an unfinished form is kept.
        remind_days: Working days after which a pending step is reminded of, a school target.
        escalate_days: Working days after which a pending step is escalated, a school target.
        unopened_minutes: Minutes after which an unopened report is pinged again.
        exception_review_days: Days after which an exception that SLT granted is looked at again (G7).
        gap_days: Days that a question which the policy did not answer is kept for SLT.
    """

    id: str
    name: str
    week: WorkingWeek
    aliases: tuple[str, ...] = ()
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    out_of_hours: str = ""
    holding_words: str = ""
    press_duty: tuple[str, ...] = ()
    safety_duty: tuple[str, ...] = ()
    duty_minutes: int = 5
    quorum: int = 2
    draft_days: int = 30
    remind_days: int = 1
    escalate_days: int = 3
    unopened_minutes: int = 30
    exception_review_days: int = 30
    gap_days: int = 180
    guidance: Guidance = field(default_factory=Guidance)


CHANGEABLE: Mapping[str, tuple[str, int, int]] = {
    "quorum": ("SLT votes that decide an application", 1, 20),
    "draft_days": ("Days that an unfinished form is kept", 1, 365),
    "remind_days": ("Working days until a pending step is reminded of", 1, 30),
    "escalate_days": ("Working days until others are told that a step waits", 1, 60),
    "unopened_minutes": ("Minutes until an unopened report is announced again", 5, 240),
    "duty_minutes": ("Minutes that each person on duty has", 1, 60),
    "exception_review_days": ("Days until an exception is looked at again", 1, 365),
    "gap_days": ("Days that an unanswered question is kept", 1, 365),
}
"""Settings that SLT may change: the field of School to what it means, its lowest and its highest value."""


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting that SLT changed: once confirmed, it holds instead of app.yaml's first value.

    Attributes:
        id: The field of School; with `?` behind it while the change waits for a second member of SLT.
        confirmed_by: The id of that second member, or "".
    """

    INDEXES: ClassVar[tuple[str, ...]] = ()
    school: str
    id: str
    value: int
    changed_by: str
    changed_at: datetime
    reason: str
    confirmed_by: str = ""
    version: int = 0
    due_at: datetime | None = None


def as_changed(school: School, changes: Iterable[SettingChange]) -> School:
    """Return *school* with what SLT has changed."""
    values: dict[str, Any] = {each.id: each.value for each in changes if each.id in CHANGEABLE}
    return replace(school, **values) if values else school


@dataclass(frozen=True, slots=True)
class ActingHead:
    """Somebody whom the Head named beforehand to act for them, first and last day included (G2)."""

    INDEXES: ClassVar[tuple[str, ...]] = ()
    school: str
    id: str
    person: str
    first: date
    last: date
    named_by: str
    named_at: datetime
    version: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Office:
    """Everything outside a case that a judgement about it may depend on, at one moment.

    Attributes:
        now: The present moment in the school's time zone.
        policy: The version of the policy in force.
    """

    school: School
    people: tuple[Person, ...]
    acting: tuple[ActingHead, ...]
    now: datetime
    policy: str

    @property
    def today(self) -> date:
        """Return the day at the school."""
        return self.now.date()

    def person(self, person_id: str) -> Person | None:
        """Return the person with this id, or None."""
        return next((each for each in self.people if each.id == person_id), None)

    def name(self, person_id: str) -> str:
        """Return how people know *person_id*; a name that is no id stands for itself."""
        person = self.person(person_id)
        return person.name if person else person_id

    def holders(self, role: Role) -> tuple[Person, ...]:
        """Return who holds *role* today and has a chat seat, in app.yaml's order."""
        return tuple(p for p in self.people if p.holds(role) and not p.contact_only and not p.has_left(self.today))

    def contact_for(self, role: Role) -> Contact | None:
        """Return the card of the first holder of *role*, or the contact of that name."""
        for person in self.people:
            if person.holds(role) and not person.has_left(self.today) and (person.phone or person.email):
                return Contact(person.name, person.phone, person.email)
        return self.school.contacts.get(role.value)

    def is_head(self, person: Person) -> bool:
        """Tell whether *person* is the Head Teacher."""
        return person.holds(Role.HEAD) and not person.has_left(self.today)

    def is_acting_head(self, person: Person) -> bool:
        """Tell whether *person* was named to act for the Head today."""
        return person.works_here(self.today) and any(
            each.person == person.id and each.first <= self.today <= each.last for each in self.acting
        )
