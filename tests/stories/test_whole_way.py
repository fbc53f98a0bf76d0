"""From the first question to a live account in the register, as each of them sees it, with restarts on the way."""

from __future__ import annotations

from tests.simulator import Office


async def test_from_the_first_question_to_a_live_account_in_the_register(durable_office: Office) -> None:
    """Nothing is known beforehand but what stands on the screen; the program stops and starts again and again."""
    office = durable_office
    teacher, colleague = office.person("history_teacher"), office.person("pe_teacher")
    deputy, assistant = office.person("deputy_head"), office.person("assistant_head")
    head, administrator = office.person("head_teacher"), office.person("administrator")

    # Tuesday: a question leads to the form, three points of which are answered before the bell.
    answer = await teacher.says("how do I set up an account for my department?")
    assert "present a business case to the School Leadership Team" in answer
    assert "NEW-2 to NEW-7" in answer
    asked = await teacher.presses("Apply for an account")
    assert "1 of 5" in asked
    assert "intended audience" in await teacher.says("Show parents what happens in history lessons.")
    assert "be promoted" in await teacher.says("Pupils, Parents and carers")
    assert "run the account" in await teacher.says("In the newsletter and on the website.")
    await office.restarts()

    # Wednesday: the draft is still there, and goes as far as the preview.
    await office.clock_to("2026-11-25 08:30")
    assert "3 of 5" in await teacher.says("/smpolicy apply")
    assert "Who will run the account?" in await teacher.presses("Continue")
    preview = await teacher.fills(
        runners=["history_teacher", "pe_teacher"],
        openness="Open",
        platform="X (Twitter)",
        handle="@BebingtonHistory",
        suits_learning="Short reminders about homework.",
        implications="Comments are turned off; nobody is shown by name.",
        minimum_age="Some are too young and will not be asked to join",
        messages="Private messages are turned off",
    )
    assert "APP-1: your draft" in preview
    await office.restarts()
    assert "Waiting for History teacher and PE teacher" in await teacher.presses("Submit", on="APP-1")

    # Both runners give their own word, one of them after a restart.
    assert "is recorded" in await teacher.presses("Confirm", on="will you run", trained="2026-09-12")
    await office.restarts()
    await colleague.sees("History teacher names you as a runner of @BebingtonHistory on X (Twitter)", "dm")
    assert "With SLT" in await colleague.presses("Confirm", on="will you run", trained="2026-01-08")

    # SLT asks for more, gets it, and approves with two votes.
    await deputy.sees("Minimum age: Some are too young and will not be asked to join", "slt")
    await deputy.presses("Ask for changes", on="APP-1", reason="Who answers comments in the holidays?")
    await teacher.sees("Who answers comments in the holidays?")
    await teacher.presses("Edit", on="SLT asks for changes")
    await teacher.fills(
        aim="Show parents what happens in history lessons. We take turns in the holidays.",
        audience=["Pupils", "Parents and carers"],
        promotion="In the newsletter and on the website.",
        runners=["history_teacher", "pe_teacher"],
        openness="Open",
        platform="X (Twitter)",
        handle="@BebingtonHistory",
        suits_learning="Short reminders about homework.",
        implications="Comments are turned off; nobody is shown by name.",
        minimum_age="Some are too young and will not be asked to join",
        messages="Private messages are turned off",
    )
    await office.restarts()
    await teacher.presses("Submit", on="We take turns in the holidays.")
    await deputy.presses("Approve", on="We take turns in the holidays.")
    await office.clock_to("2026-11-26 08:30")
    await assistant.sees("Reminder", "slt")
    await office.restarts()
    assert "The Head decides next" in await assistant.presses("Approve", on="We take turns in the holidays.")

    # The Head, on Friday, after a reminder.
    await office.clock_to("2026-11-27 09:00")
    await head.sees("Reminder", "dm")
    assert "The account administrator creates it next" in await head.presses("Approve", on="Reminder")
    await office.restarts()

    # The administrator creates it, without ever writing a password here.
    await administrator.sees("Put the details in the password vault and turn two-step sign-in on.", "dm")
    password = await administrator.says("the password is Rainbow-42!")
    assert "That looks like a password" in password
    await administrator.presses(
        "Created", on="Put the details", handle="@BebHistory", vault="Social media / History", two_step=True
    )
    await office.restarts()

    # Everybody who needs to know does, and the register has it.
    await teacher.sees("@BebHistory on X (Twitter) is live and in the register as ACC-1.", "dm")
    await colleague.sees("@BebHistory on X (Twitter) is live", "dm")
    register = await office.person("new_teacher").says("who runs what")
    assert "@BebHistory on X (Twitter) (ACC-1) – run by History teacher, PE teacher" in register
    await colleague.says("my")
    passport = await colleague.presses("Show ACC-1")
    assert "Responsible: History teacher" in passport
    assert "Yearly review (school target): 27 Nov 2027" in passport
    await office.clock_to("2026-12-14 09:00")
    for person in (teacher, colleague, deputy, head, administrator):
        await person.sees_not("stuck")
        assert not set(await person.buttons("APP-1")) & {"Approve", "Reject", "Created", "Confirm", "Submit"}
