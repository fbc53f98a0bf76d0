"""What the program needs of Slack before it is put together: the roster, and the chat for the worker."""

from __future__ import annotations

from bot.platforms.slack.addresses import Addresses
from bot.platforms.slack.api import SlackApi
from bot.platforms.slack.chat import SlackChat
from bot.platforms.slack.roster import SlackRoster
from bot.ports import Clock, SchoolStore
from bot.settings.shapes import Settings, SlackAccess


class SlackPlatform:
    """One school's workspace."""

    def __init__(self, settings: Settings, access: SlackAccess, store: SchoolStore, clock: Clock) -> None:
        self.access = access
        self.clock = clock
        self.api = SlackApi(access.bot_token, access.api_url)
        self.channels = {name: channel.slack for name, channel in settings.channels.items() if channel.slack}
        self.roster = SlackRoster(
            self.api, settings.people, staff=settings.staff, roles=settings.roles, store=store, clock=clock,
            school=settings.school.id,
        )  # fmt: skip
        addresses = Addresses(self.api, self.channels, self.roster.seat)
        self.chat = SlackChat(self.api, addresses, self.roster.seat, clock, self._own)

    def _own(self) -> frozenset[str]:
        own = self.roster.own
        return frozenset({own.bot_user, own.bot_id} - {""})

    async def open(self) -> None:
        """Connect to the Web API and get to know the workspace."""
        await self.api.open()
        await self.roster.open()

    async def close(self) -> None:
        """Let go of the Web API."""
        await self.roster.close()
        await self.api.close()
