"""The servers of a PostgreSQL url: the one that writes is found, and none takes all of the time by saying nothing."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg

# What one server of several may answer while another one does the work.
NOT_THIS_ONE = (OSError, asyncpg.CannotConnectNowError, asyncpg.TargetServerAttributeNotMatched)

Json = Any


class Servers:
    """Those of *url*, as libpq writes it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._places: list[dict[str, Json]] = []

    async def connect(self, seconds: float, **options: Any) -> Any:
        """Return a connection to the first that writes, beginning with the one that was reached last.

        Raises:
            OSError: None can be reached in so many seconds.
            asyncpg.PostgresError: The server refuses.
            asyncpg.InterfaceError, asyncpg.InternalClientError, ValueError: None writes, or the url can't be used.
        """
        self._places = self._places or _places(self._url)
        failure: Exception | None = None
        for place in tuple(self._places):
            try:
                return await asyncpg.connect(
                    self._url, timeout=seconds / len(self._places), server_settings={"application_name": "smpolicy"},
                    **place, **options,
                )  # fmt: skip
            except NOT_THIS_ONE as error:
                failure = error
                self._places.remove(place)
                self._places.append(place)
        assert failure is not None
        raise failure


def _places(url: str) -> list[dict[str, Json]]:
    """Return what `asyncpg.connect` is told for each server besides the url; nothing where there is only one."""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    hosts = (query.get("host") or parts.netloc.rpartition("@")[2]).split(",")
    if len(hosts) == 1:
        return [{}]
    ports = query.get("port", "").split(",")
    asked = {} if "target_session_attrs" in query else {"target_session_attrs": "read-write"}
    return [_place(host, ports[number % len(ports)]) | asked for number, host in enumerate(hosts)]


def _place(host: str, port: str) -> dict[str, Json]:
    """Return host and port, either of which *host* may say, as in `[::1]:5432`."""
    name, colon, own_port = host.rpartition(":")
    if not colon or own_port.endswith("]"):
        name, own_port = host, ""
    found: dict[str, Json] = {"host": name.strip("[]")}
    return found | {"port": int(own_port or port)} if own_port or port else found
