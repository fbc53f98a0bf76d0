"""The measuring of what a school costs goes through."""

from __future__ import annotations

import pytest

from tests import bench_scale
from tests.setup.absence import without


@pytest.mark.skipif(without("postgres"), reason="without PostgreSQL, as was asked")
def test_what_a_school_costs_can_be_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_scale.main(["--quick"]) == 0

    printed = capsys.readouterr().out
    assert "20 Heard of" in printed
    assert "12 jobs said in" in printed
