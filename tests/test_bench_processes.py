"""The measuring of several processes on one PostgreSQL goes through, and says where it stops growing and why."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.bench_processes.__main__ import BOTS, DATABASE, PLAYED, Round, conclusions, main
from tests.bench_processes.processors import Used
from tests.bench_processes.teaching import ASKED
from tests.setup.absence import without


@pytest.mark.skipif(without("postgres"), reason="without PostgreSQL, as was asked")
def test_several_processes_can_be_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--quick"]) == 0

    printed = capsys.readouterr().out
    assert "events handled a second" in printed
    assert "a process is full at" in printed


def _round(processes: int, events: int, idle: float, by: Mapping[str, float]) -> Round:
    return Round(processes, {ASKED: [0.01] * events}, Used(1.0, by, idle), 1.0, 1.0, 1)


def test_it_says_that_the_machine_is_full() -> None:
    first = _round(1, 100, 0.7, {BOTS: 1.0, DATABASE: 0.2, PLAYED: 0.1})
    second = _round(2, 160, 0.1, {BOTS: 1.5, DATABASE: 0.3, PLAYED: 0.1})
    third = _round(4, 150, 0.0, {BOTS: 1.5, DATABASE: 0.4, PLAYED: 0.1})

    where, why, beyond = conclusions((first, second, third), 2)

    assert "stops growing at 2: 4 handle 0.94 times" in where
    assert "with 2 all 2 processors of this machine are busy (the bots 1.50, PostgreSQL 0.30" in why
    assert "full at 107 events a second, and PostgreSQL takes 0.20" in beyond


def test_it_says_that_they_wait_for_each_other() -> None:
    idle = [_round(n, 100, 1.5, {BOTS: 0.3, DATABASE: 0.1, PLAYED: 0.1}) for n in (1, 2)]

    _, why, _ = conclusions(idle, 2)

    assert "not the processors, of which 1.50 are idle" in why


def test_it_says_that_it_goes_on_growing() -> None:
    rounds = [_round(n, 100 * n, 1.0, {BOTS: 0.5 * n, DATABASE: 0.1, PLAYED: 0.1}) for n in (1, 2)]

    assert conclusions(rounds, 8)[0] == "It grows to the last."
