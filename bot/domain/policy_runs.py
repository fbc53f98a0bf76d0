"""Which clauses of the next policy stand together as a list, with its lead-in where it has one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.domain.policy_cut import has_lead_in, lists
from bot.domain.policy_form import Mark
from bot.domain.policy_ids import Named

Run = tuple[str, ...]


def runs(clauses: Sequence[Named], present: Sequence[Run]) -> Iterator[Run]:
    """Yield the runs: each list with a lead-in, and each list that was one in the present policy."""
    pieces = [each.piece for each in clauses]
    run_of = {id: run for run in present for id in run}
    for found in lists(pieces):
        first = next(place for place in found if pieces[place].point)
        before = clauses[first - 1].id if first else ""
        members = [each.id for each in clauses[first : found.stop] if each.mark is Mark.CLAUSE]
        was = {run_of[id] for id in members if id in run_of}
        led_in = first > 0 and clauses[first - 1].mark is Mark.CLAUSE
        led_in = led_in and pieces[first - 1].section == pieces[first].section
        if led_in and (has_lead_in(pieces, first) or run_of.get(before) in was):
            members = [before, *members]
            was = was or {()}
        elif not any(len(set(run) & set(members)) > 1 for run in was):
            was = set()
        if was and len(members) > 1:
            yield tuple(members)
