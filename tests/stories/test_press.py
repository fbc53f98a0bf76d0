"""A journalist rings, and people at the school do what BEH-8 asks."""

from __future__ import annotations

from tests.simulator import Client, Office

HOLDING_WORDS = "Thank you for getting in touch. Your message has been passed to the school's leadership team"
QUESTION = "Is it true that a post about the trip was deleted?"
CONTACT = {
    "journalist": "Sam Example",
    "outlet": "The Wirral Example",
    "contact": "0151 496 0999",
    "asks": QUESTION,
    "deadline": "2026-11-24T15:00:00+00:00",
    "accused": False,
}


async def _reports(person: Client, **answers: object) -> str:
    """Have *person* pass on a journalist; return what they read after Submit."""
    await person.says("/smpolicy press")
    await person.fills(**{**CONTACT, **answers})
    return await person.presses("Submit")


async def test_the_holding_words_come_before_the_first_question_is_answered(office: Office) -> None:
    teacher = office.person("history_teacher")

    heard = await teacher.says("journalist")

    assert HOLDING_WORDS in heard
    assert "Do not reply yourself, and don't confirm that anyone works at or attends the school" in heard
    assert "Who is it?" in heard


async def test_a_journalist_is_passed_on_in_one_go(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says("press")
    preview = await teacher.fills(**CONTACT)
    assert HOLDING_WORDS in preview
    assert QUESTION in preview

    sent = await teacher.presses("Submit")

    assert "No one has picked this up yet." in sent
    assert HOLDING_WORDS in sent
    assert "Deputy head (07700 900101)" in sent
    assert "Assistant head (07700 900102), after 5 minutes (09:20)" in sent
    assert "Tue 24 Nov 2026, 15:00" in sent
    assert "PRESS-" in sent


async def test_nobody_is_told_before_submit(office: Office) -> None:
    teacher, deputy = office.person("history_teacher"), office.person("deputy_head")
    await teacher.says("press")
    await teacher.fills(**CONTACT)

    await deputy.sees_not("PRESS-")

    await office.clock_to("2026-11-24 09:25")
    await teacher.sees("You have not sent this yet")
    await deputy.sees_not("PRESS-")


async def test_a_draft_can_be_edited_before_it_is_sent(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says("press")
    await teacher.fills(**CONTACT)

    await teacher.presses("Edit")
    preview = await teacher.fills(**{**CONTACT, "outlet": "Radio Example"})

    assert "Radio Example" in preview
    assert QUESTION in preview
    assert "No one has picked this up yet." in await teacher.presses("Submit")


async def test_a_cancelled_draft_is_gone(office: Office) -> None:
    teacher, deputy = office.person("history_teacher"), office.person("deputy_head")
    await teacher.says("press")
    await teacher.fills(**CONTACT)

    assert "Nothing was sent" in await teacher.presses("Cancel", on="This is what SLT would see")

    await office.clock_to("2026-11-24 12:00")
    await deputy.sees_not("PRESS-")
    assert "moved on" in await teacher.refused("Submit", on="PRESS-")


async def test_the_duty_is_tried_in_turn_and_then_everybody_in_slt(office: Office) -> None:
    teacher, deputy = office.person("history_teacher"), office.person("deputy_head")
    assistant, head = office.person("assistant_head"), office.person("head_teacher")

    await _reports(teacher)
    await deputy.sees("Something is waiting for SLT on duty")
    await assistant.sees_not("PRESS-")

    await office.clock_to("2026-11-24 09:20")
    await assistant.sees("Something is waiting for SLT on duty")
    await head.sees_not("PRESS-")

    await office.clock_to("2026-11-24 09:25")
    await head.sees("Something is waiting for SLT on duty")
    await teacher.sees_not("Phone one of them now")

    await office.clock_to("2026-11-24 09:30")
    await teacher.sees("Phone one of them now")
    await teacher.sees("Head teacher (0151 496 0100)")


async def test_a_ping_says_nothing_of_what_it_is_about(office: Office) -> None:
    teacher, deputy = office.person("history_teacher"), office.person("deputy_head")

    await _reports(teacher)

    for words in ("journalist", "Wirral", "Sam Example", "trip", "History teacher", "press contact"):
        await deputy.sees_not(words)
    assert await deputy.buttons("Something is waiting") == ("Open", "Acknowledge")


async def test_nothing_about_it_is_said_in_shared_places(office: Office) -> None:
    teacher, deputy = office.person("history_teacher"), office.person("deputy_head")
    await _reports(teacher)
    await deputy.presses("Acknowledge", on="PRESS-")
    await deputy.presses("Release reply", on="PRESS-", reply="It broke our rules.", speaker="I give it")
    await office.clock_to("2026-11-25 09:00")

    for person in (teacher, deputy):
        for place in ("slt", "staff"):
            await person.sees_not("PRESS-", place=place)


async def test_a_press_command_in_a_channel_is_asked_in_private(office: Office) -> None:
    teacher, other = office.person("history_teacher"), office.person("pe_teacher")

    await teacher.says("/smpolicy press", to="staff")

    await teacher.sees("Who is it?", place="dm")
    await other.sees_not("Who is it?")
    await other.sees_not("Thank you for getting in touch")


async def test_slt_acknowledges_and_the_reporter_learns_who_has_it(office: Office) -> None:
    teacher, deputy, assistant = (office.person(id) for id in ("history_teacher", "deputy_head", "assistant_head"))
    await _reports(teacher)
    opened = await deputy.presses("Open", on="Something is waiting")
    assert QUESTION in opened
    assert "History teacher" in opened
    await teacher.sees("Deputy head opened it.")

    await deputy.presses("Acknowledge", on="Something is waiting")

    await teacher.sees("Deputy head (07700 900101) has it.")
    await teacher.sees_not("No one has picked this up yet")
    await office.clock_to("2026-11-24 09:40")
    await assistant.sees_not("PRESS-")


async def test_the_second_to_acknowledge_reads_that_it_has_moved_on(office: Office) -> None:
    teacher, deputy, assistant = (office.person(id) for id in ("history_teacher", "deputy_head", "assistant_head"))
    await _reports(teacher)
    await office.clock_to("2026-11-24 09:20")

    await assistant.presses("Acknowledge", on="PRESS-")

    assert "moved on" in await deputy.refused("Acknowledge", on="PRESS-")
    await deputy.sees("Assistant head (07700 900102) has it.")


async def test_slt_releases_a_reply_which_is_read_on_opening(office: Office) -> None:
    teacher, deputy = office.person("history_teacher"), office.person("deputy_head")
    await _reports(teacher)
    await deputy.presses("Open", on="Something is waiting")

    await deputy.presses("Release reply", on=QUESTION)
    await deputy.fills(reply="A post broke our rules.", speaker="The person who was contacted gives it")

    await teacher.sees("SLT released a reply.")
    await teacher.sees_not("A post broke our rules.")
    opened = await teacher.presses("Open", on="SLT released a reply")
    assert "A post broke our rules." in opened
    assert "You give it, word for word." in opened
    assert "answered before the deadline" in opened


async def test_slt_decides_on_no_comment(office: Office) -> None:
    teacher, deputy = office.person("history_teacher"), office.person("deputy_head")
    await _reports(teacher)
    await deputy.presses("Acknowledge", on="Something is waiting")

    await deputy.presses("No comment")

    await teacher.sees("SLT decided: no comment. Say only the holding words.")
    assert "settled" in await deputy.refused("Release reply", on="PRESS-")


async def test_notes_are_for_slt_alone(office: Office) -> None:
    teacher, deputy, head = (office.person(id) for id in ("history_teacher", "deputy_head", "head_teacher"))
    await _reports(teacher)
    await deputy.presses("Open", on="Something is waiting")
    await deputy.presses("Add a note", on=QUESTION)
    await deputy.fills(reason="The account's owner has been asked.")

    reference = next(word for word in (await deputy.latest()).split() if word.startswith("PRESS-")).rstrip(":")
    assert "The account's owner has been asked." in await head.says(f"/smpolicy press {reference}")
    assert "The account's owner" not in await teacher.presses("Open", on=reference)


async def test_whoever_is_not_concerned_reads_that_there_is_no_such_thing(office: Office) -> None:
    sent = await _reports(office.person("history_teacher"))
    reference = next(word for word in sent.split() if word.startswith("PRESS-")).rstrip(":")

    for person in ("pe_teacher", "administrator", "dsl"):
        heard = await office.person(person).says(f"/smpolicy press {reference}")
        other = await office.person(person).says("/smpolicy press PRESS-ZZZZZZ")
        assert heard.replace(reference, "…") == other.replace("PRESS-ZZZZZZ", "…")
        assert "There is no press contact" in heard


async def test_it_is_opened_in_private_only(office: Office) -> None:
    """Where everybody reads along it is refused; where a command's answer is the asker's alone, they alone read it."""
    deputy, colleague = office.person("deputy_head"), office.person("assistant_head")
    sent = await _reports(office.person("history_teacher"))
    reference = next(word for word in sent.split() if word.startswith("PRESS-")).rstrip(":")

    heard = await deputy.says(f"/smpolicy press {reference}", to="slt")

    assert ("Open it in your private chat with the bot" in heard) is not office.desk.whispers
    assert (QUESTION in heard) is office.desk.whispers
    await colleague.sees_not(QUESTION, "slt")


async def test_the_reporter_does_not_release_a_reply(office: Office) -> None:
    teacher, deputy = office.person("history_teacher"), office.person("deputy_head")
    await _reports(teacher)

    for label in ("Release reply", "No comment", "Acknowledge"):
        assert "Only a member of SLT" in await teacher.refused(label, on="PRESS-")
    assert "Acknowledge" in await deputy.buttons("Something is waiting")


async def test_the_journalist_rings_off(office: Office) -> None:
    teacher, deputy, assistant = (office.person(id) for id in ("history_teacher", "deputy_head", "assistant_head"))
    await _reports(teacher)

    await teacher.presses("Withdraw")

    await deputy.sees("This needs nobody in SLT any more")
    await office.clock_to("2026-11-24 09:40")
    await assistant.sees_not("PRESS-")


async def test_where_somebody_is_accused_the_head_is_told_and_no_name_goes_out(office: Office) -> None:
    teacher, deputy, head = (office.person(id) for id in ("history_teacher", "deputy_head", "head_teacher"))

    sent = await _reports(teacher, accused=True)

    assert "It can be an offence to publish anything that is likely to identify a teacher" in sent
    assert "Guidance, November 2026" in sent
    assert "not legal advice" in sent
    await head.sees("Something is waiting for SLT on duty")
    await deputy.presses("Open", on="Something is waiting")
    await deputy.presses("Release reply", on=QUESTION)
    mend = await deputy.mends(reply="The PE teacher has done nothing wrong.", speaker="I give it")
    assert "It names PE teacher: take the name out." in mend
    await deputy.fills(reply="We can't comment on individuals.", speaker="I give it")
    await teacher.sees("SLT released a reply.")


async def test_a_deadline_that_has_passed_is_not_taken(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says("press")

    mend = await teacher.mends(**{**CONTACT, "deadline": "2026-11-23 15:00"})

    assert "Monday 23 November, 15:00 has passed already." in mend


async def test_a_journalist_may_have_no_deadline(office: Office) -> None:
    sent = await _reports(office.person("history_teacher"), deadline="none")

    assert "Wants an answer by" not in sent


async def test_whoever_has_it_is_reminded_and_the_deadline_decides_nothing(office: Office) -> None:
    teacher, deputy, assistant = (office.person(id) for id in ("history_teacher", "deputy_head", "assistant_head"))
    await _reports(teacher)
    await deputy.presses("Acknowledge", on="Something is waiting")

    await office.clock_to("2026-11-24 14:00")
    await deputy.sees("A deadline is near")
    await assistant.sees_not("A deadline is near")

    await office.clock_to("2026-11-24 15:00")
    await teacher.sees("The deadline has passed without a reply from SLT.")
    await assistant.sees("A deadline has passed")
    opened = await deputy.presses("Open", on="A deadline has passed")
    assert "The bot recorded: The deadline passed without a reply from SLT." in opened

    await deputy.presses("Release reply", on=QUESTION)
    await deputy.fills(reply="A post broke our rules.", speaker="I give it")
    assert "answered after the deadline" in await teacher.presses("Open", on="SLT released a reply")


async def test_all_of_slt_is_reminded_where_nobody_has_it(office: Office) -> None:
    await _reports(office.person("history_teacher"))

    await office.clock_to("2026-11-24 14:00")

    for person in ("deputy_head", "assistant_head", "head_teacher"):
        await office.person(person).sees("A deadline is near")


async def test_a_restart_loses_nobody_who_waits(office: Office) -> None:
    teacher, assistant = office.person("history_teacher"), office.person("assistant_head")
    await _reports(teacher)

    await office.restarts()

    await office.clock_to("2026-11-24 09:20")
    await assistant.sees("Something is waiting for SLT on duty")


async def test_a_deputy_who_is_rung_passes_it_on_to_the_next(office: Office) -> None:
    deputy, assistant = office.person("deputy_head"), office.person("assistant_head")

    sent = await _reports(deputy)

    assert "Assistant head (07700 900102)" in sent
    await assistant.sees("Something is waiting for SLT on duty")
    await deputy.sees_not("Something is waiting for SLT on duty")


async def test_a_draft_that_was_not_sent_is_brought_up_twice_and_then_left_alone(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says("/smpolicy press")
    await teacher.fills(**CONTACT)

    for day in range(24, 30):
        await office.clock_to(f"2026-11-{day} 17:00")

    said = [each.text for each in await teacher.screen() if "You have not sent this yet" in each.text]
    assert len(said) == 2
