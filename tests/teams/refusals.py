"""How the Bot Connector says no."""

from __future__ import annotations

from typing import Any

Json = Any


class Refused(Exception):
    """A call was refused with this status of HTTP and this code."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.body: Json = {"error": {"code": code, "message": message or code}}


class NotThere(Exception):
    """Somebody wanted to use what is not in front of them, which a test ought not to ask."""


class NotTypeable(Exception):
    """The client would not take that."""
