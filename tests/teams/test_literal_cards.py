"""What people typed, in a real browser: nothing of it becomes markup, a mention, a link, a picture or another word."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.conversation.cards import (
    Bold,
    Button,
    Card,
    Facts,
    Link,
    Mention,
    Quote,
    Row,
    Tone,
    bullets,
    line,
    notice,
)
from bot.conversation.fields import Choice, Choices, Multiline, People, Text, YesNo
from bot.conversation.forms import FormPage, ShownField
from bot.conversation.sessions import read_entries
from bot.domain.office import Office
from bot.platforms.teams.entries import entries
from bot.platforms.teams.pages import dialog, form_card, result_card
from bot.platforms.teams.render import messages, personal_card
from tests.platforms.test_slack_drawing import OFFICE, PAGES, SAMPLES, SEEN, inside
from tests.platforms.test_teams_drawing import buttons, filled
from tests.teams.renderer import Rendered, Renderer, renderer

Json = Any
pytestmark = pytest.mark.timeout(120)

TYPED = (
    "<at>Head Teacher</at>", "**bold** _x_ *y* __z__ ~~gone~~ `code` ```block```", "# heading", "> quote", "- item",
    "1. item", "[bank](https://evil.example)", "![x](https://evil.example/x.png)", "https://evil.example",
    "evil.example", "www.evil.example", "a@evil.example", "<https://evil.example>", "<b>b</b>", "<script>x()</script>",
    "<img src=x onerror=x()>", "<a href='https://evil.example'>x</a>", "&lt;b&gt; &amp;amp; &#60;", "a < b > c & d",
    "{{DATE(2026-11-28T16:00:00Z,SHORT)}}", "{{TIME(2026-11-28T16:00:00Z)}}", "{{{DATE(2026-11-28T16:00:00Z)}}}",
    "${title} {0} %s", ":smile: (y)", "\\*not\\* \\n", "'; DROP TABLE", "\u200fright to left\u200e", "שלום", "👩‍🏫",
    "e\u0301",
    "| a | b |\n|---|---|", "one\ntwo\n\nthree", "a\u00a0b", "\u202eturned", "<!channel> <@U1>",
)  # fmt: skip
LIVE = {"a", "img", "script", "at", "b", "strong", "em", "iframe", "table", "video", "audio", "code", "h1"}


@pytest.fixture
async def browser() -> AsyncIterator[Renderer]:
    """A browser of the test's own, which draws cards."""
    async with renderer() as opened:
        yield opened


def on_one_line(text: str) -> str:
    """Return *text* as it reads where a browser puts blanks together."""
    return re.sub(r"[ \t\n]+", " ", text).strip(" ")


def read_out(rendered: Rendered) -> list[str]:
    """Return what each line of words reads."""
    return [on_one_line(each) for each in rendered.texts]


def meant(card: Json) -> list[str]:
    """Return what each line of words has to read."""
    blocks = [each for each in inside(card) if each.get("type") == "RichTextBlock"]
    return [on_one_line("".join(run["text"] for run in each["inlines"])) for each in blocks]


def nothing_is_live(rendered: Rendered) -> None:
    """Assert that nothing acts and nothing leads anywhere."""
    assert rendered.tags & LIVE == set()
    assert rendered.links == ()


def card_of(typed: str) -> Card:
    """Return a card that has *typed* wherever a card has words."""
    spans = (typed, Bold(typed), Mention("x", typed), Link(typed, "javascript:x()"))
    return Card(
        typed,
        (
            line(*spans), notice(Tone.URGENT, *spans), bullets([spans, typed]), Facts((Row(typed, spans),)),
            Quote(typed, typed),
        ),
        (Button(typed, "session.answer", typed, typed), Button(typed * 20, "session.answer", typed, typed)),
    )  # fmt: skip


# The checks ----------------------------------------------------------------------------------


async def test_the_reader_of_markdown_gives_itself_away(browser: Renderer) -> None:
    """Else the tests below would prove nothing: a text block and the title of a choice are read as Markdown."""
    chosen = {"type": "Input.ChoiceSet", "id": "a", "style": "expanded", "choices": [{"title": "two", "value": "2"}]}
    elements = [{"type": "TextBlock", "text": "one <img src=x>"}, chosen]

    (rendered,) = await browser.renders([{"type": "AdaptiveCard", "version": "1.5", "body": elements}])

    assert [each.strip() for each in rendered.marked] == ["ONE", "TWO"]
    assert "img" in rendered.tags


async def test_a_stamp_that_is_not_parted_becomes_a_date(browser: Renderer) -> None:
    run = {"type": "TextRun", "text": "{{DATE(2026-11-28T16:00:00Z)}}"}
    elements = [{"type": "RichTextBlock", "inlines": [run]}]

    (rendered,) = await browser.renders([{"type": "AdaptiveCard", "version": "1.5", "body": elements}])

    assert "DATE" not in rendered.texts[0]


# Messages ------------------------------------------------------------------------------------


async def test_what_was_typed_reads_in_every_place_as_it_was_typed(browser: Renderer) -> None:
    cards = [card for typed in TYPED for card in (messages(card_of(typed), person=None)[0].card,)]
    cards += [result_card(card_of(typed), "chair")["card"]["content"] for typed in TYPED]

    for card, rendered in zip(cards, await browser.renders(cards), strict=True):
        assert read_out(rendered) == meant(card)
        assert rendered.marked == ()
        assert [on_one_line(each) for each in rendered.buttons] == [
            on_one_line(each["title"]) for each in buttons(card)
        ]
        nothing_is_live(rendered)


async def test_every_card_of_the_program_reads_as_it_was_meant(browser: Renderer) -> None:
    cards = [personal_card(card, "deputy_head") for card in SAMPLES.values()]

    for card, rendered in zip(cards, await browser.renders(cards), strict=True):
        assert read_out(rendered) == meant(card)
        assert rendered.marked == ()
        assert list(rendered.buttons) == [each["title"] for each in buttons(card)]
        assert all(each.startswith(("https://", "mailto:")) for each in rendered.links)


async def test_a_link_of_the_program_leads_where_it_says(browser: Renderer) -> None:
    card = Card("T", (line("See ", Link("the *guidance*", "https://school.example/?a=1&b=2"), "."),))

    (rendered,) = await browser.renders([personal_card(card, "chair")])

    assert rendered.links == ("https://school.example/?a=1&b=2",)
    assert rendered.texts[-1] == "See the *guidance*."


# Forms ---------------------------------------------------------------------------------------


def form_of(typed: str) -> tuple[FormPage, Office]:
    """Return a form that has *typed* wherever a form has words that people may have written."""
    sly = replace(next(each for each in OFFICE.people if each.works_here(OFFICE.today)), id="sly", name=typed)
    among = ("Yes", typed)
    fields = (
        ShownField(Text(name="text", prompt=typed, help=typed), typed.replace("\n", " "), typed),
        ShownField(Multiline(name="lines", prompt="Lines?"), typed),
        ShownField(Multiline(name="long", prompt=typed, at_most=30_000), typed + "x" * 12_000),
        ShownField(Choice(name="one", prompt="One?", among=among), typed),
        ShownField(Choices(name="some", prompt="Some?", among=among), [typed]),
        ShownField(Choice(name="own", prompt="Own?", among=("A", "B"), other=True), typed),
        ShownField(YesNo(name="sure", prompt="Sure?"), True),
        ShownField(People(name="who", prompt="Who?", outsiders=True), ["sly", "dsl"]),
    )
    return FormPage("s1", typed, typed, typed, fields), replace(OFFICE, people=(*OFFICE.people, sly))


async def test_what_was_typed_stands_in_a_form_as_it_was_typed(browser: Renderer) -> None:
    forms = [form_of(typed) for typed in TYPED]
    cards = [form_card(page, office) for page, office in forms]
    cards += [dialog(page, office)["card"]["content"] for page, office in forms]

    for card, typed, rendered in zip(cards, TYPED * 2, await browser.renders(cards), strict=True):
        nothing_is_live(rendered)
        held = rendered.values
        assert held["lines"] == typed
        assert on_one_line(held["own--other"]) == on_one_line(typed)
        is_listed = "sly" in held["who"].split(",")
        assert is_listed != (on_one_line(typed) in on_one_line(held["who--names"]))
        # The titles of choices alone are read as Markdown: what is typed is there only where that changes nothing.
        read = " ".join(rendered.marked)
        assert not re.search(r"[*_`~\[\]<>#|\\{}$!=@&/]|\w\.\w|:\w", read), read
        assert rendered.labels["text"] == typed
        shown = read_out(rendered)
        assert [each for each in meant(card) if each not in shown] == []


async def test_what_the_browser_sends_is_what_was_drawn(browser: Renderer) -> None:
    """Microsoft's own client says how values travel: which are left out, and how several choices are one text."""
    pages = [filled(name) for name in PAGES]
    cards = [card for page in pages for card in (dialog(page, OFFICE)["card"]["content"], form_card(page, OFFICE))]

    sent = await browser.submits(cards)

    for page, values in zip((page for page in pages for _ in range(2)), sent, strict=True):
        given = entries(values, page, office=OFFICE, people=str)
        found, errors = read_entries([each.field for each in page.fields], given, {}, SEEN)
        assert errors == {}
        assert found == {each.field.name: each.value for each in page.fields}
        assert values["smpolicy"]["action"] == "session.submit"


async def test_an_empty_form_is_sent_all_the_same(browser: Renderer) -> None:
    pages = [filled(name, empty=True) for name in PAGES]

    sent = await browser.submits([dialog(page, OFFICE)["card"]["content"] for page in pages])

    for page, values in zip(pages, sent, strict=True):
        given = entries(values, page, office=OFFICE, people=str)
        _, errors = read_entries([each.field for each in page.fields], given, {}, SEEN)
        assert set(errors) == {each.field.name for each in page.fields if not each.field.optional}
