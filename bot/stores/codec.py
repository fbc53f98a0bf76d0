"""Records as JSON documents and back, by the type hints of their dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from enum import StrEnum
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from bot.conversation.events import Json
from bot.stores.values import ANYTHING, VALUES, Codec, Misfit, member_of

Document = dict[str, Json]
T = TypeVar("T")


class CodecError(ValueError):
    """A record and its document don't fit; says which kind, id and field, but never what stands there."""

    def __init__(self, kind: str, id: object, field: str, reason: str) -> None:
        super().__init__(f"{kind} {id!r}, field {field!r} {reason}.")
        self.kind = kind
        self.id = id
        self.field = field


def encode(record: object) -> Document:
    """Return the document of *record*, which shares nothing changeable with it.

    Raises:
        CodecError: A value is not of its hinted type, and so could not be read back.
        TypeError: The class has a hint that there is no way to store.
    """
    kind = type(record)
    try:
        return cast(Document, _codec(kind).write(record))
    except Misfit as misfit:
        raise CodecError(kind.__name__, getattr(record, "id", None), misfit.path, misfit.reason) from None


def decode(kind: type[T], document: Document) -> T:
    """Return the record of *document*: unknown fields are ignored, missing ones take their default.

    Raises:
        CodecError: A field is missing and has no default, or is not of its hinted type.
        TypeError: The class has a hint that there is no way to store.
    """
    try:
        return cast(T, _codec(kind).read(document))
    except Misfit as misfit:
        raise CodecError(kind.__name__, document.get("id"), misfit.path, misfit.reason) from None


def as_read(record: T, document: Document) -> T:
    """Return *record* as it would be read from *document*, which was made of it.

    Only what may differ is read: where a hint allows anything, a tuple comes back as a list and nothing is shared.
    """
    kind = type(record)
    if kind not in _loose:
        hints = get_type_hints(kind)
        names = [
            each.name for each in fields(cast(Any, kind)) if each.init and _is_loose(hints[each.name], frozenset())
        ]
        _loose[kind] = tuple((name, _codec(hints[name])) for name in names)
    values: Any = {name: codec.read(document[name]) for name, codec in _loose[kind]}
    return cast(T, replace(cast(Any, record), **values)) if values else record


_loose: dict[type, tuple[tuple[str, Codec], ...]] = {}


def _is_loose(hint: Any, within: frozenset[Any]) -> bool:
    """Tell whether a value of *hint* may come back as another one that is equal, or changeable."""
    if hint in within:
        return False
    if hint is Any or get_origin(hint) is Mapping:
        return True
    if isinstance(hint, type) and is_dataclass(hint):
        return any(_is_loose(member, within | {hint}) for member in get_type_hints(hint).values())
    return any(_is_loose(member, within | {hint}) for member in get_args(hint))


_known: dict[Any, Codec] = dict(VALUES)


def _codec(hint: Any) -> Codec:
    if hint not in _known:
        _known[hint] = _compiled(hint)
    return _known[hint]


def _compiled(hint: Any) -> Codec:
    origin, members = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _union([_codec(member) for member in members])
    if origin is tuple and len(members) == 2 and members[1] is Ellipsis:
        return _collection(tuple, _codec(members[0]), list)
    if origin is frozenset:
        return _collection(frozenset, _codec(members[0]), _sorted)
    if origin is Mapping:
        return _mapping(_codec(members[0]), _codec(members[1]))
    if isinstance(hint, type) and is_dataclass(hint):
        return _dataclass(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return member_of(hint)
    raise TypeError(f"There is no way to store a {hint}.")


def _dataclass(kind: type) -> Codec:
    plan: list[tuple[str, Codec, bool]] = []

    def write(record: object) -> Document:
        if type(record) is not kind:
            raise Misfit(f"should be a {kind.__name__}")
        document, name = {}, ""
        try:
            for name, codec, _ in plan:
                document[name] = codec.write(getattr(record, name))
        except Misfit as misfit:
            raise misfit.within(name) from None
        return document

    def read(document: Json) -> object:
        if type(document) is not dict:
            raise Misfit(f"should be a {kind.__name__}")
        values, name = {}, ""
        try:
            for name, codec, needed in plan:
                if name in document:
                    values[name] = codec.read(document[name])
                elif needed:
                    raise Misfit("is missing and has no default")
        except Misfit as misfit:
            raise misfit.within(name) from None
        return kind(**values)

    # Known before its fields are, because a field may hold the same kind again.
    codec = _known[kind] = Codec(write, read, kind, dict)
    try:
        plan.extend(_plan(kind))
    except BaseException:
        del _known[kind]
        raise
    return codec


def _plan(kind: type) -> Iterable[tuple[str, Codec, bool]]:
    """Yield name, codec, and whether a value is needed, of each field."""
    hints = get_type_hints(kind)
    for field in (field for field in fields(kind) if field.init):
        needed = field.default is MISSING and field.default_factory is MISSING
        yield field.name, _codec(hints[field.name]), needed


def _union(members: list[Codec]) -> Codec:
    if ANYTHING in members:
        return ANYTHING
    if sum(is_dataclass(member.value) for member in members) > 1:
        members = [_tagged(member) if is_dataclass(member.value) else member for member in members]
    by_value = {member.value: member for member in members}
    by_mark = {member.mark: member for member in members}
    tagged = any(isinstance(mark, str) for mark in by_mark)
    if len(by_mark) < len(members) or (tagged and dict in by_mark):
        names = " | ".join(member.value.__name__ for member in members)
        raise TypeError(f"The members of {names} look alike in JSON.")

    def write(value: Any) -> Json:
        alike = (member for member in members if isinstance(value, member.value))
        return (by_value.get(type(value)) or next(alike, _NEITHER)).write(value)

    def read(value: Json) -> Any:
        tag = next(iter(value)) if tagged and type(value) is dict and len(value) == 1 else type(value)
        return by_mark.get(tag, _NEITHER).read(value)

    return Codec(write, read, object, object)


def _tagged(member: Codec) -> Codec:
    name = member.value.__name__

    def write(value: Any) -> Json:
        return {name: member.write(value)}

    def read(value: Json) -> Any:
        return member.read(value[name])

    return Codec(write, read, member.value, name)


def _refuse(value: Any) -> Any:
    raise Misfit("is of none of its types")


_NEITHER = Codec(_refuse, _refuse, object, object)


def _collection(kind: type, member: Codec, ordered: Callable[[Iterable[Json]], list[Json]]) -> Codec:
    def write(values: Any) -> Json:
        if not isinstance(values, kind):
            raise Misfit(f"should be a {kind.__name__}")
        return ordered(member.write(value) for value in cast(Iterable[Any], values))

    def read(values: Json) -> Any:
        if type(values) is not list:
            raise Misfit(f"should be a {kind.__name__}")
        return kind(map(member.read, values))

    return Codec(write, read, kind, list)


def _sorted(values: Iterable[Json]) -> list[Json]:
    """Give a set one order, so that the same record is the same document."""
    return sorted(values, key=repr)


def _mapping(name: Codec, member: Codec) -> Codec:
    if name.mark is not str:
        raise TypeError(f"JSON has no names of type {name.value.__name__}.")

    def write(values: Any) -> Json:
        if not isinstance(values, Mapping):
            raise Misfit("should be a mapping")
        return {name.write(key): member.write(value) for key, value in values.items()}

    def read(values: Json) -> Any:
        if type(values) is not dict:
            raise Misfit("should be a mapping")
        return {name.read(key): member.read(value) for key, value in values.items()}

    return Codec(write, read, Mapping, dict)
