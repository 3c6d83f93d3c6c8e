"""Deriving grows linearly with depth. Ratios within one run only; absolute times are printed, not asserted."""

from __future__ import annotations

import time

import pytest
from networks import tanh_perceptron

from symnn.check.serialize import to_json
from symnn.derive import derive


def seconds(layers: int) -> float:
    network = tanh_perceptron(layers)
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        derive(network)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.benchmark
def test_twice_the_depth_takes_at_most_two_and_a_half_times_as_long() -> None:
    derive(tanh_perceptron(2))
    shallow, deep = seconds(32), seconds(64)
    print(f"32 layers {shallow:.3f} s, 64 layers {deep:.3f} s, ratio {deep / shallow:.2f}")
    assert deep <= 2.5 * shallow


def test_output_grows_linearly_with_depth() -> None:
    sizes = {layers: len(str(to_json(derive(tanh_perceptron(layers))))) for layers in (8, 16)}
    assert sizes[16] <= 2.2 * sizes[8]
