"""Print how well the search answers questions with known answers: ``python -m tests.answers [--show]``.

The questions lie beside the repository, and are only ever used to measure, never to learn from.
"""

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

from bot.domain.knowledge import parse_knowledge
from bot.domain.policy import parse_policy
from bot.domain.search import Answer, Kind, Search

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT.parent / "shared" / "answers" / "dev.jsonl"


def main(*flags: str) -> int:
    """Print one figure a line; with ``--show`` also what went wrong."""
    if not QUESTIONS.exists():
        _say("no questions beside the repository: nothing to measure")
        return 0
    questions = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines() if line]
    started = time.perf_counter()
    search = _search()
    ready = time.perf_counter()
    answers = [search.answer(question["q"]) for question in questions]
    done = time.perf_counter()
    for name, facts in _judged(questions, answers).items():
        _say(f"{name}: {sum(facts)}/{len(facts)} = {sum(facts) / max(1, len(facts)):.3f}")
    _say(f"start: {ready - started:.3f} s; a question: {1000 * (done - ready) / len(questions):.1f} ms")
    if "--show" in flags:
        _show(questions, answers)
    return 0


def _search() -> Search:
    policy = parse_policy((ROOT / "policy_text" / "policy.md").read_text("utf-8"))
    return Search(policy, parse_knowledge((ROOT / "policy_text" / "asks.yaml").read_text("utf-8"), policy))


def _judged(questions: list[dict[str, Any]], answers: list[Answer]) -> dict[str, list[bool]]:
    names = ("hit@1", "hit@3", "complete", "false silence", "false urgent", "silent", "urgent")
    facts: dict[str, list[bool]] = {name: [] for name in names}
    for question, answer in zip(questions, answers, strict=True):
        match question["kind"]:
            case "answerable":
                texts = [_flat(passage.text) for passage in answer.passages]
                facts["hit@1"].append(_holds(texts[:1], question["gold"]))
                facts["hit@3"].append(_holds(texts, question["gold"]))
                if "must" in question:
                    facts["complete"].append(all(_holds(texts, [piece]) for piece in question["must"]))
                facts["false silence"].append(answer.kind is Kind.SILENT)
                facts["false urgent"].append(answer.kind is Kind.URGENT)
            case "out_of_scope":
                facts["silent"].append(answer.kind is Kind.SILENT)
            case _:
                facts["urgent"].append(answer.kind is Kind.URGENT)
    return facts


def _show(questions: list[dict[str, Any]], answers: list[Answer]) -> None:
    expected = {"answerable": Kind.ANSWER, "out_of_scope": Kind.SILENT, "urgent": Kind.URGENT}
    for question, answer in zip(questions, answers, strict=True):
        texts = [_flat(passage.text) for passage in answer.passages]
        right = answer.kind is expected[question["kind"]]
        if not right or (answer.kind is Kind.ANSWER and not _holds(texts[:1], question["gold"])):
            shown = [passage.clauses[0] for passage in answer.passages]
            _say(f"- {question['id']} {question['q']}\n    said {answer.kind} {shown}; wanted {question['gold']}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _holds(texts: list[str], pieces: list[str]) -> bool:
    return any(_flat(piece) in text for text in texts for piece in pieces)


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"^[-•\s]+", "", text)).strip()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
