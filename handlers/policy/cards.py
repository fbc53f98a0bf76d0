"""How an answer looks: the rule first, word for word, and the next step that fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, assert_never

from bot.conversation.cards import Block, Bold, Button, Card, Quote, Style, Tone, bullets, line, notice
from bot.domain.gaps import LEFT_OUT, Gap
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
_MISSED = Button("Not what I asked", "policy.missed")
_TAKE_BACK = Button("Take it back", "policy.take_back")
_REPORT = Button("Report", "incidents.report")
_GOES_ON = "Taken together with your question before:"
_NOT_KEPT = (
    "Your question was not kept, because it may be about somebody's safety or private matters. Tell a person instead."
)


def answer_card(answer: Answer, office: Office, carried: str) -> Card:
    """Return what the policy says, that it says nothing, or whom to tell now.

    *carried* is what the buttons below carry of the question, for somebody whom the answer does not help.
    """
    match answer.kind:
        case Kind.URGENT:
            return _urgent(answer, office)
        case Kind.SILENT:
            return _silent(answer, office, carried)
        case Kind.ANSWER:
            return _answer(answer, office, carried)


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


def next_nearest_card(passages: Iterable[Passage], office: Office, asked: Role | None, carried: str) -> Card:
    """Return what else in the policy comes near to a question, or whom to ask where nothing does."""
    found = tuple(passages)
    if not found:
        card = person_card(office, asked)
        return replace(card, blocks=(line("Nothing else in the policy comes near. Ask a person:"), *card.blocks))
    image_question = _image_question(found, office)
    first = (notice(Tone.URGENT, *image_question),) if image_question else ()
    quotes = (_quote(passage, office) for passage in found)
    whom = line(f"If that is not it either, ask {whom_to_ask(asked or Role.ADMINISTRATOR, office)}.")
    return Card("What else comes near", (*first, *quotes, whom), (replace(_PERSON, value=carried),))


def with_kept(card: Card, gap: Gap) -> Card:
    """Return *card* with what was kept of the question, word for word, and the way to take it back."""
    left_out = f" “{LEFT_OUT}” stands for what I left out." if LEFT_OUT in gap.question else ""
    words = f"Passed on to SLT, who read these words and not who asked.{left_out}"
    blocks = (
        *card.blocks,
        line(words),
        Quote(gap.question, ""),
        line("If they give somebody away, press Take it back."),
    )
    return replace(card, blocks=blocks, buttons=(*card.buttons, replace(_TAKE_BACK, value=gap.id)))


def with_not_kept(card: Card) -> Card:
    """Return *card* with the word that the question was not kept, before everything else."""
    return replace(card, blocks=(notice(Tone.WARNING, _NOT_KEPT), *card.blocks))


def taken_back() -> Card:
    """Return the answer to somebody who took their question back."""
    return Card("Taken back", (line("Your question is off SLT's list. A person can still help you."),), (_PERSON,))


def thanks(good: bool) -> Card:
    """Return the answer to a vote, which says nothing of the question: Teams keeps what a vote is about for weeks."""
    if good:
        return Card("Thank you", (line("Noted, without your name or your question."),))
    words = "Noted, without your name or your question. To pass the question on to SLT, press Not what I asked there."
    return Card("Thank you", (line(words),), (_PERSON,))


def as_json(question_id: str, answer: Answer, office: Office) -> dict[str, Json]:
    """Return an answer as scripts read it: id, kind, policy, passages, conflict, route, related."""
    said = route(answer, office) or _image_question(answer.passages, office)
    return {
        "id": question_id,
        "kind": answer.kind.value,
        "policy": office.policy,
        "passages": [_passage_json(passage) for passage in answer.passages],
        "conflict": answer.conflict,
        "route": " ".join(each.strip() for each in said) or None,
        "related": list(answer.related),
    }


def _answer(answer: Answer, office: Office, carried: str) -> Card:
    """Return the rule, its clause and the next step, after which somebody with five seconds may stop."""
    blocks: list[Block] = [line(_GOES_ON)] if answer.goes_on else []
    if answer.conflict:
        blocks.append(notice(Tone.WARNING, "The policy says two things here, so both are shown. ", _reading(answer)))
    if image_question := _image_question(answer.passages, office):
        blocks.append(notice(Tone.URGENT, *image_question))
    first = 2 if answer.conflict else 1
    blocks += [_quote(passage, office) for passage in answer.passages[:first]]
    blocks.append(_next_step(answer.step))
    if beside := answer.passages[first:]:
        blocks += [line("It also says:"), *(_quote(passage, office) for passage in beside)]
    if answer.related:
        blocks.append(line("See also ", Bold(", ".join(answer.related)), "."))
    return Card("What the policy says", tuple(blocks), _buttons(answer, carried), feedback=_vote(answer))


def _next_step(step: Step) -> Block:
    """Return what to do now, by the label of the button for it."""
    match step:
        case Step.APPLY:
            return line("Next: press ", Bold("Apply for an account"), ". It asks five points.")
        case Step.REPORT:
            return line("Next: press ", Bold("Report"), ". You see who will read it before it goes.")
        case Step.PRESS:
            return line("Next: press ", Bold("Tell SLT about a journalist"), ".")
        case Step.PERSON:
            return line("Not sure? Press ", Bold("Ask a person"), ".")
        case _:
            assert_never(step)


def _image_question(passages: Iterable[Passage], office: Office) -> tuple[str, ...]:
    """Return the question that comes before a clause that says to delete an image (G13)."""
    clauses = {each for passage in passages for each in passage.clauses}
    return (_IMAGE_FIRST, office.school.guidance.text("image")) if _IMAGE_CLAUSE in clauses else ()


def _reading(answer: Answer) -> str:
    shown = {each for passage in answer.passages for each in passage.clauses}
    return next((words for pair, words in _READINGS.items() if pair <= shown), _STRICTER)


def _silent(answer: Answer, office: Office, carried: str) -> Card:
    said = route(answer, office)
    goes_on = (line(_GOES_ON),) if answer.goes_on else ()
    blocks: tuple[Block, ...] = (
        *goes_on, notice(Tone.INFO, said[0]), *(line(sentence) for sentence in said[1:]),
        line(f"Policy: {office.policy}."),
    )  # fmt: skip
    return Card("The policy is silent on this", blocks, _buttons(answer, carried), feedback=_vote(answer))


def _urgent(answer: Answer, office: Office) -> Card:
    first, *more = route(answer, office)
    blocks: list[Block] = [notice(Tone.URGENT, first), bullets(more)]
    blocks += [_quote(passage, office) for passage in answer.passages]
    report = () if answer.step is Step.REPORT else (_REPORT,)
    return Card("Tell a person now", tuple(blocks), (*_fitting(answer), _PERSON, *report))


def _buttons(answer: Answer, carried: str) -> tuple[Button, ...]:
    return (*_fitting(answer), replace(_PERSON, value=carried), replace(_MISSED, value=carried))


def _fitting(answer: Answer) -> tuple[Button, ...]:
    return (_STEPS[answer.step],) if answer.step in _STEPS else ()


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
