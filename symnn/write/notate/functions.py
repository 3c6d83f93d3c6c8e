"""Printing what is applied entry by entry, and the kinds of nodes that are scalars in themselves."""

from __future__ import annotations

from typing import Any, Final

import sympy
from sympy import Abs, cos, erf, exp, log, sign, sin

from symnn.formula.index import Index, LayerSize, as_formula
from symnn.formula.matrices import LogDeterminant
from symnn.formula.nodes import (
    AllOf,
    Bracket,
    Call,
    Cases,
    Compare,
    Delta,
    Entry,
    Extreme,
    Inside,
    Maximum,
    Minimum,
    Partial,
    entries,
)
from symnn.notation.traverse import walk
from symnn.notation.tree import (
    BigOperator,
    Branch,
    Derivative,
    Group,
    Name,
    Node,
    Phrase,
    Quotient,
    Relation,
    Script,
    Text,
)
from symnn.notation.tree import Cases as CasesNode
from symnn.notation.tree import Link as RelationLink
from symnn.write.notate.arrange import as_fraction
from symnn.write.notate.base import PrinterBase
from symnn.write.notate.build import applied, as_factor, negative, number, subscripted, summed
from symnn.write.notate.chains import NoMatrixForm
from symnn.write.notate.labels import spoken
from symnn.write.notate.letters import NotateError
from symnn.write.notate.names import identifier

RELATIONS: Final = {"<": "<", "<=": "le", ">": ">", ">=": "ge", "==": "=", "!=": "ne"}
TURNED: Final = {">": "<", ">=": "le"}


class FunctionPrinter(PrinterBase):
    """Prints functions, conditions, piecewise formulas, deltas, derivatives and indices."""

    def function(self, node: Any, axes: tuple[Index, ...]) -> Node:
        """Everything that is applied entry by entry."""
        if isinstance(node, exp) and isinstance(node.args[0], LogDeterminant):
            return self.determinant(node.args[0])
        if isinstance(node, exp):
            return self.exponential(node.args[0], axes)
        if isinstance(node, Call):
            return applied(self.names.function(node.function), [self.operand(a, axes) for a in without_defaults(node)])
        if isinstance(node, log | sin | cos | erf | sign):
            font = "operatorname" if isinstance(node, erf | sign) else ""
            return applied(Name(type(node).__name__, font=font), [self.operand(node.args[0], axes)])
        if isinstance(node, Abs):
            if len(axes) > 1:
                raise NoMatrixForm("bars around a matrix are a determinant")
            return Group(self.operand(node.args[0], axes), "|", "|")
        if isinstance(node, Maximum | Minimum):
            head = Name("max" if isinstance(node, Maximum) else "min")
            return applied(head, [self.operand(a, axes) for a in node.args])
        if isinstance(node, Bracket):
            return Group(self.condition(node.condition, axes), "[", "]")
        if axes:
            raise NoMatrixForm(f"{type(node).__name__} has no matrix form")
        return self.leaf(node)

    def leaf(self, node: Any) -> Node:
        """The kinds that are scalars in themselves."""
        if isinstance(node, LogDeterminant):
            return applied(Name("log"), [self.determinant(node)])
        if isinstance(node, Extreme):
            inner = self.entry_wise()
            return summed("max", inner.index(node.index), inner.part(node.body, ()), self.limits(node.index, node.body))
        if isinstance(node, Cases):
            return self.cases(node)
        if isinstance(node, Delta):
            return self.delta(node)
        if isinstance(node, Inside):
            return Group(self.inside(node), "[", "]")
        if isinstance(node, Partial):
            return self.partial(node)
        if isinstance(node, Index):
            return self.index(node) if self.is_place or not self.first else Group(self.affine(node - self.first))
        if isinstance(node, sympy.floor):
            above, below = sympy.together(node.args[0]).as_numer_denom()
            inside = self.affine(above)
            if below != 1:
                inside = Quotient(as_factor(inside), as_factor(self.affine(below)), "slash")
            return Group(inside, "⌊", "⌋")
        if node is sympy.E:
            return Name("e")
        if node is sympy.pi:
            return Name("pi")
        if isinstance(node, LayerSize):
            moving = sum(node.layer.coeff(index) for index in node.layer.atoms(Index))
            layer = self.affine(sympy.expand(node.layer - self.first * moving))
            return Script(identifier(node.name), layer)
        if isinstance(node, sympy.Symbol):
            return self.names.symbol(node)
        if isinstance(node, sympy.Rational):
            shown = number(abs(as_fraction(node)))
            return negative(shown) if node.is_negative else shown
        raise NotateError(f"a {type(node).__name__} has no notation")

    def determinant(self, node: LogDeterminant) -> Node:
        """The absolute value of a determinant."""
        return Group(applied(Name("det"), [self.whole_array(node.matrix)]), "|", "|")

    def operand(self, formula: Any, axes: tuple[Index, ...]) -> Node:
        """An argument of a function: over all axes of the function, or a scalar that is the same everywhere."""
        return self.part(formula, axes) if axes and self.axes_in(formula) else self.scalar(formula)

    def exponential(self, argument: Any, axes: tuple[Index, ...]) -> Node:
        inside = self.operand(argument, axes)
        if axes or "e" in self.names.letters or _tall(inside):
            return applied(Name("exp"), [inside])
        return Script(Name("e"), None, inside)

    def condition(self, condition: Any, axes: tuple[Index, ...]) -> Node:
        if isinstance(condition, AllOf):
            between = self._between(condition, axes)
            if between is not None:
                return between
            parts: list[Node] = []
            for place, part in enumerate(condition.args):
                parts += [Text("and")] if place else []
                parts.append(self.condition(part, axes))
            return Phrase(tuple(parts))
        if not isinstance(condition, Compare):
            raise NotateError(f"{type(condition).__name__} is no condition")
        if all(_is_place(side) for side in (condition.left, condition.right)) and condition.atoms(Index):
            left, right = self.position(condition.left), self.position(condition.right)
        else:
            left, right = self.operand(condition.left, axes), self.operand(condition.right, axes)
        return Relation(left, (RelationLink(RELATIONS[condition.operator], right),))  # type: ignore[arg-type]

    def _between(self, condition: AllOf, axes: tuple[Index, ...]) -> Relation | None:
        """``x > a`` and ``x < b`` as ``a < x < b``."""
        if len(condition.args) != 2 or not all(isinstance(part, Compare) for part in condition.args):
            return None
        low, high = condition.args
        if low.left != high.left or low.operator not in TURNED or high.operator not in ("<", "<="):
            return None
        least, shown, most = (self.operand(side, axes) for side in (low.right, low.left, high.right))
        links = (RelationLink(TURNED[low.operator], shown), RelationLink(RELATIONS[high.operator], most))  # type: ignore[arg-type]
        return Relation(least, links)

    def cases(self, node: Cases) -> Node:
        branches = [Branch(self.scalar(value), self.condition(c, ())) for c, value in node.branches]
        return CasesNode((*branches, Branch(self.scalar(node.default), Text("otherwise"))))

    def delta(self, node: Delta) -> Node:
        places = sorted(node.difference.atoms(Index), key=lambda index: index.sort_name)
        left = next((i for i in places if node.difference.coeff(i) == 1), None)
        if left is None:
            ahead, behind = _sides(node.difference)
            return Group(Relation(self.position(ahead), (RelationLink("=", self.position(behind)),)), "[", "]")
        right = sympy.expand(left - node.difference)
        if "delta" in self.names.letters or not isinstance(right, Index):
            return Group(Relation(self.index(left), (RelationLink("=", self.position(right)),)), "[", "]")
        return subscripted(Name("delta"), (self.index(left), self.index(right)))

    def partial(self, node: Partial) -> Node:
        by = self.names.entry(node.entry.tensor.name, tuple(self.position(p) for p in spoken(node.entry)))
        body = self.entry_wise().part(node.body, ())
        symbol = self.names.derivative_symbol
        if isinstance(node.body, Entry):
            return Derivative(symbol, body, (by,))
        return Derivative(symbol, None, (by,), operand=Group(body))

    def inside(self, node: Inside) -> Relation:
        """A range condition, by what it asks of an index where it asks one thing of it."""
        indices = node.position.atoms(Index)
        index = next(iter(indices)) if len(indices) == 1 else None
        step = None if index is None else node.position - index
        if index is None or step is None or not step.is_Integer or index.dimension != node.length:
            position = self.position(node.position)
            last = RelationLink("le" if self.first else "<", self.affine(node.length))
            return Relation(self.position(0), (RelationLink("le", position), last))
        shown = self.position(index)
        if step == -1:
            return Relation(shown, (RelationLink(">", self.position(0)),))
        if step < 0:
            return Relation(shown, (RelationLink("ge", self.position(-step)),))
        return Relation(shown, (RelationLink("<", self.position(node.length - step)),))

    def position(self, formula: Any) -> Node:
        """An index expression, counted from where the document counts."""
        formula = as_formula(formula)
        indices = sum(formula.coeff(index) for index in formula.atoms(Index))
        return self.affine(sympy.expand(formula + self.first * (1 - indices)))

    @property
    def first(self) -> int:
        """Where the document counts indices from."""
        return self.names.families.first

    def affine(self, formula: Any) -> Node:
        """An index expression or a dimension, as it stands."""
        formula = as_formula(formula)
        if isinstance(formula, Index):
            return self.index(formula)
        printer = self.entry_wise()
        printer.is_place = True
        return printer.part(formula, ())

    def limits(self, index: Index, *within: Any) -> tuple[Node, Node] | None:
        """The first and the last value of a bound index that no entry tells: it stands alone at no place of one."""
        entries_there = [entry for formula in within for entry in entries(formula)]
        if index.dimension == 1 or any(_tells(entry, index) for entry in entries_there):
            return None
        return self.position(0), self.position(index.dimension - 1)


def without_defaults(call: Call) -> list[Any]:
    """The arguments of a function without those at the end that are the defaults of a declared one."""
    from symnn.declare import exact, registry

    arguments = list(call.arguments)
    declared = registry.find(call.function.name)
    if declared is None or len(arguments) != len(declared.parameters) + len(declared.constants):
        return arguments
    for constant in reversed(declared.constants):
        if constant.default is None or arguments[-1] != exact(constant.default):
            break
        arguments.pop()
    return arguments


def _is_place(formula: Any) -> bool:
    """Whether a formula points at a place: whole numbers and sizes, and at most one index."""
    indices = formula.atoms(Index)
    return not entries(formula) and len(indices) <= 1 and all(formula.coeff(index) == 1 for index in indices)


def _sides(difference: Any) -> tuple[Any, Any]:
    """A difference that is zero as two sides without minus signs."""
    terms = sympy.Add.make_args(difference)
    behind = [-term for term in terms if term.could_extract_minus_sign()]
    return difference + sympy.Add(*behind), sympy.Add(*behind)


def _tells(entry: Entry, index: Index) -> bool:
    """Whether an entry has the index at a place of its own, on an axis of the index's size."""
    places = zip(entry.indices, entry.tensor.shape, strict=True)
    return any(at == index and sympy.expand(size - index.dimension) == 0 for at, size in places)


def _tall(node: Node) -> bool:
    return any(isinstance(part, Quotient | BigOperator | CasesNode) for part in walk(node))
