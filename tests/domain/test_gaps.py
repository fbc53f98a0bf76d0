"""Laws of questions that are passed on: what is struck out, what fits a button, and which questions are alike."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answers import Answer, Kind
from bot.domain.feedback import Feedback, unhelpful
from bot.domain.gaps import (
    LONGEST,
    Asked,
    Gap,
    asked,
    carried,
    gap_id,
    group_key,
    grouped,
    kept_words,
    read_carried,
    struck,
)
from bot.domain.policy import Passage, parse_policy
from bot.platforms.slack.buttons import LONGEST_VALUE
from tests.simulator import ROOT

POLICY = tuple(
    clause.text for clause in parse_policy((ROOT / "policy_text" / "policy.md").read_text(encoding="utf-8")).clauses
)
PEOPLE = (
    "Jane Okafor", "Siobhán O'Brien", "Grace Young", "Mary Smith-Jones", "Okonkwo, Chidi (Year 6)", "Dr J. Patel",
    "Bo Li", "José Núñez", "Anna van der Berg", "Will", "History teacher", "Deputy head", "Head teacher",
    "Account administrator",
)  # fmt: skip
NOW = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)


# Struck out ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        # Whole names, however they are written
        ("can Jane Okafor post this?", "can … post this?"),
        ("can jane okafor post this?", "can … post this?"),
        ("JANE  OKAFOR!", "…!"),
        ("Okafor Jane", "…"),
        ("Okafor, Jane", "…"),
        ("bo li posted", "… posted"),
        ("grace young and I", "… and I"),
        ("siobhan o'brien or siobhan obrien or Siobhán O’Brien", "… or … or …"),
        ("jose nunez and José Núñez", "… and …"),
        ("Chidi Okonkwo's page", "…'s page"),
        ("may the history teacher post?", "may the … post?"),
        ("the deputy head told me", "the … told me"),
        # Surnames
        ("is Okafor's page ok", "is …'s page ok"),
        ("ask okafor", "ask …"),
        ("the Okafors", "the …"),
        ("OKONKWO said", "… said"),
        ("Núñez or nunez", "… or …"),
        ("obrien", "…"),
        ("Smith-Jones, smith jones, Smith", "…, …, …"),
        ("patel", "…"),
        ("Berg", "…"),
        # Behind a title
        ("may Mr Khan post?", "may … post?"),
        ("mrs khan", "…"),
        ("Mr. Khan", "…"),
        ("MX KHAN", "…"),
        ("Ms Lee-Brown's", "…'s"),
        ("Dr J. K. Khan said", "… said"),
        ("Mr John Khan said", "… said"),
        ("mr young", "…"),
        ("Miss Trunchbull", "…"),
        ("miss trunchbull", "…"),
        ("sir alex", "…"),
        ("Mr and Mrs Khan", "Mr and …"),
        # Addresses, numbers, links
        ("mail a.b+c@school.co.uk now", "mail … now"),
        ("@kayleigh.05 tagged me", "… tagged me"),
        ("tagged @kay, @lee", "tagged …, …"),
        ("ring 07700 900104", "ring …"),
        ("ring +44 (0)20 7946 0958.", "ring …."),
        ("(0151) 496-0103", "…"),
        ("see https://x.com/abc?d=1.", "see …"),
        ("see www.example.org", "see …"),
        ("instagram.com/kay_05 or x.co/1", "… or …"),
        ("on bebington.sch.uk?", "on …?"),
    ],
)  # fmt: skip
def test_what_tells_of_somebody_is_struck_out(typed: str, kept: str) -> None:
    assert struck(typed, PEOPLE, POLICY) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "may I post a photo of pupils on my own page?", "do young people need consent?", "will we be told?",
        "does the Head Teacher approve, or the account administrator?", "what if I miss the deadline",
        "what if I miss training", "can I use MS Teams", "in 2025 and 2026, Year 9", "and/or, e.g. this", "it's 24/7",
        "post it.Then delete it", "what is 3.5.1 about?", "the teacher's head", "an iceberg", "I li ke it", "okaforish",
        "what goes in NEW-3 to NEW-7?", "who is in SLT & the DSL?", "wie lange? 你好吗", "",
    ],
)  # fmt: skip
def test_other_words_stay_as_they_were_typed(typed: str) -> None:
    assert struck(typed, PEOPLE, POLICY) == typed


def test_without_names_only_what_looks_like_a_person_is_struck() -> None:
    assert struck("may Okafor or Mr Okafor post?", ()) == "may Okafor or … post?"


@pytest.mark.parametrize("name", ["", " ", "-", "()", "Mr", "Jo", "Will", "A", "'", ",", "a,", "\u0301", "1234"])
def test_a_name_that_says_little_strikes_little(name: str) -> None:
    typed = "a question about - anything, will that do?"

    assert struck(typed, (name,)) == typed


TYPED = st.text(
    st.sampled_from("abJjOoKkMmRrSs .,'-’@/:\n1209…😀éßİ\u0301\u202e") | st.characters(codec="utf-8"), max_size=80
)
PIECES = st.lists(
    st.sampled_from(["Jane Okafor", "mr", "Miss", "Okafor", "a@b.co", "@kay", "07700 900104", "www.x.org", "may we"])
    | TYPED
).map(" ".join)


@given(PIECES)
def test_what_was_kept_is_kept_the_same_again(typed: str) -> None:
    """It is struck before it is put into a button, and again when that is pressed."""
    kept = kept_words(typed, PEOPLE, POLICY)

    assert kept_words(kept, PEOPLE, POLICY) == kept


@given(PIECES)
def test_what_is_kept_names_nobody_and_is_one_short_line(typed: str) -> None:
    kept = kept_words(f"{typed} Jane Okafor", PEOPLE, POLICY)

    assert "okafor" not in kept.lower()
    assert len(kept) <= LONGEST
    assert kept.isprintable()


@pytest.mark.parametrize(
    "typed", ["", " \n ", "…", "😀 👍", "@kay", "07700 900104", "Jane Okafor", "\u202e\u200b", "?!", "(Mr Khan)"]
)
def test_where_nothing_is_left_nothing_is_kept(typed: str) -> None:
    assert kept_words(typed, PEOPLE) == ""


def test_what_is_too_long_ends_at_a_word_and_says_so() -> None:
    kept = kept_words("may we post it " * 100, PEOPLE)

    assert 480 <= len(kept) <= LONGEST
    assert kept.endswith((" post …", " it …", " we …", " may …"))


def test_a_name_at_the_seam_is_not_kept_by_half() -> None:
    for length in range(1_950, 2_010):
        assert "Oka" not in kept_words("@k " * (length // 3) + " " * (length % 3) + "Jane Okafor", PEOPLE)


@pytest.mark.parametrize(
    "typed",
    ["a", "a@", "a@b.", "1 ", "mr ", "a.", "www.", "-", "(", "a.b/", "0", "Jane ", "Okafor, ", "' ", "😀", "x@a-"],
)
def test_nothing_that_is_typed_takes_long(typed: str) -> None:
    """A pattern that looks at each sign again and again would keep everybody waiting."""
    kept_words("warm", PEOPLE, POLICY)
    begun = time.perf_counter()

    kept_words(typed * 10_000, PEOPLE, POLICY)

    assert time.perf_counter() - begun < 0.5


# Carried by a button -------------------------------------------------------------------------


@given(PIECES, st.sampled_from([Kind.ANSWER, Kind.SILENT]), st.lists(st.sampled_from(["NEW-3", "A1P-10", "STF-4"])))
def test_what_a_button_carries_is_read_back(typed: str, kind: Kind, clauses: list[str]) -> None:
    passages = (Passage(tuple(clauses), "", ""),) if clauses else ()
    given = asked("0" * 32, Answer(kind, passages, ask="administrator"), kept_words(typed, PEOPLE))

    assert read_carried(carried(given)) == given


@given(st.text(max_size=3_000), st.integers(1, 60))
def test_what_a_button_carries_has_room_on_every_platform(typed: str, count: int) -> None:
    clauses = tuple(f"ABC-{number}" for number in range(count))
    given = asked(
        "0" * 32, Answer(Kind.SILENT, (Passage(clauses, "", ""),), ask="administrator"), kept_words(typed, ())
    )

    assert len(json.dumps(["", carried(given)])) <= LONGEST_VALUE


@pytest.mark.parametrize("sign", ["😀", "é", "\\", '"', "…", "字", "x"])
def test_a_button_has_room_for_the_widest_signs(sign: str) -> None:
    given = asked("0" * 32, Answer(Kind.SILENT), kept_words(f"may we {sign * 3_000}", ()))

    assert len(json.dumps(["", carried(given)])) <= LONGEST_VALUE


@given(st.text(max_size=700))
def test_nothing_else_is_read_as_what_a_button_carries(value: str) -> None:
    read = read_carried(value)

    assert read is None or (len(read.question) <= LONGEST and "\n" not in read.question)


def test_the_id_of_a_question_tells_answers_apart_and_not_presses() -> None:
    given = Asked("mark", "who pays?", Kind.SILENT)

    others = {gap_id(replace(given, mark="other")), gap_id(replace(given, question="who pay?"))}

    assert gap_id(given) == gap_id(replace(given))
    assert len({gap_id(given), *others}) == 3


# The list ------------------------------------------------------------------------------------


def gap(question: str, day: int = 24, *clauses: str) -> Gap:
    """Return a question that was kept on a day in November."""
    kind = Kind.ANSWER if clauses else Kind.SILENT
    return Gap("hill", question, question, kind, clauses, "August 2017", date(2026, 11, day), NOW)


@pytest.mark.parametrize(
    "other",
    [
        "Who pays for the accounts?",
        "who pays for an account please",
        "for an account, who pays?",
        "WHO PAY FOR ACCOUNT",
    ],
)
def test_words_alike_are_one_question(other: str) -> None:
    assert group_key(other) == group_key("who pays for an account?")


@pytest.mark.parametrize("other", ["who pays for a phone?", "who never pays for an account?", "", "?", "may I"])
def test_other_words_are_another_question(other: str) -> None:
    assert group_key(other) != group_key("who pays for an account?")


def test_words_that_the_alphabet_does_not_hold_are_told_apart() -> None:
    assert group_key("ما هي القواعد") != group_key("من يدفع")


def test_the_newest_question_stands_first_with_how_often_it_was_asked() -> None:
    gaps = [
        gap("who pays?", 20),
        gap("may we?", 22, "STF-4"),
        gap("who pays", 23, "STF-4"),
        gap("who pay", 21, "NEW-3"),
    ]

    groups = grouped(gaps)

    assert [(each.question, each.count, each.last.day) for each in groups] == [("who pays", 3, 23), ("may we?", 1, 22)]
    assert (groups[0].silent, groups[0].clauses) == (True, ("NEW-3", "STF-4"))
    assert (groups[1].silent, groups[1].clauses) == (False, ("STF-4",))


@given(st.permutations([gap("who pays?"), gap("may we?"), gap("who pays"), gap("what of phones?", 23), gap("zebras?")]))
def test_the_order_of_a_day_does_not_show(gaps: list[Gap]) -> None:
    """By it somebody could be found who was seen typing."""
    assert grouped(gaps) == grouped(sorted(gaps, key=lambda each: each.question))


def test_bad_votes_are_counted_by_clause_and_of_late_alone() -> None:
    def vote(number: int, *clauses: str, good: bool = False, day: int = 20) -> Feedback:
        return Feedback("hill", str(number), good, clauses, "August 2017", datetime(2026, 11, day, tzinfo=UTC))

    votes = [
        vote(1, "STF-4", "SCO-10"), vote(2, "SCO-10"), vote(3), vote(4, "STF-4", good=True), vote(5, "NEW-3", day=1),
    ]  # fmt: skip

    assert unhelpful(votes, datetime(2026, 11, 10, tzinfo=UTC)) == [("SCO-10", 2), ("", 1), ("STF-4", 1)]
