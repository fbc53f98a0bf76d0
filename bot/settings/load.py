"""app.yaml and the environment, read into frozen Settings; all mistakes are reported at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from bot.settings.file import Entry, Findings, either, in_order, read_file, shown
from bot.settings.people import (
    check_both_ids,
    check_groups_of_both,
    check_holders,
    check_quorum,
    read_duty,
    read_people,
    read_sources,
)
from bot.settings.school import read_channels, read_contacts, read_school, read_texts, read_values
from bot.settings.shapes import Channel, Settings, SlackAccess, StaffRule
from bot.settings.teams import read_teams
from bot.settings.variables import renamed

__all__ = ["Settings", "SettingsMistakes", "load_settings"]

SECTIONS = (
    *("school", "staff", "people", "roles", "channels", "contacts", "duty", "texts", "settings"),
    *("policy", "store", "slack", "teams"),
)
LOG_LEVELS = ("debug", "info", "warning", "error")
STORE_URL = "tinydb:data"
SLACK_API_URL = "https://slack.com/api/"
SLACK = {
    "signing_secret": "SLACK_SIGNING_SECRET",
    "bot_token": "SLACK_BOT_TOKEN",
    "app_token": "SLACK_APP_TOKEN",
}
_URL = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?")


class SettingsMistakes(ValueError):
    """The settings can't be used; *mistakes* says where and why.

    Attributes:
        warnings: What else was seen.
        read: What could be read of each school all the same, to look at its policy's text.
    """

    def __init__(
        self, mistakes: tuple[str, ...], warnings: tuple[str, ...] = (), read: tuple[Settings, ...] = ()
    ) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes
        self.warnings = warnings
        self.read = read


def load_settings(path: Path, environment: Mapping[str, str], *, data: Path | None = None) -> Settings:
    """Return what the file at *path* and the *environment* say; *data* overrides where the store is.

    Raises:
        SettingsMistakes: Something in them can't be used; it carries everything that was found.
    """
    findings = Findings(path.name)
    return settings_of(read_file(path, findings), findings, path.parent, environment, data)


def settings_of(
    root: Entry | None, findings: Findings, folder: Path, environment: Mapping[str, str], data: Path | None
) -> Settings:
    """Return what *root*, the whole of a school's file in *folder*, says; raises as `load_settings` does."""
    log_level = read_log_level(environment, findings)
    settings = None
    if root is not None:
        settings = read_settings(root, folder, environment, lambda store: read_store_url(store, environment, data))
    mistakes, warnings = in_order(findings.mistakes), in_order(findings.warnings)
    if settings is None or mistakes:
        raise SettingsMistakes(mistakes, warnings, (settings,) if settings else ())
    return replace(settings, log_level=log_level, warnings=warnings)


def read_settings(
    root: Entry, folder: Path, environment: Mapping[str, str], store_url: Callable[[Entry], str]
) -> Settings:
    """Return one school's settings, with mistakes noted and read as defaults; *store_url* reads the store's section."""
    part = root.fields(SECTIONS)
    school = read_school(part["school"])
    people = read_people(part["people"])
    sources = read_sources(part["roles"])
    values = read_values(part["settings"], school.day_end)
    check_holders(part["people"], people, sources)
    check_quorum(part["settings"], values.slt_quorum, people, sources)
    channels, slack = read_channels(part["channels"]), _slack(part["slack"], environment)
    teams_app_id, teams = read_teams(part["teams"], environment)
    _check_slt(part["channels"], channels.get("slt", Channel()), slack=slack is not None, teams=teams is not None)
    if slack is not None and teams is not None:
        check_both_ids(part["people"], people)
        check_groups_of_both(part["roles"], sources)
    return Settings(
        school=school,
        staff=part["staff"].choice(StaffRule, "a rule for who is staff", StaffRule.EVERYONE),
        people=people,
        roles=sources,
        channels=channels,
        contacts=read_contacts(part["contacts"]),
        duty=read_duty(part["duty"], people),
        texts=read_texts(part["texts"]),
        values=values,
        store_url=store_url(part["store"]),
        metrics_token=read_metrics_token(environment),
        slack=slack,
        teams=teams,
        teams_app_id=teams_app_id,
        policy_text=_policy_text(part["policy"], folder),
    )


def read_metrics_token(environment: Mapping[str, str]) -> str:
    """Return the token for the metrics, or ""."""
    return _set(environment, "SMPOLICY_METRICS_TOKEN")


def _check_slt(entry: Entry, slt: Channel, *, slack: bool, teams: bool) -> None:
    """Warn where SLT would be shown nothing to decide, or only in one of two channels."""
    on = [name for name, configured in (("Slack", slack), ("Teams", teams)) if configured]
    with_id = [name for name in on if getattr(slt, name.lower())]
    if not with_id:
        for name in on:
            entry.warning(f"slt has no {name.lower()} id, so {name} shows SLT nothing to decide")
    if len(with_id) > 1:
        entry.warning("slt has a slack id and a teams id; what SLT has to decide is shown in Slack's channel only")


def _set(environment: Mapping[str, str], variable: str) -> str:
    return environment.get(variable, "").strip()


def read_log_level(environment: Mapping[str, str], findings: Findings) -> str:
    """Return from which level on the log is written."""
    level = _set(environment, "SMPOLICY_LOG").lower() or "info"
    if level not in LOG_LEVELS:
        findings.environment_mistake("SMPOLICY_LOG", f"{shown(level)} is not a log level; use {either(LOG_LEVELS)}")
    return level


def read_store_url(section: Entry, environment: Mapping[str, str], data: Path | None) -> str:
    """Return the store of *data*, else of the environment, else of the file; judge only what counts."""
    written = section.fields(("url",))["url"]
    url = written.words(STORE_URL)
    if data is not None:
        return f"tinydb:{data}"
    if from_environment := _set(environment, "SMPOLICY_STORE_URL"):
        if wrong := _no_store(from_environment):
            section.findings.environment_mistake("SMPOLICY_STORE_URL", wrong)
        return from_environment
    if wrong := _no_store(url):
        written.mistake(wrong)
    return url


def _no_store(url: str) -> str:
    """Return why *url* is not a store, or ""; the url may hold a password, so it is not repeated."""
    scheme, _, rest = url.partition(":")
    is_store = rest.strip() if scheme == "tinydb" else scheme in ("postgresql", "postgres") and rest.startswith("//")
    return "" if is_store else "is not a store; use tinydb:FOLDER or postgresql://USER@HOST/DATABASE"


def _policy_text(entry: Entry, folder: Path) -> Path | None:
    written = entry.needed_words() if entry.present else ""
    if not written:
        return None
    found = (folder / written).resolve()
    if not found.is_dir():
        entry.mistake(f"there is no folder {shown(written)}; it should hold policy.md, asks.yaml and guidance.yaml")
        return None
    return found


def _slack(section: Entry, environment: Mapping[str, str]) -> SlackAccess | None:
    found = {key: each.value for key, each in renamed(section, SLACK, environment).items() if each.value}
    if "bot_token" in found and ("signing_secret" in found or "app_token" in found):
        url = _api_url(section, environment)
        return SlackAccess(found["bot_token"], found.get("signing_secret", ""), found.get("app_token", ""), url)
    if found:
        section.warning("Slack stays off: it needs a bot token, and a signing secret or an app token")
    return None


def _api_url(section: Entry, environment: Mapping[str, str]) -> str:
    url = _set(environment, "SLACK_API_URL") or SLACK_API_URL
    if not _URL.fullmatch(url):
        section.findings.environment_mistake("SLACK_API_URL", "is not an address such as https://slack.com/api/")
    return url if url.endswith("/") else f"{url}/"
