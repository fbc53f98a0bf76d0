"""The local page as people use it: in a browser, against the running program."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, Route, expect

from tests.conftest import LocalServer
from tests.platforms.browser import DESKTOP, PHONE, Scheme, Windows, barriers, reach, say, sideways, windows_at

TEACHER = "history_teacher"
COLLEAGUE = "pe_teacher"
DEPUTY = "deputy_head"
NAMING = "Can I name the school in a post on my own account?"
STF_4 = "The name of Bebington High School should not be included in any post made on a personal account."
APPLICATION = {
    "aim": "Show families what we do in history",
    "audience": ["Staff"],
    "promotion": "In the newsletter",
    "runners": [TEACHER, COLLEAGUE],
    "openness": "Open",
    "platform": "Instagram",
    "handle": "@BebingtonHistory",
}


@pytest.fixture
async def windows(local_server: LocalServer) -> AsyncIterator[Windows]:
    """A browser of the test's own, at the running program."""
    async with windows_at(local_server.url) as opened:
        yield opened


async def form_page(page: Page) -> None:
    """Open the application as a page."""
    await say(page, "/smpolicy apply")
    await page.get_by_role("button", name="Fill in as a page").last.click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def newest(windows: Windows, person: str, words: str) -> str:
    """Return the id of the newest message to *person* that holds *words*."""
    messages = await windows.api(f"messages?as={person}&in=dm")
    found: list[str] = [message["id"] for message in messages if words in message["text"]]
    return found[-1]


async def apply_past_the_page(windows: Windows) -> None:
    """Have the teacher apply, and both runners confirm, so that SLT is asked."""
    begun = await windows.api("say", {"as": TEACHER, "in": "dm", "text": "/smpolicy apply"})
    session = begun["messages"][-1]["form"]["session"]
    preview = await windows.api("submit", {"as": TEACHER, "session": session, "values": APPLICATION})
    draft = preview["messages"][-1]["id"]
    await windows.api("press", {"as": TEACHER, "message": draft, "button": "Submit"})
    for runner in (TEACHER, COLLEAGUE):
        asked = await newest(windows, runner, "will you run")
        words = {"trained": "2026-09-12"}
        await windows.api("press", {"as": runner, "message": asked, "button": "Confirm", "values": words})


async def test_a_person_is_chosen_and_stays_through_a_reload(windows: Windows) -> None:
    """The address holds who one is and where."""
    page = await windows.open()

    await page.get_by_role("link", name="Deputy head SLT").click()
    await page.get_by_role("link", name="Senior leadership team").click()
    await page.reload()

    await expect(page.get_by_role("heading", level=1)).to_have_text("Senior leadership team")
    await expect(page.get_by_role("complementary")).to_contain_text("Deputy head")


async def test_who_is_not_in_slt_does_not_see_its_place(windows: Windows) -> None:
    """An address of a place that one does not see leads to one's own chat."""
    page = await windows.chat(TEACHER, "slt")

    await expect(page.get_by_role("link", name="All staff")).to_be_visible()
    await expect(page.get_by_role("link", name="Senior leadership team")).to_have_count(0)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Direct chat")


async def test_a_question_is_answered_by_the_clause_word_for_word(windows: Windows) -> None:
    """The quote carries its source."""
    page = await windows.chat(TEACHER)

    await say(page, NAMING)

    quote = page.locator("figure").filter(has=page.get_by_text(STF_4, exact=True))
    await expect(quote.get_by_role("blockquote")).to_have_text(STF_4)
    await expect(quote.locator("figcaption")).to_contain_text("STF-4")


async def test_words_are_never_markup(windows: Windows) -> None:
    """What somebody types is shown to others as it was typed."""
    page = await windows.chat(TEACHER, "staff")
    words = "<img src=x onerror=alert(1)> **not bold** <b>nor this</b>"

    await say(page, words)

    await expect(page.locator(".message-own .bubble").last).to_have_text(words)
    await expect(page.locator(".log img[src=x]")).to_have_count(0)


async def test_applying_takes_no_mouse(windows: Windows) -> None:
    """From the command to the confirmation, by keyboard alone."""
    page = await windows.chat(TEACHER)
    keyboard = page.keyboard

    await say(page, "/smpolicy apply")
    await expect(page.get_by_role("button", name="Fill in as a page")).to_be_visible()
    await reach(page, "Fill in as a page", "Shift+Tab")
    await keyboard.press("Enter")
    await expect(page.get_by_label("What is the aim of the account?")).to_be_focused()
    await keyboard.type("Show families what we do in history")
    await reach(page, "Staff")
    await keyboard.press("Space")
    await reach(page, "How will the account be promoted?")
    await keyboard.type("In the newsletter")
    for runner in ("History teacher", "PE teacher"):
        await reach(page, runner)
        await keyboard.press("Space")
    await reach(page, "Open")
    await keyboard.press("Space")
    await reach(page, "Facebook")
    await keyboard.press("ArrowDown")
    await reach(page, "Which name or handle would it have?")
    await keyboard.type("@BebingtonHistory")
    await keyboard.press("Enter")

    await expect(page.get_by_role("dialog")).to_have_count(0)
    draft = page.get_by_role("article").filter(has_text="@BebingtonHistory")
    await expect(draft).to_be_focused()
    await reach(page, "Submit")
    await keyboard.press("Enter")
    await expect(page.get_by_role("article").last.get_by_role("button", name="Confirm")).to_be_visible()


async def test_mistakes_are_told_beside_their_fields(windows: Windows) -> None:
    """The first one has the keyboard, and what was typed stays."""
    page = await windows.chat(TEACHER)
    await form_page(page)
    dialog = page.get_by_role("dialog")
    promotion = dialog.get_by_label("How will the account be promoted?")

    await promotion.fill("In the newsletter")
    await dialog.get_by_role("button", name="Preview").click()

    aim = dialog.get_by_label("What is the aim of the account?")
    await expect(aim).to_be_focused()
    await expect(aim).to_have_attribute("aria-invalid", "true")
    await expect(aim).to_have_accessible_description("One or two sentences: what will it do for pupils, parents "
        "or your department? Please answer this one: it can't be left empty.")  # fmt: skip
    await expect(promotion).to_have_value("In the newsletter")
    await expect(promotion).not_to_have_attribute("aria-invalid", "true")


async def test_a_form_that_was_closed_opens_as_it_was_left(windows: Windows) -> None:
    """Escape closes it and gives the keyboard back."""
    page = await windows.chat(TEACHER)
    await form_page(page)
    await page.get_by_label("What is the aim of the account?").fill("Half a thought")

    await page.keyboard.press("Escape")
    again = page.get_by_role("button", name="Fill in as a page")
    await expect(again).to_be_focused()
    await again.press("Enter")

    await expect(page.get_by_label("What is the aim of the account?")).to_have_value("Half a thought")


async def test_a_question_that_takes_several_answers_can_be_ticked(windows: Windows) -> None:
    """The ticks write the answer, and it is sent like any other."""
    page = await windows.chat(TEACHER)
    await say(page, "/smpolicy apply")
    await say(page, "Show families what we do in history")

    await page.get_by_role("checkbox", name="Pupils", exact=True).check()
    await page.get_by_role("checkbox", name="Parents and carers").check()
    await page.get_by_role("button", name="Send").click()

    await expect(page.locator(".message-own").last).to_contain_text("Pupils, Parents and carers")
    await expect(page.locator(".message-bot").last).to_contain_text("How will the account be promoted?")


async def test_slt_sees_a_request_and_each_decision_without_a_reload(windows: Windows) -> None:
    """New messages are counted where one is not, and cards are redrawn in place."""
    deputy = await windows.chat(DEPUTY)
    assistant = await windows.chat("assistant_head", "slt")

    await apply_past_the_page(windows)
    await expect(deputy.get_by_role("link", name="Senior leadership team 1 unread")).to_be_visible()
    await deputy.get_by_role("link", name="Senior leadership team").click()
    for page in (deputy, assistant):
        await expect(page.get_by_role("article")).to_contain_text("@BebingtonHistory")
    before = await assistant.get_by_role("article").inner_text()
    await deputy.get_by_role("button", name="Approve").click()

    await expect(assistant.get_by_role("article").first).not_to_have_text(before, use_inner_text=True)
    await expect(deputy.get_by_role("article").first).not_to_have_text(before, use_inner_text=True)


async def test_a_refusal_is_told_at_once(windows: Windows) -> None:
    """The sentence is an alert, and the page goes on."""
    page = await windows.chat(TEACHER)
    await say(page, "/smpolicy apply")
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.locator(".message-bot").last).to_contain_text("Cancelled")

    await page.get_by_role("button", name="Fill in as a page").first.click()

    await expect(page.get_by_role("alert")).to_contain_text("sent or cancelled already")


async def test_what_was_typed_survives_a_failure(windows: Windows) -> None:
    """The words stay in the box until they arrive."""
    page = await windows.chat(TEACHER)
    box = page.get_by_role("textbox", name="Message")
    await page.route("**/local/api/say", lambda route: route.abort())

    await box.fill(NAMING)
    await box.press("Enter")

    await expect(page.get_by_role("alert")).to_contain_text("can't be reached")
    await expect(box).to_have_value(NAMING)


async def test_the_clock_jumps_for_everybody(windows: Windows) -> None:
    """The sample begins on Tuesday 24 November 2026, 09:15, in the school's time zone."""
    page = await windows.chat(TEACHER)
    other = await windows.chat(DEPUTY)
    clock = page.get_by_role("region", name="School time")
    await expect(clock).to_contain_text("09:15")

    await clock.get_by_role("button", name="+1 hour").click()
    await expect(clock).to_contain_text("10:15")
    await clock.get_by_role("button", name="Tomorrow 09:00").click()
    await expect(clock).to_contain_text("Wed 25 Nov 2026 09:00")
    await clock.get_by_role("button", name="Monday 09:00").click()
    await expect(clock).to_contain_text("Mon 30 Nov 2026 09:00")
    await clock.get_by_text("Another moment").click()
    await clock.get_by_label("Day and time").fill("2027-06-01T16:30")
    await clock.get_by_role("button", name="Set").click()

    await expect(clock).to_contain_text("Tue 1 Jun 2027 16:30")
    await expect(other.get_by_role("region", name="School time")).to_contain_text("Tue 1 Jun 2027 16:30")


async def test_a_clock_that_stands_fast_says_so(windows: Windows) -> None:
    """As beside a real workspace: 409."""
    page = await windows.chat(TEACHER)
    sentence = "The clock can't be moved while Slack or Teams is connected."

    async def stand_fast(route: Route) -> None:
        if route.request.method == "POST":
            await route.fulfill(status=409, json={"error": sentence})
        else:
            await route.continue_()

    await page.route("**/local/api/clock", stand_fast)
    await page.get_by_role("button", name="+1 hour").click()

    await expect(page.get_by_role("region", name="School time")).to_contain_text(sentence)
    await expect(page.get_by_role("button", name="+1 hour")).to_be_disabled()


async def test_a_slash_leads_to_the_message_box(windows: Windows) -> None:
    """And is not typed into it."""
    page = await windows.chat(TEACHER)
    await page.get_by_role("link", name="All staff").focus()

    await page.keyboard.press("/")

    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("")


async def test_a_phone_never_scrolls_sideways(windows: Windows) -> None:
    """Neither the chat, nor a form, nor the menu, nor the gallery."""
    page = await windows.chat(TEACHER, size=PHONE, touch=True)
    await say(page, NAMING)
    widths = [await sideways(page)]
    await page.get_by_role("button", name="Menu").click()
    await expect(page.get_by_role("link", name="All staff")).to_be_visible()
    widths.append(await sideways(page))
    await page.keyboard.press("Escape")
    await form_page(page)
    widths.append(await sideways(page))
    gallery = await windows.open("/local/gallery", size=PHONE, touch=True)
    await expect(gallery.get_by_role("article").first).to_be_visible()
    widths.append(await sideways(gallery))

    assert widths == [0, 0, 0, 0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_the_page_has_no_barriers(windows: Windows, size: tuple[int, int], scheme: Scheme) -> None:
    """In the choice of a person, an answer, a form with mistakes, and the gallery."""
    start = await windows.open(size=size, scheme=scheme)
    await expect(start.get_by_role("heading", level=1)).to_be_visible()
    page = await windows.chat(TEACHER, size=size, scheme=scheme)
    gallery = await windows.open("/local/gallery", size=size, scheme=scheme)
    await expect(gallery.get_by_role("article").first).to_be_visible()

    found = [*await barriers(start), *await barriers(gallery)]
    await say(page, NAMING)
    await expect(page.get_by_role("blockquote").first).to_be_visible()
    found += await barriers(page)
    await form_page(page)
    await page.get_by_role("dialog").get_by_role("button", name="Preview").click()
    await expect(page.locator("[aria-invalid]").first).to_be_visible()
    found += await barriers(page)

    assert found == []
