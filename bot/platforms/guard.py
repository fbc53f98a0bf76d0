"""Who may come in: only this machine, by its own name, and only the page itself may write."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address

from aiohttp import web

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.%]+\]|[^\s:@/\[\]]+)(?::(?P<port>\d{1,5}))?", re.IGNORECASE)
_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>[^\s/@]+)", re.IGNORECASE)
_FORWARDED = frozenset(
    {"forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "cf-connecting-ip"}
)
_READS = frozenset({"GET", "HEAD"})


def why_refused(request: web.Request) -> str:
    """Return why *request* may not come in, as a sentence, or ""."""
    if not is_loopback(_peer(request)):
        return "The local page answers only the machine that it runs on."
    hosts = request.headers.getall("Host", [])
    if len(hosts) != 1 or not is_loopback(host_name(hosts[0])):
        return "The local page answers only under localhost, 127.0.0.1 or [::1]."
    if is_forwarded(request.headers.keys()):
        return "The local page does not answer through a proxy or a tunnel."
    origins = request.headers.getall("Origin", [])
    if request.method not in _READS and any(not is_own(origin, hosts[0]) for origin in origins):
        return "Only the local page itself may send this."
    return ""


def is_loopback(name: str) -> bool:
    """Tell whether *name* is localhost or an address of this machine's own."""
    if name.lower() == "localhost":
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def host_name(host: str) -> str:
    """Return the name in a Host header without port and brackets, or "" where it is not one."""
    found = _HOST.fullmatch(host)
    return found["name"].strip("[]") if found else ""


def is_forwarded(headers: Iterable[str]) -> bool:
    """Tell whether one of *headers* says that somebody passed the request on."""
    return any(name.lower() in _FORWARDED or name.lower().startswith("x-forwarded") for name in headers)


def is_own(origin: str, host: str) -> bool:
    """Tell whether *origin* is that of a page served under *host*."""
    found = _ORIGIN.fullmatch(origin)
    if found is None:
        return False
    return found["scheme"].lower() == "http" and _with_port(found["host"]) == _with_port(host)


def _with_port(host: str) -> tuple[str, str]:
    found = _HOST.fullmatch(host)
    return (found["name"].lower(), found["port"] or "80") if found else ("", "")


def _peer(request: web.Request) -> str:
    peer = request.transport.get_extra_info("peername") if request.transport else None
    return str(peer[0]) if isinstance(peer, tuple) and peer else ""
