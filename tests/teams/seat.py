"""Somebody's seat in Teams: who they are, where they may be, and what is in front of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.teams import activities
from tests.teams.client import Client
from tests.teams.deliveries import Delivery
from tests.teams.dialogs import Dialog
from tests.teams.messages import Message, Posted
from tests.teams.people import Conversation, TeamsUser
from tests.teams.refusals import NotThere
from tests.teams.workspace import Workspace

Json = Any
Deliver = Callable[[Json], Awaitable[Delivery]]
NOTHING = Delivery("none")


class Seat:
    """One person and their client; a place may be "dm", which is their personal chat with the bot."""

    def __init__(self, user: str, workspace: Workspace, client: Client, deliver: Deliver) -> None:
        self.id = user
        self._workspace = workspace
        self._client = client
        self._deliver = deliver

    @property
    def user(self) -> TeamsUser:
        """Return their account."""
        return self._workspace.users[self.id]

    @property
    def mri(self) -> str:
        """Return the id under which the bot meets them."""
        return self.user.mri

    @property
    def dm(self) -> str:
        """Return the id of their personal chat with the bot."""
        return self._workspace.personal(self.id).id

    @property
    def dialog(self) -> Dialog | None:
        """Return the dialog that they have open."""
        return self._client.dialog

    @property
    def notices(self) -> list[str]:
        """Return what was said beside the chat: by dialogs as they closed, by refusals, and by the client."""
        return self._client.notices

    @property
    def notice(self) -> str:
        """Return the last of what was said beside the chat."""
        return self.notices[-1] if self.notices else ""

    @property
    def toasts(self) -> list[str]:
        """Return what actions said to them alone, oldest first."""
        return self._client.toasts

    @property
    def errors(self) -> dict[str, str]:
        """Return what their client says below the fields of the card that they last tried to send, by id."""
        return self._client.errors

    @property
    def results(self) -> list[Json]:
        """Return what their last search found, as attachments with a preview each."""
        return self._client.results

    def messages(self, place: str = "", *, thread: str = "") -> list[Message]:
        """Return what they can read, oldest first: everywhere or in one place, in all threads or in one."""
        return [
            each
            for each in self._workspace.seen_by(self.id)
            if place in {"", each.place, each.conversation.partition(";")[0]} and thread in {"", each.thread}
        ]

    def _place(self, place: str) -> Conversation:
        where = self._workspace.conversations[self.dm if place == "dm" else place]
        if self.id not in self._workspace.members(where):
            raise NotThere(f"{self.id} is not in {where.id}")
        if where.user and not self.user.installed:
            raise NotThere(f"{self.id} does not have the app")
        return where

    def _place_of(self, message: Message) -> Conversation:
        return self._workspace.conversations[message.conversation.partition(";")[0]]

    def _posted(self, message: Message) -> Posted:
        posted = self._workspace.find_post(self._place_of(message), message.id)
        if posted is None or not any(each.id == message.id for each in self.messages()):
            raise NotThere(f"{self.id} does not see {message.id}")
        return posted

    async def _invoke(self, message: Message, name: str, value: Json) -> Delivery:
        """Send an invoke about *message*."""
        where = self._place_of(message)
        return await self._deliver(
            activities.invoke(
                self._workspace, self.user, where, name, value, thread=message.thread, reply_to=message.id
            )
        )
