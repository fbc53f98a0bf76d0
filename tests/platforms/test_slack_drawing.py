"""Cards and forms as Slack shows them: all of the words, literally, within Slack's limits."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block as SlackBlock
from slack_sdk.models.views import View as SlackView

from bot.app import POLICY_TEXT, domain_school, ready_texts
from bot.conversation.cards import (
    Block,
    Bold,
    Bullets,
    Button,
    Card,
    Facts,
    Link,
    Mention,
    Moment,
    Notice,
    Paragraph,
    Quote,
    Row,
    Style,
    Tone,
    bullets,
    line,
    notice,
    plain,
)
from bot.conversation.fields import Choice, Choices, Circumstances, Field, Mend, Multiline, People, Text, YesNo
from bot.conversation.fields import Moment as MomentField
from bot.conversation.forms import FormPage, Page, ShownField
from bot.conversation.sessions import read_entries
from bot.domain.office import Office
from bot.platforms.slack.entries import entries
from bot.platforms.slack.render import Drawn, messages
from bot.platforms.slack.views import card_view, error_blocks, form_view, home_view
from bot.routing import Switchboard
from handlers import ROUTERS
from tests.golden import NOW
from tests.simulator import sample_settings
from tests.slack_words import words

Json = Any
NASTY = (
    "<!channel> <@U1> *bold* _x_ ~x~ `code` &amp;lt; & < > :smile: @here #general https://evil.example "
    "\u202eabc\u202c 👩\u200d👩\u200d👧"
)
SWITCHBOARD = Switchboard(ROUTERS)


def _office() -> Office:
    texts, _ = ready_texts(POLICY_TEXT)
    settings = sample_settings(Path("data"))
    return Office(domain_school(settings, texts.guidance), settings.persons, (), NOW, texts.policy.version)


OFFICE = _office()
SEEN = Circumstances(OFFICE.now, OFFICE.people)
SAMPLES = {name: draw(OFFICE) for name, draw in sorted(SWITCHBOARD.samples.items())}


def seat(person: str) -> str | None:
    """Return the Slack id that the sample school gives to *person*."""
    known = {each.id for each in OFFICE.people} - {"chair"}
    return "U0" + person.upper().replace("_", "") if person in known else None


SEATED = {known: person.id for person in OFFICE.people if (known := seat(person.id))}


def person_at(user: str) -> str:
    """Return whose Slack id *user* is."""
    return SEATED.get(user, f"slack:{user}")


# What Slack takes ----------------------------------------------------------------------------


def inside(value: Json) -> Iterator[Mapping[str, Json]]:
    """Yield every object in *value*."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inside(each)


def letters(text: str) -> int:
    """Return how long *text* is where an emoji counts as two."""
    return len(text.encode("utf-16-le")) // 2


def shown(blocks: Json) -> int:
    """Return how many characters of text *blocks* show."""
    return sum(letters(each["text"]) for each in inside(blocks) if isinstance(each.get("text"), str))


def keeps_limits(blocks: Sequence[Json], most: int) -> None:
    """Assert that *blocks* are what Slack's own models take, and what it counts beside."""
    json.dumps(blocks, ensure_ascii=False).encode()
    assert 1 <= len(blocks) <= most
    for parsed in SlackBlock.parse_all(list(blocks)):
        parsed.to_dict()
    objects = list(inside(list(blocks)))
    for name in ("block_id", "action_id"):
        ids = Counter(
            each[name]
            for each in objects
            if name in each and not (name == "action_id" and "type" in each and _in(each))
        )
        assert not [each for each, count in ids.items() if count > 1 or len(each) > 255]
    for each in objects:
        assert "mrkdwn" not in each.values()
        if isinstance(each.get("text"), str):
            assert each["text"] != ""
            assert "\0" not in each["text"]
        if each.get("type") == "plain_text":
            assert each["emoji"] is False
            assert each["text"].strip()
        if each.get("type") == "rich_text":
            assert shown(each) <= 3_000
            assert words([{**each, "block_id": ""}]).strip()
        if each.get("type") == "actions":
            assert 1 <= len(each["elements"]) <= 25
        if each.get("type") == "link":
            assert each["url"].startswith(("http:", "https:", "mailto:", "tel:"))
            assert len(each["url"]) <= 3_000
        if each.get("type") == "button":
            assert letters(each["text"]["text"]) <= 75
            assert len(each["value"]) <= 2_000
        assert each.get("type") not in ("user", "usergroup", "channel", "broadcast", "date", "team")


def _in(element: Mapping[str, Json]) -> bool:
    """Tell whether *element* is an input, whose id has to be unique in its block alone."""
    return element["type"] not in ("button", "feedback_buttons")


def sent(card: Card) -> tuple[Drawn, ...]:
    """Return *card* as messages that Slack takes."""
    drawn = messages(card, seat)
    for each in drawn:
        keeps_limits(each.blocks, 50)
        assert shown(each.blocks) <= 10_000
        assert each.text.strip()
        assert letters(each.text) <= 3_000
    return drawn


def whole(drawn: Sequence[Drawn]) -> str:
    """Return the words of all parts, without the titles of the later ones."""
    return words([*drawn[0].blocks, *(block for each in drawn[1:] for block in each.blocks[1:])])


def bare(text: str) -> str:
    """Return *text* without blanks, and without the marks that each part of a long quote has anew."""
    sendable = "".join(each for each in text if each not in "\0“”" and not "\ud800" <= each <= "\udfff")
    return "".join(sendable.split())


def buttons(blocks: Json) -> list[Json]:
    """Return the buttons of *blocks*."""
    return [each for each in inside(blocks) if each.get("type") == "button"]


def checked(view: Json) -> Json:
    """Return *view* if Slack takes it."""
    keeps_limits(view["blocks"], 100)
    SlackView(**view).to_dict()
    assert len(view.get("private_metadata", "")) <= 3_000
    assert view["type"] == "home" or letters(view["title"]["text"]) <= 24
    return view


# Messages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_a_card_says_in_slack_what_it_says_everywhere(name: str) -> None:
    card = SAMPLES[name]

    (message,) = sent(card)

    assert words(message.blocks) == plain(card)
    assert message.text == card.title.replace("&", "&amp;")
    assert [each["text"]["text"] for each in buttons(message.blocks)] == [each.label for each in card.buttons]


TYPED = st.text(st.characters(exclude_categories=()), max_size=40) | st.sampled_from([NASTY, " ", "\n", "a" * 99])
SPANS = st.one_of(
    TYPED,
    st.builds(Bold, TYPED),
    st.builds(Mention, TYPED, TYPED),
    st.builds(Link, TYPED, st.sampled_from(["https://school.example/", "tel:999", "javascript:alert(1)", "ftp://x"])),
    st.builds(Moment, st.just(NOW)),
)
LINES = st.lists(SPANS, max_size=5).map(tuple)
BLOCKS: st.SearchStrategy[Block] = st.one_of(
    st.builds(Paragraph, LINES),
    st.builds(Bullets, st.lists(LINES, max_size=12).map(tuple)),
    st.builds(Facts, st.lists(st.builds(Row, TYPED, LINES), max_size=12).map(tuple)),
    st.builds(Quote, TYPED, TYPED),
    st.builds(Notice, LINES, st.sampled_from(Tone)),
)
BUTTONS = st.builds(
    Button,
    TYPED,
    st.sampled_from(["session.answer", "approvals.approve"]),
    TYPED.map(lambda text: text[:80]),
    style=st.sampled_from(Style),
    visible_to=st.none() | st.frozensets(st.sampled_from(["chair", "deputy_head", "head_teacher"])),
)
CARDS = st.builds(Card, TYPED, st.lists(BLOCKS, max_size=8).map(tuple), st.lists(BUTTONS, max_size=12).map(tuple))


def stretched(card: Card, times: int) -> Card:
    """Return *card* with its title, quotes and paragraphs many times as long."""
    return replace(card, title=card.title * times, blocks=tuple(_stretched(each, times) for each in card.blocks))


def _stretched(block: Block, times: int) -> Block:
    match block:
        case Quote(text, source):
            return Quote(text * times, source)
        case Paragraph(spans):
            return Paragraph(spans * times)
        case _:
            return block


def dashed(card: Card) -> str:
    """Return the words of *card*, without those that nobody sees."""
    return bare(plain(card)).replace("–", "").replace("—", "")


def visible(text: str) -> str:
    """Return what can be seen of *text*, and what joins it."""
    return "".join(each for each in text if each.isprintable())


@settings(max_examples=60, deadline=None)
@given(drawn=CARDS, times=st.sampled_from([1, 1, 1, 20, 120]))
def test_no_card_loses_a_word_or_breaks_a_limit(drawn: Card, times: int) -> None:
    card = stretched(drawn, times)

    said = whole(sent(card))

    assert visible(bare(said).replace("–", "").replace("—", "")) == visible(dashed(card))


@settings(max_examples=30, deadline=None)
@given(drawn=CARDS, times=st.sampled_from([1, 1, 1, 20, 120]))
def test_no_view_of_a_card_breaks_a_limit(drawn: Card, times: int) -> None:
    card = stretched(drawn, times)

    checked(card_view(card, seat)[0])
    checked(home_view([card, card, card], seat, first=[Button("Report", "incidents.report")]))


def test_what_people_typed_stays_as_it_was_typed() -> None:
    blocks = (line(NASTY), notice(Tone.WARNING, NASTY), bullets([NASTY]), Facts((Row(NASTY, (Bold(NASTY),)),)))
    card = Card(NASTY, (*blocks, Quote(NASTY, NASTY)), (Button(NASTY[:60], "a.b"),))

    (message,) = sent(card)

    assert words(message.blocks) == plain(card)
    assert message.text.startswith("&lt;!channel&gt; &lt;@U1&gt; *bold*")
    assert "<" not in message.text
    assert not [each for each in inside(message.blocks) if each.get("type") == "link"]
    (button,) = buttons(message.blocks)
    assert button["text"] == {"type": "plain_text", "text": NASTY[:60].replace("&amp;", "&amp;amp;"), "emoji": False}


def test_nul_and_halves_of_letters_are_left_out() -> None:
    (message,) = sent(Card("T\0itle", (line("a\0b\ud800c"), Quote("\0", "\0"), bullets(["", "  ", "\u200b"]))))

    assert words(message.blocks) == "Title\n\nabc\n\n“–”\n\n- –\n- –\n- –"


def test_a_card_without_any_words_is_still_a_message() -> None:
    (message,) = sent(Card(""))

    assert words(message.blocks) == "–"


@pytest.mark.parametrize(
    "quoted",
    [
        "The school's name is not used. It never was.\n" * 280,
        "word " * 2_400,
        "x" * 12_000,
        "👩‍👩‍👧" * 2_400,
        "\n" * 11_999 + "x",
        '"\\' * 6_000,
    ],
    ids=["lines", "words", "one word", "families", "line ends", "marks"],
)
def test_a_long_quote_is_shown_to_its_last_word(quoted: str) -> None:
    drawn = sent(Card("What I sent", (Quote(quoted, "§ 4"),), (Button("Withdraw", "incidents.withdraw"),)))

    assert bare(whole(drawn)) == bare("What I sent" + quoted + "— § 4")
    assert [len(buttons(each.blocks)) for each in drawn] == [0] * (len(drawn) - 1) + [1]
    for number, each in enumerate(drawn[1:], start=2):
        assert each.text == f"What I sent ({number} of {len(drawn)})"
        assert words(each.blocks).startswith(each.text)


def test_words_and_families_stay_whole_where_a_text_is_parted() -> None:
    sentence = "Somebody 👩‍👩‍👧 else’s naïve e\u0301clair was photographed. "
    drawn = sent(Card("T", (line(sentence * 300), line("👩‍👩‍👧" * 3_000))))

    texts = [each["text"] for message in drawn for each in inside(message.blocks) if each.get("type") == "text"]
    assert all(part.endswith(("photographed.", "👧")) for part in texts)
    assert all(part.startswith(("Somebody", "👩")) for part in texts)


def test_a_list_of_five_hundred_lines_is_shown_to_its_end() -> None:
    card = Card("Register", (bullets(f"Account {number}: open" for number in range(500)),))

    drawn = sent(card)

    assert bare(whole(drawn)) == bare(plain(card))
    assert all(len(each.blocks) > 1 for each in drawn)


def test_a_long_title_stands_whole_in_the_first_message() -> None:
    title = "A title that goes on & on " * 40

    drawn = sent(Card(title, (line("x" * 12_000),)))

    assert bare(whole(drawn)) == bare(title + "x" * 12_000)
    assert drawn[1].text.endswith(f"(2 of {len(drawn)})")


def test_each_tone_has_a_mark_of_its_own() -> None:
    drawn = [messages(Card("T", (notice(tone, "Look"),)), seat)[0].blocks[1] for tone in Tone]

    assert len({json.dumps(each) for each in drawn}) == len(Tone)


# Buttons -------------------------------------------------------------------------------------


def test_forty_buttons_are_all_drawn_in_short_rows() -> None:
    (message,) = sent(Card("T", (), tuple(Button(f"No {number}", "a.b", "APP-1") for number in range(40))))

    assert len(buttons(message.blocks)) == 40
    assert all(len(each["elements"]) <= 5 for each in message.blocks if each["type"] == "actions")


def test_a_button_carries_its_action_its_case_and_its_value() -> None:
    approve = Button(
        "Approve", "approvals.approve", "APP-1", "ü", Style.PRIMARY, visible_to=frozenset({"head_teacher"})
    )
    (message,) = sent(Card("T", (), (approve, Button("Open", "approvals.open"))))

    first, second = buttons(message.blocks)

    assert (first["action_id"], json.loads(first["value"])) == ("approvals.approve#1", ["APP-1", "ü"])
    assert (first["style"], first["visible_to_user_ids"]) == ("primary", ["U0HEADTEACHER"])
    assert (second["action_id"], json.loads(second["value"])) == ("approvals.open#2", ["", ""])
    assert not {"style", "visible_to_user_ids"} & set(second)


def test_a_button_for_somebody_without_a_seat_is_not_drawn_for_everybody() -> None:
    (message,) = sent(Card("T", (line("x"),), (Button("Approve", "a.b", visible_to=frozenset({"chair"})),)))

    assert not buttons(message.blocks)


def test_a_long_option_stands_whole_above_its_button_with_its_number() -> None:
    options = ["Short", "A very long option indeed " * 5, "Another"]
    card = Card("Which?", (), tuple(Button(each, "session.answer", "s", f"f={each}") for each in options))

    (message,) = sent(card)

    labels = [each["text"]["text"] for each in buttons(message.blocks)]
    assert labels[1].startswith("2. A very long option")
    assert labels[1].endswith("…")
    assert words([{**message.blocks[1], "block_id": ""}]) == f"2. {options[1]}"
    assert words(message.blocks) == plain(card)


def test_what_a_button_cannot_carry_is_the_programs_mistake() -> None:
    with pytest.raises(ValueError, match="Slack takes 2000"):
        messages(Card("T", (), (Button("Go", "a.b", "x" * 2_000),)), seat)


def test_a_vote_stands_below_the_buttons() -> None:
    card = Card("T", (line("x"),), (Button("Open", "a.b"),), feedback=Button("", "policy.voted", "q1"))

    (message,) = sent(card)

    vote = message.blocks[-1]["elements"][0]
    assert vote["action_id"] == "policy.voted#feedback"
    assert json.loads(vote["positive_button"]["value"]) == ["q1", "good"]
    assert json.loads(vote["negative_button"]["value"]) == ["q1", "bad"]


# Forms ---------------------------------------------------------------------------------------


def pages() -> Iterator[tuple[str, str, str, Page]]:
    """Yield every page of every form."""
    for name, (form, _) in sorted(SWITCHBOARD.forms.items()):
        for number, page in enumerate(form.pages, start=1):
            yield f"{name} {number}", page.title or form.title, form.submit, page


PAGES = {name: (title, submit, page) for name, title, submit, page in pages()}


def answer(field: Field) -> Json:
    """Return something that *field* takes."""
    match field:
        case Choices():
            return list(field.among[:2])
        case Choice() | YesNo():
            return True if isinstance(field, YesNo) else str(field.among[-1])
        case People():
            return ["pe_teacher", "deputy_head", *(["Ann Head (parent)"] if field.outsiders else [])]
        case Text():
            return (
                "They show & tell <b>what</b> :smile:\n\nthey do" if isinstance(field, Multiline) else "On *a* <page>"
            )
        case MomentField():
            return "2026-11-28T16:30:00+00:00"
        case _:
            return {"number": 30, "day": "2026-11-24"}[field.kind]


def state(view: Json) -> Json:
    """Return what Slack sends where somebody submits *view* without touching it."""
    return {
        "values": {
            block["block_id"]: {block["element"]["action_id"]: _standing(block["element"])}
            for block in view["blocks"]
            if block["type"] == "input"
        }
    }


def _standing(element: Json) -> Json:
    match element["type"]:
        case "plain_text_input" | "number_input":
            held = {"value": element.get("initial_value")}
        case "radio_buttons" | "static_select":
            held = {"selected_option": element.get("initial_option")}
        case "checkboxes" | "multi_static_select":
            held = {"selected_options": element.get("initial_options", [])}
        case "datepicker":
            held = {"selected_date": element.get("initial_date")}
        case "datetimepicker":
            held = {"selected_date_time": element.get("initial_date_time")}
        case "multi_users_select":
            held = {"selected_users": element.get("initial_users", [])}
        case other:
            raise AssertionError(f"no form is drawn with {other}")
    return {"type": element["type"], **held}


def page_of(*fields: ShownField, title: str = "A form", intro: str = "") -> FormPage:
    """Return a page of *fields*."""
    return FormPage("s1", title, intro, "Send", fields)


def view_of(page: FormPage, **metadata: str) -> Json:
    """Return *page* as a view that Slack takes."""
    return checked(form_view(page, office=OFFICE, seats=seat, metadata=metadata))


def read(page: FormPage, held: Json) -> dict[str, Json]:
    """Return the entries of *held*."""
    return entries(held, page, office=OFFICE, people=person_at)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_reads_back_what_it_was_drawn_with(name: str) -> None:
    title, submit, page = PAGES[name]
    answers = {each.name: answer(each) for each in page.fields}
    drawn = FormPage("s1", title, "Intro", submit, tuple(ShownField(each, answers[each.name]) for each in page.fields))

    view = view_of(drawn)

    assert view["submit"]["text"] == submit
    found, errors = read_entries(page.fields, read(drawn, state(view)), {}, SEEN)
    assert errors == {}
    assert found == answers


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_page_says_what_is_missing(name: str) -> None:
    title, submit, page = PAGES[name]
    drawn = FormPage("s1", title, "", submit, tuple(map(ShownField, page.fields)))

    view = view_of(drawn)

    found, errors = read_entries(page.fields, read(drawn, state(view)), {}, SEEN)
    assert set(errors) == {each.name for each in page.fields if not each.optional}
    assert all(found[each.name] is None for each in page.fields if each.optional)
    assert error_blocks(view, errors) == (errors, {})


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("999"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "selected_option", "selected_options", "selected_users"]), inner)
        | st.dictionaries(st.sampled_from(["selected_date", "selected_date_time", "type"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from(sorted(PAGES)), odd=ODD, deep=st.integers(0, 4))
def test_no_odd_state_does_more_than_ask_again(name: str, odd: Json, deep: int) -> None:
    """Nothing is raised, and what is taken is what the field takes."""
    title, submit, page = PAGES[name]
    drawn = FormPage("s1", title, "", submit, tuple(map(ShownField, page.fields)))
    ids = [f"{each.name}{more}" for each in page.fields for more in ("", "--other", "--names")]
    held = [
        odd,
        {"values": odd},
        {"values": dict.fromkeys(ids, odd)},
        {"values": {each: {**{field.kind: odd for field in page.fields}, "words": odd} for each in ids}},
        {"values": {each.name: {each.kind: dict.fromkeys(_KEYS, odd)} for each in page.fields}},
    ][deep]

    for each in page.fields:
        entry = read(drawn, held).get(each.name)
        assert json.loads(json.dumps(entry)) == entry
        value = each.read(entry, SEEN)
        assert isinstance(value, Mend) or each.show(value, SEEN) is not None


_KEYS = ("value", "selected_option", "selected_options", "selected_users", "selected_date", "selected_date_time")


@pytest.mark.parametrize("number", ["7", "-1", "", "0 ", "٠", 0, None, ["0"], {}])
def test_an_option_that_there_is_not_is_refused(number: Json) -> None:
    field = Choice(name="openness", prompt="Open?", among=("Open", "Closed"), optional=True)
    page = page_of(ShownField(field))

    entry = read(page, {"values": {"openness": {"choice": {"selected_option": {"value": number}}}}})["openness"]

    assert isinstance(field.read(entry, SEEN), Mend)


def test_an_answer_that_is_too_long_to_show_is_kept() -> None:
    field = Multiline(name="what", prompt="What happened?", at_most=30_000, held_up=False)
    known = "It happened. " * 1_000
    page = page_of(ShownField(field, known.strip()), ShownField(replace(field, name="more"), "Short"))

    view = view_of(page)

    asked = [each["block_id"] for each in view["blocks"] if each["type"] == "input"]
    assert asked == ["more"]
    assert "Your answer has 12,999 characters" in words(view["blocks"])
    given = read(page, state(view))
    assert given == {"more": "Short"}
    found, errors = read_entries((field,), given, {"what": known.strip()}, SEEN)
    assert (found["what"], errors) == (known.strip(), {})
    assert error_blocks(view, {"what": "Too long.", "more": "No."}) == ({"more": "No."}, {"what": "Too long."})


def test_an_answer_of_emojis_fits_its_input() -> None:
    view = view_of(page_of(ShownField(Text(name="handle", prompt="Handle?", at_most=80), "🦊" * 80)))

    (element,) = [each["element"] for each in view["blocks"] if each["type"] == "input"]
    assert element["max_length"] >= letters(element["initial_value"])


def test_a_platform_in_ones_own_words_is_taken_before_the_list() -> None:
    field = Choice(name="platform", prompt="Which?", among=tuple(f"Platform {n}" for n in range(12)), other=True)
    page = page_of(ShownField(field, "Mastodon"))
    view = view_of(page)
    held = state(view)

    assert read(page, held) == {"platform": "Mastodon"}
    assert [each["optional"] for each in view["blocks"] if each["type"] == "input"] == [True, True]
    held["values"]["platform"]["choice"]["selected_option"] = {"value": "3"}
    assert read(page, held) == {"platform": "Mastodon"}
    held["values"]["platform--other"]["words"]["value"] = " "
    assert read(page, held) == {"platform": "Platform 3"}


def test_people_are_chosen_or_named() -> None:
    field = People(name="runners", prompt="Who?", outsiders=True)
    page = page_of(ShownField(field, ["pe_teacher", "chair", "Ann Head (parent)"]))
    held = state(view_of(page))

    assert held["values"]["runners--names"]["words"]["value"] == "Chair of governors, Ann Head (parent)"
    held["values"]["runners"]["people"]["selected_users"].append("U0NEW")
    held["values"]["runners--names"]["words"]["value"] = "Ann (parent) and Bo (parent); Cy (parent)"
    assert read(page, held)["runners"] == ["pe_teacher", "slack:U0NEW", "Ann (parent)", "Bo (parent)", "Cy (parent)"]


def test_people_are_only_chosen_where_everybody_has_a_seat() -> None:
    field = People(name="who", prompt="Who?")
    seated = replace(OFFICE, people=tuple(each for each in OFFICE.people if seat(each.id)))

    view = form_view(page_of(ShownField(field)), office=seated, seats=seat, metadata=None)

    assert [each["block_id"] for each in view["blocks"] if each["type"] == "input"] == ["who"]
    assert view["blocks"][0]["optional"] is False


def test_a_long_option_stands_whole_above_the_question() -> None:
    among = ("Yes", "A very long option indeed " * 5)
    page = page_of(ShownField(Choice(name="c", prompt="Which?", among=among), among[1]))

    view = view_of(page)

    assert f"2. {among[1]}" in words(view["blocks"])
    assert read(page, state(view)) == {"c": among[1]}


def test_a_form_shows_its_caution_its_clause_and_what_was_wrong() -> None:
    field = YesNo(name="image", prompt="Is an image involved?", clause="IMG-8", help="Do not look again.")
    page = page_of(
        ShownField(field, error="Please answer yes or no."), title="A title of thirty letters..", intro="A\n\nB"
    )

    view = view_of(page, channel="D1")

    assert view["title"]["text"] == "smpolicy"
    assert words(view["blocks"]) == "A title of thirty letters..\n\nA\n\nB\n\nPlease answer yes or no."
    assert view["blocks"][4]["hint"]["text"] == "Do not look again. (IMG-8)"
    assert json.loads(view["private_metadata"]) == {"session": "s1", "channel": "D1"}
    (in_chat,) = buttons(view["blocks"])
    assert (in_chat["action_id"], json.loads(in_chat["value"])) == ("session.continue#chat", ["s1", ""])


def test_a_view_cannot_carry_a_document() -> None:
    with pytest.raises(ValueError, match="Slack takes 3000"):
        form_view(page_of(), office=OFFICE, seats=seat, metadata={"quoted": "x" * 3_000})


# Cards as views ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_a_card_says_in_a_window_what_it_says_in_a_message(name: str) -> None:
    card = SAMPLES[name]

    view, complete = card_view(card, seat, metadata={"about": "x"})

    assert complete
    said = words(checked(view)["blocks"])
    assert said in (plain(card), plain(replace(card, title="")))
    assert len(buttons(view["blocks"])) == len(card.buttons)


def test_a_card_that_is_too_long_for_a_window_says_where_the_rest_is() -> None:
    view, complete = card_view(Card("T", (Quote("word " * 3_000, ""),), (Button("Approve", "a.b"),)), seat)

    assert not complete
    assert words(checked(view)["blocks"]).endswith("Read the rest in your direct chat with smpolicy.")
    assert not buttons(view["blocks"])


def test_home_shows_what_fits_and_says_what_does_not() -> None:
    cards = [Card(f"Case {number}", (line("Words"),), (Button("Open", "a.b", str(number)),)) for number in range(60)]

    view = checked(home_view(cards, seat, first=[Button("Report something", "incidents.report")]))

    shown_cards = [each for each in view["blocks"] if each["type"] == "header"]
    rest = len(cards) - len(shown_cards)
    assert rest > 0
    assert words(view["blocks"]).endswith(
        f"{rest} more are not shown here. Type my in the chat with smpolicy to see the rest."
    )
    assert buttons(view["blocks"])[0]["text"]["text"] == "Report something"


def test_home_shows_everything_that_it_can() -> None:
    view = checked(home_view([SAMPLES["my.nothing open"]], seat, first=[Button("Report", "incidents.report")]))

    assert words(view["blocks"]) == plain(SAMPLES["my.nothing open"])
