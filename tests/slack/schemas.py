"""What Slack takes: its own published types as JSON schemas, the models of its Python package, and its limits."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from tests.setup.absence import request, without
from tests.setup.node import NODE, SCHEMAS
from tests.slack.limits import beyond

Json = Any
Kind = Literal["message", "modal", "home", "manifest"]

GENERATOR = SCHEMAS / "node_modules" / "ts-json-schema-generator" / "bin" / "ts-json-schema-generator.js"
SOURCES = ("documents.ts", "tsconfig.json", "package-lock.json")
# npm empties this folder whenever the packages change.
MADE = SCHEMAS / "node_modules" / ".cache"
ADVICE = f"The npm packages of tests/schemas are missing: run make test, or do without them: {request('node')}."
# Slack takes these, but the newest of its types do not know them yet; what they know by now, a test says.
AHEAD_SCOPES = ("assistant:write",)
AHEAD_BUTTON = {"visible_to_user_ids": {"type": "array", "items": {"type": "string"}}}
# Where the schemas say which values of `type` the branches of an `anyOf` take, in their order.
TYPES = "x-types"


def mistakes(kind: Kind, document: Json) -> list[str]:
    """Return what is wrong with a *document* of this *kind*, as sentences that begin with the place."""
    wrong = [sentence for error in _validator(kind).iter_errors(document) for sentence in _told(error)]
    # The models and the limits can only be asked about a document of the right structure.
    if not wrong:
        wrong = [*beyond(kind, document), *_refused_by_model(kind, document)]
    return list(dict.fromkeys(wrong))


def _refused_by_model(kind: Kind, document: Json) -> Iterator[str]:
    """Yield what the models of Slack's Python package say; they stop at the first."""
    try:
        if kind in ("modal", "home"):
            View(**deepcopy(document)).to_dict()
        for block in Block.parse_all(deepcopy(document.get("blocks", []))):
            block.to_dict()
    except SlackObjectFormationError as error:
        yield f"slack_sdk: {error}"


@cache
def published() -> dict[str, Json]:
    """Return the schemas of Slack's types as they are, by name: made once for each set of packages."""
    if without("node"):
        pytest.skip("without npm packages, as was asked for")
    if not GENERATOR.exists():
        pytest.fail(ADVICE)
    sources = b"".join((SCHEMAS / name).read_bytes() for name in SOURCES)
    made = MADE / f"{hashlib.sha256(sources).hexdigest()[:16]}.json"
    if not made.exists():
        _generate(made)
    definitions: dict[str, Json] = json.loads(made.read_text(encoding="utf-8"))["definitions"]
    return definitions


def _generate(made: Path) -> None:
    """Write the schemas; whole or not at all, as other tests may be reading."""
    MADE.mkdir(exist_ok=True)
    partial = made.with_suffix(f".{os.getpid()}")
    told = ["--path", SOURCES[0], "--tsconfig", SOURCES[1], "--type", "*", "--out", partial]
    command = [str(word) for word in (NODE, GENERATOR, *told)]
    done = subprocess.run(command, cwd=SCHEMAS, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"no schemas could be made from Slack's types: {done.stderr}")
    partial.replace(made)


@cache
def _validator(kind: Kind) -> Draft7Validator:
    definitions = deepcopy(published())
    definitions["Button"]["properties"] |= AHEAD_BUTTON
    scopes = definitions["Manifest"]["properties"]["oauth_config"]["properties"]["scopes"]["properties"]
    scopes["bot"]["items"]["enum"] += AHEAD_SCOPES
    _note_types(definitions, definitions)
    schema = {"$ref": f"#/definitions/{kind.capitalize()}", "definitions": definitions}
    validator: Draft7Validator = extend(Draft7Validator, {"anyOf": _any_of})(schema)  # type: ignore[no-untyped-call]
    return validator


def _note_types(schema: Json, definitions: Json) -> None:
    """Write beside each `anyOf` in *schema* which values of `type` its branches take."""
    if isinstance(schema, dict) and isinstance(schema.get("anyOf"), list):
        schema[TYPES] = [_types(each, definitions) for each in schema["anyOf"]]
    for each in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        _note_types(each, definitions)


def _types(branch: Json, definitions: Json) -> list[str] | None:
    """Return the values of `type` that an object needs to be taken by *branch*, None where it may have any or none."""
    if "$ref" in branch:
        return _types(definitions[branch["$ref"].removeprefix("#/definitions/")], definitions)
    if "anyOf" in branch:
        inner = [_types(each, definitions) for each in branch["anyOf"]]
        return None if None in inner else [name for each in inner for name in each or ()]
    told = branch.get("properties", {}).get("type", {}) if "type" in branch.get("required", ()) else {}
    return [told["const"]] if "const" in told else told.get("enum")


def _any_of(
    validator: Draft7Validator, branches: Sequence[Json], instance: Json, schema: Json
) -> Iterator[ValidationError]:  # fmt: skip
    """Yield an error where no branch takes *instance*; only those that take its `type` are tried.

    The others refuse it anyhow, and trying a block as each of the thirty that Slack knows takes its time.
    """
    named = instance.get("type") if isinstance(instance, dict) else None
    types = schema.get(TYPES) or [None] * len(branches)
    numbered = list(zip(range(len(branches)), branches, types, strict=True))
    meant = [each for each in numbered if each[2] is None or named in each[2]]
    against = []
    for number, branch, _ in meant or numbered:
        found = list(validator.descend(instance, branch, schema_path=number))
        if not found:
            return
        against += found
    yield ValidationError("nothing that Slack takes here", context=against)


def _told(error: ValidationError) -> Iterator[str]:
    """Yield *error* in words; where Slack takes one of several things, of the one that was meant."""
    meant = [errors for errors in _branches(error) if not any(map(_is_other_type, errors))]
    if meant:
        for each in min(meant, key=len):
            yield from _told(each)
    else:
        yield f"{error.json_path}: {error.message[:300]}"


def _is_other_type(error: ValidationError) -> bool:
    """Return whether *error* only says that the document has the `type` of something else."""
    if error.context:
        return not error.relative_path and all(any(map(_is_other_type, errors)) for errors in _branches(error))
    return list(error.relative_path) == ["type"]


def _branches(error: ValidationError) -> list[list[ValidationError]]:
    """Return what speaks against each of the several things that might have been meant."""
    branches: dict[Json, list[ValidationError]] = {}
    for each in error.context or ():
        branches.setdefault(each.relative_schema_path[0], []).append(each)
    return list(branches.values())
