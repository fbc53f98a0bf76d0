"""Whoever is no full member: guests ask, report and pass on a journalist; people of other organisations get a card."""

from __future__ import annotations

from typing import Any

import pytest

from bot.conversation.sessions import Session
from bot.domain.incidents import Incident
from bot.domain.press import PressContact
from tests.slack.desk import STAFF
from tests.slack.human import Human
from tests.slack.school import School, home_of, labelled, labels, modal_of, text_of, words_of

Json = Any
pytestmark = pytest.mark.timeout(30)
NOT_FOR_GUESTS = "As a guest here you can ask what the policy says, report something, and tell SLT of a journalist."
CONTACTS = "You are with another organisation, so I can't help you here."


@pytest.fixture(params=["is_restricted", "is_ultra_restricted"])
def guest(school: School, request: pytest.FixtureRequest) -> Human:
    """A supply teacher, of one channel or of several."""
    human = school.fake.user("U0SUPPLY", "supply", real_name="Sam Supply", **{request.param: True})
    school.fake.workspace.channels[STAFF].members.append(human.id)
    return human


@pytest.fixture
def partner(school: School) -> Human:
    """Somebody of another school, in a channel that both share."""
    human = school.fake.user("U0PARTNER", "partner", real_name="Pat Partner", team_id="T0PARTNER")
    school.fake.channel("C0SHARED", "shared", [human.id, school.human("pe_teacher").id], is_ext_shared=True)
    return human


async def forged(school: School, human: Human, action: str, value: str = '["",""]') -> str:
    """Press a button with that name in the direct message; return what is answered."""
    await school.accepts(await human.says("dm", "hello"))
    before = len(school.said(human))
    message = school.last(human)
    element = {
        "type": "button",
        "action_id": f"{action}#1",
        "text": {"type": "plain_text", "text": "x"},
        "value": value,
    }
    message.blocks.append({"type": "actions", "block_id": "forged", "elements": [element]})
    await school.accepts(await human.press(message, f"{action}#1", forced=True))
    return "\n\n".join(school.said(human)[before:])


# Guests --------------------------------------------------------------------------------------


async def test_a_guest_asks_what_the_policy_says(school: School, guest: Human) -> None:
    await school.accepts(await guest.says("dm", "May I post pictures of pupils on my own account?"))
    await school.accepts(await guest.slash("ask may I name the school in a post?"))
    await school.accepts(await guest.says(STAFF, f"<@{school.fake.names.bot_user}> may I name the school in a post?"))

    assert all(NOT_FOR_GUESTS not in each for each in school.said(guest))
    assert len(school.said(guest)) == 3


async def test_a_guest_reports(school: School, guest: Human) -> None:
    for words in ("report", "Something else", "yes", "no", "skip", "Something was posted.", "no"):
        await school.accepts(await guest.says("dm", words))

    shown = school.last(guest)
    await school.accepts(await guest.press(shown, labelled(shown.blocks, "Submit").action_id))

    assert (await school.find(Incident))[0].reporter == "slack:U0SUPPLY"
    assert "Something has been sent to you" in school.said(school.human("dsl"))[-1]


async def test_a_guest_reports_from_the_menus(school: School, guest: Human) -> None:
    said = await guest.says(STAFF, "Something bad.")

    await school.accepts(await guest.shortcut("incidents.report"))
    assert modal_of(guest).title == "Report something"
    await school.accepts(await guest.message_shortcut("incidents.report_message", STAFF, said.ts))

    assert modal_of(guest).title == "Report something"
    assert len(await school.find(Session)) == 2


async def test_a_guest_passes_on_a_journalist(school: School, guest: Human) -> None:
    for words in ("press", "Sam Example", "The Example", "0151 496 0999", "What happened?", "skip", "no"):
        await school.accepts(await guest.says("dm", words))

    shown = school.last(guest)
    await school.accepts(await guest.press(shown, labelled(shown.blocks, "Submit").action_id))

    assert (await school.find(PressContact))[0].reporter == "slack:U0SUPPLY"
    assert "Something is waiting for SLT on duty" in school.said(school.human("deputy_head"))[-1]


@pytest.mark.parametrize("words", ["apply", "accounts", "settings", "acting"])
async def test_a_guest_can_do_nothing_else_by_words(school: School, guest: Human, words: str) -> None:
    await school.accepts(await guest.says("dm", words))
    await school.accepts(await guest.slash(words))

    assert [NOT_FOR_GUESTS in each for each in school.said(guest)] == [True, True]
    assert guest.modal is None
    assert not await school.find(Session)


@pytest.mark.parametrize("action", ["applications.apply", "accounts.list", "settings.change", "applications.see"])
async def test_a_guest_can_do_nothing_else_by_a_button(school: School, guest: Human, action: str) -> None:
    assert NOT_FOR_GUESTS in await forged(school, guest, action)
    assert not await school.find(Session)


async def test_a_guest_cannot_finish_what_they_began_as_a_member(school: School) -> None:
    member = school.fake.user("U0MEMBER", "member")
    await school.accepts(await member.slash("apply"))
    modal = modal_of(member)
    school.fake.workspace.users[member.id].is_restricted = True
    await school.fake.event("user_change", user=school.fake.workspace.users[member.id].json("T0SCHOOL"))

    member.type_into(modal, "aim", "Show parents what happens in lessons.")
    await school.accepts(await member.submit(modal, unchecked=True))

    assert "sent or cancelled already" in " ".join(modal.errors.values())
    assert not any("aim" in each.answers for each in await school.find(Session))


async def test_the_home_of_a_guest_has_no_register(school: School, guest: Human) -> None:
    await school.accepts(await guest.opens("home"))

    home = home_of(guest)
    assert labels(home.blocks)[0] == "Report"
    assert "register" not in home.text.lower()
    assert NOT_FOR_GUESTS not in home.text


async def test_somebody_listed_who_is_a_guest_decides_nothing(school: School) -> None:
    school.fake.workspace.users[school.human("deputy_head").id].is_restricted = True

    assert NOT_FOR_GUESTS in await forged(school, school.human("deputy_head"), "settings.change")


# Other organisations -------------------------------------------------------------------------


async def test_somebody_of_another_organisation_who_writes_gets_the_contacts(school: School, partner: Human) -> None:
    for words in ("hello", "report", "apply", "What does the policy say?", "my", "I want to kill myself"):
        await school.accepts(await partner.says("dm", words))

    said = school.said(partner)
    assert len(said) == 6
    assert all(CONTACTS in each and "Designated safeguarding lead, 07700 900104" in each for each in said)
    assert not labels([block for each in partner.messages("dm") for block in each.blocks])
    assert not await school.find(Session)


@pytest.mark.parametrize("words", ["", "report", "apply", "my", "accounts", "ask may I post?", "nonsense"])
async def test_somebody_of_another_organisation_who_types_a_command_gets_the_contacts(
    school: School, partner: Human, words: str
) -> None:
    delivery = await school.accepts(await partner.slash(words, channel="C0SHARED"))

    assert delivery.answer["response_type"] == "ephemeral"
    assert CONTACTS in school.said(partner, "C0SHARED")[0]
    assert not school.said(school.human("pe_teacher"))
    assert partner.modal is None


async def test_somebody_of_another_organisation_who_mentions_the_bot_gets_the_contacts_alone(
    school: School, partner: Human
) -> None:
    await school.accepts(await partner.says("C0SHARED", f"<@{school.fake.names.bot_user}> report"))

    assert CONTACTS in school.said(partner)[0]
    assert not school.said(school.human("pe_teacher"))


@pytest.mark.parametrize("name", ["incidents.report", "press.contact", "unknown"])
async def test_somebody_of_another_organisation_who_uses_a_shortcut_gets_the_contacts(
    school: School, partner: Human, name: str
) -> None:
    await school.accepts(await partner.shortcut(name))

    assert CONTACTS in words_of(modal_of(partner))
    assert not modal_of(partner).buttons


async def test_somebody_of_another_organisation_who_reports_a_message_gets_the_contacts(
    school: School, partner: Human
) -> None:
    said = await partner.says("C0SHARED", "Something bad.")

    await school.accepts(await partner.message_shortcut("incidents.report_message", "C0SHARED", said.ts))

    assert CONTACTS in words_of(modal_of(partner))


@pytest.mark.parametrize("action", ["incidents.report", "policy.person", "applications.see", "session.page", "old"])
async def test_somebody_of_another_organisation_who_presses_gets_the_contacts(
    school: School, partner: Human, action: str
) -> None:
    heard = await forged(school, partner, action)

    assert CONTACTS in heard
    assert partner.modal is None


async def test_the_home_of_somebody_of_another_organisation_shows_the_contacts_alone(
    school: School, partner: Human
) -> None:
    await school.accepts(await partner.opens("home"))

    home = home_of(partner)
    assert home.text.count("Whom to contact") == 1
    assert not labels(home.blocks)


async def test_somebody_whom_slack_hides_gets_the_contacts_in_the_acknowledgement(school: School) -> None:
    hidden = school.fake.user("U0HIDDEN", "hidden", team_id="T0PARTNER", is_stranger=True)
    school.fake.channel("C0SHARED", "shared", [hidden.id], is_ext_shared=True)

    delivery = await school.accepts(await hidden.slash("report", channel="C0SHARED"))

    assert "Whom to contact" in delivery.answer["text"]
    assert CONTACTS in text_of(school.last(hidden, "C0SHARED"))


async def test_a_press_on_a_page_by_somebody_of_another_organisation_changes_nothing(
    school: School, partner: Human
) -> None:
    """A window that was opened while the account was still one of the school's."""
    member = school.fake.user("U0MOVED", "moved")
    await school.accepts(await member.slash("report"))
    modal = modal_of(member)
    school.fake.workspace.users[member.id].team_id = "T0PARTNER"
    await school.fake.event("user_change", user=school.fake.workspace.users[member.id].json("T0SCHOOL"))

    member.type_into(modal, "category", "8")
    await school.accepts(await member.submit(modal))

    assert CONTACTS in words_of(modal)
    assert not any(each.answers for each in await school.find(Session))
