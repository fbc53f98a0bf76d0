"""Every card and form is drawn as it was when somebody last looked at it."""

from __future__ import annotations

import json

from tests.golden import FILE, drawn


def test_every_card_and_form_is_drawn_as_recorded() -> None:
    """A wanted change is recorded by `python -m tests.golden`; the difference is then read in the commit."""
    assert json.loads(json.dumps(drawn())) == json.loads(FILE.read_text(encoding="utf-8"))


def test_every_feature_shows_its_cards_in_the_gallery() -> None:
    features = {name.partition(".")[0] for name in drawn()["cards"]}

    assert features >= {
        "policy",
        "applications",
        "incidents",
        "press",
        "accounts",
        "my",
        "help",
        "headship",
        "settings",
    }
