"""The running program in Slack, killed on the way, and how what it says arrives: once, in time, and to each."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.conversation.sessions import Session
from bot.domain.applications import Application, State
from bot.domain.jobs import Errand, Job
from bot.errors import NotSaved
from bot.sayings import Saying
from bot.stores.tinydb import TinyDBStore
from tests.offices import slack_office
from tests.process import events_logged
from tests.simulator import Office, in_memory, on_disk, sample_settings
from tests.slack.deliveries import Delivery
from tests.slack.desk import BOT_TOKEN, SECRET, SLT, STAFF, SlackClient, SlackDesk
from tests.slack.failures import DroppedAfter, DroppedBefore, Failure, Held, RateLimited, Status
from tests.slack.fake import FakeSlack
from tests.slack.human import Human
from tests.slack.messages import pressables
from tests.slack.process import School, school, text_of, unreachable
from tests.stories.test_apply import AIM, BUSINESS_CASE, TRAINED, bring_to_slt, submit
from tests.stories.test_manners import Disk

Json = Any
Act = Callable[[], Awaitable[Delivery]]
MODAL_ANSWERS: dict[str, Json] = {
    **BUSINESS_CASE, "audience": ["Pupils"],
}  # fmt: skip
MOVES = ["begin", "submit", "confirm", "confirm", "approve", "approve", "approve"]
CARD = "APP-1: @BebingtonHistory on X (Twitter)"
QUESTION = "May I name the school in a post on my own account?"
ANSWERED = "What the policy says"
WHOM_TO_PHONE = "This was not saved, and nobody has been told."
HELP_WANTED = "The bot needs your help"


@pytest.fixture
async def bebington(tmp_path: Path) -> AsyncIterator[School]:
    """The school with the program as a process of its own."""
    async with school(tmp_path) as opened:
        yield opened


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """The school with the program in the test's own process, so that the clock can be moved."""
    opened = slack_office(sample_settings(tmp_path), in_memory(), App)
    await opened.open()
    yield opened
    await opened.leave()


@pytest.fixture
async def lasting_office(tmp_path: Path) -> AsyncIterator[Office]:
    """The same on disk."""
    opened = slack_office(sample_settings(tmp_path), on_disk(tmp_path), App)
    await opened.open()
    yield opened
    await opened.leave()


# The whole story, killed twice -------------------------------------------------------------------


async def test_an_application_outlives_two_kills(bebington: School) -> None:
    """Begun in a window, finished in a direct message, approved by two presses at once: nothing twice, nothing lost."""
    slack, program = bebington.fake, bebington.program
    teacher, runner, newcomer = map(bebington.person, ("history_teacher", "pe_teacher", "new_teacher"))
    deputy, assistant, head = map(bebington.person, ("deputy_head", "assistant_head", "head_teacher"))
    administrator, never = bebington.person("administrator"), asyncio.Event()

    # The history teacher begins in a window, and leaves it for the chat on its second page.
    await teacher.commands("apply")
    await teacher.fills(await teacher.sees_modal("What is the aim of the account?"), **MODAL_ANSWERS)
    await teacher.presses_in(await teacher.sees_modal("Pupils will see it"), "Answer in chat instead")
    await teacher.hears("appropriate for teaching and learning")

    # The first kill: one answer is heard and the next question on its way; a colleague's question is not looked at.
    next_question, look_up = Held(never), Held(never)
    slack.fails("chat.postMessage", next_question, channel=teacher.human.id)
    slack.fails("users.info", look_up, channel=newcomer.human.id)
    asking = asyncio.create_task(newcomer.writes(QUESTION))
    await look_up.reached.wait()
    answered = await teacher.writes("Short reminders about homework.")
    await next_question.reached.wait()
    await program.kill()
    unanswered = await asking
    assert (answered.status, unanswered.status) == (200, 0)

    # It comes up again. Slack repeats what it got no answer to, and what it did as well.
    await bebington.start()
    assert (await slack.again(unanswered)).ok
    assert (await slack.again(answered)).ok
    await newcomer.hears(ANSWERED)

    # The draft goes on where it was.
    for question, answer in (
        ("possible implications", "Comments are turned off."),
        ("minimum age", "All are old enough"),
        ("private messages", "Private messages are turned off"),
    ):
        await teacher.hears(question)
        assert (await teacher.writes(answer)).ok
    await teacher.presses("Submit", on="your draft")
    for each in (teacher, runner):
        await each.presses("Confirm", on="will you run")
        await each.fills(await each.sees_modal("trained"), trained=TRAINED)

    # SLT approves with two presses at once, and the second kill comes while the Head is told.
    to_head = Held(never)
    slack.fails("chat.postMessage", to_head, channel=head.human.id)
    presses = await asyncio.gather(*(each.presses("Approve", AIM, SLT) for each in (deputy, assistant)))
    await to_head.reached.wait()
    await program.kill()
    await bebington.start()
    for press in presses:
        assert press.ok
        assert (await slack.again(press, same_signature=True)).ok

    # Everybody gets to know, the Head approves, and all of it was once.
    await head.hears("SLT approves")
    await deputy.hears("The Head decides next", SLT)
    await head.presses("Approve", on=AIM)
    await administrator.hears("Put the details in the password vault")
    await teacher.hears("The account administrator creates it next.")
    await teacher.hears("APP-1: creating")
    await bebington.until(lambda: deputy.told_alone(SLT) and assistant.told_alone(SLT))
    assert await program.terminated() == 0
    assert not bebington.repeated_jobs()
    assert bebington.read_by_all() == {
        teacher.human.id: [
            *4 * ["A new school account"],
            CARD,
            "APP-1: waiting for runners",
            "APP-1: will you run @BebingtonHistory on X (Twitter)?",
            "APP-1: waiting for runners",
            "APP-1: SLT considering",
            "APP-1: Head considering",
            "APP-1: creating",
        ],
        newcomer.human.id: [ANSWERED],
        runner.human.id: ["APP-1: will you run @BebingtonHistory on X (Twitter)?", "APP-1: SLT considering"],
        SLT: [CARD],
        head.human.id: [CARD, "APP-1: creating"],
        administrator.human.id: ["APP-1: create @BebingtonHistory on X (Twitter)"],
    }
    async with program.records() as records:
        [application] = await records.find(Application)
        left = [each for each in await records.find(Job) if each.due_at and each.due_at <= datetime.now(UTC)]
        assert await records.find(Session) == []
        assert await records.find(Saying) == []
    assert not [each for each in left if each.errand is Errand.TELL]
    assert application.state is State.CREATING
    assert application.answers["suits_learning"] == "Short reminders about homework."
    assert [each.move for each in application.history] == MOVES


# Slack that is slow, busy or gone ------------------------------------------------------------------


def desk_of(office: Office) -> SlackDesk:
    """Return the desk with the fake."""
    assert isinstance(office.desk, SlackDesk)
    return office.desk


def human_of(office: Office, person: str) -> Human:
    """Return somebody at their client, to do what no story does."""
    client = office.person(person)
    assert isinstance(client, SlackClient)
    return client.human


def heard(fake: FakeSlack, place: str, said: str) -> int:
    """Return how many messages of the bot in *place* hold *said*."""
    return len([each for each in fake.posted(place) if said in text_of(each)])


async def later(office: Office, span: timedelta) -> None:
    """Let time pass and have due jobs done."""
    await desk_of(office).move_clock(office.clock.now() + span)


@pytest.mark.parametrize(("retry_after", "seconds"), [("1", 1.0), ("0.5", 0.5), (None, 5.0)])
async def test_a_busy_channel_waits_as_long_as_slack_asks_and_holds_up_nobody(
    office: Office, retry_after: str | None, seconds: float
) -> None:
    """Said once afterwards, and not before."""
    fake, runner, other = desk_of(office).fake, human_of(office, "pe_teacher"), human_of(office, "new_teacher")
    fake.fails("chat.postMessage", RateLimited(retry_after), channel=runner.id)

    await submit(office, runners=["pe_teacher", "new_teacher"])
    at_once = (heard(fake, runner.dm, "will you run"), heard(fake, other.dm, "will you run"))
    await later(office, timedelta(seconds=seconds * 0.9))
    too_soon = heard(fake, runner.dm, "will you run")
    await later(office, timedelta(seconds=seconds * 0.2))
    in_time = heard(fake, runner.dm, "will you run")
    await later(office, timedelta(minutes=10))

    assert at_once == (0, 1)
    assert (too_soon, in_time) == (0, 1)
    assert heard(fake, runner.dm, "will you run") == 1
    assert heard(fake, other.dm, "will you run") == 1
    assert len([call for call in fake.called("chat.postMessage") if call.channel == runner.dm]) == 2


@pytest.mark.parametrize("failure", [Status(500), Status(503), DroppedAfter(), DroppedBefore()], ids=repr)
@pytest.mark.parametrize("times", [1, 3])
async def test_a_message_whose_fate_is_unknown_stands_once(office: Office, failure: Failure, times: int) -> None:
    """The channel is asked before it is said again."""
    fake, teacher = desk_of(office).fake, human_of(office, "history_teacher")
    fake.fails("chat.postMessage", failure, channel=teacher.id, times=times)

    await teacher.says("dm", QUESTION)
    await desk_of(office).settled()
    for _ in range(8):
        await later(office, timedelta(minutes=1))

    assert heard(fake, teacher.dm, ANSWERED) == 1
    assert fake.called("conversations.history")
    assert len(fake.posted(teacher.dm)) == 1


# What comes again ----------------------------------------------------------------------------------


def posted(fake: FakeSlack) -> list[str]:
    """Return everything that stands in Slack, by what it says and to whom."""
    return [f"{each.channel} {each.ephemeral_to} {text_of(each)}" for each in fake.posted()]


def marks(fake: FakeSlack) -> list[Json]:
    """Return what the program marked its messages with."""
    return [each.metadata["event_payload"] for each in fake.posted() if each.metadata]


def repeated(fake: FakeSlack) -> list[Json]:
    """Return the marks that stand on several messages."""
    count = Counter((each["job"], each["part"]) for each in marks(fake) if "job" in each)
    return [mark for mark, times in count.items() if times > 1]


async def effects(office: Office) -> tuple[list[str], int, list[Session], list[Application]]:
    """Return what was said, shown and saved because of people."""
    store, fake = office.app.assistant.world.store, desk_of(office).fake
    opened = len([each for each in fake.called("views.open") if each.done])
    return posted(fake), opened, await store.find(Session), await store.find(Application)


async def says_something(office: Office) -> Act:
    """Answer a form's question in the direct chat."""
    await office.person("history_teacher").says("apply")
    return lambda: human_of(office, "history_teacher").says("dm", AIM)


async def mentions(office: Office) -> Act:
    """Ask in a channel."""
    words = f"<@{desk_of(office).fake.names.bot_user}> {QUESTION}"
    return lambda: human_of(office, "history_teacher").says(STAFF, words)


async def commands(office: Office) -> Act:
    """Begin with a slash command."""
    return lambda: human_of(office, "history_teacher").slash("apply")


async def presses(office: Office) -> Act:
    """Approve as one of SLT."""
    await bring_to_slt(office)
    return lambda: approves(office, "deputy_head")


async def submits(office: Office) -> Act:
    """Send a reason in a window."""
    await bring_to_slt(office)
    await office.person("deputy_head").presses("Ask for changes", on=AIM)
    deputy, modal = human_of(office, "deputy_head"), human_of(office, "deputy_head").modal
    assert modal is not None
    deputy.type_into(modal, "reason", "Who answers comments in the holidays?")
    return lambda: deputy.submit(modal)


async def approves(office: Office, person: str) -> Delivery:
    """Press Approve on the card in SLT's channel."""
    human = human_of(office, person)
    message = next(each for each in human.messages(SLT) if pressables(each.blocks, human.id))
    button = next(each for each in pressables(message.blocks, human.id) if each.label == "Approve")
    return await human.press(message, button.action_id)


ACTS = pytest.mark.parametrize(
    "arranged", [says_something, mentions, commands, presses, submits], ids=lambda each: str(each.__name__)
)


@ACTS
@pytest.mark.parametrize("restarted", [False, True], ids=["same program", "next program"])
async def test_what_comes_again_has_no_second_effect(
    lasting_office: Office, arranged: Callable[[Office], Awaitable[Act]], restarted: bool
) -> None:
    """As Slack's retry, and byte by byte as somebody sends it who overheard it; after a restart too."""
    office = lasting_office
    fake, act = desk_of(office).fake, await arranged(office)
    delivery = await act()
    assert delivery.ok
    await desk_of(office).settled()
    before = await effects(office)

    if restarted:
        await office.restarts()
    for number in (1, 2, 3):
        assert (await fake.again(delivery, number)).ok
    assert (await fake.again(delivery, same_signature=True)).ok
    await desk_of(office).settled()
    await later(office, timedelta(minutes=4))

    assert await effects(office) == before


@ACTS
async def test_what_comes_twice_at_once_has_one_effect(
    office: Office, arranged: Callable[[Office], Awaitable[Act]]
) -> None:
    """Slack reached nobody the first time, and then sends it twice; it is as if it had come once."""
    fake, act = desk_of(office).fake, await arranged(office)
    with unreachable(fake):
        delivery = await act()
    before, calls = {each.ts for each in fake.posted()}, len(fake.calls)

    twice = await asyncio.gather(fake.again(delivery), fake.again(delivery))
    await desk_of(office).settled()
    await later(office, timedelta(minutes=4))
    new = Counter(f"{each.channel} {text_of(each)}" for each in fake.posted() if each.ts not in before)

    assert delivery.status == 0
    assert [each.status for each in twice] == [200, 200]
    assert set(new.values()) <= {1}, new
    opened = [each for each in fake.calls[calls:] if each.method == "views.open" and each.done]
    assert len(new) + len(opened) >= 1
    assert len(opened) <= 1
    assert len(await office.app.assistant.world.store.find(Session)) <= 1
    assert not repeated(fake)


async def test_two_of_slt_press_at_the_same_moment(office: Office) -> None:
    """Both votes count, the Head is asked once, and a third press comes too late."""
    await bring_to_slt(office)
    fake, head = desk_of(office).fake, human_of(office, "head_teacher")

    together = await asyncio.gather(*(approves(office, each) for each in ("deputy_head", "assistant_head")))
    await desk_of(office).settled()
    [application] = await office.app.assistant.world.store.find(Application)

    assert [each.status for each in together] == [200, 200]
    assert application.state is State.HEAD
    assert sorted(each.person for each in application.votes) == ["assistant_head", "deputy_head"]
    assert heard(fake, head.dm, "SLT approves") == 1
    assert len([each for each in fake.posted(SLT) if not each.ephemeral_to]) == 1


async def test_one_of_slt_presses_twice_at_the_same_moment(office: Office) -> None:
    """That is one vote."""
    await bring_to_slt(office)

    together = await asyncio.gather(*(approves(office, "deputy_head") for _ in range(2)))
    await desk_of(office).settled()
    [application] = await office.app.assistant.world.store.find(Application)

    assert [each.status for each in together] == [200, 200]
    assert application.state is State.CONSIDERING
    assert [each.person for each in application.standing_votes()] == ["deputy_head"]


# What an administrator has to mend -----------------------------------------------------------------


def archive(fake: FakeSlack) -> None:
    """Archive SLT's channel."""
    fake.workspace.channels[SLT].is_archived = True


def unarchive(fake: FakeSlack) -> None:
    """Bring it back."""
    fake.workspace.channels[SLT].is_archived = False


def remove(fake: FakeSlack) -> None:
    """Take the bot out of SLT's channel."""
    fake.workspace.channels[SLT].members.remove(fake.names.bot_user)


def invite(fake: FakeSlack) -> None:
    """Let it in again."""
    fake.workspace.channels[SLT].members.append(fake.names.bot_user)


def revoke(fake: FakeSlack) -> None:
    """Revoke the bot's token."""
    fake.revokes()


def reinstate(fake: FakeSlack) -> None:
    """Take the token again."""
    fake.accepts_again()


@pytest.mark.parametrize(
    ("breaks", "mends", "reached"),
    [(archive, unarchive, True), (remove, invite, True), (revoke, reinstate, False)],
    ids=["archived", "not in the channel", "revoked"],
)
async def test_what_has_to_be_mended_is_told_once_and_the_job_waits(
    office: Office, breaks: Callable[[FakeSlack], None], mends: Callable[[FakeSlack], None], reached: bool
) -> None:
    """An hour and more without a storm of tries; once it is mended SLT is asked, once."""
    fake, administrator = desk_of(office).fake, human_of(office, "administrator")
    await submit(office)
    for runner in ("history_teacher", "pe_teacher"):
        await office.person(runner).presses("Confirm", on="will you run")
    runners = [human_of(office, each) for each in ("history_teacher", "pe_teacher")]

    breaks(fake)
    for human in runners:
        assert human.modal is not None
        human.type_into(human.modal, "trained", TRAINED)
        assert (await human.submit(human.modal)).ok
    await desk_of(office).settled()
    calls = len(fake.calls)
    for _ in range(90):
        await later(office, timedelta(minutes=1))
    told, tries = heard(fake, administrator.dm, HELP_WANTED), fake.calls[calls:]
    waited = heard(fake, SLT, AIM)

    mends(fake)
    for _ in range(21):
        await later(office, timedelta(minutes=1))

    assert told == (1 if reached else 0)
    assert waited == 0
    assert len(tries) <= 60, Counter((each.method, each.channel) for each in tries)
    assert heard(fake, SLT, AIM) == 1
    assert heard(fake, administrator.dm, HELP_WANTED) <= 1
    assert not repeated(fake)


async def test_what_was_mended_and_breaks_again_is_told_again(office: Office) -> None:
    """Once for each time."""
    fake, administrator = desk_of(office).fake, human_of(office, "administrator")
    for number, handle in ((1, "@One"), (2, "@Two")):
        archive(fake)
        await bring_to_slt(office, handle=handle, aim=f"{AIM} {handle}")
        await later(office, timedelta(minutes=11))
        assert heard(fake, administrator.dm, HELP_WANTED) == number
        unarchive(fake)
        await later(office, timedelta(minutes=11))
        assert heard(fake, SLT, handle) == 1


# Stopping ------------------------------------------------------------------------------------------


async def test_a_signal_lets_the_event_under_way_finish(bebington: School) -> None:
    """It is answered, what it led to is kept and said, and the program ends in order."""
    teacher, program = bebington.person("history_teacher"), bebington.program
    let_go = asyncio.Event()
    look_up = Held(let_go)
    bebington.fake.fails("users.info", look_up)
    applying = asyncio.create_task(teacher.writes("apply"))
    await look_up.reached.wait()

    program.asked_to_stop()
    let_go.set()
    code = await program.ended()
    delivery = await applying
    async with program.records() as records:
        sessions = await records.find(Session, person="history_teacher")

    assert (code, delivery.status) == (0, 200)
    assert [each.asked for each in sessions] == ["aim"]
    await bebington.start()
    await bebington.fake.again(delivery)
    await teacher.hears("What is the aim of the account?")
    assert teacher.heard("What is the aim of the account?") == 1


async def test_a_signal_is_heeded_though_slack_says_nothing_at_all(bebington: School) -> None:
    """It takes ten seconds at most, and what could not be said is said by the next program."""
    teacher, program = bebington.person("history_teacher"), bebington.program
    await teacher.writes("hello")
    await teacher.hears("Hello History teacher")
    never = asyncio.Event()
    bebington.fake.fails("*", Held(never), times=1_000)
    bebington.fake.workspace.calls.clear()

    acts = [teacher.writes(QUESTION), teacher.human.opens("home"), teacher.commands("apply")]
    deliveries = [asyncio.create_task(each) for each in acts]
    await bebington.until(lambda: {"chat.postMessage", "views.publish", "views.open"} <= bebington.methods_called())
    code = await program.terminated()
    never.set()
    statuses = [(await each).status for each in deliveries]
    bebington.fake.forgets_failures()
    await bebington.start()
    await bebington.until(lambda: bebington.fake.called("conversations.history"))

    assert code == 0
    assert statuses == [200, 200, 200]
    await teacher.hears(ANSWERED)
    assert teacher.heard(ANSWERED) == 1


# Logs ----------------------------------------------------------------------------------------------


async def test_the_log_holds_nothing_that_people_typed(tmp_path: Path) -> None:
    """Not at its most talkative, and no token or secret either; each line is JSON."""
    typed = ("Quidditch", "Hogsmeade", "Thestral", "Dumbledore", "Butterbeer")
    async with school(tmp_path, SMPOLICY_LOG="debug") as bebington:
        teacher, fake = bebington.person("history_teacher"), bebington.fake
        fake.fails("chat.postMessage", Status(500))
        fake.fails("views.publish", DroppedAfter())
        await teacher.writes(f"May I post about {typed[0]}?")
        await teacher.human.opens("home")
        await teacher.commands(f"ask about {typed[1]}")
        await teacher.commands(f"{typed[2]} it")
        await teacher.commands("apply")
        modal = await teacher.sees_modal("What is the aim of the account?")
        await teacher.fills(modal, **{**MODAL_ANSWERS, "aim": f"Show {typed[3]}", "handle": f"@{typed[4]}"})
        await teacher.presses_in(await teacher.sees_modal("Pupils will see it"), "Answer in chat instead")
        await teacher.hears("appropriate for teaching and learning")
        await fake.sends(b'{"Quidditch"', fake.signed("event", b'{"Quidditch"'))
        await fake.sends(b'{"text": "Quidditch"}', {"X-Slack-Signature": "v0=Hogsmeade"})
        assert await bebington.program.terminated() == 0
        log = bebington.program.log

    assert {each["level"] for each in events_logged(log)} >= {"info"}
    assert not [each for each in (*typed, "Pupils", BOT_TOKEN, SECRET) if each.lower() in log.lower()]
    assert "traceback" not in log.lower()


# A disk that refuses -------------------------------------------------------------------------------


@pytest.fixture
def disk() -> Disk:
    """The disk."""
    return Disk()


@pytest.fixture
async def office_on_disk(tmp_path: Path, disk: Disk) -> AsyncIterator[Office]:
    """A school whose store is on that disk."""
    opened = slack_office(sample_settings(tmp_path), lambda: TinyDBStore(tmp_path, disk), App)
    await opened.open()
    yield opened
    disk.full = False
    await opened.leave()


async def refused_by_disk(office: Office) -> None:
    """Wait until everything has led to what it can lead to while nothing can be saved."""
    with contextlib.suppress(NotSaved):
        await desk_of(office).settled()
    app = desk_of(office).app
    assert isinstance(app, App)
    assert app.slack is not None
    await app.slack.settled()


@pytest.mark.parametrize("place", ["dm", STAFF])
async def test_words_that_could_not_be_saved_are_answered_with_whom_to_phone(
    office_on_disk: Office, disk: Disk, place: str
) -> None:
    """Nothing is claimed as saved, and the same words work a minute later."""
    fake, teacher = desk_of(office_on_disk).fake, human_of(office_on_disk, "history_teacher")
    words = f"<@{fake.names.bot_user}> {QUESTION}"

    disk.full = True
    lost = await teacher.says(place, words)
    await refused_by_disk(office_on_disk)
    while_full = [text_of(each) for each in fake.posted()]
    disk.full = False
    kept = await teacher.says(place, words)
    await later(office_on_disk, timedelta(minutes=2))

    assert (lost.status, kept.status) == (200, 200)
    assert [WHOM_TO_PHONE in each for each in while_full] == [True]
    assert heard(fake, "", ANSWERED) == 1


async def test_a_command_that_could_not_be_saved_is_answered_with_whom_to_phone(
    office_on_disk: Office, disk: Disk
) -> None:
    """In the acknowledgement, and no window opens that nobody would know of."""
    fake, teacher = desk_of(office_on_disk).fake, human_of(office_on_disk, "history_teacher")

    disk.full = True
    lost = await teacher.slash("apply")
    await refused_by_disk(office_on_disk)
    opened = teacher.modal
    disk.full = False
    await teacher.slash("apply")
    await refused_by_disk(office_on_disk)

    assert lost.status == 200
    assert opened is None
    assert heard(fake, "", WHOM_TO_PHONE) == 1
    assert teacher.modal is not None


async def test_a_page_that_could_not_be_saved_stays_open_with_what_was_typed(
    office_on_disk: Office, disk: Disk
) -> None:
    """Sent again, it is taken."""
    teacher = human_of(office_on_disk, "history_teacher")
    await teacher.slash("report")
    await refused_by_disk(office_on_disk)
    modal = teacher.modal
    assert modal is not None
    first = next(each for each in modal.blocks if each["type"] == "input")

    disk.full = True
    for block in modal.blocks:
        if block["type"] == "input" and not block.get("optional"):
            element = block["element"]
            options = element.get("options")
            teacher.type_into(modal, block["block_id"], options[0]["value"] if options else "A fake account of ours")
    lost = await teacher.submit(modal)
    errors, typed = dict(modal.errors), dict(modal.typed)
    disk.full = False
    taken = await teacher.submit(modal)

    assert (lost.status, taken.status) == (200, 200)
    assert WHOM_TO_PHONE in errors[first["block_id"]]
    assert typed
    assert not modal.errors


async def test_a_press_that_could_not_be_saved_is_not_made(office_on_disk: Office, disk: Disk) -> None:
    """Only the presser is told, and pressing once more makes it."""
    office, fake = office_on_disk, desk_of(office_on_disk).fake
    await bring_to_slt(office)

    disk.full = True
    lost = await approves(office, "deputy_head")
    await refused_by_disk(office)
    told = [each.ephemeral_to for each in fake.posted() if WHOM_TO_PHONE in text_of(each)]
    disk.full = False
    [before] = await office.app.assistant.world.store.find(Application)
    made = await approves(office, "deputy_head")
    await later(office, timedelta(minutes=2))
    [after] = await office.app.assistant.world.store.find(Application)

    assert (lost.status, made.status) == (200, 200)
    assert told == [human_of(office, "deputy_head").id]
    assert (len(before.votes), len(after.votes)) == (0, 1)
