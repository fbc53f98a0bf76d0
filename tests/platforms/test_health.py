"""What an operator's tools ask, over a real socket."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import make_mocked_request

from bot.app import App
from bot.stores.files import Files
from bot.stores.memory import MemoryStore
from bot.stores.tinydb import TinyDBStore
from tests.simulator import WebDesk, sample_settings, web_office

Json = Any
TOKEN = "let-me-read"


class FullDisk(Files):
    """A disk that can be full for a while."""

    full = False

    def write(self, handle: int, text: bytes | bytearray) -> None:
        """Write, or say that no space is left."""
        if self.full:
            raise OSError(ENOSPC, "No space left on device")
        super().write(handle, text)


@asynccontextmanager
async def school(folder: Path, disk: Files | None = None, token: str = "") -> AsyncIterator[WebDesk]:
    """A running school with its data on *disk*."""
    settings = replace(sample_settings(folder), metrics_token=token)
    office = web_office(settings, lambda: TinyDBStore(folder, disk), App)
    await office.open()
    try:
        assert isinstance(office.desk, WebDesk)
        yield office.desk
    finally:
        await office.close()


async def asked(desk: WebDesk, path: str, **headers: str) -> tuple[int, str]:
    """Return status and text of a call from this machine."""
    async with ClientSession(desk.url) as http, http.get(path, headers=headers) as response:
        return response.status, await response.text()


async def says(desk: WebDesk) -> int:
    """Have somebody say something; return the status."""
    status, _ = await desk.call("POST", "say", {"as": "dsl", "in": "dm", "text": "hello"})
    return status


async def test_a_program_that_runs_is_alive_and_ready(tmp_path: Path) -> None:
    async with school(tmp_path) as desk:
        assert (await asked(desk, "/healthz"))[0] == 200
        status, ready = await asked(desk, "/readyz")

        assert status == 200
        assert '"store": true' in ready
        assert '"worker": true' in ready


async def test_health_is_told_under_any_name(tmp_path: Path) -> None:
    """Load balancers come under a name of their own, unlike visitors of the local page."""
    async with school(tmp_path) as desk:
        for path in ("/healthz", "/readyz"):
            status, _ = await asked(desk, path, Host="school.example", **{"X-Forwarded-For": "10.0.0.1"})
            assert status == 200


async def test_readiness_is_red_while_the_store_can_not_write(tmp_path: Path) -> None:
    disk = FullDisk()
    async with school(tmp_path, disk) as desk:
        disk.full = True
        refused = await says(desk)
        red = await asked(desk, "/readyz")
        gauge = await asked(desk, "/metrics")
        alive = await asked(desk, "/healthz")
        disk.full = False
        taken = await says(desk)
        green = await asked(desk, "/readyz")

        assert refused == 503
        assert red[0] == 503
        assert '"store": false' in red[1]
        assert "smpolicy_store_up 0\n" in gauge[1]
        assert alive[0] == 200
        assert taken == 200
        assert green[0] == 200


async def test_metrics_are_prometheus_text(tmp_path: Path) -> None:
    async with school(tmp_path) as desk, ClientSession(desk.url) as http, http.get("/metrics") as response:
        text = await response.text()

        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        samples = [line for line in text.splitlines() if not line.startswith("#")]
        assert samples
        for sample in samples:
            name, value = sample.split(" ")
            assert re.fullmatch(r"smpolicy_[a-z_]+(\{.*\})?", name)
            assert float(value) >= 0
            assert f"# TYPE {name.partition('{')[0]} " in text
            assert f"# HELP {name.partition('{')[0]} " in text
        assert text.endswith("\n")
        assert "smpolicy_store_up 1\n" in text


async def test_metrics_count_what_was_delivered(tmp_path: Path) -> None:
    async with school(tmp_path) as desk:
        before = await asked(desk, "/metrics")
        for text in ("/smpolicy apply", "To show what we do", "Staff", "Posters", "DSL, PE teacher", "1", "1", "@us"):
            await desk.call("POST", "say", {"as": "dsl", "in": "dm", "text": text})
        status, messages = await desk.call("GET", "messages", as_="dsl", in_="dm")
        await desk.call("POST", "press", {"as": "dsl", "message": messages[-1]["id"], "button": "Submit"})
        after = await asked(desk, "/metrics")

        assert status == 200
        delivered = [re.search(r"^smpolicy_jobs_delivered_total (\d+)", text, re.M) for _, text in (before, after)]
        assert delivered[0]
        assert delivered[1]
        assert int(delivered[0][1]) == 0
        assert int(delivered[1][1]) > 0


async def test_metrics_with_a_token_are_for_who_has_it(tmp_path: Path) -> None:
    async with school(tmp_path, token=TOKEN) as desk:
        assert (await asked(desk, "/metrics", Authorization=f"Bearer {TOKEN}"))[0] == 200
        for given in (
            "",
            TOKEN,
            "Bearer \udcff",
            f"Bearer {TOKEN}x",
            f"Basic {TOKEN}",
            "Bearer ",
            "Bearer let-me-réad",
        ):
            status, text = await asked(desk, "/metrics", Authorization=given)
            assert status == 403
            assert "smpolicy_" not in text
        assert (await asked(desk, "/metrics"))[0] == 403


@pytest.mark.parametrize(
    ("peer", "token", "given", "status"),
    [
        ("127.0.0.1", "", "", 200),
        ("::1", "", "", 200),
        ("127.9.9.9", "", "", 200),
        ("10.0.0.7", "", "", 403),
        ("10.0.0.7", "", "Bearer ", 403),
        ("2001:db8::7", "", "", 403),
        ("", "", "", 403),
        ("nonsense", "", "", 403),
        ("10.0.0.7", TOKEN, f"Bearer {TOKEN}", 200),
        ("127.0.0.1", TOKEN, "", 403),
    ],
)
async def test_metrics_without_a_token_are_for_this_machine(
    tmp_path: Path, peer: str, token: str, given: str, status: int
) -> None:
    app = App(replace(sample_settings(tmp_path), metrics_token=token), store=MemoryStore())
    request = make_mocked_request("GET", "/metrics", {"Authorization": given}).clone(remote=peer)

    handler = (await app.web.router.resolve(request)).handler
    response = await handler(request)

    assert isinstance(response, web.Response)
    assert response.status == status
