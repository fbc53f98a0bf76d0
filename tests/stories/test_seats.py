"""What guests of the workspace may do, and what people of other organisations are shown (contract 8)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.conversation.cards import plain
from bot.conversation.events import Action, Command, Event, Message, Place, Quoted, Shortcut, Submission
from bot.conversation.sessions import Session
from bot.domain.applications import Application
from bot.domain.incidents import Incident
from bot.domain.jobs import Job
from bot.domain.office import ActingHead, SettingChange
from bot.domain.people import Seat
from bot.domain.press import PressContact
from bot.errors import Refused, Unknown
from bot.routing import CommandEntry
from tests.simulator import Office
from tests.slack.desk import SlackDesk
from tests.stories.test_apply import AIM, BUSINESS_CASE, approve_in_slt, bring_to_slt, draft, submit
from tests.stories.test_press import CONTACT, HOLDING_WORDS
from tests.stories.test_report import MISTAKE
from tests.teams.desk import TeamsDesk

ONLY = "As a guest here you can ask what the policy says, report something, and tell SLT of a journalist."
KEEPER = "For everything else, ask Account administrator."
WHOM = "Whom to contact"
CHAT = Place("dm", opens_forms=False)
PAGES = Place("dm", pages_first=True)
PARTNER_TENANT = "e15e0000-0000-4000-8000-00000000e15e"
WORDS = {"reason": "Because.", "trained": "2026-09-01", "decision": "Approve", "day": "2026-11-24"}


async def become(office: Office, seat: Seat, *people: str) -> None:
    """Have *people* sit in such a seat from now on: on a platform their accounts say so, elsewhere the settings do.

    A platform is asked who somebody is when they do something, so there each of them says hello.
    """
    match office.desk:
        case SlackDesk():
            become_in_slack(office.desk, seat, people)
        case TeamsDesk():
            become_in_teams(office.desk, seat, people)
        case _:
            office.settings = replace(
                office.settings,
                people=tuple(
                    replace(each, person=replace(each.person, seat=seat)) if each.person.id in people else each
                    for each in office.settings.people
                ),
            )
    await office.restarts()
    for each in people:
        if isinstance(office.desk, SlackDesk):
            await office.person(each).says("/smpolicy help")
        elif isinstance(office.desk, TeamsDesk):
            # In a channel of the school Teams is asked which tenant they are of; in a chat of theirs it says so itself.
            await office.person(each).says("@smpolicy help", to="staff")


def become_in_slack(desk: SlackDesk, seat: Seat, people: Sequence[str]) -> None:
    """Change the accounts of *people* in the workspace."""
    for each in people:
        account = desk.fake.workspace.users[desk.user(each) or ""]
        account.is_restricted = seat is Seat.GUEST
        account.team_id = "T0PARTNER" if seat is Seat.OUTSIDER else ""


def become_in_teams(desk: TeamsDesk, seat: Seat, people: Sequence[str]) -> None:
    """Change the accounts of *people*: a guest has #EXT# in their name, and a partner is of another tenant."""
    for each in people:
        account = desk.fake.workspace.users[desk.user(each) or ""]
        account.role = "guest" if seat is Seat.GUEST else "user"
        account.upn = f"{each}{'_agency.example#EXT#' if seat is Seat.GUEST else ''}@school.example"
        account.tenant = PARTNER_TENANT if seat is Seat.OUTSIDER else desk.fake.workspace.tenant


async def cases(office: Office) -> list[object]:
    """Return all cases that there are, and what people have begun."""
    store = office.app.assistant.world.store
    kinds = (Application, Incident, PressContact, Session, ActingHead, SettingChange)
    return [record for kind in kinds for record in await store.find(kind)]


def closed(office: Office) -> list[CommandEntry]:
    """Return the commands that are not for guests."""
    switchboard = office.app.assistant.switchboard
    entries = {entry.name: entry for entry in switchboard.commands.values()}
    return [entry for entry in entries.values() if not switchboard.open_to_guests(entry.feature)]


def reference(text: str) -> str:
    """Return the reference in *text*."""
    found = re.search(r"(?:INC|PRESS)-[A-Z0-9]+", text)
    assert found, text
    return found[0]


# What guests may do --------------------------------------------------------------------------


async def test_a_guest_asks_what_the_policy_says(office: Office) -> None:
    await become(office, Seat.GUEST, "new_teacher")
    guest = office.person("new_teacher")

    typed = await guest.says("Who approves a new account?")
    asked = await guest.says("/smpolicy ask who approves a new account?")

    for heard in (typed, asked):
        assert "SLT" in heard
        assert ONLY not in heard


async def test_a_guest_reports_something_and_sees_how_it_stands(office: Office) -> None:
    await become(office, Seat.GUEST, "new_teacher")
    guest = office.person("new_teacher")

    await guest.says("report")
    await guest.fills(**MISTAKE)
    sent = await guest.presses("Submit")

    assert reference(sent) in await guest.says(f"/smpolicy report {reference(sent)}")
    assert reference(sent) in await guest.says("/smpolicy my")
    [case] = await office.app.assistant.world.store.find(Incident)
    assert case.reporter == "new_teacher"


async def test_a_guest_passes_on_a_journalist(office: Office) -> None:
    await become(office, Seat.GUEST, "new_teacher")
    guest = office.person("new_teacher")

    assert HOLDING_WORDS in await guest.says("press")
    await guest.fills(**CONTACT)
    sent = await guest.presses("Submit")

    assert "No one has picked this up yet." in sent
    await office.person("deputy_head").sees(reference(sent))


async def test_a_guest_sees_help_and_what_is_theirs(office: Office) -> None:
    await become(office, Seat.GUEST, "new_teacher")
    guest = office.person("new_teacher")

    assert "report" in await guest.says("/smpolicy help")
    assert ONLY not in await guest.says("/smpolicy my")
    assert ONLY not in await guest.says("hello")


async def test_a_guest_uses_what_the_menus_of_the_platform_offer(office: Office) -> None:
    await become(office, Seat.GUEST, "new_teacher")
    assistant = office.app.assistant
    quoted = Quoted("https://school.slack.com/archives/C0STAFF/p1", "Look at this post.")

    for name in assistant.switchboard.shortcuts:
        reply = await assistant.handle(Shortcut(f"E {name}", "new_teacher", PAGES, name, quoted))

        assert reply.form is not None, name


async def test_a_report_that_a_member_began_is_finished_as_a_guest(office: Office) -> None:
    """A colleague's last day is no reason to lose what they were about to report."""
    person = office.person("new_teacher")
    await person.says("report")
    await person.says("My own mistake")

    await become(office, Seat.GUEST, "new_teacher")
    await person.says("report")
    asked = await person.presses("Continue")

    assert "Is an image involved?" in asked


# What guests may not do ----------------------------------------------------------------------


async def test_whatever_else_a_guest_asks_for_is_refused_with_a_word_whom_to_ask(office: Office) -> None:
    await become(office, Seat.GUEST, "new_teacher")
    guest = office.person("new_teacher")
    commands = closed(office)
    assert {entry.feature for entry in commands} == {"applications", "accounts", "headship", "settings", "gaps"}

    for entry in commands:
        heard = await guest.says(f"/smpolicy {entry.name}")

        assert ONLY in heard, entry.name
        assert KEEPER in heard, entry.name
    assert not await cases(office)


async def test_no_other_name_of_a_command_is_a_way_around(office: Office) -> None:
    await become(office, Seat.GUEST, "new_teacher")
    assistant = office.app.assistant

    for entry in closed(office):
        for name in (entry.name, *entry.aliases):
            for event in (
                Command("E", "new_teacher", PAGES, name, "APP-1"),
                Command("E", "new_teacher", CHAT, name.upper(), ""),
                Message("E", "new_teacher", CHAT, name),
            ):
                reply = await assistant.handle(event)

                assert ONLY in plain(reply.views[0].card), event
                assert reply.form is None
    assert not await cases(office)


async def test_every_press_outside_what_is_for_guests_is_refused(office: Office) -> None:
    """Drawn or not, with its words or without."""
    await bring_to_slt(office, "new_teacher")
    await become(office, Seat.GUEST, "new_teacher", "deputy_head")
    assistant, before = office.app.assistant, await cases(office)
    actions = [each for each in assistant.switchboard.actions if not assistant.switchboard.open_to_guests(each)]
    assert len(actions) > 10

    for person in ("new_teacher", "deputy_head"):
        for action in actions:
            for words in (None, WORDS):
                with pytest.raises(Refused, match=ONLY):
                    await assistant.handle(Action("E", person, CHAT, action, "APP-1", "", words))

    assert await cases(office) == before


async def test_a_runner_who_is_a_guest_by_now_does_not_confirm(office: Office) -> None:
    await submit(office)
    await become(office, Seat.GUEST, "pe_teacher")

    sentence = await office.person("pe_teacher").refused("Confirm", on="will you run", trained="2026-09-12")

    assert ONLY in sentence
    case = await office.app.assistant.world.store.get(Application, "APP-1")
    assert case is not None
    assert case.confirmation("pe_teacher") is None


async def test_a_leader_who_is_a_guest_by_now_does_not_vote(office: Office) -> None:
    await bring_to_slt(office)
    await become(office, Seat.GUEST, "deputy_head")

    sentence = await office.person("deputy_head").refused("Approve", on=AIM)

    assert ONLY in sentence
    case = await office.app.assistant.world.store.get(Application, "APP-1")
    assert case is not None
    assert not case.standing_votes()
    await approve_in_slt(office, "assistant_head")


async def test_a_guest_does_not_submit_what_they_drafted_as_a_member(office: Office) -> None:
    person = await draft(office, "new_teacher")
    await become(office, Seat.GUEST, "new_teacher")

    sentence = await person.refused("Submit", on="your draft")

    assert ONLY in sentence
    case = await office.app.assistant.world.store.get(Application, "APP-1")
    assert case is not None
    assert case.state == "draft"
    assert not [job for job in await office.app.assistant.world.store.find(Job) if job.errand == "tell"]


async def test_a_guest_does_not_continue_an_application_by_answering(office: Office) -> None:
    """The question stands no more, so what they type is an ordinary question."""
    person = office.person("new_teacher")
    await person.says("apply")
    await person.says(AIM)
    [begun] = await office.app.assistant.world.store.find(Session, person="new_teacher")
    await become(office, Seat.GUEST, "new_teacher")

    heard = await person.says("Parents and carers")

    assert "be promoted" not in heard
    assert await office.app.assistant.world.store.find(Session, person="new_teacher") == [begun]


async def test_a_guest_does_not_continue_an_application_by_any_press_or_page(office: Office) -> None:
    person = office.person("new_teacher")
    await person.says("apply")
    await person.says(AIM)
    await become(office, Seat.GUEST, "new_teacher")
    assistant = office.app.assistant
    [begun] = await assistant.world.store.find(Session, person="new_teacher")
    events: list[Event] = [
        Action("E", "new_teacher", place, f"session.{verb}", begun.id, value)
        for place in (CHAT, PAGES)
        for verb, value in (
            ("page", ""), ("continue", ""), ("restart", ""), ("cancel", ""), ("answer", "audience=Parents and carers"),
        )
    ]  # fmt: skip
    events.append(Submission("E", "new_teacher", PAGES, begun.id, BUSINESS_CASE))

    for event in events:
        with pytest.raises((Refused, Unknown)):
            await assistant.handle(event)

    assert await assistant.world.store.find(Session, person="new_teacher") == [begun]
    assert not await assistant.world.store.find(Application)


async def test_a_guest_is_not_shown_the_page_of_an_application_any_more(office: Office) -> None:
    await office.person("new_teacher").says("apply")
    await office.person("new_teacher").says(AIM)
    await become(office, Seat.GUEST, "new_teacher")
    assistant = office.app.assistant
    [begun] = await assistant.world.store.find(Session, person="new_teacher")

    assert await assistant.open_page("new_teacher", begun.id) is None


async def test_what_is_theirs_does_not_offer_a_guest_a_draft_that_they_can_not_continue(office: Office) -> None:
    person = office.person("new_teacher")
    await person.says("apply")
    await person.says(AIM)
    await become(office, Seat.GUEST, "new_teacher")

    await person.says("/smpolicy my")

    assert "Continue" not in await person.buttons(on="New teacher")


async def test_whoever_becomes_a_member_again_goes_on_where_they_were(office: Office) -> None:
    person = office.person("new_teacher")
    await person.says("apply")
    await person.says(AIM)
    await become(office, Seat.GUEST, "new_teacher")
    assert ONLY in await person.says("/smpolicy apply")

    await become(office, Seat.MEMBER, "new_teacher")

    assert "be promoted" in await person.says("Parents and carers")


# People of other organisations ---------------------------------------------------------------


def _assert_shown_whom_to_contact(heard: str) -> None:
    assert WHOM in heard
    assert "I can't help you here" in heard
    for contact in ("Designated safeguarding lead", "Account administrator", "Head teacher"):
        assert contact in heard
    assert "0151 496 0199" in heard  # at night, at weekends and in the holidays


@pytest.mark.parametrize(
    "words",
    [
        "hello", "Who approves a new account?", "apply", "report", "a pupil is in danger right now", "my",
        "my password is hunter2",
    ],
)  # fmt: skip
async def test_somebody_of_another_organisation_is_shown_whom_to_contact(office: Office, words: str) -> None:
    await become(office, Seat.OUTSIDER, "new_teacher")

    _assert_shown_whom_to_contact(await office.person("new_teacher").says(words))

    assert not await cases(office)


@pytest.mark.parametrize("command", ["", "help", "apply", "report", "press", "my", "accounts", "ask who decides?"])
async def test_no_command_does_anything_for_somebody_of_another_organisation(office: Office, command: str) -> None:
    await become(office, Seat.OUTSIDER, "new_teacher")

    _assert_shown_whom_to_contact(await office.person("new_teacher").says(f"/smpolicy {command}".strip()))

    assert not await cases(office)


async def test_whatever_somebody_of_another_organisation_does_they_are_shown_whom_to_contact(office: Office) -> None:
    """Every command, press and shortcut that there is, and a page that they opened before."""
    person = office.person("new_teacher")
    await person.says("report")
    await person.says("My own mistake")
    await draft(office, "pe_teacher")
    await become(office, Seat.OUTSIDER, "new_teacher")
    assistant, before = office.app.assistant, await cases(office)
    [begun] = await assistant.world.store.find(Session, person="new_teacher")
    switchboard = assistant.switchboard
    sessions = ("session.page", "session.continue", "session.restart", "session.cancel", "session.answer")
    events: Sequence[Event] = [
        *(Command("E", "new_teacher", PAGES, name, "") for name in (*switchboard.commands, "", "nonsense")),
        *(Action("E", "new_teacher", CHAT, name, "APP-1", "", WORDS) for name in (*switchboard.actions, "no.such")),
        *(Action("E", "new_teacher", PAGES, name, begun.id) for name in sessions),
        *(Shortcut("E", "new_teacher", PAGES, name) for name in (*switchboard.shortcuts, "no.such")),
        Submission("E", "new_teacher", PAGES, begun.id, MISTAKE),
        Message("E", "new_teacher", CHAT, "yes"),
        Message("E", "new_teacher", Place("staff"), "a child is in danger"),
    ]

    for event in events:
        reply = await assistant.handle(event)

        [view] = reply.views
        _assert_shown_whom_to_contact(plain(view.card))
        assert view.private
        assert (view.form, reply.form, reply.elsewhere, view.card.buttons) == (None, None, (), ())
    assert await cases(office) == before


async def test_a_form_begun_earlier_is_closed_to_somebody_who_is_of_another_organisation_by_now(
    office: Office,
) -> None:
    person = office.person("new_teacher")
    await person.says("report")
    await person.says("My own mistake")
    await become(office, Seat.OUTSIDER, "new_teacher")
    assistant = office.app.assistant
    [begun] = await assistant.world.store.find(Session, person="new_teacher")

    standing = await assistant.standing("new_teacher")

    _assert_shown_whom_to_contact(plain(standing.views[0].card))
    assert standing.views[0].form is None
    assert await assistant.open_page("new_teacher", begun.id) is None


async def test_a_leader_who_is_of_another_organisation_by_now_moves_nothing(office: Office) -> None:
    await bring_to_slt(office)
    before = await office.app.assistant.world.store.get(Application, "APP-1")
    await become(office, Seat.OUTSIDER, "deputy_head")

    for move in ("approve", "reject", "withdraw"):
        event = Action("E", "deputy_head", Place("slt"), f"applications.{move}", "APP-1", "", WORDS)
        reply = await office.app.assistant.handle(event)
        _assert_shown_whom_to_contact(plain(reply.views[0].card))

    assert await office.app.assistant.world.store.get(Application, "APP-1") == before


async def test_a_case_is_not_confirmed_to_exist_to_somebody_of_another_organisation(office: Office) -> None:
    await submit(office)
    await become(office, Seat.OUTSIDER, "new_teacher")

    heard = await office.person("new_teacher").says("/smpolicy report INC-ABCDEF")

    _assert_shown_whom_to_contact(heard)
    assert "INC-" not in heard
