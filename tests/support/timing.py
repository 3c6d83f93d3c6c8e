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


def ratios(first, others, rounds=25, batches=3):
    """Ratios of processor time, the contenders taking turns: the median of the batch that was disturbed least."""
    found = [[] for _ in others]
    for _ in range(batches):
        batch = [[] for _ in others]
        for _ in range(max(3, rounds // batches)):
            times = []
            for run in (first, *others):
                start = time.process_time()
                run()
                times.append(time.process_time() - start)
            for place, spent in enumerate(times[1:]):
                batch[place].append(times[0] / spent)
        for place, values in enumerate(batch):
            found[place].append(statistics.median(values))
    return [min(medians) for medians in found]
