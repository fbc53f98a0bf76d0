"""Compare the policy in a file with the one in force, and with everything that points at its clauses."""

from __future__ import annotations

from pathlib import Path

from bot.domain.knowledge import parse_knowledge
from bot.domain.policy import PolicyMistakes, parse_policy
from bot.domain.policy_import import Imported, import_document, import_own_form, version_in
from bot.domain.policy_words import flat
from bot.importing.citing import cited
from bot.importing.document import Document, Unreadable
from bot.importing.files import read_document
from bot.importing.keeping import used_ids
from bot.importing.report import Report, report
from bot.routing import Switchboard

_LONGEST_VERSION = 60
_HOW = 'say which version it is, as in --version "September 2026"'


def following(file: Path, version: str, folder: Path, features: Switchboard) -> Report:
    """Return what the policy in *file* would change; *version* names it, "" for the date on its title page.

    Raises:
        Unreadable: *file* can't be read as a policy, or nobody said which version it is.
        PolicyMistakes, KnowledgeMistakes: the texts in *folder* have mistakes.
        OSError, UnicodeDecodeError: the texts in *folder* can't be read.
    """
    version = flat(version)
    if len(version) > _LONGEST_VERSION:
        raise Unreadable(f"can't be called that: a version has at most {_LONGEST_VERSION} letters")
    document = read_document(file)
    present = (folder / "policy.md").read_text(encoding="utf-8")
    used = used_ids(folder) | {f"{kind.prefix}-0" for kind in features.kinds.values()}
    imported = _imported(document, version, present, used)
    if not imported.difference.is_none and imported.difference.now == imported.difference.was:
        raise Unreadable(f"has other words than the policy of {imported.difference.was} in force; {_HOW}")
    knowledge = parse_knowledge((folder / "asks.yaml").read_text(encoding="utf-8"), imported.policy)
    return report(imported, document.left_out, knowledge, cited(features))


def _imported(document: Document, version: str, present: str, used: frozenset[str]) -> Imported:
    if document.own_form:
        try:
            return import_own_form(document.own_form, version, present, used)
        except PolicyMistakes as error:
            raise Unreadable(f"has mistakes: {'; '.join(error.mistakes)}") from error
    named = version or version_in(document.paragraphs)
    # The same words need no new name.
    imported = import_document(document.paragraphs, named or parse_policy(present).version, present, used)
    if not named and not imported.difference.is_none:
        raise Unreadable(f"has no date on its title page; {_HOW}")
    return imported
