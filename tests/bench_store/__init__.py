"""How fast the embedded store is, beside SQLite and TinyDB's own storage."""
