"""What Teams, or our own taste, refuses in the entities of a message: mentions and citations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.teams.strict_values import Rule, count, each, exactly, link, shaped, text, words

Json = Any
MESSAGE = "https://schema.org/Message"
MOST_CITATIONS = 20
LONGEST_NAME = 80
LONGEST_ABSTRACT = 160


def entity(where: str, value: Json, said: str) -> Iterator[str]:
    """Yield what is wrong with an entity of a message that says *said*."""
    match value:
        case {"type": "mention"}:
            yield from _mention(where, value, said)
        case {"type": kind} if kind == MESSAGE:
            yield from _citations(where, value, said)
        case _:
            yield f"{where} is {value!r}, which does not belong there"


def _mention(where: str, value: Json, said: str) -> Iterator[str]:
    def somebody(at: str, held: Json) -> Iterator[str]:
        yield from shaped(at, held, {"id": words, "name": words})

    needs: dict[str, Rule] = {"type": exactly("mention"), "mentioned": somebody, "text": words}
    yield from shaped(where, value, needs)
    if str(value.get("text")) not in said:
        yield f"{where}.text stands nowhere in the message"


def _citations(where: str, value: Json, said: str) -> Iterator[str]:
    needs: dict[str, Rule] = {
        "type": exactly(MESSAGE),
        "@type": exactly("Message"),
        "@context": exactly("https://schema.org"),
        "@id": exactly(""),
        "citation": lambda at, held: each(at, held, _claim, 1, MOST_CITATIONS),
    }
    yield from shaped(where, value, needs)
    claims = value.get("citation")
    known = [claim for claim in claims if isinstance(claim, dict)] if isinstance(claims, list) else []
    positions = [str(claim.get("position")) for claim in known]
    if len({*positions}) != len(positions):
        yield f"{where}.citation has a position twice"
    for position in positions:
        if f"[{position}]" not in said:
            yield f"{where}.citation: nothing in the message leads to [{position}]"


def _claim(where: str, value: Json) -> Iterator[str]:
    needs: dict[str, Rule] = {"@type": exactly("Claim"), "position": count, "appearance": _document}
    yield from shaped(where, value, needs)


def _document(where: str, value: Json) -> Iterator[str]:
    needs: dict[str, Rule] = {
        "@type": exactly("DigitalDocument"),
        "name": lambda at, held: _short(at, held, LONGEST_NAME),
        "abstract": lambda at, held: _short(at, held, LONGEST_ABSTRACT),
    }
    yield from shaped(where, value, needs, {"url": link, "text": text})


def _short(where: str, value: Json, most: int) -> Iterator[str]:
    yield from words(where, value)
    if isinstance(value, str) and len(value) > most:
        yield f"{where} has {len(value)} characters, at most {most} are shown"
