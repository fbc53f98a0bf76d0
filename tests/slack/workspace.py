"""All that Slack knows of one workspace, and what it checks before it shows something to people."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.slack.failures import Failure
from tests.slack.messages import Message
from tests.slack.people import Channel, SlackUser, UserGroup
from tests.slack.refusals import Refused
from tests.slack.strict import mistakes_of_message, mistakes_of_view
from tests.slack.triggers import Triggers
from tests.slack.views import Views, name_blocks

Json = Any


@dataclass(frozen=True, slots=True)
class Names:
    """The ids of the workspace and of the app in it."""

    team_id: str = "T0SCHOOL"
    team_domain: str = "school"
    app_id: str = "A0SMPOLICY"
    bot_user: str = "U0SMPOLICY"
    bot_id: str = "B0SMPOLICY"
    bot_name: str = "smpolicy"
    verification_token: str = "verification-token"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the app: what was asked, when, and what Slack made of it (None where it did nothing).

    *failure* was ordered by a test; after `DroppedAfter` the app never read *answer*.
    """

    method: str
    arguments: Json
    at: float
    answer: Json = None
    failure: Failure | None = None

    @property
    def done(self) -> bool:
        """Tell whether Slack did what was asked, answered or not."""
        return bool(self.answer and self.answer["ok"])

    @property
    def channel(self) -> str:
        """Return the conversation that it is about."""
        return str(self.arguments.get("channel") or self.arguments.get("channel_id") or "")


class Workspace:
    """People, conversations, messages and views of a school."""

    def __init__(self, names: Names, clock: Callable[[], float]) -> None:
        self.names = names
        self.clock = clock
        self.users: dict[str, SlackUser] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, UserGroup] = {}
        self.messages: list[Message] = []
        self.views = Views(clock)
        self.triggers = Triggers(clock)
        self.statuses: dict[tuple[str, str], Json] = {}
        self.prompts: dict[tuple[str, str], Json] = {}
        self.calls: list[Call] = []
        self.mistakes: list[str] = []
        self.drawn: list[tuple[str, Json]] = []
        self.page_size = 100
        self.paid = True
        self._numbers = count(1)
        self._last_ts = 0
        self.add_user(SlackUser("USLACKBOT", "slackbot", "Slackbot"))
        self.add_user(SlackUser(names.bot_user, names.bot_name, names.bot_name, is_bot=True, bot_id=names.bot_id))

    def add_user(self, user: SlackUser) -> SlackUser:
        """Give *user* an account."""
        self.users[user.id] = user
        return user

    def add_channel(self, channel: Channel, *, with_bot: bool = True) -> Channel:
        """Make *channel*; the bot is a member unless told otherwise."""
        if with_bot and self.names.bot_user not in channel.members:
            channel.members.append(self.names.bot_user)
        self.channels[channel.id] = channel
        return channel

    def add_group(self, group: UserGroup) -> UserGroup:
        """Make *group*."""
        self.groups[group.id] = group
        return group

    def dm(self, user: str) -> Channel:
        """Return the direct message between *user* and the bot; it is made where there is none."""
        for channel in self.channels.values():
            if channel.user == user:
                return channel
        made = Channel(f"D{next(self._numbers):04}{user[1:8]}", user=user, members=[user])
        return self.add_channel(made)

    def ts(self) -> str:
        """Return the next moment at which something can happen; no two are the same."""
        self._last_ts = max(int(self.clock() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06}"

    def number(self) -> int:
        """Return a number that was not used yet."""
        return next(self._numbers)

    def visible_channel(self, channel_id: Json) -> Channel:
        """Return a conversation that the bot may know of; private ones only with the bot in them."""
        channel = self.channels.get(channel_id) if isinstance(channel_id, str) else None
        if channel is None or (channel.is_private and self.names.bot_user not in channel.members):
            raise Refused("channel_not_found")
        return channel

    def joined_channel(self, channel_id: Json) -> Channel:
        """Return a conversation that the bot takes part in."""
        channel = self.visible_channel(channel_id)
        if self.names.bot_user not in channel.members:
            raise Refused("not_in_channel")
        return channel

    def person(self, user_id: Json) -> SlackUser:
        """Return somebody whom the bot can write to."""
        user = self.users.get(user_id) if isinstance(user_id, str) else None
        if user is None:
            raise Refused("user_not_found")
        if user.is_stranger:
            raise Refused("user_not_visible")
        if user.deleted:
            raise Refused("user_disabled")
        if user.is_bot or user.id == "USLACKBOT":
            raise Refused("cannot_dm_bot")
        return user

    def message(self, channel_id: str, ts: Json) -> Message | None:
        """Return the message there that was sent at *ts*."""
        for message in self.messages:
            if message.channel == channel_id and message.ts == ts and not message.deleted:
                return message
        return None

    def post(self, message: Message) -> Message:
        """Put *message* where people read it."""
        message.blocks = self.named(message.blocks)
        self.messages.append(message)
        return message

    def bot_message(self, channel: str, text: str, blocks: Json, **more: Json) -> Message:
        """Return an unsent message of the bot."""
        names = self.names
        return Message(channel, self.ts(), names.bot_user, text, blocks or [], names.bot_id, names.app_id, **more)

    def named(self, blocks: list[Json]) -> list[Json]:
        """Return a copy of *blocks* where each has an id."""
        blocks = deepcopy(blocks)
        name_blocks(blocks, self._numbers)
        return blocks

    def take_message(self, where: str, text: Json, blocks: Json, metadata: Json = None) -> None:
        """Look at a message before it is shown; keep it for those who check schemas.

        Raises:
            Refused: there is a mistake in it.
        """
        self.refuse(where, mistakes_of_message(text, blocks, metadata), "invalid_blocks")
        self.drawn.append(("message", deepcopy({"text": text, "blocks": blocks or [], "metadata": metadata})))

    def take_view(self, where: str, view: Json, *kinds: str) -> None:
        """Look at a view of one of those *kinds* before it is shown; keep it for those who check schemas.

        Raises:
            Refused: there is a mistake in it.
        """
        found = mistakes_of_view(view)
        if not found and view["type"] not in kinds:
            found = [f"a {view['type']} does not belong here"]
        self.refuse(where, found, "invalid_arguments")
        self.drawn.append((view["type"], deepcopy(view)))

    def refuse(self, where: str, mistakes: Iterable[str], code: str) -> None:
        """Remember *mistakes* and refuse with *code*; nothing where there are none."""
        if found := [f"{where}: {mistake}" for mistake in mistakes]:
            self.mistakes.extend(found)
            raise Refused(code, response_metadata={"messages": found})
