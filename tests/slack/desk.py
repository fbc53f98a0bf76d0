"""A school's office in Slack: the program behind a real socket, and people at their clients of the fake."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.conversation.cards import Button, Card
from bot.domain.jobs import Shown
from bot.domain.moments import parse_day, parse_moment
from bot.platforms.labels import button_meant
from bot.platforms.web.clock import LocalClock
from bot.settings.load import Settings
from bot.settings.shapes import SlackAccess
from tests.served import ServedClient, ServedDesk
from tests.simulator import LONDON, Seen
from tests.slack.entries import NotTypeable
from tests.slack.fake import FakeSlack
from tests.slack.human import Human
from tests.slack.messages import Message, Pressable, pressables
from tests.slack.views import View
from tests.slack_words import words

Json = Any
SECRET, BOT_TOKEN, APP_TOKEN = "s3cr3t-of-slack", "xoxb-1", "xapp-1"
SLT, STAFF = "C0SLT", "C0STAFF"
CHANNELS = {"slt": SLT, "staff": STAFF}
FORMS = ("apply", "report", "press")
PAGE = "Fill in as a page"
IN_CHAT = "Answer in chat instead"


class SlackDesk(ServedDesk):
    """The fake of Slack, which outlives the program as the real one does."""

    platform = "slack"

    def __init__(self, settings: Settings, clock: LocalClock) -> None:
        listed = [each for each in settings.people if not each.person.contact_only]
        super().__init__(settings, clock, {each.person.id: each.slack or _account(each.person.id) for each in listed})
        self.fake = FakeSlack(SECRET, BOT_TOKEN, APP_TOKEN, self.now, wall_clock=self.now)

    async def ready(self, settings: Settings) -> Settings:
        """Open the workspace, once, and return settings with the way to it."""
        if not self.fake.base_url:
            await self.fake.open()
            for user, name in self._names.items():
                self.fake.user(user, name)
            self.fake.channel(SLT, "slt", self._leaders, is_private=True)
            self.fake.channel(STAFF, "staff", list(self._names))
        people = tuple(replace(each, slack=self._accounts.get(each.person.id, "")) for each in settings.people)
        return replace(settings, people=people, slack=SlackAccess(BOT_TOKEN, SECRET, "", self.fake.api_url))

    async def listens_at(self, address: str) -> None:
        """Tell Slack where the program is."""
        self.fake.app_url = f"{address}/slack/events"

    async def leave(self) -> None:
        """Close the workspace for good; nothing that was drawn may have been refused by Slack."""
        await self.fake.close()
        assert not self.fake.mistakes, self.fake.mistakes

    def client(self, person: str) -> SlackClient:
        """Return the client of *person*."""
        return SlackClient(person, self, self.fake.human(self._accounts[person]))

    async def shown(self, message: Message) -> Shown | None:
        """Return what the program knows of a message that shows a case."""
        found = await self.app.assistant.world.store.find(Shown)
        return next((each for each in found if message.ts in re.split("[:,]", each.reference)), None)


class SlackClient(ServedClient):
    """A person at Slack: fills forms in as modals, and reads direct messages, channels and modals."""

    def __init__(self, person: str, desk: SlackDesk, human: Human) -> None:
        super().__init__(person, desk)
        self._desk = desk
        self.human = human

    async def says(self, text: str, *, to: str = "dm") -> str:
        """Type *text*: a form's bare command is said to the bot, which asks in chat; others are slash commands."""
        channel = CHANNELS.get(to, to)
        before = self._keys()
        command = re.fullmatch(r"/smpolicy\b\s*(.*)", text.strip(), re.DOTALL | re.IGNORECASE)
        if command and (command[1].lower() not in FORMS or await self._asked()):
            await self._close_modals()
            delivery = await self.human.slash(command[1], channel=channel)
        else:
            await self._to_chat()
            called = text if command is None else command[1] if to == "dm" else f"@smpolicy {command[1]}"
            mention = f"<@{self._desk.fake.names.bot_user}>"
            said = re.sub(r"(?<!\w)@smpolicy\b", mention, called, flags=re.IGNORECASE)
            delivery = await self.human.says(channel, said)
        assert delivery.kind == "none" or delivery.ok, f"{self.id} got {delivery.status} for {text!r}"
        await self._desk.settled()
        return self._news(before, to)

    async def presses(self, label: str, on: str = "", **values: Json) -> str:
        """Press by label; fill in with *values* what is asked then."""
        seen = await self._with_button(label, on)
        before = self._keys()
        await self._press(seen, label)
        if values:
            await self._fill_whole(values)
        return self._news(before, seen.place)

    async def refused(self, label: str, on: str = "", **values: Json) -> str:
        """Press though it is not to be pressed, drawn or not; return the sentence."""
        before = self._keys()
        for message in reversed(self._messages()):
            if on not in _text(message):
                continue
            button = await self._meant(label, message)
            if button is None:
                continue
            await self._press_forged(message, button)
            modal = self.human.modal
            if modal is not None and modal.payload["callback_id"] == "form":
                left = dict(values)
                self._type(modal, left)
                await self.human.submit(modal)
                await self._desk.settled()
                assert modal.errors, f"{self.id} was not refused"
                return " ".join(modal.errors.values())
            sentence = _sentence(self._news(before, ""))
            self._dismiss(before)
            return sentence
        raise AssertionError(f"{self.id} sees nothing about {on!r} on which {label!r} ever meant anything")

    def _dismiss(self, before: set[str]) -> None:
        """Put away what only they were shown since *before*, as its own link in Slack does."""
        for message in self._messages():
            if message.ephemeral_to and f"{message.ts} {message.text}" not in before:
                message.deleted = True

    async def fills(self, **answers: Json) -> str:
        """Submit page after page."""
        before = self._keys()
        await self._fill_whole(answers)
        return self._news(before, "")

    async def mends(self, **answers: Json) -> str:
        """Submit until an entry is not taken."""
        left = dict(answers)
        try:
            errors = await self._fill(left, unchecked=True)
        except NotTypeable:  # there is no way to enter that on the page, so it is typed in chat
            return await self._mends_in_chat(answers)
        assert errors, f"everything that {self.id} answered was taken"
        return " ".join(errors.values())

    async def _mends_in_chat(self, answers: Mapping[str, Json]) -> str:
        await self._to_chat()
        while asked := await self._asked():
            heard = await self.says(str(answers.get(asked) or "skip"))
            if await self._asked() == asked:
                return heard
        raise AssertionError(f"everything that {self.id} answered was taken")

    async def screen(self) -> list[Seen]:
        """Read the bot's messages; what others typed there is Slack's, and what a modal shows is said here as well."""
        seen = [self._seen(message) for message in self._messages()]
        asking = [number for number, each in enumerate(seen) if PAGE in each.buttons and each.place == "dm"]
        if asking and asking[-1] == len(seen) - 1:
            seen[-1] = replace(seen[-1], question=await self._asked())
        return seen

    # Pressing --------------------------------------------------------------------------------

    async def _press(self, seen: Seen, label: str) -> None:
        message = next(each for each in self._messages() if each.ts == seen.handle)
        button = _labelled(pressables(message.blocks, self.human.id), label)
        assert button is not None
        await self._close_modals()
        await self.human.press(message, button.action_id)
        await self._desk.settled()

    async def _press_forged(self, message: Message, button: Button) -> None:
        action_id = f"{button.action}#99"
        element = {
            "type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": button.label},
            "value": json.dumps([button.subject, button.value]),
        }  # fmt: skip
        forged = replace(message, blocks=[{"type": "actions", "block_id": "forged", "elements": [element]}])
        await self._close_modals()
        await self.human.press(forged, action_id, forced=True)
        await self._desk.settled()

    async def _meant(self, label: str, message: Message) -> Button | None:
        """Return what *label* means on the message: drawn now, drawn before, or a move of the case it shows."""
        shown = await self._desk.shown(message)
        drawings = ([{"block_id": "", **block} for block in each] for each in self._drawings(message))
        offered = [button for each in drawings for button in map(_button, pressables(each))]
        if shown is not None:
            offered.append(Button("", f"{shown.kind}.", shown.subject))
        switchboard = self._desk.app.assistant.switchboard
        return button_meant(label, Card(""), self.id, offered=offered, switchboard=switchboard)

    def _drawings(self, message: Message) -> Iterator[list[Json]]:
        """Yield every way in which the message was ever drawn, oldest first."""
        key = (message.metadata or {}).get("event_payload", {}).get("job")
        for kind, payload in self._desk.fake.drawn:
            if kind == "message" and payload.get("blocks"):
                same = payload.get("ts") == message.ts
                posted = key and (payload.get("metadata") or {}).get("event_payload", {}).get("job") == key
                if same or posted:
                    yield payload["blocks"]
        yield message.blocks

    # Filling in ------------------------------------------------------------------------------

    async def _fill(self, left: dict[str, Json], *, unchecked: bool = False) -> dict[str, str]:
        """Fill in page after page, and return the errors of the page that was not taken, if any."""
        modal: View | None = await self._open_form()
        while modal is not None:
            self._type(modal, left)
            delivery = await self.human.submit(modal, unchecked=unchecked)
            await self._desk.settled()
            if modal.errors:
                return modal.errors
            assert delivery.ok, f"{self.id} got {delivery.status}: {delivery.body}"
            top = self.human.modal
            modal = top if top is not None and top.payload["callback_id"] == "form" else None
        return {}

    async def _fill_whole(self, answers: Mapping[str, Json]) -> None:
        left = dict(answers)
        errors = await self._fill(left)
        assert not errors, f"{self.id} has to mend {errors}"
        assert not left, f"nobody asked for {sorted(left)}"

    async def _open_form(self) -> View:
        modal = self.human.modal
        if modal is None or modal.payload["callback_id"] != "form":
            seen = await self._with_button(PAGE, "")
            await self._press(seen, PAGE)
            modal = self.human.modal
        assert modal is not None, f"nothing asks {self.id} to fill anything in"
        return modal

    def _type(self, modal: View, left: dict[str, Json]) -> None:
        for block in modal.blocks:
            name = block.get("block_id", "")
            if block["type"] == "input" and name in left:
                self._enter(modal, block, name, left.pop(name))

    def _enter(self, modal: View, block: Json, name: str, value: Json) -> None:
        element = block["element"]
        now = self._desk.app.assistant.world.clock.now().astimezone(LONDON)
        match element["type"]:
            case _ if value is None:
                self.human.type_into(modal, name, None)
            case "radio_buttons" | "static_select":
                other = f"{name}--other"
                number = _option(element, value)
                if number is None and any(each.get("block_id") == other for each in modal.blocks):
                    self.human.type_into(modal, other, value)
                elif number is None:
                    raise NotTypeable(f"{value!r} is no option of {name}")
                else:
                    self.human.type_into(modal, name, number)
            case "checkboxes" | "multi_static_select":
                chosen = [value] if isinstance(value, str) else value
                self.human.type_into(modal, name, [_option(element, each) for each in chosen])
            case "multi_users_select":
                named = [part.strip() for part in value.split(",")] if isinstance(value, str) else list(value or ())
                users = [user for each in named if (user := self._desk.user(each))]
                others = [each for each in named if self._desk.user(each) is None]
                self.human.type_into(modal, name, users)
                if others:
                    self.human.type_into(modal, f"{name}--names", ", ".join(others))
            case "datepicker":
                day = parse_day(str(value), now.date())
                self.human.type_into(modal, name, day.isoformat() if day else None)
            case "datetimepicker":
                at = parse_moment(str(value), now, LONDON) if value else None
                self.human.type_into(modal, name, int(at.timestamp()) if at else None)
            case _:
                self.human.type_into(modal, name, str(value))

    async def _to_chat(self) -> None:
        """Leave an open form for the chat, as its button offers, before typing there."""
        modal = self.human.modal
        if modal is not None and modal.payload["callback_id"] == "form":
            button = _labelled(modal.buttons, IN_CHAT)
            assert button is not None
            await self.human.press_in_view(modal, button.action_id)
            await self._desk.settled()
        await self._close_modals()

    async def _close_modals(self) -> None:
        while (modal := self.human.modal) is not None:
            await self.human.close(modal)

    # Reading ---------------------------------------------------------------------------------

    def _messages(self) -> list[Message]:
        return [each for each in self.human.messages() if each.user == self._desk.fake.names.bot_user]

    def _seen(self, message: Message) -> Seen:
        place = next((name for name, channel in CHANNELS.items() if channel == message.channel), "dm")
        labels = tuple(each.label for each in pressables(message.blocks, self.human.id))
        return Seen(_text(message), labels, place, handle=message.ts)

    def _keys(self) -> set[str]:
        modal = self.human.modal
        return {f"{each.ts} {each.text}" for each in self._messages()} | ({_view_text(modal)} if modal else set())

    def _news(self, before: set[str], place: str) -> str:
        """Return what has arrived since *before* in the place, "" for all places; a modal counts wherever it is."""
        new = [
            each for each in self._messages()
            if f"{each.ts} {each.text}" not in before and place in ("", self._seen(each).place)
        ]  # fmt: skip
        texts = [_text(each) for each in new]
        modal = self.human.modal
        if modal is not None and (text := _view_text(modal)) not in (*before, *texts):
            texts.append(text)
        return "\n\n".join(texts)


def _sentence(refusal: str) -> str:
    """Return the sentence of a refusal, less the card around it."""
    return refusal.removeprefix("That did not go through\n\n").partition("\n\nThe reason in the policy:")[0]


def _account(person: str) -> str:
    """Return the Slack user id of somebody of the sample school (contract 5)."""
    return f"U0{person.upper().replace('_', '')}"


def _text(message: Message) -> str:
    return words(message.blocks) if message.blocks else message.text


def _view_text(view: View) -> str:
    inputs = [
        "\n".join((each["label"]["text"], (each.get("hint") or {}).get("text", "")))
        for each in view.blocks
        if each["type"] == "input"
    ]
    blocks = [each for each in view.blocks if each["type"] != "input"]
    return "\n\n".join(part for part in (view.title, words(blocks), *inputs) if part.strip())


def _labelled(buttons: list[Pressable], label: str) -> Pressable | None:
    wanted = label.casefold()
    return next((each for each in buttons if each.label.casefold() == wanted), None)


def _button(pressable: Pressable) -> Button:
    try:
        subject, value = json.loads(pressable.value)
    except ValueError:
        subject, value = "", ""
    return Button(pressable.label, pressable.action_id.partition("#")[0], subject, value)


def _option(element: Mapping[str, Json], value: Json) -> str | None:
    """Return the value of the option that reads *value*."""
    text = ("Yes" if value else "No") if isinstance(value, bool) else str(value)
    options = [(each["text"]["text"], each["value"]) for each in element["options"]]
    return next((number for label, number in options if label.casefold() == text.casefold()), None)
