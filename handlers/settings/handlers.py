"""The school's own settings: anybody may read them; two members of SLT change them, with names and date."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.cards import Block, Button, Card, Style, Tone, bullets, line, notice
from bot.domain.office import CHANGEABLE, Office, SettingChange
from bot.domain.people import Role
from bot.errors import Invalid, Refused
from bot.routing import Answer, Ask, Filled, Order, Router, Turn
from handlers.settings.forms import CHANGE

_TITLE = "The school's settings"
WAITING = "?"

router = Router("settings")


@router.command(
    "settings", summary="See the school's settings; SLT may change them", clause="SLT-2", order=Order.LATER,
)  # fmt: skip
async def settings(turn: Turn, text: str) -> Answer:
    """Show what holds now, and who changed it."""
    return await _overview(turn)


@router.action("change")
async def change(turn: Turn, subject: str, value: str) -> Answer:
    """Ask SLT what to change."""
    _only_slt(turn)
    return Ask(CHANGE.name, as_page=True)


@router.form(CHANGE)
async def filled(turn: Turn, given: Filled) -> Answer:
    """Propose the change; it holds once a second member of SLT has confirmed it."""
    _only_slt(turn)
    name = next(each for each, (words, _, _) in CHANGEABLE.items() if words == given.answers["setting"])
    _, lowest, highest = CHANGEABLE[name]
    number = given.answers["value"]
    if not lowest <= number <= highest:
        raise Invalid({"value": f"Give a whole number from {lowest} to {highest}."})
    voters = [each for each in turn.office.holders(Role.SLT) if not turn.office.is_head(each)]
    if name == "quorum" and number > len(voters):
        raise Invalid({"value": f"Only {len(voters)} in SLT can vote, so more votes would never come together."})
    waiting = await turn.store.get(SettingChange, f"{name}{WAITING}")
    proposed = SettingChange(
        turn.world.school.id, f"{name}{WAITING}", number, turn.person.id, turn.office.now, given.answers["reason"],
        version=waiting.version if waiting else 0,
    )  # fmt: skip
    await turn.save(proposed)
    words = f"{given.answers['setting']}: {number}. It holds once another member of SLT types settings and confirms it."
    return Card("Change proposed", (line(words),))


@router.action("confirm")
async def confirm(turn: Turn, subject: str, value: str) -> Answer:
    """Make a proposed change hold: it takes a second member of SLT, so that nobody changes the rules alone."""
    _only_slt(turn)
    proposed = await turn.store.get(SettingChange, f"{subject}{WAITING}")
    if proposed is None:
        raise Refused("That change has been confirmed or replaced already. Type settings to see what holds.")
    if value != str(proposed.version):
        raise Refused("The proposal has changed since you read it. Type settings, and confirm what stands there now.")
    if proposed.changed_by == turn.person.id:
        raise Refused("You proposed this change, so another member of SLT has to confirm it.", "SLT-2")
    before = await turn.store.get(SettingChange, subject)
    confirmed = replace(proposed, id=subject, confirmed_by=turn.person.id, version=before.version if before else 0)
    await turn.save(confirmed, forget=(proposed,))
    return Card("Setting changed", (line(f"{CHANGEABLE[subject][0]}: {proposed.value} from now on."),))


def _only_slt(turn: Turn) -> None:
    if turn.person not in turn.office.holders(Role.SLT):
        raise Refused("Only a member of SLT can change the school's settings.", "SLT-2")


async def _overview(turn: Turn) -> Card:
    office, found = turn.office, {each.id: each for each in await turn.store.find(SettingChange)}
    lines = [_line(name, words, found.get(name), office) for name, (words, _, _) in CHANGEABLE.items()]
    blocks: list[Block] = [bullets(lines), line("Times are the school's own targets, not the policy's.")]
    waiting = {name: change for name in CHANGEABLE if (change := found.get(f"{name}{WAITING}"))}
    if waiting:
        blocks.append(notice(Tone.WARNING, "Waiting for a second member of SLT:"))
        blocks.append(bullets(_proposal(name, change, office) for name, change in waiting.items()))
    if turn.person not in office.holders(Role.SLT):
        return Card(_TITLE, tuple(blocks))
    buttons = [Button("Change a setting", "settings.change", style=Style.PRIMARY, opens_form=True)]
    buttons += [
        Button(f"Confirm: {CHANGEABLE[name][0]}, {change.value}", "settings.confirm", name, str(change.version))
        for name, change in waiting.items()
        if change.changed_by != turn.person.id
    ]
    return Card(_TITLE, tuple(blocks), tuple(buttons))


def _line(name: str, words: str, changed: SettingChange | None, office: Office) -> str:
    value = getattr(office.school, name)
    if changed is None:
        return f"{words}: {value}"
    at = changed.changed_at.astimezone(office.now.tzinfo)
    people = f"{office.name(changed.changed_by)}, confirmed by {office.name(changed.confirmed_by)},"
    return f"{words}: {value} – changed by {people} on {at:%d %b %Y}: {changed.reason}"


def _proposal(name: str, change: SettingChange, office: Office) -> str:
    return f"{CHANGEABLE[name][0]}: {change.value} – proposed by {office.name(change.changed_by)}: {change.reason}"


@router.sample("change")
def sample(office: Office) -> Card:
    """Draw the answer to a change."""
    return Card("Setting changed", (line("SLT votes that decide an application: 2 from now on."),))
