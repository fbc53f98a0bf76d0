"""What Slack sends to the app, by signed HTTP, and what came back."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientConnectionError, ClientSession, ClientTimeout, TCPConnector

Json = Any
JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something that was sent to the app, and its answer.

    *kind* is "event", "command", "interaction", or "none" where nothing was to be sent. *status* is that of HTTP
    (200 for an acknowledged envelope), and 0 where no answer came. *payload* is what was sent, read; *envelope* is
    the one of Socket Mode. *ts* is the message that somebody wrote with it, *trigger_id* and *response_url* are those
    in it.
    """

    kind: str
    status: int = 0
    body: str = ""
    payload: Json = None
    body_sent: bytes = b""
    headers_sent: Mapping[str, str] = field(default_factory=dict)
    envelope: Json = None
    ts: str = ""

    @property
    def ok(self) -> bool:
        """Tell whether the app acknowledged it."""
        return self.status == 200

    @property
    def answer(self) -> Json:
        """Return what the app said in its acknowledgement; words without JSON are its text, None is nothing."""
        if not self.body.strip():
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            return {"text": self.body}

    @property
    def trigger_id(self) -> str:
        """Return the trigger that went with it."""
        return str((self.payload or {}).get("trigger_id", ""))

    @property
    def response_url(self) -> str:
        """Return the response address that went with it."""
        return str((self.payload or {}).get("response_url", ""))

    @property
    def event_id(self) -> str:
        """Return the id under which Slack repeats an event."""
        return str((self.payload or {}).get("event_id", ""))


def body_of(kind: str, payload: Json) -> bytes:
    """Return the bytes in which Slack sends a payload of that kind."""
    match kind:
        case "event":
            return json.dumps(payload).encode()
        case "command":
            return urlencode(payload).encode()
        case _:
            return urlencode({"payload": json.dumps(payload)}).encode()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return what stands in X-Slack-Signature."""
    signed = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256)
    return f"v0={signed.hexdigest()}"


class Post:
    """The way by HTTP to the address of the app."""

    def __init__(self, secret: str, wall_clock: Callable[[], float], patience: float) -> None:
        self.address = ""
        self._patience = patience
        self._secret = secret
        self._wall_clock = wall_clock
        self._session: ClientSession | None = None

    def headers(self, kind: str, body: bytes, more: Mapping[str, str]) -> Mapping[str, str]:
        """Return the headers that Slack sends with *body*, freshly signed."""
        timestamp = str(int(self._wall_clock()))
        return {
            "Content-Type": JSON_TYPE if kind == "event" else FORM_TYPE,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
            **more,
        }

    async def send(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """Return the status and the body of the answer; 0 where the app can't be reached or says nothing."""
        if self._session is None:
            # A connection that was kept open would be found dead after the app was started anew.
            connector = TCPConnector(force_close=True)
            self._session = ClientSession(timeout=ClientTimeout(total=self._patience), connector=connector)
        try:
            async with self._session.post(self.address, data=body, headers=dict(headers)) as answer:
                return answer.status, await answer.text()
        except (ClientConnectionError, TimeoutError):
            return 0, ""

    async def close(self) -> None:
        """Close what was kept open."""
        if self._session:
            await self._session.close()
            self._session = None
