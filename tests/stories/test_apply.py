"""Applying for an account: five points, a preview, the runners' own word, and the exception for one runner."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator import Client, Office

Json = Any

AIM = "Show parents what happens in history lessons."
TRAINED = "2026-09-12"
BUSINESS_CASE: dict[str, Json] = {
    "aim": AIM,
    "audience": ["Parents and carers"],
    "promotion": "In the newsletter.",
    "runners": ["history_teacher", "pe_teacher"],
    "openness": "Open",
    "platform": "X (Twitter)",
    "handle": "@BebingtonHistory",
}
ABOUT_PUPILS: dict[str, Json] = {
    "suits_learning": "Short reminders about homework.",
    "implications": "Comments are turned off.",
    "minimum_age": "All are old enough",
    "messages": "Private messages are turned off",
}


async def draft(office: Office, applicant: str = "history_teacher", **changes: Json) -> Client:
    """Have somebody fill in a business case; return them in front of their draft."""
    person = office.person(applicant)
    await person.says("/smpolicy apply")
    await person.fills(**{**BUSINESS_CASE, **changes})
    return person


async def submit(office: Office, applicant: str = "history_teacher", **changes: Json) -> Client:
    """Have somebody submit a business case; its runners are still to confirm."""
    person = await draft(office, applicant, **changes)
    await person.presses("Submit", on="your draft")
    return person


async def confirm(office: Office, *runners: str, on: str = "will you run") -> None:
    """Have each of *runners* confirm, trained in September."""
    for runner in runners:
        await office.person(runner).presses("Confirm", on=on, trained=TRAINED)


async def bring_to_slt(office: Office, applicant: str = "history_teacher", **changes: Json) -> Client:
    """Have somebody submit and every runner with a seat confirm: SLT is asked."""
    person = await submit(office, applicant, **changes)
    staff = {each.id for each in office.settings.persons}
    runners = {**BUSINESS_CASE, **changes}["runners"]
    await confirm(office, *(each for each in runners if each in staff))
    return person


async def approve_in_slt(office: Office, *members: str, on: str = AIM, **values: Json) -> None:
    """Have each of *members* vote for it in SLT's place."""
    for member in members or ("deputy_head", "assistant_head"):
        await office.person(member).presses("Approve", on=on, **values)


async def answer_in_chat(person: Client, **answers: str) -> str:
    """Type an answer to each question that stands, by field name; return what was said last."""
    heard = ""
    while question := (await person.screen())[-1].question:
        heard = await person.says(answers.pop(question))
    assert not answers
    return heard


# Five points ---------------------------------------------------------------------------------


async def test_the_five_points_are_asked_one_at_a_time(office: Office) -> None:
    """NEW-2 to NEW-7, and then where and under which name."""
    teacher = office.person("history_teacher")

    asked = [
        await teacher.says("/smpolicy apply"),
        await teacher.says(AIM),
        await teacher.says("Parents and carers"),
        await teacher.says("In the newsletter."),
        await teacher.says("History teacher and PE teacher"),
        await teacher.says("open"),
        await teacher.says("X (Twitter)"),
        await teacher.says("@BebingtonHistory"),
    ]

    points = ("aim of the account", "intended audience", "be promoted", "run the account", "open or private/closed")
    for number, (point, question) in enumerate(zip(points, asked, strict=False), start=1):
        assert f"{number} of 5" in question
        assert point in question
    assert "Which platform" in asked[5]
    assert "name or handle" in asked[6]
    assert AIM in asked[7]


async def test_the_same_form_is_filled_in_as_a_page(office: Office) -> None:
    """Whoever has no page is asked the same in chat."""
    teacher = office.person("history_teacher")
    await teacher.says("/smpolicy apply")

    shown = await teacher.fills(**BUSINESS_CASE)

    assert "APP-1" in shown
    for answer in (
        f"Aim: {AIM}", "Audience: Parents and carers", "Promotion: In the newsletter.",
        "Runners: History teacher, PE teacher", "Open or closed: Open", "Platform: X (Twitter)",
        "Handle: @BebingtonHistory",
    ):  # fmt: skip
        assert answer in shown


async def test_pupils_in_the_audience_bring_their_own_questions(office: Office) -> None:
    """SCO-14 asks whether it suits teaching and which implications were considered."""
    teacher = office.person("history_teacher")
    await teacher.says("/smpolicy apply")

    shown = await teacher.fills(**{**BUSINESS_CASE, "audience": ["Pupils", "Parents and carers"]}, **ABOUT_PUPILS)

    assert "Audience: Pupils, Parents and carers" in shown
    assert "Suits teaching and learning: Short reminders about homework." in shown
    assert "Minimum age: All are old enough" in shown


async def test_without_pupils_nobody_is_asked_about_pupils(office: Office) -> None:
    """The form ends with the handle."""
    teacher = office.person("history_teacher")
    await teacher.says("/smpolicy apply")

    shown = await teacher.fills(**BUSINESS_CASE)

    assert "Minimum age" not in shown
    await teacher.sees_not("Pupils will see it")


async def test_an_answer_that_cannot_be_taken_says_how_to_mend_it_and_loses_nothing(office: Office) -> None:
    """On a page the mistake stands beside its field, in chat above the repeated question."""
    teacher = office.person("history_teacher")
    await teacher.says("/smpolicy apply")

    mend = await teacher.mends(**{**BUSINESS_CASE, "openness": "Perhaps"})

    assert "Please choose one of: Open; Private/closed." in mend
    assert "4 of 5" in await teacher.says("/smpolicy apply")


# Preview, edit, submit -----------------------------------------------------------------------


async def test_a_draft_is_previewed_and_sent_only_by_pressing_submit(office: Office) -> None:
    """Nobody else learns of a draft."""
    teacher = await draft(office)

    await teacher.sees("Nothing is sent until you press Submit")
    assert await teacher.buttons("your draft") == ("Submit", "Edit", "Withdraw")
    for other in ("pe_teacher", "deputy_head", "head_teacher", "administrator"):
        await office.person(other).sees_not("APP-1")


async def test_a_draft_is_edited_before_it_is_submitted(office: Office) -> None:
    """The runners see the newer words."""
    teacher = await draft(office)

    await teacher.presses("Edit", on="your draft")
    shown = await teacher.fills(**{**BUSINESS_CASE, "promotion": "On posters at the gate."})
    await teacher.presses("Submit", on="your draft")

    assert "Promotion: On posters at the gate." in shown
    await office.person("pe_teacher").sees("Promotion: On posters at the gate.")
    await office.person("pe_teacher").sees_not("In the newsletter.")


async def test_the_applicant_reads_each_piece_of_news_once(office: Office) -> None:
    """Their own press is answered, and is not news to them as well."""
    teacher = await submit(office)

    heard = await teacher.presses("Confirm", on="will you run", trained=TRAINED)

    assert heard.count("your confirmation is recorded") == 1
    await teacher.sees_not("History teacher confirmed (")


async def test_the_last_runner_to_confirm_reads_once_that_slt_has_it(office: Office) -> None:
    """Also where that runner is the applicant."""
    teacher = await submit(office)
    await confirm(office, "pe_teacher")

    await confirm(office, "history_teacher")

    titles = [each.text.partition("\n")[0] for each in await teacher.screen()]
    assert titles.count("APP-1: SLT considering") == 1


# A draft kept --------------------------------------------------------------------------------


async def three_answers_yesterday(office: Office) -> Client:
    """Have somebody answer three points, restart, and let a night pass."""
    teacher = office.person("history_teacher")
    await teacher.says("/smpolicy apply")
    for answer in (AIM, "Parents and carers", "In the newsletter."):
        await teacher.says(answer)
    await office.restarts()
    await office.clock_to("2026-11-25 09:00")
    return teacher


async def test_a_draft_is_resumed_the_next_day(office: Office) -> None:
    """It says how far it is and when it was begun."""
    teacher = await three_answers_yesterday(office)

    offered = await teacher.says("/smpolicy apply")
    asked = await teacher.presses("Continue", on="3 of 5")

    assert "3 of 5" in offered
    assert "on Tuesday 24 November" in offered
    assert "Who will run the account?" in asked
    shown = await answer_in_chat(
        teacher, runners="History teacher, PE teacher", openness="open", platform="X (Twitter)", handle="@BebHistory"
    )
    assert f"Aim: {AIM}" in shown


async def test_a_draft_is_started_again(office: Office) -> None:
    """The first point is asked once more and the earlier answers are gone."""
    teacher = await three_answers_yesterday(office)
    await teacher.says("/smpolicy apply")

    asked = await teacher.presses("Start again", on="3 of 5")

    assert "1 of 5" in asked
    assert "What is the aim" in asked
    assert "no drafts" in (await teacher.says("/smpolicy my"))


async def test_a_draft_is_cancelled(office: Office) -> None:
    """Nothing was sent, and nothing is kept."""
    teacher = await three_answers_yesterday(office)
    await teacher.says("/smpolicy apply")

    said = await teacher.presses("Cancel", on="3 of 5")

    assert "Nothing was sent" in said
    assert "1 of 5" in await teacher.says("/smpolicy apply")


async def test_a_form_begun_in_chat_is_finished_as_a_page(office: Office) -> None:
    """What was answered already is kept."""
    teacher = office.person("history_teacher")
    await teacher.says("/smpolicy apply")
    await teacher.says(AIM)
    await teacher.says("Parents and carers")

    rest = {name: BUSINESS_CASE[name] for name in BUSINESS_CASE if name not in ("aim", "audience")}
    shown = await teacher.fills(**rest)

    assert f"Aim: {AIM}" in shown
    assert "Audience: Parents and carers" in shown


async def test_a_form_begun_as_a_page_is_finished_in_chat(office: Office) -> None:
    """A page that was not taken keeps its good answers; chat asks for the others only."""
    teacher = office.person("history_teacher")
    await teacher.says("/smpolicy apply")
    await teacher.mends(**{**BUSINESS_CASE, "openness": "Perhaps"})

    await teacher.says("/smpolicy apply")
    asked = await teacher.presses("Continue", on="4 of 5")
    await teacher.says("private")
    while (await teacher.screen())[-1].question:
        question = (await teacher.screen())[-1].question
        await teacher.says({"platform": "X (Twitter)", "handle": "@BebingtonHistory"}[question])

    assert "open or private/closed" in asked
    await teacher.sees("Open or closed: Private/closed")
    await teacher.sees(f"Aim: {AIM}")


# One runner only -----------------------------------------------------------------------------


async def exception_asked_for(office: Office, reason: str = "A colleague joins after Christmas.") -> Client:
    """Have somebody with one runner ask SLT for an exception."""
    teacher = await draft(office, runners=["history_teacher"])
    await teacher.presses("Ask SLT for an exception", on="your draft", reason=reason)
    return teacher


async def test_one_runner_is_not_enough_to_submit(office: Office) -> None:
    """NEW-6 asks for two; the draft says so at once and is kept."""
    teacher = await draft(office, runners=["history_teacher"])

    sentence = await teacher.refused("Submit", on="your draft")

    assert "at least two members of staff" in sentence
    assert "Your draft is kept" in sentence
    await teacher.sees("The policy asks for at least two members of staff", "dm")
    assert await teacher.buttons("your draft") == ("Ask SLT for an exception", "Edit", "Withdraw")


async def test_a_parent_does_not_count_as_the_second_member_of_staff(office: Office) -> None:
    """NEW-6 and NEW-10: volunteers and parents come in addition."""
    teacher = await draft(office, runners=["history_teacher", "Mrs Example"])

    sentence = await teacher.refused("Submit", on="your draft")

    assert "at least two members of staff" in sentence


async def test_slt_sees_the_reason_for_an_exception_and_only_that(office: Office) -> None:
    """G7; neither the place nor looking closer shows any of the draft."""
    await exception_asked_for(office)
    deputy = office.person("deputy_head")

    await deputy.says("my")
    await deputy.presses("Show APP-1")

    await deputy.sees("A colleague joins after Christmas.", "slt")
    await deputy.sees("Votes needed: 2 of 2", "slt")
    for hidden in (AIM, "In the newsletter.", "@BebingtonHistory"):
        await deputy.sees_not(hidden)


async def test_an_exception_is_granted_by_quorum_and_stays_on_the_register(office: Office) -> None:
    """Draft, exception, submit, decide, create: the note is there at the end, and SLT looks again after 30 days."""
    teacher = await exception_asked_for(office)

    await office.person("deputy_head").presses("Approve", on="exception asked for", reason="Fine until then.")
    await teacher.sees_not("may run it")
    await office.person("assistant_head").presses("Approve", on="exception asked for", reason="Only till January.")
    await office.person("deputy_head").sees_not(AIM)
    await teacher.presses("Submit", on="may run it")
    await confirm(office, "history_teacher")
    await approve_in_slt(office)
    await office.person("head_teacher").presses("Approve", on=AIM)
    await created(office)

    await teacher.says("accounts")
    assert "One runner only: Only till January." in await teacher.presses("Show ACC-1")
    await office.clock_to("2026-12-24 09:30")
    await office.person("deputy_head").sees("look at the exception again", "slt")


async def test_an_exception_is_refused_with_reasons_and_the_draft_is_kept(office: Office) -> None:
    """The applicant reads why, and goes on with a second runner."""
    teacher = await exception_asked_for(office)

    await office.person("deputy_head").presses("Reject", on="exception asked for", reason="Find a colleague.")
    await office.person("assistant_head").presses("Reject", on="exception asked for", reason="Two are safer.")

    await teacher.sees("No exception was made")
    await teacher.sees("Find a colleague.")
    await teacher.sees("Two are safer.")
    assert "at least two members of staff" in await teacher.refused("Submit", on="No exception was made")
    await office.person("deputy_head").sees_not(AIM)
    await teacher.presses("Edit", on="No exception was made")
    await teacher.fills(**BUSINESS_CASE)
    await teacher.presses("Submit", on="PE teacher")
    await office.person("pe_teacher").sees("will you run")


async def test_an_exception_is_for_the_runner_it_was_granted_for(office: Office) -> None:
    """Naming somebody else alone afterwards asks anew; naming two needs none."""
    teacher = await exception_asked_for(office)
    await approve_in_slt(office, on="exception asked for", reason="Fine until then.")

    await teacher.presses("Edit", on="may run it")
    await teacher.fills(**{**BUSINESS_CASE, "runners": ["deputy_head"]})

    assert "at least two members of staff" in await teacher.refused("Submit", on="Runners: Deputy head")


async def test_no_exception_is_asked_for_with_two_runners(office: Office) -> None:
    """There is no button, and a forged press is refused."""
    teacher = await draft(office)

    sentence = await teacher.refused("Ask SLT for an exception", on="your draft")

    assert "No exception is needed" in sentence
    assert "Ask SLT for an exception" not in await teacher.buttons("your draft")


# Runners -------------------------------------------------------------------------------------


async def test_a_parent_named_in_addition_shows_as_to_confirm(office: Office) -> None:
    """NEW-10: SLT sees that reading and training are still open."""
    await bring_to_slt(office, runners=["history_teacher", "pe_teacher", "Mrs Example"])

    await office.person("deputy_head").sees("Mrs Example – no chat seat, to confirm", "slt")
    await office.person("deputy_head").sees("Approving needs a written reason", "slt")


async def test_each_runner_confirms_with_one_press_and_says_when_they_were_trained(office: Office) -> None:
    """NEW-9: only a runner's own word counts."""
    teacher = await submit(office)
    colleague = office.person("pe_teacher")

    await colleague.sees("History teacher names you as a runner of @BebingtonHistory on X (Twitter)")
    said = await colleague.presses("Confirm", on="will you run", trained=TRAINED)

    assert "your confirmation is recorded" in said
    await teacher.sees("PE teacher confirmed (trained on 12 Sep 2026). Still to confirm: History teacher.")


async def test_nobody_confirms_for_somebody_else(office: Office) -> None:
    """Not even the applicant for a runner, nor a runner twice."""
    await submit(office, runners=["pe_teacher", "new_teacher"])
    await confirm(office, "pe_teacher")

    applicant = await office.person("history_teacher").refused("Confirm", on="APP-1")
    again = await office.person("pe_teacher").refused("Confirm", on="will you run")

    assert "a runner who has not confirmed yet" in applicant
    assert "a runner who has not confirmed yet" in again


async def test_slt_is_asked_only_after_every_runner_has_confirmed(office: Office) -> None:
    """Until then it knows nothing of it."""
    await submit(office)
    deputy = office.person("deputy_head")

    await confirm(office, "history_teacher")
    await deputy.sees_not("APP-1")
    await confirm(office, "pe_teacher")

    await deputy.sees(f"Aim: {AIM}", "slt")
    await deputy.sees("PE teacher – confirmed, read the policy (August 2017), trained 12 Sep 2026", "slt")
    assert await deputy.buttons(AIM) == ("Approve", "Reject", "Ask for changes")


async def test_when_a_runner_declines_the_applicant_names_somebody_else(office: Office) -> None:
    """What the others confirmed stays."""
    teacher = await submit(office)
    await confirm(office, "history_teacher")

    await office.person("pe_teacher").presses("Decline", on="will you run")
    await teacher.sees("PE teacher can't run it")
    await teacher.presses("Edit", on="can't run it")
    await teacher.fills(**{**BUSINESS_CASE, "runners": ["history_teacher", "new_teacher"]})
    await teacher.presses("Submit", on="New teacher")
    await confirm(office, "new_teacher")

    await office.person("deputy_head").sees("New teacher – confirmed", "slt")
    await office.person("deputy_head").sees("History teacher – confirmed", "slt")
    await office.person("deputy_head").sees_not("PE teacher – ")


async def test_approving_while_something_is_missing_needs_a_written_reason(office: Office) -> None:
    """NEW-9 and NEW-10: the reason ends on the register."""
    await submit(office)
    await confirm(office, "history_teacher")
    await office.person("pe_teacher").presses("Confirm", on="will you run")
    await office.person("pe_teacher").fills()
    deputy = office.person("deputy_head")

    await deputy.sees("PE teacher has no training date", "slt")
    await deputy.presses("Approve", on=AIM)
    mend = await deputy.mends(reason="")
    await office.person("assistant_head").presses("Approve", on=AIM, reason="Trained on Friday.")
    await deputy.presses("Approve", on=AIM, reason="Training is booked.")
    await office.person("head_teacher").presses("Approve", on=AIM)
    await created(office)

    assert mend
    await deputy.says("accounts")
    shown = await deputy.presses("Show ACC-1")
    assert "Approved while something was missing: Trained on Friday. Training is booked." in shown


async def created(office: Office, **changes: Json) -> str:
    """Have the administrator create the account."""
    details = {"handle": "@BebingtonHistory", "vault": "Social media / History", "two_step": True, **changes}
    return await office.person("administrator").presses("Created", on=AIM, **details)


@pytest.mark.parametrize("runners", [["history_teacher", "history_teacher"], ["history_teacher", "History teacher"]])
async def test_the_same_runner_twice_is_not_two_runners(office: Office, runners: list[str]) -> None:
    """NEW-6 asks for two people."""
    teacher = office.person("history_teacher")
    await teacher.says("/smpolicy apply")

    mend = await teacher.mends(**{**BUSINESS_CASE, "runners": runners})

    assert "You named History teacher twice. Name different people." in mend


async def test_a_runner_who_is_trained_later_records_it_and_slt_needs_no_reason(office: Office) -> None:
    """NEW-9: SLT sees the date as soon as there is one."""
    await submit(office)
    await confirm(office, "history_teacher")
    colleague, deputy = office.person("pe_teacher"), office.person("deputy_head")
    await colleague.presses("Confirm", on="will you run")
    await colleague.fills()
    await deputy.sees("PE teacher has no training date", "slt")

    await colleague.presses("Record my training", on="will you run", trained="2026-11-23")

    await deputy.sees_not("PE teacher has no training date", "slt")
    await deputy.presses("Approve", on=AIM)
    await deputy.sees("Deputy head approves", "slt")
