"""What differs between two versions of a policy, clause by clause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.domain.policy import Clause, Policy
from bot.domain.policy_ids import renamings
from bot.domain.policy_outline import heading_key
from bot.domain.policy_words import key


@dataclass(frozen=True, slots=True)
class Reworded:
    """Hold a clause that has other words now."""

    id: str
    heading: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Moved:
    """Hold a clause that stands elsewhere now; with the same headings it is in another place among its neighbours."""

    id: str
    was: tuple[str, ...]
    now: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Hold what differs.

    Attributes:
        unchanged: ids of the clauses with the same words, also of those that moved.
        renamed: headings, as they were and as they are.
        runs: first ids of the lists that hold other clauses now, or are no list any more.
    """

    was: str
    now: str
    unchanged: tuple[str, ...]
    reworded: tuple[Reworded, ...]
    moved: tuple[Moved, ...]
    added: tuple[Clause, ...]
    removed: tuple[Clause, ...]
    renamed: tuple[tuple[str, str], ...]
    runs: tuple[str, ...]

    @property
    def is_none(self) -> bool:
        """Tell whether both have the same words in the same places."""
        changes = (self.reworded, self.moved, self.added, self.removed, self.renamed, self.runs)
        return not any(changes)


def difference(former: Policy, policy: Policy) -> Difference:
    """Return what differs between *former* and *policy*, in the order of the one that has it."""
    before = {clause.id: clause for clause in former.clauses}
    after = {clause.id: clause for clause in policy.clauses}
    renamed = renamings(_headings(before.values()), _headings(after.values()))
    stayed = [id for id in after if id in before]
    same = [id for id in stayed if key(before[id].text) == key(after[id].text)]
    elsewhere = {id for id in stayed if _alike(_places(before[id]), renamed) != _alike(_places(after[id]), {})}
    displaced = _displaced(*([id for id in order if id in set(stayed) - elsewhere] for order in (before, after)))
    return Difference(
        was=former.version,
        now=policy.version,
        unchanged=tuple(same),
        reworded=tuple(
            Reworded(id, after[id].heading, before[id].text, after[id].text) for id in stayed if id not in set(same)
        ),
        moved=tuple(
            Moved(id, _places(before[id]), _places(after[id])) for id in stayed if id in elsewhere or id in displaced
        ),
        added=tuple(clause for clause in policy.clauses if clause.id not in before),
        removed=tuple(clause for clause in former.clauses if clause.id not in after),
        renamed=tuple(renamed.items()),
        runs=tuple(run[0] for run in former.runs if run not in policy.runs and not after.keys().isdisjoint(run)),
    )


def marked(was: str, now: str) -> tuple[str, str]:
    """Return both texts with what differs in brackets: ``[-gone-]`` in the one, ``{+new+}`` in the other."""
    old, new = was.split(), now.split()
    one, other = list[str](), list[str]()
    for tag, start, stop, begin, end in SequenceMatcher(None, key(was), key(now), autojunk=False).get_opcodes():
        gone, come = " ".join(old[start:stop]), " ".join(new[begin:end])
        one += [gone if tag == "equal" else f"[-{gone}-]"] if gone else []
        other += [come if tag == "equal" else f"{{+{come}+}}"] if come else []
    return " ".join(one), " ".join(other)


def _headings(clauses: Iterable[Clause]) -> dict[str, tuple[str, ...]]:
    return {clause.id: _places(clause) for clause in clauses}


def _places(clause: Clause) -> tuple[str, ...]:
    return (clause.heading, *clause.also)


def _alike(headings: Sequence[str], renamed: dict[str, str]) -> list[tuple[str, ...]]:
    return [heading_key(renamed.get(heading, heading)) for heading in headings]


def _displaced(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Return ids that have to move so that the one order becomes the other."""
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return set(after) - {before[place] for start, _, size in blocks for place in range(start, start + size)}
