"""A field of a form as elements of a card: what is asked, in the input that suits its kind, with what is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from bot.conversation.cards import Bold, Tone, line, notice
from bot.conversation.events import Json
from bot.conversation.fields import LONGEST_NAME, Choice, Choices, Day, Field, Moment, Number, People, Text, YesNo
from bot.conversation.forms import FormPage, ShownField
from bot.domain.office import Office
from bot.platforms.literal import cleaned, size
from bot.platforms.teams.body import body, small_print
from bot.platforms.teams.choices import marked_options, numbered_options, options, people, people_listed

OTHER = "--other"
NAMES = "--names"
TIME = "--time"
LONGEST_INPUT = 10_000


@dataclass(frozen=True, slots=True)
class Known:
    """What a page of a form is drawn with.

    Attributes:
        entered: Input id to what was typed there last, where it has to be mended; else nothing.
        lists_people: Whether people can be chosen from a list; where they can't, their names are typed.
    """

    office: Office
    entered: Mapping[str, Json] = field(default_factory=dict)
    lists_people: bool = True


def field_elements(shown: ShownField, known: Known) -> list[Json]:
    """Return the question with its input; an answer that no input can show has none, and is kept as it is."""
    wrong = body((notice(Tone.URGENT, shown.error),)) if shown.error else []
    if is_kept(shown):
        return [*wrong, *_kept(shown)]
    inputs = _inputs(shown, known)
    hint = _hint(shown.field, inputs)
    return [*wrong, *marked_options(shown.field), *inputs, *([small_print(hint)] if hint else [])]


def is_kept(shown: ShownField) -> bool:
    """Tell whether the answer that is known is more than an input takes."""
    match shown.field, shown.value:
        case Text(), str(words):
            return size(words) > LONGEST_INPUT
        case People(), [*named]:
            return size(", ".join(map(str, named))) > LONGEST_INPUT
        case _:
            return False


def input_ids(field: Field) -> tuple[str, ...]:
    """Return the ids of the inputs that *field* may have, the one with its own name first."""
    match field:
        case People():
            return (field.name, field.name + NAMES)
        case Choice(other=True):
            return (field.name, field.name + OTHER)
        case Moment():
            return (field.name, field.name + TIME)
        case _:
            return (field.name,)


def asks(page: FormPage, values: Mapping[str, Json]) -> bool:
    """Tell whether *values* answer anything of *page*."""
    return any(id in values for shown in page.fields for id in input_ids(shown.field))


def _kept(shown: ShownField) -> list[Json]:
    """Return the question without an input: whatever stood in one would be all that is left of the answer."""
    is_long = isinstance(shown.field, Text)
    why = (
        f"has {len(shown.value):,} characters, which is more than this page can show" if is_long else "has no room here"
    )
    note = f"Your answer {why}. It is kept as it is; answer in chat to change it."
    return body((line(Bold(shown.field.prompt)), line(note)))


def _inputs(shown: ShownField, known: Known) -> list[Json]:
    field = shown.field
    match field:
        case People():
            return _people(field, shown.value or (), known)
        case Choice(other=True):
            return _choice_or_words(field, shown.value, known)
        case Choice() | YesNo() | Choices():
            return [_input("ChoiceSet", field, **options(field, _standing(field, shown.value, known)))]
        case Number():
            # With bounds, Microsoft's client would take an empty input for one below them, and hold up both buttons.
            return [_input("Number", field, **_value(_number(_standing(field, shown.value, known))))]
        case Day():
            return [_input("Date", field, **_value(_day(_standing(field, shown.value, known))))]
        case Moment():
            return _moment(field, shown.value, known)
        case _:
            most = field.at_most if isinstance(field, Text) else LONGEST_INPUT
            return [_input("Text", field, **_words(_standing(field, shown.value, known), most, field.kind))]


def _standing(field: Field, value: Json, known: Known) -> str:
    """Return what stands in the input: what was typed last, else the answer that is known."""
    if known.entered:
        return _typed(known.entered, field.name)
    numbers = {words: str(number) for number, words in numbered_options(field)}
    match field:
        case YesNo():
            return "" if value is None else "1" if value else "2"
        case Choice():
            return numbers.get(value, "")
        case Choices():
            return ",".join(numbers[each] for each in value or () if each in numbers)
        case _:
            return "" if value is None else str(value)


def _typed(entered: Mapping[str, Json], id: str) -> str:
    value = entered.get(id)
    text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    return text if size(text) <= LONGEST_INPUT else ""


def _words(value: str, at_most: int, kind: str = "text") -> dict[str, Json]:
    lines = cleaned(value)
    words = lines if kind == "multiline" else lines.replace("\n", " ")
    multiline = {"isMultiline": True} if kind == "multiline" else {}
    return {**multiline, "maxLength": min(LONGEST_INPUT, max(at_most, size(words))), **_value(words)}


def _choice_or_words(field: Choice, value: Json, known: Known) -> list[Json]:
    own = value if isinstance(value, str) and value not in field.options else ""
    own = _typed(known.entered, field.name + OTHER) if known.entered else own
    first = _input("ChoiceSet", field, **options(field, _standing(field, value, known)))
    return [first, _second(field.name + OTHER, "Or in your own words", _words(own, LONGEST_NAME))]


def _moment(field: Moment, value: Json, known: Known) -> list[Json]:
    at = datetime.fromisoformat(value).astimezone(known.office.now.tzinfo) if value else None
    day, clock = (at.date().isoformat(), f"{at:%H:%M}") if at else ("", "")
    if known.entered:
        day, clock = _typed(known.entered, field.name), _typed(known.entered, field.name + TIME)
    return [
        _input("Date", field, **_value(_day(day))),
        {
            **_input("Time", field, **_value(_clock(clock))),
            "id": field.name + TIME,
            "label": "At what time?",
        },
    ]


def _people(field: People, value: Sequence[str], known: Known) -> list[Json]:
    office = known.office
    listed = people_listed(office) if known.lists_people else []
    ids = {each.id for each in listed}
    chosen, names = value, ""
    if known.entered:
        chosen = [each for each in _typed(known.entered, field.name).split(",") if office.person(each)]
        names = _typed(known.entered, field.name + NAMES)
    # Whoever is not in the list any more is named.
    names = ", ".join([*(office.name(each) for each in chosen if each not in ids), *([names] if names else [])])
    if not listed:
        return [{**_input("Text", field, **_words(names, LONGEST_INPUT)), "id": field.name + NAMES}]
    picker = _input("ChoiceSet", field, **people(listed, (each for each in chosen if each in ids)))
    if not names and not _may_be_unlisted(field, ids, office):
        return [picker]
    return [
        picker,
        _second(field.name + NAMES, "Or names, with commas between them", _words(names, LONGEST_INPUT)),
    ]


def _may_be_unlisted(field: People, ids: set[str], office: Office) -> bool:
    nameable = (each for each in office.people if field.leavers or not each.has_left(office.today))
    return field.outsiders or any(each.id not in ids for each in nameable)


def _input(kind: str, field: Field, **more: Json) -> Json:
    # A required input would hold up the button that leads into the chat, and what was typed would be lost on the way.
    label = f"{field.prompt} (optional)" if field.optional else field.prompt
    return {"type": f"Input.{kind}", "id": field.name, "label": cleaned(label), **more}


def _second(id: str, label: str, words: Mapping[str, Json]) -> Json:
    """Return a second input for a field, which never has to be filled in: the field itself says what is missing."""
    return {"type": "Input.Text", "id": id, "label": label, **words}


def _hint(field: Field, inputs: Sequence[Json]) -> str:
    """Return the small print below the *inputs* of a field."""
    in_two = len(inputs) == 2 and not isinstance(field, Moment)
    by_name = inputs[0]["id"].endswith(NAMES)
    longer = isinstance(field, Text) and field.at_most > LONGEST_INPUT
    words = " ".join(
        part
        for part in (
            field.hint if by_name else field.help,
            "One of the two is enough." if in_two else "",
            f"There is room for {LONGEST_INPUT:,} characters here; in chat there is more." if longer else "",
        )
        if part
    )
    if not field.clause:
        return words
    return f"{words} ({field.clause})" if words else f"Policy: {field.clause}"


def _value(value: Json) -> dict[str, Json]:
    return {} if value in ("", None) else {"value": value}


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _clock(text: str) -> str:
    try:
        return f"{time.fromisoformat(text):%H:%M}"
    except ValueError:
        return ""
