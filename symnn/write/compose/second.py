"""Second derivatives: the product of the Hessian with a vector, and the Hessian where it is short."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sympy import S

from symnn.declare import Operator
from symnn.derive import derive
from symnn.derive.derivation import ADJOINT
from symnn.derive.lemmas import upstream_of
from symnn.derive.second import TANGENT, hessian_block, second_order
from symnn.derive.sweep import DeriveError
from symnn.formula.application import NamedFormula
from symnn.formula.nodes import Tensor
from symnn.formula.polish import complexity
from symnn.network.arrays import expression, total
from symnn.network.build import Draft
from symnn.notation.tree import Derivative, Node
from symnn.write.compose.context import Context, equal
from symnn.write.document import Block, Display, Paragraph, Section, Table, inlines
from symnn.write.notate import Names, NoMatrixForm, equation_form, index_form, matrix_form
from symnn.write.notate.build import transposed
from symnn.write.notate.letters import letters_of

MAX_PARAMETERS: Final = 8
"""The Hessian of more parameters than this is not printed block by block."""

MAX_BLOCK: Final = 80
"""How complex a block may be to be printed."""


def second_of_operator(operator: Operator) -> Section:
    """The second derivatives of an operator on arrays: of its result, or of the sum of what it is multiplied with."""
    names = Names.of_operator(operator)
    shown = {tensor.name: names.tensor(tensor) for tensor in operator.parameters}
    draft = Draft()
    result = operator(*map(expression, operator.parameters), **{c.name: c.symbol for c in operator.constants})
    data: list[str] = []
    if result.rank:
        upstream = upstream_of(operator.definition)
        shown[upstream.name] = names.tensor(upstream)
        data.append(upstream.name)
        result = total(draft.define(operator.definition.result.tensor.name, result) * expression(upstream))
    draft.define("L", result)
    network = draft.network(inputs=data)
    # Inside a network an intermediate value is labelled with the result; here there is one result.
    shown |= {e.name: names.named(e.use.part) for e in network.equations if e.use is not None and e.use.part}
    network = replace(network, names=shown)
    return second_section(Context.of(derive(network, order=2)))


def second_section(context: Context) -> Section:
    """The tangents in the order of computation, the products, and the Hessian's blocks."""
    second = context.derivation.second
    tangents: tuple[NamedFormula, ...] = second.tangents
    names = context.names
    sample = context.network.parameters[0]
    dot = names.named(TANGENT + sample.name)
    changed = names.named(TANGENT + ADJOINT + sample.name)
    blocks: list[Block] = [
        Paragraph(
            inlines(
                "The gradient is differentiated once more, along a direction in the parameters. A dot marks the change "
                "of a value along the direction: ", dot, " is the direction in which ", names.tensor(sample),
                " moves, and ", changed, " is the change of ", context.adjoint_name(sample), ". Each is one equation, "
                "so the product of the Hessian with a vector costs about as much as the gradient.",
            )
        )
    ]  # fmt: skip
    inner = {TANGENT + t.name for t in context.inner}
    for tangent in tangents:
        if tangent.tensor.name not in inner or _is_read(tangent, tangents):
            blocks.append(Display(_written(context, tangent)))
    blocks.append(products_table(context, tangents))
    blocks += hessian_blocks(context)
    return Section(inlines("Second derivatives"), 1, tuple(blocks), "second")


def _is_read(tangent: NamedFormula, tangents: tuple[NamedFormula, ...]) -> bool:
    return any(tangent.tensor in other.formula.atoms(Tensor) for other in tangents)


def _written(context: Context, tangent: NamedFormula) -> Node:
    return equation_form(tangent.tensor, tangent.indices, tangent.formula, context.names).equation


def products_table(context: Context, tangents: tuple[NamedFormula, ...]) -> Table:
    """The part of the Hessian-vector product that belongs to each parameter."""
    by_name = {tangent.tensor.name: tangent for tangent in tangents}
    rows = []
    for parameter in context.network.parameters:
        tangent = by_name.get(TANGENT + ADJOINT + parameter.name)
        left = context.names.named(TANGENT + ADJOINT + parameter.name)
        shown = equal(left, index_form(S.Zero, context.names)) if tangent is None else _written(context, tangent)
        rows.append((inlines(context.names.tensor(parameter)), inlines(shown)))
    header = (inlines("parameter"), inlines("product of the Hessian with the direction"))
    return Table(header, tuple(rows), inlines("The Hessian-vector product"), "hessian-product")


def hessian_blocks(context: Context) -> list[Block]:
    """The blocks of the Hessian in closed form, as far as they are short; the matrix is symmetric."""
    parameters = context.network.parameters
    if len(parameters) > MAX_PARAMETERS:
        text = f"The Hessian has {len(parameters)} rows of blocks, which are not written out one by one."
        return [Paragraph(inlines(text))]
    found: list[Block] = []
    looping, long = 0, 0
    for place, column in enumerate(parameters):
        directions = second_order(context.derivation, (column,))
        for row in parameters[: place + 1]:
            try:
                block = hessian_block(directions, row, column)
            except DeriveError:
                looping += 1
                continue
            if complexity(block.formula) <= MAX_BLOCK:
                found.append(Display(block_node(context, row, column, block)))
            else:
                long += 1
    if found:
        found.insert(0, Paragraph(inlines("The blocks of the Hessian, which is symmetric:")))
    for number, why in ((long, "too long to be written out"), (looping, "sums over all steps without a closed form")):
        if number:
            counted = "One block is" if number == 1 else f"{number} blocks are"
            found.append(Paragraph(inlines(f"{counted} {why}; the product above has all of it.")))
    return found


def block_node(context: Context, row: Tensor, column: Tensor, block: NamedFormula) -> Node:
    """``∂²L/∂b∂bᵀ = diag(p) − p pᵀ``, entry by entry where there is no matrix notation."""
    names = context.names
    if row.rank <= 1 and column.rank <= 1:
        try:
            right = matrix_form(block.formula, block.indices, names)
            by = names.tensor(column)
            denominators = (names.tensor(row), transposed(by) if column.rank else by)
            return equal(Derivative("partial", names.loss, denominators), right)
        except NoMatrixForm:
            pass
    letters = letters_of(names, block.formula, block.indices)
    places = tuple(letters[index] for index in block.indices)
    entries = (names.entry(row.name, places[: row.rank]), names.entry(column.name, places[row.rank :]))
    return equal(Derivative("partial", names.loss, entries), index_form(block.formula, names, block.indices))
