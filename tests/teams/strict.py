"""What Teams, or our own taste, refuses in a whole activity."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.teams.strict_cards import card_mistakes
from tests.teams.strict_entities import entity
from tests.teams.strict_values import Rule, each, exactly, fact, one_of, shaped, thing, words

Json = Any
CARD = "application/vnd.microsoft.card.adaptive"
LARGEST = 80_000
MOST_SUGGESTED = 6


def size_of(body: Json) -> int:
    """Return how many bytes *body* takes on its way."""
    return len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def unreadable(thing: Json) -> Iterator[str]:
    """Yield the strings in *thing* that not every client can show."""
    match thing:
        case str() if "\0" in thing or any("\ud800" <= sign <= "\udfff" for sign in thing):
            yield f"{thing[:40]!r} holds what is no character"
        case dict():
            for key, value in thing.items():
                yield from unreadable(key)
                yield from unreadable(value)
        case list():
            for value in thing:
                yield from unreadable(value)
        case _:
            return


def large(what: str, body: Json) -> Iterator[str]:
    """Yield that *body* is larger than it ought to be; Teams takes some more before it refuses."""
    if (size := size_of(body)) > LARGEST:
        yield f"{what} has {size} bytes, more than {LARGEST}"


def activity_mistakes(body: Json, kind: str) -> list[str]:
    """Return what is wrong with an activity for a conversation of that *kind*."""
    return [*unreadable(body), *(_activity(body, kind) if isinstance(body, dict) else ["the activity is no object"])]


def conversation_mistakes(body: Json, bot: str, tenant: str) -> list[str]:
    """Return what is wrong with the wish for a conversation with one person, or for a new thread in a channel."""
    if body.get("isGroup") is True:
        return list(_thread_wish(body, bot, tenant))
    return list(_chat_wish(body, bot, tenant))


def _activity(body: Json, kind: str) -> Iterator[str]:
    match body.get("type"):
        case "message":
            yield from shaped("activity", body, {"type": words}, {**ADDRESSED, **OF_MESSAGES})
            yield from _message(body, kind)
        case "typing":
            yield from shaped("activity", body, {"type": words}, ADDRESSED)
        case other:
            yield f"activity.type is {other!r}"


def _message(body: Json, kind: str) -> Iterator[str]:
    if not body.get("text") and not body.get("attachments"):
        yield "activity has neither text nor attachments"
    if body.get("text") and body.get("attachments"):
        yield "activity has text beside a card, which Teams parts in two without telling their ids"
    attached, entities = body.get("attachments"), body.get("entities")
    cards = [each for each in attached if isinstance(each, dict)] if isinstance(attached, list) else []
    if cards and not body.get("summary"):
        yield "activity.summary is missing, though a notification would show it"
    for card in cards:
        if card.get("contentType") == CARD:
            yield from card_mistakes(card.get("content"))
    if "suggestedActions" in body and kind != "personal":
        yield f"activity.suggestedActions belong in personal chats, not in {kind}"
    for number, held in enumerate(entities if isinstance(entities, list) else ()):
        yield from entity(f"activity.entities[{number}]", held, str(body.get("text", "")))


def _attachments(where: str, value: Json) -> Iterator[str]:
    needs: dict[str, Rule] = {"contentType": exactly(CARD), "content": thing}
    yield from each(where, value, lambda at, held: shaped(at, held, needs), 1, 10)


def _suggested(where: str, value: Json) -> Iterator[str]:
    needs: dict[str, Rule] = {"type": exactly("imBack"), "title": words, "value": words}

    def listed(at: str, held: Json) -> Iterator[str]:
        yield from each(at, held, lambda spot, action: shaped(spot, action, needs), 1, MOST_SUGGESTED)

    yield from shaped(where, value, {"actions": listed}, {"to": lambda at, held: each(at, held, words)})


def _channel_data(where: str, value: Json) -> Iterator[str]:
    def loop(at: str, held: Json) -> Iterator[str]:
        yield from shaped(at, held, {"type": one_of("default", "custom")})

    def notification(at: str, held: Json) -> Iterator[str]:
        yield from shaped(at, held, {"alert": fact})

    takes: dict[str, Rule] = {"feedbackLoop": loop, "notification": notification, "tenant": _named}
    yield from shaped(where, value, {}, takes)


def _named(where: str, value: Json) -> Iterator[str]:
    yield from shaped(where, value, {"id": words}, {"name": words})


def _chat_wish(body: Json, bot: str, tenant: str) -> Iterator[str]:
    def here(at: str, held: Json) -> Iterator[str]:
        yield from shaped(at, held, {"tenant": lambda spot, inner: shaped(spot, inner, {"id": exactly(tenant)})})

    needs: dict[str, Rule] = {
        "bot": lambda at, held: shaped(at, held, {"id": exactly(bot)}, {"name": words}),
        "members": lambda at, held: each(at, held, _named, 1, 1),
        "isGroup": exactly(False),
        "tenantId": exactly(tenant),
        "channelData": here,
    }
    yield from shaped("conversation", body, needs, {"activity": thing})


def _thread_wish(body: Json, bot: str, tenant: str) -> Iterator[str]:
    def there(at: str, held: Json) -> Iterator[str]:
        yield from shaped(at, held, {"channel": _named}, {"tenant": _named, "team": _named})

    needs: dict[str, Rule] = {"isGroup": fact, "channelData": there, "activity": thing}
    own: dict[str, Rule] = {"id": exactly(bot)}
    takes: dict[str, Rule] = {"bot": lambda at, held: shaped(at, held, own, {"name": words})}
    yield from shaped("conversation", body, needs, {**takes, "tenantId": exactly(tenant)})


ADDRESSED: dict[str, Rule] = {
    "channelId": exactly("msteams"),
    "conversation": thing,
    "from": _named,
    "locale": words,
    "recipient": _named,
    "replyToId": words,
    "serviceUrl": words,
}
OF_MESSAGES: dict[str, Rule] = {
    "attachmentLayout": one_of("list", "carousel"),
    "attachments": _attachments,
    "channelData": _channel_data,
    "entities": lambda at, held: each(at, held, thing),
    "importance": one_of("low", "normal", "high", "urgent"),
    "inputHint": one_of("acceptingInput", "expectingInput", "ignoringInput"),
    "suggestedActions": _suggested,
    "summary": words,
    "text": words,
    "textFormat": one_of("plain", "markdown", "xml"),
}
