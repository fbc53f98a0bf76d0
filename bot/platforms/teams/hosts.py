"""Which addresses the bot may call back: Microsoft's own, and those that the settings name."""

from __future__ import annotations

import re

from bot.platforms.guard import is_loopback
from bot.platforms.recent import Recent

_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_SERVICE_URL = re.compile(
    rf"(?P<scheme>https?)://(?P<name>{_LABEL}(\.{_LABEL})*|\[[0-9a-f:.]+\])(:(?P<port>[0-9]{{1,5}}))?(/[!-~]*)?",
    re.IGNORECASE,
)
# A question mark or a number sign would swallow the path that is put behind; some read a backslash as a slash.
_AMBIGUOUS = re.compile(r"[?#\\]")
_USUAL_PORTS = {"http": 80, "https": 443}
_MICROSOFT = frozenset(
    {
        "smba.trafficmanager.net",
        "smba.infra.gcc.teams.microsoft.com",
        "smba.infra.gov.teams.microsoft.us",
        "smba.infra.dod.teams.microsoft.us",
    }
)
_MICROSOFT_DOMAINS = (".botframework.com", ".botframework.azure.us")


class ServiceHosts:
    """The hosts whose service addresses the bot believes.

    Args:
        extra: Further hosts, `host` or `host:port`; without a port they are met at the usual one.
        loopback: Believe this machine alone, at any port: only where nobody has to prove who they are.
    """

    def __init__(self, extra: frozenset[str] = frozenset(), *, loopback: bool = False) -> None:
        self._extra = frozenset(each.lower() for each in extra)
        self._loopback = loopback
        self._judged: Recent[str, bool] = Recent()

    def allows(self, url: str) -> bool:
        """Tell whether the bot may call *url*, the service address of an activity."""
        if url not in self._judged:
            self._judged[url] = self._is_allowed(url)
        return self._judged[url]

    def _is_allowed(self, url: str) -> bool:
        found = _SERVICE_URL.fullmatch(url)
        if found is None or _AMBIGUOUS.search(url):
            return False
        scheme, name = found["scheme"].lower(), found["name"].lower()
        port = int(found["port"]) if found["port"] else _USUAL_PORTS[scheme]
        here = is_loopback(name.strip("[]"))
        if self._loopback:
            return here
        if scheme == "http" and not here:
            return False
        return self._is_extra(name, port, scheme) or (port == _USUAL_PORTS["https"] and _is_microsoft(name))

    def _is_extra(self, name: str, port: int, scheme: str) -> bool:
        return f"{name}:{port}" in self._extra or (port == _USUAL_PORTS[scheme] and name in self._extra)


def _is_microsoft(name: str) -> bool:
    return name in _MICROSOFT or name.endswith(_MICROSOFT_DOMAINS)
