"""Trigger ids, which open one view within three seconds, and response addresses, which answer five times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from tests.slack.refusals import Refused

TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 30 * 60.0
RESPONSE_USES = 5


@dataclass(slots=True)
class Trigger:
    """The right to show *user* a view; *view* is the one that they pressed in, empty for a message."""

    id: str
    user: str
    made_at: float
    view: str = ""
    exchanged: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """The right to answer in *channel*; *ts* is the message that was pressed, empty for a command."""

    path: str
    channel: str
    user: str
    made_at: float
    ts: str = ""
    uses: int = 0


class Triggers:
    """All that was given out with commands and interactions."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._numbers = count(1)
        self._triggers: dict[str, Trigger] = {}
        self._urls: dict[str, ResponseUrl] = {}

    def trigger(self, user: str, view: str = "") -> str:
        """Return a fresh trigger id."""
        number = next(self._numbers)
        made = Trigger(f"{7_000_000 + number}.{9_000_000}.{number:032x}", user, self._clock(), view)
        self._triggers[made.id] = made
        return made.id

    def exchange(self, trigger_id: str) -> Trigger:
        """Return the trigger and use it up.

        Raises:
            Refused: Slack never made it, it is older than three seconds, or it was used.
        """
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.exchanged:
            raise Refused("exchanged_trigger_id")
        if self._clock() - trigger.made_at > TRIGGER_SECONDS:
            raise Refused("expired_trigger_id")
        trigger.exchanged = True
        return trigger

    def response_path(self, channel: str, user: str, ts: str = "") -> str:
        """Return the path of a fresh response address."""
        number = next(self._numbers)
        made = ResponseUrl(f"/actions/T/{number}/{number:024x}", channel, user, self._clock(), ts)
        self._urls[made.path] = made
        return made.path

    def known(self, path: str) -> ResponseUrl | None:
        """Return the response address without using it."""
        return self._urls.get(path)

    def answer(self, path: str) -> ResponseUrl:
        """Return the response address and count its use.

        Raises:
            Refused: it is unknown, older than 30 minutes, or was used five times.
        """
        url = self._urls.get(path)
        if url is None:
            raise Refused("no_service")
        if self._clock() - url.made_at > RESPONSE_SECONDS:
            raise Refused("expired_url")
        if url.uses >= RESPONSE_USES:
            raise Refused("used_url")
        url.uses += 1
        return url
