"""The help answers at once: measured against the start of the interpreter and the library for command lines."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest


def fastest(command: list[str]) -> float:
    best = float("inf")
    for _ in range(7):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        best = min(best, time.perf_counter() - start)
    return best


@pytest.mark.benchmark
def test_help_takes_little_more_than_importing_click(symnn_command: list[str]) -> None:
    empty = fastest([sys.executable, "-c", "import click"])
    shown = fastest([*symnn_command, "--help"])
    print(f"import click {empty * 1000:.0f} ms, symnn --help {shown * 1000:.0f} ms, ratio {shown / empty:.2f}")
    assert shown <= 3 * empty
