"""The keys that Microsoft signs its requests with: fetched without blocking anybody, and kept for a day."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import PyJWTError

from bot.conversation.events import Json
from bot.platforms.afterwards import Afterwards
from bot.platforms.guard import is_loopback
from bot.platforms.shared import SharedCalls
from bot.platforms.trouble import PlatformTrouble
from bot.ports import Clock

FRESH = timedelta(days=1)
OLDEST = timedelta(days=2)
PAUSE = timedelta(minutes=1)
SHORT_PAUSE = timedelta(seconds=5)
TIMEOUT_SECONDS = 10
MOST_BYTES = 1_000_000
FEWEST_BITS, MOST_BITS = 2048, 16384
_FETCHING = "fetching Microsoft's signing keys"

log = logging.getLogger("smpolicy.teams")


class KeysUnavailable(PlatformTrouble):
    """No key could be fetched yet, so that nobody can tell who calls."""


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """A public key, and the channels that whoever signs with it may speak for."""

    public: RSAPublicKey
    endorsements: frozenset[str]


class SigningKeys:
    """The keys told at *openid_url*; `open` comes before any question, and `close` once for each `open`.

    They are fetched anew after a day, and for an id that is not among them, but at most once a minute. Where that fails
    the old ones are kept.
    """

    def __init__(self, openid_url: str, clock: Clock) -> None:
        self._openid_url = openid_url
        self._clock = clock
        self._keys: Mapping[str, Key] = {}
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._calls = SharedCalls()
        self._afterwards = Afterwards()
        self._session: aiohttp.ClientSession | None = None
        self._opened = 0

    async def open(self) -> None:
        """Begin to fetch the keys, without waiting for them, unless somebody has begun already."""
        self._opened += 1
        if self._opened > 1:
            return
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS), cookie_jar=aiohttp.DummyCookieJar(), trust_env=True
        )
        self._afterwards.do(_FETCHING, self._asked())

    async def close(self) -> None:
        """Let go of the connections, once nobody needs them."""
        self._opened -= 1
        if self._opened > 0:
            return
        await self._calls.close()
        await self._afterwards.close(0)
        if self._session is not None:
            await self._session.close()

    async def key(self, kid: str) -> Key | None:
        """Return the key called *kid*, or None where Microsoft tells of none.

        Raises:
            KeysUnavailable: No keys were ever fetched.
        """
        age = self._since(self._fetched_at)
        if kid not in self._keys or age > OLDEST:
            await self._asked()
        elif age > FRESH and self._may_ask():
            self._afterwards.do(_FETCHING, self._asked())
        if not self._keys:
            raise KeysUnavailable("no signing keys")
        return self._keys.get(kid)

    async def _asked(self) -> None:
        """Fetch the keys, or wait for whoever does."""
        if self._calls.running(_FETCHING) or self._may_ask():
            await self._calls.call(_FETCHING, self._fetch)

    def _may_ask(self) -> bool:
        return self._since(self._tried_at) >= (PAUSE if self._keys else SHORT_PAUSE)

    def _since(self, moment: datetime | None) -> timedelta:
        # A clock that was set back must not keep the keys for ever.
        return abs(self._clock.now() - moment) if moment is not None else timedelta.max

    async def _fetch(self) -> None:
        self._tried_at = self._clock.now()
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                metadata = await self._document(self._openid_url)
                keys = read_keys(await self._document(self._address_in(metadata)))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError) as error:
            log.warning("Microsoft's signing keys could not be fetched: %s", type(error).__name__)
            return
        self._keys, self._fetched_at = keys, self._tried_at

    async def _document(self, url: str) -> Mapping[str, Json]:
        """Return the JSON object at *url*; raises what a broken one raises."""
        assert self._session is not None, "open comes first"
        async with self._session.get(url, allow_redirects=False, raise_for_status=True) as response:
            if response.status != HTTPStatus.OK:
                raise ValueError("sent elsewhere")
            body = bytearray()
            async for part in response.content.iter_any():
                body += part
                if len(body) > MOST_BYTES:
                    raise ValueError("too large")
        document: Json = json.loads(body)
        if not isinstance(document, dict):
            raise ValueError("no object")
        return document

    def _address_in(self, metadata: Mapping[str, Json]) -> str:
        """Return where the keys are; whoever gave the metadata over TLS can't send the bot elsewhere without it."""
        address = metadata.get("jwks_uri")
        if not isinstance(address, str):
            raise ValueError("no address of the keys")
        if address.startswith("https://") or (_is_here(address) and _is_here(self._openid_url)):
            return address
        raise ValueError("an address of the keys that anybody could answer")


class KeyRing:
    """The keys of each address, for schools that are told them together."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._keys: dict[str, SigningKeys] = {}

    def of(self, openid_url: str) -> SigningKeys:
        """Return the keys told at *openid_url*."""
        return self._keys.setdefault(openid_url, SigningKeys(openid_url, self._clock))


def read_keys(document: Mapping[str, Json]) -> Mapping[str, Key]:
    """Return the RSA keys of a key document by their ids; what can't be used is left out.

    Raises:
        ValueError: There is none that can be used.
    """
    listed = document.get("keys")
    entries = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    keys = {entry["kid"]: key for entry in entries if isinstance(entry.get("kid"), str) and (key := _read(entry))}
    if not keys:
        raise ValueError("no keys")
    return keys


def _read(entry: Mapping[str, Json]) -> Key | None:
    if entry.get("use", "sig") != "sig":
        return None
    try:
        public = RSAAlgorithm.from_jwk({name: entry[name] for name in ("kty", "n", "e")})
    except (PyJWTError, ValueError, TypeError, AttributeError, KeyError):
        return None
    if not isinstance(public, RSAPublicKey) or not FEWEST_BITS <= public.key_size <= MOST_BITS:
        return None
    endorsed = entry.get("endorsements")
    channels = endorsed if isinstance(endorsed, list) else []
    return Key(public, frozenset(each for each in channels if isinstance(each, str)))


def _is_here(url: str) -> bool:
    address = urlsplit(url)
    return address.scheme == "http" and is_loopback(address.hostname or "")
