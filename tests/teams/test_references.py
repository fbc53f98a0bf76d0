"""Where people and places are reached: learnt from what arrives, and known after a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.conversation.cards import Button
from bot.errors import NotSaved
from bot.platforms.teams.references import References, TeamsReference, without_thread
from bot.platforms.teams.votes import KEPT, TeamsVote, Votes
from bot.platforms.web.clock import LocalClock
from bot.ports import L, Lease, R, Record, SchoolStore
from bot.stores.memory import MemoryStore
from bot.stores.tinydb import TinyDBStore

START = datetime(2026, 11, 30, 9, tzinfo=UTC)
UK, EMEA = "https://smba.trafficmanager.net/uk/", "https://smba.trafficmanager.net/emea/"
TENANT = "7e0b3a5c"
CHANNEL = "19:slt@thread.tacv2"


class Shelf:
    """A store's records that can be told to refuse writing."""

    def __init__(self, store: SchoolStore) -> None:
        self._store = store
        self.writes = 0
        self.full = False

    async def get(self, kind: type[R], id: str) -> R | None:
        return await self._store.get(kind, id)

    async def find(self, kind: type[R], **where: str) -> list[R]:
        return await self._store.find(kind, **where)

    async def due(self, kind: type[R], before: datetime) -> list[R]:
        return await self._store.due(kind, before)

    async def claim(self, kinds: Sequence[type[L]], before: datetime, lease: Lease[L]) -> list[L]:
        return await self._store.claim(kinds, before, lease)

    async def save(self, *records: Record, forget: Sequence[Record] = ()) -> None:
        if self.full:
            raise NotSaved
        self.writes += 1
        await self._store.save(*records, forget=forget)


@pytest.fixture
def clock() -> LocalClock:
    return LocalClock(start=START)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(MemoryStore().of("bebington"))


async def opened(store: SchoolStore, clock: LocalClock) -> References:
    """Return references as a program that starts reads them."""
    references = References(store, clock, "bebington")
    await references.open()
    return references


def meet(references: References, person: str = "head_teacher", url: str = UK) -> None:
    """Hear somebody in their private chat."""
    references.note_person(person, conversation=f"a:1{person}", service_url=url, tenant=TENANT, user=f"29:{person}")


@pytest.fixture
async def folder_store(tmp_path: Path) -> AsyncIterator[SchoolStore]:
    store = TinyDBStore(tmp_path)
    await store.open()
    yield store.of("bebington")
    await store.close()


async def test_references_outlast_the_program(folder_store: SchoolStore, clock: LocalClock) -> None:
    before = await opened(folder_store, clock)
    meet(before)
    before.note_place(f"{CHANNEL};messageid=1700", service_url=EMEA, tenant=TENANT)
    before.block_person("pe_teacher")
    await before.keep()

    after = await opened(folder_store, clock)

    person, place = after.person("head_teacher"), after.place(CHANNEL)
    assert person is not None
    assert place is not None
    assert (person.conversation, person.service_url, person.tenant, person.user) == (
        "a:1head_teacher",
        UK,
        TENANT,
        "29:head_teacher",
    )
    assert (place.conversation, place.service_url) == (CHANNEL, EMEA)
    blocked = after.person("pe_teacher")
    assert blocked is not None
    assert (blocked.blocked, blocked.conversation) == (START, "")
    assert after.service_url
    assert not after.unkept


async def test_what_is_forgotten_stays_forgotten(folder_store: SchoolStore, clock: LocalClock) -> None:
    before = await opened(folder_store, clock)
    meet(before)
    before.note_place(CHANNEL, service_url=UK, tenant=TENANT)
    await before.keep()
    before.forget_person("head_teacher")
    before.forget_place(f"{CHANNEL};messageid=1700")
    before.forget_person("nobody")
    assert before.service_url_of("a:1head_teacher") == UK  # where Teams was heard last
    await before.keep()

    after = await opened(folder_store, clock)

    assert after.person("head_teacher") is None
    assert after.place(CHANNEL) is None
    assert await folder_store.find(TeamsReference) == []


async def test_hearing_the_same_again_changes_nothing(shelf: Shelf, clock: LocalClock) -> None:
    references = await opened(shelf, clock)
    meet(references)
    await references.keep()
    meet(references)

    assert not references.unkept
    await references.keep()
    assert shelf.writes == 1


async def test_a_new_service_address_is_taken_over_and_kept(shelf: Shelf, clock: LocalClock) -> None:
    references = await opened(shelf, clock)
    meet(references)
    await references.keep()
    meet(references, url=EMEA)
    await references.keep()

    assert references.service_url == references.service_url_of("a:1head_teacher") == EMEA
    (stored,) = await shelf.find(TeamsReference)
    assert (stored.service_url, stored.version) == (EMEA, 2)


async def test_a_thread_is_its_channel(shelf: Shelf, clock: LocalClock) -> None:
    references = await opened(shelf, clock)
    references.note_place(f"{CHANNEL};messageid=1700", service_url=UK, tenant=TENANT)
    references.note_place(f"{CHANNEL};messageid=1800", service_url=UK, tenant=TENANT)
    await references.keep()

    (stored,) = await shelf.find(TeamsReference)
    assert (stored.id, stored.conversation) == (f"place {CHANNEL}", CHANNEL)
    assert references.place(f"{CHANNEL};messageid=1900") is references.place(CHANNEL)
    assert without_thread(CHANNEL) == CHANNEL


async def test_each_conversation_is_called_where_it_was_heard(shelf: Shelf, clock: LocalClock) -> None:
    references = await opened(shelf, clock)
    assert references.service_url_of(CHANNEL) == ""
    references.note_place(CHANNEL, service_url=EMEA, tenant=TENANT)
    meet(references)

    assert references.service_url_of(f"{CHANNEL};messageid=1700") == EMEA
    assert references.service_url_of("a:1head_teacher") == UK
    assert references.service_url_of("19:elsewhere@thread.tacv2") == UK


async def test_who_is_heard_again_is_not_blocked_any_more(shelf: Shelf, clock: LocalClock) -> None:
    references = await opened(shelf, clock)
    meet(references)
    references.block_person("head_teacher")
    blocked = references.person("head_teacher")
    assert blocked is not None
    assert (blocked.blocked, blocked.conversation) == (START, "a:1head_teacher")

    meet(references)

    heard = references.person("head_teacher")
    assert heard is not None
    assert heard.blocked is None


async def test_a_store_that_cannot_write_is_tried_again(
    shelf: Shelf, clock: LocalClock, caplog: pytest.LogCaptureFixture
) -> None:
    references = await opened(shelf, clock)
    meet(references)
    shelf.full = True
    await references.keep()
    assert references.unkept
    assert "29:" not in caplog.text

    shelf.full = False
    await references.keep()

    assert not references.unkept
    assert len(await shelf.find(TeamsReference)) == 1


async def test_two_programs_on_one_store_do_not_stop_each_other(shelf: Shelf, clock: LocalClock) -> None:
    one, other = await opened(shelf, clock), await opened(shelf, clock)
    meet(one)
    meet(other, url=EMEA)
    await one.keep()
    await other.keep()  # learns that it was written meanwhile
    await other.keep()
    one.forget_person("head_teacher")
    await one.keep()
    await one.keep()

    assert await shelf.find(TeamsReference) == []
    assert not one.unkept
    assert not other.unkept


async def test_what_changes_while_it_is_saved_is_saved_next(shelf: Shelf, clock: LocalClock) -> None:
    class Changing(Shelf):
        async def save(self, *records: Record, forget: Sequence[Record] = ()) -> None:
            await super().save(*records, forget=forget)
            if self.writes == 1:
                meet(references, url=EMEA)

    references = await opened(Changing(shelf), clock)
    meet(references)
    await references.keep()
    assert references.unkept
    await references.keep()

    (stored,) = await shelf.find(TeamsReference)
    assert stored.service_url == EMEA
    assert not references.unkept


# Votes

HELPED = Button("Did this help?", "policy.vote", "question-7")


async def test_what_a_vote_is_about_outlasts_the_program(folder_store: SchoolStore, clock: LocalClock) -> None:
    before = Votes(folder_store, clock, "bebington")
    await before.keep(before.open(f"{CHANNEL};messageid=1700", "1701", HELPED))

    after = Votes(folder_store, clock, "bebington")
    button = await after.cast(CHANNEL, "1701")

    assert button is not None
    assert (button.action, button.subject) == ("policy.vote", "question-7")
    assert await after.cast(CHANNEL, "1702") is None
    assert await after.cast("19:other@thread.tacv2", "1701") is None


async def test_a_vote_may_come_before_the_store_has_written(shelf: Shelf, clock: LocalClock) -> None:
    votes = Votes(shelf, clock, "bebington")
    vote = votes.open(CHANNEL, "1701", HELPED)
    shelf.full = True
    await votes.keep(vote)

    assert await votes.cast(CHANNEL, "1701") is not None


async def test_what_nobody_voted_on_for_a_month_is_forgotten(shelf: Shelf, clock: LocalClock) -> None:
    votes = Votes(shelf, clock, "bebington")
    await votes.keep(votes.open(CHANNEL, "1701", HELPED))
    clock.set(START + KEPT - timedelta(seconds=1))
    assert await votes.cast(CHANNEL, "1701") is not None

    clock.set(START + KEPT)
    assert await votes.cast(CHANNEL, "1701") is None
    await votes.keep(votes.open(CHANNEL, "1702", HELPED))

    (left,) = await shelf.find(TeamsVote)
    assert left.due_at == START + 2 * KEPT


async def test_neither_the_question_nor_where_it_was_asked_is_in_a_vote(shelf: Shelf, clock: LocalClock) -> None:
    votes = Votes(shelf, clock, "bebington")
    await votes.keep(votes.open(CHANNEL, "1701", HELPED))

    (kept,) = await shelf.find(TeamsVote)
    assert CHANNEL not in repr(kept)
    assert len(kept.id) == 32
