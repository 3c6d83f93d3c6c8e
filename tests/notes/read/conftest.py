"""What the tests of reading share."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symnn.formula.evaluate import evaluate, positions, precision
from symnn.network.equations import Network
from symnn.network.values import random_leaves, with_definitions
from symnn.notes.find import find
from symnn.notes.read import network_from_document
from symnn.notes.read.settings import settings_of

NOTES = Path(__file__).parent / "notes"


@pytest.fixture(scope="session")
def notes() -> Path:
    """The folder of the test notes."""
    return NOTES


@pytest.fixture(scope="session")
def read() -> Callable[..., Network]:
    """Read a note given as text; `of`, `wrt`, `inputs` and `targets` as on the command line."""

    def run(
        text: str,
        *,
        of: str | None = None,
        wrt: tuple[str, ...] | None = None,
        inputs: tuple[str, ...] | None = None,
        targets: tuple[str, ...] | None = None,
    ) -> Network:
        document = find(text, name="note.md")
        return network_from_document(document, settings_of(document).overridden(of, wrt, inputs, targets))

    return run


@pytest.fixture(scope="session")
def values_at() -> Callable[..., tuple[float, dict[str, np.ndarray[Any, Any]]]]:
    """The loss of a network at random leaves, and those leaves as arrays."""

    def run(network: Network, sizes: dict[str, int], seed: int = 1) -> tuple[float, dict[str, np.ndarray[Any, Any]]]:
        by_symbol = {d: sizes.get(str(d), 2 + n % 2) for n, d in enumerate(network.dimensions)}
        assignment = random_leaves(network, by_symbol, random.Random(seed))
        values: dict[str, np.ndarray[Any, Any]] = {}
        for tensor, entries in assignment.values.items():
            array = np.zeros(assignment.shape(tensor))
            for place in positions(array.shape):
                array[place] = float(entries[place])
            values[tensor.name] = array
        for symbol, value in assignment.scalars.items():
            values[str(symbol)] = np.asarray(float(value))
        with precision(120):
            known = with_definitions(assignment, network.equations)
            return float(evaluate(network.loss.entry(), known)), values

    return run
