"""The school's office on each platform: all stories run on all of them."""

from __future__ import annotations

from collections.abc import Callable

from bot.platforms.web.clock import LocalClock
from bot.ports import Store
from bot.settings.load import Settings
from tests.simulator import START, Compose, Office, plain_office, web_office
from tests.slack.desk import SlackDesk
from tests.teams.desk import TeamsDesk


def slack_office(settings: Settings, stores: Callable[[], Store], compose: Compose) -> Office:
    """Return an office whose people use Slack."""
    clock = LocalClock(start=START)
    return Office(SlackDesk(settings, clock), settings, clock, stores, compose)


def teams_office(settings: Settings, stores: Callable[[], Store], compose: Compose) -> Office:
    """Return an office whose people use Teams."""
    clock = LocalClock(start=START)
    return Office(TeamsDesk(settings, clock), settings, clock, stores, compose)


OFFICES = {"web": web_office, "plain": plain_office, "slack": slack_office, "teams": teams_office}
