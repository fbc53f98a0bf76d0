"""`smpolicy policy`: shows the clauses of a policy, and puts the next one into force."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.app import POLICY_TEXT, TextMistakes, read_texts, switchboard
from bot.commands.calling import OneLineParser, Unusable, about_school, config, deployment
from bot.domain.policy import Clause
from bot.importing.document import Unreadable
from bot.importing.following import following
from bot.importing.keeping import put_into_force
from bot.importing.report import Report, as_json, in_words
from bot.settings.choosing import SchoolNotSaid, ids_of, school_called, schools_of
from bot.settings.load import Settings, SettingsMistakes
from bot.settings.trust import load_deployment
from bot.trust import policy_folders


@dataclass(frozen=True, slots=True)
class InForce:
    """A policy, and who goes by it.

    Attributes:
        folder: Where its texts are.
        users: The schools that go by it.
    """

    folder: Path
    users: tuple[Settings, ...]


def add_policy(commands: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add the command to those of the program."""
    policy = commands.add_parser("policy", help="show the policy's clauses")
    clauses = policy.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=OneLineParser)
    whose = "whose policy, where schools have several"
    listing = clauses.add_parser("list", help="all clauses, a line each")
    about_school(listing, whose)
    listing.set_defaults(carry_out=_list)
    show = clauses.add_parser("show", help="one clause, whole")
    show.add_argument("id", help="its id, such as STF-4")
    about_school(show, whose)
    show.set_defaults(carry_out=_show)
    coming = clauses.add_parser("import", help="read the next policy, say what differs, and put it into force")
    coming.add_argument("file", type=Path, metavar="FILE", help="plain text, Markdown or Word (.docx)")
    coming.add_argument("--version", default="", metavar='"September 2026"', help="if its title page has no date")
    coming.add_argument("--write", action="store_true", help="put it into force; without it nothing is changed")
    coming.add_argument("--for-all", action="store_true", help="also for other schools that go by the same policy")
    coming.add_argument("--json", action="store_true", help="print what differs as JSON")
    about_school(coming, whose)
    coming.set_defaults(carry_out=_import)


def _in_force(schools: Sequence[Settings], id: str) -> InForce:
    """Return the policy of the school called *id*; it needs no naming where all go by the same."""
    if id or len(policy_folders(schools)) > 1:
        try:
            meant = [school_called(id, schools)]
        except SchoolNotSaid as error:
            raise Unusable(f"smpolicy: {error}.") from error
    else:
        meant = list(schools)
    (folder,) = policy_folders(meant)
    return InForce(folder, tuple(each for each in schools if policy_folders((each,)) == (folder,)))


def _clauses(call: argparse.Namespace) -> tuple[Clause, ...]:
    """Return the clauses, whatever else is wrong with the settings."""
    try:
        schools = schools_of(load_deployment(config(call), os.environ))
    except SettingsMistakes as error:
        if not error.read:
            raise Unusable(str(error)) from error
        schools = error.read
    try:
        return read_texts(_in_force(schools, call.school).folder).policy.clauses
    except TextMistakes as error:
        raise Unusable(str(error)) from error


def _list(call: argparse.Namespace) -> int:
    for clause in _clauses(call):
        print(f"{clause.id:8}{clause.heading}: {clause.text}")
    return 0


def _show(call: argparse.Namespace) -> int:
    found = next((clause for clause in _clauses(call) if clause.id == call.id.strip().upper()), None)
    if found is None:
        raise Unusable(f"smpolicy: the policy has no clause {call.id}. smpolicy policy list shows them all.")
    print(f"{found.id} – {found.heading}\n{found.text}")
    return 0


def _import(call: argparse.Namespace) -> int:
    in_force = _in_force(schools_of(deployment(call)), call.school)
    if call.write and call.school and not call.for_all:
        _refuse_for_others(in_force, call.school)
    folder = in_force.folder
    try:
        read_texts(folder)  # names every mistake in what there is before anything is compared with it
        found = following(call.file, call.version, folder, switchboard())
    except TextMistakes as error:
        raise Unusable(str(error)) from error
    except Unreadable as error:
        raise Unusable(f"smpolicy: {call.file} {error}.") from error
    kept = _put_into_force(found, folder) if call.write and not found.is_same else None
    if call.json:
        print(json.dumps(as_json(found, written=kept is not None), ensure_ascii=False, indent=2))
        return 0
    for line in in_words(found):
        print(line)
    print()
    if kept:
        print(f"Written to {folder / 'policy.md'}; the former text is kept as {kept}.")
        if len(in_force.users) > 1:
            print(f"It is the policy of {ids_of(in_force.users)}.")
        print(f"Next: smpolicy check, and {fit_of(folder)}. Then start the bot again.")
    elif not found.is_same:
        print("Nothing was written. Read it through, then add --write to put it into force.")
    return 0


def fit_of(folder: Path) -> str:
    """Return the command that fits the search to the ways of asking in *folder*."""
    return "make fit" if folder == POLICY_TEXT else f'make fit ARGS="{folder}"'


def _refuse_for_others(in_force: InForce, id: str) -> None:
    """Raise Unusable where more schools than the one that was named would get another policy."""
    others = [each for each in in_force.users if each.school.id != id]
    if others:
        raise Unusable(
            f"smpolicy: {ids_of(others)} {'go' if len(others) > 1 else 'goes'} by the same policy as {id}, "
            f"{in_force.folder}. Add --for-all to change it for all of them; or copy that folder, and name the copy in "
            f"the file of {id}, as in policy: {id}-policy."
        )


def _put_into_force(found: Report, folder: Path) -> Path:
    try:
        return put_into_force(found.imported.text, folder, found.difference.was)
    except OSError as error:
        raise Unusable(
            f"smpolicy: can't write the policy in {folder}: {error.strerror or error}. The one in force is as it was."
        ) from error
