"""What the bot says about itself."""

from __future__ import annotations

from collections.abc import Iterable

from bot.conversation.cards import Bold, Button, Card, Style, Tone, bullets, line, notice
from bot.domain.office import Office
from bot.routing import CommandEntry

_STARTS = (
    Button("Report", "incidents.report", style=Style.PRIMARY),
    Button("Tell SLT about a journalist", "press.start"),
    Button("Apply for an account", "applications.apply"),
    Button("Ask a person", "policy.person"),
)


def overview(commands: Iterable[CommandEntry], office: Office) -> Card:
    """Return the list of what one can do, with reporting first (A1P-10)."""
    return Card(
        "What I can do",
        (
            notice(Tone.URGENT, "In danger? Phone 999. This chat is not watched round the clock."),
            line("Type one of these words to me; where others read along, put @smpolicy or /smpolicy before it."),
            bullets((Bold(each.name), f" – {each.summary}") for each in commands),
            line("Or ask anything in your own words: I answer with the policy's, and say so where it is silent."),
            line(f"The policy in force is that of {office.policy}."),
        ),
        _STARTS,
    )


def greeting(name: str) -> Card:
    """Return the answer to a hello."""
    words = "Ask me what the social media policy says, or press what you need. Type help for everything."
    return Card(f"Hello {name}", (line(words),), _STARTS)


def welcome() -> Card:
    """Return the answer to a thank-you."""
    return Card("You're welcome", (line("Ask again whenever you need to."),))


def only_by_press() -> Card:
    """Return the answer to words that order a decision (domain 5.12, 5.17)."""
    words = (
        "Nothing is decided by words typed here, whoever they come from. "
        "Somebody who may decide has to press the button on the card; type my to see what waits for you."
    )
    return Card("Decisions need a press", (notice(Tone.WARNING, words),))
