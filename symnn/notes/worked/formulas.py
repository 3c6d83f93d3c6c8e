"""From notation trees to formulas of numbers.

Every name is a number here. What a name stands for is looked up later, when the formula is evaluated; only functions
and derivatives need the definitions at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy import Add, Mul, Pow

from symnn.formula.differentiate import DifferentiationError, differentiate
from symnn.formula.nodes import Cases, Compare
from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.read.statements import Statement
from symnn.notes.worked.digits import Printed, read_number
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.functions import Function, called, known_function, names_in, put, sized, symbol
from symnn.notes.worked.names import Named, arguments_of, name_of, named
from symnn.notes.worked.symbol_table import Definition, SymbolTable

MAX_DEPTH = 60
MAX_EXPONENT = 2000
COMPARISONS = {"<": "<", ">": ">", "le": "<=", "ge": ">=", "=": "==", "ne": "!="}


@dataclass
class FormulaReader:
    """Reads trees at one statement of a document.

    `functions` stands before the document's own functions; it is how a name such as σ gets another admissible reading.
    With `operands` every printed number becomes a symbol of its own and is noted there, so that its rounding counts. With
    `direct` a derivative by a name that a formula mentions itself leaves the paths through definitions out.
    """

    symbols: SymbolTable
    at: Statement
    functions: Mapping[str, Function] = field(default_factory=dict)
    operands: list[Printed] | None = None
    depth: int = 0
    open: tuple[Definition, ...] = ()
    direct: bool = False

    # -- trees

    def read(self, node: Node) -> Any:
        """The formula of a tree. Raises Unclear where a part is not understood."""
        if self.depth > MAX_DEPTH:
            raise Unclear("it is nested too deeply")
        self.depth += 1
        try:
            return self._read(node)
        finally:
            self.depth -= 1

    def _read(self, node: Node) -> Any:
        match node:
            case t.Number():
                return self._number(node)
            case t.Group():
                return self._group(node)
            case t.Negative():
                return -self.read(node.body)
            case t.Sum():
                return self._sum(node)
            case t.Product():
                return self._product(node)
            case t.Quotient():
                return self.read(node.numerator) / self._divisor(node.denominator)
            case t.Root():
                return self._root(node)
            case t.Call():
                head = named(node.head)
                if head is None:
                    raise Unclear("a function that is not understood")
                return self.apply(head, [self.read(argument) for argument in node.arguments])
            case t.Derivative():
                return self._derivative(node)
            case t.Name() | t.Script() | t.Prime() | t.Accent():
                return self._named(node)
            case t.Cases():
                return self._cases(node)
        raise Unclear(f"{type(node).__name__.lower()} has no value that is understood")

    def _number(self, node: t.Number) -> Any:
        number = read_number(node.text)
        if self.operands is None:
            return sympy.Rational(number.value.numerator, number.value.denominator)
        self.operands.append(number)
        return symbol(f"#{len(self.operands) - 1}")

    def _group(self, node: t.Group) -> Any:
        if node.left in ("(", "[", "{"):
            return self.read(node.body)
        if node.left == "|":
            return sympy.Abs(self.read(node.body))
        raise Unclear(f"what the bracket {node.left} means is not certain")

    def _sum(self, node: t.Sum) -> Any:
        terms = []
        for term in node.terms:
            if term.sign not in ("+", "-"):
                raise Unclear("± has two values")
            value = self.read(term.term)
            terms.append(-value if term.sign == "-" else value)
        return Add(*terms)

    def _product(self, node: t.Product) -> Any:
        if node.operator in ("otimes", "circ", "matmul"):
            raise Unclear("a product sign that is not for numbers")
        if node.operator != "juxtaposed":
            return Mul(*[self.read(factor) for factor in node.factors])
        values = []
        place = 0
        while place < len(node.factors):
            factor = node.factors[place]
            following = node.factors[place + 1] if place + 1 < len(node.factors) else None
            called = self._called(factor, following)
            if called is None:
                values.append(self.read(factor))
                place += 1
            else:
                values.append(called)
                place += 2
        return Mul(*values)

    def _called(self, factor: Node, following: Node | None) -> Any | None:
        """The value of ``f(x)`` when two neighbouring factors are a function and its argument."""
        power: Node | None = None
        if isinstance(following, t.Script) and following.sub is None:
            power = following.sup
            following = following.base
        arguments = None if following is None else arguments_of(following)
        head = None if arguments is None else named(factor)
        if head is None or arguments is None:
            return None
        if not self._is_function(head, len(arguments)):
            if head.primes or len(arguments) > 1 or not self.symbols.knows(head.name):
                raise Unclear(f"what {head.name} means before a bracket is not known")
            return None
        value = self.apply(head, [self.read(argument) for argument in arguments])
        return value if power is None else self.raised(value, power)

    def _is_function(self, head: Named, arity: int) -> bool:
        if head.name in self.functions or self.symbols.function(head.name, self.at, arity) is not None:
            return True
        if head.name in self.symbols.values or any(head.name in group.values for group in self.symbols.groups):
            return False
        return known_function(head.name) is not None

    def _divisor(self, node: Node) -> Any:
        value = self.read(node)
        if value == 0:
            raise Unclear("a division by zero")
        return value

    def _root(self, node: t.Root) -> Any:
        value = self.read(node.radicand)
        if node.degree is None:
            return Pow(value, sympy.S.Half)
        if (
            isinstance(node.degree, t.Number)
            and node.degree.text.isdigit()
            and 0 < int(node.degree.text) < MAX_EXPONENT
        ):
            return Pow(value, sympy.Rational(1, int(node.degree.text)))
        raise Unclear("a root that is not understood")

    def _named(self, node: Node) -> Any:
        if isinstance(node, t.Script) and named(node) is None:
            if node.sub is not None:
                raise Unclear("a lowered part that is not understood")
            if node.sup is None:
                raise Unclear("a script that is not understood")
            return self.raised(self.read(node.base), node.sup)
        found = named(node)
        if found is None:
            raise Unclear("a name that is not understood")
        if found.primes:
            raise Unclear(f"{found.name}' stands without an argument")
        if found.name == "e" and not self.symbols.knows("e"):
            return sympy.E if found.power is None else sympy.exp(self.read(found.power))
        if found.name == "pi" and not self.symbols.knows("pi"):
            value: Any = sympy.pi
        elif found.name in ("infty", "T", "top"):
            raise Unclear(f"{found.name} is no number")
        else:
            value = symbol(found.name)
        return value if found.power is None else self.raised(value, found.power)

    def raised(self, base: Any, node: Node) -> Any:
        """A power. Raises Unclear for raised parts that are no exponent."""
        exponent = self.exponent(node)
        if exponent is not None:
            if base == 0 and exponent < 0:
                raise Unclear("a division by zero")
            return Pow(base, exponent)
        value = self.read(node)
        if base == 0:
            raise Unclear("a power of zero that is not certain")
        return sympy.exp(value) if base is sympy.E else Pow(base, value)

    def exponent(self, node: Node) -> Any | None:
        """A number as an exponent, which is exact; None for another formula."""
        while isinstance(node, t.Group) and node.left in ("(", "{"):
            node = node.body
        if isinstance(node, t.Negative):
            inner = self.exponent(node.body)
            return None if inner is None else -inner
        if (
            isinstance(node, t.Quotient)
            and isinstance(node.numerator, t.Number)
            and isinstance(node.denominator, t.Number)
        ):
            top, bottom = read_number(node.numerator.text).value, read_number(node.denominator.text).value
            if not bottom:
                raise Unclear("a division by zero")
            return self._bounded(top / bottom)
        if isinstance(node, t.Number):
            return self._bounded(read_number(node.text).value)
        return None

    @staticmethod
    def _bounded(value: Any) -> Any:
        if abs(value) > MAX_EXPONENT or value.denominator > MAX_EXPONENT:
            raise Unclear("a power too large to compute")
        return sympy.Rational(value.numerator, value.denominator)

    def _cases(self, node: t.Cases) -> Any:
        branches: list[tuple[Any, Any]] = []
        default: Any = None
        for branch in node.branches:
            value = self.read(branch.value)
            condition = branch.condition
            if isinstance(condition, t.Phrase):
                condition = next((part for part in condition.parts if isinstance(part, t.Relation)), None)
            if isinstance(condition, t.Relation) and len(condition.links) == 1 and condition.first is not None:
                branches.append((self.comparison(condition), value))
            elif default is None and branch is node.branches[-1]:
                default = value
            else:
                raise Unclear("a condition that is not understood")
        if default is None:
            default = branches.pop()[1] if branches else sympy.S.Zero
        return Cases(branches, default) if branches else default

    def comparison(self, node: t.Relation) -> Compare:
        """``x > 0`` as a condition."""
        link = node.links[0]
        if link.operator not in COMPARISONS or node.first is None or link.right is None:
            raise Unclear("a condition that is not understood")
        return Compare(COMPARISONS[link.operator], self.read(node.first), self.read(link.right))

    # -- functions

    def apply(self, head: Named, arguments: Sequence[Any]) -> Any:
        """A function at its arguments. Raises Unclear for one that is not known."""
        value = self._applied(head, arguments)
        return value if head.power is None else self.raised(value, head.power)

    def _applied(self, head: Named, arguments: Sequence[Any]) -> Any:
        function = self.functions.get(head.name)
        if function is None:
            own = self.symbols.function(head.name, self.at, len(arguments))
            if own is not None:
                return self._own(own, head.primes, arguments)
            function = known_function(head.name)
        if function is None:
            raise Unclear(f"the function {head.name} is not known")
        if not head.primes:
            return sized(called(function, arguments, head.name))
        if len(arguments) != 1:
            raise Unclear(f"{head.name}' of several arguments")
        variable = symbol("#argument")
        formula = called(function, [variable], head.name)
        for _ in range(head.primes):
            formula = self._by(formula, "#argument")
        return put(formula, {"#argument": arguments[0]})

    def _own(self, definition: Definition, primes: int, arguments: Sequence[Any]) -> Any:
        formula = self.body(definition)
        assert definition.parameters is not None
        if primes:
            if len(definition.parameters) != 1:
                raise Unclear(f"{definition.name}' of several arguments")
            for _ in range(primes):
                formula = self.by(formula, definition.parameters[0])
        return put(formula, dict(zip(definition.parameters, arguments, strict=True)))

    def body(self, definition: Definition) -> Any:
        """The formula of a definition, read where it stands."""
        if definition in self.open:
            raise Unclear(f"the definition of {definition.name} goes round in a circle")
        known = None if self.functions else self.symbols.formulas.get(definition)
        if known is None:
            reader = FormulaReader(
                self.symbols, definition.statement, self.functions, None, self.depth, (*self.open, definition)
            )
            known = sized(reader.read(definition.node))
            if not self.functions:
                self.symbols.formulas[definition] = known
        return known

    # -- derivatives

    def _derivative(self, node: t.Derivative) -> Any:
        variables = [name_of(denominator) for denominator in node.denominators]
        if any(variable is None for variable in variables):
            raise Unclear("a derivative by something that is no name")
        body = node.operand if node.numerator is None else node.numerator
        if body is None:
            raise Unclear("a derivative of nothing")
        formula = self.differentiated(body)
        for variable in variables:
            assert variable is not None
            formula = self.by(formula, variable)
        return formula

    def differentiated(self, body: Node) -> Any:
        """What is differentiated: a value, or a function in its own parameters."""
        name = name_of(body)
        if name is not None:
            own = max(
                (d for d in (self.symbols.definition(name, self.at), self._any_function(name)) if d is not None),
                key=lambda d: (d.order <= self.at.order, d.order),
                default=None,
            )
            if own is not None:
                return self.body(own)
        return self.read(body)

    def _any_function(self, name: str) -> Definition | None:
        return self.symbols.function(name, self.at)

    def by(self, formula: Any, variable: str) -> Any:
        """The derivative of a formula by a name, through every definition that leads to it."""
        if not (self.direct and variable in names_in(formula)):
            formula = self.through(formula, variable)
        if variable not in names_in(formula):
            raise Unclear(f"nothing says how it depends on {variable}")
        return self._by(formula, variable)

    def _by(self, formula: Any, variable: str) -> Any:
        try:
            return sized(differentiate(formula, symbol(variable)))
        except DifferentiationError as error:
            raise Unclear(str(error)) from None

    def through(self, formula: Any, variable: str) -> Any:
        """The formula with every definition put in that leads to a name."""
        for _ in range(MAX_DEPTH):
            inner = [n for n in sorted(names_in(formula)) if n != variable and self.leads_to(n, variable)]
            if not inner:
                return formula
            definitions = {name: self.symbols.definition(name, self.at) for name in inner}
            formula = sized(put(formula, {n: self.body(d) for n, d in definitions.items() if d is not None}))
        raise Unclear("the definitions are nested too deeply")

    def closure(self, formula: Any) -> set[str]:
        """The names that a formula mentions, and those that their definitions mention, and so on."""
        found: set[str] = set()
        stack = [name for name in names_in(formula) if not name.startswith("#")]
        while stack:
            name = stack.pop()
            if name not in found:
                found.add(name)
                definition = self.symbols.definition(name, self.at)
                stack.extend(() if definition is None else names_in(self.body(definition)))
        return found

    def leads_to(self, name: str, variable: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether the definition of a name mentions a variable, directly or through others."""
        if name in seen or len(seen) > MAX_DEPTH:
            return False
        definition = self.symbols.definition(name, self.at)
        if definition is None:
            return False
        inner = names_in(self.body(definition))
        return variable in inner or any(self.leads_to(other, variable, seen | {name}) for other in inner)
