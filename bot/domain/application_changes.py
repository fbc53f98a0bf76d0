"""What stands in the way of a move of an application, what it writes, and where the votes lead (domain 2.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.domain.applications import (
    Application,
    Confirmation,
    State,
    Vote,
    eligible,
    head_barred,
    lacking,
    quorum,
    staff_runners,
    unconfirmed,
)
from bot.domain.office import Office
from bot.domain.people import Person
from bot.domain.workflow import Made

# Guards --------------------------------------------------------------------------------------


def own_interest(case: Application, person: Person, office: Office) -> str:
    """Return why *person* is recused by identity, or "" (G3)."""
    if person.id == case.applicant:
        return f"{case.id} is your own application, so somebody else decides. Nothing was changed."
    if person.id in case.runners:
        return f"You are named as a runner of {case.id}, so somebody else decides. Nothing was changed."
    return ""


def head_recused(case: Application, person: Person, office: Office) -> str:
    """Return why *person* may not take the Head's step, or "" (domain 2.1)."""
    if own := own_interest(case, person, office):
        return own
    if head_barred(case, office):
        return f"The Head is involved in {case.id}, so this step is the chair of governors'. Nothing was changed."
    if any(vote.person == person.id for vote in case.votes):
        return f"You voted on {case.id} in SLT, so the Head or somebody else acting decides. Nothing was changed."
    return ""


def not_ready(case: Application, person: Person, office: Office) -> str:
    """Return what keeps a draft from being sent, or "" (NEW-6, G7)."""
    left = [office.name(each) for each in case.runners if (p := office.person(each)) and p.has_left(office.today)]
    if left:
        return f"{' and '.join(left)} has left the school. Press Edit and name somebody who works here now."
    count = len(staff_runners(case, office))
    if count >= 2 or (count == 1 and case.exception_granted):
        return ""
    return (
        "The policy asks for at least two members of staff to run it. Press Edit and name another, "
        "or ask SLT for an exception. Your draft is kept."
    )


def not_one_runner(case: Application, person: Person, office: Office) -> str:
    """Return why an exception is not to be asked for, or ""."""
    count = len(staff_runners(case, office))
    if count == 1 and not case.exception_granted:
        return ""
    if count == 0:
        return "Name at least one current member of staff first: press Edit. Your draft is kept."
    return "No exception is needed: two members of staff are named. Press Submit."


# Changes -------------------------------------------------------------------------------------


# What a runner's word is about: where one of these changes, the word has to be given again.
_CONFIRMED_TO_RUN = ("platform", "other_platform", "handle", "audience", "openness")


def edited(case: Application, made: Made, office: Office) -> Application:
    """Take new answers.

    Confirmations of those still named stay while it is the same account, and so does an exception for the same one of
    staff.
    """
    runners = tuple(made.answers.get("runners", case.runners))
    same_account = all(made.answers.get(name) == case.answers.get(name) for name in _CONFIRMED_TO_RUN)
    kept = tuple(each for each in case.confirmations if each.person in runners and same_account)
    moved = replace(case, answers=dict(made.answers), runners=runners, confirmations=kept)
    same = staff_runners(moved, office) == staff_runners(case, office)
    return moved if same else replace(moved, exception_granted="")


def confirmed(case: Application, made: Made, office: Office) -> Application:
    """Note a runner's own word (NEW-9)."""
    trained = made.answers.get("trained")
    said = Confirmation(made.person, made.at, office.policy, date.fromisoformat(trained) if trained else None)
    return replace(case, confirmations=(*(c for c in case.confirmations if c.person != made.person), said))


def training_words(made: Made) -> str:
    """Return what the record says of a runner's training."""
    trained = made.answers.get("trained")
    return f"trained on {_day(trained)}" if trained else "not trained yet"


def declined(case: Application, made: Made, office: Office) -> Application:
    """Take the runner off the list; an exception was for the one who was on it (G7)."""
    runners = tuple(each for each in case.runners if each != made.person)
    answers = {**case.answers, "runners": list(runners)}
    return replace(case, runners=runners, answers=answers, exception_granted="")


def submitted(case: Application, made: Made, office: Office) -> Application:
    """Begin a new round: votes start again, the history stays."""
    return replace(case, round=case.round + 1, policy=office.policy, waiver="")


def voted_for(case: Application, made: Made, office: Office) -> Application:
    """Count an approval, with the waiver where something was lacking."""
    voted = _with_vote(case, made, approve=True)
    reasons = dict.fromkeys(vote.words for vote in voted.standing_votes() if vote.approve and vote.words)
    return replace(voted, waiver=" ".join(reasons) if lacking(case, office) else case.waiver)


def voted_against(case: Application, made: Made, office: Office) -> Application:
    """Count a rejection."""
    return _with_vote(case, made, approve=False)


def exception_asked(case: Application, made: Made, office: Office) -> Application:
    """Note why one runner should do; votes on it start fresh."""
    return replace(case, exception=made.words(), round=case.round + 1)


def exception_voted_for(case: Application, made: Made, office: Office) -> Application:
    """Count an approval of the exception; once it carries, its reason stays on the register (G7)."""
    case = _with_vote(case, made, approve=True)
    carried = voted_exception(case, office) is State.DRAFT
    return replace(case, exception_granted=made.words()) if carried else case


def chair_recorded(case: Application, made: Made, office: Office) -> Application:
    """Note the chair's decision."""
    approves = made.answers.get("decision") == "Approve"
    granted = chair_words(made) if case.state is State.EXCEPTION and approves else case.exception_granted
    return replace(case, chair_approves=approves, exception_granted=granted)


def chair_words(made: Made) -> str:
    """Return the chair's decision as the record keeps it: outcome, date, reference."""
    answers = made.answers
    decided = f"{answers.get('decision')} on {_day(str(answers.get('day')))}"
    words = f"Chair of governors: {decided}, reference {answers.get('reference')}"
    return f"{words}. {answers['reason']}" if answers.get("reason") else words


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%b %Y}"


def _with_vote(case: Application, made: Made, *, approve: bool) -> Application:
    vote = Vote(made.person, approve, made.at, case.round, made.words())
    others = tuple(v for v in case.votes if not (v.person == vote.person and v.round == case.round))
    return replace(case, votes=(*others, vote))


# Where votes lead ----------------------------------------------------------------------------


def after_runners(case: Application, office: Office) -> State:
    """Return SLT's step once every staff runner has confirmed, else keep waiting."""
    enough = len(staff_runners(case, office)) >= (1 if case.exception_granted else 2)
    return State.RUNNERS if unconfirmed(case, office) or not enough else State.CONSIDERING


def voted(case: Application, office: Office) -> State:
    """Return where the ballots so far lead (domain 2.1)."""
    approvals, rejections = _ballots(case, office)
    needed = quorum(case, office)
    if approvals and rejections and approvals + rejections >= needed:
        return State.DISAGREES
    if approvals >= needed and not rejections:
        return State.HEAD
    if rejections >= needed and not approvals:
        return State.REJECTED
    return State.CONSIDERING


def voted_exception(case: Application, office: Office) -> State:
    """Return where the ballots on an exception lead; without agreement there is none, and the draft stays."""
    approvals, rejections = _ballots(case, office)
    needed = quorum(case, office)
    if approvals >= needed and not rejections:
        return State.DRAFT
    return State.CHANGES if approvals + rejections >= needed else State.EXCEPTION


def _ballots(case: Application, office: Office) -> tuple[int, int]:
    able = {person.id for person in eligible(case, office)}
    votes = [vote.approve for vote in case.standing_votes() if vote.person in able]
    return sum(votes), len(votes) - sum(votes)


def chair_leads(case: Application, office: Office) -> State:
    """Return where the chair's recorded decision leads, from the step that it was asked for."""
    if case.state is State.EXCEPTION:
        return State.DRAFT if case.chair_approves else State.CHANGES
    if not case.chair_approves:
        return State.REJECTED
    return State.CREATING if case.state is State.HEAD else State.HEAD
