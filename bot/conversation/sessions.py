"""A form being filled in: one answer at a time in chat, or a page at a time; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from bot.conversation.fields import Circumstances, Field, Mend
from bot.conversation.forms import Form, FormPage, Page, ShownField

Json = Any


@dataclass(frozen=True, slots=True)
class Session:
    """What one person has answered of one form so far; kept in the store.

    Attributes:
        form: The form's name.
        subject: The id of the case that it is about, or "".
        answers: Field name to normalised value.
        asked: The field asked last in chat, or "" while no question stands.
        place: Where the question stands; "" while it is filled in as a page or set aside.
        page: Number of the page that was last opened, counted among those that apply.
        value: The short word of the button that opened the form, or "".
        intro: What is said above the first question instead of the form's own intro, or "".
        due_at: When an unfinished form is thrown away (`draft_days`).
    """

    INDEXES: ClassVar[tuple[str, ...]] = ("person",)
    school: str
    id: str
    person: str
    form: str
    started: datetime
    touched: datetime
    subject: str = ""
    answers: Mapping[str, Json] = field(default_factory=dict)
    asked: str = ""
    place: str = ""
    page: int = 0
    value: str = ""
    intro: str = ""
    version: int = 0
    due_at: datetime | None = None


class Outcome(StrEnum):
    """What became of something heard."""

    NEXT = "next"
    AGAIN = "again"
    HELP = "help"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Heard:
    """The session after one message in chat, and the words to say above the next question."""

    session: Session
    outcome: Outcome
    note: str = ""


@dataclass(frozen=True, slots=True)
class Submitted:
    """The session after one page: *errors* maps field name to how to mend it; *done* when no page is left."""

    session: Session
    errors: Mapping[str, str]
    done: bool = False


def first_open(form: Form, answers: Mapping[str, Json]) -> Field | None:
    """Return the first question that applies and has no answer yet."""
    return next((each for each in form.fields_for(answers) if each.name not in answers), None)


def asked_field(form: Form, session: Session) -> Field | None:
    """Return the question that stands in chat, or None."""
    return next((each for each in form.fields_for(session.answers) if each.name == session.asked), None)


def ask(form: Form, session: Session, place: str) -> Session:
    """Put the first open question to *place*; where none is open, no question stands."""
    question = first_open(form, session.answers)
    return replace(session, asked=question.name if question else "", place=place)


def hear(form: Form, session: Session, text: str, seen: Circumstances) -> Heard:
    """Take one message as the answer to the question that stands, or as `back`, `skip`, `help`, `cancel`."""
    session = replace(session, touched=seen.now)
    question = asked_field(form, session)
    if question is None:
        return Heard(ask(form, session, session.place), Outcome.NEXT)
    match text.strip().lower().rstrip(".!"):
        case "cancel":
            return Heard(session, Outcome.CANCELLED)
        case "help":
            return Heard(session, Outcome.HELP, question.hint or "Answer in your own words.")
        case "back":
            return _back(form, session, question)
        case "skip" if question.optional:
            return _answered(form, session, question, None)
        case "skip":
            return Heard(session, Outcome.AGAIN, "This one can't be skipped: the policy asks for it.")
        case _:
            pass
    value = question.read(text, seen)
    if isinstance(value, Mend):
        return Heard(session, Outcome.AGAIN, value.sentence)
    return _answered(form, session, question, value)


def submit(form: Form, session: Session, values: Mapping[str, Json], seen: Circumstances) -> Submitted:
    """Take a page; all of its good entries are kept even where others need mending."""
    page = current_page(form, session)
    answers, errors = read_entries(page.fields, values, session.answers, seen)
    known = {each.name for each in form.fields_for(answers)} | {each.name for each in page.fields}
    errors |= {name: "This form has no such field." for name in values if name not in known}
    session = replace(session, answers=answers, touched=seen.now, asked="", place="")
    if errors:
        return Submitted(session, errors)
    pages = form.pages_for(answers)
    here = pages.index(page)
    if here + 1 < len(pages):
        return Submitted(replace(session, page=here + 1), {})
    missing = first_open(form, answers)
    if missing is not None:
        behind = next(number for number, each in enumerate(pages) if missing in each.fields)
        return Submitted(replace(session, page=behind), {})
    return Submitted(session, {}, done=True)


def read_entries(
    fields: Iterable[Field], values: Mapping[str, Json], known: Mapping[str, Json], seen: Circumstances
) -> tuple[dict[str, Json], dict[str, str]]:
    """Return *known* with what *values* answer, and field name to how to mend it for what can't be taken."""
    answers, errors = dict(known), {}
    for each in fields:
        value = each.read(values.get(each.name, answers.get(each.name)), seen)
        if isinstance(value, Mend):
            errors[each.name] = value.sentence
        else:
            answers[each.name] = value
    return answers, errors


def current_page(form: Form, session: Session) -> Page:
    """Return the page that is open, the last one where answers have taken pages away."""
    pages = form.pages_for(session.answers)
    return pages[min(session.page, len(pages) - 1)]


def page_of(form: Form, session: Session, names: Collection[str]) -> int:
    """Return the number of the first page that asks one of *names*, the open one where none does."""
    pages = form.pages_for(session.answers)
    found = (number for number, page in enumerate(pages) if any(each.name in names for each in page.fields))
    return next(found, session.page)


def shown_page(
    form: Form, session: Session, errors: Mapping[str, str] | None = None, caution: str = ""
) -> FormPage:  # fmt: skip
    """Return the open page with what is known so far, *caution* first."""
    page = current_page(form, session)
    last = form.pages_for(session.answers)[-1] is page
    return FormPage(
        session.id,
        page.title or form.title,
        "\n\n".join(part for part in (caution, _intro(form, session, page)) if part),
        form.submit if last else "Continue",
        tuple(
            ShownField(each, session.answers.get(each.name), (errors or {}).get(each.name, "")) for each in page.fields
        ),
    )


def _intro(form: Form, session: Session, page: Page) -> str:
    return page.intro or ((session.intro or form.intro) if session.page == 0 else "")


def shown_question(form: Form, session: Session, question: Field, error: str = "") -> FormPage:
    """Return the one question that stands in chat, as a page of its own."""
    field_ = ShownField(question, session.answers.get(question.name), error)
    return FormPage(session.id, form.title, "", "Continue", (field_,))


def _answered(form: Form, session: Session, question: Field, value: Json) -> Heard:
    moved = ask(form, replace(session, answers={**session.answers, question.name: value}), session.place)
    return Heard(moved, Outcome.NEXT if moved.asked else Outcome.DONE)


def _back(form: Form, session: Session, question: Field) -> Heard:
    fields = form.fields_for(session.answers)
    before = [each for each in fields[: fields.index(question)] if each.name in session.answers]
    if not before:
        return Heard(session, Outcome.AGAIN, "This is the first question.")
    answers = {name: value for name, value in session.answers.items() if name != before[-1].name}
    return Heard(replace(session, answers=answers, asked=before[-1].name), Outcome.NEXT)
