"""Answer a question in the policy's own words, or say that it is silent, or that a person is needed now."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.domain.knowledge import Knowledge, KnowledgeMistakes, Need, Step, Topic, parse_knowledge
from bot.domain.policy import Passage, Policy
from bot.domain.ranking import Compared, Group, Nearness, Reader
from bot.domain.urgency import Heard, Urgency
from bot.domain.words import Spelling, words

__all__ = ["Answer", "Kind", "Knowledge", "KnowledgeMistakes", "Need", "Search", "Step", "parse_knowledge"]


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
    """

    kind: Kind
    passages: tuple[Passage, ...] = ()
    conflict: bool = False
    related: tuple[str, ...] = ()
    need: Need | None = None
    step: Step = Step.PERSON
    ask: str = ""


MOST_PASSAGES = 3
# What cannot wait may stand anywhere; comparing costs more, and the question is at the beginning or the end.
_LONGEST_JUDGED = 20_000
_LONGEST_COMPARED = 1_500
_REMEMBERED = 2_000
_MOST_PARTS = 4
_FEWEST_WORDS = 3
# Tried on asks and silent lines left out one at a time: a clause has to be this near, and nearer than silence is.
_NEAR_ENOUGH = 0.15
_SILENCE_LEADS_BY = 0.06
# A needless warning costs less than a missed one.
_CALM_MAY_LEAD_BY = 0.05
_ALARMING = 0.2
_PART_NEAR_ENOUGH = 0.75
_DISAGREEING = 0.25
_FIRST_CONTACT = "administrator"
# It says "delete", which nobody may be told about an image that may be indecent (G13).
_DELETES_IMAGES = "IMG-8"
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_CLAUSE_ID = re.compile(r"\b[A-Z][A-Z0-9]{1,3}-[0-9]{1,2}\b")
_JOINT = re.compile(r"\band\b|\bbut\b|[,;?]| - ", re.IGNORECASE)
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


class Search:
    """Find what the policy says."""

    def __init__(self, policy: Policy, knowledge: Knowledge) -> None:
        self._policy = policy
        self._ids = frozenset(clause.id for clause in policy.clauses)
        self._knowledge = knowledge
        groups = [
            *(Group(asks=topic.asks, words=self._words(topic)) for topic in knowledge.topics),
            *(Group(asks=silence.lines) for silence in knowledge.silences),
            *(Group(asks=examples) for examples in knowledge.signs.examples.values()),
            Group(asks=knowledge.signs.calm),
        ]
        self._first_need = len(knowledge.topics) + len(knowledge.silences)
        self._needs = dict(enumerate(knowledge.signs.examples, start=self._first_need))
        texts = [text for group in groups for text in (*group.asks, group.words)]
        heard = (word for text in (*texts, *knowledge.signs.phrases) for word in words(text))
        self._urgency = Urgency(knowledge.signs, Spelling(heard))
        reader = Reader(knowledge.thesaurus, texts)
        self._nearness = Nearness(reader, groups)
        # Staff ask the same things; the texts never change while the program runs.
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._found)
        self._remembered_signs = lru_cache(maxsize=_REMEMBERED)(self._urgency.heard)

    def urgent(self, text: str) -> Need | None:
        """Return what makes *text* urgent, if anything does."""
        return self._heard(text).need

    def spoken_of(self, text: str) -> Need | None:
        """Return what *text* shows signs of, though it may only ask about it."""
        return self._heard(text).spoken_of

    def answer(self, question: str) -> Answer:
        """Return what the policy says to *question*, whatever was typed."""
        if need := self.urgent(question):
            return self._urgent(need)
        return self._remembered(_considered(question.strip(), _LONGEST_COMPARED))

    def nearest(self, text: str) -> Ids:
        """Return the ids of the clauses that *text* is near to, nearest first, for somebody who looks them up."""
        considered = _considered(text.strip(), _LONGEST_COMPARED)
        if named := self._named(considered):
            return named
        topics = self._finding(self._compared([considered])).topics
        return tuple(dict.fromkeys(id for ids, _ in self._expanded(topics) for id in ids))

    def _heard(self, text: str) -> Heard:
        # Long texts hardly ever come again, and would take much room.
        judge = self._remembered_signs if len(text) <= _LONGEST_COMPARED else self._urgency.heard
        return judge(_considered(text, _LONGEST_JUDGED))

    def _found(self, considered: str) -> Answer:
        compared = self._compared(_sentences(considered))
        if need := self._alarm(considered, compared):
            return self._urgent(need)
        if named := self._named(considered):
            step = self._knowledge.steps.get(named[0], Step.PERSON)
            return Answer(Kind.ANSWER, tuple(map(self._policy.passage, named)), step=step)
        whole = self._finding(compared)
        if whole.is_silent:
            return Answer(kind=Kind.SILENT, ask=whole.whom)
        ranked = self._ordered(considered, whole)
        if self._urgency.spoken_of(considered) is Need.IMAGE:
            ranked = [(ids, near) for ids, near in ranked if _DELETES_IMAGES not in ids]
        return self._answer(ranked) if ranked else Answer(kind=Kind.SILENT, ask=whole.whom)

    def _named(self, considered: str) -> Ids:
        """Return the clauses that are asked for by their ids."""
        named = dict.fromkeys(_CLAUSE_ID.findall(considered.upper()))
        return tuple(id for id in named if id in self._ids)[:MOST_PASSAGES]

    def _compared(self, texts: Iterable[str]) -> list[Compared]:
        return [self._nearness.of(text) for text in texts]

    def _alarm(self, considered: str, compared: list[Compared]) -> Need | None:
        """Return the need whose examples are about as near as anything calm, unless *considered* only asks."""
        alarm = max(each.of_any(self._needs) for each in compared)
        if alarm <= _ALARMING:
            return None
        calm = max(each.of_any(each.asks.keys() - self._needs.keys()) for each in compared)
        if alarm <= calm - _CALM_MAY_LEAD_BY or self._urgency.only_asks(considered):
            return None
        return self._needs[max(self._needs, key=lambda group: max(each.of_any([group]) for each in compared))]

    def _finding(self, compared: list[Compared]) -> "_Finding":
        """Return how near each topic is to the best fitting of what was *compared*, and how near silence is."""
        asked = {group for each in compared for group in each.asks}
        first_silence = len(self._knowledge.topics)
        topics = {group: max(each.of(group) for each in compared) for group in asked if group < first_silence}
        silences = [group for group in asked if first_silence <= group < self._first_need]
        return _Finding(
            topics=tuple(sorted(topics.items(), key=lambda found: (-found[1], found[0]))),
            silence=max(each.of_any(silences) for each in compared),
            whom=self._whom(compared, silences),
        )

    def _whom(self, compared: list[Compared], silences: list[int]) -> str:
        """Return whom to ask about what the question is nearest to."""
        nearest = max(
            silences, key=lambda group: max(max(each.asks.get(group, (0.0,))) for each in compared), default=None
        )
        return (
            _FIRST_CONTACT if nearest is None else self._knowledge.silences[nearest - len(self._knowledge.topics)].whom
        )

    def _answer(self, ranked: list[tuple[Ids, float]]) -> Answer:
        """Return the answer made of the nearest passages, with the other side where the policy disagrees."""
        first, nearness = ranked[0]
        shown = [ids for ids, _ in ranked]
        other = next((b if first == (a,) else a for a, b in self._knowledge.conflicts if first in ((a,), (b,))), "")
        others = max((near for ids, near in ranked if ids == (other,)), default=0.0)
        conflict = bool(other) and others >= _DISAGREEING * nearness
        if conflict:
            shown = [first, (other,), *(ids for ids in shown[1:] if ids != (other,))]
        shown = _first_different(shown)
        ids = {id for passage in shown for id in passage}
        return Answer(
            kind=Kind.ANSWER,
            passages=tuple(map(self._passage, shown)),
            conflict=conflict,
            related=tuple(id for id in self._knowledge.related.get(first[0], ()) if id not in ids),
            step=self._knowledge.steps.get(first[0], Step.PERSON),
        )

    def _urgent(self, need: Need) -> Answer:
        helpful = _HELPFUL[need]
        return Answer(
            kind=Kind.URGENT,
            passages=(self._policy.passage(helpful),) if helpful in self._ids else (),
            need=need,
            step=Step.PRESS if need is Need.JOURNALIST else Step.REPORT,
        )

    def _ordered(self, considered: str, whole: "_Finding") -> list[tuple[Ids, float]]:
        """Return what answers the whole, nearest first; what answers only a part of the question comes second."""
        ranked = self._expanded(whole.topics)
        best = ranked[0][1]
        second = []
        for part in _parts(considered):
            finding = self._finding(self._compared([part]))
            if finding.topics and not finding.is_silent and finding.topics[0][1] >= _PART_NEAR_ENOUGH * best:
                second += self._expanded(finding.topics[:1])
        return [ranked[0], *second, *ranked[1:]]

    def _expanded(self, topics: Iterable[tuple[int, float]]) -> list[tuple[Ids, float]]:
        return [(self._whole(ids), near) for topic, near in topics for ids in self._knowledge.topics[topic].passages]

    def _whole(self, ids: Ids) -> Ids:
        """Return the run instead of its lead-in, which says nothing by itself."""
        run = self._policy.run_of(ids[0])
        return run if run and run[0] == ids[0] and not self._policy.clause(ids[0]).bullet else ids

    def _passage(self, ids: Ids) -> Passage:
        return self._policy.run_passage(ids) if len(ids) > 1 else self._policy.passage(ids[0])

    def _words(self, topic: Topic) -> str:
        return " ".join(self._policy.clause(id).text for ids in topic.passages for id in ids)


@dataclass(frozen=True, slots=True)
class _Finding:
    """Hold how near everything is.

    Attributes:
        topics: nearest first.
        whom: the role to ask where silence is nearest.
    """

    topics: tuple[tuple[int, float], ...]
    silence: float
    whom: str

    @property
    def is_silent(self) -> bool:
        nearest = self.topics[0][1] if self.topics else 0.0
        return nearest < _NEAR_ENOUGH or self.silence > nearest + _SILENCE_LEADS_BY


def _considered(text: str, longest: int) -> str:
    """Return the beginning and the end of a text that is longer than *longest*."""
    return text if len(text) <= longest else f"{text[: longest // 2]}\n{text[-longest // 2 :]}"


def _sentences(text: str) -> list[str]:
    """Return the text and, where it has several, its sentences: a long preamble must not drown the question."""
    sentences = [part for part in _SENTENCE_END.split(text) if len(words(part)) >= _FEWEST_WORDS]
    return [text, *sentences[-_MOST_PARTS:]] if len(sentences) > 1 else [text]


def _parts(text: str) -> list[str]:
    """Return the parts of a question that asks for several things, none where it asks for one."""
    parts = [part for part in _JOINT.split(text) if len(words(part)) >= _FEWEST_WORDS]
    return parts[-_MOST_PARTS:] if len(parts) > 1 else []


def _first_different(shown: Iterable[Ids]) -> list[Ids]:
    """Return as many as an answer may have, leaving out what an earlier one already says."""
    kept: list[Ids] = []
    for ids in shown:
        if len(kept) == MOST_PASSAGES:
            break
        if not any(set(ids) <= set(other) for other in kept):
            kept.append(ids)
    return kept
