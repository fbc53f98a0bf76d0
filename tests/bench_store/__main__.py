"""Measure the embedded store beside SQLite and TinyDB's own storage: `make bench-store`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from uvloop import run

from tests.bench_store.measuring import FULL, QUICK, file_system, in_memory, measure
from tests.bench_store.report import as_json, report


def main() -> int:
    """Measure and print; return 1 where a goal is missed, which a first look may."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench_store", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few seconds with fewer records, for a first look")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON instead")
    parser.add_argument("--folder", type=Path, help="where to write, on the disk that is to be measured")
    call = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-store-", dir=call.folder or on_disk()) as folder:
        if not call.json:
            print(
                f"{os.cpu_count()} processors, on average {os.getloadavg()[0]:.1f} of them wanted in the last minute."
            )
        say = _silence if call.json else print
        figures = run(measure(QUICK if call.quick else FULL, Path(folder), say))
    if call.json:
        print(json.dumps(as_json(figures), indent=2))
        return 0
    return 0 if report(figures) or call.quick else 1


def on_disk() -> Path:
    """Return the folder for temporary files, or this one where that is in memory."""
    usual = Path(tempfile.gettempdir())
    return Path.cwd() if in_memory(file_system(usual)) else usual


def _silence(line: str) -> None:
    """Say nothing, lest something other than JSON be printed."""


if __name__ == "__main__":
    sys.exit(main())
