"""Buttons: what each carries, and what is done where a label is longer than Teams draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.conversation.cards import Button, Style
from bot.conversation.events import Json
from bot.platforms.literal import BLANK, cleaned, is_blank, shortened, size
from bot.platforms.teams.body import numbered

PAGE = "session.page"
ON_CARD = "card"
FILL_IN_HERE = "Fill in here"
LABEL = 60
LABELS = "labels"
MOST_PER_SET = 6

_WIDTH = 48
_PADDING = 5
_STYLES = {Style.PRIMARY: "positive", Style.DANGER: "destructive"}


@dataclass(frozen=True, slots=True)
class Action:
    """A button as it is drawn."""

    button: Button
    drawn: Json

    def is_for(self, person: str) -> bool:
        """Tell whether it is drawn for *person*."""
        return self.button.visible_to is None or person in self.button.visible_to


def whole_labels(buttons: Sequence[Button]) -> list[Json]:
    """Return the whole words of those labels that are too long to be drawn, to stand above the buttons."""
    long = ((place, button.label) for place, button in _placed(buttons) if not fits_label(button.label))
    return numbered(long, LABELS)


def button_actions(buttons: Sequence[Button]) -> list[Action]:
    """Return what is drawn for each of *buttons* in a chat."""
    return [
        Action(button, action)
        for place, button in _placed(buttons)
        for action in _in_chat(button, label_of(button.label, place))
    ]


def dialog_actions(buttons: Sequence[Button]) -> list[Action]:
    """Return what is drawn for each of *buttons* in a dialog, where whatever is pressed is submitted."""
    return [
        Action(button, submit(label_of(button.label, place), carried(button), style=button.style))
        for place, button in _placed(buttons)
    ]


def rows(actions: Sequence[Action], person: str | None) -> list[Json]:
    """Return those of *actions* that *person* sees, in rows; None is everybody in a shared place."""
    drawn = [each.drawn for each in actions if person is None or each.is_for(person)]
    return [{"type": "ActionSet", "actions": each} for each in _beside_each_other(drawn)]


def _beside_each_other(drawn: list[Json]) -> Iterator[list[Json]]:
    """Yield what has room in a row: in a narrow window Teams cuts the labels of more."""
    row: list[Json] = []
    width = 0
    for action in drawn:
        wide = size(action["title"]) + _PADDING
        if row and (len(row) == MOST_PER_SET or width + wide > _WIDTH):
            yield row
            row, width = [], 0
        row.append(action)
        width += wide
    if row:
        yield row


def carried(button: Button) -> dict[str, Json]:
    """Return what a press of *button* says, less what can't be sent."""
    return {"action": button.action, "subject": cleaned(button.subject), "value": cleaned(button.value)}


def execute(label: str, data: Mapping[str, Json], *, style: Style = Style.DEFAULT, inputs: bool = False) -> Json:
    """Return an action that is answered in place; a client that can't do that sends it as a message."""
    look = {"style": _STYLES[style]} if style in _STYLES else {}
    return {
        "type": "Action.Execute",
        "title": label,
        "verb": data["action"],
        **submitted(data, inputs=inputs),
        **look,
        "fallback": submit(label, data, style=style, inputs=inputs),
    }


def submit(label: str, data: Mapping[str, Json], *, style: Style = Style.DEFAULT, inputs: bool = False) -> Json:
    """Return an action that sends what it carries, with what was filled in where *inputs* says so."""
    look = {"style": _STYLES[style]} if style in _STYLES else {}
    return {"type": "Action.Submit", "title": label, **submitted(data, inputs=inputs), **look}


def submitted(data: Mapping[str, Json], *, inputs: bool) -> dict[str, Json]:
    """Return what an action sends; the inputs of a card go with it, and are checked by the client, or do neither."""
    return {"data": {"smpolicy": dict(data)}, "associatedInputs": "auto" if inputs else "none"}


def fits_label(label: str) -> bool:
    """Tell whether *label* can be drawn whole."""
    return size(cleaned(label)) <= LABEL


def label_of(label: str, number: int) -> str:
    """Return *label*, or its number and beginning where its whole words stand in a numbered list."""
    words = cleaned(label)
    if is_blank(words):
        return BLANK
    return words if fits_label(label) else shortened(f"{number}. {words}", LABEL)


def _in_chat(button: Button, label: str) -> list[Json]:
    data = carried(button)
    if not button.opens_form:
        return [execute(label, data, style=button.style)]
    opening = submit(label, data, style=button.style)
    opening["data"] = {"msteams": {"type": "task/fetch"}, **opening["data"]}
    if button.action != PAGE:
        return [opening]
    # Some clients have no dialogs: there the form is filled in on a card.
    return [opening, execute(FILL_IN_HERE, {**data, "value": ON_CARD})]


def _placed(buttons: Sequence[Button]) -> Iterator[tuple[int, Button]]:
    """Yield each button with its number among those of its action: of an option, the one that may be typed for it."""
    seen: Counter[str] = Counter()
    for button in buttons:
        seen[button.action] += 1
        yield seen[button.action], button
