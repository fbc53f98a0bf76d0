"""The fake keeps Teams' laws, as a bot of a few lines meets them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import ClientError, ClientSession

from tests.teams.answers import UNREACHABLE, WRONG
from tests.teams.failures import Garbled
from tests.teams.fake import FakeTeams
from tests.teams.human import Human
from tests.teams.people import TeamsUser
from tests.teams.refusals import NotThere
from tests.teams.smallbot import (
    APP,
    APPROVAL,
    CHAT,
    HEAD,
    OTHERS,
    SLT,
    STAFF,
    TEACHER,
    TENANT,
    Bot,
    Caller,
    Scene,
    code,
    opened,
    shown,
)
from tests.teams.strict_answers import SAID
from tests.teams.test_strict import card, message, rich, run

Json = Any
# Nothing here waits for long, so what hangs is told soon.
pytestmark = pytest.mark.timeout(20)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """A school with a bot in it."""
    async with opened() as made:
        yield made


@pytest.fixture
def teams(scene: Scene) -> FakeTeams:
    """The school's Teams."""
    return scene.teams


@pytest.fixture
def bot(scene: Scene) -> Bot:
    """The bot."""
    return scene.bot


@pytest.fixture
def call(scene: Scene) -> Caller:
    """What the bot calls with."""
    return scene.call


@pytest.fixture
def teacher(teams: FakeTeams) -> Human:
    """A teacher at their client."""
    return teams.human(TEACHER)


@pytest.fixture
def head(teams: FakeTeams) -> Human:
    """The Head at their client."""
    return teams.human(HEAD)


# Tokens and the form of calls -------------------------------------------------------------


async def test_what_arrives_is_signed_for_the_service_address(
    scene: Scene, teams: FakeTeams, bot: Bot, teacher: Human
) -> None:
    """The token names the bot and the address that the activity came from."""
    await teacher.says("dm", "Hello")

    assert bot.authorizations == [scene.issuer.bearer(teams.base_url)]
    assert bot.heard[0]["serviceUrl"] == teams.base_url


async def test_calls_need_a_token_that_still_counts(
    scene: Scene, teams: FakeTeams, call: Caller, teacher: Human
) -> None:
    """None at all is a mistake of the bot; one that has run out is not."""
    path = f"conversations/{quote(teacher.dm)}/members"

    scene.clock.now += 3601
    assert (await call("GET", path))[0] == 401
    scene.clock.now -= 3601
    scene.issuer.revoke()
    assert (await call("GET", path))[0] == 401
    assert not teams.mistakes
    call.token = ""
    assert (await call("GET", path))[0] == 401
    assert teams.mistakes == [f"GET /uk/v3/conversations/{teacher.dm}/members: there is no token"]
    assert [each.status for each in teams.calls] == [401] * 3


async def test_without_an_issuer_nothing_is_signed_or_asked_for(scene: Scene, bot: Bot) -> None:
    """So it is in the Agents Playground."""
    fake = FakeTeams(None, "", TENANT, scene.clock)
    await fake.open()
    fake.app_url = bot.address
    person = fake.user(TEACHER, "History Teacher")

    await person.says("dm", "Hello")
    async with ClientSession() as session:
        await Caller(fake.base_url, session, "").post(person.dm, {"type": "message", "text": "Hello"})

    assert bot.authorizations == [""]
    assert [each.text for each in person.messages("dm")] == ["Hello", "Hello"]
    await fake.close()


async def test_calls_are_json_objects_at_known_addresses(teams: FakeTeams, call: Caller, teacher: Human) -> None:
    """Everything else is refused and remembered."""
    path = f"conversations/{quote(teacher.dm)}/activities"

    assert (await call("POST", path, data="{}"))[0] == 415
    assert code(await call("POST", path, [])) == (400, "BadSyntax")
    assert code(await call("POST", path, {"type": "message"})) == (400, "BadArgument")
    assert (await call("POST", "conversations/1/history", {}))[0] == 404
    assert (await call("GET", f"conversations/{quote(teacher.dm)}/members", {}))[0] == 200
    assert [each.rpartition(": ")[2] for each in teams.mistakes] == [
        "sent as 'text/plain'",
        "the body is no JSON object",
        "activity has neither text nor attachments",
        "POST /uk/v3/conversations/1/history is nothing that the connector knows",
        "nobody reads the body",
    ]


# What people write ------------------------------------------------------------------------


async def test_a_message_arrives_as_teams_sends_it(teams: FakeTeams, bot: Bot, teacher: Human) -> None:
    """The whole activity, in a personal chat."""
    delivery = await teacher.says("dm", "May I <post> & share?")

    assert delivery.ok
    assert bot.heard == [
        {
            "type": "message",
            "id": teacher.messages()[0].id,
            "timestamp": "2026-11-18T11:06:40.000000Z",
            "localTimestamp": "2026-11-18T11:06:40.000+00:00",
            "localTimezone": "Europe/London",
            "locale": "en-GB",
            "channelId": "msteams",
            "serviceUrl": teams.base_url,
            "from": {"id": teacher.mri, "name": "History Teacher", "aadObjectId": TEACHER},
            "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": teacher.dm},
            "recipient": {"id": f"28:{APP}", "name": "smpolicy"},
            "entities": [
                {
                    "locale": "en-GB",
                    "country": "GB",
                    "platform": "Web",
                    "timezone": "Europe/London",
                    "type": "clientInfo",
                }
            ],
            "channelData": {"tenant": {"id": TENANT}},
            "text": "May I <post> & share?",
            "textFormat": "plain",
            "attachments": [{"contentType": "text/html", "content": "<p>May I &lt;post&gt; &amp; share?</p>"}],
        }
    ]


async def test_in_shared_places_the_bot_hears_its_name_only(bot: Bot, teacher: Human) -> None:
    """A post in a channel begins a thread of its own, and an answer stays in it."""
    await teacher.says(STAFF, "Good morning", mention=False)
    await teacher.says(STAFF, "help")
    root = teacher.messages(STAFF)[1].id
    await teacher.says(STAFF, "And this?", thread=root)
    await teacher.says(CHAT, "help")
    await teacher.says(OTHERS, "help")

    first, second, third = bot.heard
    assert first["text"] == "<at>smpolicy</at> help"
    assert first["entities"][0] == {
        "type": "mention",
        "mentioned": {"id": f"28:{APP}", "name": "smpolicy"},
        "text": "<at>smpolicy</at>",
    }
    assert first["conversation"] == {
        "isGroup": True,
        "conversationType": "channel",
        "tenantId": TENANT,
        "id": f"{STAFF};messageid={root}",
    }
    team = "19:team-of-staff@thread.tacv2"
    assert first["channelData"] == {
        "teamsChannelId": STAFF,
        "teamsTeamId": team,
        "channel": {"id": STAFF},
        "team": {"id": team},
        "tenant": {"id": TENANT},
    }
    assert second["conversation"]["id"] == f"{STAFF};messageid={root}"
    assert third["conversation"] | {"tenantId": ""} == {
        "isGroup": True,
        "conversationType": "groupChat",
        "tenantId": "",
        "id": CHAT,
        "name": "Year 9",
    }
    assert len(teacher.messages(STAFF, thread=root)) == 2


async def test_people_without_a_seat_there_neither_read_nor_write(
    teams: FakeTeams, teacher: Human, head: Human
) -> None:
    """A private channel has its own members; those of others are the team's."""
    head.writes(SLT, "Confidential")

    with pytest.raises(NotThere):
        await teacher.says(SLT, "help")
    assert not teacher.messages(SLT)
    assert [each.text for each in head.messages(SLT)] == ["Confidential"]
    assert teams.workspace.members(teams.workspace.conversations[SLT]) == [HEAD]


async def test_guests_strangers_and_the_nameless_arrive_as_such(teams: FakeTeams, bot: Bot, call: Caller) -> None:
    """What tells them apart is in the roster, and the tenant of a personal chat."""
    guest = teams.user("entra-guest", "Gill Guest", role="guest")
    stranger = teams.user("entra-stranger", "Sam Stranger", tenant="elsewhere", upn="sam@elsewhere.example")
    nameless = teams.user("nobody", "Somebody", role="anonymous")
    for each in (guest, stranger, nameless):
        teams.workspace.conversations[CHAT].members.append(each.id)

    await guest.says("dm", "Hello")
    await stranger.says("dm", "Hello")
    await nameless.says(CHAT, "Hello")
    _, answer = await call("GET", f"conversations/{quote(CHAT)}/pagedmembers")

    assert [each["channelData"]["tenant"]["id"] for each in bot.heard] == [TENANT, "elsewhere", TENANT]
    assert "aadObjectId" not in bot.heard[2]["from"]
    roster = {each["id"]: each for each in answer["members"]}
    assert "#EXT#" in roster[guest.mri]["userPrincipalName"]
    assert [roster[each.mri]["userRole"] for each in (guest, stranger, nameless)] == ["guest", "user", "anonymous"]
    assert [roster[each.mri]["tenantId"] for each in (guest, stranger, nameless)] == [TENANT, "elsewhere", ""]


async def test_changes_and_reactions_are_told(bot: Bot, teacher: Human, call: Caller) -> None:
    """Each names the message that it is about."""
    await teacher.says("dm", "Helo")
    mine = teacher.messages("dm")[0]
    await teacher.edits(mine, "Hello")
    await teacher.deletes(mine)
    theirs = await shown(call, teacher)
    await teacher.reacts(theirs)

    assert [(each["type"], each["channelData"].get("eventType")) for each in bot.heard[1:]] == [
        ("messageUpdate", "editMessage"),
        ("messageDelete", "softDeleteMessage"),
        ("messageReaction", None),
    ]
    assert [each["id"] for each in bot.heard[:3]] == [mine.id] * 3
    assert bot.heard[3]["replyToId"] == theirs.id
    assert [each.id for each in teacher.messages("dm")] == [theirs.id]
    with pytest.raises(NotThere):
        await teacher.edits(theirs, "Mine")


# What the bot writes ----------------------------------------------------------------------


async def test_the_bot_posts_changes_and_takes_back(teams: FakeTeams, call: Caller, teacher: Human) -> None:
    """Everybody in the place sees it, and nobody else."""
    first = await call.post(STAFF, message(APPROVAL))
    await call.post(f"{STAFF};messageid={first}", {"type": "message", "text": "And more"})
    await call.post(SLT, message(APPROVAL))

    assert [(each.id, each.thread, each.sender_is_bot) for each in teacher.messages(STAFF)] == [
        (first, first, True),
        (str(int(first) + 1), first, True),
    ]
    assert not teacher.messages(SLT)
    assert (await call.put(STAFF, first, message(card(rich(run("Approved"))))))[0] == 200
    assert teacher.messages(STAFF)[0].card == card(rich(run("Approved")))
    assert (await call("DELETE", f"conversations/{quote(STAFF)}/activities/{first}"))[0] == 200
    assert [each.text for each in teams.posted(STAFF)] == ["And more"]
    assert code(await call.put(STAFF, first, message(APPROVAL))) == (404, "ActivityNotFoundInConversation")
    assert [each[0] for each in teams.drawn] == ["message"] * 4
    assert [each.place for each in teams.called("POST")] == [STAFF, STAFF, SLT]
    assert not teams.mistakes


async def test_messages_of_people_are_not_the_bots(call: Caller, teacher: Human) -> None:
    """They can be answered, in their thread."""
    written = teacher.writes(STAFF, "Who may post?")

    assert code(await call.put(STAFF, written.id, message(APPROVAL))) == (403, "ForbiddenOperationException")
    path = f"conversations/{quote(STAFF)}/activities/{written.id}"
    assert (await call("POST", path, {"type": "message", "text": "Two of you"}))[0] == 201
    assert teacher.messages(STAFF)[-1].thread == written.id
    assert teacher.messages(STAFF)[-1].conversation == f"{STAFF};messageid={written.id}"


async def test_typing_is_seen_and_not_kept(call: Caller, teacher: Human) -> None:
    """It is no message."""
    await call.post(teacher.dm, {"type": "typing"})

    assert not teacher.messages()


async def test_a_chat_is_made_once_for_who_has_the_app(teams: FakeTeams, call: Caller, teacher: Human) -> None:
    """Either id of a person leads to the same chat."""

    async def wish(user: str) -> tuple[int, Json]:
        tenant = {"tenant": {"id": TENANT}}
        asked = {"bot": {"id": f"28:{APP}"}, "members": [{"id": user}], "isGroup": False, "tenantId": TENANT}
        return await call("POST", "conversations", {**asked, "channelData": tenant})

    absent = teams.user("entra-absent", "Absent Teacher", installed=False)
    assert await wish(TEACHER) == await wish(teacher.mri) == (201, {"id": teacher.dm})
    assert code(await wish(absent.id)) == (403, "BotNotInConversationRoster")
    assert code(await wish("entra-unknown")) == (400, "BadSyntax")
    assert not teams.mistakes


async def test_a_thread_is_made_in_a_channel(teams: FakeTeams, call: Caller, teacher: Human) -> None:
    """The conversation that comes back names it."""
    wish = {"isGroup": True, "channelData": {"channel": {"id": STAFF}}, "activity": message(APPROVAL)}

    status, answer = await call("POST", "conversations", wish)

    posted = teacher.messages(STAFF)[0]
    assert (status, answer) == (201, {"id": f"{STAFF};messageid={posted.id}", "activityId": posted.id})


async def test_where_the_bot_is_not_it_can_not_write(teams: FakeTeams, call: Caller, teacher: Human) -> None:
    """Each reason has a code of its own."""

    async def tried(conversation: str) -> tuple[int, str]:
        path = f"conversations/{quote(conversation)}/activities"
        return code(await call("POST", path, {"type": "message", "text": "Hello"}))

    dm = teacher.dm
    assert await tried(OTHERS) == (403, "BotNotInConversationRoster")
    assert await tried("19:nowhere@thread.tacv2") == (404, "ConversationNotFound")
    teacher.block()
    assert await tried(dm) == (403, "MessageWritesBlocked")
    teacher.unblock()
    await teacher.uninstall()
    assert await tried(dm) == (403, "BotNotInConversationRoster")
    await teacher.install()
    teams.disables_bot()
    assert await tried(dm) == (403, "BotDisabledByAdmin")
    teams.disables_bot(False)
    await call.post(dm, {"type": "message", "text": "Hello"})
    assert not teams.mistakes
    assert await tried(f"{STAFF};messageid=1") == (404, "ConversationNotFound")
    assert await tried(f"{dm};messageid=1") == (400, "BadSyntax")
    assert teams.mistakes == [
        f"POST {STAFF}: there is no thread 1",
        f"personal conversations have no threads, but '{dm};messageid=1' was called",
    ]


async def test_what_is_too_large_is_refused(teams: FakeTeams, call: Caller, teacher: Human) -> None:
    """Over 80 KB it is a mistake, over 100 KB it does not arrive."""
    await call.post(teacher.dm, {"type": "message", "text": "x" * 90_000})
    path = f"conversations/{quote(teacher.dm)}/activities"
    answer = await call("POST", path, {"type": "message", "text": "x" * 100_000})

    assert code(answer) == (413, "MessageSizeTooBig")
    assert len(teams.mistakes) == 2
    assert len(teacher.messages()) == 1


# The roster -------------------------------------------------------------------------------


async def test_the_roster_comes_in_pages(teams: FakeTeams, call: Caller, teacher: Human) -> None:
    """A page tells how to ask for the next, and the last one does not."""
    teams.workspace.page_size = 1
    path = f"conversations/{quote(STAFF)}/pagedmembers"

    _, first = await call("GET", path, params={"pageSize": "500"})
    _, second = await call("GET", path, params={"pageSize": "500", "continuationToken": first["continuationToken"]})

    assert [each["aadObjectId"] for page in (first, second) for each in page["members"]] == [TEACHER, HEAD]
    assert "continuationToken" not in second
    assert first["members"][0] == {
        "id": teacher.mri,
        "name": "History Teacher",
        "aadObjectId": TEACHER,
        "objectId": TEACHER,
        "givenName": "History",
        "surname": "Teacher",
        "email": "history.teacher@school.example",
        "userPrincipalName": "history.teacher@school.example",
        "tenantId": TENANT,
        "userRole": "user",
    }
    assert not teams.mistakes
    assert code(await call("GET", path, params={"pageSize": "5"})) == (400, "BadArgument")
    assert teams.mistakes == ["GET pagedmembers: a page has 50 to 500 members, not 5"]


async def test_one_member_is_found_by_either_id(call: Caller, teacher: Human, head: Human) -> None:
    """Who is not there is not found."""
    answers = [await call("GET", f"conversations/{quote(SLT)}/members/{quote(who)}") for who in (HEAD, head.mri)]
    _, everybody = await call("GET", f"conversations/{quote(STAFF)}/members")

    assert [each["aadObjectId"] for _, each in answers] == [HEAD, HEAD]
    assert [each["id"] for each in everybody] == [teacher.mri, head.mri]
    missing = await call("GET", f"conversations/{quote(SLT)}/members/{TEACHER}")
    assert code(missing) == (404, "MemberNotFoundInConversation")
    assert code(await call("GET", f"conversations/{quote(OTHERS)}/members")) == (403, "BotNotInConversationRoster")


async def test_a_team_tells_its_channels(teams: FakeTeams, call: Caller) -> None:
    """Private channels are among them, with members of their own."""
    team = teams.team("19:school@thread.tacv2", "School", [TEACHER])
    teams.channel("19:heads@thread.tacv2", "heads", [HEAD], team=team.id, private=True)

    _, told = await call("GET", f"teams/{quote(team.id)}")
    _, channels = await call("GET", f"teams/{quote(team.id)}/conversations")

    assert (told["name"], told["channelCount"], told["memberCount"]) == ("School", 2, 2)
    assert [(each["name"], each["type"]) for each in channels["conversations"]] == [
        (None, "standard"),
        ("heads", "private"),
    ]


# Coming and going -------------------------------------------------------------------------


async def test_installing_opens_the_chat(teams: FakeTeams, bot: Bot) -> None:
    """The app hears who added it, and who is there."""
    person = teams.user("entra-new", "New Teacher", installed=False)
    with pytest.raises(NotThere):
        await person.says("dm", "Hello")

    await person.install()
    await person.says("dm", "Hello")
    await person.uninstall()

    added, changed, _, removed = bot.heard
    assert (added["type"], added["action"]) == ("installationUpdate", "add")
    assert {each["id"] for each in changed["membersAdded"]} == {f"28:{APP}", person.mri}
    assert "eventType" not in changed["channelData"]
    assert (removed["type"], removed["action"]) == ("installationUpdate", "remove")


async def test_a_team_adds_the_app_people_and_channels(teams: FakeTeams, bot: Bot, call: Caller) -> None:
    """Each comes with the event that Teams names it by."""
    await teams.installs(OTHERS, HEAD)
    await call.post(OTHERS, {"type": "message", "text": "Hello"})
    teams.user("entra-new", "New Teacher")
    await teams.joins(SLT, "entra-new")
    await teams.leaves(SLT, "entra-new")
    await teams.event(OTHERS, HEAD, channelData={"eventType": "channelRenamed"})
    await teams.uninstalls(OTHERS, HEAD)

    assert [(each["type"], each["channelData"].get("eventType")) for each in bot.heard] == [
        ("installationUpdate", None),
        ("conversationUpdate", "teamMemberAdded"),
        ("conversationUpdate", "teamMemberAdded"),
        ("conversationUpdate", "teamMemberRemoved"),
        ("conversationUpdate", "channelRenamed"),
        ("installationUpdate", None),
        ("conversationUpdate", "teamMemberRemoved"),
    ]
    answer = await call("GET", f"conversations/{quote(OTHERS)}/members")
    assert code(answer) == (403, "BotNotInConversationRoster")


# What goes wrong --------------------------------------------------------------------------


async def test_what_is_not_answered_is_sent_again_under_the_same_id(
    teams: FakeTeams, bot: Bot, call: Caller, teacher: Human
) -> None:
    """Three times altogether; then the person is told."""
    seen = await shown(call, teacher)
    bot.answers["adaptiveCard/action"] = {"statusCode": 200, "type": SAID, "value": "Approved."}
    bot.statuses = [500, 503]
    delivery = await teacher.press(seen, "Approve")
    assert [each.status for each in delivery.attempts] == [500, 503, 200]
    assert teacher.toasts == ["Approved."]
    assert {each["id"] for each in bot.heard} == {delivery.id}

    bot.statuses = [500] * 3
    delivery = await teacher.says("dm", "Hello")
    assert (len(delivery.attempts), teams.unanswered) == (3, [delivery])
    bot.statuses = [401]
    delivery = await teacher.press(seen, "Approve")
    assert (len(delivery.attempts), teacher.notice) == (1, UNREACHABLE)


async def test_an_empty_answer_is_asked_for_again(teams: FakeTeams, bot: Bot, call: Caller, teacher: Human) -> None:
    """What says nothing counts as none, and is a mistake besides."""
    seen = await shown(call, teacher)

    delivery = await teacher.press(seen, "Approve")

    assert (len(delivery.attempts), len(bot.heard), teacher.notice) == (3, 3, WRONG)
    assert teams.mistakes == ["adaptiveCard/action: the answer is ''"]


async def test_a_slow_answer_is_not_waited_for(teams: FakeTeams, bot: Bot, call: Caller, teacher: Human) -> None:
    """The second try finds the bot awake."""
    seen = await shown(call, teacher)
    teams.patience = 0.2
    bot.holds = asyncio.Event()
    bot.answers["adaptiveCard/action"] = {"statusCode": 200, "type": SAID, "value": "Approved."}

    delivery = await teacher.press(seen, "Approve")

    assert [each.status for each in delivery.attempts] == [0, 200]
    assert teacher.toasts == ["Approved."]


async def test_nobody_reads_what_a_message_is_answered_with(teams: FakeTeams, bot: Bot, teacher: Human) -> None:
    """Only invokes are answered by a body."""
    bot.answers["message"] = {"text": "Hello"}

    await teacher.says("dm", "Hello")

    assert teams.mistakes == ["""message: nobody reads the answer '{"text": "Hello"}'"""]


async def test_the_same_activity_can_come_again(teams: FakeTeams, bot: Bot, teacher: Human) -> None:
    """Bytes that are none of Teams' can come too."""
    delivery = await teacher.says("dm", "Hello")
    await teams.again(delivery)
    raw = await teams.sends(b'{"type": "message"}', {"Content-Type": "application/json"})

    assert bot.heard[0] == bot.heard[1]
    assert bot.heard[2] == {"type": "message"}
    assert (raw.status, bot.authorizations[2]) == (200, "")


async def test_failures_meet_the_calls_that_they_were_ordered_for(
    teams: FakeTeams, call: Caller, teacher: Human, head: Human
) -> None:
    """By method, place and path; what failed was not done."""
    path = f"conversations/{quote(teacher.dm)}/activities"
    hello = {"type": "message", "text": "Hello"}
    teams.fail_next(429, "Throttled", retry_after="2", method="POST", place=TEACHER)
    teams.fail_next(502, times=2, path="members")

    await call.post(head.dm, hello)
    assert code(await call("POST", path, hello)) == (429, "Throttled")
    await call.post(teacher.dm, hello)
    assert await call("GET", f"conversations/{quote(STAFF)}/members") == (502, "<html>upstream error</html>")
    assert teams.waiting_failures == 1
    teams.forgets_failures()
    assert (await call("GET", f"conversations/{quote(STAFF)}/members"))[0] == 200
    assert [each.status for each in teams.calls] == [201, 429, 201, 502, 200]
    assert len(teacher.messages()) == 1


async def test_connections_are_lost_before_or_after(teams: FakeTeams, call: Caller, teacher: Human) -> None:
    """Only after, it was done."""

    async def lost(task: Awaitable[object]) -> None:
        with pytest.raises(ClientError):
            await task

    hello = {"type": "message", "text": "Hello"}
    teams.drop_next()
    await lost(call.post(teacher.dm, hello))
    assert not teacher.messages()
    teams.drop_next(after=True)
    await lost(call.post(teacher.dm, hello))
    assert len(teacher.messages()) == 1
    assert [(each.status, bool(each.answer)) for each in teams.calls] == [(0, False), (0, True)]
    teams.fails(Garbled())
    path = f"conversations/{quote(teacher.dm)}/activities"
    assert await call("POST", path, hello) == (201, "<html>it is done</html>")
    assert len(teacher.messages()) == 2


async def test_a_call_is_held_until_it_is_let_go(teams: FakeTeams, call: Caller, teacher: Human) -> None:
    """It is done meanwhile, and others pass."""
    until = asyncio.Event()
    held = teams.delay_next(until, method="POST")
    hello = {"type": "message", "text": "Hello"}

    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(call.post(teacher.dm, hello))
        await held.reached.wait()
        await call.post(teacher.dm, hello)
        assert not first.done()
        until.set()

    assert [each.id for each in teacher.messages()] == [first.result(), teacher.messages()[1].id]


def test_people_are_known_by_another_id_to_each_bot() -> None:
    """It tells nothing of the one in Entra, and begins as Teams begins it."""
    one, other = TeamsUser("a", "A", TENANT), TeamsUser("b", "B", TENANT)

    assert one.mri != other.mri
    assert one.mri == TeamsUser("a", "A", TENANT).mri
    assert one.mri.startswith("29:1")
