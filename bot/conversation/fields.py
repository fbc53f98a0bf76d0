"""What can be asked: the closed set of fields, each with how an entry is read or mended."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from bot.conversation.options import is_in_doubt, option_meant, options_named, telling_words
from bot.domain.moments import parse_day, parse_moment
from bot.domain.naming import Doubt, who_is_meant
from bot.domain.people import Person
from bot.domain.secrets import WARNING, looks_like_password, without_passwords

Json = Any

MOST_PEOPLE = 20
LONGEST_NAME = 100
_COMMAS = "Put commas between them."
_TURNING = re.compile("[\0\u202a-\u202e\u2066-\u2069]")
_TURNED = re.compile(r"\b(?:yes|but|no one|nobody|wait)\b")


@dataclass(frozen=True, slots=True)
class Mend:
    """Why an entry was not taken and how to mend it."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What reading an entry may depend on.

    Attributes:
        now: The present moment in the school's time zone.
        people: Everybody in the directory, those who left included.
    """

    now: datetime
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(ABC):
    """One question.

    Attributes:
        name: The key of its answer.
        prompt: The question as the person reads it.
        help: What `help` adds in chat, and the small print on a page.
        clause: The policy clause that asks for it, or "".
        point: Whether it counts as one of the form's points ("3 of 5").
    """

    kind: ClassVar[str]
    name: str
    prompt: str
    help: str = ""
    clause: str = ""
    optional: bool = False
    point: bool = False

    @property
    def options(self) -> tuple[str, ...]:
        """Return the words that one may choose from, or none."""
        return ()

    @property
    def hint(self) -> str:
        """Return the small print under a question in chat."""
        return self.help

    def read(self, entry: Json, seen: Circumstances) -> Json | Mend:
        """Return the normalised JSON value of *entry*, None where it is optional and empty, or how to mend it."""
        if entry is None or entry == "" or entry == [] or (isinstance(entry, str) and not entry.strip()):
            return None if self.optional else Mend(self._missing())
        return self._read(entry, seen)

    def show(self, value: Json, seen: Circumstances) -> str:
        """Return *value* as a person reads it in a preview."""
        return "" if value is None else str(value)

    @abstractmethod
    def _read(self, entry: Json, seen: Circumstances) -> Json | Mend: ...

    def _missing(self) -> str:
        return "Please answer this one: it can't be left empty."


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Field):
    """One line of words; *at_least* and *at_most* are characters, *more_than* holds words that do not do alone.

    Attributes:
        held_up: Whether words with a password are not taken; a report is taken, and the password is left out.
    """

    kind: ClassVar[str] = "text"
    at_least: int = 1
    at_most: int = 300
    more_than: tuple[str, ...] = ()
    held_up: bool = True

    def _read(self, entry: Json, seen: Circumstances) -> Json | Mend:
        if not isinstance(entry, str):
            return Mend("Please write this in words.")
        words = self._kept(entry)
        if self.held_up and looks_like_password(words):
            return Mend(WARNING)
        words = words if self.held_up else without_passwords(words)
        if len(words) > self.at_most:
            return Mend(
                f"That is {len(words):,} characters and there is room for {self.at_most:,}. "
                "Your earlier answers are kept; send a shorter version."
            )
        if len(words) < self.at_least:
            return Mend(f"Please say a little more: at least {self.at_least} characters.")
        if self.more_than and telling_words(words) <= telling_words(" ".join(self.more_than)):
            return Mend("Please say a little more: a name alone does not tell it.")
        return words

    def _kept(self, entry: str) -> str:
        return _one_line(entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiline(Text):
    """Several lines of words."""

    kind: ClassVar[str] = "multiline"
    at_most: int = 3000

    def _kept(self, entry: str) -> str:
        return entry.replace("\0", "").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Field):
    """One of *among*; typed words are matched without regard to case, by number or by an unmistakable part.

    Attributes:
        other: Whether words that match none of them are taken as they are.
    """

    kind: ClassVar[str] = "choice"
    among: tuple[str, ...]
    other: bool = False

    @property
    def options(self) -> tuple[str, ...]:
        """Return the words that one may choose from."""
        return self.among

    def _read(self, entry: Json, seen: Circumstances) -> Json | Mend:
        word = _entry_word(entry).strip()
        chosen = option_meant(word, self.among)
        if chosen is None and len(named := options_named(word, self.among, {})) == 1:
            chosen = named[0]
        if chosen is None and self.other and looks_like_password(word):
            return Mend(WARNING)
        if chosen is None and self.other and telling_words(word) and len(word) <= LONGEST_NAME:
            chosen = word
        return chosen or Mend(f"Please choose one of: {'; '.join(self.among)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices(Field):
    """One or more of *among*; the value is a list in their order.

    Attributes:
        also: Option to further words by which people mean it.
    """

    kind: ClassVar[str] = "choices"
    among: tuple[str, ...]
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def hint(self) -> str:
        """Return the small print, with how one types several answers."""
        return f"{self.help} {_COMMAS}".strip()

    @property
    def options(self) -> tuple[str, ...]:
        """Return the words that one may choose from."""
        return self.among

    def _read(self, entry: Json, seen: Circumstances) -> Json | Mend:
        entries = entry if isinstance(entry, list) else self._parts(str(entry))
        chosen = [self._meant(_entry_word(each)) for each in entries]
        if not chosen or not all(chosen):
            return Mend(f"Please choose one or more of: {'; '.join(self.among)}. Put commas between them.")
        return [option for option in self.among if any(option in each for each in chosen)]

    def show(self, value: Json, seen: Circumstances) -> str:
        """Return the chosen words with commas."""
        return ", ".join(value or ())

    def _meant(self, word: str) -> list[str]:
        option = option_meant(word, self.among)
        return [option] if option else options_named(word, self.among, self.also)

    def _parts(self, text: str) -> list[str]:
        if option_meant(text, self.among):
            return [text]
        return [part for part in re.split(r"[,;\n]|(?<=\w)\s+(?:and|&)\s+", text) if part.strip()]


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNo(Field):
    """A plain question; the value is true or false.

    Attributes:
        must: What is said to a No that can't be taken.
        doubt_is_yes: Whether somebody who is not sure has said yes; "no idea" is never a No.
    """

    kind: ClassVar[str] = "yes_no"
    must: str = ""
    doubt_is_yes: bool = False

    @property
    def options(self) -> tuple[str, ...]:
        """Return the two words."""
        return ("Yes", "No")

    def _read(self, entry: Json, seen: Circumstances) -> Json | Mend:
        answer = self._yes(entry)
        if answer is None:
            return Mend("Please answer yes or no.")
        return Mend(self.must) if self.must and not answer else answer

    def _yes(self, entry: Json) -> bool | None:
        if isinstance(entry, bool):
            return entry
        word = str(entry).strip().lower().rstrip(".!")
        first = re.split(r"[\s,.;:–-]", word, maxsplit=1)[0]
        if first in ("yes", "y", "yeah", "yep", "true", "aye", "yup"):
            return True
        if is_in_doubt(word):
            return True if self.doubt_is_yes else None
        if first in ("no", "n", "nope", "nah", "false") and not _TURNED.search(word):
            return False
        return None

    def show(self, value: Json, seen: Circumstances) -> str:
        """Return Yes or No."""
        return "" if value is None else "Yes" if value else "No"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Field):
    """A whole number between *lowest* and *highest*."""

    kind: ClassVar[str] = "number"
    lowest: int = 0
    highest: int = 1_000_000

    def _read(self, entry: Json, seen: Circumstances) -> Json | Mend:
        mend = Mend(f"Please give a whole number from {self.lowest:,} to {self.highest:,}.")
        if isinstance(entry, bool):
            return mend
        try:
            number = int(str(entry).strip().replace(",", ""))
        except ValueError:
            return mend
        return number if self.lowest <= number <= self.highest else mend


@dataclass(frozen=True, slots=True, kw_only=True)
class Day(Field):
    """A calendar day; the value is `2026-11-28`."""

    kind: ClassVar[str] = "day"
    past_only: bool = False
    future_only: bool = False

    def _read(self, entry: Json, seen: Circumstances) -> Json | Mend:
        day = parse_day(str(entry).strip(), seen.now.date())
        if day is None:
            return Mend("Please give a day, such as 12 September 2026 or 12/9/2026.")
        if self.past_only and day > seen.now.date():
            return Mend(f"{day:%d %B %Y} has not come yet. Give a day that has passed, or today.")
        if self.future_only and day < seen.now.date():
            return Mend(f"{day:%d %B %Y} has passed. Give today or a later day.")
        return day.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment(Field):
    """A day and time; the value is ISO 8601 with offset."""

    kind: ClassVar[str] = "moment"
    future_only: bool = False

    def _read(self, entry: Json, seen: Circumstances) -> Json | Mend:
        zone = seen.now.tzinfo
        assert zone is not None
        at = parse_moment(str(entry).strip(), seen.now, zone)
        if at is None:
            return Mend("Please give a day and a time, such as tomorrow 3pm, Friday 16:00 or 28/11/2026 10:00.")
        if self.future_only and at <= seen.now:
            return Mend(
                f"{at:%A} {at.day} {at:%B, %H:%M} has passed already. Give the moment that is still to come, "
                "or leave it out if there is none."
            )
        return at.isoformat()

    def show(self, value: Json, seen: Circumstances) -> str:
        """Return the moment as people here write it."""
        if value is None:
            return ""
        at = datetime.fromisoformat(value).astimezone(seen.now.tzinfo)
        return f"{at:%a} {at.day} {at:%b %Y, %H:%M}"


@dataclass(frozen=True, slots=True, kw_only=True)
class People(Field):
    """People by id or name; the value is a list of ids, and of names for those without a seat.

    Attributes:
        outsiders: Whether somebody without a chat seat may be named, by name.
        leavers: Whether somebody who has left may be named.
        twice: Whether naming somebody twice is naming them: "Smith, Jane".
    """

    kind: ClassVar[str] = "people"
    outsiders: bool = False
    leavers: bool = False
    twice: bool = False

    @property
    def hint(self) -> str:
        """Return the small print, with how one types several answers."""
        return f"{self.help} {_COMMAS}".strip()

    def _read(self, entry: Json, seen: Circumstances) -> Json | Mend:
        entries = re.split(r"[,;\n]|\s+and\s+|\s*&\s*", entry) if isinstance(entry, str) else entry
        if not isinstance(entries, list) or not all(isinstance(each, str) for each in entries):
            return Mend("Please name people, with commas between them.")
        typed = [word for each in entries if (word := _one_line(each).lstrip("@").strip())]
        if len(typed) > MOST_PEOPLE or any(len(each) > LONGEST_NAME for each in typed):
            return Mend(f"Please name at most {MOST_PEOPLE} people, each by name, with commas between them.")
        named: list[str] = []
        for each in typed:
            one = self._one(each, seen)
            if isinstance(one, Mend):
                return one
            if one in named and self.twice:
                continue
            if one in named:
                return Mend(f"You named {self.show([one], seen)} twice. Name different people.")
            named.append(one)
        return named or Mend(self._missing())

    def _one(self, typed: str, seen: Circumstances) -> str | Mend:
        if looks_like_password(typed):
            return Mend(WARNING)
        match who_is_meant(typed, seen.people):
            case Doubt(sentence):
                return Mend(sentence)
            case None if self.outsiders:
                return typed
            case None:
                return Mend(f"Nobody called “{_short(typed)}” is in the staff list. {_whom(seen)}")
            case Person() as person if person.has_left(seen.now.date()) and not self.leavers:
                return Mend(f"{person.name} has left the school. Name somebody who works here now.")
            case Person() as person:
                return person.id

    def show(self, value: Json, seen: Circumstances) -> str:
        """Return the names with commas."""
        names = {person.id: person.name for person in seen.people}
        return ", ".join(names.get(each, each) for each in value or ())


def _one_line(text: str) -> str:
    """Return *text* on one line and in its own order: a handle or a name must not write further lines of a card."""
    return " ".join(_TURNING.sub("", text).split())


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _entry_word(entry: Json) -> str:
    if isinstance(entry, Mapping):
        entry = entry.get("value", entry.get("label", ""))
    return str(entry)


def _whom(seen: Circumstances) -> str:
    names = [p.name for p in seen.people if p.works_here(seen.now.date())]
    return f"Staff here: {', '.join(names[:12])}{' …' if len(names) > 12 else ''}."
