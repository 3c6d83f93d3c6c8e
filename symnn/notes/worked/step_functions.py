"""Step functions of a document: ``y = 1, x > 0`` and ``y = 0, x ≤ 0``, or a definition by cases with 0 and 1."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import Integer

from symnn.formula.nodes import Cases, Compare
from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notes.read.statements import Statement
from symnn.notes.worked.digits import Printed, printed
from symnn.notes.worked.formulas import COMPARISONS
from symnn.notes.worked.functions import Function
from symnn.notes.worked.names import name_of
from symnn.notes.worked.symbol_table import Definition, SymbolTable

_OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


@dataclass(frozen=True, slots=True)
class Step:
    """A step function: its value where the comparison with the threshold holds, and elsewhere."""

    operator: str
    threshold: Printed
    holding: int
    otherwise: int
    line: int

    @property
    def function(self) -> Function:
        """The function on formulas."""
        limit = Integer(int(self.threshold.value)) if self.threshold.whole else self.threshold.value
        return lambda x: Cases([(Compare(self.operator, x, limit), Integer(self.holding))], Integer(self.otherwise))

    @property
    def told(self) -> str:
        """The function, for messages."""
        where = f"{self.holding} for x {self.operator} {self.threshold}, else {self.otherwise}"
        return f"the step function of line {self.line} ({where})"


def steps_of(symbols: SymbolTable) -> list[Step]:
    """Every step function of a document, in order, without repetitions."""
    found: dict[tuple[object, ...], Step] = {}
    for step in (*_by_conditions(symbols.statements), *_by_cases(symbols)):
        found.setdefault((step.operator, step.threshold.value, step.holding, step.otherwise), step)
    return list(found.values())


def steps_in(statements: Sequence[Statement]) -> list[Step]:
    """The step functions that a few statements define by conditions."""
    return list(_by_conditions(statements))


def _by_conditions(statements: Sequence[Statement]) -> Iterator[Step]:
    """``y = 1, x > 0`` followed by ``y = 0, x ≤ 0``."""
    pairs: list[tuple[Statement, Statement]] = []
    for one, other in itertools.pairwise(statements):
        if one.span is not None and one.span is other.span and _is_condition(other) and len(one.steps) == 1:
            pairs.append((one, other))
    for first, second in itertools.pairwise(pairs):
        step = _step(first, second)
        if step is not None:
            yield step


def _is_condition(statement: Statement) -> bool:
    return len(statement.steps) == 1 and COMPARISONS.get(statement.steps[0].operator) in _OPPOSITE


def _step(first: tuple[Statement, Statement], second: tuple[Statement, Statement]) -> Step | None:
    values = [printed(pair[0].steps[0].right.node) for pair in (first, second)]
    names = {name_of(pair[0].first.node) for pair in (first, second)}
    arguments = {name_of(pair[1].first.node) for pair in (first, second)}
    limits = [printed(pair[1].steps[0].right.node) for pair in (first, second)]
    operators = [COMPARISONS[pair[1].steps[0].operator] for pair in (first, second)]
    if len(names) != 1 or len(arguments) != 1 or None in names or None in arguments:
        return None
    if values[0] is None or values[1] is None or limits[0] is None or limits[1] is None:
        return None
    if (
        limits[0].value != limits[1].value
        or operators[1] != _OPPOSITE[operators[0]]
        or not (values[0].whole and values[1].whole)
    ):
        return None
    line = first[0].spot.place().line or 0
    return Step(operators[0], limits[0], int(values[0].value), int(values[1].value), line)


def _by_cases(symbols: SymbolTable) -> Iterator[Step]:
    """``g(z) = 1 if z ≥ 0, 0 if z < 0``."""
    for definitions in symbols.functions.values():
        for definition in definitions:
            step = _case(definition)
            if step is not None:
                yield step


def _case(definition: Definition) -> Step | None:
    node = definition.node
    if not isinstance(node, t.Cases) or len(node.branches) != 2:
        return None
    values = [printed(branch.value) for branch in node.branches]
    relation = next(
        (part for part in walk(node.branches[0].condition or t.Blank()) if isinstance(part, t.Relation)), None
    )
    if relation is None or len(relation.links) != 1 or values[0] is None or values[1] is None:
        return None
    operator, limit = COMPARISONS.get(relation.links[0].operator, ""), printed(relation.links[0].right)
    if operator not in _OPPOSITE or limit is None or not (values[0].whole and values[1].whole):
        return None
    line = definition.statement.spot.place().line or 0
    return Step(operator, limit, int(values[0].value), int(values[1].value), line)
