"""The store's benchmark: it runs, and those that the embedded store is measured beside are stores themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from bot.ports import Store
from tests.bench_store.measuring import OURS, STORES, Figures, Plan, file_system, in_memory, measure
from tests.bench_store.report import goals, report
from tests.bench_store.rounds import SAVERS
from tests.bench_store.sqlite import SQLiteStore
from tests.bench_store.stock import StockStore
from tests.stores.test_laws import Step, compare, steps

TINY = Plan(sizes=(40, 80), rounds=2, saves={SAVERS: 2, 1: 5}, looks=20, starts=1, patience=0.01)
PEERS: dict[str, Callable[[Path], Store]] = {
    "sqlite": SQLiteStore,
    "sqlite, shared": lambda folder: SQLiteStore(folder, shared=True),
    "stock": StockStore,
}


@pytest.mark.parametrize("name", PEERS)
@settings(max_examples=25, deadline=None)
@given(history=steps)
def test_a_peer_is_as_good_as_a_plain_dictionary(name: str, history: list[Step]) -> None:
    """It saves, finds, forgets and refuses as ours does, so that it is no faster by doing less."""
    with TemporaryDirectory() as folder:
        asyncio.run(compare(lambda: PEERS[name](Path(folder)), history, lasting=True))


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    return asyncio.run(measure(TINY, tmp_path_factory.mktemp("bench"), lambda line: None))


def test_each_store_is_measured_and_judged(figures: Figures, capsys: pytest.CaptureFixture[str]) -> None:
    report(figures)

    printed = capsys.readouterr().out
    assert [name for name in STORES if name not in printed] == []
    assert {goal.figure > 0 for goal in goals(figures)} == {True}
    assert all(len(each.rates.rounds[SAVERS]) == TINY.rounds for each in figures.contenders.values())


def test_a_slow_store_misses_its_goals(figures: Figures) -> None:
    one_a_second = {SAVERS: [1.0] * TINY.rounds, 1: [1.0] * TINY.rounds}
    slow = {
        (name, size): replace(each, rates=replace(each.rates, rounds=one_a_second)) if name == OURS else each
        for (name, size), each in figures.contenders.items()
    }

    judged = list(goals(replace(figures, contenders=slow)))

    assert [goal.met for goal in judged if "times SQLite, 64 savers" in goal.goal] == [False, False]


def test_a_file_system_in_memory_is_known() -> None:
    assert in_memory("tmpfs (tmpfs)")
    assert not in_memory("ext4 (/dev/vda)")
    assert file_system(Path("/proc")).startswith("proc")
