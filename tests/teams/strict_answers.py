"""What Teams, or our own taste, refuses in the answer to an invoke."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.teams.strict import CARD, large, unreadable
from tests.teams.strict_cards import card_mistakes
from tests.teams.strict_values import Rule, count, each, exactly, link, one_of, shaped, thing, words

Json = Any
ERROR = "application/vnd.microsoft.error"
SAID = "application/vnd.microsoft.activity.message"
PREVIEW = "application/vnd.microsoft.card.thumbnail"
MOST_RESULTS = 25
LONGEST_TITLE = 64
# These may be answered by nothing, which closes the dialog or is no more than a nod.
MAY_BE_EMPTY = {"task/submit", "composeExtension/submitAction", "message/submitAction"}
KNOWN = {
    *("adaptiveCard/action", "task/fetch", "composeExtension/fetchTask", "composeExtension/query"),
    *("message/fetchTask", *MAY_BE_EMPTY),
}


def is_answer(name: str, body: str) -> bool:
    """Tell whether *body* answers the invoke of that *name* at all; else Teams asks again."""
    if name not in KNOWN:
        return True
    try:
        answer = json.loads(body) if body.strip() else {}
    except ValueError:
        return False
    return isinstance(answer, dict) and (bool(answer) or name in MAY_BE_EMPTY)


def answer_mistakes(name: str, body: str, content_type: str) -> list[str]:
    """Return what is wrong with the answer to the invoke of that *name*."""
    if not is_answer(name, body):
        return [f"the answer is {body[:80]!r}"]
    if name not in KNOWN or not body.strip():
        return []
    answer = json.loads(body)
    odd = [] if content_type == "application/json" else [f"the answer is sent as {content_type!r}"]
    return [*odd, *unreadable(answer), *large("the answer", answer), *_mistakes(name, answer)]


def _mistakes(name: str, answer: Json) -> Iterator[str]:
    match name:
        case "message/submitAction":
            yield from shaped("answer", answer, {})
        case _ if not answer:
            return
        case "adaptiveCard/action":
            yield from _action(answer)
        case "composeExtension/query":
            yield from shaped("answer", answer, {"composeExtension": _results})
        case _:
            yield from shaped("answer", answer, {"task": _task})


def _action(answer: Json) -> Iterator[str]:
    def refusal(at: str, held: Json) -> Iterator[str]:
        yield from shaped(at, held, {"code": words, "message": words})

    def card(_: str, held: Json) -> Iterator[str]:
        yield from card_mistakes(held)

    rules: dict[Json, Rule] = {ERROR: refusal, SAID: words, CARD: card}
    kind, status = answer.get("type"), answer.get("statusCode")
    if kind not in rules:
        yield f"answer.type is {kind!r}"
        return
    yield from shaped("answer", answer, {"statusCode": count, "type": words, "value": rules[kind]})
    fits = status in range(400, 500) if kind == ERROR else status == 200
    if not fits:
        yield f"answer.statusCode {status!r} does not go with {kind}"


def _task(where: str, value: Json) -> Iterator[str]:
    match value:
        case {"type": "message"}:
            yield from shaped(where, value, {"type": words, "value": words})
        case {"type": "continue"}:
            yield from shaped(where, value, {"type": words, "value": _dialog})
        case _:
            yield f"{where} is {str(value)[:80]}, neither a message nor a dialog"


def _dialog(where: str, value: Json) -> Iterator[str]:
    def attached(at: str, held: Json) -> Iterator[str]:
        yield from shaped(at, held, {"contentType": exactly(CARD), "content": thing})
        if isinstance(held, dict):
            yield from card_mistakes(held.get("content"), in_dialog=True)

    yield from shaped(where, value, {"title": _title, "card": attached}, {"height": _extent, "width": _extent})


def _title(where: str, value: Json) -> Iterator[str]:
    yield from words(where, value)
    if isinstance(value, str) and len(value) > LONGEST_TITLE:
        yield f"{where} has {len(value)} characters, at most {LONGEST_TITLE} are shown"


def _extent(where: str, value: Json) -> Iterator[str]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield from one_of("small", "medium", "large")(where, value)


def _results(where: str, value: Json) -> Iterator[str]:
    match value:
        case {"type": "message"}:
            yield from shaped(where, value, {"type": words, "text": words})
        case {"type": "result"}:
            needs: dict[str, Rule] = {
                "type": words,
                "attachmentLayout": one_of("list", "grid"),
                "attachments": lambda at, held: each(at, held, _result, 0, MOST_RESULTS),
            }
            yield from shaped(where, value, needs)
        case _:
            yield f"{where} is {str(value)[:80]}, neither a message nor results"


def _result(where: str, value: Json) -> Iterator[str]:
    def thumbnail(at: str, held: Json) -> Iterator[str]:
        yield from shaped(at, held, {"contentType": exactly(PREVIEW), "content": preview})

    def preview(at: str, held: Json) -> Iterator[str]:
        yield from shaped(at, held, {"title": words}, {"text": words, "subtitle": words, "tap": _tap})

    yield from shaped(where, value, {"contentType": exactly(CARD), "content": thing, "preview": thumbnail})
    if isinstance(value, dict):
        yield from card_mistakes(value.get("content"))


def _tap(where: str, value: Json) -> Iterator[str]:
    yield from shaped(where, value, {"type": exactly("openUrl"), "value": link})
