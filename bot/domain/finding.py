"""What a message is near to: the topics of the policy, what the policy does not say, and what cannot wait."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from bot.domain.features import Reader
from bot.domain.fitting import Fit, Fitted, mark
from bot.domain.knowledge import Knowledge, Need
from bot.domain.learned import Group, Learned, Numbers
from bot.domain.odds import Odds
from bot.domain.parts import sentences
from bot.domain.policy import Policy
from bot.domain.ranking import Compared, Nearness, Recipe, Scale, Weighed

_MOST_TOPICS = 12
# A clause has to be this near.
_NEAR_ENOUGH = 0.15
# The odds of silence, fitted to the lines of each of nine hands with those of the eight others: to begin with, for the
# best topic, for the best silence, for the words of the message, and of its sentence most like silence.
_OF_SILENCE = (1.18, -7.98, 6.96, 2.6, -1.49)
_OF_SILENCE_UNFITTED = (0.57, -7.76, 6.06, 2.82, -1.62)
_SILENT_ABOVE = 0.5
_HALF_SILENT_ABOVE = 1.5
_OF_WHOLE = 0.3
# A needless warning costs less than a missed one.
_CALM_MAY_LEAD_BY = 0.1
_ALARMING = 0.2
# The odds of the words themselves: of 360 urgent messages by other hands none with signs was below -4.1.
_ALARM_ABOVE = 0.0
_CALM_BELOW = -4.5
_FIRST_CONTACT = "administrator"


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold how near everything is.

    Attributes:
        topics: number of the topic and how near it is, nearest first.
        all_topics: by topic, how near it is.
        silence: the logarithm of the odds that the policy says nothing about it.
        whom: the role to ask where silence is nearest.
        is_near: whether any topic is near at all.
        alarm: the need whose examples are about as near as anything calm, if any.
    """

    topics: tuple[tuple[int, float], ...]
    all_topics: Numbers
    silence: float
    whom: str
    is_near: bool
    alarm: Need | None

    @property
    def nearest(self) -> float:
        """Return how near the nearest topic is."""
        return self.topics[0][1] if self.topics else 0.0

    @property
    def is_silent(self) -> bool:
        """Tell whether the policy says nothing about it."""
        return not self.is_near or self.silence > _SILENT_ABOVE

    @property
    def may_be_silent(self) -> bool:
        """Tell whether the policy rather says nothing about it; a half of a question says too little to be sure."""
        return self.silence > _HALF_SILENT_ABOVE

    def within(self, whole: "Finding") -> tuple[int, float]:
        """Return the nearest topic of this half of a *whole* question, and how near it is."""
        nearness = self.all_topics + _OF_WHOLE * whole.all_topics
        topic = int(nearness.argmax())
        return topic, float(nearness[topic])


class Material:
    """Hold what all comparing is made from.

    Attributes:
        learned: topics, silences, what is calm, and needs, in this order.
    """

    def __init__(self, policy: Policy, knowledge: Knowledge, recipe: Recipe) -> None:
        groups = [
            *(Group(topic.asks, _words(policy, topic.passages)) for topic in knowledge.topics),
            *(Group(silence.lines) for silence in knowledge.silences),
            Group(knowledge.signs.calm),
            *(Group(examples) for examples in knowledge.signs.examples.values()),
        ]
        texts = (text for group in groups for text in (*group.asks, group.words))
        self.reader = Reader(knowledge.thesaurus, texts, mends=recipe.spelling)
        self.learned = Learned(self.reader, groups)
        self.scale = Scale(self.learned, recipe)


class Finder:
    """Compare messages with all that is known about a policy."""

    def __init__(self, policy: Policy, knowledge: Knowledge, recipe: Recipe, fit: Fit | None = None) -> None:
        self._recipe = recipe
        self._silences = knowledge.silences
        self._needs = tuple(knowledge.signs.examples)
        topics, silences = len(knowledge.topics), len(knowledge.silences)
        self._topics, self._silent = slice(0, topics), slice(topics, topics + silences)
        self._quiet, self._calm = slice(0, topics + silences), slice(topics + silences, topics + silences + 1)
        self._alarming = slice(self._calm.stop, self._calm.stop + len(self._needs))
        material = Material(policy, knowledge, recipe)
        learned = material.learned
        self._reader, self._scale = material.reader, material.scale
        self._nearness = Nearness(learned, self._scale, recipe)
        self._odds = Odds(learned, self._silent, self._topics)
        self._odds_of_alarm = Odds(learned, self._alarming, slice(0, self._alarming.start))
        fits = fit and fit.mark == mark(learned, self._scale)
        self._fitted = Fitted(fit, len(learned.numbers)) if fit and fits else None
        read = self._reader.words
        # Whoever adds a way of asking to mend an answer has to see it mended, however near something else is.
        self._not_said = {read(line) for silence in knowledge.silences for line in silence.lines}
        self._asked = {read(ask): topic for topic, each in enumerate(knowledge.topics) for ask in each.asks}

    def find(self, text: str) -> Finding:
        """Return what *text* is near to; a text of several sentences counts as a whole and sentence by sentence."""
        features = [self._reader.features(part) for part in self._parts(text)]
        weighed = [self._scale.weighed(each) for each in features]
        odds = [self._odds.of(each) for each in features] if self._recipe.odds else [0.0]
        found = self._finding(weighed, odds, max(map(self._odds_of_alarm.of, features)))
        return self._in_so_many_words(self._reader.words(text), found)

    def sounds_calm(self, text: str) -> bool:
        """Tell whether *text* is put in words in which nobody raises an alarm, whatever it speaks of."""
        return all(self._odds_of_alarm.of(self._reader.features(part)) < _CALM_BELOW for part in self._parts(text))

    @property
    def is_fitted(self) -> bool:
        """Tell whether there is a fit, and it was made from today's ways of asking."""
        return self._fitted is not None

    def _parts(self, text: str) -> list[str]:
        return sentences(text) if self._recipe.sentences else [text]

    def _finding(self, weighed: Sequence[Weighed], odds: Sequence[float], odds_of_alarm: float) -> Finding:
        compared = [self._nearness.of(each) for each in weighed]
        groups = _together([each.groups for each in compared])
        topics, silences = groups[self._topics], groups[self._silent]
        is_near = float(topics.max(initial=0.0)) >= _NEAR_ENOUGH
        if self._fitted:
            fits = _together([self._fitted.of(each) for each in weighed])
            topics = topics + self._recipe.fitted * fits[self._topics]
            best = (fits[self._topics].max(initial=0.0), fits[self._silent].max(initial=0.0))
        else:
            best = (topics.max(initial=0.0), _together([each.of_any(self._silent) for each in compared]))
        told = (1.0, *map(float, best), odds[0], max(odds))
        weights = _OF_SILENCE if self._fitted else _OF_SILENCE_UNFITTED
        order = np.argsort(-topics, kind="stable")[:_MOST_TOPICS].tolist()
        return Finding(
            topics=tuple((topic, float(topics[topic])) for topic in order if topics[topic] > 0),
            all_topics=topics,
            silence=sum(weight * value for weight, value in zip(weights, told, strict=True)),
            is_near=is_near,
            whom=self._silences[int(silences.argmax())].whom if len(silences) else _FIRST_CONTACT,
            alarm=self._alarm(compared) if odds_of_alarm > _ALARM_ABOVE else None,
        )

    def _in_so_many_words(self, said: tuple[str, ...], found: Finding) -> Finding:
        if (topic := self._asked.get(said)) is not None:
            nearness = found.all_topics.copy()
            nearness[topic] += 1 + found.nearest
            others = [each for each in found.topics if each[0] != topic]
            return replace(
                found, topics=((topic, float(nearness[topic])), *others), all_topics=nearness,
                silence=-inf, is_near=True,
            )  # fmt: skip
        return replace(found, silence=inf) if said in self._not_said else found

    def _alarm(self, compared: Sequence[Compared]) -> Need | None:
        alarm = max(float(each.of_any(self._alarming)) for each in compared)
        calm = max(float(each.of_any(groups)) for each in compared for groups in (self._quiet, self._calm))
        if alarm <= max(_ALARMING, calm - _CALM_MAY_LEAD_BY):
            return None
        nearest = max(compared, key=lambda each: float(each.groups[self._alarming].max()))
        return self._needs[int(nearest.groups[self._alarming].argmax())]


def _words(policy: Policy, passages: Sequence[Sequence[str]]) -> str:
    return " ".join(policy.clause(id).text for ids in passages for id in ids)


def _together(values: Sequence[Numbers]) -> Numbers:
    """Return the mean of the whole and of its sentences together; a message without several is the whole."""
    whole, *parts = values
    together: Numbers = whole if not parts else (whole + np.mean(parts, axis=0)) / 2
    return together
