"""Somebody in Slack: what they type, press and see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.slack import payloads
from tests.slack.actions import NotThere, action, find
from tests.slack.deliveries import Delivery
from tests.slack.entries import VALUES, entry, fields, missing, state_values
from tests.slack.messages import Message
from tests.slack.people import Channel
from tests.slack.refusals import Refused
from tests.slack.responses import answer
from tests.slack.submissions import PLEASE_FILL_IN, apply_answer
from tests.slack.views import View
from tests.slack.workspace import Workspace

Json = Any
Deliver = Callable[[str, Json, str], Awaitable[Delivery]]
NOTHING = Delivery("none")


@dataclass(frozen=True, slots=True)
class Sight:
    """All that somebody can see: messages oldest first, the modal on top and the home tab."""

    messages: list[Message]
    modal: View | None
    home: View | None


class Human:
    """One person and their client; a channel may be "dm", which is their direct message with the bot.

    What they do returns the delivery with the app's answer, of the kind "none" where Slack tells the app nothing.
    """

    def __init__(self, user: str, workspace: Workspace, deliver: Deliver, base_url: str) -> None:
        self.id = user
        self._workspace = workspace
        self._deliver = deliver
        self._base_url = base_url

    @property
    def dm(self) -> str:
        """Return the id of their direct message with the bot."""
        return self._workspace.dm(self.id).id

    @property
    def modal(self) -> View | None:
        """Return the modal on top of what they have open."""
        return next(reversed(self._workspace.views.stack(self.id)), None)

    @property
    def home(self) -> View | None:
        """Return their home tab."""
        return self._workspace.views.home(self.id)

    def messages(self, channel: str = "", *, thread_ts: str = "") -> list[Message]:
        """Return what they can read: everywhere or in one channel, in all threads or in one."""
        place = self.dm if channel == "dm" else channel
        return [
            message
            for message in self._workspace.messages
            if message.seen_by(self.id)
            and self.id in self._workspace.channels[message.channel].members
            and place in {"", message.channel}
            and thread_ts in {"", message.ts, message.thread_ts}
        ]

    def sees(self) -> Sight:
        """Return all that they can see."""
        return Sight(self.messages(), self.modal, self.home)

    def reloads(self) -> None:
        """Start the client anew, which forgets what only they were shown."""
        for message in self._workspace.messages:
            if message.ephemeral_to == self.id:
                message.deleted = True

    async def says(self, channel: str, text: str, *, thread_ts: str = "", raw: bool = False) -> Delivery:
        """Write a message; the app hears it in the direct message, and elsewhere where it is mentioned.

        What is typed is escaped as Slack does it, but for the bot's own mention; *raw* is sent as it is.
        """
        place, names = self._place(channel), self._workspace.names
        mention = f"<@{names.bot_user}>"
        wire = text if raw else _escaped(text).replace(_escaped(mention), mention)
        blocks = [] if raw else self._workspace.named([_typed(text)])
        client_id = str(UUID(int=self._workspace.number(), version=4))
        message = self._workspace.post(
            Message(place.id, self._workspace.ts(), self.id, wire, blocks, client_msg_id=client_id, thread_ts=thread_ts)
        )
        self._begin_thread(place, thread_ts)
        if place.is_im:
            event = payloads.message_event(self._workspace, message, place)
        elif mention in wire and names.bot_user in place.members:
            event = payloads.mention_event(self._workspace, message, place)
        else:
            return Delivery("none", ts=message.ts)
        return await self._deliver("event", payloads.event_callback(self._workspace, event), message.ts)

    async def edits(self, message: Message, text: str) -> Delivery:
        """Change a message of their own; the app is told in the direct message only."""
        before = message.json(self._workspace.names.team_id)
        message.text, message.edited = _escaped(text), True
        after = message.json(self._workspace.names.team_id)
        return await self._changed(message, "message_changed", {"message": after, "previous_message": before})

    async def deletes(self, message: Message) -> Delivery:
        """Take a message of their own back; the app is told in the direct message only."""
        message.deleted = True
        before = message.json(self._workspace.names.team_id)
        return await self._changed(message, "message_deleted", {"deleted_ts": message.ts, "previous_message": before})

    async def slash(self, text: str, *, channel: str = "dm", command: str = "/smpolicy") -> Delivery:
        """Send a slash command; what the acknowledgement says is shown to them."""
        place = self._place(channel)
        path = self._workspace.triggers.response_path(place.id, self.id)
        sent = payloads.command(self._workspace, self.id, place, f"{command} {text}", self._base_url + path)
        delivery = await self._deliver("command", sent, "")
        url = self._workspace.triggers.known(path)
        if url and delivery.ok and delivery.answer is not None:
            try:
                answer(self._workspace, url, delivery.answer)
            except Refused as refused:
                self._workspace.mistakes.append(f"command: the acknowledgement was refused: {refused.code}")
        return delivery

    async def press(self, message: Message, action_id: str, *, selected: Json = None, forced: bool = False) -> Delivery:
        """Use what stands in *message*; a kept copy is pressed as it was drawn then.

        *forced* uses also what they are not shown, as a request made by hand would.

        Raises:
            NotThere: they don't see the message, or nothing of that id in it.
        """
        block, element = find(message.blocks, action_id)
        shown = message in self.messages() or any(message.ts == each.ts for each in self.messages(message.channel))
        if not forced and (not shown or self.id not in element.get("visible_to_user_ids", [self.id])):
            raise NotThere(f"{self.id} is not shown {action_id!r}")
        path = self._workspace.triggers.response_path(message.channel, self.id, message.ts)
        used = action(block, element, selected, self._workspace.ts(), set(self._workspace.users))
        typed = _typed_by(block, element, used)
        return await self._interact(
            payloads.pressed_in_message(
                self._workspace,
                self.id,
                self._workspace.message(message.channel, message.ts) or message,
                used,
                self._base_url + path,
                state_values(message.blocks, typed),
            )
        )

    async def press_in_view(
        self, view: View, action_id: str, *, selected: Json = None, forced: bool = False
    ) -> Delivery:
        """Use what stands in a modal or home tab; a menu keeps what was chosen."""
        block, element = find(view.blocks, action_id)
        if not forced and self.id not in element.get("visible_to_user_ids", [self.id]):
            raise NotThere(f"{self.id} is not shown {action_id!r}")
        if block["type"] == "input" and not block.get("dispatch_action"):
            raise NotThere(f"{action_id!r} tells the app nothing before the view is sent")
        used = action(block, element, selected, self._workspace.ts(), set(self._workspace.users))
        view.typed.update(_typed_by(block, element, used))
        return await self._interact(payloads.pressed_in_view(self._workspace, view, used))

    async def shortcut(self, callback_id: str) -> Delivery:
        """Use a global shortcut."""
        return await self._interact(payloads.shortcut(self._workspace, self.id, callback_id))

    async def message_shortcut(self, callback_id: str, channel: str, ts: str) -> Delivery:
        """Use a shortcut on a message, whether the bot is in its channel or not."""
        place = self._place(channel)
        message = self._workspace.message(place.id, ts)
        if message is None or not message.seen_by(self.id):
            raise NotThere(f"{self.id} sees no message {ts} in {place.id}")
        path = self._workspace.triggers.response_path(place.id, self.id, ts)
        url = self._base_url + path
        return await self._interact(payloads.message_shortcut(self._workspace, self.id, callback_id, message, url))

    def type_into(self, view: View, block_id: str, value: Json) -> None:
        """Fill a field in, as its kind takes it: words, an option's value, a date; None empties it.

        Raises:
            NotThere: there is no such field.
            NotTypeable: the client would not take it.
        """
        for block, element in fields(view.blocks):
            if block["block_id"] == block_id:
                held = entry(element, value, set(self._workspace.users))
                view.typed[block_id, element["action_id"]] = held
                return
        raise NotThere(f"{block_id!r} is none of {[block['block_id'] for block, _ in fields(view.blocks)]}")

    async def submit(self, view: View, *, unchecked: bool = False) -> Delivery:
        """Send a modal and see what becomes of it.

        The client asks for required fields first, in `view.errors`, unless it is made *unchecked*.
        """
        empty = missing(view.blocks, view.typed)
        if empty and not unchecked:
            view.errors = dict.fromkeys(empty, PLEASE_FILL_IN)
            return NOTHING
        delivery = await self._deliver("interaction", payloads.submission(self._workspace, view), "")
        apply_answer(self._workspace, view, delivery)
        return delivery

    async def close(self, view: View, *, cleared: bool = False) -> Delivery:
        """Close a modal, or all of them (*cleared*); the app is told where the view asks for it."""
        payload = payloads.closing(self._workspace, view, cleared=cleared)
        if cleared or view.payload.get("clear_on_close"):
            self._workspace.views.clear(self.id)
        else:
            self._workspace.views.close(view)
        return await self._interact(payload) if view.payload.get("notify_on_close") else NOTHING

    async def forges(self, payload: Json) -> Delivery:
        """Send an interaction that was made by hand, such as one of `Delivery.payload` changed."""
        return await self._deliver("interaction", deepcopy(payload), "")

    async def opens(self, tab: str) -> Delivery:
        """Look at a tab of the app: home or messages."""
        event = payloads.home_event(self._workspace, self.id, tab)
        return await self._deliver("event", payloads.event_callback(self._workspace, event), "")

    async def _interact(self, payload: Json) -> Delivery:
        delivery = await self._deliver("interaction", deepcopy(payload), "")
        if delivery.ok and delivery.answer is not None:
            self._workspace.mistakes.append(f"{payload['type']}: nobody reads the acknowledgement {delivery.body!r}")
        return delivery

    async def _changed(self, message: Message, subtype: str, more: Json) -> Delivery:
        place = self._workspace.channels[message.channel]
        if not place.is_im:
            return NOTHING
        ts = self._workspace.ts()
        common = {"type": "message", "subtype": subtype, "hidden": True, "channel": place.id, "channel_type": "im"}
        event = {**common, "ts": ts, "event_ts": ts, **more}
        return await self._deliver("event", payloads.event_callback(self._workspace, event), message.ts)

    def _place(self, channel: str) -> Channel:
        place = self._workspace.channels[self.dm if channel == "dm" else channel]
        if self.id not in place.members:
            raise NotThere(f"{self.id} is not in {place.id}")
        return place

    def _begin_thread(self, place: Channel, thread_ts: str) -> None:
        first = self._workspace.message(place.id, thread_ts)
        if first and not first.thread_ts:
            first.thread_ts = thread_ts


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _typed(text: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


def _typed_by(block: Json, element: Json, used: Json) -> dict[tuple[str, str], Json]:
    if element["type"] not in VALUES:
        return {}
    return {(block["block_id"], element["action_id"]): used[VALUES[element["type"]][0]]}
