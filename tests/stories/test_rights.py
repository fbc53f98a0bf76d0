"""Who may decide, and that nobody else does, whatever they press or type (domain: how an application is decided)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.app import App
from bot.conversation.events import Action, Place
from bot.domain.application_workflow import APPLICATION
from bot.domain.applications import Application
from bot.errors import AssistantError
from tests.offices import OFFICES
from tests.simulator import Client, Json, Office, in_memory, sample_settings
from tests.stories.test_apply import AIM, approve_in_slt, bring_to_slt, draft, exception_asked_for, submit

_WORDS: Json = {
    "reason": "Because.", "trained": "2026-09-01", "decision": "Approve", "day": "2026-11-24", "reference": "Letter",
    "handle": "@Forged", "vault": "Entry", "two_step": True,
}  # fmt: skip
# Who may do something at each step besides the applicant, who may withdraw.
STEPS = {
    "waiting for runners": {"pe_teacher"},
    "SLT considering": {"deputy_head", "assistant_head"},
    "Head considering": {"head_teacher"},
    "creating": {"administrator"},
    "live": set[str](),
}
OWN = ("withdraw", "edit", "submit", "exception")


async def bring_to(office: Office, step: str) -> None:
    """Bring an application to *step*."""
    if step == "waiting for runners":
        await submit(office)
        return
    await bring_to_slt(office)
    if step != "SLT considering":
        await approve_in_slt(office)
    if step in ("creating", "live"):
        await office.person("head_teacher").presses("Approve", on=AIM)
    if step == "live":
        created = {"handle": "@BebingtonHistory", "vault": "Social media / History", "two_step": True}
        await office.person("administrator").presses("Created", on=AIM, **created)


async def case_of(office: Office) -> Application:
    """Return the application as it is stored."""
    case = await office.app.assistant.world.store.get(Application, "APP-1")
    assert case is not None
    return case


@pytest.mark.parametrize("step", STEPS)
async def test_at_no_step_does_a_forged_press_by_somebody_else_move_it(office: Office, step: str) -> None:
    """Rights are judged at the press: every move of the table, by everybody whom it does not name."""
    await bring_to(office, step)
    before = await case_of(office)
    assert before.state == step

    for person in office.settings.persons:
        if person.id in STEPS[step] or person.contact_only:
            continue
        for move in dict.fromkeys(row.move for row in APPLICATION.transitions):
            own = person.id == "history_teacher" and (move in OWN or step == "waiting for runners")
            for words in () if own else (None, _WORDS):
                event = Action("forged", person.id, Place("dm"), f"applications.{move}", "APP-1", "", words)
                with pytest.raises(AssistantError):
                    await office.app.assistant.handle(event)

    assert await case_of(office) == before


async def test_an_exception_goes_with_the_runner_who_declines(office: Office) -> None:
    """G7: it was for this application with that one runner, so no card goes on saying that one is enough."""
    teacher = await exception_asked_for(office)
    await approve_in_slt(office, on="Reason for an exception", reason="For one term.")
    await teacher.presses("Submit", on="may run it")

    (runner,) = (await case_of(office)).runners
    await office.person(runner).presses("Decline", on="will you run")

    assert (await case_of(office)).exception_granted == ""
    assert "One member of staff may run it" not in await teacher.latest("dm")


@pytest.mark.parametrize("typed", ["not approved", "did not approve", "no, never approve"])
async def test_words_that_deny_a_decision_are_not_taken_for_it(office: Office, typed: str) -> None:
    """A typed "not approved" must never be recorded as the chair's approval."""
    runners = ["history_teacher", "head_teacher"]
    await bring_to_slt(office, runners=runners)
    await approve_in_slt(office)
    deputy = office.person("deputy_head")
    await deputy.presses("Record the chair's decision", on=AIM)

    mend = await deputy.mends(decision=typed, day="2026-11-24", reference="Letter of today", reason=None)

    assert "Please choose one of: Approve; Reject." in mend
    assert (await case_of(office)).state == "Head considering"


@pytest.fixture(params=sorted(OFFICES))
async def office_with_leaver(request: pytest.FixtureRequest, tmp_path: Path) -> Office:
    """A school whose PE teacher leaves at the end of 25 November, on each platform."""
    settings = sample_settings(tmp_path)
    people = tuple(
        replace(each, person=replace(each.person, left=date(2026, 11, 25))) if each.person.id == "pe_teacher" else each
        for each in settings.people
    )
    return OFFICES[request.param](replace(settings, people=people), in_memory(), App)


async def test_slt_sees_that_a_runner_has_left_and_says_why_it_is_satisfied(office_with_leaver: Office) -> None:
    """NEW-6 and NEW-9: two were named when it was sent, and one of them is gone before SLT votes."""
    office = office_with_leaver
    await office.open()
    try:
        await bring_to_slt(office)
        await office.clock_to("2026-11-26 09:00")

        deputy: Client = office.person("deputy_head")
        await deputy.presses("Approve", on=AIM)
        await deputy.fills(reason="A second runner is being named.")

        assert (await case_of(office)).waiver == "A second runner is being named."
    finally:
        await office.leave()


async def test_a_handle_or_a_name_writes_no_further_line_on_a_card(office: Office) -> None:
    """What people type is literal: a line that SLT never said must not stand on SLT's card."""
    forged = "@BebingtonHistory\u202e\nSLT: approved by the Head"
    teacher = await draft(office, handle=forged, runners=["history_teacher", "pe_teacher", "Mrs X\nHead: yes (parent)"])

    card = await teacher.latest("dm")

    assert "\nSLT: approved" not in card
    assert "\nHead: yes" not in card
    assert "\u202e" not in card
