"""What the token of a request says, and whether Microsoft has signed it for this bot and for just now."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jwt.api_jws import PyJWS
from jwt.exceptions import PyJWTError

from bot.conversation.events import Json
from bot.platforms.recent import Recent
from bot.platforms.teams.keys import Key, SigningKeys
from bot.ports import Clock

LEEWAY_SECONDS = 300
ALGORITHM = "RS256"
_BEARER = re.compile(r"Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)", re.ASCII)
_SIGNATURES = PyJWS([ALGORITHM])


class NotProven(Exception):
    """A request that nobody vouches for; why is for the log, and holds nothing of the request."""


@dataclass(frozen=True, slots=True)
class Passport:
    """What a token vouches for: the address to answer at, and the channels that the signer may speak for."""

    service_url: str
    endorsements: frozenset[str]

    def fits(self, activity: Mapping[str, Json]) -> bool:
        """Tell whether *activity* is of such a channel and from that address, to the letter."""
        return activity.get("channelId") in self.endorsements and activity.get("serviceUrl") == self.service_url


@dataclass(frozen=True, slots=True)
class _Token:
    """What a token says of itself; moments are seconds since 1970."""

    kid: str
    audience: str
    issuer: str
    not_before: float
    expires: float
    service_url: str


class Passports:
    """Judges tokens for the bot called *app_id*; a signature is checked once, everything else at each request."""

    def __init__(self, app_id: str, issuer: str, keys: SigningKeys, clock: Clock) -> None:
        self._app_id = app_id.lower()
        self._issuer = issuer
        self._keys = keys
        self._clock = clock
        self._believed: Recent[bytes, tuple[_Token, Key]] = Recent()

    async def passport(self, authorizations: Sequence[str]) -> Passport:
        """Return what the one Authorization header of a request proves.

        Raises:
            NotProven: It proves nothing, or there is not just one.
            KeysUnavailable: Nobody can tell, because no signing keys could be fetched.
        """
        found = _BEARER.fullmatch(authorizations[0]) if len(authorizations) == 1 else None
        if found is None:
            raise NotProven("no token")
        fingerprint = hashlib.sha256(found[1].encode()).digest()
        token, believed = self._believed.get(fingerprint, (None, None))
        token = token or _read(found[1])
        self._is_meant(token)
        key = await self._keys.key(token.kid)
        if key is None:
            raise NotProven("signed with a key that Microsoft does not tell of")
        # A key that was told of anew has to fit anew.
        if key is not believed:
            _verify(found[1], key)
            self._believed[fingerprint] = token, key
        return Passport(token.service_url, key.endorsements)

    def _is_meant(self, token: _Token) -> None:
        if token.issuer != self._issuer:
            raise NotProven("another issuer")
        if token.audience.lower() != self._app_id:
            raise NotProven("meant for another bot than MICROSOFT_APP_ID")
        if not token.not_before - LEEWAY_SECONDS <= self._clock.now().timestamp() <= token.expires + LEEWAY_SECONDS:
            raise NotProven("not valid now")


def _read(encoded: str) -> _Token:
    """Return what *encoded* says, whoever may have written it."""
    try:
        parts = _SIGNATURES.decode_complete(encoded, options={"verify_signature": False})
        claims: Json = json.loads(parts["payload"])
    except (PyJWTError, ValueError, RecursionError):
        raise NotProven("unreadable") from None
    header = parts["header"]
    given = claims if isinstance(claims, dict) else {}
    texts = [header.get("kid"), *(given.get(name) for name in ("aud", "iss", "serviceurl"))]
    moments = [given.get("nbf", 0), given.get("exp")]
    if header.get("alg") != ALGORITHM or "crit" in header:
        raise NotProven("signed in another way")
    if not all(isinstance(each, str) and each for each in texts) or not all(_is_moment(each) for each in moments):
        raise NotProven("without all that a token has to say")
    kid, audience, issuer, service_url = texts
    not_before, expires = moments
    return _Token(kid, audience, issuer, not_before, expires, service_url)


def _verify(encoded: str, key: Key) -> None:
    try:
        _SIGNATURES.decode_complete(encoded, key.public, algorithms=[ALGORITHM])
    except (PyJWTError, ValueError, TypeError):
        raise NotProven("not signed with that key") from None


def _is_moment(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
