"""A school's office for stories: people with a client each, a clock that stands still, and restarts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from aiohttp import ClientSession, web

from bot.assistant import Assistant
from bot.conversation.forms import ShownField
from bot.delivery import Worker
from bot.directory import AppDirectory
from bot.domain.jobs import Reach
from bot.domain.people import Person
from bot.errors import AssistantError
from bot.platforms.plain.chat import Line, PlainChat
from bot.platforms.plain.edge import PlainEdge
from bot.platforms.web.clock import LocalClock, MovableClock
from bot.ports import Chat, Ids, Store
from bot.routing import World
from bot.settings.load import Settings, load_settings
from bot.stores.memory import MemoryStore
from bot.stores.tinydb import TinyDBStore

ROOT = Path(__file__).parent.parent
LONDON = ZoneInfo("Europe/London")
START = datetime(2026, 11, 24, 9, 15, tzinfo=LONDON)
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"

Json = Any


class Running(Protocol):
    """A composition of the program."""

    web: web.Application

    @property
    def assistant(self) -> Assistant: ...
    @property
    def worker(self) -> Worker: ...

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class Compose(Protocol):
    """A way to put the program together."""

    def __call__(
        self,
        settings: Settings,
        *,
        store: Store,
        clock: MovableClock,
        ids: Ids,
        local: bool,
        chats: Callable[[World], tuple[Chat, ...]],
    ) -> Running: ...


class CountedIds:
    """Ids that are the same in each run."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._random = Random(20261124)

    def new(self) -> str:
        """Return the next id."""
        return f"id-{next(self._numbers):04}"

    def code(self, length: int) -> str:
        """Return letters and digits that look random."""
        return "".join(self._random.choices(LETTERS, k=length))


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as somebody sees it; *handle* is the client's own name for it."""

    text: str
    buttons: tuple[str, ...]
    place: str = "dm"
    by_bot: bool = True
    handle: str = ""
    question: str = ""


class Client(ABC):
    """One person at one screen; what they can do is the same on every platform."""

    def __init__(self, person: str) -> None:
        self.id = person

    @abstractmethod
    async def says(self, text: str, *, to: str = "dm") -> str:
        """Type *text* in a place; return what came back, one message below the other."""

    @abstractmethod
    async def presses(self, label: str, on: str = "", **values: Json) -> str:
        """Press the newest button with that label, on a message that holds *on*; *values* are words it asks for."""

    @abstractmethod
    async def refused(self, label: str, on: str = "", **values: Json) -> str:
        """Press though it is not to be pressed, drawn or not; return the sentence of the refusal."""

    @abstractmethod
    async def fills(self, **answers: Json) -> str:
        """Answer everything that the open form asks, by field name; return what came back."""

    @abstractmethod
    async def mends(self, **answers: Json) -> str:
        """Answer as in `fills` where one answer is not taken; return how to mend it."""

    @abstractmethod
    async def screen(self) -> list[Seen]:
        """Return what the person sees in all their places, oldest first, less what they typed themselves."""

    async def latest(self, place: str = "") -> str:
        """Return the newest message that they see, in *place* or anywhere."""
        seen = [each.text for each in await self.screen() if place in ("", each.place)]
        return seen[-1] if seen else ""

    async def buttons(self, on: str = "") -> tuple[str, ...]:
        """Return the labels that they see on the newest message that holds *on*."""
        seen = [each.buttons for each in await self.screen() if on in each.text]
        return seen[-1] if seen else ()

    async def sees(self, text: str, place: str = "") -> None:
        """Assert that some message holds *text*."""
        texts = [each.text for each in await self.screen() if place in ("", each.place)]
        assert any(text in each for each in texts), f"{self.id} does not see {text!r} in:\n\n" + _listed(texts)

    async def sees_not(self, text: str, place: str = "") -> None:
        """Assert that no message holds *text*."""
        texts = [each.text for each in await self.screen() if place in ("", each.place)]
        found = [each for each in texts if text in each]
        assert not found, f"{self.id} sees {text!r} in:\n\n" + _listed(found)

    async def _with_button(self, label: str, on: str) -> Seen:
        seen = await self.screen()
        wanted = label.casefold()
        for each in reversed(seen):
            if on in each.text and wanted in (button.casefold() for button in each.buttons):
                return each
        shown = _listed([f"{each.text}\n{list(each.buttons)}" for each in seen])
        raise AssertionError(f"{self.id} sees no button {label!r} on {on!r} in:\n\n{shown}")


class Desk(ABC):
    """What all clients of one platform share: the running program and the way to it.

    Attributes:
        whispers: Whether the answer to a command in a shared place is seen by nobody but its asker.
    """

    local: bool
    whispers = False

    async def ready(self, settings: Settings) -> Settings:
        """Get the platform ready before the program starts, and return *settings* with the way to it."""
        return settings

    def aside(self, place: str) -> str:
        """Return where somebody reads what is for them alone, and follows from what they said in *place*."""
        return place

    async def leave(self) -> None:  # noqa: B027 - most platforms have nothing that outlives the program
        """Let go of the platform."""

    @abstractmethod
    def chats(self, world: World) -> tuple[Chat, ...]:
        """Return the chats that the program is given besides its own."""

    @abstractmethod
    async def open(self, app: Running) -> None:
        """Connect to *app*, which has started."""

    @abstractmethod
    async def close(self) -> None:
        """Disconnect."""

    @abstractmethod
    def client(self, person: str) -> Client:
        """Return the client of *person*."""

    @abstractmethod
    async def move_clock(self, moment: datetime) -> None:
        """Pretend that it is *moment* and have due jobs done."""


@dataclass
class Office:
    """A school at work; `open` it first and `close` it at the end."""

    desk: Desk
    settings: Settings
    clock: LocalClock
    stores: Callable[[], Store]
    compose: Compose
    ids: CountedIds = field(default_factory=CountedIds)
    _app: Running | None = None
    _clients: dict[str, Client] = field(default_factory=dict)

    @property
    def app(self) -> Running:
        """Return the running program."""
        assert self._app is not None
        return self._app

    async def open(self) -> None:
        """Start the program and connect to it."""
        settings = await self.desk.ready(self.settings)
        self._app = self.compose(
            settings, store=self.stores(), clock=self.clock, ids=self.ids,
            local=self.desk.local, chats=self.desk.chats,
        )  # fmt: skip
        await self.app.start()
        await self.desk.open(self.app)

    async def close(self) -> None:
        """Disconnect and stop the program."""
        await self.desk.close()
        await self.app.stop()

    async def leave(self) -> None:
        """Stop for good."""
        await self.close()
        await self.desk.leave()

    async def restarts(self) -> None:
        """Stop the program and start another one on the same data."""
        await self.close()
        await self.open()

    async def clock_to(self, moment: str) -> None:
        """Move the clock to *moment*, in the school's time zone: `2026-11-30 09:00`."""
        await self.desk.move_clock(datetime.fromisoformat(moment).replace(tzinfo=LONDON))

    def person(self, person_id: str) -> Client:
        """Return somebody of app.yaml at their screen."""
        assert person_id in {person.id for person in self.settings.persons}, f"app.yaml has no {person_id}"
        return self._clients.setdefault(person_id, self.desk.client(person_id))


# The local page --------------------------------------------------------------------------------


class WebDesk(Desk):
    """The page's API on a real socket."""

    local = True

    def __init__(self) -> None:
        self.url = ""
        self._runner: web.AppRunner | None = None
        self._http: ClientSession | None = None

    def chats(self, world: World) -> tuple[Chat, ...]:
        """Return none: the program makes its own."""
        return ()

    async def open(self, app: Running) -> None:
        """Serve *app* on a free port of this machine."""
        self._runner = web.AppRunner(app.web, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self._http = ClientSession(self.url)

    async def close(self) -> None:
        """Stop serving."""
        if self._http is not None:
            await self._http.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def client(self, person: str) -> WebClient:
        """Return the client of *person*."""
        return WebClient(person, self)

    async def move_clock(self, moment: datetime) -> None:
        """Move it as a person does on the page."""
        status, answer = await self.call("POST", "clock", {"now": moment.isoformat()})
        assert status == 200, answer

    async def call(self, method: str, path: str, body: Json = None, **query: Any) -> tuple[int, Json]:
        """Return status and document of one call of the API."""
        assert self._http is not None
        params = {name.rstrip("_"): str(value) for name, value in query.items()}
        async with self._http.request(method, f"/local/api/{path}", json=body, params=params) as response:
            return response.status, await response.json()


class WebClient(Client):
    """A person at the local page; fills forms in as pages."""

    def __init__(self, person: str, desk: WebDesk) -> None:
        super().__init__(person)
        self._desk = desk
        self._form: Json = None

    async def says(self, text: str, *, to: str = "dm") -> str:
        """Type *text*."""
        self._form = None
        return self._texts(await self._post("say", {"in": to, "text": text}))

    async def presses(self, label: str, on: str = "", **values: Json) -> str:
        """Press by label."""
        message = await self._with_button(label, on)
        body = {"message": message.handle, "button": label, **({"values": values} if values else {})}
        return self._texts(await self._post("press", body))

    async def refused(self, label: str, on: str = "", **values: Json) -> str:
        """Press and expect 403 or 404."""
        for message in reversed([each for each in await self.screen() if each.by_bot and on in each.text]):
            body = {"as": self.id, "message": message.handle, "button": label, "values": values or None}
            status, answer = await self._desk.call("POST", "press", body)
            if status in (403, 404):
                return str(answer["error"])
            assert status == 422, f"{self.id} was not refused: {answer}"
        raise AssertionError(f"{self.id} sees nothing about {on!r} on which {label!r} ever meant anything")

    async def fills(self, **answers: Json) -> str:
        """Submit page after page."""
        form, left, texts = await self._open_form(), dict(answers), ""
        while form is not None:
            values = _page_values(form, left)
            status, answer = await self._submit(form, values)
            assert status == 200, f"{self.id} has to mend {answer.get('errors') or answer}"
            form, texts = answer["form"], self._texts(answer)
        assert not left, f"nobody asked for {sorted(left)}"
        return texts

    async def mends(self, **answers: Json) -> str:
        """Submit until an entry is not taken."""
        form, left = await self._open_form(), dict(answers)
        while form is not None:
            status, answer = await self._submit(form, _page_values(form, left))
            form = self._form = answer.get("form")
            if status == 422:
                return " ".join(answer["errors"].values())
        raise AssertionError(f"everything that {self.id} answered was taken")

    async def screen(self) -> list[Seen]:
        """Ask for the messages of each place."""
        messages: list[tuple[str, Json]] = []
        for place in await self._get("places"):
            said = await self._get("messages", in_=place["id"])
            messages += [(place["id"], each) for each in said if each["author"] != self.id]
        return [_seen(place, each) for place, each in sorted(messages, key=lambda each: each[1]["seq"])]

    async def _open_form(self) -> Json:
        if self._form is not None:
            return self._form
        questions = [each for each in await self.screen() if each.question and each.place == "dm"]
        assert questions, f"nothing asks {self.id} to fill anything in"
        body = {"message": questions[-1].handle, "button": "Fill in as a page"}
        return (await self._post("press", body))["form"]

    async def _submit(self, form: Json, values: Json) -> tuple[int, Json]:
        body = {"as": self.id, "session": form["session"], "values": values}
        status, answer = await self._desk.call("POST", "submit", body)
        self._form = answer.get("form")
        return status, answer

    async def _post(self, path: str, body: Json) -> Json:
        status, answer = await self._desk.call("POST", path, {"as": self.id, **body})
        assert status == 200, f"{self.id} {path} {body}: {status} {answer}"
        self._form = answer.get("form")
        return answer

    async def _get(self, path: str, **query: Any) -> Json:
        status, answer = await self._desk.call("GET", path, as_=self.id, **query)
        assert status == 200, f"{self.id} {path} {query}: {status} {answer}"
        return answer

    @staticmethod
    def _texts(answer: Json) -> str:
        return _listed([each["text"] for each in answer["messages"]])


def _seen(place: str, message: Json) -> Seen:
    buttons = tuple(each["label"] for each in (message["card"] or {"buttons": ()})["buttons"])
    form = message["form"]
    question = form["fields"][0]["name"] if form else ""
    return Seen(message["text"], buttons, place, message["author"] == "bot", message["id"], question)


def _page_values(form: Json, left: dict[str, Json]) -> Json:
    """Return the entries for the page, taken out of *left*; asserts that what is required is there."""
    values = {each["name"]: left.pop(each["name"]) for each in form["fields"] if each["name"] in left}
    for each in form["fields"]:
        missing = each["required"] and each["name"] not in values and each["value"] is None
        assert not missing, f"nothing is given for {each['name']}: {each['label']}"
    return values


# Plain chat ------------------------------------------------------------------------------------


class PlainDesk(Desk):
    """Plain chat; its screens outlive the program, as those of a real platform do."""

    local = False

    def __init__(self, settings: Settings, clock: LocalClock) -> None:
        self.directory = AppDirectory(settings.persons, lambda: clock.now().date())
        self.chat = PlainChat(self.directory)
        self._clock = clock
        self._app: Running | None = None

    @property
    def edge(self) -> PlainEdge:
        """Return the edge of the running program."""
        assert self._app is not None
        return PlainEdge(self._app.assistant, self._app.worker, self.chat)

    def chats(self, world: World) -> tuple[Chat, ...]:
        """Return the plain chat."""
        return (self.chat,)

    async def open(self, app: Running) -> None:
        """Take *app*."""
        self._app = app

    async def close(self) -> None:
        """Let go of it."""

    def client(self, person: str) -> PlainClient:
        """Return the client of *person*."""
        return PlainClient(person, self)

    async def move_clock(self, moment: datetime) -> None:
        """Set the clock and have due jobs done."""
        assert self._app is not None
        self._clock.set(moment)
        await self._app.worker.deliver_due()


class PlainClient(Client):
    """A person at a terminal; answers forms question by question."""

    def __init__(self, person: str, desk: PlainDesk) -> None:
        super().__init__(person)
        self._desk = desk

    async def says(self, text: str, *, to: str = "dm") -> str:
        """Type *text*."""
        return self._texts(await self._desk.edge.say(self.id, text, to))

    async def presses(self, label: str, on: str = "", **values: Json) -> str:
        """Press by label, and answer with *values* what is asked then."""
        await self._with_button(label, on)
        heard = self._texts(await self._desk.edge.press(self.id, label, about=on))
        return await self._answers(values) if values else heard

    async def refused(self, label: str, on: str = "", **values: Json) -> str:
        """Press and expect to be refused."""
        try:
            heard = await self._desk.edge.press(self.id, label, about=on)
        except AssistantError as error:
            return error.sentence
        raise AssertionError(f"{self.id} was not refused: {self._texts(heard)}")

    async def fills(self, **answers: Json) -> str:
        """Answer question after question."""
        assert self._question() is not None, f"nothing asks {self.id} to fill anything in"
        return await self._answers(answers)

    async def mends(self, **answers: Json) -> str:
        """Answer until the same question stands again."""
        while (question := self._question()) is not None:
            heard = await self.says(_typed(question, answers.get(question.field.name)))
            asked = self._question()
            if asked is not None and asked.field.name == question.field.name:
                return heard
        raise AssertionError(f"everything that {self.id} answered was taken")

    async def screen(self) -> list[Seen]:
        """Read the screen."""
        return [self._seen(line) for line in self._desk.chat.seen_by(self._person)]

    async def _answers(self, answers: Mapping[str, Json]) -> str:
        left, heard = dict(answers), ""
        while (question := self._question()) is not None:
            name = question.field.name
            given = name in left or question.field.optional
            assert given, f"nothing is given for {name}: {question.field.prompt}"
            heard = await self.says(_typed(question, left.pop(name, None)))
            asked = self._question()
            assert asked is None or asked.field.name != name, f"{self.id} has to mend {name}: {heard}"
        assert not left, f"nobody asked for {sorted(left)}"
        return heard

    @property
    def _person(self) -> Person:
        person = self._desk.directory.person(self.id)
        assert person is not None
        return person

    def _question(self) -> ShownField | None:
        lines = [line for line in self._desk.chat.seen_by(self._person) if line.to.reach is Reach.PERSON]
        return lines[-1].form.fields[0] if lines and lines[-1].form else None

    def _seen(self, line: Line) -> Seen:
        place = "dm" if line.to.reach is Reach.PERSON else line.to.id
        labels = tuple(button.label for button in line.card.buttons_for(self.id))
        question = line.form.fields[0].field.name if line.form else ""
        return Seen(line.text, labels, place, handle=line.id, question=question)

    @staticmethod
    def _texts(lines: Sequence[Line]) -> str:
        return _listed([line.text for line in lines])


def _typed(question: ShownField, value: Json) -> str:
    """Return *value* as a person types it."""
    options = question.field.options
    match value:
        case None:
            return "skip"
        case bool():
            return "yes" if value else "no"
        case list() | tuple() if options:
            return ", ".join(str(options.index(each) + 1) for each in value)
        case list() | tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)


def _listed(texts: Sequence[str]) -> str:
    return "\n\n".join(texts)


# Opening one -----------------------------------------------------------------------------------


def sample_settings(folder: Path) -> Settings:
    """Return what the repository's app.yaml says, with the data in *folder*."""
    return load_settings(ROOT / "app.yaml", {}, data=folder)


def web_office(settings: Settings, stores: Callable[[], Store], compose: Compose) -> Office:
    """Return an office whose people use the local page."""
    return Office(WebDesk(), settings, LocalClock(start=START), stores, compose)


def plain_office(settings: Settings, stores: Callable[[], Store], compose: Compose) -> Office:
    """Return an office whose people type at terminals."""
    clock = LocalClock(start=START)
    return Office(PlainDesk(settings, clock), settings, clock, stores, compose)


def in_memory() -> Callable[[], Store]:
    """Return a store that outlives a restart, but not the test."""
    store = MemoryStore()
    return lambda: store


def on_disk(folder: Path) -> Callable[[], Store]:
    """Return a store in *folder*, opened anew at each start."""
    return lambda: TinyDBStore(folder)
