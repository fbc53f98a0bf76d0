"""How an answer looks: the rule first, word for word, and the next step that fits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.conversation.cards import Block, Bold, Button, Card, Quote, Style, Tone, bullets, line, notice
from bot.domain.knowledge import Step
from bot.domain.office import Office
from bot.domain.people import Role
from bot.domain.policy import Passage
from bot.domain.search import Answer, Kind
from handlers.policy.routes import HANDS_OFF, duty, route, whom_to_ask

Json = Any

_STEPS = {
    Step.APPLY: Button("Apply for an account", "applications.apply", style=Style.PRIMARY),
    Step.REPORT: Button("Report", "incidents.report", style=Style.PRIMARY),
    Step.PRESS: Button("Tell SLT about a journalist", "press.start", style=Style.PRIMARY),
}
# IMG-8 says "delete", which would be wrong for a picture that may be indecent: that question comes first (G13).
_IMAGE_CLAUSE = "IMG-8"
_IMAGE_FIRST = "First: could it be indecent, or show a child undressed? Then IMG-8 does not apply. "

# How two clauses that disagree are kept together until SLT has clarified them (G1, G15): the stricter reading.
_READINGS = {
    frozenset(("STF-4", "SCO-10")): (
        "Until SLT has clarified it: don't name the school in posts, and where your account still links to the school, "
        "as in a profile, add the disclaimer."
    ),
    frozenset(("SLT-6", "ADM-1")): (
        "Until SLT has clarified it: both have to approve, SLT first and then the Head, and the account is created "
        "only after both."
    ),
}
_STRICTER = "Follow the stricter one, or ask SLT which holds."

_PERSON = Button("Ask a person", "policy.person")
_REPORT = Button("Report", "incidents.report")


def answer_card(answer: Answer, office: Office) -> Card:
    """Return what the policy says, that it says nothing, or whom to tell now."""
    match answer.kind:
        case Kind.URGENT:
            return _urgent(answer, office)
        case Kind.SILENT:
            return _silent(answer, office)
        case Kind.ANSWER:
            return _answer(answer, office)


def image_first(card: Card, office: Office) -> Card:
    """Return *card* with what holds for an image that may be indecent before everything else (G13)."""
    words = f"If there is such an image: {HANDS_OFF} Tell {whom_to_ask(Role.DSL, office)}, now."
    return replace(card, blocks=(notice(Tone.URGENT, words), *card.blocks), buttons=_with_report(card.buttons))


def person_card(office: Office, asked: Role | None) -> Card:
    """Return whom to ask in person."""
    roles = dict.fromkeys((*([asked] if asked else ()), Role.ADMINISTRATOR, Role.DSL, Role.HEAD))
    blocks: tuple[Block, ...] = (
        bullets(_capital(whom_to_ask(role, office)) for role in roles),
        line(f"SLT on duty: {duty(office)}."),
        notice(Tone.INFO, office.school.out_of_hours),
    )
    return Card("Ask a person", blocks, (_REPORT,))


def thanks(good: bool) -> Card:
    """Return the answer to a vote."""
    if good:
        return Card("Thank you", (line("Noted, without your name or your question."),))
    words = "Noted, without your name or your question. A person can tell you more than the policy's text does."
    return Card("Thank you", (line(words),), (_PERSON,))


def as_json(question_id: str, answer: Answer, office: Office) -> dict[str, Json]:
    """Return an answer as scripts read it: id, kind, policy, passages, conflict, route, related."""
    said = route(answer, office) or _image_question(answer, office)
    return {
        "id": question_id,
        "kind": answer.kind.value,
        "policy": office.policy,
        "passages": [_passage_json(passage) for passage in answer.passages],
        "conflict": answer.conflict,
        "route": " ".join(each.strip() for each in said) or None,
        "related": list(answer.related),
    }


def _answer(answer: Answer, office: Office) -> Card:
    blocks: list[Block] = []
    if answer.conflict:
        blocks.append(notice(Tone.WARNING, "The policy says two things here, so both are shown. ", _reading(answer)))
    if image_question := _image_question(answer, office):
        blocks.append(notice(Tone.URGENT, *image_question))
    blocks += [_quote(passage, office) for passage in answer.passages]
    if answer.related:
        blocks.append(line("See also ", Bold(", ".join(answer.related)), "."))
    return Card("What the policy says", tuple(blocks), _buttons(answer), feedback=_vote(answer))


def _image_question(answer: Answer, office: Office) -> tuple[str, ...]:
    """Return the question that comes before a clause that says to delete an image (G13)."""
    clauses = {each for passage in answer.passages for each in passage.clauses}
    return (_IMAGE_FIRST, office.school.guidance.text("image")) if _IMAGE_CLAUSE in clauses else ()


def _reading(answer: Answer) -> str:
    shown = {each for passage in answer.passages for each in passage.clauses}
    return next((words for pair, words in _READINGS.items() if pair <= shown), _STRICTER)


def _silent(answer: Answer, office: Office) -> Card:
    said = route(answer, office)
    blocks: tuple[Block, ...] = (
        notice(Tone.INFO, said[0]), *(line(sentence) for sentence in said[1:]), line(f"Policy: {office.policy}."),
    )  # fmt: skip
    return Card("The policy is silent on this", blocks, _buttons(answer), feedback=_vote(answer))


def _urgent(answer: Answer, office: Office) -> Card:
    first, *more = route(answer, office)
    blocks: list[Block] = [notice(Tone.URGENT, first), bullets(more)]
    blocks += [_quote(passage, office) for passage in answer.passages]
    return Card("Tell a person now", tuple(blocks), _buttons(answer))


def _buttons(answer: Answer) -> tuple[Button, ...]:
    fitting, person = _STEPS.get(answer.step), replace(_PERSON, value=answer.ask)
    buttons = (fitting, person) if fitting else (person,)
    if answer.kind is Kind.URGENT and answer.step is not Step.REPORT:
        return (*buttons, _REPORT)
    return buttons


def _vote(answer: Answer) -> Button:
    """Return the button of a vote, which says what the answer showed and not what was asked."""
    clauses = dict.fromkeys(each for passage in answer.passages for each in passage.clauses)
    return Button("Did this help?", "policy.feedback", " ".join(clauses))


def _with_report(buttons: tuple[Button, ...]) -> tuple[Button, ...]:
    return buttons if any(each.action == _REPORT.action for each in buttons) else (_REPORT, *buttons)


def _quote(passage: Passage, office: Office) -> Quote:
    first, last = passage.clauses[0], passage.clauses[-1]
    ids = first if first == last else f"{first} to {last}"
    return Quote(passage.text, f"{ids}, {passage.heading} – policy of {office.policy}")


def _passage_json(passage: Passage) -> dict[str, Json]:
    shown: dict[str, Json] = {"clause": passage.clauses[0], "heading": passage.heading, "text": passage.text}
    return shown if len(passage.clauses) == 1 else {**shown, "clauses": list(passage.clauses)}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
