"""Authorization headers that Microsoft never sends for this bot, by what is wrong with them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.teams.issuer import HOUR, Issuer, private_key

Json = Any
Headers = list[tuple[str, str]]
UNENDORSED = "key-of-another-channel"


def wrong_headers(issuer: Issuer, service_url: str, now: float) -> dict[str, Headers]:
    """Return the headers, each alike a request from *service_url* that is right in everything else.

    The key document tells of a key more afterwards, which is endorsed for another channel.
    """
    rows: dict[str, Headers] = dict(_without_a_token(issuer, service_url))
    for row in (_with_wrong_claims, _with_wrong_signatures, _with_odd_headers, _with_odd_shapes):
        rows |= {name: _bearing(token) for name, token in row(issuer, issuer.claims(service_url), now)}
    return rows


def _bearing(token: str) -> Headers:
    return [("Authorization", f"Bearer {token}")]


def _without_a_token(issuer: Issuer, service_url: str) -> Iterator[tuple[str, Headers]]:
    right = issuer.bearer(service_url)
    token = right.removeprefix("Bearer ")
    yield "nothing", []
    for name, value in (
        ("an empty header", ""), ("an empty bearer", "Bearer "), ("a bearer without a token", "Bearer"),
        ("Basic", "Basic YXBwOnNlY3JldA=="), ("the token as Basic", f"Basic {token}"), ("the token alone", token),
        ("garbage", "Bearer garbage"), ("dots", "Bearer .."), ("spaces", f"Bearer  {token}"),
        ("two tokens", f"{right} {token}"), ("two tokens by comma", f"{right}, {right}"),
        ("letters that are none", f"Bearer {token}é"), ("bytes that are no text", f"Bearer {token}\udcff"),
        ("padding", f"Bearer {token}=="), ("a header too many", f"Bearer {token}.{token}"),
        ("eight thousand letters", f"Bearer {'a' * 2_600}.{'a' * 2_600}.{'a' * 2_600}"),
    ):  # fmt: skip
        yield name, [("Authorization", value)]
    yield "a second header", [("Authorization", right), ("Authorization", right)]
    yield "a second header that is empty", [("Authorization", right), ("authorization", "")]
    yield "an empty header before the right one", [("Authorization", ""), ("Authorization", right)]
    yield "the token in another header", [("X-Authorization", right), ("Cookie", f"Authorization={token}")]


def _with_wrong_claims(issuer: Issuer, claims: Mapping[str, Json], now: float) -> Iterator[tuple[str, str]]:
    right = _part({"alg": "RS256", "kid": issuer.keys[-1].kid})

    def said(**changed: Json) -> str:
        given = {name: value for name, value in {**claims, **changed}.items() if value is not None}
        return _signed(issuer, right, _part(given))

    yield "expired", said(nbf=int(now) - HOUR - 600, exp=int(now) - 600)
    yield "expired just beyond what clocks may differ by", said(exp=int(now) - 301)
    yield "not valid yet", said(nbf=int(now) + 301)
    yield "another audience", said(aud="11111111-2222-4333-8444-555555555555")
    yield "the issuer as audience", said(aud=issuer.issuer)
    yield "another issuer", said(iss="https://sts.windows.net/7e0b3a5c-0000-4000-8000-00000000face/")
    yield "the issuer with a slash", said(iss=f"{issuer.issuer}/")
    yield "another service address", said(serviceurl="https://smba.trafficmanager.net/elsewhere/")
    yield "the service address without its slash", said(serviceurl=claims["serviceurl"].rstrip("/"))
    yield "the service address in capitals", said(serviceurl=claims["serviceurl"].upper())
    for name in ("aud", "iss", "exp", "serviceurl"):
        yield f"no {name}", said(**{name: None})
    for name in ("aud", "iss", "serviceurl"):
        right_one, no_text = claims[name], (1, True, "")
        no_names: tuple[Json, ...] = ([right_one], {right_one: right_one}, *no_text)
        for odd in no_names:
            yield f"{name} is {odd!r}"[:60], said(**{name: odd})
    no_moment: tuple[Json, ...] = ("", "1795426800", [1], True, {}, float("nan"))
    for odd in (*no_moment, -1, 0, -(10**400), -1e308):
        yield f"exp is {odd!r}"[:60], said(exp=odd)
    for odd in (*no_moment, 10**400, float("inf")):
        yield f"nbf is {odd!r}"[:60], said(nbf=odd)


def _with_wrong_signatures(issuer: Issuer, claims: Mapping[str, Json], now: float) -> Iterator[tuple[str, str]]:
    del now
    newest = issuer.keys[-1]
    public = newest.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, payload, signature = issuer.token(claims).split(".")
    yield "another key", issuer.token(claims, key=private_key("a stranger's"))
    yield "an unknown key id", issuer.token(claims, kid="unknown", key=private_key("a stranger's"))
    yield "a key that is not endorsed for Teams", issuer.token(claims, kid=UNENDORSED, key=private_key(UNENDORSED))
    yield "alg none", f"{_part({'alg': 'none', 'kid': newest.kid, 'typ': 'JWT'})}.{payload}."
    yield (
        "alg none with a signature",
        f"{_part({'alg': 'none', 'kid': newest.kid, 'typ': 'JWT'})}.{payload}.{signature}",
    )
    yield "no signature", f"{head}.{payload}."
    yield "the signature of another token", f"{head}.{_part({**claims, 'jti': '1'})}.{signature}"
    yield "a header that was changed", f"{_part({'alg': 'RS256', 'kid': newest.kid})}.{payload}.{signature}"
    yield "half a signature", f"{head}.{payload}.{signature[: len(signature) // 2]}"
    for secret in (public, b"", issuer.secret.encode()):
        signed = f"{_part({'alg': 'HS256', 'kid': newest.kid, 'typ': 'JWT'})}.{payload}"
        digest = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
        yield f"HS256 with {secret[:12]!r} as its secret", f"{signed}.{_encoded(digest)}"
    for algorithm in ("RS384", "RS512", "PS256"):
        yield f"another algorithm, {algorithm}", issuer.token(claims, algorithm=algorithm)


def _with_odd_headers(issuer: Issuer, claims: Mapping[str, Json], now: float) -> Iterator[tuple[str, str]]:
    """Yield tokens that are signed as they should be, over a header that a right one does not have."""
    del now
    kid = issuer.keys[-1].kid
    for odd in (
        {"alg": "RS256"}, {"alg": "RS256", "kid": ""}, {"alg": "RS256", "kid": None}, {"alg": "RS256", "kid": [kid]},
        {"alg": "RS256", "kid": {kid: kid}}, {"alg": "RS256", "kid": 1}, {"alg": "RS256", "kid": True}, {"kid": kid},
        {"alg": ["RS256"], "kid": kid}, {"alg": None, "kid": kid}, {"alg": "rs256", "kid": kid}, {"alg": 1, "kid": kid},
        {"alg": "RS256", "kid": kid, "crit": ["exp"]}, {"alg": "RS256", "kid": kid, "crit": []},
        {"alg": "RS256", "kid": kid, "crit": "b64"}, {"alg": "RS256", "kid": kid, "crit": ["b64"], "b64": True},
        {"alg": "RS256", "kid": kid, "crit": ["b64"], "b64": False}, {"alg": "RS256", "kid": kid, "b64": False},
        {"alg": "RS256", "kid": f"{kid}\0"}, {"alg": "RS256", "kid": f"../{kid}"},
    ):  # fmt: skip
        yield f"the header {json.dumps(odd)}", _signed(issuer, _part(odd), _part(claims))
    own = issuer.keys[-1].as_jwk() | {"kid": "brought along"}
    brought = {"alg": "RS256", "kid": "brought along", "jwk": own, "jku": issuer.keys_url, "x5u": issuer.keys_url}
    yield "a key that it brings along", _signed(issuer, _part(brought), _part(claims))


def _with_odd_shapes(issuer: Issuer, claims: Mapping[str, Json], now: float) -> Iterator[tuple[str, str]]:
    """Yield tokens that are signed as they should be, over what is no claims."""
    del now
    right = _part({"alg": "RS256", "kid": issuer.keys[-1].kid})
    deep = b"[" * 2_400 + b"]" * 2_400
    for name, payload in (
        ("a list", json.dumps([claims]).encode()), ("nothing", b""), ("null", b"null"), ("a string", b'"x"'),
        ("half of JSON", json.dumps(claims).encode()[:-1]), ("no UTF-8", b'{"aud": "\xff\xfe"}'), ("deep JSON", deep),
        ("a number of five thousand digits", b'{"exp": ' + b"9" * 5_000 + b"}"),
        ("half a letter", json.dumps({**claims, "aud": "\ud800"}).encode()),
    ):  # fmt: skip
        yield f"{name} for claims", _signed(issuer, right, _encoded(payload))
    for name, header in (("a list", b"[]"), ("null", b"null"), ("no JSON", b"{"), ("deep JSON", b"[" * 3_000)):
        yield f"{name} for a header", _signed(issuer, _encoded(header), _part(claims))


def _signed(issuer: Issuer, header: str, payload: str) -> str:
    """Return a token over two parts, whatever they are."""
    signature = issuer.keys[-1].private.sign(f"{header}.{payload}".encode(), PKCS1v15(), SHA256())
    return f"{header}.{payload}.{_encoded(signature)}"


def _part(document: Mapping[str, Json]) -> str:
    return _encoded(json.dumps(document).encode())


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")
