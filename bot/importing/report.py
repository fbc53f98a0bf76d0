"""Say what an import found: for a person at a terminal of 80 columns, and for a script."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.domain.knowledge import Knowledge
from bot.domain.policy import Clause
from bot.domain.policy_diff import Difference, Moved, Reworded, marked
from bot.domain.policy_import import Imported

_WIDTH = 79
_STAYED_OF_ITS_OWN = 0.1
_LEFT_OUT_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Report:
    """Hold what an import found.

    Attributes:
        astray: where ways of asking point at clauses that are not there.
        without_asks: ids of clauses that nobody has written a way of asking for.
        cited: id of a clause that changed or went, to where the program cites it.
    """

    imported: Imported
    left_out: tuple[str, ...]
    astray: tuple[str, ...]
    without_asks: tuple[str, ...]
    cited: Mapping[str, tuple[str, ...]]

    @property
    def difference(self) -> Difference:
        """Return the difference clause by clause."""
        return self.imported.difference

    @property
    def is_same(self) -> bool:
        """Tell whether it is the policy in force, word for word and under the same name."""
        return self.difference.is_none and self.difference.now == self.difference.was


def report(
    imported: Imported, left_out: Iterable[str], knowledge: Knowledge, cited: Mapping[str, tuple[str, ...]]
) -> Report:
    """Return the report on *imported*; *knowledge* is what is known about the new policy, *cited* all citations."""
    difference = imported.difference
    touched = {each.id for each in difference.reworded} | {each.id for each in difference.removed}
    return Report(
        imported=imported,
        left_out=(*left_out, *imported.left_out),
        astray=knowledge.astray,
        without_asks=_without_asks(knowledge),
        cited={id: places for id, places in cited.items() if id in touched},
    )


def as_json(report: Report, *, written: bool) -> dict[str, Any]:
    """Return *report* for scripts."""
    difference = report.difference
    return {
        "version": difference.now,
        "former_version": difference.was,
        "written": written,
        "same_words": difference.is_none,
        "unchanged": list(difference.unchanged),
        "reworded": [asdict(each) for each in difference.reworded],
        "added": [{"id": each.id, "heading": each.heading, "text": each.text} for each in difference.added],
        "removed": [{"id": each.id, "heading": each.heading, "text": each.text} for each in difference.removed],
        "moved": [asdict(each) for each in difference.moved],
        "renamed_headings": [{"was": was, "now": now} for was, now in difference.renamed],
        "changed_lists": list(difference.runs),
        "astray": list(report.astray),
        "without_asks": list(report.without_asks),
        "cited": {id: list(places) for id, places in report.cited.items()},
        "check": list(report.imported.doubtful),
        "left_out": list(report.left_out),
    }


def in_words(report: Report) -> Iterator[str]:
    """Yield *report* line by line."""
    difference = report.difference
    yield f"{difference.now}, compared with {difference.was}"
    yield from _filled(_counts(difference))
    gone = {each.id for each in difference.removed}
    yield from _section("Reworded: [-words that went-] and {+words that came+}", _reworded(difference))
    yield from _section("Added", ((_place(each), each.text) for each in difference.added))
    yield from _section("Removed", ((_place(each), each.text) for each in difference.removed))
    yield from _section("Moved", _moved(difference.moved))
    yield from _section("Headings with another name", (("", f"{was} → {now}") for was, now in difference.renamed))
    yield from _section("Lists that hold other clauses now", (("", f"that of {id}") for id in difference.runs))
    yield from _section("Asks that point nowhere (policy_text/asks.yaml)", (("", each) for each in report.astray))
    without_asks = ", ".join(report.without_asks)
    yield from _section("Clauses without asks yet", [("", without_asks)] if without_asks else [])
    yield from _section(
        "smpolicy's own forms, cards and moves cite these: somebody has to read them",
        ((f"{id} ({'removed' if id in gone else 'reworded'})", ", ".join(at)) for id, at in report.cited.items()),
    )
    yield from _section("Check these lines", (("", each) for each in report.imported.doubtful))
    yield from _section("Left out", (("", each) for each in _shortened(report.left_out)))


def _without_asks(knowledge: Knowledge) -> tuple[str, ...]:
    single = (topic for topic in knowledge.topics if len(topic.passages) == len(topic.passages[0]) == 1)
    return tuple(topic.passages[0][0] for topic in single if not topic.asks)


def _counts(difference: Difference) -> str:
    if difference.is_none:
        return f"Nothing changed: all {len(difference.unchanged)} clauses are there, word for word."
    counts = (
        (len(difference.unchanged), "unchanged"), (len(difference.reworded), "reworded"),
        (len(difference.added), "added"), (len(difference.removed), "removed"), (len(difference.moved), "moved"),
    )  # fmt: skip
    said = f"Clauses: {', '.join(f'{count} {what}' for count, what in counts)}."
    stayed = len(difference.unchanged) + len(difference.reworded)
    if stayed > _STAYED_OF_ITS_OWN * (stayed + len(difference.removed)):
        return said
    return f"{said} So few of the present clauses are in this text: is it the policy of another school?"


def _reworded(difference: Difference) -> Iterator[tuple[str, str]]:
    for each in difference.reworded:
        was, now = marked(each.was, each.now)
        yield _place(each), f"was: {was}\nnow: {now}"


def _place(clause: Clause | Reworded) -> str:
    return f"{clause.id} ({clause.heading})" if clause.heading else clause.id


def _moved(moved: Sequence[Moved]) -> Iterator[tuple[str, str]]:
    """Yield neighbours that moved together as one."""
    place = 0
    while place < len(moved):
        first, stop = moved[place], place
        while stop < len(moved) and (moved[stop].was, moved[stop].now) == (first.was, first.now):
            stop += 1
        ids = ", ".join(each.id for each in moved[place:stop])
        was, now = " and ".join(first.was), " and ".join(first.now)
        yield "", f"{ids}: {was} → {now}" if was != now else f"{ids}: elsewhere, still under {now}"
        place = stop


def _shortened(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:_LEFT_OUT_SHOWN]
    if len(lines) > _LEFT_OUT_SHOWN:
        yield f"and {len(lines) - _LEFT_OUT_SHOWN} more; --json names them all"


def _section(title: str, entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    for number, (head, text) in enumerate(entries):
        if number == 0:
            yield ""
            yield title
        if head:
            yield f"  {head}"
        for line in text.split("\n"):
            yield from _filled(line, "    " if head else "  ")


def _filled(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  " if indent else "",
        break_on_hyphens=False,
    )  # fmt: skip
