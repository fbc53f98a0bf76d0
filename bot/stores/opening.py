"""Which store a url names."""

from __future__ import annotations

from pathlib import Path

from bot.ports import Store
from bot.stores.postgres import PostgresStore
from bot.stores.tinydb import TinyDBStore

POSTGRESQL = ("postgresql:", "postgres:")


def open_store(url: str) -> Store:
    """Return the store at *url*, which is still to be opened."""
    return PostgresStore(url) if url.startswith(POSTGRESQL) else TinyDBStore(Path(url.removeprefix("tinydb:")))
