"""Whoever an answer did not help passes the question on to SLT, who read it without who asked (domain 5.13)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date

import pytest

from bot.assistant import DM
from bot.conversation.cards import plain
from bot.conversation.events import Action, Message, Place
from bot.domain.answers import Kind
from bot.domain.feedback import Feedback
from bot.domain.gaps import Gap, kept_words
from bot.domain.people import Seat
from bot.errors import Refused, Unknown
from bot.routing import Reply
from tests.simulator import Office
from tests.stories.test_asking import OWN_POST, POLICY
from tests.stories.test_seats import become

NO_ANSWER = "who pays for an account?"
MISSED, PERSON, BACK = "Not what I asked", "Ask a person", "Take it back"
PASSED_ON = "Passed on to SLT, who read these words and not who asked."
NOT_KEPT = "Your question was not kept"
NOTHING = "Nobody has passed a question on."


async def kept(office: Office) -> list[Gap]:
    """Return what is kept for SLT."""
    return await office.app.assistant.world.store.find(Gap)


async def carried(office: Office, question: str, *, asker: str = "history_teacher") -> str:
    """Return what the buttons below the answer to *question* carry, which follows on from nothing."""
    office.app.assistant.world.recall.forget(asker, DM.id)
    reply = await office.app.assistant.handle(Message("asks", asker, DM, question))
    return next(each.value for each in reply.views[0].card.buttons if each.label == MISSED)


async def pressed(
    office: Office, action: str, value: str, *, by: str = "history_teacher", place: Place = DM, id: str = "press"
) -> Reply:
    """Press a button that is made up or was copied from somewhere."""
    return await office.app.assistant.handle(Action(id, by, place, f"policy.{action}", "", value))


# Passing on ----------------------------------------------------------------------------------


async def test_what_was_not_asked_shows_the_next_nearest_and_is_passed_on(office: Office) -> None:
    """All of it the policy's words, none of it shown before, and what is kept word for word."""
    teacher = office.person("history_teacher")
    answer = await teacher.says(OWN_POST)

    heard = await teacher.presses(MISSED)

    quotes = [part.partition("\n— ")[0].strip("“”") for part in heard.split("\n\n") if "\n— " in part]
    assert "What else comes near" in heard
    assert 1 <= len(quotes) <= 3
    words = [clause.text for clause in POLICY.clauses]
    assert all(line.removeprefix("- ") in words for quote in quotes for line in quote.splitlines())
    assert not any(f"“{quote}”" in answer for quote in quotes)
    assert PASSED_ON in heard
    assert f"“{OWN_POST}”" in heard


async def test_what_is_kept_says_nothing_of_the_asker_or_the_minute(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says(OWN_POST)

    await teacher.presses(MISSED)

    (gap,) = await kept(office)
    assert (gap.question, gap.kind, gap.policy, gap.at) == (OWN_POST, Kind.ANSWER, "August 2017", date(2026, 11, 24))
    assert "STF-4" in gap.clauses
    assert f"{gap.due_at:%H:%M}" == "00:00"
    assert "history" not in str(asdict(gap)).lower()


async def test_a_person_to_ask_passes_a_silence_on_as_well(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says(NO_ANSWER)

    heard = await teacher.presses(PERSON)

    assert "0151 496 0103" in heard
    assert PASSED_ON in heard
    (gap,) = await kept(office)
    assert (gap.question, gap.kind, gap.clauses) == (NO_ANSWER, Kind.SILENT, ())


async def test_where_nothing_else_comes_near_it_says_whom_to_ask(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says(NO_ANSWER)

    heard = await teacher.presses(MISSED)

    assert "Nothing else in the policy comes near." in heard
    assert "0151 496 0103" in heard


async def test_of_a_question_on_which_nobody_presses_nothing_is_kept(office: Office) -> None:
    teacher = office.person("history_teacher")

    await teacher.says(OWN_POST)
    await teacher.says(NO_ANSWER)

    assert not await kept(office)


async def test_pressing_twice_or_both_keeps_it_once(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says(NO_ANSWER)

    for label in (MISSED, MISSED, PERSON):
        assert PASSED_ON in await teacher.presses(label, on="The policy does not say")
    await office.clock_to("2026-11-26 09:00")
    await teacher.presses(PERSON, on="The policy does not say")

    assert len(await kept(office)) == 1


async def test_two_who_press_at_the_same_moment_keep_it_once(durable_office: Office) -> None:
    office = durable_office
    value = await carried(office, NO_ANSWER)

    replies = await asyncio.gather(
        *(pressed(office, action, value, id=action) for action in ("missed", "person", "missed"))
    )

    assert len(await kept(office)) == 1
    assert all(PASSED_ON in plain(reply.views[0].card) for reply in replies)


async def test_two_people_who_ask_the_same_count_as_two(office: Office) -> None:
    for each in ("history_teacher", "pe_teacher"):
        await office.person(each).says(NO_ANSWER)
        await office.person(each).presses(MISSED)

    deputy = office.person("deputy_head")
    listed = await deputy.says("/smpolicy gaps")

    assert len(await kept(office)) == 2
    assert "Asked 2 times" in listed
    assert listed.count(NO_ANSWER) == 1


async def test_an_answer_from_before_a_restart_can_still_be_passed_on(durable_office: Office) -> None:
    teacher = durable_office.person("history_teacher")
    await teacher.says(NO_ANSWER)

    await durable_office.restarts()
    await teacher.presses(MISSED)
    await durable_office.restarts()

    assert [gap.question for gap in await kept(durable_office)] == [NO_ANSWER]


async def test_in_a_shared_place_what_follows_is_for_the_presser_alone(office: Office) -> None:
    teacher, colleague = office.person("history_teacher"), office.person("pe_teacher")
    await teacher.says(f"@smpolicy {OWN_POST}", to="staff")

    await colleague.presses(MISSED, on="What the policy says")

    await colleague.sees(PASSED_ON)
    await teacher.sees_not(PASSED_ON)
    await office.person("deputy_head").sees_not(PASSED_ON)


async def test_a_guest_passes_a_question_on_and_takes_it_back(office: Office) -> None:
    """Contract 8: guests ask."""
    await become(office, Seat.GUEST, "new_teacher")
    guest = office.person("new_teacher")
    await guest.says(NO_ANSWER)

    heard = await guest.presses(PERSON, on="The policy does not say")
    assert len(await kept(office)) == 1
    await guest.presses(BACK)

    assert PASSED_ON in heard
    assert not await kept(office)


async def test_who_has_left_passes_nothing_on(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says(NO_ANSWER)
    office.settings = replace(
        office.settings,
        people=tuple(
            replace(each, person=replace(each.person, left=date(2026, 11, 20)))
            if each.person.id == "history_teacher"
            else each
            for each in office.settings.people
        ),
    )

    await office.restarts()
    value = await carried(office, NO_ANSWER, asker="pe_teacher")

    with pytest.raises(Refused, match="has left the school"):
        await pressed(office, "missed", value)
    assert not await kept(office)


# Taking back ---------------------------------------------------------------------------------


async def test_what_was_passed_on_is_taken_back_by_one_press(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says(NO_ANSWER)
    await teacher.presses(MISSED)

    heard = await teacher.presses(BACK)

    assert "off SLT's list" in heard
    assert not await kept(office)
    assert "That question is gone already" in await teacher.refused(BACK, on=PASSED_ON)


async def test_only_the_question_that_was_pressed_on_is_taken_back(office: Office) -> None:
    for each in ("pe_teacher", "history_teacher"):
        await office.person(each).says(NO_ANSWER)
        await office.person(each).presses(MISSED)

    await office.person("pe_teacher").presses(BACK)

    (left,) = await kept(office)
    for guess in ("", "1", NO_ANSWER, left.id[:-1], left.id.upper(), "x" * 10_000):
        with pytest.raises(Unknown):
            await pressed(office, "take_back", guess)
    assert await kept(office) == [left]


async def test_what_was_dealt_with_is_not_there_to_be_taken_back(office: Office) -> None:
    teacher, deputy = office.person("history_teacher"), office.person("deputy_head")
    await teacher.says(NO_ANSWER)
    await teacher.presses(MISSED)
    await deputy.says("/smpolicy gaps")
    await deputy.presses("Dealt with 1")

    assert "That question is gone already" in await teacher.refused(BACK, on=PASSED_ON)


# What is never kept --------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["missed", "person"])
async def test_what_may_disclose_something_is_not_kept_and_a_person_is_named(office: Office, action: str) -> None:
    """It only asks, so it is answered; but it may be about a child."""
    value = await carried(office, "what should I do if a pupil tells me they are being hurt at home?")

    heard = plain((await pressed(office, action, value)).views[0].card)

    assert NOT_KEPT in heard
    assert "Designated safeguarding lead, 07700 900104" in heard
    assert "hurt" not in value
    assert not await kept(office)


@pytest.mark.parametrize(
    "question",
    [
        "a pupil just told me she is being hurt at home", "my password is Rainbow-42!x, may I share it?",
        "a pupil showed me a nude photo of another pupil",
    ],
)  # fmt: skip
@pytest.mark.parametrize("action", ["missed", "person"])
async def test_no_button_makes_it_keep_what_must_not_be_kept(office: Office, question: str, action: str) -> None:
    """Whatever somebody puts into it."""
    value = await carried(office, NO_ANSWER)

    heard = await pressed(office, action, value.replace(NO_ANSWER, question))

    assert NOT_KEPT in plain(heard.views[0].card)
    assert not await kept(office)


async def test_an_urgent_answer_has_nothing_to_pass_on(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says("a pupil just told me she is being hurt at home")

    heard = await teacher.presses(PERSON)

    assert MISSED not in await teacher.buttons("Tell a person now")
    assert PASSED_ON not in heard
    assert not await kept(office)


async def test_names_and_addresses_are_struck_out_before_anybody_presses(office: Office) -> None:
    """So that they are not in the button either."""
    question = "may I tag PE teacher, Mrs Jones, @kayleigh05 or jane@example.org in a post?"

    value = await carried(office, question)
    await pressed(office, "missed", value)

    (gap,) = await kept(office)
    assert gap.question == "may I tag …, …, … or … in a post?"
    assert value.endswith(f"\n{gap.question}")


FORGED = (
    "", "administrator", "missed", "x" * 10_000, f"mark answer  \n{'q' * 501}", "mark urgent  \nwho pays?",
    "mark answer  STF-4\nwho pays?\nwho?", "mark answer  STF-4, \nwho pays?", "a mark answer  \nwho pays?",
    '{"question": "who pays?"}', "mark answer  DROP TABLE\nwho pays?", "<!channel>",
)  # fmt: skip


@pytest.mark.parametrize("value", FORGED)
async def test_a_forged_button_keeps_nothing(office: Office, value: str) -> None:
    with pytest.raises(Refused, match="older version"):
        await pressed(office, "missed", value)
    heard = await pressed(office, "person", value)

    assert heard.views[0].card.title == "Ask a person"
    assert not await kept(office)


async def test_a_forged_clause_is_not_shown_to_slt(office: Office) -> None:
    await pressed(office, "missed", f"mark answer  STF-4,XXX-9\n{NO_ANSWER}")

    assert [gap.clauses for gap in await kept(office)] == [("STF-4",)]


LONG = "may I post " + "a very long story " * 600 + "about it?"


@pytest.mark.parametrize(
    "question",
    [
        LONG, "😀 may we post this? " * 400, "ما هي القواعد ؟ " * 300, "may I " + "x" * 10_000,
        'may "we" post <b>this</b>, *that* & `{"x": 1}` \\ <!channel> @everyone [a](https://x.org)?',
        "may I\npost\tthis\u202e backwards\u0000?",
    ],
)  # fmt: skip
async def test_any_words_are_carried_and_kept_literally_and_within_bounds(office: Office, question: str) -> None:
    teacher = office.person("history_teacher")
    typed = question.replace("\0", "")
    await teacher.says(typed)
    shown = kept_words(typed, [])

    heard = await teacher.presses(MISSED)

    assert PASSED_ON in heard
    (gap,) = await kept(office)
    assert len(gap.question) <= 500
    assert f"“{gap.question}”" in heard
    if typed not in (question, LONG):
        assert gap.question == shown


# What SLT reads ------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["deputy_head", "head_teacher"])
async def test_slt_reads_what_was_asked_and_what_was_shown_and_not_by_whom(office: Office, who: str) -> None:
    teacher = office.person("history_teacher")
    for question in (NO_ANSWER, OWN_POST):
        await teacher.says(question)
        await teacher.presses(MISSED)

    listed = await office.person(who).says("/smpolicy gaps")

    assert "2 questions, the newest first." in listed
    assert "Asked once, on 24 Nov 2026. The bot said that the policy is silent." in listed
    assert f"“{OWN_POST}”" in listed
    assert "The bot showed STF-4" in listed
    assert "policy_text/asks.yaml" in listed
    assert "forgotten after 180 days" in listed
    assert "History" not in listed


@pytest.mark.parametrize("who", ["history_teacher", "administrator", "dsl"])
async def test_nobody_else_reads_the_list(office: Office, who: str) -> None:
    person = office.person(who)

    heard = await person.says("/smpolicy gaps")

    assert "Only members of SLT read what people asked" in heard
    for action in ("list", "done"):
        with pytest.raises(Refused, match="Only members of SLT"):
            await office.app.assistant.handle(Action("E", who, DM, f"gaps.{action}", "", "0"))


async def test_in_a_shared_place_the_list_is_for_its_reader_alone(office: Office) -> None:
    await pressed(office, "missed", await carried(office, NO_ANSWER))

    await office.person("deputy_head").says("/smpolicy gaps", to="slt")

    await office.person("deputy_head").sees(NO_ANSWER)
    await office.person("assistant_head").sees_not(NO_ANSWER)


async def test_an_empty_list_says_so(office: Office) -> None:
    deputy = office.person("deputy_head")

    assert NOTHING in await deputy.says("gaps")


async def test_the_same_in_other_words_is_one_question(office: Office) -> None:
    for question in (NO_ANSWER, "Who pays for the accounts", "who pays for an account please"):
        await pressed(office, "missed", await carried(office, question))

    listed = await office.person("deputy_head").says("gaps")

    assert "1 question, the newest first." in listed
    assert "Asked 3 times" in listed


async def test_what_is_dealt_with_leaves_the_list_once(office: Office) -> None:
    deputy, assistant = office.person("deputy_head"), office.person("assistant_head")
    for _ in range(2):
        await pressed(office, "missed", await carried(office, NO_ANSWER))
    await assistant.says("gaps")
    await deputy.says("gaps")

    heard = await deputy.presses("Dealt with 1")

    assert f"“{NO_ANSWER}”\n\nOff the list, as it was asked 2 times." in heard
    assert not await kept(office)
    for person in (assistant, deputy):
        assert "off the list already" in await person.refused("Dealt with 1", on=NO_ANSWER)
    assert NOTHING in await deputy.says("gaps")


async def test_what_was_asked_again_meanwhile_stays(office: Office) -> None:
    deputy = office.person("deputy_head")
    await pressed(office, "missed", await carried(office, NO_ANSWER))
    await deputy.says("gaps")
    await pressed(office, "missed", await carried(office, NO_ANSWER))

    sentence = await deputy.refused("Dealt with 1", on=NO_ANSWER)

    assert "since you read the list" in sentence
    assert len(await kept(office)) == 2


async def test_a_long_list_has_pages_of_ten(office: Office) -> None:
    deputy = office.person("deputy_head")
    colours = (
        "red", "orange", "yellow", "green", "blue", "indigo", "violet", "black", "white", "grey", "brown", "pink",
    )  # fmt: skip
    for colour in colours:
        await pressed(office, "missed", f"{colour} silent  \nwho pays for the {colour} account?")

    first = await deputy.says("gaps")
    second = await deputy.presses("More")

    assert "12 questions, the newest first. These are 1 to 10." in first
    assert "These are 11 to 12." in second
    assert all((f"the {colour} account" in first) != (f"the {colour} account" in second) for colour in colours)
    assert await deputy.buttons("11 to 12") == ("Dealt with 11", "Dealt with 12")


@pytest.mark.parametrize("value", ["", "-1", "9" * 5_000, "²", "x", "999999", "None"])
async def test_a_forged_page_is_a_page(office: Office, value: str) -> None:
    reply = await office.app.assistant.handle(Action("E", "deputy_head", DM, "gaps.list", "", value))

    assert reply.views[0].card.title == "What the policy did not answer"


@pytest.mark.parametrize("value", ["", "x", "key 1", "key " + "9" * 5_000, " 0", "key ²"])
async def test_a_forged_end_removes_nothing(office: Office, value: str) -> None:
    await pressed(office, "missed", await carried(office, NO_ANSWER))

    with pytest.raises(Refused):
        await office.app.assistant.handle(Action("E", "deputy_head", DM, "gaps.done", "", value))

    assert len(await kept(office)) == 1


async def test_below_it_stand_the_clauses_with_the_most_bad_votes_of_late(office: Office) -> None:
    """Counts alone."""
    await votes(office, "bad", ("STF-4", "SCO-10"), ("STF-4",), ())
    await votes(office, "good", ("SCO-10",))

    listed = await office.person("deputy_head").says("gaps")
    await office.clock_to("2027-03-01 09:00")
    later = await office.person("deputy_head").says("gaps")

    assert "- STF-4: 2\n- The policy is silent: 1\n- SCO-10: 1" in listed
    assert "STF-4" not in later


async def votes(office: Office, vote: str, *shown: Sequence[str]) -> None:
    """Vote on answers that showed those clauses."""
    for number, clauses in enumerate(shown):
        event = Action(f"{vote} {number}", "history_teacher", DM, "policy.feedback", " ".join(clauses), vote)
        await office.app.assistant.handle(event)
    assert await office.app.assistant.world.store.find(Feedback)


# How long ------------------------------------------------------------------------------------


async def test_a_question_is_forgotten_after_the_schools_days(office: Office) -> None:
    """`gap_days` is a hundred and eighty."""
    teacher = office.person("history_teacher")
    await teacher.says(NO_ANSWER)
    await teacher.presses(MISSED)

    await office.clock_to("2027-05-22 23:00")
    before = await kept(office)
    await office.clock_to("2027-05-23 00:00")

    assert len(before) == 1
    assert not await kept(office)


async def test_slt_sets_how_long(office: Office) -> None:
    deputy, assistant, setting = (
        office.person("deputy_head"),
        office.person("assistant_head"),
        "Days that an unanswered question is kept",
    )
    await deputy.says("settings")
    await deputy.presses("Change a setting", setting=setting, value="7", reason="A week is enough.")
    await assistant.says("settings")
    await assistant.presses(f"Confirm: {setting}, 7")

    await pressed(office, "missed", await carried(office, NO_ANSWER))
    listed = await deputy.says("gaps")
    await office.clock_to("2026-12-01 00:00")

    assert "forgotten after 7 days" in listed
    assert not await kept(office)


async def test_my_says_that_nothing_of_it_is_under_a_name(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says(NO_ANSWER)
    await teacher.presses(MISSED)

    heard = await teacher.says("my")

    assert "questions that you passed on to SLT, are kept without your name" in heard
    assert NO_ANSWER not in heard
