"""What each part of the search is worth: figures with the part left out."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.domain.knowledge import Knowledge
from bot.domain.policy import Policy
from bot.domain.ranking import RECIPE, Recipe
from bot.domain.search import Search
from tests.answers.questions import Facts, Question, judged
from tests.fit import fitted

WITHOUT = {
    "everything": Recipe(),
    "no ideas of the thesaurus": Recipe(ideas=0.0),
    "no pairs of words": Recipe(pairs=0.0),
    "no groups of letters": Recipe(letters=0.0),
    "no mended spelling": Recipe(spelling=False),
    "no middle of all asks": Recipe(middle=0.0),
    "nearest ask alone, no middle": Recipe(middle=0.0, nearest=1),
    "no words of the policy": Recipe(of_policy=0.0),
    "no sentences apart": Recipe(sentences=False),
    "no odds of single words": Recipe(odds=False),
}
_ASKS = (2, 4, 8, 16, 32)
_SILENT = (0.0, 0.25, 0.5)


def worth(policy: Policy, knowledge: Knowledge, questions: Sequence[Question]) -> Iterator[tuple[str, Facts]]:
    """Yield the name of what is left out, and the figures without it."""
    for name, recipe in WITHOUT.items():
        yield name, judged(_fitted_search(policy, knowledge, recipe), questions)
    yield "no fit", judged(Search(policy, knowledge), questions)
    for count in _ASKS:
        yield f"{count} asks a clause", judged(_fitted_search(policy, _with_asks(knowledge, count)), questions)
    for part in _SILENT:
        yield (
            f"{part:.0%} of the silent lines",
            judged(_fitted_search(policy, _with_silences(knowledge, part)), questions),
        )


def _fitted_search(policy: Policy, knowledge: Knowledge, recipe: Recipe = RECIPE) -> Search:
    return Search(policy, knowledge, recipe, fitted(policy, knowledge, recipe))


def _with_asks(knowledge: Knowledge, count: int) -> Knowledge:
    """Return *knowledge* with so many asks of each topic, spread over all of them."""
    return replace(knowledge, topics=tuple(replace(each, asks=_spread(each.asks, count)) for each in knowledge.topics))


def _with_silences(knowledge: Knowledge, part: float) -> Knowledge:
    silences = (replace(each, lines=_spread(each.lines, round(part * len(each.lines)))) for each in knowledge.silences)
    return replace(knowledge, silences=tuple(silences))


def _spread(lines: Sequence[str], count: int) -> tuple[str, ...]:
    """Return *count* of *lines*, evenly taken; all where they are fewer."""
    if count >= len(lines):
        return tuple(lines)
    return tuple(lines[number * len(lines) // count] for number in range(count))
