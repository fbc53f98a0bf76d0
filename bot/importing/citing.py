"""Which clauses the program itself cites: a person has to read those places when a clause changes or goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.routing import Switchboard

# What no form, command or workflow declares: sentences, tables and cards that name a clause. A test keeps it whole.
IN_WORDS: Mapping[str, tuple[str, ...]] = {
    "bot/domain/calendar.py": ("MON-3",),
    "bot/domain/search.py": ("ABU-2", "BEH-8", "BEH-9", "BEH-15", "IMG-8", "SCO-15"),
    "handlers/applications/cards.py": ("A1S-1", "A1S-10", "MON-1", "MON-2", "NEW-9"),
    "handlers/gaps/handlers.py": ("IMG-4", "IMG-8", "SCO-10", "STF-4"),
    "handlers/incidents/cards.py": ("BEH-14", "BEH-15", "IMG-8", "SLT-3", "SLT-4"),
    "handlers/policy/cards.py": ("ADM-1", "IMG-8", "SCO-10", "SLT-6", "STF-4"),
}


def cited(features: Switchboard) -> dict[str, tuple[str, ...]]:
    """Return clause id to where the program cites it, in the order of the ids."""
    found = dict[str, list[str]]()
    for id, place in (*_declared(features), *((id, place) for place, ids in IN_WORDS.items() for id in ids)):
        if place not in found.setdefault(id, []):
            found[id].append(place)
    return {id: tuple(found[id]) for id in sorted(found)}


def _declared(features: Switchboard) -> Iterator[tuple[str, str]]:
    for entry in features.commands.values():
        if entry.clause:
            yield entry.clause, f"the command {entry.name}"
    for form, _ in features.forms.values():
        for page in form.pages:
            for field in page.fields:
                if field.clause:
                    yield field.clause, f"the form {form.name}"
    for kind in features.kinds.values():
        for row in kind.workflow.transitions:
            if row.clause:
                yield row.clause, f"the moves of {kind.name}"
