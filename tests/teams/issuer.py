"""The fake of those who vouch for Teams and for the bot: signing keys, tokens for what arrives, tokens for the bot."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

Json = Any
ISSUER = "https://api.botframework.com"
SECRET = "s3cr3t-of-teams"
TENANT = "7e0b3a5c-0000-4000-8000-00000000face"
SCOPE = f"{ISSUER}/.default"
HOUR = 3600


@cache
def private_key(name: str) -> RSAPrivateKey:
    """Return the key pair called *name*, made once, because making one takes a while."""
    del name
    return generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Signing:
    """A signing key as the key document tells it; *endorsements* None leaves them out."""

    kid: str
    endorsements: tuple[str, ...] | None = ("msteams", "webchat")

    @property
    def private(self) -> RSAPrivateKey:
        """Return the key pair."""
        return private_key(self.kid)

    def as_jwk(self) -> Json:
        """Return the public half."""
        document = {"use": "sig", "x5t": self.kid, "kid": self.kid}
        document |= RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        document.pop("key_ops", None)
        return document if self.endorsements is None else document | {"endorsements": list(self.endorsements)}


@dataclass
class Said:
    """What a document of the issuer says just now, where it is not what it ought to be.

    *gate* holds the answer back until it is set; *asked* is set once somebody has asked.
    """

    status: int = 200
    body: bytes | None = None
    gate: asyncio.Event | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    headers: Mapping[str, str] = field(default_factory=dict)


class Issuer:
    """Microsoft's login, for one bot and on this machine; *now* is its time in seconds.

    Attributes:
        issuer: Who signs what arrives, as tokens name it.
        secret: The bot's secret.
        keys: What the key document tells; `rotate` changes it.
        metadata, key_document, tokens: How each address answers; tests make it odd, broken or slow.
        fetched: Paths that were asked for, oldest first.
        asked: The forms that the bot sent for its own tokens.
        lifetime: Seconds that those tokens are good for.
    """

    def __init__(self, app_id: str, now: Callable[[], float], *, secret: str = SECRET, tenant: str = TENANT) -> None:
        self.app_id, self.secret, self.tenant = app_id, secret, tenant
        self.issuer = ISSUER
        self.keys = [Signing("key-1")]
        self.metadata, self.key_document, self.tokens = Said(), Said(), Said()
        self.fetched: list[str] = []
        self.asked: list[Mapping[str, str]] = []
        self.lifetime = HOUR
        self.base_url = ""
        self._now = now
        self._given: dict[str, float] = {}
        self._bearers: dict[tuple[str, str, int], str] = {}
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen on a free port of this machine."""
        server = web.Application()
        server.router.add_get("/v1/.well-known/openidconfiguration", self._tell_metadata)
        server.router.add_get("/v1/.well-known/keys", self._tell_keys)
        server.router.add_post(f"/{self.tenant}/oauth2/v2.0/token", self._give_token)
        self._runner = web.AppRunner(server, shutdown_timeout=1.0, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        """Let go of whoever still waits, and stop listening."""
        for said in (self.metadata, self.key_document, self.tokens):
            if said.gate is not None:
                said.gate.set()
        if self._runner:
            await self._runner.cleanup()

    @property
    def metadata_url(self) -> str:
        """Return the address of the OpenID metadata."""
        return f"{self.base_url}/v1/.well-known/openidconfiguration"

    @property
    def keys_url(self) -> str:
        """Return the address of the key document."""
        return f"{self.base_url}/v1/.well-known/keys"

    @property
    def token_url(self) -> str:
        """Return where the bot gets its own tokens."""
        return f"{self.base_url}/{self.tenant}/oauth2/v2.0/token"

    # For what arrives ------------------------------------------------------------------------

    def bearer(self, service_url: str, **claims: Json) -> str:
        """Return the Authorization of a request from *service_url*; a claim that is None is left out."""
        if claims:
            return f"Bearer {self.token(self.claims(service_url) | claims)}"
        key = (service_url, self.keys[-1].kid, int(self._now() // 60))
        if key not in self._bearers:
            self._bearers = {key: f"Bearer {self.token(self.claims(service_url))}"} | {
                known: bearer for known, bearer in self._bearers.items() if known[2] == key[2]
            }
        return self._bearers[key]

    def claims(self, service_url: str) -> dict[str, Json]:
        """Return what a right token says of a request from *service_url*."""
        now = int(self._now())
        return {"aud": self.app_id, "iss": self.issuer, "nbf": now, "exp": now + HOUR, "serviceurl": service_url}

    def token(
        self,
        claims: Mapping[str, Json],
        *,
        kid: str = "",
        key: Any = None,
        algorithm: str = "RS256",
        headers: Mapping[str, Json] | None = None,
    ) -> str:
        """Return a token that says *claims*, less those that are None; signed by the newest key, if by no other."""
        newest = self.keys[-1]
        given = {name: value for name, value in claims.items() if value is not None}
        header = {"kid": kid or newest.kid, **(headers or {})}
        return jwt.encode(given, newest.private if key is None else key, algorithm=algorithm, headers=header)

    def rotate(self, kid: str, endorsements: tuple[str, ...] | None = ("msteams", "webchat")) -> None:
        """Sign with the key called *kid* from now on, and tell of it instead of the others."""
        self.keys = [Signing(kid, endorsements)]

    # For the bot -----------------------------------------------------------------------------

    def knows(self, authorization: str) -> bool:
        """Tell whether *authorization* is "Bearer" and a token that was given to the bot, and still good."""
        scheme, _, token = authorization.partition(" ")
        return scheme == "Bearer" and self._given.get(token, 0.0) > self._now()

    def revoke(self) -> None:
        """Make worthless what was given so far."""
        self._given.clear()

    # Served ----------------------------------------------------------------------------------

    async def _tell_metadata(self, request: web.Request) -> web.Response:
        return await self._tell(request, self.metadata, {
            "issuer": self.issuer, "authorization_endpoint": "https://invalid.botframework.com",
            "jwks_uri": self.keys_url, "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        })  # fmt: skip

    async def _tell_keys(self, request: web.Request) -> web.Response:
        return await self._tell(request, self.key_document, {"keys": [key.as_jwk() for key in self.keys]})

    async def _tell(self, request: web.Request, said: Said, document: Json) -> web.Response:
        self.fetched.append(request.path)
        said.asked.set()
        if said.gate is not None:
            await said.gate.wait()
        body = json.dumps(document).encode() if said.body is None else said.body
        headers = {"Content-Type": "application/json; charset=utf-8", **said.headers}
        return web.Response(status=said.status, body=body, headers=headers)

    async def _give_token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append(form)
        if self.tokens.status != 200 or self.tokens.body is not None:
            return await self._tell(request, self.tokens, {"error": "temporarily_unavailable"})
        if refusal := self._refusal(form):
            status, error, number = refusal
            return await self._tell(request, Said(status, gate=self.tokens.gate), {
                "error": error, "error_description": f"AADSTS{number}: no token for that.", "error_codes": [number],
                "timestamp": "2026-11-23 09:00:00Z", "trace_id": "0-trace", "correlation_id": "0-correlation",
            })  # fmt: skip
        token = f"bot-token-{len(self.asked)}"
        self._given[token] = self._now() + self.lifetime
        return await self._tell(request, self.tokens, {
            "token_type": "Bearer", "expires_in": self.lifetime, "ext_expires_in": self.lifetime, "access_token": token,
        })  # fmt: skip

    def _refusal(self, form: Mapping[str, str]) -> tuple[int, str, int] | None:
        if form.get("grant_type") != "client_credentials":
            return 400, "unsupported_grant_type", 70003
        if form.get("client_id") != self.app_id:
            return 400, "unauthorized_client", 700016
        if form.get("client_secret") != self.secret:
            return 401, "invalid_client", 7000215
        if form.get("scope") != SCOPE:
            return 400, "invalid_scope", 70011
        return None
