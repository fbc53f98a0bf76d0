"""The user groups and channels of Slack whose members hold a role, and how to ask for the members of one."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.people import Role
from bot.platforms.slack.api import SlackApi
from bot.settings.shapes import RoleSource


class SlackGroups:
    """The user groups and channels that *roles* names.

    Attributes:
        of_role: Role to the ids of its groups.
    """

    def __init__(self, api: SlackApi, roles: Mapping[Role, RoleSource]) -> None:
        sources = {role: (source.slack_usergroup, source.slack_channel) for role, source in roles.items()}
        self._api = api
        self._channels = frozenset(channel for _, channel in sources.values() if channel)
        self.of_role = {role: tuple(filter(None, ids)) for role, ids in sources.items()}

    async def members(self, id: str) -> frozenset[str]:
        """Return the user ids of a group's members; raises as the Web API does."""
        if id in self._channels:
            return frozenset(map(str, await self._api.pages("conversations.members", "members", channel=id, limit=200)))
        answer = await self._api.call("usergroups.users.list", usergroup=id)
        return frozenset(map(str, answer.get("users") or ()))
