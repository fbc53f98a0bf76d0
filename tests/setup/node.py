"""Make sure that the npm packages of the tests are there, by the Node that came with the dev lock."""

import subprocess
import sys
from pathlib import Path

from tests.setup.absence import request, without

TESTS = Path(__file__).resolve().parent.parent
BROWSER_TESTS = TESTS / "browser"
SCHEMAS = TESTS / "schemas"
PLAYGROUND = TESTS / "playground"
FOLDERS = (BROWSER_TESTS, SCHEMAS, PLAYGROUND)
NODE = Path(sys.executable).parent / "node"
NPM = Path(sys.executable).parent / "npm"


def main() -> None:
    """Leave exactly the locked packages in the node_modules of each folder.

    Raises:
        SystemExit: npm could not install them.
    """
    if without("node"):
        print(f"Tests that need npm packages are left out, as {request('node')} asks.")
        return
    for folder in FOLDERS:
        if not installed(folder):
            _install(folder)


def lock(folder: Path) -> Path:
    """Return the file that says which packages belong to *folder*."""
    return folder / "package-lock.json"


def installed(folder: Path) -> bool:
    """Return whether *folder* has the packages of its lock as it is now."""
    # npm writes this one last, so it tells when the packages were complete.
    done = folder / "node_modules" / ".package-lock.json"
    return done.exists() and done.stat().st_mtime >= lock(folder).stat().st_mtime


def _install(folder: Path) -> None:
    print(f"Installing the npm packages of tests/{folder.name}", flush=True)
    done = subprocess.run([NPM, "ci", "--ignore-scripts"], cwd=folder, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        sys.exit(f"npm could not install them; do without them knowingly: {request('node')}.")


if __name__ == "__main__":
    main()
