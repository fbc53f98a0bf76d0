"""Forms and cards as views: a form or one card in a window, and many cards on the Home tab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.conversation.cards import Button, Card, line
from bot.conversation.events import Json
from bot.conversation.forms import FormPage
from bot.domain.office import Office
from bot.platforms.literal import BLANK, cleaned, compact, is_blank, size
from bot.platforms.slack.buttons import Seats, button_rows, lone_button, whole_labels
from bot.platforms.slack.inputs import NAMES, OTHER, field_blocks
from bot.platforms.slack.literal import plain_text, weight
from bot.platforms.slack.rich_text import body, heading

FORM = "form"
CARD = "card"
IN_CHAT = "Answer in chat instead"
GOES_ON = "This window can't show all of it. Read the rest in your direct chat with smpolicy."

_NEUTRAL_TITLE = "smpolicy"
_TITLE = 24
_LONGEST_METADATA = 3_000
_CARD_BLOCKS = 90
_CARD_ROOM = 10_000
_HOME_BLOCKS = 100
_HOME_ROOM = 200_000  # Slack takes 250 kB


def form_view(page: FormPage, *, office: Office, seats: Seats, metadata: Mapping[str, str] | None = None) -> Json:
    """Return *page* as a window; the session's id travels in it, with *metadata*."""
    title, above = _titled(page.title)
    intro = [line(part) for part in page.intro.split("\n\n")]
    fields = [block for shown in page.fields for block in field_blocks(shown, office, seats)]
    in_chat = lone_button(Button(IN_CHAT, "session.continue", page.session), "chat")
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": _metadata({**(metadata or {}), "session": page.session}),
        "title": title,
        "submit": plain_text(page.submit if size(page.submit) <= _TITLE else "Submit", _TITLE),
        "close": plain_text("Close"),
        "blocks": [*above, *body(intro), *fields, in_chat],
    }


def asked_on(page: FormPage) -> str:
    """Return what tells one page of a form from another: the names of its fields."""
    return " ".join(shown.field.name for shown in page.fields)


def error_blocks(view: Json, errors: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return *errors* by the id of a block that asks for the field in *view*, and those for which there is none.

    The second are to be seen only where the page is drawn again.
    """
    blocks = view.get("blocks") if isinstance(view, Mapping) else None
    asked = {each.get("block_id") for each in blocks or () if isinstance(each, Mapping) and each.get("type") == "input"}
    placed, unplaced = {}, {}
    for name, sentence in errors.items():
        block = next((each for each in (name, name + OTHER, name + NAMES) if each in asked), None)
        if block is None:
            unplaced[name] = sentence
        else:
            placed[block] = sentence
    return placed, unplaced


def card_view(card: Card, seats: Seats, *, metadata: Mapping[str, str] | None = None) -> tuple[Json, bool]:
    """Return *card* as a window, and whether it shows the whole of it.

    Where it does not, it has no buttons: they stand below the whole card, in the direct chat.
    """
    title, above = _titled(card.title)
    words = [*above, *body(card.blocks), *whole_labels(card.buttons)] or body((line(BLANK),))
    rows = button_rows(card.buttons, seats)
    whole = len(words) + len(rows) <= _CARD_BLOCKS and weight(words) <= _CARD_ROOM
    view = {
        "type": "modal",
        "callback_id": CARD,
        "private_metadata": _metadata(metadata or {}),
        "title": title,
        "close": plain_text("Close"),
        "blocks": [*words, *rows] if whole else [*_beginning(words), *body((line(GOES_ON),))],
    }
    return view, whole


def home_view(cards: Sequence[Card], seats: Seats, *, first: Sequence[Button] = ()) -> Json:
    """Return the Home tab: the buttons *first*, then *cards*, and at the end how many there was no room for."""
    blocks = [*button_rows(first, seats), {"type": "divider"}]
    pressed = len(first) + 1
    for number, card in enumerate(cards):
        drawn = [*_whole_card(card, seats, pressed), {"type": "divider"}]
        if len(blocks) + len(drawn) >= _HOME_BLOCKS or weight(blocks) + weight(drawn) > _HOME_ROOM:
            blocks += body((line(_left_out(len(cards) - number)),))
            break
        blocks += drawn
        pressed += len(card.buttons)
    return {"type": "home", "blocks": blocks}


def _whole_card(card: Card, seats: Seats, start: int) -> list[Json]:
    labels = whole_labels(card.buttons, start)
    return [*heading(card.title), *body(card.blocks), *labels, *button_rows(card.buttons, seats, start)]


def _left_out(count: int) -> str:
    more = "1 more is" if count == 1 else f"{count} more are"
    return f"{more} not shown here. Type my in the chat with smpolicy to see the rest."


def _beginning(words: list[Json]) -> list[Json]:
    """Return as much of *words* as a window has room for."""
    shown: list[Json] = []
    for block in words[: _CARD_BLOCKS - 1]:
        if weight(shown) + weight(block) > _CARD_ROOM:
            break
        shown.append(block)
    return shown


def _titled(title: str) -> tuple[Json, list[Json]]:
    """Return what stands in the bar of a window, and above its blocks where the bar is too short for *title*."""
    words = cleaned(title)
    if size(words) <= _TITLE and not is_blank(words):
        return plain_text(words, _TITLE), []
    return plain_text(_NEUTRAL_TITLE), heading(title)


def _metadata(facts: Mapping[str, str]) -> str:
    carried = compact(facts)
    if len(carried) > _LONGEST_METADATA:
        raise ValueError(f"a view carries {len(carried)} characters; Slack takes {_LONGEST_METADATA}")
    return carried
