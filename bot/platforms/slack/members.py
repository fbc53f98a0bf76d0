"""Who acts in Slack, what they typed, and by which names the program knows places."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from bot.domain.people import Person
from bot.errors import Refused
from bot.platforms.slack.addresses import RAW
from bot.platforms.slack.parse import Marked, Origin
from bot.platforms.slack.roster import SlackRoster
from bot.platforms.slack.wire import as_typed, users_named

LOOK_UP_SECONDS = 1.5
SLOW = "Slack is slow just now to say who is in which group, so I can't judge this. Press again in a minute."

log = logging.getLogger("smpolicy.slack")


class Members:
    """The people and places of one workspace; *channels* is place name to Slack channel id."""

    def __init__(self, roster: SlackRoster, channels: Mapping[str, str]) -> None:
        self._roster = roster
        self._places = {channel: name for name, channel in channels.items() if channel}

    @property
    def bot_user(self) -> str:
        """Return the user id of the bot, or "" until Slack was reached."""
        return self._roster.own.bot_user

    async def who(self, origin: Origin, *, judged: bool = False) -> Person | None:
        """Return who acts, or None for a bot; where rights are *judged*, by groups as they are now.

        Slack wants its answer within three seconds, so that a slow look-up is not waited for.

        Raises:
            Refused: It is too slow to say which roles the person holds now.
        """
        deadline = asyncio.get_running_loop().time() + LOOK_UP_SECONDS
        try:
            async with asyncio.timeout_at(deadline):
                person = await self._roster.who(origin.user, origin.team or None)
        except TimeoutError:
            log.warning("Slack is slow to say who did %s", origin.id)
            person = self._roster.known(origin.user)
        await self._fresh_groups(origin, deadline, judged=judged)
        return person

    async def _fresh_groups(self, origin: Origin, deadline: float, *, judged: bool) -> None:
        # A typed answer may end a form that decides something, so groups are never older than for a press.
        try:
            async with asyncio.timeout_at(deadline):
                await self._roster.fresh()
        except TimeoutError:
            log.warning("Slack is slow to say who is in which group, for %s", origin.id)
            if judged and self._roster.roles_in_doubt:
                raise Refused(SLOW) from None

    async def as_typed(self, text: str) -> str:
        """Return Slack's *text* as the person sees it, with the names of those whom they picked."""
        if named := users_named(text):
            try:
                async with asyncio.timeout(LOOK_UP_SECONDS):
                    await self._roster.learn(named)
            except TimeoutError:
                log.info("Slack is slow to say who is named")
        return as_typed(text, self._roster.name).strip()

    async def learn(self, user_ids: list[str]) -> None:
        """Get to know the people who were picked in a form."""
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                await self._roster.learn(user_ids)
        except TimeoutError:
            log.info("Slack is slow to say who was picked")

    def person_id(self, user_id: str) -> str:
        """Return the id of the person whose account this is."""
        return self._roster.person_id(user_id)

    def place(self, channel: str) -> str:
        """Return the program's name of a channel."""
        return self._places.get(channel, RAW + channel)

    def link(self, marked: Marked) -> str:
        """Return where a message stands; made here, because the bot need not be a member there."""
        if not (self._roster.own.url and marked.channel and marked.ts):
            return ""
        link = f"{self._roster.own.url}archives/{marked.channel}/p{marked.ts.replace('.', '')}"
        return f"{link}?thread_ts={marked.thread}&cid={marked.channel}" if marked.thread else link
