"""Who may come in: what Microsoft vouches for, of the size and the shape that Teams sends, and from an allowed host."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

from bot.conversation.events import Json
from bot.platforms.guard import why_refused
from bot.platforms.teams.hosts import ServiceHosts
from bot.platforms.teams.keys import KeysUnavailable, SigningKeys
from bot.platforms.teams.tokens import NotProven, Passport, Passports
from bot.ports import Clock
from bot.settings.shapes import TeamsAccess

MOST_BYTES = 1_000_000
DEEPEST = 64
CHANNEL, PLAYGROUND = "msteams", "emulator"
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,1000}")
_NAMES = ("type", "id", "channelId", "serviceUrl", "name", "replyToId", "action", "textFormat", "locale")
_NAMES_OF_ACCOUNTS = ("id", "aadObjectId", "tenantId", "conversationType", "role")
_ACCOUNTS = ("conversation", "from", "recipient")
_LISTS = ("attachments", "entities", "membersAdded", "membersRemoved")
_FROM_SOMEBODY = frozenset({"message", "invoke"})
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class TurnedAway(Exception):
    """A request that may not come in: what it is answered, and why, for the log; nothing of it is in either."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class Door:
    """Judges requests; without an app id only those of this machine come in, and nobody has to prove anything."""

    def __init__(self, access: TeamsAccess, keys: SigningKeys, hosts: ServiceHosts, clock: Clock) -> None:
        self._passports = Passports(access.app_id, access.issuer, keys, clock) if access.authenticated else None
        self._channels = {CHANNEL} if access.authenticated else {CHANNEL, PLAYGROUND}
        self._hosts = hosts

    async def admit(self, request: web.Request) -> Mapping[str, Json]:
        """Return the activity that *request* brings; its body is not read before somebody vouches for it.

        Raises:
            TurnedAway: It may not come in.
        """
        if (request.content_length or 0) > MOST_BYTES:
            raise TurnedAway(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
        passport = await self._passport(request)
        activity = read_activity(await _body(request))
        if passport is not None and not passport.fits(activity):
            raise TurnedAway(HTTPStatus.UNAUTHORIZED, "of another channel or address than its token")
        if activity.get("channelId") not in self._channels:
            raise TurnedAway(HTTPStatus.FORBIDDEN, "of another channel than Teams")
        if not self._hosts.allows(activity["serviceUrl"]):
            raise TurnedAway(HTTPStatus.FORBIDDEN, "its service address is not allowed")
        return activity

    async def _passport(self, request: web.Request) -> Passport | None:
        if self._passports is None:
            if why_refused(request):
                raise TurnedAway(HTTPStatus.FORBIDDEN, "not from this machine")
            return None
        try:
            return await self._passports.passport(request.headers.getall("Authorization", []))
        except NotProven as error:
            raise TurnedAway(HTTPStatus.UNAUTHORIZED, str(error)) from None
        except KeysUnavailable:
            raise TurnedAway(HTTPStatus.SERVICE_UNAVAILABLE, "no signing keys yet") from None


async def _body(request: web.Request) -> bytes:
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):
        raise TurnedAway(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not JSON in UTF-8")
    if "Content-Encoding" in request.headers:
        raise TurnedAway(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "compressed")
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise TurnedAway(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large") from None
    except (web.RequestPayloadError, ConnectionError):
        raise TurnedAway(HTTPStatus.BAD_REQUEST, "broken off") from None
    if len(body) > MOST_BYTES:
        raise TurnedAway(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
    return body


def read_activity(body: bytes) -> Mapping[str, Json]:
    """Return the activity that *body* is; whatever names something in it is a string, and whoever acts an object.

    Raises:
        TurnedAway: It is none.
    """
    try:
        activity = _object(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise TurnedAway(HTTPStatus.BAD_REQUEST, "no JSON object") from None
    if not _is_activity(activity):
        raise TurnedAway(HTTPStatus.BAD_REQUEST, "no activity")
    return activity


def _object(text: str) -> Mapping[str, Json]:
    """Return the JSON object in *text*; no depth, number or half a letter of it makes trouble further inside."""
    document: Json = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    if not isinstance(document, dict) or (_may_be_deep(text) and not _is_shallow(document)):
        raise ValueError("no object, or too deep")
    if _ESCAPED_SURROGATE.search(text):
        # Half of a pair can't be written down in UTF-8, so it is replaced, as a browser would.
        whole = json.dumps(document, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
        repaired: Mapping[str, Json] = json.loads(whole.decode("utf-16-le", "replace"))
        return repaired
    return document


def _may_be_deep(text: str) -> bool:
    """Tell at a glance: most have fewer brackets altogether than may be within each other."""
    return text.count("{") + text.count("[") > DEEPEST


def _is_shallow(document: Json) -> bool:
    level: list[Json] = [document]
    for _ in range(DEEPEST):
        nested = (each.values() if isinstance(each, dict) else each for each in level)
        level = [each for values in nested for each in values if isinstance(each, dict | list)]
        if not level:
            return True
    return False


def _is_activity(document: Mapping[str, Json]) -> bool:
    if not all(_is(dict, document.get(name)) for name in (*_ACCOUNTS, "channelData")):
        return False
    accounts = {name: document.get(name) or {} for name in _ACCOUNTS}
    return (
        all(_is_name(document.get(name)) for name in _NAMES)
        and all(_is_name(account.get(name)) for account in accounts.values() for name in _NAMES_OF_ACCOUNTS)
        and all(_is(str, text) for text in (document.get("text"), *(each.get("name") for each in accounts.values())))
        and all(_is(list, document.get(name)) for name in _LISTS)
        and all(isinstance(each, dict) for name in _LISTS for each in document.get(name) or [])
        and bool(document.get("type") and document.get("serviceUrl") and accounts["conversation"].get("id"))
        and bool(accounts["from"].get("id") or document["type"] not in _FROM_SOMEBODY)
    )


def _is(kind: type, value: Json) -> bool:
    return value is None or isinstance(value, kind)


def _is_name(value: Json) -> bool:
    """Tell whether *value* is missing, or a string that something can be found by."""
    return value in (None, "") or (isinstance(value, str) and _NAME.fullmatch(value) is not None)


def _finite(number: str) -> float:
    value = float(number)
    return value if math.isfinite(value) else _refuse(number)


def _refuse(number: str) -> float:
    raise ValueError("a number that can't be counted with")
