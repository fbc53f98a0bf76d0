"""The fit that is shipped fits; without one, or with somebody else's, answers are found all the same."""

from dataclasses import replace

import pytest

from bot.domain.fitting import Fit
from bot.domain.knowledge import Knowledge, parse_knowledge
from bot.domain.policy import Policy, parse_policy
from bot.domain.search import Kind, Search
from tests.answers.questions import ROOT, read_knowledge

FIT = (ROOT / "policy_text" / "asks.fit").read_bytes()
PLAIN = {
    "how do I apply for an account?": "NEW-2",
    "who creates the account": "ADM-1",
    "do I need a disclaimer": "SCO-10",
    "may I follow a pupil on instagram": "PUP-1",
    "how long do we have to answer a query": "MON-3",
    "how do I report a mistake": "A1S-9",
    "what do I do if a journalist calls": "BEH-8",
    "can I use the school logo on my own page": "A1P-2",
}


@pytest.fixture(scope="module")
def knowledge(policy: Policy) -> Knowledge:
    return read_knowledge(policy)


def first(search: Search, question: str) -> set[str]:
    answer = search.answer(question)
    return set(answer.passages[0].clauses) if answer.passages else set()


def test_the_fit_that_is_shipped_was_made_from_todays_ways_of_asking(search: Search) -> None:
    """Whoever changes asks.yaml or policy.md runs make fit."""
    assert search.is_fitted


@pytest.mark.parametrize(("question", "clause"), PLAIN.items())
def test_plain_questions_get_their_clause_first(search: Search, question: str, clause: str) -> None:
    assert clause in first(search, question)


@pytest.mark.parametrize(
    "content", [b"", b"no fit", FIT[:100], FIT[: len(FIT) // 2], FIT[10:], b"PK\x03\x04" + FIT[4:90]]
)
def test_what_is_no_fit_is_none(content: bytes) -> None:
    assert Fit.from_bytes(content) is None


def test_a_fit_survives_being_kept(policy: Policy, knowledge: Knowledge, search: Search) -> None:
    fit = Fit.from_bytes(FIT)
    assert fit is not None

    again = Search(policy, knowledge, fit=Fit.from_bytes(fit.to_bytes()))

    assert again.is_fitted
    assert [first(again, question) for question in PLAIN] == [first(search, question) for question in PLAIN]


def test_without_a_fit_most_plain_questions_get_their_clause(policy: Policy, knowledge: Knowledge) -> None:
    search = Search(policy, knowledge)

    found = [clause in {id for passage in search.answer(question).passages for id in passage.clauses}
             for question, clause in PLAIN.items()]  # fmt: skip

    assert not search.is_fitted
    assert sum(found) >= len(PLAIN) - 3


def test_a_fit_to_other_ways_of_asking_is_not_used(policy: Policy, knowledge: Knowledge) -> None:
    fewer = replace(knowledge, topics=tuple(replace(each, asks=each.asks[:-1]) for each in knowledge.topics))

    assert not Search(policy, fewer, fit=Fit.from_bytes(FIT)).is_fitted


@pytest.mark.parametrize(
    ("clause", "question"),
    [
        ("ADM-4", "who manages the account after the lead staff member has left the organisation"),
        ("BEH-8", "a journalist made contact about posts, must staff refer that to SLT before responding"),
        ("A1P-8", "if I want to criticise something should I do it politely"),
        ("IMG-3", "a pupil asks not to be photographed, must their wishes be respected"),
        ("TON-7", "should messages be grammatically correct"),
    ],
)
def test_a_clause_that_nobody_wrote_asks_for_is_found_by_its_own_words(
    policy: Policy, knowledge: Knowledge, clause: str, question: str
) -> None:
    """As a new clause is, the day that the next policy is imported."""
    unasked = replace(
        knowledge,
        topics=tuple(
            replace(topic, asks=()) if topic.passages == ((clause,),) else topic
            for topic in knowledge.topics
            if topic.passages == ((clause,),) or not any(clause in ids for ids in topic.passages)
        ),
        silences=tuple(silence for silence in knowledge.silences if silence.about != clause),
    )

    answer = Search(policy, unasked).answer(question)

    assert clause in {id for passage in answer.passages for id in passage.clauses}


def test_a_policy_for_which_nobody_wrote_asks_answers_from_its_words() -> None:
    """And no point of what is forbidden ever stands without the words that forbid it."""
    policy = parse_policy(
        "Version: May 2027\n\n## Phones\n\nRun: PHO-1 to PHO-3\n\n[PHO-1] You must not:\n\n"
        "[PHO-2] - take photographs of visitors\n\n[PHO-3] - play music in the corridor\n\n"
        "[PHO-4] Lockers are opened at noon.\n"
    )
    knowledge = parse_knowledge(
        "clauses: {}\nurgent: {signs: {fire: fire*}, needs: [{threat: fire}], examples: {calm: hello}}", policy
    )
    search = Search(policy, knowledge)

    forbidden = search.answer("may I take photographs of visitors?")
    lockers = search.answer("when are the lockers opened?")

    assert forbidden.passages[0].clauses == ("PHO-1", "PHO-2", "PHO-3")
    assert forbidden.passages[0].text.startswith("You must not:")
    assert lockers.passages[0].clauses == ("PHO-4",)
    assert search.answer("football results please").kind is Kind.SILENT


def test_a_way_of_asking_that_is_written_down_is_answered(policy: Policy, knowledge: Knowledge, search: Search) -> None:
    """Whoever adds a line to mend an answer sees it mended, though a silence is near, and with a slip as well."""
    for question in ("how do I report a colleague", "How do I report a coleague?", "how should a post be written"):
        assert search.answer(question).passages, question
    for topic in knowledge.topics[:40]:
        ids = {id for passage in topic.passages for id in passage}
        assert ids & first(search, topic.asks[-1]), topic.asks[-1]


def test_a_silence_that_is_written_down_is_silent(knowledge: Knowledge, search: Search) -> None:
    for silence in knowledge.silences[:40]:
        assert not search.answer(silence.lines[-1]).passages, silence.lines[-1]
