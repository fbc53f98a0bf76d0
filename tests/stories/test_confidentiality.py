"""What must never get out, reach the wrong person or be lost: reports, names and passwords (domain: must never)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.simulator import Client, Json, Office

SECRET = "Rainbow-42!x"
COLLEAGUE = {
    "category": "Abuse by a colleague",
    "child": True,
    "who": ["pe_teacher"],
    "where": "A messaging app",
    "what": "A pupil was sent messages late in the evening.",
    "breach": False,
}
PARENT = "Abuse by a parent, a member of the public or an unknown account"
EVERYONE = (
    "pe_teacher", "new_teacher", "teaching_assistant", "deputy_head", "assistant_head", "head_teacher", "administrator",
    "dsl",
)  # fmt: skip
HEAD, DSL, DUTY, KEEPER = ("head_teacher",), ("dsl",), ("deputy_head", "assistant_head"), ("administrator",)


async def reports(person: Client, **answers: Json) -> str:
    """Have *person* report; return what they read after Submit."""
    await person.says("report")
    await person.fills(**answers)
    return await person.presses("Submit")


async def knows_nothing(office: Office, *people: str) -> None:
    """Assert that none of *people* sees, or can find out, that there is a report."""
    for each in people:
        person = office.person(each)
        for command in ("my", "accounts", "help"):
            await person.says(command)
        await person.sees_not("INC-")
        await person.sees_not("Something has been sent to you")
        await person.sees_not("late in the evening")


# Whom it is about ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "Head teacher (Mrs Smith)", "Mrs Smith (the headteacher)", "Mrs Smith the head", "the acting head", "our head",
        "the head of school", "the Head Teacher of Bebington", "I think it is the head", "Head (Smith)", "the boss",
        "a teacher/the head",
    ],
)  # fmt: skip
async def test_the_head_does_not_get_a_report_about_the_head_by_whatever_words(office: Office, typed: str) -> None:
    """SLT-3 and KCSIE: a typed name that may be somebody here counts as them."""
    sent = await reports(office.person("history_teacher"), **{**COLLEAGUE, "who": [typed]})

    assert "Nobody in school can open this." in sent
    await knows_nothing(office, *EVERYONE)


@pytest.mark.parametrize(
    "typed", ["dsl (acting)", "Mr Khan (DSL)", "our dsl Omar", "the safeguarding person", "head of safeguarding"]
)
async def test_the_safeguarding_lead_does_not_get_a_report_about_them_by_whatever_words(
    office: Office, typed: str
) -> None:
    sent = await reports(office.person("history_teacher"), **{**COLLEAGUE, "who": [typed]})

    assert "Told: Head teacher\n" in sent
    await knows_nothing(office, "dsl", "deputy_head", "assistant_head", "administrator")


@pytest.mark.parametrize("typed", ["hed", "the heads", "head techer", "hedteacher", "safe guarding lead"])
async def test_a_misspelt_office_is_asked_about_before_anybody_is_told(office: Office, typed: str) -> None:
    teacher = office.person("history_teacher")
    await teacher.says("report")

    heard = await teacher.mends(**{**COLLEAGUE, "who": [typed]})

    assert "Did you mean" in heard
    await knows_nothing(office, *EVERYONE)


@pytest.mark.parametrize("typed", ["head of year 9", "the head of PE", "head girl's father", "Ann Head (volunteer)"])
async def test_other_heads_are_not_the_head(office: Office, typed: str) -> None:
    """A report is not sealed because somebody is head of something."""
    sent = await reports(office.person("history_teacher"), **{**COLLEAGUE, "who": [typed]})

    assert "Told: Head teacher, Designated safeguarding lead" in sent


async def test_the_surname_before_the_first_name_is_one_person(office: Office) -> None:
    """A staff list says "teacher, PE": a report is not held up for that."""
    sent = await reports(office.person("history_teacher"), **{**COLLEAGUE, "who": ["PE teacher", "pe_teacher"]})

    assert "Not told: PE teacher, SLT as a group" in sent
    await knows_nothing(office, "pe_teacher")


ROWS: dict[str, tuple[Json, tuple[str, ...]]] = {
    "staff": ({**COLLEAGUE, "child": False}, HEAD),
    "staff and a child": (COLLEAGUE, HEAD + DSL),
    "SLT": ({**COLLEAGUE, "child": False, "who": ["deputy_head"]}, HEAD),
    "SLT and a child": ({**COLLEAGUE, "who": ["deputy_head"]}, HEAD + DSL),
    "the safeguarding lead and a child": ({**COLLEAGUE, "who": ["dsl"]}, HEAD),
    "the Head and a child": ({**COLLEAGUE, "who": ["head_teacher"]}, ()),
    "the administrator": ({**COLLEAGUE, "child": False, "who": ["administrator"]}, HEAD),
    "several": ({**COLLEAGUE, "who": ["administrator", "dsl", "deputy_head"]}, HEAD),
    "several with the Head": ({**COLLEAGUE, "who": ["administrator", "head_teacher"]}, ()),
    "a pupil": (
        {"category": "Contact with a pupil", "image": False, "adult": False, "what": "…", "breach": False}, DSL,
    ),
    "a parent": ({"category": PARENT, "child": False, "adult": False, "what": "…", "breach": False}, DUTY),
    "a parent and a child": (
        {"category": PARENT, "child": True, "adult": False, "what": "…", "breach": False}, DSL + DUTY,
    ),
    "a school account": (
        {"category": "Something on a school account", "child": False, "adult": False, "what": "…", "breach": False},
        DUTY + KEEPER,
    ),
    "an account taken over": (
        {"category": "An account taken over, or a lost login", "child": False, "what": "…", "breach": False},
        DUTY + KEEPER,
    ),
    "my own mistake": (
        {"category": "My own mistake", "image": False, "child": False, "what": "…", "breach": False}, HEAD,
    ),
    "my own mistake with an image": (
        {"category": "My own mistake", "image": True, "indecent": "Yes", "what": None, "breach": False}, HEAD + DSL,
    ),
    "an image": ({"category": "An image", "indecent": "Yes", "adult": False, "what": None, "breach": False}, DSL),
}  # fmt: skip


@pytest.mark.parametrize(("answers", "told"), ROWS.values(), ids=ROWS.keys())
async def test_whoever_is_not_on_the_route_can_not_tell_that_anything_was_sent(
    office: Office, answers: Json, told: tuple[str, ...]
) -> None:
    """The table of routes, as everybody in the school meets it."""
    await reports(office.person("history_teacher"), **answers)
    await office.clock_to("2026-11-25 12:00")

    for each in told:
        await office.person(each).sees("Something has been sent to you")
    await knows_nothing(office, *(each for each in EVERYONE if each not in told))


async def test_what_a_cancelled_draft_said_is_nowhere_on_the_screen(office: Office) -> None:
    """The bot says that the answers are deleted, so its own preview does not go on showing them."""
    teacher = office.person("history_teacher")
    await teacher.says("report")
    preview = await teacher.fills(**COLLEAGUE)
    assert "“A pupil was sent messages late in the evening.”" in preview

    await teacher.presses("Cancel", on="not sent yet")

    await teacher.sees_not("“A pupil was sent messages late in the evening.”")
    await teacher.sees("This was cancelled, and its content has been deleted.")


# An image, and doubt -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    ["no idea", "no clue", "no way to tell", "not sure", "I don't know", "maybe", "no one knows", "probably not"],
)
async def test_doubt_about_an_image_never_counts_as_a_no(office: Office, answer: str) -> None:
    """G13: a No would end in "delete it"."""
    teacher = office.person("history_teacher")
    await teacher.says("report")
    await teacher.says("An image")

    heard = await teacher.says(answer)

    assert "Do not delete, view, copy, show or send the image" in heard
    assert "Is a child involved" not in heard


@pytest.mark.parametrize("answer", ["no it's fine", "no but there are others", "not that one", "n"])
async def test_a_no_with_something_behind_it_is_asked_about_once_more(office: Office, answer: str) -> None:
    teacher = office.person("history_teacher")
    await teacher.says("report")
    await teacher.says("An image")

    heard = await teacher.says(answer)

    assert "Please choose one of: Yes; No; Not sure." in heard


@pytest.mark.parametrize("answer", ["no idea", "not sure", "no clue", "maybe", "I don't know"])
async def test_whoever_is_not_sure_about_a_child_brings_in_the_safeguarding_lead(office: Office, answer: str) -> None:
    """SCO-15: "if you are not sure, answer yes" is what the bot does itself."""
    teacher = office.person("history_teacher")
    await teacher.says("report")
    await teacher.says("Abuse by a colleague")

    await teacher.says(answer)
    for words in ("PE teacher", "A messaging app", "Messages late in the evening.", "no"):
        await teacher.says(words)
    await teacher.presses("Submit")

    await office.person("dsl").sees("Something has been sent to you")


@pytest.mark.parametrize(
    "question",
    [
        "I have a nude picture of a pupil on my phone, should I delete it?",
        "Should I keep a copy of a pupil's nude as evidence?",
        "Should I delete an indecent image of a pupil?",
    ],
)
async def test_a_question_about_an_image_that_may_be_indecent_is_met_with_what_not_to_do_first(
    office: Office, question: str
) -> None:
    """G13: whether it asks or tells, never "delete it" and never "keep it" before the safeguarding lead."""
    heard = await office.person("history_teacher").says(question)

    first = heard.index("do not view, copy, show, send or delete it")
    assert heard.index("Designated safeguarding lead, 07700 900104") > first
    assert "delete it immediately" not in heard[:first]
    assert "Report" in await office.person("history_teacher").buttons("do not view, copy, show, send or delete it")


# A password in a report ----------------------------------------------------------------------


def stored(folder: Path) -> str:
    """Return everything in *folder* as one text."""
    return "\n".join(each.read_text(errors="replace") for each in folder.rglob("*") if each.is_file())


async def test_a_password_is_left_out_of_a_report_and_holds_it_up_for_nobody(
    durable_office: Office, tmp_path: Path
) -> None:
    """A report is never refused; a password is never kept: all other words reach those who are told."""
    teacher, dsl = durable_office.person("history_teacher"), durable_office.person("dsl")
    words = f"He hit a child. The password for the page is {SECRET}, they said. It was on Monday."

    await reports(teacher, **{**COLLEAGUE, "where": f"Our page, password: {SECRET}", "what": words})
    await teacher.presses("Add something")
    await teacher.fills(words=f"And pw {SECRET} is what they wrote on the board.")
    opened = await dsl.presses("Open")

    for kept in ("He hit a child.", "It was on Monday.", "Our page", "is what they wrote on the board."):
        assert kept in opened
    assert "(left out: it looked like a password)" in opened
    assert SECRET not in stored(tmp_path)


async def test_a_password_typed_with_the_command_does_not_keep_a_report_from_being_begun(
    durable_office: Office, tmp_path: Path
) -> None:
    teacher = durable_office.person("history_teacher")

    heard = await teacher.says(f"/smpolicy report Somebody hurt a pupil and the password is {SECRET}")
    preview = await teacher.fills(category="Something else", child=True, adult=False, where=None, breach=False)

    assert "If anybody is in danger now, phone 999." in heard
    assert "was left out and not kept" in heard
    assert "Somebody hurt a pupil" in preview
    assert SECRET not in stored(tmp_path)


async def test_whoever_needs_a_person_now_is_told_whom_though_a_password_stands_beside_it(
    durable_office: Office, tmp_path: Path
) -> None:
    teacher = durable_office.person("history_teacher")

    heard = await teacher.says(f"Somebody has hacked our school Twitter account! The password is {SECRET}")

    assert "Account administrator, 0151 496 0103" in heard
    assert "was left out and not kept" in heard
    assert SECRET not in stored(tmp_path)


# Nobody is there -----------------------------------------------------------------------------


async def test_a_report_that_nobody_opens_over_a_long_weekend_is_said_again_without_a_storm(office: Office) -> None:
    """BEH-9 and G10: again and again, by night too, but so that the newest one is still read."""
    teacher, dsl = office.person("history_teacher"), office.person("dsl")
    await office.clock_to("2026-11-27 18:00")
    await reports(teacher, **COLLEAGUE)

    for day in (27, 28, 29, 30):
        for half_hour in range(48):
            if day > 27 or half_hour > 36:
                await office.clock_to(f"2026-11-{day} {half_hour // 2:02}:{'30' if half_hour % 2 else '00'}")

    pings = [each for each in await dsl.screen() if "Something has been sent" in each.text]
    assert 10 <= len(pings) <= 20
    await teacher.sees("No one has opened this yet.")
    await teacher.sees_not("Opened by")


async def test_no_reporter_is_told_that_the_bot_is_watched(office: Office) -> None:
    sent = await reports(office.person("history_teacher"), **COLLEAGUE)

    assert "It may be that nobody is looking at this just now." in sent
    assert not re.search(r"\b(?:monitored|guilty|illegal|threshold|excluded)\b", sent)
