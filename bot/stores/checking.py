"""Reads all of a store, which may be in use, and finds what is wrong with it."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import NotSaved
from bot.stores.columns import column_of
from bot.stores.databases import Database, Row, raw_of
from bot.stores.files import Files
from bot.stores.folders import Folder, read_folder
from bot.stores.moving import BATCH
from bot.stores.raw import UNREADABLE, Columns, Kinds, Raw, Tallies


@dataclass(slots=True)
class Findings:
    """What is in a store, and what is wrong with it.

    Attributes:
        tallies: What could be read.
        strange: How many records there are of kinds that this program does not know, by kind.
        faults: What is wrong, a sentence each: with kind and id of a record, never with anything of its content.
    """

    tallies: Tallies = field(default_factory=Tallies)
    strange: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def take(self, raw: Raw, kinds: Kinds) -> None:
        """Count *raw*, and find out whether it can be decoded."""
        self.tallies.add(raw)
        if raw.kind not in kinds:
            self.strange[raw.kind] += 1
        elif misfit := raw.misfit(kinds):
            self.fault(raw.school, raw.kind, raw.id, misfit)

    def fault(self, school: str, kind: str, id: str, what: str) -> None:
        """Note what is wrong with a record."""
        self.faults.append(f"{kind} {id!r} of {school!r}: {what}.")


async def check_folder(folder: Path, kinds: Kinds, files: Files | None = None) -> Findings:
    """Read all of *folder*, whoever writes there meanwhile; raises NotSaved where there is no store at all."""
    findings, store = Findings(), Folder(folder, files)
    store.must_be()
    try:
        await store.open()
    except NotSaved as error:
        findings.faults.append(error.sentence)
    try:
        tables = read_folder(folder, store.files)
    except NotSaved as error:
        findings.faults.append(error.sentence)
        return findings
    for name, texts in tables.items():
        for text in texts.texts():
            findings.take(Raw.of(name.rpartition("/")[2], text), kinds)
    return findings


async def check_database(url: str, kinds: Kinds, *, size: int = BATCH) -> Findings:
    """Read all of the database at *url* as it is at one moment; raises NotSaved where it can't be reached."""
    findings, store = Findings(), Database(url)
    await store.connect()
    try:
        findings.faults += await store.complaints()
        if not await store.has_tables():
            return findings
        async with aclosing(store.rows(size)) as every:
            async for rows in every:
                for row in rows:
                    _take_row(findings, row, kinds)
    finally:
        await store.close()
    return findings


def _take_row(findings: Findings, row: Row, kinds: Kinds) -> None:
    try:
        raw = raw_of(row)
        told = {"school": column_of(raw.school), "id": column_of(raw.id), "version": raw.version}
    except UNREADABLE:
        findings.fault(row["school"], row["kind"], row["id"], "its document can't be read")
        return
    findings.take(raw, kinds)
    wrong = [*(column for column, value in told.items() if row[column] != value), *_astray(raw, kinds)]
    if wrong:
        findings.fault(raw.school, raw.kind, raw.id, f"the document says otherwise than the columns {', '.join(wrong)}")


def _astray(raw: Raw, kinds: Kinds) -> list[str]:
    """Return which of the columns by which *raw* is found do not agree with it, where that can be told."""
    try:
        expected, found = raw.worked_out(kinds), raw.columns
    except UNREADABLE:
        return []
    assert isinstance(found, Columns)
    return [
        *(["due_at"] if found.due_at != expected.due_at else []),
        *(["leased"] if found.leased != expected.leased else []),
        *(["words"] if sorted(found.words) != sorted(expected.words) else []),
    ]
