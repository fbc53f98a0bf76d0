"""What Microsoft's answers mean: done, refused for a reason, to be asked again, or nobody knows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from bot.conversation.events import Json
from bot.platforms.trouble import Busy, OutcomeUnknown, PlatformTrouble, wait

UNAUTHORIZED = 401
_TOO_LARGE = 413
_TOO_MANY = 429
_PASSING = frozenset({408, 412, 502, 503, 504})
# These say all by themselves; another refusal without a reason comes from something on the way to Microsoft.
_CLEAR = frozenset({UNAUTHORIZED, _TOO_LARGE})
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9 _.-]{0,79}")


class TeamsRefusal(PlatformTrouble):
    """Microsoft said no, or may not even be asked.

    Attributes:
        status: The HTTP status, or 0 where nothing was called.
        code: Microsoft's own word for the reason, such as `BotNotInConversationRoster`, or "".
    """

    def __init__(self, status: int, code: str = "") -> None:
        super().__init__(f"{status} {code}".strip())
        self.status = status
        self.code = code


class Passing(OutcomeUnknown):
    """Something on Microsoft's side that passes by itself, most often within seconds and with nothing done."""


def trouble_in(status: int, headers: Mapping[str, str], body: bytes) -> PlatformTrouble | None:
    """Return what went wrong where the connector answers so, or None where it did what was asked."""
    if 200 <= status < 300:
        return None
    if status == _TOO_MANY or (status in _PASSING and "Retry-After" in headers):
        return Busy(wait(headers.get("Retry-After")))
    if status in _PASSING:
        return Passing(f"answered {status}")
    if status < 400 or status >= 500:
        return OutcomeUnknown(f"answered {status}")
    code = _reason(read_object(body))
    return TeamsRefusal(status, code) if code or status in _CLEAR else OutcomeUnknown(f"answered {status}")


def read_object(body: bytes) -> Mapping[str, Json]:
    """Return the JSON object in *body*, or an empty one."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def as_code(word: Json) -> str:
    """Return *word* where it looks like a word for a reason, else ""."""
    return word if isinstance(word, str) and _CODE.fullmatch(word) else ""


def _reason(said: Mapping[str, Json]) -> str:
    error = said.get("error")
    return as_code(error.get("code") if isinstance(error, dict) else said.get("code"))
