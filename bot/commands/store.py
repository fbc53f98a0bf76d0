"""`smpolicy store`: makes a database ready, and copies, backs up, restores and checks what a school has."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Coroutine, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from bot.commands.calling import OneLineParser, Unusable, about_settings, deployment
from bot.commands.records import KINDS
from bot.errors import NotSaved
from bot.stores.checking import Findings, check_database, check_folder
from bot.stores.databases import name_of
from bot.stores.migrating import migrate
from bot.stores.moving import Compared, backup, copy, restore
from bot.stores.opening import POSTGRESQL
from bot.stores.raw import Tallies

FOLDER = "tinydb:"
WRONG = 1
MOST_FAULTS = 100

T = TypeVar("T")


def add_store(commands: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add the command to those of the program."""
    store = commands.add_parser("store", help="make a database ready; copy, back up, restore or check the records")
    moves = store.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=OneLineParser)
    default = "tinydb:FOLDER or postgresql://USER@HOST/DATABASE (default: the one that serve uses)"

    making = moves.add_parser("migrate", help="make a database ready for this version of the program")
    making.add_argument("url", nargs="?", type=_url, metavar="URL", help=default)
    making.set_defaults(carry_out=_migrate)

    copying = moves.add_parser("copy", help="put everything of one store into another; stop the bot first")
    copying.add_argument("source", type=_url, metavar="FROM", help="tinydb:FOLDER or postgresql://USER@HOST/DATABASE")
    copying.add_argument("target", type=_url, metavar="TO", help="an empty one; it is filled")
    copying.set_defaults(carry_out=_copy)

    saving = moves.add_parser("backup", help="put everything into a new folder, also while the bot runs")
    saving.add_argument("url", nargs="?", type=_url, metavar="URL", help=default)
    saving.add_argument("folder", type=_path, metavar="FOLDER", help="there must be none of this name yet")
    saving.set_defaults(carry_out=_backup)

    bringing = moves.add_parser("restore", help="put a backup into an empty store")
    bringing.add_argument("folder", type=_path, metavar="FOLDER", help="the backup")
    bringing.add_argument("url", nargs="?", type=_url, metavar="URL", help=default)
    bringing.set_defaults(carry_out=_restore)

    checking = moves.add_parser("check", help="read everything, also while the bot runs, and name what is wrong")
    checking.add_argument("url", nargs="?", type=_url, metavar="URL", help=default)
    checking.set_defaults(carry_out=_check)

    for command in (making, saving, bringing, checking):
        about_settings(command)
        command.add_argument("--data", type=Path, metavar="DIR", help="the folder of the store, as serve is given it")


def _migrate(call: argparse.Namespace) -> int:
    url = _store(call)
    if not url.startswith(POSTGRESQL):
        print(f"There is nothing to do: {url} needs no tables.")
        return 0
    done = _done(migrate(url))
    for each in done:
        print(f"Done: {each.number:04}_{each.name}")
    print(
        f"{name_of(url)} is ready for this smpolicy." if done else f"There is nothing to do: {name_of(url)} is ready."
    )
    return 0


def _copy(call: argparse.Namespace) -> int:
    return _told(_resumable(copy(call.source, call.target, KINDS)), call.target)


def _restore(call: argparse.Namespace) -> int:
    url = _store(call)
    return _told(_resumable(restore(call.folder, url, KINDS)), url)


def _backup(call: argparse.Namespace) -> int:
    tallies = _done(backup(_store(call), call.folder))
    _print(_table(tallies))
    print(f"{tallies.total} records are in {call.folder}.")
    return 0


def _check(call: argparse.Namespace) -> int:
    url = _store(call)
    if url.startswith(POSTGRESQL):
        found = _done(check_database(url, KINDS))
    else:
        found = _done(check_folder(Path(url.removeprefix(FOLDER)), KINDS))
    _print(_table(found.tallies))
    print(f"{found.tallies.total} records are in {_name(url)}.")
    for kind, number in sorted(found.strange.items()):
        print(f"{number} of them are of the kind {kind}, which this smpolicy does not know.")
    if not found.faults:
        print("Nothing is wrong.")
        return 0
    for line in _faults(found):
        print(f"smpolicy: {line}", file=sys.stderr)
    return WRONG


def _faults(found: Findings) -> Iterator[str]:
    yield from found.faults[:MOST_FAULTS]
    if len(found.faults) > MOST_FAULTS:
        yield f"{len(found.faults) - MOST_FAULTS} more of that sort."


def _told(compared: Compared, target: str) -> int:
    """Say how a copy went, and return the exit code."""
    if compared.began:
        print(f"It went on where it was: {compared.began} records were there already.")
    if compared.alike and compared.unchanged:
        _print(_table(compared.source))
        print(f"{compared.target.total} records are in {_name(target)}, the same as where they came from.")
        for kind, number in sorted(compared.unread.items()):
            print(
                f"warning: this smpolicy can't read {number} of the kind {kind}. They were copied as they are, without "
                "what they are found by.",
                file=sys.stderr,
            )
        return 0
    if compared.alike:
        why = "Somebody wrote to the store that was copied meanwhile. Stop every smpolicy on it, and copy again"
    else:
        _print(_differences(compared))
        why = "The two differ. Stop every smpolicy on either, and copy again"
    print(f"smpolicy: {why}; until then {_name(target)} can't be used.", file=sys.stderr)
    return WRONG


def _table(tallies: Tallies) -> Iterable[tuple[str, ...]]:
    yield "school", "kind", "records", "sha256"
    for school, kind in tallies:
        tally = tallies[school, kind]
        yield _plain(school), kind, str(tally.count), tally.sha256


def _differences(compared: Compared) -> Iterable[tuple[str, ...]]:
    yield "school", "kind", "where", "records", "sha256"
    for table in sorted({*compared.source, *compared.target}):
        for where, tally in (("from", compared.source[table]), ("to", compared.target[table])):
            yield _plain(table[0]), table[1], where, str(tally.count), tally.sha256


def _print(rows: Iterable[tuple[str, ...]]) -> None:
    """Print *rows* in columns; numbers stand to the right."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (
            cell.rjust(width) if name == "records" else cell.ljust(width)
            for name, cell, width in zip(table[0], row, widths, strict=True)
        )
        print("  ".join(cells).rstrip())


def _plain(name: str) -> str:
    return name if name.isprintable() and name else repr(name)


def _name(url: str) -> str:
    return name_of(url) if url.startswith(POSTGRESQL) else url


def _url(text: str) -> str:
    """Return *text*, which names a store; it may hold a password, so it is never repeated."""
    scheme, _, rest = text.partition(":")
    if scheme == "tinydb" and rest.strip():
        return text
    if scheme in ("postgresql", "postgres") and rest.startswith("//"):
        return text
    raise argparse.ArgumentTypeError("is not a store; use tinydb:FOLDER or postgresql://USER@HOST/DATABASE")


def _path(text: str) -> Path:
    if not text.removeprefix(FOLDER) or text.startswith(POSTGRESQL):
        raise argparse.ArgumentTypeError("should be a folder")
    return Path(text.removeprefix(FOLDER))


def _store(call: argparse.Namespace) -> str:
    """Return the store that is meant: the one named, or the one that serve uses."""
    if call.url is not None and call.data is not None:
        raise Unusable("smpolicy: name the store by URL or by --data, not by both.")
    return str(call.url or deployment(call).store_url)


def _resumable(work: Coroutine[Any, Any, T]) -> T:
    try:
        return _done(work)
    except KeyboardInterrupt:
        print("smpolicy: interrupted. Give the same command again, and it goes on where it was.", file=sys.stderr)
        raise


def _done(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except NotSaved as error:
        raise Unusable(f"smpolicy: {error.sentence}") from error
