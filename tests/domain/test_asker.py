"""A question about oneself is answered for the role that one holds, and nobody else's is touched."""

import pytest

from bot.domain.asker import of_the_asker
from bot.domain.people import Person, Role, Seat
from bot.domain.search import Search

STAFF = frozenset({Role.STAFF})


def person(*roles: Role, seat: Seat = Seat.MEMBER) -> Person:
    return Person("somebody", "Somebody", STAFF | frozenset(roles), seat=seat)


@pytest.mark.parametrize(
    ("asker", "clause"),
    [
        (person(), "STF-1"),
        (person(Role.ADMINISTRATOR), "ADM-1"),
        (person(Role.SLT), "SLT-1"),
        (person(Role.SLT, Role.HEAD), "SLT-1"),
        (person(seat=Seat.GUEST), "NEW-10"),
    ],
)
def test_what_is_my_job_is_answered_for_whoever_asks(search: Search, asker: Person, clause: str) -> None:
    question = "what am I expected to do?"

    found = search.answer(question + of_the_asker(question, asker))

    assert clause in found.passages[0].clauses


@pytest.mark.parametrize(
    "question",
    [
        "may I post a photo",
        "what are my responsibilities as a governor",
        "what does the administrator do",
        "",
        "my dog",
    ],
)
def test_other_questions_stay_as_they_were_typed(question: str) -> None:
    assert of_the_asker(question, person(Role.ADMINISTRATOR)) == ""
