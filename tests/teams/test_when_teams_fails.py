"""When Teams asks again, answers late, loses an answer or takes no more: all is done once, and people are told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.conversation.cards import Card
from bot.conversation.sessions import Session
from bot.domain.applications import Application
from bot.domain.applications import State as ApplicationState
from bot.domain.feedback import Feedback
from bot.domain.incidents import Incident
from bot.domain.jobs import To
from bot.platforms.teams.references import TeamsReference
from bot.platforms.teams.repeats import LATER
from bot.sayings import Saying
from tests.teams.deliveries import Delivery
from tests.teams.desk import SLT, STAFF
from tests.teams.failures import Answers, DroppedAfter, DroppedBefore, Failure, Garbled
from tests.teams.human import Human
from tests.teams.school import CASE, School, button, choice, dialog_of, labels, text_of

Json = Any
pytestmark = pytest.mark.timeout(60)
QUESTION = "May I name the school in a post?"
ANSWER = "What the policy says"
PAGE, HERE, IN_CHAT = "Fill in as a page", "Fill in here", "Answer in chat instead"
THROTTLED = (Answers(429, "Throttled", "30"), Answers(429, "", None), Answers(429, "Throttled", "nonsense"))
PASSING = (
    Answers(412, "PreconditionFailed"), Answers(502), Answers(504), Answers(503), Answers(500, "ServiceError"),
    Answers(408), Answers(404), DroppedBefore(),
)  # fmt: skip
DONE_ALL_THE_SAME = (DroppedAfter(), Garbled())


async def later(school: School, minutes: int = 15) -> None:
    """Let minutes pass, one after the other."""
    for _ in range(minutes):
        await school.desk.move_clock(school.office.clock.now() + timedelta(minutes=1))


async def notify(school: School, person: str, title: str) -> None:
    """Have the worker tell somebody something of its own accord."""
    world = school.desk.app.assistant.world
    saying = Saying(world.school.id, title, To.person(person), Card(title), due_at=world.clock.now())
    await world.store.save(saying)
    await school.settled()


def count(school: School, human: Human, words: str, place: str = "") -> int:
    """Return how many messages of the bot hold *words*."""
    return sum(words in each for each in school.said(human, place))


# Answers that are not taken at first ---------------------------------------------------------


@pytest.mark.parametrize("failure", [*THROTTLED, *PASSING, *DONE_ALL_THE_SAME], ids=repr)
@pytest.mark.parametrize("place", ["dm", STAFF])
async def test_an_answer_that_teams_does_not_take_at_once_arrives_later(
    school: School, teacher: Human, failure: Failure, place: str
) -> None:
    """Once, unless Teams took it and lost its own answer: it can't be asked, so it is said again rather than never."""
    school.fake.fails(failure, method="POST", path="/activities")

    await school.accepts(await teacher.says(place, QUESTION))
    await later(school)

    most = 2 if failure in DONE_ALL_THE_SAME else 1
    assert 1 <= count(school, teacher, ANSWER, place) <= most
    assert not school.fake.waiting_failures
    assert not school.said(school.human("administrator"), "dm")


async def test_what_waits_is_tried_again_with_growing_pauses_and_no_more_often_than_teams_asked(
    school: School, teacher: Human
) -> None:
    school.fake.fail_next(429, "Throttled", retry_after="90", times=2, method="POST")
    await school.accepts(await teacher.says("dm", QUESTION))
    for _ in range(300):
        await school.desk.move_clock(school.office.clock.now() + timedelta(seconds=1))

    calls = [each.at for each in school.fake.called("POST")][:3]

    assert [each.status for each in school.fake.called("POST")][:3] == [429, 429, 201]
    assert all(next_ - first >= 90 for first, next_ in pairwise(calls))


async def test_what_fails_again_and_again_is_tried_seldom(school: School, teacher: Human) -> None:
    school.fake.fail_next(502, times=10_000, method="POST")
    await school.accepts(await teacher.says("dm", QUESTION))
    for _ in range(600):
        await school.desk.move_clock(school.office.clock.now() + timedelta(seconds=1))
    tries = len(school.fake.called("POST"))
    school.fake.forgets_failures()

    await later(school)

    assert 6 <= tries <= 20
    assert count(school, teacher, ANSWER) == 1


async def test_answers_keep_their_order_though_the_first_has_to_wait(school: School, teacher: Human) -> None:
    school.fake.fail_next(502, method="POST")

    for words in ("apply", str(CASE["aim"]), "Parents and carers"):
        await school.accepts(await teacher.says("dm", words))
    await later(school)

    asked = ["aim of the account", "intended audience", "be promoted"]
    assert [any(point in each for each in school.said(teacher)) for point in asked] == [True] * 3
    assert [next(p for p in asked if p in each) for each in school.said(teacher)] == asked


async def test_a_token_that_is_not_accepted_any_more_is_fetched_anew(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "hello"))
    school.desk.issuer.revoke()

    await school.accepts(await teacher.says("dm", QUESTION))

    assert count(school, teacher, ANSWER) == 1


async def test_an_answer_that_was_not_said_before_a_restart_is_said_after_it(school: School, teacher: Human) -> None:
    school.fake.fail_next(502, times=10_000, method="POST")
    await school.accepts(await teacher.says("dm", QUESTION))
    await school.office.restarts()
    school.fake.forgets_failures()

    await later(school)

    assert count(school, teacher, ANSWER) == 1


# Places that take nothing --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (Answers(403, "BotNotInConversationRoster"), "The bot is not in the channel of slt"),
        (Answers(404, "ConversationNotFound"), "Teams does not know the channel of slt"),
        (Answers(403, "BotDisabledByAdmin"), "The bot is blocked in Teams"),
        (Answers(403, "NotEnoughPermissions"), "do not let the bot post"),
    ],
    ids=repr,
)
async def test_where_slts_channel_takes_nothing_the_administrator_is_told_once_and_the_card_comes_later(
    school: School, failure: Failure, says: str
) -> None:
    teacher, administrator = school.client("history_teacher"), school.human("administrator")
    await teacher.says("apply")
    await teacher.fills(**CASE)
    await teacher.presses("Submit", on="APP-1")
    school.fake.fails(failure, times=10_000, method="POST", place=SLT)

    for runner in ("history_teacher", "pe_teacher"):
        await school.client(runner).presses("Confirm", on="will you run", trained="2026-09-12")
    await later(school, 40)
    assert not school.fake.posted(SLT)
    pleas = [each for each in school.said(administrator, "dm") if "The bot needs your help" in each]
    assert len(pleas) == 1
    assert says in pleas[0]
    school.fake.forgets_failures()
    await later(school)

    assert len(school.fake.posted(SLT)) == 1
    assert len(school.fake.called("POST", SLT)) < 12


# People who can't be written to --------------------------------------------------------------


async def test_whoever_blocks_the_bot_is_left_alone_until_they_write_again(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "hello"))
    teacher.block()
    for number in range(5):
        await notify(school, "history_teacher", f"Notice {number}")
        await later(school, 3)
    assert [each.status for each in school.fake.called("POST")].count(403) == 1
    [reference] = [each for each in await school.find(TeamsReference) if each.id == "person history_teacher"]
    assert reference.blocked is not None
    await school.office.restarts()
    await notify(school, "history_teacher", "Notice 5")
    assert [each.status for each in school.fake.called("POST")].count(403) == 1

    teacher.unblock()
    await school.accepts(await teacher.says("dm", QUESTION))
    await notify(school, "history_teacher", "Notice 6")

    assert [each.partition("\n")[0] for each in school.said(teacher)][1:] == [ANSWER, "Notice 6"]


async def test_whoever_blocks_the_bot_is_tried_again_the_next_day(school: School, teacher: Human) -> None:
    """They may have let it in again, of which nobody tells the bot."""
    await school.accepts(await teacher.says("dm", "hello"))
    teacher.block()
    await notify(school, "history_teacher", "Notice 1")
    teacher.unblock()
    await notify(school, "history_teacher", "Notice 2")
    await school.office.clock_to("2026-11-25 09:30")

    await notify(school, "history_teacher", "Notice 3")

    assert [each.partition("\n")[0] for each in school.said(teacher)][1:] == ["Notice 3"]


@pytest.mark.parametrize("way", ["blocks", "uninstalls", "has never installed"])
async def test_where_the_lead_can_not_be_written_to_the_people_who_can_act_are_told(school: School, way: str) -> None:
    reporter, lead = school.client("pe_teacher"), school.human("dsl")
    match way:
        case "blocks":
            await school.accepts(await lead.says("dm", "hello"))
            lead.block()
        case "uninstalls":
            await school.accepts(await lead.says("dm", "hello"))
            await school.accepts(await lead.uninstall())
        case _:
            lead.user.installed = False
    await reporter.says("report")
    await reporter.fills(category="Something else", child=True, adult=False, what="Seen.", breach=False)
    await reporter.presses("Submit")
    await later(school, 60)

    assert count(school, reporter.human, "Somebody could not be reached") >= 1
    assert "phone" in school.said(reporter.human)[-1]
    assert [each.status for each in school.fake.calls].count(403) == 1


async def test_a_chat_that_teams_has_closed_is_opened_anew(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "hello"))
    school.fake.fail_next(404, "ConversationNotFound", method="POST", place=teacher.dm)

    await school.accepts(await teacher.says("dm", QUESTION))
    await later(school)

    assert count(school, teacher, ANSWER) == 1


# What fails beside the answer ----------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [Answers(404, "ActivityNotFoundInConversation"), Answers(502), Answers(403, "MessageWritesBlocked"),
     Answers(429, "", "60"), DroppedBefore()],
    ids=repr,
)  # fmt: skip
async def test_a_question_that_can_not_be_settled_is_answered_all_the_same(
    school: School, teacher: Human, failure: Failure
) -> None:
    await school.accepts(await teacher.says("dm", "report"))
    school.fake.fails(failure, method="PUT")

    await school.accepts(await teacher.press(school.last(teacher), "Something else"))

    assert "Is a child involved or at risk?" in school.said(teacher)[-1]


@pytest.mark.parametrize(
    "failure",
    [Answers(404, "ActivityNotFoundInConversation"), Answers(502), Answers(504), Answers(429, "", "60"),
     DroppedBefore(), DroppedAfter()],
    ids=repr,
)  # fmt: skip
async def test_a_vote_counts_though_the_card_can_not_be_drawn_anew_just_then(school: School, failure: Failure) -> None:
    card = await school.asks_slt()
    deputy = school.human("deputy_head")
    school.fake.fails(failure, method="PUT")

    await school.accepts(await deputy.press(card, "Approve"))
    await later(school)

    assert "Recorded" in deputy.toasts[-1]
    (case,) = await school.find(Application)
    assert [vote.person for vote in case.standing_votes()] == ["deputy_head"]
    if failure != Answers(404, "ActivityNotFoundInConversation"):
        assert "Deputy head approves" in text_of(school.fake.posted(SLT)[0])


async def test_a_card_that_somebody_deleted_keeps_nobody_from_deciding(school: School) -> None:
    card = await school.asks_slt()
    posted = next(each for each in school.fake.workspace.posts if each.id == card.id)
    posted.deleted = True

    for person in ("deputy_head", "assistant_head"):
        await school.accepts(await school.human(person).forge(card, button("applications.approve", "APP-1")))

    (case,) = await school.find(Application)
    assert case.state is ApplicationState.CONSIDERING or len(case.standing_votes()) == 2


@pytest.mark.parametrize("status", [403, 404, 429, 500, 502])
async def test_somebody_whom_teams_does_not_describe_is_answered(school: School, status: int) -> None:
    unknown = school.fake.user("aa-new", "Neville New")
    school.fake.fail_next(status, "Nothing" if status < 429 else "", path="/members/", times=99)

    await school.accepts(await unknown.says("dm", QUESTION))

    assert count(school, unknown, ANSWER) == 1


async def test_somebody_whom_teams_is_slow_to_describe_is_answered_in_time(school: School) -> None:
    """As a guest meanwhile, who may ask and report; the next time Teams has told."""
    unknown = school.fake.user("aa-new", "Neville New")
    await school.fake.joins(STAFF, unknown.id)
    await school.settled()
    until = asyncio.Event()
    school.fake.delay_next(until, path="/members/")

    said = school.human("pe_teacher").writes(STAFF, "Something bad.")
    delivery = await unknown.shortcut(said, "incidents.report_message")
    until.set()
    await school.settled()

    assert delivery.status == 200
    assert dialog_of(unknown).title == "Report something"
    await school.accepts(await unknown.says("dm", "apply"))
    assert "What is the aim of the account?" in school.said(unknown)[-1]


# Answers that take longer than Teams waits ---------------------------------------------------


async def test_what_takes_longer_than_teams_waits_is_said_in_the_direct_chat(
    slow: tuple[School, asyncio.Event],
) -> None:
    """Six people at once, each in another way; each hears in time that it takes longer, and later what came of it."""
    school, gate = slow
    opens, sends, ends, presses, reports, votes = map(
        school.human, ("history_teacher", "pe_teacher", "new_teacher", "teaching_assistant", "dsl", "deputy_head")
    )
    for human in (opens, presses):
        await school.accepts(await human.says("dm", "report"))
    for human in (sends, ends):
        await school.accepts(await human.says("dm", "apply"))
        await school.accepts(await human.press(school.last(human), PAGE))
        fields = dialog_of(human).inputs
        titles = {"audience": "Pupils" if human is sends else "Parents and carers", "openness": "Open",
                  "platform": "X (Twitter)"}  # fmt: skip
        for name, value in {**CASE, **{each: choice(fields, each, title) for each, title in titles.items()}}.items():
            human.type_into(name, value)
    await school.accepts(await votes.says("dm", "settings"))
    changing = school.last(votes)
    said = school.human("administrator").writes(STAFF, "Something bad.")
    gate.clear()

    deliveries = await asyncio.gather(
        opens.press(school.last(opens), PAGE), sends.submit(), ends.submit(),
        presses.press(school.last(presses), "Something else"), votes.press(changing, "Change a setting"),
        reports.shortcut(said, "incidents.report_message"),
    )  # fmt: skip
    assert [(each.status, len(each.attempts)) for each in deliveries] == [(200, 1)] * 6
    assert all(LATER in each.body for each in deliveries)
    again = await asyncio.gather(*map(school.fake.again, deliveries))
    assert [each.body for each in again] == [each.body for each in deliveries]
    gate.set()
    await school.settled()
    for delivery in deliveries:
        await school.accepts(await school.fake.again(delivery))

    assert "What is it about?" in school.said(opens)[-1]
    assert count(school, opens, "What is it about?") == 2
    assert "Pupils will see it." in school.said(sends)[-1]
    assert count(school, sends, "Pupils will see it.") == 1
    assert count(school, ends, "APP-1: your draft") + count(school, ends, "APP-2: your draft") == 1
    assert count(school, presses, "Is a child involved or at risk?") == 1
    assert count(school, reports, "What is it about?") == 1
    assert "Which setting" in school.said(votes)[-1]
    assert len(await school.find(Application)) == 1
    assert len([each for each in await school.find(Session) if each.person == "dsl"]) == 1


# What Teams sends again ----------------------------------------------------------------------


async def test_what_is_sent_again_while_the_first_is_still_worked_on_has_one_effect(
    slow: tuple[School, asyncio.Event],
) -> None:
    """Teams has lost patience three times by then."""
    school, gate = slow
    teacher, colleague = school.human("history_teacher"), school.human("pe_teacher")
    await school.accepts(await colleague.says("dm", "report"))
    question = school.last(colleague)
    school.fake.patience = 0.15
    gate.clear()

    message, press = await asyncio.gather(teacher.says("dm", "apply"), colleague.press(question, "Something else"))
    assert [each.status for each in message.attempts] == [0, 0, 0]
    assert [each.status for each in press.attempts] == [0, 0, 0]
    gate.set()
    school.fake.patience = 10.0
    await school.settled()
    await school.accepts(await school.fake.again(message))
    await school.accepts(await school.fake.again(press))

    assert count(school, teacher, "What is the aim of the account?") == 1
    assert count(school, colleague, "Is a child involved or at risk?") == 1


async def one_of_each(school: School, human: Human) -> list[Delivery]:
    """Do one thing in each way there is; return what was sent."""
    done = [await human.install()]
    await school.settled()
    done.append(await human.says("dm", QUESTION))
    await school.settled()
    done.append(await human.votes(school.last(human)))
    done.append(await human.says(STAFF, QUESTION))
    done.append(await human.says(STAFF, "my"))
    await school.settled()
    done.append(await human.search("naming the school"))
    await school.accepts(await human.says("dm", "report"))
    question = school.last(human)
    done.append(await human.press(question, "Something else"))
    await school.settled()
    done.append(await human.press(school.last(human), school.last(human).buttons[0].action["fallback"]))
    await school.settled()
    done.append(await human.press(school.last(human), PAGE))
    done.append(await human.submit(IN_CHAT))
    await school.settled()
    said = school.human("pe_teacher").writes(STAFF, "Something bad.")
    done.append(await human.shortcut(said, "incidents.report_message"))
    number = choice(dialog_of(human).inputs, "category", "Something else")
    done.append(await human.submit(values={"category": number}))
    human.close_dialog()
    await school.accepts(await human.says("dm", "cancel"))
    await school.accepts(await human.says("dm", "apply"))
    await school.accepts(await human.press(school.last(human), HERE))
    card = school.last(human)
    done.append(await human.press(card, labels(card.card)[0], {"aim": "X (Twitter)"}))
    await school.settled()
    return done


@pytest.mark.parametrize("restarted", [False, True])
async def test_whatever_is_sent_again_has_no_second_effect(school: School, teacher: Human, restarted: bool) -> None:
    done = await one_of_each(school, teacher)
    if restarted:
        await school.office.restarts()
    said = [(each.id, text_of(each)) for each in school.fake.posted()]
    votes, sessions = await school.find(Feedback), await school.find(Session)

    again = [await school.accepts(await school.fake.again(each)) for each in done]

    assert [(each.id, text_of(each)) for each in school.fake.posted()] == said
    assert (await school.find(Feedback), await school.find(Session)) == (votes, sessions)
    if not restarted:
        assert [each.body for each in again] == [each.body for each in done]


async def test_a_decision_that_is_sent_again_is_one_decision(school: School) -> None:
    card = await school.asks_slt()
    deputy = school.human("deputy_head")
    first = await school.accepts(await deputy.press(card, "Approve"))

    again = await school.accepts(await school.fake.again(first))
    await school.office.restarts()
    late = await school.accepts(await school.fake.again(first))

    assert again.body == first.body
    assert "arrived already" in late.body
    (case,) = await school.find(Application)
    assert [vote.person for vote in case.standing_votes()] == ["deputy_head"]
    assert len([each for each in case.history if each.move == "approve"]) == 1


async def test_a_report_that_is_sent_twice_at_once_is_one_report(school: School, teacher: Human) -> None:
    client = school.client("history_teacher")
    await client.says("report")
    await client.fills(category="Something else", child=True, adult=False, what="Seen.", breach=False)
    draft = next(each for each in teacher.messages("dm") if "Submit" in labels(each.card))

    first, second = await asyncio.gather(teacher.press(draft, "Submit"), teacher.press(draft, "Submit"))
    await school.settled()

    assert first.status == second.status == 200
    assert len(await school.find(Incident)) == 1
    assert count(school, school.human("dsl"), "Something has been sent to you") == 1


async def test_two_people_who_write_at_once_are_both_answered(school: School) -> None:
    people = [school.human(each) for each in ("history_teacher", "pe_teacher", "new_teacher", "deputy_head", "dsl")]

    deliveries = await asyncio.gather(*(each.says(place, QUESTION) for each in people for place in ("dm", STAFF)))
    await school.settled()

    assert all(each.status == 200 for each in deliveries)
    assert [count(school, each, ANSWER, "dm") for each in people] == [1] * 5
    assert count(school, people[0], ANSWER, STAFF) == 5


# Stopping ------------------------------------------------------------------------------------


async def test_what_was_answered_is_known_after_the_program_was_stopped(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "apply"))
    await school.accepts(await teacher.says("dm", str(CASE["aim"])))
    await school.office.restarts()

    await school.accepts(await teacher.says("dm", "Parents and carers"))

    assert "be promoted" in school.said(teacher)[-1]
    assert not [each for each in school.fake.called("POST") if each.path.endswith("/v3/conversations")]
