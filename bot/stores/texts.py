"""Documents as the JSON text that a file holds: a fifth of the memory, and ready to be written again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, ValuesView
from json import JSONEncoder, loads
from typing import cast

from bot.conversation.events import Json
from bot.stores.codec import Document

# What is written is a tree that the codec has just made, so that no circle need be looked for.
_dump = JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False).encode


def text_of(value: Json) -> bytes:
    """Return *value* as JSON in UTF-8."""
    # Half a surrogate pair, which some chats send, has no UTF-8; Python's escape of it is JSON's too.
    return _dump(value).encode("utf-8", "backslashreplace")


class Texts(MutableMapping[str, Document]):
    """Documents by id, in the order in which they first came; each that is asked for is read anew."""

    def __init__(self) -> None:
        self._texts: dict[str, bytes] = {}

    @classmethod
    def of(cls, documents: Mapping[str, Document]) -> Texts:
        """Return *documents* as texts, themselves where they are."""
        if isinstance(documents, Texts):
            return documents
        texts = cls()
        texts.update(documents)
        return texts

    def texts(self) -> ValuesView[bytes]:
        """Return all of them as they are kept."""
        return self._texts.values()

    def put(self, id: str, text: bytes) -> None:
        """Keep the document of *id*, which is *text*."""
        self._texts[id] = text

    def __getitem__(self, id: str) -> Document:
        return cast(Document, loads(self._texts[id]))

    def __setitem__(self, id: str, document: Document) -> None:
        self._texts[id] = text_of(document)

    def __delitem__(self, id: str) -> None:
        del self._texts[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)
