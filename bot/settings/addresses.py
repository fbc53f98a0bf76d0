"""Addresses and names of machines, as somebody writes them into the environment."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\[\]:]+)(?::(?P<port>[0-9]{1,5}))?")


def why_no_address(url: str) -> str:
    """Return why *url* is not an address that secrets and tokens may be fetched from, or ""."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.lower()
    except ValueError:
        host = ""
    if not host or re.search(r"[\s\\?#]", url) or parts.scheme not in ("http", "https") or not is_host(host):
        return "is not an address such as https://login.example/keys"
    if parts.scheme == "http" and not _is_this_machine(host):
        return "begins with http://, which only an address of this machine may; use https://"
    return ""


def is_host(text: str) -> bool:
    """Tell whether *text*, in small letters, is the name or address of a machine, with a port or without."""
    found = _HOST.fullmatch(text)
    if found is None or not 0 < int(found["port"] or 443) < 65536:
        return False
    return _is_number(found["name"]) if found["name"].startswith("[") else _NAME.fullmatch(found["name"]) is not None


def _is_this_machine(host: str) -> bool:
    found = _HOST.fullmatch(host)
    name = found["name"] if found else ""
    return name == "localhost" or (_is_number(name) and ip_address(name.strip("[]")).is_loopback)


def _is_number(name: str) -> bool:
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
