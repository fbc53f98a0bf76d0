"""Who acts in Slack, what they typed, and by which names the program knows places."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.people import Person
from bot.platforms.acting import Acting
from bot.platforms.slack.addresses import RAW
from bot.platforms.slack.parse import Marked, Origin
from bot.platforms.slack.roster import SlackRoster
from bot.platforms.slack.wire import as_typed, users_named


class Members:
    """The people and places of one workspace; *channels* is place name to Slack channel id."""

    def __init__(self, roster: SlackRoster, channels: Mapping[str, str]) -> None:
        self._roster = roster
        self._acting = Acting("Slack", roster)
        self._places = {channel: name for name, channel in channels.items() if channel}

    @property
    def bot_user(self) -> str:
        """Return the user id of the bot, or "" until Slack was reached."""
        return self._roster.own.bot_user

    async def who(self, origin: Origin, *, judged: bool = False) -> Person | None:
        """Return who acts, or None for a bot; where rights are *judged*, by groups as they are now.

        Raises:
            Refused: Slack is too slow to say which roles the person holds now.
        """
        return await self._acting.who(
            origin.id,
            lambda: self._roster.who(origin.user, origin.team or None),
            lambda: self._roster.known(origin.user),
            judged=judged,
        )

    async def as_typed(self, text: str) -> str:
        """Return Slack's *text* as the person sees it, with the names of those whom they picked."""
        if named := users_named(text):
            await self._acting.in_time("who is named", self._roster.learn(named))
        return as_typed(text, self._roster.name).strip()

    async def learn(self, user_ids: list[str]) -> None:
        """Get to know the people who were picked in a form."""
        await self._acting.in_time("who was picked", self._roster.learn(user_ids))

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
