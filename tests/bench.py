"""How fast the local page answers a staff room: `make bench`, or `python -m tests.bench [ROUNDS]`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

from aiohttp import ClientSession, web

ROOT = Path(__file__).parent.parent
PEOPLE = 25
ROUNDS = 6
GOAL = 50.0  # milliseconds
THOUGHT = 0.5  # seconds between two calls of one person, on average; a quick typist needs longer
QUESTIONS = (
    "may I name the school in a post",
    "can I add a former pupil as a friend",
    "who approves a new account",
    "how quickly do we have to answer a complaint online",
    "may I use my own phone for pictures of pupils",
    "a journalist has rung me, what do I say",
    "which tone should a post have",
    "what do I do about bullying online",
    "may pupils run an account",
    "do I need consent for a photo of a class",
    "who keeps the passwords",
    "where can I park my car",
)
COMMANDS = ("help", "my", "accounts", "ask who approves a new account")
APPLICATION = (
    "To show parents what the department does each week",
    "Parents and carers, Staff",
    "In the newsletter and on the website",
    "{me}, Head teacher",
    "Open",
    "Instagram",
    "@BebingtonHistory",
)

Json = Any


@dataclass(slots=True)
class Measured:
    """Milliseconds of each call, by its kind; bytes of each answer; answers that had to be given again."""

    calls: dict[str, list[float]] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)
    repeated: int = 0
    seconds: float = 0.0

    @property
    def all(self) -> list[float]:
        """Return the calls of every kind."""
        return [each for calls in self.calls.values() for each in calls]


@dataclass(slots=True)
class Member:
    """Somebody who chats and reads along, as the page does for them; seconds of *thought* precede each call."""

    id: str
    http: ClientSession
    measured: Measured
    thought: float = 0.0
    random: Random = field(default_factory=Random)
    last: int = 0

    async def chats(self, rounds: int) -> None:
        """Do everything so many times, in an order of one's own, as people do not act in step."""
        for _ in range(rounds):
            doings = [self.asks, self.asks, self.looks_up, self.reads, self.reads, self.reads, self.applies]
            self.random.shuffle(doings)
            for do in doings:
                await do()

    async def asks(self) -> None:
        """Ask something and press the button below the answer."""
        messages = await self.says("question", self.random.choice(QUESTIONS))
        if self.random.random() < 0.5:
            await self.presses("Ask a person", messages[-1])

    async def looks_up(self) -> None:
        """Type a command."""
        await self.says("command", f"/smpolicy {self.random.choice(COMMANDS)}")

    async def reads(self) -> None:
        """Fetch what is new."""
        query = {"as": self.id, "in": "dm", "after": str(self.last)}
        said = await self._call("read", "GET", "messages", params=query)
        self.last = max((each["seq"] for each in said), default=self.last)

    async def applies(self) -> None:
        """Fill in an application in chat; every third is sent, the others stay drafts."""
        messages = await self.says("command", "/smpolicy apply")
        for answer in APPLICATION:
            assert messages[-1]["form"], f"{self.id} is asked nothing in {messages[-1]['text']!r}"
            messages = await self.answers(answer.format(me=self.id))
        if self.random.random() < 1 / 3:
            await self.presses("Submit", messages[-1])

    async def says(self, kind: str, text: str) -> list[Json]:
        """Type *text* to the bot."""
        answer = await self._call(kind, "POST", "say", json={"as": self.id, "in": "dm", "text": text})
        messages: list[Json] = answer["messages"]
        return messages

    async def answers(self, text: str) -> list[Json]:
        """Answer the question that stands, and again where somebody else was faster."""
        messages = await self.says("form answer", text)
        while "Somebody else changed this" in messages[-1]["text"]:
            self.measured.repeated += 1
            messages = await self.says("form answer", text)
        return messages

    async def presses(self, label: str, message: Json) -> None:
        """Press a button of *message*."""
        await self._call("press", "POST", "press", json={"as": self.id, "message": message["id"], "button": label})

    async def _call(self, kind: str, method: str, path: str, **content: Json) -> Json:
        if self.thought:
            await asyncio.sleep(self.random.uniform(0, 2 * self.thought))
        begun = time.perf_counter()
        async with self.http.request(method, f"/local/api/{path}", **content) as response:
            answer = await response.read()
        self.measured.calls.setdefault(kind, []).append(1000 * (time.perf_counter() - begun))
        self.measured.sizes.append(len(answer))
        assert response.status == 200, f"{self.id} {path} {content}: {response.status} {answer.decode()}"
        return json.loads(answer)


async def measure(rounds: int) -> float:
    """Print what was measured and return the 95th percentile of the busiest staff room, in milliseconds."""
    print(f"{os.cpu_count()} processors, on average {os.getloadavg()[0]:.1f} of them wanted in the last minute")
    with tempfile.TemporaryDirectory() as folder:
        async with running("bot", "serve", "--local", "--port", "0", *in_folder(Path(folder))) as (url, seconds):
            print(f"From start to the first page: {seconds:.2f} s\n")
            flat_out = await chatting(url, rounds)
            report("each with the next call at once", flat_out)
            report(f"{THOUGHT:g} s of thought before each call", await chatting(url, 1, THOUGHT))
    size = sorted(flat_out.sizes)[len(flat_out.sizes) // 2]
    async with running("tests.bench", "--peer", str(size)) as (url, _):
        bare = await asking_peer(url, len(flat_out.all))
    report(f"a bare aiohttp handler that answers {size} bytes, for scale", bare)
    mine, peers = (len(each.all) / each.seconds for each in (flat_out, bare))
    print(f"The bot answers {mine:.0f} requests per second, the bare handler {peers:.0f}: {peers / mine:.1f} to 1.")
    return percentiles(flat_out.all)[1]


async def chatting(url: str, rounds: int, thought: float = 0.0) -> Measured:
    """Have everybody chat at once."""
    measured = Measured()
    async with ClientSession(url) as http:
        staff = [Member(f"teacher_{number}", http, measured, thought, Random(number)) for number in range(PEOPLE)]
        begun = time.perf_counter()
        await asyncio.gather(*(each.chats(rounds) for each in staff))
        measured.seconds = time.perf_counter() - begun
    return measured


async def asking_peer(url: str, calls: int) -> Measured:
    """Ask the bare handler as often, from as many clients."""
    measured = Measured()
    async with ClientSession(url) as http:
        staff = [Member(f"teacher_{number}", http, measured) for number in range(PEOPLE)]
        begun = time.perf_counter()
        await asyncio.gather(*(_asks_peer(each, calls // PEOPLE) for each in staff))
        measured.seconds = time.perf_counter() - begun
    return measured


async def _asks_peer(member: Member, calls: int) -> None:
    for question in islice(cycle(QUESTIONS), calls):
        await member.says("question", question)


def report(title: str, measured: Measured) -> None:
    """Print a table: a line for each kind of call, and one for all."""
    count = len(measured.all)
    print(f"{PEOPLE} people, {title}:")
    print(f"{count} calls in {measured.seconds:.1f} s, {count / measured.seconds:.0f} requests per second")
    if measured.repeated:
        print(f"{measured.repeated} answers had to be given again, because somebody else was faster")
    print(f"{'':14}{'calls':>7}{'p50':>9}{'p95':>9}{'p99':>9}  ms")
    for kind, calls in (*sorted(measured.calls.items()), ("over all", measured.all)):
        columns = "".join(f"{each:9.1f}" for each in percentiles(calls))
        print(f"{kind:14}{len(calls):7}{columns}")
    print()


def percentiles(calls: Sequence[float]) -> tuple[float, float, float]:
    """Return the 50th, 95th and 99th percentile."""
    cuts = quantiles(calls, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98]


def in_folder(folder: Path) -> tuple[str, ...]:
    """Return the options for a bigger school that lives in *folder*."""
    config = folder / "app.yaml"
    config.write_text(with_staff((ROOT / "app.yaml").read_text(encoding="utf-8")), encoding="utf-8")
    return "--config", str(config), "--data", str(folder / "data")


def with_staff(settings: str) -> str:
    """Return the sample school's settings with as many teachers more as are needed."""
    teachers = "\n".join(
        f"  - {{id: teacher_{number}, name: Teacher {number}, roles: [staff], email: t{number}@school.example}}"
        for number in range(PEOPLE)
    )
    assert "\npeople:\n" in settings
    return settings.replace("\npeople:\n", f"\npeople:\n{teachers}\n", 1)


@asynccontextmanager
async def running(*module: str) -> AsyncIterator[tuple[str, float]]:
    """Run a Python module that prints its address; yield the address and the seconds until a page came from it."""
    begun = time.perf_counter()
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", *module, stdout=PIPE, cwd=ROOT)
    try:
        url = await _address(child)
        async with ClientSession() as http, http.get(url) as response:
            assert response.status == 200, response.status
            await response.read()
        yield url, time.perf_counter() - begun
    finally:
        child.terminate()
        await child.wait()


async def _address(child: Process) -> str:
    assert child.stdout is not None
    line = (await child.stdout.readline()).decode()
    assert "http://" in line, f"no address, but {line!r}"
    return next(word for word in line.split() if word.startswith("http://"))


async def serve_peer(size: int) -> None:
    """Answer every call with the same JSON until terminated."""
    document = {"messages": [], "text": "x" * max(0, size - 30)}

    async def answer(request: web.Request) -> web.Response:
        if request.can_read_body:
            await request.json()
        return web.json_response(document)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}/", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Measure, or be the peer that is measured for scale."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("rounds", type=int, nargs="?", default=ROUNDS, help="how often each person goes through it all")
    parser.add_argument("--peer", type=int, metavar="BYTES", help=argparse.SUPPRESS)
    call = parser.parse_args()
    if call.peer is not None:
        asyncio.run(serve_peer(call.peer))
        return
    over_all = asyncio.run(measure(call.rounds))
    print(f"p95 over all: {over_all:.1f} ms (goal under {GOAL:.0f} ms)")


if __name__ == "__main__":
    main()
