"""Who asks: "what is my job in this?" has another answer for the administrator than for a teacher."""

import re

from bot.domain.people import Person, Role, Seat

_OF_ONESELF = re.compile(
    r"\b(?:my (?:job|role|part|duty|duties|responsibilit\w+)|am i (?:responsible|expected|meant to do|supposed to do)"
    r"|(?:expected|asked|wanted) of me|do i (?:have|need) to do|do i need (?:any )?training)\b",
    re.IGNORECASE,
)
_NAMES_ONE = re.compile(r"\bas (?:an?|the|one)\b|\bhere:", re.IGNORECASE)
_WORDS = {
    Role.ADMINISTRATOR: " as the account administrator",
    Role.SLT: " as a member of SLT",
    Role.STAFF: " as a member of staff",
}
_OF_A_GUEST = " as a volunteer who is not employed by the school"


def of_the_asker(question: str, person: Person) -> str:
    """Return the words to add to *question* where it is about *person* and does not say as whom they ask, or ""."""
    if not _OF_ONESELF.search(question) or _NAMES_ONE.search(question):
        return ""
    if person.seat is Seat.GUEST:
        return _OF_A_GUEST
    return next((words for role, words in _WORDS.items() if person.holds(role)), "")
