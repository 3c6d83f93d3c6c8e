"""Processor time within one run: ratios of contenders, growth with size; and emitted modules to run."""

from __future__ import annotations

import gc
import importlib.util
import statistics
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

import sympy

Size = TypeVar("Size")

TRIES = 6
SLACK = 3.0
"""Linear within this factor: caches and allocations cost more where there is more to hold."""
NOISE = 0.05
"""Seconds that do not count: what a clock cannot tell from nothing."""


def imported(text, path):
    """The module of a text, written to a file."""
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def keeps_within(
    run: Callable[[], object], bounds: Mapping[str, tuple[Callable[[], object], float]], rounds: int = 5
) -> bool:
    """Whether a run takes at most a multiple of the processor time of each contender, all taking turns.

    The median of a batch of rounds counts, and the least of a few batches: what disturbs a batch makes it slower.
    """
    least = dict.fromkeys(bounds, float("inf"))
    for _ in range(TRIES):
        batch: dict[str, list[float]] = {name: [] for name in bounds}
        for _ in range(rounds):
            own = processor_seconds(run)
            for name, (other, _) in bounds.items():
                batch[name].append(own / processor_seconds(other))
        least = {name: min(least[name], statistics.median(batch[name])) for name in bounds}
        if all(least[name] < bound for name, (_, bound) in bounds.items()):
            break
    print(", ".join(f"{ratio:.2f} times {name}" for name, ratio in least.items()))
    return all(least[name] < bound for name, (_, bound) in bounds.items())


def processor_seconds(run: Callable[[], object]) -> float:
    """Processor time of one run. The garbage of other tests is not collected meanwhile: that may take longer."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        start = time.process_time()
        run()
        return time.process_time() - start
    finally:
        if enabled:
            gc.enable()


def grows_linearly(
    run: Callable[[Size], object], small: Size, large: Size, *, factor: float, slack: float = SLACK
) -> bool:
    """Whether the larger input, `factor` times the smaller one, takes about `factor` times as long.

    The least of a few tries counts: a disturbance only ever makes a run slower. What takes more than linear time is
    slow in each of them.
    """
    return is_bounded(lambda: run(large), lambda: run(small), factor * slack)


def is_bounded(run: Callable[[], object], unit: Callable[[], object], factor: float) -> bool:
    """Whether the least time of a run is at most `factor` times that of a unit of work, the two taking turns."""
    unit()
    first = second = float("inf")
    for _ in range(TRIES):
        first = min(first, processor_seconds(unit))
        second = min(second, processor_seconds(run))
        if second <= factor * first + NOISE:
            return True
    return False


def algebra() -> sympy.Expr:
    """A unit of work, the same on every machine: a power of a sum of four names, expanded from nothing."""
    sympy.core.cache.clear_cache()
    return sympy.expand((sum(sympy.symbols("a:d")) + 1) ** 12)
