"""Questions with known answers, and how an answer is judged."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from bot.domain.fitting import Fit
from bot.domain.knowledge import Knowledge, parse_knowledge
from bot.domain.policy import Policy, parse_policy
from bot.domain.search import Answer, Kind, Search

ROOT = Path(__file__).parents[2]
# The sixty lie beside the repository; ours were written by people who had seen neither the asks nor the search.
SETS = {
    "the sixty": ROOT.parent / "shared" / "answers" / "dev.jsonl",
    "ours, sealed": Path(__file__).parent / "sealed.jsonl",
    "ours, tuned on": Path(__file__).parent / "tuned.jsonl",
}

_LONG_WORD = re.compile(r"[A-Za-z]{6,}")

Facts = dict[str, list[bool]]


@dataclass(frozen=True, slots=True)
class Question:
    """A message and what answers it.

    Attributes:
        kind: answerable, out_of_scope or urgent.
        gold: words of every clause that is a right answer.
        must: words of each clause that a whole answer shows; none where one clause is enough.
    """

    id: str
    text: str
    kind: str
    gold: tuple[str, ...] = ()
    must: tuple[str, ...] = ()


def read_questions(file: Path) -> list[Question]:
    """Return the questions of *file*, JSON lines; none where it does not exist."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    found = [json.loads(line) for line in lines if line.strip()]
    return [
        Question(each["id"], each["q"], each["kind"], tuple(each["gold"]), tuple(each.get("must", ())))
        for each in found
    ]


def read_policy() -> Policy:
    """Return the policy that is shipped."""
    return parse_policy((ROOT / "policy_text" / "policy.md").read_text("utf-8"))


def read_knowledge(policy: Policy) -> Knowledge:
    """Return what is known about it."""
    return parse_knowledge((ROOT / "policy_text" / "asks.yaml").read_text("utf-8"), policy)


def read_search(policy: Policy, knowledge: Knowledge) -> Search:
    """Return the search as it is shipped, with its fit."""
    return Search(policy, knowledge, fit=Fit.from_bytes((ROOT / "policy_text" / "asks.fit").read_bytes()))


def judged(search: Search, questions: Iterable[Question]) -> Facts:
    """Return for each figure, by name, whether each question that bears on it came out so."""
    facts: Facts = {
        "right clause first": [], "right clause among the three": [], "two-part questions answered whole": [],
        "silent where the policy is": [], "falsely silent": [], "urgent seen": [], "falsely urgent": [],
    }  # fmt: skip
    for question in questions:
        _judge(facts, question, search.answer(question.text))
    return facts


def is_right(question: Question, answer: Answer) -> bool:
    """Say whether *answer* is what *question* asks for, whole."""
    texts = [_flat(passage.text) for passage in answer.passages]
    match question.kind:
        case "answerable":
            return _holds(texts[:1], question.gold) and all(_holds(texts, [piece]) for piece in question.must)
        case "out_of_scope":
            return answer.kind is Kind.SILENT
        case _:
            return answer.kind is Kind.URGENT


def misspelt(question: Question) -> Question:
    """Return the same with a slip in every longer word: a letter missing, doubled or swapped with the next, in turn."""
    slips = count()
    return replace(question, text=_LONG_WORD.sub(lambda found: _slip(found[0], next(slips)), question.text))


def _slip(word: str, turn: int) -> str:
    place = 1 + turn % (len(word) - 2)
    match turn % 3:
        case 0:
            return word[:place] + word[place + 1 :]
        case 1:
            return word[:place] + word[place] + word[place:]
        case _:
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def share(facts: list[bool]) -> str:
    """Return a figure: the share and how many it is of."""
    return f"{sum(facts) / len(facts):.3f} ({sum(facts)}/{len(facts)})" if facts else "–"


def _judge(facts: Facts, question: Question, answer: Answer) -> None:
    texts = [_flat(passage.text) for passage in answer.passages]
    match question.kind:
        case "answerable":
            facts["right clause first"].append(_holds(texts[:1], question.gold))
            facts["right clause among the three"].append(_holds(texts, question.gold))
            if question.must:
                whole = all(_holds(texts, [piece]) for piece in question.must)
                facts["two-part questions answered whole"].append(whole)
            facts["falsely silent"].append(answer.kind is Kind.SILENT)
            facts["falsely urgent"].append(answer.kind is Kind.URGENT)
        case "out_of_scope":
            facts["silent where the policy is"].append(answer.kind is Kind.SILENT)
        case _:
            facts["urgent seen"].append(answer.kind is Kind.URGENT)


def _holds(texts: Iterable[str], pieces: Iterable[str]) -> bool:
    return any(_flat(piece) in text for text in texts for piece in pieces)


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"^[-•\s]+", "", text)).strip()
