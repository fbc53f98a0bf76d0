"""The one way to call Slack: its Web API and its response URLs, each tried once and its failures sorted."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from yarl import URL

from bot.conversation.events import Json
from bot.platforms.proxies import proxy_for
from bot.platforms.slack.quiet import quiet_logger
from bot.platforms.trouble import USUAL_WAIT, Busy, OutcomeUnknown, PlatformTrouble, wait

TIMEOUT_SECONDS = 10
PAGES = 50
# Slack says of the first three that part of the work may have been done, and of the others that they pass.
_PASSING = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable", "team_added_to_org"})
_TOO_FAST = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
# The library meets a body that is no JSON object with a ValueError or an AttributeError.
_BROKEN = (aiohttp.ClientError, TimeoutError, OSError, ValueError, AttributeError)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,79}")
_SCOPES = re.compile(r"[a-z][a-z._:, -]{0,199}")


class SlackRefusal(PlatformTrouble):
    """Slack said no.

    Attributes:
        code: Slack's own word for the reason, such as `not_in_channel`.
        needed: For `missing_scope`: the permissions that the app lacks, or "".
    """

    def __init__(self, code: str, needed: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.needed = needed


class SlackApi:
    """Slack's Web API for one bot token; `open` comes before any call.

    Attributes:
        client: The library's client, for whoever needs one; it does not retry either.
    """

    def __init__(self, token: str, url: str = "https://slack.com/api/") -> None:
        self.client = AsyncWebClient(
            token=token,
            base_url=url,
            timeout=TIMEOUT_SECONDS,
            logger=quiet_logger(),
            retry_handlers=[],
        )
        # The library takes a proxy from the environment for every address; this one minds `no_proxy` as well.
        self.client.proxy = proxy_for(url)
        self._proxy_of_responses = cache(proxy_for)

    async def open(self) -> None:
        """Make the session that all calls share; doing so again changes nothing."""
        if self.client.session is None or self.client.session.closed:
            self.client.session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )

    async def close(self) -> None:
        """Let go of the connections."""
        if self.client.session is not None:
            await self.client.session.close()

    async def call(self, method: str, **arguments: Json) -> Mapping[str, Json]:
        """Call *method* once and return what Slack answered; arguments that are None are left out.

        Raises:
            Busy: It was not done, because there are too many calls.
            OutcomeUnknown: Nobody can tell whether it was done.
            SlackRefusal: It was not done, and why.
        """
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            # Methods that only read take no JSON, those that write structures nothing else.
            if any(isinstance(value, dict | list) for value in given.values()):
                response = await self.client.api_call(method, json=given)
            else:
                response = await self.client.api_call(method, data={name: _flat(given[name]) for name in given})
        except SlackApiError as error:
            trouble = _trouble(error.response)
        except _BROKEN:
            trouble = OutcomeUnknown(f"no answer to {method}")
        else:
            if isinstance(response.data, dict):
                return response.data
            trouble = OutcomeUnknown(f"no answer to {method}")
        # Raised out here, so that the library's error, which quotes the answer, is not part of it.
        raise trouble

    async def pages(self, method: str, key: str, *, at_most: int = PAGES, **arguments: Json) -> list[Json]:
        """Return what *method* lists under *key*, of the first *at_most* pages; raises as `call` does."""
        listed: list[Json] = []
        cursor = None
        for _ in range(at_most):
            page = await self.call(method, cursor=cursor, **arguments)
            listed += page.get(key) or []
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        return listed

    async def respond(self, response_url: str, body: Json) -> None:
        """Post *body* to a response URL once; raises as `call` does."""
        session = self.client.session
        assert session is not None, "open comes first"
        trouble: PlatformTrouble | None
        try:
            proxy = self._proxy_of_responses(str(URL(response_url).origin()))
            async with session.post(response_url, json=body, proxy=proxy, allow_redirects=False) as response:
                trouble = _answered(response.status, response.headers, await response.text())
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            trouble = OutcomeUnknown("no answer to a response")
        if trouble is not None:
            raise trouble


def _flat(value: Json) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _trouble(response: Json) -> PlatformTrouble:
    """Sort the library's response, or aiohttp's own where the body was no JSON."""
    status: int = response.status_code if isinstance(response, AsyncSlackResponse) else response.status
    if status == 429:
        return Busy(wait(response.headers.get("Retry-After")))
    data = getattr(response, "data", None)
    if status >= 500 or not isinstance(data, dict):
        return OutcomeUnknown(f"answered {status}")
    return _refused(data)


def _refused(data: Mapping[str, Json]) -> PlatformTrouble:
    code = data.get("error")
    if not isinstance(code, str) or not _CODE.fullmatch(code) or code in _PASSING:
        return OutcomeUnknown("no reason that can be read")
    if code in _TOO_FAST:
        return Busy(USUAL_WAIT)
    needed = str(data.get("needed") or "")
    return SlackRefusal(code, needed if _SCOPES.fullmatch(needed) else "")


def _answered(status: int, headers: Mapping[str, str], text: str) -> PlatformTrouble | None:
    """Sort the answer of a response URL: `ok`, a bare word, or JSON as the Web API has it."""
    if status == 429:
        return Busy(wait(headers.get("Retry-After")))
    if status >= 500:
        return OutcomeUnknown(f"answered {status}")
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    if isinstance(data, dict) and not data.get("ok"):
        return _refused(data)
    if status == 200:
        return None
    word = text.strip()
    return SlackRefusal(word if _CODE.fullmatch(word) else "unanswered")
