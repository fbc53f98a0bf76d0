"""Buttons: what each carries, who sees it, and what is done where a label is longer than Slack draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from bot.conversation.cards import Button, Style
from bot.conversation.events import Json
from bot.platforms.literal import cleaned, compact, shortened, size
from bot.platforms.slack.literal import LABEL, plain_text
from bot.platforms.slack.rich_text import numbered

Seats = Callable[[str], str | None]
"""Person id to Slack user id, or None for somebody without a seat in the workspace."""

LONGEST_VALUE = 2_000
LONGEST_ACTION = 255
_PER_ROW = 5
_IN_SHORT_ROWS = 200
_MOST_PER_ROW = 25


def whole_labels(buttons: Sequence[Button], start: int = 1) -> list[Json]:
    """Return the whole words of those labels that are too long to be drawn, to stand above the buttons."""
    long = [(place, button.label) for place, button in _placed(buttons) if not fits_label(button.label)]
    return numbered(long, f"labels-{start}")


def button_rows(buttons: Sequence[Button], seats: Seats, start: int = 1) -> list[Json]:
    """Return *buttons* in rows, numbered from *start*, so that those of several cards can stand in one view."""
    drawn = [
        _element(button, str(number), label_of(button.label, place), seats)
        for number, (place, button) in enumerate(_placed(buttons), start=start)
        if _is_seen(button, seats)
    ]
    wide = _PER_ROW if len(drawn) <= _IN_SHORT_ROWS else _MOST_PER_ROW
    return [{"type": "actions", "elements": drawn[at : at + wide]} for at in range(0, len(drawn), wide)]


def lone_button(button: Button, mark: str) -> Json:
    """Return a row with *button* alone, whose id ends in *mark*."""
    return {"type": "actions", "elements": [_element(button, mark, button.label, lambda _: None)]}


def feedback_block(button: Button) -> Json:
    """Return the vote on whether a message helped."""
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": _action_id(button, "feedback"),
                "positive_button": {"text": plain_text("Helpful"), "value": _value(button.subject, "good")},
                "negative_button": {"text": plain_text("Not helpful"), "value": _value(button.subject, "bad")},
            }
        ],
    }


def fits_label(label: str) -> bool:
    """Tell whether *label* can be drawn whole."""
    return size(plain_text(label)["text"]) <= LABEL


def label_of(label: str, number: int) -> str:
    """Return *label*, or its number and beginning where its whole words stand in a numbered list."""
    return label if fits_label(label) else shortened(f"{number}. {cleaned(label)}", LABEL)


def _placed(buttons: Sequence[Button]) -> Iterator[tuple[int, Button]]:
    """Yield each button with its number among those of its action: of an option, the one that may be typed for it."""
    seen: Counter[str] = Counter()
    for button in buttons:
        seen[button.action] += 1
        yield seen[button.action], button


def _element(button: Button, mark: str, label: str, seats: Seats) -> Json:
    element: Json = {
        "type": "button",
        "action_id": _action_id(button, mark),
        "text": plain_text(label, LABEL),
        "value": _value(button.subject, button.value),
    }
    if button.style is not Style.DEFAULT:
        element["style"] = button.style.value
    if seen_by := _seen_by(button, seats):
        element["visible_to_user_ids"] = seen_by
    return element


def _is_seen(button: Button, seats: Seats) -> bool:
    return button.visible_to is None or bool(_seen_by(button, seats))


def _seen_by(button: Button, seats: Seats) -> list[str]:
    return sorted(seat for each in button.visible_to or () if (seat := seats(each)))


def _action_id(button: Button, mark: str) -> str:
    name = f"{button.action}#{mark}"
    if len(name) > LONGEST_ACTION:
        raise ValueError(f"the name of the action {button.action[:40]} is too long for Slack")
    return name


def _value(subject: str, value: str) -> str:
    carried = compact([subject, value])
    if len(carried) > LONGEST_VALUE:
        raise ValueError(f"a button carries {len(carried)} characters; Slack takes {LONGEST_VALUE}")
    return carried
