"""Questions that an answer did not answer: kept for SLT without who asked, and with the names struck out."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import ClassVar

from bot.domain.answers import Answer, Kind
from bot.domain.office import Office
from bot.domain.words import stem, words

LEFT_OUT = "…"
LONGEST = 500

Span = tuple[int, int]
Name = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """One question that was kept by a press.

    Attributes:
        id: Of the button that kept it, see `gap_id`; nobody can guess it.
        question: As it was asked, less what is struck out; nothing tells by whom.
        kind: Whether the policy was silent, or said something else than what was asked.
        clauses: Ids of the clauses that the answer showed.
        policy: The version of the policy that it came from.
        at: The day, and not the minute, by which somebody could be found.
        due_at: When it is forgotten (`gap_days`).
    """

    INDEXES: ClassVar[tuple[str, ...]] = ()
    school: str
    id: str
    question: str
    kind: Kind
    clauses: tuple[str, ...]
    policy: str
    at: date
    due_at: datetime
    version: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the buttons below its answer carry it, since nothing is stored of one on which nobody presses.

    Attributes:
        mark: A word that this one answer has and no other.
        question: "" where it must not be kept.
        whom: The role to ask instead, or "".
    """

    mark: str
    question: str
    kind: Kind
    clauses: tuple[str, ...] = ()
    whom: str = ""


# Carrying and keeping ------------------------------------------------------------------------

# A button of Slack's carries 2,000 signs as JSON escapes them, and an emoji is twelve of those.
_LONGEST_CARRIED = 1_400
_MOST_CLAUSES = 40
_CARRIED = re.compile(
    r"(?P<mark>[A-Za-z0-9_-]{1,64}) (?P<kind>answer|silent) (?P<whom>[a-z]{0,20}) "
    r"(?P<clauses>(?:[A-Z0-9]{2,4}-[0-9]{1,3},?){0,40})\n(?P<question>[^\n]{0,500})"
)


def asked(mark: str, answer: Answer, question: str) -> Asked:
    """Return what the buttons below *answer* carry; *question* as `kept_words` has it, or ""."""
    clauses = tuple(dict.fromkeys(each for passage in answer.passages for each in passage.clauses))
    return Asked(mark, question, answer.kind, clauses[:_MOST_CLAUSES], answer.ask)


def carried(asked: Asked) -> str:
    """Return *asked* as a button's value."""
    return f"{asked.mark} {asked.kind.value} {asked.whom} {','.join(asked.clauses)}\n{asked.question}"


def read_carried(value: str) -> Asked | None:
    """Return what a button's *value* says, or None for anything that `carried` did not make."""
    read = _CARRIED.fullmatch(value)
    if read is None:
        return None
    clauses = tuple(each for each in read["clauses"].split(",") if each)
    return Asked(read["mark"], read["question"], Kind(read["kind"]), clauses, read["whom"])


def gap_id(asked: Asked) -> str:
    """Return the id under which *asked* is kept.

    It is made of all that the buttons carry, so both buttons of one answer keep one question, however often and on
    whichever day they are pressed. The mark is another one in each answer: two people who ask the same count as two,
    as does one person who asks twice, and neither can be told from the other. Where several press below one answer
    in a shared place, they count once.
    """
    return hashlib.sha256(carried(asked).encode()).hexdigest()[:32]


def gap(asked: Asked, office: Office) -> Gap:
    """Return *asked* as it is kept from today on."""
    ends = datetime.combine(office.today + timedelta(days=office.school.gap_days), time(), office.now.tzinfo)
    return Gap(
        office.school.id, gap_id(asked), asked.question, asked.kind, asked.clauses, office.policy, office.today, ends
    )


# What is kept of the words -------------------------------------------------------------------

_LOOKED_AT = 2_000
_WORD = re.compile(r"[^\W\d_]+")
_BETWEEN = re.compile(r"[\s.,'’‘`´‐-–-]{0,3}")
_AFTER_TITLE = re.compile(r"\.?\s{0,3}")
_BRACKETED = re.compile(r"\([^()]{0,80}\)|\[[^\[\]]{0,80}\]")
_APOSTROPHES = re.compile(r"['’‘`´]")
_SHORTEST_SURNAME = 4
_TITLES = frozenset(("mr", "mrs", "ms", "mx", "dr"))
# These are words as well: "if I miss the deadline".
_TITLES_OR_WORDS = frozenset(("miss", "sir", "dame", "madam", "prof", "professor", "rev", "lord", "lady"))
_NEVER_AFTER_TITLE = frozenset(("and", "or", "teams", "office", "word", "forms", "outlook", "excel", "powerpoint"))
# Surnames that are words of many a question; what the policy itself says is added to them.
_ORDINARY = frozenset(
    words(
        "young white black green brown grey gray page post child price love power best good long short small "
        "little wise bright sharp strong mark case speed holiday english french german teacher head school sport "
        "sports early late free field fields hill street park church king queen bishop moon star stone wood woods "
        "summer winter monday friday sunday christmas easter personal private public friend friends parents photo "
        "photos video videos story stories message messages phone class year term lesson lessons work home news "
        "word words name names group groups train training deadline deadlines deputy assistant lead chair governor "
        "governors administrator manager officer about after also another anybody anyone anything before being "
        "could does doing done down every everything from have having here into just like made make many more most "
        "much must need never nothing once only other over said same seen should some somebody someone something "
        "still such take tell than that their them then there these they thing things this those time today told "
        "under until using very want week weekend were what when where which while will with without would your a "
        "an the my our his her its it any out of on in at for to"
    )
)
_PLATFORM_WORDS = r"com|org|net|uk|io|app|info|eu|ie|edu|gov|sch|tv"
_NOT_WORDS = (
    re.compile(r"[^\s@<>]{1,100}[@＠][\w-]{1,100}(?:\.[\w-]{1,60}){1,6}"),  # addresses
    re.compile(r"\b(?:https?|ftp|mailto|tel):\S{1,2000}|\bwww\.\S{1,2000}", re.IGNORECASE),
    re.compile(r"\b[\w-]{1,60}(?:\.[\w-]{1,60}){0,5}\.[a-z]{2,12}/\S{0,2000}", re.IGNORECASE),
    re.compile(rf"\b[\w-]{{1,60}}(?:\.[\w-]{{1,60}}){{0,5}}\.(?:{_PLATFORM_WORDS})\b", re.IGNORECASE),
    re.compile(r"[@＠][\w](?:[\w.-]{0,60}\w)?"),  # handles
    re.compile(r"(?<!\w)\+?\(?\d(?:[\s().–-]{0,3}\d){6,20}(?!\w)"),  # phone numbers
)


def kept_words(question: str, names: Iterable[str], policy: Iterable[str] = ()) -> str:
    """Return what may be kept of *question*: one line, struck as `struck` says, of at most 500 signs.

    It is "" where nothing is left, and again the same where that is given.
    """
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in question[:_LOOKED_AT]).split())
    if len(question) > _LOOKED_AT:
        text = text.rpartition(" ")[0]  # the last word may be half a name
    kept = _shortened(struck(text, names, policy))
    return kept if any(sign.isalnum() for sign in kept) else ""


def struck(text: str, names: Iterable[str], policy: Iterable[str] = ()) -> str:
    """Return *text* with "…" for what tells of somebody: names, addresses, handles, phone numbers and links.

    Struck are whole names of *names* and their surnames, and whoever is called Mr, Mrs, Miss, Ms, Mx, Dr or Sir. What
    the texts of the *policy* say is never a name: the Head Teacher, the account administrator. A first name alone,
    and the name of somebody whom the school does not list, can't be told from other words.
    """
    text = unicodedata.normalize("NFC", text)
    known = _known_names(tuple(names), tuple(policy))
    found = [match.span() for pattern in _NOT_WORDS for match in pattern.finditer(text)]
    spans = sorted([*found, *_named(text, known)])
    parts, at = [], 0
    for begin, end in _merged(spans, text):
        parts += [text[at:begin], LEFT_OUT]
        at = end
    return "".join((*parts, text[at:]))


@dataclass(frozen=True, slots=True)
class _Names:
    """Names in folded words, by their first word and the longest first; and the words that are no names."""

    by_first: dict[str, tuple[Name, ...]]
    ordinary: frozenset[str]


@lru_cache(maxsize=16)
def _known_names(names: tuple[str, ...], policy: tuple[str, ...]) -> _Names:
    said = " ".join(word for text in policy for word in ("|", *_WORD.findall(_folded(text))))
    ordinary = _ORDINARY.union(said.split())
    found: set[Name] = set()
    for name in names:
        found.update(each for each in _ways(name, ordinary) if f" {' '.join(each)} " not in f" {said} ")
    by_first: dict[str, list[Name]] = {}
    for each in sorted(found, key=len, reverse=True):
        by_first.setdefault(each[0], []).append(each)
    return _Names({first: tuple(ways) for first, ways in by_first.items()}, ordinary)


def _ways(name: str, ordinary: Container[str]) -> Iterator[Name]:
    """Yield the ways in which people write *name*: whole, the other way round, the surname alone."""
    name = _BRACKETED.sub(" ", unicodedata.normalize("NFC", name))
    behind, comma, before = name.partition(",")
    parts = (f"{before} {behind}" if comma else name).split()
    parts = [each for each in parts if each.rstrip(".").lower() not in _TITLES]
    if not parts:
        return
    first, surname = _tokens(" ".join(parts[:-1])), _tokens(parts[-1])
    bare = _tokens(_APOSTROPHES.sub("", parts[-1]))
    if first:
        yield from ((*first, *surname), (*first, *bare), (*surname, *first))
    # "Head teacher": somebody who is listed by their post has no surname.
    if parts[-1][:1].islower() and len(parts) > 1:
        return
    for way in {surname, bare, *((part,) for part in surname)}:
        if sum(map(len, way)) >= _SHORTEST_SURNAME and not (len(way) == 1 and way[0] in ordinary):
            yield way
            yield (*way[:-1], f"{way[-1]}s")


def _tokens(text: str) -> Name:
    return tuple(_WORD.findall(_folded(text)))


def _named(text: str, known: _Names) -> Iterator[Span]:
    """Yield where somebody is named, by a name that is known or behind a title."""
    folded = _folded(text)
    places = [match.span() for match in _WORD.finditer(folded)]
    said = [folded[begin:end] for begin, end in places]
    for at, word in enumerate(said):
        for name in known.by_first.get(word, ()):
            end = at + len(name)
            if tuple(said[at:end]) == name and _together(text, places[at:end]):
                yield places[at][0], places[end - 1][1]
                break
        if word in _TITLES or word in _TITLES_OR_WORDS:
            yield from _titled(text, places[at : at + 4], said[at : at + 2], known.ordinary)


def _together(text: str, places: Sequence[Span]) -> bool:
    return all(_BETWEEN.fullmatch(text, a[1], b[0]) for a, b in pairwise(places))


def _titled(text: str, places: Sequence[Span], said: Sequence[str], ordinary: Container[str]) -> Iterator[Span]:
    """Yield where a title and the name behind it stand, if that is what they are; *places* and *said* begin with it."""
    if len(said) < 2 or said[1] in _NEVER_AFTER_TITLE or not _AFTER_TITLE.fullmatch(text, places[0][1], places[1][0]):
        return
    capital = text[places[1][0]].isupper()
    if said[0] in _TITLES_OR_WORDS and not capital and said[1] in ordinary:
        return
    end = 1
    while capital and end + 1 < len(places) and text[places[end + 1][0]].isupper():
        if not _together(text, places[end : end + 2]):
            break
        end += 1
    yield places[0][0], places[end][1]


def _merged(spans: Iterable[Span], text: str) -> Iterator[Span]:
    """Yield *spans*, in order, those as one that overlap or have nothing but blanks between them."""
    begin = end = -1
    for first, last in spans:
        if end >= 0 and not text[end:first].strip():
            end = max(end, last)
            continue
        if end >= 0:
            yield begin, end
        begin, end = first, last
    if end >= 0:
        yield begin, end


def _folded(text: str) -> str:
    """Return *text* in small letters without accents, each sign still in its place."""
    return text.lower() if text.isascii() else "".join(map(_folded_sign, text))


def _folded_sign(sign: str) -> str:
    folded = unicodedata.normalize("NFKD", sign)[0].lower()
    return folded if len(folded) == 1 else sign


def _shortened(text: str) -> str:
    """Return *text*, or as much of its beginning as a button has room for, with "…" behind it."""
    if _fits(text):
        return text
    end = min(len(text), LONGEST)
    while not _fits(cut := f"{text[:end].rpartition(' ')[0] or text[:end]} {LEFT_OUT}"):
        end -= 10
    return cut


def _fits(text: str) -> bool:
    return len(text) <= LONGEST and len(json.dumps(text)) <= _LONGEST_CARRIED


# The list ------------------------------------------------------------------------------------

_FILLERS = frozenset(
    words(
        "a an the i we you my our your me us am is are be do does did can could may might shall should will "
        "would to of in on at for and or please"
    )
)


@dataclass(frozen=True, slots=True)
class Group:
    """A question that was asked in words alike.

    Attributes:
        key: What all who asked it have alike.
        question: As it was asked last.
        last: The day of that.
        silent: Whether the policy was silent for any of them.
        clauses: What was shown to the others, the most shown first.
    """

    key: str
    question: str
    count: int
    last: date
    silent: bool
    clauses: tuple[str, ...]


def grouped(gaps: Iterable[Gap]) -> list[Group]:
    """Return the questions of *gaps*, newest first; the order within a day says nothing of when they were asked."""
    alike: dict[str, list[Gap]] = {}
    for each in sorted(gaps, key=lambda gap: (gap.at, gap.question)):
        alike.setdefault(group_key(each.question), []).append(each)
    groups = [_group(key, members) for key, members in alike.items()]
    return sorted(groups, key=lambda group: (-group.last.toordinal(), -group.count, group.question))


def group_key(question: str) -> str:
    """Return what is alike in all ways of asking *question* that differ in order, endings and small words alone."""
    said = words(question)
    telling = sorted({stem(word) for word in said if word not in _FILLERS}) or sorted(said)
    return hashlib.sha256((" ".join(telling) or question).encode()).hexdigest()[:16]


def _group(key: str, members: Sequence[Gap]) -> Group:
    shown = [clause for each in members for clause in each.clauses]
    return Group(
        key, members[-1].question, len(members), members[-1].at,
        silent=any(each.kind is Kind.SILENT for each in members),
        clauses=tuple(sorted(dict.fromkeys(shown), key=lambda clause: -shown.count(clause))),
    )  # fmt: skip
