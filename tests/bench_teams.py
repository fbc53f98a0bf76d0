"""How many messages the bot answers with a card in Teams, beside a stock CloudAdapter echo bot: `make bench-teams`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import os
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from aiohttp import web

from bot.app import POLICY_TEXT, ready_texts
from tests.bench import percentiles
from tests.bench_slack import QUESTIONS
from tests.teams.issuer import SECRET, TENANT, Issuer
from tests.teams.load import Connector, Measured, People
from tests.teams.messages import CARD
from tests.teams.people import TeamsUser
from tests.teams.stock import ECHO, stock_bot
from tests.teams.workspace import Workspace

Json = Any

ROOT = Path(__file__).parent.parent
APP_ID = "3f0c9d1e-0000-4000-8000-00000000b07e"
STOCK_TOKEN = "token-of-the-stock-bot"
IN_FLIGHT = 32  # people, each with one question at a time
CORES = 2
SECONDS = 20.0
ROUNDS = 5
QUICK_SECONDS, QUICK_ROUNDS = 2.0, 2
WARM_UP = 20 * IN_FLIGHT
STOCK_WARM_UP = 4 * IN_FLIGHT
GOAL = 6.0  # times the stock bot's messages per second


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run found.

    Attributes:
        first, again: Of the program, with questions that nobody had asked before, and with the same ones again.
        stock: Of Microsoft's adapter around a bot that says what it hears.
    """

    first: Measured = field(default_factory=Measured)
    again: Measured = field(default_factory=Measured)
    stock: Measured = field(default_factory=Measured)

    @property
    def times(self) -> float:
        """Return how many times the stock bot's messages per second the program answers, the search aside."""
        return self.again.rate / self.stock.rate


# One run -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that runs, on its port and in its process."""

    port: int
    pid: int

    @property
    def cpu(self) -> float:
        """Return the seconds of processor time that it has needed so far, or 0 where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Load:
    """Everybody who asks, and what their bots say to them."""

    people: People
    connector: Connector
    random: Random = field(default_factory=lambda: Random(1))

    def some(self, count: int) -> list[str]:
        """Return *count* questions as they happen to be asked."""
        return self.random.choices(QUESTIONS, k=count)

    async def ask(self, bot: Bot, questions: Sequence[str]) -> tuple[Measured, list[Json]]:
        """Have *questions* asked; return what was measured, and the activities that *bot* said."""
        cpu = bot.cpu
        measured = await self.people.ask(self.connector, bot.port, questions)
        measured.cpu = bot.cpu - cpu
        said = [json.loads(reply) for reply in self.connector.replies]
        self.connector.replies.clear()
        assert not self.connector.mistakes, self.connector.mistakes
        assert len(said) == len(questions), f"{len(said)} replies to {len(questions)} questions"
        return measured, said


async def measure(seconds: float, rounds: int) -> Outcome:
    """Ask both by turns, for about *seconds* each, and print what was measured."""
    workspace, issuer = Workspace(APP_ID, TENANT, time.time), Issuer(APP_ID, time.time)
    users = _staff(workspace)
    connector = Connector(workspace, lambda bearer: bearer == f"Bearer {STOCK_TOKEN}" or issuer.knows(bearer))
    await issuer.open()
    await connector.open()
    try:
        with tempfile.TemporaryDirectory() as folder:
            program = ("bot", "serve", "--port", "0", *_in_folder(Path(folder), users))
            async with (
                running(*program, environment=_access(issuer, workspace)) as ours,
                running("tests.bench_teams", "--stock", issuer.metadata_url) as stock,
            ):
                load = Load(People(workspace, [each.aad_id for each in users], issuer.bearer), connector)
                return await _by_turns(load, ours, stock, seconds, rounds)
    finally:
        connector.close()
        await issuer.close()


async def _by_turns(load: Load, ours: Bot, stock: Bot, seconds: float, rounds: int) -> Outcome:
    outcome = Outcome()
    await load.ask(ours, ["anybody there"] * IN_FLIGHT)
    measured, said = await load.ask(ours, load.random.sample(QUESTIONS, len(QUESTIONS)))
    outcome.first.add(measured)
    _say_what(said)
    rates = {
        ours: (await load.ask(ours, load.some(WARM_UP)))[0].rate,
        stock: (await load.ask(stock, load.some(STOCK_WARM_UP)))[0].rate,
    }
    for number in range(1, rounds + 1):
        for name, bot, sum_of in (("smpolicy", ours, outcome.again), ("stock", stock, outcome.stock)):
            questions = load.some(max(IN_FLIGHT, round(rates[bot] * seconds / rounds)))
            measured, said = await load.ask(bot, questions)
            assert all(_is_echo(each) if bot is stock else _is_card(each) for each in said)
            sum_of.add(measured)
            print(_line(f"{name}, round {number}", measured))
    return outcome


def _is_card(said: Json) -> bool:
    return [each["contentType"] for each in said["attachments"]] == [CARD]


def _is_echo(said: Json) -> bool:
    return bool(said["text"].startswith(ECHO))


def _say_what(said: Sequence[Json]) -> None:
    lengths = [len(each) for each in QUESTIONS]
    span = f"{min(lengths)} to {max(lengths)} characters, {fmean(lengths):.0f} on average"
    drawn = Counter(each["summary"] for each in said).most_common()
    sizes = [len(json.dumps(each)) for each in said]
    print(f"{len(QUESTIONS)} questions of {span}, asked by {IN_FLIGHT} people.")
    print(f"The answers: {', '.join(f'{title} ({count})' for title, count in drawn)}.")
    print(f"Each is an Adaptive Card, in {fmean(sizes):.0f} bytes on average; the stock bot says the question.\n")
    print(f"{'':28}{'said':>7}{'per s':>9}{'p50':>9}{'p95':>9}{'p99':>9}  ms{'CPU ms':>10}")


def _line(name: str, measured: Measured) -> str:
    columns = "".join(f"{each:9.1f}" for each in percentiles(measured.calls))
    return f"{name:28}{len(measured.calls):7}{measured.rate:9.0f}{columns}{measured.effort:14.2f}"


def report(outcome: Outcome) -> None:
    """Print them side by side, and whether the goal is met."""
    first, again, stock = outcome.first, outcome.again, outcome.stock
    print()
    print(_line("never asked before", first))
    print(_line("asked before, all rounds", again))
    print(_line("stock bot, all rounds", stock))
    print()
    print(f"{again.rate:.0f} messages per second answered with a card, beside {stock.rate:.0f} that are said back.")
    print(f"Never asked before: the search takes {_search_ms():.1f} of the {first.effort:.1f} ms of processor time.")
    print("\nThe goal, by what was asked before, as staff ask the same things and the program remembers the answers:")
    is_met = outcome.times >= GOAL
    print(f"{'met' if is_met else 'MISSED':8}{outcome.times:.1f} times the stock bot's messages (at least {GOAL:g})")


def _search_ms() -> float:
    """Return the milliseconds of processor time in which an answer is found, on average."""
    search = ready_texts(POLICY_TEXT)[1]
    begun = time.process_time()
    for question in QUESTIONS:
        search.answer(question)
    return 1000 * (time.process_time() - begun) / len(QUESTIONS)


# The school ----------------------------------------------------------------------------------


def _staff(workspace: Workspace) -> list[TeamsUser]:
    """Give everybody who asks an account, and return them."""
    for number in range(IN_FLIGHT):
        id = str(uuid5(NAMESPACE_DNS, f"teacher-{number}.school.example"))
        workspace.users[id] = TeamsUser(id, f"Teacher {number}", TENANT, f"t{number}@school.example")
    return list(workspace.users.values())


def _in_folder(folder: Path, staff: Sequence[TeamsUser]) -> tuple[str, ...]:
    """Return the options for the sample school with *staff* in it, which lives in *folder*."""
    listed = "".join(
        f"\n  - {{id: teacher_{number}, name: {each.name}, roles: [staff], email: {each.upn}, teams: {each.aad_id}}}"
        for number, each in enumerate(staff)
    )
    settings = (ROOT / "app.yaml").read_text(encoding="utf-8")
    assert "\npeople:\n" in settings
    config = folder / "app.yaml"
    config.write_text(settings.replace("\npeople:\n", f"\npeople:{listed}\n", 1), encoding="utf-8")
    return "--config", str(config), "--data", str(folder / "data")


def _access(issuer: Issuer, workspace: Workspace) -> Mapping[str, str]:
    return {
        "MICROSOFT_APP_ID": APP_ID,
        "MICROSOFT_APP_PASSWORD": SECRET,
        "MICROSOFT_APP_TENANT_ID": TENANT,
        "TEAMS_OPENID_METADATA_URL": issuer.metadata_url,
        "TEAMS_TOKEN_URL": issuer.token_url,
        "TEAMS_SERVICE_HOSTS": workspace.service_url.split("/")[2],
    }


# Servers -------------------------------------------------------------------------------------


@asynccontextmanager
async def running(*module: str, environment: Mapping[str, str] | None = None) -> AsyncIterator[Bot]:
    """Run a Python module that prints its address."""
    others = ("MICROSOFT_", "SLACK_", "SMPOLICY_", "TEAMS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *module, stdout=PIPE, cwd=ROOT, env={**kept, **(environment or {})}
    )
    try:
        assert child.stdout is not None
        line = (await child.stdout.readline()).decode()
        assert "http://127.0.0.1:" in line, f"no address, but {line!r}"
        yield Bot(int(line.split("http://127.0.0.1:")[1].split("/")[0]), child.pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
        await child.wait()


async def serve_stock(metadata_url: str) -> None:
    """Say what is heard, until terminated."""
    gc.freeze()  # As the program does it.
    runner = web.AppRunner(stock_bot(APP_ID, TENANT, metadata_url, STOCK_TOKEN), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}/", flush=True)
    await asyncio.Event().wait()


def _on_two_cores() -> int:
    """Keep this process, and those it starts, to so many processors, and return how many there are for them."""
    if sys.platform != "linux":
        return os.cpu_count() or 1
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    return len(os.sched_getaffinity(0))


def main() -> int:
    """Measure, or be the stock bot; return 1 where the goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench_teams", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"of load for each (default {SECONDS:g})")
    parser.add_argument("--quick", action="store_true", help="a few seconds, for a first look")
    parser.add_argument("--stock", metavar="URL", help=argparse.SUPPRESS)
    call = parser.parse_args()
    if call.stock is not None:
        asyncio.run(serve_stock(call.stock))
        return 0
    seconds, rounds = (QUICK_SECONDS, QUICK_ROUNDS) if call.quick else (call.seconds, ROUNDS)
    print(f"{_on_two_cores()} processors, on average {os.getloadavg()[0]:.1f} of them wanted in the last minute.")
    print(f"{IN_FLIGHT} messages in flight, from this process, which shares the processors with the bots.\n")
    outcome = asyncio.run(measure(seconds, rounds))
    report(outcome)
    return 0 if outcome.times >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
