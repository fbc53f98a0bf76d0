"""A school's office in Teams: the program behind a real socket, and people at their clients of the fake."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from bot.conversation.cards import Button, Card
from bot.domain.jobs import Shown
from bot.domain.moments import parse_day, parse_moment
from bot.platforms.labels import button_meant
from bot.platforms.web.clock import LocalClock
from bot.settings.load import Settings
from bot.settings.shapes import Channel, TeamsAccess
from tests.served import ServedClient, ServedDesk
from tests.simulator import LONDON, Seen
from tests.teams.cards import Pressable, pressables, text_of
from tests.teams.dialogs import Dialog
from tests.teams.fake import FakeTeams
from tests.teams.human import Human
from tests.teams.inputs import Input, inputs_of
from tests.teams.issuer import SECRET, TENANT, Issuer
from tests.teams.messages import Message
from tests.teams.refusals import NotTypeable
from tests.teams_words import words, words_of

Json = Any
APP_ID = "5d0a7e5c-0000-4000-8000-0000000000b0"
SLT, STAFF = "19:slt@thread.tacv2", "19:staff@thread.tacv2"
CHANNELS = {"slt": SLT, "staff": STAFF}
PAGE = "Fill in as a page"
IN_CHAT = "Answer in chat instead"


class TeamsDesk(ServedDesk):
    """The fake of Teams, which outlives the program as the real one does."""

    platform = "teams"

    def __init__(self, settings: Settings, clock: LocalClock) -> None:
        listed = [each for each in settings.people if not each.person.contact_only]
        super().__init__(
            settings,
            clock,
            {each.person.id: each.teams or str(uuid5(NAMESPACE_DNS, each.person.id)) for each in listed},
        )
        self.issuer = Issuer(APP_ID, self.now)
        self.fake = FakeTeams(self.issuer, APP_ID, TENANT, self.now)

    async def ready(self, settings: Settings) -> Settings:
        """Open the tenant, once, and return settings with the way to it."""
        if not self.fake.base_url:
            await self.issuer.open()
            await self.fake.open()
            for user, name in self._names.items():
                self.fake.user(user, name)
            self.fake.channel(SLT, "slt", self._leaders, private=True)
            self.fake.channel(STAFF, "staff", list(self._names))
        people = tuple(replace(each, teams=self._accounts.get(each.person.id, "")) for each in settings.people)
        channels = {**settings.channels, "slt": Channel(settings.channels["slt"].slack, SLT)}
        return replace(settings, people=people, channels=channels, teams=self.access())

    def access(self) -> TeamsAccess:
        """Return what the program is told of the tenant."""
        return TeamsAccess(
            APP_ID, SECRET, TENANT, openid_url=self.issuer.metadata_url, token_url=self.issuer.token_url,
            issuer=self.issuer.issuer, service_hosts=frozenset({self.fake.base_url.split("/")[2]}),
        )  # fmt: skip

    def aside(self, place: str) -> str:
        """Return the direct chat: Teams has no other way to say something to one person alone."""
        return "dm"

    async def listens_at(self, address: str) -> None:
        """Tell Teams where the program is; at first the app is added to the school's places."""
        first = not self.fake.app_url
        self.fake.app_url = f"{address}/api/messages"
        if first:
            for place in CHANNELS.values():
                await self.fake.installs(place, self._leaders[0])

    async def leave(self) -> None:
        """Close the tenant for good; nothing that was drawn may have been refused by Teams."""
        await self.fake.close()
        await self.issuer.close()
        assert not self.fake.mistakes, self.fake.mistakes

    def client(self, person: str) -> TeamsClient:
        """Return the client of *person*."""
        return TeamsClient(person, self, self.fake.human(self._accounts[person]))

    async def shown(self, message: Message) -> Shown | None:
        """Return what the program knows of a message that shows a case."""
        found = await self.app.assistant.world.store.find(Shown)
        return next((each for each in found if message.id in re.split("[|,]", each.reference)), None)


class TeamsClient(ServedClient):
    """A person in Teams: fills forms in as dialogs, and reads chats, channels, dialogs and what presses answered."""

    def __init__(self, person: str, desk: TeamsDesk, human: Human) -> None:
        super().__init__(person, desk)
        self._desk = desk
        self.human = human
        self._said_at_once: list[tuple[int, Seen]] = []

    async def says(self, text: str, *, to: str = "dm") -> str:
        """Type *text*; in a shared place only what mentions the bot reaches it."""
        before = self._keys()
        await self._to_chat()
        called = to != "dm" and re.search(r"(?<!\w)@smpolicy\b|^/smpolicy\b", text.strip(), re.IGNORECASE)
        typed = re.sub(r"(?<!\w)@smpolicy\b[,:]?\s*", "", text, count=1, flags=re.IGNORECASE) if called else text
        delivery = await self.human.says(CHANNELS.get(to, to), typed, mention=bool(called))
        assert delivery.kind == "none" or delivery.ok, f"{self.id} got {delivery.status} for {text!r}"
        await self._look()
        return self._news(before, "" if called else to)

    async def presses(self, label: str, on: str = "", **values: Json) -> str:
        """Press by label; fill in with *values* what is asked then."""
        seen = await self._with_button(label, on)
        before = self._keys()
        await self._press(seen, label)
        if values:
            await self._fill_whole(values)
        return self._news(before, "")

    async def refused(self, label: str, on: str = "", **values: Json) -> str:
        """Press though it is not to be pressed, drawn or not; return the sentence."""
        for message in reversed(self._messages()):
            if on not in _text(message):
                continue
            button = await self._meant(label, message)
            if button is not None:
                return _sentence(await self._press_forged(message, button, values))
        raise AssertionError(f"{self.id} sees nothing about {on!r} on which {label!r} ever meant anything")

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
        return errors

    async def _mends_in_chat(self, answers: Mapping[str, Json]) -> str:
        await self._to_chat()
        while asked := await self._asked():
            heard = await self.says(_as_typed(answers.get(asked)))
            if await self._asked() == asked:
                return heard
        raise AssertionError(f"everything that {self.id} answered was taken")

    async def screen(self) -> list[Seen]:
        """Read the bot's messages, and what was said at once in answer to presses."""
        await self._look()
        seen = [self._seen(message) for message in self._messages()]
        asking = [number for number, each in enumerate(seen) if PAGE in each.buttons and each.place == "dm"]
        if asking and asking[-1] == len(seen) - 1:
            seen[-1] = replace(seen[-1], question=await self._asked())
        for after, each in reversed(self._said_at_once):
            seen.insert(after, each)
        return seen

    # Pressing --------------------------------------------------------------------------------

    async def _press(self, seen: Seen, label: str) -> None:
        message = next(each for each in self._messages() if each.id == seen.handle)
        button = _labelled(message.buttons, label)
        assert button is not None
        self.human.close_dialog()
        toasts, notice = len(self.human.toasts), self.human.notice
        delivery = await self.human.press(message, button.title)
        assert delivery.ok, f"{self.id} got {delivery.status}: {delivery.body}"
        await self._look()
        said = self.human.toasts[toasts:]
        if not said and self.human.notice and button.kind == "dialog" and self.human.notice != notice:
            said = [self.human.notice]
        self._note(said, seen.place)

    def _note(self, said: list[str], place: str) -> None:
        """Keep what was said at once and does not stand in a message as well."""
        stand = [_in_a_row(_text(each)) for each in self._messages()]
        for each in said:
            if not any(_in_a_row(each) in text for text in stand):
                self._said_at_once.append((len(self._messages()), Seen(each, (), place)))

    async def _press_forged(self, message: Message, button: Button, values: Mapping[str, Json]) -> str:
        """Press as a request made by hand would, and return what was said at once."""
        data = {"action": button.action, "subject": button.subject, "value": button.value}
        forged = {"type": "Action.Submit", "data": {"msteams": {"type": "task/fetch"}, "smpolicy": data}}
        self.human.close_dialog()
        delivery = await self.human.forge(message, forged)
        assert delivery.ok, f"{self.id} got {delivery.status}: {delivery.body}"
        await self._look()
        dialog = self.human.dialog
        if dialog is None:
            return self.human.notice
        assert dialog.inputs, f"{self.id} was not refused: {dialog.text}"
        await self.human.submit(_submit_title(dialog.card), self._entered(dialog.inputs, dict(values)))
        await self._look()
        assert self.human.dialog is not None, f"{self.id} was not refused"
        errors = _attention(self.human.dialog.card)
        self.human.close_dialog()
        return errors or dialog.text

    async def _meant(self, label: str, message: Message) -> Button | None:
        """Return what *label* means on the message: drawn now, drawn before, or a move of the case it shows."""
        shown = await self._desk.shown(message)
        offered = [button for card in self._drawings(message) for button in map(_button, pressables(card))]
        if shown is not None:
            offered.append(Button("", f"{shown.kind}.", shown.subject))
        switchboard = self._desk.app.assistant.switchboard
        return button_meant(label, Card(""), self.id, offered=offered, switchboard=switchboard)

    def _drawings(self, message: Message) -> Iterator[Json]:
        """Yield every way in which the message was ever drawn, oldest first."""
        for call in self._desk.fake.calls:
            its_own = call.path.endswith(f"/{message.id}") or (call.answer or {}).get("id") == message.id
            if its_own and call.place == message.conversation.partition(";")[0] and isinstance(call.body, dict):
                yield from (each["content"] for each in call.body.get("attachments", ()))
        if message.card:
            yield message.card

    # Filling in ------------------------------------------------------------------------------

    async def _fill(self, left: dict[str, Json], *, unchecked: bool = False) -> str:
        """Fill in page after page, and return the errors of the page that was not taken, if any."""
        page: Dialog | Message | None = await self._open_form()
        while page is not None:
            asked = inputs_of(page.card)
            values = self._entered(asked, left)
            errors, following = await self._submit(page, values, unchecked=unchecked)
            if errors:
                return errors
            if following is not None and list(inputs_of(following.card)) == list(asked):
                wrong = _attention(following.card)
                assert wrong, f"{self.id} is asked the same again: {text_of(following.card)}"
                return wrong
            page = following
        self.human.close_dialog()
        return ""

    async def _submit(
        self, page: Dialog | Message, values: Mapping[str, Json], *, unchecked: bool
    ) -> tuple[str, Dialog | Message | None]:
        """Send one page; return what the client says is wrong with it, and the page that follows, if any."""
        if isinstance(page, Message):
            delivery = await self.human.press(page, _submit_title(page.card), values)
            wrong, notice = self.human.errors, ""
        else:
            before = self.human.notice
            delivery = await self.human.submit(_submit_title(page.card), values, unchecked=unchecked)
            wrong = page.errors
            notice = self.human.notice if self.human.dialog is None and self.human.notice != before else ""
        if wrong:
            return " ".join(wrong.values()), None
        assert delivery.ok, f"{self.id} got {delivery.status}: {delivery.body}"
        await self._look()
        self._note([notice] if notice else [], "dm")
        top: Dialog | Message | None = self.human.dialog
        if isinstance(page, Message):
            top = next((each for each in self._messages() if each.id == page.id), None)
        return "", top if top is not None and inputs_of(top.card) else None

    async def _fill_whole(self, answers: Mapping[str, Json]) -> None:
        left = dict(answers)
        errors = await self._fill(left)
        assert not errors, f"{self.id} has to mend {errors}"
        assert not left, f"nobody asked for {sorted(left)}"

    async def _open_form(self) -> Dialog | Message:
        """Return the form that is open as a dialog or as the newest card; else open the one that is being asked."""
        dialog = self.human.dialog
        if dialog is not None and dialog.inputs:
            return dialog
        newest = self._messages()[-1:]
        if newest and newest[0].card and inputs_of(newest[0].card):
            return newest[0]
        await self._press(await self._with_button(PAGE, ""), PAGE)
        assert self.human.dialog is not None, f"nothing asks {self.id} to fill anything in"
        return self.human.dialog

    def _entered(self, asked: Mapping[str, Input], left: dict[str, Json]) -> dict[str, Json]:
        """Return input id to what is entered there, taken out of *left*."""
        values: dict[str, Json] = {}
        for name, field in asked.items():
            if name in left:
                values |= self._entries(field, asked, left.pop(name))
        return values

    def _entries(self, field: Input, asked: Mapping[str, Input], value: Json) -> dict[str, Json]:
        now = self._desk.app.assistant.world.clock.now().astimezone(LONDON)
        name = field.id
        match field.kind:
            case _ if value is None:
                return {name: None}
            case "ChoiceSet" if _offers_people(field):
                return _people(field, asked, value)
            case "ChoiceSet" if field.multiple:
                chosen = [value] if isinstance(value, str) else list(value)
                return {name: [_choice(field, each) for each in chosen]}
            case "ChoiceSet":
                number = _choice(field, value)
                if number is None and f"{name}--other" in asked:
                    return {f"{name}--other": value}
                if number is None:
                    raise NotTypeable(f"{value!r} is no choice of {name}")
                return {name: number}
            case "Date" if f"{name}--time" in asked:
                at = parse_moment(str(value), now, LONDON)
                return {name: f"{at:%Y-%m-%d}" if at else None, f"{name}--time": f"{at:%H:%M}" if at else None}
            case "Date":
                day = parse_day(str(value), now.date())
                return {name: day.isoformat() if day else None}
            case _:
                return {name: str(value)}

    async def _to_chat(self) -> None:
        """Leave an open form for the chat, as its button offers, before typing there."""
        dialog = self.human.dialog
        if dialog is not None and _labelled(dialog.buttons, IN_CHAT) is not None:
            await self.human.submit(IN_CHAT)
            await self._look()
        self.human.close_dialog()

    # Reading ---------------------------------------------------------------------------------

    async def _look(self) -> None:
        """Wait for all that happens, and have the client ask for what it shows to this person alone."""
        await self._desk.settled()
        await self.human.looks()
        await self._desk.settled()

    def _messages(self) -> list[Message]:
        """Return what the bot says; the lines that only cite what stands above them are left out."""
        said = [each for each in self.human.messages() if each.sender_is_bot and not each.deleted]
        return [each for each in said if each.card or not each.citations]

    def _seen(self, message: Message) -> Seen:
        place = next((name for name, channel in CHANNELS.items() if channel == message.place), "dm")
        labels = tuple(each.title for each in message.buttons)
        return Seen(_text(message), labels, place, handle=message.id)

    def _keys(self) -> set[str]:
        dialog = self.human.dialog
        return {f"{each.id} {_text(each)}" for each in self._messages()} | {
            f"at once {number}" for number in range(len(self._said_at_once))
        } | ({_dialog_text(dialog)} if dialog else set())  # fmt: skip

    def _news(self, before: set[str], place: str) -> str:
        """Return what has arrived since *before* in the place, "" for all places; a dialog counts wherever it is."""
        new = [
            each for each in self._messages()
            if f"{each.id} {_text(each)}" not in before and place in ("", self._seen(each).place)
        ]  # fmt: skip
        texts = [_text(each) for each in new]
        texts += [
            each.text for number, (_, each) in enumerate(self._said_at_once)
            if f"at once {number}" not in before and each.text not in texts
        ]  # fmt: skip
        dialog = self.human.dialog
        if dialog is not None and (text := _dialog_text(dialog)) not in (*before, *texts):
            texts.append(text)
        return "\n\n".join(texts)


def _sentence(refusal: str) -> str:
    """Return the sentence of a refusal, less the card around it."""
    words = " ".join(refusal.split()).removeprefix("That did not go through").removeprefix(".").strip()
    return words.partition(" The reason in the policy:")[0]


def _in_a_row(text: str) -> str:
    """Return *text* without the ends of lines, and the full stops that stand for them where there is one line."""
    return " ".join(text.replace(".", " ").split())


def _text(message: Message) -> str:
    return words(message.card) if message.card else message.text


def _dialog_text(dialog: Dialog) -> str:
    return "\n\n".join(part for part in (dialog.title, dialog.text) if part.strip())


def _attention(card: Json) -> str:
    """Return what has to be mended on a page of a form."""
    wrong = [each for each in card["body"] if each.get("style") == "attention"]
    return " ".join(words_of([each]) for each in wrong)


def _labelled(buttons: list[Pressable], label: str) -> Pressable | None:
    wanted = label.casefold()
    return next((each for each in buttons if each.title.casefold() == wanted), None)


def _button(pressable: Pressable) -> Button:
    data = (pressable.action.get("data") or {}).get("smpolicy") or {}
    return Button(
        pressable.title, str(data.get("action", "")), str(data.get("subject", "")), str(data.get("value", ""))
    )


def _as_typed(value: Json) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value or "skip")


def _submit_title(card: Json) -> str:
    """Return the title of the button that sends a page."""
    sends = (each.title for each in pressables(card) if _button(each).action == "session.submit")
    return next(sends)


def _people(field: Input, asked: Mapping[str, Input], value: Json) -> dict[str, Json]:
    """Return who is chosen from the list, and whose names are typed."""
    named = [part.strip() for part in value.split(",")] if isinstance(value, str) else list(value or ())
    if len(set(named)) < len(named):
        raise NotTypeable("nobody can be chosen twice")
    offered = {number for _, number in field.choices}
    entered: dict[str, Json] = {field.id: [each for each in named if each in offered]}
    if f"{field.id}--names" in asked:
        entered[f"{field.id}--names"] = ", ".join(each for each in named if each not in offered)
    return entered


def _offers_people(field: Input) -> bool:
    return any(not number.isdecimal() for _, number in field.choices)


def _choice(field: Input, value: Json) -> str | None:
    """Return the value of the choice that reads *value*."""
    text = ("Yes" if value else "No") if isinstance(value, bool) else str(value)
    return next((number for title, number in field.choices if title.casefold() == text.casefold()), None)
