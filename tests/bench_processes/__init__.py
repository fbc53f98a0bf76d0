"""How many events several bot processes handle on one PostgreSQL."""
