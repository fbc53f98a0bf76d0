"""How the register reads: who runs what (ADM-2, IMG-9)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.cards import Block, Bold, Button, Card, Span, bullets, facts, line
from bot.domain.accounts import Account
from bot.domain.office import Office
from bot.domain.people import Person, Role

PAGE = 15


def register(accounts: Sequence[Account], start: int, office: Office, wanted: str = "") -> Card:
    """Return one page of the register, or of what in it matched *wanted*, beginning at account number *start*."""
    shown = accounts[start : start + PAGE]
    if not shown and wanted:
        words = f"Nothing in the register matches “{wanted}”. Type accounts to see all of it."
        return Card("School accounts", (line(words),), (Button("Show the register", "accounts.list"),))
    if not shown:
        words = "The register is empty: no account has been created yet. Apply for one with /smpolicy apply."
        return Card("School accounts", (line(words),), (Button("Apply for an account", "applications.apply"),))
    lines: list[tuple[Span, ...]] = [
        (Bold(f"{each.handle} on {each.platform}"), f" ({each.id}) – run by {_names(each.runners, office)}")
        for each in shown
    ]
    found = f"matching “{wanted}”" if wanted else "in the register"
    count = f"{len(accounts)} account{'s' if len(accounts) != 1 else ''} {found}."
    buttons = [Button(f"Show {each.id}", "accounts.show", each.id) for each in shown]
    if len(shown) < len(accounts):
        count += f" These are {start + 1} to {start + len(shown)}."
    if start + PAGE < len(accounts):
        buttons.append(Button("More", "accounts.list", value=f"{start + PAGE} {wanted}".strip()))
    return Card("School accounts", (line(count), bullets(lines)), tuple(buttons))


def passport(account: Account, reader: Person, office: Office) -> Card:
    """Return what the register says about one account; vault entry and SLT's notes to those concerned (ADM-2)."""
    keeps = reader.holds(Role.ADMINISTRATOR) or reader.holds(Role.HEAD) or reader.id in account.runners
    rows: list[tuple[str, Span | tuple[Span, ...]]] = [
        ("Platform", account.platform),
        ("Handle", account.handle),
        ("Aim", account.aim),
        ("Open or closed", account.openness),
        ("Responsible", office.name(account.responsible)),
        ("Run by", _names(account.runners, office)),
        ("Administrator", office.name(account.administrator)),
        ("Two-step sign-in", "on" if account.two_step else "off"),
        ("Password vault entry", account.vault if keeps else ""),
        ("Created", f"{account.created_at.astimezone(office.now.tzinfo):%d %b %Y}, from {account.application}"),
        ("Policy", account.policy),
        ("Yearly review (school target)", f"{account.review_on:%d %b %Y}"),
        ("State", account.standing.value),
    ]
    notes: tuple[Block, ...] = (bullets(account.notes),) if account.notes and (keeps or reader.holds(Role.SLT)) else ()
    return Card(f"{account.id}: {account.handle} on {account.platform}", (facts(rows), *notes))


def _names(people: Sequence[str], office: Office) -> str:
    return ", ".join(office.name(each) for each in people)
