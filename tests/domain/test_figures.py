"""The figures that `make answers` prints stay where they are: a change that makes answers worse is seen here."""

import pytest

from bot.domain.policy import Policy
from bot.domain.search import Search
from bot.domain.words import words
from tests.answers.questions import SETS, Facts, judged, misspelt, read_knowledge, read_questions

# A little below what was measured, so that a question more or less does not stop anybody.
AT_LEAST = {
    "right clause first": 0.90,
    "right clause among the three": 0.96,
    "two-part questions answered whole": 0.85,
    "silent where the policy is": 0.86,
    "urgent seen": 0.96,
}
AT_MOST = {"falsely silent": 0.03, "falsely urgent": 0.01}
OURS = [question for name in ("ours, sealed", "ours, tuned on") for question in read_questions(SETS[name])]


@pytest.fixture(scope="module")
def facts(search: Search) -> Facts:
    return judged(search, OURS)


def share(facts: Facts, figure: str) -> float:
    return sum(facts[figure]) / len(facts[figure])


@pytest.mark.parametrize("figure", AT_LEAST)
def test_answers_are_as_good_as_they_were(facts: Facts, figure: str) -> None:
    assert share(facts, figure) >= AT_LEAST[figure]


@pytest.mark.parametrize("figure", AT_MOST)
def test_mistakes_are_as_few_as_they_were(facts: Facts, figure: str) -> None:
    assert share(facts, figure) <= AT_MOST[figure]


def test_misspellings_cost_next_to_nothing(search: Search, facts: Facts) -> None:
    with_slips = judged(search, map(misspelt, OURS))

    assert share(with_slips, "right clause first") >= share(facts, "right clause first") - 0.03


def test_every_passage_is_word_for_word(search: Search, policy: Policy) -> None:
    clauses = {clause.text for clause in policy.clauses}

    passages = [passage for question in OURS for passage in search.answer(question.text).passages]

    assert passages
    assert all(line.removeprefix("- ") in clauses for passage in passages for line in passage.text.splitlines())


def test_no_question_of_the_tests_was_learned(policy: Policy) -> None:
    """Whoever writes a test's question into asks.yaml measures nothing any more."""
    knowledge = read_knowledge(policy)
    learned = {words(line) for topic in knowledge.topics for line in topic.asks}
    learned |= {words(line) for silence in knowledge.silences for line in silence.lines}
    learned |= {words(line) for lines in knowledge.signs.examples.values() for line in lines}

    assert not [question.text for question in OURS if words(question.text) in learned]
