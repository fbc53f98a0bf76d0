"""Make sure that there is a browser for the tests: find one, or else install one."""

import os
import shutil
import subprocess
import sys

from tests.setup.absence import request, without
from tests.setup.chromium import chromium_path

ADVICE = (
    "The browser tests need Chromium or Chrome: none was found, and none could be installed. "
    f"Install one (Debian: apt-get install chromium), or do without it knowingly: {request('browser')}."
)


def main() -> None:
    """Leave a working browser on this machine.

    Raises:
        SystemExit: there is none, and none can be had.
    """
    if without("browser"):
        print(f"Browser tests are left out, as {request('browser')} asks.")
        return
    if not chromium_path():
        _install()
    if not chromium_path():
        sys.exit(ADVICE)
    print(f"Browser tests use {chromium_path()}.")


def _install() -> None:
    """Try Debian's package where that is allowed, then Playwright's own download."""
    print("Installing Chromium for the browser tests", flush=True)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _run("apt-get", "update", "--quiet=2")
        _run("apt-get", "install", "--quiet=2", "--yes", "--no-install-recommends", "chromium")
        chromium_path.cache_clear()
    if not chromium_path():
        _run(sys.executable, "-m", "playwright", "install", "chromium")
        chromium_path.cache_clear()


def _run(*command: str) -> None:
    """Run *command* without asking anybody anything; whether it helped is seen afterwards."""
    unattended = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, check=False, env=unattended, stdin=subprocess.DEVNULL, stdout=sys.stderr)


if __name__ == "__main__":
    main()
