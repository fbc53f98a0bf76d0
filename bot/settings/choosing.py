"""Which school of a deployment is meant."""

from __future__ import annotations

from collections.abc import Sequence

from bot.settings.file import either
from bot.settings.shapes import Settings, TrustSettings

MOST_NAMED = 20


class SchoolNotSaid(ValueError):
    """Nobody can tell which school is meant; the message says which there are."""


def schools_of(settings: Settings | TrustSettings) -> tuple[Settings, ...]:
    """Return the schools of a deployment, in the order of their files."""
    return settings.schools if isinstance(settings, TrustSettings) else (settings,)


def school_called(id: str, schools: Sequence[Settings]) -> Settings:
    """Return the school that is called *id*; "" is enough where there is only one.

    Raises:
        SchoolNotSaid: There is no such school, or "" could be any of several.
    """
    found = [each for each in schools if id in ("", each.school.id)]
    if len(found) == 1:
        return found[0]
    there_are = f"add --school with {ids_of(schools, 'or')}"
    raise SchoolNotSaid(
        f"there is no school {id}; {there_are}" if id else f"which school? There are several; {there_are}"
    )


def ids_of(schools: Sequence[Settings], word: str = "and") -> str:
    """Return the ids of *schools* as "a, b and c"; of very many only the first."""
    ids = [each.school.id for each in schools]
    more = len(ids) - MOST_NAMED
    return either([*ids[:MOST_NAMED], f"{more} more"] if more > 1 else ids, word)
