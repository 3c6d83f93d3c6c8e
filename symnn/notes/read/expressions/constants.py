"""The constants of a declared operator in a call: ``ELU(x; α)``, ``LayerNorm(x, γ, β, ε)``, ``LeakyReLU(x, 0.2)``.

They stand behind the arguments, in the order of the declaration or with their names (``slope = 0.2``). A name that
nothing defines becomes a constant of the network by standing there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from symnn.notation.latex import parse_latex
from symnn.notation.tree import Node, Relation
from symnn.notation.tree import Sequence as SequenceNode
from symnn.notes.read.names import parts_of
from symnn.notes.read.statements import Piece

if TYPE_CHECKING:
    from symnn.declare import Constant, Operator
    from symnn.notes.read.expressions.arithmetic import Arithmetic
    from symnn.notes.read.scope import Scope
    from symnn.notes.read.shapes.terms import Term


def listed(arguments: Sequence[Node]) -> list[Node]:
    """The arguments of a call one by one, whether commas or semicolons stand between them."""
    return list(_listed(arguments))


def _listed(arguments: Sequence[Node]) -> Iterator[Node]:
    for argument in arguments:
        if isinstance(argument, SequenceNode) and not argument.left:
            yield from _listed(argument.items)
        else:
            yield argument


def constants_of(reader: Arithmetic, operator: Operator, nodes: Sequence[Node], scope: Scope) -> dict[str, Any]:
    """The values of an operator's constants, from what stands behind its arguments.

    A value is a number or a symbol; an operator on numbers also takes any scalar, as a term that can be built. Raises
    ReadingError for a constant that the operator does not have, or a value that it cannot take.
    """
    found: dict[str, Any] = {}
    waiting = list(operator.constants)
    for node in nodes:
        name, value = _named(node)
        fitting = [c for c in waiting if not name or name in _names_of(operator, c)]
        constant = fitting[0] if fitting else None
        if constant is None:
            wanted = ", ".join([*(p.name for p in operator.parameters), *(c.name for c in operator.constants)])
            raise scope.passage.spot(node).error(f"{operator.name} takes {wanted}, and not this")
        waiting.remove(constant)
        found[constant.name] = _value(reader, operator, constant, value, scope)
    return found


def _named(node: Node) -> tuple[str, Node]:
    """``slope = 0.2``: the name and the value; no name for anything else."""
    right = node.links[0].right if isinstance(node, Relation) and len(node.links) == 1 else None
    if not isinstance(node, Relation) or node.first is None or right is None or node.links[0].operator != "=":
        return "", node
    parts = parts_of(node.first)
    return ("", node) if parts is None else (parts.key.identifier.rstrip("_"), right)


def _names_of(operator: Operator, constant: Constant) -> set[str]:
    """What a constant is called: its name, and its letter in formulas."""
    latex = operator.latex_names.get(constant.name)
    parts = parts_of(parse_latex(latex)) if latex else None
    return {constant.name, *([parts.key.identifier.rstrip("_")] if parts is not None else [])}


def _value(reader: Arithmetic, operator: Operator, constant: Constant, node: Node, scope: Scope) -> Any:
    model = reader.model
    if constant.whole:
        size = model.size(node, Piece(node, scope.passage), scope.section)
        if size.is_number and not (size.is_Integer and size >= int(constant.positive)):
            least = int(constant.positive)
            raise scope.passage.spot(node).error(f"{constant.name} of {operator.name} is a whole number from {least}")
        return size
    parts = parts_of(node)
    key = None if parts is None else model.table.labelled(parts)
    if key is not None and key not in model.variables and not model.table.knows(key):
        model.constants |= {key.identifier}
    term: Term = reader.read(node, scope)
    if term.number is not None:
        if constant.positive and not term.number.is_positive:
            raise scope.passage.spot(node).error(
                f"{constant.name} of {operator.name} must be {constant.kind}, not {term.number}"
            )
        return term.number
    variable = None if key is None else model.variables.get(key)
    symbol = None if variable is None else variable.constant
    if symbol is not None:
        return symbol
    if operator.is_elementwise:
        reader.solver.set_dims(term.shape, (), term.spot)
        return term
    raise scope.passage.spot(node).error(f"{constant.name} of {operator.name} must be a number or a constant")
