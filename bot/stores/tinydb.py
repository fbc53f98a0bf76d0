"""The embedded store: TinyDB in a folder, made durable; nothing to install, one process at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from bot.errors import AssistantError, NotSaved, Stale
from bot.ports import SchoolStore
from bot.stores.codec import Document
from bot.stores.files import Files
from bot.stores.journal import GROWN, Journal
from bot.stores.lines import Tables, save_text, table_name
from bot.stores.marks import mark_of, unfinished
from bot.stores.schools import Change, Key, School, Shelves
from bot.stores.texts import Texts, text_of

log = logging.getLogger(__name__)
T = TypeVar("T")


class JournalStorage(Storage):
    """TinyDB's storage on a journal: TinyDB's own overwrites the file in place and loses it in a crash."""

    def __init__(self, folder: Path, files: Files | None = None, grown: int = GROWN) -> None:
        self.journal = Journal(folder, files or Files(), grown)

    def read(self) -> dict[str, dict[str, Any]]:
        """Return all tables themselves, not a copy."""
        return cast("dict[str, dict[str, Any]]", self.journal.tables)

    def write(self, data: Mapping[str, Mapping[str, Document]]) -> None:
        """Write all of *data* as one snapshot."""
        self.journal.rewrite({name: Texts.of(table) for name, table in data.items()})

    def close(self) -> None:
        """Write a snapshot and let the next process in."""
        self.journal.close()


class Drawer(Table):
    """One school's documents of one kind; unlike TinyDB's table it takes one without copying the others."""

    document_id_class = str  # type: ignore[assignment]  # TinyDB infers int from its default.

    def texts(self) -> Iterable[bytes]:
        """Return the documents as they are kept, in the order of their first saving."""
        return self._texts().texts()

    def put(self, id: str, text: bytes) -> None:
        """Keep the document of *id*, which the journal has already."""
        self._texts().put(id, text)
        self.clear_cache()

    def drop(self, id: str) -> None:
        """Let go of the document of *id*, of which the journal knows already."""
        del self._texts()[id]
        self.clear_cache()

    def _texts(self) -> Texts:
        tables = cast(Tables, self.storage.read())
        texts = tables.get(self.name)
        return tables.setdefault(self.name, Texts()) if texts is None else texts


class Documents(TinyDB):
    """The documents in a folder, also for a script to look at: `Documents(Path("data")).tables()`."""

    table_class = Drawer
    default_storage_class = JournalStorage  # type: ignore[assignment]  # TinyDB infers JSONStorage from its default.

    def drawer(self, school: str, kind: str) -> Drawer:
        """Return the documents of *school* and *kind*."""
        table = self.table(table_name(school, kind))
        assert isinstance(table, Drawer)
        return table


@dataclass(slots=True, eq=False)
class _Waiting:
    """A saver that waits for its change to be on the medium, or refused."""

    change: Change
    texts: Sequence[bytes]
    outcome: asyncio.Future[None]
    refusal: AssistantError | None = None

    def text(self) -> bytes:
        """Return the change as the journal has it."""
        kinds = (kind for kind, _ in self.change.documents)
        return save_text(zip(kinds, self.texts, strict=True), self.change.forgotten)


class TinyDBStore:
    """Every school's records in one folder; savers that arrive together share one write."""

    exclusive = True

    def __init__(self, folder: Path, files: Files | None = None, grown: int = GROWN) -> None:
        self._folder = folder
        self._files = files
        self._grown = grown
        self._shelves = Shelves(lambda school, kind: self._opened.drawer(school, kind).texts())
        self._documents: Documents | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._waiting: list[_Waiting] = []
        self._committer: asyncio.Task[None] | None = None
        self._accepting = False
        self._wrote = False

    @property
    def healthy(self) -> bool:
        """Tell whether it is open and the last write succeeded."""
        return self._accepting and self._wrote

    def of(self, school: str) -> SchoolStore:
        """Return the records of *school*."""
        return School(school, self._shelves, self._commit)

    async def open(self) -> None:
        """Read the folder; raises NotSaved where it can't be used, and may then be called again."""
        if self._documents is not None:
            raise RuntimeError("A TinyDBStore is opened once; make a new one.")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        try:
            self._documents = await self._aside(lambda: Documents(self._folder, self._files, self._grown))
        finally:
            if self._documents is None:
                self._thread.shutdown(wait=False)
        if source := mark_of(self._folder, self._files or Files()):
            await self.close()
            self._documents = None
            raise NotSaved(unfinished(f"The folder {self._folder}", source))
        self._accepting = self._wrote = True

    async def close(self) -> None:
        """Finish what is being written, refuse what comes later, and let the next process in."""
        self._accepting = False
        if self._committer is not None:
            await asyncio.wait([self._committer])
        if self._thread is not None and self._documents is not None:
            thread, self._thread = self._thread, None
            await asyncio.get_running_loop().run_in_executor(thread, self._documents.close)
            thread.shutdown()

    @property
    def _opened(self) -> Documents:
        if self._documents is None:
            raise RuntimeError("The store is not open yet.")
        return self._documents

    async def _commit(self, change: Change) -> None:
        if not self._accepting:
            raise NotSaved("This was not saved, because the assistant is not running. Try again in a minute.")
        texts = [text_of(document) for _, document in change.documents]
        waiting = _Waiting(change, texts, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._committer is None:
            self._committer = asyncio.create_task(self._commit_waiting())
        await waiting.outcome

    async def _commit_waiting(self) -> None:
        batch: list[_Waiting] = []
        try:
            while self._waiting:
                batch = [waiting for waiting in self._waiting if not waiting.outcome.done()]
                self._waiting.clear()
                await self._commit_together(batch)
                await self._tidy()
        except BaseException:
            # What the thread wrote is not known here any more; only a new opening can tell.
            self._accepting = False
            _settle([*batch, *self._waiting], NotSaved)
            raise
        finally:
            self._committer = None

    async def _commit_together(self, batch: Sequence[_Waiting]) -> None:
        holding = self._judged(batch)
        if holding and not await self._written([waiting.text() for waiting in holding]):
            _settle(batch, _not_saved)
            return
        for waiting in holding:
            self._keep(waiting)
        _settle(batch)

    def _judged(self, batch: Sequence[_Waiting]) -> list[_Waiting]:
        """Return those of *batch* whose changes hold, each on top of the ones before; mark the others."""
        ahead: dict[Key, int] = {}
        for waiting in batch:
            try:
                self._shelves.judge(waiting.change, ahead)
                ahead.update(waiting.change.outcome())
            except Stale as stale:
                waiting.refusal = stale
        return [waiting for waiting in batch if waiting.refusal is None]

    async def _written(self, texts: Sequence[bytes]) -> bool:
        try:
            await self._aside(lambda: self._journal.append(texts))
        except OSError as error:
            log.error("refused %d saves, because %s can't be written: %s", len(texts), self._folder, error)
            self._wrote = False
        else:
            self._wrote = True
        return self._wrote

    def _keep(self, waiting: _Waiting) -> None:
        change = waiting.change
        for (kind, _), entry, text in zip(change.documents, change.entries, waiting.texts, strict=True):
            self._opened.drawer(entry.record.school, kind).put(entry.record.id, text)
        for school, kind, id in change.forgotten:
            self._opened.drawer(school, kind).drop(id)
        self._shelves.keep(change)

    async def _tidy(self) -> None:
        if not self._journal.grown:
            return
        try:
            await self._aside(lambda: self._journal.rewrite(self._journal.tables))
        except OSError as error:
            # Every save is in the journal, so this is no reason to call the store unwell.
            log.error("kept the journal in %s, because no snapshot can be written: %s", self._folder, error)

    @property
    def _journal(self) -> Journal:
        storage = self._opened.storage
        assert isinstance(storage, JournalStorage)
        return storage.journal

    async def _aside(self, work: Callable[[], T]) -> T:
        """Do *work* on the store's own thread, so that no reader waits for the disk."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _settle(batch: Iterable[_Waiting], refusal: Callable[[], AssistantError] | None = None) -> None:
    """Tell those of *batch* who still listen how it ended: *refusal*, else their own, else well."""
    for waiting in batch:
        if waiting.outcome.done():
            continue
        error = refusal() if refusal else waiting.refusal
        if error:
            waiting.outcome.set_exception(error)
        else:
            waiting.outcome.set_result(None)


def _not_saved() -> NotSaved:
    return NotSaved("This was not saved, because the disk refused it. Try again, and tell the administrator.")
