"""The parts of a message: a long story has its question in one sentence, and some questions have two halves."""

import re

from bot.domain.words import words

_MOST = 4
_FEWEST_WORDS = 3
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_JOINT = re.compile(r"\b(?:and|but|plus|also|or)\b|[,;?]|\.\s| - ", re.IGNORECASE)


def considered(text: str, longest: int) -> str:
    """Return the beginning and the end of a text that is longer than *longest*."""
    return text if len(text) <= longest else f"{text[: longest // 2]}\n{text[-longest // 2 :]}"


def sentences(text: str) -> list[str]:
    """Return the text and, where it has several, its last sentences: a preamble must not drown the question."""
    found = [part for part in _SENTENCE_END.split(text) if len(words(part)) >= _FEWEST_WORDS]
    return [text, *found[-_MOST:]] if len(found) > 1 else [text]


def halves(text: str) -> list[tuple[str, str]]:
    """Return the ways to cut a question in two where it may ask for two things, the most even ones first."""
    cuts = [(text[: joint.start()], text[joint.end() :]) for joint in _JOINT.finditer(text)]
    sizes = {cut: (len(words(cut[0])), len(words(cut[1]))) for cut in cuts}
    even = sorted(cuts, key=lambda cut: abs(sizes[cut][0] - sizes[cut][1]))
    return [cut for cut in even if min(sizes[cut]) >= _FEWEST_WORDS][:_MOST]
