"""Forms and cards in Teams' dialogs, and forms as cards in the chat for clients that have no dialogs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from bot.conversation.cards import Card, Style, line
from bot.conversation.events import Json
from bot.conversation.forms import FormPage
from bot.domain.office import Office
from bot.platforms.literal import BLANK, cleaned, is_blank, size
from bot.platforms.teams.body import body, heading, weight
from bot.platforms.teams.buttons import dialog_actions, execute, label_of, rows, submit, whole_labels
from bot.platforms.teams.entries import KEPT
from bot.platforms.teams.inputs import Known, asks, field_elements, is_kept
from bot.platforms.teams.render import adaptive, attachment

SUBMIT = "session.submit"
CONTINUE = "session.continue"
IN_CHAT = "Answer in chat instead"
GOES_ON = "This window can't show all of it. Read the rest in your direct chat with smpolicy."

_NEUTRAL_TITLE = "smpolicy"
_TITLE = 64
_ROOM = 30_000
_PAGE = 36_000
_NOTHING: Mapping[str, Json] = MappingProxyType({})


def dialog(page: FormPage, office: Office, *, entered: Mapping[str, Json] = _NOTHING) -> Json:
    """Return *page* as a dialog.

    *entered* is what came with the last submit of this page, to stand there again where it has to be mended.
    """
    title, above = _titled(page.title)
    elements = [*above, *_asked(page, office, entered)]
    data = {"action": CONTINUE, "subject": page.session, "value": ""}
    actions = [
        submit(label_of(page.submit, 1), _carried(page), style=Style.PRIMARY, inputs=True),
        submit(IN_CHAT, data, inputs=True),
    ]
    return _dialog(title, adaptive(elements or _nothing(), actions=actions))


def form_card(page: FormPage, office: Office, *, entered: Mapping[str, Json] = _NOTHING) -> Json:
    """Return *page* as a card for the chat; *entered* is that of a dialog."""
    elements = [*heading(page.title), *_asked(page, office, entered)]
    data = {"action": CONTINUE, "subject": page.session, "value": ""}
    actions = [
        execute(label_of(page.submit, 1), _carried(page), style=Style.PRIMARY, inputs=True),
        execute(IN_CHAT, data, inputs=True),
    ]
    return adaptive([*elements, {"type": "ActionSet", "actions": actions}])


def result_card(card: Card, person: str) -> Json:
    """Return *card* in a dialog as *person* sees it; one that is too long ends by sending them to the direct chat."""
    title, above = _titled(card.title)
    words = [*above, *body(card.blocks), *whole_labels(card.buttons)] or _nothing()
    if fits_dialog(card):
        return _dialog(title, adaptive([*words, *rows(dialog_actions(card.buttons), person)]))
    return _dialog(title, adaptive([*_beginning(words), *body((line(GOES_ON),))]))


def fits_dialog(card: Card) -> bool:
    """Tell whether a dialog shows *card* whole."""
    words = [*heading(card.title), *body(card.blocks), *whole_labels(card.buttons)]
    return weight(words) + weight(rows(dialog_actions(card.buttons), None)) <= _ROOM


def asked_on(page: FormPage) -> str:
    """Return what tells one page of a form from another: the names of its fields."""
    return " ".join(shown.field.name for shown in page.fields)


def _asked(page: FormPage, office: Office, entered: Mapping[str, Json]) -> list[Json]:
    """Return the intro and every question; *entered* counts where it answers anything of this page.

    Where a list of people would make the page too large, their names are typed.
    """
    known = Known(office, entered if asks(page, entered) else _NOTHING)
    intro = body(line(part) for part in page.intro.split("\n\n"))
    drawn = [*intro, *_questions(page, known)]
    return drawn if weight(drawn) <= _PAGE else [*intro, *_questions(page, replace(known, lists_people=False))]


def _questions(page: FormPage, known: Known) -> list[Json]:
    return [element for shown in page.fields for element in field_elements(shown, known)]


def _carried(page: FormPage) -> dict[str, Json]:
    kept = " ".join(shown.field.name for shown in page.fields if is_kept(shown))
    return {"action": SUBMIT, "subject": page.session, "value": "", "asks": asked_on(page), KEPT: kept}


def _titled(title: str) -> tuple[str, list[Json]]:
    """Return what stands in the bar of a dialog, and above its card where the bar is too short for *title*."""
    words = " ".join(cleaned(title).split())
    if size(words) <= _TITLE and not is_blank(words):
        return words, []
    return _NEUTRAL_TITLE, heading(title)


def _dialog(title: str, card: Json) -> Json:
    return {"title": title, "height": "large", "width": "medium", "card": attachment(card)}


def _beginning(words: list[Json]) -> list[Json]:
    """Return as much of *words* as a dialog has room for."""
    shown: list[Json] = []
    used = 0
    for element in words:
        used += weight(element) + 1
        if used > _ROOM:
            break
        shown.append(element)
    return shown


def _nothing() -> list[Json]:
    return body((line(BLANK),))
