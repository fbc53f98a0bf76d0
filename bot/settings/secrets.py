"""Secrets that somebody wrote into app.yaml: found, so that they are refused and never repeated."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

SENTENCE = "a secret in the file: put it in the environment"

_KEY = re.compile(r"(?:^|[_-])(?:token|secret|password|passwd|passphrase)$", re.IGNORECASE)
_VALUE = re.compile(
    r"xox[a-z]-|xapp-"  # Slack's tokens
    r"|(?<![0-9a-f])[0-9a-f]{32,}(?![0-9a-f]|(?:@|%40)thread\.)"  # Slack's signing secrets, not channels of Teams
    r"|[\w~.]{3}\dQ~[\w~.-]{31,34}"  # Microsoft's client secrets
    r"|://[^/\s:@]*:[^/\s@]+@",  # a password within an address
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
# Here a school of a trust says which variables hold its secrets.
_NAMES_VARIABLES = ("slack.", "teams.")


def looks_secret(text: str) -> bool:
    """Tell whether *text* holds something that belongs in the environment."""
    return _VALUE.search(text) is not None


def holds_secret(key: str, value: yaml.Node) -> bool:
    """Tell whether *key* promises a secret and something is written after it."""
    return _KEY.search(key) is not None and isinstance(value, yaml.ScalarNode) and bool(value.value.strip())


def secret_places(root: yaml.Node, text: str) -> Iterator[tuple[int, str]]:
    """Return line and dotted path of each secret in *text*, whose tree is *root*; comments have no path."""
    seen: set[int] = set()
    for first, last, path in _in_tree(root, "", set()):
        seen.update(range(first, last + 1))
        yield first, path
    for number, line in enumerate(text.splitlines(), 1):
        if number not in seen and looks_secret(line):
            yield number, ""


def _in_tree(node: yaml.Node, path: str, visited: set[int]) -> Iterator[tuple[int, int, str]]:
    # An alias is the very node that it names, so that a tree may bite its own tail.
    if id(node) in visited:
        return
    visited.add(id(node))
    if isinstance(node, yaml.ScalarNode) and looks_secret(node.value):
        yield _first(node), _last(node), path
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _in_tree(item, f"{path}[{index}]", visited)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _in_pair(key, value, path, visited)


def _in_pair(key: yaml.Node, value: yaml.Node, path: str, visited: set[int]) -> Iterator[tuple[int, int, str]]:
    name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
    under = joined(path, name)
    if looks_secret(name) or (holds_secret(name, value) and not _names_variable(under, value)):
        yield _first(key), _last(value), under
    else:
        yield from _in_tree(value, under, visited)


def joined(path: str, name: str) -> str:
    """Return the dotted path of *name* under *path*."""
    shown = "…" if looks_secret(name) else name
    return f"{path}.{shown}" if path else shown


def _names_variable(path: str, value: yaml.Node) -> bool:
    return path.startswith(_NAMES_VARIABLES) and _VARIABLE.fullmatch(value.value) is not None


def _first(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _last(node: yaml.Node) -> int:
    return int(node.end_mark.line) + 1
