"""The school's policy: its clauses, word for word, and which of them stand together as a list.

The text comes as Markdown that a person can read (``policy_text/policy.md``)::

    Version: August 2017

    ## Tone

    Run: TON-2 to TON-4

    [TON-2] Key words to consider when composing messages are:

    [TON-3] - Engaging

    [no clause] words of the policy that belong to no clause

    [SCO-9 again] - a clause that the policy repeats, word for word, under another heading
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

MARK = re.compile(r"\[(?P<mark>[^\]]*)\]\s*(?P<words>.*)", re.DOTALL)
_CLAUSE_ID = re.compile(r"[A-Z][A-Z0-9]*-\d+")
_RUN = re.compile(r"Run:\s*(?P<first>\S+)\s+to\s+(?P<last>\S+)")
NO_CLAUSE = "no clause"
AGAIN = " again"


class PolicyMistakes(ValueError):
    """Say everything that is wrong with a policy text, each with its line."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Clause:
    """Hold one numbered paragraph of the policy.

    Attributes:
        text: the school's words, without the ``- `` of a bullet.
        bullet: the policy has it as a point of a list.
        also: further headings under which the policy repeats the clause word for word.
    """

    id: str
    heading: str
    text: str
    bullet: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """Hold words of the policy as an answer shows them: one clause, or a run of them as its list."""

    clauses: tuple[str, ...]
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Hold one version of the policy.

    Attributes:
        clauses: in the order of the policy.
        runs: ids of the clauses that stand together as a list, with its lead-in where it has one.
    """

    version: str
    clauses: tuple[Clause, ...]
    runs: tuple[tuple[str, ...], ...] = ()

    def clause(self, id: str) -> Clause:
        """Return the clause with that id.

        Raises:
            KeyError: the policy has no such clause.
        """
        for clause in self.clauses:
            if clause.id == id:
                return clause
        raise KeyError(id)

    @property
    def fingerprint(self) -> str:
        """Return what changes as soon as one word of the policy does: a SHA-256 in hex."""
        words = "\n".join(f"{clause.id} {clause.text}" for clause in self.clauses)
        return hashlib.sha256(f"{self.version}\n{words}".encode()).hexdigest()

    def passage(self, id: str) -> Passage:
        """Return one clause as a passage."""
        clause = self.clause(id)
        return Passage(clauses=(id,), heading=clause.heading, text=clause.text)

    def run_passage(self, run: tuple[str, ...]) -> Passage:
        """Return a run as the policy has it, each point on its own line."""
        clauses = [self.clause(id) for id in run]
        lines = [f"- {clause.text}" if clause.bullet else clause.text for clause in clauses]
        return Passage(clauses=run, heading=clauses[0].heading, text="\n".join(lines))

    def run_of(self, id: str) -> tuple[str, ...] | None:
        """Return the run that the clause stands in, if any."""
        return next((run for run in self.runs if id in run), None)


def parse_policy(text: str) -> Policy:
    """Return the policy that *text* holds.

    Raises:
        PolicyMistakes: with every mistake of the text at once.
    """
    reading = _Reading()
    for line, paragraph in paragraphs(text):
        reading.take(line, paragraph)
    return reading.policy()


def paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Yield each paragraph, its lines joined, with the number of its first line."""
    start, lines = 0, list[str]()
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        if line.strip():
            start = start if lines else number
            lines.append(line.strip())
        elif lines:
            yield start, " ".join(lines)
            lines = []


class _Reading:
    """Gather clauses and mistakes, paragraph by paragraph."""

    def __init__(self) -> None:
        self.version = ""
        self.heading = ""
        self.clauses: dict[str, Clause] = {}
        self.lines: dict[str, int] = {}
        self.runs: list[tuple[int, str, str]] = []
        self.mistakes: list[str] = []

    def take(self, line: int, paragraph: str) -> None:
        if paragraph.startswith("#"):
            self.heading = paragraph.lstrip("#").strip()
        elif paragraph.startswith("Version:"):
            self.version = paragraph.removeprefix("Version:").strip()
        elif paragraph.startswith("Run:"):
            self._take_run(line, paragraph)
        elif mark := MARK.fullmatch(paragraph):
            self._take_marked(line, mark["mark"].strip(), mark["words"].strip())
        else:
            self._mistake(line, f"this paragraph has no clause id: {paragraph[:40]!r}")

    def policy(self) -> Policy:
        if not self.version:
            self._mistake(1, 'the version is missing: write it as "Version: August 2017"')
        runs = tuple(run for found in self.runs if (run := self._run(*found)))
        if self.mistakes:
            raise PolicyMistakes(tuple(self.mistakes))
        return Policy(version=self.version, clauses=tuple(self.clauses.values()), runs=runs)

    def _take_run(self, line: int, paragraph: str) -> None:
        if run := _RUN.fullmatch(paragraph):
            self.runs.append((line, run["first"], run["last"]))
        else:
            self._mistake(line, 'a run is written as "Run: TON-2 to TON-7"')

    def _take_marked(self, line: int, mark: str, words: str) -> None:
        id = mark.removesuffix(AGAIN)
        bullet = words.startswith("- ")
        text = words.removeprefix("-").strip() if words == "-" or bullet else words
        if mark == NO_CLAUSE:
            return
        if not _CLAUSE_ID.fullmatch(id):
            self._mistake(line, f"{mark!r} is not a clause id such as NEW-3")
        elif not text:
            self._mistake(line, f"clause {id} has no words")
        elif mark.endswith(AGAIN):
            self._take_again(line, id, text)
        elif id in self.clauses:
            self._mistake(line, f"clause id {id} is used twice (first on line {self.lines[id]})")
        else:
            self.lines[id] = line
            self.clauses[id] = Clause(id=id, heading=self.heading, text=text, bullet=bullet)

    def _take_again(self, line: int, id: str, text: str) -> None:
        first = self.clauses.get(id)
        if first is None:
            self._mistake(line, f"clause {id} is repeated before it is written")
        elif first.text != text:
            self._mistake(line, f"clause {id} has other words here than on line {self.lines[id]}")
        else:
            self.clauses[id] = replace(first, also=(*first.also, self.heading))

    def _run(self, line: int, first: str, last: str) -> tuple[str, ...] | None:
        ids = list(self.clauses)
        unknown = [id for id in (first, last) if id not in self.clauses]
        for id in unknown:
            self._mistake(line, f"the run names clause {id}, which is not in the policy")
        if unknown:
            return None
        run = tuple(ids[ids.index(first) : ids.index(last) + 1])
        if len(run) < 2:
            self._mistake(line, f"the run from {first} to {last} holds fewer than two clauses")
        return run

    def _mistake(self, line: int, what: str) -> None:
        self.mistakes.append(f"policy.md line {line}: {what}")
