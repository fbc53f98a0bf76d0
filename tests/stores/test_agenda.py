"""What is due is in order, however it came and went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.stores.agenda import Agenda, Due
from tests.stores.records import NOON


@dataclass(frozen=True)
class Change:
    """One entry that comes, or that goes where it is there."""

    minutes: int
    place: int

    @property
    def due(self) -> Due:
        return NOON + timedelta(minutes=self.minutes), self.place, f"n{self.place}"


changes = st.lists(st.builds(Change, minutes=st.integers(0, 9), place=st.integers(0, 30)), max_size=120)


@settings(max_examples=200)
@given(before=changes, later=changes, full=st.sampled_from([2, 4, 1000]))
def test_an_agenda_is_as_good_as_a_sorted_list(before: list[Change], later: list[Change], full: int) -> None:
    plain = {each.due for each in before}
    agenda = Agenda(plain, full)

    for each in later:
        if each.due in plain:
            plain.remove(each.due)
            agenda.remove(each.due)
        else:
            plain.add(each.due)
            agenda.add(each.due)

        moment = each.due[0]
        assert list(agenda.until(moment)) == sorted(due for due in plain if due[0] <= moment)
