"""Response URLs: where Slack takes a few answers that only one person sees, in channels without the bot too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.platforms.recent import Recent
from bot.ports import Clock

# Slack allows five within half an hour; the edge may have used one itself.
USES = 4
LASTS = timedelta(minutes=30)


@dataclass(slots=True)
class _Kept:
    url: str
    until: datetime
    uses: int = USES


class ResponseUrls:
    """Keeps the newest response URL of each person in each channel, in memory only."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: Recent[tuple[str, str], _Kept] = Recent()

    def remember(self, channel: str, user: str, url: str, until: datetime) -> None:
        """Keep *url* until the moment *until*, and half an hour at most."""
        self._kept[channel, user] = _Kept(url, min(until, self._clock.now() + LASTS))

    def take(self, channel: str, user: str) -> str:
        """Return a URL that is still good and count its use, or return ""."""
        kept = self._kept.get((channel, user))
        if kept is None or kept.uses <= 0 or kept.until <= self._clock.now():
            self.forget(channel, user)
            return ""
        kept.uses -= 1
        return kept.url

    def forget(self, channel: str, user: str) -> None:
        """Do not use the URL any more."""
        self._kept.pop((channel, user), None)
