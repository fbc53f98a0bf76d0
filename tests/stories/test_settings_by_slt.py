"""People talking about the school's own settings."""

from __future__ import annotations

from tests.simulator import Office


async def test_slt_changes_how_many_votes_decide_and_the_change_is_recorded(office: Office) -> None:
    deputy, assistant, teacher = map(office.person, ("deputy_head", "assistant_head", "history_teacher"))

    await deputy.says("/smpolicy settings")
    proposed = await deputy.presses(
        "Change a setting", setting="SLT votes that decide an application", value="1", reason="One of us is away."
    )
    before = await teacher.says("/smpolicy settings")
    await assistant.says("/smpolicy settings")
    changed = await assistant.presses("Confirm: SLT votes that decide an application, 1")

    assert "once another member of SLT" in proposed
    assert "SLT votes that decide an application: 2" in before
    assert "1 from now on" in changed
    after = await teacher.says("/smpolicy settings")
    assert "changed by Deputy head, confirmed by Assistant head, on 24 Nov 2026: One of us is away." in after


async def test_nobody_in_slt_changes_the_rules_alone(office: Office) -> None:
    deputy = office.person("deputy_head")
    await deputy.says("/smpolicy settings")
    await deputy.presses(
        "Change a setting", setting="SLT votes that decide an application", value="1", reason="To be quick."
    )

    shown = await deputy.says("/smpolicy settings")

    assert "SLT votes that decide an application: 2" in shown
    assert "Confirm: SLT votes that decide an application, 1" not in await deputy.buttons("settings")


async def test_a_change_outlives_a_restart(durable_office: Office) -> None:
    deputy = durable_office.person("deputy_head")
    await deputy.says("settings")
    await deputy.presses("Change a setting", setting="Days that an unfinished form is kept", value="10", reason="Tidy.")
    assistant = durable_office.person("assistant_head")
    await assistant.says("settings")
    await assistant.presses("Confirm: Days that an unfinished form is kept, 10")

    await durable_office.restarts()

    assert "Days that an unfinished form is kept: 10" in await deputy.says("settings")


async def test_a_proposal_that_was_swapped_is_not_confirmed(office: Office) -> None:
    deputy, assistant = office.person("deputy_head"), office.person("assistant_head")
    await deputy.says("/smpolicy settings")
    proposal = {"setting": "SLT votes that decide an application", "reason": "Tidy."}
    await deputy.presses("Change a setting", value="2", **proposal)
    await assistant.says("/smpolicy settings")
    await deputy.presses("Change a setting", value="1", **proposal)

    sentence = await assistant.refused("Confirm: SLT votes that decide an application, 2")

    assert "The proposal has changed since you read it" in sentence
    assert "SLT votes that decide an application: 2" in await assistant.says("/smpolicy settings")


async def test_nobody_else_changes_a_setting(office: Office) -> None:
    teacher = office.person("history_teacher")

    heard = await teacher.says("/smpolicy settings")

    assert "SLT votes that decide an application: 2" in heard
    assert "Change a setting" not in await teacher.buttons("settings")


async def test_more_votes_than_there_are_voters_are_refused_with_how_to_mend_it(office: Office) -> None:
    deputy = office.person("deputy_head")
    await deputy.says("settings")

    await deputy.presses("Change a setting")
    mend = await deputy.mends(setting="SLT votes that decide an application", value="20", reason="More care.")

    assert "Only 2 in SLT can vote" in mend
