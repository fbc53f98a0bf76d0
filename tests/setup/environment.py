"""Make the virtual environment, or say in one line what to install first."""

import sys
import venv
from importlib.util import find_spec

SUPPORTED = ((3, 11), (3, 12), (3, 13))


def main(folder: str) -> None:
    """Make a fresh virtual environment at *folder*, in place of one that was left half made.

    Raises:
        SystemExit: this Python is of an unsupported version, or came without what is needed.
    """
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if sys.version_info[:2] not in SUPPORTED:
        sys.exit(f"{sys.executable} is Python {version}: use 3.11, 3.12 or 3.13, with make PYTHON=...")
    # Debian has the module venv without ensurepip, and finds that out only halfway.
    if find_spec("ensurepip") is None:
        sys.exit(
            f"{sys.executable} came without venv: install it first "
            f"(Debian and Ubuntu: apt-get install python{version}-venv)."
        )
    venv.create(folder, clear=True, with_pip=True, symlinks=True)


if __name__ == "__main__":
    main(sys.argv[1])
