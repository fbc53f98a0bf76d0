"""What may go wrong on the way to a platform; nothing of what was sent is in any of it."""

from __future__ import annotations

import math

USUAL_WAIT = 5.0
SHORTEST_WAIT = 0.1
LONGEST_WAIT = 3600.0


class PlatformTrouble(Exception):
    """A call that did not work."""


class Busy(PlatformTrouble):
    """The platform asks to wait: *retry_after* seconds, from 0 to an hour."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"busy for {retry_after:g} s")
        self.retry_after = retry_after


class OutcomeUnknown(PlatformTrouble):
    """There was no answer that can be read; the platform may have done what was asked, or not."""


def wait(retry_after: str | None) -> float:
    """Return the seconds that a Retry-After header asks for, the usual wait where it makes no sense."""
    try:
        seconds = float(retry_after or "")
    except ValueError:
        return USUAL_WAIT
    if not math.isfinite(seconds) or seconds < 0:
        return USUAL_WAIT
    return min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT)
