"""The buttons of a case, drawn from its workflow's table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.conversation.cards import Button, Style
from bot.domain.office import Office
from bot.domain.people import Person
from bot.domain.workflow import Transition, Workflow


def buttons_for(workflow: Workflow[Any], case: Any, reader: Person, office: Office) -> tuple[Button, ...]:
    """Return the moves that *reader* may make now."""
    return tuple(_button(workflow, case, row) for row in workflow.open_to(case, reader, office))


def buttons_in_place(
    workflow: Workflow[Any], case: Any, readers: Iterable[Person], office: Office
) -> tuple[Button, ...]:
    """Return the moves that any of *readers* may make now, each drawn only for those who may."""
    rows: dict[str, Transition[Any]] = {}
    able: dict[str, set[str]] = {}
    for reader in readers:
        for row in workflow.open_to(case, reader, office):
            rows.setdefault(row.label, row)
            able.setdefault(row.label, set()).add(reader.id)
    order = [row.label for row in workflow.transitions]
    return tuple(
        _button(workflow, case, rows[label], frozenset(able[label])) for label in sorted(rows, key=order.index)
    )


def _button(
    workflow: Workflow[Any], case: Any, row: Transition[Any], visible_to: frozenset[str] | None = None
) -> Button:
    return Button(
        row.label, f"{workflow.name}.{row.move}", case.id, style=Style(row.style), opens_form=bool(row.form),
        visible_to=visible_to,
    )  # fmt: skip
