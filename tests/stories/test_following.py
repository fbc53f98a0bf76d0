"""Questions that follow on: "what about parents then" is understood with the one before, and kept by nobody."""

from __future__ import annotations

import pytest

from bot.conversation.cards import plain
from bot.conversation.events import Command, Message, Place
from bot.domain.people import Seat
from tests.simulator import Office
from tests.stories.test_gaps import MISSED, kept
from tests.stories.test_seats import become

FIRST = "may I friend a pupil?"
NEXT = "what about parents then"
TOGETHER = "Taken together with your question before:"


async def test_a_question_that_follows_on_is_understood_with_the_one_before(office: Office) -> None:
    teacher = office.person("history_teacher")
    alone = await teacher.says(NEXT)
    await teacher.says(FIRST)

    answer = await teacher.says(NEXT)

    assert TOGETHER in answer
    assert TOGETHER not in alone


async def test_a_second_one_follows_on_from_both(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says(FIRST)
    await teacher.says(NEXT)

    assert TOGETHER in await teacher.says("and on weekends?")


async def test_a_command_and_free_text_are_one_conversation(office: Office) -> None:
    teacher = office.person("history_teacher")

    await teacher.says(f"/smpolicy ask {FIRST}")
    assert TOGETHER in await teacher.says(NEXT)
    await teacher.says(FIRST)

    assert TOGETHER in await teacher.says(f"/smpolicy ask {NEXT}")


async def test_what_somebody_else_asked_is_not_followed(office: Office) -> None:
    """Two who ask in turn in a shared place do not mix."""
    teacher, colleague = office.person("history_teacher"), office.person("pe_teacher")
    await teacher.says(f"@smpolicy {FIRST}", to="staff")

    other = await colleague.says(f"@smpolicy {NEXT}", to="staff")
    own = await teacher.says(f"@smpolicy {NEXT}", to="staff")

    assert TOGETHER not in other
    assert TOGETHER in own


async def test_what_was_asked_in_private_is_not_followed_where_others_read(office: Office) -> None:
    """Nor what was asked by command in the very same place, which nobody else saw."""
    teacher = office.person("history_teacher")
    await teacher.says(FIRST)
    await teacher.says(f"/smpolicy ask {FIRST}", to="staff")

    answer = await teacher.says(f"@smpolicy {NEXT}", to="staff")

    assert TOGETHER not in answer


async def test_after_ten_minutes_it_is_forgotten(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says(FIRST)

    await office.clock_to("2026-11-24 09:26")

    assert TOGETHER not in await teacher.says(NEXT)


async def test_after_a_restart_it_is_forgotten(durable_office: Office) -> None:
    teacher = durable_office.person("history_teacher")
    await teacher.says(FIRST)

    await durable_office.restarts()

    assert TOGETHER not in await teacher.says(NEXT)


@pytest.mark.parametrize(
    "between",
    ["a pupil just told me she is being hurt at home", "what if a pupil tells me they are being hurt at home?"],
)
async def test_what_may_disclose_something_ends_the_memory(office: Office, between: str) -> None:
    """Neither it nor what was asked before it is followed."""
    teacher = office.person("history_teacher")
    await teacher.says(FIRST)

    await teacher.says(between)

    assert TOGETHER not in await teacher.says(NEXT)


async def test_a_password_is_not_remembered(office: Office) -> None:
    world = office.app.assistant.world

    await office.person("history_teacher").says("my password is Rainbow-42!x, may I share it?")

    assert world.recall.before("history_teacher", "dm") == ""


async def test_guests_follow_on_as_well(office: Office) -> None:
    await become(office, Seat.GUEST, "new_teacher")
    guest = office.person("new_teacher")
    await guest.says(FIRST)

    assert TOGETHER in await guest.says(NEXT)


async def test_what_is_passed_on_is_both_questions(office: Office) -> None:
    """ "What about parents then" alone would tell SLT nothing."""
    teacher = office.person("history_teacher")
    await teacher.says(FIRST)
    await teacher.says(NEXT)

    await teacher.presses(MISSED, on=TOGETHER)

    (gap,) = await kept(office)
    assert gap.question == f"{FIRST} – {NEXT}"


async def test_a_press_in_a_channel_does_not_end_what_is_talked_of(office: Office) -> None:
    assistant = office.app.assistant
    place = Place("staff")
    for event in (Message("1", "pe_teacher", place, FIRST), Command("2", "pe_teacher", place, "help", "")):
        await assistant.handle(event)

    reply = await assistant.handle(Message("3", "pe_teacher", place, NEXT))

    assert TOGETHER in plain(reply.views[0].card)


# Who asks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "first_clause"),
    [("history_teacher", "STF-1"), ("administrator", "ADM-1"), ("assistant_head", "SLT-1")],
)
async def test_what_is_my_job_is_answered_for_whoever_asks(office: Office, who: str, first_clause: str) -> None:
    asker = office.person(who)

    answer = await asker.says("what am I expected to do?")

    assert answer.partition("\n— ")[2].startswith(first_clause)


async def test_what_is_passed_on_does_not_tell_what_the_asker_holds(office: Office) -> None:
    """There is one administrator, so SLT would know who asked."""
    administrator = office.person("administrator")
    await administrator.says("what am I expected to do?")
    await administrator.says("and at weekends?")

    await administrator.presses(MISSED)

    (gap,) = await kept(office)
    assert "administrator" not in gap.question
    assert "what am I expected to do" in gap.question
