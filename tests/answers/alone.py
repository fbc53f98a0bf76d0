"""Time and memory of a process that does nothing but answer: ``python -m tests.answers.alone``."""

import re
import resource
import statistics
import sys
import time
from pathlib import Path

from tests.answers.questions import SETS, read_knowledge, read_policy, read_questions, read_search

_MEBIBYTE = 1024
_WARMING = 50


def main() -> int:
    """Print them."""
    started = time.perf_counter()
    policy = read_policy()
    search = read_search(policy, read_knowledge(policy))
    ready = time.perf_counter() - started
    questions = [question.text for file in SETS.values() for question in read_questions(file)]
    for text in questions[:_WARMING]:
        search.answer(f"{text} again")
    times = []
    for text in questions:
        begun = time.perf_counter()
        search.answer(text)
        times.append(1000 * (time.perf_counter() - begun))
    slowest = statistics.quantiles(times, n=20)[-1]
    sys.stdout.write(
        "\nOne question that was not asked before, warm\n\n"
        f"median {statistics.median(times):.2f} ms, 95 % under {slowest:.2f} ms; ready in {ready:.2f} s\n"
        f"memory of the whole process at its largest: {_largest():.0f} MB\n"
    )
    return 0


def _largest() -> float:
    """Return how large this process was at most, in MB; what the system counts includes whoever started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEBIBYTE
    [largest] = re.findall(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="ascii"))
    return int(largest) / _MEBIBYTE


if __name__ == "__main__":
    sys.exit(main())
