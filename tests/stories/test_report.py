"""Somebody reports something, and it reaches those who may know, and nobody else."""

from __future__ import annotations

import re

import pytest

from bot.conversation.cards import plain
from bot.conversation.events import Action, Place
from bot.errors import AssistantError, Unknown
from handlers.incidents.handlers import router
from tests.simulator import Client, Office

COLLEAGUE = {
    "category": "Abuse by a colleague",
    "child": True,
    "who": ["pe_teacher"],
    "where": "A messaging app",
    "what": "A pupil was sent messages late in the evening.",
    "breach": False,
}
PARENT = {
    "category": "Abuse by a parent, a member of the public or an unknown account",
    "child": True,
    "adult": False,
    "child_words": "A pupil in Year 8 is named.",
    "where": "A neighbourhood group",
    "what": "Threats under a post about the school.",
    "breach": False,
}
MISTAKE = {
    "category": "My own mistake",
    "image": False,
    "child": False,
    "where": None,
    "what": "I posted the trip's list of names.",
    "breach": True,
}
TAKEN_OVER = {
    "category": "An account taken over, or a lost login",
    "child": False,
    "account": "@BebingtonHistory",
    "what": "Somebody else posts on it.",
    "breach": False,
}
EVERYONE = ("pe_teacher", "teaching_assistant", "deputy_head", "assistant_head", "head_teacher", "administrator", "dsl")


async def _reports(person: Client, answers: dict[str, object]) -> str:
    """Have *person* report; return what they read after Submit."""
    await _previews(person, answers)
    return await person.presses("Submit")


async def _previews(person: Client, answers: dict[str, object]) -> str:
    await person.says("report")
    return await person.fills(**answers)


def _reference(text: str) -> str:
    found = re.search(r"INC-[A-Z0-9]+", text)
    assert found, text
    return found[0]


async def _see_nothing(office: Office, *people: str) -> None:
    for each in people:
        await office.person(each).sees_not("INC-")
        await office.person(each).sees_not("Something has been sent to you")


# Before anything is sent ---------------------------------------------------------------------


async def test_the_reporter_sees_by_name_who_will_get_it_and_who_will_not(office: Office) -> None:
    preview = await _previews(office.person("history_teacher"), COLLEAGUE)

    assert "Nothing is sent until you press Submit." in preview
    assert "Gets it: Head teacher, Designated safeguarding lead" in preview
    assert "Does not get it: PE teacher, SLT as a group, the account administrator" in preview
    assert "A pupil was sent messages late in the evening." in preview
    assert "you can always go to the police yourself" in preview
    assert "0800 028 0285" in preview


async def test_nobody_is_told_before_submit(office: Office) -> None:
    await _previews(office.person("history_teacher"), COLLEAGUE)

    await _see_nothing(office, *EVERYONE)


async def test_a_draft_that_was_cancelled_never_was(office: Office) -> None:
    teacher = office.person("history_teacher")
    reference = _reference(await _previews(teacher, COLLEAGUE))

    heard = await teacher.presses("Cancel", on="not sent yet")

    assert "Nothing was sent" in heard
    assert f"There is no report called {reference}." in await teacher.says(f"/smpolicy report {reference}")
    await office.clock_to("2026-11-24 11:00")
    await teacher.sees_not("is not sent")


async def test_a_forgotten_draft_is_brought_back(office: Office) -> None:
    teacher = office.person("history_teacher")
    await _previews(teacher, COLLEAGUE)

    await office.clock_to("2026-11-24 09:50")

    await teacher.sees("You have not sent this, so nobody has it.")


async def test_naming_somebody_while_editing_takes_them_off_the_list(office: Office) -> None:
    teacher = office.person("history_teacher")
    something = {"category": "Something else", "child": False, "adult": True, "what": "…", "breach": False}
    preview = await _previews(teacher, {**something, "who": None})
    assert "Gets it: Head teacher" in preview
    assert "You named nobody" in preview

    await teacher.presses("Edit")
    preview = await teacher.fills(**{**something, "who": ["the Head"]})

    assert "Gets it: Nobody in school" in preview
    assert "Does not get it: Head teacher" in preview


async def test_a_report_can_be_begun_in_the_middle_of_something_else(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says("apply")

    heard = await teacher.says("report")

    assert "What is it about?" in heard
    assert "In danger now, phone 999 first." in heard


async def test_a_report_is_asked_for_in_private(office: Office) -> None:
    teacher, deputy = office.person("deputy_head"), office.person("assistant_head")

    await teacher.says("@smpolicy report", to="slt")

    await teacher.sees("What is it about?", place="dm")
    await deputy.sees_not("What is it about?")


async def test_the_report_button_is_a_way_in(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says("help")

    heard = await teacher.presses("Report")

    assert "What is it about?" in heard + await teacher.latest()


# About a colleague ---------------------------------------------------------------------------


async def test_it_reaches_head_and_safeguarding_lead_without_a_word_of_what_it_is(office: Office) -> None:
    teacher, head, dsl = (office.person(each) for each in ("history_teacher", "head_teacher", "dsl"))

    sent = await _reports(teacher, COLLEAGUE)

    assert "No one has opened this yet." in sent
    assert "Designated safeguarding lead on 07700 900104" in sent
    for person in (head, dsl):
        await person.sees("Something has been sent to you as the person on duty.")
        for word in ("messages", "colleague", "PE teacher", "History teacher", "child", "pupil"):
            await person.sees_not(word)
    await _see_nothing(office, "pe_teacher", "deputy_head", "assistant_head", "administrator")


async def test_the_reporter_learns_who_opened_it_and_only_then(office: Office) -> None:
    teacher, head = office.person("history_teacher"), office.person("head_teacher")
    await _reports(teacher, COLLEAGUE)

    opened = await head.presses("Open")

    assert "A pupil was sent messages late in the evening." in opened
    assert "do not question the child or the person, and do not tell the person" in opened
    await teacher.sees("Opened by Head teacher on Tue 24 Nov 2026, 09:15.")
    await teacher.sees_not("No one has opened this yet.")


async def test_while_no_one_opens_it_they_are_told_again_and_the_reporter_is_told_whom_to_phone(office: Office) -> None:
    teacher, dsl = office.person("history_teacher"), office.person("dsl")
    await office.clock_to("2026-11-28 23:00")
    await _reports(teacher, COLLEAGUE)

    await office.clock_to("2026-11-28 23:31")

    await teacher.sees("No one has opened this yet. They have been told again; please phone one of them now.")
    assert len([each for each in await dsl.screen() if "Something has been sent" in each.text]) == 2
    await dsl.presses("Open")
    await office.clock_to("2026-11-29 00:30")
    assert len([each for each in await dsl.screen() if "Something has been sent" in each.text]) == 2


async def test_a_report_that_is_not_ones_own_does_not_exist(office: Office) -> None:
    teacher, administrator = office.person("history_teacher"), office.person("administrator")
    reference = _reference(await _reports(teacher, COLLEAGUE))

    for person in (administrator, office.person("pe_teacher"), office.person("deputy_head")):
        heard = await person.says(f"/smpolicy report {reference}")
        invented = await person.says("/smpolicy report INC-234567")
        assert f"There is no report called {reference}." in heard
        assert heard.replace(reference, "INC-234567") == invented


async def test_the_people_on_it_work_on_it_and_the_reporter_hears_that_it_is_closed(office: Office) -> None:
    teacher, dsl, assistant = (office.person(each) for each in ("history_teacher", "dsl", "teaching_assistant"))
    await _reports(teacher, COLLEAGUE)
    await dsl.presses("Open")

    assert "Designated safeguarding lead has the lead." in await dsl.presses("Take the lead")
    await dsl.presses("Record assessment")
    heard = await dsl.fills(
        risk=True, dsl=True, police=False, lado=True, dpo=False, platform=False, words="Ask the LADO first."
    )
    assert "A child at risk: yes. Told: the safeguarding lead, the LADO. Ask the LADO first." in heard
    await dsl.presses("Involve an agency")
    heard = await dsl.fills(agency="LADO", why="Advice", when="today 10:00", contact="Duty officer")
    assert "not marked as done" in heard
    assert "done on Tue 24 Nov 2026" in await dsl.presses("Mark as done: LADO")
    await dsl.presses("Bring in a colleague")
    await dsl.fills(who=["teaching_assistant"], reason="Knows the family")
    assert "late in the evening" in await assistant.presses("Open")

    await dsl.presses("Close")
    await dsl.fills(outcome="With an outside agency", words="With the LADO.")

    await teacher.sees("Thank you for reporting this. It is closed")
    await teacher.sees_not("With an outside agency")
    await teacher.sees_not("Ask the LADO first.")


async def test_whom_it_is_about_can_not_be_brought_in(office: Office) -> None:
    teacher, dsl = office.person("history_teacher"), office.person("dsl")
    await _reports(teacher, COLLEAGUE)
    await dsl.presses("Open")
    await dsl.presses("Bring in a colleague")

    heard = await dsl.mends(who=["pe_teacher"], reason="To hear them")

    assert "This person can't be put on this case. Name somebody else." in heard
    await _see_nothing(office, "pe_teacher")


async def test_the_reporter_can_add_something_later(office: Office) -> None:
    teacher, head = office.person("history_teacher"), office.person("head_teacher")
    await _reports(teacher, COLLEAGUE)
    await head.presses("Open")

    await teacher.presses("Add something")
    await teacher.fills(words="It happened again today.")

    await head.sees("There is something new")
    await head.sees_not("It happened again today.")
    assert "It happened again today." in await head.presses("Open", on="There is something new")


async def test_a_report_survives_a_restart(durable_office: Office) -> None:
    teacher, head = durable_office.person("history_teacher"), durable_office.person("head_teacher")
    await _reports(teacher, COLLEAGUE)

    await durable_office.restarts()

    assert "late in the evening" in await head.presses("Open")
    await teacher.sees("Opened by Head teacher")


# About the Head ------------------------------------------------------------------------------


async def test_about_the_head_nobody_in_school_is_told_and_the_chair_is_shown(office: Office) -> None:
    teacher = office.person("history_teacher")

    sent = await _reports(teacher, {**COLLEAGUE, "who": ["head_teacher"]})

    assert "Nobody in school can open this." in sent
    assert "Chair of governors, 0151 496 0105" in sent
    assert "Local authority designated officer (LADO), 0151 496 0120" in sent
    await _see_nothing(office, *EVERYONE)
    await office.clock_to("2026-11-25 12:00")
    await _see_nothing(office, *EVERYONE)


async def test_once_the_chair_has_it_the_safeguarding_lead_can_open_it(office: Office) -> None:
    teacher, dsl = office.person("history_teacher"), office.person("dsl")
    await _reports(teacher, {**COLLEAGUE, "who": ["the Head"]})

    await teacher.presses("Record that the chair has it")
    heard = await teacher.fills(who=None, reference="Call at 10:05", day="2026-11-24")

    assert "Told: Designated safeguarding lead" in heard
    opened = await dsl.presses("Open")
    assert "late in the evening" in opened
    assert "recorded that the chair has it: The chair has it since 24 November 2026, reference Call at 10:05" in opened
    await _see_nothing(office, "head_teacher", "deputy_head", "administrator")


async def test_the_reporter_can_read_a_sealed_report(office: Office) -> None:
    teacher = office.person("history_teacher")
    await _reports(teacher, {**COLLEAGUE, "who": ["head_teacher"]})

    assert "late in the evening" in await teacher.presses("Show what I sent")


# An image ------------------------------------------------------------------------------------


async def test_an_image_that_may_be_indecent_is_never_described(office: Office) -> None:
    teacher, dsl = office.person("history_teacher"), office.person("dsl")
    caution = "Do not delete, view, copy, show or send the image, and do not ask anyone else to."

    preview = await _previews(
        teacher, {"category": "An image", "indecent": "Not sure", "adult": False, "what": None, "breach": False}
    )

    assert caution in preview
    assert "Tell Designated safeguarding lead on 07700 900104 now." in preview
    assert "Gets it: Designated safeguarding lead\n" in preview
    await teacher.sees_not("delete it")
    await teacher.sees_not("What happened?")
    assert caution in await teacher.presses("Submit")
    assert caution in await dsl.presses("Open")


async def test_in_chat_every_question_after_the_image_question_begins_with_what_not_to_do(office: Office) -> None:
    teacher = office.person("history_teacher")
    await teacher.says("report")

    question = await teacher.says("An image")
    after = await teacher.says("Yes")

    assert "Could it be indecent, or show a child undressed?" in question
    assert after.index("Do not delete, view, copy, show or send the image") < after.index("adult who works or helps")


async def test_ones_own_picture_that_is_clearly_not_indecent_is_deleted_and_that_is_recorded(office: Office) -> None:
    teacher = office.person("history_teacher")
    sent = await _reports(teacher, {**MISTAKE, "image": True, "indecent": "No", "breach": False})
    assert "delete it everywhere, cloud backup and recently-deleted included (IMG-8)" in sent

    heard = await teacher.presses("It is deleted everywhere")

    assert "You recorded that the picture is deleted everywhere." in heard


# Others --------------------------------------------------------------------------------------


async def test_slt_on_duty_learns_of_a_parents_abuse_without_the_childs_details(office: Office) -> None:
    teacher, deputy, dsl = (office.person(each) for each in ("history_teacher", "deputy_head", "dsl"))
    await _reports(teacher, PARENT)

    part = await deputy.presses("Open")
    whole = await dsl.presses("Open")

    assert "Holds the details and leads: Designated safeguarding lead" in part
    for words in ("Year 8", "Threats", "History teacher"):
        assert words not in part
    assert "A pupil in Year 8 is named." in whole
    await _see_nothing(office, "head_teacher", "administrator")


async def test_an_account_taken_over_is_urgent(office: Office) -> None:
    teacher, administrator = office.person("history_teacher"), office.person("administrator")

    sent = await _reports(teacher, TAKEN_OVER)

    assert sent.index("phone 999") < sent.index("No one has opened this yet.")
    await administrator.sees("Please open this now.")
    assert "@BebingtonHistory" in await administrator.presses("Open")


async def test_a_mistake_that_could_be_a_data_breach_has_seventy_two_hours(office: Office) -> None:
    teacher, head = office.person("history_teacher"), office.person("head_teacher")
    sent = await _reports(teacher, MISTAKE)
    assert "Data protection officer, 0151 496 0110" in sent
    assert "72 hours end: Fri 27 Nov 2026, 09:15" in await head.presses("Open")

    await office.clock_to("2026-11-26 09:15")
    await head.sees("A deadline needs you")
    await head.presses("Record breach decision", on="72 hours end")
    heard = await head.fills(decision="Report to the ICO", reason="Names were public for a day.")

    assert "Breach decision: Report to the ICO: Names were public for a day." in heard
    await _see_nothing(office, "deputy_head", "assistant_head", "administrator", "dsl")


async def test_a_safeguarding_leads_own_mistake_is_not_theirs_to_open(office: Office) -> None:
    dsl, head = office.person("dsl"), office.person("head_teacher")

    sent = await _reports(dsl, {**MISTAKE, "child": True})

    assert "Told: Head teacher\n" in sent
    await head.sees("Something has been sent to you")
    await dsl.sees_not("Something has been sent to you")


async def test_words_typed_with_the_command_are_not_lost(office: Office) -> None:
    teacher = office.person("history_teacher")

    heard = await teacher.says("/smpolicy report A pupil sent me a message on Instagram")
    preview = await teacher.fills(category="Contact with a pupil", image=False, adult=False, where=None, breach=False)

    assert "phone 999" in heard
    assert "“A pupil sent me a message on Instagram”" in preview
    assert "Gets it: Designated safeguarding lead\n" in preview


# Rights are judged at the press --------------------------------------------------------------

_WORDS = {
    "words": "…", "who": ["new_teacher"], "reason": "…", "agency": "Police", "why": "…", "decision": "It was no breach",
    "outcome": "Advice", "reference": "…", "day": "2026-11-24", "risk": False, "dsl": False, "police": False,
    "lado": False, "dpo": False, "platform": False,
}  # fmt: skip
_ABOUT_CASES = tuple(name for name in router.actions if name != "incidents.report")


@pytest.mark.parametrize("action", _ABOUT_CASES)
async def test_to_strangers_no_button_tells_a_report_from_one_that_never_was(office: Office, action: str) -> None:
    reference = _reference(await _reports(office.person("history_teacher"), COLLEAGUE))
    for person in ("pe_teacher", "deputy_head", "administrator"):
        said = [await _refused(office, person, action, each) for each in (reference, "INC-234567")]
        assert said[0] == said[1].replace("INC-234567", reference)
        assert said[0] == f"There is no report called {reference}."


@pytest.mark.parametrize("action", _ABOUT_CASES)
async def test_a_press_in_a_shared_place_shows_nothing_there(office: Office, action: str) -> None:
    reference = _reference(await _reports(office.person("history_teacher"), COLLEAGUE))
    await office.person("head_teacher").presses("Open")
    for person in ("head_teacher", "history_teacher"):
        said = await _said_in_shared_place(
            office, Action("shared", person, Place("slt"), action, reference, "", _WORDS)
        )
        for word in ("late in the evening", "PE teacher", "colleague", "messaging"):
            assert word not in said


async def _said_in_shared_place(office: Office, event: Action) -> str:
    try:
        reply = await office.app.assistant.handle(event)
    except AssistantError as refused:
        return refused.sentence
    return " ".join(plain(view.card) for view in reply.views if not view.private)


async def _refused(office: Office, person: str, action: str, reference: str) -> str:
    event = Action("forged", person, Place("dm"), action, reference, "", _WORDS)
    with pytest.raises(Unknown) as refused:
        await office.app.assistant.handle(event)
    return refused.value.sentence


async def test_a_picture_sent_to_a_pupil_is_asked_about_before_anything_else(office: Office) -> None:
    """G13 and IMG-8: contact with a pupil may be by a picture."""
    teacher = office.person("history_teacher")
    await teacher.says("/smpolicy report")

    preview = await teacher.fills(
        category="Contact with a pupil", image=True, indecent="Not sure", adult=False, what="It was on Snapchat.",
        breach=False,
    )  # fmt: skip

    assert "Do not delete, view, copy, show or send the image" in preview
    assert "Delete it" not in preview


async def test_a_long_report_typed_with_the_command_is_kept_whole(office: Office) -> None:
    """SCO-15: nothing that was typed is cut."""
    teacher = office.person("history_teacher")

    await teacher.says("/smpolicy report " + "It went on and on. " * 800 + "That was the end.")
    preview = await teacher.fills(category="Abuse by a colleague", child=False, who=None, where=None, breach=False)

    assert "That was the end." in preview
