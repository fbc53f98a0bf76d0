"""How an application looks to each of the people it passes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.conversation.cards import (
    About,
    Block,
    Bold,
    Bullets,
    Button,
    Card,
    Facts,
    Span,
    Tone,
    bullets,
    facts,
    line,
    moment_text,
    notice,
)
from bot.conversation.fields import Circumstances
from bot.conversation.moves import buttons_for, buttons_in_place
from bot.domain.application_changes import not_ready
from bot.domain.application_workflow import APPLICATION
from bot.domain.applications import (
    Application,
    State,
    chair_decides,
    eligible,
    entered,
    guests,
    head_barred,
    lacking,
    quorum,
    sent,
    staff_runners,
    unconfirmed,
)
from bot.domain.office import Office
from bot.domain.people import Person, Role
from bot.domain.workflow import Step
from handlers.applications.forms import APPLY

SHOW = "applications.show"

_MOVES = {
    "begin": "began the draft",
    "submit": "submitted it",
    "exception": "asked SLT for an exception",
    "edit": "edited it",
    "withdraw": "withdrew it",
    "confirm": "confirmed",
    "trained": "recorded their training",
    "decline": "declined to run it",
    "approve": "approved",
    "reject": "rejected",
    "ask_changes": "asked for changes",
    "refer": "referred it to the Head",
    "record_chair": "recorded a decision",
    "created": "created the account",
}


def show(case: Application, reader: Person | None, office: Office) -> Card:
    """Draw the application as it stands, with what *reader* may do."""
    own = reader is not None and reader.id == case.applicant
    if own and case.state is State.DRAFT:
        return preview(case, reader, office)
    if not (own or sent(case) or (reader in staff_runners(case, office) and case.state is not State.EXCEPTION)):
        return request(case, reader, office)
    return _drawn(case, reader, office, SHOW, f"{case.id}: {_name(case)}", (notice(_tone(case), status(case, office)),))


def preview(case: Application, reader: Person | None, office: Office) -> Card:
    """Draw a draft for its applicant, with what keeps it from being sent."""
    lead: tuple[Block, ...] = (line("This is what SLT would see. Nothing is sent until you press Submit."),)
    if reader and (missing := not_ready(case, reader, office)):
        lead = (notice(Tone.WARNING, missing),)
    return _drawn(case, reader, office, SHOW, f"{case.id}: your draft", lead)


def request(case: Application, reader: Person | None, office: Office) -> Card:
    """Draw what SLT decides on, in its own place: nothing of the business case before it is sent (G7)."""
    lead: list[Block] = [notice(_tone(case), status(case, office))]
    if chair_decides(case, office):
        lead.append(_chair(office))
    if sent(case):
        return _drawn(case, reader, office, "applications.request", f"{case.id}: {_name(case)}", lead)
    lead.append(facts((("Asked by", office.name(case.applicant)), ("Reason for an exception", case.exception))))
    if case.state is State.EXCEPTION and (votes := case.standing_votes()):
        lead.append(bullets(_vote_line(vote.person, vote.approve, vote.words, office) for vote in votes))
    return _with_buttons(case, reader, office, "applications.request", f"{case.id}: {stands(case)}", lead)


def asked(case: Application, reader: Person | None, office: Office) -> Card | None:
    """Ask a runner for their own word (NEW-9)."""
    if reader is None:
        return None
    face, title = "applications.asked", f"{case.id}: will you run {_name(case)}?"
    said = case.confirmation(reader.id)
    if case.state is not State.RUNNERS or reader not in unconfirmed(case, office):
        words = (
            f"You confirmed on {moment_text(said.at.astimezone(office.now.tzinfo))}."
            if said
            else "Nothing is asked of you."
        )
        blocks = (line(words), notice(_tone(case), status(case, office)))
        return Card(title, blocks, _own_buttons(case, reader, office), About(face, case.id))
    lead = line(
        Bold(office.name(case.applicant)), f" names you as a runner of {_name(case)}. By pressing Confirm you say that "
        f"you will run it, that you have read and understood the policy, {office.policy}, and when you were trained.",
    )  # fmt: skip
    card = _drawn(case, reader, office, face, title, (lead,))
    return replace(card, buttons=_own_buttons(case, reader, office))


def _own_buttons(case: Application, reader: Person, office: Office) -> tuple[Button, ...]:
    own = ("Confirm", "Decline", "Record my training")
    return tuple(each for each in buttons_for(APPLICATION, case, reader, office) if each.label in own)


def asked_again(case: Application, reader: Person | None, office: Office) -> Card | None:
    """Remind a runner, who may have confirmed meanwhile."""
    card = asked(case, reader, office) if reader and reader in unconfirmed(case, office) else None
    return _reminding(card, case, office) if card else None


def decide(case: Application, reader: Person | None, office: Office) -> Card:
    """Bring an application to the Head, the acting head, or those who record the chair's decision."""
    lead: list[Block] = [notice(_tone(case), status(case, office))]
    if case.state is State.HEAD and head_barred(case, office):
        lead.append(_chair(office))
    elif case.state is State.HEAD and reader and not office.is_head(reader):
        lead.append(line("You decide as acting head. The record will say that you acted for the Head Teacher."))
    return _drawn(case, reader, office, "applications.decide", f"{case.id}: {_name(case)}", lead)


def create(case: Application, reader: Person | None, office: Office) -> Card:
    """Give the administrator the task to create the account (ADM-1, ADM-2)."""
    lead: list[Block] = [notice(_tone(case), status(case, office))]
    if case.state is State.CREATING:
        lead.append(
            bullets(
                (
                    "Create the account with a school e-mail address and the school's name in its description.",
                    "Put the details in the password vault and turn two-step sign-in on.",
                    "Then press Created and give the handle and the vault entry's name, never the password.",
                )
            )
        )
    if any(each == case.applicant or each in case.runners for each in _administrators(office)):
        lead.append(
            notice(
                Tone.WARNING,
                "The administrator is also the applicant or a runner: let somebody else hold the second key.",
            )
        )
    return _drawn(case, reader, office, "applications.create", f"{case.id}: create {_name(case)}", lead)


def reminder(case: Application, reader: Person | None, office: Office) -> Card | None:
    """Say that a step still waits; the time is the school's own target, not the policy's."""
    match case.state:
        case State.CREATING:
            card = create(case, reader, office)
        case State.HEAD:
            card = decide(case, reader, office)
        case State.EXCEPTION | State.CONSIDERING | State.DISAGREES:
            card = request(case, reader, office)
        case _:
            return None
    return _reminding(card, case, office)


def stuck(case: Application, reader: Person | None, office: Office) -> Card | None:
    """Tell those who can help that a step has waited too long; nothing is decided by waiting."""
    if case.state in (State.DRAFT, State.CHANGES) or case.state in APPLICATION.final:
        return None
    next_step = "Waiting never approves anything: somebody has to decide."
    if case.state is State.RUNNERS:
        next_step = "Ask them in person, or press Edit on the application and name somebody else."
    blocks: list[Block] = [
        notice(Tone.WARNING, f"{case.id} has waited since {moment_text(_since(case, office))}. ", _TARGET),
        line(f"{status(case, office)} {next_step}"),
    ]
    if chair_decides(case, office) and not (reader and reader.id == case.applicant):
        blocks.append(_chair(office))
    elif case.state is State.HEAD and not head_barred(case, office):
        blocks.append(line(f"If the Head can't be reached, tell {_chair_by_phone(office)}."))
    return Card(f"{case.id} is stuck", tuple(blocks), (_show_button(case),))


def confirmed(case: Application, reader: Person | None, office: Office) -> Card | None:
    """Tell the applicant that one runner has confirmed while others are still to; their own word is no news."""
    step = case.history[-1]
    if case.state is not State.RUNNERS or step.by == case.applicant:
        return None
    words = f"{office.name(step.by)} confirmed ({step.words}). Still to confirm: {_names(unconfirmed(case, office))}."
    return Card(f"{case.id}: {case.state}", (line(words),), (_show_button(case),))


def news(case: Application, reader: Person | None, office: Office) -> Card | None:
    """Tell the applicant what happened, in plain words; what they did themselves was answered at the press."""
    step = case.history[-1]
    if step.by == case.applicant and case.state is not State.LIVE:
        return None
    lead: list[Block] = []
    who = office.name(step.by) if step.by else "The bot"
    said = _said(case, step, office)
    match case.state:
        case State.DRAFT if step.move == "decline":
            lead = [line(f"{who} can't run it. Press Edit and name somebody else; your draft is kept.")]
        case State.DRAFT if case.exception_granted and step.move in ("approve", "record_chair"):
            lead = [notice(Tone.GOOD, "One member of staff may run it. Press Submit to go on."), *said]
        case State.CHANGES if stands(case) != State.CHANGES:
            words = "No exception was made. Press Edit and name a second member of staff; your draft is kept."
            lead = [notice(Tone.WARNING, words), *said]
        case State.CHANGES:
            words = "SLT asks for changes. Press Edit, then Submit; your answers are kept."
            lead = [notice(Tone.WARNING, words), *said]
        case State.LIVE:
            lead = [
                notice(Tone.GOOD, f"{_name(case)} is live and in the register as {case.id.replace('APP-', 'ACC-')}."),
                line("Somebody should look at it every day, at weekends and in the holidays too (MON-1)."),
            ]
        case State.REJECTED:
            lead = [
                notice(Tone.WARNING, f"{status(case, office)} You are welcome to revise it and apply again."),
                *said,
            ]
        case _:
            lead = [line(status(case, office)), *(said if step.move in ("approve", "refer", "record_chair") else ())]
    title = f"{case.id}: {stands(case)}"
    if case.state in (State.DRAFT, State.CHANGES):
        return _drawn(case, reader, office, SHOW, title, lead)
    buttons = [_show_button(case)]
    if case.state is State.REJECTED:
        buttons.insert(0, Button("Apply again", "applications.again", case.id))
    return Card(title, tuple(lead), tuple(buttons))


def live(case: Application, reader: Person | None, office: Office) -> Card:
    """Tell the runners that the account is theirs to run."""
    return Card(
        f"{_name(case)} is live",
        (
            line("You are one of its runners. The register has it as ", Bold(case.id.replace("APP-", "ACC-")), "."),
            bullets(
                (
                    "Somebody looks at it every day, at weekends and in the holidays too (MON-1).",
                    "Comments, queries and complaints go to the account administrator first (MON-2).",
                    "Check with a senior leader before anything that may be controversial (A1S-1).",
                    "Consider turning off tagging people in images (A1S-10).",
                )
            ),
        ),
        (Button("Show the register", "accounts.list"),),
    )


def review(case: Application, reader: Person | None, office: Office) -> Card:
    """Bring an exception back to SLT after the days that the school set (G7)."""
    return Card(
        f"{case.id}: look at the exception again",
        (
            line(
                f"{_name(case)} has been run by one member of staff for {office.school.exception_review_days} days. "
                "Is a second one to be found?"
            ),
            facts((("Reason at the time", case.exception_granted),)),
        ),
        (_show_button(case),),
    )


def undelivered(case: Application, reader: Person | None, office: Office) -> Card:
    """Say aloud that somebody could not be told."""
    words = f"A message about {case.id} could not be delivered. {status(case, office)} Please tell them another way."
    return Card("Somebody could not be reached", (notice(Tone.WARNING, words),), (_show_button(case),))


def stands(case: Application) -> str:
    """Return where it stands in a word or two, for a title."""
    refused = case.state is State.CHANGES and entered(case).move != "ask_changes"
    return "no exception made" if refused else case.state.value


def status(case: Application, office: Office) -> str:
    """Return where it stands and who is next, in one or two sentences."""
    match case.state:
        case State.DRAFT:
            allowed = "One member of staff may run it. " if case.exception_granted else ""
            return f"{allowed}Back with the applicant as a draft."
        case State.EXCEPTION:
            asks = "Only an exception is asked for: may one member of staff run this account?"
            return f"{asks} {CHAIRS if chair_decides(case, office) else _count(case, office)}"
        case State.RUNNERS if not unconfirmed(case, office):
            return "A runner has left the school, so the applicant has to press Edit and name somebody else."
        case State.RUNNERS:
            return f"Waiting for {_names(unconfirmed(case, office))} to confirm. SLT is asked after that."
        case State.CONSIDERING if chair_decides(case, office):
            return CHAIRS
        case State.CONSIDERING:
            return f"With SLT. {_count(case, office)}"
        case State.CHANGES:
            why = ", who was asked for changes" if stands(case) == State.CHANGES else ": no exception was made"
            return f"Back with the applicant{why}."
        case State.DISAGREES:
            return "SLT disagrees. Any of them may ask for changes or refer it to the Head."
        case State.HEAD if head_barred(case, office):
            return f"{_first_step(case)} The Head is involved, so the chair of governors decides next."
        case State.HEAD:
            return f"{_first_step(case)} The Head decides next."
        case State.CREATING:
            return f"Approved by {_approvers(case, office)}. The account administrator creates it next."
        case State.LIVE:
            return "Live and in the register."
        case State.REJECTED:
            return "Rejected."
        case State.WITHDRAWN:
            return "Withdrawn by the applicant."


def points(case: Application, office: Office) -> Facts:
    """Return what was asked and answered."""
    seen = Circumstances(office.now, office.people)
    rows: list[tuple[str, Span | tuple[Span, ...]]] = []
    for each in APPLY.fields_for(case.answers):
        rows.append((_LABELS.get(each.name, each.prompt), each.show(case.answers.get(each.name), seen)))
    return facts(rows)


def runner_lines(case: Application, office: Office) -> Bullets:
    """Return a line for each runner with what they confirmed."""
    lines: list[tuple[Span, ...]] = []
    for person in staff_runners(case, office):
        said = case.confirmation(person.id)
        if said is None:
            lines.append((Bold(person.name), " – to confirm"))
        else:
            trained = f"trained {said.trained:%d %b %Y}" if said.trained else "not trained yet"
            lines.append((Bold(person.name), f" – confirmed, read the policy ({said.policy}), {trained}"))
    lines += [(Bold(office.name(name)), " – no chat seat, to confirm") for name in guests(case, office)]
    return bullets(lines)


def history(steps: Iterable[Step], office: Office) -> Bullets:
    """Return who did what, when and why."""
    return bullets(tuple(_step_line(step, office) for step in steps))


CHAIRS = "Nobody in SLT may decide on this, so the chair of governors does. Somebody not involved records it."
_DECISIONS = tuple(f"applications.{move}" for move in ("approve", "reject", "ask_changes", "refer", "record_chair"))
_TARGET = "This is the school's target; the policy sets no time."
_LABELS = {
    "aim": "Aim", "audience": "Audience", "promotion": "Promotion", "runners": "Runners", "openness": "Open or closed",
    "platform": "Platform", "other_platform": "Which platform", "handle": "Handle",
    "suits_learning": "Suits teaching and learning", "implications": "Implications considered",
    "minimum_age": "Minimum age", "messages": "Private messages",
}  # fmt: skip


def _drawn(
    case: Application, reader: Person | None, office: Office, face: str, title: str, lead: Iterable[Block]
) -> Card:
    blocks: list[Block] = [*lead, points(case, office), runner_lines(case, office)]
    if case.state in (State.CONSIDERING, State.DISAGREES) and (missing := lacking(case, office)):
        blocks.append(
            notice(Tone.WARNING, "Missing: ", "; ".join(missing), ". Approving needs a written reason (NEW-9).")
        )
    if case.exception_granted:
        blocks.append(notice(Tone.INFO, f"One runner, by exception: {case.exception_granted}"))
    if sent(case) and (votes := case.standing_votes()):
        blocks.append(bullets(_vote_line(vote.person, vote.approve, vote.words, office) for vote in votes))
    if len(case.history) > 1:
        blocks.append(history(case.history if face == SHOW else case.history[-6:], office))
    return _with_buttons(case, reader, office, face, title, blocks)


def _with_buttons(
    case: Application, reader: Person | None, office: Office, face: str, title: str, blocks: Iterable[Block]
) -> Card:
    if reader is None:
        drawn = buttons_in_place(APPLICATION, case, office.holders(Role.SLT), office)
        buttons = tuple(each for each in drawn if each.action in _DECISIONS)
    else:
        buttons = buttons_for(APPLICATION, case, reader, office)
        if reader.id == case.applicant and case.state in (State.DRAFT, State.RUNNERS, State.CHANGES):
            edit = Button("Edit", "applications.edit", case.id, opens_form=True)
            buttons = (*buttons[:1], edit, *buttons[1:])
    return Card(title, tuple(blocks), buttons, About(face, case.id))


def _vote_line(person: str, approve: bool, words: str, office: Office) -> tuple[Span, ...]:
    said = "approves" if approve else "rejects"
    return (Bold(office.name(person)), f" {said}" + (f": {words}" if words else ""))


def _reminding(card: Card, case: Application, office: Office) -> Card:
    waited = notice(Tone.WARNING, f"Reminder: this has waited since {moment_text(_since(case, office))}. ", _TARGET)
    return Card(f"Reminder – {card.title}", (waited, *card.blocks), card.buttons, card.about)


def _said(case: Application, step: Step, office: Office) -> tuple[Block, ...]:
    """Return the reasons behind the last step: everybody's, where votes made it."""
    if step.move == "record_chair":
        return (notice(Tone.INFO, step.words),)
    votes = [vote for vote in case.standing_votes() if vote.words]
    if step.move in ("approve", "reject") and any(vote.person == step.by for vote in votes):
        return (bullets(_vote_line(vote.person, vote.approve, vote.words, office) for vote in votes),)
    return (notice(Tone.INFO, f"{office.name(step.by)}: {step.words}"),) if step.words else ()


def _first_step(case: Application) -> str:
    """Return how SLT's step ended, once it lies with the Head."""
    match _into(case, State.HEAD):
        case Step(move="refer"):
            return "SLT disagrees and refers it to the Head."
        case Step(move="record_chair"):
            return "The chair of governors approves in SLT's place."
        case _:
            return "SLT approves."


def _approvers(case: Application, office: Office) -> str:
    """Return who approved an application that may be created, in the words of the record."""
    first, last = _into(case, State.HEAD), _into(case, State.CREATING)
    chair = "the chair of governors"
    by = "the Head"
    if last.move == "record_chair":
        by = chair
    elif last.acting_for:
        by = f"{office.name(last.by)}, acting for the {last.acting_for}"
    if first.move == "refer":
        return f"{by}, to whom SLT referred it" if by != chair else f"{by}, after SLT had disagreed"
    before = chair if first.move == "record_chair" else "SLT"
    return by if before == by else f"{before} and {by}"


def _into(case: Application, state: State) -> Step:
    """Return the step by which it last came to *state*."""
    steps = case.history
    came = (n for n in range(len(steps) - 1, 0, -1) if steps[n].state == state and steps[n - 1].state != state)
    return steps[next(came, -1)]


def _step_line(step: Step, office: Office) -> tuple[Span, ...]:
    who = office.name(step.by) if step.by else "The bot"
    acting = f", acting for the {step.acting_for}," if step.acting_for and step.move != "record_chair" else ""
    words = f": {step.words}" if step.words else ""
    at = moment_text(step.at.astimezone(office.now.tzinfo))
    return (f"{at} – ", Bold(who), f"{acting} {_MOVES.get(step.move, step.move)}{words}")


def _count(case: Application, office: Office) -> str:
    votes = [vote.approve for vote in case.standing_votes()]
    needed, able = quorum(case, office), len(eligible(case, office))
    cast = f"so far {sum(votes)} to approve, {len(votes) - sum(votes)} to reject" if votes else "none so far"
    return f"Votes needed: {needed} of {able}; {cast}."


def _chair(office: Office) -> Block:
    words = f"Phone {_chair_by_phone(office)}, then record the decision with its date and reference."
    return notice(Tone.INFO, words)


def _chair_by_phone(office: Office) -> str:
    contact = office.contact_for(Role.CHAIR)
    if contact is None:
        return "the chair of governors"
    name = "" if contact.name.lower() == "chair of governors" else f", {contact.name},"
    return f"the chair of governors{name}" + (f" on {contact.phone}" if contact.phone else "")


def _since(case: Application, office: Office) -> datetime:
    return entered(case).at.astimezone(office.now.tzinfo)


def _name(case: Application) -> str:
    handle = _created_as(case) or str(case.answers.get("handle") or "the account")
    return f"{handle} on {case.platform}" if case.platform else handle


def _created_as(case: Application) -> str:
    return next((step.words for step in reversed(case.history) if step.move == "created"), "")


def _names(people: Iterable[Person]) -> str:
    names = [person.name for person in people]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or "nobody"


def _administrators(office: Office) -> tuple[str, ...]:
    return tuple(person.id for person in office.holders(Role.ADMINISTRATOR))


def _show_button(case: Application) -> Button:
    return Button(f"Show {case.id}", "applications.see", case.id)


def _tone(case: Application) -> Tone:
    match case.state:
        case State.LIVE:
            return Tone.GOOD
        case State.REJECTED | State.DISAGREES | State.CHANGES:
            return Tone.WARNING
        case _:
            return Tone.INFO
