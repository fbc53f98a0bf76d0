"""Whoever is no full member: guests ask, report and pass on a journalist; people of other tenants get the contacts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.conversation.sessions import Session
from bot.domain.feedback import Feedback
from bot.domain.incidents import Incident
from bot.domain.press import PressContact
from bot.platforms.teams.references import TeamsReference
from tests.teams.deliveries import Delivery
from tests.teams.desk import SLT, STAFF
from tests.teams.human import Human
from tests.teams.messages import Message
from tests.teams.people import Role
from tests.teams.school import School, button, choice, dialog_of, labels, page_button

Json = Any
pytestmark = pytest.mark.timeout(30)
NOT_FOR_GUESTS = "As a guest here you can ask what the policy says, report something, and tell SLT of a journalist."
CONTACTS = "You are with another organisation, so I can't help you here."
PHONE = "Designated safeguarding lead, 07700 900104"
PARTNER = "e15e0000-0000-4000-8000-00000000e15e"
SHARED = "19:shared@thread.tacv2"
QUESTION = "May I name the school in a post?"


def account(school: School, role: Role = "guest", tenant: str = "", place: str = STAFF, upn: str = "") -> Human:
    """Return somebody new with an account of that kind, who is in *place*."""
    human = school.fake.user("aa-new", "Sam Supply", role=role, tenant=tenant, upn=upn)
    workspace = school.fake.workspace
    workspace.members(workspace.conversations[place]).append(human.id)
    return human


@pytest.fixture(params=["by role", "by name"])
def guest(school: School, request: pytest.FixtureRequest) -> Human:
    """A supply teacher, whom Teams calls a guest in the one way or the other."""
    if request.param == "by role":
        return account(school, "guest", upn="sam.supply@agency.example")
    return account(school, "user", upn="sam.supply_agency.example#EXT#@school.onmicrosoft.com")


@pytest.fixture(params=["another tenant", "no account"])
def partner(school: School, request: pytest.FixtureRequest) -> Human:
    """Somebody of another school, or whom Teams does not know at all, in a channel that both share."""
    school.fake.channel(SHARED, "shared", [school.human("pe_teacher").id])
    if request.param == "no account":
        return account(school, "anonymous", place=SHARED)
    return account(school, "user", PARTNER, SHARED)


async def forged(school: School, human: Human, action: str, subject: str = "", place: str = "dm") -> str:
    """Press a button with that name, made by hand; return what is answered, at once or in the direct chat."""
    await school.accepts(await human.says(place, "hello"))
    before, toasts = len(school.said(human, "dm")), len(human.toasts)
    await school.accepts(await human.forge(school.last(human, place), button(action, subject)))
    return "\n\n".join((*human.toasts[toasts:], *school.said(human, "dm")[before:]))


def said_at_once(human: Human) -> str:
    """Return what *human* was shown last beside the chat."""
    return dialog_of(human).text if human.dialog else human.notice


async def becomes(school: School, human: Human, **changed: Any) -> None:
    """Have the account of *human* be another kind from now on, which the bot learns at the start of the next day."""
    user = school.fake.workspace.users[human.id]
    for name, value in changed.items():
        setattr(user, name, value)
    await school.office.restarts()


# Guests --------------------------------------------------------------------------------------


async def test_a_guest_asks_what_the_policy_says(school: School, guest: Human) -> None:
    await school.accepts(await guest.says("dm", "May I post pictures of pupils on my own account?"))
    await school.accepts(await guest.says("dm", f"/smpolicy ask {QUESTION}"))
    await school.accepts(await guest.says(STAFF, QUESTION))
    await guest.search("naming the school")

    assert all("What the policy says" in each for each in school.said(guest))
    assert len(school.said(guest)) == 3
    assert guest.results


async def test_a_guest_votes_on_an_answer(school: School, guest: Human) -> None:
    await school.accepts(await guest.says("dm", QUESTION))

    await school.accepts(await guest.votes(school.last(guest)))

    assert len(await school.find(Feedback)) == 1


async def test_a_guest_reports(school: School, guest: Human) -> None:
    for words in ("report", "Something else", "yes", "no", "skip", "Something was posted.", "no"):
        await school.accepts(await guest.says("dm", words))

    await school.accepts(await guest.press(school.last(guest), "Submit"))

    assert [each.reporter for each in await school.find(Incident)] == ["teams:aa-new"]
    assert "Something has been sent to you" in school.said(school.human("dsl"))[-1]


async def test_a_guest_reports_a_message_in_a_dialog(school: School, guest: Human) -> None:
    said = school.human("pe_teacher").writes(STAFF, "Something bad.")

    await school.accepts(await guest.shortcut(said, "incidents.report_message"))
    number = choice(dialog_of(guest).inputs, "category", "Something else")
    await school.accepts(await guest.submit(values={"category": number}))

    assert "child" in dialog_of(guest).inputs


async def test_a_guest_passes_on_a_journalist(school: School, guest: Human) -> None:
    for words in ("press", "Sam Example", "The Example", "0151 496 0999", "What happened?", "skip", "no"):
        await school.accepts(await guest.says("dm", words))

    await school.accepts(await guest.press(school.last(guest), "Submit"))

    assert [each.reporter for each in await school.find(PressContact)] == ["teams:aa-new"]
    assert "Something is waiting for SLT on duty" in school.said(school.human("deputy_head"))[-1]


async def test_a_guest_who_installs_the_app_is_greeted(school: School, guest: Human) -> None:
    await school.accepts(await guest.install())

    assert "What I can do" in school.said(guest)[0]
    assert NOT_FOR_GUESTS not in "".join(school.said(guest))


@pytest.mark.parametrize("words", ["apply", "accounts", "settings", "acting"])
async def test_a_guest_can_do_nothing_else_by_words(school: School, guest: Human, words: str) -> None:
    await school.accepts(await guest.says("dm", words))
    await school.accepts(await guest.says("dm", f"/smpolicy {words}"))
    await school.accepts(await guest.says(STAFF, words))

    assert [NOT_FOR_GUESTS in each for each in school.said(guest, "dm")] == [True, True, True]
    assert NOT_FOR_GUESTS not in "".join(school.said(guest, STAFF))
    assert not await school.find(Session)


@pytest.mark.parametrize(
    "action", ["applications.apply", "accounts.list", "settings.change", "applications.see", "applications.approve"]
)
@pytest.mark.parametrize("place", ["dm", STAFF])
async def test_a_guest_can_do_nothing_else_by_a_button(school: School, guest: Human, action: str, place: str) -> None:
    assert NOT_FOR_GUESTS in await forged(school, guest, action, "APP-1", place)

    await school.accepts(await guest.forge(school.last(guest, place), page_button(action)))
    assert NOT_FOR_GUESTS in said_at_once(guest)
    assert not await school.find(Session)


async def test_a_guest_can_not_finish_what_they_began_as_a_member(school: School) -> None:
    member = account(school, "user")
    await school.accepts(await member.says("dm", "apply"))
    await school.accepts(await member.press(school.last(member), "Fill in as a page"))
    await becomes(school, member, role="guest")
    await school.office.clock_to("2026-11-26 09:15")

    member.type_into("aim", "Show parents what happens in lessons.")
    await school.accepts(await member.submit())

    assert "sent or cancelled already" in said_at_once(member)
    assert not any("aim" in each.answers for each in await school.find(Session))


async def test_somebody_listed_who_is_a_guest_decides_nothing(school: School) -> None:
    card = await school.asks_slt()
    deputy = school.human("assistant_head")
    await becomes(school, deputy, role="guest")
    await school.office.clock_to("2026-11-26 09:15")

    await school.accepts(await deputy.press(card, "Approve"))

    assert NOT_FOR_GUESTS in deputy.toasts[-1]
    assert "none so far" in "".join(school.said(school.human("deputy_head"), SLT)[-1:])


async def test_a_guest_in_slts_channel_sees_nothing_to_press(school: School) -> None:
    guest = account(school, place=SLT)
    card = await school.asks_slt()

    await school.accepts(await guest.refresh(card, trigger="manual"))

    assert labels(school.shown(guest, card).card) == []


# People who have left ------------------------------------------------------------------------


async def test_whoever_has_left_the_school_can_do_nothing_any_more(school: School) -> None:
    """Their account may live on for a while."""
    card = await school.asks_slt()
    deputy = school.human("deputy_head")
    await school.accepts(await deputy.says("dm", "hello"))
    people = tuple(
        replace(each, person=replace(each.person, left=date(2026, 11, 24))) if each.person.id == "deputy_head" else each
        for each in school.office.settings.people
    )
    school.office.settings = replace(school.office.settings, people=people)
    await school.office.restarts()
    await school.office.clock_to("2026-11-26 09:15")

    await school.accepts(await deputy.says("dm", "my"))
    await school.accepts(await deputy.press(card, "Approve"))
    await school.accepts(await deputy.forge(card, page_button("applications.reject", "APP-1")))

    assert "has left the school" in school.said(deputy, "dm")[-1]
    assert "has left the school" in deputy.toasts[-1]
    assert "has left the school" in said_at_once(deputy)
    assert "none so far" in school.said(school.human("head_teacher"), SLT)[-1]


# Other tenants -------------------------------------------------------------------------------


def assert_contacts(heard: str) -> None:
    """Assert that these are the contacts, and nothing else."""
    assert CONTACTS in heard
    assert PHONE in heard
    assert heard.count("Whom to contact") == 1


async def test_somebody_of_another_tenant_who_writes_gets_the_contacts(school: School, partner: Human) -> None:
    words = ("hello", "report", "apply", "What does the policy say?", "my", "/smpolicy", "I want to kill myself")
    for each in words:
        await school.accepts(await partner.says("dm", each))

    said = school.said(partner)
    assert len(said) == len(words)
    for each in said:
        assert_contacts(each)
    assert not [each for message in partner.messages("dm") for each in message.buttons]
    assert not await school.find(Session)


async def test_the_same_message_of_somebody_of_another_tenant_is_answered_once(school: School, partner: Human) -> None:
    delivery = await school.accepts(await partner.says("dm", "hello"))

    await school.accepts(await school.fake.again(delivery))
    await school.office.restarts()
    await school.accepts(await school.fake.again(delivery))

    assert len(school.said(partner)) == 1


@pytest.mark.parametrize("words", ["", "report", "apply", QUESTION, "/smpolicy my", "nonsense"])
async def test_somebody_of_another_tenant_who_mentions_the_bot_gets_the_contacts_alone(
    school: School, partner: Human, words: str
) -> None:
    await school.accepts(await partner.says(SHARED, words))

    colleagues = "".join(school.said(school.human("pe_teacher")))
    assert "07700" not in colleagues
    assert "STF-4" not in colleagues
    assert not await school.find(Session)


@pytest.mark.parametrize("name", ["incidents.report_message", "incidents.report", "press.contact", "unknown"])
async def test_somebody_of_another_tenant_who_reports_a_message_gets_the_contacts(
    school: School, partner: Human, name: str
) -> None:
    said = school.human("pe_teacher").writes(SHARED, "Something bad.")

    await school.accepts(await partner.shortcut(said, name))

    assert_contacts(dialog_of(partner).text + dialog_of(partner).title)
    assert not labels(dialog_of(partner).card)
    assert not await school.find(Session)


@pytest.mark.parametrize("text", ["", "naming the school", "STF-4"])
async def test_somebody_of_another_tenant_finds_the_contacts(school: School, partner: Human, text: str) -> None:
    await partner.search(text, place=SHARED)

    assert_contacts(partner.notice)
    assert not partner.results


@pytest.mark.parametrize("action", ["incidents.report", "policy.person", "applications.see", "session.page", "old"])
@pytest.mark.parametrize("place", ["dm", SHARED])
async def test_somebody_of_another_tenant_who_presses_gets_the_contacts_at_once(
    school: School, partner: Human, action: str, place: str
) -> None:
    heard = await forged(school, partner, action, place=place)

    assert_contacts(heard)
    await school.accepts(await partner.forge(school.last(partner, place), page_button(action)))
    assert CONTACTS in said_at_once(partner)
    assert not await school.find(Session)


async def test_somebody_of_another_tenant_decides_nothing_in_slts_own_channel(school: School) -> None:
    partner = account(school, "user", PARTNER, SLT)
    card = await school.asks_slt()

    await school.accepts(await partner.press(card, "Approve"))
    refreshed = await partner.refresh(card, trigger="manual")

    assert_contacts(partner.toasts[-1])
    assert refreshed.error == ("BadRequest", "There is no such card here.")
    assert "none so far" in school.said(partner, SLT)[0]


async def test_a_vote_of_somebody_of_another_tenant_counts_for_nothing(school: School, partner: Human) -> None:
    await school.accepts(await school.human("pe_teacher").says(SHARED, QUESTION))
    answer: Message = school.last(partner, SHARED)

    delivery: Delivery = await school.accepts(await partner.votes(answer))

    assert CONTACTS in delivery.body
    assert not await school.find(Feedback)


async def test_somebody_of_another_tenant_who_installs_the_app_gets_the_contacts(
    school: School, partner: Human
) -> None:
    await school.accepts(await partner.install())

    [said] = school.said(partner)
    assert_contacts(said)


async def test_a_page_that_was_opened_as_a_colleague_takes_nothing_from_another_tenant(school: School) -> None:
    member = account(school, "user")
    await school.accepts(await member.says("dm", "report"))
    await school.accepts(await member.press(school.last(member), "Fill in as a page"))
    await becomes(school, member, tenant=PARTNER)
    await school.office.clock_to("2026-11-26 09:15")

    number = choice(dialog_of(member).inputs, "category", "Something else")
    await school.accepts(await member.submit(values={"category": number}))

    assert CONTACTS in said_at_once(member)
    assert not any(each.answers for each in await school.find(Session))


async def test_a_listed_id_in_another_tenant_is_somebody_else(school: School) -> None:
    """What Teams says of the tenant counts for more than an id that could be anybody's there."""
    card = await school.asks_slt()
    deputy = school.human("deputy_head")
    vote = await deputy.forge(card, button("applications.nothing"))
    data = {"action": {"data": {"smpolicy": {"action": "applications.approve", "subject": "APP-1"}}}}
    told = {**vote.activity, "id": "f:foreign", "value": data}
    told["channelData"] = {**told["channelData"], "tenant": {"id": PARTNER}}

    delivery = await deputy.forges(told)

    assert CONTACTS in delivery.body
    assert "none so far" in school.said(deputy, SLT)[0]


@pytest.mark.parametrize("tenant", [None, {}, {"id": None}, {"id": ""}, {"id": 7}, {"id": PARTNER}, "x"])
async def test_without_the_schools_tenant_nobody_is_a_colleague(school: School, tenant: Json) -> None:
    teacher = school.human("history_teacher")
    told = (await school.accepts(await teacher.says("dm", "hello"))).activity
    conversation = {name: value for name, value in told["conversation"].items() if name != "tenantId"}
    foreign = {**told, "conversation": conversation, "channelData": {"tenant": tenant}}

    for number, text in enumerate(("apply", "report", "my", QUESTION)):
        await school.accepts(await teacher.forges({**foreign, "id": f"f:{number}", "text": text}))

    assert all(CONTACTS in each for each in school.said(teacher)[1:])
    assert not await school.find(Session)


async def test_people_of_other_tenants_are_written_to_only_where_they_wrote(school: School, partner: Human) -> None:
    await school.accepts(await partner.says("dm", "hello"))

    references = [each for each in await school.find(TeamsReference) if each.id.startswith("person ")]
    assert [each.conversation for each in references] == [partner.dm]
    assert not [each for each in school.fake.called("POST") if each.path.endswith("/v3/conversations")]
