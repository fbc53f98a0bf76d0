"""What is asked together: forms of pages of fields, declared once and asked on any surface."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.conversation.fields import Circumstances, Field, Json

Answers = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Page:
    """Questions that are asked together; branches lie between pages, never inside one."""

    fields: tuple[Field, ...]
    when: Callable[[Answers], bool] | None = None
    title: str = ""
    intro: str = ""

    def applies(self, answers: Answers) -> bool:
        """Tell whether the page is asked, given what was answered before it."""
        return self.when is None or self.when(answers)


@dataclass(frozen=True, slots=True)
class Form:
    """A set of pages.

    Attributes:
        name: `feature.verb`, under which a router hears it when it is filled in.
        submit: The word on the last page's button.
        intro: What is said before the first question.
        confidential: Whether answers are personal matters that only a private chat may hold.
        caution: What has to be said first, above every question, given what was answered so far; "" for nothing.
    """

    name: str
    title: str
    pages: tuple[Page, ...]
    submit: str = "Submit"
    intro: str = ""
    confidential: bool = False
    resumable: bool = False
    caution: Callable[[Answers, Circumstances], str] | None = None

    def cautioned(self, answers: Answers, seen: Circumstances) -> str:
        """Return what has to be said above the next question, or ""."""
        return self.caution(answers, seen) if self.caution else ""

    def pages_for(self, answers: Answers) -> tuple[Page, ...]:
        """Return the pages that apply, given *answers*."""
        return tuple(page for page in self.pages if page.applies(answers))

    def fields_for(self, answers: Answers) -> tuple[Field, ...]:
        """Return the questions that apply, in order."""
        return tuple(each for page in self.pages_for(answers) for each in page.fields)

    def progress(self, answers: Answers) -> tuple[int, int]:
        """Return how many of the points (all questions, where none is marked) are answered, and how many there are."""
        fields = self.fields_for(answers)
        points = [each for each in fields if each.point] or fields
        return sum(each.name in answers for each in points), len(points)


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field as an edge draws it."""

    field: Field
    value: Json = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class FormPage:
    """A page of a form as an edge draws it; the platform carries only the session's id."""

    session: str
    title: str
    intro: str
    submit: str
    fields: tuple[ShownField, ...] = field(default=())
