"""A school in Teams, opened for one test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.teams.human import Human
from tests.teams.school import School
from tests.teams.slow import SlowStore


@pytest.fixture
async def school(tmp_path: Path) -> AsyncIterator[School]:
    """The program behind a real socket, and a tenant with everybody of the sample school."""
    opened = School(tmp_path)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def teacher(school: School) -> Human:
    """A teacher at their client."""
    return school.human("history_teacher")


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[tuple[School, asyncio.Event]]:
    """A school whose store can be held."""
    store = SlowStore()
    opened = School(tmp_path, store)
    await opened.open()
    yield opened, store.open_again
    store.open_again.set()
    await opened.close()
