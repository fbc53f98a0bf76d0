"""Calls that several ask for at the same time and that are made once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class SharedCalls:
    """Makes each call at most once at the same time: whoever asks meanwhile waits for the same one."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def running(self, name: str) -> bool:
        """Tell whether the call is under way."""
        return name in self._tasks and not self._tasks[name].done()

    async def call(self, name: str, make: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Make the call called *name*, or wait for the one under way."""
        if not self.running(name):
            self._tasks[name] = asyncio.create_task(make())
            self._tasks[name].add_done_callback(lambda task: self._forget(name, task))
        # Whoever gives up waiting must not end the call for the others.
        await asyncio.shield(self._tasks[name])

    def _forget(self, name: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(name) is task:
            del self._tasks[name]

    async def close(self) -> None:
        """End what is under way."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
