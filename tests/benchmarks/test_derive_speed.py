"""Deriving grows linearly with depth. Ratios within one run only."""

from __future__ import annotations

import pytest
from networks import tanh_perceptron
from timing import grows_linearly

from symnn.check.serialize import to_json
from symnn.derive import derive


@pytest.mark.benchmark
def test_twice_the_depth_takes_at_most_two_and_a_half_times_as_long() -> None:
    assert grows_linearly(derive, tanh_perceptron(32), tanh_perceptron(64), factor=2, slack=1.25)


def test_output_grows_linearly_with_depth() -> None:
    sizes = {layers: len(str(to_json(derive(tanh_perceptron(layers))))) for layers in (8, 16)}
    assert sizes[16] <= 2.2 * sizes[8]
