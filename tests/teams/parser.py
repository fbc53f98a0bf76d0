"""What Microsoft's own parser has against Adaptive Cards; it runs in Node, once for many cards."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import Any

import pytest

from tests.setup.absence import request, without
from tests.setup.node import NODE, SCHEMAS

Json = Any
SCRIPT = SCHEMAS / "parse_cards.cjs"
PARSER = SCHEMAS / "node_modules" / "adaptivecards" / "dist" / "adaptivecards.js"
ADVICE = f"The npm packages of tests/schemas are missing: run make test, or do without them: {request('node')}."


def refused(cards: Sequence[Json]) -> list[list[str]]:
    """Return for each of *cards* the sentences of the parser; nothing where it takes the card as it is."""
    if without("node"):
        pytest.skip("without npm packages, as was asked for")
    if not PARSER.exists():
        pytest.fail(ADVICE)
    command = [str(NODE), str(SCRIPT)]
    done = subprocess.run(command, input=json.dumps(list(cards)), capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"Microsoft's parser did not run: {done.stderr[-2_000:]}")
    told: list[list[str]] = json.loads(done.stdout)
    return told
