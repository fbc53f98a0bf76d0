"""Environment variables by the names that app.yaml may give them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bot.settings.file import Entry, Findings

_NAME = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable and what it holds, "" where it is not set; mistakes name it and never say what it holds."""

    name: str
    value: str = field(repr=False)
    findings: Findings = field(repr=False)

    def mistake(self, sentence: str) -> None:
        """Note what is wrong with it and how to mend it."""
        self.findings.environment_mistake(self.name, sentence)


def variable(name: str, environment: Mapping[str, str], findings: Findings) -> Variable:
    """Return the variable called *name*."""
    return Variable(name, environment.get(name, "").strip(), findings)


def renamed(
    section: Entry, names: Mapping[str, str], environment: Mapping[str, str], shared: Collection[str] = ()
) -> dict[str, Variable]:
    """Return key to variable; *section* may say for a key which variable to read instead of the one in *names*.

    What is chosen or set counts as this file's alone, but for the keys in *shared*.
    """
    part = section.fields(tuple(names))
    chosen = {key: part[key].words(name) for key, name in names.items()}
    for key, name in chosen.items():
        if not _NAME.fullmatch(name):
            part[key].mistake(f"should be the name of an environment variable, such as {names[key]}")
    found = {key: variable(name, environment, section.findings) for key, name in chosen.items()}
    for key, each in found.items():
        if key not in shared and (part[key].present or each.value):
            section.findings.variables[each.name] = part[key]
    return found
