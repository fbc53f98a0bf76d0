"""What a school's settings are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.domain.bank_holidays import working_week
from bot.domain.calendar import Holiday, WorkingWeek
from bot.domain.office import Contact
from bot.domain.people import Person, Role


class StaffRule(StrEnum):
    """Who counts as staff: every full member of the workspace or tenant, or only people that are listed."""

    EVERYONE = "everyone"
    LISTED = "listed"


@dataclass(frozen=True, slots=True)
class School:
    """The school itself.

    Attributes:
        aliases: Other names that it goes by.
        country: One of GB-ENG, GB-SCT, GB-WLS and GB-NIR; says which bank holidays are kept.
        out_of_hours: What to do at night, at weekends and in the holidays; never blank.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    timezone: ZoneInfo
    country: str
    day_start: time
    day_end: time
    holidays: tuple[Holiday, ...]
    out_of_hours: str

    @property
    def week(self) -> WorkingWeek:
        """The working time of the school."""
        return working_week(
            self.timezone,
            self.country,
            start=self.day_start,
            end=self.day_end,
            school_holidays=self.holidays,
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """A person of app.yaml, with their ids on the platforms and when to reach them, "" where not given."""

    person: Person
    slack: str = ""
    teams: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class RoleSource:
    """Ids of groups whose members hold a role besides the people listed with it, "" where there is none."""

    slack_usergroup: str = ""
    slack_channel: str = ""
    teams_team: str = ""
    teams_channel: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """A place by name, and its id on each platform, "" where it is not there."""

    slack: str = ""
    teams: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """Ids of the members of SLT who are tried in turn, and how many minutes each has.

    Attributes:
        press: For a journalist.
        safety: The duty SLT of incidents.
    """

    press: tuple[str, ...]
    safety: tuple[str, ...]
    minutes: int


@dataclass(frozen=True, slots=True)
class SchoolValues:
    """First values of what SLT may change; once changed, the store's value holds.

    Attributes:
        slt_quorum: Votes of SLT that decide an application (G1).
        draft_days: Days that an unfinished form is kept.
        remind_days: Working days until whoever has to decide is reminded; a school target.
        escalate_days: Working days until others are told that a decision waits; a school target.
        unopened_minutes: Minutes until a report that nobody has opened is announced again.
        exception_review_days: Days until an exception that SLT granted is looked at again (G7).
        gap_days: Days that a question which the policy did not answer is kept for SLT.
        weekend_relief: Whether a query of a weekend is due on the next working day (MON-3).
        end_of_working_day: Taken from the school's working day.
    """

    slt_quorum: int = 2
    draft_days: int = 30
    remind_days: int = 1
    escalate_days: int = 3
    unopened_minutes: int = 30
    exception_review_days: int = 30
    gap_days: int = 180
    weekend_relief: bool = True
    end_of_working_day: time = time(17)


@dataclass(frozen=True, slots=True)
class SlackAccess:
    """The secrets of one workspace, from the environment.

    Attributes:
        signing_secret: Proves that a request comes from Slack; "" with Socket Mode, which needs none.
        app_token: Opens Socket Mode; "" where Slack calls over HTTP.
        api_url: Where the Web API is; ends in a slash.
    """

    bot_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    app_token: str = field(repr=False)
    api_url: str


class TeamsAppType(StrEnum):
    """How the bot proves to Microsoft who it is: by a secret, or by the identity of the machine in Azure."""

    SINGLE_TENANT = "SingleTenant"
    MANAGED_IDENTITY = "UserAssignedMSI"


@dataclass(frozen=True, slots=True)
class TeamsAccess:
    """What the Teams edge needs, from the environment; the defaults are those of Microsoft's public cloud.

    Attributes:
        app_id: The bot's id in Microsoft Entra, or "" where nobody has to prove anything: only with `--local`.
        app_password: The bot's secret; "" with a managed identity.
        tenant: The id of the school's tenant.
        openid_url: Where the keys of incoming tokens are told.
        issuer: Who issues incoming tokens.
        token_url: Where the bot gets its own tokens.
        service_hosts: Further hosts that may be called back, in small letters.
    """

    app_id: str = ""
    app_password: str = field(default="", repr=False)
    tenant: str = ""
    app_type: TeamsAppType = TeamsAppType.SINGLE_TENANT
    openid_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    issuer: str = "https://api.botframework.com"
    token_url: str = ""
    service_hosts: frozenset[str] = frozenset()

    @property
    def authenticated(self) -> bool:
        """Tell whether whoever calls has to prove that they are Microsoft."""
        return bool(self.app_id)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that app.yaml and the environment say, free of mistakes.

    Attributes:
        roles: Where a role is also held by a group.
        channels: By name, such as `slt`.
        contacts: By name, such as `dpo` and `lado`.
        texts: By name, such as `holding_words`.
        store_url: `tinydb:FOLDER` or `postgresql://…`.
        log_level: `debug`, `info`, `warning` or `error`.
        metrics_token: The bearer token for /metrics, or "" where only loopback may read them.
        slack: What the Slack edge needs, or None where it stays off.
        teams: What the Teams edge needs, or None where it stays off.
        teams_app_id: The bot's id in Microsoft Entra, even where Teams stays off for want of something else, or "".
        policy_text: The folder of the school's policy, or None for the one that comes with the program.
        warnings: What a person should look at, though the bot can start.
    """

    school: School
    staff: StaffRule
    people: tuple[Listed, ...]
    roles: Mapping[Role, RoleSource]
    channels: Mapping[str, Channel]
    contacts: Mapping[str, Contact]
    duty: Duty
    texts: Mapping[str, str]
    values: SchoolValues
    store_url: str
    log_level: str = "info"
    metrics_token: str = field(default="", repr=False)
    slack: SlackAccess | None = None
    teams: TeamsAccess | None = None
    teams_app_id: str = ""
    policy_text: Path | None = None
    warnings: tuple[str, ...] = ()

    @property
    def persons(self) -> tuple[Person, ...]:
        """The people, without their ids on the platforms, in app.yaml's order."""
        return tuple(listed.person for listed in self.people)


@dataclass(frozen=True, slots=True)
class TrustSettings:
    """Everything that the files of a trust of schools and the environment say, free of mistakes.

    Attributes:
        schools: In the order of their files, no two with one id; each has the trust's store, log level and token.
    """

    schools: tuple[Settings, ...]
    store_url: str
    log_level: str = "info"
    metrics_token: str = field(default="", repr=False)
    warnings: tuple[str, ...] = ()
