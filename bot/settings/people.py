"""The sections of app.yaml about people: who they are, which roles they hold, who is on duty."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bot.domain.people import Person, Role
from bot.settings.file import NAME, Entry, either, shown
from bot.settings.school import conversation, readable
from bot.settings.shapes import Duty, Listed, RoleSource
from bot.settings.teams_ids import why_no_person

PERSON = (
    *("id", "name", "email", "phone", "hours", "roles"),
    *("slack", "teams", "contact_only", "left"),
)
SOURCE = ("slack_usergroup", "slack_channel", "teams_team", "teams_channel")
DUTY_MINUTES = 5

Sources = Mapping[Role, RoleSource]


def read_people(entry: Entry) -> tuple[Listed, ...]:
    """Return the people in the file's order."""
    if not entry.present:
        entry.mistake("is missing")
    parts = [each.fields(PERSON) for each in entry.items()]
    for key in ("id", "slack"):
        _refuse_twins((part[key] for part in parts), str)
    _refuse_twins((part["teams"] for part in parts), str.lower)
    return tuple(_listed(part) for part in parts)


def read_sources(entry: Entry) -> Sources:
    """Return where a role is also held by a group."""
    part = entry.fields(tuple(Role))
    return {role: _source(part[role]) for role in Role if part[role].present}


def read_duty(entry: Entry, people: tuple[Listed, ...]) -> Duty:
    """Return who is tried in turn; without a word about it, SLT without the Head in the file's order."""
    part = entry.fields(("press", "safety", "minutes"))
    persons = {listed.person.id: listed.person for listed in people}
    press = _on_duty(part["press"], persons) or tuple(each.id for each in slt_besides_head(people))
    return Duty(press, _on_duty(part["safety"], persons) or press, part["minutes"].number(DUTY_MINUTES))


def check_holders(entry: Entry, people: tuple[Listed, ...], sources: Sources) -> None:
    """Note roles that nobody holds, and a second Head."""
    for role, title in ((Role.HEAD, "head"), (Role.ADMINISTRATOR, "administrator"), (Role.DSL, "dsl")):
        if role not in sources:
            _check_held(entry, _holders(people, role), f"nobody has the role {title}")
    if Role.SLT not in sources:
        _check_held(entry, slt_besides_head(people), "nobody besides the head has the role slt")
    heads = [person for person in _holders(people, Role.HEAD) if person.left is None]
    if len(heads) > 1:
        named = ", ".join(person.id for person in heads)
        entry.mistake(f"only one person can have the role head, not {named}")
    if not _holders(people, Role.CHAIR):
        entry.warning("nobody has the role chair, so a report about the head has nowhere to go")


def check_quorum(entry: Entry, quorum: int, people: tuple[Listed, ...], sources: Sources) -> None:
    """Warn of a quorum that SLT, which the Head does not vote with, is too small for."""
    voters = len([person for person in slt_besides_head(people) if person.left is None])
    if Role.SLT not in sources and quorum > voters:
        entry.warning(
            f"asks for {quorum} votes, but there are {voters} in SLT besides the head; "
            f"until there are more, all of them decide"
        )


def check_both_ids(entry: Entry, people: tuple[Listed, ...]) -> None:
    """Warn of those who decide or are told of reports, and have an id on one of two platforms only.

    On the other one they would be somebody else, who could decide on what they themselves have applied for.
    """
    for each, listed in zip(entry.items(), people, strict=False):
        missing = [name for name in ("slack", "teams") if not getattr(listed, name)]
        if len(missing) == 1 and listed.person.roles - {Role.STAFF}:
            each.warning(
                f"{listed.person.id} has no {missing[0]} id, so there they count as somebody else: without their role, "
                "and not as the one who applied"
            )


def check_groups_of_both(entry: Entry, sources: Sources) -> None:
    """Warn of roles that a group gives on both or on one of two platforms: unlisted, its members are two people."""
    for role, source in sources.items():
        if any((source.slack_usergroup, source.slack_channel, source.teams_team, source.teams_channel)):
            entry.warning(
                f"a group gives the role {role}: list its members under people with both their ids, or on the other "
                "platform they count as somebody else"
            )


def slt_besides_head(people: tuple[Listed, ...]) -> list[Person]:
    """Return those who vote in SLT, in the file's order."""
    return [person for person in _holders(people, Role.SLT) if Role.HEAD not in person.roles]


def _holders(people: tuple[Listed, ...], role: Role) -> list[Person]:
    return [listed.person for listed in people if role in listed.person.roles]


def _check_held(entry: Entry, holders: list[Person], sentence: str) -> None:
    if not holders:
        entry.mistake(sentence)
    elif all(person.left for person in holders):
        last = max(holders, key=lambda person: str(person.left))
        entry.warning(f"{sentence} after {last.left}, the last day of {last.id}")


def _refuse_twins(entries: Iterable[Entry], meant: Callable[[str], str]) -> None:
    """Note entries that say the same; *meant* makes one of what may be written in several ways."""
    first: dict[str, Entry] = {}
    for entry in entries:
        value = entry.words() if entry.present else ""
        if meant(value) in first:
            entry.mistake(f"{shown(value)} is taken by {first[meant(value)].path}")
        elif value:
            first[meant(value)] = entry


def _listed(part: Mapping[str, Entry]) -> Listed:
    person = Person(
        id=_person_id(part["id"]),
        name=_name(part["name"], part["id"]),
        roles=_roles(part["roles"]),
        email=part["email"].words(),
        phone=part["phone"].words(),
        contact_only=part["contact_only"].yes_no(False),
        left=part["left"].day(),
    )
    for platform in ("slack", "teams"):
        if person.contact_only and part[platform].present:
            part[platform].mistake("somebody who is contact_only has no seat in chat; leave one of the two out")
    return Listed(person, part["slack"].words(), _teams_id(part["teams"]), part["hours"].words())


def _teams_id(entry: Entry) -> str:
    """Return the id in small letters, as Teams has it."""
    teams_id = entry.words()
    if teams_id and (wrong := why_no_person(teams_id)):
        entry.mistake(wrong)
    return teams_id.lower()


def _person_id(entry: Entry) -> str:
    person_id = entry.needed_words()
    if person_id and not NAME.fullmatch(person_id):
        entry.mistake(f"{shown(person_id)} is not an id; use small letters, digits and _, a letter first")
    return person_id


def _name(entry: Entry, person_id: Entry) -> str:
    if entry.present:
        return entry.needed_words()
    return readable(str(getattr(person_id.node, "value", "")))


def _roles(entry: Entry) -> frozenset[Role]:
    if not entry.present:
        entry.mistake(f"is missing; use {either(Role)}")
    return frozenset(each.choice(Role, "a role", Role.STAFF) for each in entry.items())


def _source(entry: Entry) -> RoleSource:
    part = entry.fields(SOURCE)
    return RoleSource(
        part["slack_usergroup"].words(),
        part["slack_channel"].words(),
        conversation(part["teams_team"]),
        conversation(part["teams_channel"]),
    )


def _on_duty(entry: Entry, persons: Mapping[str, Person]) -> tuple[str, ...]:
    named = {person_id: each for each in entry.items() if (person_id := each.needed_words())}
    for person_id, each in named.items():
        if person_id not in persons:
            each.mistake(f"{shown(person_id)} is not the id of anybody in people")
        elif Role.SLT not in persons[person_id].roles:
            each.mistake(f"{person_id} does not have the role slt")
    return tuple(named)
