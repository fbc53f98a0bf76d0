"""Answer a question in the policy's own words, or say that it is silent, or that a person is needed now."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.domain.answers import Answer, Kind
from bot.domain.finding import Finder, Finding
from bot.domain.fitting import Fit
from bot.domain.following import Link, joined, link
from bot.domain.knowledge import Knowledge, KnowledgeMistakes, Need, Step, parse_knowledge
from bot.domain.parts import considered, halves
from bot.domain.policy import Passage, Policy
from bot.domain.ranking import RECIPE, Recipe
from bot.domain.urgency import Heard, Urgency
from bot.domain.words import Spelling, words

__all__ = ["Answer", "Kind", "Knowledge", "KnowledgeMistakes", "Need", "Search", "Step", "parse_knowledge"]

MOST_PASSAGES = 3
# What cannot wait may stand anywhere; comparing costs more, and the question is at the beginning or the end.
_LONGEST_JUDGED = 20_000
_LONGEST_COMPARED = 1_500
_LONGEST_GLANCED = 400
_REMEMBERED = 2_000
_HALF_NEAR_ENOUGH = 0.3
_DISAGREEING = 0.25
_CERTAIN = 2.0
# A question that plainly goes on stands alone only where it is far nearer to something by itself.
_ALONE_LEADS_BY = 1.0
_WEAK_ALONE = 0.6
# It says "delete", which nobody may be told about an image that may be indecent (G13).
_DELETES_IMAGES = "IMG-8"
_CLAUSE_ID = re.compile(r"\b[A-Z][A-Z0-9]{1,3}-[0-9]{1,3}\b")
# "You must not:" makes the opposite of its points: none of them may ever stand alone.
_FORBIDDING = re.compile(
    r"\b(?:not|never|no|nothing|nobody|cannot|\w+n['’]t|without|avoid|refrain|forbidden|prohibited|banned|unacceptable)\b",
    re.IGNORECASE,
)
_HELPFUL = {
    Need.CHILD: "SCO-15",
    Need.IMAGE: "SCO-15",
    Need.THREAT: "BEH-15",
    Need.SELF_HARM: "SCO-15",
    Need.COLLEAGUE: "ABU-2",
    Need.TAKEOVER: "BEH-9",
    Need.JOURNALIST: "BEH-8",
}

Ids = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """Hold an answer, and how near the nearest topic was."""

    answer: Answer
    nearest: float = 0.0


class Search:
    """Find what the policy says."""

    def __init__(self, policy: Policy, knowledge: Knowledge, recipe: Recipe = RECIPE, fit: Fit | None = None) -> None:
        self._policy = policy
        self._ids = frozenset(clause.id for clause in policy.clauses)
        self._knowledge = knowledge
        self._finder = Finder(policy, knowledge, recipe, fit)
        self._urgency = Urgency(knowledge.signs, Spelling(_words_in_use(policy, knowledge)))
        # Staff ask the same things; the texts never change while the program runs.
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._found)
        self._remembered_signs = lru_cache(maxsize=_REMEMBERED)(self._heard)

    @property
    def is_fitted(self) -> bool:
        """Tell whether there is a fit to today's ways of asking; answers are a little worse without one."""
        return self._finder.is_fitted

    def urgent(self, text: str) -> Need | None:
        """Return what makes *text* urgent, if anything does."""
        return self._signs(text).need

    def spoken_of(self, text: str) -> Need | None:
        """Return what *text* shows signs of, though it may only ask about it."""
        return self._signs(text).spoken_of

    def answer(self, question: str, before: str = "") -> Answer:
        """Return what the policy says to *question*, whatever was typed; *before* is what was asked before it."""
        if need := self.urgent(question):
            return self._urgent(need)
        alone = self._remembered(considered(question.strip(), _LONGEST_COMPARED))
        how = link(question) if set(words(before)) - set(words(question)) else Link.NONE
        if how is Link.NONE or alone.answer.kind is Kind.URGENT:
            return replace(alone.answer, asked=question)
        asked = joined(before, question)
        together = self._remembered(considered(asked, _LONGEST_COMPARED))
        if together.answer.kind is not Kind.URGENT and _belongs(how, alone, together):
            return replace(together.answer, asked=asked, goes_on=True)
        return replace(alone.answer, asked=question)

    def nearest(self, text: str) -> Ids:
        """Return the ids of the clauses that *text* is near to, nearest first, for somebody who looks them up."""
        text = considered(text.strip(), _LONGEST_COMPARED)
        if named := self._named(text):
            return named
        return tuple(dict.fromkeys(id for ids, _ in self._expanded(self._finder.find(text).topics) for id in ids))

    def _signs(self, text: str) -> Heard:
        # Long texts hardly ever come again, and would take much room.
        judge = self._remembered_signs if len(text) <= _LONGEST_COMPARED else self._heard
        return judge(considered(text, _LONGEST_JUDGED))

    def _heard(self, text: str) -> Heard:
        heard = self._urgency.heard(text)
        # Somewhere in a long text may stand what a glance at its words would miss.
        if heard.need and len(text) <= _LONGEST_GLANCED and self._finder.sounds_calm(text):
            return heard._replace(need=None)
        return heard

    def _found(self, text: str) -> _Found:
        finding = self._finder.find(text)
        if finding.alarm and not self._urgency.only_asks(text):
            return _Found(self._urgent(finding.alarm))
        if named := self._named(text):
            step = self._knowledge.steps.get(named[0], Step.PERSON)
            return _Found(Answer(Kind.ANSWER, tuple(map(self._policy.passage, named)), step=step), _CERTAIN)
        ranked = [] if finding.is_silent else self._ordered(text, finding)
        if self._urgency.spoken_of(text) is Need.IMAGE:
            ranked = [(ids, near) for ids, near in ranked if _DELETES_IMAGES not in ids]
        answer = self._answer(ranked) if ranked else Answer(kind=Kind.SILENT, ask=finding.whom)
        return _Found(answer, finding.nearest)

    def _named(self, text: str) -> Ids:
        """Return the clauses that are asked for by their ids."""
        named = dict.fromkeys(_CLAUSE_ID.findall(text.upper()))
        return tuple(id for id in named if id in self._ids)[:MOST_PASSAGES]

    def _ordered(self, text: str, whole: Finding) -> list[tuple[Ids, float]]:
        """Return what answers the whole, nearest first; what answers a half of the question comes second."""
        ranked = self._expanded(whole.topics)
        of_first = len(self._knowledge.topics[whole.topics[0][0]].passages)
        # Several passages that answer together were written for such questions.
        second = self._of_halves(text, whole) if of_first == 1 else []
        return [*ranked[:of_first], *self._expanded(second), *ranked[of_first:]]

    def _of_halves(self, text: str, whole: Finding) -> list[tuple[int, float]]:
        """Return the topics of both halves of *text* where it asks for two things, cut where both are nearest."""
        best: tuple[float, list[tuple[int, float]]] = (_HALF_NEAR_ENOUGH * whole.nearest, [])
        for cut in halves(text):
            findings = [self._finder.find(half) for half in cut]
            topics = [finding.within(whole) for finding in findings]
            least = min(nearness for _, nearness in topics)
            if topics[0][0] == topics[1][0] or any(finding.may_be_silent for finding in findings):
                continue
            if least > best[0]:
                best = least, topics
        return best[1]

    def _expanded(self, topics: Iterable[tuple[int, float]]) -> list[tuple[Ids, float]]:
        return [(self._whole(ids), near) for topic, near in topics for ids in self._knowledge.topics[topic].passages]

    def _whole(self, ids: Ids) -> Ids:
        """Return the run instead of its lead-in, which says nothing by itself, or of a point of what is forbidden."""
        run = self._policy.run_of(ids[0])
        if run is None or self._policy.clause(run[0]).bullet:
            return ids
        forbids = _FORBIDDING.search(self._policy.clause(run[0]).text)
        return run if run[0] == ids[0] or forbids else ids

    def _answer(self, ranked: list[tuple[Ids, float]]) -> Answer:
        """Return the answer made of the nearest passages, with the other side where the policy disagrees."""
        first, nearness = ranked[0]
        shown = [ids for ids, _ in ranked]
        other = next((b if first == (a,) else a for a, b in self._knowledge.conflicts if first in ((a,), (b,))), "")
        others = max((near for ids, near in ranked if ids == (other,)), default=0.0)
        conflict = bool(other) and others >= _DISAGREEING * nearness
        if conflict:
            shown = [first, (other,), *(ids for ids in shown[1:] if ids != (other,))]
        different = _different(shown)
        shown, more = different[:MOST_PASSAGES], different[MOST_PASSAGES : 2 * MOST_PASSAGES]
        ids = {id for passage in shown for id in passage}
        return Answer(
            kind=Kind.ANSWER,
            passages=tuple(map(self._passage, shown)),
            conflict=conflict,
            related=tuple(id for id in self._knowledge.related.get(first[0], ()) if id not in ids),
            step=self._knowledge.steps.get(first[0], Step.PERSON),
            more=tuple(map(self._passage, more)),
        )

    def _urgent(self, need: Need) -> Answer:
        helpful = _HELPFUL[need]
        return Answer(
            kind=Kind.URGENT,
            passages=(self._policy.passage(helpful),) if helpful in self._ids else (),
            need=need,
            step=Step.PRESS if need is Need.JOURNALIST else Step.REPORT,
        )

    def _passage(self, ids: Ids) -> Passage:
        return self._policy.run_passage(ids) if len(ids) > 1 else self._policy.passage(ids[0])


def _belongs(how: Link, alone: _Found, together: _Found) -> bool:
    """Say whether a question is better understood *together* with the one before than *alone*."""
    if how is Link.PLAIN:
        return alone.nearest <= together.nearest + _ALONE_LEADS_BY
    return together.answer.kind is Kind.ANSWER and alone.nearest < _WEAK_ALONE * together.nearest


def _words_in_use(policy: Policy, knowledge: Knowledge) -> Iterable[str]:
    """Yield the words that people use, as often as they do."""
    signs = knowledge.signs
    texts = (
        *(clause.text for clause in policy.clauses),
        *(ask for topic in knowledge.topics for ask in topic.asks),
        *(line for silence in knowledge.silences for line in silence.lines),
        *(line for examples in signs.examples.values() for line in examples),
        *signs.calm, *signs.phrases,
    )  # fmt: skip
    return (word for text in texts for word in words(text))


def _different(shown: Iterable[Ids]) -> list[Ids]:
    """Return *shown* without what an earlier one already says."""
    kept: list[Ids] = []
    for ids in shown:
        if not any(set(ids) <= set(other) for other in kept):
            kept.append(ids)
    return kept
