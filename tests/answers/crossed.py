"""Cross-validation: how well ways of asking are answered that the search has not learned."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from bot.domain.knowledge import Knowledge
from bot.domain.policy import Policy
from bot.domain.search import Kind, Search
from tests.answers.questions import Facts
from tests.fit import fitted

T = TypeVar("T")
FOLDS = 5
_SEED = 17


def crossed(policy: Policy, knowledge: Knowledge) -> Facts:
    """Return the figures for every line of *knowledge*, each judged by a search that was not shown it."""
    facts: Facts = {
        "right clause first": [], "right clause among the three": [], "silent where the policy is": [],
        "falsely silent": [], "urgent seen": [], "falsely urgent": [], "calm look-alikes taken as urgent": [],
    }  # fmt: skip
    for fold in range(FOLDS):
        learned = _without(knowledge, fold)
        search = Search(policy, learned, fit=fitted(policy, learned))
        _judge_asks(facts, search, knowledge, fold)
        for silence in knowledge.silences:
            for line in _held_out(silence.lines, fold):
                facts["silent where the policy is"].append(search.answer(line).kind is Kind.SILENT)
        for examples in knowledge.signs.examples.values():
            facts["urgent seen"] += [search.answer(line).kind is Kind.URGENT for line in _held_out(examples, fold)]
        facts["calm look-alikes taken as urgent"] += [
            search.answer(line).kind is Kind.URGENT for line in _held_out(knowledge.signs.calm, fold)
        ]
    return facts


def _judge_asks(facts: Facts, search: Search, knowledge: Knowledge, fold: int) -> None:
    for topic in knowledge.topics:
        right = {id for passage in topic.passages for id in passage}
        for line in _held_out(topic.asks, fold):
            answer = search.answer(line)
            shown = [not right.isdisjoint(passage.clauses) for passage in answer.passages]
            facts["right clause first"].append(shown[:1] == [True])
            facts["right clause among the three"].append(any(shown))
            facts["falsely silent"].append(answer.kind is Kind.SILENT)
            facts["falsely urgent"].append(answer.kind is Kind.URGENT)


def _without(knowledge: Knowledge, fold: int) -> Knowledge:
    """Return *knowledge* without the lines of one fold."""
    signs = knowledge.signs
    return replace(
        knowledge,
        topics=tuple(replace(topic, asks=_kept(topic.asks, fold)) for topic in knowledge.topics),
        silences=tuple(replace(silence, lines=_kept(silence.lines, fold)) for silence in knowledge.silences),
        signs=replace(
            signs,
            examples={need: _kept(lines, fold) for need, lines in signs.examples.items()},
            calm=_kept(signs.calm, fold),
        ),
    )


def _kept(lines: Sequence[str], fold: int) -> tuple[str, ...]:
    return tuple(line for number, line in _shuffled(lines) if number % FOLDS != fold)


def _held_out(lines: Sequence[str], fold: int) -> Iterator[str]:
    return (line for number, line in _shuffled(lines) if number % FOLDS == fold)


def _shuffled(lines: Sequence[str]) -> Iterable[tuple[int, str]]:
    """Return *lines* in an order of no meaning, always the same: neighbours were often written in one go."""
    order = list(lines)
    Random(_SEED).shuffle(order)
    return enumerate(order)
