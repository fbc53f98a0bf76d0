"""Deciding on an application: SLT's votes, the Head, whoever acts for them, the chair, and the administrator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.conversation.events import Action, Place
from bot.domain.people import Person, Role
from bot.errors import AssistantError
from bot.settings.shapes import Listed
from tests.offices import OFFICES
from tests.simulator import Client, Office, in_memory, sample_settings
from tests.stories.test_apply import (
    AIM,
    BUSINESS_CASE,
    approve_in_slt,
    bring_to_slt,
    confirm,
    created,
    draft,
    exception_asked_for,
    submit,
)

MOVED_ON = "has moved on"


@pytest.fixture(params=sorted(OFFICES))
async def wide_office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    """A school with three in SLT besides the Head, on each platform."""
    settings = sample_settings(tmp_path)
    third = Person("second_deputy", "Second deputy", frozenset({Role.STAFF, Role.SLT}))
    opened = OFFICES[request.param](replace(settings, people=(*settings.people, Listed(third))), in_memory(), App)
    await opened.open()
    yield opened
    await opened.leave()


async def bring_to_head(office: Office, applicant: str = "history_teacher") -> Client:
    """Have somebody apply, the runners confirm and SLT approve."""
    person = await bring_to_slt(office, applicant)
    await approve_in_slt(office)
    return person


async def name_acting_head(office: Office, who: str, first: str, last: str) -> None:
    """Have the Head name somebody."""
    head = office.person("head_teacher")
    await head.says("/smpolicy acting")
    await head.presses("Name an acting head", person=[who], first=first, last=last)


async def labels(person: Client, on: str = AIM) -> tuple[str, ...]:
    """Return what the person may press on the newest card that shows the business case."""
    return await person.buttons(on)


# SLT -----------------------------------------------------------------------------------------


async def test_two_votes_to_approve_bring_it_to_the_head(office: Office) -> None:
    """SLT-6 and G1: one vote is not enough, and the Head decides next."""
    teacher = await bring_to_slt(office)
    head = office.person("head_teacher")

    await office.person("deputy_head").presses("Approve", on=AIM)
    await head.sees_not("The Head decides next", "dm")
    said = await office.person("assistant_head").presses("Approve", on=AIM)

    assert "SLT approves. The Head decides next." in said
    await head.sees("SLT approves. The Head decides next.", "dm")
    await teacher.sees("APP-1: Head considering")
    assert await labels(head) == ("Approve", "Reject")


async def test_the_head_has_no_vote_in_slt(office: Office) -> None:
    """G1: the Head's click never counts as both."""
    await bring_to_slt(office)
    head = office.person("head_teacher")

    sentence = await head.refused("Approve", on=AIM)

    assert sentence == "Only a member of SLT who is not the Head can do this. Nothing was changed."
    assert await labels(head) == ()


async def test_slt_rejects_by_quorum_and_the_applicant_reads_every_reason(office: Office) -> None:
    """NEW-8 and G22: rejected without the Head; applying again is welcome."""
    teacher = await bring_to_slt(office)

    await office.person("deputy_head").presses("Reject", on=AIM, reason="We have two history accounts.")
    await teacher.sees_not("APP-1: rejected")
    await office.person("assistant_head").presses("Reject", on=AIM, reason="The newsletter is enough.")

    await teacher.sees("APP-1: rejected")
    await teacher.sees("Deputy head rejects: We have two history accounts.")
    await teacher.sees("Assistant head rejects: The newsletter is enough.")
    await office.person("head_teacher").sees_not(AIM, "dm")
    assert "Apply again" in await teacher.buttons("You are welcome to revise it")


async def test_a_rejected_application_is_revised_and_sent_again(office: Office) -> None:
    """G22: with its answers, as a new application; the old one keeps its history."""
    teacher = await bring_to_slt(office)
    await office.person("deputy_head").presses("Reject", on=AIM, reason="We have two history accounts.")
    await office.person("assistant_head").presses("Reject", on=AIM, reason="The newsletter is enough.")

    await teacher.presses("Apply again", on="You are welcome to revise it")
    shown = await teacher.fills(**{**BUSINESS_CASE, "handle": "@BebingtonPast"})

    assert "APP-2: your draft" in shown
    assert "Handle: @BebingtonPast" in shown
    await teacher.says("my")
    assert "We have two history accounts." in await teacher.presses("Show APP-1")


async def test_both_kinds_of_vote_are_a_disagreement_that_is_referred_to_the_head(office: Office) -> None:
    """Domain 2.1; the Head reads that SLT disagreed, and so does the record."""
    teacher = await bring_to_slt(office)
    deputy, assistant = office.person("deputy_head"), office.person("assistant_head")
    await deputy.presses("Approve", on=AIM)

    await assistant.presses("Reject", on=AIM, reason="Too many accounts.")
    await teacher.sees("SLT disagrees")
    assert "Refer to Head" not in await labels(teacher)
    await deputy.presses("Refer to Head", on=AIM)

    head = office.person("head_teacher")
    await head.sees("SLT disagrees and refers it to the Head. The Head decides next.", "dm")
    await head.sees("Assistant head rejects: Too many accounts.", "dm")
    await head.presses("Approve", on=AIM)
    await teacher.sees("Approved by the Head, to whom SLT referred it.")


async def test_a_disagreement_is_settled_by_asking_for_changes(office: Office) -> None:
    """Any of them may."""
    teacher = await bring_to_slt(office)
    await office.person("deputy_head").presses("Approve", on=AIM)
    await office.person("assistant_head").presses("Reject", on=AIM, reason="Too many accounts.")

    await office.person("assistant_head").presses("Ask for changes", on=AIM, reason="Join the humanities account.")

    await teacher.sees("SLT asks for changes")
    await teacher.sees("Assistant head: Join the humanities account.")


async def test_a_vote_is_changed_before_the_decision(office: Office) -> None:
    """The later one counts, and only one."""
    await bring_to_slt(office)
    deputy, assistant = office.person("deputy_head"), office.person("assistant_head")

    await deputy.presses("Reject", on=AIM, reason="Too many accounts.")
    await deputy.presses("Approve", on=AIM)
    await deputy.presses("Approve", on=AIM)
    await deputy.sees_not("The Head decides next", "slt")
    await assistant.presses("Approve", on=AIM)

    await deputy.sees("SLT approves. The Head decides next.", "slt")
    await deputy.sees("Deputy head rejected: Too many accounts.", "slt")


async def test_a_disagreement_ends_when_a_vote_is_changed(office: Office) -> None:
    """Votes may change until the matter is decided."""
    await bring_to_slt(office)
    await office.person("deputy_head").presses("Approve", on=AIM)
    await office.person("assistant_head").presses("Reject", on=AIM, reason="Too many accounts.")

    await office.person("assistant_head").presses("Approve", on=AIM)

    await office.person("head_teacher").sees("SLT approves. The Head decides next.", "dm")


async def test_after_changes_votes_start_again_and_the_history_stays(office: Office) -> None:
    """Asked at any time before the decision; resubmitted without asking the runners once more."""
    teacher = await bring_to_slt(office)
    deputy = office.person("deputy_head")
    await office.person("assistant_head").presses("Approve", on=AIM)

    await deputy.presses("Ask for changes", on=AIM, reason="Say how parents hear of it.")
    await teacher.presses("Edit", on="SLT asks for changes")
    await teacher.fills(**{**BUSINESS_CASE, "promotion": "At the parents' evening."})
    await deputy.sees_not("At the parents' evening.")
    await teacher.presses("Submit", on="parents' evening")

    await deputy.sees("At the parents' evening.", "slt")
    await deputy.sees("Votes needed: 2 of 2; none so far.", "slt")
    await deputy.sees("Deputy head asked for changes: Say how parents hear of it.", "slt")
    await deputy.presses("Approve", on=AIM)
    await office.person("head_teacher").sees_not("The Head decides next", "dm")


async def test_two_of_three_are_enough(wide_office: Office) -> None:
    """`slt_quorum` is two."""
    await bring_to_slt(wide_office)

    await approve_in_slt(wide_office, "second_deputy", "assistant_head")

    await wide_office.person("head_teacher").sees("SLT approves. The Head decides next.", "dm")
    assert await wide_office.person("deputy_head").refused("Reject", on=AIM, reason="Too late?") == (
        "APP-1 has moved on: it is with the Head now, so nothing was changed. Look at its newest card."
    )


# Recused -------------------------------------------------------------------------------------


async def test_an_applicant_in_slt_has_no_vote_and_a_forged_press_is_refused(office: Office) -> None:
    """G3: recused by identity, and the quorum shrinks to those who are left."""
    deputy = await bring_to_slt(office, "deputy_head")

    assert [each.buttons for each in await deputy.screen() if each.place == "slt"] == [()]
    sentences = [
        await deputy.refused("Approve", on=AIM),
        await deputy.refused("Reject", on=AIM, reason="Never mind."),
        await deputy.refused("Ask for changes", on=AIM, reason="Never mind."),
    ]

    assert all("your own application, so somebody else decides" in each for each in sentences)
    await office.person("assistant_head").sees("Votes needed: 1 of 1", "slt")
    await office.person("assistant_head").presses("Approve", on=AIM)
    await office.person("head_teacher").sees("SLT approves. The Head decides next.", "dm")


async def test_a_runner_in_slt_has_no_vote_and_a_forged_press_is_refused(office: Office) -> None:
    """G3: named runners are as involved as the applicant."""
    await bring_to_slt(office, runners=["deputy_head", "pe_teacher"])
    deputy = office.person("deputy_head")

    sentence = await deputy.refused("Approve", on=AIM)

    assert "You are named as a runner of APP-1, so somebody else decides" in sentence
    assert [each.buttons for each in await deputy.screen() if each.place == "slt"] == [()]
    assert await labels(office.person("assistant_head")) == ("Approve", "Reject", "Ask for changes")


async def test_nobody_outside_slt_votes(office: Office) -> None:
    """Whoever holds a card of it and forges the press."""
    teacher = await bring_to_slt(office)

    applicant = await teacher.refused("Approve", on=AIM)
    runner = await office.person("pe_teacher").refused("Approve", on="APP-1")

    assert "your own application" in applicant
    assert "You are named as a runner" in runner
    await office.person("deputy_head").sees("none so far", "slt")


async def test_the_chair_decides_where_nobody_in_slt_may(office: Office) -> None:
    """Domain 2.1: the DSL, who is not involved, records decision, date and reference; the record says so."""
    teacher = await bring_to_slt(office, "new_teacher", runners=["deputy_head", "assistant_head"])
    dsl = office.person("dsl")

    await dsl.sees("Nobody in SLT may decide on this, so the chair of governors does.", "dm")
    await dsl.sees("Phone the chair of governors on 0151 496 0105", "dm")
    assert "is named as a runner" not in await office.person("deputy_head").latest("slt")
    for involved in ("deputy_head", "assistant_head"):
        assert await labels(office.person(involved)) == ()
        assert "so somebody else decides" in await office.person(involved).refused("Approve", on=AIM)
    await dsl.presses(
        "Record the chair's decision", on=AIM, decision="Approve", day="2026-11-24", reference="E-mail of 24 November"
    )

    await office.person("head_teacher").sees("The chair of governors approves in SLT's place. The Head decides next.")
    await teacher.sees("Chair of governors: Approve on 24 Nov 2026, reference E-mail of 24 November")
    await office.person("head_teacher").presses("Approve", on=AIM)
    await teacher.sees("Approved by the chair of governors and the Head.")


async def test_whoever_is_involved_does_not_record_the_chairs_decision(office: Office) -> None:
    """Nor does anybody outside SLT and safeguarding."""
    await bring_to_slt(office, "new_teacher", runners=["deputy_head", "assistant_head"])

    deputy = await office.person("deputy_head").refused("Record the chair's decision", on=AIM)
    applicant = await office.person("new_teacher").refused("Record the chair's decision", on="APP-1")

    assert "You are named as a runner of APP-1" in deputy
    assert "your own application" in applicant


async def test_the_chair_rejects_and_the_record_carries_the_reason(office: Office) -> None:
    """What the chair decided is recorded, and by whom."""
    teacher = await bring_to_slt(office, "new_teacher", runners=["deputy_head", "assistant_head"])

    await office.person("dsl").presses(
        "Record the chair's decision", on=AIM, decision="Reject", day="2026-11-23", reference="Minute 7",
        reason="Teachers should run it.",
    )  # fmt: skip

    await teacher.sees("APP-1: rejected")
    await teacher.sees("Chair of governors: Reject on 23 Nov 2026, reference Minute 7. Teachers should run it.")
    assert MOVED_ON in await office.person("dsl").refused("Record the chair's decision", on=AIM)


async def test_the_chair_grants_an_exception_where_nobody_in_slt_may(office: Office) -> None:
    """The DSL reads the reason and only that, and is reminded like SLT."""
    deputy = await draft(office, "deputy_head", runners=["assistant_head"])
    await deputy.presses("Ask SLT for an exception", on="your draft", reason="A colleague joins after Christmas.")
    dsl = office.person("dsl")

    await office.clock_to("2026-11-25 09:00")
    await dsl.sees("Reminder – APP-1: exception asked for", "dm")
    await dsl.presses(
        "Record the chair's decision",
        on="Only an exception",
        decision="Approve",
        day="2026-11-25",
        reference="Minute 7",
    )

    await deputy.sees("One member of staff may run it. Press Submit to go on.")
    await deputy.sees("One runner, by exception: Chair of governors: Approve on 25 Nov 2026, reference Minute 7")
    await dsl.sees("A colleague joins after Christmas.")
    await dsl.sees_not(AIM)


async def test_the_chairs_decision_is_not_dated_in_the_future(office: Office) -> None:
    """It has to be made before it is recorded."""
    await bring_to_slt(office, "new_teacher", runners=["deputy_head", "assistant_head"])
    dsl = office.person("dsl")

    await dsl.presses("Record the chair's decision", on=AIM)
    mend = await dsl.mends(decision="Approve", day="2026-11-25", reference="E-mail")

    assert "25 November 2026 has not come yet" in mend


async def test_where_the_head_is_a_runner_the_chair_takes_their_step(office: Office) -> None:
    """G3: the Head has no button; SLT and the DSL are told whom to phone."""
    teacher = await bring_to_slt(office, runners=["history_teacher", "head_teacher"])
    head, dsl = office.person("head_teacher"), office.person("dsl")

    await approve_in_slt(office)

    await dsl.sees("The Head is involved, so the chair of governors decides next.", "dm")
    await dsl.sees("Phone the chair of governors on 0151 496 0105", "dm")
    assert "so somebody else decides" in await head.refused("Approve", on=AIM)
    await dsl.presses(
        "Record the chair's decision", on=AIM, decision="Approve", day="2026-11-24", reference="Letter of today"
    )
    await teacher.sees("Approved by SLT and the chair of governors.")
    await teacher.sees("Designated safeguarding lead recorded a decision: Chair of governors: Approve on 24 Nov 2026")


async def test_an_acting_head_does_not_stand_in_where_the_head_is_involved(office: Office) -> None:
    """That step is the chair's."""
    await name_acting_head(office, "administrator", "2026-11-24", "2026-11-27")
    await bring_to_slt(office, runners=["history_teacher", "head_teacher"])
    await approve_in_slt(office)

    await office.person("administrator").says("my")

    assert "Nothing open" in await office.person("administrator").latest()


# The Head ------------------------------------------------------------------------------------


async def test_the_head_rejects_with_a_reason(office: Office) -> None:
    """NEW-8 and ADM-1."""
    teacher = await bring_to_head(office)

    await office.person("head_teacher").presses("Reject", on=AIM, reason="Not this year.")

    await teacher.sees("Head teacher: Not this year.")
    await office.person("administrator").sees_not(AIM)


async def test_the_head_approves_and_a_reason_that_came_along_is_kept(office: Office) -> None:
    """Approving needs no words; what is written all the same stays on the record."""
    teacher = await bring_to_head(office)

    await office.person("head_teacher").presses("Approve", on=AIM)

    await teacher.sees("Approved by SLT and the Head. The account administrator creates it next.")
    await office.person("administrator").sees("Then press Created")


async def test_an_acting_head_named_beforehand_decides_and_the_card_says_so(office: Office) -> None:
    """G2: with first and last day."""
    await name_acting_head(office, "dsl", "2026-11-24", "2026-11-27")
    teacher = await bring_to_head(office)
    acting = office.person("dsl")

    await acting.sees("You decide as acting head.", "dm")
    await acting.presses("Approve", on=AIM)

    await teacher.sees("Approved by SLT and Designated safeguarding lead, acting for the Head Teacher.")
    await acting.sees("Designated safeguarding lead, acting for the Head Teacher, approved")


async def test_an_acting_head_decides_on_no_other_date(office: Office) -> None:
    """The day after the last is one too many, and so is the day before the first."""
    await name_acting_head(office, "dsl", "2026-11-25", "2026-11-26")
    await bring_to_head(office)
    dsl = office.person("dsl")

    await dsl.sees_not(AIM)
    await office.clock_to("2026-11-26 09:00")
    await dsl.says("my")
    await dsl.presses("Show APP-1")
    assert await labels(dsl) == ("Approve", "Reject")
    await office.clock_to("2026-11-27 09:00")

    assert "Only the Head, or whoever was named to act for the Head" in await dsl.refused("Approve", on=AIM)


async def test_an_acting_head_who_voted_does_not_decide(office: Office) -> None:
    """Domain 2.1: nobody takes both steps."""
    await name_acting_head(office, "deputy_head", "2026-11-24", "2026-11-27")
    await bring_to_head(office)
    deputy = office.person("deputy_head")

    sentence = await deputy.refused("Approve", on=AIM)

    assert "You voted on APP-1 in SLT, so the Head or somebody else acting decides." in sentence
    assert await labels(deputy) == ()
    await deputy.sees_not("You decide as acting head")


async def test_an_acting_head_who_runs_the_account_does_not_decide(office: Office) -> None:
    """Recused by identity, on both steps."""
    await name_acting_head(office, "pe_teacher", "2026-11-24", "2026-11-27")
    await bring_to_head(office)

    sentence = await office.person("pe_teacher").refused("Approve", on="APP-1")

    assert "You are named as a runner of APP-1" in sentence


async def test_only_the_head_names_who_acts_for_them(office: Office) -> None:
    """Others read who is named."""
    await name_acting_head(office, "dsl", "2026-11-25", "2026-11-26")
    deputy = office.person("deputy_head")

    said = await deputy.says("/smpolicy acting")

    assert "Designated safeguarding lead: 25 Nov 2026 to 26 Nov 2026" in said
    assert "Name an acting head" not in await deputy.buttons("Acting head")


async def test_the_head_names_neither_themselves_nor_a_day_that_has_passed(office: Office) -> None:
    """Beforehand, with dates, and somebody else."""
    head = office.person("head_teacher")
    await head.says("/smpolicy acting")

    await head.presses("Name an acting head")
    past = await head.mends(person=["dsl"], first="2026-11-23", last="2026-11-27")

    assert "23 November 2026 has passed" in past


@pytest.mark.parametrize(
    ("answers", "mend"),
    [
        ({"person": ["head_teacher"], "first": "2026-11-25", "last": "2026-11-26"}, "Name one other member of staff"),
        ({"person": ["dsl", "deputy_head"], "first": "2026-11-25", "last": "2026-11-26"}, "Name one other member"),
        ({"person": ["dsl"], "first": "2026-11-26", "last": "2026-11-25"}, "has to be 26 November 2026 or later"),
    ],
    ids=["themselves", "two", "backwards"],
)
async def test_an_acting_head_is_one_other_person_for_days_in_order(
    office: Office, answers: dict[str, Any], mend: str
) -> None:
    """Nothing is recorded until it can be taken."""
    head = office.person("head_teacher")
    await head.says("/smpolicy acting")
    await head.presses("Name an acting head")

    said = await head.mends(**answers)

    assert mend in said
    assert "Nobody is named" in await office.person("deputy_head").says("/smpolicy acting")


# At once -------------------------------------------------------------------------------------


async def tries(person: Client, label: str, on: str) -> str:
    """Press, and return what was said, be it a refusal."""
    try:
        return await person.presses(label, on)
    except (AssertionError, AssistantError):
        return await person.refused(label, on)


async def test_two_decisions_at_once_are_one_and_the_second_is_told(durable_office: Office) -> None:
    """The Head and the acting head press in the same moment."""
    await name_acting_head(durable_office, "dsl", "2026-11-24", "2026-11-27")
    teacher = await bring_to_head(durable_office)

    said = await asyncio.gather(
        tries(durable_office.person("head_teacher"), "Approve", AIM),
        tries(durable_office.person("dsl"), "Approve", AIM),
    )

    assert sorted(MOVED_ON in each for each in said) == [False, True]
    assert sorted("Recorded. Approved by SLT and" in each for each in said) == [False, True]
    texts = [each.text for each in await teacher.screen() if each.text.startswith("APP-1: creating")]
    assert len(texts) == 1
    tasks = [each.text for each in await durable_office.person("administrator").screen() if "Then press" in each.text]
    assert len(tasks) == 1


async def test_two_votes_at_once_both_count(durable_office: Office) -> None:
    """Neither overwrites the other."""
    await bring_to_slt(durable_office)

    await asyncio.gather(
        durable_office.person("deputy_head").presses("Approve", on=AIM),
        durable_office.person("assistant_head").presses("Approve", on=AIM),
    )

    head = durable_office.person("head_teacher")
    await head.sees("Deputy head approves", "dm")
    await head.sees("Assistant head approves", "dm")
    assert [each.text for each in await head.screen() if each.place == "dm"].count(await head.latest("dm")) == 1


# The administrator ---------------------------------------------------------------------------


async def test_the_administrator_creates_it_and_the_register_has_it(office: Office) -> None:
    """ADM-1 to ADM-3: a pointer to the vault, two-step sign-in on, and one person responsible."""
    teacher = await bring_to_head(office)
    await office.person("head_teacher").presses("Approve", on=AIM)

    await created(office, handle="@BebHistory")

    await teacher.sees("@BebHistory on X (Twitter) is live and in the register as ACC-1")
    await office.person("pe_teacher").sees("@BebHistory on X (Twitter) is live")
    assert "@BebHistory on X (Twitter) (ACC-1) – run by History teacher, PE teacher" in await teacher.says("accounts")
    shown = await teacher.presses("Show ACC-1")
    for fact in (
        "Responsible: History teacher", "Two-step sign-in: on", "Password vault entry: Social media / History",
        "Administrator: Account administrator", "Created: 24 Nov 2026, from APP-1", "Policy: August 2017",
    ):  # fmt: skip
        assert fact in shown


async def test_the_vault_entry_is_shown_only_to_those_who_need_it(office: Office) -> None:
    """ADM-2."""
    await bring_to_head(office)
    await office.person("head_teacher").presses("Approve", on=AIM)
    await created(office)
    stranger = office.person("new_teacher")

    await stranger.says("accounts")
    shown = await stranger.presses("Show ACC-1")

    assert "Run by: History teacher, PE teacher" in shown
    assert "Social media / History" not in shown


async def test_nothing_is_created_without_two_step_sign_in(office: Office) -> None:
    """What was entered is kept meanwhile."""
    await bring_to_head(office)
    await office.person("head_teacher").presses("Approve", on=AIM)
    administrator = office.person("administrator")

    await administrator.presses("Created", on=AIM)
    mend = await administrator.mends(handle="@BebHistory", vault="Social media / History", two_step=False)

    assert "Turn two-step sign-in on first" in mend
    assert "empty" in await administrator.says("/smpolicy accounts")


async def test_nothing_is_created_before_both_steps(office: Office) -> None:
    """ADM-1: not after SLT alone, and not by anybody else."""
    await bring_to_head(office)

    early = await office.person("head_teacher").refused("Created", on=AIM, handle="@a", vault="b", two_step=True)
    await office.person("head_teacher").presses("Approve", on=AIM)
    other = await office.person("head_teacher").refused("Created", on=AIM, handle="@a", vault="b", two_step=True)

    assert MOVED_ON in early
    assert "Only the account administrator can do this" in other


async def test_an_administrator_who_applied_lets_somebody_else_hold_the_second_key(office: Office) -> None:
    """G44."""
    await bring_to_slt(office, "administrator")
    await approve_in_slt(office)

    await office.person("head_teacher").presses("Approve", on=AIM)

    await office.person("administrator").sees("let somebody else hold the second key")


# Withdrawing ---------------------------------------------------------------------------------


async def asked_for_changes(office: Office) -> Client:
    """Bring it back to the applicant."""
    teacher = await bring_to_slt(office)
    await office.person("deputy_head").presses("Ask for changes", on=AIM, reason="Say more.")
    return teacher


async def disagreed(office: Office) -> Client:
    """Let SLT disagree."""
    teacher = await bring_to_slt(office)
    await office.person("deputy_head").presses("Approve", on=AIM)
    await office.person("assistant_head").presses("Reject", on=AIM, reason="Too many.")
    return teacher


async def approved(office: Office) -> Client:
    """Let SLT and the Head approve."""
    teacher = await bring_to_head(office)
    await office.person("head_teacher").presses("Approve", on=AIM)
    return teacher


@pytest.mark.parametrize(
    "stage", [draft, exception_asked_for, submit, bring_to_slt, asked_for_changes, disagreed, bring_to_head, approved]
)
async def test_the_applicant_withdraws_at_any_open_step(
    office: Office, stage: Callable[[Office], Awaitable[Client]]
) -> None:
    """Whoever had it before them finds no buttons any more, and nothing reminds them."""
    teacher = await stage(office)

    await teacher.presses("Withdraw", on=AIM)
    await office.clock_to("2026-12-07 09:00")

    assert "Withdrawn by the applicant." in await teacher.latest()
    assert await labels(teacher) == ()
    for other in ("pe_teacher", "deputy_head", "head_teacher", "administrator"):
        person = office.person(other)
        assert not {label for each in await person.screen() for label in each.buttons} & {
            "Approve", "Reject", "Ask for changes", "Confirm", "Decline", "Created", "Refer to Head",
        }  # fmt: skip
        await person.sees_not("Reminder")


async def test_nobody_else_withdraws_an_application(office: Office) -> None:
    """Only the applicant."""
    await bring_to_slt(office)

    sentence = await office.person("deputy_head").refused("Withdraw", on=AIM)

    assert sentence == "Only the applicant can do this. Nothing was changed."


async def test_buttons_of_an_application_that_has_moved_on_are_refused(office: Office) -> None:
    """With a sentence that says where it stands."""
    await bring_to_head(office)
    await office.person("head_teacher").presses("Approve", on=AIM)

    late = await office.person("deputy_head").refused("Reject", on=AIM, reason="I changed my mind.")
    twice = await office.person("head_teacher").refused("Approve", on=AIM)

    assert late == (
        "APP-1 has moved on: it is approved and with the account administrator, who creates it now, "
        "so nothing was changed. Look at its newest card."
    )
    assert MOVED_ON in twice


async def test_the_applicant_is_told_at_each_step_and_once(office: Office) -> None:
    """From the runners to the register."""
    teacher = await bring_to_head(office)
    await office.person("head_teacher").presses("Approve", on=AIM)
    await created(office)

    titles = [each.text.partition("\n")[0] for each in await teacher.screen()]

    for state in ("SLT considering", "Head considering", "creating", "live"):
        assert titles.count(f"APP-1: {state}") == 1, state


async def test_news_that_comes_late_is_told_once_and_as_it_stands(office: Office) -> None:
    """Where several steps were made before the first could be told, the last is what counts."""
    teacher = await bring_to_slt(office)
    steps = (("deputy_head", "slt"), ("assistant_head", "slt"), ("head_teacher", "dm"))

    for number, (who, place) in enumerate(steps):
        await office.app.assistant.handle(Action(f"e-{number}", who, Place(place), "applications.approve", "APP-1"))
    await office.app.worker.deliver_due()

    titles = [each.text.partition("\n")[0] for each in await teacher.screen()]
    assert titles.count("APP-1: creating") == 1


# Waiting -------------------------------------------------------------------------------------


async def friday(office: Office) -> None:
    """Let it be Friday afternoon."""
    await office.clock_to("2026-11-27 15:00")


async def test_a_pending_vote_is_reminded_of_on_the_next_working_day(office: Office) -> None:
    """A school target, not the policy's; weekends stay quiet."""
    await friday(office)
    await bring_to_slt(office)
    deputy = office.person("deputy_head")

    await office.clock_to("2026-11-29 12:00")
    await deputy.sees_not("Reminder")
    await office.clock_to("2026-11-30 09:00")

    await deputy.sees("Reminder: this has waited since Fri 27 Nov 2026, 15:00.", "slt")
    await deputy.sees("the policy sets no time", "slt")
    assert await labels(deputy) == ("Approve", "Reject", "Ask for changes")


@pytest.mark.parametrize(
    ("stage", "who"),
    [(submit, "pe_teacher"), (bring_to_head, "head_teacher"), (approved, "administrator")],
    ids=["runner", "head", "administrator"],
)
async def test_whoever_is_next_is_reminded(
    office: Office, stage: Callable[[Office], Awaitable[Client]], who: str
) -> None:
    """Runners, the Head and the administrator too."""
    await friday(office)
    await stage(office)
    before = len(await office.person(who).screen())

    await office.clock_to("2026-11-30 09:00")

    assert len(await office.person(who).screen()) == before + 1
    assert "Reminder: this has waited since Fri 27 Nov 2026, 15:00." in await office.person(who).latest("dm")
    assert AIM in await office.person(who).latest("dm")


async def test_waiting_escalates_and_never_decides(office: Office) -> None:
    """Domain 2.1 and 5.12: after weeks the application still waits, and the Head knows that it is stuck."""
    teacher = await bring_to_slt(office)

    for moment in ("2026-11-25 09:00", "2026-11-26 09:00", "2026-11-27 09:00", "2026-12-18 09:00"):
        await office.clock_to(moment)

    await office.person("head_teacher").sees("APP-1 is stuck", "dm")
    await teacher.sees("Waiting never approves anything: somebody has to decide.")
    assert await labels(office.person("deputy_head")) == ("Approve", "Reject", "Ask for changes")
    await office.person("administrator").sees_not("APP-1")


async def test_a_head_who_does_not_decide_is_escalated_with_the_chairs_number(office: Office) -> None:
    """G2: the chair has no seat, so SLT and the applicant read whom to phone."""
    teacher = await bring_to_head(office)

    await office.clock_to("2026-11-27 09:00")

    await office.person("deputy_head").sees("APP-1 is stuck", "slt")
    words = "If the Head can't be reached, tell the chair of governors on 0151 496 0105."
    await office.person("deputy_head").sees(words, "slt")
    await office.person("deputy_head").sees_not("then record the decision")
    await teacher.sees("APP-1 is stuck")


async def test_a_reminder_falls_silent_once_it_has_moved_on(office: Office) -> None:
    """Nobody is told to do what is done."""
    await friday(office)
    await bring_to_slt(office)
    await approve_in_slt(office)
    await office.person("head_teacher").presses("Reject", on=AIM, reason="Not this year.")

    await office.clock_to("2026-11-30 09:00")
    await office.clock_to("2026-12-07 09:00")

    for person in ("history_teacher", "deputy_head", "head_teacher", "administrator"):
        await office.person(person).sees_not("Reminder")
        await office.person(person).sees_not("stuck")


async def test_reminders_wait_for_the_end_of_the_school_holidays(office: Office) -> None:
    """Nudges are welcome on school days; Christmas is none."""
    await office.clock_to("2026-12-18 15:00")
    await bring_to_slt(office)

    await office.clock_to("2026-12-31 09:00")
    await office.person("deputy_head").sees_not("Reminder")
    await office.clock_to("2027-01-04 09:00")

    await office.person("deputy_head").sees("Reminder", "slt")


async def test_a_runner_who_has_confirmed_is_not_reminded(office: Office) -> None:
    """Only those who are still to confirm."""
    await friday(office)
    await submit(office)
    await confirm(office, "pe_teacher")
    before = len(await office.person("pe_teacher").screen())

    await office.clock_to("2026-11-30 09:00")

    assert len(await office.person("pe_teacher").screen()) == before
    await office.person("history_teacher").sees("will you run")
