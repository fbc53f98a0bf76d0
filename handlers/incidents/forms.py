"""What a report asks, as few questions as its route needs, and what the moves of a case ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.conversation.fields import Choice, Circumstances, Day, Field, Json, Mend, Multiline, People, Text, YesNo
from bot.conversation.forms import Answers, Form, Page
from bot.conversation.options import is_in_doubt
from bot.domain.incidents import (
    DATA_PROTECTION,
    MAY_HAVE_IMAGE,
    Agency,
    Image,
    about_adult,
    about_child,
    maybe_indecent,
    of_data_protection,
    with_image,
)
from bot.domain.people import Person, Role
from bot.domain.report_routes import Category, people_meant

KINDS = (
    "Defamatory", "Discriminatory", "Offensive", "Harassing", DATA_PROTECTION, "A breach of confidentiality",
    "A breach of copyright",
)  # fmt: skip
_ON_ACCOUNTS = (Category.ACCOUNT, Category.TAKEN_OVER)
_MAY_HIDE_CHILD = (Category.PUBLIC, Category.ACCOUNT, Category.TAKEN_OVER)


# When a page applies -------------------------------------------------------------------------

When = Callable[[Answers], bool]


def _is(*categories: Category) -> When:
    return lambda answers: answers.get("category") in categories


def _asks_child(answers: Answers) -> bool:
    """A child is taken as involved where an image may be indecent, and where it is contact with a pupil."""
    return "category" in answers and answers["category"] != Category.CONTACT and not maybe_indecent(answers)


def _asks_adult(answers: Answers) -> bool:
    clear = (Category.COLLEAGUE, Category.MISTAKE, Category.TAKEN_OVER)
    return "category" in answers and answers["category"] not in clear


def _both(*conditions: When) -> When:
    return lambda answers: all(condition(answers) for condition in conditions)


def _not(condition: When) -> When:
    return lambda answers: not condition(answers)


def _hides_child(answers: Answers) -> bool:
    """Where SLT on duty gets it too, what is known of a child stands apart."""
    return answers.get("category") in _MAY_HIDE_CHILD and about_child(answers) and not about_adult(answers)


# The questions -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned(People):
    """Whom a report is about: those who have left the school can be named as well."""

    def _read(self, entry: Json, seen: Circumstances) -> Json | Mend:
        everybody = tuple(replace(person, left=None) for person in seen.people)
        return People._read(self, entry, replace(seen, people=everybody))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageQuestion(Choice):
    """Whether an image may be indecent: any doubt is "Not sure" (G13)."""

    def _read(self, entry: Json, seen: Circumstances) -> Json | Mend:
        if isinstance(entry, str) and is_in_doubt(entry):
            return Image.NOT_SURE.value
        return Choice._read(self, entry, seen)


# A report is never held up for being long; this is more than fits into an hour of typing.
LONGEST = 30_000

_CHILD = YesNo(
    name="child", prompt="Is a child involved or at risk?", clause="SCO-15", help="If you are not sure, answer yes.",
    doubt_is_yes=True,
)  # fmt: skip
_ADULT = YesNo(
    name="adult", prompt="Is it about an adult who works or helps here?", clause="BEH-9",
    help="Staff, supply staff, volunteers, governors. It decides who is told, and they never are.",
)  # fmt: skip
_WHAT = Multiline(
    name="what", prompt="What happened?", clause="SCO-15", at_most=LONGEST, held_up=False,
    help="In your own words; short is fine, and you need no proof. Please paste no pictures: none are taken here.",
)  # fmt: skip
_WHAT_OF_IMAGE = Multiline(
    name="what", prompt="Is there anything else that they need to know, such as who has it or where it is?",
    clause="SCO-15", at_most=LONGEST, optional=True, held_up=False,
    help="Leave out what the image shows. Nobody needs that from you, and you need no proof.",
)  # fmt: skip
_WHERE = Text(
    name="where", prompt="Where was it: which platform, or which link?", clause="SCO-15", optional=True, at_most=500,
    held_up=False,
)  # fmt: skip
_ACCOUNT = Text(
    name="account", prompt="Which school account is it, and where on it?", clause="MON-4", optional=True, at_most=500,
    held_up=False, help="A name or a link will do.",
)  # fmt: skip
_BREACH = YesNo(
    name="breach", prompt="Could it be a data breach?", clause="LEG-2", doubt_is_yes=True,
    help="Personal information lost, published, or seen by somebody who should not see it. Not sure counts as yes.",
)  # fmt: skip


def _words(options: type[StrEnum]) -> tuple[str, ...]:
    return tuple(each.value for each in options)


DANGER = "If anybody is in danger now, phone 999."


def _page(when: When, *fields: Field) -> Page:
    return Page(fields, when)


def _caution(answers: Answers, seen: Circumstances) -> str:
    """Return what comes before all else once an image may be indecent (IMG-8 with guidance L7)."""
    if maybe_indecent(answers):
        return image_caution(_whom(answers, seen))
    return DANGER if answers and "category" not in answers else ""


def image_caution(whom: str) -> str:
    """Return the words about an image that may be indecent; they hold neither of the two wrong orders."""
    return f"Do not delete, view, copy, show or send the image, and do not ask anyone else to. Tell {whom} now."


def _whom(answers: Answers, seen: Circumstances) -> str:
    """Return the safeguarding leads with their phones, or the Head where one of them is named in the report."""
    today = seen.now.date()
    adult = about_adult(answers)
    typed = answers.get("who") or () if adult else ()
    named = {person.id for each in typed for person in people_meant(each, seen.people, today, adult=adult)}
    leads = [p for p in seen.people if p.holds(Role.DSL) and not p.has_left(today)]
    heads = [p for p in seen.people if p.holds(Role.HEAD) and not p.has_left(today)]
    for people in (leads, heads):
        if people and not named & {person.id for person in people}:
            return " or ".join(map(_reached, people))
    return "the police on 101, or 999 where there is danger,"


def _reached(person: Person) -> str:
    return f"{person.name} on {person.phone}" if person.phone else person.name


REPORT = Form(
    name="incidents.report",
    title="Report something",
    submit="Preview",
    intro="In danger now, phone 999 first. Nothing is sent until you have seen who gets it and pressed Submit.",
    confidential=True,
    caution=_caution,
    pages=(
        Page((Choice(name="category", prompt="What is it about?", clause="A1P-10", among=_words(Category)),)),
        _page(
            _is(Category.CONDUCT),
            Choice(name="kind", prompt="Which is nearest?", clause="BEH-9", among=KINDS),
        ),
        _page(
            _is(*MAY_HAVE_IMAGE),
            YesNo(name="image", prompt="Is an image involved?", clause="IMG-8", doubt_is_yes=True),
        ),
        _page(
            with_image,
            ImageQuestion(
                name="indecent", prompt="Could it be indecent, or show a child undressed?", clause="IMG-8",
                among=_words(Image), help="Do not look at it again to answer. Not sure is a good answer.",
            ),
        ),
        _page(_both(_asks_child, _asks_adult), _CHILD, _ADULT),
        _page(_both(_asks_child, _not(_asks_adult)), _CHILD),
        _page(_both(_not(_asks_child), _asks_adult), _ADULT),
        _page(
            about_adult,
            Concerned(
                name="who", prompt="Who is it about?", clause="ABU-2", outsiders=True, leavers=True, twice=True,
                optional=True,
                help="Names as in the staff list; others by full name. They are not told.",
            ),
        ),
        _page(
            _hides_child,
            Multiline(
                name="child_words", prompt="The child: name and what you know", clause="SCO-15", optional=True,
                at_most=LONGEST, held_up=False,
                help="Only the safeguarding lead sees this. Leave it out of the other answers.",
            ),
        ),
        _page(_is(*_ON_ACCOUNTS), _ACCOUNT, _WHAT, _BREACH),
        _page(maybe_indecent, _WHAT_OF_IMAGE, _BREACH),
        _page(of_data_protection, _WHERE, _WHAT),
        _page(_both(_not(_is(*_ON_ACCOUNTS)), _not(maybe_indecent), _not(of_data_protection)), _WHERE, _WHAT, _BREACH),
    ),
)  # fmt: skip


# What moves ask ------------------------------------------------------------------------------


def _move(name: str, title: str, submit: str, *fields: Field, intro: str = "") -> Form:
    return Form(
        name=f"incidents.{name}", title=title, submit=submit, intro=intro, confidential=True, pages=(Page(fields),)
    )


ADD = _move(
    "add", "Add something", "Send",
    Multiline(name="words", prompt="What would you like to add?", clause="A1P-10", at_most=LONGEST, held_up=False,
              help="It goes to those who have your report, and to nobody else. Pictures can't be sent here."),
)  # fmt: skip

CHAIR_HAS = _move(
    "chair_has", "The chair of governors has it", "Record",
    People(name="who", prompt="Whom did the chair name in writing? Skip this if it is the safeguarding lead.",
           clause="BEH-9", optional=True,
           help="Another name is taken only where the safeguarding lead is involved, never that of whom it is about."),
    Text(name="reference", prompt="Which letter, e-mail or call of the chair's says so?", clause="BEH-9", at_most=200),
    Day(name="day", prompt="On which day did the chair have it?", clause="BEH-9", past_only=True),
    intro="Record this once you have reached the chair. Whoever is put on the case can then open your report.",
)  # fmt: skip

ASSESS = _move(
    "assess", "Initial assessment", "Record",
    YesNo(name="risk", prompt="Is a child at risk, as far as you can tell now?", clause="SLT-4"),
    YesNo(name="dsl", prompt="Has the safeguarding lead been told?", clause="SLT-4"),
    YesNo(name="police", prompt="Have the police been told?", clause="BEH-15"),
    YesNo(name="lado", prompt="Has the LADO been asked for advice?", clause="SLT-4"),
    YesNo(name="dpo", prompt="Has the data protection officer been told?", clause="LEG-2"),
    YesNo(name="platform", prompt="Has it been reported to the platform?", clause="SLT-4"),
    Multiline(name="words", prompt="What is the assessment, and what is done next?", clause="SLT-4", optional=True),
    intro="You decide; this only records it. An earlier assessment stays in the record.",
)  # fmt: skip

BRING_IN = _move(
    "bring_in", "Bring in a colleague", "Bring in",
    People(name="who", prompt="Who?", clause="SLT-4",
           help="They can then open the report. Somebody whom it is about is never taken."),
    Multiline(name="reason", prompt="Why are they needed?", clause="SLT-4", at_most=1000),
)  # fmt: skip

INVOLVE = _move(
    "involve", "Involve an agency", "Record",
    Choice(name="agency", prompt="Which one?", clause="SLT-4", among=_words(Agency)),
    Multiline(name="why", prompt="Why?", clause="SLT-4", at_most=2000),
    Text(name="when", prompt="When was it, or when will it be?", clause="SLT-4", optional=True, at_most=120),
    Text(name="contact", prompt="Whom did you speak to, with any reference?", clause="SLT-4", optional=True,
         at_most=200),
    intro="You contact them; this records it as a step. The card then shows how to reach them.",
)  # fmt: skip

BREACH = _move(
    "breach", "Decision on the data breach", "Record",
    Choice(name="decision", prompt="What was decided?", clause="LEG-2",
           among=("Report to the ICO", "Do not report to the ICO", "It was no breach")),
    Multiline(name="reason", prompt="For which reason?", clause="LEG-2"),
    intro="Decide with the data protection officer. Every breach is recorded, one that is not reported as well.",
)  # fmt: skip

NOTE = _move(
    "note", "Add a note", "Add",
    Multiline(name="words", prompt="What is to be noted?", clause="SLT-3", at_most=LONGEST,
              help="Those on the case read it. Pictures can't be sent here."),
)  # fmt: skip

CLOSE = _move(
    "close", "Close", "Close",
    Choice(name="outcome", prompt="How did it end?", clause="BEH-13",
           among=("No further action", "Advice", "Training", "With HR", "With an outside agency")),
    Multiline(name="words", prompt="Is there anything to note about it?", clause="BEH-13", optional=True),
    intro="Whoever reported it reads only that it is closed.",
)  # fmt: skip

MOVE_FORMS = {
    form.name: (form, move)
    for form, move in (
        (ADD, "add"), (CHAIR_HAS, "chair_has"), (ASSESS, "assess"), (BRING_IN, "bring_in"), (INVOLVE, "involve"),
        (BREACH, "breach"), (NOTE, "note"), (CLOSE, "close"),
    )
}  # fmt: skip
