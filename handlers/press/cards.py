"""How a press contact looks: its content only in answers to a press, everything else without it."""

from __future__ import annotations

from collections.abc import Iterable

from bot.conversation.cards import (
    About,
    Block,
    Bold,
    Bullets,
    Button,
    Card,
    Quote,
    Span,
    Tone,
    bullets,
    facts,
    line,
    moment_text,
    notice,
)
from bot.conversation.fields import Circumstances
from bot.conversation.moves import buttons_for
from bot.domain.office import Office
from bot.domain.people import Person
from bot.domain.press import (
    FINAL,
    OPEN,
    PRESS,
    PressContact,
    State,
    heads,
    leadership,
    next_on_duty,
    next_rung,
    on_duty,
    others,
)
from bot.domain.workflow import Step
from handlers.press.forms import PRESS_CONTACT

DO_NOT_REPLY = (
    "Do not reply yourself, and don't confirm that anyone works at or attends the school, until SLT releases a reply."
)
_DEFAULT_HOLDING_WORDS = "Thank you for getting in touch. I will pass this on to the school's leadership team."

_LABELS = {
    "journalist": "Journalist", "outlet": "From", "contact": "Reach them on", "deadline": "Wants an answer by",
    "accused": "Concerns an accused member of staff",
}  # fmt: skip
_MOVES = {
    "begin": "wrote it down", "submit": "sent it to SLT", "edit_draft": "edited it", "cancel": "cancelled it",
    "open": "opened it", "acknowledge": "picked it up", "release": "released a reply",
    "no_comment": "decided: no comment", "note": "noted", "withdraw": "withdrew it",
    "ask_next": "asked more people in SLT", "tell_unheard": "told the reporter that no one had picked it up",
    "pass_deadline": "recorded",
}  # fmt: skip


# For whoever was contacted -------------------------------------------------------------------


def intro(office: Office) -> str:
    """Return what is read before the first question: the holding words come at once (BEH-8)."""
    return f"Say only this to the journalist: “{holding_words(office)}”\n\n{DO_NOT_REPLY}"


def holding_words(office: Office) -> str:
    """Return the school's approved words, or plain ones where it has set none (G29)."""
    return office.school.holding_words.strip() or _DEFAULT_HOLDING_WORDS


def unfinished(card: Card, office: Office) -> Card:
    """Put the holding words above the card of a form that was begun."""
    return Card(card.title, (*_hold(office), *card.blocks), card.buttons, card.about)


def mine(case: PressContact, reader: Person | None, office: Office) -> Card | None:
    """Draw it for its reporter: what to say, who is being told, and what has become of it."""
    if reader is None or reader.id != case.reporter:
        return None
    if case.state is State.DRAFT:
        return _preview(case, reader, office)
    blocks: list[Block] = [notice(_tone(case), status(case, office))]
    if case.state in OPEN:
        blocks = [*_hold(office), *blocks, facts(_told(case, office))]
        blocks += _accused(case, office)
        blocks.append(line("BEH-8 refers requests about posts to SLT; the school treats all press contact that way."))
    return _card(case, reader, office, "mine", f"{case.id}: {case.state}", blocks)


def picked_up(case: PressContact, reader: Person | None, office: Office) -> Card | None:
    """Tell the reporter who has it."""
    return _for_reporter(case, reader, office, "picked_up", f"{case.id} has been picked up")


def answered(case: PressContact, reader: Person | None, office: Office) -> Card | None:
    """Tell the reporter what SLT decided; the words themselves are read on opening."""
    title = "SLT released a reply" if case.state is State.RELEASED else "SLT decided: no comment"
    return _for_reporter(case, reader, office, "answered", f"{case.id}: {title}")


def unheard(case: PressContact, reader: Person | None, office: Office) -> Card | None:
    """Tell the reporter that nobody has picked it up, and whom to phone (G10)."""
    phones = (line("Phone one of them now:"), _phones(case, office)) if case.state is State.WAITING else ()
    return _for_reporter(case, reader, office, "unheard", f"{case.id}: phone SLT", phones)


def lapsed(case: PressContact, reader: Person | None, office: Office) -> Card | None:
    """Tell the reporter that the deadline passed; nothing is decided by it."""
    words = "The deadline has passed without a reply from SLT. SLT can still decide, and waiting decides nothing."
    return _for_reporter(case, reader, office, "lapsed", f"{case.id}: the deadline has passed", (line(words),))


def unsent(case: PressContact, reader: Person | None, office: Office) -> Card | None:
    """Remind of a draft: until it is sent, SLT knows nothing."""
    if reader is None or reader.id != case.reporter:
        return None
    if case.state is not State.DRAFT:
        return Card(f"{case.id}: {case.state}", (notice(_tone(case), status(case, office)),))
    words = "You have not sent this yet, so SLT knows nothing of it. Press Submit, or Cancel if it is not needed."
    moves = _only(case, reader, office, "submit", "open", "cancel")
    return Card(f"{case.id} is not sent", (notice(Tone.WARNING, words),), moves, About("press.unsent", case.id))


def cancelled(case: PressContact) -> Card:
    """Answer the press of Cancel."""
    return Card(f"{case.id}: cancelled", (line("Nothing was sent, and your answers are deleted."),))


# For SLT -------------------------------------------------------------------------------------


def ping(case: PressContact, reader: Person | None, office: Office) -> Card | None:
    """Say that something waits, and nothing of what it is (L14)."""
    words = "Open it where nobody else can see your screen, and press Acknowledge if you take it on."
    return _for_slt(case, reader, office, "ping", "Something is waiting for SLT on duty", words)


def near(case: PressContact, reader: Person | None, office: Office) -> Card | None:
    """Remind whoever has it of the deadline."""
    words = "It has a deadline, which is near. Open it, then press Release reply or No comment there."
    return _for_slt(case, reader, office, "near", "A deadline is near", words)


def late(case: PressContact, reader: Person | None, office: Office) -> Card | None:
    """Tell SLT that the deadline passed."""
    words = "Its deadline has passed without a reply from SLT. You can still open it and decide."
    return _for_slt(case, reader, office, "late", "A deadline has passed", words)


def closed(case: PressContact, reader: Person | None, office: Office) -> Card | None:
    """Tell those in SLT who were asked that it needs nobody any more."""
    return _for_slt(case, reader, office, "closed", "This needs nobody in SLT any more", "")


def held(case: PressContact, reader: Person, office: Office) -> Card:
    """Answer the press of Acknowledge."""
    words = "You have it, and the person who was contacted is told that you do. Nobody else in SLT is asked."
    return Card(f"{case.id} is yours", (line(words),), buttons_for(PRESS, case, reader, office))


def decided(case: PressContact, reader: Person, office: Office) -> Card:
    """Answer the press that settled it."""
    words = [_settled(case)]
    if reader.id != case.reporter:
        on_opening = " and reads the words on opening it" if case.reply else ""
        words.append(f"{office.name(case.reporter)} is told{on_opening}.")
    lines = [line(" ".join(words))]
    if case.reply:
        lines.append(line(f"{_giver(case, reader, office)} to the journalist."))
    return Card(f"{case.id}: {case.state}", tuple(lines), _only(case, reader, office, "open", "note"))


def noted(case: PressContact, reader: Person, office: Office) -> Card:
    """Answer a note."""
    return Card(f"{case.id}: noted", (line("Your note is in the record. Only SLT can read it."),))


def undelivered(case: PressContact, reader: Person | None, office: Office) -> Card | None:
    """Say aloud that a message could not be delivered, and whom to phone."""
    if reader is None:
        return None
    words = f"A message about {case.id} could not be delivered. Don't rely on it having arrived; phone instead."
    moves = _only(case, reader, office, "open")
    return Card("Somebody could not be reached", (notice(Tone.WARNING, words), _phones(case, office)), moves)


# The content, in the answer to a press -------------------------------------------------------


def record(case: PressContact, reader: Person, office: Office) -> Card:
    """Draw all that *reader* may read: SLT the whole record, the reporter their own words and SLT's decision."""
    if case.state is State.DRAFT:
        return _preview(case, reader, office)
    stands = "SLT released a reply." if case.state is State.RELEASED else status(case, office)
    blocks: list[Block] = [notice(_tone(case), stands), *_reply(case, reader, office), *_accused(case, office)]
    if case.answers:
        blocks += _asked(case, office)
    if case.state in OPEN:
        blocks.append(Quote(holding_words(office), "The school's holding words, until SLT releases a reply"))
    if reader in leadership(office):
        blocks += [line(Bold("The record")), _history(case.history, office)]
    moves = tuple(b for b in buttons_for(PRESS, case, reader, office) if b.action != "press.open")
    return Card(f"{case.id}: {case.state}", tuple(blocks), moves)


def status(case: PressContact, office: Office) -> str:
    """Return where it stands, in one or two sentences that hold nothing of the content."""
    match case.state:
        case State.DRAFT:
            return "A draft: SLT knows nothing of it until you press Submit."
        case State.WAITING:
            return " ".join(("No one has picked this up yet.", _opened(case, office))).strip()
        case State.HELD:
            return f"{_who(case.holder, office)} has it. Do not reply until SLT releases a reply."
        case State.RELEASED:
            return "SLT released a reply. Open it to read the words and who gives them; until then, say nothing more."
        case State.NO_COMMENT:
            return "SLT decided: no comment. Say only the holding words."
        case State.WITHDRAWN:
            return "Withdrawn: nobody in SLT is asked any more."


# What they are made of -----------------------------------------------------------------------


def _preview(case: PressContact, reader: Person, office: Office) -> Card:
    lead = line("This is what SLT would see. Nothing is sent until you press Submit.")
    blocks = [*_hold(office), *_accused(case, office, before_sending=True), lead, *_asked(case, office)]
    submit, *rest = _only(case, reader, office, "submit", "cancel")
    edit = Button("Edit", "press.edit", case.id, opens_form=True)
    return Card(f"{case.id}: not sent yet", tuple(blocks), (submit, edit, *rest), About("press.mine", case.id))


def _hold(office: Office) -> tuple[Block, ...]:
    words = Quote(holding_words(office), "The school's holding words: say only this")
    return (words, notice(Tone.URGENT, DO_NOT_REPLY))


def _asked(case: PressContact, office: Office) -> list[Block]:
    seen = Circumstances(office.now, office.people)
    fields = [each for each in PRESS_CONTACT.fields_for(case.answers) if each.name in _LABELS]
    rows = [(_LABELS[each.name], each.show(case.answers.get(each.name), seen)) for each in fields]
    reported = ("Contacted", _who(case.reporter, office))
    return [Quote(str(case.answers.get("asks", "")), "What they ask"), facts((reported, *rows))]


def _accused(case: PressContact, office: Office, *, before_sending: bool = False) -> list[Block]:
    """Return the reporting restriction in plain, dated words (L9)."""
    if not case.accused:
        return []
    blocks: list[Block] = [
        notice(
            Tone.WARNING,
            office.school.guidance.text("naming_teacher") or "Don't name anyone who is accused, and tell the Head.",
        ),
        line("This is guidance, not legal advice; it covers teachers only."),
    ]
    if before_sending:
        blocks.append(
            line(
                "All of SLT can open this. If it is about somebody in SLT, press Cancel and phone the Head, or the "
                "chair of governors where it is about the Head."
            )
        )
    return blocks


def _told(case: PressContact, office: Office) -> list[tuple[str, Span]]:
    """Return who is being told, who comes next and when, while nobody has it."""
    seen = Circumstances(office.now, office.people)
    rows: list[tuple[str, Span]] = []
    if case.state is State.WAITING:
        now = "all of SLT, and the Head" if case.everyone_asked else _who(case.asked[-1], office)
        rows = [("Being told now", now), ("Next", _next(case, office))]
    if case.accused and (told := ", ".join(_reach(person) for person in heads(case, office))):
        rows.append(("Told as well", told))
    deadline = next(each for each in PRESS_CONTACT.fields_for({}) if each.name == "deadline")
    return [*rows, (_LABELS["deadline"], deadline.show(case.answers.get("deadline"), seen))]


def _next(case: PressContact, office: Office) -> str:
    at = next_rung(case, office)
    if at is None:
        return ""
    person = next_on_duty(case, office)
    who = _reach(person) if person else "all of SLT, and the Head"
    minutes = office.school.duty_minutes
    after = f"{minutes} minute{'' if minutes == 1 else 's'}"
    return f"{who}, after {after} ({at.astimezone(office.now.tzinfo):%H:%M}) if no one has picked it up"


def _opened(case: PressContact, office: Office) -> str:
    slt = {person.id for person in others(case, office)}
    names = dict.fromkeys(office.name(step.by) for step in case.history if step.move == "open" and step.by in slt)
    return f"{' and '.join(names)} opened it." if names else ""


def _reply(case: PressContact, reader: Person, office: Office) -> list[Block]:
    blocks: list[Block] = []
    if case.state is State.RELEASED:
        says = f"{_giver(case, reader, office)}, word for word."
        blocks = [Quote(case.reply, "The reply that SLT released"), notice(Tone.GOOD, says)]
    if case.state is State.NO_COMMENT:
        blocks = [Quote(holding_words(office), "The school's holding words: say only this")]
    if case.decision:
        step = case.decision
        rows = (("Decided by", office.name(step.by)), ("Decided", _at(step, office)), ("Deadline", case.timing))
        blocks.append(facts(rows))
    return blocks


def _giver(case: PressContact, reader: Person, office: Office) -> str:
    return "You give it" if reader.id == case.giver else f"{office.name(case.giver)} gives it"


def _settled(case: PressContact) -> str:
    return "The reply is released." if case.state is State.RELEASED else "Recorded: no comment."


def _history(steps: Iterable[Step], office: Office) -> Bullets:
    return bullets(_step_line(step, office) for step in steps)


def _step_line(step: Step, office: Office) -> tuple[Span, ...]:
    who = office.name(step.by) if step.by else "The bot"
    words = f": {step.words}" if step.words else ""
    return (f"{_at(step, office)} – ", Bold(who), f" {_MOVES[step.move]}{words}")


def _at(step: Step, office: Office) -> str:
    return moment_text(step.at.astimezone(office.now.tzinfo))


def _phones(case: PressContact, office: Office) -> Bullets:
    people = dict.fromkeys((*on_duty(case, office), *others(case, office)))
    return bullets(_reach(person) for person in people)


def _who(person_id: str, office: Office) -> str:
    person = office.person(person_id)
    return _reach(person) if person else person_id


def _reach(person: Person) -> str:
    return f"{person.name} ({person.phone})" if person.phone else person.name


def _for_reporter(
    case: PressContact, reader: Person | None, office: Office, face: str, title: str, more: tuple[Block, ...] = ()
) -> Card | None:
    if reader is None or reader.id != case.reporter:
        return None
    return _card(case, reader, office, face, title, [notice(_tone(case), status(case, office)), *more])


def _for_slt(
    case: PressContact, reader: Person | None, office: Office, face: str, title: str, words: str
) -> Card | None:
    """Draw a card without content; None for somebody who is not in SLT now, and for every shared place."""
    if reader is None or reader not in leadership(office):
        return None
    match case.state:
        case State.WAITING:
            stands = f"Waiting: {case.id}. No one has picked it up yet."
        case State.HELD:
            stands = f"{case.id}: {_who(case.holder, office)} has it."
        case _:
            stands = f"{case.id} is {PRESS.words[case.state]}."
    blocks: list[Block] = [notice(_tone(case), stands)]
    if words and case.state not in FINAL:
        blocks.append(line(words))
    moves = _only(case, reader, office, "open", "acknowledge")
    return Card(title, tuple(blocks), moves, About(f"press.{face}", case.id))


def _card(case: PressContact, reader: Person, office: Office, face: str, title: str, blocks: Iterable[Block]) -> Card:
    return Card(title, tuple(blocks), buttons_for(PRESS, case, reader, office), About(f"press.{face}", case.id))


def _only(case: PressContact, reader: Person, office: Office, *moves: str) -> tuple[Button, ...]:
    wanted = {f"press.{move}" for move in moves}
    return tuple(button for button in buttons_for(PRESS, case, reader, office) if button.action in wanted)


def _tone(case: PressContact) -> Tone:
    match case.state:
        case State.WAITING:
            return Tone.WARNING
        case State.RELEASED:
            return Tone.GOOD
        case _:
            return Tone.INFO
