"""Who may come in over HTTP: requests that Slack has signed, of a size that Slack sends, and well formed."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote_plus

from slack_sdk.signature import SignatureVerifier

from bot.conversation.events import Json
from bot.ports import Clock

MOST_BYTES = 1_000_000
MOST_FIELDS = 200
WINDOW_SECONDS = 300
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Turned:
    """Why a request may not come in."""

    status: HTTPStatus
    reason: str


class Door:
    """Judges requests by the app's signing secret and the *clock*."""

    def __init__(self, signing_secret: str, clock: Clock) -> None:
        self._signer = SignatureVerifier(signing_secret)
        self._clock = clock

    def judge(self, headers: Mapping[str, str], body: bytes) -> Turned | None:
        """Return why the request may not come in, or None; nothing of the body is repeated.

        The names of *headers* are in small letters; the values of one that stands twice are joined, so that nobody can
        choose between them.
        """
        if not self._is_signed(headers, body):
            return Turned(HTTPStatus.UNAUTHORIZED, "The request is not signed by Slack, or not just now.")
        if not _is_well_formed(headers, body):
            return Turned(HTTPStatus.BAD_REQUEST, "The body is neither JSON nor a form as Slack sends it.")
        return None

    def _is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        timestamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        # The library trusts that both are of the right shape, and fails where they are not.
        if not (_TIMESTAMP.fullmatch(timestamp) and _SIGNATURE.fullmatch(signature)):
            return False
        if abs(self._clock.now().timestamp() - int(timestamp)) > WINDOW_SECONDS:
            return False
        try:
            expected = self._signer.generate_signature(timestamp=timestamp, body=body)
        except UnicodeDecodeError:
            return False
        return expected is not None and hmac.compare_digest(expected, signature)


def _is_well_formed(headers: Mapping[str, str], body: bytes) -> bool:
    text = body.decode("utf-8")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or text.startswith("{"):
        return _is_object(text)
    if kind != "application/x-www-form-urlencoded":
        return False
    if text.count("&") >= MOST_FIELDS:
        return False
    # Only what has to be looked at is read here; bolt reads the whole form, once it may come in.
    form = {unquote_plus(name): value for name, _, value in (each.partition("=") for each in text.split("&"))}
    if "payload" in form:
        return _is_object(unquote_plus(form["payload"]))
    return "command" in form or "ssl_check" in form


def _is_object(text: str) -> bool:
    try:
        document: Json = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict)
