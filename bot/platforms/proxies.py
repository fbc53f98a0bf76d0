"""By which proxy an address is reached, as the environment says; asked once, because asking is slow."""

from __future__ import annotations

import urllib.request
from urllib.parse import urlsplit


def proxy_for(url: str) -> str | None:
    """Return the proxy through which *url* is called, or None."""
    address = urlsplit(url)
    if urllib.request.proxy_bypass(address.netloc):
        return None
    return urllib.request.getproxies().get(address.scheme)
