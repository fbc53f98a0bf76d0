"""Read a policy from a Word document: the one module that knows python-docx, which is loaded when it is needed."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from bot.domain.policy_form import Paragraph, Style
from bot.domain.policy_words import flat
from bot.importing.document import Document, Marker, Unreadable, counted, document, marker

# What Word writes as XML; its parts and lxml's elements are not typed.
Xml = Any

_MOST_BYTES = 100_000_000
_MOST_BYTES_OF_A_PART = 20_000_000
_MOST_PARTS = 5_000
_ENCRYPTED = 1
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_GONE = frozenset((f"{_W}del", f"{_W}moveFrom", _FALLBACK))
_NOT_ITS_WORDS = _GONE | {f"{_W}txbxContent", f"{_W}pPr", f"{_W}rPr"}
_SIGNS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_CHANGED = (f"{_W}ins", f"{_W}del", f"{_W}moveFrom", f"{_W}moveTo")
_HEADING = re.compile(r"heading (?P<level>[1-9])", re.IGNORECASE)
_MOST_WORDS_OF_A_BOLD_HEADING = 10
_BODY_TEXT = 9
_OFF = ("0", "false", "off", "none")
_DAMAGED = "is not a Word document that can be read; open it in Word and save it again as .docx"


def read_word(content: bytes) -> Document:
    """Return what the body of a Word document holds; changes that were tracked are taken as accepted.

    Raises:
        Unreadable: it is no Word document, or a damaged, protected or dangerous one.
    """
    _check(content)
    import docx
    from docx.opc.exceptions import OpcError

    try:
        opened = docx.Document(BytesIO(content))
        return _Reading(opened).document()
    # What a damaged file leads to in python-docx differs from part to part; lxml's mistakes are SyntaxErrors.
    except (
        OpcError, SyntaxError, zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, LookupError,
        AttributeError, TypeError, RuntimeError, AssertionError,
    ) as error:  # fmt: skip
        raise Unreadable(_DAMAGED) from error


def _check(content: bytes) -> None:
    """Refuse what would fill the memory or asks for a password, before anything is unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
        raise Unreadable(_DAMAGED) from error
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise Unreadable("is protected with a password; save it without one")
    if not any(part.filename.startswith("word/") for part in parts):
        raise Unreadable("is not a Word document; save the policy as .docx, .md or .txt")
    sizes = [part.file_size for part in parts]
    marked_up = [part.file_size for part in parts if part.filename.endswith((".xml", ".rels"))]
    if len(parts) > _MOST_PARTS or sum(sizes) > _MOST_BYTES or max(marked_up, default=0) > _MOST_BYTES_OF_A_PART:
        raise Unreadable("is too large for a policy; save its text alone")


class _Reading:
    """Walk through the body of a document, paragraph by paragraph, also within tables, boxes and content controls."""

    def __init__(self, opened: Xml) -> None:
        self._opened = opened
        self._styles = {style.style_id: style for style in opened.styles}
        self._default = next((style for style in opened.styles if style.element.get(f"{_W}default") == "1"), None)
        self._counts = 0
        self._contents = 0
        self._has_title = any(self._named(each).lower() == "title" for each in self._all())

    def document(self) -> Document:
        found = [each for element in self._all() for each in self._read(element)]
        return document(found, self._counts, self._left_out())

    def _all(self) -> Iterator[Xml]:
        for element in self._opened.element.body.iter(f"{_W}p"):
            if not any(above.tag in _GONE for above in element.iterancestors()):
                yield element

    def _read(self, element: Xml) -> Iterator[tuple[Paragraph, Marker]]:
        text = "".join(_texts(element))
        if not flat(text):
            return
        if self._is_contents(element):
            self._contents += 1
            return
        level = self._level(element)
        lines = [line.strip(" ") for line in text.strip().split("\n") if line.strip()]
        if level or (_is_bold(element) and _may_be_heading(flat(text))):
            self._counts += counted(flat(text))
            _, words = marker(flat(text))
            yield Paragraph(words, Style.HEADING, level, _new_page(element)), Marker.NONE
        elif self._is_listed(element):
            yield Paragraph(" ".join(lines)), Marker.BULLET
        else:
            for line in lines:
                self._counts += counted(line)
                kind, words = marker(line)
                yield Paragraph(words, new_page=_new_page(element)), kind

    def _named(self, element: Xml) -> str:
        style = self._style(element)
        return str(style.name or "") if style is not None else ""

    def _style(self, element: Xml) -> Xml:
        named = element.find(f"{_W}pPr/{_W}pStyle")
        return self._styles.get(named.get(f"{_W}val") if named is not None else None, self._default)

    def _chain(self, element: Xml) -> Iterator[Xml]:
        """Yield what is said about the paragraph: by itself, by its style, by the style that one is based on."""
        yield element
        style, seen = self._style(element), set[str]()
        while style is not None and style.style_id not in seen:
            seen.add(style.style_id)
            yield style.element
            style = getattr(style, "base_style", None)

    def _said(self, element: Xml, path: str) -> str | None:
        for each in self._chain(element):
            if (found := each.find("/".join(f"{_W}{name}" for name in ("pPr", *path.split("/"))))) is not None:
                return str(found.get(f"{_W}val"))
        return None

    def _level(self, element: Xml) -> int:
        named = self._named(element)
        if named.lower() == "title":
            return 1
        if heading := _HEADING.fullmatch(named):
            return int(heading["level"]) + self._has_title
        said = self._said(element, "outlineLvl")
        return int(said) + 1 + self._has_title if said and said.isdecimal() and int(said) < _BODY_TEXT else 0

    def _is_listed(self, element: Xml) -> bool:
        named = self._named(element).lower()
        by_style = named.startswith("list") and named not in ("list paragraph", "list continue")
        return by_style or (self._said(element, "numPr/numId") or "0") != "0"

    def _is_contents(self, element: Xml) -> bool:
        return re.match(r"toc\b|table of contents|contents heading", self._named(element), re.IGNORECASE) is not None

    def _left_out(self) -> Iterator[str]:
        if self._contents:
            yield f"the list of contents, {self._contents} lines"
        edges = [edge for section in self._opened.sections for edge in (section.header, section.footer)]
        if any(flat("".join(_texts(edge._element))) for edge in edges if not edge.is_linked_to_previous):
            yield "what stands at the head and foot of each page"
        for part in self._opened.part.package.iter_parts():
            if str(part.partname).endswith(("footnotes.xml", "endnotes.xml")) and re.search(rb"<w:t[ >]", part.blob):
                yield f"the {str(part.partname).rpartition('/')[2].removesuffix('.xml')}; read them yourself"
        if any(True for _ in self._opened.element.body.iter(*_CHANGED)):
            yield "what tracked changes took away; what they added is in"


def _texts(element: Xml) -> Iterator[str]:
    """Yield the words of a paragraph as they are read: tracked changes accepted, text boxes apart."""
    for child in element:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        elif child.tag not in _NOT_ITS_WORDS:
            yield from _texts(child)


def _new_page(element: Xml) -> bool:
    breaks = element.iter(f"{_W}br", f"{_W}lastRenderedPageBreak")
    return any(each.tag != f"{_W}br" or each.get(f"{_W}type") == "page" for each in breaks)


def _is_bold(element: Xml) -> bool:
    runs = [run for run in element.iter(f"{_W}r") if flat("".join(_texts(run)))]
    marks = [run.find(f"{_W}rPr/{_W}b") for run in runs]
    return bool(runs) and all(mark is not None and mark.get(f"{_W}val", "1") not in _OFF for mark in marks)


def _may_be_heading(text: str) -> bool:
    return len(text.split()) <= _MOST_WORDS_OF_A_BOLD_HEADING and not text.endswith((".", ":", ";", "!", "?", ","))
