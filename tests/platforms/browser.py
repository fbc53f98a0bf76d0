"""The local page in a real browser: opening it, moving about by keyboard, and looking for barriers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from tests.setup import CHROMIUM_ARGS, chromium_path, without
from tests.setup.browser import ADVICE

AXE = Path(__file__).parent.parent / "browser" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP = (1280, 800)
PHONE = (360, 740)
MOST_STEPS = 80

Json = Any
Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Windows:
    """A browser at one address, each window with a fresh profile.

    Attributes:
        mistakes: What the page's own scripts failed with.
    """

    browser: Browser
    url: str
    mistakes: list[str] = field(default_factory=list)

    async def open(
        self, path: str = "/", *, size: tuple[int, int] = DESKTOP, scheme: Scheme = "light", touch: bool = False
    ) -> Page:
        """Return a window that shows *path*."""
        width, height = size
        context = await self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            locale="en-GB",
            timezone_id="Asia/Tokyo",  # the page shows the school's time wherever the browser is
            has_touch=touch,
            is_mobile=touch,
        )
        page = await context.new_page()
        page.on("pageerror", lambda error: self.mistakes.append(str(error)))
        await page.goto(self.url + path)
        return page

    async def chat(self, person: str, place: str = "dm", **options: Any) -> Page:
        """Return a window that shows the chat as *person* in *place*."""
        page = await self.open(f"/?as={person}#{place}", **options)
        await expect(page.get_by_role("textbox", name="Message")).to_be_visible()
        return page

    async def api(self, path: str, body: Json = None) -> Json:
        """Return the answer of the API, past the page: of a write where there is a *body*."""
        address = f"{self.url}/local/api/{path}"
        request = self.browser.contexts[0].request
        answer = await (request.get(address) if body is None else request.post(address, data=body))
        assert answer.ok, await answer.text()
        return await answer.json()


@asynccontextmanager
async def windows_at(url: str) -> AsyncIterator[Windows]:
    """Run a browser without a screen; skip where a person knows that there is none."""
    if without("browser"):
        pytest.skip("without a browser, as was asked for")
    path = chromium_path()
    if path is None:
        pytest.fail(ADVICE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        windows = Windows(browser, url)
        yield windows
        await browser.close()
    assert windows.mistakes == []


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


_NAME_OF_FOCUS = """() => {
  const at = document.activeElement;
  const words = at.getAttribute("aria-label") ?? at.labels?.[0]?.innerText ?? at.innerText ?? "";
  return words.replace(/\\s+/g, " ").trim();
}"""
