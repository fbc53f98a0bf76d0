"""What a school costs PostgreSQL, and Monday 09:00 in many schools at once: `make bench-scale`."""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import asyncpg

from bot.app import App, SchoolApp, new_http
from bot.platforms.web.clock import LocalClock
from bot.ports import Store
from bot.settings.shapes import Settings
from bot.stores.postgres import PostgresStore
from tests.offices import slack_office
from tests.postgres import Server
from tests.simulator import LONDON, START, CountedIds, Office, PlainDesk, Running, sample_settings
from tests.stories.test_apply import approve_in_slt, bring_to_slt
from tests.stories.test_press import CONTACT
from tests.stories.test_report import COLLEAGUE

PATIENCE = 60.0  # seconds, where nobody waits
MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=LONDON)
YEAR_ON = "2027-11-24 09:00"
SCHOOLS, APPLICATIONS = 100, 5
QUESTIONS = 20
Doing = Callable[[Office], Awaitable[None]]


# What people do --------------------------------------------------------------------------------


async def ask(office: Office) -> None:
    """Ask something."""
    await office.person("history_teacher").says("may I name the school in a post")


async def apply(office: Office) -> None:
    """Bring an application to the register, with all that six people do for it."""
    await bring_to_slt(office)
    await approve_in_slt(office)
    await office.person("head_teacher").presses("Approve", on="Show parents")
    await office.person("administrator").presses(
        "Created", on="Put the details", handle="@BebHistory", vault="Social media / History", two_step=True
    )


async def report(office: Office) -> None:
    """Report something, which the Head opens and resolves."""
    teacher, head = office.person("history_teacher"), office.person("head_teacher")
    await teacher.says("report")
    await teacher.fills(**COLLEAGUE)
    await teacher.presses("Submit")
    await head.presses("Open", on="Something has been sent to you")


async def pass_on(office: Office) -> None:
    """Pass on a journalist, to whom somebody of SLT has no comment."""
    teacher = office.person("history_teacher")
    await teacher.says("/smpolicy press")
    await teacher.fills(**CONTACT)
    await teacher.presses("Submit")
    deputy = office.person("deputy_head")
    await deputy.presses("Acknowledge", on="Something is waiting")
    await deputy.presses("No comment", on="PRESS-")


DOINGS: dict[str, tuple[int, Doing]] = {
    "a question": (QUESTIONS, ask),
    "an application, to the register": (1, apply),
    "a report, until it is opened": (1, report),
    "a journalist, until no comment": (1, pass_on),
}


# What it costs ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Books:
    """What a database holds and has done.

    Attributes:
        rows: Of the records.
        size: Of the table with its indexes, in bytes.
        journal: Written so far to the server's own write-ahead journal, in bytes.
    """

    rows: int
    size: int
    journal: int


async def books(url: str, first: str = "select") -> Books:
    """Return the books of the database at *url*, once the statement *first* is done."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(first)
        row = await connection.fetchrow(
            "select (select count(*) from smpolicy.record), pg_total_relation_size('smpolicy.record'),"
            " pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"
        )
    finally:
        await connection.close()
    return Books(*row)


async def by_kind(url: str) -> Sequence[tuple[str, int, int]]:
    """Return kind, rows and bytes a document, most rows first."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "select kind, count(*), avg(length(document::text))::bigint from smpolicy.record"
            " group by kind order by 2 desc, 1"
        )
    finally:
        await connection.close()
    return [tuple(row) for row in rows]


async def measure_costs(server: Server, folder: Path, doings: Sequence[str]) -> None:
    """Print what each of *doings* costs, and what of it is left a year on."""
    print("One school in Slack, on PostgreSQL: what one costs, with all that everybody does for it.")
    print(f"{'':34}{'rows':>8}{'a year on':>12}{'written ahead':>16}")
    for name in doings:
        times, do = DOINGS[name]
        url = server.database()
        store = partial(PostgresStore, url, patience=PATIENCE)
        office = slack_office(sample_settings(folder), store, App)
        await office.open()
        try:
            before = await books(url)
            for _ in range(times):
                await do(office)
            after = await books(url)
            kinds = await by_kind(url)
            await office.clock_to(YEAR_ON)
            left = await books(url)
        finally:
            await office.leave()
        rows, written = after.rows - before.rows, after.journal - before.journal
        print(f"{name:34}{rows / times:8.1f}{(left.rows - before.rows) / times:12.1f}{written / times / 1024:13.1f} kB")
        print("".join(f"    {count} {kind} of {size} bytes\n" for kind, count, size in kinds), end="")


# Monday 09:00 ----------------------------------------------------------------------------------


async def measure_monday(server: Server, folder: Path, schools: int, applications: int) -> None:
    """Have every school's reminders become due at the same moment, and print how long it takes to say them."""
    url = server.database()
    store = PostgresStore(url, patience=PATIENCE)
    await store.open()
    clock, sample = LocalClock(start=START), sample_settings(folder)
    offices = [await _opened(sample, number, store, clock) for number in range(schools)]
    try:
        begun = time.perf_counter()
        for office in offices:
            for number in range(applications):
                aim = f"Show parents what happens in history lessons of set {number}."
                await bring_to_slt(office, aim=aim, handle=f"@BebingtonHistory{number}")
        print(
            f"\nMonday 09:00 in {schools} schools with {applications} applications each, in one process "
            f"(laid out in {time.perf_counter() - begun:.0f} s):"
        )
        told, before = sum(each.app.worker.delivered for each in offices), await books(url)
        clock.set(MONDAY)
        cpu, begun = _cpu(), time.perf_counter()
        await asyncio.gather(*(each.app.worker.deliver_due() for each in offices))
        seconds, cpu = time.perf_counter() - begun, _cpu() - cpu
        said = sum(each.app.worker.delivered for each in offices) - told
        after = await books(url)
        print(f"  {said} jobs said in {seconds:.1f} s: {said / seconds:.0f} a second")
        print(f"  {1000 * cpu / said:.2f} ms of this process's processor a job, {os.cpu_count()} processors")
        print(f"  {(after.journal - before.journal) / said / 1024:.1f} kB written ahead a job")
        tidy = await books(url, "vacuum full smpolicy.record")
        print(
            f"  {after.rows} rows, {after.size / after.rows:.0f} bytes each with their indexes as they are, "
            f"{tidy.size / tidy.rows:.0f} after a VACUUM FULL"
        )
    finally:
        for office in offices:
            await office.leave()
        await store.close()


async def _opened(sample: Settings, number: int, store: Store, clock: LocalClock) -> Office:
    settings = replace(sample, school=replace(sample.school, id=f"school-{number}"))

    def compose(settings: Settings, **parts: object) -> Running:
        parts.pop("store")
        return SchoolApp(settings, store, new_http(), **parts)  # type: ignore[arg-type]

    office = Office(PlainDesk(settings, clock), settings, clock, lambda: store, compose, CountedIds())
    await office.open()
    return office


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


# The command ------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make bench-scale", description=__doc__)
    parser.add_argument("--schools", type=int, default=SCHOOLS, help=f"on Monday at 09:00 (default {SCHOOLS})")
    parser.add_argument("--quick", action="store_true", help="little of everything: to see that it works")
    call = parser.parse_args(arguments)
    server = Server()
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(_measure(server, Path(folder), call))
    finally:
        server.remove()
    return 0


async def _measure(server: Server, folder: Path, call: argparse.Namespace) -> None:
    await measure_costs(server, folder, list(DOINGS)[: 1 if call.quick else None])
    schools, applications = (2, 1) if call.quick else (call.schools, APPLICATIONS)
    await measure_monday(server, folder, schools, applications)


if __name__ == "__main__":
    sys.exit(main())
