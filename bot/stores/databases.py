"""A PostgreSQL as a command sees it: all of it at one moment, or filled from elsewhere."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from typing import Any
from urllib.parse import urlsplit

from bot.errors import NotSaved
from bot.stores.columns import column_of
from bot.stores.connections import FAILED, reason
from bot.stores.marks import unfinished
from bot.stores.migrating import CONNECTED_WITHIN, check_ready, check_safe, check_shape
from bot.stores.raw import UNREADABLE, Batches, Columns, Kinds, Raw
from bot.stores.servers import Servers
from bot.stores.statements import STATEMENTS

Row = Mapping[str, Any]


def name_of(url: str) -> str:
    """Return how the database at *url* is named to people: without a password, wherever in the url it stands."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the database"
    user, at, places = parts.netloc.rpartition("@")
    return f"postgresql://{user.partition(':')[0]}{at}{places}{parts.path}"


def raw_of(row: Row) -> Raw:
    """Return the record of a row."""
    columns = Columns(row["due_at"], row["leased"], tuple(row["words"]))
    return Raw.of(row["kind"], row["document"].encode(), columns)


class Database:
    """A database of which all is read as it is at one moment.

    Attributes:
        name: How it is named to people.
    """

    def __init__(self, url: str) -> None:
        self.name = name_of(url)
        self._url = url
        self._trace = ""
        self._connection: Any = None

    async def open(self) -> None:
        """Connect; raises NotSaved where that can't be done, or there is not all of a store."""
        await self.connect()
        with self._told():
            await check_shape(self._connection)
            copying = await self._connection.fetchval(STATEMENTS["copying"])
        if copying:
            raise NotSaved(unfinished("The database", copying))

    async def connect(self) -> None:
        """Connect, whatever there is; raises NotSaved where that can't be done."""
        try:
            self._connection = await Servers(self._url).connect(CONNECTED_WITHIN, statement_cache_size=0)
        except (*FAILED, ValueError) as error:
            raise NotSaved(f"{self.name} can't be reached: {reason(error)}. Look at the store's url.") from None

    async def close(self) -> None:
        """Let go of the database."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with self._told():
                await connection.close(timeout=CONNECTED_WITHIN)

    async def batches(self, size: int) -> Batches:
        """Yield everything as it is at one moment, in the order of the first saving."""
        async with aclosing(self.rows(size)) as every:
            async for rows in every:
                yield [raw_of(row) for row in rows]

    async def rows(self, size: int) -> AsyncGenerator[Sequence[Row], None]:
        """Yield the same with all columns, by name."""
        with self._told():
            async with self._connection.transaction(isolation="repeatable_read", readonly=True):
                self._trace = await self._connection.fetchval(STATEMENTS["trace"])
                cursor = await self._connection.cursor(STATEMENTS["all_there_is"])
                while rows := await cursor.fetch(size):
                    yield rows

    async def complaints(self) -> list[str]:
        """Return what keeps a bot from using it, each with what to do."""
        with self._told():
            try:
                await check_ready(self._connection)
            except NotSaved as error:
                return [error.sentence]
        return []

    async def has_tables(self) -> bool:
        """Tell whether there is anything to read at all."""
        with self._told():
            return bool(await self._connection.fetchval(STATEMENTS["has_tables"]))

    async def is_unchanged(self) -> bool:
        """Tell whether nothing was written since it was read last."""
        with self._told():
            return bool(self._trace == await self._connection.fetchval(STATEMENTS["trace"]))

    async def is_same_as(self, other: Database) -> bool:
        """Tell whether it is *other*, whatever they are called: what one holds, the other finds held."""
        key = secrets.randbits(62)
        with self._told(), other._told():
            async with self._connection.transaction(), other._connection.transaction():
                await self._connection.execute(STATEMENTS["hold"], key)
                return not await other._connection.fetchval(STATEMENTS["is_free"], key)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the database refuses into a sentence."""
        try:
            yield
        except FAILED as error:
            raise NotSaved(f"{self.name} did not do it: {reason(error)}. Once that is mended, try again.") from None


class FilledDatabase(Database):
    """A database into which everything of another store is put, which may be interrupted.

    Attributes:
        unread: How many records of which kind were put there without what they are found by, because this program
            does not know their kind or can't decode them.
    """

    def __init__(self, url: str, kinds: Kinds) -> None:
        super().__init__(url)
        self.unread: Counter[str] = Counter()
        self._kinds = kinds
        self._copied = 0

    async def open(self) -> None:
        """Connect; raises NotSaved where that can't be done, or there are no tables yet."""
        await self.connect()
        with self._told():
            await check_safe(self._connection)

    async def begin(self, source: str) -> None:
        """Note that *source* is put here, or go on with it; raises NotSaved where there is anything else."""
        with self._told():
            async with self._connection.transaction():
                mark = await self._connection.fetchrow(STATEMENTS["copying"])
                if mark is None and not await self._connection.fetchval(STATEMENTS["is_empty"]):
                    raise NotSaved(
                        f"There are records in {self.name} already. Make another database (createdb, smpolicy store "
                        "migrate), and name that."
                    )
                if mark is None:
                    await self._connection.execute(STATEMENTS["begin_copying"], source)
        if mark is not None and mark["source"] != source:
            raise NotSaved(unfinished("The database", mark["source"]))
        self._copied = mark["copied"] if mark else 0

    async def append(self, raws: Sequence[Raw]) -> None:
        """Put *raws* behind what is there; raises NotSaved where the database refuses."""
        columns = [self._columns(raw) for raw in raws]
        with self._told():
            async with self._connection.transaction():
                await self._go_on(len(raws))
                await self._connection.execute(
                    STATEMENTS["put"],
                    [column_of(raw.school) for raw in raws],
                    [raw.kind for raw in raws],
                    [column_of(raw.id) for raw in raws],
                    [raw.version for raw in raws],
                    [each.due_at for each in columns],
                    [each.leased for each in columns],
                    [" ".join(each.words) for each in columns],
                    [raw.text.decode() for raw in raws],
                )
        self._copied += len(raws)

    async def clear(self) -> None:
        """Forget what is there."""
        with self._told():
            async with self._connection.transaction():
                await self._go_on(-self._copied)
                await self._connection.execute(STATEMENTS["forget_all"])
        self._copied = 0
        self.unread.clear()

    async def settle(self) -> None:
        """Do nothing: what is there stays as it is."""

    async def finish(self) -> None:
        """Note that all is here."""
        with self._told():
            await self._connection.execute(STATEMENTS["end_copying"])

    async def _go_on(self, number: int) -> None:
        if await self._connection.fetchval(STATEMENTS["go_on_copying"], self._copied, number) is None:
            raise NotSaved(f"Somebody else is copying into {self.name} just now. Let them finish.")

    def _columns(self, raw: Raw) -> Columns:
        try:
            return raw.worked_out(self._kinds)
        except UNREADABLE:
            self.unread[raw.kind] += 1
            return raw.columns_as_they_are()
