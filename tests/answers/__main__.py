"""Print how well questions are answered: ``python -m tests.answers [--show] [--quick]``.

``--quick`` leaves out cross-validation and what each part is worth; ``--show`` prints what went wrong on questions that
may be looked at. Neither the sixty nor the sealed ones may: whoever learns from them can measure nothing any more.
"""

import subprocess
import sys
from collections.abc import Iterable, Sequence

from bot.domain.knowledge import Knowledge
from bot.domain.policy import Policy
from bot.domain.search import Search
from tests.answers.crossed import FOLDS, crossed
from tests.answers.questions import (
    SETS,
    Facts,
    Question,
    is_right,
    judged,
    misspelt,
    read_knowledge,
    read_policy,
    read_questions,
    read_search,
    share,
)
from tests.answers.worth import worth

_OF_WORTH = ("right clause first", "right clause among the three", "silent where the policy is", "falsely silent")


def main(*flags: str) -> int:
    """Print the tables."""
    policy = read_policy()
    knowledge = read_knowledge(policy)
    asks, silent = sum(len(each.asks) for each in knowledge.topics), sum(len(each.lines) for each in knowledge.silences)
    _say(f"{len(policy.clauses)} clauses, {asks} ways of asking, {silent} lines that the policy does not answer")
    search = read_search(policy, knowledge)
    sets = {name: found for name, file in SETS.items() if (found := read_questions(file))}
    _table(
        f"Questions with known answers, none of them learned ({', '.join(f'{n}: {len(q)}' for n, q in sets.items())})"
    )
    _columns({name: judged(search, questions) for name, questions in sets.items()})
    _word_for_word(policy, search, sets.values())
    _table("The same, with a slip of the keyboard in every word of six letters or more")
    _columns({name: judged(search, map(misspelt, questions)) for name, questions in sets.items()})
    if "--show" in flags:
        _show(search, sets["ours, tuned on"])
    if "--quick" not in flags:
        _table(f"Cross-validated: every line judged by a search that was not shown it ({FOLDS} parts)")
        _columns({"all lines": crossed(policy, knowledge)})
        _worth(policy, knowledge, [question for questions in sets.values() for question in questions])
    return subprocess.run([sys.executable, "-m", "tests.answers.alone"], check=False).returncode


def _columns(figures: dict[str, Facts]) -> None:
    _say(f"{'':35}{''.join(f'{name:>20}' for name in figures)}")
    for name in next(iter(figures.values())):
        _say(f"{name:35}{''.join(f'{share(facts[name]):>20}' for facts in figures.values())}")


def _word_for_word(policy: Policy, search: Search, sets: Iterable[Sequence[Question]]) -> None:
    """Print how many passages stand in the policy as they are shown."""
    clauses = {clause.text for clause in policy.clauses}
    answers = [search.answer(question.text) for questions in sets for question in questions]
    passages = [passage for answer in answers for passage in (*answer.passages, *answer.more)]
    exact = [all(line.removeprefix("- ") in clauses for line in passage.text.splitlines()) for passage in passages]
    _say(f"{'passages word for word':35}{share(exact):>20}")


def _worth(policy: Policy, knowledge: Knowledge, questions: Sequence[Question]) -> None:
    _table(f"What each part is worth: figures without it, on all {len(questions)} questions")
    _say(f"{'':31}{''.join(f'{name:>32}' for name in _OF_WORTH)}")
    for name, facts in worth(policy, knowledge, questions):
        _say(f"{name:31}{''.join(f'{share(facts[figure]):>32}' for figure in _OF_WORTH)}")


def _show(search: Search, questions: Iterable[Question]) -> None:
    for question in questions:
        answer = search.answer(question.text)
        if not is_right(question, answer):
            shown = [passage.clauses[0] for passage in answer.passages]
            wanted = question.must or question.gold or question.kind
            _say(f"- {question.id} {question.text}\n    said {answer.kind} {shown}; wanted {wanted}")


def _table(title: str) -> None:
    _say(f"\n{title}\n")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
