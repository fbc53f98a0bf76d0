"""What the school knows about how people ask: read from ``policy_text/asks.yaml``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import yaml

from bot.domain.policy import Policy


class Need(StrEnum):
    """What makes a message urgent."""

    CHILD = "child"
    THREAT = "threat"
    IMAGE = "image"
    SELF_HARM = "self_harm"
    COLLEAGUE = "colleague"
    TAKEOVER = "takeover"
    JOURNALIST = "journalist"


class Step(StrEnum):
    """What a person can do next: a command of the assistant, or talking to somebody."""

    APPLY = "apply"
    REPORT = "report"
    PRESS = "press"
    PERSON = "person"


class KnowledgeMistakes(ValueError):
    """Say everything that is wrong with the ways of asking, each with its place."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Topic:
    """Hold one thing that people ask, in the many ways they ask it.

    Attributes:
        passages: what answers it, best first; each is one clause id, or the ids of a run.
    """

    passages: tuple[tuple[str, ...], ...]
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """Hold questions near to the policy that it does not answer; *whom* is the role to ask instead."""

    about: str
    whom: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signs:
    """Hold what gives an urgent message away; phrases are as people type them.

    Attributes:
        signs: name of a sign to its phrases; the guards harmless, asking, routine, happening, supposing and today
            are there.
        needs: in order, each need with the signs that must all show, the most telling one first; a name may hold
            several with ``then`` between them, which follow each other closely.
        shorthand: what is meant to the short ways of typing it.
        examples: need to messages that show it.
        calm: messages that look alike and are not urgent.
    """

    signs: dict[str, tuple[str, ...]]
    needs: tuple[tuple[Need, tuple[str, ...]], ...]
    examples: dict[Need, tuple[str, ...]]
    calm: tuple[str, ...]
    shorthand: dict[str, tuple[str, ...]]

    @property
    def phrases(self) -> tuple[str, ...]:
        """Return the phrases of all signs."""
        return tuple(phrase for phrases in self.signs.values() for phrase in phrases)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Hold all that helps to find the clause somebody asks for.

    Attributes:
        silences: those of single clauses first, in the order of the policy.
        steps: clause id to the step that fits; where there is none, it is to talk to a person.
        related: clause id to clauses worth reading with it.
        thesaurus: a word for an idea to the ways that people say it.
        conflicts: pairs of clauses that disagree.
        astray: what points to clauses that the policy does not have, or no longer; each with its place.
    """

    topics: tuple[Topic, ...]
    silences: tuple[Silence, ...]
    steps: dict[str, Step]
    related: dict[str, tuple[str, ...]]
    thesaurus: dict[str, tuple[str, ...]]
    conflicts: tuple[tuple[str, str], ...]
    signs: Signs
    astray: tuple[str, ...] = ()


IN_ORDER = " then "

# The loader written in C reads the same, and fast enough for every start.
_SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOM = ("administrator", "slt", "dsl", "head", "dpo")
_BETWEEN_SIGNS = re.compile(r"\s*\+\s*")
_GUARDS = ("harmless", "asking", "routine", "happening", "supposing", "today")
_OF_A_CLAUSE = ("asks", "next", "related", "silent", "whom")
_SECTIONS = ("clauses", "runs", "together", "silent", "conflicts", "thesaurus", "urgent")


def parse_knowledge(text: str, policy: Policy) -> Knowledge:
    """Return the knowledge that *text*, YAML, holds about *policy*.

    Raises:
        KnowledgeMistakes: with every mistake of the text at once.
    """
    reading = _Reading(policy)
    knowledge = reading.knowledge(_sections(text))
    if reading.mistakes:
        raise KnowledgeMistakes(tuple(f"asks.yaml {mistake}" for mistake in reading.mistakes))
    return knowledge


def _sections(text: str) -> dict[str, Any]:
    try:
        sections = yaml.load(text, Loader=_SAFE_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise KnowledgeMistakes((f"asks.yaml line {line}: {error.problem}",)) from error
    if not isinstance(sections, dict):
        raise KnowledgeMistakes(("asks.yaml line 1: the sections are missing: " + ", ".join(_SECTIONS),))
    return sections


@dataclass(slots=True)
class _Reading:
    """Read section by section, and gather the mistakes."""

    policy: Policy
    mistakes: list[str] = field(default_factory=list)
    astray: list[str] = field(default_factory=list)
    order: tuple[str, ...] = field(init=False)
    known: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.order = tuple(clause.id for clause in self.policy.clauses)
        self.known = frozenset(self.order)

    def knowledge(self, sections: dict[str, Any]) -> Knowledge:
        for name in sections:
            if name not in _SECTIONS:
                self.mistakes.append(f"{name}: there is no such section; there are {', '.join(_SECTIONS)}")
        clauses = self._clauses(sections)
        return Knowledge(
            topics=(*self._topics(clauses), *self._runs(sections), *self._together(sections)),
            silences=(*self._silences_of(clauses), *self._silences(sections)),
            steps=dict(self._steps(clauses)),
            related=dict(self._related(clauses)),
            thesaurus=self._phrases(sections.get("thesaurus"), "thesaurus"),
            conflicts=tuple(self._conflicts(sections)),
            signs=self._signs(self._mapping(sections.get("urgent"), "urgent")),
            astray=tuple(self.astray),
        )

    def _clauses(self, sections: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """Return what stands under each clause, none left out, in the order of the policy."""
        found = self._mapping(sections.get("clauses"), "clauses")
        for id, entry in found.items():
            for key in self._mapping(entry, f"clauses > {id}"):
                if key not in _OF_A_CLAUSE:
                    self.mistakes.append(f"clauses > {id}: {key!r} is not one of {', '.join(_OF_A_CLAUSE)}")
            if id not in self.known:
                lines = self._split_lines(self._mapping(entry, f"clauses > {id}").get("asks"))
                self._lost(f"clauses > {id}", str(id), len(lines))
        return {id: self._mapping(found.get(id) or {}, f"clauses > {id}") for id in self.order}

    def _topics(self, clauses: dict[str, dict[str, Any]]) -> Iterator[Topic]:
        for id, entry in clauses.items():
            asks = self._lines(entry["asks"], f"clauses > {id}") if "asks" in entry else ()
            yield Topic(passages=((id,),), asks=asks)

    def _runs(self, sections: dict[str, Any]) -> Iterator[Topic]:
        for id, lines in self._mapping(sections.get("runs") or {}, "runs").items():
            run = next((run for run in self.policy.runs if run[0] == id), None)
            asks = self._lines(lines, f"runs > {id}")
            if run:
                yield Topic(passages=(run,), asks=asks)
            else:
                self.astray.append(f"runs > {id}: no run of the policy begins with this clause; {_asks(len(asks))}")

    def _together(self, sections: dict[str, Any]) -> Iterator[Topic]:
        for number, entry in enumerate(sections.get("together") or (), start=1):
            place = f"together > {number}"
            ids = [str(id) for id in self._mapping(entry, place).get("clauses") or ()]
            asks = self._lines(self._mapping(entry, place).get("asks"), place)
            lost = [id for id in ids if id not in self.known]
            for id in lost:
                self._lost(place, id, len(asks))
            if ids and not lost:
                yield Topic(passages=tuple((id,) for id in ids), asks=asks)

    def _silences_of(self, clauses: dict[str, dict[str, Any]]) -> Iterator[Silence]:
        """Yield what is asked about each clause that it does not say."""
        for id, entry in clauses.items():
            if "silent" in entry:
                yield self._silence(f"clauses > {id}", id, entry.get("whom", _WHOM[0]), entry["silent"])

    def _silences(self, sections: dict[str, Any]) -> Iterator[Silence]:
        for number, entry in enumerate(sections.get("silent") or (), start=1):
            fields = self._mapping(entry, f"silent > {number}")
            about = str(fields.get("about", number))
            yield self._silence(f"silent > {about}", about, fields.get("whom"), fields.get("lines"))

    def _silence(self, place: str, about: str, whom: Any, lines: Any) -> Silence:
        if whom not in _WHOM:
            self.mistakes.append(f"{place}: whom is {whom!r}, not one of {', '.join(_WHOM)}")
        return Silence(about=about, whom=str(whom), lines=self._lines(lines, place))

    def _steps(self, clauses: dict[str, dict[str, Any]]) -> Iterator[tuple[str, Step]]:
        for id, entry in clauses.items():
            step = entry.get("next", Step.PERSON)
            if step in list(Step):
                yield id, Step(step)
            else:
                self.mistakes.append(f"clauses > {id}: next is {step!r}, not one of {', '.join(Step)}")

    def _related(self, clauses: dict[str, dict[str, Any]]) -> Iterator[tuple[str, tuple[str, ...]]]:
        for id, entry in clauses.items():
            related = [str(other) for other in entry.get("related") or ()]
            for other in related:
                if other not in self.known:
                    self._lost(f"clauses > {id} > related", other)
            yield id, tuple(other for other in related if other in self.known)

    def _conflicts(self, sections: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for number, pair in enumerate(sections.get("conflicts") or (), start=1):
            place = f"conflicts > {number}"
            if not isinstance(pair, list) or len(pair) != 2:
                self.mistakes.append(f"{place}: write two clause ids, as [STF-4, SCO-10]")
                continue
            lost = [str(id) for id in pair if id not in self.known]
            for id in lost:
                self._lost(place, id)
            if not lost:
                yield pair[0], pair[1]

    def _signs(self, urgent: dict[str, Any]) -> Signs:
        signs = self._phrases(urgent.get("signs"), "urgent > signs")
        guards = {name: self._split(urgent.get(name)) for name in _GUARDS}
        needs = []
        for number, entry in enumerate(urgent.get("needs") or (), start=1):
            place = f"urgent > needs > {number}"
            for need, names in self._mapping(entry, place).items():
                shown = tuple(_BETWEEN_SIGNS.split(str(names)))
                unknown = [name for each in shown for name in each.split(IN_ORDER) if name not in signs]
                self.mistakes += [f"{place}: there is no sign {name!r}" for name in unknown]
                if need not in list(Need):
                    self.mistakes.append(f"{place}: {need!r} is not one of {', '.join(Need)}")
                elif not unknown:
                    needs.append((Need(need), shown))
        examples = self._mapping(urgent.get("examples") or {}, "urgent > examples")
        return Signs(
            signs={**signs, **guards},
            needs=tuple(needs),
            examples=dict(self._examples(examples)),
            calm=self._lines(examples.get("calm"), "urgent > examples > calm"),
            shorthand=self._phrases(urgent.get("shorthand"), "urgent > shorthand"),
        )

    def _examples(self, examples: dict[str, Any]) -> Iterator[tuple[Need, tuple[str, ...]]]:
        for need, lines in examples.items():
            place = f"urgent > examples > {need}"
            if need in list(Need):
                yield Need(need), self._lines(lines, place)
            elif need != "calm":
                self.mistakes.append(f"{place}: {need!r} is not one of {', '.join(Need)}, calm")

    def _phrases(self, entries: Any, place: str) -> dict[str, tuple[str, ...]]:
        return {str(name): self._split(phrases) for name, phrases in self._mapping(entries or {}, place).items()}

    def _split(self, phrases: Any) -> tuple[str, ...]:
        return tuple(stripped for phrase in str(phrases or "").split(",") if (stripped := phrase.strip()))

    def _lines(self, lines: Any, place: str) -> tuple[str, ...]:
        found = self._split_lines(lines)
        if not found:
            self.mistakes.append(f"{place}: there is no way of asking; write one a line")
        return found

    def _mapping(self, entry: Any, place: str) -> dict[str, Any]:
        if isinstance(entry, dict):
            return entry
        mistake = f"{place}: names and what belongs to them are expected here"
        if mistake not in self.mistakes:
            self.mistakes.append(mistake)
        return {}

    def _split_lines(self, lines: Any) -> tuple[str, ...]:
        return tuple(stripped for line in str(lines or "").splitlines() if (stripped := line.strip()))

    def _lost(self, place: str, id: str, asks: int = 0) -> None:
        """Keep that *place* names a clause which is not there: the next policy may lack it."""
        what = f"; {_asks(asks)}" if asks else ""
        self.astray.append(f"{place}: the policy has no clause {id}{what}")


def _asks(count: int) -> str:
    return f"{count} {'way' if count == 1 else 'ways'} of asking point{'s' if count == 1 else ''} nowhere"
