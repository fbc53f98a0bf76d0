"""What can be chosen in a form: options and people, under titles that nobody can read as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.conversation.events import Json
from bot.conversation.fields import Choices, Field
from bot.domain.office import Office
from bot.domain.people import Person
from bot.platforms.literal import cleaned, is_blank
from bot.platforms.teams.body import numbered

MOST_PEOPLE = 500

_FEW = 5
# Clients may read the titles of choices as Markdown, and make links of addresses there.
_MARKUP = re.compile(
    r"[*_`~\[\]<>#|\\^{}$!=@\n]|&[\w#]|^\s|\s$|\s\s|^[-+•]|^\d+[.)]|\w\.\w|:[\w/]|--|[\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)


def is_unmarked(words: str) -> bool:
    """Tell whether *words* are the same whether or not somebody reads them as Markdown or HTML."""
    return not _MARKUP.search(words) and words == cleaned(words)


def numbered_options(field: Field) -> Iterable[tuple[int, str]]:
    """Return the options of *field* with their numbers, which travel instead of their words."""
    return enumerate(map(str, field.options), start=1)


def marked_options(field: Field) -> list[Json]:
    """Return those options of *field* whose words are not safe in a title, to stand above the choice."""
    marked = ((number, words) for number, words in numbered_options(field) if not is_unmarked(words))
    return numbered(marked, f"{field.name}--options")


def options(field: Field, chosen: str) -> dict[str, Json]:
    """Return what *field* offers as properties of an input; *chosen* are the numbers of options, with commas."""
    offered = [
        {"title": words if is_unmarked(words) else f"Number {number}", "value": str(number)}
        for number, words in numbered_options(field)
    ]
    several = isinstance(field, Choices)
    held = [each["value"] for each in offered if each["value"] in chosen.split(",")]
    return {
        "style": "expanded" if len(offered) <= _FEW else "compact",
        **({"isMultiSelect": True} if several else {}),
        "wrap": True,
        "choices": offered,
        **chosen_value(held if several else held[:1]),
    }


def people(listed: Iterable[Person], chosen: Iterable[str]) -> dict[str, Json]:
    """Return the list of people as properties of an input, in which the ids in *chosen* are chosen."""
    return {
        "style": "filtered",
        "isMultiSelect": True,
        "choices": [{"title": each.name, "value": each.id} for each in listed],
        **chosen_value(chosen),
    }


def people_listed(office: Office) -> list[Person]:
    """Return who can be chosen: those who work here, or nobody where they are too many for a list.

    Somebody whose name could be read as markup is named by typing it, and so is whose id can't be sent with others.
    """
    here = [
        each
        for each in office.people
        if each.works_here(office.today) and is_unmarked(each.name) and not is_blank(each.name) and "," not in each.id
    ]
    return here if len(here) <= MOST_PEOPLE else []


def chosen_value(chosen: Iterable[str]) -> dict[str, Json]:
    """Return what is chosen as the property of an input: Teams takes several with commas between them."""
    value = ",".join(chosen)
    return {"value": value} if value else {}
