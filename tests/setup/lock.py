"""Write the locks anew: two for Python, one for each npm folder; exact, with hashes, without a registry's address."""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from venv import EnvBuilder

from tests.setup import node

ROOT = Path(__file__).resolve().parent.parent.parent
RUNTIME_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
UV = "uv==0.13.9"
COMPILE = (
    "pip",
    "compile",
    "--no-config",
    "--quiet",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
)


def main(options: list[str]) -> None:
    """Lock what pyproject.toml and package.json ask for; the option `--upgrade` asks for the newest.

    Raises:
        SystemExit: a lock came out with an address in it.
        subprocess.CalledProcessError: nothing satisfies the ranges.
    """
    upgrade = [option for option in options if option == "--upgrade"]
    with TemporaryDirectory() as folder:
        uv = _installed_uv(Path(folder))
        _compile(uv, RUNTIME_LOCK, "--group=build", *upgrade)
        # The tests run against the very versions that `make run` installs.
        _compile(uv, DEV_LOCK, "--group=build", "--group=dev", f"--constraint={RUNTIME_LOCK.name}", *upgrade)
    verb = "update" if upgrade else "install"
    for packages in node.FOLDERS:
        _run([node.NPM, verb, "--package-lock-only"], cwd=packages)
        _leave_out_funding(node.lock(packages))
    _refuse_addresses()


def _installed_uv(folder: Path) -> Path:
    """Return uv, fresh in an environment of its own: only this chore needs it."""
    EnvBuilder(with_pip=True).create(folder)
    _run([folder / "bin" / "pip", "install", "--quiet", UV], cwd=ROOT)
    return folder / "bin" / "uv"


def _compile(uv: Path, lock: Path, *options: str) -> None:
    """Let uv write *lock* for every Python and system that pyproject.toml allows."""
    _run([uv, *COMPILE, *options, f"--output-file={lock.name}", "pyproject.toml"], cwd=ROOT)


def _run(command: list[str | Path], cwd: Path) -> None:
    """Run *command* in *cwd*, where a person's own uv settings can't choose another index."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    subprocess.run(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)


def _leave_out_funding(lock: Path) -> None:
    """Take out of *lock* where a package's authors collect donations: these are its only addresses."""
    content = json.loads(lock.read_text(encoding="utf-8"))
    for package in content["packages"].values():
        package.pop("funding", None)
    lock.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _refuse_addresses() -> None:
    """Refuse a lock that would send everybody to the registry of the machine that wrote it."""
    for lock in (RUNTIME_LOCK, DEV_LOCK, *map(node.lock, node.FOLDERS)):
        if "://" in lock.read_text(encoding="utf-8"):
            sys.exit(f"{lock.relative_to(ROOT)} names an address: see what its tool is told, and lock again.")


if __name__ == "__main__":
    main(sys.argv[1:])
