"""What a feature declares and receives: routers on one side, turns on the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from re import Pattern
from typing import Any

from bot.conversation.cards import Card
from bot.conversation.events import Event, Json, Place, Quoted
from bot.conversation.fields import Circumstances
from bot.conversation.forms import Form, FormPage
from bot.conversation.sessions import Session
from bot.domain.jobs import To
from bot.domain.office import Office, School
from bot.domain.people import Person, Seat
from bot.domain.search import Search
from bot.domain.workflow import Who, Workflow, everybody
from bot.ports import Clock, Directory, Ids, Policies, Record, SchoolStore
from bot.recall import Recall


@dataclass(frozen=True, slots=True)
class World:
    """What every turn of one school shares."""

    school: School
    store: SchoolStore
    clock: Clock
    ids: Ids
    directory: Directory
    policies: Policies
    search: Search
    switchboard: Switchboard
    recall: Recall


@dataclass(frozen=True, slots=True)
class Turn:
    """One event and its circumstances, given to a handler.

    Attributes:
        session: The form that was just filled in, or None; whatever the handler saves through
            `save` takes it out of the store in the same stroke.
    """

    event: Event
    person: Person
    place: Place
    world: World
    office: Office
    session: Session | None = None

    @property
    def store(self) -> SchoolStore:
        """Return the records of this school."""
        return self.world.store

    @property
    def seen(self) -> Circumstances:
        """Return what reading an entry may depend on."""
        return Circumstances(self.office.now, self.office.people)

    async def save(self, *records: Record, forget: Iterable[Record] = ()) -> None:
        """Save *records* and end the session that led here, all or nothing."""
        ended: tuple[Record, ...] = (self.session,) if self.session else ()
        await self.store.save(*records, forget=(*forget, *ended))


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was filled in: field name to normalised value, and what it was about."""

    answers: Mapping[str, Json]
    subject: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """The wish to have a form filled in.

    Attributes:
        answers: What is known already.
        as_page: Whether it opens as a page where the surface can, rather than as questions in chat.
        intro: What is said above the first question instead of the form's own intro; a blank line parts blocks.
    """

    form: str
    subject: str = ""
    value: str = ""
    answers: Mapping[str, Json] = field(default_factory=dict)
    as_page: bool = False
    intro: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A card to be said, with the question that it asks, if any.

    Attributes:
        private: Whether only the person who caused it may see it, in a shared place too.
    """

    card: Card
    form: FormPage | None = None
    private: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What an event leads to at once.

    Attributes:
        form: A page to open over the conversation, or None.
        errors: Field name to how to mend it, where a page was not taken.
        elsewhere: What is said to the same person in another place.
        withhold: Whether what the person typed must not be kept anywhere.
    """

    views: tuple[View, ...] = ()
    form: FormPage | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    elsewhere: tuple[tuple[To, View], ...] = ()
    withhold: bool = False


Answer = Card | Ask | tuple[Card, ...]
CommandHandler = Callable[[Turn, str], Awaitable[Answer]]
ActionHandler = Callable[[Turn, str, str], Awaitable[Answer]]
FormHandler = Callable[[Turn, Filled], Awaitable[Answer]]
PhraseHandler = Callable[[Turn, str], Awaitable[Answer]]
ShortcutHandler = Callable[[Turn, Quoted | None], Awaitable[Answer]]
Face = Callable[[Any, Person | None, Office], Card | None]
Sample = Callable[[Office], Card]


class Order(StrEnum):
    """Where help lists a command: reporting always comes first (A1P-10)."""

    FIRST = "1"
    MAIN = "2"
    LATER = "3"


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """A command as help and the manifests list it.

    Attributes:
        feature: The name of the router that declares it.
        at_once: Whether its bare name is heard even while a question of another form stands.
    """

    feature: str
    name: str
    summary: str
    clause: str
    order: Order
    hear: CommandHandler
    aliases: tuple[str, ...] = ()
    usage: str = ""
    listed: bool = True
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class ShortcutEntry:
    """Something in a platform's own menus, as the manifests list it.

    Attributes:
        name: `feature.verb`; platforms keep it for years, so it stays.
        label: What the menu says, at most 24 characters.
        summary: At most 150 characters.
        about_message: Whether it is offered on a message, whose link and words it then gets.
    """

    name: str
    label: str
    summary: str
    about_message: bool
    hear: ShortcutHandler


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of case: its record, its table and how its references are made.

    Attributes:
        name: The workflow's name, which is also the feature's.
        prefix: What its references begin with.
        counted: Whether references are numbered; those of confidential cases are random.
        seen_by: Who may know that a case exists; for everybody else there is none.
    """

    name: str
    record: type[Any]
    workflow: Workflow[Any]
    prefix: str
    counted: bool = True
    seen_by: Who = everybody


class Router:
    """A feature's bundle of handlers; one that is *open_to_guests* also answers guests of the workspace or tenant."""

    def __init__(self, name: str, *, open_to_guests: bool = False) -> None:
        self.name = name
        self.open_to_guests = open_to_guests
        self.commands: list[CommandEntry] = []
        self.actions: dict[str, ActionHandler] = {}
        self.forms: dict[str, tuple[Form, FormHandler]] = {}
        self.faces: dict[str, Face] = {}
        self.kinds: dict[str, Kind] = {}
        self.phrases: list[tuple[Pattern[str], PhraseHandler]] = []
        self.free_text: PhraseHandler | None = None
        self.shortcuts: dict[str, ShortcutEntry] = {}
        self.samples: dict[str, Sample] = {}

    def command(
        self, name: str, *, summary: str, clause: str = "", order: Order = Order.MAIN,
        aliases: tuple[str, ...] = (), usage: str = "", listed: bool = True,
        at_once: bool = False,
    ) -> Callable[[CommandHandler], CommandHandler]:  # fmt: skip
        """Declare what `/smpolicy NAME …` does; help lists it by *summary*."""

        def declare(hear: CommandHandler) -> CommandHandler:
            entry = CommandEntry(self.name, name, summary, clause, order, hear, aliases, usage, listed, at_once)
            self.commands.append(entry)
            return hear

        return declare

    def shortcut(
        self, name: str, *, label: str, summary: str, about_message: bool = False
    ) -> Callable[[ShortcutHandler], ShortcutHandler]:
        """Declare what the shortcut `feature.verb` does, given the message that it was used on, if any."""

        def declare(hear: ShortcutHandler) -> ShortcutHandler:
            full = f"{self.name}.{name}"
            self.shortcuts[full] = ShortcutEntry(full, label, summary, about_message, hear)
            return hear

        return declare

    def action(self, name: str) -> Callable[[ActionHandler], ActionHandler]:
        """Declare what a press of the button `feature.verb` does, given its subject and value."""

        def declare(press: ActionHandler) -> ActionHandler:
            self.actions[f"{self.name}.{name}"] = press
            return press

        return declare

    def form(self, form: Form) -> Callable[[FormHandler], FormHandler]:
        """Declare what happens when *form* has been filled in."""

        def declare(filled: FormHandler) -> FormHandler:
            self.forms[form.name] = (form, filled)
            return filled

        return declare

    def face(self, name: str) -> Callable[[Face], Face]:
        """Declare a way to draw a case: None for a reader means a shared place; returning None says nothing."""

        def declare(draw: Face) -> Face:
            self.faces[f"{self.name}.{name}"] = draw
            return draw

        return declare

    def kind(self, kind: Kind) -> None:
        """Declare a kind of case."""
        self.kinds[kind.name] = kind

    def phrase(self, pattern: Pattern[str]) -> Callable[[PhraseHandler], PhraseHandler]:
        """Declare the answer to messages that *pattern* matches as a whole."""

        def declare(hear: PhraseHandler) -> PhraseHandler:
            self.phrases.append((pattern, hear))
            return hear

        return declare

    def otherwise(self, hear: PhraseHandler) -> PhraseHandler:
        """Declare the answer to every other message."""
        self.free_text = hear
        return hear

    def sample(self, name: str) -> Callable[[Sample], Sample]:
        """Declare a card from made-up facts, for the gallery and for the golden files."""

        def declare(draw: Sample) -> Sample:
            self.samples[f"{self.name}.{name}"] = draw
            return draw

        return declare


class Switchboard:
    """All routers as one."""

    def __init__(self, routers: Iterable[Router]) -> None:
        self.commands: dict[str, CommandEntry] = {}
        self.listed: list[CommandEntry] = []
        self.actions: dict[str, ActionHandler] = {}
        self.forms: dict[str, tuple[Form, FormHandler]] = {}
        self.faces: dict[str, Face] = {}
        self.kinds: dict[str, Kind] = {}
        self.phrases: list[tuple[Pattern[str], PhraseHandler]] = []
        self.free_text: PhraseHandler | None = None
        self.shortcuts: dict[str, ShortcutEntry] = {}
        self.samples: dict[str, Sample] = {}
        self._open_to_guests: set[str] = set()
        for router in routers:
            self._add(router)
        self.listed.sort(key=lambda entry: entry.order.value)

    def kind_of(self, name: str) -> Kind:
        """Return the kind of case called *name*."""
        return self.kinds[name]

    def open_to_guests(self, name: str) -> bool:
        """Tell whether guests may use *name*: a feature, or an action, form or shortcut of one (`feature.verb`)."""
        return name.partition(".")[0] in self._open_to_guests

    def open_to(self, seat: Seat, name: str) -> bool:
        """Tell whether somebody in *seat* may use *name*, as in `open_to_guests` (contract 8)."""
        return seat is Seat.MEMBER or (seat is Seat.GUEST and self.open_to_guests(name))

    def _add(self, router: Router) -> None:
        for entry in router.commands:
            for name in (entry.name, *entry.aliases):
                if name in self.commands:
                    raise ValueError(f"two features declare the command {name}")
                self.commands[name] = entry
            if entry.listed:
                self.listed.append(entry)
        self.actions |= router.actions
        self.forms |= router.forms
        self.faces |= router.faces
        self.kinds |= router.kinds
        self.phrases += router.phrases
        self.free_text = router.free_text or self.free_text
        self.shortcuts |= router.shortcuts
        self.samples |= router.samples
        if router.open_to_guests:
            self._open_to_guests.add(router.name)
