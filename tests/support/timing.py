"""Processor time of contenders within one run, and emitted modules to run."""

from __future__ import annotations

import importlib.util
import statistics
import time


def imported(text, path):
    """The module of a text, written to a file."""
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def ratios(first, others, rounds=25):
    """Medians of the ratios of processor time, the contenders taking turns."""
    found = [[] for _ in others]
    for _ in range(rounds):
        times = []
        for run in (first, *others):
            start = time.process_time()
            run()
            times.append(time.process_time() - start)
        for place, spent in enumerate(times[1:]):
            found[place].append(times[0] / spent)
    return [statistics.median(values) for values in found]
