"""Who may use the local page, and which places they see."""

from __future__ import annotations

from bot.domain.office import Office
from bot.domain.people import Person, Role
from bot.errors import Unknown

DM = "dm"
SHARED = {"slt": "Senior leadership team", "staff": "All staff"}


def chatters(office: Office) -> list[Person]:
    """Return who can chat, in app.yaml's order."""
    return [each for each in office.people if not each.contact_only and not each.has_left(office.today)]


def chatter(office: Office, person_id: str) -> Person:
    """Return the person; raises Unknown where nobody with this id can chat."""
    person = office.person(person_id)
    if person is None or person.contact_only or person.has_left(office.today):
        raise Unknown("Nobody with this name can chat here.")
    return person


def places_of(person: Person) -> dict[str, str]:
    """Return id and name of each place that *person* sees."""
    shared = {id: name for id, name in SHARED.items() if id != "slt" or person.holds(Role.SLT)}
    return {DM: "Direct chat with the bot", **shared}


def channel_in(person: Person, place: str) -> str:
    """Return the channel that *person* reads in *place*; raises Unknown where they see no such place."""
    if place not in places_of(person):
        raise Unknown("There is no such place here.")
    return f"dm:{person.id}" if place == DM else place


def place_in(person: Person, channel: str) -> str | None:
    """Return the place in which *person* reads *channel*, or None where they don't."""
    if channel == f"dm:{person.id}":
        return DM
    return channel if channel in places_of(person) and channel != DM else None
