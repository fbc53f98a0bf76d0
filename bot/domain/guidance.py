"""The dated guidance pack: what law and national guidance add to the policy, as a school may update it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml


class GuidanceMistakes(ValueError):
    """Say everything that is wrong with a guidance pack."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Guidance:
    """One edition of the pack.

    Attributes:
        texts: Name to the sentence that a card shows; entries that are switched off are left out.
    """

    edition: str = ""
    dated: date | None = None
    texts: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return what the pack says about *name* with its date, or "" where it says nothing."""
        words = self.texts.get(name, "")
        return f"{words} (Guidance, {self.dated:%B %Y}.)" if words and self.dated else words


def parse_guidance(text: str) -> Guidance:
    """Read a pack from YAML.

    Raises:
        GuidanceMistakes: Something in it can't be used; it carries everything that was found.
    """
    try:
        pack = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise GuidanceMistakes((f"guidance.yaml is not YAML: {' '.join(str(error).split())}",)) from error
    if not isinstance(pack, dict):
        raise GuidanceMistakes(("guidance.yaml: should hold edition, dated and entries",))
    mistakes = [f"guidance.yaml: {key} is missing" for key in ("edition", "dated", "entries") if not pack.get(key)]
    if not isinstance(pack.get("dated"), date | None):
        mistakes.append("guidance.yaml: dated should be a day, such as 2026-11-01")
    entries = pack.get("entries") or {}
    if not isinstance(entries, dict):
        raise GuidanceMistakes((*mistakes, "guidance.yaml: entries should be names with text, source and on"))
    texts: dict[str, str] = {}
    for name, entry in entries.items():
        mistakes += _wrong(name, entry)
        if isinstance(entry, dict) and entry.get("on", True) and isinstance(entry.get("text"), str):
            texts[str(name)] = " ".join(entry["text"].split())
    if mistakes:
        raise GuidanceMistakes(tuple(mistakes))
    return Guidance(str(pack["edition"]), pack["dated"], texts)


def _wrong(name: object, entry: Any) -> list[str]:
    if not isinstance(entry, dict):
        return [f"guidance.yaml: {name} should have text, source and on"]
    unknown = [f"guidance.yaml: {name}.{key} is not known" for key in entry if key not in ("text", "source", "on")]
    missing = [f"guidance.yaml: {name}.{key} is missing" for key in ("text", "source") if not entry.get(key)]
    switch = [] if isinstance(entry.get("on", True), bool) else [f"guidance.yaml: {name}.on should be true or false"]
    return unknown + missing + switch
