"""Read the next policy from a file, whatever it is: plain text, Markdown, Word, or a `policy.md`."""

from __future__ import annotations

from pathlib import Path

from bot.domain.policy_form import is_own_form
from bot.importing.document import Document, Unreadable
from bot.importing.markdown import read_markdown
from bot.importing.plain_text import read_plain_text
from bot.importing.word import read_word

_MOST_BYTES = 30_000_000
_MOST_PARAGRAPHS = 5_000
_MOST_SIGNS = 1_000_000
_MARKDOWN = (".md", ".markdown")
_WORD = (".docx", ".docm")
_AS_WHAT = "save the policy as .docx, .md or .txt"
_OTHER_KINDS = {
    b"%PDF": f"is a PDF; {_AS_WHAT}",
    b"{\\rtf": f"is Rich Text; {_AS_WHAT}",
    b"\xd0\xcf\x11\xe0": "is an old .doc file, or protected with a password; save it as .docx without one",
    b"\xff\xfe": "is UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "is UTF-16 text; save it as UTF-8",
}


def read_document(file: Path) -> Document:
    """Return what *file* holds.

    Raises:
        Unreadable: it can't be read, or not as a policy.
    """
    content = _content(file)
    if why := next((why for sign, why in _OTHER_KINDS.items() if content.startswith(sign)), ""):
        raise Unreadable(why)
    if content.startswith(b"PK"):
        found = read_word(content)
    elif file.suffix.lower() in _WORD:
        raise Unreadable("is not a Word document, whatever its name says")
    else:
        found = _text(_decoded(content), file.suffix.lower())
    if not found.own_form and not any(sign.isalnum() for each in found.paragraphs for sign in each.text):
        raise Unreadable("is empty")
    if len(found.paragraphs) > _MOST_PARAGRAPHS:
        raise Unreadable(f"is too large for a policy: it has {len(found.paragraphs)} paragraphs")
    if sum(len(each.text) for each in found.paragraphs) > _MOST_SIGNS:
        raise Unreadable(_too_long())
    return found


def _text(text: str, suffix: str) -> Document:
    if is_own_form(text):
        return Document(own_form=text)
    if text.lstrip()[:14].lower().startswith(("<!doctype html", "<html")):
        raise Unreadable(f"is a web page; {_AS_WHAT}")
    return read_markdown(text) if suffix in _MARKDOWN else read_plain_text(text)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"can't be read: {error.strerror or error}") from error
    except ValueError as error:  # a name that no file can have
        raise Unreadable("can't be read: there can be no file of that name") from error
    if len(content) > _MOST_BYTES:
        raise Unreadable(f"is too large for a policy: it has more than {_MOST_BYTES // 1_000_000} MB")
    return content


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"is not UTF-8 text (byte {error.start}; perhaps Windows-1252): save it as UTF-8") from error
    if "\0" in text:
        raise Unreadable(f"is not text; {_AS_WHAT}")
    if len(text) > _MOST_SIGNS:
        raise Unreadable(_too_long())
    return text


def _too_long() -> str:
    return "is too large for a policy: it has more than a million letters"
