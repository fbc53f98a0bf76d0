"""The composition root: the only module that knows everything."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import secrets
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from aiohttp import web

import handlers
from bot.assistant import Assistant
from bot.delivery import EVERY_SECOND, Polling, Worker
from bot.directory import AppDirectory
from bot.domain import office as domain
from bot.domain.fitting import Fit
from bot.domain.guidance import Guidance, GuidanceMistakes, parse_guidance
from bot.domain.knowledge import Knowledge, KnowledgeMistakes, parse_knowledge
from bot.domain.office import Office
from bot.domain.policy import Policy, PolicyMistakes, parse_policy
from bot.domain.search import Search
from bot.importing.keeping import FORMER
from bot.platforms.health import HealthEdge
from bot.platforms.slack.edge import SlackEdge
from bot.platforms.slack.platform import SlackPlatform
from bot.platforms.teams.edge import TeamsEdge
from bot.platforms.teams.keys import KeyRing
from bot.platforms.teams.platform import TeamsPlatform
from bot.platforms.web.chat import LocalChat
from bot.platforms.web.clock import LocalClock, MovableClock
from bot.platforms.web.edge import LocalEdge
from bot.platforms.web.journal import Journal
from bot.ports import Chat, Ids, Store
from bot.recall import Recall
from bot.routing import Switchboard, World
from bot.settings.load import Settings
from bot.settings.shapes import TeamsAccess
from bot.stores.opening import open_store
from handlers.policy.cards import as_json

POLICY_TEXT = Path(__file__).resolve().parent.parent / "policy_text"
UNMISTAKABLE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

T = TypeVar("T")

log = logging.getLogger("smpolicy.app")


class TextMistakes(ValueError):
    """The policy's text or the knowledge about it can't be used; *mistakes* says where and why."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class RandomIds:
    """Ids that nobody can guess."""

    def new(self) -> str:
        """Return an opaque id."""
        return uuid.uuid4().hex

    def code(self, length: int) -> str:
        """Return *length* letters and digits that can be read out on the phone."""
        return "".join(secrets.choice(UNMISTAKABLE) for _ in range(length))


@dataclass(frozen=True, slots=True)
class ShippedPolicies:
    """The Policies port over the texts of `policy_text/`.

    Attributes:
        former: The versions before the one in force, by name.
    """

    policy: Policy
    former: Mapping[str, Policy] = field(default_factory=dict)

    def current(self) -> Policy:
        """Return the version in force."""
        return self.policy

    def version(self, name: str) -> Policy | None:
        """Return the version called *name*, or None."""
        return self.policy if name == self.policy.version else self.former.get(name)


@dataclass(frozen=True, slots=True)
class Texts:
    """What `policy_text/` holds.

    Attributes:
        fit: What was fitted to the ways of asking, or None where it is missing or no fit.
        former: The versions of the policy before the one in force, by name.
    """

    policy: Policy
    knowledge: Knowledge
    guidance: Guidance
    fit: Fit | None = None
    former: Mapping[str, Policy] = field(default_factory=dict)


def read_texts(folder: Path = POLICY_TEXT) -> Texts:
    """Return the policy, the knowledge about it and the guidance pack.

    Raises:
        TextMistakes: A file is missing or wrong; it carries everything that was found, with *folder* where it is not
            the program's own.
    """
    mistakes: list[str] = []
    policy = _read(folder / "policy.md", parse_policy, mistakes)
    knowledge = _read(folder / "asks.yaml", partial(parse_knowledge, policy=policy), mistakes) if policy else None
    guidance = _read(folder / "guidance.yaml", parse_guidance, mistakes)
    former = [_read(file, parse_policy, mistakes) for file in sorted((folder / FORMER).glob("*.md"))]
    if policy is None or knowledge is None or guidance is None or mistakes:
        raise TextMistakes(tuple(in_folder(folder, mistake) for mistake in mistakes))
    before = {each.version: each for each in former if each}
    return Texts(policy, knowledge, guidance, _read_fit(folder / "asks.fit"), before)


def in_folder(folder: Path, sentence: str) -> str:
    """Return what is said of a file in *folder*, with the folder where it is not the program's own."""
    return sentence if folder == POLICY_TEXT else f"{folder / sentence}"


def _read_fit(file: Path) -> Fit | None:
    """Return the fit, which answers are a little worse without, so a missing one keeps nobody waiting."""
    try:
        return Fit.from_bytes(file.read_bytes())
    except OSError:
        return None


@cache
def ready_texts(folder: Path) -> tuple[Texts, Search]:
    """Return the texts of *folder* and the search over them, made once for all schools of the process."""
    texts = read_texts(folder)
    return texts, Search(texts.policy, texts.knowledge, fit=texts.fit)


def _read(file: Path, parse: Callable[[str], T], mistakes: list[str]) -> T | None:
    try:
        return parse(file.read_text(encoding="utf-8"))
    except (PolicyMistakes, KnowledgeMistakes, GuidanceMistakes) as error:
        mistakes += error.mistakes
    except OSError as error:
        mistakes.append(f"{file.name} can't be read: {error.strerror}")
    except UnicodeDecodeError as error:
        mistakes.append(f"{file.name} is not UTF-8 text: {error.reason} at byte {error.start}")
    return None


class Edge(Protocol):
    """What a platform is to the program."""

    def add_to(self, app: web.Application) -> None:
        """Serve the platform's requests in *app*."""

    async def open(self) -> None:
        """Get ready, before anything arrives."""

    async def close(self) -> None:
        """Take nothing more, and finish what is under way."""

    async def leave(self) -> None:
        """Let go of the platform, once nothing more is to be said."""


class SchoolApp:
    """One school's assistant with its worker and its edges, on a store that is open and in an HTTP application.

    Both may be shared with other schools; nothing else is.

    Attributes:
        web: The HTTP application of all edges, to be served on one port.
        slack: Slack's edge, or None where it is not configured.
        teams: Teams' edge, or None where it is neither configured nor tried out on this machine.
        chats: The platforms that the worker can say things on.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        http: web.Application,
        *,
        under: str = "",
        clock: MovableClock | None = None,
        ids: Ids | None = None,
        local: bool = False,
        chats: Callable[[World], tuple[Chat, ...]] = lambda world: (),
        policy_text: Path | None = None,
        keys: KeyRing | None = None,
        polling: Polling = EVERY_SECOND,
    ) -> None:
        """Make it; *under* is what the paths of its edges begin with."""
        texts, search = ready_texts(policy_text or settings.policy_text or POLICY_TEXT)
        self.settings = settings
        other_edges = settings.slack is not None or settings.teams is not None
        self.clock: MovableClock = clock or LocalClock(movable=local and not other_edges)
        self.store = store
        school, new_ids = domain_school(settings, texts.guidance), ids or RandomIds()
        zone, records = settings.school.timezone, store.of(school.id)
        slack = SlackPlatform(settings, settings.slack, records, self.clock) if settings.slack else None
        on_trial = local and settings.slack is None and not settings.teams_app_id
        access = settings.teams or (TeamsAccess() if on_trial else None)
        teams = TeamsPlatform(settings, access, records, self.clock, keys) if access else None
        platforms = [each for each in (slack, teams) if each is not None]
        rosters = tuple(each.roster for each in platforms)
        directory = AppDirectory(settings.persons, lambda: self.clock.now().astimezone(zone).date(), rosters)
        self.world = World(
            school=school, store=records, clock=self.clock, ids=new_ids, directory=directory,
            policies=ShippedPolicies(texts.policy, texts.former), search=search,
            switchboard=switchboard(), recall=Recall(self.clock),
        )  # fmt: skip
        self.assistant = Assistant(self.world)
        self.journal = Journal(school.id, self.world.store, self.clock)
        local_chat = (LocalChat(self.journal, directory),) if local else ()
        self.chats: tuple[Chat, ...] = (*chats(self.world), *(each.chat for each in platforms), *local_chat)
        self.worker = Worker(self.world, self.chats, self.assistant.office, lambda: self.store.healthy, polling)
        self.web = http
        self.slack = SlackEdge(slack, self.assistant, self.worker, under) if slack else None
        self.teams = TeamsEdge(teams, self.assistant, self.worker, under) if teams else None
        self._edges: tuple[Edge, ...] = tuple(each for each in (self.slack, self.teams) if each is not None)
        for edge in self._edges:
            edge.add_to(self.web)
        if local:
            page = LocalEdge(assistant=self.assistant, worker=self.worker, journal=self.journal, clock=self.clock)
            page.add_to(self.web)
        if local and other_edges:
            log.warning("the local page is served beside a real platform: its clock can't be moved")
        self._working: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Get the edges ready and start the worker."""
        await self.journal.open()
        for edge in self._edges:
            await edge.open()
        if self.store.exclusive:
            await self.worker.take_over()
        self._working = asyncio.create_task(self.worker.run())

    def described(self) -> Sequence[str]:
        """Return for whoever starts it on which platforms it is served, and how it is reached there."""
        edges = (("Slack", self.slack), ("Teams", self.teams))
        return [f"{name}: {edge.described()}" for name, edge in edges if edge is not None]

    async def stop(self) -> None:
        """Take nothing more, and finish what is under way."""
        await asyncio.gather(*(edge.close() for edge in self._edges))
        if self._working:
            self._working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._working
        for edge in self._edges:
            await edge.leave()


class App(SchoolApp):
    """A deployment of one school: its assistant, with a store and an HTTP application of its own."""

    def __init__(
        self,
        settings: Settings,
        *,
        store: Store | None = None,
        clock: MovableClock | None = None,
        ids: Ids | None = None,
        local: bool = False,
        chats: Callable[[World], tuple[Chat, ...]] = lambda world: (),
        policy_text: Path | None = None,
    ) -> None:
        super().__init__(
            settings, store or open_store(settings.store_url), new_http(),
            clock=clock, ids=ids, local=local, chats=chats, policy_text=policy_text,
        )  # fmt: skip
        HealthEdge({settings.school.id: self.worker}, self.store, settings.metrics_token).add_to(self.web)

    async def start(self) -> None:
        """Open the store and start; raises NotSaved where the store can't be opened."""
        await self.store.open()
        await super().start()

    async def stop(self) -> None:
        """Stop, then let go of the store."""
        await super().stop()
        await self.store.close()


class Served(Protocol):
    """A deployment, of one school or of several."""

    @property
    def web(self) -> web.Application: ...

    def described(self) -> Iterable[str]: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


def new_http() -> web.Application:
    """Return an HTTP application in which nothing is served yet."""
    return web.Application(client_max_size=1_100_000)


def domain_school(settings: Settings, guidance: Guidance) -> domain.School:
    """Return the school as the domain knows it."""
    school, values = settings.school, settings.values
    return domain.School(
        id=school.id, name=school.name, week=school.week, aliases=school.aliases, contacts=settings.contacts,
        out_of_hours=school.out_of_hours, holding_words=settings.texts.get("holding_words", ""),
        press_duty=settings.duty.press, safety_duty=settings.duty.safety, duty_minutes=settings.duty.minutes,
        quorum=values.slt_quorum, draft_days=values.draft_days, remind_days=values.remind_days,
        escalate_days=values.escalate_days, unopened_minutes=values.unopened_minutes,
        exception_review_days=values.exception_review_days, gap_days=values.gap_days, guidance=guidance,
    )  # fmt: skip


class Asking:
    """Answers questions without a store or a server, for the command line."""

    def __init__(self, settings: Settings, policy_text: Path | None = None) -> None:
        texts, self._search = ready_texts(policy_text or settings.policy_text or POLICY_TEXT)
        school = domain_school(settings, texts.guidance)
        now = datetime.now(UTC).astimezone(school.week.zone)
        self._office = Office(school, settings.persons, (), now, texts.policy.version)

    def answer(self, question: str, question_id: str = "") -> dict[str, Any]:
        """Return the answer as contract 2.1 has it."""
        return as_json(question_id, self._search.answer(question), self._office)


@cache
def switchboard() -> Switchboard:
    """Return all features as one."""
    return Switchboard(handlers.ROUTERS)


@contextlib.asynccontextmanager
async def serving(app: Served, host: str, port: int, *, drain_seconds: float = 10.0) -> AsyncIterator[str]:
    """Serve *app* and yield its address; on leaving, finish requests within *drain_seconds* and stop."""
    await app.start()
    gc.set_threshold(50_000)  # most of what a message needs is gone by then, so that few are looked at in vain
    gc.freeze()  # what was made at the start stays: the collector need not look at it again
    runner = web.AppRunner(app.web, access_log=None, shutdown_timeout=drain_seconds / 2)
    try:
        await runner.setup()
        site = web.TCPSite(runner, host, port)
        await site.start()
        bound = runner.addresses[0][1]
        yield f"http://{host if ':' not in host else f'[{host}]'}:{bound}/"
    finally:
        await runner.cleanup()
        await app.stop()
