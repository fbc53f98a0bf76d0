"""The statements of the PostgreSQL store, by name, from their file."""

from __future__ import annotations

import re
from pathlib import Path

FILE = Path(__file__).parent / "statements.sql"
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def _read(text: str) -> dict[str, str]:
    _, *parts = _NAME.split(text)
    return {name: statement.strip() for name, statement in zip(parts[::2], parts[1::2], strict=True)}


STATEMENTS = _read(FILE.read_text(encoding="utf-8"))
