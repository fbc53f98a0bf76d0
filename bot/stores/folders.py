"""The embedded store's folder as a command sees it: read while somebody else writes, or filled from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from bot.errors import NotSaved
from bot.stores.files import Files
from bot.stores.journal import Journal, advice, locked, refusal
from bot.stores.lines import JOURNAL, SNAPSHOT, Damage, Tables, recover, save_text, table_name
from bot.stores.marks import mark_of, remove_mark, set_mark, unfinished
from bot.stores.raw import Batches, Raw
from bot.stores.texts import Texts

TRIES = 100


def name_of(folder: Path) -> str:
    """Return how *folder* is named wherever somebody stands."""
    return f"tinydb:{folder.absolute()}"


def read_folder(folder: Path, files: Files) -> Tables:
    """Return what is in *folder* at one moment, whoever writes there meanwhile; nothing in it is changed.

    Every save that had returned before is there.

    Raises:
        NotSaved: There is no store, it can't be read, or it is damaged.
    """
    damage: Damage | None = None
    for _ in range(TRIES):
        snapshot = files.identity(folder / SNAPSHOT)
        with refused(folder):
            read = files.read(folder / SNAPSHOT), files.read(folder / JOURNAL)
        if read == (None, None):
            raise NotSaved(f"There is no store in the folder {folder}. Look at its name.")
        if snapshot != files.identity(folder / SNAPSHOT):
            continue  # a new one was swapped in, and the journal may have been emptied: they do not belong together
        try:
            return recover(*read).tables
        except Damage as found:
            # What a writer takes back just then, because the disk refused it, looks damaged too.
            if damage is not None and str(found) == str(damage):
                break
            damage = found
    if damage is None:
        raise NotSaved(f"The folder {folder} is being rewritten all the time. Try again.")
    raise NotSaved(advice(folder, damage)) from damage


@contextmanager
def refused(folder: Path) -> Iterator[None]:
    """Turn what the machine refuses in *folder* into a sentence."""
    try:
        yield
    except OSError as error:
        raise NotSaved(refusal(folder, error)) from error


class Folder:
    """A folder that is read, whoever writes there meanwhile.

    Attributes:
        name: How it is named to people.
    """

    def __init__(self, folder: Path, files: Files | None = None) -> None:
        self.folder = folder
        self.files = files or Files()
        self.name = name_of(folder)

    def must_be(self) -> None:
        """Raise NotSaved where there is no such folder."""
        if not self.folder.is_dir():
            raise NotSaved(f"There is no store in the folder {self.folder}. Look at its name.")

    async def open(self) -> None:
        """Look whether there is all of a store; raises NotSaved."""
        self.must_be()
        if source := mark_of(self.folder, self.files):
            raise NotSaved(unfinished(f"The folder {self.folder}", source))

    async def close(self) -> None:
        """Let go of it."""

    async def batches(self, size: int) -> Batches:
        """Yield what is there now, school by school and kind by kind, each in the order of the first saving."""
        for batch in _batches(read_folder(self.folder, self.files), size):
            yield batch

    async def is_unchanged(self) -> bool:
        """Tell whether nothing was written since it was read."""
        return True

    def is_same_as(self, other: Path) -> bool:
        """Tell whether it is *other*, whatever they are called."""
        return self.folder.resolve() == other.resolve()


class LockedFolder(Folder):
    """A folder that is read while nobody writes there."""

    _lock: int | None = None

    async def open(self) -> None:
        """Keep others from it; raises NotSaved where it is in use."""
        self.must_be()
        self._lock = locked(self.folder, self.files)
        await super().open()

    async def close(self) -> None:
        """Let others use it."""
        if self._lock is not None:
            self.files.close(self._lock)
            self._lock = None


class FilledFolder(Folder):
    """A folder into which everything of another store is put, which may be interrupted."""

    _journal: Journal | None = None

    async def open(self) -> None:
        """Do nothing yet: what there is may be damaged."""

    async def begin(self, source: str) -> None:
        """Note that *source* is put here, or go on with it; raises NotSaved where there is anything else."""
        with refused(self.folder):
            mark = mark_of(self.folder, self.files)
        if mark not in (None, source):
            raise NotSaved(unfinished(f"The folder {self.folder}", str(mark)))
        if mark is None and not self._is_empty():
            raise NotSaved(
                f"There are records in the folder {self.folder} already. Move it away (mv {self.folder} "
                f"{self.folder}.before), or name another one."
            )
        self._journal = Journal(self.folder, self.files)
        with refused(self.folder):
            set_mark(self.folder, source, self.files)

    async def append(self, raws: Sequence[Raw]) -> None:
        """Put *raws* behind what is there; raises NotSaved where the disk refuses."""
        with refused(self.folder):
            self._opened.append([save_text([(raw.kind, raw.text)], ()) for raw in raws])
        for raw in raws:
            self._opened.tables.setdefault(table_name(raw.school, raw.kind), Texts()).put(raw.id, raw.text)

    async def clear(self) -> None:
        """Forget what is there."""
        self._opened.tables.clear()
        await self.settle()

    async def settle(self) -> None:
        """Write what is there as it will stay."""
        with refused(self.folder):
            self._opened.rewrite(self._opened.tables)

    async def finish(self) -> None:
        """Note that all is here."""
        with refused(self.folder):
            remove_mark(self.folder, self.files)

    async def close(self) -> None:
        """Let others use it."""
        if self._journal is not None:
            self._journal.let_go()
            self._journal = None

    @property
    def _opened(self) -> Journal:
        assert self._journal is not None
        return self._journal

    def _is_empty(self) -> bool:
        try:
            return not any(read_folder(self.folder, self.files).values())
        except NotSaved:
            return not any((self.folder / name).exists() for name in (SNAPSHOT, JOURNAL))


def _batches(tables: Tables, size: int) -> Iterator[Sequence[Raw]]:
    raws = (Raw.of(name.rpartition("/")[2], text) for name, texts in tables.items() for text in texts.texts())
    while batch := list(islice(raws, size)):
        yield batch
