"""Whatever is drawn for Slack passes all three checks, and nothing that was to be read is left out of it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from hypothesis import given, settings

from bot.app import POLICY_TEXT, App
from bot.conversation.cards import Block as CardBlock
from bot.conversation.cards import Bullets, Button, Card, Facts, Paragraph, Quote, Row, line, plain
from bot.conversation.fields import (
    LONGEST_NAME,
    MOST_PEOPLE,
    Choice,
    Choices,
    Field,
    Moment,
    Number,
    People,
    Text,
    YesNo,
)
from bot.conversation.forms import FormPage, ShownField
from bot.conversation.sessions import read_entries
from bot.domain.accounts import Account
from bot.platforms.slack.entries import entries
from bot.platforms.slack.render import messages
from bot.platforms.slack.views import GOES_ON, card_view, error_blocks, form_view, home_view
from tests.offices import slack_office
from tests.platforms.test_slack_drawing import CARDS, OFFICE, PAGES, SAMPLES, SEEN, answer, bare, seat, stretched, whole
from tests.setup.absence import without
from tests.simulator import Office, in_memory, sample_settings
from tests.slack.desk import SlackClient, SlackDesk
from tests.slack.limits import beyond
from tests.slack.messages import Message
from tests.slack.schemas import Kind, mistakes
from tests.slack.strict import mistakes_of_message, mistakes_of_view
from tests.slack.views import View
from tests.slack_words import words
from tests.stories import test_press, test_report, test_whole_way
from tests.stories.test_manners import account

Json = Any
MANY = 500
FIRST = SAMPLES["help.hello"].buttons
SESSION = "0" * 32
OPENED = {"channel": "C" + "0" * 10, "thread": "1764000000.000001"}


# The three checks ----------------------------------------------------------------------------


def wrong(kind: Kind, document: Json) -> list[str]:
    """Return all that any of the checks has against *document*; only Slack's own types need Node."""
    if kind == "message":
        strict = mistakes_of_message(document.get("text"), document.get("blocks"), document.get("metadata"))
    else:
        strict = mistakes_of_view(document)
    return [*strict, *(beyond(kind, document) if without("node") else mistakes(kind, document))]


def right_message(card: Card) -> list[Json]:
    """Return the messages of *card*, if Slack takes all of them."""
    drawn = messages(card, seat)
    assert [found for each in drawn for found in wrong("message", {"text": each.text, "blocks": each.blocks})] == []
    return [each.blocks for each in drawn]


def right_modal(card: Card) -> tuple[Json, bool]:
    """Return *card* as a modal, if Slack takes it, and whether it shows all of it."""
    view, complete = card_view(card, seat, metadata=OPENED)
    assert wrong("modal", view) == []
    return view, complete


def all_right(drawn: Sequence[tuple[str, Json]]) -> None:
    """Assert that Slack takes everything that the program had drawn; what was drawn twice is looked at once."""
    kinds: dict[str, Kind] = {"message": "message", "modal": "modal", "home": "home"}
    different = {json.dumps(each, sort_keys=True) for each in drawn}
    assert different
    for kind, payload in map(json.loads, different):
        document = {name: value for name, value in payload.items() if value is not None}
        assert wrong(kinds[kind], document) == []


# Every card, every page, the home view -------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_every_card_is_right_as_a_message_and_as_a_modal(name: str) -> None:
    assert right_message(SAMPLES[name])
    assert right_modal(SAMPLES[name])[1]


def _long_name(number: int) -> str:
    """Return a name of letters that Slack counts as two each."""
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
    """Return the longest answer in letters that Slack counts as two each."""
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
    "full and wrong": lambda field: ShownField(field, _most(field), "<!channel> that is too much. " * 200),
}


@pytest.mark.parametrize("filling", FILLINGS)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_right_however_it_is_filled_in(name: str, filling: str) -> None:
    title, submit, page = PAGES[name]
    shown = tuple(map(FILLINGS[filling], page.fields))

    view = form_view(
        FormPage(SESSION, title, page.intro, submit, shown), office=OFFICE, seats=seat, metadata=OPENED
    )  # fmt: skip

    assert wrong("modal", view) == []
    placed, unplaced = error_blocks(view, {each.name: "No." for each in page.fields})
    assert len(placed) + len(unplaced) == len(page.fields)


def _page(field: Field, value: Json = None) -> FormPage:
    return FormPage(SESSION, "A form", "", "Send", (ShownField(field, value),))


def _hint(field: Field) -> str:
    (asked, *_) = form_view(_page(field), office=OFFICE, seats=seat)["blocks"]
    return str(asked["hint"]["text"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Moment(name="at", prompt="When?", optional=True), "1995-01-01T10:00:00+00:00"),
        (
            People(name="who", prompt="Who?", outsiders=True, optional=True),
            [_long_name(one) for one in range(MOST_PEOPLE)],
        ),
    ],
    ids=["a moment of long ago", "long names"],
)
def test_an_answer_that_slack_has_no_input_for_is_kept(field: Field, value: Json) -> None:
    page = _page(field, value)

    view = form_view(page, office=OFFICE, seats=seat)

    assert wrong("modal", view) == []
    assert "It is kept as it is; answer in chat to change it." in words(view["blocks"])
    given = entries({"values": {}}, page, office=OFFICE, people=str)
    assert read_entries((field,), given, {field.name: value}, SEEN) == ({field.name: value}, {})


def test_the_small_print_reads_well_without_help_and_beside_a_second_box() -> None:
    plain_field, people = (
        Text(name="why", prompt="Why?", clause="NEW-8"),
        People(name="who", prompt="Who?", help="Two."),
    )

    assert _hint(plain_field) == "Policy: NEW-8"
    assert _hint(replace(plain_field, help="In a sentence.")) == "In a sentence. (NEW-8)"
    assert _hint(people) == "Two. Answer here or in the next box."
    assert _hint(replace(people, optional=True)) == "Two."


def test_the_home_view_is_right_with_nothing_and_with_everything_in_it() -> None:
    for cards in ([], [SAMPLES["my.nothing open"], SAMPLES["accounts.register"]], list(SAMPLES.values())):
        assert wrong("home", home_view(cards, seat, first=FIRST)) == []


# Long answers --------------------------------------------------------------------------------

Sentences = tuple[str, ...]


def _told(length: int) -> Sentences:
    """Return as many sentences as make *length* characters, no two of them the same."""
    sentence = "A pupil wrote <b>this</b> & that, and somebody answered 👩\u200d👩\u200d👧. "
    return tuple(f"{number:04}: {sentence}" for number in range(length // (len(sentence) + 6) + 1))


LONG: dict[str, Callable[[Sentences], CardBlock]] = {
    "quote": lambda told: Quote("".join(told), "What happened, in the reporter's words"),
    "paragraph": lambda told: Paragraph(told),
    "one fact": lambda told: Facts((Row("What happened", told),)),
    "many facts": lambda told: Facts(tuple(Row("Said", (each,)) for each in told)),
    "one bullet": lambda told: Bullets((told,)),
    "many bullets": lambda told: Bullets(tuple((each,) for each in told)),
}


@pytest.mark.parametrize("length", [12_000, 40_000])
@pytest.mark.parametrize("kind", LONG)
def test_a_long_answer_is_right_in_parts_and_keeps_every_word(kind: str, length: int) -> None:
    card = Card(
        "What you sent", (LONG[kind](_told(length)), line("The end.")), (Button("Withdraw", "incidents.withdraw"),)
    )

    drawn = messages(card, seat)

    assert len(right_message(card)) > 1
    assert bare(whole(drawn)) == bare(plain(card))


@pytest.mark.parametrize("length", [12_000, 40_000])
@pytest.mark.parametrize("kind", LONG)
def test_a_modal_shows_the_beginning_of_a_long_answer_and_says_so(kind: str, length: int) -> None:
    card = Card("What you sent", (LONG[kind](_told(length)),), (Button("Withdraw", "incidents.withdraw"),))

    view, complete = right_modal(card)

    assert not complete
    beginning, _, rest = words(view["blocks"]).partition(GOES_ON)
    assert rest == ""
    assert len(beginning) > 4_000
    assert bare(plain(replace(card, title=""))).startswith(bare(beginning))


@settings(max_examples=40, deadline=None)
@given(card=CARDS)
def test_whatever_a_card_holds_is_right_everywhere(card: Card) -> None:
    for drawn in (card, stretched(card, 30)):
        assert right_message(drawn)
        right_modal(drawn)
        assert wrong("home", home_view([drawn, drawn], seat, first=FIRST)) == []


# The program ---------------------------------------------------------------------------------


@pytest.fixture
async def school(tmp_path: Path) -> AsyncIterator[Office]:
    """A school on Slack; whatever was drawn for it has to be right."""
    opened = slack_office(sample_settings(tmp_path), in_memory(), App)
    await opened.open()
    yield opened
    await opened.leave()
    all_right(_desk(opened).fake.drawn)


def _desk(office: Office) -> SlackDesk:
    assert isinstance(office.desk, SlackDesk)
    return office.desk


def _client(office: Office, person: str) -> SlackClient:
    client = office.person(person)
    assert isinstance(client, SlackClient)
    return client


@dataclass(frozen=True, slots=True)
class Paged:
    """What somebody read, page by page, and the labels of all buttons there."""

    pages: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def accounts(self) -> list[str]:
        """Return the ids of the accounts that were listed, in order."""
        return [found for each in self.pages for found in re.findall(r"\((ACC-\d+)\)", each)]

    @property
    def shown(self) -> list[str]:
        """Return the ids of the accounts that a button shows."""
        return [each.removeprefix("Show ") for each in self.labels if each.startswith("Show ")]


async def _chat_pages(office: Office, first: str, place: str = "dm") -> Paged:
    """Type *first*, and press More until there is no more."""
    client = _client(office, "history_teacher")
    pages, labels = [await client.says(first, to=place)], [*await client.buttons("School accounts")]
    while "More" in await client.buttons("School accounts"):
        pages.append(await client.presses("More", on="School accounts"))
        labels += await client.buttons("School accounts")
    return Paged(tuple(pages), tuple(labels))


async def _home_pages(office: Office) -> Paged:
    """Open the home tab, and press More there and in the modals that it opens."""
    client, desk = _client(office, "history_teacher"), _desk(office)
    await client.human.opens("home")
    await desk.settled()
    view, pages, labels = _shown(client.human.home), [], []
    while True:
        pages.append(words(view.blocks))
        labels += [each.label for each in view.buttons]
        more = [each for each in view.buttons if each.label == "More"]
        if not more:
            return Paged(tuple(pages), tuple(labels))
        await client.human.press_in_view(view, more[0].action_id)
        await desk.settled()
        view = _shown(client.human.modal)


def _shown(view: View | None) -> View:
    assert view is not None
    return view


SURFACES: dict[str, Callable[[Office], Awaitable[Paged]]] = {
    "a direct message": partial(_chat_pages, first="accounts"),
    "a command": partial(_chat_pages, first="/smpolicy accounts", place="staff"),
    "the home tab": _home_pages,
}


async def _keep(office: Office, accounts: Iterable[Account]) -> None:
    await office.app.assistant.world.store.save(*accounts)


@pytest.mark.parametrize("surface", SURFACES)
async def test_all_of_a_register_of_five_hundred_accounts_is_reached(school: Office, surface: str) -> None:
    await _keep(school, map(account, range(1, MANY + 1)))

    read = await SURFACES[surface](school)

    everything = [f"ACC-{number}" for number in range(1, MANY + 1)]
    assert read.accounts == everything
    assert read.shown == everything
    assert "500 accounts in the register. These are 1 to 15." in read.pages[0]
    assert "These are 496 to 500." in read.pages[-1]


async def test_each_of_many_accounts_is_shown_from_the_page_that_lists_it(school: Office) -> None:
    await _keep(school, map(account, range(1, MANY + 1)))
    client = _client(school, "history_teacher")

    await client.says("/smpolicy accounts")
    assert "Handle: @bebington_07" in await client.presses("Show ACC-7")
    await client.human.opens("home")
    await _desk(school).settled()
    home = _shown(client.human.home)
    show = next(each for each in home.buttons if each.label == "Show ACC-15")
    await client.human.press_in_view(home, show.action_id)
    await _desk(school).settled()

    assert "Handle: @bebington_15" in words(_shown(client.human.modal).blocks)


async def test_many_accounts_are_searched_to_the_last_match(school: Office) -> None:
    await _keep(school, map(account, range(1, MANY + 1)))

    trips = await _chat_pages(school, "/smpolicy accounts TRIPS")
    one = await _chat_pages(school, "/smpolicy accounts @bebington_499")
    none = await _chat_pages(school, "/smpolicy accounts &lt;!channel&gt; &amp; nobody")

    assert trips.accounts == [f"ACC-{number}" for number in range(2, MANY + 1, 2)]
    assert "250 accounts matching “trips”" in trips.pages[0]
    assert one.accounts == ["ACC-499"]
    assert one.shown == ["ACC-499"]
    assert "Nothing in the register matches “<!channel> & nobody”." in none.pages[0]


@pytest.mark.parametrize("place", ["said", "commanded", "at home"])
async def test_whoever_runs_all_of_many_accounts_sees_each_of_them(school: Office, place: str) -> None:
    await _keep(school, map(account, range(1, MANY + 1)))
    client = _client(school, "pe_teacher")

    match place:
        case "said":
            await client.says("my")
        case "commanded":
            await client.says("/smpolicy my", to="staff")
        case _:
            await client.human.opens("home")
            await _desk(school).settled()

    said = [words(each.blocks) for each in _said_to(client)]
    text = words(_shown(client.human.home).blocks) if place == "at home" else "\n".join(said)
    missing = [number for number in range(1, MANY + 1) if f"@bebington_{number:02} on Instagram" not in text]
    assert missing == []


def _bulky(number: int) -> Account:
    """Return an account about which as much is known as the forms take."""
    runners = tuple(f"{one:02} {'<&> ' * 24}" for one in range(MOST_PEOPLE))
    return replace(account(number), handle=f"@{number:03}{'&' * 196}", platform="🦊" * LONGEST_NAME, runners=runners)


@pytest.mark.parametrize("surface", SURFACES)
async def test_a_page_of_accounts_with_much_to_say_is_read_whole(school: Office, surface: str) -> None:
    """Some of it takes several messages, and what no modal holds is said in the direct chat, once."""
    await _keep(school, map(_bulky, range(1, 31)))
    client = _client(school, "history_teacher")

    await (_home_then_chat if surface == "the home tab" else SURFACES[surface])(school)

    texts = [words(each.blocks) for each in _said_to(client)]
    home = client.human.home
    texts += [words(home.blocks)] if home else []
    listed = [found for each in texts for found in re.findall(r"\((ACC-\d+)\)", each)]
    assert sorted(listed, key=lambda id: int(id[4:])) == [f"ACC-{number}" for number in range(1, 31)]
    for number in range(1, 31):
        handle = f"@{number:03}{'&' * 196}"
        assert any(handle in each for each in texts)


async def _home_then_chat(office: Office) -> None:
    client, desk = _client(office, "history_teacher"), _desk(office)
    await client.human.opens("home")
    await desk.settled()
    home = _shown(client.human.home)
    more = next(each for each in home.buttons if each.label == "More")
    await client.human.press_in_view(home, more.action_id)
    await desk.settled()


def _said_to(client: SlackClient) -> list[Message]:
    return [each for each in client.human.messages() if each.bot_id]


# Long answers of the program -----------------------------------------------------------------


@pytest.mark.parametrize("length", [12_000, 40_000])
async def test_a_long_answer_to_a_command_is_read_to_its_last_word_in_the_direct_chat(
    tmp_path: Path, length: int
) -> None:
    """The acknowledgement has room for one message, so it says where the answer is."""
    long = "".join(_told(length)).strip()
    folder = copytree(POLICY_TEXT, tmp_path / "policy_text")
    _lengthen(folder / "policy.md", long)
    office = slack_office(sample_settings(tmp_path), in_memory(), partial(App, policy_text=folder))
    await office.open()
    client = _client(office, "history_teacher")

    await client.says("/smpolicy ask Does Minecraft have social media elements?", to="staff")

    (pointer,) = [each for each in _said_to(client) if each.channel == "C0STAFF"]
    assert pointer.ephemeral_to == client.human.id
    assert "in our direct chat" in words(pointer.blocks)
    said = [each for each in _said_to(client) if each.channel == client.human.dm]
    assert [each.text for each in said] == [
        "What the policy says" + (f" ({number} of {len(said)})" if number > 1 else "")
        for number in range(1, len(said) + 1)
    ]
    read = bare("".join(words(each.blocks if number == 0 else each.blocks[1:]) for number, each in enumerate(said)))
    assert bare(long) in read
    await office.leave()
    all_right(_desk(office).fake.drawn)


def _lengthen(policy: Path, more: str) -> None:
    text = policy.read_text(encoding="utf-8")
    marked = "such as You Tube have social media elements to them."
    assert text.count(marked) == 1
    policy.write_text(text.replace(marked, f"{marked} {more}"), encoding="utf-8")


# Stories -------------------------------------------------------------------------------------

STORIES: dict[str, Callable[[Office], Awaitable[None]]] = {
    "the whole way": test_whole_way.test_from_the_first_question_to_a_live_account_in_the_register,
    "a report": test_report.test_the_people_on_it_work_on_it_and_the_reporter_hears_that_it_is_closed,
    "a report about the Head": test_report.test_once_the_chair_has_it_the_safeguarding_lead_can_open_it,
    "a long report": test_report.test_a_long_report_typed_with_the_command_is_kept_whole,
    "a journalist": test_press.test_slt_releases_a_reply_which_is_read_on_opening,
}


@pytest.mark.parametrize("story", STORIES)
async def test_all_that_a_story_draws_is_right(school: Office, story: str) -> None:
    await STORIES[story](school)
