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
from typing import NoReturn, TextIO

from bot.app import POLICY_TEXT, App, Asking, TextMistakes, read_texts, ready_texts, serving, switchboard
from bot.domain.policy import Clause
from bot.errors import AssistantError
from bot.importing.document import Unreadable
from bot.importing.following import following
from bot.importing.keeping import put_into_force
from bot.importing.report import Report, as_json, in_words
from bot.platforms.slack.manifest import manifest as slack_manifest
from bot.platforms.teams.manifest import manifest as teams_manifest
from bot.platforms.teams.manifest import package
from bot.settings.load import Settings, SettingsMistakes, load_settings
from bot.settings.logs import start_logging

if sys.platform == "win32":  # where there is no uvloop
    from asyncio import run
else:
    from uvloop import run

UNUSABLE = 2
INTERRUPTED = 130
DRAIN_SECONDS = 10.0
PACKAGE = Path("smpolicy-teams.zip")
NO_FIT = "the search is not fitted to these ways of asking, so it answers a little worse than it could. Run make fit."


class OneLineParser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Say it and stop."""
        self.exit(UNUSABLE, f"smpolicy: {message}. Try smpolicy --help.\n")


class Unusable(Exception):
    """The call can't be carried out; each of its lines says why."""


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
    config = {"default": None, "type": Path, "metavar": "FILE", "help": "the school's settings (default app.yaml)"}

    serve = commands.add_parser("serve", help="start every edge that is configured")
    serve.add_argument("--config", **config)  # type: ignore[arg-type]
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
    ask.add_argument("--config", **config)  # type: ignore[arg-type]
    ask.set_defaults(carry_out=_ask)

    check = commands.add_parser("check", help="read settings and policy text, and name every mistake")
    check.add_argument("--config", **config)  # type: ignore[arg-type]
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
    listing.add_argument("--config", **config)  # type: ignore[arg-type]
    listing.set_defaults(carry_out=_manifest)

    policy = commands.add_parser("policy", help="show the policy's clauses")
    clauses = policy.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=OneLineParser)
    clauses.add_parser("list", help="all clauses, a line each").set_defaults(carry_out=_policy_list)
    show = clauses.add_parser("show", help="one clause, whole")
    show.add_argument("id", help="its id, such as STF-4")
    show.set_defaults(carry_out=_policy_show)
    coming = clauses.add_parser("import", help="read the next policy, say what differs, and put it into force")
    coming.add_argument("file", type=Path, metavar="FILE", help="plain text, Markdown or Word (.docx)")
    coming.add_argument("--version", default="", metavar='"September 2026"', help="if its title page has no date")
    coming.add_argument("--write", action="store_true", help="put it into force; without it nothing is changed")
    coming.add_argument("--json", action="store_true", help="print what differs as JSON")
    coming.set_defaults(carry_out=_policy_import)
    return parser


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port; give a number from 0 to 65535")
    return int(text)


def _config(call: argparse.Namespace) -> Path:
    """Return the settings file: the one named, the one here, or the sample that comes with the program."""
    if call.config is not None:
        return Path(call.config)
    here = Path("app.yaml")
    return here if here.exists() else Path(__file__).resolve().parent.parent / "app.yaml"


def _settings(call: argparse.Namespace) -> Settings:
    try:
        return load_settings(_config(call), os.environ, data=getattr(call, "data", None))
    except SettingsMistakes as error:
        raise Unusable(str(error)) from error


def _serve(call: argparse.Namespace) -> int:
    settings = _settings(call)
    if call.local and not _is_loopback(call.host):
        raise Unusable(
            f"smpolicy: --local lets anybody be anybody, so it only listens on this machine: use --host 127.0.0.1 "
            f"instead of {call.host}."
        )
    if not call.local and settings.slack is None and settings.teams is None:
        raise Unusable(
            "smpolicy: there is nothing to serve. Put what Slack or Teams needs into the environment (smpolicy check "
            "says what is still missing), or add --local for the local page."
        )
    start_logging(settings.log_level)
    for warning in settings.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    try:
        app = App(settings, local=call.local)
        run(_run(app, call.host, call.port))
    except TextMistakes as error:
        raise Unusable(str(error)) from error
    except AssistantError as error:
        raise Unusable(f"smpolicy: {error.sentence}") from error
    except OSError as error:
        raise Unusable(f"smpolicy: can't listen on {call.host} port {call.port}: {error.strerror or error}.") from error
    return 0


async def _run(app: App, host: str, port: int) -> None:
    stopping = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers; Ctrl-C works all the same
            asyncio.get_running_loop().add_signal_handler(each, stopping.set)
    async with serving(app, host, port, drain_seconds=DRAIN_SECONDS) as address:
        print(f"smpolicy is running: {address}  (Ctrl-C stops it)", flush=True)
        if app.slack is not None:
            print(f"Slack: {app.slack.described()}", flush=True)
        if app.teams is not None:
            print(f"Teams: {app.teams.described()}", flush=True)
        await stopping.wait()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _ask(call: argparse.Namespace) -> int:
    try:
        asking = Asking(_settings(call))
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
    try:
        settings = load_settings(_config(call), os.environ)
        warnings = settings.warnings
    except SettingsMistakes as error:
        mistakes += error.mistakes
        warnings = error.warnings
    try:
        texts, search = ready_texts(POLICY_TEXT)
        policy = texts.policy
        warnings = (*warnings, *(f"asks.yaml {place}" for place in texts.knowledge.astray))
        if not search.is_fitted:
            warnings = (*warnings, f"asks.yaml: {NO_FIT}")
    except TextMistakes as error:
        mistakes += error.mistakes
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if mistakes:
        raise Unusable("\n".join(mistakes))
    print(f"No mistakes: {_config(call)}, and a policy of {policy.version} with {len(policy.clauses)} clauses.")
    return 0


def _manifest(call: argparse.Namespace) -> int:
    try:
        return _app_package(call) if call.platform == "teams" else _slack_manifest(call)
    except ValueError as error:
        raise Unusable(f"smpolicy: {error}.") from error


def _slack_manifest(call: argparse.Namespace) -> int:
    features = switchboard()
    made = slack_manifest(features.listed, features.shortcuts.values(), name="smpolicy", url=call.url)
    text = json.dumps(made, indent=2, ensure_ascii=False)
    if call.out is None:
        print(text)
    else:
        _write(call.out, f"{text}\n".encode())
        print(f"Written to {call.out}.")
    return 0


def _app_package(call: argparse.Namespace) -> int:
    settings, features, file = _settings(call), switchboard(), call.out or PACKAGE
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


def _clauses() -> tuple[Clause, ...]:
    try:
        return read_texts().policy.clauses
    except TextMistakes as error:
        raise Unusable(str(error)) from error


def _policy_list(call: argparse.Namespace) -> int:
    for clause in _clauses():
        print(f"{clause.id:8}{clause.heading}: {clause.text}")
    return 0


def _policy_show(call: argparse.Namespace) -> int:
    found = next((clause for clause in _clauses() if clause.id == call.id.strip().upper()), None)
    if found is None:
        raise Unusable(f"smpolicy: the policy has no clause {call.id}. smpolicy policy list shows them all.")
    print(f"{found.id} – {found.heading}\n{found.text}")
    return 0


def _policy_import(call: argparse.Namespace) -> int:
    try:
        read_texts()  # names every mistake in what there is before anything is compared with it
        found = following(call.file, call.version, POLICY_TEXT, switchboard())
    except TextMistakes as error:
        raise Unusable(str(error)) from error
    except Unreadable as error:
        raise Unusable(f"smpolicy: {call.file} {error}.") from error
    kept = _put_into_force(found) if call.write and not found.is_same else None
    if call.json:
        print(json.dumps(as_json(found, written=kept is not None), ensure_ascii=False, indent=2))
        return 0
    for line in in_words(found):
        print(line)
    print()
    if kept:
        print(f"Written to {POLICY_TEXT / 'policy.md'}; the former text is kept as {kept}.")
        print("Next: smpolicy check, and make fit. Then start the bot again.")
    elif not found.is_same:
        print("Nothing was written. Read it through, then add --write to put it into force.")
    return 0


def _put_into_force(found: Report) -> Path:
    try:
        return put_into_force(found.imported.text, POLICY_TEXT, found.difference.was)
    except OSError as error:
        raise Unusable(
            f"smpolicy: can't write the policy in {POLICY_TEXT}: {error.strerror or error}. The one in force is as it "
            "was."
        ) from error


if __name__ == "__main__":
    sys.exit(main())
