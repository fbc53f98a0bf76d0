"""Offices for stories, and a running server for browsers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.offices import OFFICES
from tests.simulator import (
    Compose,
    Office,
    WebDesk,
    in_memory,
    on_disk,
    sample_settings,
    web_office,
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a report travel between processes, which halves of a surrogate pair in what was logged would not."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]
    return report


def program() -> Compose:
    """Return how the program is put together; imported here, because most tests need none of it."""
    from bot.app import App

    return App


@pytest.fixture(params=sorted(OFFICES))
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    """A school at work on each platform, its store in memory."""
    opened = OFFICES[request.param](sample_settings(tmp_path), in_memory(), program())
    await opened.open()
    yield opened
    await opened.leave()


@pytest.fixture(params=sorted(OFFICES))
async def durable_office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    """A school at work on each platform, its store on disk."""
    opened = OFFICES[request.param](sample_settings(tmp_path), on_disk(tmp_path), program())
    await opened.open()
    yield opened
    await opened.leave()


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A running program; *url* ends without a slash, *folder* holds its data."""

    url: str
    folder: Path


@pytest.fixture
def local_server(tmp_path: Path) -> Iterator[LocalServer]:
    """The program on a real socket and a real disk, beside the test in a thread of its own."""
    office = web_office(sample_settings(tmp_path), on_disk(tmp_path), program())
    with _running(office) as url:
        yield LocalServer(url, tmp_path)


@contextmanager
def _running(office: Office) -> Iterator[str]:
    """Keep *office* open in another thread, and yield its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(office.open(), loop).result()
        assert isinstance(office.desk, WebDesk)
        yield office.desk.url
        asyncio.run_coroutine_threadsafe(office.close(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
