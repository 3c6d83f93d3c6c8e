"""The watchdog stops what runs too long, also where Python would swallow what it raises."""

import contextlib
import gc
import sys
import time

import pytest
import sympy

from symnn.notes.judge.errors import OutOfTime
from symnn.notes.judge.process.watchdog import watched

SHORT = 0.05


def _expand_for_long() -> None:
    x, y = sympy.symbols("x y")
    while True:
        sympy.expand((x + y + 1) ** 12)


def test_a_long_computation_is_stopped() -> None:
    with pytest.raises(OutOfTime), watched(SHORT):
        _expand_for_long()


def test_it_is_not_lost_in_a_callback_of_the_garbage_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    lost: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)

    def slow(phase: str, info: dict[str, int]) -> None:
        until = time.process_time() + 4 * SHORT
        while time.process_time() < until:
            pass

    def collect_and_go_on() -> None:
        gc.callbacks.append(slow)
        try:
            gc.collect()
        finally:
            gc.callbacks.remove(slow)
        _expand_for_long()

    with pytest.raises(OutOfTime), watched(SHORT):
        collect_and_go_on()
    assert not lost


def test_it_rings_again_where_the_first_was_swallowed() -> None:
    def go_on_twice() -> None:
        with contextlib.suppress(OutOfTime):
            _expand_for_long()
        _expand_for_long()

    with pytest.raises(OutOfTime), watched(SHORT):
        go_on_twice()


def test_nothing_rings_after_the_block() -> None:
    with watched(SHORT):
        pass
    until = time.process_time() + 3 * SHORT
    while time.process_time() < until:
        sympy.Symbol("x")
