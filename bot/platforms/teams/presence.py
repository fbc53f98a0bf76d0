"""Where the bot is: people install it and take it away, teams add it, and members come and go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.conversation.events import Json
from bot.platforms.teams.parse import Origin
from bot.platforms.teams.platform import TeamsPlatform
from bot.platforms.teams.talk import Talk


class Presence:
    """The places of one tenant in which the bot is."""

    def __init__(self, teams: TeamsPlatform, talk: Talk) -> None:
        self._references = teams.references
        self._roster = teams.roster
        self._places = frozenset(teams.channels.values())
        self._talk = talk
        self._afterwards = teams.afterwards

    async def installation(self, origin: Origin, activity: Mapping[str, Json]) -> None:
        """Greet whoever has installed the bot, and forget where it was taken away; an upgrade is neither."""
        action = activity.get("action")
        if action == "remove":
            await self._gone(origin)
        elif action == "add" and origin.direct:
            await self._talk.welcome(origin)
        elif action == "add":
            await self._added(origin)

    async def conversation(self, origin: Origin, activity: Mapping[str, Json]) -> None:
        """Take in that members came or went, the bot among them."""
        if origin.bot and origin.bot in _ids(activity.get("membersRemoved")):
            await self._gone(origin)
            return
        self._roster.group_changed(origin.conversation)
        if not origin.direct and origin.bot in _ids(activity.get("membersAdded")):
            await self._added(origin)
        elif origin.conversation in self._places:
            self._meet((origin.conversation,))

    async def _added(self, origin: Origin) -> None:
        speaker = origin.speaker
        self._references.note_place(origin.conversation, service_url=speaker.service_url, tenant=speaker.tenant)
        await self._references.keep()
        self._meet(self._places)  # of a private channel Teams tells nothing when its team gets the bot

    def _meet(self, places: Iterable[str]) -> None:
        self._afterwards.do("meeting those who read the school's places", self._roster.meet(places))

    async def _gone(self, origin: Origin) -> None:
        if origin.direct:
            self._forget(self._roster.person_id(origin.speaker.user), origin.conversation)
        else:
            self._references.forget_place(origin.conversation)
            self._roster.group_changed(origin.conversation)  # who is in it can't be asked any more
        await self._references.keep()

    def _forget(self, person_id: str, conversation: str) -> None:
        """Forget where a person is reached, if it is there."""
        known = self._references.person(person_id)
        if known is not None and known.conversation in ("", conversation):
            self._references.forget_person(person_id)


def _ids(members: Json) -> set[str]:
    listed = members if isinstance(members, list) else []
    return {str(each.get("id")) for each in listed if isinstance(each, dict)}
