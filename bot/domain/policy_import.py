"""Turn a school's next policy into the text of a `policy.md` in which every clause that stays keeps its id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.domain.policy import Policy, parse_policy
from bot.domain.policy_cut import KnownWords, pieces
from bot.domain.policy_diff import Difference, difference
from bot.domain.policy_form import Entry, Mark, Paragraph, entries, written
from bot.domain.policy_ids import REWORDED, Named, Present, named, placed
from bot.domain.policy_outline import Known, Section, heading_key, outline
from bot.domain.policy_runs import runs
from bot.domain.policy_words import found_date, likeness

_TITLE_PAGE = 8
_MOST_WORDS_AROUND_A_DATE = 12


@dataclass(frozen=True, slots=True)
class Imported:
    """Hold the next policy.

    Attributes:
        text: what goes into ``policy.md``.
        left_out: what the document holds besides the policy's own words.
        doubtful: where it had to be guessed.
    """

    text: str
    policy: Policy
    difference: Difference
    left_out: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


def version_in(document: Sequence[Paragraph]) -> str:
    """Return the month and year on the title page, or "" where there is none."""
    first = [each.text for each in document[:_TITLE_PAGE] if len(each.text.split()) <= _MOST_WORDS_AROUND_A_DATE]
    return next((date for text in first if (date := found_date(text))), "")


def import_document(document: Sequence[Paragraph], version: str, present: str, used: Iterable[str] = ()) -> Imported:
    """Return the policy that *document* holds, with the ids of *present*, the text of a ``policy.md``.

    *used* are further ids that no new clause may get, such as those of former policies.

    Raises:
        PolicyMistakes: *present* has mistakes.
    """
    former = parse_policy(present)
    parts = tuple(entries(present))
    ids = frozenset((*used, *(clause.id for clause in former.clauses)))
    words = KnownWords(parts)
    levels = {heading_key(each.text): each.level for each in reversed(parts) if each.mark is Mark.HEADING}
    found = outline(document, Known(levels, words.is_text, words.spans))
    cut = list(pieces(found.sections, words))
    clauses, doubtful = named(cut, found.sections, Present(tuple(placed(parts)), ids))
    text = written(version, _parts(found.sections, clauses), runs(clauses, former.runs))
    policy = parse_policy(text)
    return Imported(text, policy, difference(former, policy), found.left_out, (*found.doubtful, *doubtful))


def import_own_form(text: str, version: str, present: str, used: Iterable[str] = ()) -> Imported:
    """Return the policy that *text*, a ``policy.md`` itself, holds: its ids are as its writer wants them.

    Raises:
        PolicyMistakes: *text* or *present* has mistakes.
    """
    policy = parse_policy(text)
    again = written(version or policy.version, entries(text), policy.runs)
    changes = difference(parse_policy(present), parse_policy(again))
    return Imported(again, parse_policy(again), changes, doubtful=tuple(_other_clauses(changes, frozenset(used))))


def _other_clauses(changes: Difference, used: frozenset[str]) -> Iterator[str]:
    """Yield where ids that somebody wrote seem to be those of other clauses."""
    for clause in changes.added:
        if clause.id in used:
            yield f"{clause.id} was the id of another clause once; a new clause needs a new number"
    for each in changes.reworded:
        if likeness(each.was, each.now) < REWORDED:
            yield f"{each.id} keeps its id, but has quite other words; is it the same clause?"


def _parts(sections: Sequence[Section], clauses: Sequence[Named]) -> Iterator[Entry]:
    """Yield the paragraphs of the next ``policy.md``."""
    under = dict[int, list[Named]]()
    for clause in clauses:
        under.setdefault(clause.piece.section, []).append(clause)
    for number, section in enumerate(sections):
        if section.heading:
            yield Entry(Mark.HEADING, section.heading, level=section.level)
        for each in under.get(number, ()):
            yield Entry(each.mark, each.piece.text, each.id, each.piece.point and each.piece.first)
