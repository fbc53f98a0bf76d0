"""The program in front of Microsoft's own client, the Agents Playground, without any account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from html import escape
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.teams.playground import SLT, STAFF, Playground, playground
from tests.teams.playground_page import page_at
from tests.teams.playground_people import Colleague
from tests.teams.playground_posts import Post, texts

QUESTION = "Can I name the school in a post on my own account?"
STF_4 = "The name of Bebington High School should not be included in any post made on a personal account."
AIM = "Show <b>families</b> what we **do** in [history](https://history.example) <i onclick=alert(1)> <at>smpolicy</at>"
HANDLE = "@Bebington_History_"
COLLEAGUE = "pe_teacher"
BUSINESS_CASE = (
    ("What is the aim", AIM),
    ("intended audience", "Staff"),
    ("promoted", "In the newsletter"),
    ("Who will run", "History teacher, PE teacher"),
    ("open or private", "Open"),
    ("Which platform", "Instagram"),
    ("name or handle", HANDLE),
)
TRAINED = "2026-09-12"
REPORT: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("Continue", {"category": "My own mistake"}),
    ("Continue", {"image": "No"}),
    ("Continue", {"child": "No"}),
    ("Preview", {"breach": "Yes"}),
)
RUDE = "<p>You are <b>all</b> idiots &amp; worse</p>"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Playground]:
    """The Playground in front of the program; neither may refuse anything that the other asks of it."""
    async with playground(tmp_path) as opened:
        yield opened
        assert [each for each in opened.exchanges if each.failed] == []


async def confirm(runner: Colleague) -> None:
    """Have a runner confirm in a dialog."""
    asked = await runner.hears("will you run", button="Confirm")
    shown = await runner.opens("Confirm", asked)
    await runner.submits("Confirm", shown, asked, trained=TRAINED)


async def bring_to_slt(applicant: Colleague, colleague: Colleague) -> Post:
    """Have two runners apply and confirm; return what is asked in the channel of SLT."""
    await applicant.says("apply")
    for asked, answer in BUSINESS_CASE:
        await applicant.hears(asked)
        await applicant.says(answer)
    await applicant.presses("Submit", await applicant.hears("your draft", button="Submit"))
    await asyncio.gather(confirm(applicant), confirm(colleague))
    return await applicant.hears(HANDLE, SLT, button="Approve")


async def test_a_teacher_applies_on_cards_that_microsofts_own_page_draws(client: Playground, tmp_path: Path) -> None:
    """What was typed stays as it was typed, whatever a renderer might read into it."""
    teacher, colleague = Colleague(client), Colleague(client, COLLEAGUE)
    async with page_at(client.url) as page:
        await page.card("What I can do")
        await asyncio.gather(teacher.adds_the_bot(SLT), colleague.installs())

        await page.says(QUESTION)
        await page.card("What the policy says", STF_4)
        await page.picture(tmp_path / "answer.png")

        await page.says("apply")
        await page.card("What is the aim of the account?")
        await page.says(AIM)
        await page.presses("Staff", on="Who is the intended audience?")
        await page.card("Who is the intended audience?", "→ Staff")
        await page.presses("Fill in here", on="How will the account be promoted?")

        form = await page.card("A new school account", button="Preview")
        await expect(form.get_by_role("textbox", name="What is the aim")).to_have_value(AIM)
        await form.get_by_role("textbox", name="How will the account").fill("In the newsletter")
        await form.get_by_role("textbox", name="Which name or handle").fill(HANDLE)
        await page.presses("Preview", on="A new school account")
        form = await page.card("Please answer this one", button="Preview")
        await page.picture(tmp_path / "form.png")
        await expect(form.get_by_role("textbox", name="Which name or handle")).to_have_value(HANDLE)
        await page.choose(form, "Who will run the account?", "History teacher", "PE teacher")
        await page.choose(form, "Which platform is it on?", "Instagram")
        await form.get_by_role("radio", name="Open").check()
        await page.presses("Preview", on="Please answer this one")

        draft = await page.card("This is what SLT would see", HANDLE)
        assert AIM in await draft.inner_text()
        assert escape(AIM, quote=False) in await draft.inner_html()
        await expect(draft.locator("b, i, em, strong, a")).to_have_count(0)
        await page.picture(tmp_path / "draft.png")
        await page.presses("Submit", on="This is what SLT would see")
        await asyncio.gather(confirm(teacher), confirm(colleague))

        await page.goes_to("SLT")
        await page.presses("Approve", on=HANDLE)
        await page.is_told("APP-1 is your own application")
        await page.picture(tmp_path / "channel.png")


async def test_a_post_is_answered_in_its_thread_and_slt_decides_in_its_channel(client: Playground) -> None:
    """Whoever presses is judged by who they are, and not by what they send."""
    teacher, colleague = Colleague(client), Colleague(client, COLLEAGUE)
    deputy, assistant, dsl = (Colleague(client, each) for each in ("deputy_head", "assistant_head", "dsl"))
    await asyncio.gather(teacher.installs(), colleague.installs(), teacher.adds_the_bot(SLT))

    thread = await teacher.says(QUESTION, STAFF)
    assert (await teacher.hears(STF_4, STAFF)).conversation == thread

    asked = await bring_to_slt(teacher, colleague)
    as_head = {"action": "applications.approve", "subject": "APP-1", "person": "head_teacher"}
    refused = [
        await dsl.presses("Approve", asked),
        await dsl.forges({"smpolicy": as_head, "from": {"id": "29:head_teacher"}}, asked),
    ]
    assert all("Only a member of SLT" in each["value"] for each in refused)
    unknown = await deputy.forges({"smpolicy": {**as_head, "subject": "APP-2"}}, asked)
    assert "I can't tell that this card is mine" in unknown["value"]
    assert "1 to approve" in (await deputy.presses("Approve", asked))["value"]
    assert "The Head decides next" in (await assistant.presses("Approve", asked))["value"]

    assert (await teacher.hears("SLT approves. The Head decides next.", SLT)).id == asked.id


async def test_a_message_is_reported_and_a_clause_is_found_from_the_message_box(client: Playground) -> None:
    """The team has not added the bot, and need not."""
    colleague = Colleague(client, COLLEAGUE)
    await colleague.installs()

    found = await colleague.looks_up("name of the school", STAFF)
    shown = await colleague.reports(RUDE, STAFF)
    for title, answers in REPORT:
        shown = await colleague.goes_on(title, shown, RUDE, STAFF, **answers)

    assert STF_4 in texts(found[0]["content"])
    assert "You are all idiots & worse" in (await colleague.hears("Nothing is sent until")).words
    shown = await colleague.goes_on("Submit", shown, RUDE, STAFF)
    assert "Told: Head teacher" in "\n".join(texts(shown["value"]["card"]["content"]))
    await colleague.hears("Told: Head teacher")
