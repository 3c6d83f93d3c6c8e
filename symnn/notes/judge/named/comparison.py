"""A formula of a document beside the operator that its name promises, up to the variants in use."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr

from symnn.declare import Operator
from symnn.errors import SymnnError
from symnn.formula.application import Array, ShapeError, unfold_applications
from symnn.formula.evaluate import EvaluationError, evaluate, precision
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Cases, Tensor, tensors
from symnn.formula.normal import Normalizer, TooLarge
from symnn.network.arrays import Expression, expression
from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.judge.decision.points import draw, sizes_of, symbols_of
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.gradients.differentials import Differentials
from symnn.notes.judge.reading.functions import REDUCTIONS
from symnn.notes.judge.reading.reader import ClaimReader, Scope
from symnn.notes.judge.reading.values import Value
from symnn.notes.judge.slips.told import shown
from symnn.notes.judge.worlds.conventions import Conventions
from symnn.notes.judge.worlds.world import World
from symnn.notes.read.expressions.functions import ELEMENTARY, operator_named
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.shapes.model import Model
from symnn.notes.read.symbols import Table as Symbols
from symnn.notes.read.symbols import bound_letters, components
from symnn.write.notate import Names, NoMatrixForm, NotateError, formula_form

LENGTH = dimension("n")
POINTS = 6


class Comparison:
    """A formula of a document beside an operator: its names in the places of the operator's parameters."""

    def __init__(self, operator: Operator, node: Node, order: tuple[Key, ...] = ()) -> None:
        self.operator = operator
        self.order = order
        self.bound = bound_letters(node)
        self.names = _names_of(node, self.bound)
        self.constants = {c.name: c for c in operator.constants}
        extra = [key for key in self.names if key.base in self.constants or key.base in ("epsilon", "eps")]
        self.extra = [key for key in extra if len(self.names) - len(extra) == len(operator.parameters)]
        self.own = [key for key in self.names if key not in self.extra]
        self.is_loss = operator.kind == "loss"

    @property
    def comparable(self) -> bool:
        """Whether the formula has as many names as the operator has parameters."""
        if self.order and set(self.own) != set(self.order):
            return False
        return len(self.own) == len(self.operator.parameters) and len(self.own) <= 3

    @property
    def orders(self) -> Iterable[Sequence[Key]]:
        """The orders in which the names may stand for the parameters of the operator."""
        return [self.order] if self.order else itertools.permutations(self.own)

    def matches(self, node: Node) -> str | None:
        """Proved or agrees where some variant is equal, "" where every variant differs; None where nothing is certain."""
        certain = True
        for shape in ((LENGTH,), ()):
            world, reader = self._reader(shape)
            try:
                values = reader.read(node, Scope())
            except NotUnderstood:
                continue
            for order in self.orders:
                wanted = self._operator_at(order, shape, world)
                if wanted is None:
                    continue
                for value in values[:4]:
                    found = self._same(value, wanted, reader)
                    if found:
                        return found
                    certain = certain and found is not None
                if values:
                    certain = certain and True
        return "" if certain and self._read_once(node) else None

    def _read_once(self, node: Node) -> bool:
        for shape in ((LENGTH,), ()):
            _, reader = self._reader(shape)
            try:
                reader.read(node, Scope())
            except NotUnderstood:
                continue
            return True
        return False

    def _reader(self, shape: tuple[Expr, ...]) -> tuple[World, ClaimReader]:
        world = World(Symbols(()), Model(Symbols(())), ())
        for key in self.own:
            world.tensors[key] = Tensor(key.identifier, shape)
        for count in ("N", "n", "m", "M"):
            if Key(count) not in world.tensors:
                world.symbols[Key(count)] = sympy.Symbol(count, positive=True)
        for key in self.extra:
            constant = self.constants.get(key.base)
            world.symbols[key] = sympy.Symbol(key.identifier, positive=True) if constant is None else constant.symbol
        return world, ClaimReader(world, Conventions(), Differentials({}))

    def _operator_at(self, order: Sequence[Key], shape: tuple[Expr, ...], world: World) -> Expression | None:
        arguments = []
        for key, parameter in zip(order, self.operator.parameters, strict=True):
            array = Array.of(world.tensors[key])
            if not shape and parameter.rank:
                index = Index("i", sympy.Integer(1)).fresh()
                array = Array((index,), array.body)
            arguments.append(expression(array))
        try:
            return self.operator(*arguments, **self._written_constants())
        except (ShapeError, SymnnError, TypeError):
            return None

    def _written_constants(self) -> dict[str, Any]:
        """The constants of the operator for which the formula has letters, as these."""
        return {
            key.base: constant.symbol for key in self.extra if (constant := self.constants.get(key.base)) is not None
        }

    def _same(self, value: Value, wanted: Expression, reader: ClaimReader) -> str | None:
        """proved, agrees, "" for different, None for not certain."""
        left = value.array
        right = wanted.array
        free = list(reader.free.values())
        if left.rank == 0 and right.rank == 1 and len(free) == 1:
            left = Array(tuple(free), left.body)
        if self.is_loss and left.rank == 0 and right.rank == 1:
            # A loss of one entry, written as the sum or the mean over all of them.
            return max((self._same_formulas(left.body, r) or "" for r in _reductions(right)), default="")
        if left.rank != right.rank or (left.rank and left.shape != right.shape):
            if self.is_loss and left.rank == 1 and right.rank == 0:
                return max((self._same_formulas(b, right.body) or "" for b in _reductions(left)), default="")
            return ""
        places = tuple(index.fresh() for index in left.indices)
        return self._same_formulas(left.at(*places), right.at(*places), places)

    def _same_formulas(self, left: Any, right: Any, indices: tuple[Index, ...] = ()) -> str | None:
        left, right = unfold_applications(left), unfold_applications(right)
        factors: list[Any] = [sympy.S.One]
        if self.is_loss:
            n = LENGTH
            factors += [n, 1 / n, sympy.S.Half, 2, n / 2, 1 / (2 * n), 100, sympy.Rational(1, 100), 100 * n, n / 100]
        small = {s: sympy.S.Zero for s in left.free_symbols - right.free_symbols if str(s) in ("epsilon", "eps")}
        left = left.xreplace(small)
        found = self._ratio(left, right, indices)
        if found == "agrees" and not self.is_loss:
            # Numbers above zero tell nothing of what a function does below: one name takes both signs.
            signed = [self._ratio(left, right, indices, key) for key in self.own]
            if "" in signed and "agrees" not in signed:
                return "" if left.atoms(Cases) else None
        if found == "agrees":
            for factor in factors:
                try:
                    if Normalizer().equal(left, factor * right, almost_everywhere=True):
                        return "proved"
                except (TooLarge, ZeroDivisionError, ValueError):
                    break
        if found == "" and not self.is_loss and len(self.own) > 1:
            # A slope is meant to lie between 0 and 1; max(a x, x) is a leaky ReLU only there.
            found = next((found for key in self.own if (found := self._ratio(left, right, indices, key))), found)
        return found

    def _ratio(self, left: Any, right: Any, indices: tuple[Index, ...], main: Key | None = None) -> str | None:
        """Agrees where the ratio of both is one positive number at all points (for a loss), or one."""
        sizes = sizes_of([left, right, *indices], [*tensors(left), *tensors(right)])
        symbols = symbols_of([left, right], sizes)
        leaves = sorted(tensors(left) | tensors(right), key=lambda x: x.name)
        first: Any = None
        count = 0
        for style in ("unit", "positive") if main is None else ("unit", "unit"):
            for number in range(3, 3 + 6 * 3, 3):
                drawn = draw(sizes, {}, leaves, symbols, (), number, style)
                point = replace(drawn, symbols=dict.fromkeys(symbols, Fraction(3)))
                if main is not None:
                    turned = {
                        t: {p: (v - Fraction(1, 2)) * 6 for p, v in values.items()}
                        for t, values in point.leaves.items()
                        if t.name == main.identifier
                    }
                    point = replace(point, leaves={**point.leaves, **turned})
                with precision(128):
                    try:
                        a, b = (evaluate(f, point.assignment, dict.fromkeys(indices, 0)) for f in (left, right))
                    except EvaluationError:
                        continue
                    if b.contains(0):
                        continue
                    ratio = a / b
                    if first is None:
                        first = ratio
                    if not (ratio - first).contains(0):
                        return ""
                    if not ratio > 0 or (not self.is_loss and not (ratio - 1).contains(0)):
                        return ""
                    count += 1
        return "agrees" if count >= POINTS else None

    def correct(self) -> str:
        """The operator's formula in the names of the document."""
        world, _ = self._reader((LENGTH,))
        for order in self.orders:
            wanted = self._operator_at(order, (LENGTH,), world)
            if wanted is None:
                continue
            try:
                names = Names({world.tensors[key].name: _node_of(key) for key in self.own}, t.Name("L"))
                formula = unfold_applications(wanted.array.body)
                return shown(formula_form(formula, wanted.array.indices, names))
            except (NotateError, NoMatrixForm, ValueError, KeyError, IndexError):
                return ""
        return ""


def _reductions(array: Array) -> Iterable[Any]:
    from symnn.formula.nodes import Total

    body = array.body
    for index in reversed(array.indices):
        body = Total(body, index)
    return [body]


def _names_of(node: Node, bound: set[str]) -> list[Key]:
    """The names of a formula, with the scripts that are labels."""
    found: dict[Key, None] = {}
    stack = [node]
    while stack:
        top = stack.pop()
        parts = parts_of(top) if isinstance(top, t.Name | t.Script | t.Prime) else None
        if parts is None:
            if isinstance(top, t.BigOperator):
                stack.append(top.body)
                continue
            from symnn.notation.traverse import children

            stack.extend(reversed(children(top)))
            continue
        base = parts.key.base
        if base in ELEMENTARY or base in REDUCTIONS or base in ("e", "pi") or operator_named(parts) is not None:
            stack.extend(parts.sups)
            continue
        labels = []
        for sub in parts.subs:
            for component in components(sub):
                if not (isinstance(component, t.Name) and (component.base in bound or component.base in "ijk")):
                    from symnn.notes.read.names import label_text

                    text = label_text(component)
                    if text is not None:
                        labels.append("_" + text)
        if base in bound or (len(base) == 1 and base in ("N", "n", "m", "M") and not labels):
            continue
        stack.extend(parts.sups)
        found.setdefault(parts.key.labelled(*labels))
    return list(found)


def _node_of(key: Key) -> Node:
    node: Node = t.Name(key.base, accents=key.accents)
    for label in key.labels:
        node = t.Script(node, sub=t.Name(label[1:]))
    return node
