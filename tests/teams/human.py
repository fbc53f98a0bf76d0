"""Somebody in Teams: what they type, press and see."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.teams import activities
from tests.teams.answers import take_results, take_task
from tests.teams.deliveries import Delivery
from tests.teams.dialogs import Frame
from tests.teams.messages import Message, Posted
from tests.teams.people import Conversation
from tests.teams.pressing import THEME, Pressing
from tests.teams.refusals import NotThere
from tests.teams.seat import NOTHING

Json = Any


class Human(Pressing):
    """One person at their client; a place may be "dm", which is their personal chat with the bot.

    What they do returns the delivery with the app's answer, of the kind "none" where Teams tells the app nothing.
    """

    # Writing ---------------------------------------------------------------------------------

    async def says(self, place: str, text: str, *, mention: bool = True, thread: str = "", **more: Json) -> Delivery:
        """Write a message; in shared places the app hears only what mentions it.

        *more* are fields of the activity that take the place of the usual ones, such as textFormat.
        """
        where = self._place(place)
        called = mention and where.is_shared
        posted = self._write(where, activities.typed_text(self._workspace, text, mention=called) | more, thread)
        if where.is_shared and not (called and where.installed):
            return NOTHING
        return await self._deliver(activities.message(self._workspace, self.user, where, posted, mention=called))

    def writes(self, place: str, text: str, *, thread: str = "") -> Message:
        """Write something that is not for the bot, and return it."""
        content = activities.typed_text(self._workspace, text, mention=False)
        return self._workspace.seen(self._write(self._place(place), content, thread), self.id)

    async def edits(self, message: Message, text: str) -> Delivery:
        """Change a message of their own; the app is told where it is installed."""
        posted = self._own(message)
        posted.activity |= activities.typed_text(self._workspace, text, mention=False)
        posted.edited = True
        return await self._changed(posted, "messageUpdate", "editMessage", posted.activity)

    async def deletes(self, message: Message) -> Delivery:
        """Take a message of their own back; the app is told where it is installed."""
        posted = self._own(message)
        posted.deleted = True
        return await self._changed(posted, "messageDelete", "softDeleteMessage", {})

    async def reacts(self, message: Message, kind: str = "like", *, removed: bool = False) -> Delivery:
        """Put a reaction on a message of the bot, or take it off again."""
        where = self._place_of(message)
        key = "reactionsRemoved" if removed else "reactionsAdded"
        fields = {key: [{"type": kind}], "replyToId": message.id}
        return await self._deliver(
            activities.activity(self._workspace, "messageReaction", self.user, where, message.thread, **fields)
        )

    # Using what the app adds to Teams --------------------------------------------------------

    async def shortcut(self, message: Message, command: str = "report") -> Delivery:
        """Use a message action of the app on a message, whether the app is in its chat or not."""
        payload = activities.message_payload(self._workspace, self._posted(message))
        more = {"commandId": command, "commandContext": "message", "messagePayload": payload}
        delivery = await self._compose(
            self._place_of(message), "composeExtension/fetchTask", {**more, "context": THEME}, message.thread
        )
        frame = Frame("composeExtension/submitAction", more, delivery.activity)
        take_task(self._workspace, self._client, delivery, frame)
        return delivery

    async def search(
        self, text: str, *, place: str = "dm", command: str = "policy", parameter: str = "question", skip: int = 0
    ) -> Delivery:
        """Search from the compose box; without *text* it is the first look, before anything is typed."""
        asked = {"name": parameter, "value": text} if text else {"name": "initialRun", "value": "true"}
        value = {"commandId": command, "parameters": [asked], "queryOptions": {"skip": skip, "count": 25}}
        delivery = await self._compose(self._place(place), "composeExtension/query", value)
        take_results(self._workspace, self._client, delivery)
        return delivery

    # Having the app --------------------------------------------------------------------------

    async def install(self) -> Delivery:
        """Add the app, which opens the personal chat."""
        self.user.installed = True
        where = self._workspace.personal(self.id)
        delivery = await self._deliver(activities.installation(self._workspace, self.user, where, "add"))
        accounts = [self._workspace.bot, self.user.account()]
        await self._deliver(activities.members_changed(self._workspace, self.user, where, "membersAdded", accounts))
        return delivery

    async def uninstall(self) -> Delivery:
        """Remove the app; the bot can't write to the chat any more."""
        self.user.installed = False
        where = self._workspace.personal(self.id)
        return await self._deliver(activities.installation(self._workspace, self.user, where, "remove"))

    def block(self) -> None:
        """Want to hear nothing from the bot, which is not told."""
        self.user.blocked = True

    def unblock(self) -> None:
        """Want to hear from the bot again."""
        self.user.blocked = False

    async def forges(self, activity: Json) -> Delivery:
        """Have an activity delivered that was made by hand, such as one of `Delivery.activity` changed."""
        return await self._deliver(deepcopy(activity))

    # What it is made of ----------------------------------------------------------------------

    async def _compose(self, where: Conversation, name: str, value: Json, thread: str = "") -> Delivery:
        made = activities.invoke(self._workspace, self.user, where, name, value, thread=thread)
        return await self._deliver(made)

    def _write(self, where: Conversation, content: Json, thread: str) -> Posted:
        number = self._workspace.message_id()
        root = (thread or number) if where.kind == "channel" else ""
        return self._workspace.post(Posted(number, where.id, root, self.id, content, self._workspace.clock()))

    def _own(self, message: Message) -> Posted:
        posted = self._posted(message)
        if posted.sender != self.id:
            raise NotThere(f"{message.id} is not theirs")
        return posted

    async def _changed(self, posted: Posted, kind: str, event: str, content: Json) -> Delivery:
        where = self._workspace.conversations[posted.place]
        if where.is_shared and not where.installed:
            return NOTHING
        made = activities.activity(self._workspace, kind, self.user, where, posted.root, **content)
        data = {**made["channelData"], "eventType": event}
        return await self._deliver({**made, "id": posted.id, "channelData": data})
