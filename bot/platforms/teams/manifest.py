"""The app package: what a school uploads to Teams, made from what the features declare."""

from __future__ import annotations

import io
import json
import re
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit
from zipfile import ZipFile, ZipInfo

from bot.conversation.events import Json
from bot.platforms.guard import is_loopback
from bot.routing import CommandEntry, ShortcutEntry

MANIFEST_VERSION = "1.30"
SCHEMA = f"https://developer.microsoft.com/en-us/json-schemas/teams/v{MANIFEST_VERSION}/MicrosoftTeams.schema.json"
ICONS = ("color.png", "outline.png")
SEARCH = "policy"
QUESTION = "question"
# Teams wants a page about the app, but asks nothing of it; this one is reserved for examples.
EXAMPLE_PAGE = "https://www.example.com"
MOST_COMMANDS = 12

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "ChannelMember.Read.Group": (
            "know who is in a channel where it was added: who holds a role by being in SLT's, and who is a guest"
        ),
    }
)
"""Each right that the bot asks for in a team, and what it is for; it asks for none on behalf of a person."""

PROMPTS = (
    ("May I name the school?", "May I name the school in a post?"),
    ("A pupil wants to follow me", "A pupil wants to follow my own account. What does the policy say?"),
    ("A photo of our team", "Can I put a photo of our team on my own page?"),
)
"""What people new to the bot may begin with: what they see, and what is sent for them."""

SHORT_DESCRIPTION = "Ask what the social media policy says, report something, apply for an account."
FULL_DESCRIPTION = (
    "Answers questions in the words of the school's social media policy, with the number of the clause, and says whom "
    "to ask where the policy says nothing. Takes reports of incidents in confidence, applications for new accounts "
    "and calls from journalists, and tells the people who have to know. Decisions are made by people. It takes no "
    "images, and nobody watches it round the clock: if somebody is in danger, phone 999."
)
COLOUR = "#145c60"

_VERSION = re.compile(r"(?:0|[1-9]\d{0,8})(?:\.(?:0|[1-9]\d{0,8})){2}", re.ASCII)
# The same whenever it is made, so that two packages can be compared.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def manifest(
    commands: Iterable[CommandEntry],
    shortcuts: Iterable[ShortcutEntry],
    *,
    app_id: str,
    version: str,
    school: str,
    url: str | None = None,
) -> dict[str, Json]:
    """Return the manifest of *school*'s app, in which *url* is the page that tells people about it.

    Raises:
        ValueError: Teams would not take *url* or *version*; the message says why.
    """
    if not _VERSION.fullmatch(version):
        raise ValueError(f"“{version}” is not a version; give three numbers, such as 1.0.0")
    page, domains = (EXAMPLE_PAGE, []) if url is None else _page(" ".join(url.split()))
    return {
        "$schema": SCHEMA,
        "manifestVersion": MANIFEST_VERSION,
        "version": version,
        "id": app_id,
        "developer": {
            "name": textwrap.shorten(school, 32, placeholder="…"),
            "websiteUrl": page,
            "privacyUrl": page,
            "termsOfUseUrl": page,
        },
        "name": {"short": "smpolicy", "full": "smpolicy, the social media policy at work"},
        "description": {"short": SHORT_DESCRIPTION, "full": FULL_DESCRIPTION},
        "icons": {"color": ICONS[0], "outline": ICONS[1]},
        "accentColor": COLOUR,
        "bots": [_bot(tuple(commands), app_id)],
        "composeExtensions": [{"botId": app_id, "commands": [*map(_action, shortcuts), _search()]}],
        "defaultInstallScope": "personal",
        # Without it the app can't be added to a private channel, as SLT's is.
        "supportsChannelFeatures": "tier1",
        "permissions": [],
        "validDomains": domains,
        # Whom the permissions are given to. Teams wants a resource here and makes no use of it.
        "webApplicationInfo": {"id": app_id, "resource": "https://RscBasedStoreApp"},
        "authorization": {
            "permissions": {"resourceSpecific": [{"name": name, "type": "Application"} for name in PERMISSIONS]}
        },
    }


def package(made: Mapping[str, Json]) -> bytes:
    """Return the zip that is uploaded: the manifest *made* and both icons, the same bytes each time."""
    folder = Path(__file__).parent
    text = f"{json.dumps(made, indent=2, ensure_ascii=False)}\n"
    files = {"manifest.json": text.encode(), **{name: (folder / name).read_bytes() for name in ICONS}}
    written = io.BytesIO()
    with ZipFile(written, "w") as archive:
        for name, content in files.items():
            entry = ZipInfo(name, _LONG_AGO)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return written.getvalue()


def _bot(commands: tuple[CommandEntry, ...], app_id: str) -> dict[str, Json]:
    listed = [_command(entry) for entry in commands]
    prompts = [{"type": "prompt", "title": title, "prompt": prompt} for title, prompt in PROMPTS]
    return {
        "botId": app_id,
        "scopes": ["personal", "team", "groupChat"],
        "isNotificationOnly": False,
        "supportsCalling": False,
        "supportsVideo": False,
        "supportsFiles": False,
        "commandLists": [
            {"scopes": ["personal"], "commands": [*listed, *prompts[: max(0, MOST_COMMANDS - len(listed))]]},
            {"scopes": ["team", "groupChat"], "commands": listed},
        ],
    }


def _command(entry: CommandEntry) -> dict[str, Json]:
    usage = f": {entry.name} {entry.usage}" if entry.usage else ""
    return {"type": "basic", "title": entry.name, "description": f"{entry.summary}{usage}"}


def _action(entry: ShortcutEntry) -> dict[str, Json]:
    return {
        "id": entry.name,
        "type": "action",
        "title": entry.label,
        "description": entry.summary,
        "context": ["message"] if entry.about_message else ["compose", "commandBox"],
        "fetchTask": True,
    }


def _search() -> dict[str, Json]:
    return {
        "id": SEARCH,
        "type": "query",
        "title": "Search the policy",
        "description": "Find what the social media policy says, and share the clause",
        "context": ["compose", "commandBox"],
        "initialRun": True,
        "parameters": [
            {
                "name": QUESTION,
                "title": "Question",
                "description": "What you want to know, in your own words",
                "inputType": "text",
            }
        ],
    }


def _page(url: str) -> tuple[str, list[str]]:
    """Return the address of the page about the app, and the one domain that it is on."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"“{url}” is not an address; give one such as https://school.example/policy") from None
    if parts.scheme != "https":
        raise ValueError(f"“{url}” does not begin with https://, and Teams takes nothing else")
    if not re.fullmatch(r"[a-z0-9.:-]+", host) or re.search(r"[ \\]", url):
        raise ValueError(f"“{url}” has no name of a machine; give an address such as https://school.example/policy")
    if parts.username is not None or len(url) > 2048:
        raise ValueError(f"“{url[:100]}” holds a name of somebody, or is too long; give the address of a page")
    if is_loopback(host) or host.endswith(".localhost"):
        raise ValueError(f"“{url}” is this machine alone; give a page that everybody at school can open")
    shown = f"[{host}]" if ":" in host else host
    domain = f"{shown}{f':{port}' if port else ''}"
    return parts._replace(scheme="https", netloc=domain).geturl(), [domain]
