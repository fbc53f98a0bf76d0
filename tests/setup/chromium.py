"""Where this machine keeps a Chromium or Chrome that starts."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

CHROMIUM_ARGS = (
    "--no-sandbox",  # Chromium's sandbox refuses to start as root.
    "--disable-gpu",
    # The rest keeps it from calling home: the tests have no network, and each refused call costs time.
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""For `chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGS)`.

Playwright adds headless mode and an empty user data directory by itself.
"""

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPLICATIONS = ("Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome")
PLAYWRIGHT_BUILDS = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)


@cache
def chromium_path() -> str | None:
    """Return the path of the first Chromium or Chrome that starts here, or None."""
    return next(filter(_starts, _candidates()), None)


def _candidates() -> Iterator[str]:
    """Yield every place where a browser may be, the system's own before Playwright's."""
    for command in COMMANDS:
        if path := shutil.which(command):
            yield path
    for application in MAC_APPLICATIONS:
        yield str(Path("/Applications") / application)
    for build in PLAYWRIGHT_BUILDS:
        yield from map(str, sorted(_playwright_folder().glob(build), reverse=True))


def _starts(path: str) -> bool:
    """Return whether the browser at *path* can tell its version.

    Some systems have a command of that name that only says how to install the browser.
    """
    try:
        subprocess.run([path, "--version"], check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _playwright_folder() -> Path:
    """Return the folder where Playwright keeps the browsers that it downloads."""
    if chosen := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        return Path(chosen)
    caches = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return caches / "ms-playwright"
