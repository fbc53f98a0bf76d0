"""The golden drawing of every sample card and every form: `python -m tests.golden` writes it anew."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.app import POLICY_TEXT, domain_school, ready_texts
from bot.conversation.forms import FormPage, ShownField
from bot.domain.office import Office
from bot.platforms.plain.render import card_text
from bot.platforms.web.render import card_json, form_json
from bot.routing import Switchboard
from handlers import ROUTERS
from tests.simulator import sample_settings

FILE = Path(__file__).parent / "platforms" / "golden.json"
NOW = datetime(2026, 11, 24, 9, 15, tzinfo=ZoneInfo("Europe/London"))
VIEWER = "deputy_head"


def drawn() -> dict[str, Any]:
    """Return every sample as the local page and the plain chat draw it, and every page of every form."""
    texts, _ = ready_texts(POLICY_TEXT)
    settings = sample_settings(Path("data"))
    office = Office(domain_school(settings, texts.guidance), settings.persons, (), NOW, texts.policy.version)
    switchboard = Switchboard(ROUTERS)
    cards = {name: draw(office) for name, draw in sorted(switchboard.samples.items())}
    return {
        "cards": {
            name: {"web": card_json(card, card.buttons), "plain": card_text(card, VIEWER)}
            for name, card in cards.items()
        },
        "forms": {
            f"{name} {number}": form_json(
                FormPage("session", form.title, page.intro, form.submit, tuple(map(ShownField, page.fields))), office
            )
            for name, (form, _) in sorted(switchboard.forms.items())
            for number, page in enumerate(form.pages, start=1)
        },
    }


def main() -> int:
    """Write the file."""
    FILE.write_text(json.dumps(drawn(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
