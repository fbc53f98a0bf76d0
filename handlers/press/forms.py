"""What a press contact asks of whoever was contacted, and what its moves ask of SLT."""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation.events import Json
from bot.conversation.fields import Choice, Circumstances, Mend, Moment, Multiline, Text, YesNo
from bot.conversation.forms import Form, Page
from bot.domain.press import Speaker, staff_named

_NO_DEADLINE = ("none", "no", "no deadline", "not given", "not said", "n/a")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline(Moment):
    """A moment still to come; "none" is an answer as well."""

    def _read(self, entry: Json, seen: Circumstances) -> Json | Mend:
        if isinstance(entry, str) and entry.strip().lower().rstrip(".") in _NO_DEADLINE:
            return None
        return Moment._read(self, entry, seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamelessWords(Multiline):
    """Words that name no member of staff: they may go out where one is accused (guidance L9)."""

    def _read(self, entry: Json, seen: Circumstances) -> Json | Mend:
        words = Multiline._read(self, entry, seen)
        named = () if isinstance(words, Mend) else staff_named(words, seen.people)
        if not named:
            return words
        names = " and ".join(person.name for person in named)
        return Mend(f"It names {names}: take the name out. A member of staff is accused, so the reply names nobody.")


PRESS_CONTACT = Form(
    name="press.contact",
    title="A journalist has made contact",
    submit="Preview",
    confidential=True,
    pages=(
        Page(
            fields=(
                Text(
                    name="journalist", prompt="Who is it? Give the journalist's name.", clause="BEH-8", at_most=120,
                    help="“Not given” will do.",
                ),
                Text(
                    name="outlet", prompt="Which newspaper, station, site or account are they from?", clause="BEH-8",
                    at_most=120, help="“Not given” will do.",
                ),
                Text(
                    name="contact", prompt="How can SLT reach them: phone or e-mail?", clause="BEH-8", at_most=200,
                    help="For example 0151 496 0000. “Not given” will do.",
                ),
                Multiline(
                    name="asks", prompt="What do they ask?", clause="BEH-8",
                    help="Their question, as near to their words as you can. Leave out the name of anyone accused.",
                ),
                Deadline(
                    name="deadline", prompt="By when do they want an answer?", clause="BEH-8", optional=True,
                    future_only=True,
                    help="For example today 4pm or tomorrow 9:30am. Skip this if they gave no deadline.",
                ),
                YesNo(
                    name="accused", clause="BEH-8",
                    prompt="Does it name or concern a member of staff who is accused of something?",
                    help=(
                        "If that person is in SLT, don't send this, because all of SLT can open it. Phone the Head, or "
                        "the chair of governors where it is about the Head."
                    ),
                ),
            ),
        ),
    ),
)  # fmt: skip

_WHO_GIVES_IT = Choice(
    name="speaker", prompt="Who gives the reply to the journalist?", clause="BEH-8", among=tuple(Speaker),
    optional=True, help="Whoever gives it says these words and nothing else. Leave it out if you give it yourself.",
)  # fmt: skip
_REPLY = "What may be said to the journalist, word for word?"

RELEASE = Form(
    name="press.release",
    title="Release a reply",
    submit="Release reply",
    intro="The person who was contacted reads these words once they open the entry. Nothing is sent to the journalist.",
    pages=(Page((Multiline(name="reply", prompt=_REPLY, clause="BEH-8"), _WHO_GIVES_IT)),),
)

RELEASE_NAMELESS = Form(
    name="press.release_nameless",
    title="Release a reply",
    submit="Release reply",
    intro=(
        "A member of staff is accused. It can be an offence to publish anything that identifies a teacher accused by a "
        "pupil of a criminal offence before charge (Education Act 2002, section 141F, inserted in 2011), so a reply "
        "that names a member of staff is not taken."
    ),
    pages=(
        Page(
            (
                NamelessWords(
                    name="reply", prompt=_REPLY, clause="BEH-8",
                    help="Leave out first names, subjects and anything else that identifies somebody, too.",
                ),
                _WHO_GIVES_IT,
            )
        ),
    ),
)  # fmt: skip

NOTE = Form(
    name="press.note",
    title="Add a note",
    submit="Add the note",
    pages=(Page((Multiline(name="reason", prompt="What should the record say?", help="Only SLT can read it."),)),),
)

MOVE_FORMS = {
    form.name: (form, move) for form, move in ((RELEASE, "release"), (RELEASE_NAMELESS, "release"), (NOTE, "note"))
}
