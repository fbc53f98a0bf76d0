"""Whatever somebody types is shown as they typed it: nobody is called by it, nothing is linked, nothing is cut."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from bot.domain.applications import Application
from tests.slack.desk import SLT
from tests.slack.entries import NotTypeable
from tests.slack.school import School, home_of, labels, links_in, live_in, modal_of, text_of, words_of

Json = Any
pytestmark = pytest.mark.timeout(60)

TYPED = (
    "<!channel>", "<!here>", "<!everyone>", "<!subteam^S1>", "<!date^1^{date}|now>", "<@U0HEADTEACHER>",
    "<@U0HEADTEACHER|Head>", "<#C0SLT|slt>", "<https://evil.example|bank>", "https://evil.example", "evil.example",
    "<mailto:a@evil.example|mail>", "&lt;!channel&gt;", "&amp;lt;", "&amp;amp;lt;!here&amp;gt;", "&", "a < b > c",
    "*bold*", "_x_", "~gone~", "`code`", "```block```", "> quote", ":smile:", ":+1::skin-tone-2:", "@channel", "@here",
    "\u200fright to left\u200e", "שלום", "e\u0301", "👩‍🏫", "\\n", "%s {0} ${x}", "'; DROP TABLE", "&#60;", "a\u00a0b",
)  # fmt: skip
ALL = " ¶ ".join(TYPED)
# A handle is one line of eighty characters at most.
HANDLES = ("<!channel> &lt;!here&gt;", "<@U0HEADTEACHER>", "<https://evil.example|bank>", "&amp;lt; *b* _x_ :smile:")


def nothing_is_live(school: School, *allowed: str) -> None:
    """Assert that nothing drawn so far calls anybody, and leads only where the program chose to lead."""
    found = [each for kind, payload in school.fake.drawn for each in live_in(kind, payload)]
    assert not found, found[:5]
    links = {link for _, payload in school.fake.drawn for link in links_in(payload)}
    assert not {link for link in links if "evil.example" in link}
    assert links <= set(allowed), links


def typed_on_the_wire(text: str) -> str:
    """Return what Slack sends of what was typed behind a command, whose people and channels are escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


BUSINESS_CASE = {
    "aim": f"Show parents what happens. {ALL}",
    "audience": ["Parents and carers"],
    "promotion": ALL,
    "runners": ["history_teacher", "pe_teacher"],
    "openness": "Open",
    "platform": "X (Twitter)",
}


# Direct messages -----------------------------------------------------------------------------


async def test_a_report_typed_in_chat_is_shown_as_it_was_typed(school: School) -> None:
    teacher = school.client("history_teacher")
    for words in ("report", "Something else", "no", "no", "skip", ALL):
        await teacher.says(words)

    preview = await teacher.says("no")

    assert ALL in preview
    assert "not sent yet" in preview
    nothing_is_live(school)


async def test_it_is_shown_to_the_lead_as_it_was_typed(school: School) -> None:
    teacher, lead = school.client("history_teacher"), school.client("dsl")
    await teacher.says("/smpolicy report")
    answers = {"category": "Something else", "child": True, "adult": False, "what": ALL, "where": "<!here> *x*"}
    await teacher.fills(**answers, breach=False)
    await teacher.presses("Submit")

    opened = await lead.presses("Open", on="Something has been sent to you")

    assert ALL in opened
    assert "<!here> *x*" in opened
    nothing_is_live(school)


@pytest.mark.parametrize("typed", TYPED)
async def test_a_question_is_answered_whatever_stands_in_it(school: School, typed: str) -> None:
    teacher = school.client("history_teacher")

    heard = await teacher.says(f"May I post about {typed} on my own account?")

    assert heard
    nothing_is_live(school)


async def test_people_channels_and_links_that_slack_made_of_words_read_as_they_did_on_the_screen(
    school: School,
) -> None:
    """What is picked while typing arrives as markup; it becomes a name again, and nobody is called by it."""
    teacher = school.human("history_teacher")
    for words in ("report", "Something else", "no", "no", "skip"):
        await school.accepts(await teacher.says("dm", words))
    wire = (
        "<@U0PETEACHER> and <!channel> and <!subteam^S1|@slt> and <#C0STAFF|staff> and <https://a.example|a.example> "
        "and <https://evil.example|bank> and <mailto:x@y.example|x@y.example> and &lt;!here&gt; and &amp;lt;"
    )

    await school.accepts(await teacher.says("dm", wire, raw=True))
    await school.accepts(await teacher.says("dm", "no"))

    shown = (
        "PE teacher and @channel and @slt and #staff and https://a.example "
        "and bank (https://evil.example) and mailto:x@y.example and <!here> and &lt;"
    )
    assert shown in school.said(teacher)[-1]
    nothing_is_live(school)


# Slash commands ------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [each for each in TYPED if " " not in each and each.strip()])
async def test_a_command_that_there_is_not_is_repeated_as_it_was_typed(school: School, typed: str) -> None:
    teacher = school.human("history_teacher")

    await school.accepts(await teacher.slash(typed_on_the_wire(typed)))

    assert f"There is no command “{typed}”" in school.said(teacher)[-1]
    nothing_is_live(school)


@pytest.mark.parametrize("wire", ["<!channel>", "<@U0HEADTEACHER>", "<@U0HEADTEACHER|head>", "<!subteam^S1|@slt>"])
async def test_people_that_a_command_names_are_not_called(school: School, wire: str) -> None:
    teacher = school.human("history_teacher")

    await school.accepts(await teacher.slash(f"ask {wire} may I post?"))
    await school.accepts(await teacher.slash(wire))

    assert len(school.said(teacher)) == 2
    nothing_is_live(school)


async def test_words_behind_a_command_stand_in_the_form_as_they_were_typed(school: School) -> None:
    teacher = school.client("history_teacher")
    await school.accepts(await teacher.human.slash(f"report {typed_on_the_wire(ALL)}"))

    preview = await teacher.fills(category="Something else", child=False, adult=False, breach=False)

    assert ALL in preview
    nothing_is_live(school)


async def test_a_search_in_the_register_is_repeated_as_it_was_typed(school: School) -> None:
    teacher = school.human("history_teacher")

    await school.accepts(await teacher.slash(f"accounts {typed_on_the_wire('<!channel> &lt; *b*')}"))

    assert school.said(teacher)
    nothing_is_live(school)


# Applications: modals, cards in SLT's channel, reasons ----------------------------------------


@pytest.mark.parametrize("handle", HANDLES)
async def test_an_application_is_shown_to_slt_as_it_was_typed(school: School, handle: str) -> None:
    teacher, deputy = school.client("history_teacher"), school.client("deputy_head")
    await teacher.says("/smpolicy apply")
    preview = await teacher.fills(**BUSINESS_CASE, handle=handle)
    await teacher.presses("Submit", on="APP-1")
    await teacher.presses("Confirm", on="will you run", trained="2026-09-12")
    await school.client("pe_teacher").presses("Confirm", on="will you run", trained="2026-09-12")

    card = text_of(school.last(deputy.human, SLT))
    case = (await school.find(Application))[0]

    assert case.answers["aim"] == BUSINESS_CASE["aim"]
    assert case.answers["handle"] == handle
    for shown in (preview, card):
        assert str(BUSINESS_CASE["aim"]) in shown
        assert handle in shown
    # The fallback is read on locked screens, and as markup: it is escaped, and holds the title alone.
    assert school.last(deputy.human, SLT).text == f"APP-1: {typed_on_the_wire(handle)} on X (Twitter)"
    nothing_is_live(school)


async def test_a_reason_is_shown_to_the_applicant_as_it_was_typed(school: School) -> None:
    teacher, deputy = school.client("history_teacher"), school.client("deputy_head")
    await teacher.says("/smpolicy apply")
    await teacher.fills(**BUSINESS_CASE, handle="@BebHistory")
    await teacher.presses("Submit", on="APP-1")
    await teacher.presses("Confirm", on="will you run", trained="2026-09-12")
    await school.client("pe_teacher").presses("Confirm", on="will you run", trained="2026-09-12")

    await deputy.presses("Ask for changes", on="APP-1", reason=ALL)

    await teacher.sees(f"Deputy head: {ALL}", "dm")
    nothing_is_live(school)


async def test_what_was_typed_stands_in_the_fields_again_when_it_is_edited(school: School) -> None:
    teacher = school.client("history_teacher")
    await teacher.says("/smpolicy apply")
    await teacher.fills(**BUSINESS_CASE, handle=HANDLES[0])

    await teacher.presses("Edit", on="APP-1")

    values = modal_of(teacher.human).values
    assert values["aim"]["multiline"]["value"] == BUSINESS_CASE["aim"]
    assert values["handle"]["text"]["value"] == HANDLES[0]
    nothing_is_live(school)


async def test_names_that_were_typed_call_nobody(school: School) -> None:
    teacher = school.client("history_teacher")
    await teacher.says("/smpolicy apply")
    runners = ["history_teacher", "pe_teacher", "<@U0HEADTEACHER> Example (parent)"]

    preview = await teacher.fills(**{**BUSINESS_CASE, "runners": runners}, handle="@BebHistory")

    assert "<@U0HEADTEACHER> Example" in preview
    nothing_is_live(school)


async def test_home_shows_what_was_typed_as_it_was_typed(school: School) -> None:
    teacher = school.client("history_teacher")
    await teacher.says("/smpolicy apply")
    await teacher.fills(**BUSINESS_CASE, handle=HANDLES[0])

    await school.accepts(await teacher.human.opens("home"))

    assert "APP-1" in home_of(teacher.human).text
    nothing_is_live(school)


async def test_a_name_in_slack_calls_nobody_and_is_nothing_but_a_name(school: School) -> None:
    """People choose their own display names."""
    sly = school.fake.user("U0SLY", "sly", real_name="<!channel> *Head* \u202e&lt;")

    await school.accepts(await sly.says("dm", "hello"))

    assert "Hello <!channel> *Head* &lt;" in school.said(sly)[0]
    nothing_is_live(school)


async def test_a_message_that_is_reported_is_quoted_as_it_was_written(school: School) -> None:
    teacher, pupil = school.client("history_teacher"), school.human("pe_teacher")
    school.fake.channel("C0ELSEWHERE", "elsewhere", [teacher.human.id, pupil.id], with_bot=False)
    said = await pupil.says("C0ELSEWHERE", ALL)

    await school.accepts(await teacher.human.message_shortcut("incidents.report_message", "C0ELSEWHERE", said.ts))
    preview = await teacher.fills(category="Something else", child=False, adult=False, breach=False)

    assert ALL in preview
    nothing_is_live(school)


async def test_an_error_repeats_what_was_typed_without_calling_anybody(school: School) -> None:
    teacher = school.client("history_teacher")
    await teacher.says("apply")
    await teacher.says(f"Show parents what happens. {ALL}")

    heard = await teacher.says("<!channel> and <@U0HEADTEACHER>")

    assert heard
    nothing_is_live(school)


# Long texts ----------------------------------------------------------------------------------


def numbered(characters: int) -> str:
    """Return a text of so many characters whose words are numbered, so that a lost one is missed."""
    words = " ".join(f"w{number:06}" for number in range(characters // 8 + 1))[:characters]
    return words.rsplit(" ", 1)[0] if len(words.rsplit(" ", 1)[1]) < 7 else words


def said_in_chat(school: School) -> list[str]:
    """Return what the teacher read since the preview, in the messages that make it up."""
    said = school.said(school.human("history_teacher"))
    first = next(number for number, text in enumerate(said) if "not sent yet" in text)
    return said[first:]


def numbers_in(texts: list[str]) -> list[str]:
    """Return the numbered words, in the order in which they are read."""
    return [word for text in texts for word in re.findall(r"w\d{6}", text)]


async def test_a_report_of_thirty_thousand_characters_is_read_by_the_lead_in_parts(school: School) -> None:
    """Slack takes forty thousand in one message; what it shows well is far less."""
    teacher, lead = school.client("history_teacher"), school.client("dsl")
    report = numbered(30_000)
    for words in ("report", "Something else", "yes", "no", "skip", report, "no"):
        await teacher.says(words)
    await teacher.presses("Submit")
    before = len(school.said(lead.human))

    await lead.presses("Open", on="Something has been sent to you")

    parts = school.said(lead.human)[before:]
    assert numbers_in(parts) == numbers_in([report])
    assert len(parts) > 2
    for message in lead.human.messages("dm"):
        assert len(json.dumps(message.blocks)) < 14_000
        assert len(message.blocks) <= 50
    nothing_is_live(school)


async def test_the_reporter_reads_all_of_it_before_it_is_sent(school: School) -> None:
    teacher = school.client("history_teacher")
    report = numbered(30_000)
    for words in ("report", "Something else", "yes", "no", "skip", report):
        await teacher.says(words)
    before = len(school.said(teacher.human))

    await teacher.says("no")

    parts = school.said(teacher.human)[before:]
    assert numbers_in(parts) == numbers_in([report])
    assert "Submit" in await teacher.buttons("of ")


async def test_more_than_a_report_takes_is_refused_and_nothing_is_cut(school: School) -> None:
    teacher = school.client("history_teacher")
    for words in ("report", "Something else", "yes", "no", "skip"):
        await teacher.says(words)

    heard = await teacher.says("x" * 30_001)

    assert "30,001 characters and there is room for 30,000" in heard


async def test_a_field_of_a_modal_takes_three_thousand_characters_and_says_so(school: School) -> None:
    teacher = school.human("history_teacher")
    await school.accepts(await teacher.slash("apply"))

    with pytest.raises(NotTypeable):
        teacher.type_into(modal_of(teacher), "aim", "x" * 3_001)
    teacher.type_into(modal_of(teacher), "aim", numbered(3_000))


async def test_an_answer_too_long_for_a_field_is_kept_on_a_page(school: School) -> None:
    teacher, report = school.client("history_teacher"), numbered(3_500)
    for words in ("report", "Something else", "yes", "no", "skip", report):
        await teacher.says(words)

    await teacher.presses("Fill in as a page")
    page = modal_of(teacher.human)
    while "breach" not in page.values:
        await school.accepts(await teacher.human.submit(page))
    shown = words_of(page)
    await teacher.fills(breach=False)

    assert "Your answer has 3,495 characters, which is more than this page can show." in shown
    assert "It is kept as it is; answer in chat to change it." in shown
    assert numbers_in(said_in_chat(school)) == numbers_in([report])


async def test_the_business_case_is_shown_whole_in_slts_channel(school: School) -> None:
    teacher, deputy = school.client("history_teacher"), school.client("deputy_head")
    await teacher.says("/smpolicy apply")
    long = {"aim": numbered(3_000), "promotion": numbered(3_000)}
    await teacher.fills(**{**BUSINESS_CASE, **long}, handle="@BebHistory")
    await teacher.presses("Submit", on="APP-1")
    await teacher.presses("Confirm", on="will you run", trained="2026-09-12")
    await school.client("pe_teacher").presses("Confirm", on="will you run", trained="2026-09-12")

    assert numbers_in(school.said(deputy.human, SLT)) == numbers_in([long["aim"], long["promotion"]])
    assert "Approve" in labels(school.last(deputy.human, SLT).blocks)
