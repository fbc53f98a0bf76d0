"""A feature of a few lines for trying an edge: a note that a colleague agrees to, and an app around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import ClassVar

from aiohttp import web

from bot.app import read_texts
from bot.assistant import Assistant
from bot.cases import Moved, begin, load, move
from bot.conversation.cards import About, Button, Card, Mention, Tone, bullets, facts, line, notice
from bot.conversation.cards import Moment as At
from bot.conversation.events import Json
from bot.conversation.fields import Multiline, People, Text, YesNo
from bot.conversation.forms import Form, Page
from bot.conversation.moves import buttons_for, buttons_in_place
from bot.delivery import Worker
from bot.directory import AppDirectory
from bot.domain.jobs import To
from bot.domain.office import Office, School
from bot.domain.people import Person, Role
from bot.domain.policy import Policy
from bot.domain.search import Search
from bot.domain.workflow import Step, Tell, Transition, Workflow, after_minutes, nobody_barred
from bot.platforms.web.chat import LocalChat
from bot.platforms.web.clock import MovableClock
from bot.platforms.web.edge import LocalEdge
from bot.platforms.web.journal import Journal
from bot.ports import Chat, Ids, Store
from bot.recall import Recall
from bot.routing import Answer, Ask, Filled, Kind, Router, Switchboard, Turn, World
from bot.settings.load import Settings


class State(StrEnum):
    """Where a note is."""

    WAITING = "waiting"
    AGREED = "agreed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Note:
    """Something that somebody wants SLT to agree to."""

    INDEXES: ClassVar[tuple[str, ...]] = ("author",)
    school: str
    id: str
    author: str
    words: str
    readers: tuple[str, ...] = ()
    state: State = State.WAITING
    stage: int = 0
    history: tuple[Step, ...] = ()
    version: int = 0
    due_at: datetime | None = None


def by_slt(note: Note, person: Person, office: Office) -> bool:
    """Tell whether *person* is in SLT."""
    return person.holds(Role.SLT)


def own(note: Note, person: Person, office: Office) -> str:
    """Return why nobody decides about their own note."""
    return "You wrote this note yourself, so somebody else decides." if note.author == person.id else ""


NOTES: Workflow[Note] = Workflow(
    name="notes",
    noun="note",
    initial=State.WAITING,
    final=(State.AGREED, State.REFUSED),
    words={State.WAITING: "waiting for SLT", State.AGREED: "agreed", State.REFUSED: "refused"},
    transitions=(
        Transition(
            move="approve", label="Approve", sources=(State.WAITING,), to=State.AGREED,
            by=by_slt, who="SLT", clause="SLT-6", unless=own, style="primary", then=(Tell("author", "notes.card"),),
        ),
        Transition(
            move="reject", label="Reject", sources=(State.WAITING,), to=State.REFUSED,
            by=by_slt, who="SLT", clause="NEW-8", unless=own, style="danger", form="notes.reject",
            then=(Tell("author", "notes.card"),),
        ),
        Transition(
            move="withdraw", label="Withdraw", sources=(State.WAITING,), to=State.REFUSED,
            by=lambda note, person, office: note.author == person.id, who="its author", clause="", unless=nobody_barred,
        ),
    ),
    audiences={
        "author": lambda note, office: (To.person(note.author),),
        "slt": lambda note, office: (To.place("slt"),),
    },
    arrive={
        State.WAITING: (
            Tell("slt", "notes.card"),
            Tell("slt", "notes.reminder", after_minutes(lambda office: 60), later=True),
        )
    },
)  # fmt: skip

router = Router("notes")
KIND = Kind("notes", Note, NOTES, "NOTE")
router.kind(KIND)
WRITE = Form(
    name="notes.write",
    title="A note",
    submit="Send",
    pages=(
        Page((Text(name="words", prompt="What is it about?", help="In a few words.", clause="NEW-3"),)),
        Page((YesNo(name="shared", prompt="Shall others read it?"),)),
        Page(
            (People(name="readers", prompt="Who shall read it?", optional=True),),
            when=lambda answers: bool(answers.get("shared")),
        ),
    ),
)
REJECT = Form(name="notes.reject", title="Reject", pages=(Page((Multiline(name="reason", prompt="Why?"),)),))


@router.command("help", summary="Say what there is")
async def help_command(turn: Turn, text: str) -> Answer:
    """Say what there is."""
    return Card("What I can do", (bullets(["note: write a note", "page: write one on a page"]),), (
        Button("Write a note", "notes.write"), Button("Hold", "notes.hold"),
    ))  # fmt: skip


@router.command("note", summary="Write a note")
async def note_command(turn: Turn, text: str) -> Answer:
    """Ask for a note."""
    return Ask(WRITE.name)


@router.command("boom", summary="Fail", listed=False)
async def boom(turn: Turn, text: str) -> Answer:
    """Fail like a bug does, with words that a person typed."""
    raise RuntimeError(text)


@router.action("write")
async def write(turn: Turn, subject: str, value: str) -> Answer:
    """Open the form of a note as a page."""
    return Ask(WRITE.name, as_page=True)


@router.form(WRITE)
async def written(turn: Turn, given: Filled) -> Answer:
    """Keep the note."""
    note = await begin(turn, KIND, lambda reference: Note(
        turn.world.school.id, reference, turn.person.id, given.answers["words"],
        tuple(given.answers.get("readers") or ()),
    ))  # fmt: skip
    return card(note, turn.person, turn.office)


@router.form(REJECT)
async def rejected(turn: Turn, given: Filled) -> Answer:
    """Reject with a reason."""
    return await moved(turn, given.subject, "reject", given.answers)


@router.action("approve")
async def approve(turn: Turn, subject: str, value: str) -> Answer:
    """Approve."""
    return await moved(turn, subject, "approve")


@router.action("reject")
async def reject(turn: Turn, subject: str, value: str) -> Answer:
    """Ask why."""
    return await moved(turn, subject, "reject")


@router.action("withdraw")
async def withdraw(turn: Turn, subject: str, value: str) -> Answer:
    """Withdraw."""
    return await moved(turn, subject, "withdraw")


async def moved(turn: Turn, subject: str, verb: str, answers: Json = None) -> Answer:
    """Make a move and show the note."""
    result = await move(turn, KIND, subject, verb, answers)
    return card(result.case, turn.person, turn.office) if isinstance(result, Moved) else result


@router.command("show", summary="Show a note")
async def show(turn: Turn, text: str) -> Answer:
    """Show the note."""
    return card(await load(turn, KIND, text), turn.person, turn.office)


def card(note: Note, reader: Person | None, office: Office) -> Card:
    """Return the note as *reader* sees it."""
    said = facts([("Says", note.words), ("From", Mention(note.author, office.name(note.author)))])
    blocks = (said, line("It is ", NOTES.words[note.state], "."), line("Written ", At(note.history[0].at)))
    buttons = (
        buttons_for(NOTES, note, reader, office) if reader
        else buttons_in_place(NOTES, note, office.holders(Role.SLT), office)
    )  # fmt: skip
    return Card(f"{note.id}: a note", blocks, buttons, About("notes.card", note.id))


router.face("card")(card)


@router.face("reminder")
def reminder(note: Note, reader: Person | None, office: Office) -> Card:
    """Return the reminder."""
    return Card(f"{note.id} still waits", (notice(Tone.WARNING, "Somebody has to decide."),))


@router.sample("card")
def sample(office: Office) -> Card:
    """Return a note from made-up facts."""
    step = Step(office.now, "history_teacher", "begin", "waiting")
    return card(Note(office.school.id, "NOTE-1", "history_teacher", "Made up.", history=(step,)), None, office)


@router.otherwise
async def echo(turn: Turn, text: str) -> Answer:
    """Say it back."""
    return Card("You said", (line(text),))


class OnePolicy:
    """The same policy all the time."""

    def current(self) -> Policy:
        """Return it."""
        return Policy("August 2017", ())

    def version(self, name: str) -> Policy | None:
        """Return it."""
        return self.current()


@cache
def known_answers() -> Search:
    """Return the program's own search, which is not what is tried here."""
    texts = read_texts()
    return Search(texts.policy, texts.knowledge)


class TinyApp:
    """A composition with this feature alone; has what the program's own has."""

    def __init__(
        self, settings: Settings, *, store: Store, clock: MovableClock, ids: Ids, local: bool,
        chats: Callable[[World], tuple[Chat, ...]] = lambda world: (),
    ) -> None:  # fmt: skip
        school = School(settings.school.id, settings.school.name, settings.school.week)
        directory = AppDirectory(settings.persons, lambda: clock.now().date())
        self.store = store
        self.world = World(
            school, store.of(school.id), clock, ids, directory, OnePolicy(), known_answers(), Switchboard([router]),
            Recall(clock),
        )  # fmt: skip
        self.assistant = Assistant(self.world)
        self.journal = Journal(school.id, self.world.store, clock)
        local_chats = (LocalChat(self.journal, directory),) if local else ()
        self.worker = Worker(self.world, (*chats(self.world), *local_chats), self.assistant.office)
        self.web = web.Application()
        if local:
            edge = LocalEdge(assistant=self.assistant, worker=self.worker, journal=self.journal, clock=clock)
            edge.add_to(self.web)

    async def start(self) -> None:
        """Open the store."""
        await self.store.open()
        await self.journal.open()

    async def stop(self) -> None:
        """Close the store."""
        await self.store.close()
