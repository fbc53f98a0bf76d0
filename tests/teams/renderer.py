"""Adaptive Cards in a browser, drawn by Microsoft's own renderer with a reader of Markdown that gives itself away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Page

from tests.platforms.browser import windows_at
from tests.setup.absence import without
from tests.teams.parser import ADVICE, PARSER

Json = Any


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a browser made of a card.

    Attributes:
        texts: What each line of words reads, from top to bottom.
        marked: What was read as Markdown.
        tags: The kinds of elements in it.
        links: Where links lead.
        values: What stands in the inputs, by id.
        labels: What stands above the inputs, by id.
        buttons: What stands on the buttons.
    """

    texts: tuple[str, ...]
    marked: tuple[str, ...]
    tags: frozenset[str]
    links: tuple[str, ...]
    values: Mapping[str, str]
    labels: Mapping[str, str]
    buttons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Renderer:
    """A page that draws cards."""

    page: Page

    async def renders(self, cards: Sequence[Json]) -> list[Rendered]:
        """Return what the browser makes of each of *cards*."""
        return [_rendered(each) for each in await self.page.evaluate(_RENDER, list(cards))]

    async def submits(self, cards: Sequence[Json]) -> list[Json]:
        """Return what pressing the first button of each of *cards* sends, None where the client holds it up."""
        sent: list[Json] = await self.page.evaluate(_SUBMIT, list(cards))
        return sent


@asynccontextmanager
async def renderer() -> AsyncIterator[Renderer]:
    """Open a page with Microsoft's renderer; skip where a person knows that there is no browser or no Node."""
    if without("node"):
        pytest.skip("without npm packages, as was asked for")
    if not PARSER.exists():
        pytest.fail(ADVICE)
    async with windows_at("about:blank") as windows:
        page = await windows.open("")
        await page.add_script_tag(path=PARSER)
        await page.evaluate(_BETRAY)
        yield Renderer(page)


def _rendered(told: Json) -> Rendered:
    return Rendered(
        tuple(told["texts"]),
        tuple(told["marked"]),
        frozenset(told["tags"]),
        tuple(told["links"]),
        told["values"],
        told["labels"],
        tuple(told["buttons"]),
    )


# Whatever is read as Markdown comes out in capitals and as HTML, between marks.
_BETRAY = """() => {
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = `<u class="read-as-markdown">${text.toUpperCase()}</u>`;
    result.didProcess = true;
  };
  window.draw = (json) => {
    const card = new AdaptiveCards.AdaptiveCard();
    card.hostConfig = new AdaptiveCards.HostConfig({ actions: { maxActions: 6 } });
    card.parse(json, new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_5));
    const drawn = card.render();
    document.body.replaceChildren(drawn);
    return [card, drawn];
  };
}"""

_RENDER = """(cards) => cards.map((json) => {
  const [card, drawn] = draw(json);
  const all = (selector, read) => [...drawn.querySelectorAll(selector)].map(read);
  const inputs = card.getAllInputs();
  return {
    texts: all(".ac-richTextBlock", (each) => each.innerText),
    marked: all(".read-as-markdown", (each) => each.innerText),
    tags: all("*", (each) => each.tagName.toLowerCase()),
    links: all("a, [href], [src]", (each) => each.getAttribute("href") ?? each.getAttribute("src") ?? ""),
    values: Object.fromEntries(inputs.map((each) => [each.id, String(each.value ?? "")])),
    labels: Object.fromEntries(inputs.map((each) => [each.id, each.label ?? ""])),
    buttons: all(".ac-pushButton", (each) => each.innerText),
  };
})"""

_SUBMIT = """(cards) => cards.map((json) => {
  const [card, drawn] = draw(json);
  let sent = null;
  card.onExecuteAction = (action) => { sent = action.data; };
  drawn.querySelector(".ac-pushButton").click();
  return sent === null ? null : JSON.parse(JSON.stringify(sent));
})"""
