"""How the bot proves to Teams who it is: a token for its secret, or for the identity of the machine it runs on."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import quote

import aiohttp
import msal
import requests

from bot.conversation.events import Json
from bot.platforms.shared import SharedCalls
from bot.platforms.teams.replies import UNAUTHORIZED, Passing, TeamsRefusal, as_code, read_object
from bot.platforms.trouble import Busy, PlatformTrouble, wait
from bot.ports import Clock
from bot.settings.shapes import TeamsAccess, TeamsAppType

TIMEOUT_SECONDS = 10
LOGIN = "https://login.microsoftonline.com"
EARLY = timedelta(minutes=5)
SHORT_LIFE = timedelta(minutes=10)
LONGEST_LIFE = timedelta(days=1)
AFTER_REFUSAL = timedelta(minutes=1)
NO_IDENTITY = "managed_identity"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_TOKEN = re.compile(r"[!-~]{1,20000}")
_PASSING = frozenset({"server_error", "temporarily_unavailable"})


class Credentials(Protocol):
    """Where the bot's tokens come from."""

    async def token(self) -> str:
        """Return the token that a call carries, or "" where nobody asks for one.

        Raises:
            PlatformTrouble: There is none.
        """

    def reject(self, token: str) -> None:
        """Get another one the next time, because Teams does not take *token*."""

    async def close(self) -> None:
        """End what is under way."""


def credentials_of(access: TeamsAccess, clock: Clock) -> Credentials:
    """Return the credentials that *access* asks for."""
    if not access.authenticated:
        return Anonymous()
    if access.app_type is TeamsAppType.MANAGED_IDENTITY:
        return ManagedIdentity(access, clock)
    return ClientSecret(access, clock)


class Anonymous:
    """No credentials, for a connector on this machine."""

    async def token(self) -> str:
        """Return nothing."""
        return ""

    def reject(self, token: str) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""


class _Kept:
    """Keeps a token until shortly before it ends; whoever needs one meanwhile waits for the same new one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls = SharedCalls()
        self._token = ""
        self._fresh_until = self._good_until = self._replaced = _LONG_AGO
        self._refusal: TeamsRefusal | None = None
        self._ask_again = _LONG_AGO

    async def token(self) -> str:
        """Return the token that a call carries."""
        if self._clock.now() >= self._fresh_until:
            await self._calls.call("token", self._renew)
        if not self._token:
            raise Passing("the token was withdrawn meanwhile")
        return self._token

    def reject(self, token: str) -> None:
        """Get another one the next time, unless there is one already, or the last one was not taken either."""
        now = self._clock.now()
        if token == self._token and now >= self._replaced + AFTER_REFUSAL:
            self._token, self._replaced = "", now
            self._fresh_until = self._good_until = _LONG_AGO

    async def close(self) -> None:
        """End what is under way."""
        await self._calls.close()

    async def _renew(self) -> None:
        try:
            await self._fetch()
        except PlatformTrouble:
            # Asked for early, so that the old one is still good while that passes.
            if self._clock.now() >= self._good_until:
                raise

    async def _fetch(self) -> None:
        now = self._clock.now()
        if now < self._ask_again:
            if self._refusal is not None:
                raise TeamsRefusal(self._refusal.status, self._refusal.code)
            raise Busy((self._ask_again - now).total_seconds())
        self._refusal = None
        try:
            token, lasts = read_token(await self._issued())
        except TeamsRefusal as refusal:
            self._refusal, self._ask_again = refusal, self._clock.now() + AFTER_REFUSAL
            raise
        except Busy as busy:
            self._ask_again = self._clock.now() + timedelta(seconds=busy.retry_after)
            raise
        self._token, self._good_until = token, now + lasts
        self._fresh_until = now + max(lasts - EARLY, lasts / 2)

    async def _issued(self) -> Mapping[str, Json]:
        """Return what the issuer answers where it gives a token."""
        raise NotImplementedError


class ClientSecret(_Kept):
    """A token for the bot's id and secret, from Microsoft's login."""

    def __init__(self, access: TeamsAccess, clock: Clock) -> None:
        super().__init__(clock)
        self._url = access.token_url or f"{LOGIN}/{quote(access.tenant, safe='')}/oauth2/v2.0/token"
        self._form = {
            "grant_type": "client_credentials",
            "client_id": access.app_id,
            "client_secret": access.app_password,
            "scope": f"{access.issuer}/.default",
        }

    async def _issued(self) -> Mapping[str, Json]:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), trust_env=True) as session,
                session.post(self._url, data=self._form, allow_redirects=False) as response,
            ):
                return _granted(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            pass
        raise Passing("no answer from the login")


class ManagedIdentity(_Kept):
    """A token for the identity that Azure gives the machine; Microsoft's library knows where each kind asks for it."""

    def __init__(self, access: TeamsAccess, clock: Clock) -> None:
        super().__init__(clock)
        self._identity = msal.UserAssignedManagedIdentity(client_id=access.app_id)
        self._resource = access.issuer

    async def _issued(self) -> Mapping[str, Json]:
        return await asyncio.to_thread(self._ask)

    def _ask(self) -> Mapping[str, Json]:
        # Made anew each time: its own cache would go on giving out a token that Teams does not take.
        with _MachineSession() as session:
            client = msal.ManagedIdentityClient(self._identity, http_client=session)
            try:
                answer = client.acquire_token_for_client(resource=self._resource)
            except (requests.RequestException, OSError, ValueError, TypeError, AttributeError):
                answer = None
            except msal.ManagedIdentityError:
                answer = {"error": NO_IDENTITY}
        if not isinstance(answer, dict):
            raise Passing("no answer from the machine")
        if "access_token" not in answer:
            raise TeamsRefusal(UNAUTHORIZED, NO_IDENTITY)
        return answer


class _MachineSession(requests.Session):
    """Asks the machine, never through a proxy, and never for long."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, *args: Json, **kwargs: Json) -> requests.Response:
        """Ask, and sort out what passes, because the library takes all for a refusal."""
        response = super().request(*args, **{"timeout": TIMEOUT_SECONDS, **kwargs})
        if response.status_code == 429:
            raise Busy(wait(response.headers.get("Retry-After")))
        if response.status_code >= 500:
            raise Passing(f"the machine answered {response.status_code}")
        return response


def read_token(answer: Mapping[str, Json]) -> tuple[str, timedelta]:
    """Return the token of an issuer's answer and how long it is good for; raises Passing where there is none."""
    token = answer.get("access_token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise Passing("no token in the answer")
    try:
        seconds = float(answer.get("expires_in", ""))
    except (TypeError, ValueError):
        return token, SHORT_LIFE
    if not math.isfinite(seconds) or seconds <= 0:
        return token, SHORT_LIFE
    return token, min(timedelta(seconds=min(seconds, LONGEST_LIFE.total_seconds())), LONGEST_LIFE)


def _granted(status: int, headers: Mapping[str, str], body: bytes) -> Mapping[str, Json]:
    """Return what the login answered where it gave a token; else raise why not."""
    said = read_object(body)
    if status == 200:
        return said
    if status == 429:
        raise Busy(wait(headers.get("Retry-After")))
    code = as_code(said.get("error"))
    if not 400 <= status < 500 or not code or code in _PASSING:
        raise Passing(f"the login answered {status}")
    raise TeamsRefusal(UNAUTHORIZED, _number(said) or code)


def _number(said: Mapping[str, Json]) -> str:
    """Return the login's own number of a refusal, which says more than its word: `AADSTS7000222`."""
    numbers = said.get("error_codes")
    first = numbers[0] if isinstance(numbers, list) and numbers else None
    return f"AADSTS{first}" if isinstance(first, int) and 0 < first < 10**9 else ""
