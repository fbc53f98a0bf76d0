"""Which questions are passed on to SLT, and how: without who asked, and only where somebody presses for it."""

from __future__ import annotations

from bot.domain.gaps import Asked, Gap, asked, carried, gap, kept_words
from bot.domain.search import Answer, Kind
from bot.domain.secrets import looks_like_password
from bot.errors import Stale
from bot.routing import Turn


def carried_with(turn: Turn, answer: Answer, question: str, before: str) -> str:
    """Return what the buttons below *answer* carry; *question* and, where it goes on, *before* are what was asked."""
    if answer.kind is Kind.URGENT:
        return ""
    keeps_out = is_personal(turn, question) or is_personal(turn, answer.asked)
    words = f"{before} – {question}" if answer.goes_on else question
    return carried(asked(turn.world.ids.new(), answer, "" if keeps_out else _kept_words(turn, words)))


def is_personal(turn: Turn, text: str) -> bool:
    """Tell whether *text* may disclose something, or holds a password, so that it is never kept."""
    search = turn.world.search
    return search.spoken_of(text) is not None or search.urgent(text) is not None or looks_like_password(text)


async def keep(turn: Turn, given: Asked) -> Gap | None:
    """Keep what a button carried, once, and return it; None where it must not be kept, whatever the button says."""
    question = _kept_words(turn, given.question)
    if not question or is_personal(turn, given.question):
        return None
    known = {clause.id for clause in turn.world.policies.current().clauses}
    clauses = tuple(each for each in given.clauses if each in known)
    new = gap(Asked(given.mark, question, given.kind, clauses, given.whom), turn.office)
    if (before := await turn.store.get(Gap, new.id)) is not None:
        return before
    try:
        await turn.save(new)
    except Stale:
        # The other button was pressed at the same moment, and keeps the same.
        before = await turn.store.get(Gap, new.id)
        if before is None:
            raise
        return before
    return new


def _kept_words(turn: Turn, question: str) -> str:
    names = [person.name for person in turn.office.people]
    return kept_words(question, names, (clause.text for clause in turn.world.policies.current().clauses))
