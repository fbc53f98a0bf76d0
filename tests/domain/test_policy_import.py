"""Laws of importing the next policy: what stays keeps its id, no word is lost, and no id is used twice."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.domain.policy import parse_policy
from bot.domain.policy_diff import Difference, marked
from bot.domain.policy_form import Mark, Paragraph, Style, entries
from bot.domain.policy_import import Imported, import_document, import_own_form, version_in
from bot.domain.policy_words import ends_sentence, flat, key, likeness, sentence_ends
from bot.importing.markdown import read_markdown
from bot.importing.plain_text import read_plain_text

ROOT = Path(__file__).parents[2]
PRESENT = (ROOT / "policy_text" / "policy.md").read_text(encoding="utf-8")
POLICY = parse_policy(PRESENT)
IDS = [clause.id for clause in POLICY.clauses]
NEXT = "September 2026"
SOURCE = ROOT.parent / "shared" / "policy" / "social-media-policy-2017-08.txt"
NEEDS_THE_SOURCE = pytest.mark.skipif(
    not SOURCE.is_file(), reason="the school's own document does not lie beside this repository"
)


def exported() -> list[Paragraph]:
    """Return the present policy as a school's document has it: sentences in paragraphs, points in lists, no ids."""
    document = list[Paragraph]()
    for entry in entries(PRESENT):
        goes_on = not entry.bullet and document and document[-1].style is not Style.HEADING
        if entry.mark is Mark.HEADING:
            document.append(Paragraph(entry.text, Style.HEADING, entry.level))
        elif goes_on and (ends_sentence(document[-1].text) or entry.text[:1].islower()):
            document[-1] = replace(document[-1], text=f"{document[-1].text} {entry.text}")
        else:
            document.append(Paragraph(entry.text, Style.POINT if entry.bullet else Style.PLAIN))
    return document


def as_plain_text(document: Sequence[Paragraph]) -> str:
    """Return *document* as plain text."""
    return "\n\n".join(f"- {each.text}" if each.style is Style.POINT else each.text for each in document)


def as_markdown(document: Sequence[Paragraph]) -> str:
    """Return *document* as Markdown."""
    before = {Style.POINT: "- ", Style.PLAIN: ""}
    return "\n\n".join(f"{before.get(each.style, '#' * each.level + ' ')}{each.text}" for each in document)


def imported(change: Callable[[str], str] = str) -> Imported:
    """Return the present policy as plain text, changed and imported again."""
    text = as_plain_text(exported())
    changed = change(text)
    assert changed != text or change is str, "the edit found nothing to change"
    return import_document(read_plain_text(changed).paragraphs, NEXT, PRESENT)


def swapped(old: str, new: str) -> Imported:
    """Return the present policy with *new* in place of *old*, imported again."""
    return imported(lambda text: text.replace(old, new))


def section(text: str, heading: str, following: str) -> str:
    """Return what stands in *text* from one heading up to the next."""
    return text[text.index(f"\n\n{heading}\n\n") : text.index(f"\n\n{following}\n\n")]


def said(difference: Difference) -> tuple[list[str], list[str], list[str], list[str]]:
    """Return ids: reworded, added, removed, moved."""
    groups = (difference.reworded, difference.added, difference.removed, difference.moved)
    reworded, added, removed, moved = ([each.id for each in group] for group in groups)
    return reworded, added, removed, moved


def words_of(text: str) -> list[str]:
    """Return the words of a ``policy.md``, marks, version and runs apart."""
    return [word for entry in entries(text) for word in key(entry.text) if any(sign.isalnum() for sign in word)]


def words_in(document: Sequence[Paragraph]) -> list[str]:
    """Return the words of a document."""
    return [word for each in document for word in key(flat(each.text)) if any(sign.isalnum() for sign in word)]


# The same words ------------------------------------------------------------------------------------


@NEEDS_THE_SOURCE
def test_the_schools_own_document_gives_the_very_same_policy() -> None:
    """It has a list of contents, a sentence that a page breaks (G40), and points without a bullet."""
    document = read_plain_text(SOURCE.read_text(encoding="utf-8")).paragraphs

    found = import_document(document, version_in(document), PRESENT)

    assert found.policy == POLICY
    assert found.difference.is_none
    assert sorted(words_of(found.text)) == sorted(words_of(PRESENT))
    assert found.doubtful == ()
    assert found.left_out == ("the list of contents, 8 lines",)


DISGUISES: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: f"{text}\n",
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "curly quotes": lambda text: re.sub(r'"([^"]*)"', r"“\1”", text).replace("'", "’"),
    "straight quotes": lambda text: re.sub("[“”]", '"', re.sub("[‘’]", "'", text)),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "other bullets": lambda text: re.sub(r"^- ", "•\t", text, flags=re.MULTILINE),
    "letters": lambda text: re.sub(r"^- ", "a) ", text, flags=re.MULTILINE),
    "soft hyphens": lambda text: text.replace("social", "so\u00adcial"),
    "one line a paragraph": lambda text: text.replace("\n\n", "\n"),
    "a page break in mid-sentence": lambda text: text.replace("the school will ask", "the school will\n\n\n\fask"),
    "a page break before a capital": lambda text: text.replace("the SLT must be", "the\n\nSLT must be"),
    "page numbers": lambda text: text.replace("\n\nTone\n\n", "\n\nPage 4 of 8\n\n\fTone\n\n"),
}


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES.keys())
def test_the_same_words_are_the_same_policy(disguise: Callable[[str], str]) -> None:
    found = imported(disguise)

    assert said(found.difference) == ([], [], [], [])
    assert found.difference.is_none
    assert found.policy.clauses == POLICY.clauses
    assert found.policy.runs == POLICY.runs


def test_lines_broken_at_a_margin_are_whole_again() -> None:
    broken = "\n\n".join(
        textwrap.fill(each, 72, subsequent_indent="  " if each.startswith("- ") else "", break_on_hyphens=False)
        for each in as_plain_text(exported()).split("\n\n")
    )

    found = import_document(read_plain_text(broken).paragraphs, NEXT, PRESENT)

    assert found.policy.clauses == POLICY.clauses


def test_markdown_gives_the_same_policy() -> None:
    found = import_document(read_markdown(as_markdown(exported())).paragraphs, NEXT, PRESENT)

    assert (found.policy.clauses, found.policy.runs) == (POLICY.clauses, POLICY.runs)
    assert [entry.level for entry in entries(found.text)] == [entry.level for entry in entries(PRESENT)]


def test_our_own_form_keeps_its_ids_and_levels() -> None:
    found = import_own_form(PRESENT, "", PRESENT)

    assert found.difference.is_none
    assert tuple(entries(found.text)) == tuple(entries(PRESENT))


def test_our_own_form_is_warned_about_an_id_that_meant_something_else() -> None:
    text = PRESENT.replace("[STF-2] - Attending appropriate training", "[STF-2] - Wear a hat\n\n[STF-6] - Wear shoes")

    found = import_own_form(text, NEXT, PRESENT, used={"STF-6"})

    assert said(found.difference)[:2] == (["STF-2"], ["STF-6"])
    assert [line.split()[0] for line in found.doubtful] == ["STF-6", "STF-2"]


# Changes -------------------------------------------------------------------------------------------


def test_a_clause_with_one_other_word_keeps_its_id() -> None:
    found = swapped("Approve account creation", "Approve account requests")

    assert said(found.difference) == (["SLT-6"], [], [], [])
    assert found.difference.reworded[0].was == "Approve account creation"
    assert found.policy.clause("SLT-6").text == "Approve account requests"
    assert found.policy.runs == POLICY.runs


def test_a_clause_of_two_sentences_stays_one_when_one_of_them_changes() -> None:
    found = swapped("All professional communications are encompassed within", "All of them fall within")

    assert said(found.difference) == (["SCO-8"], [], [], [])
    assert found.policy.clause("SCO-8").text.startswith("Professional communications are those made")


def test_a_clause_that_begins_in_mid_sentence_keeps_its_id() -> None:
    found = swapped("first instance and queries", "first instance but queries")

    assert said(found.difference) == (["MON-3"], [], [], [])


def test_the_date_on_the_title_page_stays_the_same_clause() -> None:
    found = swapped("August 2017", "September 2026")

    assert said(found.difference) == (["TTL-1"], [], [], [])
    assert version_in(read_plain_text(as_plain_text(exported())).paragraphs) == "August 2017"


def test_a_clause_split_in_two_keeps_its_id_for_the_part_that_is_nearer() -> None:
    found = swapped(
        "Staff are not permitted to follow or engage with pupils/students of the school on",
        "Staff must never send pupils messages in private.\n\n- Staff are not permitted to follow pupils/students of "
        "the school on",
    )

    assert said(found.difference) == (["PUP-1"], ["PUP-5"], [], [])
    assert found.policy.clause("PUP-1").text.startswith("Staff are not permitted to follow")


def test_of_two_clauses_joined_the_nearer_keeps_its_id() -> None:
    found = swapped("used for personal gain. Staff must ensure", "used for personal gain, and staff must ensure")

    assert said(found.difference) == (["BEH-5"], [], ["BEH-4"], [])


def test_a_removed_point_leaves_its_list_shorter() -> None:
    found = swapped("- Informative\n\n", "")

    assert said(found.difference) == ([], [], ["TON-5"], [])
    assert found.policy.run_of("TON-4") == ("TON-2", "TON-3", "TON-4", "TON-6", "TON-7")
    assert found.difference.runs == ("TON-2",)


@pytest.mark.parametrize("after", ["Engaging", "Grammatically correct"])
def test_a_point_added_to_a_list_belongs_to_it(after: str) -> None:
    found = swapped(f"- {after}\n\n", f"- {after}\n\n- Kind to everybody\n\n")

    run = found.policy.run_of("TON-2")
    assert said(found.difference) == ([], ["TON-8"], [], [])
    assert run is not None
    assert run[run.index("TON-8") - 1] == next(clause.id for clause in POLICY.clauses if clause.text == after)
    assert set(run) == {f"TON-{number}" for number in range(2, 9)}


def test_a_section_that_moves_keeps_its_ids() -> None:
    def move(text: str) -> str:
        tone = section(text, "Tone", "Use of images")
        return text.replace(tone, "").replace("\n\nPersonal Use\n\n", f"{tone}\n\nPersonal Use\n\n")

    found = imported(move)

    reworded, added, removed, moved = said(found.difference)
    assert (reworded, added, removed) == ([], [], [])
    assert moved == [f"TON-{number}" for number in range(1, 8)]
    assert sorted(clause.id for clause in found.policy.clauses) == sorted(IDS)
    assert set(found.policy.runs) == set(POLICY.runs)


def test_a_clause_that_moves_to_another_heading_is_named_with_both() -> None:
    point = "- Approve account creation\n\n"
    found = imported(lambda text: text.replace(point, "").replace("- Store account", f"{point}- Store account"))

    assert said(found.difference) == ([], [], [], ["SLT-6"])
    moved = found.difference.moved[0]
    assert (moved.was, moved.now) == (("SLT",), ("Account Administrator",))


def test_a_heading_with_another_name_moves_nothing() -> None:
    found = swapped("Handling abuse", "Dealing with abuse")

    assert said(found.difference) == ([], [], [], [])
    assert found.difference.renamed == (("Handling abuse", "Dealing with abuse"),)
    assert found.policy.clause("ABU-1").heading == "Dealing with abuse"


def test_a_new_section_gets_a_prefix_of_its_own() -> None:
    added = (
        "\n\nTone of voice in videos\n\nNobody shouts. Music (e.g. from films) needs a licence. Before it goes online, "
        "check:\n\n- the sound\n\n- the subtitles. They have to be right.\n\nUse of images\n\n"
    )
    found = swapped("\n\nUse of images\n\n", added)

    texts = {clause.id: (clause.text, clause.bullet) for clause in found.difference.added}
    assert texts == {
        "TVV-1": ("Nobody shouts.", False),
        "TVV-2": ("Music (e.g. from films) needs a licence.", False),
        "TVV-3": ("Before it goes online, check:", False),
        "TVV-4": ("the sound", True),
        "TVV-5": ("the subtitles. They have to be right.", True),
    }
    assert found.policy.run_of("TVV-4") == ("TVV-3", "TVV-4", "TVV-5")
    assert found.difference.unchanged == tuple(IDS)


def test_a_new_number_was_never_used_before() -> None:
    text = as_plain_text(exported()).replace("- Engaging\n\n", "- Engaging\n\n- Kind to everybody\n\n")
    document = read_plain_text(text).paragraphs

    found = import_document(document, NEXT, PRESENT, used={"TON-8", "TON-11", "KIN-4"})

    assert [clause.id for clause in found.difference.added] == ["TON-12"]


def test_numbers_that_are_used_up_lead_to_another_prefix() -> None:
    """Search hears numbers of one or two digits."""
    many = [
        Paragraph("Rules", Style.HEADING, 2),
        *(Paragraph(f"Rule {n} of all rules is rule {n}.") for n in range(250)),
    ]

    found = import_document(many, NEXT, PRESENT)

    ids = [clause.id for clause in found.policy.clauses]
    assert len(set(ids)) == 250
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]{1,3}-[0-9]{1,2}", id) for id in ids)


def test_the_policy_of_another_school_takes_no_id_over() -> None:
    text = (
        "Hill Road Primary\n\nMobile devices\n\nPhones stay in lockers. Teachers collect tablets on Friday.\n\n"
        "Lunch\n\nThe canteen serves:\n\n- soup\n\n- bread\n\n"
    )

    found = import_document(read_plain_text(text).paragraphs, NEXT, PRESENT)

    reworded, added, removed, moved = said(found.difference)
    assert (reworded, moved, removed) == ([], [], IDS)
    assert len(added) == 5
    assert not {id.split("-")[0] for id in added} & {id.split("-")[0] for id in IDS}


def test_what_a_policy_says_twice_is_one_clause_unless_a_list_would_have_a_gap() -> None:
    rule = "Everybody asks before they take a picture of a colleague."
    text = (
        f"Rules\n\n{rule}\n\nMore rules\n\n{rule}\n\nBring:\n\n- a pen of your own\n\nLeave:\n\n- a pen of your own\n"
    )

    found = import_document(read_plain_text(text).paragraphs, NEXT, PRESENT)

    assert found.policy.clauses[0].also == ("More rules",)
    assert [clause.text for clause in found.policy.clauses].count("a pen of your own") == 2
    assert [len(run) for run in found.policy.runs] == [2, 2]


def test_what_is_guessed_is_told() -> None:
    text = as_plain_text(exported()).replace("\n\nTone\n\n", "\n\nVoice and tone\n\nBe kind to one another.\n\n")

    found = import_document(read_plain_text(text).paragraphs, NEXT, PRESENT)

    assert found.doubtful == ('taken as a heading: "Voice and tone"',)


# Laws ----------------------------------------------------------------------------------------------

LINES = st.text(
    st.sampled_from("abc XYZ éß .:;-–?!\t\u00ad\u2028\ufb01[]#*“'1"), min_size=1, max_size=60
) | st.sampled_from([clause.text for clause in POLICY.clauses])
PARAGRAPHS = st.builds(Paragraph, LINES, st.sampled_from(Style))


@st.composite
def documents(draw: st.DrawFn) -> list[Paragraph]:
    """Return the present policy after a few edits, as a person makes them."""
    document = exported()
    for _ in range(draw(st.integers(1, 8))):
        place = draw(st.integers(0, len(document) - 1))
        words = document[place].text.split()
        match draw(st.sampled_from(("insert", "delete", "swap", "word", "cut", "join", "repeat"))):
            case "insert":
                document.insert(place, draw(PARAGRAPHS))
            case "delete" if len(document) > 1:
                del document[place]
            case "swap":
                other = draw(st.integers(0, len(document) - 1))
                document[place], document[other] = document[other], document[place]
            case "word" if words:
                words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(("teapot", "Never.", "e.g.", "not")))
                document[place] = replace(document[place], text=" ".join(words))
            case "cut" if len(words) > 1:
                at = draw(st.integers(1, len(words) - 1))
                document[place] = replace(document[place], text=" ".join(words[:at]))
                document.insert(place + 1, Paragraph(" ".join(words[at:])))
            case "join" if place:
                joined = f"{document[place - 1].text} {document[place].text}"
                document[place - 1] = replace(document[place - 1], text=joined)
                del document[place]
            case "repeat":
                document.append(document[place])
            case _:
                pass
    return document


@given(documents())
@settings(max_examples=40, deadline=None)
def test_no_word_is_lost_and_no_id_is_used_again(document: list[Paragraph]) -> None:
    used = {"TON-8", "STF-40", "SOC-1"}

    found = import_document(document, NEXT, PRESENT, used)

    assume(not found.left_out)
    assert words_of(found.text) == words_in(document)
    ids = [clause.id for clause in found.policy.clauses]
    assert len(set(ids)) == len(ids)
    assert not used & set(ids)
    assert not {clause.id for clause in found.difference.added} & set(IDS)
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]{1,3}-[0-9]{1,2}", id) for id in ids)
    for clause in found.policy.clauses:
        assert clause.id not in IDS or likeness(clause.text, POLICY.clause(clause.id).text) >= 0.5


@given(documents())
@settings(max_examples=25, deadline=None)
def test_a_document_imported_twice_changes_nothing_the_second_time(document: list[Paragraph]) -> None:
    """Unless half a sentence stands in it twice: once it was a clause, it is no longer joined to what it follows."""
    halves = [each.text for each in document if each.style is Style.PLAIN and each.text[:1].islower()]
    assume(len(halves) == len(set(halves)))
    first = import_document(document, NEXT, PRESENT)

    second = import_document(document, NEXT, first.text)

    assert said(second.difference) == ([], [], [], [])
    assert second.policy == first.policy


# Words ---------------------------------------------------------------------------------------------


def test_what_changed_is_marked_in_both_texts() -> None:
    was, now = marked("Ask the “Head” first.", 'Ask the "Head" and SLT first, please.')

    assert was == "Ask the “Head” [-first.-]"
    assert now == 'Ask the "Head" {+and SLT first, please.+}'


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("One. Two.", [1, 2]),
        ("Posts, e.g. Facebook ones, i.e. Pages etc. The rest.", [9]),
        ("Ask Mr. Jones at 3 p.m. There.", [7]),
        ('He said "No." Then he left.', [3, 6]),
        ("No end", [2]),
        ("See no. 7 here. No. 7 too.", [4, 7]),
        ("Wait… What? Yes! 7 days.", [2, 3, 5]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_says_so(text: str, ends: list[int]) -> None:
    assert sentence_ends(text.split()) == ends
