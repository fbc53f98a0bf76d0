"""Put the next policy into force: the former text is kept beside it, and the new one swapped in at one stroke."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

FORMER = "former"
_CLAUSE_ID = re.compile(r"\b[A-Z][A-Z0-9]{1,3}-\d{1,3}\b")


def used_ids(folder: Path) -> frozenset[str]:
    """Return every clause id that the texts in *folder* name, those of former policies too.

    Raises:
        OSError, UnicodeDecodeError: a text can't be read.
    """
    texts = (folder / "policy.md", folder / "asks.yaml", *sorted((folder / FORMER).glob("*.md")))
    return frozenset(id for text in texts for id in _CLAUSE_ID.findall(text.read_text(encoding="utf-8")))


def put_into_force(text: str, folder: Path, former_version: str) -> Path:
    """Let *text* be the policy of *folder* and return where the former one is kept.

    Whenever it is interrupted, ``policy.md`` is whole: the former text or the new one.

    Raises:
        OSError: *folder* can't be written.
    """
    policy = folder / "policy.md"
    before = policy.read_text(encoding="utf-8")
    (folder / FORMER).mkdir(exist_ok=True)
    kept = next(
        file for file in _names(folder / FORMER, former_version)
        if not file.exists() or file.read_text(encoding="utf-8") == before
    )  # fmt: skip
    _swap_in(kept, before)
    _swap_in(policy, text)
    return kept


def _names(folder: Path, version: str) -> Iterator[Path]:
    """Yield names for a version, the plain one first; another text of the same version gets a number."""
    slug = re.sub(r"[^a-z0-9]+", "-", version.lower()).strip("-") or "policy"
    yield folder / f"{slug}.md"
    number = 2
    while True:
        yield folder / f"{slug}-{number}.md"
        number += 1


def _swap_in(file: Path, text: str) -> None:
    aside = file.with_name(f".{file.name}.new")
    with aside.open("w", encoding="utf-8", newline="\n") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    if file.exists():
        aside.chmod(file.stat().st_mode)
    aside.replace(file)
