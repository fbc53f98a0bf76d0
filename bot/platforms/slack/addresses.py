"""Where a recipient is in Slack: the channel of a place, and the private chat of a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.domain.jobs import Reach, To
from bot.errors import Undeliverable
from bot.platforms.slack.api import SlackApi
from bot.platforms.trouble import OutcomeUnknown

RAW = "slack:"


class Addresses:
    """Finds the channel that a recipient reads in.

    Args:
        channels: Name of a place in app.yaml to the id of its Slack channel.
        seats: Person id to Slack user id, or None.
    """

    def __init__(self, api: SlackApi, channels: Mapping[str, str], seats: Callable[[str], str | None]) -> None:
        self._api = api
        self._channels = channels
        self._seats = seats
        self._direct: dict[str, str] = {}

    def reaches(self, to: To) -> bool:
        """Tell whether *to* is a person with a seat, or a channel; who alone sees it there needs a seat too."""
        if to.reach is Reach.PERSON:
            return self._seats(to.id) is not None
        return self._named(to.id) is not None and (not to.only or self._seats(to.only) is not None)

    async def channel(self, to: To) -> str:
        """Return the id of the channel; a private chat is opened the first time.

        Raises:
            Undeliverable: Slack has no such recipient; for good.
            PlatformTrouble: The private chat could not be opened.
        """
        if to.reach is Reach.PERSON:
            return await self._direct_channel(to.id)
        channel = self._named(to.id)
        if channel is None:
            raise Undeliverable("This place has no channel in Slack.", for_good=True)
        return channel

    def seat(self, person_id: str) -> str:
        """Return the Slack user id of a person; raises Undeliverable, for good, where there is none."""
        user = self._seats(person_id)
        if user is None:
            raise Undeliverable("This person has no seat in Slack.", for_good=True)
        return user

    def forget(self, to: To) -> None:
        """Open the private chat of *to* anew the next time, because Slack does not know the old one any more."""
        if user := self._seats(to.id):
            self._direct.pop(user, None)

    def described(self, to: To) -> str:
        """Return how an administrator knows the channel: `the channel of slt (C0SLT)`."""
        if to.reach is Reach.PERSON:
            return "private chats"
        if to.id in self._channels:
            return f"the channel of {to.id} ({self._channels[to.id]})"
        return f"the channel {to.id.removeprefix(RAW)}"

    def _named(self, place: str) -> str | None:
        if place in self._channels:
            return self._channels[place]
        return place.removeprefix(RAW) or None if place.startswith(RAW) else None

    async def _direct_channel(self, person_id: str) -> str:
        user = self.seat(person_id)
        if user not in self._direct:
            opened = await self._api.call("conversations.open", users=user)
            channel = (opened.get("channel") or {}).get("id")
            if not isinstance(channel, str):
                raise OutcomeUnknown("no private chat")
            self._direct[user] = channel
        return self._direct[user]
