"""app.yaml of a trust: many schools in one deployment, each with a file and secrets of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.settings.file import Entry, Findings, in_order, read_file, shown
from bot.settings.load import (
    SECTIONS,
    SettingsMistakes,
    read_log_level,
    read_metrics_token,
    read_settings,
    read_store_url,
    settings_of,
)
from bot.settings.shapes import Settings, StaffRule, TrustSettings

SCHOOLS = "schools"
_IN_EACH_FILE = tuple(name for name in SECTIONS if name != "store")


@dataclass(frozen=True, slots=True)
class _File:
    """One school's file, as far as it could be read."""

    findings: Findings
    root: Entry | None
    settings: Settings | None = field(repr=False)


def sections(path: Path) -> frozenset[str]:
    """Return the names that stand at the top of the file at *path*; none where it can't be read."""
    root = read_file(path, Findings(path.name))
    known = (*SECTIONS, SCHOOLS)
    return frozenset(name for name in known if root is not None and root.under(name).node is not None)


def load_deployment(
    path: Path, environment: Mapping[str, str], *, data: Path | None = None
) -> Settings | TrustSettings:  # fmt: skip
    """Return what the file at *path* and the *environment* say: of one school, or of a trust where it has `schools:`.

    Raises:
        SettingsMistakes: Something in any of the files can't be used; it carries everything that was found.
    """
    findings = Findings(path.name)
    root = read_file(path, findings)
    if root is None or root.under(SCHOOLS).node is None:
        return settings_of(root, findings, path.parent, environment, data)
    return _trust(root, findings, path, environment, data)


def _trust(
    root: Entry, findings: Findings, path: Path, environment: Mapping[str, str], data: Path | None
) -> TrustSettings:
    part = root.fields((*SECTIONS, SCHOOLS))
    for name in _IN_EACH_FILE:
        if part[name].node is not None:
            part[name].mistake("belongs into the file of each school, because this file names their files")
    url, log_level = read_store_url(part["store"], environment, data), read_log_level(environment, findings)
    files = [_read(file, name, path.name, url, environment) for name, file in _named(part[SCHOOLS], path.parent)]
    _check_ids(files)
    _check_variables(files, environment)
    _check_tenants(files)
    every = (findings, *(each.findings for each in files))
    mistakes, warnings = _together(each.mistakes for each in every), _together(each.warnings for each in every)
    schools = tuple(replace(each.settings, log_level=log_level) for each in files if each.settings is not None)
    if mistakes:
        raise SettingsMistakes(mistakes, warnings, schools)
    return TrustSettings(schools, url, log_level, read_metrics_token(environment), warnings)


def _together(found: Iterable[list[tuple[int, str]]]) -> tuple[str, ...]:
    """Return the sentences of all files, file by file; what is not any file's own stands once."""
    return tuple(dict.fromkeys(sentence for each in found for sentence in in_order(each)))


def _named(entry: Entry, folder: Path) -> Sequence[tuple[str, Path]]:
    """Return the schools' files, each with the name by which a person finds it from *folder*."""
    mistakes = len(entry.findings.mistakes)
    files = _listed(entry, folder) if entry.is_list else _in_folder(entry, folder)
    if not files and len(entry.findings.mistakes) == mistakes:
        entry.mistake("names no school; write a folder with a .yaml file for each school, or a list of such files")
    return files


def _listed(entry: Entry, folder: Path) -> Sequence[tuple[str, Path]]:
    found: dict[Path, str] = {}
    for item in entry.items():
        name = item.needed_words()
        file = (folder / name).resolve()
        if name and file in found:
            item.mistake(f"{shown(name)} is listed already")
        elif name:
            found[file] = name
    return [(name, file) for file, name in found.items()]


def _in_folder(entry: Entry, folder: Path) -> Sequence[tuple[str, Path]]:
    name = entry.words()
    if not name:
        return ()
    within = folder / name
    if not within.is_dir():
        entry.mistake(f"there is no folder {shown(name)}")
        return ()
    files = sorted(each for each in within.iterdir() if not each.name.startswith("."))
    for each in files:
        if each.suffix == ".yml":
            entry.warning(f"{each.name} is not read, because its name does not end in .yaml")
    return [(f"{name.rstrip('/')}/{each.name}", each) for each in files if each.suffix == ".yaml"]


def _read(file: Path, name: str, trust: str, store_url: str, environment: Mapping[str, str]) -> _File:
    findings = Findings(name)
    root = read_file(file, findings)

    def shared_store(entry: Entry) -> str:
        if entry.node is not None:
            entry.mistake(f"belongs into {trust}, because all schools share the store")
        return store_url

    return _File(findings, root, read_settings(root, file.parent, environment, shared_store) if root else None)


def _check_ids(files: Iterable[_File]) -> None:
    """Note which schools have the id of another: records are kept, and addresses made, by it."""
    first: dict[str, str] = {}
    for each in files:
        school = each.settings.school.id if each.settings else ""
        if each.root and school in first:
            each.root.under("school").under("id").mistake(f'"{school}" is taken by {first[school]}')
        elif school:
            first[school] = each.findings.file


def _check_variables(files: Iterable[_File], environment: Mapping[str, str]) -> None:
    """Note where two schools would be one bot: by a variable that both use, or by two that hold the same."""
    first: dict[str, tuple[str, str]] = {}  # The file and the variable in which a name or a value is met first.
    for each in files:
        for name, entry in each.findings.variables.items():
            value = environment.get(name, "").strip()
            by_name, by_value = first.get(f"name {name}"), first.get(f"value {value}")
            if by_name and by_name[0] != each.findings.file:
                suggested = f"{_capitals(each)}_{entry.path.rpartition('.')[2].upper()}"
                entry.mistake(f"{name} is {by_name[0]}'s as well; give each school its own, such as {suggested}")
            elif value and by_value and by_value[0] != each.findings.file:
                entry.mistake(f"{name} holds the same as {by_value[1]} of {by_value[0]}; each school has its own bot")
            first.setdefault(f"name {name}", (each.findings.file, name))
            first.setdefault(f"value {value}", (each.findings.file, name))


def _capitals(file: _File) -> str:
    school = file.settings.school.id if file.settings else ""
    return (school or "school").upper().replace("-", "_")


def _check_tenants(files: Iterable[_File]) -> None:
    """Warn where everybody of a tenant is staff, people of another school included."""
    tenants: dict[str, list[_File]] = {}
    for each in files:
        if each.settings and each.settings.teams:
            tenants.setdefault(each.settings.teams.tenant, []).append(each)
    for together in tenants.values():
        for each in together:
            others = [other.findings.file for other in together if other is not each]
            if others and each.root and each.settings and each.settings.staff is StaffRule.EVERYONE:
                each.root.under("staff").warning(
                    f"everyone of the tenant is staff here, and {others[0]} is in the same tenant; "
                    "write `staff: listed`, so that only the people of this file are"
                )
