"""One school on two platforms: cases cross from Teams to Slack and back, and every card is drawn again on its own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Set
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.conversation.cards import About, Card, plain
from bot.conversation.sessions import Session
from bot.domain.applications import Application, State
from bot.domain.jobs import Reach, Shown
from bot.domain.people import Role
from bot.platforms.web.clock import LocalClock
from bot.ports import Chat
from bot.routing import World
from bot.settings.load import Settings
from bot.settings.shapes import Channel
from tests.simulator import START, Client, Desk, Office, Running, in_memory, sample_settings
from tests.slack.desk import SLT as SLACK_SLT
from tests.slack.desk import SlackClient, SlackDesk
from tests.slack.failures import Status
from tests.slack.messages import pressables as slack_pressables
from tests.slack_words import words as slack_words
from tests.stories.test_apply import AIM, BUSINESS_CASE, TRAINED
from tests.teams.desk import SLT as TEAMS_SLT
from tests.teams.desk import TeamsClient, TeamsDesk
from tests.teams.fake import FakeTeams
from tests.teams_words import words as teams_words

Json = Any
Away = Callable[[FakeTeams], AbstractContextManager[None]]
PLACES = {
    "slack": Channel(slack=SLACK_SLT),
    "teams": Channel(teams=TEAMS_SLT),
    "both": Channel(slack=SLACK_SLT, teams=TEAMS_SLT),
}
QUESTION = "May I name the school in a post on my own account?"
ANSWERED = "What the policy says"
HANDLE = "@BebingtonHistory on X (Twitter)"


class TwoDesks(Desk):
    """Slack and Teams beside each other; who is on which is for app.yaml to say, and so is where SLT meets."""

    local = False
    whispers = True

    def __init__(self, settings: Settings, clock: LocalClock, in_slack: Set[str], in_teams: Set[str], slt: str) -> None:
        self.slack = SlackDesk(_less(settings, in_slack), clock)
        self.teams = TeamsDesk(_less(settings, in_teams), clock)
        self._in_teams = in_teams
        self._slt = PLACES[slt]
        self._clock = clock

    async def ready(self, settings: Settings) -> Settings:
        """Open both platforms, and return settings with the ways to them."""
        both = await self.teams.ready(await self.slack.ready(settings))
        return replace(both, channels={**both.channels, "slt": self._slt})

    def chats(self, world: World) -> tuple[Chat, ...]:
        """Return none: the program makes its own."""
        return ()

    async def open(self, app: Running) -> None:
        """Serve *app* to both, each at a port of its own."""
        await self.slack.open(app)
        await self.teams.open(app)

    async def close(self) -> None:
        """Stop serving."""
        await self.slack.close()
        await self.teams.close()

    async def leave(self) -> None:
        """Close both for good; neither may have refused anything that was drawn."""
        await self.slack.leave()
        await self.teams.leave()

    def client(self, person: str) -> Client:
        """Return the client of *person*: in Teams, if they are there."""
        return (self.teams if person in self._in_teams else self.slack).client(person)

    async def move_clock(self, moment: datetime) -> None:
        """Set the clock of all and have due jobs done."""
        self._clock.set(moment)
        await self.settled()

    async def settled(self) -> None:
        """Wait until all that happened has led to all that it leads to."""
        await self.slack.settled()
        await self.teams.settled()


def _less(settings: Settings, people: Set[str]) -> Settings:
    """Return *settings* of a school of *people* alone."""
    return replace(settings, people=tuple(each for each in settings.people if each.person.id in people))


@dataclass(frozen=True, slots=True)
class Look:
    """A card as somebody sees it, or as it has to be: its words and what can be pressed."""

    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A button that stands on a message."""

    message: str
    action: str


class School:
    """The office, and what everybody is shown of its cases on both platforms."""

    def __init__(self, folder: Path, in_slack: Set[str], in_teams: Set[str], slt: str) -> None:
        settings, clock = sample_settings(folder), LocalClock(start=START)
        self.desk = TwoDesks(settings, clock, in_slack, in_teams, slt)
        self.office = Office(self.desk, settings, clock, in_memory(), App)
        self.person = self.office.person

    @property
    def world(self) -> World:
        """Return what the program works with."""
        return self.office.app.assistant.world

    async def asks_slt(self) -> None:
        """Have the history teacher apply, and both runners confirm."""
        await self.person("history_teacher").says("/smpolicy apply")
        await self.person("history_teacher").fills(**BUSINESS_CASE)
        await self.person("history_teacher").presses("Submit", on="APP-1")
        for runner in ("history_teacher", "pe_teacher"):
            await self.person(runner).presses("Confirm", on="will you run", trained=TRAINED)

    def clients(self, person: str) -> tuple[SlackClient, TeamsClient]:
        """Return somebody who is on both platforms, at each of their clients."""
        return self.desk.slack.client(person), self.desk.teams.client(person)

    async def passes(self, *, minutes: int) -> None:
        """Let time pass, a minute at a time."""
        for _ in range(minutes):
            await self.desk.move_clock(self.office.clock.now() + timedelta(minutes=1))

    async def find(self, kind: type[Any]) -> list[Any]:
        """Return the school's records of one kind."""
        return list(await self.world.store.find(kind))

    async def shows_what_is_so(self) -> list[str]:
        """Assert that each card of a case, wherever it was said, shows the case as it is now; return where they are."""
        await self.desk.settled()
        cards = await self.find(Shown)
        for each in cards:
            now = await self._drawn(each)
            for reader in self._readers(each):
                seen = await self._seen(each, reader)
                right = [Look(plain(card), tuple(button.label for button in card.buttons_for(reader))) for card in now]
                assert seen in right, f"{reader} sees {each.face} in {each.chat} as {seen} instead of {right}"
        self._nothing_else_moves_a_case(cards)
        return sorted(f"{each.chat} {each.face.partition('.')[2]} {each.to.id}" for each in cards)

    async def _drawn(self, shown: Shown) -> list[Card]:
        """Return the card of *shown* as it has to be now, and as it may be: news of the case, said just now."""
        kind = self.world.switchboard.kind_of(shown.kind)
        case = await self.world.store.get(kind.record, shown.subject)
        office = await self.office.app.assistant.office()
        reader = office.person(shown.to.id) if shown.to.reach is Reach.PERSON else None
        faces = [face for name, face in self.world.switchboard.faces.items() if name.startswith(f"{kind.name}.")]
        drawn = [face(case, reader, office) for face in faces]
        return [card for card in drawn if card is not None and card.about == About(shown.face, shown.subject)]

    def _readers(self, shown: Shown) -> Iterable[str]:
        """Return who is looked over the shoulder: whose chat it is, or those of SLT who are on that platform."""
        if shown.to.reach is Reach.PERSON:
            return (shown.to.id,)
        platform = self.desk.slack if shown.chat == "slack" else self.desk.teams
        listed = self.office.settings.persons
        return [each.id for each in listed if each.holds(Role.SLT) and platform.user(each.id)]

    async def _seen(self, shown: Shown, reader: str) -> Look:
        """Return the card as it stands on its platform, in all its parts."""
        ids = set(re.split(r"[|:,]", shown.reference))
        return await (self._seen_in_slack if shown.chat == "slack" else self._seen_in_teams)(ids, reader)

    async def _seen_in_slack(self, ids: set[str], reader: str) -> Look:
        human = self.desk.slack.client(reader).human
        parts = [each for each in human.messages() if each.ts in ids]
        labels = [button.label for each in parts for button in slack_pressables(each.blocks, human.id)]
        return Look("\n\n".join(slack_words(each.blocks) for each in parts), tuple(labels))

    async def _seen_in_teams(self, ids: set[str], reader: str) -> Look:
        human = self.desk.teams.client(reader).human
        await human.looks()
        parts = [each for each in human.messages() if each.id in ids]
        labels = [button.title for each in parts for button in each.buttons]
        return Look("\n\n".join(teams_words(each.card) for each in parts), tuple(labels))

    def _nothing_else_moves_a_case(self, cards: Iterable[Shown]) -> None:
        """Assert that whatever moves a case when it is pressed stands on one of *cards*, which are drawn again."""
        known = {id for each in cards for id in re.split(r"[|:,]", each.reference)}
        kinds = self.world.switchboard.kinds.values()
        moves = {f"{kind.name}.{row.move}" for kind in kinds for row in kind.workflow.transitions}
        forgotten = [each for each in self._pressable() if each.action in moves and each.message not in known]
        assert not forgotten, forgotten

    def _pressable(self) -> Iterator[Standing]:
        for said in self.desk.slack.fake.posted():
            for button in slack_pressables(said.blocks):
                yield Standing(said.ts, button.action_id.partition("#")[0])
        for message in self.desk.teams.fake.posted():
            for pressable in message.buttons:
                yield Standing(message.id, pressable.action["data"]["smpolicy"]["action"])


@asynccontextmanager
async def opened(
    folder: Path, *, in_teams: Set[str], slt: str, on_both: Set[str] = frozenset()
) -> AsyncIterator[School]:  # fmt: skip
    """Open a school in which SLT meets on the platform called *slt*; whoever is not said to be in Teams is in Slack."""
    everybody = {each.person.id for each in sample_settings(folder).people if not each.person.contact_only}
    school = School(folder, everybody - in_teams, in_teams | on_both, slt)
    await school.office.open()
    try:
        yield school
    finally:
        await school.office.leave()


# Across ----------------------------------------------------------------------------------------------


async def test_an_application_made_in_teams_is_decided_in_slack_and_by_the_head_in_teams(tmp_path: Path) -> None:
    """After each move every card that anyone was shown, on either platform, shows what is so now."""
    async with opened(tmp_path, in_teams={"history_teacher", "pe_teacher", "head_teacher"}, slt="slack") as school:
        teacher, colleague, head = map(school.person, ("history_teacher", "pe_teacher", "head_teacher"))
        deputy, assistant, administrator = map(school.person, ("deputy_head", "assistant_head", "administrator"))

        # The history teacher applies in Teams, and both runners confirm there.
        await teacher.says("/smpolicy apply")
        assert "APP-1: your draft" in await teacher.fills(**BUSINESS_CASE)
        assert await school.shows_what_is_so() == ["teams show history_teacher"]
        await teacher.presses("Submit", on="APP-1")
        asked = ["teams asked history_teacher", "teams asked pe_teacher", "teams show history_teacher"]
        assert await school.shows_what_is_so() == asked
        await teacher.presses("Confirm", on="will you run", trained=TRAINED)
        assert await school.shows_what_is_so() == asked
        assert "With SLT" in await colleague.presses("Confirm", on="will you run", trained=TRAINED)
        in_slack = ["slack request slt", *asked]
        assert await school.shows_what_is_so() == in_slack

        # SLT asks for more in Slack, gets it from Teams, and decides in Slack after a reminder.
        await deputy.sees(f"Aim: {AIM}", "slt")
        await deputy.presses("Ask for changes", on=AIM, reason="Who answers comments in the holidays?")
        await teacher.sees("Who answers comments in the holidays?", "dm")
        await school.shows_what_is_so()
        await teacher.presses("Edit", on="SLT asks for changes")
        await teacher.fills(**{**BUSINESS_CASE, "aim": f"{AIM} We take turns."})
        await teacher.presses("Submit", on="We take turns.")
        await deputy.sees("We take turns.", "slt")
        await school.shows_what_is_so()
        await deputy.presses("Approve", on="We take turns.")
        await school.shows_what_is_so()
        await school.office.clock_to("2026-11-26 09:00")
        await assistant.sees("Reminder", "slt")
        await school.shows_what_is_so()
        await school.office.restarts()
        assert "The Head decides next" in await assistant.presses("Approve", on="Reminder")

        # The Head hears of it in Teams, takes a day, and decides there.
        await head.sees(f"Aim: {AIM}", "dm")
        await school.shows_what_is_so()
        assert "Approve" not in await deputy.buttons("We take turns.")
        await school.office.clock_to("2026-11-28 09:00")
        await head.sees("Reminder", "dm")
        before = await school.shows_what_is_so()
        assert "The account administrator creates it next" in await head.presses("Approve", on="Reminder")
        await deputy.sees("The account administrator creates it next", "slt")
        after = await school.shows_what_is_so()
        assert set(after) - set(before) == {"slack create administrator"}

        # The administrator creates it from Slack, and everybody sees that it is done where they are.
        await administrator.presses(
            "Created", on="Put the details", handle="@BebHistory", vault="Social media / History", two_step=True
        )
        await teacher.sees("@BebHistory on X (Twitter) is live", "dm")
        await colleague.sees("@BebHistory on X (Twitter) is live", "dm")
        assert await school.shows_what_is_so() == [
            "slack create administrator", *3 * ["slack request slt"], "teams asked history_teacher",
            "teams asked pe_teacher", *2 * ["teams decide head_teacher"], *3 * ["teams show history_teacher"],
        ]  # fmt: skip
        for person in (teacher, colleague, head, deputy, assistant, administrator):
            assert not set(await person.buttons("APP-1")) & {"Approve", "Reject", "Created", "Confirm", "Submit"}

        # The register says the same to both.
        runs = "@BebHistory on X (Twitter) (ACC-1) – run by History teacher, PE teacher"
        for person in (teacher, deputy):
            assert runs in await person.says("who runs what")


async def test_an_application_made_in_slack_is_decided_in_a_channel_of_teams_and_by_the_head_in_slack(
    tmp_path: Path,
) -> None:
    """The other way round: SLT's private channel is in Teams, and the Head is not."""
    in_teams = {"deputy_head", "assistant_head", "administrator", "pe_teacher"}
    async with opened(tmp_path, in_teams=in_teams, slt="teams") as school:
        teacher, colleague, head = map(school.person, ("history_teacher", "pe_teacher", "head_teacher"))
        deputy, assistant, administrator = map(school.person, ("deputy_head", "assistant_head", "administrator"))

        await teacher.says("/smpolicy apply")
        await teacher.fills(**BUSINESS_CASE)
        await teacher.presses("Submit", on="APP-1")
        for person in (teacher, colleague):
            await person.presses("Confirm", on="will you run", trained=TRAINED)
            await school.shows_what_is_so()
        asked = ["slack asked history_teacher", "slack show history_teacher", "teams asked pe_teacher"]
        assert await school.shows_what_is_so() == [*asked, "teams request slt"]

        await deputy.presses("Approve", on=AIM)
        await teacher.sees("so far 1 to approve", "dm")
        await school.shows_what_is_so()
        await school.office.restarts()
        await assistant.presses("Approve", on=AIM)
        assert await school.shows_what_is_so() == sorted([*asked, "slack decide head_teacher", "teams request slt"])
        reason = "Two accounts of the department are enough."
        await head.presses("Reject", on=AIM, reason=reason)

        await deputy.sees(reason, "slt")
        await teacher.sees(reason, "dm")
        await school.shows_what_is_so()
        await administrator.sees_not("APP-1")
        [application] = await school.find(Application)
        assert application.state is State.REJECTED
        for person in (teacher, colleague, head, deputy, assistant):
            assert not set(await person.buttons("APP-1")) & {"Approve", "Reject", "Confirm", "Submit"}


# When one of them fails ------------------------------------------------------------------------------


@contextmanager
def unreachable(fake: FakeTeams) -> Iterator[None]:
    """Have a gateway of Teams say for a while that nobody is there."""
    fake.fail_next(503, times=1_000)
    yield
    fake.forgets_failures()


@contextmanager
def disabled(fake: FakeTeams) -> Iterator[None]:
    """Have the administrator of the tenant switch the bot off for a while."""
    fake.disables_bot()
    yield
    fake.disables_bot(False)


@pytest.mark.parametrize("away", [unreachable, disabled], ids=lambda each: str(each.__name__))
async def test_a_teams_that_is_away_keeps_nobody_in_slack_waiting(tmp_path: Path, away: Away) -> None:
    """SLT reads in Slack what has become of it; who is in Teams reads it once Teams is back."""
    async with opened(tmp_path, in_teams={"history_teacher", "head_teacher"}, slt="slack") as school:
        await school.asks_slt()

        with away(school.desk.teams.fake):
            for member in ("deputy_head", "assistant_head"):
                await school.person(member).presses("Approve", on=AIM)
            await school.person("deputy_head").sees("SLT approves. The Head decides next.", "slt")
            await school.person("pe_teacher").sees("SLT approves. The Head decides next.", "dm")
            await school.person("head_teacher").sees_not("APP-1")
        await school.passes(minutes=30)

        await school.person("head_teacher").sees("SLT approves. The Head decides next.", "dm")
        assert "slack request slt" in await school.shows_what_is_so()


async def test_a_slack_that_is_away_keeps_nobody_in_teams_waiting(tmp_path: Path) -> None:
    """And the other way round."""
    async with opened(tmp_path, in_teams={"history_teacher", "head_teacher", "administrator"}, slt="slack") as school:
        await school.asks_slt()
        for member in ("deputy_head", "assistant_head"):
            await school.person(member).presses("Approve", on=AIM)

        school.desk.slack.fake.fails("*", Status(503), times=1_000)
        await school.person("head_teacher").presses("Approve", on=AIM)
        await school.person("administrator").sees("Put the details in the password vault", "dm")
        await school.person("history_teacher").sees("APP-1: creating", "dm")
        await school.person("deputy_head").sees_not("The account administrator creates it next")
        school.desk.slack.fake.forgets_failures()
        await school.passes(minutes=30)

        await school.person("deputy_head").sees("The account administrator creates it next", "slt")
        assert "teams create administrator" in await school.shows_what_is_so()


# On both -----------------------------------------------------------------------------------------------


async def heard(clients: Iterable[Client], words: str) -> list[int]:
    """Return how many messages in the direct chat hold *words*, at each of *clients*."""
    return [
        len([each for each in await client.screen() if each.place == "dm" and words in each.text]) for client in clients
    ]


async def test_who_is_on_both_platforms_is_answered_where_they_ask(tmp_path: Path) -> None:
    """Nothing of it stands on the other one."""
    async with opened(tmp_path, in_teams={"head_teacher"}, on_both={"new_teacher"}, slt="slack") as school:
        in_slack, in_teams = clients = school.clients("new_teacher")

        assert ANSWERED in await in_teams.says(QUESTION)
        assert await heard(clients, ANSWERED) == [0, 1]
        assert ANSWERED in await in_slack.says(QUESTION)
        assert await heard(clients, ANSWERED) == [1, 1]
        assert "Hello New teacher" in await in_teams.says("hello")
        assert await heard(clients, "Hello New teacher") == [0, 1]


async def test_a_form_that_was_begun_on_one_platform_goes_on_on_the_other(tmp_path: Path) -> None:
    """It is one person's one draft; its cards are drawn again on both, and what is asked of them is asked once."""
    in_teams_alone = {"head_teacher", "pe_teacher"}
    async with opened(tmp_path, in_teams=in_teams_alone, on_both={"history_teacher"}, slt="slack") as school:
        in_slack, in_teams = clients = school.clients("history_teacher")

        await in_teams.says("/smpolicy apply")
        await in_teams.says(AIM)
        assert "1 of 5 points answered" in await in_slack.says("/smpolicy apply")
        await in_slack.presses("Continue")
        await in_slack.fills(**{name: answer for name, answer in BUSINESS_CASE.items() if name != "aim"})
        assert await school.shows_what_is_so() == ["slack show history_teacher"]
        await in_teams.says("my")
        await in_teams.presses("Show APP-1")
        assert await school.shows_what_is_so() == ["slack show history_teacher", "teams show history_teacher"]
        await in_teams.presses("Submit", on="APP-1")

        assert await heard(clients, "will you run") == [1, 0]
        assert len(await school.shows_what_is_so()) == 4
        assert await school.find(Session) == []


async def test_who_is_on_both_platforms_has_one_vote(tmp_path: Path) -> None:
    """Given in SLT's channel in Slack, and once more in the direct chat in Teams."""
    async with opened(tmp_path, in_teams={"head_teacher"}, on_both={"deputy_head"}, slt="slack") as school:
        in_slack, in_teams = school.clients("deputy_head")
        await school.asks_slt()

        await in_teams.says("my")
        await in_teams.presses("Show APP-1")
        await in_slack.presses("Approve", on=AIM)
        await in_teams.sees("so far 1 to approve", "dm")
        await in_teams.presses("Approve", on=AIM)
        await school.shows_what_is_so()
        [application] = await school.find(Application)

        assert application.state is State.CONSIDERING
        assert [each.person for each in application.standing_votes()] == ["deputy_head"]


async def test_nobody_decides_on_one_platform_what_they_applied_for_on_the_other(tmp_path: Path) -> None:
    """Four eyes are those of two people, wherever they look from (SLT-6)."""
    async with opened(tmp_path, in_teams={"head_teacher"}, on_both={"deputy_head"}, slt="slack") as school:
        in_slack, in_teams = school.clients("deputy_head")
        await in_teams.says("/smpolicy apply")
        await in_teams.fills(**{**BUSINESS_CASE, "runners": ["pe_teacher", "new_teacher"]})
        await in_teams.presses("Submit", on="APP-1")
        for each in ("pe_teacher", "new_teacher"):
            await school.person(each).presses("Confirm", on="will you run", trained=TRAINED)

        refused = await in_slack.refused("Approve", on=AIM)
        await school.shows_what_is_so()
        [application] = await school.find(Application)

        assert "is your own application, so somebody else decides" in refused
        assert application.state is State.CONSIDERING
        assert application.votes == ()


async def test_where_slt_has_a_channel_on_both_platforms_it_meets_in_slack(tmp_path: Path) -> None:
    """So that there is one card to decide on."""
    async with opened(tmp_path, in_teams={"head_teacher"}, slt="both") as school:
        await school.asks_slt()

        assert "slack request slt" in await school.shows_what_is_so()
        assert school.desk.teams.fake.posted(TEAMS_SLT) == []
