"""Numbers for a network: every value and adjoint in ball arithmetic, computed entry by entry when asked for.

Entries are remembered, so that recurrences cost what they should.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import arb

from symnn.errors import SymnnError
from symnn.formula.evaluate import Assignment, Evaluation, EvaluationError, evaluate, positions
from symnn.formula.facts import Fact
from symnn.formula.nodes import Tensor
from symnn.network.equations import Network


class DefinedValues(Mapping[tuple[int, ...], Any]):
    """The entries of a tensor that is defined by ``tensor[indices] = formula``."""

    def __init__(self, evaluation: Evaluation, definition: Any) -> None:
        self.evaluation = evaluation
        self.definition = definition
        self.shape = evaluation.assignment.shape(definition.tensor)
        self.known: dict[tuple[int, ...], arb] = {}

    def __getitem__(self, position: tuple[int, ...]) -> arb:
        if position not in self.known:
            if not self.__contains__(position):
                raise KeyError(position)
            indices = dict(zip(self.definition.indices, position, strict=True))
            self.known[position] = self.evaluation.value(self.definition.formula, indices)
        return self.known[position]

    def __contains__(self, position: object) -> bool:
        return isinstance(position, tuple) and all(0 <= p < n for p, n in zip(position, self.shape, strict=True))

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        return iter(positions(self.shape))

    def __len__(self) -> int:
        return len(positions(self.shape))


def with_definitions(assignment: Assignment, definitions: Any) -> Assignment:
    """The assignment extended by tensors defined through equations or adjoints, evaluated when needed."""
    values = dict(assignment.values)
    extended = Assignment(assignment.dimensions, values, assignment.scalars)
    evaluation = Evaluation(extended)
    for definition in definitions:
        values[definition.tensor] = DefinedValues(evaluation, definition)
    return extended


def random_leaves(
    network: Network,
    sizes: Mapping[Any, int],
    generator: random.Random,
    given: Mapping[str, Any] | None = None,
    spread: int = 1000,
) -> Assignment:
    """Random rational numbers for every leaf and hyperparameter, with the declared facts respected.

    Raises SymnnError for a fact that no sampler knows.
    """
    base = Assignment(dict(sizes))
    values: dict[Tensor, dict[tuple[int, ...], Any]] = {}
    for tensor in (*network.inputs, *network.targets, *network.parameters):
        if network.equation(tensor) is None:
            shape = base.shape(tensor)
            values[tensor] = {p: Fraction(generator.randint(-spread, spread), spread) for p in positions(shape)}
    for name, numbers in (given or {}).items():
        for tensor in values:
            if tensor.name == name:
                values[tensor] = entries_of(numbers, base.shape(tensor))
    respect(network.facts, values, base.size, generator)
    scalars = {
        s: Fraction(generator.randint(1, spread), spread) for s in network.hyperparameters if s not in base.dimensions
    }
    return Assignment(dict(sizes), values, scalars)


def entries_of(numbers: Any, shape: tuple[int, ...]) -> dict[tuple[int, ...], Any]:
    """Given numbers, a single one or nested sequences, by position. Raises SymnnError when the shape is another."""
    found = {}
    for position in positions(shape):
        value = numbers
        for place in position:
            if not isinstance(value, Sequence) or place >= len(value):
                raise SymnnError(f"the given numbers do not have the shape {shape}")
            value = value[place]
        found[position] = value
    return found


def respect(
    facts: Iterable[Fact],
    values: dict[Tensor, dict[tuple[int, ...], Any]],
    size: Callable[[Any], int],
    generator: random.Random,
) -> None:
    """Change the values so that all facts hold together. Raises SymnnError for a fact that no sampler knows.

    `size` gives the number that a dimension stands for.
    """
    for fact in sorted(facts, key=lambda f: f.kind != "binary"):  # a sum of zeros and ones keeps them
        if fact.tensor in values:
            own = [size(axis) for axis in fact.tensor.shape]
            if fact.length is not None:
                own[fact.axis] = size(fact.length)
            there = {p: v for p, v in values[fact.tensor].items() if all(a < b for a, b in zip(p, own, strict=True))}
            values[fact.tensor] = {**values[fact.tensor], **respecting(fact, tuple(own), there, generator)}


def respecting(
    fact: Fact, shape: tuple[int, ...], values: Mapping[tuple[int, ...], Any], generator: random.Random
) -> dict[tuple[int, ...], Any]:
    """The values changed so that a fact holds."""
    changed = dict(values)
    match fact.kind:
        case "positive":
            return {p: abs(v) + Fraction(1, 10) for p, v in changed.items()}
        case "binary":
            return {p: Fraction(generator.randint(0, 1)) for p in changed}
        case "symmetric":
            return {p: changed[tuple(sorted(p))] for p in changed}
        case "sum":
            if fact.value is None or not fact.value.is_number:
                raise SymnnError(f"cannot make up numbers with {fact}")
            axis = fact.axis % len(shape)
            wanted = Fraction(str(fact.value))
            if set(changed.values()) <= {0, 1} and wanted.denominator == 1 and 0 <= wanted <= shape[axis]:
                return _with_ones(changed, axis, shape[axis], int(wanted), generator)
            positive = {p: abs(v) + Fraction(1, 10) for p, v in changed.items()}
            for p in changed:
                line = [(*p[:axis], k, *p[axis + 1 :]) for k in range(shape[axis])]
                changed[p] = positive[p] / sum(positive[q] for q in line) * wanted
            return changed
    raise SymnnError(f"cannot make up numbers with {fact}")


def _with_ones(
    values: Mapping[tuple[int, ...], Any], axis: int, size: int, count: int, generator: random.Random
) -> dict[tuple[int, ...], Any]:
    """Zeros with `count` ones along every line of an axis: one-hot when it is one."""
    places: dict[tuple[int, ...], list[int]] = {}
    for p in values:
        line = (*p[:axis], *p[axis + 1 :])
        if line not in places:
            places[line] = generator.sample(range(size), count)
    return {p: Fraction(int(p[axis] in places[(*p[:axis], *p[axis + 1 :])])) for p in values}


def loss_value(network: Network, leaves: Assignment) -> arb:
    """The loss for the leaves' values."""
    return evaluate(network.loss.entry(), with_definitions(leaves, network.equations))


def changed_leaf(leaves: Assignment, tensor: Tensor, position: tuple[int, ...], step: Any) -> Assignment:
    """The leaves with one entry moved by `step`."""
    moved = dict(leaves.values[tensor])
    if position not in moved:
        raise EvaluationError(f"{tensor}{list(position)} is out of range")
    moved[position] = moved[position] + step
    return Assignment(leaves.dimensions, {**leaves.values, tensor: moved}, leaves.scalars)
