"""What a person said that the tests have to do without."""

import os

VARIABLE = "SMPOLICY_TEST_WITHOUT"


def without(what: str) -> bool:
    """Return whether the tests were told to do without *what*: `browser`, `node` or another need.

    Only then may a test be skipped for a missing need; otherwise it fails.
    """
    return what in {name.strip() for name in os.environ.get(VARIABLE, "").split(",")}


def request(what: str) -> str:
    """Return how a person tells the tests to do without *what*."""
    return f"{VARIABLE}={what}"
