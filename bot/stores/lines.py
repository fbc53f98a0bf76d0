"""The embedded store's file format: one sealed JSON object a line, readable in a text editor.

A journal has a header and a line for each whole save. A snapshot has a header, a line for each document
and a last line with their number. What a snapshot holds, the journal may still hold too; `n` tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from json import JSONDecodeError, loads
from typing import cast
from zlib import crc32

from bot.conversation.events import Json
from bot.stores.texts import Texts, text_of

VERSION = 1
SNAPSHOT = "snapshot.jsonl"
JOURNAL = "journal.jsonl"
BACKUP = "Put the whole folder back from a backup; nothing in it was changed."
Tables = dict[str, Texts]

# How almost every document begins; of one that begins otherwise, all has to be read.
_STRING = rb'("(?:[^"\\]|\\.)*")'
_DOCUMENT = re.compile(rb'\{"(\w+)": \{"school": ' + _STRING + rb', "id": ' + _STRING + rb"[,}]")


class Damage(Exception):
    """A file that can't be read as what was written.

    Attributes:
        line: The line where that shows, from 1.
        fault: What is wrong, as the end of a sentence.
        remedy: What to do, as a sentence.
    """

    def __init__(self, file: str, line: int, fault: str, remedy: str = BACKUP) -> None:
        super().__init__(f"{file}, line {line}: {fault}")
        self.file = file
        self.line = line
        self.fault = fault
        self.remedy = remedy


@dataclass(slots=True)
class Recovered:
    """What a folder held.

    Attributes:
        tables: Name of the table to id to document.
        n: The number of the last save.
        whole: How many bytes of the journal are whole lines; 0 where not even the header is.
    """

    tables: Tables = field(default_factory=dict)
    n: int = 0
    whole: int = 0


def table_name(school: str, kind: str) -> str:
    """Return the name of the table with *school*'s documents of *kind*."""
    return f"{school}/{kind}"


def journal_header() -> bytes:
    """Return the first line of a journal."""
    return _sealed(_open({"format": "smpolicy journal", "version": VERSION}))


def save_text(saved: Iterable[tuple[str, bytes]], forgotten: Sequence[tuple[str, str, str]]) -> bytes:
    """Return one save; it keeps pairs of kind and document, and forgets by school, kind and id."""
    save = b", ".join([b'{"%s": %s}' % (kind.encode(), text) for kind, text in saved])
    forget = text_of([{kind: {"school": school, "id": id}} for school, kind, id in forgotten]) if forgotten else b"[]"
    return b'"save": [%s], "forget": %s' % (save, forget)


def save_line(n: int, text: bytes) -> bytes:
    """Return the line of the *n*th save."""
    return _sealed(b'{"n": %d, %s' % (n, text))


def snapshot_lines(tables: Mapping[str, Texts], n: int) -> Iterator[bytes]:
    """Yield the lines of a snapshot that holds the first *n* saves."""
    yield _sealed(_open({"format": "smpolicy snapshot", "version": VERSION, "n": n}))
    for name, table in tables.items():
        kind = name.rpartition("/")[2].encode()
        for text in table.texts():
            yield _sealed(b'{"%s": %s' % (kind, text))
    yield _sealed(_open({"documents": sum(map(len, tables.values()))}))


def recover(snapshot: bytes | None, journal: bytes | None) -> Recovered:
    """Return what the two files hold together; the journal's last line may be torn, nothing else.

    Raises:
        Damage: Something is missing or is not as it was written.
    """
    recovered = Recovered()
    if snapshot is not None:
        _read_snapshot(snapshot, recovered)
    if journal is not None:
        _read_journal(journal, recovered)
    elif snapshot is not None:
        raise Damage(JOURNAL, 1, "the file is missing, and with it the latest saves")
    return recovered


def _read_snapshot(text: bytes, recovered: Recovered) -> None:
    number, documents, end = 0, 0, {}
    for number, content in _read(SNAPSHOT, text):
        if number == 1:
            recovered.n = _object(content)["n"]
        else:
            end = _keep_or_end(recovered.tables, content)
            documents += not end
    if end != {"documents": documents}:
        raise Damage(SNAPSHOT, number + 1, "the end is missing")


def _keep_or_end(tables: Tables, content: bytes) -> dict[str, Json]:
    """Keep the document of a snapshot's line as it stands there; return the line's object where it is the last."""
    found = _DOCUMENT.match(content)
    if found:
        kind, school, id = found.groups()
        _table(tables, loads(school), kind.decode()).put(loads(id), content[found.end(1) + len('": ') :])
        return {}
    line = _object(content)
    if type(line.get("documents")) is int:
        return line
    _put(tables, line)
    return {}


def _read_journal(text: bytes, recovered: Recovered) -> None:
    recovered.whole = text.rfind(b"\n") + 1
    expected: int | None = None
    for number, content in _read(JOURNAL, text):
        if number == 1:
            continue
        line = _object(content)
        n = line["n"]
        # A crash between a snapshot and the emptying of the journal leaves saves that the snapshot holds.
        if n != (expected or n) or n > recovered.n + 1:
            raise Damage(JOURNAL, number, "one or more saves before this one are missing")
        expected = n + 1
        if n > recovered.n:
            recovered.n = n
            _apply(recovered.tables, line)
    if expected and expected <= recovered.n:
        # A backup copied the journal just before a snapshot, and the snapshot just after.
        recovered.whole = len(journal_header())


def _read(file: str, text: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each whole line, less its closing brace; the first is a header of this version."""
    number, start = 1, 0
    while (end := text.find(b"\n", start)) >= 0:
        line = text[start:end]
        if number == 1:
            _check_version(file, line)
        content, _, seal = line.rpartition(b', "sum": "')
        if seal != b'%08x"}' % crc32(content):
            raise Damage(file, number, "the line is not as it was written")
        yield number, content
        number, start = number + 1, end + 1


def _check_version(file: str, line: bytes) -> None:
    """Look at the version before the seal, for another version may seal otherwise."""
    try:
        header = loads(line)
        name, version = header["format"], header["version"]
    except (JSONDecodeError, UnicodeDecodeError, KeyError, TypeError):
        raise Damage(file, 1, "the header is not as it was written") from None
    if name != f"smpolicy {file.partition('.')[0]}" or version != VERSION:
        fault = f"it is {name!r} in version {version}, and this smpolicy reads version {VERSION} only"
        raise Damage(file, 1, fault, "Start it with the smpolicy that wrote it.")


def _apply(tables: Tables, line: dict[str, Json]) -> None:
    for saved in line["save"]:
        _put(tables, saved)
    for forgotten in line["forget"]:
        ((kind, key),) = forgotten.items()
        del tables[table_name(key["school"], kind)][key["id"]]


def _put(tables: Tables, saved: dict[str, Json]) -> None:
    ((kind, document),) = saved.items()
    _table(tables, document["school"], kind)[document["id"]] = document


def _table(tables: Tables, school: str, kind: str) -> Texts:
    return tables.setdefault(table_name(school, kind), Texts())


def _object(content: bytes) -> dict[str, Json]:
    return cast(dict[str, Json], loads(content + b"}"))


def _open(object: Json) -> bytes:
    """Return *object* without its closing brace, which its seal brings."""
    return text_of(object)[:-1]


def _sealed(line: bytes) -> bytes:
    return b'%s, "sum": "%08x"}\n' % (line, crc32(line))
