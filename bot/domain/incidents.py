"""Reports: the record, what its answers say, and who is on the case (SCO-15, BEH-9, SLT-3/4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from bot.domain.office import Office
from bot.domain.people import Person, Role
from bot.domain.report_routes import Category, Matter, Route, Row, concerned_people, route
from bot.domain.workflow import Step

Json = Any

BREACH_HOURS = timedelta(hours=72)
FIRST_REMINDERS = 4
SELDOM_MINUTES = 480
DATA_PROTECTION = "A breach of data protection"


class State(StrEnum):
    """Where an incident stands."""

    DRAFT = "draft"
    SENT = "sent"
    SEALED = "sealed"
    OPEN = "open"
    CLOSED = "closed"
    LAPSED = "lapsed"


class Image(StrEnum):
    """The answer to the question that comes before anything else about an image (IMG-8)."""

    YES = "Yes"
    NO = "No"
    NOT_SURE = "Not sure"


class Agency(StrEnum):
    """Whom people on a case may involve; the bot contacts none of them."""

    POLICE = "Police"
    LADO = "LADO"
    SOCIAL_CARE = "Children's social care"
    DATA_PROTECTION = "Data protection officer or ICO"
    PLATFORM = "The platform"
    CEOP = "CEOP"
    HELPLINE = "Professionals Online Safety Helpline"


SENT_STATES = (State.SENT, State.SEALED, State.OPEN, State.CLOSED)
HANDLED = (State.SENT, State.OPEN)


@dataclass(frozen=True, slots=True)
class Note:
    """Words that somebody added, with when."""

    by: str
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Involvement:
    """An agency that was involved, as a tracked step.

    Attributes:
        name: What tells it from the others of its case.
        contact: Whom one spoke to, or "".
        when: When that was or will be, as typed.
        done: When it was marked as done, or None.
    """

    name: str
    agency: str
    contact: str
    when: str
    why: str
    by: str
    at: datetime
    done: datetime | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """A report and what was done about it.

    Attributes:
        answers: Field name to normalised value, as the form's fields read them; empty once a draft has lapsed.
        to: Ids of those it was sent to, who see everything.
        limited: Ids of those who see what kind it is and where, and who leads.
        joined: Ids of those who were brought in, and of the data protection officer.
        access: All of them; nobody else may know that it exists, the reporter apart.
        lead: The id of who has the lead, or "" (SLT-3).
        assessment: Field name to value, as last recorded (SLT-4).
        breach_decision: Field name to value, once recorded.
        called: Ids of those who were brought in last.
        reminders: How often it was said again because nobody had opened it.
        chair: The chair of governors' reference, where the chair had somebody put on the case.
    """

    INDEXES: ClassVar[tuple[str, ...]] = ("reporter", "access")
    school: str
    id: str
    reporter: str
    answers: Mapping[str, Json]
    policy: str
    begun: datetime
    state: State = State.DRAFT
    stage: int = 0
    history: tuple[Step, ...] = ()
    to: tuple[str, ...] = ()
    limited: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    lead: str = ""
    notes: tuple[Note, ...] = ()
    assessment: Mapping[str, Json] | None = None
    involvements: tuple[Involvement, ...] = ()
    breach_decision: Mapping[str, Json] | None = None
    outcome: str = ""
    deleted: datetime | None = None
    called: tuple[str, ...] = ()
    reminders: int = 0
    chair: str = ""
    version: int = 0
    due_at: datetime | None = None

    @property
    def category(self) -> Category:
        """Return what it is about; OTHER once a draft has lapsed."""
        return Category(self.answers.get("category") or Category.OTHER)

    @property
    def image(self) -> bool:
        """Tell whether there is an image that is, or may be, indecent (G13)."""
        return maybe_indecent(self.answers)

    @property
    def child(self) -> bool:
        """Tell whether a child is involved or at risk."""
        return matter_of(self.reporter, self.answers).child or self.image

    @property
    def breach(self) -> bool:
        """Tell whether it could be a data breach."""
        return matter_of(self.reporter, self.answers).breach

    @property
    def breach_due(self) -> datetime:
        """Return when the 72 hours end; the strictest reading counts from when the report was begun."""
        return self.begun + BREACH_HOURS

    @property
    def openings(self) -> tuple[Step, ...]:
        """Return every opening: who and when."""
        return tuple(step for step in self.history if step.move == "open")

    def opening(self, person: str) -> Step | None:
        """Return when *person* first opened it, or None."""
        return next((step for step in self.openings if step.by == person), None)

    def own_image(self) -> bool:
        """Tell whether there is a picture that is clearly not indecent, to be deleted by who took it (IMG-8)."""
        taken_by_reporter = self.category in (Category.IMAGE, Category.MISTAKE)
        return taken_by_reporter and with_image(self.answers) and self.answers.get("indecent") == Image.NO


# What the answers say ------------------------------------------------------------------------


MAY_HAVE_IMAGE = (Category.MISTAKE, Category.CONTACT)
"""Categories in which it is asked whether there is an image, before anything else is."""


def maybe_indecent(answers: Mapping[str, Json]) -> bool:
    """Tell whether the image question was answered by anything but a plain no."""
    return with_image(answers) and answers.get("indecent") in (Image.YES, Image.NOT_SURE)


def with_image(answers: Mapping[str, Json]) -> bool:
    """Tell whether there is an image, so that the question of IMG-8 comes first."""
    category = answers.get("category")
    return category == Category.IMAGE or (category in MAY_HAVE_IMAGE and bool(answers.get("image")))


def about_adult(answers: Mapping[str, Json]) -> bool:
    """Tell whether it is about another adult who works or helps here."""
    category = answers.get("category")
    asked = category not in (Category.MISTAKE, Category.TAKEN_OVER)
    return category == Category.COLLEAGUE or (asked and bool(answers.get("adult")))


def about_child(answers: Mapping[str, Json]) -> bool:
    """Tell whether a child is involved: by the answer, by the category, or since an image may be indecent."""
    return bool(answers.get("child")) or answers.get("category") == Category.CONTACT or maybe_indecent(answers)


def of_data_protection(answers: Mapping[str, Json]) -> bool:
    """Tell whether the kind of conduct says already that it could be a data breach."""
    return answers.get("category") == Category.CONDUCT and answers.get("kind") == DATA_PROTECTION


def matter_of(reporter: str, answers: Mapping[str, Json]) -> Matter:
    """Return what the route of these answers depends on."""
    return Matter(
        category=Category(answers.get("category") or Category.OTHER),
        reporter=reporter,
        child=about_child(answers),
        adult=about_adult(answers),
        subjects=tuple(answers.get("who") or ()) if about_adult(answers) else (),
        breach=of_data_protection(answers) or bool(answers.get("breach")),
        image=maybe_indecent(answers),
    )


def route_of(case: Incident, office: Office) -> Route:
    """Return where the report goes, or would go, today."""
    return route(matter_of(case.reporter, case.answers), office)


def subjects(case: Incident, office: Office) -> frozenset[str]:
    """Return the ids of the people of the school whom it is about."""
    return frozenset(person.id for person in concerned_people(matter_of(case.reporter, case.answers), office))


def free_dsls(case: Incident, office: Office) -> tuple[str, ...]:
    """Return the safeguarding leads whom the chair can have put on a sealed case; none where one is concerned."""
    leads = tuple(person.id for person in office.holders(Role.DSL))
    return () if subjects(case, office) & set(leads) else leads


# Who -----------------------------------------------------------------------------------------


def known_to(case: Incident, person: Person, office: Office) -> bool:
    """Tell whether *person* may know that the case exists: its reporter and those on it, by name, nobody by role."""
    if person.id == case.reporter:
        return True
    return person.id in case.access and person.id not in subjects(case, office)


def on_case(case: Incident, person: Person, office: Office) -> bool:
    """Tell whether *person* sees the words of the report and works on it."""
    return person.id in (*case.to, *case.joined) and person.id not in subjects(case, office)


def has_access(case: Incident, person: Person, office: Office) -> bool:
    """Tell whether *person* may open it, in full or in part."""
    return person.id in case.access and person.id not in subjects(case, office)


def stays(case: Incident, office: Office) -> State:
    """Return the state that it is in."""
    return case.state


def adult_here(case: Incident, office: Office) -> bool:
    """Tell whether it is about somebody who works or helps here, the reporter included."""
    people = (Row.PUPIL, Row.PUBLIC, Row.ACCOUNT, Row.TAKEN_OVER, Row.BREACH)
    return any(row not in people for row in route_of(case, office).rows)


def breach_runs(case: Incident, office: Office) -> bool:
    """Tell whether the 72 hours of a data breach run, and nobody has recorded a decision yet (L10)."""
    return case.breach and case.breach_decision is None and case.breach_due > office.now
