"""All that Teams knows of one school: people, conversations, messages, and what the app did."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

from tests.teams.failures import Failure
from tests.teams.messages import Message, Posted, seen
from tests.teams.people import Conversation, Team, TeamsUser
from tests.teams.refusals import Refused

Json = Any


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the app: what was asked, when, and what the connector made of it.

    *status* is 0 where nothing was answered; *answer* is what was done even so. *failure* was ordered by a test.
    """

    method: str
    path: str
    conversation: str
    body: Json
    at: float
    status: int
    answer: Json = None
    failure: Failure | None = None

    @property
    def place(self) -> str:
        """Return the conversation without the thread."""
        return self.conversation.partition(";")[0]


@dataclass
class Workspace:
    """People, conversations and messages of a school; *clock* is the time of Teams in seconds."""

    app_id: str
    tenant: str
    clock: Callable[[], float]
    bot_name: str = "smpolicy"
    service_url: str = ""
    users: dict[str, TeamsUser] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    posts: list[Posted] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    drawn: list[tuple[str, Json]] = field(default_factory=list)
    page_size: int = 500
    disabled: bool = False
    _numbers: Iterable[int] = field(default_factory=lambda: count(1))
    _last_id: int = 0

    @property
    def bot(self) -> Json:
        """Return the bot as Teams names it."""
        return {"id": f"28:{self.app_id}", "name": self.bot_name}

    def message_id(self) -> str:
        """Return the id of the next message, which is the moment in milliseconds; no two are the same."""
        self._last_id = max(int(self.clock() * 1000), self._last_id + 1)
        return str(self._last_id)

    def unique(self) -> str:
        """Return an id that was not used yet, in the form of a UUID."""
        return str(UUID(int=next(iter(self._numbers)), version=4))

    def find_user(self, user_id: Json) -> TeamsUser | None:
        """Return who has that id of Entra, or that id for this bot."""
        return next((each for each in self.users.values() if user_id in (each.aad_id, each.mri)), None)

    def personal(self, user: str) -> Conversation:
        """Return the personal chat of *user* with the bot; it is made where there is none."""
        for each in self.conversations.values():
            if each.user == user:
                return each
        made = Conversation(f"a:1{self.users[user].mri[4:]}", "personal", members=[user], user=user)
        self.conversations[made.id] = made
        return made

    def members(self, place: Conversation) -> list[str]:
        """Return who is there: in a private channel its own members, in others all of the team."""
        team = self.teams.get(place.team)
        return place.members if team is None or place.private else team.members

    def place_for(self, conversation: Json) -> tuple[Conversation, str]:
        """Return the conversation and the thread of an id as activities carry it.

        Raises:
            Refused: there is none.
        """
        name, _, thread = str(conversation).partition(";messageid=")
        place = self.conversations.get(name)
        if place is None:
            raise Refused(404, "ConversationNotFound", "Conversation not found.")
        if thread and place.kind != "channel":
            self.mistakes.append(f"{place.kind} conversations have no threads, but {conversation!r} was called")
            raise Refused(400, "BadSyntax", "Conversation id is malformed.")
        return place, thread

    def open_place(self, conversation: Json) -> tuple[Conversation, str]:
        """Return the conversation and the thread where the bot may read and write.

        Raises:
            Refused: there is none, or the bot is kept out.
        """
        place, thread = self.place_for(conversation)
        if self.disabled:
            raise Refused(403, "BotDisabledByAdmin", "The tenant admin disabled this bot")
        if place.user:
            self.reachable(self.users[place.user])
        elif not place.installed:
            raise Refused(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
        return place, thread

    def reachable(self, user: TeamsUser) -> None:
        """Let the bot write to *user*.

        Raises:
            Refused: they have no app, or want to hear nothing from it.
        """
        if user.blocked:
            raise Refused(403, "MessageWritesBlocked", "User blocked the conversation with the bot")
        if not user.installed:
            raise Refused(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")

    def post(self, posted: Posted) -> Posted:
        """Put a message where people read it."""
        self.posts.append(posted)
        return posted

    def find_post(self, place: Conversation, message_id: Json) -> Posted | None:
        """Return the message there with that id, unless it was deleted."""
        found = (each for each in self.posts if each.place == place.id and each.id == message_id and not each.deleted)
        return next(found, None)

    def show_to(self, user: str, message: Message, card: Json) -> None:
        """Give *user* a card of their own on *message*, until it changes for all."""
        posted = self.find_post(self.place_for(message.conversation)[0], message.id)
        if posted is not None:
            posted.views[user] = deepcopy(card)

    def seen_by(self, viewer: str) -> list[Message]:
        """Return all that *viewer* can read, oldest first; "" reads everything as nobody in particular."""
        return [self.seen(each, viewer) for each in self.posts if not each.deleted and self._reads(viewer, each)]

    def seen(self, posted: Posted, viewer: str) -> Message:
        """Return one message as *viewer* sees it."""
        place = self.conversations[posted.place]
        return seen(posted, viewer, "dm" if viewer and place.user == viewer else place.id)

    def keep(self, kind: str, payload: Json) -> None:
        """Keep what was drawn for those who check schemas."""
        self.drawn.append((kind, deepcopy(payload)))

    def note(self, where: str, mistakes: Iterable[str]) -> bool:
        """Remember *mistakes*; tell whether there were any."""
        found = [f"{where}: {mistake}" for mistake in mistakes]
        self.mistakes.extend(found)
        return bool(found)

    def _reads(self, viewer: str, posted: Posted) -> bool:
        return not viewer or viewer in self.members(self.conversations[posted.place])
