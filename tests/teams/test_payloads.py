"""Whatever is drawn for Teams passes Microsoft's parser and the strict checks, and nothing is left out of it."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from bot.app import App
from bot.conversation.cards import (
    About,
    Bullets,
    Button,
    Card,
    Facts,
    Notice,
    Paragraph,
    Quote,
    Row,
    Style,
    Tone,
    line,
    plain,
)
from bot.conversation.cards import Block as CardBlock
from bot.conversation.fields import LONGEST_NAME, MOST_PEOPLE, Choice, Choices, Field, Number, People, Text, YesNo
from bot.conversation.forms import FormPage, ShownField
from bot.platforms.teams.pages import dialog, form_card, result_card
from bot.platforms.teams.render import activity, attachment, messages, personal_card
from tests.offices import teams_office
from tests.platforms.test_slack_drawing import CARDS, OFFICE, PAGES, SAMPLES, SEEN, answer, bare, inside, stretched
from tests.platforms.test_teams_drawing import buttons, heaviest, held, staff, whole
from tests.setup.absence import without
from tests.simulator import Office as SchoolOffice
from tests.simulator import in_memory, sample_settings
from tests.stories import test_press, test_report, test_whole_way
from tests.teams.desk import TeamsDesk
from tests.teams.parser import refused
from tests.teams.strict import activity_mistakes
from tests.teams.strict_answers import answer_mistakes

Json = Any
VIEWERS = tuple(f"29:{number}" for number in range(100))
LARGEST = 80_000


# The checks ----------------------------------------------------------------------------------


def wrong_messages(bodies: Sequence[Json]) -> list[str]:
    """Return what any of the checks has against messages."""
    return [*strict_messages(bodies), *wrong_cards(filter(None, map(_content, bodies)))]


def wrong_dialogs(dialogs: Sequence[Json]) -> list[str]:
    """Return what any of the checks has against dialogs."""
    return [*strict_dialogs(dialogs), *wrong_cards(each["card"]["content"] for each in dialogs)]


def strict_messages(bodies: Iterable[Json]) -> list[str]:
    """Return what the strict checks have against messages."""
    kinds = [(body, "channel" if "refresh" in _content(body) else "personal") for body in bodies]
    strict = [found for body, kind in kinds for found in activity_mistakes(body, kind)]
    return [*strict, *(f"a message has {size} bytes" for body, _ in kinds if (size := heaviest(body)) > LARGEST)]


def strict_dialogs(dialogs: Sequence[Json]) -> list[str]:
    """Return what the strict checks have against dialogs."""
    answers = [json.dumps({"task": {"type": "continue", "value": each}}) for each in dialogs]
    strict = [found for each in answers for found in answer_mistakes("task/fetch", each, "application/json")]
    return [*strict, *(f"a dialog has {size} bytes" for each in dialogs if (size := heaviest(each)) > LARGEST)]


def wrong_cards(cards: Iterable[Json]) -> list[str]:
    """Return what Microsoft's parser has against *cards*; the rest of the checks needs no Node."""
    return [] if without("node") else [found for told in refused(list(cards)) for found in told]


def _content(body: Json) -> Json:
    """Return the card of a message; the one that cites an answer's clauses has none."""
    return body["attachments"][0]["content"] if "attachments" in body else {}


def drawn(card: Card, person: str | None = None) -> list[Json]:
    """Return the messages of *card*: for *person*, or in a shared place."""
    return [activity(each) for each in messages(card, person=person, viewers=VIEWERS)]


def as_message(card: Json) -> Json:
    """Return a drawn *card* as the message that it becomes."""
    return {"type": "message", "summary": "A card", "attachments": [attachment(card)]}


# Every card and every page -------------------------------------------------------------------


def test_every_card_is_right_in_a_direct_chat_and_in_a_shared_place() -> None:
    bodies = [
        body for card in SAMPLES.values() for person in (None, "deputy_head", "chair") for body in drawn(card, person)
    ]
    own = [as_message(personal_card(card, "deputy_head", VIEWERS)) for card in SAMPLES.values()]

    assert wrong_messages([*bodies, *own]) == []


def test_every_card_is_right_in_a_dialog() -> None:
    assert wrong_dialogs([result_card(card, "deputy_head") for card in SAMPLES.values()]) == []


def _long_name(number: int) -> str:
    """Return a name of letters that browsers count as two each."""
    return chr(ord("𝒜") + 100 + number) + "𝕊" * (LONGEST_NAME - 1)


def _most(field: Field) -> Json:
    """Return the longest answer that *field* takes."""
    match field:
        case Choices():
            return list(field.options)
        case Choice(other=True):
            return _long_name(1)
        case Choice() | YesNo():
            return max(field.options, key=len) if isinstance(field, Choice) else False
        case People():
            return ["pe_teacher", *("n" * (LONGEST_NAME - 2) + f"{one:02}" for one in range(MOST_PEOPLE - 1))]
        case Number():
            return field.highest
        case Text():
            return ("This & that &amp; <that>\n" * field.at_most)[: field.at_most - 1] + "."
        case _:
            return {"day": "2099-12-31", "moment": "2099-12-31T10:00:00+00:00"}[field.kind]


def _foxes(field: Field) -> Json:
    """Return the longest answer in letters that browsers count as two each."""
    match field:
        case People():
            return [_long_name(number) for number in range(MOST_PEOPLE)]
        case Text():
            return "🦊" * field.at_most
        case _:
            return None


FILLINGS: dict[str, Callable[[Field], ShownField]] = {
    "empty": ShownField,
    "typical": lambda field: ShownField(field, answer(field)),
    "full": lambda field: ShownField(field, _most(field)),
    "full of emojis": lambda field: ShownField(field, _foxes(field)),
    "wrong": lambda field: ShownField(field, error=str(field.read(None, SEEN))),
    "full and wrong": lambda field: ShownField(field, _most(field), "<at>Head</at> that is *too* much. " * 20),
}


def filled(filling: str) -> list[FormPage]:
    """Return every page of every form, filled in."""
    return [
        FormPage("0" * 32, title, page.intro or "Intro", submit, tuple(map(FILLINGS[filling], page.fields)))
        for title, submit, page in PAGES.values()
    ]


@pytest.mark.parametrize("size", ["a school", "five hundred people"])
@pytest.mark.parametrize("filling", FILLINGS)
def test_every_page_is_right_however_it_is_filled_in(filling: str, size: str) -> None:
    office = OFFICE if size == "a school" else staff(500)
    pages = filled(filling)

    dialogs = [dialog(page, office) for page in pages]
    cards = [form_card(page, office) for page in pages]

    assert wrong_dialogs(dialogs) == []
    assert wrong_messages(list(map(as_message, cards))) == []
    again = [
        dialog(page, office, entered=held(each["card"]["content"])) for page, each in zip(pages, dialogs, strict=True)
    ]
    assert wrong_dialogs(again) == []


# Long answers --------------------------------------------------------------------------------

Sentences = tuple[str, ...]


def _told(length: int) -> Sentences:
    """Return as many sentences as make *length* characters, no two of them the same."""
    sentence = "A pupil wrote <b>this</b> & that, and somebody answered 👩\u200d👩\u200d👧. "
    return tuple(f"{number:04}: {sentence}" for number in range(length // (len(sentence) + 6) + 1))


LONG: dict[str, Callable[[Sentences], CardBlock]] = {
    "quote": lambda told: Quote("".join(told), "What happened, in the reporter's words"),
    "paragraph": lambda told: Paragraph(told),
    "notice": lambda told: Notice(told, Tone.URGENT),
    "one fact": lambda told: Facts((Row("What happened", told),)),
    "many facts": lambda told: Facts(tuple(Row("Said", (each,)) for each in told)),
    "one bullet": lambda told: Bullets((told,)),
    "many bullets": lambda told: Bullets(tuple((each,) for each in told)),
}


@pytest.mark.parametrize("length", [12_000, 40_000, 100_000])
@pytest.mark.parametrize("kind", LONG)
def test_a_long_answer_is_right_in_parts_and_keeps_every_word_in_its_order(kind: str, length: int) -> None:
    told = _told(length)
    withdraw = Button("Withdraw", "incidents.withdraw", "INC-1", visible_to=frozenset({"pe_teacher"}))
    card = Card("What you sent", (LONG[kind](told), line("The end.")), (withdraw,), about=About("i.case", "INC-1"))

    for person in (None, "pe_teacher"):
        bodies = drawn(card, person)

        assert wrong_messages(bodies) == []
        read = whole(messages(card, person=person))
        assert re.findall(r"\d{4}:", read) == [each[:5] for each in told]
        assert bare(read) == bare(plain(card))
        assert [len(buttons(_content(each))) for each in bodies] == [0] * (len(bodies) - 1) + [1]
    assert wrong_dialogs([result_card(card, "pe_teacher")]) == []


@pytest.mark.parametrize(
    "sign",
    ["🦊", "\x01", "學", '"', "\n", " ", "{", "{{DATE(", "\u202e", "<"],
    ids=lambda sign: f"U+{ord(sign[0]):04X} {len(sign)}",
)
def test_a_text_of_one_sign_is_right_whatever_the_sign_weighs(sign: str) -> None:
    card = Card("T", (Quote(sign * 40_000 + ".", sign * 400), line(sign * 40_000 + ".")), (Button("Read", "a.read"),))

    assert wrong_messages(drawn(card)) == []
    assert wrong_dialogs([result_card(card, "chair")]) == []
    assert "".join(whole(messages(card, person=None)).split()).count(sign) >= (80_000 if sign.strip() else 0)


def test_five_hundred_buttons_are_right() -> None:
    card = Card("T", (line("x" * 29_900),), tuple(Button(f"Show {n}", "a.show", str(n)) for n in range(500)))

    assert wrong_messages(drawn(card)) == []
    assert wrong_dialogs([result_card(card, "chair")]) == []


def test_whatever_a_card_holds_is_right_everywhere() -> None:
    """The parser takes its time to begin, so it is asked about all of them at once."""
    cards: list[Json] = []

    @settings(max_examples=60, deadline=None)
    @given(card=CARDS)
    def draw(card: Card) -> None:
        for each in (card, stretched(card, 30)):
            bodies = [body for person in (None, "chair") for body in drawn(each, person)]
            bodies.append(as_message(personal_card(replace(each, about=About("a.case", "A-1")), "chair")))
            shown = result_card(each, "chair")
            assert strict_messages(bodies) == []
            assert strict_dialogs([shown]) == []
            cards.extend([*map(_content, bodies), shown["card"]["content"]])

    draw()
    assert wrong_cards(cards) == []


# The program ---------------------------------------------------------------------------------

STORIES: dict[str, Callable[[SchoolOffice], Awaitable[None]]] = {
    "the whole way": test_whole_way.test_from_the_first_question_to_a_live_account_in_the_register,
    "a report": test_report.test_the_people_on_it_work_on_it_and_the_reporter_hears_that_it_is_closed,
    "a report about the Head": test_report.test_once_the_chair_has_it_the_safeguarding_lead_can_open_it,
    "a long report": test_report.test_a_long_report_typed_with_the_command_is_kept_whole,
    "a journalist": test_press.test_slt_releases_a_reply_which_is_read_on_opening,
}


@pytest.mark.parametrize("story", STORIES)
async def test_all_that_a_story_draws_is_right(tmp_path: Path, story: str) -> None:
    school = teams_office(sample_settings(tmp_path), in_memory(), App)
    await school.open()

    await STORIES[story](school)

    assert isinstance(school.desk, TeamsDesk)
    cards = [each for _, payload in school.desk.fake.drawn for each in drawn_in(payload)]
    await school.leave()
    assert len(cards) > 3
    assert wrong_cards(cards) == []


def drawn_in(payload: Json) -> Iterator[Json]:
    """Yield every card in what was sent."""
    for each in inside(payload):
        if each.get("type") == "AdaptiveCard":
            yield each


# The checks find what is wrong ---------------------------------------------------------------


def _right() -> Json:
    """Return a message with one of each thing that is drawn."""
    restricted = Button("Approve", "a.approve", "APP-1", style=Style.PRIMARY, visible_to=frozenset({"chair"}))
    page = Button("Fill in as a page", "session.page", "s1", opens_form=True)
    card = Card(
        "APP-1",
        (line("Words"), Notice(("Look",), Tone.GOOD), Quote("Never.", "BEH-1"), Bullets((("One",),))),
        (restricted, page),
        about=About("a.case", "APP-1"),
        feedback=Button("Did this help?", "policy.feedback", "BEH-1"),
    )
    return drawn(card)[0]


def _right_dialog() -> Json:
    fields = next(page.fields for _, _, page in PAGES.values() if len({each.kind for each in page.fields}) > 3)
    return dialog(FormPage("s1", "A form", "Intro", "Send", tuple(map(ShownField, fields))), OFFICE)


def put(*path: str | int, value: Json) -> Callable[[Json], None]:
    """Return what sets the value at the end of *path*, or takes it away where *value* is None."""

    def plant(document: Json) -> None:
        holder = document
        for step in path[:-1]:
            holder = holder[step]
        if value is None:
            del holder[path[-1]]
        else:
            holder[path[-1]] = value

    return plant


CARD = ("attachments", 0, "content")
BODY = (*CARD, "body")
RUN = (*BODY, 1, "inlines", 0)
ACTION = (*BODY, -1, "actions", 0)

PLANTED_BY_PARSER: dict[str, Callable[[Json], None]] = {
    "an unknown element": put(*BODY, 1, "type", value="RichTextBlok"),
    "an unknown size": put(*RUN, "size", value="huge"),
    "an unknown weight": put(*RUN, "weight", value="fat"),
    "an unknown spacing": put(*BODY, 1, "spacing", value="smal"),
    "an unknown style of a box": put(*BODY, 2, "style", value="loud"),
    "an unknown action": put(*ACTION, "type", value="Action.Exec"),
    "an input without an id": put(*BODY, 1, value={"type": "Input.Text", "label": "What?"}),
    "an input twice": put(*BODY, value=[{"type": "Input.Text", "id": "a", "label": "A?"}] * 2),
    "a required input without a label": put(*BODY, 1, value={"type": "Input.Text", "id": "a", "isRequired": True}),
    "a choice of nothing": put(*BODY, 1, value={"type": "Input.ChoiceSet", "id": "a", "label": "A?", "choices": []}),
    "a picture in a line": put(*RUN, value={"type": "Image", "url": "https://school.example/a.png"}),
    "a version to come": put(*CARD, "version", value="9.9"),
    "a link to nowhere": put(*ACTION, value={"type": "Action.OpenUrl", "title": "Read"}),
}
PLANTED: dict[str, Callable[[Json], None]] = {
    "a mistyped key of the message": put("sumary", value="x"),
    "no summary": put("summary", value=None),
    "a mistyped key of the card": put(*CARD, "acitons", value=[]),
    "a mistyped key of an element": put(*BODY, 1, "wrapp", value=True),
    "a mistyped key of a run": put(*RUN, "bold", value=True),
    "a run without text": put(*RUN, "text", value=None),
    "seven buttons beside each other": put(*BODY, -1, "actions", value=[{"type": "Action.Submit"}] * 7),
    "a button without a title": put(*ACTION, "title", value=None),
    "a button without a way back": put(*ACTION, "fallback", value=None),
    "a button without a verb": put(*ACTION, "verb", value=None),
    "an unknown style of a button": put(*ACTION, "style", value="danger"),
    "a link that is a script": put(*RUN, "selectAction", value={"type": "Action.OpenUrl", "url": "javascript:1"}),
    "a view for somebody whom no bot knows": put(*CARD, "refresh", "userIds", value=["pe_teacher"]),
    "views for too many": put(*CARD, "refresh", "userIds", value=[f"29:{number}" for number in range(61)]),
    "a citation that nothing leads to": put("text", value="From the policy:"),
    "half a letter": put(*RUN, "text", value="\ud800"),
    "a NUL": put(*RUN, "text", value="\0"),
    "a message that is too big": put(*RUN, "text", value="x" * 41_000),
}
PLANTED_IN_DIALOGS: dict[str, Callable[[Json], None]] = {
    "a title of 65": put("title", value="x" * 65),
    "a button that only chats know": put("card", "content", "actions", 0, "type", value="Action.Execute"),
    "a dialog out of a dialog": put("card", "content", "actions", 0, "data", "msteams", value={"type": "task/fetch"}),
    "an unknown height": put("height", value="tall"),
    "no card": put("card", value=None),
}


def test_what_teams_takes_has_no_mistakes() -> None:
    assert wrong_messages([_right()]) == []
    assert wrong_dialogs([_right_dialog()]) == []


def test_microsofts_parser_finds_each_planted_mistake() -> None:
    documents = []
    for plant in PLANTED_BY_PARSER.values():
        documents.append(deepcopy(_right()))
        plant(documents[-1])

    found = refused(list(map(_content, documents)))

    assert [name for name, told in zip(PLANTED_BY_PARSER, found, strict=True) if not told] == []


@pytest.mark.parametrize("name", [*PLANTED, *PLANTED_BY_PARSER])
def test_each_planted_mistake_is_found_without_the_parser_too(name: str) -> None:
    document = deepcopy(_right())

    {**PLANTED, **PLANTED_BY_PARSER}[name](document)

    assert activity_mistakes(document, "personal") or heaviest(document) > LARGEST


@pytest.mark.parametrize("name", PLANTED_IN_DIALOGS)
def test_each_planted_mistake_in_a_dialog_is_found(name: str) -> None:
    document = deepcopy(_right_dialog())

    PLANTED_IN_DIALOGS[name](document)

    answer = json.dumps({"task": {"type": "continue", "value": document}})
    assert answer_mistakes("task/fetch", answer, "application/json") != []
