"""Whether an answer helped: kept with the clauses that it showed, and without who asked what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Feedback:
    """One vote on one answer.

    Attributes:
        clauses: Ids of the clauses that the answer showed; none where it was that the policy is silent.
        policy: The version of the policy that it came from.
    """

    INDEXES: ClassVar[tuple[str, ...]] = ("clauses",)
    school: str
    id: str
    good: bool
    clauses: tuple[str, ...]
    policy: str
    at: datetime
    version: int = 0
    due_at: datetime | None = None
