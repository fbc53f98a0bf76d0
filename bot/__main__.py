"""The command line: `smpolicy`, also `python -m bot`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.metadata
import io
import ipaddress
import json
import os
import re
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from bot.app import POLICY_TEXT, App, Asking, Served, TextMistakes, in_folder, ready_texts, serving, switchboard
from bot.commands.calling import (
    UNUSABLE,
    OneLineParser,
    Unusable,
    about_school,
    about_settings,
    config,
    deployment,
    school,
    school_meant,
)
from bot.commands.policy import add_policy, fit_of
from bot.commands.store import add_store
from bot.errors import AssistantError
from bot.platforms.slack.manifest import manifest as slack_manifest
from bot.platforms.teams.edge import PATH as TEAMS_PATH
from bot.platforms.teams.manifest import manifest as teams_manifest
from bot.platforms.teams.manifest import package
from bot.settings.choosing import schools_of
from bot.settings.load import Settings, SettingsMistakes
from bot.settings.logs import start_logging
from bot.settings.shapes import TrustSettings
from bot.settings.trust import SCHOOLS, load_deployment, sections
from bot.trust import Trust, path_of, policy_folders

if sys.platform == "win32":  # where there is no uvloop
    from asyncio import run
else:
    from uvloop import run

INTERRUPTED = 130
DRAIN_SECONDS = 10.0
PACKAGE = Path("smpolicy-teams.zip")
NO_FIT = "the search is not fitted to these ways of asking, so it answers a little worse than it could. Run"


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command and return its exit code."""
    _speak_unicode()
    call = _parser().parse_args(arguments)
    try:
        code = int(call.carry_out(call))
        sys.stdout.flush()
    except Unusable as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _speak_unicode() -> None:
    """Read and write UTF-8 whatever the terminal claims, and never fail over a character."""
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(prog="smpolicy", description="Puts a school's social media policy to work.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=OneLineParser)

    serve = commands.add_parser("serve", help="start every edge that is configured")
    about_school(serve, "with --local: the school to try out, where there are several")
    serve.add_argument("--data", type=Path, metavar="DIR", help="where records are kept; overrides everything else")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=_port, default=8080, help="port to listen on (default 8080)")
    serve.add_argument(
        "--local", action="store_true",
        help="for trying out on this machine: add the local page, and Teams' Playground where no app id is set",
    )  # fmt: skip
    serve.set_defaults(carry_out=_serve)

    ask = commands.add_parser("ask", help="answer a question in the policy's own words")
    ask.add_argument("question", nargs="*", help="the question")
    ask.add_argument("--json", action="store_true", help="print the answer as JSON")
    ask.add_argument("--jsonl", action="store_true", help='read {"id","q"} lines, write an answer a line')
    about_school(ask)
    ask.set_defaults(carry_out=_ask)

    check = commands.add_parser("check", help="read settings and policy text, and name every mistake")
    about_settings(check)
    check.set_defaults(carry_out=_check)

    listing = commands.add_parser("manifest", help="make what Slack or Teams is told about the bot")
    listing.add_argument("platform", choices=("slack", "teams"), help="for whom")
    listing.add_argument(
        "--url", help="Slack: where the program is reached (without it, Socket Mode); Teams: a page about the bot"
    )
    listing.add_argument(
        "--out", type=Path, metavar="FILE", help=f"write it to this file (Slack: it is printed; Teams: {PACKAGE})"
    )
    listing.add_argument("--app-version", metavar="1.2.3", help="Teams: the package's version instead of the program's")
    about_school(listing)
    listing.set_defaults(carry_out=_manifest)

    add_policy(commands)
    add_store(commands)
    return parser


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port; give a number from 0 to 65535")
    return int(text)


def _serve(call: argparse.Namespace) -> int:
    settings = deployment(call)
    if call.local and not _is_loopback(call.host):
        raise Unusable(
            f"smpolicy: --local lets anybody be anybody, so it only listens on this machine: use --host 127.0.0.1 "
            f"instead of {call.host}."
        )
    local = _tried_out(call, settings)
    if not local and not any(each.slack or each.teams for each in schools_of(settings)):
        raise Unusable(
            "smpolicy: there is nothing to serve. Put what Slack or Teams needs into the environment (smpolicy check "
            "says what is still missing), or add --local for the local page."
        )
    start_logging(settings.log_level)
    for warning in settings.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    try:
        run(_run(_served(settings, local), call.host, call.port))
    except TextMistakes as error:
        raise Unusable(str(error)) from error
    except AssistantError as error:
        raise Unusable(f"smpolicy: {error.sentence}") from error
    except OSError as error:
        raise Unusable(f"smpolicy: can't listen on {call.host} port {call.port}: {error.strerror or error}.") from error
    return 0


def _tried_out(call: argparse.Namespace, settings: Settings | TrustSettings) -> str:
    """Return the id of the school that is tried out on this machine, or ""."""
    if call.local:
        return school_meant(call, settings).school.id
    if call.school:
        raise Unusable("smpolicy: all schools are served; --school only says which of them --local tries out.")
    return ""


def _served(settings: Settings | TrustSettings, local: str) -> Served:
    if isinstance(settings, TrustSettings):
        return Trust(settings, local=local)
    return App(settings, local=bool(local))


async def _run(app: Served, host: str, port: int) -> None:
    stopping = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers; Ctrl-C works all the same
            asyncio.get_running_loop().add_signal_handler(each, stopping.set)
    async with serving(app, host, port, drain_seconds=DRAIN_SECONDS) as address:
        print(f"smpolicy is running: {address}  (Ctrl-C stops it)", flush=True)
        for line in app.described():
            print(line, flush=True)
        await stopping.wait()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _ask(call: argparse.Namespace) -> int:
    try:
        asking = Asking(school(call))
    except TextMistakes as error:
        raise Unusable(str(error)) from error
    if call.jsonl:
        return _ask_lines(asking, sys.stdin)
    if not call.question:
        raise Unusable("smpolicy: what is the question? For example: smpolicy ask may I name the school in a post")
    answer = asking.answer(" ".join(call.question))
    if call.json:
        print(json.dumps(answer, ensure_ascii=False))
        return 0
    for line in _in_words(answer):
        print(line)
    return 0


def _ask_lines(asking: Asking, lines: Iterable[str] | TextIO) -> int:
    """Answer each line; a bad one is named with its number, and the others are answered all the same."""
    bad = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
            question_id, question = asked["id"], asked["q"]
            if not isinstance(question, str):
                raise TypeError
        except (ValueError, TypeError, KeyError, RecursionError):
            print(f'smpolicy: line {number} is not {{"id": …, "q": "…"}}; it was left out.', file=sys.stderr)
            bad += 1
            continue
        print(json.dumps(asking.answer(question, question_id), ensure_ascii=False), flush=True)
    return UNUSABLE if bad else 0


def _in_words(answer: dict[str, object]) -> Iterable[str]:
    passages = answer["passages"]
    assert isinstance(passages, list)
    if answer["route"]:
        yield str(answer["route"])
    if answer["conflict"]:
        yield "The policy says two things here; both are shown."
    for passage in passages:
        yield f"[{passage['clause']}] {passage['heading']}\n{passage['text']}"
    yield f"(policy: {answer['policy']})"


def _check(call: argparse.Namespace) -> int:
    mistakes: list[str] = []
    settings: Settings | TrustSettings | None = None
    try:
        settings = load_deployment(config(call), os.environ)
        warnings, schools = settings.warnings, schools_of(settings)
    except SettingsMistakes as error:
        mistakes += error.mistakes
        warnings, schools = error.warnings, error.read
    for folder in policy_folders(schools) or (POLICY_TEXT,):
        try:
            warnings += _astray(folder)
        except TextMistakes as error:
            mistakes += error.mistakes
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if settings is None or mistakes:
        raise Unusable("\n".join(mistakes))
    if isinstance(settings, TrustSettings):
        print(f"No mistakes: {config(call)}, and {len(schools)} schools:")
        for each in schools:
            print(f"{each.school.id}: {each.school.name}, {_platforms(each)}, and {_policy(each)}")
    else:
        print(f"No mistakes: {config(call)}, and {_policy(settings)}.")
    return 0


def _astray(folder: Path) -> tuple[str, ...]:
    """Return what a person should look at in the texts of *folder*."""
    texts, search = ready_texts(folder)
    astray = tuple(f"asks.yaml {place}" for place in texts.knowledge.astray)
    return tuple(
        in_folder(folder, each)
        for each in (*astray, *(() if search.is_fitted else (f"asks.yaml: {NO_FIT} {fit_of(folder)}.",)))
    )


def _platforms(settings: Settings) -> str:
    on = [name for name, configured in (("Slack", settings.slack), ("Teams", settings.teams)) if configured]
    return " and ".join(on) or "neither Slack nor Teams yet"


def _policy(settings: Settings) -> str:
    (folder,) = policy_folders((settings,))
    policy = ready_texts(folder)[0].policy
    return f"a policy of {policy.version} with {len(policy.clauses)} clauses"


def _manifest(call: argparse.Namespace) -> int:
    try:
        return _app_package(call) if call.platform == "teams" else _slack_manifest(call)
    except ValueError as error:
        raise Unusable(f"smpolicy: {error}.") from error


def _slack_manifest(call: argparse.Namespace) -> int:
    features = switchboard()
    made = slack_manifest(
        features.listed, features.shortcuts.values(), name="smpolicy", url=call.url, under=_under(call)
    )
    text = json.dumps(made, indent=2, ensure_ascii=False)
    if call.out is None:
        print(text)
    else:
        _write(call.out, f"{text}\n".encode())
        print(f"Written to {call.out}.")
    return 0


def _under(call: argparse.Namespace) -> str:
    """Return what the paths of the school begin with, which is nothing but for a school of a trust."""
    is_trust = SCHOOLS in sections(config(call))
    if not is_trust and not call.school:
        return ""  # and nothing else in the settings matters
    id = school(call).school.id
    return path_of(id) if is_trust else ""


def _app_package(call: argparse.Namespace) -> int:
    settings, features, under = school(call), switchboard(), _under(call)
    file = call.out or (PACKAGE.with_stem(f"{PACKAGE.stem}-{settings.school.id}") if under else PACKAGE)
    if not settings.teams_app_id:
        raise Unusable(
            "smpolicy: the app package needs the bot's id: put the Application (client) ID of its app registration "
            "into MICROSOFT_APP_ID."
        )
    made = teams_manifest(
        features.listed, features.shortcuts.values(), app_id=settings.teams_app_id,
        version=call.app_version or _own_version(), school=settings.school.name, url=call.url,
    )  # fmt: skip
    _write(file, package(made))
    page = made["developer"]["websiteUrl"]
    print(f"Written to {file}: version {made['version']} of the app package for the bot {made['id']}.")
    print(f"For help, privacy and terms it sends people to {page}; --url names another page.")
    if under:
        print(f"Its messaging endpoint in Azure is https:// and your host's name, and then {under}{TEAMS_PATH}.")
    print("Now upload it: https://admin.teams.microsoft.com, Teams apps, Manage apps, Actions, Upload new app.")
    return 0


def _own_version() -> str:
    try:
        return importlib.metadata.version("smpolicy")
    except importlib.metadata.PackageNotFoundError:
        raise ValueError("the program was never installed, so it has no version; give one with --app-version") from None


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Unusable(f"smpolicy: can't write {file}: {error.strerror or error}.") from error


if __name__ == "__main__":
    sys.exit(main())
