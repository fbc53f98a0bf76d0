"""Whether an answer helped: kept with the clauses that it showed, and without who asked what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

MOST_UNHELPFUL = 10


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


def unhelpful(votes: Iterable[Feedback], since: datetime) -> list[tuple[str, int]]:
    """Return the clauses whose answers did not help, with how often since then, the most first; "" is a silence."""
    bad = (each for each in votes if not each.good and each.at >= since)
    counts = Counter(clause for each in bad for clause in each.clauses or ("",))
    return sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))[:MOST_UNHELPFUL]
