"""The embedded store's file format: one sealed JSON object a line, readable in a text editor.

A journal has a header and a line for each whole save. A snapshot has a header, a line for each document
and a last line with their number. What a snapshot holds, the journal may still hold too; `n` tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from json import JSONDecodeError, JSONEncoder, loads
from zlib import crc32

from bot.conversation.events import Json
from bot.stores.codec import Document

VERSION = 1
SNAPSHOT = "snapshot.jsonl"
JOURNAL = "journal.jsonl"
BACKUP = "Put the whole folder back from a backup; nothing in it was changed."
Tables = dict[str, dict[str, Document]]


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
    return _sealed(_dump({"format": "smpolicy journal", "version": VERSION}))


def save_text(saved: Sequence[tuple[str, Document]], forgotten: Sequence[tuple[str, str, str]]) -> str:
    """Return one save as text; it keeps pairs of kind and document, and forgets by school, kind and id."""
    save = [{kind: document} for kind, document in saved]
    forget = [{kind: {"school": school, "id": id}} for school, kind, id in forgotten]
    return _dump({"save": save, "forget": forget})


def save_line(n: int, text: str) -> bytes:
    """Return the line of the *n*th save."""
    return _sealed(f'{{"n": {n}, {text[1:]}')


def snapshot_lines(tables: Tables, n: int) -> Iterator[bytes]:
    """Yield the lines of a snapshot that holds the first *n* saves."""
    yield _sealed(_dump({"format": "smpolicy snapshot", "version": VERSION, "n": n}))
    for name, table in tables.items():
        kind = name.rpartition("/")[2]
        for document in table.values():
            yield _sealed(_dump({kind: document}))
    yield _sealed(_dump({"documents": sum(map(len, tables.values()))}))


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
    lines = list(_read(SNAPSHOT, text.split(b"\n")[:-1]))
    _, last = lines[-1] if lines else (0, {})
    if last != {"documents": len(lines) - 2}:
        raise Damage(SNAPSHOT, len(lines) + 1, "the end is missing")
    recovered.n = lines[0][1]["n"]
    for _, line in lines[1:-1]:
        _put(recovered.tables, line)


def _read_journal(text: bytes, recovered: Recovered) -> None:
    whole = text[: text.rfind(b"\n") + 1]
    recovered.whole = len(whole)
    expected: int | None = None
    for number, line in _read(JOURNAL, whole.split(b"\n")[:-1]):
        if "format" in line:
            continue
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


def _read(file: str, lines: Iterable[bytes]) -> Iterator[tuple[int, dict[str, Json]]]:
    """Yield number and object of each line; the first one is a header of this version."""
    for number, line in enumerate(lines, 1):
        if number == 1:
            _check_version(file, line)
        text, _, seal = line.rpartition(b', "sum": "')
        if seal != b'%08x"}' % crc32(text):
            raise Damage(file, number, "the line is not as it was written")
        yield number, loads(text + b"}")


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
    tables.setdefault(table_name(document["school"], kind), {})[document["id"]] = document


_dump = JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def _sealed(text: str) -> bytes:
    # Half a surrogate pair, which some chats send, has no UTF-8; Python's escape of it is JSON's too.
    line = text[:-1].encode("utf-8", "backslashreplace")
    return b'%s, "sum": "%08x"}\n' % (line, crc32(line))
