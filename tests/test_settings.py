"""app.yaml and the environment: what they may say, and how each mistake is named."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from datetime import date, time
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from bot.domain.calendar import Holiday
from bot.domain.office import Contact
from bot.domain.people import Role
from bot.settings.load import SettingsMistakes, load_settings
from bot.settings.shapes import (
    Channel,
    Duty,
    RoleSource,
    SchoolValues,
    Settings,
    StaffRule,
    TeamsAccess,
    TeamsAppType,
)

ROOT = Path(__file__).parents[1]
OWN = ROOT / "app.yaml"
T1 = "6b1f0c1e-52a4-4d0b-9a57-0d6d3f2c1b01"
T2 = "6b1f0c1e-52a4-4d0b-9a57-0d6d3f2c1b02"
APP_ID = "3f2c1a0e-9b8d-4c7e-8a61-5d4f3e2b1a09"
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
TEAM = "19:QkE-7_vIfPr1lwkz0PvZcAu4BmxKq5oPQ9RjZTgHt5k1@thread.tacv2"
CHANNEL = "19:33b76eea88574bd1969dca37e2b7a819@thread.tacv2"
LINK = f"https://teams.microsoft.com/l/channel/{quote(CHANNEL, safe='')}/SLT?groupId={APP_ID}&tenantId={TENANT}"
MESSAGE = f"{CHANNEL};messageid=1764000000000"
SAMPLE = f"""\
school:
  id: hill
  name: Hill School
  timezone: Europe/London
  country: GB-ENG
  out_of_hours: Ring 999.
people:
  - {{id: teacher, roles: [staff], slack: U1, teams: {T1}}}
  - {{id: deputy, roles: [staff, slt], slack: U2, teams: {T2}}}
  - {{id: assistant, roles: [staff, slt]}}
  - {{id: head, roles: [staff, slt, head]}}
  - {{id: admin, roles: [staff, administrator]}}
  - {{id: dsl, roles: [staff, dsl]}}
  - {{id: chair, roles: [chair], contact_only: true}}
contacts:
  dpo: {{phone: "1"}}
  lado: {{phone: "2"}}
  social_care_out_of_hours: {{phone: "3"}}
"""


class Desk:
    """A folder with an app.yaml in it, and an environment."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "app.yaml"

    def load(self, text: str, environment: Mapping[str, str] | None = None, data: Path | None = None) -> Settings:
        """Return the settings that *text* makes."""
        self.path.write_text(text, encoding="utf-8")
        return load_settings(self.path, environment or {}, data=data)

    def mistakes(self, text: str, environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
        """Return what is wrong with *text*."""
        with pytest.raises(SettingsMistakes) as raised:
            self.load(text, environment)
        return raised.value.mistakes


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def changed(old: str, new: str) -> str:
    """Return the sample with one thing changed."""
    assert old in SAMPLE
    return SAMPLE.replace(old, new, 1)


def test_the_projects_own_file_has_neither_mistakes_nor_warnings() -> None:
    settings = load_settings(OWN, {})

    assert settings.warnings == ()
    assert settings.school.name == "Bebington High Sports College"
    assert settings.school.week.next_working_day(date(2026, 12, 24)) == date(2026, 12, 29)
    assert settings.duty == Duty(("deputy_head", "assistant_head"), ("deputy_head", "assistant_head"), 5)
    assert settings.texts["holding_words"]
    assert settings.store_url == "tinydb:data"


def test_the_sample_school_is_as_promised() -> None:
    people = load_settings(OWN, {}).people

    assert [listed.person.id for listed in people] == [
        *("history_teacher", "pe_teacher", "new_teacher", "teaching_assistant", "deputy_head"),
        *("assistant_head", "head_teacher", "administrator", "dsl", "chair"),
    ]
    for listed in people[:-1]:
        assert listed.slack == "U0" + listed.person.id.upper().replace("_", "")
        assert listed.teams == str(uuid.uuid5(uuid.NAMESPACE_DNS, listed.person.id))
    assert people[-1].person.contact_only
    assert (people[-1].slack, people[-1].teams) == ("", "")


def test_the_smallest_file_gets_sensible_values(desk: Desk) -> None:
    settings = desk.load(SAMPLE)

    assert settings.warnings == ()
    assert settings.school.timezone == ZoneInfo("Europe/London")
    assert (settings.school.day_start, settings.school.day_end) == (time(8), time(17))
    assert settings.staff is StaffRule.EVERYONE
    assert settings.duty == Duty(("deputy", "assistant"), ("deputy", "assistant"), 5)
    assert settings.values == SchoolValues()
    assert (settings.store_url, settings.log_level, settings.metrics_token) == ("tinydb:data", "info", "")
    assert settings.slack is None
    assert settings.teams is None
    assert [person.name for person in settings.persons][:2] == ["Teacher", "Deputy"]
    with pytest.raises(FrozenInstanceError):
        settings.store_url = "elsewhere"  # type: ignore[misc]


def test_everything_that_may_be_said_is_read(desk: Desk) -> None:
    text = changed(
        "  out_of_hours: Ring 999.\n",
        "  out_of_hours: Ring 999.\n"
        "  aliases: [The Hill]\n"
        "  working_day: {start: 8:30, end: 15:45}\n"
        "  holidays: [{name: Christmas, from: 2026-12-19, to: 2027-01-03}]\n",
    ).replace(
        f"{{id: teacher, roles: [staff], slack: U1, teams: {T1}}}",
        "{id: history_teacher, roles: [staff], phone: 01514960, email: a@b.example, hours: mornings, left: 2026-07-31}",
    )
    settings = desk.load(
        text + "staff: listed\n"
        "roles: {slt: {slack_usergroup: S1, slack_channel: C1,\n"
        f"  teams_team: '{TEAM}', teams_channel: '{CHANNEL}'}}}}\n"
        f"channels: {{slt: {{slack: C0, teams: '{CHANNEL}'}}}}\n"
        "duty: {press: [deputy], safety: [head, deputy], minutes: 7}\n"
        "texts: {holding_words: We will answer.}\n"
        "settings: {slt_quorum: 3, draft_days: 9, remind_days: 2, escalate_days: 4, unopened_minutes: 10,\n"
        "  exception_review_days: 60, gap_days: 90, weekend_relief: no}\n"
        "store: {url: 'tinydb:elsewhere'}\n"
        "slack: {signing_secret: HILL_SIGNING_SECRET, bot_token: HILL_BOT_TOKEN, app_token: HILL_APP_TOKEN}\n"
        "teams: {app_id: HILL_ID, app_password: HILL_PASSWORD, app_tenant_id: HILL_TENANT, app_type: HILL_TYPE}\n"
    )

    school, teacher = settings.school, settings.people[0]
    assert school.aliases == ("The Hill",)
    assert (school.day_start, school.day_end) == (time(8, 30), time(15, 45))
    assert school.holidays == (Holiday("Christmas", date(2026, 12, 19), date(2027, 1, 3)),)
    assert (teacher.person.name, teacher.person.phone, teacher.hours) == ("History teacher", "01514960", "mornings")
    assert teacher.person.left == date(2026, 7, 31)
    assert settings.staff is StaffRule.LISTED
    assert settings.roles == {Role.SLT: RoleSource("S1", "C1", TEAM, CHANNEL)}
    assert settings.channels == {"slt": Channel("C0", CHANNEL)}
    assert settings.contacts["lado"] == Contact("Lado", "2")
    assert settings.duty == Duty(("deputy",), ("head", "deputy"), 7)
    assert settings.values == SchoolValues(3, 9, 2, 4, 10, 60, 90, False, time(15, 45))
    assert settings.store_url == "tinydb:elsewhere"


MISTAKES = [
    ("id: hill", "", "line 1: school.id: is missing"),
    ("id: hill", "id: Hill School", 'line 2: school.id: "Hill School" is not an id; use small letters'),
    ("name: Hill School", "name: ''", "line 3: school.name: is blank"),
    ("name: Hill School", "name: [Hill]", "line 3: school.name: should be text; put it in quotes"),
    ("timezone:", "timezon:", 'line 4: school.timezon: is not a setting; did you mean "timezone"?'),
    ("timezone: Europe/London", "", "school.timezone: is missing"),
    ("Europe/London", "Europe/Londres", 'line 4: school.timezone: "Europe/Londres" is not a time zone'),
    ("Europe/London", "Europe", 'line 4: school.timezone: "Europe" is not a time zone'),
    ("Europe/London", "../../etc/passwd", "is not a time zone"),
    ("GB-ENG", "GB", 'line 5: school.country: "GB" is not a country whose bank holidays are known; use GB-ENG'),
    ("country: GB-ENG", "", "school.country: is missing"),
    ("out_of_hours: Ring 999.", "", "school.out_of_hours: is missing"),
    ("Ring 999.", "' '", "line 6: school.out_of_hours: is blank"),
    ("Ring 999.", "x\n  working_day: {start: '17:00', end: '08:00'}", "line 7: school.working_day: starts at 17:00"),
    ("Ring 999.", "x\n  working_day: {start: '8 am'}", '"8 am" is not a time of day; write it like "08:00"'),
    ("Ring 999.", "x\n  working_day: {end: '24:00'}", '"24:00" is not a time of day'),
    (
        "Ring 999.",
        "x\n  holidays: [{name: A, from: 2026-12-19, to: 2026-01-03}]",
        "line 7: school.holidays[0]: ends on 2026-01-03, before it starts on 2026-12-19",
    ),
    ("Ring 999.", "x\n  holidays: [{name: A, from: 19/12/2026, to: 2027-01-03}]", '"19/12/2026" is not a day'),
    ("Ring 999.", "x\n  holidays: [{name: A, from: 2026-02-30, to: 2027-01-03}]", '"2026-02-30" is not a day'),
    ("Ring 999.", "x\n  holidays: [{name: A, from: 2026-12-19}]", "school.holidays[0].to: is missing"),
    ("Ring 999.", "x\n  holidays: Christmas", "line 7: school.holidays: should be a list"),
    ("id: teacher", "id: Teacher 1", 'line 8: people[0].id: "Teacher 1" is not an id'),
    ("id: teacher, ", "", "line 8: people[0].id: is missing"),
    ("id: teacher", "id: deputy", 'line 9: people[1].id: "deputy" is taken by people[0].id'),
    ("slack: U1", "slack: U2", 'line 9: people[1].slack: "U2" is taken by people[0].slack'),
    (T1, T2.upper(), f'line 9: people[1].teams: "{T2}" is taken by people[0].teams'),
    (T1, "head@school.example", 'line 8: people[0].teams: "head@school.example" is not an id of Microsoft Entra'),
    (T1, f"'{{{T1}}}'", "line 8: people[0].teams:"),
    (T1, "29:1a-b_c", 'people[0].teams: "29:1a-b_c" is not an id of Microsoft Entra; copy the person\'s Object ID'),
    ("contacts:", "channels: {slt: {teams: SLT}}\ncontacts:", 'line 15: channels.slt.teams: "SLT" is not the id of a'),
    (
        "contacts:",
        f"channels: {{slt: {{teams: {T1}}}}}\ncontacts:",
        "is not the id of a channel or team, such as 19:…@",
    ),
    ("contacts:", "channels: {slt: {teams: '19:x'}}\ncontacts:", '"19:x" is not the id of a channel or team'),
    ("contacts:", f"roles: {{slt: {{teams_team: {T1}}}}}\ncontacts:", "roles.slt.teams_team: "),
    (
        "contacts:",
        f"roles: {{slt: {{teams_channel: '{LINK}'}}}}\ncontacts:",
        "roles.slt.teams_channel: is a link, not an id; use only the id that stands in it",
    ),
    ("contacts:", f"channels: {{slt: {{teams: '{LINK}'}}}}\ncontacts:", f'the id that stands in it, "{CHANNEL}"'),
    ("contacts:", f"channels: {{slt: {{teams: '{MESSAGE}'}}}}\ncontacts:", f'before ;messageid=, "{CHANNEL}"'),
    ("contacts:", "channels: {slt: {teams: '19%3Ax%40thread.tacv2'}}\ncontacts:", '"19:x@thread.tacv2"'),
    ("id: teacher", "id: teacher, name: ' '", "line 8: people[0].name: is blank"),
    ("id: teacher", "id: teacher, left: soon", 'line 8: people[0].left: "soon" is not a day'),
    ("id: teacher", "id: teacher, nickname: x", "people[0].nickname: is not a setting; did you mean"),
    ("id: teacher, roles: [staff]", "id: teacher", "people[0].roles: is missing; use staff, slt,"),
    ("roles: [staff], slack", "roles: staff, slack", "people[0].roles: should be a list"),
    (
        "roles: [staff], slack",
        "roles: [stuff], slack",
        'line 8: people[0].roles[0]: "stuff" is not a role; use staff, slt, head, administrator, dsl, dpo or chair',
    ),
    ("contact_only: true", "contact_only: true, slack: U9", "line 14: people[6].slack: somebody who is contact_only"),
    ("contact_only: true", "contact_only: 'true'", "people[6].contact_only: should be yes or no, without quotes"),
    ("[staff, slt, head]", "[staff]", "line 7: people: nobody has the role head"),
    ("[staff, dsl]", "[staff]", "line 7: people: nobody has the role dsl"),
    ("[staff, administrator]", "[staff]", "line 7: people: nobody has the role administrator"),
    ("[staff, dsl]", "[staff, dsl, head]", "line 7: people: only one person can have the role head, not head, dsl"),
    ("contacts:", "duty: {press: [nobody]}\ncontacts:", 'duty.press[0]: "nobody" is not the id of anybody in people'),
    ("contacts:", "duty: {press: [teacher]}\ncontacts:", "duty.press[0]: teacher does not have the role slt"),
    ("contacts:", "duty: {safety: [dsl]}\ncontacts:", "line 15: duty.safety[0]: dsl does not have the role slt"),
    ("contacts:", "duty: {minutes: 0}\ncontacts:", "duty.minutes: should be a whole number, 1 or more"),
    ("contacts:", "settings: {slt_quorum: 0}\ncontacts:", "settings.slt_quorum: should be a whole number, 1 or more"),
    ("contacts:", "settings: {slt_quorum: two}\ncontacts:", "settings.slt_quorum: should be a whole number"),
    ("contacts:", "settings: {quorum: 2}\ncontacts:", 'settings.quorum: is not a setting; did you mean "slt_quorum"?'),
    ("contacts:", "staff: all\ncontacts:", 'staff: "all" is not a rule for who is staff; use everyone or listed'),
    ("contacts:", "roles: {slt: {slack_group: S1}}\ncontacts:", 'did you mean "slack_usergroup"?'),
    ("contacts:", "channels: {SLT: {slack: C1}}\ncontacts:", "channels.SLT: a name is small letters"),
    ("contacts:", "texts: {holding_words: ''}\ncontacts:", "texts.holding_words: is blank"),
    ("contacts:", "texts: words\ncontacts:", 'texts: should be lines of "name: value"'),
    ("contacts:", "store: {url: 'mysql://x'}\ncontacts:", "store.url: is not a store; use tinydb:FOLDER or "),
    ("contacts:", "store: {url: 'tinydb:'}\ncontacts:", "store.url: is not a store; use tinydb:FOLDER or "),
    ("contacts:", "slack: {bot_token: my token}\ncontacts:", "a secret in the file"),
    ("contacts:", "teams: {app_id: 1234}\ncontacts:", "should be the name of an environment variable"),
    ("contacts:", "school: {}\ncontacts:", "line 15: school: is written twice, first on line 1"),
    ("contacts:", "? [a, b]\n: c\ncontacts:", "line 15: ?: is not a setting"),
]


@pytest.mark.parametrize(("old", "new", "mistake"), MISTAKES)
def test_each_mistake_is_named_with_its_place(desk: Desk, old: str, new: str, mistake: str) -> None:
    mistakes = desk.mistakes(changed(old, new))

    assert any(mistake in each for each in mistakes), mistakes
    assert all(each.startswith("app.yaml line ") for each in mistakes)


def test_without_people_or_school_that_is_what_is_missing(desk: Desk) -> None:
    mistakes = desk.mistakes("staff: everyone\n")

    assert "app.yaml line 1: school: is missing" in mistakes
    assert "app.yaml line 1: people: is missing" in mistakes


def test_somebody_besides_the_head_is_in_slt(desk: Desk) -> None:
    text = SAMPLE.replace("[staff, slt]", "[staff]")

    assert desk.mistakes(text) == ("app.yaml line 7: people: nobody besides the head has the role slt",)


def test_all_mistakes_come_at_once_from_the_top_down(desk: Desk) -> None:
    text = (
        SAMPLE.replace("[staff, dsl]", "[staff, dls]")
        .replace("Europe/London", "London")
        .replace("id: teacher", "id: deputy")
        + "colour: blue\n"
    )

    assert desk.mistakes(text, {"SMPOLICY_LOG": "loud", "SMPOLICY_STORE_URL": "sqlite:x"}) == (
        'environment: SMPOLICY_LOG: "loud" is not a log level; use debug, info, warning or error',
        "environment: SMPOLICY_STORE_URL: is not a store; use tinydb:FOLDER or postgresql://USER@HOST/DATABASE",
        'app.yaml line 4: school.timezone: "London" is not a time zone; schools in the UK use Europe/London',
        "app.yaml line 7: people: nobody has the role dsl",
        'app.yaml line 9: people[1].id: "deputy" is taken by people[0].id',
        'app.yaml line 13: people[5].roles[1]: "dls" is not a role; '
        "use staff, slt, head, administrator, dsl, dpo or chair",
        "app.yaml line 19: colour: is not a setting; use school, staff, people, roles, channels, contacts, duty, "
        "texts, settings, policy, store, slack or teams",
    )


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        (b"", 'app.yaml: should be lines of "name: value"'),
        (b"- a\n- b\n", 'app.yaml: should be lines of "name: value"'),
        (b"school:\n  id: 'hill\n", "app.yaml line 3: is not YAML: found unexpected end of stream"),
        (b"school: {}\n---\nschool: {}\n", "app.yaml line 2: is not YAML: but found another document"),
        (b"name: caf\xe9\n", "app.yaml: is not UTF-8 text"),
        (b"name: \x07\n", "app.yaml: is not YAML: it holds something that YAML does not allow"),
        (b"[" * 5000, "app.yaml: is nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(desk: Desk, content: bytes, mistake: str) -> None:
    desk.path.write_bytes(content)

    with pytest.raises(SettingsMistakes) as raised:
        load_settings(desk.path, {})

    assert raised.value.mistakes == (mistake,)


def test_a_file_that_is_not_there_says_so(desk: Desk) -> None:
    with pytest.raises(SettingsMistakes, match=r"^app.yaml: there is no such file$"):
        load_settings(desk.path, {})


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsMistakes, match="can't be read"):
        load_settings(tmp_path, {})


HEX = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("line", "secret", "place"),
    [
        ("slack: {bot_token: xoxb-12-34-hunter}", "hunter", "line 19: slack.bot_token"),
        ("slack: {app_token: xapp-1-hunter}", "hunter", "line 19: slack.app_token"),
        (f"slack: {{signing_secret: {HEX}}}", HEX, "line 19: slack.signing_secret"),
        ("teams: {app_password: hunter two}", "hunter", "line 19: teams.app_password"),
        ("texts: {note: 'our token is xoxp-hunter'}", "hunter", "line 19: texts.note"),
        ("texts: {password: hunter}", "hunter", "line 19: texts.password"),
        ("store: {url: 'postgresql://bot:hunter@db/x'}", "hunter", "line 19: store.url"),
        ("password: hunter", "hunter", "line 19: password"),
        ("xoxb-hunter: 1", "hunter", "line 19: …"),
        ("staff: xoxb-hunter", "hunter", "line 19: staff"),
        ("texts:\n  note: |\n    first\n    xoxb-hunter", "hunter", "line 20: texts.note"),
        ("# the token was xoxb-hunter", "hunter", "line 19"),
        ("duty: {press: [abc8Q~hunterhunterhunterhunterhunter1234]}", "hunter", "line 19: duty.press[0]"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_repeated(desk: Desk, line: str, secret: str, place: str) -> None:
    mistakes = desk.mistakes(SAMPLE + line + "\n")

    assert f"app.yaml {place}: a secret in the file: put it in the environment" in mistakes
    assert all(secret not in each for each in mistakes)


def test_a_secret_is_not_repeated_from_a_file_that_is_not_yaml(desk: Desk) -> None:
    assert all("hunter" not in each for each in desk.mistakes("a: *xoxb-hunter\n"))


def test_a_file_that_bites_its_own_tail_is_read_to_its_end(desk: Desk) -> None:
    assert any("aliases" in each for each in desk.mistakes(changed("id: hill", "aliases: &a [*a]")))


def test_variables_that_hold_secrets_may_be_named(desk: Desk) -> None:
    text = SAMPLE + "slack: {signing_secret: HILL_SIGNING, bot_token: HILL_BOT}\nteams: {app_id: HILL_ID}\n"

    settings = desk.load(text, {"HILL_SIGNING": "s", "HILL_BOT": "b", "HILL_ID": APP_ID})

    assert settings.slack is not None
    assert settings.teams_app_id == APP_ID
    assert desk.load(text, {"SLACK_SIGNING_SECRET": "s", "SLACK_BOT_TOKEN": "b"}).slack is None


@pytest.mark.parametrize(
    ("environment", "configured"),
    [
        ({"SLACK_BOT_TOKEN": "b", "SLACK_SIGNING_SECRET": "s"}, True),
        ({"SLACK_BOT_TOKEN": "b", "SLACK_APP_TOKEN": "a"}, True),
        ({"SLACK_BOT_TOKEN": "b"}, False),
        ({"SLACK_BOT_TOKEN": "", "SLACK_SIGNING_SECRET": "s"}, False),
    ],
)
def test_half_of_slack_stays_off_with_a_warning(desk: Desk, environment: dict[str, str], configured: bool) -> None:
    settings = desk.load(SAMPLE, environment)

    assert (settings.slack is not None) is configured
    assert any("Slack stays off" in each for each in settings.warnings) is not configured


# Teams -----------------------------------------------------------------------------------------

SECRET = {
    "MICROSOFT_APP_ID": APP_ID, "MICROSOFT_APP_TENANT_ID": TENANT, "MICROSOFT_APP_PASSWORD": "hunter",
}  # fmt: skip
IDENTITY = {
    "MICROSOFT_APP_ID": APP_ID, "MICROSOFT_APP_TENANT_ID": TENANT, "MICROSOFT_APP_TYPE": "UserAssignedMSI",
}  # fmt: skip


def test_teams_in_microsofts_public_cloud_needs_three_variables(desk: Desk) -> None:
    access = desk.load(SAMPLE, SECRET).teams

    assert access == TeamsAccess(app_id=APP_ID, app_password="hunter", tenant=TENANT)
    assert access.authenticated
    assert access.app_type is TeamsAppType.SINGLE_TENANT
    assert "hunter" not in repr(access)


def test_a_managed_identity_has_no_secret(desk: Desk) -> None:
    access = desk.load(SAMPLE, {**IDENTITY, "MICROSOFT_APP_PASSWORD": "left over"}).teams

    assert access == TeamsAccess(app_id=APP_ID, tenant=TENANT, app_type=TeamsAppType.MANAGED_IDENTITY)


def test_ids_and_types_may_be_written_in_capitals(desk: Desk) -> None:
    environment = {**SECRET, "MICROSOFT_APP_ID": APP_ID.upper(), "MICROSOFT_APP_TENANT_ID": f" {TENANT.upper()} "}
    settings = desk.load(changed(T1, T1.upper()), {**environment, "MICROSOFT_APP_TYPE": "singletenant"})

    assert settings.teams == TeamsAccess(app_id=APP_ID, app_password="hunter", tenant=TENANT)
    assert settings.people[0].teams == T1


def test_another_cloud_has_other_addresses(desk: Desk) -> None:
    access = desk.load(
        SAMPLE,
        {
            **SECRET,
            "TEAMS_OPENID_METADATA_URL": "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
            "TEAMS_TOKEN_ISSUER": "https://api.botframework.us",
            "TEAMS_TOKEN_URL": "http://127.0.0.1:4000/token",
            "TEAMS_SERVICE_HOSTS": " Connector.example, 127.0.0.1:3978,[::1]:3978 ,,localhost",
        },
    ).teams

    assert access is not None
    assert access.openid_url == "https://login.botframework.azure.us/v1/.well-known/openidconfiguration"
    assert access.issuer == "https://api.botframework.us"
    assert access.token_url == "http://127.0.0.1:4000/token"
    assert access.service_hosts == {"connector.example", "127.0.0.1:3978", "[::1]:3978", "localhost"}


@pytest.mark.parametrize(
    ("left", "lacking"),
    [
        (("MICROSOFT_APP_ID",), "MICROSOFT_APP_PASSWORD and MICROSOFT_APP_TENANT_ID"),
        (("MICROSOFT_APP_ID", "MICROSOFT_APP_TENANT_ID"), "it needs MICROSOFT_APP_PASSWORD as well"),
        (("MICROSOFT_APP_PASSWORD", "MICROSOFT_APP_TENANT_ID"), "it needs MICROSOFT_APP_ID as well"),
    ],
)
def test_part_of_teams_stays_off_with_a_warning(desk: Desk, left: tuple[str, ...], lacking: str) -> None:
    settings = desk.load(SAMPLE, {name: SECRET[name] for name in left})

    (warning,) = settings.warnings
    assert settings.teams is None
    assert settings.teams_app_id == (APP_ID if "MICROSOFT_APP_ID" in left else "")
    assert "Teams stays off: " in warning
    assert lacking in warning


def test_a_managed_identity_lacks_no_secret(desk: Desk) -> None:
    (warning,) = desk.load(SAMPLE, {**IDENTITY, "MICROSOFT_APP_TENANT_ID": ""}).warnings

    assert "Teams stays off: it needs MICROSOFT_APP_TENANT_ID as well" in warning


def test_a_school_of_a_trust_is_told_of_its_own_variables(desk: Desk) -> None:
    text = SAMPLE + "teams: {app_id: HILL_ID, app_password: HILL_PASSWORD, app_tenant_id: HILL_TENANT}\n"

    settings = desk.load(text, {"HILL_ID": APP_ID, **SECRET})
    mistakes = desk.mistakes(text, {"HILL_ID": APP_ID, "HILL_TENANT": "hunter"})

    assert any("it needs HILL_PASSWORD and HILL_TENANT as well" in each for each in settings.warnings)
    assert [each for each in mistakes if "environment: HILL_TENANT: is not an id" in each]


WRONG = [
    ("MICROSOFT_APP_ID", "hunter", "is not an id; copy the Application (client) ID of the app registration"),
    ("MICROSOFT_APP_ID", f"{APP_ID}-hunter", "is not an id"),
    ("MICROSOFT_APP_TENANT_ID", "hunter.onmicrosoft.com", "is not an id; copy the Directory (tenant) ID"),
    ("MICROSOFT_APP_TYPE", "MultiTenant", "can't be made any more since 31 July 2025; make the bot as SingleTenant"),
    ("MICROSOFT_APP_TYPE", "hunter", "is not a type of bot; use SingleTenant or UserAssignedMSI"),
    ("TEAMS_OPENID_METADATA_URL", "hunter", "is not an address such as https://"),
    ("TEAMS_OPENID_METADATA_URL", "ftp://hunter.example", "is not an address"),
    ("TEAMS_OPENID_METADATA_URL", "http://hunter.example/keys", "begins with http://, which only"),
    ("TEAMS_OPENID_METADATA_URL", "https://hunter.example:0/", "is not an address"),
    ("TEAMS_TOKEN_ISSUER", "https://", "is not an address"),
    ("TEAMS_TOKEN_ISSUER", "https://me:hunter@login.example", "is not an address"),
    ("TEAMS_TOKEN_URL", "https://login.example/hunter?a=b", "is not an address"),
    ("TEAMS_TOKEN_URL", "https://[hunter/token", "is not an address"),
    ("TEAMS_TOKEN_URL", "http://127.0.0.1.hunter.example/", "begins with http://"),
    ("TEAMS_TOKEN_URL", "https://hunter example/", "is not an address"),
    *(
        ("TEAMS_SERVICE_HOSTS", hosts, "should be names of machines with commas between")
        for hosts in ("https://hunter.example", "*.hunter.example", "hunter.example/a", "a, hunter b", "hunter:99999",
                      "hunter:0", "hunter:x", ".hunter", "hunter..example", "[::hunter]", "me@hunter", "hünter")
    ),
]  # fmt: skip


@pytest.mark.parametrize(("variable", "value", "mistake"), WRONG)
def test_each_mistake_about_teams_names_its_variable_and_not_its_value(
    desk: Desk, variable: str, value: str, mistake: str
) -> None:
    (found,) = desk.mistakes(SAMPLE, {**SECRET, "MICROSOFT_APP_PASSWORD": "x", variable: value})

    assert found.startswith(f"environment: {variable}: ")
    assert mistake in found
    assert "hunter" not in found


def test_all_mistakes_about_teams_come_at_once(desk: Desk) -> None:
    environment = {variable: value for variable, value, _ in WRONG}

    mistakes = desk.mistakes(changed("GB-ENG", "FR"), environment)

    assert len(mistakes) == len(environment) + 1
    assert [each for each in environment if not any(f" {each}: " in mistake for mistake in mistakes)] == []


def test_addresses_are_not_judged_where_teams_is_not_used(desk: Desk) -> None:
    settings = desk.load(SAMPLE, {"TEAMS_TOKEN_URL": "nonsense", "TEAMS_SERVICE_HOSTS": "non sense"})

    assert (settings.teams, settings.warnings) == (None, ())


BOTH = {**SECRET, "SLACK_BOT_TOKEN": "b", "SLACK_SIGNING_SECRET": "s"}


@pytest.mark.parametrize(
    ("environment", "slt", "warnings"),
    [
        (SECRET, "{slack: C0}", ["slt has no teams id, so Teams shows SLT nothing to decide"]),
        (SECRET, f"{{teams: '{CHANNEL}'}}", []),
        (SECRET, f"{{slack: C0, teams: '{CHANNEL}'}}", []),
        (BOTH, "{slack: C0}", []),
        (BOTH, f"{{teams: '{CHANNEL}'}}", []),
        (BOTH, f"{{slack: C0, teams: '{CHANNEL}'}}", ["what SLT has to decide is shown in Slack's channel only"]),
        (BOTH, "{}", ["slt has no slack id, so Slack shows", "slt has no teams id, so Teams shows"]),
        ({}, "{}", []),
    ],
)
def test_slt_has_one_place_to_decide_in(desk: Desk, environment: dict[str, str], slt: str, warnings: list[str]) -> None:
    found = desk.load(f"{SAMPLE}channels: {{slt: {slt}}}\n", environment).warnings

    assert len(found) == len(warnings)
    assert [words for words, each in zip(warnings, found, strict=True) if words not in each] == []


def test_the_id_of_a_channel_is_not_taken_for_a_secret(desk: Desk) -> None:
    text = f"{SAMPLE}channels: {{slt: {{teams: '{CHANNEL}'}}}}  # from {LINK}\n"

    assert desk.load(text).channels["slt"].teams == CHANNEL
    assert desk.mistakes(f"{SAMPLE}# {HEX}@elsewhere\n") != ()


def test_the_readme_names_every_variable_and_no_other() -> None:
    named = re.compile(r"\b(?:SMPOLICY|SLACK|MICROSOFT|TEAMS)_[A-Z_]+\b")
    told = re.findall(r"^\| ((?:`[A-Z_]+`(?:, )?)+) \| .+ \|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)
    read = "".join(each.read_text(encoding="utf-8") for each in (ROOT / "bot" / "settings").glob("*.py"))

    assert set(named.findall(" ".join(told))) == set(named.findall(read))


# Everything else -------------------------------------------------------------------------------


def test_the_command_line_overrides_the_environment_which_overrides_the_file(desk: Desk) -> None:
    text = SAMPLE + "store: {url: 'tinydb:file'}\n"
    environment = {"SMPOLICY_STORE_URL": "tinydb:environment"}

    assert desk.load(text).store_url == "tinydb:file"
    assert desk.load(text, environment).store_url == "tinydb:environment"
    assert desk.load(text, environment, Path("line")).store_url == "tinydb:line"
    assert desk.load(text, {"SMPOLICY_STORE_URL": "postgresql://x"}, Path("line")).store_url == "tinydb:line"


def test_the_metrics_token_is_kept_and_not_shown(desk: Desk) -> None:
    settings = desk.load(SAMPLE, {"SMPOLICY_METRICS_TOKEN": "hunter", "SMPOLICY_LOG": "DEBUG"})

    assert settings.metrics_token == "hunter"
    assert settings.log_level == "debug"
    assert "hunter" not in repr(settings)


@pytest.mark.parametrize(
    ("old", "new", "warning"),
    [
        ("roles: [chair]", "roles: [dpo]", "app.yaml line 7: people: nobody has the role chair"),
        ('  lado: {phone: "2"}\n', "", "app.yaml line 15: contacts: lado is missing"),
        ('  dpo: {phone: "1"}\n', "", "app.yaml line 15: contacts: dpo is missing"),
        ("  social_care_out_of_hours:", "  social:", "contacts: social_care_out_of_hours is missing"),
        ('lado: {phone: "2"}', "lado: {name: L}", "app.yaml line 17: contacts.lado: has no phone, email or url"),
        ("contacts:", "settings: {slt_quorum: 3}\ncontacts:", "settings: asks for 3 votes, but there are 2 in SLT"),
        ("id: head", "id: head, left: 2027-07-21", "nobody has the role head after 2027-07-21, the last day of head"),
    ],
)
def test_a_warning_does_not_stop_the_start(desk: Desk, old: str, new: str, warning: str) -> None:
    (found,) = desk.load(changed(old, new)).warnings

    assert warning in found


def test_a_head_who_leaves_may_have_a_successor(desk: Desk) -> None:
    text = changed("  - {id: admin", "  - {id: old_head, roles: [slt, head], left: 2026-07-31}\n  - {id: admin")

    assert desk.load(text).warnings == ()


def test_a_role_that_a_group_holds_needs_nobody_listed(desk: Desk) -> None:
    text = SAMPLE.replace("[staff, slt]", "[staff]") + "roles: {slt: {slack_usergroup: S1}}\n"

    assert desk.load(text).duty.press == ()


def test_warnings_come_with_the_mistakes(desk: Desk) -> None:
    with pytest.raises(SettingsMistakes) as raised:
        desk.load(changed("GB-ENG", "FR").replace("roles: [chair]", "roles: [dpo]"))

    assert len(raised.value.mistakes) == 1
    assert len(raised.value.warnings) == 1
