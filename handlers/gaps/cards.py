"""How SLT reads what people asked in vain, without who asked."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.cards import Block, Bold, Button, Card, Quote, bullets, line
from bot.domain.gaps import Group
from bot.domain.office import Office

PAGE = 10
_TITLE = "What the policy did not answer"
_WHAT_TO_DO = (
    "Clarify the policy, or have the technician add a way of asking to policy_text/asks.yaml. Then press Dealt with."
)


def gap_list(groups: Sequence[Group], start: int, unhelpful: Sequence[tuple[str, int]], office: Office) -> Card:
    """Return one page of what was asked, beginning with group number *start*, and the votes on clauses below it."""
    shown = list(enumerate(groups, start=1))[start : start + PAGE]
    blocks: list[Block] = [line(_count(groups, start, len(shown), office))]
    if shown:
        blocks.append(line(_WHAT_TO_DO))
    for number, group in shown:
        blocks += [line(Bold(f"{number}."), f" {_asked(group)}"), Quote(group.question, "")]
    if unhelpful:
        blocks += [line(Bold("Answers that did not help, by votes of the last 90 days")), bullets(_votes(unhelpful))]
    buttons = [Button(f"Dealt with {number}", "gaps.done", value=_seen(group)) for number, group in shown]
    if start + PAGE < len(groups):
        buttons.append(Button("More", "gaps.list", value=str(start + PAGE)))
    return Card(_TITLE, tuple(blocks), tuple(buttons))


def dealt_with(group: Group) -> Card:
    """Return the answer to a question that was dealt with."""
    words = f"Off the list, as it was asked {_times(group.count)}. Type gaps to see what is left."
    return Card("Dealt with", (Quote(group.question, ""), line(words)))


def seen_as(value: str) -> tuple[str, int]:
    """Return the key of the group that a button shows, and how often it had been asked by then."""
    key, _, count = value.partition(" ")
    return key, int(count) if count.isascii() and count.isdecimal() and len(count) < 9 else 0


def _seen(group: Group) -> str:
    return f"{group.key} {group.count}"


def _count(groups: Sequence[Group], start: int, shown: int, office: Office) -> str:
    kept = f"Who asked is not kept, and each is forgotten after {office.school.gap_days} days."
    if not groups:
        return f"Nobody has passed a question on. {kept}"
    page = f" These are {start + 1} to {start + shown}." if shown and shown < len(groups) else ""
    return f"{len(groups)} question{'s' if len(groups) != 1 else ''}, the newest first.{page} {kept}"


def _asked(group: Group) -> str:
    showed = [f"showed {', '.join(group.clauses)}"] if group.clauses else []
    silent = ["said that the policy is silent"] if group.silent else []
    last = "on" if group.count == 1 else "last on"
    return f"Asked {_times(group.count)}, {last} {group.last:%d %b %Y}. The bot {' or '.join((*silent, *showed))}."


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _votes(unhelpful: Sequence[tuple[str, int]]) -> list[str]:
    return [f"{clause or 'The policy is silent'}: {count}" for clause, count in unhelpful]
