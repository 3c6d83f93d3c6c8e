"""Which function a passage or a table speaks of: the one that is named there, else the last one that was defined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import Add, Mul, Pow, cos, erf, exp, sin

from symnn.formula.application import unfold_applications
from symnn.formula.differentiate import DifferentiationError, differentiate
from symnn.formula.nodes import Entry
from symnn.notation.to_text import to_text
from symnn.notes.find.document import Table
from symnn.notes.judge.named.titles import operator_called
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.evaluation import Numbers, evaluate
from symnn.notes.worked.formulas import FormulaReader
from symnn.notes.worked.functions import known_function, names_in, put, symbol
from symnn.notes.worked.intervals import Interval, point
from symnn.notes.worked.names import name_of
from symnn.notes.worked.symbol_table import Definition, SymbolTable

FREE = "#argument"
SAMPLES = tuple(Fraction(n, 4) for n in range(-40, 41))


@dataclass(frozen=True, slots=True)
class Subject:
    """A function of one number, as a formula in `FREE`. `named` tells one that stands in the row from the last one defined."""

    name: str
    formula: Any
    named: bool
    parameter: str = ""

    def at(self, value: Fraction | int) -> Interval:
        """Its value. Raises Unclear where it has none."""
        return evaluate(self.formula, Numbers({FREE: point(value)}))

    def slope(self) -> Subject:
        """Its derivative. Raises Unclear where it is not known."""
        try:
            found = differentiate(self.formula, symbol(FREE))
        except DifferentiationError as error:
            raise Unclear(str(error)) from None
        return Subject(f"{self.name}'", found, self.named, self.parameter)


def last_defined(symbols: SymbolTable, section: Sequence[str], block: int) -> Subject | None:
    """The last function of one number that is defined before a block, under the same top heading.

    Where none is defined under the innermost heading, and that names a declared operator, it is the operator.
    """
    found: list[Definition] = []
    for definitions in symbols.functions.values():
        for definition in definitions:
            span = definition.statement.span
            if span is None or span.cell is not None or span.block >= block or len(definition.parameters or ()) != 1:
                continue
            if list(definition.statement.section[:1]) == list(section[:1]):
                found.append(definition)
    best = max(found, key=lambda d: d.order, default=None)
    if section and (best is None or tuple(best.statement.section) != tuple(section)):
        headed = named_in(section[-1])
        if headed is not None:
            return headed
    return None if best is None else defined(symbols, best)


def defined(symbols: SymbolTable, definition: Definition) -> Subject | None:
    """The function of one number that a definition makes; None where it mentions anything else."""
    assert definition.parameters is not None
    try:
        formula = FormulaReader(symbols, definition.statement).body(definition)
    except Unclear:
        return None
    parameter = definition.parameters[0]
    if names_in(formula) - {parameter}:
        return None
    told = f"{definition.name}({parameter}) = {to_text(definition.node)}"
    return Subject(told, put(formula, {parameter: symbol(FREE)}), False, parameter)


def named_in(text: str) -> Subject | None:
    """The declared operator on one number that a text names."""
    operator = operator_called(text)
    function = None if operator is None else known_function(operator.name)
    if operator is None or function is None:
        return None
    try:
        formula = function(symbol(FREE))
    except (TypeError, ValueError):
        return None
    return Subject(operator.name, formula, True)


def of_row(symbols: SymbolTable, table: Table, row: int, before: int) -> Subject | None:
    """The function of a row: the first formula before a column, in one name, else the operator that its first cell names."""
    cells = table.rows[row]
    for place in range(1, before):
        for statement in symbols.cells.get((table.id, row, place), ()):
            node = statement.steps[-1].right.node if statement.steps else statement.first.node
            if name_of(node) is not None:
                continue
            if any(step.operator not in ("=", ":=", "equiv") for step in statement.steps):
                continue
            try:
                formula = FormulaReader(symbols, statement).read(node)
            except Unclear:
                return None
            names = names_in(formula)
            if len(names) == 1:
                name = names.pop()
                return Subject(to_text(node), put(formula, {name: symbol(FREE)}), True, name)
            return None
    return named_in(cells[0].text) if cells else None


def is_smooth(subject: Subject) -> bool:
    """Whether a function is made of smooth functions alone, and has a value wherever it was looked at."""
    formula = unfold_applications(subject.formula)
    stack = [formula]
    while stack:
        node = stack.pop()
        smooth = node.is_number or isinstance(node, (Add, Mul, exp, sin, cos, erf, Entry)) or (
            isinstance(node, Pow) and node.exp.is_Integer)  # fmt: skip
        if not smooth:
            return False
        stack.extend(() if isinstance(node, Entry) else node.args)
    try:
        for place in SAMPLES:
            subject.at(place)
    except Unclear:
        return False
    return True
