"""An answer: passages of the policy, an honest silence, or a person who is needed now."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.knowledge import Need, Step
from bot.domain.policy import Passage


class Kind(StrEnum):
    """What an answer is."""

    ANSWER = "answer"
    SILENT = "silent"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what the policy says to a question.

    Attributes:
        passages: best first, at most three, word for word.
        conflict: the passages disagree, and both are shown.
        related: ids of clauses worth reading as well.
        need: what makes the question urgent; None unless it is.
        step: what the person can do next.
        ask: the role to ask where the policy is silent, "" otherwise.
        more: what was nearest after *passages*, for somebody who asked for something else; at most three.
        goes_on: the question was understood together with the one before.
        asked: what was understood: the question, with the one before it where they belong together.
    """

    kind: Kind
    passages: tuple[Passage, ...] = ()
    conflict: bool = False
    related: tuple[str, ...] = ()
    need: Need | None = None
    step: Step = Step.PERSON
    ask: str = ""
    more: tuple[Passage, ...] = ()
    goes_on: bool = False
    asked: str = ""
