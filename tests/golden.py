"""The golden drawing of every sample card and every form: `python -m tests.golden` writes it anew."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.app import POLICY_TEXT, domain_school, ready_texts
from bot.conversation.cards import Card
from bot.conversation.forms import FormPage, ShownField
from bot.domain.office import Office
from bot.platforms.plain.render import card_text
from bot.platforms.slack.buttons import Seats
from bot.platforms.slack.render import messages
from bot.platforms.slack.views import card_view, form_view, home_view
from bot.platforms.teams.pages import dialog
from bot.platforms.teams.render import activity
from bot.platforms.teams.render import messages as teams_messages
from bot.platforms.web.render import card_json, form_json
from bot.routing import Switchboard
from handlers import ROUTERS
from tests.simulator import sample_settings

FILE = Path(__file__).parent / "platforms" / "golden.json"
NOW = datetime(2026, 11, 24, 9, 15, tzinfo=ZoneInfo("Europe/London"))
VIEWER = "deputy_head"
ONLOOKERS = ("29:viewer",)
AT_HOME = ("my.nothing open", "accounts.register")
FIRST_AT_HOME = "help.hello"


def drawn() -> dict[str, Any]:
    """Return every sample as each platform draws it, every page of every form, and Slack's home tab."""
    texts, _ = ready_texts(POLICY_TEXT)
    settings = sample_settings(Path("data"))
    office = Office(domain_school(settings, texts.guidance), settings.persons, (), NOW, texts.policy.version)
    seats = {each.person.id: each.slack for each in settings.people if each.slack}.get
    switchboard = Switchboard(ROUTERS)
    cards = {name: draw(office) for name, draw in sorted(switchboard.samples.items())}
    pages = {
        f"{name} {number}": FormPage(
            "session", form.title, page.intro, form.submit, tuple(map(ShownField, page.fields))
        )
        for name, (form, _) in sorted(switchboard.forms.items())
        for number, page in enumerate(form.pages, start=1)
    }  # fmt: skip
    return {
        "cards": {name: _card(card, seats) for name, card in cards.items()},
        "forms": {
            name: {
                "web": form_json(page, office),
                "slack": form_view(page, office=office, seats=seats),
                "teams": dialog(page, office),
            }
            for name, page in pages.items()
        },
        "home": {"slack": home_view([cards[name] for name in AT_HOME], seats, first=cards[FIRST_AT_HOME].buttons)},
    }


def _card(card: Card, seats: Seats) -> dict[str, Any]:
    modal, _ = card_view(card, seats)
    slack = {"messages": list(map(asdict, messages(card, seats))), "modal": modal}
    teams = list(map(activity, teams_messages(card, person=None, viewers=ONLOOKERS)))
    return {"web": card_json(card, card.buttons), "plain": card_text(card, VIEWER), "slack": slack, "teams": teams}


def main() -> int:
    """Write the file."""
    FILE.write_text(json.dumps(drawn(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
