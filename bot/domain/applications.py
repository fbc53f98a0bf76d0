"""Applications for a school account: the record and the table of its moves (NEW-1 to NEW-10, SLT-5/6, ADM-1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from bot.domain.jobs import To
from bot.domain.office import Office
from bot.domain.people import Person, Role
from bot.domain.workflow import Audience, Made, Step, Tell, Transition, When, Workflow, after_working_days

Json = Any


class State(StrEnum):
    """Where an application stands (domain: records and states)."""

    DRAFT = "draft"
    EXCEPTION = "exception asked for"
    RUNNERS = "waiting for runners"
    CONSIDERING = "SLT considering"
    CHANGES = "changes asked for"
    DISAGREES = "SLT disagrees"
    HEAD = "Head considering"
    CREATING = "creating"
    LIVE = "live"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


FINAL = (State.LIVE, State.REJECTED, State.WITHDRAWN)
OPEN = tuple(state for state in State if state not in FINAL)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A runner's own word: will run it, has read and understood *policy*, was trained on *trained* (NEW-9)."""

    person: str
    at: datetime
    policy: str
    trained: date | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """One SLT member's vote in one round; a later one by the same person replaces it."""

    person: str
    approve: bool
    at: datetime
    round: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """A business case for one account.

    Attributes:
        answers: Field name to normalised value, as the form's fields read them.
        runners: Ids of staff, and names of those without a seat.
        round: Counts submissions to SLT; votes of earlier rounds stay and don't count.
        exception: The applicant's reason for one runner only, or "".
        exception_granted: SLT's reason for allowing it, or "".
        waiver: SLT's written reason for approving while reading or training is missing, or "".
        chair_approves: The chair of governors' last recorded decision.
    """

    INDEXES: ClassVar[tuple[str, ...]] = ("applicant", "runners", "state")
    school: str
    id: str
    applicant: str
    answers: Mapping[str, Json]
    runners: tuple[str, ...]
    policy: str
    state: State = State.DRAFT
    stage: int = 0
    history: tuple[Step, ...] = ()
    confirmations: tuple[Confirmation, ...] = ()
    votes: tuple[Vote, ...] = ()
    round: int = 0
    exception: str = ""
    exception_granted: str = ""
    waiver: str = ""
    chair_approves: bool = False
    version: int = 0
    due_at: datetime | None = None

    def confirmation(self, person: str) -> Confirmation | None:
        """Return what *person* confirmed, or None."""
        return next((each for each in self.confirmations if each.person == person), None)

    @property
    def platform(self) -> str:
        """Return the platform as people call it."""
        return str(self.answers.get("other_platform") or self.answers.get("platform") or "")

    def standing_votes(self) -> tuple[Vote, ...]:
        """Return the votes of this round."""
        return tuple(vote for vote in self.votes if vote.round == self.round)


# Who -----------------------------------------------------------------------------------------


def staff_runners(case: Application, office: Office) -> tuple[Person, ...]:
    """Return the runners who are current members of staff (NEW-6)."""
    people = (office.person(each) for each in case.runners)
    return tuple(person for person in people if person and person.works_here(office.today))


def guests(case: Application, office: Office) -> tuple[str, ...]:
    """Return the names of runners without a seat: volunteers, parents (NEW-10)."""
    return tuple(each for each in case.runners if (p := office.person(each)) is None or p.contact_only)


def unconfirmed(case: Application, office: Office) -> tuple[Person, ...]:
    """Return the staff runners who have not confirmed yet, for the policy in force."""
    said = {each.person for each in case.confirmations if each.policy == office.policy}
    return tuple(person for person in staff_runners(case, office) if person.id not in said)


def lacking(case: Application, office: Office) -> tuple[str, ...]:
    """Return a line for each runner whose reading or training is missing (NEW-9, NEW-10)."""
    lines = [
        f"{office.name(each)} (no chat seat) is still to confirm reading and training" for each in guests(case, office)
    ]
    left = (p for each in case.runners if (p := office.person(each)) and p.has_left(office.today))
    lines += [f"{person.name} has left the school" for person in left]
    for person in staff_runners(case, office):
        said = case.confirmation(person.id)
        if said is None or said.policy != office.policy:
            lines.append(f"{person.name} has not confirmed reading the policy, {office.policy}")
        elif said.trained is None:
            lines.append(f"{person.name} has no training date")
    return tuple(lines)


def eligible(case: Application, office: Office) -> tuple[Person, ...]:
    """Return who in SLT may vote: not the Head, the applicant or a runner (G1, G3)."""
    return tuple(p for p in office.holders(Role.SLT) if not office.is_head(p) and not _involved(case, p))


def quorum(case: Application, office: Office) -> int:
    """Return how many votes of one kind carry it: `slt_quorum`, or all eligible where they are fewer."""
    return max(1, min(office.school.quorum, len(eligible(case, office))))


def head_barred(case: Application, office: Office) -> bool:
    """Tell whether the Head is an applicant or runner, so that the step is the chair of governors'."""
    return any(_involved(case, head) for head in office.holders(Role.HEAD))


def sent(case: Application) -> bool:
    """Tell whether it lies before SLT or has passed it; before that only its applicant and its runners read it (G7)."""
    seen = any(step.state == State.CONSIDERING for step in case.history)
    return seen and case.state not in (State.DRAFT, State.EXCEPTION, State.RUNNERS, State.CHANGES)


def entered(case: Application) -> Step:
    """Return the step by which it came to where it stands."""
    steps = case.history
    last = max((n for n in range(1, len(steps)) if steps[n].state != steps[n - 1].state), default=0)
    return steps[last]


def chair_decides(case: Application, office: Office) -> bool:
    """Tell whether the step at hand is the chair's: nobody in SLT is eligible, or the Head is involved."""
    if case.state is State.HEAD:
        return head_barred(case, office)
    return case.state in (State.CONSIDERING, State.EXCEPTION) and not eligible(case, office)


def _involved(case: Application, person: Person) -> bool:
    return person.id == case.applicant or person.id in case.runners


def _is_applicant(case: Application, person: Person, office: Office) -> bool:
    return person.id == case.applicant


def _is_waiting_runner(case: Application, person: Person, office: Office) -> bool:
    return person in unconfirmed(case, office)


def _is_runner(case: Application, person: Person, office: Office) -> bool:
    return person in staff_runners(case, office)


def _is_untrained_runner(case: Application, person: Person, office: Office) -> bool:
    said = case.confirmation(person.id)
    return person in staff_runners(case, office) and said is not None and said.trained is None


def _in_slt(case: Application, person: Person, office: Office) -> bool:
    return person in office.holders(Role.SLT) and not office.is_head(person)


def _in_slt_nothing_lacking(case: Application, person: Person, office: Office) -> bool:
    return _in_slt(case, person, office) and not lacking(case, office)


def _in_slt_something_lacking(case: Application, person: Person, office: Office) -> bool:
    return _in_slt(case, person, office) and bool(lacking(case, office))


def _is_head_now(case: Application, person: Person, office: Office) -> bool:
    return office.is_head(person) or office.is_acting_head(person)


def _records_for_chair(case: Application, person: Person, office: Office) -> bool:
    holders = (*office.holders(Role.SLT), *office.holders(Role.DSL))
    able = [each for each in holders if not _involved(case, each)]
    # The Head decides the next step, so somebody else records this one wherever there is anybody (G1).
    others = [each for each in able if not office.is_head(each)] or able
    return chair_decides(case, office) and (person in others or (person in holders and _involved(case, person)))


def _is_administrator(case: Application, person: Person, office: Office) -> bool:
    return person in office.holders(Role.ADMINISTRATOR)


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


def _trained(made: Made) -> str:
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


# Audiences -----------------------------------------------------------------------------------


def _people(*ids: str) -> tuple[To, ...]:
    return tuple(dict.fromkeys(To.person(each) for each in ids))


AUDIENCES: Mapping[str, Audience] = {
    "applicant": lambda case, office: _people(case.applicant),
    "waiting runners": lambda case, office: _people(*(p.id for p in unconfirmed(case, office))),
    "runners": lambda case, office: _people(*(p.id for p in staff_runners(case, office) if p.id != case.applicant)),
    "slt": lambda case, office: (To.place("slt"), *_recording_dsl(case, office)),
    "deciders": lambda case, office: _deciders(case, office),
    "administrators": lambda case, office: _people(*(p.id for p in office.holders(Role.ADMINISTRATOR))),
    "undelivered": lambda case, office: _people(case.applicant, *(p.id for p in office.holders(Role.ADMINISTRATOR))),
}


def _deciders(case: Application, office: Office) -> tuple[To, ...]:
    if head_barred(case, office):
        recorders = [p for p in (*office.holders(Role.SLT), *office.holders(Role.DSL)) if not _involved(case, p)]
        return _people(*(p.id for p in recorders))
    heads = [p for p in office.people if _is_head_now(case, p, office) and not head_recused(case, p, office)]
    return _people(*(p.id for p in heads))


def _recording_dsl(case: Application, office: Office) -> tuple[To, ...]:
    """Return the DSL where only they are left to record the chair's decision: SLT's own place does not reach them."""
    if case.state is State.HEAD or not chair_decides(case, office):
        return ()
    outside = [p for p in office.holders(Role.DSL) if not p.holds(Role.SLT) and not _involved(case, p)]
    return _people(*(p.id for p in outside))


# The table -----------------------------------------------------------------------------------

REMIND: When = after_working_days(lambda office: office.school.remind_days)
ESCALATE: When = after_working_days(lambda office: office.school.escalate_days)
# Told late, it would be drawn from a later step and be that step's news once more; so it falls silent by then.
APPLICANT_KNOWS = Tell("applicant", "applications.news", later=True)


def when_reviewed(case: Application, office: Office) -> datetime | None:
    """Return when an exception is looked at again, or None where there is none (G7)."""
    return office.now + timedelta(days=office.school.exception_review_days) if case.exception_granted else None


def _acts_for_head(case: Application, person: Person, office: Office) -> str:
    return "" if office.is_head(person) else "Head Teacher"


def _acts_for_chair(case: Application, person: Person, office: Office) -> str:
    return "Chair of governors"


def _row(move: str, label: str, sources: tuple[State, ...], to: Any, **rest: Any) -> Transition[Application]:
    return Transition(move=move, label=label, sources=sources, to=to, **rest)


_APPLICANT: Any = {"by": _is_applicant, "who": "the applicant"}
_SLT: Any = {"by": _in_slt, "who": "a member of SLT who is not the Head", "unless": own_interest}
_HEAD: Any = {"by": _is_head_now, "who": "the Head, or whoever was named to act for the Head,", "unless": head_recused,
              "acting_for": _acts_for_head, "clause": "ADM-1"}  # fmt: skip
_VOTING = (State.CONSIDERING, State.DISAGREES)
_WITH_RUNNERS = (State.RUNNERS, *_VOTING, State.CHANGES)

APPLICATION: Workflow[Application] = Workflow(
    name="applications",
    noun="application",
    initial=State.DRAFT,
    final=FINAL,
    words={
        State.DRAFT: "a draft that nobody else sees",
        State.EXCEPTION: "with SLT, who were asked for an exception",
        State.RUNNERS: "waiting for its runners to confirm",
        State.CONSIDERING: "with SLT",
        State.CHANGES: "back with the applicant, who was asked for changes",
        State.DISAGREES: "with SLT, who disagree",
        State.HEAD: "with the Head",
        State.CREATING: "approved and with the account administrator, who creates it",
        State.LIVE: "live and in the register",
        State.REJECTED: "rejected",
        State.WITHDRAWN: "withdrawn",
    },
    transitions=(
        # By the applicant
        _row("submit", "Submit", (State.DRAFT, State.CHANGES), after_runners, ends=(State.RUNNERS, State.CONSIDERING),
             unless=not_ready, change=submitted, clause="NEW-6", style="primary", **_APPLICANT),
        _row("exception", "Ask SLT for an exception", (State.DRAFT, State.CHANGES), State.EXCEPTION,
             unless=not_one_runner, change=exception_asked, form="applications.exception", clause="NEW-6",
             **_APPLICANT),
        _row("edit", "Edit", (State.DRAFT,), State.DRAFT, change=edited, clause="NEW-2",
             drawn=False, **_APPLICANT),
        _row("edit", "Edit", (State.RUNNERS,), State.DRAFT, change=edited, clause="NEW-2",
             drawn=False, **_APPLICANT),
        _row("edit", "Edit", (State.CHANGES,), State.CHANGES, change=edited, clause="NEW-2",
             drawn=False, **_APPLICANT),
        _row("withdraw", "Withdraw", OPEN, State.WITHDRAWN, clause="NEW-2", style="danger",
             **_APPLICANT),
        # By the runners
        _row("confirm", "Confirm", (State.RUNNERS,), after_runners, ends=(State.RUNNERS, State.CONSIDERING),
             by=_is_waiting_runner, who="a runner who has not confirmed yet", change=confirmed,
             form="applications.confirm", clause="NEW-9", style="primary",
             then=(Tell("applicant", "applications.confirmed"),), says=_trained),
        _row("trained", "Record my training", _WITH_RUNNERS, lambda case, office: case.state, ends=_WITH_RUNNERS,
             by=_is_untrained_runner, who="a runner who has not been trained yet", change=confirmed,
             form="applications.trained", clause="NEW-9", says=_trained),
        _row("decline", "Decline", (State.RUNNERS,), State.DRAFT, by=_is_runner, who="a runner", change=declined,
             clause="NEW-6", style="danger"),
        # By SLT: votes
        _row("approve", "Approve", _VOTING, voted, ends=(*_VOTING, State.HEAD, State.REJECTED), change=voted_for,
             clause="SLT-6", style="primary", **{**_SLT, "by": _in_slt_nothing_lacking}),
        _row("approve", "Approve", _VOTING, voted, ends=(*_VOTING, State.HEAD, State.REJECTED), change=voted_for,
             form="applications.approve_anyway", clause="NEW-9", style="primary",
             **{**_SLT, "by": _in_slt_something_lacking}),
        _row("reject", "Reject", _VOTING, voted, ends=(*_VOTING, State.HEAD, State.REJECTED), change=voted_against,
             form="applications.reject", clause="NEW-8", style="danger", **_SLT),
        _row("ask_changes", "Ask for changes", _VOTING, State.CHANGES, form="applications.ask_changes", clause="NEW-8",
             **_SLT),
        _row("refer", "Refer to Head", (State.DISAGREES,), State.HEAD, clause="NEW-8", **_SLT),
        _row("approve", "Approve", (State.EXCEPTION,), voted_exception,
             ends=(State.EXCEPTION, State.DRAFT, State.CHANGES),
             change=exception_voted_for, form="applications.approve_exception", clause="NEW-6",
             style="primary", **_SLT),
        _row("reject", "Reject", (State.EXCEPTION,), voted_exception,
             ends=(State.EXCEPTION, State.DRAFT, State.CHANGES),
             change=voted_against, form="applications.reject", clause="NEW-6", style="danger", **_SLT),
        # By the Head, or for the chair
        _row("approve", "Approve", (State.HEAD,), State.CREATING, style="primary", **_HEAD),
        _row("reject", "Reject", (State.HEAD,), State.REJECTED, form="applications.reject", style="danger", **_HEAD),
        _row("record_chair", "Record the chair's decision", (State.EXCEPTION, State.CONSIDERING, State.HEAD),
             chair_leads,
             ends=(State.DRAFT, State.CHANGES, State.HEAD, State.CREATING, State.REJECTED), by=_records_for_chair,
             who="somebody in SLT, or the DSL, who is not involved", unless=own_interest, change=chair_recorded,
             form="applications.record_chair", clause="ADM-1", acting_for=_acts_for_chair, says=chair_words),
        # By the administrator
        _row("created", "Created", (State.CREATING,), State.LIVE, by=_is_administrator, who="the account administrator",
             form="applications.created", clause="ADM-1", style="primary", says=lambda made: made.words("handle"),
             then=(Tell("runners", "applications.live"), Tell("slt", "applications.review", when=when_reviewed))),
    ),
    audiences=AUDIENCES,
    arrive={
        State.DRAFT: (APPLICANT_KNOWS,),
        State.EXCEPTION: (
            Tell("slt", "applications.request"),
            Tell("slt", "applications.reminder", when=REMIND, later=True, repeat=1),
        ),
        State.RUNNERS: (
            Tell("waiting runners", "applications.asked"),
            Tell("waiting runners", "applications.asked_again", when=REMIND, later=True, repeat=1),
            Tell("applicant", "applications.stuck", when=ESCALATE, later=True),
        ),
        State.CONSIDERING: (
            APPLICANT_KNOWS,
            Tell("slt", "applications.request"),
            Tell("slt", "applications.reminder", when=REMIND, later=True, repeat=1),
            Tell("deciders", "applications.stuck", when=ESCALATE, later=True),
            Tell("applicant", "applications.stuck", when=ESCALATE, later=True),
        ),
        State.CHANGES: (APPLICANT_KNOWS,),
        State.DISAGREES: (
            APPLICANT_KNOWS,
            Tell("slt", "applications.reminder", when=REMIND, later=True, repeat=1),
            Tell("deciders", "applications.stuck", when=ESCALATE, later=True),
        ),
        State.HEAD: (
            APPLICANT_KNOWS,
            Tell("deciders", "applications.decide"),
            Tell("deciders", "applications.reminder", when=REMIND, later=True, repeat=1),
            Tell("slt", "applications.stuck", when=ESCALATE, later=True),
            Tell("applicant", "applications.stuck", when=ESCALATE, later=True),
        ),
        State.CREATING: (
            APPLICANT_KNOWS,
            Tell("administrators", "applications.create"),
            Tell("administrators", "applications.reminder", when=REMIND, later=True, repeat=1),
            Tell("applicant", "applications.stuck", when=ESCALATE, later=True),
        ),
        State.LIVE: (APPLICANT_KNOWS,),
        State.REJECTED: (APPLICANT_KNOWS,),
    },
)  # fmt: skip
