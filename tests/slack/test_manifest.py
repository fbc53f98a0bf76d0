"""The manifest: what Slack takes, made of what the features declare, and asking for no more than the bot needs."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.app import switchboard
from bot.platforms.slack.manifest import EVENTS, SCOPES, manifest
from tests.simulator import ROOT
from tests.slack.schemas import AHEAD_BUTTON, AHEAD_SCOPES, mistakes, published

Json = Any

URL = "https://smpolicy.school.example"
FEATURES = switchboard()
# What Slack asks for before it sends an event; one of several is enough.
EVENT_SCOPES = {
    "app_mention": {"app_mentions:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "member_left_channel": {"channels:read", "groups:read"},
    "message.im": {"im:history"},
    "subteam_members_changed": {"usergroups:read"},
    "subteam_updated": {"usergroups:read"},
    "user_change": {"users:read"},
}


def made(url: str | None = None) -> Json:
    return manifest(FEATURES.listed, FEATURES.shortcuts.values(), name="smpolicy", url=url)


SOCKET_MODE = made()
HTTP = made(URL)


@pytest.mark.parametrize("document", [SOCKET_MODE, HTTP], ids=["socket mode", "http"])
def test_slacks_own_types_and_limits_take_it(document: Json) -> None:
    assert mistakes("manifest", document) == []


PLANTED = {
    "a mistyped section": lambda document: document.update(setings={}),
    "a mistyped setting": lambda document: document["settings"].update(socket_mode=True),
    "an unknown scope": lambda document: document["oauth_config"]["scopes"]["bot"].append("chat:read"),
    "an unknown event": lambda document: document["settings"]["event_subscriptions"]["bot_events"].append("app_home"),
    "a label of 25": lambda document: document["features"]["shortcuts"][0].update(name="x" * 25),
    "a summary of 151": lambda document: document["features"]["shortcuts"][0].update(description="x" * 151),
    "a hint of 1001": lambda document: document["features"]["slash_commands"][0].update(usage_hint="x" * 1001),
    "five prompts": lambda document: document["features"]["agent_view"].update(
        suggested_prompts=[{"title": "x", "message": "x"}] * 5
    ),
    "a long description of 174": lambda document: document["display_information"].update(long_description="x" * 174),
    "a name of 36": lambda document: document["display_information"].update(name="x" * 36),
}


@pytest.mark.parametrize("name", PLANTED)
def test_each_mistake_planted_in_a_manifest_is_found(name: str) -> None:
    document = made()

    PLANTED[name](document)

    assert mistakes("manifest", document) != []


def test_slacks_types_still_lack_what_is_taken_without_them() -> None:
    """Where this fails, Slack has caught up: take the name out of AHEAD."""
    scopes = published()["Manifest"]["properties"]["oauth_config"]["properties"]["scopes"]["properties"]
    button = published()["Button"]["properties"]

    assert [scope for scope in AHEAD_SCOPES if scope in scopes["bot"]["items"]["enum"]] == []
    assert [key for key in AHEAD_BUTTON if key in button] == []


def test_every_listed_command_is_in_the_hint_with_reporting_first() -> None:
    (command,) = HTTP["features"]["slash_commands"]

    hints = command["usage_hint"].split(" | ")

    assert command["command"] == "/smpolicy"
    assert [hint.split()[0] for hint in hints] == [entry.name for entry in FEATURES.listed]
    assert hints[0] == "report"
    assert "ask [your question]" in hints


def test_people_in_a_command_arrive_as_ids() -> None:
    assert all(command["should_escape"] is True for command in HTTP["features"]["slash_commands"])


def test_every_shortcut_is_offered_where_it_belongs() -> None:
    offered = {each["callback_id"]: each for each in HTTP["features"]["shortcuts"]}

    assert set(offered) == set(FEATURES.shortcuts) != set()
    for name, entry in FEATURES.shortcuts.items():
        assert offered[name]["name"] == entry.label
        assert offered[name]["description"] == entry.summary
        assert offered[name]["type"] == ("message" if entry.about_message else "global")


def test_it_asks_for_the_scopes_that_have_a_reason_and_for_none_on_behalf_of_a_person() -> None:
    assert HTTP["oauth_config"] == {"scopes": {"bot": sorted(SCOPES)}}
    assert all(SCOPES.values())


def test_the_readme_gives_the_same_reasons() -> None:
    rows = re.findall(
        r"^\| `([a-z_.]+(?::[a-z.]+)?)` \| (.+) \|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M
    )

    assert {scope: reason for scope, reason in rows if scope in SCOPES} == SCOPES


def test_each_event_has_its_scope_and_no_other_channel_is_listened_to() -> None:
    events = HTTP["settings"]["event_subscriptions"]["bot_events"]

    assert events == sorted(EVENTS)
    for event in events:
        needed = EVENT_SCOPES.get(event, set())
        assert not needed or needed & set(SCOPES), event
    assert [event for event in events if event.startswith("message")] == ["message.im"]


def test_it_is_an_agent_of_the_present_kind() -> None:
    features = HTTP["features"]

    assert "agent_view" in features
    assert "assistant_view" not in features
    assert features["app_home"] == {
        "home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False,
    }  # fmt: skip


def test_with_an_address_slack_sends_everything_there() -> None:
    settings = HTTP["settings"]
    request_url = f"{URL}/slack/events"

    assert settings["socket_mode_enabled"] is False
    assert settings["event_subscriptions"]["request_url"] == request_url
    assert settings["interactivity"] == {
        "is_enabled": True, "request_url": request_url, "message_menu_options_url": request_url,
    }  # fmt: skip
    assert [command["url"] for command in HTTP["features"]["slash_commands"]] == [request_url]


def test_without_an_address_slack_is_given_none() -> None:
    assert SOCKET_MODE["settings"]["socket_mode_enabled"] is True
    assert SOCKET_MODE["settings"]["interactivity"] == {"is_enabled": True}
    assert "://" not in str(SOCKET_MODE)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (f"{URL}/", "smpolicy.school.example"),
        ("https://smpolicy.school.example:8443", "smpolicy.school.example:8443"),
        ("HTTPS://SMPOLICY.School.example", "smpolicy.school.example"),
    ],
)
def test_an_address_may_have_a_port_and_a_slash(url: str, host: str) -> None:
    assert made(url)["settings"]["interactivity"]["request_url"] == f"https://{host}/slack/events"


REFUSED = (
    *("", "smpolicy.school.example", "http://smpolicy.school.example", "ftp://smpolicy.school.example", "https://"),
    *("https://school.example/slack/events", "https://school.example?a=b", "https://school.example/#top"),
    *("https://me:secret@school.example", "https://school example", "https://school\n.example", "https://[school"),
    *("https://school.example:99999", "https://localhost", "https://127.0.0.1:8080", "https://[::1]"),
)


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_slack_can_not_call_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(ValueError, match="“") as refused:
        made(url)

    assert "\n" not in str(refused.value)
