"""A short version of `make crash`: twenty kills in all, and books that balance."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.__main__ import crash, table

KILLS = {
    ("tinydb", "slack"): 5, ("tinydb", "teams"): 4, ("tinydb", "local"): 3,
    ("postgres", "slack"): 5, ("postgres", "local"): 3,
}  # fmt: skip


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("store", "platform"), KILLS)
async def test_a_program_that_is_killed_loses_nothing_and_decides_nothing_twice(
    store: str, platform: str, tmp_path: Path
) -> None:
    kills = KILLS[store, platform]

    books = (await crash(store, (platform,), kills, seed=1, folder=tmp_path))[platform]

    assert books.balanced, "\n".join(table({platform: books}))
    assert books.kills.total() >= kills
    assert books.stories > kills
    assert books.told == books.found > 0


def test_the_short_version_kills_twenty_times() -> None:
    assert sum(KILLS.values()) == 20
