"""What Teams sends to the app, signed by the issuer, and what came back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from tests.teams.issuer import Issuer
from tests.teams.strict_answers import ERROR, is_answer

Json = Any


@dataclass(frozen=True, slots=True)
class Attempt:
    """One time that an activity was sent: the status of HTTP, 0 where no answer came, and the body."""

    status: int
    body: str
    content_type: str = ""

    def is_lost(self, kind: str) -> bool:
        """Tell whether Teams sends it again: no answer came, one that says nothing, or that the app is in trouble."""
        return self.status == 0 or self.status >= 500 or (self.status == 200 and not is_answer(kind, self.body))


@dataclass(frozen=True, slots=True)
class Delivery:
    """An activity that was sent to the app, and its answer.

    *kind* is the name of an invoke, else the type of the activity, and "none" where nothing was to be sent.
    """

    kind: str
    activity: Json = None
    attempts: tuple[Attempt, ...] = ()

    @property
    def status(self) -> int:
        """Return the last status of HTTP, 0 where no answer came."""
        return self.attempts[-1].status if self.attempts else 0

    @property
    def body(self) -> str:
        """Return the body of the last answer."""
        return self.attempts[-1].body if self.attempts else ""

    @property
    def ok(self) -> bool:
        """Tell whether the app took it."""
        return 200 <= self.status < 300

    @property
    def answer(self) -> Json:
        """Return the last answer as JSON; None is nothing, and what is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def error(self) -> tuple[str, str] | None:
        """Return code and message where an action was refused, None where it was not."""
        match self.answer:
            case {"type": str(kind), "value": {"code": code, "message": message}} if kind == ERROR:
                return str(code), str(message)
            case _:
                return None

    @property
    def id(self) -> str:
        """Return the id of the activity."""
        return str((self.activity or {}).get("id", ""))


@dataclass
class Post:
    """The way by HTTP to the address of the app.

    Attributes:
        address: Where the app listens.
        patience: Seconds that are real, in which an answer has to come.
        issuer: Who signs; None signs nothing, as the Agents Playground.
        service_url: What the signature says of where activities come from.
    """

    issuer: Issuer | None
    patience: float
    address: str = ""
    service_url: str = ""
    _session: ClientSession | None = field(default=None, repr=False)

    def headers(self) -> dict[str, str]:
        """Return the headers of an activity, freshly signed."""
        signed = {"Authorization": self.issuer.bearer(self.service_url)} if self.issuer else {}
        return {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Microsoft-SkypeBotApi", **signed}

    async def send(self, body: bytes, headers: Mapping[str, str]) -> Attempt:
        """Return the answer; its status is 0 where the app can't be reached or says nothing in time."""
        if self._session is None:
            # A connection that was kept open would be found dead after the app was started anew.
            self._session = ClientSession(connector=TCPConnector(force_close=True))
        limit = ClientTimeout(total=self.patience)
        try:
            async with self._session.post(self.address, data=body, headers=dict(headers), timeout=limit) as answer:
                return Attempt(answer.status, await answer.text(), answer.content_type)
        except (ClientError, TimeoutError):
            return Attempt(0, "")

    async def deliver(self, kind: str, activity: Json, times: int) -> tuple[Attempt, ...]:
        """Send *activity* until an answer comes, at most so many times, and return all attempts."""
        body = json.dumps(activity).encode()
        attempts: list[Attempt] = []
        while not attempts or (attempts[-1].is_lost(kind) and len(attempts) < times):
            attempts.append(await self.send(body, self.headers()))
        return tuple(attempts)

    async def close(self) -> None:
        """Close what was kept open."""
        if self._session:
            await self._session.close()
            self._session = None
