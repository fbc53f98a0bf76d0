"""What was measured, as tables and beside the goals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench_store.measuring import OURS, PLAIN, STOCK, STORES, Figures
from tests.bench_store.rounds import IN_HAND, SAVERS, Rates, middle_and_most

MANY_TIMES, ONE_SHARE, LOOK_MS, GROWTH, START_SECONDS, START_MEGABYTES = 5.0, 0.6, 0.1, 1.5, 3.0, 500.0
LOOKS = ("by id", "by id, the first time", "by index", "by index, the first time", "what is due")

Json = Any


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal and the figure that it is judged by."""

    goal: str
    figure: float
    met: bool


def goals(figures: Figures) -> Iterator[Goal]:
    """Yield every goal as this run has it."""
    sizes = figures.plan.sizes
    for size in sizes:
        ours, plain = _rates(figures, OURS, size), _rates(figures, PLAIN, size)
        many, one = ours.ratio(plain, SAVERS), ours.ratio(plain, 1)
        yield Goal(f"times SQLite, {SAVERS} savers, {size:,} records (at least 5)", many, many >= MANY_TIMES)
        yield Goal(f"times SQLite, one saver, {size:,} records (at least 0.6)", one, one >= ONE_SHARE)
    grows = f"times the cost with {sizes[0]:,} records at {sizes[-1]:,} (at most 1.5): "
    few, many_records = _rates(figures, OURS, sizes[0]), _rates(figures, OURS, sizes[-1])
    for savers, who in ((SAVERS, f"{SAVERS} savers"), (1, "one saver")):
        growth = few.ratio(many_records, savers)
        yield Goal(f"{grows}a save, {who}", growth, growth <= GROWTH)
    for look in LOOKS:
        middles = [middle_and_most(figures.contenders[OURS, size].looks[look])[0] for size in sizes]
        slowest, growth = max(middles), middles[-1] / middles[0]
        yield Goal(f"ms for the middle look-up {look}, at whichever size (under 0.1)", slowest, slowest < LOOK_MS)
        yield Goal(f"{grows}a look-up {look}", growth, growth <= GROWTH)
    start = figures.starts[OURS]
    yield Goal(f"s to start with {sizes[-1]:,} records (under 3)", start.seconds, start.seconds < START_SECONDS)
    goal = f"MB at most, at the start with {sizes[-1]:,} records (under 500)"
    yield Goal(goal, start.megabytes, start.megabytes < START_MEGABYTES)


def report(figures: Figures) -> bool:
    """Print the tables and the goals; return whether all of them are met."""
    _print_saving(figures)
    _print_looking(figures)
    _print_starting(figures)
    print("\nThe goals of the embedded store:")
    judged = list(goals(figures))
    for goal in judged:
        print(f"{'met' if goal.met else 'NOT met':8}{goal.figure:9.3g} {goal.goal}")
    return all(goal.met for goal in judged)


def _print_saving(figures: Figures) -> None:
    print(f"\nSaves per second, each durable when it returns; the middle of {figures.plan.rounds} rounds by turns.")
    print("Beside it: times SQLite with a transaction each (the middle of the rounds), and the slowest save in ms.")
    print(f"{'':28}{'records':>9}{f'{SAVERS} savers':>11}{'':16}{'one saver':>14}")
    for size in figures.plan.sizes:
        plain = _rates(figures, PLAIN, size)
        for name in STORES:
            rates = _rates(figures, name, size)
            columns = "  ".join(
                f"{rates.rate(savers):9,.0f}{rates.ratio(plain, savers):7.2f}{1000 * max(rates.waits[savers]):8.1f}"
                for savers in (SAVERS, 1)
            )
            print(f"{name:28}{size:9,}  {columns}")
        stock = figures.stock[size]
        note = f"only {stock.saves} in {stock.saving:.1f} s" if stock.saves < 100 else ""
        print(f"{STOCK:28}{size:9,}  {'':26}{stock.saves / stock.saving:9.2f}   {note}")
    print(f"{STOCK} rewrites its file several times a save, so {SAVERS} savers only wait for one another.")


def _print_looking(figures: Figures) -> None:
    print(f"\nLook-ups in ms, of cases that nobody has looked up since the start and of {IN_HAND} that are in hand:")
    print("the middle one, and what 95 of 100 need at most.")
    print(f"{'':28}{'':26}" + "".join(f"{size:>12,} records" for size in figures.plan.sizes))
    for name in (OURS, PLAIN):
        for look in LOOKS:
            cells = (middle_and_most(figures.contenders[name, size].looks[look]) for size in figures.plan.sizes)
            print(f"{name:28}{look:26}" + "".join(f"{middle:12.4f}{most:8.4f}" for middle, most in cells))
    stock = "".join(f"{1000 * each.looking / each.looks:12.1f}{'':8}" for each in figures.stock.values())
    print(f"{STOCK:28}{'by id, on average':26}{stock}")


def _print_starting(figures: Figures) -> None:
    print(f"\nA fresh process opens {figures.plan.sizes[-1]:,} records, asks for each kind and reads all jobs:")
    for name, start in figures.starts.items():
        print(f"{name:28}{start.seconds:6.2f} s, at most {start.megabytes:.0f} MB ({start.before:.0f} MB before)")


def as_json(figures: Figures) -> Json:
    """Return everything as JSON."""
    return {
        "disk": figures.disk,
        "saves per second": [
            {"store": name, "records": size, "savers": savers, "rounds": rounds, "slowest ms": 1000 * max(waits)}
            for (name, size), each in figures.contenders.items()
            for (savers, rounds), waits in zip(each.rates.rounds.items(), each.rates.waits.values(), strict=True)
        ],
        "look-ups ms": [
            {"store": name, "records": size, "look-up": look}
            | dict(zip(("median", "95 %"), middle_and_most(seconds), strict=True))
            for (name, size), each in figures.contenders.items()
            for look, seconds in each.looks.items()
        ],
        STOCK: [{"records": size, **asdict(each)} for size, each in figures.stock.items()],
        "starts": {name: asdict(each) for name, each in figures.starts.items()},
        "goals": [asdict(each) for each in goals(figures)],
    }


def _rates(figures: Figures, name: str, size: int) -> Rates:
    return figures.contenders[name, size].rates
