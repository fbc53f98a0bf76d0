"""A school in Slack, opened for one test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.slack.school import School


@pytest.fixture
async def school(tmp_path: Path) -> AsyncIterator[School]:
    """The program behind a real socket, and a workspace with everybody of the sample school."""
    opened = School(tmp_path)
    await opened.open()
    yield opened
    await opened.close()
