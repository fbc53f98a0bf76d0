"""Things that are due: notices, reminders and escalations, saved with the record that they follow from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class Reach(StrEnum):
    """What kind of place a message goes to."""

    PERSON = "person"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class To:
    """A recipient: one person's private chat with the bot, or a shared place such as `slt`.

    Attributes:
        id: A person's id; or the name of a place in app.yaml's `channels`, or a platform's own name for one.
        thread: The platform's name of the conversation in there that is answered, or "".
        only: In a shared place: the id of the one person who sees it, or "" for everybody there.
    """

    reach: Reach
    id: str
    thread: str = ""
    only: str = ""

    @classmethod
    def person(cls, person_id: str) -> To:
        """Address the private chat of *person_id*."""
        return cls(Reach.PERSON, person_id)

    @classmethod
    def place(cls, name: str) -> To:
        """Address the place called *name* in app.yaml's `channels`."""
        return cls(Reach.PLACE, name)


def to_people(ids: Iterable[str]) -> tuple[To, ...]:
    """Address the private chats of *ids*, each once, in their order."""
    return tuple(dict.fromkeys(To.person(each) for each in ids))


class Errand(StrEnum):
    """What the worker does with a job."""

    TELL = "tell"
    REDRAW = "redraw"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Job:
    """Something due at a moment.

    Attributes:
        id: Derived from case, version and position, so that a repeat can't be queued twice.
        subject: The id of the case.
        face: For TELL: which face of the case is said; for MOVE: the move that the clock makes.
        to: For TELL: the recipient.
        stage: The stage of the case that the job waits in, or None: it falls silent in any other.
        repeat: Working days after which it is said again while the stage lasts; 0 for once.
        attempts: How often sending has failed.
        since: When it was due first, or None before it was; what goes to one recipient goes in this order.
        lease: The worker that is at it until `due_at`, when another one may be; "resting" where it is put off
            until then and others for its recipient wait behind it; or "".
    """

    INDEXES: ClassVar[tuple[str, ...]] = ("subject",)
    school: str
    id: str
    errand: Errand
    kind: str
    subject: str
    face: str = ""
    to: To | None = None
    stage: int | None = None
    repeat: int = 0
    attempts: int = 0
    since: datetime | None = None
    lease: str = ""
    version: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A message that shows a face of a case, kept so that it can be drawn again after a move.

    Attributes:
        chat: The name of the platform that carries it.
        reference: That platform's own name for the message.
    """

    INDEXES: ClassVar[tuple[str, ...]] = ("subject",)
    school: str
    id: str
    chat: str
    to: To
    reference: str
    kind: str
    face: str
    subject: str
    version: int = 0
    due_at: datetime | None = None
