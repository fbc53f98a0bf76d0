"""How fast Slack's edge answers `/smpolicy ask …`, beside a bare bolt: `make bench-slack`."""

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
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import POLICY_TEXT, ready_texts
from bot.settings.load import load_settings
from tests.bench import percentiles
from tests.slack import payloads
from tests.slack.deliveries import body_of
from tests.slack.fake import FakeSlack

Json = Any

ROOT = Path(__file__).parent.parent
CONFIG = ROOT / "app.yaml"
PATH = "/slack/events"
SECRET, BOT_TOKEN, APP_TOKEN = "s3cr3t-of-the-bench", "xoxb-bench", "xapp-bench"
IN_FLIGHT = 32
PEOPLE = 25
SECONDS = 20.0
ROUNDS = 5
QUICK_SECONDS, QUICK_ROUNDS = 2.0, 2
WARM_UP = 400
GOAL_SHARE = 0.5  # of the bare app's requests per second, search aside
GOAL_P99 = 50.0  # milliseconds

OPENINGS = (
    "",
    "Quick one: ",
    "Hello, ",
    "Sorry to bother you again. ",
    "My head of department says that I should look this up first. ",
    "I have just come out of a meeting about our channels and wrote a few things down. ",
    "For the Year 8 trip to the coast: ",
    "Before the open evening on Thursday, please: ",
    "I read the whole document twice over the weekend and could not find it. ",
    "A colleague in the PE department asked me in the corridor, and I had no answer. ",
    "We have run a department page since before I came here, with some four hundred followers, most of them parents, "
    "and nobody remembers who set it up or who agreed to it at the time. I would like to put that right before the "
    "summer. ",
    "This is a long story. In September the drama club filmed its rehearsals on a club member's tablet, cut them at "
    "home and showed them at the winter concert. Everybody liked it. In January two of the parents wrote that they "
    "would like the film to be seen by the grandparents, who live abroad and could not come. A third parent does not "
    "want that at all. The club meets on Tuesdays, the next concert is in May, and somebody else will lead it then. "
    "So that I say the same thing to all three of them: ",
)
MATTERS = (
    "may I write where I work on my own profile",
    "can our debating team have an account of its own",
    "who has to agree before a new page goes live",
    "how soon do we have to reply when somebody complains under a post",
    "may I take pictures of the match with my own phone",
    "do I accept a friend request from somebody who left Year 13 last summer",
    "what about a request from a parent whom I know from church",
    "is a first name under a photograph all right",
    "which pupils may not be shown at all",
    "where are the passwords of the department's accounts kept",
    "who takes over the account when I go on maternity leave",
    "may sixth formers post for the school",
    "can I share a joke about the inspection in a closed group",
    "is it my business what a colleague writes about the staff room",
    "what do I do with rude comments below our post",
    "may I block a parent who keeps on insulting us",
    "how do I ask for an account to be closed down",
    "what happens to an account that nobody has used for a year",
    "may I use music from the charts below a video",
    "does a livestream of the carol service need anybody's consent",
    "is there a rule about emoji and tone",
    "what has to stand in the description of a school account",
    "can I link to a fund-raising page of a charity",
    "may we run a prize draw for followers",
    "who checks what is posted in the holidays",
    "how often are the accounts looked at by somebody senior",
    "may I answer a question about homework in a private message",
    "do I have to tell anybody that I coach a team outside school which some of our pupils are in",
    "can I look a candidate up before an interview",
    "what do I do if I posted something from the wrong account",
    "may I name the firm that sponsors our shirts",
    "which platforms are allowed for clubs",
    "how do I get permission to repost what another school wrote",
    "what does the policy say about polls and elections",
    "may I recommend a private tutor",
    "who may speak for the school when a newspaper prints something wrong",
    "does any of this hold for governors and volunteers as well",
    "where can I park on the day of the fair",
    "what is for lunch",
    "how long do we keep a copy of what was posted",
)
CLOSINGS = (
    "?",
    ", and whom do I ask?",
    "? Thank you.",
    "? I need to know by Friday.",
    ", or is that against the rules?",
    "? It is for two classes & their tutors, <30 pupils altogether.",
    "? If the answer is no, tell me which clause says so, because I shall have to explain it to the others.",
    ", given that the families have signed the form that they all sign in September, that the pictures show backs of "
    "heads and hands at work, and that we would take everything down again at the end of the term?",
)
QUESTIONS = tuple(
    f"{opening}{matter}{closing}"
    for matter in MATTERS
    for opening, closing in zip(OPENINGS, cycle(CLOSINGS), strict=False)
)


@dataclass(slots=True)
class Measured:
    """What was sent to one of them: milliseconds of each request, and the seconds that they took together."""

    calls: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Return the requests per second."""
        return len(self.calls) / self.seconds


@dataclass(slots=True)
class Asked(Measured):
    """The same of the program; *search* is the mean seconds in which the answers to these questions are found."""

    search: float = 0.0

    @property
    def apart(self) -> float:
        """Return the requests per second with the search's share of the time taken out."""
        return 1 / (1 / self.rate - self.search)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run found.

    Attributes:
        first, again: Of the program, with questions that nobody had asked before, and with the same ones again.
        bare: Of an AsyncApp as bolt makes it, which looks every 10 ms whether a listener has acknowledged.
        eager: Of one that answers as soon as its listener returns, as the program does; for scale.
    """

    first: Asked = field(default_factory=Asked)
    again: Asked = field(default_factory=Asked)
    bare: Measured = field(default_factory=Measured)
    eager: Measured = field(default_factory=Measured)

    @property
    def share(self) -> float:
        """Return the program's requests per second, search aside, as a share of the bare app's."""
        return self.again.apart / self.bare.rate

    @property
    def p99(self) -> float:
        """Return the 99th percentile of the program's answers, in milliseconds."""
        return percentiles(self.again.calls)[2]

    @property
    def is_met(self) -> bool:
        """Tell whether both goals are met."""
        return self.share >= GOAL_SHARE and self.p99 < GOAL_P99


# Load ----------------------------------------------------------------------------------------


class Caller(asyncio.Protocol):
    """One connection that is kept alive; it sends the next request as soon as the last one is answered."""

    def __init__(self, requests: Iterator[bytes], calls: list[float], answers: list[bytes]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._calls = calls
        self._answers = answers
        self._heard = b""
        self._awaited = 0
        self._begun = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Send the next request, once the answer is whole."""
        self._heard = self._heard + data if self._heard else data
        if not self._awaited:
            end = self._heard.find(b"\r\n\r\n")
            if end < 0:
                return
            self._awaited = end + 4 + _content_length(self._heard[:end])
        if len(self._heard) >= self._awaited:
            self._calls.append(1000 * (time.perf_counter() - self._begun))
            self._answers.append(self._heard)
            self._heard, self._awaited = b"", 0
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        """Fail, where the connection was not closed from here."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server hung up"))

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
        else:
            self._begun = time.perf_counter()
            self._transport.write(request)


def _content_length(head: bytes) -> int:
    start = head.lower().index(b"content-length:") + len(b"content-length:")
    return int(head[start:].split(b"\r\n", 1)[0])


async def sending(port: int, requests: Sequence[bytes], measured: Measured) -> list[bytes]:
    """Send *requests*, so many in flight at any time, and return the answers."""
    loop = asyncio.get_running_loop()
    waiting = iter(requests)
    calls: list[float] = []
    answers: list[bytes] = []
    gc.collect()
    gc.disable()  # The collector of this process shall not show in the latencies of the others.
    try:
        begun = time.perf_counter()
        made = [
            await loop.create_connection(lambda: Caller(waiting, calls, answers), "127.0.0.1", port)
            for _ in range(IN_FLIGHT)
        ]
        await asyncio.gather(*(caller.done for _, caller in made))
        measured.seconds += time.perf_counter() - begun
    finally:
        gc.enable()
    measured.calls += calls
    return answers


class Asking:
    """Makes slash commands as Slack sends them, of many people; *asked* is what the program was asked."""

    def __init__(self, slack: FakeSlack, people: Sequence[str]) -> None:
        self._slack = slack
        self._channels = {user: slack.workspace.dm(user) for user in people}
        self._people = people
        self._random = Random(1)
        self.asked: list[str] = []

    def greetings(self) -> list[bytes]:
        """Return a request of each of the people, who are looked up when they first come."""
        return [self._request(each, "anybody there") for each in self._people]

    def each(self) -> list[str]:
        """Return every question once."""
        return self._random.sample(QUESTIONS, len(QUESTIONS))

    def some(self, count: int) -> list[str]:
        """Return *count* questions as they happen to be asked."""
        return self._random.choices(QUESTIONS, k=count)

    def requests(self, questions: Sequence[str]) -> list[bytes]:
        """Return signed requests, each with a trigger of its own."""
        return [self._request(self._random.choice(self._people), each) for each in questions]

    def _request(self, user: str, question: str) -> bytes:
        channel = self._channels[user]
        path = self._slack.workspace.triggers.response_path(channel.id, user)
        text = question.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        line = f"/smpolicy ask {text}"
        sent = payloads.command(self._slack.workspace, user, channel, line, self._slack.base_url + path)
        body = body_of("command", sent)
        headers = {
            "Host": "127.0.0.1",
            "Accept": "application/json,*/*",
            "Accept-Encoding": "gzip,deflate",
            "Content-Length": str(len(body)),
            **self._slack.signed("command", body),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST {PATH} HTTP/1.1\r\n{head}\r\n".encode() + body


def acknowledgement(answer: bytes) -> Json:
    """Return what stands in a whole answer, or None for an empty one; anything but 200 is a failure."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), answer[:200]
    return json.loads(body) if body else None


# One run -------------------------------------------------------------------------------------


async def measure(seconds: float, rounds: int) -> Outcome:
    """Send to all by turns, for about *seconds* each, and print what was measured."""
    slack = FakeSlack(SECRET, BOT_TOKEN, APP_TOKEN, time.time)
    await slack.open()
    try:
        people = _settled(slack)
        with tempfile.TemporaryDirectory() as folder:
            options = ("--config", str(CONFIG), "--data", folder, "--port", "0")
            async with (
                running(slack, "bot", "serve", *options) as program,
                running(slack, "tests.bench_slack", "--bare", slack.api_url) as bare,
                running(slack, "tests.bench_slack", "--bare", slack.api_url, "--eager") as eager,
            ):
                outcome = Outcome()
                asking = Asking(slack, people)
                await _first_time(asking, program, outcome.first)
                sides = (
                    Side("smpolicy", program, outcome.again),
                    Side("bare", bare, outcome.bare),
                    Side("eager", eager, outcome.eager),
                )
                for side in sides:
                    await side.warm_up(asking)
                for number in range(1, rounds + 1):
                    for side in sides:
                        await side.load(asking, seconds / rounds, number)
                outcome.again.search = fmean(_searching(asking.asked))
        assert not slack.mistakes, slack.mistakes
    finally:
        await slack.close()
    return outcome


async def _first_time(asking: Asking, program: int, measured: Asked) -> None:
    await sending(program, asking.greetings(), Measured())
    questions = asking.each()
    said = await sending(program, asking.requests(questions), measured)
    measured.search = fmean(_searching(questions))
    _say_what(questions, [acknowledgement(each) for each in said])


@dataclass(slots=True)
class Side:
    """One of those that are compared, on its port, and what was *measured* of it."""

    name: str
    port: int
    measured: Measured
    rate: float = 0.0

    async def warm_up(self, asking: Asking) -> None:
        """Find out about how many requests per second there will be."""
        measured = Measured()
        await sending(self.port, asking.requests(asking.some(WARM_UP)), measured)
        self.rate = measured.rate

    async def load(self, asking: Asking, seconds: float, number: int) -> None:
        """Send for about so many seconds, and print what came of it."""
        now = Measured()
        questions = asking.some(max(IN_FLIGHT, round(self.rate * seconds)))
        answers = map(acknowledgement, await sending(self.port, asking.requests(questions), now))
        if isinstance(self.measured, Asked):
            asking.asked += questions
            assert all(each["response_type"] == "ephemeral" and each["blocks"] for each in answers)
        else:
            assert not any(answers), "it is to acknowledge and to do nothing"
        print(_line(f"{self.name}, round {number}", now))
        self.measured.calls += now.calls
        self.measured.seconds += now.seconds


def _say_what(questions: Sequence[str], answers: Sequence[Json]) -> None:
    lengths = [len(each) for each in questions]
    span = f"{min(lengths)} to {max(lengths)} characters, {fmean(lengths):.0f} on average"
    drawn = Counter(each["text"] for each in answers).most_common()
    print(f"{len(questions)} questions of {span}, asked by {PEOPLE} people.")
    print(f"The answers: {', '.join(f'{title} ({count})' for title, count in drawn)}.\n")
    print(f"{'':28}{'calls':>7}{'per s':>9}{'p50':>9}{'p95':>9}{'p99':>9}  ms")


def _line(name: str, measured: Measured) -> str:
    columns = "".join(f"{each:9.1f}" for each in percentiles(measured.calls))
    return f"{name:28}{len(measured.calls):7}{measured.rate:9.0f}{columns}"


def _searching(questions: Sequence[str]) -> Iterator[float]:
    """Yield the seconds in which each answer is found, while the servers have nothing to do."""
    search = ready_texts(POLICY_TEXT)[1]
    for question in questions:
        begun = time.perf_counter()
        search.answer(question)
        yield time.perf_counter() - begun


def report(outcome: Outcome) -> None:
    """Print them side by side, what the search costs, and whether the goals are met."""
    first, again, bare, eager = outcome.first, outcome.again, outcome.bare, outcome.eager
    print()
    print(_line("never asked before", first))
    print(_line("asked before, all rounds", again))
    print(_line("bare AsyncApp, all rounds", bare))
    print(_line("eager AsyncApp, all rounds", eager))
    print()
    for name, asked in (("Never asked before", first), ("Asked before", again)):
        print(f"{name}: the search takes {1000 * asked.search:.2f} of the {1000 / asked.rate:.2f} ms of a request.")
    print(f"Search aside, {again.apart:.0f} requests per second: {again.apart / bare.rate:.2f} of the bare app's,")
    print(f"{again.apart / eager.rate:.2f} of the eager one's, which does not wait up to 10 ms for its listener.")
    print("\nThe goals, by what was asked before, as staff ask the same things and the program remembers the answers:")
    _judge(outcome.share >= GOAL_SHARE, f"{outcome.share:.2f} of the bare app, search aside (at least {GOAL_SHARE:g})")
    _judge(outcome.p99 < GOAL_P99, f"p99 {outcome.p99:.1f} ms at {IN_FLIGHT} in flight (under {GOAL_P99:.0f} ms)")


def _judge(is_met: bool, goal: str) -> None:
    print(f"{'met' if is_met else 'MISSED':8}{goal}")


def _settled(slack: FakeSlack) -> list[str]:
    """Give the people of the sample school their accounts, and as many more that app.yaml does not list."""
    listed = {each.slack: each.person.name for each in load_settings(CONFIG, {}).people if each.slack}
    others = {f"U0TEACHER{number:02}": f"Teacher {number}" for number in range(PEOPLE - len(listed))}
    for user, name in {**listed, **others}.items():
        slack.user(user, name)
    slack.channel("C0SLT", "slt", list(listed), is_private=True)
    return [*listed, *others]


# Servers -------------------------------------------------------------------------------------


@asynccontextmanager
async def running(slack: FakeSlack, *module: str) -> AsyncIterator[int]:
    """Run a Python module that prints its address; yield its port."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "SMPOLICY_"))}
    access = _access(slack) if module[0] == "bot" else {}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *module, stdout=PIPE, cwd=ROOT, env={**kept, **access}
    )
    try:
        assert child.stdout is not None
        line = (await child.stdout.readline()).decode()
        assert "http://127.0.0.1:" in line, f"no address, but {line!r}"
        yield int(line.split("http://127.0.0.1:")[1].split("/")[0])
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
        await child.wait()


def _access(slack: FakeSlack) -> Mapping[str, str]:
    return {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": slack.api_url}


async def serve_bare(api_url: str, *, eager: bool) -> None:
    """Acknowledge every command, and do nothing else, until terminated."""
    client = AsyncWebClient(BOT_TOKEN, base_url=api_url)
    bolt = AsyncApp(signing_secret=SECRET, client=client, process_before_response=eager)

    @bolt.command("/smpolicy")
    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    gc.freeze()  # As the program does it.
    runner = web.AppRunner(bolt.web_app(PATH), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}/", flush=True)
    await asyncio.Event().wait()


def main() -> int:
    """Measure, or be the bare app; return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench_slack", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"of load for each (default {SECONDS:g})")
    parser.add_argument("--quick", action="store_true", help="a few seconds, for a first look")
    parser.add_argument("--bare", metavar="URL", help=argparse.SUPPRESS)
    parser.add_argument("--eager", action="store_true", help=argparse.SUPPRESS)
    call = parser.parse_args()
    if call.bare is not None:
        asyncio.run(serve_bare(call.bare, eager=call.eager))
        return 0
    seconds, rounds = (QUICK_SECONDS, QUICK_ROUNDS) if call.quick else (call.seconds, ROUNDS)
    print(f"{os.cpu_count()} processors, on average {os.getloadavg()[0]:.1f} of them wanted in the last minute.")
    print(f"{IN_FLIGHT} requests in flight, sent from this process, which shares the processors with the servers.\n")
    outcome = asyncio.run(measure(seconds, rounds))
    report(outcome)
    return 0 if outcome.is_met else 1


if __name__ == "__main__":
    sys.exit(main())
