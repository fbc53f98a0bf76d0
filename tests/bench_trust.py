"""What a trust of many schools costs one process: how it starts, what it holds, and what it does while nobody asks.

`make bench-trust`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from aiohttp import web

from tests.neighbours import own_policy
from tests.postgres import Server
from tests.simulator import ROOT
from tests.test_command_line import environment

SCHOOLS = (1, 10, 100, 1000)
IDLE_SECONDS = 20.0
STARTED_WITHIN = 300.0
PATH = re.compile(r"http://127\.0\.0\.1:\d+/")


class EverySlack:
    """As much of Slack as a start asks: each token is of a workspace of its own."""

    def __init__(self) -> None:
        self.calls = 0
        self.api_url = ""
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen on a free port of this machine."""
        server = web.Application()
        server.router.add_post("/api/{method}", self._answer)
        self._runner = web.AppRunner(server, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, backlog=1024).start()
        self.api_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/api/"

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.calls += 1
        team = request.headers["Authorization"].removeprefix("Bearer xoxb-").upper()
        return web.json_response({
            "ok": True, "team_id": f"T0{team}", "user_id": "U0SMPOLICY", "bot_id": "B0SMPOLICY",
            "url": f"https://{team.lower()}.slack.com/",
        })  # fmt: skip


@dataclass(frozen=True, slots=True)
class Used:
    """What a process, or several, have used so far.

    Attributes:
        cpu: Seconds of a processor.
        resident, most: Bytes of memory, now and at most.
        sockets: How many are open.
    """

    cpu: float
    resident: int
    most: int
    sockets: int

    @classmethod
    def by(cls, pid: int) -> Used:
        """Return what the process *pid* has used."""
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        )
        resident, most = (int(status[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
        sockets = sum(_is_socket(each) for each in Path(f"/proc/{pid}/fd").iterdir())
        return cls(cpu_of(pid), resident, most, sockets)


def _is_socket(descriptor: Path) -> bool:
    try:
        return str(descriptor.readlink()).startswith("socket:")
    except FileNotFoundError:
        return False


def cpu_of(pid: int, *, ended_children: bool = False) -> float:
    """Return the seconds of a processor that *pid* has used, on wish with those of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if ended_children else 13])) / os.sysconf("SC_CLK_TCK")


def cpu_of_server(server: Server) -> float:
    """Return the seconds that PostgreSQL has used, all its processes together."""
    postmaster = int((server.folder / "data" / "postmaster.pid").read_text(encoding="ascii").split()[0])
    spent = cpu_of(postmaster, ended_children=True)
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1])
            spent += cpu_of(int(status.parent.name)) if parent == postmaster else 0.0
        except (FileNotFoundError, ProcessLookupError):
            continue
    return spent


@dataclass(frozen=True, slots=True)
class Idle:
    """What happens in a second while nobody asks: transactions, and seconds of a processor here and there."""

    transactions: float
    program: float
    database: float


def write_schools(folder: Path, schools: int, policies: int) -> dict[str, str]:
    """Write the files of a trust into *folder*, where the first schools have own policies; return their secrets."""
    folder.mkdir()
    sample = (ROOT / "app.yaml").read_text(encoding="utf-8").partition("# Where records are kept")[0]
    (folder / "schools").mkdir()
    secrets: dict[str, str] = {}
    for number in range(schools):
        id, own = f"s{number:04}", f"S{number:04}"
        slack = f"slack: {{bot_token: {own}_BOT_TOKEN, signing_secret: {own}_SIGNING_SECRET}}\n"
        policy = ""
        if number < policies:
            (folder / id).mkdir()
            policy = f"policy: {own_policy(folder / id)}\n"
        text = sample.replace("id: bebington", f"id: {id}") + slack + policy
        (folder / "schools" / f"{id}.yaml").write_text(text, encoding="utf-8")
        secrets |= {f"{own}_BOT_TOKEN": f"xoxb-{id}", f"{own}_SIGNING_SECRET": f"secret-of-{id}"}
    (folder / "app.yaml").write_text("schools: schools\n", encoding="utf-8")
    return secrets


async def measure(server: Server, folder: Path, schools: int, policies: int, seconds: float) -> str:
    """Start a trust of so many schools, leave it alone for so many seconds, and return a line about it."""
    secrets, url, slack = write_schools(folder, schools, policies), server.database(), EverySlack()
    await slack.open()
    variables = environment({**secrets, "SLACK_API_URL": slack.api_url, "SMPOLICY_STORE_URL": url})
    begun = time.perf_counter()
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", "--port", "0", stdout=asyncio.subprocess.PIPE, stderr=log,
            cwd=folder, env=variables,
        )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(STARTED_WITHIN):
            said = (await process.stdout.readline()).decode()
        assert PATH.search(said), (folder / "log").read_text(encoding="utf-8")
        started = time.perf_counter() - begun
        for _ in range(schools):
            await process.stdout.readline()
        await asyncio.sleep(max(1.0, schools / 100) + 1.0)  # until every worker has looked once
        idle = await _idle(server, url, process.pid, seconds)
        used, begun = Used.by(process.pid), time.perf_counter()
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0, (folder / "log").read_text(encoding="utf-8")
        ended = time.perf_counter() - begun
    finally:
        if process.returncode is None:
            process.kill()
        await slack.close()
    return (
        f"{schools:8}{policies:10}{started:10.1f}{used.most / 2**20:10.0f}{used.resident / 2**20:10.0f}"
        f"{used.sockets:9}{slack.calls:8}{idle.transactions:10.0f}{100 * idle.program:10.1f}{100 * idle.database:10.1f}"
        f"{ended:8.1f}"
    )


async def _idle(server: Server, url: str, pid: int, seconds: float) -> Idle:
    connection = await asyncpg.connect(url.rpartition("/")[0] + "/postgres")
    try:
        name = url.rpartition("/")[2]
        counted, here, there = await _counted(connection, name), cpu_of(pid), cpu_of_server(server)
        begun = time.perf_counter()
        await asyncio.sleep(seconds)
        spent = time.perf_counter() - begun
        counted = await _counted(connection, name) - counted
        here, there = cpu_of(pid) - here, cpu_of_server(server) - there
    finally:
        await connection.close()
    return Idle(counted / spent, here / spent, there / spent)


async def _counted(connection: asyncpg.Connection, database: str) -> int:
    await connection.execute("select pg_stat_clear_snapshot()")
    return int(await connection.fetchval("select xact_commit from pg_stat_database where datname = $1", database))


# The command ------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make bench-trust", description=__doc__)
    parser.add_argument("--schools", type=int, nargs="+", default=SCHOOLS, help="how many, one trust after another")
    parser.add_argument("--policies", type=int, default=0, help="how many of them have a policy of their own")
    parser.add_argument("--seconds", type=float, default=IDLE_SECONDS, help="how long each is left alone")
    call = parser.parse_args(arguments)
    server = Server()
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(_measure(server, Path(folder), call.schools, call.policies, call.seconds))
    finally:
        server.remove()
    return 0


async def _measure(server: Server, folder: Path, trusts: Iterable[int], policies: int, seconds: float) -> None:
    print("A trust on PostgreSQL, each school in a Slack of its own, in one process; and a second while nobody asks:")
    print(
        f"{'schools':>8}{'policies':>10}{'start s':>10}{'most MB':>10}{'MB':>10}{'sockets':>9}{'Slack':>8}"
        f"{'trans./s':>10}{'CPU %':>10}{'DB CPU %':>10}{'stop s':>8}"
    )
    for number, schools in enumerate(trusts):
        print(await measure(server, folder / str(number), schools, min(policies, schools), seconds), flush=True)


if __name__ == "__main__":
    sys.exit(main())
