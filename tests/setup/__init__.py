"""What the tests need from the machine: found, installed, or knowingly done without."""

from tests.setup.absence import without
from tests.setup.chromium import CHROMIUM_ARGS, chromium_path

__all__ = ["CHROMIUM_ARGS", "chromium_path", "without"]
