"""Take the README's pictures of the local page: a question on a desktop, a decision on a phone."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import ClientError, ClientSession
from playwright.async_api import expect

from tests.platforms.browser import DESKTOP, PHONE, Json, Windows, say, windows_at

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs"
NOW = "2026-11-24T09:15:00+00:00"
QUESTION = "Can I name the school in a post on my own account?"
RUNNERS = ("history_teacher", "teaching_assistant")
APPLICATION = {
    "aim": "Show families what pupils find out about the town's history",
    "audience": ["Parents and carers", "The local community"],
    "promotion": "In the newsletter and at open evenings",
    "runners": list(RUNNERS),
    "openness": "Open",
    "platform": "Instagram",
    "handle": "@BebingtonHistory",
}


async def main() -> None:
    """Start the program on a folder of its own, talk to it, and leave two pictures in docs."""
    PICTURES.mkdir(exist_ok=True)
    async with running() as url, windows_at(url) as windows:
        await question(windows)
        await decision(windows)


async def question(windows: Windows) -> None:
    """Take the picture of a question and the policy's own words."""
    page = await windows.chat("history_teacher", size=DESKTOP)
    await windows.api("clock", {"now": NOW})
    await say(page, QUESTION)
    await expect(page.get_by_role("blockquote").first).to_be_visible()
    await page.screenshot(path=PICTURES / "page.png")


async def decision(windows: Windows) -> None:
    """Take the picture of an application that the leadership team decides on."""
    begun = await windows.api("say", {"as": RUNNERS[0], "in": "dm", "text": "/smpolicy apply"})
    session = begun["messages"][-1]["form"]["session"]
    preview = await windows.api("submit", {"as": RUNNERS[0], "session": session, "values": APPLICATION})
    draft = preview["messages"][-1]["id"]
    await windows.api("press", {"as": RUNNERS[0], "message": draft, "button": "Submit"})
    for runner in RUNNERS:
        await confirm(windows, runner)
    page = await windows.chat("deputy_head", "slt", size=PHONE, touch=True, scheme="dark")
    await expect(page.get_by_role("button", name="Approve")).to_be_visible()
    await page.screenshot(path=PICTURES / "phone.png")


async def confirm(windows: Windows, runner: str) -> None:
    """Have *runner* agree to run the account."""
    messages = await windows.api(f"messages?as={runner}&in=dm")
    asked = next(each["id"] for each in messages if _has_button(each, "Confirm"))
    body = {"as": runner, "message": asked, "button": "Confirm", "values": {"trained": "2026-09-12"}}
    await windows.api("press", body)


@asynccontextmanager
async def running() -> AsyncIterator[str]:
    """Run the program on a free port with fresh data, and yield its address."""
    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        command = [sys.executable, "-m", "bot", "serve", "--local", "--port", str(port), "--data", folder]
        environment = os.environ | {"SMPOLICY_LOG": "warning"}
        program = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment)
        try:
            url = f"http://127.0.0.1:{port}"
            await _ready(url)
            yield url
        finally:
            program.terminate()
            await program.wait()


async def _ready(url: str) -> None:
    async with asyncio.timeout(30), ClientSession() as http:
        while True:
            try:
                async with http.get(f"{url}/readyz") as answer:
                    if answer.ok:
                        return
            except ClientError:
                pass
            await asyncio.sleep(0.1)


def _has_button(message: Json, label: str) -> bool:
    buttons = message["card"]["buttons"] if message["card"] else []
    return any(button["label"] == label for button in buttons)


if __name__ == "__main__":
    asyncio.run(main())
    print(f"Two pictures are in {PICTURES.relative_to(ROOT)}: page.png and phone.png.")
