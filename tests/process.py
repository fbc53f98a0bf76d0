"""The program as a process of its own, which a story starts, kills and starts again."""

from __future__ import annotations

import asyncio
import json
import os
import re
import resource
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import ClientSession

from bot.ports import SchoolStore
from bot.stores.opening import open_store
from tests.test_command_line import environment

Json = Any
T = TypeVar("T")
SCHOOL = "bebington"
STORE = "SMPOLICY_STORE_URL"
STARTED_WITHIN = 20.0
DRAINED_WITHIN = 10.0
PATIENCE = 20.0


class Growing(list[T]):
    """A list, for the next item of which one can wait."""

    def __init__(self) -> None:
        super().__init__()
        self._more = asyncio.Event()

    def append(self, item: T) -> None:
        """Keep *item*, and wake whoever waits for it."""
        super().append(item)
        self._more.set()

    async def until(
        self, fact: Callable[[], object], why: Callable[[], object] = lambda: "", *, seconds: float = PATIENCE
    ) -> None:
        """Wait until something is so, looking whenever the list has grown; *why* tells what is so instead."""
        try:
            async with asyncio.timeout(seconds):
                while not fact():
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise AssertionError(f"that never came; instead: {why()}") from None


class Program:
    """`smpolicy serve` with its secrets in the environment and its data in *folder*; it outlives its processes.

    Where the *variables* name a store, its data is there.
    """

    def __init__(self, folder: Path, *options: str, **variables: str) -> None:
        self._folder = folder
        self._options = options
        self._variables = variables
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""

    def twin(self, folder: Path) -> Program:
        """Return another one like it, in a *folder* of its own."""
        return Program(folder, *self._options, **self._variables)

    @property
    def records_folder(self) -> Path:
        """Return where its data is, unless its variables name a store."""
        return self._folder / "records"

    @property
    def pid(self) -> int:
        """Return the number of its newest process."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """Return what all its processes wrote to standard error."""
        return (self._folder / "program.log").read_text(encoding="utf-8")

    async def start(self) -> None:
        """Start it on a free port, and wait until it says that it is ready."""
        data = [] if STORE in self._variables else ["--data", str(self.records_folder)]
        call = [sys.executable, "-m", "bot", "serve", "--port", "0", *data]
        with (self._folder / "program.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *call, *self._options, stdout=asyncio.subprocess.PIPE, stderr=log, cwd=self._folder,
                env=environment(self._variables),
            )  # fmt: skip
        assert self._process.stdout is not None
        async with asyncio.timeout(STARTED_WITHIN):
            said = (await self._process.stdout.readline()).decode()
        found = re.search(r"(http://127\.0\.0\.1:\d+)/", said)
        assert found, f"it printed no address but {said!r}, and {self.log}"
        self.url = found[1]
        assert await self.status("GET", "/readyz") == HTTPStatus.OK

    async def status(self, method: str, path: str) -> int:
        """Return the status of one request to it."""
        async with ClientSession() as session, session.request(method, f"{self.url}{path}") as answer:
            return answer.status

    async def kill(self) -> None:
        """End it at once, whatever it is at."""
        assert await self._ended(signal.SIGKILL) == -signal.SIGKILL

    def strike(self) -> None:
        """End it at once without waiting, even while it starts; nothing happens where it has ended."""
        if self._process is not None and self._process.returncode is None:
            # Unlike `send_signal` this does not look whether it has ended, of which asyncio would then never hear.
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    async def terminated(self) -> int:
        """Ask it to stop, and return its exit code."""
        return await self._ended(signal.SIGTERM)

    def asked_to_stop(self) -> None:
        """Ask it to stop without waiting."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    async def ended(self) -> int:
        """Return its exit code once it has ended, which takes no longer than it may."""
        assert self._process is not None
        async with asyncio.timeout(DRAINED_WITHIN):
            await self._process.communicate()
        assert self._process.returncode is not None
        return self._process.returncode

    async def over(self) -> None:
        """Make sure that it does not run any more."""
        if self._process is not None and self._process.returncode is None:
            await self._ended(signal.SIGKILL)

    async def _ended(self, how: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        return await self.ended()

    @contextmanager
    def disk_full(self) -> Iterator[None]:
        """Let the kernel take no more bytes from it for its records, which are larger by now than its log."""
        assert self._process is not None
        files = [each for each in self.records_folder.rglob("*") if each.is_file()]
        largest = max(each.stat().st_size for each in files)
        before = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (largest, before[1]))
        try:
            yield
        finally:
            resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, before)

    @asynccontextmanager
    async def records(self) -> AsyncIterator[SchoolStore]:
        """Read what it has saved, while it does not run."""
        store = open_store(self._variables.get(STORE) or f"tinydb:{self.records_folder}")
        await store.open()
        try:
            yield store.of(SCHOOL)
        finally:
            await store.close()


def events_logged(log: str) -> Iterator[Json]:
    """Yield the lines of a log, each of which has to be JSON."""
    yield from map(json.loads, log.splitlines())
