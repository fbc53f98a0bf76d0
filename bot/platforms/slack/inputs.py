"""A field of a form as blocks: what is asked, in the element that suits its kind, with what is known so far."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.conversation.cards import Bold, Tone, line, notice
from bot.conversation.events import Json
from bot.conversation.fields import LONGEST_NAME, MOST_PEOPLE, Choice, Field, Moment, Number, People, Text
from bot.conversation.forms import ShownField
from bot.domain.office import Office
from bot.platforms.literal import cleaned, size
from bot.platforms.slack.buttons import Seats, fits_label, label_of
from bot.platforms.slack.literal import LABEL, plain_text
from bot.platforms.slack.rich_text import body, numbered

OTHER = "--other"
NAMES = "--names"
WORDS = "words"
LONGEST_INPUT = 3_000
_LONGEST_LABEL = 2_000
_FEW = 10
_MOMENTS = range(10**9, 10**10)  # Slack takes ten digits of seconds: from 2001 to 2286


def field_blocks(shown: ShownField, office: Office, seats: Seats) -> list[Json]:
    """Return the question with its input; *office* and *seats* tell who can be chosen from Slack's own list.

    An answer that no input can show has none, and is kept as it is.
    """
    wrong = body((notice(Tone.WARNING, shown.error),)) if shown.error else []
    if _is_beyond_inputs(shown):
        return [*wrong, *_kept(shown)]
    options = [(number, str(each)) for number, each in enumerate(shown.field.options, start=1)]
    long = [each for each in options if not fits_label(each[1])]
    return [*wrong, *numbered(long, f"{shown.field.name}--options"), *_inputs(shown, office, seats)]


def _is_beyond_inputs(shown: ShownField) -> bool:
    """Tell whether the answer that is known is more than an input takes."""
    match shown.field, shown.value:
        case Text(), str(words):
            return size(words) > LONGEST_INPUT
        case People(), [*named]:
            return size(", ".join(named)) > LONGEST_INPUT
        case Moment(), str(at):
            return _seconds(at) not in _MOMENTS
        case _:
            return False


def _kept(shown: ShownField) -> list[Json]:
    """Return the question without an input: whatever stood in one would be all that is left of the answer."""
    is_long = isinstance(shown.field, Text)
    why = (
        f"has {len(shown.value):,} characters, which is more than this page can show" if is_long else "has no room here"
    )
    note = f"Your answer {why}. It is kept as it is; answer in chat to change it."
    return body((line(Bold(shown.field.prompt), "\n", note),))


def _inputs(shown: ShownField, office: Office, seats: Seats) -> list[Json]:
    field, value = shown.field, shown.value
    match field.kind:
        case "choice" if isinstance(field, Choice) and field.other:
            return _choice_or_words(field, value)
        case "choice":
            return [_input(field, _one_of(field, value), optional=field.optional)]
        case "yes_no":
            chosen = None if value is None else field.options[0 if value else 1]
            return [_input(field, _one_of(field, chosen), optional=field.optional)]
        case "people":
            return _people(field, value or (), office, seats)
        case _:
            return [_input(field, _element(field, value), optional=field.optional)]


def _element(field: Field, value: Json) -> Json:
    match field.kind:
        case "choices":
            return _some_of(field, value or ())
        case "number" if isinstance(field, Number):
            bounds = {"min_value": str(field.lowest), "max_value": str(field.highest)}
            known = {} if value is None else {"initial_value": str(value)}
            return {"type": "number_input", "is_decimal_allowed": False, **bounds, **known}
        case "day":
            return {"type": "datepicker", **({"initial_date": value} if value else {})}
        case "moment":
            at = {"initial_date_time": _seconds(value)} if value else {}
            return {"type": "datetimepicker", **at}
        case _:
            return _words(value or "", field.at_most if isinstance(field, Text) else LONGEST_INPUT, field.kind)


def _words(value: str, at_most: int, kind: str = "text") -> Json:
    words = cleaned(value)
    known = {"initial_value": words} if words else {}
    room = min(LONGEST_INPUT, max(at_most, size(words)))
    return {"type": "plain_text_input", "multiline": kind == "multiline", "max_length": room, **known}


def _one_of(field: Field, value: Json) -> Json:
    options = _options(field)
    known = [option for option, each in zip(options, field.options, strict=True) if each == value]
    kind = "radio_buttons" if _is_short(field) else "static_select"
    return {"type": kind, "options": options, **({"initial_option": known[0]} if known else {})}


def _some_of(field: Field, value: Sequence[Json]) -> Json:
    options = _options(field)
    known = [option for option, each in zip(options, field.options, strict=True) if each in value]
    kind = "checkboxes" if _is_short(field) else "multi_static_select"
    return {"type": kind, "options": options, **({"initial_options": known} if known else {})}


def _options(field: Field) -> list[Json]:
    """Return the options, each with its number as value, because their own words may be too long for one."""
    return [
        {"text": plain_text(label_of(str(each), number + 1), LABEL), "value": str(number)}
        for number, each in enumerate(field.options)
    ]


def _is_short(field: Field) -> bool:
    return len(field.options) <= _FEW and all(fits_label(str(each)) for each in field.options)


def _choice_or_words(field: Field, value: Json) -> list[Json]:
    own = value if isinstance(value, str) and value not in field.options else ""
    return [
        _input(field, _one_of(field, value), optional=True),
        _second(field.name + OTHER, "Or in your own words", _words(own, LONGEST_NAME)),
    ]


def _people(field: Field, value: Sequence[str], office: Office, seats: Seats) -> list[Json]:
    chosen = [seat for each in value if (seat := seats(each))]
    rest = [office.name(each) for each in value if not seats(each)]
    select = {"type": "multi_users_select", "max_selected_items": MOST_PEOPLE}
    select |= {"initial_users": chosen} if chosen else {}
    if not rest and not _may_lack_seat(field, office, seats):
        return [_input(field, select, optional=field.optional)]
    return [
        _input(field, select, optional=True),
        _second(field.name + NAMES, "Or names, with commas between them", _words(", ".join(rest), LONGEST_INPUT)),
    ]


def _may_lack_seat(field: Field, office: Office, seats: Seats) -> bool:
    return (isinstance(field, People) and field.outsiders) or any(not seats(each.id) for each in office.people)


def _input(field: Field, element: Json, *, optional: bool) -> Json:
    hint = _hint(field, in_two=optional and not field.optional)
    return {
        "type": "input",
        "block_id": field.name,
        "label": plain_text(field.prompt, _LONGEST_LABEL),
        "element": {**element, "action_id": field.kind},
        "optional": optional,
        **({"hint": plain_text(hint, _LONGEST_LABEL)} if hint else {}),
    }


def _hint(field: Field, *, in_two: bool) -> str:
    """Return the small print; Slack calls both of two inputs optional where one of them is needed."""
    needed = "Answer here or in the next box." if in_two else ""
    longer = isinstance(field, Text) and field.at_most > LONGEST_INPUT
    room = f"There is room for {LONGEST_INPUT:,} characters here; in chat there is more." if longer else ""
    words = " ".join(part for part in (field.help, needed, room) if part)
    if not field.clause:
        return words
    return f"{words} ({field.clause})" if words else f"Policy: {field.clause}"


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def _second(block_id: str, label: str, element: Json) -> Json:
    """Return a second input for a field, which never has to be filled in: the field itself says what is missing."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label),
        "element": {**element, "action_id": WORDS},
        "optional": True,
    }
