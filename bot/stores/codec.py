"""Records as JSON documents and back, by the type hints of their dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from operator import attrgetter
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
    """Return *record* as it would be read from *document*, which was made of it and may have a newer version.

    Only what may differ is read: where a hint allows anything, a tuple comes back as a list and nothing is shared.
    """
    kind = type(record)
    if kind not in _rebuilding:
        _rebuilding[kind] = _Rebuilding.of(kind)
    return cast(T, _rebuilding[kind].rebuilt(record, document))


@dataclass(frozen=True, slots=True)
class _Rebuilding:
    """How a record of one kind is made anew; `dataclasses.replace` would do, at four times the cost.

    Attributes:
        names: The fields that make a record.
        values: Gives their values, as a tuple.
        loose: Those that have to be read.
    """

    kind: type
    names: tuple[str, ...]
    values: Callable[[object], tuple[Any, ...]]
    loose: tuple[tuple[str, Codec], ...]

    @classmethod
    def of(cls, kind: type) -> _Rebuilding:
        """Return how records of *kind* are made anew."""
        hints = get_type_hints(kind)
        names = tuple(each.name for each in fields(kind) if each.init)
        loose = tuple((name, _codec(hints[name])) for name in names if _is_loose(hints[name], frozenset()))
        # With one name alone it would give the value, and no tuple.
        return cls(kind, names, attrgetter(*names, "__class__"), loose)

    def rebuilt(self, record: object, document: Document) -> object:
        """Return *record* with what *document* has in its place."""
        values = dict(zip(self.names, self.values(record), strict=False))
        if "version" in values:
            values["version"] = document["version"]
        for name, codec in self.loose:
            values[name] = codec.read(document[name])
        return self.kind(**values)


_rebuilding: dict[type, _Rebuilding] = {}


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
        return _collection(tuple, _codec(members[0]), _as_they_come)
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
    writers: list[tuple[str, frozenset[type], Callable[[Any], Json]]] = []

    def write(record: object) -> Document:
        if type(record) is not kind:
            raise Misfit(f"should be a {kind.__name__}")
        document, name = {}, ""
        try:
            for name, same, code in writers:
                value = getattr(record, name)
                document[name] = value if type(value) in same else code(value)
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
                    value = document[name]
                    values[name] = value if type(value) in codec.same else codec.read(value)
                elif needed:
                    raise Misfit("is missing and has no default")
        except Misfit as misfit:
            raise misfit.within(name) from None
        return kind(**values)

    # Known before its fields are, because a field may hold the same kind again.
    codec = _known[kind] = Codec(write, read, kind, dict)
    try:
        plan.extend(_plan(kind))
        writers.extend((name, codec.same, codec.write) for name, codec, _ in plan)
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

    return Codec(write, read, object, object, frozenset().union(*(member.same for member in members)))


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


def _collection(kind: type, member: Codec, ordered: Callable[[list[Json]], list[Json]]) -> Codec:
    same = member.same

    def write(values: Any) -> Json:
        if not isinstance(values, kind):
            raise Misfit(f"should be a {kind.__name__}")
        return ordered([each if type(each) in same else member.write(each) for each in cast("Iterable[Any]", values)])

    def read(values: Json) -> Any:
        if type(values) is not list:
            raise Misfit(f"should be a {kind.__name__}")
        return kind([value if type(value) in same else member.read(value) for value in values])

    return Codec(write, read, kind, list)


def _as_they_come(values: list[Json]) -> list[Json]:
    return values


def _sorted(values: list[Json]) -> list[Json]:
    """Give a set one order, so that the same record is the same document."""
    return sorted(values, key=repr)


def _mapping(name: Codec, member: Codec) -> Codec:
    if name.mark is not str:
        raise TypeError(f"JSON has no names of type {name.value.__name__}.")

    def write(values: Any) -> Json:
        if not isinstance(values, Mapping):
            raise Misfit("should be a mapping")
        return {
            key if type(key) in name.same else name.write(key): (
                value if type(value) in member.same else member.write(value)
            )
            for key, value in values.items()
        }

    def read(values: Json) -> Any:
        if type(values) is not dict:
            raise Misfit("should be a mapping")
        return {name.read(key): member.read(value) for key, value in values.items()}

    return Codec(write, read, Mapping, dict)
