"""How a report looks: in full to its reporter and to those on it who press Open, and without content otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.conversation.cards import (
    About,
    Block,
    Bold,
    Button,
    Card,
    Quote,
    Span,
    Style,
    Tone,
    bullets,
    facts,
    line,
    moment_text,
    notice,
)
from bot.conversation.events import Json
from bot.conversation.fields import Circumstances
from bot.conversation.moves import buttons_for
from bot.domain.incident_workflow import INCIDENT
from bot.domain.incidents import (
    Agency,
    Incident,
    Note,
    State,
    about_adult,
    adult_here,
    free_dsls,
    has_access,
    on_case,
    route_of,
)
from bot.domain.office import Contact, Office
from bot.domain.people import Person, Role
from bot.domain.report_routes import Route
from bot.domain.workflow import Step
from handlers.incidents.forms import DANGER, REPORT, image_caution

_MINE = frozenset(f"incidents.{move}" for move in ("submit", "chair_has", "deleted", "add"))

_LABELS = {
    "category": "About", "kind": "Kind", "indecent": "Image: could it be indecent?",
    "child": "Child involved or at risk",
    "adult": "An adult who works or helps here", "who": "Who", "where": "Where", "account": "Account",
    "breach": "Could be a data breach",
}  # fmt: skip
_PART = ("category", "where", "account", "breach")
_MOVES = {
    "begin": "began it", "submit": "sent it", "edit_draft": "edited it", "add": "added something",
    "deleted": "deleted the picture", "chair_has": "recorded that the chair has it", "open": "opened it",
    "lead": "took the lead", "assess": "recorded an assessment", "bring_in": "brought in a colleague",
    "involve": "involved an agency", "done": "marked a step as done", "breach": "recorded the breach decision",
    "note": "added a note", "close": "closed it", "reopen": "opened it again", "remind": "told them again",
    "breach_hours": "recorded the end of the 72 hours",
}  # fmt: skip
# Said whatever edition of the guidance a school has.
_DO_NOT_INVESTIGATE = "Do not investigate, do not question the child or the person, and do not tell the person. "
_WHISTLEBLOWING = Contact("NSPCC whistleblowing advice line", "0800 028 0285")
_REACH = {
    Agency.POLICE: "police", Agency.LADO: "lado", Agency.SOCIAL_CARE: "social_care_out_of_hours",
    Agency.DATA_PROTECTION: "dpo", Agency.PLATFORM: "platform", Agency.CEOP: "ceop",
    Agency.HELPLINE: "online_safety_helpline",
}  # fmt: skip


# For whoever reports -------------------------------------------------------------------------


def preview(case: Incident, reader: Person | None, office: Office) -> Card | None:
    """Draw a draft for its reporter: what is sent, to whom, and to whom not (G11)."""
    if reader is None or reader.id != case.reporter:
        return None
    about = About("incidents.preview", case.id)
    if case.state is State.LAPSED:
        words = "This was never sent, and its content has been deleted. Type report to start again."
        return Card(f"{case.id}: deleted", (line(words),), about=about)
    if case.state is not State.DRAFT:
        return Card(f"{case.id}: sent", (line("You sent this. See below who has it."),), (_see(case),), about)
    way = route_of(case, office)
    blocks = [
        *_first(case, way, office),
        notice(Tone.INFO, "Nothing is sent until you press Submit."),
        *_content(case, office, child_words=True),
        line(Bold("Who will get it")),
        facts(_recipients(way, office)),
        *_nobody_named(case, way),
        *_own_image(case),
        *_sealed(case, way, office),
        *_outside(way, office),
        *_promises(),
    ]
    edit = Button("Edit", "incidents.edit", case.id, opens_form=True)
    cancel = Button("Cancel", "incidents.cancel", case.id, style=Style.DANGER)
    return Card(f"{case.id}: not sent yet", tuple(blocks), (*_moves(case, reader, office), edit, cancel), about)


def mine(case: Incident, reader: Person | None, office: Office) -> Card | None:
    """Draw a sent report for its reporter: whether somebody has it, who, and every way outside."""
    if reader is None or reader.id != case.reporter:
        return None
    if case.state in (State.DRAFT, State.LAPSED):
        return preview(case, reader, office)
    way = route_of(case, office)
    waits = case.state in (State.SENT, State.SEALED)
    blocks = [
        *_first(case, way, office),
        notice(Tone.WARNING if waits else Tone.INFO, status(case, office)),
        *([facts(_told(case, way, office))] if case.access else []),
        *_phones(case, office),
        *_own_image(case),
        *(_sealed(case, way, office) if case.state is State.SEALED else []),
        *_outside(way, office),
        *_promises(),
    ]
    words = Button("Show what I sent", "incidents.words", case.id)
    own = _open_button(case, reader, office)
    return Card(
        f"{case.id}: {'sealed' if case.state is State.SEALED else 'sent'}",
        tuple(blocks), (*own, *_moves(case, reader, office), words), About("incidents.mine", case.id),
    )  # fmt: skip


def words(case: Incident, reader: Person, office: Office) -> Card:
    """Answer the reporter's wish to see their own words."""
    added = tuple(note for note in case.notes if note.by == case.reporter and _by_reporter(case, note))
    blocks = [*_image(case, route_of(case, office), office), *_content(case, office, child_words=True)]
    return Card(f"{case.id}: what you sent", (*blocks, *_notes(added, office)), _moves(case, reader, office))


def unopened(case: Incident, reader: Person | None, office: Office) -> Card | None:
    """Tell the reporter that no one has opened it, and whom to phone (G10)."""
    if reader is None or reader.id != case.reporter:
        return None
    if case.state is not State.SENT:
        return _as_it_stands(case, office)
    words = "No one has opened this yet. They have been told again; please phone one of them now."
    return Card(
        f"{case.id}: no one has opened it yet",
        (_danger(), notice(Tone.WARNING, words), *_phones(case, office), *_outside(route_of(case, office), office)),
        (_see(case),),
    )


def unsent(case: Incident, reader: Person | None, office: Office) -> Card | None:
    """Remind of a draft: nobody has it."""
    if reader is None or reader.id != case.reporter:
        return None
    if case.state is not State.DRAFT:
        return _as_it_stands(case, office)
    words = "You have not sent this, so nobody has it. Look at it, then press Submit or Cancel."
    return Card(f"{case.id} is not sent", (_danger(), notice(Tone.WARNING, words)), (_see(case),))


def still_sealed(case: Incident, reader: Person | None, office: Office) -> Card | None:
    """Remind the reporter that nobody in school has it, and whom to phone."""
    if reader is None or reader.id != case.reporter:
        return None
    if case.state is not State.SEALED:
        return _as_it_stands(case, office)
    way = route_of(case, office)
    blocks = (_danger(), notice(Tone.WARNING, status(case, office)), *_sealed(case, way, office))
    return Card(f"{case.id} is still sealed", (*blocks, *_outside(way, office)), _moves(case, reader, office))


def closed(case: Incident, reader: Person | None, office: Office) -> Card | None:
    """Tell the reporter, in as few words as may be, that it is closed (G42)."""
    if reader is None or reader.id != case.reporter:
        return None
    if case.state is not State.CLOSED:
        return _as_it_stands(case, office)
    words = "Thank you for reporting this. It is closed, and what was done may stay with those who dealt with it."
    again = "If anything happens again, or you still worry, add to it or report again. You can go outside at any time."
    blocks = (line(words), line(again), *_outside(route_of(case, office), office))
    return Card(f"{case.id} is closed", blocks, _moves(case, reader, office))


def _as_it_stands(case: Incident, office: Office) -> Card:
    return Card(case.id, (line(status(case, office)),), (_see(case),))


def undelivered(case: Incident, reader: Person | None, office: Office) -> Card | None:
    """Tell the reporter that a message did not arrive, and whom to phone."""
    if reader is None or reader.id != case.reporter:
        return None
    words = f"We couldn't reach somebody who should be told about {case.id}. Please phone instead."
    return Card(
        "Somebody could not be reached", (_danger(), notice(Tone.WARNING, words), *_phones(case, office)), (_see(case),)
    )


def cancelled(case: Incident) -> Card:
    """Answer the press of Cancel."""
    return Card("Cancelled", (line("Nothing was sent, and your answers are deleted. Start again whenever you like."),))


# For those on the case, without content ------------------------------------------------------


def ping(case: Incident, reader: Person | None, office: Office) -> Card | None:
    """Say that something was sent, and nothing of what it is (L14); a redraw adds nothing."""
    if reader is None:
        return None
    about = About("incidents.ping", case.id)
    title = "Something has been sent to you"
    if not has_access(case, reader, office):
        return Card(title, (line("Nothing is asked of you any more."),), about=about)
    opened = case.opening(reader.id)
    if opened is not None:
        words = f"You opened {case.id} on {_at(opened.at, office)}. Open it again when nobody else can see your screen."
        return Card(title, (line(words),), _open_button(case, reader, office), about)
    blocks: list[Block] = [
        line("Something has been sent to you as the person on duty. Open it when nobody else can see your screen."),
        facts((("Reference", case.id),)),
    ]
    if _urgent(case, office):
        blocks.insert(0, notice(Tone.URGENT, "Please open this now."))
    return Card(title, tuple(blocks), _open_button(case, reader, office), about)


def added(case: Incident, reader: Person | None, office: Office) -> Card | None:
    """Say that there is something new."""
    return _nudge(case, reader, office, "There is something new", f"Something was added to {case.id}.")


def breach_due(case: Incident, reader: Person | None, office: Office) -> Card | None:
    """Remind of the 72 hours until a decision is recorded (L10)."""
    if case.breach_decision is not None:
        return None
    return _nudge(case, reader, office, "A deadline needs you", f"A deadline on {case.id} is near, or has passed.")


def advice_due(case: Incident, reader: Person | None, office: Office) -> Card | None:
    """Ask to look again on the next working day, unless advice was asked for or it is closed (L5)."""
    asked = any(step.agency == Agency.LADO for step in case.involvements)
    asked = asked or bool(case.assessment and case.assessment.get("lado"))
    if asked or case.state is State.CLOSED:
        return None
    return _nudge(case, reader, office, "Something needs you today", f"A step on {case.id} is due today.")


def _nudge(case: Incident, reader: Person | None, office: Office, title: str, words: str) -> Card | None:
    if reader is None or not has_access(case, reader, office):
        return None
    look = "Open it when nobody else can see your screen."
    return Card(title, (line(f"{words} {look}"),), _open_button(case, reader, office))


# For those on the case, in the answer to a press ---------------------------------------------


def record(case: Incident, reader: Person, office: Office) -> Card:
    """Draw what *reader* may read: everything, or only what kind it is, where, and who leads."""
    return _full(case, reader, office) if on_case(case, reader, office) else _part(case, reader, office)


def _full(case: Incident, reader: Person, office: Office) -> Card:
    way = route_of(case, office)
    blocks = [
        *_first(case, way, office),
        *_banner(case, office),
        notice(Tone.INFO, f"This is {INCIDENT.words[case.state]}.{_leads(case, office)}"),
        facts((("Reported by", office.name(case.reporter)), ("Sent", _sent(case, office)))),
        *_content(case, office, child_words=reader.id in case.to),
        *_next_steps(case, office),
        *_notes(case.notes, office),
        *_involved(case, office),
        *_breach(case, office),
        line(Bold("Record")),
        bullets(_step_line(step, office) for step in case.history),
    ]
    moves = tuple(b for b in buttons_for(INCIDENT, case, reader, office) if b.action not in _MINE)
    done = tuple(
        Button(f"Mark as done: {step.agency}", "incidents.done", case.id, step.name)
        for step in case.involvements
        if step.done is None
    )
    return Card(case.id, tuple(blocks), (*moves, *done))


def _part(case: Incident, reader: Person, office: Office) -> Card:
    way = route_of(case, office)
    leads = ", ".join(office.name(each) for each in case.to) or "Nobody yet"
    blocks = [
        *_first(case, way, office),
        facts((*_rows(case, office, _PART), ("Holds the details and leads", leads), *_breach_rows(case, office))),
        line("You are told so that you know and can act. Ask whoever leads before you do more."),
    ]
    return Card(case.id, tuple(blocks))


# What they are made of -----------------------------------------------------------------------


def status(case: Incident, office: Office) -> str:
    """Return, for the reporter, whether somebody has it; nothing is said that has not happened."""
    match case.state:
        case State.DRAFT:
            return "This is a draft. Nobody has it until you press Submit."
        case State.SENT:
            return "No one has opened this yet."
        case State.SEALED:
            chair = ", until the chair of governors has somebody put on it" if _chair(case, office) else ""
            return f"Nobody in school can open this. Only you can{chair}."
        case State.OPEN:
            return _opened_by(case, office)
        case State.CLOSED:
            return f"{_opened_by(case, office)} It is closed now."
        case State.LAPSED:
            return "This was never sent, and its content has been deleted."


def _chair(case: Incident, office: Office) -> bool:
    return "chair" in route_of(case, office).cards


def _opened_by(case: Incident, office: Office) -> str:
    first = {step.by: step for step in reversed(case.openings) if step.by in case.to}
    names = [f"{office.name(step.by)} on {_at(step.at, office)}" for step in reversed(first.values())]
    return f"Opened by {', '.join(names)}."


def _first(case: Incident, way: Route, office: Office) -> list[Block]:
    """Return what comes before anything else: the image, and 999 where it is urgent."""
    return [*_image(case, way, office), *([_danger()] if way.urgent else [])]


def _danger() -> Block:
    return notice(Tone.URGENT, DANGER)


def _image(case: Incident, way: Route, office: Office) -> list[Block]:
    if not case.image:
        return []
    blocks: list[Block] = [notice(Tone.URGENT, image_caution(_safeguarding(way, office)))]
    if about_adult(case.answers):
        words = "Where an adult has or shares such an image of a child, phone the police now: 999 in danger, else 101."
        blocks.append(notice(Tone.URGENT, words))
    return blocks


def _safeguarding(way: Route, office: Office) -> str:
    """Return whom to tell about a child now: a safeguarding lead, else the Head, unless it is about them."""
    for role in (Role.DSL, Role.HEAD):
        people = office.holders(role)
        if people and not any(person.id in way.concerned for person in people):
            return " or ".join(_reached(person) for person in people)
    return "the police on 101, or 999 where there is danger,"


def _content(case: Incident, office: Office, *, child_words: bool) -> list[Block]:
    answers = case.answers
    blocks: list[Block] = [facts(_rows(case, office, tuple(_LABELS)))]
    if answers.get("what"):
        blocks.append(Quote(str(answers["what"]), "What happened, in the reporter's words"))
    if answers.get("child_words") and child_words:
        blocks.append(Quote(str(answers["child_words"]), "The child: for the safeguarding lead only"))
    return blocks


def _rows(case: Incident, office: Office, names: Iterable[str]) -> list[tuple[str, Span]]:
    seen = Circumstances(office.now, office.people)
    wanted = tuple(names)
    fields = (each for each in REPORT.fields_for(case.answers) if each.name in wanted and each.name in _LABELS)
    return [(_LABELS[each.name], each.show(case.answers.get(each.name), seen)) for each in fields]


def _recipients(way: Route, office: Office) -> list[tuple[str, Span]]:
    chair = ", until the chair of governors has somebody put on it" if "chair" in way.cards else ""
    part = "; they see what kind it is and where, not your words" if way.limited else ""
    not_to = ", ".join((*map(_as_name, way.not_to), "anybody else, those who look after this bot included"))
    return [
        ("Gets it", f"Nobody in school{chair}" if way.sealed else _names((*way.full, *way.also), office)),
        ("Gets a part", f"{_names(way.limited, office)}{part}"),
        ("Does not get it", not_to),
    ]


def _told(case: Incident, way: Route, office: Office) -> list[tuple[str, Span]]:
    also = tuple(each for each in way.also if each in case.joined)
    return [
        ("Told", _names((*case.to, *also), office)),
        ("Told a part", _names(case.limited, office)),
        ("Not told", ", ".join((*map(_as_name, way.not_to), "anybody else"))),
    ]


def _as_name(name: str) -> str:
    return name[:80]


def _names(ids: Iterable[str], office: Office) -> str:
    return ", ".join(office.name(each) for each in ids)


def _phones(case: Incident, office: Office) -> list[Block]:
    people = [person for each in (*case.to, *case.limited) if (person := office.person(each)) and person.phone]
    if case.state is not State.SENT or not people:
        return []
    return [line("If it can't wait, phone:"), bullets(_reached(person) for person in people)]


def _nobody_named(case: Incident, way: Route) -> list[Block]:
    if not about_adult(case.answers) or case.answers.get("who") or way.sealed:
        return []
    words = "You named nobody, so nobody could be left out. If it is about somebody above, press Edit and name them."
    return [notice(Tone.WARNING, words)]


def _own_image(case: Incident) -> list[Block]:
    """Return what IMG-8 asks where an image is clearly not indecent, and was taken by the reporter."""
    if not case.own_image():
        return []
    if case.deleted is not None:
        return [line("You recorded that the picture is deleted everywhere.")]
    words = (
        "If you took the picture yourself, delete it everywhere, cloud backup and recently-deleted included (IMG-8). "
        "Then press It is deleted everywhere, which is there once this is sent, to record that you did."
    )
    return [notice(Tone.WARNING, words)]


def _sealed(case: Incident, way: Route, office: Office) -> list[Block]:
    if not way.sealed:
        return []
    chair = office.contact_for(Role.CHAIR) if "chair" in way.cards else None
    blocks: list[Block] = []
    if chair is not None:
        blocks.append(notice(Tone.WARNING, f"Please phone {_contact_text(chair)}. Nobody can do this for you."))
    else:
        blocks.append(notice(Tone.WARNING, "Please phone one of those below. Nobody in school is told by the bot."))
    whom = _names(free_dsls(case, office), office) or "the person whom the chair names in writing"
    words = f"Once the chair has it, press Record that the chair has it, and {whom} can open it."
    if chair is not None:
        blocks.append(line(words))
    if case.breach:
        ends = _at(case.breach_due, office)
        blocks.append(line(f"Tell the chair that it could be a data breach: the 72 hours end on {ends}."))
    return blocks


def _outside(way: Route, office: Office) -> list[Block]:
    """Return every route outside; none of them can be switched off (L16)."""
    contacts = office.school.contacts
    lado = contacts.get("lado") if "lado" in way.cards else None
    dpo = office.contact_for(Role.DPO) if "dpo" in way.cards else None
    leads = office.holders(Role.DSL)
    dsls = () if any(person.id in way.concerned for person in leads) else leads
    known = (lado, contacts.get("social_care_out_of_hours"), dpo, contacts.get("whistleblowing") or _WHISTLEBLOWING)
    items: list[Span] = [
        "In danger now: 999. Otherwise the police are on 101, and you can always go to the police yourself.",
        *(_reached(person) for person in dsls),
        *(_contact_text(contact) for contact in known if contact),
    ]
    return [line(Bold("Whom you can go to at any time")), bullets(items)]


def _promises() -> list[Block]:
    return [
        line(
            "Nobody may treat you worse for reporting. Those who get it may have to share it to keep somebody safe, "
            "so nobody can promise that it stays secret."
        ),
        line("It may be that nobody is looking at this just now. If it can't wait, phone."),
    ]


def _banner(case: Incident, office: Office) -> list[Block]:
    """Return what holds where a child and an adult of the school are involved, until there is advice (L5)."""
    blocks: list[Block] = []
    if case.child and adult_here(case, office):
        lado = office.school.contacts.get("lado")
        blocks = [notice(Tone.URGENT, _DO_NOT_INVESTIGATE, office.school.guidance.text("allegation"))]
        blocks += [line(f"{_contact_text(lado)}.")] if lado else []
    if case.child:
        blocks.append(line(f"{office.school.guidance.text('sharing')} Record whom you told and why.".strip()))
    return blocks


def _next_steps(case: Incident, office: Office) -> list[Block]:
    if case.state is State.CLOSED:
        return []
    steps = []
    if not case.lead:
        steps.append("Nobody has the lead yet: press Take the lead if it is yours (SLT-3).")
    if case.assessment is None:
        steps.append("No initial assessment is recorded yet: press Record assessment (SLT-4).")
    if case.breach and case.breach_decision is None:
        officer = office.contact_for(Role.DPO)
        reach = f": {_contact_text(officer)}" if officer else ""
        steps.append(f"It could be a data breach, so the data protection officer has to know{reach}.")
    steps.append(
        "Whether it stays inside the school or goes to the police is a person's decision, to be noted with its reason "
        "(BEH-14, BEH-15)."
    )
    return [line(Bold("Next")), bullets(steps)]


def _notes(notes: Iterable[Note], office: Office) -> list[Block]:
    return [Quote(note.words, f"{office.name(note.by)}, {_at(note.at, office)}") for note in notes]


def _by_reporter(case: Incident, note: Note) -> bool:
    return any(step.move == "add" and step.at == note.at for step in case.history)


def _involved(case: Incident, office: Office) -> list[Block]:
    if not case.involvements:
        return []
    lines = []
    for step in case.involvements:
        contact = _agency_contact(step.agency, office)
        end = f"done on {_at(step.done, office)}" if step.done else "not marked as done"
        parts = (step.why, step.when, step.contact, contact, end)
        lines.append((Bold(step.agency), f": {'; '.join(part for part in parts if part)}"))
    return [line(Bold("Agencies")), bullets(lines)]


def _agency_contact(agency: str, office: Office) -> str:
    contact = office.contact_for(Role.DPO) if agency == Agency.DATA_PROTECTION else None
    contact = contact or office.school.contacts.get(_REACH[Agency(agency)])
    return _contact_text(contact) if contact else ""


def _breach(case: Incident, office: Office) -> list[Block]:
    rows = _breach_rows(case, office)
    return [facts(rows)] if rows else []


def _breach_rows(case: Incident, office: Office) -> list[tuple[str, Span]]:
    if not case.breach:
        return []
    decision: Mapping[str, Json] = case.breach_decision or {}
    decided = f"{decision['decision']}: {decision['reason']}" if decision else "not recorded yet"
    return [("72 hours end", _at(case.breach_due, office)), ("Breach decision", decided)]


def _leads(case: Incident, office: Office) -> str:
    return f" {office.name(case.lead)} has the lead." if case.lead else ""


def _sent(case: Incident, office: Office) -> str:
    step = next((each for each in case.history if each.move == "submit"), None)
    return _at(step.at, office) if step else ""


def _step_line(step: Step, office: Office) -> tuple[Span, ...]:
    who = office.name(step.by) if step.by else "The clock"
    said = f": {step.words}" if step.words else ""
    return (f"{_at(step.at, office)} – ", Bold(who), f" {_MOVES.get(step.move, step.move)}{said}")


def _moves(case: Incident, reader: Person, office: Office) -> tuple[Button, ...]:
    return tuple(b for b in buttons_for(INCIDENT, case, reader, office) if b.action in _MINE)


def _open_button(case: Incident, reader: Person, office: Office) -> tuple[Button, ...]:
    if not has_access(case, reader, office):
        return ()
    return (Button("Open", "incidents.open", case.id, style=Style.PRIMARY),)


def _see(case: Incident) -> Button:
    return Button(f"Show {case.id}", "incidents.see", case.id)


def _urgent(case: Incident, office: Office) -> bool:
    return route_of(case, office).urgent


def _reached(person: Person) -> str:
    return f"{person.name} on {person.phone}" if person.phone else person.name


def _contact_text(contact: Contact) -> str:
    return ", ".join(part for part in (contact.name, contact.phone or contact.email, contact.hours) if part)


def _at(at: datetime, office: Office) -> str:
    return moment_text(at.astimezone(office.now.tzinfo))
