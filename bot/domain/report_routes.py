"""Where a report goes, by person: the table of routes, row by row (SLT-3, BEH-9, ABU-2)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.domain.office import Office
from bot.domain.people import Person, Role


class Category(StrEnum):
    """What a report is about, in the words that the reporter chooses from."""

    COLLEAGUE = "Abuse by a colleague"
    CONDUCT = "Unacceptable conduct or content"
    CONTACT = "Contact with a pupil"
    MISTAKE = "My own mistake"
    ACCOUNT = "Something on a school account"
    PUBLIC = "Abuse by a parent, a member of the public or an unknown account"
    TAKEN_OVER = "An account taken over, or a lost login"
    IMAGE = "An image"
    OTHER = "Something else"


class Row(StrEnum):
    """A row of the table; the first five are about a person who works or helps here."""

    HEAD = "the Head"
    DSL = "the safeguarding lead"
    SLT = "a member of SLT"
    ADMINISTRATOR = "the account administrator"
    STAFF = "a member of staff or a volunteer"
    MISTAKE = "my own mistake"
    PUPIL = "a pupil"
    PUBLIC = "a parent, a member of the public or an unknown account"
    ACCOUNT = "a school account"
    TAKEN_OVER = "an account taken over or a lost login"
    BREACH = "a possible data breach"


@dataclass(frozen=True, slots=True)
class Matter:
    """What a route depends on.

    Attributes:
        reporter: Their id.
        child: Whether a child is involved or at risk.
        adult: Whether it is about an adult who works or helps here.
        subjects: Whom it is about: ids, and names as typed of those who have no seat.
        image: Whether there is an image that is, or may be, indecent (G13); a child is then taken as involved.
    """

    category: Category
    reporter: str
    child: bool = False
    adult: bool = False
    subjects: tuple[str, ...] = ()
    breach: bool = False
    image: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """Who gets a report and who does not; people are ids.

    Attributes:
        full: See everything, and their opening counts as somebody's having it.
        limited: See what kind it is, where, and who leads; not the words.
        also: The data protection officer, who sees the words too but whose opening stops no reminder.
        concerned: Ids of the people of the school whom it is about; they are in no list.
        not_to: Those who don't get it, as the reporter reads them.
        cards: Names of contacts to show: `chair`, `lado`, `dpo`.
        sealed: Nobody in school gets it; only the reporter can open it until the chair has it.
    """

    full: tuple[str, ...]
    limited: tuple[str, ...]
    also: tuple[str, ...]
    concerned: frozenset[str]
    not_to: tuple[str, ...]
    cards: tuple[str, ...]
    sealed: bool
    urgent: bool
    rows: tuple[Row, ...]


def route(matter: Matter, office: Office) -> Route:
    """Return where *matter* goes; where nobody is left in school it is sealed and the cards say whom to phone."""
    persons = concerned_people(matter, office)
    about = person_rows(matter, persons, office)
    rows = about or (_row_without_person(matter),)
    without = _Without(office, persons)
    full = () if Row.HEAD in rows else _full(matter, rows, without)
    sealed = not full
    limited = () if sealed else tuple(each for each in _limited(matter, rows, without) if each not in full)
    officers = () if sealed or not matter.breach else _officers(rows, without)
    officers = tuple(each for each in officers if each not in (*full, *limited))
    hidden = _child(matter)
    return Route(
        full=full,
        limited=(*limited, *officers) if hidden else limited,
        also=() if hidden else officers,
        concerned=without.concerned,
        not_to=_not_to(matter, rows, persons, without),
        cards=_cards(matter, rows, persons, sealed=sealed),
        sealed=sealed,
        urgent=matter.category is Category.TAKEN_OVER or _child(matter),
        rows=(*rows, Row.BREACH) if matter.breach else rows,
    )


def concerned_people(matter: Matter, office: Office) -> tuple[Person, ...]:
    """Return the people of the school whom it is about, in the office's order.

    A typed name that may be somebody of the school counts as that person: rather one reader too few
    than the wrong one.
    """
    subjects = (*matter.subjects, matter.reporter) if matter.category is Category.MISTAKE else matter.subjects
    meant = {person.id for subject in subjects for person in _meant(subject, matter, office)}
    return tuple(person for person in office.people if person.id in meant)


def people_meant(subject: str, people: tuple[Person, ...], today: date, *, adult: bool) -> tuple[Person, ...]:
    """Return whom an id or a typed name may mean; a mere part of a name only where it is about an *adult* here."""
    known = tuple(person for person in people if person.id == subject)
    if known:
        return known
    typed = _name_words(subject)
    if typed & _ANYBODY == typed:
        return ()
    role = next((role for role, names in _ROLE_NAMES.items() if " ".join(_words(subject)) in names), None)
    if role is not None:
        return tuple(person for person in people if person.holds(role) and not person.has_left(today))
    same = tuple(person for person in people if _name_words(person.name) == typed)
    if same or not adult:
        return same
    held = _offices_named(subject)
    return tuple(
        person
        for person in people
        if _may_be(person, subject) or (not person.has_left(today) and any(person.holds(role) for role in held))
    )


def _may_be(person: Person, subject: str) -> bool:
    """Tell whether a typed name fits: all that it tells is of the name, or it has the surname and no other's name."""
    typed, name = _name_words(subject), _name_words(person.name)
    if not name:
        return False
    if typed - _ANYBODY <= name or name <= typed:
        return True
    words, surname = _words(subject), _words(person.name)[-1]
    if surname not in words or surname in _ANYBODY | _OFFICE_WORDS:
        return False
    before = words[words.index(surname) - 1] if words.index(surname) else ""
    return before in _ANYBODY | _OFFICE_WORDS or _begins_alike(before, name)


def _begins_alike(word: str, name: Iterable[str]) -> bool:
    """Tell whether *word* is "", an initial or a short or long form of a part of *name*."""
    return any(each.startswith(word) or (len(each) > 2 and word.startswith(each)) for each in name)


def _offices_named(subject: str) -> tuple[Role, ...]:
    """Return the offices that *subject* speaks of among other words: "Mrs Smith, our headteacher"."""
    words = re.findall(r"[^\W_]+", subject.casefold())
    said = f" {' '.join(words)} "
    return tuple(role for role, pattern in _OFFICES.items() if pattern.search(said))


def person_rows(matter: Matter, persons: Iterable[Person], office: Office) -> tuple[Row, ...]:
    """Return the rows about people who work or help here that apply, strictest first."""
    found = {row for person in persons for row in _rows_of(person, office)}
    if matter.category is Category.MISTAKE:
        found = (found - {Row.STAFF}) | {Row.MISTAKE}
    elif matter.adult and (not found or _outsiders(matter, office)):
        found |= {Row.STAFF}
    return tuple(row for row in Row if row in found)


def _rows_of(person: Person, office: Office) -> tuple[Row, ...]:
    if office.is_head(person):
        return (Row.HEAD,)
    special = tuple(
        row
        for row, role in ((Row.DSL, Role.DSL), (Row.SLT, Role.SLT), (Row.ADMINISTRATOR, Role.ADMINISTRATOR))
        if person.holds(role) and not person.has_left(office.today)
    )
    return special or (Row.STAFF,)


def _outsiders(matter: Matter, office: Office) -> tuple[str, ...]:
    return tuple(each for each in matter.subjects if not _meant(each, matter, office))


def _meant(subject: str, matter: Matter, office: Office) -> tuple[Person, ...]:
    return people_meant(subject, office.people, office.today, adult=matter.adult)


def _row_without_person(matter: Matter) -> Row:
    if matter.image:
        return Row.PUPIL
    match matter.category:
        case Category.TAKEN_OVER:
            return Row.TAKEN_OVER
        case Category.ACCOUNT:
            return Row.ACCOUNT
        case Category.PUBLIC:
            return Row.PUBLIC
        case _:
            return Row.PUPIL if matter.child else Row.PUBLIC


class _Without:
    """Ids of those who hold something, without the people concerned; a concerned safeguarding lead bars them all."""

    def __init__(self, office: Office, persons: tuple[Person, ...]) -> None:
        self.office = office
        self.concerned = frozenset(person.id for person in persons)
        self.dsl_barred = any(person.holds(Role.DSL) and not person.has_left(office.today) for person in persons)
        self.heads = self._free(office.holders(Role.HEAD))
        self.dsls = () if self.dsl_barred else self._free(office.holders(Role.DSL))
        self.administrators = self._free(office.holders(Role.ADMINISTRATOR))
        self.officers = self._free(office.holders(Role.DPO))
        duty = (office.person(each) for each in office.school.safety_duty or office.school.press_duty)
        self.duty = self._free(p for p in duty if p and not p.contact_only and not p.has_left(office.today))

    def _free(self, people: Iterable[Person]) -> tuple[str, ...]:
        barred = self.concerned | self._safeguarding_leads()
        return tuple(dict.fromkeys(person.id for person in people if person.id not in barred))

    def _safeguarding_leads(self) -> frozenset[str]:
        if not self.dsl_barred:
            return frozenset()
        return frozenset(person.id for person in self.office.holders(Role.DSL) if not self.office.is_head(person))


def _full(matter: Matter, rows: tuple[Row, ...], without: _Without) -> tuple[str, ...]:
    if _about_person(rows):
        wanted = (*without.heads, *(without.dsls if _child(matter) else ()))
        return _distinct(wanted) or without.dsls
    if _child(matter):
        return without.dsls or without.heads
    administrators = without.administrators if rows[0] in (Row.ACCOUNT, Row.TAKEN_OVER) else ()
    return _distinct((*administrators, *without.duty)) or without.heads or without.dsls


def _limited(matter: Matter, rows: tuple[Row, ...], without: _Without) -> tuple[str, ...]:
    if not _child(matter):
        return ()
    match rows[0]:
        case Row.TAKEN_OVER:
            return _distinct((*without.administrators, *without.duty))
        case Row.PUBLIC | Row.ACCOUNT:
            return without.duty
        case _:
            return ()


def _officers(rows: tuple[Row, ...], without: _Without) -> tuple[str, ...]:
    """Return the data protection officers who may see it here; where none may, there is the card."""
    never: set[str] = set()
    if _about_person(rows):
        never |= {person.id for person in without.office.holders(Role.ADMINISTRATOR)}
        never |= {person.id for person in without.office.holders(Role.SLT)}
    return tuple(each for each in without.officers if each not in never)


def _not_to(
    matter: Matter, rows: tuple[Row, ...], persons: tuple[Person, ...], without: _Without
) -> tuple[str, ...]:  # fmt: skip
    own = matter.category is Category.MISTAKE
    names = [person.name for person in persons if not (own and person.id == matter.reporter)]
    names += _outsiders(matter, without.office)
    if without.dsl_barred:
        names += [p.name for p in without.office.holders(Role.DSL) if p.name not in names and p not in persons]
    if _about_person(rows):
        names += ["SLT as a group", "the account administrator"]
    elif Row.PUPIL in rows:
        names.append("SLT as a group")
    return tuple(dict.fromkeys(names))


def _cards(
    matter: Matter, rows: tuple[Row, ...], persons: tuple[Person, ...], *, sealed: bool
) -> tuple[str, ...]:  # fmt: skip
    chair_concerned = any(person.holds(Role.CHAIR) for person in persons)
    wanted = {
        "chair": sealed and not chair_concerned,
        "lado": _about_person(rows) and (_child(matter) or (sealed and chair_concerned)),
        "dpo": matter.breach and not any(person.holds(Role.DPO) for person in persons),
    }
    return tuple(name for name, shown in wanted.items() if shown)


def _about_person(rows: tuple[Row, ...]) -> bool:
    return rows[0] in (Row.HEAD, Row.DSL, Row.SLT, Row.ADMINISTRATOR, Row.STAFF, Row.MISTAKE)


def _child(matter: Matter) -> bool:
    return matter.child or matter.image


def _distinct(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))


def _words(text: str) -> list[str]:
    plain = (each for each in unicodedata.normalize("NFKD", text) if unicodedata.category(each) not in ("Mn", "Cf"))
    words = re.findall(r"[^\W_]+", "".join(plain).casefold())
    return [word for word in words if word not in _TITLES]


def _name_words(text: str) -> frozenset[str]:
    return frozenset(_words(text))


_TITLES = frozenset(
    (
        "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "madam", "the", "a", "an", "our", "my", "of", "s", "is",
        "it",
    )
)  # fmt: skip
_ANYBODY = frozenset(
    (
        "teacher", "teachers", "staff", "colleague", "colleagues", "member", "somebody", "someone", "volunteer",
        "coach", "tutor", "supply", "assistant", "unknown", "school", "lead",
    )
)  # fmt: skip
_ROLE_NAMES = {
    Role.HEAD: ("head", "headteacher", "head teacher", "headmaster", "headmistress", "principal", "ht", "boss"),
    Role.DSL: (
        "dsl", "safeguarding", "safeguarding lead", "designated safeguarding lead", "safeguarding officer",
        "child protection officer",
    ),
    Role.ADMINISTRATOR: (
        "administrator", "account administrator", "social media administrator", "admin", "account manager",
    ),
    Role.SLT: (
        "slt", "leadership", "leadership team", "senior leaders", "senior leadership", "senior leadership team",
        "school leadership team",
    ),
    Role.CHAIR: ("chair", "chair governors", "chair governor", "chair person governors"),
}  # fmt: skip
_OFFICE_WORDS = frozenset(
    (
        "head", "heads", "headteacher", "headmaster", "headmistress", "principal", "dsl", "safeguarding", "designated",
        "deputy", "governor", "governors", "chair", "administrator", "slt", "acting", "and", "or", "with", "by",
        "think",
    )
)  # fmt: skip
# "Head of year" and "deputy head" are not the Head; "Ann Head" is a name. "Head of school" is.
_NOT_THE_HEAD = r"(?<! deputy)(?<! assistant)(?<! associate)(?<! vice)(?<! asst)"
_OFFICES = {
    Role.HEAD: re.compile(
        rf"{_NOT_THE_HEAD} (?:head ?teachers?|head ?masters?|head ?mistress|principal) "
        r"|(?:^| (?:the|our|my|a|is|as|this|that|executive|acting|interim|new|current|co|school|college)) heads? "
        r"(?!of (?!(?:the |our |this |my )?(?:school|college|academy) )|girl|boy|cook|chef|caretaker|cleaner|gardener)"
    ),
    Role.DSL: re.compile(r" (?:d?dsls?|safe ?guarding|child protection|designated lead) "),
    Role.CHAIR: re.compile(r" chair\w* (?:of )?(?:the )?governors? "),
}
