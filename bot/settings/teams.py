"""What the environment says of Teams: who the bot is there, and whom it believes."""

from __future__ import annotations

from collections.abc import Mapping

from bot.settings.addresses import is_host, why_no_address
from bot.settings.file import Entry, either
from bot.settings.shapes import TeamsAccess, TeamsAppType
from bot.settings.teams_ids import is_guid
from bot.settings.variables import Variable, renamed, variable

TEAMS = {
    "app_id": "MICROSOFT_APP_ID",
    "app_password": "MICROSOFT_APP_PASSWORD",
    "app_tenant_id": "MICROSOFT_APP_TENANT_ID",
    "app_type": "MICROSOFT_APP_TYPE",
}
# Schools of one trust may share these two.
SHARED = ("app_tenant_id", "app_type")
OPENID_URL = "TEAMS_OPENID_METADATA_URL"
ISSUER = "TEAMS_TOKEN_ISSUER"
TOKEN_URL = "TEAMS_TOKEN_URL"
SERVICE_HOSTS = "TEAMS_SERVICE_HOSTS"
# Microsoft has not let anybody make one since 31 July 2025.
MULTI_TENANT = "multitenant"
_PUBLIC = TeamsAccess()


def read_teams(section: Entry, environment: Mapping[str, str]) -> tuple[str, TeamsAccess | None]:
    """Return the bot's app id, "" where none is set, and what the edge needs, or None where it stays off."""
    own = renamed(section, TEAMS, environment, SHARED)
    if not any(each.value for each in own.values()):
        return "", None
    app_id = _entra_id(own["app_id"], "the Application (client) ID")
    kind = _app_type(own["app_type"])
    proof = "" if kind is TeamsAppType.MANAGED_IDENTITY else own["app_password"].value
    openid_url, issuer, token_url, hosts = (
        variable(name, environment, section.findings) for name in (OPENID_URL, ISSUER, TOKEN_URL, SERVICE_HOSTS)
    )
    access = TeamsAccess(
        app_id=app_id,
        app_password=proof,
        tenant=_entra_id(own["app_tenant_id"], "the Directory (tenant) ID"),
        app_type=kind,
        openid_url=_address(openid_url) or _PUBLIC.openid_url,
        issuer=_address(issuer) or _PUBLIC.issuer,
        token_url=_address(token_url),
        service_hosts=_hosts(hosts),
    )
    needed = {"app_id", "app_tenant_id"} | ({"app_password"} if kind is TeamsAppType.SINGLE_TENANT else set())
    lacking = [own[key].name for key in TEAMS if key in needed and not own[key].value]
    if lacking:
        section.warning(f"Teams stays off: it needs {either(lacking, 'and')} as well")
    return app_id, None if lacking else access


def _entra_id(written: Variable, title: str) -> str:
    """Return the id in small letters, as Microsoft's tokens have it."""
    if written.value and not is_guid(written.value):
        written.mistake(f"is not an id; copy {title} of the app registration in Microsoft Entra")
    return written.value.lower()


def _app_type(written: Variable) -> TeamsAppType:
    types = {each.lower(): each for each in TeamsAppType}
    named = written.value.lower() or TeamsAppType.SINGLE_TENANT.lower()
    if named == MULTI_TENANT:
        written.mistake(
            "bots of the type MultiTenant can't be made any more since 31 July 2025; "
            "make the bot as SingleTenant, and say SingleTenant here"
        )
    elif named not in types:
        written.mistake(f"is not a type of bot; use {either(TeamsAppType)}")
    return types.get(named, TeamsAppType.SINGLE_TENANT)


def _address(written: Variable) -> str:
    if written.value and (wrong := why_no_address(written.value)):
        written.mistake(wrong)
    return written.value


def _hosts(written: Variable) -> frozenset[str]:
    hosts = frozenset(host for each in written.value.split(",") if (host := each.strip().lower()))
    if not all(is_host(host) for host in hosts):
        written.mistake(
            "should be names of machines with commas between, such as connector.example or 127.0.0.1:3978, "
            "without https:// and without a path"
        )
    return hosts
