"""app.yaml as a tree in which every value knows its place, so that every mistake can name one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, time
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import yaml

from bot.settings.secrets import SENTENCE, holds_secret, joined, looks_secret, secret_places

Choice = TypeVar("Choice", bound=StrEnum)

# So many levels are fine with libyaml, which has no end to its recursion but that of the stack.
DEEP = 3000
NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAG = "tag:yaml.org,2002:"
_WORDS = frozenset(f"{_TAG}{kind}" for kind in ("str", "int", "float", "timestamp"))
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CLOCK = re.compile(r"\d\d?:\d\d")


@dataclass(slots=True)
class Findings:
    """The mistakes and warnings of one file, each with the line that it is about.

    Attributes:
        variables: The environment variables that hold what is this file's alone, each with where it says so, or could.
    """

    file: str
    mistakes: list[tuple[int, str]] = field(default_factory=list)
    warnings: list[tuple[int, str]] = field(default_factory=list)
    variables: dict[str, Entry] = field(default_factory=dict)

    def place(self, line: int, path: str) -> str:
        """Return how a line and a dotted path are named to a person."""
        return f"{self.file} line {line}: {path}" if path else f"{self.file} line {line}"

    def environment_mistake(self, variable: str, sentence: str) -> None:
        """Note what is wrong with an environment variable, which has no line."""
        self.mistakes.append((0, f"environment: {variable}: {sentence}"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of the file, or its absence.

    What can't be read is noted as a mistake and read as the default, so that reading goes on.

    Attributes:
        path: Dotted, such as `people[3].roles`; "" for the whole file.
        line: Where it stands, or where its absence shows; the first line is 1.
    """

    findings: Findings
    path: str
    line: int
    node: yaml.Node | None

    @property
    def present(self) -> bool:
        """Whether something is written here."""
        return self.node is not None and self.node.tag != f"{_TAG}null"

    @property
    def is_list(self) -> bool:
        """Whether a list is written here."""
        return isinstance(self.node, yaml.SequenceNode)

    def mistake(self, sentence: str) -> None:
        """Note what is wrong here and how to mend it."""
        self.findings.mistakes.append((self.line, f"{self.findings.place(self.line, self.path)}: {sentence}"))

    def warning(self, sentence: str) -> None:
        """Note what somebody should look at."""
        self.findings.warnings.append((self.line, f"{self.findings.place(self.line, self.path)}: {sentence}"))

    def fields(self, known: Collection[str]) -> dict[str, Entry]:
        """Return an entry for each *known* key, written or not; other keys are mistakes."""
        written = dict(self._pairs())
        for key, entry in written.items():
            if key not in known and not (entry.node and holds_secret(key, entry.node)):
                entry.mistake(f"is not a setting; {_meant(key, known)}")
        return {key: written.get(key) or self._absent(key) for key in known}

    def under(self, key: str) -> Entry:
        """Return the entry of *key*, written or not, whatever else is written here."""
        return dict(self._pairs()).get(key) or self._absent(key)

    def named(self) -> dict[str, Entry]:
        """Return the entries by names that the school chooses."""
        written = {key: entry for key, entry in self._pairs() if entry.present}
        for key, entry in written.items():
            if not NAME.fullmatch(key):
                entry.mistake("a name is small letters, digits and _, and starts with a letter")
        return written

    def items(self) -> tuple[Entry, ...]:
        """Return the entries of a list."""
        if not self.present:
            return ()
        if not isinstance(self.node, yaml.SequenceNode):
            self.mistake('should be a list, such as [one, two], or lines that start with "- "')
            return ()
        return tuple(
            Entry(self.findings, f"{self.path}[{index}]", _line(node), node)
            for index, node in enumerate(self.node.value)
        )

    def words(self, default: str = "") -> str:
        """Return the text, without space around it."""
        if not self.present:
            return default
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag not in _WORDS:
            self.mistake("should be text; put it in quotes")
            return default
        return str(self.node.value).strip()

    def needed_words(self) -> str:
        """Return the text, which must be there and not blank."""
        mistakes = len(self.findings.mistakes)
        text = self.words()
        if not text and len(self.findings.mistakes) == mistakes:
            self.mistake("is blank" if self.present else "is missing")
        return text

    def number(self, default: int) -> int:
        """Return the whole number, which must be at least 1."""
        if not self.present:
            return default
        raw = self.words()
        if not re.fullmatch(r"[0-9]{1,6}", raw) or int(raw) < 1:
            self.mistake("should be a whole number, 1 or more")
            return default
        return int(raw)

    def yes_no(self, default: bool) -> bool:
        """Return whether the answer is yes."""
        if not self.present:
            return default
        if self.node is None or self.node.tag != f"{_TAG}bool":
            self.mistake("should be yes or no, without quotes")
            return default
        return str(self.node.value).lower() in {"yes", "true", "on"}

    def day(self) -> date | None:
        """Return the day."""
        if not self.present:
            return None
        raw = self.words()
        with suppress(ValueError):
            if _DAY.fullmatch(raw):
                return date.fromisoformat(raw)
        self.mistake(f"{shown(raw)} is not a day; write it like 2026-07-31")
        return None

    def clock(self, default: time) -> time:
        """Return the time of day."""
        if not self.present:
            return default
        raw = self.words()
        hour, _, minute = raw.partition(":")
        if not _CLOCK.fullmatch(raw) or int(hour) > 23 or int(minute) > 59:
            self.mistake(f'{shown(raw)} is not a time of day; write it like "08:00"')
            return default
        return time(int(hour), int(minute))

    def choice(self, kind: type[Choice], noun: str, default: Choice) -> Choice:
        """Return the member of *kind* that is named."""
        raw = self.words(default)
        if raw in list(kind):
            return kind(raw)
        self.mistake(f"{shown(raw)} is not {noun}; use {either(kind)}")
        return default

    def _absent(self, key: str) -> Entry:
        return Entry(self.findings, joined(self.path, key), self.line, None)

    def _pairs(self) -> Iterator[tuple[str, Entry]]:
        if not self.present:
            return
        if not isinstance(self.node, yaml.MappingNode):
            self.mistake('should be lines of "name: value"')
            return
        first: dict[str, int] = {}
        for key, value in self.node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            entry = Entry(self.findings, joined(self.path, name), _line(key), value)
            if name in first:
                entry.mistake(f"is written twice, first on line {first[name]}")
            first.setdefault(name, entry.line)
            yield name, entry


def read_file(path: Path, findings: Findings) -> Entry | None:
    """Return the whole file as an entry, or None after noting why it can't be read."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        root = _composed(text)
    except (OSError, UnicodeDecodeError, RecursionError, yaml.YAMLError) as error:
        line, sentence = _why_unreadable(error)
        place = findings.place(line, "") if line else findings.file
        findings.mistakes.append((line, f"{place}: {sentence}"))
        return None
    if not isinstance(root, yaml.MappingNode):
        findings.mistakes.append((0, f'{findings.file}: should be lines of "name: value"'))
        return None
    for line, place in secret_places(root, text):
        Entry(findings, place, line, None).mistake(SENTENCE)
    return Entry(findings, "", _line(root), root)


def in_order(found: list[tuple[int, str]]) -> tuple[str, ...]:
    """Return each of the sentences once, from the top of the file to its end."""
    return tuple(dict.fromkeys(sentence for _, sentence in sorted(found, key=lambda each: each[0])))


def shown(raw: str) -> str:
    """Return *raw* in quotes, or only that there is something where it must not be repeated."""
    return "this" if looks_secret(raw) else f'"{raw}"'


def either(options: Iterable[str], word: str = "or") -> str:
    """Return the options as "a, b or c", or with another *word* before the last."""
    *most, last = [str(option) for option in options]
    return f"{', '.join(most)} {word} {last}" if most else last


def _composed(text: str) -> yaml.Node | None:
    """Return the tree of *text*: by libyaml, ten times faster, but what is wrong is said by PyYAML itself."""
    if yaml.__with_libyaml__ and _could_nest(text) < DEEP:
        with suppress(yaml.YAMLError):
            return yaml.compose(text, Loader=yaml.CSafeLoader)
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _could_nest(text: str) -> int:
    """Return more levels than *text* can have: each needs a bracket, or a column of its own."""
    return text.count("[") + text.count("{") + 2 * max(map(len, text.splitlines()), default=0)


def _why_unreadable(error: Exception) -> tuple[int, str]:
    """Return line and sentence; PyYAML's own message quotes the file, which may hold a secret."""
    match error:
        case FileNotFoundError():
            return 0, "there is no such file"
        case OSError():
            return 0, f"can't be read: {error.strerror}"
        case UnicodeDecodeError():
            return 0, "is not UTF-8 text"
        case yaml.MarkedYAMLError(problem=str(problem), problem_mark=yaml.Mark(line=line)):
            return line + 1, f"is not YAML: {'it is not understood' if looks_secret(problem) else problem}"
        case RecursionError():
            return 0, "is nested too deeply"
        case _:
            return 0, "is not YAML: it holds something that YAML does not allow"


def _meant(key: str, known: Collection[str]) -> str:
    close = get_close_matches(key, list(known), n=1)
    return f'did you mean "{close[0]}"?' if close else f"use {either(known)}"


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
