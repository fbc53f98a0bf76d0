"""The app package: what Teams takes, made of what the features declare, and asking for no more than the bot needs."""

from __future__ import annotations

import io
import json
import re
import struct
import zlib
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import pytest
from jsonschema import Draft4Validator, Draft6Validator
from jsonschema.validators import extend

from bot.app import switchboard
from bot.platforms.teams import manifest as subject
from bot.platforms.teams.manifest import EXAMPLE_PAGE, ICONS, MOST_COMMANDS, PERMISSIONS, PROMPTS, manifest, package
from tests.setup.absence import request, without
from tests.setup.node import PLAYGROUND, SCHEMAS
from tests.simulator import ROOT

Json = Any
Pixel = tuple[int, ...]

APP_ID = "3f2c1a0e-9b8d-4c7e-8a61-5d4f3e2b1a09"
PAGE = "https://school.example/policy"
FEATURES = switchboard()
PUBLISHED = SCHEMAS / "node_modules" / "@microsoft" / "app-manifest" / "build" / "json-schemas" / "teams"


def made(url: str | None = None, version: str = "1.2.3", school: str = "Hill School") -> Json:
    return manifest(
        FEATURES.listed, FEATURES.shortcuts.values(), app_id=APP_ID, version=version, school=school, url=url
    )


@cache
def newest() -> Path:
    """Return the folder of the newest schema that Microsoft publishes."""
    if without("node"):
        pytest.skip("without npm packages, as was asked for")
    if not PUBLISHED.exists():
        pytest.fail(f"The npm packages of tests/schemas are missing: run make test, or say {request('node')}.")
    numbered = [each for each in PUBLISHED.iterdir() if re.fullmatch(r"v\d+\.\d+", each.name)]
    return max(numbered, key=lambda each: [int(part) for part in each.name[1:].split(".")])


def mistakes(document: Json) -> list[str]:
    """Return what Microsoft's schema says against *document*."""
    return [f"{error.json_path}: {error.message}" for error in _validator().iter_errors(document)]


@cache
def _validator() -> Draft4Validator:
    schema = json.loads((newest() / "MicrosoftTeams.schema.json").read_text(encoding="utf-8"))
    # It says which draft it follows, and uses a word of a later one for its own version.
    later = {"const": Draft6Validator.VALIDATORS["const"]}
    validator: Draft4Validator = extend(Draft4Validator, later)(schema)  # type: ignore[no-untyped-call]
    return validator


# What Teams takes ------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [None, PAGE])
@pytest.mark.parametrize("school", ["Hill School", "The Very Long Name of a Church of England School"])
def test_microsofts_newest_schema_takes_it(url: str | None, school: str) -> None:
    document = made(url, school=school)

    assert mistakes(document) == []
    assert f"v{document['manifestVersion']}" == newest().name
    assert f"/{newest().name}/" in document["$schema"]


PLANTED = {
    "a mistyped section": lambda document: document.update(composeExtension=[]),
    "a mistyped setting": lambda document: document["bots"][0].update(supportFiles=False),
    "an older version": lambda document: document.update(manifestVersion="1.29"),
    "no colour": lambda document: document.pop("accentColor"),
    "an id that is none": lambda document: document.update(id="smpolicy"),
    "a bot that is none": lambda document: document["bots"][0].update(botId="smpolicy"),
    "a page that is none": lambda document: document["developer"].update(privacyUrl="school.example"),
    "a developer of 33": lambda document: document["developer"].update(name="x" * 33),
    "a description of 81": lambda document: document["description"].update(short="x" * 81),
    "an unknown scope": lambda document: document["bots"][0]["scopes"].append("meeting"),
    "thirteen commands": lambda document: document["bots"][0]["commandLists"][0].update(commands=[{"title": "x"}] * 13),
    "a command of 129": lambda document: document["bots"][0]["commandLists"][0]["commands"][0].update(title="x" * 129),
    "an unknown kind": lambda document: document["bots"][0]["commandLists"][0]["commands"][0].update(type="ask"),
    "an unknown place": lambda document: document["composeExtensions"][0]["commands"][0].update(context=["chat"]),
    "a label of 33": lambda document: document["composeExtensions"][0]["commands"][0].update(title="x" * 33),
    "a summary of 129": lambda document: document["composeExtensions"][0]["commands"][0].update(description="x" * 129),
    "an unknown tier": lambda document: document.update(supportsChannelFeatures="tier9"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_each_mistake_planted_in_a_manifest_is_found(name: str) -> None:
    document = made()

    PLANTED[name](document)

    assert mistakes(document) != []


def test_it_is_one_bot_for_people_teams_and_chats() -> None:
    (bot,), (extension,) = made()["bots"], made()["composeExtensions"]

    assert made()["id"] == bot["botId"] == extension["botId"] == made()["webApplicationInfo"]["id"] == APP_ID
    assert bot["scopes"] == ["personal", "team", "groupChat"]
    assert bot["isNotificationOnly"] is bot["supportsFiles"] is False
    assert made()["defaultInstallScope"] == "personal"
    assert made()["supportsChannelFeatures"] == "tier1"


# What the features declare ---------------------------------------------------------------------


def test_every_listed_command_is_offered_everywhere_with_reporting_first() -> None:
    personal, shared = made()["bots"][0]["commandLists"]

    basic = [each for each in personal["commands"] if each["type"] == "basic"]
    assert basic == shared["commands"] == personal["commands"][: len(basic)]
    assert [each["title"] for each in basic] == [entry.name for entry in FEATURES.listed]
    assert basic[0]["title"] == "report"
    for entry, each in zip(FEATURES.listed, basic, strict=True):
        assert each["description"].startswith(entry.summary)
        assert entry.usage in each["description"]
    assert (personal["scopes"], shared["scopes"]) == (["personal"], ["team", "groupChat"])


def test_people_new_to_it_are_given_something_to_ask() -> None:
    personal, shared = made()["bots"][0]["commandLists"]

    prompts = [each for each in personal["commands"] if each["type"] == "prompt"]
    room = MOST_COMMANDS - len(FEATURES.listed)
    assert [(each["title"], each["prompt"]) for each in prompts] == list(PROMPTS[:room]) != []
    assert not [each for each in shared["commands"] if each["type"] == "prompt"]


def test_every_shortcut_is_offered_where_it_belongs() -> None:
    offered = {each["id"]: each for each in made()["composeExtensions"][0]["commands"] if each["type"] == "action"}

    assert set(offered) == set(FEATURES.shortcuts) != set()
    for name, entry in FEATURES.shortcuts.items():
        assert (offered[name]["title"], offered[name]["description"]) == (entry.label, entry.summary)
        assert offered[name]["context"] == (["message"] if entry.about_message else ["compose", "commandBox"])
        assert offered[name]["fetchTask"] is True
    assert ["message"] in [each["context"] for each in offered.values()]


def test_the_policy_can_be_searched_from_where_one_writes() -> None:
    (search,) = (each for each in made()["composeExtensions"][0]["commands"] if each["type"] == "query")

    assert (search["id"], search["initialRun"]) == ("policy", True)
    assert search["context"] == ["compose", "commandBox"]
    assert [parameter["name"] for parameter in search["parameters"]] == ["question"]


# What it asks for ------------------------------------------------------------------------------


def test_it_asks_for_the_rights_that_have_a_reason_and_for_none_on_behalf_of_a_person() -> None:
    rights = made()["authorization"]["permissions"]["resourceSpecific"]

    assert rights == [{"name": name, "type": "Application"} for name in PERMISSIONS]
    assert made()["permissions"] == []
    assert all(PERMISSIONS.values())


def test_the_readme_gives_the_same_reasons() -> None:
    rows = re.findall(r"^\| `(\w+\.\w+\.Group)` \| (.+) \|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)

    assert dict(rows) == PERMISSIONS


def test_the_readme_takes_the_playground_that_the_tests_take() -> None:
    wanted = json.loads((PLAYGROUND / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    ((name, version),) = wanted.items()

    assert f"npx {name}@{version} " in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_same_page_tells_of_help_privacy_and_terms() -> None:
    own, example = made(PAGE), made()

    assert set(own["developer"].values()) == {"Hill School", PAGE}
    assert own["validDomains"] == ["school.example"]
    assert set(example["developer"].values()) == {"Hill School", EXAMPLE_PAGE}
    assert example["validDomains"] == []


@pytest.mark.parametrize(
    ("url", "page", "domain"),
    [
        ("https://school.example", "https://school.example", "school.example"),
        ("HTTPS://School.Example:8443/A?b=c", "https://school.example:8443/A?b=c", "school.example:8443"),
        (" https://school.example/x\n", "https://school.example/x", "school.example"),
    ],
)
def test_a_page_may_have_a_port_and_a_path(url: str, page: str, domain: str) -> None:
    assert made(url)["developer"]["websiteUrl"] == page
    assert made(url)["validDomains"] == [domain]


REFUSED = (
    *("", "school.example", "http://school.example", "ftp://school.example", "https://", "javascript:alert(1)"),
    *("https://me:secret@school.example", "https://me@school.example", "https://school example", "https://[school"),
    *("https://school.example:99999", "https://localhost", "https://127.0.0.1:8080", "https://[::1]", "https://a_b"),
    f"https://school.example/{'x' * 2048}",
)


@pytest.mark.parametrize("url", REFUSED)
def test_a_page_that_nobody_could_open_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(ValueError, match="“") as refused:
        made(url)

    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 250


@pytest.mark.parametrize("version", ["", "1", "1.2", "v1.2.3", "1.2.3.4", "01.2.3", "1.2.3-beta", "1.2.٣", "1.2.3\n"])
def test_a_version_that_teams_would_not_take_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="is not a version"):
        made(version=version)


# The package -----------------------------------------------------------------------------------


def test_the_package_holds_the_manifest_and_the_icons_and_nothing_else() -> None:
    document = made(PAGE)

    with ZipFile(io.BytesIO(package(document))) as archive:
        assert archive.namelist() == ["manifest.json", "color.png", "outline.png"]
        assert json.loads(archive.read("manifest.json")) == document
        assert archive.testzip() is None
        assert {each.compress_type for each in archive.infolist()} == {ZIP_STORED}
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.read(document["icons"]["color"]) == icon("color.png")
        assert archive.read(document["icons"]["outline"]) == icon("outline.png")


def test_the_same_manifest_makes_the_same_bytes() -> None:
    assert package(made(PAGE)) == package(made(PAGE))
    assert package(made(PAGE)) != package(made(PAGE, version="1.2.4"))


def test_the_icons_come_with_the_program() -> None:
    shipped = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert '"bot.platforms.teams" = ["*.png"]' in shipped
    assert sorted(each.name for each in Path(subject.__file__).parent.glob("*.png")) == sorted(ICONS)


def test_the_colour_icon_is_a_full_square_with_its_motif_in_the_middle() -> None:
    pixels = read_png(icon("color.png"))

    assert (len(pixels), len(pixels[0])) == (192, 192)
    assert {len(pixel) for row in pixels for pixel in row} == {3}, "it must not be transparent"
    background = bytes.fromhex(made()["accentColor"].removeprefix("#"))
    drawn = [(x, y) for y, row in enumerate(pixels) for x, pixel in enumerate(row) if bytes(pixel) != background]
    assert drawn
    assert all(36 <= x < 156 and 36 <= y < 156 for x, y in drawn)


def test_the_outline_icon_is_white_on_nothing() -> None:
    pixels = read_png(icon("outline.png"))

    assert (len(pixels), len(pixels[0])) == (32, 32)
    assert {pixel[:3] for row in pixels for pixel in row} == {(255, 255, 255)}
    opaqueness = [pixel[3] for row in pixels for pixel in row]
    assert opaqueness.count(255) > 50
    assert opaqueness.count(0) > 500
    assert {pixels[y][x][3] for x in (0, 31) for y in (0, 31)} == {0}


def icon(name: str) -> bytes:
    """Return one of the icons as the program carries it."""
    return (Path(subject.__file__).parent / name).read_bytes()


def read_png(content: bytes) -> list[list[Pixel]]:
    """Return the pixels of a PNG with eight bits a colour, row by row: three numbers each, four with transparency."""
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    chunks = dict(png_chunks(content))
    width, height, depth, kind, *plain = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, plain) == (8, [0, 0, 0])
    size = {2: 3, 6: 4}[kind]
    raw, rows, above = zlib.decompress(chunks[b"IDAT"]), [], bytes(width * size)
    for start in range(0, height * (width * size + 1), width * size + 1):
        above = unfiltered(raw[start], raw[start + 1 : start + 1 + width * size], above, size)
        rows.append([tuple(above[at : at + size]) for at in range(0, len(above), size)])
    return rows


def png_chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    """Return kind and content of each part of a PNG, whose check sums have to fit."""
    found, at = [], 8
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        assert struct.unpack(">I", content[at + 8 + length : at + 12 + length]) == (zlib.crc32(kind + data),)
        found.append((kind, data))
        at += 12 + length
    return found


def unfiltered(kind: int, line: bytes, above: bytes, size: int) -> bytes:
    """Return *line* with what its filter left out put back, from what stands left of it and *above*."""
    made = bytearray()
    for at, value in enumerate(line):
        left, corner = (made[at - size], above[at - size]) if at >= size else (0, 0)
        nearest = min((left, above[at], corner), key=lambda each: abs(left + above[at] - corner - each))
        made.append((value + (0, left, above[at], (left + above[at]) // 2, nearest)[kind]) & 255)
    return bytes(made)
