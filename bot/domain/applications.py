"""Applications for a school account: the record, and who is who in it (NEW-1 to NEW-10, G1, G3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from bot.domain.office import Office
from bot.domain.people import Person, Role
from bot.domain.workflow import Step

Json = Any


class State(StrEnum):
    """Where an application stands (domain: records and states)."""

    DRAFT = "draft"
    EXCEPTION = "exception asked for"
    RUNNERS = "waiting for runners"
    CONSIDERING = "SLT considering"
    CHANGES = "changes asked for"
    DISAGREES = "SLT disagrees"
    HEAD = "Head considering"
    CREATING = "creating"
    LIVE = "live"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


FINAL = (State.LIVE, State.REJECTED, State.WITHDRAWN)
OPEN = tuple(state for state in State if state not in FINAL)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A runner's own word: will run it, has read and understood *policy*, was trained on *trained* (NEW-9)."""

    person: str
    at: datetime
    policy: str
    trained: date | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """One SLT member's vote in one round; a later one by the same person replaces it."""

    person: str
    approve: bool
    at: datetime
    round: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """A business case for one account.

    Attributes:
        answers: Field name to normalised value, as the form's fields read them.
        runners: Ids of staff, and names of those without a seat.
        round: Counts submissions to SLT; votes of earlier rounds stay and don't count.
        exception: The applicant's reason for one runner only, or "".
        exception_granted: SLT's reason for allowing it, or "".
        waiver: SLT's written reason for approving while reading or training is missing, or "".
        chair_approves: The chair of governors' last recorded decision.
    """

    INDEXES: ClassVar[tuple[str, ...]] = ("applicant", "runners", "state")
    school: str
    id: str
    applicant: str
    answers: Mapping[str, Json]
    runners: tuple[str, ...]
    policy: str
    state: State = State.DRAFT
    stage: int = 0
    history: tuple[Step, ...] = ()
    confirmations: tuple[Confirmation, ...] = ()
    votes: tuple[Vote, ...] = ()
    round: int = 0
    exception: str = ""
    exception_granted: str = ""
    waiver: str = ""
    chair_approves: bool = False
    version: int = 0
    due_at: datetime | None = None

    def confirmation(self, person: str) -> Confirmation | None:
        """Return what *person* confirmed, or None."""
        return next((each for each in self.confirmations if each.person == person), None)

    @property
    def platform(self) -> str:
        """Return the platform as people call it."""
        return str(self.answers.get("other_platform") or self.answers.get("platform") or "")

    def standing_votes(self) -> tuple[Vote, ...]:
        """Return the votes of this round."""
        return tuple(vote for vote in self.votes if vote.round == self.round)


# Who -----------------------------------------------------------------------------------------


def staff_runners(case: Application, office: Office) -> tuple[Person, ...]:
    """Return the runners who are current members of staff (NEW-6)."""
    people = (office.person(each) for each in case.runners)
    return tuple(person for person in people if person and person.works_here(office.today))


def guests(case: Application, office: Office) -> tuple[str, ...]:
    """Return the names of runners without a seat: volunteers, parents (NEW-10)."""
    return tuple(each for each in case.runners if (p := office.person(each)) is None or p.contact_only)


def unconfirmed(case: Application, office: Office) -> tuple[Person, ...]:
    """Return the staff runners who have not confirmed yet, for the policy in force."""
    said = {each.person for each in case.confirmations if each.policy == office.policy}
    return tuple(person for person in staff_runners(case, office) if person.id not in said)


def lacking(case: Application, office: Office) -> tuple[str, ...]:
    """Return a line for each runner whose reading or training is missing (NEW-9, NEW-10)."""
    lines = [
        f"{office.name(each)} (no chat seat) is still to confirm reading and training" for each in guests(case, office)
    ]
    left = (p for each in case.runners if (p := office.person(each)) and p.has_left(office.today))
    lines += [f"{person.name} has left the school" for person in left]
    for person in staff_runners(case, office):
        said = case.confirmation(person.id)
        if said is None or said.policy != office.policy:
            lines.append(f"{person.name} has not confirmed reading the policy, {office.policy}")
        elif said.trained is None:
            lines.append(f"{person.name} has no training date")
    return tuple(lines)


def eligible(case: Application, office: Office) -> tuple[Person, ...]:
    """Return who in SLT may vote: not the Head, the applicant or a runner (G1, G3)."""
    return tuple(p for p in office.holders(Role.SLT) if not office.is_head(p) and not is_involved(case, p))


def quorum(case: Application, office: Office) -> int:
    """Return how many votes of one kind carry it: `slt_quorum`, or all eligible where they are fewer."""
    return max(1, min(office.school.quorum, len(eligible(case, office))))


def head_barred(case: Application, office: Office) -> bool:
    """Tell whether the Head is an applicant or runner, so that the step is the chair of governors'."""
    return any(is_involved(case, head) for head in office.holders(Role.HEAD))


def sent(case: Application) -> bool:
    """Tell whether it lies before SLT or has passed it; before that only its applicant and its runners read it (G7)."""
    seen = any(step.state == State.CONSIDERING for step in case.history)
    return seen and case.state not in (State.DRAFT, State.EXCEPTION, State.RUNNERS, State.CHANGES)


def entered(case: Application) -> Step:
    """Return the step by which it came to where it stands."""
    steps = case.history
    last = max((n for n in range(1, len(steps)) if steps[n].state != steps[n - 1].state), default=0)
    return steps[last]


def chair_decides(case: Application, office: Office) -> bool:
    """Tell whether the step at hand is the chair's: nobody in SLT is eligible, or the Head is involved."""
    if case.state is State.HEAD:
        return head_barred(case, office)
    return case.state in (State.CONSIDERING, State.EXCEPTION) and not eligible(case, office)


def is_involved(case: Application, person: Person) -> bool:
    """Tell whether *person* is the applicant or a runner, and so recused by identity (G3)."""
    return person.id == case.applicant or person.id in case.runners
