"""The embedded store's folder: a journal to append to, and a snapshot written aside and swapped in."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bot.errors import NotSaved
from bot.stores.files import Files
from bot.stores.lines import (
    JOURNAL,
    SNAPSHOT,
    Damage,
    Tables,
    journal_header,
    recover,
    save_line,
    snapshot_lines,
)

log = logging.getLogger(__name__)

GROWN = 16 * 1024 * 1024


class Journal:
    """The files of one folder, open in one process at a time; not for two threads at once.

    Attributes:
        tables: The documents as of opening or of the last `rewrite`; who appends keeps them up to date.
    """

    def __init__(self, folder: Path, files: Files, grown: int = GROWN) -> None:
        """Open *folder*, made where it is missing; *grown* is the size in bytes that calls for a snapshot.

        Raises:
            NotSaved: It can't be read or written, is in use, or is damaged.
        """
        self._files = files
        self._journal = folder / JOURNAL
        self._snapshot = folder / SNAPSHOT
        self._grown = grown
        self._header = len(journal_header())
        # Until proven otherwise the end of the journal is what a crash has left there.
        self._torn = True
        self._lock = locked(folder, files)
        try:
            snapshot = files.read(self._snapshot)
            found = recover(snapshot, files.read(self._journal))
            self._n = found.n
            self._size = found.whole
            self._snapshot_size = len(snapshot or b"")
            self._handle = self._opened()
        except Damage as damage:
            files.close(self._lock)
            raise NotSaved(advice(folder, damage)) from damage
        except OSError as error:
            files.close(self._lock)
            raise NotSaved(refusal(folder, error)) from error
        self.tables = found.tables

    @property
    def grown(self) -> bool:
        """Tell whether the journal has become so long that a snapshot pays."""
        return self._size > max(self._grown, self._snapshot_size)

    def append(self, texts: Sequence[bytes]) -> None:
        """Write *texts*, one save each, and return once they are on the medium; on OSError none is."""
        lines = b"".join(save_line(self._n + place, text) for place, text in enumerate(texts, 1))
        self._mend(self._handle)
        self._torn = True
        try:
            self._files.write(self._handle, lines)
            self._files.sync(self._handle)
        except OSError:
            # At once, lest a crash now let saves come back that were said to have failed.
            with suppress(OSError):
                self._mend(self._handle)
            raise
        self._torn = False
        self._size += len(lines)
        self._n += len(texts)

    def rewrite(self, tables: Tables) -> None:
        """Write *tables*, which hold every save, as the new snapshot and empty the journal.

        Raises OSError where that fails; then what is in the folder still holds every save.
        """
        # Should it fail: not again with the very next save.
        self._snapshot_size = self._size + self._grown
        size = self._write_aside(tables)
        self._files.replace(self._aside, self._snapshot)
        self._snapshot_size = size
        self.tables = tables
        self._size = self._header
        self._torn = True
        self._mend(self._handle)

    def close(self) -> None:
        """Write a snapshot where there is anything new, and let the next process in."""
        try:
            self._mend(self._handle)
            if self._size > self._header:
                self.rewrite(self.tables)
        except OSError as error:
            log.warning("left saves in %s, because no snapshot can be written: %s", self._journal, error)
        finally:
            self.let_go()

    def let_go(self) -> None:
        """Let the next process in, which finds everything as it is now."""
        self._files.close(self._handle)
        self._files.close(self._lock)

    def _opened(self) -> int:
        """Return a handle to the journal, which then has a header and no torn end."""
        handle = self._files.open(self._journal)
        try:
            self._mend(handle)
            if not self._size:
                self._files.write(handle, journal_header())
                self._files.sync(handle)
                self._files.sync_folder(self._journal.parent)
                self._size = self._header
        except OSError:
            self._files.close(handle)
            raise
        return handle

    def _mend(self, handle: int) -> None:
        """Cut off what an attempt that failed, or a crash, has left behind the last whole save."""
        if self._torn:
            self._files.cut(handle, self._size)
            self._files.sync(handle)
            self._torn = False

    @property
    def _aside(self) -> Path:
        return self._snapshot.with_suffix(".new")

    def _write_aside(self, tables: Tables) -> int:
        """Write a snapshot where nobody looks and return its size."""
        handle = self._files.open(self._aside)
        try:
            self._files.cut(handle, 0)
            size, heap = 0, bytearray()
            for line in snapshot_lines(tables, self._n):
                heap += line
                size += len(line)
                if len(heap) > 1024 * 1024:
                    self._files.write(handle, heap)
                    heap = bytearray()
            self._files.write(handle, heap)
            self._files.sync(handle)
        finally:
            self._files.close(handle)
        return size


def locked(folder: Path, files: Files) -> int:
    """Return a handle that keeps every other process from *folder*, made where it is missing; raises NotSaved."""
    try:
        files.make(folder)
        return files.lock(folder / "lock")
    except BlockingIOError:
        raise NotSaved(
            f"Another smpolicy is already using {folder}; stop it first, or give this one another folder."
        ) from None
    except OSError as error:
        raise NotSaved(refusal(folder, error)) from error


def refusal(folder: Path, error: OSError) -> str:
    """Return what to do about a folder that the machine refuses."""
    return f"The folder {folder} can't be used ({error.strerror}). Make it writable, or name another one."


def advice(folder: Path, damage: Damage) -> str:
    """Return what to do about a folder that is damaged."""
    return f"{folder / damage.file} can't be used from line {damage.line} on: {damage.fault}. {damage.remedy}"
