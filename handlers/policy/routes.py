"""Whom to tell or to ask, and how: the human route of an answer (domain 2.3, G10)."""

from __future__ import annotations

from bot.domain.knowledge import Need
from bot.domain.office import Contact, Office
from bot.domain.people import Person, Role
from bot.domain.search import Answer, Kind

# Never "delete it", never "keep it" (G13).
HANDS_OFF = "do not view, copy, show, send or delete it, and don't ask anybody else to."
_DANGER = "If anybody is in danger now, phone 999."
_ROLE_NAMES = {
    Role.ADMINISTRATOR: "the account administrator",
    Role.SLT: "the leadership team",
    Role.HEAD: "the Head",
    Role.DSL: "the safeguarding lead",
    Role.DPO: "the data protection officer",
    Role.CHAIR: "the chair of governors",
}


def route(answer: Answer, office: Office) -> tuple[str, ...]:
    """Return the sentences that say whom to tell now, or whom to ask; none for an ordinary answer."""
    match answer.kind:
        case Kind.URGENT:
            assert answer.need is not None
            return (*_urgent(answer.need, office), office.school.out_of_hours)
        case Kind.SILENT:
            return _silent(answer, office)
        case Kind.ANSWER:
            return ()


def whom_to_ask(role: Role, office: Office) -> str:
    """Return a role, who holds it and how to reach them: `the Head: Head teacher, 0151 …`."""
    people = _contacts(role, office)
    named = "; ".join(_reach(each) for each in people) or "ask at the school office"
    return f"{_ROLE_NAMES.get(role, role.value)}: {named}"


def duty(office: Office) -> str:
    """Return who in SLT is on duty, in order, with phone numbers."""
    ids = office.school.safety_duty or office.school.press_duty
    people = [person for each in ids if (person := office.person(each)) and not person.has_left(office.today)]
    return "; then ".join(_reach(_as_contact(person)) for person in people) or whom_to_ask(Role.SLT, office)


def _urgent(need: Need, office: Office) -> tuple[str, ...]:
    dsl, head = whom_to_ask(Role.DSL, office), whom_to_ask(Role.HEAD, office)
    match need:
        case Need.CHILD:
            return (
                _DANGER,
                f"Tell {dsl}, now.",
                f"If you can't reach them: {_contact('social_care_out_of_hours', office)}.",
            )
        case Need.SELF_HARM:
            return (_DANGER, "Don't leave the person alone.", f"Tell {dsl}, now.", f"Then {head}.")
        case Need.THREAT:
            return ("Phone 999 now.", f"Then tell {head}.", f"If a child may be meant, also {dsl}.")
        case Need.IMAGE:
            return (
                f"Stop: {HANDS_OFF}",
                f"Tell {dsl}, now.", _DANGER,
            )  # fmt: skip
        case Need.COLLEAGUE:
            return (
                _DANGER, f"Tell {head}. Nobody whom it is about is told by this bot.",
                f"If it is about the Head: {whom_to_ask(Role.CHAIR, office)}.",
                "You can go to the police yourself at any time.",
            )  # fmt: skip
        case Need.TAKEOVER:
            return (f"Tell {whom_to_ask(Role.ADMINISTRATOR, office)}, now.", f"And SLT on duty: {duty(office)}.")
        case Need.JOURNALIST:
            words = office.school.holding_words
            said = (f"Say only: “{words}”",) if words else ()
            return (
                "Don't answer the journalist's question and don't confirm anything.",
                *said,
                f"Tell SLT on duty: {duty(office)}.",
            )


def _silent(answer: Answer, office: Office) -> tuple[str, ...]:
    role = Role(answer.ask) if answer.ask in set(Role) else Role.ADMINISTRATOR
    return ("The policy does not say.", f"Ask {whom_to_ask(role, office)}.")


def _contacts(role: Role, office: Office) -> list[Contact]:
    holders = [p for p in office.people if p.holds(role) and not p.has_left(office.today)]
    if role is Role.SLT:
        holders = [p for p in holders if not office.is_head(p)]
    if holders:
        return [_as_contact(person) for person in holders]
    contact = office.school.contacts.get(role.value)
    return [contact] if contact else []


def _as_contact(person: Person) -> Contact:
    return Contact(person.name, person.phone, person.email)


def _contact(name: str, office: Office) -> str:
    contact = office.school.contacts.get(name)
    return _reach(contact) if contact else "children's social care"


def _reach(contact: Contact) -> str:
    hours = f" ({contact.hours})" if contact.hours else ""
    return (
        f"{contact.name}, {contact.phone or contact.email}{hours}" if contact.phone or contact.email else contact.name
    )
