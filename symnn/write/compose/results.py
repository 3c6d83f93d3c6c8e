"""The last part of a document: every gradient in a table, and its value where the document gives numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from symnn.formula.evaluate import Assignment, EvaluationError, positions, precision
from symnn.formula.nodes import Tensor
from symnn.network.values import with_definitions
from symnn.notation.tree import Matrix, Negative, Node, Number
from symnn.write.compose.context import Context
from symnn.write.document import Block, Inlines, Section, Table, inlines

MAX_SHOWN: Final = 16
"""Arrays with more entries than this are not printed as numbers."""


def results_section(context: Context) -> Section:
    """The gradients of the parameters, each in one line, with its shape."""
    rows = []
    for name, adjoint in context.derivation.gradients.items():
        written = context.adjoint_written(adjoint)
        shape = context.size(adjoint.of, every=True)
        rows.append((inlines(context.names.part(name)), inlines(written.equation), shape))
    header = (inlines("parameter"), inlines("gradient"), inlines("shape"))
    blocks: list[Block] = [Table(header, tuple(rows), inlines("All gradients"), "gradients")]
    numbers = numbers_table(context)
    if numbers is not None:
        blocks.append(numbers)
    return Section(inlines("Results"), 1, tuple(blocks), "results")


def numbers_table(context: Context) -> Table | None:
    """Values and adjoints at the numbers of the document; None when it does not give them all."""
    network = context.network
    leaves = (*network.inputs, *network.targets, *(p for p in network.parameters if network.equation(p) is None))
    if not leaves or any(leaf.name not in network.values for leaf in leaves) or network.dimensions:
        return None
    if network.hyperparameters:
        return None
    values = {leaf: _entries(leaf, network.values[leaf.name]) for leaf in leaves}
    if any(entry is None for entry in values.values()):
        return None
    rows = []
    with precision(80):
        definitions = (*network.equations, *context.derivation.adjoints)
        assignment = with_definitions(Assignment({}, values), definitions)  # type: ignore[arg-type]
        adjoints = {a.of: a.tensor for a in context.derivation.adjoints}
        for tensor in (*leaves, *(e.tensor for e in context.shown_equations)):
            try:
                value = _shown(tensor, assignment.values[tensor])
                slope = _shown(tensor, assignment.values[adjoints[tensor]]) if tensor in adjoints else ()
            except EvaluationError:
                return None
            rows.append((inlines(context.names.tensor(tensor)), value, slope))
    header = (inlines("name"), inlines("value"), inlines("adjoint"))
    return Table(header, tuple(rows), inlines("At the numbers of the document"), "numbers")


def _entries(tensor: Tensor, value: Any) -> dict[tuple[int, ...], Any] | None:
    """Nested tuples of numbers by position; None where their shape is not the tensor's."""
    found: dict[tuple[int, ...], Any] = {}
    if not all(size.is_Integer for size in tensor.shape):
        return None
    for place in positions([int(size) for size in tensor.shape]):
        part = value
        for spot in place:
            if not isinstance(part, tuple | list) or spot >= len(part):
                return None
            part = part[spot]
        found[place] = part
    return found


def _shown(tensor: Tensor, values: Mapping[tuple[int, ...], Any]) -> Inlines:
    shape = [int(size) for size in tensor.shape]
    places = positions(shape)
    if len(places) > MAX_SHOWN:
        return inlines("…")
    if not shape:
        return inlines(number_node(values[()]))
    width = shape[-1] if len(shape) == 2 else 1
    numbers = [number_node(values[place]) for place in places]
    rows = tuple(tuple(numbers[k : k + width]) for k in range(0, len(numbers), width))
    return inlines(Matrix(rows)) if len(shape) <= 2 else inlines("…")


def number_node(value: Any) -> Node:
    """A number to six significant digits."""
    number = float(value)
    text = f"{abs(number):.6g}"
    return Negative(Number(text)) if number < 0 and float(text) != 0 else Number(text)
