"""How people and the bot come to know each other: installing, leaving, and being told without having written."""

from __future__ import annotations

from typing import Any

import pytest

from bot.conversation.cards import Card
from bot.conversation.sessions import Session
from bot.domain.feedback import Feedback
from bot.domain.incidents import Incident
from bot.domain.jobs import To
from bot.platforms.teams.manifest import PROMPTS
from bot.platforms.teams.presses import ARRIVED
from bot.platforms.teams.references import TeamsReference
from bot.sayings import Saying
from tests.teams.desk import SLT, STAFF
from tests.teams.human import Human
from tests.teams.school import School, labelled, labels

Json = Any
pytestmark = pytest.mark.timeout(30)
QUESTION = "May I name the school in a post?"
CHAT = "19:chat@thread.v2"

# Coming and going ----------------------------------------------------------------------------


@pytest.fixture
def newcomer(school: School) -> Human:
    """A member of staff whom nobody has listed, without the app so far."""
    return school.fake.user("aa-newcomer", "Nia Newcomer", installed=False)


async def test_whoever_installs_the_app_is_greeted_with_what_they_can_ask(school: School, newcomer: Human) -> None:
    await school.accepts(await newcomer.install())

    assert "What I can do" in school.said(newcomer)[0]
    assert len(school.said(newcomer)) == 2
    prompts = school.last(newcomer).suggested
    assert prompts == tuple(words for _, words in PROMPTS)
    for words in prompts:
        await school.accepts(await newcomer.says("dm", words))
        assert "What the policy says" in school.said(newcomer)[-1]


async def test_an_installation_that_is_told_again_is_greeted_once(school: School, newcomer: Human) -> None:
    delivery = await school.accepts(await newcomer.install())

    await school.accepts(await school.fake.again(delivery))
    await school.office.restarts()
    await school.accepts(await school.fake.again(delivery))

    assert len(school.said(newcomer)) == 2


@pytest.mark.parametrize("action", ["add-upgrade", "remove-upgrade", "", "other", None])
async def test_a_new_version_of_the_app_greets_nobody_again(
    school: School, newcomer: Human, action: str | None
) -> None:
    delivery = await school.accepts(await newcomer.install())

    await school.accepts(await newcomer.forges({**delivery.activity, "id": "f:upgrade", "action": action}))

    assert len(school.said(newcomer)) == 2
    assert [each.id for each in await school.find(TeamsReference) if "newcomer" in each.id]


async def test_whoever_takes_the_app_away_is_forgotten_and_greeted_when_it_comes_back(
    school: School, newcomer: Human
) -> None:
    await school.accepts(await newcomer.install())
    await school.accepts(await newcomer.uninstall())
    assert not [each for each in await school.find(TeamsReference) if "newcomer" in each.id]

    await school.accepts(await newcomer.install())

    assert len(school.said(newcomer)) == 4


@pytest.mark.parametrize("place", [CHAT, "19:new@thread.tacv2"])
async def test_a_place_that_the_app_is_added_to_is_remembered_until_it_is_taken_away(
    school: School, teacher: Human, place: str
) -> None:
    if place == CHAT:
        school.fake.group_chat(place, [teacher.id], installed=False)
    else:
        school.fake.channel(place, "new", [teacher.id], installed=False)

    await school.accepts(await school.fake.installs(place, teacher.id))
    assert f"place {place}" in [each.id for each in await school.find(TeamsReference)]
    assert not school.said(teacher)
    await school.accepts(await school.fake.uninstalls(place, teacher.id))

    assert f"place {place}" not in [each.id for each in await school.find(TeamsReference)]


@pytest.mark.parametrize(
    "kind",
    ["messageReaction", "messageUpdate", "messageDelete", "typing", "event", "endOfConversation", "handoff", "x"],
)
async def test_other_news_is_acknowledged(school: School, teacher: Human, kind: str) -> None:
    delivery = await school.accepts(await school.fake.event(STAFF, teacher.id, kind, text="report"))

    assert not delivery.body
    assert not school.fake.posted()
    assert not await school.find(Session)


@pytest.mark.parametrize("event", ["teamRenamed", "channelCreated", "channelDeleted", "teamArchived", "other"])
async def test_news_of_teams_and_channels_is_acknowledged(school: School, teacher: Human, event: str) -> None:
    await school.accepts(await school.fake.event(STAFF, teacher.id, channelData={"eventType": event}))

    assert not school.fake.posted()


async def test_a_message_that_is_changed_or_taken_back_is_not_answered_again(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", "hello"))
    own = next(each for each in teacher.messages("dm") if not each.sender_is_bot)
    said = school.said(teacher)

    await school.accepts(await teacher.edits(own, "report"))
    await school.accepts(await teacher.deletes(own))

    assert school.said(teacher) == said
    assert not await school.find(Session)


async def test_a_thumb_on_a_message_is_no_vote(school: School, teacher: Human) -> None:
    await school.accepts(await teacher.says("dm", QUESTION))

    await school.accepts(await teacher.reacts(school.last(teacher)))

    assert not await school.find(Feedback)
    assert len(school.said(teacher)) == 1


# People who never wrote ----------------------------------------------------------------------


async def test_people_who_never_wrote_are_told_in_a_chat_that_is_opened_once(school: School) -> None:
    world, new_teacher = school.desk.app.assistant.world, school.human("new_teacher")
    for number in range(3):
        title, now = f"Notice {number}", world.clock.now()
        await world.store.save(Saying(world.school.id, title, To.person("new_teacher"), Card(title), due_at=now))
    await school.settled()
    await school.office.restarts()
    await world.store.save(Saying(world.school.id, "x", To.person("new_teacher"), Card("x"), due_at=now))
    await school.settled()

    created = [each for each in school.fake.called("POST") if each.path.endswith("/v3/conversations")]
    assert [each.body["members"] for each in created] == [[{"id": new_teacher.id}]]
    assert created[0].body["tenantId"] == school.fake.workspace.tenant
    assert school.said(new_teacher) == ["Notice 0", "Notice 1", "Notice 2", "x"]


async def test_what_is_posted_into_a_channel_of_its_own_accord_begins_a_thread(school: School) -> None:
    """And what is said to somebody who wrote in a thread never goes there with the thread in its address."""
    card = await school.asks_slt()
    await school.accepts(await school.human("deputy_head").says(SLT, "my"))

    assert card.thread == card.id
    assert all(";messageid=" not in each.conversation for each in await school.find(TeamsReference))


async def test_a_press_on_something_that_has_arrived_already_says_so(school: School, teacher: Human) -> None:
    client = school.client("history_teacher")
    await client.says("report")
    await client.fills(category="Something else", child=True, adult=False, what="Seen.", breach=False)
    draft = next(each for each in teacher.messages("dm") if "Submit" in labels(each.card))
    sent = await school.accepts(await teacher.press(draft, labelled(draft.card, "Submit").title))
    await school.office.restarts()
    said = len(school.said(teacher))

    again = await school.accepts(await school.fake.again(sent))

    assert ARRIVED in again.body
    assert len(school.said(teacher)) == said
    assert len(await school.find(Incident)) == 1
