"""Cards, forms and messages as JSON for one viewer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import assert_never

from bot.conversation.cards import (
    Block,
    Bold,
    Bullets,
    Button,
    Card,
    Facts,
    Link,
    Mention,
    Moment,
    Notice,
    Paragraph,
    Quote,
    Span,
    span_text,
)
from bot.conversation.events import Json
from bot.conversation.fields import People
from bot.conversation.forms import FormPage, ShownField
from bot.domain.office import Office
from bot.domain.people import Person
from bot.platforms.web.messages import LocalMessage
from bot.platforms.web.people import SHARED


def message_json(message: LocalMessage, viewer: str, zone: tzinfo) -> Json:
    """Return *message* as *viewer* sees it, its moment in *zone*; `private` marks what others there don't see."""
    return {
        "id": message.id,
        "seq": message.seq,
        "at": message.at.astimezone(zone).isoformat(),
        "author": message.author,
        "text": message.text,
        "card": card_json(message.card, message.card.buttons_for(viewer)) if message.card else None,
        "form": message.form,
        **({"private": True} if message.private_to and message.channel in SHARED else {}),
    }


def card_json(card: Card, buttons: Iterable[Button]) -> Json:
    """Return *card* with those *buttons*."""
    return {
        "title": card.title,
        "blocks": [_block(block) for block in card.blocks],
        "buttons": [{"label": button.label, "style": button.style.value} for button in buttons],
    }


def form_json(page: FormPage, office: Office) -> Json:
    """Return *page*; who works here now can be chosen where it asks for people."""
    return {
        "session": page.session,
        "title": page.title,
        "intro": page.intro,
        "submit": page.submit,
        "fields": [_field(shown, office) for shown in page.fields],
    }


def person_json(person: Person) -> Json:
    """Return *person* as others see them."""
    return {"id": person.id, "name": person.name, "roles": sorted(role.value for role in person.roles)}


def _field(shown: ShownField, office: Office) -> Json:
    field = shown.field
    return {
        "name": field.name,
        "label": field.prompt,
        "help": field.help,
        "clause": field.clause,
        "kind": field.kind,
        "options": _options(shown, office),
        "required": not field.optional,
        "value": shown.value,
        "error": shown.error,
    }


def _options(shown: ShownField, office: Office) -> Sequence[Json]:
    if isinstance(shown.field, People):
        return [{"id": each.id, "name": each.name} for each in office.people if each.works_here(office.today)]
    return list(shown.field.options)


def _block(block: Block) -> Json:
    match block:
        case Paragraph(spans):
            return {"type": "paragraph", "spans": _spans(spans)}
        case Bullets(items):
            return {"type": "bullets", "items": [_spans(item) for item in items]}
        case Facts(rows):
            return {"type": "facts", "rows": [{"label": row.label, "value": _spans(row.value)} for row in rows]}
        case Quote(text, source):
            return {"type": "quote", "text": text, "source": source}
        case Notice(spans, tone):
            return {"type": "notice", "tone": tone.value, "spans": _spans(spans)}
        case _:
            assert_never(block)


def _spans(spans: Iterable[Span]) -> list[Json]:
    return [_span(span) for span in spans]


def _span(span: Span) -> Json:
    words = {"text": span_text(span)}
    match span:
        case str():
            return {"type": "text", **words}
        case Bold():
            return {"type": "bold", **words}
        case Mention(person, _):
            return {"type": "mention", **words, "person": person}
        case Link(_, url):
            return {"type": "link", **words, "url": url}
        case Moment(at):
            return {"type": "moment", **words, "at": at.isoformat()}
        case _:
            assert_never(span)
