"""The errors with which Slack refuses a call."""

from __future__ import annotations

from typing import Any

Json = Any


class Refused(Exception):
    """Slack says no, with a code and more that stands beside it."""

    def __init__(self, code: str, **more: Json) -> None:
        super().__init__(code)
        self.code = code
        self.more = more
