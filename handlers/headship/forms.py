"""What naming an acting head asks."""

from __future__ import annotations

from bot.conversation.fields import Day, People
from bot.conversation.forms import Form, Page

ACTING = Form(
    name="headship.acting",
    title="Name an acting head",
    submit="Name them",
    intro="While you are away, the acting head takes the Head's step on applications. The record will say so.",
    pages=(
        Page(
            (
                People(name="person", prompt="Who acts for you? Name one member of staff.", clause="ADM-1"),
                Day(name="first", prompt="From which day?", future_only=True),
                Day(name="last", prompt="Until which day, that day included?", future_only=True),
            )
        ),
    ),
)
