"""What changing a setting asks."""

from __future__ import annotations

from bot.conversation.fields import Choice, Multiline, Number
from bot.conversation.forms import Form, Page
from bot.domain.office import CHANGEABLE

CHANGE = Form(
    name="settings.change",
    title="Change a setting",
    submit="Propose it",
    intro="It holds once another member of SLT has confirmed it, and is recorded with both names and the date.",
    pages=(
        Page(
            (
                Choice(
                    name="setting", prompt="Which setting?", among=tuple(words for words, _, _ in CHANGEABLE.values())
                ),
                Number(name="value", prompt="What should it be?", lowest=1, highest=365),
                Multiline(name="reason", prompt="Why? SLT will read it.", at_most=500),
            )
        ),
    ),
)
