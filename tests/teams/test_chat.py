"""Teams as the worker's chat, over a real socket: says once, opens chats, draws again, and tells who can mend what."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.conversation.cards import About, Button, Card, line
from bot.domain.jobs import Reach, To
from bot.errors import Undeliverable
from bot.platforms.afterwards import Afterwards
from bot.platforms.teams.chat import TeamsChat
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.credentials import credentials_of
from bot.platforms.teams.hosts import ServiceHosts
from bot.platforms.teams.references import References
from bot.platforms.teams.render import messages
from bot.platforms.teams.shown import KEPT, Reference, TeamsParts
from bot.platforms.teams.votes import TeamsVote
from bot.platforms.trouble import PlatformTrouble
from bot.platforms.web.clock import LocalClock
from bot.ports import SchoolStore
from bot.settings.shapes import TeamsAccess
from bot.stores.memory import MemoryStore
from tests.teams.failures import DroppedAfter, DroppedBefore, Failure, Garbled
from tests.teams.fake import FakeTeams
from tests.teams.issuer import SECRET as PASSWORD
from tests.teams.issuer import TENANT, Issuer, Said

Json = Any
START = datetime(2026, 11, 30, 9, tzinfo=UTC)
APP = "0b07a5c1-1111-4000-8000-00000000b07a"
HEAD_SEAT, PE_SEAT = "e0000000-0000-4000-8000-00000000head", "e0000000-0000-4000-8000-0000000000pe"
SEATS = {"head_teacher": HEAD_SEAT, "pe_teacher": PE_SEAT, "ghost": "e0000000-0000-4000-8000-000000ghost"}
SLT_CHANNEL, STAFF_CHANNEL = "19:slt@thread.tacv2", "19:staff@thread.tacv2"
SLT, STAFF = To.place("slt"), To.place("staff")
HEAD, PE = To.person("head_teacher"), To.person("pe_teacher")
ONLY = To(Reach.PLACE, "slt", only="pe_teacher")
SECRET = "Grace from year 9"
VOTE = Button("Did this help?", "policy.vote", "question-7")
APPROVE = Button("Approve", "approvals.approve", "A-1", "yes", visible_to=frozenset({"head_teacher"}))
DAY = 24 * 60 * 60


@dataclass(slots=True)
class Desk:
    """A chat, and the Teams that it talks to."""

    teams: FakeTeams
    issuer: Issuer
    clock: LocalClock
    store: SchoolStore
    access: TeamsAccess
    connector: Connector
    references: References
    afterwards: Afterwards
    chat: TeamsChat

    async def restarted(self) -> TeamsChat:
        """Return the chat of a program that starts anew on the same store."""
        await self.afterwards.settled()
        await self.references.keep()
        self.references = References(self.store, self.clock, "bebington")
        await self.references.open()
        self.chat = self.make()
        return self.chat

    def make(self, *, only_met: bool = False, connector: Connector | None = None) -> TeamsChat:
        """Return a chat that has said nothing yet."""
        return TeamsChat(
            connector or self.connector,
            self.references,
            {"slt": SLT_CHANNEL, "staff": STAFF_CHANNEL},
            SEATS.get,
            access=self.access,
            clock=self.clock,
            store=self.store,
            school="bebington",
            afterwards=self.afterwards,
            viewers=lambda card: ["29:head"],
            only_met=only_met,
        )

    def later(self, seconds: float) -> None:
        """Move the clock on."""
        self.clock.set(self.clock.now() + timedelta(seconds=seconds))

    def private(self, seat: str) -> str:
        """Return the private chat of somebody with the bot."""
        return self.teams.workspace.personal(seat).id

    def meet(self, person: str, seat: str) -> None:
        """Hear somebody in their private chat."""
        user = self.teams.workspace.users[seat]
        self.references.note_person(
            person, conversation=self.private(seat), service_url=self.teams.base_url, tenant=TENANT, user=user.mri
        )

    def texts(self, place: str) -> list[str]:
        """Return what is to be read in *place*, a text for each message."""
        return [str(each.card) for each in self.teams.posted(place)]

    def called(self, method: str = "", path: str = "/activities") -> int:
        """Return how often that was called."""
        return sum(method in ("", each.method) and path in each.path for each in self.teams.calls)

    @property
    def created(self) -> int:
        """Return how often a conversation was asked for."""
        return sum(each.path.endswith("/v3/conversations") for each in self.teams.calls)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    clock = LocalClock(start=START)
    issuer = Issuer(APP, lambda: clock.now().timestamp())
    await issuer.open()
    teams = FakeTeams(issuer, APP, TENANT, lambda: clock.now().timestamp())
    await teams.open()
    teams.user(HEAD_SEAT, "Priya Nair")
    teams.user(PE_SEAT, "Sam Pike")
    teams.channel(SLT_CHANNEL, "SLT", [HEAD_SEAT])
    teams.channel(STAFF_CHANNEL, "Staff", [HEAD_SEAT, PE_SEAT])
    host = teams.base_url.split("/")[2]
    access = TeamsAccess(APP, PASSWORD, TENANT, token_url=issuer.token_url, service_hosts=frozenset({host}))
    connector = Connector(credentials_of(access, clock), ServiceHosts(access.service_hosts))
    await connector.open()
    store, afterwards = MemoryStore().of("bebington"), Afterwards()
    references = References(store, clock, "bebington")
    references.note_place(STAFF_CHANNEL, service_url=teams.base_url, tenant=TENANT)
    parts = (teams, issuer, clock, store, access, connector, references, afterwards)
    desk = Desk(*parts, chat=None)  # type: ignore[arg-type]  # it is made of the desk
    desk.chat = desk.make()
    yield desk
    await afterwards.settled()
    await connector.close()
    await teams.close()
    await issuer.close()


@pytest.fixture(autouse=True)
def _no_mistakes(request: pytest.FixtureRequest) -> Any:
    desk: Desk = request.getfixturevalue("desk")
    yield
    assert desk.teams.mistakes == []


def card(title: str = "A request", parts: int = 1, words: str = SECRET, **more: Json) -> Card:
    """Return a card that is drawn as that many messages."""
    drawn = Card(
        title, tuple(line(f"{words}, {number}. " + "a" * 2_900 * (parts > 1)) for number in range(parts * 9)), **more
    )
    assert len(messages(drawn, person="head_teacher")) == parts
    return drawn


async def refused(sending: Callable[[], Awaitable[object]]) -> Undeliverable:
    """Return what the worker is told where *sending* does not work."""
    with pytest.raises(Undeliverable) as caught:
        await sending()
    assert SECRET not in repr(caught.value.__cause__)
    return caught.value


# Saying


async def test_a_place_is_reached_by_its_name_or_by_its_conversation_and_a_person_by_their_seat(desk: Desk) -> None:
    reached = [SLT, To.place("teams:19:other@thread.tacv2"), HEAD, ONLY]
    not_reached = [To.place("press"), To.place("teams:"), To.person("chair"), To(Reach.PLACE, "slt", only="chair")]

    assert all(map(desk.chat.reaches, reached))
    assert not any(map(desk.chat.reaches, not_reached))
    reference = await desk.chat.send(To.place(f"teams:{SLT_CHANNEL}"), card(), "job")
    assert reference == f"{SLT_CHANNEL}|{desk.teams.posted(SLT_CHANNEL)[0].id}"


async def test_for_trying_out_only_who_was_met_is_reached(desk: Desk) -> None:
    chat = desk.make(only_met=True)
    desk.meet("head_teacher", HEAD_SEAT)

    assert chat.reaches(HEAD)
    assert chat.reaches(STAFF)
    assert not chat.reaches(PE)
    assert not chat.reaches(SLT)
    assert (await refused(lambda: chat.send(PE, card(), "job"))).for_good
    assert desk.teams.calls == []


async def test_a_persons_private_chat_is_opened_once_and_known_after_a_restart(desk: Desk) -> None:
    private = desk.private(HEAD_SEAT)

    first = await desk.chat.send(HEAD, card("One"), "one")
    second = await desk.chat.send(HEAD, card("Two"), "two")
    third = await (await desk.restarted()).send(HEAD, card("Three"), "three")

    assert all(each.startswith(f"{private}|") for each in (first, second, third))
    assert len(desk.texts(private)) == 3
    (created,) = [each for each in desk.teams.calls if each.path.endswith("/v3/conversations")]
    assert created.body == {
        "bot": {"id": f"28:{APP}"},
        "members": [{"id": HEAD_SEAT}],
        "isGroup": False,
        "tenantId": TENANT,
        "channelData": {"tenant": {"id": TENANT}},
    }


async def test_two_at_once_open_a_private_chat_once_and_another_person_does_not_wait(desk: Desk) -> None:
    answered = asyncio.Event()
    held = desk.teams.delay_next(answered, place=HEAD_SEAT)

    both = [asyncio.create_task(desk.chat.send(HEAD, card(), key)) for key in ("one", "two")]
    await held.reached.wait()
    await desk.chat.send(PE, card(), "three")
    answered.set()
    references = await asyncio.gather(*both)

    assert len(set(references)) == 2
    assert desk.created == 2
    assert len(desk.texts(desk.private(HEAD_SEAT))) == 2


async def test_who_was_met_is_written_to_where_they_were_met(desk: Desk) -> None:
    desk.meet("head_teacher", HEAD_SEAT)

    await desk.chat.send(HEAD, card(), "job")

    assert desk.created == 0
    assert len(desk.texts(desk.private(HEAD_SEAT))) == 1


async def test_an_answer_in_a_thread_stays_in_it(desk: Desk) -> None:
    root = desk.teams.human(PE_SEAT).writes(STAFF_CHANNEL, "May I post this?")
    thread = To(Reach.PLACE, "staff", thread=root.id)

    reference = await desk.chat.send(thread, card(), "job")
    await desk.chat.redraw(thread, reference, card(words="Done"))

    (said,) = desk.teams.posted(STAFF_CHANNEL)
    assert reference == f"{STAFF_CHANNEL};messageid={root.id}|{said.id}"
    assert said.thread == root.id
    assert "Done" in str(said.card)
    assert await desk.chat.find(thread, "job") == reference
    assert await desk.chat.find(STAFF, "job") is None


async def test_what_one_person_is_to_see_goes_to_their_private_chat(desk: Desk) -> None:
    reference = await desk.chat.send(ONLY, card(), "job")
    await desk.chat.redraw(ONLY, reference, card(words="Done"))

    assert reference.startswith(f"{desk.private(PE_SEAT)}|")
    assert await desk.chat.find(ONLY, "job") == reference
    assert "Done" in desk.texts(desk.private(PE_SEAT))[0]
    assert desk.texts(SLT_CHANNEL) == []


async def test_a_private_chat_has_its_persons_buttons_and_a_place_all_with_a_view_for_each(desk: Desk) -> None:
    shown = card(buttons=(APPROVE,), about=About("approvals.show", "A-1"))
    await desk.chat.send(SLT, shown, "slt")
    await desk.chat.send(HEAD, shown, "head")
    await desk.chat.send(PE, shown, "pe")

    (in_slt,), (for_head,), (for_pe,) = (
        desk.teams.posted(place) for place in (SLT_CHANNEL, desk.private(HEAD_SEAT), desk.private(PE_SEAT))
    )
    assert [each.title for each in in_slt.buttons] == [each.title for each in for_head.buttons] == ["Approve"]
    assert for_pe.buttons == []
    assert in_slt.card["refresh"]["userIds"] == ["29:head"]
    assert "refresh" not in for_head.card


async def test_a_slow_place_does_not_hold_up_another(desk: Desk) -> None:
    answered = asyncio.Event()
    held = desk.teams.delay_next(answered, place=SLT_CHANNEL)

    slow = asyncio.create_task(desk.chat.send(SLT, card(), "slow"))
    await held.reached.wait()
    await desk.chat.send(STAFF, card(), "quick")

    assert not slow.done()
    answered.set()
    assert (await slow).startswith(SLT_CHANNEL)


def test_a_reference_is_read_as_it_was_written() -> None:
    for reference in (
        Reference(SLT_CHANNEL, ("1701",)),
        Reference(f"{SLT_CHANNEL};messageid=1700", ("1:a,b|c%2C", "1702", "")),
        Reference("a:1|odd,", ("1",)),
    ):
        assert Reference.read(str(reference)) == reference


# Saying once


async def test_what_was_said_is_known_to_the_same_process(desk: Desk) -> None:
    """Where the store failed after it was said, it is not said again."""
    assert await desk.chat.find(HEAD, "job") is None
    reference = await desk.chat.send(HEAD, card(), "job")

    assert await desk.chat.find(HEAD, "job") == reference
    assert await desk.chat.find(HEAD, "another") is None
    assert await desk.chat.find(SLT, "job") is None
    assert await desk.chat.send(HEAD, card(), "job") == reference
    assert len(desk.texts(desk.private(HEAD_SEAT))) == 1
    assert await (await desk.restarted()).find(HEAD, "job") is None


async def test_a_sending_that_stopped_half_way_goes_on_where_it_stopped(desk: Desk) -> None:
    await desk.chat.send(SLT, card(), "first")
    long = card(parts=3)
    stops = asyncio.Event()
    held = desk.teams.delay_next(stops, place=SLT_CHANNEL)
    sending = asyncio.create_task(desk.chat.send(SLT, long, "job"))
    await held.reached.wait()
    desk.teams.fail_next(500, place=SLT_CHANNEL)
    stops.set()
    with pytest.raises(Undeliverable):
        await sending

    assert await desk.chat.find(SLT, "job") is None
    reference = await desk.chat.send(SLT, long, "job")

    said = desk.teams.posted(SLT_CHANNEL)[1:]
    assert reference == f"{SLT_CHANNEL}|{','.join(each.id for each in said)}"
    assert [each.summary for each in said] == ["A request", "A request (2 of 3)", "A request (3 of 3)"]
    assert await desk.chat.find(SLT, "job") == reference


@pytest.mark.parametrize("failure", [DroppedBefore(), DroppedAfter(), Garbled()], ids=lambda each: type(each).__name__)
async def test_where_nobody_can_tell_it_is_unknown(desk: Desk, failure: Failure) -> None:
    desk.teams.fails(failure, place=SLT_CHANNEL)

    error = await refused(lambda: desk.chat.send(SLT, card(), "job"))

    assert (error.unknown, error.retry_after, error.for_good, error.blocked) == (True, None, False, "")
    assert await desk.chat.send(SLT, card(), "job")


# Pace


@pytest.mark.parametrize(("header", "seconds"), [("2", 2.0), ("0.5", 0.5), (None, 5.0), ("soon", 5.0)])
async def test_teams_says_how_long_to_wait(desk: Desk, header: str | None, seconds: float) -> None:
    desk.teams.fail_next(429, "Throttled", retry_after=header)

    error = await refused(lambda: desk.chat.send(SLT, card(), "job"))

    assert (error.retry_after, error.for_good, error.unknown) == (seconds, False, False)


async def test_a_conversation_stays_quiet_as_long_as_teams_asked_and_others_do_not(desk: Desk) -> None:
    desk.teams.fail_next(429, "Throttled", retry_after="2", place=SLT_CHANNEL)
    await refused(lambda: desk.chat.send(SLT, card(), "one"))
    desk.later(0.5)

    error = await refused(lambda: desk.chat.send(SLT, card(), "two"))
    await desk.chat.send(STAFF, card(), "three")

    assert error.retry_after == 1.5
    assert desk.called() == 2
    desk.later(1.5)
    assert await desk.chat.send(SLT, card(), "two")


@pytest.mark.parametrize("status", [412, 502, 503, 504])
async def test_what_passes_is_tried_again_soon_and_ever_later(desk: Desk, status: int) -> None:
    desk.teams.fail_next(status, "PreconditionFailed", times=7, place=SLT_CHANNEL)

    errors = [await refused(lambda: desk.chat.send(SLT, card(), "job")) for _ in range(7)]

    waits = [each.retry_after for each in errors]
    # Round 1, 2, 4, 8 and 16 seconds, as the name of the message has it.
    assert waits == [*(pytest.approx(each, abs=1e-3) for each in (1.129, 1.580, 4.690, 6.243, 14.067)), None, None]
    assert [each.unknown for each in errors] == [False] * 5 + [True] * 2
    assert not any(each.for_good for each in errors)
    assert await desk.chat.send(SLT, card(), "job")


async def test_how_long_it_waits_differs_between_messages_and_is_the_same_for_each(desk: Desk) -> None:
    keys = [f"job {number}" for number in range(20)]
    desk.teams.fail_next(502, times=40, place=SLT_CHANNEL)

    async def waits(chat: TeamsChat) -> list[float | None]:
        return [(await refused(lambda key=key: chat.send(SLT, card(), key))).retry_after for key in keys]  # type: ignore[misc]

    first = await waits(desk.chat)
    again = await waits(desk.make())

    assert first == again
    assert len(set(first)) == 20
    assert all(each is not None and 0.75 <= each <= 1.25 for each in first)


async def test_what_went_through_is_counted_anew(desk: Desk) -> None:
    root = await desk.chat.send(SLT, card(), "job")
    desk.teams.fail_next(502, place=SLT_CHANNEL)
    first = await refused(lambda: desk.chat.redraw(SLT, root, card()))
    await desk.chat.redraw(SLT, root, card())
    desk.teams.fail_next(502, place=SLT_CHANNEL)

    again = await refused(lambda: desk.chat.redraw(SLT, root, card()))

    assert first.retry_after == again.retry_after


async def test_a_server_error_leaves_the_outcome_open(desk: Desk) -> None:
    desk.teams.fail_next(500, "ServiceError")

    error = await refused(lambda: desk.chat.send(SLT, card(), "job"))

    assert (error.unknown, error.retry_after) == (True, None)


# The bot is not let in


async def test_a_withdrawn_token_is_replaced_without_anybody_noticing(desk: Desk) -> None:
    await desk.chat.send(SLT, card(), "one")
    desk.issuer.revoke()

    await asyncio.gather(*(desk.chat.send(to, card(), f"two {to.id}") for to in (SLT, STAFF, HEAD)))

    assert len(desk.issuer.asked) == 2
    assert desk.chat.trouble == ""


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (7000222, "secret has expired"),
        (7000215, "not its id"),
        (700016, "MICROSOFT_APP_ID"),
        (90002, "MICROSOFT_APP_TENANT_ID"),
        (53003, "AADSTS53003"),
    ],
)
async def test_a_bot_that_gets_no_token_waits_for_an_administrator(desk: Desk, number: int, words: str) -> None:
    desk.issuer.tokens = Said(401, f'{{"error": "invalid_client", "error_codes": [{number}]}}'.encode())

    error = await refused(lambda: desk.chat.send(SLT, card(), "job"))

    assert words in error.blocked
    assert error.blocked == desk.chat.trouble
    assert not error.for_good
    assert desk.teams.calls == []
    desk.issuer.tokens = Said()
    desk.later(600)
    await desk.chat.send(SLT, card(), "job")
    assert desk.chat.trouble == ""


async def test_a_bot_that_is_not_accepted_is_told_what_to_compare(desk: Desk) -> None:
    desk.teams.fail_next(401, "Unauthorized", times=2)
    vague = await refused(lambda: desk.chat.send(SLT, card(), "job"))
    desk.later(600)
    desk.teams.fail_next(401, "BotNotRegistered", times=2)
    exact = await refused(lambda: desk.chat.send(SLT, card(), "job"))

    assert "MICROSOFT_APP_TYPE" in vague.blocked
    assert "Teams channel" in exact.blocked


async def test_while_teams_takes_nothing_one_message_in_a_while_tries(desk: Desk) -> None:
    """Whom it is for does not matter; once one has arrived, all others follow at once."""
    desk.teams.fail_next(401, "BotNotRegistered", times=4)
    await refused(lambda: desk.chat.send(SLT, card(), "first"))
    await refused(lambda: desk.chat.send(STAFF, card(), "second"))
    tried = desk.called()

    desk.later(600)
    errors = await asyncio.gather(
        *(desk.chat.send(to, card(), f"job {to.id}") for to in (SLT, STAFF)), return_exceptions=True
    )
    again = desk.called()
    desk.later(600)
    await asyncio.gather(*(desk.chat.send(to, card(), f"job {to.id}") for to in (SLT, STAFF)))

    assert (tried, again) == (2, 4)
    assert all(isinstance(error, Undeliverable) and error.blocked for error in errors)
    assert desk.called() == 6


async def test_what_an_administrator_forbids_for_one_person_does_not_stop_the_others(desk: Desk) -> None:
    """Policies of the tenant may be for a few people, so that it says nothing of the others."""
    desk.teams.fail_next(403, "BotDisabledByAdmin", path="/activities", place=HEAD_SEAT)

    error = await refused(lambda: desk.chat.send(HEAD, card(), "job"))
    trouble = desk.chat.trouble
    await desk.chat.send(PE, card(), "job")

    assert "administrator" in error.blocked
    assert not error.for_good
    assert trouble == error.blocked
    assert await desk.chat.send(HEAD, card(), "job")


async def test_a_bot_that_is_switched_off_waits_for_an_administrator(desk: Desk) -> None:
    desk.teams.disables_bot()
    for to in (SLT, HEAD):
        error = await refused(lambda to=to: desk.chat.send(to, card(), "job"))  # type: ignore[misc]
        assert "administrator" in error.blocked

    desk.teams.disables_bot(False)

    assert await desk.chat.send(HEAD, card(), "job")


# People


@pytest.mark.parametrize("met", [False, True])
@pytest.mark.parametrize("how", ["blocks", "uninstalls"])
async def test_who_does_not_want_the_bot_is_left_alone_until_they_are_heard_again(
    desk: Desk, how: str, met: bool
) -> None:
    user = desk.teams.workspace.users[HEAD_SEAT]
    user.blocked, user.installed = how == "blocks", how != "uninstalls"
    if met:
        desk.meet("head_teacher", HEAD_SEAT)
    first = await refused(lambda: desk.chat.send(HEAD, card(), "one"))
    calls = len(desk.teams.calls)

    second = await refused(lambda: desk.chat.send(HEAD, card(), "two"))
    restarted = await refused(lambda: desk.chat.send(HEAD, card(), "three"))
    chat = await desk.restarted()
    await refused(lambda: chat.send(HEAD, card(), "four"))

    assert all(each.for_good and not each.blocked for each in (first, second, restarted))
    assert len(desk.teams.calls) == calls
    assert await chat.send(PE, card(), "five")
    user.blocked, user.installed = False, True
    desk.meet("head_teacher", HEAD_SEAT)
    assert await chat.send(HEAD, card(), "six")


async def test_who_came_back_without_the_bot_being_told_is_reached_after_a_day(desk: Desk) -> None:
    user = desk.teams.workspace.users[HEAD_SEAT]
    user.installed = False
    await refused(lambda: desk.chat.send(HEAD, card(), "one"))
    user.installed = True
    desk.later(DAY - 1)
    await refused(lambda: desk.chat.send(HEAD, card(), "two"))

    desk.later(1)

    assert await desk.chat.send(HEAD, card(), "three")
    assert await desk.chat.send(HEAD, card(), "four")


async def test_somebody_without_a_seat_is_given_up_without_asking_teams(desk: Desk) -> None:
    error = await refused(lambda: desk.chat.send(To.person("chair"), card(), "job"))

    assert error.for_good
    assert desk.teams.calls == []


async def test_somebody_whom_teams_does_not_know_is_given_up(desk: Desk) -> None:
    error = await refused(lambda: desk.chat.send(To.person("ghost"), card(), "job"))

    assert (error.for_good, error.blocked) == (True, "")


@pytest.mark.parametrize(("status", "code"), [(404, "ConversationNotFound"), (400, "BadSyntax")])
async def test_a_private_chat_that_teams_has_forgotten_is_opened_anew(desk: Desk, status: int, code: str) -> None:
    desk.meet("head_teacher", HEAD_SEAT)
    desk.teams.fail_next(status, code)
    error = await refused(lambda: desk.chat.send(HEAD, card(), "job"))
    assert (error.for_good, error.blocked, error.unknown) == (False, "", False)

    await desk.chat.send(HEAD, card(), "job")
    assert desk.created == 1
    await (await desk.restarted()).send(HEAD, card(), "another")

    assert desk.created == 1


# Places


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, "BotNotInConversationRoster"),
        (403, "ForbiddenOperationException"),
        (403, "NotEnoughPermissions"),
        (403, "ConversationBlockedByUser"),
        (404, "ConversationNotFound"),
        (404, "NotFound"),
        (400, "BadSyntax"),
    ],
)
async def test_what_is_wrong_with_one_place_names_it(desk: Desk, status: int, code: str) -> None:
    desk.teams.fail_next(status, code, times=2)

    named = await refused(lambda: desk.chat.send(SLT, card(), "job"))
    raw = await refused(lambda: desk.chat.send(To.place(f"teams:{SLT_CHANNEL}"), card(), "job"))

    assert f"the channel of slt ({SLT_CHANNEL})" in named.blocked
    assert f"the conversation {SLT_CHANNEL}" in raw.blocked
    assert not named.for_good
    assert desk.chat.trouble == ""
    assert await desk.chat.send(SLT, card(), "job")


async def test_the_sentence_for_a_place_without_the_bot_says_what_to_do(desk: Desk) -> None:
    desk.teams.workspace.conversations[SLT_CHANNEL].installed = False

    error = await refused(lambda: desk.chat.send(SLT, card(), "job"))

    assert error.blocked == (
        f"The bot is not in the channel of slt ({SLT_CHANNEL}): "
        "add the app to the team that it is in, or correct its id in app.yaml."
    )


async def test_an_unknown_place_is_given_up(desk: Desk) -> None:
    assert (await refused(lambda: desk.chat.send(To.place("press"), card(), "job"))).for_good


# Messages and addresses


@pytest.mark.parametrize(("status", "code"), [(413, "MessageSizeTooBig"), (400, "BadArgument"), (405, "NotAllowed")])
@pytest.mark.parametrize("to", [SLT, HEAD], ids=["place", "person"])
async def test_a_message_that_teams_does_not_take_is_given_up_and_only_the_code_is_logged(
    desk: Desk, caplog: pytest.LogCaptureFixture, status: int, code: str, to: To
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.teams.fail_next(status, code, path="/activities")

    error = await refused(lambda: desk.chat.send(to, card(), "job"))

    assert error.for_good
    assert [each.message for each in caplog.records if each.levelno == logging.ERROR] == [
        f"teams does not take a message: {status} {code}"
    ]
    assert SECRET not in caplog.text


async def test_a_service_address_that_is_not_allowed_is_never_called(desk: Desk) -> None:
    """The settings may have changed since the place was met."""
    closed = Connector(credentials_of(desk.access, desk.clock), ServiceHosts())
    await closed.open()
    chat = desk.make(connector=closed)

    for to in (SLT, STAFF, HEAD):
        error = await refused(lambda to=to: chat.send(to, card(), "job"))  # type: ignore[misc]
        assert "write to it in Teams once" in error.blocked
    await closed.close()

    assert desk.teams.calls == []
    assert desk.issuer.asked == []


async def test_before_anything_was_heard_microsofts_own_address_is_called(desk: Desk) -> None:
    """Which is not allowed for trying out."""
    local = Connector(credentials_of(TeamsAccess(), desk.clock), ServiceHosts(loopback=True))
    await local.open()
    desk.references = References(desk.store, desk.clock, "bebington")
    chat = desk.make(connector=local)

    error = await refused(lambda: chat.send(SLT, card(), "job"))
    await local.close()

    assert "write to it in Teams once" in error.blocked


# Drawing again


async def test_what_was_said_is_drawn_again_after_a_restart_too(desk: Desk) -> None:
    reference = await desk.chat.send(HEAD, card(), "job")
    await desk.chat.redraw(HEAD, reference, card(words="Once"))
    assert "Once" in desk.texts(desk.private(HEAD_SEAT))[0]

    await (await desk.restarted()).redraw(HEAD, reference, card(words="Twice"))

    (text,) = desk.texts(desk.private(HEAD_SEAT))
    assert "Twice" in text


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_card_that_grows_gets_more_messages_and_one_that_shrinks_loses_them(desk: Desk, restarts: bool) -> None:
    reference = await desk.chat.send(SLT, card(), "job")

    for words, parts in (("Long", 3), ("Longer", 3), ("Shorter", 2), ("Short", 1), ("Long again", 2)):
        await desk.chat.redraw(SLT, reference, card(words=words, parts=parts))
        shown = desk.texts(SLT_CHANNEL)
        assert len(shown) == parts
        assert all(words in each for each in shown)
        if restarts:
            await desk.restarted()


async def test_where_the_messages_are_is_saved_only_when_it_changes_and_for_a_year(desk: Desk) -> None:
    reference = await desk.chat.send(SLT, card(), "job")
    await desk.chat.redraw(SLT, reference, card(words="Done"))
    assert await desk.store.find(TeamsParts) == []
    await desk.chat.redraw(SLT, reference, card(words="Done", parts=2))
    await desk.chat.redraw(SLT, reference, card(words="Done twice", parts=2))
    (kept,) = await desk.store.find(TeamsParts)
    assert (len(kept.parts), kept.version) == (2, 1)

    desk.later(KEPT.total_seconds())
    other = await desk.chat.send(SLT, card(), "other")
    await desk.chat.redraw(SLT, other, card(words="Done", parts=2))

    assert len(await desk.store.find(TeamsParts)) == 1


async def test_a_redrawing_that_stopped_half_way_goes_on(desk: Desk) -> None:
    reference = await desk.chat.send(SLT, card(), "job")
    desk.teams.fail_next(502, method="POST", place=SLT_CHANNEL)
    await refused(lambda: desk.chat.redraw(SLT, reference, card(words="Done", parts=2)))
    await desk.chat.redraw(SLT, reference, card(words="Done", parts=2))
    desk.teams.fail_next(502, method="DELETE", place=SLT_CHANNEL)
    await refused(lambda: desk.chat.redraw(SLT, reference, card(words="Short")))

    await desk.chat.redraw(SLT, reference, card(words="Short"))

    (text,) = desk.texts(SLT_CHANNEL)
    assert "Short" in text


async def test_a_message_that_is_gone_is_no_failure(desk: Desk) -> None:
    reference = await desk.chat.send(SLT, card(parts=2), "job")
    for each in desk.teams.workspace.posts:
        each.deleted = True
    await desk.chat.redraw(SLT, reference, card(parts=2))
    await desk.chat.redraw(SLT, f"{SLT_CHANNEL}|", card())

    assert desk.texts(SLT_CHANNEL) == []


async def test_where_the_bot_was_taken_out_nothing_is_drawn_again(desk: Desk) -> None:
    reference = await desk.chat.send(SLT, card(), "job")
    private = await desk.chat.send(HEAD, card(), "job")
    desk.teams.workspace.conversations[SLT_CHANNEL].installed = False
    desk.teams.workspace.users[HEAD_SEAT].installed = False
    await desk.chat.redraw(SLT, reference, card(words="Done"))
    await refused(lambda: desk.chat.send(HEAD, card(), "another"))
    calls = len(desk.teams.calls)

    await desk.chat.redraw(HEAD, private, card(words="Done"))

    assert len(desk.teams.calls) == calls


async def test_a_switched_off_bot_draws_again_once_it_is_let_in(desk: Desk) -> None:
    reference = await desk.chat.send(SLT, card(), "job")
    desk.teams.disables_bot()
    error = await refused(lambda: desk.chat.redraw(SLT, reference, card(words="Done")))
    desk.teams.disables_bot(False)
    await desk.chat.redraw(SLT, reference, card(words="Done"))

    assert "administrator" in error.blocked
    assert "Done" in desk.texts(SLT_CHANNEL)[0]


# Cards that stand in a chat


async def test_a_shared_card_is_known_by_the_message_that_has_its_buttons(desk: Desk) -> None:
    short, long = card(buttons=(APPROVE,)), card(parts=2, buttons=(APPROVE,))
    reference = await desk.chat.send(SLT, short, "job")
    private = Reference.read(await desk.chat.send(HEAD, short, "job"))
    (first,) = desk.teams.posted(SLT_CHANNEL)
    assert desk.chat.card_at(f"{SLT_CHANNEL};messageid={first.id}", first.id) == short
    assert await desk.chat.shows_at(reference, SLT_CHANNEL, first.id)
    assert desk.chat.card_at(private.conversation, private.ids[0]) is None

    await desk.chat.redraw(SLT, reference, long)

    last = desk.teams.posted(SLT_CHANNEL)[-1]
    assert desk.chat.card_at(SLT_CHANNEL, last.id) == long
    assert await desk.chat.shows_at(reference, SLT_CHANNEL, last.id)
    assert not await desk.chat.shows_at(reference, STAFF_CHANNEL, last.id)
    chat = await desk.restarted()
    assert chat.card_at(SLT_CHANNEL, last.id) is None
    assert await chat.shows_at(reference, SLT_CHANNEL, first.id)


YES, NO = Button("Yes", "session.answer", "s1", "yes"), Button("No", "session.answer", "s1", "no")


async def test_an_answered_question_keeps_its_words_and_what_was_chosen(desk: Desk) -> None:
    reference = Reference.read(await desk.chat.send(HEAD, card("Are pupils named?", buttons=(YES, NO)), "job"))
    (id,) = reference.ids

    settled = desk.chat.settled(reference.conversation, id, "session.answer", "no")
    assert settled is not None
    await desk.chat.replace(reference.conversation, id, settled)

    (shown,) = desk.teams.posted(reference.conversation)
    assert shown.buttons == []
    assert shown.card == settled
    assert shown.summary == "Are pupils named?"
    assert SECRET in str(shown.card)
    assert shown.card["body"][-1]["inlines"] == [{"type": "TextRun", "text": "→ No", "italic": True}]
    assert desk.chat.settled(reference.conversation, id, "session.answer", "no") is None


async def test_only_the_conversation_that_a_question_stands_in_gives_it_back(desk: Desk) -> None:
    """Messages are named by the moment, so that two in different chats may have the same name."""
    reference = Reference.read(await desk.chat.send(HEAD, card(buttons=(YES, NO)), "job"))

    assert desk.chat.settled(desk.private(PE_SEAT), reference.ids[0], "session.answer", "no") is None
    assert desk.chat.settled(reference.conversation, "1", "session.answer", "no") is None
    assert desk.chat.settled(reference.conversation, reference.ids[0], "session.answer", "perhaps") is None


async def test_a_card_that_was_drawn_elsewhere_is_put_into_a_chat_and_replaced(desk: Desk) -> None:
    (drawn,) = messages(card("A form", buttons=(YES,)), person="head_teacher")
    await desk.chat.put(HEAD, drawn.card, "A form")
    (shown,) = desk.teams.posted(desk.private(HEAD_SEAT))
    assert (shown.card, shown.summary) == (drawn.card, "A form")
    assert desk.chat.settled(shown.conversation, shown.id, "session.answer", "yes")

    desk.teams.fail_next(500)
    assert (await refused(lambda: desk.chat.put(HEAD, drawn.card, "A form"))).unknown
    desk.teams.fail_next(500)
    with pytest.raises(PlatformTrouble):
        await desk.chat.replace(shown.conversation, shown.id, drawn.card)
    await desk.chat.replace(shown.conversation, "17", drawn.card)  # gone, which is nobody's trouble


# Votes


async def test_a_vote_is_about_the_message_that_asked_for_it(desk: Desk) -> None:
    answer = card("What the policy says", parts=2, feedback=VOTE)
    reference = Reference.read(await desk.chat.send(STAFF, answer, "job"))
    first, last = desk.teams.posted(STAFF_CHANNEL)
    chat = await desk.restarted()

    button = await chat.vote(f"{STAFF_CHANNEL};messageid={first.id}", last.id)

    assert [each.feedback for each in (first, last)] == [False, True]
    assert button is not None
    assert (button.action, button.subject) == ("policy.vote", "question-7")
    assert await chat.vote(reference.conversation, first.id) is None
    assert await chat.vote(SLT_CHANNEL, last.id) is None


async def test_a_vote_is_kept_after_the_answer_was_said_and_once(desk: Desk) -> None:
    reference = Reference.read(await desk.chat.send(HEAD, card(feedback=VOTE), "job"))
    assert await desk.chat.vote(reference.conversation, reference.ids[0])  # before it is saved
    await desk.afterwards.settled()
    await desk.chat.redraw(HEAD, str(reference), card(words="Again", feedback=VOTE))
    await desk.afterwards.settled()

    assert len(await desk.store.find(TeamsVote)) == 1
    assert await desk.chat.vote(reference.conversation, reference.ids[0])
