"""Who acts in Teams, and by which names the program knows places."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.people import Person
from bot.platforms.acting import Acting
from bot.platforms.teams.addresses import RAW
from bot.platforms.teams.parse import Origin
from bot.platforms.teams.roster import TeamsRoster


class Members:
    """The people and places of one tenant; *channels* is place name to conversation id."""

    def __init__(self, roster: TeamsRoster, channels: Mapping[str, str]) -> None:
        self._roster = roster
        self._acting = Acting("Teams", roster)
        self._places = {conversation: name for name, conversation in channels.items() if conversation}

    async def who(self, origin: Origin, *, judged: bool = False) -> Person | None:
        """Return who acts, or None for a bot; where rights are *judged*, by groups as they are now.

        Raises:
            Refused: Teams is too slow to say which roles the person holds now.
        """
        return await self._acting.who(
            origin.id,
            lambda: self._roster.who(origin.speaker),
            lambda: self._roster.known(origin.speaker),
            judged=judged,
        )

    def place(self, conversation: str) -> str:
        """Return the program's name of a conversation that several read."""
        return self._places.get(conversation, RAW + conversation)
