"""How a form is talked through: the card of the question that stands, and the card of a draft."""

from __future__ import annotations

from bot.conversation.cards import Block, Bold, Button, Card, Style, Tone, line, notice
from bot.conversation.fields import Choice, Choices, YesNo
from bot.conversation.forms import Form
from bot.conversation.sessions import Session, asked_field


def question_card(form: Form, session: Session, note: str = "", caution: str = "") -> Card:
    """Return the question that stands; *caution*, then what was wrong with the last answer, are above it."""
    question = asked_field(form, session)
    assert question is not None
    answered, points = form.progress(session.answers)
    counted = question.point or not any(each.point for each in form.fields_for(session.answers))
    title = f"{form.title} – {min(answered + 1, points)} of {points}" if counted else form.title
    first = not session.answers and not note
    intro = session.intro or form.intro
    blocks: list[Block] = [
        *([notice(Tone.URGENT, caution)] if caution else []),
        *([line(part) for part in intro.split("\n\n")] if intro and first else []),
        *([notice(Tone.WARNING, note)] if note else []),
        line(Bold(question.prompt)),
        *([line(question.hint)] if question.hint and not note else []),
    ]
    choices = [
        Button(option, "session.answer", session.id, f"{question.name}={option}")
        for option in (question.options if isinstance(question, YesNo | Choice | Choices) else ())
    ]
    if question.optional:
        choices.append(Button("Skip", "session.answer", session.id, f"{question.name}=skip"))
    buttons = (
        *choices,
        Button("Fill in as a page", "session.page", session.id, opens_form=True),
        Button("Cancel", "session.cancel", session.id),
    )
    return Card(title, tuple(blocks), buttons)


def draft_card(form: Form, session: Session) -> Card:
    """Return an unfinished form as its owner meets it again."""
    answered, points = form.progress(session.answers)
    begun = f"You began this on {session.started:%A} {session.started.day} {session.started:%B}."
    return Card(
        f"{form.title}: {answered} of {points}",
        (line(f"Your draft has {answered} of {points} points answered. {begun} Carry on, or start again."),),
        (
            Button("Continue", "session.continue", session.id, style=Style.PRIMARY),
            Button("Fill in as a page", "session.page", session.id, opens_form=True),
            Button("Start again", "session.restart", session.id),
            Button("Cancel", "session.cancel", session.id, style=Style.DANGER),
        ),
    )
