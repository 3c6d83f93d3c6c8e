"""Second derivatives: the product of the Hessian with a vector, and the Hessian where it is short."""

from __future__ import annotations

from dataclasses import replace

from sympy import S

from symnn.check.kernel import check_derivation
from symnn.declare import Operator
from symnn.derive import derive
from symnn.derive.derivation import ADJOINT, TANGENT, Column, SecondOrder, Tangent
from symnn.derive.derivation import Block as HessianBlock
from symnn.derive.lemmas import upstream_of
from symnn.formula.index import Index
from symnn.formula.nodes import tensors
from symnn.formula.polish import complexity
from symnn.network.arrays import expression, total
from symnn.network.build import Draft
from symnn.notation.tree import Derivative, Node
from symnn.write.compose.context import Context, equal
from symnn.write.compose.tangents import TangentChain, facts_reason, tangent_step
from symnn.write.document import Block, Display, Inlines, Paragraph, Section, Step, Steps, Table, inlines
from symnn.write.notate import Names, NoMatrixForm, equation_form, index_form, matrix_form
from symnn.write.notate.build import transposed
from symnn.write.notate.letters import letters_of

MAX_SHOWN = 120
"""How complex a stage on the way to a block of the Hessian may be to be written out."""


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
    derivation = derive(replace(network, names=shown), order=2)
    check_derivation(derivation)
    return second_section(Context.of(derivation, cites=False))


def second_section(context: Context) -> Section:
    """The tangents in the order of computation, the products, and the Hessian's blocks."""
    second = context.derivation.second
    assert second is not None
    tangents = second.tangents
    names = context.names
    sample = context.network.parameters[0]
    dot = names.named(TANGENT + sample.name)
    changed = names.named(TANGENT + ADJOINT + sample.name)
    blocks: list[Block] = [
        Paragraph(
            inlines(
                "The gradient is differentiated once more, along a direction in the parameters. A dot marks the change "
                "of a value along the direction: ", dot, " is the direction in which ", names.tensor(sample),
                " moves, and ", changed, " is the change of ", context.adjoint_name(sample, slash=True), ". Each is one equation, "
                "so the product of the Hessian with a vector costs about as much as the gradient.",
            )
        )
    ]  # fmt: skip
    shown = [t for t in tangents if t.of not in context.inner or _is_read(t, tangents)]
    blocks += [TangentChain(context, tangent, tangents).section() for tangent in shown]
    hessian = (products_table(context, second), *hessian_blocks(context, second))
    blocks.append(Section(inlines("The Hessian"), 2, hessian, "hessian"))
    return Section(inlines("Second derivatives"), 1, tuple(blocks), "second")


def _is_read(tangent: Tangent, tangents: tuple[Tangent, ...]) -> bool:
    return any(tangent.tensor in tensors(other.formula) for other in tangents)


def _written(context: Context, tangent: Tangent) -> Node:
    return equation_form(tangent.tensor, tangent.indices, tangent.formula, context.names).equation


def products_table(context: Context, second: SecondOrder) -> Table:
    """The part of the Hessian-vector product that belongs to each parameter."""
    rows = []
    for parameter in context.network.parameters:
        tangent = second.product(parameter)
        left = context.names.named(TANGENT + ADJOINT + parameter.name)
        shown = equal(left, index_form(S.Zero, context.names)) if tangent is None else _written(context, tangent)
        rows.append((inlines(context.names.tensor(parameter)), inlines(shown)))
    header = (inlines("parameter"), inlines("product of the Hessian with the direction"))
    return Table(header, tuple(rows), inlines("The Hessian-vector product"), "hessian-product")


def hessian_blocks(context: Context, second: SecondOrder) -> list[Block]:
    """The blocks of the Hessian in closed form, as far as they are short; the matrix is symmetric."""
    if not second.columns:
        count = len(context.network.parameters)
        return [Paragraph(inlines(f"The Hessian has {count} rows of blocks, which are not written out one by one."))]
    found: list[Block] = []
    for column in second.columns:
        for block in column.blocks:
            found.append(Display(block_node(context, block)))
        if column.blocks:
            found.append(column_steps(context, second, column))
    if found:
        found.insert(0, Paragraph(inlines("The blocks of the Hessian, which is symmetric:")))
    long = sum(len(column.long) for column in second.columns)
    looping = sum(len(column.looping) for column in second.columns)
    for number, why in ((long, "too long to be written out"), (looping, "sums over all steps without a closed form")):
        if number:
            counted = "One block is" if number == 1 else f"{number} blocks are"
            found.append(Paragraph(inlines(f"{counted} {why}; the product above has all of it.")))
    return found


def column_steps(context: Context, second: SecondOrder, column: Column) -> Steps:
    """The way to the blocks of one column: the changes along its parameter alone, then a unit direction."""
    names = context.names
    steps: list[Step] = []
    alone = column.tangents != second.tangents
    if alone:
        inside = tuple(tangent_step(context, tangent, column.tangents, again=True) for tangent in column.tangents)
        sentence = inlines("the changes where ", names.tensor(column.parameter), " moves and nothing else")
        steps.append(Step("direction", sentence, substeps=inside))
    for block in column.blocks:
        steps += _block_steps(context, block)
    title = inlines("The blocks with ", names.tensor(column.parameter), " in the column, step by step")
    return Steps(title, tuple(steps))


def _block_steps(context: Context, block: HessianBlock) -> list[Step]:
    names = context.names
    row, column = _entries(names, block)
    changed = _entry(names, TANGENT + ADJOINT + block.row.name, block, block.indices[: block.row.rank])
    moving = names.named(TANGENT + block.column.name)
    second = Derivative("partial", names.loss, (row, column))
    if len(block.steps) == 1:
        return [Step("tangent rule", inlines("no adjoint moves"), second, index_form(S.Zero, names))]
    found = [Step("tangent rule", inlines("the change of the gradient where ", column, " moves"), second, changed)]
    for step in block.steps[1:]:
        says: Inlines
        match step.rule:
            case "tangent":
                says = inlines("the changes put in")
            case "unit direction":
                says = inlines(moving, " is 1 at the entry ", column, " and 0 elsewhere")
            case "fact":
                says = facts_reason(context, step)
            case _:
                says = inlines(step.says)
        shown = [
            index_form(formula, names, block.indices) if complexity(formula) <= MAX_SHOWN else None
            for formula in (step.before, step.after)
        ]
        if shown[0] is None or shown[0] != shown[1]:
            found.append(Step(step.rule, says, shown[0] if shown[1] is not None else None, shown[1]))
    return found


def block_node(context: Context, block: HessianBlock) -> Node:
    """``∂²L/∂b∂bᵀ = diag(p) − p pᵀ``, entry by entry where there is no matrix notation."""
    names, row, column = context.names, block.row, block.column
    if row.rank <= 1 and column.rank <= 1:
        try:
            right = matrix_form(block.formula, block.indices, names)
            by = names.tensor(column)
            denominators = (names.tensor(row), transposed(by) if column.rank else by)
            return equal(Derivative("partial", names.loss, denominators), right)
        except NoMatrixForm:
            pass
    return equal(
        Derivative("partial", names.loss, _entries(names, block)), index_form(block.formula, names, block.indices)
    )


def _entries(names: Names, block: HessianBlock) -> tuple[Node, Node]:
    """The two entries that a block is differentiated by."""
    rank = block.row.rank
    row = _entry(names, block.row.name, block, block.indices[:rank])
    return row, _entry(names, block.column.name, block, block.indices[rank:])


def _entry(names: Names, name: str, block: HessianBlock, indices: tuple[Index, ...]) -> Node:
    """A name at some indices of a block; an axis of size 1 has none."""
    letters = letters_of(names, block.formula, block.indices)
    return names.entry(name, tuple(letters[index] for index in indices if index.dimension != 1))
