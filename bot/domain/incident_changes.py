"""What each move of a report writes, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date

from bot.domain.incidents import Incident, Involvement, Json, Note, State, free_dsls, route_of, subjects
from bot.domain.office import Office
from bot.domain.workflow import Made
from bot.errors import Invalid, Refused

# Changes -------------------------------------------------------------------------------------


def sent(case: Incident, made: Made, office: Office) -> Incident:
    """Give access to those on the route, and to nobody else."""
    way = route_of(case, office)
    return _with_access(replace(case, to=way.full, limited=way.limited, joined=way.also))


def edited(case: Incident, made: Made, office: Office) -> Incident:
    """Take new answers."""
    return replace(case, answers=dict(made.answers))


def lapsed(case: Incident, made: Made, office: Office) -> Incident:
    """Forget what an old draft said."""
    return replace(case, answers={})


def chair_has_it(case: Incident, made: Made, office: Office) -> Incident:
    """Put on the case whom the chair has put on it: the safeguarding lead, or somebody the chair names in writing.

    Raises:
        Invalid: It is about this person, it is nobody with a seat, or the lead is not involved and another is named.
    """
    named = tuple(made.answers.get("who") or ())
    leads = free_dsls(case, office)
    if leads and not set(named) <= set(leads):
        raise Invalid(
            {
                "who": "The chair has the safeguarding lead put on this, who is not involved. Leave the name out, "
                "and let them bring in whoever else is needed."
            }
        )
    people = named or leads
    if not people:
        raise Invalid({"who": "Name the person whom the chair named in writing."})
    _check_may_join(case, people, office)
    return _with_access(replace(case, to=people, chair=made.words("reference")))


def chair_words(made: Made) -> str:
    """Return what was recorded about the chair, for the history."""
    day = date.fromisoformat(str(made.answers["day"]))
    return f"The chair has it since {day.day} {day:%B %Y}, reference {made.answers.get('reference')}"


def brought_in(case: Incident, made: Made, office: Office) -> Incident:
    """Give a named person access.

    Raises:
        Invalid: It is about this person, or it is nobody with a seat, or they are on it.
    """
    people = tuple(made.answers.get("who") or ())
    _check_may_join(case, people, office)
    names = " and ".join(office.name(each) for each in people)
    note = Note(made.person, made.at, f"Brought in {names}: {made.words()}")
    limited = tuple(each for each in case.limited if each not in people)
    return _with_access(
        replace(case, limited=limited, joined=(*case.joined, *people), called=people, notes=(*case.notes, note))
    )


def _check_may_join(case: Incident, people: Iterable[str], office: Office) -> None:
    concerned = subjects(case, office)
    for each in people:
        person = office.person(each)
        if each in concerned:
            raise Invalid({"who": "This person can't be put on this case. Name somebody else."})
        if person is None or person.contact_only or person.has_left(office.today):
            raise Invalid({"who": f"{office.name(each)} has no seat in this chat. Name somebody who has."})
        if each in (*case.to, *case.joined):
            raise Invalid({"who": f"{person.name} is on this case already. Name somebody else."})


def _with_access(case: Incident) -> Incident:
    return replace(case, access=tuple(dict.fromkeys((*case.to, *case.limited, *case.joined))))


def led(case: Incident, made: Made, office: Office) -> Incident:
    """Note who has the lead (SLT-3)."""
    return replace(case, lead=made.person)


def noted(case: Incident, made: Made, office: Office) -> Incident:
    """Add words."""
    return replace(case, notes=(*case.notes, Note(made.person, made.at, made.words("words"))))


def assessed(case: Incident, made: Made, office: Office) -> Incident:
    """Keep the assessment; earlier ones stay in the notes."""
    note = Note(made.person, made.at, assessment_words(made.answers))
    return replace(case, assessment=dict(made.answers), notes=(*case.notes, note))


def assessment_words(answers: Mapping[str, Json]) -> str:
    """Return an assessment as one line for the notes."""
    told = [label for name, label in ASSESSED.items() if answers.get(name)]
    risk = "yes" if answers.get("risk") else "no"
    words = f"Assessment. A child at risk: {risk}. Told: {', '.join(told) or 'nobody yet'}."
    return f"{words} {answers['words']}" if answers.get("words") else words


ASSESSED = {
    "dsl": "the safeguarding lead",
    "police": "the police",
    "lado": "the LADO",
    "dpo": "the data protection officer",
    "platform": "the platform",
}


def involved(case: Incident, made: Made, office: Office) -> Incident:
    """Track an agency that somebody involves (SLT-4, BEH-15)."""
    answers = made.answers
    name = str(len(case.involvements) + 1)
    step = Involvement(
        name, str(answers["agency"]), made.words("contact"), made.words("when"), made.words("why"), made.person, made.at
    )
    return replace(case, involvements=(*case.involvements, step))


def done(case: Incident, made: Made, office: Office) -> Incident:
    """Mark the step that the button names as done.

    Raises:
        Refused: There is no such step, or it is done.
    """
    open_steps = [step.name for step in case.involvements if step.done is None]
    if made.value not in open_steps:
        raise Refused("That step is done already. Nothing was changed.", "SLT-4")
    steps = tuple(replace(s, done=made.at) if s.name == made.value else s for s in case.involvements)
    return replace(case, involvements=steps)


def breach_decided(case: Incident, made: Made, office: Office) -> Incident:
    """Keep the decision on the breach, with its reason."""
    return replace(case, breach_decision=dict(made.answers))


def breach_words(made: Made) -> str:
    """Return the decision on the breach for the history."""
    return f"{made.answers.get('decision')}: {made.answers.get('reason')}"


def closed(case: Incident, made: Made, office: Office) -> Incident:
    """Note how it ended."""
    return replace(case, outcome=made.words("outcome"))


def closing_words(made: Made) -> str:
    """Return how it ended for the history."""
    return ". ".join(part for part in (made.words("outcome"), made.words("words")) if part)


def deleted(case: Incident, made: Made, office: Office) -> Incident:
    """Note that the reporter deleted their own picture everywhere (IMG-8)."""
    return replace(case, deleted=made.at)


def reminded(case: Incident, made: Made, office: Office) -> Incident:
    """Count that nobody had opened it."""
    return replace(case, reminders=case.reminders + 1)


def saying(text: str) -> Callable[[Made], str]:
    """Return what the record says of a move whose own words stay out of it: *text*."""
    return lambda made: text


# Where moves lead ----------------------------------------------------------------------------


def after_submit(case: Incident, office: Office) -> State:
    """Return SEALED where nobody in school may have it."""
    return State.SENT if case.to else State.SEALED
