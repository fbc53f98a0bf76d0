"""The one way to call Teams: the Bot Connector's REST interface, each call tried once and its failures sorted."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.conversation.events import Json
from bot.platforms.proxies import proxy_for
from bot.platforms.recent import Recent
from bot.platforms.teams.credentials import Credentials
from bot.platforms.teams.hosts import ServiceHosts
from bot.platforms.teams.replies import UNAUTHORIZED, Passing, TeamsRefusal, read_object, trouble_in
from bot.platforms.trouble import OutcomeUnknown, PlatformTrouble

TIMEOUT_SECONDS = 10
AT_ONCE = 50
PAGES = 50
PAGE = 500
FORBIDDEN_HOST = "forbidden_host"
_BROKEN = (aiohttp.ClientError, TimeoutError, OSError, ValueError)

log = logging.getLogger("smpolicy.teams")


class Connector:
    """Calls the service address of a conversation in the bot's name; `open` comes before any call.

    A service address that is not allowed is never called. Every call raises:
        Busy: It was not done, because there are too many calls.
        Passing: It was most likely not done, and works soon.
        OutcomeUnknown: Nobody can tell whether it was done.
        TeamsRefusal: It was not done, and why.
    """

    def __init__(self, credentials: Credentials, hosts: ServiceHosts, *, seconds: float = TIMEOUT_SECONDS) -> None:
        """Make the connector; a call ends without an answer after *seconds*."""
        self._credentials = credentials
        self._hosts = hosts
        self._seconds = seconds
        # Whoever waits for a connection must not be taken for somebody who waits for an answer.
        self._free = asyncio.Semaphore(AT_ONCE)
        self._session: aiohttp.ClientSession | None = None
        self._proxies: Recent[str, str | None] = Recent()

    async def open(self) -> None:
        """Make the session that all calls share; doing so again changes nothing."""
        if self._session is None or self._session.closed:
            # The session does not read proxies from the environment itself: it would do so for every call, in a thread.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                timeout=aiohttp.ClientTimeout(total=self._seconds),
                cookie_jar=aiohttp.DummyCookieJar(),
            )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._credentials.close()
        if self._session is not None:
            await self._session.close()

    async def send(self, service_url: str, conversation: str, activity: Json) -> str:
        """Say *activity* and return its id, or "" where Teams gives it none."""
        said = await self._call("POST", service_url, f"{quote(conversation, safe='')}/activities", activity)
        id = said.get("id")
        return id if isinstance(id, str) else ""

    async def update(self, service_url: str, conversation: str, activity_id: str, activity: Json) -> None:
        """Show *activity* in the stead of what the bot said before."""
        await self._call("PUT", service_url, _path_of(conversation, activity_id), activity)

    async def delete(self, service_url: str, conversation: str, activity_id: str) -> None:
        """Take back what the bot said before."""
        await self._call("DELETE", service_url, _path_of(conversation, activity_id))

    async def create(self, service_url: str, parameters: Json) -> str:
        """Open a conversation, or find the one there is, and return its id."""
        id = (await self._call("POST", service_url, "", parameters)).get("id")
        if not isinstance(id, str) or not id:
            raise OutcomeUnknown("no conversation")
        return id

    async def member(self, service_url: str, conversation: str, user: str) -> Mapping[str, Json]:
        """Return what Teams says of one member of a conversation; *user* is either of their ids."""
        return await self._call("GET", service_url, f"{quote(conversation, safe='')}/members/{quote(user, safe='')}")

    async def members(self, service_url: str, conversation: str) -> list[Json]:
        """Return what Teams says of each member of a conversation, of the first 25,000."""
        listed: list[Json] = []
        path = f"{quote(conversation, safe='')}/pagedmembers?pageSize={PAGE}"
        token = ""
        for _ in range(PAGES):
            page = await self._call("GET", service_url, path + (f"&continuationToken={token}" if token else ""))
            members, following = page.get("members"), page.get("continuationToken")
            if not isinstance(members, list):
                raise OutcomeUnknown("no members")
            listed += members
            token = quote(following, safe="") if isinstance(following, str) else ""
            if not token:
                break
        return listed

    # Calling ---------------------------------------------------------------------------------

    async def _call(self, method: str, service_url: str, path: str, content: Json = None) -> Mapping[str, Json]:
        if not self._hosts.allows(service_url):
            log.error("not called, because its host is not allowed: %.100r", service_url)
            raise TeamsRefusal(0, FORBIDDEN_HOST)
        url = URL(f"{service_url.rstrip('/')}/v3/conversations{path and '/'}{path}", encoded=True)
        body = None if content is None else as_bytes(content)
        token = await self._credentials.token()
        try:
            return await self._asked(method, url, body, token)
        except TeamsRefusal as refusal:
            if refusal.status != UNAUTHORIZED:
                raise
            # It may have been withdrawn before its time.
            self._credentials.reject(token)
            another = await self._credentials.token()
            if another == token:
                raise
        return await self._asked(method, url, body, another)

    async def _asked(self, method: str, url: URL, body: bytes | None, token: str) -> Mapping[str, Json]:
        assert self._session is not None, "open comes first"
        trouble: PlatformTrouble | None
        try:
            async with (
                self._free,
                self._session.request(
                    method, url, data=body, headers=_headers(token), proxy=self._proxy(url), allow_redirects=False
                ) as response,
            ):
                answer = await response.read()
                trouble = trouble_in(response.status, response.headers, answer)
        except aiohttp.ClientConnectorError:
            trouble = Passing("not reached")
        except _BROKEN:
            trouble = OutcomeUnknown("no answer")
        # Raised out here, so that the library's error, which quotes the address, is not part of it.
        if trouble is not None:
            raise trouble
        return _read(answer)

    def _proxy(self, url: URL) -> str | None:
        place = f"{url.scheme}://{url.authority}"
        if place not in self._proxies:
            self._proxies[place] = proxy_for(place)
        return self._proxies[place]


def as_bytes(content: Json) -> bytes:
    """Return *content* as it goes over the wire."""
    # A lone half of a pair has no bytes; drawing takes them out, so that this is for what comes from elsewhere.
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _read(answer: bytes) -> Mapping[str, Json]:
    """Return what Teams says of what it did; some calls are answered with nothing at all."""
    said = read_object(answer)
    if answer.strip() and not said and answer.strip() != b"{}":
        raise OutcomeUnknown("an answer that can't be read")
    return said


def _path_of(conversation: str, activity_id: str) -> str:
    return f"{quote(conversation, safe='')}/activities/{quote(activity_id, safe='')}"


def _headers(token: str) -> dict[str, str]:
    headers = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
    return {**headers, "Authorization": f"Bearer {token}"} if token else headers
