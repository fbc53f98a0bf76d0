"""A process for the tests to kill: copies one store into another, a record at a time, and says when it begins."""

from __future__ import annotations

import asyncio
import sys

from bot.stores.moving import copy
from tests.stores.records import KINDS

if __name__ == "__main__":
    sys.stdout.write("copying\n")
    sys.stdout.flush()
    asyncio.run(copy(sys.argv[1], sys.argv[2], KINDS, size=1))
