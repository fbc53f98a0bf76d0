"""Records as a school's store holds them after some years, and the saves that its days are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count, cycle, islice
from random import Random
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from bot.conversation.cards import Card, Facts, Row, line
from bot.conversation.sessions import Session
from bot.domain.applications import Application, Confirmation, State, Vote
from bot.domain.jobs import Errand, Job, Shown, To
from bot.domain.workflow import Step
from bot.once import Heard
from bot.ports import Record
from bot.sayings import Saying

SCHOOL = "bebington"
LONDON = ZoneInfo("Europe/London")
MORNING = datetime(2026, 11, 24, 9, 15, tzinfo=LONDON)
POLICY = "August 2017"
STAFF = tuple(f"teacher_{number}" for number in range(150))
MOVES = ("begin", "submit", "confirm", "confirm", "ask_changes", "edit", "submit", "approve", "approve", "created")
AIM = "Show parents what happens in {noun} lessons, who leads trips and when pupils' work is shown."
NOUNS = ("history", "art", "chemistry", "music", "French", "drama", "geography", "PE")

R = TypeVar("R", bound=Record)


def newer(record: R) -> R:
    """Return *record* as the store holds it once it is saved."""
    return cast(R, replace(cast(Any, record), version=record.version + 1))


class School:
    """Makes records, the same ones for the same *seed*; ids are counted, so that none comes twice."""

    def __init__(self, seed: int = 1) -> None:
        self._random = Random(seed)
        self._numbers = count(1)
        self._subjects: list[str] = []

    def records(self, many: int) -> Iterator[Record]:
        """Yield *many* records; of ten: two applications, five messages that show one, two reminders and a draft."""
        of_ten: list[Callable[[], Record]] = [self.application, self.shown, self.shown, self.job, self.session]
        of_ten += [self.application, self.shown, self.shown, self.shown, self.job]
        for make in islice(cycle(of_ten), many):
            yield make()

    def application(self) -> Application:
        """Return an application that has come some way."""
        number, noun = next(self._numbers), self._random.choice(NOUNS)
        runners = tuple(self._random.sample(STAFF, 2))
        moves = MOVES[: self._random.randint(2, len(MOVES))]
        self._subjects.append(f"APP-{number}")
        return Application(
            school=SCHOOL, id=f"APP-{number}", applicant=runners[0], answers=self._answers(noun, runners),
            runners=runners, policy=POLICY, state=self._random.choice(tuple(State)), stage=len(moves),
            history=tuple(Step(self._at(), self._person(), move, State.CONSIDERING, policy=POLICY) for move in moves),
            confirmations=tuple(Confirmation(each, self._at(), POLICY, date(2026, 9, 12)) for each in runners),
            votes=(Vote(self._person(), True, self._at(), 1), Vote(self._person(), True, self._at(), 1)),
            round=1,
        )  # fmt: skip

    def session(self) -> Session:
        """Return a form that is half filled in."""
        number, person, at = next(self._numbers), self._person(), self._at()
        return Session(
            SCHOOL, f"session-{number}", person, "applications.apply", at, at, asked="runners", place="dm",
            answers=self._answers(self._random.choice(NOUNS), (person,)), due_at=at + timedelta(days=30),
        )  # fmt: skip

    def shown(self) -> Shown:
        """Return where a case is shown."""
        number = next(self._numbers)
        return Shown(
            SCHOOL, f"shown-{number}", "slack", To.person(self._person()), f"D0347{number:07}:1795770000.{number:06}",
            "applications", "applications.create", self._subject(),
        )  # fmt: skip

    def job(self) -> Job:
        """Return a reminder."""
        number = next(self._numbers)
        return Job(
            SCHOOL, f"job-{number}", Errand.TELL, "applications", self._subject(), "applications.remind",
            To.place("slt"), stage=self._random.randint(1, 9), repeat=1, due_at=self._at() + timedelta(days=2),
        )  # fmt: skip

    def heard(self) -> Heard:
        """Return an event."""
        number, at = next(self._numbers), self._at()
        return Heard(SCHOOL, f"Ev0{number:09}", self._person(), at, at + timedelta(days=1), answered=True)

    def saying(self) -> Saying:
        """Return an answer that is to be said."""
        number, at = next(self._numbers), self._at()
        rows = tuple(Row(label, (f"{label} of {self._subject()}",)) for label in ("Platform", "Handle", "Run by"))
        card = Card(f"ACC-{number}", (line("Everything about this account, as it is in the register."), Facts(rows)))
        to = To.person(self._person())
        return Saying(SCHOOL, f"Ev0{number:09}:0", to, card, since=at, lease="worker", chat="slack", due_at=at)

    def _answers(self, noun: str, runners: tuple[str, ...]) -> dict[str, Any]:
        return {
            "aim": AIM.format(noun=noun), "audience": ["Pupils", "Parents and carers"],
            "promotion": "In the newsletter and on the website.", "runners": list(runners), "openness": "Open",
            "platform": "Instagram", "handle": f"@Bebington{noun.title()}",
            "implications": "Comments are turned off; nobody is shown by name.",
        }  # fmt: skip

    def _person(self) -> str:
        return self._random.choice(STAFF)

    def _subject(self) -> str:
        return self._random.choice(self._subjects)

    def _at(self) -> datetime:
        return MORNING - timedelta(seconds=self._random.randint(0, 3 * 365 * 24 * 3600))


@dataclass(frozen=True, slots=True)
class Stroke:
    """One call of `save`.

    Attributes:
        name: What it is in the bot's day.
    """

    name: str
    records: tuple[Record, ...] = ()
    forget: tuple[Record, ...] = ()


ANSWER, SAID, ASKED, MOVED, LEASED, TOLD, FORGOTTEN = STROKES = (
    "an answer kept", "an answer said", "a form's question answered", "a case moved", "jobs leased", "a job done",
    "an event forgotten",
)  # fmt: skip


@dataclass(slots=True)
class Day:
    """One saver's days: whatever is added is forgotten later, so that the store stays as full as it is.

    The share of each kind of save is that of a story in Slack, from the first question to a live account.
    """

    school: School
    case: Application = field(init=False)
    session: Session = field(init=False)

    def __post_init__(self) -> None:
        self.case, self.session = self.school.application(), self.school.session()

    def begin(self) -> Stroke:
        """Return the save that everything else stands on."""
        stroke = Stroke("", (self.case, self.session))
        self.case, self.session = newer(self.case), newer(self.session)
        return stroke

    def strokes(self) -> Iterator[Stroke]:
        """Yield one save after the other without end; ask for the next when the last has returned."""
        while True:
            heard = [self.school.heard() for _ in range(4)]
            yield self._asked(heard[0])
            for each in heard[1:3]:
                saying = self.school.saying()
                yield Stroke(ANSWER, (each, saying))
                yield Stroke(SAID, forget=(newer(saying),))
            jobs = [self.school.job() for _ in range(3)]
            yield self._moved(heard[3], jobs)
            leased = [replace(newer(job), lease="worker", since=job.due_at) for job in jobs]
            yield Stroke(LEASED, (leased[0],))
            yield Stroke(LEASED, tuple(leased[1:]))
            for job in leased:
                yield Stroke(TOLD, forget=(newer(job),))
            for each in heard:
                yield Stroke(FORGOTTEN, forget=(newer(each),))

    def _asked(self, heard: Heard) -> Stroke:
        answers = {**self.session.answers, "promotion": "At the open evening."}
        changed = replace(self.session, answers=answers, touched=heard.at)
        self.session = newer(changed)
        return Stroke(ASKED, (changed, heard))

    def _moved(self, heard: Heard, jobs: list[Job]) -> Stroke:
        step = Step(heard.at, heard.person, "approve", State.HEAD, policy=POLICY)
        # No longer than a case gets, however long the saver is at it.
        changed = replace(self.case, state=State.HEAD, history=(*self.case.history[-9:], step))
        self.case = newer(changed)
        return Stroke(MOVED, (changed, *jobs, heard))
