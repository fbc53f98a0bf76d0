"""What somebody presses on cards, and fills in on them and in dialogs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from tests.teams import activities
from tests.teams.answers import UNREACHABLE, take_action, take_task
from tests.teams.cards import Pressable, kind_of, pressables
from tests.teams.deliveries import Delivery
from tests.teams.dialogs import Dialog, Frame
from tests.teams.inputs import sent, typed, wrong
from tests.teams.messages import Message
from tests.teams.refusals import NotThere
from tests.teams.seat import NOTHING, Seat

Json = Any
THEME = {"theme": "default"}


class Pressing(Seat):
    """A seat whose person uses what is on cards."""

    def buttons(self, message: Message) -> list[Pressable]:
        """Return what can be pressed on *message* as they see it."""
        return message.buttons

    async def press(
        self, what: Message | Dialog, title: str | Json, inputs: Mapping[str, Json] | None = None
    ) -> Delivery:
        """Press a button by its title or its action; a kept copy of a message is pressed as it was drawn then.

        The client sends all fields of the card along, *inputs* typed over what stands in them, unless the button
        wants none; required ones have to be filled in first.

        Raises:
            NotThere: there is no such button, or they can't see the message.
        """
        action = _button(what.card, title).action
        if isinstance(what, Dialog):
            what.values = typed(what.card, {**what.values, **(inputs or {})})
            return await self._press_in_dialog(what, action)
        self._posted(what)
        values = typed(what.card, inputs or {})
        self._client.errors = {} if _takes_none(action) else wrong(what.card, values)
        if self._client.errors or kind_of(action) in {"open_url", "other"}:
            return NOTHING
        return await self._send(what, action, _merged(what.card, action, values))

    async def forge(self, message: Message, action: Json, inputs: Mapping[str, Json] | None = None) -> Delivery:
        """Press what is not drawn, as a request made by hand would; *inputs* go into the data unchecked."""
        return await self._send(message, action, {**_data(action), **(inputs or {})})

    async def refresh(self, message: Message, *, trigger: str = "automatic") -> Delivery:
        """Have the client ask for their own card, as it does for people whom the card names, when they look at it.

        Raises:
            NotThere: the card asks for no such thing, or not for them.
        """
        wanted = (message.card or {}).get("refresh")
        if not wanted or (trigger == "automatic" and self.mri not in wanted["userIds"]):
            raise NotThere(f"nothing on {message.id} is to be refreshed for {self.id}")
        return await self._execute(message, wanted["action"], _data(wanted["action"]), trigger)

    async def looks(self, place: str = "") -> list[Message]:
        """Look at messages, and have their client refresh what asks for it; return what they see then."""
        for message in self.messages(place):
            if self.mri in ((message.card or {}).get("refresh") or {}).get("userIds", ()):
                await self.refresh(message)
        return self.messages(place)

    async def votes(self, message: Message, *, like: bool = True, words: str = "") -> Delivery:
        """Press a thumb below an answer; where the app asks for words of its own, they are asked for by the app.

        Raises:
            NotThere: there are none.
        """
        if not message.feedback:
            raise NotThere(f"{message.id} asks for no feedback")
        reaction = "like" if like else "dislike"
        if message.activity["channelData"]["feedbackLoop"]["type"] == "custom":
            data = {"actionName": "feedback", "actionValue": {"reaction": reaction}}
            delivery = await self._invoke(message, "message/fetchTask", {"data": data})
            take_task(self._workspace, self._client, delivery, Frame("message/submitAction", {}, delivery.activity))
            return delivery
        value = {"reaction": reaction, "feedback": json.dumps({"feedbackText": words})}
        told = {"actionName": "feedback", "actionValue": value}
        delivery = await self._invoke(message, "message/submitAction", told)
        if not delivery.ok:
            self._client.notices.append(UNREACHABLE)
        return delivery

    # In dialogs ------------------------------------------------------------------------------

    def type_into(self, input_id: str, value: Json) -> None:
        """Fill a field of the open dialog in, as its kind takes it: words, one choice or several, a date.

        None empties it. Choices are named by their values.

        Raises:
            NotThere: there is no dialog or no such field.
            NotTypeable: the client would not take it.
        """
        dialog = self._open_dialog()
        dialog.values |= {input_id: typed(dialog.card, {input_id: value})[input_id]}

    async def submit(
        self, title: str = "", values: Mapping[str, Json] | None = None, *, unchecked: bool = False
    ) -> Delivery:
        """Press a button of the open dialog, the first that sends it where none is named, and see what comes of it.

        The client asks for required fields first, in `dialog.errors`, unless it is made *unchecked*.
        """
        dialog = self._open_dialog()
        for name, value in (values or {}).items():
            self.type_into(name, value)
        first = next((each.title for each in dialog.buttons if each.kind == "submit"), "")
        return await self._press_in_dialog(dialog, _button(dialog.card, title or first).action, unchecked=unchecked)

    async def forge_submit(self, data: Json) -> Delivery:
        """Send the open dialog with data made by hand."""
        return await self._send_dialog(self._open_dialog(), data)

    def close_dialog(self) -> None:
        """Close the dialog, of which the app hears nothing."""
        self._client.dialog = None

    # What it is made of ----------------------------------------------------------------------

    async def _send(self, message: Message, action: Json, data: Json) -> Delivery:
        match kind_of(action):
            case "execute":
                return await self._execute(message, action, data, "manual")
            case "dialog":
                return await self._fetch(message, data)
            case _:
                where = self._place_of(message)
                return await self._deliver(
                    activities.submitted(self._workspace, self.user, where, message, deepcopy(data))
                )

    async def _execute(self, message: Message, action: Json, data: Json, trigger: str) -> Delivery:
        told = {name: action[name] for name in ("type", "id", "title", "verb") if name in action}
        value = {"action": {**told, "data": deepcopy(data)}, "trigger": trigger}
        delivery = await self._invoke(message, "adaptiveCard/action", value)
        take_action(self._workspace, self._client, self.id, message, delivery)
        return delivery

    async def _fetch(self, message: Message, data: Json) -> Delivery:
        delivery = await self._invoke(message, "task/fetch", {"data": deepcopy(data), "context": THEME})
        take_task(self._workspace, self._client, delivery, Frame("task/submit", {}, delivery.activity))
        return delivery

    async def _press_in_dialog(self, dialog: Dialog, action: Json, *, unchecked: bool = False) -> Delivery:
        if kind_of(action) not in {"submit", "dialog"}:
            return NOTHING
        dialog.errors = {} if _takes_none(action) or unchecked else wrong(dialog.card, dialog.values)
        if dialog.errors:
            return NOTHING
        return await self._send_dialog(dialog, _merged(dialog.card, action, dialog.values))

    async def _send_dialog(self, dialog: Dialog, data: Json) -> Delivery:
        frame = dialog.frame
        value = {**frame.more, "data": deepcopy(data), "context": THEME}
        own = {"id": f"f:{self._workspace.unique()}", "name": frame.submits, "value": value}
        delivery = await self._deliver({**frame.about, **own, **activities.moment(self._workspace)})
        take_task(self._workspace, self._client, delivery, frame)
        return delivery

    def _open_dialog(self) -> Dialog:
        if self._client.dialog is None:
            raise NotThere(f"{self.id} has no dialog open")
        return self._client.dialog


def _button(card: Json, title: str | Json) -> Pressable:
    if not isinstance(title, str):
        return Pressable("", kind_of(title), title)
    drawn = pressables(card or {})
    found = next((each for each in drawn if each.title == title), None)
    if found is None:
        raise NotThere(f"{title!r} is none of {[each.title for each in drawn]}")
    return found


def _merged(card: Json, action: Json, values: Mapping[str, str]) -> Json:
    return {**_data(action), **({} if _takes_none(action) else sent(card, values))}


def _data(action: Json) -> dict[str, Json]:
    data = action.get("data")
    return deepcopy(data) if isinstance(data, dict) else {}


def _takes_none(action: Json) -> bool:
    return str(action.get("associatedInputs", "auto")).lower() == "none"
