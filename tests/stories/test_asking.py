"""Asking: the policy's own words with id and version, an honest silence, and a person first where it is urgent."""

from __future__ import annotations

import pytest

from bot.domain.policy import parse_policy
from tests.simulator import ROOT, Office

POLICY = parse_policy((ROOT / "policy_text" / "policy.md").read_text(encoding="utf-8"))
OWN_POST = "may I name the school in a personal post?"


async def test_an_answer_is_the_policy_word_for_word_with_id_and_version(office: Office) -> None:
    """STF-4, as the school wrote it."""
    teacher = office.person("history_teacher")

    answer = await teacher.says(OWN_POST)

    assert f"“{POLICY.clause('STF-4').text}”\n— STF-4, Staff – policy of August 2017" in answer


async def test_a_list_is_answered_as_the_list_that_it_is(office: Office) -> None:
    """The five points of a business case stand together."""
    teacher = office.person("history_teacher")

    answer = await teacher.says("what goes in the business case for a new account?")

    for clause in ("NEW-3", "NEW-4", "NEW-5", "NEW-6", "NEW-7"):
        assert f"- {POLICY.clause(clause).text}" in answer
    assert "NEW-2 to NEW-7" in answer


@pytest.mark.parametrize(
    "question",
    [
        OWN_POST, "can I put the school name on my linkedin", "should my facebook be private", "may I friend a pupil",
        "how do I set up an account for my department", "what should I think of before I post a photo of pupils",
    ],
)  # fmt: skip
async def test_at_most_three_passages_and_every_word_of_them_is_the_policys(office: Office, question: str) -> None:
    """Nothing is made up or shortened."""
    teacher = office.person("history_teacher")
    words = [clause.text for clause in POLICY.clauses]

    answer = await teacher.says(question)

    quotes = [part for part in answer.split("\n\n") if part.startswith("“")]
    assert 1 <= len(quotes) <= 3
    for quote in quotes:
        text = quote.partition("\n— ")[0].removeprefix("“").removesuffix("”")
        assert all(line.removeprefix("- ") in words for line in text.splitlines())


async def test_one_question_gets_one_answering_message(office: Office) -> None:
    """No greeting and no "let me look" beside it."""
    teacher = office.person("history_teacher")

    await teacher.says(OWN_POST)
    await teacher.says("who pays for an account?")
    await teacher.says("/smpolicy ask may I friend a pupil?")

    assert len(await teacher.screen()) == 3


async def test_whoever_has_five_seconds_reads_the_rule_its_clause_and_the_next_step(office: Office) -> None:
    """What is beside it stands below."""
    teacher = office.person("history_teacher")

    answer = await teacher.says("should my facebook be private")

    title, rule, step, beside, *more = answer.split("\n\n")
    assert title == "What the policy says"
    assert rule == f"“{POLICY.clause('STF-5').text}”\n— STF-5, Staff – policy of August 2017"
    assert step.removesuffix(".").endswith(("Ask a person", "before it goes", "a journalist", "five points"))
    assert beside == "It also says:"
    assert more[0].startswith("“")
    assert {"Ask a person", "Not what I asked"} <= set(await teacher.buttons("What the policy says"))


async def test_both_sides_of_a_contradiction_stand_before_the_next_step(office: Office) -> None:
    teacher = office.person("history_teacher")

    answer = await teacher.says("can I put the school name on my linkedin")

    step = answer.index("Press Ask a person")
    assert answer.index("two things here") < answer.index(POLICY.clause("STF-4").text) < step
    assert answer.index(POLICY.clause("SCO-10").text) < step


# Silence and disagreement ----------------------------------------------------------------------


async def test_where_the_policy_is_silent_it_says_so_and_whom_to_ask(office: Office) -> None:
    """Nothing is answered from general knowledge (domain 5.15)."""
    teacher = office.person("history_teacher")

    answer = await teacher.says("who pays for an account?")

    assert "The policy does not say." in answer
    assert "Ask the account administrator: Account administrator, 0151 496 0103." in answer
    assert "Policy: August 2017." in answer
    assert "“" not in answer


async def test_a_person_to_ask_is_a_press_away(office: Office) -> None:
    """With the fitting one first, numbers, and what to do at night."""
    teacher = office.person("history_teacher")
    await teacher.says("how long do I keep records of posts?")

    said = await teacher.presses("Ask a person")

    assert said.index("The leadership team: Deputy head, 07700 900101") < said.index("The account administrator")
    for way in ("0151 496 0103", "07700 900104", "0151 496 0100", "nobody watches this bot"):
        assert way in said


async def test_where_two_clauses_disagree_both_are_shown(office: Office) -> None:
    """G15: STF-4 bars the name; SCO-10 allows a link with a disclaimer."""
    teacher = office.person("history_teacher")

    answer = await teacher.says("can I put the school name on my linkedin")

    assert "The policy says two things here, so both are shown." in answer
    assert POLICY.clause("STF-4").text in answer
    assert POLICY.clause("SCO-10").text in answer


# Urgent --------------------------------------------------------------------------------------


async def test_a_child_at_risk_brings_the_human_route_first_and_then_the_report(office: Office) -> None:
    """Domain 2.3: 999, the DSL with their number, then the step, then a clause."""
    teacher = office.person("history_teacher")

    answer = await teacher.says("a pupil just told me she is being hurt at home")

    danger, lead = answer.index("phone 999"), answer.index("Designated safeguarding lead, 07700 900104")
    assert danger < lead < answer.index("SCO-15")
    assert "Children's social care, out of hours, 0151 496 0199" in answer
    assert (await teacher.buttons("Tell a person now"))[0] == "Report"


async def test_a_journalist_on_the_phone_is_kept_waiting_with_the_schools_words(office: Office) -> None:
    """BEH-8: SLT first; reporting stays at hand."""
    teacher = office.person("history_teacher")

    answer = await teacher.says("a journalist is on the phone about a post")

    assert "Don't answer the journalist's question" in answer
    assert "Say only: “Thank you for getting in touch." in answer
    assert "Tell SLT on duty: Deputy head, 07700 900101; then Assistant head, 07700 900102." in answer
    assert await teacher.buttons("Tell a person now") == ("Tell SLT about a journalist", "Ask a person", "Report")


async def test_an_image_is_neither_deleted_nor_kept_on_the_bots_word(office: Office) -> None:
    """G13: stop, and the DSL now."""
    teacher = office.person("history_teacher")

    answer = await teacher.says("a pupil showed me a nude photo of another pupil on his phone just now")

    assert "do not view, copy, show, send or delete it" in answer
    assert "07700 900104" in answer


async def test_something_urgent_is_heard_in_the_middle_of_a_form(office: Office) -> None:
    """Nobody fills in a form while a child is at risk; the form waits."""
    teacher = office.person("history_teacher")
    await teacher.says("/smpolicy apply")

    answer = await teacher.says("a pupil just told me she is being hurt at home")

    assert "07700 900104" in answer
    assert "being hurt" not in await teacher.says("my")


# The next step -------------------------------------------------------------------------------


async def test_the_next_step_begins_the_application(office: Office) -> None:
    """From the answer straight to the first point."""
    teacher = office.person("history_teacher")
    await teacher.says("how do I apply for an account?")

    asked = await teacher.presses("Apply for an account")

    assert "1 of 5" in asked
    assert "What is the aim of the account?" in asked


async def test_the_next_step_offers_a_draft_that_is_open(office: Office) -> None:
    """Nothing that was answered is asked twice."""
    teacher = office.person("history_teacher")
    await teacher.says("/smpolicy apply")
    await teacher.says("Show parents what happens in history lessons.")
    await teacher.says("/smpolicy ask how do I apply for an account?")

    offered = await teacher.presses("Apply for an account")

    assert "1 of 5" in offered
    assert "Continue" in await teacher.buttons("Your draft has")


# Where it is asked ---------------------------------------------------------------------------


async def test_a_mention_in_the_staff_channel_is_answered_there(office: Office) -> None:
    """Everybody learns from it; and what nobody asked the bot gets no answer."""
    teacher, colleague = office.person("history_teacher"), office.person("pe_teacher")

    unasked = await teacher.says("may we name the school in a personal post?", to="staff")
    answer = await teacher.says(f"@smpolicy {OWN_POST}", to="staff")

    assert unasked == ""
    assert POLICY.clause("STF-4").text in answer
    await colleague.sees(POLICY.clause("STF-4").text, "staff")


async def test_a_command_is_answered_to_the_asker_alone(office: Office) -> None:
    """Questions are not held against people (domain 5.13)."""
    teacher, colleague = office.person("history_teacher"), office.person("pe_teacher")

    answer = await teacher.says("/smpolicy ask may I friend a pupil?", to="staff")

    assert POLICY.clause("PUP-1").text in answer
    await teacher.sees(POLICY.clause("PUP-1").text, office.desk.aside("staff"))
    await colleague.sees_not(POLICY.clause("PUP-1").text)


@pytest.mark.parametrize(
    "disclosed",
    [
        "a pupil has told me she is going to hurt herself", "a girl in my form cries about what her uncle does",
        "my password is Rainbow-42!x and a pupil just told me she is being hurt at home",
    ],
)  # fmt: skip
async def test_what_is_urgent_is_answered_to_the_asker_alone(office: Office, disclosed: str) -> None:
    """A disclosure is not answered in front of everybody (SCO-15)."""
    teacher, colleague = office.person("history_teacher"), office.person("pe_teacher")

    answer = await teacher.says(f"@smpolicy {disclosed}", to="staff")

    assert "phone 999" in answer
    assert "07700 900104" in answer
    await teacher.sees("Tell a person now", office.desk.aside("staff"))
    for words in ("Tell a person now", "phone 999", "07700 900104"):
        await colleague.sees_not(words)


async def test_a_mention_without_words_is_answered_with_help(office: Office) -> None:
    """Whoever only calls the bot wants to know what it can do."""
    teacher = office.person("history_teacher")

    answer = await teacher.says("@smpolicy", to="staff")

    assert "What I can do" in answer


async def test_ask_without_a_question_says_how_to_ask(office: Office) -> None:
    """With an example."""
    teacher = office.person("history_teacher")

    answer = await teacher.says("/smpolicy ask")

    assert "Ask in your own words, for example" in answer


async def test_in_the_staff_channel_the_next_step_goes_on_in_private(office: Office) -> None:
    """A form begun in a shared place is nobody else's business."""
    teacher, colleague = office.person("history_teacher"), office.person("pe_teacher")
    await teacher.says("@smpolicy how do I apply for an account?", to="staff")

    await teacher.presses("Apply for an account")

    await teacher.sees("What is the aim of the account?", "dm")
    await colleague.sees_not("What is the aim of the account?")
