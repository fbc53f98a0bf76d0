"""Make sure that the npm packages of the browser tests are there, by the Node that came with the dev lock."""

import subprocess
import sys
from pathlib import Path

from tests.setup.absence import request, without

BROWSER_TESTS = Path(__file__).resolve().parent.parent / "browser"
LOCK = BROWSER_TESTS / "package-lock.json"
# npm writes this one last, so it tells when the packages were complete.
INSTALLED = BROWSER_TESTS / "node_modules" / ".package-lock.json"
NPM = Path(sys.executable).parent / "npm"


def main() -> None:
    """Leave exactly the locked packages in tests/browser/node_modules.

    Raises:
        SystemExit: npm could not install them.
    """
    if without("node"):
        print(f"Tests that need npm packages are left out, as {request('node')} asks.")
        return
    if INSTALLED.exists() and INSTALLED.stat().st_mtime >= LOCK.stat().st_mtime:
        return
    print("Installing the npm packages of the browser tests", flush=True)
    installed = subprocess.run(
        [NPM, "ci", "--ignore-scripts"], cwd=BROWSER_TESTS, stdin=subprocess.DEVNULL, check=False
    )
    if installed.returncode:
        sys.exit(f"npm could not install them; do without them knowingly: {request('node')}.")


if __name__ == "__main__":
    main()
