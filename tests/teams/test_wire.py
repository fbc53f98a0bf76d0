"""Whatever somebody types is read and shown as they typed it: nobody is called by it, nothing of it is markup."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.sessions import Session
from bot.platforms.teams.wire import as_typed, from_html
from tests.teams.desk import SLT, STAFF
from tests.teams.human import Human
from tests.teams.inputs import inputs_of
from tests.teams.school import CASE, School, choice, dialog_of, labels, text_of

Json = Any
pytestmark = pytest.mark.timeout(60)
BOT = {"id": "28:app", "name": "smpolicy"}
TYPED = (
    "<b>bold</b>", "<script>alert(1)</script>", "<at>Head teacher</at>", '<at id="0">slt</at>', "</p><p>", "<!-- x -->",
    "&lt;b&gt;", "&amp;amp;", "&nbsp;x", "&#60;", "**bold**", "_x_", "~~gone~~", "`code`", "# heading", "> quote",
    "[bank](https://evil.example)", "![x](https://evil.example/x.png)", "https://evil.example", "- item", "1. item",
    "1) item", "a\\*b", "{{DATE(2026-01-01, SHORT)}}", "${name}", "{0} %s", ":smile:", "(smile)", "@smpolicy x", "@slt",
    "\u200fright to left\u200e", "\u202egnp.exe", "שלום", "e\u0301", "👩‍🏫", "\\n", "'; DROP TABLE", "a < b > c & d",
    "|x|y|",
)  # fmt: skip
# "@smpolicy" is taken out wherever somebody calls the bot, so it stands in no long text.
ALL = " ¶ ".join(each for each in TYPED if "@smpolicy" not in each)
HANDLE = "<at>Head</at> **x** [y](https://evil.example) {{DATE()}} &lt;"


# Words as they arrive ------------------------------------------------------------------------


def mention(text: str | None, account: Json = BOT) -> Json:
    """Return an entity that tells of a mention; None leaves its text out."""
    return {"type": "mention", "mentioned": account, **({} if text is None else {"text": text})}


PAT = {"id": "29:pat", "name": "Pat"}


@pytest.mark.parametrize(
    ("text", "entities", "read"),
    [
        ("report", [], "report"),
        ("<at>smpolicy</at> report", [mention("<at>smpolicy</at>")], "report"),
        ("<at>smpolicy</at>&nbsp;report\n", [mention("<at>smpolicy</at>")], "report"),
        ("<at>smpolicy</at>\xa0\xa0report", [mention("<at>smpolicy</at>")], "report"),
        ("\r\n<at>smpolicy</at>, report\r\n", [mention("<at>smpolicy</at>")], "report"),
        ("<at>smpolicy</at>: report", [mention("<at>smpolicy</at>")], "report"),
        ("Please <at>smpolicy</at> report", [mention("<at>smpolicy</at>")], "Please   report"),
        ("<at>smpolicy</at> <at>smpolicy</at> my", [mention("<at>smpolicy</at>")] * 2, "my"),
        ("<at>smpolicy</at> report", [mention(None)], "report"),
        ("<at>A & B</at> report", [mention(None, {"id": "28:app", "name": "A & B"})], "report"),
        ("<at>smpolicy</at> ask <at>Pat</at>", [mention("<at>smpolicy</at>"), mention("<at>Pat</at>", PAT)], "ask Pat"),
        ("ask <at>O&apos;Neill</at>", [mention("<at>O&apos;Neill</at>", PAT)], "ask O'Neill"),
        ('ask <at id="1">Pat</at>', [mention('<at id="1">Pat</at>', PAT)], "ask Pat"),
        ("my <at>smpolicy</at>", [], "my <at>smpolicy</at>"),
        ("<at>slt</at>", [mention("<at>smpolicy</at>")], "<at>slt</at>"),
        ("a < b\r\n  c \r d", [], "a < b\nc\nd"),
        ("&lt;b&gt;", [], "&lt;b&gt;"),
        ("x", [None, 7, {}, {"type": "mention"}, {"type": "mention", "mentioned": 7, "text": []}], "x"),
        ("x", {"type": "mention"}, "x"),
        (None, [], ""),
        (["x"], [], ""),
    ],
)  # fmt: skip
def test_words_are_read_without_the_call_and_otherwise_as_they_stand(text: Json, entities: Json, read: str) -> None:
    activity = {"text": text, "textFormat": "plain", "recipient": BOT, "entities": entities}

    assert as_typed(activity) == read


@pytest.mark.parametrize("recipient", [None, {}, "x", {"id": None}, {"id": ["28:app"]}])
def test_without_a_recipient_no_mention_calls_the_bot(recipient: Json) -> None:
    activity = {"text": "<at>smpolicy</at> my", "recipient": recipient, "entities": [mention("<at>smpolicy</at>")]}

    assert as_typed(activity) == "smpolicy my"


@pytest.mark.parametrize("markup", ["xml", "html"])
def test_words_with_markup_are_read_without_it(markup: str) -> None:
    text = "<p><at>smpolicy</at> May I <b>post</b> &lt;this&gt;?</p><p><at>Pat &amp; Co</at></p>"
    entities = [mention("<at>smpolicy</at>"), mention("<at>Pat &amp; Co</at>", PAT)]

    activity = {"text": text, "textFormat": markup, "recipient": BOT, "entities": entities}

    assert as_typed(activity) == "May I post <this>?\n\nPat & Co"


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("", ""),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<div>One<br>Two<br/>Three</div>", "One\nTwo\nThree"),
        ("<ul><li>One</li><li>Two</li></ul>", "One\n\nTwo"),
        ("<p>&nbsp;</p>", ""),
        ("<p>a &lt;b&gt; &amp;amp; c</p>", "a <b> &amp; c"),
        ('<p><at id="0">Pat</at>, look</p>', "Pat, look"),
        ('<p>So <emoji id="smile" alt="🙂" title="Smile"></emoji></p>', "So 🙂"),
        ('<p><img alt="😀" src="https://x.example/s.png"></p>', "😀"),
        ('<attachment id="1"></attachment><p>Look</p>', "Look"),
        ("<p>x<style>p{}</style><script>alert(1)</script>y</p>", "xy"),
        ('<p><a href="https://x.example/1">here</a></p>', "here (https://x.example/1)"),
        ('<p><a href="https://x.example/">https://x.example</a>.</p>', "https://x.example."),
        ('<p><a href="javascript:x()">here</a></p>', "here"),
        ("<p><a>here</a></p></a>", "here"),
        ("a < b", "a < b"),
        ("&#x1F642; &bogus; &#0;", "🙂 &bogus; \ufffd"),
        ("<p>One\nTwo   Three</p>", "One Two Three"),
        ("<blockquote>said</blockquote>answer", "said\nanswer"),
    ],
)
def test_a_message_is_read_out_of_its_html(content: str, read: str) -> None:
    assert from_html(content) == read


@given(st.text())
def test_what_is_written_as_html_reads_as_it_was_typed(text: str) -> None:
    written = "<p>" + html.escape(text) + "</p>"

    assert from_html(written).split() == text.split()


@given(st.text())
def test_reading_html_always_ends_well(text: str) -> None:
    assert isinstance(from_html(text), str)


@pytest.mark.parametrize("content", ["<a href=x>y" * 20_000, "</a>" * 100_000, "<" * 300_000, "<p>" * 100_000,
                                     "<a href=x>y" * 20_000 + "</a>" * 20_000, "&" * 300_000])  # fmt: skip
@pytest.mark.timeout(5)
def test_a_great_deal_of_html_holds_nobody_up(content: str) -> None:
    from_html(content)


# Words as they come back ---------------------------------------------------------------------


def _texts(node: Json, place: tuple[str, ...] = (), kind: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield each string with the kind of element that it is of, and its key."""
    if isinstance(node, dict):
        inner = str(node.get("type", kind))
        for key, value in node.items():
            if key != "data":  # what a button carries is shown to nobody
                yield from _texts(value, (*place, key), inner)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value, place, kind)
    elif isinstance(node, str):
        yield kind, place[-1] if place else "", node


def nothing_is_live(school: School, *typed: str) -> None:
    """Assert that what was typed stands only where Teams reads no markup, and leads nowhere."""
    wanted = [each for each in (*typed, "evil.example", "<at>", "<script>") if each]
    found = []
    for what, payload in school.fake.drawn:
        for kind, key, text in _texts(payload):
            literal = (kind, key) in {("TextRun", "text"), ("Input.Text", "value"), ("message", "summary")}
            if not literal and any(each in text for each in wanted):
                found.append((what, kind, key, text[:80]))
        assert '"TextBlock"' not in json.dumps(payload)
        assert "evil.example" not in json.dumps([text for _, key, text in _texts(payload) if key == "url"])
    assert not found, found[:5]


async def test_a_report_typed_in_chat_is_shown_as_it_was_typed(school: School, teacher: Human) -> None:
    for words in ("report", "Something else", "no", "no", "skip", ALL, "no"):
        await school.accepts(await teacher.says("dm", words))

    assert ALL in school.said(teacher)[-1]
    assert "not sent yet" in school.said(teacher)[-1]
    nothing_is_live(school, ALL)


async def test_it_is_shown_to_the_lead_as_it_was_typed(school: School) -> None:
    teacher, lead = school.client("history_teacher"), school.client("dsl")
    await teacher.says("report")
    answers = {"category": "Something else", "child": True, "adult": False, "what": ALL, "where": HANDLE}
    await teacher.fills(**answers, breach=False)
    await teacher.presses("Submit")

    opened = await lead.presses("Open", on="Something has been sent to you")

    assert ALL in opened
    assert HANDLE in opened
    nothing_is_live(school, ALL)


async def test_an_application_is_shown_to_all_who_see_it_as_it_was_typed(school: School) -> None:
    teacher, deputy = school.client("history_teacher"), school.human("deputy_head")
    await teacher.says("apply")
    preview = await teacher.fills(
        **{**CASE, "aim": f"Show parents what happens. {ALL}", "promotion": ALL, "handle": HANDLE}
    )
    assert ALL in preview
    await teacher.presses("Submit", on="APP-1")
    for runner in ("history_teacher", "pe_teacher"):
        await school.client(runner).presses("Confirm", on="will you run", trained="2026-09-12")

    [card] = school.fake.posted(SLT)
    assert ALL in text_of(card)
    assert HANDLE in text_of(card)
    await school.accepts(await deputy.refresh(card))
    assert ALL in text_of(school.shown(deputy, card))
    await school.accepts(await deputy.press(card, "Ask for changes"))
    await school.accepts(await deputy.submit(values={"reason": ALL}))

    assert ALL in "\n".join(school.said(teacher.human))
    nothing_is_live(school, ALL)


@pytest.mark.parametrize("place", ["dialog", "card"])
async def test_what_has_to_be_mended_stands_there_as_it_was_typed(school: School, teacher: Human, place: str) -> None:
    await school.accepts(await teacher.says("dm", "apply"))
    label = "Fill in as a page" if place == "dialog" else "Fill in here"
    await school.accepts(await teacher.press(school.last(teacher), label))

    if place == "dialog":
        await school.accepts(await teacher.submit(values={"promotion": ALL, "handle": HANDLE}))
        fields = dialog_of(teacher).inputs
    else:
        card = school.last(teacher)
        await school.accepts(await teacher.press(card, labels(card.card)[0], {"promotion": ALL, "handle": HANDLE}))
        fields = inputs_of(school.shown(teacher, card).card)

    assert (fields["promotion"].value, fields["handle"].value) == (ALL, HANDLE)
    nothing_is_live(school, ALL)


async def test_a_message_that_is_reported_reads_as_it_stood_there(school: School, teacher: Human) -> None:
    said = school.human("pe_teacher").writes(STAFF, ALL)

    await school.accepts(await teacher.shortcut(said, "incidents.report_message"))

    [session] = await school.find(Session)
    assert session.answers["what"].split() == ALL.split()
    number = choice(dialog_of(teacher).inputs, "category", "Something else")
    await school.accepts(await teacher.submit(values={"category": number}))
    nothing_is_live(school)


@pytest.mark.parametrize("typed", [each for each in TYPED if " " not in each])
async def test_a_command_that_there_is_not_is_repeated_as_it_was_typed(
    school: School, teacher: Human, typed: str
) -> None:
    await school.accepts(await teacher.says("dm", f"/smpolicy {typed}"))

    assert f"There is no command “{typed.lower()[:40]}”" in school.said(teacher)[-1].replace(typed, typed.lower())
    nothing_is_live(school)


async def test_whatever_stands_in_a_question_it_is_answered(school: School, teacher: Human) -> None:
    for typed in TYPED:
        await school.accepts(await teacher.says("dm", f"May I post about {typed} on my own account?"))
        await teacher.search(typed)
        await school.accepts(await teacher.says("dm", f"/smpolicy accounts {typed}"))

    assert len(school.said(teacher)) == 2 * len(TYPED)
    nothing_is_live(school)


async def test_people_are_called_by_the_names_that_they_gave_themselves_and_by_nothing_else(school: School) -> None:
    odd = school.fake.user("aa-odd", HANDLE)
    await school.accepts(await odd.says("dm", "hello"))
    assert HANDLE in school.said(odd)[0]
    for words in ("report", "Something else", "yes", "no", "skip", "Seen.", "no"):
        await school.accepts(await odd.says("dm", words))
    await school.accepts(await odd.press(school.last(odd), "Submit"))
    await school.client("dsl").presses("Open", on="Something has been sent to you")
    teacher = school.human("history_teacher")
    await school.accepts(await teacher.says("dm", "apply"))
    await school.accepts(await teacher.press(school.last(teacher), "Fill in as a page"))

    assert any(HANDLE in each for each in school.said(school.human("dsl")))
    nothing_is_live(school)


@pytest.mark.parametrize("typed", [ALL, *(each for each in TYPED if "<" in each or "[" in each)])
async def test_no_word_beside_the_chat_holds_what_could_be_taken_for_a_mention(
    school: School, teacher: Human, typed: str
) -> None:
    """What a dialog says as it closes and what a press is answered are plain words; a title is all that they repeat."""
    await school.accepts(await teacher.says("dm", "apply"))
    await school.accepts(await teacher.press(school.last(teacher), "Fill in as a page"))
    await school.accepts(await teacher.submit("Answer in chat instead", {"promotion": typed}))

    assert typed not in teacher.notice
