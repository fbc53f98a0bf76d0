"""The school's own settings: anybody may read them, only SLT may change them, with name and date."""

from __future__ import annotations

from bot.conversation.cards import Button, Card, Style, bullets, line
from bot.domain.office import CHANGEABLE, Office, SettingChange
from bot.domain.people import Role
from bot.errors import Invalid, Refused
from bot.routing import Answer, Ask, Filled, Order, Router, Turn
from handlers.settings.forms import CHANGE

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
    """Record the change; it holds from now on."""
    _only_slt(turn)
    name = next(each for each, (words, _, _) in CHANGEABLE.items() if words == given.answers["setting"])
    _, lowest, highest = CHANGEABLE[name]
    number = given.answers["value"]
    if not lowest <= number <= highest:
        raise Invalid({"value": f"Give a whole number from {lowest} to {highest}."})
    voters = [each for each in turn.office.holders(Role.SLT) if not turn.office.is_head(each)]
    if name == "quorum" and number > len(voters):
        raise Invalid({"value": f"Only {len(voters)} in SLT can vote, so more votes would never come together."})
    before = await turn.store.get(SettingChange, name)
    record = SettingChange(
        turn.world.school.id, name, number, turn.person.id, turn.office.now, given.answers["reason"],
        before.version if before else 0,
    )  # fmt: skip
    await turn.save(record)
    return Card("Setting changed", (line(f"{given.answers['setting']}: {number} from now on."),))


def _only_slt(turn: Turn) -> None:
    if turn.person not in turn.office.holders(Role.SLT):
        raise Refused("Only a member of SLT can change the school's settings.", "SLT-2")


async def _overview(turn: Turn) -> Card:
    changes = {each.id: each for each in await turn.store.find(SettingChange)}
    lines = [_line(name, words, changes.get(name), turn.office) for name, (words, _, _) in CHANGEABLE.items()]
    card = Card(
        "The school's settings", (bullets(lines), line("Times are the school's own targets, not the policy's."))
    )
    if turn.person not in turn.office.holders(Role.SLT):
        return card
    button = Button("Change a setting", "settings.change", style=Style.PRIMARY, opens_form=True)
    return Card(card.title, card.blocks, (button,))


def _line(name: str, words: str, changed: SettingChange | None, office: Office) -> str:
    value = getattr(office.school, name)
    if changed is None:
        return f"{words}: {value}"
    at = changed.changed_at.astimezone(office.now.tzinfo)
    return f"{words}: {value} – changed by {office.name(changed.changed_by)} on {at:%d %b %Y}: {changed.reason}"


@router.sample("change")
def sample(office: Office) -> Card:
    """Draw the answer to a change."""
    return Card("Setting changed", (line("SLT votes that decide an application: 2 from now on."),))
