"""The books: what people were told, what is kept, and what each place received, compared after all the kills."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bot.domain.accounts import Account
from bot.domain.applications import Application
from bot.domain.incidents import Incident
from bot.domain.press import PressContact
from bot.ports import Record, SchoolStore
from tests.crash.town import Said, Traffic

KINDS: dict[str, type[Record]] = {"APP": Application, "INC": Incident, "PRESS": PressContact, "ACC": Account}
REFERENCE = re.compile(rf"\b(?:{'|'.join(KINDS)})-[A-Z0-9]+\b")
NOT_SAVED = "This was not saved, and nobody has been told"
# Said by the bot of its own accord above what stood already, or to each press that comes too late.
SAID_ANEW = ("What you sent last has arrived", "That did not go through")


@dataclass(frozen=True, slots=True)
class Promise:
    """What a platform promises about saying things twice.

    Attributes:
        once: Whether nothing is said twice, even where the program was killed in between.
        reason: Why something may be said twice, where it may.
    """

    once: bool
    reason: str = ""


@dataclass
class Books:
    """What was compared on one platform and one store, and what was found wrong.

    Attributes:
        told, found: References that somebody was told, and those of them that are kept.
        lost: What was promised and is not there, or never came.
        decided_twice: What took effect more often than somebody decided it.
        said_twice: What somebody reads more often than they caused it, with a kill in between.
        unexplained: The same without a kill in between.
        asides, asides_twice: What one person alone saw at once, and how much of that more than once.
        not_saved: How often somebody was told that something was not saved.
    """

    promise: Promise
    traffic: Traffic = field(default_factory=Traffic)
    kills: Counter[str] = field(default_factory=Counter)
    stories: int = 0
    told: int = 0
    found: int = 0
    said: int = 0
    lost: list[str] = field(default_factory=list)
    decided_twice: list[str] = field(default_factory=list)
    said_twice: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    asides: int = 0
    asides_twice: int = 0
    not_saved: int = 0

    @property
    def balanced(self) -> bool:
        """Tell whether every goal is kept."""
        return not (self.lost or self.decided_twice or self.unexplained or (self.promise.once and self.said_twice))

    async def find_references(self, records: SchoolStore, said: Iterable[str]) -> None:
        """Look up what somebody was told the reference of."""
        references = sorted({each for text in said for each in REFERENCE.findall(text)})
        for reference in references:
            if await records.get(KINDS[reference.partition("-")[0]], reference) is None:
                self.lost.append(f"{reference}: somebody was told of it, and it is not kept")
            else:
                self.found += 1
        self.told += len(references)

    def count_said(self, said: Sequence[Said], asked: Counter[tuple[str, str]], killed_at: Sequence[float]) -> None:
        """Count what was said twice; *asked* holds by reader and words how often somebody caused them."""
        aloud = [each for each in said if not each.aside]
        asides = Counter((each.reader, each.text) for each in said if each.aside)
        self.said += len(aloud)
        self.asides += asides.total()
        self.asides_twice += sum(times - 1 for times in asides.values())
        self.not_saved += sum(NOT_SAVED in each.text for each in said)
        for what, moments, allowed in (*_by_mark(aloud), *_by_words(aloud, asked)):
            too_often = len(moments) - allowed
            over_a_kill = sum(any(a <= kill <= b for kill in killed_at) for a, b in pairwise(moments))
            explained = min(too_often, over_a_kill)
            self.said_twice += [what] * explained
            self.unexplained += [what] * (too_often - explained)

    def count_answers(self, said: Sequence[Said], taken: Counter[tuple[str, str]]) -> None:
        """Look for an answer to everything that was *taken*, by reader and words of the answer."""
        for (reader, words), times in taken.items():
            heard = sum(each.reader == reader and words in each.text for each in said)
            if heard < times:
                self.lost.append(f"{reader} asked {times} times and read {heard} times {words!r}")


Heard = tuple[str, list[float], int]  # what it is, when it was said, and how often it may be


def _by_mark(said: Sequence[Said]) -> list[Heard]:
    """Return what bears the same mark."""
    moments: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for each in sorted(said, key=_at):
        if each.key:
            moments[each.reader, each.key].append(each.at)
    texts = {(each.reader, each.key): each.text for each in said}
    return [(f"{key[0]}: {_short(texts[key])}", at, 1) for key, at in moments.items()]


def _by_words(said: Sequence[Said], asked: Counter[tuple[str, str]]) -> list[Heard]:
    """Return what names the same case in the same words, and what was asked for in the same words."""
    moments: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for each in sorted(said, key=_at):
        if each.changed or any(words in each.text for words in SAID_ANEW):
            continue
        if REFERENCE.search(each.text):
            moments[each.reader, each.text].append(each.at)
        elif words := next((words for reader, words in asked if reader == each.reader and words in each.text), ""):
            moments[each.reader, words].append(each.at)
    return [(f"{key[0]}: {_short(key[1])}", at, asked.get(key, 1)) for key, at in moments.items()]


def _at(said: Said) -> float:
    return said.at


def _short(text: str) -> str:
    return " / ".join(text.split("\n"))[:160]
