"""A trust: many schools in one deployment, which share a store, a port and nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.app import POLICY_TEXT, SchoolApp, TextMistakes, new_http, ready_texts
from bot.delivery import Polling
from bot.errors import NotSaved
from bot.platforms.health import HealthEdge
from bot.platforms.teams.keys import KeyRing
from bot.platforms.web.clock import LocalClock, MovableClock
from bot.ports import Ids, Store
from bot.settings.shapes import Settings, TrustSettings
from bot.stores.opening import open_store

# At most so many schools look for due jobs in a second, and so many start at once: the store's connections are few.
LOOKS_PER_SECOND = 100
STARTING_AT_ONCE = 50
LOCAL_PAGE = "tried out on the local page"
NOTHING = "neither Slack nor Teams is set up"
NOT_STARTED = "can't be started; the log says why"

log = logging.getLogger("smpolicy.trust")


def path_of(school: str) -> str:
    """Return what the paths of a school of a trust begin with."""
    return f"/schools/{school}"


def polling(number: int, schools: int) -> Polling:
    """Return how often the school of that *number*, from 0, looks for due jobs beside the others."""
    seconds = max(1.0, schools / LOOKS_PER_SECOND)
    return Polling(seconds, seconds * number / schools)


class Trust:
    """A deployment of several schools, each under a path of its own.

    Attributes:
        schools: School id to the school's assistant.
        web: The HTTP application of all, to be served on one port.
    """

    def __init__(
        self,
        settings: TrustSettings,
        *,
        store: Store | None = None,
        clock: MovableClock | None = None,
        ids: Ids | None = None,
        local: str = "",
    ) -> None:
        """Make it; *local* is the school that is tried out on this machine, or "".

        Raises:
            TextMistakes: A school's policy can't be used; it carries what is wrong with each.
        """
        _read_policies(settings.schools)
        self.settings = settings
        self.store: Store = store or open_store(settings.store_url)
        self.web = new_http()
        self.web.middlewares.append(self._only_started)
        keys = KeyRing(clock or LocalClock(movable=False))
        self.schools = {
            each.school.id: SchoolApp(
                each, self.store, self.web, under=path_of(each.school.id), clock=clock, ids=ids,
                local=each.school.id == local, keys=keys, polling=polling(number, len(settings.schools)),
            )
            for number, each in enumerate(settings.schools)
        }  # fmt: skip
        workers = {id: school.worker for id, school in self.schools.items()}
        HealthEdge(workers, self.store, settings.metrics_token).add_to(self.web)
        self._local = local
        self._down = set(self.schools)
        self._starting = asyncio.Semaphore(STARTING_AT_ONCE)

    async def start(self) -> None:
        """Open the store and start all schools, of which none waits for another; one that can't start is left out.

        Raises:
            NotSaved: The store can't be opened or read.
        """
        await self.store.open()
        failures = await asyncio.gather(*map(self._start, self.schools), return_exceptions=True)
        for failure in failures:
            if failure is not None:
                await self.stop()
                raise failure

    async def stop(self) -> None:
        """Let every school finish what is under way, then let go of the store."""
        started = [id for id in self.schools if id not in self._down]
        self._down.update(started)
        await asyncio.gather(*map(self._stop, started))
        await self.store.close()

    def described(self) -> Iterator[str]:
        """Yield for whoever starts it what is served for whom."""
        for id, school in self.schools.items():
            if id in self._down:
                yield f"{id}: {NOT_STARTED}"
                continue
            page = [LOCAL_PAGE] if id == self._local else []
            yield from (f"{id}: {each}" for each in (*page, *school.described()) or (NOTHING,))

    async def _start(self, id: str) -> None:
        school = self.schools[id]
        try:
            async with self._starting:
                await school.start()
            self._down.discard(id)
        except Exception as error:
            school.worker.healthy = False
            await self._stop(id)
            if isinstance(error, NotSaved):
                raise
            log.exception("%s can't be started; the other schools run without it", id)

    async def _stop(self, id: str) -> None:
        try:
            await self.schools[id].stop()
        except Exception:
            log.exception("%s can't be stopped", id)

    @web.middleware
    async def _only_started(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let platforms try again later what is for a school that is not started."""
        if self._down and request.path.startswith(tuple(f"{path_of(id)}/" for id in self._down)):
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        return await handler(request)


def _read_policies(schools: Sequence[Settings]) -> None:
    mistakes: list[str] = []
    for folder in policy_folders(schools):
        try:
            ready_texts(folder)
        except TextMistakes as error:
            mistakes += error.mistakes
    if mistakes:
        raise TextMistakes(tuple(mistakes))


def policy_folders(schools: Sequence[Settings]) -> tuple[Path, ...]:
    """Return the folders of the schools' policies, each once."""
    return tuple(dict.fromkeys(each.policy_text or POLICY_TEXT for each in schools))
