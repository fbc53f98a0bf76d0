"""Somebody who writes HTTP by hand: headers that stand twice, bytes that are no letters, bodies that never end."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

Headers = Iterable[tuple[str, str]]


async def posts(url: str, headers: Headers, body: bytes, method: str = "POST") -> tuple[int, str]:
    """Return status and body of the answer to a request whose headers go as they are."""
    return await writes(url, [*headers, ("Content-Length", str(len(body)))], [body], method)


async def writes(url: str, headers: Headers, parts: Iterable[bytes], method: str = "POST") -> tuple[int, str]:
    """Send the head and *parts*, until the app has said enough; 0 where it says nothing."""
    address = urlsplit(url)
    given = list(headers)
    if "host" not in {name.lower() for name, _ in given}:
        given.insert(0, ("Host", address.netloc))
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        lines = [f"{method} {address.path} HTTP/1.1", "Connection: close", *(f"{name}: {said}" for name, said in given)]
        writer.write("\r\n".join((*lines, "", "")).encode("utf-8", "surrogateescape"))
        answer = asyncio.create_task(_answer(reader, method))
        with contextlib.suppress(ConnectionError):
            for part in parts:
                if answer.done():
                    break
                writer.write(part)
                await writer.drain()
        return await answer
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def _answer(reader: asyncio.StreamReader, method: str) -> tuple[int, str]:
    """Read one answer; the app may leave the connection open for what it does not want to hear."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"(?i)content-length: (\d+)", head)
        said = await reader.readexactly(int(length[1])) if length and method != "HEAD" else b""
    except (ConnectionError, asyncio.IncompleteReadError):
        return 0, ""
    return int(head.split(" ", 2)[1]), said.decode()
