"""What the journal asks of the operating system, so that a test can bring a disk that fails."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Files:
    """Files of this machine; every method raises OSError where the machine refuses."""

    def make(self, folder: Path) -> None:
        """Make *folder* where it is missing, for this user alone: it holds what people wrote."""
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True)
            self.sync_folder(folder.parent)

    def lock(self, path: Path) -> int:
        """Return a handle that holds the lock on *path* until it is closed or the process ends.

        Raises:
            BlockingIOError: Another process holds it.
        """
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise
        return handle

    def read(self, path: Path) -> bytes | None:
        """Return all of *path*, or None where there is no such file."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def identity(self, path: Path) -> tuple[int, ...] | None:
        """Return what another file at *path* would have otherwise, or None where there is none."""
        try:
            found = path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size

    def open(self, path: Path) -> int:
        """Return a handle that appends to *path*, made where it is missing."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, handle: int, text: bytes | bytearray) -> None:
        """Write all of *text*; where that fails some of it may stay."""
        rest = memoryview(text)
        while rest:
            rest = rest[os.write(handle, rest) :]

    def cut(self, handle: int, size: int) -> None:
        """Forget everything past the first *size* bytes."""
        os.ftruncate(handle, size)

    def sync(self, handle: int) -> None:
        """Return once what was written is on the medium."""
        os.fsync(handle)

    def replace(self, source: Path, target: Path) -> None:
        """Let *target* be *source* from one moment to the next, whatever happens meanwhile."""
        source.replace(target)
        self.sync_folder(target.parent)

    def remove(self, path: Path) -> None:
        """Delete the file at *path*, whatever happens meanwhile."""
        path.unlink()
        self.sync_folder(path.parent)

    def sync_folder(self, folder: Path) -> None:
        """Return once the names in *folder* are on the medium."""
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def close(self, handle: int) -> None:
        """Let go of *handle*."""
        os.close(handle)
