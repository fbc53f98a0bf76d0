"""`smpolicy store` at a terminal: every call is a process of its own, as a technician gives it."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.postgres import server
from tests.setup.absence import without
from tests.test_command_line import Server, assert_one_line, serving, smpolicy, smpolicy_each

pytestmark = pytest.mark.skipif(without("postgres"), reason="without PostgreSQL, as was asked")
AIM = "To show what the department does each week"
PASSWORD = "open-sesame"
WRONG = 1


@pytest.fixture
def empty() -> str:
    """Return a database that nobody has made ready, with a password in its url."""
    return server().database(migrated=False).replace("smpolicy@", f"smpolicy:{PASSWORD}@")


@pytest.fixture
def ready(empty: str) -> str:
    """Return a database that was made ready."""
    assert smpolicy("store", "migrate", empty).returncode == 0
    return empty


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Return the folder of a store in which somebody has begun to apply."""
    with serving(tmp_path) as running:
        _talk(running)
        assert running.stop() == 0
    return tmp_path / "records"


def _talk(running: Server) -> None:
    running.says("pe_teacher", "/smpolicy apply")
    running.says("pe_teacher", AIM)


def _records(done: CompletedProcess[str]) -> dict[str, tuple[str, str]]:
    """Return kind to count and checksum from the table that a command printed."""
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^bebington +(\w+) +(\d+) +([0-9a-f]{64})$", done.stdout, re.MULTILINE)
    assert rows, done.stdout
    return {kind: (count, checksum) for kind, count, checksum in rows}


@contextmanager
def _serving_database(tmp_path: Path, url: str) -> Iterator[Server]:
    with serving(tmp_path, "--config", str(Path(__file__).parents[1] / "app.yaml"), SMPOLICY_STORE_URL=url) as running:
        yield running


def test_a_school_moves_to_a_database_and_back(filled: Path, ready: str, tmp_path: Path) -> None:
    there = smpolicy("store", "copy", f"tinydb:{filled}", ready)
    with _serving_database(tmp_path, ready) as running:
        following = running.says("pe_teacher", "Staff")
        assert [each["name"] for each in following["form"]["fields"]] == ["promotion"]
        assert running.stop() == 0
    checked = smpolicy("store", "check", ready)
    back = smpolicy("store", "copy", ready, f"tinydb:{tmp_path / 'back'}")
    with serving(tmp_path, "--data", str(tmp_path / "back")) as running:
        said = running.says("pe_teacher", "In the newsletter")

    assert _records(there) == _records(smpolicy("store", "check", f"tinydb:{filled}"))
    assert _records(checked) == _records(back)
    assert _records(there) != _records(back)
    assert said["form"]["fields"]


def test_a_database_is_made_ready_once(empty: str) -> None:
    first, again = smpolicy("store", "migrate", empty), smpolicy("store", "migrate", empty)

    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert "Done: 0001_" in first.stdout
    assert "is ready for this smpolicy" in first.stdout
    assert again.stdout.startswith("There is nothing to do")


def test_two_who_make_it_ready_at_once_do_it_once(empty: str) -> None:
    done = smpolicy_each(*[("store", "migrate", empty)] * 2)

    assert [each.returncode for each in done] == [0, 0], [each.stderr for each in done]
    assert sum("Done: 0001_" in each.stdout for each in done) == 1


def test_what_serve_uses_is_meant_where_no_store_is_named(ready: str, tmp_path: Path) -> None:
    by_variable = smpolicy("store", "migrate", SMPOLICY_STORE_URL=ready)
    by_option = smpolicy("store", "migrate", "--data", str(tmp_path))
    by_both = smpolicy("store", "check", ready, "--data", str(tmp_path))

    assert by_variable.stdout.startswith("There is nothing to do")
    assert f"{tmp_path} needs no tables" in by_option.stdout
    assert_one_line(by_both, "by URL or by --data, not by both")


def test_a_database_that_is_not_ready_is_refused_with_the_way_to_mend_it(empty: str, filled: Path) -> None:
    copied = smpolicy("store", "copy", f"tinydb:{filled}", empty)
    served = smpolicy("serve", "--local", "--port", "0", SMPOLICY_STORE_URL=empty)

    assert_one_line(copied, "smpolicy store migrate")
    assert_one_line(served, "smpolicy store migrate")


def test_a_backup_is_taken_while_it_serves_and_restored(ready: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    with serving(tmp_path) as running:
        _talk(running)
        saved = smpolicy("store", "backup", f"tinydb:{tmp_path / 'records'}", str(kept))
        running.says("pe_teacher", "Staff")  # it goes on
        running.stop(signal.SIGKILL)
    to_database = smpolicy("store", "restore", str(kept), ready)
    from_database = smpolicy("store", "backup", ready, str(tmp_path / "again"))
    to_folder = smpolicy("store", "restore", str(tmp_path / "again"), f"tinydb:{tmp_path / 'mended'}")
    with serving(tmp_path, "--data", str(tmp_path / "mended")) as running:
        following = running.says("pe_teacher", "Staff")

    assert _records(saved) == _records(to_database) == _records(from_database) == _records(to_folder)
    assert [each["name"] for each in following["form"]["fields"]] == ["promotion"]


def test_nothing_is_put_over_something(filled: Path, ready: str, tmp_path: Path) -> None:
    smpolicy("store", "backup", f"tinydb:{filled}", str(tmp_path / "kept"))
    smpolicy("store", "copy", f"tinydb:{filled}", ready)

    over_backup, over_folder, over_database = smpolicy_each(
        ("store", "backup", f"tinydb:{filled}", str(tmp_path / "kept")),
        ("store", "restore", str(tmp_path / "kept"), f"tinydb:{filled}"),
        ("store", "restore", str(tmp_path / "kept"), ready),
    )

    assert_one_line(over_backup, "kept")
    assert_one_line(over_folder, "records")
    assert_one_line(over_database)


def test_a_folder_that_is_served_is_not_copied(ready: str, tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        _talk(running)

        assert_one_line(smpolicy("store", "copy", f"tinydb:{tmp_path / 'records'}", ready), "records")


def test_damage_is_named_with_what_to_do(filled: Path, tmp_path: Path) -> None:
    whole = smpolicy("store", "check", "--data", str(filled))
    largest = max((each for each in filled.rglob("*") if each.is_file()), key=lambda each: each.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 3] ^= 1
    largest.write_bytes(content)

    checked = smpolicy("store", "check", "--data", str(filled))
    served = smpolicy("serve", "--local", "--port", "0", "--data", str(filled))

    assert "Nothing is wrong." in whole.stdout
    assert checked.returncode == WRONG
    assert largest.name in checked.stderr
    assert_one_line(served, largest.name, "from a backup")


@pytest.mark.parametrize("url", ["sqlite:records", "tinydb:", "postgresql:nowhere", ""])
def test_what_is_no_store_is_refused(url: str) -> None:
    done = smpolicy("store", "check", url)

    assert done.returncode == 2
    assert "use tinydb:FOLDER or postgresql://USER@HOST/DATABASE" in done.stderr


def test_no_password_is_ever_printed(ready: str, empty: str, filled: Path, tmp_path: Path) -> None:
    nowhere = re.sub(r":\d+/", ":9/", ready)
    query = re.sub(r":[^:@]+@", "@", ready) + f"?password={PASSWORD}"
    smpolicy("store", "copy", f"tinydb:{filled}", ready)

    done = smpolicy_each(
        ("store", "migrate", ready), ("store", "check", ready), ("store", "check", query), ("store", "check", nowhere),
        ("store", "migrate", f"{ready}-missing"), ("store", "copy", ready, nowhere), ("store", "copy", ready, ready),
        ("store", "backup", nowhere, str(tmp_path / "kept")), ("store", "restore", str(filled), ready),
        ("store", "check", f"postgresql:{PASSWORD}"), ("serve", "--local", "--store", ready),
        ("serve", "--local", "--store", query),
    )  # fmt: skip

    assert PASSWORD not in "".join(f"{each.stdout}{each.stderr}" for each in done)
    assert [each.returncode for each in done[:3]] == [0, 0, 0]
    assert all(each.returncode for each in done[3:])
