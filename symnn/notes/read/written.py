"""The definitions of a network as their author wrote them: in his order, with his fractions and his grouping.

A definition is kept as it was written only where it says what the network says. The formula that was read from it must
be that of the network, and the LaTeX that is printed for it must be read as the same notation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symnn.formula.application import unfold_applications
from symnn.formula.nodes import Call as Applied
from symnn.formula.nodes import Entry
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.substitute import inline, substitute_indices, with_bound_names
from symnn.network.equations import AsWritten, Equation, Network
from symnn.notation.errors import NotationError
from symnn.notation.latex import parse_latex
from symnn.notation.to_latex import to_latex
from symnn.notation.tree import Call, Link, Node, Product, Relation
from symnn.notes.read.definitions import Reading
from symnn.notes.read.expressions.trees import call_parts
from symnn.notes.read.statements import Statement
from symnn.notes.read.symbols import Definition


def plain_statements(before: Sequence[Statement], after: Sequence[Statement]) -> dict[int, Statement]:
    """The statements that were not rewritten into another notation, by their order in the document."""
    kept = {statement.order: statement for statement in after}
    return {s.order: s for s in before if s.order in kept and _nodes(s) == _nodes(kept[s.order])}


def _nodes(statement: Statement) -> list[Node]:
    return [statement.first.node, *(step.right.node for step in statement.steps)]


def as_written(reading: Reading, network: Network, statements: Mapping[int, Statement]) -> dict[str, AsWritten]:
    """The notation of the author for every equation of the network that can be shown in it, by name."""
    found: dict[str, AsWritten] = {}
    hidden = [e for e in network.equations if e.hidden or (e.use is not None and e.use.part)]
    for item in reading.defined:
        statement = statements.get(item.definition.statement.order)
        read = reading.equation(item)
        equation = network.equation(read.tensor)
        if statement is None or equation is None or not _is_statement(item.definition):
            continue
        left, right = statement.first.node, statement.steps[0].right.node
        own = dict(zip(read.indices, equation.indices, strict=True))
        formula = substitute_indices(unfold_applications(read.formula), own)
        if not _reads_back(left, right) or not _equal(formula, _whole(equation.formula, hidden)):
            continue
        found[equation.name] = AsWritten(left, right, equation.formula)
        argument = call_parts(right) if isinstance(right, Product | Call) else None
        inner = next((e for e in hidden if e.hidden and _is_its_argument(e, equation, formula)), None)
        if inner is not None and argument is not None and len(argument[1]) == 1:
            found[inner.name] = AsWritten(None, argument[1][0], inner.formula)
    return found


def _is_statement(definition: Definition) -> bool:
    """Whether a definition is the first equality of its statement, as it stands."""
    statement = definition.statement
    return (
        bool(statement.steps)
        and definition.node == statement.first.node
        and definition.links[0].node == statement.steps[0].right.node
    )


def _is_its_argument(hidden: Equation, equation: Equation, read: Any) -> bool:
    """Whether an equation is a function of a name that the document did not give, and of nothing else."""
    shown = equation.formula
    if not isinstance(shown, Applied) or not isinstance(read, Applied) or len(shown.arguments) != 1:
        return False
    entry = shown.arguments[0]
    if not isinstance(entry, Entry) or entry.tensor != hidden.tensor or len(read.arguments) != 1:
        return False
    own = dict(zip(hidden.indices, entry.indices, strict=True))
    return _equal(read.arguments[0], substitute_indices(hidden.formula, own))


def _reads_back(left: Node, right: Node) -> bool:
    """Whether what is printed for a definition is read as the same notation."""
    tree = Relation(left, (Link("=", right),))
    try:
        return parse_latex(to_latex(tree)) == tree
    except NotationError:
        return False


def _whole(formula: Any, hidden: Sequence[Equation]) -> Any:
    """The formula with the names put in that the document did not give."""
    for other in reversed(hidden):
        formula = inline(formula, other.tensor, other.indices, other.formula)
    return formula


def _equal(one: Any, other: Any) -> bool:
    if with_bound_names(one) == with_bound_names(other):
        return True
    try:
        return Normalizer().equal(one, other)
    except (TooLarge, ZeroDivisionError):
        return False
