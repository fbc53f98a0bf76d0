"""What says that a store holds only part of what is being put into it, so that nobody takes it for all."""

from __future__ import annotations

from json import dumps, loads
from pathlib import Path

from bot.stores.files import Files

MARK = "unfinished.json"
_FROM = "copying from"


def unfinished(store: str, source: str) -> str:
    """Return what is to be done about *store*, into which not all of *source* was put."""
    return (
        f"{store} holds only part of what is in {source}: a copy was interrupted. Give that command again, it goes on "
        "where it was; or use another store."
    )


def mark_of(folder: Path, files: Files) -> str | None:
    """Return what is being put into *folder*, or None where nothing is."""
    text = files.read(folder / MARK)
    if text is None:
        return None
    try:
        return str(loads(text)[_FROM])
    except (ValueError, LookupError, TypeError):
        return "another store"


def set_mark(folder: Path, source: str, files: Files) -> None:
    """Write down that *source* is being put into *folder*, before anything of it is; raises OSError."""
    aside = folder / f"{MARK}.new"
    handle = files.open(aside)
    try:
        files.cut(handle, 0)
        files.write(handle, f"{dumps({_FROM: source})}\n".encode())
        files.sync(handle)
    finally:
        files.close(handle)
    files.replace(aside, folder / MARK)


def remove_mark(folder: Path, files: Files) -> None:
    """Write down that all is there; raises OSError."""
    files.remove(folder / MARK)
