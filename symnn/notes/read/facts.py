r"""Facts that a document states about the tensors of its network: ``\sum_k t_k = 1``, ``A = A^\top``, ``s > 0``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import sympy

from symnn.formula.facts import Fact
from symnn.notation.tree import BigOperator, Name, Node, Number, Product, Script
from symnn.notes.read.expressions.trees import components, is_own_transpose, is_transpose
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.prose import described
from symnn.notes.read.settings import Settings
from symnn.notes.read.shapes.terms import Variable
from symnn.notes.read.statements import Statement, collect_text, nearness
from symnn.notes.read.symbols import Bound, Table

if TYPE_CHECKING:
    from symnn.notes.read.definitions import Reading


def facts_of(reading: Reading, settings: Settings, table: Table) -> list[Fact]:
    """The facts about the network's tensors, in the order of the document, those of the front matter last."""
    found: dict[Fact, None] = {}
    for fact in _stated(reading, table):
        found.setdefault(fact)
    for passage in settings.facts:
        extra = Table(collect_text(passage.text, passage.syntax, passage))
        stated = list(_stated(reading, extra))
        if not stated:
            raise passage.spot(None).error(
                "a fact that is not understood, or about a name that the network does not have",
                hint=r"such as \sum_k t_k = 1, A = A^T, s > 0 or t_k \in \{0, 1\}",
            )
        for fact in stated:
            found.setdefault(fact)
    return list(found)


def _stated(reading: Reading, table: Table) -> Iterable[Fact]:
    """The facts about leaves. What is said of a defined value is a claim, and no reason."""
    leaves = {v.key: v for v in reading.model.variables.values() if v.constant is None and v.definition is None}
    solver = reading.model.solver
    for statement in table.facts:
        yield from _of_statement(statement, leaves, reading)
    for key in table.declarations:
        variable = _about(key, leaves)
        if variable is None:
            continue
        for declaration in table.nearest(table.declarations, key, variable.spot.passage.section):
            axes = reading.model.axes(declaration.set_.node, declaration.set_, declaration.section)
            if axes.binary:
                yield Fact("binary", variable.tensor(solver))
            if axes.positive:
                yield Fact("positive", variable.tensor(solver))
    for key in table.bounds:
        variable = _about(key, leaves)
        if variable is not None and _is_positive(table, key, variable):
            yield Fact("positive", variable.tensor(solver))
    yield from _in_words(table, leaves, reading)


def _in_words(table: Table, leaves: dict[Key, Variable], reading: Reading) -> Iterable[Fact]:
    """What is said in words: the entries of a one-hot vector are 0 or 1, and add up to 1."""
    solver = reading.model.solver
    for what, parts, statement in described(table.statements):
        key = table.labelled(parts)
        variable = leaves.get(key) if key is not None else None
        # Of an array with several axes, and of t_i, the words do not tell along which axis the ones stand.
        if variable is None or solver.rank(variable.shape) != 1:
            continue
        if nearness(statement.section, variable.spot.passage.section) == 0 and statement.section:
            continue
        yield Fact("sum", variable.tensor(solver), 0, sympy.Integer(1))
        if what == "one-hot":
            yield Fact("binary", variable.tensor(solver))


def _is_positive(table: Table, key: Key, variable: Variable) -> bool:
    """Whether ``s > 0`` is said once and for all: no other comparison of the name makes it a condition."""
    section = variable.spot.passage.section
    bounds = table.bounds[key]
    near = table.nearest(table.bounds, key, section)
    if section and not any(nearness(bound.section, section) for bound in near):
        return False
    return all(_is_above_zero(b) for b in bounds) and key not in table.compared and key not in table.given


def _is_above_zero(bound: Bound) -> bool:
    limit = bound.limit.node
    return bound.operator in (">", "gg") and isinstance(limit, Number) and float(limit.text) >= 0


def _about(key: Key, variables: dict[Key, Variable]) -> Variable | None:
    """The variable that a key is about: itself, or the array of which it is an entry (``t_k``)."""
    if key in variables:
        return variables[key]
    return variables.get(key.bare) if len(key.labels) == 1 else None


def _of_statement(statement: Statement, variables: dict[Key, Variable], reading: Reading) -> Iterable[Fact]:
    left, right = statement.first.node, statement.steps[0].right.node
    solver = reading.model.solver
    if is_own_transpose(left, right):
        parts = parts_of(left)
        key = None if parts is None else reading.model.table.labelled(parts)
        if key in variables and solver.rank(variables[key].shape) == 2:
            yield Fact("symmetric", variables[key].tensor(solver))
        return
    if len(statement.steps) != 1:
        return
    if isinstance(left, Number):
        left, right = right, left
    if not isinstance(right, Number):
        return
    summed = _summed(left)
    if summed is None:
        return
    name, axis_letter = summed
    parts = parts_of(name)
    if parts is None:
        return
    variable = variables.get(parts.key)
    if variable is None:
        return
    rank = solver.rank(variable.shape) or 0
    axis = rank - 1
    if axis_letter is not None:
        letters = [c.base for sub in parts.subs for c in components(sub) if isinstance(c, Name)]
        if letters.count(axis_letter) != 1 or len(letters) != rank:
            return
        axis = letters.index(axis_letter)
    elif rank != 1:
        return
    yield Fact("sum", variable.tensor(solver), axis, sympy.Rational(right.text))


def _summed(node: Node) -> tuple[Node, str | None] | None:
    r"""The name and the letter of ``\sum_k t_k``; of ``\mathbf 1^\top t`` the name alone."""
    if isinstance(node, BigOperator) and node.kind == "sum":
        letter: Node | None = node.sub
        if letter is not None and not isinstance(letter, Name):
            first = getattr(letter, "first", None)
            letter = first if isinstance(first, Name) else None
            if letter is None:
                return None
        return node.body, letter.base if isinstance(letter, Name) else None
    if isinstance(node, Product) and len(node.factors) == 2:
        ones, name = node.factors
        if isinstance(ones, Script) and is_transpose(ones.sup):
            base = ones.base
            if (isinstance(base, Name) and base.base == "1") or (isinstance(base, Number) and base.text == "1"):
                return name, None
    return None
