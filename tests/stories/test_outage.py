"""The database goes away and comes back: people are told whom to phone, and nothing that was answered is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.app import App
from bot.stores.postgres import PostgresStore
from tests.offices import OFFICES
from tests.postgres import Server
from tests.setup.absence import without
from tests.simulator import Office, WebDesk, sample_settings, web_office
from tests.stories.test_apply import AIM
from tests.stories.test_manners import told

pytestmark = pytest.mark.skipif(without("postgres"), reason="without PostgreSQL, as was asked")
PHONES = ("07700 900104", "0151 496 0100", "07700 900101", "phone 999")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of our own, which may be stopped."""
    started = Server()
    started.start()
    yield started
    started.remove()


@pytest.fixture(params=sorted(OFFICES))
async def office(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> AsyncIterator[Office]:
    """A school whose records are in that server, on each platform."""
    url = server.database()
    opened = OFFICES[request.param](sample_settings(tmp_path), lambda: PostgresStore(url, patience=0.3), App)
    await opened.open()
    yield opened
    await opened.leave()


async def test_while_the_database_is_away_people_read_whom_to_phone(office: Office, server: Server) -> None:
    """A question, an answer in a form and a report: each of them says that it was not kept, and what to do instead."""
    teacher = office.person("history_teacher")
    await teacher.says("/smpolicy apply")

    server.stop()
    lost = [await told(teacher.says(words)) for words in (AIM, "may I name the school in a post?")]
    server.start()

    for sentence in lost:
        assert "This was not saved, and nobody has been told." in sentence
        assert [way for way in PHONES if way not in sentence] == []
    assert "2 of 5" in await teacher.says(AIM)


async def test_readiness_goes_red_and_green_by_itself(server: Server, tmp_path: Path) -> None:
    """Nobody writes anything meanwhile; the program finds out both times, and says what was due."""
    url = server.database()
    office = web_office(sample_settings(tmp_path), lambda: PostgresStore(url, patience=0.3), App)
    await office.open()
    desk = office.desk
    assert isinstance(desk, WebDesk)

    async def readiness() -> int:
        async with ClientSession(desk.url) as http, http.get("/readyz") as response:
            return response.status

    async def becomes(status: HTTPStatus) -> None:
        async with asyncio.timeout(20):
            while await readiness() != status:
                office.app.worker.wake()

    try:
        await becomes(HTTPStatus.OK)
        server.stop()
        await becomes(HTTPStatus.SERVICE_UNAVAILABLE)
        server.start()
        await becomes(HTTPStatus.OK)
    finally:
        await office.close()
