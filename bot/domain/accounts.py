"""The register: which account the school has, and who answers for it (ADM-2/3, MON-1, IMG-9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from bot.domain.applications import Application, lacking, staff_runners
from bot.domain.office import Office
from bot.domain.workflow import Made


class Standing(StrEnum):
    """What the register says about an account."""

    LIVE = "live"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the school.

    Attributes:
        application: The reference of the application that it came from.
        responsible: The person responsible for its management, exactly one (IMG-9).
        runners: Ids of staff, and names of those without a seat.
        vault: Where the password is kept: the name of an entry in the school's vault, never the password (ADM-2).
        notes: What SLT put in writing when it approved: an exception, missing training.
        review_on: The day of the yearly review, a school target (G24).
    """

    INDEXES: ClassVar[tuple[str, ...]] = ("runners", "standing")
    school: str
    id: str
    application: str
    platform: str
    handle: str
    openness: str
    aim: str
    responsible: str
    runners: tuple[str, ...]
    administrator: str
    vault: str
    two_step: bool
    created_at: datetime
    policy: str
    review_on: date
    notes: tuple[str, ...] = ()
    standing: Standing = Standing.LIVE
    version: int = 0
    due_at: datetime | None = None


def registered(case: Application, made: Made, office: Office) -> Account:
    """Return the register's entry for an application whose account was created."""
    answers = case.answers
    staff = [person.id for person in staff_runners(case, office)] or list(case.runners)
    notes = (
        *((f"One runner only: {case.exception_granted}",) if case.exception_granted else ()),
        *((f"Approved while something was missing: {case.waiver}",) if case.waiver else ()),
        *(lacking(case, office)),
    )
    return Account(
        school=case.school,
        id=case.id.replace("APP-", "ACC-"),
        application=case.id,
        platform=case.platform,
        handle=str(made.answers.get("handle") or answers.get("handle") or ""),
        openness=str(answers.get("openness", "")),
        aim=str(answers.get("aim", "")),
        responsible=case.applicant if case.applicant in staff else staff[0],
        runners=case.runners,
        administrator=made.person,
        vault=made.words("vault"),
        two_step=bool(made.answers.get("two_step")),
        created_at=made.at,
        policy=case.policy,
        review_on=_next_year(made.at.date()),
        notes=notes,
    )


def _next_year(day: date) -> date:
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
