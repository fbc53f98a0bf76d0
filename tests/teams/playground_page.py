"""The Agents Playground's page in a real browser: cards as Microsoft's own renderer draws them, and pressed there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Locator, Page, Route, expect

from tests.platforms.browser import windows_at

WINDOW = (1280, 1400)
PATIENCE_MS = 20_000


class PlaygroundPage:
    """The chat of the current user; a card is found by what it says."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def says(self, text: str) -> None:
        """Type *text* into the message box, and send it."""
        await self._page.locator("[data-lexical-editor=true]").first.click()
        await self._page.keyboard.insert_text(text)
        await self._page.keyboard.press("Enter")

    async def card(self, *words: str, button: str = "") -> Locator:
        """Return the newest card that holds all of *words* and a *button*, once it is there."""
        cards = self._page.locator(".ac-adaptiveCard")
        for each in words:
            cards = cards.filter(has_text=each)
        if button:
            cards = cards.filter(has=self._button(button))
        await expect(cards.last).to_be_visible(timeout=PATIENCE_MS)
        return cards.last

    async def is_told(self, words: str) -> None:
        """Wait until *words* stand below a card, as the answer to a press."""
        told = self._page.get_by_label("Display Invoked Message").filter(has_text=words)
        await expect(told.last).to_be_visible(timeout=PATIENCE_MS)

    async def presses(self, title: str, on: str) -> None:
        """Press a button on the newest card that holds *on*."""
        card = await self.card(on, button=title)
        await card.locator(self._button(title)).click()

    async def goes_to(self, channel: str) -> None:
        """Look at a channel."""
        await self._page.get_by_role("treeitem", name=channel).click()

    async def choose(self, form: Locator, label: str, *options: str) -> None:
        """Choose in a list of *form*, one or several."""
        box = form.get_by_role("combobox", name=label)
        await box.click()
        listed = self._page.locator("[role=menuitemcheckbox], [role=option]")
        for option in options:
            await listed.filter(has_text=option).first.click()
        await self._page.keyboard.press("Escape")

    async def picture(self, file: Path) -> None:
        """Save what the window shows."""
        await self._page.screenshot(path=file)

    def _button(self, title: str) -> Locator:
        return self._page.get_by_role("button", name=title, exact=True)


@asynccontextmanager
async def page_at(url: str) -> AsyncIterator[PlaygroundPage]:
    """Show the page for a while; skip where a person knows that there is no browser."""

    async def here_only(route: Route) -> None:
        await (route.continue_() if route.request.url.startswith(url) else route.abort())

    async with windows_at(url) as windows:
        width, height = WINDOW
        context = await windows.browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: windows.mistakes.append(str(error)))
        await page.route("**/*", here_only)  # its fonts lie on another machine
        await page.goto(url)
        yield PlaygroundPage(page)
