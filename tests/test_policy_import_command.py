"""`smpolicy policy import` from outside: real files, and a copy of the program whose policy may change."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml

from bot.__main__ import main
from bot.app import read_texts, switchboard
from bot.domain.policy import Policy, parse_policy
from bot.domain.policy_form import Mark, Paragraph, Style, entries
from bot.domain.policy_import import import_document
from bot.importing.citing import IN_WORDS, cited
from bot.importing.document import Unreadable
from bot.importing.files import read_document
from bot.importing.following import following
from bot.importing.keeping import put_into_force, used_ids
from bot.importing.markdown import read_markdown
from bot.importing.plain_text import read_plain_text
from bot.importing.report import Report, in_words
from tests.domain.test_policy_import import exported
from tests.simulator import ROOT
from tests.test_command_line import assert_one_line, environment

Json = Any
TEXTS = ROOT / "policy_text"
PRESENT = (TEXTS / "policy.md").read_text(encoding="utf-8")
POLICY = parse_policy(PRESENT)
NEXT = "September 2026"
ID = re.compile(r"\b[A-Z][A-Z0-9]{1,3}-\d{1,2}\b")
# Clauses that a comment or a mistake's sentence gives as an example of how one is written.
EXAMPLES = {"TON-2", "TON-7"}


def as_word(document: list[Paragraph], file: Path) -> Path:
    """Write *document* as Word does, with styles."""
    made = docx.Document()
    for each in document:
        match each.style:
            case Style.HEADING:
                made.add_heading(each.text, each.level - 1)
            case Style.POINT:
                made.add_paragraph(each.text, style="List Bullet")
            case Style.PLAIN:
                made.add_paragraph(each.text)
    made.save(str(file))
    return file


def imported(file: Path) -> Policy:
    """Return the policy that *file* holds."""
    return import_document(read_document(file).paragraphs, NEXT, PRESENT).policy


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Return a folder with a copy of the program, whose policy may be written."""
    for name in ("bot", "handlers", "policy_text"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "former"))
    shutil.copy(ROOT / "app.yaml", tmp_path)
    return tmp_path


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Return a copy of the texts alone."""
    return shutil.copytree(TEXTS, tmp_path / "policy_text", ignore=shutil.ignore_patterns("former"))


def smpolicy(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Carry out one command of the copy."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        capture_output=True, cwd=program, env=environment({"PYTHONPATH": str(program)}), timeout=60, check=False,
        encoding="utf-8",
    )  # fmt: skip


def next_policy(folder: Path) -> Path:
    """Write a next policy: a word changed, a point and a clause gone, a section added."""
    text = as_text(exported())
    for old, new in {
        "August 2017": NEXT,
        "Approve account creation": "Approve account requests",
        "\n\n- Attending appropriate training": "",
        "\n\nTone\n\n": "\n\nArtificial intelligence\n\nStaff never give a pupil's name to a chatbot.\n\nTone\n\n",
    }.items():
        assert old in text
        text = text.replace(old, new)
    file = folder / "next policy.txt"
    file.write_text(text, encoding="utf-8")
    return file


def as_text(document: list[Paragraph]) -> str:
    """Return *document* as plain text."""
    return "\n\n".join(f"- {each.text}" if each.style is Style.POINT else each.text for each in document)


# Word ----------------------------------------------------------------------------------------------


def test_word_gives_the_same_policy(tmp_path: Path) -> None:
    found = imported(as_word(exported(), tmp_path / "policy.docx"))

    assert (found.clauses, found.runs) == (POLICY.clauses, POLICY.runs)


def test_word_without_styles_gives_the_same_policy(tmp_path: Path) -> None:
    """Headings are bold lines, bullets are typed, a list is broken by soft breaks, and pages cut sentences."""
    made = docx.Document()
    for each in exported():
        paragraph = made.add_paragraph()
        words = f"• {each.text}" if each.style is Style.POINT else each.text
        before, half, after = words.partition(" the school will ")
        paragraph.add_run(before + half).bold = each.style is Style.HEADING
        if half:
            paragraph.add_run().add_break(WD_BREAK.PAGE)
            paragraph.add_run(after)
    made.save(str(tmp_path / "policy.docx"))

    found = imported(tmp_path / "policy.docx")

    assert (found.clauses, found.runs) == (POLICY.clauses, POLICY.runs)


def test_every_word_of_a_word_document_is_read_but_what_is_named(tmp_path: Path) -> None:
    """Tables, content controls, text boxes, links and accepted changes are words too; a list of contents is not."""
    made = docx.Document()
    made.add_paragraph("Scope\t3", style=made.styles.add_style("TOC 1", 1))
    made.add_heading("Rules", 1)
    table = made.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "In the first cell.", "In the second cell."
    soft = made.add_paragraph("Before the break.")
    soft.add_run().add_break()
    soft.add_run("After the break.")
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = made.element.body
    for xml in (
        f"<w:sdt {w}><w:sdtContent><w:p><w:r><w:t>In a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>",
        f"<w:p {w}><w:ins><w:r><w:t>Added </w:t></w:r></w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
        "<w:hyperlink><w:r><w:t>and linked.</w:t></w:r></w:hyperlink></w:p>",
        f"<w:p {w}><w:r><w:t>Outside.</w:t><w:pict><w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p>"
        "</w:txbxContent></w:pict></w:r></w:p>",
    ):
        body.insert(len(body) - 1, parse_xml(xml))
    made.sections[0].footer.paragraphs[0].text = "Our school"
    made.save(str(tmp_path / "policy.docx"))

    found = read_document(tmp_path / "policy.docx")

    assert [each.text for each in found.paragraphs] == [
        "Rules", "In the first cell.", "In the second cell.", "Before the break.", "After the break.", "In a control.",
        "Added and linked.", "Outside.", "In a box.",
    ]  # fmt: skip
    assert found.left_out == (
        "the list of contents, 1 lines",
        "what stands at the head and foot of each page",
        "what tracked changes took away; what they added is in",
    )


# Plain text and Markdown ---------------------------------------------------------------------------


def test_plain_text_knows_bullets_numbers_and_broken_lines() -> None:
    text = (
        "1. Scope\n\nThis text is broken at a margin, as a mail program breaks it when somebody sends\n"
        "a policy in a mail. It goes on.\n\n2. Rules\n\nStaff:\n\n(a) listen\nb) ask\n • tell\n\n"
        "3.1 Nobody shouts.\n"
    )

    found = read_plain_text(text)

    broken = "This text is broken at a margin, as a mail program breaks it when somebody sends"
    assert [(each.text, each.style.name) for each in found.paragraphs] == [
        ("Scope", "PLAIN"),
        (f"{broken} a policy in a mail. It goes on.", "PLAIN"),
        ("Rules", "PLAIN"),
        ("Staff:", "PLAIN"),
        ("listen", "POINT"),
        ("ask", "POINT"),
        ("tell", "POINT"),
        ("Nobody shouts.", "PLAIN"),
    ]
    assert found.left_out == ("5 numbers or letters before paragraphs",)


def test_markdown_is_read_without_its_marks() -> None:
    text = (
        "---\ntitle: x\n---\nOur policy\n==========\n\n## Scope ##\n\nSee **our** [page](https://school.example), not "
        "\\*this\\*.\n<!-- hidden -->\n\n**Bold heading**\n\n* first\n  goes on\n* second &amp; last\n\n"
        "| Who | What |\n|---|---|\n| Head | decides |\n\n> Quoted `code`.\n"
    )

    found = read_markdown(text)

    assert [(each.text, each.style.name, each.level) for each in found.paragraphs] == [
        ("Our policy", "HEADING", 1),
        ("Scope", "HEADING", 2),
        ("See our page (https://school.example), not *this*.", "PLAIN", 0),
        ("Bold heading", "HEADING", 0),
        ("first goes on", "POINT", 0),
        ("second & last", "POINT", 0),
        ("Who", "PLAIN", 0),
        ("What", "PLAIN", 0),
        ("Head", "PLAIN", 0),
        ("decides", "PLAIN", 0),
        ("Quoted code.", "PLAIN", 0),
    ]
    assert found.left_out == ("the front matter", "comments")


# Files that are no policy --------------------------------------------------------------------------


def bomb(file: Path) -> None:
    """Write a zip that unpacks to a hundred times its size."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 30_000_000)


def protected(file: Path) -> None:
    """Write a zip whose part says that it is encrypted."""
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "x")
    content = bytearray(file.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(bytes(content))


def spreadsheet(file: Path) -> None:
    """Write a zip that is something else."""
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")


def entity(file: Path) -> None:
    """Write a Word document that asks for a file of this machine."""
    as_word([Paragraph("Words")], file)
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    xml = parts["word/document.xml"].decode().split("?>", 1)[1].replace("Words", "&secret;")
    parts["word/document.xml"] = f'<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>{xml}'.encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)


HOSTILE: Mapping[str, tuple[str, bytes | Callable[[Path], None], str]] = {
    "empty": ("policy.txt", b"", "is empty"),
    "white space": ("policy.md", b" \n\xc2\xa0\n---\n", "is empty"),
    "Windows-1252": ("policy.txt", "the school’s rule".encode("cp1252"), "save it as UTF-8"),
    "UTF-16": ("policy.txt", "the school’s rule".encode("utf-16"), "save it as UTF-8"),
    "binary": ("policy.txt", b"words\0words", "is not text"),
    "huge": ("policy.txt", b"Words of a rule. " * 60_000, "too large"),
    "huger": ("policy.txt", b"x" * 30_000_001, "too large"),
    "PDF": ("policy.docx", b"%PDF-1.7 ...", "is a PDF"),
    "old Word": ("policy.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .docx"),
    "Rich Text": ("policy.txt", b"{\\rtf1 words}", "Rich Text"),
    "web page": ("policy.md", b"<!DOCTYPE html><p>words", "web page"),
    "only a name": ("policy.docx", b"words", "not a Word document"),
    "broken zip": ("policy.docx", b"PK\x03\x04 and no more", "not a Word document"),
    "zip bomb": ("policy.docx", bomb, "too large"),
    "protected": ("policy.docx", protected, "password"),
    "spreadsheet": ("policy.docx", spreadsheet, "not a Word document"),
    "entity": ("policy.docx", entity, "is empty"),
    "no ids": ("policy.md", b"[ABC-1] Words.\n\nMore words.\n", "no clause id"),
}


@pytest.mark.parametrize(("name", "content", "says"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_policy_is_refused_in_one_line(
    name: str, content: bytes | Callable[[Path], None], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / name
    if callable(content):
        content(file)
    else:
        file.write_bytes(content)

    code = main(["policy", "import", str(file), "--version", NEXT])

    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert says in told.err
    assert told.err.count("\n") == 1
    assert str(file) in told.err


def read_or_refused(file: Path) -> str:
    """Return the words of *file*, or why it was refused."""
    try:
        return " ".join(each.text for each in read_document(file).paragraphs)
    except Unreadable as error:
        return str(error)


@pytest.mark.parametrize("step", range(0, 60, 5))
def test_a_damaged_word_document_is_read_or_refused_never_a_crash(step: int, tmp_path: Path) -> None:
    file = as_word([Paragraph("Rules", Style.HEADING, 2), Paragraph("Be kind.")], tmp_path / "policy.docx")
    content = bytearray(file.read_bytes())
    if step % 2:
        del content[len(content) * step // 60 :]
    else:
        for place in range(step, len(content), 997):
            content[place] ^= 0x55
    file.write_bytes(bytes(content))

    found = read_or_refused(file)

    assert found


# The command ---------------------------------------------------------------------------------------


def test_import_shows_what_differs_and_writes_nothing(program: Path) -> None:
    done = smpolicy(program, "policy", "import", str(next_policy(program)))

    assert (done.returncode, done.stderr) == (0, "")
    assert max(len(line) for line in done.stdout.splitlines()) < 80
    for words in (
        "September 2026, compared with August 2017",
        "Clauses: 116 unchanged, 2 reworded, 1 added, 1 removed, 0 moved.",
        "  SLT-6 (SLT)\n    was: Approve account [-creation-]\n    now: Approve account {+requests+}\n",
        "  ART-1 (Artificial intelligence)\n    Staff never give a pupil's name to a chatbot.\n",
        "Removed\n  STF-2 (Staff)\n    Attending appropriate training\n",
        "Clauses without asks yet\n  ART-1\n",
        "  SLT-6 (reworded)\n    ",
        'Check these lines\n  taken as a heading: "Artificial intelligence"\n',
        "add --write",
    ):
        assert words in done.stdout, words
    assert re.search(r"clauses > STF-2: .*\d+ .*nowhere", " ".join(done.stdout.split()))
    assert (program / "policy_text" / "policy.md").read_text(encoding="utf-8") == PRESENT
    assert not (program / "policy_text" / "former").exists()


def test_import_says_the_same_as_json(program: Path) -> None:
    done = smpolicy(program, "policy", "import", str(next_policy(program)), "--json")

    told: Json = json.loads(done.stdout)
    assert (told["version"], told["former_version"], told["written"]) == (NEXT, "August 2017", False)
    assert [each["id"] for each in told["reworded"]] == ["TTL-1", "SLT-6"]
    assert told["reworded"][1] | {"heading": ""} == {
        "id": "SLT-6", "heading": "", "was": "Approve account creation", "now": "Approve account requests",
    }  # fmt: skip
    assert [each["id"] for each in told["added"]] == told["without_asks"] == ["ART-1"]
    assert [each["id"] for each in told["removed"]] == ["STF-2"]
    assert set(told["cited"]) == {"SLT-6"}
    assert len(told["unchanged"]) == 116
    assert any("STF-2" in line for line in told["astray"])


def test_a_written_policy_is_in_force_and_the_former_one_kept(program: Path) -> None:
    file = next_policy(program)

    done = smpolicy(program, "policy", "import", str(file), "--write")

    assert (done.returncode, done.stderr) == (0, "")
    texts = read_texts(program / "policy_text")
    assert texts.policy.version == NEXT
    assert texts.policy.clause("ART-1").text == "Staff never give a pupil's name to a chatbot."
    assert any("STF-2" in sentence for sentence in texts.knowledge.astray)
    assert (program / "policy_text" / "former" / "august-2017.md").read_text(encoding="utf-8") == PRESENT
    assert (program / "policy_text" / "asks.yaml").read_bytes() == (TEXTS / "asks.yaml").read_bytes()
    checked = smpolicy(program, "check")
    assert (checked.returncode, "September 2026 with 119 clauses" in checked.stdout) == (0, True), checked.stderr
    warned = [line for line in checked.stderr.splitlines() if "asks.yaml" in line]
    assert any("STF-2" in line for line in warned), warned
    assert "Run make fit" in warned[-1]
    asked = smpolicy(program, "ask", "--json", "may I name the school in a post")
    assert json.loads(asked.stdout)["policy"] == NEXT


def put(file: Path, folder: Path, version: str = "") -> Report:
    """Put the policy in *file* into force in *folder*."""
    found = following(file, version, folder, switchboard())
    put_into_force(found.imported.text, folder, found.difference.was)
    return found


def test_the_same_policy_again_changes_nothing(texts: Path) -> None:
    file = next_policy(texts)
    put(file, texts)

    again = following(file, "", texts, switchboard())

    assert again.is_same
    assert "Nothing changed: all 119 clauses are there, word for word." in list(in_words(again))


def test_a_former_policy_can_come_back_with_all_its_ids(texts: Path) -> None:
    put(next_policy(texts), texts)

    put(texts / "former" / "august-2017.md", texts)

    assert read_texts(texts).policy == POLICY
    assert sorted(file.name for file in (texts / "former").iterdir()) == ["august-2017.md", "september-2026.md"]


def test_an_id_of_a_former_policy_is_never_given_again(texts: Path) -> None:
    put(next_policy(texts), texts)
    section = "\n\nArtists\n\nAsk SLT before a band is filmed on the stage.\n\nTone\n\n"
    second = texts / "second.txt"
    second.write_text(as_text(exported()).replace("\n\nTone\n\n", section), encoding="utf-8")

    found = put(second, texts, "May 2027")

    removed, added = found.difference.removed, found.difference.added
    assert [clause.id for clause in removed] == ["ART-1"]
    assert [clause.id for clause in added] == ["STF-6", "ARI-1"]
    assert {"STF-2", "ART-1", "TON-1"} <= used_ids(texts)


def test_a_version_has_to_be_said_where_the_document_has_none(texts: Path) -> None:
    file = texts / "policy.txt"
    text = next_policy(texts).read_text(encoding="utf-8")

    for title_page, says in (("The title page", "no date"), ("August 2017", "policy of August 2017")):
        file.write_text(text.replace(NEXT, title_page), encoding="utf-8")
        with pytest.raises(Unreadable, match=f"{says}.* --version"):
            following(file, "", texts, switchboard())
        assert following(file, "Autumn 2026", texts, switchboard()).difference.now == "Autumn 2026"
    with pytest.raises(Unreadable, match="60 letters"):
        following(file, "v" * 61, texts, switchboard())


def test_the_same_words_under_another_name_are_a_new_version(texts: Path) -> None:
    file = texts / "policy.txt"
    file.write_text(as_text(exported()), encoding="utf-8")

    assert following(file, "", texts, switchboard()).is_same
    assert put(file, texts, NEXT).difference.is_none
    assert read_texts(texts).policy.version == NEXT


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    for file, says in ((tmp_path / "nowhere.txt", "No such file"), (tmp_path, "directory"), (Path("\0"), "name")):
        assert says in read_or_refused(file)


def test_a_folder_that_can_not_be_written_keeps_its_policy(program: Path) -> None:
    (program / "policy_text" / "former").write_text("in the way", encoding="utf-8")

    done = smpolicy(program, "policy", "import", str(next_policy(program)), "--write")

    assert_one_line(done, "can't write", "policy_text")
    assert (program / "policy_text" / "policy.md").read_text(encoding="utf-8") == PRESENT


KILLED = """
import os, sys
from pathlib import Path
from bot.importing import keeping
swap = Path.replace
def replace(self, target):
    if Path(target).name == "policy.md":
        os._exit(9)
    return swap(self, target)
Path.replace = replace
keeping.put_into_force("Version: May 2030\\n", Path(sys.argv[1]), "August 2017")
"""


def test_a_kill_before_the_swap_leaves_the_policy_whole(program: Path) -> None:
    folder = program / "policy_text"
    env = environment({"PYTHONPATH": str(program)})

    killed = subprocess.run([sys.executable, "-c", KILLED, str(folder)], env=env, timeout=60, check=False)

    assert killed.returncode == 9
    assert read_texts(folder).policy == POLICY
    put_into_force(PRESENT.replace("August 2017", NEXT), folder, "August 2017")
    assert read_texts(folder).policy.version == NEXT
    assert sorted(file.name for file in folder.glob(".*")) == []


# What the program cites ----------------------------------------------------------------------------


def literals(file: Path) -> set[str]:
    """Return the clause ids in the strings of a module, its docstrings apart."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    described = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, described) and node.body and isinstance(node.body[0], ast.Expr)
    }
    strings = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]
    return {found for each in strings for found in ID.findall(each)} & {clause.id for clause in POLICY.clauses}


def test_every_clause_that_the_program_cites_is_known_to_the_import() -> None:
    files = [file for folder in ("bot", "handlers") for file in (ROOT / folder).rglob("*.py")]
    known = set(cited(switchboard()))

    found = {str(file.relative_to(ROOT)): literals(file) for file in files if file.parent.name != "importing"}

    assert {name: ids - known - EXAMPLES for name, ids in found.items() if ids - known - EXAMPLES} == {}
    assert {name: stale for name, ids in IN_WORDS.items() if (stale := set(ids) - found.get(name, set()))} == {}


def test_the_written_form_is_what_is_read() -> None:
    marks = {entry.mark for entry in entries(PRESENT)}

    assert marks == set(Mark)
