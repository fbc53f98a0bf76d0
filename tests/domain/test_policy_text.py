"""The policy text holds the school's words, all of them and nothing else."""

import json
import re
from pathlib import Path

import pytest

from bot.domain.policy import Policy, PolicyMistakes, parse_policy

ROOT = Path(__file__).parents[2]
BESIDE = ROOT.parent / "shared"
NEEDS_THE_SOURCE = pytest.mark.skipif(
    not (BESIDE / "policy").is_dir(), reason="the school's own document does not lie beside this repository"
)
HEADINGS = (
    "Social Media Policy",
    "Scope",
    "Organisational Control Roles & Responsibilities",
    "SLT",
    "Account Administrator",
    "Staff",
    "Process for Creating New Accounts",
    "Monitoring",
    "Behaviour",
    "Legal considerations",
    "Handling abuse",
    "Tone",
    "Use of images",
    "Personal Use",
    "Pupil/Students",
    "Parents/Carers",
    "Monitoring posts about the school",
    "Appendix 1 – Account Management",
)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return parse_policy((ROOT / "policy_text" / "policy.md").read_text("utf-8"))


def test_the_policy_has_119_clauses_of_august_2017(policy: Policy) -> None:
    assert policy.version == "August 2017"
    assert len(policy.clauses) == 119


def test_a_clause_knows_its_heading_and_where_it_is_repeated(policy: Policy) -> None:
    """A clause that the policy repeats word for word is one answer with both places (G37)."""
    assert policy.clause("STF-4").heading == "Staff"
    assert {policy.clause(f"SCO-{n}").also for n in (9, 10, 11, 12)} == {("Staff",)}
    with pytest.raises(KeyError):
        policy.clause("STF-99")


def test_a_sentence_that_a_page_break_cuts_is_whole(policy: Policy) -> None:
    assert "the school will ask the parent/carer to remove the post" in policy.clause("PAR-3").text


def test_lists_stand_together_as_the_policy_has_them(policy: Policy) -> None:
    run = policy.run_of("TON-5")

    assert run == tuple(f"TON-{n}" for n in range(2, 8))
    assert policy.run_passage(run).text.startswith("Key words to consider when composing messages are:\n- Engaging\n")
    assert {run[0] for run in policy.runs} == {"SLT-1", "ADM-1", "STF-1", "NEW-2", "TON-2", "A1P-0", "A1S-0"}
    assert policy.run_of("BEH-8") is None


def test_the_fingerprint_changes_with_a_word() -> None:
    before = parse_policy("Version: May 2030\n\n[ABC-1] Be kind.")
    after = parse_policy("Version: May 2030\n\n[ABC-1] Be kinder.")

    assert before.fingerprint != after.fingerprint


@NEEDS_THE_SOURCE
def test_every_clause_is_word_for_word_and_nothing_is_left_over(policy: Policy) -> None:
    source = _flat("\n".join(path.read_text("utf-8") for path in sorted((BESIDE / "policy").glob("*.txt"))))
    rest = source
    for clause in sorted(policy.clauses, key=lambda clause: -len(clause.text)):
        assert clause.text in source
        rest = rest.replace(clause.text, " ", 1 + len(clause.also))
    rest = re.sub(r"Contents Scope 3 .*? Appendix 1 - Account Management 8", " ", rest)
    for left_over in ("This policy:", "and", *sorted(HEADINGS, key=len, reverse=True)):
        rest = re.sub(rf"(?<!\S){re.escape(left_over)}(?!\S)", " ", rest)
    assert set(rest.split()) <= {"-"}


@NEEDS_THE_SOURCE
def test_ids_and_words_are_those_of_the_checked_cut(policy: Policy) -> None:
    cut = json.loads((BESIDE / "domain" / "clauses.json").read_text("utf-8"))

    assert [(clause.id, clause.text) for clause in policy.clauses] == [(entry["id"], entry["quote"]) for entry in cut]


def test_all_mistakes_are_told_at_once_with_their_lines() -> None:
    text = "\n".join(
        [
            "# A policy",  # 1
            "",
            "[NEW-1] First words.",  # 3
            "",
            "[NEW-1] Other words.",  # 5
            "",
            "Words without an id.",  # 7
            "",
            "[NEW-2] -",  # 9
            "",
            "[new three] Odd mark.",  # 11
            "",
            "[NEW-1 again] Not the first words.",  # 13
            "",
            "[NEW-8 again] Never written.",  # 15
            "",
            "Run: NEW-1 to NEW-9",  # 17
            "",
            "Run: all of them",  # 19
        ]
    )

    with pytest.raises(PolicyMistakes) as caught:
        parse_policy(text)

    mistakes = caught.value.mistakes
    assert "policy.md line 5: clause id NEW-1 is used twice (first on line 3)" in mistakes
    assert "policy.md line 9: clause NEW-2 has no words" in mistakes
    assert {_line(mistake) for mistake in mistakes} == {1, 5, 7, 9, 11, 13, 15, 17, 19}


@pytest.mark.parametrize("text", ["", "\n\n", "[", "[]", "[A-1", "# ", "Run:", "Version:", "- - -", "\x00"])
def test_broken_text_gives_mistakes_never_a_crash(text: str) -> None:
    with pytest.raises(PolicyMistakes):
        parse_policy(text)


def _line(mistake: str) -> int:
    return int(re.findall(r"line (\d+)", mistake)[0])


def _flat(text: str) -> str:
    return " ".join(text.split())
