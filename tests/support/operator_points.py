"""Random numbers for an operator, inside its declared domain, and its formulas in plain parameters."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from flint import arb

from symnn.declare import Operator
from symnn.formula.application import Application, Array, axis_indices, unfold_applications
from symnn.formula.evaluate import Assignment, EvaluationError, evaluate, positions, precision
from symnn.formula.nodes import Bracket, Entry, Tensor, total
from symnn.formula.substitute import inline

WEIGHT = "G"
RANGES = tuple((Fraction(low), Fraction(high)) for low, high in ((-2, 2), (0, 1), (0, 3), (5, 7)))
HUGE, TINY = Fraction(10) ** 4, Fraction(1, 10**300)
TRIALS = 400


def unfolded(operator: Operator) -> Array:
    """The result as a formula in the parameters alone, over its own indices."""
    definition = operator.definition
    indices = axis_indices(definition.result.tensor.shape)
    arguments = [Array.of(parameter) for parameter in definition.parameters]
    return Array(indices, unfold_applications(Application(definition, arguments, definition.constants, indices)))


def weight(operator: Operator) -> Tensor:
    """The tensor that weighs the entries of the result, as an adjoint that comes from above."""
    return Tensor(WEIGHT, operator.definition.result.tensor.shape)


def weighed(operator: Operator) -> Any:
    """The sum of the entries of the result, each with a weight: a scalar whose gradient is the adjoint."""
    array = unfolded(operator)
    return total(weight(operator).entry(*array.indices) * array.body, *array.indices)


def in_parameters(formula: Any, steps: Any) -> Any:
    """The names of intermediate values and of the result replaced by what they stand for."""
    for step in reversed(steps):
        formula = inline(formula, step.tensor, step.indices, step.formula)
    return unfold_applications(formula)


def letters(operator: Operator) -> list[Any]:
    """The dimensions of the parameters that are not numbers."""
    found: dict[Any, None] = {}
    for parameter in operator.parameters:
        for size in parameter.shape:
            for letter in sorted(size.free_symbols, key=str):
                found.setdefault(letter)
    return list(found)


def sizes_of(operator: Operator, step: int) -> dict[Any, int]:
    """Sizes for the dimensions: all 1, or small ones that differ; with whole constants, such that some window fits."""
    whole = [c for c in operator.constants if c.whole]
    found = {letter: 1 if not step else 2 + (step + place) % 2 for place, letter in enumerate(letters(operator))}
    found.update({c.symbol: 1 if c.kind == "integer" else 0 for c in whole})
    source = random.Random(f"{operator.name} {step}")
    while whole and step:
        found = {letter: source.randint(1, 4) for letter in letters(operator)}
        found.update({c.symbol: source.randint(1, 2) if c.kind == "integer" else source.randint(0, 2) for c in whole})
        shape = Assignment(found).shape(operator.definition.result.tensor)
        if min(shape) > 0 and shape[-1] > 1:
            break
    return found


def _number(source: random.Random, low: Fraction, high: Fraction) -> Fraction:
    # An odd numerator: never a kink at a whole number, and exact in binary.
    return low + (high - low) * Fraction(2 * source.randrange(2**12) + 1, 2**13)


def _constants(operator: Operator, source: random.Random, trial: int) -> dict[Any, Any]:
    chosen = {}
    for constant in operator.constants:
        if constant.default is not None and trial % 2:
            chosen[constant.symbol] = Fraction(constant.default)
        elif not constant.whole:
            low = Fraction(1, 8) if constant.positive else Fraction(-2)
            chosen[constant.symbol] = _number(source, low, Fraction(2))
    return chosen


def in_domain(operator: Operator, assignment: Assignment) -> bool:
    """Whether every declared requirement holds at every index."""
    for requirement in operator.domain:
        for place in positions([assignment.size(i.dimension) for i in requirement.indices]):
            at = dict(zip(requirement.indices, place, strict=True))
            if evaluate(Bracket(requirement.condition), assignment, at) != 1:
                return False
    return True


def point(operator: Operator, seed: int, step: int) -> Assignment:
    """Numbers for the parameters, the constants and the weights, in the domain. Raises LookupError if none is found."""
    source = random.Random(f"{operator.name} {seed}")
    for trial in range(TRIALS):
        sizes = sizes_of(operator, step)
        constants = _constants(operator, source, trial)
        base = Assignment(sizes, {}, constants)
        values: dict[Tensor, dict[tuple[int, ...], Any]] = {}
        for tensor in (*operator.parameters, weight(operator)):
            low, high = source.choice(RANGES) if trial and tensor.name != WEIGHT else RANGES[0]
            values[tensor] = {place: _number(source, low, high) for place in positions(base.shape(tensor))}
        found = Assignment(sizes, values, constants)
        if in_domain(operator, found):
            return found
    raise LookupError(f"no point in the domain of {operator.name} after {TRIALS} trials")


def extreme_points(operator: Operator) -> Iterator[Assignment]:
    """Points in the domain with huge, tiny, equal and zero entries."""
    values = [HUGE, -HUGE, TINY, -TINY, 1 - TINY, Fraction(0), Fraction(1), Fraction(1, 2)]
    source = random.Random(operator.name)
    usual = point(operator, 0, 1)
    for trial in range(60 if sum(map(len, usual.values.values())) < 15 else 12):
        usual = point(operator, trial % 3, 1)
        entries = {}
        for tensor in operator.parameters:
            numbers = usual.values[tensor]
            same = source.choice(values)
            entries[tensor] = {
                place: same if trial % 2 else source.choice([*values, number]) for place, number in numbers.items()
            }
        entries[weight(operator)] = usual.values[weight(operator)]
        found = Assignment(usual.dimensions, entries, usual.scalars)
        try:
            if in_domain(operator, found):
                yield found
        except EvaluationError:
            continue


def value(formula: Any, assignment: Assignment, at: Any = None, bits: int = 300) -> arb | None:
    """The value in ball arithmetic, or None where there is none."""
    try:
        with precision(bits):
            found = evaluate(formula, assignment, at)
    except EvaluationError:
        return None
    return found if found.is_finite() else None


def sure_value(formula: Any, assignment: Assignment, at: Any = None) -> arb | None:
    """The value with as many bits as it takes, up to those in which ``1 + exp(-1e4)`` is not 1."""
    for bits in (1200, 45000):
        found = value(formula, assignment, at, bits=bits)
        if found is not None:
            return found
    return None


def moved(assignment: Assignment, tensor: Tensor, place: tuple[int, ...], step: Fraction) -> Assignment:
    """The numbers with one entry moved."""
    values = {t: dict(numbers) for t, numbers in assignment.values.items()}
    values[tensor][place] += step
    return Assignment(assignment.dimensions, values, assignment.scalars)


def slope(formula: Any, assignment: Assignment, tensor: Tensor, place: tuple[int, ...]) -> arb:
    """The central difference of a scalar formula with a step of 2^-80, at 400 bits."""
    step = Fraction(1, 2**80)
    above = value(formula, moved(assignment, tensor, place, step), bits=400)
    below = value(formula, moved(assignment, tensor, place, -step), bits=400)
    assert above is not None, "the formula has no value in its domain"
    assert below is not None, "the formula has no value in its domain"
    with precision(400):
        return (above - below) * arb(2) ** 79


def are_close(found: arb | None, expected: arb) -> bool:
    """Whether a value agrees with a difference to 30 digits."""
    with precision(400):
        return found is not None and bool(abs(found - expected) < arb(2) ** -100 * (1 + abs(expected)))


def entry_at(tensor: Tensor) -> tuple[Entry, tuple[Any, ...]]:
    """An entry of a tensor at free indices, and the indices."""
    indices = axis_indices(tensor.shape)
    return tensor.entry(*indices), indices
