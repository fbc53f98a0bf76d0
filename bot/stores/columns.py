"""What the PostgreSQL store writes into columns: names that any index holds, and documents as text."""

from __future__ import annotations

import hashlib
from json import JSONEncoder, loads
from typing import cast

from bot.stores.codec import Document

# An entry of an index may have 2,700 bytes, and no text a NUL or half a surrogate pair.
_LONGEST = 500
_MARK = "\\"

_dump = JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def text_of(value: object) -> str:
    """Return a name as it is, and a document as JSON; halves of surrogate pairs are escaped as JSON does."""
    text = value if isinstance(value, str) else _dump(value)
    return text.encode("utf-8", "backslashreplace").decode()


def column_of(id: str) -> str:
    """Return *id* as a column holds it: different ids differ."""
    if len(id) <= _LONGEST and "\0" not in id and not id.startswith(_MARK) and id.isprintable():
        return id
    return f"{_MARK}{_hash(id)}"


def word_of(school: str, kind: str, field: str, value: str) -> str:
    """Return what stands for one value of one indexed field."""
    return _hash(_dump([school, kind, field, value]))[:32]


def document_of(text: str) -> Document:
    """Return the document that a column holds."""
    return cast(Document, loads(text))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
