"""Cards and forms as Teams shows them: all of the words, literally, within Teams' limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.cards import (
    About,
    Bold,
    Button,
    Card,
    Facts,
    Link,
    Mention,
    Quote,
    Row,
    Style,
    Tone,
    bullets,
    line,
    notice,
    plain,
)
from bot.conversation.fields import Choice, Choices, Day, Mend, Multiline, Number, People, Text, YesNo
from bot.conversation.fields import Moment as MomentField
from bot.conversation.forms import FormPage, ShownField
from bot.conversation.sessions import read_entries
from bot.platforms.teams.choices import is_unmarked
from bot.platforms.teams.entries import entries
from bot.platforms.teams.inputs import LONGEST_INPUT
from bot.platforms.teams.pages import asked_on, dialog, fits_dialog, form_card, result_card
from bot.platforms.teams.render import Drawn, activity, messages, personal_card
from tests.platforms.test_slack_drawing import (
    CARDS,
    NASTY,
    OFFICE,
    PAGES,
    SAMPLES,
    SEEN,
    answer,
    bare,
    dashed,
    inside,
    stretched,
    visible,
)
from tests.teams.inputs import Input, inputs_of, sent, typed
from tests.teams_words import words, words_of

Json = Any
LARGEST = 80_000


# What Teams takes ----------------------------------------------------------------------------


def heaviest(body: Json) -> int:
    """Return how many bytes *body* has by whichever way of counting there is."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    # Half a letter in the value of a button would be the program's own doing; whatever stands for it weighs no less.
    return max(len(text.encode(errors="replace")), len(text.encode("utf-16-le", errors="replace")))


def said(card: Card, person: str | None = None) -> tuple[Drawn, ...]:
    """Return *card* as messages that Teams takes."""
    drawn = messages(card, person=person)
    for each in drawn:
        assert heaviest(activity(each)) <= LARGEST
        assert each.citations if not each.card else each.card["body"]
        for inner in inside(each.card):
            assert inner.get("type") not in ("TextBlock", "FactSet", "Image")
            assert inner.get("type") != "TextRun" or inner["text"]
            assert inner.get("type") != "ActionSet" or 1 <= len(inner["actions"]) <= 6
    return drawn


def whole(drawn: Sequence[Drawn]) -> str:
    """Return the words of all parts, without the titles of the later ones."""
    return words_of([*drawn[0].card["body"], *(part for each in drawn[1:] for part in each.card["body"][1:])])


def buttons(card: Json) -> list[Json]:
    """Return the buttons of *card*."""
    return [*(action for element in card["body"] for action in element.get("actions", ())), *card.get("actions", ())]


def titles(card: Json) -> list[str]:
    """Return what stands on the buttons of *card*."""
    return [each["title"] for each in buttons(card)]


def carried(action: Json) -> Json:
    """Return what pressing *action* says to the program."""
    return action["data"]["smpolicy"]


# Messages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_a_card_says_in_teams_what_it_says_everywhere(name: str) -> None:
    card = SAMPLES[name]

    message, *cited = said(card)

    assert all(each.citations and not each.card for each in cited)
    assert words(message.card) == plain(card)
    assert message.summary == card.title
    assert [each for each in titles(message.card) if each != "Fill in here"] == [each.label for each in card.buttons]


@settings(max_examples=60, deadline=None)
@given(drawn=CARDS, times=st.sampled_from([1, 1, 1, 20, 120]))
def test_no_card_loses_a_word_or_breaks_a_limit(drawn: Card, times: int) -> None:
    card = stretched(drawn, times)

    read = whole(said(card))

    assert visible(bare(read).replace("–", "").replace("—", "")) == visible(dashed(card))


@settings(max_examples=30, deadline=None)
@given(drawn=CARDS, times=st.sampled_from([1, 1, 1, 20, 120]))
def test_no_dialog_with_a_card_breaks_a_limit(drawn: Card, times: int) -> None:
    card = stretched(drawn, times)

    shown = result_card(card, "chair")

    assert heaviest(shown) <= LARGEST
    assert len(shown["title"]) <= 64
    assert shown["card"]["content"]["body"]


def test_what_people_typed_stays_as_it_was_typed() -> None:
    blocks = (line(NASTY), notice(Tone.WARNING, NASTY), bullets([NASTY]), Facts((Row(NASTY, (Bold(NASTY),)),)))
    card = Card(NASTY, (*blocks, Quote(NASTY, NASTY)), (Button(NASTY[:60], "a.b"),))

    (message,) = said(card)

    assert words(message.card) == plain(card)
    assert message.summary == NASTY
    assert not [each for each in inside(message.card) if "selectAction" in each]
    assert titles(message.card) == [NASTY[:60]]
    assert "entities" not in json.dumps(activity(message))


def test_a_date_that_was_typed_is_not_made_another_one() -> None:
    """Clients read {{DATE(…)}} and {{TIME(…)}} in every run of text."""
    stamp = "{{DATE(2026-11-28T16:00:00Z,SHORT)}} and {{{TIME(2026-11-28T16:00:00Z)}}"

    (message,) = said(Card(stamp, (line(Bold(stamp), stamp), Quote(stamp, stamp))))

    assert words(message.card) == plain(Card(stamp, (line(stamp, stamp), Quote(stamp, stamp))))
    assert not [
        each for each in inside(message.card) if "{{DATE" in each.get("text", "") or "{{TIME" in each.get("text", "")
    ]


def test_nul_and_halves_of_letters_are_left_out() -> None:
    (message,) = said(Card("T\0itle", (line("a\0b\ud800c"), Quote("\0", "\0"), bullets(["", "  ", "\u200b"]))))

    assert words(message.card) == "Title\n\nabc\n\n“–”\n\n- –\n- –\n- –"


def test_a_card_without_any_words_is_still_a_message() -> None:
    (empty,) = said(Card(""))
    (nobodys,) = said(Card("", (), (Button("Approve", "a.b", visible_to=frozenset({"chair"})),)), "pe_teacher")

    assert words(empty.card) == words(nobodys.card) == "–"
    assert empty.summary == "A message from smpolicy"


@pytest.mark.parametrize(
    "quoted",
    [
        "The school's name is not used. It never was.\n" * 280,
        "word " * 2_400,
        "x" * 12_000,
        "👩‍👩‍👧" * 2_400,
        "\n" * 11_999 + "x",
        '"\\' * 6_000,
        "x" + " " * 12_000 + "y",
    ],
    ids=["lines", "words", "one word", "families", "line ends", "marks", "blanks"],
)
def test_a_long_quote_is_shown_to_its_last_word(quoted: str) -> None:
    drawn = said(Card("What I sent", (Quote(quoted * 4, "§ 4"),), (Button("Withdraw", "incidents.withdraw"),)))

    assert bare(whole(drawn)) == bare("What I sent" + quoted * 4 + "— § 4")
    assert [len(buttons(each.card)) for each in drawn] == [0] * (len(drawn) - 1) + [1]
    for number, each in enumerate(drawn[1:], start=2):
        assert each.summary == f"What I sent ({number} of {len(drawn)})"
        assert words(each.card).startswith(each.summary)


def test_words_and_families_stay_whole_where_a_text_is_parted() -> None:
    sentence = "Somebody 👩‍👩‍👧 else’s naïve e\u0301clair was photographed. "
    drawn = said(Card("T", (line(sentence * 300), line("👩‍👩‍👧" * 3_000))))

    texts = [each["text"] for message in drawn for each in inside(message.card) if each.get("type") == "TextRun"]
    texts = [each for each in texts if not each.startswith("T")]
    assert all(part.endswith(("photographed.", "👧")) for part in texts)
    assert all(part.startswith(("Somebody", "👩")) for part in texts)


def test_a_list_of_five_hundred_lines_is_shown_to_its_end() -> None:
    card = Card("Register", (bullets(f"Account {number}: open" for number in range(500)),))

    drawn = said(card)

    assert bare(whole(drawn)) == bare(plain(card))
    assert len(drawn) > 1


def test_a_long_title_stands_whole_in_the_first_message() -> None:
    title = "A title that goes on & on " * 40

    drawn = said(Card(title, (line("x" * 40_000),)))

    assert bare(whole(drawn)) == bare(title + "x" * 40_000)
    assert drawn[1].summary.endswith(f"… (2 of {len(drawn)})")


def test_each_tone_has_a_look_and_a_mark_of_its_own() -> None:
    drawn = [messages(Card("T", (notice(tone, "Look"),)), person=None)[0].card["body"][1] for tone in Tone]

    assert len({each["style"] for each in drawn}) == len(Tone)
    assert len({each["items"][0]["inlines"][0]["text"] for each in drawn}) == len(Tone)


def test_a_link_leads_only_where_the_program_may_lead_and_a_mention_calls_nobody() -> None:
    urls = ["https://school.example/", "mailto:a@school.example", "tel:999", "javascript:alert(1)", "https://a b", "x"]
    card = Card("T", (line(*(Link(f"to {url}", url) for url in urls), Mention("chair", "Chair")),))

    (message,) = said(card)

    assert words(message.card) == plain(card)
    led = [each["selectAction"]["url"] for each in inside(message.card) if "selectAction" in each]
    assert led == urls[:2]
    assert set(activity(message)) == {"type", "summary", "attachmentLayout", "attachments"}


# Buttons -------------------------------------------------------------------------------------


def test_a_button_is_answered_in_place_and_is_a_message_in_old_clients() -> None:
    (message,) = said(Card("T", (), (Button("Approve", "a.approve", "APP-1", "x", Style.PRIMARY),)))

    (action,) = buttons(message.card)
    assert (action["type"], action["verb"], action["style"]) == ("Action.Execute", "a.approve", "positive")
    assert carried(action) == carried(action["fallback"]) == {"action": "a.approve", "subject": "APP-1", "value": "x"}
    assert action["fallback"]["type"] == "Action.Submit"
    assert {action["associatedInputs"], action["fallback"]["associatedInputs"]} == {"none"}


def test_a_button_that_opens_a_form_asks_for_a_dialog() -> None:
    page = Button("Fill in as a page", "session.page", "s1", opens_form=True)
    (message,) = said(Card("T", (), (page, Button("Edit", "a.edit", "APP-1", opens_form=True, style=Style.DANGER))))

    opening, here, edit = buttons(message.card)
    for each in (opening, edit):
        assert each["type"] == "Action.Submit"
        assert each["data"]["msteams"] == {"type": "task/fetch"}
    assert (here["type"], here["title"]) == ("Action.Execute", "Fill in here")
    assert carried(here) == {"action": "session.page", "subject": "s1", "value": "card"}
    assert edit["style"] == "destructive"


def test_long_labels_stand_whole_in_a_numbered_list_above() -> None:
    long = "An account in the name of the school whose posts are about one of its trips abroad"
    card = Card("T", (line("Which?"),), (Button("Short", "session.answer"), Button(long, "session.answer")))

    (message,) = said(card)

    assert words(message.card) == plain(card)
    listed = [each for each in message.card["body"] if "id" in each]
    assert [each["inlines"][0]["text"] for each in listed] == [f"2. {long}"]
    assert titles(message.card)[0] == "Short"
    assert titles(message.card)[1].startswith("2. An account in the name")
    assert titles(message.card)[1].endswith("…")


@pytest.mark.parametrize(
    ("labels", "rows"),
    [
        ([f"{number:02}" for number in range(20)], [6, 6, 6, 2]),
        (["Approve", "Reject", "Ask for changes", "Refer to the Head"], [3, 1]),
        (["x" * 60, "x" * 60, "Back"], [1, 1, 1]),
    ],
    ids=["many", "four", "long"],
)
def test_no_more_buttons_stand_beside_each_other_than_can_be_read(labels: list[str], rows: list[int]) -> None:
    (message,) = said(Card("T", (), tuple(Button(label, "session.answer") for label in labels)))

    assert [len(each["actions"]) for each in message.card["body"][1:]] == rows


def test_five_hundred_buttons_are_drawn_in_several_messages() -> None:
    card = Card("T", (line("Words"),), tuple(Button(f"Show {number}", "a.show", str(number)) for number in range(500)))

    drawn = said(card)

    assert [title for each in drawn for title in titles(each.card)] == [each.label for each in card.buttons]
    assert bare(whole(drawn)) == bare(plain(card))


DECIDED = Card(
    "APP-1",
    (line("An application"),),
    (Button("Withdraw", "a.withdraw", visible_to=frozenset({"pe_teacher"})), Button("Read", "a.read")),
    about=About("applications.case", "APP-1"),
)


def test_everybody_in_a_shared_place_sees_every_button_and_each_of_them_their_own_as_soon_as_teams_asks() -> None:
    viewers = [f"29:{number}" for number in range(80)]

    (message,) = messages(DECIDED, person=None, viewers=[viewers[0], *viewers])

    assert titles(message.card) == ["Withdraw", "Read"]
    assert message.card["refresh"]["userIds"] == viewers[:60]
    assert message.card["refresh"]["action"]["verb"] == "card.refresh"
    assert carried(message.card["refresh"]["action"]) == {
        "action": "card.refresh",
        "subject": "APP-1",
        "value": "applications.case",
    }


def test_somebodys_own_view_has_their_buttons_and_is_asked_for_again() -> None:
    own, others = (personal_card(DECIDED, person, ["29:1"]) for person in ("pe_teacher", "chair"))

    assert (titles(own), titles(others)) == (["Withdraw", "Read"], ["Read"])
    assert own["refresh"]["userIds"] == others["refresh"]["userIds"] == ["29:1"]


def test_nothing_is_refreshed_where_everybody_sees_the_same_or_one_person_reads() -> None:
    (alike,) = messages(replace(DECIDED, buttons=DECIDED.buttons[1:]), person=None, viewers=["29:1"])
    (about_nothing,) = messages(replace(DECIDED, about=None), person=None, viewers=["29:1"])
    (direct,) = messages(DECIDED, person="chair")

    assert [each for each in (alike, about_nothing, direct) if "refresh" in each.card] == []
    assert titles(direct.card) == ["Read"]


def test_the_view_of_a_long_card_is_that_of_its_last_message() -> None:
    card = replace(DECIDED, blocks=(Quote("word " * 20_000, ""),))

    drawn = messages(card, person=None, viewers=["29:1"])

    assert ["refresh" in each.card for each in drawn] == [False] * (len(drawn) - 1) + [True]
    own = personal_card(card, "pe_teacher", ["29:1"])
    assert own == drawn[-1].card


# Answers of the policy -----------------------------------------------------------------------

VOTE = Button("Did this help?", "policy.feedback", "BEH-1")
ANSWER = Card(
    "What the policy says",
    (Quote("Never. " * 60, "BEH-1, Behaviour – policy of 2017"), Quote("Ask first.", "S" * 99), line("See also B.")),
    feedback=VOTE,
)


def test_an_answer_cites_the_clauses_that_it_quotes_and_asks_whether_it_helped() -> None:
    message, sources = said(ANSWER)

    shown, body = activity(message), activity(sources)

    assert message.feedback == VOTE
    assert shown["channelData"] == {"feedbackLoop": {"type": "custom"}}
    assert "text" not in shown, "Teams parts a message of words and a card in two, and tells the id of neither"
    assert body["text"] == f"From the policy: BEH-1, Behaviour – policy of 2017 [1]; {'S' * 79}… [2]"
    assert "attachments" not in body
    (cited,) = body["entities"]
    claims = cited["citation"]
    assert [each["position"] for each in claims] == [1, 2]
    assert claims[0]["appearance"]["name"] == "BEH-1, Behaviour – policy of 2017"
    assert all(len(each["appearance"]["abstract"]) <= 160 for each in claims)
    assert len(claims[1]["appearance"]["name"]) == 80
    assert "AIGeneratedContent" not in json.dumps(body)


def test_what_people_wrote_is_never_cited() -> None:
    (message,) = said(replace(ANSWER, feedback=None))

    assert set(activity(message)) == {"type", "summary", "attachmentLayout", "attachments"}


def test_a_message_is_made_anew_each_time() -> None:
    message, sources = said(ANSWER)

    activity(message)["channelData"]["feedbackLoop"]["type"] = "default"
    activity(sources)["entities"].clear()

    assert activity(message)["channelData"] == {"feedbackLoop": {"type": "custom"}}
    assert len(activity(sources)["entities"]) == 1


# Forms ---------------------------------------------------------------------------------------


def page_of(*fields: ShownField, title: str = "A form", intro: str = "") -> FormPage:
    """Return a page of *fields*."""
    return FormPage("s1", title, intro, "Send", fields)


def cards_of(page: FormPage, **more: Any) -> Iterator[Json]:
    """Yield *page* as a dialog shows it, and as a card in the chat."""
    shown = dialog(page, OFFICE, **more)
    assert heaviest(shown) <= LARGEST
    assert len(shown["title"]) <= 64
    yield shown["card"]["content"]
    yield form_card(page, OFFICE, **more)


def card_of(page: FormPage, **more: Any) -> Json:
    """Return *page* as a dialog shows it."""
    return next(cards_of(page, **more))


def held(card: Json, **touched: Json) -> dict[str, Json]:
    """Return what Teams sends where somebody enters *touched*, by id of input, and submits *card*."""
    return {**submitting(card)["data"], **sent(card, typed(card, touched))}


def submitting(card: Json) -> Json:
    """Return the button that submits the form."""
    return next(each for each in buttons(card) if carried(each)["action"] == "session.submit")


def read(page: FormPage, values: Mapping[str, Json]) -> dict[str, Json]:
    """Return the entries in *values*."""
    return entries(values, page, office=OFFICE, people=lambda id: f"teams:{id}")


def inputs(card: Json) -> dict[str, Input]:
    """Return the inputs of *card*."""
    return inputs_of(card)


def filled(name: str, *, empty: bool = False) -> FormPage:
    """Return a page of the program with an answer in every field, or in none."""
    title, submit, page = PAGES[name]
    return FormPage(
        "s1", title, "Intro", submit, tuple(ShownField(each, None if empty else answer(each)) for each in page.fields)
    )


@pytest.mark.parametrize("name", PAGES)
def test_every_page_reads_back_what_it_was_drawn_with(name: str) -> None:
    page = filled(name)

    for card in cards_of(page):
        assert submitting(card)["title"] == page.submit
        found, errors = read_entries([each.field for each in page.fields], read(page, held(card)), {}, SEEN)

        assert errors == {}
        assert found == {each.field.name: each.value for each in page.fields}


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_page_says_what_is_missing(name: str) -> None:
    page = filled(name, empty=True)

    for card in cards_of(page):
        found, errors = read_entries([each.field for each in page.fields], read(page, held(card)), {}, SEEN)

        assert set(errors) == {each.field.name for each in page.fields if not each.field.optional}
        assert all(found[each.field.name] is None for each in page.fields if each.field.optional)
        marked = {id for id, each in inputs(card).items() if each.label.endswith(" (optional)")}
        assert marked == {each.field.name for each in page.fields if each.field.optional}


@pytest.mark.parametrize("name", PAGES)
def test_what_was_entered_stands_there_again(name: str) -> None:
    """Where one answer has to be mended, the page is drawn anew, and nobody types the others twice."""
    page, empty = filled(name), filled(name, empty=True)

    for card in cards_of(page):
        entered = held(card)
        for again in cards_of(empty, entered=entered):
            assert held(again) == {**entered, **submitting(again)["data"]}


def test_a_page_whose_last_answers_were_of_another_page_shows_what_is_known() -> None:
    page = page_of(ShownField(Text(name="handle", prompt="Handle?"), "@BebHistory"))

    card = card_of(page, entered={"aim": "x", "smpolicy": {"action": "session.submit"}})

    assert held(card)["handle"] == "@BebHistory"


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(
        ["1", "1,2", ",", "999", "0001-01-01", "9999-12-31", "2026-11-28", "16:00", "24:00", "pe_teacher"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from(sorted(PAGES)), odd=ODD, other=ODD, told=ODD)
def test_no_odd_values_do_more_than_ask_again(name: str, odd: Json, other: Json, told: Json) -> None:
    """Nothing is raised, what is taken is what the field takes, and the page can be drawn again."""
    page = filled(name, empty=True)
    values = {"smpolicy": told, "": odd}
    for each in page.fields:
        values |= {each.field.name: odd, **{f"{each.field.name}--{more}": other for more in ("other", "names", "time")}}

    for each in page.fields:
        entry = read(page, values).get(each.field.name)
        assert json.loads(json.dumps(entry)) == entry
        value = each.field.read(entry, SEEN)
        assert isinstance(value, Mend) or each.field.show(value, SEEN) is not None
    for card in cards_of(page, entered=values):
        assert typed(card, {})


@pytest.mark.parametrize("number", ["7", "-1", "0", "0 ", "٠", 1, ["1"], {}, True, "1,2"])
def test_an_option_that_there_is_not_is_refused(number: Json) -> None:
    field = Choice(name="openness", prompt="Open?", among=("Open", "Closed"), optional=True)

    entry = read(page_of(ShownField(field)), {"openness": number})["openness"]

    assert isinstance(field.read(entry, SEEN), Mend)


def test_an_answer_that_is_too_long_to_show_is_kept() -> None:
    field = Multiline(name="what", prompt="What happened?", at_most=30_000, held_up=False)
    known = ("It happened. " * 1_000).strip()
    page = page_of(ShownField(field, known), ShownField(replace(field, name="more"), "Short"))

    for card in cards_of(page):
        assert list(inputs(card)) == ["more"]
        assert "Your answer has 12,999 characters" in words(card)
        for given_ in (read(page, held(card)), read(page, {"more": "Short"})):
            assert given_ == {"more": "Short"}
            assert read_entries((field,), given_, {"what": known}, SEEN) == ({"what": known}, {})


def test_an_answer_that_was_too_long_for_the_page_is_kept_though_it_is_shorter_by_now() -> None:
    """The chat goes on while a dialog is open."""
    field = Multiline(name="what", prompt="What happened?", at_most=30_000, optional=True)
    card = card_of(page_of(ShownField(field, "x" * 12_000)))

    given_ = read(page_of(ShownField(field, "Short by now")), held(card))

    assert read_entries((field,), given_, {"what": "Short by now"}, SEEN) == ({"what": "Short by now"}, {})


def test_a_box_says_how_much_room_there_is() -> None:
    long = Multiline(name="what", prompt="What?", at_most=30_000)
    card = card_of(page_of(ShownField(long), ShownField(Text(name="who", prompt="Who?", at_most=80), "🦊" * 80)))

    assert inputs(card)["what"].element["maxLength"] == LONGEST_INPUT
    assert "There is room for 10,000 characters here; in chat there is more." in words(card)
    assert inputs(card)["who"].element["maxLength"] == 160


def test_a_platform_in_ones_own_words_is_taken_before_the_list() -> None:
    field = Choice(name="platform", prompt="Which?", among=tuple(f"Platform {n}" for n in range(12)), other=True)
    page = page_of(ShownField(field, "Mastodon"))
    card = card_of(page)

    assert read(page, held(card)) == {"platform": "Mastodon"}
    assert "One of the two is enough." in words(card)
    assert read(page, held(card, platform="4")) == {"platform": "Mastodon"}
    assert read(page, {**held(card, platform="4"), "platform--other": " "}) == {"platform": "Platform 3"}


def test_several_choices_come_back_in_one_text() -> None:
    field = Choices(name="who", prompt="Who?", among=("Pupils", "Parents", "Everybody"))
    page = page_of(ShownField(field, ["Parents"]))
    card = card_of(page)

    assert held(card, who=["1", "3"])["who"] == "1,3"
    assert read(page, held(card, who=["1", "3"])) == {"who": ["Pupils", "Everybody"]}


def test_few_options_are_all_in_sight_and_many_are_in_a_list() -> None:
    fields = [Choice(name=f"f{n}", prompt="Which?", among=tuple(map(str, range(n)))) for n in (2, 5, 6)]

    card = card_of(page_of(*map(ShownField, fields)))

    assert [each.element["style"] for each in inputs(card).values()] == ["expanded", "expanded", "compact"]


def test_a_moment_is_a_day_and_a_time_of_the_school() -> None:
    field = MomentField(name="deadline", prompt="Until when?")
    page = page_of(ShownField(field, "2026-07-28T15:30:00+00:00"))
    card = card_of(page)

    assert {id: each.value for id, each in inputs(card).items()} == {
        "deadline": "2026-07-28",
        "deadline--time": "16:30",
    }
    assert read(page, held(card)) == {"deadline": "2026-07-28T16:30:00+01:00"}
    assert read(page, {}) == {"deadline": None}
    assert isinstance(field.read(read(page, {"deadline": "2026-02-30", "deadline--time": "9"})["deadline"], SEEN), Mend)


def test_a_number_and_a_day_come_as_they_are() -> None:
    page = page_of(
        ShownField(Number(name="days", prompt="Days?", lowest=1, highest=365), 30),
        ShownField(Day(name="day", prompt="When?"), "2026-11-24"),
    )
    card = card_of(page)

    assert inputs(card)["days"].element["value"] == 30
    for days in ("30", 30, 30.0):
        found, _ = read_entries(
            [each.field for each in page.fields], read(page, {**held(card), "days": days}), {}, SEEN
        )
        assert found["day"] == "2026-11-24"
        assert found["days"] == 30


# People --------------------------------------------------------------------------------------


def test_people_are_chosen_or_named() -> None:
    field = People(name="runners", prompt="Who?", outsiders=True)
    page = page_of(ShownField(field, ["pe_teacher", "chair", "Ann Head (parent)"]))
    card = card_of(page)

    assert inputs(card)["runners"].value == "pe_teacher"
    assert inputs(card)["runners--names"].value == "Chair of governors, Ann Head (parent)"
    values = {"runners": "pe_teacher,dsl", "runners--names": "Ann (parent) and Bo (parent); Cy (parent)"}
    assert read(page, values)["runners"] == ["pe_teacher", "dsl", "Ann (parent)", "Bo (parent)", "Cy (parent)"]


def test_an_id_that_is_nobodys_is_looked_up() -> None:
    page = page_of(ShownField(People(name="who", prompt="Who?")))

    assert read(page, {"who": "dsl,8d0f"})["who"] == ["dsl", "teams:8d0f"]


def test_nobody_who_has_left_or_has_no_seat_is_offered() -> None:
    left = replace(OFFICE.people[0], id="gone", name="Gone Away", left=OFFICE.today.replace(year=2020))
    office = replace(OFFICE, people=(*OFFICE.people, left))

    for field in (People(name="who", prompt="Who?"), People(name="who", prompt="Who?", leavers=True)):
        card = dialog(page_of(ShownField(field)), office)["card"]["content"]
        offered = {value for _, value in inputs(card)["who"].choices}
        assert offered == {each.id for each in office.people if each.works_here(office.today)}
        assert "Gone Away" not in json.dumps(card)
        assert "chair" not in offered


def test_people_are_only_chosen_where_everybody_can_be() -> None:
    seated = replace(OFFICE, people=tuple(each for each in OFFICE.people if each.works_here(OFFICE.today)))

    card = dialog(page_of(ShownField(People(name="who", prompt="Who?"))), seated)["card"]["content"]

    assert list(inputs(card)) == ["who"]
    assert words(card) == ""


@pytest.mark.parametrize("name", ["**Bob**", "[Bob](https://evil.example)", "<b>Bob</b>", "evil.example", "1. Bob", ""])
def test_a_name_that_a_client_might_read_as_markup_is_typed(name: str) -> None:
    """People choose their own names in Teams, and the titles of choices are read as Markdown."""
    sly = replace(OFFICE.people[0], id="sly", name=name)
    office = replace(OFFICE, people=(*OFFICE.people, sly))
    page = page_of(ShownField(People(name="who", prompt="Who?"), ["sly", "dsl"]))

    card = dialog(page, office)["card"]["content"]

    assert "sly" not in {value for _, value in inputs(card)["who"].choices}
    assert inputs(card)["who--names"].value == name


@pytest.mark.parametrize(
    "title",
    ["Jane O’Neil-Smith (PE)", "X (Twitter)", "Parents and carers", "13 or over", "No – it is closed", "Été, 2"],
)
def test_ordinary_words_are_no_markup(title: str) -> None:
    assert is_unmarked(title)


def test_an_option_with_markup_stands_whole_above_the_question() -> None:
    among = ("Yes", "A *very* [odd](https://x.example) option")
    page = page_of(ShownField(Choice(name="c", prompt="Which?", among=among), among[1]))

    card = card_of(page)

    assert f"2. {among[1]}" in words(card)
    assert [title for title, _ in inputs(card)["c"].choices] == ["Yes", "Number 2"]
    assert read(page, held(card)) == {"c": among[1]}


def staff(count: int) -> Any:
    """Return the office of a school with *count* members of staff."""
    first = next(each for each in OFFICE.people if each.works_here(OFFICE.today))
    many = (replace(first, id=f"staff_{number:03}", name=f"Jane Example-{number:03}") for number in range(count))
    return replace(OFFICE, people=tuple(many))


def test_five_hundred_people_can_be_chosen_in_a_dialog() -> None:
    page = page_of(ShownField(People(name="who", prompt="Who?"), ["staff_499"]))

    shown = dialog(page, staff(500))

    assert heaviest(shown) <= LARGEST
    assert len(inputs(shown["card"]["content"])["who"].choices) == 500
    assert inputs(shown["card"]["content"])["who"].value == "staff_499"


def test_somebody_who_left_since_they_were_chosen_is_named() -> None:
    page = page_of(ShownField(People(name="who", prompt="Who?", leavers=True)))
    people = tuple(
        replace(each, left=None if each.id != "dsl" else OFFICE.today.replace(year=2020)) for each in OFFICE.people
    )

    card = dialog(page, replace(OFFICE, people=people), entered={"who": "dsl,pe_teacher,forged"})["card"]["content"]

    assert inputs(card)["who"].value == "pe_teacher"
    assert inputs(card)["who--names"].value == "Designated safeguarding lead"


def test_where_there_are_too_many_people_for_a_list_their_names_are_typed() -> None:
    page, office = page_of(ShownField(People(name="who", prompt="Who?"), ["staff_501"])), staff(502)

    for card in (form_card(page, office), dialog(page, office)["card"]["content"]):
        assert inputs(card)["who--names"].value == "Jane Example-501"
        assert inputs(card)["who--names"].label == "Who?"
        assert words(card).endswith("Put commas between them.")
        assert entries(held(card), page, office=office, people=str) == {"who": ["Jane Example-501"]}


def test_where_the_rest_of_a_page_leaves_no_room_for_a_list_names_are_typed_too() -> None:
    told = ShownField(Multiline(name="what", prompt="What?", at_most=10_000), '"' * 10_000)
    page = page_of(told, ShownField(People(name="who", prompt="Who?"), ["staff_499"]))

    for card in (form_card(page, staff(500)), dialog(page, staff(500))["card"]["content"]):
        assert heaviest(card) <= LARGEST
        assert inputs(card)["who--names"].value == "Jane Example-499"


# What stands around the fields ---------------------------------------------------------------


def test_a_form_shows_its_caution_its_clause_and_what_was_wrong() -> None:
    field = YesNo(name="image", prompt="Is an image involved?", clause="IMG-8", help="Do not look again.")
    shown = ShownField(field, error="Please answer *yes* or no.")
    long = "A title of more than sixty-four letters, which no dialog has room for"

    page = page_of(shown, title=long, intro="A\n\nB")

    drawn = dialog(page, OFFICE)
    assert drawn["title"] == "smpolicy"
    card = drawn["card"]["content"]
    assert words(card) == f"{long}\n\nA\n\nB\n\nPlease answer *yes* or no.\nDo not look again. (IMG-8)"
    wrong = next(each for each in card["body"] if each["type"] == "Container")
    assert card["body"].index(wrong) + 1 == next(n for n, each in enumerate(card["body"]) if each.get("id") == "image")
    assert wrong["style"] == "attention"
    assert carried(submitting(card)) == {
        "action": "session.submit",
        "subject": "s1",
        "value": "",
        "asks": "image",
        "kept": "",
    }
    in_chat = buttons(card)[1]
    assert in_chat["title"] == "Answer in chat instead"
    assert (carried(in_chat)["action"], carried(in_chat)["subject"]) == ("session.continue", "s1")
    assert in_chat["associatedInputs"] == "auto"


def test_no_input_holds_up_what_was_typed_on_its_way_into_the_chat() -> None:
    for name in PAGES:
        for card in cards_of(filled(name, empty=True)):
            assert not [each for each in inputs(card).values() if each.required]
            assert all(each.label for each in inputs(card).values())


def test_a_form_in_a_dialog_is_submitted_and_one_in_the_chat_is_answered_in_place() -> None:
    in_dialog, in_chat = cards_of(page_of(ShownField(Text(name="a", prompt="A?"))))

    assert {each["type"] for each in buttons(in_dialog)} == {"Action.Submit"}
    assert {each["type"] for each in buttons(in_chat)} == {"Action.Execute"}
    assert submitting(in_chat)["verb"] == "session.submit"
    assert submitting(in_chat)["fallback"]["data"] == submitting(in_chat)["data"]
    assert words(in_chat).startswith("A form")


def test_a_form_tells_its_page_by_the_names_of_its_fields() -> None:
    page = page_of(ShownField(Text(name="a", prompt="A?")), ShownField(Text(name="b", prompt="B?")))

    assert asked_on(page) == "a b"


# Cards in dialogs ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_a_card_says_in_a_dialog_what_it_says_in_a_message(name: str) -> None:
    card = SAMPLES[name]
    seen = [each.label for each in card.buttons_for("deputy_head")]

    shown = result_card(card, "deputy_head")

    assert fits_dialog(card)
    assert words(shown["card"]["content"]) in (plain(card), plain(replace(card, title="")))
    assert titles(shown["card"]["content"]) == seen
    assert {each["type"] for each in buttons(shown["card"]["content"])} <= {"Action.Submit"}


def test_a_card_that_is_too_long_for_a_dialog_says_where_the_rest_is() -> None:
    card = Card("T", (Quote("word " * 20_000, ""),), (Button("Approve", "a.b"),))

    shown = result_card(card, "chair")

    assert not fits_dialog(card)
    assert heaviest(shown) <= LARGEST
    assert words(shown["card"]["content"]).endswith("Read the rest in your direct chat with smpolicy.")
    assert not buttons(shown["card"]["content"])
