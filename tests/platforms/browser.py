"""The local page in a real browser: opening it, moving about by keyboard, and looking for barriers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from tests.setup import CHROMIUM_ARGS, chromium_path, without
from tests.setup.browser import ADVICE

AXE = Path(__file__).parent.parent / "browser" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP = (1280, 800)
PHONE = (360, 740)
MOST_STEPS = 80

Json = Any


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run a browser without a window, or skip where a person knows that there is none."""
    if without("browser"):
        pytest.skip("without a browser, as was asked for")
    path = chromium_path()
    if path is None:
        pytest.fail(ADVICE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield browser
        await browser.close()


async def opened(
    browser: Browser, url: str, *, size: tuple[int, int] = DESKTOP, scheme: str = "light", touch: bool = False
) -> Page:
    """Return a page at *url*, as somebody with a fresh browser in Britain sees it; its bugs fail the test."""
    width, height = size
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="en-GB",
        timezone_id="Asia/Tokyo",  # the page shows the school's time wherever the browser is
        has_touch=touch,
        is_mobile=touch,
    )
    page = await context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", _fail)
    await page.goto(url)
    return page


async def chat_of(browser: Browser, url: str, person: str, place: str = "dm", **options: Any) -> Page:
    """Return the chat as *person*, ready to type."""
    page = await opened(browser, f"{url}/?as={person}#{place}", **options)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


async def say(page: Page, words: str) -> None:
    """Type *words* into the message box, send them, and wait until they stand in the conversation."""
    box = page.get_by_role("textbox", name="Message")
    await box.fill(words)
    await box.press("Enter")
    await expect(page.locator(".message-own").last).to_contain_text(words)


async def reach(page: Page, name: str, key: str = "Tab") -> Locator:
    """Press *key* until the keyboard is at the control called *name*, and return it."""
    focused = page.locator(":focus")
    for _ in range(MOST_STEPS):
        await page.keyboard.press(key)
        if await page.evaluate(_NAME_OF_FOCUS) == name:
            return focused
    return pytest.fail(f"{key} never comes to “{name}”")


async def barriers(page: Page) -> list[str]:
    """Return what axe-core finds to be a serious or critical barrier."""
    if without("node"):
        pytest.skip("without npm packages, as was asked for")
    # Evaluated rather than added as a script, which the page's own security policy forbids.
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{each['id']}: {each['help']} – {[node['target'] for node in each['nodes']]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]


async def sideways(page: Page) -> int:
    """Return by how many pixels the page can be scrolled sideways."""
    pixels: int = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return pixels


async def call(page: Page, path: str, body: Json) -> Json:
    """Return the answer of the API, past the page."""
    base = page.url.partition("/?")[0]
    answer = await page.request.post(f"{base}/local/api/{path}", data=body)
    assert answer.ok, await answer.text()
    return await answer.json()


def _fail(error: Exception) -> None:
    pytest.fail(f"the page's script failed: {error}")


_NAME_OF_FOCUS = """() => {
  const at = document.activeElement;
  const words = at.getAttribute("aria-label") ?? at.labels?.[0]?.innerText ?? at.innerText ?? "";
  return words.replace(/\\s+/g, " ").trim();
}"""
