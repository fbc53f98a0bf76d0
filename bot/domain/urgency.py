"""Whether a message needs a person now: signs that show together, and what makes them harmless (domain.md 2.3)."""

import re

from bot.domain.knowledge import Need, Signs
from bot.domain.words import words

_QUESTION_WORDS = frozenset(
    {"who", "whose", "which", "what", "when", "where", "how", "can", "could", "may", "should"}
    | {"would", "do", "does", "did", "is", "are", "was", "am", "will"}
)
_GAP = r"(?:\w+ ){0,6}"


class Urgency:
    """Read messages for signs of an urgent need."""

    def __init__(self, signs: Signs) -> None:
        self._needs = signs.needs
        self._signs = {name: _pattern(phrases) for name, phrases in signs.signs.items()}

    def need(self, text: str) -> Need | None:
        """Return what makes *text* urgent, if anything does; a question about the rules is not urgent."""
        need = self.spoken_of(text)
        return None if need is None or self._only_asks(self._said(text)) else need

    def spoken_of(self, text: str) -> Need | None:
        """Return what *text* shows signs of, though it may only ask about it."""
        said = self._said(text)
        return next((need for need, names in self._needs if self._show(names, said)), None)

    def _said(self, text: str) -> str:
        return self._signs["harmless"].sub(" ", f" {' '.join(words(text))} ")

    def only_asks(self, text: str) -> bool:
        """Say whether *text* is a question, or supposes a case, and nothing is happening."""
        said = words(text)
        line = f" {' '.join(said)} "
        is_question = bool(said) and said[0] in _QUESTION_WORDS and not self._show(("happening",), line)
        return is_question or self._only_asks(line)

    def _show(self, names: tuple[str, ...], said: str) -> bool:
        return all(self._signs[name].search(said) for name in names)

    def _only_asks(self, said: str) -> bool:
        if self._show(("supposing",), said):
            return not self._show(("today",), said)
        return self._show(("asking",), said) and not self._show(("happening",), said)


def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds any of the phrases between the spaces of a message."""
    if not phrases:
        return re.compile(r"(?!)")
    return re.compile(r"(?<= )(?:" + "|".join(map(_phrase, sorted(phrases, key=len, reverse=True))) + r")(?= )")


def _phrase(phrase: str) -> str:
    parts = []
    for part in phrase.split(" "):
        if part == "...":
            parts.append(_GAP)
        else:
            bare = re.escape("".join(words(part)))
            parts.append(bare + (r"\w*" if part.endswith("*") else "") + " ")
    return "".join(parts).removesuffix(" ")
