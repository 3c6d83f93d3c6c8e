"""Gradients against numbers: derived formulas and emitted code against differences of the loss.

The loss is evaluated in ball arithmetic with many digits, so that a central difference is exact to far more digits
than a double has. Nothing of the derivation enters the difference.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from symnn.derive import derive
from symnn.derive.derivation import Derivation
from symnn.formula.evaluate import Assignment, EvaluationError, Undetermined, evaluate, positions, precision
from symnn.formula.index import LayerSize
from symnn.formula.nodes import Tensor
from symnn.network.equations import Network
from symnn.network.masks import masked_derivation
from symnn.network.parts import entries_of, part_shapes
from symnn.network.sizes import fitting, sample_constants, sample_widths
from symnn.network.values import changed_leaf, loss_value, random_leaves, with_definitions

BITS = 256
STEP = Fraction(1, 10**24)
TOLERANCE = 1e-12
ATTEMPTS = 20
ENTRIES = 6
DEFAULT_SIZES = (2, 3, 4, 5, 6, 7)
FEW = 4  # sizes that may all differ; arrays with more letters would have too many entries


@dataclass(frozen=True)
class Row:
    """One parameter: its shape in this run, the largest relative error, and the place where it occurs."""

    name: str
    shape: str
    formula: float
    code: float | None
    worst: str = ""

    @property
    def passed(self) -> bool:
        return self.formula <= TOLERANCE and (self.code is None or self.code <= 1e-9)


@dataclass(frozen=True)
class GradientReport:
    """A table of errors. `passed` is False when any gradient is off."""

    title: str
    sizes: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]

    @property
    def passed(self) -> bool:
        return all(row.passed for row in self.rows)

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} = {size}" for name, size in self.sizes)
        lines = [f"{self.title or 'network'}: gradients against numeric differences" + (f" ({sizes})" if sizes else "")]
        width = max(9, *(len(row.name) for row in self.rows))
        lines.append(f"  {'parameter':<{width}}  {'shape':<12} {'formula':>10} {'NumPy':>10}")
        for row in self.rows:
            code = "-" if row.code is None else f"{row.code:.1e}"
            verdict = "ok" if row.passed else f"OFF at {row.worst}"
            lines.append(f"  {row.name:<{width}}  {row.shape:<12} {row.formula:>10.1e} {code:>10}  {verdict}")
        lines.append("  columns: largest relative error of the derived formula and of the emitted NumPy code")
        return "\n".join(lines)


def check_note(
    path: str | Path,
    *,
    seed: int = 0,
    sizes: Mapping[str, int] | None = None,
    of: str | None = None,
    wrt: Sequence[str] | None = None,
    inputs: Sequence[str] | None = None,
    targets: Sequence[str] | None = None,
) -> GradientReport:
    """Check the gradients of a note's network. Raises the reader's errors for a note it cannot read."""
    from symnn.notes.read import network_from_note

    network = network_from_note(path, of=of, wrt=wrt, inputs=inputs, targets=targets)
    return check_network_gradients(network, seed=seed, sizes=sizes)


def check_network_gradients(
    network: Network, *, seed: int = 0, sizes: Mapping[str, int] | None = None, code: bool = True
) -> GradientReport:
    """Check every gradient of a network at one random point and size."""
    derivation = masked_derivation(derive(network))
    chosen = chosen_sizes(network, sizes or {})
    generator = random.Random(seed)
    with precision(BITS):
        leaves = _point_off_the_kinks(derivation.network, derivation, chosen, generator)
        rows = [_row(network, derivation, leaves, parameter, generator) for parameter in network.parameters]
        if code:
            rows = _with_code(network, derivation, leaves, rows)
    return GradientReport(network.title, _named(network, chosen), tuple(rows))


def _named(network: Network, sizes: Mapping[Any, int]) -> tuple[tuple[str, str], ...]:
    """The sizes by name; those of layers as a list, from the first to the last that an array has."""
    if network.widths is None:
        return tuple((str(symbol), str(size)) for symbol, size in sizes.items())
    named = {str(s): str(size) for s, size in sizes.items() if s.is_Symbol and s != network.widths.longest}
    for name, layers in network.widths.layers_of(sizes).items():
        named[name] = str([sizes[LayerSize(name, layer)] for layer in layers])
    return tuple(named.items())


def chosen_sizes(network: Network, wanted: Mapping[str, int]) -> dict[Any, int]:
    """A size for every dimension: as wanted, else small and different from each other.

    Where an axis is a difference, such as the ``H - K + 1`` of a convolution, what it is taken from is made large
    enough.
    """
    constants = sample_constants(network)
    letters = [symbol for symbol in network.dimensions if symbol not in constants]
    usual = DEFAULT_SIZES if len(letters) <= FEW else DEFAULT_SIZES[:2]
    sizes = {symbol: usual[place % len(usual)] for place, symbol in enumerate(letters)}
    sizes |= constants
    if network.widths is not None:
        sizes = sample_widths(network.widths, sizes)
    sizes = {symbol: wanted.get(str(symbol), size) for symbol, size in sizes.items()}
    fixed = {symbol for symbol in sizes if symbol in constants or str(symbol) in wanted}
    return fitting(sizes, [size for tensor in network.all_tensors for size in tensor.shape], fixed)


def _point_off_the_kinks(
    network: Network, derivation: Derivation, sizes: dict[Any, int], generator: random.Random
) -> Assignment:
    """Random leaves at which the loss and every gradient is defined."""
    problem: Exception | None = None
    for attempt in range(ATTEMPTS):
        leaves = random_leaves(network, sizes, generator, network.values if attempt == 0 else None)
        try:
            loss_value(network, leaves)
            for parameter in network.parameters:
                for position in positions(leaves.shape(parameter))[:1]:
                    _derived(derivation, leaves, parameter.name, position)
            return leaves
        except (Undetermined, EvaluationError) as error:
            problem = error
    raise EvaluationError(f"no point was found at which the loss is defined: {problem}")


def _derived(derivation: Derivation, leaves: Assignment, name: str, position: tuple[int, ...]) -> Any:
    extended = with_definitions(leaves, (*derivation.network.equations, *derivation.adjoints))
    adjoint = derivation.adjoint(name)
    return evaluate(adjoint.formula, extended, dict(zip(adjoint.indices, position, strict=True)))


def _row(
    original: Network, derivation: Derivation, leaves: Assignment, parameter: Any, generator: random.Random
) -> Row:
    network = derivation.network
    every = entries_of(original, leaves, parameter)
    tested = every if len(every) <= ENTRIES else generator.sample(every, ENTRIES)
    worst, place = 0.0, ""
    for position in tested:
        derived = _derived(derivation, leaves, parameter.name, position)
        above = loss_value(network, changed_leaf(leaves, parameter, position, STEP))
        below = loss_value(network, changed_leaf(leaves, parameter, position, -STEP))
        numeric = (above - below) / (2 * _ball(STEP))
        scale = max(abs(float(numeric)), abs(float(derived)), 1e-8)
        error = abs(float(derived - numeric)) / scale
        if error >= worst:
            worst, place = error, f"{parameter.name}[{', '.join(map(str, position))}]" if position else parameter.name
    return Row(parameter.name, _shape(original, leaves, parameter), worst, None, place)


def _shape(network: Network, leaves: Assignment, tensor: Tensor) -> str:
    """The shape of a leaf; of a family whose parts have different shapes, those of all parts."""
    shapes = part_shapes(network, leaves, tensor)
    shown = ["x".join(map(str, shape)) or "scalar" for shape in shapes]
    return shown[0] if tensor.shape == () or network.widths is None else ", ".join(shown)


def _ball(value: Fraction) -> Any:
    from symnn.formula.evaluate import ball

    return ball(value)


def _with_code(network: Network, derivation: Derivation, leaves: Assignment, rows: list[Row]) -> list[Row]:
    """The same gradients from the emitted module, in double precision."""
    from dataclasses import replace

    from symnn.check.code import entry_of, gradients_from_code

    found = gradients_from_code(network, leaves)
    compared = []
    for row, parameter in zip(rows, network.parameters, strict=True):
        worst = 0.0
        for position in entries_of(network, leaves, parameter):
            derived = float(_derived(derivation, leaves, parameter.name, position))
            value = float(entry_of(found[parameter.name], position))
            worst = max(worst, abs(value - derived) / max(abs(derived), 1e-6))
        compared.append(replace(row, code=worst))
    return compared
